//! Where the boxes and arrows of an architecture stand: regions side by side where there is room for them, else below each other; zones as
//! columns; a row for each part, at the same height in all regions beside each other. Arrows run in the gaps, never over a box.

mod arrows;

use super::drawing::{Drawing, Node, Part, Region};

/// A rectangle, from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    pub fn right(&self) -> f64 {
        self.left + self.width
    }

    pub fn bottom(&self) -> f64 {
        self.top + self.height
    }

    pub fn middle(&self) -> f64 {
        self.left + self.width / 2.0
    }
}

/// A frame or a box with what is written in it: first its name, then what is said of it.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// Class of its filling; empty for a text without a box.
    pub class: &'static str,
    pub at: Rect,
    pub name: String,
    pub about: String,
    pub single: bool,
}

/// A line with a head at its end.
#[derive(Debug, Clone)]
pub(super) struct Arrow {
    pub points: Vec<(f64, f64)>,
    /// Data, or requests only after a failover.
    pub dashed: bool,
    /// A line that others go on from has no head.
    pub head: bool,
}

/// Where everything stands.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub width: f64,
    pub height: f64,
    pub regions: Vec<Shape>,
    pub zones: Vec<Shape>,
    /// What is said of a part, to the left of its boxes in a region.
    pub labels: Vec<Shape>,
    pub boxes: Vec<Shape>,
    pub arrows: Vec<Arrow>,
}

/// Height of a box, and of the gap below a row.
const BOX: f64 = 58.0;
const GAP: f64 = 36.0;
/// From a row down to where data are copied, and to where requests go on.
const COPY_LANE: f64 = 9.0;
const FLOW_LANE: f64 = 22.0;
/// Height of the name of a region, and of a zone.
const HEAD: f64 = 42.0;
const ZONE_HEAD: f64 = 26.0;
/// White space inside a region, to the left and to the right, where arrows pass rows.
const INSIDE: f64 = 8.0;
const PASS: f64 = 20.0;
/// Between regions.
const BETWEEN: f64 = 24.0;
/// Between the rows of regions, and before the dependencies of all.
const BAND: f64 = 46.0;
/// White space at the sides, where arrows pass rows of regions.
const SIDE: f64 = 20.0;
/// Above a box that belongs to no zone.
const BELOW: f64 = 18.0;
/// Around a box in its zone.
const AROUND: f64 = 8.0;

/// A node of a part, as a box in a region.
struct Placed<'a> {
    part: usize,
    node: Option<&'a Node>,
    at: Rect,
}

/// The regions that stand beside each other, and the rows that they share.
struct Band {
    top: f64,
    regions: Vec<(usize, Rect)>,
    zoned: Vec<usize>,
    across: Vec<usize>,
}

pub(super) fn lay(drawing: &Drawing, width: f64) -> Layout {
    let narrow = width < 500.0;
    let mut plan = Plan {
        drawing,
        gutter: if narrow { 80.0 } else { 104.0 },
        layout: Layout {
            width,
            height: 0.0,
            regions: Vec::new(),
            zones: Vec::new(),
            labels: Vec::new(),
            boxes: Vec::new(),
            arrows: Vec::new(),
        },
    };
    let entry = plan.entry();
    let bands = plan.bands(entry.1 + BAND, if narrow { 70.0 } else { 78.0 });
    plan.enter(entry, &bands);
    let placed: Vec<Vec<Placed>> = (0..drawing.regions.len())
        .map(|region| bands.iter().find_map(|band| plan.region(band, region)).unwrap_or_default())
        .collect();
    plan.copies(&placed, &bands);
    plan.outside(&bands);
    plan.layout
}

struct Plan<'a> {
    drawing: &'a Drawing,
    /// Width of what is said of a row.
    gutter: f64,
    layout: Layout,
}

impl<'a> Plan<'a> {
    fn shape(&mut self, class: &'static str, at: Rect, name: &str, about: &str, single: bool) {
        let shape = Shape { class, at, name: name.to_owned(), about: about.to_owned(), single };
        self.layout.boxes.push(shape);
    }

    fn arrow(&mut self, points: &[(f64, f64)], dashed: bool) {
        self.layout.arrows.push(Arrow { points: points.to_vec(), dashed, head: true });
    }

    fn line(&mut self, points: &[(f64, f64)]) {
        self.layout.arrows.push(Arrow { points: points.to_vec(), dashed: false, head: false });
    }

    /// Users, and the name that they resolve; returns the point from which requests go to regions.
    fn entry(&mut self) -> (f64, f64) {
        let (users, dns, gap, height) = (72.0, 184.0, 34.0, 40.0);
        let middle = self.layout.width / 2.0;
        let whole = if self.drawing.dns.is_empty() { users } else { users + gap + dns };
        let first = Rect { left: middle - whole / 2.0, top: 4.0, width: users, height };
        self.shape("box", first, "users", "", false);
        let [name, about] = self.drawing.dns.as_slice() else { return (first.middle(), first.bottom()) };
        let second = Rect { left: first.right() + gap, width: dns, ..first };
        self.shape("box outside", second, name, about, false);
        let y = first.top + height / 2.0;
        self.arrow(&[(first.right(), y), (second.left, y)], false);
        (second.middle(), second.bottom())
    }

    /// Rows of regions, as few as there is room for.
    fn bands(&self, top: f64, least: f64) -> Vec<Band> {
        let regions = &self.drawing.regions;
        let all = regions.len().max(1);
        let most_zones = regions.iter().map(|region| region.zones.len()).max().unwrap_or(1).max(1) as f64;
        let own = INSIDE + PASS + self.gutter;
        let needed = own + most_zones * least;
        let room = |bands: usize| self.layout.width - if bands > 1 { 2.0 * SIDE } else { 4.0 };
        let fits = |columns: &usize| {
            let bands = all.div_ceil(*columns);
            *columns as f64 * (needed + BETWEEN) - BETWEEN <= room(bands)
        };
        let most = (1..=all).rev().find(fits).unwrap_or(1);
        let count = all.div_ceil(most);
        let columns = all.div_ceil(count);
        let share = (room(count) - BETWEEN * (columns as f64 - 1.0)) / columns as f64;
        let width = share.min((own + most_zones * 150.0).max(280.0));
        let left = (self.layout.width - columns as f64 * (width + BETWEEN) + BETWEEN) / 2.0;
        let mut bands: Vec<Band> = Vec::new();
        let mut y = top;
        let places: Vec<usize> = (0..regions.len()).collect();
        for chunk in places.chunks(columns) {
            let names: Vec<&str> = chunk.iter().map(|region| regions[*region].name.as_str()).collect();
            let (zoned, across) = self.rows(&names);
            let high = HEAD + zoned_height(zoned.len()) + across.len() as f64 * (BOX + BELOW) + 14.0;
            let at = |place: usize| Rect { left: left + place as f64 * (width + BETWEEN), top: y, width, height: high };
            let regions = chunk.iter().enumerate().map(|(place, region)| (*region, at(place))).collect();
            bands.push(Band { top: y, regions, zoned, across });
            y += high + BAND;
        }
        bands
    }

    /// Parts with a box in a zone of one of these regions, and those with a box that belongs to no zone.
    fn rows(&self, regions: &[&str]) -> (Vec<usize>, Vec<usize>) {
        let parts = self.drawing.parts.iter().enumerate();
        let zoned = parts.clone().filter(|(_, part)| regions.iter().any(|region| part.zoned(region).next().is_some()));
        let across = parts.filter(|(_, part)| {
            regions.iter().any(|region| part.elsewhere(region).is_some() || part.unzoned(region).next().is_some())
        });
        (zoned.map(|(index, _)| index).collect(), across.map(|(index, _)| index).collect())
    }

    /// A region of a band with its zones, its boxes and the arrows between them; none if it stands in another one.
    fn region(&mut self, band: &Band, region: usize) -> Option<Vec<Placed<'a>>> {
        let (_, at) = *band.regions.iter().find(|(other, _)| *other == region)?;
        let drawing = self.drawing;
        let it = &drawing.regions[region];
        self.layout.regions.push(Shape {
            class: "region",
            at,
            name: it.name.clone(),
            about: it.about.clone(),
            single: it.single,
        });
        let left = at.left + INSIDE + self.gutter;
        let right = at.right() - PASS;
        let pitch = (right - left) / it.zones.len().max(1) as f64;
        let top = at.top + HEAD;
        let bottom = top + zoned_height(band.zoned.len());
        for (place, (name, single)) in it.zones.iter().enumerate().filter(|_| !band.zoned.is_empty()) {
            let zone = Rect { left: left + pitch * place as f64 + 3.0, top, width: pitch - 6.0, height: bottom - top };
            self.layout.zones.push(Shape {
                class: "zone",
                at: zone,
                name: name.clone(),
                about: String::new(),
                single: *single,
            });
        }
        let mut placed: Vec<Placed> = Vec::new();
        for (row, part) in band.zoned.iter().enumerate() {
            let y = top + ZONE_HEAD + row as f64 * (BOX + GAP);
            let own = &drawing.parts[*part];
            for node in own.zoned(&it.name) {
                let Some(place) = it.zones.iter().position(|(zone, _)| Some(zone) == node.zone.as_ref()) else {
                    continue;
                };
                let x = left + pitch * place as f64;
                let rect = Rect { left: x + AROUND, top: y, width: pitch - 2.0 * AROUND, height: BOX };
                self.node(own, Some(node), rect, it);
                placed.push(Placed { part: *part, node: Some(node), at: rect });
            }
            if placed.iter().any(|other| other.part == *part) {
                let (name, about, single) = own.said(it);
                let beside = Rect { left: at.left + INSIDE, top: y, width: self.gutter - 8.0, height: BOX };
                self.layout.labels.push(Shape { class: "", at: beside, name: name.to_owned(), about, single });
            }
        }
        for (row, part) in band.across.iter().enumerate() {
            let y = bottom + BELOW + row as f64 * (BOX + BELOW);
            let own = &drawing.parts[*part];
            let node = own.unzoned(&it.name).next();
            if node.is_none() && own.elsewhere(&it.name).is_none() {
                continue;
            }
            let rect = Rect { left: at.left + INSIDE, top: y, width: right - 4.0 - at.left - INSIDE, height: BOX };
            self.node(own, node, rect, it);
            placed.push(Placed { part: *part, node, at: rect });
        }
        self.flows(&placed, at.right() - PASS / 2.0 + 2.0);
        Some(placed)
    }

    /// The box of a node, or of a part that stands elsewhere.
    fn node(&mut self, part: &Part, node: Option<&Node>, at: Rect, region: &Region) {
        match node {
            Some(node) => {
                let (name, about) = part.written(node);
                self.shape(part.class(), at, &name, about, node.single);
            }
            None => {
                let place = part.elsewhere(&region.name).unwrap_or_default();
                self.shape("box spare", at, &part.name, &format!("in {place}"), false);
            }
        }
    }

    /// What stands in no region: dependencies of all of them.
    fn outside(&mut self, bands: &[Band]) {
        let bottom =
            bands.last().map_or(0.0, |band| band.regions.iter().map(|(_, at)| at.bottom()).fold(0.0, f64::max));
        let drawing = self.drawing;
        let all: Vec<(&Part, &Node)> = (drawing.parts.iter())
            .flat_map(|part| part.nodes.iter().filter(|node| node.region.is_none()).map(move |node| (part, node)))
            .collect();
        self.layout.height = bottom + 6.0;
        if all.is_empty() {
            return;
        }
        let (width, gap) = (160.0_f64.min(self.layout.width / 2.0 - 12.0), 14.0);
        let per_row = (((self.layout.width - 2.0 * SIDE + gap) / (width + gap)) as usize).max(1).min(all.len());
        let side = self.layout.width - 4.0;
        let lane = bottom + 14.0;
        let serving: Vec<f64> = bands
            .iter()
            .enumerate()
            .flat_map(|(number, band)| {
                let last = number + 1 == bands.len();
                let serving = band.regions.iter().filter(|(region, _)| drawing.regions[*region].share.is_some());
                serving.map(move |(_, at)| if last { at.middle() } else { side }).collect::<Vec<f64>>()
            })
            .collect();
        for band in bands.iter().take(bands.len().saturating_sub(1)) {
            for (_, at) in band.regions.iter().filter(|(region, _)| drawing.regions[*region].share.is_some()) {
                let below = at.bottom() + 14.0;
                self.line(&[(at.middle(), at.bottom()), (at.middle(), below), (side, below), (side, lane)]);
            }
        }
        for x in serving.iter().filter(|x| **x != side) {
            self.line(&[(*x, bottom), (*x, lane)]);
        }
        for (row, chunk) in all.chunks(per_row).enumerate() {
            let top = bottom + 40.0 + row as f64 * (BOX + 40.0);
            let lane_here = top - 26.0;
            let whole = chunk.len() as f64 * (width + gap) - gap;
            let left = (self.layout.width - whole) / 2.0;
            let middle = |place: usize| left + place as f64 * (width + gap) + width / 2.0;
            let ends = [middle(0), middle(chunk.len() - 1)].into_iter();
            let ends: Vec<f64> =
                if row == 0 { ends.chain(serving.iter().copied()).collect() } else { ends.chain([side]).collect() };
            let low = ends.iter().copied().fold(f64::INFINITY, f64::min);
            let high = ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            if row > 0 {
                self.line(&[(self.layout.width / 2.0, lane), (side, lane), (side, lane_here)]);
            }
            self.line(&[(low, lane_here), (high, lane_here)]);
            for (place, (part, node)) in chunk.iter().enumerate() {
                let at = Rect { left: middle(place) - width / 2.0, top, width, height: BOX };
                let serving = drawing.regions.iter().filter(|region| region.share.is_some()).count();
                let about = if part.needed_in.len() < serving {
                    format!("of {}", part.needed_in.join(", "))
                } else {
                    part.about.clone()
                };
                self.shape(part.class(), at, &part.name, &about, node.single);
                self.arrow(&[(at.middle(), lane_here), (at.middle(), top)], false);
            }
            self.layout.height = top + BOX + 8.0;
        }
    }
}

/// Height of so many rows of zones.
fn zoned_height(rows: usize) -> f64 {
    if rows == 0 { 0.0 } else { ZONE_HEAD + rows as f64 * (BOX + GAP) - GAP + 18.0 }
}

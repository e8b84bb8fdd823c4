//! Arrows of an architecture: they run in the gaps between rows and past them at the side.

use super::super::drawing::{Kind, Node, Part};
use super::{BOX, Band, COPY_LANE, FLOW_LANE, GAP, Placed, Plan, Rect, SIDE};

/// How requests go from one row to another.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    /// From each box to the one below it.
    Straight,
    /// Over a line that all share, to the next row.
    Next,
    /// Past the rows between, at this place, and then from above.
    Past(f64),
    /// The same to a box that is as wide as the region, from its side.
    Beside(f64),
}

impl Plan<'_> {
    /// Arrows from the users to the regions.
    pub(super) fn enter(&mut self, (x, y): (f64, f64), bands: &[Band]) {
        let lane = y + 14.0;
        for (number, band) in bands.iter().enumerate() {
            let serving: Vec<(f64, f64)> = (band.regions.iter())
                .filter_map(|(region, at)| Some((at.middle(), self.drawing.regions[*region].share?)))
                .collect();
            for (middle, share) in serving {
                let dashed = share <= 0.0;
                let points: &[(f64, f64)] = if number == 0 {
                    &[(x, y), (x, lane), (middle, lane), (middle, band.top)]
                } else {
                    let above = band.top - 18.0;
                    &[
                        (x, y),
                        (x, lane),
                        (SIDE / 2.0 - 3.0, lane),
                        (SIDE / 2.0 - 3.0, above),
                        (middle, above),
                        (middle, band.top),
                    ]
                };
                self.arrow(points, dashed);
            }
        }
    }

    /// Arrows from each tier to what comes after it.
    pub(super) fn flows(&mut self, placed: &[Placed], pass: f64) {
        let parts = &self.drawing.parts;
        let mut rows: Vec<usize> = placed.iter().map(|it| it.part).collect();
        rows.dedup();
        let boxes = |part: usize| placed.iter().filter(move |it| it.part == part);
        let mut caller: Option<(usize, usize)> = None;
        for (number, part) in rows.iter().enumerate() {
            let calls = |it: &&(usize, usize)| parts[it.1].kind != Kind::Balancer || parts[*part].kind == Kind::Tier;
            if let Some((row, from)) = caller.as_ref().filter(calls).copied() {
                let sources: Vec<Rect> = boxes(from).map(|it| it.at).collect();
                let targets: Vec<(Rect, bool)> = boxes(*part).filter_map(|it| target(&parts[*part], it)).collect();
                let within = parts[from].kind == Kind::Balancer && parts[from].about != "cross-zone";
                let across = boxes(*part).any(|it| it.node.is_none_or(|node| node.zone.is_none()));
                let way = match (row + 1 == number, across) {
                    (true, _) if within => Way::Straight,
                    (true, _) => Way::Next,
                    (false, true) => Way::Beside(pass),
                    (false, false) => Way::Past(pass),
                };
                self.flow(&sources, &targets, way);
            }
            let runs_here = boxes(*part).any(|it| it.node.is_some_and(|node| node.zone.is_some()));
            if runs_here && matches!(parts[*part].kind, Kind::Tier | Kind::Balancer) {
                caller = Some((number, *part));
            }
        }
    }

    /// From boxes of one row to boxes of another.
    fn flow(&mut self, sources: &[Rect], targets: &[(Rect, bool)], way: Way) {
        let (Some(first), Some((down, _))) = (sources.first(), targets.first()) else { return };
        if way == Way::Straight {
            for (source, (target, dashed)) in sources.iter().zip(targets) {
                self.arrow(&[(source.middle(), source.bottom()), (target.middle(), target.top)], *dashed);
            }
            return;
        }
        let lane = first.bottom() + FLOW_LANE;
        for source in sources {
            self.line(&[(source.middle(), source.bottom()), (source.middle(), lane)]);
        }
        let low = sources.iter().map(Rect::middle).fold(f64::INFINITY, f64::min);
        let high = sources.iter().map(Rect::middle).fold(f64::NEG_INFINITY, f64::max);
        let above = down.top - GAP + FLOW_LANE;
        match way {
            Way::Straight | Way::Next => self.line(&[(low, lane), (high, lane)]),
            Way::Past(pass) => self.line(&[(low, lane), (pass, lane), (pass, above)]),
            Way::Beside(pass) => self.line(&[(low, lane), (pass, lane), (pass, down.top + BOX / 2.0)]),
        }
        for (target, dashed) in targets {
            let (middle, beside) = (target.middle(), target.top + BOX / 2.0);
            match way {
                Way::Straight | Way::Next => {
                    self.arrow(&[(middle.max(low).min(high), lane), (middle, lane), (middle, target.top)], *dashed);
                }
                Way::Past(pass) => self.arrow(&[(pass, above), (middle, above), (middle, target.top)], *dashed),
                Way::Beside(pass) => self.arrow(&[(pass, beside), (target.right(), beside)], *dashed),
            }
        }
    }

    /// Arrows from the first node of a database to its copies.
    pub(super) fn copies(&mut self, placed: &[Vec<Placed>], bands: &[Band]) {
        let band_of = |region: usize| bands.iter().position(|band| band.regions.iter().any(|(it, _)| *it == region));
        let frame = |region: usize| bands.iter().flat_map(|band| &band.regions).find(|(it, _)| *it == region);
        let all: Vec<(usize, usize, &Node, Rect)> = (placed.iter().enumerate())
            .flat_map(|(region, boxes)| boxes.iter().filter_map(move |it| Some((region, it.part, it.node?, it.at))))
            .collect();
        for (region, part, node, to) in all.iter().filter(|(.., node, _)| !node.copied.is_empty()) {
            let source = all.iter().find(|(_, other, it, _)| other == part && it.copied.is_empty());
            let Some((from_region, _, first, from)) = source.filter(|(.., it, _)| it.zone != node.zone) else {
                continue;
            };
            debug_assert!(first.copied.is_empty());
            let (start, end) = (from.middle() + 6.0, to.middle() - 6.0);
            let (lane, other) = (from.bottom() + COPY_LANE, to.bottom() + COPY_LANE);
            let mut points = vec![(start, from.bottom()), (start, lane)];
            if band_of(*from_region) != band_of(*region) {
                let pass = frame(*from_region).map_or(start, |(_, at)| at.right() + 7.0);
                points.extend([(pass, lane), (pass, other)]);
            }
            points.extend([(end, other), (end, to.bottom())]);
            self.arrow(&points, true);
        }
    }
}

/// The box that requests go to, and whether they do only after a failover; none for a copy beside the first.
fn target(part: &Part, placed: &Placed) -> Option<(Rect, bool)> {
    let Some(node) = placed.node else { return Some((placed.at, false)) };
    let first_is_here = part.nodes.iter().any(|other| other.copied.is_empty() && other.region == node.region);
    match (node.copied.is_empty(), first_is_here) {
        (true, _) => Some((placed.at, false)),
        (false, true) => None,
        (false, false) => Some((placed.at, true)),
    }
}

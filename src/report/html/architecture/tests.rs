use super::drawing::{Drawing, Kind, Node, Part, Region};
use super::layout::{Rect, lay};
use proptest::prelude::*;

fn touch(one: &Rect, other: &Rect) -> bool {
    one.left < other.right() - 0.01
        && other.left < one.right() - 0.01
        && one.top < other.bottom() - 0.01
        && other.top < one.bottom() - 0.01
}

fn within(inner: &Rect, outer: &Rect) -> bool {
    inner.left >= outer.left - 0.01
        && inner.right() <= outer.right() + 0.01
        && inner.top >= outer.top - 0.01
        && inner.bottom() <= outer.bottom() + 0.01
}

/// A part whose boxes stand where the bits of `seed` say.
fn part(number: usize, kind: Kind, seed: u64, regions: &[Region]) -> Part {
    let bit = |place: usize| seed >> (place % 64) & 1 == 1;
    let mut nodes = Vec::new();
    let mut place = 0;
    for region in regions {
        for (zone, _) in &region.zones {
            place += 1;
            if kind != Kind::Dependency && bit(place) {
                let copied = if kind == Kind::Database && !nodes.is_empty() { "synchronous" } else { "" };
                nodes.push(Node {
                    region: Some(region.name.clone()),
                    zone: Some(zone.clone()),
                    count: seed % 1_000,
                    role: "units".to_owned(),
                    copied: copied.to_owned(),
                    single: bit(place + 7),
                });
            }
        }
        if kind == Kind::Dependency && bit(place + 3) {
            nodes.push(Node {
                region: Some(region.name.clone()),
                zone: None,
                count: 1,
                role: "service".to_owned(),
                copied: String::new(),
                single: bit(place + 11),
            });
        }
    }
    if nodes.is_empty() {
        nodes.push(Node {
            region: None,
            zone: None,
            count: 1,
            role: "service".to_owned(),
            copied: String::new(),
            single: true,
        });
    }
    Part {
        kind,
        name: format!("part-{number}"),
        about: "something to say of it".to_owned(),
        needed_in: regions
            .iter()
            .enumerate()
            .filter(|(at, _)| bit(*at))
            .map(|(_, region)| region.name.clone())
            .collect(),
        groups: Vec::new(),
        nodes,
    }
}

fn drawing() -> impl Strategy<Value = Drawing> {
    let regions = proptest::collection::vec((1_usize..=6, any::<bool>()), 1..=4);
    let parts = proptest::collection::vec((0_usize..4, any::<u64>()), 1..=12);
    (regions, parts, any::<bool>()).prop_map(|(regions, parts, dns)| {
        let regions: Vec<Region> = (regions.into_iter().enumerate())
            .map(|(number, (zones, single))| Region {
                name: format!("region-{number}"),
                about: "all requests".to_owned(),
                single,
                share: (number != 2).then_some(if number == 1 { 0.0 } else { 1.0 }),
                zones: (0..zones).map(|zone| (format!("r{number}-az{zone}"), single)).collect(),
            })
            .collect();
        let kinds = [Kind::Balancer, Kind::Tier, Kind::Database, Kind::Dependency];
        let parts = parts.into_iter().enumerate();
        let parts = parts.map(|(number, (kind, seed))| part(number, kinds[kind], seed, &regions)).collect();
        let dns = if dns { vec!["DNS, weighted".to_owned(), "TTL 1m".to_owned()] } else { Vec::new() };
        Drawing { dns, regions, parts }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_covers_anything_else(drawing in drawing(), narrow in any::<bool>()) {
        let layout = lay(&drawing, if narrow { 330.0 } else { 760.0 });
        let page = Rect { left: 0.0, top: 0.0, width: layout.width, height: layout.height };
        let regions: Vec<Rect> = layout.regions.iter().map(|it| it.at).collect();
        let zones: Vec<Rect> = layout.zones.iter().map(|it| it.at).collect();
        let boxes: Vec<Rect> = layout.boxes.iter().chain(&layout.labels).map(|it| it.at).collect();
        prop_assert_eq!(regions.len(), drawing.regions.len());
        for all in [&regions, &zones, &boxes] {
            for (place, one) in all.iter().enumerate() {
                prop_assert!(one.width > 0.0 && one.height > 0.0 && within(one, &page), "{:?} leaves the picture", one);
                for other in &all[..place] {
                    prop_assert!(!touch(one, other), "{:?} and {:?}", one, other);
                }
            }
        }
        for zone in &zones {
            prop_assert!(regions.iter().any(|region| within(zone, region)));
        }
        // A box is in a frame or out of it, never on its edge.
        for one in &boxes {
            for frame in regions.iter().chain(&zones) {
                prop_assert!(within(one, frame) || !touch(one, frame), "{:?} on the edge of {:?}", one, frame);
            }
        }
        let nodes: usize = drawing.parts.iter().map(|part| part.nodes.len()).sum();
        prop_assert!(layout.boxes.len() > nodes, "every node and the users have a box");
    }

    /// A line may leave or reach a box at its edge, and never crosses one.
    #[test]
    fn arrows_cross_no_box(drawing in drawing(), narrow in any::<bool>()) {
        let layout = lay(&drawing, if narrow { 330.0 } else { 760.0 });
        for arrow in &layout.arrows {
            for pair in arrow.points.windows(2) {
                let ((x, y), (u, v)) = (pair[0], pair[1]);
                prop_assert!([x, y, u, v].iter().all(|it| it.is_finite()));
                let line = Rect { left: x.min(u), top: y.min(v), width: (u - x).abs(), height: (v - y).abs() };
                for it in &layout.boxes {
                    let inner = Rect { left: it.at.left + 0.5, top: it.at.top + 0.5, width: it.at.width - 1.0, height: it.at.height - 1.0 };
                    let crosses = line.left < inner.right() && inner.left < line.right() + 0.01 && line.top < inner.bottom() && inner.top < line.bottom() + 0.01;
                    prop_assert!(!crosses, "{:?} crosses {}", arrow.points, it.name);
                }
            }
        }
    }
}

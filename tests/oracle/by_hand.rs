//! The estimate by hand of what is not a plain product: values from a sheet of paper.

use crate::answers::at_least;
use crate::design::Place::{EachNode, EachUnit, Everything, Service};
use crate::design::{
    DAY, DatabasePart, HOUR, World, YEAR, any_of, copies, copy, daily, database, exponential, part, pool, quorum,
    rollout, share, world,
};
use ridethrough::exact::{ByHand, by_hand};
use ridethrough::scenario::load_text;

/// Nodes that are down for a tenth of the time.
fn nodes(database: DatabasePart) -> World {
    let regions = world(YEAR).region("e", &["a", "b", "c"]).region("w", &["d"]);
    regions.database(database).fails("f", EachNode("d"), exponential(9.0 * HOUR), exponential(HOUR))
}

fn both(world: World) -> World {
    world.stack("e", &part("d")).stack("w", &part("d"))
}

#[track_caller]
fn loses(world: World, expected: f64) {
    let found = by_hand(&world.build()).unavailability;
    assert!((found - expected).abs() <= 1e-14, "{found:e} is not {expected:e}");
}

#[test]
fn databases() {
    // A tenth of the requests write. Of three, two work with probability 0.972, one with 0.999.
    let (one, two) = (1.0 - at_least(3, 1, 0.9), 1.0 - at_least(3, 2, 0.9));
    loses(nodes(database("d", "a")), 0.1);
    loses(nodes(database("d", "a").standby(copy("b")).second_standby("c")), 0.001);
    loses(nodes(quorum("d", &["a", "b", "c"], 2, 2)), two);
    loses(nodes(quorum("d", &["a", "b", "c"], 1, 2)), 0.1 * two + 0.9 * one);
    // Each region by itself; and where a majority must be alive, the own copy and one of the two others.
    loses(both(nodes(copies("d", &["e", "w"], 1, 1))), 0.01);
    let strong = world(YEAR).region("e", &["a"]).region("v", &["b"]).region("w", &["c"]);
    let strong = strong.database(copies("d", &["e", "v", "w"], 2, 2)).stack("e", &part("d"));
    loses(strong.fails("f", EachNode("d"), exponential(9.0 * HOUR), exponential(HOUR)), 1.0 - 0.9 * (1.0 - 0.1 * 0.1));
}

/// As available as it says, with its region or without.
#[test]
fn managed() {
    for region in ["", "region = 'r'"] {
        let text = format!(
            "[region.r]\nzones = ['a']\n[database.d]\nkind = 'managed'\navailability = '99.95%'\nmean_outage = '15m'\n{region}\n"
        );
        let design = load_text("managed.toml", &text).unwrap_or_else(|problems| panic!("{problems}")).designs.remove(0);
        let ByHand { unavailability, ignores } = by_hand(&design);
        assert!((unavailability / 5e-4 - 1.0).abs() < 1e-9, "{unavailability:e}");
        assert!(ignores.is_empty(), "{ignores:?}");
    }
}

/// What fails in part counts in part, or is named as ignored.
#[test]
fn parts_of_requests() {
    let call = || world(YEAR).region("r", &["a"]).dependency("x");
    let failing = |it: World| it.fails("f", Service("x"), exponential(9.0 * HOUR), exponential(HOUR));
    loses(failing(call()), 0.1);
    loses(failing(call()).partly(0.5), 0.05);
    loses(failing(call().called(|it| it.client.share = share(0.2))), 0.02);
    let unit = || world(YEAR).region("r", &["a"]).tier(pool("t", 1));
    let unit = || unit().fails("f", EachUnit("t"), exponential(9.0 * HOUR), exponential(HOUR));
    let gray = unit().dims("g", EachUnit("t"), 0.3, false, exponential(DAY), exponential(DAY));
    let bug = nodes(database("d", "a")).corrupts("g", EachNode("d"), exponential(DAY), exponential(DAY));
    for (world, what) in [
        (gray, "gray failures"),
        (bug, "corruption"),
        (unit().changed(rollout("push", Everything)), "changes"),
        (unit().maintained_every(7.0 * DAY, Everything, DAY, HOUR, false), "maintenance"),
        (unit().busier(daily(0.0, HOUR), 2.0), "the hours of the demand"),
    ] {
        assert!(by_hand(&world.clone().build()).ignores.contains(&what.to_owned()), "{what}");
        loses(world, 0.1);
    }
    // Either of two that are down for a tenth.
    let two = call().dependency("y").requiring(any_of([part("x"), part("y")]));
    let two = failing(two).fails("g", Service("y"), exponential(9.0 * HOUR), exponential(HOUR));
    loses(two, 0.01);
}

//! What half of a stage gives back: designs with one failure of known length, in which each delay belongs to one stage.
//!
//! Everything takes a fixed time, so both losses are exact, and so is their difference: half of what the stage takes of the outage, and
//! nothing for each other stage. A year has one failure, 300 days after its beginning.

use crate::design::Place::{EachNode, EachRegion, EachUnit, OneRegion, OneZone, Service, WholeTier};
use crate::design::{
    Copy, DatabasePart, World, balancer, broken, checked_after, copy, database, failover, fixed, group, never, pool,
    quorum, rollout, shifted, standby, world, zonal_balancer,
};
use crate::design::{DAY, HOUR, YEAR, share};
use ridethrough::experiment::{Change, Options, importance};
use ridethrough::law::Law;
use ridethrough::model::{Breaker, Broken, Dependency, Failback, OnCall, Overload, Retry, Standby, Trip, ZonalShift};
use ridethrough::units::{Rate, Seconds};
use std::sync::atomic::AtomicBool;

/// Lost in the year, and what half of each stage saves of it (s); stages that are not named save nothing.
struct Case<'a> {
    name: &'a str,
    world: World,
    lost: f64,
    saved: &'a [(&'a str, f64)],
}

fn case<'a>(name: &'a str, world: World, lost: f64, saved: &'a [(&'a str, f64)]) -> Case<'a> {
    Case { name, world, lost, saved }
}

fn check<const N: usize>(cases: [Case; N]) {
    let options = Options { replications: 2, ..Options::default() };
    for Case { name, world, lost, saved } in cases {
        let found = importance(&world.build(), &options, &AtomicBool::new(false), &mut |_| ()).expect("a sound design");
        let total = found.study.architectures[0].lost_seconds_per_year.estimate;
        assert!((total - lost).abs() < 1e-6, "{name}: {total} s are lost instead of {lost} s");
        for (stage, _) in saved {
            assert!(found.savings.iter().any(|it| it.name == *stage), "{name}: {stage} is not halved");
        }
        for saving in found.savings.iter().filter(|it| it.change == Change::Halved) {
            let exact = saved.iter().find(|(stage, _)| *stage == saving.name).map_or(0.0, |(_, exact)| *exact);
            let estimate = saving.lost_seconds_per_year.estimate;
            println!("{name}: half of {}: exact {exact} s, simulated {estimate} s", saving.name);
            assert!((estimate - exact).abs() < 1e-6, "{name}: {} saves {estimate} s instead of {exact} s", saving.name);
        }
    }
}

const WHEN: f64 = 300.0 * DAY;

fn one_region() -> World {
    world(YEAR).region("r", &["a", "b"])
}

/// A database in zone a whose node fails for six hours.
fn of_database(part: DatabasePart) -> World {
    one_region().database(part).fails("node", OneZone("a"), fixed(WHEN), fixed(6.0 * HOUR))
}

fn with_standby(change: impl FnOnce(Copy) -> Copy) -> DatabasePart {
    database("d", "a").standby(change(copy("b")))
}

#[test]
fn of_databases() {
    let on_call = OnCall { acknowledge: fixed(300.0), decide: fixed(600.0), hours: None };
    // It breaks within seconds of the beginning, and nobody exercises it.
    let silent = broken(1.0, None, fixed(600.0));
    let killed = |part: DatabasePart| one_region().database(part).kills("node", EachNode("d"), fixed(WHEN), fixed(0.0));
    let bad = |decision: Law, restore: Law| {
        let part = database("d", "a").backup(HOUR, decision, restore);
        one_region().database(part).corrupts("release", EachNode("d"), fixed(WHEN), fixed(DAY))
    };
    check([
        case("detection", of_database(with_standby(|it| it).noticed_after(fixed(60.0))), 60.0, &[("detection", 30.0)]),
        case("decision", of_database(with_standby(|it| it.decided_in(fixed(60.0)))), 60.0, &[("decision", 30.0)]),
        case("people", of_database(with_standby(|it| it.decided_by(on_call))), 900.0, &[("decision", 450.0)]),
        case("by hand", of_database(with_standby(|it| it.covered(0.0, fixed(900.0)))), 900.0, &[("decision", 450.0)]),
        case("promotion", of_database(with_standby(|it| it.promoted_in(fixed(90.0)))), 90.0, &[("action", 45.0)]),
        case("broken", of_database(with_standby(|it| it.breaking(silent))), 600.0, &[("action", 300.0)]),
        case("alone", of_database(database("d", "a")), 21_600.0, &[("repair", 10_800.0)]),
        // Another node is made by hand in zone b.
        case(
            "storage",
            of_database(database("d", "a").stored(fixed(60.0), fixed(1_800.0))),
            1_800.0,
            &[("action", 900.0)],
        ),
        case(
            "restore is decided",
            killed(database("d", "a").backup(HOUR, fixed(600.0), fixed(0.0))),
            600.0,
            &[("decision", 300.0)],
        ),
        case("restore", killed(database("d", "a").backup(HOUR, fixed(0.0), fixed(600.0))), 600.0, &[("action", 300.0)]),
        // Found a day later, whatever is lost until then: half of the detection, which is no repair, saves no time but data.
        case("corruption", bad(fixed(0.0), fixed(600.0)), 600.0, &[("action", 300.0), ("detection", 0.0)]),
        // Both nodes are needed; the killed one has the data again ten minutes after its return.
        case(
            "rebuild",
            one_region().database(quorum("d", &["a", "b"], 2, 2).rebuilt_in(fixed(600.0))).kills(
                "zone",
                OneZone("a"),
                fixed(WHEN),
                fixed(0.0),
            ),
            600.0,
            &[("repair", 300.0)],
        ),
    ]);
}

#[test]
fn of_tiers() {
    let at_once = || checked_after(fixed(0.0), fixed(0.0));
    let zone_down = |world: World| world.fails("zone", OneZone("a"), fixed(WHEN), fixed(6.0 * HOUR));
    let shift = |detection: f64, decision: f64| {
        let (detection, decision) = (fixed(detection), fixed(decision));
        let shift = ZonalShift { detection, decision, duration: never(), return_after: fixed(0.0) };
        one_region().tier(pool("t", 2).behind(shifted(balancer(at_once()), shift))).dims(
            "gray",
            OneZone("a"),
            0.5,
            false,
            fixed(WHEN),
            fixed(6.0 * HOUR),
        )
    };
    let deployed = |detection: f64, rollback: f64| {
        let change = rollout("push", WholeTier("t", "r")).every(fixed(WHEN));
        one_region().tier(pool("t", 1)).changed(change.undone(fixed(detection), fixed(rollback)))
    };
    check([
        // Half of the clients ask the node in zone a, and half of what the others ask goes to the unit there, until both are out.
        case(
            "check",
            zone_down(one_region().tier(pool("t", 2).behind(balancer(checked_after(fixed(60.0), fixed(0.0)))))),
            45.0,
            &[("detection", 22.5)],
        ),
        // Half of the requests meet the zone and half of those fail.
        case("shift is noticed", shift(600.0, 0.0), 150.0, &[("detection", 75.0)]),
        case("shift is decided", shift(0.0, 600.0), 150.0, &[("decision", 75.0)]),
        case("bad change", deployed(600.0, 0.0), 600.0, &[("detection", 300.0)]),
        case("rollback", deployed(0.0, 600.0), 600.0, &[("action", 300.0)]),
        case(
            "launch",
            one_region()
                .tier(
                    group("t", 1)
                        .behind(balancer(at_once()))
                        .believing_the_balancer(300.0)
                        .launching_in(fixed(60.0))
                        .booting_in(fixed(40.0)),
                )
                .crashes("unit", EachUnit("t"), fixed(WHEN), never()),
            100.0,
            &[("action", 50.0)],
        ),
        case(
            "replacement",
            one_region().tier(crate::design::replaced_pool("t", 1, fixed(600.0)).within(&["a"])).kills(
                "zone",
                OneZone("a"),
                fixed(WHEN),
                fixed(0.0),
            ),
            600.0,
            &[("action", 300.0)],
        ),
        case(
            "spare",
            one_region().tier(pool("t", 1).spared(1, 0.0, fixed(600.0), 1.0)).fails(
                "unit",
                EachUnit("t"),
                fixed(WHEN),
                fixed(6.0 * HOUR),
            ),
            600.0,
            &[("action", 300.0)],
        ),
        case(
            "window",
            one_region().tier(pool("t", 1)).maintained_every(YEAR, WholeTier("t", "r"), WHEN, 600.0, false),
            600.0,
            &[("repair", 300.0)],
        ),
    ]);
}

/// Clients leave an old address after a residual that is drawn: half of the TTL saves half of it, whatever it is.
#[test]
fn of_addresses() {
    let endpoint = of_database(with_standby(|it| it).endpoint_ttl(60.0));
    let node = one_region()
        .tier(pool("t", 2).behind(zonal_balancer(checked_after(fixed(0.0), fixed(0.0)), 60.0)))
        .fails("zone", OneZone("a"), fixed(WHEN), fixed(6.0 * HOUR));
    for world in [endpoint, node] {
        let options = Options { replications: 2, ..Options::default() };
        let found = importance(&world.build(), &options, &AtomicBool::new(false), &mut |_| ()).expect("a sound design");
        let saving = found.savings.iter().find(|it| it.name == "propagation").expect("it is halved");
        let share = saving.share.expect("something is lost");
        assert!((share - 0.5).abs() < 1e-9, "{share} is saved");
    }
}

#[test]
fn of_dependencies() {
    let calling = |change: &dyn Fn(&mut Dependency)| {
        one_region().dependency("d").called(change).fails("d down", Service("d"), fixed(WHEN), fixed(60.0))
    };
    // It opens with the first failed call, after 1/100 s, and lets one through every 50 s: the second one is answered.
    let broken_circuit = |d: &mut Dependency| {
        let trip = Trip::Consecutive(1);
        d.breaker =
            Some(Breaker { trip, reset_timeout: Seconds(50.0), half_open: 1, fallback: share(0.0), callers: 1 });
    };
    // 300 attempts a second on a capacity of 150 after a minute: the overload goes on until people take the load off.
    let overloaded = |d: &mut Dependency| {
        d.client.timeout = Seconds(1e-9);
        d.retry = Retry { attempts: 3, waits: vec![Seconds(0.0); 2] };
        d.overload = Some(Overload { capacity: Rate(150.0), goodput: share(0.0), intervention: fixed(1_800.0) });
    };
    check([
        case("alone", calling(&|_| ()), 60.0, &[("repair", 30.0)]),
        // With half a reset the trials come at 25, 50 and 75 s; a repair of 30 s is seen at 50 s.
        case("reset", calling(&broken_circuit), 100.01, &[("propagation", 25.0), ("repair", 50.0)]),
        case("intervention", calling(&overloaded), 1_860.0, &[("action", 900.0), ("repair", 30.0)]),
    ]);
}

#[test]
fn of_regions() {
    let two = |name: crate::design::Name, place| {
        world(YEAR)
            .region("one", &["a"])
            .region("two", &["c"])
            .tier(pool("t", 1))
            .stack("one", &crate::design::part("t"))
            .stack("two", &crate::design::part("t"))
            .found_by(name)
            .fails("region", place, fixed(WHEN), fixed(DAY))
    };
    let quick = || failover(["one", "two"], 1e-9).checked(checked_after(fixed(0.0), fixed(0.0)));
    let away = OneRegion("one");
    let waiting = |it: Standby| quick().standing_by("two", it);
    let silent = |it: Standby, broken: Broken| Standby { broken: Some(broken), ..it };
    let provisioned = Standby { provision: fixed(600.0), ..standby(0.0, fixed(0.0)) };
    check([
        case("check", two(quick().checked(checked_after(fixed(60.0), fixed(0.0))), away), 60.0, &[("detection", 30.0)]),
        case("decision", two(quick().decided_in(fixed(60.0)), away), 60.0, &[("decision", 30.0)]),
        case("by hand", two(quick().covered(0.0, fixed(900.0)), away), 900.0, &[("decision", 450.0)]),
        case("publish", two(quick().published_in(fixed(60.0)), away), 60.0, &[("action", 30.0)]),
        case("provision", two(waiting(provisioned), away), 600.0, &[("action", 300.0)]),
        case("scale up", two(waiting(standby(0.0, fixed(600.0))), away), 600.0, &[("action", 300.0)]),
        case(
            "broken",
            two(waiting(silent(standby(1.0, fixed(0.0)), broken(1.0, None, fixed(600.0)))), away),
            600.0,
            &[("action", 300.0)],
        ),
        // Sent back after a day; that takes everything down for ten minutes.
        case(
            "failback",
            two(quick().failback(Failback::Automatic(fixed(0.0))).risking(1.0, fixed(600.0)), away),
            600.0,
            &[("repair", 300.0)],
        ),
        case("both", two(quick(), EachRegion), DAY, &[("repair", 0.5 * DAY)]),
        // All clients move within the TTL, and move back from a region that serves.
        case(
            "ttl",
            two(failover(["one", "two"], 60.0).checked(checked_after(fixed(0.0), fixed(0.0))), away),
            30.0,
            &[("propagation", 15.0)],
        ),
    ]);
}

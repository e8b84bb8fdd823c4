//! Drills: what follows from failures at known times, where fixed delays leave nothing to chance, or chance has a known mean.

use crate::design::Place::{EachNode, EachUnit, EachZone};
use crate::design::{
    DAY, HOUR, MINUTE, Name, World, YEAR, balancer, checked_after, copy, database, exponential, failover, fixed, never,
    part, pool, uniform, world,
};
use ridethrough::experiment::{Asked, DRILL_AT, DrillError, Options, drill, resilience};
use ridethrough::model::Failback;
use ridethrough::study::{Distribution, Drill, Resilience};
use ridethrough::units::Seconds;

fn options() -> Options {
    Options { replications: 500, ..Options::default() }
}

fn asked(place: &str, at: f64, lasting: f64) -> Asked {
    Asked { place: place.to_owned(), at: Seconds(at), lasting: Some(Seconds(lasting)) }
}

fn held(world: World, asked: &[Asked]) -> Drill {
    drill(&world.build(), asked, &options()).expect("a sound drill").drills.remove(0)
}

/// Every repetition gave this, to rounding.
fn always(spread: &Distribution, value: f64, replications: u64) {
    let near = |seen: f64| (seen - value).abs() <= 1e-6 * value.max(1.0);
    let mean = spread.mean.expect("seen").estimate;
    assert!(near(mean) && near(spread.max.expect("seen")), "{mean} to {:?}, not {value}", spread.max);
    assert_eq!(spread.count, replications);
}

fn three_zones() -> World {
    world(YEAR).region("r", &["a", "b", "c"]).tier(pool("t", 3).required(2))
}

/// One unit and nothing in its place: down for as long as it lasts, of which 100 requests a second are lost.
#[test]
fn a_single_unit() {
    let alone =
        world(YEAR).region("r", &["a"]).tier(pool("t", 1)).fails("f", EachUnit("t"), exponential(DAY), fixed(600.0));
    let seen = held(alone.clone(), &[asked("unit:t", 3.0 * DAY, HOUR)]);
    assert_eq!(seen.resilience, Resilience::SinglePointOfFailure);
    assert_eq!((seen.stuck.estimate, seen.interrupted.estimate, seen.open.estimate), (1.0, 1.0, 0.0));
    always(&seen.downtime, HOUR, 500);
    always(&seen.recovery, HOUR, 500);
    always(&seen.lost, HOUR, 500);
    assert!((seen.lost_requests.estimate - 360_000.0).abs() < 1e-3, "{}", seen.lost_requests.estimate);
    // By the name of the mode, and for as long as the scenario says.
    let mode = Asked { place: "f".to_owned(), at: DRILL_AT, lasting: None };
    always(&held(alone, &[mode]).downtime, 600.0, 500);
}

/// Nothing else fails meanwhile, however often it would, and two failures are held one after the other: zones a and b are down together for
/// 40 minutes, when one of three units is left of two that are needed.
#[test]
fn two_zones_one_after_the_other() {
    let busy = three_zones().fails("f", EachUnit("t"), exponential(MINUTE), exponential(HOUR));
    let second = asked("zone:b", 10.0 * DAY + 20.0 * MINUTE, HOUR);
    let seen = held(busy.clone(), &[second, asked("zone:a", 10.0 * DAY, HOUR)]);
    always(&seen.downtime, 40.0 * MINUTE, 500);
    // From the first failure to the end of the incident.
    always(&seen.recovery, HOUR, 500);
    assert_eq!(seen.strikes[0].place, "zone:a");
    let one = held(busy, &[asked("zone:a", 10.0 * DAY, HOUR)]);
    assert_eq!(one.resilience, Resilience::FaultTolerant);
    always(&one.lost, 0.0, 500);
    assert_eq!(one.recovery.count, 0);
}

/// Noticed after 30 s, promoted within 60 s: 90 s, whether the zone is back after an hour or never. Noticing takes 20 to 40 s: the mean is 90
/// s, 4.2 standard errors of 20/sqrt(12)/sqrt(500) around it.
#[test]
fn a_standby_takes_over() {
    let pair = |noticed| {
        let standby = copy("b").decided_in(fixed(0.0)).promoted_in(fixed(60.0));
        let part = database("d", "a").noticed_after(noticed).rebuilt_in(fixed(600.0)).standby(standby);
        world(YEAR).region("r", &["a", "b"]).database(part).fails("f", EachNode("d"), exponential(DAY), fixed(HOUR))
    };
    for place in ["database:d", "zone:a", "database:d/primary"] {
        let seen = held(pair(fixed(30.0)), &[asked(place, DAY, HOUR)]);
        assert_eq!(seen.resilience, Resilience::HighlyAvailable);
        always(&seen.downtime, 90.0, 500);
        let [detection, decision, action, propagation, repair] = &seen.stages;
        always(detection, 30.0, 500);
        always(action, 60.0, 500);
        [decision, propagation, repair].into_iter().for_each(|stage| always(stage, 0.0, 500));
        always(seen.data_loss.as_ref().expect("a database"), 0.0, 500);
    }
    let seen = held(pair(uniform(20.0, 40.0)), &[asked("zone:a", DAY, HOUR)]);
    let mean = seen.downtime.mean.expect("seen").estimate;
    let error = 20.0 / 12f64.sqrt() / 500f64.sqrt();
    assert!((mean - 90.0).abs() <= 4.2 * error, "{mean}");
    assert!(seen.downtime.max.expect("seen") <= 100.0);
    // The standby is nobody's need.
    let standby = held(pair(fixed(30.0)), &[asked("database:d/standby", DAY, HOUR)]);
    assert_eq!(standby.resilience, Resilience::FaultTolerant);
}

/// The first region is seen to be down after 30 s; then answers are stale for up to their TTL of 60 s, evenly, so that half of it is lost: 60
/// s. Less than 99 % is served until 0.6 s before the last one has expired: 89.4 s.
#[test]
fn clients_move_to_another_region() {
    let name: Name =
        failover(["e", "w"], 60.0).checked(checked_after(fixed(30.0), fixed(0.0))).failback(Failback::Never);
    let regions = world(YEAR).region("e", &["a"]).region("w", &["b"]).tier(pool("t", 1));
    let regions = regions.stack("e", &part("t")).stack("w", &part("t")).found_by(name);
    let seen = held(regions, &[asked("region:e", DAY, HOUR)]);
    assert_eq!(seen.resilience, Resilience::HighlyAvailable);
    always(&seen.lost, 60.0, 500);
    always(&seen.downtime, 89.4, 500);
}

/// Any two of three zones; a unit, of which the first stands in zone a, counts as its zone. The region and the tier are enough alone.
#[test]
fn what_takes_it_down_alone_or_in_pairs() {
    let zones = three_zones().fails("zone", EachZone, exponential(YEAR), exponential(HOUR));
    let found = resilience(&zones.build(), &options()).expect("sound");
    assert_eq!(found.drills.len(), 3);
    assert!(found.drills.iter().all(|drill| drill.resilience == Resilience::FaultTolerant));
    let cuts = found.cuts.expect("looked for");
    assert_eq!(cuts.single, ["region:r", "tier:t/r"]);
    let pairs = [
        ["unit:t/r", "zone:b"],
        ["unit:t/r", "zone:c"],
        ["zone:a", "zone:b"],
        ["zone:a", "zone:c"],
        ["zone:b", "zone:c"],
    ];
    assert_eq!(cuts.pairs.expect("few parts"), pairs.map(|pair| pair.map(str::to_owned)));
}

/// A load balancer turns away from a hanging unit; one that never checks does not, so that a third is lost as long as it lasts.
#[test]
fn what_nobody_sees_lasts() {
    let behind = |check| three_zones().tier(pool("u", 3).behind(balancer(check)));
    let hangs = |check| behind(check).hangs("h", EachUnit("u"), exponential(YEAR), never());
    let seen = held(hangs(checked_after(fixed(25.0), fixed(0.0))), &[asked("unit:u", DAY, HOUR)]);
    always(&seen.lost, 25.0 / 3.0, 500);
    assert_eq!(seen.resilience, Resilience::HighlyAvailable);
    let blind = held(hangs(checked_after(never(), fixed(0.0))), &[asked("h@unit:u", DAY, HOUR)]);
    always(&blind.lost, HOUR / 3.0, 500);
    assert_eq!(blind.resilience, Resilience::SinglePointOfFailure);
}

#[test]
fn names_that_mean_nothing_or_too_much() {
    let design = three_zones().fails("zone", EachZone, exponential(YEAR), exponential(HOUR)).build();
    let error = |place: &str| drill(&design, &[asked(place, DAY, HOUR)], &options()).expect_err("not a place");
    assert!(matches!(error("zone:x"), DrillError::Unknown { all, .. } if all.contains(&"zone:a".to_owned())));
    assert!(matches!(error("zone"), DrillError::Ambiguous { among, .. } if among == ["zone:a", "zone:b", "zone:c"]));
    assert!(matches!(error("zone@region:r"), DrillError::Unknown { .. }));
    assert!(drill(&design, &[asked("zone@zone:b", DAY, HOUR)], &options()).is_ok());
}

//! Exact answers against numbers from elsewhere, against each other, and against the simulation.

use crate::answers::{at_least, binomial, expected, stationary};
use crate::design::Place::{
    ControlPlane, EachNode, EachRegion, EachUnit, EachZone, Everything, OneRegion, OneZone, Service, WholeTier,
};
use crate::design::{
    DAY, HOUR, MINUTE, World, YEAR, all_of, any_of, balancer, checked_after, copies, copy, crewed_pool, database,
    exponential, failover, fixed, gamma, group, k_of, lognormal, mixture, part, pool, quorum, replaced_pool, uniform,
    wearing, weighted, world, zonal_balancer,
};
use ridethrough::exact::{Answer, Budget, answer, answer_within};
use ridethrough::experiment::{Options, run, standard_error};
use ridethrough::law::Law;

fn exactly(world: World) -> Answer {
    answer(&world.build()).unwrap_or_else(|obstacles| panic!("{obstacles:?}"))
}

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found / expected - 1.0).abs() <= tolerance, "{found:e} is not {expected:e}");
}

/// The reference workloads: units of 60 d and 10 min, zones of 2 y and 2 h, a region of 4 y and 3 h.
fn workload(units: u32, required: u32) -> World {
    world(YEAR)
        .region("r", &["a", "b", "c"])
        .tier(pool("t", units).required(required))
        .fails("unit", EachUnit("t"), exponential(60.0 * DAY), exponential(10.0 * MINUTE))
        .fails("zone", EachZone, exponential(2.0 * YEAR), exponential(2.0 * HOUR))
        .fails("region", EachRegion, exponential(4.0 * YEAR), exponential(3.0 * HOUR))
}

#[test]
fn reference_workloads() {
    // Four of six, two a zone: by hand over zones up and units up.
    let (unit, zone) = (60.0 * DAY / (60.0 * DAY + 600.0), 2.0 * YEAR / (2.0 * YEAR + 7_200.0));
    let region = 4.0 * YEAR / (4.0 * YEAR + 10_800.0);
    let enough = |zones: u32| binomial(3, zones, zone) * at_least(2 * zones, 4, unit);
    let six = exactly(workload(6, 4));
    close(six.stationary.unavailability_request, 1.0 - region * (enough(2) + enough(3)), 1e-10);
    // Published values of the same models, with the digits they have.
    close(six.stationary.unavailability_request, 8.5807e-5, 6e-6);
    let thousand = exactly(workload(1_000, 667));
    close(thousand.stationary.unavailability_request, 2.1671e-4, 3e-5);
    assert!(six.from_new.is_some() && six.states.is_none());
}

/// Two regions of three zones, as services: a region is down when it fails itself or two of its zones do, and both must be down.
/// The closed form is a product of the two, and each is a sum of positive terms.
#[test]
fn rare_event_keeps_its_digits() {
    let mut design = world(YEAR).region("r", &["a"]);
    let names = ["a1", "a2", "a3", "ar", "b1", "b2", "b3", "br"];
    for name in names {
        design = design.dependency(name);
    }
    for name in names {
        let (mttf, mttr) = if name.ends_with('r') { (4.0 * YEAR, HOUR) } else { (2.0 * YEAR, 2.0 * HOUR) };
        design = design.fails(name, Service(name), exponential(mttf), exponential(mttr));
    }
    let region = |r: &'static str, zones: [&'static str; 3]| all_of([part(r), k_of(2, zones.map(part))]);
    let design = design.requiring(any_of([region("ar", ["a1", "a2", "a3"]), region("br", ["b1", "b2", "b3"])]));
    let found = exactly(design).stationary.unavailability_request;
    let down = |mttf: f64, mttr: f64| mttr / (mttf + mttr);
    let (zone, whole) = (down(2.0 * YEAR, 2.0 * HOUR), down(4.0 * YEAR, HOUR));
    let zones = 3.0 * zone * zone * (1.0 - zone) + zone * zone * zone;
    let one = whole + (1.0 - whole) * zones;
    close(found, one * one, 1e-13);
    close(found, 8.166_495e-10, 1e-6);
}

/// Incidents per year of textbook structures: each part that fails while the structure depends on it.
#[test]
fn incidents_have_a_rate() {
    let two = |required: u32| {
        world(YEAR).region("r", &["a"]).tier(pool("t", 2).required(required)).fails(
            "unit",
            EachUnit("t"),
            wearing(9.0 * HOUR),
            fixed(HOUR),
        )
    };
    let failures = YEAR / (10.0 * HOUR);
    // In series each failure of one while the other is up; in parallel while the other is down.
    let series = exactly(two(2)).stationary;
    close(series.incidents_per_year, 2.0 * failures * 0.9, 1e-12);
    close(series.unavailability_time, 0.19, 1e-12);
    let parallel = exactly(two(1)).stationary;
    close(parallel.incidents_per_year, 2.0 * failures * 0.1, 1e-12);
    // Both are down until the first repair: half an hour on average by symmetry of the residual, a uniform one.
    close(parallel.recovery_time_seconds.expect("incidents"), 0.5 * HOUR, 1e-12);
}

/// The same design as a closed form and, with a load balancer that is instant but not known to be, as a Markov chain.
#[test]
fn closed_forms_and_chains_agree() {
    let units = |tier: crate::design::TierPart| {
        world(30.0 * DAY)
            .region("r", &["a", "b"])
            .tier(tier)
            .fails("region", OneRegion("r"), exponential(30.0 * DAY), exponential(HOUR))
            .fails("unit", EachUnit("t"), exponential(5.0 * DAY), exponential(2.0 * HOUR))
            .fails("zone", OneZone("b"), exponential(20.0 * DAY), exponential(3.0 * HOUR))
    };
    let at_once = || balancer(checked_after(fixed(0.0), fixed(0.0)));
    let hidden = || ridethrough::model::LoadBalancer { cross_zone: false, ..at_once() };
    for tier in [pool("t", 4).required(2), pool("t", 3).required(3), crewed_pool("t", 4, 1).required(3)] {
        let closed = exactly(units(tier.clone()));
        // All units in one zone: zonal and cross-zone balancing are then the same.
        let chain = exactly(units(tier.clone().within(&["b"]).behind(hidden())));
        let same = exactly(units(tier.within(&["b"]).behind(at_once())));
        assert!(closed.states.is_none() && same.states.is_none() && chain.states.is_some_and(|states| states > 4));
        close(chain.stationary.unavailability_request, same.stationary.unavailability_request, 1e-11);
        close(chain.stationary.unavailability_time, same.stationary.unavailability_time, 1e-11);
        close(chain.stationary.incidents_per_year, same.stationary.incidents_per_year, 1e-11);
        if let Some(new) = same.from_new {
            let other = chain.from_new.expect("a small chain");
            close(other.unavailability_request, new.unavailability_request, 1e-8);
            close(other.incidents_per_year, new.incidents_per_year, 1e-8);
        }
    }
}

/// Rates that are 3e7 apart over ten years, 1e9 steps of the fastest: the mean from new is that of the textbook (Barlow and Proschan 1975,
/// "Statistical Theory of Reliability"), 1 - (1 - e^(-(l + m) t)) / ((l + m) t) of what is lost in the long run.
#[test]
fn rates_may_be_unlike() {
    let (mttf, mttr, horizon) = (400.0 * DAY, 1.0, 10.0 * YEAR);
    let hidden =
        ridethrough::model::LoadBalancer { cross_zone: false, ..balancer(checked_after(fixed(0.0), fixed(0.0))) };
    let chain = exactly(world(horizon).region("r", &["a"]).tier(pool("t", 1).behind(hidden)).fails(
        "unit",
        EachUnit("t"),
        exponential(mttf),
        exponential(mttr),
    ));
    let both = 1.0 / mttf + 1.0 / mttr;
    let down = 1.0 / mttf / both;
    let from_new = down * (1.0 - 1.0 / (both * horizon));
    assert!(chain.states.is_some());
    close(chain.stationary.unavailability_time, down, 1e-13);
    close(chain.from_new.expect("little work").unavailability_time, from_new, 1e-11);
    // A unit that is hardly ever repaired: nearly all that happens is still to come after ten years.
    let slow = exactly(
        world(YEAR)
            .region("r", &["a"])
            .tier(pool("t", 1).behind(balancer(checked_after(exponential(1e-3), exponential(1e-3)))))
            .fails("unit", EachUnit("t"), exponential(10.0 * YEAR), exponential(1_000.0 * YEAR)),
    );
    let both = 1.0 / (10.0 * YEAR) + 1.0 / (1_000.0 * YEAR);
    let down = 1.0 / (10.0 * YEAR) / both * (1.0 - (1.0 - (-both * YEAR).exp()) / (both * YEAR));
    // With one target a balancer fails open: it makes no difference whether it has noticed, but for the milliseconds of a recovery.
    close(slow.from_new.expect("little work").unavailability_time, down, 1e-9);
}

/// Equal nodes: how many are alive is binomial, whatever the laws of their times. Of 100 requests 10 write.
#[test]
fn equal_nodes() {
    let nodes = |zones: &[&'static str]| {
        world(YEAR).region("r", &["a", "b", "c"]).database(quorum("d", zones, 2, 3)).fails(
            "node",
            EachNode("d"),
            exponential(1_000.0 * HOUR),
            lognormal(50.0 * HOUR, 0.8),
        )
    };
    let five = ["a", "b", "c", "a", "b"];
    let up = 1_000.0 / 1_050.0;
    let found = exactly(nodes(&five));
    let (reads, writes) = (1.0 - at_least(5, 2, up), 1.0 - at_least(5, 3, up));
    close(found.stationary.unavailability_request, 0.9 * reads + 0.1 * writes, 1e-11);
    // With a tenth of the requests lost it is down: when one of three that are alive fails.
    close(found.stationary.unavailability_time, writes, 1e-11);
    close(found.stationary.incidents_per_year, binomial(5, 3, up) * 3.0 * YEAR / (1_000.0 * HOUR), 1e-12);
    // Each zone takes those that stand in it.
    let zone = 500.0 / 504.0;
    let zonal = exactly(nodes(&five).fails("zone", EachZone, exponential(500.0 * HOUR), fixed(4.0 * HOUR)));
    let lost = expected([zone; 3], |up_zones| {
        let there: u32 = up_zones.iter().zip([2, 2, 1]).map(|(up, count)| if *up { count } else { 0 }).sum();
        0.9 * (1.0 - at_least(there, 2, up)) + 0.1 * (1.0 - at_least(there, 3, up))
    });
    close(zonal.stationary.unavailability_request, lost, 1e-11);
}

/// Copies in three regions, each serving its own: it must be up, and for a write one of the two others.
#[test]
fn copies_of_regions() {
    let regions = world(YEAR).region("e", &["a"]).region("s", &["b"]).region("w", &["c"]);
    let regions = regions.database(copies("d", &["e", "s", "w"], 1, 2));
    let failing = |it: World| it.fails("region", EachRegion, exponential(90.0 * HOUR), exponential(10.0 * HOUR));
    let up = 0.9;
    let lost = (1.0 - up) + 0.1 * up * (1.0 - up) * (1.0 - up);
    let one = exactly(failing(regions.clone().stack("e", &part("d"))));
    assert!(one.states.is_none());
    close(one.stationary.unavailability_request, lost, 1e-11);
    // Two stacks depend on each other, so that it takes a chain; what is lost on average is the same.
    let two = regions.stack("e", &part("d")).stack("w", &part("d"));
    let two = exactly(failing(two.found_by(weighted([("e", 3.0), ("w", 1.0)], 60.0).unchecked())));
    assert_eq!(two.states, Some(8));
    close(two.stationary.unavailability_request, lost, 1e-11);
}

/// Two nodes whose data are killed at the rate l and copied back from the other at the rate b; if both are gone a restore takes T: with
/// weights 1, 2 l / (b + l) and l T times that for two, one and none.
#[test]
fn nodes_that_lose_their_data() {
    let (life, copying, decision, restore) = (40.0 * HOUR, 5.0 * HOUR, HOUR, 2.0 * HOUR);
    let it = quorum("d", &["a", "b"], 1, 1).rebuilt_in(exponential(copying));
    let it = it.backup(HOUR, exponential(decision), exponential(restore));
    let found = exactly(world(YEAR).region("r", &["a", "b"]).database(it).kills(
        "disk",
        EachNode("d"),
        exponential(life),
        fixed(0.0),
    ));
    let one = 2.0 / life / (1.0 / copying + 1.0 / life);
    let none = one * (decision + restore) / life;
    close(found.stationary.unavailability_request, none / (1.0 + one + none), 1e-12);
    close(found.stationary.recovery_time_seconds.expect("incidents"), decision + restore, 1e-12);
}

/// A standby that is read. With l, m and d the rates of failure, repair and detection: all well (0); the standby down (1), or not in sync
/// and down (2); the primary down and not yet detected (3); both down, undetected (4) or detected (5), or the standby not in sync (6);
/// the primary down and the standby up, but not in sync (7). It takes over at once, and is in sync at once.
#[test]
fn reads_apart_from_writes() {
    let (l, m, d) = (1.0 / 20.0, 1.0 / 5.0, 2.0);
    let down = stationary(
        8,
        &[
            (0, 1, l),
            (0, 3, l),
            (1, 0, m),
            (1, 4, l),
            (2, 0, m),
            (2, 6, l),
            (3, 0, m),
            (3, 4, l),
            (3, 2, d),
            (4, 1, m),
            (4, 3, m),
            (4, 5, d),
            (5, 1, m),
            (5, 2, m),
            (6, 2, m),
            (6, 7, m),
            (7, 0, m),
            (7, 6, l),
        ],
    );
    let reads: f64 = down[4..].iter().sum();
    let writes = reads + down[3];
    let pair = database("d", "a").noticed_after(exponential(0.5 * HOUR)).standby(copy("b")).reads_survive();
    let found = exactly(world(YEAR).region("r", &["a", "b"]).database(pair).fails(
        "node",
        EachNode("d"),
        exponential(20.0 * HOUR),
        exponential(5.0 * HOUR),
    ));
    close(found.stationary.unavailability_request, 0.9 * reads + 0.1 * writes, 1e-12);
    close(found.stationary.unavailability_time, writes, 1e-12);
}

/// Spares, by chains of a few states; rates in 1/h, units that live 10 h and are repaired in 2 h.
#[test]
fn spares() {
    let lost = |tier: crate::design::TierPart| {
        let world = world(YEAR).region("r", &["a"]).tier(tier);
        let world = world.fails("unit", EachUnit("t"), exponential(10.0 * HOUR), exponential(2.0 * HOUR));
        exactly(world).stationary
    };
    let (l, m) = (1.0 / 10.0, 1.0 / 2.0);
    let at_once = || fixed(0.0);
    // Cold, for two that are both needed: weights of 0, 1, 2, 3 away 1, 2 r, 2 r^2, 2 r^3 / 3, r = l / m; it falls when one of two fails.
    let r = l / m;
    let weights = [1.0, 2.0 * r, 2.0 * r * r, 2.0 / 3.0 * r * r * r];
    let total: f64 = weights.iter().sum();
    let cold = lost(pool("t", 2).required(2).spared(1, 0.0, at_once(), 1.0));
    close(cold.unavailability_time, (weights[2] + weights[3]) / total, 1e-12);
    close(cold.incidents_per_year, weights[1] / total * 2.0 * l * YEAR / HOUR, 1e-12);
    // Warm, one crew: a birth and death chain of the number away.
    let warm = lost(crewed_pool("t", 1, 1).spared(1, 0.3, at_once(), 1.0));
    let weights = [1.0, 1.3 * l / m, 1.3 * l * l / (m * m)];
    close(warm.unavailability_time, weights[2] / weights.iter().sum::<f64>(), 1e-12);
    // One crew, first come first served, and a switch-over that never works while the unit is away: of unit and hot spare. All well (0); the unit
    // away (1), the spare (2), both and the unit is repaired first (3), or the spare (4).
    let queue = [
        (0, 1, l),
        (0, 2, l),
        (1, 0, m),
        (1, 3, l),
        (2, 0, m),
        (2, 4, l),
        (3, 2, m),
        (4, 1, m),
    ];
    let queue = stationary(5, &queue);
    let never = lost(crewed_pool("t", 1, 1).spared(1, 1.0, at_once(), 0.0));
    close(never.unavailability_time, queue[1] + queue[3] + queue[4], 1e-12);
    // A switch-over of half an hour that works with 70 %: on the way (1), spare at work (2), both down (3), waits for its unit (4). Of both
    // the unit whose place it is is back at once, the other one has to take the place first.
    let s = 2.0;
    let slow = [
        (0, 1, 0.7 * l),
        (0, 4, 0.3 * l),
        (1, 2, s),
        (1, 0, m),
        (2, 3, l),
        (2, 0, m),
        (3, 2, m),
        (3, 1, 0.7 * m),
        (3, 4, 0.3 * m),
        (4, 0, m),
    ];
    let slow = stationary(5, &slow);
    let unsure = lost(pool("t", 1).spared(1, 0.0, exponential(0.5 * HOUR), 0.7));
    close(unsure.unavailability_time, slow[1] + slow[3] + slow[4], 1e-12);
}

/// Groups over zones that fail, by chains of a few states.
#[test]
fn groups_over_zones() {
    let (fails, back, seen, launch) = (1.0 / 30.0, 1.0 / 4.0, 2.0, 1.0 / 0.5);
    let blind = |units: u32| group("t", units).booting_in(fixed(0.0)).seen_by_the_group_after(exponential(0.5 * HOUR));
    let base = |tier: crate::design::TierPart| world(YEAR).region("r", &["a", "b"]).tier(tier);
    // One unit in two zones. In service with the other zone up (0) or down (1); its zone down and not yet seen, the other up (2) or down (3);
    // being launched in a zone that is up, the other down (4) or up (5); in one that is down, the other up (6) or down (7), so that at the end of
    // the launch it starts over or waits; both down, and it waits (8).
    let one = [
        (0, 1, fails),
        (0, 2, fails),
        (1, 0, back),
        (1, 3, fails),
        (2, 0, back),
        (2, 3, fails),
        (2, 4, seen),
        (3, 1, back),
        (3, 2, back),
        (3, 8, seen),
        (4, 1, launch),
        (4, 5, back),
        (4, 7, fails),
        (5, 0, launch),
        (5, 4, fails),
        (5, 6, fails),
        (6, 4, launch),
        (6, 5, back),
        (6, 7, fails),
        (7, 4, back),
        (7, 6, back),
        (7, 8, launch),
        (8, 4, 2.0 * back),
    ];
    let up = stationary(9, &one);
    let zones = |it: World| it.fails("zone", EachZone, exponential(30.0 * HOUR), exponential(4.0 * HOUR));
    let found = exactly(zones(base(blind(1).launching_in(exponential(0.5 * HOUR)))));
    close(found.stationary.unavailability_time, 1.0 - up[0] - up[1], 1e-11);
    // Two units that are both needed, one in each zone, and one of these fails. A launch takes no time, so that it is down until the unit in
    // the lost zone is given up; when the zone is back one of the two in the other goes for a new one there, so that the next failure costs as much.
    let two = base(blind(2).required(2).launching_in(fixed(0.0)));
    let two = exactly(two.fails("zone", OneZone("b"), exponential(30.0 * HOUR), exponential(4.0 * HOUR)));
    let unseen = fails / (seen + back);
    close(two.stationary.unavailability_time, unseen / (1.0 + unseen + unseen * seen / back), 1e-12);
}

/// What costs more than a run may is not worked out beside it, wherever it runs: states and work are counted.
#[test]
fn a_budget_is_kept() {
    let seen = || checked_after(exponential(20.0 * MINUTE), exponential(30.0 * MINUTE));
    let units = |units: u32| {
        world(YEAR)
            .region("r", &["a", "b"])
            .tier(pool("t", units).behind(balancer(seen())))
            .fails("unit", EachUnit("t"), exponential(20.0 * HOUR), exponential(2.0 * HOUR))
            .fails("zone", EachZone, exponential(50.0 * HOUR), exponential(4.0 * HOUR))
            .build()
    };
    let (small, large) = (units(2), units(8));
    let beside = answer_within(&small, Budget::BESIDE_A_RUN).expect("little work");
    let alone = answer(&small).expect("an answer");
    assert_eq!((beside.states, beside.stationary), (alone.states, alone.stationary));
    let new = |it: &Answer| it.from_new.expect("little work").unavailability_request;
    close(new(&beside), new(&alone), 1e-11);
    let why = answer_within(&large, Budget::BESIDE_A_RUN).expect_err("too much");
    assert_eq!(why.len(), 1);
    assert!(why[0].reason.contains("Markov chain"), "{}", why[0].reason);
    let nothing = Budget { work: 10.0, ..Budget::FOR_ITSELF };
    assert!(answer_within(&workload(6, 4).build(), nothing).is_err() && answer_within(&small, nothing).is_err());
    // Enough for the long run, not for the mean from new.
    let thousand = answer_within(&workload(1_000, 667).build(), Budget::BESIDE_A_RUN).expect("a closed form");
    assert!(thousand.from_new.is_none());
}

/// What stands in the way is named by its key.
#[test]
fn obstacles_have_keys() {
    let keys = |world: World| -> Vec<String> {
        answer(&world.build()).expect_err("no exact answer").into_iter().map(|obstacle| obstacle.key).collect()
    };
    let base = || world(YEAR).region("r", &["a", "b"]);
    let unit = |it: World, repair: Law| it.fails("unit", EachUnit("t"), exponential(DAY), repair);
    let behind = pool("t", 2).behind(balancer(crate::design::checked_every(30.0, 2, 5)));
    assert_eq!(
        keys(unit(base().tier(behind.clone()), fixed(HOUR))),
        ["failure.unit.repair", "tier.t.load_balancer.detection", "tier.t.load_balancer.recovery"]
    );
    let zone = base().tier(replaced_pool("t", 2, uniform(0.0, 1.0)));
    let zone = zone.kills("zone", EachZone, exponential(DAY), exponential(HOUR));
    assert_eq!(keys(zone), ["tier.t.pool.replacement"]);
    let name = world(YEAR)
        .region("e", &["a"])
        .region("w", &["b"])
        .tier(pool("t", 1))
        .stack("e", &part("t"))
        .stack("w", &part("t"))
        .found_by(failover(["e", "w"], 60.0));
    assert_eq!(keys(name), ["dns.health_check"]);
}

/// One design for every mechanism that has an exact answer, with the number of histories it is simulated for.
fn simulated() -> Vec<(&'static str, World, u64)> {
    let steady = || world(600.0 * HOUR).warming_up(100.0 * HOUR);
    let zones = |it: World| it.region("r", &["a", "b"]);
    let seen = || checked_after(exponential(20.0 * MINUTE), exponential(30.0 * MINUTE));
    let unit = |it: World| it.fails("unit", EachUnit("t"), exponential(20.0 * HOUR), exponential(2.0 * HOUR));
    let outage = |it: World| it.fails("zone", EachZone, exponential(50.0 * HOUR), exponential(4.0 * HOUR));
    let copied = |standby: crate::design::Copy| {
        zones(steady())
            .database(
                database("d", "a")
                    .noticed_after(exponential(0.5 * HOUR))
                    .rebuilt_in(exponential(2.0 * HOUR))
                    .standby(standby),
            )
            .fails("node", EachNode("d"), exponential(30.0 * HOUR), exponential(5.0 * HOUR))
    };
    let works = || copy("b").decided_in(exponential(0.2 * HOUR)).promoted_in(gamma(0.5 * HOUR, 2.0));
    let scaling = group("t", 2)
        .launching_in(exponential(0.3 * HOUR))
        .terminating_in(exponential(0.2 * HOUR))
        .booting_in(exponential(0.5 * HOUR))
        .failing_to_launch(0.3, exponential(0.4 * HOUR));
    let group_of = |tier: crate::design::TierPart| {
        world(600.0 * HOUR).warming_up(100.0 * HOUR).region("r", &["a"]).tier(tier).fails(
            "unit",
            EachUnit("t"),
            exponential(10.0 * HOUR),
            Law::Never,
        )
    };
    let blind = scaling.clone().seen_by_the_group_after(exponential(0.5 * HOUR));
    vec![
        (
            "soft and regional dependencies, any-of",
            steady()
                .region("r", &["a"])
                .soft_dependency("s", 0.3)
                .living_in("r")
                .dependency("x")
                .dependency("y")
                .requiring(all_of([part("s"), any_of([part("x"), part("y")])]))
                .fails("region", EachRegion, wearing(100.0 * HOUR), fixed(2.0 * HOUR))
                .fails("s", Service("s"), exponential(20.0 * HOUR), exponential(HOUR))
                .fails("x", Service("x"), gamma(10.0 * HOUR, 3.0), uniform(0.0, 4.0 * HOUR))
                .fails("y", Service("y"), exponential(10.0 * HOUR), exponential(3.0 * HOUR)),
            600,
        ),
        (
            "a database and a tier share a zone, and a mode of the tier",
            zones(steady())
                .tier(pool("t", 4).capacity(30.0))
                .database(database("d", "a"))
                .fails("all", Everything, exponential(200.0 * HOUR), exponential(HOUR))
                .fails("node", EachNode("d"), exponential(60.0 * HOUR), fixed(HOUR))
                .fails("push", WholeTier("t", "r"), exponential(90.0 * HOUR), exponential(HOUR))
                .fails("unit", EachUnit("t"), exponential(20.0 * HOUR), exponential(2.0 * HOUR))
                .fails("zone", EachZone, exponential(50.0 * HOUR), exponential(4.0 * HOUR)),
            600,
        ),
        (
            "weighted regions whose answer never changes",
            steady()
                .region("e", &["a"])
                .region("w", &["b"])
                .dependency("x")
                .tier(pool("t", 2))
                .stack("e", &all_of([part("t"), part("x")]))
                .stack("w", &all_of([part("x"), part("t")]))
                .found_by(weighted([("e", 3.0), ("w", 1.0)], 60.0).unchecked())
                .fails("unit", EachUnit("t"), exponential(10.0 * HOUR), exponential(2.0 * HOUR))
                .fails("x", Service("x"), exponential(30.0 * HOUR), exponential(HOUR))
                .fails("zone", OneZone("a"), exponential(60.0 * HOUR), exponential(HOUR)),
            600,
        ),
        ("from new", unit(outage(zones(world(40.0 * HOUR)).tier(pool("t", 4).required(3)))), 4_000),
        ("crews", unit(outage(zones(steady()).tier(crewed_pool("t", 4, 1).required(3)))), 600),
        ("a group by its means", group_of(blind.clone()), 600),
        ("a load balancer", unit(zones(steady()).tier(pool("t", 3).behind(balancer(seen())))), 600),
        (
            "a load balancer, zones and a region",
            unit(outage(zones(steady()).tier(pool("t", 3).capacity(60.0).behind(balancer(seen()))))).fails(
                "region",
                EachRegion,
                exponential(70.0 * HOUR),
                exponential(3.0 * HOUR),
            ),
            600,
        ),
        (
            "a zonal load balancer",
            unit(outage(zones(steady()).tier(pool("t", 4).behind(zonal_balancer(seen(), 0.0))))),
            600,
        ),
        (
            "killed and replaced",
            unit(zones(steady()).tier(replaced_pool("t", 3, exponential(3.0 * HOUR)).required(2))).kills(
                "zone",
                EachZone,
                exponential(40.0 * HOUR),
                exponential(2.0 * HOUR),
            ),
            600,
        ),
        (
            "a group, its control plane and its region",
            group_of(blind)
                .fails("control", ControlPlane("r"), exponential(30.0 * HOUR), exponential(6.0 * HOUR))
                .fails("region", EachRegion, exponential(60.0 * HOUR), exponential(3.0 * HOUR)),
            600,
        ),
        (
            "a group that believes its load balancer",
            group_of(scaling.clone().believing_the_balancer(0.0).behind(balancer(seen()))).fails(
                "zone",
                EachZone,
                exponential(60.0 * HOUR),
                exponential(3.0 * HOUR),
            ),
            600,
        ),
        (
            "a group over two zones that fail",
            steady()
                .region("r", &["a", "b"])
                .tier(scaling.clone().seen_by_the_group_after(exponential(0.5 * HOUR)).capacity(60.0))
                .fails("unit", EachUnit("t"), exponential(20.0 * HOUR), Law::Never)
                .fails("zone", EachZone, exponential(30.0 * HOUR), exponential(4.0 * HOUR))
                .fails("region", EachRegion, exponential(90.0 * HOUR), exponential(3.0 * HOUR)),
            600,
        ),
        (
            "a group of three over two zones, behind a zonal load balancer",
            zones(steady())
                .tier(
                    group("t", 3)
                        .launching_in(exponential(0.3 * HOUR))
                        .booting_in(fixed(0.0))
                        .believing_the_balancer(0.0)
                        .capacity(40.0)
                        .behind(zonal_balancer(seen(), 0.0)),
                )
                .fails("unit", EachUnit("t"), exponential(30.0 * HOUR), Law::Never)
                .fails("zone", OneZone("b"), exponential(20.0 * HOUR), exponential(5.0 * HOUR)),
            600,
        ),
        (
            "a group that dies of three things, in zones that do not fail",
            world(600.0 * HOUR)
                .warming_up(100.0 * HOUR)
                .region("r", &["a", "b", "c"])
                .tier(scaling.clone().believing_the_balancer(0.0).capacity(60.0).behind(balancer(seen())))
                .fails("machine", EachUnit("t"), exponential(30.0 * HOUR), Law::Never)
                .crashes("crash", EachUnit("t"), exponential(20.0 * HOUR), Law::Never)
                .hangs("hang", EachUnit("t"), exponential(40.0 * HOUR), Law::Never)
                .fails("control", ControlPlane("r"), exponential(30.0 * HOUR), exponential(6.0 * HOUR)),
            600,
        ),
        ("a standby", copied(works()), 600),
        (
            "a standby with coverage, zones and a control plane",
            copied(works().covered(0.7, mixture([(0.5, exponential(HOUR)), (0.5, exponential(4.0 * HOUR))])))
                .fails("control", ControlPlane("r"), exponential(30.0 * HOUR), exponential(6.0 * HOUR))
                .fails("zone", EachZone, exponential(50.0 * HOUR), exponential(4.0 * HOUR)),
            600,
        ),
        (
            "a replica with failback",
            zones(steady())
                .database(
                    database("d", "a")
                        .noticed_after(exponential(0.5 * HOUR))
                        .rebuilt_in(exponential(2.0 * HOUR))
                        .replica(works().failing_back_after(exponential(6.0 * HOUR))),
                )
                .fails("node", EachNode("d"), exponential(30.0 * HOUR), exponential(5.0 * HOUR)),
            600,
        ),
        (
            "a standby that is read",
            zones(steady())
                .tier(pool("t", 2).capacity(60.0))
                .database(
                    database("d", "a")
                        .noticed_after(exponential(0.5 * HOUR))
                        .rebuilt_in(exponential(2.0 * HOUR))
                        .standby(works().covered(0.7, exponential(4.0 * HOUR)))
                        .reads_survive(),
                )
                .requiring(all_of([part("t"), part("d")]))
                .fails("node", EachNode("d"), exponential(30.0 * HOUR), exponential(5.0 * HOUR))
                .fails("unit", EachUnit("t"), exponential(60.0 * HOUR), exponential(3.0 * HOUR))
                .fails("zone", EachZone, exponential(50.0 * HOUR), exponential(4.0 * HOUR)),
            600,
        ),
        (
            "equal nodes in zones of two regions",
            steady()
                .region("e", &["a", "b"])
                .region("w", &["c"])
                .database(quorum("d", &["a", "b", "c", "a", "b"], 2, 3))
                .stack("e", &part("d"))
                .fails("node", EachNode("d"), exponential(30.0 * HOUR), lognormal(5.0 * HOUR, 1.0))
                .fails("region", EachRegion, exponential(90.0 * HOUR), fixed(2.0 * HOUR))
                .fails("zone", EachZone, exponential(50.0 * HOUR), exponential(4.0 * HOUR)),
            600,
        ),
        (
            "equal nodes that lose their data",
            zones(steady())
                .database(
                    quorum("d", &["a", "a", "b"], 1, 2)
                        .rebuilt_in(exponential(3.0 * HOUR))
                        .backup(HOUR, exponential(2.0 * HOUR), gamma(4.0 * HOUR, 2.0)),
                )
                .fails("node", EachNode("d"), exponential(40.0 * HOUR), exponential(2.0 * HOUR))
                .kills("disk", EachNode("d"), exponential(20.0 * HOUR), exponential(HOUR))
                .kills("zone", EachZone, exponential(60.0 * HOUR), exponential(4.0 * HOUR)),
            600,
        ),
        (
            "copies in three regions",
            steady()
                .region("e", &["a"])
                .region("s", &["b"])
                .region("w", &["c"])
                .database(copies("d", &["e", "s", "w"], 1, 2))
                .stack("e", &part("d"))
                .stack("w", &part("d"))
                .found_by(weighted([("e", 3.0), ("w", 1.0)], 60.0).unchecked())
                .fails("node", EachNode("d"), exponential(30.0 * HOUR), exponential(3.0 * HOUR))
                .fails("region", EachRegion, exponential(50.0 * HOUR), exponential(4.0 * HOUR)),
            600,
        ),
        (
            "either of two databases that read and write unlike",
            zones(steady())
                .database(quorum("d", &["a", "a", "b"], 1, 3))
                .database(quorum("e", &["b", "b", "a"], 3, 1))
                .requiring(any_of([part("d"), part("e")]))
                .fails("d", EachNode("d"), exponential(20.0 * HOUR), exponential(5.0 * HOUR))
                .fails("e", EachNode("e"), exponential(10.0 * HOUR), exponential(5.0 * HOUR)),
            600,
        ),
        (
            "the better of two databases that read and write unlike",
            zones(steady())
                .database(quorum("d", &["a", "a", "b"], 1, 3))
                .database(quorum("e", &["b", "b", "a"], 3, 1))
                .database(quorum("f", &["b", "b", "a"], 2, 2))
                .requiring(k_of(2, [part("d"), part("e"), part("f")]))
                .fails("d", EachNode("d"), exponential(20.0 * HOUR), exponential(5.0 * HOUR))
                .fails("e", EachNode("e"), exponential(10.0 * HOUR), exponential(5.0 * HOUR))
                .fails("f", EachNode("f"), exponential(10.0 * HOUR), exponential(3.0 * HOUR)),
            600,
        ),
        (
            "spares of zones that fail",
            unit(outage(zones(steady()).tier(pool("t", 3).required(2).spared(2, 0.4, exponential(HOUR), 0.8)))),
            600,
        ),
        (
            "spares, one crew and an old spare",
            steady()
                .region("r", &["a"])
                .tier(crewed_pool("t", 2, 1).required(2).spared(2, 0.5, exponential(HOUR), 0.7))
                .fails("unit", EachUnit("t"), gamma(10.0 * HOUR, 2.0), exponential(2.0 * HOUR)),
            600,
        ),
        (
            "spares that are killed",
            unit(steady().region("r", &["a"]).tier(
                replaced_pool("t", 2, exponential(5.0 * HOUR)).required(2).spared(1, 0.0, gamma(HOUR, 2.0), 0.9),
            ))
            .kills("zone", EachZone, exponential(40.0 * HOUR), exponential(2.0 * HOUR)),
            600,
        ),
        (
            "spares behind a load balancer",
            unit(outage(zones(steady()).tier(pool("t", 2).spared(1, 0.2, exponential(0.5 * HOUR), 1.0).behind(balancer(seen()))))),
            600,
        ),
    ]
}

/// The simulation is within 4.2 standard errors of the exact value: beyond lies 2.7e-5 of the normal law, for each of 87 comparisons.
#[test]
fn the_simulation_agrees() {
    let mut wrong = Vec::new();
    for (name, world, replications) in simulated() {
        let design = world.build();
        let exact = answer(&design).unwrap_or_else(|obstacles| panic!("{name}: {obstacles:?}"));
        let expected = exact.from_new.unwrap_or(exact.stationary);
        let options = Options { seed: 20_261_124, replications, ..Options::default() };
        let study = run(std::slice::from_ref(&design), &options).expect("a design that can be simulated");
        let seen = &study.architectures[0];
        for (metric, estimate, exact) in [
            ("request", seen.unavailability_request, expected.unavailability_request),
            ("time", seen.unavailability_time, expected.unavailability_time),
            ("incidents", seen.incidents_per_year, expected.incidents_per_year),
        ] {
            let z = (estimate.estimate - exact) / standard_error(&estimate, replications);
            println!("{name:<52} {metric:<10} {exact:<12.6e} {:<12.6e} z {z:+.2}", estimate.estimate);
            if z.is_nan() || z.abs() > 4.2 {
                wrong.push(format!("{name}: {metric} {exact:e} but {:e}, z {z:+.2}", estimate.estimate));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

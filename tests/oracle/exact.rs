//! Exact answers against numbers from elsewhere, and against each other.

use crate::answers::{at_least, binomial};
use crate::design::Place::{EachRegion, EachUnit, EachZone, OneRegion, OneZone, Service};
use crate::design::{
    DAY, HOUR, MINUTE, World, YEAR, all_of, any_of, balancer, checked_after, crewed_pool, exponential, failover, fixed,
    k_of, part, pool, replaced_pool, uniform, wearing, world,
};
use ridethrough::exact::{Answer, Budget, answer, answer_within};
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

/// What is derived on paper, state by state or as a sum, has an exact answer in the long run that is the same number.
#[test]
fn what_is_derived_on_paper() {
    let groups = ridethrough::selftest::groups();
    let (_, cases) = groups.into_iter().find(|(name, _)| *name == "chains").expect("a file of cases");
    assert!(cases.len() >= 16);
    for case in cases {
        let name = case.name();
        let found = answer(case.design()).unwrap_or_else(|obstacles| panic!("{name}: {obstacles:?}")).stationary;
        let found = [found.unavailability_request, found.unavailability_time, found.incidents_per_year];
        assert!(case.claimed().iter().any(Option::is_some), "{name}");
        for (found, claimed) in found.into_iter().zip(case.claimed()) {
            let holds = claimed.is_none_or(|claimed| (found / claimed - 1.0).abs() < 1e-10);
            assert!(holds, "{name}: {found:e}, not {claimed:?}");
        }
    }
}

/// An incident that is open when time begins to count is one: of a unit that is up and down for 10 h each, half of the histories have one then,
/// and as many begin in the 10 h after it.
#[test]
fn an_incident_that_is_open_after_the_warm_up_counts() {
    let unit = |tier: crate::design::TierPart| {
        let world = world(110.0 * HOUR).warming_up(100.0 * HOUR).region("r", &["a"]).tier(tier);
        exactly(world.fails("unit", EachUnit("t"), exponential(10.0 * HOUR), exponential(10.0 * HOUR)))
    };
    let hidden =
        ridethrough::model::LoadBalancer { cross_zone: false, ..balancer(checked_after(fixed(0.0), fixed(0.0))) };
    for (found, is_chain) in [(unit(pool("t", 1)), false), (unit(pool("t", 1).behind(hidden)), true)] {
        assert_eq!(found.states.is_some(), is_chain);
        close(found.stationary.incidents_per_year, YEAR / (20.0 * HOUR), 1e-12);
        let from_new = found.from_new.expect("little work");
        // What is left of the start after 100 h is e^-20.
        close(from_new.incidents_per_year, 2.0 * YEAR / (20.0 * HOUR), 1e-8);
        close(from_new.recovery_time_seconds.expect("incidents"), 5.0 * HOUR, 1e-8);
    }
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

//! Exact answers for parts of designs that as a whole have none, and exact answers beside a run.

use crate::design::Place::{ControlPlane, EachNode, EachRegion, EachUnit, EachZone, Service};
use crate::design::{
    DAY, HOUR, MINUTE, World, YEAR, all_of, balancer, checked_after, checked_every, copy, daily, database, exponential,
    failover, fixed, lognormal, never, part, people, pool, quorum, rollout, wearing, world,
};
use ridethrough::exact::{Reduced, answer, parts};
use ridethrough::experiment::{Options, run, verify};
use ridethrough::model::{Breaker, Client, Retry, Trip};
use ridethrough::study::{About, Beside, Verification};
use ridethrough::units::{Fraction, Seconds};
use std::sync::atomic::AtomicBool;

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found / expected - 1.0).abs() <= tolerance, "{found:e} is not {expected:e}");
}

/// A shop with all that stands in the way: names, rules of intervals, people, a profile, releases, retries.
fn shop() -> World {
    let breaker = Breaker {
        trip: Trip::Consecutive(5),
        reset_timeout: Seconds(30.0),
        half_open: 1,
        fallback: Fraction::ZERO,
        callers: 1,
    };
    let needs = || all_of([part("web"), part("orders"), part("ledger"), part("pay")]);
    world(600.0 * HOUR)
        .region("e", &["e1", "e2"])
        .region("w", &["w1"])
        .tier(pool("web", 3).within(&["e1", "e2", "w1"]).behind(balancer(checked_every(60.0, 2, 5))))
        .database(quorum("ledger", &["e1", "e2", "w1"], 2, 2))
        .database(
            database("orders", "e1")
                .noticed_after(fixed(0.5 * HOUR))
                .rebuilt_in(exponential(2.0 * HOUR))
                .backup(HOUR, exponential(HOUR), exponential(4.0 * HOUR))
                .standby(copy("e2").decided_in(fixed(0.2 * HOUR)).promoted_in(fixed(HOUR)))
                .replica(copy("w1").decided_by(people(exponential(HOUR))).promoted_in(fixed(HOUR))),
        )
        .soft_dependency("pay", 0.5)
        .called(|it| {
            it.breaker = Some(breaker);
            it.retry = Retry { attempts: 2, waits: vec![Seconds(1.0)] };
            it.client =
                Client { share: Fraction::new(0.2).unwrap_or(Fraction::ONE), pool: Some(50), ..Client::default() };
        })
        .stack("e", &needs())
        .stack("w", &needs())
        .found_by(failover(["e", "w"], 60.0))
        .busier(daily(8.0 * HOUR, 18.0 * HOUR), 2.0)
        .changed(rollout("release", EachUnit("web")).undone(exponential(HOUR), fixed(HOUR)))
        .fails("unit", EachUnit("web"), exponential(20.0 * HOUR), lognormal(2.0 * HOUR, 1.0))
        .fails("node", EachNode("orders"), exponential(30.0 * HOUR), exponential(5.0 * HOUR))
        .kills("volume", EachNode("orders"), exponential(300.0 * HOUR), exponential(5.0 * HOUR))
        .fails("copy", EachNode("ledger"), exponential(30.0 * HOUR), exponential(HOUR))
        .fails("pay", Service("pay"), exponential(50.0 * HOUR), lognormal(2.0 * HOUR, 1.0))
        .fails("zone", EachZone, exponential(100.0 * HOUR), exponential(4.0 * HOUR))
        .fails("control", ControlPlane("e"), exponential(60.0 * HOUR), exponential(6.0 * HOUR))
        .fails("region", EachRegion, exponential(200.0 * HOUR), fixed(3.0 * HOUR))
}

fn named<'a>(parts: &'a [Reduced], name: &str) -> &'a Reduced {
    parts.iter().find(|part| part.name == name).unwrap_or_else(|| panic!("no {name}"))
}

fn keys(part: &Reduced) -> Vec<&str> {
    part.set_aside.iter().map(|obstacle| obstacle.key.as_str()).collect()
}

/// Each part has only what is about it set aside, and the values that are known on paper.
#[test]
fn parts_by_themselves() {
    let design = shop().build();
    assert!(answer(&design).is_err());
    let found = parts(&design);
    let names: Vec<&str> = found.iter().map(|part| part.name.as_str()).collect();
    let all = ["tier.web in e", "database.orders", "database.ledger", "dependency.pay", "region e"];
    assert!(all.iter().all(|name| names.contains(name)) && names.len() == all.len(), "{names:?}");
    let long_run = |part: &Reduced| part.answer.as_ref().expect("an answer").stationary.unavailability_request;

    // A fifth of the requests call it, half of those fail while it is down.
    let pay = named(&found, "dependency.pay");
    close(long_run(pay), 0.2 * 0.5 * 2.0 / 52.0, 1e-12);
    assert_eq!(
        keys(pay),
        ["demand.profile", "dependency.pay.breaker", "dependency.pay.retry", "dependency.pay.client"]
    );
    assert!(pay.changes.is_empty());

    close(long_run(named(&found, "region e")), 3.0 / 203.0, 1e-12);

    let web = named(&found, "tier.web in e");
    assert_eq!(keys(web), ["change.release", "demand.profile"]);
    let changed: Vec<&str> = web.changes.iter().map(|change| change.key.as_str()).collect();
    let laws = [
        "failure.region.repair",
        "failure.unit.repair",
        "tier.web.load_balancer.detection",
        "tier.web.load_balancer.recovery",
    ];
    assert_eq!(changed, laws);

    let orders = named(&found, "database.orders");
    assert_eq!(keys(orders), ["demand.profile", "database.orders.replica.decision", "failure.volume"]);
    // More than the region it stands in, less than a node with its zone and region would lose.
    let alone = 1.0 - 30.0 / 35.0 * 100.0 / 104.0 * 200.0 / 203.0;
    assert!((3.0 / 203.0..alone).contains(&long_run(orders)), "{}", long_run(orders));

    // Two of three nodes, each up with its zone; one of them stands in the other region, and the requests come from this one.
    let ledger = named(&found, "database.ledger");
    assert_eq!(keys(ledger), ["demand.profile"]);
    let region = 200.0 / 203.0;
    let here = 30.0 / 31.0 * 100.0 / 104.0;
    let there = here * region;
    let two = here * here + 2.0 * here * (1.0 - here) * there;
    close(long_run(ledger), 1.0 - region * two, 1e-12);
}

fn verified(world: World, replications: u64) -> Verification {
    let options = Options { seed: 20_261_125, replications, ..Options::default() };
    verify(&world.build(), &options, &AtomicBool::new(false)).expect("a design that can be simulated")
}

/// Each part against the simulation of that part: within 4.2 standard errors, beyond which lies 2.7e-5 of the normal law, for each of fifteen
/// comparisons.
#[test]
fn parts_are_simulated() {
    let verification = verified(shop(), 400);
    assert!(verification.exact.is_none());
    let exact: Vec<_> = verification.parts.iter().filter_map(|part| Some((&part.name, part.exact.as_ref()?))).collect();
    assert_eq!(exact.len(), 5);
    for (name, verified) in exact {
        for claim in &verified.claims {
            let z = claim.z.expect("many incidents");
            assert!(
                z.abs() <= 4.2,
                "{name}: {} {:e} but {:e}, z {z:+.2}",
                claim.metric,
                claim.exact,
                claim.simulated.estimate
            );
            // It is no comparison if nearly anything would do.
            assert!(claim.simulated.half_width() < 0.3 * claim.exact, "{name}: {}", claim.metric);
        }
    }
}

fn beside(world: World, replications: u64) -> Option<Beside> {
    let options = Options { seed: 20_261_125, replications, exact: true, ..Options::default() };
    run(&[world.build()], &options).expect("a design that can be simulated").architectures.remove(0).exact
}

fn units(horizon: f64, mttf: ridethrough::law::Law, repair: ridethrough::law::Law) -> World {
    world(horizon).region("r", &["a"]).tier(pool("t", 3).required(2)).fails("unit", EachUnit("t"), mttf, repair)
}

/// Like is compared with like: from new with from new, the long run with the long run, or nothing.
#[test]
fn a_run_is_compared_with_what_it_is_about() {
    let from_new = beside(units(40.0 * HOUR, exponential(20.0 * HOUR), exponential(2.0 * HOUR)), 4_000).expect("exact");
    assert_eq!(from_new.about, About::FromNew);
    let long_run = beside(units(4_000.0 * HOUR, wearing(20.0 * HOUR), fixed(2.0 * HOUR)).warming_up(400.0 * HOUR), 200);
    let long_run = long_run.expect("exact");
    assert_eq!(long_run.about, About::LongRun);
    // The start is counted, but it is nothing beside chance.
    let rare = beside(units(10.0 * YEAR, exponential(20.0 * DAY), lognormal(2.0 * HOUR, 1.0)), 20).expect("exact");
    assert_eq!(rare.about, About::LongRun);
    // What is left of repairs that began before the count drowns, although the outages are many: 240 hours against a mean of one.
    let warm = units(500.0 * HOUR, exponential(20.0 * HOUR), lognormal(HOUR, 1.0)).warming_up(250.0 * HOUR);
    let warm = beside(warm, 400).expect("exact");
    assert_eq!(warm.about, About::LongRun);
    // Of ten hours many begin with an incident that counts: a tenth of all, where 60,000 histories know a fiftieth.
    let short = units(260.0 * HOUR, exponential(20.0 * HOUR), lognormal(HOUR, 1.0)).warming_up(250.0 * HOUR);
    let short = beside(short, 60_000).expect("exact");
    let stationary = &short.answer.stationary;
    let counted = stationary.incidents_per_year + stationary.unavailability_time * YEAR / (10.0 * HOUR);
    assert!((short.claims[2].exact - counted).abs() <= 1e-9 * counted);
    for it in [&from_new, &long_run, &rare, &warm, &short] {
        assert_eq!((it.claims.len(), it.without_z()), (3, None));
        for claim in &it.claims {
            let z = claim.z.expect("many incidents");
            assert!(z.abs() <= 4.2, "{:?} {}: z {z:+.2}", it.about, claim.metric);
        }
    }
    // Wear: all units are new at the start, so that less fails than in the long run.
    let only = beside(units(10.0 * HOUR, wearing(20.0 * HOUR), fixed(2.0 * HOUR)), 2_000).expect("exact");
    assert_eq!(only.about, About::LongRunOnly);
    assert!(only.without_z().is_some() && only.claims.iter().all(|claim| claim.z.is_none()));
    assert!(only.claims[0].simulated.high < only.claims[0].exact);
    // Down for ever is no answer for five years.
    assert!(beside(units(5.0 * YEAR, wearing(4.0 * YEAR), never()), 10).is_none());
}

/// No answer, an answer that would cost too much, and nobody who asked.
#[test]
fn a_run_may_stand_alone() {
    let rule = pool("t", 2).behind(balancer(checked_every(60.0, 2, 5)));
    let rule = world(YEAR).region("r", &["a"]).tier(rule).fails("unit", EachUnit("t"), exponential(DAY), never());
    assert!(beside(rule, 2).is_none());
    let seen = || checked_after(exponential(20.0 * MINUTE), exponential(30.0 * MINUTE));
    let large = world(30.0 * DAY)
        .region("r", &["a", "b"])
        .tier(pool("t", 8).behind(balancer(seen())))
        .fails("unit", EachUnit("t"), exponential(DAY), exponential(HOUR))
        .fails("zone", EachZone, exponential(DAY), exponential(HOUR));
    assert!(beside(large, 2).is_none());
    let quiet = Options { replications: 2, ..Options::default() };
    let design = units(YEAR, exponential(DAY), exponential(HOUR)).build();
    assert!(run(&[design], &quiet).expect("sound").architectures[0].exact.is_none());
}

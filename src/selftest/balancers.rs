//! Load balancers: how long a failed target keeps its share, and what a zone takes with it.

use super::answers::{Target, integral};
use super::check::Metric::{Incidents, Lost, Recovery, Stage, Unavailability};
use super::check::{Case, case, table};
use super::design::Place::{EachUnit, OneRegion, OneZone};
use super::design::{
    HOUR, MINUTE, TierPart, World, balancer, checked_after, checked_every, exponential, fixed, pool, shallow, world,
    zonal_balancer,
};
use ridethrough::law::Law;
use ridethrough::model::HealthCheck;

const LIFE: f64 = 2.0 * HOUR;
const REPAIR: f64 = 10.0 * MINUTE;

/// Units in one zone that fail on their own, in the steady state.
fn units(tier: TierPart) -> World {
    world(110.0 * HOUR).warming_up(10.0 * HOUR).region("r", &["a"]).tier(tier)
}

fn failing(tier: TierPart, repair: Law) -> World {
    units(tier).fails("unit", EachUnit("t"), exponential(LIFE), repair)
}

/// Probability not to fail for a fixed time.
fn stays(time: f64) -> f64 {
    (-time / LIFE).exp()
}

/// Units that are repaired in 10 min, are undetected for a mean time shorter than that, and return at once.
fn detected_after(mean: f64) -> Target {
    Target::new(LIFE, REPAIR, mean, REPAIR - mean, 1.0, 1.0)
}

/// Units that are never seen: each is asked for its share all the time, and works MTTF / (MTTF + MTTR) of it.
fn unseen(repair: f64) -> f64 {
    repair / (LIFE + repair)
}

/// A unit that fails keeps its share of the requests until it is out. To first order D / n is lost for each failure; the exact sum
/// over the states of all units also has those that fail together.
fn detection() -> Vec<Case> {
    let n = 4;
    let four = |check: HealthCheck| pool("t", n).behind(balancer(check));
    let at_once = |detection: Law| checked_after(detection, fixed(0.0));
    let by_rule = |check: HealthCheck| HealthCheck { recovery: Some(fixed(0.0)), ..check };
    let lost = |name: &str, world: World, target: Target| {
        case(name, world).replications(350).about(Unavailability, target.lost_by(n, 1.0), "sum over states of units")
    };
    // D exponential of mean 30 s against a repair of 60 s: undetected for 30 (1 - exp(-2)), seen with probability 1 - exp(-2) ...
    let before = (-2.0f64).exp();
    let racing = 30.0 * (1.0 - before);
    // ... and, when it is, back after 5 min, which it survives with probability exp(-300 / MTTF).
    let race = Target::new(LIFE, 60.0, racing, 60.0 - racing, 1.0 - before, stays(300.0));
    let recovering = Target::new(LIFE, REPAIR, 30.0, REPAIR - 30.0, 1.0, stays(300.0));
    // By the rule the return takes U + 4 · 30 s, U uniform on (0, 30 s): exp(-120 / M) (1 - exp(-30 / M)) M / 30.
    let survives = stays(120.0) * (1.0 - stays(30.0)) * LIFE / 30.0;
    let ruled = Target::new(LIFE, REPAIR, 45.0, REPAIR - 45.0, 1.0, survives);
    let mut cases: Vec<Case> = vec![
        lost("out after 30 s", failing(four(at_once(fixed(30.0))), fixed(REPAIR)), detected_after(30.0)),
        lost(
            "out after U + 30 s",
            failing(four(by_rule(checked_every(30.0, 2, 5))), fixed(REPAIR)),
            detected_after(15.0 + 30.0),
        ),
        lost(
            "out after U + 3 · 10 s",
            failing(four(by_rule(checked_every(10.0, 4, 5))), fixed(REPAIR)),
            detected_after(5.0 + 30.0),
        ),
        lost(
            "out after U + 30 s, back after U + 120 s",
            failing(four(checked_every(30.0, 2, 5)), fixed(REPAIR)),
            ruled,
        ),
        lost(
            "a hang, deep: out after U + 30 + 5 s",
            units(four(by_rule(checked_every(30.0, 2, 5)))).hangs(
                "unit",
                EachUnit("t"),
                exponential(LIFE),
                fixed(REPAIR),
            ),
            detected_after(15.0 + 30.0 + 5.0),
        ),
        lost(
            "out after 30 s, back after 5 min, repaired meanwhile or not",
            failing(four(checked_after(fixed(30.0), fixed(300.0))), fixed(REPAIR)),
            recovering,
        ),
        lost(
            "detection races with repair",
            failing(four(checked_after(exponential(30.0), fixed(300.0))), fixed(60.0)),
            race,
        ),
    ];
    cases.push(
        case("repaired before it is seen", failing(four(checked_after(fixed(30.0), fixed(300.0))), fixed(20.0)))
            .replications(350)
            .about(Unavailability, unseen(20.0), "never out: repair / n for each failure"),
    );
    cases.push(
        case(
            "a hang, shallow",
            units(four(shallow(checked_every(30.0, 2, 5)))).hangs(
                "unit",
                EachUnit("t"),
                exponential(LIFE),
                exponential(REPAIR),
            ),
        )
        .replications(350)
        .about(Unavailability, unseen(REPAIR), "never seen: repair / n for each failure"),
    );
    cases
}

/// The way back costs capacity and nothing else.
fn recovery() -> Vec<Case> {
    // Often enough that targets fail again on their way back, and stay out.
    let target = Target::new(LIFE, REPAIR, 30.0, REPAIR - 30.0, 1.0, stays(1_200.0));
    let slow = || checked_after(fixed(30.0), fixed(1_200.0));
    let small = |n: u32, each: f64| {
        let tier = pool("t", n).capacity(each).behind(balancer(slow()));
        case(format!("{n} targets at {each} %, 20 min back"), failing(tier, fixed(REPAIR))).replications(250).about(
            Unavailability,
            target.lost_by(n, each / 100.0),
            "sum over states of units, with capacity",
        )
    };
    let outage = |tier: TierPart, repair: f64| {
        world(20.0 * HOUR).region("r", &["a"]).tier(tier).fails(
            "unit",
            EachUnit("t"),
            fixed(10.0 * HOUR),
            fixed(repair),
        )
    };
    // A zone with one of three targets fails for an hour. Until the node and the target in it are seen, 1/3 of the clients and 1/3 of
    // the requests of the others: 5/9. Then two targets carry 80 %, until the third is back one minute after the outage.
    let three = pool("t", 3).capacity(40.0).behind(balancer(checked_after(fixed(30.0), fixed(60.0))));
    let zone = world(20.0 * HOUR).region("r", &["a", "b", "c"]).tier(three).fails(
        "zone",
        OneZone("a"),
        fixed(10.0 * HOUR),
        fixed(HOUR),
    );
    let region = world(20.0 * HOUR)
        .region("r", &["a", "b"])
        .tier(pool("t", 2).capacity(50.0).behind(balancer(checked_after(fixed(30.0), fixed(300.0)))))
        .fails("region", OneRegion("r"), fixed(10.0 * HOUR), fixed(HOUR));
    table([
        small(3, 50.0),
        small(2, 60.0),
        case("one of three back a minute later", zone).exactly(
            Lost,
            30.0 * 5.0 / 9.0 + 0.2 * (3_570.0 + 60.0),
            "5/9 until detected, 20 % until back",
        ),
        // One target, or two that fail together: all are out, so all that are registered get traffic, and serve as soon as they work.
        case("fail open, one target", outage(pool("t", 1).behind(balancer(slow())), REPAIR))
            .exactly(Lost, REPAIR, "the repair, no recovery delay")
            .exactly(Stage(0), 30.0, "detection")
            .exactly(Stage(4), REPAIR - 30.0, "repair"),
        case("fail open, two targets", outage(pool("t", 2).behind(balancer(slow())), REPAIR))
            .exactly(Lost, REPAIR, "the repair, no recovery delay")
            .exactly(Recovery(0.5), REPAIR, "the repair"),
        case("over before it is detected", outage(pool("t", 2).behind(balancer(slow())), 20.0)).exactly(
            Lost,
            20.0,
            "the repair",
        ),
        case("a region freezes its balancer", region).exactly(Lost, HOUR, "everything is back at its end").exactly(
            Incidents,
            1.0,
            "and stays",
        ),
    ])
}

/// A zone that fails takes its node, with an equal share of the clients, and its targets.
fn zones() -> Vec<Case> {
    let outage = |tier: TierPart, zones: &[&str]| {
        world(20.0 * HOUR).region("r", zones).tier(tier).fails("zone", OneZone("a"), fixed(10.0 * HOUR), fixed(HOUR))
    };
    let slow = || checked_after(fixed(30.0), fixed(60.0));
    let kept = |cross_zone: bool, zone_ttl: f64| {
        let mut balancer = zonal_balancer(slow(), zone_ttl);
        balancer.cross_zone = cross_zone;
        balancer
    };
    let abc = ["a", "b", "c"];
    // Each detected on its own, after U + 30 s: p(t) is 1 up to 30 s, then falls to 0 in another 30. While the node is in use a third of the
    // clients is lost. Of one target in each zone a third of the rest fails while it is undetected; of two in each, 2/6 while both of the
    // zone are undetected and 1/5 while one is.
    let p = |t: f64| f64::min(1.0, 2.0 - t / 30.0);
    let one = |t: f64| p(t) / 3.0;
    let two = |t: f64| p(t) * p(t) / 3.0 + 2.0 * p(t) * (1.0 - p(t)) / 5.0;
    let lost = |targets: &dyn Fn(f64) -> f64| {
        let share = |t: f64| 1.0 - (1.0 - p(t) / 3.0) * (1.0 - targets(t));
        integral(0.0, 30.0, 1, share) + integral(30.0, 60.0, 1, share)
    };
    // Two zones, cross-zone off, one target in each, which fail on their own. A node is used for a residual of the zone TTL, 30 s on average,
    // longer than its target gets traffic: as if detection took 60 s.
    let alone = world(110.0 * HOUR)
        .warming_up(10.0 * HOUR)
        .region("r", &["a", "b"])
        .tier(pool("t", 2).behind(zonal_balancer(checked_after(fixed(30.0), fixed(0.0)), 60.0)))
        .fails("unit", EachUnit("t"), exponential(LIFE), fixed(REPAIR));
    table([
        case("a third, cross-zone", outage(pool("t", 3).behind(balancer(slow())), &abc)).exactly(
            Lost,
            30.0 * 5.0 / 9.0,
            "1 - (2/3)²",
        ),
        case(
            "a zone without any target",
            world(20.0 * HOUR)
                .region("r", &["a", "b"])
                .tier(pool("t", 1).behind(zonal_balancer(slow(), 60.0)))
                .fails("zone", OneZone("b"), fixed(10.0 * HOUR), fixed(HOUR)),
        )
        .exactly(Lost, 0.0, "its node never had clients"),
        case("a third, cross-zone off", outage(pool("t", 3).behind(zonal_balancer(slow(), 0.0)), &abc)).exactly(
            Lost,
            30.0 / 3.0,
            "only the clients of the node",
        ),
        // Two zones, two of three targets in the one that fails.
        case("two thirds, cross-zone", outage(pool("t", 3).behind(balancer(slow())), &["a", "b"])).exactly(
            Lost,
            30.0 * 5.0 / 6.0,
            "1 - 1/2 · 1/3",
        ),
        case("two thirds, cross-zone off", outage(pool("t", 3).behind(zonal_balancer(slow(), 0.0)), &["a", "b"]))
            .exactly(Lost, 30.0 / 2.0, "the half of the clients at the node"),
        case("an address kept for up to a minute", outage(pool("t", 3).behind(kept(true, 60.0)), &abc))
            .replications(4_000)
            .about(Lost, 30.0 * 5.0 / 9.0 + 30.0 / 3.0, "a third for a residual of 30 s more"),
        case("the same, cross-zone off", outage(pool("t", 3).behind(kept(false, 60.0)), &abc))
            .replications(4_000)
            .about(Lost, 30.0 / 3.0 + 30.0 / 3.0, "a third for 60 s"),
        case(
            "one target in each zone, by the rule",
            outage(pool("t", 3).behind(balancer(checked_every(30.0, 2, 5))), &abc),
        )
        .replications(4_000)
        .about(Lost, lost(&one), "two random phases"),
        case(
            "two targets in each zone, by the rule",
            outage(pool("t", 6).behind(balancer(checked_every(30.0, 2, 5))), &abc),
        )
        .replications(4_000)
        .about(Lost, lost(&two), "three random phases"),
        case("targets of nodes of their own", alone).replications(400).about(
            Unavailability,
            detected_after(60.0).lost_by(2, 1.0),
            "sum over states of units",
        ),
        // The only zone: its node is all that clients have, and its target all that it has.
        case("the only zone", outage(pool("t", 2).behind(balancer(slow())), &["a"])).exactly(
            Lost,
            HOUR,
            "fail open: back with the zone",
        ),
    ])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [detection(), recovery(), zones()].concat()
}

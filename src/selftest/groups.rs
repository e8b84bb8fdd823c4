//! Auto scaling groups: the stages of a replacement, the grace period, zones, control planes.

use super::answers::{Target, at_least};
use super::check::Metric::{
    Incidents, Lost, OpenIncidents, Recovery, RecoveryMax, RecoveryMean, Stage, Unavailability,
};
use super::check::{Case, case, table};
use super::design::Place::{ControlPlane, EachUnit, GlobalControlPlane, OneRegion, OneZone, WholeTier};
use super::design::{
    HOUR, MINUTE, TierPart, World, balancer, checked_after, checked_every, exponential, fixed, group, never, pool,
    shallow, world,
};

/// From the verdict to service: launch and boot.
const START: f64 = 40.0 + 100.0;

/// Stages of a recovery, by their index.
const DETECTION: usize = 0;
const ACTION: usize = 2;
const REPAIR: usize = 4;

/// One zone and one group whose units live for ten hours.
fn aging(horizon: f64, tier: TierPart) -> World {
    world(horizon).region("r", &["a"]).tier(tier).fails("f", EachUnit("t"), fixed(10.0 * HOUR), never())
}

/// The group with a balancer that sees failures after 30 s and returns after 20 s, and believes it.
fn believer(grace: f64) -> TierPart {
    group("t", 1).behind(balancer(checked_after(fixed(30.0), fixed(20.0)))).believing_the_balancer(grace)
}

/// Detection, termination, launch, boot, first passing check.
fn replacement() -> Vec<Case> {
    // Units that live for an exponential time are alternating renewal processes, each on its own: binomial.
    let (life, cycle) = (2.0 * HOUR, 60.0 + START);
    let three = |tier: TierPart| {
        world(110.0 * HOUR).warming_up(10.0 * HOUR).region("r", &["a"]).tier(tier).fails(
            "f",
            EachUnit("t"),
            exponential(life),
            never(),
        )
    };
    // Behind a balancer: 30 s in traffic and failing, then 10 + 40 + 100 + 20 s not there.
    let balanced = group("t", 3)
        .terminating_in(fixed(10.0))
        .behind(balancer(checked_after(fixed(30.0), fixed(20.0))))
        .believing_the_balancer(120.0);
    let away = Target { good: life, undetected: 30.0, out: 10.0 + START + 20.0, returning: 0.0 };
    let repairing = |repair: f64| {
        let world = world(15.0 * HOUR).region("r", &["a"]).tier(group("t", 1));
        world.fails("f", EachUnit("t"), fixed(10.0 * HOUR), fixed(repair))
    };
    // The region is killed half a minute after the launch: the boot comes to nothing, and all starts over when it is back.
    let booting = aging(31.0 * HOUR, group("t", 1)).kills("r", OneRegion("r"), fixed(10.0 * HOUR + 130.0), fixed(HOUR));
    table([
        case("killed while it boots", booting).replications(2).exactly(
            RecoveryMax,
            130.0 + HOUR + START,
            "until the region is back, then launch and boot",
        ),
        case("stages add up", aging(31.0 * HOUR, group("t", 1).terminating_in(fixed(10.0))))
            .exactly(Lost, 3.0 * (60.0 + 10.0 + START), "60 + 10 + 40 + 100, three times")
            .exactly(Recovery(0.5), 60.0 + 10.0 + START, "each")
            .exactly(Stage(DETECTION), 180.0, "detection")
            .exactly(Stage(ACTION), 3.0 * (10.0 + START), "action"),
        case("through the balancer", aging(31.0 * HOUR, believer(300.0).terminating_in(fixed(10.0)))).exactly(
            Lost,
            3.0 * (30.0 + 10.0 + START + 20.0),
            "30 + 10 + 40 + 100 + 20, three times",
        ),
        // By the rule: out after U + 30 s, then the first check at or after the end of the boot, 15 s later on average.
        case(
            "through the balancer, by the rule",
            aging(12.0 * HOUR, group("t", 1).behind(balancer(checked_every(30.0, 2, 5))).believing_the_balancer(300.0)),
        )
        .replications(3_000)
        .about(RecoveryMean, 45.0 + START + 15.0, "45 + 40 + 100 + 15"),
        case("2 of 3 units", three(group("t", 3).required(2))).replications(400).about(
            Unavailability,
            1.0 - at_least(3, 2, life / (life + cycle)),
            "binomial",
        ),
        case("3 units behind a balancer", three(balanced)).replications(300).about(
            Unavailability,
            away.lost_by(3, 1.0),
            "sum over states of units",
        ),
        // Half of the launches fail, 40 s each, and are tried again 60 s later: two on average, geometric.
        case("launches fail", aging(11.0 * HOUR, group("t", 1).failing_to_launch(0.5, fixed(60.0))))
            .replications(4_000)
            .about(RecoveryMean, 60.0 + 2.0 * 40.0 + 60.0 + 100.0, "1/p launches, 1/p - 1 retries")
            // Up to four attempts have probability 15/16: the 95th percentile is the fifth.
            .inside(Recovery(0.95), 60.0 + 5.0 * 40.0 + 4.0 * 60.0 + 100.0, "geometric"),
        case("repaired before the verdict", repairing(20.0)).exactly(Lost, 20.0, "the repair: the unit stays"),
        case("repaired too late", repairing(HOUR)).exactly(Lost, 60.0 + START, "the unit is replaced"),
    ])
}

/// Which check sees what.
fn symptoms() -> Vec<Case> {
    let young = |tier: TierPart| world(15.0 * HOUR).region("r", &["a"]).tier(tier);
    let life = || fixed(10.0 * HOUR);
    let replaced = 30.0 + START + 20.0;
    table([
        case("EC2 checks do not see a crash", young(group("t", 1)).crashes("f", EachUnit("t"), life(), never()))
            .exactly(Lost, 5.0 * HOUR, "to the end")
            .exactly(OpenIncidents, 1.0, "without an end"),
        case("EC2 checks do not see a hang", young(group("t", 1)).hangs("f", EachUnit("t"), life(), never())).exactly(
            Lost,
            5.0 * HOUR,
            "to the end",
        ),
        case("balancers see a crash", young(believer(300.0)).crashes("f", EachUnit("t"), life(), never())).exactly(
            Lost,
            replaced,
            "30 + 40 + 100 + 20",
        ),
        case("deep checks see a hang", young(believer(300.0)).hangs("f", EachUnit("t"), life(), never())).exactly(
            Lost,
            replaced,
            "a detection law includes everything",
        ),
        case(
            "shallow checks do not",
            young(
                group("t", 1)
                    .behind(balancer(shallow(checked_after(fixed(30.0), fixed(20.0)))))
                    .believing_the_balancer(300.0),
            )
            .hangs("f", EachUnit("t"), life(), never()),
        )
        .exactly(Lost, 5.0 * HOUR, "to the end"),
    ])
}

/// A mode of the whole tier looks to checks as if each unit failed.
fn whole_tiers() -> Vec<Case> {
    let push = |tier: TierPart| world(15.0 * HOUR).region("r", &["a"]).tier(tier);
    let life = || fixed(10.0 * HOUR);
    let blind = || {
        let check = shallow(checked_after(fixed(30.0), fixed(20.0)));
        group("t", 1).behind(balancer(check)).believing_the_balancer(300.0)
    };
    table([
        // Replaced at 30 s, launched at 70 s. No first check passes, so the verdict falls at 70 + 300 + 30 s, and so on, every 370 s. At 1 h the
        // tenth unit, launched at 70 + 9 · 370 = 3400 s, has booted, and passes its first check 20 s later.
        case("a crash, ELB checks", push(believer(300.0)).crashes("f", WholeTier("t", "r"), life(), fixed(HOUR)))
            .exactly(Lost, HOUR + 20.0, "replaced over and over, and checked")
            .exactly(Incidents, 1.0, "one"),
        case("a hang, shallow ELB checks", push(blind()).hangs("f", WholeTier("t", "r"), life(), fixed(HOUR))).exactly(
            Lost,
            HOUR,
            "not seen, nothing is replaced",
        ),
        case("a crash, EC2 checks", push(group("t", 1)).crashes("f", WholeTier("t", "r"), life(), fixed(HOUR)))
            .exactly(Lost, HOUR, "not seen, nothing is replaced"),
        case("a pool", push(pool("t", 4)).fails("f", WholeTier("t", "r"), life(), fixed(HOUR))).exactly(
            Lost,
            HOUR,
            "one shared outage",
        ),
        // The verdict of a booting unit falls at 70 + 300 + 30 = 400 s; it is launched again at 440 s and boots until 540 s.
        case(
            "gone before the next verdict",
            push(believer(300.0)).crashes("f", WholeTier("t", "r"), life(), fixed(390.0)),
        )
        .exactly(Lost, 390.0 + 20.0, "the unit launched at 70 s is checked"),
        case(
            "gone during the next boot",
            push(believer(300.0)).crashes("f", WholeTier("t", "r"), life(), fixed(410.0)),
        )
        .exactly(Lost, 440.0 + 100.0 + 20.0, "the unit launched at 440 s boots and is checked"),
    ])
}

/// A verdict falls no earlier than the grace period and one detection after the launch; what has not booted by then is launched again.
fn grace() -> Vec<Case> {
    let by_rule = |grace: f64| {
        let check = balancer(checked_every(30.0, 2, 5));
        aging(20.0 * HOUR, group("t", 1).booting_in(fixed(400.0)).behind(check).believing_the_balancer(grace))
    };
    // The first unit is past its grace: dead at 200 s, seen at 230 s, replaced at 390 s. That one dies at 590 s; its launch ended at 270 s, so
    // the verdict falls at 270 + 600 + 30 = 900 s, and the next is in service at 900 + 160 = 1060 s.
    let early =
        world(1_200.0).region("r", &["a"]).tier(believer(600.0)).fails("f", EachUnit("t"), fixed(200.0), never());
    table([
        // Verdict at 300 + U + 30 < 400 s after each launch: for ever.
        case("boot 400 s, grace 300 s", by_rule(300.0))
            .exactly(Lost, 10.0 * HOUR, "nothing after the first loss")
            .exactly(Incidents, 1.0, "one, without an end")
            .exactly(OpenIncidents, 1.0, "at the end"),
        // Verdict not before 430 s.
        case("boot 400 s, grace 400 s", by_rule(400.0)).replications(3_000).about(
            RecoveryMean,
            45.0 + 40.0 + 400.0 + 15.0,
            "45 + 40 + 400 + 15",
        ),
        case("boot 400 s, grace 420 s", by_rule(420.0)).replications(3_000).about(
            RecoveryMean,
            45.0 + 40.0 + 400.0 + 15.0,
            "45 + 40 + 400 + 15",
        ),
        // Verdict at 385 + U. U below 15 s: removed at 392.5 s on average, and launched again. Else it is there in time, and the check
        // that would have been the verdict is its first: at 385 + U, U uniform on (15, 30), 407.5 s on average. One of two, so one lost
        // launch on average.
        case("boot 400 s, grace 355 s", by_rule(355.0)).replications(4_000).about(
            RecoveryMean,
            45.0 + (40.0 + 392.5) + (40.0 + 407.5),
            "one lost launch on average",
        ),
        // With laws: verdict 60 + 30 s after the launch, boot 100 s.
        case("boot 100 s, grace 60 s, detection 30 s", aging(20.0 * HOUR, believer(60.0))).exactly(
            Lost,
            10.0 * HOUR,
            "nothing after the first loss",
        ),
        case("boot 100 s, grace 75 s, detection 30 s", aging(15.0 * HOUR, believer(75.0))).exactly(
            Lost,
            30.0 + START + 20.0,
            "the boot ends before the verdict at 105 s",
        ),
        case(
            "EC2 checks have no grace period",
            aging(15.0 * HOUR, group("t", 1).booting_in(fixed(400.0)).with_unused_grace(300.0)),
        )
        .exactly(Lost, 60.0 + 40.0 + 400.0, "60 + 40 + 400"),
        case("a death within the grace period", early)
            .exactly(Lost, (390.0 - 200.0) + (1_060.0 - 590.0), "190 + 470")
            .exactly(RecoveryMax, 470.0, "the second"),
    ])
}

/// Launches go where they can.
fn places() -> Vec<Case> {
    let two = |tier: TierPart| world(20.0 * HOUR).region("r", &["a", "b"]).tier(tier);
    let after = |seconds: f64| fixed(10.0 * HOUR + seconds);
    let alone = |tier: TierPart| {
        world(20.0 * HOUR).region("r", &["a"]).tier(tier).fails("zone", OneZone("a"), after(0.0), fixed(2.0 * HOUR))
    };
    let one = || two(group("t", 1)).fails("f", EachUnit("t"), after(0.0), never());
    let plane = |place| {
        aging(15.0 * HOUR, group("t", 1)).fails("plane", place, fixed(10.0 * HOUR - 60.0), fixed(10.0 * MINUTE))
    };
    table([
        // All of two units are required: lost until the second has moved to b.
        case(
            "a zone's units move",
            two(group("t", 2).required(2)).fails("zone", OneZone("a"), after(0.0), fixed(2.0 * HOUR)),
        )
        .exactly(Lost, 60.0 + START, "60 + 40 + 100"),
        // Half of the capacity while one unit moves; when a is back at 12 h one moves back at no cost, so that b at 13 h takes half again, not
        // everything.
        case(
            "and move back",
            two(group("t", 2).capacity(50.0)).fails("zone", OneZone("a"), after(0.0), fixed(2.0 * HOUR)).fails(
                "other",
                OneZone("b"),
                fixed(13.0 * HOUR),
                fixed(HOUR),
            ),
        )
        .exactly(Lost, 2.0 * 0.5 * (60.0 + START), "half for 200 s, twice"),
        case(
            "a zone masks for less than a verdict",
            two(group("t", 2).capacity(50.0)).fails("zone", OneZone("a"), after(0.0), fixed(30.0)),
        )
        .exactly(Lost, 0.5 * 30.0, "its unit is back"),
        case(
            "a zone kills in less than a verdict",
            two(group("t", 2).capacity(50.0)).kills("zone", OneZone("a"), after(0.0), fixed(30.0)),
        )
        .exactly(Lost, 0.5 * (60.0 + START), "its unit is replaced"),
        // Removed at 60 s, launched into a until 100 s, booted until 200 s.
        case("a zone fails during a launch", one().fails("zone", OneZone("a"), after(80.0), fixed(2.0 * HOUR)))
            .exactly(Lost, 100.0 + START, "at 100 s it starts over in b"),
        case("a zone fails during a boot", one().fails("zone", OneZone("a"), after(150.0), fixed(2.0 * HOUR))).exactly(
            Lost,
            200.0 + START,
            "at 200 s it starts over in b",
        ),
        case("the zone fails first", one().fails("zone", OneZone("a"), after(-20.0), fixed(2.0 * HOUR))).exactly(
            Lost,
            60.0 + START,
            "from 20 s before on, launched in b",
        ),
        // Found after 60 s and removed; what keeps the next launch waiting until 2 h is the zone.
        case("a group waits for its only zone", alone(group("t", 1)))
            .exactly(Stage(DETECTION), 60.0, "until found")
            .exactly(Stage(REPAIR), 2.0 * HOUR - 60.0, "until the zone is back")
            .exactly(Stage(ACTION), START, "40 + 100"),
        case("a group waits for its only zone after a removal of 30 s", alone(group("t", 1).terminating_in(fixed(30.0))))
            .exactly(Stage(DETECTION), 60.0, "until found")
            .exactly(Stage(REPAIR), 2.0 * HOUR - 90.0, "until the zone is back")
            .exactly(Stage(ACTION), 30.0 + START, "30 + 40 + 100"),
        // Down from a minute before the failure to nine minutes after it.
        case("launches wait for the control plane", plane(ControlPlane("r")))
            .exactly(Lost, 540.0 + START, "540 + 40 + 100")
            .exactly(Stage(REPAIR), 540.0 - 60.0, "from the verdict until the control plane is back")
            .exactly(Stage(ACTION), START, "40 + 100"),
        case("launches wait for the global control plane", plane(GlobalControlPlane)).exactly(
            Lost,
            540.0 + START,
            "540 + 40 + 100",
        ),
        case(
            "a launch that has begun needs no control plane",
            aging(15.0 * HOUR, group("t", 1)).fails("plane", ControlPlane("r"), after(70.0), fixed(HOUR)),
        )
        .exactly(Lost, 60.0 + START, "60 + 40 + 100"),
        case("a region masks a group", two(group("t", 2)).fails("region", OneRegion("r"), after(0.0), fixed(HOUR)))
            .exactly(Lost, HOUR, "its units are back"),
        case(
            "a region masks a group that believes its balancer",
            two(believer(300.0)).fails("region", OneRegion("r"), after(0.0), fixed(HOUR)),
        )
        .exactly(Lost, HOUR, "its units are back"),
    ])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [replacement(), symptoms(), whole_tiers(), grace(), places()].concat()
}

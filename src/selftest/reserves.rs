//! Regions that stand by, people who decide, many checkers, latency records: two regions behind a name with a TTL of a minute; the
//! first one fails after 10 h and is seen failing after 30 s unless something else is said.

use super::check::Metric::{Incidents, Lost, LostTo, RecoveryMax, Stage};
use super::check::{Case, case, table};
use super::design::Place::{ControlPlane, GlobalControlPlane, OneRegion, OneZone};
use super::design::{
    DAY, HOUR, MINUTE, Name, World, broken, checked_every, copy, database, exponential, failover, fixed, nearest, part,
    people, pool, standby, uniform, weighted, world,
};
use ridethrough::model::{Failback, Standby, Switch};

const TTL: f64 = 60.0;
/// Detection, and half a TTL on average over the clients.
const MOVE: f64 = 30.0 + TTL / 2.0;

fn plain() -> Name {
    failover(["one", "two"], TTL)
}

/// Two regions with four units each, of 50 requests a second: one region carries the demand of 100 twice.
fn regions(horizon: f64, name: Name) -> World {
    world(horizon)
        .region("one", &["a"])
        .region("two", &["b"])
        .tier(pool("t", 4).capacity(50.0))
        .stack("one", &part("t"))
        .stack("two", &part("t"))
        .found_by(name)
}

/// With one outage of the first region, from 10 h on.
fn outage(name: Name, repair: f64) -> World {
    regions(11.5 * HOUR + repair, name).fails("one", OneRegion("one"), fixed(10.0 * HOUR), fixed(repair))
}

/// It stands by with this share, is scaled up in 15 min, and clients go there at once.
fn at_once(part: f64) -> Standby {
    Standby { switch: Switch::AtOnce, ..standby(part, fixed(15.0 * MINUTE)) }
}

/// What each strategy loses when the first region is gone for good.
fn strategies() -> Vec<Case> {
    let lost = |name: &str, standby: Standby, lost: f64, how: &'static str| {
        case(name, outage(plain().standing_by("two", standby), 30.0 * HOUR)).exactly(Lost, lost, how).exactly(
            Incidents,
            1.0,
            "one outage",
        )
    };
    let restored = Standby { provision: fixed(6.0 * HOUR), ..standby(0.0, fixed(900.0)) };
    // The drain takes 60 s, over which the share s grows to 1. Two of eight units' worth, a quarter of 200/s, are half of the demand: beyond
    // s = 1/2 the rest is lost. In the drain (1 - s) is lost until s = 1/2, which is 30 s: 22.5 s; after it 1/2 is lost at any time.
    let half = 30.0 + 22.5 + 0.5 * (900.0 - 30.0);
    table([
        lost("hot standby", standby(1.0, fixed(0.0)), MOVE, "as without one: 30 + 30"),
        lost("warm standby that carries all", standby(0.5, fixed(900.0)), MOVE + 900.0, "the answer waits for 15 min"),
        lost("warm standby that carries all, at once", at_once(0.5), MOVE, "two of four units are enough"),
        lost("warm standby that carries half, at once", at_once(0.25), half, "30 + 22.5 + 870/2"),
        lost("pilot light", standby(0.0, fixed(900.0)), MOVE + 900.0, "30 + 900 + 30"),
        lost("pilot light, at once", at_once(0.0), 30.0 + 900.0, "nothing serves until it is scaled up"),
        lost("backup and restore", restored.clone(), MOVE + 6.0 * HOUR + 900.0, "30 + 21600 + 900 + 30")
            .exactly(Stage(0), 30.0, "detection")
            .exactly(Stage(2), 6.0 * HOUR + 900.0, "action: provisioning and scaling")
            .exactly(Stage(3), 30.0, "propagation"),
        lost(
            "backup and restore, at once",
            Standby { switch: Switch::AtOnce, ..restored },
            30.0 + 22_500.0,
            "30 + 22500",
        ),
        case("stages at once", outage(plain().standing_by("two", at_once(0.0)), 20.0 * HOUR))
            .exactly(Stage(0), 30.0, "detection")
            .exactly(Stage(2), 900.0 - 30.0, "what arrives in the second region waits for its units")
            .exactly(Stage(3), 30.0, "the others wait to be told"),
    ])
}

/// The first region returns, or the second or its control plane is not there.
fn standbys_come_and_go() -> Vec<Case> {
    let light = || plain().standing_by("two", standby(0.0, fixed(900.0)));
    let twice = |second: f64, standby: Standby| {
        regions(20.0 * HOUR, plain().standing_by("two", standby))
            .fails("first", OneRegion("one"), fixed(10.0 * HOUR), fixed(HOUR))
            .fails("second", OneRegion("one"), fixed(second), fixed(HOUR))
    };
    let plane = |ends: f64| {
        outage(light(), 5.0 * HOUR).fails("plane", ControlPlane("two"), fixed(9.0 * HOUR), fixed(HOUR + ends))
    };
    table([
        case("over before it is ready", outage(light(), 600.0)).exactly(Lost, 600.0, "nobody is sent there"),
        // Back at 10:10:00, gone again at 10:15:00: noticed at 10:15:30, and the standby begins anew.
        case(
            "over, and again",
            regions(20.0 * HOUR, light()).fails("first", OneRegion("one"), fixed(10.0 * HOUR), fixed(600.0)).fails(
                "second",
                OneRegion("one"),
                fixed(10.0 * HOUR + 900.0),
                fixed(5.0 * HOUR),
            ),
        )
        .exactly(Lost, 600.0 + MOVE + 900.0, "600 + 30 + 900 + 30"),
        // Back at 11 h, answered from 20 s on; the standby runs until 12:00:20.
        case("it still runs", twice(11.5 * HOUR, standby(0.0, fixed(900.0)))).exactly(
            Lost,
            MOVE + 900.0 + MOVE,
            "ready at the second outage",
        ),
        case("it stands by again", twice(12.5 * HOUR, standby(0.0, fixed(900.0)))).exactly(
            Lost,
            2.0 * (MOVE + 900.0),
            "scaled up again",
        ),
        case("its control plane is down", plane(1_800.0)).exactly(Lost, 1_800.0 + 900.0 + 30.0, "held until 10:30"),
        case("its control plane fails meanwhile", plane(20.0)).exactly(Lost, MOVE + 900.0, "back before it is needed"),
        case(
            "its control plane fails while it is scaled up",
            outage(light(), 5.0 * HOUR).fails("plane", ControlPlane("two"), fixed(10.0 * HOUR + 60.0), fixed(HOUR)),
        )
        .exactly(Lost, MOVE + 900.0, "what has been started goes on"),
        case(
            "hot standby, both control planes are down",
            outage(plain().standing_by("two", standby(1.0, fixed(0.0))), 5.0 * HOUR).fails(
                "plane",
                ControlPlane("two"),
                fixed(9.0 * HOUR),
                fixed(3.0 * HOUR),
            ),
        )
        .exactly(Lost, MOVE, "nothing has to be launched"),
        case(
            "ready, but no answer changes",
            outage(light(), 5.0 * HOUR).fails("plane", GlobalControlPlane, fixed(10.0 * HOUR + 500.0), fixed(1_000.0)),
        )
        .exactly(Lost, 1_500.0 + 30.0, "scaled up at 930 s, answered at 1500 s"),
        // Noticed at 10:00:30; the second region fails at 10:05 and is noticed at 10:05:30: no region is left, the answer stays. It is back at 11:05,
        // seen at 11:05:20 and, nothing else being left, answered and scaled up then.
        case(
            "the standby fails meanwhile",
            outage(light(), 5.0 * HOUR).fails("two", OneRegion("two"), fixed(10.0 * HOUR + 300.0), fixed(HOUR)),
        )
        .exactly(Lost, 300.0 + HOUR + 20.0 + 900.0, "300 + 3600 + 20 + 900"),
        case("no failback", outage(light().failback(Failback::Never), HOUR)).exactly(
            Lost,
            MOVE + 900.0,
            "all stay in the second",
        ),
    ])
}

/// A standby that may be broken.
fn latently_broken() -> Vec<Case> {
    // Broken for sure: a mean time to failure of 1 s. Known to work after its use, or never broken: one of 10^9 years.
    let certain = |exercise| Some(broken(1.0, exercise, fixed(2_000.0)));
    let never = Some(broken(3e16, None, fixed(2_000.0)));
    let with = |broken| plain().standing_by("two", Standby { broken, ..standby(1.0, fixed(0.0)) });
    let (m, t): (f64, f64) = (20.0 * DAY, 30.0 * DAY);
    // A failure at a random instant of a year of 12 exercises at a random phase, so that the age since the last one is uniform on (0, T): broken with
    // probability 1 - (m/T) (1 - exp(-T/m)). Before the first exercise the age is what has passed: the failure comes after 100 days.
    let probability = 1.0 - m / t * (1.0 - (-t / m).exp());
    let rare = |name: &str, exercise: Option<f64>, p: f64, how: &'static str| {
        let name_record = with(Some(broken(m, exercise, fixed(2_000.0))));
        let world = regions(110.0 * DAY, name_record).fails("one", OneRegion("one"), fixed(100.0 * DAY), fixed(HOUR));
        case(name, world).replications(6_000).about(Lost, MOVE + p * 2_000.0, how)
    };
    let data = |name: &str, broken| {
        world(200.0 * DAY)
            .region("one", &["a", "b"])
            .database(database("d", "a").standby(copy("b").promoted_in(fixed(60.0)).breaking(broken)))
            .fails("node", OneZone("a"), fixed(100.0 * DAY), fixed(HOUR))
            .named(name)
    };
    table([
        case("broken", outage(with(certain(None)), 5.0 * HOUR)).exactly(Lost, MOVE + 2_000.0, "30 + 2000 + 30"),
        case("not broken", outage(with(never), 5.0 * HOUR)).exactly(Lost, MOVE, "30 + 30"),
        case(
            "broken, at once",
            outage(
                plain().standing_by(
                    "two",
                    Standby { broken: certain(None), switch: Switch::AtOnce, ..standby(1.0, fixed(0.0)) },
                ),
                5.0 * HOUR,
            ),
        )
        .exactly(Lost, 30.0 + 2_000.0, "clients find it broken"),
        rare("exercised every 30 days", Some(t), probability, "1 - (m/T)(1 - exp(-T/m))"),
        rare("never exercised", None, 1.0 - (-100.0 * DAY / m).exp(), "1 - exp(-age/m), age 100 d and 30 s to 1e-5"),
        case("a standby of a database, broken", data("d", broken(1.0, None, fixed(2_000.0)))).exactly(
            Lost,
            2_060.0,
            "mended, then promoted",
        ),
        case("a standby of a database, exercised", data("d", broken(m, Some(t), fixed(2_000.0))))
            .replications(6_000)
            .about(Lost, 60.0 + probability * 2_000.0, "1 - (m/T)(1 - exp(-T/m))"),
    ])
}

/// A failback that takes the service down.
fn failback_risk() -> Vec<Case> {
    let risky = |probability: f64| plain().risking(probability, fixed(700.0));
    table([
        case("it fails", outage(risky(1.0), HOUR))
            .exactly(Lost, MOVE + 700.0, "60 + 700")
            .exactly(LostTo("one"), MOVE + 700.0, "both are the outage's")
            .exactly(Incidents, 2.0, "the outage, and its failback")
            .exactly(RecoveryMax, 700.0, "all is down"),
        case("it never fails", outage(risky(0.0), HOUR)).exactly(Lost, MOVE, "30 + 30"),
        case("one in five", outage(risky(0.2), HOUR)).replications(4_000).about(
            Lost,
            MOVE + 0.2 * 700.0,
            "60 + 0.2 · 700",
        ),
        case("no failback, no risk", outage(risky(1.0).failback(Failback::Never), HOUR)).exactly(Lost, MOVE, "60"),
        case(
            "nothing to fail back from",
            outage(risky(1.0), 4.0 * HOUR).fails("two", OneRegion("two"), fixed(10.0 * HOUR), fixed(4.5 * HOUR)),
        )
        .exactly(Lost, 4.0 * HOUR, "the first region was answered all the time"),
        // Back at 11 h; no answer changes until 11:30, and then the failback fails.
        case(
            "held by the control plane",
            outage(risky(1.0), HOUR).fails("plane", GlobalControlPlane, fixed(10.5 * HOUR), fixed(HOUR)),
        )
        .exactly(Lost, MOVE + 700.0, "once it is made"),
    ])
}

/// People on call: 15 min at work, 45 min more outside of Monday to Friday from 08:00 to 18:00.
fn on_call() -> Vec<Case> {
    let at = |name: &str, hours: f64, extra: f64, how: &'static str| {
        let decided = plain().decided_by(people(fixed(2_700.0)));
        let world = regions((hours + 4.0) * HOUR, decided).fails(
            "one",
            OneRegion("one"),
            fixed(hours * HOUR),
            fixed(5.0 * HOUR),
        );
        case(name, world).exactly(Lost, MOVE + 900.0 + extra, how)
    };
    let random = {
        let decided = plain().decided_by(people(fixed(2_700.0)));
        // Anywhere in the second week: 118 of its 168 hours are outside of those at work.
        let instant = uniform(7.0 * DAY - 30.0, 14.0 * DAY - 30.0);
        regions(15.0 * DAY, decided).fails("one", OneRegion("one"), instant, fixed(5.0 * HOUR))
    };
    let taken_over = world(14.0 * DAY)
        .region("one", &["a", "b"])
        .database(database("d", "a").standby(copy("b").decided_by(people(fixed(2_700.0)))))
        .fails("zone", OneZone("a"), fixed(5.5 * DAY), fixed(5.0 * HOUR));
    table([
        at("Tuesday at 10:00", 34.0, 0.0, "30 + 900 + 30"),
        at("Monday at 07:59:29", 8.0 - 31.0 / 3_600.0, 2_700.0, "the page comes at 07:59:59"),
        at("Monday at 07:59:30", 8.0 - 30.0 / 3_600.0, 0.0, "the page comes at 08:00"),
        at("Friday at 18:00", 4.0 * 24.0 + 18.0, 2_700.0, "30 + 900 + 2700 + 30"),
        at("Saturday at noon", 5.0 * 24.0 + 12.0, 2_700.0, "30 + 900 + 2700 + 30"),
        at("the second Monday at noon", 7.0 * 24.0 + 12.0, 0.0, "30 + 900 + 30"),
        case("a random instant of the week", random).replications(4_000).about(
            Lost,
            MOVE + 900.0 + 2_700.0 * 118.0 / 168.0,
            "118 of 168 hours",
        ),
        case("a database on Saturday", taken_over).exactly(Lost, 900.0 + 2_700.0, "900 + 2700"),
    ])
}

/// Many checkers: failing at the (n - q + 1)-th of n phases, healthy at the q-th; q = 3 of 15 or 16 at 18 %.
fn checkers() -> Vec<Case> {
    let seen = |count: u32| plain().checked(checked_every(30.0, 3, 3)).seen_by(count, 0.18);
    let found = |name: &str, count: u32, mean: f64, how: &'static str| {
        case(name, outage(seen(count), 5.0 * HOUR)).replications(2_000).about(Lost, mean + 30.0, how)
    };
    // With no region left the first is answered. The second is back after an hour, healthy at the third phase and two intervals more, and
    // clients are there half a TTL later; until it failed nobody was sent anywhere, as both failed at once.
    let back =
        |count: u32| outage(seen(count), 9.0 * HOUR).fails("two", OneRegion("two"), fixed(10.0 * HOUR), fixed(HOUR));
    table([
        found("one checker", 1, 15.0 + 60.0, "I/2 + 2 I"),
        found("two checkers", 2, 20.0 + 60.0, "both: 2/3 I + 2 I"),
        found("15 checkers", 15, 30.0 * 13.0 / 16.0 + 60.0, "the 13th of 15: 13/16 I + 2 I"),
        found("16 checkers", 16, 30.0 * 14.0 / 17.0 + 60.0, "the 14th of 16: 14/17 I + 2 I"),
        case("16 checkers, healthy again", back(16)).replications(2_000).about(
            Lost,
            HOUR + 30.0 * 3.0 / 17.0 + 60.0 + 30.0,
            "3600 + 3/17 I + 2 I + 30",
        ),
        case("over before it is seen", outage(seen(15), 59.0)).exactly(Lost, 59.0, "no checker has three failures"),
    ])
}

/// Clients of two populations.
fn latency_records() -> Vec<Case> {
    let two = || nearest([(0.6, &["one", "two"]), (0.4, &["two", "one"])], TTL);
    let three = world(20.0 * HOUR)
        .region("one", &["a"])
        .region("three", &["b"])
        .region("two", &["c"])
        .tier(pool("t", 1))
        .stack("one", &part("t"))
        .stack("two", &part("t"))
        .stack("three", &part("t"))
        .found_by(nearest(
            [(0.5, &["one", "two", "three"]), (0.3, &["two", "three", "one"]), (0.2, &["three", "one", "two"])],
            TTL,
        ))
        .fails("one", OneRegion("one"), fixed(10.0 * HOUR), fixed(4.0 * HOUR))
        .fails("two", OneRegion("two"), fixed(12.0 * HOUR), fixed(HOUR));
    table([
        case("those whose region fails move", outage(two(), 5.0 * HOUR)).exactly(Lost, 0.6 * MOVE, "0.6 of a failover"),
        case("and back, at no cost", outage(two(), HOUR)).exactly(Lost, 0.6 * MOVE, "0.6 of a failover"),
        // In the outage of the second region half of the clients, from the first, and three tenths are there.
        case("over two regions", three).exactly(Lost, 0.5 * MOVE + 0.8 * MOVE, "0.5 and 0.8 of a failover"),
        case("as weights", outage(weighted([("one", 0.6), ("two", 0.4)], TTL), 5.0 * HOUR)).exactly(
            Lost,
            0.6 * MOVE,
            "with two regions the same",
        ),
        case(
            "nowhere to go",
            outage(two(), 4.0 * HOUR).fails("two", OneRegion("two"), fixed(10.0 * HOUR), fixed(HOUR)),
        )
        .exactly(Lost, HOUR + 0.6 * (20.0 + 30.0), "each stays at its own; then 0.6 of them move"),
    ])
}

/// Failures at any time against the renewal formula: every outage of the first region costs one failover.
fn in_the_long_run() -> Vec<Case> {
    let light = plain().standing_by("two", standby(0.0, fixed(900.0)));
    let cycle = 20.0 * DAY + 6.0 * HOUR;
    let world = regions(400.0 * DAY, light).fails("one", OneRegion("one"), exponential(20.0 * DAY), fixed(6.0 * HOUR));
    // Renewals of a cycle X = exponential + fixed: the failures in a time L are L/c - r/c + (v - c²)/(2 c²) + ... in a history that starts up, where
    // the first failure is an exponential one: N(L) counted at failures is (L + r)/c - 1 + (c² + v)/(2 c²), v = m² the variance of X, to exp(-L/m).
    let (m, r) = (20.0 * DAY, 6.0 * HOUR);
    let failures = (400.0 * DAY + r) / cycle - 1.0 + (cycle * cycle + m * m) / (2.0 * cycle * cycle);
    table([case("a pilot light, a failure every 20 days", world).replications(2_000).about(
        Lost,
        failures * (MOVE + 900.0),
        "failures times a failover",
    )])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [strategies(), standbys_come_and_go(), latently_broken(), failback_risk(), on_call(), checkers(), latency_records(), in_the_long_run()].concat()
}

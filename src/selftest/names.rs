//! DNS: two regions that work but for what is said, a TTL of a minute, endpoints seen failing after 30 s and healthy after 20 s.
//!
//! Where all times are fixed the share of clients at a region is piecewise linear, or exponential, and every loss is exact.

use super::answers::{Kept, lost_to_a_region, stationary};
use super::check::Metric::{Incidents, Lost, Recovery, Stage, Unavailability};
use super::check::{Case, case, case_of, table};
use super::design::Place::{EachRegion, GlobalControlPlane, OneRegion, OneZone, Service, WholeTier};
use super::design::{
    HOUR, MINUTE, Name, World, all_of, checked_after, checked_every, copy, database, exponential, failover, fixed,
    k_of, part, pool, shallow, weighted, world,
};
use ridethrough::model::Failback;
use ridethrough::scenario::load_text;

const TTL: f64 = 60.0;
/// A failover: detection, then half a TTL on average over the clients.
const MOVE: f64 = 30.0 + TTL / 2.0;

fn plain() -> Name {
    failover(["one", "two"], TTL)
}

/// Two regions, each with a unit that everything needs.
fn regions(horizon: f64, name: Name) -> World {
    world(horizon)
        .region("one", &["a"])
        .region("two", &["b"])
        .tier(pool("t", 1))
        .stack("one", &part("t"))
        .stack("two", &part("t"))
        .found_by(name)
}

/// The same for 14 h, of which the first region is down from 10 h on.
fn outage(name: Name, repair: f64) -> World {
    regions(14.0 * HOUR, name).fails("one", OneRegion("one"), fixed(10.0 * HOUR), fixed(repair))
}

/// What an outage that outlasts everything costs: detection + decision + publication + TTL / 2 + what is stale.
fn long_outages() -> Vec<Case> {
    let long = |name: &str, dns: Name, lost: f64, how: &'static str| {
        case(name, outage(dns, 5.0 * HOUR)).exactly(Lost, lost, how).exactly(Incidents, 1.0, "one outage")
    };
    let hour = |name: &str, dns: Name, lost: f64, how: &'static str| {
        case(name, outage(dns, HOUR)).exactly(Lost, lost, how).exactly(Incidents, 1.0, "the way back costs nothing")
    };
    let automatic = |stability: f64| Failback::Automatic(fixed(stability));
    // One cohort of 10 % that is stale for 5 min: its share falls from 0.1 to 0 in the minute after, and is 0.01 at 54 s of it.
    let stale = || plain().cohort(0.1, TTL, Kept::For(300.0));
    // Or for an exponential time of mean m = 5 min: at t > T after the change the share is 0.1/T times the integral over u in (0, T) of
    // exp(-(t - u) / m), which is 0.1 (m / T) (exp(T / m) - 1) exp(-t / m), and 0.01 at t = m ln(10 (m / T) (exp(T / m) - 1)).
    let fading = || plain().cohort(0.1, TTL, Kept::AboutExponentially(300.0));
    let faded = 300.0 * (10.0 * 5.0 * (0.2f64.exp() - 1.0)).ln();
    table([
        long("failover", plain(), MOVE, "30 + 60/2").exactly(Recovery(0.5), 30.0 + 0.99 * TTL, "99 % of the drain"),
        case("an incident below 90 %", outage(plain(), 5.0 * HOUR).up_from(0.9)).exactly(
            Recovery(0.5),
            30.0 + 0.9 * TTL,
            "90 % of the drain",
        ),
        long("publication of 10 s", plain().published_in(fixed(10.0)), MOVE + 10.0, "30 + 10 + 30"),
        long("decision of 5 min", plain().decided_in(fixed(300.0)), MOVE + 300.0, "30 + 300 + 30"),
        long("by hand", plain().covered(0.0, fixed(1_200.0)), MOVE + 1_200.0, "30 + 1200 + 30"),
        long("its stages", plain().decided_in(fixed(300.0)).published_in(fixed(10.0)), 370.0, "30 + 300 + 10 + 30")
            .exactly(Stage(0), 30.0, "detection")
            .exactly(Stage(1), 300.0, "decision")
            .exactly(Stage(2), 10.0, "action: the record changes")
            .exactly(Stage(3), 30.0, "propagation"),
        long("a tenth stale for 5 min", stale(), MOVE + 0.1 * 300.0, "30 + 30 + 0.1 · 300").exactly(
            Recovery(0.5),
            30.0 + 300.0 + 0.9 * TTL,
            "90 % of the second drain",
        ),
        long("a tenth stale for 5 min on average", fading(), MOVE + 0.1 * 300.0, "30 + 30 + 0.1 · 300").exactly(
            Recovery(0.5),
            30.0 + faded,
            "exponential tail at 1 %",
        ),
        long(
            "a fifth keeps it for 5 min",
            plain().cohort(0.2, 300.0, Kept::For(0.0)),
            30.0 + 0.8 * 30.0 + 0.2 * 150.0,
            "two TTLs",
        ),
        long(
            "three cohorts",
            plain().cohort(0.2, 300.0, Kept::For(0.0)).cohort(0.3, TTL, Kept::For(90.0)),
            30.0 + 0.5 * 30.0 + 0.2 * 150.0 + 0.3 * (30.0 + 90.0),
            "weighted by share",
        ),
        hour("failback at once", plain(), MOVE, "30 + 60/2"),
        hour("failback when stable for an hour", plain().failback(automatic(HOUR)), MOVE, "30 + 60/2"),
        hour("failback by hand", plain().failback(Failback::Manual(fixed(HOUR))), MOVE, "30 + 60/2"),
        hour("no failback", plain().failback(Failback::Never), MOVE, "30 + 60/2"),
        hour("nobody looks", plain().unchecked(), HOUR, "the outage"),
        hour("the weight of a region", weighted([("one", 0.3), ("two", 0.7)], TTL), 0.3 * MOVE, "0.3 of a failover"),
        hour(
            "nobody looks, weighted",
            weighted([("one", 0.3), ("two", 0.7)], TTL).unchecked(),
            0.3 * HOUR,
            "its weight",
        ),
        // A random phase: U + 2 · 30 s, so 75 s on average.
        case("detection by the rule", outage(plain().checked(checked_every(30.0, 3, 3)), 5.0 * HOUR))
            .replications(2_000)
            .about(Lost, 15.0 + 60.0 + 30.0, "15 + 60 + 30"),
        case("coverage of a half", outage(plain().covered(0.5, fixed(1_200.0)), 5.0 * HOUR)).replications(3_000).about(
            Lost,
            MOVE + 0.5 * 1_200.0,
            "mixture",
        ),
        case(
            "the global control plane is down",
            outage(plain(), 2.0 * HOUR).fails("plane", GlobalControlPlane, fixed(9.0 * HOUR), fixed(HOUR + 300.0)),
        )
        .exactly(Lost, 300.0 + 30.0, "no answer changes until it is back"),
        case(
            "the region is back before the control plane",
            outage(plain(), 120.0).fails("plane", GlobalControlPlane, fixed(10.0 * HOUR + 20.0), fixed(HOUR)),
        )
        .exactly(Lost, 120.0, "the change that waited is called off"),
    ])
}

/// Clients move to a region that serves what its better member does: a tier of 45 of the 100 requests per second, or a dependency
/// that answers every second one. At a share s of the demand it serves s, then 0.45, and 0.5 s from 0.9 on; over one TTL that is
/// (0.45²/2 + 0.45 · 0.45 + 0.5 (1 - 0.81) / 2) = 0.35125 of it.
fn the_better_of_two_while_clients_move() -> Vec<Case> {
    let design = world(1_000.0)
        .region("one", &["a"])
        .region("two", &["b"])
        .tier(pool("all", 1))
        .tier(pool("some", 1).capacity(45.0))
        .dependency("half")
        .stack("one", &part("all"))
        .stack("two", &k_of(1, [part("some"), part("half")]))
        .found_by(plain())
        .fails("half", Service("half"), fixed(450.0), fixed(700.0))
        .partly(0.5)
        .fails("one", OneRegion("one"), fixed(500.0), fixed(300.0));
    let (detection, there, stay) = (30.0, 1.0 - 0.35125, 0.5);
    // Back again after 20 s, while what is left in the second region is served as on the way there.
    let back = 1.0 - 0.5 - 0.35125;
    let lost = detection + there * TTL + stay * (300.0 - detection - TTL) + stay * 20.0 + back * TTL;
    table([case("the better of two, while clients move", design)
        .exactly(Lost, lost, "30 + 0.64875 · 60 + 0.5 · 230 + 0.14875 · 60")])
}

/// Outages that end before the clients have moved.
fn short_outages() -> Vec<Case> {
    table([
        case("over before it is seen", outage(plain(), 20.0)).exactly(Lost, 20.0, "the outage"),
        case("over before the decision", outage(plain().decided_in(fixed(600.0)), 300.0)).exactly(
            Lost,
            300.0,
            "the outage",
        ),
        case("over before the publication", outage(plain().published_in(fixed(10.0)), 35.0)).exactly(
            Lost,
            35.0,
            "the outage",
        ),
        // 30 s, then half of the drain: the integral of 1 - t/60 to 30 s is 22.5. The other region works, so what follows costs nothing.
        case("over in the middle of the drain", outage(plain(), 60.0)).exactly(Lost, 30.0 + 22.5, "30 + 22.5"),
    ])
}

/// The first region fails at 0, its answer moves at 30 s; it is back at 40 s and its answer at 60 s; it fails again from 70 to 170 s, its answer
/// moves at 100 s and is back at 190 s.
fn flaps() -> Vec<Case> {
    let answers = [(30.0, false), (60.0, true), (100.0, false), (190.0, true)];
    let down = [(0.0, 40.0), (70.0, 170.0)];
    let lost = |ttl: f64, kept: Kept| lost_to_a_region(&answers, &down, ttl, kept);
    // By hand, for a TTL of a minute: the other region has a share of (t - 30)/60 up to 60 s, 1/2 up to 90 s, (120 - t)/60 up to 100 s, 1/3 up to
    // 120 s, (t - 100)/60 up to 160 s. Lost: 30 + 10 - 100/120 in the first outage, 10 + 35/6 + 40/3 + 40/3 in the second.
    let by_hand = 30.0 + 10.0 - 100.0 / 120.0 + 10.0 + 35.0 / 6.0 + 80.0 / 3.0;
    assert!((lost(TTL, Kept::For(0.0)) - by_hand).abs() < 1e-9);
    let flap = |name: Name| {
        regions(12.0 * HOUR, name).fails("first", OneRegion("one"), fixed(10.0 * HOUR), fixed(40.0)).fails(
            "second",
            OneRegion("one"),
            fixed(10.0 * HOUR + 70.0),
            fixed(100.0),
        )
    };
    let half = |kept: f64| 0.5 * by_hand + 0.5 * kept;
    table([
        case("a flap during the drain", flap(plain())).exactly(Lost, by_hand, "by hand"),
        case("half keep it for 5 min", flap(plain().cohort(0.5, 300.0, Kept::For(0.0)))).exactly(
            Lost,
            half(lost(300.0, Kept::For(0.0))),
            "trapezoids",
        ),
        case("half are stale for 20 s", flap(plain().cohort(0.5, TTL, Kept::For(20.0)))).exactly(
            Lost,
            half(lost(TTL, Kept::For(20.0))),
            "trapezoids, shifted",
        ),
        case("half are stale for 50 s on average", flap(plain().cohort(0.5, TTL, Kept::AboutExponentially(50.0))))
            .exactly(Lost, half(lost(TTL, Kept::AboutExponentially(50.0))), "m y' = x - y, piece by piece"),
        case(
            "half keep it for 3 min and are stale for 400 s",
            flap(plain().cohort(0.5, 180.0, Kept::AboutExponentially(400.0))),
        )
        .exactly(Lost, half(lost(180.0, Kept::AboutExponentially(400.0))), "m y' = x - y, piece by piece"),
    ])
}

/// The first region fails from 10 to 12 h, the second from 16 to 17 h: what the second outage costs depends on who is answered then.
fn failback() -> Vec<Case> {
    let two_outages = |name: Name, horizon: f64| {
        regions(horizon, name).fails("one", OneRegion("one"), fixed(10.0 * HOUR), fixed(2.0 * HOUR)).fails(
            "two",
            OneRegion("two"),
            fixed(16.0 * HOUR),
            fixed(HOUR),
        )
    };
    let then = |name: &str, failback: Failback, lost: f64, how: &'static str| {
        case(name, two_outages(plain().failback(failback), 18.0 * HOUR)).exactly(Lost, lost, how)
    };
    let shares = || weighted([("one", 0.3), ("two", 0.7)], TTL);
    let overlapping = |name: Name| {
        regions(20.0 * HOUR, name).fails("one", OneRegion("one"), fixed(10.0 * HOUR), fixed(4.0 * HOUR)).fails(
            "two",
            OneRegion("two"),
            fixed(12.0 * HOUR),
            fixed(HOUR),
        )
    };
    table([
        then("at once", Failback::Automatic(fixed(0.0)), MOVE, "the second finds nobody there"),
        then("when stable for 3 h", Failback::Automatic(fixed(3.0 * HOUR)), MOVE, "the second finds nobody there"),
        then("when stable for 5 h", Failback::Automatic(fixed(5.0 * HOUR)), 2.0 * MOVE, "too late"),
        then("by hand after 3 h", Failback::Manual(fixed(3.0 * HOUR)), MOVE, "the second finds nobody there"),
        then("by hand after 5 h", Failback::Manual(fixed(5.0 * HOUR)), 2.0 * MOVE, "too late"),
        then("never", Failback::Never, 2.0 * MOVE, "until the second fails"),
        // The first region fails again at 22 h, and has been answered since 16 h.
        case("never, and a third outage", two_outages(plain().failback(Failback::Never), 23.0 * HOUR)).exactly(
            Lost,
            3.0 * MOVE,
            "to and fro",
        ),
        case("weighted, at once", two_outages(shares(), 18.0 * HOUR)).exactly(
            Lost,
            0.3 * MOVE + 0.7 * MOVE,
            "each its share",
        ),
        case("weighted, never", two_outages(shares().failback(Failback::Never), 18.0 * HOUR)).exactly(
            Lost,
            0.3 * MOVE + MOVE,
            "all are in the second",
        ),
        // One down from 10 to 14 h, two from 12 to 13 h. With none left the first is answered, and clients go there. When two is back they wait
        // 20 s for the check and half a TTL.
        case("nowhere to go", overlapping(plain())).exactly(Lost, MOVE + HOUR + 20.0 + 30.0, "60 + 3600 + 50"),
        case("nowhere to go, no failback", overlapping(plain().failback(Failback::Never))).exactly(
            Lost,
            MOVE + HOUR + 20.0 + 30.0,
            "nothing else is left: the same",
        ),
        // With none left all are answered by weight: 0.7 of the clients are in two when it is back.
        case("nowhere to go, weighted", overlapping(shares())).exactly(
            Lost,
            0.3 * MOVE + HOUR + 0.3 * (20.0 + 30.0),
            "18 + 3600 + 15",
        ),
    ])
}

/// Three regions.
fn three_regions() -> Vec<Case> {
    let three = |name: Name| {
        world(15.0 * HOUR)
            .region("one", &["a"])
            .region("three", &["b"])
            .region("two", &["c"])
            .tier(pool("t", 1))
            .stack("one", &part("t"))
            .stack("two", &part("t"))
            .stack("three", &part("t"))
            .found_by(name)
            .fails("one", OneRegion("one"), fixed(10.0 * HOUR), fixed(4.0 * HOUR))
            .fails("two", OneRegion("two"), fixed(12.0 * HOUR), fixed(HOUR))
    };
    table([
        case("one after the other", three(failover(["one", "two", "three"], TTL))).exactly(
            Lost,
            2.0 * MOVE,
            "a failover each",
        ),
        case("the third is not needed", three(failover(["one", "three", "two"], TTL))).exactly(
            Lost,
            MOVE,
            "nobody is in the second",
        ),
        // When the second fails it has 0.3 / 0.8 of the clients.
        case("weights of what is left", three(weighted([("one", 0.2), ("two", 0.3), ("three", 0.5)], TTL))).exactly(
            Lost,
            0.2 * MOVE + 0.375 * MOVE,
            "0.2 and 0.3/0.8",
        ),
    ])
}

/// What an endpoint is, and what it stands on.
fn endpoints() -> Vec<Case> {
    let hour = (fixed(10.0 * HOUR), fixed(HOUR));
    let tier =
        |name: Name| regions(14.0 * HOUR, name).fails("push", WholeTier("t", "one"), hour.0.clone(), hour.1.clone());
    let blind = || plain().checked(shallow(checked_after(fixed(30.0), fixed(20.0))));
    let zone = |name: Name| regions(14.0 * HOUR, name).fails("zone", OneZone("a"), hour.0.clone(), hour.1.clone());
    let service = |cost: f64| {
        world(14.0 * HOUR)
            .region("one", &["a"])
            .region("two", &["b"])
            .soft_dependency("d", cost)
            .soft_dependency("e", cost)
            .stack("one", &part("d"))
            .stack("two", &part("e"))
            .found_by(plain())
            .fails("d", Service("d"), hour.0.clone(), hour.1.clone())
    };
    let common = |living: bool| {
        let world = world(14.0 * HOUR).region("one", &["a"]).region("two", &["b"]).tier(pool("t", 1)).dependency("d");
        let world = if living { world.living_in("one") } else { world };
        let needs = all_of([part("t"), part("d")]);
        world.stack("one", &needs).stack("two", &needs).found_by(plain())
    };
    // The second region carries half of the demand: the drain helps up to its middle, 22.5 + 15 = 37.5 s are lost in it, and half of what follows.
    let half = world(11.0 * HOUR)
        .region("one", &["a"])
        .region("two", &["b"])
        .tier(pool("t", 1).within(&["a"]))
        .tier(pool("u", 1).within(&["b"]).capacity(50.0))
        .stack("one", &part("t"))
        .stack("two", &part("u"))
        .found_by(plain())
        .fails("one", OneRegion("one"), hour.0.clone(), fixed(5.0 * HOUR));
    // A database whose replica in the second region serves after 120 s. The deep check sees both endpoints failing until then, so clients
    // move 20 s later; the shallow one moves them while nothing serves.
    let data = |name: Name| {
        let needs = all_of([part("t"), part("d")]);
        world(14.0 * HOUR)
            .region("one", &["a"])
            .region("two", &["b"])
            .tier(pool("t", 1))
            .database(database("d", "a").replica(copy("b").promoted_in(fixed(120.0))))
            .stack("one", &needs)
            .stack("two", &needs)
            .found_by(name)
            .fails("one", OneRegion("one"), fixed(10.0 * HOUR), fixed(5.0 * HOUR))
    };
    table([
        case("a tier fails, deep check", tier(plain())).exactly(Lost, MOVE, "seen"),
        case("a tier fails, shallow check", tier(blind())).exactly(Lost, HOUR, "not seen"),
        case("a zone fails, deep check", zone(plain())).exactly(Lost, MOVE, "seen"),
        case("the only zone fails, shallow check", zone(blind())).exactly(Lost, MOVE, "seen, too"),
        case("a hard dependency of one region", service(1.0)).exactly(Lost, MOVE, "the endpoint serves nothing"),
        case("a soft dependency of one region", service(0.4)).exactly(Lost, 0.4 * HOUR, "the endpoint serves some"),
        case("a global dependency", common(false).fails("d", Service("d"), hour.0.clone(), hour.1.clone())).exactly(
            Lost,
            HOUR,
            "nowhere to go",
        ),
        case("both regions need a service in one", common(true).fails("one", OneRegion("one"), hour.0, hour.1))
            .exactly(Lost, HOUR, "nowhere to go"),
        case("too little capacity in the second", half).exactly(
            Lost,
            30.0 + 37.5 + 0.5 * (HOUR - 90.0),
            "30 + 37.5 + half of the rest",
        ),
        case("a database follows, deep check", data(plain())).exactly(Lost, 120.0 + 20.0 + 30.0, "120 + 20 + 30"),
        case("a database follows, shallow check", data(blind())).exactly(Lost, 120.0, "clients are there before it"),
    ])
}

/// Two regions that fail on their own, with exponential times throughout.
///
/// A TTL of a millionth of a second and an exponential stale time make each client move to the current answer at a constant rate. The share of
/// clients is linear in the answers, so the expected loss is the probability that the region of one tagged client is down: a Markov chain
/// of both regions and that client. A region is up and seen so, down and not seen yet, down and seen, or up and not seen yet.
fn two_regions_in_the_long_run() -> Vec<Case> {
    let (life, repair, seen, stale) = (2.0 * HOUR, 20.0 * MINUTE, MINUTE, 2.0 * MINUTE);
    const UP: usize = 0;
    const MISSED: usize = 1;
    const DOWN: usize = 2;
    const BACK: usize = 3;
    let turns = [
        (UP, MISSED, 1.0 / life),
        (MISSED, UP, 1.0 / repair),
        (MISSED, DOWN, 1.0 / seen),
        (DOWN, BACK, 1.0 / repair),
        (BACK, UP, 1.0 / seen),
        (BACK, DOWN, 1.0 / life),
    ];
    let state = |first: usize, second: usize, client: usize| (first * 4 + second) * 2 + client;
    let mut rates = Vec::new();
    for other in 0..4 {
        for client in 0..2 {
            for (from, to, rate) in turns {
                rates.push((state(from, other, client), state(to, other, client), rate));
                rates.push((state(other, from, client), state(other, to, client), rate));
            }
        }
    }
    for first in 0..4 {
        for second in 0..4 {
            let healthy = |region: usize| region == UP || region == MISSED;
            let answer = usize::from(!healthy(first) && healthy(second));
            rates.push((state(first, second, 1 - answer), state(first, second, answer), 1.0 / stale));
        }
    }
    let chain = stationary(32, &rates);
    let down = |region: usize| region == MISSED || region == DOWN;
    let mut lost = 0.0;
    for first in 0..4 {
        for second in 0..4 {
            for (client, region) in [(0, first), (1, second)] {
                lost += if down(region) { chain[state(first, second, client)] } else { 0.0 };
            }
        }
    }
    let name = failover(["one", "two"], 1e-6).checked(checked_after(exponential(seen), exponential(seen)));
    let name = name.cohort(1.0, 1e-6, Kept::AboutExponentially(stale));
    let both = regions(220.0 * HOUR, name).warming_up(20.0 * HOUR).fails(
        "region",
        EachRegion,
        exponential(life),
        exponential(repair),
    );
    table([case("a Markov chain of regions and a client", both).replications(150).about(
        Unavailability,
        lost,
        "32 states",
    )])
}

/// A scenario file clamps the TTL of a cohort to the largest of the record's, `min_ttl` and `pool_lifetime`; `restart` is an exponential
/// stale time.
fn cohorts_of_a_scenario() -> Vec<Case> {
    let written = |cohort: &str, lost: f64, how: &'static str| -> Case {
        let text = format!(
            "simulation.horizon = '14h'
             region = {{ one.zones = ['a'], two.zones = ['b'] }}
             stack.s = {{ regions = ['one', 'two'], requires = ['t'] }}
             tier.t.pool.units = 1
             failure.f = {{ scope = 'region:one', mttf = {{ fixed = '10h' }}, repair = '5h' }}
             [dns]
             record = {{ failover = ['one', 'two'] }}
             ttl = '60s'
             health_check = {{ detection = '30s', recovery = '20s' }}
             cohort = [{{ name = 'c', share = 0.2, {cohort} }}]"
        );
        let design = load_text("case.toml", &text).unwrap_or_else(|problems| panic!("{problems}")).designs.remove(0);
        case_of(cohort, design).exactly(Lost, lost, how)
    };
    let fifth = |own: f64| 30.0 + 0.8 * 30.0 + 0.2 * own;
    // An exponential time of mean m, cut off by the end of the history 4 h after the outage: what is left of the tail is
    // m (m / T) (exp(T / m) - 1) exp(-t / m) at t = 4 h - 30 s after the change.
    let (m, t): (f64, f64) = (1_200.0, 4.0 * HOUR - 30.0);
    let tail = m * (m / TTL) * ((TTL / m).exp() - 1.0) * (-t / m).exp();
    table([
        written("min_ttl = '5m'", fifth(150.0), "300 / 2 for a fifth"),
        written("min_ttl = '10s'", fifth(30.0), "clamps upwards only"),
        written("pool_lifetime = '10m'", fifth(300.0), "600 / 2 for a fifth"),
        written("min_ttl = '5m', pool_lifetime = '10m'", fifth(300.0), "the largest"),
        written("min_ttl = '5m', stale = '2m'", fifth(150.0 + 120.0), "300 / 2 + 120 for a fifth"),
        written("restart = '20m'", fifth(30.0 + 1_200.0 - tail), "60 / 2 + 1200 for a fifth, less the tail"),
    ])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [long_outages(), short_outages(), flaps(), failback(), three_regions(), endpoints(), two_regions_in_the_long_run(), the_better_of_two_while_clients_move(), cohorts_of_a_scenario()].concat()
}

//! What stands before a dependency: waiting callers, circuit breakers, retries, overload. 100 requests a second.

use super::check::Metric::{Incidents, Lost, Metastable, RecoveryMean, Stage};
use super::check::{Case, case, table};
use super::design::Place::{OneRegion, Service};
use super::design::{HOUR, World, all_of, exponential, failover, fixed, part, pool, share, uniform, world};
use ridethrough::model::{Breaker, Client, Dependency, Overload, Retry, Trip};
use ridethrough::units::{Fraction, Rate, Seconds};

/// A dependency that is down from 10 h on, for so long.
fn down(seconds: f64, before: impl FnOnce(&mut Dependency)) -> World {
    world(20.0 * HOUR).region("r", &["a"]).dependency("d").called(before).fails(
        "d",
        Service("d"),
        fixed(10.0 * HOUR),
        fixed(seconds),
    )
}

/// The same, and its calls are not answered.
fn hanging(seconds: f64, before: impl FnOnce(&mut Dependency)) -> World {
    world(20.0 * HOUR).region("r", &["a"]).dependency("d").called(before).hangs(
        "d",
        Service("d"),
        fixed(10.0 * HOUR),
        fixed(seconds),
    )
}

fn client(of_all: f64, timeout: f64, pool: u32) -> Client {
    Client { share: share(of_all), calls: None, timeout: Seconds(timeout), pool: Some(pool) }
}

/// 5 failures in a row, 30 s, one trial call.
fn lesson() -> Breaker {
    Breaker {
        trip: Trip::Consecutive(5),
        reset_timeout: Seconds(30.0),
        half_open: 1,
        fallback: Fraction::ZERO,
        callers: 1,
    }
}

fn opened_by(trip: Trip) -> impl FnOnce(&mut Dependency) {
    move |d| d.breaker = Some(Breaker { trip, ..lesson() })
}

fn retry<const N: usize>(waits: [f64; N]) -> Retry {
    Retry { attempts: N as u32 + 1, waits: waits.map(Seconds).into() }
}

/// Three attempts at once, and so much capacity, for half an hour if an overload goes on by itself.
fn overloaded(capacity: f64, goodput: f64) -> impl FnOnce(&mut Dependency) {
    move |d| {
        d.retry = retry([0.0, 0.0]);
        d.overload = Some(Overload { capacity: Rate(capacity), goodput: share(goodput), intervention: fixed(1_800.0) });
    }
}

fn callers_that_wait() -> Vec<Case> {
    // Half of the requests call it: 50 slots a second, held for 10 s, want 500. A pool of 200 is empty after 4 s; the first slot
    // is given back after 10 s, and then 20 a second, which let 0.4 of the requests through, half of which call it and fail.
    let half = |pool| move |d: &mut Dependency| d.client = client(0.5, 10.0, pool);
    let soft = |d: &mut Dependency| {
        d.client = client(0.5, 10.0, 200);
        d.cost = share(0.4);
    };
    let stated = |d: &mut Dependency| {
        d.client = Client { calls: Some(Rate(25.0)), ..client(0.5, 10.0, 200) };
    };
    let unbounded = |d: &mut Dependency| d.client = Client { share: share(0.3), ..Client::default() };
    let again = hanging(7.0, half(200)).fails("other", Service("d"), fixed(10.0 * HOUR + 8.0), fixed(5.0));
    table([
        case("hangs, no pool", hanging(600.0, unbounded)).exactly(Lost, 180.0, "0.3 of 600 s"),
        case("hangs, the pool runs out", hanging(100.0, half(200)))
            .exactly(Lost, 80.0, "4 · 0.5 + 6 + 90 · (1 - 0.4 · 0.5)")
            .exactly(Stage(4), 80.0, "all of it before the return")
            .exactly(Incidents, 1.0, "one"),
        case("fails fast: no slot is held", down(100.0, half(200))).exactly(Lost, 50.0, "100 · 0.5"),
        case("a soft dependency", hanging(100.0, soft)).exactly(Lost, 68.0, "4 · 0.2 + 6 + 90 · (1 - 0.4 · 0.8)"),
        case("back while the pool is empty", hanging(7.0, half(200)))
            .exactly(Lost, 8.0, "4 · 0.5 + 3, and 3 until the first slot is given back")
            .exactly(Stage(3), 3.0, "after the return")
            .exactly(RecoveryMean, 10.0, "the first timeout"),
        case("back before the pool is empty", hanging(3.0, half(200))).exactly(Lost, 1.5, "3 · 0.5"),
        case("a pool that is just large enough", hanging(100.0, half(500))).exactly(Lost, 50.0, "100 · 0.5"),
        // 25 calls a second want 250 slots: empty after 8 s, then 0.8 is let through.
        case("a rate of calls", hanging(100.0, stated)).exactly(Lost, 60.0, "8 · 0.5 + 2 + 90 · (1 - 0.8 · 0.5)"),
        // A second, fast failure from 8 to 13 s: nothing is served up to 10 s, then what does not call it.
        case("fails again while the pool is empty", again).exactly(Lost, 2.0 + 6.0 + 1.5, "4 · 0.5 + 6 + 3 · 0.5"),
    ])
}

fn breakers() -> Vec<Case> {
    let plain = |d: &mut Dependency| d.breaker = Some(lesson());
    let falls_back = |d: &mut Dependency| d.breaker = Some(Breaker { fallback: share(0.8), ..lesson() });
    let many = |d: &mut Dependency| d.breaker = Some(Breaker { callers: 10, ..lesson() });
    let careful = |d: &mut Dependency| d.breaker = Some(Breaker { half_open: 10, ..lesson() });
    let pooled = |d: &mut Dependency| {
        d.client = client(0.5, 10.0, 200);
        d.breaker = Some(lesson());
    };
    let late = |d: &mut Dependency| {
        d.client = client(0.5, 10.0, 200);
        d.breaker = Some(Breaker { trip: Trip::Consecutive(210), ..lesson() });
    };
    let elsewhere = world(20.0 * HOUR)
        .region("here", &["a"])
        .region("there", &["b"])
        .dependency("d")
        .living_in("there")
        .called(plain)
        .stack("here", &part("d"))
        .fails("r", OneRegion("there"), fixed(10.0 * HOUR), fixed(600.0));
    table([
        // Opens after 5 calls and a timeout, at 5.05 s; trial calls at 35.05 s, and every 35 s since each of them hangs for 5 s: the
        // one of 595.05 s still fails, the next is made at 630.05 s.
        case("hangs", hanging(600.0, plain))
            .exactly(Lost, 630.05, "until the first trial call that is answered")
            .exactly(Stage(3), 30.05, "after the return")
            .exactly(Stage(4), 600.0, "before it"),
        case("a fallback", hanging(600.0, falls_back)).exactly(Lost, 5.05 + 0.2 * 625.0, "a fifth while it is open"),
        // Opens at 0.05 s, trials every 30 s from 30.05 s on.
        case("fails fast, back just before a trial", down(600.0, plain)).exactly(Lost, 600.05, "0.05 + 20 · 30"),
        case("fails fast, back just after a trial", down(601.0, plain))
            .exactly(Lost, 630.05, "0.05 + 21 · 30")
            .exactly(Stage(3), 29.05, "after the return"),
        case("ten callers", down(600.0, many)).exactly(Lost, 600.5, "each sees a tenth of the calls"),
        case("ten trial calls", down(600.0, careful)).exactly(Lost, 600.05 + 0.09, "nine more calls at 100/s"),
        case("too short to open", hanging(5.0, plain)).exactly(Lost, 5.0, "the outage"),
        // The pool is empty from 4 to 10 s; open from 5 / 50 + 10 s on; trials at 40.1, 80.1 (both hang for 10 s) and 120.1 s.
        case("a pool", hanging(100.0, pooled)).exactly(
            Lost,
            2.0 + 6.0 + 0.1 * 0.8 + 110.0 * 0.5,
            "4 · 0.5 + 6 + 0.1 · (1 - 0.4 · 0.5) + 110 · 0.5",
        ),
        // 200 calls are made before the pool is empty, the other 10 at 20/s from 10 s on: the last fails at 20.5 s; trial calls at
        // 50.5, 90.5 and 130.5 s.
        case("a pool that is empty before the threshold", hanging(100.0, late)).exactly(
            Lost,
            2.0 + 6.0 + 10.5 * 0.8 + 110.0 * 0.5,
            "4 · 0.5 + 6 + 10.5 · 0.8 + 110 · 0.5",
        ),
        case("the region of the dependency", elsewhere).exactly(Lost, 600.05, "as it fails fast"),
        // The return has a random phase: 615 to 675 s less a multiple of 30 s.
        case(
            "a random phase",
            world(20.0 * HOUR).region("r", &["a"]).dependency("d").called(plain).fails(
                "d",
                Service("d"),
                fixed(10.0 * HOUR),
                uniform(600.0, 660.0),
            ),
        )
        .replications(2_000)
        .about(Lost, 630.0 + 15.0, "the outage and half a reset timeout"),
    ])
}

fn what_opens_a_breaker() -> Vec<Case> {
    let half = share(0.5);
    let of_calls = || opened_by(Trip::OfCalls { share: half, window: 100 });
    let of_time = |minimum| opened_by(Trip::OfTime { share: share(0.1), window: Seconds(30.0), minimum });
    table([
        case("half of 100 calls", down(20.0, of_calls())).exactly(Lost, 30.5, "opens after 50 calls"),
        case("half of 100 calls, 0.6 fail", down(20.0, of_calls()).partly(0.6)).exactly(
            Lost,
            0.6 * 0.5 / 0.6 + 30.0,
            "opens after 50 / 0.6 calls",
        ),
        case("half of 100 calls, 0.4 fail", down(20.0, of_calls()).partly(0.4)).exactly(Lost, 8.0, "never opens"),
        case("a tenth of 30 s", down(20.0, of_time(100))).exactly(Lost, 33.0, "opens after 3 s"),
        case("a tenth of 30 s, 0.2 fail", down(20.0, of_time(3_000)).partly(0.2)).exactly(
            Lost,
            0.2 * 15.0 + 30.0,
            "opens after 3 s / 0.2",
        ),
        case("too few calls", down(20.0, of_time(3_001))).exactly(Lost, 20.0, "never opens"),
        // Mean number of calls until 3 in a row have failed: 2 + 4 + 8.
        case("3 in a row, half fail", down(20.0, opened_by(Trip::Consecutive(3))).partly(0.5)).exactly(
            Lost,
            0.5 * 0.14 + 30.0,
            "opens after 14 calls",
        ),
    ])
}

/// A dependency that fails half of its calls for 1005 s: a window of 100 s opens after 100 s, a trial call succeeds half of the time.
fn trial_calls_by_chance() -> Vec<Case> {
    const DOWN: f64 = 1_005.0;
    fn closed(from: f64) -> f64 {
        if from + 100.0 >= DOWN { 0.5 * (DOWN - from).max(0.0) } else { 50.0 + open(from + 100.0) }
    }
    fn open(from: f64) -> f64 {
        let trial = from + 30.0;
        30.0 + if trial >= DOWN { 0.0 } else { 0.5 * closed(trial) + 0.5 * open(trial) }
    }
    let trip = Trip::OfTime { share: share(0.5), window: Seconds(100.0), minimum: 1 };
    table([case("half of the trial calls fail", down(DOWN, opened_by(trip)).partly(0.5)).replications(4_000).about(
        Lost,
        closed(0.0),
        "a tree of trials",
    )])
}

fn retries() -> Vec<Case> {
    let waits = |d: &mut Dependency| d.retry = retry([1.0, 2.0]);
    let at_once = |d: &mut Dependency| d.retry = retry([0.0, 0.0]);
    let breaker = |d: &mut Dependency| {
        d.retry = retry([1.0, 2.0]);
        d.breaker = Some(lesson());
    };
    let pooled = |d: &mut Dependency| {
        d.client = client(0.5, 5.0, 400);
        d.retry = retry([0.0, 0.0]);
    };
    table([
        case("the last attempt comes 3 s later", down(10.0, waits)).exactly(Lost, 7.0, "the outage less 1 + 2"),
        case("bridged", down(2.5, waits)).exactly(Lost, 0.0, "every request has an attempt after it"),
        case("hangs: two timeouts more", hanging(20.0, waits)).exactly(Lost, 7.0, "20 - (1 + 2 + 2 · 5)"),
        case("half of the attempts fail", down(100.0, at_once).partly(0.5)).exactly(Lost, 12.5, "0.5³"),
        // A call has failed after 3 s: the breaker opens at 3.05 s, tries every 30 s and 3 s, and closes at 33.05 + 33 s.
        case("a breaker counts calls", down(60.0, breaker)).exactly(
            Lost,
            66.05 - 3.0,
            "from the first last attempt on",
        ),
        // 50 calls a second hold a slot for 15 s: empty after 8 s, the first is given back at 15 s, 400 / 750 are let through. Requests
        // that call it have made their last attempt after 10 s.
        case("retries hold slots for longer", hanging(30.0, pooled)).exactly(
            Lost,
            7.0 + 15.0 * (1.0 - 400.0 / 750.0 * 0.5),
            "7 s without any slot, 15 s with some",
        ),
        // An attempt that hangs is followed by half an attempt and by a quarter: 5 · 1.75 s on a slot, wanted by 25 calls a second.
        case(
            "half of the calls hang",
            hanging(30.0, |d| {
                d.client = client(0.5, 5.0, 175);
                d.retry = retry([0.0, 0.0]);
            })
            .partly(0.5),
        )
        .exactly(
            Lost,
            1.75 + (30.0 - 10.0) * (1.0 - 0.8 * (1.0 - 0.5 * 0.125)) + 1.25 * 0.2,
            "7 to 8.75 s nothing, then 175 / 218.75, and from 10 s on those that call it",
        ),
    ])
}

fn overload() -> Vec<Case> {
    let with_breaker = |d: &mut Dependency| {
        overloaded(150.0, 0.0)(d);
        d.breaker = Some(lesson());
    };
    let slow = |d: &mut Dependency| {
        overloaded(150.0, 0.0)(d);
        d.retry = retry([10.0, 10.0]);
    };
    let alone = |capacity: f64, goodput: f64| {
        let before = move |d: &mut Dependency| {
            overloaded(capacity, goodput)(d);
            d.retry = Retry::default();
        };
        world(20.0 * HOUR).region("r", &["a"]).dependency("d").called(before)
    };
    let again = down(60.0, overloaded(150.0, 0.0)).fails("e", Service("d"), fixed(10.0 * HOUR + 600.0), fixed(60.0));
    table([
        // 300 attempts a second on a capacity of 150: all are answered too late, and tried again.
        case("metastable", down(60.0, overloaded(150.0, 0.0)))
            .exactly(Lost, 60.0 + 1_800.0, "until people take the load off")
            .exactly(Metastable, 1.0, "it outlives the outage")
            .exactly(Incidents, 1.0, "one incident")
            .exactly(Stage(2), 1_800.0, "action")
            .exactly(Stage(4), 60.0, "the outage"),
        case("just below three times the calls", down(60.0, overloaded(299.9, 0.0)))
            .exactly(Metastable, 1.0, "3 · 100"),
        case("three times the calls", down(60.0, overloaded(300.0, 0.0))).exactly(Lost, 60.0, "the outage").exactly(
            Metastable,
            0.0,
            "all attempts can be taken",
        ),
        // Half of the capacity is still answered: 1 - 75 / 100 is lost, and it feeds itself below 100 · (1 - 0.5³) / 0.5 = 175.
        case("half is answered", down(60.0, overloaded(150.0, 0.5))).exactly(Lost, 60.0 + 450.0, "a quarter"),
        case("half of 174", down(60.0, overloaded(174.0, 0.5)))
            .exactly(Lost, 60.0 + 0.13 * 1_800.0, "1 - 87 / 100")
            .exactly(Metastable, 1.0, "below 175"),
        case("half of 176", down(60.0, overloaded(176.0, 0.5))).exactly(Lost, 60.0, "the outage").exactly(
            Metastable,
            0.0,
            "above 175",
        ),
        case("sheds what is too much", down(60.0, overloaded(101.0, 1.0))).exactly(Metastable, 0.0, "100 are answered"),
        // Half fails: 100 · 1.75 attempts.
        case("half fails, 174", down(60.0, overloaded(174.0, 0.0)).partly(0.5)).exactly(Lost, 1_860.0, "overloaded"),
        case("half fails, 176", down(60.0, overloaded(176.0, 0.0)).partly(0.5)).exactly(Lost, 7.5, "0.5³ of 60 s"),
        // The overload hangs: open at 0.05 + 15 s, a trial fails at 45.05 s, the one of 75.05 s succeeds.
        case("a breaker takes the load off", down(60.0, with_breaker)).exactly(Lost, 75.05, "until the trial").exactly(
            Metastable,
            0.0,
            "nothing calls it when it is back",
        ),
        case("back before the first retries", down(5.0, slow)).exactly(Lost, 0.0, "bridged"),
        // Overloaded from 10 s on, which hangs: the first last attempt is made after 10 + 10 + 2 · 5 s.
        case("retries that come later", down(15.0, slow)).exactly(Lost, 15.0 + 1_800.0 - 30.0, "from 30 s on"),
        case("it fails again meanwhile", again).exactly(Lost, 660.0 + 1_800.0, "people start over").exactly(
            Metastable,
            1.0,
            "one overload",
        ),
        case("too small for the calls", alone(50.0, 0.0)).exactly(Lost, 20.0 * HOUR, "all, always"),
        case("too small, sheds", alone(50.0, 1.0)).exactly(Lost, 10.0 * HOUR, "half, always").exactly(
            Metastable,
            0.0,
            "nothing brought it about",
        ),
    ])
}

/// Outages that come and go: a soft dependency that half of the requests call, with an up time of 9 h and a repair of 1 h on average, next
/// to a tier. With three attempts at once 0.2³ of the calls fail.
fn stationary() -> Vec<Case> {
    let before = |d: &mut Dependency| {
        d.client = Client { share: share(0.5), ..Client::default() };
        d.retry = retry([0.0, 0.0]);
    };
    let gray = world(500.0 * HOUR)
        .warming_up(100.0 * HOUR)
        .region("r", &["a"])
        .tier(pool("t", 1))
        .soft_dependency("d", 0.8)
        .called(before)
        .requiring(all_of([part("t"), part("d")]))
        .fails("d", Service("d"), exponential(9.0 * HOUR), exponential(HOUR))
        .partly(0.2);
    table([case("a gray dependency", gray).replications(600).about(
        Lost,
        400.0 * HOUR * 0.1 * 0.5 * 0.8 * 0.008,
        "time down, share, cost, 0.2³",
    )])
}

/// DNS takes the traffic away from a region whose dependency hangs, and back once the breaker is closed again.
fn behind_dns() -> Vec<Case> {
    let two = world(20.0 * HOUR)
        .region("here", &["a"])
        .region("there", &["b"])
        .tier(pool("t", 1))
        .dependency("d")
        .called(|d| d.breaker = Some(lesson()))
        .stack("here", &all_of([part("t"), part("d")]))
        .stack("there", &part("t"))
        .found_by(failover(["here", "there"], 60.0))
        .hangs("d", Service("d"), fixed(10.0 * HOUR), fixed(600.0));
    table([case("a region that fails over", two).exactly(Lost, 30.0 + 30.0, "detection and half a TTL")])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [callers_that_wait(), breakers(), what_opens_a_breaker(), trial_calls_by_chance(), retries(), overload(), stationary(), behind_dns()].concat()
}

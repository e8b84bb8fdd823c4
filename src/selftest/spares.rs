//! Spares of a pool: at rest they fail less or not at all, and take the place of a unit that fails, mostly.

use super::answers::stationary;
use super::check::Metric::{Incidents, Lost, Stage, Unavailability};
use super::check::{Case, case, table};
use super::design::Place::{EachUnit, OneZone};
use super::design::{
    HOUR, TierPart, World, balancer, checked_after, crewed_pool, exponential, fixed, never, pool, replaced_pool, world,
};

/// Units that live 10 h in the mean, each by itself.
fn failing(horizon: f64, tier: TierPart, repair: ridethrough::law::Law) -> World {
    world(horizon).region("r", &["a"]).tier(tier).fails("unit", EachUnit("t"), exponential(10.0 * HOUR), repair)
}

/// Mean of min(X, T) for X the sum of k exponentials of mean m: m times the sum over i < k of P(Poisson(T / m) > i).
fn erlang_within(k: u32, mean: f64, horizon: f64) -> f64 {
    let x = horizon / mean;
    let (mut term, mut up_to, mut sum) = ((-x).exp(), 0.0, 0.0);
    for i in 0..k {
        up_to += term;
        term *= x / f64::from(i + 1);
        sum += mean * (1.0 - up_to);
    }
    sum
}

/// Nothing is repaired: the pool lives as long as the units that are used one after the other.
fn without_repair() -> Vec<Case> {
    let life = 10.0 * HOUR;
    let (horizon, at_once) = (30.0 * HOUR, || fixed(0.0));
    let lives = |k: u32| erlang_within(k, life, horizon);
    let cold =
        |spares: u32, coverage: f64| failing(horizon, pool("t", 1).spared(spares, 0.0, at_once(), coverage), never());
    // Two places, one spare, both needed: failures at the rate 2 / M, and the second is the end.
    let pair = failing(horizon, pool("t", 2).required(2).spared(1, 0.0, at_once(), 1.0), never());
    // A hot spare is as good as a second unit: all of two, E = M/2 + M, by stages of rates 2 / M and 1 / M.
    let hot = failing(horizon, pool("t", 1).spared(1, 1.0, at_once(), 1.0), never());
    let x = horizon / life;
    let maximum = life * (2.0 * (1.0 - (-x).exp()) - 0.5 * (1.0 - (-2.0 * x).exp()));
    table([
        case("two cold spares", cold(2, 1.0)).replications(3_000).about(Lost, horizon - lives(3), "Erlang of 3 stages"),
        case("a cold spare for two places", pair).replications(3_000).about(
            Lost,
            horizon - erlang_within(2, life / 2.0, horizon),
            "Erlang of 2 stages, each of half a life",
        ),
        case("a hot spare", hot).replications(3_000).about(Lost, horizon - maximum, "the longer of two lives"),
        case("half of the switch-overs work", cold(1, 0.5)).replications(3_000).about(
            Lost,
            horizon - 0.5 * (lives(1) + lives(2)),
            "one life or two",
        ),
        case("no switch-over works", cold(3, 0.0)).replications(3_000).about(Lost, horizon - lives(1), "one life"),
    ])
}

/// How often a unit with a cold spare is where, failing at rate `l` and repaired at rate `m` (1/h), if a switch-over takes half an hour and
/// works with 70 %: all well (0), on the way (1), the spare at work (2), both down (3), or the place waits for its unit while the spare rests
/// (4). Of both the unit whose place it is is back at once, the other one has to take the place first.
pub(super) fn unsure_switch_over(l: f64, m: f64) -> Vec<f64> {
    let s = 2.0;
    let rates = [
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
    stationary(5, &rates)
}

/// Repaired units stand by in their turn.
fn with_repair() -> Vec<Case> {
    let (l, m) = (1.0 / 10.0, 1.0 / 2.0);
    let long = 400.0 * HOUR;
    let run = |tier: TierPart| failing(long, tier, exponential(2.0 * HOUR)).warming_up(50.0 * HOUR);
    // Down: 0, 1 or 2 of the unit and its spare, one crew; a spare at rest fails at 30 % of the rate.
    let warm = stationary(3, &[(0, 1, 1.3 * l), (1, 2, l), (1, 0, m), (2, 1, m)]);
    // Two places and a cold spare, each repaired by itself: the spare fills the first gap, and a unit alone fails on.
    let cold =
        stationary(4, &[(0, 1, 2.0 * l), (1, 2, 2.0 * l), (2, 3, l), (1, 0, m), (2, 1, 2.0 * m), (3, 2, 3.0 * m)]);
    // A switch-over of half an hour: all well; on the way; spare at work; both down. Of both the unit whose place it is is back at
    // once, the other one has to take the place first.
    let s = 2.0;
    let slow = stationary(4, &[(0, 1, l), (1, 2, s), (1, 0, m), (2, 3, l), (2, 0, m), (3, 2, m), (3, 1, m)]);
    let unsure = unsure_switch_over(l, m);
    let half_hour = || exponential(0.5 * HOUR);
    table([
        case("warm, one crew", run(crewed_pool("t", 1, 1).spared(1, 0.3, fixed(0.0), 1.0))).replications(600).about(
            Unavailability,
            warm[2],
            "Markov chain",
        ),
        case("cold, two places", run(pool("t", 2).required(2).spared(1, 0.0, fixed(0.0), 1.0)))
            .replications(600)
            .about(Unavailability, cold[2] + cold[3], "Markov chain"),
        case("a switch-over takes half an hour", run(pool("t", 1).spared(1, 0.0, half_hour(), 1.0)))
            .replications(600)
            .about(Unavailability, slow[1] + slow[3], "Markov chain"),
        case("a switch-over may not work", run(pool("t", 1).spared(1, 0.0, half_hour(), 0.7))).replications(600).about(
            Unavailability,
            unsure[1] + unsure[3] + unsure[4],
            "Markov chain",
        ),
    ])
}

/// Fixed times: who takes which place when.
fn fixed_times() -> Vec<Case> {
    let lives = |tier: TierPart, zones: &[&str]| {
        world(30.0 * HOUR).region("r", zones).tier(tier).fails("unit", EachUnit("t"), fixed(10.0 * HOUR), fixed(HOUR))
    };
    let one = |dormant: f64| pool("t", 1).spared(1, dormant, fixed(300.0), 1.0);
    let killed = |tier: TierPart| {
        world(20.0 * HOUR).region("r", &["a", "b"]).tier(tier).kills(
            "zone",
            OneZone("a"),
            fixed(10.0 * HOUR),
            fixed(2.0 * HOUR),
        )
    };
    let behind = balancer(checked_after(fixed(30.0), fixed(0.0)));
    table([
        // The unit fails at 10 h; the spare, as new, at 10 h 5 min + 10 h.
        case("a cold spare", lives(one(0.0), &["a"]))
            .exactly(Lost, 2.0 * 300.0, "5 min each time")
            .exactly(Stage(2), 2.0 * 300.0, "on the way")
            .exactly(Incidents, 2.0, "at 10 h and 20 h 5 min"),
        case("slower than the repair", lives(pool("t", 1).spared(1, 0.0, fixed(2.0 * HOUR), 1.0), &["a"])).exactly(
            Lost,
            2.0 * HOUR,
            "at 10 h and at 21 h, an hour each: the unit is back first",
        ),
        // Both fail at 10 h, the unit first: the spare was on its way, and the place has to wait for its unit.
        case("a hot spare of the same age", lives(one(1.0), &["a"])).exactly(
            Lost,
            2.0 * HOUR,
            "10 h to 11 h and 21 h to 22 h",
        ),
        // Zone a is dead from 10 h to 12 h; the spare is in zone b.
        case("a spare in the other zone", killed(replaced_pool("t", 1, fixed(HOUR)).spared(1, 0.0, fixed(300.0), 1.0)))
            .exactly(Lost, 300.0, "it takes the place for good"),
        // Two places in a and b, spare in a: it dies as well. Both are needed until 12 h + 1 h.
        case("a spare that dies as well", {
            killed(replaced_pool("t", 2, fixed(HOUR)).required(2).spared(1, 0.0, fixed(300.0), 1.0))
        })
        .exactly(Lost, 3.0 * HOUR, "until replaced"),
        // A target that fails is undetected for 30 s, but its place is taken at once.
        case("behind a load balancer", lives(pool("t", 1).spared(1, 0.0, fixed(10.0), 1.0).behind(behind), &["a"]))
            .exactly(Lost, 2.0 * 10.0, "until the spare is registered in its place"),
    ])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [without_repair(), with_repair(), fixed_times()].concat()
}

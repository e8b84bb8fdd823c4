//! One unit that fails and is repaired: laws, transients, the edges of a history, objectives.

use super::answers::Memoryless;
use super::check::Metric::{
    Downtime, Incidents, Lost, ObjectiveMet, OpenIncidents, Recovery, RecoveryMax, RecoveryMean, Unavailability,
};
use super::check::{Case, case, table};
use super::design::Place::{EachNode, EachUnit, OneZone};
use super::design::{
    DAY, HOUR, World, database, exponential, fixed, gamma, infant, lognormal, mixture, never, pool, uniform, wearing,
    world,
};
use ridethrough::law::Law;

fn unit(horizon: f64, life: Law, repair: Law) -> World {
    world(horizon).region("r", &["a"]).tier(pool("t", 1)).fails("f", EachUnit("t"), life, repair)
}

/// Renewal theory: whatever the laws, as long as a cycle has a density, an alternating process is down MTTR / (MTTF + MTTR) of the
/// time in the long run (Ross 1996, "Stochastic Processes", theorem 3.4.4). 10 h and 1 h: 1/11.
fn laws() -> Vec<Case> {
    let hyperexponential = |mean: f64| mixture([(0.5, exponential(0.2 * mean)), (0.5, exponential(1.8 * mean))]);
    let either = mixture([(0.8, uniform(0.0, 20.0 * HOUR)), (0.2, lognormal(10.0 * HOUR, 0.5))]);
    let pairs = [
        ("exponential, exponential", exponential(10.0 * HOUR), exponential(HOUR)),
        ("exponential, fixed", exponential(10.0 * HOUR), fixed(HOUR)),
        ("wearing Weibull, lognormal", wearing(10.0 * HOUR), lognormal(HOUR, 1.0)),
        ("infant Weibull, wearing Weibull", infant(10.0 * HOUR), wearing(HOUR)),
        ("lognormal, infant Weibull", lognormal(10.0 * HOUR, 0.9), infant(HOUR)),
        ("gamma, uniform", gamma(10.0 * HOUR, 2.5), uniform(0.5 * HOUR, 1.5 * HOUR)),
        ("uniform, Erlang", uniform(5.0 * HOUR, 15.0 * HOUR), gamma(HOUR, 3.0)),
        ("hyperexponential, hyperexponential", hyperexponential(10.0 * HOUR), hyperexponential(HOUR)),
        ("mixture, gamma", either, gamma(HOUR, 0.7)),
    ];
    table(pairs.into_iter().map(|(name, life, repair)| {
        case(format!("alternating renewal: {name}"), unit(600.0 * HOUR, life, repair).warming_up(400.0 * HOUR))
            .replications(2_000)
            .about(Unavailability, 1.0 / 11.0, "MTTR / (MTTF + MTTR)")
            .about(Downtime, 1.0 / 11.0, "one unit: lost and down are the same")
    }))
}

/// From time 0 on, when the unit is new.
fn transients() -> Vec<Case> {
    let (short, long) = (3.0 * HOUR, 50.0 * HOUR);
    let life = Memoryless { mttf: 10.0 * HOUR, mttr: HOUR };
    let memoryless = |horizon: f64| {
        case(
            format!("exponential from new, {} h", horizon / HOUR),
            unit(horizon, exponential(life.mttf), exponential(life.mttr)),
        )
        .about(Lost, life.down_until(horizon), "integral of l/(l+m) (1 - exp(-(l+m) t))")
        .about(Incidents, life.failures_until(horizon), "rate of failure times mean time up")
    };
    // Lives X uniform on (5, 15) h, repair 1 h, horizon 15 h. The first failure falls within it. The second does if X + Y <= 14 h, where the
    // density of X + Y is (s - 10) / 100 up to 20: probability 16 / 200 = 0.08. A third needs 17 h. Down after the first failure: 1 h,
    // but 15 - X above 14: 0.9 + 0.1 / 2 = 0.95 h. After the second: 1 h for X + Y up to 13, then 14 - s: 0.045 + integral over u in (0, 1)
    // of (3 + u)(1 - u) / 100 = 0.045 + 5/300.
    let uniform_lives = unit(15.0 * HOUR, uniform(5.0 * HOUR, 15.0 * HOUR), fixed(HOUR));
    // Never repaired: down at t with probability 1 - exp(-t / M), so T - M (1 - exp(-T / M)) in all; of two nodes of which one is never
    // missed the same.
    let dying = 10.0 * HOUR * (-1.0f64).exp();
    // Availability 0.95 of 10 h allows half an hour: met unless the unit fails before 9.5 h, for the repair takes an hour. P = exp(-0.95).
    let judged = unit(10.0 * HOUR, exponential(10.0 * HOUR), fixed(HOUR)).wanting(0.95);
    let node = world(10.0 * HOUR).region("r", &["a"]).database(database("d", "a")).fails(
        "f",
        EachNode("d"),
        exponential(10.0 * HOUR),
        exponential(HOUR),
    );
    table([
        memoryless(short).replications(20_000),
        memoryless(long).replications(4_000),
        case("uniform lives from new", uniform_lives)
            .replications(8_000)
            .about(Incidents, 1.08, "renewals counted by hand")
            .about(Lost, (0.95 + 0.045 + 5.0 / 300.0) * HOUR, "time down by hand"),
        case("never repaired", unit(10.0 * HOUR, exponential(10.0 * HOUR), never())).replications(4_000).about(
            Lost,
            dying,
            "T - M (1 - exp(-T / M))",
        ),
        case("a replication meets its objective", judged).replications(4_000).inside(
            ObjectiveMet,
            (-0.95f64).exp(),
            "no failure before 9.5 h",
        ),
        case("a single database node from new", node)
            .replications(8_000)
            .about(Lost, life.down_until(10.0 * HOUR), "as a unit")
            .about(Incidents, life.failures_until(10.0 * HOUR), "as a unit"),
    ])
}

/// From time 0 on, when the unit has been up for a while.
fn ages() -> Vec<Case> {
    // Never repaired, so down at t with probability 1 - S(age + t) / S(age). Weibull of shape 2: S(t) = exp(-(t/s)^2), s = 20 h; age 10 h,
    // horizon 10 h: fails by then with probability 1 - exp(-(1 - 1/4)) = 1 - exp(-3/4).
    let worn = unit(10.0 * HOUR, Law::Weibull { scale: 20.0 * HOUR, shape: 2.0 }, never()).aged(fixed(10.0 * HOUR));
    // Lives uniform on (5, 15) h and 7 h old: what is left is uniform on (0, 8) h. Mean time down until 8 h: 4 h.
    let uniform_rest = |place| {
        let life = uniform(5.0 * HOUR, 15.0 * HOUR);
        world(8.0 * HOUR).region("r", &["a"]).tier(pool("t", 1)).fails("f", place, life, never()).aged(fixed(7.0 * HOUR))
    };
    // Ages uniform on (0, 10) h of lives of exactly 10 h: an age-replacement process in its stationary state. The first failure is uniform on
    // (0, 10) h; after a repair of an hour the unit is new.
    let staggered = unit(10.0 * HOUR, fixed(10.0 * HOUR), fixed(HOUR)).aged(uniform(0.0, 10.0 * HOUR));
    table([
        case("a fixed life of 10 h, 4 h old", unit(30.0 * HOUR, fixed(10.0 * HOUR), fixed(HOUR)).aged(fixed(4.0 * HOUR)))
            .exactly(Lost, 3.0 * HOUR, "at 6, 17 and 28 h, as 10 h begin anew after each repair")
            .exactly(Incidents, 3.0, "three"),
        case("a Weibull life that is half worn", worn).replications(8_000).about(
            Incidents,
            1.0 - (-0.75f64).exp(),
            "1 - exp(H(age) - H(age + T))",
        ),
        case("a uniform life, 7 h old", uniform_rest(EachUnit("t"))).replications(8_000).about(
            Lost,
            4.0 * HOUR,
            "uniform on (0, 8) h",
        ),
        case("a zone, 7 h old", uniform_rest(OneZone("a"))).replications(8_000).about(
            Lost,
            4.0 * HOUR,
            "uniform on (0, 8) h",
        ),
        case("ages spread over a fixed life", staggered)
            .replications(8_000)
            .exactly(Incidents, 1.0, "the first is sure, the second after 11 h")
            .about(Lost, 0.95 * HOUR, "an hour; less from 9 h on"),
        case("no memory, no age", unit(3.0 * HOUR, exponential(10.0 * HOUR), never()).aged(fixed(50.0 * HOUR)))
            .replications(4_000)
            .about(Incidents, 1.0 - (-0.3f64).exp(), "1 - exp(-T / M)"),
    ])
}

/// Where a history begins and ends.
fn edges() -> Vec<Case> {
    let ten_days = || unit(110.0 * DAY, fixed(10.0 * DAY), fixed(DAY));
    // Down on (10, 14) and (24, ...): the window (12, 23) sees two hours of the first.
    let window = unit(23.0 * HOUR, fixed(10.0 * HOUR), fixed(4.0 * HOUR)).warming_up(12.0 * HOUR);
    let cut = unit(12.0 * HOUR, fixed(10.0 * HOUR), fixed(4.0 * HOUR));
    table([
        // Fails on day 10, 21, ..., 109: ten failures, the last cut off by the end exactly when it would be repaired.
        case("fixed times", ten_days())
            .exactly(Unavailability, 10.0 / 110.0, "ten of 110 days")
            .exactly(Incidents, 10.0, "one in eleven days")
            .exactly(Recovery(0.5), DAY, "the repair"),
        case("the same after a warm-up of 33 days", ten_days().warming_up(33.0 * DAY))
            .exactly(Unavailability, 7.0 / 77.0, "seven of 77 days")
            .exactly(Incidents, 7.0, "one in eleven days"),
        case("cut off by the end", cut)
            .exactly(Lost, 2.0 * HOUR, "10 h to 12 h")
            .exactly(Incidents, 1.0, "counts")
            .exactly(OpenIncidents, 1.0, "is marked")
            .exactly(RecoveryMax, 2.0 * HOUR, "the length seen")
            .exactly(RecoveryMean, 2.0 * HOUR, "the length seen"),
        case("cut off by the warm-up", window)
            .exactly(Lost, 2.0 * HOUR, "12 h to 14 h")
            .exactly(Incidents, 1.0, "the window sees one interval below the threshold")
            .exactly(OpenIncidents, 0.0, "and its end"),
    ])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [laws(), transients(), ages(), edges()].concat()
}

//! The error budget: months, quarters and the year against the objective.

use super::check::Metric::{
    LargestIncident, LargestOfTheLoss, MonthMet, MonthUsed, MonthUsedMost, MonthsMet, ObjectiveMet, QuarterMet,
    YearUsed,
};
use super::check::{Case, case, table};
use super::design::Place::{ControlPlane, EachUnit, OneRegion};
use super::design::{DAY, HOUR, World, YEAR, exponential, failover, fixed, never, part, pool, world};
use ridethrough::law::Law;

/// A month is a twelfth of a year (s).
const MONTH: f64 = YEAR / 12.0;

/// What 99.9 % allow in a month (s).
const BUDGET: f64 = 2_628.0;

fn unit(horizon: f64, life: Law, repair: Law) -> World {
    world(horizon).region("r", &["a"]).tier(pool("t", 1)).fails("f", EachUnit("t"), life, repair).wanting(0.999)
}

fn fixed_calendars() -> Vec<Case> {
    // Down for an hour on days 100, 200 and 300, in the months 4, 7 and 10; an hour is more than 2628 s.
    let three = unit(YEAR, fixed(100.0 * DAY), fixed(HOUR));
    // Down for 3600 s from 600 s before the end of the first month on.
    let crossing = || unit(2.0 * MONTH, fixed(MONTH - 600.0), fixed(HOUR));
    // Seen after 30 s, clients leave over 60 s, of which 30 s belong to the next month: 30 + 22.5 and 7.5 s.
    let drain = world(2.0 * MONTH).region("r", &["a"]).region("s", &["b"]).tier(pool("t", 2)).wanting(0.999);
    let drain = drain.stack("r", &part("t")).stack("s", &part("t")).found_by(failover(["r", "s"], 60.0));
    let drain = drain.fails("f", OneRegion("r"), fixed(MONTH - 60.0), never());
    table([
        case("three outages of an hour", three)
            .exactly(MonthsMet, 9.0 / 12.0, "three months of twelve are over their budget")
            .exactly(MonthUsed, 3.0 * HOUR / (12.0 * BUDGET), "three hours over twelve months")
            .exactly(YearUsed, 3.0 * HOUR / (12.0 * BUDGET), "of the year's")
            .exactly(LargestIncident, HOUR / (12.0 * BUDGET), "each of them")
            .exactly(LargestOfTheLoss, 1.0 / 3.0, "all alike"),
        case("an outage across the end of a month", crossing())
            .exactly(MonthsMet, 0.5, "600 s and 3000 s: the second is over")
            .exactly(MonthUsed, 1_800.0 / BUDGET, "half of an hour each")
            .exactly(MonthUsedMost, 3_000.0 / BUDGET, "in the second"),
        // The months begin with the time that counts: 10 days later, all of the outage is in the first.
        case("months begin after the warm-up", crossing().warming_up(10.0 * DAY)).exactly(
            MonthUsedMost,
            HOUR / BUDGET,
            "there is only one whole month, from day 10 on",
        ),
        // Excluded is the first 1000 s of the second month: 2000 s are lost of a budget of a thousandth of what is left.
        case("an outage that is excluded in part", crossing().maintained(ControlPlane("r"), MONTH, 1_000.0))
            .exactly(MonthsMet, 1.0, "600 s and 2000 s")
            .exactly(MonthUsedMost, 2_000.0 / (0.001 * (MONTH - 1_000.0)), "in the second"),
        case("a drain across the end of a month", drain)
            .exactly(MonthUsed, 30.0 / BUDGET, "60 s in two months")
            .exactly(MonthUsedMost, 52.5 / BUDGET, "in the first")
            .exactly(LargestOfTheLoss, 59.997 / 60.0, "down to a loss of 1 %, which is no incident any more"),
    ])
}

/// Of a Poisson law: at most so many.
fn at_most(most: u32, mean: f64) -> f64 {
    let mut term = (-mean).exp();
    let mut sum = term;
    for n in 1..=most {
        term *= mean / f64::from(n);
        sum += term;
    }
    sum
}

/// Up for exponential times of mean m, down for a fixed d. A period of length T with a budget b is met if and only if what goes down
/// during the first T - b of time up takes no longer than b: the number of failures in it is Poisson of (T - b) / m. In the long run a period
/// begins up with probability m / (m + d), otherwise with a rest of an outage that is uniform on (0, d). With b = (k + 1/2) d, k outages are met,
/// and after a rest above d/2 one less.
fn poisson_outages() -> Vec<Case> {
    let down = BUDGET / 4.5;
    let up = (MONTH - BUDGET) / 4.0;
    let met = |periods: f64, most: u32| {
        let mean = 4.0 * periods;
        let begins_down = down / (up + down);
        let (enough, one_less) = (at_most(most, mean), at_most(most - 1, mean));
        enough - begins_down * 0.5 * (enough - one_less)
    };
    let stationary = unit(YEAR + 60.0 * DAY, exponential(up), fixed(down)).warming_up(60.0 * DAY);
    // From new, a history of a month begins up.
    let month = unit(MONTH, exponential(up), fixed(down));
    // So rare that a clustered mean has nothing to go by.
    let rare = unit(YEAR, exponential(1_000.0 * YEAR), fixed(HOUR));
    table([
        case("months and quarters with Poisson outages", stationary)
            .replications(2_000)
            .inside(MonthMet, met(1.0, 4), "at most four outages, by the state the month begins in")
            .inside(QuarterMet, met(3.0, 13), "at most thirteen"),
        case("one month from new", month)
            .replications(4_000)
            .inside(MonthMet, at_most(4, 4.0), "at most four outages")
            .inside(ObjectiveMet, at_most(4, 4.0), "the month is the replication"),
        // The mean of an hour once in a thousand years: a month misses with probability of nearly 1 - exp(-1/12000).
        case("months that are nearly always met", rare).replications(100).inside(
            MonthMet,
            (-1.0f64 / 12_000.0).exp(),
            "no outage",
        ),
    ])
}

/// All of them.
pub fn cases() -> Vec<Case> {
    [fixed_calendars(), poisson_outages()].concat()
}

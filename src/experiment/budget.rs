//! The error budget: how often a month, a quarter or a year meets the availability objective, and how much of its budget is used.
//!
//! Periods of one replication depend on each other (an outage crosses a border, a wearing part fails late), replications do not. So the
//! replication is the unit of every interval here:
//!
//! - The probability that a period meets the objective is the mean over replications of the share of their periods that do. Its interval is
//!   that of a mean, once enough replications have a period that met it and enough have one that did not. Before that it is Clopper and
//!   Pearson's with one trial for each replication: a share between 0 and 1 varies no more than a yes or no with the same mean, so this is too
//!   wide rather than too narrow.
//! - Quantiles of the used budget are over one period of each replication, the first of one, the second of the next, and so on. These are
//!   independent, and order statistics of independent values cover also where the periods differ in law: the number of values below a point is
//!   then spread less than the binomial law says (Hoeffding 1956, "On the distribution of the number of successes in independent trials").

use super::summary::quantiles;
use crate::simulation::{Outcome, Plan};
use crate::statistics::{Estimate, Moments, Ratio, Spread, proportion};
use crate::study::{Distribution, ErrorBudget};
use serde::{Deserialize, Serialize};

/// Months in a month, a quarter and a year.
pub const MONTHS: [usize; 3] = [1, 3, 12];

/// Replications with a period on either side of the objective from which on a mean has an interval of its own.
const ENOUGH: u64 = 30;

/// A budget that is used up to the last bit is kept, whatever rounding makes of the sum.
const ROUNDING: f64 = 1e-9;

/// Periods of one kind.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Period {
    /// Share of a replication's periods that missed the objective.
    missed: Moments,
    /// Replications with a period that missed it.
    some_missed: u64,
    /// Replications with a period that met it.
    some_met: u64,
    /// Mean share of the budget used in a replication's periods.
    used: Moments,
    /// Share of the budget used in one period of each replication.
    one_each: Spread,
}

/// What replications add up to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct BudgetTally {
    /// Replications that met the objective as a whole.
    pub met: u64,
    /// What was lost and counts towards the objective, per replication.
    pub judged: Moments,
    /// Demand that would count were it not excluded.
    pub exempt: f64,
    periods: [Period; 3],
    /// Share of the replication's budget that its largest incident used.
    largest: Spread,
    largest_mean: Moments,
    /// Largest incident over everything lost.
    of_the_loss: Ratio,
}

/// Share of a budget that a loss uses. Where nothing may be lost, any loss is more than all there is.
fn used(loss: f64, budget: f64) -> f64 {
    if loss == 0.0 { 0.0 } else { loss / budget.max(f64::MIN_POSITIVE) }
}

impl Period {
    fn push(&mut self, shares: impl Iterator<Item = f64> + Clone, turn: u64) {
        let count = shares.clone().count();
        if count == 0 {
            return;
        }
        let missed = shares.clone().filter(|share| *share > 1.0 + ROUNDING).count();
        self.missed.push(missed as f64 / count as f64);
        self.some_missed += u64::from(missed > 0);
        self.some_met += u64::from(missed < count);
        self.used.push(shares.clone().sum::<f64>() / count as f64);
        self.one_each.push(shares.clone().nth((turn % count as u64) as usize).unwrap_or(0.0));
    }

    fn merge(&mut self, other: &Period) {
        self.missed.merge(&other.missed);
        self.some_missed += other.some_missed;
        self.some_met += other.some_met;
        self.used.merge(&other.used);
        self.one_each.merge(&other.one_each);
    }

    fn probability_met(&self, level: f64) -> Option<Estimate> {
        let count = self.missed.count();
        if count == 0 {
            return None;
        }
        if self.some_missed >= ENOUGH
            && self.some_met >= ENOUGH
            && let Some(missed) = self.missed.interval_skewed(level)
        {
            let missed = Estimate { low: missed.low.max(0.0), high: missed.high.min(1.0), ..missed };
            return Some(missed.map_decreasing(|share| 1.0 - share));
        }
        let met = count as f64 - self.missed.sum();
        let bound = |met: f64| proportion(met as u64, count, level);
        let method = "Clopper-Pearson, one trial per replication";
        Some(Estimate {
            estimate: 1.0 - self.missed.mean(),
            low: bound(met.floor()).low,
            high: bound(met.ceil()).high,
            level,
            method,
        })
    }

    fn burn(&self, level: f64) -> Option<Distribution> {
        (self.missed.count() > 0).then(|| distribution(&self.used, &self.one_each, level))
    }
}

pub(super) fn distribution(mean: &Moments, spread: &Spread, level: f64) -> Distribution {
    Distribution { mean: mean.interval_skewed(level).or_else(|| mean.interval(level)), ..quantiles(spread, level) }
}

impl BudgetTally {
    /// Adds replication number `turn`, of which a share of `allowed` may be lost.
    pub fn push(&mut self, outcome: &Outcome, plan: &Plan, allowed: f64, turn: u64) {
        let demand = |month: usize| plan.judged[month] - outcome.exempt[month];
        let months = plan.judged.len();
        let judged: f64 = outcome.judged.iter().sum();
        let exempt: f64 = outcome.exempt.iter().sum();
        let budget = allowed * (plan.judged.iter().sum::<f64>() - exempt);
        self.judged.push(judged);
        self.exempt += exempt;
        self.met += u64::from(judged <= budget * (1.0 + ROUNDING));
        for (period, size) in self.periods.iter_mut().zip(MONTHS) {
            // What is left after the last whole month is none.
            let shares = (0..(months - 1) / size).map(|first| {
                let range = first * size..(first + 1) * size;
                let budget = allowed * range.clone().map(demand).sum::<f64>();
                used(outcome.judged[range].iter().sum(), budget)
            });
            period.push(shares, turn);
        }
        let largest = outcome.incidents.iter().map(|incident| incident.judged).fold(0.0, f64::max);
        self.largest.push(used(largest, budget));
        self.largest_mean.push(used(largest, budget));
        self.of_the_loss.push(largest, judged);
    }

    /// Adds the replications of another tally, as if they came after these.
    pub fn merge(&mut self, other: &BudgetTally) {
        self.met += other.met;
        self.judged.merge(&other.judged);
        self.exempt += other.exempt;
        for (mine, theirs) in self.periods.iter_mut().zip(&other.periods) {
            mine.merge(theirs);
        }
        self.largest.merge(&other.largest);
        self.largest_mean.merge(&other.largest_mean);
        self.of_the_loss.merge(&other.of_the_loss);
    }

    /// Every distribution.
    pub fn spreads(&mut self, mut visit: impl FnMut(&mut Spread)) {
        visit(&mut self.largest);
        self.periods.iter_mut().for_each(|period| visit(&mut period.one_each));
    }

    /// Probabilities that a month and a quarter meet the objective; none where no whole one was simulated.
    pub fn probabilities_met(&self, level: f64) -> [Option<Estimate>; 2] {
        [0, 1].map(|period: usize| self.periods[period].probability_met(level))
    }

    /// How the budget is used.
    pub fn summary(&self, level: f64) -> ErrorBudget {
        let [month, quarter, year] = [0, 1, 2].map(|period: usize| self.periods[period].burn(level));
        ErrorBudget {
            month,
            quarter,
            year,
            largest_incident: distribution(&self.largest_mean, &self.largest, level),
            largest_incident_share_of_loss: self.of_the_loss.interval(level),
        }
    }
}

//! Intervals over blocks of replications.
//!
//! Where rare outages are stratified, the replications of a block are not independent of each other, but blocks are. What their
//! means vary by is what the interval must be made of; one made of single replications is right as well, and wider. So the plain
//! interval stands until there are enough blocks, and an experiment that will never have enough does without.

use crate::law::NET;
use crate::statistics::{Estimate, Moments, Paired, t_quantile};
use serde::{Deserialize, Serialize};

/// Fewer blocks than this leave their spread too uncertain to gain anything.
pub const ENOUGH: u64 = 8;

/// A quantity by replication, and by whole block.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Blocked {
    /// Each replication.
    pub each: Moments,
    /// The mean of each whole block.
    blocks: Moments,
}

impl Blocked {
    /// Takes in one replication.
    pub fn push(&mut self, value: f64) {
        self.each.push(value);
    }

    /// Takes in so many replications that are all the same.
    pub fn push_alike(&mut self, count: u64, value: f64) {
        self.each.push_alike(count, value);
    }

    /// What was pushed so far is a whole block.
    pub fn close_block(&mut self) {
        self.blocks.push(self.each.mean());
    }

    /// Takes in everything of another one, as if it came after this.
    pub fn merge(&mut self, other: &Blocked) {
        self.each.merge(&other.each);
        self.blocks.merge(&other.blocks);
    }

    /// The interval for the mean of something that is not negative; none if all are 0.
    pub fn interval(&self, level: f64) -> Option<Estimate> {
        let by_block = (self.blocks.count() >= ENOUGH && !self.blocks.all_zero()).then_some(self.blocks);
        match by_block.and_then(|blocks| blocks.interval_skewed(level)) {
            Some(found) => Some(Estimate { low: found.low.max(0.0), ..self.centred(found, METHOD) }),
            None => self.each.interval_skewed(level),
        }
    }

    /// An interval of whole blocks around the mean of all replications, which has those of a block that was cut short, too.
    fn centred(&self, found: Estimate, method: &'static str) -> Estimate {
        let whole = (self.blocks.count() * NET) as f64;
        let narrower = (whole / self.each.count() as f64).sqrt();
        let at = |bound: f64| self.each.mean() + narrower * (bound - found.estimate);
        Estimate { estimate: self.each.mean(), low: at(found.low), high: at(found.high), method, ..found }
    }

    /// How many times more replications that are `plain` give the same interval, as far as this sample tells; none without enough blocks.
    pub fn gain_over(&self, plain: &Moments) -> Option<f64> {
        let (each, blocks) = (plain.variance()?, self.blocks.variance()?);
        (self.blocks.count() >= ENOUGH && blocks > 0.0).then(|| each / (blocks * NET as f64))
    }
}

const METHOD: &str = "t interval over blocks of 64 stratified replications, Hall's correction for skewness";
const CONTROLLED: &str =
    "t interval over blocks of 64 stratified replications with control variates, Hall's correction for skewness";

/// An interval for a mean that says that its observations were adjusted.
pub fn of_adjusted(found: Estimate) -> Estimate {
    let method = match found.method {
        METHOD => CONTROLLED,
        "t interval over replications" => "t interval over replications with control variates",
        _ => "t interval over replications with control variates, Hall's correction for skewness",
    };
    Estimate { method, ..found }
}

/// The difference of two architectures, by replication and by whole block.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct BlockedPair {
    /// Each replication.
    pub each: Paired,
    blocks: Paired,
}

impl BlockedPair {
    /// Takes in one replication.
    pub fn push(&mut self, left: f64, right: f64) {
        self.each.push(left, right);
    }

    /// What was pushed so far is a whole block.
    pub fn close_block(&mut self) {
        self.blocks.push(self.each.x().mean(), self.each.y().mean());
    }

    /// Takes in everything of another one, as if it came after this.
    pub fn merge(&mut self, other: &BlockedPair) {
        self.each.merge(&other.each);
        self.blocks.merge(&other.blocks);
    }

    /// The interval for the difference.
    pub fn difference(&self, level: f64) -> Option<Estimate> {
        let plain = self.each.difference(level)?;
        if self.blocks.count() < ENOUGH {
            return Some(plain);
        }
        let found = self.blocks.difference_skewed(level)?;
        let whole = (self.blocks.count() * NET) as f64;
        let narrower = (whole / self.each.count() as f64).sqrt();
        let at = |bound: f64| plain.estimate + narrower * (bound - found.estimate);
        Some(Estimate { low: at(found.low), high: at(found.high), method: PAIRED, ..plain })
    }
}

/// The method of an interval that holds for all comparisons together.
pub fn simultaneous(method: &'static str) -> &'static str {
    if method == PAIRED {
        "paired t interval over blocks of 64 stratified replications, Hall's correction for skewness, simultaneous for all comparisons (Bonferroni)"
    } else {
        "paired t interval over replications, simultaneous for all comparisons (Bonferroni)"
    }
}

const PAIRED: &str = "paired t interval over blocks of 64 stratified replications, Hall's correction for skewness";

/// Standard error of a simulated mean, from its interval and the number of replications behind it.
#[must_use]
pub fn standard_error(seen: &Estimate, replications: u64) -> f64 {
    let observations = if [METHOD, CONTROLLED].contains(&seen.method) { replications / NET } else { replications };
    // Cut short, it may have no history at all.
    let freedom = observations.saturating_sub(1).max(1) as f64;
    seen.half_width() / t_quantile(0.5 + seen.level / 2.0, freedom)
}

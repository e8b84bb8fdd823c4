//! A gate: replications until every condition is decided, or none can be expected to be.
//!
//! Conditions are judged on intervals, at more than one look, and all verdicts together are to be right with the probability promised.
//! A verdict is wrong only if the interval that it rests on misses the true value. Let m conditions be looked at, for the k-th time with
//! intervals that each miss with a probability of at most (1 - level) / (m k (k + 1)). By Bonferroni the m intervals of look k all hold but for
//! a probability of (1 - level) / (k (k + 1)); these sum over k = 1, 2, ... to 1 - level, so that with probability `level` no interval of any
//! condition at any look misses. So it does not matter at which look a condition is decided, nor that it is chosen by what was seen.

use super::row::{Add, Row};
use super::series::Series;
use super::{
    BLOCK, FIRST_WAVE, Options, Progress, Rarity, WIDE, deadline, is_hopeless, level_at_look, next_wave, rare,
};
use crate::model::Design;
use crate::simulation::{PlanError, Stop};
use crate::study::Study;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Replications before the first look; looks come at this many times 1, 2, 4, ...
pub const FIRST_JUDGEMENT: u64 = 1_024;
/// Most replications unless somebody says how many.
pub const MOST_JUDGED: u64 = 131_072;

/// Simulates, and shows `judge` at every look a study whose intervals, each at the level that it says, hold together for `conditions`
/// conditions over all looks with the level of the options; ends when `judge` says that nothing is open, when there are
/// as many replications or as much time has passed as the options say, or when `stop` becomes true. Returns the last study, and how many
/// looks there were.
///
/// # Errors
/// When a design cannot be compiled.
pub fn gate(
    designs: &[Design],
    options: &Options,
    conditions: usize,
    stop: &AtomicBool,
    watch: &mut dyn FnMut(Progress),
    judge: &mut dyn FnMut(&Study) -> bool,
) -> Result<(Study, u32), PlanError> {
    let stop = Stop::when(stop).or_at(deadline(options));
    let total = options.replications.max(2);
    let series = Series::of(designs, options, total, &stop)?;
    let mut sums = Row::new(0);
    let mut done = 0;
    let mut wave = FIRST_WAVE;
    let (mut look, mut looks, mut branched) = (FIRST_JUDGEMENT.min(total), 0, false);
    loop {
        let mut cut = None;
        while done < look && cut.is_none() {
            let begun = Instant::now();
            let next = (done + BLOCK * wave).min(look);
            cut = series.advance(&mut sums, next, &stop)?;
            done = series.replications(&sums);
            watch(Progress::of(done, total));
            wave = next_wave(wave, begun.elapsed());
        }
        let finished = !stop.is_told() || cut.is_none();
        let last = cut.is_some() || stop.is_late() || done >= total;
        let mut crude = series.total(&sums);
        if let Some(rest) = cut.and_then(|cut| cut.rest) {
            crude.add(&rest);
        }
        let due = match options.rare {
            Rarity::Off => false,
            Rarity::Auto => crude.tallies.iter().any(|tally| is_hopeless(tally, WIDE, total)),
            Rarity::Importance | Rarity::Splitting | Rarity::Unweighted(_) => true,
        };
        let branches = due && !branched && finished && !stop.is_late();
        looks += 1;
        let mut at = Options { level: level(options.level, conditions, looks, last && !branches), ..options.clone() };
        let mut study = series.study(&mut crude, &at, at.level, !finished);
        let decided = judge(&study);
        if decided || !finished {
            return Ok((study, looks));
        }
        if branches {
            branched = true;
            looks += 1;
            at.level = level(options.level, conditions, looks, false);
            rare::take_over(&mut study, &crude, designs, &series.plans, &at, &stop, watch);
            let decided = judge(&study);
            if decided || study.interrupted || last || stop.is_late() {
                return Ok((study, looks));
            }
        } else if last {
            return Ok((study, looks));
        }
        look = (2 * look).min(total);
    }
}

/// The level of each interval at a look. Where the first look is the last whatever it shows, nothing is chosen by it, and no level is
/// spent on others.
fn level(level: f64, conditions: usize, look: u32, only: bool) -> f64 {
    let of_look = if only && look == 1 { level } else { level_at_look(level, look) };
    1.0 - (1.0 - of_look) / conditions.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Over so many looks that what is left out is below the tolerance: the sum of 1 / (k (k + 1)) up to n is 1 - 1 / (n + 1).
    #[test]
    fn verdicts_together_spend_what_one_interval_may() {
        let wrong: f64 = (1..=10_000).map(|look| 7.0 * (1.0 - level(0.95, 7, look, false))).sum();
        assert!((wrong - 0.05 * (1.0 - 1.0 / 10_001.0)).abs() < 1e-9, "{wrong}");
        assert!((level(0.95, 5, 1, true) - 0.99).abs() < 1e-12);
    }
}

//! Many replications: how many, in parallel and yet byte for byte the same, and what they add up to.
//!
//! Replications are worked off in blocks of fixed size that are merged in their order, so that neither the number of threads nor
//! the order in which they finish enters a number. All architectures of an experiment run the same replications under common random
//! numbers, and are compared by paired differences.

mod budget;
mod summary;
mod tally;

use crate::model::Design;
use crate::simulation::{Plan, PlanError, Replica};
use crate::statistics::Paired;
use crate::study::{Comparison, Study, Verdict};
use crate::units::Seconds;
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tally::Tally;

/// How an experiment is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Seed of every random stream.
    pub seed: u64,
    /// Replications of each architecture, at least 2; with a precision, the most there may be.
    pub replications: u64,
    /// Stop when the half-width of every architecture's interval is below this fraction of its unavailability.
    pub precision: Option<f64>,
    /// Stop after this much time on the clock; how far it gets then depends on the machine.
    pub max_time: Option<Duration>,
    /// Confidence level of the intervals.
    pub level: f64,
}

/// Replications unless the scenario or the user asks otherwise.
pub const DEFAULT_REPLICATIONS: u64 = 2_000;

/// The most replications with a precision and no number.
pub const MOST_REPLICATIONS: u64 = 10_000_000;

impl Default for Options {
    fn default() -> Options {
        Options { seed: 1, replications: DEFAULT_REPLICATIONS, precision: None, max_time: None, level: 0.95 }
    }
}

/// Where a running experiment stands.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Replications done of each architecture.
    pub done: u64,
    /// Replications asked for.
    pub total: u64,
}

/// Replications in a block: the unit of work of a thread, and of merging.
const BLOCK: u64 = 16;

/// Blocks between two looks at clock and progress.
const WAVE: u64 = 32;

/// Replications before the first look at the precision; looks come at this many times 1, 2, 4, ...
const FIRST_LOOK: u64 = 256;

/// Runs the experiment.
///
/// # Errors
/// When a design cannot be compiled.
pub fn run(designs: &[Design], options: &Options) -> Result<Study, PlanError> {
    run_watched(designs, options, &AtomicBool::new(false), &mut |_| ())
}

/// Runs the experiment, tells how it gets on, and stops early with what it has when `stop` becomes true.
///
/// # Errors
/// When a design cannot be compiled.
pub fn run_watched(
    designs: &[Design],
    options: &Options,
    stop: &AtomicBool,
    watch: &mut dyn FnMut(Progress),
) -> Result<Study, PlanError> {
    let plans = designs.iter().map(Plan::new).collect::<Result<Vec<_>, _>>()?;
    let started = Instant::now();
    let total = options.replications.max(2);
    let mut result = Partial::new(&plans);
    let mut done = 0;
    let mut look = FIRST_LOOK;
    let mut interrupted = false;
    while done < total && !interrupted {
        let until = (done + BLOCK * WAVE).min(total);
        let until = if options.precision.is_some() { until.min(look) } else { until };
        let blocks: Vec<(u64, u64)> =
            (done..until).step_by(BLOCK as usize).map(|first| (first, (first + BLOCK).min(until))).collect();
        let partials: Vec<Option<Partial>> = blocks
            .par_iter()
            .map_init(
                || plans.iter().map(Replica::new).collect::<Vec<_>>(),
                |replicas, (first, last)| simulate(&plans, replicas, designs, options.seed, *first..*last, stop),
            )
            .collect();
        for partial in partials {
            match partial {
                Some(partial) if !interrupted => {
                    done += partial.replications;
                    result.merge(&partial);
                }
                _ => interrupted = true,
            }
        }
        watch(Progress { done, total });
        if let Some(precision) = options.precision
            && done >= look
        {
            look *= 2;
            if result.tallies.iter().all(|t| t.lost.interval(options.level).is_some_and(|i| close(i, precision))) {
                break;
            }
        }
        if options.max_time.is_some_and(|limit| started.elapsed() >= limit) {
            break;
        }
    }
    Ok(result.study(designs, &plans, options, interrupted))
}

fn close(interval: crate::statistics::Estimate, precision: f64) -> bool {
    interval.relative_half_width().is_some_and(|width| width <= precision)
}

/// What some replications add up to.
#[derive(Debug, Clone)]
struct Partial {
    replications: u64,
    tallies: Vec<Tally>,
    /// Lost seconds of each architecture against the ones after it.
    pairs: Vec<Paired>,
}

impl Partial {
    fn new(plans: &[Plan]) -> Partial {
        let n = plans.len();
        Partial {
            replications: 0,
            tallies: vec![Tally::default(); n],
            pairs: vec![Paired::new(); n * n.saturating_sub(1) / 2],
        }
    }

    fn merge(&mut self, other: &Partial) {
        self.replications += other.replications;
        for (mine, theirs) in self.tallies.iter_mut().zip(&other.tallies) {
            mine.merge(theirs);
        }
        for (mine, theirs) in self.pairs.iter_mut().zip(&other.pairs) {
            mine.merge(theirs);
        }
    }

    fn study(&self, designs: &[Design], plans: &[Plan], options: &Options, interrupted: bool) -> Study {
        let architectures: Vec<_> = (designs.iter().zip(plans).zip(&self.tallies))
            .map(|((design, plan), tally)| summary::summary(design, plan, tally, options.level))
            .collect();
        let mut comparisons = Vec::new();
        let mut pairs = self.pairs.iter();
        let counted = plans.first().map_or(0.0, |plan| plan.counted);
        for left in 0..designs.len() {
            for right in left + 1..designs.len() {
                let Some(pair) = pairs.next() else { break };
                let Some(difference) = pair.difference(options.level) else { continue };
                let difference = difference.scale(Seconds::YEAR.0 / counted);
                comparisons.push(Comparison {
                    left: designs[left].name.clone(),
                    right: designs[right].name.clone(),
                    lost_seconds_per_year_difference: difference,
                    verdict: match (difference.high < 0.0, difference.low > 0.0) {
                        (true, _) => Verdict::Better,
                        (_, true) => Verdict::Worse,
                        _ => Verdict::Undecided,
                    },
                    variance_ratio: pair.variance_ratio(),
                });
            }
        }
        Study {
            seed: options.seed,
            horizon_seconds: designs.first().map_or(0.0, |design| design.horizon.0),
            level: options.level,
            architectures,
            comparisons,
            interrupted,
        }
    }
}

/// Simulates a block of replications of all architectures; none if it was told to stop.
fn simulate(
    plans: &[Plan],
    replicas: &mut [Replica],
    designs: &[Design],
    seed: u64,
    replications: std::ops::Range<u64>,
    stop: &AtomicBool,
) -> Option<Partial> {
    let mut partial = Partial::new(plans);
    partial.replications = replications.end - replications.start;
    let mut lost = vec![0.0; plans.len()];
    for replication in replications {
        for (index, (plan, replica)) in plans.iter().zip(replicas.iter_mut()).enumerate() {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            let outcome = replica.run(plan, seed, replication);
            lost[index] = partial.tallies[index].push(&outcome, plan, &designs[index].objectives, replication);
        }
        let mut pairs = partial.pairs.iter_mut();
        for left in 0..lost.len() {
            for right in left + 1..lost.len() {
                if let Some(pair) = pairs.next() {
                    pair.push(lost[left], lost[right]);
                }
            }
        }
    }
    Some(partial)
}

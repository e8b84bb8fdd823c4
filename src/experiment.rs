//! Many replications: how many, in parallel and yet byte for byte the same, and what they add up to.
//!
//! Replications are worked off in blocks of fixed size that are merged in their order, so that neither the number of threads nor
//! the order in which they finish enters a number. All architectures of an experiment run the same replications under common random
//! numbers, and are compared by paired differences.

mod blocks;
mod budget;
mod control;
mod drill;
mod explain;
mod gate;
mod grid;
mod importance;
mod kept;
mod progress;
mod rare;
mod row;
mod select;
mod series;
mod size;
mod summary;
mod tally;
mod uncertainty;
mod verify;

pub use crate::simulation::rare::Way;
pub use verify::verify;

use crate::law::NET;
use crate::model::Design;
use crate::simulation::{Halt, PlanError, Stop};
use crate::statistics::Estimate;
use crate::study::Study;
use row::Add;
use series::Series;
use std::ops::Range;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use tally::Tally;

pub use blocks::standard_error;
pub use drill::{Asked, DRILL_AT, DRILL_REPLICATIONS, DrillError, drill, resilience, single_points};
pub use explain::{ExplainError, Which, explain};
pub use gate::{FIRST_JUDGEMENT, MOST_JUDGED, gate};
pub use grid::{Grid, MOST_VALUES};
pub use importance::{Change, Importance, Saving, importance};
pub use kept::{Forgetful, Keep, Key};
pub use progress::{Known, Part, Progress, expected_end};
pub use select::{Contest, MOST_SELECTED, Raced, select};
pub use series::Sums;
pub use size::{CHECKS, MOST_PER_VALUE, most_looked_at, size};
pub use uncertainty::{Band, Drawn, Swing, TORNADO, Uncertainty, uncertainty};

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
    /// Confidence level of the intervals. It holds although a precision is looked at more than once, and for all comparisons together.
    pub level: f64,
    /// Which architectures are compared.
    pub against: Against,
    /// Whether rare events are estimated by histories that branch.
    pub rare: Rarity,
    /// Whether losses are adjusted by what is known exactly of outages, where that helps.
    pub controls: Controlled,
    /// Most histories of such an estimate; none for as many as it takes.
    pub histories: Option<u64>,
    /// Work out the exact answer beside each architecture, where there is one at little cost.
    pub exact: bool,
}

/// How rare events are estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rarity {
    /// By crude simulation, whatever it sees.
    #[default]
    Off,
    /// Where crude simulation sees too little, by the way that pilots find to be better.
    Auto,
    /// By importance sampling.
    Importance,
    /// By splitting.
    Splitting,
    /// One of them without weights, which is wrong, so that a test can find out.
    Unweighted(Way),
}

/// Whether histories are adjusted by control variates.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Controlled {
    /// Where pilot histories show that it is worth it.
    #[default]
    Auto,
    /// Nowhere.
    Off,
    /// With means that are off by this share, which is wrong, so that a test can find out.
    Wrong(f64),
}

/// Which architectures are compared with which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Against {
    /// Each with each.
    #[default]
    Each,
    /// The first with each other one.
    First,
}

impl Against {
    /// The pairs among `count` architectures, in order.
    fn pairs(self, count: usize) -> impl Iterator<Item = (usize, usize)> {
        let lefts = match self {
            Against::Each => count,
            Against::First => count.min(1),
        };
        (0..lefts).flat_map(move |left| (left + 1..count).map(move |right| (left, right)))
    }
}

/// Replications unless the scenario or the user asks otherwise.
pub const DEFAULT_REPLICATIONS: u64 = 2_000;

/// The most replications with a precision and no number.
pub const MOST_REPLICATIONS: u64 = 10_000_000;

impl Default for Options {
    fn default() -> Options {
        Options {
            seed: 1,
            replications: DEFAULT_REPLICATIONS,
            precision: None,
            max_time: None,
            level: 0.95,
            against: Against::Each,
            rare: Rarity::Off,
            controls: Controlled::Auto,
            histories: None,
            exact: false,
        }
    }
}

/// Replications in a block: the unit of work of a thread, of merging, and of stratification.
const BLOCK: u64 = NET;

/// Blocks before the first look at clock and progress. What is added up, and in which order, does not depend on the looks.
const FIRST_WAVE: u64 = 4;

/// Most blocks between two looks.
const WIDEST_WAVE: u64 = 16_384;

/// A wave that took less than the first is doubled, one that took more than the second halved: often enough for a bar that moves
/// and a stop that is prompt, seldom enough to keep all threads busy.
const WAVE_TIME: (Duration, Duration) = (Duration::from_millis(100), Duration::from_millis(400));

/// An interval wider than this fraction of the unavailability is worth a warning.
const WIDE: f64 = 0.5;

/// Replications before the first look at the precision; looks come at this many times 1, 2, 4, ...
const FIRST_LOOK: u64 = 256;

/// The level that an interval is to have at one of several looks, so that with probability `level` none of them is wrong.
///
/// Look k = 1, 2, ... may be wrong with probability (1 - level) / (k (k + 1)); these sum to 1 - level. A rule that stops when an
/// interval is narrow, but looks at the plain interval each time, stops too often when chance has made it narrow (Law 2015, section 9.4.1).
fn level_at_look(level: f64, look: u32) -> f64 {
    let look = f64::from(look);
    1.0 - (1.0 - level) / (look * (look + 1.0))
}

/// The level that intervals are to have after so many looks that decided nothing.
fn spent(options: &Options, looks: u32) -> f64 {
    if options.precision.is_some() { level_at_look(options.level, looks + 1) } else { options.level }
}

/// How sure intervals are to be.
#[derive(Debug, Clone, Copy)]
struct Confidence {
    /// What is promised.
    level: f64,
    /// At what level the numbers that decide when to stop are worked out, to keep the promise over all looks.
    spent: f64,
    /// Half width asked for, as a share of the unavailability.
    precision: Option<f64>,
}

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
    run_kept(designs, options, stop, watch, &mut Forgetful)
}

/// As [`run_watched`], going on from what was kept of it, and keeping what comes.
///
/// # Errors
/// When a design cannot be compiled.
pub fn run_kept(
    designs: &[Design],
    options: &Options,
    stop: &AtomicBool,
    watch: &mut dyn FnMut(Progress),
    keep: &mut dyn Keep,
) -> Result<Study, PlanError> {
    let started = Instant::now();
    let stop = Stop::when(stop).or_at(deadline(options));
    let series = Series::new(designs, options, &stop)?;
    let total = series.total;
    let mut sums = series.found(keep, 0..series.blocks());
    let mut done = series.replications(&sums);
    let mut look = FIRST_LOOK;
    let mut looks = 0;
    // Looks at less than was kept were not decisive.
    while look < done {
        look *= 2;
        looks += 1;
    }
    let mut cut = None;
    let mut wave = FIRST_WAVE;
    while cut.is_none() {
        if done < total {
            let begun = Instant::now();
            let until = (done + BLOCK * wave).min(total);
            let until = if options.precision.is_some() { until.min(look.max(done)) } else { until };
            cut = series.advance(&mut sums, until, &stop)?;
            done = series.replications(&sums);
            let known = || series.known(&sums, options, spent(options, looks));
            watch(Progress { known: Some(&known), ..Progress::of(done, total) });
            keep.keep(&series.key, &sums, false);
            wave = next_wave(wave, begun.elapsed());
        }
        if let Some(precision) = options.precision
            && done >= look
        {
            look *= 2;
            looks += 1;
            let level = level_at_look(options.level, looks);
            let known = |t: &Tally| t.lost.interval(level).is_some_and(|i| close(i, precision));
            let auto = options.rare == Rarity::Auto;
            if series.total(&sums).tallies.iter().all(|t| known(t) || auto && is_hopeless(t, precision, total)) {
                looks -= 1;
                break;
            }
        }
        if let Some(limit) = options.max_time {
            let asked = options.precision.unwrap_or(WIDE);
            // Half of the time is for crude simulation, where it is about to see enough.
            let hopeless = |t: &Tally| options.rare == Rarity::Auto && is_hopeless(t, asked, total);
            let share = if series.total(&sums).tallies.iter().any(hopeless) { 0.1 } else { 1.0 };
            if started.elapsed() >= limit.mul_f64(share) {
                break;
            }
        }
        if done >= total {
            break;
        }
    }
    let (interrupted, rest) = cut.map_or((false, None), |cut| (cut.why == Halt::Told, cut.rest));
    keep.keep(&series.key, &sums, !interrupted);
    // Where no look was decisive, the end is one more look.
    let mut crude = series.end_total(sums);
    if let Some(rest) = rest {
        crude.add(&rest);
    }
    let mut study = series.study(&mut crude, options, spent(options, looks), interrupted);
    if options.rare != Rarity::Off && !study.interrupted {
        rare::take_over(&mut study, &crude, designs, &series.plans, options, &stop, watch);
    }
    Ok(study)
}

/// So much time there is at least: what is asked of something small is answered in any case.
const LEAST_TIME: Duration = Duration::from_millis(250);

/// When an experiment that begins now is to end, if there is a limit to its time.
fn deadline(options: &Options) -> Option<Instant> {
    options.max_time.and_then(|limit| Instant::now().checked_add(limit.max(LEAST_TIME)))
}

/// Blocks of replications that an experiment of so many has.
pub const fn blocks_of(replications: u64) -> u64 {
    replications.div_ceil(BLOCK)
}

/// Simulates some blocks of an experiment that others do the rest of, going on from what was kept of them; false if it was told to stop before it was through.
/// The options ask for a number of replications and nothing else that ends an experiment.
///
/// # Errors
/// When a design cannot be compiled.
pub fn run_blocks(
    designs: &[Design],
    options: &Options,
    blocks: Range<u64>,
    stop: &AtomicBool,
    watch: &mut dyn FnMut(Progress),
    keep: &mut dyn Keep,
) -> Result<bool, PlanError> {
    let stop = Stop::when(stop);
    let series = Series::new(designs, options, &stop)?;
    let mut sums = series.found(keep, blocks.clone());
    let (first, until) = (blocks.start * BLOCK, (blocks.end * BLOCK).min(series.total));
    let mut wave = FIRST_WAVE;
    let mut done = first + series.replications(&sums);
    let mut whole = true;
    while done < until && whole {
        let begun = Instant::now();
        whole = series.advance(&mut sums, (done + BLOCK * wave).min(until), &stop)?.is_none();
        done = first + series.replications(&sums);
        watch(Progress::of(done - first, until - first));
        keep.keep(&series.key, &sums, false);
        wave = next_wave(wave, begun.elapsed());
    }
    keep.keep(&series.key, &sums, whole);
    Ok(whole)
}

/// Histories that lose something from which on crude simulation has seen enough to judge how far it would get.
const SEEN_ENOUGH: u64 = 10;

/// Crude simulation goes on for as many replications as this before anything else is tried, if it is about to see enough in them.
const PATIENCE: u64 = 1_000_000;

/// Crude simulation will not know the loss to this share of it, by what it has seen so far, in as many replications.
///
/// With n of N histories losing something the relative variance of the mean is at least 1/n, so about (2 / precision)² such histories are needed.
fn is_hopeless(tally: &Tally, precision: f64, total: u64) -> bool {
    // With none seen, three are within reason.
    let share = (tally.losing + 3) as f64 / tally.replications.max(1) as f64;
    let needed = 4.0 / (precision * precision);
    tally.losing < SEEN_ENOUGH && share * (total.min(PATIENCE) as f64) < needed
}

fn close(interval: Estimate, precision: f64) -> bool {
    interval.relative_half_width().is_some_and(|width| width <= precision)
}

/// As many blocks in the next wave as the time says that this one took.
fn next_wave(wave: u64, took: Duration) -> u64 {
    if took < WAVE_TIME.0 {
        (2 * wave).min(WIDEST_WAVE)
    } else if took > WAVE_TIME.1 {
        (wave / 2).max(FIRST_WAVE)
    } else {
        wave
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_together_spend_what_one_interval_may() {
        let wrong: f64 = (1..=100_000).map(|look| 1.0 - level_at_look(0.95, look)).sum();
        // The sum of 1 / (k (k + 1)) up to n is 1 - 1 / (n + 1).
        assert!((wrong - 0.05 * (1.0 - 1.0 / 100_001.0)).abs() < 1e-9, "{wrong}");
        assert!((level_at_look(0.95, 1) - 0.975).abs() < 1e-12);
    }
}

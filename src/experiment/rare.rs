//! Estimates of rare events: how probes are steered, how many histories there are, and what they add up to.
//!
//! The steering is found out by rounds of pilot histories that are then forgotten, so that it depends on no number that is reported. Each
//! round works out, by class of the failure that begins a probe, how long restorations are away, which failures led to losses (cross
//! entropy; Rubinstein and Kroese, "The Cross-Entropy Method", 2004), and how probes are best divided among classes, which is in
//! proportion to the root of their mean squared loss over their cost (Neyman 1934). Every class keeps a share whatever was seen, so
//! that nothing is missed because a pilot did not see it.
//!
//! A history with its probes is one independent observation, whatever depends on what within it: means and intervals are those of any
//! simulation. An interval of heavy-tailed weights can be trusted only if many probes carry the sum, which is judged by their effective
//! number, (sum)² over the sum of squares (Kish 1965), and by the share of the largest.

mod findings;
mod steer;
mod tally;

pub(super) use findings::replace;
pub(super) use tally::RareTally;

use super::{BLOCK, Options, Partial, Progress, Rarity};
use crate::model::Design;
use crate::simulation::Plan;
use crate::simulation::rare::{Explorer, Sources, Steering};
use crate::study::Study;
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Histories of estimates are numbered from here on, those of pilots from twice as far: nothing that crude simulation has seen comes again.
const FIRST_HISTORY: u64 = 1 << 40;

/// Histories before the first look at the precision; looks come at this many, and half as many more each time.
const FIRST_LOOK: u64 = 256;

/// Crude simulation of fewer replications than this says nothing about what is rare: it was not meant to.
const ENOUGH_TO_TELL: u64 = 100;

/// Most histories where nobody says.
const MOST_HISTORIES: u64 = 100_000_000;

/// Half width asked for where nobody says, as a share of the unavailability.
pub const DEFAULT_PRECISION: f64 = 0.05;

/// State changes after which nothing more is begun, without a limit of time: half a minute or so.
const MOST_EVENTS: u64 = 200_000_000;

/// State changes, and histories, without any loss after which it is given up to look for one.
const FRUITLESS: (u64, u64) = (20_000_000, 4_096);

/// Fewer probes than this that carry an estimate, in effect, are too few to trust its interval.
const FEW_HITS: f64 = 30.0;

/// What is asked of an estimation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub seed: u64,
    pub level: f64,
    pub precision: f64,
    /// Most histories.
    pub histories: u64,
    /// No more is begun after this.
    pub until: Option<Instant>,
    /// Weights are as they should be.
    pub weighs: bool,
}

/// Estimates by histories that branch what crude simulation has seen too little of, and puts that in its place.
#[expect(clippy::too_many_arguments, reason = "what the experiment knows")]
pub(super) fn take_over(
    study: &mut Study,
    crude: &Partial,
    designs: &[Design],
    plans: &[Plan],
    options: &Options,
    until: Option<Instant>,
    stop: &AtomicBool,
    watch: &mut dyn FnMut(Progress),
) {
    let auto = options.rare == Rarity::Auto;
    let wanted = Wanted {
        seed: options.seed,
        level: options.level,
        precision: options.precision.unwrap_or(DEFAULT_PRECISION),
        histories: options.histories.unwrap_or(MOST_HISTORIES).max(2),
        until,
        weighs: options.rare != Rarity::Unweighted,
    };
    let mut taken = vec![false; designs.len()];
    for (index, (design, plan)) in designs.iter().zip(plans).enumerate() {
        let tally = &crude.tallies[index];
        if auto && (tally.replications < ENOUGH_TO_TELL || tally.losing >= super::SEEN_ENOUGH) {
            continue;
        }
        let Some(found) = explore(design, plan, &wanted, stop, watch) else {
            study.interrupted = true;
            return;
        };
        // Where probes have seen nothing, or less than crude simulation has, it keeps its word.
        if auto && (found.lost.all_zero() || tally.losing > 0 && !found.is_sound()) {
            continue;
        }
        let count = tally.replications.max(1) as f64;
        let excluded = (tally.excluded_time / count, tally.excluded_demand / count);
        replace(&mut study.architectures[index], design, plan, &found, options.level, excluded, options.precision);
        if options.exact {
            let summary = &mut study.architectures[index];
            summary.exact = super::verify::beside_run(design, summary, options.level);
        }
        taken[index] = true;
    }
    findings::compare(study, designs, options, &taken);
}

/// Estimates what rare events cost; none if it was told to stop before there was anything.
pub(super) fn explore(
    design: &Design,
    plan: &Plan,
    wanted: &Wanted,
    stop: &AtomicBool,
    watch: &mut dyn FnMut(Progress),
) -> Option<RareTally> {
    let sources = Sources::new(plan);
    let allowed = (design.objectives.availability).filter(|_| !plan.excludes()).map(|limit| 1.0 - limit.get());
    let steering = steer::steering(plan, &sources, allowed, wanted, stop)?;
    let mut result = RareTally::new(plan, &sources);
    let mut look = FIRST_LOOK.min(wanted.histories);
    let mut looks = 0;
    loop {
        let part = work(plan, &sources, allowed, &steering, wanted.seed, FIRST_HISTORY, result.histories..look, stop)?;
        result.merge(&part);
        watch(Progress { done: result.histories, total: wanted.histories });
        looks += 1;
        // Where the first look is the last whatever it shows, nothing is chosen by it, and no level is spent.
        let only = looks == 1 && result.histories >= wanted.histories;
        let level = if only { wanted.level } else { super::level_at_look(wanted.level, looks) };
        result.level = level;
        let close = result.lost.interval_skewed(level).and_then(|found| found.relative_half_width());
        let late = wanted.until.is_some_and(|until| Instant::now() >= until) || result.events > MOST_EVENTS;
        let fruitless = result.lost.all_zero() && (result.events > FRUITLESS.0 || result.histories >= FRUITLESS.1);
        if late || fruitless || result.histories >= wanted.histories {
            break;
        }
        if close.is_some_and(|width| width <= wanted.precision) && result.is_sound() {
            break;
        }
        look = (look + look / 2).min(wanted.histories);
    }
    Some(result)
}

/// Histories in a range, in blocks that are merged in their order.
#[expect(clippy::too_many_arguments, reason = "what a range of histories is made of")]
fn work(
    plan: &Plan,
    sources: &Sources,
    allowed: Option<f64>,
    steering: &Steering,
    seed: u64,
    offset: u64,
    histories: std::ops::Range<u64>,
    stop: &AtomicBool,
) -> Option<RareTally> {
    let blocks: Vec<u64> = histories.clone().step_by(BLOCK as usize).collect();
    let parts: Vec<Option<RareTally>> = blocks
        .par_iter()
        .map_init(
            || Explorer::new(plan, sources, allowed),
            |explorer, first| {
                let mut tally = RareTally::new(plan, sources);
                for history in *first..(*first + BLOCK).min(histories.end) {
                    if stop.load(Ordering::Relaxed) {
                        return None;
                    }
                    tally.push(&explorer.run(steering, seed, offset + history));
                }
                Some(tally)
            },
        )
        .collect();
    let mut result = RareTally::new(plan, sources);
    for part in parts {
        result.merge(&part?);
    }
    Some(result)
}

impl RareTally {
    /// Enough probes carry the sum, or it is not probes that do.
    pub fn is_sound(&self) -> bool {
        let (sum, squares) = self.carried();
        sum < 0.5 * self.lost.sum() || sum * sum >= FEW_HITS * squares
    }

    /// Probes that carry the sum, in effect.
    pub fn effective(&self) -> f64 {
        let (sum, squares) = self.carried();
        if squares > 0.0 { sum * sum / squares } else { 0.0 }
    }

    /// Share of the sum that the largest probe makes.
    pub fn largest_share(&self) -> f64 {
        let largest = self.found.iter().map(|found| found.largest).fold(0.0, f64::max);
        if largest > 0.0 { largest / self.carried().0 } else { 0.0 }
    }
}

/// How an estimate of a rare event says that it was obtained.
pub const METHOD: &str = "rare events: importance sampling of excursions, Hall's t interval over histories";

//! Estimates of rare events: how probes are steered, how many histories there are, and what they add up to.
//!
//! The steering is found out by rounds of pilot histories that are then forgotten, so that it depends on no number that is reported. Each
//! round works out, by class of the failure that begins a probe, how long restorations are away, which failures led to losses (cross
//! entropy; Rubinstein and Kroese, "The Cross-Entropy Method", 2004), and how probes are best divided among classes, which is in
//! proportion to the root of their mean squared loss over their cost (Neyman 1934). Every class keeps a share whatever was seen, so
//! that nothing is missed because a pilot did not see it.
//!
//! Probes are followed in one of two ways. Without a wish it is importance sampling, unless its last pilots say that it takes long, or too few of
//! their probes found a loss to say anything: then splitting is steered as well, and the one that its pilots show to take less is taken.
//!
//! A history with its probes is one independent observation, whatever depends on what within it: means and intervals are those of any
//! simulation. An interval of heavy-tailed weights can be trusted only if many probes carry the sum, which is judged for each quantity by their
//! effective number, (sum)² over the sum of squares (Kish 1965).

mod findings;
mod steer;
mod tally;

pub(super) use findings::replace;
pub(super) use tally::RareTally;

use super::series::Partial;
use super::{BLOCK, Options, Part, Progress, Rarity};
use crate::model::Design;
use crate::simulation::rare::{Explorer, Quantity, Sources, Steering, Way};
use crate::simulation::{Plan, Stop};
use crate::study::Study;
use rayon::prelude::*;

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

/// State changes, copies included, below which no other way is looked for: its pilots would take as long.
const SOON: f64 = 50_000_000.0;

/// State changes, and histories, without any loss after which it is given up to look for one.
const FRUITLESS: (u64, u64) = (20_000_000, 4_096);

/// What is asked of an estimation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub seed: u64,
    pub level: f64,
    pub precision: f64,
    /// Most histories.
    pub histories: u64,
    /// How probes find what is rare; none for what pilots find to be better.
    pub way: Option<Way>,
    /// Weights are as they should be.
    pub weighs: bool,
}

/// Estimates by histories that branch what crude simulation has seen too little of, and puts that in its place.
pub(super) fn take_over(
    study: &mut Study,
    crude: &Partial,
    designs: &[Design],
    plans: &[Plan],
    options: &Options,
    stop: &Stop,
    watch: &mut dyn FnMut(Progress),
) {
    let auto = options.rare == Rarity::Auto;
    let wanted = Wanted {
        seed: options.seed,
        level: options.level,
        precision: options.precision.unwrap_or(DEFAULT_PRECISION),
        histories: options.histories.unwrap_or(MOST_HISTORIES).max(2),
        way: match options.rare {
            Rarity::Importance => Some(Way::Importance),
            Rarity::Splitting => Some(Way::Splitting),
            Rarity::Unweighted(way) => Some(way),
            Rarity::Auto | Rarity::Off => None,
        },
        weighs: !matches!(options.rare, Rarity::Unweighted(_)),
    };
    let mut taken = vec![false; designs.len()];
    for (index, (design, plan)) in designs.iter().zip(plans).enumerate() {
        let tally = &crude.tallies[index];
        if auto && (tally.replications < ENOUGH_TO_TELL || tally.losing >= super::SEEN_ENOUGH) {
            continue;
        }
        let Some((found, way)) = explore(design, plan, &wanted, stop, watch) else {
            study.interrupted = stop.is_told();
            break;
        };
        // Where probes have seen nothing, or less than crude simulation has, it keeps its word.
        if auto && (found.of(Quantity::Lost).all_zero() || tally.losing > 0 && !found.is_sound(Quantity::Lost)) {
            continue;
        }
        let count = tally.replications.max(1) as f64;
        let excluded = (tally.excluded_time / count, tally.excluded_demand / count);
        let summary = &mut study.architectures[index];
        replace(summary, design, plan, (&found, way), options.level, excluded, options.precision);
        if options.exact {
            summary.exact = super::verify::beside_run(design, summary, options.level);
        }
        taken[index] = true;
    }
    findings::compare(study, designs, options, &taken);
}

/// Estimates what rare events cost; none if it was to stop before there was anything.
pub(super) fn explore(
    design: &Design,
    plan: &Plan,
    wanted: &Wanted,
    stop: &Stop,
    watch: &mut dyn FnMut(Progress),
) -> Option<(RareTally, Way)> {
    let sources = Sources::new(plan);
    let allowed = (design.objectives.availability).filter(|_| !plan.excludes()).map(|limit| 1.0 - limit.get());
    // A way that is asked for is gone until there is something to tell, however short the time.
    let patient = if wanted.way.is_some() { stop.or_at(None) } else { *stop };
    let steering = choose(plan, &sources, allowed, wanted, &patient)?;
    let mut result = RareTally::new(&sources);
    let mut look = FIRST_LOOK.min(wanted.histories);
    let mut looks = 0;
    loop {
        let (histories, stop) = (result.histories..look, if result.histories == 0 { &patient } else { stop });
        let Some(part) = work(plan, &sources, allowed, &steering, wanted.seed, FIRST_HISTORY, histories, stop) else {
            if result.histories == 0 {
                return None;
            }
            break;
        };
        result.merge(&part);
        let part = Some(Part::Rare(&design.name));
        watch(Progress { part, ..Progress::of(result.histories, wanted.histories) });
        looks += 1;
        // Where the first look is the last whatever it shows, nothing is chosen by it, and no level is spent.
        let only = looks == 1 && result.histories >= wanted.histories;
        let level = if only { wanted.level } else { super::level_at_look(wanted.level, looks) };
        result.level = level;
        let close = result.of(Quantity::Lost).interval_skewed(level).and_then(|found| found.relative_half_width());
        let late = stop.is_late() || result.events > MOST_EVENTS;
        let fruitless =
            result.of(Quantity::Lost).all_zero() && (result.events > FRUITLESS.0 || result.histories >= FRUITLESS.1);
        if late || fruitless || result.histories >= wanted.histories {
            break;
        }
        if close.is_some_and(|width| width <= wanted.precision) && result.is_sound(Quantity::Lost) {
            break;
        }
        look = (look + look / 2).min(wanted.histories);
    }
    Some((result, steering.way))
}

/// Steers for the way that is asked for, or for the one that pilots find to take less, if the first one takes long.
fn choose(plan: &Plan, sources: &Sources, allowed: Option<f64>, wanted: &Wanted, stop: &Stop) -> Option<Steering> {
    let pilot = |way| steer::steering(plan, sources, way, allowed, wanted, stop);
    let (steering, seen) = pilot(wanted.way.unwrap_or(Way::Importance))?;
    // By two standard errors on each side.
    let takes = |seen: &RareTally| {
        let sound = seen.is_sound(Quantity::Lost);
        seen.toil().filter(|_| sound).map_or(f64::INFINITY, |toil| 4.0 * toil / (wanted.precision * wanted.precision))
    };
    let first = takes(&seen);
    if wanted.way.is_some() || first <= SOON || stop.is_late() {
        return Some(steering);
    }
    let (other, seen) = pilot(Way::Splitting)?;
    Some(if takes(&seen) < first { other } else { steering })
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
    stop: &Stop,
) -> Option<RareTally> {
    let blocks: Vec<u64> = histories.clone().step_by(BLOCK as usize).collect();
    let parts: Vec<Option<RareTally>> = blocks
        .par_iter()
        .map_init(
            || Explorer::new(plan, sources, allowed),
            |explorer, first| {
                let mut tally = RareTally::new(sources);
                for history in *first..(*first + BLOCK).min(histories.end) {
                    if stop.reason().is_some() {
                        return None;
                    }
                    tally.push(&explorer.run(steering, seed, offset + history));
                }
                Some(tally)
            },
        )
        .collect();
    let mut result = RareTally::new(sources);
    for part in parts {
        result.merge(&part?);
    }
    Some(result)
}

/// What a way to find rare events is called.
fn name(way: Way) -> &'static str {
    match way {
        Way::Importance => "importance sampling",
        Way::Splitting => "splitting",
    }
}

/// How an estimate of a rare event says that it was obtained.
fn method(way: Way) -> &'static str {
    match way {
        Way::Importance => "rare events: importance sampling of excursions, Hall's t interval over histories",
        Way::Splitting => "rare events: splitting of excursions, Hall's t interval over histories",
    }
}

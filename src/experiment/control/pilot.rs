//! Histories that find the weights of control variates, and are then forgotten.

use super::{Controls, Terms, Weights};
use crate::engine::ledger::STAGES;
use crate::experiment::{BLOCK, Controlled, Options, Rarity};
use crate::simulation::{Count, CountedClass, Outcome, Plan, Replica, Stop};
use crate::statistics::{Moments, select};
use rayon::prelude::*;
use std::ops::Range;
use std::time::Instant;

/// Without as many replications to come there are no pilots: they would take too large a part of the time.
const FEWEST: u64 = 1_000;

/// Pilots are a part of 8 of the replications at most, if that is within these bounds, in whole blocks.
const SHARE: u64 = 8;
const LEAST: u64 = 2 * BLOCK;
const MOST: u64 = 16 * BLOCK;

/// Half of the pilots, or half of that, are enough where each class fails in so many of them that its weight is well known, or in so few that the
/// others would not show [`FAILED`] failures either.
const PLENTY: usize = 50;
const TOO_FEW: usize = 3;

/// Pilots that take more than this share of the time that there is are given up. Where as many replications as are asked for, or the first look of a
/// gate, are through in time, pilots take less by far: there are no more of them. So what ends in time does not depend on the machine.
const SHARE_OF_TIME: f64 = 0.5;

/// Pilots where it is not known how many replications there will be, at least, and more as long as they are a smaller part of those that a
/// precision would take without controls.
const ANY: u64 = 4 * BLOCK;
const LARGE_PART: f64 = 4.0;

/// Pilots are numbered from here on: no history that counts, and none of an estimate of rare events, has such a number.
const FIRST: u64 = 3 << 40;

/// A loss that fewer pilots show says too little about what goes with it.
const SEEN: usize = 6;

/// A control of which fewer pilots show a failure is not used: its weight would rest on a few failures, and two architectures that share them would get
/// different ones by chance, which widens their difference.
const FAILED: usize = 30;

/// A control that has nothing to do with a loss is left out with this probability, where losses are not too skewed.
const LEVEL: f64 = 0.999;

/// So much of the weight that fits best is used, which leaves a fifth of the spread that goes with a control. Without it the spread that is left may come
/// from what hardly any history shows, such as a repair that the end cuts short, and an interval that is made of the others is too
/// narrow: 82 % hold the mean where 95 % should, for a region that is down six times a year and fits to one part in 1,000.
const USED: f64 = 0.8;

/// What is left of the variance of the lost seconds of some architecture, or else nothing is adjusted.
const WORTHWHILE: f64 = 0.8;

/// A cell whose controls take less than this share off the variance of the lost seconds is left as it is.
const NEGLIGIBLE: f64 = 0.001;

/// A loss is not adjusted unless the pilots put its mean so many standard errors above 0. The replications that count are more, so that a mean
/// that comes out below 0 is very unlikely.
const SANE: f64 = 4.0;

/// What a pilot left behind.
#[derive(Clone)]
struct Record {
    counts: Vec<Count>,
    lost: f64,
    down: f64,
    apart: Option<[f64; 2]>,
    writes: f64,
    cells: Vec<(u64, [f64; STAGES])>,
}

impl Record {
    fn new(outcome: &Outcome) -> Record {
        let cells = outcome.causes.iter().zip(outcome.lost).map(|(modes, stages)| (*modes, *stages)).collect();
        Record {
            counts: outcome.counts.to_vec(),
            lost: outcome.lost.iter().flatten().sum(),
            down: outcome.down,
            apart: outcome.apart,
            writes: outcome.losses.gone.iter().map(|loss| loss.writes).sum(),
            cells,
        }
    }
}

/// Finds the weights for an experiment of up to `replications`, and has plans count what they are of; nothing is adjusted where that does not help
/// enough, or if it is to stop before they are found.
///
/// Either all architectures are adjusted or none is, each cause by what it costs itself, so that what outages in common
/// contribute to several of them still cancels in their differences.
pub fn prepare(plans: &mut [Plan], options: &Options, replications: u64, stop: &Stop) -> Controls {
    let branches = !matches!(options.rare, Rarity::Off | Rarity::Auto);
    let classes: Vec<Vec<CountedClass>> = plans.iter().map(Plan::classes).collect();
    if options.controls == Controlled::Off || branches || replications < FEWEST || classes.iter().all(Vec::is_empty) {
        return Controls::default();
    }
    let (least, most) = match options.precision {
        Some(_) => (ANY, MOST),
        None => {
            let most = (replications / SHARE / BLOCK * BLOCK).clamp(LEAST, MOST);
            ((most / 4).next_multiple_of(BLOCK).max(LEAST), most)
        }
    };
    let stop = stop.or_at(options.max_time.and_then(|limit| Instant::now().checked_add(limit.mul_f64(SHARE_OF_TIME))));
    let mut counting = plans.to_vec();
    counting.iter_mut().zip(&classes).for_each(|(plan, classes)| plan.count(classes.clone()));
    let mut shown = vec![Vec::new(); plans.len()];
    let mut pilot = 0;
    let mut until = least;
    while pilot < until {
        for (plan, records) in counting.iter().zip(&mut shown) {
            let Some(more) = records_of(plan, options.seed, pilot..until, &stop) else { return Controls::default() };
            records.extend(more);
        }
        pilot = until;
        let takes = |precision| shown.iter().map(|records| plain_for(records, precision)).fold(0.0, f64::max);
        let is_a_large_part = options.precision.is_some_and(|precision| pilot as f64 > takes(precision) / LARGE_PART);
        let enough = shown.iter().zip(&classes).all(|(records, classes)| are_enough(records, classes.len()));
        if !enough && !is_a_large_part {
            until = (2 * pilot).min(most);
        }
    }
    let fits: Vec<Fit> = classes.into_iter().zip(&shown).map(|(classes, records)| Fit::new(classes, records)).collect();
    if !fits.iter().any(|fit| fit.left < WORTHWHILE) {
        return Controls::default();
    }
    let expected = match options.controls {
        Controlled::Wrong(share) => 1.0 + share,
        Controlled::Auto | Controlled::Off => 1.0,
    };
    let weights = plans.iter_mut().zip(fits).map(|(plan, mut fit)| {
        fit.weights.expected = expected;
        fit.weights.lost_if_quiet = fit.weights.sum(&fit.weights.lost, &fit.weights.quiet);
        let weights = (!fit.weights.lost.are_none()).then_some(fit.weights);
        plan.count(if weights.is_some() { fit.counted } else { Vec::new() });
        weights
    });
    Controls { weights: weights.collect(), pilot }
}

/// What some pilots left behind, or nothing if it is to stop before they are through.
fn records_of(plan: &Plan, seed: u64, pilots: Range<u64>, stop: &Stop) -> Option<Vec<Record>> {
    let block = |replica: &mut Replica, first: u64| -> Option<Vec<Record>> {
        let of = |history| replica.run_unless(plan, seed, history, stop).ok().map(|outcome| Record::new(&outcome));
        (first..first + BLOCK).map(of).collect()
    };
    let blocks: Option<Vec<Vec<Record>>> = (pilots.start / BLOCK..pilots.end / BLOCK)
        .into_par_iter()
        .map_init(|| Replica::stratified(plan), |replica, index| block(replica, FIRST + index * BLOCK))
        .collect();
    Some(blocks?.into_iter().flatten().collect())
}

/// How many replications a precision, as half of a 95 % interval over the mean of what is lost, would take without controls; none where too few lost
/// something to adjust it.
fn plain_for(records: &[Record], precision: f64) -> f64 {
    if records.iter().filter(|record| record.lost > 0.0).count() < SEEN {
        return 0.0;
    }
    let lost = moments_of(records.iter().map(|record| record.lost));
    let relative = 1.96 / (precision * lost.mean());
    lost.variance().map_or(0.0, |variance| variance * relative * relative)
}

/// More of them would hardly show better what goes with so many classes.
fn are_enough(records: &[Record], classes: usize) -> bool {
    (0..classes).all(|class| !(TOO_FEW..PLENTY).contains(&failed(records, class)))
}

/// Histories in which a class failed.
fn failed(records: &[Record], class: usize) -> usize {
    records.iter().filter(|record| record.counts[class].failures > 0.0).count()
}

/// Weights, and what they are good for.
struct Fit {
    weights: Weights,
    /// Classes that they are of.
    counted: Vec<CountedClass>,
    /// What is left of the variance of the lost seconds, degrees of freedom counted.
    left: f64,
}

/// A control: a class, and what about it.
#[derive(Debug, Clone, Copy)]
struct Control {
    class: usize,
    is_excess: bool,
}

/// What pilots showed of each control.
struct Seen<'a> {
    classes: &'a [CountedClass],
    controls: Vec<(Control, Vec<f64>)>,
}

impl Seen<'_> {
    fn new<'a>(classes: &'a [CountedClass], records: &[Record]) -> Seen<'a> {
        let mut controls = Vec::new();
        for (class, its) in classes.iter().enumerate() {
            let counts = || records.iter().map(|record| record.counts[class]);
            if failed(records, class) < FAILED {
                continue;
            }
            if its.knows_hazard {
                let values = counts().map(|count| count.failures - count.expected).collect();
                controls.push((Control { class, is_excess: false }, values));
            }
            if its.knows_repair {
                controls.push((Control { class, is_excess: true }, counts().map(|count| count.excess).collect()));
            }
        }
        Seen { classes, controls }
    }

    /// Weights of those controls that `may` be used, for a loss of which there is enough.
    fn fit(&self, loss: &[f64], may: impl Fn(usize) -> bool) -> Terms {
        if loss.iter().filter(|value| **value != 0.0).count() < SEEN {
            return Terms::default();
        }
        let allowed: Vec<_> = self.controls.iter().filter(|(control, _)| may(control.class)).collect();
        let regressors: Vec<&[f64]> = allowed.iter().map(|(_, values)| values.as_slice()).collect();
        let mut terms = Terms::default();
        for (index, weight) in select(&regressors, loss, LEVEL) {
            let control = allowed[index].0;
            let term = terms.of(control.class);
            *(if control.is_excess { &mut term.excess } else { &mut term.failures }) += USED * weight;
        }
        if terms.are_none() {
            return terms;
        }
        let adjusted = self.adjusted(loss, &terms);
        let sane = adjusted.standard_error().is_some_and(|error| adjusted.mean() >= SANE * error);
        if sane { terms } else { Terms::default() }
    }

    /// A loss as adjusted.
    fn adjusted(&self, loss: &[f64], terms: &Terms) -> Moments {
        let mut adjusted = loss.to_vec();
        for (control, values) in &self.controls {
            for term in terms.0.iter().filter(|term| term.class == control.class) {
                let weight = if control.is_excess { term.excess } else { term.failures };
                adjusted.iter_mut().zip(values).for_each(|(value, seen)| *value -= seen * weight);
            }
        }
        moments(&adjusted)
    }

    /// The share of the variance of a loss that is left, as if each term were two weights fitted to all of it.
    fn left(&self, loss: &[f64], terms: &Terms) -> f64 {
        if terms.are_none() {
            return 1.0;
        }
        let (before, after) = (moments(loss), self.adjusted(loss, terms));
        let freedom = loss.len() as f64 - 1.0;
        let share = after.variance().zip(before.variance()).map_or(1.0, |(after, before)| after / before);
        if share.is_finite() { share * freedom / (freedom - 2.0 * terms.0.len() as f64) } else { 1.0 }
    }
}

fn moments(values: &[f64]) -> Moments {
    moments_of(values.iter().copied())
}

fn moments_of(values: impl Iterator<Item = f64>) -> Moments {
    let mut moments = Moments::new();
    values.for_each(|value| moments.push(value));
    moments
}

impl Fit {
    fn new(classes: Vec<CountedClass>, records: &[Record]) -> Fit {
        let seen = Seen::new(&classes, records);
        let of = |value: fn(&Record) -> f64| records.iter().map(value).collect::<Vec<f64>>();
        let lost = of(|record| record.lost);
        let whole = moments(&lost).variance().unwrap_or(0.0);
        let mut weights = Weights { cells: cells(&seen, records, NEGLIGIBLE * whole), ..Weights::default() };
        for terms in weights.cells.iter().flat_map(|(_, stages)| stages) {
            weights.lost.add(terms, 1.0);
        }
        let left = seen.left(&lost, &weights.lost);
        let used: Vec<usize> =
            (0..classes.len()).filter(|class| weights.lost.0.iter().any(|term| term.class == *class)).collect();
        let fit = |loss: &[f64]| seen.fit(loss, |class| used.contains(&class));
        let fit_if_worthwhile = |loss: Vec<f64>| {
            let terms = fit(&loss);
            if seen.left(&loss, &terms) < WORTHWHILE { terms } else { Terms::default() }
        };
        weights.down = fit_if_worthwhile(of(|record| record.down));
        weights.writes = fit_if_worthwhile(of(|record| record.writes));
        weights.apart[1] = fit(&of(|record| record.apart.map_or(0.0, |apart| apart[1])));
        weights.apart[0].add(&weights.lost, 1.0);
        let [reads, writes] = &mut weights.apart;
        reads.add(writes, -1.0);
        let mut all: Vec<&mut Terms> = vec![&mut weights.lost, &mut weights.down, reads, writes, &mut weights.writes];
        all.extend(weights.cells.iter_mut().flat_map(|(_, stages)| stages));
        for term in all.into_iter().flat_map(|terms| &mut terms.0) {
            term.class = used.binary_search(&term.class).unwrap_or_default();
        }
        let counted: Vec<CountedClass> = used.iter().map(|class| classes[*class].clone()).collect();
        weights.quiet = counted.iter().map(|class| Count { expected: class.quiet, ..Count::default() }).collect();
        Fit { weights, counted, left }
    }
}

/// Weights of each cause by stage, those that take at least `worth` (s²) off its variance.
fn cells(seen: &Seen, records: &[Record], worth: f64) -> Vec<(u64, [Terms; STAGES])> {
    let mut causes: Vec<u64> = records.iter().flat_map(|record| record.cells.iter().map(|(modes, _)| *modes)).collect();
    causes.sort_unstable();
    let often = causes.chunk_by(|one, other| one == other).filter(|same| same.len() >= SEEN).map(|same| same[0]);
    let weigh = |modes: u64| {
        let stages = std::array::from_fn(|stage| {
            let of =
                |record: &Record| record.cells.iter().find(|cell| cell.0 == modes).map_or(0.0, |cell| cell.1[stage]);
            let loss: Vec<f64> = records.iter().map(of).collect();
            let terms = seen.fit(&loss, |class| seen.classes[class].bit & modes != 0);
            let variance = |moments: Moments| moments.variance().unwrap_or(0.0);
            let gains = !terms.are_none() && variance(moments(&loss)) - variance(seen.adjusted(&loss, &terms)) > worth;
            if gains { terms } else { Terms::default() }
        });
        (modes, stages)
    };
    often
        .map(weigh)
        .filter(|(_, stages): &(u64, [Terms; STAGES])| stages.iter().any(|terms| !terms.are_none()))
        .collect()
}

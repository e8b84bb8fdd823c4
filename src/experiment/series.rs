//! An experiment that is ready to be worked off, block by block, in any parts.

use super::blocks::{self, BlockedPair};
use super::control::{self, Controls};
use super::kept::{Keep, Key};
use super::row::{Add, Row};
use super::summary;
use super::tally::Tally;
use super::{Against, BLOCK, Confidence, FIRST_LOOK, Known, Options, Rarity, is_hopeless, verify};
use crate::law::NET;
use crate::model::Design;
use crate::simulation::{Halt, MOST_KEPT, Plan, PlanError, Replica, Stop};
use crate::statistics::{Estimate, Spread};
use crate::study::{Comparison, Study, Verdict};
use crate::units::Seconds;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What some replications add up to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Partial {
    pub replications: u64,
    pub tallies: Vec<Tally>,
    /// Lost seconds of the architectures that are compared.
    pairs: Vec<BlockedPair>,
}

impl Partial {
    fn new(architectures: usize, pairs: usize) -> Partial {
        Partial {
            replications: 0,
            tallies: (0..architectures).map(|_| Tally::default()).collect(),
            pairs: vec![BlockedPair::default(); pairs],
        }
    }
}

impl Add for Partial {
    fn add(&mut self, other: &Partial) {
        self.replications += other.replications;
        for (mine, theirs) in self.tallies.iter_mut().zip(&other.tallies) {
            mine.merge(theirs);
        }
        for (mine, theirs) in self.pairs.iter_mut().zip(&other.pairs) {
            mine.merge(theirs);
        }
    }
}

/// Sums of an experiment.
pub type Sums = Row<Partial>;

/// Sums that a thread makes by itself, of so many blocks at most.
const LARGEST_PART: u64 = 1_024;

/// Each part is so much of what is left of a wave for each thread, so that none waits long for the last one.
const SHARE: u64 = 4;

/// Parts are not less than such a share of a wave: each has to be joined to the others.
const LEAST_SHARE: u64 = 256;

/// Sums over some of the blocks of a wave.
struct Part {
    /// Its place among the parts.
    turn: usize,
    sums: Sums,
    /// What ended it before its end.
    cut: Option<Cut>,
}

/// Where a wave ended before its end.
pub struct Cut {
    pub why: Halt,
    /// Those replications of the block at work that were finished, where a block takes long.
    pub rest: Option<Box<Partial>>,
}

/// State changes in a replication of all architectures from which on it is worth keeping what is finished of a block.
const LONG: u64 = 100_000;

/// An experiment: what is simulated and how, and how its histories are adjusted.
pub struct Series<'d> {
    designs: &'d [Design],
    pub plans: Vec<Plan>,
    controls: Controls,
    seed: u64,
    against: Against,
    /// Replications of each architecture that there will be, at most.
    pub total: u64,
    /// What it is, for whoever keeps its sums.
    pub key: Key,
}

impl<'d> Series<'d> {
    /// Compiles the designs, and finds out how histories are adjusted.
    pub fn new(designs: &'d [Design], options: &Options, stop: &Stop) -> Result<Series<'d>, PlanError> {
        let branches = !matches!(options.rare, Rarity::Off | Rarity::Auto);
        let total = options.replications.clamp(2, if branches { FIRST_LOOK } else { u64::MAX });
        Self::of(designs, options, total, stop)
    }

    /// The same with so many replications, whatever way of estimating rare events is asked for.
    pub fn of(designs: &'d [Design], options: &Options, total: u64, stop: &Stop) -> Result<Series<'d>, PlanError> {
        let mut plans = designs.iter().map(Plan::new).collect::<Result<Vec<_>, _>>()?;
        Plan::fit_together(&plans)?;
        if total < blocks::ENOUGH * NET {
            plans.iter_mut().for_each(Plan::forgo_stratification);
        }
        let controls = control::prepare(&mut plans, options, total, stop);
        let key = Key::new(designs, options);
        Ok(Series { designs, plans, controls, seed: options.seed, against: options.against, total, key })
    }

    /// Blocks of all replications.
    pub const fn blocks(&self) -> u64 {
        self.total.div_ceil(BLOCK)
    }

    /// What was kept of some blocks, from the first of them on, or nothing yet.
    pub fn found(&self, keep: &mut dyn Keep, blocks: Range<u64>) -> Sums {
        let is_part = |sums: &Sums| sums.blocks().start == blocks.start && sums.next() <= blocks.end && self.fits(sums);
        keep.found(&self.key).filter(is_part).unwrap_or(Row::new(blocks.start))
    }

    /// Whether sums can be of this experiment.
    fn fits(&self, sums: &Sums) -> bool {
        let shape = self.nothing();
        let blocks = sums.blocks();
        let ends = |block: u64| block.saturating_mul(BLOCK).min(self.total);
        let count = sums.sums().map(|sum| sum.replications).fold(0, u64::saturating_add);
        blocks.end <= self.blocks()
            && count == ends(blocks.end) - ends(blocks.start)
            && sums.sums().all(|sum| {
                (sum.tallies.len(), sum.pairs.len()) == (shape.tallies.len(), shape.pairs.len())
                    && sum.tallies.iter().all(|tally| tally.replications == sum.replications)
            })
    }

    /// Replications from the first block of sums on.
    pub fn replications(&self, sums: &Sums) -> u64 {
        let ends = |block: u64| (block * BLOCK).min(self.total);
        ends(sums.next()) - ends(sums.blocks().start)
    }

    /// Everything in sums.
    pub fn total(&self, sums: &Sums) -> Partial {
        sums.total().unwrap_or_else(|| self.nothing())
    }

    /// The same, without a second copy in memory.
    pub fn end_total(&self, sums: Sums) -> Partial {
        sums.into_total().unwrap_or_else(|| self.nothing())
    }

    /// What is known so far of each architecture, with intervals at the level `spent`.
    pub fn known(&self, sums: &Sums, options: &Options, spent: f64) -> Vec<Known> {
        let confidence = Confidence { level: options.level, spent, precision: options.precision };
        let known = |(index, tally): (usize, &Tally)| Known {
            name: self.designs[index].name.clone(),
            unavailability: summary::unavailability(&self.plans[index], tally, self.controls.of(index), confidence),
            awaited: options
                .precision
                .is_some_and(|precision| !(options.rare == Rarity::Auto && is_hopeless(tally, precision, self.total))),
        };
        self.total(sums).tallies.iter().enumerate().map(known).collect()
    }

    fn nothing(&self) -> Partial {
        Partial::new(self.designs.len(), self.against.pairs(self.designs.len()).count())
    }

    /// Simulates all architectures until there are all replications before number `until`, or until it is to stop, with the whole blocks
    /// before that.
    ///
    /// # Errors
    /// When too much happens in a history.
    pub fn advance(&self, sums: &mut Sums, until: u64, stop: &Stop) -> Result<Option<Cut>, PlanError> {
        let parts = parts(sums.next()..until.div_ceil(BLOCK));
        let next = AtomicUsize::new(0);
        let mut done: Vec<Part> = (0..rayon::current_num_threads())
            .into_par_iter()
            .with_max_len(1)
            .flat_map_iter(|_| self.some_parts(&parts, &next, stop))
            .collect();
        done.sort_unstable_by_key(|part| part.turn);
        let is_crowded = |part: &Part| part.cut.as_ref().is_some_and(|cut| cut.why == Halt::Crowded);
        if done.iter().any(is_crowded) {
            return Err(PlanError::TooEventful { limit: MOST_KEPT });
        }
        let cut_short = done.iter().position(|part| part.cut.is_some());
        done.truncate(cut_short.map_or(done.len(), |turn| turn + 1));
        let cut = done.last_mut().and_then(|part| part.cut.take());
        // In any order of neighbours: the sums are the same.
        let joined = done.into_par_iter().map(|part| part.sums).reduce_with(|mut sums, more| {
            sums.append(more);
            sums
        });
        joined.into_iter().for_each(|more| sums.append(more));
        Ok(cut)
    }

    /// Simulates one part after the other, as long as there is one that nobody else has begun.
    fn some_parts(&self, parts: &[Range<u64>], next: &AtomicUsize, stop: &Stop) -> Vec<Part> {
        let mut replicas = Vec::new();
        let mut done = Vec::new();
        loop {
            let turn = next.fetch_add(1, Ordering::Relaxed);
            let Some(blocks) = parts.get(turn) else { return done };
            if replicas.is_empty() {
                replicas.extend(self.plans.iter().map(Replica::stratified));
            }
            let (sums, cut) = self.part(&mut replicas, blocks.clone(), stop);
            done.push(Part { turn, sums, cut });
        }
    }

    /// Simulates some blocks, one after the other, or those before it is to stop.
    fn part(&self, replicas: &mut [Replica], blocks: Range<u64>, stop: &Stop) -> (Sums, Option<Cut>) {
        let mut sums = Row::new(blocks.start);
        for block in blocks {
            match self.block(replicas, block, stop) {
                Ok(partial) => sums.push(partial),
                Err(cut) => return (sums, Some(cut)),
            }
        }
        (sums, None)
    }

    /// Simulates a block of replications of all architectures, or as much of it as there is before it is to stop.
    fn block(&self, replicas: &mut [Replica], block: u64, stop: &Stop) -> Result<Partial, Cut> {
        if let Some(why) = stop.reason() {
            return Err(Cut { why, rest: None });
        }
        let replications = block * BLOCK..((block + 1) * BLOCK).min(self.total);
        let mut partial = self.nothing();
        let mut finished = None;
        let mut lost = vec![0.0; self.plans.len()];
        for replication in replications {
            let mut events = 0;
            for (index, (plan, replica)) in self.plans.iter().zip(replicas.iter_mut()).enumerate() {
                let outcome = match replica.run_unless(plan, self.seed, replication, stop) {
                    Ok(outcome) => outcome,
                    Err(why) => {
                        let rest = finished.map(|partial| Box::new(self.settled(partial)));
                        return Err(Cut { why, rest });
                    }
                };
                events += outcome.events;
                let (objectives, weights) = (&self.designs[index].objectives, self.controls.of(index));
                lost[index] = partial.tallies[index].push(&outcome, plan, objectives, replication, weights);
            }
            for ((left, right), pair) in self.against.pairs(lost.len()).zip(&mut partial.pairs) {
                pair.push(lost[left], lost[right]);
            }
            partial.replications += 1;
            if events >= LONG {
                finished = Some(partial.clone());
            }
        }
        Ok(self.settled(partial))
    }

    /// The replications of a block, or of what there is of it, as they are added up.
    fn settled(&self, mut partial: Partial) -> Partial {
        for (index, (tally, plan)) in partial.tallies.iter_mut().zip(&self.plans).enumerate() {
            tally.settle(plan, self.controls.of(index));
        }
        if partial.replications == BLOCK {
            for (tally, plan) in partial.tallies.iter_mut().zip(&self.plans) {
                tally.close_block(plan);
            }
            if self.plans.iter().any(Plan::is_stratified) {
                partial.pairs.iter_mut().for_each(BlockedPair::close_block);
            }
        }
        partial
    }

    /// What is made of sums, whose distributions go over into it; `spent` is the level of the intervals that decide when to stop.
    pub fn study(&self, crude: &mut Partial, options: &Options, spent: f64, interrupted: bool) -> Study {
        let designs = self.designs;
        let confidence = Confidence { level: options.level, spent, precision: options.precision };
        let mut architectures: Vec<_> = (designs.iter().zip(&self.plans).zip(&mut crude.tallies).enumerate())
            .map(|(index, ((design, plan), tally))| {
                tally.spreads(Spread::settle);
                let adjusted = self.controls.of(index).map(|weights| (weights, self.controls.pilot));
                let summary = summary::summary(design, plan, tally, adjusted, confidence);
                tally.spreads(|spread| *spread = Spread::new());
                summary
            })
            .collect();
        if options.exact {
            architectures
                .par_iter_mut()
                .zip(designs)
                .for_each(|(summary, design)| summary.exact = verify::beside_run(design, summary, spent));
        }
        let mut comparisons = Vec::new();
        let counted = self.plans.first().map_or(0.0, |plan| plan.counted);
        for ((left, right), pair) in self.against.pairs(designs.len()).zip(&crude.pairs) {
            // Bonferroni: all verdicts together are right with the probability promised.
            let level = 1.0 - (1.0 - spent) / crude.pairs.len() as f64;
            let Some(difference) = pair.difference(level) else { continue };
            let difference = Estimate {
                level: options.level,
                method: match crude.pairs.len() {
                    1 => difference.method,
                    _ => blocks::simultaneous(difference.method),
                },
                ..difference.scale(Seconds::YEAR.0 / counted)
            };
            comparisons.push(Comparison {
                left: designs[left].name.clone(),
                right: designs[right].name.clone(),
                lost_seconds_per_year_difference: difference,
                verdict: match (difference.high < 0.0, difference.low > 0.0) {
                    (true, _) => Verdict::Better,
                    (_, true) => Verdict::Worse,
                    _ => Verdict::Undecided,
                },
                variance_ratio: pair.each.variance_ratio(),
            });
        }
        Study {
            seed: self.seed,
            horizon_seconds: designs.first().map_or(0.0, |design| design.horizon.0),
            level: options.level,
            architectures,
            comparisons,
            interrupted,
        }
    }
}

/// Blocks in parts that are added up by themselves. Their number does not matter to what comes out, so it may depend on the threads.
fn parts(blocks: Range<u64>) -> Vec<Range<u64>> {
    let threads = rayon::current_num_threads() as u64;
    let least = (blocks.end.saturating_sub(blocks.start) / LEAST_SHARE).max(1);
    let mut parts = Vec::new();
    let mut start = blocks.start;
    while start < blocks.end {
        let size = ((blocks.end - start) / (SHARE * threads)).clamp(least, LARGEST_PART.max(least));
        let size = 1 << size.ilog2();
        // At a multiple of the size, so that as much as possible is added up within a part.
        let end = ((start / size + 1) * size).min(blocks.end);
        parts.push(start..end);
        start = end;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other_and_become_smaller() {
        for blocks in [0..1, 3..4, 5..69, 1_000..17_384] {
            let parts = parts(blocks.clone());
            assert_eq!(
                (parts.first().map(|part| part.start), parts.last().map(|part| part.end)),
                (Some(blocks.start), Some(blocks.end))
            );
            assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
            let sizes: Vec<u64> = parts.iter().map(|part| part.end - part.start).collect();
            assert!(sizes.iter().all(|size| (1..=LARGEST_PART).contains(size)));
            // The first one may be cut short by where it begins.
            assert!(sizes.iter().skip(1).is_sorted_by(|one, next| one >= next), "{sizes:?}");
            assert!(sizes.len() <= 2 * LEAST_SHARE as usize);
        }
    }
}

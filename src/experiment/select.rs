//! Selection among many designs, by what they cost, lose, and take to recover.
//!
//! What counts as the time to recover is the longest incident of a history, on average: the mean or a quantile over incidents gets better by
//! adding many short ones, and would call a design good because it also fails in small ways.
//!
//! All designs are simulated a little, under common random numbers; those that are surely beaten are left out, the others are simulated four
//! times as long, and so on: successive elimination. A design is *beaten* by one that costs no more, and surely neither loses more nor
//! takes longer to recover, by more than the tolerance. "Surely" is a one-sided t bound on the paired difference over histories, the
//! smaller of the plain one and the one corrected for skewness, in which every history counts in which either lost anything.
//! Bonferroni over all ordered pairs, both criteria and all rounds keeps the level for all eliminations together, as far as means of as many
//! histories are normal. A design is only beaten by one that stays in the round; the tolerance is spent over the rounds, so that a design that
//! was left out is better than none that stayed to the end by more than the tolerance.
//!
//! Beside that, the cheapest design is sought that meets all objectives, each judged on an interval at a level that holds for all
//! designs, objectives and rounds.
//!
//! Literature: Kim and Nelson 2006, "Selecting the best system", Handbooks in OR & MS 13, on elimination under common random numbers;
//! Even-Dar, Mannor and Mansour 2006 on successive elimination.

use super::kept::{Keep, Key};
use super::summary::summary;
use super::tally::Tally;
use super::{BLOCK, Confidence, Options, Part, Progress, SEEN_ENOUGH, deadline};
use crate::model::Design;
use crate::simulation::{Halt, MOST_KEPT, Plan, PlanError, Replica, Stop};
use crate::statistics::{Estimate, Moments, Spread};
use crate::study::{Judgement, Round, Selected, Selection, Summary};
use crate::units::Seconds;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::atomic::AtomicBool;

/// Each round brings the number of histories to so many times that of the one before.
const GROWTH: u64 = 4;

/// Histories of each design that is still there in the last round, unless somebody says how many.
pub const MOST_SELECTED: u64 = 1_024;

/// Most rivals that a design is compared with in a round.
const RIVALS: usize = 12;

/// Most designs of the frontier that are told of.
const MOST_SHOWN: usize = 24;

/// Most designs beside them that are told of because they seem to meet the objectives.
const MOST_CONFIRMED: usize = 8;

/// Designs that are simulated between two looks at clock and progress.
const PORTION: usize = 64;

/// Designs in a round up to which what their histories add up to is kept until the next one. Of more it is made again for those that go on, which
/// costs less than the memory: some 60 kB of each.
const ROOM: usize = 4_096;

/// A design on its way through the rounds.
struct Runner {
    cost: f64,
    /// What its histories add up to; none where that is not kept.
    tally: Option<Tally>,
    /// Lost seconds of each history, until it is beaten.
    lost: Vec<f64>,
    /// Its longest incident (s).
    longest: Vec<f64>,
    /// Means of both.
    means: (f64, f64),
    /// What was known at the end of each round.
    rungs: Vec<Rung>,
    /// How far it came before.
    kept: Option<Raced>,
    standing: Standing,
}

/// What is known of a design after so many histories.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Rung {
    histories: u64,
    /// Those that lost something.
    losing: u64,
    /// What is surely known of the objectives.
    verdict: Judgement,
}

/// How far a design came, for whoever keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Raced {
    lost: Vec<f64>,
    longest: Vec<f64>,
    rungs: Vec<Rung>,
}

impl Raced {
    /// Whether it has the form that it must have: what came from a file may not.
    pub fn is_sound(&self) -> bool {
        let all = self.lost.len() as u64;
        self.lost.len() == self.longest.len()
            && self.rungs.is_sorted_by(|one, two| one.histories < two.histories)
            && self.rungs.iter().all(|rung| rung.histories <= all && rung.losing <= rung.histories)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// In the running.
    In,
    /// Neither it nor a cheaper one has lost enough to be told apart.
    Aside,
    /// Beaten by that one.
    Beaten(usize),
}

/// Histories of one design.
#[derive(Clone, Default)]
struct Histories {
    tally: Tally,
    lost: Vec<f64>,
    longest: Vec<f64>,
}

impl Histories {
    /// Simulates on until there are so many; false if it was to stop before.
    fn advance(&mut self, runs: &Runs, until: u64) -> Result<bool, PlanError> {
        let Runs { design, plan, seed, stop } = *runs;
        let mut replica = Replica::stratified(plan);
        for replication in self.lost.len() as u64..until {
            let outcome = match replica.run_unless(plan, seed, replication, stop) {
                Ok(outcome) => outcome,
                Err(Halt::Crowded) => return Err(PlanError::TooEventful { limit: MOST_KEPT }),
                Err(Halt::Told | Halt::Late) => return Ok(false),
            };
            self.lost.push(self.tally.push(&outcome, plan, &design.objectives, replication, None));
            let lengths = outcome.incidents.iter().map(|incident| incident.end - incident.start);
            self.longest.push(lengths.fold(0.0, f64::max));
            if (replication + 1) % BLOCK == 0 {
                self.tally.settle(plan, None);
                self.tally.close_block(plan);
            }
        }
        self.tally.settle(plan, None);
        Ok(true)
    }
}

/// What of a design is simulated.
#[derive(Clone, Copy)]
struct Runs<'a> {
    design: &'a Design,
    plan: &'a Plan,
    seed: u64,
    stop: &'a Stop<'a>,
}

impl Runner {
    /// Simulates until there are so many histories; false if it was to stop, and then as if it had not begun.
    fn run(&mut self, runs: &Runs, until: u64) -> Result<bool, PlanError> {
        let mut histories = match &self.tally {
            Some(tally) => Histories { tally: tally.clone(), lost: self.lost.clone(), longest: self.longest.clone() },
            None => Histories::default(),
        };
        let whole = histories.advance(runs, until)?;
        if whole {
            (self.lost, self.longest) = (histories.lost, histories.longest);
            self.tally = Some(histories.tally);
            self.means = (mean(&self.lost), mean(&self.longest));
        }
        Ok(whole)
    }

    /// What it has seen, made again if that was not kept.
    fn tally(&self, runs: &Runs) -> Result<Tally, PlanError> {
        if let Some(tally) = &self.tally {
            return Ok(tally.clone());
        }
        let mut histories = Histories::default();
        histories.advance(runs, self.histories())?;
        Ok(histories.tally)
    }

    fn known(&self) -> Rung {
        self.rungs.last().copied().unwrap_or(Rung { histories: 0, losing: 0, verdict: Judgement::Inconclusive })
    }

    fn histories(&self) -> u64 {
        self.known().histories
    }

    fn verdict(&self) -> Judgement {
        self.known().verdict
    }

    /// Goes on from the furthest that was kept, up to so many histories.
    fn recall(&mut self, until: u64) {
        let Some(kept) = &self.kept else { return };
        let furthest = kept.rungs.iter().rfind(|rung| rung.histories <= until).map_or(0, |rung| rung.histories);
        if furthest > self.histories() {
            self.lost = kept.lost[..furthest as usize].to_vec();
            self.longest = kept.longest[..furthest as usize].to_vec();
            self.means = (mean(&self.lost), mean(&self.longest));
            self.rungs = kept.rungs.iter().filter(|rung| rung.histories <= furthest).copied().collect();
            self.tally = None;
        }
    }

    /// What is worth keeping of it.
    fn raced(&self) -> Raced {
        match &self.kept {
            Some(kept) if kept.lost.len() as u64 > self.histories() => kept.clone(),
            _ => Raced { lost: self.lost.clone(), longest: self.longest.clone(), rungs: self.rungs.clone() },
        }
    }

    /// Whether so few histories lost anything that nothing can be said.
    fn is_obscure(&self) -> bool {
        self.known().losing < SEEN_ENOUGH
    }

    /// Frees the memory that only somebody who is not beaten needs. Its objectives may yet be looked into.
    fn rest(&mut self) {
        self.tally = None;
        self.kept = self.kept.take().filter(|_| self.verdict() == Judgement::Inconclusive);
        (self.lost, self.longest) = (Vec::new(), Vec::new());
    }
}

/// What is known of the objectives at a level. What was never seen, such as a loss of data, may yet come: only the last round takes it for met.
fn judged(found: &Summary, last: bool) -> Judgement {
    match overall(found) {
        Judgement::Met if !last && found.objectives.iter().any(|objective| objective.value.is_none()) => {
            Judgement::Inconclusive
        }
        verdict => verdict,
    }
}

/// All that was seen, with intervals of a level.
fn summed_up(tally: &mut Tally, runs: &Runs, level: f64) -> Summary {
    tally.spreads(Spread::settle);
    summary(runs.design, runs.plan, tally, None, Confidence { level, spent: level, precision: None })
}

/// All objectives taken together.
fn overall(summary: &Summary) -> Judgement {
    let all = || summary.objectives.iter().map(|objective| objective.verdict);
    if all().any(|verdict| verdict == Judgement::Missed) {
        Judgement::Missed
    } else if all().all(|verdict| verdict == Judgement::Met) {
        Judgement::Met
    } else {
        Judgement::Inconclusive
    }
}

/// Designs, one of which is to be chosen. All have one horizon.
#[derive(Clone, Copy)]
pub struct Contest<'a> {
    /// Makes a design by its place. There may be so many that not all are there at once.
    pub design: &'a (dyn Fn(usize) -> Result<Design, PlanError> + Sync),
    /// What each costs: there are as many.
    pub costs: &'a [f64],
    /// Share of what is lost, and of the time to recover, by which a design may be worse.
    pub tolerance: f64,
    /// As many there are in all, where others select among the rest: what is sure is sure for all of them.
    pub among: usize,
}

/// Selects among designs, going on from what was kept of them. Options say how many histories there are in the last round.
///
/// # Errors
/// When a design cannot be compiled.
pub fn select(
    contest: &Contest,
    options: &Options,
    stop: &AtomicBool,
    watch: &mut dyn FnMut(Progress),
    keep: &mut dyn Keep,
) -> Result<Selection, PlanError> {
    let Contest { design, costs, tolerance, among } = *contest;
    let stop = Stop::when(stop).or_at(deadline(options));
    let ladder = ladder(options.replications);
    let mut runners: Vec<Runner> = costs
        .iter()
        .map(|cost| Runner {
            cost: *cost,
            tally: None,
            lost: Vec::new(),
            longest: Vec::new(),
            means: (0.0, 0.0),
            rungs: Vec::new(),
            kept: None,
            standing: Standing::In,
        })
        .collect();
    let first = if runners.is_empty() { None } else { Some(design(0)?) };
    let mut order: Vec<usize> = (0..runners.len()).collect();
    order.sort_by(|a, b| runners[*a].cost.total_cmp(&runners[*b].cost).then(a.cmp(b)));
    let count = among.max(runners.len()).max(1) as f64;
    let objectives = first.as_ref().map_or(0, asked);
    // Half of what may be wrong is for eliminations, half for verdicts.
    let wrong = (1.0 - options.level) / (2.0 * ladder.len() as f64);
    let of_pair = wrong / (2.0 * count * count);
    let of_verdict = 1.0 - wrong / (count * objectives.max(1) as f64);
    let tolerance_of_round = libm::pow(1.0 + tolerance, 1.0 / ladder.len() as f64);
    let mut rounds: Vec<Round> = Vec::new();
    let mut interrupted = false;
    for (round, &histories) in ladder.iter().enumerate() {
        let last = round + 1 == ladder.len();
        let cheapest = cheapest(&runners, &order);
        let race = |runner: &Runner| {
            objectives > 0
                && runner.verdict() == Judgement::Inconclusive
                && cheapest.is_none_or(|cheapest| runner.cost < runners[cheapest].cost)
        };
        let running: Vec<bool> = runners.iter().map(|it| it.standing == Standing::In || race(it)).collect();
        let mut chosen: Vec<(usize, &mut Runner)> =
            runners.iter_mut().enumerate().filter(|(index, _)| running[*index]).collect();
        let (mut done, total) = (0, chosen.len() as u64);
        let has_room = chosen.len() <= ROOM;
        for portion in chosen.chunks_mut(PORTION) {
            if stop.is_late() {
                interrupted = true;
                break;
            }
            let made: Vec<Design> = portion.par_iter().map(|(index, _)| design(*index)).collect::<Result<_, _>>()?;
            // What is known after a round depends on all of this.
            let asked = ("raced", options.seed, options.replications, of_verdict.to_bits());
            let keys: Vec<Key> = match keep.keeps() {
                true => made.par_iter().map(|design| Key::of(std::slice::from_ref(design), &asked)).collect(),
                false => Vec::new(),
            };
            if round == 0 {
                portion.iter_mut().zip(&keys).for_each(|((_, runner), key)| runner.kept = keep.found_raced(key));
            }
            let whole: Vec<bool> = portion
                .par_iter_mut()
                .zip(&made)
                .map(|((_, runner), design)| {
                    runner.recall(histories);
                    if runner.histories() >= histories {
                        return Ok(true);
                    }
                    let runs = Runs { design, plan: &Plan::new(design)?, seed: options.seed, stop: &stop };
                    if !runner.run(&runs, histories)? {
                        return Ok(false);
                    }
                    if let Some(tally) = &mut runner.tally {
                        let verdict = match objectives {
                            0 => Judgement::Inconclusive,
                            _ => judged(&summed_up(tally, &runs, of_verdict), last),
                        };
                        runner.rungs.push(Rung { histories, losing: tally.losing, verdict });
                    }
                    if !has_room {
                        runner.tally = None;
                    }
                    Ok(true)
                })
                .collect::<Result<_, PlanError>>()?;
            interrupted |= whole.contains(&false);
            let through = portion.iter().zip(&keys).zip(&whole).filter(|(_, whole)| **whole);
            through.for_each(|(((_, runner), key), _)| keep.keep_raced(key, runner.raced()));
            done += portion.len() as u64;
            let part = Some(Part::Round(round + 1, ladder.len()));
            watch(Progress { part, ..Progress::of(done, total) });
            if interrupted {
                break;
            }
        }
        if interrupted {
            break;
        }
        eliminate(&mut runners, &order, of_pair, tolerance_of_round);
        let left = runners.iter().filter(|runner| !matches!(runner.standing, Standing::Beaten(_))).count();
        rounds.push(Round { histories, simulated: total as usize, left });
    }
    let scale = first.map_or(1.0, |design| Seconds::YEAR.0 / (design.horizon.0 - design.warm_up.0));
    let mut selection = outcome(&runners, &order, rounds, tolerance, scale, interrupted);
    let best = selection.frontier.iter().take(MOST_SHOWN).chain(selection.met.iter().take(MOST_CONFIRMED));
    let mut best: Vec<usize> = best.copied().collect();
    best.sort_by(|a, b| costs[*a].total_cmp(&costs[*b]).then(a.cmp(b)));
    best.dedup();
    for index in best {
        let design = design(index)?;
        // Even where the time is over: it is a small part of what it took to find them.
        let runs = Runs { design: &design, plan: &Plan::new(&design)?, seed: options.seed, stop: &Stop::never() };
        let mut tally = runners[index].tally(&runs)?;
        selection.best.push((index, summed_up(&mut tally, &runs, options.level)));
    }
    Ok(selection)
}

/// Histories of each round.
fn ladder(most: u64) -> Vec<u64> {
    let most = most.max(BLOCK);
    let mut ladder: Vec<u64> =
        std::iter::successors(Some(BLOCK), |it| Some(it * GROWTH)).take_while(|it| *it < most).collect();
    ladder.push(most);
    ladder
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// How many objectives a design has.
fn asked(design: &Design) -> usize {
    let objectives = &design.objectives;
    let asked = [objectives.availability.is_some(), objectives.recovery_time.is_some(), objectives.data_loss.is_some()];
    asked.into_iter().filter(|asked| *asked).count()
}

/// The cheapest that surely meets all objectives.
fn cheapest(runners: &[Runner], order: &[usize]) -> Option<usize> {
    order.iter().copied().find(|index| runners[*index].verdict() == Judgement::Met)
}

/// Leaves out what is surely beaten, and puts aside what cannot be told from a cheaper one.
fn eliminate(runners: &mut [Runner], order: &[usize], wrong: f64, tolerance: f64) {
    let means: Vec<(f64, f64)> = runners.iter().map(|it| it.means).collect();
    let mut kept: Vec<usize> = Vec::new();
    let mut obscure = false;
    for &index in order {
        if matches!(runners[index].standing, Standing::Beaten(_)) {
            runners[index].rest();
            continue;
        }
        let (lost, longest) = means[index];
        let mut rivals: Vec<usize> = (kept.iter().copied())
            .filter(|rival| means[*rival].0 <= lost * tolerance && means[*rival].1 <= longest * tolerance)
            .collect();
        rivals.sort_by(|a, b| means[*a].0.total_cmp(&means[*b].0).then(a.cmp(b)));
        rivals.truncate(RIVALS);
        let beaten = |rival: &&usize| beats(&runners[**rival], &runners[index], wrong, tolerance);
        if let Some(rival) = rivals.iter().find(beaten) {
            runners[index].standing = Standing::Beaten(*rival);
            runners[index].rest();
            continue;
        }
        kept.push(index);
        runners[index].standing = if obscure && runners[index].is_obscure() { Standing::Aside } else { Standing::In };
        obscure |= runners[index].is_obscure();
    }
}

/// Whether `rival`, which costs no more, surely neither loses nor takes longer than `it` by more than the tolerance.
fn beats(rival: &Runner, it: &Runner, wrong: f64, tolerance: f64) -> bool {
    is_no_more(&rival.lost, &it.lost, wrong, tolerance) && is_no_more(&rival.longest, &it.longest, wrong, tolerance)
}

/// Whether the mean of what `rival` shows is surely no more than that of `it`, but for the tolerance.
fn is_no_more(rival: &[f64], it: &[f64], wrong: f64, tolerance: f64) -> bool {
    let mut differences = Moments::new();
    let mut telling = 0;
    for (rival, it) in rival.iter().zip(it) {
        telling += u64::from(*rival > 0.0 || *it > 0.0);
        differences.push(tolerance * it - rival);
    }
    let level = 1.0 - 2.0 * wrong;
    let low = |found: Option<Estimate>| found.map_or(f64::NEG_INFINITY, |found| found.low);
    telling >= SEEN_ENOUGH
        && low(differences.interval(level)) >= 0.0
        && low(differences.interval_skewed_of_any_sign(level)) >= 0.0
}

/// What came of it: designs that stayed, the frontier among them by their estimates, and the cheapest that meets the objectives.
fn outcome(
    runners: &[Runner],
    order: &[usize],
    rounds: Vec<Round>,
    tolerance: f64,
    scale: f64,
    interrupted: bool,
) -> Selection {
    let selected: Vec<Selected> = (runners.iter())
        .map(|it| Selected {
            cost_per_year: it.cost,
            lost_seconds_per_year: it.means.0 * scale,
            longest_incident_seconds: it.means.1,
            histories: it.known().histories,
            losing: it.known().losing,
            beaten_by: match it.standing {
                Standing::Beaten(rival) => Some(rival),
                Standing::In | Standing::Aside => None,
            },
        })
        .collect();
    let mut frontier: Vec<usize> = Vec::new();
    let mut alike = vec![0; runners.len()];
    for &index in order.iter().filter(|index| selected[**index].beaten_by.is_none() && selected[**index].histories > 0)
    {
        let it = &selected[index];
        let wide = 1.0 + tolerance;
        let as_good = |rival: &&usize| {
            let rival = &selected[**rival];
            rival.lost_seconds_per_year <= it.lost_seconds_per_year * wide
                && rival.longest_incident_seconds <= it.longest_incident_seconds * wide
                || runners[index].is_obscure() && rival.losing < SEEN_ENOUGH
        };
        match frontier.iter().find(as_good) {
            Some(rival) => alike[*rival] += 1,
            None => frontier.push(index),
        }
    }
    let having = |verdict| move |index: &usize| runners[*index].verdict() == verdict && runners[*index].histories() > 0;
    let met = order.iter().copied().filter(having(Judgement::Met)).collect();
    let open = order.iter().copied().filter(having(Judgement::Inconclusive)).collect();
    Selection { rounds, selected, frontier, alike, met, open, best: Vec::new(), interrupted }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::testing::SplitMix64;

    #[test]
    fn rounds_grow_to_what_is_asked() {
        assert_eq!(ladder(4_096), [64, 256, 1_024, 4_096]);
        assert_eq!(ladder(1_000), [64, 256, 1_000]);
        assert_eq!(ladder(1), [64]);
    }

    /// `rival` is worse by just the tolerance: that it seems no worse is as likely as the level says, over 2,000 samples with a standard deviation
    /// of the root of 0.05 x 0.95 / 2,000 = 0.5 %. The losses are exponential, and correlated as common random numbers make them.
    #[test]
    fn a_design_is_called_no_worse_as_rarely_as_promised() {
        let mut random = SplitMix64(1);
        let mut wrong = 0;
        for _ in 0..2_000 {
            let (mut it, mut rival) = (Vec::new(), Vec::new());
            for _ in 0..256 {
                let (common, own) = (random.exponential(), random.exponential());
                it.push(common + 0.5);
                rival.push(1.1 * (0.5 * common + 0.5 * own + 0.5));
            }
            wrong += u32::from(is_no_more(&rival, &it, 0.05, 1.1));
        }
        assert!((0.02..0.05 + 3.0 * 0.005).contains(&(f64::from(wrong) / 2_000.0)), "{wrong}");
    }

    #[test]
    fn what_is_clearly_better_is_found_out() {
        let mut random = SplitMix64(2);
        let it: Vec<f64> = (0..256).map(|_| random.exponential()).collect();
        let better: Vec<f64> = it.iter().map(|lost| 0.8 * lost).collect();
        assert!(is_no_more(&better, &it, 1e-6, 1.0) && !is_no_more(&it, &better, 1e-6, 1.0));
        assert!(is_no_more(&it, &it, 1e-6, 1.1), "the same, within a tolerance");
        assert!(!is_no_more(&[0.0; 256], &[0.0; 256], 1e-6, 1.1), "nothing was seen");
    }
}

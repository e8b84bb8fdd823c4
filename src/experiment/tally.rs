//! What replications of one architecture add up to.

use super::blocks::Blocked;
use super::budget::BudgetTally;
use super::control::{Terms, Weights};
use crate::engine::ledger::STAGES;
use crate::model::Objectives;
use crate::simulation::{Outcome, Plan};
use crate::statistics::{Moments, Ratio, Spread};
use crate::units::Seconds;
use serde::{Deserialize, Serialize};

/// Sums over replications, mergeable in a fixed order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Tally {
    pub replications: u64,
    pub events: u64,
    /// Replications in which nothing happened that is measured, and which are not yet among the quantities below.
    uneventful: u64,
    /// Replications that lost something.
    pub losing: u64,
    /// Request-weighted seconds lost per replication, adjusted where there are control variates, as are the other quantities that have weights.
    pub lost: Blocked,
    /// The same as they were lost; empty without control variates.
    pub plain: Moments,
    /// Seconds below the threshold per replication.
    pub down: Blocked,
    /// The same per year, as a distribution.
    pub down_per_year: Spread,
    pub incidents: Blocked,
    /// Length of the longest incident per replication.
    pub longest: Moments,
    pub open_incidents: u64,
    pub recovery: Recovery,
    /// Age of the newest recovered write, per data-losing event.
    pub data_loss: Recovery,
    /// Writes lost per replication.
    pub writes: Moments,
    /// Seconds lost per replication, weighted by reads, and by writes.
    pub apart: [Moments; 2],
    /// Losses of all data with nothing to restore them from, per replication.
    pub unrecoverable: Moments,
    /// How long writes were missing that came back.
    pub absence: Recovery,
    /// Their number per replication, and of those that were overtaken.
    pub absent_writes: Moments,
    pub conflicts: Moments,
    /// Overloads per replication that outlived what led to them.
    pub metastable: Moments,
    /// Users logged out per replication.
    pub logged_out: Moments,
    /// The availability objective and its budget; empty without one.
    pub budget: BudgetTally,
    /// Seconds that were excluded, in all.
    pub excluded_time: f64,
    /// Demand in them (s of usual demand), in all.
    pub excluded_demand: f64,
    /// Request-weighted seconds lost in them per replication.
    pub excluded_lost: Moments,
    /// By set of failure modes, ascending.
    pub causes: Vec<(u64, CauseTally)>,
}

/// A duration seen some times per replication.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Recovery {
    pub spread: Spread,
    /// Sum and number per replication; those that show none are left out, which changes neither sum.
    pub mean: Ratio,
}

/// What one cause adds up to. Replications that do not show it are not pushed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CauseTally {
    pub lost: Moments,
    pub incidents: Moments,
    pub stages: [f64; STAGES],
    pub recovery: Recovery,
}

/// Shares of the demand that are reads and writes, as far as there are any.
fn shares(plan: &Plan) -> impl Iterator<Item = (usize, f64)> {
    [1.0 - plan.write_share, plan.write_share].into_iter().enumerate().filter(|(_, share)| *share > 0.0)
}

impl Recovery {
    fn push(&mut self, durations: impl Iterator<Item = f64>) {
        let (mut sum, mut count) = (0.0, 0.0);
        for duration in durations {
            self.spread.push(duration);
            sum += duration;
            count += 1.0;
        }
        if count > 0.0 {
            self.mean.push(sum, count);
        }
    }

    fn merge(&mut self, other: &Recovery) {
        self.spread.merge(&other.spread);
        self.mean.merge(&other.mean);
    }
}

impl Tally {
    /// Adds replication number `turn`, adjusted by weights if there are any, and returns the seconds it lost, of the whole time that
    /// counts at the usual demand.
    pub fn push(
        &mut self,
        outcome: &Outcome,
        plan: &Plan,
        objectives: &Objectives,
        turn: u64,
        weights: Option<&Weights>,
    ) -> f64 {
        self.replications += 1;
        self.events += outcome.events;
        // What is expected does not depend on what is excluded, so nor does what it is scaled by.
        let per_usual_demand = plan.counted / plan.exposure;
        if outcome.is_uneventful() && weights.is_none_or(|it| it.are_quiet(outcome.counts)) {
            self.uneventful += 1;
            if let Some(limit) = objectives.availability {
                self.budget.push(outcome, plan, 1.0 - limit.get(), turn);
            }
            return 0.0 - weights.map_or(0.0, |it| it.lost_if_quiet) * per_usual_demand;
        }
        let of_lost = weights.map_or(0.0, |it| it.sum(&it.lost, outcome.counts));
        let lost = self.push_eventful(outcome, plan, objectives, turn, weights, of_lost);
        lost * (plan.counted / (plan.exposure - outcome.excluded.demand)) - of_lost * per_usual_demand
    }

    /// Adds a replication in which something happened, and returns the seconds it lost as they were lost.
    ///
    /// The code of a history is larger than the first cache of instructions likes, so this is kept short: one loop pushes all quantities.
    #[inline(never)]
    fn push_eventful(
        &mut self,
        outcome: &Outcome,
        plan: &Plan,
        objectives: &Objectives,
        turn: u64,
        weights: Option<&Weights>,
        of_lost: f64,
    ) -> f64 {
        let (incidents, losses, counts) = (outcome.incidents, outcome.losses, outcome.counts);
        let surplus = |terms: fn(&Weights) -> &Terms| weights.map_or(0.0, |it| it.sum(terms(it), counts));
        let lost: f64 = outcome.lost.iter().flatten().sum();
        self.losing += u64::from(lost > 0.0);
        if weights.is_some() {
            self.plain.push(lost);
        }
        self.down_per_year.push(outcome.down * (Seconds::YEAR.0 / (plan.counted - outcome.excluded.time)));
        let (mut longest, mut writes, mut absent_writes, mut conflicts) = (0.0, -0.0, -0.0, -0.0);
        for incident in incidents {
            longest = f64::max(longest, incident.end - incident.start);
            self.open_incidents += u64::from(incident.open);
        }
        self.recovery.push(incidents.iter().map(|i| i.end - i.start));
        if !losses.are_none() {
            writes = losses.gone.iter().map(|loss| loss.writes).sum();
            absent_writes = losses.absent.iter().map(|absence| absence.writes).sum();
            conflicts = losses.absent.iter().map(|absence| absence.conflicts).sum();
            self.data_loss.push(losses.gone.iter().map(|loss| loss.age));
            self.absence.push(losses.absent.iter().map(|absence| absence.length));
        }
        let quantities = [
            (&mut self.lost.each, lost - of_lost),
            (&mut self.down.each, outcome.down - surplus(|it| &it.down)),
            (&mut self.incidents.each, incidents.len() as f64),
            (&mut self.longest, longest),
            (&mut self.writes, writes - surplus(|it| &it.writes)),
            (&mut self.unrecoverable, losses.unrecoverable.len() as f64),
            (&mut self.absent_writes, absent_writes),
            (&mut self.conflicts, conflicts),
            (&mut self.metastable, outcome.metastable_incidents as f64),
            (&mut self.logged_out, outcome.users_logged_out),
            (&mut self.excluded_lost, outcome.excluded.lost),
        ];
        quantities.into_iter().for_each(|(moments, value)| moments.push(value));
        // Where reads and writes fare alike, they lose what all lose: see [`Tally::settle`].
        if let Some(apart) = outcome.apart {
            for (class, share) in shares(plan) {
                let of_class = weights.map_or(0.0, |it| it.sum(&it.apart[class], counts));
                self.apart[class].push((apart[class] - of_class) / share);
            }
        }
        self.excluded_time += outcome.excluded.time;
        self.excluded_demand += outcome.excluded.demand;
        if let Some(limit) = objectives.availability {
            self.budget.push(outcome, plan, 1.0 - limit.get(), turn);
        }
        for (index, (modes, stages)) in outcome.causes.iter().zip(outcome.lost).enumerate() {
            let of_cause = || incidents.iter().filter(|i| i.cause == index);
            let seconds: f64 = stages.iter().sum();
            let count = of_cause().count();
            if seconds == 0.0 && count == 0 {
                continue;
            }
            let is_adjusted = weights.is_some_and(|it| it.cell(*modes).is_some());
            let cause = self.cause(*modes);
            if !is_adjusted {
                cause.lost.push(seconds);
            }
            cause.incidents.push(count as f64);
            cause.recovery.push(of_cause().map(|i| i.end - i.start));
            for (sum, stage) in cause.stages.iter_mut().zip(stages) {
                *sum += stage;
            }
        }
        if let Some(weights) = weights {
            self.push_adjusted_causes(outcome, weights);
        }
        lost
    }

    /// Causes that are adjusted have their part in every replication.
    fn push_adjusted_causes(&mut self, outcome: &Outcome, weights: &Weights) {
        for (modes, terms) in &weights.cells {
            let seen = outcome.causes.iter().position(|cause| cause == modes);
            let surplus = weights.by_stage(terms, outcome.counts);
            let cause = self.cause(*modes);
            let lost: f64 = seen.map_or(0.0, |index| outcome.lost[index].iter().sum());
            cause.lost.push(lost - surplus.iter().sum::<f64>());
            cause.stages.iter_mut().zip(surplus).for_each(|(sum, surplus)| *sum -= surplus);
        }
    }

    /// All replications so far have their part in all quantities: to be said before they are merged or read.
    pub fn settle(&mut self, plan: &Plan, weights: Option<&Weights>) {
        let count = std::mem::take(&mut self.uneventful);
        if count > 0 {
            self.push_uneventful(count, plan, weights);
        }
        if !plan.divides() {
            shares(plan).for_each(|(class, _)| self.apart[class] = self.lost.each);
        }
    }

    fn push_uneventful(&mut self, count: u64, plan: &Plan, weights: Option<&Weights>) {
        let usual = |terms: fn(&Weights) -> &Terms| weights.map_or(0.0, |it| 0.0 - it.sum(terms(it), &it.quiet));
        self.lost.push_alike(count, usual(|it| &it.lost));
        self.down.push_alike(count, usual(|it| &it.down));
        self.incidents.push_alike(count, 0.0);
        self.down_per_year.push_zeros(count);
        for (class, share) in shares(plan).filter(|_| plan.divides()) {
            let usual = weights.map_or(0.0, |it| 0.0 - it.sum(&it.apart[class], &it.quiet) / share);
            self.apart[class].push_alike(count, usual);
        }
        self.writes.push_alike(count, usual(|it| &it.writes));
        if let Some(weights) = weights {
            self.plain.push_zeros(count);
            for (modes, terms) in &weights.cells {
                let surplus = weights.by_stage(terms, &weights.quiet);
                let cause = self.cause(*modes);
                cause.lost.push_alike(count, 0.0 - surplus.iter().sum::<f64>());
                cause.stages.iter_mut().zip(surplus).for_each(|(sum, surplus)| *sum -= count as f64 * surplus);
            }
        }
        let data = [&mut self.unrecoverable, &mut self.absent_writes, &mut self.conflicts];
        let others = [&mut self.longest, &mut self.metastable, &mut self.logged_out, &mut self.excluded_lost];
        data.into_iter().chain(others).for_each(|it| it.push_zeros(count));
    }

    /// Every distribution.
    pub fn spreads(&mut self, mut visit: impl FnMut(&mut Spread)) {
        visit(&mut self.down_per_year);
        [&mut self.recovery, &mut self.data_loss, &mut self.absence].into_iter().for_each(|it| visit(&mut it.spread));
        self.causes.iter_mut().for_each(|(_, cause)| visit(&mut cause.recovery.spread));
        self.budget.spreads(visit);
    }

    /// What was pushed so far is a whole block of replications.
    pub fn close_block(&mut self, plan: &Plan) {
        if plan.is_stratified() {
            [&mut self.lost, &mut self.down, &mut self.incidents].into_iter().for_each(Blocked::close_block);
        }
    }

    fn cause(&mut self, modes: u64) -> &mut CauseTally {
        let place = self.causes.binary_search_by_key(&modes, |(m, _)| *m).unwrap_or_else(|place| {
            self.causes.insert(place, (modes, CauseTally::default()));
            place
        });
        &mut self.causes[place].1
    }

    /// Adds the replications of another tally, as if they came after these.
    pub fn merge(&mut self, other: &Tally) {
        self.replications += other.replications;
        self.events += other.events;
        self.losing += other.losing;
        self.lost.merge(&other.lost);
        self.plain.merge(&other.plain);
        self.down.merge(&other.down);
        self.down_per_year.merge(&other.down_per_year);
        self.incidents.merge(&other.incidents);
        self.longest.merge(&other.longest);
        self.open_incidents += other.open_incidents;
        self.recovery.merge(&other.recovery);
        self.data_loss.merge(&other.data_loss);
        self.writes.merge(&other.writes);
        self.unrecoverable.merge(&other.unrecoverable);
        self.absence.merge(&other.absence);
        self.absent_writes.merge(&other.absent_writes);
        self.conflicts.merge(&other.conflicts);
        for (mine, theirs) in self.apart.iter_mut().zip(&other.apart) {
            mine.merge(theirs);
        }
        self.metastable.merge(&other.metastable);
        self.logged_out.merge(&other.logged_out);
        self.budget.merge(&other.budget);
        self.excluded_time += other.excluded_time;
        self.excluded_demand += other.excluded_demand;
        self.excluded_lost.merge(&other.excluded_lost);
        for (modes, theirs) in &other.causes {
            let mine = self.cause(*modes);
            mine.lost.merge(&theirs.lost);
            mine.incidents.merge(&theirs.incidents);
            mine.recovery.merge(&theirs.recovery);
            for (sum, stage) in mine.stages.iter_mut().zip(theirs.stages) {
                *sum += stage;
            }
        }
    }
}

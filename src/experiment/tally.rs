//! What replications of one architecture add up to.

use crate::engine::ledger::STAGES;
use crate::model::Objectives;
use crate::simulation::{Outcome, Plan};
use crate::statistics::{Moments, Ratio, Spread};
use crate::units::Seconds;

/// Sums over replications, mergeable in a fixed order.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub replications: u64,
    pub events: u64,
    /// Request-weighted seconds lost per replication.
    pub lost: Moments,
    /// Seconds below the threshold per replication.
    pub down: Moments,
    /// The same per year, as a distribution.
    pub down_per_year: Spread,
    pub incidents: Moments,
    pub open_incidents: u64,
    pub recovery: Recovery,
    /// Age of the newest recovered write, per data-losing event.
    pub data_loss: Recovery,
    /// Writes lost per replication.
    pub writes: Moments,
    /// Overloads per replication that outlived what led to them.
    pub metastable: Moments,
    /// Users logged out per replication.
    pub logged_out: Moments,
    /// Replications that met the availability objective.
    pub met: u64,
    /// By set of failure modes, ascending.
    pub causes: Vec<(u64, CauseTally)>,
}

/// A duration seen some times per replication.
#[derive(Debug, Clone, Default)]
pub struct Recovery {
    pub spread: Spread,
    /// Sum and number per replication; those that show none are left out, which changes neither sum.
    pub mean: Ratio,
}

/// What one cause adds up to. Replications that do not show it are not pushed.
#[derive(Debug, Clone, Default)]
pub struct CauseTally {
    pub lost: Moments,
    pub incidents: Moments,
    pub stages: [f64; STAGES],
    pub recovery: Recovery,
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
    /// Adds one replication, and returns the seconds it lost.
    pub fn push(&mut self, outcome: &Outcome, plan: &Plan, objectives: &Objectives) -> f64 {
        let incidents = outcome.incidents;
        let lost: f64 = outcome.lost.iter().flatten().sum();
        self.replications += 1;
        self.events += outcome.events;
        self.lost.push(lost);
        self.down.push(outcome.down);
        self.down_per_year.push(outcome.down * (Seconds::YEAR.0 / plan.counted));
        self.incidents.push(incidents.len() as f64);
        self.open_incidents += incidents.iter().filter(|i| i.open).count() as u64;
        self.recovery.push(incidents.iter().map(|i| i.end - i.start));
        self.data_loss.push(outcome.data_losses.iter().map(|loss| loss.age));
        self.writes.push(outcome.data_losses.iter().map(|loss| loss.writes).sum());
        self.metastable.push(outcome.metastable_incidents as f64);
        self.logged_out.push(outcome.users_logged_out);
        if let Some(limit) = objectives.availability
            && lost <= (1.0 - limit.get()) * plan.counted
        {
            self.met += 1;
        }
        for (index, (modes, stages)) in outcome.causes.iter().zip(outcome.lost).enumerate() {
            let of_cause = || incidents.iter().filter(|i| i.cause == index);
            let seconds: f64 = stages.iter().sum();
            let count = of_cause().count();
            if seconds == 0.0 && count == 0 {
                continue;
            }
            let cause = self.cause(*modes);
            cause.lost.push(seconds);
            cause.incidents.push(count as f64);
            cause.recovery.push(of_cause().map(|i| i.end - i.start));
            for (sum, stage) in cause.stages.iter_mut().zip(stages) {
                *sum += stage;
            }
        }
        lost
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
        self.lost.merge(&other.lost);
        self.down.merge(&other.down);
        self.down_per_year.merge(&other.down_per_year);
        self.incidents.merge(&other.incidents);
        self.open_incidents += other.open_incidents;
        self.recovery.merge(&other.recovery);
        self.data_loss.merge(&other.data_loss);
        self.writes.merge(&other.writes);
        self.metastable.merge(&other.metastable);
        self.logged_out.merge(&other.logged_out);
        self.met += other.met;
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

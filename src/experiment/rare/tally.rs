//! What histories with their probes add up to.

use crate::engine::ledger::STAGES;
use crate::simulation::Plan;
use crate::simulation::rare::{Found, Rare, Sources};
use crate::statistics::{Moments, Ratio};

/// What was lost to a set of failure modes, per history. Histories that do not show it are not pushed.
#[derive(Debug, Clone, Default)]
pub struct RareCause {
    pub lost: Moments,
    pub incidents: Moments,
    pub stages: [f64; STAGES],
}

/// Sums over histories, mergeable in a fixed order.
#[derive(Debug, Clone)]
pub struct RareTally {
    pub histories: u64,
    pub events: u64,
    /// Level at which intervals are worked out, so that they keep theirs over all looks.
    pub level: f64,
    pub lost: Moments,
    pub down: Moments,
    pub incidents: Moments,
    pub some_incident: Moments,
    pub data_losses: Moments,
    pub some_data_loss: Moments,
    pub writes: Moments,
    pub unrecoverable: Moments,
    pub missed: Moments,
    /// Time below the threshold, and incidents.
    pub recovery: Ratio,
    /// By set of failure modes, ascending.
    pub causes: Vec<(u64, RareCause)>,
    /// What probes found, by class.
    pub found: Vec<Found>,
}

impl RareTally {
    pub fn new(_plan: &Plan, sources: &Sources) -> RareTally {
        RareTally {
            histories: 0,
            events: 0,
            level: 0.0,
            lost: Moments::default(),
            down: Moments::default(),
            incidents: Moments::default(),
            some_incident: Moments::default(),
            data_losses: Moments::default(),
            some_data_loss: Moments::default(),
            writes: Moments::default(),
            unrecoverable: Moments::default(),
            missed: Moments::default(),
            recovery: Ratio::default(),
            causes: Vec::new(),
            found: vec![Found::default(); sources.count() + 1],
        }
    }

    pub fn push(&mut self, history: &Rare) {
        let sums = history.sums;
        self.histories += 1;
        self.events += history.events;
        self.lost.push(sums.lost);
        self.down.push(sums.down);
        self.incidents.push(sums.incidents);
        self.some_incident.push(sums.some_incident);
        self.data_losses.push(sums.data_losses);
        self.some_data_loss.push(sums.some_data_loss);
        self.writes.push(sums.writes);
        self.unrecoverable.push(sums.unrecoverable);
        self.missed.push(sums.missed);
        self.recovery.push(sums.down, sums.incidents);
        for blamed in &sums.blamed {
            let cause = self.cause(blamed.modes);
            cause.lost.push(blamed.stages.iter().sum());
            cause.incidents.push(blamed.incidents);
            for (sum, stage) in cause.stages.iter_mut().zip(blamed.stages) {
                *sum += stage;
            }
        }
        for (mine, theirs) in self.found.iter_mut().zip(history.found) {
            mine.merge(theirs);
        }
    }

    fn cause(&mut self, modes: u64) -> &mut RareCause {
        let place = self.causes.binary_search_by_key(&modes, |(m, _)| *m).unwrap_or_else(|place| {
            self.causes.insert(place, (modes, RareCause::default()));
            place
        });
        &mut self.causes[place].1
    }

    pub fn merge(&mut self, other: &RareTally) {
        self.histories += other.histories;
        self.events += other.events;
        self.lost.merge(&other.lost);
        self.down.merge(&other.down);
        self.incidents.merge(&other.incidents);
        self.some_incident.merge(&other.some_incident);
        self.data_losses.merge(&other.data_losses);
        self.some_data_loss.merge(&other.some_data_loss);
        self.writes.merge(&other.writes);
        self.unrecoverable.merge(&other.unrecoverable);
        self.missed.merge(&other.missed);
        self.recovery.merge(&other.recovery);
        for (modes, theirs) in &other.causes {
            let mine = self.cause(*modes);
            mine.lost.merge(&theirs.lost);
            mine.incidents.merge(&theirs.incidents);
            for (sum, stage) in mine.stages.iter_mut().zip(theirs.stages) {
                *sum += stage;
            }
        }
        for (mine, theirs) in self.found.iter_mut().zip(&other.found) {
            mine.merge(theirs);
        }
    }

    /// What probes lost, and the sum of its squares (s, s²).
    pub fn carried(&self) -> (f64, f64) {
        self.found.iter().fold((0.0, 0.0), |(sum, squares), found| (sum + found.lost, squares + found.squares))
    }
}

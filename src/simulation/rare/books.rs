//! What a trajectory adds to a sum, from one instant to the next, each with the weight of its time.

use crate::engine::ledger::STAGES;
use crate::mechanism::database::Database;
use crate::simulation::compile::Plan;
use crate::simulation::replicate::Replica;

/// What was lost to a set of failure modes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Blamed {
    /// The modes, one bit each.
    pub modes: u64,
    /// Lost seconds by stage.
    pub stages: [f64; STAGES],
    /// Incidents that it opened.
    pub incidents: f64,
}

/// A sum of a history that has an interval of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Request-weighted seconds lost.
    Lost,
    /// Seconds below the threshold.
    Down,
    /// Incidents.
    Incidents,
    /// There is an incident.
    SomeIncident,
    /// There is a loss of data.
    SomeDataLoss,
    /// Acknowledged writes lost.
    Writes,
    /// Losses of all data.
    Unrecoverable,
    /// More is lost than the objective allows.
    Missed,
}

/// How many there are.
pub const QUANTITIES: usize = 8;

/// Weighted sums of a history.
#[derive(Debug, Clone, Default)]
pub struct Sums {
    /// Request-weighted seconds lost.
    pub lost: f64,
    /// Seconds below the threshold.
    pub down: f64,
    /// Incidents.
    pub incidents: f64,
    /// There is an incident.
    pub some_incident: f64,
    /// Data are lost.
    pub some_data_loss: f64,
    /// Acknowledged writes lost.
    pub writes: f64,
    /// Losses of all data with nothing to restore them from.
    pub unrecoverable: f64,
    /// More is lost than the objective allows.
    pub missed: f64,
    /// The square of what is lost in each excursion, or at rest (s²).
    pub squares: f64,
    /// By set of failure modes, ascending.
    pub blamed: Vec<Blamed>,
    /// How long each incident lasted (s), or until the history ended, with its weight.
    pub recoveries: Vec<(f64, f64)>,
    /// How old what was recovered is (s) after each loss of data, with its weight.
    pub ages: Vec<(f64, f64)>,
}

impl Sums {
    pub(super) fn clear(&mut self) {
        let Sums { mut blamed, mut recoveries, mut ages, .. } = std::mem::take(self);
        blamed.clear();
        recoveries.clear();
        ages.clear();
        *self = Sums { blamed, recoveries, ages, ..Sums::default() };
    }

    /// All that has an interval, by [`Quantity`].
    pub fn values(&self) -> [f64; QUANTITIES] {
        [
            self.lost,
            self.down,
            self.incidents,
            self.some_incident,
            self.some_data_loss,
            self.writes,
            self.unrecoverable,
            self.missed,
        ]
    }

    fn blame(&mut self, modes: u64) -> &mut Blamed {
        let place = self.blamed.binary_search_by_key(&modes, |it| it.modes).unwrap_or_else(|place| {
            self.blamed.insert(place, Blamed { modes, stages: [0.0; STAGES], incidents: 0.0 });
            place
        });
        &mut self.blamed[place]
    }
}

/// What happens for the first time, once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Firsts {
    pub(super) incident: bool,
    pub(super) data_loss: bool,
    pub(super) missed: bool,
}

/// Up to where a trajectory is entered into sums.
#[derive(Debug, Clone, Default)]
pub(super) struct Books {
    incidents: usize,
    /// Incidents that are over.
    over: usize,
    /// Losses of data by database, those of the warm-up included.
    losses: Vec<usize>,
    down: f64,
    lost: Vec<[f64; STAGES]>,
    /// Lost since the last mark, without weights (s).
    own: f64,
    gone: usize,
    unrecoverable: usize,
    writes: f64,
    pub(super) firsts: Firsts,
}

/// Losses of data, those of all data, and writes lost, after the warm-up.
fn count(plan: &Plan, replica: &Replica) -> (usize, usize, f64) {
    let mut found = (0, 0, 0.0);
    for losses in replica.databases.iter().map(Database::losses) {
        for loss in losses.gone.iter().filter(|loss| loss.at >= plan.warm_up) {
            found.0 += 1;
            found.2 += loss.writes;
        }
        found.1 += losses.unrecoverable.iter().filter(|at| **at >= plan.warm_up).count();
    }
    found
}

impl Books {
    pub(super) fn take_over(&mut self, other: &Books) {
        self.lost.clone_from(&other.lost);
        self.losses.clone_from(&other.losses);
        let (lost, losses) = (std::mem::take(&mut self.lost), std::mem::take(&mut self.losses));
        *self = Books { lost, losses, ..*other };
    }

    /// What there is up to the present is entered elsewhere, or not at all. Settle first.
    pub(super) fn mark(&mut self, plan: &Plan, replica: &Replica, budget: f64) {
        self.mark_time(replica);
        let begun = replica.ledger.lasting(replica.world.now);
        self.firsts.incident |= begun > self.incidents;
        (self.incidents, self.over) = (begun, replica.ledger.incidents().len());
        self.losses.clear();
        self.losses.extend(replica.databases.iter().map(|database| database.losses().gone.len()));
        let (gone, unrecoverable, writes) = count(plan, replica);
        self.firsts.data_loss |= gone > self.gone || unrecoverable > self.unrecoverable;
        (self.gone, self.unrecoverable, self.writes) = (gone, unrecoverable, writes);
        self.firsts.missed |= judged(plan, replica) > budget;
    }

    /// As [`Books::mark`], for what has a length only.
    pub(super) fn mark_time(&mut self, replica: &Replica) {
        self.down = replica.ledger.down_until(replica.ledger.since());
        self.own = 0.0;
        self.lost.clear();
        self.lost.extend_from_slice(replica.ledger.lost());
    }

    /// Enters what has happened: incidents once they have lasted for some time, so that those without a length are none.
    pub(super) fn happened(&mut self, plan: &Plan, replica: &Replica, weight: f64, sums: &mut Sums) {
        let begun = replica.ledger.lasting(replica.world.now);
        if begun != self.incidents {
            sums.incidents += (begun as f64 - self.incidents as f64) * weight;
            for incident in self.incidents..begun {
                sums.blame(replica.ledger.modes_behind(incident)).incidents += weight;
            }
            if begun > self.incidents && !std::mem::replace(&mut self.firsts.incident, true) {
                sums.some_incident += weight;
            }
            self.incidents = begun;
        }
        let over = replica.ledger.incidents();
        if over.len() != self.over {
            let ended = over.get(self.over..).unwrap_or_default();
            sums.recoveries.extend(ended.iter().map(|incident| (incident.end - incident.start, weight)));
            self.over = over.len();
        }
        if replica.databases.is_empty() {
            return;
        }
        let (gone, unrecoverable, writes) = count(plan, replica);
        if (gone, unrecoverable) == (self.gone, self.unrecoverable) {
            return;
        }
        sums.unrecoverable += (unrecoverable - self.unrecoverable) as f64 * weight;
        sums.writes += (writes - self.writes) * weight;
        (self.gone, self.unrecoverable, self.writes) = (gone, unrecoverable, writes);
        for (seen, database) in self.losses.iter_mut().zip(&replica.databases) {
            let gone = &database.losses().gone;
            let new = gone.get(*seen..).unwrap_or_default().iter().filter(|loss| loss.at >= plan.warm_up);
            sums.ages.extend(new.map(|loss| (loss.age, weight)));
            *seen = gone.len();
        }
        if !std::mem::replace(&mut self.firsts.data_loss, true) {
            sums.some_data_loss += weight;
        }
    }

    /// The history ends: enters what has happened, and the open incident with the length that was seen.
    pub(super) fn close(&mut self, plan: &Plan, replica: &Replica, weight: f64, sums: &mut Sums) {
        self.happened(plan, replica, weight, sums);
        if let Some(length) = replica.ledger.open_for(replica.world.now).filter(|length| *length > 0.0) {
            sums.recoveries.push((length, weight));
        }
    }

    /// Enters what has been lost up to the present. Settle first.
    pub(super) fn lasted(&mut self, replica: &Replica, weight: f64, sums: &mut Sums) {
        let ledger = &replica.ledger;
        self.lost.resize(ledger.lost().len(), [0.0; STAGES]);
        for ((before, now), modes) in self.lost.iter_mut().zip(ledger.lost()).zip(ledger.causes()) {
            if before == now {
                continue;
            }
            let its = sums.blame(*modes);
            for stage in 0..STAGES {
                its.stages[stage] += (now[stage] - before[stage]) * weight;
            }
            let lost = now.iter().sum::<f64>() - before.iter().sum::<f64>();
            sums.lost += lost * weight;
            // The square of a sum grows by its next part times twice the sum so far and that part.
            sums.squares += lost * (2.0 * self.own + lost) * weight;
            self.own += lost;
            *before = *now;
        }
        let down = ledger.down_until(ledger.since());
        sums.down += (down - self.down) * weight;
        self.down = down;
    }

    /// Enters that more has been lost than the objective allows, if that is so for the first time.
    pub(super) fn judge(&mut self, plan: &Plan, replica: &Replica, budget: f64, weight: f64, sums: &mut Sums) {
        if !self.firsts.missed && judged(plan, replica) > budget {
            self.firsts.missed = true;
            sums.missed += weight;
        }
    }
}

fn judged(plan: &Plan, replica: &Replica) -> f64 {
    debug_assert_eq!(plan.judged.len(), replica.ledger.periods().len());
    replica.ledger.periods().iter().sum()
}

//! What histories with their probes add up to.

use crate::engine::ledger::STAGES;
use crate::simulation::rare::{Carried, Found, QUANTITIES, Quantity, Rare, Sources};
use crate::statistics::{Moments, Ratio, Weighted};

/// Fewer probes than this that carry an estimate, in effect, are too few to trust its interval.
const FEW_HITS: f64 = 30.0;

/// A copy of a history costs as much as this many state changes, by and large.
const COPY: f64 = 10.0;

/// What was lost to a set of failure modes, per history. Histories that do not show it are not pushed.
#[derive(Debug, Clone, Default)]
pub struct RareCause {
    pub lost: Moments,
    pub incidents: Moments,
    pub stages: [f64; STAGES],
}

/// Durations with their weights, over histories.
#[derive(Debug, Clone, Default)]
pub struct Durations {
    /// Their sum and their number in each history.
    pub mean: Ratio,
    pub spread: Weighted,
}

impl Durations {
    fn push(&mut self, history: u64, seen: &[(f64, f64)]) {
        let (mut sum, mut count) = (0.0, 0.0);
        for (length, weight) in seen {
            (sum, count) = (sum + length * weight, count + weight);
            self.spread.push(history, *length, *weight);
        }
        self.mean.push(sum, count);
    }

    fn merge(&mut self, other: &Durations) {
        self.mean.merge(&other.mean);
        self.spread.merge(&other.spread);
    }
}

/// Sums over histories, mergeable in a fixed order.
#[derive(Debug, Clone)]
pub struct RareTally {
    pub histories: u64,
    pub events: u64,
    /// State changes of main histories, which are crude ones, and copies.
    crude_events: u64,
    copies: u64,
    /// Squares of what is lost in each excursion (s²).
    squares: f64,
    /// Level at which intervals are worked out, so that they keep theirs over all looks.
    pub level: f64,
    /// By [`Quantity`].
    moments: [Moments; QUANTITIES],
    /// How long incidents lasted (s).
    pub recovery: Durations,
    /// How old what was recovered is after losses of data (s).
    pub ages: Durations,
    /// By set of failure modes, ascending.
    pub causes: Vec<(u64, RareCause)>,
    /// What probes found, by class.
    pub found: Vec<Found>,
}

impl RareTally {
    pub fn new(sources: &Sources) -> RareTally {
        RareTally {
            histories: 0,
            events: 0,
            crude_events: 0,
            copies: 0,
            squares: 0.0,
            level: 0.0,
            moments: Default::default(),
            recovery: Durations::default(),
            ages: Durations::default(),
            causes: Vec::new(),
            found: vec![Found::default(); sources.count() + 1],
        }
    }

    pub fn push(&mut self, history: &Rare) {
        let sums = history.sums;
        self.histories += 1;
        self.events += history.events;
        self.crude_events += history.crude_events;
        self.copies += history.copies;
        self.squares += sums.squares;
        for (moments, value) in self.moments.iter_mut().zip(sums.values()) {
            moments.push(value);
        }
        self.recovery.push(self.histories, &sums.recoveries);
        self.ages.push(self.histories, &sums.ages);
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
        self.crude_events += other.crude_events;
        self.copies += other.copies;
        self.squares += other.squares;
        for (mine, theirs) in self.moments.iter_mut().zip(&other.moments) {
            mine.merge(theirs);
        }
        self.recovery.merge(&other.recovery);
        self.ages.merge(&other.ages);
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

    /// What histories say of a quantity.
    pub fn of(&self, quantity: Quantity) -> &Moments {
        &self.moments[quantity as usize]
    }

    /// What probes carry of a quantity.
    fn carried(&self, quantity: Quantity) -> Carried {
        let mut all = Carried::default();
        self.found.iter().for_each(|found| all.merge(&found.carried[quantity as usize]));
        all
    }

    /// Enough probes carry the sum of a quantity, or it is not probes that do.
    pub fn is_sound(&self, quantity: Quantity) -> bool {
        let carried = self.carried(quantity);
        carried.sum < 0.5 * self.of(quantity).sum() || carried.sum * carried.sum >= FEW_HITS * carried.squares
    }

    /// Enough histories carry what was lost to a cause.
    pub fn is_cause_sound(values: &Moments) -> bool {
        let count = values.count() as f64;
        let squares = values.variance().unwrap_or(0.0) * (count - 1.0) + count * values.mean() * values.mean();
        values.sum() * values.sum() >= FEW_HITS * squares
    }

    /// Probes that carry the lost time, in effect.
    pub fn effective(&self) -> f64 {
        let carried = self.carried(Quantity::Lost);
        if carried.squares > 0.0 { carried.sum * carried.sum / carried.squares } else { 0.0 }
    }

    /// Share of the lost time that the largest probe makes.
    pub fn largest_share(&self) -> f64 {
        let carried = self.carried(Quantity::Lost);
        if carried.largest > 0.0 { carried.largest / carried.sum } else { 0.0 }
    }

    /// State changes, and copies as what they cost.
    pub fn cost(&self) -> f64 {
        self.events as f64 + COPY * self.copies as f64
    }

    /// State changes that it takes, copies included, for each unit of squared relative error: variance times cost over the squared mean.
    pub fn toil(&self) -> Option<f64> {
        let lost = self.of(Quantity::Lost);
        let mean = Some(lost.mean()).filter(|mean| *mean > 0.0)?;
        Some(lost.variance()? / (mean * mean) * self.cost() / self.histories as f64)
    }

    /// How many times more state changes crude histories would have taken for the same interval of the lost time, as far as these tell.
    ///
    /// Variance times cost of the one over that of the other. The main histories are crude ones, so their state changes are known; the variance
    /// of what a crude one loses is the mean of the sum of the squares of what its excursions lose, as for any sum of rare and independent
    /// contributions (a compound Poisson law), which histories with probes estimate with their weights.
    pub fn gain(&self) -> Option<f64> {
        let variance = self.of(Quantity::Lost).variance()?;
        let gain = self.squares / self.histories as f64 * self.crude_events as f64 / (variance * self.cost());
        gain.is_finite().then_some(gain)
    }
}

//! Changes to be.

use super::Place;
use super::laws::{DAY, fixed, never, share};
use ridethrough::law::Law;
use ridethrough::model::{Change, Reach, Symptom, Touches};
use ridethrough::units::Fraction;

/// Changes to be, with what they touch by name.
#[derive(Debug, Clone)]
pub struct Rollout {
    pub(super) touches: Place,
    pub(super) change: Change,
}

/// A change every week that is always bad, reaches everything at once, is noticed at once and never rolled back.
pub fn rollout(name: &str, touches: Place) -> Rollout {
    let change = Change {
        name: name.into(),
        touches: Touches::Everything,
        stages: vec![Reach::All],
        every: fixed(7.0 * DAY),
        failure: Fraction::ONE,
        bake: fixed(0.0),
        detection: fixed(0.0),
        rollback: never(),
        rollback_needs_control_plane: false,
        symptom: Symptom::Crash,
    };
    Rollout { touches, change }
}

impl Rollout {
    /// From start to start.
    pub fn every(mut self, law: Law) -> Self {
        self.change.every = law;
        self
    }

    /// Bad with this probability.
    pub fn bad(mut self, probability: f64) -> Self {
        self.change.failure = share(probability);
        self
    }

    /// In these stages, a bake time apart.
    pub fn staged(mut self, stages: &[Reach], bake: f64) -> Self {
        (self.change.stages, self.change.bake) = (stages.to_vec(), fixed(bake));
        self
    }

    /// Noticed after a time, and then rolled back in another.
    pub fn undone(mut self, detection: Law, rollback: Law) -> Self {
        (self.change.detection, self.change.rollback) = (detection, rollback);
        self
    }

    /// What it touches stays up and fails this share of its requests.
    pub fn gray(mut self, error: f64) -> Self {
        self.change.symptom = Symptom::Gray { error: share(error), seen: false };
        self
    }

    /// The rollback waits for control planes.
    pub fn with_control_planes(mut self) -> Self {
        self.change.rollback_needs_control_plane = true;
        self
    }
}

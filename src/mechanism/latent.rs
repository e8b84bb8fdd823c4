//! What stands by and breaks without anybody noticing.
//!
//! It breaks at a constant rate from the last time it was known to work: the start of the history, an exercise, or the end of its
//! last use. Exercises come at a fixed interval with a random phase, and leave it working. Nothing has to be simulated until it is
//! needed: then it is broken with probability 1 - exp(-a / m), a the time since it was known to work and m the mean time to
//! failure. At a random instant a is uniform on (0, T), T the interval of the exercises, and the probability 1 - (m / T) (1 - exp(-T / m)).

use crate::law::{Law, Stream};
use crate::model::Broken;

/// How something breaks silently, compiled.
#[derive(Debug, Clone)]
pub struct LatentPlan {
    mttf: f64,
    /// Infinite if it is never exercised.
    exercise: f64,
    fix: Law,
}

/// Something that may be broken without anybody knowing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Latent {
    /// Instant of the first exercise (s).
    first: f64,
    /// When it was last known to work, exercises aside (s).
    known: f64,
}

impl LatentPlan {
    /// Compiles it.
    pub fn new(broken: &Broken) -> LatentPlan {
        LatentPlan {
            mttf: broken.mttf.0,
            exercise: broken.exercise.map_or(f64::INFINITY, |interval| interval.0),
            fix: broken.fix.clone(),
        }
    }
}

impl Latent {
    /// Working at the start of a history.
    pub fn restart(&mut self, plan: &LatentPlan, stream: &mut Stream) {
        self.known = 0.0;
        self.first = if plan.exercise.is_finite() { stream.uniform() * plan.exercise } else { f64::INFINITY };
    }

    /// It is known to work at the moment.
    pub fn works(&mut self, now: f64) {
        self.known = now;
    }

    /// It is needed: what it takes to mend it, if it turns out to be broken. It works once that is done.
    pub fn needed(&mut self, plan: &LatentPlan, now: f64, stream: &mut Stream) -> Option<f64> {
        let exercised = if now < self.first {
            0.0
        } else {
            self.first + ((now - self.first) / plan.exercise).floor() * plan.exercise
        };
        let age = now - self.known.max(exercised);
        self.known = now;
        stream.bernoulli(-libm::expm1(-age / plan.mttf)).then(|| plan.fix.sample(stream))
    }
}

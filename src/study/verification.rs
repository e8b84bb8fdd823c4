//! What a simulation looks like beside the exact answer.

use crate::exact::{Answer, ByHand, Obstacle};
use crate::statistics::Estimate;
use serde::Serialize;

/// One architecture, verified.
#[derive(Debug, Clone)]
pub struct Verification {
    /// Name of the architecture.
    pub name: String,
    /// Seed of every random stream.
    pub seed: u64,
    /// Histories simulated.
    pub replications: u64,
    /// The exact answer with the simulation beside it; none if there is no exact answer.
    pub exact: Option<Verified>,
    /// What stands in the way of an exact answer.
    pub obstacles: Vec<Obstacle>,
    /// A simpler variant that has an exact answer, where the design itself has none.
    pub simpler: Option<Simpler>,
    /// What stands in the way of an answer even then.
    pub still: Vec<Obstacle>,
    /// Request unavailability of the design itself, simulated.
    pub simulated: Estimate,
    /// What an architect would say without a simulation.
    pub by_hand: ByHand,
}

/// A variant that is simpler than the design.
#[derive(Debug, Clone, Serialize)]
pub struct Simpler {
    /// What was changed.
    pub changes: Vec<Obstacle>,
    /// Its exact answer with its own simulation beside it.
    pub exact: Verified,
}

/// An exact answer with the simulation of the same design beside it.
#[derive(Debug, Clone, Serialize)]
pub struct Verified {
    /// The exact answer.
    pub answer: Answer,
    /// What was simulated.
    pub history: String,
    /// Metric by metric.
    pub claims: Vec<Claim>,
}

impl Verified {
    /// No metric is too far off.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.claims.iter().all(|claim| claim.z.is_none_or(|z| z.abs() <= BOUND))
    }
}

/// Standard errors that a simulated mean may be away from the exact one: beyond lies a share of 2.7e-5 of the normal law, on both sides.
pub const BOUND: f64 = 4.2;

/// A metric, exact and simulated.
#[derive(Debug, Clone, Serialize)]
pub struct Claim {
    /// Name of the metric in the result file.
    pub metric: &'static str,
    /// Exact value.
    pub exact: f64,
    /// Simulated value.
    pub simulated: Estimate,
    /// Distance in standard errors; none if too few incidents are to be expected for the normal law.
    pub z: Option<f64>,
}

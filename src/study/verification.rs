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
    /// Parts of the design, each by itself, where the whole has no exact answer.
    pub parts: Vec<VerifiedPart>,
    /// Request unavailability of the design itself, simulated.
    pub simulated: Estimate,
    /// What an architect would say without a simulation.
    pub by_hand: ByHand,
}

/// A part of a design by itself.
#[derive(Debug, Clone, Serialize)]
pub struct VerifiedPart {
    /// What it is, e.g. `tier.web in us-east-1`.
    pub name: String,
    /// Mechanisms of the part that were set aside.
    pub set_aside: Vec<Obstacle>,
    /// Laws that were replaced by exponential ones of the same mean.
    pub changes: Vec<Obstacle>,
    /// Its exact answer, with the simulation of the part as it was reduced; none if it has none even then.
    pub exact: Option<Verified>,
    /// What stands in the way even then.
    pub obstacles: Vec<Obstacle>,
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

/// The exact answer beside the numbers of a run.
#[derive(Debug, Clone)]
pub struct Beside {
    /// The exact answer.
    pub answer: Answer,
    /// What its values here are about.
    pub about: About,
    /// Metric by metric.
    pub claims: Vec<Claim>,
}

/// What exact values beside a run are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The same stretch of a history that the run counts.
    FromNew,
    /// The long run; the run counts nothing before its start is forgotten.
    LongRun,
    /// The long run, which is all that is known; but the run remembers its start, so that it is about something else.
    LongRunOnly,
}

impl About {
    /// As words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            About::FromNew => "from new",
            About::LongRun | About::LongRunOnly => "long run",
        }
    }
}

impl Beside {
    /// Why the unavailability has no z; none if it has one.
    #[must_use]
    pub fn without_z(&self) -> Option<&'static str> {
        match self.about {
            About::LongRunOnly => Some("the run begins new, but exactly known is the long run alone"),
            _ if self.claims.iter().any(|claim| claim.z.is_none()) => {
                Some("too few incidents are to be expected for the normal law")
            }
            _ => None,
        }
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

//! What a drill found: one failure, or a few, in an otherwise quiet system.

use super::Distribution;
use crate::model::Assumption;
use crate::statistics::Estimate;
use crate::units::Seconds;
use serde::Serialize;

/// A failure that was injected.
#[derive(Debug, Clone, PartialEq)]
pub struct Strike {
    /// What it took down, as `zone:use1-az1`.
    pub place: String,
    /// The failure mode of the scenario whose effect and repair it has; none where the scenario has none for this place.
    pub mode: Option<String>,
    /// When it came (s).
    pub at: Seconds,
    /// How long it lasted, in words.
    pub lasting: String,
}

/// How a design takes a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resilience {
    /// The service goes on.
    FaultTolerant,
    /// It is interrupted, and recovers although the failure lasts.
    HighlyAvailable,
    /// It is down as long as the failure lasts.
    SinglePointOfFailure,
}

impl Resilience {
    /// As words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Resilience::FaultTolerant => "fault tolerant",
            Resilience::HighlyAvailable => "highly available",
            Resilience::SinglePointOfFailure => "single point of failure",
        }
    }
}

/// An objective, held against a drill.
#[derive(Debug, Clone)]
pub struct DrillObjective {
    /// Name of the key.
    pub name: &'static str,
    /// The limit (s).
    pub limit: Seconds,
    /// Share of the drills that met it.
    pub met: Estimate,
}

/// What followed from the failures of a drill. Means are over repetitions, which differ in what chance decides: phases of health checks,
/// what is left of TTLs, how long a failover takes.
#[derive(Debug, Clone)]
pub struct Drill {
    /// What was injected, in the order of time.
    pub strikes: Vec<Strike>,
    /// How often it was repeated.
    pub replications: u64,
    /// How the design takes it.
    pub resilience: Resilience,
    /// Share of repetitions in which the service had not recovered when failures that do not end had lasted for a week.
    pub stuck: Estimate,
    /// Share of repetitions with an incident.
    pub interrupted: Estimate,
    /// Share of repetitions that were still down at the end.
    pub open: Estimate,
    /// Time below the threshold (s).
    pub downtime: Distribution,
    /// From the first failure to the end of the last incident, of the repetitions that had one and recovered (s).
    pub recovery: Distribution,
    /// Request-weighted lost time (s).
    pub lost: Distribution,
    /// The same by stage, in the order of [`super::STAGES`] (s).
    pub stages: [Distribution; 5],
    /// Requests lost.
    pub lost_requests: Estimate,
    /// Users who lost their session; none without sessions.
    pub logged_out: Option<Distribution>,
    /// Largest loss of data (s); none without a database.
    pub data_loss: Option<Distribution>,
    /// The objectives.
    pub objectives: Vec<DrillObjective>,
}

/// Sets of parts whose failure takes the service down for as long as it lasts.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CutSets {
    /// Single points of failure.
    pub single: Vec<String>,
    /// Pairs, neither of which is a single point of failure; none where there are too many parts to look.
    pub pairs: Option<Vec<[String; 2]>>,
}

/// The drills of a design.
#[derive(Debug, Clone)]
pub struct Drills {
    /// Name of the architecture.
    pub name: String,
    /// Seed of every random stream.
    pub seed: u64,
    /// Confidence level of every interval.
    pub level: f64,
    /// Requests per second.
    pub demand: f64,
    /// One drill, or one for each failure mode at each of its places.
    pub drills: Vec<Drill>,
    /// Found from the structure alone; none where single drills were asked for.
    pub cuts: Option<CutSets>,
    /// Defaults and assumptions used.
    pub assumptions: Vec<Assumption>,
}

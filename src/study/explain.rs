//! The story of one incident.

use super::STAGES;
use serde::Serialize;

/// The choice of an incident by its history and its number in it.
pub const AS_ASKED: &str = "as asked";

/// A moment of the story.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Beat {
    /// Since the incident began (s).
    pub after_seconds: f64,
    /// What has changed, and what it is like now.
    pub changes: Vec<Changed>,
    /// Share of the usual demand that is served from here to the next moment, on average.
    pub served: f64,
    /// Failure modes behind what is lost.
    pub causes: Vec<String>,
    /// Stage that the largest part of what is lost is in; none where nothing is lost.
    pub stage: Option<&'static str>,
}

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// What.
    pub what: String,
    /// What it is like now.
    pub now: String,
}

/// One incident of one history.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Name of the architecture.
    pub name: String,
    /// Seed of every random stream.
    pub seed: u64,
    /// Histories that were looked at.
    pub replications: u64,
    /// Incidents in them.
    pub incidents: u64,
    /// Why this one: "the longest", "the median".
    pub choice: &'static str,
    /// The history, counted from 0.
    pub replication: u64,
    /// The incident in it, counted from 1.
    pub incident: usize,
    /// When it began (s since the start of the history).
    pub start: f64,
    /// How long it lasted, as reported (s).
    pub recovery_time: f64,
    /// It had not ended when the history did.
    pub open: bool,
    /// Failure modes that opened it.
    pub causes: Vec<String>,
    /// Request-weighted lost time in it by stage, in the order of [`STAGES`] (s).
    pub stages: [f64; 5],
    /// What happened, in order.
    pub beats: Vec<Beat>,
    /// What would have shortened it.
    pub remedies: Vec<String>,
}

impl Explanation {
    /// Request-weighted lost time in it (s).
    #[must_use]
    pub fn lost(&self) -> f64 {
        self.stages.iter().sum()
    }

    /// The stage in which most was lost; none if nothing was.
    #[must_use]
    pub fn longest_stage(&self) -> Option<&'static str> {
        let most = (0..5).max_by(|a, b| self.stages[*a].total_cmp(&self.stages[*b]))?;
        (self.stages[most] > 0.0).then_some(STAGES[most])
    }
}

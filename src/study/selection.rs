//! What a selection among many designs found.

use super::Summary;

/// Designs by what they cost, lose and take to recover.
#[derive(Debug, Clone)]
pub struct Selection {
    /// What was done, round by round.
    pub rounds: Vec<Round>,
    /// One for each design, in the order asked.
    pub selected: Vec<Selected>,
    /// Designs that no cheaper one matches, as far as the estimates tell; cheapest first.
    pub frontier: Vec<usize>,
    /// For each of the frontier, how many designs stayed that cost more and are no better than the tolerance, by their estimates; 0 for others.
    pub alike: Vec<usize>,
    /// Designs that surely meet all objectives, cheapest first. Of dearer ones not all may be known.
    pub met: Vec<usize>,
    /// Designs of which that is not sure, cheapest first. Of those dearer than the first of `met` not all were looked at closely.
    pub open: Vec<usize>,
    /// The first of the frontier, and the first that seem to meet the objectives, cheapest first, by the histories that selected them.
    pub best: Vec<(usize, Summary)>,
    /// It was cut short, and what is said holds as of the last whole round.
    pub interrupted: bool,
}

/// A round of the selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// Histories of each design at its end.
    pub histories: u64,
    /// Designs that were simulated in it.
    pub simulated: usize,
    /// Designs that were not beaten by its end.
    pub left: usize,
}

/// What was seen of a design.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Selected {
    /// Its cost.
    pub cost_per_year: f64,
    /// Request-weighted time lost, on average (s/year).
    pub lost_seconds_per_year: f64,
    /// Length of the longest incident of a history, on average (s).
    pub longest_incident_seconds: f64,
    /// Histories simulated.
    pub histories: u64,
    /// Those of them that lost anything.
    pub losing: u64,
    /// The design that beat it, if one did.
    pub beaten_by: Option<usize>,
}

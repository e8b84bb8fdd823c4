//! A gate: conditions, held against what was simulated until they were decided, and what a pipeline wants to read about it.

mod baseline;
mod condition;
mod junit;
mod output;

pub use baseline::Baseline;
pub use condition::{Condition, ConditionError, Fails, condition, demand};
pub use junit::gate_junit;
pub use output::{gate_github, gate_json, gate_markdown, gate_terminal};

use super::value::Glyphs;
use crate::statistics::Estimate;
use crate::study::{Judgement, Study, Summary, Warning};
use baseline::Changes;
use condition::Seen;

/// Who asks for a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The objectives of the scenario.
    Scenario,
    /// Whoever runs the gate.
    FailIf,
    /// Whoever looks for a value.
    Until,
    /// An OpenSLO document, by the name of its objective.
    OpenSlo(String),
}

/// A condition of an architecture, and what became of it.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Place of the architecture among all.
    index: usize,
    condition: Condition,
    origin: Origin,
    seen: Seen,
    verdict: Judgement,
    /// Replications that the verdict rests on.
    replications: u64,
}

/// Conditions of some architectures, and their verdicts.
///
/// A condition is judged at every look until its interval lies on one side of the limit. Then that stands, with the interval that decided
/// it: all intervals of all looks hold together, so that a later one, which may straddle the limit again, takes nothing back.
#[derive(Debug, Clone)]
pub struct Gate {
    /// What was found at the last look.
    study: Option<Study>,
    /// The scenario files, in the order of the architectures.
    files: Vec<String>,
    judged: Vec<Judged>,
    looks: u32,
    level: f64,
    /// What was set aside of documents that were read.
    notes: Vec<String>,
    changes: Option<Changes>,
}

impl Gate {
    /// Conditions by place of their architecture; `level` is that of all verdicts together.
    #[must_use]
    pub fn new(
        files: Vec<String>,
        conditions: Vec<(usize, Condition, Origin)>,
        notes: Vec<String>,
        level: f64,
    ) -> Gate {
        let judged = (conditions.into_iter())
            .map(|(index, condition, origin)| Judged {
                index,
                condition,
                origin,
                seen: Seen::Nothing,
                verdict: Judgement::Inconclusive,
                replications: 0,
            })
            .collect();
        Gate { study: None, files, judged, looks: 0, level, notes, changes: None }
    }

    /// How many conditions there are.
    #[must_use]
    pub fn conditions(&self) -> usize {
        self.judged.len()
    }

    /// Holds the conditions that are still open against what was found; true if none is open any more, or one never can be closed.
    pub fn look(&mut self, study: &Study) -> bool {
        for it in &mut self.judged {
            let Some(summary) = study.architectures.get(it.index) else { continue };
            it.look(summary);
        }
        let open = |it: &Judged| it.verdict == Judgement::Inconclusive;
        !self.judged.iter().any(open) || !self.not_modelled(study).is_empty()
    }

    /// What is asked of architectures that have nothing of the kind, in words.
    #[must_use]
    pub fn not_modelled(&self, study: &Study) -> Vec<String> {
        let name = |it: &Judged| study.architectures.get(it.index).map_or("", |summary| summary.name.as_str());
        (self.judged.iter())
            .filter(|it| it.seen == Seen::NotModelled)
            .map(|it| {
                let metric = &it.condition.gauge.name;
                let why = match metric.as_str() {
                    metric if metric.starts_with("probability") => "it needs objectives.availability in the scenario",
                    metric if metric.contains("logged_out") => "it needs a table [sessions] in the scenario",
                    "cost" | "dns_queries" => "it needs a table [prices] in the scenario",
                    "excluded" => "it needs maintenance that is excluded in the scenario",
                    metric if metric.contains("metastable") => {
                        "it needs something that can be overloaded in the scenario"
                    }
                    _ => "it needs a database that stores what is asked about in the scenario",
                };
                format!("{} has no {metric}: {why}", name(it))
            })
            .collect()
    }

    /// The last study, and how many looks there were.
    #[must_use]
    pub fn finished(self, study: Study, looks: u32) -> Gate {
        Gate { study: Some(study), looks, ..self }
    }

    /// Compares with an earlier result.
    ///
    /// # Errors
    /// When the two are of histories of different length.
    pub fn against(mut self, baseline: &Baseline) -> Result<Gate, String> {
        if let Some(study) = &self.study {
            let asked: Vec<&Condition> = self.judged.iter().map(|it| &it.condition).collect();
            self.changes = Some(baseline.changes(study, &asked, self.level)?);
        }
        Ok(self)
    }

    /// All conditions taken together.
    #[must_use]
    pub fn verdict(&self) -> Judgement {
        let has = |verdict| self.judged.iter().any(|it| it.verdict == verdict);
        match (has(Judgement::Missed), has(Judgement::Inconclusive)) {
            (true, _) => Judgement::Missed,
            (false, true) => Judgement::Inconclusive,
            (false, false) => Judgement::Met,
        }
    }

    /// What the first architecture costs a year, where that is known.
    #[must_use]
    pub fn cost_per_year(&self) -> Option<f64> {
        self.study.as_ref()?.architectures.first()?.cost_per_year
    }

    /// What was found at the last look.
    #[must_use]
    pub fn study(&self) -> Option<&Study> {
        self.study.as_ref()
    }

    /// Every condition, and what became of it.
    pub(super) fn judged(&self) -> &[Judged] {
        &self.judged
    }

    fn count(&self, verdict: Judgement) -> usize {
        self.judged.iter().filter(|it| it.verdict == verdict).count()
    }

    fn architecture(&self, index: usize) -> &str {
        let summary = self.study.as_ref().and_then(|study| study.architectures.get(index));
        summary.map_or("", |summary| summary.name.as_str())
    }
}

impl Judged {
    fn look(&mut self, summary: &Summary) {
        // What nothing was seen of is met for now; it is looked at again.
        let decided = self.verdict != Judgement::Inconclusive && self.seen != Seen::Nothing;
        if decided {
            return;
        }
        let gauge = &self.condition.gauge;
        self.replications = summary.replications;
        self.seen = match self.origin {
            // Service hours count in an objective, and in no other availability.
            Origin::Scenario => {
                let objective = summary.objectives.iter().find(|objective| objective.metric == gauge.name);
                objective.and_then(|it| it.value).map_or_else(|| gauge.seen(summary), Seen::Value)
            }
            _ => gauge.seen(summary),
        };
        self.verdict = match &self.seen {
            _ if self.condition.is_lost_for_good(summary) => Judgement::Missed,
            Seen::Value(_) if rests_on_too_few(summary) => Judgement::Inconclusive,
            Seen::Value(value) => self.condition.judge(value),
            Seen::Nothing => Judgement::Met,
            Seen::MeanOnly | Seen::NotModelled => Judgement::Inconclusive,
        };
    }

    /// The metric's path in the JSON.
    pub(super) fn key(&self) -> &'static str {
        self.condition.gauge.key
    }

    pub(super) fn condition(&self) -> &Condition {
        &self.condition
    }

    pub(super) fn verdict(&self) -> Judgement {
        self.verdict
    }

    /// What was measured, in the unit of the metric.
    pub(super) fn measured(&self, glyphs: Glyphs) -> String {
        match &self.seen {
            Seen::Value(value) => self.condition.gauge.reading(value, glyphs).line(),
            Seen::Nothing => "none seen".to_owned(),
            Seen::MeanOnly => "known in the mean only".to_owned(),
            Seen::NotModelled => "-".to_owned(),
        }
    }

    pub(super) fn value(&self) -> Option<&Estimate> {
        match &self.seen {
            Seen::Value(value) => Some(value),
            _ => None,
        }
    }
}

/// Its intervals are not to be trusted.
fn rests_on_too_few(summary: &Summary) -> bool {
    summary.warnings.iter().any(|warning| matches!(warning, Warning::TooFewHits { .. }))
}

impl Origin {
    /// Where the condition comes from, in words.
    fn words(&self) -> String {
        match self {
            Origin::Scenario => "scenario".to_owned(),
            Origin::FailIf => "--fail-if".to_owned(),
            Origin::Until => "--until".to_owned(),
            Origin::OpenSlo(name) => format!("OpenSLO {name}"),
        }
    }
}

#[cfg(test)]
mod tests;

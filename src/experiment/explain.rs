//! The story of one incident: which one, and what happened in it.

use super::{Options, blocks};
use crate::engine::ledger::Incident;
use crate::law::NET;
use crate::model::Design;
use crate::simulation::{MOST_KEPT, Moment, Plan, PlanError, Replica, Stop};
use crate::study::{AS_ASKED, Beat, Changed, Explanation, REMEDIES, STAGES};
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Which incident is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The longest.
    Worst,
    /// The one whose recovery time is the median.
    Median,
    /// This one, of this history (from 0); the incident is counted from 1.
    Exactly {
        /// The history.
        replication: u64,
        /// The incident in it.
        incident: usize,
    },
}

/// Why nothing can be explained.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    /// The design cannot be compiled.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Nothing happened.
    #[error("{replications} histories have no incident: there is nothing to explain; try more --replications")]
    NoIncident {
        /// Histories looked at.
        replications: u64,
    },
    /// There are not so many.
    #[error("replication {replication} has {}: there is no incident {asked}", counted(*.incidents))]
    NotSoMany {
        /// The history.
        replication: u64,
        /// Its incidents.
        incidents: usize,
        /// The number that was asked for.
        asked: usize,
    },
}

fn counted(incidents: usize) -> String {
    if incidents == 1 { "1 incident".to_owned() } else { format!("{incidents} incidents") }
}

#[derive(Debug, Clone, Copy)]
struct Found {
    length: f64,
    replication: u64,
    number: usize,
}

/// Explains one incident.
///
/// # Errors
/// When the design cannot be compiled, or there is no such incident.
pub fn explain(design: &Design, which: Which, options: &Options) -> Result<Explanation, ExplainError> {
    let mut plan = Plan::new(design)?;
    // The histories are those of an experiment with the same options.
    if options.replications < blocks::ENOUGH * NET {
        plan.forgo_stratification();
    }
    let seed = options.seed;
    // Of all histories together no more are kept than of one.
    let kept = AtomicUsize::new(0);
    let incidents_of = |replica: &mut Replica, replication: u64| -> Result<Vec<Found>, PlanError> {
        let outcome = replica.run_unless(&plan, seed, replication, &Stop::never());
        let incidents = outcome.map_or(&[][..], |outcome| outcome.incidents);
        if outcome.is_err() || kept.fetch_add(incidents.len(), Ordering::Relaxed) + incidents.len() > MOST_KEPT {
            return Err(PlanError::TooEventful { limit: MOST_KEPT });
        }
        let found =
            |(index, it): (usize, &Incident)| Found { length: it.end - it.start, replication, number: index + 1 };
        Ok(incidents.iter().enumerate().map(found).collect())
    };
    let all = || -> Result<Vec<Found>, PlanError> {
        let each: Result<Vec<_>, _> = (0..options.replications)
            .into_par_iter()
            .map_init(|| Replica::stratified(&plan), |replica, number| incidents_of(replica, number))
            .collect();
        Ok(each?.concat())
    };
    let (mut found, choice) = match which {
        Which::Worst => (all()?, "the longest"),
        Which::Median => (all()?, "the median"),
        Which::Exactly { replication, .. } => (incidents_of(&mut Replica::stratified(&plan), replication)?, AS_ASKED),
    };
    let count = found.len();
    // By length; of equal ones the earliest history first.
    let order = |a: &Found, b: &Found| {
        a.length.total_cmp(&b.length).then(b.replication.cmp(&a.replication)).then(b.number.cmp(&a.number))
    };
    let chosen = match which {
        Which::Worst => found.into_iter().max_by(order),
        Which::Median if count > 0 => Some(*found.select_nth_unstable_by((count - 1) / 2, order).1),
        Which::Median => None,
        Which::Exactly { replication, incident } => {
            let it = incident.checked_sub(1).and_then(|index| found.get(index).copied());
            let error = ExplainError::NotSoMany { replication, incidents: count, asked: incident };
            Some(it.ok_or(error)?)
        }
    };
    let none = ExplainError::NoIncident { replications: options.replications };
    let Found { replication, number, .. } = chosen.ok_or(none)?;
    let mut replica = Replica::stratified(&plan);
    let outcome = replica.run(&plan, seed, replication);
    let incident = outcome.incidents[number - 1];
    let causes = plan.names_of(outcome.causes[incident.cause]);
    let moments = replica.tell(design, &plan, (seed, replication), (incident.start, incident.end));
    let (beats, stages) = beats(moments, incident.start, incident.end);
    let mut explanation = Explanation {
        name: design.name.clone(),
        seed,
        replications: options.replications,
        incidents: count as u64,
        choice,
        replication,
        incident: number,
        start: incident.start,
        recovery_time: incident.end - incident.start,
        open: incident.open,
        causes,
        stages,
        beats,
        remedies: Vec::new(),
    };
    explanation.remedies = remedies(&explanation);
    Ok(explanation)
}

/// The moments of the incident, and what was lost in it by stage.
fn beats(moments: Vec<Moment>, start: f64, end: f64) -> (Vec<Beat>, [f64; 5]) {
    let mut stages = [0.0; 5];
    let ends: Vec<f64> = moments.iter().skip(1).map(|moment| moment.at).chain([end]).collect();
    let beats = (moments.into_iter().zip(ends))
        .map(|(moment, until)| {
            let width = (until - moment.at).max(0.0);
            stages.iter_mut().zip(moment.lost).for_each(|(sum, lost)| *sum += lost * width);
            let lost: f64 = moment.lost.iter().sum();
            let most = (0..5).max_by(|a, b| moment.lost[*a].total_cmp(&moment.lost[*b])).filter(|_| lost > 0.0);
            Beat {
                after_seconds: moment.at - start,
                changes: moment.changes.into_iter().map(|(what, now)| Changed { what, now }).collect(),
                served: (1.0 - lost).clamp(0.0, 1.0),
                causes: moment.causes,
                stage: most.map(|stage| STAGES[stage]),
            }
        })
        .collect();
    (beats, stages)
}

/// What would have shortened it: a sentence for each stage that took a tenth of what was lost at least, the longest first.
fn remedies(it: &Explanation) -> Vec<String> {
    const WORTH: f64 = 0.1;
    let lost = it.lost();
    let mut stages: Vec<usize> = (0..5).filter(|stage| it.stages[*stage] >= WORTH * lost && lost > 0.0).collect();
    stages.sort_by(|a, b| it.stages[*b].total_cmp(&it.stages[*a]));
    let of = |stage: usize| {
        let share = 100.0 * it.stages[stage] / lost;
        format!("{} took {share:.0} % of what was lost: {}", STAGES[stage], REMEDIES[stage])
    };
    stages.into_iter().map(of).collect()
}

//! The exact answer, and the simulation of the same design beside it.

use super::blocks::standard_error;
use super::{Options, run_watched};
use crate::exact::{self, Answer, Budget, Measures};
use crate::model::{Design, FailureMode, Scope, Upkeep};
use crate::simulation::PlanError;
use crate::statistics::Estimate;
use crate::study::{About, Beside, Claim, Simpler, Study, Summary, Verification, Verified, VerifiedPart};
use crate::units::Seconds;
use std::sync::atomic::AtomicBool;

/// Incidents that are to be expected at least for their sum to be about normal.
const ENOUGH: f64 = 30.0;
/// A start is forgotten after so many of the longest cycles of a process whose lives have a memory.
const CYCLES: f64 = 10.0;
/// Of repairs that began at the start fewer than one in a billion are under way when nothing but repairs remembered it.
const OVER: f64 = 1.0 - 1e-9;
/// States of a chain hold delays as well as repairs, which are taken to be no longer than a day; so many of the longest are waited for.
const DELAYS: f64 = 40.0;
/// A bias below this share of a standard error changes no z that anybody looks at.
const DROWNED: f64 = 0.25;

/// Verifies one design.
///
/// # Errors
/// When the design cannot be compiled.
pub fn verify(design: &Design, options: &Options, stop: &AtomicBool) -> Result<Verification, PlanError> {
    let verification = |study: &Study| Verification {
        name: design.name.clone(),
        seed: study.seed,
        replications: study.architectures[0].replications,
        exact: None,
        obstacles: Vec::new(),
        simpler: None,
        still: Vec::new(),
        parts: Vec::new(),
        simulated: study.architectures[0].unavailability_request,
        by_hand: exact::by_hand(design),
    };
    match exact::answer(design) {
        Ok(answer) => {
            let (verified, study) = beside(design, answer, options, stop)?;
            Ok(Verification { exact: Some(verified), ..verification(&study) })
        }
        Err(obstacles) => {
            let study = run_watched(std::slice::from_ref(design), options, stop, &mut |_| ())?;
            let (simpler, still) = match exact::simpler_than(design, obstacles.clone(), Budget::FOR_ITSELF) {
                Ok(variant) => {
                    let exact = beside(&variant.design, variant.answer, options, stop)?.0;
                    (Some(Simpler { changes: variant.changes, exact }), Vec::new())
                }
                Err(still) => (None, still),
            };
            let mut parts = parts(design, options, stop)?;
            if simpler.is_some() && parts.len() == 1 {
                // It is all there is.
                parts.clear();
            }
            Ok(Verification { obstacles, simpler, still, parts, ..verification(&study) })
        }
    }
}

/// The parts of a design, each by itself.
fn parts(design: &Design, options: &Options, stop: &AtomicBool) -> Result<Vec<VerifiedPart>, PlanError> {
    let mut verified = Vec::new();
    for part in exact::parts(design) {
        let (exact, obstacles) = match part.answer {
            Ok(answer) => (Some(beside(&part.design, answer, options, stop)?.0), Vec::new()),
            Err(obstacles) => (None, obstacles),
        };
        let (name, set_aside, changes) = (part.name, part.set_aside, part.changes);
        verified.push(VerifiedPart { name, set_aside, changes, exact, obstacles });
    }
    Ok(verified)
}

/// The exact answer for a design beside its run, where there is one at little cost. The intervals of shares of the time are at level `spent`.
pub(super) fn beside_run(design: &Design, seen: &Summary, spent: f64) -> Option<Beside> {
    let answer = exact::answer_within(design, Budget::BESIDE_A_RUN).ok()?;
    let (expected, about) = match answer.from_new {
        Some(measures) => (measures, About::FromNew),
        None if forgets(design, &answer, seen, spent) => (stretch(&answer, design), About::LongRun),
        // What is never repaired is down in the long run, which says nothing of any horizon.
        None if design.failures.iter().any(|mode| mode.repair.mean() == f64::INFINITY) => return None,
        None => (answer.stationary, About::LongRunOnly),
    };
    let mut claims = claims(&expected, seen, spent);
    if about == About::LongRunOnly {
        claims.iter_mut().for_each(|claim| claim.z = None);
    }
    Some(Beside { answer, about, claims })
}

/// The start of a run makes no difference: it is not counted, or what it changes of the mean drowns in chance. While a start with everything new
/// is remembered less is lost, by no more than all that would be.
fn forgets(design: &Design, answer: &Answer, seen: &Summary, spent: f64) -> bool {
    let (memory, counted) = (memory(design, answer), design.horizon.0 - design.warm_up.0);
    let error = standard_error(&Estimate { level: spent, ..seen.unavailability_request }, seen.replications);
    let new = design.failures.iter().all(|mode| mode.age.is_none());
    design.warm_up.0 >= memory || new && answer.stationary.unavailability_request * memory / counted <= DROWNED * error
}

/// Simulates the design as the answer is about it: from new, or after its start is forgotten.
fn beside(
    design: &Design,
    answer: Answer,
    options: &Options,
    stop: &AtomicBool,
) -> Result<(Verified, Study), PlanError> {
    let counted = design.horizon.0 - design.warm_up.0;
    let mut simulated = design.clone();
    let (expected, history) = match answer.from_new {
        Some(measures) if design.warm_up == Seconds::ZERO => (measures, format!("{} from new", design.horizon)),
        Some(measures) => (measures, format!("{} from new, the first {} not counted", design.horizon, design.warm_up)),
        None => {
            simulated.warm_up = Seconds(memory(design, &answer).max(design.warm_up.0));
            simulated.horizon = Seconds(simulated.warm_up.0 + counted);
            let history = format!("{} after a start that is not counted, {}", Seconds(counted), simulated.warm_up);
            (stretch(&answer, &simulated), history)
        }
    };
    let study = run_watched(std::slice::from_ref(&simulated), options, stop, &mut |_| ())?;
    let claims = claims(&expected, &study.architectures[0], options.level);
    Ok((Verified { answer, history, claims }, study))
}

/// The long run, as the counted stretch of a history shows it: after a warm-up an incident may be open already, and counts.
fn stretch(answer: &Answer, design: &Design) -> Measures {
    let open = if design.warm_up > Seconds::ZERO { answer.stationary.unavailability_time } else { 0.0 };
    answer.stationary.also(open, design.horizon.0 - design.warm_up.0)
}

/// What is expected beside what was seen. The intervals of shares of the time are at level `spent`.
fn claims(expected: &Measures, seen: &Summary, spent: f64) -> Vec<Claim> {
    let incidents = expected.incidents_per_year * seen.simulated_years;
    let claim = |metric, exact, simulated: Estimate| {
        let z = distance(exact, Estimate { level: spent, ..simulated }, incidents, seen);
        Claim { metric, exact, simulated, z }
    };
    vec![
        claim("unavailability.request", expected.unavailability_request, seen.unavailability_request),
        claim("unavailability.time", expected.unavailability_time, seen.unavailability_time),
        Claim {
            metric: "incidents_per_year",
            exact: expected.incidents_per_year,
            simulated: seen.incidents_per_year,
            z: Some(distance_of_counts(expected.incidents_per_year, seen.incidents_per_year, incidents, seen)),
        },
    ]
}

/// How long a history remembers that it began new (s). While times to failure are exponential, only repairs remember it, and the delays
/// that a chain knows; where crews are few, each of them has a share of all units to repair first.
fn memory(design: &Design, answer: &Answer) -> f64 {
    let finite = |time: f64| if time.is_finite() { time } else { 0.0 };
    let queue = |mode: &FailureMode| match mode.scope {
        Scope::Unit(tier) => match design.tiers[tier].upkeep {
            Upkeep::Pool { units, crews: Some(crews), .. } => f64::from(units.div_ceil(crews)),
            _ => 1.0,
        },
        _ => 1.0,
    };
    let of_mode = |mode: &FailureMode| {
        let (up, down) = (finite(mode.mttf.mean()), finite(mode.repair.mean()));
        match (mode.mttf.is_exponential(), answer.states) {
            (Some(_), None) => queue(mode) * finite(mode.repair.quantile(OVER)),
            (Some(_), Some(_)) => DELAYS * down.max(up.min(Seconds::DAY.0)),
            (None, _) => CYCLES * (up + down),
        }
    };
    design.failures.iter().map(of_mode).fold(0.0, f64::max)
}

/// Distance of a simulated mean in standard errors.
fn distance(exact: f64, seen: Estimate, incidents: f64, summary: &Summary) -> Option<f64> {
    if exact == seen.estimate {
        Some(0.0)
    } else if incidents > 0.0 && incidents < ENOUGH {
        None
    } else {
        Some((seen.estimate - exact) / standard_error(&seen, summary.replications))
    }
}

/// Distance of a number of incidents; where few are to be expected by the square root that makes a Poisson number about normal (Anscombe
/// 1948, "The transformation of Poisson, binomial and negative-binomial data").
fn distance_of_counts(exact: f64, seen: Estimate, expected: f64, summary: &Summary) -> f64 {
    let found = seen.estimate * summary.simulated_years;
    match distance(exact, seen, expected, summary) {
        Some(z) => z,
        None => 2.0 * ((found + 0.375).sqrt() - (expected + 0.375).sqrt()),
    }
}

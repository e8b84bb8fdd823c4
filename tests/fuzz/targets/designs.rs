//! Designs that are simulated, as far as that takes little.

use super::{shows_nan, text};
use ridethrough::experiment::{Options, run};
use ridethrough::model::{Design, Upkeep};
use ridethrough::report;
use ridethrough::scenario::load_text;
use ridethrough::simulation::{Outcome, Plan, Replica};
use ridethrough::units::Seconds;
use serde_json::Value;

/// More units than this are not simulated here.
const MOST_UNITS: u64 = 2_000;
/// A history is made longer, step by step, as long as it has fewer events.
const MANY_EVENTS: u64 = 5_000;
/// Histories with fewer make a study.
const FEW_EVENTS: u64 = 200;
/// By which a history is made longer, and how often.
const LONGER: f64 = 8.0;
const STEPS: i32 = 14;
/// Relative difference that rounding may make.
const ROUNDING: f64 = 1e-6;

/// Compiles what a scenario says, simulates a history of it that is as long as its events allow, and a small study.
pub fn design(input: &[u8]) -> bool {
    let Ok(loaded) = load_text("scenario.toml", &text(input)) else { return false };
    let design = &loaded.designs[0];
    let drawn = report::architecture_json(design.blueprint(), &[], None);
    assert!(serde_json::from_str::<Value>(&drawn).is_ok(), "a drawing that is no JSON");
    if units(design) > MOST_UNITS {
        return false;
    }
    let mut events = 0;
    for step in (0..=STEPS).rev() {
        let share = libm::pow(LONGER, -f64::from(step));
        let of = |time: Seconds| Seconds(time.0 * share);
        let shorter = Design { horizon: of(design.horizon), warm_up: of(design.warm_up), ..design.clone() };
        let Ok(plan) = Plan::new(&shorter) else { continue };
        let mut replica = Replica::new(&plan);
        let outcome = replica.run(&plan, 1, 0);
        adds_up(&outcome, &plan);
        events = outcome.events;
        if events > MANY_EVENTS {
            return true;
        }
    }
    if events < FEW_EVENTS {
        studied(design, input);
    }
    true
}

/// Units of all regions together.
fn units(design: &Design) -> u64 {
    let of = |upkeep: &Upkeep| match upkeep {
        Upkeep::Pool { units, spares, .. } => {
            u64::from(*units) + spares.as_ref().map_or(0, |spares| u64::from(spares.count))
        }
        Upkeep::AutoScaling(group) => u64::from(group.max),
    };
    design.tiers.iter().map(|tier| of(&tier.upkeep)).sum::<u64>() * design.regions.len() as u64
}

/// Numbers are numbers, no more is lost than is asked for, and parts add up.
fn adds_up(outcome: &Outcome, plan: &Plan) {
    let within = |value: f64, most: f64, what: &str| {
        let slack = ROUNDING * (1.0 + most);
        assert!(value >= -slack && value <= most + slack, "{what} of {value}, with {most} in all");
    };
    let lost: f64 = outcome.lost.iter().flatten().sum();
    within(lost, plan.exposure, "a loss");
    for part in outcome.lost.iter().flatten() {
        within(*part, plan.exposure, "a part of the loss");
    }
    assert_eq!(outcome.lost.len(), outcome.causes.len(), "a loss for each cause");
    if let Some(apart) = outcome.apart {
        let sum: f64 = apart.iter().sum();
        assert!((sum - lost).abs() <= ROUNDING * (1.0 + plan.exposure), "{apart:?} are not {lost}");
    }
    within(outcome.down, plan.counted, "time below the threshold");
    within(outcome.excluded.time, plan.counted, "excluded time");
    assert_eq!(outcome.judged.len(), plan.judged.len(), "a loss for each period");
    for (lost, demand) in outcome.judged.iter().zip(&plan.judged) {
        within(*lost, *demand, "the loss of a period");
    }
    for incident in outcome.incidents {
        assert!(incident.cause < outcome.causes.len(), "an incident without a cause");
        within(incident.end - incident.start, plan.counted, "an incident");
    }
    assert!(
        outcome.users_logged_out >= 0.0 && outcome.users_logged_out.is_finite(),
        "{} users",
        outcome.users_logged_out
    );
}

/// A study of few histories can be shown in every form.
fn studied(design: &Design, input: &[u8]) {
    let options = Options { replications: 4, ..Options::default() };
    let Ok(study) = run(std::slice::from_ref(design), &options) else { return };
    for summary in &study.architectures {
        let lost = summary.unavailability_request;
        assert!(lost.estimate.is_finite() && (-ROUNDING..=1.0 + ROUNDING).contains(&lost.estimate), "{lost:?}");
    }
    let document = report::json(&study, None);
    assert!(serde_json::from_str::<Value>(&document).is_ok(), "a result that is no JSON");
    report::page(&[("result.json".to_owned(), document)]).expect("a page of a result");
    for shown in [report::terminal(&study, 80, false, false), report::csv(&study), report::markdown(&study)] {
        assert!(!shown.is_empty() && !shows_nan(&shown, input), "{shown}");
        assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "something that steers a terminal: {shown:?}");
    }
}

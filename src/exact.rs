//! Exact answers beside the simulation, and the estimate an architect would make by hand.
//!
//! It works from the [`Design`] and the scenario reference alone, never from the engine: what it says and what is simulated agree only if
//! both have the rules right. Two ways lead to an answer. Designs of independent parts have a closed form, whatever their laws.
//! Small designs whose laws are made of exponential phases are Markov chains. Of all other designs it says what stands in the way: that none is
//! worked out here does not mean that there is none.

mod budget;
mod chain;
mod chance;
mod closed;
mod database;
mod elimination;
mod equal;
mod fleet;
mod flow;
mod hand;
mod machine;
mod parts;
mod phases;
mod simpler;
mod site;
mod store;
mod transient;

pub use budget::Budget;
pub use hand::{ByHand, by_hand};
pub use parts::{Reduced, parts};
pub use simpler::{Variant, simpler, simpler_than};

use crate::model::Design;
use crate::units::Seconds;
use serde::Serialize;

/// What a design amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Measures {
    /// Share of the requests lost.
    pub unavailability_request: f64,
    /// Share of the time below the threshold.
    pub unavailability_time: f64,
    /// How often a year of 365 days it falls below the threshold.
    pub incidents_per_year: f64,
    /// Mean time below it (s); none if it never is.
    pub recovery_time_seconds: Option<f64>,
}

impl Measures {
    /// From the share of requests lost, the share of time below the threshold and how often a second it falls below.
    fn new(lost: f64, down: f64, falls: f64) -> Measures {
        let falls = falls.max(0.0);
        Measures {
            unavailability_request: lost,
            unavailability_time: down,
            incidents_per_year: falls * Seconds::YEAR.0,
            recovery_time_seconds: (falls > 0.0).then(|| down / falls),
        }
    }

    /// The same of a stretch of so long (s) that begins with an incident open with this chance: that one counts, too.
    pub(crate) fn also(self, open: f64, length: f64) -> Measures {
        let falls = self.incidents_per_year / Seconds::YEAR.0 + open.max(0.0) / length;
        Measures::new(self.unavailability_request, self.unavailability_time, falls)
    }
}

/// An exact answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// How it was found.
    pub method: String,
    /// States of the Markov chain; none for a closed form.
    pub states: Option<usize>,
    /// In the long run.
    pub stationary: Measures,
    /// The mean over what the scenario counts of its horizon, from a start with everything up; none where only the long run is known.
    pub from_new: Option<Measures>,
    /// Bound on the error of a probability, beside rounding: what sweeps and steps left over.
    pub error_bound: f64,
    /// What was used, as sentences.
    pub assumptions: Vec<String>,
}

/// A mechanism that stands in the way of an exact answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Obstacle {
    /// Path of its key in the scenario.
    pub key: String,
    /// What it does.
    pub reason: String,
    /// It is only a law that is not made of exponential phases, so that a simpler variant can do without it.
    #[serde(skip)]
    law: bool,
}

impl Obstacle {
    fn new(key: impl Into<String>, reason: impl Into<String>) -> Obstacle {
        Obstacle { key: key.into(), reason: reason.into(), law: false }
    }

    /// It goes away with another law.
    fn of_law(self) -> Obstacle {
        Obstacle { law: true, ..self }
    }
}

/// The exact answer for a design.
///
/// # Errors
/// With what stands in the way, mechanism by mechanism.
pub fn answer(design: &Design) -> Result<Answer, Vec<Obstacle>> {
    answer_within(design, Budget::FOR_ITSELF)
}

/// The exact answer for a design, if it costs no more than this.
///
/// # Errors
/// With what stands in the way, mechanism by mechanism.
pub fn answer_within(design: &Design, mut budget: Budget) -> Result<Answer, Vec<Obstacle>> {
    let site = site::Site::new(design);
    let beyond = site.beyond();
    if !beyond.is_empty() {
        return Err(beyond);
    }
    let (from, to) = (design.warm_up.0, design.horizon.0);
    let hours =
        design.objectives.hours.map(|_| "losses at all hours count: service hours matter to the objective alone");
    let in_the_way = match closed::Independent::new(site.clone(), &budget) {
        Ok(model) => {
            let (from_new, error_bound) = model.since_new(from, to, &budget).unzip();
            let error_bound = error_bound.unwrap_or(0.0);
            let mut assumptions = vec![
                "stationary values need only the mean times of each process, whatever their laws".to_owned(),
                "parts fail independently of each other, given which zones and regions are up".to_owned(),
            ];
            if from_new.is_some() {
                assumptions
                    .push("all times are exponential, so the mean over the horizon from new is known, too".to_owned());
            }
            assumptions.extend(model.notes.iter().cloned());
            assumptions.extend(hours.map(str::to_owned));
            return Ok(Answer {
                method: "closed form: independent parts, places conditioned on".to_owned(),
                states: None,
                stationary: model.stationary(),
                from_new,
                error_bound,
                assumptions,
            });
        }
        Err(obstacles) => obstacles,
    };
    // What a chain cannot remember is named where it can be removed; what a closed form cannot do is the wider list.
    let machine = machine::Machine::new(&site).map_err(|mut obstacles| {
        obstacles.sort_by_key(|obstacle| obstacle.law);
        obstacles
    })?;
    let generated = machine.generate(&mut budget)?;
    let stationary = generated.chain.stationary(&mut budget).map_err(|why| {
        let states = generated.lost.len();
        let why = match why {
            chain::NotFound::ByChance => Obstacle::new(
                in_the_way.first().map_or("failure", |obstacle| &obstacle.key),
                "the long run of its Markov chain depends on chance",
            ),
            chain::NotFound::TooMuchWork => Obstacle::new(
                "tier",
                format!("its Markov chain of {states} states takes more work to solve than is allowed"),
            ),
        };
        vec![why]
    })?;
    let occupation = generated.chain.occupation(&stationary.weights, (from, to), &mut budget);
    let states = generated.lost.len();
    if occupation.is_none() && stationary.weights[0] == 0.0 {
        let why =
            "none is worked out here: it never returns to where it begins, and to follow its Markov chain from there";
        return Err(vec![Obstacle::new(
            "tier",
            format!("{why}, of {states} states, takes more steps than is allowed"),
        )]);
    }
    let mut assumptions = vec!["all laws are exponential, or made of exponential phases".to_owned()];
    if occupation.is_none() {
        assumptions.push(
            "the mean over the horizon from new would cost too many steps: only the long run is given".to_owned(),
        );
    }
    assumptions.extend(hours.map(str::to_owned));
    Ok(Answer {
        method: format!("Markov chain of {states} states, {}", stationary.method),
        states: Some(states),
        stationary: generated.measures(&stationary.weights),
        error_bound: stationary.residual + occupation.as_ref().map_or(0.0, |(.., error)| *error),
        from_new: occupation
            .map(|(weights, before, _)| generated.measures(&weights).also(generated.open(&before), to - from)),
        assumptions,
    })
}

//! From tables to a design: names become indices, defaults become values, and what contradicts itself is reported.

mod databases;
mod dependencies;
mod failures;
mod geography;
mod presets;
mod prices;
mod quorums;
mod routing;
mod sessions;
mod stacks;
mod standbys;
mod tiers;
mod timetable;

use super::decoder::{Given, assumption};
use super::kinds::{AtLeastOne, FORMAT_VERSION, FormatVersion};
use super::problem::{Place, Problem};
use super::similar::{listed, nearest};
use super::tables::{EndpointCheck, LoadBalancer, Scenario, StatusCheck};
use crate::law::Law;
use crate::model::{self, Assumption, Design, HealthCheck};
use crate::units::{Fraction, Rate, Seconds};
use geography::Geography;
use std::collections::BTreeMap;

/// Longest horizon.
const LONGEST_HORIZON: f64 = 1000.0 * Seconds::YEAR.get();

/// A scope of the environment that names something this design does not have.
#[derive(Debug, Clone)]
pub struct Skipped {
    /// Where the scope stands.
    pub place: Place,
    /// The scope as a sentence names it, e.g. "the tier `web`".
    pub what: String,
    /// Whether this design skipped it.
    pub skipped: bool,
}

/// What came of a scenario.
pub struct Resolved {
    /// The design; only to be used if no error was reported.
    pub design: Design,
    /// Scopes of the environment that may be skipped.
    pub scopes: Vec<Skipped>,
}

/// Reports while names are resolved.
pub struct Resolver<'a> {
    /// The tables.
    pub scenario: &'a Scenario,
    /// What went wrong.
    pub problems: &'a mut Vec<Problem>,
    /// What was assumed.
    pub assumptions: &'a mut Vec<Assumption>,
}

impl Resolver<'_> {
    /// Reports a problem.
    pub fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The index behind a name; an unknown name is reported.
    pub fn lookup(&mut self, what: &str, name: &Given<String>, known: &BTreeMap<String, usize>) -> Option<usize> {
        let wanted = name.sound()?;
        if let Some(index) = known.get(wanted) {
            return Some(*index);
        }
        self.report(unknown(what, name, known.keys().map(String::as_str)));
        None
    }
}

/// The error for a name that nothing has.
pub fn unknown<'k>(what: &str, name: &Given<String>, known: impl Iterator<Item = &'k str> + Clone) -> Problem {
    let problem = Problem::error("unknown-name", &name.place, format!("there is no {what} `{}`", name.value));
    let problem = match nearest(&name.value, known.clone()) {
        Some(meant) => problem.label(format!("did you mean `{meant}`?")),
        None => problem.label("not defined"),
    };
    let list = listed(known);
    match list.as_str() {
        "none" => problem.help(format!("the scenario defines no {what}")),
        _ => problem.help(format!("defined: {list}")),
    }
}

/// Refuses a file of a format that is not known.
fn format(resolver: &mut Resolver) {
    let Some(format) = &resolver.scenario.format else { return };
    if let Some(FormatVersion(other)) = format.sound().filter(|version| version.0 != FORMAT_VERSION) {
        let message = format!("the file is of format {other}, and this version reads {FORMAT_VERSION}");
        let problem = Problem::error("unknown-format", &format.place, message);
        resolver.report(problem.help("use a version of ridethrough that knows it; CHANGELOG.md says which does"));
    }
}

/// Resolves a scenario.
pub fn design(
    scenario: &Scenario,
    name: &str,
    problems: &mut Vec<Problem>,
    assumptions: &mut Vec<Assumption>,
) -> Resolved {
    let mut resolver = Resolver { scenario, problems, assumptions };
    format(&mut resolver);
    let (horizon, warm_up) = simulation(&mut resolver);
    let geography = Geography::resolve(&mut resolver);
    let plan = stacks::resolve(&mut resolver, &geography);
    let tiers = tiers::resolve(&mut resolver, &geography, &plan);
    let databases = databases::resolve(&mut resolver, &geography, &plan);
    let dependencies = dependencies::resolve(&mut resolver, &geography, &plan);
    let routing = routing::resolve(&mut resolver, &geography, &plan);
    let (failures, mut scopes) = failures::resolve(&mut resolver, &geography, &plan);
    let changes = timetable::changes(&mut resolver, &geography, &plan, &mut scopes);
    let maintenance = timetable::maintenance(&mut resolver, &geography, &plan, &mut scopes);
    timetable::together(&mut resolver, &failures, &changes, &maintenance);
    let hours = timetable::service_hours(&mut resolver);
    let demand = demand(&mut resolver);
    let sessions = sessions::resolve(&mut resolver, &geography, &plan);
    forget_left_out(&mut resolver, &plan, &changes);
    let objectives = &scenario.objectives;
    let mut design = Design {
        name: scenario.name.as_ref().map_or(name.to_owned(), |name| name.value.0.clone()),
        question: scenario
            .question
            .as_ref()
            .map(|question| question.value.clone())
            .filter(|question| !question.is_empty()),
        regions: geography.regions.iter().map(|region| model::Region { name: region.name.clone() }).collect(),
        zones: geography
            .zones
            .iter()
            .map(|zone| model::Zone { name: zone.name.clone(), region: zone.region })
            .collect(),
        tiers,
        databases,
        dependencies,
        stacks: plan.stacks,
        routing,
        sessions,
        failures,
        changes,
        maintenance,
        injections: Vec::new(),
        bill: None,
        demand,
        objectives: model::Objectives {
            availability: objectives.availability.as_ref().map(|given| given.value),
            hours,
            recovery_time: objectives.recovery_time.as_ref().map(|given| given.value),
            data_loss: objectives.data_loss.as_ref().map(|given| given.value),
        },
        horizon,
        warm_up,
        up_threshold: scenario.simulation.up_threshold.value,
        replications: scenario.simulation.replications.as_ref().map(|given| given.value),
        assumptions: Vec::new(),
        unused: Vec::new(),
    };
    prices::check(&mut resolver);
    design.bill = prices::resolve(&mut resolver, &design);
    Resolved { design, scopes }
}

/// What is left out of the design is no assumption of it.
fn forget_left_out(resolver: &mut Resolver, plan: &stacks::Plan, changes: &[model::Change]) {
    resolver.assumptions.retain(|assumption| {
        let mut path = assumption.key.split('.');
        let name = |used: &BTreeMap<String, usize>, path: &mut std::str::Split<char>| {
            path.next().is_some_and(|name| used.contains_key(name))
        };
        match path.next() {
            Some("tier") => name(&plan.tiers, &mut path),
            Some("database") => name(&plan.databases, &mut path),
            Some("dependency") => name(&plan.dependencies, &mut path),
            Some("change") => path.next().is_some_and(|name| changes.iter().any(|change| change.name == name)),
            _ => true,
        }
    });
}

fn simulation(resolver: &mut Resolver) -> (Seconds, Seconds) {
    let simulation = &resolver.scenario.simulation;
    let (horizon, warm_up) = (simulation.horizon.value.0, simulation.warm_up.value);
    let mut found = Vec::new();
    if simulation.horizon.sound().is_some_and(|horizon| horizon.0.get() > LONGEST_HORIZON) {
        let problem = Problem::error(
            "out-of-range",
            &simulation.horizon.place,
            format!("a horizon of {horizon} is longer than 1000 years"),
        );
        found.push(problem.help(
            "simulate a year and more replications instead: they run in parallel and give the spread between years",
        ));
    }
    if simulation.warm_up.sound().is_some() && simulation.horizon.sound().is_some() && warm_up >= horizon {
        let message = format!("the warm-up ({warm_up}) leaves nothing of the horizon ({horizon})");
        let problem = Problem::error("warm-up-too-long", &simulation.warm_up.place, message);
        found.push(
            problem.help("the warm-up is part of the horizon and not counted: make it shorter, or the horizon longer"),
        );
    }
    if simulation.up_threshold.sound().is_some_and(|threshold| *threshold == Fraction::ZERO) {
        let problem = Problem::warning(
            "threshold-zero",
            &simulation.up_threshold.place,
            "with a threshold of 0 no interval is ever an incident",
        );
        found.push(problem.help("0.99 counts an incident when more than one request in a hundred is lost"));
    }
    for problem in found {
        resolver.report(problem);
    }
    (horizon, warm_up)
}

fn demand(resolver: &mut Resolver) -> model::Demand {
    let demand = &resolver.scenario.demand;
    let rate = demand.rate.value;
    if demand.rate.sound() == Some(&Rate::ZERO) {
        let problem = Problem::error("no-demand", &demand.rate.place, "without requests there is no availability");
        resolver.report(problem.help("write a rate above 0, for example `\"100/s\"`"));
    }
    let writes = match &demand.writes {
        Some(writes) => {
            if writes.sound().is_some_and(|writes| *writes > rate) && demand.rate.stated() {
                let message = format!("more writes ({}) than requests ({rate})", writes.value);
                let problem = Problem::warning("writes-above-rate", &writes.place, message);
                resolver.report(problem.help("`rate` counts all requests, writes among them"));
            }
            writes.value
        }
        None => {
            let writes = Rate(rate.get() / 10.0);
            // Only the count of lost writes depends on it.
            if !resolver.scenario.database.is_empty() {
                let why = "a tenth of the requests are writes";
                resolver.assumptions.push(assumption("demand.writes".to_owned(), writes.to_scenario(), why));
            }
            writes
        }
    };
    model::Demand { rate, writes, profile: timetable::profile(resolver) }
}

/// The fields that the three tables of health checks have in common.
pub struct CheckFields<'a> {
    /// Time between checks.
    pub interval: &'a Given<super::kinds::Positive>,
    /// Time until a hanging check has failed.
    pub timeout: &'a Given<Seconds>,
    /// Failures in a row.
    pub unhealthy_threshold: &'a Given<AtLeastOne>,
    /// Successes in a row.
    pub healthy_threshold: &'a Given<AtLeastOne>,
    /// Whether it sees a hang.
    pub deep: &'a Given<bool>,
    /// Law of detection.
    pub detection: &'a Option<Given<Law>>,
    /// Law of recovery.
    pub recovery: &'a Option<Given<Law>>,
}

macro_rules! check_fields {
    ($($type:ident),+) => {
        $( impl $type {
            /// Its health check.
            pub fn check(&self) -> CheckFields<'_> {
                CheckFields {
                    interval: &self.interval,
                    timeout: &self.timeout,
                    unhealthy_threshold: &self.unhealthy_threshold,
                    healthy_threshold: &self.healthy_threshold,
                    deep: &self.deep,
                    detection: &self.detection,
                    recovery: &self.recovery,
                }
            }
        } )+
    };
}

check_fields!(LoadBalancer, StatusCheck, EndpointCheck);

impl CheckFields<'_> {
    /// The check of the model, with warnings about keys that contradict each other.
    fn resolve(&self, resolver: &mut Resolver) -> HealthCheck {
        if let (Some(interval), Some(timeout)) = (self.interval.sound(), self.timeout.sound())
            && (self.interval.stated() || self.timeout.stated())
            && *timeout >= interval.0
        {
            let message = format!("the timeout ({timeout}) is not shorter than the interval ({})", interval.0);
            let place = if self.timeout.stated() { &self.timeout.place } else { &self.interval.place };
            let problem = Problem::warning("timeout-not-below-interval", place, message);
            resolver.report(problem.help("a check would still wait when the next one starts; services refuse this: raise `interval` or lower `timeout`"));
        }
        self.forget_unused_defaults(resolver);
        let unused = [
            ("unhealthy_threshold", self.unhealthy_threshold, self.detection, "detection"),
            ("healthy_threshold", self.healthy_threshold, self.recovery, "recovery"),
        ];
        for (key, threshold, law, replacement) in unused {
            if let Some(law) = law
                && threshold.stated()
            {
                let message = format!("`{key}` has no effect beside `{replacement}`");
                let problem = Problem::warning("ignored-key", &threshold.place, message)
                    .also(&law.place, "this law replaces the rule");
                resolver.report(problem.help(format!("leave out one of `{key}` and `{replacement}`")));
            }
        }
        HealthCheck {
            interval: self.interval.value.0,
            timeout: self.timeout.value,
            unhealthy_threshold: self.unhealthy_threshold.value.0,
            healthy_threshold: self.healthy_threshold.value.0,
            deep: self.deep.value,
            false_positive: Fraction::ZERO,
            detection: self.detection.as_ref().map(|law| law.value.clone()),
            recovery: self.recovery.as_ref().map(|law| law.value.clone()),
        }
    }

    /// A default that a law replaces is no assumption.
    fn forget_unused_defaults(&self, resolver: &mut Resolver) {
        let mut unused: Vec<&str> = Vec::new();
        if self.detection.is_some() {
            unused.extend([self.unhealthy_threshold.place.key.as_str(), &self.timeout.place.key]);
        }
        if self.recovery.is_some() {
            unused.push(&self.healthy_threshold.place.key);
        }
        if self.detection.is_some() && self.recovery.is_some() {
            unused.push(&self.interval.place.key);
        }
        resolver.assumptions.retain(|assumption| !unused.contains(&assumption.key.as_str()));
    }
}

//! What a fix would give back: each failure mode taken away, or each stage of recovery halved, under the same random numbers.
//!
//! Attribution says where time is lost; it does not say what a fix would save, since losses overlap and one cause covers for another.
//! So the design is simulated again without the cause, or with half the delays of a stage, under common random numbers: what
//! remains of a history is the same history, and the saving is a paired difference with an interval of its own.

use super::{Against, Options, Progress, run_watched};
use crate::law::Law;
use crate::model::{Design, Effect, FailureMode, HealthCheck, Routing, Scope, Stale, Symptom, Upkeep};
use crate::simulation::PlanError;
use crate::statistics::Estimate;
use crate::study::{STAGES, Study};
use crate::units::Fraction;
use std::sync::atomic::AtomicBool;

/// What is changed in a design to see what it would give back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// A failure mode never happens, or a change is never bad.
    Without,
    /// A stage takes half of its time.
    Halved,
}

/// What one change would give back.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Saving {
    /// What is changed.
    pub change: Change,
    /// The failure mode or the stage.
    pub name: String,
    /// Lost time per year that it saves (s/year); below 0 where it would cost.
    pub lost_seconds_per_year: Estimate,
    /// As a share of all lost time; none where nothing is lost.
    pub share: Option<f64>,
}

/// What every change would give back, largest first.
#[derive(Debug, Clone)]
pub struct Importance {
    /// The design as it is.
    pub study: Study,
    /// Savings, largest first.
    pub savings: Vec<Saving>,
}

/// Works out what each failure mode and each stage of a design is worth.
///
/// # Errors
/// When the design cannot be compiled.
pub fn importance(
    design: &Design,
    options: &Options,
    stop: &AtomicBool,
    watch: &mut dyn FnMut(Progress),
) -> Result<Importance, PlanError> {
    let mut changes: Vec<(Change, String)> = Vec::new();
    let mut designs = vec![design.clone()];
    for (mode, failure) in design.failures.iter().enumerate() {
        let mut without = design.clone();
        without.failures[mode].mttf = Law::Never;
        designs.push(without);
        changes.push((Change::Without, failure.name.clone()));
    }
    for (index, change) in design.changes.iter().enumerate() {
        let mut without = design.clone();
        without.changes[index].failure = Fraction::ZERO;
        designs.push(without);
        changes.push((Change::Without, change.name.clone()));
    }
    for stage in STAGES {
        let halved = halved(design, stage);
        if halved != *design {
            designs.push(halved);
            changes.push((Change::Halved, stage.to_owned()));
        }
    }
    let options = Options { against: Against::First, ..options.clone() };
    // The variants have no names, and what they lose says less than what they save.
    let mut plainly = |progress: Progress| watch(Progress { known: None, ..progress });
    let mut study = run_watched(&designs, &options, stop, &mut plainly)?;
    let total = study.architectures[0].lost_seconds_per_year.estimate;
    let mut savings: Vec<Saving> = (changes.into_iter().zip(&study.comparisons))
        .map(|((change, name), comparison)| {
            let saved = comparison.lost_seconds_per_year_difference;
            let share = (total > 0.0).then(|| saved.estimate / total);
            Saving { change, name, lost_seconds_per_year: saved, share }
        })
        .collect();
    let saved = |saving: &Saving| saving.lost_seconds_per_year.estimate;
    savings.sort_by(|a, b| saved(b).total_cmp(&saved(a)).then_with(|| a.name.cmp(&b.name)));
    study.architectures.truncate(1);
    study.comparisons.clear();
    Ok(Importance { study, savings })
}

const HALF: f64 = 0.5;

fn halve(law: &mut Law) {
    *law = law.scaled(HALF);
}

fn halve_check(check: &mut HealthCheck) {
    check.interval.0 *= HALF;
    check.timeout.0 *= HALF;
    check.detection.iter_mut().for_each(halve);
    check.recovery.iter_mut().for_each(halve);
}

/// The design with half the time in a stage, one of [`STAGES`]. A delay belongs to the stage in which it is waited for, wherever what is
/// lost meanwhile is charged.
fn halved(design: &Design, stage: &str) -> Design {
    let mut design = design.clone();
    match stage {
        "detection" => halve_detection(&mut design),
        "decision" => halve_decision(&mut design),
        "action" => halve_action(&mut design),
        "propagation" => halve_propagation(&mut design),
        _ => halve_repair(&mut design),
    }
    design
}

/// Health checks, timeouts of callers, and how long it takes until somebody knows.
fn halve_detection(design: &mut Design) {
    for tier in &mut design.tiers {
        if let Some(balancer) = &mut tier.load_balancer {
            halve_check(&mut balancer.check);
            balancer.zonal_shift.iter_mut().for_each(|shift| halve(&mut shift.detection));
        }
        if let Upkeep::AutoScaling(group) = &mut tier.upkeep {
            halve_check(&mut group.status_check);
        }
    }
    design.databases.iter_mut().for_each(|database| halve(&mut database.detection));
    for (index, dependency) in design.dependencies.iter_mut().enumerate() {
        let hangs = |mode: &FailureMode| mode.scope == Scope::Dependency(index) && mode.symptom == Symptom::Hang;
        if dependency.overload.is_some() || design.failures.iter().any(hangs) {
            dependency.client.timeout.0 *= HALF;
        }
    }
    design.changes.iter_mut().for_each(|change| halve(&mut change.detection));
    design.failures.iter_mut().filter(|mode| mode.effect == Effect::Corrupt).for_each(|mode| halve(&mut mode.repair));
    if let Routing::Dns(dns) = &mut design.routing {
        dns.check.iter_mut().for_each(halve_check);
    }
}

/// People and policies.
fn halve_decision(design: &mut Design) {
    let shifts = design.tiers.iter_mut().filter_map(|tier| tier.load_balancer.as_mut()?.zonal_shift.as_mut());
    shifts.for_each(|shift| halve(&mut shift.decision));
    for database in &mut design.databases {
        for copy in database.standby.iter_mut().chain(&mut database.replica) {
            copy.decision = copy.decision.scaled(HALF);
            copy.manual = copy.manual.scaled(HALF);
        }
        database.backup.iter_mut().for_each(|backup| backup.decision = backup.decision.scaled(HALF));
    }
    if let Routing::Dns(dns) = &mut design.routing {
        dns.decision = dns.decision.scaled(HALF);
        dns.manual = dns.manual.scaled(HALF);
    }
}

/// What is done about a failure.
fn halve_action(design: &mut Design) {
    for tier in &mut design.tiers {
        match &mut tier.upkeep {
            Upkeep::AutoScaling(group) => {
                [&mut group.terminate, &mut group.launch, &mut group.boot, &mut group.retry]
                    .into_iter()
                    .for_each(halve);
            }
            Upkeep::Pool { replacement, spares, .. } => {
                halve(replacement);
                spares.iter_mut().for_each(|spares| halve(&mut spares.switch_over));
            }
        }
    }
    for database in &mut design.databases {
        for copy in database.standby.iter_mut().chain(&mut database.replica) {
            halve(&mut copy.promotion);
            copy.broken.iter_mut().for_each(|broken| halve(&mut broken.fix));
        }
        database.backup.iter_mut().for_each(|backup| halve(&mut backup.restore));
        if let Some(storage) = &mut database.storage {
            halve(&mut storage.recreate);
            halve(&mut storage.elsewhere);
        }
    }
    let overloads = design.dependencies.iter_mut().filter_map(|dependency| dependency.overload.as_mut());
    overloads.for_each(|overload| halve(&mut overload.intervention));
    design.changes.iter_mut().for_each(|change| halve(&mut change.rollback));
    if let Routing::Dns(dns) = &mut design.routing {
        halve(&mut dns.publish);
        for standby in &mut dns.standbys {
            halve(&mut standby.provision);
            halve(&mut standby.scale_up);
            standby.broken.iter_mut().for_each(|broken| halve(&mut broken.fix));
        }
    }
}

/// What clients and callers do not know yet.
fn halve_propagation(design: &mut Design) {
    for tier in &mut design.tiers {
        tier.load_balancer.iter_mut().for_each(|balancer| balancer.zone_ttl.0 *= HALF);
    }
    design.databases.iter_mut().for_each(|database| database.endpoint_ttl.0 *= HALF);
    let breakers = design.dependencies.iter_mut().filter_map(|dependency| dependency.breaker.as_mut());
    breakers.for_each(|breaker| breaker.reset_timeout.0 *= HALF);
    if let Routing::Dns(dns) = &mut design.routing {
        dns.ttl.0 *= HALF;
        for cohort in &mut dns.cohorts {
            cohort.ttl.0 *= HALF;
            if let Stale::Fixed(time) | Stale::Exponential(time) = &mut cohort.stale {
                time.0 *= HALF;
            }
        }
    }
}

/// How long causes last, and what is down by plan or by a failback.
fn halve_repair(design: &mut Design) {
    design.failures.iter_mut().filter(|mode| mode.effect != Effect::Corrupt).for_each(|mode| halve(&mut mode.repair));
    for database in &mut design.databases {
        halve(&mut database.rebuild);
        let risk = database.replica.as_mut().and_then(|replica| replica.failback_risk.as_mut());
        risk.into_iter().for_each(|risk| halve(&mut risk.recover));
    }
    design.maintenance.iter_mut().for_each(|window| halve(&mut window.duration));
    if let Routing::Dns(dns) = &mut design.routing {
        dns.failback_risk.iter_mut().for_each(|risk| halve(&mut risk.recover));
    }
}

//! How many events one replication has, so that nobody waits for hours.

use super::loops::outlasting;
use crate::law::Law;
use crate::model::{AutoScaling, Design, FailureMode, HealthCheck, Routing, Scope, Tier, Upkeep};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::tables::Scenario;

/// More events per replication are refused: at ten million a second, minutes for each replication.
const REFUSED: f64 = 1e9;
/// More events per replication are worth a word.
const SLOW: f64 = 1e7;
/// Events of one failure of one unit or node: failure, detection, restoration, return to service.
const PER_FAILURE: f64 = 4.0;
/// Events of one attempt to replace a unit: verdict, termination, launch, boot, first check.
const PER_LAUNCH: f64 = 6.0;
/// Events of one false alarm of a checker: it begins, the answer changes, it ends, the answer changes back, each for all cohorts.
const PER_FLIP: f64 = 8.0;
/// Events of one trial of a circuit breaker: a call is let through, its verdict falls.
const PER_TRIAL: f64 = 2.0;
/// Points of a distribution at which its mean up to the horizon is taken.
const POINTS: usize = 512;

/// Refuses designs with too many events, and warns of those with many.
pub fn check(scenario: &Scenario, design: &Design, problems: &mut Vec<Problem>) {
    let mut costs: Vec<(f64, Place, String)> = Vec::new();
    for mode in &design.failures {
        let name = mode.name.split(" (").next().unwrap_or("");
        let table = scenario.failure.iter().find(|failure| failure.name.value == name);
        let place = table.map_or(&scenario.place, |failure| &failure.table.mttf.place).clone();
        costs.push((failures(design, mode), place, format!("the failure `{}`", mode.name)));
    }
    for change in &design.changes {
        let table = scenario.change.iter().find(|named| named.name.value == change.name);
        let place = table.map_or(&scenario.place, |named| &named.table.every.place).clone();
        let starts = design.horizon.get() / mean_within(&change.every, design.horizon.get());
        costs.push((PER_FAILURE * starts, place, format!("the change `{}`", change.name)));
    }
    for window in &design.maintenance {
        let table = scenario.maintenance.iter().find(|named| named.name.value == window.name);
        let place = table.map_or(&scenario.place, |named| &named.table.every.place).clone();
        let starts = design.horizon.get() / window.every.get();
        costs.push((PER_FAILURE * starts, place, format!("the maintenance `{}`", window.name)));
    }
    for tier in &scenario.tier {
        let Some(resolved) = design.tiers.iter().find(|resolved| resolved.name == tier.name.value) else {
            continue;
        };
        if let Some(balancer) = &tier.table.load_balancer {
            let place = balancer.value.false_positive.place.clone();
            costs.push((false_alarms(design, resolved), place, format!("the false alarms of `{}`", resolved.name)));
        }
        let (Some(group), Upkeep::AutoScaling(model)) = (&tier.table.auto_scaling, &resolved.upkeep) else {
            continue;
        };
        let lost = tier.table.load_balancer.as_ref().and_then(|balancer| outlasting(&group.value, &balancer.value));
        // A loop without an end is not gone round: its units boot for ever.
        let lost = lost.map_or(0.0, |found| if found.probability < 1.0 { found.probability } else { 0.0 });
        let (events, key) = launches(design, resolved, model, lost);
        let place = if key == "launch_failure" { &group.value.launch_failure.place } else { &group.value.grace.place };
        costs.push((events, place.clone(), format!("the launches of `{}`", resolved.name)));
    }
    for (index, dependency) in design.dependencies.iter().enumerate() {
        let table = scenario.dependency.iter().find(|named| named.name.value == dependency.name);
        let given = table.and_then(|named| named.table.breaker.as_ref());
        if let (Some(breaker), Some(given)) = (&dependency.breaker, given) {
            let trials = down(design, index) / breaker.reset_timeout.get();
            let place = given.value.reset_timeout.as_ref().map_or(&given.place, |timeout| &timeout.place).clone();
            costs.push((PER_TRIAL * trials, place, format!("the trials of the breaker of `{}`", dependency.name)));
        }
    }
    if let (Some(dns), Routing::Dns(name)) = (&scenario.dns, &design.routing)
        && let (Some(table), Some(check)) = (&dns.value.health_check, &name.check)
    {
        let endpoints = design.stacks.len() as f64 * f64::from(name.checkers.count);
        let place = table.value.false_positive.place.clone();
        costs.push((endpoints * PER_FLIP * alarms(design, check), place, "the false alarms of `dns`".to_owned()));
    }
    let total: f64 = costs.iter().map(|(events, ..)| events).sum();
    let Some((events, place, what)) = costs.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)) else {
        return;
    };
    let count = |events: f64| {
        if events.is_finite() { format!("about {events:.0e} events") } else { "endlessly many events".to_owned() }
    };
    let share = format!("{what}: {}", count(events));
    let bound =
        "raise its times, lower the number of units, group units into larger ones, or shorten `simulation.horizon`";
    // NaN counts as too many.
    if !matches!(total.partial_cmp(&REFUSED), Some(std::cmp::Ordering::Less | std::cmp::Ordering::Equal)) {
        let message =
            format!("one replication would have {}, more than the {REFUSED:.0e} that can be simulated", count(total));
        problems.push(Problem::error("too-many-events", &place, message).label(share).help(bound));
    } else if total > SLOW {
        let message = format!("one replication has {}: it will take seconds or more", count(total));
        problems.push(Problem::warning("many-events", &place, message).label(share).help(bound));
    }
}

/// The mean of min(duration, horizon) (s).
fn mean_within(law: &Law, horizon: f64) -> f64 {
    if let Law::Mixture(parts) = law {
        return parts.iter().map(|(weight, law)| weight * mean_within(law, horizon)).sum();
    }
    let at = |index: usize| law.quantile((index as f64 + 0.5) / POINTS as f64).min(horizon);
    (0..POINTS).map(at).sum::<f64>() / POINTS as f64
}

fn units_in_region(tier: &Tier) -> f64 {
    match &tier.upkeep {
        Upkeep::Pool { units, spares, .. } => f64::from(*units + spares.as_ref().map_or(0, |spares| spares.count)),
        Upkeep::AutoScaling(group) => f64::from(group.desired),
    }
}

/// Regions that run a tier.
fn regions_of(design: &Design, tier: &Tier) -> f64 {
    let mut regions: Vec<_> = tier.zones.iter().map(|zone| design.zones[*zone].region).collect();
    regions.dedup();
    regions.len() as f64
}

/// Events of a failure mode in one replication.
fn failures(design: &Design, mode: &FailureMode) -> f64 {
    let horizon = design.horizon.get();
    let units = |tier: &Tier| units_in_region(tier) * regions_of(design, tier);
    let all_units: f64 = design.tiers.iter().map(units).sum();
    // Processes, and events that one failure of one process causes.
    let (processes, each) = match &mode.scope {
        Scope::Unit(tier) => (design.tiers.get(*tier).map_or(0.0, units), PER_FAILURE),
        Scope::Node(_) => (3.0, PER_FAILURE),
        Scope::Tier(tier, _) => (1.0, PER_FAILURE * (1.0 + design.tiers.get(*tier).map_or(0.0, units_in_region))),
        Scope::Zones(zones) => {
            let share = zones.len() as f64 / design.zones.len().max(1) as f64;
            (zones.len() as f64, PER_FAILURE * (1.0 + all_units * share / zones.len().max(1) as f64))
        }
        Scope::Regions(regions) => {
            (regions.len() as f64, PER_FAILURE * (1.0 + all_units / design.regions.len().max(1) as f64))
        }
        Scope::ControlPlanes(regions) => (regions.len() as f64, PER_FAILURE),
        Scope::GlobalControlPlane | Scope::Dependency(_) => (1.0, PER_FAILURE),
        Scope::Global => (1.0, PER_FAILURE * (1.0 + all_units)),
    };
    let repair = match (&mode.scope, &mode.repair) {
        // A unit without repair is replaced, which takes no less than a launch and a boot.
        (Scope::Unit(tier), Law::Never) => match design.tiers.get(*tier).map(|tier| &tier.upkeep) {
            Some(Upkeep::AutoScaling(group)) => mean_within(&group.launch, horizon) + mean_within(&group.boot, horizon),
            _ => horizon,
        },
        (_, law) => mean_within(law, horizon),
    };
    // Lives without memory strike at a constant rate, also what is down already.
    let idle =
        if matches!((&mode.scope, &mode.mttf), (Scope::Unit(_), Law::Exponential { .. })) { 0.0 } else { repair };
    let cycle = mean_within(&mode.mttf, horizon) + idle;
    if mode.mttf == Law::Never { 0.0 } else { processes * each * (horizon / cycle) }
}

/// Time that a dependency is down in one replication (s), without what overload adds.
fn down(design: &Design, dependency: usize) -> f64 {
    let horizon = design.horizon.get();
    let concerns = |mode: &&FailureMode| match &mode.scope {
        Scope::Dependency(index) => *index == dependency,
        Scope::Regions(_) | Scope::Global => true,
        _ => false,
    };
    let share = |mode: &FailureMode| {
        let repair = mean_within(&mode.repair, horizon);
        repair / (mean_within(&mode.mttf, horizon) + repair)
    };
    let failing = design.failures.iter().filter(concerns).filter(|mode| mode.mttf != Law::Never);
    failing.map(|mode| horizon * share(mode)).sum()
}

/// Events of targets that are taken out for nothing.
fn false_alarms(design: &Design, tier: &Tier) -> f64 {
    let Some(check) = tier.load_balancer.as_ref().map(|balancer| &balancer.check) else { return 0.0 };
    let each = if matches!(tier.upkeep, Upkeep::AutoScaling(_)) { PER_LAUNCH } else { PER_FAILURE };
    units_in_region(tier) * regions_of(design, tier) * each * alarms(design, check)
}

/// How often a check finds a healthy target failing in one replication.
fn alarms(design: &Design, check: &HealthCheck) -> f64 {
    let p = check.false_positive.get();
    // The mean number of checks until so many in a row have failed; one that always fails takes just as many.
    let run = libm::pow(p, f64::from(check.unhealthy_threshold));
    let checks = if p < 1.0 { (1.0 - run) / ((1.0 - p) * run) } else { f64::from(check.unhealthy_threshold) };
    if p > 0.0 { design.horizon.get() / (checks * check.interval.get()) } else { 0.0 }
}

/// Events of launches beyond the one that each failure needs, and the key that causes them.
fn launches(design: &Design, tier: &Tier, group: &AutoScaling, lost: f64) -> (f64, &'static str) {
    let horizon = design.horizon.get();
    let units = f64::from(group.desired) * regions_of(design, tier);
    let start = mean_within(&group.terminate, horizon) + mean_within(&group.launch, horizon);
    let refused = group.launch_failure.get();
    // What one failure may cost: as many attempts as fit the horizon, or as chance needs.
    let attempts = |probability: f64, time: f64| (horizon / time).min(1.0 / (1.0 - probability)) - 1.0;
    let loops = attempts(lost, group.grace.get() + start);
    let retries = attempts(refused, mean_within(&group.launch, horizon) + mean_within(&group.retry, horizon));
    let worst = if retries > loops { "launch_failure" } else { "grace" };
    (units * PER_LAUNCH * (loops.max(0.0) + retries.max(0.0)), worst)
}

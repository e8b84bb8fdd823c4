//! Changes, maintenance, and hours of the week.

use super::failures::{resolve_scope, touches_nothing};
use super::{Resolver, Skipped, geography::Geography, stacks::Plan};
use crate::model::{Change, FailureMode, Hours, Maintenance, Peak, Reach, Scope, Symptom, Touches};
use crate::scenario::choices::SymptomChoice;
use crate::scenario::decoder::{Given, Named};
use crate::scenario::places::{ScopeKind, Scopes};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::tables;
use crate::scenario::timetable::{Clock, Days};
use crate::units::Seconds;

/// Most failure modes, changes and maintenance windows of a design together.
const MOST: usize = 64;

/// Places of a scope; none if it touches nothing of this design, which is reported where it should not be.
fn scopes(
    resolver: &mut Resolver,
    geography: &Geography,
    plan: &Plan,
    named: (&str, &str, bool),
    given: &Given<Scopes>,
    skipped: &mut Vec<Skipped>,
) -> Vec<Scope> {
    let (kind, name, shared) = named;
    let mut scopes = Vec::new();
    for scope in &given.value.0 {
        resolve_scope(resolver, geography, plan, scope, shared, &mut scopes, skipped);
    }
    if scopes.is_empty() && plan.sound && !shared && !given.value.0.is_empty() {
        touches_nothing(resolver, &format!("the {kind} `{name}`"), given, plan, geography);
    }
    scopes.into_iter().map(|(scope, _)| scope).collect()
}

/// Resolves changes, sorted by name.
pub fn changes(resolver: &mut Resolver, geography: &Geography, plan: &Plan, skipped: &mut Vec<Skipped>) -> Vec<Change> {
    let scenario = resolver.scenario;
    let mut changes = Vec::new();
    for Named { name, table, shared } in &scenario.change {
        let name = &name.value;
        if !plain(resolver, name, table) {
            continue;
        }
        let scopes = scopes(resolver, geography, plan, ("change", name, *shared), &table.touches, skipped);
        let mut regions = Vec::new();
        let mut touches = None;
        for scope in scopes {
            match scope {
                Scope::Tier(tier, _) => touches = Some(Touches::Tier(tier)),
                Scope::Node(database) => touches = Some(Touches::Database(database)),
                Scope::Regions(more) => regions.extend(more),
                _ => touches = Some(Touches::Everything),
            }
        }
        regions.sort_unstable();
        regions.dedup();
        let Some(touches) = touches.or_else(|| (!regions.is_empty()).then_some(Touches::Regions(regions))) else {
            continue;
        };
        changes.push(Change {
            name: name.clone(),
            touches: touches.clone(),
            stages: table.stages.value.0.clone(),
            every: table.every.value.0.clone(),
            failure: table.failure.value,
            bake: table.bake.value.clone(),
            detection: table.detection.value.clone(),
            rollback: table.rollback.value.clone(),
            rollback_needs_control_plane: table.rollback_needs_control_plane.value,
            symptom: symptom(resolver, name, table, &touches),
        });
    }
    changes.sort_by(|a, b| a.name.cmp(&b.name));
    changes
}

/// How units of a bad change look. Only those of a tier look like anything.
fn symptom(resolver: &mut Resolver, name: &str, table: &tables::Change, touches: &Touches) -> Symptom {
    if !matches!(touches, Touches::Tier(_)) {
        return Symptom::Crash;
    }
    match (table.symptom.value, &table.error) {
        (SymptomChoice::Instance, _) => Symptom::Instance,
        (SymptomChoice::Crash, _) => Symptom::Crash,
        (SymptomChoice::Hang, _) => Symptom::Hang,
        (SymptomChoice::Gray, Some(error)) => Symptom::Gray { error: error.value, seen: false },
        (SymptomChoice::Gray, None) => {
            let message = format!("the gray change `{name}` does not say how much it fails");
            let problem = Problem::error("missing-key", &table.symptom.place, message).label("`error` is missing");
            resolver.report(problem.help("add the share of requests that fail, for example `error = \"20%\"`"));
            Symptom::Crash
        }
    }
}

/// Whether a change touches what can be changed, in stages that it has.
fn plain(resolver: &mut Resolver, name: &str, table: &tables::Change) -> bool {
    let Some(first) = table.touches.value.0.first().filter(|_| table.touches.sound().is_some()) else {
        return false;
    };
    let kind = first.value.what;
    let help =
        "a change touches one tier (`tier:NAME`), one database (`database:NAME`), `region`, `region:NAME` or `global`";
    if !matches!(kind, ScopeKind::Tier | ScopeKind::Database | ScopeKind::Region | ScopeKind::Global) {
        let message = format!("the change `{name}` cannot touch `{}`", kind.word());
        resolver.report(Problem::error("bad-scope", &table.touches.place, message).help(help));
        return false;
    }
    if kind != ScopeKind::Region && table.touches.value.0.len() > 1 {
        let message = format!("the change `{name}` touches several of `{}`", kind.word());
        resolver.report(Problem::error("bad-scope", &table.touches.place, message).help(help));
        return false;
    }
    let least = match kind {
        ScopeKind::Tier => Reach::Unit,
        ScopeKind::Database => Reach::All,
        _ => Reach::Zone,
    };
    let stages = &table.stages;
    if stages.sound().is_some_and(|stages| stages.0.iter().any(|stage| *stage < least)) {
        let message = format!("a change of a `{}` has no such stage", kind.word());
        let help = match kind {
            ScopeKind::Database => "a database is changed at once: write `[\"all\"]`",
            _ => "only a change of a tier reaches a single unit: begin with `\"zone\"`",
        };
        let problem = Problem::error("bad-stages", &stages.place, message);
        resolver.report(problem.also(&table.touches.place, "what it touches").help(help));
        return false;
    }
    if table.symptom.stated() && kind != ScopeKind::Tier && table.symptom.value != SymptomChoice::Crash {
        let problem = Problem::warning("ignored-key", &table.symptom.place, "a `symptom` plays no part here");
        let problem = problem.also(&table.touches.place, "not a tier");
        resolver.report(problem.help("only units of a tier are looked at by health checks: remove it"));
    }
    true
}

/// Resolves maintenance, sorted by name.
pub fn maintenance(
    resolver: &mut Resolver,
    geography: &Geography,
    plan: &Plan,
    skipped: &mut Vec<Skipped>,
) -> Vec<Maintenance> {
    let scenario = resolver.scenario;
    let mut windows = Vec::new();
    for Named { name, table, shared } in &scenario.maintenance {
        let name = &name.value;
        let Some(first) = table.scope.value.0.first().filter(|_| table.scope.sound().is_some()) else {
            continue;
        };
        if first.value.what == ScopeKind::Unit {
            let message = format!("the maintenance `{name}` cannot take down single units");
            let problem = Problem::error("bad-scope", &table.scope.place, message);
            resolver.report(problem.help("write `tier:NAME`, or a place; units one after the other lose nothing"));
            continue;
        }
        let scopes = scopes(resolver, geography, plan, ("maintenance", name, *shared), &table.scope, skipped);
        if scopes.is_empty() {
            continue;
        }
        windows.push(Maintenance {
            name: name.clone(),
            scopes,
            first: Seconds(table.at.value.0),
            every: table.every.value.0,
            duration: table.duration.value.clone(),
            excluded: table.excluded.value,
        });
    }
    windows.sort_by(|a, b| a.name.cmp(&b.name));
    windows
}

/// Names of failure modes, changes and maintenance differ, and there are not too many.
pub fn together(resolver: &mut Resolver, failures: &[FailureMode], changes: &[Change], windows: &[Maintenance]) {
    let scenario = resolver.scenario;
    let failure_names = scenario.failure.iter().map(|named| &named.name);
    let names = failure_names.chain(scenario.change.iter().map(|named| &named.name));
    let names: Vec<_> = names.chain(scenario.maintenance.iter().map(|named| &named.name)).collect();
    for (index, name) in names.iter().enumerate() {
        if let Some(other) = names[..index].iter().find(|other| other.value == name.value) {
            let message = format!("two causes of loss are called `{}`", name.value);
            let problem = Problem::error("duplicate-name", &name.place, message).also(&other.place, "the other one");
            resolver.report(
                problem.help("failures, changes and maintenance have different names, as reports list them together"),
            );
        }
    }
    let count = failures.len() + changes.len() + windows.len();
    if failures.len() <= MOST && count > MOST {
        let place = names.last().map_or(&scenario.place, |name| &name.place);
        let message = format!("{count} failure modes, changes and maintenance windows are more than {MOST}");
        let problem = Problem::error("too-many", place, message);
        resolver.report(
            problem.help("put what fails alike in one: add up the rates, and mix the durations with `mixture`"),
        );
    }
}

fn hours(resolver: &mut Resolver, place: &Place, from: &Given<Clock>, to: &Given<Clock>, days: &Given<Days>) -> Hours {
    if from.sound().is_some() && to.sound().is_some() && from.value.0 >= to.value.0 {
        let problem = Problem::error(
            "bad-hours",
            if to.stated() { &to.place } else { place },
            "these hours end before they begin",
        );
        resolver.report(problem.help("hours over midnight are two entries: one to `\"24:00\"`, one from `\"00:00\"`"));
    }
    Hours { from: Seconds(from.value.0), to: Seconds(to.value.0), days: days.value.0 }
}

/// Service hours.
pub fn service_hours(resolver: &mut Resolver) -> Option<Hours> {
    let given = resolver.scenario.objectives.hours.as_ref()?;
    let tables::ServiceHours { from, to, days, .. } = &given.value;
    Some(hours(resolver, &given.place, from, to, days))
}

/// Hours with another demand.
pub fn profile(resolver: &mut Resolver) -> Vec<Peak> {
    let peaks = &resolver.scenario.demand.profile;
    let peak = |table: &tables::Profile| Peak {
        hours: hours(resolver, &table.place, &table.from, &table.to, &table.days),
        factor: table.factor.value,
    };
    peaks.iter().map(peak).collect()
}

//! Failure modes: what they take down, and how it comes back.

use super::{Resolver, Skipped, geography::Geography, quorums, stacks::Plan, unknown};
use crate::law::Law;
use crate::model::{Effect, FailureMode, Scope, Symptom};
use crate::scenario::choices::SymptomChoice;
use crate::scenario::decoder::{Given, Named};
use crate::scenario::places::{ScopeKind, ScopeText, Scopes};
use crate::scenario::problem::Problem;
use crate::scenario::tables;
use crate::units::Fraction;

/// Most failure modes of a design, after each tier of a scope has become one.
const MOST_MODES: usize = 64;

/// Resolves the failure modes, sorted by name.
pub fn resolve(resolver: &mut Resolver, geography: &Geography, plan: &Plan) -> (Vec<FailureMode>, Vec<Skipped>) {
    let scenario = resolver.scenario;
    let mut modes: Vec<FailureMode> = Vec::new();
    let mut skipped = Vec::new();
    for failure in &scenario.failure {
        let Named { name, table, shared } = failure;
        effect(resolver, &name.value, table);
        let symptom = symptom(resolver, &name.value, table);
        let repair = match table.effect.sound() {
            Some(Effect::Corrupt) => detection(resolver, &name.value, table),
            _ => repair(resolver, &name.value, table),
        };
        let mut scopes = Vec::new();
        for scope in table.scope.value.0.iter() {
            resolve_scope(resolver, geography, plan, scope, *shared, &mut scopes, &mut skipped);
        }
        let scopes = merge(scopes);
        if scopes.is_empty()
            && plan.sound
            && !shared
            && !table.scope.value.0.is_empty()
            && table.scope.sound().is_some()
        {
            touches_nothing(resolver, &format!("the failure `{}`", name.value), &table.scope, plan, geography);
        }
        let several = scopes.len() > 1;
        for (scope, part) in scopes {
            let name = if several { format!("{} ({part})", name.value) } else { name.value.clone() };
            modes.push(FailureMode {
                name,
                scope,
                mttf: table.mttf.value.0.clone(),
                repair: repair.clone(),
                effect: table.effect.value,
                symptom,
                error: table.error.as_ref().map_or(Fraction::ONE, |error| error.value),
                age: table.age.as_ref().map(|age| age.value.clone()),
            });
        }
    }
    modes.extend(quorums::outages(resolver, plan));
    modes.sort_by(|a, b| a.name.cmp(&b.name));
    if modes.len() > MOST_MODES {
        let place = scenario.failure.last().map_or(&scenario.place, |failure| &failure.name.place);
        let problem =
            Problem::error("too-many", place, format!("{} failure modes are more than {MOST_MODES}", modes.len()));
        resolver.report(
            problem.help("put what fails alike in one mode: add up the rates, and mix the repairs with `mixture`"),
        );
    }
    (modes, skipped)
}

/// Says that something of the architecture's own file has nothing to take down, unless the missing name was reported.
pub fn touches_nothing(resolver: &mut Resolver, what: &str, given: &Given<Scopes>, plan: &Plan, geography: &Geography) {
    let unused = given.value.0.iter().all(|scope| {
        let wanted = scope.value.name.as_deref().unwrap_or("");
        match scope.value.what {
            ScopeKind::Unit | ScopeKind::Tier => {
                resolver.scenario.tier.iter().any(|tier| tier.name.value == wanted) && !plan.tiers.contains_key(wanted)
            }
            ScopeKind::Database => {
                resolver.scenario.database.iter().any(|database| database.name.value == wanted)
                    && !plan.databases.contains_key(wanted)
            }
            ScopeKind::Dependency => {
                resolver.scenario.dependency.iter().any(|dependency| dependency.name.value == wanted)
                    && !plan.dependencies.contains_key(wanted)
            }
            _ => geography.regions.is_empty(),
        }
    });
    if unused {
        let problem =
            Problem::warning("scope-touches-nothing", &given.place, format!("{what} takes down nothing that is used"));
        resolver.report(problem.help("no stack requires what its scope names"));
    }
}

/// Zones, regions and control planes of one mode are one scope of the model; other parts are one mode each.
fn merge(scopes: Vec<(Scope, String)>) -> Vec<(Scope, String)> {
    let mut merged: Vec<(Scope, String)> = Vec::new();
    for (scope, part) in scopes {
        match (merged.first_mut(), scope) {
            (Some((Scope::Zones(list), _)), Scope::Zones(more))
            | (Some((Scope::Regions(list), _)), Scope::Regions(more))
            | (Some((Scope::ControlPlanes(list), _)), Scope::ControlPlanes(more)) => {
                list.extend(more);
                list.sort_unstable();
                list.dedup();
            }
            (_, scope) => merged.push((scope, part)),
        }
    }
    merged
}

/// Adds the places of a scope, each with the name of the part it is.
#[allow(clippy::too_many_arguments)]
pub fn resolve_scope(
    resolver: &mut Resolver,
    geography: &Geography,
    plan: &Plan,
    scope: &Given<ScopeText>,
    shared: bool,
    scopes: &mut Vec<(Scope, String)>,
    skipped: &mut Vec<Skipped>,
) {
    let scenario = resolver.scenario;
    let name =
        Given { value: scope.value.name.clone().unwrap_or_default(), place: scope.place.clone(), origin: scope.origin };
    let wanted = name.value.as_str();
    let mut part = |resolver: &mut Resolver, what: &str, defined: Vec<&str>| {
        let known = defined.contains(&wanted);
        if shared {
            // One environment serves architectures that have a part and others that have not.
            skipped.push(Skipped { place: scope.place.clone(), what: format!("{what} `{wanted}`"), skipped: !known });
        } else if !known {
            resolver.report(unknown(what, &name, defined.into_iter()));
        }
        known
    };
    match scope.value.what {
        ScopeKind::Unit => {
            if part(resolver, "tier", scenario.tier.iter().map(|tier| tier.name.value.as_str()).collect())
                && let Some(tier) = plan.tiers.get(wanted)
            {
                scopes.push((Scope::Unit(*tier), wanted.to_owned()));
            }
        }
        ScopeKind::Tier => {
            if part(resolver, "tier", scenario.tier.iter().map(|tier| tier.name.value.as_str()).collect())
                && let (Some(tier), Some(regions)) = (plan.tiers.get(wanted), plan.tier_regions.get(wanted))
            {
                for region in regions {
                    let place = match regions.len() {
                        1 => wanted.to_owned(),
                        _ => format!("{wanted} in {}", geography.regions[*region].name),
                    };
                    scopes.push((Scope::Tier(*tier, *region), place));
                }
            }
        }
        ScopeKind::Database => {
            if part(
                resolver,
                "database",
                scenario.database.iter().map(|database| database.name.value.as_str()).collect(),
            ) && let Some(database) = plan.databases.get(wanted)
            {
                scopes.push((Scope::Node(*database), wanted.to_owned()));
            }
        }
        ScopeKind::Dependency => {
            if part(
                resolver,
                "dependency",
                scenario.dependency.iter().map(|dependency| dependency.name.value.as_str()).collect(),
            ) && let Some(dependency) = plan.dependencies.get(wanted)
            {
                scopes.push((Scope::Dependency(*dependency), wanted.to_owned()));
            }
        }
        ScopeKind::Zone => {
            let zones = match scope.value.name {
                None => (0..geography.zones.len()).collect(),
                Some(_) => resolver.lookup("zone", &name, &geography.zone_of).into_iter().collect::<Vec<_>>(),
            };
            if !zones.is_empty() {
                scopes.push((Scope::Zones(zones), String::new()));
            }
        }
        ScopeKind::Region | ScopeKind::ControlPlane => {
            let control_plane = scope.value.what == ScopeKind::ControlPlane;
            if control_plane && wanted == "global" {
                scopes.push((Scope::GlobalControlPlane, "global".to_owned()));
                return;
            }
            let regions = match scope.value.name {
                None => (0..geography.regions.len()).collect(),
                Some(_) => resolver.lookup("region", &name, &geography.region_of).into_iter().collect::<Vec<_>>(),
            };
            if regions.is_empty() {
                return;
            }
            let scope = if control_plane { Scope::ControlPlanes(regions) } else { Scope::Regions(regions) };
            scopes.push((scope, "regions".to_owned()));
        }
        ScopeKind::Global => scopes.push((Scope::Global, String::new())),
    }
}

/// Only what can be lost can be killed.
fn effect(resolver: &mut Resolver, name: &str, table: &tables::Failure) {
    let Some(first) = table.scope.value.0.first() else {
        return;
    };
    let effect = table.effect.sound();
    if effect == Some(&Effect::Corrupt) && first.value.what != ScopeKind::Database {
        let message = format!("the failure `{name}` cannot corrupt its scope `{}`", first.value.what.word());
        let problem =
            Problem::error("corrupt-scope", &table.effect.place, message).also(&table.scope.place, "its scope");
        resolver.report(problem.help("only databases hold data: use a scope `database:NAME`"));
    }
    if let Some(detection) = &table.detection
        && effect != Some(&Effect::Corrupt)
    {
        let problem = Problem::warning("ignored-key", &detection.place, "`detection` plays no part here");
        resolver.report(problem.help("only a corruption stays unseen: add `effect = \"corrupt\"`, or remove it"));
    }
    if effect != Some(&Effect::Kill) {
        return;
    }
    if !matches!(first.value.what, ScopeKind::Zone | ScopeKind::Region | ScopeKind::Database) {
        let message = format!("the failure `{name}` cannot kill its scope `{}`", first.value.what.word());
        let problem = Problem::error("kill-scope", &table.effect.place, message).also(&table.scope.place, "its scope");
        let help = match first.value.what {
            ScopeKind::Unit => {
                "only zones, regions and databases can be killed; units of an auto scaling group are replaced anyway"
            }
            _ => "only zones, regions and databases can be killed: use `effect = \"mask\"`",
        };
        resolver.report(problem.help(help));
    }
}

/// What checks and requests see of a failure; gray ones say how much.
fn symptom(resolver: &mut Resolver, name: &str, table: &tables::Failure) -> Symptom {
    let gray = table.symptom.value == SymptomChoice::Gray;
    if gray {
        gray_scope(resolver, name, table);
        if table.error.is_none() && table.symptom.sound().is_some() {
            let message = format!("the gray failure `{name}` does not say how many requests fail");
            let problem = Problem::error("missing-key", &table.place, message).label("`error` is missing");
            resolver.report(problem.help("add the share of the requests that fail, such as `error = \"30%\"`"));
        }
    } else if table.symptom.sound().is_some() {
        let dependency = only(table, &[ScopeKind::Dependency]);
        let error = table.error.as_ref().filter(|_| !dependency).map(|it| &it.place);
        for place in error.into_iter().chain(table.seen.as_ref().map(|it| &it.place)) {
            let problem = Problem::warning("ignored-key", place, "only a gray failure has this");
            let problem = problem.also(&table.scope.place, "not a dependency");
            resolver.report(problem.help("write `symptom = \"gray\"`, or remove it"));
        }
        unseen_symptom(resolver, table);
    }
    match table.symptom.value {
        SymptomChoice::Instance => Symptom::Instance,
        SymptomChoice::Crash => Symptom::Crash,
        SymptomChoice::Hang => Symptom::Hang,
        SymptomChoice::Gray => Symptom::Gray {
            error: table.error.as_ref().map_or(Fraction::ZERO, |error| error.value),
            seen: table.seen.as_ref().is_some_and(|seen| seen.value),
        },
    }
}

/// Only units fail gray, and nothing is lost by it.
fn gray_scope(resolver: &mut Resolver, name: &str, table: &tables::Failure) {
    let units = |kind| matches!(kind, ScopeKind::Unit | ScopeKind::Tier | ScopeKind::Zone | ScopeKind::Region);
    if let Some(scope) = table.scope.value.0.iter().find(|scope| !units(scope.value.what)) {
        let message = format!("the failure `{name}` cannot be gray with the scope `{}`", scope.value.what.word());
        let problem = Problem::error("gray-scope", &table.symptom.place, message).also(&table.scope.place, "its scope");
        resolver.report(problem.help("only units, tiers, zones and regions fail gray"));
    }
    if table.effect.sound() == Some(&Effect::Kill) {
        let message = format!("the gray failure `{name}` cannot kill");
        let problem =
            Problem::error("gray-scope", &table.effect.place, message).also(&table.symptom.place, "it is gray");
        resolver.report(problem.help("what fails gray stays in service: remove `effect`"));
    }
}

/// All that it takes down is of these kinds.
fn only(table: &tables::Failure, kinds: &[ScopeKind]) -> bool {
    table.scope.value.0.iter().all(|scope| kinds.contains(&scope.value.what))
}

fn unseen_symptom(resolver: &mut Resolver, table: &tables::Failure) {
    let unit = only(table, &[ScopeKind::Unit, ScopeKind::Tier, ScopeKind::Dependency]);
    if table.symptom.stated() && !unit && table.symptom.value != SymptomChoice::Instance {
        let problem = Problem::warning("ignored-key", &table.symptom.place, "a `symptom` plays no part here");
        resolver.report(
            problem
                .also(&table.scope.place, "not units of a tier")
                .help("only units are looked at by health checks, and dependencies by their callers: use a scope `unit:TIER`, or remove it"),
        );
    }
}

/// The law of detection of a corruption, which is never repaired in place.
fn detection(resolver: &mut Resolver, name: &str, table: &tables::Failure) -> Law {
    if let Some(repair) = &table.repair {
        let problem = Problem::warning("ignored-key", &repair.place, "`repair` plays no part here");
        resolver.report(problem.help("corrupt data are restored from a backup: remove it"));
    }
    if let Some(detection) = &table.detection {
        return detection.value.clone();
    }
    let problem = Problem::error(
        "missing-detection",
        &table.place,
        format!("the corruption `{name}` does not say when it is found"),
    );
    resolver.report(
        problem
            .label("`detection` is missing")
            .help("add a law such as `detection = { exponential = \"8h\" }`, or `detection = \"never\"`"),
    );
    Law::Never
}

/// The law of repair. Only units of an auto scaling group need none.
fn repair(resolver: &mut Resolver, name: &str, table: &tables::Failure) -> Law {
    if let Some(repair) = &table.repair {
        return repair.value.clone();
    }
    if table.scope.sound().is_none() {
        return Law::Never;
    }
    let scenario = resolver.scenario;
    let in_pool = table.scope.value.0.iter().find(|scope| match scope.value.what {
        ScopeKind::Unit => scenario.tier.iter().any(|tier| {
            Some(&tier.name.value) == scope.value.name.as_ref()
                && tier.table.pool.is_some()
                && tier.table.auto_scaling.is_none()
        }),
        _ => true,
    });
    if let Some(scope) = in_pool {
        let problem = match scope.value.what {
            ScopeKind::Unit => {
                let tier = scope.value.name.as_deref().unwrap_or("");
                let message = format!(
                    "the failure `{name}` has no `repair`, but the units of the pool `{tier}` are repaired, not replaced"
                );
                Problem::error("missing-repair", &table.place, message)
            }
            _ => Problem::error("missing-repair", &table.place, format!("the failure `{name}` has no `repair`")),
        };
        resolver.report(
            problem
                .label("`repair` is missing")
                .help("add a law such as `repair = { exponential = \"1h\" }`, or `repair = \"never\"`"),
        );
    }
    Law::Never
}

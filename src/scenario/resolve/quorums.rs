//! Databases of equal nodes, and managed ones.

use super::{Resolver, geography::Geography, presets, stacks::Plan};
use crate::law::Law;
use crate::model::{Effect, FailureMode, Need, Nodes, Quorum, RegionId, Scope, Symptom};
use crate::scenario::choices::DatabaseKind;
use crate::scenario::decoder::{Given, Named, assumption};
use crate::scenario::kinds::{AtLeastOne, Names};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::tables;
use crate::units::Fraction;

/// Share of returning writes that others have overtaken, where the scenario does not say.
const CONFLICT_SHARE: &str = "0.01";

/// Regions of a table that is replicated with strong consistency.
const STRONG_REGIONS: usize = 3;

/// The nodes of a database of this kind; none if something was reported.
pub fn resolve(
    resolver: &mut Resolver,
    geography: &Geography,
    plan: &Plan,
    name: &str,
    kind: DatabaseKind,
    table: &tables::Database,
) -> Option<Quorum> {
    let all = |write| Quorum { nodes: Nodes::Anywhere, write, read: write, lag: None, conflict_share: Fraction::ZERO };
    match kind {
        DatabaseKind::Managed => {
            let region = table.region.as_ref().map(|region| {
                let region =
                    Given { value: region.value.0.clone(), place: region.place.clone(), origin: region.origin };
                resolver.lookup("region", &region, &geography.region_of)
            });
            needed(resolver, table, "availability", "\"99.9%\"", table.availability.is_some());
            needed(resolver, table, "mean_outage", "\"10m\"", table.mean_outage.is_some());
            Some(Quorum { nodes: region.map_or(Some(Nodes::Anywhere), |region| region.map(Nodes::Region))?, ..all(1) })
        }
        DatabaseKind::Quorum => {
            let zones = match &table.zones {
                Some(zones) => {
                    let found: Vec<_> =
                        zones.value.0.iter().map(|zone| resolver.lookup("zone", zone, &geography.zone_of)).collect();
                    found.into_iter().collect::<Option<Vec<_>>>()?
                }
                None if geography.regions.len() == 1 => (0..geography.zones.len()).collect(),
                None => {
                    needed(resolver, table, "zones", "[\"eu-a\", \"eu-b\", \"eu-c\"]", false);
                    return None;
                }
            };
            let nodes = table.nodes.as_ref().map_or(zones.len(), |nodes| nodes.value.0 as usize);
            if !few(resolver, &table.place, nodes) {
                return None;
            }
            let majority = nodes as u32 / 2 + 1;
            Some(Quorum {
                nodes: Nodes::Zones(
                    zones.iter().copied().cycle().take(if zones.is_empty() { 0 } else { nodes }).collect(),
                ),
                write: quorum(resolver, &table.write_quorum, majority, nodes),
                read: quorum(resolver, &table.read_quorum, majority, nodes),
                ..all(majority)
            })
        }
        _ => {
            let Some(names) = &table.regions else {
                needed(resolver, table, "regions", "[\"eu\", \"us\"]", false);
                return None;
            };
            let regions = regions(resolver, geography, names)?;
            without_copy(resolver, geography, plan, name, names, &regions);
            let nodes = regions.len();
            if kind == DatabaseKind::DynamodbGlobal {
                let path = format!("database.{name}.lag");
                let lag = presets::optional(resolver, &table.lag, &path, Some("dynamodb.global.lag"));
                let share = table.conflict_share.as_ref().map(|share| share.value).or_else(|| {
                    let why = "how often two regions write the same item; no public number was found";
                    let path = format!("database.{name}.conflict_share");
                    resolver.assumptions.push(assumption(path, CONFLICT_SHARE.to_owned(), why));
                    CONFLICT_SHARE.parse().ok().and_then(Fraction::new)
                });
                let conflict_share = share.unwrap_or(Fraction::ZERO);
                return Some(Quorum { nodes: Nodes::Regions(regions), lag, conflict_share, ..all(1) });
            }
            if nodes != STRONG_REGIONS {
                let message =
                    format!("`{name}` has {nodes} regions, but strong consistency takes exactly {STRONG_REGIONS}");
                resolver.report(
                    Problem::error("out-of-range", &names.place, message)
                        .help("name three regions; a witness counts as one, and needs no stack"),
                );
            }
            let majority = nodes as u32 / 2 + 1;
            let read = quorum(resolver, &table.read_quorum, majority, nodes);
            Some(Quorum { nodes: Nodes::Regions(regions), read, ..all(majority) })
        }
    }
}

fn regions(resolver: &mut Resolver, geography: &Geography, names: &Given<Names>) -> Option<Vec<RegionId>> {
    let found: Vec<_> =
        names.value.0.iter().map(|region| resolver.lookup("region", region, &geography.region_of)).collect();
    let mut regions = found.into_iter().collect::<Option<Vec<_>>>()?;
    regions.sort_unstable();
    regions.dedup();
    Some(regions)
}

/// Reports regions whose stack needs a copy that is not there.
fn without_copy(
    resolver: &mut Resolver,
    geography: &Geography,
    plan: &Plan,
    name: &str,
    names: &Given<Names>,
    regions: &[RegionId],
) {
    let Some(database) = plan.databases.get(name) else { return };
    for stack in &plan.stacks {
        if mentions(&stack.requires, *database) && !regions.contains(&stack.region) {
            let region = &geography.regions[stack.region].name;
            let message = format!("`{name}` has no copy in region `{region}`, whose stack requires it");
            let problem = Problem::error("no-copy-in-region", &names.place, message);
            resolver.report(problem.help(format!("a stack is served by the copy of its own region: add `{region}`")));
        }
    }
}

fn mentions(need: &Need, database: usize) -> bool {
    match need {
        Need::Database(id) => *id == database,
        Need::Tier(_) | Need::Dependency(_) => false,
        Need::AllOf(members) | Need::AnyOf(members) | Need::KOf { of: members, .. } => {
            members.iter().any(|member| mentions(member, database))
        }
    }
}

/// A quorum, which the nodes can meet.
fn quorum(resolver: &mut Resolver, given: &Option<Given<AtLeastOne>>, majority: u32, nodes: usize) -> u32 {
    let Some(given) = given else { return majority };
    let quorum = given.value.0;
    if quorum as usize > nodes {
        let problem = Problem::error(
            "out-of-range",
            &given.place,
            format!("a quorum of {quorum} is more than the {nodes} nodes there are"),
        );
        resolver.report(problem.help("at most all nodes can agree"));
    }
    quorum
}

/// Whether so many nodes can be meant.
fn few(resolver: &mut Resolver, place: &Place, nodes: usize) -> bool {
    const MOST: usize = 1000;
    if nodes > MOST {
        let problem = Problem::error("too-many", place, format!("{nodes} nodes of a database are more than {MOST}"));
        resolver.report(problem.help("a quorum is a handful of nodes"));
    }
    nodes <= MOST
}

/// Reports a key that the kind needs.
pub fn needed(resolver: &mut Resolver, table: &tables::Database, key: &str, example: &str, there: bool) {
    if !there {
        let path = &table.place.key;
        let problem = Problem::error("missing-key", &table.place, format!("`[{path}]` needs `{key}`"))
            .label(format!("`{key}` is missing"));
        resolver.report(problem.help(format!("for example `{key} = {example}`")));
    }
}

/// The outages of managed databases that are used: their availability A and the mean M of an outage make a mean time to failure of M A / (1 - A).
pub fn outages(resolver: &mut Resolver, plan: &Plan) -> Vec<FailureMode> {
    let mut modes = Vec::new();
    for Named { name, table, .. } in &resolver.scenario.database {
        let managed = table.kind.as_ref().is_some_and(|kind| kind.value == DatabaseKind::Managed);
        let (Some(id), Some(availability), Some(outage)) =
            (plan.databases.get(&name.value).filter(|_| managed), &table.availability, &table.mean_outage)
        else {
            continue;
        };
        let share = availability.value.get();
        if share <= 0.0 {
            let problem = Problem::error("out-of-range", &availability.place, "a service that never answers");
            resolver.problems.push(problem.help("write an availability above 0, for example `\"99.9%\"`"));
            continue;
        }
        if share < 1.0 {
            let mean = outage.value.0.get();
            modes.push(FailureMode {
                name: format!("{} outage", name.value),
                scope: Scope::Node(*id),
                mttf: Law::exponential(mean * share / (1.0 - share)).unwrap_or(Law::Never),
                repair: Law::exponential(mean).unwrap_or(Law::Never),
                effect: Effect::Mask,
                error: Fraction::ONE,
                symptom: Symptom::Instance,
                age: None,
            });
        }
    }
    modes
}

//! What each region requires, and what of the scenario is used at all.

use super::{Resolver, geography::Geography, unknown};
use crate::model::{Need, RegionId, Stack};
use crate::scenario::decoder::{Given, Origin};
use crate::scenario::places::Want;
use crate::scenario::problem::{Place, Problem};
use crate::scenario::similar::listed;
use std::collections::{BTreeMap, BTreeSet};

/// Which tiers, databases and dependencies are used, and where.
pub struct Plan {
    /// The stacks by region.
    pub stacks: Vec<Stack>,
    /// Regions with a stack.
    pub regions: BTreeSet<RegionId>,
    /// Index of each used tier.
    pub tiers: BTreeMap<String, usize>,
    /// Regions that run each tier.
    pub tier_regions: BTreeMap<String, BTreeSet<RegionId>>,
    /// Index of each used database.
    pub databases: BTreeMap<String, usize>,
    /// Index of each used dependency.
    pub dependencies: BTreeMap<String, usize>,
    /// Whether everything that says what is used could be read; else nothing is called unused.
    pub sound: bool,
}

/// What a name in `requires` stands for.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Tier,
    Database,
    Dependency,
}

impl Part {
    fn word(self) -> &'static str {
        match self {
            Part::Tier => "tier",
            Part::Database => "database",
            Part::Dependency => "dependency",
        }
    }
}

/// The parts of a scenario by name, with the place of their definition and whether the environment defines them.
type Parts<'a> = BTreeMap<&'a str, (Part, &'a Place, bool)>;

/// A stack before its names are indices.
struct Draft {
    regions: Vec<RegionId>,
    requires: Vec<Want>,
}

/// Resolves the stacks.
pub fn resolve(resolver: &mut Resolver, geography: &Geography) -> Plan {
    let scenario = resolver.scenario;
    let before = resolver.problems.len();
    let parts = parts(resolver);
    let whole = Place { span: scenario.place.span, key: String::new() };
    if parts.is_empty() {
        let shared = scenario.region.iter().any(|region| region.shared) || !scenario.failure.is_empty();
        let message = if shared {
            "there is an environment, but nothing in it to simulate"
        } else {
            "there is nothing to simulate"
        };
        let problem = Problem::error("empty-architecture", &whole, message);
        resolver.report(problem.help("add a `[tier.NAME]`, a `[database.NAME]` or a `[dependency.NAME]`; `ridethrough init FILE` writes an example"));
    } else if geography.regions.is_empty() {
        let problem = Problem::error("missing-region", &whole, "the scenario has no region");
        resolver
            .report(problem.help("add `[region.NAME]` with `zones = [...]`: everything runs in a zone of a region"));
    }
    let drafts = if scenario.stack.is_empty() {
        implied(resolver, geography, &parts, &whole)
    } else {
        stated(resolver, geography)
    };

    let mut used: BTreeMap<&str, BTreeSet<RegionId>> = BTreeMap::new();
    for draft in &drafts {
        for want in &draft.requires {
            visit(want, &mut |name| match parts.get_key_value(name.value.as_str()) {
                Some((known, _)) => used.entry(known).or_default().extend(&draft.regions),
                None => resolver.report(unknown("tier, database or dependency", name, parts.keys().copied())),
            });
        }
    }
    let of = |part: Part| {
        let parts = &parts;
        used.keys().filter(move |name| parts.get(*name).is_some_and(|(kind, ..)| *kind == part))
    };
    let indexed = |part: Part| of(part).enumerate().map(|(index, name)| ((*name).to_owned(), index)).collect();
    let mut plan = Plan {
        stacks: Vec::new(),
        regions: drafts.iter().flat_map(|draft| draft.regions.iter().copied()).collect(),
        tiers: indexed(Part::Tier),
        tier_regions: of(Part::Tier).map(|name| ((*name).to_owned(), used[name].clone())).collect(),
        databases: indexed(Part::Database),
        dependencies: indexed(Part::Dependency),
        sound: resolver.problems.len() == before
            && scenario.stack.iter().all(|stack| stack.table.requires.sound().is_some()),
    };
    for draft in &drafts {
        let needs: Vec<Need> = draft.requires.iter().filter_map(|want| need(want, &plan)).collect();
        for region in &draft.regions {
            plan.stacks.push(Stack { region: *region, requires: Need::AllOf(needs.clone()) });
        }
    }
    plan.stacks.sort_by_key(|stack| stack.region);
    if plan.sound {
        unused(resolver, geography, &parts, &used, &plan);
    }
    plan
}

/// All tiers, databases and dependencies by name.
fn parts<'a>(resolver: &mut Resolver<'a>) -> Parts<'a> {
    let scenario = resolver.scenario;
    let tiers = scenario.tier.iter().map(|named| (Part::Tier, &named.name, named.shared));
    let databases = scenario.database.iter().map(|named| (Part::Database, &named.name, named.shared));
    let dependencies = scenario.dependency.iter().map(|named| (Part::Dependency, &named.name, named.shared));
    let mut parts = Parts::new();
    for (part, name, shared) in tiers.chain(databases).chain(dependencies) {
        if let Some((other, first, _)) = parts.insert(name.value.as_str(), (part, &name.place, shared)) {
            let message = format!("the {} `{}` has the name of a {}", part.word(), name.value, other.word());
            let problem = Problem::error("duplicate-name", &name.place, message).also(first, "the first one");
            resolver.report(
                problem.help("tiers, databases and dependencies need different names: `requires` knows them by name"),
            );
        }
    }
    parts
}

/// Without a stack everything is required, wherever traffic can go.
fn implied(resolver: &mut Resolver, geography: &Geography, parts: &Parts, whole: &Place) -> Vec<Draft> {
    let regions = match (geography.regions.len(), &resolver.scenario.dns) {
        (0, _) => Vec::new(),
        (1, _) => vec![0],
        (_, Some(dns)) => {
            let named = super::routing::record_regions(&dns.value);
            named.into_iter().filter_map(|name| geography.region_of.get(&name.value).copied()).collect()
        }
        (count, None) => {
            let message = format!("there are {count} regions, but no `[stack.NAME]` that says what runs where");
            let problem = Problem::error("stack-regions", whole, message);
            let first = geography.regions.first().map_or("", |region| region.name.as_str());
            resolver.report(problem.help(format!(
                "add `[stack.main]` with `regions = [\"{first}\"]` and `requires = [...]`; with more than one region, also `[dns]`"
            )));
            Vec::new()
        }
    };
    let mut in_order: Vec<_> = parts.iter().collect();
    in_order.sort_by_key(|(name, (part, ..))| (*part as u8, **name));
    let want = |(name, (_, place, _)): (&&str, &(Part, &Place, bool))| {
        Want::Name(Given { value: (*name).to_owned(), place: (*place).clone(), origin: Origin::Stated })
    };
    vec![Draft { regions, requires: in_order.into_iter().map(want).collect() }]
}

/// The stacks that the scenario states.
fn stated(resolver: &mut Resolver, geography: &Geography) -> Vec<Draft> {
    let scenario = resolver.scenario;
    let mut taken: BTreeMap<RegionId, &Place> = BTreeMap::new();
    let mut drafts = Vec::new();
    for stack in &scenario.stack {
        let mut regions = Vec::new();
        match &stack.table.regions {
            Some(names) => {
                if names.sound().is_some_and(|names| names.0.is_empty()) {
                    let problem = Problem::error(
                        "stack-regions",
                        &names.place,
                        format!("the stack `{}` runs in no region", stack.name.value),
                    );
                    resolver.report(problem.help("name at least one region"));
                }
                for name in &names.value.0 {
                    let Some(region) = resolver.lookup("region", name, &geography.region_of) else {
                        continue;
                    };
                    match taken.insert(region, &name.place) {
                        Some(first) => {
                            let message = format!("region `{}` has a stack already", name.value);
                            let problem =
                                Problem::error("duplicate-name", &name.place, message).also(first, "the first one");
                            resolver.report(problem.help("a region runs one stack: merge their `requires`"));
                        }
                        None => regions.push(region),
                    }
                }
            }
            None if geography.regions.len() == 1 => match taken.insert(0, &stack.name.place) {
                Some(first) => {
                    let message = format!("region `{}` has a stack already", geography.regions[0].name);
                    let problem =
                        Problem::error("duplicate-name", &stack.name.place, message).also(first, "the first one");
                    resolver.report(problem.help("a region runs one stack: merge their `requires`"));
                }
                None => regions.push(0),
            },
            None if geography.regions.is_empty() => {}
            None => {
                let message = format!(
                    "there are {} regions: in which of them does the stack `{}` run?",
                    geography.regions.len(),
                    stack.name.value
                );
                let problem =
                    Problem::error("stack-regions", &stack.table.place, message).label("`regions` is missing");
                let names = geography.regions.iter().map(|region| region.name.as_str());
                resolver.report(problem.help(format!("add `regions = [...]`, out of {}", listed(names))));
            }
        }
        drafts.push(Draft { regions, requires: stack.table.requires.value.0.clone() });
    }
    drafts
}

/// Visits the names in a requirement.
fn visit<'w>(want: &'w Want, at: &mut dyn FnMut(&'w Given<String>)) {
    match want {
        Want::Name(name) => at(name),
        Want::AllOf(members) | Want::AnyOf(members) | Want::KOf(_, members) => {
            members.iter().for_each(|member| visit(member, at))
        }
    }
}

fn need(want: &Want, plan: &Plan) -> Option<Need> {
    let all = |members: &[Want]| members.iter().map(|member| need(member, plan)).collect::<Option<Vec<_>>>();
    Some(match want {
        Want::Name(name) => {
            let name = &name.value;
            match (plan.tiers.get(name), plan.databases.get(name), plan.dependencies.get(name)) {
                (Some(tier), ..) => Need::Tier(*tier),
                (_, Some(database), _) => Need::Database(*database),
                (_, _, Some(dependency)) => Need::Dependency(*dependency),
                _ => return None,
            }
        }
        Want::AllOf(members) => Need::AllOf(all(members)?),
        Want::AnyOf(members) => Need::AnyOf(all(members)?),
        Want::KOf(k, members) => Need::KOf { k: *k, of: all(members)? },
    })
}

/// Warns about what the architecture's own file defines and nothing needs.
fn unused(
    resolver: &mut Resolver,
    geography: &Geography,
    parts: &Parts,
    used: &BTreeMap<&str, BTreeSet<RegionId>>,
    plan: &Plan,
) {
    for (name, (part, place, shared)) in parts {
        if !shared && !used.contains_key(name) {
            let problem = Problem::warning(
                "unused",
                place,
                format!("no stack requires the {} `{name}`: it is left out", part.word()),
            );
            resolver.report(problem.help("add it to the `requires` of a stack, or remove it"));
        }
    }
    for (id, region) in geography.regions.iter().enumerate() {
        let copies = resolver.scenario.database.iter().any(|database| {
            let table = &database.table;
            let zones = [
                Some(&table.primary.value.0),
                table.standby.as_ref().map(|standby| &standby.value.zone.value.0),
                table.replica.as_ref().map(|replica| &replica.value.zone.value.0),
            ];
            zones
                .into_iter()
                .flatten()
                .filter_map(|zone| geography.zone_of.get(zone))
                .any(|zone| geography.zones[*zone].region == id)
        });
        if !region.shared && !plan.regions.contains(&id) && !plan.regions.is_empty() && !copies {
            let problem = Problem::warning(
                "unused",
                &region.place,
                format!("region `{}` has no stack and no database: nothing runs there", region.name),
            );
            resolver.report(problem.help("name it in the `regions` of a stack, or remove it"));
        }
    }
}

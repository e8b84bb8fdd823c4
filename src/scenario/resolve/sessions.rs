//! Where sessions are kept.

use super::{Resolver, geography::Geography, stacks::Plan, unknown};
use crate::model;
use crate::scenario::choices::StoreChoice;
use crate::scenario::decoder::Given;
use crate::scenario::kinds::Name;
use crate::scenario::places::RecordText;
use crate::scenario::problem::{Place, Problem};
use crate::scenario::tables::Sessions;
use std::collections::{BTreeMap, BTreeSet};

/// Resolves the sessions; none where they cannot be placed.
pub fn resolve(resolver: &mut Resolver, geography: &Geography, plan: &Plan) -> Option<model::Sessions> {
    let scenario = resolver.scenario;
    let table = &scenario.sessions.as_ref()?.value;
    let concurrent = table.concurrent.as_ref().map(|given| given.value);
    match *table.store.sound()? {
        StoreChoice::External => {
            ignored(resolver, table, &table.tier, "tier");
            ignored(resolver, table, &table.per_unit, "per_unit");
            if let Some(given) = &table.database {
                ignored(resolver, table, &table.dependency, "dependency");
                let at = &given.place;
                copies_ignored(resolver, table, at, "sessions in a database", "it has copies of its own");
                let defined = scenario.database.iter().map(|named| named.name.value.as_str()).collect();
                let database = place(resolver, table, &table.database, "database", defined, &plan.databases)?;
                return Some(model::Sessions::Database { database, users: concurrent.unwrap_or(0.0) });
            }
            let defined = scenario.dependency.iter().map(|named| named.name.value.as_str()).collect();
            let dependency = place(resolver, table, &table.dependency, "dependency", defined, &plan.dependencies)?;
            let replicas = table.replicas.value;
            if replicas == 0 && concurrent.is_none() {
                users(resolver, table, "a store without a copy loses all sessions: how many are there?", "concurrent");
            }
            Some(model::Sessions::External { dependency, replicas, users: concurrent.unwrap_or(0.0) })
        }
        StoreChoice::Instance => {
            ignored(resolver, table, &table.dependency, "dependency");
            ignored(resolver, table, &table.database, "database");
            copies_ignored(
                resolver,
                table,
                &table.store.place,
                "sessions in the units",
                "only an external store has copies",
            );
            let defined = scenario.tier.iter().map(|named| named.name.value.as_str()).collect();
            let tier = place(resolver, table, &table.tier, "tier", defined, &plan.tiers)?;
            let users = match (concurrent, &table.per_unit) {
                (Some(users), None) => users,
                (None, Some(per_unit)) => per_unit.value * units(resolver, geography, plan, table),
                _ => {
                    users(resolver, table, "the number of users is given once", "concurrent` or `per_unit");
                    return None;
                }
            };
            Some(model::Sessions::Instance { tier, users })
        }
    }
}

/// Units of the tier that take traffic at the start: of the first region of a failover record, of all that another one answers.
fn units(resolver: &Resolver, geography: &Geography, plan: &Plan, table: &Sessions) -> f64 {
    let scenario = resolver.scenario;
    let name = table.tier.as_ref().map_or("", |tier| tier.value.0.as_str());
    let Some(tier) = scenario.tier.iter().find(|tier| tier.name.value == name) else { return 0.0 };
    let per_region = match (&tier.table.pool, &tier.table.auto_scaling) {
        (Some(pool), _) => pool.value.units.value.0,
        (None, Some(group)) => group.value.desired.value.0,
        (None, None) => 0,
    };
    let runs = |region: &Given<String>| {
        let region = geography.region_of.get(&region.value);
        region.is_some_and(|region| plan.tier_regions.get(name).is_some_and(|regions| regions.contains(region)))
    };
    let regions = match scenario.dns.as_ref().map(|dns| &dns.value.record.value) {
        None | Some(RecordText::Failover(_)) => 1,
        Some(RecordText::Weighted(weights)) => {
            weights.iter().filter(|(region, weight)| *weight > 0.0 && runs(region)).count()
        }
        Some(RecordText::Latency(populations)) => {
            let some = populations.iter().filter(|population| population.share.value.get() > 0.0);
            let first: BTreeSet<&str> = (some.filter_map(|population| population.prefers.first()))
                .filter(|region| runs(region))
                .map(|region| region.value.as_str())
                .collect();
            first.len()
        }
    };
    f64::from(per_region) * regions as f64
}

fn place(
    resolver: &mut Resolver,
    table: &Sessions,
    name: &Option<Given<Name>>,
    what: &str,
    defined: Vec<&str>,
    used: &BTreeMap<String, usize>,
) -> Option<usize> {
    let Some(given) = name else {
        let message = format!("sessions need the `{what}` that holds them");
        let problem = Problem::error("missing-key", &table.store.place, message);
        resolver.report(problem.help(format!("add `{what} = \"NAME\"`")));
        return None;
    };
    let name = Given { value: given.sound()?.0.clone(), place: given.place.clone(), origin: given.origin };
    if !defined.contains(&name.value.as_str()) {
        resolver.report(unknown(what, &name, defined.into_iter()));
    } else if !used.contains_key(&name.value) {
        let message = format!("no stack requires the {what} `{}`, which holds the sessions", name.value);
        let problem = Problem::warning("unused", &name.place, message);
        resolver.report(problem.help("add it to the `requires` of a stack: users cannot do without their sessions"));
    }
    used.get(&name.value).copied()
}

fn users(resolver: &mut Resolver, table: &Sessions, message: &str, keys: &str) {
    let problem = Problem::error("session-users", &table.store.place, message);
    resolver.report(problem.help(format!("add `{keys}`, for example `concurrent = 10000`")));
}

fn copies_ignored(resolver: &mut Resolver, table: &Sessions, beside: &Place, label: &str, why: &str) {
    if table.replicas.stated() {
        let problem = Problem::warning("ignored-key", &table.replicas.place, "`replicas` plays no part here");
        resolver.report(problem.also(beside, label).help(format!("{why}: remove it")));
    }
}

fn ignored<T>(resolver: &mut Resolver, table: &Sessions, given: &Option<Given<T>>, key: &str) {
    if let Some(given) = given {
        let problem = Problem::warning("ignored-key", &given.place, format!("`{key}` plays no part here"));
        resolver.report(
            problem.also(&table.store.place, "by this choice").help(format!("leave out `{key}`, or change `store`")),
        );
    }
}

//! Databases and their copies.

use super::{Resolver, geography::Geography, stacks::Plan};
use crate::law::Law;
use crate::model::{Backup, Database, Replica, ZoneId};
use crate::scenario::decoder::{Given, Named};
use crate::scenario::kinds::Name;
use crate::scenario::problem::Problem;
use crate::scenario::tables;

/// The databases that are used, sorted by name.
pub fn resolve(resolver: &mut Resolver, geography: &Geography, plan: &Plan) -> Vec<Database> {
    let scenario = resolver.scenario;
    let mut list = Vec::new();
    for Named { name, table, .. } in &scenario.database {
        let resolved = database(resolver, geography, &name.value, table);
        if let Some(database) = resolved
            && plan.databases.contains_key(&name.value)
        {
            list.push(database);
        }
    }
    list.sort_by(|a, b| a.name.cmp(&b.name));
    list
}

fn zone(resolver: &mut Resolver, geography: &Geography, name: &Given<Name>) -> Option<ZoneId> {
    let name = Given { value: name.value.0.clone(), place: name.place.clone(), origin: name.origin };
    resolver.lookup("zone", &name, &geography.zone_of)
}

fn database(resolver: &mut Resolver, geography: &Geography, name: &str, table: &tables::Database) -> Option<Database> {
    let primary = zone(resolver, geography, &table.primary);
    let standby = table.standby.as_ref().map(|standby| &standby.value);
    let replica = table.replica.as_ref().map(|replica| &replica.value);
    let standby_zone = standby.map(|standby| zone(resolver, geography, &standby.zone));
    let replica_zone = replica.map(|replica| zone(resolver, geography, &replica.zone));
    for (copy, given, zone) in [
        ("standby", standby.map(|standby| &standby.zone), standby_zone.flatten()),
        ("replica", replica.map(|replica| &replica.zone), replica_zone.flatten()),
    ] {
        let (Some(given), Some(zone), Some(primary)) = (given, zone, primary) else {
            continue;
        };
        if zone == primary {
            let message = format!("the {copy} of `{name}` is in the zone of its primary");
            let problem =
                Problem::error("failover-to-itself", &given.place, message).also(&table.primary.place, "the primary");
            resolver.report(problem.help("a copy in the same zone dies with it: choose another zone"));
        } else if copy == "standby" && geography.zones[zone].region != geography.zones[primary].region {
            let message = format!(
                "the standby of `{name}` is in region `{}`, its primary in `{}`",
                geography.region_name(zone),
                geography.region_name(primary)
            );
            let problem = Problem::error("standby-in-other-region", &given.place, message)
                .also(&table.primary.place, "the primary");
            resolver.report(problem.help(format!(
                "synchronous copies stay in a region: write `[database.{name}.replica]` for an asynchronous one"
            )));
        }
    }
    if let (Some(Some(one)), Some(Some(other)), Some(replica)) = (standby_zone, replica_zone, replica)
        && one == other
        && primary != Some(one)
    {
        let problem = Problem::warning(
            "copies-share-zone",
            &replica.zone.place,
            format!("standby and replica of `{name}` are in one zone"),
        );
        resolver.report(problem.help("they fail together: choose another zone for one of them"));
    }
    let standby = match (standby, standby_zone) {
        (Some(standby), Some(zone)) => Some(Replica {
            zone: zone?,
            decision: standby.decision.value.clone(),
            promotion: standby.promotion.value.clone(),
            coverage: standby.coverage.value,
            manual: standby.manual.value.clone(),
            broken: super::standbys::broken(&standby.broken),
            lag: Law::Fixed(0.0),
            failback: None,
        }),
        _ => None,
    };
    let replica = match (replica, replica_zone) {
        (Some(replica), Some(zone)) => Some(Replica {
            zone: zone?,
            decision: replica.decision.value.clone(),
            promotion: replica.promotion.value.clone(),
            coverage: replica.coverage.value,
            manual: replica.manual.value.clone(),
            broken: super::standbys::broken(&replica.broken),
            lag: replica.lag.value.clone(),
            failback: Some(replica.failback.value.clone()).filter(|law| *law != Law::Never),
        }),
        _ => None,
    };
    // With a sure automatic failover nobody ever fails over by hand.
    for (copy, coverage) in [("standby", standby.as_ref()), ("replica", replica.as_ref())] {
        if coverage.is_some_and(|copy| copy.coverage.get() >= 1.0) {
            let path = format!("database.{name}.{copy}.manual");
            resolver.assumptions.retain(|assumption| assumption.key != path);
        }
    }
    Some(Database {
        name: name.to_owned(),
        primary: primary?,
        detection: table.detection.value.clone(),
        endpoint_ttl: table.endpoint_ttl.value,
        rebuild: table.rebuild.value.clone(),
        standby,
        replica,
        backup: table.backup.as_ref().map(|backup| Backup {
            interval: backup.value.interval.value.0,
            restore: backup.value.restore.value.clone(),
            decision: backup.value.decision.value.clone(),
        }),
    })
}

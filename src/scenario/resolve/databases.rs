//! Databases and their copies.

use super::{Resolver, geography::Geography, presets, quorums, stacks::Plan};
use crate::law::Law;
use crate::model::{Backup, Database, Replica, Storage, ZoneId};
use crate::scenario::choices::{DatabaseKind, Reads};
use crate::scenario::decoder::{Given, Named, assumption};
use crate::scenario::kinds::Name;
use crate::scenario::problem::{Place, Problem};
use crate::scenario::tables;

/// The databases that are used, sorted by name.
pub fn resolve(resolver: &mut Resolver, geography: &Geography, plan: &Plan) -> Vec<Database> {
    let scenario = resolver.scenario;
    let mut list = Vec::new();
    for Named { name, table, .. } in &scenario.database {
        if table.kind.as_ref().is_some_and(|kind| kind.sound().is_none()) {
            continue;
        }
        ignored(resolver, table);
        let backup = backup(resolver, table);
        let resolved = match table.kind.as_ref().map(|kind| kind.value) {
            Some(kind) if kind.has_equal_nodes() => {
                quorums::resolve(resolver, geography, plan, &name.value, kind, table).map(|quorum| Database {
                    backup,
                    quorum: Some(quorum),
                    ..bare(&name.value, table, 0)
                })
            }
            _ => database(resolver, geography, &name.value, table).map(|database| Database { backup, ..database }),
        };
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
    use DatabaseKind::{Aurora, AuroraGlobal, RdsCluster, RdsMultiAz};
    let kind = table.kind.as_ref().map(|kind| kind.value);
    let Some(first) = &table.primary else {
        quorums::needed(resolver, table, "primary", "\"eu-a\"", false);
        return None;
    };
    let primary = zone(resolver, geography, first);
    if matches!(kind, Some(RdsMultiAz | RdsCluster)) && table.standby.is_none() {
        quorums::needed(resolver, table, "standby", "{ zone = \"eu-b\" }", false);
    }
    if kind == Some(AuroraGlobal) && table.replica.is_none() {
        quorums::needed(resolver, table, "replica", "{ zone = \"us-a\" }", false);
    }
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
            let problem = Problem::error("failover-to-itself", &given.place, message).also(&first.place, "the primary");
            resolver.report(problem.help("a copy in the same zone dies with it: choose another zone"));
        } else if copy == "standby" && geography.zones[zone].region != geography.zones[primary].region {
            let message = format!(
                "the standby of `{name}` is in region `{}`, its primary in `{}`",
                geography.region_name(zone),
                geography.region_name(primary)
            );
            let problem =
                Problem::error("standby-in-other-region", &given.place, message).also(&first.place, "the primary");
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
    let second_standby = standby.and_then(|standby| standby.second_zone.as_ref()).and_then(|second| {
        let found = zone(resolver, geography, second);
        if let (Some(found), Some(primary)) = (found, primary)
            && (found == primary
                || Some(Some(found)) == standby_zone
                || geography.zones[found].region != geography.zones[primary].region)
        {
            let message = format!("the second standby of `{name}` is not in a third zone of the region");
            let problem =
                Problem::error("failover-to-itself", &second.place, message).also(&first.place, "the primary");
            resolver
                .report(problem.help("choose a zone of the region that has neither the primary nor the other standby"));
        }
        found
    });
    let promotion = match kind {
        Some(RdsCluster) => Some("rds.multi_az_cluster.failover"),
        Some(Aurora | AuroraGlobal) => Some("aurora.failover"),
        _ => None,
    };
    let standby = match (standby, standby_zone) {
        (Some(standby), Some(zone)) => Some(Replica {
            zone: zone?,
            decision: standby.decision.value.clone(),
            promotion: presets::or(resolver, &standby.promotion, promotion),
            coverage: standby.coverage.value,
            manual: standby.manual.value.clone(),
            broken: super::standbys::broken(&standby.broken),
            lag: Law::Fixed(0.0),
            failback: None,
            failback_risk: None,
        }),
        _ => None,
    };
    let lag = (kind == Some(AuroraGlobal)).then_some("aurora.global.lag");
    let replica = match (replica, replica_zone) {
        (Some(replica), Some(zone)) => Some(Replica {
            zone: zone?,
            decision: replica.decision.value.clone(),
            promotion: replica.promotion.value.clone(),
            coverage: replica.coverage.value,
            manual: replica.manual.value.clone(),
            broken: super::standbys::broken(&replica.broken),
            lag: presets::or(resolver, &replica.lag, lag),
            failback: Some(replica.failback.value.clone()).filter(|law| *law != Law::Never),
            failback_risk: super::standbys::risk(&replica.failback_risk),
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
    let reads = match &table.reads {
        Some(reads) => reads.value == Reads::Survive,
        None => matches!(kind, Some(RdsCluster | Aurora | AuroraGlobal)),
    };
    let storage = storage(resolver, name, table);
    let endpoint = kind.map(|_| "rds.endpoint_ttl");
    Some(Database {
        reads_survive: reads,
        endpoint_ttl: presets::or(resolver, &table.endpoint_ttl, endpoint),
        standby,
        second_standby,
        replica,
        storage,
        ..bare(name, table, primary?)
    })
}

/// A database of one node.
fn bare(name: &str, table: &tables::Database, primary: ZoneId) -> Database {
    Database {
        name: name.to_owned(),
        primary,
        detection: table.detection.value.clone(),
        endpoint_ttl: table.endpoint_ttl.value,
        rebuild: table.rebuild.value.clone(),
        reads_survive: false,
        standby: None,
        second_standby: None,
        replica: None,
        storage: None,
        backup: None,
        quorum: None,
    }
}

/// Storage that outlives the nodes, where it is stated or the kind has it.
fn storage(resolver: &mut Resolver, name: &str, table: &tables::Database) -> Option<Storage> {
    let kind = table.kind.as_ref().map(|kind| kind.value);
    let preset = matches!(kind, Some(DatabaseKind::Aurora | DatabaseKind::AuroraGlobal)).then_some("aurora.recreate");
    let recreate = presets::optional(resolver, &table.recreate, &format!("database.{name}.recreate"), preset)?;
    let elsewhere = table.recreate_elsewhere.as_ref().map_or_else(
        || {
            let why = "time for people to make a node in another zone; no public number was found";
            let key = format!("database.{name}.recreate_elsewhere");
            resolver.assumptions.push(assumption(key, "30m".to_owned(), why));
            Law::Fixed(1800.0)
        },
        |law| law.value.clone(),
    );
    Some(Storage { recreate, elsewhere })
}

fn backup(resolver: &mut Resolver, table: &tables::Database) -> Option<Backup> {
    let backup = &table.backup.as_ref()?.value;
    let kind = table.kind.as_ref().map(|kind| kind.value);
    let dynamodb = matches!(kind, Some(DatabaseKind::DynamodbGlobal | DatabaseKind::DynamodbGlobalStrong));
    let mut interval = presets::or(resolver, &backup.interval, dynamodb.then_some("dynamodb.backup.interval")).0;
    if let Some(point) = &backup.point_in_time {
        if point.value.0 >= interval {
            let message =
                format!("`point_in_time` ({}) adds nothing to restore points {interval} apart", point.value.0);
            let problem = Problem::warning("ignored-key", &point.place, message);
            resolver.report(problem.help("make it shorter than `interval`, or state a longer `interval`"));
        } else {
            interval = point.value.0;
        }
    }
    if let Some(retention) = &backup.retention
        && retention.sound().is_some()
        && backup.interval.sound().is_some()
        && retention.value.0 < interval
    {
        let message = format!("restore points are {interval} apart, but kept for {} only", retention.value.0);
        let problem = Problem::error("retention-below-interval", &retention.place, message);
        resolver.report(problem.help("at times there would be none: keep them for longer than the interval"));
    }
    Some(Backup {
        interval,
        retention: backup.retention.as_ref().map(|retention| retention.value.0),
        restore: backup.restore.value.clone(),
        decision: backup.decision.value.clone(),
    })
}

/// Warns about keys that play no part in this kind of database.
fn ignored(resolver: &mut Resolver, table: &tables::Database) {
    fn stated<T>(given: &Option<Given<T>>) -> Option<&Place> {
        given.as_ref().map(|given| &given.place)
    }
    use DatabaseKind::{DynamodbGlobal, DynamodbGlobalStrong, Managed, Quorum};
    let kind = table.kind.as_ref().map(|kind| kind.value);
    let primary = !kind.is_some_and(DatabaseKind::has_equal_nodes);
    let is = |kinds: &[DatabaseKind]| kind.is_some_and(|kind| kinds.contains(&kind));
    let keys = [
        ("primary", stated(&table.primary), primary),
        ("standby", stated(&table.standby), primary),
        ("replica", stated(&table.replica), primary),
        ("reads", stated(&table.reads), primary),
        ("recreate", stated(&table.recreate), primary),
        ("recreate_elsewhere", stated(&table.recreate_elsewhere), primary),
        ("detection", table.detection.stated().then_some(&table.detection.place), primary),
        ("endpoint_ttl", table.endpoint_ttl.stated().then_some(&table.endpoint_ttl.place), primary),
        ("zones", stated(&table.zones), is(&[Quorum])),
        ("nodes", stated(&table.nodes), is(&[Quorum])),
        ("write_quorum", stated(&table.write_quorum), is(&[Quorum])),
        ("read_quorum", stated(&table.read_quorum), is(&[Quorum, DynamodbGlobalStrong])),
        ("regions", stated(&table.regions), is(&[DynamodbGlobal, DynamodbGlobalStrong])),
        ("lag", stated(&table.lag), is(&[DynamodbGlobal])),
        ("conflict_share", stated(&table.conflict_share), is(&[DynamodbGlobal])),
        ("region", stated(&table.region), is(&[Managed])),
        ("availability", stated(&table.availability), is(&[Managed])),
        ("mean_outage", stated(&table.mean_outage), is(&[Managed])),
    ];
    for (key, place, used) in keys {
        if let Some(place) = place
            && !used
        {
            let problem =
                Problem::warning("ignored-key", place, format!("`{key}` plays no part in this kind of database"));
            resolver.report(problem.help("remove it, or choose another `kind`"));
        }
    }
}

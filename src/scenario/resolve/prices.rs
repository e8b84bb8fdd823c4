//! What a design costs: its parts, counted, at the prices stated or listed.

use super::{Resolver, presets};
use crate::model::{self, Bill, Charge, Database, Design, Nodes, Routing, Upkeep};
use crate::scenario::choices::DatabaseKind;
use crate::scenario::decoder::{Given, Named};
use crate::scenario::problem::Problem;
use crate::scenario::tables::{self, Prices};
use crate::units::{Price, Rate};
use std::collections::BTreeSet;

/// The bill of a design; none where nothing has a price. With `dns.price_per_million` alone it has nothing but DNS queries.
pub fn resolve(resolver: &mut Resolver, design: &Design) -> Option<Bill> {
    let scenario = resolver.scenario;
    let any = scenario.region.iter().any(|it| it.table.price.is_some())
        || scenario.tier.iter().any(|it| it.table.price.is_some())
        || scenario.database.iter().any(|it| it.table.price.is_some())
        || scenario.dependency.iter().any(|it| it.table.price.is_some());
    let prices = scenario.prices.as_ref().map(|prices| &prices.value);
    if prices.is_none() && !any {
        let of_queries = queries(resolver, design, false)?;
        return Some(Bill { currency: "USD".to_owned(), charges: vec![of_queries], downtime: None });
    }
    let mut charges = Vec::new();
    charges.extend(regions(&scenario.region, design));
    for tier in &design.tiers {
        charges.extend(of_tier(resolver, prices, design, tier));
    }
    for database in &design.databases {
        charges.extend(of_database(resolver, prices, design, database));
    }
    for dependency in &design.dependencies {
        let price = find(&scenario.dependency, &dependency.name).and_then(|table| table.price.as_ref());
        charges.extend(price.map(|price| charge(dependency.name.clone(), 1.0, price.value)));
    }
    if let Routing::Dns(dns) = &design.routing {
        let zone = default(resolver, prices.and_then(|it| it.zone.as_ref()), "prices.zone", "price.route53.zone");
        charges.push(charge("DNS name".to_owned(), 1.0, zone));
        if dns.check.is_some() {
            let stated = prices.and_then(|it| it.health_check.as_ref());
            let price = default(resolver, stated, "prices.health_check", "price.route53.health_check");
            charges.push(charge("DNS health checks".to_owned(), dns.record.regions().len() as f64, price));
        }
    }
    charges.extend(queries(resolver, design, true));
    let currency = prices.map_or("USD".to_owned(), |prices| prices.currency.value.0.clone());
    Some(Bill { currency, charges, downtime: prices.and_then(|it| it.downtime.as_ref()).map(|it| it.value) })
}

fn charge(what: String, count: f64, each: Price) -> Charge {
    Charge { what, count, each }
}

fn find<'t, T>(tables: &'t [Named<T>], name: &str) -> Option<&'t T> {
    tables.iter().find(|named| named.name.value == name).map(|named| &named.table)
}

/// The price that is stated, else that of the catalog, which is then assumed.
fn default(resolver: &mut Resolver, stated: Option<&Given<Price>>, path: &str, entry: &str) -> Price {
    presets::optional(resolver, &stated.cloned(), path, Some(entry)).unwrap_or_default()
}

/// Prices of regions by themselves, of those where anything runs.
fn regions(tables: &[Named<tables::Region>], design: &Design) -> Vec<Charge> {
    let priced = design.stacks.iter().filter_map(|stack| {
        let name = &design.regions[stack.region].name;
        let price = find(tables, name)?.price.as_ref()?;
        Some(charge(format!("region {name}"), 1.0, price.value))
    });
    priced.collect()
}

/// Units, and load balancers.
fn of_tier(resolver: &mut Resolver, prices: Option<&Prices>, design: &Design, tier: &model::Tier) -> Vec<Charge> {
    let table = find(&resolver.scenario.tier, &tier.name);
    let regions: BTreeSet<usize> = tier.zones.iter().map(|zone| design.zones[*zone].region).collect();
    let whole = f64::from(match &tier.upkeep {
        Upkeep::Pool { units, spares, .. } => units + spares.as_ref().map_or(0, |spares| spares.count),
        Upkeep::AutoScaling(group) => group.desired,
    });
    // A region that stands by has a share of its units.
    let running = |region: &usize| match &design.routing {
        Routing::Dns(dns) => {
            let standby = dns.standbys.iter().find(|standby| standby.region == *region);
            standby.map_or(whole, |standby| (whole * standby.share.get()).ceil())
        }
        Routing::Direct => whole,
    };
    let units = regions.iter().map(running).sum();
    let each = match table.and_then(|table| table.price.as_ref()) {
        Some(price) => price.value,
        None => default(resolver, prices.and_then(|it| it.unit.as_ref()), "prices.unit", "price.ec2.m5_large"),
    };
    let mut charges = vec![charge(format!("units of {}", tier.name), units, each)];
    if tier.load_balancer.is_some() {
        let stated = prices.and_then(|it| it.load_balancer.as_ref());
        let each = default(resolver, stated, "prices.load_balancer", "price.alb");
        charges.push(charge(format!("load balancers of {}", tier.name), regions.len() as f64, each));
    }
    charges
}

/// Nodes or, where there are none to count, reads and writes.
fn of_database(resolver: &mut Resolver, prices: Option<&Prices>, design: &Design, database: &Database) -> Vec<Charge> {
    use DatabaseKind::{Aurora, AuroraGlobal, DynamodbGlobal, DynamodbGlobalStrong, Managed};
    let table = find(&resolver.scenario.database, &database.name);
    let kind = table.and_then(|table| table.kind.as_ref()).map(|kind| kind.value);
    let stated = table.and_then(|table| table.price.as_ref()).map(|price| price.value);
    let name = &database.name;
    if stated.is_none() && matches!(kind, Some(DynamodbGlobal | DynamodbGlobalStrong)) {
        let regions = match database.quorum.as_ref().map(|quorum| &quorum.nodes) {
            Some(Nodes::Regions(regions)) => regions.len() as f64,
            _ => 1.0,
        };
        let (writes, reads) = (design.demand.writes, design.demand.rate.get() - design.demand.writes.get());
        let entries = [
            ("writes to", "million_writes", "price.dynamodb.writes", writes.get() * regions),
            ("reads of", "million_reads", "price.dynamodb.reads", reads.max(0.0)),
        ];
        return entries
            .map(|(what, key, entry, rate)| {
                let given = prices.and_then(|it| {
                    if key == "million_writes" { &it.million_writes } else { &it.million_reads }.as_ref()
                });
                let each = presets::optional(resolver, &given.cloned(), &format!("prices.{key}"), Some(entry))
                    .unwrap_or_default();
                charge(format!("{what} {name}"), 1.0, per_million(Rate(rate), each))
            })
            .to_vec();
    }
    if stated.is_none() && kind == Some(Managed) {
        return Vec::new();
    }
    let nodes = match &database.quorum {
        Some(quorum) => match &quorum.nodes {
            Nodes::Zones(zones) => zones.len(),
            Nodes::Regions(regions) => regions.len(),
            Nodes::Region(_) | Nodes::Anywhere => 1,
        },
        None => {
            let copies = [database.standby.is_some(), database.second_standby.is_some(), database.replica.is_some()];
            1 + copies.into_iter().filter(|copy| *copy).count()
        }
    };
    let entry = match kind {
        Some(Aurora | AuroraGlobal) => "price.aurora.r6g_large",
        _ => "price.rds.m5_large",
    };
    let each =
        stated.unwrap_or_else(|| default(resolver, prices.and_then(|it| it.node.as_ref()), "prices.node", entry));
    vec![charge(format!("nodes of {name}"), nodes as f64, each)]
}

/// Money over time for things of a price per million.
fn per_million(rate: Rate, price: f64) -> Price {
    Price(rate.get() * 3600.0 * 1e-6 * price)
}

/// What DNS queries cost, where their number is known: with a price that is stated or, on a whole bill, with the one listed.
fn queries(resolver: &mut Resolver, design: &Design, whole: bool) -> Option<Charge> {
    let Routing::Dns(dns) = &design.routing else { return None };
    let asked = Rate(dns.resolvers? / dns.ttl.0);
    let entry = "price.route53.queries";
    let stated = resolver.scenario.dns.as_ref().and_then(|dns| dns.value.price_per_million.as_ref());
    let price = match stated {
        Some(price) => price.value,
        None if whole => presets::optional(resolver, &None, "dns.price_per_million", Some(entry))?,
        None => return None,
    };
    Some(charge("DNS queries".to_owned(), 1.0, per_million(asked, price)))
}

/// Prices below zero, which no bill has.
pub fn check(resolver: &mut Resolver) {
    let Some(prices) = resolver.scenario.prices.as_ref().map(|prices| &prices.value) else { return };
    for given in [&prices.million_writes, &prices.million_reads].into_iter().flatten() {
        if given.sound().is_some_and(|price| !(*price >= 0.0 && price.is_finite())) {
            let problem = Problem::error("out-of-range", &given.place, "a price is 0 or more");
            resolver.report(problem.help("write the price of a million, for example `1.25`"));
        }
    }
}

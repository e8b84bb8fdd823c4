//! DNS: records, health checks, failback and cohorts of clients.

use super::{Resolver, geography::Geography, stacks::Plan, standbys};
use crate::law::Law;
use crate::model::{Checkers, Cohort, Dns, Failback, HealthCheck, Population, Record, RegionId, Routing, Stale};
use crate::scenario::choices::FailbackChoice;
use crate::scenario::decoder::Given;
use crate::scenario::places::{PopulationText, RecordText};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::tables;
use crate::units::{Fraction, Seconds};
use std::collections::BTreeMap;

/// Name of the clients that honour the TTL.
const HONEST: &str = "honest";
/// Most checkers of an endpoint.
const MOST_CHECKERS: u32 = 1_000;
/// Shares that differ from 1 by less are meant to be 1.
const ROUNDING: f64 = 1e-9;

/// The regions that a record names.
pub fn record_regions(dns: &tables::Dns) -> Vec<&Given<String>> {
    match &dns.record.value {
        RecordText::Failover(names) => names.iter().collect(),
        RecordText::Weighted(weights) => weights.iter().map(|(name, _)| name).collect(),
        RecordText::Latency(populations) => {
            let mut names: Vec<&Given<String>> = Vec::new();
            for name in populations.iter().flat_map(|population| &population.prefers) {
                if !names.iter().any(|known| known.value == name.value) {
                    names.push(name);
                }
            }
            names
        }
    }
}

/// How clients reach regions.
pub fn resolve(resolver: &mut Resolver, geography: &Geography, plan: &Plan) -> Routing {
    let scenario = resolver.scenario;
    let Some(dns) = &scenario.dns else {
        if plan.regions.len() > 1 {
            let place = Place { span: scenario.place.span, key: "dns".to_owned() };
            let names: Vec<&str> = plan.regions.iter().map(|region| geography.regions[*region].name.as_str()).collect();
            let message =
                format!("{} regions run a stack, but there is no `[dns]` that sends clients to them", names.len());
            let problem = Problem::error("missing-dns", &place, message);
            let example = format!(
                "`[dns]` with `record = {{ failover = [\"{}\"] }}` and `[dns.health_check]`",
                names.join("\", \"")
            );
            resolver.report(problem.help(format!("add for example {example}")));
        }
        for standby in &scenario.standby {
            let message =
                format!("region `{}` stands by, but there is no `[dns]` to send clients there", standby.name.value);
            let problem = Problem::warning("unused", &standby.name.place, message);
            resolver.report(problem.help("add `[dns]` with a failover record, or remove it"));
        }
        return Routing::Direct;
    };
    let dns = &dns.value;
    let record = record(resolver, geography, plan, dns);
    let check = dns.health_check.as_ref().map(|check| HealthCheck {
        false_positive: check.value.false_positive.value,
        ..check.value.check().resolve(resolver)
    });
    if check.is_none() && matches!(record, Record::Failover(ref regions) if regions.len() > 1) {
        let problem = Problem::error(
            "failover-without-check",
            &dns.record.place,
            "a failover record without `[dns.health_check]` never changes",
        );
        resolver.report(problem.help("add `[dns.health_check]`; it may be empty, for a check every 30s"));
    }
    if check.is_none() || dns.coverage.value == Fraction::ONE {
        resolver.assumptions.retain(|assumption| assumption.key != "dns.manual");
    }
    Routing::Dns(Dns {
        standbys: standbys::resolve(resolver, geography, &record),
        record,
        ttl: dns.ttl.value.0,
        check,
        checkers: checkers(resolver, dns),
        decision: dns.decision.value.clone(),
        coverage: dns.coverage.value,
        manual: dns.manual.value.clone(),
        publish: dns.publish.value.clone(),
        failback: failback(resolver, dns),
        failback_risk: standbys::risk(&dns.failback_risk),
        cohorts: cohorts(resolver, dns),
        resolvers: dns.resolvers.as_ref().map(|given| given.value),
    })
}

fn record(resolver: &mut Resolver, geography: &Geography, plan: &Plan, dns: &tables::Dns) -> Record {
    let mut seen: BTreeMap<RegionId, &Place> = BTreeMap::new();
    let mut regions = Vec::new();
    for name in record_regions(dns) {
        let Some(region) = resolver.lookup("region", name, &geography.region_of) else {
            continue;
        };
        if let Some(first) = seen.insert(region, &name.place) {
            let message = format!("the failover from region `{}` leads to itself", name.value);
            let problem = Problem::error("failover-to-itself", &name.place, message).also(first, "named here first");
            resolver.report(problem.help("name each region once"));
        } else if !plan.regions.contains(&region) && !plan.regions.is_empty() {
            let message = format!("the record names region `{}`, which runs no stack", name.value);
            let problem = Problem::error("dns-without-stack", &name.place, message);
            resolver.report(problem.help("add it to the `regions` of a stack, or take it out of the record"));
        }
        regions.push(region);
    }
    let sound = dns.record.sound().is_some();
    for region in plan.regions.iter().filter(|region| sound && !seen.contains_key(region)) {
        let region = &geography.regions[*region];
        let message =
            format!("region `{}` runs a stack, but the record does not name it: it gets no traffic", region.name);
        let problem = Problem::warning("unused", &dns.record.place, message);
        resolver.report(problem.help("add it to the record, or take it out of the stack"));
    }
    match &dns.record.value {
        RecordText::Failover(_) => Record::Failover(regions),
        RecordText::Weighted(weights) => {
            Record::Weighted(regions.into_iter().zip(weights.iter().map(|(_, weight)| *weight)).collect())
        }
        RecordText::Latency(populations) => Record::Latency(latency(resolver, geography, populations, &regions)),
    }
}

/// Populations whose orders hold all regions: those that one does not name come last, in the order in which the record names them.
fn latency(
    resolver: &mut Resolver,
    geography: &Geography,
    populations: &[PopulationText],
    regions: &[RegionId],
) -> Vec<Population> {
    let total: f64 = populations.iter().map(|population| population.share.value.get()).sum();
    if let Some(last) = populations.last()
        && populations.iter().all(|population| population.share.sound().is_some())
        && (total - 1.0).abs() > ROUNDING
    {
        let shown = (total * 1e6).round() / 1e6;
        let message = format!("the shares of the populations sum to {shown}, not to 1");
        let problem = Problem::error("bad-weights", &last.share.place, message);
        resolver.report(problem.help("every client belongs to one population: make the shares sum to 1"));
    }
    let total = if total > 0.0 { total } else { 1.0 };
    let mut list = Vec::new();
    for population in populations {
        let named = population.prefers.iter().filter_map(|name| geography.region_of.get(&name.value));
        let mut prefers: Vec<RegionId> = Vec::new();
        for (place, region) in named.enumerate() {
            if prefers.contains(region) {
                let given = &population.prefers[place];
                let message = format!("the failover from region `{}` leads to itself", given.value);
                resolver
                    .report(Problem::error("failover-to-itself", &given.place, message).help("name each region once"));
            } else {
                prefers.push(*region);
            }
        }
        let rest: Vec<RegionId> = regions.iter().copied().filter(|region| !prefers.contains(region)).collect();
        prefers.extend(rest);
        let share = Fraction::new(population.share.value.get() / total).unwrap_or(Fraction::ONE);
        list.push(Population { name: population.name.clone(), share, prefers });
    }
    list
}

/// Many checkers, where a law does not replace the rule that needs them.
fn checkers(resolver: &mut Resolver, dns: &tables::Dns) -> Checkers {
    let Some(check) = dns.health_check.as_ref().map(|check| &check.value) else {
        return Checkers { count: 1, healthy_share: Fraction::ZERO };
    };
    let (count, share) = (&check.checkers, &check.healthy_share);
    if count.sound().is_some_and(|count| count.0 > MOST_CHECKERS) {
        let message = format!("{} checkers are more than {MOST_CHECKERS}", count.value.0);
        resolver.report(Problem::error("too-many", &count.place, message).help("Route 53 has about 15 of an endpoint"));
    }
    if share.sound() == Some(&Fraction::ONE) {
        let problem =
            Problem::error("out-of-range", &share.place, "more than all checkers can never say that it is healthy");
        resolver.report(problem.help("write a share below 1, such as `\"18%\"`"));
    }
    if count.value.0 == 1 {
        resolver.assumptions.retain(|assumption| assumption.key != "dns.health_check.healthy_share");
    }
    for law in [&check.detection, &check.recovery].into_iter().flatten().take(1) {
        if count.value.0 > 1 {
            let message = "many checkers follow the rule, which a law of the delay replaces";
            let problem = Problem::error("checkers-beside-law", &count.place, message).also(&law.place, "the law");
            resolver.report(problem.help("leave out `checkers`, or `detection` and `recovery`"));
        }
        let errs = &check.false_positive;
        if errs.value > Fraction::ZERO {
            let message = "checks that err follow the rule, which a law of the delay replaces";
            let problem = Problem::error("checkers-beside-law", &errs.place, message).also(&law.place, "the law");
            resolver.report(problem.help("leave out `false_positive`, or `detection` and `recovery`"));
        }
    }
    Checkers { count: count.value.0.min(MOST_CHECKERS), healthy_share: share.value }
}

fn failback(resolver: &mut Resolver, dns: &tables::Dns) -> Failback {
    let choice = dns.failback.value;
    if let Some(after) = &dns.failback_after
        && choice != FailbackChoice::Manual
        && dns.failback.sound().is_some()
    {
        let problem = Problem::warning(
            "ignored-key",
            &after.place,
            "`failback_after` plays no part without `failback = \"manual\"`",
        );
        resolver.report(problem.help("an automatic failback waits for `stability`"));
    }
    if dns.stability.stated() && choice != FailbackChoice::Automatic && dns.failback.sound().is_some() {
        let problem = Problem::warning(
            "ignored-key",
            &dns.stability.place,
            "`stability` plays no part without `failback = \"automatic\"`",
        );
        resolver.report(problem.help("a manual failback waits for `failback_after`"));
    }
    match (choice, &dns.failback_after) {
        (FailbackChoice::Automatic, _) => Failback::Automatic(dns.stability.value.clone()),
        (FailbackChoice::Never, _) => Failback::Never,
        (FailbackChoice::Manual, Some(after)) => Failback::Manual(after.value.clone()),
        (FailbackChoice::Manual, None) => {
            let problem =
                Problem::error("missing-key", &dns.failback.place, "`failback = \"manual\"` needs `failback_after`");
            resolver.report(problem.help("say how long people wait, for example `failback_after = \"1h\"`"));
            Failback::Manual(Law::Fixed(0.0))
        }
    }
}

fn cohorts(resolver: &mut Resolver, dns: &tables::Dns) -> Vec<Cohort> {
    let ttl = dns.ttl.value.0;
    let longest =
        |values: [Option<Seconds>; 2]| values.into_iter().flatten().fold(ttl, |a, b| if b > a { b } else { a });
    let mut list: Vec<Cohort> = Vec::new();
    let mut names: BTreeMap<&str, &Place> = BTreeMap::new();
    let mut sum = 0.0;
    let mut sound = true;
    for cohort in &dns.cohort {
        let name = cohort.name.value.0.as_str();
        if cohort.name.sound().is_some()
            && let Some(first) = names.insert(name, &cohort.name.place)
        {
            let problem =
                Problem::error("duplicate-name", &cohort.name.place, format!("a cohort `{name}` exists already"));
            resolver.report(problem.also(first, "the first one").help("give each cohort its own name"));
        }
        if let (Some(stale), Some(restart)) = (&cohort.stale, &cohort.restart) {
            let problem = Problem::error(
                "two-stale-times",
                &stale.place,
                format!("the cohort `{name}` has both `stale` and `restart`"),
            );
            resolver.report(
                problem
                    .also(&restart.place, "the other one")
                    .help("both say how long an expired answer is kept: leave one out"),
            );
        }
        sound &= cohort.share.sound().is_some();
        sum += cohort.share.value.get();
        list.push(Cohort {
            name: name.to_owned(),
            share: cohort.share.value,
            ttl: longest([
                cohort.min_ttl.as_ref().map(|given| given.value),
                cohort.pool_lifetime.as_ref().map(|given| given.value),
            ]),
            stale: match (&cohort.restart, &cohort.stale) {
                (Some(restart), _) => Stale::Exponential(restart.value.0),
                (None, Some(stale)) => stale.value,
                (None, None) => Stale::None,
            },
        });
    }
    if sound && sum > 1.0 + ROUNDING {
        let place = dns.cohort.last().map_or(&dns.place, |cohort| &cohort.share.place);
        let shown = (sum * 1e6).round() / 1e6;
        let problem = Problem::error(
            "shares-above-one",
            place,
            format!("the shares of the cohorts sum to {shown}, which is more than 1"),
        );
        resolver
            .report(problem.help("lower them; what they leave of 1 honours the TTL and needs no cohort of its own"));
    }
    // Clients that no cohort covers honour the TTL; a cohort with a share of 0 does nothing.
    if sum < 1.0 - ROUNDING {
        let taken = |name: &str| list.iter().any(|cohort| cohort.name == name);
        let name = if taken(HONEST) { "others" } else { HONEST };
        let name = if taken(name) { "all others" } else { name };
        let share = Fraction::new(1.0 - sum).unwrap_or(Fraction::ZERO);
        list.push(Cohort { name: name.to_owned(), share, ttl, stale: Stale::None });
    } else if let (Some(last), true) = (list.last().map(|cohort| cohort.share.get()), sum != 1.0)
        && let (Some(share), Some(cohort)) = (Fraction::new(last + 1.0 - sum), list.last_mut())
    {
        cohort.share = share;
    }
    list.retain(|cohort| cohort.share.get() > 0.0);
    list
}

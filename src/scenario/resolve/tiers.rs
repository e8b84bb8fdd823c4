//! Tiers: units, zones, upkeep and load balancers.

use super::{Resolver, geography::Geography, stacks::Plan};
use crate::model::{self, CheckType, RegionId, Tier, Upkeep, ZoneId};
use crate::scenario::choices::OverloadChoice;
use crate::scenario::decoder::{Given, Named};
use crate::scenario::places::ZoneChoice;
use crate::scenario::problem::Problem;
use crate::scenario::tables;
use std::collections::BTreeSet;

/// Most units of a tier in a region.
const MOST_UNITS: u32 = 1_000_000;

/// The tiers that are used, sorted by name.
pub fn resolve(resolver: &mut Resolver, geography: &Geography, plan: &Plan) -> Vec<Tier> {
    let scenario = resolver.scenario;
    let mut list = Vec::new();
    for Named { name, table, .. } in &scenario.tier {
        let none = BTreeSet::new();
        let regions = plan.tier_regions.get(&name.value).unwrap_or(&none);
        let zones = zones(resolver, geography, regions, &name.value, table);
        let overload = overload(resolver, &name.value, table);
        let load_balancer = table.load_balancer.as_ref().map(|balancer| model::LoadBalancer {
            check: model::HealthCheck {
                false_positive: balancer.value.false_positive.value,
                ..balancer.value.check().resolve(resolver)
            },
            cross_zone: balancer.value.cross_zone.value,
            zone_ttl: balancer.value.zone_ttl.value,
            zonal_shift: balancer.value.zonal_shift.as_ref().map(|shift| model::ZonalShift {
                detection: shift.value.detection.value.clone(),
                decision: shift.value.decision.value.clone(),
                duration: shift.value.duration.value.clone(),
                return_after: shift.value.return_after.value.clone(),
            }),
            overload,
        });
        let upkeep = upkeep(resolver, &name.value, table);
        if let Some(upkeep) = upkeep
            && plan.tiers.contains_key(&name.value)
        {
            list.push(Tier {
                name: name.value.clone(),
                zones,
                capacity: table.capacity.as_ref().map(|capacity| capacity.value),
                required: table.required.value.0,
                upkeep,
                load_balancer,
            });
        }
    }
    list.sort_by(|a, b| a.name.cmp(&b.name));
    list
}

/// The limit above which overload fails checks, if it does.
fn overload(resolver: &mut Resolver, name: &str, table: &tables::Tier) -> Option<f64> {
    let limit = table.overload_limit.value;
    if table.overload.value == OverloadChoice::Shed {
        if table.overload_limit.stated() && table.overload.sound().is_some() {
            let problem =
                Problem::warning("ignored-key", &table.overload_limit.place, "a tier that sheds has no limit");
            resolver.report(problem.help("write `overload = \"fail_checks\"`, or remove `overload_limit`"));
        }
        return None;
    }
    if table.capacity.is_none() || table.load_balancer.is_none() {
        let missing = if table.capacity.is_none() { "capacity" } else { "load_balancer" };
        let message = format!("overload cannot fail the checks of the tier `{name}`, which has no `{missing}`");
        let problem = Problem::error("overload-without-check", &table.overload.place, message);
        resolver.report(problem.help(format!("add `{missing}`, or remove `overload`")));
    }
    if table.overload_limit.sound().is_some() && !(limit > 0.0 && limit.is_finite()) {
        let message = format!("the limit of the tier `{name}` is not above 0");
        let problem = Problem::error("out-of-range", &table.overload_limit.place, message);
        resolver.report(problem.help("1 means at full capacity"));
    }
    Some(limit)
}

/// Zones of a tier in the regions that run it.
fn zones(
    resolver: &mut Resolver,
    geography: &Geography,
    regions: &BTreeSet<RegionId>,
    name: &str,
    table: &tables::Tier,
) -> Vec<ZoneId> {
    let all =
        |limit: usize| regions.iter().flat_map(|region| geography.regions[*region].zones.clone().take(limit)).collect();
    match &table.zones {
        None => all(usize::MAX),
        Some(Given { value: ZoneChoice::First(count), place, origin: _ }) => {
            let count = usize::try_from(*count).unwrap_or(usize::MAX);
            let short =
                regions.iter().map(|region| &geography.regions[*region]).find(|region| region.zones.len() < count);
            if let Some(region) = short
                && count < usize::try_from(u32::MAX).unwrap_or(usize::MAX)
            {
                let message = format!(
                    "the tier `{name}` wants {count} zones, but region `{}` has {}",
                    region.name,
                    region.zones.len()
                );
                let problem = Problem::error("too-many-zones", place, message).also(&region.place, "this region");
                resolver.report(problem.help("add zones to the region, or use fewer"));
            }
            all(count)
        }
        Some(Given { value: ZoneChoice::Names(names), place, .. }) => {
            let mut chosen = BTreeSet::new();
            for zone in names {
                let Some(id) = resolver.lookup("zone", zone, &geography.zone_of) else {
                    continue;
                };
                if !chosen.insert(id) {
                    let problem =
                        Problem::error("duplicate-name", &zone.place, format!("zone `{}` is named twice", zone.value));
                    resolver.report(problem.help("leave one out"));
                } else if !regions.is_empty() && !regions.contains(&geography.zones[id].region) {
                    let message = format!(
                        "the tier `{name}` does not run in region `{}` of this zone",
                        geography.region_name(id)
                    );
                    let problem = Problem::warning("unused", &zone.place, message);
                    resolver.report(
                        problem.help("no stack of that region requires the tier; remove the zone or extend the stack"),
                    );
                }
            }
            for region in regions {
                let here = geography.regions[*region].zones.clone();
                if names.iter().all(|name| geography.zone_of.contains_key(&name.value))
                    && !here.clone().any(|zone| chosen.contains(&zone))
                {
                    let message = format!(
                        "the tier `{name}` has no zone in region `{}`, where a stack requires it",
                        geography.regions[*region].name
                    );
                    let problem = Problem::error("tier-without-zone", place, message);
                    resolver
                        .report(problem.help("add a zone of that region, or write a number of zones instead of names"));
                }
            }
            chosen.into_iter().filter(|zone| regions.contains(&geography.zones[*zone].region)).collect()
        }
    }
}

fn upkeep(resolver: &mut Resolver, name: &str, table: &tables::Tier) -> Option<Upkeep> {
    match (&table.pool, &table.auto_scaling) {
        (Some(pool), Some(group)) => {
            let message = format!("the tier `{name}` has both `pool` and `auto_scaling`");
            let problem = Problem::error("two-upkeeps", &group.place, message).also(&pool.place, "the other one");
            resolver.report(problem.help("keep one: a pool repairs its units, auto scaling replaces them"));
            None
        }
        (None, None) => {
            let message = format!("the tier `{name}` does not say how many units it has");
            let problem =
                Problem::error("missing-upkeep", &table.place, message).label("`pool` or `auto_scaling` is missing");
            resolver.report(problem.help("add `pool = { units = 2 }` or `auto_scaling = { desired = 2 }`"));
            None
        }
        (Some(pool), None) => {
            let units = pool.value.units.sound().map(|units| units.0);
            enough(resolver, name, table, units, "units");
            if let (Some(units), place) = (units, &pool.value.units.place) {
                not_too_many(resolver, units, place);
            }
            Some(Upkeep::Pool {
                units: pool.value.units.value.0,
                crews: pool.value.crews.as_ref().map(|crews| crews.value.0),
                replacement: pool.value.replacement.value.clone(),
                spares: pool.value.spares.as_ref().map(|spares| {
                    not_too_many(resolver, spares.value.count.value.0, &spares.value.count.place);
                    model::Spares {
                        count: spares.value.count.value.0,
                        dormant: spares.value.dormant.value,
                        switch_over: spares.value.switch_over.value.clone(),
                        coverage: spares.value.coverage.value,
                    }
                }),
            })
        }
        (None, Some(group)) => Some(Upkeep::AutoScaling(auto_scaling(resolver, name, table, &group.value))),
    }
}

/// `required` must be possible.
fn enough(resolver: &mut Resolver, name: &str, table: &tables::Tier, units: Option<u32>, key: &str) {
    if let (Some(units), Some(required)) = (units, table.required.sound())
        && required.0 > units
    {
        let message = format!("the tier `{name}` requires {} healthy units, but has {units} in a region", required.0);
        let place = &table.required.place;
        let problem = Problem::error("required-above-units", place, message);
        resolver.report(problem.help(format!("it would never serve: lower `required` or raise `{key}`")));
    }
}

fn not_too_many(resolver: &mut Resolver, units: u32, place: &crate::scenario::problem::Place) {
    if units > MOST_UNITS {
        let problem =
            Problem::error("too-many", place, format!("{units} units in a region are more than {MOST_UNITS}"));
        resolver.report(
            problem.help("model a unit as a group of machines, with their `capacity` and failure rate together"),
        );
    }
}

fn auto_scaling(
    resolver: &mut Resolver,
    name: &str,
    table: &tables::Tier,
    group: &tables::AutoScaling,
) -> model::AutoScaling {
    let desired = group.desired.value.0;
    let min = group.min.as_ref().map_or(desired, |min| min.value);
    let max = group.max.as_ref().map_or(desired, |max| max.value);
    let stated = |given: &Option<Given<u32>>| given.as_ref().is_none_or(|given| given.sound().is_some());
    let size = group.desired.sound().map(|desired| desired.0);
    enough(resolver, name, table, size, "desired");
    if let Some(size) = size {
        not_too_many(resolver, size, &group.desired.place);
    }
    if size.is_some() && stated(&group.min) && stated(&group.max) {
        let wrong = if min > max && group.min.is_some() {
            Some((
                group.min.as_ref().map_or(&group.place, |min| &min.place),
                format!("`min` ({min}) is above `max` ({max})"),
            ))
        } else if desired < min {
            Some((&group.desired.place, format!("`desired` ({desired}) is below `min` ({min})")))
        } else if desired > max {
            Some((&group.desired.place, format!("`desired` ({desired}) is above `max` ({max})")))
        } else {
            None
        };
        if let Some((place, message)) = wrong {
            resolver.report(
                Problem::error("bad-size", place, message).help("sizes must be in the order min, desired, max"),
            );
        }
    }
    let check = group.check.value;
    if check == CheckType::Elb && group.check.sound().is_some() && table.load_balancer.is_none() {
        let message = format!("`check = \"elb\"` asks a load balancer, but the tier `{name}` has none");
        let problem = Problem::error("elb-without-load-balancer", &group.check.place, message);
        resolver.report(problem.help(format!("add `[tier.{name}.load_balancer]`, or write `check = \"ec2\"`")));
    }
    let path = group.place.key.clone();
    let ignored = match check {
        CheckType::Elb => format!("{path}.status_check."),
        CheckType::Ec2 => format!("{path}.grace"),
    };
    // A default that plays no part is no assumption.
    resolver.assumptions.retain(|assumption| !assumption.key.starts_with(&ignored));
    if check == CheckType::Ec2 && group.grace.stated() {
        let problem =
            Problem::warning("ignored-key", &group.grace.place, "`grace` plays no part with `check = \"ec2\"`");
        resolver.report(
            problem.help("only verdicts of a load balancer wait for it: write `check = \"elb\"`, or remove `grace`"),
        );
    }
    model::AutoScaling {
        min,
        desired,
        max,
        check,
        grace: group.grace.value,
        status_check: group.status_check.check().resolve(resolver),
        terminate: group.terminate.value.clone(),
        launch: group.launch.value.clone(),
        boot: group.boot.value.clone(),
        launch_failure: group.launch_failure.value,
        retry: group.retry.value.clone(),
    }
}

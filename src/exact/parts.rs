//! Parts of a design by themselves: where the whole has no exact answer, a tier in its zones, a database, a dependency or a region may have one.
//!
//! A part gets all requests, and only what it depends on can fail. Then what still stands in the way is set aside, mechanism by mechanism,
//! until there is an answer; laws that are not made of phases are made exponential first.

use super::simpler::simpler_than;
use super::site::{Part, Site};
use super::{Answer, Budget, Obstacle, answer_within};
use crate::model::{
    Client, Dependency, Design, Effect, FailureMode, Need, Retry, Routing, Scope, Stack, Touches, Upkeep,
};
use crate::units::Fraction;

/// What the answer of one part may cost.
const BUDGET: Budget = Budget { states: 20_000, work: 5e8 };
/// Mechanisms that are set aside one after the other at most.
const MOST_SET_ASIDE: usize = 64;

/// A design reduced to one of its parts.
#[derive(Debug, Clone)]
pub struct Reduced {
    /// What it is, e.g. `tier.web in us-east-1`.
    pub name: String,
    /// The design as it was answered, to be simulated beside the answer.
    pub design: Design,
    /// Its exact answer; else what stands in the way and cannot be set aside.
    pub answer: Result<Answer, Vec<Obstacle>>,
    /// Mechanisms that were set aside.
    pub set_aside: Vec<Obstacle>,
    /// Laws that were replaced.
    pub changes: Vec<Obstacle>,
}

/// The parts of a design that get requests, and the regions they stand in, each by itself.
#[must_use]
pub fn parts(design: &Design) -> Vec<Reduced> {
    let site = Site::new(design);
    let mut found: Vec<Reduced> = site.parts.iter().filter_map(|part| alone(&site, *part)).map(answered).collect();
    let mut regions: Vec<usize> = site.stacks.iter().map(|stack| stack.region).collect();
    regions.sort_unstable();
    regions.dedup();
    found.extend(regions.into_iter().filter_map(|region| empty(design, region)).map(answered));
    found
}

/// The design reduced to a part, with what can take that down; none if nothing can.
fn alone(site: &Site, part: Part) -> Option<Reduced> {
    let design = site.design;
    let region_of = |zone: usize| design.zones[zone].region;
    let (need, region, zones, name) = match part {
        Part::Fleet { tier, region } => {
            let zones = site.zones_of(tier, region).into_iter().map(|(zone, _)| zone).collect();
            let name = format!("tier.{} in {}", design.tiers[tier].name, design.regions[region].name);
            (Need::Tier(tier), region, zones, name)
        }
        Part::Database(index) => {
            let name = format!("database.{}", design.databases[index].name);
            let region = site.stands_of(index).first().and_then(|stand| site.region_of(*stand));
            let region = region.or_else(|| site.stacks.first().map(|stack| stack.region))?;
            (Need::Database(index), region, site.reach_of(index), name)
        }
        Part::Copy { database, region } => {
            let name = format!("database.{} in {}", design.databases[database].name, design.regions[region].name);
            (Need::Database(database), region, Vec::new(), name)
        }
        Part::Dependency(index) => {
            let dependency = &design.dependencies[index];
            let region = dependency.region.or_else(|| site.stacks.first().map(|stack| stack.region))?;
            (Need::Dependency(index), region, Vec::new(), format!("dependency.{}", dependency.name))
        }
    };
    let index = match part {
        Part::Database(index) | Part::Copy { database: index, .. } => Some(index),
        Part::Fleet { .. } | Part::Dependency(_) => None,
    };
    let regions: Vec<usize> = match (index, part) {
        (Some(index), _) => site.stands_of(index).into_iter().filter_map(|stand| site.region_of(stand)).collect(),
        (None, Part::Dependency(index)) => design.dependencies[index].region.into_iter().collect(),
        _ => zones.iter().map(|zone| region_of(*zone)).collect(),
    };
    let touches = |scope: &Scope| match (scope, part) {
        (Scope::Unit(its), Part::Fleet { tier, .. }) => *its == tier,
        (Scope::Tier(its, at), Part::Fleet { tier, region }) => (*its, *at) == (tier, region),
        (Scope::Node(its), _) => Some(*its) == index,
        (Scope::Dependency(its), Part::Dependency(index)) => *its == index,
        (Scope::Zones(its), _) => its.iter().any(|zone| zones.contains(zone)),
        (Scope::Regions(its), _) => its.iter().any(|region| regions.contains(region)),
        (Scope::ControlPlanes(its), Part::Fleet { .. } | Part::Database(_)) => {
            its.iter().any(|region| regions.contains(region))
        }
        (Scope::GlobalControlPlane, Part::Fleet { .. } | Part::Database(_)) => true,
        (Scope::Global, part) => !matches!(part, Part::Dependency(_)),
        _ => false,
    };
    let mut reduced = only(design, region, need, touches);
    reduced.changes.retain(|change| match (&change.touches, part) {
        (Touches::Tier(its), Part::Fleet { tier, .. }) => *its == tier,
        (Touches::Database(its), _) => Some(*its) == index,
        (Touches::Regions(its), Part::Fleet { .. } | Part::Database(_) | Part::Copy { .. }) => its.contains(&region),
        (Touches::Everything, Part::Fleet { .. } | Part::Database(_) | Part::Copy { .. }) => true,
        _ => false,
    });
    reduced.maintenance.retain(|window| window.scopes.iter().any(touches));
    if let Part::Dependency(index) = part {
        // A share of the requests that calls it, and none waits for another.
        let it = &mut reduced.dependencies[index];
        if it.client.pool.is_none() {
            it.cost = Fraction::new(it.cost.get() * it.client.share.get()).unwrap_or(it.cost);
            it.client = Client { timeout: it.client.timeout, ..Client::default() };
        }
    }
    let fails = !reduced.failures.is_empty() || !reduced.changes.is_empty() || !reduced.maintenance.is_empty();
    fails.then(|| Reduced {
        name,
        design: reduced,
        answer: Err(Vec::new()),
        set_aside: Vec::new(),
        changes: Vec::new(),
    })
}

/// A region in which nothing fails but the region itself; none if it does not.
fn empty(design: &Design, region: usize) -> Option<Reduced> {
    let steady = Dependency {
        name: "everything in it".to_owned(),
        region: Some(region),
        cost: Fraction::ONE,
        client: Client::default(),
        retry: Retry::default(),
        breaker: None,
        overload: None,
    };
    let covers = |scope: &Scope| match scope {
        Scope::Regions(regions) => regions.contains(&region),
        Scope::Global => true,
        _ => false,
    };
    let mut reduced = only(design, region, Need::Dependency(0), covers);
    (reduced.dependencies, reduced.changes, reduced.maintenance) = (vec![steady], Vec::new(), Vec::new());
    let name = format!("region {}", design.regions[region].name);
    let fails = !reduced.failures.is_empty();
    fails.then(|| Reduced {
        name,
        design: reduced,
        answer: Err(Vec::new()),
        set_aside: Vec::new(),
        changes: Vec::new(),
    })
}

/// All requests to one need in a region, and these failures.
fn only(design: &Design, region: usize, need: Need, covers: impl Fn(&Scope) -> bool) -> Design {
    let mut reduced = design.clone();
    reduced.stacks = vec![Stack { region, requires: need }];
    reduced.routing = Routing::Direct;
    reduced.sessions = None;
    reduced.failures.retain(|mode| covers(&mode.scope));
    reduced
}

/// Sets aside what stands in the way until there is an answer.
fn answered(mut part: Reduced) -> Reduced {
    while part.set_aside.len() < MOST_SET_ASIDE {
        let in_the_way = match answer_within(&part.design, BUDGET) {
            Ok(answer) => {
                part.answer = Ok(answer);
                return part;
            }
            Err(in_the_way) => in_the_way,
        };
        let still = match simpler_than(&part.design, in_the_way, BUDGET) {
            Ok(variant) => {
                (part.design, part.changes, part.answer) = (variant.design, variant.changes, Ok(variant.answer));
                return part;
            }
            Err(still) => still,
        };
        let before = part.set_aside.len();
        for obstacle in still.iter().cloned() {
            if let Some(key) = set_aside(&mut part.design, &obstacle.key) {
                part.set_aside.push(Obstacle { key, ..obstacle });
            }
        }
        if part.set_aside.len() == before {
            part.answer = Err(still);
            return part;
        }
    }
    part
}

/// Takes a mechanism out of a design, by the key of what stands in the way; with the key of what was taken out.
fn set_aside(design: &mut Design, key: &str) -> Option<String> {
    let is = |table: &str, name: &str, what: &str| key == format!("{table}.{name}.{what}");
    if let Some(mode) = design.failures.iter_mut().find(|mode| key == format!("failure.{}.age", mode.name)) {
        mode.age = None;
        return Some(key.to_owned());
    }
    let modes = design.failures.len();
    design.failures.retain(|mode| !key.starts_with(&format!("failure.{}.", mode.name)));
    if design.failures.len() < modes {
        return Some(key.to_owned());
    }
    let changes = design.changes.len() + design.maintenance.len();
    design.changes.retain(|change| key != format!("change.{}", change.name));
    design.maintenance.retain(|window| key != format!("maintenance.{}", window.name));
    if design.changes.len() + design.maintenance.len() < changes {
        return Some(key.to_owned());
    }
    if key == "demand.profile" {
        design.demand.profile.clear();
        return Some(key.to_owned());
    }
    // Too many states: first what takes the data of nodes, then what only holds back launches and promotions, then one kind of place after
    // the other.
    if key == "tier" {
        return fewer_places(design);
    }
    for dependency in &mut design.dependencies {
        let name = dependency.name.clone();
        match () {
            () if is("dependency", &name, "breaker") => dependency.breaker = None,
            () if is("dependency", &name, "retry") => dependency.retry = Retry::default(),
            () if is("dependency", &name, "overload") => dependency.overload = None,
            () if is("dependency", &name, "client") => {
                dependency.cost =
                    Fraction::new(dependency.cost.get() * dependency.client.share.get()).unwrap_or(dependency.cost);
                dependency.client = Client::default();
            }
            () => continue,
        }
        return Some(key.to_owned());
    }
    for database in &mut design.databases {
        let name = database.name.clone();
        match () {
            () if is("database", &name, "standby.broken") => database.standby.as_mut()?.broken = None,
            () if is("database", &name, "replica.broken") => database.replica.as_mut()?.broken = None,
            () if is("database", &name, "replica.failback_risk") => database.replica.as_mut()?.failback_risk = None,
            // Without the people who would have to decide, the replica is of no use.
            () if key.starts_with(&format!("database.{name}.replica.")) => database.replica = None,
            () => continue,
        }
        return Some(key.to_owned());
    }
    for tier in &mut design.tiers {
        let name = tier.name.clone();
        match (&mut tier.load_balancer, &mut tier.upkeep) {
            (Some(it), _) if is("tier", &name, "load_balancer.false_positive") => {
                it.check.false_positive = Fraction::ZERO
            }
            (Some(it), _) if is("tier", &name, "load_balancer.zonal_shift") => it.zonal_shift = None,
            (Some(it), _) if is("tier", &name, "load_balancer.overload") => it.overload = None,
            (_, Upkeep::AutoScaling(group)) if is("tier", &name, "auto_scaling.status_check.false_positive") => {
                group.status_check.false_positive = Fraction::ZERO;
            }
            (_, Upkeep::Pool { spares, .. }) if is("tier", &name, "pool.spares") => *spares = None,
            (_, Upkeep::AutoScaling(_)) if key == format!("tier.{name}.auto_scaling") => {
                return without(design, is_zone);
            }
            _ => continue,
        }
        return Some(key.to_owned());
    }
    None
}

fn is_zone(mode: &FailureMode) -> bool {
    matches!(mode.scope, Scope::Zones(_))
}

/// Takes out the least kind of failures that there are.
fn fewer_places(design: &mut Design) -> Option<String> {
    let controls = |mode: &FailureMode| matches!(mode.scope, Scope::ControlPlanes(_) | Scope::GlobalControlPlane);
    let regions = |mode: &FailureMode| matches!(mode.scope, Scope::Regions(_) | Scope::Global);
    let disks = |mode: &FailureMode| mode.effect == Effect::Kill && matches!(mode.scope, Scope::Node(_));
    without(design, disks)
        .or_else(|| without(design, controls))
        .or_else(|| without(design, regions))
        .or_else(|| without(design, is_zone))
}

/// Takes out some failure modes; with their keys, if there are any.
fn without(design: &mut Design, out: impl Fn(&FailureMode) -> bool) -> Option<String> {
    let keys: Vec<String> =
        design.failures.iter().filter(|mode| out(mode)).map(|mode| format!("failure.{}", mode.name)).collect();
    design.failures.retain(|mode| !out(mode));
    (!keys.is_empty()).then(|| keys.join(", "))
}

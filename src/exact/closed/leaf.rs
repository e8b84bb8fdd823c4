//! A part of a design by itself, or why it is not by itself.

use super::{Leaf, Seat, Takes};
use crate::exact::Obstacle;
use crate::exact::chance::Alternating;
use crate::exact::site::{Part, Site, Stand, all_alternating, mean_detection, units};
use crate::model::{CheckType, Effect, FailureMode, Quorum, Symptom, Upkeep, ZoneId};
use crate::units::Seconds;

/// Zones of one tier that are conditioned on at most.
const MOST_ZONES: usize = 16;
/// Units of one tier in a region at most.
const MOST_UNITS: u32 = 4_000;

/// Zones that cover this part alone belong to it; others are conditioned on, and here never fail.
fn seats(site: &Site, part: Part, zones: &[(ZoneId, u32)]) -> Vec<Seat> {
    let stands_in = |other: Part, zone: ZoneId| match other {
        Part::Fleet { tier, region } => site.zones_of(tier, region).iter().any(|(its, _)| *its == zone),
        Part::Database(database) => site.nodes_of(database).contains(&zone),
        Part::Copy { .. } | Part::Dependency(_) => false,
    };
    let seat = |(zone, units): &(ZoneId, u32)| {
        let shared = site.parts.iter().any(|other| *other != part && stands_in(*other, *zone));
        let own = if shared { Vec::new() } else { all_alternating(&site.of_zone(*zone)) };
        Seat { stand: Stand::Zone(*zone), region: site.region_of(Stand::Zone(*zone)), own, units: *units }
    };
    zones.iter().map(seat).collect()
}

/// A part by itself, or why it is not by itself.
pub(super) fn leaf(site: &Site, part: Part, notes: &mut Vec<String>) -> Result<Leaf, Vec<Obstacle>> {
    let design = site.design;
    let own = all_alternating(&site.of_part(part));
    let empty = Leaf {
        own,
        spared: 0.0,
        region: None,
        seats: Vec::new(),
        unit: Vec::new(),
        crews: None,
        takes: Takes::All(0),
        capacity: f64::INFINITY,
    };
    match part {
        Part::Dependency(index) => {
            let dependency = &design.dependencies[index];
            Ok(Leaf { spared: 1.0 - dependency.cost.get(), region: dependency.region, ..empty })
        }
        Part::Database(index) | Part::Copy { database: index, .. } => match &design.databases[index].quorum {
            Some(quorum) => equal_nodes(site, part, (index, quorum), empty),
            None => database(site, part, index, empty),
        },
        Part::Fleet { tier, region } => fleet(site, part, (tier, region), empty, notes),
    }
}

fn database(site: &Site, part: Part, index: usize, empty: Leaf) -> Result<Leaf, Vec<Obstacle>> {
    let database = &site.design.databases[index];
    let key = format!("database.{}", database.name);
    let nodes = site.of_nodes(index);
    let home = database.primary;
    let region = site.design.zones[home].region;
    let around = || site.of_zone(home).into_iter().chain(site.of_region(region)).chain(site.of_all());
    let fails = nodes.iter().copied().chain(around()).next().is_some();
    if !fails {
        let seat = Seat { stand: Stand::Zone(home), region: None, own: Vec::new(), units: 1 };
        return Ok(Leaf { seats: vec![seat], takes: Takes::All(1), ..empty });
    }
    let mut obstacles = Vec::new();
    for (copy, name) in [(&database.standby, "standby"), (&database.replica, "replica")] {
        if copy.is_some() {
            obstacles.push(Obstacle::new(
                format!("{key}.{name}"),
                "a copy takes over in stages, which depend on where the last failover left the roles",
            ));
        }
    }
    if database.storage.is_some() {
        let why = "a new node is made where the old one is lost, whose processes are new, too";
        obstacles.push(Obstacle::new(format!("{key}.recreate"), why));
    }
    obstacles.extend(killers(nodes.iter().copied().chain(around())));
    if !obstacles.is_empty() {
        return Err(obstacles);
    }
    let seats = seats(site, part, &[(home, 1)]);
    Ok(Leaf { own: all_alternating(&nodes), seats, region: Some(region), takes: Takes::All(1), ..empty })
}

/// Equal nodes that lose no data: how many are alive is all that matters, beside the copy of the stack's own region where there is one.
fn equal_nodes(site: &Site, part: Part, (index, quorum): (usize, &Quorum), empty: Leaf) -> Result<Leaf, Vec<Obstacle>> {
    let key = format!("database.{}", site.design.databases[index].name);
    let stands = site.stands_of(index);
    let mut around = site.of_all();
    for stand in &stands {
        if let Stand::Zone(zone) = stand {
            around.extend(site.of_zone(*zone));
        }
        site.region_of(*stand).into_iter().for_each(|region| around.extend(site.of_region(region)));
    }
    let nodes = site.of_nodes(index);
    let mut obstacles = killers(nodes.iter().copied().chain(around));
    obstacles.dedup();
    let needed = [quorum.read, quorum.write];
    if let Part::Copy { .. } = part
        && needed != [1, 1]
        && site.parts.iter().filter(|other| other.is_of(index)).count() > 1
    {
        let why = "stacks of several regions are each served by their own copy, and those need each other";
        obstacles.push(Obstacle::new(format!("{key}.kind"), why));
    }
    let mut zones: Vec<(ZoneId, u32)> = Vec::new();
    for zone in site.nodes_of(index) {
        match zones.iter_mut().find(|(known, _)| *known == zone) {
            Some((_, count)) => *count += 1,
            None => zones.push((zone, 1)),
        }
    }
    if zones.len() > MOST_ZONES {
        obstacles.push(Obstacle::new(format!("{key}.zones"), format!("at most {MOST_ZONES} zones are conditioned on")));
    }
    if !obstacles.is_empty() {
        return Err(obstacles);
    }
    let modes = all_alternating(&nodes);
    Ok(match part {
        Part::Copy { region, .. } => {
            let seat = |region: usize| {
                let stand = Stand::Region(region);
                Seat { stand, region: Some(region), own: Vec::new(), units: 1 }
            };
            let others = stands.iter().filter_map(|stand| site.region_of(*stand)).filter(|other| *other != region);
            let needed = needed.map(|needed| needed.saturating_sub(1));
            // Where each is enough by itself, the others do not matter.
            let seats = if needed == [0, 0] { Vec::new() } else { others.map(seat).collect() };
            Leaf { own: modes.clone(), unit: modes, region: Some(region), seats, takes: Takes::Each(needed), ..empty }
        }
        _ if zones.is_empty() => {
            let region = stands.first().and_then(|stand| site.region_of(*stand));
            Leaf { own: modes, region, ..empty }
        }
        _ => Leaf { unit: modes, seats: seats(site, part, &zones), takes: Takes::Each(needed), ..empty },
    })
}

/// Modes whose effect is to kill.
fn killers<'a>(modes: impl Iterator<Item = &'a FailureMode>) -> Vec<Obstacle> {
    modes
        .filter(|mode| mode.effect == Effect::Kill)
        .map(|mode| {
            Obstacle::new(
                format!("failure.{}.effect", mode.name),
                "what it kills is new after its replacement, so parts depend on the past of the place",
            )
        })
        .collect()
}

fn fleet(
    site: &Site,
    part: Part,
    (index, region): (usize, usize),
    empty: Leaf,
    notes: &mut Vec<String>,
) -> Result<Leaf, Vec<Obstacle>> {
    let tier = &site.design.tiers[index];
    let key = format!("tier.{}", tier.name);
    let zones = site.zones_of(index, region);
    let modes = site.of_units(index);
    let around: Vec<&FailureMode> = zones
        .iter()
        .flat_map(|(zone, _)| site.of_zone(*zone))
        .chain(site.of_region(region))
        .chain(site.of_all())
        .chain(site.of_part(part))
        .collect();
    let mut obstacles = killers(around.iter().copied());
    let something_fails = !modes.is_empty() || !around.is_empty();
    if let Some(balancer) = tier.load_balancer.as_ref().filter(|_| something_fails) {
        let at_once = |law: &Option<crate::law::Law>| law.as_ref().is_some_and(crate::law::Law::is_zero);
        let transparent = balancer.cross_zone
            && balancer.zone_ttl == Seconds::ZERO
            && at_once(&balancer.check.detection)
            && at_once(&balancer.check.recovery)
            && modes.iter().chain(&around).all(|mode| mode.symptom != Symptom::Hang || balancer.check.deep);
        if !transparent {
            obstacles.push(Obstacle::new(
                format!("{key}.load_balancer"),
                "a failed target gets requests until its checks have noticed, and a healthy one none until they have",
            ));
        }
    }
    let count = units(tier);
    if count > MOST_UNITS {
        obstacles.push(Obstacle::new(key.clone(), format!("{count} units: at most {MOST_UNITS} are added up")));
    }
    if zones.len() > MOST_ZONES {
        obstacles.push(Obstacle::new(format!("{key}.zones"), format!("at most {MOST_ZONES} zones are conditioned on")));
    }
    let mut unit = all_alternating(&modes);
    let mut crews = None;
    match &tier.upkeep {
        Upkeep::Pool { crews: some, spares, .. } => {
            if spares.as_ref().is_some_and(|spares| spares.count > 0) && something_fails {
                obstacles.push(Obstacle::new(
                    format!("{key}.pool.spares"),
                    "a spare that takes a place leaves a machine without one, so that places depend on each other",
                ));
            }
            if let Some(few) = some.filter(|few| *few < count && !modes.is_empty()) {
                if modes.len() > 1 || modes[0].repair.is_exponential().is_none() {
                    obstacles.push(Obstacle::new(
                        format!("{key}.pool.crews"),
                        "with fewer crews than units only one mode with an exponential repair has a closed form",
                    ));
                }
                crews = Some(few);
                notes.push(format!("{key}: birth and death chain of {count} units and {few} crews"));
            }
        }
        Upkeep::AutoScaling(group) if something_fails => {
            let lone = around.is_empty() && tier.load_balancer.is_none() && site.of_control(region).is_empty();
            let alike = modes.iter().all(|mode| {
                mode.symptom == Symptom::Instance
                    && mode.repair.mean() == f64::INFINITY
                    && (modes.len() == 1 || mode.mttf.is_exponential().is_some())
            });
            if !lone || group.check != CheckType::Ec2 || !alike {
                obstacles.push(Obstacle::new(
                    format!("{key}.auto_scaling"),
                    "its replacements wait for places, control planes or load balancer, or race with repairs",
                ));
            }
            let fails: f64 = modes.iter().map(|mode| 1.0 / mode.mttf.mean()).sum();
            let failed = group.launch_failure.get();
            let down = mean_detection(&group.status_check)
                + group.terminate.mean()
                + (group.launch.mean() + failed * group.retry.mean()) / (1.0 - failed)
                + group.boot.mean();
            unit = vec![Alternating { up: 1.0 / fails, down, memoryless: false }];
            notes.push(format!("{key}: a replacement takes {} on average, whatever its law", Seconds(down)));
        }
        Upkeep::AutoScaling(_) => {}
    }
    if !obstacles.is_empty() {
        return Err(obstacles);
    }
    let capacity = tier.capacity.map_or(f64::INFINITY, |rate| rate.0);
    let takes = Takes::All(tier.required);
    Ok(Leaf { seats: seats(site, part, &zones), unit, crews, takes, capacity, ..empty })
}

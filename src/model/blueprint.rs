//! What stands where, and what a request passes: the places and parts of a design by their names, for a drawing of it.

use super::{Database, Design, Need, Nodes, Record, RegionId, Routing, Tier, Upkeep, ZoneId};
use crate::units::Fraction;
use serde::Serialize;

/// The drawing board of a design. Places are named as a drill names them, e.g. `zone:use1-az1`, `tier:web/us-east-1`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Blueprint {
    /// Name of the architecture.
    pub architecture: String,
    /// The DNS name that clients resolve; none where all requests go to the one region.
    pub dns: Option<Answers>,
    /// Regions in which something stands.
    pub regions: Vec<Site>,
    /// Parts in the order in which requests pass them.
    pub parts: Vec<Part>,
}

/// What a DNS name answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answers {
    /// `failover`, `weighted` or `latency`.
    pub record: &'static str,
    /// How long an answer may be kept (s).
    pub ttl_seconds: f64,
    /// Answers follow the health of endpoints.
    pub checked: bool,
}

/// A place that can fail.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    /// How a drill calls it.
    pub place: String,
    /// It alone takes the service down for as long as it is down; none where nobody looked.
    pub single_point_of_failure: Option<bool>,
}

/// A region in which something stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Site {
    /// Its name.
    pub name: String,
    /// The region as a place.
    #[serde(flatten)]
    pub place: Place,
    /// Share of the requests that usually goes there; none where no stack runs.
    pub usual_share: Option<f64>,
    /// Share of its units that run while it stands by; none where it does not stand by.
    pub standby_share: Option<f64>,
    /// Zones in which something stands.
    pub zones: Vec<Zone>,
}

/// A zone in which something stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Zone {
    /// Its name.
    pub name: String,
    /// The zone as a place.
    #[serde(flatten)]
    pub place: Place,
}

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartKind {
    /// A load balancer, with a node in each zone of its tier.
    LoadBalancer,
    /// A group of identical units.
    Tier,
    /// A database.
    Database,
    /// A managed or third-party service.
    Dependency,
}

/// Something that requests pass.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// Its name; a load balancer has that of its tier.
    pub name: String,
    /// What there is to say of it, in a few words.
    pub about: String,
    /// The regions whose stacks need it.
    pub needed_in: Vec<String>,
    /// What fails at once in a region: all units of a tier.
    pub groups: Vec<Group>,
    /// What stands in places.
    pub nodes: Vec<Node>,
}

/// All units of a tier in a region.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// The region.
    pub region: String,
    /// Its number of units.
    pub count: u32,
    /// The group as a place.
    #[serde(flatten)]
    pub place: Place,
}

/// A box of the drawing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Node {
    /// Its region; none if it stands in none.
    pub region: Option<String>,
    /// Its zone; none if it does not stand in one.
    pub zone: Option<String>,
    /// How many of them there are.
    pub count: u32,
    /// What they are, e.g. `primary`.
    pub role: String,
    /// How the data come to it from the primary: `synchronous` or `asynchronous`.
    pub copied: Option<&'static str>,
    /// What fails alone.
    pub places: Vec<Place>,
}

impl Place {
    fn new(place: String) -> Place {
        Place { place, single_point_of_failure: None }
    }
}

impl Blueprint {
    /// Says of each place whether it is among the single points of failure.
    pub fn mark(&mut self, singles: &[String]) {
        for place in self.places_mut() {
            place.single_point_of_failure = Some(singles.contains(&place.place));
        }
    }

    fn places_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        self.regions.iter_mut().flat_map(Site::places_mut).chain(self.parts.iter_mut().flat_map(Part::places_mut))
    }
}

impl Site {
    fn places_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        std::iter::once(&mut self.place).chain(self.zones.iter_mut().map(|zone| &mut zone.place))
    }
}

impl Part {
    fn places_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        let nodes = self.nodes.iter_mut().flat_map(|node| &mut node.places);
        self.groups.iter_mut().map(|group| &mut group.place).chain(nodes)
    }
}

/// A part that a stack needs, and what is said of its place among others.
type Needed<'a> = (&'a Need, Option<String>);

fn leaves<'a>(need: &'a Need, note: Option<String>, found: &mut Vec<Needed<'a>>) {
    match need {
        Need::AllOf(of) => of.iter().for_each(|need| leaves(need, note.clone(), found)),
        Need::AnyOf(of) => {
            of.iter().for_each(|need| leaves(need, Some(format!("one of {} is enough", of.len())), found))
        }
        Need::KOf { k, of } => {
            of.iter().for_each(|need| leaves(need, Some(format!("{k} of {} are needed", of.len())), found));
        }
        leaf => found.push((leaf, note)),
    }
}

impl Design {
    /// What stands where.
    #[must_use]
    pub fn blueprint(&self) -> Blueprint {
        let mut needed: Vec<(Needed, Vec<RegionId>)> = Vec::new();
        for stack in &self.stacks {
            let mut found = Vec::new();
            leaves(&stack.requires, None, &mut found);
            for (need, note) in found {
                match needed.iter_mut().find(|((other, _), _)| *other == need) {
                    Some((_, regions)) if !regions.contains(&stack.region) => regions.push(stack.region),
                    Some(_) => {}
                    None => needed.push(((need, note), vec![stack.region])),
                }
            }
        }
        let parts: Vec<Part> =
            needed.iter().flat_map(|((need, note), regions)| self.part(need, note, regions)).collect();
        let mut blueprint =
            Blueprint { architecture: self.name.clone(), dns: self.answers(), regions: Vec::new(), parts };
        blueprint.regions = (0..self.regions.len()).filter_map(|region| self.site(region, &blueprint.parts)).collect();
        blueprint
    }

    fn answers(&self) -> Option<Answers> {
        let Routing::Dns(dns) = &self.routing else { return None };
        let record = match dns.record {
            Record::Failover(_) => "failover",
            Record::Weighted(_) => "weighted",
            Record::Latency(_) => "latency",
        };
        Some(Answers { record, ttl_seconds: dns.ttl.0, checked: dns.check.is_some() })
    }

    fn site(&self, region: RegionId, parts: &[Part]) -> Option<Site> {
        let name = &self.regions[region].name;
        let nodes = || parts.iter().flat_map(|part| &part.nodes).filter(|node| node.region.as_ref() == Some(name));
        let stands =
            |zone: &&super::Zone| zone.region == region && nodes().any(|node| node.zone.as_ref() == Some(&zone.name));
        let zone =
            |zone: &super::Zone| Zone { name: zone.name.clone(), place: Place::new(format!("zone:{}", zone.name)) };
        let serves = self.stacks.iter().any(|stack| stack.region == region);
        let standby = match &self.routing {
            Routing::Dns(dns) => dns.standbys.iter().find(|standby| standby.region == region),
            Routing::Direct => None,
        };
        (serves || nodes().next().is_some()).then(|| Site {
            name: name.clone(),
            place: Place::new(format!("region:{name}")),
            usual_share: serves.then(|| self.usual_share(region)),
            standby_share: standby.map(|standby| standby.share.get()),
            zones: self.zones.iter().filter(stands).map(zone).collect(),
        })
    }

    /// Share of the demand that goes to a region while all are healthy.
    fn usual_share(&self, region: RegionId) -> f64 {
        match &self.routing {
            Routing::Dns(dns) => match &dns.record {
                Record::Failover(order) => f64::from(u8::from(order.first() == Some(&region))),
                Record::Weighted(_) | Record::Latency(_) => self.most_share(region),
            },
            Routing::Direct => 1.0,
        }
    }

    fn part(&self, need: &Need, note: &Option<String>, regions: &[RegionId]) -> Vec<Part> {
        let needed_in: Vec<String> = regions.iter().map(|region| self.regions[*region].name.clone()).collect();
        let with_note = |about: String| match note {
            Some(note) if about.is_empty() => note.clone(),
            Some(note) => format!("{about}, {note}"),
            None => about,
        };
        let part = |kind, name: &str, about: String| Part {
            kind,
            name: name.to_owned(),
            about,
            needed_in: needed_in.clone(),
            groups: Vec::new(),
            nodes: Vec::new(),
        };
        match need {
            Need::Tier(id) => {
                let tier = &self.tiers[*id];
                let units = Part {
                    groups: regions.iter().map(|region| self.group(tier, *region)).collect(),
                    nodes: regions.iter().flat_map(|region| self.units(tier, *region)).collect(),
                    ..part(PartKind::Tier, &tier.name, with_note(kept(tier)))
                };
                let balancer = tier.load_balancer.as_ref().map(|balancer| Part {
                    nodes: (units.nodes.iter())
                        .map(|node| Node { count: 1, role: "node".to_owned(), places: Vec::new(), ..node.clone() })
                        .collect(),
                    ..part(
                        PartKind::LoadBalancer,
                        &tier.name,
                        if balancer.cross_zone { "cross-zone" } else { "within zones" }.to_owned(),
                    )
                });
                balancer.into_iter().chain([units]).collect()
            }
            Need::Database(id) => {
                let database = &self.databases[*id];
                let nodes = self.nodes(database);
                vec![Part { nodes, ..part(PartKind::Database, &database.name, with_note(stored(database))) }]
            }
            Need::Dependency(id) => {
                let dependency = &self.dependencies[*id];
                let about = if dependency.cost == Fraction::ONE && dependency.client.share == Fraction::ONE {
                    "every request"
                } else {
                    "some requests"
                };
                let node = Node {
                    region: dependency.region.map(|region| self.regions[region].name.clone()),
                    zone: None,
                    count: 1,
                    role: "service".to_owned(),
                    copied: None,
                    places: vec![Place::new(format!("dependency:{}", dependency.name))],
                };
                vec![Part {
                    nodes: vec![node],
                    ..part(PartKind::Dependency, &dependency.name, with_note(about.to_owned()))
                }]
            }
            Need::AllOf(_) | Need::AnyOf(_) | Need::KOf { .. } => Vec::new(),
        }
    }

    fn group(&self, tier: &Tier, region: RegionId) -> Group {
        let region = self.regions[region].name.clone();
        let place = Place::new(format!("tier:{}/{region}", tier.name));
        Group { region, count: counts(tier).0, place }
    }

    /// The units of a tier in a region, dealt to its zones.
    fn units(&self, tier: &Tier, region: RegionId) -> Vec<Node> {
        let zones: Vec<ZoneId> = tier.zones.iter().copied().filter(|zone| self.zones[*zone].region == region).collect();
        let (units, spares) = counts(tier);
        let dealt = |number: u32, place: usize| {
            let zones = zones.len() as u32;
            number / zones + u32::from((place as u32) < number % zones)
        };
        let name = &self.regions[region].name;
        let each = zones.iter().enumerate().map(|(place, zone)| {
            let count = dealt(units, place);
            let spares = dealt(units + spares, place) - count;
            let unit = if count == 1 { "unit" } else { "units" };
            Node {
                region: Some(name.clone()),
                zone: Some(self.zones[*zone].name.clone()),
                count,
                role: if spares > 0 { format!("{unit}, {spares} spare") } else { unit.to_owned() },
                copied: None,
                places: vec![Place::new(format!("unit:{}/{name}", tier.name))],
            }
        });
        each.collect()
    }

    /// The nodes of a database; those in one zone are one.
    fn nodes(&self, database: &Database) -> Vec<Node> {
        let place = |role: &str| Place::new(format!("database:{}/{role}", database.name));
        let region = |region: RegionId| Some(self.regions[region].name.clone());
        let node = |role: &str, region, zone: Option<ZoneId>, copied| Node {
            region,
            zone: zone.map(|zone| self.zones[zone].name.clone()),
            count: 1,
            role: role.to_owned(),
            copied,
            places: Vec::new(),
        };
        let in_zone =
            |role: &str, zone: ZoneId, copied| node(role, region(self.zones[zone].region), Some(zone), copied);
        let all: Vec<Node> = match &database.quorum {
            None => {
                let copies = [
                    ("standby", database.standby.as_ref().map(|copy| copy.zone), "synchronous"),
                    ("second-standby", database.second_standby, "synchronous"),
                    ("replica", database.replica.as_ref().map(|copy| copy.zone), "asynchronous"),
                ];
                let copies = copies.into_iter().filter_map(|(role, zone, how)| {
                    Some(Node {
                        places: vec![place(role)],
                        ..in_zone(role.trim_start_matches("second-"), zone?, Some(how))
                    })
                });
                let first = Node { places: vec![place("primary")], ..in_zone("primary", database.primary, None) };
                std::iter::once(first).chain(copies).collect()
            }
            Some(quorum) => {
                let nodes: Vec<Node> = match &quorum.nodes {
                    Nodes::Zones(zones) => zones.iter().map(|zone| in_zone("node", *zone, None)).collect(),
                    Nodes::Regions(regions) => regions.iter().map(|it| node("copy", region(*it), None, None)).collect(),
                    Nodes::Region(it) => vec![node("node", region(*it), None, None)],
                    Nodes::Anywhere => vec![node("node", None, None, None)],
                };
                let named = |(number, node): (usize, Node)| {
                    let role = match (&quorum.nodes, &node.region) {
                        (Nodes::Regions(_), Some(region)) => region.clone(),
                        _ => format!("node-{}", number + 1),
                    };
                    Node { places: vec![place(&role)], ..node }
                };
                nodes.into_iter().enumerate().map(named).collect()
            }
        };
        let mut boxes: Vec<Node> = Vec::new();
        for node in all {
            match boxes.iter_mut().find(|other| node.zone.is_some() && other.zone == node.zone) {
                Some(other) => {
                    if other.role == node.role {
                        other.count += 1;
                    } else {
                        other.role = format!("{}, {}", other.role, node.role);
                    }
                    other.places.extend(node.places);
                }
                None => boxes.push(node),
            }
        }
        boxes
    }
}

/// Units of a tier in a region, and spares beside them.
fn counts(tier: &Tier) -> (u32, u32) {
    match &tier.upkeep {
        Upkeep::Pool { units, spares, .. } => (*units, spares.as_ref().map_or(0, |spares| spares.count)),
        Upkeep::AutoScaling(group) => (group.desired, 0),
    }
}

/// How the units of a tier are kept up.
fn kept(tier: &Tier) -> String {
    let kept = match &tier.upkeep {
        Upkeep::Pool { .. } => "repaired",
        Upkeep::AutoScaling(_) => "auto scaling",
    };
    if tier.required > 1 { format!("{kept}, {} needed", tier.required) } else { kept.to_owned() }
}

/// What keeps the data of a database.
fn stored(database: &Database) -> String {
    match &database.quorum {
        Some(quorum) if quorum.write > 1 => format!("writes need {}", quorum.write),
        Some(_) => "equal nodes".to_owned(),
        None => match (&database.storage, &database.backup) {
            (Some(_), Some(_)) => "shared storage, backups",
            (Some(_), None) => "shared storage",
            (None, Some(_)) => "with backups",
            (None, None) => "database",
        }
        .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_needs_are_told_in_their_order() {
        let need = Need::AllOf(vec![
            Need::Tier(0),
            Need::AnyOf(vec![Need::Database(0), Need::Database(1)]),
            Need::KOf { k: 2, of: vec![Need::Dependency(0), Need::Dependency(1), Need::Dependency(2)] },
        ]);
        let mut found = Vec::new();
        leaves(&need, None, &mut found);
        let notes: Vec<Option<&str>> = found.iter().map(|(_, note)| note.as_deref()).collect();
        let (any, two) = (Some("one of 2 is enough"), Some("2 of 3 are needed"));
        assert_eq!(notes, [None, any, any, two, two, two]);
    }
}

//! What stands where, and what takes it down: a design looked at from its parts.

use super::Obstacle;
use super::chance::Alternating;
use super::flow::Node;
use crate::model::{
    Database, Decision, Design, Effect, FailureMode, HealthCheck, Need, Nodes, Record, Routing, Scope, Symptom, Tier,
    Upkeep, ZoneId,
};

use crate::units::Fraction;

/// A part of the stacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A tier in a region.
    Fleet {
        /// The tier.
        tier: usize,
        /// The region.
        region: usize,
    },
    /// A database.
    Database(usize),
    /// The copy, in a region, of a database that has one in each of several.
    Copy {
        /// The database.
        database: usize,
        /// The region.
        region: usize,
    },
    /// A dependency.
    Dependency(usize),
}

impl Part {
    /// It is this database, or a copy of it.
    pub fn is_of(self, index: usize) -> bool {
        matches!(self, Part::Database(database) | Part::Copy { database, .. } if database == index)
    }
}

/// Where a node of a database stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// In a zone.
    Zone(ZoneId),
    /// In a region, whatever becomes of its zones.
    Region(usize),
    /// In no region.
    Anywhere,
}

/// A stack with the share of the demand it gets.
#[derive(Debug, Clone)]
pub(super) struct Share {
    /// Where it runs.
    pub region: usize,
    /// Of the demand, in 0..=1.
    pub weight: f64,
    /// What it needs.
    pub structure: Node,
}

/// The parts of a design and its stacks.
#[derive(Debug, Clone)]
pub(super) struct Site<'a> {
    /// The design.
    pub design: &'a Design,
    /// Each part once.
    pub parts: Vec<Part>,
    /// Stacks that get requests while nothing ever changes the answer of DNS.
    pub stacks: Vec<Share>,
}

impl<'a> Site<'a> {
    /// Looks at a design.
    pub fn new(design: &'a Design) -> Site<'a> {
        let mut parts = Vec::new();
        let mut stacks: Vec<Share> = Vec::new();
        for stack in &design.stacks {
            let weight = weight(design, stack.region);
            if weight <= 0.0 {
                continue;
            }
            let mut leaf = |need: &Need| {
                let part = match need {
                    Need::Tier(tier) => Part::Fleet { tier: *tier, region: stack.region },
                    Need::Database(database) => match &design.databases[*database].quorum {
                        Some(quorum) if matches!(quorum.nodes, Nodes::Regions(_)) => {
                            Part::Copy { database: *database, region: stack.region }
                        }
                        _ => Part::Database(*database),
                    },
                    Need::Dependency(dependency) => Part::Dependency(*dependency),
                    Need::AllOf(_) | Need::AnyOf(_) | Need::KOf { .. } => unreachable!("only parts are leaves"),
                };
                parts.iter().position(|known| *known == part).unwrap_or_else(|| {
                    parts.push(part);
                    parts.len() - 1
                })
            };
            let structure = Node::new(&stack.requires, &mut leaf);
            stacks.push(Share { region: stack.region, weight, structure });
        }
        Site { design, parts, stacks }
    }

    /// Mechanisms that neither way to an answer knows, of the parts that requests pass. What is not here either has rules in both ways or costs no request: sessions, objectives,
    /// prices, restore points (what uses them, kills and corruptions, is refused), and all of DNS that needs an answer to change
    /// ([`Site::name_moves`]).
    pub fn beyond(&self) -> Vec<Obstacle> {
        let mut found = Vec::new();
        let mut add = |there: bool, key: String, reason: &str| {
            if there {
                found.push(Obstacle::new(key, reason));
            }
        };
        for change in &self.design.changes {
            let stages = "a change is bad by chance, in stages, and is undone in time";
            add(true, format!("change.{}", change.name), stages);
        }
        for window in &self.design.maintenance {
            let calendar = "its windows come by the calendar, and may not count";
            add(true, format!("maintenance.{}", window.name), calendar);
        }
        let weighted = "a loss weighs as the demand of its hour";
        add(!self.design.demand.profile.is_empty(), "demand.profile".to_owned(), weighted);
        for mode in &self.design.failures {
            let key = |what: &str| format!("failure.{}.{what}", mode.name);
            let gray = matches!(mode.symptom, Symptom::Gray { .. });
            let corrupts = mode.effect == Effect::Corrupt;
            add(corrupts, key("effect"), "corrupt data are served until they are found, and then restored");
            add(gray, key("symptom"), "a part that fails some of its requests is neither up nor down");
            add(
                mode.error < Fraction::ONE && !gray,
                key("error"),
                "a part that fails some of its calls is neither up nor down",
            );
        }
        for dependency in used(&self.design.dependencies, |index| self.needs(Part::Dependency(index))) {
            let key = |what: &str| format!("dependency.{}.{what}", dependency.name);
            let memory = "what callers do depends on the calls they have seen fail";
            add(dependency.breaker.is_some(), key("breaker"), memory);
            add(dependency.retry.attempts > 1, key("retry"), memory);
            add(dependency.overload.is_some(), key("overload"), "overload may outlive what brought it about");
            let client = &dependency.client;
            add(client.pool.is_some() || client.share < Fraction::ONE, key("client"), memory);
        }
        if let Routing::Dns(dns) = &self.design.routing {
            let scaled = "a region that stands by is scaled up after a decision";
            add(!dns.standbys.is_empty(), "standby".to_owned(), scaled);
        }
        for database in used(&self.design.databases, |index| self.has_database(index)) {
            for (copy, name) in [(&database.standby, "standby"), (&database.replica, "replica")] {
                let Some(copy) = copy else { continue };
                let key = |what: &str| format!("database.{}.{name}.{what}", database.name);
                let hours = "what people do depends on the hour of the week";
                add(matches!(copy.decision, Decision::OnCall(_)), key("decision"), hours);
                add(matches!(copy.manual, Decision::OnCall(_)), key("manual"), hours);
                add(copy.broken.is_some(), key("broken"), "it is exercised by the calendar");
                add(copy.failback_risk.is_some(), key("failback_risk"), "a failback takes it down by chance");
            }
        }
        for tier in used(&self.design.tiers, |index| self.has_tier(index)) {
            let key = |what: &str| format!("tier.{}.{what}", tier.name);
            if let Some(balancer) = &tier.load_balancer {
                let alarms = balancer.check.false_positive > Fraction::ZERO;
                add(alarms, key("load_balancer.false_positive"), "healthy units leave service, too");
                let people = "people move traffic by a clock of their own";
                add(balancer.zonal_shift.is_some(), key("load_balancer.zonal_shift"), people);
                add(balancer.overload.is_some(), key("load_balancer.overload"), "units fail because others have");
            }
            if let Upkeep::AutoScaling(group) = &tier.upkeep {
                let alarms = group.status_check.false_positive > Fraction::ZERO;
                add(alarms, key("auto_scaling.status_check.false_positive"), "healthy units are replaced, too");
            }
        }
        found
    }

    /// Requests pass this part.
    pub fn needs(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }

    /// Requests pass this tier, in some region.
    pub fn has_tier(&self, index: usize) -> bool {
        self.parts.iter().any(|part| matches!(*part, Part::Fleet { tier, .. } if tier == index))
    }

    /// Requests pass this database, or a copy of it.
    pub fn has_database(&self, index: usize) -> bool {
        self.parts.iter().any(|part| part.is_of(index))
    }

    /// The answer of DNS changes with the health of the regions, so that shares of the clients move.
    pub fn name_moves(&self) -> Option<Obstacle> {
        let Routing::Dns(dns) = &self.design.routing else { return None };
        let endpoints = match &dns.record {
            Record::Failover(order) => order.len(),
            Record::Weighted(weights) => weights.len(),
            Record::Latency(populations) => populations.iter().map(|it| it.prefers.len()).max().unwrap_or(0),
        };
        (dns.check.is_some() && endpoints > 1).then(|| {
            Obstacle::new(
                "dns.health_check",
                "the answer follows the health of the regions, and the residual TTL of a client is uniform: no state remembers it",
            )
        })
    }

    /// Failure modes that take down each of what `covers` accepts.
    pub fn modes(&self, covers: impl Fn(&Scope) -> bool) -> Vec<&'a FailureMode> {
        self.design.failures.iter().filter(|mode| covers(&mode.scope) && mode.mttf.mean() < f64::INFINITY).collect()
    }

    /// Modes of a zone.
    pub fn of_zone(&self, zone: ZoneId) -> Vec<&'a FailureMode> {
        self.modes(|scope| matches!(scope, Scope::Zones(zones) if zones.contains(&zone)))
    }

    /// Modes of a region, not of everything.
    pub fn of_region(&self, region: usize) -> Vec<&'a FailureMode> {
        self.modes(|scope| matches!(scope, Scope::Regions(regions) if regions.contains(&region)))
    }

    /// Modes of everything.
    pub fn of_all(&self) -> Vec<&'a FailureMode> {
        self.modes(|scope| *scope == Scope::Global)
    }

    /// Modes of each unit of a tier.
    pub fn of_units(&self, tier: usize) -> Vec<&'a FailureMode> {
        self.modes(|scope| *scope == Scope::Unit(tier))
    }

    /// Modes of each node of a database.
    pub fn of_nodes(&self, database: usize) -> Vec<&'a FailureMode> {
        self.modes(|scope| *scope == Scope::Node(database))
    }

    /// Modes of the part as a whole, other than places.
    pub fn of_part(&self, part: Part) -> Vec<&'a FailureMode> {
        match part {
            Part::Fleet { tier, region } => self.modes(|scope| *scope == Scope::Tier(tier, region)),
            Part::Database(_) | Part::Copy { .. } => Vec::new(),
            Part::Dependency(dependency) => self.modes(|scope| *scope == Scope::Dependency(dependency)),
        }
    }

    /// Modes that stop launches and promotions in a region.
    pub fn of_control(&self, region: usize) -> Vec<&'a FailureMode> {
        self.modes(|scope| match scope {
            Scope::ControlPlanes(regions) => regions.contains(&region),
            Scope::GlobalControlPlane => true,
            _ => false,
        })
    }

    /// The tier's zones in a region, with the number of units in each: dealt round in the listed order.
    pub fn zones_of(&self, tier: usize, region: usize) -> Vec<(ZoneId, u32)> {
        let tier = &self.design.tiers[tier];
        let here: Vec<ZoneId> =
            tier.zones.iter().copied().filter(|zone| self.design.zones[*zone].region == region).collect();
        let (units, count) = (units(tier), here.len().max(1) as u32);
        here.iter()
            .enumerate()
            .map(|(index, zone)| (*zone, units / count + u32::from((index as u32) < units % count)))
            .collect()
    }

    /// Zones of the nodes of a database that stand in one.
    pub fn nodes_of(&self, database: usize) -> Vec<ZoneId> {
        let zone = |stand: Stand| if let Stand::Zone(zone) = stand { Some(zone) } else { None };
        self.stands_of(database).into_iter().filter_map(zone).collect()
    }

    /// Modes that take the data of nodes of a database.
    pub fn killers_of(&self, database: usize) -> Vec<&'a FailureMode> {
        let stands = self.stands_of(database);
        let covers = |scope: &Scope| match scope {
            Scope::Node(its) => *its == database,
            Scope::Zones(zones) => stands.iter().any(|it| matches!(it, Stand::Zone(zone) if zones.contains(zone))),
            Scope::Regions(regions) => {
                stands.iter().any(|it| self.region_of(*it).is_some_and(|region| regions.contains(&region)))
            }
            _ => false,
        };
        self.modes(covers).into_iter().filter(|mode| mode.effect == Effect::Kill).collect()
    }

    /// Zones that a node of a database stands in, or a new one may.
    pub fn reach_of(&self, database: usize) -> Vec<ZoneId> {
        let mut zones = self.nodes_of(database);
        let it = &self.design.databases[database];
        let restored = it.backup.is_some() && !self.killers_of(database).is_empty();
        if it.quorum.is_none() && (it.storage.is_some() || restored) {
            let regions: Vec<usize> = zones.iter().map(|zone| self.design.zones[*zone].region).collect();
            zones
                .extend((0..self.design.zones.len()).filter(|zone| regions.contains(&self.design.zones[*zone].region)));
        }
        zones
    }

    /// Where the nodes of a database stand.
    pub fn stands_of(&self, database: usize) -> Vec<Stand> {
        stands(&self.design.databases[database])
    }

    /// The region that a node stands in; none if it is in no one.
    pub fn region_of(&self, stand: Stand) -> Option<usize> {
        match stand {
            Stand::Zone(zone) => Some(self.design.zones[zone].region),
            Stand::Region(region) => Some(region),
            Stand::Anywhere => None,
        }
    }
}

/// The ones in use.
fn used<T>(all: &[T], needed: impl Fn(usize) -> bool) -> impl Iterator<Item = &T> {
    all.iter().enumerate().filter(move |(index, _)| needed(*index)).map(|(_, it)| it)
}

/// Where equal nodes are, or the primary, its copies in the order in which they are taken, and the replica.
fn stands(database: &Database) -> Vec<Stand> {
    match database.quorum.as_ref().map(|quorum| &quorum.nodes) {
        Some(Nodes::Zones(zones)) => zones.iter().copied().map(Stand::Zone).collect(),
        Some(Nodes::Regions(regions)) => regions.iter().copied().map(Stand::Region).collect(),
        Some(Nodes::Region(region)) => vec![Stand::Region(*region)],
        Some(Nodes::Anywhere) => vec![Stand::Anywhere],
        None => {
            let standby = database.standby.as_ref().map(|copy| copy.zone);
            let replica = database.replica.as_ref().map(|copy| copy.zone);
            let copies = standby.into_iter().chain(database.second_standby).chain(replica);
            std::iter::once(database.primary).chain(copies).map(Stand::Zone).collect()
        }
    }
}

/// Units of a tier in a region.
pub(super) fn units(tier: &Tier) -> u32 {
    match &tier.upkeep {
        Upkeep::Pool { units, .. } => *units,
        Upkeep::AutoScaling(group) => group.desired,
    }
}

/// Share of the demand that a region gets while everything is up.
fn weight(design: &Design, region: usize) -> f64 {
    let Routing::Dns(dns) = &design.routing else { return 1.0 };
    match &dns.record {
        Record::Failover(order) => f64::from(u8::from(order.first() == Some(&region))),
        Record::Weighted(weights) => {
            let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
            weights.iter().find(|(its, _)| *its == region).map_or(0.0, |(_, weight)| weight / total)
        }
        Record::Latency(populations) => {
            let here = populations.iter().filter(|it| it.prefers.first() == Some(&region));
            here.map(|it| it.share.get()).sum()
        }
    }
}

/// A mode as an alternating process.
pub(super) fn alternating(mode: &FailureMode) -> Alternating {
    let memoryless = mode.mttf.is_exponential().is_some()
        && (mode.repair.is_exponential().is_some() || mode.repair.mean() == f64::INFINITY || mode.repair.is_zero());
    Alternating { up: mode.mttf.mean(), down: mode.repair.mean(), memoryless }
}

/// Modes as alternating processes.
pub(super) fn all_alternating(modes: &[&FailureMode]) -> Vec<Alternating> {
    modes.iter().map(|mode| alternating(mode)).collect()
}

/// Mean time from a failure to the verdict (s): the law, or half an interval and the further ones.
pub(super) fn mean_detection(check: &HealthCheck) -> f64 {
    let intervals = f64::from(check.unhealthy_threshold.max(1)) - 0.5;
    check.detection.as_ref().map_or(intervals * check.interval.0, crate::law::Law::mean)
}

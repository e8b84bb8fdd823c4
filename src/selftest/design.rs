//! Designs that read like sentences.
//!
//! A design is said part by part, from places over what stands in them to what fails; parts are named, and names that do not
//! exist panic. Durations are seconds, means are means. What is not said is perfect: no failures, unlimited capacity, no delay.

mod checks;
mod databases;
mod laws;
mod names;
mod rollouts;
mod tiers;

pub use checks::{balancer, checked_after, checked_every, erring, shallow, shifted, straining, zonal_balancer};
pub use databases::{Copy, DatabasePart, copies, copy, database, quorum};
pub use laws::{
    DAY, HOUR, MINUTE, YEAR, exponential, fixed, gamma, infant, lognormal, mixture, never, share, uniform, wearing,
};
pub use names::{Name, broken, failover, nearest, people, standby, weighted};
pub use rollouts::{Rollout, rollout};
pub use tiers::{TierPart, crewed_pool, group, pool, replaced_pool};

use ridethrough::law::Law;
use ridethrough::model::{
    Change, Client, Database, Demand, Dependency, Design, Dns, Effect, FailureMode, Hours, Maintenance, Need, Nodes,
    Objectives, Peak, Population, Quorum, Record, Region, Replica, Retry, Routing, Scope, Sessions, Stack, Standby,
    Symptom, Tier, Touches, Zone, ZoneId,
};
use ridethrough::units::{Fraction, Rate, Seconds};

/// What a failure takes down, by name.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// Each unit of a tier.
    EachUnit(&'static str),
    /// Each node of a database.
    EachNode(&'static str),
    /// All units of a tier in a region, at once.
    WholeTier(&'static str, &'static str),
    /// Each zone there is.
    EachZone,
    /// One zone.
    OneZone(&'static str),
    /// Each region there is.
    EachRegion,
    /// One region.
    OneRegion(&'static str),
    /// The control plane of a region.
    ControlPlane(&'static str),
    /// The control plane of everything.
    GlobalControlPlane,
    /// A dependency.
    Service(&'static str),
    /// Everything.
    Everything,
}

/// What a stack needs, by name.
#[derive(Debug, Clone)]
pub enum Needs {
    /// A tier, database or dependency.
    Part(&'static str),
    /// All of them, in this order.
    All(Vec<Needs>),
    /// What one fails is tried on the next.
    Any(Vec<Needs>),
    /// As good as the k-th best.
    Best(usize, Vec<Needs>),
}

/// A part by its name.
pub fn part(name: &'static str) -> Needs {
    Needs::Part(name)
}

/// All of these, in this order.
pub fn all_of<const N: usize>(needs: [Needs; N]) -> Needs {
    Needs::All(needs.into())
}

/// Any of these: what one fails is tried on the next.
pub fn any_of<const N: usize>(needs: [Needs; N]) -> Needs {
    Needs::Any(needs.into())
}

/// At least so many of these.
pub fn k_of<const N: usize>(k: usize, needs: [Needs; N]) -> Needs {
    Needs::Best(k, needs.into())
}

/// From one time of the day to another (s), on all days.
pub fn daily(from: f64, to: f64) -> Hours {
    Hours { from: Seconds(from), to: Seconds(to), days: [true; 7] }
}

/// A design that is being said.
#[derive(Debug, Clone)]
pub struct World {
    design: Design,
    needs: Option<Needs>,
}

/// A world without anything in it, for so long a history.
pub fn world(horizon: f64) -> World {
    let design = Design {
        name: "design".into(),
        question: None,
        regions: Vec::new(),
        zones: Vec::new(),
        tiers: Vec::new(),
        databases: Vec::new(),
        dependencies: Vec::new(),
        stacks: Vec::new(),
        routing: Routing::Direct,
        sessions: None,
        failures: Vec::new(),
        changes: Vec::new(),
        maintenance: Vec::new(),
        injections: Vec::new(),
        bill: None,
        demand: Demand { rate: Rate(100.0), writes: Rate(10.0), profile: Vec::new() },
        objectives: Objectives::default(),
        horizon: Seconds(horizon),
        warm_up: Seconds(0.0),
        up_threshold: share(0.99),
        replications: None,
        assumptions: Vec::new(),
        unused: Vec::new(),
    };
    World { design, needs: None }
}

impl World {
    /// The first stretch of the history does not count.
    pub fn warming_up(mut self, seconds: f64) -> Self {
        self.design.warm_up = Seconds(seconds);
        self
    }

    /// Called something else.
    pub fn named(mut self, name: &str) -> Self {
        self.design.name = name.into();
        self
    }

    /// An incident is on while less than this is served.
    pub fn up_from(mut self, threshold: f64) -> Self {
        self.design.up_threshold = share(threshold);
        self
    }

    /// The owner wants this availability.
    pub fn wanting(mut self, availability: f64) -> Self {
        self.design.objectives.availability = Some(share(availability));
        self
    }

    /// A region and its zones; regions and zones come in the order of their names.
    pub fn region(mut self, name: &str, zones: &[&str]) -> Self {
        let region = self.design.regions.len();
        self.design.regions.push(Region { name: name.into() });
        self.design.zones.extend(zones.iter().map(|zone| Zone { name: (*zone).into(), region }));
        assert!(self.design.regions.is_sorted_by_key(|region| &region.name) && zones.is_sorted());
        self
    }

    /// A tier; tiers come in the order of their names.
    pub fn tier(mut self, part: TierPart) -> Self {
        let all = (0..self.design.zones.len()).collect();
        let zones: Vec<ZoneId> = part.zones.map_or(all, |names| names.iter().map(|name| self.zone(name)).collect());
        self.design.tiers.push(Tier { zones, ..part.tier });
        assert!(self.design.tiers.is_sorted_by_key(|tier| &tier.name));
        self
    }

    /// A database; databases come in the order of their names.
    pub fn database(mut self, part: DatabasePart) -> Self {
        let placed = |copy: Option<Copy>| copy.map(|it| Replica { zone: self.zone(it.zone), ..it.copy });
        let (standby, replica) = (placed(part.standby), placed(part.replica));
        let second_standby = part.second.map(|zone| self.zone(zone));
        let quorum = part.database.quorum.map(|quorum| {
            let nodes = match quorum.nodes {
                Nodes::Regions(_) => Nodes::Regions(part.places.iter().map(|name| self.place(name)).collect()),
                _ => Nodes::Zones(part.places.iter().map(|name| self.zone(name)).collect()),
            };
            Quorum { nodes, ..quorum }
        });
        let primary = if quorum.is_some() { 0 } else { self.zone(part.primary) };
        self.design.databases.push(Database { primary, standby, second_standby, replica, quorum, ..part.database });
        assert!(self.design.databases.is_sorted_by_key(|database| &database.name));
        self
    }

    /// A service without which everything fails, everywhere; dependencies come in the order of their names.
    pub fn dependency(self, name: &str) -> Self {
        self.soft_dependency(name, 1.0)
    }

    /// A service without which this share of the requests fails.
    pub fn soft_dependency(mut self, name: &str, cost: f64) -> Self {
        self.design.dependencies.push(Dependency {
            name: name.into(),
            region: None,
            cost: share(cost),
            client: Client::default(),
            retry: Retry::default(),
            breaker: None,
            overload: None,
        });
        assert!(self.design.dependencies.is_sorted_by_key(|dependency| &dependency.name));
        self
    }

    /// What stands before the last dependency.
    pub fn called(mut self, change: impl FnOnce(&mut Dependency)) -> Self {
        change(self.design.dependencies.last_mut().expect("a dependency"));
        self
    }

    /// So many users keep their sessions in the units of a tier.
    pub fn sessions_in(mut self, tier: &str, users: f64) -> Self {
        let tier = index(tier, self.design.tiers.iter().map(|tier| &tier.name));
        self.design.sessions = Some(Sessions::Instance { tier, users });
        self
    }

    /// So many users keep their sessions in a dependency with so many copies.
    pub fn sessions_stored_in(mut self, store: &str, replicas: u32, users: f64) -> Self {
        let dependency = index(store, self.design.dependencies.iter().map(|it| &it.name));
        self.design.sessions = Some(Sessions::External { dependency, replicas, users });
        self
    }

    /// The last dependency lives in a region and dies with it.
    pub fn living_in(mut self, region: &str) -> Self {
        let region = self.place(region);
        self.design.dependencies.last_mut().expect("a dependency").region = Some(region);
        self
    }

    /// What the only region needs; without it, all there is.
    pub fn requiring(mut self, needs: Needs) -> Self {
        self.needs = Some(needs);
        self
    }

    /// What a region needs, of several.
    pub fn stack(mut self, region: &str, needs: &Needs) -> Self {
        let stack = Stack { region: self.place(region), requires: self.need(needs) };
        self.design.stacks.push(stack);
        self
    }

    /// How clients find the regions.
    pub fn found_by(mut self, name: Name) -> Self {
        let regions: Vec<_> = name.regions.iter().map(|(region, weight)| (self.place(region), *weight)).collect();
        let populations = name.populations.iter().map(|(part, order)| Population {
            name: order.concat(),
            share: share(*part),
            prefers: order.iter().map(|region| self.place(region)).collect(),
        });
        let populations: Vec<Population> = populations.collect();
        let standbys =
            name.standbys.iter().map(|(region, standby)| Standby { region: self.place(region), ..standby.clone() });
        let standbys = standbys.collect();
        let record = if !populations.is_empty() {
            Record::Latency(populations)
        } else if name.weighted {
            Record::Weighted(regions)
        } else {
            Record::Failover(regions.into_iter().map(|(region, _)| region).collect())
        };
        self.design.routing = Routing::Dns(Dns { record, standbys, ..name.dns });
        self
    }

    /// Something fails, and is back when it is repaired.
    pub fn fails(mut self, name: &str, place: Place, mttf: Law, repair: Law) -> Self {
        let scope = self.scope(place);
        let (effect, symptom, error) = (Effect::Mask, Symptom::Instance, Fraction::ONE);
        let mode = FailureMode { name: name.into(), scope, mttf, repair, effect, symptom, error, age: None };
        self.design.failures.push(mode);
        self
    }

    /// What the last failure takes down has an age when a history begins.
    pub fn aged(self, age: Law) -> Self {
        self.changing(|mode| mode.age = Some(age))
    }

    /// Something fails, and what it covers is lost.
    pub fn kills(self, name: &str, place: Place, mttf: Law, repair: Law) -> Self {
        self.fails(name, place, mttf, repair).changing(|mode| mode.effect = Effect::Kill)
    }

    /// Data are corrupted in every copy, and that is found so much later.
    pub fn corrupts(self, name: &str, place: Place, mttf: Law, found: Law) -> Self {
        self.fails(name, place, mttf, found).changing(|mode| mode.effect = Effect::Corrupt)
    }

    /// The application crashes: only the load balancer sees it.
    pub fn crashes(self, name: &str, place: Place, mttf: Law, repair: Law) -> Self {
        self.fails(name, place, mttf, repair).changing(|mode| mode.symptom = Symptom::Crash)
    }

    /// The application hangs: only a deep check sees it.
    pub fn hangs(self, name: &str, place: Place, mttf: Law, repair: Law) -> Self {
        self.fails(name, place, mttf, repair).changing(|mode| mode.symptom = Symptom::Hang)
    }

    /// A dependency fails this share of its calls.
    pub fn partly(self, error: f64) -> Self {
        self.changing(|mode| mode.error = share(error))
    }

    /// It answers, and fails this share of the requests; no check sees it, or deep ones do.
    pub fn dims(self, name: &str, place: Place, error: f64, seen: bool, mttf: Law, repair: Law) -> Self {
        let symptom = Symptom::Gray { error: share(error), seen };
        self.fails(name, place, mttf, repair).changing(|mode| mode.symptom = symptom)
    }

    fn changing(mut self, change: impl FnOnce(&mut FailureMode)) -> Self {
        change(self.design.failures.last_mut().expect("a failure mode"));
        self
    }

    /// Deployments or pushes; they come in the order of their names.
    pub fn changed(mut self, part: Rollout) -> Self {
        let touches = match self.scope(part.touches) {
            Scope::Unit(tier) | Scope::Tier(tier, _) => Touches::Tier(tier),
            Scope::Node(database) => Touches::Database(database),
            Scope::Regions(regions) => Touches::Regions(regions),
            Scope::Global => Touches::Everything,
            other => panic!("{other:?} is not changed"),
        };
        self.design.changes.push(Change { touches, ..part.change });
        assert!(self.design.changes.is_sorted_by_key(|change| &change.name));
        self
    }

    /// One excluded window, of a fixed length.
    pub fn maintained(self, place: Place, first: f64, length: f64) -> Self {
        let far = self.design.horizon.0;
        self.maintained_every(far, place, first, length, true)
    }

    /// Windows at an interval, excluded or not.
    pub fn maintained_every(mut self, every: f64, place: Place, first: f64, length: f64, excluded: bool) -> Self {
        let scopes = vec![self.scope(place)];
        let (first, every, duration) = (Seconds(first), Seconds(every), fixed(length));
        self.design.maintenance.push(Maintenance { name: "window".into(), scopes, first, every, duration, excluded });
        self
    }

    /// The demand is a multiple of the usual one in these hours.
    pub fn busier(mut self, hours: Hours, factor: f64) -> Self {
        self.design.demand.profile.push(Peak { hours, factor });
        self
    }

    /// The objective is about these hours only.
    pub fn judged_in(mut self, hours: Hours) -> Self {
        self.design.objectives.hours = Some(hours);
        self
    }

    /// The design.
    pub fn build(mut self) -> Design {
        if self.design.stacks.is_empty() {
            let names = (self.design.tiers.iter().map(|tier| &tier.name))
                .chain(self.design.databases.iter().map(|database| &database.name))
                .chain(self.design.dependencies.iter().map(|dependency| &dependency.name));
            let everything = Need::AllOf(names.map(|name| self.named_part(name)).collect());
            let requires = self.needs.as_ref().map_or(everything, |needs| self.need(needs));
            self.design.stacks.push(Stack { region: 0, requires });
        }
        self.design.stacks.sort_by_key(|stack| stack.region);
        self.design.failures.sort_by(|a, b| a.name.cmp(&b.name));
        self.design
    }

    fn zone(&self, name: &str) -> ZoneId {
        index(name, self.design.zones.iter().map(|zone| &zone.name))
    }

    fn place(&self, region: &str) -> usize {
        index(region, self.design.regions.iter().map(|region| &region.name))
    }

    fn need(&self, needs: &Needs) -> Need {
        let list = |of: &[Needs]| of.iter().map(|needs| self.need(needs)).collect();
        match needs {
            Needs::Part(name) => self.named_part(name),
            Needs::All(of) => Need::AllOf(list(of)),
            Needs::Any(of) => Need::AnyOf(list(of)),
            Needs::Best(k, of) => Need::KOf { k: *k, of: list(of) },
        }
    }

    fn named_part(&self, name: &str) -> Need {
        let design = &self.design;
        if design.tiers.iter().any(|tier| tier.name == name) {
            Need::Tier(index(name, design.tiers.iter().map(|tier| &tier.name)))
        } else if design.databases.iter().any(|database| database.name == name) {
            Need::Database(index(name, design.databases.iter().map(|database| &database.name)))
        } else {
            Need::Dependency(index(name, design.dependencies.iter().map(|dependency| &dependency.name)))
        }
    }

    fn scope(&self, place: Place) -> Scope {
        let design = &self.design;
        let tier = |name| index(name, design.tiers.iter().map(|tier| &tier.name));
        match place {
            Place::EachUnit(name) => Scope::Unit(tier(name)),
            Place::EachNode(name) => Scope::Node(index(name, design.databases.iter().map(|database| &database.name))),
            Place::WholeTier(name, region) => Scope::Tier(tier(name), self.place(region)),
            Place::EachZone => Scope::Zones((0..design.zones.len()).collect()),
            Place::OneZone(name) => Scope::Zones(vec![self.zone(name)]),
            Place::EachRegion => Scope::Regions((0..design.regions.len()).collect()),
            Place::OneRegion(name) => Scope::Regions(vec![self.place(name)]),
            Place::ControlPlane(region) => Scope::ControlPlanes(vec![self.place(region)]),
            Place::GlobalControlPlane => Scope::GlobalControlPlane,
            Place::Service(name) => {
                Scope::Dependency(index(name, design.dependencies.iter().map(|dependency| &dependency.name)))
            }
            Place::Everything => Scope::Global,
        }
    }
}

fn index<'n>(name: &str, mut names: impl Iterator<Item = &'n String>) -> usize {
    names.position(|known| known == name).unwrap_or_else(|| panic!("nothing is called {name}"))
}

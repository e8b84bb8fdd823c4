//! A design becomes a plan: names become positions, laws and checks become ready to sample, streams get their keys.

use super::timetable;
use crate::engine::curve::MAX_RATES;
use crate::engine::ledger::Terms;
use crate::engine::week::Week;
use crate::law::{Law, name_key};
use crate::mechanism::change::ChangePlan;
use crate::mechanism::check::Check;
use crate::mechanism::checkers::CheckersPlan;
use crate::mechanism::database::backup::BackupPlan;
use crate::mechanism::database::failover::{FailoverPlan, StoragePlan, TakeOver};
use crate::mechanism::database::quorum::{QuorumPlan, Site};
use crate::mechanism::database::{DatabaseKeys, DatabasePlan};
use crate::mechanism::dependency::{BreakerPlan, DependencyMode, DependencyPlan, OverloadPlan};
use crate::mechanism::dns::{CohortPlan, DnsPlan, FailbackPlan, RecordPlan};
use crate::mechanism::fleet::{
    BalancerPlan, FleetPlan, GrayPlan, MAX_UNIT_MODES, ScalingPlan, SharedModes, ShiftPlan, SparesPlan, UnitMode,
    UpkeepPlan,
};
use crate::mechanism::latent::LatentPlan;
use crate::mechanism::maintenance::MaintenancePlan;
use crate::mechanism::outage::{Hold, OutagePlan, Target};
use crate::mechanism::sessions::{Holder, SessionsPlan};
use crate::mechanism::standby::StandbyPlan;
use crate::mechanism::structure::{Part, StructurePlan};
use crate::model::{
    Database, Design, Dns, Effect, Failback, Need, Nodes, Population, Quorum, Record, Replica, Routing, Scope,
    Sessions, Stale, Standby, Switch, Symptom, Tier, Touches, Upkeep,
};

/// A design, compiled.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Length of a replication that counts, after the warm-up (s).
    pub counted: f64,
    /// What comes before it and does not count (s).
    pub warm_up: f64,
    /// What counts, and in which periods the objective is judged.
    pub terms: Terms,
    /// Requests per second, usually.
    pub demand: f64,
    /// Share of the requests that write.
    pub write_share: f64,
    /// Something tells reads from writes.
    pub stores: bool,
    /// Names of the failure modes, changes and maintenance, by bit.
    pub modes: Vec<String>,
    /// Hours in which the demand differs, or counts.
    pub week: Week,
    /// Demand in the time that counts (s of usual demand).
    pub exposure: f64,
    /// Demand that counts towards the objective in each period (s of usual demand).
    pub judged: Vec<f64>,
    pub(super) region_of: Vec<usize>,
    pub(super) regions: usize,
    /// Regions whose service may change when a region turns: itself, and users of dependencies that live there; one bit each.
    pub(super) region_users: Vec<u64>,
    /// Modes that kill what they cover, one bit each.
    pub(super) killers: u64,
    pub(super) outages: Vec<OutagePlan>,
    pub(super) fleets: Vec<FleetPlan>,
    pub(super) databases: Vec<DatabasePlan>,
    pub(super) dependencies: Vec<DependencyPlan>,
    pub(super) sessions: Option<SessionsPlan>,
    pub(super) structures: Vec<StructurePlan>,
    pub(super) dns: Option<DnsPlan>,
    pub(super) changes: Vec<ChangePlan>,
    /// Bits of the changes.
    pub(super) change_bits: u64,
    /// Component number of the first change.
    pub(super) first_change: usize,
    pub(super) maintenance: Vec<MaintenancePlan>,
    /// Component number of the hours of the week.
    pub(super) clock: u32,
    /// Overload fails the checks of some fleet.
    pub(super) feels_load: bool,
}

/// Why a design cannot be simulated. Scenario files are checked before they come this far.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// No region runs anything.
    #[error("no stack: the architecture serves nothing; give it at least one tier, database or dependency")]
    NoStack,
    /// The warm-up takes the whole history.
    #[error("the warm-up of {warm_up} leaves nothing of the horizon: make it shorter, or the horizon longer")]
    NothingCounts {
        /// Length of the warm-up.
        warm_up: String,
    },
    /// The demand is 0 all the time that counts, or all the time that the objective is about.
    #[error("there is no demand in {within}: check the factors of the demand's profile, the hours, and the horizon")]
    NoDemand {
        /// The time in which there is none.
        within: &'static str,
    },
    /// Traffic has nowhere to go, or several places with nothing to choose between them.
    #[error("{stacks} regions run a stack, but clients reach them without DNS: add a [dns] table or run one region")]
    NoRouting {
        /// Number of stacks.
        stacks: usize,
    },
    /// DNS names a region that runs nothing.
    #[error("DNS answers region {region}, which runs no stack")]
    NothingThere {
        /// The region.
        region: String,
    },
    /// A tier has no zone in a region whose stack requires it.
    #[error("tier {tier} has no zone or no unit in region {region}, whose stack requires it")]
    NoPlace {
        /// The tier.
        tier: String,
        /// The region.
        region: String,
    },
    /// More of something than the engine has room for.
    #[error("{count} {what}, but at most {limit} can be simulated: merge some")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there can be.
        limit: usize,
    },
}

fn at_most(what: &'static str, count: usize, limit: usize) -> Result<(), PlanError> {
    if count > limit { Err(PlanError::TooMany { what, count, limit }) } else { Ok(()) }
}

impl Plan {
    /// Compiles a design.
    ///
    /// # Errors
    /// When the design is empty, when traffic cannot reach it, or when it exceeds a limit of the engine.
    pub fn new(design: &Design) -> Result<Plan, PlanError> {
        let kinds = design.failures.len() + design.changes.len() + design.maintenance.len();
        at_most("failure modes, changes and maintenance together", kinds, 64)?;
        at_most("regions", design.regions.len(), 64)?;
        at_most("zones", design.zones.len(), 65_535)?;
        if design.warm_up.0 >= design.horizon.0 {
            return Err(PlanError::NothingCounts { warm_up: design.warm_up.to_string() });
        }
        if design.stacks.is_empty() {
            return Err(PlanError::NoStack);
        }
        let region_of: Vec<usize> = design.zones.iter().map(|z| z.region).collect();
        let mut compiler = Compiler {
            design,
            region_of,
            fleets: Vec::new(),
            users: vec![0; design.databases.len()],
            dependency_users: vec![0; design.dependencies.len()],
        };
        let mut stacks: Vec<_> = design.stacks.iter().collect();
        stacks.sort_by_key(|s| s.region);
        let mut structures = Vec::new();
        for stack in stacks {
            let mut parts = Vec::new();
            compiler.part(&stack.requires, stack.region, &mut parts)?;
            structures.push(StructurePlan { region: stack.region, parts, writes: None });
        }
        let dns = compiler.dns(&structures)?;
        let outages = compiler.outages();
        let mut next = outages.len() as u32;
        let mut number = || {
            next += 1;
            next - 1
        };
        compiler.fleets.iter_mut().for_each(|fleet| fleet.component = number());
        let databases: Vec<_> = (0..design.databases.len()).map(|index| compiler.database(index, number())).collect();
        let demand = &design.demand;
        let write_share = if demand.rate.0 > 0.0 { (demand.writes.0 / demand.rate.0).min(1.0) } else { 0.0 };
        if databases.iter().any(DatabasePlan::divides) {
            structures.iter_mut().for_each(|structure| structure.writes = Some(write_share));
        }
        let dependencies: Vec<_> =
            (0..design.dependencies.len()).map(|index| compiler.dependency(index, number())).collect();
        let dns = dns.map(|dns| DnsPlan { component: number(), ..dns });
        let first_change = next as usize;
        let mut component = next;
        let changes: Vec<_> = (0..design.changes.len()).map(|index| compiler.change(index, &mut component)).collect();
        let maintenance =
            (0..design.maintenance.len()).map(|index| compiler.maintenance(index, &mut component)).collect();
        let clock = component;
        next = component + 1;
        let week = timetable::week(design);
        let terms = timetable::terms(design);
        let judged = timetable::judged(&week, &terms, design.horizon.0);
        let exposure = week.between(design.warm_up.0, design.horizon.0).0;
        if exposure <= 0.0 {
            return Err(PlanError::NoDemand { within: "the time that counts" });
        }
        if judged.iter().sum::<f64>() <= 0.0 {
            return Err(PlanError::NoDemand { within: "the service hours" });
        }
        let region_users = compiler.region_users();
        let sessions = compiler.sessions(dns.as_ref());
        at_most("places that can fail", next as usize, 1 << 22)?;
        Ok(Plan {
            counted: design.horizon.0 - design.warm_up.0,
            warm_up: design.warm_up.0,
            demand: demand.rate.0,
            write_share,
            stores: !databases.is_empty(),
            modes: compiler.names(),
            exposure,
            terms,
            week,
            judged,
            regions: design.regions.len(),
            region_of: compiler.region_of,
            region_users,
            killers: (design.failures.iter().enumerate())
                .filter(|(_, mode)| mode.effect == Effect::Kill)
                .fold(0, |bits, (bit, _)| bits | 1 << bit),
            feels_load: compiler.fleets.iter().any(FleetPlan::feels_load),
            outages,
            fleets: compiler.fleets,
            databases,
            dependencies,
            sessions,
            structures,
            dns,
            change_bits: changes.iter().fold(0, |bits, change| bits | change.bit),
            changes,
            first_change,
            maintenance,
            clock,
        })
    }

    /// Some maintenance is excluded.
    pub fn excludes(&self) -> bool {
        self.maintenance.iter().any(|window| window.excluded)
    }
}

impl Plan {
    /// Some database acknowledges writes before it sends them on, so that they can be missing for a time.
    pub fn sends_later(&self) -> bool {
        self.databases.iter().any(DatabasePlan::needs_shares)
    }
}

pub(super) struct Compiler<'a> {
    pub(super) design: &'a Design,
    pub(super) region_of: Vec<usize>,
    pub(super) fleets: Vec<FleetPlan>,
    users: Vec<u64>,
    dependency_users: Vec<u64>,
}

impl Compiler<'_> {
    /// Appends a need and its members to the parts, and returns its position.
    fn part(&mut self, need: &Need, region: usize, parts: &mut Vec<Part>) -> Result<usize, PlanError> {
        let mut members = |needs: &[Need]| -> Result<Vec<usize>, PlanError> {
            needs.iter().map(|n| self.part(n, region, parts)).collect()
        };
        let part = match need {
            Need::AllOf(needs) => Part::AllOf(members(needs)?),
            Need::AnyOf(needs) => Part::AnyOf(members(needs)?),
            Need::KOf { k, of } => Part::KOf(*k, members(of)?),
            Need::Tier(tier) => Part::Fleet(self.fleet(*tier, region)?),
            Need::Database(index) => {
                self.users[*index] |= 1 << region;
                Part::Database(*index)
            }
            Need::Dependency(index) => {
                self.dependency_users[*index] |= 1 << region;
                Part::Dependency(*index)
            }
        };
        parts.push(part);
        Ok(parts.len() - 1)
    }

    fn fleet(&mut self, index: usize, region: usize) -> Result<usize, PlanError> {
        let tier = &self.design.tiers[index];
        let name = format!("tier/{}/{}", tier.name, self.design.regions[region].name);
        if let Some(known) = self.fleets.iter().position(|f| f.name == name) {
            return Ok(known);
        }
        let zones: Vec<usize> = tier.zones.iter().copied().filter(|z| self.region_of[*z] == region).collect();
        let (units, upkeep) = upkeep(tier);
        if zones.is_empty() || units == 0 {
            let region = self.design.regions[region].name.clone();
            return Err(PlanError::NoPlace { tier: tier.name.clone(), region });
        }
        let modes: Vec<UnitMode> = (self.design.failures.iter().enumerate())
            .filter(|(_, mode)| mode.scope == Scope::Unit(index))
            .map(|(bit, mode)| UnitMode {
                bit: 1 << bit,
                name: mode.name.clone(),
                life: mode.mttf.clone(),
                repair: mode.repair.clone(),
                symptom: mode.symptom,
            })
            .chain(self.units_changed(index))
            .collect();
        at_most("failure modes of one tier's units", modes.len(), MAX_UNIT_MODES)?;
        let balancer = tier.load_balancer.as_ref().map(|balancer| BalancerPlan {
            check: Check::new(&balancer.check),
            cross_zone: balancer.cross_zone,
            zone_ttl: balancer.zone_ttl.0,
            shift: balancer.zonal_shift.as_ref().map(|shift| ShiftPlan {
                detection: shift.detection.clone(),
                decision: shift.decision.clone(),
                duration: shift.duration.clone(),
                return_after: shift.return_after.clone(),
            }),
            overload: balancer.overload.and_then(|limit| Some(limit * tier.capacity?.0)),
        });
        let capacity = tier.capacity.map_or(f64::INFINITY, |rate| rate.0);
        self.fleets.push(FleetPlan::new(
            name,
            0,
            region,
            zones,
            units,
            tier.required,
            capacity,
            modes,
            self.shared_modes(index, region),
            gray_modes(self.design),
            upkeep,
            balancer,
        ));
        Ok(self.fleets.len() - 1)
    }

    fn region_users(&self) -> Vec<u64> {
        let mut users: Vec<u64> = (0..self.design.regions.len()).map(|region| 1 << region).collect();
        for (dependency, of_it) in self.design.dependencies.iter().zip(&self.dependency_users) {
            if let Some(region) = dependency.region {
                users[region] |= of_it;
            }
        }
        users
    }

    fn shared_modes(&self, tier: usize, region: usize) -> SharedModes {
        let shared = |symptom: Symptom| {
            let modes = self.design.failures.iter().enumerate();
            let own = modes
                .filter(|(_, mode)| mode.scope == Scope::Tier(tier, region) && mode.symptom == symptom)
                .fold(0, |bits, (bit, _)| bits | 1 << bit);
            let changes = self.design.changes.iter().enumerate();
            changes
                .filter(|(_, change)| change.touches == Touches::Tier(tier) && change.symptom == symptom)
                .fold(own, |bits, (index, _)| bits | self.bit_of_change(index))
        };
        SharedModes { instance: shared(Symptom::Instance), hang: shared(Symptom::Hang) }
    }

    fn database(&self, index: usize, component: u32) -> DatabasePlan {
        let database = &self.design.databases[index];
        let backup = database.backup.as_ref().map(|backup| BackupPlan {
            spacing: backup.interval.0,
            retention: backup.retention.map_or(f64::INFINITY, |retention| retention.0),
            decision: backup.decision.clone(),
            restore: backup.restore.clone(),
        });
        let corruptions = (self.design.failures.iter().enumerate())
            .filter(|(_, mode)| mode.scope == Scope::Node(index) && mode.effect == Effect::Corrupt)
            .map(|(bit, mode)| (1 << bit, mode.repair.clone()))
            .collect();
        match &database.quorum {
            Some(quorum) => DatabasePlan::Quorum(QuorumPlan {
                component,
                users: self.users[index],
                sites: sites(&quorum.nodes),
                write: quorum.write as usize,
                read: quorum.read as usize,
                regional: matches!(quorum.nodes, Nodes::Regions(_)),
                rebuild: database.rebuild.clone(),
                lag: quorum.lag.clone(),
                conflict_share: quorum.conflict_share.get(),
                backup,
                corruptions,
                writes: self.design.demand.writes.0,
                keys: DatabaseKeys::new(&database.name),
            }),
            None => DatabasePlan::Failover(self.failover(index, component, backup, corruptions)),
        }
    }

    fn failover(
        &self,
        index: usize,
        component: u32,
        backup: Option<BackupPlan>,
        corruptions: Vec<(u64, Law)>,
    ) -> FailoverPlan {
        let database = &self.design.databases[index];
        let take_over = |copy: &Replica| TakeOver {
            decision: copy.decision.clone(),
            promotion: copy.promotion.clone(),
            coverage: copy.coverage.get(),
            manual: copy.manual.clone(),
            latent: copy.broken.as_ref().map(LatentPlan::new),
        };
        let in_region = |region| (0..self.region_of.len()).filter(|z| self.region_of[*z] == region).collect();
        let nodes = named_nodes(database);
        FailoverPlan {
            component,
            users: self.users[index],
            standbys: nodes.iter().filter(|(role, _)| role.contains("standby")).count(),
            zones: nodes.into_iter().map(|(_, zone)| zone).collect(),
            detection: database.detection.clone(),
            endpoint_ttl: database.endpoint_ttl.0,
            rebuild: database.rebuild.clone(),
            reads_survive: database.reads_survive,
            standby: database.standby.as_ref().map(take_over),
            replica: database.replica.as_ref().map(take_over),
            lag: database.replica.as_ref().map_or(Law::Fixed(0.0), |r| r.lag.clone()),
            failback: database.replica.as_ref().and_then(|r| r.failback.clone()),
            storage: database.storage.as_ref().map(|storage| StoragePlan {
                recreate: storage.recreate.clone(),
                elsewhere: storage.elsewhere.clone(),
            }),
            backup,
            corruptions,
            zones_of_region: (0..self.design.regions.len()).map(in_region).collect(),
            writes: self.design.demand.writes.0,
            keys: DatabaseKeys::new(&database.name),
        }
    }

    fn dependency(&self, index: usize, component: u32) -> DependencyPlan {
        let dependency = &self.design.dependencies[index];
        let client = &dependency.client;
        let modes = self.design.failures.iter().enumerate();
        DependencyPlan {
            component,
            index,
            users: self.dependency_users[index],
            region: dependency.region,
            modes: modes
                .filter(|(_, mode)| mode.scope == Scope::Dependency(index))
                .map(|(bit, mode)| DependencyMode {
                    bit: 1 << bit,
                    error: mode.error.get(),
                    hangs: mode.symptom == Symptom::Hang,
                })
                .chain(self.dependency_maintained(index))
                .collect(),
            cost: client.share.get() * dependency.cost.get(),
            calls: client.calls.map_or(client.share.get() * self.design.demand.rate.0, |calls| calls.0),
            timeout: client.timeout.0,
            pool: client.pool.map_or(f64::INFINITY, f64::from),
            waits: dependency.retry.waits.iter().map(|wait| wait.0).collect(),
            breaker: dependency.breaker.as_ref().map(|breaker| BreakerPlan {
                trip: breaker.trip,
                reset_timeout: breaker.reset_timeout.0,
                half_open: breaker.half_open,
                fallback: breaker.fallback.get(),
                callers: f64::from(breaker.callers),
            }),
            overload: dependency.overload.as_ref().map(|overload| OverloadPlan {
                capacity: overload.capacity.0,
                goodput: overload.goodput.get(),
                intervention: overload.intervention.clone(),
            }),
            trials: name_key(&format!("dependency/{}/trial", dependency.name)),
            interventions: name_key(&format!("dependency/{}/intervention", dependency.name)),
        }
    }

    fn sessions(&mut self, dns: Option<&DnsPlan>) -> Option<SessionsPlan> {
        let lossy = |index: usize| {
            let modes = self.design.failures.iter().enumerate();
            let loses = |mode: &crate::model::FailureMode| {
                mode.scope == Scope::Dependency(index) && mode.symptom != Symptom::Hang && mode.error.get() == 1.0
            };
            modes.filter(|(_, mode)| loses(mode)).fold(0, |bits, (bit, _)| bits | 1 << bit)
        };
        Some(match self.design.sessions.as_ref()? {
            Sessions::External { dependency, replicas, users } => {
                let lossy = if *replicas == 0 { lossy(*dependency) } else { 0 };
                SessionsPlan { users: *users, holders: Vec::new(), store: *dependency, lossy }
            }
            Sessions::Database { users, .. } => {
                SessionsPlan { users: *users, holders: Vec::new(), store: usize::MAX, lossy: 0 }
            }
            Sessions::Instance { tier, users } => {
                let name = format!("tier/{}/", self.design.tiers[*tier].name);
                let mut holders = Vec::new();
                for (index, fleet) in self.fleets.iter_mut().enumerate() {
                    if fleet.name.starts_with(&name) {
                        fleet.keeps_sessions = true;
                        let endpoint = dns.and_then(|dns| dns.regions.iter().position(|r| *r == fleet.region));
                        holders.push(Holder { fleet: index, endpoint, units: f64::from(fleet.units) });
                    }
                }
                SessionsPlan { users: *users, holders, store: usize::MAX, lossy: 0 }
            }
        })
    }

    fn dns(&self, structures: &[StructurePlan]) -> Result<Option<DnsPlan>, PlanError> {
        let dns = match &self.design.routing {
            Routing::Dns(dns) => dns,
            Routing::Direct if structures.len() == 1 => return Ok(None),
            Routing::Direct => return Err(PlanError::NoRouting { stacks: structures.len() }),
        };
        let (regions, record) = match &dns.record {
            Record::Failover(order) => (order.clone(), RecordPlan::Failover),
            Record::Weighted(weights) => {
                let (regions, weights) = weights.iter().copied().unzip();
                (regions, RecordPlan::Weighted(weights))
            }
            Record::Latency(populations) => latency(populations),
        };
        for region in &regions {
            if !structures.iter().any(|s| s.region == *region) {
                return Err(PlanError::NothingThere { region: self.design.regions[*region].name.clone() });
            }
        }
        let mut rates: Vec<f64> = Vec::new();
        let cohorts = dns.cohorts.iter().map(|cohort| cohort_plan(cohort, &mut rates)).collect();
        at_most("different exponential times that clients keep stale answers", rates.len(), MAX_RATES)?;
        rates.resize(MAX_RATES, 1.0);
        Ok(Some(DnsPlan {
            component: 0,
            standbys: regions.iter().map(|r| dns.standbys.iter().find(|s| s.region == *r).map(standby)).collect(),
            regions,
            record,
            check: dns.check.as_ref().map(Check::new),
            checkers: dns.check.as_ref().and_then(|check| CheckersPlan::new(dns.checkers, check)),
            decision: dns.decision.clone(),
            coverage: dns.coverage.get(),
            manual: dns.manual.clone(),
            publish: dns.publish.clone(),
            failback: failback(dns),
            failback_risk: (dns.failback_risk.as_ref()).map(|risk| (risk.probability.get(), risk.recover.clone())),
            cohorts,
            rates,
            key: name_key("dns"),
        }))
    }

    /// One process for each place that a failure mode covers and the design uses.
    fn outages(&self) -> Vec<OutagePlan> {
        let mut outages = Vec::new();
        for (bit, mode) in self.design.failures.iter().enumerate() {
            let mut add = |place: &str, target| {
                outages.push(OutagePlan {
                    component: outages.len() as u32,
                    hold: Hold {
                        target,
                        bit: 1 << bit,
                        kills: mode.effect == Effect::Kill,
                        gray: matches!(mode.symptom, Symptom::Gray { .. }),
                    },
                    life: mode.mttf.clone(),
                    // A corruption is on until the database is cleaned of it.
                    repair: if mode.effect == Effect::Corrupt { Law::Never } else { mode.repair.clone() },
                    key: name_key(&format!("failure/{}/{place}", mode.name)),
                });
            };
            match &mode.scope {
                Scope::Node(database) if mode.effect == Effect::Corrupt => {
                    let name = &self.design.databases[*database].name;
                    add(&format!("database/{name}/data"), Target::Data(*database));
                }
                scope => self.places(scope, &mut add),
            }
        }
        outages
    }

    /// Names and targets of the places that a scope covers and the design uses. Units are no places.
    pub(super) fn places(&self, scope: &Scope, add: &mut dyn FnMut(&str, Target)) {
        let region = |r: &usize| &self.design.regions[*r].name;
        match scope {
            Scope::Unit(_) => {}
            Scope::Node(database) => {
                let it = &self.design.databases[*database];
                let roles: Vec<String> = match &it.quorum {
                    Some(quorum) => self.quorum_nodes(quorum),
                    None => named_nodes(it).into_iter().map(|(role, _)| role.to_owned()).collect(),
                };
                for (node, role) in roles.into_iter().enumerate() {
                    add(&format!("database/{}/{role}", it.name), Target::Node { database: *database, node });
                }
            }
            Scope::Tier(tier, r) => {
                let name = format!("tier/{}/{}", self.design.tiers[*tier].name, region(r));
                if let Some(fleet) = self.fleets.iter().position(|f| f.name == name) {
                    add(&name, Target::Fleet(fleet));
                }
            }
            Scope::Zones(zones) => {
                for zone in zones.iter().filter(|z| self.uses_zone(**z)) {
                    add(&format!("zone/{}", self.design.zones[*zone].name), Target::Zone(*zone));
                }
            }
            Scope::Regions(regions) => {
                for r in regions {
                    add(&format!("region/{}", region(r)), Target::Region(*r));
                }
            }
            Scope::ControlPlanes(regions) => {
                for r in regions {
                    add(&format!("control-plane/{}", region(r)), Target::ControlPlane(*r));
                }
            }
            Scope::GlobalControlPlane => add("control-plane/global", Target::GlobalControlPlane),
            Scope::Dependency(index) => {
                let name = &self.design.dependencies[*index].name;
                add(&format!("dependency/{name}"), Target::Dependency(*index));
            }
            Scope::Global => add("global", Target::Global),
        }
    }

    /// Something stands in the zone, or a database could be restored there.
    fn uses_zone(&self, zone: usize) -> bool {
        let restorable = |region: usize| self.region_of[zone] == region;
        self.fleets.iter().any(|f| f.zones.contains(&zone))
            || self.design.databases.iter().any(|database| match &database.quorum {
                Some(quorum) => sites(&quorum.nodes).contains(&Site::Zone(zone)),
                None => {
                    let renewable = database.backup.is_some() || database.storage.is_some();
                    let mut zones = named_nodes(database).into_iter().map(|(_, zone)| zone);
                    zones.any(|z| z == zone || (renewable && restorable(self.region_of[z])))
                }
            })
    }

    /// A name for each of equal nodes.
    fn quorum_nodes(&self, quorum: &Quorum) -> Vec<String> {
        match &quorum.nodes {
            Nodes::Regions(regions) => regions.iter().map(|region| self.design.regions[*region].name.clone()).collect(),
            nodes => (1..=sites(nodes).len()).map(|number| format!("node-{number}")).collect(),
        }
    }
}

/// Role and zone of each node of a database with a primary.
fn named_nodes(database: &Database) -> Vec<(&'static str, usize)> {
    let copies = [
        ("standby", database.standby.as_ref().map(|copy| copy.zone)),
        ("second-standby", database.second_standby),
        ("replica", database.replica.as_ref().map(|copy| copy.zone)),
    ];
    let there = copies.into_iter().filter_map(|(role, zone)| Some((role, zone?)));
    std::iter::once(("primary", database.primary)).chain(there).collect()
}

fn sites(nodes: &Nodes) -> Vec<Site> {
    match nodes {
        Nodes::Zones(zones) => zones.iter().map(|zone| Site::Zone(*zone)).collect(),
        Nodes::Regions(regions) => regions.iter().map(|region| Site::Region(*region)).collect(),
        Nodes::Region(region) => vec![Site::Region(*region)],
        Nodes::Anywhere => vec![Site::Anywhere],
    }
}

fn gray_modes(design: &Design) -> GrayPlan {
    let mut plan = GrayPlan::none();
    for (bit, mode) in design.failures.iter().enumerate() {
        if let Symptom::Gray { error, seen } = mode.symptom {
            plan.modes |= 1 << bit;
            plan.seen |= u64::from(seen) << bit;
            plan.zonal |= u64::from(matches!(mode.scope, Scope::Zones(_))) << bit;
            plan.survival[bit] = 1.0 - error.get();
        }
    }
    for (index, change) in design.changes.iter().enumerate() {
        if let Symptom::Gray { error, seen } = change.symptom {
            let bit = design.failures.len() + index;
            plan.modes |= 1 << bit;
            plan.seen |= u64::from(seen) << bit;
            plan.survival[bit] = 1.0 - error.get();
        }
    }
    plan
}

/// Units per region, and how they are kept up.
fn upkeep(tier: &Tier) -> (u32, UpkeepPlan) {
    match &tier.upkeep {
        Upkeep::Pool { units, crews, replacement, spares } => {
            let spares = spares.as_ref().map(|spares| SparesPlan {
                count: spares.count,
                dormant: spares.dormant.get(),
                switch_over: spares.switch_over.clone(),
                coverage: spares.coverage.get(),
            });
            let crews = crews.unwrap_or(u32::MAX);
            (*units, UpkeepPlan::Pool { crews, replacement: replacement.clone(), spares })
        }
        Upkeep::AutoScaling(group) => (
            group.desired,
            UpkeepPlan::Scaling(ScalingPlan {
                check: group.check,
                grace: group.grace.0,
                status_check: Check::new(&group.status_check),
                terminate: group.terminate.clone(),
                launch: group.launch.clone(),
                boot: group.boot.clone(),
                launch_failure: group.launch_failure.get(),
                retry: group.retry.clone(),
            }),
        ),
    }
}

/// The regions of a latency record, and the orders as positions among them.
fn latency(populations: &[Population]) -> (Vec<usize>, RecordPlan) {
    let regions: Vec<usize> = populations.first().map_or(Vec::new(), |first| first.prefers.clone());
    let order = |population: &Population| {
        let positions = population.prefers.iter().filter_map(|region| regions.iter().position(|r| r == region));
        (population.share.get(), positions.collect())
    };
    let record = RecordPlan::Latency(populations.iter().map(order).collect());
    (regions, record)
}

fn standby(standby: &Standby) -> StandbyPlan {
    StandbyPlan {
        region: standby.region,
        share: standby.share.get(),
        provision: standby.provision.clone(),
        scale_up: standby.scale_up.clone(),
        scale_down: standby.scale_down.clone(),
        when_ready: standby.switch == Switch::WhenReady,
        latent: standby.broken.as_ref().map(LatentPlan::new),
    }
}

fn failback(dns: &Dns) -> FailbackPlan {
    match &dns.failback {
        Failback::Automatic(law) | Failback::Manual(law) => FailbackPlan::After(law.clone()),
        Failback::Never => FailbackPlan::Never,
    }
}

fn cohort_plan(cohort: &crate::model::Cohort, rates: &mut Vec<f64>) -> CohortPlan {
    let (delay, rate) = match cohort.stale {
        Stale::None => (0.0, None),
        Stale::Fixed(time) => (time.0, None),
        Stale::Exponential(mean) => {
            let rate = 1.0 / mean.0;
            let known = rates.iter().position(|r| *r == rate);
            let index = known.unwrap_or_else(|| {
                rates.push(rate);
                rates.len() - 1
            });
            (0.0, Some(index))
        }
    };
    CohortPlan { share: cohort.share.get(), ttl: cohort.ttl.0, delay, rate }
}

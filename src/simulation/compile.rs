//! A design becomes a plan: names become positions, laws and checks become ready to sample, streams get their keys.

mod databases;
mod dependencies;
mod dns;
mod injections;
mod outages;
mod sessions;
mod tiers;

use super::classes::CountedClass;
use super::timetable;
use crate::engine::ledger::{MANY, Terms};
use crate::engine::week::Week;
use crate::mechanism::change::ChangePlan;
use crate::mechanism::database::DatabasePlan;
use crate::mechanism::dependency::DependencyPlan;
use crate::mechanism::dns::DnsPlan;
use crate::mechanism::fleet::FleetPlan;
use crate::mechanism::maintenance::MaintenancePlan;
use crate::mechanism::outage::OutagePlan;
use crate::mechanism::sessions::SessionsPlan;
use crate::mechanism::structure::{Part, StructurePlan};
use crate::model::{Design, Effect, Need};

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
    /// Classes of them that are counted in each history.
    pub(super) classes_counted: Vec<CountedClass>,
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
    /// Zones that go down and come back matter only by how many units are healthy.
    pub(super) zones_only_count: bool,
    /// Something may wait for places or control planes to come back, or acts on them at once.
    pub(super) waits_for_places: bool,
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
    /// More happens in a history than is kept of it.
    #[error("a history has more than {limit} incidents and losses of data: make simulation.horizon shorter")]
    TooEventful {
        /// How many there can be.
        limit: usize,
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

/// Most units that are simulated together: some gigabytes of memory for each thread.
const MOST_UNITS: usize = 16_000_000;

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
        let (mut compiler, mut structures) = Compiler::new(design)?;
        at_most("units", compiler.fleets.iter().map(|fleet| fleet.room() as usize).sum(), MOST_UNITS)?;
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
        let mut maintenance: Vec<_> =
            (0..design.maintenance.len()).map(|index| compiler.maintenance(index, &mut component)).collect();
        maintenance.extend((0..design.injections.len()).filter_map(|index| compiler.injection(index, &mut component)));
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
        let waits_for_places = dns.is_some()
            || !(databases.is_empty() && changes.is_empty())
            || compiler.fleets.iter().any(FleetPlan::waits_for_places);
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
            zones_only_count: !waits_for_places
                && sessions.is_none()
                && compiler.fleets.iter().all(FleetPlan::goes_alone),
            waits_for_places,
            feels_load: compiler.fleets.iter().any(FleetPlan::feels_load),
            outages,
            classes_counted: Vec::new(),
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

    /// Makes sure that there is memory for all of them together.
    ///
    /// # Errors
    /// When they have too many units.
    pub fn fit_together(plans: &[Plan]) -> Result<(), PlanError> {
        let units = plans.iter().flat_map(|plan| &plan.fleets).map(|fleet| fleet.room() as usize).sum();
        at_most("units in all architectures together", units, MOST_UNITS)
    }

    /// Names of the failure modes, changes and maintenance whose bits are set.
    pub fn names_of(&self, modes: u64) -> Vec<String> {
        if modes == MANY {
            return vec![format!("more than {} at once", self.terms.together)];
        }
        self.modes.iter().enumerate().filter(|(bit, _)| modes >> bit & 1 == 1).map(|(_, name)| name.clone()).collect()
    }

    /// Some maintenance is excluded.
    pub fn excludes(&self) -> bool {
        self.maintenance.iter().any(|window| window.excluded)
    }
}

impl Plan {
    /// Some outage is rare, so that histories are spread evenly over it.
    pub fn is_stratified(&self) -> bool {
        self.outages.iter().any(|outage| outage.rare.is_some())
    }

    /// Outages are drawn as they come, however rare.
    pub fn forgo_stratification(&mut self) {
        self.outages.iter_mut().for_each(|outage| outage.rare = None);
    }

    /// Reads and writes may fare differently.
    pub fn divides(&self) -> bool {
        self.structures.iter().any(|structure| structure.writes.is_some())
    }

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

/// What each failure mode can be injected into, as names: "zone/a", "unit/web/eu", "database/orders/primary".
///
/// # Errors
/// When the design cannot be compiled.
pub fn injectable(design: &Design) -> Result<Vec<Vec<String>>, PlanError> {
    let (compiler, _) = Compiler::new(design)?;
    let names = |mode| compiler.injectable(mode).into_iter().map(|(name, _)| name).collect();
    Ok((0..design.failures.len()).map(names).collect())
}

impl<'a> Compiler<'a> {
    /// What the stacks need.
    fn new(design: &'a Design) -> Result<(Compiler<'a>, Vec<StructurePlan>), PlanError> {
        if design.stacks.is_empty() {
            return Err(PlanError::NoStack);
        }
        let mut compiler = Compiler {
            design,
            region_of: design.zones.iter().map(|zone| zone.region).collect(),
            fleets: Vec::new(),
            users: vec![0; design.databases.len()],
            dependency_users: vec![0; design.dependencies.len()],
        };
        let mut stacks: Vec<_> = design.stacks.iter().collect();
        stacks.sort_by_key(|stack| stack.region);
        let mut structures = Vec::new();
        for stack in stacks {
            let mut parts = Vec::new();
            compiler.part(&stack.requires, stack.region, &mut parts)?;
            structures.push(StructurePlan { region: stack.region, parts, writes: None });
        }
        Ok((compiler, structures))
    }
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

    fn region_users(&self) -> Vec<u64> {
        let mut users: Vec<u64> = (0..self.design.regions.len()).map(|region| 1 << region).collect();
        for (dependency, of_it) in self.design.dependencies.iter().zip(&self.dependency_users) {
            if let Some(region) = dependency.region {
                users[region] |= of_it;
            }
        }
        users
    }
}

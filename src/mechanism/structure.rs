//! What a region needs to serve a request, as a flow: load goes in, what is served comes out, what each part loses is known.
//!
//! A request passes all-of members in order; in any-of, what one member fails is tried on the next; k-of-n serves as much as its
//! k-th best member. Served load is piecewise linear in the load, so that drains can be integrated exactly between kinks.

use super::database::{Database, DatabasePlan};
use super::dependency::Dependency;
use super::fleet::{Fleet, FleetPlan};
use super::world::World;
use crate::engine::ledger::Stage;

/// A part of a structure.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// A tier in this region: position of its fleet.
    Fleet(usize),
    /// A database.
    Database(usize),
    /// A dependency.
    Dependency(usize),
    /// Positions of the members.
    AllOf(Vec<usize>),
    /// Positions of the members.
    AnyOf(Vec<usize>),
    /// How many, and positions of the members.
    KOf(usize, Vec<usize>),
}

/// The structure of one region: parts, the last of which is the whole.
#[derive(Debug, Clone, PartialEq)]
pub struct StructurePlan {
    /// The region.
    pub region: usize,
    /// Members before what they are members of.
    pub parts: Vec<Part>,
}

/// What a structure looks at.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Compiled fleets.
    pub fleet_plans: &'a [FleetPlan],
    /// Fleets.
    pub fleets: &'a [Fleet],
    /// Compiled databases.
    pub database_plans: &'a [DatabasePlan],
    /// Databases.
    pub databases: &'a [Database],
    /// Dependencies.
    pub dependencies: &'a [Dependency],
    /// Places.
    pub world: &'a World,
}

impl StructurePlan {
    fn root(&self) -> usize {
        self.parts.len() - 1
    }

    /// Requests per second served of `load`; `losses` gets what each part lost, where it was lost.
    pub fn serve(&self, view: &View, load: f64, losses: &mut [f64]) -> f64 {
        losses.fill(0.0);
        self.flow(self.root(), view, load, losses)
    }

    /// Whether the region could serve any request at all.
    pub fn could_serve(&self, view: &View, losses: &mut [f64]) -> bool {
        self.serve(view, f64::MIN_POSITIVE.sqrt(), losses) > 0.0
    }

    fn flow(&self, part: usize, view: &View, load: f64, losses: &mut [f64]) -> f64 {
        let served = match &self.parts[part] {
            Part::Fleet(index) => {
                let mut served = 0.0;
                view.fleets[*index].lanes(&view.fleet_plans[*index], |lane| {
                    let capacity = view.world.places.capacity(self.region, lane.capacity);
                    served += (lane.share * load).min(capacity) * lane.success;
                });
                served
            }
            Part::Database(index) => {
                if view.databases[*index].is_up() {
                    load
                } else {
                    0.0
                }
            }
            Part::Dependency(index) => load * view.dependencies[*index].served(),
            Part::AllOf(members) => {
                let served = members.iter().fold(load, |load, member| self.flow(*member, view, load, losses));
                return served;
            }
            Part::AnyOf(members) => {
                let mut left = load;
                for member in members {
                    left -= self.flow(*member, view, left, losses);
                }
                self.forget(members, losses);
                load - left
            }
            Part::KOf(k, members) => {
                // The k-th best: that one of the served loads which fewer than k others exceed. Few members, so counting beats sorting.
                let served = |losses: &mut [f64], member: usize| self.flow(member, view, load, losses);
                let mut kth = 0.0f64;
                for candidate in members {
                    let value = served(losses, *candidate);
                    if members.iter().filter(|other| served(losses, **other) >= value).count() >= *k {
                        kth = kth.max(value);
                    }
                }
                self.forget(members, losses);
                kth
            }
        };
        // Rounding must not leave a loss where everything is served.
        let lost = load - served;
        losses[part] = if lost > load * 1e-14 { lost } else { 0.0 };
        served
    }

    /// What members of any-of and k-of-n lose is the loss of the whole, if it is one at all.
    fn forget(&self, members: &[usize], losses: &mut [f64]) {
        for member in members {
            losses[*member] = 0.0;
            if let Part::AllOf(inner) | Part::AnyOf(inner) | Part::KOf(_, inner) = &self.parts[*member] {
                self.forget(inner, losses);
            }
        }
    }

    /// Modes behind what a part loses.
    pub fn cause(&self, part: usize, view: &View) -> u64 {
        match &self.parts[part] {
            Part::Fleet(index) => view.fleets[*index].cause(&view.fleet_plans[*index], view.world),
            Part::Database(index) => view.databases[*index].cause(),
            Part::Dependency(index) => view.dependencies[*index].cause(),
            Part::AllOf(members) | Part::AnyOf(members) | Part::KOf(_, members) => {
                members.iter().fold(0, |modes, member| modes | self.cause(*member, view))
            }
        }
    }

    /// Where the recovery of a part stands: of the first of several that is not repaired by waiting.
    pub fn stage(&self, part: usize, view: &View) -> Stage {
        match &self.parts[part] {
            Part::Fleet(index) => view.fleets[*index].stage(&view.fleet_plans[*index]),
            Part::Database(index) => view.databases[*index].stage(),
            Part::Dependency(index) => view.dependencies[*index].stage(),
            Part::AllOf(members) | Part::AnyOf(members) | Part::KOf(_, members) => {
                members.iter().map(|m| self.stage(*m, view)).find(|s| *s != Stage::Repair).unwrap_or(Stage::Repair)
            }
        }
    }

    /// Load on the region at which a lane of some fleet reaches its capacity, if it does below `most`: calls `kink` for each.
    ///
    /// What reaches a part never falls as the load on the region grows, so each lane is full above one load and not below.
    pub fn kinks(&self, view: &View, most: f64, losses: &mut [f64], mut kink: impl FnMut(f64)) {
        for (part, _) in self.parts.iter().enumerate() {
            let Part::Fleet(index) = &self.parts[part] else { continue };
            view.fleets[*index].lanes(&view.fleet_plans[*index], |lane| {
                let capacity = view.world.places.capacity(self.region, lane.capacity);
                let full =
                    |load: f64, losses: &mut [f64]| lane.share * self.inflow(part, view, load, losses) > capacity;
                if lane.share == 0.0 || capacity == 0.0 || capacity == f64::INFINITY || !full(most, losses) {
                    return;
                }
                let (mut low, mut high) = (0.0, most);
                loop {
                    let middle = 0.5 * (low + high);
                    if middle <= low || middle >= high {
                        break;
                    }
                    if full(middle, losses) { high = middle } else { low = middle }
                }
                kink(high);
            });
        }
    }

    /// Load that reaches a part when `load` reaches the region: what the whole loses before it is taken off.
    pub fn inflow(&self, part: usize, view: &View, load: f64, losses: &mut [f64]) -> f64 {
        fn search(
            plan: &StructurePlan,
            at: usize,
            part: usize,
            view: &View,
            load: f64,
            losses: &mut [f64],
        ) -> Result<f64, f64> {
            if at == part {
                return Ok(load);
            }
            match &plan.parts[at] {
                Part::AllOf(members) => {
                    let mut passed = load;
                    for member in members {
                        match search(plan, *member, part, view, passed, losses) {
                            Err(served) => passed = served,
                            found => return found,
                        }
                    }
                    Err(passed)
                }
                Part::AnyOf(members) => {
                    let mut left = load;
                    for member in members {
                        match search(plan, *member, part, view, left, losses) {
                            Err(served) => left -= served,
                            found => return found,
                        }
                    }
                    Err(load - left)
                }
                Part::KOf(_, members) => {
                    for member in members {
                        if let Ok(found) = search(plan, *member, part, view, load, losses) {
                            return Ok(found);
                        }
                    }
                    Err(plan.flow(at, view, load, losses))
                }
                _ => Err(plan.flow(at, view, load, losses)),
            }
        }
        search(self, self.root(), part, view, load, losses).unwrap_or(0.0)
    }
}

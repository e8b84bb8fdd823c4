//! What a region needs to serve a request, as a flow: load goes in, what is served comes out, what each part loses is known.
//!
//! A request passes all-of members in order; in any-of, what one member fails is tried on the next; k-of-n serves as much as its
//! k-th best member. Served load is piecewise linear in the load, so that drains can be integrated exactly between kinks.
//!
//! Where a database can serve reads while its writes are down, a load is a pair, reads and writes, else one number: `N` is how many. What
//! exceeds a capacity is lost of both in proportion. (A mix that itself changes with the load, behind an any-of whose first member serves
//! reads only and whose second is full, would be no straight line between kinks for the classes; for the sum it is one even there.)

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
    /// Share of writes in the demand, where reads and writes may fare differently; else all requests are alike.
    pub writes: Option<f64>,
}

/// Requests per second that a part loses: reads and writes, or all of them and nothing where they are alike.
pub type Lost = [f64; 2];

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
    pub fn serve(&self, view: &View, load: f64, losses: &mut [Lost]) -> f64 {
        losses.fill([0.0; 2]);
        self.pass(self.root(), view, load, losses)
    }

    /// Whether the region could serve any request at all.
    pub fn could_serve(&self, view: &View, losses: &mut [Lost]) -> bool {
        self.serve(view, f64::MIN_POSITIVE.sqrt(), losses) > 0.0
    }

    /// Load that a part serves of a load with the mix of the demand.
    fn pass(&self, part: usize, view: &View, load: f64, losses: &mut [Lost]) -> f64 {
        match self.writes {
            None => self.flow(part, view, [load], losses)[0],
            Some(share) => sum(self.flow(part, view, mixed(load, share), losses)),
        }
    }

    fn flow<const N: usize>(&self, part: usize, view: &View, load: [f64; N], losses: &mut [Lost]) -> [f64; N] {
        let served = match &self.parts[part] {
            Part::Fleet(index) => {
                let (total, mut served) = (sum(load), 0.0);
                view.fleets[*index].lanes(&view.fleet_plans[*index], |lane| {
                    let capacity = view.world.places.capacity(self.region, lane.capacity);
                    served += (lane.share * total).min(capacity) * lane.success;
                });
                if N == 1 {
                    [served; N]
                } else if served < total {
                    load.map(|class| class * (served / total))
                } else {
                    load
                }
            }
            Part::Database(index) => {
                let serves = view.databases[*index].serves(&view.database_plans[*index], self.region);
                let mut served = load;
                for (class, load) in served.iter_mut().enumerate() {
                    // Where all requests are alike they are served as the last class is: writes.
                    if !serves[class + 2 - N] {
                        *load = 0.0;
                    }
                }
                served
            }
            Part::Dependency(index) => {
                let share = view.dependencies[*index].served();
                load.map(|class| class * share)
            }
            Part::AllOf(members) => {
                let served = members.iter().fold(load, |load, member| self.flow(*member, view, load, losses));
                return served;
            }
            Part::AnyOf(members) => {
                let mut left = load;
                for member in members {
                    let served = self.flow(*member, view, left, losses);
                    left = less(left, served);
                }
                self.forget(members, losses);
                less(load, left)
            }
            Part::KOf(k, members) => {
                // The k-th best: that one of the served loads which fewer than k others exceed. Few members, so counting beats sorting.
                let served = |losses: &mut [Lost], member: usize| self.flow(member, view, load, losses);
                let mut kth = [0.0f64; N];
                for candidate in members {
                    let value = served(losses, *candidate);
                    let mut best = [0; N];
                    for other in members {
                        let rival = served(losses, *other);
                        (0..N).for_each(|class| best[class] += usize::from(rival[class] >= value[class]));
                    }
                    for class in 0..N {
                        if best[class] >= *k {
                            kth[class] = kth[class].max(value[class]);
                        }
                    }
                }
                self.forget(members, losses);
                kth
            }
        };
        // Rounding must not leave a loss where everything is served.
        for class in 0..N {
            let lost = load[class] - served[class];
            losses[part][class] = if lost > load[class] * 1e-14 { lost } else { 0.0 };
        }
        served
    }

    /// What members of any-of and k-of-n lose is the loss of the whole, if it is one at all.
    fn forget(&self, members: &[usize], losses: &mut [Lost]) {
        for member in members {
            losses[*member] = [0.0; 2];
            if let Part::AllOf(inner) | Part::AnyOf(inner) | Part::KOf(_, inner) = &self.parts[*member] {
                self.forget(inner, losses);
            }
        }
    }

    /// Modes behind what a part loses.
    pub fn cause(&self, part: usize, view: &View) -> u64 {
        match &self.parts[part] {
            Part::Fleet(index) => view.fleets[*index].cause(&view.fleet_plans[*index], view.world),
            Part::Database(index) => view.databases[*index].cause(&view.database_plans[*index], self.region),
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

    /// Loads on the region, below `most`, at which what is served ceases to be the same straight function of the load: where a lane of
    /// some fleet reaches its capacity, or where another member of a k-of-n becomes its k-th best.
    pub fn kinks(&self, view: &View, most: f64, losses: &mut [Lost], loads: &mut Vec<f64>) {
        loads.clear();
        for (part, it) in self.parts.iter().enumerate() {
            if let Part::Fleet(index) = it {
                self.fills(part, *index, view, most, losses, loads);
            }
        }
        // Members come before what they are members of, and so do their kinks.
        for (part, it) in self.parts.iter().enumerate() {
            if let Part::KOf(_, members) = it {
                match self.writes {
                    None => self.switches(part, members, view, most, |load| [load], losses, loads),
                    Some(share) => self.switches(part, members, view, most, |load| mixed(load, share), losses, loads),
                }
            }
        }
    }

    /// Loads at which lanes of a fleet reach their capacity. What reaches a part never falls as the load on the region grows, so each lane is
    /// full above one load and not below.
    fn fills(&self, part: usize, fleet: usize, view: &View, most: f64, losses: &mut [Lost], loads: &mut Vec<f64>) {
        view.fleets[fleet].lanes(&view.fleet_plans[fleet], |lane| {
            let capacity = view.world.places.capacity(self.region, lane.capacity);
            let full = |load: f64, losses: &mut [Lost]| lane.share * self.inflow(part, view, load, losses) > capacity;
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
            loads.push(high);
        });
    }

    /// Loads at which two members of a k-of-n serve the same: between the kinks known so far each is straight, so two cross once at most.
    #[expect(clippy::too_many_arguments, reason = "a part, how the load is mixed, and memory")]
    fn switches<const N: usize>(
        &self,
        part: usize,
        members: &[usize],
        view: &View,
        most: f64,
        mix: impl Fn(f64) -> [f64; N],
        losses: &mut [Lost],
        loads: &mut Vec<f64>,
    ) {
        loads.sort_by(f64::total_cmp);
        let known = loads.len();
        for (nth, one) in members.iter().enumerate() {
            for other in &members[nth + 1..] {
                let mut ahead = |load: f64| {
                    let inflow = self.reaches(self.root(), part, view, mix(load), losses).unwrap_or([0.0; N]);
                    less(self.flow(*one, view, inflow, losses), self.flow(*other, view, inflow, losses))
                };
                let (mut left, mut before) = (0.0, ahead(0.0));
                for nth in 0..=known {
                    let right = if nth < known { loads[nth] } else { most };
                    let after = ahead(right);
                    for (before, after) in before.iter().zip(after) {
                        if before * after < 0.0 {
                            loads.push(left + (right - left) * (before / (before - after)));
                        }
                    }
                    (left, before) = (right, after);
                }
            }
        }
    }

    /// Load that reaches a part when `load` reaches the region: what the whole loses before it is taken off.
    pub fn inflow(&self, part: usize, view: &View, load: f64, losses: &mut [Lost]) -> f64 {
        match self.writes {
            None => self.reaches(self.root(), part, view, [load], losses).map_or(0.0, |[found]| found),
            Some(share) => self.reaches(self.root(), part, view, mixed(load, share), losses).map_or(0.0, sum),
        }
    }

    /// Load that reaches a part, looked for from `at` on; else what is served there.
    fn reaches<const N: usize>(
        &self,
        at: usize,
        part: usize,
        view: &View,
        load: [f64; N],
        losses: &mut [Lost],
    ) -> Result<[f64; N], [f64; N]> {
        if at == part {
            return Ok(load);
        }
        match &self.parts[at] {
            Part::AllOf(members) => {
                let mut passed = load;
                for member in members {
                    match self.reaches(*member, part, view, passed, losses) {
                        Err(served) => passed = served,
                        found => return found,
                    }
                }
                Err(passed)
            }
            Part::AnyOf(members) => {
                let mut left = load;
                for member in members {
                    match self.reaches(*member, part, view, left, losses) {
                        Err(served) => left = less(left, served),
                        found => return found,
                    }
                }
                Err(less(load, left))
            }
            Part::KOf(_, members) => {
                for member in members {
                    if let Ok(found) = self.reaches(*member, part, view, load, losses) {
                        return Ok(found);
                    }
                }
                Err(self.flow(at, view, load, losses))
            }
            _ => Err(self.flow(at, view, load, losses)),
        }
    }
}

/// A load with the mix of the demand.
fn mixed(load: f64, writes: f64) -> [f64; 2] {
    [load * (1.0 - writes), load * writes]
}

fn sum<const N: usize>(load: [f64; N]) -> f64 {
    load.iter().sum()
}

fn less<const N: usize>(mut load: [f64; N], part: [f64; N]) -> [f64; N] {
    (0..N).for_each(|class| load[class] -= part[class]);
    load
}

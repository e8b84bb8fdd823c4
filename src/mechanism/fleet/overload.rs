//! Overload that fails checks: units that get more than they can bear do not answer their checks in time.
//!
//! A unit that gets requests is overloaded while its share of the load is above `limit` times its capacity; checks see it as they see a
//! hang. The load is judged whenever what the region serves, or what DNS answers, changes, and when a drain of DNS caches ends, not in
//! between. Units out of rotation get no load and pass their checks; when all are out the balancer fails open and all get load again.
//! No verdict comes at once, so one removal after the other may take a fleet down, and keep it down.
//!
//! A collapse begins with the first overloaded unit and ends when none is, all are in rotation and none is being replaced. What began it are
//! the modes to which losses are charged at that instant. It is metastable, and counted once, if some mode began it and it feeds on itself:
//! with no failure on, a unit is taken out for overload, and so is a later one that came into rotation after that. Source of the
//! word: Bronson et al., "Metastable failures in distributed systems", HotOS 2021.

use super::{Fleet, FleetPlan, Tally, Unit};
use crate::mechanism::world::World;

/// A load is above a limit if it is so by more than rounding.
const ROUNDING: f64 = 1e-12;

/// What is known of an overload.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Collapse {
    /// Modes that were on when it began.
    trigger: u64,
    on: bool,
    /// When it first took out a unit without any failure on (s).
    alone_since: Option<f64>,
    /// It is metastable.
    counted: bool,
}

impl Fleet {
    /// The fleet gets so many requests per second; `modes` are behind it if it is too many.
    pub fn feel(&mut self, plan: &FleetPlan, load: f64, modes: u64, world: &mut World) {
        let Some(balancer) = &plan.balancer else { return };
        let Some(limit) = balancer.overload.filter(|_| !self.frozen) else { return };
        let all_nodes = self.nodes.iter().all(|node| node.gone.here);
        let in_use = |position: usize| all_nodes || !self.nodes[position].gone.here;
        let count = plan.zones.len();
        let entry = load / (0..count).filter(|position| in_use(*position)).count() as f64;
        let nowhere = self.tallies.iter().all(|tally| tally.shift.in_force());
        let spread = |load: f64, units: u32| units > 0 && load > limit * f64::from(units) * (1.0 + ROUNDING);
        let here = |position: &usize| nowhere || !self.tallies[*position].shift.in_force();
        let all_open = (0..count).filter(here).all(|position| self.tallies[position].in_rotation == 0);
        let routed = |position: usize, open: bool| match open {
            true => self.tallies[position].registered,
            false => self.tallies[position].in_rotation,
        };
        let entering = (0..count).filter(|position| in_use(*position) && !self.tallies[*position].down).count() as f64;
        let together =
            spread(entry * entering, (0..count).filter(here).map(|position| routed(position, all_open)).sum());
        let state = |position: usize| {
            if balancer.cross_zone {
                return (together && here(&position), all_open);
            }
            let open = self.tallies[position].in_rotation == 0;
            let asked = in_use(position) && !self.tallies[position].down;
            (asked && spread(entry, routed(position, open)), open)
        };
        let mut changed = false;
        for position in 0..count {
            let (overloaded, open) = state(position);
            let tally = &self.tallies[position];
            let turns = overloaded != tally.overloaded || (overloaded && open != tally.open);
            self.moved[position] = turns.then_some((overloaded, open));
            changed |= turns;
        }
        if changed {
            for (tally, moved) in self.tallies.iter_mut().zip(&self.moved) {
                if let Some((overloaded, open)) = *moved {
                    (tally.overloaded, tally.open) = (overloaded, open);
                }
            }
            for index in 0..plan.room() {
                if self.moved[usize::from(self.units[index as usize].zone)].is_some() {
                    self.review(plan, index, world);
                }
            }
        }
        let all_well = || self.tallies.iter().all(|tally| !tally.overloaded && tally.in_rotation == tally.registered);
        if !self.collapse.on && self.tallies.iter().any(|tally| tally.overloaded) {
            self.collapse = Collapse { trigger: modes, on: true, ..Collapse::default() };
        } else if self.collapse.on && self.replacing == 0 && all_well() {
            self.collapse = Collapse::default();
        }
    }

    /// The unit gets more than it can bear.
    pub(super) fn is_overloaded(&self, unit: &Unit) -> bool {
        let tally = &self.tallies[usize::from(unit.zone)];
        tally.overloaded && (unit.in_rotation || tally.open)
    }

    /// A unit that is taken out may be so for nothing but the overload: what began that is behind it.
    pub(super) fn count_collapse(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        let unit = self.units[index as usize];
        if !self.is_overloaded(&unit) || self.fails_by_itself(plan, &unit) {
            return;
        }
        self.accuse(index, self.collapse.trigger);
        let fails = |tally: &Tally| tally.registered > tally.alive || tally.dimmed.holds_any();
        let collapse = &mut self.collapse;
        if world.failures_on > 0 || self.tallies.iter().any(fails) {
            collapse.alone_since = None;
        } else if collapse.alone_since.is_some_and(|since| unit.back > since)
            && collapse.trigger != 0
            && !collapse.counted
        {
            collapse.counted = true;
            world.metastable += 1;
        } else if collapse.alone_since.is_none() {
            collapse.alone_since = Some(world.now);
        }
    }
}

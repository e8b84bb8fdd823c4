//! What places do to a fleet: zones and regions that go down and come back, or kill; and modes of all units at once.

use super::{Fleet, FleetPlan, KILLED, Phase, UpkeepPlan, Verdict, kind};
use crate::engine::calendar::Class;
use crate::mechanism::world::World;

impl Fleet {
    pub(super) fn position(plan: &FleetPlan, zone: usize) -> Option<u16> {
        plan.positions.get(zone).copied().flatten()
    }

    /// A zone can go down and come back, if nothing else happens in the meantime, without anybody noticing.
    pub fn can_do_without_zone(&self, plan: &FleetPlan, zone: usize) -> bool {
        let alive = Fleet::position(plan, zone).map_or(0, |position| self.tallies[usize::from(position)].alive);
        self.condition.is_up() && self.healthy >= plan.required.saturating_add(alive)
    }

    /// A zone has gone down for `modes`.
    pub fn zone_fails(&mut self, plan: &FleetPlan, zone: usize, modes: u64, world: &mut World) {
        let Some(position) = Fleet::position(plan, zone) else { return };
        let before = self.healthy;
        let tally = &mut self.tallies[usize::from(position)];
        tally.down = true;
        self.healthy -= tally.alive;
        self.note_zone(plan, before, world);
        self.review_all_sessions();
        self.review_shift(plan, position, world);
        if !plan.tracks_units {
            return;
        }
        for index in 0..plan.room() {
            if self.units[index as usize].zone != position {
                continue;
            }
            if self.units[index as usize].phase == Phase::InService {
                self.accuse(index, modes);
                self.review(plan, index, world);
            }
        }
        self.review_node(plan, position, world);
    }

    /// A zone is up again.
    pub fn zone_returns(&mut self, plan: &FleetPlan, zone: usize, world: &mut World) {
        let Some(position) = Fleet::position(plan, zone) else { return };
        let before = self.healthy;
        let tally = &mut self.tallies[usize::from(position)];
        tally.down = false;
        self.healthy += tally.alive;
        self.note_zone(plan, before, world);
        self.review_all_sessions();
        self.review_shift(plan, position, world);
        if !plan.tracks_units {
            return;
        }
        self.review_node(plan, position, world);
        for index in 0..plan.room() {
            if self.units[index as usize].zone != position {
                continue;
            }
            self.review(plan, index, world);
        }
        self.level(plan, world);
    }

    /// All units of a zone are lost, for `mode`. Those that were still booting are launched again at once.
    pub fn zone_dies(&mut self, plan: &FleetPlan, zone: usize, mode: u64, world: &mut World) {
        let Some(position) = Fleet::position(plan, zone) else { return };
        for index in 0..plan.room() {
            let unit = self.units[index as usize];
            if unit.zone != position {
                continue;
            }
            match unit.phase {
                Phase::InService | Phase::Spare => self.dies(plan, index, mode, world),
                Phase::Booting | Phase::Checking => {
                    self.call_off_verdict(index);
                    self.units[index as usize].held = false;
                    self.leave_zone(index);
                    self.launch(plan, index, None, world);
                }
                _ => {}
            }
        }
    }

    fn dies(&mut self, plan: &FleetPlan, index: u32, mode: u64, world: &mut World) {
        self.note(plan, world);
        if matches!(plan.upkeep, UpkeepPlan::Pool { .. }) {
            let failing = self.units[index as usize].failing & !plan.without_repair;
            for mode in (0..plan.modes.len()).filter(|m| failing & 1 << m != 0) {
                match self.queue.iter().position(|(i, m)| *i == index && usize::from(*m) == mode) {
                    Some(place) => drop(self.queue.remove(place)),
                    None => self.crew_is_free(plan, world),
                }
            }
        } else {
            self.busy -= (self.units[index as usize].failing & !plan.without_repair).count_ones();
        }
        let works = self.units[index as usize].failing & !self.gray.bits == 0;
        self.change(index, |unit| {
            unit.failing = KILLED;
            unit.life += 1;
        });
        self.clocks.stop(plan, index);
        if self.units[index as usize].phase != Phase::Spare {
            self.accuse(index, mode);
        }
        self.review(plan, index, world);
        if works {
            self.misses(plan, index, world);
        }
    }

    /// What killed the units of a zone is over: those of a pool can be replaced.
    pub fn zone_can_be_refilled(&mut self, plan: &FleetPlan, zone: usize, world: &mut World) {
        let Some(position) = Fleet::position(plan, zone) else { return };
        let UpkeepPlan::Pool { replacement, .. } = &plan.upkeep else { return };
        for index in 0..plan.room() {
            let unit = &mut self.units[index as usize];
            if unit.zone == position && unit.failing & KILLED != 0 {
                unit.life += 1;
                let stamp = unit.life;
                let delay = replacement.sample(self.launches.get());
                world.after(delay, Class::Restoration, plan.component, kind::REPLACED, index, stamp);
            }
        }
    }

    /// The region goes down or comes back. While it is down nothing is checked; then everything is looked at anew.
    pub fn region_turns(&mut self, plan: &FleetPlan, fails: bool, world: &mut World) {
        self.frozen = fails;
        if !plan.tracks_units {
            return;
        }
        if fails {
            for index in 0..plan.room() {
                let unit = self.units[index as usize];
                if unit.phase == Phase::InService && (unit.verdict != Verdict::None || unit.verdict_pending) {
                    self.call_off_check(index);
                    self.call_off_verdict(index);
                    self.units[index as usize].replace_when_out = false;
                }
            }
            for node in self.nodes.iter_mut() {
                for state in [&mut node.dead, &mut node.gone] {
                    state.coming = false;
                    state.stamp += 1;
                }
            }
        } else {
            (0..plan.room()).for_each(|index| self.review(plan, index, world));
            (0..plan.zones.len() as u16).for_each(|position| self.review_node(plan, position, world));
            self.level(plan, world);
        }
    }

    /// A mode of all units at once begins or ends.
    pub fn tier_turns(&mut self, plan: &FleetPlan, bit: u64, fails: bool, world: &mut World) {
        world.changed |= 1 << plan.region;
        self.condition.turn(bit, fails);
        self.review_all_sessions();
        if !plan.tracks_units {
            return;
        }
        for index in 0..plan.room() {
            if fails && self.units[index as usize].phase == Phase::InService {
                self.accuse(index, bit);
            }
            self.review(plan, index, world);
            self.review_first_check(plan, index, world);
        }
    }
}

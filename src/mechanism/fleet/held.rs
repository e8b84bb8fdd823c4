//! Single units that something from outside holds down, without an own process of failure and repair: the early stages of a change.
//!
//! A unit that is replaced while it is held comes up free: it is launched with what was there before.

use super::{Fleet, FleetPlan, Phase};
use crate::mechanism::world::World;

impl Fleet {
    /// A mode takes hold of the first unit in service or, with `whole_zone`, of all that are in service in the zone of the unit it already
    /// holds, or would take.
    pub fn hold(&mut self, plan: &FleetPlan, bit: u64, whole_zone: bool, world: &mut World) {
        let Some(mode) = plan.modes.iter().position(|mode| mode.bit == bit) else { return };
        let in_service = |unit: &&super::Unit| unit.phase == Phase::InService;
        let held = |unit: &&super::Unit| unit.failing & 1 << mode != 0;
        let units = || self.units.iter().filter(in_service);
        let Some(zone) = units().find(held).or_else(|| units().next()).map(|unit| unit.zone) else { return };
        for index in 0..plan.room() {
            let unit = &self.units[index as usize];
            if unit.phase == Phase::InService && unit.zone == zone {
                if unit.failing & 1 << mode == 0 {
                    let healthy = self.healthy;
                    let works = self.units[index as usize].failing & !self.gray.bits == 0;
                    self.change(index, |unit| unit.failing |= 1 << mode);
                    self.note_health(plan, healthy, world);
                    self.accuse(index, bit);
                    self.review(plan, index, world);
                    if works && self.gray.bits & 1 << mode == 0 {
                        self.misses(plan, index, world);
                    }
                }
                if !whole_zone {
                    break;
                }
            }
        }
    }

    /// The mode lets go of the units it holds.
    pub fn let_go(&mut self, plan: &FleetPlan, bit: u64, world: &mut World) {
        let Some(mode) = plan.modes.iter().position(|mode| mode.bit == bit) else { return };
        for index in 0..plan.room() {
            if self.units[index as usize].failing & 1 << mode != 0 {
                let healthy = self.healthy;
                self.change(index, |unit| unit.failing &= !(1 << mode));
                self.note_health(plan, healthy, world);
                self.review(plan, index, world);
                if self.gray.bits & 1 << mode == 0 && self.units[index as usize].failing & !self.gray.bits == 0 {
                    self.is_back(plan, index, world);
                }
            }
        }
    }
}

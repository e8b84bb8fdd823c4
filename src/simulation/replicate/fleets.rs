//! What only fleets learn of: gray modes of places, and how much load they get.

use super::served::view;
use super::{Plan, Replica};
use crate::mechanism::dns::Dns;
use crate::mechanism::outage::{Hold, Target};
use crate::mechanism::structure::Part;

impl Replica {
    /// A gray mode begins or ends: only fleets learn of it.
    pub(super) fn gray_turns(&mut self, plan: &Plan, hold: Hold, begins: bool) {
        for (index, (fleet, its_plan)) in self.fleets.iter_mut().zip(&plan.fleets).enumerate() {
            let mut turn = |zone| fleet.gray_turns(its_plan, zone, hold.bit, begins, &mut self.world);
            match hold.target {
                Target::Zone(zone) => turn(Some(zone)),
                Target::Region(region) if region == its_plan.region => {
                    its_plan.zones.iter().for_each(|zone| turn(Some(*zone)));
                }
                Target::Fleet(its_index) if its_index == index => turn(None),
                _ => {}
            }
        }
    }

    /// Tells fleets whose checks overload fails how much they get.
    pub(super) fn load_fleets(&mut self, plan: &Plan) {
        for structure in &plan.structures {
            if !self.world.places.regions[structure.region].is_up() {
                continue;
            }
            let load = self.share(plan, structure.region).value(plan.rates(), 0.0).max(0.0) * self.demand;
            for (position, part) in structure.parts.iter().enumerate() {
                let Part::Fleet(index) = *part else { continue };
                let its_plan = &plan.fleets[index];
                if !its_plan.feels_load() {
                    continue;
                }
                let view = view(plan, &self.fleets, &self.databases, &self.dependencies, &self.world);
                let inflow = structure.inflow(position, &view, load, &mut self.losses[..structure.parts.len()]);
                let modes = match self.fleets[index].cause(its_plan, &self.world) {
                    0 => self.dns.as_ref().map_or(0, Dns::cause),
                    modes => modes,
                };
                self.fleets[index].feel(its_plan, inflow, modes, &mut self.world);
            }
        }
    }
}

//! What a fleet serves of a load, and what is behind what it does not.

use super::{Fleet, FleetPlan};
use crate::engine::ledger::Stage;
use crate::mechanism::world::World;

/// A share of the requests, and the most that this share may carry: served = min(share x load, capacity).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lane {
    /// Share of the tier's load that reaches healthy units on this lane.
    pub share: f64,
    /// Most requests per second it serves.
    pub capacity: f64,
}

impl Fleet {
    /// Calls `lane` for each independent way to healthy units; what they serve adds up.
    pub fn lanes(&self, plan: &FleetPlan, mut lane: impl FnMut(Lane)) {
        if !self.condition.is_up() || self.healthy < plan.required {
            return;
        }
        let zones = || self.tallies.iter().zip(&self.nodes).filter(|(tally, _)| !tally.down);
        let Some(balancer) = &plan.balancer else {
            return lane(Lane { share: 1.0, capacity: f64::from(self.healthy) * plan.capacity });
        };
        let mut in_use = self.nodes.iter().filter(|n| !n.gone.here).count();
        let all_nodes = in_use == 0;
        if all_nodes {
            in_use = self.nodes.len();
        }
        let entry = 1.0 / in_use as f64;
        let reach = |routed: u32, good: u32, entering: f64| Lane {
            share: if routed == 0 { 0.0 } else { entering * f64::from(good) / f64::from(routed) },
            capacity: if good == 0 { 0.0 } else { f64::from(good) * plan.capacity },
        };
        if balancer.cross_zone {
            let entering = zones().filter(|(_, n)| !n.gone.here || all_nodes).count() as f64 * entry;
            let mut routed: u32 = self.tallies.iter().map(|t| t.in_rotation).sum();
            let mut good: u32 = zones().map(|(t, _)| t.alive_in_rotation).sum();
            if routed == 0 {
                routed = self.tallies.iter().map(|t| t.registered).sum();
                good = self.healthy;
            }
            lane(reach(routed, good, entering));
        } else {
            for (tally, _) in zones().filter(|(_, n)| !n.gone.here || all_nodes) {
                lane(match tally.in_rotation {
                    0 => reach(tally.registered, tally.alive, entry),
                    routed => reach(routed, tally.alive_in_rotation, entry),
                });
            }
        }
    }

    /// Modes behind what it fails to serve.
    pub fn cause(&self, plan: &FleetPlan, world: &World) -> u64 {
        plan.zones.iter().fold(self.blamed | self.condition.modes, |modes, z| modes | world.places.zones[*z].modes)
    }

    /// Where its recovery stands.
    pub fn stage(&self, plan: &FleetPlan) -> Stage {
        if !self.condition.is_up() {
            return Stage::Repair;
        }
        let mut undetected = 0;
        let mut returning = 0;
        let mut leaving = false;
        for (tally, node) in self.tallies.iter().zip(&self.nodes) {
            let up = !tally.down;
            undetected += tally.in_rotation - if up { tally.alive_in_rotation } else { 0 };
            returning += if up { tally.alive - tally.alive_in_rotation } else { 0 };
            leaving |= node.gone.coming;
        }
        match (&plan.balancer, plan.scaling()) {
            (Some(_), _) if undetected > 0 => Stage::Detection,
            (None, Some(_)) if undetected > 0 && self.replacing == 0 => Stage::Detection,
            _ if leaving => Stage::Propagation,
            _ if self.replacing > self.waiting.len() as u32 => Stage::Action,
            (Some(_), _) if returning > 0 => Stage::Propagation,
            _ => Stage::Repair,
        }
    }
}

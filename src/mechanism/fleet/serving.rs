//! What a fleet serves of a load, and what is behind what it does not.

use super::{Fleet, FleetPlan, Shift, Tally};
use crate::engine::ledger::Stage;
use crate::mechanism::world::World;

/// A share of the requests, the most that this share may carry, and what of it succeeds: served = min(share x load, capacity) x success.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lane {
    /// Share of the tier's load that reaches healthy units on this lane.
    pub share: f64,
    /// Most requests per second it serves.
    pub capacity: f64,
    /// Share of what is carried that gray failures let succeed.
    pub success: f64,
}

/// Units on one way: how many requests are spread over, how many of them are good, and how much of the good ones' work succeeds.
#[derive(Debug, Clone, Copy, Default)]
struct Reach {
    routed: u32,
    good: u32,
    worth: f64,
}

impl Reach {
    fn add(self, other: Reach) -> Reach {
        Reach { routed: self.routed + other.routed, good: self.good + other.good, worth: self.worth + other.worth }
    }
}

impl Tally {
    /// Units of the zone in rotation, or all that are registered.
    fn reach(&self, rotating: bool) -> Reach {
        let (routed, alive) =
            if rotating { (self.in_rotation, self.alive_in_rotation) } else { (self.registered, self.alive) };
        let good = if self.down { 0 } else { alive };
        let worth = if good == 0 { 0.0 } else { self.dimmed.worth(good, rotating) * self.survival };
        Reach { routed, good, worth }
    }
}

impl Fleet {
    /// Calls `lane` for each independent way to healthy units; what they serve adds up.
    pub fn lanes(&self, plan: &FleetPlan, mut lane: impl FnMut(Lane)) {
        if !self.condition.is_up() || self.healthy < plan.required {
            return;
        }
        let zones = || self.tallies.iter().zip(&self.nodes).filter(|(tally, _)| !tally.down);
        let success = |reach: Reach| match plan.gray.modes {
            0 => 1.0,
            _ => self.survival * reach.worth / f64::from(reach.good),
        };
        let Some(balancer) = &plan.balancer else {
            if plan.gray.modes == 0 {
                return lane(Lane { share: 1.0, capacity: f64::from(self.healthy) * plan.capacity, success: 1.0 });
            }
            let all = self.tallies.iter().fold(Reach::default(), |sum, tally| sum.add(tally.reach(false)));
            return lane(Lane { share: 1.0, capacity: f64::from(all.good) * plan.capacity, success: success(all) });
        };
        let mut in_use = self.nodes.iter().filter(|n| !n.gone.here).count();
        let all_nodes = in_use == 0;
        if all_nodes {
            in_use = self.nodes.len();
        }
        let entry = 1.0 / in_use as f64;
        let to = |reach: Reach, entering: f64| match reach.good {
            0 => Lane { share: 0.0, capacity: 0.0, success: 1.0 },
            good => Lane {
                share: entering * f64::from(good) / f64::from(reach.routed),
                capacity: f64::from(good) * plan.capacity,
                success: success(reach),
            },
        };
        if balancer.cross_zone {
            let entering = zones().filter(|(_, n)| !n.gone.here || all_nodes).count() as f64 * entry;
            // With traffic moved away from all zones there is nowhere to move it to.
            let nowhere = self.tallies.iter().all(|tally| tally.shift.in_force());
            let here = || self.tallies.iter().filter(|tally| nowhere || !tally.shift.in_force());
            let reach = |rotating| here().fold(Reach::default(), |sum, tally| sum.add(tally.reach(rotating)));
            let open = here().all(|tally| tally.in_rotation == 0);
            lane(to(reach(!open), entering));
        } else {
            for (tally, _) in zones().filter(|(_, n)| !n.gone.here || all_nodes) {
                lane(to(tally.reach(tally.in_rotation > 0), entry));
            }
        }
    }

    /// Modes behind what it fails to serve.
    pub fn cause(&self, plan: &FleetPlan, world: &World) -> u64 {
        plan.zones.iter().fold(self.blamed | self.condition.modes | self.gray_modes(), |modes, z| {
            modes | world.places.zones[*z].modes
        })
    }

    /// Where its recovery stands.
    pub fn stage(&self, plan: &FleetPlan) -> Stage {
        if !self.condition.is_up() {
            return Stage::Repair;
        }
        let mut undetected = 0;
        let mut returning = 0;
        let mut leaving = false;
        let (mut unnoticed, mut undecided) = (false, false);
        for (position, (tally, node)) in self.tallies.iter().zip(&self.nodes).enumerate() {
            let up = !tally.down;
            let asked = tally.in_rotation > 0 || !node.gone.here;
            unnoticed |= tally.shift == Shift::Unnoticed && asked;
            undecided |= tally.shift == Shift::Undecided && asked;
            undetected += match self.gray_is_seen(plan, position as u16) {
                true if up => tally.alive_in_rotation,
                _ => tally.dimmed.suspect,
            };
            undetected += tally.in_rotation - if up { tally.alive_in_rotation } else { 0 };
            returning += if up { tally.alive - tally.alive_in_rotation } else { 0 };
            leaving |= node.gone.coming;
        }
        match (&plan.balancer, plan.scaling()) {
            (Some(_), _) if undetected > 0 => Stage::Detection,
            (None, Some(_)) if undetected > 0 && self.replacing == 0 => Stage::Detection,
            _ if self.standby.moving > 0 => Stage::Action,
            _ if unnoticed => Stage::Detection,
            _ if undecided => Stage::Decision,
            _ if leaving => Stage::Propagation,
            _ if self.replacing > self.waiting.len() as u32 => Stage::Action,
            (Some(_), _) if returning > 0 => Stage::Propagation,
            _ => Stage::Repair,
        }
    }
}

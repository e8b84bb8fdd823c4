//! Auto scaling: a unit that is given up is launched again, where and when that is possible, and zones are kept level.

use super::{Fleet, FleetPlan, KILLED, Pending, Phase, ScalingPlan, Unit, kind};
use crate::engine::calendar::Class;
use crate::mechanism::world::World;
use crate::model::CheckType;

impl Fleet {
    /// The group gives a unit up.
    pub(super) fn replace(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        let Some(scaling) = plan.scaling() else { return };
        self.note(plan, world);
        let unit = self.units[index as usize];
        if unit.phase == Phase::InService {
            self.replacing += 1;
        }
        if let Some(target) = unit.moving_to {
            self.tallies[usize::from(target)].assigned -= 1;
        } else {
            self.tallies[usize::from(unit.zone)].assigned -= 1;
        }
        let zone_modes = world.places.zones[plan.zones[usize::from(unit.zone)]].modes;
        self.accuse(index, zone_modes);
        if unit.failing != 0 {
            self.busy -= u32::from((unit.failing & !KILLED).count_ones() as u8);
        }
        self.change(index, |unit| {
            unit.phase = Phase::Terminating;
            unit.failing = 0;
            unit.in_rotation = false;
            unit.pending = Pending::Nothing;
            unit.verdict_pending = false;
            unit.replace_when_out = false;
            unit.moving_to = None;
            unit.life += 1;
            unit.checks += 1;
            unit.verdicts += 1;
        });
        self.review_node(plan, unit.zone, world);
        let delay = scaling.terminate.sample(&mut self.launches);
        if delay > 0.0 {
            let stamp = self.units[index as usize].life;
            world.after(delay, Class::Action, plan.component, kind::TERMINATED, index, stamp);
        } else {
            self.launch(plan, index, None, world);
        }
    }

    /// Requests a launch in the emptiest zone that is up, or after a failed one in the next; waits if none can be.
    pub(super) fn launch(&mut self, plan: &FleetPlan, index: u32, failed_in: Option<u16>, world: &mut World) {
        let Some(scaling) = plan.scaling() else { return };
        let up = |position: &usize| !self.tallies[*position].down;
        let count = plan.zones.len();
        let target = if !world.places.can_act(plan.region) {
            None
        } else if let Some(failed) = failed_in {
            (1..=count).map(|step| (usize::from(failed) + step) % count).find(up)
        } else {
            (0..count).filter(up).min_by_key(|position| self.tallies[*position].assigned)
        };
        let unit = &mut self.units[index as usize];
        let Some(target) = target else {
            unit.phase = Phase::Waiting;
            self.waiting.push(index);
            return;
        };
        unit.phase = Phase::Launching;
        unit.zone = target as u16;
        unit.life += 1;
        let stamp = unit.life;
        self.tallies[target].assigned += 1;
        let delay = scaling.launch.sample(&mut self.launches);
        world.after(delay, Class::Action, plan.component, kind::LAUNCHED, index, stamp);
    }

    pub(super) fn leave_zone(&mut self, index: u32) -> u16 {
        let zone = self.units[index as usize].zone;
        self.tallies[usize::from(zone)].assigned -= 1;
        zone
    }

    pub(super) fn launched(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        let Some(scaling) = plan.scaling() else { return };
        world.events += 1;
        if !self.zone_up(index) {
            self.leave_zone(index);
            return self.launch(plan, index, None, world);
        }
        if scaling.launch_failure > 0.0 && self.launches.bernoulli(scaling.launch_failure) {
            let failed = self.leave_zone(index);
            let delay = scaling.retry.sample(&mut self.launches);
            if delay == 0.0 {
                return self.launch(plan, index, Some(failed), world);
            }
            let unit = &mut self.units[index as usize];
            unit.phase = Phase::Terminating;
            unit.life += 1;
            let stamp = unit.life;
            // Its zone stays the one that failed: the next attempt looks beyond it.
            world.after(delay, Class::Action, plan.component, kind::RETRY, index, stamp);
            return;
        }
        let boot = scaling.boot.sample(&mut self.launches);
        let unit = &mut self.units[index as usize];
        unit.phase = Phase::Booting;
        unit.launched = world.now;
        let (life, passes) = (unit.life, self.first_pass(plan, scaling, boot));
        match passes {
            Ok(service) => world.after(service, Class::Action, plan.component, kind::SERVICE, index, life),
            Err(verdict) => self.arm_verdict(plan, index, verdict, world),
        }
    }

    pub(super) fn first_pass(&mut self, plan: &FleetPlan, scaling: &ScalingPlan, boot: f64) -> Result<f64, f64> {
        match &plan.balancer {
            Some(balancer) if scaling.check == CheckType::Elb => {
                balancer.check.first_pass(boot, scaling.grace, &mut self.checks)
            }
            Some(balancer) => Ok(boot + balancer.check.first_success(&mut self.checks)),
            None => Ok(boot),
        }
    }

    pub(super) fn enters_service(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        self.note(plan, world);
        if !self.zone_up(index) {
            self.leave_zone(index);
            return self.launch(plan, index, None, world);
        }
        self.replacing -= 1;
        self.absolve(index);
        self.change(index, |unit| {
            unit.phase = Phase::InService;
            unit.in_rotation = true;
        });
        self.begin_life(plan, index, world);
        let zone = self.units[index as usize].zone;
        self.review_node(plan, zone, world);
    }

    /// A place or control plane is back: what waited to be launched is, and zones are made level.
    pub fn can_launch_again(&mut self, plan: &FleetPlan, world: &mut World) {
        if plan.scaling().is_none() || !world.places.can_act(plan.region) {
            return;
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        for index in waiting.drain(..) {
            self.launch(plan, index, None, world);
        }
        if self.waiting.is_empty() {
            self.waiting = waiting;
        }
        self.level(plan, world);
    }

    /// Moves units from the fullest zone to the emptiest while they differ by two or more: launched there first, so nothing is lost.
    pub(super) fn level(&mut self, plan: &FleetPlan, world: &mut World) {
        let Some(scaling) = plan.scaling() else { return };
        loop {
            let up = |position: &usize| !self.tallies[*position].down;
            let zones = 0..plan.zones.len();
            let Some(emptiest) = zones.clone().filter(up).min_by_key(|p| self.tallies[*p].assigned) else { return };
            let Some(fullest) = zones.filter(up).max_by_key(|p| (self.tallies[*p].assigned, std::cmp::Reverse(*p)))
            else {
                return;
            };
            if self.tallies[fullest].assigned < self.tallies[emptiest].assigned + 2 {
                return;
            }
            let movable = |unit: &Unit| {
                usize::from(unit.zone) == fullest
                    && unit.phase == Phase::InService
                    && unit.failing == 0
                    && unit.moving_to.is_none()
            };
            let Some(index) = self.units.iter().rposition(movable) else { return };
            self.tallies[fullest].assigned -= 1;
            self.tallies[emptiest].assigned += 1;
            let launch = scaling.launch.sample(&mut self.launches);
            let boot = scaling.boot.sample(&mut self.launches);
            let unit = &mut self.units[index];
            unit.moving_to = Some(emptiest as u16);
            let life = unit.life;
            // One that would be given up while it boots never takes over: the old unit stays.
            if let Ok(service) = self.first_pass(plan, scaling, boot) {
                world.after(launch + service, Class::Action, plan.component, kind::MOVE, index as u32, life);
            }
        }
    }

    pub(super) fn moved(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        let unit = self.units[index as usize];
        let Some(target) = unit.moving_to else { return };
        if self.tallies[usize::from(target)].down {
            self.tallies[usize::from(target)].assigned -= 1;
            self.tallies[usize::from(unit.zone)].assigned += 1;
            self.units[index as usize].moving_to = None;
            return;
        }
        self.note(plan, world);
        self.busy -= u32::from((unit.failing & !KILLED).count_ones() as u8);
        self.change(index, |unit| {
            unit.zone = target;
            unit.moving_to = None;
            unit.failing = 0;
            unit.in_rotation = true;
            unit.launched = world.now;
            unit.pending = Pending::Nothing;
            unit.verdict_pending = false;
            unit.replace_when_out = false;
            unit.checks += 1;
            unit.verdicts += 1;
        });
        self.absolve(index);
        self.begin_life(plan, index, world);
        self.review_node(plan, unit.zone, world);
        self.review_node(plan, target, world);
    }
}

//! Auto scaling: a unit that is given up is launched again, where and when that is possible.

use super::{Fleet, FleetPlan, Phase, Unit, Verdict, kind};
use crate::engine::calendar::Class;
use crate::mechanism::check::FirstChecks;
use crate::mechanism::world::World;
use crate::model::CheckType;

impl Fleet {
    /// The group gives a unit up.
    pub(super) fn replace(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        let Some(scaling) = plan.scaling() else { return };
        self.note(plan, world);
        let zone_modes = world.places.zones[plan.zones[usize::from(self.units[index as usize].zone)]].modes;
        let gray = (self.dim | self.tallies[usize::from(self.units[index as usize].zone)].gray) & plan.gray.seen;
        self.accuse(index, zone_modes | self.condition.modes | gray);
        if let Some(newcomer) = self.newcomer(plan, index) {
            self.accuse(newcomer, self.units[index as usize].cause);
            self.give_place(index, newcomer);
            return self.remove(plan, index, world);
        }
        self.strip(plan, index, Phase::Terminating, world);
        let delay = scaling.terminate.sample(self.launches.get());
        let stamp = self.units[index as usize].life;
        // Even one that takes no time ends after all verdicts of this instant, as one that takes little would.
        world.after(delay, Class::Action, plan.component, kind::TERMINATED, index, stamp);
    }

    /// One that is under way to take the place of some member, and may as well take that of this one.
    fn newcomer(&self, plan: &FleetPlan, index: u32) -> Option<u32> {
        let is_new = |unit: &Unit| unit.phase != Phase::Absent && unit.member.is_none();
        self.units[index as usize].member?;
        // All numbers beyond the members are free: nearly always there is none, and nobody to look for.
        if self.free.len() as u32 == plan.room() - plan.units {
            return None;
        }
        self.units.iter().position(is_new).map(|newcomer| newcomer as u32)
    }

    /// A newcomer becomes a member instead of another.
    fn give_place(&mut self, old: u32, new: u32) {
        let serves = |unit: &Unit| u32::from(unit.phase == Phase::InService);
        self.replacing += serves(&self.units[old as usize]);
        self.replacing -= serves(&self.units[new as usize]);
        let place = self.units[old as usize].member.take();
        self.units[new as usize].member = place;
        if let Some(place) = place {
            self.members[place as usize] = new;
        }
    }

    /// Takes everything away that an instance had, and all that was to happen to it.
    fn strip(&mut self, plan: &FleetPlan, index: u32, phase: Phase, world: &mut World) {
        let unit = self.units[index as usize];
        match unit.phase {
            Phase::InService => {
                self.replacing += u32::from(unit.member.is_some());
                self.leave_zone(index);
            }
            Phase::Launching | Phase::Booting | Phase::Checking => self.leave_zone(index),
            Phase::Waiting => self.waiting.retain(|waiting| *waiting != index),
            Phase::Absent | Phase::Terminating | Phase::Spare => {}
        }
        self.busy -= (unit.failing & !plan.without_repair).count_ones();
        self.change(index, |unit| {
            unit.phase = phase;
            unit.failing = 0;
            unit.in_rotation = false;
            unit.verdict = Verdict::None;
            unit.verdict_pending = false;
            unit.replace_when_out = false;
            unit.held = false;
            unit.life += 1;
            unit.checks += 1;
            unit.verdicts += 1;
        });
        self.review_node(plan, unit.zone, world);
    }

    /// A unit that is no member any more goes for good.
    fn remove(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        self.strip(plan, index, Phase::Absent, world);
        self.absolve(index);
        self.free.push(index);
    }

    /// Requests a launch in the emptiest zone that is up, or after a failed one in the next; waits if none can be.
    pub(super) fn launch(&mut self, plan: &FleetPlan, index: u32, failed_in: Option<u16>, world: &mut World) {
        let Some(scaling) = plan.scaling() else { return };
        // Another stage of a recovery: it is waited for what holds the launch up, or for the launch.
        world.changed |= 1 << plan.region;
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
            // What it was booting for will not happen.
            unit.life += 1;
            self.waiting.push(index);
            return;
        };
        unit.phase = Phase::Launching;
        unit.zone = target as u16;
        unit.life += 1;
        let stamp = unit.life;
        self.tallies[target].assigned += 1;
        let delay = scaling.launch.sample(self.launches.get());
        world.after(delay, Class::Action, plan.component, kind::LAUNCHED, index, stamp);
    }

    pub(super) fn leave_zone(&mut self, index: u32) {
        self.tallies[usize::from(self.units[index as usize].zone)].assigned -= 1;
    }

    pub(super) fn launched(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        let Some(scaling) = plan.scaling() else { return };
        world.events += 1;
        if !self.hosted(plan, index, world) {
            self.leave_zone(index);
            return self.launch(plan, index, None, world);
        }
        if scaling.launch_failure > 0.0 && self.launches.get().bernoulli(scaling.launch_failure) {
            self.leave_zone(index);
            let delay = scaling.retry.sample(self.launches.get());
            let unit = &mut self.units[index as usize];
            unit.phase = Phase::Terminating;
            unit.life += 1;
            let stamp = unit.life;
            // Its zone stays the one that failed: the next attempt looks beyond it.
            world.after(delay, Class::Action, plan.component, kind::RETRY, index, stamp);
            return;
        }
        let boot = scaling.boot.sample(self.launches.get());
        let unit = &mut self.units[index as usize];
        unit.phase = Phase::Booting;
        unit.launched = world.now;
        let life = unit.life;
        let checks = match &plan.balancer {
            Some(balancer) if scaling.check == CheckType::Elb => {
                balancer.check.first_checks(boot, scaling.grace, self.checks.get())
            }
            Some(balancer) => {
                FirstChecks { passes: boot + balancer.check.first_success(self.checks.get()), verdict: f64::INFINITY }
            }
            None => FirstChecks { passes: boot, verdict: f64::INFINITY },
        };
        let unit = &mut self.units[index as usize];
        (unit.passes, unit.given_up) = (world.now + checks.passes, world.now + checks.verdict);
        if boot <= checks.verdict {
            world.after(boot, Class::Action, plan.component, kind::SERVICE, index, life);
        } else if !scaling.endless {
            self.arm_verdict(plan, index, checks.verdict, world);
        }
    }

    /// Its application answers: its first check comes next, if there is one.
    pub(super) fn answers(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        if !self.hosted(plan, index, world) {
            self.leave_zone(index);
            return self.launch(plan, index, None, world);
        }
        let unit = &mut self.units[index as usize];
        unit.phase = Phase::Checking;
        let (passes, life) = (unit.passes, unit.life);
        if plan.balancer.is_some() && self.first_check_fails(plan, self.units[index as usize].zone) {
            return self.review_first_check(plan, index, world);
        }
        if passes > world.now {
            world.at(passes, Class::Action, plan.component, kind::SERVICE, index, life);
        } else {
            self.enters_service(plan, index, world);
        }
    }

    pub(super) fn enters_service(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        self.note(plan, world);
        if !self.hosted(plan, index, world) {
            self.leave_zone(index);
            return self.launch(plan, index, None, world);
        }
        self.replacing -= u32::from(self.units[index as usize].member.is_some());
        self.absolve(index);
        self.change(index, |unit| {
            unit.phase = Phase::InService;
            unit.in_rotation = true;
        });
        self.units[index as usize].back = world.now;
        self.begin_life(plan, index, world);
        self.await_false_alarm(plan, index, true, world);
        if !self.condition.is_up() || self.is_overloaded(&self.units[index as usize]) {
            self.review(plan, index, world);
        }
        let zone = self.units[index as usize].zone;
        self.review_node(plan, zone, world);
        if self.units[index as usize].member.is_none()
            && let Some(leaver) = self.leaver(plan, index)
        {
            self.give_place(leaver, index);
            self.remove(plan, leaver, world);
            self.level(plan, world);
        }
        // It is a member by now.
        self.elders[usize::from(zone)].clear();
    }

    /// The unit's zone and region are up.
    fn hosted(&self, plan: &FleetPlan, index: u32, world: &World) -> bool {
        world.places.hosts(plan.zones[usize::from(self.units[index as usize].zone)])
    }

    /// The first check of a unit cannot pass while the whole tier is down: it waits until that is over and is then checked anew or, where
    /// the group believes the load balancer, is given up after its grace period.
    pub(super) fn review_first_check(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        let fails = self.first_check_fails(plan, self.units[index as usize].zone);
        let unit = &mut self.units[index as usize];
        let Some(balancer) = plan.balancer.as_ref().filter(|_| unit.phase == Phase::Checking) else { return };
        if fails == unit.held {
            return;
        }
        unit.held = fails;
        // A check that would have passed does not.
        unit.life += 1;
        let (life, given_up) = (unit.life, unit.given_up);
        if !fails {
            self.call_off_verdict(index);
            let delay = balancer.check.first_success(self.checks.get());
            world.after(delay, Class::Action, plan.component, kind::SERVICE, index, life);
        } else if plan.believes_the_balancer() {
            self.arm_verdict(plan, index, (given_up - world.now).max(0.0), world);
        }
    }

    /// A place or control plane is back: what waited to be launched is, and zones are made level.
    pub fn can_launch_again(&mut self, plan: &FleetPlan, world: &mut World) {
        self.fill_places(plan, world);
        let somewhere = self.tallies.iter().any(|tally| !tally.down);
        if plan.scaling().is_none() || !world.places.can_act(plan.region) || !somewhere {
            return;
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        for index in waiting.drain(..) {
            self.launch(plan, index, None, world);
        }
        self.waiting = waiting;
    }
}

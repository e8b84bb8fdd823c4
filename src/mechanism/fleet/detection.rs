//! What health checks make of units and zones: out of rotation, back into it, given up; and the load balancer's nodes.

use super::{BalancerPlan, Fleet, FleetPlan, Pending, Phase, Unit, Verdict, kind};
use crate::engine::calendar::{Class, Event};
use crate::mechanism::world::World;
use crate::model::CheckType;

/// What becomes of a node, as events name it.
const DEAD: u32 = 0;
const GONE: u32 = 1;

impl Fleet {
    /// Starts, goes on with, or calls off what the checks make of a unit's state.
    pub(super) fn review(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        if !plan.tracks_units {
            if self.units[index as usize].failing == 0 {
                self.absolve(index);
            }
            return;
        }
        let zone_up = self.zone_up(index);
        let unit = self.units[index as usize];
        if unit.phase != Phase::InService || self.frozen {
            return;
        }
        let shared = self.condition.modes;
        if let Some(balancer) = &plan.balancer {
            let visible = self.fails_by_itself(plan, &unit) || self.is_overloaded(&unit);
            let hang = zone_up
                && unit.failing & self.seen_at_once == 0
                && shared & !plan.shared.hang == 0
                && !self.gray_is_seen(plan, unit.zone);
            if visible {
                if matches!(unit.verdict, Verdict::ComingIn | Verdict::FalseAlarm) {
                    self.call_off_check(index);
                }
                if unit.in_rotation && unit.verdict != Verdict::GoingOut {
                    let delay = balancer.not_at_once(balancer.check.detection(hang, self.checks.get()));
                    self.arm_check(plan, index, Verdict::GoingOut, delay, world);
                }
            } else {
                if unit.verdict == Verdict::GoingOut {
                    self.call_off_check(index);
                }
                if !unit.in_rotation && unit.verdict != Verdict::ComingIn {
                    let delay = balancer.not_at_once(balancer.check.recovery(self.checks.get()));
                    self.arm_check(plan, index, Verdict::ComingIn, delay, world);
                }
                self.await_false_alarm(plan, index, false, world);
            }
            if plan.believes_the_balancer() {
                self.review_replacement(plan, index, visible, world);
            }
        }
        if let Some(scaling) = plan.scaling().filter(|s| s.check == CheckType::Ec2) {
            let visible = !zone_up || unit.failing & self.seen_by_group != 0 || shared & plan.shared.instance != 0;
            if !visible {
                self.call_off_verdict(index);
            } else if !unit.verdict_pending {
                let delay = scaling.status_check.detection(false, self.checks.get());
                self.arm_verdict(plan, index, delay, world);
            }
        }
        if zone_up && unit.failing == 0 && shared == 0 && unit.in_rotation && !self.is_overloaded(&unit) {
            self.absolve(index);
        }
    }

    /// The load balancer's check of a unit fails, whatever its load.
    pub(super) fn fails_by_itself(&self, plan: &FleetPlan, unit: &Unit) -> bool {
        let zone_down = self.tallies[usize::from(unit.zone)].down;
        zone_down || unit.failing & self.seen_by_balancer != 0 || self.first_check_fails(plan, unit.zone)
    }

    /// Waits for the run of false failures that takes out a unit whose checks should pass; `at_check` if one of them just has.
    pub(super) fn await_false_alarm(&mut self, plan: &FleetPlan, index: u32, at_check: bool, world: &mut World) {
        let Some(balancer) = plan.balancer.as_ref().filter(|balancer| balancer.check.errs()) else { return };
        let unit = &self.units[index as usize];
        if unit.in_rotation && unit.verdict == Verdict::None {
            let delay = balancer.check.false_verdict(at_check, self.checks.get());
            self.arm_check(plan, index, Verdict::FalseAlarm, delay, world);
        }
    }

    /// So many checks in a row have failed of a unit that works: it is out, and replaced if the group believes that and its grace period
    /// is over.
    pub(super) fn false_alarm(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        let (Some(balancer), unit) = (&plan.balancer, self.units[index as usize]) else { return };
        self.goes_out(plan, index, world);
        let in_grace = plan.scaling().is_some_and(|scaling| unit.launched + scaling.grace > world.now);
        if plan.believes_the_balancer() && !in_grace {
            return self.replace(plan, index, world);
        }
        let delay = balancer.not_at_once(balancer.check.recovery_from_false_verdict(self.checks.get()));
        self.arm_check(plan, index, Verdict::ComingIn, delay, world);
    }

    /// The load balancer's check of any target in the zone would see a mode of the whole tier, or a gray one of the zone.
    pub(super) fn first_check_fails(&self, plan: &FleetPlan, zone: u16) -> bool {
        let seen = if plan.checks_deeply() { u64::MAX } else { !plan.shared.hang };
        self.condition.modes & seen != 0 || self.gray_is_seen(plan, zone)
    }

    /// The group's own verdict on what the load balancer sees: with it, or later where the grace period is not over.
    pub(super) fn review_replacement(&mut self, plan: &FleetPlan, index: u32, visible: bool, world: &mut World) {
        let unit = &mut self.units[index as usize];
        if !visible {
            unit.replace_when_out = false;
            return self.call_off_verdict(index);
        }
        if unit.verdict_pending || unit.replace_when_out {
            return;
        }
        let earliest = unit.given_up - world.now;
        if earliest > 0.0 {
            self.arm_verdict(plan, index, earliest, world);
        } else if unit.in_rotation {
            unit.replace_when_out = true;
        } else {
            self.arm_verdict(plan, index, 0.0, world);
        }
    }

    /// The group's verdict on a unit is due; it never comes before the load balancer's.
    pub(super) fn verdict(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        let unit = &mut self.units[index as usize];
        unit.verdict_pending = false;
        if unit.phase == Phase::InService && unit.verdict == Verdict::GoingOut && plan.believes_the_balancer() {
            unit.replace_when_out = true;
        } else {
            self.replace(plan, index, world);
        }
    }

    pub(super) fn arm_check(&mut self, plan: &FleetPlan, index: u32, verdict: Verdict, delay: f64, world: &mut World) {
        let unit = &mut self.units[index as usize];
        unit.verdict = verdict;
        unit.checks += 1;
        let code = match verdict {
            Verdict::GoingOut => kind::OUT,
            Verdict::FalseAlarm => kind::FALSE,
            Verdict::None | Verdict::ComingIn => kind::IN,
        };
        world.after(delay, Class::Action, plan.component, code, index, unit.checks);
    }

    pub(super) fn call_off_check(&mut self, index: u32) {
        let unit = &mut self.units[index as usize];
        unit.verdict = Verdict::None;
        unit.checks += 1;
    }

    pub(super) fn arm_verdict(&mut self, plan: &FleetPlan, index: u32, delay: f64, world: &mut World) {
        let unit = &mut self.units[index as usize];
        unit.verdict_pending = true;
        unit.verdicts += 1;
        world.after(delay, Class::Action, plan.component, kind::VERDICT, index, unit.verdicts);
    }

    pub(super) fn call_off_verdict(&mut self, index: u32) {
        let unit = &mut self.units[index as usize];
        unit.verdict_pending = false;
        unit.verdicts += 1;
    }

    pub(super) fn goes_out(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        self.note(plan, world);
        self.count_collapse(plan, index, world);
        self.change(index, |unit| {
            unit.in_rotation = false;
            unit.verdict = Verdict::None;
        });
        self.review_node(plan, self.units[index as usize].zone, world);
        if self.units[index as usize].replace_when_out {
            self.replace(plan, index, world);
        }
    }

    pub(super) fn comes_in(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        self.note(plan, world);
        self.change(index, |unit| {
            unit.in_rotation = true;
            unit.verdict = Verdict::None;
        });
        self.units[index as usize].back = world.now;
        self.review_node(plan, self.units[index as usize].zone, world);
        self.await_false_alarm(plan, index, true, world);
        self.review(plan, index, world);
    }

    // ---- the load balancer's nodes ---------------------------------------------------------------------------------------

    /// A node whose zone is down, once that is noticed, or that can reach no target is left by its clients within their TTL; it is in use
    /// again when neither holds.
    pub(super) fn review_node(&mut self, plan: &FleetPlan, position: u16, world: &mut World) {
        let Some(balancer) = &plan.balancer else { return };
        if self.frozen {
            return;
        }
        let tally = &self.tallies[usize::from(position)];
        let (down, empty) = (tally.down, !balancer.cross_zone && tally.in_rotation == 0);
        let node = &mut self.nodes[usize::from(position)];
        if node.dead.begins(down) {
            let delay = balancer.check.detection(false, self.checks.get());
            let (unit, stamp) = (u32::from(position) << 1 | DEAD, node.dead.stamp);
            world.after(delay, Class::Action, plan.component, kind::NODE, unit, stamp);
        }
        let unwanted = node.dead.here || empty || tally.shift.in_force();
        if node.gone.here && !unwanted {
            world.changed |= 1 << plan.region;
        }
        if node.gone.begins(unwanted) {
            let residual = if balancer.zone_ttl > 0.0 { self.checks.get().uniform() * balancer.zone_ttl } else { 0.0 };
            let (unit, stamp) = (u32::from(position) << 1 | GONE, node.gone.stamp);
            world.after(residual, Class::Action, plan.component, kind::NODE, unit, stamp);
        }
    }

    /// A dead node is noticed, or the last clients leave one.
    pub(super) fn node_turns(&mut self, plan: &FleetPlan, event: Event, world: &mut World) {
        let position = (event.unit() >> 1) as u16;
        let node = &mut self.nodes[usize::from(position)];
        let state = if event.unit() & 1 == DEAD { &mut node.dead } else { &mut node.gone };
        if state.stamp == event.stamp {
            (state.coming, state.here) = (false, true);
            self.note(plan, world);
            self.review_node(plan, position, world);
        }
    }
}

impl BalancerPlan {
    /// Where overload fails checks no verdict comes sooner than one interval, or removals and returns would follow without end. The rule
    /// sees to that by itself; laws may not.
    fn not_at_once(&self, delay: f64) -> f64 {
        if self.overload.is_some() && self.check.has_law() { delay.max(self.check.interval) } else { delay }
    }
}

impl Pending {
    /// Follows whether its reason holds: true if it begins to come. Without its reason it is called off, and over.
    fn begins(&mut self, reason: bool) -> bool {
        if reason == (self.coming || self.here) {
            return false;
        }
        (self.coming, self.here) = (reason, false);
        self.stamp += 1;
        reason
    }
}

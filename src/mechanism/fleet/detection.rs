//! What health checks make of units and zones: out of rotation, back into it, given up; and the load balancer's nodes.

use super::{Fleet, FleetPlan, Pending, Phase, ScalingPlan, kind};
use crate::engine::calendar::{Class, Event};
use crate::mechanism::check::Check;
use crate::mechanism::world::World;
use crate::model::CheckType;

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
        if unit.phase != Phase::InService {
            return;
        }
        if let Some(balancer) = &plan.balancer {
            let visible = !zone_up || unit.failing & self.seen_by_balancer != 0;
            let hang = zone_up && unit.failing & self.seen_at_once == 0;
            if visible {
                if unit.pending == Pending::ComingIn {
                    self.call_off_check(index);
                }
                if unit.in_rotation && unit.pending != Pending::GoingOut {
                    let delay = balancer.check.detection(hang, &mut self.checks);
                    self.arm_check(plan, index, Pending::GoingOut, delay, world);
                }
            } else {
                if unit.pending == Pending::GoingOut {
                    self.call_off_check(index);
                }
                if !unit.in_rotation && unit.pending != Pending::ComingIn {
                    let delay = balancer.check.recovery(&mut self.checks);
                    self.arm_check(plan, index, Pending::ComingIn, delay, world);
                }
            }
            if let Some(scaling) = plan.scaling().filter(|s| s.check == CheckType::Elb) {
                self.review_replacement(plan, scaling, &balancer.check, index, visible, hang, world);
            }
        }
        if let Some(scaling) = plan.scaling().filter(|s| s.check == CheckType::Ec2) {
            let visible = !zone_up || unit.failing & self.seen_by_group != 0;
            if !visible {
                self.call_off_verdict(index);
            } else if !unit.verdict_pending {
                let delay = scaling.status_check.detection(false, &mut self.checks);
                self.arm_verdict(plan, index, delay, world);
            }
        }
        if zone_up && unit.failing == 0 && unit.in_rotation {
            self.absolve(index);
        }
    }

    /// The group's own verdict on what the load balancer sees: with it, or later where the grace period is not over.
    #[expect(clippy::too_many_arguments, reason = "what the review has found out about the unit")]
    pub(super) fn review_replacement(
        &mut self,
        plan: &FleetPlan,
        scaling: &ScalingPlan,
        check: &Check,
        index: u32,
        visible: bool,
        hang: bool,
        world: &mut World,
    ) {
        let unit = &mut self.units[index as usize];
        if !visible {
            unit.replace_when_out = false;
            return self.call_off_verdict(index);
        }
        if unit.verdict_pending || unit.replace_when_out {
            return;
        }
        let grace_left = (unit.launched + scaling.grace - world.now).max(0.0);
        if grace_left == 0.0 && unit.pending == Pending::GoingOut {
            unit.replace_when_out = true;
        } else {
            let delay = grace_left + check.detection(hang, &mut self.checks);
            self.arm_verdict(plan, index, delay, world);
        }
    }

    pub(super) fn arm_check(&mut self, plan: &FleetPlan, index: u32, pending: Pending, delay: f64, world: &mut World) {
        let unit = &mut self.units[index as usize];
        unit.pending = pending;
        unit.checks += 1;
        let code = if pending == Pending::GoingOut { kind::OUT } else { kind::IN };
        world.after(delay, Class::Action, plan.component, code, index, unit.checks);
    }

    pub(super) fn call_off_check(&mut self, index: u32) {
        let unit = &mut self.units[index as usize];
        unit.pending = Pending::Nothing;
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
        self.change(index, |unit| {
            unit.in_rotation = false;
            unit.pending = Pending::Nothing;
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
            unit.pending = Pending::Nothing;
        });
        self.review_node(plan, self.units[index as usize].zone, world);
        self.review(plan, index, world);
    }

    // ---- the load balancer's nodes ---------------------------------------------------------------------------------------

    /// Takes a node out of use when its zone is down, or when it can reach no target; puts it back when neither holds.
    pub(super) fn review_node(&mut self, plan: &FleetPlan, position: u16, world: &mut World) {
        let Some(balancer) = &plan.balancer else { return };
        let zone_down = self.tallies[usize::from(position)].down;
        let empty = !balancer.cross_zone && self.tallies[usize::from(position)].in_rotation == 0;
        let node = &mut self.nodes[usize::from(position)];
        if !zone_down && !empty {
            if node.leaving || !node.in_use {
                node.stamp += 1;
                node.in_use = true;
                node.leaving = false;
                world.changed |= 1 << plan.region;
            }
        } else if node.in_use && !node.leaving {
            node.leaving = true;
            node.stamp += 1;
            let noticed = if zone_down { balancer.check.detection(false, &mut self.checks) } else { 0.0 };
            let residual = if balancer.zone_ttl > 0.0 { self.checks.uniform() * balancer.zone_ttl } else { 0.0 };
            let stamp = self.nodes[usize::from(position)].stamp;
            world.after(noticed + residual, Class::Action, plan.component, kind::NODE, u32::from(position), stamp);
        }
    }

    pub(super) fn node_leaves(&mut self, plan: &FleetPlan, event: Event, world: &mut World) {
        let node = &mut self.nodes[event.unit() as usize];
        if node.stamp == event.stamp {
            node.in_use = false;
            node.leaving = false;
            self.note(plan, world);
        }
    }
}

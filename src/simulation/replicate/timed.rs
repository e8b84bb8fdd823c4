//! What comes by the calendar or by a rollout: changes, maintenance windows, hours of the week.

use super::Replica;
use super::places::Turned;
use crate::engine::calendar::{Class, Event};
use crate::engine::ledger::Stage;
use crate::mechanism::change::{Change, Step};
use crate::mechanism::outage::{Hold, Target};
use crate::simulation::compile::Plan;

/// Multiple of the usual demand that stands for none.
const LEAST_DEMAND: f64 = 1e-9;

impl Replica {
    /// A change, a maintenance window or an hour of the week begins or ends.
    pub(super) fn calendar_turns(&mut self, plan: &Plan, event: Event) {
        let change = event.component() - plan.first_change;
        let maintenance = change.wrapping_sub(plan.changes.len());
        if change < plan.changes.len() {
            self.change_turns(plan, change, event);
        } else if maintenance < plan.maintenance.len() {
            self.maintenance_turns(plan, maintenance, event);
        } else {
            self.enter_step(plan, event.unit());
        }
    }

    fn change_turns(&mut self, plan: &Plan, index: usize, event: Event) {
        let its_plan = &plan.changes[index];
        let hold = |target: &Target| Hold { target: *target, bit: its_plan.bit, kills: false, gray: its_plan.gray };
        match self.changes[index].turn(its_plan, event, &mut self.world) {
            Step::Nothing => {}
            Step::Noticed => self.world.changed = u64::MAX,
            Step::Reaches(stage) => {
                let mut turned = Turned::default();
                for target in &its_plan.stages[stage] {
                    // What the whole tier fails, its units do not fail once more.
                    if let (true, Target::Fleet(fleet)) = (its_plan.gray, *target) {
                        self.fleets[fleet].let_go(&plan.fleets[fleet], its_plan.bit, &mut self.world);
                    }
                    self.turn_place(plan, hold(target), true, &mut turned);
                }
                self.have_turned(plan, turned);
            }
            Step::RolledBack(last) => {
                let stages = its_plan.stages[..=last].iter().rev().flatten();
                let mut turned = Turned::default();
                stages.for_each(|target| self.turn_place(plan, hold(target), false, &mut turned));
                self.have_turned(plan, turned);
            }
        }
    }

    fn maintenance_turns(&mut self, plan: &Plan, index: usize, event: Event) {
        let its_plan = &plan.maintenance[index];
        self.account(plan, event.time());
        let begins = self.maintenance[index].turn(its_plan, event, &mut self.world);
        match (its_plan.excluded, begins) {
            (true, true) => self.ledger.exclude(event.time()),
            (true, false) => self.ledger.include(event.time()),
            (false, _) => {}
        }
        let mut turned = Turned::default();
        its_plan.holds.iter().for_each(|hold| self.turn_place(plan, *hold, begins, &mut turned));
        self.have_turned(plan, turned);
    }

    /// A step of the week begins, counted through all weeks: the demand is another one, or counts differently.
    pub(super) fn enter_step(&mut self, plan: &Plan, number: u32) {
        let steps = plan.week.steps();
        let step = &steps[number as usize % steps.len()];
        let start = plan.week.start(number);
        self.account(plan, start);
        self.ledger.weigh(step.demand, step.judged);
        // Without demand, what would be served of a single request still says whether the service is up.
        self.demand = plan.demand * step.demand.max(LEAST_DEMAND);
        self.world.changed = u64::MAX;
        self.world.at(plan.week.start(number + 1), Class::Action, plan.clock, 0, number + 1, 0);
    }
}

/// Where nothing but waiting for the end of a change is left to do, the stage is that of the change.
pub(super) fn of_change(plan: &Plan, changes: &[Change], modes: u64, stage: Stage) -> Stage {
    if stage != Stage::Repair || modes & plan.change_bits == 0 {
        return stage;
    }
    let at_work = changes.iter().zip(&plan.changes).filter(|(_, its_plan)| its_plan.bit & modes != 0);
    at_work.map(|(change, _)| change.stage()).min_by_key(|stage| *stage as u8).unwrap_or(stage)
}

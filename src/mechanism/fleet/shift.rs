//! Zonal shift: people notice that a zone is impaired, and move the traffic away from it.
//!
//! A zone of the tier is impaired while it is down or a gray mode of the zone itself is on. After detection and decision the load
//! balancer's node of the zone is left by its clients, as a dead one is, and no node sends requests to the zone's targets. That ends when the
//! zone has not been impaired for `return_after`, or after `duration` at the latest; if it is impaired then, all begins anew. It works in
//! the data plane: no control plane is needed. Source: Amazon Application Recovery Controller developer guide, "Zonal shift".

use super::{Fleet, FleetPlan, kind};
use crate::engine::calendar::{Class, Event};
use crate::law::Law;
use crate::mechanism::world::World;

/// How people move traffic away from a zone, compiled.
#[derive(Debug, Clone)]
pub struct ShiftPlan {
    /// From the begin of the impairment until people know.
    pub detection: Law,
    /// Until they have decided and done it.
    pub decision: Law,
    /// Longest time that it lasts.
    pub duration: Law,
    /// From the end of the impairment to the return of the traffic.
    pub return_after: Law,
}

/// What people are doing about a zone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Shift {
    #[default]
    Home,
    Unnoticed,
    Undecided,
    Away,
    Returning,
}

impl Shift {
    /// Traffic is kept away.
    pub(super) fn in_force(self) -> bool {
        matches!(self, Shift::Away | Shift::Returning)
    }
}

/// Events of a zone, as its number is doubled: the next step, and the longest time.
const STEP: u32 = 0;
const EXPIRY: u32 = 1;

impl Fleet {
    fn impaired(&self, plan: &FleetPlan, position: u16) -> bool {
        let tally = &self.tallies[usize::from(position)];
        tally.down || tally.gray & plan.gray.zonal != 0
    }

    fn arm_shift(&mut self, plan: &FleetPlan, position: u16, timer: u32, delay: f64, world: &mut World) {
        let tally = &mut self.tallies[usize::from(position)];
        let stamp = &mut tally.shift_stamps[timer as usize];
        *stamp += 1;
        world.after(delay, Class::Action, plan.component, kind::SHIFT, u32::from(position) << 1 | timer, *stamp);
    }

    /// A zone has become impaired, or is so no more.
    pub(super) fn review_shift(&mut self, plan: &FleetPlan, position: u16, world: &mut World) {
        let Some(shift) = plan.shift() else { return };
        let impaired = self.impaired(plan, position);
        let tally = &mut self.tallies[usize::from(position)];
        match (tally.shift, impaired) {
            (Shift::Home, true) => {
                tally.shift = Shift::Unnoticed;
                let delay = shift.detection.sample(self.shifts.get());
                self.arm_shift(plan, position, STEP, delay, world);
            }
            (Shift::Unnoticed | Shift::Undecided, false) => {
                tally.shift = Shift::Home;
                tally.shift_stamps[STEP as usize] += 1;
            }
            (Shift::Away, false) => {
                tally.shift = Shift::Returning;
                let delay = shift.return_after.sample(self.shifts.get());
                self.arm_shift(plan, position, STEP, delay, world);
            }
            (Shift::Returning, true) => {
                tally.shift = Shift::Away;
                tally.shift_stamps[STEP as usize] += 1;
            }
            _ => {}
        }
    }

    /// People have got one step further, or the time is over.
    pub(super) fn shift_turns(&mut self, plan: &FleetPlan, event: Event, world: &mut World) {
        let Some(shift) = plan.shift() else { return };
        let (position, timer) = ((event.unit() >> 1) as u16, event.unit() & 1);
        let tally = &mut self.tallies[usize::from(position)];
        if tally.shift_stamps[timer as usize] != event.stamp {
            return;
        }
        self.note(plan, world);
        let tally = &mut self.tallies[usize::from(position)];
        match tally.shift {
            Shift::Unnoticed => {
                tally.shift = Shift::Undecided;
                let delay = shift.decision.sample(self.shifts.get());
                self.arm_shift(plan, position, STEP, delay, world);
            }
            Shift::Undecided => {
                tally.shift = Shift::Away;
                let delay = shift.duration.sample(self.shifts.get());
                self.arm_shift(plan, position, EXPIRY, delay, world);
                self.review_node(plan, position, world);
            }
            Shift::Away | Shift::Returning => {
                tally.shift = Shift::Home;
                tally.shift_stamps.iter_mut().for_each(|stamp| *stamp += 1);
                self.review_node(plan, position, world);
                self.review_shift(plan, position, world);
            }
            Shift::Home => {}
        }
    }
}

//! Sessions kept in the units of a fleet.
//!
//! A unit holds sessions while it is in service, its memory is intact and requests are sent to it: a crash or the loss of the instance
//! empties it at once, a hang or a zone out of reach only when requests go elsewhere. With a load balancer that is when the unit
//! leaves routing, without one as soon as it is not healthy.

use super::{Fleet, FleetPlan, Phase};

/// Who holds sessions, and who has lost them.
#[derive(Debug, Clone, Default)]
pub(super) struct UnitSessions {
    kept: bool,
    balanced: bool,
    /// Modes of the whole tier that do not empty its units.
    hang: u64,
    holders: u32,
    /// Units that lost theirs since this was last asked.
    lost: u32,
}

impl UnitSessions {
    pub(super) fn new(plan: &FleetPlan) -> UnitSessions {
        UnitSessions {
            kept: plan.keeps_sessions,
            balanced: plan.balancer.is_some(),
            hang: plan.shared.hang,
            ..Self::default()
        }
    }

    pub(super) fn restart(&mut self, plan: &FleetPlan) {
        (self.holders, self.lost) = (plan.units, 0);
    }
}

impl Fleet {
    /// Units that hold sessions.
    pub fn holders(&self) -> u32 {
        self.sessions.holders
    }

    /// Units that have lost their sessions since this was last called.
    pub fn take_logged_out(&mut self) -> u32 {
        std::mem::take(&mut self.sessions.lost)
    }

    /// A unit, or what is around it, has changed.
    pub(super) fn review_sessions(&mut self, index: u32) {
        if !self.sessions.kept {
            return;
        }
        let unit = &self.units[index as usize];
        let intact = unit.failing & self.seen_at_once == 0 && self.condition.modes & !self.sessions.hang == 0;
        let reached = if self.sessions.balanced { unit.in_rotation } else { unit.failing == 0 && self.zone_up(index) };
        let holds = unit.phase == Phase::InService && intact && reached;
        let unit = &mut self.units[index as usize];
        if unit.holds != holds {
            unit.holds = holds;
            if holds {
                self.sessions.holders += 1;
            } else {
                self.sessions.holders -= 1;
                self.sessions.lost += 1;
            }
        }
    }

    /// What is around all units has changed.
    pub(super) fn review_all_sessions(&mut self) {
        if self.sessions.kept {
            (0..self.units.len() as u32).for_each(|index| self.review_sessions(index));
        }
    }
}

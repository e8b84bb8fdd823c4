//! What branches of a history ask of a fleet: how far it is from rest, and failures that come when they are told to.

use super::shift::Shift;
use super::{Fleet, FleetPlan, KILLED, Phase, kind};
use crate::engine::calendar::Event;
use crate::law::{Later, Law, Numbered, Stream};
use crate::mechanism::world::World;

/// Up to this many units, those that can fail are counted; of more, one is drawn at random, and may be down already.
const COUNTED: u32 = 64;

impl FleetPlan {
    /// Mean life of a unit (s) by a mode whose failures have no memory and can be told to come: nothing is pending for them but their time.
    pub fn memoryless(&self, mode: usize) -> Option<f64> {
        let mean = self.modes[mode].life.is_exponential()?;
        // A spare's clock runs slower at rest; with one mode it is known at what rate, for any unit.
        let one_clock = || self.modes.iter().filter(|mode| mode.life.mean() < f64::INFINITY).count() == 1;
        (self.strikes(mode) || one_clock()).then_some(mean)
    }

    /// The law of lives by a mode that have a memory, and a hazard that is known at any age.
    pub fn ageing(&self, mode: usize) -> Option<&Law> {
        let life = &self.modes[mode].life;
        let knows = self.spares().is_none() && life.is_exponential().is_none() && life.hazard(1.0).is_some();
        knows.then_some(life)
    }

    /// Some mode has such lives.
    pub(super) fn ages(&self) -> bool {
        (0..self.modes.len()).any(|mode| self.ageing(mode).is_some())
    }

    /// Units that can fail are counted, one by one; of more of them one is drawn at random, and may be down already.
    fn counts_vulnerable(&self) -> bool {
        self.units <= COUNTED || self.spares().is_some()
    }

    /// The mode that fails a unit by an event, if that is what it is.
    pub fn failure(event: Event) -> Option<usize> {
        matches!(event.kind() & 15, kind::STRIKE | kind::FAIL).then_some(usize::from(event.kind() >> 4))
    }
}

impl Fleet {
    /// How many things are not as they should be: units that are down, out of rotation, on their way or without a spare, and what the
    /// load balancer or people are doing about zones.
    pub fn unrest(&self, plan: &FleetPlan) -> u32 {
        let mut serving = 0;
        let mut count = u32::from(!self.condition.is_up()) + u32::from(self.frozen);
        for (tally, node) in self.tallies.iter().zip(&self.nodes) {
            serving += if tally.down { 0 } else { tally.alive_in_rotation };
            let node = node.dead.coming | node.dead.here | node.gone.coming | node.gone.here;
            count += u32::from(node) + u32::from(tally.shift != Shift::Home) + u32::from(tally.overloaded);
        }
        if let Some(spares) = plan.spares() {
            count += spares.count - self.standby.idle() as u32;
        } else {
            count += plan.room() - plan.units - self.free.len() as u32;
        }
        count + plan.units - serving.min(plan.units)
    }

    /// Every stream it draws from.
    pub fn streams(&mut self, visit: &mut impl FnMut(&mut Stream)) {
        self.lives.iter_mut().for_each(&mut *visit);
        self.repairs.iter_mut().map(Later::get).for_each(&mut *visit);
        self.clocks.streams(visit);
        visit(self.checks.get());
        visit(self.launches.get());
        visit(self.shifts.get());
        for (strikes, lives) in self.strikes.iter_mut().zip(&self.lives) {
            strikes.numbers = Numbered::new(lives.clone().bits(), 0, 0);
        }
    }

    /// Failures of memoryless units per second by a mode of mean life `mean` (s).
    pub fn failure_rate(&self, plan: &FleetPlan, mode: usize, mean: f64) -> f64 {
        if plan.counts_vulnerable() {
            self.vulnerable(plan, mode).map(|(_, pace)| pace).sum::<f64>() / mean
        } else {
            f64::from(plan.units) / mean
        }
    }

    /// Units that a mode may fail, and how fast their clocks run.
    fn vulnerable(&self, plan: &FleetPlan, mode: usize) -> impl Iterator<Item = (u32, f64)> {
        let at_rest = plan.spares().map_or(0.0, |spares| spares.dormant);
        let bits = 1 << mode | KILLED;
        (0u32..).zip(&self.units).filter(move |(_, unit)| unit.failing & bits == 0).filter_map(move |(index, unit)| {
            match unit.phase {
                Phase::InService if unit.member.is_some() => Some((index, 1.0)),
                Phase::Spare => Some((index, at_rest)),
                _ => None,
            }
        })
    }

    /// When the life at hand of a unit by a mode begins (s).
    pub(super) fn is_born(&mut self, plan: &FleetPlan, unit: u32, mode: usize, at: f64) {
        if let Some(born) = self.born.get_mut(mode * plan.room() as usize + unit as usize) {
            *born = at;
        }
    }

    /// Units that a mode whose lives have a memory may fail.
    pub fn ageing_units(&self, plan: &FleetPlan, mode: usize) -> impl Iterator<Item = u32> {
        self.vulnerable(plan, mode).map(|(index, _)| index)
    }

    /// When the life of a unit by a mode began (s).
    pub fn since(&self, plan: &FleetPlan, unit: u32, mode: usize) -> f64 {
        self.born[mode * plan.room() as usize + unit as usize]
    }

    /// The mode and the unit whose life an event ends, if lives of the mode have a memory.
    pub fn ends_life(&self, plan: &FleetPlan, event: Event) -> Option<(usize, u32)> {
        let (mode, unit) = match event.kind() & 15 {
            kind::CLOCK => self.clocks.due(plan, event.time())?,
            kind::FAIL => (usize::from(event.kind() >> 4), event.unit()),
            _ => return None,
        };
        let state = &self.units[unit as usize];
        let stands = event.kind() & 15 == kind::CLOCK || state.life == event.stamp;
        let vulnerable = state.failing & (1 << mode | KILLED) == 0 && state.phase == Phase::InService;
        (stands && vulnerable && state.member.is_some() && plan.ageing(mode).is_some()).then_some((mode, unit))
    }

    /// A unit fails by a mode whose lives have a memory, before it would.
    pub fn fail_early(&mut self, plan: &FleetPlan, unit: u32, mode: usize, world: &mut World) {
        if plan.keeps_clock(mode) {
            self.clocks.set_next(plan, unit, mode, f64::INFINITY);
        } else {
            let (component, code) = (plan.component as usize, kind::FAIL | (mode as u8) << 4);
            world
                .calendar
                .retain(|event| event.component() != component || event.kind() != code || event.unit() != unit);
        }
        self.fail(plan, unit, mode, world);
    }

    /// A mode fails one of the units that it may fail, the one at `point` in (0, 1) of their rates; one that is down already it leaves as it is.
    pub fn fail_one(&mut self, plan: &FleetPlan, mode: usize, point: f64, world: &mut World) {
        let victim = if plan.counts_vulnerable() {
            let mut rest = point * self.vulnerable(plan, mode).map(|(_, pace)| pace).sum::<f64>();
            self.vulnerable(plan, mode).find(|(_, pace)| {
                rest -= pace;
                rest < 0.0
            })
        } else {
            let member = self.members[((point * f64::from(plan.units)) as usize).min(self.members.len() - 1)];
            Some((member, 1.0)).filter(|_| {
                let unit = &self.units[member as usize];
                unit.phase == Phase::InService && unit.failing & (1 << mode | KILLED) == 0
            })
        };
        self.strikes[mode].pass(1);
        if let Some((index, _)) = victim {
            self.fail(plan, index, mode, world);
        }
    }
}

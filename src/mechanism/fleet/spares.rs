//! Spares: machines of a pool that stand by, and take the place of one that fails.
//!
//! A pool has as many places as units, and spares beside them. When the unit of a place fails by a mode of its own or is killed, the spare that
//! has been idle for longest, of those whose zone and region are up, is tried: with probability `coverage` it takes the place after
//! `switch_over`, else nobody takes it until its unit is repaired. A unit that is repaired before is back in its place at once, and the
//! switch-over is called off; a spare that fails on its way is followed by the next. Without an idle spare the place waits for one, first
//! come first served. The unit whose place was taken is a spare when it is repaired. A spare at rest fails at `dormant` times the
//! active rate, and is as new when it takes a place.

use super::{Fleet, FleetPlan, Phase, Verdict, kind};
use crate::engine::calendar::Class;
use crate::engine::clone_in_place;
use crate::law::Law;
use crate::mechanism::world::World;
use std::collections::VecDeque;

/// Spares, compiled.
#[derive(Debug, Clone)]
pub struct SparesPlan {
    /// How many.
    pub count: u32,
    /// Share of the active failure rate at which they fail at rest.
    pub dormant: f64,
    /// From the failure of a unit until a spare serves in its place.
    pub switch_over: Law,
    /// Probability that it does.
    pub coverage: f64,
}

/// What becomes of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Its unit works, or nothing can be done but repair it.
    Settled,
    /// No spare is idle.
    Waits,
    /// This spare is on its way.
    Expects(u32),
}

/// Places and the spares that stand by.
#[derive(Debug, Default)]
pub(super) struct Standby {
    places: Vec<Place>,
    /// The place that expects each unit.
    helps: Vec<Option<u32>>,
    /// Spares that work and have nothing to do, the longest idle first.
    idle: VecDeque<u32>,
    /// Places without a spare, the longest waiting first.
    waiting: VecDeque<u32>,
    /// Spares on their way.
    pub(super) moving: u32,
}

clone_in_place!(Standby { places, helps, idle, waiting, moving });

impl Standby {
    /// All places filled, all spares idle.
    pub(super) fn restart(&mut self, plan: &FleetPlan) {
        self.places.clear();
        self.helps.clear();
        self.idle.clear();
        self.waiting.clear();
        self.moving = 0;
        if plan.spares().is_some() {
            self.places.resize(plan.units as usize, Place::Settled);
            self.helps.resize(plan.room() as usize, None);
            self.idle.extend(plan.units..plan.room());
        }
    }

    /// Spares that work and have nothing to do.
    pub(super) fn idle(&self) -> usize {
        self.idle.len()
    }

    /// A spare has nothing to do with the pool for a while: the place that expected it, if one did.
    fn withdraw(&mut self, spare: u32) -> Option<u32> {
        self.idle.retain(|idle| *idle != spare);
        let place = self.helps[spare as usize].take()?;
        self.places[place as usize] = Place::Settled;
        self.moving -= 1;
        Some(place)
    }
}

impl Fleet {
    /// A unit or a spare of a pool with spares has just gone down, and was up before.
    pub(super) fn misses(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        if plan.spares().is_none() {
            return;
        }
        let place = match self.units[index as usize].member {
            Some(place) => Some(place),
            None => {
                self.units[index as usize].checks += 1;
                self.standby.withdraw(index)
            }
        };
        if let Some(place) = place {
            self.seek(plan, place, world);
        }
    }

    /// Finds a spare for a place whose unit is down.
    fn seek(&mut self, plan: &FleetPlan, place: u32, world: &mut World) {
        let Some(spares) = plan.spares() else { return };
        let usable = |spare: &u32| world.places.hosts(plan.zones[usize::from(self.units[*spare as usize].zone)]);
        let found = self.standby.idle.iter().position(usable);
        let Some(spare) = found.and_then(|position| {
            if self.launches.get().bernoulli(spares.coverage) { self.standby.idle.remove(position) } else { None }
        }) else {
            if found.is_none() {
                self.standby.places[place as usize] = Place::Waits;
                self.standby.waiting.push_back(place);
            }
            return;
        };
        self.standby.places[place as usize] = Place::Expects(spare);
        self.standby.helps[spare as usize] = Some(place);
        self.standby.moving += 1;
        world.changed |= 1 << plan.region;
        let delay = spares.switch_over.sample(self.launches.get());
        let unit = &mut self.units[spare as usize];
        unit.checks += 1;
        world.after(delay, Class::Action, plan.component, kind::SPARE, spare, unit.checks);
    }

    /// A spare takes the place that expects it.
    pub(super) fn takes_place(&mut self, plan: &FleetPlan, spare: u32, world: &mut World) {
        self.note(plan, world);
        let Some(place) = self.standby.withdraw(spare) else { return };
        let old = self.members[place as usize];
        self.members[place as usize] = spare;
        self.change(old, |unit| {
            unit.phase = Phase::Spare;
            unit.member = None;
            unit.in_rotation = true;
            unit.verdict = Verdict::None;
            unit.checks += 1;
        });
        self.absolve(old);
        self.change(spare, |unit| {
            unit.phase = Phase::InService;
            unit.member = Some(place);
        });
        self.begin_life(plan, spare, world);
        self.review_node(plan, self.units[old as usize].zone, world);
        self.review_node(plan, self.units[spare as usize].zone, world);
        self.await_false_alarm(plan, spare, false, world);
        self.review(plan, spare, world);
    }

    /// A unit or a spare has just been repaired.
    pub(super) fn is_back(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        if plan.spares().is_none() {
            return;
        }
        match self.units[index as usize].member {
            Some(place) => {
                let state = std::mem::replace(&mut self.standby.places[place as usize], Place::Settled);
                match state {
                    Place::Settled => {}
                    Place::Waits => self.standby.waiting.retain(|waiting| *waiting != place),
                    Place::Expects(spare) => {
                        self.standby.helps[spare as usize] = None;
                        self.standby.moving -= 1;
                        self.units[spare as usize].checks += 1;
                        self.standby.idle.push_back(spare);
                    }
                }
            }
            None => {
                self.begin_life(plan, index, world);
                self.standby.idle.push_back(index);
            }
        }
        self.fill_places(plan, world);
    }

    /// Spares may be usable that were not.
    pub(super) fn fill_places(&mut self, plan: &FleetPlan, world: &mut World) {
        for _ in 0..self.standby.waiting.len() {
            let Some(place) = self.standby.waiting.pop_front() else { return };
            self.standby.places[place as usize] = Place::Settled;
            self.seek(plan, place, world);
        }
    }
}

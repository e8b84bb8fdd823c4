//! Clocks of units whose lives have a memory, kept by the fleet itself where failures may go unnoticed.
//!
//! Each unit draws its lives and repairs, one after the other, by numbers of its own, so that it does not matter in which order
//! units are worked off. Their next failures are the leaves of a tournament: each node is the earlier of two, the first one is on top.
//! Only the first failure of all is in the calendar.
//!
//! When it is due, the fleet goes on by itself up to the next event elsewhere: from failure to failure, as for strikes, or, where that pays, unit by
//! unit (`slices`).

use super::slices::Slices;
use super::{Absent, Fleet, FleetPlan, UpkeepPlan, kind};
use crate::engine::calendar::Class;
use crate::engine::clone_in_place;
use crate::law::{History, Numbered, Stream};
use crate::mechanism::world::World;

/// When each unit fails next, by mode and unit.
#[derive(Debug)]
pub(super) struct Clocks {
    /// What each draws its lives and repairs by, one after the other.
    pub(super) numbers: Vec<Numbered>,
    /// Node 1 is the top, nodes 2 n and 2 n + 1 are below node n (s).
    pub(super) times: Vec<f64>,
    /// The first node that is a leaf: a power of two.
    pub(super) leaves: usize,
    /// What they are worked off unit by unit with.
    pub(super) slices: Slices,
    /// When the fleet is woken (s).
    alarm: f64,
}

clone_in_place!(Clocks { numbers, times, leaves, slices, alarm });

impl Clocks {
    /// Every stream that units draw from, as one that stands for it.
    pub(super) fn streams(&mut self, visit: &mut impl FnMut(&mut Stream)) {
        for numbers in &mut self.numbers {
            let mut stream = numbers.stream(0);
            visit(&mut stream);
            *numbers = Numbered::new(stream.bits(), 0, 0);
        }
    }

    /// Memory for the clocks of a fleet.
    pub(super) fn new(plan: &FleetPlan) -> Clocks {
        let kept = plan.goes_alone() && (0..plan.modes.len()).any(|mode| plan.keeps_clock(mode));
        let count = if kept { plan.modes.len() * plan.units as usize } else { 0 };
        let leaves = if kept { count.next_power_of_two() } else { 0 };
        Clocks {
            numbers: vec![Numbered::new(0, 0, 0); count],
            times: vec![f64::INFINITY; 2 * leaves],
            leaves,
            slices: Slices::new(leaves),
            alarm: f64::INFINITY,
        }
    }

    /// Places of a unit and a mode, or of all units in one.
    fn place(plan: &FleetPlan, unit: u32, mode: usize) -> usize {
        mode * plan.units as usize + unit as usize
    }

    /// What a unit draws its next life or repair by.
    pub(super) fn take(&mut self, plan: &FleetPlan, unit: u32, mode: usize) -> Numbered {
        self.numbers[Clocks::place(plan, unit, mode)].take()
    }

    /// The end of the life at hand is known.
    pub(super) fn runs(&self, plan: &FleetPlan, unit: u32, mode: usize) -> bool {
        let node = self.leaves + Clocks::place(plan, unit, mode);
        self.times.get(node).is_some_and(|time| *time < f64::INFINITY)
    }

    /// The one that fails next, by mode and unit, if it does by `now` (s).
    pub(super) fn due(&self, plan: &FleetPlan, now: f64) -> Option<(usize, u32)> {
        let due = self.leaves > 0 && self.next() <= now;
        due.then(|| (self.first() / plan.units as usize, (self.first() % plan.units as usize) as u32))
    }

    /// When a unit fails next (s).
    pub(super) fn set_next(&mut self, plan: &FleetPlan, unit: u32, mode: usize, time: f64) {
        self.set(Clocks::place(plan, unit, mode), time);
    }

    /// A unit is lost, and does not fail any more.
    pub(super) fn stop(&mut self, plan: &FleetPlan, unit: u32) {
        if self.leaves > 0 {
            (0..plan.modes.len()).for_each(|mode| self.set(Clocks::place(plan, unit, mode), f64::INFINITY));
        }
    }

    fn next(&self) -> f64 {
        self.times[1]
    }

    /// Which one is first; of several at once the one of the lowest place.
    fn first(&self) -> usize {
        let next = self.next();
        let mut node = 1;
        while node < self.leaves {
            node = 2 * node + usize::from(self.times[2 * node] != next);
        }
        node - self.leaves
    }

    fn set(&mut self, place: usize, time: f64) {
        let mut node = self.leaves + place;
        self.times[node] = time;
        while node > 1 {
            let winner = earlier(self.times[node], self.times[node ^ 1]);
            node /= 2;
            self.times[node] = winner;
        }
    }

    /// After leaves were changed without [`Clocks::set`].
    pub(super) fn play(&mut self) {
        for node in (1..self.leaves).rev() {
            self.times[node] = earlier(self.times[2 * node], self.times[2 * node + 1]);
        }
    }
}

impl Fleet {
    /// Draws the first life of each unit, or what is left of it.
    pub(super) fn start_clocks(&mut self, plan: &FleetPlan, history: &History, world: &mut World) {
        if self.clocks.leaves == 0 {
            return;
        }
        let (units, room) = (plan.units as usize, plan.room() as usize);
        for (index, mode) in plan.modes.iter().enumerate().filter(|(index, _)| plan.keeps_clock(*index)) {
            let places = Clocks::place(plan, 0, index)..Clocks::place(plan, 0, index) + units;
            let times = &mut self.clocks.times[self.clocks.leaves..][places.clone()];
            let all = history.numbered(plan.keys.lives[index]);
            let units = (0..).zip(&mut self.clocks.numbers[places]).zip(times);
            match (&mode.age, plan.samplers[index].0.strips()) {
                (None, Some(life)) => start(units, all, |_, numbers| life.sample_first(numbers)),
                (None, None) => start(units, all, |_, numbers| plan.samplers[index].0.sample_first(numbers)),
                (Some(age), _) => start(units, all, |unit, numbers| {
                    let mut stream = numbers.stream(0);
                    let age = age.sample(&mut stream);
                    if let Some(born) = self.born.get_mut(index * room + unit as usize) {
                        *born = -age;
                    }
                    mode.life.sample_rest(age, &mut stream)
                }),
            }
        }
        self.clocks.play();
        self.clocks.alarm = f64::INFINITY;
        self.set_alarm(plan, world);
    }

    /// A new life of a unit begins.
    pub(super) fn wind_clock(&mut self, plan: &FleetPlan, unit: u32, mode: usize, world: &mut World) {
        let ends = world.now + plan.samplers[mode].0.sample_first(self.clocks.take(plan, unit, mode));
        self.clocks.set_next(plan, unit, mode, ends);
        self.set_alarm(plan, world);
    }

    fn set_alarm(&mut self, plan: &FleetPlan, world: &mut World) {
        let next = self.clocks.next();
        if next < self.clocks.alarm {
            self.clocks.alarm = next;
            world.at(next, Class::Failure, plan.component, kind::CLOCK, 0, 0);
        }
    }

    /// The fleet is woken: a unit fails, unless that was called off.
    #[inline(never)]
    pub(super) fn clocks_turn(&mut self, plan: &FleetPlan, world: &mut World) {
        if world.now >= self.clocks.alarm {
            self.clocks.alarm = f64::INFINITY;
        }
        if self.clocks.next() <= world.now {
            self.wear(plan, world);
        }
        self.set_alarm(plan, world);
    }

    /// A unit fails, and what follows from it up to the next event elsewhere.
    fn wear(&mut self, plan: &FleetPlan, world: &mut World) {
        let limit = world.until.min(world.calendar.next_time());
        let crews = match plan.upkeep {
            UpkeepPlan::Pool { crews, .. } => crews,
            UpkeepPlan::Scaling(_) => 0,
        };
        let spare = self.healthy.saturating_sub(plan.required).min(crews.saturating_sub(self.busy));
        self.absent.clear();
        let noticed = if world.now >= limit || spare == 0 {
            Some(self.clocks.first())
        } else if self.wear_by_unit(plan, limit, spare, world) {
            None
        } else {
            self.wear_in_order(plan, limit, spare, world)
        };
        self.remember_absent(plan, world);
        if let Some(place) = noticed {
            let (unit, mode) = ((place % plan.units as usize) as u32, place / plan.units as usize);
            self.clocks.set(place, f64::INFINITY);
            self.fail(plan, unit, mode, world);
        }
    }

    /// From failure to failure: the one that is noticed, if one is, and now.
    fn wear_in_order(&mut self, plan: &FleetPlan, limit: f64, spare: u32, world: &mut World) -> Option<usize> {
        let spare = spare.min(super::alone::FEW as u32);
        let everything_up = self.is_everything_up(plan);
        let units = plan.units as usize;
        let mut now = world.now;
        loop {
            let place = self.clocks.first();
            let (unit, mode) = ((place % units) as u32, place / units);
            if !self.absent.is_empty() {
                // Restorations come before a failure at the same time.
                world.events += self.returns(|ends| ends <= now);
            }
            if !self.can_do_without(unit, spare, everything_up) {
                world.now = now;
                return Some(place);
            }
            let numbers = &mut self.clocks.numbers[place];
            let (life, repair) = &plan.samplers[mode];
            let ends = now + repair.sample_first(numbers.take());
            // A life that begins later is drawn later.
            let fails = if ends < limit { ends + life.sample_first(numbers.take()) } else { f64::INFINITY };
            self.clocks.set(place, fails);
            let next = self.clocks.next();
            world.events += 1;
            if ends < limit && ends <= next {
                // Back before anything else happens.
                world.events += 1;
            } else {
                self.absent.push(Absent { ends, unit, mode: mode as u8 });
            }
            if next >= limit {
                world.now = now;
                world.events += self.returns(|ends| ends < limit);
                return None;
            }
            now = next;
        }
    }
}

/// The earlier of two times (s), which are numbers: that need not be looked at.
#[inline]
fn earlier(one: f64, other: f64) -> f64 {
    if one < other { one } else { other }
}

/// Each unit draws when it fails first.
#[inline]
fn start<'a>(
    units: impl Iterator<Item = ((u32, &'a mut Numbered), &'a mut f64)>,
    all: Numbered,
    mut life: impl FnMut(u32, Numbered) -> f64,
) {
    for ((unit, numbers), time) in units {
        *numbers = all.of(unit);
        *time = life(unit, numbers.take());
    }
}

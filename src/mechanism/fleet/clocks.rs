//! Clocks of units whose lives have a memory, kept by the fleet itself where failures may go unnoticed.
//!
//! Each unit draws its lives and repairs, one after the other, by numbers of its own, so that it does not matter in which order
//! units are worked off. Their next failures are the leaves of a tournament: each node is the earlier of two, the first one is on top.
//! Only the first failure of all is in the calendar.
//!
//! When it is due, the fleet goes on by itself up to the next event elsewhere: from failure to failure, as for strikes, or, where that is
//! many failures away and more units are spared than are likely to be missed, unit by unit. Then a count of failures by
//! slices of the time shows whether ever too many were down at once; if it cannot rule that out, everything is taken back and done in order.

use super::{Absent, Fleet, FleetPlan, UpkeepPlan, kind};
use crate::engine::calendar::Class;
use crate::engine::clone_in_place;
use crate::law::{History, Numbered, Stream};
use crate::mechanism::world::World;

/// Most slices of the time in which failures are worked off unit by unit.
const MOST_SLICES: usize = 1_024;

/// Room for them, a power of two.
const ROOM: usize = 2 * MOST_SLICES;

/// Failures that begin in each slice of the time. With a sign, since all processors of 64 bits find the largest of many such at once.
type Slices = Box<[i16; ROOM]>;

/// So many that seldom more than one failure falls into one, if they suffice.
const SLICES_PER_FAILURE: f64 = 32.0;

/// Slices are longer than repairs by more than rounding may hide.
const ROUNDED: f64 = 0.999;

/// The bits of 2^52 and a whole number are those of their sum, to which the sum with a number is rounded.
const TO_WHOLE: f64 = 4_503_599_627_370_496.0;

/// For four times fewer failures it is quicker to go in order.
const WORTH_IT: u32 = 16;

/// When each unit fails next, by mode and unit.
#[derive(Debug)]
pub(super) struct Clocks {
    /// What each draws its lives and repairs by, one after the other.
    numbers: Vec<Numbered>,
    /// Node 1 is the top, nodes 2 n and 2 n + 1 are below node n (s).
    times: Vec<f64>,
    /// The first node that is a leaf: a power of two.
    leaves: usize,
    /// What was before failures were worked off unit by unit.
    saved: (Vec<Numbered>, Vec<f64>),
    /// Failures by slice of the time.
    slices: Slices,
    /// Places whose next failure comes before the limit, in a ring.
    active: Vec<u32>,
    /// When the fleet is woken (s).
    alarm: f64,
}

clone_in_place!(Clocks { numbers, times, leaves, saved, slices, active, alarm });

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
            saved: (Vec::new(), Vec::new()),
            slices: Box::new([0; ROOM]),
            active: vec![0; leaves],
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
            let winner = self.times[node].min(self.times[node ^ 1]);
            node /= 2;
            self.times[node] = winner;
        }
    }

    /// After leaves were changed without [`Clocks::set`].
    fn play(&mut self) {
        for node in (1..self.leaves).rev() {
            self.times[node] = self.times[2 * node].min(self.times[2 * node + 1]);
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

    /// Unit by unit, if that pays and nobody notices: whether it was done.
    ///
    /// A failure counts in the slice in which the unit fails, for that one and the next, which is as long as nearly all repairs take.
    fn wear_by_unit(&mut self, plan: &FleetPlan, limit: f64, spare: u32, world: &mut World) -> bool {
        let ([(life, repair)], [usual]) = (plan.samplers.as_slice(), plan.usual.as_slice()) else { return false };
        let (from, width) = (world.now, limit - world.now);
        let failures = f64::from(plan.units) * width / usual.life;
        if failures < f64::from(plan.units.max(WORTH_IT)) / 8.0 || !self.is_everything_up(plan) {
            return false;
        }
        let count = (SLICES_PER_FAILURE * failures).clamp(64.0, MOST_SLICES as f64).min(ROUNDED * width / usual.bound);
        let mean = failures * (2.0 / count + usual.repair / width);
        if !is_hardly_exceeded(mean, spare, count) {
            return false;
        }
        let count = count as usize;
        let Clocks { numbers, times, leaves, saved, slices, active, .. } = &mut self.clocks;
        let times = &mut times[*leaves..][..plan.units as usize];
        saved.0.clear();
        saved.0.extend_from_slice(numbers);
        saved.1.clear();
        saved.1.extend_from_slice(times);
        slices[..count + 2].fill(0);
        let span = Span { from, limit, per_second: count as f64 / width, bound: usual.bound };
        let events = match (life.strips(), repair.strips()) {
            (Some(life), Some(repair)) => {
                let laws = (|numbers| life.sample_first(numbers), |numbers| repair.sample_first(numbers));
                span.pass((numbers, times, active), laws, slices, &mut self.absent)
            }
            _ => {
                let laws = (|numbers| life.sample_first(numbers), |numbers| repair.sample_first(numbers));
                span.pass((numbers, times, active), laws, slices, &mut self.absent)
            }
        };
        let both = slices[..count + 1].iter().zip(&slices[1..count + 2]).map(|(one, next)| one.saturating_add(*next));
        let most = both.fold(0, i16::max);
        let unnoticed = most < i16::MAX && u32::from(most.unsigned_abs()) <= spare;
        if unnoticed {
            self.clocks.play();
            world.events += events;
        } else {
            std::mem::swap(numbers, &mut saved.0);
            times.copy_from_slice(&saved.1);
            self.absent.clear();
        }
        unnoticed
    }
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

/// The time up to the next event elsewhere, in slices.
struct Span {
    from: f64,
    limit: f64,
    /// Slices per second, each as long as `bound` at least.
    per_second: f64,
    /// What repairs seldom exceed (s).
    bound: f64,
}

impl Span {
    /// The slice of a time (s): rises with time, which is all that matters.
    #[inline]
    fn slice(&self, time: f64) -> usize {
        ((time - self.from) * self.per_second + TO_WHOLE).to_bits() as usize % ROOM
    }

    /// Each unit goes on to its first failure after the limit, or to the end of a repair that is beyond it, after which the next life is not
    /// drawn yet: how many events there are before the limit.
    ///
    /// They take turns, by one failure each, so that what one draws does not wait for another, and leave without a branch, which would be
    /// guessed wrong too often.
    #[inline(never)]
    fn pass(
        self,
        (numbers, times, active): (&mut [Numbered], &mut [f64], &mut [u32]),
        (life, repair): (impl Fn(Numbered) -> f64, impl Fn(Numbered) -> f64),
        slices: &mut [i16; ROOM],
        absent: &mut Vec<Absent>,
    ) -> u64 {
        let last = active.len() - 1;
        let mut events = 0;
        let (mut turn, mut end) = (0, 0);
        for (unit, time) in (0..).zip(times.iter()) {
            active[end & last] = unit;
            end += usize::from(*time < self.limit);
        }
        while turn < end {
            let unit = active[turn & last];
            let (numbers, time) = (&mut numbers[unit as usize], &mut times[unit as usize]);
            let slice = &mut slices[self.slice(*time)];
            *slice = slice.saturating_add(1);
            let delay = repair(numbers.take());
            let ends = *time + delay;
            if delay > self.bound {
                self.note_long(*time, ends, slices);
            }
            turn += 1;
            if ends >= self.limit {
                events += 1;
                absent.push(Absent { ends, unit, mode: 0 });
                *time = f64::INFINITY;
                continue;
            }
            events += 2;
            *time = ends + life(numbers.take());
            active[end & last] = unit;
            end += usize::from(*time < self.limit);
        }
        events
    }

    /// A long repair counts as so many of usual length, one after the other.
    #[cold]
    #[inline(never)]
    fn note_long(&self, fails: f64, ends: f64, slices: &mut [i16; ROOM]) {
        for slice in (self.slice(fails) + 2..=self.slice(ends.min(self.limit))).step_by(2) {
            slices[slice] = slices[slice].saturating_add(1);
        }
    }
}

/// More than `spare` are in one of `count` slices with a probability of a tenth at most, if there are `mean` in each on average: each with
/// a Poisson number of them.
fn is_hardly_exceeded(mean: f64, spare: u32, count: f64) -> bool {
    let mut chance = 10.0 * count;
    for number in 1..=spare.saturating_add(1) {
        chance *= mean / f64::from(number);
        if chance < 1.0 && mean < f64::from(number) {
            return true;
        }
    }
    false
}

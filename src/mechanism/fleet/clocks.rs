//! Clocks of units whose lives have a memory, kept by the fleet itself where failures may go unnoticed.
//!
//! Each unit draws its lives and repairs, one after the other, from a stream of its own, so that it does not matter in which order
//! units are worked off. Their next failures are the leaves of a tournament: each node is the earlier of two, the first one is on top.
//! Only the first failure of all is in the calendar.
//!
//! When it is due, the fleet goes on by itself up to the next event elsewhere: from failure to failure, as for strikes, or, where that is
//! many failures away and more units are spared than are likely to be missed, unit by unit. Then a count of those under repair in
//! each slice of the time shows whether ever too many were; if it cannot rule that out, everything is taken back and done in order.

use super::{Absent, Fleet, FleetPlan, UpkeepPlan, kind};
use crate::engine::calendar::Class;
use crate::engine::clone_in_place;
use crate::law::Stream;
use crate::mechanism::world::World;

/// Most slices of the time in which failures are worked off unit by unit.
const MOST_SLICES: usize = 1_024;

/// Room for them, a power of two.
const ROOM: usize = 2 * MOST_SLICES;

/// The bits of 2^52 and a whole number are those of their sum, to which the sum with a number is rounded.
const TO_WHOLE: f64 = 4_503_599_627_370_496.0;

/// For four times fewer failures it is quicker to go in order.
const WORTH_IT: u32 = 16;

/// When each unit fails next, by mode and unit.
#[derive(Debug)]
pub(super) struct Clocks {
    streams: Vec<Stream>,
    /// Node 1 is the top, nodes 2 n and 2 n + 1 are below node n (s).
    times: Vec<f64>,
    /// The first node that is a leaf: a power of two.
    leaves: usize,
    /// What was before failures were worked off unit by unit.
    saved: (Vec<Stream>, Vec<f64>),
    /// How many more are under repair than in the slice before.
    slices: Box<[i32; ROOM]>,
    /// Units that fail before the limit.
    active: Vec<u32>,
    /// When the fleet is woken (s).
    alarm: f64,
}

clone_in_place!(Clocks { streams, times, leaves, saved, slices, active, alarm });

impl Clocks {
    /// Every stream that units draw from.
    pub(super) fn streams(&mut self, visit: &mut impl FnMut(&mut Stream)) {
        self.streams.iter_mut().for_each(visit);
    }

    /// Memory for the clocks of a fleet.
    pub(super) fn new(plan: &FleetPlan) -> Clocks {
        let kept = plan.goes_alone() && plan.modes.iter().any(|mode| plan.keeps_clock(mode));
        let count = if kept { plan.modes.len() * plan.units as usize } else { 0 };
        let leaves = if kept { count.next_power_of_two() } else { 0 };
        Clocks {
            streams: vec![Stream::new(0, 0, 0); count],
            times: vec![f64::INFINITY; 2 * leaves],
            leaves,
            saved: (Vec::new(), Vec::new()),
            slices: Box::new([0; ROOM]),
            active: Vec::new(),
            alarm: f64::INFINITY,
        }
    }

    /// Places of a unit and a mode, or of all units in one.
    fn place(plan: &FleetPlan, unit: u32, mode: usize) -> usize {
        mode * plan.units as usize + unit as usize
    }

    /// Where a unit draws its lives and repairs.
    pub(super) fn stream(&mut self, plan: &FleetPlan, unit: u32, mode: usize) -> &mut Stream {
        &mut self.streams[Clocks::place(plan, unit, mode)]
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
    pub(super) fn start_clocks(&mut self, plan: &FleetPlan, seed: u64, replication: u64, world: &mut World) {
        if self.clocks.leaves == 0 {
            return;
        }
        let units = plan.units as usize;
        for (index, mode) in plan.modes.iter().enumerate().filter(|(_, mode)| plan.keeps_clock(mode)) {
            let places = Clocks::place(plan, 0, index)..Clocks::place(plan, 0, index) + units;
            let times = &mut self.clocks.times[self.clocks.leaves..][places.clone()];
            for ((unit, stream), time) in (0..).zip(&mut self.clocks.streams[places]).zip(times) {
                *stream = Stream::numbered(seed, replication, plan.keys.lives[index], unit);
                *time = match &mode.age {
                    None => plan.samplers[index].0.sample(stream),
                    Some(age) => {
                        let age = age.sample(stream);
                        if let Some(born) = self.born.get_mut(index * units + unit as usize) {
                            *born = -age;
                        }
                        mode.life.sample_rest(age, stream)
                    }
                };
            }
        }
        self.clocks.play();
        self.clocks.alarm = f64::INFINITY;
        self.set_alarm(plan, world);
    }

    /// A new life of a unit begins.
    pub(super) fn wind_clock(&mut self, plan: &FleetPlan, unit: u32, mode: usize, world: &mut World) {
        let place = Clocks::place(plan, unit, mode);
        let ends = world.now + plan.samplers[mode].0.sample(&mut self.clocks.streams[place]);
        self.clocks.set(place, ends);
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
            let stream = &mut self.clocks.streams[place];
            let ends = now + plan.samplers[mode].1.sample(stream);
            // A life that begins later is drawn later.
            let fails = if ends < limit { ends + plan.samplers[mode].0.sample(stream) } else { f64::INFINITY };
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
    /// All units go on by one failure, then those that fail again before the limit, and so on: what one unit draws does not wait for another.
    fn wear_by_unit(&mut self, plan: &FleetPlan, limit: f64, spare: u32, world: &mut World) -> bool {
        let ([(life_of, repair_of)], [(life, repair)]) = (plan.samplers.as_slice(), plan.means.as_slice()) else {
            return false;
        };
        let (from, width) = (world.now, limit - world.now);
        let failures = f64::from(plan.units) * width / life;
        if failures < f64::from(plan.units.max(WORTH_IT)) / 4.0 || !self.is_everything_up(plan) {
            return false;
        }
        let count = ((8.0 * failures) as usize).clamp(64, MOST_SLICES);
        if !is_hardly_exceeded(failures * (1.0 / count as f64 + repair / width), spare, count) {
            return false;
        }
        let Clocks { streams, times, leaves, saved, slices, active, .. } = &mut self.clocks;
        let times = &mut times[*leaves..][..plan.units as usize];
        saved.0.clone_from(streams);
        saved.1.clear();
        saved.1.extend_from_slice(times);
        slices[..count + 2].fill(0);
        let per_second = count as f64 / width;
        // Rises with time, which is all that matters.
        let slice = |time: f64| ((time - from) * per_second + TO_WHOLE).to_bits() as usize;
        active.resize(times.len(), 0);
        let mut left = 0;
        for (unit, time) in (0..).zip(times.iter()) {
            active[left] = unit;
            left += usize::from(*time < limit);
        }
        active.truncate(left);
        let mut events = 0;
        while !active.is_empty() {
            let mut left = 0;
            for turn in 0..active.len() {
                let unit = active[turn];
                let (stream, time) = (&mut streams[unit as usize], &mut times[unit as usize]);
                slices[slice(*time) % ROOM] += 1;
                let ends = *time + repair_of.sample(stream);
                if ends >= limit {
                    events += 1;
                    self.absent.push(Absent { ends, unit, mode: 0 });
                    *time = f64::INFINITY;
                    continue;
                }
                slices[(slice(ends) + 1) % ROOM] -= 1;
                events += 2;
                *time = ends + life_of.sample(stream);
                // Without a branch, which would be guessed wrong too often.
                active[left] = unit;
                left += usize::from(*time < limit);
            }
            active.truncate(left);
        }
        let mut missing = 0;
        let mut most = 0;
        for change in &slices[..count + 2] {
            missing += *change;
            most = most.max(missing);
        }
        let unnoticed = most as u32 <= spare;
        if unnoticed {
            self.clocks.play();
            world.events += events;
        } else {
            std::mem::swap(streams, &mut saved.0);
            times.copy_from_slice(&saved.1);
            self.absent.clear();
        }
        unnoticed
    }
}

/// More than `spare` are in one of `count` slices with a probability of a tenth at most, if there are `mean` in each on average: each with
/// a Poisson number of them.
fn is_hardly_exceeded(mean: f64, spare: u32, count: usize) -> bool {
    let mut chance = 10.0 * count as f64;
    for number in 1..=spare.saturating_add(1) {
        chance *= mean / f64::from(number);
        if chance < 1.0 && mean < f64::from(number) {
            return true;
        }
    }
    false
}

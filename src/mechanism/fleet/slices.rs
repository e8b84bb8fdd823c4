//! Failures of units whose lives have a memory, worked off unit by unit.
//!
//! Where the next event elsewhere is many failures away and more units are spared than are likely to be missed, each unit goes on by itself up to
//! that event. Then a count of failures by slices of the time shows whether ever too many were down at once; if it cannot rule that out,
//! everything is taken back and done in order.

use super::{Absent, Fleet, FleetPlan};
use crate::engine::clone_in_place;
use crate::law::Numbered;
use crate::mechanism::world::World;

/// Most slices of the time.
const MOST_SLICES: usize = 1_024;

/// Room for them, a power of two.
const ROOM: usize = 2 * MOST_SLICES;

/// They are looked at in groups: as many bytes as are quickly compared at once.
const GROUP: usize = 32;

/// So many that seldom more than one failure falls into one, if they suffice.
const SLICES_PER_FAILURE: f64 = 32.0;

/// The bits of 2^52 and a whole number are those of their sum, to which the sum with a number is rounded.
const TO_WHOLE: f64 = 4_503_599_627_370_496.0;

/// For four times fewer failures it is quicker to go in order.
const WORTH_IT: u32 = 16;

/// What counts failures: as small as possible, since many are looked at. All processors of 64 bits find the largest of many such at once.
trait Count: Copy + Ord {
    const NONE: Self;
    const ONE: Self;
    /// The largest, which stands for more as well.
    const MOST: u32;

    /// Their sum, or the largest.
    fn plus(self, other: Self) -> Self;

    fn number(self) -> u32;
}

impl Count for u8 {
    const NONE: u8 = 0;
    const ONE: u8 = 1;
    const MOST: u32 = u8::MAX as u32;

    #[inline]
    fn plus(self, other: u8) -> u8 {
        self.saturating_add(other)
    }

    fn number(self) -> u32 {
        u32::from(self)
    }
}

impl Count for i16 {
    const NONE: i16 = 0;
    const ONE: i16 = 1;
    const MOST: u32 = i16::MAX as u32;

    #[inline]
    fn plus(self, other: i16) -> i16 {
        self.saturating_add(other)
    }

    fn number(self) -> u32 {
        u32::from(self.unsigned_abs())
    }
}

/// Memory for it.
#[derive(Debug)]
pub(super) struct Slices {
    /// What was before.
    numbers: Vec<Numbered>,
    times: Vec<f64>,
    /// Failures by slice of the time, few or many.
    few: Box<[u8; ROOM]>,
    many: Box<[i16; ROOM]>,
    /// Places whose next failure comes before the limit.
    active: Vec<u32>,
}

clone_in_place!(Slices { numbers, times, few, many, active });

impl Slices {
    /// For the clocks at so many leaves.
    pub(super) fn new(leaves: usize) -> Slices {
        let (few, many) = (Box::new([0; ROOM]), Box::new([0; ROOM]));
        Slices { numbers: Vec::new(), times: Vec::new(), few, many, active: vec![0; leaves] }
    }
}

impl Fleet {
    /// Unit by unit, if that pays and nobody notices: whether it was done.
    ///
    /// A failure counts in the slice in which the unit fails, for that one and the next, which is as long as nearly all repairs take.
    pub(super) fn wear_by_unit(&mut self, plan: &FleetPlan, limit: f64, spare: u32, world: &mut World) -> bool {
        let ([(life, repair)], [usual]) = (plan.samplers.as_slice(), plan.usual.as_slice()) else { return false };
        let (from, width) = (world.now, limit - world.now);
        let failures = width * usual.failures;
        if failures < f64::from(plan.units.max(WORTH_IT)) / 8.0 || !self.is_everything_up(plan) {
            return false;
        }
        let count = (SLICES_PER_FAILURE * failures).clamp(64.0, MOST_SLICES as f64).min(width * usual.bounds);
        let mean = 2.0 * failures / count + usual.absent;
        let fits = |most: u32| is_hardly_exceeded(mean, spare.min(most - 1), count);
        let few = fits(u8::MOST);
        if !few && (spare < u8::MOST || !fits(i16::MOST)) {
            return false;
        }
        let clocks = &mut self.clocks;
        let times = &mut clocks.times[clocks.leaves..][..plan.units as usize];
        let Slices { numbers: numbers_before, times: times_before, few: bytes, many: words, active } =
            &mut clocks.slices;
        numbers_before.clear();
        numbers_before.extend_from_slice(&clocks.numbers);
        times_before.clear();
        times_before.extend_from_slice(times);
        let count = count as usize;
        let span = Span { from, limit, slices: count, per_second: count as f64 / width, bound: usual.bound };
        let units = (clocks.numbers.as_mut_slice(), &mut *times, active.as_mut_slice());
        let (events, most) = if let (Some(life), Some(repair)) = (life.strips(), repair.strips()) {
            let laws = (|numbers| life.sample_first(numbers), |numbers| repair.sample_first(numbers));
            span.work_off(units, laws, (few, bytes, words), &mut self.absent)
        } else {
            let laws = (|numbers| life.sample_first(numbers), |numbers| repair.sample_first(numbers));
            span.work_off(units, laws, (few, bytes, words), &mut self.absent)
        };
        let unnoticed = most.is_some_and(|most| most <= spare);
        if unnoticed {
            self.clocks.play();
            world.events += events;
        } else {
            std::mem::swap(&mut clocks.numbers, numbers_before);
            times.copy_from_slice(times_before);
            self.absent.clear();
        }
        unnoticed
    }
}

/// The time up to the next event elsewhere, in slices.
#[derive(Clone, Copy)]
struct Span {
    from: f64,
    limit: f64,
    /// How many slices.
    slices: usize,
    /// The same per second, each as long as `bound` at least.
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

    /// All units go on: how many events there are before the limit, and as many units as were down at once, at most, if that was counted: in bytes, if
    /// few are likely to be, or else in words.
    #[inline]
    fn work_off(
        self,
        units: (&mut [Numbered], &mut [f64], &mut [u32]),
        laws: (impl Fn(Numbered) -> f64, impl Fn(Numbered) -> f64),
        (few, bytes, words): (bool, &mut [u8; ROOM], &mut [i16; ROOM]),
        absent: &mut Vec<Absent>,
    ) -> (u64, Option<u32>) {
        if few { self.count(units, laws, bytes, absent) } else { self.count(units, laws, words, absent) }
    }

    fn count<C: Count>(
        self,
        units: (&mut [Numbered], &mut [f64], &mut [u32]),
        laws: (impl Fn(Numbered) -> f64, impl Fn(Numbered) -> f64),
        slices: &mut [C; ROOM],
        absent: &mut Vec<Absent>,
    ) -> (u64, Option<u32>) {
        // Whole groups, of which the last slices stay empty.
        let length = (self.slices + 1).next_multiple_of(GROUP);
        slices[..=length].fill(C::NONE);
        let events = self.pass(units, laws, slices, absent);
        let both = slices[..length].iter().zip(&slices[1..=length]).map(|(one, next)| one.plus(*next));
        let most = both.fold(C::NONE, C::max).number();
        (events, (most < C::MOST).then_some(most))
    }

    /// Each unit goes on to its first failure after the limit, or to the end of a repair that is beyond it, after which the next life is not
    /// drawn yet: how many events there are before the limit.
    ///
    /// They take turns, by one failure each, so that what one draws does not wait for another, and leave without a branch, which would be
    /// guessed wrong too often.
    #[inline(never)]
    fn pass<C: Count>(
        self,
        (numbers, times, active): (&mut [Numbered], &mut [f64], &mut [u32]),
        (life, repair): (impl Fn(Numbered) -> f64, impl Fn(Numbered) -> f64),
        slices: &mut [C; ROOM],
        absent: &mut Vec<Absent>,
    ) -> u64 {
        let mut events = 0;
        let mut left = 0;
        for (unit, time) in (0..).zip(times.iter()) {
            active[left] = unit;
            left += usize::from(*time < self.limit);
        }
        while left > 0 {
            let round = left;
            left = 0;
            for place in 0..round {
                let unit = active[place];
                let (numbers, time) = (&mut numbers[unit as usize], &mut times[unit as usize]);
                let fails = *time;
                let slice = &mut slices[self.slice(fails)];
                *slice = slice.plus(C::ONE);
                let delay = repair(numbers.take());
                let ends = fails + delay;
                if delay > self.bound {
                    self.note_long(fails, ends, slices);
                }
                if ends >= self.limit {
                    events += 1;
                    absent.push(Absent { ends, unit, mode: 0 });
                    *time = f64::INFINITY;
                    continue;
                }
                events += 2;
                let next = ends + life(numbers.take());
                *time = next;
                active[left] = unit;
                left += usize::from(next < self.limit);
            }
        }
        events
    }

    /// A long repair counts as so many of usual length, one after the other.
    #[cold]
    #[inline(never)]
    fn note_long<C: Count>(&self, fails: f64, ends: f64, slices: &mut [C; ROOM]) {
        for slice in (self.slice(fails) + 2..=self.slice(ends.min(self.limit))).step_by(2) {
            slices[slice] = slices[slice].plus(C::ONE);
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

//! The pending events, ordered by time, then by a rank that states the rule for ties: a few in places that are looked at all at once, more
//! in a 4-ary heap.
//!
//! At equal times restorations come first, then verdicts and completed actions, then failures; within a class by component,
//! then by kind, then by unit. The order of insertion never matters. Cancelling is done by stamps: an event carries the stamp
//! its owner had when it was pushed, and the owner ignores it when the stamps differ.

/// Class of an event: the first key at equal times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// Something comes back.
    Restoration = 0,
    /// A verdict falls, or an action is completed.
    Action = 1,
    /// Something fails.
    Failure = 2,
}

/// What is to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Bits of the time, which order as times do since no time is negative, then the rank: one comparison without a branch.
    key: u128,
    /// The owner's stamp when it was pushed.
    pub stamp: u32,
}

impl Event {
    /// What is in a place that is free.
    const NONE: Event = Event { key: u128::MAX, stamp: 0 };

    /// An event at `time` (s, not negative) for `unit` of `component` (below 2^22); `kind` is the component's own code.
    pub fn new(time: f64, class: Class, component: u32, kind: u8, unit: u32, stamp: u32) -> Event {
        debug_assert!(component < 1 << 22 && time >= 0.0);
        let rank = (class as u64) << 62 | u64::from(component) << 40 | u64::from(kind) << 32 | u64::from(unit);
        // Adding zero makes a negative zero positive.
        Event { key: u128::from((time + 0.0).to_bits()) << 64 | u128::from(rank), stamp }
    }

    /// When (s).
    pub fn time(&self) -> f64 {
        f64::from_bits((self.key >> 64) as u64)
    }

    /// Its class, as a number.
    fn class(&self) -> u8 {
        (self.key >> 62) as u8 & 3
    }

    /// The component it belongs to.
    pub fn component(&self) -> usize {
        (self.key >> 40) as usize & 0x3f_ffff
    }

    /// The component's own code.
    pub fn kind(&self) -> u8 {
        (self.key >> 32) as u8
    }

    /// The unit it concerns.
    pub fn unit(&self) -> u32 {
        self.key as u32
    }
}

/// Children per node: shallower than a binary heap, and one cache line or two per level.
const FAN: usize = 4;

/// Places in front of the heap.
const FRONT: usize = 4;

/// The bits of a time that never comes; times are ordered as their bits, since none is negative.
const NEVER: u64 = f64::INFINITY.to_bits();

/// The pending events. Push and pop are *O*(log *n*); nothing is allocated once the vector has grown to the most events ever pending.
///
/// Where few are pending, which of them is next is as good as random, and each branch on it would be guessed wrong as often as not. So the
/// first few have places of their own, in no order: all are looked at, without a branch. What finds none free goes into the heap.
///
/// An event that happens usually arms another, so the place in the heap of a popped event is left vacant for the next push, which then sinks
/// from the top once, instead of one event sinking and another rising.
#[derive(Debug)]
pub struct Calendar {
    /// When what is in each place in front happens, as bits; never where nothing is.
    times: [u64; FRONT],
    front: [Event; FRONT],
    /// Places in front that are in use, one bit each.
    used: u8,
    heap: Vec<Event>,
    vacant: bool,
}

clone_in_place!(Calendar { times, front, used, heap, vacant });

impl Default for Calendar {
    fn default() -> Calendar {
        Calendar { times: [NEVER; FRONT], front: [Event::NONE; FRONT], used: 0, heap: Vec::new(), vacant: false }
    }
}

impl Calendar {
    /// Forgets all events, keeps the memory.
    pub fn clear(&mut self) {
        self.times = [NEVER; FRONT];
        self.used = 0;
        self.heap.clear();
        self.vacant = false;
    }

    /// Number of pending events, cancelled ones included.
    pub fn len(&self) -> usize {
        self.used.count_ones() as usize + self.heap.len() - usize::from(self.vacant)
    }

    /// True if nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds an event; one at infinity never happens and is not kept.
    pub fn push(&mut self, event: Event) {
        self.push_if(event.time() < f64::INFINITY, event);
    }

    /// Adds an event, or does not: without a branch, if there is a place in front.
    #[inline]
    pub fn push_if(&mut self, kept: bool, event: Event) {
        let place = self.used.trailing_ones() as usize;
        if place < FRONT {
            self.front[place] = event;
            self.times[place] = if kept { (event.key >> 64) as u64 } else { NEVER };
            self.used |= u8::from(kept) << place;
        } else if kept {
            self.push_behind(event);
        }
    }

    #[inline(never)]
    fn push_behind(&mut self, event: Event) {
        if self.vacant {
            self.vacant = false;
            return self.sink(event);
        }
        self.heap.push(event);
        let mut hole = self.heap.len() - 1;
        while hole > 0 {
            let parent = (hole - 1) / FAN;
            if event.key >= self.heap[parent].key {
                break;
            }
            self.heap[hole] = self.heap[parent];
            hole = parent;
        }
        self.heap[hole] = event;
    }

    /// Bits of the first time in front.
    #[inline]
    fn first_in_front(&self) -> u64 {
        let [a, b, c, d] = self.times;
        a.min(b).min(c.min(d))
    }

    /// The place in front of what happens first there, if anything is.
    #[inline]
    fn first_place(&self) -> usize {
        let [a, b, c, d] = self.times;
        let (left, right) = (usize::from(b < a), 2 + usize::from(d < c));
        let place = if c.min(d) < a.min(b) { right } else { left };
        let first = self.first_in_front();
        let at_once: u32 = self.times.iter().map(|time| u32::from(*time == first)).sum();
        if at_once > 1 { self.first_of_several() } else { place }
    }

    /// As [`Calendar::first_place`], by whole keys.
    #[cold]
    #[inline(never)]
    fn first_of_several(&self) -> usize {
        let used = (0..FRONT).filter(|place| self.used & 1 << place != 0);
        used.min_by_key(|place| self.front[*place].key).unwrap_or_default()
    }

    /// The first event in the heap.
    fn peek_behind(&mut self) -> Option<Event> {
        if self.vacant {
            self.vacant = false;
            let last = self.heap.pop()?;
            if !self.heap.is_empty() {
                self.sink(last);
            }
        }
        self.heap.first().copied()
    }

    /// The first event in the heap, if it happens before everything in front.
    #[inline(never)]
    fn first_behind(&mut self) -> Option<Event> {
        let behind = self.peek_behind()?;
        (self.used == 0 || behind.key < self.front[self.first_place()].key).then_some(behind)
    }

    /// The next event.
    #[inline]
    pub fn peek(&mut self) -> Option<Event> {
        if !self.heap.is_empty()
            && let Some(event) = self.first_behind()
        {
            return Some(event);
        }
        (self.used != 0).then(|| self.front[self.first_place()])
    }

    /// When the next event happens (s); infinity if there is none. A vacant place stays vacant.
    #[inline]
    pub fn next_time(&self) -> f64 {
        let front = f64::from_bits(self.first_in_front());
        if self.heap.is_empty() { front } else { front.min(self.next_time_behind()) }
    }

    #[inline(never)]
    fn next_time_behind(&self) -> f64 {
        if !self.vacant {
            return self.heap.first().map_or(f64::INFINITY, Event::time);
        }
        let children = self.heap.get(1..self.heap.len().min(FAN + 1)).unwrap_or_default();
        let bits = children.iter().fold(NEVER, |least, event| least.min((event.key >> 64) as u64));
        f64::from_bits(bits)
    }

    /// When the next event of a class happens (s), by looking at all that are pending; infinity if there is none.
    pub fn next_of(&self, class: Class) -> f64 {
        let front = (0..FRONT).filter(|place| self.used & 1 << place != 0).map(|place| &self.front[place]);
        let pending = front.chain(self.heap.iter().skip(usize::from(self.vacant)));
        pending.filter(|event| event.class() == class as u8).map(Event::time).fold(f64::INFINITY, f64::min)
    }

    /// Removes and returns the next event.
    #[inline(always)]
    pub fn pop(&mut self) -> Option<Event> {
        if !self.heap.is_empty()
            && let Some(event) = self.first_behind()
        {
            self.vacant = true;
            return Some(event);
        }
        if self.used == 0 {
            return None;
        }
        let place = self.first_place();
        self.free(place);
        Some(self.front[place])
    }

    fn free(&mut self, place: usize) {
        self.times[place] = NEVER;
        self.used &= !(1 << place);
    }

    /// Removes what is not to be kept, by looking at all that is pending.
    pub fn retain(&mut self, mut keep: impl FnMut(&Event) -> bool) {
        for place in 0..FRONT {
            if self.used & 1 << place != 0 && !keep(&self.front[place]) {
                self.free(place);
            }
        }
        let _ = self.peek_behind();
        self.heap.retain(keep);
        // What is sorted is a heap.
        self.heap.sort_unstable_by_key(|event| event.key);
    }

    /// Puts an event in place of the first one, and lets it sink to where it belongs.
    fn sink(&mut self, event: Event) {
        let heap = self.heap.as_mut_slice();
        let length = heap.len();
        let mut hole = 0;
        loop {
            let children = hole * FAN + 1;
            if children >= length {
                break;
            }
            let mut least = children;
            for child in children + 1..(children + FAN).min(length) {
                least = if heap[child].key < heap[least].key { child } else { least };
            }
            if event.key <= heap[least].key {
                break;
            }
            heap[hole] = heap[least];
            hole = least;
        }
        heap[hole] = event;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn at_equal_times_restorations_come_first_then_actions_then_failures() {
        let mut calendar = Calendar::default();
        calendar.push(Event::new(5.0, Class::Failure, 0, 0, 0, 0));
        calendar.push(Event::new(5.0, Class::Action, 9, 0, 1, 0));
        calendar.push(Event::new(5.0, Class::Action, 9, 0, 0, 0));
        calendar.push(Event::new(5.0, Class::Restoration, 7, 0, 3, 0));
        let order: Vec<_> = std::iter::from_fn(|| calendar.pop()).map(|e| (e.component(), e.unit())).collect();
        assert_eq!(order, [(7, 3), (9, 0), (9, 1), (0, 0)]);
    }

    #[test]
    fn what_is_not_kept_does_not_happen() {
        let mut calendar = Calendar::default();
        for unit in 0..20 {
            calendar.push(Event::new(f64::from(unit * 7 % 20), Class::Failure, 0, 0, unit, 0));
        }
        calendar.pop();
        calendar.retain(|event| event.unit() % 3 != 0);
        let times: Vec<_> = std::iter::from_fn(|| calendar.pop()).map(|event| event.time()).collect();
        assert!(times.is_sorted());
        assert_eq!(times.len(), 13);
    }

    #[test]
    fn what_was_not_to_be_added_takes_no_place() {
        let mut calendar = Calendar::default();
        for unit in 0..20 {
            calendar.push_if(unit % 3 == 0, Event::new(f64::from(20 - unit), Class::Failure, 0, 0, unit, 0));
        }
        assert_eq!((calendar.len(), calendar.next_time()), (7, 2.0));
        let units: Vec<_> = std::iter::from_fn(|| calendar.pop()).map(|event| event.unit()).collect();
        assert_eq!(units, [18, 15, 12, 9, 6, 3, 0]);
    }

    #[test]
    fn an_event_at_infinity_never_happens() {
        let mut calendar = Calendar::default();
        calendar.push(Event::new(f64::INFINITY, Class::Failure, 0, 0, 0, 0));
        assert!(calendar.is_empty());
    }

    proptest! {
        #[test]
        fn pushes_between_pops_keep_the_order(keys in proptest::collection::vec((0u32..50, any::<bool>()), 0..300)) {
            let mut calendar = Calendar::default();
            let mut naive: Vec<(u32, u32)> = Vec::new();
            for (unit, (time, pop)) in (0u32..).zip(keys) {
                if pop {
                    naive.sort_unstable_by(|a, b| b.cmp(a));
                    prop_assert_eq!(calendar.pop().map(|e| (e.time() as u32, e.unit())), naive.pop());
                    let next = naive.last().map(|(time, _)| *time);
                    prop_assert_eq!(calendar.next_time(), next.map_or(f64::INFINITY, f64::from));
                }
                calendar.push(Event::new(f64::from(time), Class::Action, 0, 0, unit, 0));
                naive.push((time, unit));
                prop_assert_eq!(calendar.len(), naive.len());
                let next = naive.iter().map(|(time, _)| *time).min();
                prop_assert_eq!(calendar.next_time(), next.map_or(f64::INFINITY, f64::from));
            }
        }

        #[test]
        fn pops_in_the_order_of_a_sorted_list(keys in proptest::collection::vec((0u32..50, 0u8..3, 0u32..9, 0u32..9), 0..200)) {
            let class = |c| [Class::Restoration, Class::Action, Class::Failure][c as usize];
            let mut calendar = Calendar::default();
            for &(time, c, component, unit) in &keys {
                calendar.push(Event::new(f64::from(time), class(c), component, 0, unit, 0));
            }
            let mut sorted = keys;
            sorted.sort_unstable();
            let popped: Vec<_> = std::iter::from_fn(|| calendar.pop())
                .map(|e| (e.time() as u32, (e.key >> 62) as u8 & 3, e.component() as u32, e.unit()))
                .collect();
            prop_assert_eq!(popped, sorted);
        }
    }
}

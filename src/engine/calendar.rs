//! The pending events: a 4-ary heap ordered by time, then by a rank that states the rule for ties.
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

/// The pending events. Push and pop are *O*(log *n*); nothing is allocated once the vector has grown to the most events ever pending.
///
/// An event that happens usually arms another, so the place of a popped event is left vacant for the next push, which then sinks
/// from the top once, instead of one event sinking and another rising.
#[derive(Debug, Default)]
pub struct Calendar {
    heap: Vec<Event>,
    vacant: bool,
}

clone_in_place!(Calendar { heap, vacant });

impl Calendar {
    /// Forgets all events, keeps the memory.
    pub fn clear(&mut self) {
        self.heap.clear();
        self.vacant = false;
    }

    /// Number of pending events, cancelled ones included.
    pub fn len(&self) -> usize {
        self.heap.len() - usize::from(self.vacant)
    }

    /// True if nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds an event; one at infinity never happens and is not kept.
    pub fn push(&mut self, event: Event) {
        if event.time() == f64::INFINITY {
            return;
        }
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

    /// The next event.
    pub fn peek(&mut self) -> Option<Event> {
        if self.vacant {
            self.vacant = false;
            let last = self.heap.pop()?;
            if !self.heap.is_empty() {
                self.sink(last);
            }
        }
        self.heap.first().copied()
    }

    /// When the next event happens (s); infinity if there is none. A vacant place stays vacant.
    pub fn next_time(&self) -> f64 {
        if !self.vacant {
            return self.heap.first().map_or(f64::INFINITY, Event::time);
        }
        // Times are ordered as the bits that they are kept in.
        let children = self.heap.get(1..self.heap.len().min(FAN + 1)).unwrap_or_default();
        let bits = children.iter().fold(f64::INFINITY.to_bits(), |least, event| least.min((event.key >> 64) as u64));
        f64::from_bits(bits)
    }

    /// When the next event of a class happens (s), by looking at all that are pending; infinity if there is none.
    pub fn next_of(&self, class: Class) -> f64 {
        let pending = self.heap.iter().skip(usize::from(self.vacant));
        pending.filter(|event| event.class() == class as u8).map(Event::time).fold(f64::INFINITY, f64::min)
    }

    /// Removes and returns the next event.
    pub fn pop(&mut self) -> Option<Event> {
        let next = self.peek();
        self.vacant = next.is_some();
        next
    }

    /// Removes what is not to be kept, by looking at all that is pending.
    pub fn retain(&mut self, keep: impl FnMut(&Event) -> bool) {
        let _ = self.peek();
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

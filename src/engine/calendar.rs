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
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// When [s].
    pub time: f64,
    rank: u64,
    /// The owner's stamp when it was pushed.
    pub stamp: u32,
}

impl Event {
    /// An event at `time` for `unit` of `component` (below 2^22); `kind` is the component's own code.
    pub fn new(time: f64, class: Class, component: u32, kind: u8, unit: u32, stamp: u32) -> Event {
        debug_assert!(component < 1 << 22 && time >= 0.0);
        let rank = (class as u64) << 62 | u64::from(component) << 40 | u64::from(kind) << 32 | u64::from(unit);
        Event { time, rank, stamp }
    }

    /// The component it belongs to.
    pub fn component(&self) -> usize {
        (self.rank >> 40) as usize & 0x3f_ffff
    }

    /// The component's own code.
    pub fn kind(&self) -> u8 {
        (self.rank >> 32) as u8
    }

    /// The unit it concerns.
    pub fn unit(&self) -> u32 {
        self.rank as u32
    }

    /// Earlier in time, or of lower rank at the same time.
    fn before(&self, other: &Event) -> bool {
        self.time < other.time || (self.time == other.time && self.rank < other.rank)
    }
}

/// Children per node: shallower than a binary heap, and one cache line or two per level.
const FAN: usize = 4;

/// The pending events. Push and pop are *O*(log *n*); nothing is allocated once the vector has grown to the most events ever pending.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    heap: Vec<Event>,
}

impl Calendar {
    /// Forgets all events, keeps the memory.
    pub fn clear(&mut self) {
        self.heap.clear();
    }

    /// Number of pending events, cancelled ones included.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// True if nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// The next event.
    pub fn peek(&self) -> Option<&Event> {
        self.heap.first()
    }

    /// Adds an event; one at infinity never happens and is not kept.
    pub fn push(&mut self, event: Event) {
        if event.time == f64::INFINITY {
            return;
        }
        self.heap.push(event);
        let mut hole = self.heap.len() - 1;
        while hole > 0 {
            let parent = (hole - 1) / FAN;
            if !event.before(&self.heap[parent]) {
                break;
            }
            self.heap[hole] = self.heap[parent];
            hole = parent;
        }
        self.heap[hole] = event;
    }

    /// Removes and returns the next event.
    pub fn pop(&mut self) -> Option<Event> {
        let last = self.heap.pop()?;
        let Some(&first) = self.heap.first() else { return Some(last) };
        let length = self.heap.len();
        let mut hole = 0;
        loop {
            let children = hole * FAN + 1;
            if children >= length {
                break;
            }
            let mut least = children;
            for child in children + 1..(children + FAN).min(length) {
                if self.heap[child].before(&self.heap[least]) {
                    least = child;
                }
            }
            if !self.heap[least].before(&last) {
                break;
            }
            self.heap[hole] = self.heap[least];
            hole = least;
        }
        self.heap[hole] = last;
        Some(first)
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
    fn an_event_at_infinity_never_happens() {
        let mut calendar = Calendar::default();
        calendar.push(Event::new(f64::INFINITY, Class::Failure, 0, 0, 0, 0));
        assert!(calendar.is_empty());
    }

    proptest! {
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
                .map(|e| (e.time as u32, (e.rank >> 62) as u8, e.component() as u32, e.unit()))
                .collect();
            prop_assert_eq!(popped, sorted);
        }
    }
}

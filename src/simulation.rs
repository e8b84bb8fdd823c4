//! From a design to one replication: compile once, then replicate as often as needed.
//!
//! A [`Plan`] is flat, immutable and shared by all threads; a [`Replica`] is the memory of one replication at work, used again
//! for the next one; an [`Outcome`] is what it leaves behind.

mod classes;
mod compile;
pub mod rare;
mod replicate;
mod stop;
mod timetable;

pub use crate::mechanism::outage::Count;
pub use classes::CountedClass;
pub use compile::{Plan, PlanError, injectable};
pub use replicate::{MOST_KEPT, Moment, Outcome, Replica};
pub use stop::{Halt, Stop};

#[cfg(test)]
mod tests;

//! What ends a history before its time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// When to give up: as soon as somebody says so, or at an instant.
#[derive(Debug, Clone, Copy)]
pub struct Stop<'a> {
    told: &'a AtomicBool,
    until: Option<Instant>,
}

static UNTOLD: AtomicBool = AtomicBool::new(false);

impl Stop<'static> {
    /// Whatever happens.
    #[must_use]
    pub const fn never() -> Stop<'static> {
        Stop::when(&UNTOLD)
    }
}

impl<'a> Stop<'a> {
    /// As soon as it becomes true.
    #[must_use]
    pub const fn when(told: &'a AtomicBool) -> Stop<'a> {
        Stop { told, until: None }
    }

    /// The same, or at an instant, if there is one.
    #[must_use]
    pub const fn or_at(self, until: Option<Instant>) -> Stop<'a> {
        Stop { until, ..self }
    }

    /// Somebody said so.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.told.load(Ordering::Relaxed)
    }

    /// The time is over.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// Why to give up, if there is a reason.
    #[must_use]
    pub fn reason(&self) -> Option<Halt> {
        if self.is_told() {
            Some(Halt::Told)
        } else if self.is_late() {
            Some(Halt::Late)
        } else {
            None
        }
    }
}

/// Why a history was not followed to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// Somebody said so.
    Told,
    /// The time was over.
    Late,
    /// It has more incidents and losses of data than are kept.
    Crowded,
}

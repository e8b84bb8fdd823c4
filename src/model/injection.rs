//! Failures that happen once, at a known time: what a drill injects.

use crate::law::Law;
use crate::units::Seconds;

/// A failure that happens once, at a known time.
#[derive(Debug, Clone, PartialEq)]
pub struct Injection {
    /// The failure mode whose effect and symptom it has; index into [`crate::model::Design::failures`].
    pub mode: usize,
    /// Which of the places that the mode covers; of units and nodes only the one named first there.
    pub place: usize,
    /// When it happens (s).
    pub at: Seconds,
    /// How long it lasts.
    pub duration: Law,
}

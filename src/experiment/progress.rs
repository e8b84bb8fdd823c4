//! Where a running experiment stands, for whoever watches it.

use super::FIRST_LOOK;
use crate::statistics::Estimate;

/// Where a running experiment stands.
#[derive(Clone, Copy)]
pub struct Progress<'a> {
    /// Replications done of each architecture, or whatever else the experiment consists of.
    pub done: u64,
    /// As many as were asked for; 0 where nobody knows.
    pub total: u64,
    /// Which part of a longer whole is at work.
    pub part: Option<Part<'a>>,
    /// What is known so far of each architecture: worked out when it is called, and never otherwise.
    pub known: Option<&'a dyn Fn() -> Vec<Known>>,
}

impl Progress<'_> {
    /// So many of so many.
    #[must_use]
    pub const fn of(done: u64, total: u64) -> Self {
        Self { done, total, part: None, known: None }
    }
}

/// A part of a longer whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// A setting of a sweep, from 1, of so many.
    Point(usize, usize),
    /// The settings of a sweep that lose least and most, as a pair.
    Extremes,
    /// A value of a search, from 1, of at most so many.
    Value(usize, usize),
    /// A round of a selection, from 1, of so many.
    Round(usize, usize),
    /// The rare events of an architecture.
    Rare(&'a str),
}

/// What is known so far of an architecture.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Its name.
    pub name: String,
    /// Share of requests that is lost, at the level at which it will be looked at next.
    pub unavailability: Estimate,
    /// Whether a precision is waited for; not where something too rare is about to be estimated in another way.
    pub awaited: bool,
}

/// The number of replications at which a precision, as half of an interval over the unavailability, can be expected to be looked at and to be
/// met by all that are waited for, if half widths go on as the root of the number. None where nothing was lost yet, so that nothing can be told.
#[must_use]
pub fn expected_end(done: u64, known: &[Known], precision: f64) -> Option<u64> {
    let mut needed = done as f64;
    for it in known.iter().filter(|it| it.awaited) {
        let ratio = it.unavailability.relative_half_width()? / precision;
        needed = needed.max(done as f64 * ratio * ratio);
    }
    std::iter::successors(Some(FIRST_LOOK), |look| look.checked_mul(2)).find(|look| *look as f64 >= needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(half_width: f64, awaited: bool) -> Known {
        let (low, high) = (1.0 - half_width, 1.0 + half_width);
        let unavailability = Estimate { estimate: 1.0, low, high, level: 0.95, method: "" }.scale(1e-4);
        Known { name: String::new(), unavailability, awaited }
    }

    /// With 1,000 replications and 4 %, 2 % take 4,000, and the next look is at 4,096.
    #[test]
    fn half_widths_fall_with_the_root_of_the_number() {
        assert_eq!(expected_end(1_000, &[known(0.04, true), known(0.03, true)], 0.02), Some(4_096));
        assert_eq!(expected_end(1_000, &[known(0.04, false), known(0.01, true)], 0.02), Some(1_024));
        assert_eq!(expected_end(1_024, &[known(0.01, true)], 0.02), Some(1_024), "the look is due");
        assert_eq!(expected_end(10, &[], 0.02), Some(FIRST_LOOK));
    }

    #[test]
    fn what_was_never_lost_cannot_be_told() {
        let mut unknown = known(0.01, true);
        unknown.unavailability.estimate = 0.0;
        assert_eq!(expected_end(1_000, &[known(0.01, true), unknown], 0.02), None);
        assert_eq!(expected_end(u64::MAX, &[known(1.0, true)], 1e-9), None, "more than can be counted");
    }
}

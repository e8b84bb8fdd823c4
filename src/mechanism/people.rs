//! Decisions: as long as a law says, or as long as people take.
//!
//! People on call take the time to acknowledge a page and the time to decide and, outside of their working hours, a further time:
//! which of the two it is, the instant of the page says. A history starts on a Monday at 00:00.

use crate::law::Stream;
use crate::model::Decision;

/// From a page at `now` (s) to the decision (s).
pub fn decide(decision: &Decision, now: f64, stream: &mut Stream) -> f64 {
    match decision {
        Decision::After(law) => law.sample(stream),
        Decision::OnCall(people) => {
            let at_work = people.acknowledge.sample(stream) + people.decide.sample(stream);
            match &people.hours {
                Some(hours) if !hours.hold_at(now) => at_work + hours.outside.sample(stream),
                _ => at_work,
            }
        }
    }
}

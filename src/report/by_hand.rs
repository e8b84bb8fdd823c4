//! The estimate by hand beside the simulation, and why they differ.

use super::value::{count, percent, portion};
use crate::exact::ByHand;
use crate::study::{STAGES, Summary};
use crate::units::format_percent_availability;

/// The estimate and the simulation in a sentence.
pub(super) fn beside(by_hand: &ByHand, simulated: f64) -> String {
    let ratio = simulated / by_hand.unavailability;
    let compared = match () {
        () if simulated <= 0.0 => "no loss was seen".to_owned(),
        () if by_hand.unavailability <= 0.0 => "all of the loss is beyond the estimate".to_owned(),
        () if ratio >= 1e6 => "more than a million times the loss".to_owned(),
        () if ratio >= 1.05 => format!("{} times more loss", count(ratio)),
        () if ratio <= 0.95 => format!("{} times less loss", count(1.0 / ratio)),
        () => "the same loss".to_owned(),
    };
    let ignores = match by_hand.ignores.as_slice() {
        [] => String::new(),
        [one] => format!("; it ignores {one}"),
        [first @ .., last] => format!("; it ignores {} and {last}", first.join(", ")),
    };
    format!(
        "by hand: {}; simulated: {}: {compared}{ignores}",
        availability(by_hand.unavailability),
        availability(simulated)
    )
}

/// In percent, but nobody writes out more than twelve nines.
fn availability(unavailability: f64) -> String {
    if unavailability > 0.0 && unavailability < 1e-12 {
        return "more than 99.9999999999 %".to_owned();
    }
    format_percent_availability(unavailability)
}

/// The same, with the cause that most of the simulated loss comes from.
pub(super) fn explained(summary: &Summary) -> Option<String> {
    let by_hand = summary.by_hand.as_ref()?;
    let mut text = beside(by_hand, summary.unavailability_request.estimate);
    if let Some(cause) = summary.attribution.first() {
        let stage = (0..STAGES.len()).max_by(|a, b| cause.stages[*a].total_cmp(&cause.stages[*b]));
        let lost: f64 = cause.stages.iter().sum();
        if let Some(stage) = stage.filter(|_| lost > 0.0) {
            text += &format!(
                ", and {} of the simulated loss is {}, mostly in {}",
                portion(cause.share),
                cause.name,
                STAGES[stage]
            );
        }
    }
    Some(text)
}

/// What the brackets are.
pub(super) fn interval_note(level: f64) -> String {
    format!("[low, high]: {} interval", percent(level))
}

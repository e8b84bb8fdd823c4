//! The exact answer beside the numbers of a run: as a sentence, as lines of a CSV and as a value.

use super::json::number;
use super::value::scientific;
use crate::study::{Beside, Summary};
use serde_json::{Map, Value, json};

/// The sentence below the table; none without an exact answer.
pub(super) fn sentence(summary: &Summary) -> Option<String> {
    let it = summary.exact.as_ref()?;
    let claim = it.claims.first()?;
    let compared = match (claim.z, it.without_z()) {
        (Some(z), _) => format!(", z {z:+.2}"),
        (None, Some(why)) => format!(", no z: {why}"),
        (None, None) => String::new(),
    };
    Some(format!(
        "exact: unavailability {} ({}); simulated: {}{compared}; {}",
        scientific(claim.exact),
        it.about.words(),
        scientific(claim.simulated.estimate),
        it.answer.method
    ))
}

/// What each metric is called, with its exact value and its distance in standard errors.
pub(super) fn lines(summary: &Summary) -> impl Iterator<Item = (&'static str, f64, Option<f64>)> {
    summary.exact.iter().flat_map(|it| &it.claims).map(|claim| (claim.metric, claim.exact, claim.z))
}

/// As a value of the result file.
pub(super) fn value(it: &Beside) -> Value {
    let exact = |metric: &str| {
        it.claims.iter().find(|claim| claim.metric == metric).map_or(Value::Null, |claim| number(claim.exact))
    };
    let z: Map<String, Value> =
        it.claims.iter().map(|claim| (claim.metric.to_owned(), claim.z.map_or(Value::Null, number))).collect();
    json!({
        "method": it.answer.method,
        "states": it.answer.states,
        "about": it.about.words(),
        "unavailability": {
            "request": exact("unavailability.request"),
            "time": exact("unavailability.time"),
        },
        "incidents_per_year": exact("incidents_per_year"),
        "z": z,
        "without_z": it.without_z(),
        "stationary": it.answer.stationary,
        "error_bound": number(it.answer.error_bound),
        "assumptions": it.answer.assumptions,
    })
}

//! The machine-readable result: one JSON document with fixed keys in a fixed order, no NaN, absent is null.

use super::answer::{answer, question};
use super::metric::stage_totals;
use super::thinned::thinned;
use super::value::Glyphs;
use crate::model::{Bill, Charge};
use crate::statistics::{Estimate, Spread};
use crate::study::{
    Cause, Comparison, Distribution, ErrorBudget, Objective, OpenEstimate, RareFindings, STAGES, Study, Summary,
    TemporaryLoss, Warning,
};
use serde_json::{Map, Value, json};

/// Version of the layout of the document; a key that is renamed or removed raises it.
pub(super) const FORMAT_VERSION: u32 = 1;

/// Points of a distribution's curve, at most.
const CURVE: usize = 64;

/// The result of `run` or `compare` as a document, ending with a newline; `command` is the command line that gives it.
#[must_use]
pub fn json(study: &Study, command: Option<&str>) -> String {
    pretty(&json!({
        "format_version": FORMAT_VERSION,
        "version": env!("CARGO_PKG_VERSION"),
        "command": command,
        "question": question(study),
        "answer": answer(study, Glyphs::UNICODE),
        "seed": study.seed,
        "horizon_seconds": number(study.horizon_seconds),
        "level": number(study.level),
        "architectures": study.architectures.iter().map(summary).collect::<Vec<_>>(),
        "comparisons": study.comparisons.iter().map(comparison).collect::<Vec<_>>(),
        "interrupted": study.interrupted,
    }))
}

/// Indented text that ends with a newline. What is only numbers stands on one line.
pub(super) fn pretty(document: &Value) -> String {
    let mut text = String::new();
    indented(&mut text, document, 0);
    text.push('\n');
    text
}

fn indented(text: &mut String, value: &Value, depth: usize) {
    let inner = "  ".repeat(depth + 1);
    let mut separator = "\n";
    let mut next = |text: &mut String| {
        text.push_str(separator);
        text.push_str(&inner);
        separator = ",\n";
    };
    match value {
        Value::Array(items) if !items.is_empty() && !items.iter().all(numeric) => {
            text.push('[');
            for item in items {
                next(text);
                indented(text, item, depth + 1);
            }
            text.push_str(&format!("\n{}]", "  ".repeat(depth)));
        }
        Value::Object(members) if !members.is_empty() => {
            text.push('{');
            for (key, member) in members {
                next(text);
                text.push_str(&format!("{}: ", Value::from(key.as_str())));
                indented(text, member, depth + 1);
            }
            text.push_str(&format!("\n{}}}", "  ".repeat(depth)));
        }
        flat => text.push_str(&flat.to_string()),
    }
}

/// A number, or a list of numbers.
fn numeric(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(numeric),
        other => other.is_number(),
    }
}

/// One architecture.
pub(super) fn summary(summary: &Summary) -> Value {
    json!({
        "name": summary.name,
        "question": summary.question,
        "up_threshold": number(summary.up_threshold),
        "replications": summary.replications,
        "simulated_years": number(summary.simulated_years),
        "events": summary.events,
        "method": summary.method,
        "variance_reduction": summary.gain,
        "availability": {
            "request": estimate(&summary.availability_request),
            "time": estimate(&summary.availability_time),
            "read": complement(summary.unavailability_read),
            "write": complement(summary.unavailability_write),
        },
        "unavailability": {
            "request": estimate(&summary.unavailability_request),
            "time": estimate(&summary.unavailability_time),
            "read": maybe(summary.unavailability_read.as_ref()),
            "write": maybe(summary.unavailability_write.as_ref()),
        },
        "nines": nines(&summary.nines),
        "downtime_seconds_per_year": distribution(&summary.downtime_per_year),
        "lost_seconds_per_year": estimate(&summary.lost_seconds_per_year),
        "incidents_per_year": estimate(&summary.incidents_per_year),
        "open_incidents": summary.open_incidents,
        "longest_incident_seconds": estimate(&summary.longest_incident),
        "recovery_time_seconds": distribution(&summary.recovery_time),
        "data_loss_seconds": distribution(&summary.data_loss),
        "lost_writes_per_year": estimate(&summary.lost_writes_per_year),
        "unrecoverable_losses_per_year": maybe(summary.unrecoverable_per_year.as_ref()),
        "temporary_loss": summary.temporary_loss.as_ref().map(temporary_loss),
        "metastable_incidents_per_year": maybe(summary.metastable_incidents_per_year.as_ref()),
        "users_logged_out_per_year": maybe(summary.users_logged_out_per_year.as_ref()),
        "probability_month_met": maybe(summary.probability_month_met.as_ref()),
        "probability_quarter_met": maybe(summary.probability_quarter_met.as_ref()),
        "probability_objective_met": maybe(summary.probability_objective_met.as_ref()),
        "error_budget": summary.error_budget.as_ref().map(error_budget),
        "excluded_seconds_per_year": maybe(summary.excluded_seconds_per_year.as_ref()),
        "attribution": summary.attribution.iter().map(cause).collect::<Vec<_>>(),
        "stages": stages(stage_totals(summary)),
        "headroom": summary.headroom,
        "cost_per_year": summary.cost_per_year.map(number),
        "downtime_cost_per_year": maybe(summary.downtime_cost_per_year.as_ref()),
        "bill": summary.bill.as_ref().map(bill),
        "dns_queries_per_year": summary.dns_queries_per_year.map(number),
        "by_hand": summary.by_hand.as_ref().map(|it| super::verify::hand(it, summary.unavailability_request.estimate)),
        "rare_events": summary.rare.as_ref().map(rare),
        "exact": summary.exact.as_ref().map(super::beside::value),
        "objectives": summary.objectives.iter().map(objective).collect::<Vec<_>>(),
        "warnings": summary.warnings.iter().map(warning).collect::<Vec<_>>(),
        "assumptions": summary.assumptions,
    })
}

/// What the cost is made of.
pub(super) fn bill(bill: &Bill) -> Value {
    let charge = |charge: &Charge| {
        json!({
            "what": charge.what,
            "count": number(charge.count),
            "price_per_hour": number(charge.each.0),
            "cost_per_year": number(charge.per_year()),
        })
    };
    json!({ "currency": bill.currency, "charges": bill.charges.iter().map(charge).collect::<Vec<_>>() })
}

/// An estimate with its interval.
pub(super) fn estimate(estimate: &Estimate) -> Value {
    json!({
        "estimate": number(estimate.estimate),
        "low": number(estimate.low),
        "high": number(estimate.high),
        "level": number(estimate.level),
        "method": estimate.method,
    })
}

fn nines(nines: &OpenEstimate) -> Value {
    json!({
        "estimate": nines.estimate.map(number),
        "low": number(nines.low),
        "high": nines.high.map(number),
        "level": number(nines.level),
        "method": nines.method,
    })
}

fn maybe(value: Option<&Estimate>) -> Value {
    value.map_or(Value::Null, estimate)
}

/// The availability to an unavailability.
fn complement(unavailability: Option<Estimate>) -> Value {
    maybe(unavailability.map(|u| u.map_decreasing(|u| 1.0 - u)).as_ref())
}

fn rare(found: &RareFindings) -> Value {
    json!({
        "probability_of_incident": estimate(&found.probability_of_incident),
        "probability_of_data_loss": maybe(found.probability_of_data_loss.as_ref()),
        "probes": found.probes,
        "effective_probes": number(found.effective_probes),
        "largest_share": number(found.largest_share),
        "gain": found.gain.map(number),
    })
}

fn temporary_loss(loss: &TemporaryLoss) -> Value {
    json!({
        "absence_seconds": distribution(&loss.absence),
        "writes_per_year": estimate(&loss.writes_per_year),
        "conflicting_writes_per_year": estimate(&loss.conflicting_writes_per_year),
    })
}

pub(super) fn distribution(distribution: &Distribution) -> Value {
    json!({
        "mean": maybe(distribution.mean.as_ref()),
        "p50": maybe(distribution.p50.as_ref()),
        "p95": maybe(distribution.p95.as_ref()),
        "p99": maybe(distribution.p99.as_ref()),
        "max": distribution.max.map(number),
        "count": distribution.count,
        "curve": curve(&distribution.spread),
    })
}

/// Values with the share of all values up to each: few of them, in equal steps of -log(1 - share), so that the tail is kept. Values that
/// are no number have no place in JSON.
fn curve(spread: &Spread) -> Value {
    let points = thinned(spread.cumulative(), CURVE);
    points.into_iter().filter(|(value, _)| value.is_finite()).map(|(value, share)| json!([value, share])).collect()
}

/// Seconds of each stage.
fn stages(seconds: [f64; 5]) -> Map<String, Value> {
    STAGES.iter().zip(seconds).map(|(stage, seconds)| ((*stage).to_owned(), number(seconds))).collect()
}

fn error_budget(budget: &ErrorBudget) -> Value {
    json!({
        "month": budget.month.as_ref().map(distribution),
        "quarter": budget.quarter.as_ref().map(distribution),
        "year": budget.year.as_ref().map(distribution),
        "largest_incident": distribution(&budget.largest_incident),
        "largest_incident_share_of_loss": maybe(budget.largest_incident_share_of_loss.as_ref()),
    })
}

fn cause(cause: &Cause) -> Value {
    json!({
        "cause": cause.name,
        "lost_seconds_per_year": estimate(&cause.lost_seconds_per_year),
        "share": number(cause.share),
        "incidents_per_year": estimate(&cause.incidents_per_year),
        "recovery_time_seconds": distribution(&cause.recovery_time),
        "stages": stages(cause.stages),
    })
}

fn warning(warning: &Warning) -> Value {
    json!({ "code": warning.code(), "message": warning.to_string() })
}

fn objective(objective: &Objective) -> Value {
    json!({
        "metric": objective.metric,
        "limit": number(objective.limit),
        "value": maybe(objective.value.as_ref()),
        "verdict": objective.verdict,
    })
}

fn comparison(comparison: &Comparison) -> Value {
    json!({
        "left": comparison.left,
        "right": comparison.right,
        "lost_seconds_per_year_difference": estimate(&comparison.lost_seconds_per_year_difference),
        "verdict": comparison.verdict,
        "variance_ratio": comparison.variance_ratio.map(number),
    })
}

/// A number, or null where there is none: JSON has no NaN and no infinity.
pub(super) fn number(number: f64) -> Value {
    serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn keys(value: &Value) -> Vec<&str> {
        value.as_object().map(|object| object.keys().map(String::as_str).collect()).unwrap_or_default()
    }

    #[test]
    fn the_keys_are_those_of_the_contract_in_order() {
        let text = json(&sample::study(), None);
        let document: Value = serde_json::from_str(&text).expect("valid JSON");
        assert!(text.ends_with("}\n"));
        assert_eq!(
            keys(&document),
            [
                "format_version",
                "version",
                "command",
                "question",
                "answer",
                "seed",
                "horizon_seconds",
                "level",
                "architectures",
                "comparisons",
                "interrupted"
            ]
        );
        let first = &document["architectures"][0];
        assert_eq!(
            keys(first),
            [
                "name",
                "question",
                "up_threshold",
                "replications",
                "simulated_years",
                "events",
                "method",
                "variance_reduction",
                "availability",
                "unavailability",
                "nines",
                "downtime_seconds_per_year",
                "lost_seconds_per_year",
                "incidents_per_year",
                "open_incidents",
                "longest_incident_seconds",
                "recovery_time_seconds",
                "data_loss_seconds",
                "lost_writes_per_year",
                "unrecoverable_losses_per_year",
                "temporary_loss",
                "metastable_incidents_per_year",
                "users_logged_out_per_year",
                "probability_month_met",
                "probability_quarter_met",
                "probability_objective_met",
                "error_budget",
                "excluded_seconds_per_year",
                "attribution",
                "stages",
                "headroom",
                "cost_per_year",
                "downtime_cost_per_year",
                "bill",
                "dns_queries_per_year",
                "by_hand",
                "rare_events",
                "exact",
                "objectives",
                "warnings",
                "assumptions"
            ]
        );
        assert_eq!(keys(&first["availability"]), ["request", "time", "read", "write"]);
        assert_eq!(keys(&first["unavailability"]), ["request", "time", "read", "write"]);
        for path in ["nines", "lost_seconds_per_year", "probability_objective_met"] {
            assert_eq!(keys(&first[path]), ["estimate", "low", "high", "level", "method"], "{path}");
        }
        for path in ["downtime_seconds_per_year", "recovery_time_seconds", "data_loss_seconds"] {
            assert_eq!(keys(&first[path]), ["mean", "p50", "p95", "p99", "max", "count", "curve"], "{path}");
            assert_eq!(keys(&first[path]["p95"]), ["estimate", "low", "high", "level", "method"], "{path}");
        }
        assert_eq!(
            keys(&first["attribution"][0]),
            ["cause", "lost_seconds_per_year", "share", "incidents_per_year", "recovery_time_seconds", "stages"]
        );
        assert_eq!(keys(&first["attribution"][0]["stages"]), STAGES);
        assert_eq!(keys(&document["architectures"][1]["warnings"][0]), ["code", "message"]);
        assert_eq!(keys(&first["objectives"][0]), ["metric", "limit", "value", "verdict"]);
        assert_eq!(keys(&first["assumptions"][0]), ["key", "value", "catalog", "source", "grade"]);
        assert_eq!(
            keys(&document["comparisons"][0]),
            ["left", "right", "lost_seconds_per_year_difference", "verdict", "variance_ratio"]
        );
        assert_eq!(document["comparisons"][0]["verdict"], "worse");
        assert_eq!(first["objectives"][0]["verdict"], "missed");
        assert_eq!(document["seed"], 42);
    }

    #[test]
    fn what_is_not_a_number_is_null() {
        let mut summary = sample::lossless("quiet");
        summary.lost_seconds_per_year.estimate = f64::NAN;
        summary.lost_seconds_per_year.high = f64::INFINITY;
        let text = json(&sample::alone(summary), None);
        assert!(!text.contains("NaN") && !text.contains("inf"));
        let document: Value = serde_json::from_str(&text).expect("valid JSON");
        let first = &document["architectures"][0];
        assert!(first["lost_seconds_per_year"]["estimate"].is_null());
        assert!(first["lost_seconds_per_year"]["high"].is_null());
        assert!(first["nines"]["estimate"].is_null() && first["nines"]["high"].is_null());
        assert!(first["recovery_time_seconds"]["p50"].is_null());
        assert!(first["probability_objective_met"].is_null());
        assert_eq!(first["recovery_time_seconds"]["count"], 0);
    }

    #[test]
    fn large_seeds_keep_every_digit() {
        let mut study = sample::study();
        study.seed = u64::MAX;
        assert!(json(&study, None).contains("\"seed\": 18446744073709551615,"));
    }
}

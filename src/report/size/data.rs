//! A search for a value, for scripts.

use super::super::csv::{header, line, written};
use super::super::gate::Judged;
use super::super::json::{FORMAT_VERSION, estimate, number, pretty};
use super::super::metric::{Measured, longest_stage};
use super::{SizeValue, Sizing};
use crate::study::Judgement;
use serde_json::{Value, json};

/// One JSON document.
#[must_use]
pub fn size_json(sizing: &Sizing) -> String {
    let search = &sizing.search;
    let value = |place: usize| sizing.values.get(place).map(value);
    let points: Vec<Value> = (sizing.points.iter())
        .map(|(place, gate)| {
            let summary = sizing.summary(*place);
            json!({
                "value": value(*place),
                "verdict": search.verdicts.get(place),
                "conditions": gate.judged().iter().map(condition).collect::<Vec<_>>(),
                "cost_per_year": summary.and_then(|it| it.cost_per_year).map(number),
                "replications": summary.map(|it| it.replications),
            })
        })
        .collect();
    let binding = sizing.binding().map(|(place, conditions)| {
        let cause = conditions.first().and_then(|first| sizing.culprit(place, first));
        json!({
            "at": value(place),
            "conditions": conditions.iter().map(|it| it.condition().met()).collect::<Vec<_>>(),
            "cause": cause.map(|cause| &cause.name),
            "stage": cause.and_then(longest_stage).map(|(stage, _)| stage),
        })
    });
    let horizon = sizing.points.values().find_map(|gate| gate.study()).map(|study| number(study.horizon_seconds));
    pretty(&json!({
        "format_version": FORMAT_VERSION,
        "version": env!("CARGO_PKG_VERSION"),
        "seed": sizing.seed,
        "horizon_seconds": horizon,
        "level": number(sizing.level),
        "architecture": sizing.name(),
        "key": sizing.key,
        "range": {
            "low": value(0),
            "high": value(sizing.values.len().saturating_sub(1)),
            "values": sizing.values.len(),
        },
        "find": if sizing.cheapest { json!("cheapest") } else { json!(search.end) },
        "found": search.found,
        "answer": sizing.answer().map(value),
        "surely_met": search.best.map(value),
        "surely_missed": search.beyond.map(value),
        "open": search.open().into_iter().map(value).collect::<Vec<_>>(),
        "contradiction": search.contradiction.map(|(missed, met)| json!({ "missed": value(missed), "met": value(met) })),
        "binding": binding,
        "points": points,
        "interrupted": search.interrupted,
    }))
}

fn value(value: &SizeValue) -> Value {
    json!({ "text": value.text, "number": number(value.number) })
}

fn condition(it: &Judged) -> Value {
    json!({
        "metric": it.key(),
        "until": it.condition().met(),
        "value": it.value().map(estimate),
        "verdict": it.verdict(),
    })
}

/// One line for each condition at each value, and for its cost. The verdict of a line is that of the value.
#[must_use]
pub fn size_csv(sizing: &Sizing) -> String {
    let mut lines = vec![header(&["key", "value", "number", "verdict"].map(str::to_owned))];
    for (place, gate) in &sizing.points {
        let Some(value) = sizing.values.get(*place) else { continue };
        let verdict = match sizing.search.verdicts.get(place) {
            Some(Judgement::Met) => "met",
            Some(Judgement::Missed) => "missed",
            Some(Judgement::Inconclusive) | None => "inconclusive",
        };
        let number = super::super::csv::number(value.number);
        let about = [sizing.key.clone(), value.text.clone(), number, verdict.to_owned()];
        for it in gate.judged() {
            let measured = it.value().map_or(Measured::Absent, |value| Measured::Estimate(*value));
            lines.push(line(&about, it.key().to_owned(), &measured));
        }
        if let Some(cost) = sizing.summary(*place).and_then(|it| it.cost_per_year) {
            lines.push(line(&about, "cost_per_year".to_owned(), &Measured::Plain(cost)));
        }
        if sizing.search.interrupted {
            lines.push(line(&about, "interrupted".to_owned(), &Measured::Plain(1.0)));
        }
    }
    written(&lines)
}

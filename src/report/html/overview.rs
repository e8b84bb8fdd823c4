//! The first table: every metric of every architecture, then objectives and paired differences.

use super::at::At;
use super::documents::{Documents, Kind, Section};
use super::figure::{cell, table, verdict};
use crate::report::metric::{self, METRICS, Metric, Shown};
use crate::report::value::{Glyphs, Reading, Unit, count, percent};
use crate::study::{Judgement, Objective};
use maud::{Markup, html};

const ABSENT: &str = "–";

pub(super) fn section<'a>(documents: &Documents<'a>) -> Option<Section<'a>> {
    let architectures = documents.architectures();
    let first = architectures.first()?;
    let horizon = documents.studies().first().and_then(|it| it.key("horizon_seconds").number()).unwrap_or(metric::YEAR);
    let names: Vec<&str> = architectures.iter().map(|it| it.key("name").text()).collect();
    let head: Vec<&str> = ["metric"].into_iter().chain(names).collect();
    let mut rows: Vec<Vec<Markup>> = METRICS
        .iter()
        .filter(|metric| match metric.shown {
            Shown::Always => true,
            Shown::IfKnown => architectures.iter().any(|it| is_known(metric, it)),
            Shown::Never => false,
        })
        .map(|metric| {
            let label = cell(&metric::label(metric, horizon));
            [label].into_iter().chain(architectures.iter().map(|it| value(metric, it))).collect()
        })
        .collect();
    if architectures.iter().any(|it| !it.key("objectives").items().is_empty()) {
        let judged = |it: &At| {
            let objectives: Vec<Objective> = it.key("objectives").items().iter().map(objective).collect();
            metric::overall(&objectives).map_or_else(|| cell(ABSENT), |all| verdict(metric::word(all)))
        };
        rows.push([cell("objectives")].into_iter().chain(architectures.iter().map(judged)).collect());
    }
    let threshold = first.key("up_threshold");
    let level = documents.studies().first().and_then(|it| it.key("level").number()).unwrap_or(0.95);
    let currency = architectures.iter().map(|it| it.path("bill.currency").text()).find(|it| !it.is_empty());
    Some(Section::words(
        "overview",
        "Overview",
        html! {
            (answers(documents))
            (table("Metrics by architecture", &head, 1, &rows, usize::MAX))
            p.note {
                "[low, high]: " (percent(level)) " interval; * too few seen for this level: the bound is the extreme value. "
                "Lost time: failed requests, as time without service. Downtime: time in which under "
                (threshold.data(&percent(threshold.number().unwrap_or(1.0)))) " is served."
                @if let Some(currency) = currency { " Cost: in " (currency) "." }
            }
            @let all: usize = documents.studies().iter().map(|it| documents.of_study(it).len()).sum();
            @if all > architectures.len() {
                p.note { "The first " (architectures.len()) " of " (all) " architectures; the JSON has all." }
            }
            (conditions(documents))
            (objectives(&architectures, documents.room))
            (differences(documents))
        },
    ))
}

/// What each study answers, where that is not the answer of the page.
fn answers(documents: &Documents) -> Markup {
    let first = documents.all().next().map_or("", |it| it.key("answer").text());
    let studies = documents.studies();
    html! {
        @for study in studies.iter().filter(|it| it.key("answer").text() != first) {
            p { strong { (study.key("question").text()) } " " (study.key("answer").text()) }
        }
    }
}

fn is_known(metric: &Metric, architecture: &At) -> bool {
    let at = architecture.path(metric.key);
    let number = at.key("estimate").number().or(at.number());
    match metric.key {
        // Said only where it differs from what all requests see.
        "unavailability.read" | "unavailability.write" => {
            number.is_some() && number != architecture.path("unavailability.request.estimate").number()
        }
        "unrecoverable_losses_per_year" => number > Some(0.0),
        _ => number.is_some(),
    }
}

fn value(metric: &Metric, architecture: &At) -> Markup {
    let at = architecture.path(metric.key);
    let absent = match metric.shown {
        // Where only means are estimated, nothing can have been seen.
        Shown::Always if architecture.key("rare_events").is_null() => "none seen",
        _ => ABSENT,
    };
    if metric.shown == Shown::IfKnown && !is_known(metric, architecture) {
        return cell(ABSENT);
    }
    match metric.unit {
        Unit::Nines => nines(&at),
        Unit::Served => {
            match at.estimate() {
                Some(lost) => architecture
                    .path(&metric.key.replace("unavailability", "availability"))
                    .shown(&Reading::of(&lost, Unit::Served, Glyphs::UNICODE)),
                None => cell(absent),
            }
        }
        unit => match at.number() {
            Some(number) => at.data(&count(number)),
            None => at.reading(unit, absent),
        },
    }
}

/// Nines, which no loss leaves open above.
pub(super) fn nines(at: &At) -> Markup {
    at.nines().map_or_else(|| cell(ABSENT), |nines| at.shown(&Reading::of_nines(&nines, Glyphs::UNICODE)))
}

/// An objective as it is judged.
pub(super) fn objective(at: &At) -> Objective {
    Objective {
        metric: at.key("metric").text().to_owned(),
        limit: at.key("limit").number().unwrap_or(f64::NAN),
        value: at.key("value").estimate(),
        verdict: match at.key("verdict").text() {
            "met" => Judgement::Met,
            "missed" => Judgement::Missed,
            _ => Judgement::Inconclusive,
        },
    }
}

fn objectives(architectures: &[At], room: usize) -> Markup {
    let rows: Vec<Vec<Markup>> = architectures
        .iter()
        .flat_map(|architecture| {
            let name = architecture.key("name").text();
            architecture.key("objectives").items().into_iter().map(move |at| {
                let it = objective(&at);
                let found = metric::found(&it, Glyphs::UNICODE);
                vec![
                    cell(name),
                    at.key("limit").data(&metric::demand(&it, Glyphs::UNICODE)),
                    if it.value.is_some() { at.key("value").shown(&found) } else { cell(&found.value) },
                    verdict(metric::word(it.verdict)),
                ]
            })
        })
        .collect();
    if rows.is_empty() {
        return html! {};
    }
    html! { h3 { "Objectives" } (table("Objectives and verdicts", &["architecture", "objective", "measured", "verdict"], 4, &rows, room)) }
}

/// What a gate asked.
fn conditions(documents: &Documents) -> Markup {
    let rows: Vec<Vec<Markup>> = (documents.of(Kind::Gate).into_iter())
        .flat_map(|gate| gate.key("conditions").items())
        .map(|at| {
            vec![
                cell(at.key("architecture").text()),
                at.key("limit").data(&format!("fails if {}", at.key("condition").text())),
                at.key("replications").counted(),
                verdict(at.key("verdict").text()),
            ]
        })
        .collect();
    if rows.is_empty() {
        return html! {};
    }
    let head = ["architecture", "condition", "replications", "verdict"];
    html! { h3 { "Conditions of the gate" } (table("Conditions and verdicts", &head, 4, &rows, documents.room)) }
}

fn differences(documents: &Documents) -> Markup {
    let rows: Vec<Vec<Markup>> = (documents.of(Kind::Study).into_iter())
        .flat_map(|study| study.key("comparisons").items())
        .map(|at| {
            let ratio = at.key("variance_ratio");
            vec![
                html! { (at.key("left").text()) " against " (at.key("right").text()) },
                verdict(at.key("verdict").text()),
                at.key("lost_seconds_per_year_difference").reading(Unit::Duration, ABSENT),
                ratio.number().map_or_else(|| cell(ABSENT), |it| ratio.data(&count(it))),
            ]
        })
        .collect();
    if rows.is_empty() {
        return html! {};
    }
    let head = ["compared", "verdict", "difference in lost time a year", "variance ratio"];
    html! {
        h3 { "Paired differences" }
        p.note { "Of the first against the second, over the same failures. The variance ratio says how much that sharpens the difference." }
        (table("Paired differences of lost time", &head, 2, &rows, documents.room))
    }
}

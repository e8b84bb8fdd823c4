//! What the numbers rest on: prices, assumptions, doubts, and how to see them again.

use super::at::At;
use super::documents::{Documents, Section};
use super::figure::{cell, table};
use crate::report::value::{count, duration, grouped, percent};
use maud::{Markup, html};

pub(super) fn bill<'a>(documents: &Documents<'a>) -> Option<Section<'a>> {
    let mut bills: Vec<(&str, At)> = Vec::new();
    for it in documents.architectures() {
        bills.push((it.key("name").text(), it.key("bill")));
    }
    bills.retain(|(_, bill)| !bill.key("charges").items().is_empty());
    if bills.is_empty() {
        return None;
    }
    let body = html! {
        @for (name, bill) in &bills {
            @let rows: Vec<Vec<Markup>> = bill.key("charges").items().iter().map(charge).collect();
            @let head = ["what", "count", "price an hour", "cost a year"];
            (table(&format!("{name}: what it costs, in {}", bill.key("currency").text()), &head, 1, &rows, documents.room))
        }
    };
    Some(Section::words("bill", "Bill", body))
}

fn charge(at: &At) -> Vec<Markup> {
    let number = |key: &str| {
        let at = at.key(key);
        at.data(&count(at.number().unwrap_or(0.0)))
    };
    vec![cell(at.key("what").text()), at.key("count").counted(), number("price_per_hour"), number("cost_per_year")]
}

pub(super) fn assumptions<'a>(documents: &Documents<'a>) -> Option<Section<'a>> {
    let mut seen: Vec<[&str; 4]> = Vec::new();
    for at in documents.assuming().iter().flat_map(|it| it.key("assumptions").items()) {
        seen.push(["key", "value", "source", "grade"].map(|key| at.key(key).text()));
    }
    seen.sort_unstable();
    seen.dedup();
    if seen.is_empty() {
        return None;
    }
    let rows: Vec<Vec<Markup>> = seen
        .iter()
        .map(|[key, value, source, grade]| vec![cell(key), cell(value), linked(source), cell(grade)])
        .collect();
    let body = html! {
        p { "What the scenarios do not state has these values. Grades: V read in the source, S secondary, D derived, M recalled, A assumption, B the lesson." }
        details {
            summary { (grouped(rows.len() as f64)) " defaults, with their sources" }
            (table("Defaults", &["key", "value", "source", "grade"], 4, &rows, documents.room.max(40)))
        }
    };
    Some(Section::words("assumptions", "Assumptions", body))
}

/// A text whose addresses can be followed.
fn linked(text: &str) -> Markup {
    html! {
        @for (place, word) in text.split(' ').enumerate() {
            @if place > 0 { " " }
            @let address = word.trim_end_matches(|letter: char| ".,;)".contains(letter)).trim_start_matches('(');
            @if address.starts_with("https://") || address.starts_with("http://") {
                @let (before, after) = word.split_once(address).unwrap_or_default();
                (before) a href=(address) rel="noopener noreferrer" { (address) } (after)
            } @else { (word) }
        }
    }
}

pub(super) fn warnings<'a>(documents: &Documents<'a>) -> Option<Section<'a>> {
    let mut grouped: Vec<(&str, Vec<&str>)> = Vec::new();
    for it in documents.assuming() {
        let name = it.key("name").text();
        for warning in it.key("warnings").items() {
            let message = warning.key("message").text();
            match grouped.iter_mut().find(|(known, _)| *known == message) {
                Some((_, names)) if !names.contains(&name) => names.push(name),
                Some(_) => {}
                None => grouped.push((message, vec![name])),
            }
        }
    }
    let interrupted = documents.all().any(|it| it.key("interrupted").is_true());
    if grouped.is_empty() && !interrupted {
        return None;
    }
    let body = html! {
        ul {
            @if interrupted { li { "interrupted: the numbers rest on what was finished until then" } }
            @for (message, names) in grouped.iter().take(documents.room) { li { strong { (names.join(", ")) } ": " (message) } }
        }
    };
    Some(Section::words("warnings", "Doubts", body))
}

pub(super) fn method<'a>(documents: &Documents<'a>) -> Option<Section<'a>> {
    let first = documents.all().next()?;
    let rows: Vec<Vec<Markup>> = (documents.all().skip(1))
        .map(|it| {
            let command = html! { code { (it.key("command").text()) } };
            vec![
                cell(it.key("question").text()),
                command,
                it.key("seed").as_written(),
                it.key("replications").counted(),
            ]
        })
        .collect();
    let body = html! {
        dl {
            @if !first.key("command").text().is_empty() { dt { "command" } dd { code { (first.key("command").text()) } } }
            dt { "made by" } dd { "ridethrough " (first.key("version").text()) ", seed " (first.key("seed").as_written()) }
            (number(first, "horizon_seconds", "length of a history", &duration))
            (number(first, "level", "level of the intervals", &percent))
            (number(first, "replications", "histories", &grouped))
            @for it in documents.of_study(first) {
                dt { (it.key("name").text()) }
                dd {
                    (it.key("method").text()) "; " (it.key("replications").counted()) " histories, "
                    (it.key("simulated_years").counted()) " years"
                }
            }
        }
        @if !rows.is_empty() {
            (table("Other results on this page", &["result", "command", "seed", "histories"], 2, &rows, documents.room))
        }
        p.note { "Numbers are rounded for reading; each carries the exact one of the result, as the value of its element." }
    };
    Some(Section::words("method", "Method", body))
}

fn number(document: &At, key: &str, name: &str, write: &dyn Fn(f64) -> String) -> Markup {
    let at = document.key(key);
    match at.number() {
        Some(number) => html! { dt { (name) } dd { (at.data(&write(number))) } },
        None => html! {},
    }
}

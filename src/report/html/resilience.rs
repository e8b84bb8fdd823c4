//! What follows from each failure: the verdicts of all architectures side by side, then the drills of each.

mod matrix;

use super::at::At;
use super::documents::{Documents, Kind, Section};
use super::figure::{cell, table, verdict};
use crate::report::value::{Unit, duration};
use maud::{Markup, html};

pub(super) fn section<'a>(documents: &Documents<'a>) -> Option<Section<'a>> {
    let all = documents.of(Kind::Drill);
    if all.is_empty() {
        return None;
    }
    let note = html! {
        p.note {
            "Fault tolerant: no incident. Highly available: interrupted, and recovers although the failure lasts. Single point of failure: "
            "down a week later if the failure lasts so long. Each failure comes alone, in a system that is quiet otherwise."
        }
    };
    let several = all.len() > 1;
    let each = html! { @for drills in &all { (alone(drills, several, documents.room)) } };
    Some(Section {
        id: "resilience",
        title: "Resilience",
        body: vec![note.into(), matrix::figure(&all, documents.room).into(), each.into()],
    })
}

/// What failed in a drill.
fn failure(drill: &At) -> String {
    let strikes = drill.key("failures").items();
    let told = strikes.iter().map(|strike| match (strike.key("mode").text(), strike.key("place").text()) {
        ("", place) => place.to_owned(),
        // What the place says already is not said twice.
        (mode, place) => match place.split_once(':') {
            Some((kind, part)) if mode == kind || mode == part => place.to_owned(),
            _ => format!("{mode} of {place}"),
        },
    });
    told.collect::<Vec<_>>().join(", then ")
}

fn words(drill: &At) -> String {
    drill.key("resilience").text().replace('-', " ")
}

/// The drills of one architecture; folded where there are others.
fn alone(drills: &At, folded: bool, room: usize) -> Markup {
    let name = drills.key("architecture").text();
    let held = drills.key("drills").items();
    let any = |key: &str| held.iter().any(|it| it.key(key).key("max").number() > Some(0.0));
    let (data, users) = (any("data_loss_seconds"), any("users_logged_out"));
    let mut head = vec!["failure", "verdict", "recovered, p95", "lost, mean", "requests lost"];
    head.extend(data.then_some("data lost, mean"));
    head.extend(users.then_some("users logged out, mean"));
    let objectives: Vec<(String, String)> = held.first().map_or_else(Vec::new, |first| {
        let items = first.key("objectives").items();
        let limit = |at: &At| duration(at.key("limit_seconds").number().unwrap_or(f64::NAN));
        items.iter().map(|at| (at.key("metric").text().to_owned(), limit(at))).collect()
    });
    let names: Vec<String> =
        objectives.iter().map(|(metric, limit)| format!("{} within {limit}", metric.replace('_', " "))).collect();
    head.extend(names.iter().map(String::as_str));
    let rows: Vec<Vec<Markup>> = (held.iter())
        .map(|drill| {
            let mut row = vec![
                cell(&failure(drill)),
                verdict(&words(drill)),
                drill.path("recovery_time_seconds.p95").sure(Unit::Duration),
                drill.path("lost_seconds.mean").sure(Unit::Duration),
                drill.key("lost_requests").sure(Unit::Count),
            ];
            row.extend(data.then(|| drill.path("data_loss_seconds.mean").sure(Unit::Duration)));
            row.extend(users.then(|| drill.path("users_logged_out.mean").sure(Unit::Count)));
            row.extend(drill.key("objectives").items().iter().map(|it| it.key("met").sure(Unit::Share)));
            row
        })
        .collect();
    let singles = drills.path("cut_sets.single").texts();
    let pairs: Vec<String> =
        (drills.path("cut_sets.pairs").items().iter()).map(|pair| pair.texts().join(" with ")).collect();
    let repetitions = held.first().map(|it| it.key("replications"));
    let caption = format!("{name}: what follows from each failure");
    let consequences = table(&caption, &head, 2, &rows, room);
    html! {
        h3 { (name) }
        p { (drills.key("answer").text()) }
        @if folded { details { summary { "Numbers: " (caption) } (consequences) } } @else { (consequences) }
        @if !singles.is_empty() {
            p { strong { "Single points of failure of the structure, " } "whether the scenario says that they fail or not: " (singles.join(", ")) "." }
        }
        @if !pairs.is_empty() {
            details { summary { "Pairs that take it down" } ul { @for pair in pairs.iter().take(room) { li { (pair) } } } }
        }
        @if let Some(at) = repetitions {
            p.note { (at.counted()) " repetitions of each, which differ in what chance decides." }
        }
    }
}

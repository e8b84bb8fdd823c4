//! What matters most: which unknown moves the result, and which cause or stage would give back most.

use super::at::At;
use super::documents::{Documents, Kind, Section};
use super::figure::{Figure, cell, only, table};
use super::svg::{Frame, NARROW, Svg, fit, width};
use crate::report::chart::axis::{Axis, duration_steps};
use crate::report::uncertainty::shown;
use crate::report::value::{Unit, duration, portion};
use maud::{Markup, html};

const ROW: f64 = 30.0;
/// Rows that are drawn; the table has all.
const MOST: usize = 16;

/// A bar: its name, its two ends, what is said of it, and its interval if it has one.
struct Bar {
    name: String,
    from: f64,
    to: f64,
    told: String,
    interval: Option<(f64, f64)>,
}

pub(super) fn tornado(documents: &Documents) -> Option<Section> {
    let all = documents.of(Kind::Uncertainty);
    if all.is_empty() {
        return None;
    }
    let body = html! { @for it in all { (unknowns(it, documents.room)) } };
    Some(Section { id: "uncertainty", title: "What is not known", body })
}

fn unknowns(found: &At, room: usize) -> Markup {
    let swings = found.key("tornado").items();
    let bars: Vec<Bar> = (swings.iter().take(MOST))
        .map(|swing| {
            let end = |side: &str| swing.key(side).path("lost_seconds_per_year.estimate").number().unwrap_or(0.0);
            let value = |side: &str| shown(swing.key(side).key("value").text());
            let (low, high) = (end("low"), end("high"));
            let name = swing.key("key").text().to_owned();
            let told =
                format!("{name}: {} at {}, {} at {}", duration(low), value("low"), duration(high), value("high"));
            Bar { name, from: low, to: high, told, interval: None }
        })
        .collect();
    let middle = found.path("median.lost_seconds_per_year.estimate").number();
    let end = |swing: &At, side: &str| {
        let at = swing.key(side);
        html! { (shown(at.key("value").text())) ": " (at.key("lost_seconds_per_year").reading(Unit::Duration, "–")) }
    };
    let rows: Vec<Vec<Markup>> = (swings.iter())
        .map(|swing| {
            let difference = swing.key("lost_seconds_per_year_difference").reading(Unit::Duration, "–");
            vec![cell(swing.key("key").text()), end(swing, "low"), end(swing, "high"), difference]
        })
        .collect();
    let bands: Vec<Vec<Markup>> = [
        ("random", "luck: of a year, inputs at medians"),
        ("unknown", "ignorance: its mean, over inputs"),
        ("both", "both: of a year, over inputs"),
    ]
    .into_iter()
    .map(|(key, name)| (found.path("downtime_seconds_per_year").key(key), name))
    .filter(|(at, _)| !at.is_null())
    .map(|(at, name)| {
        let quantiles = ["p5", "p50", "p95"].map(|it| at.key(it).reading(Unit::Duration, "–"));
        [cell(name)].into_iter().chain(quantiles).collect()
    })
    .collect();
    let draws = found.key("draws");
    let figure = Figure {
        name: "Tornado: lost time a year at both ends of each unknown".to_owned(),
        caption: "At the 10th and 90th percentile of what is believed, all others at their medians; the dashed line is all at their medians.".to_owned(),
        legend: Vec::new(),
        pictures: only(|width| draw(&bars, middle, "lost time a year", width)),
        numbers: table("Each unknown", &["not known", "lost a year, low", "lost a year, high", "difference"], 1, &rows, room),
    };
    html! {
        h3 { (found.key("question").text()) }
        p { (found.key("answer").text()) }
        (table("Downtime a year: luck and ignorance", &["downtime a year", "p5", "median", "p95"], 1, &bands, room))
        @if !bars.is_empty() { (figure.markup()) }
        p.note { (draws.counted()) " draws of the inputs." }
    }
}

pub(super) fn importance(documents: &Documents) -> Option<Section> {
    let all = documents.of(Kind::Importance);
    if all.is_empty() {
        return None;
    }
    let body = html! { @for it in all { (savings(it, documents.room)) } };
    Some(Section { id: "importance", title: "What to fix first", body })
}

/// "without zone-power", "detection halved".
fn change(saving: &At) -> String {
    match (saving.key("change").text(), saving.key("name").text()) {
        ("halved", name) => format!("{name} halved"),
        (change, name) => format!("{change} {name}"),
    }
}

fn savings(found: &At, room: usize) -> Markup {
    let all = found.key("savings").items();
    let saved = |it: &At| it.key("saved_seconds_per_year").estimate();
    let mut bars: Vec<Bar> = (all.iter())
        .filter_map(|it| {
            let saved = saved(it).filter(|saved| saved.estimate != 0.0)?;
            let told = format!("{}: {} a year", change(it), duration(saved.estimate));
            let interval = Some((saved.low, saved.high));
            Some(Bar { name: change(it), from: 0.0, to: saved.estimate, told, interval })
        })
        .collect();
    bars.sort_by(|a, b| b.to.total_cmp(&a.to));
    bars.truncate(MOST);
    let rows: Vec<Vec<Markup>> = (all.iter())
        .map(|it| {
            let share = it.key("share");
            let share = share.data(&share.number().map_or_else(|| "–".to_owned(), portion));
            vec![cell(&change(it)), it.key("saved_seconds_per_year").reading(Unit::Duration, "–"), share]
        })
        .collect();
    let figure = Figure {
        name: "What each cause, and half of each stage, would give back".to_owned(),
        caption: "Lost time a year that would not be lost, with intervals. Savings do not add up: losses overlap."
            .to_owned(),
        legend: Vec::new(),
        pictures: only(|width| draw(&bars, None, "given back a year", width)),
        numbers: table("Every change", &["change", "gives back a year", "share"], 1, &rows, room),
    };
    html! {
        h3 { (found.key("question").text()) }
        p { (found.key("answer").text()) }
        @if bars.is_empty() { (figure.numbers) } @else { (figure.markup()) }
    }
}

fn draw(bars: &[Bar], middle: Option<f64>, title: &str, across: f64) -> Svg {
    let narrow = across <= NARROW;
    let row = if narrow { ROW + 14.0 } else { ROW };
    let mut svg = Svg::new(across, row * bars.len() as f64 + 56.0);
    let names = bars.iter().map(|bar| width(&bar.name)).fold(0.0, f64::max);
    let left = if narrow { 8.0 } else { names.clamp(60.0, 300.0) + 14.0 };
    let frame = Frame { left, right: across - 24.0, top: 6.0, bottom: row * bars.len() as f64 + 8.0 };
    let values = bars
        .iter()
        .flat_map(|bar| [Some(bar.from), Some(bar.to), bar.interval.map(|it| it.0), bar.interval.map(|it| it.1)]);
    let values: Vec<f64> = values.chain([middle]).flatten().filter(|it| it.is_finite()).collect();
    let (low, high) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(*it), high.max(*it)));
    let (bounds, ticks) = duration_steps(low, high);
    let axis = Axis::linear(bounds, (frame.left, frame.right));
    svg.x_axis(frame, &axis, &ticks, title);
    for (place, bar) in bars.iter().enumerate() {
        let top = frame.top + row * place as f64 + if narrow { 18.0 } else { 6.0 };
        if narrow {
            svg.text("s label", (frame.left, top - 8.0), &fit(&bar.name, across - 16.0));
        } else {
            svg.text("e label", (frame.left - 10.0, top + 9.0), &fit(&bar.name, left - 14.0));
        }
        let (from, to) = (axis.at(bar.from), axis.at(bar.to));
        svg.group("part", &bar.told, |svg| {
            let class = if middle.is_none() {
                "bar"
            } else if bar.from <= bar.to {
                "bar rising"
            } else {
                "bar falling"
            };
            svg.rect(class, (from.min(to), top), ((to - from).abs(), 18.0));
            if let Some((low, high)) = bar.interval {
                svg.whisker((axis.at(low), top + 9.0), (axis.at(high), top + 9.0));
            }
        });
    }
    if let Some(middle) = middle {
        svg.line("limit", (axis.at(middle), frame.top), (axis.at(middle), frame.bottom));
    }
    svg
}

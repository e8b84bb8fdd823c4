//! What matters most: which unknown moves the result, and which cause or stage would give back most.

use super::at::At;
use super::documents::{Block, Documents, Kind, Section};
use super::figure::{Figure, cell, only, table};
use crate::report::axis::{Axis, duration_steps};
use crate::report::csv::number;
use crate::report::picture::{Frame, NARROW, Picture, fit, width};
use crate::report::uncertainty::shown;
use crate::report::value::{Unit, duration, portion};
use crate::statistics::Estimate;
use maud::{Markup, html};

const ROW: f64 = 30.0;
/// Rows that are drawn; the table has all.
const MOST: usize = 16;

/// A row: its name, its bars from the middle, and what is said of it.
struct Row {
    name: String,
    told: String,
    bars: Vec<Bar>,
}

/// A bar: its class, its end with the interval, and what is written at the end.
struct Bar {
    class: &'static str,
    end: Estimate,
    label: String,
}

pub(super) fn tornado<'a>(documents: &Documents<'a>) -> Option<Section<'a>> {
    let all = documents.of(Kind::Uncertainty);
    if all.is_empty() {
        return None;
    }
    let body = all.into_iter().flat_map(|it| unknowns(it, documents.room)).collect();
    Some(Section { id: "uncertainty", title: "What is not known", body })
}

/// Both ends of an unknown, as its document calls them, and how they are filled.
const ENDS: [(&str, &str); 2] = [("low", "bar low"), ("high", "bar high")];

fn swing(swing: &At) -> Row {
    let value = |side: &str| shown(swing.key(side).key("value").text());
    let end = |side: &str| swing.key(side).key("lost_seconds_per_year").estimate();
    let bars = ENDS.iter().filter_map(|&(side, class)| Some(Bar { class, end: end(side)?, label: value(side) }));
    let bars: Vec<Bar> = bars.collect();
    let name = swing.key("key").text().to_owned();
    let told: Vec<String> = bars.iter().map(|bar| format!("{} at {}", duration(bar.end.estimate), bar.label)).collect();
    Row { told: format!("{name}: {}", told.join(", ")), name, bars }
}

fn unknowns<'a>(found: &At<'a>, room: usize) -> Vec<Block<'a>> {
    let swings = found.key("tornado").items();
    let rows: Vec<Row> = swings.iter().take(MOST).map(swing).collect();
    let middle = found.path("median.lost_seconds_per_year.estimate").number();
    let end = |swing: &At, side: &str| {
        let at = swing.key(side);
        html! { (shown(at.key("value").text())) ": " (at.key("lost_seconds_per_year").reading(Unit::Duration, "–")) }
    };
    let listed: Vec<Vec<Markup>> = (swings.iter())
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
    let head = ["not known", "lost a year, low", "lost a year, high", "difference"];
    let name = found.path("median.name").text();
    let mut body = vec![Block::Words(html! {
        h3 { (found.key("question").text()) }
        p { (found.key("answer").text()) }
        (table("Downtime a year: luck and ignorance", &["downtime a year", "p5", "median", "p95"], 1, &bands, room))
        p.note { (found.key("draws").counted()) " draws of the inputs." }
    })];
    if !rows.is_empty() {
        let figure = Figure {
            of: name.to_owned(),
            key: ENDS.map(|(side, class)| (class.to_owned(), format!("at the {side} value"))).to_vec(),
            numbers: Some(table("Each unknown", &head, 1, &listed, room)),
            data: swings_data(name, &swings),
            pictures: only(move |width| draw(&rows, middle, "lost time a year, weighted by requests", width)),
            ..Figure::new(
                "tornado",
                format!("{name}: which unknown matters most"),
                "Lost time a year at the 10th and the 90th percentile of what is believed of each, with intervals; all others at their medians, \
                 as the dashed line is.",
            )
        };
        body.push(figure.into());
    }
    body
}

fn swings_data(name: &str, swings: &[At]) -> Vec<Vec<String>> {
    let head = ["architecture", "key", "value", "lost_minutes_per_year", "low", "high"].map(str::to_owned).to_vec();
    let lines = swings.iter().flat_map(|swing| {
        ENDS.map(|(side, _)| {
            let (end, lost) = (swing.key(side), swing.key(side).key("lost_seconds_per_year"));
            let minutes =
                ["estimate", "low", "high"].map(|key| lost.key(key).number().map(|seconds| number(seconds / 60.0)));
            let about = [name, swing.key("key").text(), end.key("value").text()].map(str::to_owned);
            about.into_iter().chain(minutes.map(Option::unwrap_or_default)).collect()
        })
    });
    std::iter::once(head).chain(lines).collect()
}

pub(super) fn importance<'a>(documents: &Documents<'a>) -> Option<Section<'a>> {
    let all = documents.of(Kind::Importance);
    if all.is_empty() {
        return None;
    }
    let body = all.into_iter().flat_map(|it| savings(it, documents.room)).collect();
    Some(Section { id: "importance", title: "What to fix first", body })
}

/// "without zone-power", "detection halved".
fn change(saving: &At) -> String {
    match (saving.key("change").text(), saving.key("name").text()) {
        ("halved", name) => format!("{name} halved"),
        (change, name) => format!("{change} {name}"),
    }
}

fn savings<'a>(found: &At<'a>, room: usize) -> Vec<Block<'a>> {
    let all = found.key("savings").items();
    let mut rows: Vec<Row> = (all.iter())
        .filter_map(|it| {
            let end = it.key("saved_seconds_per_year").estimate().filter(|saved| saved.estimate != 0.0)?;
            let (name, label) = (change(it), duration(end.estimate));
            Some(Row { told: format!("{name}: {label} a year"), name, bars: vec![Bar { class: "bar", end, label }] })
        })
        .collect();
    rows.sort_by(|a, b| b.bars[0].end.estimate.total_cmp(&a.bars[0].end.estimate));
    rows.truncate(MOST);
    let listed: Vec<Vec<Markup>> = (all.iter())
        .map(|it| {
            let share = it.key("share");
            let share = share.data(&share.number().map_or_else(|| "–".to_owned(), portion));
            vec![cell(&change(it)), it.key("saved_seconds_per_year").reading(Unit::Duration, "–"), share]
        })
        .collect();
    let numbers = table("Every change", &["change", "gives back a year", "share"], 1, &listed, room);
    let mut body = vec![Block::Words(html! {
        h3 { (found.key("question").text()) }
        p { (found.key("answer").text()) }
    })];
    if rows.is_empty() {
        body.push(numbers.into());
        return body;
    }
    let name = found.path("architecture.name").text();
    let head = ["architecture", "change", "saved_seconds_per_year", "low", "high", "share"].map(str::to_owned).to_vec();
    let lines = all.iter().map(|it| {
        let about = [name.to_owned(), change(it)].into_iter();
        about.chain(it.key("saved_seconds_per_year").exact_interval()).chain([it.key("share").exact()]).collect()
    });
    let figure = Figure {
        of: name.to_owned(),
        numbers: Some(numbers),
        data: std::iter::once(head).chain(lines).collect(),
        pictures: only(move |width| draw(&rows, None, "given back a year", width)),
        ..Figure::new(
            "importance",
            format!("{name}: what each cause, and half of each stage, would give back"),
            "Lost time a year that would not be lost, with intervals. Savings do not add up: losses overlap.",
        )
    };
    body.push(figure.into());
    body
}

fn draw(rows: &[Row], middle: Option<f64>, title: &str, across: f64) -> Picture {
    let narrow = across <= NARROW;
    let row = if narrow { ROW + 14.0 } else { ROW };
    // Two ends of one thing say which value each is of, above the bar.
    let row = if middle.is_some() { row + 12.0 } else { row };
    let mut picture = Picture::new(across, row * rows.len() as f64 + 56.0);
    let names = rows.iter().map(|row| width(&row.name)).fold(0.0, f64::max);
    let left = if narrow { 8.0 } else { names.clamp(60.0, 300.0) + 14.0 };
    let labels = rows.iter().flat_map(|row| &row.bars).map(|bar| width(&bar.label)).fold(0.0, f64::max);
    let right = across - if middle.is_some() { 24.0 } else { labels + 16.0 };
    let frame = Frame { left, right, top: 6.0, bottom: row * rows.len() as f64 + 8.0 };
    let ends = rows.iter().flat_map(|row| &row.bars).flat_map(|bar| [bar.end.low, bar.end.estimate, bar.end.high]);
    let values = ends.chain([middle.unwrap_or(0.0)]).filter(|it| it.is_finite());
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(it), high.max(it)));
    let (bounds, ticks) = duration_steps(low, high);
    let axis = Axis::linear(bounds, (frame.left, frame.right));
    picture.x_axis(frame, &axis, &ticks, title);
    let from = axis.at(middle.unwrap_or(0.0));
    for (place, it) in rows.iter().enumerate() {
        let top = frame.top + row * (place + 1) as f64 - 24.0;
        let y = top + 9.0;
        if narrow {
            picture.text("s label", (frame.left, frame.top + row * place as f64 + 8.0), &fit(&it.name, across - 16.0));
        } else {
            picture.text("e label", (frame.left - 10.0, y), &fit(&it.name, left - 14.0));
        }
        picture.group("part", &it.told, |picture| {
            for bar in &it.bars {
                let to = axis.at(bar.end.estimate);
                picture.rect(bar.class, (from.min(to), top), ((to - from).abs(), 18.0));
                let (low, high) = (axis.at(bar.end.low), axis.at(bar.end.high));
                picture.whisker((low, y), (high, y));
                if middle.is_none() {
                    picture.text("s value", (to.max(high) + 6.0, y), &bar.label);
                    continue;
                }
                // Outwards of its end, unless that is where the picture ends.
                let room = width(&bar.label);
                let left = to <= from && to - room > frame.left || to + room > across;
                let class = if left { "e tick" } else { "s tick" };
                if !narrow {
                    picture.text(class, (to, top - 8.0), &bar.label);
                }
            }
        });
    }
    if let Some(middle) = middle {
        picture.line("limit", (axis.at(middle), frame.top), (axis.at(middle), frame.bottom));
    }
    picture
}

//! The timeline of an incident: what was served, above a lane for everything that changed.

use super::at::At;
use super::documents::{Block, Documents, Kind, Section};
use super::figure::{Figure, cell, only, table};
use crate::report::axis::Axis;
use crate::report::picture::{Frame, NARROW, Picture, fit};
use crate::report::value::{duration, portion};
use crate::study::STAGES;
use maud::{Markup, html};

/// Height of a lane, and of the curve above the lanes.
const LANE: f64 = 26.0;
const CURVE: f64 = 90.0;
/// Fillings of what a lane is like, one after the other.
const SHADES: usize = 6;

pub(super) fn section<'a>(documents: &Documents<'a>) -> Option<Section<'a>> {
    let stories = documents.of(Kind::Story);
    if stories.is_empty() {
        return None;
    }
    let body = stories.into_iter().flat_map(|story| one(story, documents.room)).collect();
    Some(Section { id: "incident", title: "Timeline of an incident", body })
}

fn one<'a>(story: &At<'a>, room: usize) -> [Block<'a>; 3] {
    let rows: Vec<Vec<Markup>> = (story.key("timeline").items().iter().enumerate())
        .filter(|(place, beat)| *place == 0 || !beat.key("changes").items().is_empty())
        .map(|(_, beat)| {
            let (after, served) = (beat.key("after_seconds"), beat.key("served"));
            let changes = beat.key("changes").items();
            vec![
                after.data(&duration(after.number().unwrap_or(0.0))),
                html! {
                    @if changes.is_empty() { "it begins" }
                    @for (place, change) in changes.iter().enumerate() {
                        @if place > 0 { br; }
                        (change.key("what").text()) ": " (change.key("now").text())
                    }
                },
                served.data(&portion(served.number().unwrap_or(0.0))),
                cell(beat.key("stage").text()),
            ]
        })
        .collect();
    let name = story.key("architecture").text();
    let drawn = story.clone();
    let figure = Figure {
        of: name.to_owned(),
        pictures: only(move |width| draw(&drawn, width)),
        numbers: Some(table("What happened", &["after", "what happens", "served", "stage"], 4, &rows, room)),
        data: data(name, story),
        ..Figure::new(
            "explain",
            story.key("question").text(),
            "What was served over time, and below it a lane for everything that changed; what is as it should be is not filled.",
        )
    };
    let (lasted, lost) = (story.key("recovery_time_seconds"), story.key("lost_seconds"));
    let before = html! {
        h3 { (name) }
        p { (story.key("answer").text()) }
        p.note {
            "Recovery time " (lasted.data(&duration(lasted.number().unwrap_or(0.0)))) "; lost "
            (lost.data(&duration(lost.number().unwrap_or(0.0)))) ":"
            @for stage in STAGES {
                @let at = story.key("stages").key(&format!("{stage}_seconds"));
                @if at.number() > Some(0.0) { " " (stage) " " (at.data(&duration(at.number().unwrap_or(0.0)))) }
            }
        }
    };
    let after = html! {
        @for remedy in story.key("remedies").texts() { p { strong { "What would have shortened it: " } (remedy) "." } }
    };
    [before.into(), figure.into(), after.into()]
}

/// A line for each change, and for each moment at which only what is served changes.
fn data(name: &str, story: &At) -> Vec<Vec<String>> {
    let head = ["architecture", "after_seconds", "served", "stage", "what", "now"].map(str::to_owned).to_vec();
    let lines = story.key("timeline").items().into_iter().flat_map(|beat| {
        let about = ["after_seconds", "served", "stage"].map(|key| beat.key(key).exact());
        let changes = beat.key("changes").items();
        let told = changes.iter().map(|change| [change.key("what").exact(), change.key("now").exact()]);
        let told: Vec<[String; 2]> = if changes.is_empty() { vec![Default::default()] } else { told.collect() };
        told.into_iter().map(move |told| [name.to_owned()].into_iter().chain(about.clone()).chain(told).collect())
    });
    std::iter::once(head).chain(lines).collect()
}

fn draw(story: &At, across: f64) -> Picture {
    let narrow = across <= NARROW;
    let beats = story.key("timeline").items();
    let mut lanes: Vec<&str> = Vec::new();
    for change in beats.iter().flat_map(|beat| beat.key("changes").items()) {
        let what = change.key("what").text();
        if !lanes.contains(&what) {
            lanes.push(what);
        }
    }
    let lane = if narrow { LANE + 16.0 } else { LANE };
    let top = 30.0;
    let mut picture = Picture::new(across, top + CURVE + 24.0 + lane * lanes.len() as f64 + 46.0);
    let left = if narrow { 46.0 } else { 230.0 };
    let frame = Frame { left, right: across - 16.0, top, bottom: picture.height - 46.0 };
    let end = story.key("recovery_time_seconds").number().unwrap_or(0.0).max(1e-9);
    let x = Axis::linear((0.0, end), (frame.left, frame.right));
    let parts = if narrow { 2 } else { 4 };
    let ticks: Vec<(f64, String)> = (0..=parts)
        .map(|part| end * f64::from(part) / f64::from(parts))
        .map(|at| (at, if at == 0.0 { "0".to_owned() } else { duration(at) }))
        .collect();
    picture.x_axis(frame, &x, &ticks, "since it began");
    curve(&mut picture, &beats, end, &x, top);
    for (row, what) in lanes.iter().enumerate() {
        let top = top + CURVE + 24.0 + lane * row as f64;
        let (at, start) = if narrow {
            (("s label", (2.0, top + 8.0)), top + 16.0)
        } else {
            (("e label", (left - 10.0, top + 13.0)), top)
        };
        picture.text(at.0, at.1, &fit(what, if narrow { across - 4.0 } else { left - 16.0 }));
        fill(&mut picture, &beats, what, start, end, &x);
        picture.line("grid", (if narrow { 0.0 } else { frame.left }, top + lane), (frame.right, top + lane));
    }
    picture
}

fn curve(picture: &mut Picture, beats: &[At], end: f64, x: &Axis, top: f64) {
    let y = Axis::linear((0.0, 1.0), (top + CURVE, top));
    for (share, label) in [(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")] {
        picture.text("e tick", (x.at(0.0) - 6.0, y.at(share)), label);
        picture.line("grid", (x.at(0.0), y.at(share)), (x.at(end), y.at(share)));
    }
    picture.text("s title", (2.0, 10.0), "served");
    let (mut stairs, mut tips) = (Vec::new(), Vec::new());
    for (place, beat) in beats.iter().enumerate() {
        let after = beat.key("after_seconds").number().unwrap_or(0.0);
        let until = beats.get(place + 1).and_then(|next| next.key("after_seconds").number()).unwrap_or(end);
        let served = beat.key("served").number().unwrap_or(0.0);
        stairs.extend([(x.at(after), y.at(served)), (x.at(until), y.at(served))]);
        tips.extend([format!("after {}: {} served", duration(after), portion(served)), String::new()]);
    }
    picture.group("series k0", "served", |picture| picture.polyline("curve", &stairs, Some(&tips)));
}

/// What a thing is like, from each of its changes to the next.
fn fill(picture: &mut Picture, beats: &[At], what: &str, top: f64, end: f64, x: &Axis) {
    let mut states: Vec<(f64, &str)> = Vec::new();
    for beat in beats {
        for change in beat.key("changes").items().iter().filter(|change| change.key("what").text() == what) {
            states.push((beat.key("after_seconds").number().unwrap_or(0.0), change.key("now").text()));
        }
    }
    // What changes at the very end has no length.
    for (number, (after, now)) in states.iter().enumerate().filter(|(_, (after, _))| *after < end) {
        let until = states.get(number + 1).map_or(end, |(next, _)| *next);
        let (from, to) = (x.at(*after), x.at(until));
        let well = matches!(*now, "up" | "healthy" | "answers" | "served by the primary");
        let class = if well { "state well".to_owned() } else { format!("state u{}", number % SHADES) };
        let told = format!("{what}: {now}, after {}", duration(*after));
        picture.group("part", &told, |picture| {
            picture.rect(&class, (from, top + 4.0), ((to - from).max(2.0), LANE - 8.0));
            if to - from > 50.0 {
                picture.text(
                    if well { "s state" } else { "s state on" },
                    (from + 5.0, top + LANE / 2.0),
                    &fit(now, to - from - 10.0),
                );
            }
        });
    }
}

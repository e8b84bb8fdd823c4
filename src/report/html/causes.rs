//! Lost time by cause and by stage: a waterfall for each architecture, whose bars add up to all that is lost.

mod shares;

use super::at::At;
use super::documents::{Block, Documents, Section};
use super::figure::{Figure, cell, only, table};
use crate::report::axis::{Axis, linear_duration_ticks};
use crate::report::picture::{Frame, NARROW, Picture, fit, width};
use crate::report::value::{Unit, duration, portion};
use crate::study::STAGES;
use maud::Markup;

/// Causes with a bar of their own.
const MOST: usize = 9;
const ROW: f64 = 26.0;

pub(super) fn section<'a>(documents: &Documents<'a>) -> Option<Section<'a>> {
    let architectures: Vec<At> =
        documents.architectures().into_iter().filter(|it| !it.key("attribution").items().is_empty()).collect();
    if architectures.is_empty() {
        return None;
    }
    let waterfalls = architectures.iter().map(|architecture| waterfall(architecture, documents.room));
    let body = [shares::figure(&architectures)].into_iter().chain(waterfalls).map(Block::from).collect();
    Some(Section { id: "causes", title: "Where the lost time goes", body })
}

/// What the fillings of the stages mean.
fn stage_key() -> Vec<(String, String)> {
    STAGES.iter().enumerate().map(|(place, stage)| (format!("stage t{place}"), (*stage).to_owned())).collect()
}

/// A bar: what it is, and its seconds by stage.
struct Bar<'a> {
    name: String,
    stages: [f64; 5],
    lost: f64,
    about: Option<At<'a>>,
}

fn bars<'a>(architecture: &At<'a>) -> Vec<Bar<'a>> {
    let seconds = |at: &At, stage: &str| at.path("stages").key(stage).number().unwrap_or(0.0);
    let mut bars: Vec<Bar> = Vec::new();
    for at in architecture.key("attribution").items() {
        let stages = STAGES.map(|stage| seconds(&at, stage));
        let lost = at.path("lost_seconds_per_year.estimate").number().unwrap_or(0.0);
        if bars.len() < MOST {
            bars.push(Bar { name: at.key("cause").text().to_owned(), stages, lost, about: Some(at) });
        } else if let Some(rest) = bars.get_mut(MOST) {
            rest.stages.iter_mut().zip(stages).for_each(|(sum, seconds)| *sum += seconds);
            rest.lost += lost;
        } else {
            bars.push(Bar { name: "all others".to_owned(), stages, lost, about: None });
        }
    }
    let lost = architecture.path("lost_seconds_per_year.estimate").number().unwrap_or(0.0);
    let stages = STAGES.map(|stage| seconds(architecture, stage));
    bars.push(Bar { name: "all causes".to_owned(), stages, lost, about: Some(architecture.clone()) });
    bars
}

fn waterfall<'a>(architecture: &At<'a>, room: usize) -> Figure<'a> {
    let name = architecture.key("name").text();
    let bars = bars(architecture);
    let row = |title: &str, at: &At, share: Markup| {
        let mut row = vec![cell(title), at.key("lost_seconds_per_year").reading(Unit::Duration, "–"), share];
        row.extend(STAGES.map(|stage| {
            let seconds = at.key("stages").key(stage);
            seconds.data(&seconds.number().map_or_else(|| "–".to_owned(), duration))
        }));
        row
    };
    let mut rows: Vec<Vec<Markup>> = (architecture.key("attribution").items().iter())
        .take(room)
        .map(|at| {
            let share = at.key("share");
            row(at.key("cause").text(), at, share.data(&portion(share.number().unwrap_or(0.0))))
        })
        .collect();
    rows.push(row("all causes", architecture, cell("")));
    let head: Vec<&str> = ["cause", "lost a year", "share"].into_iter().chain(STAGES).collect();
    let data = data(name, architecture);
    Figure {
        of: name.to_owned(),
        key: stage_key(),
        pictures: only(move |width| draw(&bars, width)),
        numbers: Some(table(&format!("{name}: lost time a year"), &head, 1, &rows, usize::MAX)),
        data,
        ..Figure::new(
            "waterfall",
            format!("{name}: lost time by cause and stage"),
            "Each bar begins where the one above ends; the last is their sum. Lines: intervals.",
        )
    }
}

fn data(name: &str, architecture: &At) -> Vec<Vec<String>> {
    let head = ["architecture", "cause", "lost_seconds_per_year", "low", "high"].map(str::to_owned);
    let head: Vec<String> = head.into_iter().chain(STAGES.map(|stage| format!("{stage}_seconds"))).collect();
    let line = |cause: &str, at: &At| -> Vec<String> {
        let about = [name.to_owned(), cause.to_owned()].into_iter();
        let lost = at.key("lost_seconds_per_year").exact_interval();
        about.chain(lost).chain(STAGES.map(|stage| at.path("stages").key(stage).exact())).collect()
    };
    let causes = architecture.key("attribution").items();
    let causes = causes.iter().map(|at| line(at.key("cause").text(), at));
    [head].into_iter().chain(causes).chain([line("all causes", architecture)]).collect()
}

fn draw(bars: &[Bar], across: f64) -> Picture {
    let narrow = across <= NARROW;
    let row = if narrow { ROW + 16.0 } else { ROW };
    let mut picture = Picture::new(across, row * bars.len() as f64 + 54.0);
    let names = bars.iter().map(|bar| width(&bar.name)).fold(0.0, f64::max);
    let left = if narrow { 8.0 } else { names.clamp(60.0, 210.0) + 14.0 };
    let frame = Frame { left, right: across - 84.0, top: 4.0, bottom: row * bars.len() as f64 + 6.0 };
    let most = bars.last().map_or(0.0, |all| {
        let high = all.about.as_ref().and_then(|at| at.path("lost_seconds_per_year.high").number());
        high.unwrap_or(all.lost).max(all.lost)
    });
    let (most, ticks) = linear_duration_ticks(most);
    let axis = Axis::linear((0.0, most), (frame.left, frame.right));
    picture.x_axis(frame, &axis, &ticks, "lost time a year, weighted by requests");
    let mut before = 0.0;
    for (place, bar) in bars.iter().enumerate() {
        let is_sum = place + 1 == bars.len();
        let start = if is_sum { 0.0 } else { before };
        let mut from = start;
        let top = frame.top + row * place as f64 + if narrow { 19.0 } else { 4.0 };
        if narrow {
            picture.text("s label", (frame.left, top - 8.0), &fit(&bar.name, across - 16.0));
        } else {
            picture.text("e label", (frame.left - 10.0, top + 8.0), &fit(&bar.name, left - 14.0));
        }
        for (number, (stage, seconds)) in STAGES.iter().zip(bar.stages).enumerate().filter(|(_, (_, it))| *it > 0.0) {
            let (left, right) = (axis.at(from), axis.at(from + seconds));
            picture.group("part", &format!("{}, {stage}: {} a year", bar.name, duration(seconds)), |picture| {
                picture.rect(&format!("stage t{number}"), (left, top), (right - left, 16.0));
            });
            from += seconds;
        }
        if let Some(at) = &bar.about {
            let lost = at.path("lost_seconds_per_year.estimate");
            picture.datum(&format!("{}: {} a year", bar.name, duration(bar.lost)), lost.address(), |picture| {
                let mut end = axis.at(from);
                if let Some(it) = at.key("lost_seconds_per_year").estimate().filter(|it| it.high.is_finite()) {
                    let (low, high) = (axis.at(start + it.low), axis.at(start + it.high));
                    picture.group("part", "", |picture| picture.whisker((low, top + 8.0), (high, top + 8.0)));
                    end = end.max(high);
                }
                picture.text("s value", (end + 6.0, top + 8.0), &duration(bar.lost));
            });
        }
        if !is_sum {
            picture.line("link", (axis.at(from), top + 16.0), (axis.at(from), top + row));
            before = from;
        }
    }
    picture
}

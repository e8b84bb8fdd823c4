//! Lost time by cause and by stage: a waterfall for each architecture, whose bars add up to all that is lost.

use super::at::At;
use super::documents::{Documents, Section};
use super::figure::{Figure, cell, only, table};
use super::svg::{Frame, NARROW, Svg, fit, width};
use crate::report::chart::axis::{Axis, linear_duration_ticks};
use crate::report::value::{Unit, duration, portion};
use crate::study::STAGES;
use maud::{Markup, html};

/// Causes with a bar of their own.
const MOST: usize = 9;
const ROW: f64 = 26.0;

pub(super) fn section(documents: &Documents) -> Option<Section> {
    let architectures: Vec<At> =
        documents.architectures().into_iter().filter(|it| !it.key("attribution").items().is_empty()).collect();
    if architectures.is_empty() {
        return None;
    }
    let body = html! {
        (stage_key())
        @for architecture in &architectures { (figure(architecture, documents.room)) }
    };
    Some(Section { id: "causes", title: "Where the lost time goes", body })
}

/// What the fillings mean.
pub(super) fn stage_key() -> Markup {
    html! {
        ul.key aria-label="stages of a recovery" {
            @for (place, stage) in STAGES.iter().enumerate() { li { (swatch(place)) (stage) } }
        }
    }
}

fn swatch(stage: usize) -> Markup {
    let mut svg = Svg::new(22.0, 12.0);
    svg.rect(&format!("stage t{stage}"), (0.0, 0.0), (22.0, 12.0));
    html! { span aria-hidden="true" { (svg.finish("")) } }
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

fn figure(architecture: &At, room: usize) -> Markup {
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
    let figure = Figure {
        name: format!("{name}: lost time by cause and stage"),
        caption: "Each bar begins where the one above ends; the last is their sum.".to_owned(),
        legend: Vec::new(),
        pictures: only(|width| draw(&bars, width)),
        numbers: table(&format!("{name}: lost time a year"), &head, 1, &rows, usize::MAX),
    };
    figure.markup()
}

fn draw(bars: &[Bar], across: f64) -> Svg {
    let narrow = across <= NARROW;
    let row = if narrow { ROW + 16.0 } else { ROW };
    let mut svg = Svg::new(across, row * bars.len() as f64 + 54.0);
    let names = bars.iter().map(|bar| width(&bar.name)).fold(0.0, f64::max);
    let left = if narrow { 8.0 } else { names.clamp(60.0, 210.0) + 14.0 };
    let frame = Frame { left, right: across - 78.0, top: 4.0, bottom: row * bars.len() as f64 + 6.0 };
    let most = bars.last().map_or(0.0, |all| all.lost);
    let (most, ticks) = linear_duration_ticks(most);
    let axis = Axis::linear((0.0, most), (frame.left, frame.right));
    svg.x_axis(frame, &axis, &ticks, "lost time a year, weighted by requests");
    let mut before = 0.0;
    for (place, bar) in bars.iter().enumerate() {
        let is_sum = place + 1 == bars.len();
        let mut from = if is_sum { 0.0 } else { before };
        let top = frame.top + row * place as f64 + if narrow { 19.0 } else { 4.0 };
        if narrow {
            svg.text("s label", (frame.left, top - 8.0), &fit(&bar.name, across - 16.0));
        } else {
            svg.text("e label", (frame.left - 10.0, top + 8.0), &fit(&bar.name, left - 14.0));
        }
        for (number, (stage, seconds)) in STAGES.iter().zip(bar.stages).enumerate().filter(|(_, (_, it))| *it > 0.0) {
            let (start, end) = (axis.at(from), axis.at(from + seconds));
            svg.group("part", &format!("{}, {stage}: {} a year", bar.name, duration(seconds)), |svg| {
                svg.rect(&format!("stage t{number}"), (start, top), (end - start, 16.0));
            });
            from += seconds;
        }
        if let Some(at) = &bar.about {
            let lost = at.path("lost_seconds_per_year.estimate");
            svg.datum(&format!("{}: {} a year", bar.name, duration(bar.lost)), &lost, |svg| {
                svg.text("s value", (axis.at(from) + 6.0, top + 8.0), &duration(bar.lost));
            });
        }
        if !is_sum {
            svg.line("link", (axis.at(from), top + 16.0), (axis.at(from), top + row));
            before = from;
        }
    }
    svg
}

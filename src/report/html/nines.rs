//! Nines of the architectures: a dot and its interval for each, with the availability that is asked for.

use super::at::At;
use super::documents::{Documents, Section};
use super::figure::{Figure, cell, class, only, table};
use super::overview::{nines as reading, objective};
use crate::report::axis::{Axis, number_ticks};
use crate::report::metric::YEAR;
use crate::report::picture::{Frame, NARROW, Picture, fit, width};
use crate::report::value::{Glyphs, Reading, duration};
use crate::study::OpenEstimate;
use crate::units::format_percent_availability;
use maud::Markup;

/// Height of a row.
const ROW: f64 = 48.0;
/// Shortest stretch of the axis: one narrow interval is not to fill the picture.
const LEAST: f64 = 0.2;

pub(super) fn section<'a>(documents: &Documents<'a>) -> Option<Section<'a>> {
    let architectures = documents.architectures();
    let found: Vec<(&str, OpenEstimate, At)> = architectures
        .iter()
        .filter_map(|it| Some((it.key("name").text(), it.key("nines").nines()?, it.key("nines"))))
        .collect();
    if found.is_empty() {
        return None;
    }
    let rows: Vec<Vec<Markup>> =
        architectures.iter().map(|it| vec![cell(it.key("name").text()), reading(&it.key("nines"))]).collect();
    let head = ["architecture", "nines", "low", "high", "level", "method"].map(str::to_owned).to_vec();
    let lines = found.iter().map(|(name, _, at)| {
        let exact = ["estimate", "low", "high", "level", "method"].map(|key| at.key(key).exact());
        [(*name).to_owned()].into_iter().chain(exact).collect()
    });
    let data = std::iter::once(head).chain(lines).collect();
    let asked = asked(&architectures);
    let figure = Figure {
        pictures: only(move |width| draw(&found, &asked, width)),
        numbers: Some(table("Nines", &["architecture", "nines"], 1, &rows, documents.room)),
        data,
        ..Figure::new(
            "nines",
            "Availability in nines: further right is better",
            "-log10 of the share of requests that is lost: a mark with its interval; an arrow: no loss was seen, and nothing bounds it above. \
             Below: the availability that it means, and the time lost a year.",
        )
    };
    Some(Section::of("nines", "Nines", figure))
}

/// The availabilities that are asked for, as nines with what to say of them, each once.
fn asked(architectures: &[At]) -> Vec<(f64, String)> {
    let mut asked: Vec<(f64, String)> = Vec::new();
    for at in architectures.iter().flat_map(|it| it.key("objectives").items()) {
        let it = objective(&at);
        let nines = -libm::log10(1.0 - it.limit);
        if it.metric == "availability" && nines.is_finite() && asked.iter().all(|(other, _)| *other != nines) {
            asked.push((nines, format!("objective {}", format_percent_availability(1.0 - it.limit))));
        }
    }
    asked.truncate(2);
    asked
}

fn draw(found: &[(&str, OpenEstimate, At)], asked: &[(f64, String)], across: f64) -> Picture {
    let narrow = across <= NARROW;
    let row = if narrow { ROW + 16.0 } else { ROW };
    let top = 6.0 + 20.0 * asked.len() as f64;
    let mut picture = Picture::new(across, top + row * found.len() as f64 + 84.0);
    let names = found.iter().map(|(name, ..)| width(name)).fold(0.0, f64::max);
    let left = if narrow { 8.0 } else { names.clamp(60.0, 240.0) + 14.0 };
    let frame = Frame { left, right: across - 18.0, top, bottom: top + row * found.len() as f64 };
    let ends = |it: &OpenEstimate| [Some(it.low), it.estimate, it.high];
    let values = found.iter().flat_map(|(_, it, _)| ends(it)).flatten().chain(asked.iter().map(|(nines, _)| *nines));
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(it), high.max(it)));
    // An arrow needs room to point into.
    let open = found.iter().any(|(_, it, _)| it.high.is_none());
    let high = if open { high + ((high - low) * 0.25).max(0.5) } else { high.max(low + LEAST) };
    let (bounds, ticks) = number_ticks(low, high);
    let axis = Axis::linear(bounds, (frame.left, frame.right));
    let ticks: Vec<(f64, String)> = ticks
        .into_iter()
        .map(|(nines, label)| {
            let lost = libm::pow(10.0, -nines);
            (nines, format!("{label}\n{}\n{}", format_percent_availability(lost), duration(lost * YEAR)))
        })
        .collect();
    picture.x_axis(frame, &axis, &ticks, "nines; availability; time lost a year");
    for (place, (nines, text)) in asked.iter().enumerate() {
        picture.limit(frame, axis.at(*nines), place, text);
    }
    for (place, (name, it, at)) in found.iter().enumerate() {
        let top = frame.top + row * place as f64;
        let y = top + row - 16.0;
        if narrow {
            picture.text("s label", (frame.left, top + 12.0), &fit(name, across - 16.0));
        } else {
            picture.text("e label", (frame.left - 10.0, y), &fit(name, left - 14.0));
        }
        let reading = Reading::of_nines(it, Glyphs::UNICODE).line();
        picture.group(&class(place), &format!("{name}: {reading} nines"), |picture| {
            let to = it.high.filter(|high| high.is_finite());
            picture.whisker((axis.at(it.low), y), (to.map_or(frame.right, |high| axis.at(high)), y));
            if to.is_none() {
                let tip = frame.right;
                picture.polyline("arrow", &[(tip - 6.0, y - 5.0), (tip + 2.0, y), (tip - 6.0, y + 5.0)], None);
            }
            if let Some(estimate) = it.estimate {
                let told = format!("{name}: {estimate:.2} nines");
                picture
                    .datum(&told, at.key("estimate").address(), |picture| picture.mark(place, (axis.at(estimate), y)));
            }
            let half = width(&reading) / 2.0;
            let middle = axis.at(it.estimate.unwrap_or(it.low)).max(frame.left + half + 2.0).min(frame.right - half);
            picture.text("m value", (middle, y - 16.0), &reading);
        });
    }
    picture
}

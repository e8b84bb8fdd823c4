//! Nines of the architectures: a dot and its interval for each.

use super::at::At;
use super::documents::{Documents, Section};
use super::figure::{Figure, cell, class, only, table};
use super::overview::nines as reading;
use super::svg::{Frame, NARROW, Svg, fit, width};
use crate::report::chart::axis::{Axis, number_ticks};
use crate::report::value::{Glyphs, Reading};
use crate::study::OpenEstimate;
use maud::Markup;

/// Height of a row.
const ROW: f64 = 34.0;

pub(super) fn section(documents: &Documents) -> Option<Section> {
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
    let figure = Figure {
        name: "Nines of each architecture".to_owned(),
        caption: "-log10 of the share of requests that is lost, with its interval; an arrow: no loss was seen, and nothing bounds it above."
            .to_owned(),
        legend: Vec::new(),
        pictures: only(|width| draw(&found, width)),
        numbers: table("Nines", &["architecture", "nines"], 1, &rows, documents.room),
    };
    Some(Section { id: "nines", title: "Nines", body: figure.markup() })
}

fn draw(found: &[(&str, OpenEstimate, At)], across: f64) -> Svg {
    let narrow = across <= NARROW;
    let row = if narrow { ROW + 16.0 } else { ROW };
    let mut svg = Svg::new(across, row * found.len() as f64 + 56.0);
    let names = found.iter().map(|(name, ..)| width(name)).fold(0.0, f64::max);
    let left = if narrow { 8.0 } else { names.clamp(60.0, 240.0) + 14.0 };
    let frame = Frame { left, right: across - 18.0, top: 6.0, bottom: row * found.len() as f64 + 6.0 };
    let ends = |it: &OpenEstimate| [Some(it.low), it.estimate, it.high.filter(|high| high.is_finite())];
    let values: Vec<f64> =
        found.iter().flat_map(|(_, it, _)| ends(it)).flatten().filter(|value| value.is_finite()).collect();
    let (low, high) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(*it), high.max(*it)));
    let (bounds, ticks) = number_ticks(low, high);
    let axis = Axis::linear(bounds, (frame.left, frame.right));
    svg.x_axis(frame, &axis, &ticks, "nines");
    for (place, (name, it, at)) in found.iter().enumerate() {
        let top = frame.top + row * place as f64;
        let y = if narrow { top + 32.0 } else { top + row / 2.0 };
        if narrow {
            svg.text("s label", (frame.left, top + 12.0), &fit(name, across - 16.0));
        } else {
            svg.text("e label", (frame.left - 10.0, y), &fit(name, left - 14.0));
        }
        let told = format!("{name}: {} nines", Reading::of_nines(it, Glyphs::UNICODE).line());
        svg.group(&class(place), &told, |svg| {
            let to = it.high.filter(|high| high.is_finite());
            svg.whisker((axis.at(it.low), y), (to.map_or(frame.right, |high| axis.at(high)), y));
            if to.is_none() {
                svg.polyline(
                    "arrow",
                    &[(frame.right - 6.0, y - 5.0), (frame.right + 2.0, y), (frame.right - 6.0, y + 5.0)],
                    None,
                );
            }
            if let Some(estimate) = it.estimate {
                let (told, at) = (format!("{name}: {estimate:.2} nines"), at.key("estimate"));
                svg.datum(&told, &at, |svg| svg.mark(place, (axis.at(estimate), y)));
            }
        });
    }
    svg
}

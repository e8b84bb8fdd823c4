//! Nines of each architecture, a dot with its interval.

use super::axis::{Axis, number_ticks};
use super::canvas::{Anchor, Canvas, GRID, Type, WIDTH};
use super::frame::{self, Frame, MARGIN, SMALL, color, whisker};
use super::{Chart, number};
use crate::report::metric::YEAR;
use crate::report::value::{Glyphs, Reading, duration, percent};
use crate::study::Study;
use crate::units::format_percent_availability;

pub(super) fn chart(study: &Study) -> Chart {
    Chart { stem: "nines".to_owned(), canvas: drawn(study), numbers: numbers(study) }
}

fn numbers(study: &Study) -> Vec<Vec<String>> {
    let head = ["architecture", "nines", "low", "high", "level", "method"].map(str::to_owned).to_vec();
    let lines = study.architectures.iter().map(|summary| {
        let nines = &summary.nines;
        vec![
            summary.name.clone(),
            nines.estimate.map(number).unwrap_or_default(),
            number(nines.low),
            nines.high.map(number).unwrap_or_default(),
            number(nines.level),
            nines.method.to_owned(),
        ]
    });
    std::iter::once(head).chain(lines).collect()
}

fn drawn(study: &Study) -> Canvas {
    let rows = study.architectures.len();
    let row_height = 84.0;
    let mut canvas = Canvas::new((290.0 + rows as f64 * row_height).max(700.0));
    let top = frame::heading(
        &mut canvas,
        "Availability in nines: further right is better",
        &format!("Dots are estimates, bars their {} intervals", percent(study.level)),
    );
    let left = MARGIN + frame::names_width(study.architectures.iter().map(|summary| summary.name.as_str())) + 16.0;
    let frame = Frame { left, right: WIDTH - MARGIN - 36.0, top: top + 20.0, bottom: canvas.height() - 130.0 };

    let finite = |value: f64| value.is_finite().then_some(value);
    let bounds: Vec<f64> = study
        .architectures
        .iter()
        .map(|summary| &summary.nines)
        .flat_map(|nines| [nines.estimate, Some(nines.low), nines.high].into_iter().flatten())
        .filter_map(finite)
        .collect();
    let low = bounds.iter().copied().fold(f64::INFINITY, f64::min);
    let high = bounds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let open = study.architectures.iter().any(|summary| summary.nines.high.is_none());
    // An arrow needs room to point into, and one narrow interval is not to fill the picture.
    let high = if open { high + ((high - low) * 0.25).max(0.5) } else { high.max(low + 0.2) };
    let (bounds, ticks) = number_ticks(low, high);
    let axis = Axis::linear(bounds, (frame.left, frame.right));
    let ticks: Vec<_> = ticks
        .into_iter()
        .map(|(value, label)| {
            let lost = libm::pow(10.0, -value);
            (value, format!("{label}\n{}\n{}", format_percent_availability(lost), duration(lost * YEAR)))
        })
        .collect();
    frame::x_axis(&mut canvas, frame, &axis, &ticks, "nines; the availability it means; the time lost a year");

    if rows == 0 {
        frame::nothing(&mut canvas, frame, "Nothing was simulated");
    }
    let step = (frame.bottom - frame.top) / rows.max(1) as f64;
    for (place, summary) in study.architectures.iter().enumerate() {
        let y = frame.top + (place as f64 + 0.5) * step;
        let nines = &summary.nines;
        let color = color(place);
        frame::row_name(&mut canvas, (frame.left - 16.0, y), &summary.name, left - MARGIN - 16.0);
        canvas.line((frame.left, y), (frame.right, y), GRID, 1.0);
        let at = axis.at(nines.estimate.unwrap_or(nines.low));
        let low = (axis.at(nines.low), y);
        match nines.high.and_then(finite) {
            Some(high) => whisker(&mut canvas, low, (axis.at(high), y), color),
            None => {
                let tip = frame.right - 4.0;
                canvas.line(low, (tip - 10.0, y), color, 3.0);
                canvas.fill(vec![(tip, y), (tip - 14.0, y - 8.0), (tip - 14.0, y + 8.0)], color);
            }
        }
        if nines.estimate.is_some() {
            canvas.disc((at, y), 8.0, color);
        } else {
            canvas.line((at, y - 10.0), (at, y + 10.0), color, 3.0);
        }
        let text = match nines.estimate {
            Some(_) => Reading::of_nines(nines, Glyphs::UNICODE).line(),
            None => format!("at least {:.2}, no loss seen", nines.low),
        };
        let how = Type::new(SMALL, Anchor::Middle);
        let half = how.width(&text) * 0.54;
        let x = at.max(frame.left + half).min(frame.right - half);
        canvas.label((x, y - 24.0), &text, how);
    }
    canvas
}

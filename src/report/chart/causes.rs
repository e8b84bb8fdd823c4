//! Lost time by root cause: stacked bars, in time and as shares.

use super::axis::{Axis, linear_duration_ticks, share_ticks};
use super::canvas::{Anchor, Canvas, Color, INK, MUTED, PALETTE, Type, WIDTH};
use super::frame::{self, Frame, MARGIN, SMALL, whisker};
use super::{Chart, number};
use crate::report::value::{Glyphs, Reading, Unit};
use crate::study::{Study, Summary};

/// Causes with a colour of their own; yellow stands in for black, which is the whiskers'.
const COLORS: [Color; 8] =
    [PALETTE[0], PALETTE[4], PALETTE[2], PALETTE[3], PALETTE[5], PALETTE[1], (240, 228, 66), (120, 94, 60)];
/// All other causes.
const OTHER: Color = (187, 187, 187);

pub(super) fn chart(study: &Study) -> Chart {
    let causes = largest(study);
    Chart { stem: "lost-time-by-cause".to_owned(), numbers: numbers(study), canvas: drawn(study, &causes) }
}

/// The causes that lose most over all architectures, each measured by its largest share so that a cause that matters
/// only to a good architecture is not hidden by the losses of a bad one.
fn largest(study: &Study) -> Vec<String> {
    let mut causes: Vec<(String, f64)> = Vec::new();
    for cause in study.architectures.iter().flat_map(|summary| &summary.attribution) {
        match causes.iter_mut().find(|(name, _)| *name == cause.name) {
            Some((_, share)) => *share = share.max(cause.share),
            None => causes.push((cause.name.clone(), cause.share)),
        }
    }
    causes.sort_by(|left, right| right.1.total_cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    causes.truncate(COLORS.len());
    causes.into_iter().map(|(name, _)| name).collect()
}

/// Lost seconds a year of the listed causes, then of all others.
fn parts(summary: &Summary, causes: &[String]) -> Vec<f64> {
    let mut parts = vec![0.0; causes.len() + 1];
    for cause in &summary.attribution {
        let place = causes.iter().position(|name| *name == cause.name).unwrap_or(causes.len());
        parts[place] += cause.lost_seconds_per_year.estimate.max(0.0);
    }
    parts
}

fn numbers(study: &Study) -> Vec<Vec<String>> {
    let head = ["architecture", "cause", "lost_minutes_per_year", "low", "high", "share"].map(str::to_owned).to_vec();
    let lines = study.architectures.iter().flat_map(|summary| {
        summary.attribution.iter().map(|cause| {
            let lost = &cause.lost_seconds_per_year;
            vec![
                summary.name.clone(),
                cause.name.clone(),
                number(lost.estimate / 60.0),
                number(lost.low / 60.0),
                number(lost.high / 60.0),
                number(cause.share),
            ]
        })
    });
    std::iter::once(head).chain(lines).collect()
}

fn drawn(study: &Study, causes: &[String]) -> Canvas {
    let rows = study.architectures.len();
    let mut canvas = Canvas::new((330.0 + rows as f64 * 80.0).max(700.0));
    let top = frame::heading(
        &mut canvas,
        "Lost time by root cause: what to fix first",
        "Left: time lost a year, with the interval of the total. Right: the same as shares of each architecture's own loss",
    );
    let all: Vec<Vec<f64>> = study.architectures.iter().map(|summary| parts(summary, causes)).collect();
    let mut items: Vec<(String, Color)> = causes.iter().cloned().zip(COLORS).collect();
    if all.iter().any(|parts| parts[causes.len()] > 0.0) {
        items.push(("all other causes".to_owned(), OTHER));
    }
    let top = frame::legend(&mut canvas, top, &items);

    let left = MARGIN + frame::names_width(study.architectures.iter().map(|summary| summary.name.as_str())) + 16.0;
    let split = left + (WIDTH - MARGIN - left) * 0.56;
    let time = Frame { left, right: split, top: top + 16.0, bottom: canvas.height() - 90.0 };
    let share = Frame { left: split + 84.0, right: WIDTH - MARGIN, ..time };

    let most = study
        .architectures
        .iter()
        .map(|summary| &summary.lost_seconds_per_year)
        .map(|lost| if lost.high.is_finite() { lost.high.max(lost.estimate) } else { lost.estimate })
        .fold(0.0, f64::max);
    let (most, ticks) = linear_duration_ticks(most);
    let time_axis = Axis::linear((0.0, most), (time.left, time.right));
    let share_axis = Axis::linear((0.0, 1.0), (share.left, share.right));
    frame::x_axis(&mut canvas, time, &time_axis, &ticks, "time lost a year, weighted by requests");
    frame::x_axis(&mut canvas, share, &share_axis, &share_ticks(), "share of the loss");

    let step = (time.bottom - time.top) / rows.max(1) as f64;
    let thickness = (step * 0.42).min(56.0);
    for (place, (summary, parts)) in study.architectures.iter().zip(&all).enumerate() {
        let y = time.top + (place as f64 + 0.5) * step + 8.0;
        frame::row_name(&mut canvas, (time.left - 16.0, y), &summary.name, left - MARGIN - 16.0);
        let total: f64 = parts.iter().sum();
        let lost = &summary.lost_seconds_per_year;
        let label = Reading::of(lost, Unit::Duration, Glyphs::UNICODE).line();
        if total > 0.0 {
            stack(&mut canvas, parts, 1.0, &time_axis, y, thickness);
            stack(&mut canvas, parts, 1.0 / total, &share_axis, y, thickness);
        } else {
            let how = Type::new(SMALL, Anchor::Start).in_color(MUTED);
            canvas.label((share.left + 8.0, y), "no loss seen", how);
        }
        whisker(&mut canvas, (time_axis.at(lost.low), y), (time_axis.at(lost.high), y), INK);
        // Above the bar, where no bar, however long, is in its way.
        canvas.label((time.left + 6.0, y - thickness / 2.0 - 14.0), &label, Type::new(SMALL, Anchor::Start));
    }
    for frame in [time, share] {
        canvas.line((frame.left, frame.top), (frame.left, frame.bottom), INK, 1.3);
    }
    canvas
}

/// The parts of one bar, side by side.
fn stack(canvas: &mut Canvas, parts: &[f64], factor: f64, axis: &Axis, y: f64, thickness: f64) {
    let mut sum = 0.0;
    for (place, part) in parts.iter().enumerate() {
        let from = axis.at(sum * factor);
        sum += part;
        let to = axis.at(sum * factor);
        let color = if place + 1 == parts.len() { OTHER } else { COLORS[place % COLORS.len()] };
        if to - from > 0.3 {
            canvas.rectangle((from, y - thickness / 2.0), (to - from, thickness), color);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn bars_sum_to_the_attribution() {
        let study = sample::study();
        let causes = largest(&study);
        assert_eq!(causes[0], "zone outage");
        let sum: f64 = parts(&study.architectures[0], &causes).iter().sum();
        assert!((sum - 160_000.0).abs() < 1e-6);
        let sum: f64 = parts(&study.architectures[0], &causes[..2]).iter().sum();
        assert!((sum - 160_000.0).abs() < 1e-6, "the rest is in the last part");
    }
}

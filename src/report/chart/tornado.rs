//! A tornado: how far each unknown moves the lost time, the widest on top.

use super::axis::{Axis, linear_duration_ticks};
use super::canvas::{Anchor, Canvas, INK, MUTED, PALETTE, Type, WIDTH};
use super::frame::{self, Frame, MARGIN, SMALL, whisker};
use super::{Chart, number};
use crate::experiment::{Swing, Uncertainty};
use crate::report::uncertainty::shown;

/// Most bars; the file of numbers has them all.
const MOST: usize = 20;

pub(super) fn chart(found: &Uncertainty) -> Chart {
    Chart { stem: "tornado".to_owned(), numbers: numbers(found), canvas: drawn(found) }
}

fn numbers(found: &Uncertainty) -> Vec<Vec<String>> {
    let head = ["architecture", "key", "value", "lost_minutes_per_year", "low", "high"].map(str::to_owned).to_vec();
    let lines = found.tornado.iter().flat_map(|swing| {
        ends(swing).map(|(value, lost)| {
            let minutes = [lost.estimate, lost.low, lost.high].map(|seconds| number(seconds / 60.0));
            let about = [found.median.name.clone(), swing.key.clone(), value.to_owned()];
            about.into_iter().chain(minutes).collect()
        })
    });
    std::iter::once(head).chain(lines).collect()
}

/// Value and loss at the low and at the high end.
fn ends(swing: &Swing) -> [(&str, &crate::statistics::Estimate); 2] {
    let (low, high) = &swing.values;
    [(low, &swing.lost_seconds_per_year.0), (high, &swing.lost_seconds_per_year.1)]
}

fn drawn(found: &Uncertainty) -> Canvas {
    let swings = &found.tornado[..found.tornado.len().min(MOST)];
    let mut canvas = Canvas::new((250.0 + swings.len() as f64 * 64.0).max(420.0));
    let top = frame::heading(
        &mut canvas,
        &format!("{}: which unknown matters most", found.median.name),
        "Lost time a year at the 10th and the 90th percentile of each, all others at their medians; with intervals",
    );
    let items = [("at the low value".to_owned(), PALETTE[0]), ("at the high value".to_owned(), PALETTE[1])];
    let top = frame::legend(&mut canvas, top, &items);
    let left = MARGIN + frame::names_width(swings.iter().map(|swing| swing.key.as_str())) + 16.0;
    let frame = Frame { left, right: WIDTH - MARGIN - 90.0, top: top + 16.0, bottom: canvas.height() - 90.0 };
    if swings.is_empty() {
        frame::nothing(&mut canvas, frame, "nothing is unknown");
        return canvas;
    }
    let most = (swings.iter().flat_map(ends))
        .map(|(_, lost)| if lost.high.is_finite() { lost.high } else { lost.estimate })
        .fold(0.0, f64::max);
    let (most, ticks) = linear_duration_ticks(most);
    let axis = Axis::linear((0.0, most), (frame.left, frame.right));
    frame::x_axis(&mut canvas, frame, &axis, &ticks, "time lost a year, weighted by requests");
    let middle = axis.at(found.median.lost_seconds_per_year.estimate);
    let step = (frame.bottom - frame.top) / swings.len() as f64;
    let thickness = (step * 0.4).min(26.0);
    for (place, swing) in swings.iter().enumerate() {
        let y = frame.top + (place as f64 + 0.5) * step;
        frame::row_name(&mut canvas, (frame.left - 16.0, y), &swing.key, left - MARGIN - 16.0);
        let mut ends: Vec<_> = ends(swing).into_iter().zip(PALETTE).collect();
        ends.sort_by(|one, other| one.0.1.estimate.total_cmp(&other.0.1.estimate));
        for (side, ((value, lost), color)) in ends.into_iter().enumerate() {
            let at = axis.at(lost.estimate);
            canvas.rectangle((at.min(middle), y - thickness / 2.0), ((at - middle).abs(), thickness), color);
            whisker(&mut canvas, (axis.at(lost.low), y), (axis.at(lost.high), y), INK);
            // Outwards of its end, unless the names are there.
            let how = Type::new(SMALL * 0.85, Anchor::Start).in_color(MUTED);
            let (text, height) = (shown(value), y - thickness / 2.0 - 10.0);
            let start = if side == 0 { (at - how.width(&text)).max(frame.left + 4.0) } else { at };
            canvas.text((start, height), text, how);
        }
    }
    canvas.line((middle, frame.top), (middle, frame.bottom), INK, 1.3);
    canvas
}

//! What all charts share: heading, legend, axes and the measures of the page.

use super::axis::{Axis, Tick};
use super::canvas::{Anchor, Canvas, Color, GRID, INK, MUTED, PALETTE, Type, WIDTH};
use crate::report::value::fold;

/// White space at the edges.
pub(super) const MARGIN: f64 = 44.0;
/// Size of the text of axes and labels.
pub(super) const SMALL: f64 = 16.0;
/// Height of a line of that text.
pub(super) const LINE: f64 = 22.0;

/// The part of a picture that holds the data.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// Left edge.
    pub left: f64,
    /// Right edge.
    pub right: f64,
    /// Upper edge.
    pub top: f64,
    /// Lower edge.
    pub bottom: f64,
}

/// The colour of the `place`-th of several things.
pub(super) fn color(place: usize) -> Color {
    PALETTE[place % PALETTE.len()]
}

/// Title and subtitle; returns the height at which they end.
pub(super) fn heading(canvas: &mut Canvas, title: &str, subtitle: &str) -> f64 {
    let large = Type::new(27.0, Anchor::Start).bold();
    canvas.text((MARGIN, 46.0), large.fit(title, WIDTH - 2.0 * MARGIN), large);
    let plain = Type::new(17.0, Anchor::Start).in_color(MUTED);
    canvas.text((MARGIN, 80.0), plain.fit(subtitle, WIDTH - 2.0 * MARGIN), plain);
    100.0
}

/// Names with their colours, in as many lines as they need; returns the height at which they end.
pub(super) fn legend(canvas: &mut Canvas, top: f64, items: &[(String, Color)]) -> f64 {
    let how = Type::new(SMALL, Anchor::Start);
    let (swatch, gap) = (16.0, 30.0);
    let (mut x, mut y) = (MARGIN, top + LINE * 0.75);
    for (name, color) in items {
        let name = how.fit(name, WIDTH - 2.0 * MARGIN - swatch - 8.0);
        // Viewers of an SVG without the font may use a wider one.
        let width = swatch + 8.0 + how.width(&name) * 1.08;
        if x > MARGIN && x + width > WIDTH - MARGIN {
            x = MARGIN;
            y += LINE * 1.15;
        }
        canvas.rectangle((x, y - swatch / 2.0), (swatch, swatch), *color);
        canvas.text((x + swatch + 8.0, y), name, how);
        x += width + gap;
    }
    y + LINE * 0.75
}

/// Vertical grid lines with labels below, each of one or more lines, and the axis title. Labels that would touch the one
/// before are left out.
pub(super) fn x_axis(canvas: &mut Canvas, frame: Frame, axis: &Axis, ticks: &[Tick], title: &str) {
    let how = Type::new(SMALL, Anchor::Middle);
    let mut free_from = f64::NEG_INFINITY;
    let mut lines = 1;
    for (value, label) in ticks.iter().filter(|(value, _)| axis.holds(*value)) {
        let x = axis.at(*value);
        canvas.line((x, frame.top), (x, frame.bottom), GRID, 1.0);
        let half = label.split('\n').map(|line| how.width(line)).fold(0.0, f64::max) / 2.0;
        if x - half < free_from {
            continue;
        }
        free_from = x + half + 12.0;
        canvas.line((x, frame.bottom), (x, frame.bottom + 6.0), INK, 1.0);
        for (place, line) in label.split('\n').enumerate() {
            let how = if place == 0 { how } else { how.in_color(MUTED) };
            canvas.text((x, frame.bottom + 20.0 + place as f64 * LINE), line, how);
            lines = lines.max(place + 1);
        }
    }
    canvas.line((frame.left, frame.bottom), (frame.right, frame.bottom), INK, 1.3);
    let middle = (frame.left + frame.right) / 2.0;
    canvas.text((middle, frame.bottom + 28.0 + lines as f64 * LINE), title, how);
}

/// Horizontal grid lines with labels to the left, and the axis title above. Labels that would touch the one before are
/// left out.
pub(super) fn y_axis(canvas: &mut Canvas, frame: Frame, axis: &Axis, ticks: &[Tick], title: &str) {
    let how = Type::new(SMALL, Anchor::End);
    let mut last = f64::INFINITY;
    for (value, label) in ticks.iter().filter(|(value, _)| axis.holds(*value)) {
        let y = axis.at(*value);
        canvas.line((frame.left, y), (frame.right, y), GRID, 1.0);
        if (y - last).abs() >= LINE {
            canvas.text((frame.left - 10.0, y), label, how);
            last = y;
        }
    }
    canvas.text((MARGIN, frame.top - 26.0), title, Type::new(SMALL, Anchor::Start));
}

/// How the names of rows are written.
const ROW_NAME: Type = Type::new(18.0, Anchor::End);

/// Room that the names of rows take to the left of the data.
pub(super) fn names_width<'a>(names: impl Iterator<Item = &'a str>) -> f64 {
    // Some more than they measure, for viewers of an SVG without the font.
    names.map(|name| ROW_NAME.width(name) * 1.08).fold(0.0, f64::max).clamp(60.0, 250.0)
}

/// The name of a row, in two lines if one has no room for it.
pub(super) fn row_name(canvas: &mut Canvas, (x, y): (f64, f64), name: &str, room: f64) {
    if ROW_NAME.width(name) <= room {
        canvas.text((x, y), name, ROW_NAME);
        return;
    }
    let letters = ROW_NAME.fit(name, room).chars().count().saturating_sub(1);
    let lines = fold(name, letters);
    let first = lines.first().map_or("", String::as_str);
    let rest = name.get(first.len()..).unwrap_or("").trim_start();
    canvas.text((x, y - LINE / 2.0), first, ROW_NAME);
    canvas.text((x, y + LINE / 2.0), ROW_NAME.fit(rest, room), ROW_NAME);
}

/// A sentence in the middle, where there is nothing to draw.
pub(super) fn nothing(canvas: &mut Canvas, frame: Frame, sentence: &str) {
    let how = Type::new(20.0, Anchor::Middle).in_color(MUTED);
    let middle = ((frame.left + frame.right) / 2.0, (frame.top + frame.bottom) / 2.0);
    canvas.label(middle, &how.fit(sentence, frame.right - frame.left - 20.0), how);
}

/// A line across with a small bar at each end: an interval.
pub(super) fn whisker(canvas: &mut Canvas, from: (f64, f64), to: (f64, f64), color: Color) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = libm::hypot(dx, dy);
    if length < 1.0 {
        return;
    }
    let (across, along) = (6.0 * -dy / length, 6.0 * dx / length);
    canvas.line(from, to, color, 2.0);
    for end in [from, to] {
        canvas.line((end.0 - across, end.1 - along), (end.0 + across, end.1 + along), color, 2.0);
    }
}

//! The story of an incident: what was served over time, above a lane for everything that changed.

use super::canvas::{Anchor, Canvas, Color, GRID, INK, MUTED, PALETTE, Type, WIDTH};
use crate::report::value::{count, duration};
use crate::study::Explanation;

const LEFT: f64 = 270.0;
const RIGHT: f64 = WIDTH - 40.0;
const TOP: f64 = 96.0;
const CURVE: f64 = 150.0;
const LANE: f64 = 34.0;
/// Shades of what a lane is like, one after the other.
const SHADES: [Color; 6] = [(213, 94, 0), (230, 159, 0), (86, 180, 233), (0, 158, 115), (204, 121, 167), (0, 114, 178)];

/// Draws the story.
pub(super) fn draw(it: &Explanation) -> Canvas {
    let mut lanes: Vec<&str> = Vec::new();
    for change in it.beats.iter().flat_map(|beat| &beat.changes) {
        if !lanes.contains(&change.what.as_str()) {
            lanes.push(&change.what);
        }
    }
    let bottom = TOP + CURVE + 40.0 + LANE * lanes.len() as f64;
    let mut canvas = Canvas::new(bottom + 60.0);
    let end = it.recovery_time.max(1e-9);
    let x = |after: f64| LEFT + (RIGHT - LEFT) * (after / end).clamp(0.0, 1.0);
    let title = format!(
        "{}: {} of {} incidents, {}",
        it.name,
        it.choice,
        count(it.incidents as f64),
        duration(it.recovery_time)
    );
    canvas.text(
        (40.0, 34.0),
        Type::new(26.0, Anchor::Start).fit(&title, WIDTH - 80.0),
        Type::new(26.0, Anchor::Start).bold(),
    );
    let causes = format!(
        "began with {}",
        if it.causes.is_empty() { "too little capacity".to_owned() } else { it.causes.join(" and ") }
    );
    canvas.text((40.0, 66.0), causes, Type::new(17.0, Anchor::Start).in_color(MUTED));
    for part in 0..=4 {
        let after = end * f64::from(part) / 4.0;
        canvas.line((x(after), TOP), (x(after), bottom), GRID, 1.0);
        canvas.text((x(after), bottom + 22.0), duration(after), Type::new(15.0, Anchor::Middle).in_color(MUTED));
    }
    canvas.text((x(end / 2.0), bottom + 46.0), "since it began", Type::new(15.0, Anchor::Middle).in_color(MUTED));
    curve(&mut canvas, it, end, &x);
    for (row, what) in lanes.iter().enumerate() {
        lane(&mut canvas, it, what, TOP + CURVE + 40.0 + LANE * row as f64, end, &x);
    }
    canvas
}

fn curve(canvas: &mut Canvas, it: &Explanation, end: f64, x: &dyn Fn(f64) -> f64) {
    let y = |served: f64| TOP + CURVE * (1.0 - served);
    for (share, text) in [(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")] {
        canvas.line((LEFT, y(share)), (RIGHT, y(share)), GRID, 1.0);
        canvas.text((LEFT - 12.0, y(share)), text, Type::new(15.0, Anchor::End).in_color(MUTED));
    }
    canvas.text((40.0, TOP + CURVE / 2.0), "requests served", Type::new(16.0, Anchor::Start));
    let next = it.beats.iter().skip(1).map(|beat| beat.after_seconds).chain([end]);
    let mut points = Vec::new();
    for (beat, until) in it.beats.iter().zip(next) {
        points.push((x(beat.after_seconds), y(beat.served)));
        points.push((x(until), y(beat.served)));
    }
    let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else { return };
    let mut area = points.clone();
    area.extend([(last.0, y(0.0)), (first.0, y(0.0))]);
    canvas.fill(area, (214, 232, 245));
    canvas.path(points, PALETTE[0], 2.5);
}

/// What one thing was like, as bars from one change to the next.
fn lane(canvas: &mut Canvas, it: &Explanation, what: &str, top: f64, end: f64, x: &dyn Fn(f64) -> f64) {
    let name = Type::new(15.0, Anchor::Start);
    canvas.text((40.0, top + LANE / 2.0), name.fit(what, LEFT - 56.0), name);
    canvas.line((LEFT, top + LANE), (RIGHT, top + LANE), GRID, 1.0);
    let changes: Vec<(f64, &str)> = (it.beats.iter())
        .flat_map(|beat| beat.changes.iter().map(move |change| (beat.after_seconds, change)))
        .filter(|(_, change)| change.what == what)
        .map(|(after, change)| (after, change.now.as_str()))
        .collect();
    let ends = changes.iter().skip(1).map(|(after, _)| *after).chain([end]);
    for (number, ((after, now), until)) in changes.iter().zip(ends).enumerate() {
        let (from, to) = (x(*after), x(until));
        // What is as it should be is not painted.
        let well = matches!(*now, "up" | "healthy" | "answers") || *now == "served by the primary";
        if !well {
            canvas.rectangle((from, top + 6.0), ((to - from).max(2.0), LANE - 12.0), SHADES[number % SHADES.len()]);
        }
        let how = Type::new(13.0, Anchor::Start).in_color(if well { INK } else { (255, 255, 255) });
        if to - from > 60.0 {
            canvas.text((from + 6.0, top + LANE / 2.0), how.fit(now, to - from - 12.0), how);
        }
    }
}

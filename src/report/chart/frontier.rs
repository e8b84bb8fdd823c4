//! The frontier: what each design costs and loses, all of them faint and the best ones named.

use super::axis::{Axis, Tick, duration_bounds, duration_ticks, number_ticks};
use super::canvas::{Anchor, Canvas, Color, INK, MUTED, PALETTE, Type, WIDTH};
use super::frame::{self, Frame, LINE, MARGIN, SMALL, whisker};
use super::{Chart, number};
use crate::report::optimize::Optimization;
use crate::report::value::{count, duration};

/// Colour of designs that were left out.
const FAINT: Color = (190, 190, 190);

/// A dearest design that costs more times the cheapest than this makes the axis logarithmic.
const WIDE: f64 = 12.0;

pub(super) fn chart(found: &Optimization) -> Chart {
    Chart { stem: "frontier".to_owned(), numbers: numbers(found), canvas: drawn(found) }
}

fn numbers(found: &Optimization) -> Vec<Vec<String>> {
    let names = found.dimensions.iter().map(|(name, _)| name.clone());
    let measures = ["cost_per_year", "lost_seconds_per_year", "low", "high", "longest_incident_seconds", "on_frontier"];
    let head = ["architecture".to_owned()].into_iter().chain(names).chain(measures.map(str::to_owned)).collect();
    let lines = found.selection.selected.iter().enumerate().map(|(index, it)| {
        let shown = found.shown.iter().find(|(other, _)| *other == index).map(|(_, summary)| summary);
        let lost = shown.map(|summary| summary.lost_seconds_per_year);
        let interval = lost.map_or([String::new(), String::new()], |lost| [number(lost.low), number(lost.high)]);
        let mut line = vec![found.name.clone()];
        line.extend(found.choices[index].iter().cloned());
        line.push(number(it.cost_per_year));
        line.push(number(lost.map_or(it.lost_seconds_per_year, |lost| lost.estimate)));
        line.extend(interval);
        line.push(number(it.longest_incident_seconds));
        line.push(found.selection.frontier.contains(&index).to_string());
        line
    });
    std::iter::once(head).chain(lines).collect()
}

/// Cost from left to right, lost time upwards. A design in which nothing was lost stands at the bottom.
fn drawn(found: &Optimization) -> Canvas {
    let names = found.shown.len() as f64;
    let mut canvas = Canvas::new(720.0 + names * LINE * 1.1);
    let top = frame::heading(
        &mut canvas,
        &format!("{}: what less lost time costs", found.name),
        "Each dot is a design. Numbered: no cheaper one is as good; with 95 % intervals from histories of their own",
    );
    let items = [
        ("on the frontier".to_owned(), PALETTE[0]),
        ("cheapest that meets the objectives".to_owned(), PALETTE[1]),
        ("left out".to_owned(), FAINT),
    ];
    let items =
        if found.asked && found.cheapest.is_some() { &items[..] } else { &[items[0].clone(), items[2].clone()] };
    let top = frame::legend(&mut canvas, top, items);
    let frame = Frame { left: MARGIN + 74.0, right: WIDTH - MARGIN, top: top + 52.0, bottom: top + 500.0 };
    let costs = || found.selection.selected.iter().map(|it| it.cost_per_year);
    let (x, ticks) = costs_axis(costs().fold(f64::INFINITY, f64::min), costs().fold(0.0, f64::max), frame);
    let of_shown = found.shown.iter().flat_map(|(_, it)| {
        [it.lost_seconds_per_year.low, it.lost_seconds_per_year.estimate, it.lost_seconds_per_year.high]
    });
    let lost = found.selection.selected.iter().map(|it| it.lost_seconds_per_year).chain(of_shown);
    let bounds = duration_bounds(lost.filter(|lost| *lost > 0.0 && lost.is_finite()).map(|lost| lost.max(1e-3)));
    let y = Axis::logarithmic(bounds, (frame.bottom, frame.top));
    frame::y_axis(&mut canvas, frame, &y, &duration_ticks(bounds), "time lost a year, weighted by requests");
    frame::x_axis(&mut canvas, frame, &x, &ticks, &format!("{} a year", found.currency));
    for it in &found.selection.selected {
        canvas.disc((x.at(it.cost_per_year), y.at(it.lost_seconds_per_year)), 2.5, FAINT);
    }
    let at = |place: usize| {
        let (index, it) = &found.shown[place];
        (x.at(found.selection.selected[*index].cost_per_year), y.at(it.lost_seconds_per_year.estimate))
    };
    // On paper only lost time counts: what is there for its shorter incidents alone stands beside the line.
    let mut steps: Vec<(f64, f64)> = Vec::new();
    for (left, height) in (0..found.shown.len()).map(at) {
        match steps.last() {
            Some(last) if height <= last.1 => {}
            Some(last) => steps.extend([(left, last.1), (left, height)]),
            None => steps.push((left, height)),
        }
    }
    canvas.path(steps, PALETTE[0], 1.2);
    let mut row = frame.bottom + 86.0;
    for (place, (index, it)) in found.shown.iter().enumerate() {
        let best = found.asked && found.cheapest == Some(*index);
        let color = if best { PALETTE[1] } else { PALETTE[0] };
        let (left, height) = at(place);
        let lost = it.lost_seconds_per_year;
        whisker(&mut canvas, (left, y.at(lost.low)), (left, y.at(lost.high)), color);
        canvas.disc((left, height), 7.0, color);
        canvas.label((left, height - 18.0), &(place + 1).to_string(), Type::new(SMALL, Anchor::Middle).bold());
        let cost = count(found.selection.selected[*index].cost_per_year.round());
        let line = format!(
            "{}.  {cost} {} a year, {} lost: {}",
            place + 1,
            found.currency,
            duration(lost.estimate),
            found.told(*index)
        );
        let how = Type::new(SMALL, Anchor::Start).in_color(if best { INK } else { MUTED });
        let how = if best { how.bold() } else { how };
        canvas.text((MARGIN, row), how.fit(&line, WIDTH - 2.0 * MARGIN), how);
        row += LINE * 1.1;
    }
    canvas
}

fn costs_axis(least: f64, most: f64, frame: Frame) -> (Axis, Vec<Tick>) {
    if least <= 0.0 || most / least < WIDE {
        let (bounds, ticks) = number_ticks(0.0, most.max(1.0));
        let ticks = ticks.into_iter().map(|(at, _)| (at, count(at.round()))).collect();
        return (Axis::linear(bounds, (frame.left, frame.right)), ticks);
    }
    let powers = libm::log10(least).floor() as i32..=libm::log10(most).ceil() as i32;
    let at = |power: i32| libm::exp10(f64::from(power));
    let bounds = (at(*powers.start()), at(*powers.end()));
    let ticks = powers.flat_map(|power| [1.0, 2.0, 5.0].map(|step| step * at(power)));
    let ticks = ticks.filter(|value| *value <= bounds.1).map(|value| (value, count(value))).collect();
    (Axis::logarithmic(bounds, (frame.left, frame.right)), ticks)
}

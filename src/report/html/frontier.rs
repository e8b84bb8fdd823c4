//! Many designs by what they cost and lose: all of them faint, the best ones numbered and listed.

use super::at::At;
use super::documents::{Documents, Kind, Section};
use super::figure::{Figure, cell, only, table, verdict};
use super::overview::{nines, objective};
use super::svg::{Frame, Svg};
use crate::report::chart::axis::{Axis, duration_bounds, duration_ticks, number_ticks};
use crate::report::metric;
use crate::report::value::{Unit, count, duration, grouped};
use crate::study::Objective;
use maud::{Markup, html};

/// A dearest design that costs more times the cheapest than this makes the axis logarithmic.
const WIDE: f64 = 12.0;

pub(super) fn section(documents: &Documents) -> Option<Section> {
    let all = documents.of(Kind::Optimization);
    if all.is_empty() {
        return None;
    }
    let body = html! { @for it in all { (one(it, documents.room)) } };
    Some(Section { id: "frontier", title: "Cost against lost time", body })
}

fn one(found: &At, room: usize) -> Markup {
    let currency = found.key("currency").text();
    let shown = found.key("shown").items();
    let dimensions: Vec<&str> = found.key("dimensions").items().iter().map(|it| it.key("name").text()).collect();
    let cost_head = format!("{currency} a year");
    let mut head =
        vec!["number", cost_head.as_str(), "nines", "lost time a year", "longest incident, mean", "objectives"];
    head.extend(&dimensions);
    let rows: Vec<Vec<Markup>> = (shown.iter().enumerate())
        .map(|(place, it)| {
            let (cost, architecture) = (it.key("cost_per_year"), it.key("architecture"));
            let objectives: Vec<Objective> = architecture.key("objectives").items().iter().map(objective).collect();
            let mut row = vec![
                html! { (place + 1) @if !it.key("on_frontier").is_true() { " (meets the objectives)" } },
                cost.data(&grouped(cost.number().unwrap_or(0.0).round())),
                nines(&architecture.key("nines")),
                architecture.key("lost_seconds_per_year").reading(Unit::Duration, "–"),
                architecture.key("longest_incident_seconds").reading(Unit::Duration, "–"),
                metric::overall(&objectives).map_or_else(|| cell("–"), |it| verdict(metric::word(it))),
            ];
            row.extend(dimensions.iter().map(|name| cell(it.key("choices").key(name).text())));
            row
        })
        .collect();
    let candidates = found.key("candidates").items();
    let figure = Figure {
        name: format!("{}: what less lost time costs", found.key("name").text()),
        caption: format!(
            "Each of {} dots is a design. Numbered: no cheaper one is as good, with intervals from histories of their own.",
            grouped(candidates.len() as f64)
        ),
        legend: Vec::new(),
        pictures: only(|width| draw(currency, &candidates, &shown, width)),
        numbers: table("The designs that are numbered", &head, 1, &rows, room),
    };
    html! {
        h3 { (found.key("question").text()) }
        p { (found.key("answer").text()) }
        (figure.markup())
    }
}

fn draw(currency: &str, candidates: &[At], shown: &[At], across: f64) -> Svg {
    let mut svg = Svg::new(across, 380.0);
    let frame = Frame { left: 64.0, right: across - 20.0, top: 32.0, bottom: svg.height - 46.0 };
    let cost = |at: &At| at.key("cost_per_year").number().unwrap_or(0.0);
    let costs: Vec<f64> = candidates.iter().map(cost).collect();
    let (least, most) = costs.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), it| (low.min(*it), high.max(*it)));
    let (x, ticks) = cost_axis(least, most, frame);
    let lost = |at: &At| at.key("lost_seconds_per_year").number();
    let estimate = |at: &At| at.path("architecture.lost_seconds_per_year").estimate();
    let intervals = shown.iter().filter_map(estimate).flat_map(|it| [it.low, it.estimate, it.high]);
    let all = candidates.iter().filter_map(lost).chain(intervals);
    let bounds = duration_bounds(all.filter(|it| *it > 0.0 && it.is_finite()).map(|it| it.max(1e-3)));
    let y = Axis::logarithmic(bounds, (frame.bottom, frame.top));
    svg.y_axis(frame, &y, &duration_ticks(bounds), "lost time a year");
    svg.x_axis(frame, &x, &ticks, &format!("{currency} a year"));
    let dots: Vec<(f64, f64)> = candidates.iter().filter_map(|at| Some((x.at(cost(at)), y.at(lost(at)?)))).collect();
    svg.dots("dots", &dots);
    let places: Vec<(f64, f64)> =
        shown.iter().map(|at| (x.at(cost(at)), y.at(estimate(at).map_or(0.0, |it| it.estimate)))).collect();
    // On paper only lost time counts: what is there for its shorter incidents alone stands beside the line.
    let mut steps: Vec<(f64, f64)> = Vec::new();
    for (left, height) in &places {
        match steps.last() {
            Some(last) if *height <= last.1 => {}
            Some(last) => steps.extend([(*left, last.1), (*left, *height)]),
            None => steps.push((*left, *height)),
        }
    }
    svg.group("series k0", "frontier", |svg| svg.polyline("curve thin", &steps, None));
    for (place, (at, (left, height))) in shown.iter().zip(&places).enumerate() {
        let Some(it) = estimate(at) else { continue };
        let told = format!(
            "design {}: {} {currency} a year, {} lost a year",
            place + 1,
            count(cost(at).round()),
            duration(it.estimate)
        );
        let class = if at.key("on_frontier").is_true() { "series k0" } else { "series k1" };
        let lost = at.path("architecture.lost_seconds_per_year.estimate");
        svg.group(class, &told, |svg| {
            svg.datum(&told, &lost, |svg| {
                svg.whisker((*left, y.at(it.low)), (*left, y.at(it.high)));
                svg.mark(usize::from(class.ends_with('1')), (*left, *height));
                svg.text("s label strong", (left + 7.0, height - 9.0), &(place + 1).to_string());
            });
        });
    }
    svg
}

fn cost_axis(least: f64, most: f64, frame: Frame) -> (Axis, Vec<(f64, String)>) {
    if least <= 0.0 || !least.is_finite() || most / least < WIDE {
        let (bounds, ticks) = number_ticks(0.0, most.max(1.0));
        let ticks = ticks.into_iter().map(|(at, _)| (at, count(at.round()))).collect();
        return (Axis::linear(bounds, (frame.left, frame.right)), ticks);
    }
    let powers = libm::log10(least).floor() as i32..=libm::log10(most).ceil() as i32;
    let at = |power: i32| libm::exp10(f64::from(power));
    let bounds = (at(*powers.start()), at(*powers.end()));
    let ticks = powers.map(|power| (at(power), count(at(power)))).collect();
    (Axis::logarithmic(bounds, (frame.left, frame.right)), ticks)
}

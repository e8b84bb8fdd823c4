//! Many designs by what they cost and lose: all of them faint, the best ones numbered and listed.

use super::at::At;
use super::documents::{Block, Documents, Kind, Section};
use super::figure::{Figure, cell, class, only, table, verdict};
use super::overview::{nines, objective};
use crate::report::axis::{Axis, duration_bounds, duration_ticks, number_ticks};
use crate::report::metric;
use crate::report::optimize::NOTHING;
use crate::report::picture::{Frame, Picture};
use crate::report::value::{Glyphs, Reading, Unit, count, grouped};
use crate::study::Objective;
use maud::{Markup, html};

/// A dearest design that costs more times the cheapest than this makes the axis logarithmic.
const WIDE: f64 = 12.0;

pub(super) fn section<'a>(documents: &Documents<'a>) -> Option<Section<'a>> {
    let all = documents.of(Kind::Optimization);
    if all.is_empty() {
        return None;
    }
    let body = all.into_iter().flat_map(|it| one(it, documents.room)).collect();
    Some(Section { id: "frontier", title: "Cost against lost time", body })
}

/// A design that is numbered.
struct Numbered<'a> {
    at: At<'a>,
    cost: f64,
    /// The cheapest that meets the objectives.
    best: bool,
    /// What it chose, without what all that are numbered chose.
    chose: String,
}

fn numbered<'a>(found: &At<'a>, dimensions: &[&str]) -> Vec<Numbered<'a>> {
    let shown = found.key("shown").items();
    let chose = |it: &At<'a>, name: &str| it.key("choices").key(name).text();
    let differs = |name: &&&str| shown.iter().any(|it| chose(it, name) != chose(&shown[0], name));
    let told: Vec<&&str> = dimensions.iter().filter(differs).collect();
    let told = if told.is_empty() { dimensions.iter().collect() } else { told };
    let cheapest = found.key("cheapest_that_meets_objectives");
    let of = |at: &At<'a>| {
        let parts = told.iter().map(|name| (**name, chose(at, name))).filter(|(_, value)| *value != NOTHING);
        let asked = !at.path("architecture.objectives").items().is_empty();
        Numbered {
            at: at.clone(),
            cost: at.key("cost_per_year").number().unwrap_or(0.0),
            best: asked && !cheapest.is_null() && at.key("choices").holds_the_same(&cheapest),
            chose: parts.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", "),
        }
    };
    shown.iter().map(of).collect()
}

fn one<'a>(found: &At<'a>, room: usize) -> Vec<Block<'a>> {
    let currency = found.key("currency").text();
    let dimensions: Vec<&str> = found.key("dimensions").items().iter().map(|it| it.key("name").text()).collect();
    let shown = numbered(found, &dimensions);
    let cost_head = format!("{currency} a year");
    let mut head =
        vec!["number", cost_head.as_str(), "nines", "lost time a year", "longest incident, mean", "objectives"];
    head.extend(&dimensions);
    let rows: Vec<Vec<Markup>> = (shown.iter().enumerate())
        .map(|(place, Numbered { at, cost, best, .. })| {
            let architecture = at.key("architecture");
            let objectives: Vec<Objective> = architecture.key("objectives").items().iter().map(objective).collect();
            let mut row = vec![
                html! { (place + 1) @if *best { " (cheapest that meets the objectives)" } },
                at.key("cost_per_year").data(&grouped(cost.round())),
                nines(&architecture.key("nines")),
                architecture.key("lost_seconds_per_year").reading(Unit::Duration, "–"),
                architecture.key("longest_incident_seconds").reading(Unit::Duration, "–"),
                metric::overall(&objectives).map_or_else(|| cell("–"), |it| verdict(metric::word(it))),
            ];
            row.extend(dimensions.iter().map(|name| cell(at.key("choices").key(name).text())));
            row
        })
        .collect();
    let candidates = found.key("candidates").items();
    let name = found.key("name").text();
    let mut key = vec![("design chosen".to_owned(), "no cheaper one is as good".to_owned())];
    if shown.iter().any(|it| it.best) {
        key.push(("design best".to_owned(), "the cheapest that meets the objectives".to_owned()));
    }
    key.push(("design".to_owned(), "all others".to_owned()));
    let about = Figure {
        of: name.to_owned(),
        key,
        listed: shown.iter().enumerate().map(|(place, it)| listed(place, it, currency)).collect(),
        numbers: Some(table("The designs that are numbered", &head, 1, &rows, room)),
        data: data(name, &dimensions, &candidates, &shown),
        ..Figure::new(
            "frontier",
            format!("{name}: what less lost time costs"),
            format!(
                "Each of {} dots is a design. Those that are numbered have intervals, from histories of their own.",
                grouped(candidates.len() as f64)
            ),
        )
    };
    let figure = Figure { pictures: only(move |width| draw(currency, &candidates, &shown, width)), ..about };
    let words = html! {
        h3 { (found.key("question").text()) }
        p { (found.key("answer").text()) }
    };
    vec![words.into(), figure.into()]
}

fn listed(place: usize, Numbered { at, cost, best, chose }: &Numbered, currency: &str) -> String {
    let lost = at.path("architecture.lost_seconds_per_year").estimate();
    let lost = lost
        .map_or_else(String::new, |it| format!(", {} lost", Reading::of(&it, Unit::Duration, Glyphs::UNICODE).line()));
    let best = if *best { " (cheapest that meets the objectives)" } else { "" };
    format!("{}.  {} {currency} a year{lost}: {chose}{best}", place + 1, count(cost.round()))
}

fn data(name: &str, dimensions: &[&str], candidates: &[At], shown: &[Numbered]) -> Vec<Vec<String>> {
    let measures = ["cost_per_year", "lost_seconds_per_year", "low", "high", "longest_incident_seconds", "on_frontier"];
    let head = ["architecture"].iter().chain(dimensions).chain(&measures).map(|it| (*it).to_owned()).collect();
    let lines = candidates.iter().map(|at| {
        let own = shown.iter().find(|it| it.at.key("choices").holds_the_same(&at.key("choices")));
        let lost = own.map(|it| it.at.path("architecture.lost_seconds_per_year").exact_interval());
        let lost = lost.unwrap_or_else(|| [at.key("lost_seconds_per_year").exact(), String::new(), String::new()]);
        let on_frontier = own.is_some_and(|it| it.at.key("on_frontier").is_true());
        let choices = dimensions.iter().map(|dimension| at.key("choices").key(dimension).exact());
        let last = [at.key("longest_incident_seconds").exact(), on_frontier.to_string()];
        [name.to_owned()]
            .into_iter()
            .chain(choices)
            .chain([at.key("cost_per_year").exact()])
            .chain(lost)
            .chain(last)
            .collect()
    });
    std::iter::once(head).chain(lines).collect()
}

fn draw(currency: &str, candidates: &[At], shown: &[Numbered], across: f64) -> Picture {
    let mut picture = Picture::new(across, 380.0);
    let frame = Frame { left: 64.0, right: across - 20.0, top: 32.0, bottom: picture.height - 46.0 };
    let cost = |at: &At| at.key("cost_per_year").number().unwrap_or(0.0);
    let costs: Vec<f64> = candidates.iter().map(cost).collect();
    let (least, most) = costs.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), it| (low.min(*it), high.max(*it)));
    let (x, ticks) = cost_axis(least, most, frame);
    let lost = |at: &At| at.key("lost_seconds_per_year").number();
    let estimate = |it: &Numbered| it.at.path("architecture.lost_seconds_per_year").estimate();
    let intervals = shown.iter().filter_map(estimate).flat_map(|it| [it.low, it.estimate, it.high]);
    let all = candidates.iter().filter_map(lost).chain(intervals);
    let bounds = duration_bounds(all.filter(|it| *it > 0.0 && it.is_finite()).map(|it| it.max(1e-3)));
    let y = Axis::logarithmic(bounds, (frame.bottom, frame.top));
    picture.y_axis(frame, &y, &duration_ticks(bounds), (10.0, "lost time a year, weighted by requests"));
    picture.x_axis(frame, &x, &ticks, &format!("{currency} a year"));
    let dots: Vec<(f64, f64)> = candidates.iter().filter_map(|at| Some((x.at(cost(at)), y.at(lost(at)?)))).collect();
    picture.dots("dots", &dots);
    let places: Vec<(f64, f64)> =
        shown.iter().map(|it| (x.at(it.cost), y.at(estimate(it).map_or(0.0, |lost| lost.estimate)))).collect();
    // On paper only lost time counts: what is there for its shorter incidents alone stands beside the line.
    let mut steps: Vec<(f64, f64)> = Vec::new();
    for (left, height) in &places {
        match steps.last() {
            Some(last) if *height <= last.1 => {}
            Some(last) => steps.extend([(*left, last.1), (*left, *height)]),
            None => steps.push((*left, *height)),
        }
    }
    picture.group("series k0", "frontier", |picture| picture.polyline("curve thin", &steps, None));
    for (place, (it, (left, height))) in shown.iter().zip(&places).enumerate() {
        let Some(lost) = estimate(it) else { continue };
        let told = listed(place, it, currency);
        let series = usize::from(it.best);
        let address = it.at.path("architecture.lost_seconds_per_year.estimate");
        picture.group(&class(series), &told, |picture| {
            picture.datum(&told, address.address(), |picture| {
                picture.whisker((*left, y.at(lost.low)), (*left, y.at(lost.high)));
                picture.mark(series, (*left, *height));
                picture.text("s label strong", (left + 7.0, height - 9.0), &(place + 1).to_string());
            });
        });
    }
    picture
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

//! A sweep: what a key changes, as a table and a curve for each of lost time, recovery and cost.

use super::at::At;
use super::documents::{Documents, Kind, Section};
use super::figure::{Figure, cell, class, only, table};
use super::overview::nines;
use super::svg::{Frame, SERIES, Svg};
use crate::report::chart::axis::{Axis, duration_steps, number_ticks};
use crate::report::value::{Unit, count, duration};
use maud::{Markup, html};

/// Ratio of the largest to the smallest value from which a logarithmic axis serves better.
const WIDE: f64 = 20.0;

pub(super) fn section(documents: &Documents) -> Option<Section> {
    let sweeps: Vec<&At> =
        documents.of(Kind::Sweep).into_iter().filter(|it| !it.key("points").items().is_empty()).collect();
    if sweeps.is_empty() {
        return None;
    }
    let body = html! { @for sweep in sweeps { (one(sweep, documents.room)) } };
    Some(Section { id: "sweep", title: "Sweep", body })
}

/// Where a point has a metric.
type Find = Box<dyn for<'a> Fn(&At<'a>) -> At<'a>>;

/// A metric that is drawn.
struct Panel {
    name: String,
    unit: Unit,
    find: Find,
}

impl Panel {
    fn new(name: &str, path: &'static str, unit: Unit) -> Self {
        Self { name: name.to_owned(), unit, find: Box::new(move |point| point.key("architecture").path(path)) }
    }

    /// The median recovery from one cause.
    fn recovery_from(cause: &str) -> Self {
        let cause = cause.to_owned();
        let name = format!("Recovery from {cause}, median");
        let find: Find = Box::new(move |point| {
            let causes = point.path("architecture.attribution");
            let place = causes.items().iter().position(|it| it.key("cause").text() == cause);
            // Beyond the last there is nothing.
            causes.nth(place.unwrap_or(usize::MAX)).path("recovery_time_seconds.p50")
        });
        Self { name, unit: Unit::Duration, find }
    }

    /// An estimate with its ends, or a number with none.
    fn ends(&self, point: &At) -> Option<(f64, f64, f64)> {
        let at = (self.find)(point);
        match at.estimate() {
            Some(it) => Some((it.estimate, it.low, it.high)),
            None => at.number().map(|it| (it, it, it)),
        }
    }

    fn cell(&self, point: &At) -> Markup {
        let at = (self.find)(point);
        match at.number() {
            Some(number) => at.data(&count(number)),
            None => at.reading(self.unit, "–"),
        }
    }
}

fn one(sweep: &At, room: usize) -> Markup {
    let points = sweep.key("points").items();
    let keys = sweep.key("keys").texts();
    let mut panels = vec![Panel::new("Lost time a year", "lost_seconds_per_year", Unit::Duration)];
    let cause = sweep.key("moved_cause").text();
    if !cause.is_empty() {
        panels.push(Panel::recovery_from(cause));
    }
    panels.extend([
        Panel::new("Recovery time, p95", "recovery_time_seconds.p95", Unit::Duration),
        Panel::new("Data loss, p95", "data_loss_seconds.p95", Unit::Duration),
        Panel::new("Cost a year", "cost_per_year", Unit::Count),
        Panel::new("DNS queries a year", "dns_queries_per_year", Unit::Count),
    ]);
    panels.retain(|panel| points.iter().any(|point| panel.ends(point).is_some()));
    let several = points
        .windows(2)
        .any(|pair| pair[0].path("architecture.name").text() != pair[1].path("architecture.name").text());
    let mut head = keys.clone();
    head.extend(several.then_some("architecture"));
    head.push("nines");
    head.extend(panels.iter().map(|panel| panel.name.as_str()));
    let leading = |point: &At| {
        let mut cells: Vec<Markup> = keys.iter().map(|key| setting(point, key)).collect();
        cells.extend(several.then(|| cell(point.path("architecture.name").text())));
        cells
    };
    let rows: Vec<Vec<Markup>> = (points.iter())
        .map(|point| {
            let mut row = leading(point);
            row.push(nines(&point.path("architecture.nines")));
            row.extend(panels.iter().map(|panel| panel.cell(point)));
            row
        })
        .collect();
    let drawn = panels.iter().filter(|panel| panel.name != "DNS queries a year" && moves(panel, &points));
    html! {
        h3 { (sweep.key("question").text()) }
        p { (sweep.key("answer").text()) }
        (table("Every setting", &head, keys.len() + usize::from(several), &rows, room))
        @if let Some(key) = keys.first() { @for panel in drawn { (figure(panel, key, &keys, &points, room)) } }
    }
}

fn setting(point: &At, key: &str) -> Markup {
    let at = point.key("settings").key(key);
    at.key("number").data(at.key("value").text())
}

/// Whether the settings change it.
fn moves(panel: &Panel, points: &[At]) -> bool {
    let mut seen = points.iter().filter_map(|point| panel.ends(point)).map(|(value, ..)| value);
    let first = seen.next();
    seen.any(|other| Some(other) != first)
}

/// The points that share all settings but the first.
fn series<'p, 'a>(keys: &[&str], points: &'p [At<'a>]) -> Vec<(String, Vec<&'p At<'a>>)> {
    let mut all: Vec<(String, Vec<&At>)> = Vec::new();
    for point in points {
        let mut parts = vec![point.path("architecture.name").text().to_owned()];
        parts.extend(
            keys[1..].iter().map(|key| format!("{key} = {}", point.key("settings").key(key).key("value").text())),
        );
        let name = parts.join(", ");
        match all.iter_mut().find(|(other, _)| *other == name) {
            Some((_, points)) => points.push(point),
            None => all.push((name, vec![point])),
        }
    }
    all.truncate(SERIES);
    all
}

fn figure(panel: &Panel, key: &str, keys: &[&str], points: &[At], room: usize) -> Markup {
    let series = series(keys, points);
    let places: Vec<(f64, String)> = positions(key, points);
    let numbers: Vec<f64> = places.iter().map(|(at, _)| *at).collect();
    let (least, most) = numbers.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), it| (low.min(*it), high.max(*it)));
    let logarithmic = least > 0.0 && most / least > WIDE;
    let draw = |logarithmic: bool| {
        let (series, places) = (&series, &places);
        move |width: f64| drawn(panel, key, series, places, width, logarithmic)
    };
    let (log, linear) = (draw(true), draw(false));
    let rows: Vec<Vec<Markup>> = (series.iter())
        .flat_map(|(name, points)| {
            points.iter().map(move |point| vec![cell(name), setting(point, key), panel.cell(point)])
        })
        .collect();
    let figure = Figure {
        name: format!("{} against {key}", panel.name),
        caption: "Every setting has the same random numbers, so that differences are surer than intervals tell."
            .to_owned(),
        legend: series.iter().map(|(name, _)| name.clone()).collect(),
        pictures: if logarithmic {
            vec![("logarithmic", Box::new(log)), ("linear", Box::new(linear))]
        } else {
            only(linear)
        },
        numbers: table(&panel.name, &["series", key, &panel.name], 1, &rows, room),
    };
    figure.markup()
}

/// The values of a key along an axis: by size if all are numbers, else one after the other.
fn positions(key: &str, points: &[At]) -> Vec<(f64, String)> {
    fn of<'a>(point: &At<'a>, key: &str) -> At<'a> {
        point.key("settings").key(key)
    }
    let are_numbers = points.iter().all(|point| of(point, key).key("number").number().is_some());
    let mut places: Vec<(f64, String)> = Vec::new();
    for point in points {
        let text = of(point, key).key("value").text();
        if places.iter().all(|(_, other)| other != text) {
            let next = places.len() as f64;
            places
                .push((of(point, key).key("number").number().filter(|_| are_numbers).unwrap_or(next), text.to_owned()));
        }
    }
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    places
}

fn drawn(
    panel: &Panel,
    key: &str,
    series: &[(String, Vec<&At>)],
    places: &[(f64, String)],
    across: f64,
    logarithmic: bool,
) -> Svg {
    let mut svg = Svg::new(across, 280.0);
    let frame = Frame { left: 84.0, right: across - 24.0, top: 32.0, bottom: svg.height - 46.0 };
    let ends = |it: Option<&(f64, String)>| it.map_or(0.0, |(at, _)| *at);
    let bounds = (ends(places.first()), ends(places.last()));
    let sides = (frame.left + 12.0, frame.right);
    let x = if logarithmic { Axis::logarithmic(bounds, sides) } else { Axis::linear(bounds, sides) };
    let values: Vec<f64> = (series.iter().flat_map(|(_, points)| points))
        .filter_map(|point| panel.ends(point))
        .flat_map(|(value, low, high)| [value, low, high])
        .filter(|value| value.is_finite())
        .collect();
    let (low, high) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(*it), high.max(*it)));
    let told = |value: f64| if panel.unit == Unit::Duration { duration(value) } else { count(value) };
    let (y, ticks) = if low > 0.0 && high / low > WIDE {
        let powers = libm::log10(low).floor() as i32..=libm::log10(high).ceil() as i32;
        let ticks: Vec<f64> = powers.map(|power| libm::exp10(f64::from(power))).collect();
        (Axis::logarithmic((ticks[0], ticks[ticks.len() - 1]), (frame.bottom, frame.top)), ticks)
    } else {
        let steps = if panel.unit == Unit::Duration { duration_steps } else { number_ticks };
        let (bounds, ticks) = steps(low, high);
        (Axis::linear(bounds, (frame.bottom, frame.top)), ticks.into_iter().map(|(at, _)| at).collect())
    };
    let ticks: Vec<(f64, String)> = ticks.into_iter().map(|at| (at, told(at))).collect();
    svg.y_axis(frame, &y, &ticks, &panel.name);
    svg.x_axis(frame, &x, places, key);
    for (number, (name, points)) in series.iter().enumerate() {
        let seen = points.iter().filter_map(|point| {
            let text = point.key("settings").key(key).key("value").text();
            let place = places.iter().find(|(_, other)| other == text)?.0;
            Some((place, text, panel.ends(point)?, (panel.find)(point)))
        });
        let mut seen: Vec<_> = seen.collect();
        seen.sort_by(|a, b| a.0.total_cmp(&b.0));
        let line: Vec<(f64, f64)> =
            seen.iter().map(|(place, _, (value, ..), _)| (x.at(*place), y.at(*value))).collect();
        let tips: Vec<String> =
            seen.iter().map(|(_, text, (value, ..), _)| format!("{key} {text}: {}", told(*value))).collect();
        svg.group(&class(number), name, |svg| {
            svg.polyline("curve", &line, Some(&tips));
            for (((place, _, (_, low, high), found), at), tip) in seen.iter().zip(&line).zip(&tips) {
                let found = if found.number().is_some() { found.clone() } else { found.key("estimate") };
                svg.datum(tip, &found, |svg| {
                    if low < high {
                        svg.whisker((x.at(*place), y.at(*low)), (x.at(*place), y.at(*high)));
                    }
                    svg.mark(number, *at);
                });
            }
        });
    }
    svg
}

//! A sweep: what a key changes, as a table and a curve for each of lost time, recovery and cost.

use super::at::At;
use super::documents::{Block, Documents, Kind, Section};
use super::figure::{Draw, Figure, cell, class, table};
use super::overview::nines;
use crate::report::axis::{Axis, Tick, duration_bounds, duration_steps, duration_ticks, number_ticks};
use crate::report::picture::{Frame, Picture, SERIES};
use crate::report::value::{Unit, count, duration};
use maud::{Markup, html};
use std::rc::Rc;

/// Ratio of the largest to the smallest value from which a logarithmic axis serves better.
const WIDE: f64 = 20.0;
/// Height of a panel.
const PANEL: f64 = 210.0;
/// How far marks of series stand beside each other.
const ASIDE: f64 = 7.0;

pub(super) fn section<'a>(documents: &Documents<'a>) -> Option<Section<'a>> {
    let sweeps = documents.of(Kind::Sweep).into_iter().filter(|it| !it.key("points").items().is_empty());
    let body: Vec<Block> = sweeps.flat_map(|sweep| one(sweep, documents.room)).collect();
    (!body.is_empty()).then_some(Section { id: "sweep", title: "Sweep", body })
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

    fn told(&self, value: f64) -> String {
        if self.unit == Unit::Duration { duration(value) } else { count(value) }
    }

    /// An axis that holds these, logarithmic where they are far apart.
    fn axis(&self, values: &[f64], frame: Frame) -> (Axis, Vec<Tick>) {
        let (low, high) =
            values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(*it), high.max(*it)));
        let ends = (frame.bottom, frame.top);
        if low > 0.0 && high / low > WIDE {
            if self.unit == Unit::Duration {
                let bounds = duration_bounds(values.iter().copied());
                return (Axis::logarithmic(bounds, ends), duration_ticks(bounds));
            }
            let powers = libm::log10(low).floor() as i32..=libm::log10(high).ceil() as i32;
            let ticks: Vec<Tick> =
                powers.map(|power| libm::exp10(f64::from(power))).map(|at| (at, self.told(at))).collect();
            return (Axis::logarithmic((ticks[0].0, ticks[ticks.len() - 1].0), ends), ticks);
        }
        let steps = if self.unit == Unit::Duration { duration_steps } else { number_ticks };
        let (bounds, ticks) = steps(low, high);
        let ticks = ticks.into_iter().map(|(at, _)| (at, self.told(at))).collect();
        (Axis::linear(bounds, ends), ticks)
    }

    fn cell(&self, point: &At) -> Markup {
        let at = (self.find)(point);
        match at.number() {
            Some(number) => at.data(&count(number)),
            None => at.reading(self.unit, "–"),
        }
    }
}

fn one<'a>(sweep: &At<'a>, room: usize) -> Vec<Block<'a>> {
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
    let words = html! {
        h3 { (sweep.key("question").text()) }
        p { (sweep.key("answer").text()) }
        (table("Every setting", &head, keys.len() + usize::from(several), &rows, room))
    };
    // What the settings leave as it is says nothing in a picture; the first panel is there to say that.
    let mut place = 0;
    panels.retain(|panel| {
        place += 1;
        place == 1 || moves(panel, &points)
    });
    let panels: Rc<[Panel]> = panels.into();
    let figures = keys.iter().map(|key| Block::from(figure(&panels, key, &keys, &points, cause)));
    [Block::from(words)].into_iter().chain(figures).collect()
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

/// The points that share all settings but one.
fn series<'a>(key: &str, keys: &[&str], points: &[At<'a>]) -> Vec<(String, Vec<At<'a>>)> {
    let mut all: Vec<(String, Vec<At>)> = Vec::new();
    for point in points {
        let mut parts = vec![point.path("architecture.name").text().to_owned()];
        let others = keys.iter().filter(|other| **other != key);
        parts.extend(others.map(|key| format!("{key} = {}", point.key("settings").key(key).key("value").text())));
        let name = parts.join(", ");
        match all.iter_mut().find(|(other, _)| *other == name) {
            Some((_, points)) => points.push(point.clone()),
            None => all.push((name, vec![point.clone()])),
        }
    }
    all
}

fn figure<'a>(panels: &Rc<[Panel]>, key: &'a str, keys: &[&str], points: &[At<'a>], cause: &str) -> Figure<'a> {
    let mut series = series(key, keys, points);
    let hidden = series.len().saturating_sub(SERIES);
    series.truncate(SERIES);
    let places: Vec<(f64, String)> = positions(key, points);
    let (least, most) =
        (places.iter()).fold((f64::INFINITY, 0.0_f64), |(low, high), (it, _)| (low.min(*it), high.max(*it)));
    let legend = series.iter().enumerate().map(|(place, (name, _))| (place, name.clone())).collect();
    let drawn = Rc::new(Drawn { key, series, places, panels: Rc::clone(panels) });
    let scale = |logarithmic: bool| -> Draw<'a> {
        let drawn = Rc::clone(&drawn);
        Box::new(move |width| drawn.draw(width, logarithmic))
    };
    let pictures = if least > 0.0 && most / least > WIDE {
        vec![("logarithmic", scale(true)), ("linear", scale(false))]
    } else {
        vec![("linear", scale(false))]
    };
    Figure {
        legend,
        pictures,
        listed: if hidden > 0 { vec![format!("{hidden} more series in the CSV")] } else { Vec::new() },
        data: data(key, keys, points, cause),
        ..Figure::new(
            &format!("sweep-{key}"),
            format!("What {key} changes"),
            "With intervals. Every setting has the same random numbers, so that differences are surer than intervals tell.",
        )
    }
}

fn data(key: &str, keys: &[&str], points: &[At], cause: &str) -> Vec<Vec<String>> {
    let others = || keys.iter().filter(|other| **other != key);
    let mut head = vec!["architecture".to_owned(), key.to_owned(), format!("{key}.number")];
    head.extend(others().map(|other| (*other).to_owned()));
    let from_cause = (!cause.is_empty()).then(|| Panel::recovery_from(cause));
    let column = from_cause.as_ref().map(|_| format!("recovery_from_{cause}_p50_seconds"));
    let metrics = [
        ("nines", "nines"),
        ("lost_seconds_per_year", "lost_seconds_per_year"),
        ("recovery_time_p50_seconds", "recovery_time_seconds.p50"),
        ("recovery_time_p95_seconds", "recovery_time_seconds.p95"),
    ];
    for metric in metrics.iter().map(|(name, _)| *name).chain(column.as_deref()) {
        head.extend([metric.to_owned(), format!("{metric}_low"), format!("{metric}_high")]);
    }
    head.extend(["cost_per_year", "dns_queries_per_year", "dns_cost_per_year"].map(str::to_owned));
    let lines = points.iter().map(|point| {
        let architecture = point.key("architecture");
        let value = |key: &str| point.key("settings").key(key);
        let mut line =
            vec![architecture.key("name").exact(), value(key).key("value").exact(), value(key).key("number").exact()];
        line.extend(others().map(|other| value(other).key("value").exact()));
        line.extend(metrics.iter().flat_map(|(_, path)| architecture.path(path).exact_interval()));
        line.extend(from_cause.iter().flat_map(|panel| (panel.find)(point).exact_interval()));
        line.extend(["cost_per_year", "dns_queries_per_year"].map(|key| architecture.key(key).exact()));
        line.push(of_queries(&architecture).map(|at| at.exact()).unwrap_or_default());
        line
    });
    std::iter::once(head).chain(lines).collect()
}

/// What the DNS queries cost, where they have a price.
fn of_queries<'a>(architecture: &At<'a>) -> Option<At<'a>> {
    let charges = architecture.path("bill.charges").items();
    charges.iter().find(|charge| charge.key("what").text() == "DNS queries").map(|charge| charge.key("cost_per_year"))
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

/// Panels below each other, on one axis of the key.
struct Drawn<'a> {
    key: &'a str,
    series: Vec<(String, Vec<At<'a>>)>,
    places: Vec<(f64, String)>,
    panels: Rc<[Panel]>,
}

impl Drawn<'_> {
    fn draw(&self, across: f64, logarithmic: bool) -> Picture {
        let mut picture = Picture::new(across, PANEL * self.panels.len() as f64 + 22.0);
        let ends = |it: Option<&(f64, String)>| it.map_or(0.0, |(at, _)| *at);
        let bounds = (ends(self.places.first()), ends(self.places.last()));
        for (number, panel) in self.panels.iter().enumerate() {
            let top = PANEL * number as f64;
            let frame = Frame { left: 84.0, right: across - 24.0, top: top + 32.0, bottom: top + PANEL - 28.0 };
            let sides = (frame.left + 12.0, frame.right);
            let x = if logarithmic { Axis::logarithmic(bounds, sides) } else { Axis::linear(bounds, sides) };
            let title = if number + 1 == self.panels.len() { self.key } else { "" };
            picture.x_axis(frame, &x, &self.places, title);
            self.panel(&mut picture, panel, frame, &x);
        }
        picture
    }

    fn panel(&self, picture: &mut Picture, panel: &Panel, frame: Frame, x: &Axis) {
        let values: Vec<f64> = (self.series.iter().flat_map(|(_, points)| points))
            .filter_map(|point| panel.ends(point))
            .flat_map(|(value, low, high)| [value, low, high])
            .filter(|value| value.is_finite())
            .collect();
        let (y, ticks) = panel.axis(&values, frame);
        picture.y_axis(frame, &y, &ticks, (frame.top - 22.0, &format!("{} (lower is better)", panel.name)));
        let places = self.series.len();
        for (number, (name, points)) in self.series.iter().enumerate() {
            // So that the marks of several do not cover each other.
            let aside = (number as f64 - (places as f64 - 1.0) / 2.0) * ASIDE;
            let seen = points.iter().filter_map(|point| {
                let text = point.key("settings").key(self.key).key("value").text();
                let place = self.places.iter().find(|(_, other)| other == text)?.0;
                Some((place, text, panel.ends(point)?, (panel.find)(point)))
            });
            let mut seen: Vec<_> = seen.collect();
            seen.sort_by(|a, b| a.0.total_cmp(&b.0));
            let line: Vec<(f64, f64)> =
                seen.iter().map(|(place, _, (value, ..), _)| (x.at(*place) + aside, y.at(*value))).collect();
            let tips: Vec<String> = seen
                .iter()
                .map(|(_, text, (value, ..), _)| format!("{} {text}: {}", self.key, panel.told(*value)))
                .collect();
            picture.group(&class(number), name, |picture| {
                picture.polyline("curve", &line, Some(&tips));
                for (((_, _, (_, low, high), found), at), tip) in seen.iter().zip(&line).zip(&tips) {
                    let found = if found.number().is_some() { found.clone() } else { found.key("estimate") };
                    picture.datum(tip, found.address(), |picture| {
                        if low < high {
                            picture.whisker((at.0, y.at(*low)), (at.0, y.at(*high)));
                        }
                        picture.mark(number, *at);
                    });
                }
            });
        }
    }
}

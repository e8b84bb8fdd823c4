//! Distributions as curves: how bad a year can be, how long incidents last, how old lost data are, how much of a budget is used.
//!
//! Shares are drawn so that the last 10 %, the last 1 % and so on have the same room: all of this is about what is rare.

use super::at::At;
use super::documents::{Block, Documents, Section};
use super::figure::{Draw, Figure, cell, class, table};
use super::overview::objective;
use crate::report::axis::{
    Axis, duration_bounds, duration_ticks, least_share, linear_duration_ticks, number_ticks, tail_ticks,
};
use crate::report::csv::number;
use crate::report::metric::{YEAR, demand};
use crate::report::picture::{Frame, Picture, SERIES};
use crate::report::value::{Glyphs, count, duration, percent};
use maud::Markup;
use std::rc::Rc;

/// Share of the values that may lie beyond the left edge, so that one outlier does not squeeze the rest.
const BEYOND: f64 = 0.002;

/// What the values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Seconds.
    Time,
    /// Shares of a budget: 1 is all of it.
    Budget,
}

impl Of {
    pub fn text(self, value: f64) -> String {
        match self {
            Of::Time => duration(value),
            Of::Budget => format!("{} %", count(value * 100.0)),
        }
    }
}

/// One distribution among those of a picture.
pub(super) struct Series<'a> {
    /// Its number among the architectures, which has the same look in all pictures.
    pub place: usize,
    pub name: String,
    pub at: At<'a>,
    pub points: Vec<(f64, f64)>,
}

impl<'a> Series<'a> {
    /// None where nothing was seen.
    pub fn new(place: usize, name: String, at: At<'a>) -> Option<Self> {
        let point = |it: &At| Some((it.nth(0).number()?, it.nth(1).number()?));
        let points: Vec<(f64, f64)> = at.key("curve").items().iter().filter_map(point).collect();
        points.iter().any(|(value, _)| *value > 0.0).then_some(Self { place, name, at, points })
    }
}

/// A picture of distributions.
pub(super) struct Curves<'a> {
    pub stem: &'static str,
    pub name: &'static str,
    pub caption: String,
    pub x_title: &'static str,
    pub y_title: &'static str,
    /// What a file of numbers calls the values.
    pub column: &'static str,
    /// Whether the share above a value is drawn instead of that up to it.
    pub exceedance: bool,
    pub of: Of,
    pub series: Vec<Series<'a>>,
    /// Values to mark, and what they are.
    pub limits: Vec<(f64, String)>,
}

impl<'a> Curves<'a> {
    /// The figure; none where nothing was seen.
    pub fn figure(self, room: usize) -> Option<Figure<'a>> {
        if self.series.is_empty() {
            return None;
        }
        let mut rows: Vec<Vec<Markup>> = Vec::new();
        for series in &self.series {
            for point in series.at.key("curve").items().iter().take(room) {
                let (value, share) = (point.nth(0), point.nth(1));
                let number = |at: &At| at.number().unwrap_or(f64::NAN);
                rows.push(vec![
                    cell(&series.name),
                    value.data(&self.of.text(number(&value))),
                    share.data(&percent(number(&share))),
                ]);
            }
        }
        let numbers = table(self.name, &["architecture", self.x_title, "share up to it"], 1, &rows, usize::MAX);
        let legend = self.series.iter().map(|series| (series.place, series.name.clone())).collect();
        let data = self.data();
        let about = Figure::new(self.stem, self.name, self.caption.clone());
        let curves = Rc::new(self);
        let scale = |logarithmic: bool| -> Draw<'a> {
            let curves = Rc::clone(&curves);
            Box::new(move |width| curves.draw(width, logarithmic))
        };
        let pictures = vec![("logarithmic", scale(true)), ("linear", scale(false))];
        Some(Figure { legend, pictures, numbers: Some(numbers), data, ..about })
    }

    fn data(&self) -> Vec<Vec<String>> {
        let share = if self.exceedance { "share_with_more" } else { "share_within" };
        let head = ["architecture", self.column, share].map(str::to_owned).to_vec();
        let lines = self.series.iter().flat_map(|series| {
            series.points.iter().map(|(value, share)| {
                vec![series.name.clone(), number(*value), number(if self.exceedance { 1.0 - share } else { *share })]
            })
        });
        std::iter::once(head).chain(lines).collect()
    }

    fn draw(&self, across: f64, logarithmic: bool) -> Picture {
        let mut picture = Picture::new(across, if across < 500.0 { 300.0 } else { 340.0 });
        let top = 30.0 + 18.0 * self.limits.len() as f64;
        let frame = Frame { left: 64.0, right: across - 14.0, top, bottom: picture.height - 46.0 };
        let (x, ticks) = self.values(frame, logarithmic);
        let most = self.series.iter().filter_map(|it| it.at.key("count").number()).fold(0.0, f64::max);
        // So that the p95 is always within.
        let least = least_share(most as u64).min(0.02);
        let ends = if self.exceedance { (frame.bottom, frame.top) } else { (frame.top, frame.bottom) };
        let y = Axis::logarithmic((least, 1.0), ends);
        picture.y_axis(frame, &y, &tail_ticks(least, self.exceedance), (10.0, self.y_title));
        picture.x_axis(frame, &x, &ticks, self.x_title);
        for (row, (limit, text)) in self.limits.iter().enumerate() {
            picture.limit(frame, x.at(*limit), row, text);
        }
        for series in &self.series {
            let told = format!("{}: {}", series.name, self.quantiles(&series.at));
            picture.group(&class(series.place), &told, |picture| self.series(picture, series, frame, &x, &y));
        }
        picture
    }

    fn values(&self, frame: Frame, logarithmic: bool) -> (Axis, Vec<(f64, String)>) {
        let ends = (frame.left, frame.right);
        let limits = self.limits.iter().map(|(limit, _)| *limit);
        let seen =
            self.series.iter().flat_map(|it| &it.points).filter(|(_, share)| *share >= BEYOND).map(|(value, _)| *value);
        let values: Vec<f64> = seen.chain(limits).filter(|value| value.is_finite()).collect();
        let most = values.iter().copied().fold(0.0, f64::max);
        match (self.of, logarithmic) {
            (Of::Time, true) => {
                let bounds = duration_bounds(values.into_iter());
                (Axis::logarithmic(bounds, ends), duration_ticks(bounds))
            }
            (Of::Time, false) => {
                let (most, ticks) = linear_duration_ticks(most);
                (Axis::linear((0.0, most), ends), ticks)
            }
            (Of::Budget, true) => {
                let least = values.iter().copied().filter(|value| *value > 0.0).fold(1.0, f64::min).max(1e-6);
                let powers = libm::log10(least).floor() as i32..=libm::log10(most.max(1.0)).ceil() as i32;
                let ticks: Vec<(f64, String)> = powers
                    .map(|power| libm::exp10(f64::from(power)))
                    .map(|value| (value, self.of.text(value)))
                    .collect();
                let bounds = (ticks[0].0, ticks[ticks.len() - 1].0);
                (Axis::logarithmic(bounds, ends), ticks)
            }
            (Of::Budget, false) => {
                let (bounds, ticks) = number_ticks(0.0, most.max(1.0) * 100.0);
                let ticks = ticks.into_iter().map(|(value, _)| (value / 100.0, self.of.text(value / 100.0))).collect();
                (Axis::linear((0.0, bounds.1 / 100.0), ends), ticks)
            }
        }
    }

    /// The curve as stairs: it is flat between values. Then the quantiles of the tables, with their intervals.
    fn series(&self, picture: &mut Picture, series: &Series, frame: Frame, x: &Axis, y: &Axis) {
        let (mut stairs, mut tips) = (vec![(frame.left, y.at(1.0))], vec![String::new()]);
        for (value, share) in &series.points {
            let last = stairs[stairs.len() - 1].1;
            stairs.extend([(x.at(*value), last), (x.at(*value), y.at(1.0 - share))]);
            let shown = if self.exceedance { 1.0 - share } else { *share };
            let tip = format!("{}: {} of {}", self.of.text(*value), percent(shown), self.y_title);
            tips.extend([String::new(), tip]);
        }
        picture.polyline("curve", &stairs, Some(&tips));
        for (share, quantile) in [(0.5, "p50"), (0.95, "p95")] {
            let Some(it) = series.at.key(quantile).estimate().filter(|it| it.high > 0.0) else { continue };
            let (at, height) = (series.at.key(quantile).key("estimate"), y.at(1.0 - share));
            picture.datum(
                &format!("{}: {quantile} {}", series.name, self.of.text(it.estimate)),
                at.address(),
                |picture| {
                    picture.whisker((x.at(it.low), height), (x.at(it.high), height));
                    picture.mark(series.place, (x.at(it.estimate), height));
                },
            );
        }
    }

    fn quantiles(&self, at: &At) -> String {
        let parts = ["p50", "p95", "p99"].into_iter().filter_map(|name| {
            let value = at.path(name).key("estimate").number()?;
            Some(format!("{name} {}", self.of.text(value)))
        });
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// The distributions of a key of the architectures.
pub(super) fn series<'a>(architectures: &[At<'a>], key: &str) -> Vec<Series<'a>> {
    let named = |(place, it): (usize, &At<'a>)| Series::new(place, it.key("name").text().to_owned(), it.path(key));
    architectures.iter().enumerate().take(SERIES).filter_map(named).collect()
}

/// Limits of the objectives on a metric, each once.
fn limits(architectures: &[At], metric: &str, value: impl Fn(f64) -> f64) -> Vec<(f64, String)> {
    let mut limits: Vec<(f64, String)> = Vec::new();
    for at in architectures.iter().flat_map(|it| it.key("objectives").items()) {
        let it = objective(&at);
        let limit = value(it.limit);
        if it.metric.split('.').next() == Some(metric) && limit > 0.0 && limits.iter().all(|(other, _)| *other != limit)
        {
            let text = if metric == "availability" {
                format!("{}: {} a year", demand(&it, Glyphs::UNICODE), duration(limit))
            } else {
                demand(&it, Glyphs::UNICODE)
            };
            limits.push((limit, text));
        }
    }
    limits.truncate(2);
    limits
}

/// The downtime of years.
pub(super) fn downtime<'a>(documents: &Documents<'a>) -> Option<Section<'a>> {
    let architectures = documents.architectures();
    let threshold = architectures.first()?.key("up_threshold").number().unwrap_or(1.0);
    let horizon = documents.studies().first().and_then(|it| it.key("horizon_seconds").number()).unwrap_or(YEAR);
    let yearly = (horizon - YEAR).abs() < 1.0;
    let years = if yearly { "years" } else { "histories, scaled to a year," };
    let curves = Curves {
        stem: "downtime",
        name: "Downtime over years: how bad a year can be",
        column: "downtime_seconds_per_year",
        caption: format!(
            "Share of {years} with more time in which under {} is served; lower and further left is better. The objective counts lost requests, as time.",
            percent(threshold)
        ),
        x_title: "downtime in the year",
        y_title: if yearly { "years with more" } else { "histories with more" },
        exceedance: true,
        of: Of::Time,
        series: series(&architectures, "downtime_seconds_per_year"),
        limits: limits(&architectures, "availability", |limit| (1.0 - limit) * YEAR),
    };
    Some(Section::of("downtime", "How bad a year can be", curves.figure(documents.room)?))
}

/// How long incidents last, and how old lost data are.
pub(super) fn recovery<'a>(documents: &Documents<'a>) -> Option<Section<'a>> {
    let architectures = documents.architectures();
    let recovery = Curves {
        stem: "recovery-time",
        name: "Recovery time: how long incidents last",
        column: "recovery_time_seconds",
        caption: "Share of incidents that are over within a time, stretched towards 100 %; higher and further left is better.".to_owned(),
        x_title: "time from the onset of an incident to its end",
        y_title: "incidents that are over",
        exceedance: false,
        of: Of::Time,
        series: series(&architectures, "recovery_time_seconds"),
        limits: limits(&architectures, "recovery_time", |limit| limit),
    };
    let loss = Curves {
        stem: "data-loss",
        name: "Data loss: how old the lost data are",
        column: "data_loss_seconds",
        caption: "Share of data-losing events that lose no more than so much; the age of the newest write that was recovered.".to_owned(),
        x_title: "age of the lost data",
        y_title: "events that lose no more",
        exceedance: false,
        of: Of::Time,
        series: series(&architectures, "data_loss_seconds"),
        limits: limits(&architectures, "data_loss", |limit| limit),
    };
    let figures = [recovery, loss].into_iter().filter_map(|curves| curves.figure(documents.room));
    let body: Vec<Block> = figures.map(Block::from).collect();
    (!body.is_empty()).then_some(Section { id: "recovery", title: "Recovery and data loss", body })
}

//! Distributions as curves: how long incidents last, and how bad a year can be.
//!
//! Both are about rare things, so the shares are drawn on a scale that gives the last 10 %, the last 1 % and so on the same
//! room.

use super::axis::{Axis, duration_bounds, duration_ticks, least_share, tail_ticks};
use super::canvas::{Anchor, Canvas, Color, MUTED, Type, WIDTH};
use super::frame::{self, Frame, MARGIN, SMALL, color, whisker};
use super::{Chart, number};
use crate::report::metric::YEAR;
use crate::report::value::{count, duration, percent};
use crate::statistics::Estimate;
use crate::study::{Distribution, Study, Summary};

/// Points of a curve that are worth drawing, and how far apart they are in the logarithm of the share that remains, which
/// runs to that of 1 in 100,000 or so.
const POINTS: usize = 1_200;
const STEP: f64 = 0.01;
/// Share of the values that may lie beyond the left edge, so that one outlier does not squeeze the rest.
const BEYOND: f64 = 0.002;

/// The recovery times of incidents: the share that is over within a time.
pub(super) fn recovery(study: &Study) -> Chart {
    let limits = limits(study, "recovery_time", |limit| limit, |limit| format!("objective {}", duration(limit)));
    Curves {
        stem: "recovery-time",
        title: "Recovery time: how long incidents last",
        subtitle: "Share of incidents that are over within a time, stretched towards 100 %; further left is better"
            .to_owned(),
        column: "recovery_time_seconds",
        x_title: "time from the onset of an incident to its end",
        y_title: "share of incidents",
        share_column: "share_within",
        read: |summary| &summary.recovery_time,
        counted: "incidents",
        exceedance: false,
        empty: "No incident was seen",
    }
    .chart(study, &limits)
}

/// The downtime of years: the share that has more than a time.
pub(super) fn downtime(study: &Study) -> Chart {
    let yearly = (study.horizon_seconds - YEAR).abs() < 1.0;
    Curves {
        stem: "downtime",
        title: "Downtime: how bad a year can be",
        subtitle: format!(
            "Share of {} with more time in which under {} is served; lower and further left is better",
            if yearly { "years" } else { "histories, scaled to a year," },
            percent(study.architectures.first().map_or(1.0, |summary| summary.up_threshold))
        ),
        column: "downtime_seconds_per_year",
        x_title: "downtime in the year",
        y_title: if yearly { "share of years with more" } else { "share of histories with more" },
        share_column: "share_with_more",
        read: |summary| &summary.downtime_per_year,
        counted: if yearly { "years" } else { "histories" },
        exceedance: true,
        empty: "No downtime was seen",
    }
    .chart(study, &[])
}

/// What distinguishes one chart of curves from another.
struct Curves {
    stem: &'static str,
    title: &'static str,
    subtitle: String,
    column: &'static str,
    x_title: &'static str,
    y_title: &'static str,
    share_column: &'static str,
    read: fn(&Summary) -> &Distribution,
    counted: &'static str,
    /// Whether the share above a value is drawn instead of that up to it.
    exceedance: bool,
    empty: &'static str,
}

impl Curves {
    fn chart(&self, study: &Study, limits: &[(f64, String)]) -> Chart {
        let curves: Vec<Vec<(f64, f64)>> =
            study.architectures.iter().map(|summary| thinned((self.read)(summary).spread.cumulative())).collect();
        let head = ["architecture", self.column, self.share_column].map(str::to_owned).to_vec();
        let lines = study.architectures.iter().zip(&curves).flat_map(|(summary, curve)| {
            curve.iter().map(|(value, share)| vec![summary.name.clone(), number(*value), number(self.shown(*share))])
        });
        Chart {
            stem: self.stem.to_owned(),
            numbers: std::iter::once(head).chain(lines).collect(),
            canvas: self.drawn(study, &curves, limits),
        }
    }

    fn shown(&self, share: f64) -> f64 {
        if self.exceedance { 1.0 - share } else { share }
    }

    fn drawn(&self, study: &Study, curves: &[Vec<(f64, f64)>], limits: &[(f64, String)]) -> Canvas {
        let mut canvas = Canvas::new(720.0);
        let top = frame::heading(&mut canvas, self.title, &self.subtitle);
        let items: Vec<(String, Color)> = study
            .architectures
            .iter()
            .enumerate()
            .map(|(place, summary)| {
                let number = count((self.read)(summary).count as f64);
                (format!("{} ({number} {})", summary.name, self.counted), color(place))
            })
            .collect();
        let top = frame::legend(&mut canvas, top, &items);
        let frame = Frame {
            left: MARGIN + 82.0,
            right: WIDTH - MARGIN,
            top: top + if limits.is_empty() { 46.0 } else { 68.0 },
            bottom: canvas.height() - 90.0,
        };
        let seen =
            curves.iter().flat_map(|curve| curve.iter().filter(|(_, share)| *share >= BEYOND).map(|(value, _)| *value));
        let bounds = duration_bounds(seen.chain(limits.iter().map(|(at, _)| *at)));
        let x = Axis::logarithmic(bounds, (frame.left, frame.right));
        let most = study.architectures.iter().map(|summary| (self.read)(summary).count).max().unwrap_or(0);
        let least = least_share(most);
        // The tail is what remains: it falls with an exceedance, and closes in on 100 % otherwise.
        let ends = if self.exceedance { (frame.bottom, frame.top) } else { (frame.top, frame.bottom) };
        let y = Axis::logarithmic((least, 1.0), ends);
        frame::y_axis(&mut canvas, frame, &y, &tail_ticks(least, self.exceedance), self.y_title);
        frame::x_axis(&mut canvas, frame, &x, &duration_ticks(bounds), self.x_title);
        for (at, text) in limits {
            let at = x.at(*at);
            canvas.dashes((at, frame.top - 22.0), (at, frame.bottom), MUTED, 2.0);
            let how = Type::new(SMALL, Anchor::Middle).in_color(MUTED);
            let half = how.width(text) * 0.54;
            let middle = at.max(frame.left + half).min(frame.right - half);
            canvas.label((middle, frame.top - 34.0), text, how);
        }
        if curves.iter().all(|curve| curve.iter().all(|(value, _)| *value <= 0.0)) {
            frame::nothing(&mut canvas, frame, self.empty);
            return canvas;
        }
        self.quantile_lines(&mut canvas, frame, &y);
        for (place, (summary, curve)) in study.architectures.iter().zip(curves).enumerate() {
            let distribution = (self.read)(summary);
            if distribution.max.is_none_or(|most| most <= 0.0) {
                continue;
            }
            // Where curves coincide, the ones below show at both sides of those above.
            let above = study.architectures.len() - 1 - place;
            let thickness = 2.5 + 1.2 * above.min(3) as f64;
            canvas.path(self.steps(curve, &x, &y, frame), color(place), thickness);
            for (share, quantile) in [(0.5, &distribution.p50), (0.95, &distribution.p95)] {
                self.interval(&mut canvas, share, quantile.as_ref(), &x, &y, color(place));
            }
        }
        canvas
    }

    /// The curve as stairs: it is flat between values.
    fn steps(&self, curve: &[(f64, f64)], x: &Axis, y: &Axis, frame: Frame) -> Vec<(f64, f64)> {
        let mut last = y.at(1.0);
        let mut points = vec![(frame.left, last)];
        for (value, share) in curve {
            let (x, y) = (x.at(*value), y.at(1.0 - *share));
            points.push((x, last));
            points.push((x, y));
            last = y;
        }
        if !self.exceedance {
            points.push((frame.right, last));
        }
        points
    }

    fn interval(&self, canvas: &mut Canvas, share: f64, quantile: Option<&Estimate>, x: &Axis, y: &Axis, color: Color) {
        let Some(quantile) = quantile.filter(|quantile| quantile.high > 0.0) else { return };
        let height = y.at(1.0 - share);
        whisker(canvas, (x.at(quantile.low), height), (x.at(quantile.high), height), color);
    }

    /// Faint lines where the quantiles of the tables are read.
    fn quantile_lines(&self, canvas: &mut Canvas, frame: Frame, y: &Axis) {
        for (share, label) in [(0.5, "p50"), (0.95, "p95")] {
            let height = y.at(1.0 - share);
            canvas.dashes((frame.left, height), (frame.right, height), (170, 170, 170), 1.0);
            canvas.label((frame.right - 4.0, height), label, Type::new(14.0, Anchor::End).in_color(MUTED));
        }
    }
}

/// The limits of objectives on a metric, each once.
fn limits(study: &Study, metric: &str, place: impl Fn(f64) -> f64, text: impl Fn(f64) -> String) -> Vec<(f64, String)> {
    let mut limits: Vec<f64> = study
        .architectures
        .iter()
        .flat_map(|summary| &summary.objectives)
        .filter(|objective| objective.metric.split('.').next() == Some(metric))
        .map(|objective| objective.limit)
        .collect();
    limits.sort_by(f64::total_cmp);
    limits.dedup();
    // One label fits above the data.
    limits.truncate(1);
    limits.into_iter().map(|limit| (place(limit), text(limit))).filter(|(at, _)| *at > 0.0).collect()
}

/// So few points that they draw quickly, so many that no eye misses the rest.
fn thinned(curve: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    if curve.len() <= POINTS {
        return curve;
    }
    let last = curve.len() - 1;
    let mut kept = Vec::with_capacity(POINTS + 2);
    let mut next = 0.0;
    for (place, point) in curve.into_iter().enumerate() {
        let height = -libm::log1p(-point.1);
        if height >= next || place == 0 || place == last {
            next = height + STEP;
            kept.push(point);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn thinning_keeps_both_ends() {
        let curve: Vec<(f64, f64)> = (1..=5_000).map(|place| (f64::from(place), f64::from(place) / 5_000.0)).collect();
        let thin = thinned(curve);
        assert!(thin.len() <= POINTS + 2);
        assert_eq!((thin[0].0, thin[thin.len() - 1].0), (1.0, 5_000.0));
    }

    #[test]
    fn an_objective_that_all_share_is_drawn_once() {
        let chart = downtime(&sample::study());
        assert_eq!(limits(&sample::study(), "recovery_time", |limit| limit, |limit| limit.to_string()).len(), 1);
        assert_eq!(chart.numbers[0], ["architecture", "downtime_seconds_per_year", "share_with_more"]);
    }
}

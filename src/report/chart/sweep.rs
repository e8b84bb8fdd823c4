//! Nines and recovery time against a parameter.

use super::axis::{Axis, Tick, duration_bounds, duration_ticks, number_ticks};
use super::canvas::{Anchor, Canvas, Color, MUTED, Type, WIDTH};
use super::frame::{self, Frame, MARGIN, SMALL, color, whisker};
use super::{Chart, number};
use crate::report::sweep::{SweepPoint, several};
use crate::report::value::percent;

/// Ratio of the largest to the smallest value from which the axis is logarithmic.
const WIDE: f64 = 20.0;
/// Curves that can still be told apart.
const MOST_SERIES: usize = 7;

/// The points that share all settings but the one of the axis.
struct Series<'a> {
    name: String,
    points: Vec<(f64, &'a SweepPoint)>,
}

/// The chart of one of the keys.
pub(super) fn chart(key: &str, keys: &[String], points: &[SweepPoint]) -> Chart {
    Chart {
        stem: format!("sweep-{}", file_name(key)),
        numbers: numbers(key, keys, points),
        canvas: drawn(key, keys, points),
    }
}

/// A key as part of a file name: nothing in it leads out of the folder.
fn file_name(key: &str) -> String {
    let safe: String =
        key.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).take(120).collect();
    safe.trim_start_matches('.').to_owned()
}

fn numbers(key: &str, keys: &[String], points: &[SweepPoint]) -> Vec<Vec<String>> {
    let mut head = vec!["architecture".to_owned(), key.to_owned(), format!("{key}.number")];
    head.extend(keys.iter().filter(|other| *other != key).cloned());
    for metric in ["nines", "recovery_time_p50_seconds", "recovery_time_p95_seconds"] {
        head.extend([metric.to_owned(), format!("{metric}_low"), format!("{metric}_high")]);
    }
    let lines = points.iter().map(|point| {
        let summary = &point.summary;
        let mut line =
            vec![summary.name.clone(), point.value(key).to_owned(), point.number(key).map(number).unwrap_or_default()];
        line.extend(keys.iter().filter(|other| *other != key).map(|other| point.value(other).to_owned()));
        let nines = &summary.nines;
        line.extend([nines.estimate, Some(nines.low), nines.high].map(|value| value.map(number).unwrap_or_default()));
        for quantile in [&summary.recovery_time.p50, &summary.recovery_time.p95] {
            let numbers =
                quantile.as_ref().map(|quantile| [quantile.estimate, quantile.low, quantile.high].map(number));
            line.extend(numbers.unwrap_or_default());
        }
        line
    });
    std::iter::once(head).chain(lines).collect()
}

/// The values of a key along an axis: by size if all are numbers, else one after the other.
fn positions(key: &str, points: &[SweepPoint]) -> (Vec<f64>, Vec<Tick>, bool) {
    let numbers: Option<Vec<f64>> =
        points.iter().map(|point| point.number(key).filter(|value| value.is_finite())).collect();
    let mut ticks: Vec<Tick> = Vec::new();
    let positions: Vec<f64> = match numbers {
        Some(numbers) => {
            for (number, point) in numbers.iter().zip(points) {
                if ticks.iter().all(|(value, _)| value != number) {
                    ticks.push((*number, point.value(key).to_owned()));
                }
            }
            ticks.sort_by(|left, right| left.0.total_cmp(&right.0));
            numbers
        }
        None => points
            .iter()
            .map(|point| {
                let text = point.value(key);
                match ticks.iter().find(|(_, label)| label == text) {
                    Some((value, _)) => *value,
                    None => {
                        let value = ticks.len() as f64;
                        ticks.push((value, text.to_owned()));
                        value
                    }
                }
            })
            .collect(),
    };
    let (low, high) = extremes(positions.iter().copied());
    let logarithmic = low > 0.0 && high / low > WIDE && points.iter().all(|point| point.number(key).is_some());
    (positions, ticks, logarithmic)
}

fn extremes(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

fn series<'a>(key: &str, keys: &[String], points: &'a [SweepPoint], positions: &[f64]) -> Vec<Series<'a>> {
    let named = several(points);
    let mut all: Vec<Series<'a>> = Vec::new();
    for (point, position) in points.iter().zip(positions) {
        let mut parts: Vec<String> = keys
            .iter()
            .filter(|other| *other != key)
            .map(|other| format!("{other} = {}", point.value(other)))
            .collect();
        if named || parts.is_empty() {
            parts.insert(0, point.summary.name.clone());
        }
        let name = parts.join(", ");
        match all.iter_mut().find(|series| series.name == name) {
            Some(series) => series.points.push((*position, point)),
            None => all.push(Series { name, points: vec![(*position, point)] }),
        }
    }
    for series in &mut all {
        series.points.sort_by(|left, right| left.0.total_cmp(&right.0));
    }
    all
}

fn drawn(key: &str, keys: &[String], points: &[SweepPoint]) -> Canvas {
    let mut canvas = Canvas::new(860.0);
    let level = points.first().map_or(0.95, |point| point.summary.nines.level);
    let top = frame::heading(
        &mut canvas,
        &format!("What {key} changes"),
        &format!(
            "Availability above (higher is better), recovery time below (lower is better), with {} intervals",
            percent(level)
        ),
    );
    let (positions, ticks, logarithmic) = positions(key, points);
    let mut series = series(key, keys, points, &positions);
    let hidden = series.len().saturating_sub(MOST_SERIES);
    series.truncate(MOST_SERIES);
    let mut items: Vec<(String, Color)> =
        series.iter().enumerate().map(|(place, series)| (series.name.clone(), color(place))).collect();
    if hidden > 0 {
        items.push((format!("{hidden} more in the CSV"), (255, 255, 255)));
    }
    let top = frame::legend(&mut canvas, top, &items);
    let middle = (top + canvas.height()) / 2.0 - 20.0;
    let above = Frame { left: MARGIN + 62.0, right: WIDTH - MARGIN, top: top + 44.0, bottom: middle - 16.0 };
    let below = Frame { top: middle + 54.0, bottom: canvas.height() - 90.0, ..above };

    let (low, high) = extremes(positions.iter().copied());
    let ends = (above.left + 40.0, above.right - 40.0);
    let x = if logarithmic {
        Axis::logarithmic((low, high), ends)
    } else if high > low {
        Axis::linear((low, high), ends)
    } else {
        Axis::linear((low - 1.0, low + 1.0), ends)
    };
    let shown: Vec<&SweepPoint> =
        series.iter().flat_map(|series| series.points.iter().map(|(_, point)| *point)).collect();
    nines_panel(&mut canvas, above, &x, &ticks, &series, &shown);
    let title = if logarithmic { format!("{key} (logarithmic)") } else { key.to_owned() };
    recovery_panel(&mut canvas, below, &x, &ticks, &title, &series, &shown);
    canvas
}

/// How far the marks of a series stand beside their value, so that those of several do not cover each other.
fn aside(place: usize, places: usize) -> f64 {
    (place as f64 - (places as f64 - 1.0) / 2.0) * 9.0
}

fn nines_panel(
    canvas: &mut Canvas,
    frame: Frame,
    x: &Axis,
    ticks: &[Tick],
    series: &[Series<'_>],
    shown: &[&SweepPoint],
) {
    let values = shown.iter().flat_map(|point| {
        let nines = &point.summary.nines;
        [nines.estimate, Some(nines.low), nines.high].into_iter().flatten()
    });
    let (low, high) = extremes(values);
    let open = shown.iter().any(|point| point.summary.nines.high.is_none());
    let (bounds, labels) = number_ticks(low, if open { high + 0.5 } else { high });
    let y = Axis::linear(bounds, (frame.bottom, frame.top));
    frame::y_axis(canvas, frame, &y, &labels, "nines");
    frame::x_axis(canvas, frame, x, ticks, "");
    if shown.is_empty() {
        frame::nothing(canvas, frame, "Nothing was simulated");
    }
    let places = series.len();
    for (place, series) in series.iter().enumerate() {
        let (color, aside) = (color(place), aside(place, places));
        // A bound is no estimate: the line is broken where no loss was seen.
        for stretch in series.points.split(|(_, point)| point.summary.nines.estimate.is_none()) {
            let path =
                stretch.iter().filter_map(|(at, point)| Some((x.at(*at) + aside, y.at(point.summary.nines.estimate?))));
            canvas.path(path.collect(), color, 2.0);
        }
        for (at, point) in &series.points {
            let nines = &point.summary.nines;
            let at = x.at(*at) + aside;
            let low = (at, y.at(nines.low));
            match nines.high.filter(|high| high.is_finite()) {
                Some(high) => whisker(canvas, low, (at, y.at(high)), color),
                None => {
                    canvas.line(low, (at, frame.top + 12.0), color, 2.0);
                    canvas.line((at - 8.0, low.1), (at + 8.0, low.1), color, 2.0);
                    let tip = frame.top;
                    canvas.fill(vec![(at, tip), (at - 7.0, tip + 13.0), (at + 7.0, tip + 13.0)], color);
                }
            }
            if let Some(estimate) = nines.estimate {
                canvas.disc((at, y.at(estimate)), 6.0, color);
            }
        }
    }
}

fn recovery_panel(
    canvas: &mut Canvas,
    frame: Frame,
    x: &Axis,
    ticks: &[Tick],
    title: &str,
    series: &[Series<'_>],
    shown: &[&SweepPoint],
) {
    let values = shown.iter().flat_map(|point| {
        let recovery = &point.summary.recovery_time;
        [&recovery.p50, &recovery.p95]
            .into_iter()
            .flatten()
            .flat_map(|quantile| [quantile.estimate, quantile.low, quantile.high])
    });
    let bounds = duration_bounds(values);
    let y = Axis::logarithmic(bounds, (frame.bottom, frame.top));
    frame::y_axis(canvas, frame, &y, &duration_ticks(bounds), "recovery time");
    frame::x_axis(canvas, frame, x, ticks, title);
    if shown.iter().all(|point| point.summary.recovery_time.p50.is_none()) {
        frame::nothing(canvas, frame, "No incident was seen");
        return;
    }
    // What the two kinds of dot mean, at the right of the panel's title.
    let how = Type::new(SMALL, Anchor::Start);
    let (height, mut at) = (frame.top - 26.0, frame.right - 300.0);
    for (text, full) in [("95th percentile", true), ("median", false)] {
        if full {
            canvas.disc((at, height), 6.0, MUTED);
        } else {
            canvas.ring((at, height), 6.0, MUTED);
        }
        canvas.text((at + 14.0, height), text, how);
        at += 190.0;
    }
    let places = series.len();
    for (place, series) in series.iter().enumerate() {
        let (color, aside) = (color(place), aside(place, places));
        for full in [true, false] {
            let found: Vec<_> = series
                .points
                .iter()
                .filter_map(|(at, point)| {
                    let recovery = &point.summary.recovery_time;
                    let quantile = if full { recovery.p95 } else { recovery.p50 };
                    quantile.map(|quantile| (x.at(*at) + aside, quantile))
                })
                .collect();
            canvas.path(
                found.iter().map(|(at, quantile)| (*at, y.at(quantile.estimate))).collect(),
                color,
                if full { 2.0 } else { 1.2 },
            );
            for (at, quantile) in found {
                whisker(canvas, (at, y.at(quantile.low)), (at, y.at(quantile.high)), color);
                let center = (at, y.at(quantile.estimate));
                if full {
                    canvas.disc(center, 6.0, color);
                } else {
                    canvas.ring(center, 6.0, color);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_wide_range_is_logarithmic_and_words_stand_in_line() {
        let (keys, mut points) = sample::sweep();
        let (_, ticks, logarithmic) = positions(&keys[0], &points);
        assert!(logarithmic);
        assert_eq!(ticks.first().map(|(_, label)| label.as_str()), Some("5s"));
        assert!(!positions(&keys[0], &points[..2]).2);
        for point in &mut points {
            point.settings[0].2 = None;
        }
        let (places, _, logarithmic) = positions(&keys[0], &points);
        assert_eq!(places, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert!(!logarithmic);
    }

    #[test]
    fn other_keys_make_series() {
        let (_, mut points) = sample::sweep();
        for (place, point) in points.iter_mut().enumerate() {
            point.settings.push(("zones".to_owned(), (2 + place % 2).to_string(), Some((2 + place % 2) as f64)));
        }
        let keys = ["routing.dns.ttl".to_owned(), "zones".to_owned()];
        let places = vec![0.0; points.len()];
        let names: Vec<String> =
            series(&keys[0], &keys, &points, &places).into_iter().map(|series| series.name).collect();
        assert_eq!(names, ["zones = 2", "zones = 3"]);
    }

    #[test]
    fn a_key_cannot_leave_the_folder() {
        assert_eq!(file_name("../../etc/passwd"), "-..-etc-passwd");
        assert_eq!(file_name("routing.dns.ttl"), "routing.dns.ttl");
    }
}

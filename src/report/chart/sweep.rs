//! Nines and recovery time against a parameter.

use super::axis::{Axis, Tick, duration_bounds, duration_ticks, number_ticks};
use super::canvas::{Anchor, Canvas, Color, MUTED, PAPER, Type, WIDTH};
use super::frame::{self, Frame, MARGIN, SMALL, color, whisker};
use super::{Chart, number};
use crate::model::Charge;
use crate::report::sweep::{SweepPoint, moved_cause, recovery_from, several};
use crate::report::value::{count, duration, percent};
use crate::statistics::Estimate;
use crate::study::Summary;

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
    let cause = moved_cause(points);
    let from_cause = cause.map(|cause| format!("recovery_from_{cause}_p50_seconds"));
    for metric in
        ["nines", "recovery_time_p50_seconds", "recovery_time_p95_seconds"].into_iter().chain(from_cause.as_deref())
    {
        head.extend([metric.to_owned(), format!("{metric}_low"), format!("{metric}_high")]);
    }
    head.extend(["dns_queries_per_year", "dns_cost_per_year"].map(str::to_owned));
    let lines = points.iter().map(|point| {
        let summary = &point.summary;
        let mut line =
            vec![summary.name.clone(), point.value(key).to_owned(), point.number(key).map(number).unwrap_or_default()];
        line.extend(keys.iter().filter(|other| *other != key).map(|other| point.value(other).to_owned()));
        let nines = &summary.nines;
        line.extend([nines.estimate, Some(nines.low), nines.high].map(|value| value.map(number).unwrap_or_default()));
        let from_cause = cause.map(|cause| recovery_from(point, cause));
        for quantile in [summary.recovery_time.p50, summary.recovery_time.p95].into_iter().chain(from_cause) {
            let numbers = quantile.map(|quantile| [quantile.estimate, quantile.low, quantile.high].map(number));
            line.extend(numbers.unwrap_or_default());
        }
        line.extend([summary.dns_queries_per_year, of_queries(summary)].map(|it| it.map(number).unwrap_or_default()));
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

/// Height of the panel of the DNS queries, with its labels.
const QUERIES: f64 = 250.0;

fn drawn(key: &str, keys: &[String], points: &[SweepPoint]) -> Canvas {
    let (positions, ticks, logarithmic) = positions(key, points);
    let mut series = series(key, keys, points, &positions);
    let queries = asks_differently(&series);
    let mut canvas = Canvas::new(880.0 + if queries { QUERIES } else { 0.0 });
    let level = points.first().map_or(0.95, |point| point.summary.nines.level);
    let top = frame::heading(
        &mut canvas,
        &format!("What {key} changes"),
        &format!("With {} intervals, under the same random numbers at every setting{}", percent(level), steady(points)),
    );
    let hidden = series.len().saturating_sub(MOST_SERIES);
    series.truncate(MOST_SERIES);
    let mut items: Vec<(String, Color)> =
        series.iter().enumerate().map(|(place, series)| (series.name.clone(), color(place))).collect();
    if hidden > 0 {
        items.push((format!("{hidden} more in the CSV"), PAPER));
    }
    let top = frame::legend(&mut canvas, top, &items);
    let bottom = canvas.height() - if queries { QUERIES } else { 0.0 };
    let middle = (top + bottom) / 2.0 - 20.0;
    let above = Frame { left: MARGIN + 62.0, right: WIDTH - MARGIN, top: top + 50.0, bottom: middle - 16.0 };
    let below = Frame { top: middle + 64.0, bottom: bottom - if queries { 40.0 } else { 90.0 }, ..above };

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
    let title = if logarithmic { format!("{key} (logarithmic)") } else { key.to_owned() };
    nines_panel(&mut canvas, above, &x, &ticks, &series, &shown);
    let last = if queries { "" } else { &title };
    recovery_panel(&mut canvas, below, &x, &ticks, last, &series, &shown, moved_cause(points));
    if queries {
        let last = Frame { top: bottom + 64.0, bottom: canvas.height() - 90.0, ..above };
        queries_panel(&mut canvas, last, &x, &ticks, &title, &series);
    }
    canvas
}

/// What the panel of recovery times leaves out because it stays what it is.
fn steady(points: &[SweepPoint]) -> String {
    let all: Vec<&SweepPoint> = points.iter().collect();
    let recovery = points.first().map(|point| &point.summary.recovery_time);
    match recovery.and_then(|recovery| recovery.p50.zip(recovery.p95)) {
        Some((p50, p95)) if moved_cause(points).is_some() && is_steady(&all) => format!(
            "; recovery from all incidents stays at {} (median), {} (p95)",
            duration(p50.estimate),
            duration(p95.estimate)
        ),
        _ => String::new(),
    }
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
    frame::y_axis(canvas, frame, &y, &labels, "nines of availability (higher is better)");
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

/// Which quantile of a setting a curve shows.
type Read<'a> = Box<dyn Fn(&SweepPoint) -> Option<Estimate> + 'a>;

/// A curve of the panel of recovery times: what it shows, how, and the numbers.
struct Kind<'a> {
    label: String,
    mark: fn(&mut Canvas, (f64, f64), Color),
    thickness: f64,
    read: Read<'a>,
}

/// Ratio of the largest to the smallest quantile up to which it counts as the same at every setting.
const STEADY: f64 = 1.05;

/// Whether the recovery times of all incidents, taken together, stay what they are.
fn is_steady(points: &[&SweepPoint]) -> bool {
    let quantiles: [fn(&SweepPoint) -> Option<Estimate>; 2] =
        [|point| point.summary.recovery_time.p50, |point| point.summary.recovery_time.p95];
    quantiles.iter().all(|read| {
        let (low, high) = extremes(points.iter().filter_map(|point| read(point)).map(|quantile| quantile.estimate));
        high <= low * STEADY
    })
}

fn disc(canvas: &mut Canvas, center: (f64, f64), color: Color) {
    canvas.disc(center, 6.0, color);
}

fn ring(canvas: &mut Canvas, center: (f64, f64), color: Color) {
    canvas.ring(center, 6.0, color);
}

fn triangle(canvas: &mut Canvas, (x, y): (f64, f64), color: Color) {
    canvas.fill(vec![(x, y - 8.0), (x - 8.0, y + 6.0), (x + 8.0, y + 6.0)], color);
}

/// The quantiles of all incidents, unless they stay what they are, and those of the incidents that the keys change most.
fn kinds<'a>(cause: Option<&'a str>, steady: bool) -> Vec<Kind<'a>> {
    let mut kinds: Vec<Kind<'a>> = Vec::new();
    let mut add = |label: &str, mark, thickness, read: Read<'a>| {
        let label = Type::new(SMALL, Anchor::Start).fit(label, 400.0);
        kinds.push(Kind { label, mark, thickness, read });
    };
    if let Some(cause) = cause {
        let median = Box::new(move |point: &SweepPoint| recovery_from(point, cause));
        add(&format!("median of incidents from {cause}"), triangle, 2.0, median);
    }
    if cause.is_none() || !steady {
        add("p95 of all incidents", disc, 2.0, Box::new(|point| point.summary.recovery_time.p95));
        add("median of all", ring, 1.2, Box::new(|point| point.summary.recovery_time.p50));
    }
    kinds
}

#[expect(clippy::too_many_arguments, reason = "a panel is its frame, its axis and what is drawn")]
fn recovery_panel(
    canvas: &mut Canvas,
    frame: Frame,
    x: &Axis,
    ticks: &[Tick],
    title: &str,
    series: &[Series<'_>],
    shown: &[&SweepPoint],
    cause: Option<&str>,
) {
    let kinds = kinds(cause, is_steady(shown));
    let values = shown.iter().flat_map(|point| {
        kinds
            .iter()
            .filter_map(|kind| (kind.read)(point))
            .flat_map(|quantile| [quantile.estimate, quantile.low, quantile.high])
    });
    let bounds = duration_bounds(values);
    let y = Axis::logarithmic(bounds, (frame.bottom, frame.top));
    frame::y_axis(canvas, frame, &y, &duration_ticks(bounds), "recovery time (lower is better)");
    frame::x_axis(canvas, frame, x, ticks, title);
    if shown.iter().all(|point| point.summary.recovery_time.p50.is_none()) {
        frame::nothing(canvas, frame, "No incident was seen");
        return;
    }
    // What the kinds of mark mean, from the right end of the panel's title.
    let how = Type::new(SMALL, Anchor::Start);
    let height = frame.top - 26.0;
    let mut end = frame.right;
    for kind in kinds.iter().rev() {
        let start = end - how.width(&kind.label) * 1.08;
        canvas.text((start, height), &kind.label, how);
        (kind.mark)(canvas, (start - 14.0, height), MUTED);
        end = start - 44.0;
    }
    let places = series.len();
    for (place, series) in series.iter().enumerate() {
        let (color, aside) = (color(place), aside(place, places));
        for kind in &kinds {
            let found: Vec<_> = (series.points.iter())
                .filter_map(|(at, point)| (kind.read)(point).map(|quantile| (x.at(*at) + aside, quantile)))
                .collect();
            let path = found.iter().map(|(at, quantile)| (*at, y.at(quantile.estimate))).collect();
            canvas.path(path, color, kind.thickness);
            for (at, quantile) in found {
                whisker(canvas, (at, y.at(quantile.low)), (at, y.at(quantile.high)), color);
                (kind.mark)(canvas, (at, y.at(quantile.estimate)), color);
            }
        }
    }
}

/// Whether the key changes how often resolvers ask, so that the price of an answer's life is worth a panel.
fn asks_differently(series: &[Series<'_>]) -> bool {
    let asked = |point: &(f64, &SweepPoint)| point.1.summary.dns_queries_per_year;
    series.iter().any(|series| series.points.windows(2).any(|pair| asked(&pair[0]) != asked(&pair[1])))
}

/// DNS queries a year on a logarithmic axis, with their cost beside the mark where a price is given.
fn queries_panel(canvas: &mut Canvas, frame: Frame, x: &Axis, ticks: &[Tick], title: &str, series: &[Series<'_>]) {
    let asked = |point: &SweepPoint| point.summary.dns_queries_per_year.filter(|queries| *queries > 0.0);
    let all = series.iter().flat_map(|series| series.points.iter().filter_map(|(_, point)| asked(point)));
    let (low, high) = extremes(all);
    let (low, high) = if low.is_finite() { (low, high) } else { (1.0, 10.0) };
    let decades = libm::log10(low).floor() as i32..=libm::log10(high).ceil() as i32;
    // Room above the highest mark for what it costs.
    let y = Axis::logarithmic((libm::pow(10.0, f64::from(*decades.start())), high * 6.0), (frame.bottom, frame.top));
    let at = |power: i32| libm::pow(10.0, f64::from(power));
    let labels: Vec<Tick> = decades.map(|power| (at(power), short_count(at(power)))).collect();
    frame::y_axis(canvas, frame, &y, &labels, "DNS queries a year, and what they cost where a price is given");
    frame::x_axis(canvas, frame, x, ticks, title);
    let places = series.len();
    for (place, series) in series.iter().enumerate() {
        let (color, aside) = (color(place), aside(place, places));
        let seen: Vec<(f64, f64, Option<f64>)> = (series.points.iter())
            .filter_map(|(at, point)| Some((x.at(*at) + aside, y.at(asked(point)?), of_queries(&point.summary))))
            .collect();
        canvas.path(seen.iter().map(|(at, height, _)| (*at, *height)).collect(), color, 2.0);
        for (at, height, cost) in seen {
            canvas.disc((at, height), 6.0, color);
            // Series that ask alike would write over each other.
            if let Some(cost) = cost.filter(|_| place == 0) {
                let how = Type::new(SMALL, Anchor::Start);
                let text = count(cost);
                let how = if at + how.width(&text) < frame.right { how } else { Type::new(SMALL, Anchor::End) };
                canvas.label((at, height - 20.0), &text, how);
            }
        }
    }
}

/// What the queries cost, where they have a price.
fn of_queries(summary: &Summary) -> Option<f64> {
    let bill = summary.bill.as_ref()?;
    bill.charges.iter().find(|charge| charge.what == "DNS queries").map(Charge::per_year)
}

/// 1, 10, 100, 1k, ... as the labels of an axis.
fn short_count(number: f64) -> String {
    match number {
        n if n >= 1e9 => format!("{:.0}G", n / 1e9),
        n if n >= 1e6 => format!("{:.0}M", n / 1e6),
        n if n >= 1e3 => format!("{:.0}k", n / 1e3),
        n => count(n),
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

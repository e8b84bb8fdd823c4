//! One design over the values of a parameter, or of several.

use super::csv::{header, number, summary_lines, written};
use super::json::{FORMAT_VERSION, pretty, summary as summary_json};
use super::layout::{FAINT, Page, STRONG, total_width, width};
use super::markdown;
use super::metric::METRICS;
use super::value::{Glyphs, Reading, SMALL_SAMPLE_MARK, SMALL_SAMPLE_NOTE, fold, percent, wrap};
use crate::study::Summary;
use comfy_table::CellAlignment;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// The metrics of a sweep's table; the last ones give way on a narrow terminal.
const COLUMNS: [&str; 5] = [
    "nines",
    "recovery_time_seconds.p50",
    "recovery_time_seconds.p95",
    "lost_seconds_per_year",
    "data_loss_seconds.p95",
];

/// One setting of the parameters, and what was measured there.
#[derive(Debug, Clone)]
pub struct SweepPoint {
    /// Key, value as typed, and the value as a number where it is one; seconds for durations.
    pub settings: Vec<(String, String, Option<f64>)>,
    /// What was measured.
    pub summary: Summary,
}

impl SweepPoint {
    /// The value of a key, as typed.
    pub(super) fn value(&self, key: &str) -> &str {
        self.settings.iter().find(|(name, ..)| name == key).map_or("", |(_, value, _)| value)
    }

    /// The value of a key as a number.
    pub(super) fn number(&self, key: &str) -> Option<f64> {
        self.settings.iter().find(|(name, ..)| name == key).and_then(|(.., number)| *number)
    }
}

/// The sweep for a terminal: what it shows in a sentence, then one row a setting.
#[must_use]
pub fn sweep_terminal(
    keys: &[String],
    points: &[SweepPoint],
    seed: u64,
    width: usize,
    colour: bool,
    ascii: bool,
) -> String {
    let page = Page::new(width, colour, ascii);
    let title = page.paint(&wrap(&title(keys), page.width, 0), STRONG);
    let answer = page.paint_numbers(&wrap(&answer(keys, points, page.glyphs), page.width, 0));
    let mut text = format!("{title}\n\n{answer}\n");
    if points.is_empty() {
        return text;
    }
    text.push('\n');
    text.push_str(&table(keys, points, page));
    let mut note = format!("[low, high]: {} interval", percent(level(points)));
    let small = [format!("]{SMALL_SAMPLE_MARK}"), format!("]\u{1b}[0m{SMALL_SAMPLE_MARK}")];
    if small.iter().any(|mark| text.contains(mark)) {
        let _ = write!(note, "; {SMALL_SAMPLE_NOTE}");
    }
    for line in [note, provenance(points, seed)] {
        let _ = writeln!(text, "{}", page.paint(&wrap(&line, page.width, 2), FAINT));
    }
    text
}

/// The sweep as tidy CSV: a column for each key, then the columns of a run.
#[must_use]
pub fn sweep_csv(keys: &[String], points: &[SweepPoint]) -> String {
    let mut lines = vec![header(&leading_names(keys))];
    for point in points {
        let leading: Vec<String> = keys
            .iter()
            .map(|key| point.value(key).to_owned())
            .chain(keys.iter().map(|key| point.number(key).map(number).unwrap_or_default()))
            .chain([point.summary.name.clone()])
            .collect();
        lines.extend(summary_lines(&leading, &point.summary));
    }
    written(&lines)
}

/// Columns that say which setting a line is about: each key as typed, then each as a number.
fn leading_names(keys: &[String]) -> Vec<String> {
    keys.iter()
        .cloned()
        .chain(keys.iter().map(|key| format!("{key}.number")))
        .chain(["architecture".to_owned()])
        .collect()
}

/// The sweep as one JSON document; an architecture has the keys that it has in the document of a run.
#[must_use]
pub fn sweep_json(keys: &[String], points: &[SweepPoint], seed: u64) -> String {
    let points: Vec<Value> = points
        .iter()
        .map(|point| {
            let settings: Map<String, Value> = point
                .settings
                .iter()
                .map(|(key, value, number)| {
                    (key.clone(), json!({ "value": value, "number": number.map(super::json::number) }))
                })
                .collect();
            json!({ "settings": settings, "architecture": summary_json(&point.summary) })
        })
        .collect();
    pretty(&json!({
        "format_version": FORMAT_VERSION,
        "version": env!("CARGO_PKG_VERSION"),
        "seed": seed,
        "keys": keys,
        "points": points,
    }))
}

/// The sweep for a pull request.
#[must_use]
pub fn sweep_markdown(keys: &[String], points: &[SweepPoint], seed: u64) -> String {
    let glyphs = Glyphs::UNICODE;
    let mut text =
        format!("### {}\n\n{}\n\n", markdown::escaped(&title(keys)), markdown::escaped(&answer(keys, points, glyphs)));
    if points.is_empty() {
        return text;
    }
    let (head, rows) = cells(keys, points, glyphs);
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(names, readings)| names.into_iter().chain(readings.iter().map(Reading::line)).collect())
        .collect();
    let names = keys.len() + usize::from(several(points));
    text.push_str(&markdown::table(&head, &vec![false; names], &rows));
    let _ = writeln!(
        text,
        "<sub>[low, high]: {} interval; {}</sub>",
        percent(level(points)),
        markdown::escaped(&provenance(points, seed))
    );
    text
}

/// What is varied.
pub(super) fn title(keys: &[String]) -> String {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    format!("What does {} change?", super::answer::list(&keys))
}

/// Best and worst setting, and whether the data tell them apart.
fn answer(keys: &[String], points: &[SweepPoint], glyphs: Glyphs) -> String {
    let loss = |point: &SweepPoint| point.summary.lost_seconds_per_year.estimate;
    let best = points.iter().reduce(|best, other| if loss(other) < loss(best) { other } else { best });
    let worst = points.iter().reduce(|worst, other| if loss(other) > loss(worst) { other } else { worst });
    let (Some(best), Some(worst)) = (best, worst) else {
        return "There is no result.".to_owned();
    };
    let phrase = |point: &SweepPoint| {
        format!("{}: {}", setting(keys, points, point), super::answer::nines_phrase(&point.summary, glyphs))
    };
    let apart = best.summary.lost_seconds_per_year.high < worst.summary.lost_seconds_per_year.low;
    if points.len() == 1 {
        format!("{}.", phrase(best))
    } else if apart {
        format!("Least is lost with {}; most with {}.", phrase(best), phrase(worst))
    } else {
        format!(
            "No setting stands out: even the intervals of the best and the worst overlap ({}; {}).",
            phrase(best),
            phrase(worst)
        )
    }
}

/// "routing.dns.ttl = 60s", with the architecture where there are several.
fn setting(keys: &[String], points: &[SweepPoint], point: &SweepPoint) -> String {
    let mut parts: Vec<String> = keys.iter().map(|key| format!("{key} = {}", point.value(key))).collect();
    if several(points) {
        parts.insert(0, point.summary.name.clone());
    }
    parts.join(", ")
}

/// Whether the points are of more than one architecture.
pub(super) fn several(points: &[SweepPoint]) -> bool {
    points.windows(2).any(|pair| pair[0].summary.name != pair[1].summary.name)
}

type Row = (Vec<String>, Vec<Reading>);

/// Head and rows: the names of the setting, then the readings.
fn cells(keys: &[String], points: &[SweepPoint], glyphs: Glyphs) -> (Vec<String>, Vec<Row>) {
    let metrics: Vec<_> = COLUMNS.iter().filter_map(|key| METRICS.iter().find(|metric| metric.key == *key)).collect();
    let named = several(points);
    let mut head: Vec<String> = Vec::new();
    if named {
        head.push("architecture".to_owned());
    }
    head.extend(keys.iter().cloned());
    head.extend(metrics.iter().map(|metric| metric.label.to_owned()));
    let rows = points
        .iter()
        .map(|point| {
            let mut names = Vec::new();
            if named {
                names.push(point.summary.name.clone());
            }
            names.extend(keys.iter().map(|key| point.value(key).to_owned()));
            (names, metrics.iter().map(|metric| metric.text(&point.summary, glyphs)).collect())
        })
        .collect();
    (head, rows)
}

/// Values above their intervals unless all fits beside; metrics that do not fit at all are left to the other formats.
fn table(keys: &[String], points: &[SweepPoint], page: Page) -> String {
    let (head, rows) = cells(keys, points, page.glyphs);
    let names = rows.first().map_or(0, |(names, _)| names.len());
    let build = |text: fn(&Reading) -> String| -> Vec<Vec<String>> {
        rows.iter()
            .map(|(names, readings)| {
                let names = names.iter().map(|name| fold(name, 24).join("\n"));
                names.chain(readings.iter().map(text)).collect()
            })
            .collect()
    };
    let folded_head = |rows: &[Vec<String>]| -> Vec<String> {
        head.iter()
            .enumerate()
            .map(|(place, name)| {
                let content = rows.iter().map(|row| width(&row[place])).max().unwrap_or(0);
                fold(name, content.max(16)).join("\n")
            })
            .collect()
    };
    let mut rows = build(Reading::line);
    let mut short = folded_head(&rows);
    if total_width(&short, &rows, 0) > page.width {
        rows = build(Reading::stacked);
        short = folded_head(&rows);
    }
    let mut end = head.len();
    while end > names + 1 && total_width(&short[..end], &rows, 0) > page.width {
        end -= 1;
    }
    for row in &mut rows {
        row.truncate(end);
    }
    let alignments: Vec<CellAlignment> = vec![CellAlignment::Left; names];
    page.table(&short[..end], &alignments, &rows)
}

fn level(points: &[SweepPoint]) -> f64 {
    points.first().map_or(0.95, |point| point.summary.lost_seconds_per_year.level)
}

fn provenance(points: &[SweepPoint], seed: u64) -> String {
    let fewest = points.iter().map(|point| point.summary.replications).min().unwrap_or(0);
    let most = points.iter().map(|point| point.summary.replications).max().unwrap_or(0);
    let replications = if fewest == most {
        super::value::count(fewest as f64)
    } else {
        format!("{} to {}", super::value::count(fewest as f64), super::value::count(most as f64))
    };
    format!("ridethrough {}, seed {seed}, {replications} replications a setting", env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn one_row_a_setting() {
        let (keys, points) = sample::sweep();
        let text = sweep_terminal(&keys, &points[..2], 42, 80, false, true);
        let version = concat!("ridethrough ", env!("CARGO_PKG_VERSION"));
        assert_eq!(text.replace(version, "ridethrough VERSION"), AT_80);
    }

    #[test]
    fn settings_that_differ_are_told_apart_and_others_are_not() {
        let (keys, points) = sample::sweep();
        let text = sweep_terminal(&keys, &points, 42, 120, false, false);
        assert!(text.contains(
            "Least is lost with routing.dns.ttl = 5s: 4.20 nines [4.11, 4.31]; most with routing.dns.ttl = 1h: 3.54"
        ));
        assert!(answer(&keys, &points[..1], Glyphs::UNICODE).starts_with("routing.dns.ttl = 5s: 4.20 nines"));
        assert_eq!(answer(&keys, &[], Glyphs::UNICODE), "There is no result.");
    }

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        for (keys, points) in [sample::sweep(), sample::sweep_of_two()] {
            for width in [72, 80, 100, 140] {
                for line in sweep_terminal(&keys, &points, 42, width, false, false).lines() {
                    assert!(line.chars().count() <= width, "{width} columns: {line}");
                }
            }
        }
    }

    #[test]
    fn csv_has_a_column_for_each_key() {
        let (keys, points) = sample::sweep();
        let text = sweep_csv(&keys, &points);
        assert!(text.starts_with(
            "routing.dns.ttl,routing.dns.ttl.number,architecture,metric,estimate,low,high,level,method\n\
             5s,5,multi-region,nines,"
        ));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert!(reader.records().all(|record| record.is_ok_and(|record| record.len() == 9)));
    }

    #[test]
    fn json_has_settings_and_the_architecture_of_a_run() {
        let (keys, points) = sample::sweep_of_two();
        let document: Value = serde_json::from_str(&sweep_json(&keys, &points, 42)).expect("valid JSON");
        assert_eq!(document["keys"], json!(["zones", "database.engine"]));
        assert_eq!(document["seed"], 42);
        let point = &document["points"][0];
        assert_eq!(point["settings"]["zones"], json!({ "value": "2", "number": 2.0 }));
        assert_eq!(point["settings"]["database.engine"], json!({ "value": "aurora", "number": null }));
        assert!(point["architecture"]["recovery_time_seconds"]["p95"]["low"].is_number());
    }

    #[test]
    fn markdown_is_one_table() {
        let (keys, points) = sample::sweep();
        let text = sweep_markdown(&keys, &points, 42);
        assert!(text.contains(
            "| routing.dns.ttl | nines | recovery time, median | recovery time, p95 | lost time a year | data loss, p95 |"
        ));
        assert!(text.contains("| 1h | 3.54 [3.45, 3.65] |") && text.contains("seed 42"));
    }

    const AT_80: &str = r"What does routing.dns.ttl change?

No setting stands out: even the intervals of the best and the worst overlap
(routing.dns.ttl = 5s: 4.20 nines [4.11, 4.31]; routing.dns.ttl = 30s: 4.18
nines [4.09, 4.29]).

routing.dns.ttl         nines    recovery time,    recovery time,
                                         median               p95
-----------------------------------------------------------------
5s                       4.20            1m 33s            2m 58s
                 [4.11, 4.31]  [1m 23s, 1m 42s]  [2m 40s, 3m 16s]
30s                      4.18            1m 45s            3m 22s
                 [4.09, 4.29]  [1m 35s, 1m 56s]   [3m 2s, 3m 42s]
[low, high]: 95 % interval
ridethrough VERSION, seed 42, 10,000 replications a setting
";
}

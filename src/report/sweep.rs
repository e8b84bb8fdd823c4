//! One design over the values of a parameter, or of several.

use super::csv::{header, line, number, summary_lines, written};
use super::json::{FORMAT_VERSION, pretty, summary as summary_json};
use super::layout::{DOUBTFUL, FAINT, NARROWEST, Page, STRONG, total_width, width};
use super::markdown;
use super::metric::{METRICS, Measured, Shown};
use super::value::{Glyphs, Reading, SMALL_SAMPLE_MARK, SMALL_SAMPLE_NOTE, Unit, fold, percent, wrap};
use crate::statistics::Estimate;
use crate::study::Summary;
use comfy_table::CellAlignment;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// The metrics of a sweep's table; the last ones give way on a narrow terminal. The recovery from the cause that the keys
/// move most comes after the first two.
const COLUMNS: [&str; 7] = [
    "nines",
    "lost_seconds_per_year",
    "cost_per_year",
    "dns_queries_per_year",
    "recovery_time_seconds.p95",
    "recovery_time_seconds.p50",
    "data_loss_seconds.p95",
];

/// What is said of a sweep that was cut short.
const INTERRUPTED: &str = "interrupted: settings are missing, or the last one rests on fewer replications";

/// Incidents of a cause at every setting from which its recovery is worth a column: fewer leave no interval for a p95.
const ENOUGH_INCIDENTS: u64 = 30;

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

/// The result of `sweep`.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// The keys that are varied.
    pub keys: Vec<String>,
    /// The settings that were simulated, in the order asked.
    pub points: Vec<SweepPoint>,
    /// Seed of every random stream.
    pub seed: u64,
    /// Lost seconds per year of the setting that loses most minus those of the one that loses least, over the same replications;
    /// none where the two cannot be paired.
    pub extremes: Option<Estimate>,
    /// True when it was cut short: settings are missing, or the last one rests on fewer replications.
    pub interrupted: bool,
}

impl Sweep {
    /// The places of the settings that lose least and most time; none if there are no two.
    #[must_use]
    pub fn least_and_most(points: &[SweepPoint]) -> Option<(usize, usize)> {
        let loss = |place: &usize| points[*place].summary.lost_seconds_per_year.estimate;
        let least = (0..points.len()).reduce(|best, other| if loss(&other) < loss(&best) { other } else { best })?;
        let most = (0..points.len()).reduce(|worst, other| if loss(&other) > loss(&worst) { other } else { worst })?;
        (least != most).then_some((least, most))
    }
}

/// The sweep for a terminal: what it shows in a sentence, then one row a setting.
#[must_use]
pub fn sweep_terminal(sweep: &Sweep, width: usize, colour: bool, ascii: bool) -> String {
    let Sweep { keys, points, seed, extremes, interrupted } = sweep;
    let page = Page::new(width, colour, ascii);
    let title = page.paint(&wrap(&title(keys), page.width, 0), STRONG);
    let answer = page.paint_numbers(&wrap(&answer(keys, points, extremes.as_ref(), page.glyphs), page.width, 0));
    let mut text = format!("{title}\n\n{answer}\n");
    if *interrupted {
        let _ = writeln!(text, "{}", page.paint(&wrap(INTERRUPTED, page.width, 0), DOUBTFUL));
    }
    if points.is_empty() {
        return text;
    }
    text.push('\n');
    text.push_str(&table(keys, points, page));
    let constant = constant(keys, points, page.glyphs);
    if !constant.is_empty() {
        let _ = writeln!(text, "{}", page.paint_numbers(&wrap(&constant, page.width, 2)));
    }
    let mut note = format!("[low, high]: {} interval", percent(level(points)));
    let small = [format!("]{SMALL_SAMPLE_MARK}"), format!("]\u{1b}[0m{SMALL_SAMPLE_MARK}")];
    if small.iter().any(|mark| text.contains(mark)) {
        let _ = write!(note, "; {SMALL_SAMPLE_NOTE}");
    }
    for line in [note, provenance(points, *seed)] {
        let _ = writeln!(text, "{}", page.paint(&wrap(&line, page.width, 2), FAINT));
    }
    text
}

/// The cause from which recovery takes most differently long at the settings, as far as the data tell its extremes apart. A
/// TTL, say, matters to the few incidents that DNS ends; the quantiles of all incidents hide it behind the many others.
pub(super) fn moved_cause(points: &[SweepPoint]) -> Option<&str> {
    let first = points.first()?;
    let spread = |name: &str| {
        let medians: Option<Vec<Estimate>> = points.iter().map(|point| recovery_from(point, name)).collect();
        let medians = medians?;
        let least = medians.iter().min_by(|left, right| left.estimate.total_cmp(&right.estimate))?;
        let most = medians.iter().max_by(|left, right| left.estimate.total_cmp(&right.estimate))?;
        (least.high < most.low).then_some(most.estimate / least.estimate)
    };
    (first.summary.attribution.iter())
        .filter_map(|cause| Some((cause.name.as_str(), spread(&cause.name)?)))
        .reduce(|best, other| if other.1 > best.1 { other } else { best })
        .map(|(name, _)| name)
}

/// The median recovery time of the incidents of a cause, where there are enough.
pub(super) fn recovery_from(point: &SweepPoint, cause: &str) -> Option<Estimate> {
    let cause = point.summary.attribution.iter().find(|other| other.name == cause)?;
    cause.recovery_time.p50.filter(|_| cause.recovery_time.count >= ENOUGH_INCIDENTS)
}

/// The sweep as tidy CSV: a column for each key, then the columns of a run.
#[must_use]
pub fn sweep_csv(sweep: &Sweep) -> String {
    let Sweep { keys, points, interrupted, .. } = sweep;
    let mut lines = vec![header(&leading_names(keys))];
    for point in points {
        let leading: Vec<String> = keys
            .iter()
            .map(|key| point.value(key).to_owned())
            .chain(keys.iter().map(|key| point.number(key).map(number).unwrap_or_default()))
            .chain([point.summary.name.clone()])
            .collect();
        lines.extend(summary_lines(&leading, &point.summary));
        if *interrupted {
            lines.push(line(&leading, "interrupted".to_owned(), &Measured::Plain(1.0)));
        }
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
pub fn sweep_json(sweep: &Sweep, command: Option<&str>) -> String {
    let Sweep { keys, points, seed, extremes, interrupted } = sweep;
    let listed: Vec<Value> = points
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
        "command": command,
        "question": title(keys),
        "answer": answer(keys, points, extremes.as_ref(), Glyphs::UNICODE),
        "seed": seed,
        "keys": keys,
        "points": listed,
        "moved_cause": moved_cause(points),
        "extremes_lost_seconds_per_year_difference": extremes.as_ref().map(super::json::estimate),
        "interrupted": interrupted,
    }))
}

/// The sweep for a pull request.
#[must_use]
pub fn sweep_markdown(sweep: &Sweep) -> String {
    let Sweep { keys, points, seed, extremes, interrupted } = sweep;
    let glyphs = Glyphs::UNICODE;
    let mut text = format!(
        "### {}\n\n{}\n\n",
        markdown::escaped(&title(keys)),
        markdown::escaped(&answer(keys, points, extremes.as_ref(), glyphs))
    );
    if points.is_empty() {
        return text;
    }
    if *interrupted {
        let _ = writeln!(text, "> **warning:** {INTERRUPTED}\n");
    }
    let (head, rows) = cells(keys, points, glyphs);
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(names, readings)| names.into_iter().chain(readings.iter().map(Reading::line)).collect())
        .collect();
    let names = keys.len() + usize::from(several(points));
    text.push_str(&markdown::table(&head, &vec![false; names], &rows));
    let constant = constant(keys, points, glyphs);
    if !constant.is_empty() {
        let _ = writeln!(text, "{}\n", markdown::escaped(&constant));
    }
    let _ = writeln!(
        text,
        "<sub>[low, high]: {} interval; {}</sub>",
        percent(level(points)),
        markdown::escaped(&provenance(points, *seed))
    );
    text
}

/// What is varied.
pub(super) fn title(keys: &[String]) -> String {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    format!("What {} {} change?", if keys.len() == 1 { "does" } else { "do" }, super::answer::list(&keys))
}

/// Best and worst setting, and whether the data tell them apart: by their paired difference if there is one, else by their own
/// intervals, which is the weaker test.
fn answer(keys: &[String], points: &[SweepPoint], extremes: Option<&Estimate>, glyphs: Glyphs) -> String {
    let phrase = |point: &SweepPoint| {
        format!("{}: {}", setting(keys, points, point), super::answer::nines_phrase(&point.summary, glyphs))
    };
    let Some((best, worst)) = Sweep::least_and_most(points).map(|(least, most)| (&points[least], &points[most])) else {
        return match points {
            [] => "There is no result.".to_owned(),
            [only] => format!("{}.", phrase(only)),
            [first, ..] => format!("All settings lose the same: {}.", phrase(first)),
        };
    };
    if let Some(difference) = extremes.filter(|difference| difference.low > 0.0) {
        let more = Reading::of(difference, Unit::Duration, glyphs).line();
        return format!(
            "Least is lost with {}. Most is lost with {}, {more} more a year.",
            phrase(best),
            setting(keys, points, worst)
        );
    }
    let apart = extremes.is_none() && best.summary.lost_seconds_per_year.high < worst.summary.lost_seconds_per_year.low;
    if apart {
        format!("Least is lost with {}; most with {}.", phrase(best), phrase(worst))
    } else {
        format!(
            "No setting stands out: even the best and the worst cannot be told apart ({}; {}).",
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

/// One metric at every setting.
struct Column {
    label: String,
    readings: Vec<Reading>,
}

impl Column {
    /// Whether the settings make no difference that could be read.
    fn is_constant(&self) -> bool {
        self.readings.len() > 1 && self.readings.windows(2).all(|pair| pair[0] == pair[1])
    }
}

/// Every metric that some setting has.
fn columns(points: &[SweepPoint], glyphs: Glyphs) -> Vec<Column> {
    let metrics = COLUMNS.iter().filter_map(|key| METRICS.iter().find(|metric| metric.key == *key));
    let mut columns: Vec<Column> = metrics
        .filter(|metric| {
            metric.shown == Shown::Always
                || points.iter().any(|point| !matches!((metric.read)(&point.summary), Measured::Absent))
        })
        .map(|metric| Column {
            label: metric.label.to_owned(),
            readings: points.iter().map(|point| metric.text(&point.summary, glyphs)).collect(),
        })
        .collect();
    if let Some(cause) = moved_cause(points) {
        let readings = points.iter().map(|point| match recovery_from(point, cause) {
            Some(median) => Reading::of(&median, Unit::Duration, glyphs),
            None => Reading::phrase("-"),
        });
        let column = Column { label: format!("recovery from {cause}, median"), readings: readings.collect() };
        columns.insert(columns.len().min(2), column);
    }
    columns
}

/// What is the same at every setting, in a sentence rather than a column.
fn constant(keys: &[String], points: &[SweepPoint], glyphs: Glyphs) -> String {
    let parts: Vec<String> = columns(points, glyphs)
        .iter()
        .filter(|column| column.is_constant())
        .filter_map(|column| Some(format!("{} {}", column.label, column.readings.first()?.line())))
        .collect();
    if parts.is_empty() {
        return String::new();
    }
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    format!("not changed by {}: {}", super::answer::list(&keys), parts.join("; "))
}

type Row = (Vec<String>, Vec<Reading>);

/// Head and rows: the names of the setting, then the readings that differ.
fn cells(keys: &[String], points: &[SweepPoint], glyphs: Glyphs) -> (Vec<String>, Vec<Row>) {
    let columns: Vec<Column> = columns(points, glyphs).into_iter().filter(|column| !column.is_constant()).collect();
    let named = several(points);
    let mut head: Vec<String> = Vec::new();
    if named {
        head.push("architecture".to_owned());
    }
    head.extend(keys.iter().cloned());
    head.extend(columns.iter().map(|column| column.label.clone()));
    let rows = points
        .iter()
        .enumerate()
        .map(|(place, point)| {
            let mut names = Vec::new();
            if named {
                names.push(point.summary.name.clone());
            }
            names.extend(keys.iter().map(|key| point.value(key).to_owned()));
            (names, columns.iter().filter_map(|column| column.readings.get(place).cloned()).collect())
        })
        .collect();
    (head, rows)
}

/// Values above their intervals unless all fits beside; metrics that do not fit at all are named below.
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
                fold(name, content.max(NARROWEST)).join("\n")
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
    let mut text = page.table(&short[..end], &alignments, &rows);
    if end < head.len() {
        let hidden: Vec<&str> = head[end..].iter().map(String::as_str).collect();
        let note = format!("for a wider terminal, and in the CSV: {}", hidden.join("; "));
        let _ = writeln!(text, "{}", page.paint(&wrap(&note, page.width, 2), FAINT));
    }
    text
}

fn level(points: &[SweepPoint]) -> f64 {
    points.first().map_or(0.95, |point| point.summary.lost_seconds_per_year.level)
}

fn provenance(points: &[SweepPoint], seed: u64) -> String {
    let fewest = points.iter().map(|point| point.summary.replications).min().unwrap_or(0);
    let most = points.iter().map(|point| point.summary.replications).max().unwrap_or(0);
    let replications = if fewest == most {
        super::value::grouped(fewest as f64)
    } else {
        format!("{} to {}", super::value::grouped(fewest as f64), super::value::grouped(most as f64))
    };
    format!("ridethrough {}, seed {seed}, {replications} replications a setting", env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{golden, sample};

    fn swept(keys: &[String], points: &[SweepPoint]) -> Sweep {
        Sweep { keys: keys.to_vec(), points: points.to_vec(), seed: 42, extremes: None, interrupted: false }
    }

    #[test]
    fn one_row_a_setting() {
        let (keys, points) = sample::sweep();
        let text = sweep_terminal(&swept(&keys, &points), 80, false, true);
        golden::hold("sweep-80.txt", &text);
    }

    #[test]
    fn settings_that_differ_are_told_apart_and_others_are_not() {
        let (keys, points) = sample::sweep();
        let text = sweep_terminal(&swept(&keys, &points), 120, false, false);
        assert!(text.contains(
            "Least is lost with routing.dns.ttl = 5s: 4.20 nines [4.11, 4.31]; most with routing.dns.ttl = 1h: 3.54"
        ));
        assert!(answer(&keys, &points[..1], None, Glyphs::UNICODE).starts_with("routing.dns.ttl = 5s: 4.20 nines"));
        assert_eq!(answer(&keys, &[], None, Glyphs::UNICODE), "There is no result.");
        let same = [points[0].clone(), points[0].clone()];
        assert!(answer(&keys, &same, None, Glyphs::UNICODE).starts_with("All settings lose the same: "));
    }

    /// Settings whose own intervals overlap can still differ for certain, under the same random numbers.
    #[test]
    fn a_paired_difference_goes_before_the_intervals_of_the_settings() {
        let (keys, points) = sample::sweep();
        let said = |extremes: Option<Estimate>| answer(&keys, &points[..2], extremes.as_ref(), Glyphs::UNICODE);
        assert!(said(None).contains("cannot be told apart"));
        assert!(said(Some(sample::estimate(50.0, 60.0))).contains("cannot be told apart"));
        assert!(
            said(Some(sample::estimate(50.0, 10.0)))
                .ends_with("Most is lost with routing.dns.ttl = 30s, 50s [40s, 1m] more a year.")
        );
    }

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        for (keys, points) in [sample::sweep(), sample::sweep_of_two()] {
            for width in [72, 80, 100, 140] {
                for line in sweep_terminal(&swept(&keys, &points), width, false, false).lines() {
                    assert!(line.chars().count() <= width, "{width} columns: {line}");
                }
            }
        }
    }

    #[test]
    fn csv_has_a_column_for_each_key() {
        let (keys, points) = sample::sweep();
        let text = sweep_csv(&swept(&keys, &points));
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
        let document: Value = serde_json::from_str(&sweep_json(&swept(&keys, &points), None)).expect("valid JSON");
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
        let text = sweep_markdown(&swept(&keys, &points));
        golden::hold("sweep.md", &text);
    }

    #[test]
    fn what_does_not_change_is_a_sentence_and_not_a_column() {
        let (keys, points) = sample::sweep();
        let same = vec![points[0].clone(), points[0].clone()];
        let text = sweep_terminal(&swept(&keys, &same), 200, false, true);
        assert!(text.contains("not changed by routing.dns.ttl: nines 4.20 [4.11, 4.31]; lost time a year "), "{text}");
        assert!(!sweep_terminal(&swept(&keys, &points[..1]), 200, false, true).contains("not changed"));
    }

    #[test]
    fn a_sweep_that_was_cut_short_says_so() {
        let (keys, points) = sample::sweep();
        let sweep = Sweep { interrupted: true, ..swept(&keys, &points[..2]) };
        assert!(sweep_terminal(&sweep, 80, false, true).contains("\ninterrupted: settings are missing"));
        assert!(sweep_markdown(&sweep).contains("> **warning:** interrupted"));
        assert!(sweep_csv(&sweep).contains(",interrupted,1,,,,counted\n"));
        assert!(sweep_json(&sweep, None).contains("\"interrupted\": true"));
    }

    #[test]
    fn the_cause_that_a_key_moves_most_is_found() {
        let (_, mut points) = sample::sweep();
        for point in &mut points {
            for cause in &mut point.summary.attribution {
                cause.recovery_time = sample::distribution(60.0, 0.4, 100);
            }
        }
        assert_eq!(moved_cause(&points), None, "all are alike");
        let move_to = |points: &mut [SweepPoint], place: usize, count: u64| {
            points[5].summary.attribution[place].recovery_time = sample::distribution(600.0, 0.4, count);
        };
        move_to(&mut points, 1, 29);
        assert_eq!(moved_cause(&points), None, "too few incidents");
        move_to(&mut points, 1, 30);
        assert_eq!(moved_cause(&points), Some("instance failure + zone outage"));
        assert_eq!(moved_cause(&[]), None);
    }
}

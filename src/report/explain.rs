//! The story of one incident: a timeline, what was served, in which stages time went, and what would have shortened it.

use super::json::{FORMAT_VERSION, number, pretty};
use super::layout::{FAINT, Page, STRONG};
use super::markdown::{self, escaped};
use super::value::{duration, grouped, portion, wrap};
use crate::study::{AS_ASKED, Beat, Explanation, STAGES};
use crate::units::Seconds;
use comfy_table::CellAlignment;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// A share that is written as the whole.
const ALL: f64 = 0.995;

/// The story for a terminal.
#[must_use]
pub fn explain_terminal(it: &Explanation, width: usize, colour: bool, ascii: bool) -> String {
    let page = Page::new(width, colour, ascii);
    let mut text = format!("{}\n\n", page.paint(&wrap(&title(it), page.width, 0), STRONG));
    let _ = writeln!(text, "{}\n", wrap(&summary(it), page.width, 0));
    let (head, rows) = timeline(it);
    let columns = [CellAlignment::Right, CellAlignment::Left, CellAlignment::Right, CellAlignment::Left];
    // What happens is the column that can be folded.
    let others: usize = [0, 2, 3].iter().map(|at| widest(&head, &rows, *at) + 2).sum();
    let room = page.width.saturating_sub(others).max(20);
    let rows: Vec<Vec<String>> = (rows.into_iter())
        .map(|mut row| {
            let lines: Vec<String> = row[1].split('\n').map(|line| wrap(line, room, 2)).collect();
            row[1] = lines.join("\n");
            row
        })
        .collect();
    text.push_str(&page.table(&head, &columns, &rows));
    let label = "served  ";
    let curve = curve(it, page.width.saturating_sub(label.len()), page);
    let ends = format!(
        "{}0s{:>width$}",
        " ".repeat(label.len()),
        duration(it.recovery_time),
        width = curve.chars().count() - 2
    );
    let _ = write!(text, "\n{label}{curve}\n{}\n\n", page.paint(&ends, FAINT));
    let _ = writeln!(text, "{}", wrap(&format!("In stages: {}.", stages(it)), page.width, 2));
    for remedy in &it.remedies {
        let _ = writeln!(text, "{}", wrap(&format!("What would have shortened it: {remedy}."), page.width, 2));
    }
    let _ = writeln!(text, "{}", page.paint(&wrap(&again(it), page.width, 2), FAINT));
    text
}

/// The story for a review.
#[must_use]
pub fn explain_markdown(it: &Explanation) -> String {
    let mut text = format!("### {}\n\n{}\n\n", escaped(&title(it)), escaped(&summary(it)));
    let (head, mut rows) = timeline(it);
    rows.iter_mut().flatten().for_each(|cell| *cell = cell.replace('\n', "; "));
    text.push_str(&markdown::table(&head, &[true, false, true, false], &rows));
    let _ = writeln!(text, "In stages: {}.\n", escaped(&stages(it)));
    for remedy in &it.remedies {
        let _ = writeln!(text, "- {}", escaped(remedy));
    }
    let _ = writeln!(text, "\n<sub>{}</sub>", escaped(&again(it)));
    text
}

/// One JSON document.
#[must_use]
pub fn explain_json(it: &Explanation, command: Option<&str>) -> String {
    let stages: Map<String, Value> =
        STAGES.iter().zip(it.stages).map(|(stage, lost)| (format!("{stage}_seconds"), number(lost))).collect();
    pretty(&json!({
        "format_version": FORMAT_VERSION,
        "version": env!("CARGO_PKG_VERSION"),
        "command": command,
        "question": title(it),
        "answer": summary(it),
        "architecture": it.name,
        "seed": it.seed,
        "replications": it.replications,
        "incidents": it.incidents,
        "choice": it.choice,
        "replication": it.replication,
        "incident": it.incident,
        "start_seconds": number(it.start),
        "recovery_time_seconds": number(it.recovery_time),
        "open": it.open,
        "causes": it.causes,
        "lost_seconds": number(it.lost()),
        "stages": stages,
        "timeline": it.beats,
        "remedies": it.remedies,
    }))
}

fn title(it: &Explanation) -> String {
    let of = match it.incidents {
        1 => "the only incident".to_owned(),
        many if it.choice == AS_ASKED => {
            format!("incident {} of the {} in history {}", it.incident, grouped(many as f64), it.replication)
        }
        many => format!("{} of {} incidents", it.choice, grouped(many as f64)),
    };
    format!("{}: what happened in {of} ({})", it.name, duration(it.recovery_time))
}

fn summary(it: &Explanation) -> String {
    let cause = if it.causes.is_empty() { "too little capacity".to_owned() } else { it.causes.join(" and ") };
    let lasted = duration(it.recovery_time);
    let ended = if it.open { "had not ended when the history did, after" } else { "lasted" };
    let stage = it.longest_stage().map_or_else(String::new, |stage| {
        let share = it.stages[STAGES.iter().position(|it| *it == stage).unwrap_or(0)] / it.lost();
        if share < ALL {
            format!(" Most of it, {}, went into {stage}.", portion(share))
        } else {
            format!(" All of it went into {stage}.")
        }
    });
    format!(
        "It began with {cause}, {} into the history, and {ended} {lasted}; requests of {} were lost.{stage}",
        Seconds(it.start),
        duration(it.lost())
    )
}

/// Moments at which something changes.
fn timeline(it: &Explanation) -> (Vec<String>, Vec<Vec<String>>) {
    let head = ["after", "what happens", "served", "stage"].map(str::to_owned).to_vec();
    let rows = (it.beats.iter().enumerate())
        .filter(|(index, beat)| *index == 0 || !beat.changes.is_empty())
        .map(|(_, beat)| {
            let changes: Vec<String> = beat.changes.iter().map(|it| format!("{}: {}", it.what, it.now)).collect();
            let what = if changes.is_empty() { "it begins".to_owned() } else { changes.join("\n") };
            let stage = beat.stage.unwrap_or("").to_owned();
            vec![duration(beat.after_seconds), what, portion(beat.served), stage]
        })
        .collect();
    (head, rows)
}

fn widest(head: &[String], rows: &[Vec<String>], at: usize) -> usize {
    let width = |text: &String| text.chars().count();
    rows.iter().map(|row| width(&row[at])).max().unwrap_or(0).max(width(&head[at]))
}

/// What was served over the time of the incident, as one line of columns.
fn curve(it: &Explanation, size: usize, page: Page) -> String {
    let size = size.clamp(10, 100);
    (0..size)
        .map(|column| {
            let edge = |at: usize| at as f64 / size as f64 * it.recovery_time;
            page.column(mean_served(&it.beats, it.recovery_time, edge(column), edge(column + 1)))
        })
        .collect()
}

/// What was served from `from` to `to` (s after the beginning), on average.
fn mean_served(beats: &[Beat], end: f64, from: f64, to: f64) -> f64 {
    let next = beats.iter().skip(1).map(|beat| beat.after_seconds).chain([end]);
    let (mut served, mut time) = (0.0, 0.0);
    for (beat, until) in beats.iter().zip(next) {
        let overlap = (until.min(to) - beat.after_seconds.max(from)).max(0.0);
        served += overlap * beat.served;
        time += overlap;
    }
    if time > 0.0 { served / time } else { 1.0 }
}

fn stages(it: &Explanation) -> String {
    let lost = it.lost();
    let parts: Vec<String> = (STAGES.iter().zip(it.stages))
        .filter(|(_, seconds)| *seconds > 0.0)
        .map(|(stage, seconds)| format!("{stage} {} ({})", duration(seconds), portion(seconds / lost)))
        .collect();
    if parts.is_empty() { "nothing was lost".to_owned() } else { parts.join(", ") }
}

/// How to see it again.
fn again(it: &Explanation) -> String {
    format!(
        "ridethrough explain FILE --seed {} -n {} --replication {} --incident {}: the same story",
        it.seed, it.replications, it.replication, it.incident
    )
}

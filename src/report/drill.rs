//! What a drill found: what follows from one failure, or the resilience matrix of all of them.

use super::answer::list;
use super::csv::{header, line, written};
use super::json::{FORMAT_VERSION, distribution, estimate, number, pretty};
use super::layout::{BAD, DOUBTFUL, FAINT, GAP, GOOD, NARROWEST, Page, STRONG, total_width};
use super::markdown::{self, escaped};
use super::metric::Measured;
use super::value::{Glyphs, Reading, Unit, count, duration, percent, wrap};
use crate::statistics::Estimate;
use crate::study::{CutSets, Distribution, Drill, Drills, Resilience, STAGES};
use crate::units::Seconds;
use comfy_table::CellAlignment;
use serde_json::{Value, json};
use std::fmt::Write;

/// Most pairs that are printed for people; the JSON has all.
const MOST_PAIRS: usize = 12;
/// Columns that a narrow terminal keeps, at least; those of the drill of one failure all fit.
const FEWEST: usize = 4;
/// A verdict in two lines.
const SINGLE: [&str; 2] = ["single point", "of failure"];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The drill, or the matrix, for a terminal.
#[must_use]
pub fn drill_terminal(found: &Drills, width: usize, colour: bool, ascii: bool) -> String {
    let page = Page::new(width, colour, ascii);
    let mut text = format!("{}\n\n", page.paint(&wrap(&title(found), page.width, 0), STRONG));
    for paragraph in answer(found, page.glyphs) {
        let _ = writeln!(text, "{}", page.paint_numbers(&wrap(&paragraph, page.width, 0)));
    }
    text.push('\n');
    let (mut head, mut rows) = table(found, page.glyphs);
    let mut left_out = Vec::new();
    while head.len() > FEWEST && total_width(&head, &rows, 1) + GAP + NARROWEST > page.width {
        left_out.extend(head.pop().map(|name| name.replace('\n', " ")));
        rows.iter_mut().for_each(|row| row.truncate(head.len()));
    }
    let mut alignments = vec![CellAlignment::Left; 2];
    alignments.resize(head.len(), CellAlignment::Right);
    if found.cuts.is_none() {
        alignments[1] = CellAlignment::Right;
    }
    for line in page.folded_table(&head, &alignments, rows).lines() {
        let verdict = [
            (SINGLE[0], BAD),
            (SINGLE[1], BAD),
            (Resilience::HighlyAvailable.words(), DOUBTFUL),
            (Resilience::FaultTolerant.words(), GOOD),
        ];
        let painted = verdict.iter().find(|(words, _)| line.contains(words));
        let line =
            painted.map_or(line.to_owned(), |(words, style)| line.replacen(words, &page.paint(words, *style), 1));
        let _ = writeln!(text, "{line}");
    }
    for sentence in structure(found) {
        let _ = writeln!(text, "{}", wrap(&sentence, page.width, 2));
    }
    let wider =
        (!left_out.is_empty()).then(|| format!("for a wider terminal, and in the JSON: {}", left_out.join(", ")));
    for note in wider.into_iter().chain(notes(found)) {
        let _ = writeln!(text, "{}", page.paint(&wrap(&note, page.width, 2), FAINT));
    }
    text
}

/// The same for a pull request.
#[must_use]
pub fn drill_markdown(found: &Drills) -> String {
    let glyphs = Glyphs::UNICODE;
    let mut text = format!("### {}\n\n", escaped(&title(found)));
    for paragraph in answer(found, glyphs) {
        let _ = writeln!(text, "{}\n", escaped(&paragraph));
    }
    let (head, mut rows) = table(found, glyphs);
    rows.iter_mut().flatten().for_each(|cell| *cell = cell.replace('\n', " "));
    let head: Vec<String> = head.into_iter().map(|cell| cell.replace('\n', " ")).collect();
    text.push_str(&markdown::table(&head, &[false, found.cuts.is_none()], &rows));
    for sentence in structure(found) {
        let _ = writeln!(text, "{}\n", escaped(&sentence));
    }
    let _ = writeln!(text, "<sub>{}</sub>", escaped(&notes(found).join("; ")));
    text
}

/// One line for each number.
#[must_use]
pub fn drill_csv(found: &Drills) -> String {
    let mut lines = vec![header(&["architecture", "place", "mode"].map(str::to_owned))];
    for drill in &found.drills {
        let places: Vec<&str> = drill.strikes.iter().map(|strike| strike.place.as_str()).collect();
        let modes: Vec<&str> = drill.strikes.iter().filter_map(|strike| strike.mode.as_deref()).collect();
        let about = [found.name.clone(), places.join(" + "), modes.join(" + ")];
        let mut add = |metric: &str, measured: Measured| lines.push(line(&about, metric.to_owned(), &measured));
        for (metric, share) in shares(drill) {
            add(metric, share.into());
        }
        add("lost_requests", (&drill.lost_requests).into());
        for (metric, spread) in distributions(drill) {
            let parts = [("mean", &spread.mean), ("p50", &spread.p50), ("p95", &spread.p95), ("p99", &spread.p99)];
            for (part, value) in parts {
                if let Some(value) = value {
                    add(&format!("{metric}.{part}"), value.into());
                }
            }
        }
        for objective in &drill.objectives {
            add(&format!("probability_{}_met", objective.name), (&objective.met).into());
        }
        let rank = drill.resilience as u8;
        add("resilience", Measured::Plain(f64::from(rank)));
    }
    written(&lines)
}

/// One JSON document.
#[must_use]
pub fn drill_json(found: &Drills, command: Option<&str>) -> String {
    let drills: Vec<Value> = (found.drills.iter())
        .map(|drill| {
            let strikes: Vec<Value> = (drill.strikes.iter())
                .map(|strike| {
                    json!({
                        "place": strike.place,
                        "mode": strike.mode,
                        "at_seconds": number(strike.at.0),
                        "lasting": strike.lasting,
                    })
                })
                .collect();
            let mut value = json!({
                "failures": strikes,
                "replications": drill.replications,
                "resilience": drill.resilience,
            });
            for (metric, share) in shares(drill) {
                value[metric] = estimate(share);
            }
            value["lost_requests"] = estimate(&drill.lost_requests);
            for (metric, spread) in distributions(drill) {
                match metric.split_once('.') {
                    Some((group, part)) => value[group][part] = distribution(spread),
                    None => value[metric] = distribution(spread),
                }
            }
            value["objectives"] = (drill.objectives.iter())
                .map(|objective| {
                    json!({
                        "metric": objective.name,
                        "limit_seconds": number(objective.limit.0),
                        "met": estimate(&objective.met),
                    })
                })
                .collect();
            value
        })
        .collect();
    pretty(&json!({
        "format_version": FORMAT_VERSION,
        "version": env!("CARGO_PKG_VERSION"),
        "command": command,
        "question": title(found),
        "answer": answer(found, Glyphs::UNICODE).join(" "),
        "architecture": found.name,
        "seed": found.seed,
        "level": number(found.level),
        "drills": drills,
        "cut_sets": found.cuts,
        "assumptions": found.assumptions,
    }))
}

fn shares(drill: &Drill) -> [(&'static str, &Estimate); 3] {
    [
        ("probability_interrupted", &drill.interrupted),
        ("probability_open_at_end", &drill.open),
        ("probability_down_as_long_as_the_failure", &drill.stuck),
    ]
}

/// Every distribution, by its name in data files.
fn distributions(drill: &Drill) -> Vec<(&'static str, &Distribution)> {
    const STAGE_KEYS: [&str; 5] = [
        "stages.detection_seconds",
        "stages.decision_seconds",
        "stages.action_seconds",
        "stages.propagation_seconds",
        "stages.repair_seconds",
    ];
    let mut all = vec![
        ("downtime_seconds", &drill.downtime),
        ("recovery_time_seconds", &drill.recovery),
        ("lost_seconds", &drill.lost),
    ];
    all.extend(STAGE_KEYS.into_iter().zip(&drill.stages));
    all.extend(drill.logged_out.iter().map(|spread| ("users_logged_out", spread)));
    all.extend(drill.data_loss.iter().map(|spread| ("data_loss_seconds", spread)));
    all
}

fn title(found: &Drills) -> String {
    if found.cuts.is_some() {
        return format!("How does {} take each failure?", found.name);
    }
    let strikes: Vec<String> = (found.drills.iter().flat_map(|drill| &drill.strikes))
        .map(|strike| {
            let mode = strike.mode.as_ref().map_or_else(String::new, |mode| format!(" ({mode})"));
            format!("{}{mode} fails at {} for {}", strike.place, moment(strike.at), strike.lasting)
        })
        .collect();
    format!("Drill of {}: {}", found.name, strikes.join(", then "))
}

/// A time, and where in the week it is: histories begin on a Monday at midnight.
fn moment(at: Seconds) -> String {
    let days = (at.0 / 86_400.0).floor();
    let rest = at.0 - days * 86_400.0;
    let (hours, minutes) = ((rest / 3_600.0).floor(), ((rest % 3_600.0) / 60.0).floor());
    format!("{at} ({} {hours:02}:{minutes:02})", DAYS[days as usize % 7])
}

fn answer(found: &Drills, glyphs: Glyphs) -> Vec<String> {
    if found.cuts.is_some() {
        return vec![matrix_answer(found)];
    }
    found.drills.iter().flat_map(|drill| drill_answer(drill, glyphs)).collect()
}

fn matrix_answer(found: &Drills) -> String {
    let of = |kind: Resilience| {
        let drills = found.drills.iter().filter(|drill| drill.resilience == kind);
        let mut places: Vec<String> = drills.map(name).collect();
        places.dedup();
        places
    };
    let singles = of(Resilience::SinglePointOfFailure);
    let mut sentences = match singles.len() {
        0 => vec!["No failure of the scenario takes it down for as long as it lasts.".to_owned()],
        1 => vec![format!("One failure takes it down for as long as it lasts: {}.", singles[0])],
        many => {
            let names: Vec<&str> = singles.iter().map(String::as_str).collect();
            vec![format!("{many} failures take it down for as long as they last: {}.", list(&names))]
        }
    };
    let (waits, tolerates) = (of(Resilience::HighlyAvailable).len(), of(Resilience::FaultTolerant).len());
    sentences.push(format!(
        "From {waits} it recovers while {}, and {tolerates} {} it.",
        if waits == 1 { "it lasts" } else { "they last" },
        if tolerates == 1 { "does not interrupt" } else { "do not interrupt" }
    ));
    sentences.join(" ")
}

fn name(drill: &Drill) -> String {
    let strike = &drill.strikes[0];
    let (kind, part) = strike.place.split_once(':').unwrap_or((&strike.place, ""));
    match &strike.mode {
        Some(mode) if mode != kind && mode != part => format!("{mode} of {}", strike.place),
        _ => strike.place.clone(),
    }
}

fn drill_answer(drill: &Drill, glyphs: Glyphs) -> Vec<String> {
    let reading = |estimate: &Option<Estimate>| {
        estimate.as_ref().map_or_else(|| "-".to_owned(), |it| Reading::of(it, Unit::Duration, glyphs).line())
    };
    let first = match drill.resilience {
        Resilience::FaultTolerant => "Fault tolerant: the service goes on.".to_owned(),
        Resilience::HighlyAvailable => format!(
            "Highly available: the service is interrupted for {} on average and recovers although the failure lasts.",
            reading(&drill.downtime.mean)
        ),
        Resilience::SinglePointOfFailure => format!(
            "Single point of failure: the service is down for as long as the failure lasts, here for {} on average.",
            reading(&drill.downtime.mean)
        ),
    };
    let mut sentences = vec![first];
    if (0.0..1.0).contains(&drill.interrupted.estimate) && drill.interrupted.estimate > 0.0 {
        let share = Reading::of(&drill.interrupted, Unit::Share, glyphs).line();
        sentences.push(format!("It is interrupted in {share} of the repetitions."));
    }
    if drill.stuck.estimate > 0.0 && drill.stuck.estimate < 1.0 {
        let share = Reading::of(&drill.stuck, Unit::Share, glyphs).line();
        sentences.push(format!("In {share} it would not recover while the failure lasts."));
    }
    if drill.open.estimate > 0.0 {
        let share = Reading::of(&drill.open, Unit::Share, glyphs).line();
        sentences.push(format!("At the end, in {share} of the repetitions, it was still down."));
    }
    let mut paragraphs = vec![sentences.join(" ")];
    for objective in &drill.objectives {
        let share = Reading::of(&objective.met, Unit::Share, glyphs).line();
        let limit = duration(objective.limit.0);
        paragraphs.push(format!("Objective {} {} {limit}: met in {share}.", objective.name, glyphs.at_most));
    }
    paragraphs
}

fn table(found: &Drills, glyphs: Glyphs) -> (Vec<String>, Vec<Vec<String>>) {
    if found.cuts.is_some() { matrix(found, glyphs) } else { consequences(found, glyphs) }
}

fn value(estimate: &Option<Estimate>, unit: Unit, glyphs: Glyphs) -> String {
    estimate.as_ref().map_or_else(|| "-".to_owned(), |it| Reading::of(it, unit, glyphs).value)
}

/// With its interval below it; nothing is lost for certain where all repetitions agree.
fn stacked(estimate: &Option<Estimate>, unit: Unit, glyphs: Glyphs) -> String {
    let same = |it: &&Estimate| it.low == it.high;
    match estimate.as_ref() {
        None => "-".to_owned(),
        Some(it) if same(&it) => Reading::of(it, unit, glyphs).value,
        Some(it) => Reading::of(it, unit, glyphs).stacked(),
    }
}

fn matrix(found: &Drills, glyphs: Glyphs) -> (Vec<String>, Vec<Vec<String>>) {
    let data = found.drills.iter().any(|drill| drill.data_loss.as_ref().is_some_and(|it| it.max > Some(0.0)));
    let users = found.drills.iter().any(|drill| drill.logged_out.as_ref().is_some_and(|it| it.max > Some(0.0)));
    let mut head = ["failure", "verdict", "recovered,\n95 %", "lost,\nmean"].map(str::to_owned).to_vec();
    if data {
        head.push("data lost,\nmean".to_owned());
    }
    if users {
        head.push("logged out,\nmean".to_owned());
    }
    let rows = (found.drills.iter())
        .map(|drill| {
            let mut verdict = match drill.resilience {
                Resilience::SinglePointOfFailure => SINGLE.join("\n"),
                other => other.words().to_owned(),
            };
            if drill.stuck.estimate > 0.0 && drill.stuck.estimate < 1.0 {
                let share = percent(drill.stuck.estimate);
                let _ = write!(verdict, "\n(not in {share})");
            }
            let mut row = vec![
                name(drill),
                verdict,
                stacked(&drill.recovery.p95, Unit::Duration, glyphs),
                stacked(&drill.lost.mean, Unit::Duration, glyphs),
            ];
            if data {
                let mean = drill.data_loss.as_ref().and_then(|it| it.mean);
                row.push(stacked(&mean, Unit::Duration, glyphs));
            }
            if users {
                let mean = drill.logged_out.as_ref().and_then(|it| it.mean);
                row.push(stacked(&mean, Unit::Count, glyphs));
            }
            row
        })
        .collect();
    (head, rows)
}

fn consequences(found: &Drills, glyphs: Glyphs) -> (Vec<String>, Vec<Vec<String>>) {
    let head = ["", "mean", "median", "95 %", "largest"].map(str::to_owned).to_vec();
    let mut rows = Vec::new();
    for drill in &found.drills {
        let mut add = |name: &str, spread: &Distribution, unit: Unit| {
            let largest = spread.max.map_or_else(
                || "-".to_owned(),
                |it| match unit {
                    Unit::Duration => duration(it),
                    _ => count(it),
                },
            );
            let mean = spread.mean.as_ref().map_or_else(|| "-".to_owned(), |it| Reading::of(it, unit, glyphs).line());
            let (p50, p95) = (value(&spread.p50, unit, glyphs), value(&spread.p95, unit, glyphs));
            rows.push(vec![name.to_owned(), mean, p50, p95, largest]);
        };
        add("down", &drill.downtime, Unit::Duration);
        if drill.recovery.count > 0 {
            add("recovered after", &drill.recovery, Unit::Duration);
        }
        add("lost", &drill.lost, Unit::Duration);
        for (stage, spread) in STAGES.iter().zip(&drill.stages) {
            if spread.max > Some(0.0) {
                add(&format!("  in {stage}"), spread, Unit::Duration);
            }
        }
        if let Some(spread) = &drill.logged_out {
            add("users logged out", spread, Unit::Count);
        }
        if let Some(spread) = &drill.data_loss {
            add("data lost", spread, Unit::Duration);
        }
        let requests = Reading::of(&drill.lost_requests, Unit::Count, glyphs).line();
        rows.push(vec!["requests lost".to_owned(), requests, String::new(), String::new(), String::new()]);
    }
    (head, rows)
}

/// What the structure alone says.
fn structure(found: &Drills) -> Vec<String> {
    let Some(CutSets { single, pairs }) = &found.cuts else { return Vec::new() };
    let names = |all: &[String]| all.join(", ");
    let mut sentences = vec![match single.len() {
        0 => "Of all its parts, whether the scenario says that they fail or not, none is a single point of failure."
            .to_owned(),
        _ => format!(
            "Single points of failure of the structure, whether the scenario says that they fail or not: {}.",
            names(single)
        ),
    }];
    match pairs {
        None => sentences.push("Pairs of parts are too many to look at.".to_owned()),
        Some(pairs) if pairs.is_empty() => sentences.push("No pair of other parts takes it down.".to_owned()),
        Some(pairs) => {
            let shown: Vec<String> = pairs.iter().take(MOST_PAIRS).map(|[a, b]| format!("{a} with {b}")).collect();
            let more = pairs.len().saturating_sub(MOST_PAIRS);
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            sentences.push(format!("Pairs that take it down: {}{more}.", names(&shown)));
        }
    }
    sentences
}

fn notes(found: &Drills) -> Vec<String> {
    let replications = found.drills.first().map_or(0, |drill| drill.replications);
    let mut notes = vec![
        format!(
            "{replications} repetitions of each drill, in a system that is quiet otherwise; they differ in what chance decides: \
             phases of checks, what is left of TTLs, delays; seed {}",
            found.seed
        ),
        format!("[low, high]: {} interval", percent(found.level)),
        "lost: seconds of all requests; in a stage: what was lost while recovery was there".to_owned(),
    ];
    if found.cuts.is_some() {
        notes.push(
            "recovered: 95th percentile over repetitions, from the failure to the end of the last incident that it opened"
                .to_owned(),
        );
        notes.push(
            "verdict: fault tolerant - no incident; highly available - recovers although the failure lasts; single point of failure - \
             is down a week later if the failure lasts so long"
                .to_owned(),
        );
    }
    notes
}

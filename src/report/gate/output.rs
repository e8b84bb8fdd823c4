//! A gate for people, scripts, annotations of a workflow, and pull requests.

use super::super::answer::list;
use super::super::json::{FORMAT_VERSION, estimate, number, pretty, summary};
use super::super::layout::{DOUBTFUL, FAINT, Page, STRONG};
use super::super::markdown::{self, escaped};
use super::super::metric::word;
use super::super::value::{Glyphs, percent, wrap};
use super::{Gate, Judged};
use crate::study::Judgement;
use comfy_table::CellAlignment;
use serde_json::{Value, json};
use std::fmt::Write;

/// What is said of a result that was cut short.
const INTERRUPTED: &str = "interrupted: the verdicts rest on the replications finished until then";

/// The table for a terminal.
#[must_use]
pub fn gate_terminal(gate: &Gate, width: usize, colour: bool, ascii: bool) -> String {
    let page = Page::new(width, colour, ascii);
    let title = page.paint(&wrap(&title(gate), page.width, 0), STRONG);
    let answer = page.paint_numbers(&wrap(&answer(gate, page.glyphs), page.width, 0));
    let mut text = format!("{title}\n\n{answer}\n\n");
    if interrupted(gate) {
        let _ = writeln!(text, "{}", page.paint(&wrap(INTERRUPTED, page.width, 0), DOUBTFUL));
    }
    let (head, rows) = conditions(gate, page.glyphs, false);
    text.push_str(&page.folded_table(&head, &[CellAlignment::Left; 5], rows));
    if let Some(changes) = &gate.changes {
        let (head, rows) = changes.table(page.glyphs);
        let _ = writeln!(text, "\n{}", page.paint(&wrap(&changes.title(), page.width, 0), STRONG));
        if !rows.is_empty() {
            text.push('\n');
            text.push_str(&page.folded_table(&head, &[CellAlignment::Left; 6], rows));
        }
        for sentence in changes.sentences() {
            let _ = writeln!(text, "{}", wrap(&sentence, page.width, 2));
        }
    }
    for note in notes(gate) {
        let _ = writeln!(text, "{}", page.paint(&wrap(&note, page.width, 2), FAINT));
    }
    text
}

/// A comment for a pull request. With a baseline it says what changed significantly, and is empty where nothing did.
#[must_use]
pub fn gate_markdown(gate: &Gate) -> String {
    let glyphs = Glyphs::UNICODE;
    if gate.changes.as_ref().is_some_and(|changes| changes.is_empty()) {
        return String::new();
    }
    let mut text = format!("### {}\n\n", escaped(&title(gate)));
    if interrupted(gate) {
        let _ = writeln!(text, "> **warning:** {INTERRUPTED}\n");
    }
    if let Some(changes) = &gate.changes {
        let _ = writeln!(text, "{}\n", escaped(&changes.title()));
        let (head, rows) = changes.table(glyphs);
        if !rows.is_empty() {
            text.push_str(&markdown::table(&head, &[false; 6], &rows));
        }
        for sentence in changes.sentences() {
            let _ = writeln!(text, "{}\n", escaped(&sentence));
        }
    }
    let _ = writeln!(text, "{}\n", escaped(&answer(gate, glyphs)));
    if gate.changes.is_none() {
        let (head, rows) = conditions(gate, glyphs, true);
        text.push_str(&markdown::table(&head, &[false; 5], &rows));
    }
    let _ = writeln!(text, "<sub>{}</sub>", escaped(&notes(gate).join("; ")));
    text
}

/// Annotations of a GitHub workflow: an error for each condition that is missed, a warning for each that is open, and a notice.
///
/// Escaping as in `@actions/core`: `%` and line ends everywhere, `:` and `,` in properties too (actions/toolkit, `command.ts`).
#[must_use]
pub fn gate_github(gate: &Gate) -> String {
    let mut text = String::new();
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    for it in &gate.judged {
        let command = match it.verdict {
            Judgement::Met => continue,
            Judgement::Missed => "error",
            Judgement::Inconclusive => "warning",
        };
        let title = format!("{}: {} is {}", gate.architecture(it.index), it.condition.gauge.name, word(it.verdict));
        let file = gate.files.get(it.index).map_or("", String::as_str);
        let message = sentence(it, Glyphs::UNICODE);
        let _ = writeln!(text, "::{command} file={},title={}::{}", property(file), property(&title), data(&message));
    }
    let answer = answer(gate, Glyphs::UNICODE);
    let _ = writeln!(text, "::notice title=ridethrough gate::{}", data(&answer));
    text
}

/// One JSON document; its `architectures` are those of `run`, so that it can be a baseline.
#[must_use]
pub fn gate_json(gate: &Gate, command: Option<&str>) -> String {
    let conditions: Vec<Value> = (gate.judged.iter())
        .map(|it| {
            json!({
                "architecture": gate.architecture(it.index),
                "metric": it.condition.gauge.key,
                "condition": it.condition.to_string(),
                "fails": it.condition.fails.sign(),
                "limit": number(it.condition.limit),
                "from": it.origin.words(),
                "value": it.value().map(estimate),
                "verdict": it.verdict,
                "replications": it.replications,
            })
        })
        .collect();
    let study = gate.study.as_ref();
    pretty(&json!({
        "format_version": FORMAT_VERSION,
        "version": env!("CARGO_PKG_VERSION"),
        "command": command,
        "question": title(gate),
        "answer": answer(gate, Glyphs::UNICODE),
        "seed": study.map(|study| study.seed),
        "horizon_seconds": study.map(|study| number(study.horizon_seconds)),
        "level": number(gate.level),
        "looks": gate.looks,
        "verdict": gate.verdict(),
        "conditions": conditions,
        "changes": gate.changes.as_ref().map(|changes| changes.json()),
        "notes": gate.notes,
        "architectures": study.map(|study| study.architectures.iter().map(summary).collect::<Vec<_>>()),
        "interrupted": interrupted(gate),
    }))
}

pub(super) fn interrupted(gate: &Gate) -> bool {
    gate.study.as_ref().is_some_and(|study| study.interrupted)
}

fn title(gate: &Gate) -> String {
    match &gate.study {
        Some(study) if study.architectures.len() == 1 => {
            format!("Does {} meet what is asked of it?", study.architectures[0].name)
        }
        Some(study) => format!("Do {} architectures meet what is asked of them?", study.architectures.len()),
        None => String::new(),
    }
}

/// The verdict in a sentence or two.
fn answer(gate: &Gate, glyphs: Glyphs) -> String {
    let all = gate.judged.len();
    let names = |verdict: Judgement| {
        let demands: Vec<String> = (gate.judged.iter())
            .filter(|it| it.verdict == verdict)
            .map(|it| format!("{} of {}", it.condition.demand(glyphs), gate.architecture(it.index)))
            .collect();
        list(&demands.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let (missed, open) = (gate.count(Judgement::Missed), gate.count(Judgement::Inconclusive));
    if all == 1 {
        return match gate.verdict() {
            Judgement::Met => "Yes: the condition is met.".to_owned(),
            Judgement::Missed => format!("No: {} is missed.", names(Judgement::Missed)),
            Judgement::Inconclusive => format!("That is open: {} is not decided.", names(Judgement::Inconclusive)),
        };
    }
    let mut sentences = vec![match gate.verdict() {
        Judgement::Met => format!("Yes: all {all} conditions are met."),
        Judgement::Missed => format!("No: {missed} of {all} {} missed, {}.", is(missed), names(Judgement::Missed)),
        Judgement::Inconclusive => "That is open.".to_owned(),
    }];
    if open > 0 {
        sentences.push(format!("Of {all}, {open} {} not decided: {}.", is(open), names(Judgement::Inconclusive)));
    }
    sentences.join(" ")
}

fn is(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// A condition and what became of it.
pub(super) fn sentence(it: &Judged, glyphs: Glyphs) -> String {
    format!(
        "{} is {}: {} after {} replications ({})",
        it.condition.demand(glyphs),
        word(it.verdict),
        it.measured(glyphs),
        it.replications,
        it.origin.words()
    )
}

fn conditions(gate: &Gate, glyphs: Glyphs, marks: bool) -> (Vec<String>, Vec<Vec<String>>) {
    let many = gate.files.len() > 1;
    let mut head = ["condition", "from", "measured", "verdict"].map(str::to_owned).to_vec();
    if many {
        head.insert(0, "architecture".to_owned());
    }
    let rows = (gate.judged.iter())
        .map(|it| {
            let verdict = if marks { markdown::marked(it.verdict) } else { word(it.verdict) };
            let mut row = vec![it.condition.demand(glyphs), it.origin.words(), it.measured(glyphs), verdict.to_owned()];
            if many {
                row.insert(0, gate.architecture(it.index).to_owned());
            }
            row
        })
        .collect();
    (head, rows)
}

fn notes(gate: &Gate) -> Vec<String> {
    let level = percent(gate.level);
    let mut notes = vec![match gate.judged.len() {
        1 => format!("[low, high]: an interval that holds with {level} over all looks"),
        many => format!("[low, high]: intervals that hold together with {level}, over {many} conditions and all looks"),
    }];
    notes.extend(gate.notes.iter().cloned());
    if let Some(study) = &gate.study {
        let replications = study.architectures.iter().map(|summary| summary.replications).max().unwrap_or(0);
        let looks = if gate.looks == 1 { "look" } else { "looks" };
        notes.push(format!(
            "ridethrough {}, seed {}, {} replications, {} {looks}",
            env!("CARGO_PKG_VERSION"),
            study.seed,
            super::super::value::grouped(replications as f64),
            gate.looks
        ));
    }
    notes
}

//! What to fix first: what each cause, and each stage of recovery, would give back.

use super::answer::{list, provenance};
use super::csv::{header, line, written};
use super::json::{FORMAT_VERSION, estimate, number, pretty, summary as summary_json};
use super::layout::{DOUBTFUL, FAINT, Page, STRONG};
use super::markdown::{self, escaped};
use super::metric::Measured;
use super::value::{Glyphs, Reading, Unit, percent, portion, wrap};
use crate::experiment::{Change, Importance, Saving};
use comfy_table::CellAlignment;
use serde_json::{Value, json};
use std::fmt::Write;

/// Why the savings are not to be added.
const OVERLAP: &str = "savings do not add up: losses overlap, and a cause that is taken away uncovers others";
/// What is said of a result that was cut short.
const INTERRUPTED: &str = "interrupted: the numbers rest on the replications finished until then";
/// Most names in a sentence.
const MOST_NAMES: usize = 4;

/// The table for a terminal, most important first; its first sentence says what to fix.
#[must_use]
pub fn importance_terminal(found: &Importance, width: usize, colour: bool, ascii: bool) -> String {
    let page = Page::new(width, colour, ascii);
    let title = page.paint(&wrap(&title(found), page.width, 0), STRONG);
    let answer = page.paint_numbers(&wrap(&answer(found, page.glyphs), page.width, 0));
    let mut text = format!("{title}\n\n{answer}\n\n");
    if found.study.interrupted {
        let _ = writeln!(text, "{}", page.paint(&wrap(INTERRUPTED, page.width, 0), DOUBTFUL));
    }
    let head = ["change", "gives back a year", "share", ""].map(str::to_owned);
    let alignments = [CellAlignment::Left, CellAlignment::Left, CellAlignment::Right, CellAlignment::Left];
    let rows = (effective(found).0.into_iter())
        .map(|saving| {
            let mut row = cells(saving, page.glyphs);
            row.push(page.bar(saving.share.unwrap_or(0.0), 10));
            row
        })
        .collect();
    text.push_str(&page.folded_table(&head, &alignments, rows));
    for note in notes(found) {
        let _ = writeln!(text, "{}", page.paint(&wrap(&note, page.width, 2), FAINT));
    }
    text
}

/// The table for a pull request.
#[must_use]
pub fn importance_markdown(found: &Importance) -> String {
    let glyphs = Glyphs::UNICODE;
    let mut text = format!("### {}\n\n{}\n\n", escaped(&title(found)), escaped(&answer(found, glyphs)));
    if found.study.interrupted {
        let _ = writeln!(text, "> **warning:** {INTERRUPTED}\n");
    }
    let rows: Vec<Vec<String>> = effective(found).0.into_iter().map(|saving| cells(saving, glyphs)).collect();
    text.push_str(&markdown::table(&["change", "gives back a year", "share"].map(str::to_owned), &[false], &rows));
    let _ = writeln!(text, "<sub>{}</sub>", escaped(&notes(found).join("; ")));
    text
}

/// One line for each change, and one for all that is lost.
#[must_use]
pub fn importance_csv(found: &Importance) -> String {
    let mut lines = vec![header(&["architecture", "change", "name"].map(str::to_owned))];
    for summary in &found.study.architectures {
        let about = |change: &str, name: &str| [summary.name.clone(), change.to_owned(), name.to_owned()];
        let mut add = |about: &[String], metric: &str, measured: Measured| {
            lines.push(line(about, metric.to_owned(), &measured));
        };
        add(&about("", ""), "lost_seconds_per_year", (&summary.lost_seconds_per_year).into());
        for saving in &found.savings {
            let about = about(word(saving.change), &saving.name);
            add(&about, "saved_seconds_per_year", (&saving.lost_seconds_per_year).into());
            if let Some(share) = saving.share {
                add(&about, "share", Measured::Plain(share));
            }
        }
        if found.study.interrupted {
            add(&about("", ""), "interrupted", Measured::Plain(1.0));
        }
    }
    written(&lines)
}

/// One JSON document; the architecture has the keys that it has in the document of a run.
#[must_use]
pub fn importance_json(found: &Importance, command: Option<&str>) -> String {
    let savings: Vec<Value> = (found.savings.iter())
        .map(|saving| {
            json!({
                "change": saving.change,
                "name": saving.name,
                "saved_seconds_per_year": estimate(&saving.lost_seconds_per_year),
                "share": saving.share.map(number),
            })
        })
        .collect();
    pretty(&json!({
        "format_version": FORMAT_VERSION,
        "version": env!("CARGO_PKG_VERSION"),
        "command": command,
        "question": title(found),
        "answer": answer(found, Glyphs::UNICODE),
        "seed": found.study.seed,
        "horizon_seconds": number(found.study.horizon_seconds),
        "level": number(found.study.level),
        "architecture": found.study.architectures.first().map(summary_json),
        "savings": savings,
        "interrupted": found.study.interrupted,
    }))
}

fn title(found: &Importance) -> String {
    let name = found.study.architectures.first().map_or("", |summary| summary.name.as_str());
    format!("What should be fixed first in {name}?")
}

/// The cause and the stage that give back most, as far as the intervals tell.
fn answer(found: &Importance, glyphs: Glyphs) -> String {
    let Some(summary) = found.study.architectures.first() else { return "There is no result.".to_owned() };
    if summary.lost_seconds_per_year.estimate <= 0.0 {
        return "Nothing: no loss was seen.".to_owned();
    }
    let total = Reading::of(&summary.lost_seconds_per_year, Unit::Duration, glyphs).line();
    let best = [Change::Without, Change::Halved].map(|change| leaders(&found.savings, change));
    let sentences: Vec<String> = (best.iter())
        .filter_map(|leaders| {
            let first = leaders.first()?;
            let saved = Reading::of(&first.lost_seconds_per_year, Unit::Duration, glyphs).line();
            let others: Vec<&str> = leaders[1..].iter().map(|saving| saving.name.as_str()).collect();
            let others = match others.len() {
                0 => String::new(),
                many if many < MOST_NAMES => format!("; {} may give back as much or more", list(&others)),
                many => format!("; {many} others may give back as much or more"),
            };
            Some(match first.change {
                Change::Without => {
                    let share = portion(first.share.unwrap_or(0.0));
                    format!(
                        "{}: without it, {saved} of the {total} lost a year would be saved ({share}){others}.",
                        first.name
                    )
                }
                Change::Halved => format!("Of the stages, {}: halving it gives back {saved}{others}.", first.name),
            })
        })
        .collect();
    if sentences.is_empty() {
        return format!("Nothing stands out: of {total} lost a year, no single change certainly gives anything back.");
    }
    sentences.join(" ")
}

/// The change of a kind that saves most of those that certainly save, then others whose intervals reach into its own.
fn leaders(savings: &[Saving], change: Change) -> Vec<&Saving> {
    let of_kind: Vec<&Saving> = savings.iter().filter(|saving| saving.change == change).collect();
    let Some(&first) = of_kind.iter().find(|saving| saving.lost_seconds_per_year.low > 0.0) else { return Vec::new() };
    let near = |other: &&Saving| {
        let saved = &other.lost_seconds_per_year;
        !std::ptr::eq(*other, first) && saved.estimate > 0.0 && saved.high >= first.lost_seconds_per_year.low
    };
    std::iter::once(first).chain(of_kind.into_iter().filter(near)).collect()
}

/// Changes that make a difference, and the others.
fn effective(found: &Importance) -> (Vec<&Saving>, Vec<&Saving>) {
    let differs = |saving: &&Saving| {
        let saved = &saving.lost_seconds_per_year;
        [saved.low, saved.estimate, saved.high] != [0.0; 3]
    };
    found.savings.iter().partition(differs)
}

const fn word(change: Change) -> &'static str {
    match change {
        Change::Without => "without",
        Change::Halved => "halved",
    }
}

fn what(saving: &Saving) -> String {
    match saving.change {
        Change::Without => format!("without {}", saving.name),
        Change::Halved => format!("half the {}", saving.name),
    }
}

/// What is changed, what that gives back, and as a share.
fn cells(saving: &Saving, glyphs: Glyphs) -> Vec<String> {
    let share = saving.share.map_or_else(
        || "-".to_owned(),
        // Below 0 a change costs; a share that is not of a whole is written with its sign.
        |share| if share < 0.0 { format!("-{}", portion(-share)) } else { portion(share) },
    );
    vec![what(saving), Reading::of(&saving.lost_seconds_per_year, Unit::Duration, glyphs).line(), share]
}

fn notes(found: &Importance) -> Vec<String> {
    let level = percent(found.study.level);
    let mut notes = vec![format!("[low, high]: {level} interval, for all changes together"), OVERLAP.to_owned()];
    let idle: Vec<String> = effective(found).1.into_iter().map(what).collect();
    if !idle.is_empty() {
        let idle: Vec<&str> = idle.iter().map(String::as_str).collect();
        notes.insert(0, format!("no difference in any history: {}", list(&idle)));
    }
    notes.extend(provenance(&found.study));
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::statistics::Estimate;

    fn saving(change: Change, name: &str, saved: f64, half_width: f64) -> Saving {
        let lost_seconds_per_year: Estimate = sample::estimate(saved, half_width);
        Saving { change, name: name.to_owned(), lost_seconds_per_year, share: Some(saved / 10_000.0) }
    }

    fn importance(savings: Vec<Saving>) -> Importance {
        Importance { study: sample::alone(sample::summary("shop", 10_000.0, &[])), savings }
    }

    #[test]
    fn the_answer_names_what_certainly_gives_back_most() {
        let clear = [
            saving(Change::Without, "zone", 6_000.0, 600.0),
            saving(Change::Halved, "repair", 4_000.0, 300.0),
            saving(Change::Without, "crash", 3_000.0, 600.0),
        ];
        let text = answer(&importance(clear.to_vec()), Glyphs::UNICODE);
        assert_eq!(
            text,
            "zone: without it, 1h 40m [1h 30m, 1h 50m] of the 2h 47m [2h 30m, 3h 3m] lost a year would be saved (60 %). \
             Of the stages, repair: halving it gives back 1h 7m [1h 2m, 1h 12m]."
        );
        let near = [saving(Change::Without, "zone", 600.0, 300.0), saving(Change::Without, "crash", 500.0, 300.0)];
        let text = answer(&importance(near.to_vec()), Glyphs::UNICODE);
        assert!(text.contains("crash may give back as much or more"), "{text}");
        let open = [saving(Change::Without, "zone", 600.0, 700.0)];
        let text = answer(&importance(open.to_vec()), Glyphs::UNICODE);
        assert!(text.starts_with("Nothing stands out"), "{text}");
        let quiet = Importance { study: sample::alone(sample::lossless("quiet")), savings: open.to_vec() };
        assert_eq!(answer(&quiet, Glyphs::UNICODE), "Nothing: no loss was seen.");
    }

    #[test]
    fn a_change_that_costs_is_written_with_its_sign() {
        assert_eq!(cells(&saving(Change::Halved, "detection", -500.0, 10.0), Glyphs::UNICODE)[2], "-5 %");
    }
}

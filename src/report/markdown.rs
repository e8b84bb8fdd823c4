//! Markdown for a pull request: the answer in the open, details folded away.

use super::answer;
use super::metric;
use super::terminal::verdict_word;
use super::value::{Glyphs, Reading, SMALL_SAMPLE_NOTE, Unit, count, percent, portion};
use crate::study::{Judgement, STAGES, Study, Summary};
use std::fmt::Write;

const GLYPHS: Glyphs = Glyphs::UNICODE;

/// The report for a pull request: question, answer and table; causes, comparisons and defaults behind a fold.
#[must_use]
pub fn markdown(study: &Study) -> String {
    let mut text =
        format!("### {}\n\n{}\n\n", escaped(&answer::question(study)), escaped(&answer::answer(study, GLYPHS)));
    text.push_str(&overview(study));
    for summary in &study.architectures {
        let both = [super::by_hand::explained(summary), super::beside::sentence(summary)];
        for sentence in both.into_iter().flatten() {
            let _ = writeln!(text, "{}: {}\n", escaped(&summary.name), escaped(&sentence));
        }
    }
    text.push_str(&objectives(study));
    for warning in answer::warnings(study) {
        let _ = writeln!(text, "> **warning:** {}\n", escaped(&warning));
    }
    for summary in study.architectures.iter().filter(|summary| !summary.attribution.is_empty()) {
        let title = format!("{}: where the lost time goes", summary.name);
        text.push_str(&folded(&title, &causes(summary)));
    }
    if !study.comparisons.is_empty() {
        text.push_str(&folded("Comparisons", &comparisons(study)));
    }
    let assumptions = answer::assumption_count(study);
    if assumptions > 0 {
        text.push_str(&folded(&format!("Defaults used: {assumptions}"), &defaults(study)));
    }
    let _ = writeln!(text, "<sub>{}</sub>", escaped(&answer::provenance(study).join("; ")));
    text
}

fn overview(study: &Study) -> String {
    if study.architectures.is_empty() {
        return String::new();
    }
    let metrics = metric::headline(study.architectures.iter());
    let mut head = vec![String::new()];
    head.extend(study.architectures.iter().map(|summary| summary.name.clone()));
    let mut rows: Vec<Vec<String>> = metrics
        .iter()
        .map(|metric| {
            let cells = study.architectures.iter().map(|summary| metric.text(summary, GLYPHS).line());
            std::iter::once(metric::label(metric, study.horizon_seconds)).chain(cells).collect()
        })
        .collect();
    if study.architectures.iter().any(|summary| !summary.objectives.is_empty()) {
        let cells = study.architectures.iter().map(|summary| {
            metric::overall(&summary.objectives)
                .map_or_else(|| "none".to_owned(), |judgement| marked(judgement).to_owned())
        });
        rows.push(std::iter::once("objectives".to_owned()).chain(cells).collect());
    }
    let mut text = table(&head, &[false], &rows);
    let small = if text.contains("]\\*") { format!("; {}", escaped(SMALL_SAMPLE_NOTE)) } else { String::new() };
    let legend = escaped(&metric::legend(study));
    let _ = writeln!(text, "<sub>[low, high]: {} interval{small}<br>{legend}</sub>\n", percent(study.level));
    text
}

fn objectives(study: &Study) -> String {
    let rows: Vec<Vec<String>> = study
        .architectures
        .iter()
        .flat_map(|summary| {
            summary.objectives.iter().map(|objective| {
                vec![
                    summary.name.clone(),
                    metric::demand(objective, GLYPHS),
                    metric::found(objective, GLYPHS).line(),
                    marked(objective.verdict).to_owned(),
                ]
            })
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    table(&["architecture", "objective", "measured", "verdict"].map(str::to_owned), &[false; 4], &rows)
}

/// A judgement that stands out; words, since not every reader sees the colours of an emoji.
pub(super) const fn marked(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::Met => "met",
        Judgement::Missed => "**missed**",
        Judgement::Inconclusive => "*inconclusive*",
    }
}

fn causes(summary: &Summary) -> String {
    let mut head = vec!["cause".to_owned(), "lost a year".to_owned(), "share".to_owned()];
    head.extend(STAGES.map(str::to_owned));
    let shares = |stages: &[f64; 5]| {
        let total: f64 = stages.iter().sum();
        stages.map(|seconds| if total > 0.0 { portion(seconds / total) } else { "-".to_owned() })
    };
    let mut rows: Vec<Vec<String>> = summary
        .attribution
        .iter()
        .map(|cause| {
            let lost = Reading::of(&cause.lost_seconds_per_year, Unit::Duration, GLYPHS).line();
            [cause.name.clone(), lost, portion(cause.share)].into_iter().chain(shares(&cause.stages)).collect()
        })
        .collect();
    let lost = Reading::of(&summary.lost_seconds_per_year, Unit::Duration, GLYPHS).line();
    rows.push(
        ["all causes".to_owned(), lost, percent(1.0)]
            .into_iter()
            .chain(shares(&metric::stage_totals(summary)))
            .collect(),
    );
    table(&head, &[false], &rows)
}

fn comparisons(study: &Study) -> String {
    let rows: Vec<Vec<String>> = study
        .comparisons
        .iter()
        .map(|comparison| {
            vec![
                format!("{} against {}", comparison.left, comparison.right),
                verdict_word(comparison.verdict).to_owned(),
                Reading::of(&comparison.lost_seconds_per_year_difference, Unit::Duration, GLYPHS).line(),
                comparison.variance_ratio.map_or_else(|| "-".to_owned(), count),
            ]
        })
        .collect();
    table(
        &["compared", "verdict", "difference in lost time a year", "variance ratio"].map(str::to_owned),
        &[false, false],
        &rows,
    )
}

fn defaults(study: &Study) -> String {
    let mut rows: Vec<Vec<String>> = study
        .architectures
        .iter()
        .flat_map(|summary| &summary.assumptions)
        .map(|assumption| {
            vec![assumption.key.clone(), assumption.value.clone(), assumption.grade.clone(), assumption.source.clone()]
        })
        .collect();
    rows.sort();
    rows.dedup();
    table(&["key", "value", "grade", "source"].map(str::to_owned), &[false; 4], &rows)
}

/// A table, and the empty line after it. Columns of numbers are flush right; what `numbers` leaves open is.
pub(super) fn table(head: &[String], numbers: &[bool], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell_text(cell)).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let mut text = line(head);
    let rule: Vec<&str> =
        (0..head.len()).map(|place| if numbers.get(place).copied().unwrap_or(true) { "---:" } else { "---" }).collect();
    let _ = writeln!(text, "|{}|", rule.join("|"));
    for row in rows {
        text.push_str(&line(row));
    }
    text.push('\n');
    text
}

fn folded(title: &str, body: &str) -> String {
    format!("<details><summary>{}</summary>\n\n{body}</details>\n\n", escaped(title))
}

/// Our own emphasis stays, everything else is escaped.
fn cell_text(cell: &str) -> String {
    match cell {
        "**missed**" | "*inconclusive*" => cell.to_owned(),
        other => escaped(other),
    }
}

/// Names and sentences as they are: nothing in them is markup.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '|' | '*' | '_' | '`' | '\\' | '~' | '#' => {
                safe.push('\\');
                safe.push(letter);
            }
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            // A mention or an issue reference would notify strangers.
            '@' => safe.push_str("@\u{200b}"),
            '\n' | '\r' => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_answer_is_in_the_open_and_details_are_folded() {
        let text = markdown(&sample::study());
        let (open, folded) = text.split_once("<details>").expect("something is folded");
        assert!(open.starts_with(
            "### Is a second zone, or a second region, worth it for the shop?\n\nmulti-region loses least: 4.08 nines"
        ));
        assert!(open.contains(
            "|  | single-az | multi-az | multi-region |\n|---|---:|---:|---:|\n\
             | nines | 2.29 [2.20, 2.40] | 3.40 [3.31, 3.51] | 4.08 [3.99, 4.19] |\n"
        ));
        assert!(open.contains("| objectives | **missed** | *inconclusive* | met |"));
        assert!(open.contains("> **warning:** multi-az: only 12 incidents seen"));
        assert!(folded.contains("| zone outage | 26m [20m 48s, 31m 12s] | 60 % | 10 % | 5 % | 15 % | 20 % | 50 % |"));
        assert!(folded.contains("tier.web.load\\_balancer.interval | 30s"));
        assert!(folded.contains("seed 42"));
    }

    #[test]
    fn names_are_not_markup() {
        let text = markdown(&sample::alone(sample::summary("a|b <img> @team", 1_000.0, &[("x*y", 1.0)])));
        assert!(text.contains("a\\|b &lt;img&gt; @\u{200b}team"));
        assert!(text.contains("| x\\*y |"));
        assert!(!text.contains("<img>"));
    }

    #[test]
    fn every_table_line_has_the_cells_of_its_head() {
        let text = markdown(&sample::study());
        let mut cells = None;
        for line in text.lines() {
            if line.starts_with('|') {
                let here = line.replace("\\|", "").matches('|').count();
                assert_eq!(*cells.get_or_insert(here), here, "{line}");
            } else {
                cells = None;
            }
        }
    }
}

//! What the reader of a terminal looks at: the answer first, its reasons below.

use super::answer;
use super::layout::{DOUBTFUL, FAINT, GAP, NARROWEST, Page, STRONG, total_width, width};
use super::metric::{self, Metric};
use super::value::{
    Reading, SMALL_SAMPLE_MARK, SMALL_SAMPLE_NOTE, Unit, count, fold, percent, wrap,
};
use crate::study::{STAGES, Study, Summary, Verdict};
use comfy_table::CellAlignment;
use std::fmt::Write;

/// Causes below this share are counted, not listed.
const LEAST_SHARE: f64 = 0.001;

/// The report for a terminal: the question and its answer, a table that shows why, then where the time goes,
/// objectives, comparisons, warnings and how to get the same numbers again. ANSI styles only if `colour`, characters
/// beyond ASCII (but for names) only unless `ascii`.
#[must_use]
pub fn terminal(study: &Study, width: usize, colour: bool, ascii: bool) -> String {
    let page = Page::new(width, colour, ascii);
    let sections = [
        heading(study, page),
        overview(study, page),
        causes(study, page),
        objectives(study, page),
        comparisons(study, page),
        closing(study, page),
    ];
    sections
        .into_iter()
        .filter(|section| !section.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

fn heading(study: &Study, page: Page) -> String {
    let question = page.paint(&wrap(&answer::question(study), page.width, 0), STRONG);
    let answer = page.paint_numbers(&wrap(&answer::answer(study, page.glyphs), page.width, 0));
    format!("{question}\n\n{answer}\n")
}

/// The table of metrics against architectures, in as many parts as the width asks for.
fn overview(study: &Study, page: Page) -> String {
    let metrics = metric::headline(study.architectures.iter());
    let judged = study
        .architectures
        .iter()
        .any(|summary| !summary.objectives.is_empty());
    let mut labels: Vec<String> = metrics
        .iter()
        .map(|metric| metric::label(metric, study.horizon_seconds))
        .collect();
    if judged {
        labels.push("objectives".to_owned());
    }
    let columns: Vec<(&Summary, Vec<Reading>)> = study
        .architectures
        .iter()
        .map(|summary| (summary, readings(summary, &metrics, judged, page)))
        .collect();
    let mut text = columned(&labels, &columns, page);
    if text.is_empty() {
        return text;
    }
    let mut note = format!("[low, high]: {} interval", percent(study.level));
    if text.contains(&format!("]{SMALL_SAMPLE_MARK}"))
        || text.contains(&format!("]\u{1b}[0m{SMALL_SAMPLE_MARK}"))
    {
        let _ = write!(note, "; {SMALL_SAMPLE_NOTE}");
    }
    let _ = writeln!(text, "{}", page.paint(&wrap(&note, page.width, 2), FAINT));
    text
}

fn readings(summary: &Summary, metrics: &[&Metric], judged: bool, page: Page) -> Vec<Reading> {
    let mut readings: Vec<Reading> = metrics
        .iter()
        .map(|metric| metric.text(summary, page.glyphs))
        .collect();
    if judged {
        let judgement = metric::overall(&summary.objectives).map_or("none", metric::word);
        readings.push(Reading::phrase(judgement));
    }
    readings
}

/// Values beside their intervals if all fits, else above them; columns that still do not fit go into a further table.
fn columned(labels: &[String], columns: &[(&Summary, Vec<Reading>)], page: Page) -> String {
    let label_width = labels.iter().map(|label| width(label)).max().unwrap_or(0);
    let widths = |text: fn(&Reading) -> String| -> Vec<usize> {
        columns
            .iter()
            .map(|(summary, readings)| {
                let content = readings
                    .iter()
                    .map(|reading| width(&text(reading)))
                    .max()
                    .unwrap_or(0)
                    .max(NARROWEST);
                width(&fold(&summary.name, content).join("\n")).max(content)
            })
            .collect()
    };
    let total =
        |widths: &[usize]| label_width + widths.iter().map(|width| width + GAP).sum::<usize>();
    let beside = widths(Reading::line);
    let (text, widths): (fn(&Reading) -> String, _) = if total(&beside) <= page.width {
        (Reading::line, beside)
    } else {
        (Reading::stacked, widths(Reading::stacked))
    };

    let mut tables = Vec::new();
    let mut start = 0;
    while start < columns.len() {
        let mut end = start + 1;
        while end < columns.len() && total(&widths[start..=end]) <= page.width {
            end += 1;
        }
        let part = &columns[start..end];
        let mut head = vec![String::new()];
        head.extend(
            part.iter()
                .zip(&widths[start..end])
                .map(|((summary, _), &width)| {
                    let lines = fold(&summary.name, width);
                    lines.join("\n")
                }),
        );
        let rows: Vec<Vec<String>> = labels
            .iter()
            .enumerate()
            .map(|(row, label)| {
                let cells = part
                    .iter()
                    .map(|(_, readings)| readings.get(row).map(text).unwrap_or_default());
                std::iter::once(label.clone()).chain(cells).collect()
            })
            .collect();
        tables.push(page.table(&head, &[CellAlignment::Left], &rows));
        start = end;
    }
    tables.join("\n")
}

/// Where each architecture loses its time.
fn causes(study: &Study, page: Page) -> String {
    study
        .architectures
        .iter()
        .map(|summary| causes_of(summary, page))
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

fn causes_of(summary: &Summary, page: Page) -> String {
    let glyphs = page.glyphs;
    if summary.attribution.is_empty() {
        return String::new();
    }
    let total = Reading::of(&summary.lost_seconds_per_year, Unit::Duration, glyphs).line();
    let title = format!("{}: where the lost time goes", summary.name);
    let listed: Vec<_> = summary
        .attribution
        .iter()
        .filter(|cause| cause.share >= LEAST_SHARE)
        .collect();
    let wide = page.width >= 110;

    let mut head = vec![
        "cause".to_owned(),
        "lost a year".to_owned(),
        "share".to_owned(),
        String::new(),
    ];
    let mut alignments = vec![
        CellAlignment::Left,
        CellAlignment::Left,
        CellAlignment::Right,
        CellAlignment::Left,
    ];
    if wide {
        head.extend(STAGES.map(str::to_owned));
        alignments.extend([CellAlignment::Right; 5]);
    } else {
        head.push("mostly".to_owned());
        alignments.push(CellAlignment::Left);
    }
    let mut rows: Vec<Vec<String>> = listed
        .iter()
        .map(|cause| {
            let mut row = vec![
                cause.name.clone(),
                Reading::of(&cause.lost_seconds_per_year, Unit::Duration, glyphs).line(),
                percent(cause.share),
                page.bar(cause.share, 10),
            ];
            if wide {
                row.extend(stage_shares(&cause.stages));
            } else {
                row.push(
                    metric::longest_stage(cause).map_or_else(String::new, |(stage, share)| {
                        format!("{stage} {}", percent(share))
                    }),
                );
            }
            row
        })
        .collect();
    let mut last = vec!["all causes".to_owned(), total, percent(1.0), String::new()];
    if wide {
        last.extend(stage_shares(&metric::stage_totals(summary)));
    } else {
        last.push(String::new());
    }
    rows.push(last);
    let mut text = format!("{}\n", page.paint(&wrap(&title, page.width, 2), STRONG));
    text.push_str(&page.folded_table(&head, &alignments, rows));
    let hidden = summary.attribution.len() - listed.len();
    if hidden > 0 {
        let share: f64 = summary
            .attribution
            .iter()
            .filter(|cause| cause.share < LEAST_SHARE)
            .map(|cause| cause.share)
            .sum();
        let note = format!("{hidden} more of {} together, in the JSON", percent(share));
        let _ = writeln!(text, "{}", page.paint(&note, FAINT));
    }
    if !wide {
        let totals = metric::stage_totals(summary);
        let parts: Vec<String> = STAGES
            .iter()
            .zip(stage_shares(&totals))
            .map(|(stage, share)| format!("{stage} {share}"))
            .collect();
        let _ = writeln!(
            text,
            "{}",
            page.paint(
                &wrap(&format!("by stage: {}", parts.join(", ")), page.width, 2),
                FAINT
            )
        );
    }
    text
}

/// Shares of the stages in their sum, as text.
fn stage_shares(stages: &[f64; 5]) -> [String; 5] {
    let total: f64 = stages.iter().sum();
    stages.map(|seconds| {
        if total > 0.0 {
            percent(seconds / total)
        } else {
            "-".to_owned()
        }
    })
}

fn objectives(study: &Study, page: Page) -> String {
    let rows = |text: fn(&Reading) -> String| -> Vec<Vec<String>> {
        study
            .architectures
            .iter()
            .flat_map(|summary| {
                summary.objectives.iter().map(move |objective| {
                    vec![
                        summary.name.clone(),
                        metric::demand(objective, page.glyphs),
                        text(&metric::found(objective, page.glyphs)),
                        metric::word(objective.verdict).to_owned(),
                    ]
                })
            })
            .collect()
    };
    let head = ["architecture", "objective", "measured", "verdict"].map(str::to_owned);
    beside_or_above(&head, &[CellAlignment::Left; 4], rows, page)
}

fn comparisons(study: &Study, page: Page) -> String {
    let rows = |text: fn(&Reading) -> String| -> Vec<Vec<String>> {
        study
            .comparisons
            .iter()
            .map(|comparison| {
                let difference = &comparison.lost_seconds_per_year_difference;
                vec![
                    format!("{} against {}", comparison.left, comparison.right),
                    verdict_word(comparison.verdict).to_owned(),
                    text(&Reading::of(difference, Unit::Duration, page.glyphs)),
                    comparison
                        .variance_ratio
                        .map_or_else(|| "-".to_owned(), count),
                ]
            })
            .collect()
    };
    let head = [
        "compared",
        "verdict",
        "difference\nin lost time a year",
        "variance\nratio",
    ]
    .map(str::to_owned);
    let alignments = [
        CellAlignment::Left,
        CellAlignment::Left,
        CellAlignment::Right,
        CellAlignment::Right,
    ];
    beside_or_above(&head, &alignments, rows, page)
}

/// A table with values beside their intervals if that fits, else above them.
fn beside_or_above(
    head: &[String],
    alignments: &[CellAlignment],
    rows: impl Fn(fn(&Reading) -> String) -> Vec<Vec<String>>,
    page: Page,
) -> String {
    let beside = rows(Reading::line);
    if beside.is_empty() {
        String::new()
    } else if total_width(head, &beside, 0) <= page.width {
        page.table(head, alignments, &beside)
    } else {
        page.folded_table(head, alignments, rows(Reading::stacked))
    }
}

/// A verdict in words.
pub(super) const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::Undecided => "cannot be told apart",
    }
}

/// Warnings, assumptions, and how to get the same numbers again.
fn closing(study: &Study, page: Page) -> String {
    let mut text = String::new();
    for warning in answer::warnings(study) {
        let wrapped = wrap(&format!("warning: {warning}"), page.width, 9);
        let rest = wrapped.strip_prefix("warning:").unwrap_or(&wrapped);
        let _ = writeln!(text, "{}{rest}", page.paint("warning:", DOUBTFUL));
    }
    let assumptions = answer::assumption_count(study);
    if assumptions > 0 {
        let noun = if assumptions == 1 {
            "default was"
        } else {
            "defaults were"
        };
        let note =
            format!("{assumptions} {noun} used: `ridethrough defaults` and the JSON say which.");
        let _ = writeln!(text, "{}", wrap(&note, page.width, 2));
    }
    for line in answer::provenance(study) {
        let _ = writeln!(text, "{}", page.paint(&wrap(&line, page.width, 2), FAINT));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn show() {
        println!("{}", terminal(&sample::study(), 80, false, false));
        println!("=====\n{}", terminal(&sample::study(), 120, false, false));
        println!(
            "=====\n{}",
            terminal(&sample::alone(sample::lossless("quiet")), 80, false, true)
        );
        println!("=====\n{}", terminal(&sample::study(), 80, true, false));
    }
}

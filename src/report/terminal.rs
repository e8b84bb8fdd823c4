//! What the reader of a terminal looks at: the answer first, its reasons below.

use super::answer;
use super::distributions::distributions;
use super::layout::{DOUBTFUL, FAINT, GAP, NARROWEST, Page, STRONG, total_width, width};
use super::metric::{self, Metric};
use super::value::{Reading, SMALL_SAMPLE_MARK, SMALL_SAMPLE_NOTE, Unit, count, fold, percent, portion, wrap};
use crate::study::{Cause, STAGES, Study, Summary, Verdict};
use comfy_table::CellAlignment;
use std::fmt::Write;

/// Causes below this share are counted, not listed.
const LEAST_SHARE: f64 = 0.001;
/// Causes listed at most.
const MOST_CAUSES: usize = 10;

/// The report for a terminal: the question and its answer, a table that shows why, how what was seen is distributed, then where the time
/// goes, objectives, comparisons, warnings and how to get the same numbers again. ANSI styles only if `colour`, characters
/// beyond ASCII (but for names) only unless `ascii`.
#[must_use]
pub fn terminal(study: &Study, width: usize, colour: bool, ascii: bool) -> String {
    let page = Page::new(width, colour, ascii);
    let sections = [
        heading(study, page),
        overview(study, page),
        distributions(study, page),
        causes(study, page),
        objectives(study, page),
        comparisons(study, page),
        beside(study, page),
        closing(study, page),
    ];
    sections.into_iter().filter(|section| !section.is_empty()).collect::<Vec<_>>().join("\n")
}

fn heading(study: &Study, page: Page) -> String {
    let question = page.paint(&wrap(&answer::question(study), page.width, 0), STRONG);
    let answer = page.paint_numbers(&wrap(&answer::answer(study, page.glyphs), page.width, 0));
    format!("{question}\n\n{answer}\n")
}

/// What an architect would have said, and the exact answer, beside what was simulated.
fn beside(study: &Study, page: Page) -> String {
    let mut text = String::new();
    let several = study.architectures.len() > 1;
    let sentences = study.architectures.iter().flat_map(|summary| {
        let both = [super::by_hand::explained(summary), super::beside::sentence(summary)];
        both.into_iter().flatten().map(move |sentence| (summary, sentence))
    });
    for (summary, sentence) in sentences {
        let sentence = if several { format!("{}, {sentence}", summary.name) } else { sentence };
        let _ = writeln!(text, "{}", page.paint_numbers(&wrap(&sentence, page.width, 2)));
    }
    text
}

/// The table of metrics against architectures, in as many parts as the width asks for.
fn overview(study: &Study, page: Page) -> String {
    let metrics = metric::headline(study.architectures.iter());
    let judged = study.architectures.iter().any(|summary| !summary.objectives.is_empty());
    let mut labels: Vec<String> = metrics.iter().map(|metric| metric::label(metric, study.horizon_seconds)).collect();
    if judged {
        labels.push("objectives".to_owned());
    }
    let columns: Vec<(&Summary, Vec<Reading>)> =
        study.architectures.iter().map(|summary| (summary, readings(summary, &metrics, judged, page))).collect();
    let mut text = columned(&labels, &columns, page);
    if text.is_empty() {
        return text;
    }
    let mut note = format!("[low, high]: {} interval", percent(study.level));
    if text.contains(&format!("]{SMALL_SAMPLE_MARK}")) || text.contains(&format!("]\u{1b}[0m{SMALL_SAMPLE_MARK}")) {
        let _ = write!(note, "; {SMALL_SAMPLE_NOTE}");
    }
    for line in [note, metric::legend(study)] {
        let _ = writeln!(text, "{}", page.paint(&wrap(&line, page.width, 2), FAINT));
    }
    text
}

fn readings(summary: &Summary, metrics: &[&Metric], judged: bool, page: Page) -> Vec<Reading> {
    let mut readings: Vec<Reading> = metrics.iter().map(|metric| metric.text(summary, page.glyphs)).collect();
    if judged {
        let judgement = metric::overall(&summary.objectives).map_or("none", metric::word);
        readings.push(Reading::phrase(judgement));
    }
    readings
}

/// Values beside their intervals if all fits, else above them, with labels in two lines where that makes room; columns that
/// still do not fit go into further tables, about as many in each.
fn columned(labels: &[String], columns: &[(&Summary, Vec<Reading>)], page: Page) -> String {
    let label_width = labels.iter().map(|label| width(label)).max().unwrap_or(0);
    let widths = |text: fn(&Reading) -> String| -> Vec<usize> {
        columns
            .iter()
            .map(|(summary, readings)| {
                let content = readings.iter().map(|reading| width(&text(reading))).max().unwrap_or(0).max(NARROWEST);
                width(&fold(&summary.name, content).join("\n")).max(content)
            })
            .collect()
    };
    let total = |widths: &[usize]| widths.iter().map(|width| width + GAP).sum::<usize>();
    let beside = widths(Reading::line);
    let (text, widths): (fn(&Reading) -> String, _) = if label_width + total(&beside) <= page.width {
        (Reading::line, beside)
    } else {
        (Reading::stacked, widths(Reading::stacked))
    };
    let room = page.width.saturating_sub(total(&widths)).min(label_width);
    let folded: Vec<Vec<String>> = labels.iter().map(|label| fold(label, room)).collect();
    let fits = folded.iter().flatten().all(|line| width(line) <= room) && folded.iter().all(|lines| lines.len() <= 2);
    let folded = if fits { folded } else { labels.iter().map(|label| vec![label.clone()]).collect() };
    let label_width = if fits { room } else { label_width };
    let from = |start: usize, most: usize| {
        let mut end = start + 1;
        while end < columns.len().min(start + most) && label_width + total(&widths[start..=end]) <= page.width {
            end += 1;
        }
        end
    };
    let (mut parts, mut start) = (0, 0);
    while start < columns.len() {
        start = from(start, columns.len());
        parts += 1;
    }
    let most = columns.len().div_ceil(parts.max(1));

    let mut tables = Vec::new();
    let mut start = 0;
    while start < columns.len() {
        let end = from(start, most);
        let part = &columns[start..end];
        let mut head = vec![String::new()];
        head.extend(part.iter().zip(&widths[start..end]).map(|((summary, _), &width)| {
            let lines = fold(&summary.name, width);
            lines.join("\n")
        }));
        let rows: Vec<Vec<String>> = folded
            .iter()
            .enumerate()
            .map(|(row, label)| {
                let cells = part.iter().map(|(_, readings)| readings.get(row).map(text).unwrap_or_default());
                std::iter::once(label.join("\n")).chain(cells).collect()
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
    let (listed, hidden) = listed(&summary.attribution);
    let wide = page.width >= 110;

    let mut head = vec!["cause".to_owned(), "lost a year".to_owned(), "share".to_owned(), String::new()];
    let mut alignments = vec![CellAlignment::Left, CellAlignment::Left, CellAlignment::Right, CellAlignment::Left];
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
                portion(cause.share),
                page.bar(cause.share, 10),
            ];
            if wide {
                row.extend(stage_shares(&cause.stages));
            } else {
                row.push(
                    metric::longest_stage(cause)
                        .map_or_else(String::new, |(stage, share)| format!("{stage} {}", portion(share))),
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
    if !hidden.is_empty() {
        let share: f64 = hidden.iter().map(|cause| cause.share).sum();
        let count = hidden.len();
        let note = format!("{count} more of {} together, in the JSON", percent(share));
        let _ = writeln!(text, "{}", page.paint(&note, FAINT));
    }
    if !wide {
        let totals = metric::stage_totals(summary);
        let parts: Vec<String> =
            STAGES.iter().zip(stage_shares(&totals)).map(|(stage, share)| format!("{stage} {share}")).collect();
        let _ =
            writeln!(text, "{}", page.paint(&wrap(&format!("by stage: {}", parts.join(", ")), page.width, 2), FAINT));
    }
    text
}

/// The causes worth a line, largest first as they come, and the others.
fn listed(causes: &[Cause]) -> (Vec<&Cause>, Vec<&Cause>) {
    let (mut listed, mut hidden): (Vec<_>, Vec<_>) = causes.iter().partition(|cause| cause.share >= LEAST_SHARE);
    hidden.extend(listed.split_off(listed.len().min(MOST_CAUSES)));
    (listed, hidden)
}

/// Shares of the stages in their sum, as text.
fn stage_shares(stages: &[f64; 5]) -> [String; 5] {
    let total: f64 = stages.iter().sum();
    stages.map(|seconds| if total > 0.0 { portion(seconds / total) } else { "-".to_owned() })
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
                    comparison.variance_ratio.map_or_else(|| "-".to_owned(), count),
                ]
            })
            .collect()
    };
    let head = ["compared", "verdict", "difference\nin lost time a year", "variance\nratio"].map(str::to_owned);
    let alignments = [CellAlignment::Left, CellAlignment::Left, CellAlignment::Right, CellAlignment::Right];
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
        let noun = if assumptions == 1 { "default was" } else { "defaults were" };
        let note =
            format!("{assumptions} {noun} used: the JSON lists them, `ridethrough defaults` where they come from.");
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
    use crate::report::{golden, sample};

    /// Also with five nines, whose intervals are two characters longer.
    #[test]
    fn three_designs_fit_80_columns() {
        let mut study = sample::study();
        for summary in &mut study.architectures {
            let share = summary.unavailability_request.estimate;
            summary.unavailability_request = sample::estimate(share * 0.1, share * 0.01);
        }
        let text = terminal(&study, 80, false, false);
        lines_fit(&text, 80);
        assert_eq!(text.matches("\nnines ").count(), 1, "{text}");
        assert!(text.contains("\nrecovery "), "labels are folded:\n{text}");
    }

    fn lines_fit(text: &str, width: usize) {
        for line in text.lines() {
            assert!(line.chars().count() <= width, "{} of {width} columns: {line}", line.chars().count());
        }
    }

    #[test]
    fn at_80_columns_intervals_stand_below_their_values() {
        golden::hold("table-80.txt", &terminal(&sample::study(), 80, false, false));
    }

    #[test]
    fn at_120_columns_intervals_stand_beside_their_values() {
        golden::hold("table-120.txt", &terminal(&sample::study(), 120, false, false));
    }

    #[test]
    fn no_loss_is_at_least_so_many_nines() {
        golden::hold("table-no-loss.txt", &terminal(&sample::alone(sample::lossless("quiet")), 80, false, true));
    }

    #[test]
    fn five_architectures_take_two_tables() {
        let text = terminal(&sample::many(), 80, false, false);
        assert_eq!(text.matches("\nnines ").count(), 2);
        assert!(text.contains("multi-az-with-         pilot-light\n"));
        assert!(text.contains("2 more of 3.8 % together, in the JSON"));
    }

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        for study in [sample::study(), sample::many(), sample::alone(sample::lossless("quiet"))] {
            for width in [72, 80, 100, 110, 120, 160] {
                lines_fit(&terminal(&study, width, false, false), width);
            }
        }
    }

    #[test]
    fn styles_change_no_letter() {
        let plain = terminal(&sample::study(), 80, false, false);
        let styled = terminal(&sample::study(), 80, true, false);
        assert_ne!(plain, styled);
        assert_eq!(anstream::adapter::strip_str(&styled).to_string(), plain);
    }

    #[test]
    fn ascii_is_ascii() {
        for study in [sample::study(), sample::many(), sample::alone(sample::lossless("quiet"))] {
            assert!(terminal(&study, 80, true, true).is_ascii());
        }
    }

    #[test]
    fn what_is_undecided_is_not_claimed() {
        let mut study = sample::study();
        study.comparisons[2].verdict = Verdict::Undecided;
        let text = terminal(&study, 100, false, false);
        assert!(
            text.contains("multi-region and multi-az cannot be told apart; multi-region has 4.08 nines [3.99, 4.19].")
        );
        assert!(!text.contains("loses least"));
        study.comparisons.clear();
        let text = terminal(&study, 100, false, false).replace('\n', " ");
        assert!(text.contains("multi-region has the lowest estimate: 4.08 nines"), "{text}");
        assert!(text.contains("It was not compared with single-az and multi-az."));
    }

    #[test]
    fn a_run_without_results_is_no_panic() {
        let mut study = sample::study();
        study.architectures.clear();
        study.comparisons.clear();
        study.interrupted = true;
        let text = terminal(&study, 0, false, false);
        assert!(text.contains("There is no result.") && text.contains("interrupted"));
    }
}

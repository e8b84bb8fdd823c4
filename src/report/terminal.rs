//! What the reader of a terminal looks at: the answer first, its reasons below.

use super::answer;
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

/// The report for a terminal: the question and its answer, a table that shows why, then where the time goes,
/// objectives, comparisons, warnings and how to get the same numbers again. ANSI styles only if `colour`, characters
/// beyond ASCII (but for names) only unless `ascii`.
#[must_use]
pub fn terminal(study: &Study, width: usize, colour: bool, ascii: bool) -> String {
    let page = Page::new(width, colour, ascii);
    let sections = [
        heading(study, page),
        overview(study, page),
        by_hand(study, page),
        causes(study, page),
        objectives(study, page),
        comparisons(study, page),
        closing(study, page),
    ];
    sections.into_iter().filter(|section| !section.is_empty()).collect::<Vec<_>>().join("\n")
}

fn heading(study: &Study, page: Page) -> String {
    let question = page.paint(&wrap(&answer::question(study), page.width, 0), STRONG);
    let answer = page.paint_numbers(&wrap(&answer::answer(study, page.glyphs), page.width, 0));
    format!("{question}\n\n{answer}\n")
}

/// What an architect would have said, beside what was simulated.
fn by_hand(study: &Study, page: Page) -> String {
    let mut text = String::new();
    let several = study.architectures.len() > 1;
    for summary in &study.architectures {
        let Some(sentence) = super::by_hand::explained(summary) else { continue };
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
    let _ = writeln!(text, "{}", page.paint(&wrap(&note, page.width, 2), FAINT));
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

/// Values beside their intervals if all fits, else above them; columns that still do not fit go into a further table.
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
    let total = |widths: &[usize]| label_width + widths.iter().map(|width| width + GAP).sum::<usize>();
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
        head.extend(part.iter().zip(&widths[start..end]).map(|((summary, _), &width)| {
            let lines = fold(&summary.name, width);
            lines.join("\n")
        }));
        let rows: Vec<Vec<String>> = labels
            .iter()
            .enumerate()
            .map(|(row, label)| {
                let cells = part.iter().map(|(_, readings)| readings.get(row).map(text).unwrap_or_default());
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
    use crate::report::sample;

    fn lines_fit(text: &str, width: usize) {
        for line in text.lines() {
            assert!(line.chars().count() <= width, "{} of {width} columns: {line}", line.chars().count());
        }
    }

    /// The report as it is read, with a version that does not age.
    fn plain(study: &Study, width: usize, ascii: bool) -> String {
        let version = concat!("ridethrough ", env!("CARGO_PKG_VERSION"));
        terminal(study, width, false, ascii).replace(version, "ridethrough VERSION")
    }

    #[test]
    fn at_80_columns_intervals_stand_below_their_values() {
        assert_eq!(plain(&sample::study(), 80, false), AT_80);
    }

    #[test]
    fn at_120_columns_intervals_stand_beside_their_values() {
        assert_eq!(plain(&sample::study(), 120, false), AT_120);
    }

    #[test]
    fn no_loss_is_at_least_so_many_nines() {
        assert_eq!(plain(&sample::alone(sample::lossless("quiet")), 80, true), NO_LOSS);
    }

    #[test]
    fn five_architectures_take_two_tables() {
        let text = plain(&sample::many(), 80, false);
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

    const AT_80: &str = r"Is a second zone, or a second region, worth it for the shop?

multi-region loses least: 4.08 nines [3.99, 4.19]. multi-az loses
2h 45m [2h 24m, 3h 6m] more a year, single-az 1d 20h [1d 14h, 2d 1h] more. The
objectives are met by multi-region, open for multi-az, missed by single-az.

                               single-az            multi-az        multi-region
────────────────────────────────────────────────────────────────────────────────
nines                               2.29                3.40                4.08
                            [2.20, 2.40]        [3.31, 3.51]        [3.99, 4.19]
availability                     99.49 %             99.96 %           99.9918 %
                          [99.44, 99.54]    [99.956, 99.964]  [99.9909, 99.9926]
lost time a year                  1d 20h              3h 28m             43m 20s
                         [1d 16h, 2d 1h]     [3h 8m, 3h 49m]      [39m, 47m 40s]
downtime a year, mean              2d 5h              4h 10m                 52m
                            [2d, 2d 11h]    [3h 45m, 4h 35m]  [46m 48s, 57m 12s]
downtime a year, p95              4d 22h              9h 15m              1h 56m
                        [4d 11h, 5d 10h]   [8h 20m, 10h 11m]     [1h 44m, 2h 7m]
incidents a year                     178                13.9                2.89
                              [160, 196]        [12.5, 15.3]        [2.60, 3.18]
recovery time, median             40m 2s             11m 11s               5m 6s
                        [36m 2s, 44m 3s]   [10m 4s, 12m 19s]    [4m 36s, 5m 37s]
recovery time, p95                2h 27m              41m 3s             18m 43s
                        [2h 12m, 2h 42m]  [36m 57s, 45m 10s]  [16m 51s, 20m 36s]
data loss, p95                    1m 38s               7.63s               1.59s
                        [1m 28s, 1m 47s]      [6.87s, 8.39s]      [1.43s, 1.75s]
years within objective              11 %                62 %                88 %
                               [9.6, 12]            [59, 63]            [87, 89]
cost a year                       12,346              12,346              12,346
objectives                        missed        inconclusive                 met
[low, high]: 95 % interval

single-az: where the lost time goes
cause                    lost a year                 share          mostly
───────────────────────────────────────────────────────────────────────────────
zone outage              1d 3h [21h 20m, 1d 8h]       60 %  ██████  repair 50 %
instance failure + zone  17h 46m [14h 12m, 21h 19m]   40 %  ████    repair 50 %
outage
all causes               1d 20h [1d 16h, 2d 1h]      100 %
1 more of 0.04 % together, in the JSON
by stage: detection 10 %, decision 5 %, action 15 %, propagation 20 %, repair
  50 %

multi-az: where the lost time goes
cause                    lost a year             share          mostly
───────────────────────────────────────────────────────────────────────────
zone outage              2h 5m [1h 40m, 2h 30m]   60 %  ██████  repair 50 %
instance failure + zone  1h 23m [1h 7m, 1h 40m]   40 %  ████    repair 50 %
outage
all causes               3h 28m [3h 8m, 3h 49m]  100 %
1 more of 0.04 % together, in the JSON
by stage: detection 10 %, decision 5 %, action 15 %, propagation 20 %, repair
  50 %

multi-region: where the lost time goes
cause                    lost a year                 share          mostly
───────────────────────────────────────────────────────────────────────────────
zone outage              26m [20m 48s, 31m 12s]       60 %  ██████  repair 50 %
instance failure + zone  17m 19s [13m 51s, 20m 47s]   40 %  ████    repair 50 %
outage
all causes               43m 20s [39m, 47m 40s]      100 %
1 more of 0.04 % together, in the JSON
by stage: detection 10 %, decision 5 %, action 15 %, propagation 20 %, repair
  50 %

architecture  objective                measured            verdict
───────────────────────────────────────────────────────────────────────
single-az     availability ≥ 99.95 %   99.49 %             missed
                                       [99.44, 99.54]
single-az     recovery time, p95 ≤ 1h  2h 13m              inconclusive
                                       [2h, 2h 27m]
multi-az      availability ≥ 99.95 %   99.96 %             inconclusive
                                       [99.956, 99.964]
multi-az      recovery time, p95 ≤ 1h  37m 16s             inconclusive
                                       [33m 32s, 41m]
multi-region  availability ≥ 99.95 %   99.9918 %           met
                                       [99.9909, 99.9926]
multi-region  recovery time, p95 ≤ 1h  17m                 met
                                       [15m 18s, 18m 42s]

compared                        verdict               difference  variance
                                             in lost time a year     ratio
──────────────────────────────────────────────────────────────────────────
single-az against multi-az      worse    1d 17h [1d 12h, 1d 22h]      3.40
single-az against multi-region  worse     1d 20h [1d 14h, 2d 1h]      3.40
multi-az against multi-region   worse     2h 45m [2h 24m, 3h 6m]      3.40

warning: multi-az: only 12 data-losing events were seen: the 95th percentile of
         data loss is a rough one
1 default was used: the JSON lists them, `ridethrough defaults` where they come
  from.
ridethrough VERSION, seed 42, horizon 1y, 95 % intervals; simulated: 10,000
  replications, 10,000 years each
";

    const AT_120: &str = r"Is a second zone, or a second region, worth it for the shop?

multi-region loses least: 4.08 nines [3.99, 4.19]. multi-az loses 2h 45m [2h 24m, 3h 6m] more a year, single-az
1d 20h [1d 14h, 2d 1h] more. The objectives are met by multi-region, open for multi-az, missed by single-az.

                                      single-az                   multi-az                  multi-region
────────────────────────────────────────────────────────────────────────────────────────────────────────
nines                         2.29 [2.20, 2.40]          3.40 [3.31, 3.51]             4.08 [3.99, 4.19]
availability             99.49 % [99.44, 99.54]   99.96 % [99.956, 99.964]  99.9918 % [99.9909, 99.9926]
lost time a year         1d 20h [1d 16h, 2d 1h]     3h 28m [3h 8m, 3h 49m]        43m 20s [39m, 47m 40s]
downtime a year, mean        2d 5h [2d, 2d 11h]    4h 10m [3h 45m, 4h 35m]        52m [46m 48s, 57m 12s]
downtime a year, p95    4d 22h [4d 11h, 5d 10h]   9h 15m [8h 20m, 10h 11m]        1h 56m [1h 44m, 2h 7m]
incidents a year                 178 [160, 196]          13.9 [12.5, 15.3]             2.89 [2.60, 3.18]
recovery time, median   40m 2s [36m 2s, 44m 3s]  11m 11s [10m 4s, 12m 19s]        5m 6s [4m 36s, 5m 37s]
recovery time, p95      2h 27m [2h 12m, 2h 42m]  41m 3s [36m 57s, 45m 10s]    18m 43s [16m 51s, 20m 36s]
data loss, p95          1m 38s [1m 28s, 1m 47s]       7.63s [6.87s, 8.39s]          1.59s [1.43s, 1.75s]
years within objective           11 % [9.6, 12]              62 % [59, 63]                 88 % [87, 89]
cost a year                              12,346                     12,346                        12,346
objectives                               missed               inconclusive                           met
[low, high]: 95 % interval

single-az: where the lost time goes
cause                    lost a year                 share          detection  decision  action  propagation  repair
────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
zone outage              1d 3h [21h 20m, 1d 8h]       60 %  ██████       10 %       5 %    15 %         20 %    50 %
instance failure + zone  17h 46m [14h 12m, 21h 19m]   40 %  ████         10 %       5 %    15 %         20 %    50 %
outage
all causes               1d 20h [1d 16h, 2d 1h]      100 %               10 %       5 %    15 %         20 %    50 %
1 more of 0.04 % together, in the JSON

multi-az: where the lost time goes
cause                           lost a year             share          detection  decision  action  propagation  repair
───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
zone outage                     2h 5m [1h 40m, 2h 30m]   60 %  ██████       10 %       5 %    15 %         20 %    50 %
instance failure + zone outage  1h 23m [1h 7m, 1h 40m]   40 %  ████         10 %       5 %    15 %         20 %    50 %
all causes                      3h 28m [3h 8m, 3h 49m]  100 %               10 %       5 %    15 %         20 %    50 %
1 more of 0.04 % together, in the JSON

multi-region: where the lost time goes
cause                    lost a year                 share          detection  decision  action  propagation  repair
────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
zone outage              26m [20m 48s, 31m 12s]       60 %  ██████       10 %       5 %    15 %         20 %    50 %
instance failure + zone  17m 19s [13m 51s, 20m 47s]   40 %  ████         10 %       5 %    15 %         20 %    50 %
outage
all causes               43m 20s [39m, 47m 40s]      100 %               10 %       5 %    15 %         20 %    50 %
1 more of 0.04 % together, in the JSON

architecture  objective                measured                      verdict
─────────────────────────────────────────────────────────────────────────────────
single-az     availability ≥ 99.95 %   99.49 % [99.44, 99.54]        missed
single-az     recovery time, p95 ≤ 1h  2h 13m [2h, 2h 27m]           inconclusive
multi-az      availability ≥ 99.95 %   99.96 % [99.956, 99.964]      inconclusive
multi-az      recovery time, p95 ≤ 1h  37m 16s [33m 32s, 41m]        inconclusive
multi-region  availability ≥ 99.95 %   99.9918 % [99.9909, 99.9926]  met
multi-region  recovery time, p95 ≤ 1h  17m [15m 18s, 18m 42s]        met

compared                        verdict               difference  variance
                                             in lost time a year     ratio
──────────────────────────────────────────────────────────────────────────
single-az against multi-az      worse    1d 17h [1d 12h, 1d 22h]      3.40
single-az against multi-region  worse     1d 20h [1d 14h, 2d 1h]      3.40
multi-az against multi-region   worse     2h 45m [2h 24m, 3h 6m]      3.40

warning: multi-az: only 12 data-losing events were seen: the 95th percentile of data loss is a rough one
1 default was used: the JSON lists them, `ridethrough defaults` where they come from.
ridethrough VERSION, seed 42, horizon 1y, 95 % intervals; simulated: 10,000 replications, 10,000 years each
";

    const NO_LOSS: &str = r"Is a second zone, or a second region, worth it for the shop?

quiet has at least 7.52 nines (no loss in 10,000 years, 95 %).

                                               quiet
----------------------------------------------------
nines                         >= 7.52 (no loss seen)
availability           >= 99.999997 % (no loss seen)
lost time a year                      0s [0s, 950ms]
downtime a year, mean                      none seen
downtime a year, p95                       none seen
incidents a year                       0 [0, 0.0003]
recovery time, median                      none seen
recovery time, p95                         none seen
data loss, p95                             none seen
[low, high]: 95 % interval

warning: no loss was seen
ridethrough VERSION, seed 7, horizon 1y, 95 % intervals; simulated: 10,000
  replications, 10,000 years
";
}

//! The best of many designs: the frontier of cost against loss and recovery, and the cheapest that meets the objectives.

use super::csv::{number, summary_lines, written};
use super::json::{FORMAT_VERSION, pretty, summary as summary_json};
use super::layout::{DOUBTFUL, FAINT, GAP, NARROWEST, Page, STRONG, total_width, width};
use super::markdown;
use super::metric::{METRICS, overall};
use super::value::{Glyphs, Reading, fold, grouped, percent, wrap};
use crate::study::{Judgement, Round, Selection, Summary};
use comfy_table::CellAlignment;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Most reasons named why combinations are no designs.
const REASONS: usize = 3;

/// Least width of what was chosen.
const LEAST_ROOM: usize = 16;

/// What is chosen where there is no choice.
pub(super) const NOTHING: &str = "-";

/// The metrics of a design beside its cost.
const COLUMNS: [&str; 2] = ["nines", "longest_incident_seconds"];

/// What designs chose, dimension by dimension. There may be a million of them, and few words that they choose among.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    words: Vec<String>,
    dimensions: usize,
    chosen: Vec<u32>,
}

impl Choices {
    /// Adds a design; all choose of the same dimensions.
    pub fn push(&mut self, choices: Vec<&str>) {
        self.dimensions = choices.len();
        for choice in choices {
            let known = self.words.iter().position(|word| word == choice).unwrap_or_else(|| {
                self.words.push(choice.to_owned());
                self.words.len() - 1
            });
            self.chosen.push(known as u32);
        }
    }

    /// How many designs there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.chosen.len() / self.dimensions.max(1)
    }

    /// What a design chose.
    #[must_use]
    pub fn of(&self, design: usize) -> Vec<&str> {
        let own = &self.chosen[design * self.dimensions..][..self.dimensions];
        own.iter().map(|word| self.words[*word as usize].as_str()).collect()
    }
}

/// The result of `optimize`.
#[derive(Debug, Clone)]
pub struct Optimization {
    /// Name of the scenario.
    pub name: String,
    /// What is chosen: a name, and the key that it sets if it is one.
    pub dimensions: Vec<(String, Option<String>)>,
    /// What each design chose.
    pub choices: Choices,
    /// Why combinations are no design, how many, and what the first of them chose.
    pub refused: Vec<(String, usize, Vec<String>)>,
    /// How designs were selected.
    pub selection: Selection,
    /// The cheapest design that surely meets all objectives, by the histories that selected it and by those of its own.
    pub cheapest: Option<usize>,
    /// Cheaper designs, or all if there is none, of which that is not sure.
    pub open: usize,
    /// The frontier, and the cheapest design that meets the objectives, by histories of their own; cheapest first.
    pub shown: Vec<(usize, Summary)>,
    /// Level of the selection.
    pub level: f64,
    /// Share by which a design that was left out may yet be better.
    pub tolerance: f64,
    /// Whether there is an objective.
    pub asked: bool,
    /// Currency of all costs.
    pub currency: String,
    /// Seed of the selection.
    pub seed: u64,
    /// Seed of the histories that the numbers shown are from; none where they are those that selected the designs.
    pub shown_seed: Option<u64>,
}

/// What a whole number of nines costs.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    nines: i32,
    /// Place among the designs shown.
    place: usize,
    /// More than the step before it.
    more: f64,
    /// Whether the interval is all above.
    sure: bool,
}

impl Optimization {
    /// The cheapest design with so many nines, by its estimate, for each number of nines that not all have.
    fn steps(&self) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for nines in 1..=12 {
            let limit = libm::exp10(-f64::from(nines));
            let mut enough =
                self.shown.iter().enumerate().filter(|(_, (_, it))| it.unavailability_request.estimate <= limit);
            let Some((place, (index, it))) = enough.next() else { break };
            let seen = it.unavailability_request.estimate > 0.0;
            if !seen && it.unavailability_request.high > limit {
                break;
            }
            let cost = self.cost(*index);
            let before = steps.last().map(|step| self.cost(self.shown[step.place].0));
            steps.push(Step {
                nines,
                place,
                more: before.map_or(0.0, |before| cost - before),
                sure: it.unavailability_request.high <= limit,
            });
        }
        // What the cheapest has anyway says nothing.
        let free = steps.iter().take_while(|step| step.place == 0).count();
        steps.split_off(free.saturating_sub(1))
    }

    fn cost(&self, index: usize) -> f64 {
        self.selection.selected[index].cost_per_year
    }

    /// What a design chose, without what all that are shown chose.
    pub(super) fn told(&self, index: usize) -> String {
        let first = self.shown.first().map(|(index, _)| self.choices.of(*index));
        let parts = (self.dimensions.iter().zip(self.choices.of(index)).enumerate())
            .filter(|(at, _)| {
                self.shown
                    .iter()
                    .any(|(other, _)| first.as_ref().is_some_and(|first| self.choices.of(*other)[*at] != first[*at]))
            })
            .filter(|(_, (_, value))| *value != NOTHING)
            .map(|(_, ((name, _), value))| format!("{name} {value}"));
        let parts: Vec<String> = parts.collect();
        if parts.is_empty() { self.whole(index) } else { parts.join(", ") }
    }

    /// All that a design chose.
    fn whole(&self, index: usize) -> String {
        let parts: Vec<String> = self
            .dimensions
            .iter()
            .zip(self.choices.of(index))
            .filter(|(_, value)| *value != NOTHING)
            .map(|((name, _), value)| format!("{name} {value}"))
            .collect();
        parts.join(", ")
    }

    /// What all designs that are shown chose alike.
    fn constant(&self) -> String {
        let Some((first, _)) = self.shown.first() else { return String::new() };
        let same = (self.dimensions.iter().zip(self.choices.of(*first)).enumerate())
            .filter(|(at, (_, value))| {
                self.shown.len() > 1 && self.shown.iter().all(|(other, _)| self.choices.of(*other)[*at] == *value)
            })
            .map(|(_, ((name, _), value))| format!("{name} {value}"));
        same.collect::<Vec<_>>().join(", ")
    }

    fn money(&self, amount: f64) -> String {
        format!("{} {}", grouped(amount.round()), self.currency)
    }

    /// What it comes to.
    fn answer(&self) -> String {
        let designs = grouped(self.choices.count() as f64);
        let best = match (self.asked, self.cheapest) {
            (true, Some(index)) => {
                let open = match self.open {
                    0 => String::new(),
                    1 => " One cheaper design may meet them, too: more histories would tell.".to_owned(),
                    open => format!(
                        " {} cheaper designs may meet them, too: more histories would tell.",
                        grouped(open as f64)
                    ),
                };
                format!(
                    "The cheapest of {designs} designs that meets all objectives costs {} a year: {}.{open}",
                    self.money(self.cost(index)),
                    self.whole(index)
                )
            }
            (true, None) if self.open == 0 => format!("None of {designs} designs meets all objectives."),
            (true, None) => format!(
                "Of {designs} designs none surely meets all objectives; {} may: more histories would tell.",
                grouped(self.open as f64)
            ),
            (false, _) => format!("{designs} designs; the scenario states no objective that they would have to meet."),
        };
        let steps = self.steps();
        let costs = steps.iter().enumerate().map(|(at, step)| {
            let cost = self.money(self.cost(self.shown[step.place].0));
            let unsure = if step.sure { "" } else { " (by its estimate)" };
            match at {
                0 => format!("{} cost {cost} a year{unsure}", nines(step.nines)),
                _ if step.more == 0.0 => format!("{} no more{unsure}", nines(step.nines)),
                _ => format!("{} {} more{unsure}", nines(step.nines), self.money(step.more)),
            }
        });
        let costs: Vec<String> = costs.collect();
        if costs.len() > 1 { format!("{best} {}.", costs.join(", ")) } else { best }
    }

    /// Head and cells, without the column that says what was chosen.
    fn cells(&self, glyphs: Glyphs) -> (Vec<String>, Vec<(Vec<Reading>, String)>) {
        let columns: Vec<_> =
            COLUMNS.iter().filter_map(|key| METRICS.iter().find(|metric| metric.key == *key)).collect();
        let mut head = vec![format!("{} a year", self.currency)];
        head.extend(columns.iter().map(|metric| metric.label.to_owned()));
        if self.asked {
            head.push("objectives".to_owned());
        }
        head.push("design".to_owned());
        let rows = self.shown.iter().map(|(index, summary)| {
            let mut cells = vec![Reading::phrase(grouped(self.cost(*index).round()))];
            cells.extend(columns.iter().map(|metric| metric.text(summary, glyphs)));
            if self.asked {
                cells.push(Reading::phrase(match overall(&summary.objectives) {
                    Some(Judgement::Met) => "met",
                    Some(Judgement::Missed) => "missed",
                    _ => "inconclusive",
                }));
            }
            let mark = if self.asked && self.cheapest == Some(*index) { " (cheapest that meets them)" } else { "" };
            (cells, format!("{}{mark}", self.told(*index)))
        });
        (head, rows.collect())
    }

    /// What was done.
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let constant = self.constant();
        if !constant.is_empty() {
            notes.push(format!("in all of them: {constant}"));
        }
        let rounds: Vec<String> = (self.selection.rounds.iter())
            .map(|Round { histories, left, .. }| {
                format!("{} after {} histories each", grouped(*left as f64), grouped(*histories as f64))
            })
            .collect();
        if !rounds.is_empty() {
            notes.push(format!(
                "of {} designs were left {}; each one left out costs no less than one that stayed, and is with {} for all of them together by no more than {} better in lost time or in its longest incident",
                grouped(self.choices.count() as f64), rounds.join(", "), percent(self.level), percent(self.tolerance)
            ));
        }
        let none: usize = self.refused.iter().map(|(_, count, _)| count).sum();
        if none > 0 {
            let reasons: Vec<String> = (self.refused.iter().take(REASONS))
                .map(|(why, count, _)| format!("{why} ({})", grouped(*count as f64)))
                .collect();
            let more = if self.refused.len() > REASONS { "; and others" } else { "" };
            notes.push(format!("{} combinations are no design: {}{more}", grouped(none as f64), reasons.join("; ")));
        }
        let from = self.shown_seed.map_or_else(
            || "from the histories by which they were chosen, which flatter them".to_owned(),
            |seed| format!("from histories of their own (--seed {seed})"),
        );
        notes.push(format!(
            "[low, high]: 95 % interval, {from}; cost: units, load balancers, databases and DNS, without storage and traffic"
        ));
        notes.push(format!("ridethrough {}, seed {}", env!("CARGO_PKG_VERSION"), self.seed));
        notes
    }
}

const INTERRUPTED: &str = "cut short: what is said holds as of the last whole round";

fn nines(nines: i32) -> String {
    match nines {
        1 => "90 %".to_owned(),
        2 => "99 %".to_owned(),
        more => format!("99.{} %", "9".repeat(more as usize - 2)),
    }
}

/// For a terminal: the answer, then one row a design.
#[must_use]
pub fn optimize_terminal(found: &Optimization, width: usize, colour: bool, ascii: bool) -> String {
    let page = Page::new(width, colour, ascii);
    let title = page.paint(&wrap(&title(found), page.width, 0), STRONG);
    let mut text = format!("{title}\n\n{}\n", page.paint_numbers(&wrap(&found.answer(), page.width, 0)));
    if found.selection.interrupted {
        let _ = writeln!(text, "{}", page.paint(&wrap(INTERRUPTED, page.width, 0), DOUBTFUL));
    }
    text.push('\n');
    text.push_str(&table(found, page));
    for note in found.notes() {
        let _ = writeln!(text, "{}", page.paint(&wrap(&note, page.width, 2), FAINT));
    }
    text
}

fn title(found: &Optimization) -> String {
    format!("{}: which design for which price?", found.name)
}

/// Values above their intervals unless all fits beside; what was chosen takes the rest of the width.
fn table(found: &Optimization, page: Page) -> String {
    let (head, rows) = found.cells(page.glyphs);
    let (design, head) = head.split_last().map_or((String::new(), &[][..]), |(last, rest)| (last.clone(), rest));
    // Numbers and their heads, and the width that they take.
    let numbers = |text: fn(&Reading) -> String| {
        let cells: Vec<Vec<String>> = rows.iter().map(|(cells, _)| cells.iter().map(text).collect()).collect();
        let folded = |(place, name): (usize, &String)| {
            let content = cells.iter().map(|row| width(&row[place])).max().unwrap_or(0);
            fold(name, content.max(NARROWEST)).join("\n")
        };
        let head: Vec<String> = head.iter().enumerate().map(folded).collect();
        let taken = total_width(&head, &cells, 0) + GAP;
        (head, cells, taken)
    };
    let beside = numbers(Reading::line);
    let (mut head, cells, taken) = if beside.2 + LEAST_ROOM <= page.width { beside } else { numbers(Reading::stacked) };
    let room = page.width.saturating_sub(taken).max(LEAST_ROOM);
    let rows: Vec<Vec<String>> = (cells.into_iter().zip(&rows))
        .map(|(cells, (_, told))| cells.into_iter().chain([fold_words(told, room)]).collect())
        .collect();
    head.push(design);
    let mut alignments = vec![CellAlignment::Right; head.len() - 1];
    alignments.push(CellAlignment::Left);
    page.table(&head, &alignments, &rows)
}

/// Lines of at most so many characters, broken at blanks where there are any.
fn fold_words(text: &str, room: usize) -> String {
    wrap(text, room, 0).lines().map(|line| fold(line, room).join("\n")).collect::<Vec<_>>().join("\n")
}

/// As one JSON document.
#[must_use]
pub fn optimize_json(found: &Optimization, command: Option<&str>) -> String {
    let choices = |index: usize| -> Map<String, Value> {
        let pairs = found.dimensions.iter().zip(found.choices.of(index));
        pairs.map(|((name, _), value)| (name.clone(), json!(value))).collect()
    };
    let shown: Vec<Value> = (found.shown.iter())
        .map(|(index, summary)| {
            json!({
                "choices": choices(*index),
                "cost_per_year": super::json::number(found.cost(*index)),
                "on_frontier": found.selection.frontier.contains(index),
                "costlier_and_no_better": found.selection.alike[*index],
                "architecture": summary_json(summary),
            })
        })
        .collect();
    let candidates: Vec<Value> = (found.selection.selected.iter().enumerate())
        .map(|(index, it)| {
            json!({
                "choices": choices(index),
                "cost_per_year": super::json::number(it.cost_per_year),
                "lost_seconds_per_year": super::json::number(it.lost_seconds_per_year),
                "longest_incident_seconds": super::json::number(it.longest_incident_seconds),
                "histories": it.histories,
                "beaten_by": it.beaten_by,
            })
        })
        .collect();
    let steps: Vec<Value> = (found.steps().iter())
        .map(|step| {
            let index = found.shown[step.place].0;
            json!({
                "nines": step.nines,
                "cost_per_year": super::json::number(found.cost(index)),
                "more_than_before": super::json::number(step.more),
                "sure": step.sure,
                "choices": choices(index),
            })
        })
        .collect();
    let round =
        |round: &Round| json!({ "histories": round.histories, "simulated": round.simulated, "left": round.left });
    pretty(&json!({
        "format_version": FORMAT_VERSION,
        "version": env!("CARGO_PKG_VERSION"),
        "command": command,
        "question": title(found),
        "answer": found.answer(),
        "seed": found.seed,
        "seed_of_shown": found.shown_seed,
        "name": found.name,
        "dimensions": found.dimensions.iter().map(|(name, key)| json!({ "name": name, "key": key })).collect::<Vec<_>>(),
        "refused": found.refused.iter().map(|(why, count, first)| json!({ "why": why, "count": count, "first": first })).collect::<Vec<_>>(),
        "currency": found.currency,
        "level": found.level,
        "tolerance": found.tolerance,
        "rounds": found.selection.rounds.iter().map(round).collect::<Vec<_>>(),
        "cheapest_that_meets_objectives": found.cheapest.map(choices),
        "cheaper_and_open": found.open,
        "nines": steps,
        "shown": shown,
        "candidates": candidates,
        "interrupted": found.selection.interrupted,
    }))
}

/// As tidy CSV: a column for each choice, then the columns of a run; of the designs that are shown.
#[must_use]
pub fn optimize_csv(found: &Optimization) -> String {
    let names = found.dimensions.iter().map(|(name, _)| name.clone());
    let head: Vec<String> = names.chain(["cost_per_year".to_owned(), "architecture".to_owned()]).collect();
    let mut lines = vec![super::csv::header(&head)];
    for (index, summary) in &found.shown {
        let leading = found.choices.of(*index).into_iter().map(str::to_owned);
        let leading: Vec<String> = leading.chain([number(found.cost(*index)), summary.name.clone()]).collect();
        lines.extend(summary_lines(&leading, summary));
    }
    written(&lines)
}

/// For a review.
#[must_use]
pub fn optimize_markdown(found: &Optimization) -> String {
    let mut text = format!("### {}\n\n{}\n\n", markdown::escaped(&title(found)), markdown::escaped(&found.answer()));
    if found.selection.interrupted {
        let _ = writeln!(text, "> **warning:** {INTERRUPTED}\n");
    }
    let (head, rows) = found.cells(Glyphs::UNICODE);
    let rows: Vec<Vec<String>> =
        rows.iter().map(|(cells, told)| cells.iter().map(Reading::line).chain([told.clone()]).collect()).collect();
    let mut numbers = vec![true; head.len()];
    numbers[head.len() - 1] = false;
    text.push_str(&markdown::table(&head, &numbers, &rows));
    let notes: Vec<String> = found.notes().iter().map(|note| markdown::escaped(note)).collect();
    let _ = writeln!(text, "<sub>{}</sub>", notes.join("<br>"));
    text
}

//! What a search for a value found: the value, what stands against a better one, and the values that were looked at.

mod data;

pub use data::{size_csv, size_json};

use super::answer::list;
use super::gate::{Gate, Judged};
use super::layout::{DOUBTFUL, FAINT, Page, STRONG, total_width, width as width_of};
use super::markdown::{self, escaped};
use super::metric::{longest_stage, word};
use super::value::{Glyphs, count, duration, grouped, percent, wrap};
use crate::study::{Cause, End, Found, Judgement, REMEDIES, STAGES, Search, Summary};
use comfy_table::CellAlignment;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What is said of a search that was cut short.
const INTERRUPTED: &str = "interrupted: values are missing that would have been looked at";

/// A longer key is written over several lines of a terminal.
const KEY_WIDTH: usize = 16;

/// A value of the range.
#[derive(Debug, Clone, PartialEq)]
pub struct SizeValue {
    /// As a scenario would write it.
    pub text: String,
    /// As a number; seconds for a duration.
    pub number: f64,
}

/// The result of `size`.
#[derive(Debug, Clone)]
pub struct Sizing {
    /// Path of the key.
    pub key: String,
    /// The grid, ascending.
    pub values: Vec<SizeValue>,
    /// Any other value would lie between two of a whole number.
    pub is_complete: bool,
    /// The cheapest value was asked for.
    pub cheapest: bool,
    /// What was concluded.
    pub search: Search,
    /// What was found at the values that were looked at, by their place in the grid.
    pub points: BTreeMap<usize, Gate>,
    /// Probability that all verdicts are right.
    pub level: f64,
    /// Seed of every random stream.
    pub seed: u64,
}

impl Sizing {
    /// The place of the value that is the answer; none where there is none.
    #[must_use]
    pub fn answer(&self) -> Option<usize> {
        if !matches!(self.search.found, Found::Answer | Found::All | Found::Reversed) {
            return None;
        }
        if !self.cheapest {
            return self.search.best;
        }
        let met = self.search.verdicts.iter().filter(|(_, verdict)| **verdict == Judgement::Met);
        let costs = met.filter_map(|(place, _)| Some((*place, self.summary(*place)?.cost_per_year?)));
        costs.min_by(|left, right| left.1.total_cmp(&right.1)).map(|(place, _)| place)
    }

    fn text(&self, place: usize) -> &str {
        self.values.get(place).map_or("", |value| &value.text)
    }

    fn judged(&self, place: usize) -> &[Judged] {
        self.points.get(&place).map_or(&[], Gate::judged)
    }

    fn summary(&self, place: usize) -> Option<&Summary> {
        self.points.get(&place)?.study()?.architectures.first()
    }

    fn name(&self) -> &str {
        self.points.keys().next().and_then(|place| self.summary(*place)).map_or("", |summary| &summary.name)
    }

    /// The value at the end from which the search went, and the one to which it went.
    fn ends(&self) -> (usize, usize) {
        let last = self.values.len().saturating_sub(1);
        match self.search.end {
            End::Largest => (0, last),
            End::Smallest => (last, 0),
        }
    }

    /// What stands against a better answer: the value where it is seen, and the conditions that are not met there.
    fn binding(&self) -> Option<(usize, Vec<&Judged>)> {
        let place = self.search.binding()?;
        let worst = self.search.verdicts.get(&place).copied()?;
        Some((place, self.judged(place).iter().filter(|it| it.verdict() == worst).collect()))
    }

    /// The cause that keeps a condition from being met: the one whose incidents last longest for a recovery time, else the one that loses most.
    fn culprit(&self, place: usize, condition: &Judged) -> Option<&Cause> {
        let causes = &self.summary(place)?.attribution;
        if is_recovery(condition) {
            let length = |cause: &Cause| cause.recovery_time.p95.map_or(0.0, |p95| p95.estimate);
            causes.iter().max_by(|left, right| length(left).total_cmp(&length(right)))
        } else {
            causes.first()
        }
    }
}

fn is_recovery(condition: &Judged) -> bool {
    condition.key().starts_with("recovery_time")
}

/// The answer and the table for a terminal.
#[must_use]
pub fn size_terminal(sizing: &Sizing, width: usize, colour: bool, ascii: bool) -> String {
    let page = Page::new(width, colour, ascii);
    let mut text = format!("{}\n\n", page.paint(&wrap(&title(sizing), page.width, 0), STRONG));
    for paragraph in answer(sizing, page.glyphs) {
        let _ = writeln!(text, "{}\n", page.paint_numbers(&wrap(&paragraph, page.width, 0)));
    }
    if sizing.search.interrupted {
        let _ = writeln!(text, "{}", page.paint(&wrap(INTERRUPTED, page.width, 0), DOUBTFUL));
    }
    let (mut head, mut rows) = table(sizing, page.glyphs, false);
    if width_of(&head[0]) > KEY_WIDTH {
        head[0] = head[0].replace('.', ".\n");
    }
    if total_width(&head, &rows, 0) > page.width {
        rows.iter_mut().flatten().for_each(|cell| *cell = cell.replacen(" [", "\n[", 1));
    }
    text.push_str(&page.table(&head, &[CellAlignment::Right, CellAlignment::Left], &rows));
    for note in notes(sizing) {
        let _ = writeln!(text, "{}", page.paint(&wrap(&note, page.width, 2), FAINT));
    }
    text
}

/// The same for a pull request.
#[must_use]
pub fn size_markdown(sizing: &Sizing) -> String {
    let glyphs = Glyphs::UNICODE;
    let mut text = format!("### {}\n\n", escaped(&title(sizing)));
    if sizing.search.interrupted {
        let _ = writeln!(text, "> **warning:** {INTERRUPTED}\n");
    }
    for paragraph in answer(sizing, glyphs) {
        let _ = writeln!(text, "{}\n", escaped(&paragraph));
    }
    let (head, rows) = table(sizing, glyphs, true);
    let head: Vec<String> = head.into_iter().map(|cell| cell.replace('\n', " ")).collect();
    let mut numbers = vec![true; head.len()];
    numbers[1] = false;
    text.push_str(&markdown::table(&head, &numbers, &rows));
    let _ = writeln!(text, "<sub>{}</sub>", escaped(&notes(sizing).join("; ")));
    text
}

fn title(sizing: &Sizing) -> String {
    let (key, name) = (&sizing.key, sizing.name());
    match (sizing.cheapest, sizing.search.end) {
        (true, _) => format!("What is the cheapest {key} that {name} needs?"),
        (false, End::Largest) => format!("How large may {key} be in {name}?"),
        (false, End::Smallest) => format!("How small may {key} be in {name}?"),
    }
}

fn answer(sizing: &Sizing, glyphs: Glyphs) -> Vec<String> {
    let mut paragraphs = vec![conclusion(sizing)];
    if let Some((price, place)) = sizing.answer().filter(|_| sizing.cheapest).and_then(|place| {
        let price = sizing.summary(place)?.cost_per_year?;
        Some((price, place))
    }) {
        let _ = write!(paragraphs[0], " With {} it costs {} a year.", sizing.text(place), count(price));
    }
    paragraphs.extend(obstacle(sizing, glyphs));
    paragraphs
}

/// What was found, in a sentence or two.
fn conclusion(sizing: &Sizing) -> String {
    let Sizing { key, search, .. } = sizing;
    let (near, far) = sizing.ends();
    let text = |place: usize| sizing.text(place);
    let (superlative, direction) = match search.end {
        End::Largest => ("largest", "above"),
        End::Smallest => ("smallest", "below"),
    };
    match (search.found, sizing.answer(), search.beyond) {
        (Found::Answer, Some(best), Some(beyond)) => {
            let best = text(best);
            let first = format!("{key} = {best} is the {superlative} value that surely meets what is asked");
            let open = between(sizing);
            if open.is_empty() && search.best.is_some_and(|place| place.abs_diff(beyond) == 1) {
                format!("{first}; {}, its neighbour among the values tried, surely misses it.", text(beyond))
            } else {
                format!(
                    "{first}, and {} the first that surely misses it. In between that cannot be told ({open}).",
                    text(beyond)
                )
            }
        }
        (Found::Answer, Some(best), None) => format!(
            "{key} = {} is the {superlative} value that surely meets what is asked. {direction} it, up to {}, that cannot be told.",
            text(best),
            text(far),
            direction = capital(direction)
        ),
        (Found::All, Some(best), _) => {
            let every = if search.open().is_empty() {
                "All values that were tried meet"
            } else {
                "No value that was tried misses"
            };
            format!(
                "{key} = {}. {every} what is asked: the limit, if there is one, lies {direction} the range.",
                text(best)
            )
        }
        (Found::Reversed, Some(best), _) => {
            let (other, flag) = match search.end {
                End::Largest => ("small", "smallest"),
                End::Smallest => ("large", "largest"),
            };
            format!(
                "{key} = {}, the end of the range. It is {other} values that miss what is asked, as {} does: \
                 --find {flag} looks for the limit.",
                text(best),
                text(near)
            )
        }
        (Found::Nothing, ..) => format!(
            "No value of {key} from {} to {} meets what is asked: all {} that were tried surely miss it.",
            text(near.min(far)),
            text(near.max(far)),
            search.verdicts.len()
        ),
        (Found::NotMonotone, ..) => {
            let (missed, met) = search.contradiction.map_or(("", ""), |(missed, met)| (text(missed), text(met)));
            format!(
                "There is no one limit: {key} is not monotone. With {missed} what is asked is surely missed, and with {met}, \
                 which is further on the way, surely met. The table shows what was found; a sweep shows more."
            )
        }
        (_, _, beyond) => {
            let missed =
                beyond.map_or_else(String::new, |place| format!(" From {} on it is surely missed.", text(place)));
            format!(
                "That is open: no value of {key} is known to meet what is asked.{missed} More --replications or --max-time can tell."
            )
        }
    }
}

/// The values between the answer and the first that surely misses that were looked at.
fn between(sizing: &Sizing) -> String {
    let (Some(best), Some(beyond)) = (sizing.search.best, sizing.search.beyond) else { return String::new() };
    let (low, high) = (best.min(beyond), best.max(beyond));
    let open: Vec<&str> =
        sizing.search.open().into_iter().filter(|it| (low..high).contains(it)).map(|it| sizing.text(it)).collect();
    if open.is_empty() { String::new() } else { list(&open) }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What stands against a better answer, and what brings it about.
fn obstacle(sizing: &Sizing, glyphs: Glyphs) -> Option<String> {
    let (place, conditions) = sizing.binding()?;
    let first = *conditions.first()?;
    let missed = first.verdict() == Judgement::Missed;
    let subject = match (sizing.search.found, missed) {
        (Found::Nothing, _) => "What cannot be met is",
        (_, true) => "What binds is",
        (_, false) => "What is open is",
    };
    let seen: Vec<String> = conditions
        .iter()
        .map(|it| format!("{} (it is {})", it.condition().demand(glyphs), it.measured(glyphs)))
        .collect();
    let seen = list(&seen.iter().map(String::as_str).collect::<Vec<_>>());
    let mut text = format!("{subject} {seen} with {}.", sizing.text(place));
    if let Some(cause) = sizing.culprit(place, first) {
        let name = &cause.name;
        let stage = longest_stage(cause).map_or_else(String::new, |(stage, share)| {
            format!(", where {} of what is lost is lost in {stage}", percent(rough(share)))
        });
        match (is_recovery(first), cause.recovery_time.p95) {
            (true, Some(p95)) => {
                let _ = write!(text, " Recovery takes longest from {name} (p95 {}){stage}.", duration(p95.estimate));
            }
            (false, _) if !first.key().starts_with("data_loss") => {
                let _ = write!(text, " Of all loss there {} is due to {name}{stage}.", percent(rough(cause.share)));
            }
            _ => {}
        }
        // The keys that would have to change instead.
        let remedy = longest_stage(cause).and_then(|(stage, _)| STAGES.iter().position(|name| *name == stage));
        if let Some(remedy) = remedy {
            let _ = write!(text, " What would move it beside this key: {}.", REMEDIES[remedy]);
        }
    }
    Some(text)
}

/// In whole percent.
fn rough(share: f64) -> f64 {
    (100.0 * share).round() / 100.0
}

fn table(sizing: &Sizing, glyphs: Glyphs, marks: bool) -> (Vec<String>, Vec<Vec<String>>) {
    let places: Vec<usize> = sizing.points.keys().copied().collect();
    let mut head = vec![sizing.key.clone(), "verdict".to_owned()];
    let first = places.first().copied().unwrap_or(0);
    for it in sizing.judged(first) {
        let demand = it.condition().demand(glyphs);
        head.push(demand.replacen(' ', "\n", 1));
    }
    let priced = places.iter().any(|place| sizing.summary(*place).is_some_and(|it| it.cost_per_year.is_some()));
    if priced {
        head.push("cost\na year".to_owned());
    }
    let rows = places.into_iter().map(|place| {
        let verdict = sizing.search.verdicts.get(&place).copied().unwrap_or(Judgement::Inconclusive);
        let verdict = if marks { markdown::marked(verdict) } else { word(verdict) };
        let mut row = vec![sizing.text(place).to_owned(), verdict.to_owned()];
        row.extend(sizing.judged(place).iter().map(|it| it.measured(glyphs)));
        if priced {
            row.push(sizing.summary(place).and_then(|it| it.cost_per_year).map_or_else(|| "-".to_owned(), count));
        }
        row
    });
    (head, rows.collect())
}

fn notes(sizing: &Sizing) -> Vec<String> {
    let Sizing { search, values, .. } = sizing;
    let conditions = sizing.points.values().next().map_or(0, |gate| gate.judged().len());
    let conditions = if conditions == 1 { "1 condition".to_owned() } else { format!("{conditions} conditions") };
    let looked_at = format!(
        "{} of {} values from {} to {} were tried",
        search.verdicts.len(),
        values.len(),
        sizing.text(0),
        sizing.text(values.len().saturating_sub(1))
    );
    let resolution = if sizing.is_complete || search.found != Found::Answer {
        looked_at
    } else {
        format!("{looked_at}; the answer is known to its neighbours among these, and --steps gives closer ones")
    };
    let most =
        sizing.points.keys().filter_map(|place| sizing.summary(*place)).map(|it| it.replications).max().unwrap_or(0);
    vec![
        format!(
            "[low, high]: intervals that hold together with {}, over all values, {conditions} and all looks; a value is tried until a \
             condition is missed or all are decided",
            percent(sizing.level)
        ),
        resolution,
        format!(
            "ridethrough {}, seed {}, the same histories for every value, {} replications at most",
            env!("CARGO_PKG_VERSION"),
            sizing.seed,
            grouped(most as f64)
        ),
    ]
}

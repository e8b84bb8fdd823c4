//! The space of designs that a scenario spans: what may be chosen, and what becomes of each combination.

use super::decoder::{Given, Named};
use super::kinds::Name;
use super::overrides::{self, Override};
use super::problem::{Place, Problem, Severity};
use super::registry::{Shape, Table as _, TableShape};
use super::source::{FileOfScenario, Sources, Span};
use super::tables::{Dimension, Scenario};
use super::tree::{self, Entry, Node, Table, Value};
use super::unknowns::Quantity;
use crate::units::Seconds;

/// Most combinations of one scenario.
pub const MOST_COMBINATIONS: usize = 1_000_000;

/// Most values of one range. More are never meant, and each is a scenario of its own.
const MOST_VALUES: f64 = 1_000.0;

/// What is chosen of a dimension that another choice has left without a meaning.
const NOTHING: &str = "-";

/// All designs of a scenario's space.
#[derive(Debug)]
pub struct Space {
    /// What is chosen, in the order of the file.
    pub dimensions: Vec<Chosen>,
    /// The combinations that are designs.
    pub candidates: Vec<Candidate>,
    /// Why others are none, the most frequent reason first.
    pub refused: Vec<Refused>,
    /// Doubts about the scenario as it stands.
    pub warnings: Vec<Problem>,
    /// The files that all of this was read from, by path.
    pub files: Vec<FileOfScenario>,
    /// What designs are made of.
    pub(super) recipe: Recipe,
}

impl Space {
    /// What a candidate chose of each dimension, as a scenario writes it.
    #[must_use]
    pub fn choices(&self, candidate: &Candidate) -> Vec<&str> {
        self.recipe.labels(&candidate.picked)
    }
}

/// A dimension of the space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Its name.
    pub name: String,
    /// The key that it sets; none if it chooses among options.
    pub key: Option<String>,
}

/// A combination that is a design. There may be a million, so the design itself is made when it is needed, by [`Space::design`].
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Number of the combination.
    pub(super) number: usize,
    /// What was picked of each dimension; none of one that another choice has left without a meaning.
    pub(super) picked: Vec<Option<u16>>,
    /// What a year of it costs; none where nothing has a price.
    pub cost_per_year: Option<f64>,
    /// Length of a replication, and of the part of it that does not count.
    pub time: (Seconds, Seconds),
}

/// What the designs of a space are made of.
#[derive(Debug)]
pub struct Recipe {
    pub axes: Vec<Axis>,
    pub root: Node,
    pub environment: Option<u32>,
    pub name: String,
    pub sources: Sources,
}

impl Recipe {
    /// What was picked, as a scenario writes it.
    pub fn labels(&self, picked: &[Option<u16>]) -> Vec<&str> {
        let each = self.axes.iter().zip(picked);
        each.map(|(axis, at)| at.map_or(NOTHING, |at| axis.alternatives[usize::from(at)].label.as_str())).collect()
    }
}

/// Combinations that are no design for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong with them.
    pub why: String,
    /// How many there are.
    pub count: usize,
    /// What the first of them chose.
    pub choices: Vec<String>,
}

/// A dimension with its alternatives.
#[derive(Debug)]
pub struct Axis {
    pub chosen: Chosen,
    alternatives: Vec<Alternative>,
}

#[derive(Debug)]
struct Alternative {
    label: String,
    change: Change,
}

#[derive(Debug)]
enum Change {
    Set(Override),
    Tables { with: Option<Table>, without: Vec<Vec<String>> },
}

/// The dimensions of a scenario; what contradicts itself, or leads nowhere in the scenario as it stands (`root`), is reported.
pub fn axes(scenario: &Scenario, root: &Node, problems: &mut Vec<Problem>) -> Vec<Axis> {
    let mut axes = Vec::new();
    for Named { name, table, .. } in &scenario.space {
        let alternatives = match alternatives(name, table, root) {
            Ok(alternatives) => alternatives,
            Err(mut found) => {
                problems.append(&mut found);
                continue;
            }
        };
        let key = table.key.as_ref().map(|key| key.value.0.trim().to_owned());
        axes.push(Axis { chosen: Chosen { name: name.value.clone(), key }, alternatives });
    }
    axes
}

/// What can be chosen of a dimension.
fn alternatives(name: &Given<String>, table: &Dimension, root: &Node) -> Result<Vec<Alternative>, Vec<Problem>> {
    let bad = |place: &Place, message: String, help: &str| vec![Problem::error("bad-space", place, message).help(help)];
    let ways = "write `key` with `values`, `key` with `from` and `to`, or `[space.NAME.option.NAME]` tables";
    let values = match (&table.key, &table.values, (&table.from, &table.to), table.option.is_empty()) {
        (Some(_), Some(values), (None, None), true) => match values.sound() {
            Some(values) => values.0.clone(),
            None => return Err(Vec::new()),
        },
        (Some(_), None, (Some(from), Some(to)), true) => {
            let steps = table.steps.as_ref().and_then(|steps| steps.sound()).map(|steps| steps.0);
            match range(&from.value.0, &to.value.0, steps) {
                Ok(values) => values,
                Err(message) => {
                    return Err(bad(
                        &to.place,
                        message,
                        "the range is from a lower value to a higher one of the same kind; durations, rates and fractions need `steps`",
                    ));
                }
            }
        }
        (None, None, (None, None), false) => return options(table, root),
        _ => return Err(bad(&table.place, format!("it is not clear what `{}` chooses", name.value), ways)),
    };
    let Some(key) = table.key.as_ref().and_then(|key| key.sound().map(|Name(path)| (path, &key.place))) else {
        return Err(Vec::new());
    };
    let alternative = |value: Node| {
        let change = Override::of(key.0, key.1, value);
        match change.apply(&mut root.clone()) {
            Some(problem) => Err(vec![problem]),
            None => Ok(Alternative { label: change.written(), change: Change::Set(change) }),
        }
    };
    values.into_iter().map(alternative).collect()
}

/// Alternatives that change more than one key.
fn options(table: &Dimension, root: &Node) -> Result<Vec<Alternative>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut found = Vec::new();
    for Named { name, table: option, .. } in &table.option {
        let with = option.with.as_ref().and_then(|with| match &with.value.0.value {
            Value::Table(table) => Some(table.clone()),
            _ => None,
        });
        let mut without = Vec::new();
        for path in option.without.iter().flat_map(|names| &names.value.0) {
            let parts = overrides::split(&path.value);
            if remove(&mut root.clone(), &parts) {
                without.push(parts);
            } else {
                let message = format!("there is no `{}` that could be left out", path.value);
                problems.push(Problem::error("bad-space", &path.place, message).help(
                    "write the path of a table or a key of this scenario, such as `dns` or `database.orders.replica`",
                ));
            }
        }
        found.push(Alternative { label: name.value.clone(), change: Change::Tables { with, without } });
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

/// The values of a range, at the place of its end.
fn range(from: &Node, to: &Node, steps: Option<u32>) -> Result<Vec<Node>, String> {
    let (Some((kind, low)), Some((other, high))) = (Quantity::of(from), Quantity::of(to)) else {
        return Err("a range is between two counts, durations, rates or fractions".to_owned());
    };
    if kind != other || low >= high {
        return Err("this is no range".to_owned());
    }
    let steps = match (steps, kind) {
        (Some(steps), _) => f64::from(steps.max(2)),
        (None, Quantity::Whole) => high - low + 1.0,
        (None, _) => return Err("it is not said how many values the range has".to_owned()),
    };
    if steps > MOST_VALUES {
        return Err(format!("{steps} values are more than {MOST_VALUES}: say with `steps` how many to look at"));
    }
    let by_ratio = low > 0.0 && matches!(kind, Quantity::Seconds | Quantity::PerSecond);
    let mut values: Vec<Node> = Vec::new();
    for step in 0..steps as u32 {
        let share = f64::from(step) / (steps - 1.0);
        let value = if by_ratio { low * libm::pow(high / low, share) } else { low + share * (high - low) };
        // The ends as they are written, and between them values that people would write.
        let node = match step {
            0 => from.clone(),
            _ if f64::from(step) + 1.0 == steps => to.clone(),
            _ => {
                let text = kind.written(if kind == Quantity::Whole { value } else { rounded(value) });
                let mut node = Node { span: to.span, value: tree::value_of(&text).unwrap_or(Value::Text(text)) };
                node.move_to(to.span);
                node
            }
        };
        if values.last().is_none_or(|last| last.value != node.value) {
            values.push(node);
        }
    }
    Ok(values)
}

/// To two significant digits.
fn rounded(value: f64) -> f64 {
    format!("{value:.1e}").parse().unwrap_or(value)
}

/// How many combinations there are.
pub fn combinations(axes: &[Axis]) -> usize {
    axes.iter().map(|axis| axis.alternatives.len()).fold(1, usize::saturating_mul)
}

/// The tree of a combination, unless a choice cannot be made in it; and what was chosen.
pub struct Combination {
    pub tree: Result<Node, Problem>,
    pub picked: Vec<Option<u16>>,
}

/// Combination number `index`, the last dimension turning fastest. None for one that is the same as another because a choice has left others
/// without a meaning.
pub fn combination(axes: &[Axis], mut index: usize, root: &Node) -> Option<Combination> {
    let mut chosen = vec![0; axes.len()];
    for (axis, at) in axes.iter().zip(&mut chosen).rev() {
        *at = index % axis.alternatives.len();
        index /= axis.alternatives.len();
    }
    let mut tree = root.clone();
    let mut gone: Vec<&[String]> = Vec::new();
    let picked = || axes.iter().zip(&chosen).map(|(axis, at)| &axis.alternatives[*at]);
    for alternative in picked() {
        let Change::Tables { with, without } = &alternative.change else { continue };
        for path in without {
            remove(&mut tree, path);
            gone.push(path);
        }
        if let (Some(with), Value::Table(table)) = (with, &mut tree.value) {
            merge(table, with, &Scenario::TABLE);
        }
    }
    let mut with_meaning = Vec::new();
    let mut problem = None;
    for (alternative, at) in picked().zip(&chosen) {
        let mut has_meaning = true;
        if let Change::Set(change) = &alternative.change {
            if gone.iter().any(|path| change.is_below(path)) && !change.has_parent(&tree) {
                if *at > 0 {
                    return None;
                }
                has_meaning = false;
            } else {
                problem = problem.or(change.apply(&mut tree));
            }
        }
        with_meaning.push(u16::try_from(*at).ok().filter(|_| has_meaning));
    }
    Some(Combination { tree: problem.map_or(Ok(tree), Err), picked: with_meaning })
}

/// Adds tables; a key that is there already takes the new value.
fn merge(table: &mut Table, with: &Table, shape: &TableShape) {
    for entry in &with.entries {
        let inner = shape.key(&entry.key).map(|key| key.shape);
        match (inner, &entry.node.value) {
            (Some(Shape::Table(inner)), Value::Table(more)) => {
                if let Value::Table(table) = &mut below(table, entry).value {
                    merge(table, more, inner);
                }
            }
            (Some(Shape::Named(inner)), Value::Table(named)) => {
                let Value::Table(table) = &mut below(table, entry).value else { continue };
                for named in &named.entries {
                    match (&mut below(table, named).value, &named.node.value) {
                        (Value::Table(table), Value::Table(more)) => merge(table, more, inner),
                        (node, value) => *node = value.clone(),
                    }
                }
            }
            _ => match table.get_mut(&entry.key) {
                Some(node) => *node = entry.node.clone(),
                None => table.entries.push(entry.clone()),
            },
        }
    }
}

/// The value of a key, an empty table if there was none.
fn below<'t>(table: &'t mut Table, entry: &Entry) -> &'t mut Node {
    let at = table.entries.iter().position(|own| own.key == entry.key).unwrap_or_else(|| {
        let node = Node::empty_table(entry.node.span);
        table.entries.push(Entry { key: entry.key.clone(), span: entry.span, node });
        table.entries.len() - 1
    });
    &mut table.entries[at].node
}

/// Takes a table or a key out; false if there was none.
fn remove(node: &mut Node, path: &[String]) -> bool {
    let (Value::Table(table), [key, rest @ ..]) = (&mut node.value, path) else { return false };
    if !rest.is_empty() {
        return table.get_mut(key).is_some_and(|node| remove(node, rest));
    }
    let before = table.entries.len();
    table.entries.retain(|entry| entry.key != *key);
    table.entries.len() < before
}

/// Counts combinations that are no design by their first problem.
#[derive(Default)]
pub struct Refusals {
    found: Vec<(Option<Span>, Refused)>,
}

impl Refusals {
    /// Adds a combination with its problems.
    pub fn push(&mut self, problems: &[Problem], choices: &[&str]) {
        let Some(first) = problems.iter().find(|problem| problem.severity == Severity::Error) else { return };
        match self.found.iter_mut().find(|(span, known)| *span == first.span && known.why == first.message) {
            Some((_, known)) => known.count += 1,
            None => {
                let choices = choices.iter().map(|choice| (*choice).to_owned()).collect();
                self.found.push((first.span, Refused { why: first.message.clone(), count: 1, choices }));
            }
        }
    }

    /// The most frequent first.
    pub fn sorted(self) -> Vec<Refused> {
        let mut found: Vec<Refused> = self.found.into_iter().map(|(_, refused)| refused).collect();
        found.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.why.cmp(&b.why)));
        found
    }
}

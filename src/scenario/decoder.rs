//! Reads tables of the registry out of a tree, and collects problems instead of stopping at the first.

mod given;
mod many;

use super::catalog::{self, catalog};
use super::problem::{MOST_PROBLEMS, Place, Problem};
use super::registry::{Absence, Kind, Shape, Table, TableShape};
use super::similar::{listed, nearest};
use super::source::{Sources, Span};
use super::tree::{self, Node, Value};
use crate::model::Assumption;
pub use given::{Given, Named, Origin};

/// Most tables of a kind, and most items of a list: more are not written by hand, and everything is compared by name.
pub const MOST_ITEMS: usize = 256;
/// More problems than this are not even collected.
const FULL: usize = 4 * MOST_PROBLEMS;

/// A table that is being read.
pub struct Opened<'a> {
    entries: Option<&'a tree::Table>,
    span: Span,
}

/// Reads values; knows where it is and what went wrong so far.
pub struct Decoder {
    /// All texts, to find files that values name.
    pub sources: Sources,
    /// What went wrong.
    pub problems: Vec<Problem>,
    /// Values that the text does not state or that come from the catalog.
    pub assumptions: Vec<Assumption>,
    /// Text of the environment file, if there is one.
    pub environment: Option<u32>,
    path: Vec<String>,
}

impl Decoder {
    /// A decoder of these texts.
    pub fn new(sources: Sources) -> Decoder {
        Decoder { sources, problems: Vec::new(), assumptions: Vec::new(), environment: None, path: Vec::new() }
    }

    /// A decoder whose problems nobody reads.
    pub fn nowhere() -> Decoder {
        Decoder::new(Sources::default())
    }

    /// The place of a span at the current key.
    pub fn place(&self, span: Span) -> Place {
        Place { span, key: self.path.join(".") }
    }

    /// Reports an error at a node.
    pub fn error(&mut self, code: &'static str, node: &Node, message: impl Into<String>) -> &mut Problem {
        let place = self.place(node.span);
        self.report(Problem::error(code, &place, message))
    }

    /// Reports a problem, which may still be added to.
    pub fn report(&mut self, problem: Problem) -> &mut Problem {
        if self.full() {
            self.problems.pop();
        }
        self.problems.push(problem);
        let last = self.problems.len() - 1;
        &mut self.problems[last]
    }

    /// Whether there are so many problems that no more are collected.
    fn full(&self) -> bool {
        self.problems.len() >= FULL
    }

    /// Whether a list is short enough to be looked at; a longer one is reported.
    pub fn few(&mut self, span: Span, count: usize, what: &str) -> bool {
        if count > MOST_ITEMS {
            let place = self.place(span);
            let problem = Problem::error("too-many", &place, format!("{count} {what} are more than {MOST_ITEMS}"));
            self.report(problem.help("a scenario is written by hand: merge what behaves alike"));
        }
        count <= MOST_ITEMS
    }

    /// Reports that the value is of another kind than the one expected.
    pub fn wrong_kind<K: Kind>(&mut self, node: &Node) {
        let message = match self.path.last() {
            Some(key) => format!("`{key}` is {}, but {} is expected", node.value.noun(), K::NAME),
            None => format!("{} is expected, not {}", K::NAME, node.value.noun()),
        };
        let help = match K::SHAPE {
            Shape::Value => format!("write for example `{}`", K::EXAMPLE),
            _ => match self.path.last() {
                Some(_) => format!("write `[{}]` and its keys below", self.path.join(".")),
                None => "write `key = value` lines".to_owned(),
            },
        };
        self.error("wrong-kind", node, message).label = Some(format!("{} is expected", K::NAME));
        self.set_help(help);
    }

    /// One text, or a list that is not empty; an empty one is reported with this code and message.
    pub fn one_or_more<'a, K: Kind>(
        &mut self,
        node: &'a Node,
        code: &'static str,
        nothing: &str,
    ) -> Option<&'a [Node]> {
        match &node.value {
            Value::Text(_) => return Some(std::slice::from_ref(node)),
            Value::List(items) if !items.is_empty() => return Some(items),
            Value::List(_) => {
                self.error(code, node, nothing);
                self.set_help(format!("write for example `{}`", K::EXAMPLE));
            }
            _ => self.wrong_kind::<K>(node),
        }
        None
    }

    /// Adds the fix to the problem reported last.
    pub fn set_help(&mut self, help: impl Into<String>) {
        if let Some(problem) = self.problems.last_mut() {
            problem.help = Some(help.into());
        }
    }

    /// Reads below a key.
    pub fn within<T>(&mut self, key: &str, read: impl FnOnce(&mut Decoder) -> T) -> T {
        self.path.push(key.to_owned());
        let value = read(self);
        self.path.pop();
        value
    }

    /// Starts to read a table: unknown keys are reported here.
    pub fn open<'a>(&mut self, node: &'a Node, shape: &TableShape) -> Opened<'a> {
        let Value::Table(table) = &node.value else {
            let header = self.path.join(".");
            let message = format!("`{header}` is {}, but a table is expected", node.value.noun());
            self.error("wrong-kind", node, message).label = Some("a table is expected".to_owned());
            self.set_help(format!("write `[{header}]` and its keys below: {}", listed(shape.names())));
            return Opened { entries: None, span: node.span };
        };
        for entry in &table.entries {
            if shape.key(&entry.key).is_some() {
                continue;
            }
            if self.full() {
                break;
            }
            let inside = match self.path.is_empty() {
                true => "a scenario".to_owned(),
                false => format!("`[{}]`", self.path.join(".")),
            };
            let mut place = self.place(entry.span);
            place.key = [self.path.join("."), entry.key.clone()]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(".");
            let mut problem = Problem::error("unknown-key", &place, format!("unknown key `{}` in {inside}", entry.key));
            problem = match nearest(&entry.key, shape.names()) {
                Some(meant) => problem.label(format!("did you mean `{meant}`?")),
                None => problem.label("not a key of this table"),
            };
            let elsewhere = super::reference::tables_with(&entry.key);
            let moved = match elsewhere.as_slice() {
                [header] if !header.is_empty() => {
                    format!("; `{}` belongs to `[{header}]`", entry.key)
                }
                _ => String::new(),
            };
            self.report(problem.help(format!("keys here: {}{moved}", listed(shape.names()))));
        }
        Opened { entries: Some(table), span: node.span }
    }

    /// Reads a value, following `"catalog:KEY"`.
    pub fn read<K: Kind>(&mut self, node: &Node) -> Option<K> {
        match &node.value {
            Value::Text(text) if text.trim_start().starts_with(catalog::PREFIX) => {
                let key = text.trim().strip_prefix(catalog::PREFIX).unwrap_or("").trim();
                self.read_catalog(node, key)
            }
            Value::Unreadable => {
                self.error("wrong-kind", node, "this value cannot be used").label =
                    Some(format!("{} is expected", K::NAME));
                self.set_help(format!(
                    "dates and times have no meaning in a scenario, and whole numbers must fit 64 bits; write for example `{}`",
                    K::EXAMPLE
                ));
                None
            }
            _ => K::read(node, self),
        }
    }

    fn read_catalog<K: Kind>(&mut self, node: &Node, key: &str) -> Option<K> {
        let Some(entry) = catalog().get(key) else {
            let meant = nearest(key, catalog().keys());
            self.error("unknown-catalog-key", node, format!("the catalog has no key `{key}`")).label =
                Some(meant.map_or("not in the catalog".to_owned(), |meant| format!("did you mean `catalog:{meant}`?")));
            self.set_help("`ridethrough defaults` lists the catalog; `ridethrough defaults WORD` filters it");
            return None;
        };
        let before = self.problems.len();
        let value = K::read(&Node { span: node.span, value: entry.value() }, self);
        if value.is_none() || self.problems.len() > before {
            self.problems.truncate(before);
            let message = format!("`catalog:{key}` is {}, but {} is expected", entry.noun(), K::NAME);
            self.error("catalog-kind", node, message).label = Some(format!("its value is {}", entry.written()));
            self.set_help("`ridethrough defaults` lists the catalog with its units");
            return None;
        }
        let path = self.path.join(".");
        self.assumptions.push(entry.assumption(path));
        value
    }

    fn given<K: Kind>(&mut self, node: &Node) -> Given<K> {
        let place = self.place(node.span);
        match self.read::<K>(node) {
            Some(value) => Given { value, place, origin: Origin::Stated },
            None => Given { value: K::placeholder(), place, origin: Origin::Faulty },
        }
    }

    /// The value in a table or, if the key is absent, what `otherwise` says.
    fn or<K: Kind>(
        &mut self,
        table: &Opened,
        key: &str,
        otherwise: impl FnOnce(&mut Decoder) -> Option<K>,
    ) -> Given<K> {
        self.within(key, |decoder| {
            match table.entries.map(|entries| entries.get(key)) {
                Some(Some(node)) => decoder.given(node),
                // Of a table that is no table, nothing is known; that was reported.
                None => Given { value: K::placeholder(), place: decoder.place(table.span), origin: Origin::Faulty },
                Some(None) => {
                    let place = decoder.place(table.span);
                    match otherwise(decoder) {
                        Some(value) => Given { value, place, origin: Origin::Absent },
                        None => Given { value: K::placeholder(), place, origin: Origin::Faulty },
                    }
                }
            }
        })
    }

    /// Mode `required`.
    pub fn required<K: Kind>(&mut self, table: &Opened, key: &str, _: Absence) -> Given<K> {
        let span = table.span;
        self.or(table, key, |decoder| {
            let (parent, _) = decoder.path.split_at(decoder.path.len().saturating_sub(1));
            let header = match parent {
                [] => "the file".to_owned(),
                path => format!("`[{}]`", path.join(".")),
            };
            let place = decoder.place(span);
            let problem = Problem::error("missing-key", &place, format!("{header} needs `{key}`"))
                .label(format!("`{key}` is missing"))
                .help(format!("add {}, for example `{key} = {}`", K::NAME, K::EXAMPLE));
            decoder.report(problem);
            None
        })
    }

    /// Mode `optional`.
    pub fn optional<K: Kind>(&mut self, table: &Opened, key: &str, _: Absence) -> Option<Given<K>> {
        let node = table.entries?.get(key)?;
        Some(self.within(key, |decoder| decoder.given(node)))
    }

    /// Mode `default`.
    pub fn default<K: Kind>(&mut self, table: &Opened, key: &str, absence: Absence) -> Given<K> {
        let span = table.span;
        self.or(table, key, |decoder| match absence {
            Absence::Default(text) => K::read(&literal(text, span), decoder),
            _ => None,
        })
    }

    /// Mode `catalog`.
    pub fn catalog<K: Kind>(&mut self, table: &Opened, key: &str, absence: Absence) -> Given<K> {
        let span = table.span;
        self.or(table, key, |decoder| match absence {
            Absence::Catalog(key) => decoder.read_catalog(&Node { span, value: Value::Flag(false) }, key),
            _ => None,
        })
    }

    /// Mode `assumed`.
    pub fn assumed<K: Kind>(&mut self, table: &Opened, key: &str, absence: Absence) -> Given<K> {
        let span = table.span;
        self.or(table, key, |decoder| match absence {
            Absence::Assumed(text, why) => {
                decoder.assume(text.trim_matches('"').to_owned(), why);
                K::read(&literal(text, span), decoder)
            }
            _ => None,
        })
    }

    /// Records that the value of the current key is a guess.
    fn assume(&mut self, value: String, why: &str) {
        let key = self.path.join(".");
        self.assumptions.push(assumption(key, value, why));
    }

    /// Mode `table`.
    pub fn table<T: Table>(&mut self, table: &Opened, key: &str, _: Absence) -> T {
        let empty = Node::empty_table(table.span);
        let node = table.entries.and_then(|entries| entries.get(key)).unwrap_or(&empty);
        self.within(key, |decoder| T::decode(node, decoder))
    }
}

/// An assumption that no source backs.
pub fn assumption(key: String, value: String, why: &str) -> Assumption {
    Assumption { key, value, catalog: "model".to_owned(), source: why.to_owned(), grade: "A".to_owned() }
}

/// A default of the registry as a node of the table that lacks the key.
fn literal(text: &str, span: Span) -> Node {
    let value = tree::value_of(text).unwrap_or(Value::Unreadable);
    let mut node = Node { span, value };
    node.move_to(span);
    node
}

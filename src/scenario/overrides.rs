//! Keys that a sweep or the command line sets: written into the tree before it is decoded.

use super::problem::{Place, Problem};
use super::registry::{Shape, Table as _, TableShape};
use super::similar::{listed, nearest};
use super::source::{Sources, Span};
use super::tables::Scenario;
use super::tree::{self, Entry, Node, Table, Value};
use std::path::Path;

/// Most keys of a file that a help text lists.
const MOST_LISTED: usize = 200;

/// A key path and a value, as given.
#[derive(Debug, Clone)]
pub struct Override {
    path: Vec<String>,
    value: Value,
    whole: Place,
    value_span: Span,
}

impl Override {
    /// A key path and a value that stand in a file.
    pub fn of(path: &str, place: &Place, value: Node) -> Override {
        let whole = Place { span: place.span, key: path.trim().to_owned() };
        Override { path: split(path), value: value.value, whole, value_span: value.span }
    }

    /// The value as a scenario writes it, without quotes around it.
    pub fn written(&self) -> String {
        tree::written(&self.value)
    }

    /// Whether the key is this table, or in it.
    pub fn is_below(&self, path: &[String]) -> bool {
        self.path.starts_with(path)
    }

    /// Whether the table is there whose key it is.
    pub fn has_parent(&self, root: &Node) -> bool {
        let parents = &self.path[..self.path.len().saturating_sub(1)];
        parents
            .iter()
            .try_fold(root, |node, part| match &node.value {
                Value::Table(table) => table.get(part),
                _ => None,
            })
            .is_some()
    }

    /// Reads a key path and a value; the text becomes one of the sources, so that problems can point at it.
    pub fn new(path: &str, value: &str, sources: &mut Sources) -> Override {
        let (path, value) = (path.trim(), value.trim());
        let file = sources.add("override", Path::new(""), format!("{path}={value}"));
        let value_span = Span::new(file, path.len() + 1..path.len() + 1 + value.len());
        Override {
            path: split(path),
            // What is no TOML value is a word, a duration or the like that lacks its quotes.
            value: tree::value_of(value).unwrap_or_else(|| Value::Text(value.to_owned())),
            whole: Place { span: Span::new(file, 0..path.len()), key: path.to_owned() },
            value_span,
        }
    }

    /// Sets the key in a tree; returns the problem if it cannot be set.
    pub fn apply(&self, root: &mut Node) -> Option<Problem> {
        if self.path.first().is_some_and(|first| first == "environment") {
            let message = "`environment` cannot be set: it is read before anything is";
            let problem = Problem::error("unknown-override", &self.whole, message);
            return Some(problem.help("name the environment in the file"));
        }
        // Tables are made on the way to a key: a path that leads nowhere must leave none behind.
        let mut changed = root.clone();
        let Value::Table(table) = &mut changed.value else {
            return None;
        };
        let Some(problem) = self.set(table, &Scenario::TABLE, &self.path) else {
            *root = changed;
            return None;
        };
        if problem.help.is_some() {
            return Some(problem);
        }
        let own = own_keys(root);
        Some(problem.help(format!("keys of this file: {}", listed(own.iter().map(String::as_str)))))
    }

    fn unknown<'c>(&self, message: String, wrong: &str, candidates: impl Iterator<Item = &'c str>) -> Problem {
        let problem = Problem::error("unknown-override", &self.whole, message);
        match nearest(wrong, candidates) {
            Some(meant) => {
                let meant: Vec<&str> = self.path.iter().map(|part| if part == wrong { meant } else { part }).collect();
                problem.label(format!("did you mean `{}`?", meant.join(".")))
            }
            None => problem.label("not a key of a scenario"),
        }
    }

    fn set(&self, table: &mut Table, shape: &TableShape, path: &[String]) -> Option<Problem> {
        let (key, rest) = path.split_first()?;
        let Some(known) = shape.key(key) else {
            let inside = match shape.header {
                "" => "a scenario".to_owned(),
                header => format!("`[{header}]`"),
            };
            return Some(self.unknown(format!("{inside} has no key `{key}`"), key, shape.names()));
        };
        if rest.is_empty() {
            self.put(table, key, self.value());
            return None;
        }
        match known.shape {
            Shape::Table(inner) => match &mut self.entry(table, key).value {
                Value::Table(table) => self.set(table, inner, rest),
                _ => None,
            },
            Shape::Named(inner) => {
                let names: Vec<String> = match table.get(key).map(|node| &node.value) {
                    Some(Value::Table(named)) => named.entries.iter().map(|entry| entry.key.clone()).collect(),
                    _ => Vec::new(),
                };
                let name = &rest[0];
                let found = table.get_mut(key).and_then(|node| match &mut node.value {
                    Value::Table(named) => named.get_mut(name),
                    _ => None,
                });
                match found.map(|node| &mut node.value) {
                    Some(Value::Table(table)) if rest.len() > 1 => self.set(table, inner, &rest[1..]),
                    Some(_) => Some(self.unknown(
                        format!("`{}` is a table, not a key", self.path.join(".")),
                        "",
                        shape.names(),
                    )),
                    None => Some(self.unknown(
                        format!("there is no {key} `{name}`"),
                        name,
                        names.iter().map(String::as_str),
                    )),
                }
            }
            Shape::List(inner) => {
                let items = match table.get_mut(key).map(|node| &mut node.value) {
                    Some(Value::List(items)) => items.as_mut_slice(),
                    _ => &mut [],
                };
                let count = items.len();
                let wanted = &rest[0];
                let by_name = |item: &Node| match &item.value {
                    Value::Table(table) => {
                        table.get("name").is_some_and(|name| name.value == Value::Text(wanted.clone()))
                    }
                    _ => false,
                };
                let at = items.iter().position(by_name).or_else(|| wanted.parse::<usize>().ok()?.checked_sub(1));
                match at.and_then(|at| items.get_mut(at)).map(|item| &mut item.value) {
                    Some(Value::Table(table)) if rest.len() > 1 => self.set(table, inner, &rest[1..]),
                    _ => {
                        let problem =
                            Problem::error("unknown-override", &self.whole, format!("`{key}` has no item `{wanted}`"));
                        Some(problem.help(format!("there are {count} of them: count from 1, or use their `name`")))
                    }
                }
            }
            Shape::Value => self.set_inside(table, key, rest),
        }
    }

    /// Sets a key inside a value that the file writes as a table, such as a law.
    fn set_inside(&self, table: &mut Table, key: &str, rest: &[String]) -> Option<Problem> {
        let mut node = table.get_mut(key).map(|node| &mut node.value);
        for (depth, part) in rest.iter().enumerate() {
            match node {
                Some(Value::Table(inner)) if depth + 1 == rest.len() => {
                    self.put(inner, part, self.value());
                    return None;
                }
                Some(Value::Table(inner)) => node = inner.get_mut(part).map(|node| &mut node.value),
                _ => break,
            }
        }
        let path = &self.path[..self.path.len() - rest.len()];
        let problem =
            Problem::error("unknown-override", &self.whole, format!("`{}` is no table in this file", path.join(".")));
        Some(problem.help(format!("set `{}` as a whole", path.join("."))))
    }

    fn value(&self) -> Node {
        let mut node = Node { span: self.value_span, value: self.value.clone() };
        node.move_to(self.value_span);
        node
    }

    fn put(&self, table: &mut Table, key: &str, node: Node) {
        match table.get_mut(key) {
            Some(old) => *old = node,
            None => table.entries.push(Entry { key: key.to_owned(), span: self.whole.span, node }),
        }
    }

    /// The table of a key, made if there is none.
    fn entry<'t>(&self, table: &'t mut Table, key: &str) -> &'t mut Node {
        let at = table.entries.iter().position(|entry| entry.key == key).unwrap_or_else(|| {
            self.put(table, key, Node::empty_table(self.whole.span));
            table.entries.len() - 1
        });
        &mut table.entries[at].node
    }
}

/// The parts of a key path.
pub fn split(path: &str) -> Vec<String> {
    path.trim().split('.').map(|part| part.trim().trim_matches('"').to_owned()).collect()
}

/// Paths of all values in a tree that are in no list.
fn own_keys(root: &Node) -> Vec<String> {
    fn walk(node: &Node, path: &str, keys: &mut Vec<String>) {
        match &node.value {
            Value::Table(table) => {
                for entry in &table.entries {
                    if keys.len() >= MOST_LISTED {
                        return;
                    }
                    let path = if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
                    walk(&entry.node, &path, keys);
                }
            }
            _ => keys.push(path.to_owned()),
        }
    }
    let mut keys = Vec::new();
    walk(root, "", &mut keys);
    keys
}

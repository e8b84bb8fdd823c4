//! A TOML text as a tree that knows where everything stands.
//!
//! The tree is read with serde through [`toml::Spanned`]. Reading is total: a value that serde cannot give (a date, a
//! number beyond 64 bits) becomes [`Value::Unreadable`] in its place, so that one bad value hides no other problem.

use super::source::{Span, floor_boundary};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;
use toml::Spanned;
use toml::de::DeTable;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value's own text; for a `[table]`, its header.
    pub span: Span,
    /// The value.
    pub value: Value,
}

impl Node {
    /// A table without keys.
    pub fn empty_table(span: Span) -> Node {
        Node { span, value: Value::Table(Table::default()) }
    }

    /// Puts the node and everything in it at one place: for values that stand nowhere.
    pub fn move_to(&mut self, span: Span) {
        self.span = span;
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(|item| item.move_to(span)),
            Value::Table(table) => {
                for entry in &mut table.entries {
                    entry.span = span;
                    entry.node.move_to(span);
                }
            }
            _ => {}
        }
    }
}

/// A TOML value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `"text"`
    Text(String),
    /// `12`
    Integer(i64),
    /// `1.5`
    Float(f64),
    /// `true`
    Flag(bool),
    /// `[...]`
    List(Vec<Node>),
    /// `[table]` or `{ ... }`
    Table(Table),
    /// A date, or a number that does not fit.
    Unreadable,
}

impl Value {
    /// What it is, with its article, for messages.
    pub fn noun(&self) -> &'static str {
        match self {
            Value::Text(_) => "a string",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Flag(_) => "true or false",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::Unreadable => "a date or a number that does not fit",
        }
    }
}

/// Keys and values in the order of the text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// The entries.
    pub entries: Vec<Entry>,
}

/// One key of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key as written, without quotes.
    pub key: String,
    /// Where the key stands.
    pub span: Span,
    /// Its value.
    pub node: Node,
}

impl Table {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The entry of a key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.node)
    }
}

/// Of longer texts [bytes] only the first syntax error is returned: the reader keeps all of them, and there may be millions.
const LONGEST_RECOVERED: usize = 256 * 1024;

/// A syntax error in TOML.
pub struct SyntaxError {
    /// What the TOML reader says.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// Reads a text into a tree, or returns the syntax errors in it.
pub fn parse(file: usize, text: &str) -> Result<Node, Vec<SyntaxError>> {
    let table = if text.len() > LONGEST_RECOVERED {
        DeTable::parse(text).map_err(|error| vec![error])
    } else {
        let (table, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() { Ok(table) } else { Err(errors) }
    };
    let syntax = |error: &toml::de::Error| {
        let range = error.span().unwrap_or(0..0);
        SyntaxError { message: error.message().to_owned(), span: Span::new(file, visible(text, range)) }
    };
    let table = table.map_err(|errors| errors.iter().map(syntax).collect::<Vec<_>>())?;
    let raw = Spanned::<Raw>::deserialize(toml::Deserializer::from(table));
    match raw {
        Ok(raw) => {
            let mut root = node(file, raw);
            root.span = Span::new(file, 0..0);
            Ok(root)
        }
        Err(error) => Err(vec![syntax(&error)]),
    }
}

/// The value that a text has as the right side of `key = text`; none if it is not TOML.
pub fn value_of(text: &str) -> Option<Value> {
    let raw = toml::de::ValueDeserializer::parse(text).ok()?;
    Some(node(0, Spanned::<Raw>::deserialize(raw).ok()?).value)
}

/// A value in TOML, on one line; a text by itself without its quotes.
pub fn written(value: &Value) -> String {
    fn inner(value: &Value) -> String {
        match value {
            Value::Text(text) => format!("{text:?}"),
            other => written(other),
        }
    }
    match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::Flag(flag) => flag.to_string(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| inner(&item.value)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Table(table) => {
            let pairs: Vec<String> =
                table.entries.iter().map(|entry| format!("{} = {}", entry.key, inner(&entry.node.value))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        Value::Unreadable => "?".to_owned(),
    }
}

/// A range that a caret can be put under: on character boundaries, and at least one character where there is one.
fn visible(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let start = floor_boundary(text, range.start);
    let end = floor_boundary(text, range.end).max(start);
    if end > start {
        return start..end;
    }
    let width = text[start..].chars().next().filter(|&c| c != '\n' && c != '\r').map_or(0, char::len_utf8);
    start..start + width
}

fn node(file: usize, raw: Spanned<Raw>) -> Node {
    let span = Span::new(file, raw.span());
    let value = match raw.into_inner() {
        Raw::Text(text) => Value::Text(text),
        Raw::Integer(number) => Value::Integer(number),
        Raw::Float(number) => Value::Float(number),
        Raw::Flag(flag) => Value::Flag(flag),
        Raw::Unreadable => Value::Unreadable,
        Raw::List(items) => Value::List(items.into_iter().map(|item| node(file, item)).collect()),
        Raw::Table(pairs) => {
            let entry = |(key, value): (Spanned<String>, Spanned<Raw>)| Entry {
                span: Span::new(file, key.span()),
                key: key.into_inner(),
                node: node(file, value),
            };
            let mut entries: Vec<Entry> = pairs.into_iter().map(entry).collect();
            // The reader hands keys over by name; the text's order is the one people know.
            entries.sort_by_key(|entry| entry.span.start);
            Value::Table(Table { entries })
        }
    };
    Node { span, value }
}

/// What serde sees of a value; spans are added around it.
enum Raw {
    Text(String),
    Integer(i64),
    Float(f64),
    Flag(bool),
    List(Vec<Spanned<Raw>>),
    Table(Vec<(Spanned<String>, Spanned<Raw>)>),
    Unreadable,
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Raw, D::Error> {
        // An error here belongs to this value alone: errors of its parts were caught when the parts were read.
        Ok(deserializer.deserialize_any(RawVisitor).unwrap_or(Raw::Unreadable))
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a TOML value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Raw, E> {
        Ok(Raw::Text(text))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Raw, E> {
        Ok(Raw::Integer(number))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Unreadable)
    }

    fn visit_f64<E>(self, number: f64) -> Result<Raw, E> {
        Ok(Raw::Float(number))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Raw, E> {
        Ok(Raw::Flag(flag))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Raw, A::Error> {
        let mut table = Vec::new();
        while let Some(key) = pairs.next_key()? {
            table.push((key, pairs.next_value()?));
        }
        Ok(Raw::Table(table))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Table {
        match parse(0, text).map_err(|errors| errors.into_iter().map(|e| e.message).collect::<Vec<_>>()) {
            Ok(Node { value: Value::Table(table), .. }) => table,
            other => panic!("not a table: {other:?}"),
        }
    }

    #[test]
    fn order_of_the_text_is_kept_and_spans_point_at_it() {
        let text = "zebra = 1\n[tier.web]\nx = \"a\"\n[tier.api]\n[ape]\nb.c = 2\n";
        let root = tree(text);
        let keys: Vec<_> = root.entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["zebra", "tier", "ape"]);
        let of = |span: Span| &text[span.start as usize..span.end as usize];
        let Some(Value::Table(tiers)) = root.get("tier").map(|node| &node.value) else { panic!("no tiers") };
        assert_eq!(of(tiers.entries[0].span), "web");
        assert_eq!(of(tiers.entries[0].node.span), "[tier.web]");
        let Value::Table(web) = &tiers.entries[0].node.value else { panic!("no table") };
        assert_eq!(of(web.entries[0].node.span), "\"a\"");
    }

    #[test]
    fn dates_and_huge_numbers_stand_in_their_place() {
        let root = tree("a = 2026-11-01\nb = 99999999999999999999999999999999999999999999\nc = [1, 07:30:00]\nd = 1");
        assert_eq!(root.get("a").map(|node| &node.value), Some(&Value::Unreadable));
        assert_eq!(root.get("b").map(|node| &node.value), Some(&Value::Unreadable));
        assert!(matches!(&root.get("c").unwrap().value, Value::List(items) if items[1].value == Value::Unreadable));
        assert_eq!(root.get("d").map(|node| &node.value), Some(&Value::Integer(1)));
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        for text in ["a = ".to_owned() + &"[".repeat(100_000), "a.".repeat(100_000) + "b = 1"] {
            assert!(parse(0, &text).is_err());
        }
    }
}

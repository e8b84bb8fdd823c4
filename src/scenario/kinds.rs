//! Plain values: text, switches, numbers, durations, fractions and rates.

use super::decoder::{Decoder, Given};
use super::registry::Kind;
use super::tree::{Node, Value};
use crate::units::{Fraction, LARGEST, Price, Rate, Seconds, parse_duration, parse_fraction, parse_price, parse_rate};
use serde_json::{Value as Json, json};

/// Largest count: more units than this are not a scenario any more.
const LARGEST_COUNT: u32 = 1_000_000_000;

/// A duration above 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Positive(pub Seconds);

/// A count of at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtLeastOne(pub u32);

/// A version of the format of scenarios.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormatVersion(pub i64);

/// The only one so far. It goes up when a key goes away or comes to mean something else, not when one is added.
pub const FORMAT_VERSION: i64 = 1;

/// Names of other tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Names(pub Vec<Given<String>>);

/// A text that names something: not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(pub String);

impl Kind for String {
    const NAME: &'static str = "a string";
    const EXAMPLE: &'static str = "\"text\"";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<String> {
        match &node.value {
            Value::Text(text) => shown(node, text, decoder),
            _ => {
                decoder.wrong_kind::<String>(node);
                None
            }
        }
    }

    fn placeholder() -> String {
        String::new()
    }

    fn schema() -> Json {
        json!({ "type": "string" })
    }
}

/// A text that people are shown, on terminals too, where a tab would be as wide as it likes.
fn shown(node: &Node, text: &str, decoder: &mut Decoder) -> Option<String> {
    let text = text.trim();
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        decoder.error("control-character", node, "a text has no control characters");
        decoder.set_help("leave them out");
        return None;
    }
    Some(text.replace('\t', " "))
}

impl Kind for Name {
    const NAME: &'static str = "a name";
    const EXAMPLE: &'static str = "\"eu-a\"";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<Name> {
        match &node.value {
            Value::Text(text) if !text.trim().is_empty() => shown(node, text, decoder).map(Name),
            Value::Text(_) => {
                decoder.error("bad-name", node, "a name is empty");
                decoder.set_help(format!("write for example `{}`", Self::EXAMPLE));
                None
            }
            _ => {
                decoder.wrong_kind::<Name>(node);
                None
            }
        }
    }

    fn placeholder() -> Name {
        Name(String::new())
    }

    fn schema() -> Json {
        json!({ "type": "string", "minLength": 1 })
    }
}

impl Kind for Names {
    const NAME: &'static str = "a list of names";
    const EXAMPLE: &'static str = "[\"eu-a\", \"eu-b\"]";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<Names> {
        let Value::List(items) = &node.value else {
            decoder.wrong_kind::<Names>(node);
            return None;
        };
        if !decoder.few(node.span, items.len(), "names") {
            return None;
        }
        Some(Names(read_names(items, decoder)))
    }

    fn placeholder() -> Names {
        Names(Vec::new())
    }

    fn schema() -> Json {
        json!({ "type": "array", "items": { "type": "string", "minLength": 1 } })
    }
}

/// The names of a list; those that are not are reported and left out.
pub fn read_names(items: &[Node], decoder: &mut Decoder) -> Vec<Given<String>> {
    let mut names: Vec<Given<String>> = Vec::with_capacity(items.len());
    for item in items {
        let Some(Name(name)) = Name::read(item, decoder) else {
            continue;
        };
        let place = decoder.place(item.span);
        names.push(Given { value: name, place, origin: super::decoder::Origin::Stated });
    }
    names
}

impl Kind for bool {
    const NAME: &'static str = "true or false";
    const EXAMPLE: &'static str = "true";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<bool> {
        match &node.value {
            Value::Flag(flag) => Some(*flag),
            _ => {
                decoder.wrong_kind::<bool>(node);
                None
            }
        }
    }

    fn placeholder() -> bool {
        false
    }

    fn schema() -> Json {
        json!({ "type": "boolean" })
    }
}

fn whole<K: Kind>(node: &Node, decoder: &mut Decoder, least: i64, most: i64) -> Option<i64> {
    let number = match &node.value {
        Value::Integer(number) => *number,
        Value::Float(number) if number.is_finite() => {
            decoder.error("bad-number", node, format!("{number} is not a whole number"));
            decoder.set_help(format!("write for example `{}`", K::EXAMPLE));
            return None;
        }
        _ => {
            decoder.wrong_kind::<K>(node);
            return None;
        }
    };
    if number < least {
        decoder.error("out-of-range", node, format!("{number} is too few")).label = Some(format!("at least {least}"));
        decoder.set_help(format!("write {} of at least {least}", K::NAME));
        return None;
    }
    if number > most {
        decoder.error("out-of-range", node, format!("{number} is too many")).label = Some(format!("at most {most}"));
        decoder.set_help(format!("write {} of at most {most}", K::NAME));
        return None;
    }
    Some(number)
}

impl Kind for u32 {
    const NAME: &'static str = "a whole number";
    const EXAMPLE: &'static str = "2";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<u32> {
        whole::<u32>(node, decoder, 0, i64::from(LARGEST_COUNT)).and_then(|number| u32::try_from(number).ok())
    }

    fn placeholder() -> u32 {
        1
    }

    fn schema() -> Json {
        json!({ "type": "integer", "minimum": 0, "maximum": LARGEST_COUNT })
    }
}

impl Kind for AtLeastOne {
    const NAME: &'static str = "a whole number";
    const EXAMPLE: &'static str = "2";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<AtLeastOne> {
        let number = whole::<AtLeastOne>(node, decoder, 1, i64::from(LARGEST_COUNT))?;
        u32::try_from(number).ok().map(AtLeastOne)
    }

    fn placeholder() -> AtLeastOne {
        AtLeastOne(1)
    }

    fn schema() -> Json {
        json!({ "type": "integer", "minimum": 1, "maximum": LARGEST_COUNT })
    }
}

impl Kind for FormatVersion {
    const NAME: &'static str = "a whole number";
    const EXAMPLE: &'static str = "1";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<FormatVersion> {
        match node.value {
            Value::Integer(version) => Some(FormatVersion(version)),
            _ => {
                decoder.wrong_kind::<FormatVersion>(node);
                None
            }
        }
    }

    fn placeholder() -> FormatVersion {
        FormatVersion(FORMAT_VERSION)
    }

    fn schema() -> Json {
        json!({ "const": FORMAT_VERSION })
    }
}

impl Kind for u64 {
    const NAME: &'static str = "a whole number";
    const EXAMPLE: &'static str = "1000";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<u64> {
        whole::<u64>(node, decoder, 1, i64::MAX).and_then(|number| u64::try_from(number).ok())
    }

    fn placeholder() -> u64 {
        1
    }

    fn schema() -> Json {
        json!({ "type": "integer", "minimum": 1 })
    }
}

impl Kind for f64 {
    const NAME: &'static str = "a number";
    const EXAMPLE: &'static str = "0.5";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<f64> {
        let number = match &node.value {
            Value::Integer(number) => *number as f64,
            Value::Float(number) => *number,
            _ => {
                decoder.wrong_kind::<f64>(node);
                return None;
            }
        };
        if !(0.0..=LARGEST).contains(&number) {
            let shown = if number.abs() <= LARGEST { number.to_string() } else { format!("{number:e}") };
            decoder.error("out-of-range", node, format!("{shown} cannot be used here")).label =
                Some(format!("from 0 to {LARGEST:e}"));
            decoder.set_help(format!("write for example `{}`", Self::EXAMPLE));
            return None;
        }
        Some(number + 0.0)
    }

    fn placeholder() -> f64 {
        0.0
    }

    fn schema() -> Json {
        json!({ "type": "number", "minimum": 0, "maximum": LARGEST })
    }
}

/// Reads a text with one of the parsers of [`crate::units`], whose error says how to write it.
fn parsed<K: Kind, T>(
    node: &Node,
    decoder: &mut Decoder,
    code: &'static str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Option<T> {
    let number = match &node.value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        _ => {
            decoder.wrong_kind::<K>(node);
            return None;
        }
    };
    match parse(&number) {
        Ok(value) => Some(value),
        Err(sentence) => {
            unit_problem(node, decoder, code, &sentence);
            None
        }
    }
}

/// Reports an error of [`crate::units`] or [`crate::law`]: what is wrong before the colon, the way out after it.
pub fn unit_problem(node: &Node, decoder: &mut Decoder, code: &'static str, sentence: &str) {
    match sentence.split_once(": ") {
        Some((wrong, fix)) => {
            decoder.error(code, node, wrong);
            decoder.set_help(fix);
        }
        None => {
            decoder.error(code, node, sentence);
        }
    }
}

impl Kind for Seconds {
    const NAME: &'static str = "a duration";
    const EXAMPLE: &'static str = "\"30s\"";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<Seconds> {
        parsed::<Seconds, _>(node, decoder, "bad-duration", parse_duration)
    }

    fn placeholder() -> Seconds {
        Seconds(1.0)
    }

    fn schema() -> Json {
        json!({ "$ref": "#/$defs/duration" })
    }
}

impl Kind for Positive {
    const NAME: &'static str = "a duration above 0";
    const EXAMPLE: &'static str = "\"30s\"";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<Positive> {
        let value = Seconds::read(node, decoder)?;
        if value.get() <= 0.0 {
            decoder.error("out-of-range", node, "this duration must be longer than 0");
            decoder.set_help(format!("write for example `{}`", Self::EXAMPLE));
            return None;
        }
        Some(Positive(value))
    }

    fn placeholder() -> Positive {
        Positive(Seconds(1.0))
    }

    fn schema() -> Json {
        json!({ "$ref": "#/$defs/duration" })
    }
}

impl Kind for Fraction {
    const NAME: &'static str = "a fraction";
    const EXAMPLE: &'static str = "\"99.9%\"";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<Fraction> {
        parsed::<Fraction, _>(node, decoder, "bad-fraction", parse_fraction)
    }

    fn placeholder() -> Fraction {
        Fraction::ONE
    }

    fn schema() -> Json {
        json!({ "$ref": "#/$defs/fraction" })
    }
}

impl Kind for Price {
    const NAME: &'static str = "a price";
    const EXAMPLE: &'static str = "\"0.096/h\"";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<Price> {
        parsed::<Price, _>(node, decoder, "bad-price", parse_price)
    }

    fn placeholder() -> Price {
        Price(0.0)
    }

    fn schema() -> Json {
        json!({ "$ref": "#/$defs/price" })
    }
}

/// A value of any kind, which belongs to another key.
#[derive(Debug, Clone, PartialEq)]
pub struct Raw(pub Node);

impl Kind for Raw {
    const NAME: &'static str = "a value";
    const EXAMPLE: &'static str = "\"30s\"";

    fn read(node: &Node, _: &mut Decoder) -> Option<Raw> {
        Some(Raw(node.clone()))
    }

    fn placeholder() -> Raw {
        Raw(Node::empty_table(Default::default()))
    }

    fn schema() -> Json {
        json!({})
    }
}

/// Values of any kind.
#[derive(Debug, Clone, PartialEq)]
pub struct RawList(pub Vec<Node>);

impl Kind for RawList {
    const NAME: &'static str = "a list of values";
    const EXAMPLE: &'static str = "[\"10s\", \"60s\"]";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<RawList> {
        match &node.value {
            Value::List(items) if !items.is_empty() => {
                decoder.few(node.span, items.len(), "values").then(|| RawList(items.clone()))
            }
            Value::List(_) => {
                decoder.error("bad-space", node, "there is nothing to choose from");
                decoder.set_help(format!("write for example `{}`", Self::EXAMPLE));
                None
            }
            _ => {
                decoder.wrong_kind::<RawList>(node);
                None
            }
        }
    }

    fn placeholder() -> RawList {
        RawList(Vec::new())
    }

    fn schema() -> Json {
        json!({ "type": "array", "minItems": 1 })
    }
}

/// Tables of a scenario, not read yet.
#[derive(Debug, Clone, PartialEq)]
pub struct RawTable(pub Node);

impl Kind for RawTable {
    const NAME: &'static str = "a table";
    const EXAMPLE: &'static str = "{ dns = { ttl = \"30s\" } }";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<RawTable> {
        if matches!(node.value, Value::Table(_)) {
            return Some(RawTable(node.clone()));
        }
        decoder.wrong_kind::<RawTable>(node);
        None
    }

    fn placeholder() -> RawTable {
        RawTable(Node::empty_table(Default::default()))
    }

    fn schema() -> Json {
        json!({ "type": "object" })
    }
}

impl Kind for Rate {
    const NAME: &'static str = "a rate";
    const EXAMPLE: &'static str = "\"100/s\"";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<Rate> {
        parsed::<Rate, _>(node, decoder, "bad-rate", parse_rate)
    }

    fn placeholder() -> Rate {
        Rate(1.0)
    }

    fn schema() -> Json {
        json!({ "$ref": "#/$defs/rate" })
    }
}

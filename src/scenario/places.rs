//! Values that name places and parts of the architecture: zones, scopes, records and needs.

use super::decoder::{Decoder, Given, Origin};
use super::kinds::{Name, read_names};
use super::registry::Kind;
use super::similar::listed;
use super::tree::{Entry, Node, Value};
use crate::units::Fraction;
use serde_json::{Value as Json, json};

/// Deepest nesting of needs.
const DEEPEST: usize = 16;

/// The zones of a tier: names, or how many of each region.
#[derive(Debug, Clone, PartialEq)]
pub enum ZoneChoice {
    /// These zones.
    Names(Vec<Given<String>>),
    /// The first so many of each region.
    First(u32),
}

impl Kind for ZoneChoice {
    const NAME: &'static str = "a list of zones or a number of zones";
    const EXAMPLE: &'static str = "[\"eu-a\", \"eu-b\"]";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<ZoneChoice> {
        match &node.value {
            Value::List(items) if !items.is_empty() => {
                decoder.few(node.span, items.len(), "names").then(|| ZoneChoice::Names(read_names(items, decoder)))
            }
            Value::Integer(number) if *number >= 1 => match u32::try_from(*number) {
                Ok(number) => Some(ZoneChoice::First(number)),
                Err(_) => Some(ZoneChoice::First(u32::MAX)),
            },
            Value::List(_) | Value::Integer(_) => {
                decoder.error("out-of-range", node, "a tier needs at least one zone");
                decoder.set_help(format!("write for example `{}` or `2`; without `zones` it uses all", Self::EXAMPLE));
                None
            }
            _ => {
                decoder.wrong_kind::<ZoneChoice>(node);
                None
            }
        }
    }

    fn placeholder() -> ZoneChoice {
        ZoneChoice::First(u32::MAX)
    }

    fn schema() -> Json {
        json!({ "anyOf": [
            { "type": "array", "items": { "type": "string", "minLength": 1 }, "minItems": 1 },
            { "type": "integer", "minimum": 1 }
        ] })
    }
}

/// What a failure takes down, as written: `unit:web`, `zone`, `control-plane:global`.
#[derive(Debug, Clone, PartialEq)]
pub struct Scopes(pub Vec<Given<ScopeText>>);

/// One scope, split at its colon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeText {
    /// What kind of thing.
    pub what: ScopeKind,
    /// Which one, where one is named.
    pub name: Option<String>,
}

/// Kinds of scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeKind {
    /// `unit:TIER`
    Unit,
    /// `database:NAME`
    Database,
    /// `tier:TIER`
    Tier,
    /// `zone` or `zone:NAME`
    Zone,
    /// `region` or `region:NAME`
    Region,
    /// `control-plane`, `control-plane:REGION` or `control-plane:global`
    ControlPlane,
    /// `dependency:NAME`
    Dependency,
    /// `global`
    Global,
}

const SCOPES: [(&str, ScopeKind); 8] = [
    ("unit", ScopeKind::Unit),
    ("database", ScopeKind::Database),
    ("tier", ScopeKind::Tier),
    ("zone", ScopeKind::Zone),
    ("region", ScopeKind::Region),
    ("control-plane", ScopeKind::ControlPlane),
    ("dependency", ScopeKind::Dependency),
    ("global", ScopeKind::Global),
];

impl ScopeKind {
    /// The word before the colon.
    pub fn word(self) -> &'static str {
        SCOPES.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }
}

impl Kind for Scopes {
    const NAME: &'static str = "a scope";
    const EXAMPLE: &'static str = "\"unit:web\"";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<Scopes> {
        let items = decoder.one_or_more::<Scopes>(node, "bad-scope", "a scope names at least one place")?;
        if !decoder.few(node.span, items.len(), "scopes") {
            return None;
        }
        let mut list: Vec<Given<ScopeText>> = Vec::with_capacity(items.len());
        let mut sound = true;
        for item in items {
            match scope(item, decoder) {
                Some(value) => {
                    let place = decoder.place(item.span);
                    if list.iter().any(|other| other.value == value) {
                        decoder.error("duplicate-name", item, "this scope is named twice");
                        decoder.set_help("leave one out");
                        sound = false;
                    }
                    list.push(Given { value, place, origin: Origin::Stated });
                }
                None => sound = false,
            }
        }
        if let Some(other) = list.iter().find(|other| other.value.what != list[0].value.what) {
            let message = format!(
                "a failure mode has scopes of one kind, not `{}` and `{}`",
                list[0].value.what.word(),
                other.value.what.word()
            );
            let problem = super::problem::Problem::error("bad-scope", &other.place, message);
            decoder.report(problem.help("write one `[failure.NAME]` for each kind of scope"));
            sound = false;
        }
        sound.then_some(Scopes(list))
    }

    fn placeholder() -> Scopes {
        Scopes(Vec::new())
    }

    fn schema() -> Json {
        let pattern = "^\\s*((unit|database|tier|dependency):.+|(zone|region|control-plane)(:.+)?|global)\\s*$";
        let one = json!({ "type": "string", "pattern": pattern });
        json!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
    }
}

fn scope(node: &Node, decoder: &mut Decoder) -> Option<ScopeText> {
    let Value::Text(text) = &node.value else {
        decoder.wrong_kind::<Scopes>(node);
        return None;
    };
    let (word, name) = match text.trim().split_once(':') {
        Some((word, name)) => (word.trim(), Some(name.trim().to_owned())),
        None => (text.trim(), None),
    };
    let Some((_, what)) = SCOPES.iter().find(|(known, _)| *known == word) else {
        let words = || SCOPES.iter().map(|(word, _)| *word);
        let label = super::similar::nearest(word, words()).map(|meant| format!("did you mean `{meant}`?"));
        decoder.error("bad-scope", node, format!("`{word}` is not a kind of scope")).label = label;
        decoder.set_help(format!("scopes are {}, with a name after a colon such as `unit:web`", listed(words())));
        return None;
    };
    let needs_name = matches!(what, ScopeKind::Unit | ScopeKind::Database | ScopeKind::Tier | ScopeKind::Dependency);
    match &name {
        None if needs_name => {
            decoder.error("bad-scope", node, format!("the scope `{word}` needs a name"));
            decoder.set_help(format!("write `{word}:NAME`"));
            return None;
        }
        Some(name) if *what == ScopeKind::Global || name.is_empty() => {
            let message = match name.is_empty() {
                true => format!("there is no name after the colon of `{}`", text.trim()),
                false => "the scope `global` takes no name".to_owned(),
            };
            decoder.error("bad-scope", node, message);
            decoder.set_help(format!(
                "write `{word}`{}",
                if *what == ScopeKind::Global { "" } else { " or add the name" }
            ));
            return None;
        }
        _ => {}
    }
    Some(ScopeText { what: *what, name })
}

/// What a DNS name answers, as written.
#[derive(Debug, Clone, PartialEq)]
pub enum RecordText {
    /// `{ failover = ["first", "second"] }`
    Failover(Vec<Given<String>>),
    /// `{ weighted = { a = 0.7, b = 0.3 } }`
    Weighted(Vec<(Given<String>, f64)>),
    /// `{ latency = { europe = { share = 0.6, prefers = ["a", "b"] }, ... } }`
    Latency(Vec<PopulationText>),
}

/// Clients of a latency record, as written.
#[derive(Debug, Clone, PartialEq)]
pub struct PopulationText {
    /// Its name.
    pub name: String,
    /// Share of the demand.
    pub share: Given<Fraction>,
    /// Regions, the nearest first.
    pub prefers: Vec<Given<String>>,
}

impl Kind for RecordText {
    const NAME: &'static str = "a record";
    const EXAMPLE: &'static str = "{ failover = [\"eu\", \"us\"] }";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<RecordText> {
        let entry = match &node.value {
            Value::Table(table) if table.entries.len() == 1 => &table.entries[0],
            _ => {
                decoder.error("bad-record", node, "a record is `failover`, `weighted` or `latency`");
                decoder.set_help(format!("write `{}` or `{{ weighted = {{ eu = 0.7, us = 0.3 }} }}`", Self::EXAMPLE));
                return None;
            }
        };
        let key = entry.key.as_str();
        decoder.within(key, |decoder| match (key, &entry.node.value) {
            ("failover", Value::List(items)) if !items.is_empty() => decoder
                .few(entry.node.span, items.len(), "regions")
                .then(|| RecordText::Failover(read_names(items, decoder))),

            ("weighted", Value::Table(table)) if !table.entries.is_empty() => {
                if !decoder.few(entry.node.span, table.entries.len(), "regions") {
                    return None;
                }
                let mut weights = Vec::with_capacity(table.entries.len());
                for region in &table.entries {
                    let weight = decoder.within(&region.key, |decoder| decoder.read::<f64>(&region.node))?;
                    let place = decoder.place(region.span);
                    weights.push((Given { value: region.key.clone(), place, origin: Origin::Stated }, weight));
                }
                if weights.iter().map(|(_, weight)| weight).sum::<f64>() <= 0.0 {
                    decoder.error("bad-weights", &entry.node, "all weights are 0");
                    decoder.set_help("give at least one region a weight above 0");
                    return None;
                }
                Some(RecordText::Weighted(weights))
            }
            ("latency", Value::Table(table)) if !table.entries.is_empty() => {
                if !decoder.few(entry.node.span, table.entries.len(), "populations") {
                    return None;
                }
                let read: Vec<Option<PopulationText>> = (table.entries.iter())
                    .map(|entry| decoder.within(&entry.key, |decoder| population(entry, decoder)))
                    .collect();
                read.into_iter().collect::<Option<_>>().map(RecordText::Latency)
            }
            ("latency", _) => {
                decoder.error("bad-record", &entry.node, "a latency record names populations of clients");
                decoder.set_help(format!("write `{LATENCY}`"));
                None
            }
            ("failover" | "weighted", _) => {
                decoder.error("bad-record", &entry.node, format!("a {key} record names regions"));
                decoder.set_help(format!("write `{}` or `{{ weighted = {{ eu = 0.7, us = 0.3 }} }}`", Self::EXAMPLE));
                None
            }
            _ => {
                let place = decoder.place(entry.span);
                let mut problem =
                    super::problem::Problem::error("bad-record", &place, format!("`{key}` is not a kind of record"));
                if let Some(meant) = super::similar::nearest(key, ["failover", "weighted", "latency"]) {
                    problem = problem.label(format!("did you mean `{meant}`?"));
                }
                decoder.report(problem.help("a record is `failover`, `weighted` or `latency`"));
                None
            }
        })
    }

    fn placeholder() -> RecordText {
        RecordText::Failover(Vec::new())
    }

    fn schema() -> Json {
        json!({ "oneOf": [
            { "type": "object", "additionalProperties": false, "required": ["failover"], "properties": {
                "failover": { "type": "array", "items": { "type": "string" }, "minItems": 1 } } },
            { "type": "object", "additionalProperties": false, "required": ["weighted"], "properties": {
                "weighted": { "type": "object", "additionalProperties": { "type": "number", "minimum": 0 }, "minProperties": 1 } } },
            { "type": "object", "additionalProperties": false, "required": ["latency"], "properties": {
                "latency": { "type": "object", "minProperties": 1, "additionalProperties": {
                    "type": "object", "additionalProperties": false, "required": ["share", "prefers"], "properties": {
                        "share": { "$ref": "#/$defs/fraction" },
                        "prefers": { "type": "array", "items": { "type": "string" }, "minItems": 1 } } } } } }
        ] })
    }
}

/// A latency record, for help texts.
const LATENCY: &str = "{ latency = { europe = { share = 0.6, prefers = [\"eu\", \"us\"] }, america = { share = 0.4, prefers = [\"us\"] } } }";

/// `europe = { share = 0.6, prefers = ["eu", "us"] }`
fn population(entry: &Entry, decoder: &mut Decoder) -> Option<PopulationText> {
    let parts = match &entry.node.value {
        Value::Table(table) if table.entries.len() == 2 => table.get("share").zip(table.get("prefers")),
        _ => None,
    };
    let Some((share, Node { value: Value::List(items), .. })) = parts else {
        decoder.error(
            "bad-record",
            &entry.node,
            format!("the population `{}` has a share and prefers regions", entry.key),
        );
        decoder.set_help(format!("write `{LATENCY}`"));
        return None;
    };
    let given = decoder.within("share", |decoder| {
        let place = decoder.place(share.span);
        decoder.read::<Fraction>(share).map(|value| Given { value, place, origin: Origin::Stated })
    })?;
    let prefers = decoder.within("prefers", |decoder| read_names(items, decoder));
    if prefers.is_empty() {
        decoder.error("bad-record", &entry.node, format!("the population `{}` prefers no region", entry.key));
        decoder.set_help(format!("write `{LATENCY}`"));
        return None;
    }
    Some(PopulationText { name: entry.key.clone(), share: given, prefers })
}

/// What a stack requires, as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Requirements(pub Vec<Want>);

/// One requirement.
#[derive(Debug, Clone, PartialEq)]
pub enum Want {
    /// A tier, a database or a dependency.
    Name(Given<String>),
    /// `{ all_of = [...] }`
    AllOf(Vec<Want>),
    /// `{ any_of = [...] }`
    AnyOf(Vec<Want>),
    /// `{ k_of = 2, of = [...] }`
    KOf(usize, Vec<Want>),
}

impl Kind for Requirements {
    const NAME: &'static str = "a list of requirements";
    const EXAMPLE: &'static str = "[\"web\", \"db\"]";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<Requirements> {
        wants(node, decoder, 0).map(Requirements)
    }

    fn placeholder() -> Requirements {
        Requirements(Vec::new())
    }

    fn schema() -> Json {
        json!({ "$ref": "#/$defs/requirements" })
    }
}

fn wants(node: &Node, decoder: &mut Decoder, depth: usize) -> Option<Vec<Want>> {
    let items = match &node.value {
        Value::List(items) if !items.is_empty() => items,
        Value::List(_) => {
            decoder.error("empty-requirements", node, "this list requires nothing");
            decoder
                .set_help(format!("name tiers, databases and dependencies, for example `{}`", Requirements::EXAMPLE));
            return None;
        }
        _ => {
            decoder.wrong_kind::<Requirements>(node);
            return None;
        }
    };
    if !decoder.few(node.span, items.len(), "requirements") {
        return None;
    }
    if depth > DEEPEST {
        decoder.error("too-deep", node, format!("requirements are nested more than {DEEPEST} deep"));
        decoder.set_help("flatten them: all-of within all-of is one list");
        return None;
    }
    let read: Vec<Option<Want>> = items.iter().map(|item| want(item, decoder, depth)).collect();
    read.into_iter().collect()
}

fn want(node: &Node, decoder: &mut Decoder, depth: usize) -> Option<Want> {
    let table = match &node.value {
        Value::Text(text) if !text.trim().is_empty() => {
            let place = decoder.place(node.span);
            return Some(Want::Name(Given { value: text.trim().to_owned(), place, origin: Origin::Stated }));
        }
        Value::Text(_) => {
            Name::read(node, decoder);
            return None;
        }
        Value::Table(table) => table,
        _ => {
            decoder.error("wrong-kind", node, format!("a requirement is a name or a table, not {}", node.value.noun()));
            decoder.set_help("write a name, `{ all_of = [...] }`, `{ any_of = [...] }` or `{ k_of = 2, of = [...] }`");
            return None;
        }
    };
    let mut keys: Vec<&str> = table.entries.iter().map(|entry| entry.key.as_str()).collect();
    keys.sort_unstable();
    match (keys.as_slice(), table.entries.first()) {
        (["all_of"], Some(entry)) => wants(&entry.node, decoder, depth + 1).map(Want::AllOf),
        (["any_of"], Some(entry)) => wants(&entry.node, decoder, depth + 1).map(Want::AnyOf),
        (["k_of", "of"], _) => {
            let (k, of) = table.get("k_of").zip(table.get("of"))?;
            let members = wants(of, decoder, depth + 1);
            let number = decoder.within("k_of", |decoder| decoder.read::<u32>(k));
            let (members, number) = (members?, number? as usize);
            if number < 1 || number > members.len() {
                decoder.error("k-out-of-range", k, format!("{number} of {} cannot be required", members.len())).label =
                    Some(format!("from 1 to {}", members.len()));
                decoder.set_help("`k_of` counts the members of `of` that must serve");
                return None;
            }
            Some(Want::KOf(number, members))
        }
        _ => {
            decoder.error("bad-requirement", node, "a requirement table is `all_of`, `any_of` or `k_of` with `of`");
            decoder.set_help("write `{ all_of = [...] }`, `{ any_of = [...] }` or `{ k_of = 2, of = [...] }`");
            None
        }
    }
}

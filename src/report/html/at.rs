//! A place in a result document. Every number of the page is read here, and so keeps its text and its address.

use crate::report::csv::number;
use crate::report::value::{Glyphs, Reading, SMALL_SAMPLE_MARK, Unit, count, grouped};
use crate::statistics::{Estimate, SMALL_SAMPLE};
use crate::study::OpenEstimate;
use maud::{Markup, html};
use serde_json::Value;

/// What is read from a file says by its method alone whether its sample was large enough.
const READ: &str = "as written in the result";

/// A value, and where it stands: the number of the document, then its JSON pointer.
#[derive(Debug, Clone)]
pub(in crate::report) struct At<'a> {
    value: &'a Value,
    pointer: String,
}

impl<'a> At<'a> {
    /// The whole of the document that was given in this place.
    pub fn document(value: &'a Value, place: usize) -> Self {
        Self { value, pointer: place.to_string() }
    }

    /// What a key holds; null where there is none.
    pub fn key(&self, key: &str) -> Self {
        let escaped = key.replace('~', "~0").replace('/', "~1");
        Self { value: &self.value[key], pointer: format!("{}/{escaped}", self.pointer) }
    }

    /// What a path of keys holds, as `recovery_time_seconds.p95`.
    pub fn path(&self, path: &str) -> Self {
        path.split('.').fold(self.clone(), |at, key| at.key(key))
    }

    /// An element of a list.
    pub fn nth(&self, place: usize) -> Self {
        Self { value: &self.value[place], pointer: format!("{}/{place}", self.pointer) }
    }

    /// The elements of a list; none of what is no list.
    pub fn items(&self) -> Vec<Self> {
        (0..self.value.as_array().map_or(0, Vec::len)).map(|place| self.nth(place)).collect()
    }

    /// A text; empty where there is none.
    pub fn text(&self) -> &'a str {
        self.value.as_str().unwrap_or_default()
    }

    /// The texts of a list.
    pub fn texts(&self) -> Vec<&'a str> {
        self.value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// A number.
    pub fn number(&self) -> Option<f64> {
        self.value.as_f64()
    }

    /// True, and not just there.
    pub fn is_true(&self) -> bool {
        self.value == &Value::Bool(true)
    }

    /// The text of the value, and where it stands.
    pub fn address(&self) -> (String, &str) {
        (self.value.to_string(), &self.pointer)
    }

    /// The value for a file of numbers: with all its digits, and nothing where nothing is known.
    pub fn exact(&self) -> String {
        match self.value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Number(_) => self.number().map(number).unwrap_or_default(),
            other => other.to_string(),
        }
    }

    /// An estimate and the ends of its interval, for a file of numbers.
    pub fn exact_interval(&self) -> [String; 3] {
        ["estimate", "low", "high"].map(|key| self.key(key).exact())
    }

    /// Whether the values are equal.
    pub fn holds_the_same(&self, other: &Self) -> bool {
        self.value == other.value
    }

    /// Nothing is known.
    pub fn is_null(&self) -> bool {
        self.value.is_null()
    }

    /// An estimate; a bound that is null is unbounded.
    pub fn estimate(&self) -> Option<Estimate> {
        let bound = |key: &str, open: f64| self.value[key].as_f64().unwrap_or(open);
        let small = self.value["method"].as_str() == Some(SMALL_SAMPLE);
        Some(Estimate {
            estimate: self.value["estimate"].as_f64()?,
            low: bound("low", f64::NEG_INFINITY),
            high: bound("high", f64::INFINITY),
            level: bound("level", f64::NAN),
            method: if small { SMALL_SAMPLE } else { READ },
        })
    }

    /// Nines, whose estimate may be unbounded too.
    pub fn nines(&self) -> Option<OpenEstimate> {
        Some(OpenEstimate {
            estimate: self.value["estimate"].as_f64(),
            low: self.value["low"].as_f64()?,
            high: self.value["high"].as_f64(),
            level: self.value["level"].as_f64().unwrap_or(f64::NAN),
            method: READ,
        })
    }

    /// This number, written as people read it.
    pub fn data(&self, text: &str) -> Markup {
        if self.value.is_null() {
            return html! { (text) };
        }
        html! { data value=(self.value) data-at=(self.pointer) { (text) } }
    }

    /// This number as a count: whole ones without decimals.
    pub fn counted(&self) -> Markup {
        let text = match self.number() {
            None => "–".to_owned(),
            Some(number) if number.fract() == 0.0 && number.abs() < 1e9 => grouped(number),
            Some(number) => count(number),
        };
        self.data(&text)
    }

    /// This number with all its digits.
    pub fn as_written(&self) -> Markup {
        self.data(&self.value.to_string())
    }

    /// The estimate with its interval below it; `absent` where there is none.
    pub fn reading(&self, unit: Unit, absent: &str) -> Markup {
        match self.estimate() {
            Some(estimate) => self.shown(&Reading::of(&estimate, unit, Glyphs::UNICODE)),
            None => html! { span.absent { (absent) } },
        }
    }

    /// The same, without an interval where there is no doubt.
    pub fn sure(&self, unit: Unit) -> Markup {
        match self.estimate() {
            Some(it) if it.low == it.high => self.key("estimate").data(&Reading::of(&it, unit, Glyphs::UNICODE).value),
            _ => self.reading(unit, "–"),
        }
    }

    /// The numbers of an estimate, written like this.
    pub fn shown(&self, reading: &Reading) -> Markup {
        html! {
            @if self.key("estimate").is_null() || reading.ends().is_none() && reading.interval.is_some() {
                // What bounds it is all that is known.
                (self.bounding().data(&reading.value))
            } @else {
                (self.key("estimate").data(&reading.value))
            }
            @match (reading.ends(), &reading.interval) {
                (Some((low, high)), Some(text)) => {
                    " " span.interval {
                        "[" (self.key("low").data(low)) ", " (self.key("high").data(high)) "]"
                        @if text.ends_with(SMALL_SAMPLE_MARK) { (SMALL_SAMPLE_MARK) }
                    }
                }
                (None, Some(text)) => { " " span.interval { (text) } }
                _ => {}
            }
        }
    }

    /// The bound of an estimate that is open at the other end.
    fn bounding(&self) -> Self {
        self.key("low")
    }
}

//! Values that are not known: what is believed about them, and the value at a quantile of that belief.
//!
//! A scenario says what to simulate when nothing is asked about its inputs; `[[unknown]]` tables beside it say how little is known about some
//! of them. They change nothing until an uncertainty analysis draws from them, by setting the key as a sweep would.

use super::catalog::{Entry, Form};
use super::decoder::{Decoder, Given};
use super::problem::Problem;
use super::registry::Kind;
use super::tables;
use super::tree::{Node, Value};
use crate::law::Law;
use crate::units::{parse_duration, parse_fraction, parse_rate};
use serde_json::{Value as Json, json};

/// A key whose value is not known.
#[derive(Debug, Clone, PartialEq)]
pub struct Unknown {
    /// Path of the key.
    pub key: String,
    belief: Belief,
}

#[derive(Debug, Clone, PartialEq)]
enum Belief {
    /// Equally likely anywhere between two values.
    Between(Span),
    /// A duration of this law.
    Law(Law),
    /// So many events in so many seconds.
    Events { events: u32, exposure: f64 },
}

/// Two values of one kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    low: f64,
    high: f64,
    kind: Quantity,
}

/// What a number counts, and so how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// A duration.
    Seconds,
    /// A rate.
    PerSecond,
    /// A fraction, or any number.
    Fraction,
    /// A count.
    Whole,
}

impl Quantity {
    /// As a scenario writes it.
    pub fn written(self, value: f64) -> String {
        match self {
            Quantity::Seconds => format!("{value}s"),
            Quantity::PerSecond => format!("{value}/s"),
            Quantity::Fraction => format!("{value}"),
            Quantity::Whole => format!("{}", value.round()),
        }
    }

    /// What a value is, with its number in SI units.
    pub fn of(node: &Node) -> Option<(Quantity, f64)> {
        match &node.value {
            Value::Integer(number) => Some((Quantity::Whole, *number as f64)),
            Value::Float(number) if number.is_finite() => Some((Quantity::Fraction, *number)),
            Value::Text(text) => (parse_duration(text).map(|value| (Quantity::Seconds, value.0)))
                .or_else(|_| parse_rate(text).map(|value| (Quantity::PerSecond, value.0)))
                .or_else(|_| parse_fraction(text).map(|value| (Quantity::Fraction, value.get())))
                .ok(),
            _ => None,
        }
    }
}

impl Unknown {
    /// The value at a quantile of what is believed, `0 < u < 1`, as a scenario would write it.
    ///
    /// Of a rate, after k events in a time T, the belief is a Gamma law of shape k + 1/2 and scale 1/T: what Jeffreys' prior becomes by a Poisson
    /// count (Gelman et al. 2013, "Bayesian Data Analysis", 3rd ed., section 2.8); the value is the mean time 1 / rate.
    #[must_use]
    pub fn value(&self, u: f64) -> String {
        match &self.belief {
            Belief::Between(span) => {
                let width =
                    if span.kind == Quantity::Whole { span.high - span.low + 1.0 } else { span.high - span.low };
                let start = if span.kind == Quantity::Whole { span.low - 0.5 } else { span.low };
                span.kind.written(start + u * width)
            }
            Belief::Law(law) => Quantity::Seconds.written(law.quantile(u)),
            Belief::Events { events, exposure } => {
                let rate = Law::Gamma { shape: f64::from(*events) + 0.5, scale: 1.0 / exposure };
                Quantity::Seconds.written(1.0 / rate.quantile(1.0 - u))
            }
        }
    }

    /// Equally likely anywhere between the least and the largest value that the catalog knows of an entry, whose key it has. None where there
    /// are no two, and for laws, whose spread is random and not unknown.
    #[must_use]
    pub fn of_entry(entry: &Entry) -> Option<Unknown> {
        let (kind, factor) = match entry.form {
            Form::Fixed => (Quantity::Seconds, entry.unit_seconds()?),
            Form::Rate => (Quantity::PerSecond, 1.0 / entry.unit_seconds()?),
            Form::Fraction => (Quantity::Fraction, if entry.unit == "percent" { 0.01 } else { 1.0 }),
            Form::Count => (Quantity::Whole, 1.0),
            Form::Uniform | Form::Lognormal | Form::Word | Form::Price => return None,
        };
        let (low, high) = (entry.low? * factor, entry.high? * factor);
        let belief = Belief::Between(Span { low, high, kind });
        (low < high).then(|| Unknown { key: entry.key.clone(), belief })
    }
}

/// What the tables say; each needs exactly one way to say it.
pub fn resolve(tables: &[tables::Unknown], problems: &mut Vec<Problem>) -> Vec<Unknown> {
    let mut unknowns: Vec<Unknown> = Vec::new();
    for table in tables {
        let Some(key) = table.key.sound().map(|key| key.0.trim().to_owned()) else { continue };
        if unknowns.iter().any(|known| known.key == key) {
            let problem = Problem::error("duplicate-name", &table.key.place, format!("`{key}` is unknown twice"));
            problems.push(problem.help("say once what is known about it"));
            continue;
        }
        let belief = match (&table.between, &table.law, &table.events, &table.exposure) {
            (Some(between), None, None, None) => between.sound().map(|span| Belief::Between(*span)),
            (None, Some(law), None, None) => law.sound().map(|law| Belief::Law(law.clone())),
            (None, None, Some(events), Some(exposure)) => (events.sound().zip(exposure.sound()))
                .map(|(events, exposure)| Belief::Events { events: *events, exposure: exposure.0.0 }),
            _ => {
                let problem =
                    Problem::error("bad-unknown", &table.place, format!("it is not clear what is known about `{key}`"));
                problems.push(problem.help(
                    "write exactly one of `between = [LOW, HIGH]`, `law = LAW`, or both `events = COUNT` and `exposure = DURATION`",
                ));
                None
            }
        };
        unknowns.extend(belief.map(|belief| Unknown { key, belief }));
    }
    unknowns
}

impl Kind for Span {
    const NAME: &'static str = "two values of a kind";
    const EXAMPLE: &'static str = "[\"30d\", \"90d\"]";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<Span> {
        let Value::List(items) = &node.value else {
            decoder.wrong_kind::<Span>(node);
            return None;
        };
        let read: Vec<(Quantity, f64)> = items.iter().filter_map(Quantity::of).collect();
        match (items.len(), read.as_slice()) {
            (2, [(kind, low), (other, high)]) if kind == other && low < high && *low >= 0.0 => {
                Some(Span { low: *low, high: *high, kind: *kind })
            }
            _ => {
                decoder.error(
                    "bad-unknown",
                    node,
                    "two durations, rates, fractions or counts are expected, the lower one first",
                );
                decoder.set_help(format!("write for example `{}`", Self::EXAMPLE));
                None
            }
        }
    }

    fn placeholder() -> Span {
        Span { low: 0.0, high: 1.0, kind: Quantity::Fraction }
    }

    fn schema() -> Json {
        json!({ "type": "array", "items": { "type": ["string", "number"] }, "minItems": 2, "maxItems": 2 })
    }
}

/// Where the key of an unknown stands.
pub fn place(tables: &[tables::Unknown], key: &str) -> Option<super::problem::Place> {
    let of = |table: &&tables::Unknown| table.key.value.0.trim() == key;
    tables.iter().find(of).map(|table| Given::clone(&table.key).place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(belief: Belief) -> Unknown {
        Unknown { key: "k".to_owned(), belief }
    }

    #[test]
    fn values_are_written_as_a_scenario_would() {
        let between = |low, high, kind| unknown(Belief::Between(Span { low, high, kind }));
        assert_eq!(between(60.0, 120.0, Quantity::Seconds).value(0.25), "75s");
        assert_eq!(between(0.1, 0.3, Quantity::Fraction).value(0.5), "0.2");
        assert_eq!(between(1.0, 3.0, Quantity::PerSecond).value(0.5), "2/s");
        let whole = between(2.0, 4.0, Quantity::Whole);
        assert_eq!([0.01, 0.3, 0.34, 0.6, 0.7, 0.99].map(|u| whole.value(u)), ["2", "2", "3", "3", "4", "4"]);
    }

    #[test]
    fn catalog_entries_are_unknown_between_their_extremes() {
        let value = |key: &str| {
            let entry = crate::scenario::catalog().get(key).expect("an entry");
            Unknown::of_entry(entry).map(|unknown| unknown.value(0.5))
        };
        assert_eq!(value("aurora.failover").as_deref(), Some("35s"));
        assert_eq!(value("ec2.auto_recovery").as_deref(), Some("540s"), "9 min");
        assert_eq!(value("rds.multi_az.coverage").as_deref(), Some("0.9525"));
        assert_eq!(value("route53.health_check.threshold").as_deref(), Some("6"), "1 to 10");
        let rate = value("app.crash.rate").expect("a rate");
        assert!((parse_rate(&rate).expect("a rate").0 * 365.0 * 86_400.0 - 26.5).abs() < 1e-9, "{rate}");
        assert_eq!(value("rds.multi_az.failover"), None, "a law");
        assert_eq!(value("alb.cross_zone"), None, "a word");
    }

    #[test]
    fn events_leave_a_gamma_belief_about_the_rate() {
        // With k events in T, twice the rate times T is chi-square with 2 k + 1 degrees of freedom: for k = 0 the square of a standard normal number,
        // whose median is 0.6744897501960817² = 0.454936423119573.
        let value = unknown(Belief::Events { events: 0, exposure: 1_000.0 }).value(0.5);
        let mean: f64 = value.trim_end_matches('s').parse().expect("a number");
        assert!((mean - 2.0 * 1_000.0 / 0.454_936_423_119_573).abs() < 1e-6 * mean, "{mean}");
        // For k = 1 it has 3 degrees of freedom: 5, 50 and 95 % quantiles of tables of chi-square. Low rates are long times.
        let one = unknown(Belief::Events { events: 1, exposure: 1_000.0 });
        for (u, chi_square) in [(0.95, 0.351_846), (0.5, 2.365_974), (0.05, 7.814_728)] {
            let mean: f64 = one.value(u).trim_end_matches('s').parse().expect("a number");
            assert!((mean - 2_000.0 / chi_square).abs() < 2e-6 * mean, "{u}: {mean}");
        }
    }
}

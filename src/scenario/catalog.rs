//! Cited values: the defaults of cloud services and measured failure rates, each with its source, date and grade.
//!
//! The table is `catalog.csv` beside this file. A scenario names an entry as `"catalog:KEY"`.

use super::registry::{Absence, Shape, TableShape};
use super::tables::Scenario;
use super::tree::{self, Value};
use crate::law::Law;
use crate::model::Assumption;
use crate::units::{Fraction, MONTH_HOURS, Price, Rate, Seconds, parse_fraction};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// What a catalog value starts with in a scenario.
pub const PREFIX: &str = "catalog:";

const TEXT: &str = include_str!("catalog.csv");

/// The entries, by key.
#[derive(Debug)]
pub struct Catalog {
    entries: Vec<Entry>,
}

/// How a value is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A duration.
    Fixed,
    /// A duration, uniform from `low` to `high`.
    Uniform,
    /// A lognormal duration; the value is mean and standard deviation of the logarithm, in minutes.
    Lognormal,
    /// A rate; where a law is expected, exponential with its mean.
    Rate,
    /// A fraction.
    Fraction,
    /// A number of things.
    Count,
    /// A word of the format.
    Word,
    /// Money over time, or for a million of something.
    Price,
}

/// One cited value.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Entry {
    /// Name, e.g. `alb.health_check.interval`.
    pub key: String,
    /// The value in its unit.
    pub value: String,
    /// Unit.
    pub unit: String,
    /// Least value in use or seen, if known.
    pub low: Option<f64>,
    /// Largest value in use or seen, if known.
    pub high: Option<f64>,
    /// How the value is used.
    pub form: Form,
    /// Title of the source.
    pub source: String,
    /// Address of the source; empty if there is none.
    pub url: String,
    /// Date of the source.
    pub date: String,
    /// Evidence: V read in the source, S secondary, D derived, M recalled, A assumption, B the lesson.
    pub grade: String,
    /// What to know about it.
    pub note: String,
}

/// The catalog.
pub fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| {
        let mut entries: Vec<Entry> =
            csv::Reader::from_reader(TEXT.as_bytes()).deserialize().filter_map(Result::ok).collect();
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        Catalog { entries }
    })
}

impl Catalog {
    /// The entry of a key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        let index = self.entries.binary_search_by(|entry| entry.key.as_str().cmp(key)).ok()?;
        self.entries.get(index)
    }

    /// All keys, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.key.as_str())
    }

    /// All entries, sorted by key.
    pub fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.entries.iter()
    }
}

impl Entry {
    fn number(&self) -> Option<f64> {
        self.value.parse().ok()
    }

    /// Seconds of one unit, for durations and for the time of a rate.
    pub(super) fn unit_seconds(&self) -> Option<f64> {
        Some(match self.unit.as_str() {
            "s" | "per_second" => 1.0,
            "min" => 60.0,
            "h" => 3600.0,
            "per_week" => 7.0 * Seconds::DAY.get(),
            "d" => Seconds::DAY.get(),
            "per_year" => Seconds::YEAR.get(),
            _ => return None,
        })
    }

    /// The value as a fixed duration.
    pub fn duration(&self) -> Option<Seconds> {
        match self.form {
            Form::Fixed => Some(Seconds(self.number()? * self.unit_seconds()?)),
            _ => None,
        }
    }

    /// The value as the law of a duration.
    pub fn law(&self) -> Option<Law> {
        match self.form {
            Form::Fixed => Law::fixed(self.duration()?.get()).ok(),
            Form::Uniform => Law::uniform(self.low? * self.unit_seconds()?, self.high? * self.unit_seconds()?).ok(),
            Form::Lognormal => {
                let (mu, sigma) = self.value.split_once(';')?;
                Law::lognormal_median(libm::exp(mu.parse().ok()?) * 60.0, sigma.parse().ok()?).ok()
            }
            _ => None,
        }
    }

    /// The value as the law of a time to failure: of a rate, exponential with its mean.
    pub fn time_to_failure(&self) -> Option<Law> {
        match self.form {
            Form::Rate => Law::exponential(self.rate()?.interval()?.get()).ok(),
            Form::Fixed => Law::exponential(self.duration()?.get()).ok(),
            _ => self.law(),
        }
    }

    /// The value as a rate.
    pub fn rate(&self) -> Option<Rate> {
        match self.form {
            Form::Rate => Rate::new(self.number()? / self.unit_seconds()?),
            _ => None,
        }
    }

    /// The value as a fraction.
    pub fn fraction(&self) -> Option<Fraction> {
        match (self.form, self.unit.as_str()) {
            (Form::Fraction, "percent") => parse_fraction(&format!("{}%", self.value)).ok(),
            (Form::Fraction, _) => Fraction::new(self.number()?),
            _ => None,
        }
    }

    /// The value as a price.
    pub fn price(&self) -> Option<Price> {
        match (self.form, self.unit.as_str()) {
            (Form::Price, "per_hour") => Some(Price(self.number()?)),
            (Form::Price, "per_month") => Some(Price(self.number()? / MONTH_HOURS)),
            _ => None,
        }
    }

    /// What kind of value it is, with article.
    pub fn noun(&self) -> &'static str {
        match self.form {
            Form::Fixed => "a duration",
            Form::Uniform | Form::Lognormal => "a law",
            Form::Rate => "a rate",
            Form::Fraction => "a fraction",
            Form::Count => "a count",
            Form::Word => "a word",
            Form::Price => "a price",
        }
    }

    /// The value in TOML.
    pub(super) fn toml(&self) -> String {
        let seconds = |value: f64| Seconds(value * self.unit_seconds().unwrap_or(1.0)).to_scenario();
        match self.form {
            Form::Fixed => format!("\"{}\"", self.number().map_or(String::new(), seconds)),
            Form::Uniform => {
                let end = |value: Option<f64>| value.map_or(String::new(), seconds);
                format!("{{ uniform = [\"{}\", \"{}\"] }}", end(self.low), end(self.high))
            }
            Form::Lognormal => {
                let (mu, sigma) = self.value.split_once(';').unwrap_or((&self.value, "0"));
                // Seven digits: more than the data support, and readable.
                let median = mu.parse::<f64>().map_or(0.0, |mu| (libm::exp(mu) * 60e3).round() / 1e3);
                format!("{{ lognormal = {{ median = \"{median}s\", sigma = {} }} }}", sigma.parse().unwrap_or(0.0_f64))
            }
            Form::Rate => {
                let per = self.unit.strip_prefix("per_").map_or("y", |time| match time {
                    "week" => "w",
                    "second" => "s",
                    _ => "y",
                });
                format!("\"{}/{per}\"", self.value)
            }
            Form::Fraction if self.unit == "percent" => format!("\"{}%\"", self.value),
            Form::Price => match self.unit.as_str() {
                "per_hour" => format!("\"{}/h\"", self.value),
                "per_month" => format!("\"{}/month\"", self.value),
                _ => self.value.clone(),
            },
            Form::Fraction | Form::Count => self.value.clone(),
            Form::Word if matches!(self.value.as_str(), "true" | "false") => self.value.clone(),
            Form::Word => format!("\"{}\"", self.value),
        }
    }

    /// The value as a scenario writes it, without quotes around it.
    pub fn written(&self) -> String {
        self.toml().trim_matches('"').to_owned()
    }

    /// The value as a scenario's tree has it.
    pub(super) fn value(&self) -> Value {
        tree::value_of(&self.toml()).unwrap_or(Value::Unreadable)
    }

    /// The record that the value was used at `key`.
    pub(super) fn assumption(&self, key: String) -> Assumption {
        Assumption {
            key,
            value: self.written(),
            catalog: self.key.clone(),
            source: format!("{} ({})", self.source, self.date),
            grade: self.grade.clone(),
        }
    }
}

/// One row of `ridethrough defaults`.
#[derive(Debug, Clone, Serialize)]
pub struct DefaultRow {
    /// Catalog key.
    pub key: String,
    /// The value as a scenario writes it.
    pub value: String,
    /// Least value in use or seen, in `unit`.
    pub low: Option<f64>,
    /// Largest value in use or seen, in `unit`.
    pub high: Option<f64>,
    /// Unit of `low` and `high`.
    pub unit: String,
    /// Keys of a scenario that have it as their default.
    pub default_of: Vec<String>,
    /// Title of the source.
    pub source: String,
    /// Address of the source; empty if there is none.
    pub url: String,
    /// Date of the source.
    pub date: String,
    /// Evidence grade.
    pub grade: String,
    /// What to know about it.
    pub note: String,
}

/// The catalog as rows, those with the word `filter` in their key, source, note or use.
pub fn defaults_table(filter: Option<&str>) -> Vec<DefaultRow> {
    let mut uses = Vec::new();
    collect_uses(&<Scenario as super::registry::Table>::TABLE, &mut uses);
    let wanted = filter.map(str::to_lowercase);
    let row = |entry: &Entry| DefaultRow {
        key: entry.key.clone(),
        value: entry.written(),
        low: entry.low,
        high: entry.high,
        unit: entry.unit.clone(),
        default_of: uses.iter().filter(|(key, _)| *key == entry.key).map(|(_, path)| path.clone()).collect(),
        source: entry.source.clone(),
        url: entry.url.clone(),
        date: entry.date.clone(),
        grade: entry.grade.clone(),
        note: entry.note.clone(),
    };
    let matches = |row: &DefaultRow| {
        wanted.as_deref().is_none_or(|word| {
            [&row.key, &row.source, &row.note]
                .into_iter()
                .chain(&row.default_of)
                .any(|text| text.to_lowercase().contains(word))
        })
    };
    catalog().iter().map(row).filter(matches).collect()
}

/// Pairs of catalog key and the scenario key that defaults to it.
fn collect_uses(table: &TableShape, uses: &mut Vec<(&'static str, String)>) {
    for key in table.keys {
        if let Absence::Catalog(entry) = key.absence {
            uses.push((entry, format!("{}.{}", table.header, key.key)));
        }
        match key.shape {
            Shape::Table(inner) | Shape::Named(inner) | Shape::List(inner) => collect_uses(inner, uses),
            Shape::Value => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_reads_and_is_used_in_its_form() {
        assert_eq!(catalog().iter().count(), TEXT.lines().count() - 1, "a line of catalog.csv does not parse");
        for entry in catalog().iter() {
            let usable = match entry.form {
                Form::Fixed => entry.duration().is_some() && entry.law().is_some(),
                Form::Uniform | Form::Lognormal => entry.law().is_some(),
                Form::Rate => entry.rate().is_some() && entry.time_to_failure().is_some(),
                Form::Fraction => entry.fraction().is_some(),
                Form::Count => entry.value.parse::<u32>().is_ok(),
                Form::Word => !entry.value.is_empty(),
                Form::Price => entry.price().is_some() || entry.unit.starts_with("per_") && entry.number().is_some(),
            };
            assert!(usable, "{}", entry.key);
            assert_ne!(entry.value(), Value::Unreadable, "{}: {}", entry.key, entry.toml());
            assert!("VSDMAB".contains(&entry.grade) && entry.grade.len() == 1, "{}", entry.key);
            assert!(!entry.source.is_empty() && !entry.date.is_empty() && !entry.note.is_empty(), "{}", entry.key);
        }
    }

    #[test]
    fn keys_are_unique() {
        let keys: Vec<_> = catalog().keys().collect();
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn units_become_seconds() {
        let get = |key| catalog().get(key).expect(key);
        assert_eq!(get("rds.multi_az.failover").law(), Law::uniform(60.0, 120.0).ok());
        assert_eq!(get("dr.decision").duration(), Some(Seconds(300.0)));
        assert_eq!(get("sla.ec2_region").fraction(), parse_fraction("99.99%").ok());
        let median = get("az.impairment.duration").law().map_or(0.0, |law| law.quantile(0.5));
        assert!((median / 60.0 - 97.5).abs() < 0.1, "{median}");
        let mean = get("az.full_loss.rate").time_to_failure().map_or(0.0, |law| law.mean());
        assert!((mean / Seconds::YEAR.get() - 1.0 / 0.003).abs() < 1e-6);
    }

    #[test]
    fn a_filter_finds_what_a_key_defaults_to() {
        let rows = defaults_table(Some("load_balancer.interval"));
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].key, "alb.health_check.interval");
        assert!(defaults_table(Some("no such word")).is_empty());
    }
}

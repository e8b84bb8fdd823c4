//! Conditions of a gate: what fails it, as people write it, and how an interval is held against it.

use super::super::metric::{METRICS, Measured};
use super::super::value::{Glyphs, Reading, Unit, count, duration};
use crate::statistics::Estimate;
use crate::study::{Judgement, Summary, Warning};
use crate::units::{Fraction, Seconds, parse_duration, parse_fraction};
use std::fmt;

/// What the number of a condition counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A share served, to be shown with as many nines as it has.
    Availability,
    /// A share of another kind.
    Share,
    /// -log10 of an unavailability.
    Nines,
    /// Seconds, or seconds a year.
    Duration,
    /// A number, or a number a year.
    Count,
}

/// Where a metric comes from.
type Read = fn(&Summary) -> Measured;

/// A metric that can be judged.
#[derive(Debug, Clone)]
pub(super) struct Gauge {
    /// What people write, e.g. `recovery_time.p95`.
    pub name: String,
    /// Path of the same number in the JSON.
    pub key: &'static str,
    kind: Kind,
    read: Read,
}

impl PartialEq for Gauge {
    fn eq(&self, other: &Gauge) -> bool {
        self.key == other.key
    }
}

/// Names that people use beside the one that follows from the JSON.
const ALIASES: [(&str, &str); 4] = [
    ("availability.request", "availability"),
    ("unavailability.request", "unavailability"),
    ("lost_seconds_per_year", "lost_time"),
    ("downtime.mean", "downtime"),
];

/// What says how long was simulated, not what the architecture does.
const OF_THE_RUN: [&str; 4] = ["replications", "simulated_years", "events", "open_incidents"];

/// Every metric that can be judged.
pub(super) fn gauges() -> Vec<Gauge> {
    let of_class: [(&'static str, Read); 5] = [
        ("availability.read", |s| maybe(s.unavailability_read.map(complement))),
        ("availability.write", |s| maybe(s.unavailability_write.map(complement))),
        // Tables leave these out where they say nothing new; a condition wants to know.
        ("unavailability.read", |s| maybe(s.unavailability_read)),
        ("unavailability.write", |s| maybe(s.unavailability_write)),
        ("unrecoverable_losses_per_year", |s| maybe(s.unrecoverable_per_year)),
    ];
    let others = METRICS
        .iter()
        .filter(|metric| of_class.iter().all(|(key, _)| *key != metric.key))
        .filter(|metric| !OF_THE_RUN.contains(&metric.key) && !metric.key.ends_with(".max"))
        .map(|metric| (metric.key, metric.unit, metric.read));
    others
        .chain(of_class.map(|(key, read)| (key, if key.starts_with("un") { Unit::Count } else { Unit::Share }, read)))
        .map(|(key, unit, read)| {
            let kind = match unit {
                _ if key.starts_with("availability") => Kind::Availability,
                _ if key.starts_with("unavailability") => Kind::Share,
                Unit::Nines => Kind::Nines,
                Unit::Served | Unit::Share => Kind::Share,
                Unit::Duration => Kind::Duration,
                Unit::Count => Kind::Count,
            };
            Gauge { name: friendly(key), key, kind, read }
        })
        .collect()
}

/// `recovery_time_seconds.p95` as `recovery_time.p95`.
fn friendly(key: &str) -> String {
    match ALIASES.iter().find(|(known, _)| *known == key) {
        Some((_, alias)) => (*alias).to_owned(),
        None => key.replace("_seconds_per_year", "").replace("_seconds", "").replace("_per_year", ""),
    }
}

fn maybe(estimate: Option<Estimate>) -> Measured {
    estimate.map_or(Measured::Absent, Measured::Estimate)
}

fn complement(estimate: Estimate) -> Estimate {
    estimate.map_decreasing(|share| 1.0 - share)
}

/// What was seen of a metric.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Seen {
    /// So much.
    Value(Estimate),
    /// Nothing happened that it could be measured by.
    Nothing,
    /// Rare events are known in the mean only.
    MeanOnly,
    /// The architecture has nothing of the kind.
    NotModelled,
}

impl Gauge {
    /// The metric of an architecture.
    pub fn seen(&self, summary: &Summary) -> Seen {
        match (self.read)(summary) {
            Measured::Estimate(estimate) => Seen::Value(estimate),
            Measured::Nines(nines) => Seen::Value(Estimate {
                estimate: nines.estimate.unwrap_or(f64::INFINITY),
                low: nines.low,
                high: nines.high.unwrap_or(f64::INFINITY),
                level: nines.level,
                method: nines.method,
            }),
            Measured::Plain(number) => Seen::Value(certain(number)),
            Measured::Absent if self.part().is_none() => Seen::NotModelled,
            Measured::Absent if summary.rare.is_some() => Seen::MeanOnly,
            Measured::Absent => Seen::Nothing,
        }
    }

    /// The part of a distribution that it is; none if it is no part of one.
    fn part(&self) -> Option<&str> {
        let (_, part) = self.key.rsplit_once('.')?;
        ["mean", "p50", "p95", "p99"].contains(&part).then_some(part)
    }

    /// More is better.
    pub fn is_better_high(&self) -> bool {
        matches!(self.kind, Kind::Availability | Kind::Nines) || self.key.starts_with("probability")
    }

    /// An estimate of it, as people read it.
    pub fn reading(&self, estimate: &Estimate, glyphs: Glyphs) -> Reading {
        match self.kind {
            Kind::Availability => Reading::of(&complement(*estimate), Unit::Served, glyphs),
            Kind::Share => Reading::of(estimate, Unit::Share, glyphs),
            Kind::Nines if estimate.estimate.is_infinite() => {
                Reading::phrase(format!("{} {:.2}", glyphs.at_least, estimate.low))
            }
            Kind::Nines => Reading::of(estimate, Unit::Nines, glyphs),
            Kind::Duration => Reading::of(estimate, Unit::Duration, glyphs),
            Kind::Count => Reading::of(estimate, Unit::Count, glyphs),
        }
    }

    /// A difference of it, as people read it. A share changes by a part of a hundredth, which has no words of its own.
    pub fn change(&self, difference: &Estimate, glyphs: Glyphs) -> String {
        match self.kind {
            Kind::Availability | Kind::Share => {
                let points = |share: f64| count(100.0 * share);
                let (low, high) = (points(difference.low), points(difference.high));
                format!("{} points [{low}, {high}]", points(difference.estimate))
            }
            Kind::Nines => Reading::of(difference, Unit::Nines, glyphs).line(),
            Kind::Duration => Reading::of(difference, Unit::Duration, glyphs).line(),
            Kind::Count => Reading::of(difference, Unit::Count, glyphs).line(),
        }
    }

    fn limit(&self, text: &str) -> Result<f64, String> {
        let name = &self.name;
        match self.kind {
            Kind::Availability | Kind::Share => parse_fraction(text)
                .map(Fraction::get)
                .map_err(|error| format!("{name} is a share, e.g. 99.95%: {error}")),
            Kind::Duration => {
                parse_duration(text).map(|it| it.0).map_err(|error| format!("{name} is a duration, e.g. 5m: {error}"))
            }
            Kind::Nines | Kind::Count => {
                let number = text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
                number.ok_or_else(|| {
                    let example = if self.kind == Kind::Nines { "3.5" } else { "12" };
                    format!("{name} is a number without a unit, e.g. {example}: {text:?} is none")
                })
            }
        }
    }
}

fn certain(number: f64) -> Estimate {
    Estimate { estimate: number, low: number, high: number, level: 1.0, method: "computed, not estimated" }
}

/// On which side of its limit a metric fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fails {
    /// Below it.
    Below,
    /// At it or below.
    AtMost,
    /// Above it.
    Above,
    /// At it or above.
    AtLeast,
}

impl Fails {
    const ALL: [(Fails, &'static str); 4] =
        [(Fails::AtMost, "<="), (Fails::AtLeast, ">="), (Fails::Below, "<"), (Fails::Above, ">")];

    /// As it is written in a condition.
    #[must_use]
    pub fn sign(self) -> &'static str {
        Self::ALL.iter().find(|(fails, _)| *fails == self).map_or("", |(_, sign)| sign)
    }

    /// The side on which it does not fail.
    const fn opposite(self) -> Fails {
        match self {
            Fails::Below => Fails::AtLeast,
            Fails::AtMost => Fails::Above,
            Fails::Above => Fails::AtMost,
            Fails::AtLeast => Fails::Below,
        }
    }

    fn at(self, value: f64, limit: f64) -> bool {
        match self {
            Fails::Below => value < limit,
            Fails::AtMost => value <= limit,
            Fails::Above => value > limit,
            Fails::AtLeast => value >= limit,
        }
    }

    fn is_low(self) -> bool {
        matches!(self, Fails::Below | Fails::AtMost)
    }
}

/// A metric, and the limit on whose other side an architecture fails.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub(super) gauge: Gauge,
    pub(super) fails: Fails,
    /// In the unit of the metric: a share, seconds, or a number.
    pub(super) limit: f64,
}

/// Why a condition cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// There is no such metric.
    #[error("there is no metric {name:?}; there are: {}", .known.join(", "))]
    Unknown {
        /// What was written.
        name: String,
        /// What can be written.
        known: Vec<String>,
    },
    /// Anything else; a sentence that says how to write it instead.
    #[error("{0}")]
    Unusable(String),
}

/// Reads a condition that fails a gate: `availability<99.95%`, `recovery_time.p95 > 5m`, `incidents>=12`.
///
/// # Errors
/// When there is no comparison, no such metric, or the limit has not the unit of the metric.
pub fn condition(text: &str) -> Result<Condition, ConditionError> {
    read(text, "what fails, as METRIC<LIMIT or METRIC>LIMIT, e.g. availability<99.95%")
}

/// Reads what is to be met, the other way round: `availability>=99.95%`, `recovery_time.p95 <= 5m`.
///
/// # Errors
/// As [`condition`].
pub fn demand(text: &str) -> Result<Condition, ConditionError> {
    let met = read(text, "what is to be met, as METRIC>=LIMIT or METRIC<=LIMIT, e.g. availability>=99.95%")?;
    Ok(Condition { fails: met.fails.opposite(), ..met })
}

fn read(text: &str, how: &str) -> Result<Condition, ConditionError> {
    let unusable = |text: String| Err(ConditionError::Unusable(text));
    let text = text.trim();
    let Some(at) = text.find(['<', '>']) else {
        return unusable(format!("{text:?} compares nothing: write {how}"));
    };
    let (name, rest) = (text[..at].trim(), &text[at..]);
    let (fails, sign) = Fails::ALL.into_iter().find(|(_, sign)| rest.starts_with(sign)).unwrap_or(Fails::ALL[2]);
    let limit = rest[sign.len()..].trim();
    let gauge = gauge(name)?;
    match gauge.limit(limit) {
        Ok(limit) => Ok(Condition { gauge, fails, limit }),
        Err(error) => unusable(error),
    }
}

fn gauge(name: &str) -> Result<Gauge, ConditionError> {
    let known = gauges();
    let alias = ALIASES.iter().find(|(_, alias)| *alias == name).map_or(name, |(key, _)| key);
    if let Some(found) = known.iter().find(|gauge| [name, alias].iter().any(|it| gauge.name == *it || gauge.key == *it))
    {
        return Ok(found.clone());
    }
    let parts: Vec<&str> = known
        .iter()
        .filter(|gauge| gauge.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
        .map(|gauge| gauge.name.as_str())
        .collect();
    if !name.is_empty() && !parts.is_empty() {
        return Err(ConditionError::Unusable(format!("{name} is more than one number: write {}", parts.join(", "))));
    }
    if name.ends_with(".max") {
        return Err(ConditionError::Unusable(format!(
            "{name} is the largest value seen, which grows with the replications: write {}.p99",
            name.trim_end_matches(".max")
        )));
    }
    if OF_THE_RUN.contains(&name) {
        return Err(ConditionError::Unusable(format!(
            "{name} says how much was simulated, not what the architecture does: nothing can be asked of it"
        )));
    }
    Err(ConditionError::Unknown { name: name.to_owned(), known: known.into_iter().map(|gauge| gauge.name).collect() })
}

/// As it is written: [`condition`] reads it back.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.gauge.name, self.fails.sign(), self.limit())
    }
}

impl Condition {
    /// Fails above or below `limit`, which is in the unit of the metric: for conditions that were not typed; none if there is no such metric.
    #[must_use]
    pub fn of(name: &str, fails: Fails, limit: f64) -> Option<Condition> {
        Some(Condition { gauge: gauge(name).ok()?, fails, limit })
    }

    /// The limit, as it is written.
    fn limit(&self) -> String {
        match self.gauge.kind {
            Kind::Availability | Kind::Share => Fraction::new(self.limit).unwrap_or(Fraction::ZERO).to_scenario(),
            Kind::Duration => Seconds(self.limit).to_scenario(),
            Kind::Nines | Kind::Count => self.limit.to_string(),
        }
    }

    /// What is to be met, as it is written: [`demand`] reads it back.
    pub(in crate::report) fn met(&self) -> String {
        format!("{}{}{}", self.gauge.name, self.fails.opposite().sign(), self.limit())
    }

    /// Fails where the metric is good, which is seldom meant.
    #[must_use]
    pub fn is_upside_down(&self) -> bool {
        self.gauge.is_better_high() != self.fails.is_low()
    }

    /// What is asked, e.g. "availability ≥ 99.95 %".
    pub(in crate::report) fn demand(&self, glyphs: Glyphs) -> String {
        let sign = match self.fails {
            Fails::Below => glyphs.at_least,
            Fails::AtMost => ">",
            Fails::Above => glyphs.at_most,
            Fails::AtLeast => "<",
        };
        let limit = match self.gauge.kind {
            Kind::Availability | Kind::Share => exact_percent(self.limit),
            Kind::Duration => duration(self.limit),
            Kind::Nines => self.limit.to_string(),
            Kind::Count => count(self.limit),
        };
        format!("{} {sign} {limit}", self.gauge.name)
    }

    /// How an interval lies to the limit. An interval that few observations made narrower than its level says nothing.
    pub(super) fn judge(&self, value: &Estimate) -> Judgement {
        if value.sample_is_too_small() || value.estimate.is_nan() {
            return Judgement::Inconclusive;
        }
        match (self.fails.at(value.low, self.limit), self.fails.at(value.high, self.limit)) {
            (false, false) => Judgement::Met,
            (true, true) => Judgement::Missed,
            _ => Judgement::Inconclusive,
        }
    }

    /// Losses of all data have no age, but are above any limit: where so many of all losses are of that kind that they reach the part of
    /// the distribution that is asked about, it is missed.
    pub(super) fn is_lost_for_good(&self, summary: &Summary) -> bool {
        let gone = summary.warnings.iter().find_map(|warning| match warning {
            Warning::LostForGood { times } => Some(*times as f64),
            _ => None,
        });
        let beyond = match self.gauge.part() {
            Some("p50") => 0.5,
            Some("p95") => 0.05,
            Some("p99") => 0.01,
            _ => 0.0,
        };
        let all = |gone: f64| gone + summary.data_loss.count as f64;
        self.gauge.key.starts_with("data_loss") && !self.fails.is_low() && gone.is_some_and(|it| it > beyond * all(it))
    }
}

/// A share in percent with all its digits: "99.95 %". The point is moved in the text, so that nothing is rounded.
fn exact_percent(share: f64) -> String {
    let text = share.to_string();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let decimals = format!("{decimals:0<2}");
    let (shifted, rest) = decimals.split_at(2);
    let percent = format!("{whole}{shifted}");
    let percent = percent.trim_start_matches('0');
    let percent = if percent.is_empty() { "0" } else { percent };
    if rest.is_empty() { format!("{percent} %") } else { format!("{percent}.{rest} %") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use proptest::prelude::*;

    fn of(text: &str) -> Condition {
        condition(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn value(low: f64, high: f64) -> Estimate {
        Estimate { estimate: 0.5 * (low + high), low, high, level: 0.95, method: "student" }
    }

    #[test]
    fn friendly_names_and_those_of_the_json_are_the_same() {
        for (one, other) in [
            ("availability<99.95%", "availability.request < 0.9995"),
            ("recovery_time.p95>5m", "recovery_time_seconds.p95 > 300s"),
            ("downtime>1h", "downtime_seconds_per_year.mean>60m"),
            ("lost_time>=1h", "lost_seconds_per_year >= 3600s"),
            ("incidents>12", "incidents_per_year>12.0"),
            ("probability_month_met<95%", "probability_month_met<0.95"),
            ("unavailability>1e-5", "unavailability.request > 0.001%"),
        ] {
            assert_eq!(of(one), of(other));
        }
        let all = gauges();
        for (place, gauge) in all.iter().enumerate() {
            assert!(
                all[..place].iter().all(|other| other.name != gauge.name && other.key != gauge.key),
                "{}",
                gauge.name
            );
        }
    }

    #[test]
    fn what_cannot_be_used_is_explained() {
        for (text, remedy) in [
            ("availability", "METRIC<LIMIT"),
            ("", "METRIC<LIMIT"),
            ("availability<99.95", "99.95%"),
            ("availability<5m", "is a share"),
            ("recovery_time.p95>5", "is a duration"),
            ("recovery_time.p95>95%", "is a duration"),
            ("recovery_time>5m", "recovery_time.p50, recovery_time.p95"),
            ("recovery_time.max>5m", "recovery_time.p99"),
            ("incidents>1h", "without a unit"),
            ("nines<NaN", "without a unit"),
            ("events>5", "how much was simulated"),
            ("availabilty<99%", "there is no metric \"availabilty\"; there are: nines, "),
            ("<99%", "there is no metric"),
        ] {
            let told = condition(text).expect_err(text).to_string();
            assert!(told.contains(remedy), "{text}: {told}");
        }
    }

    #[test]
    fn intervals_are_held_against_limits() {
        use Judgement::{Inconclusive, Met, Missed};
        for (text, low, high, verdict) in [
            ("availability<99.9%", 0.9991, 0.9999, Met),
            ("availability<99.9%", 0.999, 0.9999, Met),
            ("availability<=99.9%", 0.999, 0.9999, Inconclusive),
            ("availability<99.9%", 0.9, 0.9989, Missed),
            ("availability<99.9%", 0.998, 0.9995, Inconclusive),
            ("availability<99.9%", 0.998, 0.999, Inconclusive),
            ("recovery_time.p95>5m", 200.0, 300.0, Met),
            ("recovery_time.p95>=5m", 200.0, 300.0, Inconclusive),
            ("recovery_time.p95>5m", 301.0, 400.0, Missed),
            ("recovery_time.p95>5m", 200.0, f64::INFINITY, Inconclusive),
        ] {
            assert_eq!(of(text).judge(&value(low, high)), verdict, "{text} [{low}, {high}]");
        }
        let mut spread = crate::statistics::Spread::new();
        spread.push(900.0);
        let few = spread.quantile_interval(0.95, 0.95).expect("one value");
        assert_eq!(of("recovery_time.p95>5m").judge(&few), Inconclusive, "one value says nothing of a 95th percentile");
    }

    #[test]
    fn data_that_are_gone_for_good_are_older_than_any_limit() {
        let mut summary = sample::summary("shop", 1_000.0, &[]);
        summary.data_loss.count = 39;
        summary.warnings = vec![Warning::LostForGood { times: 1 }];
        assert!(!of("data_loss.p95>1h").is_lost_for_good(&summary), "1 of 40 is beyond the 95th percentile");
        assert!(of("data_loss.p99>1h").is_lost_for_good(&summary));
        assert!(of("data_loss.mean>1h").is_lost_for_good(&summary));
        assert!(!of("recovery_time.p99>1h").is_lost_for_good(&summary));
    }

    #[test]
    fn every_metric_of_a_result_can_be_read() {
        let summary = sample::summary("shop", 1_000.0, &[]);
        let not_modelled: Vec<String> = gauges()
            .into_iter()
            .filter(|gauge| gauge.seen(&summary) == Seen::NotModelled)
            .map(|gauge| gauge.name)
            .collect();
        assert!(
            !not_modelled.contains(&"availability".to_owned()) && not_modelled.contains(&"users_logged_out".to_owned())
        );
    }

    #[test]
    fn limits_keep_every_digit() {
        for (text, shown) in [
            ("availability<99.9123%", "availability \u{2265} 99.9123 %"),
            ("availability<=0.9999999", "availability > 99.99999 %"),
            ("unavailability>1e-9", "unavailability \u{2264} 0.0000001 %"),
            ("probability_month_met<1", "probability_month_met \u{2265} 100 %"),
            ("data_loss.p95>0s", "data_loss.p95 \u{2264} 0s"),
        ] {
            assert_eq!(of(text).demand(Glyphs::UNICODE), shown);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}", sign in "[<>]=?") {
            let _ = condition(&text);
            let _ = condition(&format!("availability{sign}{text}"));
            let _ = condition(&format!("recovery_time.p95{sign}{text}"));
            let _ = condition(&format!("{text}{sign}99%"));
        }

        #[test]
        fn what_is_written_is_read_back(place in 0_usize..1_000, sign in 0_usize..4, limit in 0.0..=1.0_f64, scale in 0_usize..4) {
            let all = gauges();
            let gauge = all[place % all.len()].clone();
            let limit = match gauge.kind {
                Kind::Availability | Kind::Share => limit,
                _ => limit * [1.0, 1e3, 1e6, 1e9][scale],
            };
            let written = Condition { gauge, fails: Fails::ALL[sign].0, limit };
            prop_assert_eq!(condition(&written.to_string()), Ok(written));
        }
    }
}

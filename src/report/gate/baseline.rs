//! What changed against an earlier result, as far as luck allows to say.
//!
//! The two results are taken for independent. With estimates a and b and intervals [la, ua] and [lb, ub] of one level, the interval of b - a is
//! b - a - sqrt((b - lb)² + (ua - a)²) to b - a + sqrt((ub - b)² + (a - la)²), which has about that level and keeps skewed intervals skewed
//! (Zou and Donner 2008, "Construction of confidence limits about effect measures: a general approach", Statistics in Medicine 27,
//! 1693-1702). Intervals of another level are stretched by the ratio of normal quantiles. With m metrics that are compared, each at the level
//! 1 - (1 - level) / m, all differences hold together with the level (Bonferroni). Results of the same seed share their failures, which makes the true
//! interval narrower, never the verdict bolder than it says; this is not made use of, since a file does not tell whether they do.

use super::super::value::Glyphs;
use super::condition::{Condition, Gauge, Seen, gauges};
use crate::statistics::{Estimate, normal_quantile};
use crate::study::Study;
use serde_json::{Value, json};

/// What is always compared; what conditions ask for comes to it.
const COMPARED: [&str; 8] = [
    "unavailability",
    "downtime.mean",
    "downtime.p95",
    "incidents",
    "recovery_time.p50",
    "recovery_time.p95",
    "data_loss.p95",
    "probability_month_met",
];

/// Differences within rounding of the larger number are none.
const ROUNDING: f64 = 1e-9;

/// An earlier result.
#[derive(Debug, Clone)]
pub struct Baseline {
    horizon_seconds: f64,
    architectures: Vec<Value>,
}

impl Baseline {
    /// Reads what `run`, `compare` or `gate` wrote as JSON.
    ///
    /// # Errors
    /// A sentence, when it is something else.
    pub fn read(text: &str) -> Result<Baseline, String> {
        const REMEDY: &str =
            "write one with ridethrough run FILE --output json, or ridethrough gate FILE --output json";
        let document: Value = serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}; {REMEDY}"))?;
        let version = &document["format_version"];
        if *version != super::super::json::FORMAT_VERSION {
            return Err(if version.is_null() {
                format!("is no result of ridethrough; {REMEDY}")
            } else {
                format!("has the format {version}, which this version does not know; {REMEDY}")
            });
        }
        match (document["architectures"].as_array(), document["horizon_seconds"].as_f64()) {
            (Some(architectures), Some(horizon_seconds)) if !architectures.is_empty() => {
                Ok(Baseline { horizon_seconds, architectures: architectures.clone() })
            }
            _ => Err(format!("has no architectures; {REMEDY}")),
        }
    }

    /// What changed since then.
    pub(super) fn changes(&self, study: &Study, asked: &[&Condition], level: f64) -> Result<Changes, String> {
        if (self.horizon_seconds - study.horizon_seconds).abs() > 1.0 {
            let (then, now) = (self.horizon_seconds, study.horizon_seconds);
            let days = |seconds: f64| format!("{} days", seconds / 86_400.0);
            return Err(format!(
                "is of histories of {}, not of {}: the same --horizon makes them comparable",
                days(then),
                days(now)
            ));
        }
        let mut compared: Vec<Gauge> = gauges();
        compared.retain(|gauge| {
            COMPARED.contains(&gauge.name.as_str())
                // An availability changes where its unavailability does, which has more digits.
                || asked.iter().any(|it| it.gauge == *gauge && gauge.name != "availability")
        });
        let mut pairs = Vec::new();
        let mut news = Vec::new();
        for summary in &study.architectures {
            let Some(old) = self.architectures.iter().find(|old| old["name"] == summary.name.as_str()) else {
                news.push(summary.name.clone());
                continue;
            };
            for gauge in &compared {
                if let (Some(before), Seen::Value(now)) = (gauge_of(old, gauge), gauge.seen(summary)) {
                    pairs.push((summary.name.clone(), gauge.clone(), before, now));
                }
            }
        }
        let count = pairs.len();
        let each = 1.0 - (1.0 - level) / count.max(1) as f64;
        let significant = (pairs.into_iter())
            .filter_map(|(architecture, gauge, before, now)| {
                let difference = difference(&before, &now, each)?;
                let rounding = ROUNDING * before.estimate.abs().max(now.estimate.abs());
                let changed = difference.estimate.abs() > rounding && (difference.low > 0.0 || difference.high < 0.0);
                changed.then_some(Change { architecture, gauge, before, now, difference })
            })
            .collect();
        Ok(Changes { significant, news, compared: count, level })
    }
}

/// What an earlier result says of a metric; none where it says nothing that can be compared.
fn gauge_of(architecture: &Value, gauge: &Gauge) -> Option<Estimate> {
    let value = gauge.key.split('.').try_fold(architecture, |value, key| value.get(key))?;
    let small = value["method"].as_str()?.contains("too small");
    let (estimate, level) = (value["estimate"].as_f64()?, value["level"].as_f64()?);
    let bound = |key: &str, open: f64| value[key].as_f64().unwrap_or(open);
    (!small && (0.0..1.0).contains(&level)).then(|| Estimate {
        estimate,
        low: bound("low", f64::NEG_INFINITY),
        high: bound("high", f64::INFINITY),
        level,
        method: "an earlier result",
    })
}

/// Now minus before; none where one of them is not known well enough.
fn difference(before: &Estimate, now: &Estimate, level: f64) -> Option<Estimate> {
    if now.sample_is_too_small() || !now.estimate.is_finite() || now.level >= 1.0 {
        return None;
    }
    let quantile = |level: f64| normal_quantile(0.5 + level / 2.0);
    let stretched = |it: &Estimate| {
        let factor = quantile(level) / quantile(it.level);
        (factor * (it.estimate - it.low), factor * (it.high - it.estimate))
    };
    let ((below_before, above_before), (below_now, above_now)) = (stretched(before), stretched(now));
    let estimate = now.estimate - before.estimate;
    Some(Estimate {
        estimate,
        low: estimate - libm::hypot(below_now, above_before),
        high: estimate + libm::hypot(above_now, below_before),
        level,
        method: "difference of independent results",
    })
}

/// A metric that changed.
#[derive(Debug, Clone)]
struct Change {
    architecture: String,
    gauge: Gauge,
    before: Estimate,
    now: Estimate,
    difference: Estimate,
}

impl Change {
    fn is_better(&self) -> bool {
        self.gauge.is_better_high() == (self.difference.estimate > 0.0)
    }
}

/// What changed significantly.
#[derive(Debug, Clone)]
pub(super) struct Changes {
    significant: Vec<Change>,
    /// Architectures that the baseline does not have.
    news: Vec<String>,
    /// Metrics that were compared.
    compared: usize,
    level: f64,
}

impl Changes {
    /// Nothing did.
    pub fn is_empty(&self) -> bool {
        self.significant.is_empty() && self.news.is_empty()
    }

    pub fn title(&self) -> String {
        match self.significant.len() {
            0 => "No significant change against the baseline.".to_owned(),
            1 => "One significant change against the baseline:".to_owned(),
            many => format!("{many} significant changes against the baseline:"),
        }
    }

    pub fn sentences(&self) -> Vec<String> {
        let mut sentences: Vec<String> =
            self.news.iter().map(|name| format!("{name} is new: the baseline does not have it.")).collect();
        if !self.significant.is_empty() {
            sentences.push(format!(
                "{} metrics compared as those of independent runs; all differences hold together with {}.",
                self.compared,
                super::super::value::percent(self.level)
            ));
        }
        sentences
    }

    pub fn table(&self, glyphs: Glyphs) -> (Vec<String>, Vec<Vec<String>>) {
        let head = ["architecture", "metric", "before", "now", "change", ""].map(str::to_owned).to_vec();
        let rows = (self.significant.iter())
            .map(|change| {
                let word = if change.is_better() { "better" } else { "worse" };
                vec![
                    change.architecture.clone(),
                    change.gauge.name.clone(),
                    change.gauge.reading(&change.before, glyphs).value,
                    change.gauge.reading(&change.now, glyphs).value,
                    change.gauge.change(&change.difference, glyphs),
                    word.to_owned(),
                ]
            })
            .collect();
        (head, rows)
    }

    pub fn json(&self) -> Value {
        let changes: Vec<Value> = (self.significant.iter())
            .map(|change| {
                json!({
                    "architecture": change.architecture,
                    "metric": change.gauge.key,
                    "before": super::super::json::estimate(&change.before),
                    "now": super::super::json::estimate(&change.now),
                    "difference": super::super::json::estimate(&change.difference),
                    "better": change.is_better(),
                })
            })
            .collect();
        json!({
            "compared": self.compared,
            "significant": changes,
            "new_architectures": self.news,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::gate::condition;
    use crate::report::{json, sample};

    fn estimate(estimate: f64, half_width: f64, level: f64) -> Estimate {
        Estimate { estimate, low: estimate - half_width, high: estimate + half_width, level, method: "student" }
    }

    /// Of two normal means with standard errors 3 and 4 the difference has a standard error of 5.
    #[test]
    fn a_difference_of_normal_means_is_normal() {
        let z = |level: f64| normal_quantile(0.5 + level / 2.0);
        let (before, now) = (estimate(10.0, 3.0 * z(0.95), 0.95), estimate(30.0, 4.0 * z(0.99), 0.99));
        let found = difference(&before, &now, 0.9).expect("both are known");
        assert!((found.estimate - 20.0).abs() < 1e-12);
        assert!((found.half_width() - 5.0 * z(0.9)).abs() < 1e-9 && (found.high + found.low - 40.0).abs() < 1e-9);
        assert_eq!(difference(&before, &Estimate { estimate: f64::INFINITY, ..now }, 0.9), None);
    }

    fn study(lost: f64) -> Study {
        sample::alone(sample::summary("shop", lost, &[("zone", 1.0)]))
    }

    #[test]
    fn the_same_result_is_no_change_and_ten_times_the_loss_is_one() {
        let baseline = Baseline::read(&json(&study(1_000.0), None)).expect("a result");
        let same = baseline.changes(&study(1_000.0), &[], 0.95).expect("comparable");
        assert!(same.is_empty() && same.compared >= 5, "{same:?}");
        // Half widths of a tenth at 95 %, so that 5 % more is well within what luck does.
        assert!(baseline.changes(&study(1_050.0), &[], 0.95).expect("comparable").is_empty());
        let worse = baseline.changes(&study(10_000.0), &[], 0.95).expect("comparable");
        let names: Vec<&str> = worse.significant.iter().map(|change| change.gauge.name.as_str()).collect();
        assert!(names.contains(&"unavailability") && names.contains(&"incidents"), "{names:?}");
        assert!(worse.significant.iter().all(|change| !change.is_better()));
        let asked = condition("nines<3").expect("a condition");
        let more = baseline.changes(&study(100.0), &[&asked], 0.95).expect("comparable");
        let nines = more.significant.iter().find(|change| change.gauge.name == "nines").expect("asked for");
        assert!(nines.is_better());
    }

    #[test]
    fn an_architecture_without_counterpart_is_a_change() {
        let baseline = Baseline::read(&json(&study(1_000.0), None)).expect("a result");
        let other = sample::alone(sample::summary("stall", 1_000.0, &[]));
        let changes = baseline.changes(&other, &[], 0.95).expect("comparable");
        assert!(!changes.is_empty() && changes.sentences()[0].starts_with("stall is new"));
    }

    #[test]
    fn what_is_no_result_is_refused() {
        for (text, remedy) in [
            ("", "is no JSON"),
            ("{}", "is no result of ridethrough"),
            ("[1]", "is no result of ridethrough"),
            ("{\"format_version\": 99}", "the format 99"),
            ("{\"format_version\": 1, \"architectures\": []}", "has no architectures"),
        ] {
            let told = Baseline::read(text).expect_err(text);
            assert!(told.contains(remedy) && told.contains("--output json"), "{text}: {told}");
        }
        let mut short = study(1_000.0);
        short.horizon_seconds /= 2.0;
        let baseline = Baseline::read(&json(&short, None)).expect("a result");
        assert!(baseline.changes(&study(1_000.0), &[], 0.95).expect_err("half as long").contains("--horizon"));
    }
}

//! Laws of durations, in all the forms that a scenario may write.

mod observations;
mod parameters;

use super::decoder::Decoder;
use super::kinds::unit_problem;
use super::registry::Kind;
use super::similar::{listed, nearest};
use super::tree::{Node, Table, Value};
use crate::law::Law;
use crate::model::Stale;
use crate::units::{Rate, Seconds};
use observations::observations;
use parameters::Parameters;
use serde_json::{Value as Json, json};

/// Forms of a law table.
pub const FORMS: [&str; 11] = [
    "fixed",
    "exponential",
    "uniform",
    "triangular",
    "lognormal",
    "weibull",
    "gamma",
    "erlang",
    "hyperexponential",
    "mixture",
    "empirical",
];

/// A time to failure: a plain duration is the mean of an exponential law.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeToFailure(pub Law);

impl Kind for Law {
    const NAME: &'static str = "a law";
    const EXAMPLE: &'static str = "\"5m\"";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<Law> {
        match &node.value {
            Value::Text(text) if text.trim() == "never" => Some(Law::Never),
            Value::Table(table) => form(node, table, decoder, &[]),
            Value::Flag(_) | Value::List(_) | Value::Unreadable => {
                decoder.wrong_kind::<Law>(node);
                None
            }
            _ => {
                let duration = Seconds::read(node, decoder)?;
                checked(node, decoder, Law::fixed(duration.get()))
            }
        }
    }

    fn placeholder() -> Law {
        Law::Fixed(0.0)
    }

    fn schema() -> Json {
        json!({ "$ref": "#/$defs/law" })
    }
}

impl Kind for TimeToFailure {
    const NAME: &'static str = "a time to failure";
    const EXAMPLE: &'static str = "\"60d\"";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<TimeToFailure> {
        let law = match &node.value {
            Value::Text(text) if text.trim() == "never" => Law::Never,
            Value::Text(text) if text.contains('/') || text.contains(" per ") => {
                let rate = Rate::read(node, decoder)?;
                at_rate(node, decoder, rate)?
            }
            Value::Table(table) => match table.entry("per_year") {
                Some(entry) if table.entries.len() == 1 => {
                    let count = decoder.within("per_year", |decoder| decoder.read::<f64>(&entry.node))?;
                    at_rate(node, decoder, Rate(count / Seconds::YEAR.get()))?
                }
                _ => form(node, table, decoder, &["per_year"])?,
            },
            Value::Flag(_) | Value::List(_) | Value::Unreadable => {
                decoder.wrong_kind::<TimeToFailure>(node);
                return None;
            }
            _ => {
                let mean = Seconds::read(node, decoder)?;
                match mean.get() > 0.0 {
                    true => checked(node, decoder, Law::exponential(mean.get()))?,
                    false => Law::Fixed(0.0),
                }
            }
        };
        // What fails at once, again and again, would stop the clock.
        if law.mean() <= 0.0 {
            decoder.error("out-of-range", node, "a time to failure must be longer than 0 on average");
            decoder.set_help("write for example `\"60d\"`, or `\"never\"`");
            return None;
        }
        Some(TimeToFailure(law))
    }

    fn placeholder() -> TimeToFailure {
        TimeToFailure(Law::Never)
    }

    fn schema() -> Json {
        json!({ "$ref": "#/$defs/time_to_failure" })
    }
}

impl Kind for Stale {
    const NAME: &'static str = "a fixed or exponential law";
    const EXAMPLE: &'static str = "{ exponential = \"10m\" }";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<Stale> {
        match Law::read(node, decoder)? {
            Law::Fixed(0.0) => Some(Stale::None),
            Law::Fixed(duration) => Some(Stale::Fixed(Seconds(duration))),
            Law::Exponential { mean } => Some(Stale::Exponential(Seconds(mean))),
            other => {
                let message = format!("a stale time is fixed or exponential, not {other}");
                decoder.error("bad-law", node, message);
                decoder.set_help(format!("write a duration, or for example `{}`", Self::EXAMPLE));
                None
            }
        }
    }

    fn placeholder() -> Stale {
        Stale::None
    }

    fn schema() -> Json {
        json!({ "$ref": "#/$defs/law" })
    }
}

/// Exponential at a rate; never at a rate of 0.
fn at_rate(node: &Node, decoder: &mut Decoder, rate: Rate) -> Option<Law> {
    match rate.interval() {
        None => Some(Law::Never),
        Some(mean) => checked(node, decoder, Law::exponential(mean.get())),
    }
}

/// Reports what a constructor refused.
fn checked(node: &Node, decoder: &mut Decoder, law: Result<Law, String>) -> Option<Law> {
    law.map_err(|sentence| unit_problem(node, decoder, "bad-law", &sentence)).ok()
}

/// Reads `{ form = ... }`; `more` are further forms that the caller knows.
fn form(node: &Node, table: &Table, decoder: &mut Decoder, more: &[&'static str]) -> Option<Law> {
    let forms = || more.iter().copied().chain(FORMS);
    let [entry] = table.entries.as_slice() else {
        let message = match table.entries.len() {
            0 => "a law table names one law, but is empty".to_owned(),
            _ => format!("a law table names one law, but has {} keys", table.entries.len()),
        };
        decoder.error("bad-law", node, message);
        decoder.set_help(format!("write one of {}, for example `{{ exponential = \"10m\" }}`", listed(forms())));
        return None;
    };
    let key = entry.key.as_str();
    decoder.within(key, |decoder| {
        let inner = &entry.node;
        let law = match key {
            "fixed" => Law::fixed(decoder.read::<Seconds>(inner)?.get()),
            "exponential" => Law::exponential(decoder.read::<Seconds>(inner)?.get()),
            "uniform" => match &inner.value {
                Value::Table(_) => uniform_quantiles(&Parameters::read(inner, decoder, &[])?),
                _ => {
                    let [low, high] = durations(inner, decoder, "low and high")?;
                    Law::uniform(low, high)
                }
            },
            "triangular" => {
                let [low, mode, high] = durations(inner, decoder, "low, mode and high")?;
                Law::triangular(low, mode, high)
            }
            "lognormal" => {
                let given = Parameters::read(inner, decoder, &["mean", "sigma", "median", "cv"])?;
                match (given.get("mean"), given.get("sigma"), given.get("cv"), given.quantiles.as_slice()) {
                    (Some(mean), Some(sigma), None, []) => Law::lognormal_mean(mean, sigma),
                    (Some(mean), None, Some(cv), []) => Law::lognormal_mean_cv(mean, cv),
                    (None, Some(sigma), None, [(p, median)]) if *p == 0.5 => Law::lognormal_median(*median, sigma),
                    (None, None, None, [first, second]) => Law::lognormal_quantiles(*first, *second),
                    _ => {
                        return given.refuse(
                            inner,
                            decoder,
                            "mean and sigma, median and sigma, mean and cv, or two quantiles",
                        );
                    }
                }
            }
            "weibull" => {
                let given = Parameters::read(inner, decoder, &["mean", "scale", "shape"])?;
                match (given.get("mean"), given.get("scale"), given.get("shape"), given.quantiles.as_slice()) {
                    (Some(mean), None, Some(shape), []) => Law::weibull_mean(mean, shape),
                    (None, Some(scale), Some(shape), []) => Law::weibull(scale, shape),
                    (None, None, None, [first, second]) => Law::weibull_quantiles(*first, *second),
                    _ => {
                        return given.refuse(inner, decoder, "mean and shape, scale and shape, or two quantiles");
                    }
                }
            }
            "gamma" => {
                let given = Parameters::read(inner, decoder, &["mean", "scale", "shape"])?;
                match (given.get("mean"), given.get("scale"), given.get("shape"), given.quantiles.as_slice()) {
                    (Some(mean), None, Some(shape), []) => Law::gamma_mean(mean, shape),
                    (None, Some(scale), Some(shape), []) => Law::gamma(shape, scale),
                    (None, None, None, [first, second]) => Law::gamma_quantiles(*first, *second),
                    _ => {
                        return given.refuse(inner, decoder, "mean and shape, scale and shape, or two quantiles");
                    }
                }
            }
            "erlang" => {
                let given = Parameters::read(inner, decoder, &["mean", "stages"])?;
                match (given.get("mean"), given.get("stages"), given.quantiles.as_slice()) {
                    (Some(mean), Some(stages), []) if stages.fract() == 0.0 && (1.0..=1e6).contains(&stages) => {
                        Law::erlang(stages as u32, mean)
                    }
                    (Some(_), Some(stages), []) => {
                        Err(format!("the number of stages is whole and from 1 to a million, not {stages}"))
                    }
                    _ => return given.refuse(inner, decoder, "mean and stages"),
                }
            }
            "hyperexponential" => {
                let (means, weights) = hyperexponential(inner, decoder)?;
                Law::hyperexponential(&weights, &means)
            }
            "mixture" => Law::mixture(mixture(inner, decoder)?),
            "empirical" => Law::empirical(observations(inner, decoder)?),
            _ => {
                let word = Node { span: entry.span, value: Value::Unreadable };
                decoder.error("unknown-law", &word, format!("`{key}` is not a law")).label =
                    nearest(key, forms()).map(|meant| format!("did you mean `{meant}`?"));
                decoder.set_help(format!("write one of {}", listed(forms())));
                return None;
            }
        };
        checked(inner, decoder, law)
    })
}

/// A list of exactly `N` durations.
fn durations<const N: usize>(node: &Node, decoder: &mut Decoder, what: &str) -> Option<[f64; N]> {
    let items = match &node.value {
        Value::List(items) if items.len() == N => items,
        other => {
            let message = match other {
                Value::List(items) => {
                    format!("{N} durations are needed, but there are {}", items.len())
                }
                other => format!("a list of {N} durations is needed, not {}", other.noun()),
            };
            decoder.error("bad-law", node, message);
            decoder.set_help(format!(
                "write {what}, for example `[{}]`",
                ["\"1m\"", "\"2m\"", "\"10m\""][..N.min(3)].join(", ")
            ));
            return None;
        }
    };
    let mut values = [0.0; N];
    let mut sound = true;
    for (slot, item) in values.iter_mut().zip(items) {
        match decoder.read::<Seconds>(item) {
            Some(duration) => *slot = duration.get(),
            None => sound = false,
        }
    }
    sound.then_some(values)
}

/// The uniform law through two quantiles.
fn uniform_quantiles(given: &Parameters) -> Result<Law, String> {
    let [a, b] = given.quantiles.as_slice() else {
        return Err("a uniform law takes two quantiles: write for example `{ p5 = \"1m\", p95 = \"10m\" }` or `[\"1m\", \"10m\"]`".to_owned());
    };
    let (low, high) = if a.0 <= b.0 { (a, b) } else { (b, a) };
    if low.0 == high.0 || low.1 >= high.1 {
        return Err("two different quantiles are needed, the higher one with the longer duration".to_owned());
    }
    let slope = (high.1 - low.1) / (high.0 - low.0);
    let start = low.1 - slope * low.0;
    if start < -1e-9 * high.1 {
        return Err("a uniform law with these quantiles would start below 0: move them together".to_owned());
    }
    Law::uniform(start.max(0.0), high.1 + slope * (1.0 - high.0))
}

fn hyperexponential(node: &Node, decoder: &mut Decoder) -> Option<(Vec<f64>, Vec<f64>)> {
    let lists = match &node.value {
        Value::Table(table) if table.entries.len() == 2 => {
            match (table.get("means").map(|node| &node.value), table.get("weights").map(|node| &node.value)) {
                (Some(Value::List(means)), Some(Value::List(weights))) => Some((means, weights)),
                _ => None,
            }
        }
        _ => None,
    };
    let Some((means, weights)) = lists else {
        decoder.error("bad-law", node, "a hyperexponential law has means and weights");
        decoder.set_help("write for example `{ means = [\"1m\", \"1h\"], weights = [0.9, 0.1] }`");
        return None;
    };
    if !decoder.few(node.span, means.len().max(weights.len()), "means") {
        return None;
    }
    let means: Vec<_> = means.iter().map(|node| decoder.read::<Seconds>(node).map(Seconds::get)).collect();
    let weights: Vec<_> = weights.iter().map(|node| decoder.read::<f64>(node)).collect();
    Some((means.into_iter().collect::<Option<_>>()?, weights.into_iter().collect::<Option<_>>()?))
}

fn mixture(node: &Node, decoder: &mut Decoder) -> Option<Vec<(f64, Law)>> {
    let Value::List(items) = &node.value else {
        decoder.error("bad-law", node, format!("a mixture is a list, not {}", node.value.noun()));
        decoder.set_help(
            "write for example `[{ weight = 0.9, law = \"30s\" }, { weight = 0.1, law = { exponential = \"1h\" } }]`",
        );
        return None;
    };
    if !decoder.few(node.span, items.len(), "parts of a mixture") {
        return None;
    }
    let mut parts = Vec::with_capacity(items.len());
    let mut sound = true;
    for item in items {
        let part = match &item.value {
            Value::Table(table) if table.entries.len() == 2 => table.get("weight").zip(table.get("law")),
            _ => None,
        };
        let Some((weight, law)) = part else {
            decoder.error("bad-law", item, "a part of a mixture has a `weight` and a `law`");
            decoder.set_help("write for example `{ weight = 0.9, law = \"30s\" }`");
            sound = false;
            continue;
        };
        match (decoder.read::<f64>(weight), decoder.read::<Law>(law)) {
            (Some(weight), Some(law)) => parts.push((weight, law)),
            _ => sound = false,
        }
    }
    sound.then_some(parts)
}

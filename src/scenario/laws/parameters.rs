//! The parameters of a law: named numbers and durations, and quantiles.

use crate::law::Law;
use crate::scenario::decoder::Decoder;
use crate::scenario::problem::Problem;
use crate::scenario::similar::{listed, nearest};
use crate::scenario::tree::{Node, Value};
use crate::units::Seconds;

/// The parameters of a law: named numbers and durations, and quantiles.
pub(super) struct Parameters {
    named: Vec<(String, f64)>,
    /// Pairs of a probability and a duration [s].
    pub(super) quantiles: Vec<(f64, f64)>,
}

impl Parameters {
    /// Reads a table of parameters: those allowed, and quantiles.
    pub(super) fn read(node: &Node, decoder: &mut Decoder, allowed: &[&'static str]) -> Option<Parameters> {
        let Value::Table(table) = &node.value else {
            decoder.error("bad-law", node, format!("the parameters of a law are a table, not {}", node.value.noun()));
            let example = match allowed.contains(&"mean") {
                true => format!(
                    "{{ mean = \"1h\", {} = 1 }}",
                    allowed.iter().find(|key| !["mean", "median", "scale"].contains(key)).unwrap_or(&"sigma")
                ),
                false => "{ p5 = \"1m\", p95 = \"10m\" }".to_owned(),
            };
            decoder.set_help(format!("write for example `{example}`"));
            return None;
        };
        let mut given = Parameters { named: Vec::new(), quantiles: Vec::new() };
        let mut sound = true;
        for entry in &table.entries {
            let (key, node) = decimal_quantile(&entry.key, &entry.node);
            let read = decoder.within(&key, |decoder| match quantile(&key) {
                Some(p) => decoder.read::<Seconds>(node).map(|x| given.quantiles.push((p, x.get()))),
                None if !allowed.contains(&key.as_str()) => {
                    let place = decoder.place(entry.span);
                    let known = || allowed.iter().copied().chain(["median", "p95"]);
                    let mut problem =
                        Problem::error("unknown-key", &place, format!("unknown parameter `{key}` of a law")).help(
                            format!(
                                "parameters here: {}, and quantiles such as `median` and `p95`",
                                listed(allowed.iter().copied())
                            ),
                        );
                    if let Some(meant) = nearest(&key, known()) {
                        problem = problem.label(format!("did you mean `{meant}`?"));
                    }
                    decoder.report(problem);
                    None
                }
                None if ["mean", "scale"].contains(&key.as_str()) => {
                    decoder.read::<Seconds>(node).map(|x| given.named.push((key.clone(), x.get())))
                }
                None => decoder.read::<f64>(node).map(|x| given.named.push((key.clone(), x))),
            });
            sound &= read.is_some();
        }
        sound.then_some(given)
    }

    /// A parameter by its name.
    pub(super) fn get(&self, key: &str) -> Option<f64> {
        self.named.iter().find(|(name, _)| name == key).map(|(_, value)| *value)
    }

    /// Reports that these parameters are not the ones needed.
    pub(super) fn refuse(&self, node: &Node, decoder: &mut Decoder, ways: &str) -> Option<Law> {
        decoder.error("bad-law", node, "these parameters do not make a law");
        decoder.set_help(format!("write {ways}"));
        None
    }
}

/// `p99.9` without quotes is TOML for a table `p99` with the key `9`; this undoes it.
fn decimal_quantile<'a>(key: &str, node: &'a Node) -> (String, &'a Node) {
    if let Value::Table(table) = &node.value
        && let [entry] = table.entries.as_slice()
        && let Some(digits) = key.strip_prefix('p')
        && !digits.is_empty()
        && [digits, &entry.key].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return (format!("{key}.{}", entry.key), &entry.node);
    }
    (key.to_owned(), node)
}

/// The probability of `median`, `p50`, `p99.9`.
fn quantile(key: &str) -> Option<f64> {
    if key == "median" {
        return Some(0.5);
    }
    let digits = key.strip_prefix('p')?;
    if digits.len() > 8 || !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let percent: f64 = digits.parse().ok()?;
    (percent > 0.0 && percent < 100.0).then_some(percent / 100.0)
}

//! Values that a calendar or a rollout is made of: times of the day, days of the week, recurrence, and stages.

use super::decoder::Decoder;
use super::laws::TimeToFailure;
use super::registry::Kind;
use super::similar::{listed, nearest};
use super::tree::{Node, Value};
use crate::law::Law;
use crate::model::Reach;
use serde_json::{Value as Json, json};

/// Days of the week, as written.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// A day (s).
const DAY: f64 = 86_400.0;

/// A time of the day (s since midnight, at most 24 h).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clock(pub f64);

/// Days of the week, Monday first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days(pub [bool; 7]);

/// A time of the week (s since Monday 00:00): "sun 03:00", or "03:00" for Monday.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment(pub f64);

/// From start to start: a plain duration is fixed, a rate exponential; its mean is above 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Recurrence(pub Law);

/// Stages of a change, ascending, not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stages(pub Vec<Reach>);

/// "08:30" as seconds.
fn clock(text: &str) -> Option<f64> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let two = |part: &str, most: u32| {
        let digits = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u32>().ok().filter(|number| digits && *number <= most)
    };
    let (hours, minutes) = (two(hours, 24)?, two(minutes, 59)?);
    (hours < 24 || minutes == 0).then(|| f64::from(hours * 3_600 + minutes * 60))
}

fn day(text: &str) -> Option<usize> {
    DAYS.iter().position(|day| *day == text.trim())
}

/// "mon-fri" or "sat": from one day to another, over Sunday if need be.
fn days(text: &str) -> Option<[bool; 7]> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (day(first)?, day(last)?);
    let mut days = [false; 7];
    let length = (last + 7 - first) % 7;
    (0..=length).for_each(|step| days[(first + step) % 7] = true);
    Some(days)
}

macro_rules! text_kind {
    ($type:ident, $name:literal, $example:literal, $pattern:literal, $help:literal, $parse:expr) => {
        impl Kind for $type {
            const NAME: &'static str = $name;
            const EXAMPLE: &'static str = $example;

            fn read(node: &Node, decoder: &mut Decoder) -> Option<$type> {
                let Value::Text(text) = &node.value else {
                    decoder.wrong_kind::<$type>(node);
                    return None;
                };
                let parse: fn(&str) -> Option<$type> = $parse;
                let value = parse(text.trim());
                if value.is_none() {
                    decoder.error("bad-hours", node, format!("\"{}\" is not {}", text.trim(), $name));
                    decoder.set_help($help);
                }
                value
            }

            fn placeholder() -> $type {
                $type(0.0)
            }

            fn schema() -> Json {
                json!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

text_kind!(
    Clock,
    "a time of the day",
    "\"08:00\"",
    "^\\s*[0-9]{1,2}:[0-9]{1,2}\\s*$",
    "write hours and minutes from `\"00:00\"` to `\"24:00\"`",
    |text| clock(text).map(Clock)
);
text_kind!(
    Moment,
    "a time of the week",
    "\"sun 03:00\"",
    "^\\s*((mon|tue|wed|thu|fri|sat|sun)\\s+)?[0-9]{1,2}:[0-9]{1,2}\\s*$",
    "write a day and a time such as `\"sun 03:00\"`, or a time alone",
    |text| match text.split_once(char::is_whitespace) {
        Some((name, time)) => Some(Moment(day(name)? as f64 * DAY + clock(time)?)),
        None => clock(text).map(Moment),
    }
);

impl Kind for Days {
    const NAME: &'static str = "days of the week";
    const EXAMPLE: &'static str = "\"mon-fri\"";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<Days> {
        let items = decoder.one_or_more::<Days>(node, "bad-hours", "there is no day in this list")?;
        let mut all = [false; 7];
        for item in items {
            let found = match &item.value {
                Value::Text(text) => days(text),
                _ => None,
            };
            let Some(found) = found else {
                decoder.error("bad-hours", item, "these are no days of the week");
                decoder.set_help(format!("write `{}` or a list of {}", Self::EXAMPLE, listed(DAYS)));
                return None;
            };
            all.iter_mut().zip(found).for_each(|(all, found)| *all |= found);
        }
        Some(Days(all))
    }

    fn placeholder() -> Days {
        Days([true; 7])
    }

    fn schema() -> Json {
        let day = "(mon|tue|wed|thu|fri|sat|sun)";
        let one = json!({ "type": "string", "pattern": format!("^{day}(-{day})?$") });
        json!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
    }
}

impl Kind for Recurrence {
    const NAME: &'static str = "a law or a rate";
    const EXAMPLE: &'static str = "\"7d\"";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<Recurrence> {
        let rate = match &node.value {
            Value::Text(text) => text.contains('/') || text.contains(" per "),
            Value::Table(table) => table.entry("per_year").is_some(),
            _ => false,
        };
        let law = if rate { TimeToFailure::read(node, decoder)?.0 } else { Law::read(node, decoder)? };
        // What starts again at once, and again, would stop the clock.
        if law.mean() <= 0.0 {
            decoder.error("out-of-range", node, "the time from one to the next must be longer than 0 on average");
            decoder.set_help("write for example `\"7d\"`, `\"3/7d\"` or `\"never\"`");
            return None;
        }
        Some(Recurrence(law))
    }

    fn placeholder() -> Recurrence {
        Recurrence(Law::Never)
    }

    fn schema() -> Json {
        json!({ "$ref": "#/$defs/time_to_failure" })
    }
}

const STAGES: [(&str, Reach); 4] =
    [("unit", Reach::Unit), ("zone", Reach::Zone), ("region", Reach::Region), ("all", Reach::All)];

impl Kind for Stages {
    const NAME: &'static str = "a list of stages";
    const EXAMPLE: &'static str = "[\"unit\", \"zone\", \"region\", \"all\"]";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<Stages> {
        let items = match &node.value {
            Value::List(items) if !items.is_empty() => items,
            Value::List(_) => {
                decoder.error("bad-stages", node, "a change has at least one stage");
                decoder.set_help(format!("write for example `{}`", Self::EXAMPLE));
                return None;
            }
            _ => {
                decoder.wrong_kind::<Stages>(node);
                return None;
            }
        };
        let words = || STAGES.iter().map(|(word, _)| *word);
        let mut stages: Vec<Reach> = Vec::with_capacity(items.len());
        for item in items {
            let Value::Text(text) = &item.value else {
                decoder.wrong_kind::<Stages>(item);
                return None;
            };
            let Some((_, reach)) = STAGES.iter().find(|(word, _)| *word == text.trim()) else {
                decoder.error("unknown-word", item, format!("`{}` is not a stage", text.trim())).label =
                    nearest(text.trim(), words()).map(|meant| format!("did you mean `{meant}`?"));
                decoder.set_help(format!("write one of {}", listed(words())));
                return None;
            };
            if stages.last().is_some_and(|last| last >= reach) {
                decoder.error("bad-stages", item, "a stage must reach further than the one before it");
                decoder.set_help(format!("write them in the order {}", listed(words())));
                return None;
            }
            stages.push(*reach);
        }
        Some(Stages(stages))
    }

    fn placeholder() -> Stages {
        Stages(vec![Reach::All])
    }

    fn schema() -> Json {
        json!({ "type": "array", "minItems": 1, "items": { "enum": ["unit", "zone", "region", "all"] } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_day() {
        assert_eq!(clock("00:00"), Some(0.0));
        assert_eq!(clock("8:30"), Some(30_600.0));
        assert_eq!(clock("24:00"), Some(DAY));
        for wrong in ["24:01", "25:00", "12:60", "12", "12:", ":30", "+1:30", "1:-1", "012:00", ""] {
            assert_eq!(clock(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_may_go_over_the_weekend() {
        assert_eq!(days("mon-fri"), Some([true, true, true, true, true, false, false]));
        assert_eq!(days("sat-mon"), Some([true, false, false, false, false, true, true]));
        assert_eq!(days("wed"), Some([false, false, true, false, false, false, false]));
        assert_eq!(days("fri-"), None);
        assert_eq!(days("friday"), None);
    }
}

//! Decisions as a scenario writes them: a law, or people on call and their working hours.

use super::decoder::Decoder;
use super::problem::Severity;
use super::registry::{Kind, Table as _, table};
use super::tree::{Node, Value};
use crate::law::Law;
use crate::model::{Decision, OnCall, WorkingHours};
use crate::units::Seconds;
use serde_json::{Value as Json, json};

/// Names of the days, as in `"mon-fri"`.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeOfDay(pub Seconds);

/// Days of the week, Monday first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days(pub [bool; 7]);

table! {
    /// People on call.
    PeopleText in "on_call" {
        /// From the page until somebody looks.
        required acknowledge: Law;
        /// From then until the decision.
        required decide: Law;
        /// When people are at work; default: the hour makes no difference.
        optional working_hours: HoursText;
    }
}

table! {
    /// Hours of the week in which people are at work.
    HoursText in "on_call.working_hours" {
        /// Time of day at which they begin.
        required from: TimeOfDay;
        /// Time of day at which they end; where it is not later than `from`, on the next day.
        required to: TimeOfDay;
        /// Days on which they begin.
        required days: Days;
        /// What a page outside of them takes in addition.
        required outside: Law;
    }
}

impl Kind for Decision {
    const NAME: &'static str = "a law or people on call";
    const EXAMPLE: &'static str = "\"5m\"";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<Decision> {
        let people = match &node.value {
            Value::Table(table) if table.entries.len() == 1 => table.get("on_call"),
            _ => None,
        };
        let Some(people) = people else { return Law::read(node, decoder).map(Decision::After) };
        let errors = |decoder: &Decoder| decoder.problems.iter().filter(|p| p.severity == Severity::Error).count();
        let before = errors(decoder);
        let text = decoder.within("on_call", |decoder| PeopleText::decode(people, decoder));
        let decision = Decision::OnCall(OnCall {
            acknowledge: text.acknowledge.value,
            decide: text.decide.value,
            hours: text.working_hours.map(|hours| WorkingHours {
                from: hours.value.from.value.0,
                to: hours.value.to.value.0,
                days: hours.value.days.value.0,
                outside: hours.value.outside.value,
            }),
        });
        (errors(decoder) == before).then_some(decision)
    }

    fn placeholder() -> Decision {
        Decision::After(Law::Fixed(0.0))
    }

    fn schema() -> Json {
        json!({ "$ref": "#/$defs/decision" })
    }
}

/// JSON Schema of a decision.
pub fn schema() -> Json {
    let people = super::schema::table(&PeopleText::TABLE);
    json!({
        "description": "A law, or people on call with their working hours.",
        "anyOf": [
            { "$ref": "#/$defs/law" },
            { "type": "object", "properties": { "on_call": people }, "required": ["on_call"], "additionalProperties": false },
        ],
    })
}

impl Kind for TimeOfDay {
    const NAME: &'static str = "a time of day";
    const EXAMPLE: &'static str = "\"08:00\"";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<TimeOfDay> {
        let Value::Text(text) = &node.value else {
            decoder.wrong_kind::<TimeOfDay>(node);
            return None;
        };
        let number = |digits: &str| -> Option<u32> {
            let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            if plain { digits.parse().ok() } else { None }
        };
        let minutes = text.trim().split_once(':').and_then(|(hour, minute)| {
            let (hour, minute) = (number(hour)?, number(minute)?);
            (minute < 60 && hour * 60 + minute <= 24 * 60).then_some(hour * 60 + minute)
        });
        let Some(minutes) = minutes else {
            decoder.error("bad-time", node, format!("`{}` is not a time of day", text.trim()));
            decoder.set_help(format!("write hours and minutes from 00:00 to 24:00, for example `{}`", Self::EXAMPLE));
            return None;
        };
        Some(TimeOfDay(Seconds(f64::from(minutes) * 60.0)))
    }

    fn placeholder() -> TimeOfDay {
        TimeOfDay(Seconds(0.0))
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^\\s*([01][0-9]|2[0-3]):[0-5][0-9]\\s*$|^\\s*24:00\\s*$" })
    }
}

impl Kind for Days {
    const NAME: &'static str = "days of the week";
    const EXAMPLE: &'static str = "\"mon-fri\"";

    fn read(node: &Node, decoder: &mut Decoder) -> Option<Days> {
        let Value::Text(text) = &node.value else {
            decoder.wrong_kind::<Days>(node);
            return None;
        };
        let number = |name: &str| DAYS.iter().position(|day| *day == name.trim());
        let mut days = [false; 7];
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (Some(first), Some(last)) = (number(first), number(last)) else {
                decoder.error("bad-time", node, format!("`{}` names no days of the week", part.trim()));
                decoder.set_help("write for example `\"mon-fri\"` or `\"mon, wed, sat-sun\"`");
                return None;
            };
            let count = (last + 7 - first) % 7 + 1;
            (first..first + count).for_each(|day| days[day % 7] = true);
        }
        Some(Days(days))
    }

    fn placeholder() -> Days {
        Days([true; 7])
    }

    fn schema() -> Json {
        json!({ "type": "string" })
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::Span;
    use super::*;

    fn read<K: Kind>(text: &str) -> Option<K> {
        let node = Node { span: Span::default(), value: Value::Text(text.to_owned()) };
        K::read(&node, &mut Decoder::nowhere())
    }

    #[test]
    fn times_of_day() {
        for (text, seconds) in [("00:00", Some(0.0)), ("08:30", Some(30_600.0)), (" 24:00 ", Some(86_400.0))] {
            assert_eq!(read::<TimeOfDay>(text).map(|time| time.0.get()), seconds, "{text}");
        }
        for text in ["", "8:00", "24:01", "12:60", "+1:00", "noon", "08:00:00"] {
            assert_eq!(read::<TimeOfDay>(text), None, "{text}");
        }
    }

    #[test]
    fn days_of_the_week() {
        let days = |text: &str| read::<Days>(text).map(|days| days.0.map(u8::from));
        assert_eq!(days("mon-fri"), Some([1, 1, 1, 1, 1, 0, 0]));
        assert_eq!(days("sat-mon"), Some([1, 0, 0, 0, 0, 1, 1]));
        assert_eq!(days("tue, thu,sun"), Some([0, 1, 0, 1, 0, 0, 1]));
        assert_eq!(days("mon-sun"), Some([1; 7]));
        for text in ["", "weekdays", "mon-", "mon fri"] {
            assert_eq!(days(text), None, "{text}");
        }
    }
}

//! Durations, fractions, rates and nines: how they are read from a scenario and how they are printed.
//!
//! Everything is kept in SI base units: seconds, parts of one, events per second. A year is 365 days throughout, as in
//! most service level agreements; a month is refused because it has no fixed length.

mod price;

pub use price::{MONTH_HOURS, Price, parse_price};

use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// Longest duration that may be written (s), about 32 billion years.
const LONGEST: f64 = 1e18;

/// Largest number of anything that may be written, and largest rate (per second): what is counted of it, and squared, is still a number.
pub const LARGEST: f64 = 1e18;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;
const WEEK: f64 = 7.0 * DAY;
const YEAR: f64 = 365.0 * DAY;

const UNITS_HINT: &str = "use ms, s, m, h, d, w or y, for example \"90s\", \"1h 30m\" or \"2d\"";

/// A length of time in seconds. What [`parse_duration`] returns is finite and in `0..=1e18`; a difference of two
/// lengths may be negative, and infinity stands for never.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Seconds(pub f64);

impl Seconds {
    /// No time at all.
    pub const ZERO: Seconds = Seconds(0.0);
    /// One minute, 60 s.
    pub const MINUTE: Seconds = Seconds(MINUTE);
    /// One hour, 3600 s.
    pub const HOUR: Seconds = Seconds(HOUR);
    /// One day, 86 400 s.
    pub const DAY: Seconds = Seconds(DAY);
    /// One year of 365 days, 31 536 000 s.
    pub const YEAR: Seconds = Seconds(YEAR);

    /// The number of seconds.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// Whether it is longer than nothing; false for NaN.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.0 > 0.0
    }

    /// Writes the duration as a scenario would, so that [`parse_duration`] gives back the same value to the last bit.
    ///
    /// Holds for values that a scenario can state, finite and in `0..=1e18`. Prefers one whole unit ("90s", "60d"), then
    /// several ("1d 2h 3s"), then decimals ("0.1234567s").
    #[must_use]
    pub fn to_scenario(&self) -> String {
        let seconds = self.0;
        if seconds == 0.0 {
            return "0s".to_owned();
        }
        let reads_back = |text: &str| parse_duration(text).is_ok_and(|value| value == *self);
        let single = [(YEAR, "y"), (DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (1.0, "s"), (1e-3, "ms")]
            .iter()
            .find(|(unit, _)| is_whole(seconds / unit))
            .map(|(unit, name)| (seconds / unit, *name));
        if let Some((count, name)) = single {
            let text = format!("{count}{name}");
            if count < 1000.0 && reads_back(&text) {
                return text;
            }
        }
        if is_whole(seconds) && seconds < 9e15 {
            let mut rest = seconds;
            let mut parts = Vec::new();
            for (unit, name) in [(YEAR, "y"), (DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (1.0, "s")] {
                let count = (rest / unit).floor();
                if count > 0.0 {
                    parts.push(format!("{count}{name}"));
                    rest -= count * unit;
                }
            }
            let text = parts.join(" ");
            if reads_back(&text) {
                return text;
            }
        }
        if (1e-6..1e18).contains(&seconds.abs()) { format!("{seconds}s") } else { format!("{seconds:e}s") }
    }
}

fn is_whole(value: f64) -> bool {
    value >= 1.0 && value.fract() == 0.0
}

/// The two largest units, rounded: "250ms", "2.35s", "1m 30s", "2h 5m", "3d 4h", "1y 12d"; "never" for infinity.
impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&human(self.0))
    }
}

fn human(seconds: f64) -> String {
    if seconds.is_nan() {
        return "unknown".to_owned();
    }
    if seconds < 0.0 {
        return format!("-{}", human(-seconds));
    }
    if seconds.is_infinite() {
        return "never".to_owned();
    }
    if seconds == 0.0 {
        return "0s".to_owned();
    }
    let short = significant(seconds, 3);
    if short < 1e-9 {
        return format!("{short:e}s");
    }
    if short < 1e-3 {
        return format!("{}us", significant(seconds * 1e6, 3));
    }
    if short < 1.0 {
        return format!("{}ms", significant(seconds * 1e3, 3));
    }
    if short < MINUTE {
        return format!("{short}s");
    }
    let steps = [
        (1.0, MINUTE, HOUR, "m", "s"),
        (MINUTE, HOUR, DAY, "h", "m"),
        (HOUR, DAY, YEAR, "d", "h"),
        (DAY, YEAR, 1e4 * YEAR, "y", "d"),
    ];
    for (small, large, limit, large_name, small_name) in steps {
        let counted = (seconds / small).round();
        if counted * small < limit {
            let ratio = (large / small).round();
            let (high, low) = ((counted / ratio).floor(), counted % ratio);
            return if low == 0.0 {
                format!("{high}{large_name}")
            } else {
                format!("{high}{large_name} {low}{small_name}")
            };
        }
    }
    let years = significant(seconds / YEAR, 4);
    if years < 1e7 { format!("{years}y") } else { format!("{years:e}y") }
}

/// The value rounded to so many significant decimal digits.
fn significant(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value)
}

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Seconds, String> {
        parse_duration(text)
    }
}

/// Reads a duration: "90s", "5m", "1h 30m", "1.5h", "10 min", "2 hours", "3w", "1y" (365 days), "250ms", or ISO 8601 as in
/// "PT5M", "P1DT2H", "P2W".
///
/// # Errors
///
/// A sentence that says how to write it instead: for a number without a unit, an unknown unit, a month (it has no fixed
/// length), a negative, infinite or undefined number, units out of order, and anything above 1e18 s.
pub fn parse_duration(text: &str) -> Result<Seconds, String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err("a duration is empty: write a number with a unit, for example \"90s\", \"5m\" or \"2d\"".to_owned());
    }
    if trimmed.starts_with(['-', '\u{2212}']) {
        return Err(format!("the duration \"{trimmed}\" is negative: a duration is 0s or longer"));
    }
    if ["nan", "inf", "infinity", "+inf", "+infinity", "\u{221e}"].contains(&trimmed.to_lowercase().as_str()) {
        return Err(format!("\"{trimmed}\" is not a duration: write a finite number with a unit, for example \"90s\""));
    }
    if trimmed.parse::<f64>().is_ok() {
        return Err(format!("a duration needs a unit: write \"{trimmed}s\", \"{trimmed}m\" or \"{trimmed}h\""));
    }
    let total = if trimmed.starts_with(['P', 'p']) { parse_iso(trimmed)? } else { parse_units(trimmed)? };
    if total > LONGEST || !total.is_finite() {
        return Err(format!(
            "the duration \"{trimmed}\" is longer than 1e18 s (32 billion years): write a shorter one"
        ));
    }
    Ok(Seconds(total))
}

const MONTH: &str =
    "a month has no fixed length: write days instead, for example \"30d\", or \"m\" for minutes as in \"5m\"";

/// Splits off a leading non-negative decimal number, such as `1.5` or `2e-3`.
fn split_number(text: &str) -> Option<(f64, &str, &str)> {
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(0);
    let mut end = whole;
    if text[end..].starts_with('.') {
        let decimals = digits(end + 1);
        if whole + decimals == 0 {
            return None;
        }
        end += 1 + decimals;
    } else if whole == 0 {
        return None;
    }
    if text[end..].starts_with(['e', 'E']) {
        let sign = usize::from(text[end + 1..].starts_with(['+', '-']));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    let (number, rest) = text.split_at(end);
    number.parse().ok().map(|value| (value, number, rest))
}

fn unit_seconds(unit: &str) -> Result<f64, String> {
    if unit == "M" {
        return Err(format!("\"M\" would be a month, and {MONTH}"));
    }
    let lower = unit.to_lowercase();
    Ok(match lower.as_str() {
        "us" | "\u{b5}s" | "\u{3bc}s" | "usec" | "usecs" | "microsecond" | "microseconds" => 1e-6,
        "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => 1e-3,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => MINUTE,
        "h" | "hr" | "hrs" | "hour" | "hours" => HOUR,
        "d" | "day" | "days" => DAY,
        "w" | "wk" | "wks" | "week" | "weeks" => WEEK,
        "y" | "yr" | "yrs" | "year" | "years" => YEAR,
        "mo" | "mon" | "mos" | "month" | "months" => return Err(format!("\"{unit}\": {MONTH}")),
        _ => return Err(format!("the unit \"{unit}\" is unknown: {UNITS_HINT}")),
    })
}

/// Seconds per unit, as a product or a quotient, whichever is exact for decimal fractions of a second.
fn in_seconds(value: f64, unit: f64) -> f64 {
    if unit == 1e-3 {
        value / 1e3
    } else if unit == 1e-6 {
        value / 1e6
    } else {
        value * unit
    }
}

fn parse_units(text: &str) -> Result<f64, String> {
    let mut rest = text;
    let mut total = 0.0;
    let mut last = f64::INFINITY;
    while !rest.is_empty() {
        let Some((value, number, after)) = split_number(rest) else {
            return Err(format!(
                "\"{text}\" is not a duration: write a number with a unit, for example \"90s\", \"1h 30m\" or \"2d\""
            ));
        };
        let after = after.trim_start();
        if after.starts_with(',') {
            return Err(format!("\"{text}\" has a comma: write decimals with a point, for example \"1.5h\""));
        }
        let length = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let (unit, tail) = after.split_at(length);
        if unit.is_empty() {
            return Err(format!(
                "\"{number}\" in \"{text}\" needs a unit: write \"{number}s\", \"{number}m\" or \"{number}h\""
            ));
        }
        let seconds = unit_seconds(unit)?;
        if seconds >= last {
            return Err(format!("\"{text}\": write each unit once and the largest first, for example \"1h 30m\""));
        }
        last = seconds;
        total += in_seconds(value, seconds);
        rest = tail.trim_start();
    }
    Ok(total)
}

fn parse_iso(text: &str) -> Result<f64, String> {
    let wrong = || {
        format!(
            "\"{text}\" is not an ISO 8601 duration: write for example \"PT5M\", \"P1DT2H\" or \"P2W\", or simply \"5m\""
        )
    };
    let upper = text.to_uppercase();
    let body = upper.strip_prefix('P').ok_or_else(wrong)?;
    let (date, time) = match body.split_once('T') {
        Some((_, "")) => return Err(wrong()),
        Some((date, time)) => (date, time),
        None => (body, ""),
    };
    if date.is_empty() && time.is_empty() {
        return Err(wrong());
    }
    let mut total = 0.0;
    for (part, is_time) in [(date, false), (time, true)] {
        let mut rest = part;
        let mut last = f64::INFINITY;
        while !rest.is_empty() {
            let (value, _, after) = split_number(rest).ok_or_else(wrong)?;
            let mut letters = after.chars();
            let unit = match (letters.next(), is_time) {
                (Some('Y'), false) => YEAR,
                (Some('M'), false) => {
                    return Err(format!(
                        "\"{text}\" counts months, and {MONTH}; minutes in ISO 8601 come after a T, as in \"PT5M\""
                    ));
                }
                (Some('W'), false) => WEEK,
                (Some('D'), false) => DAY,
                (Some('H'), true) => HOUR,
                (Some('M'), true) => MINUTE,
                (Some('S'), true) => 1.0,
                _ => return Err(wrong()),
            };
            if unit >= last {
                return Err(wrong());
            }
            last = unit;
            total += value * unit;
            rest = letters.as_str();
        }
    }
    Ok(total)
}

/// A part of a whole, in `0..=1`: a probability, a share, a coverage.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Fraction(f64);

impl Fraction {
    /// Nothing.
    pub const ZERO: Fraction = Fraction(0.0);
    /// Everything.
    pub const ONE: Fraction = Fraction(1.0);

    /// A fraction; none unless the value is in `0..=1`.
    #[must_use]
    pub fn new(value: f64) -> Option<Fraction> {
        // Adding 0 turns a negative zero into a positive one.
        (0.0..=1.0).contains(&value).then_some(Fraction(value + 0.0))
    }

    /// The value, in `0..=1`.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// What is left of the whole.
    #[must_use]
    pub fn complement(self) -> Fraction {
        Fraction(1.0 - self.0)
    }

    /// Writes the fraction so that [`parse_fraction`] gives back the same value to the last bit, e.g. "0.9995".
    #[must_use]
    pub fn to_scenario(&self) -> String {
        if self.0 == 0.0 || self.0 >= 1e-6 { format!("{}", self.0) } else { format!("{:e}", self.0) }
    }
}

/// As a percentage with up to six significant digits: "99.95%".
impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}%", significant(self.0 * 100.0, 6)))
    }
}

impl FromStr for Fraction {
    type Err = String;

    fn from_str(text: &str) -> Result<Fraction, String> {
        parse_fraction(text)
    }
}

/// Reads a part of a whole: "99.95%" or "0.9995".
///
/// # Errors
///
/// A sentence that says how to write it instead: for anything but a number, and for a number outside of 0 to 1 or 0 % to
/// 100 %.
pub fn parse_fraction(text: &str) -> Result<Fraction, String> {
    let trimmed = text.trim();
    let (number, percent) = match trimmed.strip_suffix('%') {
        Some(number) => (number.trim_end(), true),
        None => (trimmed, false),
    };
    let (magnitude, negative) = match number.strip_prefix('-') {
        Some(magnitude) => (magnitude, true),
        None => (number, false),
    };
    let Some((value, written, "")) = split_number(magnitude) else {
        return Err(format!(
            "\"{trimmed}\" is not a fraction: write a percentage such as \"99.95%\" or a number from 0 to 1 such as \"0.9995\""
        ));
    };
    if negative && value != 0.0 {
        return Err(format!("{trimmed} is below 0: write a value from 0% to 100%"));
    }
    if percent {
        // Moving the decimal point in the text makes "99.95%" and "0.9995" the same number to the last bit.
        let shifted = format!("{written}e-2").parse().unwrap_or(value / 100.0);
        return Fraction::new(shifted).ok_or_else(|| format!("{trimmed} is above 100%: write a value from 0% to 100%"));
    }
    Fraction::new(value).ok_or_else(|| {
        if value <= 100.0 {
            format!("{trimmed} is above 1: write \"{trimmed}%\" for a percentage or a number from 0 to 1")
        } else {
            format!("{trimmed} is above 1: write a number from 0 to 1 or a percentage up to \"100%\"")
        }
    })
}

/// A number of events per second. What [`parse_rate`] returns is finite and not negative.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Rate(pub f64);

impl Rate {
    /// No events.
    pub const ZERO: Rate = Rate(0.0);

    /// A rate per second; none unless the value is in `0..=1e18`.
    #[must_use]
    pub fn new(per_second: f64) -> Option<Rate> {
        (0.0..=LARGEST).contains(&per_second).then_some(Rate(per_second + 0.0))
    }

    /// Events per second.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// Events per year of 365 days.
    #[must_use]
    pub fn per_year(self) -> f64 {
        self.0 * YEAR
    }

    /// Mean time between events (s); none for a rate of 0.
    #[must_use]
    pub fn interval(self) -> Option<Seconds> {
        (self.0 > 0.0).then(|| Seconds(1.0 / self.0))
    }

    /// Writes the rate so that [`parse_rate`] gives back the same value to the last bit: "5/min", "12/y", "0.123/s".
    #[must_use]
    pub fn to_scenario(&self) -> String {
        for (unit, name) in [(1.0, "s"), (MINUTE, "min"), (HOUR, "h"), (DAY, "d"), (YEAR, "y")] {
            let count = significant(self.0 * unit, 12);
            let text = format!("{count}/{name}");
            if is_whole(count) && count < 1e6 && parse_rate(&text).is_ok_and(|rate| rate == *self) {
                return text;
            }
        }
        if self.0 == 0.0 || (1e-6..1e18).contains(&self.0) {
            format!("{}/s", self.0)
        } else {
            format!("{:e}/s", self.0)
        }
    }
}

/// With up to four significant digits, over the shortest time that gives at least one: "1000/s", "5/min", "12/y".
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut shown, mut name) = (self.0, "s");
        if self.0 != 0.0 {
            for (unit, unit_name) in [(1.0, "s"), (MINUTE, "min"), (HOUR, "h"), (DAY, "d"), (YEAR, "y")] {
                (shown, name) = (significant(self.0 * unit, 4), unit_name);
                if shown >= 1.0 {
                    break;
                }
            }
        }
        f.pad(&format!("{shown}/{name}"))
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Rate, String> {
        parse_rate(text)
    }
}

/// Reads a rate: "1000/s", "5/min", "12/y", "12 per year", "0.5 per day", "1 per 30d".
///
/// # Errors
///
/// A sentence that says how to write it instead: for a number without a unit of time, an unknown unit, a month, a negative
/// number, and anything above 1e18 per second.
pub fn parse_rate(text: &str) -> Result<Rate, String> {
    let trimmed = text.trim();
    let wrong = || {
        format!(
            "\"{trimmed}\" is not a rate: write a number over a time, for example \"1000/s\", \"12/y\" or \"2 per day\""
        )
    };
    if trimmed.starts_with('-') {
        return Err(format!("the rate \"{trimmed}\" is negative: a rate is 0 or more"));
    }
    let (count, rest) = match split_number(trimmed) {
        Some((count, _, rest)) => (count, rest.trim_start()),
        None => return Err(wrong()),
    };
    if rest.is_empty() {
        return Err(format!(
            "a rate needs a unit of time: write \"{trimmed}/s\", \"{trimmed}/min\" or \"{trimmed}/y\""
        ));
    }
    let time = match (rest.strip_prefix('/'), rest.strip_prefix("per")) {
        (Some(time), _) => time.trim(),
        (None, Some(time)) if time.starts_with(char::is_whitespace) => time.trim(),
        _ => return Err(wrong()),
    };
    let seconds = match split_number(time) {
        Some(_) => parse_duration(time)?.0,
        None if time.is_empty() => return Err(wrong()),
        None => unit_seconds(time)?,
    };
    if seconds <= 0.0 {
        return Err(format!("the rate \"{trimmed}\" is over no time: write for example \"12/y\""));
    }
    Rate::new(count / seconds)
        .ok_or_else(|| format!("the rate \"{trimmed}\" is larger than 1e18/s: write a smaller one"))
}

/// A number of nines, -log10 of the unavailability: 3 for 99.9 %. Infinite where no loss was seen.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Serialize)]
#[serde(transparent)]
pub struct Nines(pub f64);

/// With two decimals: "4.32"; "∞" where there was no loss.
impl fmt::Display for Nines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == f64::INFINITY { f.pad("\u{221e}") } else { f.pad(&format!("{:.2}", self.0 + 0.0)) }
    }
}

/// The number of nines of an unavailability in `0..=1`: 3 for 0.001, infinity for 0, NaN below 0.
#[must_use]
pub fn nines(unavailability: f64) -> f64 {
    // Adding 0 turns the negative zero of an unavailability of 1 into a positive one.
    -libm::log10(unavailability) + 0.0
}

/// The availability in percent with so many digits that two significant digits of the unavailability show: "99.9968 %" for
/// 3.2e-5. Trailing zeros are dropped; values outside of `0..=1` are taken as the nearer end, NaN gives "unknown".
#[must_use]
pub fn format_percent_availability(unavailability: f64) -> String {
    if unavailability.is_nan() {
        return "unknown".to_owned();
    }
    let clamped = unavailability.clamp(0.0, 1.0);
    // In integers, since 100 - x has too few digits for more than 15 nines.
    let scientific = format!("{clamped:.1e}");
    let parts = scientific.split_once('e').and_then(|(mantissa, exponent)| {
        Some((mantissa.replace('.', "").parse::<u128>().ok()?, exponent.parse::<i32>().ok()?))
    });
    let Some((mantissa, exponent)) = parts else {
        return "unknown".to_owned();
    };
    if clamped == 0.0 || exponent < -35 {
        return "100 %".to_owned();
    }
    if exponent >= 0 {
        return "0 %".to_owned();
    }
    let decimals = usize::try_from(-exponent - 1).unwrap_or(0);
    let scale = 10_u128.pow(u32::try_from(decimals).unwrap_or(0));
    let value = 100 * scale - mantissa;
    if decimals == 0 {
        return format!("{value} %");
    }
    let decimal_part = format!("{:0decimals$}", value % scale);
    match decimal_part.trim_end_matches('0') {
        "" => format!("{} %", value / scale),
        shown => format!("{}.{shown} %", value / scale),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seconds(text: &str) -> f64 {
        parse_duration(text).unwrap_or_else(|error| panic!("{text}: {error}")).0
    }

    #[test]
    fn durations_are_read_in_every_usual_spelling() {
        let cases = [
            ("90s", 90.0),
            ("5m", 300.0),
            ("1h30m", 5400.0),
            ("1h 30m", 5400.0),
            ("2d", 172_800.0),
            ("3w", 1_814_400.0),
            ("250ms", 0.25),
            ("40us", 4e-5),
            ("40\u{b5}s", 4e-5),
            ("1y", 31_536_000.0),
            ("1.5h", 5400.0),
            (".5h", 1800.0),
            ("10 min", 600.0),
            ("2 hours", 7200.0),
            ("1 hour 5 minutes 3 secs", 3903.0),
            ("2 HR", 7200.0),
            ("1 yr 2 days", 31_536_000.0 + 172_800.0),
            ("  7sec ", 7.0),
            ("1e3s", 1000.0),
            ("2.5e-3 s", 0.0025),
            ("0s", 0.0),
            ("PT5M", 300.0),
            ("P1DT2H", 93_600.0),
            ("PT1H30M", 5400.0),
            ("PT0.5S", 0.5),
            ("P2W", 1_209_600.0),
            ("P1Y", 31_536_000.0),
            ("pt5m", 300.0),
        ];
        for (text, expected) in cases {
            assert_eq!(seconds(text), expected, "{text}");
        }
        assert_eq!("5m".parse(), Ok(Seconds(300.0)));
    }

    #[test]
    fn a_duration_that_cannot_be_read_says_how_to_write_it() {
        let cases = [
            ("90", "a duration needs a unit: write \"90s\", \"90m\" or \"90h\""),
            ("0", "a duration needs a unit: write \"0s\""),
            ("1e3", "needs a unit: write \"1e3s\""),
            ("", "write a number with a unit"),
            ("  ", "write a number with a unit"),
            ("-5m", "is negative"),
            ("-5", "is negative"),
            ("NaN", "write a finite number with a unit"),
            ("inf", "write a finite number with a unit"),
            ("-inf", "is negative"),
            ("never", "is not a duration: write a number with a unit"),
            ("5 parsecs", "the unit \"parsecs\" is unknown: use ms, s, m, h, d, w or y"),
            ("1M", "write days instead, for example \"30d\", or \"m\" for minutes"),
            ("3mo", "a month has no fixed length"),
            ("3 months", "a month has no fixed length"),
            ("P1M", "minutes in ISO 8601 come after a T, as in \"PT5M\""),
            ("1h30", "\"30\" in \"1h30\" needs a unit: write \"30s\", \"30m\" or \"30h\""),
            ("30m 1h", "the largest first"),
            ("5m 5m", "each unit once"),
            ("1,5h", "write decimals with a point"),
            ("2e18s", "longer than 1e18 s"),
            ("1e400s", "longer than 1e18 s"),
            ("1e11y", "longer than 1e18 s"),
            ("P", "ISO 8601"),
            ("PT", "ISO 8601"),
            ("P1H", "ISO 8601"),
            ("PT1D", "ISO 8601"),
            ("PT5", "ISO 8601"),
            ("PT5M1H", "ISO 8601"),
            ("h", "is not a duration"),
            (".s", "is not a duration"),
        ];
        for (text, expected) in cases {
            let error = parse_duration(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn durations_are_shown_for_people() {
        let cases = [
            (0.0, "0s"),
            (0.25, "250ms"),
            (0.9996, "1s"),
            (4e-5, "40us"),
            (1e-12, "1e-12s"),
            (2.345, "2.35s"),
            (30.0, "30s"),
            (59.96, "1m"),
            (90.0, "1m 30s"),
            (3599.6, "1h"),
            (7500.0, "2h 5m"),
            (9300.0, "2h 35m"),
            (86_399.0, "1d"),
            (273_600.0, "3d 4h"),
            (5_184_000.0, "60d"),
            (31_536_000.0, "1y"),
            (377.0 * 86_400.0, "1y 12d"),
            (12_346.0 * YEAR, "12350y"),
            (1e18, "3.171e10y"),
            (f64::INFINITY, "never"),
            (f64::NAN, "unknown"),
            (-90.0, "-1m 30s"),
        ];
        for (value, expected) in cases {
            assert_eq!(Seconds(value).to_string(), expected);
        }
        assert_eq!(format!("{:>8}|", Seconds(30.0)), "     30s|");
    }

    #[test]
    fn a_scenario_is_written_as_a_person_would() {
        let cases = [
            (0.0, "0s"),
            (0.25, "250ms"),
            (90.0, "90s"),
            (5400.0, "90m"),
            (5_184_000.0, "60d"),
            (31_536_000.0, "1y"),
            (93_603.0, "1d 2h 3s"),
            (1.25, "1.25s"),
        ];
        for (value, expected) in cases {
            assert_eq!(Seconds(value).to_scenario(), expected);
        }
    }

    #[test]
    fn fractions_are_read_as_percentages_or_numbers() {
        for (text, expected) in [
            ("99.95%", 0.9995),
            ("0.9995", 0.9995),
            ("99.99 %", 0.9999),
            ("100%", 1.0),
            ("1", 1.0),
            ("0", 0.0),
            ("-0", 0.0),
            ("5e-1%", 0.005),
        ] {
            assert_eq!(parse_fraction(text).map(Fraction::get), Ok(expected), "{text}");
        }
        for (text, expected) in [
            ("150%", "150% is above 100%"),
            ("99.95", "write \"99.95%\""),
            ("1000", "is above 1: write a number from 0 to 1"),
            ("-5%", "is below 0"),
            ("-0.5", "is below 0"),
            ("NaN", "is not a fraction"),
            ("inf", "is not a fraction"),
            ("", "is not a fraction"),
            ("--0", "is not a fraction"),
            ("half", "is not a fraction"),
        ] {
            let error = parse_fraction(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
        assert_eq!(Fraction::new(1.1), None);
        assert_eq!(Fraction::new(f64::NAN), None);
        assert_eq!(Fraction::new(0.9995).map(|f| f.to_string()), Some("99.95%".to_owned()));
        assert_eq!(Fraction::ONE.complement(), Fraction::ZERO);
    }

    #[test]
    fn rates_are_read_over_any_time() {
        for (text, expected) in [
            ("1000/s", 1000.0),
            ("60/m", 1.0),
            ("30/min", 0.5),
            ("9/h", 9.0 / 3600.0),
            ("6/d", 6.0 / DAY),
            ("12/y", 12.0 / YEAR),
            ("12 per year", 12.0 / YEAR),
            ("0.5 per day", 0.5 / DAY),
            ("1 per 30d", 1.0 / (30.0 * DAY)),
            ("2 / 1h 30m", 2.0 / 5400.0),
            ("0/y", 0.0),
        ] {
            assert_eq!(parse_rate(text), Ok(Rate(expected)), "{text}");
        }
        for (text, expected) in [
            ("5", "a rate needs a unit of time: write \"5/s\", \"5/min\" or \"5/y\""),
            ("-5/s", "is negative"),
            ("", "is not a rate"),
            ("fast", "is not a rate"),
            ("5 permil", "is not a rate"),
            ("5/", "is not a rate"),
            ("5/0s", "over no time"),
            ("5/month", "a month has no fixed length"),
            ("5/M", "a month has no fixed length"),
            ("5/fortnight", "is unknown"),
            ("1e400/s", "larger than 1e18/s"),
            ("2e18/s", "larger than 1e18/s"),
        ] {
            let error = parse_rate(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
        for (rate, expected) in [(1000.0, "1000/s"), (5.0 / 60.0, "5/min"), (12.0 / YEAR, "12/y"), (0.0, "0/s")] {
            assert_eq!(Rate(rate).to_string(), expected);
            assert_eq!(Rate(rate).to_scenario(), expected);
        }
        assert_eq!(Rate(0.5 / YEAR).to_string(), "0.5/y");
        assert_eq!(Rate(0.5).interval(), Some(Seconds(2.0)));
        assert_eq!(Rate::ZERO.interval(), None);
        assert_eq!(Rate::new(f64::INFINITY), None);
    }

    #[test]
    fn nines_count_the_digits() {
        assert_eq!(nines(0.001), 3.0);
        assert_eq!(nines(1.0).to_string(), "0");
        assert_eq!(Nines(nines(4.8e-5)).to_string(), "4.32");
        assert_eq!(Nines(nines(0.0)).to_string(), "\u{221e}");
    }

    #[test]
    fn availability_shows_two_digits_of_what_is_missing() {
        for (unavailability, expected) in [
            (3.2e-5, "99.9968 %"),
            (8.1e-10, "99.999999919 %"),
            (8.166_495e-10, "99.999999918 %"),
            (0.0, "100 %"),
            (1e-3, "99.9 %"),
            (5e-4, "99.95 %"),
            (1.23e-3, "99.88 %"),
            (0.123, "88 %"),
            (0.5, "50 %"),
            (0.999, "0 %"),
            (1.0, "0 %"),
            (2.5e-20, "99.9999999999999999975 %"),
            (1e-40, "100 %"),
            (-1.0, "100 %"),
            (f64::NAN, "unknown"),
        ] {
            assert_eq!(format_percent_availability(unavailability), expected, "{unavailability}");
        }
    }

    proptest! {
        #[test]
        fn any_duration_reads_back_as_it_was_written(value in prop_oneof![
            0.0..=1e18_f64,
            0.0..1e5_f64,
            (0_u64..2_000_000_000).prop_map(|n| n as f64),
            (0_u64..20_000, prop::sample::select(vec![0.001, 60.0, 3600.0, DAY, YEAR])).prop_map(|(n, unit)| n as f64 * unit),
            (-300.0..18.0_f64).prop_map(|exponent| 10_f64.powf(exponent)),
        ]) {
            let text = Seconds(value).to_scenario();
            prop_assert_eq!(parse_duration(&text), Ok(Seconds(value)), "{}", text);
        }

        #[test]
        fn what_people_see_is_close_to_what_it_is(value in (-8.0..18.0_f64).prop_map(|exponent| 10_f64.powf(exponent))) {
            let shown = Seconds(value).to_string();
            let read = parse_duration(&shown);
            prop_assert!(read.clone().is_ok_and(|read| (read.0 / value - 1.0).abs() < 0.021), "{} {} {:?}", value, shown, read);
        }

        #[test]
        fn any_fraction_and_rate_reads_back_as_it_was_written(
            fraction in prop_oneof![0.0..=1.0_f64, (-300.0..0.0_f64).prop_map(|exponent| 10_f64.powf(exponent))],
            rate in (-300.0..18.0_f64).prop_map(|exponent| 10_f64.powf(exponent)),
            count in 0_u32..1_000_000,
        ) {
            let text = Fraction(fraction).to_scenario();
            prop_assert_eq!(parse_fraction(&text), Ok(Fraction(fraction)), "{}", text);
            for rate in [rate, f64::from(count) / YEAR, f64::from(count) / HOUR] {
                let text = Rate(rate).to_scenario();
                prop_assert_eq!(parse_rate(&text), Ok(Rate(rate)), "{}", text);
            }
        }

        #[test]
        fn no_text_breaks_a_parser(text in prop_oneof![any::<String>(), "[-+0-9eE.,PTpt/% a-zM\u{b5}]{0,12}"]) {
            if let Ok(duration) = parse_duration(&text) {
                prop_assert!((0.0..=LONGEST).contains(&duration.0));
            }
            if let Ok(rate) = parse_rate(&text) {
                prop_assert!(rate.0 >= 0.0 && rate.0.is_finite());
            }
            if let Ok(fraction) = parse_fraction(&text) {
                prop_assert!((0.0..=1.0).contains(&fraction.0));
            }
        }

        #[test]
        fn no_number_breaks_a_display(value in any::<f64>()) {
            prop_assert!(!Seconds(value).to_string().is_empty());
            prop_assert!(!Rate(value).to_string().is_empty());
            prop_assert!(!Nines(value).to_string().is_empty());
            prop_assert!(!format_percent_availability(value).is_empty());
            prop_assert!(!Seconds(value).to_scenario().is_empty());
            prop_assert!(!Rate(value).to_scenario().is_empty());
        }
    }
}

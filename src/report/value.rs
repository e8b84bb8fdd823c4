//! Numbers as people read them: as many digits as the reader can use, never more.

use crate::statistics::Estimate;
use crate::study::OpenEstimate;
use crate::units::{Seconds, format_percent_availability};

/// What marks an interval that too few observations made narrower than its level.
pub(super) const SMALL_SAMPLE_MARK: &str = "*";
/// What the mark means.
pub(super) const SMALL_SAMPLE_NOTE: &str = "* too few seen for this level: the bound is the extreme value";

/// Characters that a terminal may or may not have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Glyphs {
    /// Ends of a bar, from the thinnest to the full character.
    pub bar_parts: &'static [char],
    /// Heights of a column, from nothing to all.
    pub columns: &'static [char],
    /// Horizontal line.
    pub rule: char,
    /// Upper bound of an interval that nothing bounds.
    pub infinity: &'static str,
    /// At least.
    pub at_least: &'static str,
    /// At most.
    pub at_most: &'static str,
    /// Half of an interval.
    pub plus_minus: &'static str,
    /// In the place of what has no room.
    pub more: &'static str,
}

impl Glyphs {
    /// What any terminal of today shows.
    pub const UNICODE: Self = Self {
        bar_parts: &['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'],
        columns: &[' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
        rule: '─',
        infinity: "∞",
        at_least: "≥",
        at_most: "≤",
        plus_minus: "±",
        more: "…",
    };
    /// What every terminal shows.
    pub const ASCII: Self = Self {
        bar_parts: &['#'],
        columns: &[' ', '.', ':', '-', '=', '+', '*', '#'],
        rule: '-',
        infinity: "inf",
        at_least: ">=",
        at_most: "<=",
        plus_minus: "+-",
        more: "..",
    };
}

/// What a number counts, which decides how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// -log10 of an unavailability.
    Nines,
    /// An unavailability, to be written as the availability it leaves, in percent.
    Served,
    /// A probability or share, in percent.
    Share,
    /// Seconds, or seconds per year.
    Duration,
    /// A count, or a rate per year.
    Count,
}

/// A number with its interval, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    /// The estimate, or a phrase such as "none seen".
    pub value: String,
    /// The interval in brackets; none where there is nothing to bracket.
    pub interval: Option<String>,
}

impl Reading {
    /// A phrase in the place of a number.
    pub fn phrase(text: impl Into<String>) -> Self {
        Self { value: text.into(), interval: None }
    }

    /// Writes an estimate in its unit.
    pub fn of(estimate: &Estimate, unit: Unit, glyphs: Glyphs) -> Self {
        if !estimate.estimate.is_finite() {
            return Self::phrase("unknown");
        }
        if unit == Unit::Served && estimate.estimate == 0.0 && estimate.high > 0.0 {
            return Self {
                value: format!("{} {}", glyphs.at_least, format_percent_availability(estimate.high)),
                interval: Some("(no loss seen)".to_owned()),
            };
        }
        let (low, high) = match unit {
            // An availability rises as the unavailability falls, so its bounds change places.
            Unit::Served => (estimate.high, estimate.low),
            _ => (estimate.low, estimate.high),
        };
        let decimals = nines_decimals(estimate.high - estimate.low);
        let write = |number: f64| match unit {
            Unit::Nines => format!("{number:.decimals$}"),
            Unit::Served => format_percent_availability(number.clamp(0.0, 1.0)),
            Unit::Share => percent(number),
            Unit::Duration => duration(number),
            Unit::Count => count(number),
        };
        let bound = |number: f64| {
            if number.is_finite() { write(number) } else { glyphs.infinity.to_owned() }
        };
        let (low_text, high_text) = (bound(low), bound(high));
        // The value says percent already.
        let bare = |text: String| text.strip_suffix(" %").map(str::to_owned).unwrap_or(text);
        let mark = if estimate.sample_is_too_small() { SMALL_SAMPLE_MARK } else { "" };
        Self {
            value: write(estimate.estimate),
            interval: Some(format!("[{}, {}]{mark}", bare(low_text), bare(high_text))),
        }
    }

    /// Writes nines, which no loss leaves unbounded above.
    pub fn of_nines(nines: &OpenEstimate, glyphs: Glyphs) -> Self {
        let high = nines.high.unwrap_or(f64::INFINITY);
        let decimals = nines_decimals(high - nines.low);
        match nines.estimate {
            Some(estimate) => Self::of(
                &Estimate { estimate, low: nines.low, high, level: nines.level, method: nines.method },
                Unit::Nines,
                glyphs,
            ),
            None => Self {
                value: format!("{} {:.decimals$}", glyphs.at_least, nines.low),
                interval: Some("(no loss seen)".to_owned()),
            },
        }
    }

    /// The two ends of the interval; none where it has no two.
    pub fn ends(&self) -> Option<(&str, &str)> {
        let (inside, _) = self.interval.as_deref()?.strip_prefix('[')?.split_once(']')?;
        inside.split_once(", ")
    }

    /// Value and interval on one line.
    pub fn line(&self) -> String {
        match &self.interval {
            Some(interval) => format!("{} {interval}", self.value),
            None => self.value.clone(),
        }
    }

    /// Value above interval.
    pub fn stacked(&self) -> String {
        match &self.interval {
            Some(interval) => format!("{}\n{interval}", self.value),
            None => self.value.clone(),
        }
    }
}

/// Two decimals, or three where the interval is too narrow for two to show it.
fn nines_decimals(width: f64) -> usize {
    if width.is_finite() && width < 0.02 { 3 } else { 2 }
}

/// A duration in the two largest units.
pub(super) fn duration(seconds: f64) -> String {
    Seconds(seconds).to_string()
}

/// A part of a whole whose digits beyond the second say nothing, e.g. "98 %", "3.2 %".
pub(super) fn portion(share: f64) -> String {
    percent(if share >= 0.1 { (share * 100.0).round() / 100.0 } else { share })
}

/// A share in percent, with more digits the closer it comes to 0 or 100 %: 99.98 % never becomes 100 %.
pub(super) fn percent(share: f64) -> String {
    if share.is_nan() {
        return "unknown".to_owned();
    }
    let share = share.clamp(0.0, 1.0);
    let from_end = share.min(1.0 - share);
    if from_end <= 0.0 || from_end >= 0.1 {
        return format!("{:.0} %", share * 100.0);
    }
    // Two significant digits of the distance to the nearer end.
    let decimals = ((-libm::log10(from_end)).ceil() as usize - 1).clamp(1, 14);
    let text = format!("{:.decimals$}", share * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A count or rate: three significant digits, whole and grouped from 100 up, in billions from there.
pub(super) fn count(number: f64) -> String {
    let size = number.abs();
    let sign = if number < 0.0 { "-" } else { "" };
    match size {
        0.0 => "0".to_owned(),
        s if s >= 1e15 => format!("{sign}{s:.2e}"),
        s if s >= 999.5e6 => format!("{sign}{} billion", count(s / 1e9)),
        s if s >= 99.95 => format!("{sign}{}", grouped(s)),
        s if s >= 9.995 => format!("{sign}{s:.1}"),
        s if s >= 0.9995 => format!("{sign}{s:.2}"),
        s if s >= 0.000_1 => {
            let decimals = (2.0 - libm::log10(s).floor()) as usize;
            format!("{sign}{}", format!("{s:.decimals$}").trim_end_matches('0'))
        }
        s => format!("{sign}{s:.1e}"),
    }
}

/// A whole number in groups of three.
pub(super) fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A name in lines of at most `width` characters, broken after a hyphen, dot, underscore or space where there is one.
pub(super) fn fold(name: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut rest: Vec<char> = name.chars().collect();
    while rest.len() > width {
        let at = rest[..width].iter().rposition(|c| "-_./ +".contains(*c)).map_or(width, |place| place + 1);
        let tail = rest.split_off(at);
        lines.push(rest.iter().collect::<String>().trim_end().to_owned());
        rest = tail;
    }
    lines.push(rest.into_iter().collect());
    lines
}

/// A paragraph in lines of at most `width` characters, later ones indented. A number stays with its unit and its
/// interval.
pub(super) fn wrap(text: &str, width: usize, indent: usize) -> String {
    let mut wrapped = String::new();
    let mut length = 0;
    for word in unbreakable(text) {
        let size = word.chars().count();
        if length > 0 && length + 1 + size > width {
            wrapped.push('\n');
            wrapped.push_str(&" ".repeat(indent));
            length = indent;
        } else if length > 0 {
            wrapped.push(' ');
            length += 1;
        }
        wrapped.push_str(&word);
        length += size;
    }
    wrapped
}

/// The words of a text, where "2h 45m [2h 24m, 3h 6m]" and "95 %" are one word.
fn unbreakable(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let joins = words.last().is_some_and(|last| {
            let open = last.matches('[').count() > last.matches(']').count();
            let number = |text: &str| text.trim_start_matches('-').starts_with(|letter: char| letter.is_ascii_digit());
            let unit = last.rsplit(' ').next().is_some_and(number)
                && last.ends_with(|letter: char| letter.is_ascii_lowercase());
            open || word.starts_with(['[', '%']) || unit && number(word)
        });
        match words.last_mut() {
            Some(last) if joins => {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// Six digits, or none for nothing.
pub(super) fn scientific(value: f64) -> String {
    if value == 0.0 { "0".to_owned() } else { format!("{value:.5e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_close_to_one_never_becomes_one() {
        assert_eq!(percent(0.5), "50 %");
        assert_eq!(percent(0.972), "97.2 %");
        assert_eq!(percent(0.9998), "99.98 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(1.0 - 1e-12), "99.9999999999 %");
        assert_eq!(percent(f64::NAN), "unknown");
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(percent(0.003), "0.3 %");
    }

    #[test]
    fn counts_keep_three_digits() {
        assert_eq!(count(0.0), "0");
        assert_eq!(count(0.012_34), "0.0123");
        assert_eq!(count(1.234), "1.23");
        assert_eq!(count(99.99), "100");
        assert_eq!(count(1_234_567.0), "1,234,567");
        assert_eq!(count(126_144_000_000.0), "126 billion");
        assert_eq!(count(0.000_001_2), "1.2e-6");
        assert_eq!(count(-12.34), "-12.3");
    }

    #[test]
    fn names_break_where_they_may() {
        assert_eq!(fold("multi-region-active", 13), ["multi-region-", "active"]);
        assert_eq!(fold("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(fold("web", 10), ["web"]);
    }

    #[test]
    fn paragraphs_wrap_with_an_indent() {
        assert_eq!(wrap("one two three", 8, 2), "one two\n  three");
        assert_eq!(wrap("", 8, 2), "");
        assert_eq!(wrap("it loses 2h 45m [2h, 3h] more", 9, 0), "it loses\n2h 45m [2h, 3h]\nmore");
        assert_eq!(wrap("it gains -2h 45m [-3h, -2h] more", 9, 0), "it gains\n-2h 45m [-3h, -2h]\nmore");
        assert_eq!(wrap("at 95 % of", 5, 0), "at\n95 %\nof");
    }
}

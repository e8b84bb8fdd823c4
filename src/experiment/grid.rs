//! Values of a range that people would write: 1, 1.5, 2, 3, 5, 7, 10, ... where it spans much, equal round steps where it does not.

use crate::units::{Seconds, parse_duration};

/// Most values of a grid.
pub const MOST_VALUES: usize = 1_000;
/// A range whose ends are further apart than this factor is divided by ratios, any other by differences.
const FAR: f64 = 10.0;
/// Most steps of equal size, unless somebody says how many.
const MOST_STEPS: f64 = 40.0;
/// First digits of round numbers.
const ROUND: [f64; 6] = [1.0, 1.5, 2.0, 3.0, 5.0, 7.0];
/// Round durations from a second to less than a year (s).
const ROUND_DURATIONS: [(f64, &[f64]); 4] = [
    (1.0, &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 45.0]),
    (60.0, &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 45.0]),
    (3_600.0, &[1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 18.0]),
    (86_400.0, &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0, 70.0, 100.0, 150.0, 200.0, 300.0]),
];
/// Round differences of durations from a second to less than 10 days (s).
const STEPS_OF_DURATIONS: [f64; 20] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 10_800.0, 21_600.0,
    43_200.0, 86_400.0, 172_800.0, 432_000.0,
];

/// What the numbers of a range count, and so how they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Whole numbers.
    Whole,
    /// Durations, in seconds.
    Duration,
    /// Numbers with something behind them, `%` or `/s` or nothing.
    Number(String),
}

impl Kind {
    fn written(&self, value: f64) -> String {
        match self {
            Kind::Whole => format!("{value}"),
            Kind::Duration => Seconds(value).to_scenario(),
            Kind::Number(suffix) => format!("{value}{suffix}"),
        }
    }

    /// Seconds are counted in other steps than what has ten fingers.
    fn day(&self) -> f64 {
        if *self == Kind::Duration { 86_400.0 } else { 1.0 }
    }
}

/// Values of a range in ascending order, the ends among them.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    kind: Kind,
    values: Vec<f64>,
    /// Divided by ratios.
    pub logarithmic: bool,
}

impl Grid {
    /// Values from `LOW..HIGH`, in `steps` if given: whole numbers, durations (`1s..1h`), or numbers that both have the same after
    /// them (`0.1..0.9`, `10/s..1000/s`, `50%..99%`).
    ///
    /// # Errors
    /// A sentence that says how to write a range.
    pub fn new(range: &str, steps: Option<usize>) -> Result<Grid, String> {
        let Some((low, high)) = range.split_once("..").map(|(low, high)| (low.trim(), high.trim())) else {
            return Err(
                "write the smallest and the largest value, as 1s..1h, 1..20, 50%..99% or 10/s..1000/s".to_owned()
            );
        };
        let (kind, low, high) = ends(low, high)?;
        if low >= high {
            return Err("a range goes from the smaller value to the larger one".to_owned());
        }
        let logarithmic = low > 0.0 && high / low > FAR;
        let between = match (steps, &kind) {
            (Some(steps), _) => divided(&kind, low, high, steps, logarithmic),
            (None, Kind::Whole) if high - low < MOST_VALUES as f64 => {
                (1..(high - low) as usize).map(|step| low + step as f64).collect()
            }
            (None, Kind::Duration) if logarithmic => round_durations(low, high),
            (None, _) if logarithmic => round_numbers(low, high),
            (None, _) => multiples(step_at_least(&kind, (high - low) / MOST_STEPS), low, high),
        };
        let whole = kind == Kind::Whole;
        let mut values: Vec<f64> = between
            .into_iter()
            .map(|value| if whole { value.round() } else { value })
            .filter(|value| *value > low && *value < high)
            .collect();
        values.extend([low, high]);
        values.sort_by(f64::total_cmp);
        values.dedup();
        Ok(Grid { kind, values, logarithmic })
    }

    /// How many values there are, at least 2.
    #[must_use]
    pub fn count(&self) -> usize {
        self.values.len()
    }

    /// A value as a number: in seconds for a duration, in the unit it was written in for anything else.
    #[must_use]
    pub fn value(&self, place: usize) -> f64 {
        self.values[place]
    }

    /// A value as a scenario would write it.
    #[must_use]
    pub fn text(&self, place: usize) -> String {
        self.kind.written(self.values[place])
    }

    /// No value lies between two neighbours.
    #[must_use]
    pub fn has_every_value(&self) -> bool {
        self.kind == Kind::Whole && self.values.windows(2).all(|pair| pair[1] - pair[0] == 1.0)
    }
}

fn ends(low: &str, high: &str) -> Result<(Kind, f64, f64), String> {
    if let (Ok(low), Ok(high)) = (low.parse::<u32>(), high.parse::<u32>()) {
        return Ok((Kind::Whole, f64::from(low), f64::from(high)));
    }
    match (parse_duration(low), parse_duration(high)) {
        (Ok(low), Ok(high)) => return Ok((Kind::Duration, low.0, high.0)),
        (Ok(_), Err(error)) | (Err(error), Ok(_)) => return Err(error),
        _ => {}
    }
    let ((low, unit), (high, other)) = (number(low)?, number(high)?);
    if unit != other {
        return Err(format!(
            "both ends of a range are written in the same unit, not one in {unit:?} and one in {other:?}"
        ));
    }
    Ok((Kind::Number(unit), low, high))
}

/// A number and what stands behind it.
fn number(text: &str) -> Result<(f64, String), String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    match number.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((value, unit.to_owned())),
        _ => Err(format!(
            "{text:?} is no value of a range: write numbers that are not negative, with their unit, as 1s..1h, 1..20, 50%..99% or 10/s..1000/s"
        )),
    }
}

/// `digits` times 10 to the power of `exponent`, as near as a number can be to what people write.
fn decimal(digits: f64, exponent: i32) -> f64 {
    format!("{digits}e{exponent}").parse().unwrap_or(digits)
}

/// Exponents of ten that numbers of a range have.
fn exponents(low: f64, high: f64) -> std::ops::RangeInclusive<i32> {
    libm::floor(libm::log10(low)) as i32..=libm::ceil(libm::log10(high)) as i32
}

fn round_numbers(low: f64, high: f64) -> Vec<f64> {
    exponents(low, high).flat_map(|exponent| ROUND.map(|digits| decimal(digits, exponent))).collect()
}

fn round_durations(low: f64, high: f64) -> Vec<f64> {
    let year = Seconds::YEAR.0;
    let short = exponents(low, 1.0).filter(|exponent| *exponent < 0).flat_map(|at| ROUND.map(|it| decimal(it, at)));
    let usual = ROUND_DURATIONS.into_iter().flat_map(|(unit, counts)| counts.iter().map(move |count| count * unit));
    let long = exponents(1.0, (high / year).max(1.0)).flat_map(|at| ROUND.map(|it| year * decimal(it, at)));
    short.chain(usual).chain(long).collect()
}

/// Round differences, ascending: so many digits times 10 to the power of so much, in this unit.
fn round_steps(kind: &Kind, least: f64) -> impl Iterator<Item = (f64, f64, i32)> {
    let day = kind.day();
    let is_duration = *kind == Kind::Duration;
    let decimals = |from: f64, unit: f64| {
        let from = libm::floor(libm::log10(from)) as i32;
        (from..from + 40).flat_map(move |exponent| [1.0, 2.0, 5.0].map(|digits| (digits, unit, exponent)))
    };
    let size = move |it: &(f64, f64, i32)| it.1 * decimal(it.0, it.2);
    let short = decimals(least, 1.0).take_while(move |it| !is_duration || size(it) < 1.0);
    let usual = STEPS_OF_DURATIONS.into_iter().filter(move |_| is_duration).map(|step| (step, 1.0, 0));
    let long = decimals(10.0, day).filter(move |_| is_duration);
    short.chain(usual).chain(long)
}

fn step_at_least(kind: &Kind, least: f64) -> (f64, f64, i32) {
    // As far apart as whole numbers are.
    let least = if *kind == Kind::Whole { least.max(1.0) } else { least };
    round_steps(kind, least)
        .find(|(digits, unit, exponent)| unit * decimal(*digits, *exponent) >= least)
        .unwrap_or((1.0, least, 0))
}

fn multiples((digits, unit, exponent): (f64, f64, i32), low: f64, high: f64) -> Vec<f64> {
    let step = unit * decimal(digits, exponent);
    // Between neighbouring numbers there is no other.
    if step <= 0.0 {
        return Vec::new();
    }
    let (first, last) = (libm::ceil(low / step) as u64, libm::floor(high / step) as u64);
    (first..=last).map(|count| unit * decimal(digits * count as f64, exponent)).collect()
}

/// So many steps, between values that are rounded by a quarter of a step at most.
fn divided(kind: &Kind, low: f64, high: f64, steps: usize, logarithmic: bool) -> Vec<f64> {
    let at = |step: usize| {
        let share = step as f64 / steps as f64;
        if logarithmic { low * libm::exp(share * libm::log(high / low)) } else { low + share * (high - low) }
    };
    let rounded = |step: usize| {
        let half = (at(step) - at(step - 1)) / 2.0;
        let (digits, unit, exponent) = round_steps(kind, half)
            .take_while(|it| it.1 * decimal(it.0, it.2) <= half)
            .last()
            .unwrap_or((1.0, half, 0));
        let size = unit * decimal(digits, exponent);
        unit * decimal(digits * (at(step) / size).round(), exponent)
    };
    (1..steps).map(rounded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(range: &str, steps: Option<usize>) -> Vec<String> {
        let grid = Grid::new(range, steps).expect(range);
        (0..grid.count()).map(|place| grid.text(place)).collect()
    }

    #[test]
    fn values_are_those_that_people_write() {
        let day = "1s 1.5s 2s 3s 5s 7s 10s 15s 20s 30s 45s 1m 90s 2m 3m 5m 7m 10m 15m 20m 30m 45m 1h";
        assert_eq!(texts("1s..1h", None), day.split(' ').collect::<Vec<_>>());
        assert_eq!(texts("50ms..2s", None).join(" "), "50ms 70ms 100ms 150ms 200ms 300ms 500ms 0.7s 1s 1.5s 2s");
        assert_eq!(texts("100d..5y", None).join(" "), "100d 150d 200d 300d 1y 1y 182d 12h 2y 3y 5y");
        assert_eq!(texts("1..6", None), ["1", "2", "3", "4", "5", "6"]);
        assert_eq!(texts("90%..99%", None)[..3], ["90%", "90.5%", "91%"]);
        assert_eq!(texts("0.1..0.3", None)[..3], ["0.1", "0.105", "0.11"]);
        assert_eq!(texts("2/s..40/s", None).join(" "), "2/s 3/s 5/s 7/s 10/s 15/s 20/s 30/s 40/s");
        assert_eq!(texts("0s..30s", None).len(), 31);
        assert_eq!(texts("10s..90s", Some(4)).join(" "), "10s 30s 50s 70s 90s");
        assert_eq!(texts("1s..100s", Some(4)).join(" "), "1s 3s 10s 30s 100s");
        assert_eq!(texts("1..100000", None).len(), 30);
    }

    #[test]
    fn bad_ranges_are_explained() {
        for (range, words) in [
            ("1s", "1s..1h"),
            ("1h..1s", "from the smaller"),
            ("5s..5s", "from the smaller"),
            ("1..5s", "needs a unit"),
            ("1/s..5/h", "same unit"),
            ("a..b", "no value of a range"),
            ("-1..5", "not negative"),
            ("..", "no value of a range"),
        ] {
            let error = Grid::new(range, None).expect_err(range);
            assert!(error.contains(words), "{range}: {error}");
        }
    }

    proptest! {
        /// Any range: ascending, from one end to the other, not too many, and each value reads back.
        #[test]
        fn any_range_has_a_grid(low in 0.0..1e6_f64, factor in 1.001..1e6_f64, steps in prop::option::of(1_usize..=999), unit in "s|d|%|/s|") {
            let range = format!("{low}{unit}..{}{unit}", low.max(1e-3) * factor);
            let grid = Grid::new(&range, steps).expect("a range");
            prop_assert!((2..=MOST_VALUES + 1).contains(&grid.count()));
            let values: Vec<f64> = (0..grid.count()).map(|place| grid.value(place)).collect();
            prop_assert!(values.windows(2).all(|pair| pair[0] < pair[1]), "{values:?}");
            if unit == "d" || unit == "s" {
                let back = (0..grid.count()).map(|place| parse_duration(&grid.text(place)).map(|it| it.0));
                prop_assert_eq!(back.collect::<Result<Vec<_>, _>>(), Ok(values));
            }
        }
    }
}

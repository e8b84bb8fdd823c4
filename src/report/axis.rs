//! Axes: where a value lies, and which values to label.

use crate::report::value::percent;
use crate::units::Seconds;

/// A value to label, and its label.
pub(in crate::report) type Tick = (f64, String);

/// Values against positions.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Axis {
    low: f64,
    high: f64,
    start: f64,
    end: f64,
    logarithmic: bool,
}

impl Axis {
    /// Equal steps for equal differences, from `low` at `start` to `high` at `end`.
    pub fn linear((low, high): (f64, f64), (start, end): (f64, f64)) -> Self {
        Self { low, high: if high > low { high } else { low + 1.0 }, start, end, logarithmic: false }
    }

    /// Equal steps for equal ratios; both bounds above 0.
    pub fn logarithmic((low, high): (f64, f64), (start, end): (f64, f64)) -> Self {
        let low = low.max(f64::MIN_POSITIVE);
        Self { low, high: if high > low { high } else { low * 10.0 }, start, end, logarithmic: true }
    }

    /// Where a value lies; one outside lies at the nearer end.
    pub fn at(&self, value: f64) -> f64 {
        let share = if self.logarithmic {
            libm::log(value.max(self.low) / self.low) / libm::log(self.high / self.low)
        } else {
            (value - self.low) / (self.high - self.low)
        };
        let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        self.start + share * (self.end - self.start)
    }
}

/// Durations that people think in, for a long axis.
const LANDMARKS: [f64; 14] = [
    1e-3,
    1e-2,
    0.1,
    1.0,
    10.0,
    60.0,
    600.0,
    3_600.0,
    21_600.0,
    86_400.0,
    864_000.0,
    8_640_000.0,
    31_536_000.0,
    315_360_000.0,
];

/// More of them, for a short axis.
const STEPS: [f64; 41] = [
    1e-3,
    2e-3,
    5e-3,
    1e-2,
    2e-2,
    5e-2,
    0.1,
    0.2,
    0.5,
    1.0,
    2.0,
    5.0,
    10.0,
    20.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    1_200.0,
    1_800.0,
    3_600.0,
    7_200.0,
    14_400.0,
    21_600.0,
    43_200.0,
    86_400.0,
    172_800.0,
    432_000.0,
    864_000.0,
    1_728_000.0,
    4_320_000.0,
    8_640_000.0,
    17_280_000.0,
    31_536_000.0,
    63_072_000.0,
    157_680_000.0,
    315_360_000.0,
    630_720_000.0,
    1_576_800_000.0,
    3_153_600_000.0,
];

/// Bounds of a logarithmic axis of durations that holds all of these, at round durations.
pub(in crate::report) fn duration_bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
    for value in values.filter(|value| value.is_finite() && *value > 0.0) {
        low = low.min(value);
        high = high.max(value);
    }
    if high == 0.0 {
        return (1.0, 3_600.0);
    }
    let below = STEPS.iter().rev().copied().find(|&step| step < low * 0.999).unwrap_or(STEPS[0]);
    let above = STEPS.iter().copied().find(|&step| step > high * 1.001).unwrap_or(high * 2.0);
    (below, above)
}

/// Labels of a logarithmic axis of durations.
pub(in crate::report) fn duration_ticks((low, high): (f64, f64)) -> Vec<Tick> {
    let candidates: &[f64] = if high / low > 200.0 { &LANDMARKS } else { &STEPS };
    // Both ends have a label, so that no stretch of the axis is without one.
    let within = candidates.iter().copied().filter(|value| *value > low * 1.5 && *value < high / 1.5);
    std::iter::once(low).chain(within).chain([high]).map(|value| (value, Seconds(value).to_string())).collect()
}

/// Upper bound and labels of a linear axis of durations from 0 that holds `most`, in at most six steps.
pub(in crate::report) fn linear_duration_ticks(most: f64) -> (f64, Vec<Tick>) {
    let most = if most > 0.0 && most.is_finite() { most } else { 60.0 };
    let step = STEPS.iter().copied().find(|step| most / step <= 6.0).unwrap_or(most / 6.0);
    let count = (most / step).ceil().max(1.0);
    let ticks = (0..=count as usize)
        .map(|place| place as f64 * step)
        .map(|value| (value, if value == 0.0 { "0".to_owned() } else { Seconds(value).to_string() }))
        .collect();
    (count * step, ticks)
}

/// Bounds and labels of a linear axis of durations that holds all of these, which may be negative, in at most about six steps.
pub(in crate::report) fn duration_steps(low: f64, high: f64) -> ((f64, f64), Vec<Tick>) {
    let (low, high) = if low.is_finite() && high.is_finite() { (low, high) } else { (0.0, 60.0) };
    let (low, high) = if high - low > 1e-9 * high.abs() { (low, high) } else { (low - 0.5, high + 0.5) };
    let rough = (high - low) / 6.0;
    let step = STEPS.iter().copied().find(|step| *step >= rough).unwrap_or(rough);
    let (first, last) = ((low / step).floor(), (high / step).ceil());
    let ticks = (0..=(last - first) as usize)
        .map(|place| (first + place as f64) * step)
        .map(|value| (value, if value == 0.0 { "0".to_owned() } else { Seconds(value).to_string() }))
        .collect();
    ((first * step, last * step), ticks)
}

/// Bounds and labels of a linear axis of numbers that holds all of these, in steps of 1, 2 or 5.
pub(in crate::report) fn number_ticks(low: f64, high: f64) -> ((f64, f64), Vec<Tick>) {
    let (low, high) = if low.is_finite() && high.is_finite() { (low, high) } else { (0.0, 1.0) };
    let (low, high) = if high - low > 1e-9 * high.abs() { (low, high) } else { (low - 0.5, high + 0.5) };
    let rough = (high - low) / 6.0;
    let power = libm::pow(10.0, libm::log10(rough).floor());
    let step =
        [1.0, 2.0, 5.0, 10.0].iter().map(|factor| factor * power).find(|step| *step >= rough).unwrap_or(power * 10.0);
    let (first, last) = ((low / step).floor(), (high / step).ceil());
    let decimals = (-libm::log10(step).floor()).clamp(0.0, 9.0) as usize;
    let ticks = (0..=(last - first) as usize)
        .map(|place| (first + place as f64) * step)
        .map(|value| (value, format!("{value:.decimals$}")))
        .collect();
    ((first * step, last * step), ticks)
}

/// The smallest share that a logarithmic axis of shares shows when so many values were seen: a power of ten, down to 1 in
/// 100,000.
pub(in crate::report) fn least_share(values: u64) -> f64 {
    let power = libm::log10(values.max(10) as f64).floor().min(5.0);
    libm::pow(10.0, -power)
}

/// Labels of a logarithmic axis of shares from 100 % down to `least`, as the share that remains or as the share that is gone.
pub(in crate::report) fn tail_ticks(least: f64, remaining: bool) -> Vec<Tick> {
    [1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 1e-3, 1e-4, 1e-5]
        .into_iter()
        .filter(|share| *share >= least * 0.999)
        .map(|share| (share, percent(if remaining { share } else { 1.0 - share })))
        .collect()
}

/// Labels of a linear axis from 0 to 100 %.
pub(in crate::report) fn share_ticks() -> Vec<Tick> {
    (0..=5_u32).map(|fifth| (f64::from(fifth) / 5.0, format!("{} %", fifth * 20))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn long_and_short_axes_of_durations() {
        let bounds = duration_bounds([3.0, 200_000.0].into_iter());
        assert_eq!(bounds, (2.0, 432_000.0));
        assert_eq!(labels(&duration_ticks(bounds)), ["2s", "10s", "1m", "10m", "1h", "6h", "1d", "5d"]);
        let bounds = duration_bounds([70.0, 500.0, f64::NAN, 0.0].into_iter());
        assert_eq!(labels(&duration_ticks(bounds)), ["1m", "2m", "5m", "10m"]);
        assert_eq!(duration_bounds(std::iter::empty()), (1.0, 3_600.0));
    }

    #[test]
    fn linear_axes_are_round_and_hold_their_values() {
        let (most, ticks) = linear_duration_ticks(9_000.0);
        assert_eq!(most, 9_000.0);
        assert_eq!(labels(&ticks), ["0", "30m", "1h", "1h 30m", "2h", "2h 30m"]);
        let (bounds, ticks) = number_ticks(2.2, 4.19);
        assert_eq!(bounds, (2.0, 4.5));
        assert_eq!(labels(&ticks), ["2.0", "2.5", "3.0", "3.5", "4.0", "4.5"]);
        let (bounds, _) = number_ticks(3.0, 3.0);
        assert!(bounds.0 < 3.0 && bounds.1 > 3.0);
    }

    #[test]
    fn durations_are_stepped_as_people_count_them() {
        let (bounds, ticks) = duration_steps(-200.0, 900.0);
        assert_eq!(bounds, (-300.0, 900.0));
        assert_eq!(labels(&ticks), ["-5m", "0", "5m", "10m", "15m"]);
        let (_, ticks) = duration_steps(1_150.0, 1_320.0);
        assert_eq!(labels(&ticks), ["19m", "19m 30s", "20m", "20m 30s", "21m", "21m 30s", "22m"]);
        assert!(duration_steps(f64::INFINITY, 3.0).0.0 < duration_steps(7.0, 7.0).0.1);
    }

    #[test]
    fn positions_stay_within_the_axis() {
        let axis = Axis::logarithmic((1.0, 100.0), (0.0, 200.0));
        assert!((axis.at(10.0) - 100.0).abs() < 1e-9);
        assert_eq!((axis.at(0.0), axis.at(f64::INFINITY), axis.at(f64::NAN)), (0.0, 200.0, 0.0));
        let axis = Axis::linear((2.0, 2.0), (0.0, 1.0));
        assert!(axis.at(2.0).is_finite());
    }
}

//! Running moments and intervals for a mean.
//!
//! Updates follow B. P. Welford (1962), "Note on a method for calculating corrected sums of squares and products",
//! Technometrics 4, 419-420; third moment and merging follow P. Pebay (2008), "Formulas for robust, one-pass
//! parallel computation of covariances and arbitrary-order statistical moments", Sandia report SAND2008-6212.

use super::{Estimate, clamp_level, real, t_margin, t_quantile};
use serde::{Deserialize, Serialize};

/// Running mean and central moments, mergeable in a fixed order.
///
/// Observations are finite numbers in any one unit; means, bounds and standard errors are in that unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    count: u64,
    mean: f64,
    /// Sum of squared deviations from the mean.
    m2: f64,
    /// Sum of cubed deviations from the mean.
    m3: f64,
    min: f64,
    max: f64,
}

impl Moments {
    /// No observation yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// As if `count` zeros had been pushed: for quantities that most replications do not show at all.
    pub fn zeros(count: u64) -> Self {
        Self::alike(count, 0.0)
    }

    /// As if `value` had been pushed `count` times.
    pub fn alike(count: u64, value: f64) -> Self {
        let mut alike = Self::new();
        if count > 0 {
            alike.push(value);
            alike.count = count;
        }
        alike
    }

    /// Takes in that many observations of 0.
    pub fn push_zeros(&mut self, count: u64) {
        self.push_alike(count, 0.0);
    }

    /// Takes in that many observations that are all the same.
    pub fn push_alike(&mut self, count: u64, value: f64) {
        self.merge(&Self::alike(count, value));
    }

    /// Takes in one observation.
    ///
    /// Not inlined: where many quantities are pushed one after the other, the code would be larger than what is gained by it.
    #[inline(never)]
    pub fn push(&mut self, value: f64) {
        // What most replications do not show at all costs no division: everything stays 0.
        if value == 0.0 && self.min == 0.0 && self.max == 0.0 {
            self.count += 1;
            return;
        }
        if self.count == 0 {
            (self.min, self.max) = (value, value);
        } else {
            self.min = self.min.min(value);
            self.max = self.max.max(value);
        }
        let before = real(self.count);
        self.count += 1;
        let n = real(self.count);
        let delta = value - self.mean;
        let share = delta / n;
        let square = delta * share * before;
        self.mean += share;
        self.m3 += square * share * (n - 2.0) - 3.0 * share * self.m2;
        self.m2 += square;
    }

    /// Takes in all observations of `other`, as if they had been pushed after those of `self`, up to rounding.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        let (a, b) = (real(self.count), real(other.count));
        let n = a + b;
        let delta = other.mean - self.mean;
        let share = delta / n;
        let square = delta * share * a * b;
        self.m3 += other.m3 + square * share * (a - b) + 3.0 * share * (a * other.m2 - b * self.m2);
        self.m2 += other.m2 + square;
        self.mean += share * b;
        self.count += other.count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Number of observations.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Mean; 0 without observations.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Sum of all observations (mean times count).
    pub fn sum(&self) -> f64 {
        self.mean * real(self.count)
    }

    /// Smallest observation, exact.
    pub fn min(&self) -> Option<f64> {
        (self.count > 0).then_some(self.min)
    }

    /// Largest observation, exact.
    pub fn max(&self) -> Option<f64> {
        (self.count > 0).then_some(self.max)
    }

    /// Whether there are observations and each of them is 0: the case for [`none_seen`].
    pub fn all_zero(&self) -> bool {
        self.count > 0 && self.min == 0.0 && self.max == 0.0
    }

    /// Sample variance with divisor n - 1, unit squared; `None` below two observations.
    pub fn variance(&self) -> Option<f64> {
        (self.count >= 2).then(|| self.m2 / real(self.count - 1))
    }

    /// Standard error of the mean, the root of variance / n; `None` below two observations.
    pub fn standard_error(&self) -> Option<f64> {
        self.variance().map(|v| (v / real(self.count)).sqrt())
    }

    /// Adjusted Fisher-Pearson coefficient of skewness, G1 of Joanes and Gill (1998), The Statistician 47; without
    /// unit. `None` below three observations or when they do not vary.
    pub fn skewness(&self) -> Option<f64> {
        let n = real(self.count);
        (self.count >= 3 && self.m2 > 0.0).then(|| self.moment_skewness() * (n * (n - 1.0)).sqrt() / (n - 2.0))
    }

    /// Third central moment over the second to the 3/2, both with divisor n; for m2 > 0.
    fn moment_skewness(&self) -> f64 {
        let second = self.m2 / real(self.count);
        self.m3 / real(self.count) / (second * second.sqrt())
    }

    /// Student t interval for the mean, n - 1 degrees of freedom; `None` below two observations.
    ///
    /// Observations are taken as independent, as replications are. Good for means of many or little-skewed
    /// observations; see [`Moments::interval_skewed`] for others.
    pub fn interval(&self, level: f64) -> Option<Estimate> {
        let level = clamp_level(level);
        Some(self.symmetric(t_margin(self.standard_error()?, real(self.count - 1), level), level))
    }

    fn symmetric(&self, margin: f64, level: f64) -> Estimate {
        Estimate::symmetric(self.mean, margin, level, "t interval over replications")
    }

    /// As [`Moments::interval`], for a quantity known not to be negative: the lower bound is cut at 0.
    ///
    /// `None` also when every observation is 0: the variance seen then says nothing about what was not seen, and the
    /// upper bound has to come from a rule that the caller states, such as [`none_seen`].
    pub fn interval_nonnegative(&self, level: f64) -> Option<Estimate> {
        if self.all_zero() {
            return None;
        }
        self.interval(level).map(Estimate::clipped_at_zero)
    }

    /// Interval for the mean of a skewed quantity known not to be negative, such as rare losses of very different
    /// sizes; lower bound cut at 0.
    ///
    /// The t statistic of such a mean is skewed the other way: samples without a large loss have a mean and a standard
    /// error that are both too small, so plain t misses high means far too often. P. Hall (1992), "On the removal
    /// of skewness by transformation", Journal of the Royal Statistical Society B 54, 221-228, takes the skewness
    /// out with the cubic g(t) = t + c/3 t^2 + c^2/27 t^3 + c/6, where c = skewness / sqrt(n); g rises everywhere,
    /// and 1 + c (g - c/6) = (1 + c t/3)^3 inverts it. Quantiles are those of Student's t with n - 1 degrees of
    /// freedom rather than normal. With c near 0 (or beyond
    /// the range of doubles) the plain t interval results. The bounds are kept on their sides
    /// of the mean, which matters only for levels near 0.
    ///
    /// Measured at 95 % with 5 % of observations non-zero and lognormal of sigma 1, 300 observations: covers 95 %,
    /// plain t 86 %. At sigma 1.5 it covers 94 % against 75 % with 300 observations and 93 % against 90 % with
    /// 5,000: no interval knows of the tail that the sample did not show.
    ///
    /// `None` below two observations, and when every observation is 0 (see [`Moments::interval_nonnegative`]).
    pub fn interval_skewed(&self, level: f64) -> Option<Estimate> {
        if self.all_zero() {
            return None;
        }
        self.interval_skewed_of_any_sign(level).map(Estimate::clipped_at_zero)
    }

    /// As [`Moments::interval_skewed`], for a quantity that may be negative, such as a difference; `None` below two observations only.
    pub fn interval_skewed_of_any_sign(&self, level: f64) -> Option<Estimate> {
        let error = self.standard_error()?;
        if error == 0.0 {
            return self.interval(level);
        }
        let n = real(self.count);
        let level = clamp_level(level);
        let quantile = t_quantile(0.5 + level / 2.0, n - 1.0);
        let plain = self.symmetric(quantile * error, level);
        let c = self.moment_skewness() / n.sqrt();
        if !c.is_finite() || c.abs() < 1e-6 {
            return Some(plain);
        }
        let invert = |g: f64| 3.0 / c * (libm::cbrt(1.0 + c * (g - c / 6.0)) - 1.0);
        Some(Estimate {
            low: self.mean - error * invert(quantile).max(0.0),
            high: self.mean - error * invert(-quantile).min(0.0),
            method: "t interval over replications, Hall's correction for skewness",
            ..plain
        })
    }
}

/// Upper bound for the mean of a quantity in [0, `cap`] when `n` replications all showed 0:
/// cap * (1 - (1 - level)^(1/n)).
///
/// With a probability p of not being 0, n zeros in a row have probability (1 - p)^n; the bound is the largest p for
/// which this is at least 1 - level (one-sided Clopper-Pearson; about 3/n at 95 %, the "rule of three" of Hanley and
/// Lippman-Hand (1983), JAMA 249), and the mean is at most p times the cap. Estimate and lower bound are 0. Without
/// replications the bound is the cap.
pub fn none_seen(n: u64, cap: f64, level: f64) -> Estimate {
    let level = clamp_level(level);
    let share = if n == 0 { 1.0 } else { -libm::expm1(libm::log1p(-level) / real(n)) };
    Estimate { estimate: 0.0, low: 0.0, high: cap * share, level, method: "no event in n replications" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::testing::{SplitMix64, close, close_relative};
    use proptest::prelude::*;

    fn of(values: &[f64]) -> Moments {
        let mut moments = Moments::new();
        for &value in values {
            moments.push(value);
        }
        moments
    }

    #[test]
    fn empty_and_single() {
        let mut moments = Moments::new();
        assert_eq!((moments.count(), moments.mean(), moments.sum()), (0, 0.0, 0.0));
        assert_eq!((moments.min(), moments.max()), (None, None));
        assert!(!moments.all_zero());
        moments.push(-3.0);
        assert_eq!((moments.mean(), moments.min(), moments.max()), (-3.0, Some(-3.0), Some(-3.0)));
        assert_eq!((moments.variance(), moments.standard_error()), (None, None));
        assert_eq!(moments.interval(0.95), None);
        assert_eq!(moments.interval_skewed(0.95), None);
    }

    /// By hand: 2, 4, 4, 4, 5, 5, 7, 9 have mean 5, squared deviations 32 and cubed deviations 42.
    #[test]
    fn moments_by_hand() {
        let moments = of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        close(moments.mean(), 5.0, 1e-15);
        close(moments.sum(), 40.0, 1e-14);
        close(moments.variance().unwrap(), 32.0 / 7.0, 1e-14);
        close(moments.standard_error().unwrap(), (4.0_f64 / 7.0).sqrt(), 1e-14);
        // g1 = (42/8) / (32/8)^1.5 = 0.65625, G1 = g1 sqrt(8 * 7) / 6.
        close(moments.skewness().unwrap(), 0.656_25 * 56.0_f64.sqrt() / 6.0, 1e-14);
        assert_eq!((moments.min(), moments.max()), (Some(2.0), Some(9.0)));
    }

    /// Student's own sleep data (1908, The Probable Error of a Mean, Biometrika 6): ten differences, mean 1.58; the
    /// 95 % interval [0.70011, 2.45989] is the one printed by R's `t.test(extra ~ group, sleep, paired = TRUE)`.
    #[test]
    fn t_interval_of_the_sleep_data() {
        let found = of(&[1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]).interval(0.95).unwrap();
        close(found.estimate, 1.58, 1e-12);
        close(found.low, 0.700_11, 1e-5);
        close(found.high, 2.459_89, 1e-5);
        assert_eq!(found.method, "t interval over replications");
    }

    /// Against two passes, with an offset of 1e9 that ruins sums of squares. Remaining error: rounding of the
    /// observations themselves is shared by both sides.
    #[test]
    fn large_offsets() {
        let mut random = SplitMix64(7);
        let values: Vec<f64> = (0..10_000).map(|_| 1e9 + random.exponential()).collect();
        let n = values.len() as f64;
        let shifted: Vec<f64> = values.iter().map(|v| v - 1e9).collect();
        let mean = shifted.iter().sum::<f64>() / n;
        let power = |k: i32| shifted.iter().map(|v| (v - mean).powi(k)).sum::<f64>() / n;
        let found = of(&values);
        close(found.mean() - 1e9, mean, 1e-6);
        close_relative(found.variance().unwrap(), power(2) * n / (n - 1.0), 1e-8);
        close_relative(found.skewness().unwrap(), power(3) / power(2).powf(1.5), 1e-3);
    }

    #[test]
    fn constants_have_no_width() {
        let found = of(&[0.1; 37]);
        assert_eq!(found.variance(), Some(0.0));
        assert_eq!(found.skewness(), None);
        for interval in [found.interval(0.95), found.interval(1.0), found.interval_skewed(0.95)] {
            let interval = interval.unwrap();
            assert_eq!((interval.low, interval.estimate, interval.high), (0.1, 0.1, 0.1));
        }
    }

    #[test]
    fn nonnegative_quantities() {
        let found = of(&[0.0, 0.0, 0.0, 1.0]);
        assert!(found.interval(0.95).unwrap().low < 0.0);
        assert_eq!(found.interval_nonnegative(0.95).unwrap().low, 0.0);
        assert_eq!(of(&[0.0, 0.0]).interval_nonnegative(0.95), None);
        assert_eq!(of(&[0.0, 0.0]).interval_skewed(0.95), None);
        assert!(of(&[0.0, -0.0]).all_zero());
    }

    /// 0.95 with n = 1 is 0.95; n = 100 is 0.029513, R: `1 - 0.05^(1/100)` (the rule of three says 0.03).
    #[test]
    fn nothing_seen() {
        close(none_seen(1, 10.0, 0.95).high, 9.5, 1e-12);
        close(none_seen(100, 1.0, 0.95).high, 0.029_513_0, 1e-7);
        close_relative(none_seen(1_000_000_000, 1.0, 0.95).high, 2.995_732_27e-9, 1e-8);
        assert_eq!(none_seen(0, 7.0, 0.95).high, 7.0);
        assert_eq!(none_seen(5, 7.0, 1.0).high, 7.0);
        assert_eq!(none_seen(5, 7.0, 0.0).high, 0.0);
        assert_eq!(none_seen(5, 7.0, 0.95).method, "no event in n replications");
    }

    /// A symmetric sample gives plain t; a skewed one a longer upper arm; at both bounds Hall's g of the t statistic
    /// is the t quantile.
    #[test]
    fn hall_solves_its_equation() {
        let symmetric = of(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(symmetric.interval_skewed(0.9), symmetric.interval_nonnegative(0.9));
        let mut random = SplitMix64(3);
        let values: Vec<f64> = (0..50).map(|_| random.exponential()).collect();
        let moments = of(&values);
        let found = moments.interval_skewed(0.9).unwrap();
        let c = moments.moment_skewness() / 50.0_f64.sqrt();
        let error = moments.standard_error().unwrap();
        let g = |bound: f64| {
            let t = (moments.mean() - bound) / error;
            t + c / 3.0 * t * t + c * c / 27.0 * t * t * t + c / 6.0
        };
        close(g(found.low), t_quantile(0.95, 49.0), 1e-11);
        close(g(found.high), t_quantile(0.05, 49.0), 1e-11);
        assert!(found.high - found.estimate > found.estimate - found.low);
        let narrow = moments.interval_skewed(0.001).unwrap();
        assert!(narrow.low <= narrow.estimate && narrow.estimate <= narrow.high);
    }

    /// 2,000 synthetic experiments of 300 replications, 5 % of them with a lognormal loss (sigma 1): true mean
    /// 0.05 exp(1/2). numpy with 4,000 other experiments measured 0.958 for Hall and 0.864 for plain t; here Hall
    /// has to be within 4 binomial standard errors (0.0179 + 0.0127 for numpy's own) of 0.958, and plain t is
    /// asserted to be more than 4 standard errors below 0.95, which is why Hall is offered.
    #[test]
    fn hall_covers_rare_losses_where_plain_t_does_not() {
        const EXPERIMENTS: u32 = 2_000;
        let truth = 0.05 * 0.5_f64.exp();
        let mut random = SplitMix64(99);
        let (mut hall, mut plain) = (0, 0);
        for _ in 0..EXPERIMENTS {
            let mut moments = Moments::new();
            for _ in 0..300 {
                let struck = random.uniform() < 0.05;
                moments.push(if struck { random.normal().exp() } else { 0.0 });
            }
            let holds = |e: Option<Estimate>| e.is_some_and(|e| e.low <= truth && truth <= e.high);
            hall += u32::from(holds(moments.interval_skewed(0.95)));
            plain += u32::from(holds(moments.interval_nonnegative(0.95)));
        }
        let share = |hits: u32| f64::from(hits) / f64::from(EXPERIMENTS);
        println!("coverage of rare losses: Hall {}, plain t {}", share(hall), share(plain));
        close(share(hall), 0.958, 0.0179 + 0.0127);
        assert!(share(plain) < 0.95 - 0.0195);
    }

    proptest! {
        #[test]
        fn merging_equals_pushing_all(
            values in prop::collection::vec(-1e3..1e3_f64, 1..200),
            cut in 0.0..=1.0_f64,
        ) {
            let cut = (values.len() as f64 * cut) as usize;
            let all = of(&values);
            let mut merged = of(&values[..cut]);
            merged.merge(&of(&values[cut..]));
            prop_assert_eq!(merged.count(), all.count());
            prop_assert_eq!((merged.min(), merged.max()), (all.min(), all.max()));
            let n = values.len() as f64;
            prop_assert!((merged.mean() - all.mean()).abs() <= 1e-10);
            prop_assert!((merged.m2 - all.m2).abs() <= 1e-9 * 1e6 * n);
            prop_assert!((merged.m3 - all.m3).abs() <= 1e-10 * 1e9 * n);
        }

        #[test]
        fn agrees_with_two_passes(values in prop::collection::vec(-1e3..1e3_f64, 3..200)) {
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let power = |k: i32| values.iter().map(|v| (v - mean).powi(k)).sum::<f64>();
            let found = of(&values);
            prop_assert!((found.mean() - mean).abs() <= 1e-10);
            prop_assert!((found.m2 - power(2)).abs() <= 1e-12 * 1e6 * n);
            prop_assert!((found.m3 - power(3)).abs() <= 1e-12 * 1e9 * n);
        }
    }
}

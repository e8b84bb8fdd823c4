//! Estimates and their intervals.
//!
//! Everything here is deterministic arithmetic on observations: no random numbers, no clock, nothing of the rest of
//! the crate. Accumulators ([`Moments`], [`Paired`], [`Ratio`], [`Spread`]) are fed one observation at a time and
//! merged; merging in a fixed order gives bit-identical results whatever the number of threads that filled them.
//!
//! | question | answer | method |
//! |---|---|---|
//! | mean over replications | [`Moments::interval`] | Student t |
//! | mean of rare, skewed losses | [`Moments::interval_skewed`] | Hall (1992) transformation of t |
//! | mean when nothing was ever seen | [`none_seen`] | exact binomial bound, times a cap |
//! | difference under common random numbers | [`Paired::difference`] | paired t |
//! | ratio of two means | [`Ratio::interval`] | delta method |
//! | probability | [`proportion`] | Clopper-Pearson (1934) |
//! | quantile | [`Spread::quantile_interval`] | order statistics |
//! | quantile of weighted values | [`Weighted::quantile_interval`] | Woodruff (1952), batches |
//!
//! A confidence level is a share between 0 and 1, for example 0.95. A level outside is clamped to that range: level 0
//! gives the narrowest interval there is, level 1 one that excludes nothing. A level that is not a number counts as 1.

mod gamma;
mod moments;
mod paired;
mod proportion;
mod quantiles;
mod regression;
mod spread;
mod weighted;

pub use gamma::gamma_cdf;
pub use moments::{Moments, none_seen};
pub use paired::{Paired, Ratio};
pub use proportion::proportion;
pub use quantiles::{normal_quantile, t_quantile};
pub use regression::select;
pub use spread::Spread;
pub use weighted::Weighted;

/// A number with its interval, the level of that interval and how it was obtained.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Estimate {
    /// The point estimate, in the unit of what was observed.
    pub estimate: f64,
    /// Lower bound of the interval, same unit; at most `estimate`.
    pub low: f64,
    /// Upper bound of the interval, same unit; at least `estimate`; may be infinite.
    pub high: f64,
    /// Confidence level of the interval, a share in [0, 1].
    pub level: f64,
    /// Name of the method that gave the interval, for the reader of a report.
    pub method: &'static str,
}

impl Estimate {
    /// The estimate of `f` of the quantity, for an increasing `f`: bounds are carried through as they are.
    ///
    /// The interval keeps its level, since an increasing function keeps the order of the bounds. The estimate is
    /// `f(estimate)`, which for a curved `f` is not the mean of `f`.
    pub fn map_increasing(self, f: impl Fn(f64) -> f64) -> Self {
        Self { estimate: f(self.estimate), low: f(self.low), high: f(self.high), ..self }
    }

    /// The estimate of `f` of the quantity, for a decreasing `f`: the bounds change places.
    pub fn map_decreasing(self, f: impl Fn(f64) -> f64) -> Self {
        Self { estimate: f(self.estimate), low: f(self.high), high: f(self.low), ..self }
    }

    /// The estimate in another unit: everything times `k`, which must be at least 0.
    pub fn scale(self, k: f64) -> Self {
        debug_assert!(k >= 0.0, "a negative factor would swap the bounds");
        self.map_increasing(|value| value * k)
    }

    /// Half the distance between the bounds, in the unit of the estimate.
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// Half width as a share of the size of the estimate; `None` when the estimate is 0 or not finite.
    pub fn relative_half_width(&self) -> Option<f64> {
        (self.estimate != 0.0 && self.estimate.is_finite()).then(|| self.half_width() / self.estimate.abs())
    }

    /// There were too few observations for an interval of its level: the bounds are the extreme values seen.
    pub fn sample_is_too_small(&self) -> bool {
        self.method == SMALL_SAMPLE
    }

    /// An estimate `center` plus and minus `margin` (at least 0).
    fn symmetric(center: f64, margin: f64, level: f64, method: &'static str) -> Self {
        Self { estimate: center, low: center - margin, high: center + margin, level, method }
    }

    /// The same estimate of a quantity known not to be negative: the lower bound is cut at 0.
    fn clipped_at_zero(self) -> Self {
        Self { low: self.low.max(0.0), ..self }
    }
}

/// Method of an interval for which the sample was too small.
pub(crate) const SMALL_SAMPLE: &str = "order statistics, sample too small for the level";

/// A level brought into [0, 1]; 1, which claims nothing, when it is not a number.
fn clamp_level(level: f64) -> f64 {
    if level.is_nan() { 1.0 } else { level.clamp(0.0, 1.0) }
}

/// Half width of a two-sided Student t interval: quantile times standard error. Observations that never vary give 0
/// at every level.
fn t_margin(standard_error: f64, df: f64, level: f64) -> f64 {
    if standard_error == 0.0 { 0.0 } else { t_quantile(0.5 + level / 2.0, df) * standard_error }
}

/// A count as a real number; exact up to 2^53.
fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::testing::{SplitMix64, close};

    const SOME: Estimate = Estimate { estimate: 4.0, low: 1.0, high: 9.0, level: 0.9, method: "m" };

    #[test]
    fn maps_keep_or_swap_bounds() {
        let root = SOME.map_increasing(f64::sqrt);
        assert_eq!((root.low, root.estimate, root.high), (1.0, 2.0, 3.0));
        let inverse = SOME.map_decreasing(f64::recip);
        assert_eq!((inverse.low, inverse.estimate, inverse.high), (1.0 / 9.0, 0.25, 1.0));
        let twice = SOME.scale(2.0);
        assert_eq!((twice.low, twice.estimate, twice.high), (2.0, 8.0, 18.0));
        assert_eq!((twice.level, twice.method), (0.9, "m"));
    }

    #[test]
    fn widths() {
        assert_eq!(SOME.half_width(), 4.0);
        assert_eq!(SOME.relative_half_width(), Some(1.0));
        assert_eq!(SOME.scale(0.0).relative_half_width(), None);
        let endless = SOME.map_increasing(|_| f64::INFINITY);
        assert_eq!(endless.relative_half_width(), None);
    }

    /// 2,000 synthetic experiments of 200 exponentials of mean 1 each: the 95 % intervals for mean and median have to
    /// hold the truth (1 and ln 2) as often as they say. Tolerance: 4 binomial standard errors of a share over 2,000
    /// experiments. The order-statistic interval is conservative; its exact coverage for n = 200, p = 0.5 is
    /// P(86 <= Bin(200, 0.5) <= 114) = 0.95996 (scipy 1.17 `binom.cdf`), and that is what is tested.
    #[test]
    fn intervals_cover_as_often_as_they_say() {
        const EXPERIMENTS: u32 = 2_000;
        let mut random = SplitMix64(20_240_607);
        let (mut by_t, mut by_hall, mut by_ranks) = (0, 0, 0);
        for _ in 0..EXPERIMENTS {
            let (mut moments, mut spread) = (Moments::new(), Spread::default());
            for _ in 0..200 {
                let value = random.exponential();
                moments.push(value);
                spread.push(value);
            }
            let holds = |e: Option<Estimate>, truth: f64| e.is_some_and(|e| e.low <= truth && truth <= e.high);
            by_t += u32::from(holds(moments.interval(0.95), 1.0));
            by_hall += u32::from(holds(moments.interval_skewed(0.95), 1.0));
            by_ranks += u32::from(holds(spread.quantile_interval(0.5, 0.95), std::f64::consts::LN_2));
        }
        let share = |hits: u32| f64::from(hits) / f64::from(EXPERIMENTS);
        println!("coverage: t {}, Hall {}, median {}", share(by_t), share(by_hall), share(by_ranks));
        let four_errors = |p: f64| 4.0 * (p * (1.0 - p) / f64::from(EXPERIMENTS)).sqrt();
        close(share(by_t), 0.95, four_errors(0.95));
        close(share(by_hall), 0.95, four_errors(0.95));
        close(share(by_ranks), 0.95996, four_errors(0.95996));
    }
}

#[cfg(test)]
pub(crate) mod testing {
    /// Asserts that two numbers differ by at most `tolerance`.
    #[track_caller]
    pub fn close(actual: f64, expected: f64, tolerance: f64) {
        assert!((actual - expected).abs() <= tolerance, "{actual:e} is not within {tolerance:e} of {expected:e}");
    }

    /// Asserts that two numbers agree to a relative `tolerance`.
    #[track_caller]
    pub fn close_relative(actual: f64, expected: f64, tolerance: f64) {
        close(actual, expected, tolerance * expected.abs());
    }

    /// Steele, Lea, Flood (2014), "Fast splittable pseudorandom number generators", OOPSLA: SplitMix64.
    pub struct SplitMix64(pub u64);

    impl SplitMix64 {
        /// A number strictly between 0 and 1.
        pub fn uniform(&mut self) -> f64 {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            ((z >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        }

        /// An exponential of mean 1.
        pub fn exponential(&mut self) -> f64 {
            -self.uniform().ln()
        }

        /// A standard normal, by inversion.
        pub fn normal(&mut self) -> f64 {
            super::normal_quantile(self.uniform())
        }
    }
}

//! Exact interval for a probability: C. J. Clopper and E. S. Pearson (1934), "The use of confidence or fiducial
//! limits illustrated in the case of the binomial", Biometrika 26, 404-413.

use super::quantiles::beta_quantile;
use super::{Estimate, clamp_level, real};

/// Probability of success from `successes` in `trials`, two-sided Clopper-Pearson interval at `level`.
///
/// Bounds are beta quantiles, and powers of (1 - level) / 2 in closed form when no trial or every trial succeeded.
/// Correct to about ten digits for up to 1e9 trials. The interval covers at least as often as its level says,
/// whatever the probability. More successes than trials count as all trials. No trial at all gives an estimate that
/// is not a number in the interval [0, 1].
pub fn proportion(successes: u64, trials: u64, level: f64) -> Estimate {
    let level = clamp_level(level);
    if trials == 0 {
        return Estimate { estimate: f64::NAN, low: 0.0, high: 1.0, level, method: "Clopper-Pearson, no trial" };
    }
    let successes = successes.min(trials);
    let (hits, misses) = (real(successes), real(trials - successes));
    let tail = (1.0 - level) / 2.0;
    // A bound when all trials agree, tail^(1 / n), and its complement.
    let all_agree = libm::log(tail) / real(trials);
    let low = match successes {
        0 => 0.0,
        s if s == trials => libm::exp(all_agree),
        _ => beta_quantile(tail, hits, misses + 1.0).0,
    };
    let high = match successes {
        0 => -libm::expm1(all_agree),
        s if s == trials => 1.0,
        _ => beta_quantile(tail, misses, hits + 1.0).1,
    };
    let estimate = hits / real(trials);
    Estimate { estimate, low, high, level, method: "Clopper-Pearson" }
}

#[cfg(test)]
mod tests {
    use super::super::quantiles::binomial_at_most;
    use super::*;
    use crate::statistics::testing::{close, close_relative};
    use proptest::prelude::*;

    /// 0/10 and 3/10 as printed by R: `binom.test(0, 10)`, `binom.test(3, 10)`.
    #[test]
    fn small_samples() {
        let none = proportion(0, 10, 0.95);
        assert_eq!((none.estimate, none.low), (0.0, 0.0));
        close(none.high, 0.308_50, 5e-6);
        let three = proportion(3, 10, 0.95);
        close(three.low, 0.066_74, 5e-6);
        close(three.high, 0.652_45, 5e-6);
        let all = proportion(10, 10, 0.95);
        close(all.low, 1.0 - 0.308_50, 5e-6);
        assert_eq!((all.estimate, all.high), (1.0, 1.0));
    }

    /// `scipy.stats.beta.ppf(0.025, s, n - s + 1)` and `ppf(0.975, s + 1, n - s)`, scipy 1.17; but for 5 of 1e9 both
    /// bounds are from the binomial sum itself in 40 digits (mpmath), where scipy's upper bound 1.1668332001e-8 is
    /// off by 3e-9 of its value.
    #[test]
    fn large_samples() {
        for (successes, trials, low, high) in [
            (3, 10, 0.066_739_511_177_734_47, 0.652_452_850_059_997_3),
            (1, 1_000_000, 2.531_780_766_379_417_8e-8, 5.571_630_655_166_939e-6),
            (37, 1_000_000, 2.605_154_415_614_198_2e-5, 5.099_926_915_260_212e-5),
            (500_000, 1_000_000, 0.499_019_519_195_311_84, 0.500_980_480_804_688_2),
            (999_990, 1_000_000, 0.999_981_609_721_108_7, 0.999_995_204_601_222_5),
            (5, 1_000_000_000, 1.623_486_392_047_539_8e-9, 1.166_833_204_041_851_3e-8),
            (123_456, 1_000_000_000, 0.000_122_768_330_853_013_21, 0.000_124_146_565_525_687_56),
            (500_000_000, 1_000_000_000, 0.499_969_009_748_422_3, 0.500_030_990_251_577_7),
        ] {
            let found = proportion(successes, trials, 0.95);
            close_relative(found.low, low, 1e-10);
            close_relative(found.high, high, 1e-10);
        }
    }

    #[test]
    fn levels_and_counts_at_the_edges() {
        let sure_of = |successes| proportion(successes, 10, 1.0);
        let sure = sure_of(3);
        assert_eq!((sure.low, sure.high), (0.0, 1.0));
        let sure = proportion(0, 10, 2.0);
        assert_eq!((sure.low, sure.high, sure.level), (0.0, 1.0, 1.0));
        let nothing = proportion(0, 0, 0.95);
        assert!(nothing.estimate.is_nan());
        assert_eq!((nothing.low, nothing.high), (0.0, 1.0));
        assert_eq!(proportion(11, 10, 0.95), proportion(10, 10, 0.95));
        assert_eq!(proportion(3, 10, f64::NAN), sure_of(3));
    }

    proptest! {
        /// The definition: at each bound, the tail beyond what was seen holds (1 - level) / 2.
        #[test]
        fn bounds_solve_their_equations(trials in 2_u64..5_000, part in 0.0..1.0_f64, level in 0.5..0.999_f64) {
            let successes = ((trials as f64 * part) as u64).clamp(1, trials - 1);
            let found = proportion(successes, trials, level);
            let tail = (1.0 - level) / 2.0;
            let above = 1.0 - binomial_at_most(successes - 1, trials, found.low);
            let below = binomial_at_most(successes, trials, found.high);
            prop_assert!((above - tail).abs() < 1e-9, "{above} {tail}");
            prop_assert!((below - tail).abs() < 1e-9, "{below} {tail}");
            prop_assert!(found.low < found.estimate && found.estimate < found.high);
        }

        /// Successes and failures change places.
        #[test]
        fn mirrored(trials in 1_u64..100_000, part in 0.0..=1.0_f64) {
            let successes = (trials as f64 * part) as u64;
            let here = proportion(successes, trials, 0.9);
            let there = proportion(trials - successes, trials, 0.9);
            prop_assert!((here.low - (1.0 - there.high)).abs() < 1e-12);
            prop_assert!((here.high - (1.0 - there.low)).abs() < 1e-12);
        }
    }
}

//! Pairs of observations: differences under common random numbers, and ratios of means.
//!
//! Common random numbers: A. M. Law, Simulation Modeling and Analysis (5th ed. 2015), sections 10.2.1 and 11.2. Ratio
//! estimator: W. G. Cochran, Sampling Techniques (3rd ed. 1977), chapter 6; for regenerative simulation
//! the same interval is that of Crane and Iglehart (1975), Operations Research 23. Co-moments follow Pebay (2008),
//! see [`Moments`].

use super::{Estimate, Moments, clamp_level, real, t_margin};
use serde::{Deserialize, Serialize};

/// Paired observations under common random numbers: means, variances and covariance.
///
/// Both designs are observed with the same random numbers in each replication, in the same unit. The difference is
/// accumulated on its own, so that a small difference of large numbers keeps its digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Paired {
    x: Moments,
    y: Moments,
    /// x - y.
    difference: Moments,
    /// Sum of products of deviations from the two means.
    comoment: f64,
}

impl Paired {
    /// No pair yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in one pair, of one replication.
    pub fn push(&mut self, x: f64, y: f64) {
        let from_old_mean = x - self.x.mean();
        self.x.push(x);
        self.y.push(y);
        self.difference.push(x - y);
        self.comoment += from_old_mean * (y - self.y.mean());
    }

    /// Takes in all pairs of `other`, as if pushed after those of `self`, up to rounding.
    pub fn merge(&mut self, other: &Self) {
        self.comoment += other.comoment + comoment_between((&self.x, &self.y), (&other.x, &other.y));
        self.x.merge(&other.x);
        self.y.merge(&other.y);
        self.difference.merge(&other.difference);
    }

    /// Number of pairs.
    pub fn count(&self) -> u64 {
        self.x.count()
    }

    /// Moments of the first of each pair.
    pub fn x(&self) -> &Moments {
        &self.x
    }

    /// Moments of the second of each pair.
    pub fn y(&self) -> &Moments {
        &self.y
    }

    /// Sample covariance with divisor n - 1, unit squared; `None` below two pairs.
    pub fn covariance(&self) -> Option<f64> {
        (self.count() >= 2).then(|| self.comoment / real(self.count() - 1))
    }

    /// Mean of x - y with a paired Student t interval, n - 1 degrees of freedom; `None` below two pairs. Exactly 0 in
    /// [0, 0] when no pair differs.
    pub fn difference(&self, level: f64) -> Option<Estimate> {
        let method = "paired t interval over replications";
        self.difference.interval(level).map(|found| Estimate { method, ..found })
    }

    /// As [`Paired::difference`], with the correction for skewness of [`Moments::interval_skewed`].
    pub fn difference_skewed(&self, level: f64) -> Option<Estimate> {
        self.difference.interval_skewed_of_any_sign(level)
    }

    /// (var x + var y) / var(x - y), without unit: how many times more replications independent random numbers would
    /// have needed for the same interval. Above 1 the common random numbers help. `None` below two pairs or when the
    /// difference does not vary.
    pub fn variance_ratio(&self) -> Option<f64> {
        let between = self.difference.variance()?;
        let apart = self.x.variance()? + self.y.variance()?;
        (between > 0.0).then(|| apart / between)
    }
}

/// What the distance between the means of two sets of pairs adds to the sum of products of deviations.
fn comoment_between((x, y): (&Moments, &Moments), (other_x, other_y): (&Moments, &Moments)) -> f64 {
    let (a, b) = (real(x.count()), real(other_x.count()));
    if b == 0.0 {
        return 0.0;
    }
    (other_x.mean() - x.mean()) * (other_y.mean() - y.mean()) * (a * b / (a + b))
}

/// Ratio of means, such as downtime per incident: a numerator and a denominator per replication.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    num: Moments,
    den: Moments,
    /// Sum of products of deviations from the two means.
    comoment: f64,
}

impl Ratio {
    /// No replication yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the numerator and the denominator of one replication.
    pub fn push(&mut self, num: f64, den: f64) {
        let from_old_mean = num - self.num.mean();
        self.num.push(num);
        self.den.push(den);
        self.comoment += from_old_mean * (den - self.den.mean());
    }

    /// Takes in all replications of `other`, as if pushed after those of `self`, up to rounding.
    pub fn merge(&mut self, other: &Self) {
        self.comoment += other.comoment + comoment_between((&self.num, &self.den), (&other.num, &other.den));
        self.num.merge(&other.num);
        self.den.merge(&other.den);
    }

    /// Number of replications.
    pub fn count(&self) -> u64 {
        self.num.count()
    }

    /// Sum of numerators over sum of denominators, in the unit of one per the other; `None` when the denominators sum
    /// to 0.
    pub fn estimate(&self) -> Option<f64> {
        let (num, den) = (self.num.mean(), self.den.mean());
        (den != 0.0).then(|| num / den)
    }

    /// The classical ratio estimator r with the delta-method interval: t quantile with n - 1 degrees of freedom times
    /// the root of (var num - 2 r cov + r^2 var den) / n, over the mean denominator.
    ///
    /// `None` below two replications or when the denominators sum to 0. The lower bound is cut at 0 when no numerator
    /// and no denominator was negative. Replications may hold any number of events, none included; the bias is of
    /// order 1/n. Where every replication has the same ratio, rounding may leave a relative width of about 1e-8.
    pub fn interval(&self, level: f64) -> Option<Estimate> {
        let level = clamp_level(level);
        let ratio = self.estimate()?;
        let (num, den) = (&self.num, &self.den);
        let covariance = self.comoment / real(self.count() - 1);
        let residual = num.variance()? - 2.0 * ratio * covariance + ratio * ratio * den.variance()?;
        let n = real(self.count());
        let error = (residual.max(0.0) / n).sqrt() / den.mean().abs();
        let margin = t_margin(error, n - 1.0, level);
        let found = Estimate::symmetric(ratio, margin, level, "ratio of means, delta method with t");
        let never_negative = |m: &Moments| m.min().is_some_and(|least| least >= 0.0);
        Some(if never_negative(num) && never_negative(den) { found.clipped_at_zero() } else { found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::testing::{SplitMix64, close, close_relative};
    use proptest::prelude::*;

    fn of(pairs: &[(f64, f64)]) -> Paired {
        let mut paired = Paired::new();
        for &(x, y) in pairs {
            paired.push(x, y);
        }
        paired
    }

    /// Student's sleep data again, as pairs (see `moments`): R prints mean difference -1.58, [-2.45989, -0.70011].
    #[test]
    fn sleep_data_as_pairs() {
        let first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        let second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        let pairs: Vec<_> = first.into_iter().zip(second).collect();
        let paired = of(&pairs);
        let found = paired.difference(0.95).unwrap();
        close(found.estimate, -1.58, 1e-12);
        close(found.low, -2.459_89, 1e-5);
        close(found.high, -0.700_11, 1e-5);
        // var(x - y) = var x + var y - 2 cov.
        let apart = paired.x().variance().unwrap() + paired.y().variance().unwrap();
        let between = apart - 2.0 * paired.covariance().unwrap();
        close_relative(paired.variance_ratio().unwrap(), apart / between, 1e-12);
    }

    #[test]
    fn equal_designs_do_not_differ() {
        let paired = of(&[(0.1, 0.1), (7.3, 7.3), (1e9, 1e9)]);
        let found = paired.difference(0.99).unwrap();
        assert_eq!((found.estimate, found.low, found.high), (0.0, 0.0, 0.0));
        assert_eq!(paired.variance_ratio(), None);
        assert_eq!(of(&[(1.0, 2.0)]).difference(0.95), None);
        assert_eq!(Paired::new().variance_ratio(), None);
    }

    /// A difference of about 1e-3 between numbers of about 1e9 keeps its digits (1e9 has an ulp of 1.2e-7).
    #[test]
    fn small_differences_of_large_numbers() {
        let mut random = SplitMix64(5);
        let mut paired = Paired::new();
        for _ in 0..1_000 {
            let x = 1e9 * (1.0 + random.uniform());
            paired.push(x, x - 1e-3);
        }
        let found = paired.difference(0.95).unwrap();
        close(found.estimate, 1e-3, 1e-7);
        assert!(found.half_width() < 1e-7);
        assert!(paired.variance_ratio().unwrap() > 1e12);
    }

    /// By hand: (2, 1), (4, 1), (6, 4): r = 12/6 = 2; residuals num - 2 den are 0, 2, -2, variance 4; error
    /// sqrt(4/3) / 2 = 0.57735; t(0.975, 2) = 4.30265.
    #[test]
    fn ratio_by_hand() {
        let mut ratio = Ratio::new();
        for (num, den) in [(2.0, 1.0), (4.0, 1.0), (6.0, 4.0)] {
            ratio.push(num, den);
        }
        let found = ratio.interval(0.95).unwrap();
        close(found.estimate, 2.0, 1e-15);
        close(found.high, 2.0 + 4.302_652_73 * (4.0_f64 / 3.0).sqrt() / 2.0, 1e-8);
        assert_eq!(found.low, 0.0);
        assert_eq!(ratio.count(), 3);
    }

    #[test]
    fn ratios_at_the_edges() {
        let mut ratio = Ratio::new();
        assert_eq!((ratio.estimate(), ratio.interval(0.95)), (None, None));
        ratio.push(3.0, 1.0);
        assert_eq!((ratio.estimate(), ratio.interval(0.95)), (Some(3.0), None));
        ratio.push(6.0, 2.0);
        ratio.push(0.3, 0.1);
        let found = ratio.interval(0.95).unwrap();
        close(found.half_width(), 0.0, 1e-6);
        let mut nothing = Ratio::new();
        nothing.push(0.0, 0.0);
        nothing.push(0.0, 0.0);
        assert_eq!(nothing.interval(0.95), None);
    }

    proptest! {
        #[test]
        fn merging_equals_pushing_all(
            pairs in prop::collection::vec((-1e3..1e3_f64, -1e3..1e3_f64), 2..100),
            cut in 0.0..=1.0_f64,
        ) {
            let cut = (pairs.len() as f64 * cut) as usize;
            let all = of(&pairs);
            let mut merged = of(&pairs[..cut]);
            merged.merge(&of(&pairs[cut..]));
            prop_assert_eq!(merged.count(), all.count());
            let (here, there) = (merged.difference(0.95).unwrap(), all.difference(0.95).unwrap());
            prop_assert!((here.estimate - there.estimate).abs() <= 1e-9);
            prop_assert!((here.half_width() - there.half_width()).abs() <= 1e-6);
            let (here, there) = (merged.covariance().unwrap(), all.covariance().unwrap());
            prop_assert!((here - there).abs() <= 1e-6);
        }
    }
}

//! The distribution of a positive quantity in logarithmic bins, and intervals for its quantiles.
//!
//! Bins as in the high dynamic range histogram of G. Tene (<https://hdrhistogram.org>): the exponent and the leading
//! ten bits of the mantissa of the double are the bin, which costs no logarithm. Interval for a quantile from order
//! statistics: W. J. Conover, Practical Nonparametric Statistics (3rd ed. 1999), section 3.2; H. A. David and
//! H. N. Nagaraja, Order Statistics (3rd ed. 2003), section 7.1.

use super::quantiles::{binomial_at_most, normal_quantile};
use super::{Estimate, clamp_level, real};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Mantissa bits of a double that do not choose the bin: 52 less the ten that do.
const DROPPED_BITS: u32 = 42;

/// Distribution of positive values in logarithmic bins, sparse: memory depends on the spread of the values, not on
/// their number.
///
/// There are 1,024 bins to each doubling, so a bin is at most 2^-10 (0.1 %) wide relative to its values. A bin keeps
/// its count and the mean of what fell into it, which stands for all of them: values that are all 60 s have quantiles
/// of exactly 60 s. Smallest and largest value are kept exactly. Values are in any one unit; 0 is counted by
/// itself, a value below 0 counts as 0, and infinity is a value. A value that is not a
/// number sorts above all others and shows in every result that it takes part in.
///
/// Merging adds counts exactly; bin means depend on the order of merging in their last bits only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Values that are 0, often most of them.
    zeros: u64,
    /// Others that are not yet in a bin, so that many are put there at once.
    few: Vec<f64>,
    /// Bins that hold values, rising.
    bins: Vec<Bin>,
    count: u64,
    min: f64,
    max: f64,
}

/// Most values that are kept without a bin, unless there are many bins.
const MOST_FEW: usize = 256;

/// Room for the first of them.
const ROOM: usize = 32;

/// What fell into one bin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Bin {
    key: u32,
    count: u64,
    mean: f64,
}

impl Bin {
    /// Takes in `other`. Equal means stay exactly as they are, infinite ones too.
    fn merge(&mut self, other: Self) {
        self.count += other.count;
        if self.mean != other.mean {
            let share = real(other.count) / real(self.count);
            self.mean += (other.mean - self.mean) * share;
        }
    }
}

/// The bin of a value that is at least 0: keys rise with values.
fn key(value: f64) -> u32 {
    // 22 bits are left: always fits.
    (value.to_bits() >> DROPPED_BITS) as u32
}

/// Both lists of bins in one, in order; those of the same key become one.
fn united(mine: &[Bin], theirs: impl Iterator<Item = Bin>) -> Vec<Bin> {
    let mut mine = mine.iter().copied().peekable();
    let mut bins: Vec<Bin> = Vec::with_capacity(mine.len() + theirs.size_hint().0);
    let mut add = |bin: Bin| match bins.last_mut() {
        Some(last) if last.key == bin.key => last.merge(bin),
        _ => bins.push(bin),
    };
    for bin in theirs {
        while let Some(before) = mine.next_if(|mine| mine.key <= bin.key) {
            add(before);
        }
        add(bin);
    }
    mine.for_each(add);
    bins.shrink_to_fit();
    bins
}

impl Spread {
    /// No value yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in one value.
    pub fn push(&mut self, value: f64) {
        let value = if value <= 0.0 { 0.0 } else { value };
        self.absorb(1, value, value);
        if value == 0.0 {
            self.zeros += 1;
            return;
        }
        if self.few.capacity() == 0 {
            self.few.reserve(ROOM);
        }
        self.few.push(value);
        self.sort_in();
    }

    /// Puts values that have no bin into one, if they have become many.
    fn sort_in(&mut self) {
        if self.few.len() >= MOST_FEW.max(self.bins.len() / 2) {
            self.settle();
        }
    }

    /// Readies it to be read often: what was taken in since the last time is sorted once, and not at each reading.
    pub fn settle(&mut self) {
        if !self.few.is_empty() {
            self.bins = self.binned().into_owned();
            self.few = Vec::new();
        }
    }

    /// The bins with all values in them but those that are 0.
    fn binned(&self) -> Cow<'_, [Bin]> {
        if self.few.is_empty() {
            return Cow::Borrowed(&self.bins);
        }
        let mut few = self.few.clone();
        // None is negative, so that they rise as their bits do.
        few.sort_unstable_by_key(|value| value.to_bits());
        Cow::Owned(united(&self.bins, few.iter().map(|value| Bin { key: key(*value), count: 1, mean: *value })))
    }

    /// Takes in that many values of 0.
    pub fn push_zeros(&mut self, count: u64) {
        if count > 0 {
            self.absorb(count, 0.0, 0.0);
            self.zeros += count;
        }
    }

    /// Takes in all values of `other`.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        self.absorb(other.count, other.min, other.max);
        self.zeros += other.zeros;
        if !other.bins.is_empty() {
            self.bins = united(&self.bins, other.bins.iter().copied());
        }
        self.few.extend_from_slice(&other.few);
        self.sort_in();
    }

    /// Counts `count` > 0 more values between `min` and `max`.
    fn absorb(&mut self, count: u64, min: f64, max: f64) {
        if self.count == 0 {
            (self.min, self.max) = (min, max);
        } else {
            self.min = self.min.min(min);
            self.max = self.max.max(max);
        }
        self.count += count;
    }

    /// Number of values.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether no value was taken in.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Mean of the values, exact up to rounding; `None` without values.
    pub fn mean(&self) -> Option<f64> {
        let mut whole = self.filled();
        let first = whole.next()?;
        let folded = whole.fold(first, |mut sum, bin| {
            sum.merge(bin);
            sum
        });
        Some(folded.mean)
    }

    /// Smallest value, exact.
    pub fn min(&self) -> Option<f64> {
        (self.count > 0).then_some(self.min)
    }

    /// Largest value, exact.
    pub fn max(&self) -> Option<f64> {
        (self.count > 0).then_some(self.max)
    }

    /// The quantile at `p` in [0, 1] by nearest rank: the value of rank ceil(p n), at least 1, among the n values in
    /// rising order, as its bin shows it (within 0.1 %; exact for the smallest and the largest). `None` without
    /// values or when `p` is no share.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        if !(0.0..=1.0).contains(&p) {
            return None;
        }
        let rank = p * real(self.count);
        // 0.07 * 100 is a hair above 7: that must not become rank 8.
        let rank = (rank - rank * 4.0 * f64::EPSILON).ceil();
        self.at_rank(rank as u64)
    }

    /// The quantile at `p` with an interval from order statistics, exact whatever the law of the values: the ranks
    /// l and u are the tightest with P(B < l) and P(B >= u) at most (1 - level) / 2 each, B being binomial with n
    /// trials of probability p. For n = 100, p = 0.5, 95 %: ranks 40 and 61. Binomial tails are computed exactly at
    /// every n.
    ///
    /// Where the sample is too small for such a rank on one side, that bound is the extreme value seen, the interval
    /// holds less than its level, and the method says "sample too small for the level". `None` without values or
    /// when `p` is not strictly between 0 and 1.
    pub fn quantile_interval(&self, p: f64, level: f64) -> Option<Estimate> {
        if p.is_nan() || p <= 0.0 || p >= 1.0 {
            return None;
        }
        let estimate = self.quantile(p)?;
        let level = clamp_level(level);
        let (lower, upper) = interval_ranks(self.count, p, level);
        let small = lower < 1 || upper > self.count;
        let method = if small { super::SMALL_SAMPLE } else { "order statistics" };
        Some(Estimate {
            estimate,
            low: self.at_rank(lower)?.min(estimate),
            high: self.at_rank(upper)?.max(estimate),
            level,
            method,
        })
    }

    /// The empirical distribution for plotting: for each bin in rising order, its value and the share of values up to
    /// and including the bin. The last point is the largest value with a share of 1.
    pub fn cumulative(&self) -> Vec<(f64, f64)> {
        let n = real(self.count);
        let mut seen = 0;
        let mut points: Vec<(f64, f64)> = self
            .filled()
            .map(|bin| {
                seen += bin.count;
                (self.representative(bin), real(seen) / n)
            })
            .collect();
        if let Some(last) = points.last_mut() {
            last.0 = self.max;
        }
        points
    }

    /// The bins that hold values, rising.
    fn filled(&self) -> impl Iterator<Item = Bin> {
        let zeros = (self.zeros > 0).then_some(Bin { key: 0, count: self.zeros, mean: 0.0 });
        let bins = self.binned();
        zeros.into_iter().chain((0..bins.len()).map(move |place| bins[place]))
    }

    /// What stands for the values of a bin; rounding must not carry it beyond the extremes.
    fn representative(&self, bin: Bin) -> f64 {
        bin.mean.max(self.min).min(self.max)
    }

    /// The value of a rank, ranks below 1 and above n being those of the extremes; `None` without values.
    fn at_rank(&self, rank: u64) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        if rank <= 1 {
            return Some(self.min);
        }
        if rank >= self.count {
            return Some(self.max);
        }
        let mut seen = 0;
        self.filled()
            .find(|bin| {
                seen += bin.count;
                seen >= rank
            })
            .map(|bin| self.representative(bin))
    }
}

/// Ranks of the order-statistic interval; 0 or n + 1 where there is none.
fn interval_ranks(n: u64, p: f64, level: f64) -> (u64, u64) {
    let tail = (1.0 - level) / 2.0;
    if tail == 0.0 {
        return (0, n.saturating_add(1));
    }
    // The lower rank is the number of k with P(B <= k) at most the tail, the upper one 1 + the number of k with
    // P(B > k) above it, k from 0 to n - 1; the tests are monotone in k.
    let (mean, margin) = (real(n) * p, normal_quantile(1.0 - tail) * (real(n) * p * (1.0 - p)).sqrt());
    let lower = first_not(n, mean - margin, |k| binomial_at_most(k, n, p) <= tail);
    let upper = first_not(n, mean + margin, |k| 1.0 - binomial_at_most(k, n, p) > tail);
    (lower, upper.saturating_add(1))
}

/// The first k in 0..n for which `holds` is false, n if there is none, when it is true up to some k and false after. Nearer to the guess it
/// is found sooner.
fn first_not(n: u64, guess: f64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, n);
    for distance in [2.0, 32.0] {
        for k in [guess - distance, guess + distance] {
            let k = k as u64;
            if low <= k && k < high {
                if holds(k) {
                    low = k + 1;
                } else {
                    high = k;
                }
            }
        }
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::testing::{SplitMix64, close, close_relative};
    use proptest::prelude::*;

    fn of(values: impl IntoIterator<Item = f64>) -> Spread {
        let mut spread = Spread::new();
        for value in values {
            spread.push(value);
        }
        spread
    }

    #[test]
    fn empty() {
        let spread = Spread::new();
        assert!(spread.is_empty());
        assert_eq!((spread.mean(), spread.min(), spread.max()), (None, None, None));
        assert_eq!(spread.quantile(0.5), None);
        assert_eq!(spread.quantile_interval(0.5, 0.95), None);
        assert!(spread.cumulative().is_empty());
    }

    /// 0.1 is no binary fraction: a sum of many, divided, would not give it back.
    #[test]
    fn a_fixed_value_stays_exact() {
        for value in [60.0, 0.1, 1e-12, 3e9] {
            let mut spread = of(std::iter::repeat_n(value, 1_000));
            spread.merge(&of(std::iter::repeat_n(value, 77)));
            for p in [0.0, 0.5, 0.99, 1.0] {
                assert_eq!(spread.quantile(p), Some(value));
            }
            assert_eq!(spread.mean(), Some(value));
            assert_eq!(spread.cumulative(), [(value, 1.0)]);
            let found = spread.quantile_interval(0.5, 0.95).unwrap();
            assert_eq!((found.low, found.high), (value, value));
        }
    }

    #[test]
    fn nearest_ranks() {
        let spread = of((1..=100).map(f64::from));
        for (p, expected) in [(0.0, 1.0), (0.07, 7.0), (0.5, 50.0), (0.505, 51.0), (0.95, 95.0), (1.0, 100.0)] {
            assert_eq!(spread.quantile(p), Some(expected));
        }
        assert_eq!((spread.quantile(1.5), spread.quantile(f64::NAN)), (None, None));
        close(spread.mean().unwrap(), 50.5, 1e-12);
    }

    #[test]
    fn zeros_negatives_and_infinity() {
        let spread = of([0.0, -5.0, 1.0, f64::INFINITY, f64::INFINITY]);
        assert_eq!((spread.min(), spread.max()), (Some(0.0), Some(f64::INFINITY)));
        assert_eq!((spread.quantile(0.4), spread.quantile(0.6)), (Some(0.0), Some(1.0)));
        assert_eq!(spread.quantile(0.7), Some(f64::INFINITY));
        assert_eq!(spread.mean(), Some(f64::INFINITY));
        let shares: Vec<f64> = spread.cumulative().iter().map(|point| point.1).collect();
        assert_eq!(shares, [0.4, 0.6, 1.0]);
    }

    /// 200,000 values over six decades take no more bins than 1,024 per doubling.
    #[test]
    fn memory_depends_on_the_spread() {
        let mut random = SplitMix64(11);
        let spread = of((0..200_000).map(|_| 10_f64.powf(6.0 * random.uniform())));
        assert!(spread.bins.len() <= 20 * 1_024, "{}", spread.bins.len());
        close_relative(spread.quantile(0.5).unwrap(), 1e3, 0.05);
    }

    /// From the definition with `scipy.stats.binom` (scipy 1.17). For n = 100: P(B <= 39) = P(B >= 61) = 0.0176 and
    /// P(B <= 40) = P(B >= 60) = 0.0284, hence ranks 40 and 61.
    #[test]
    fn ranks_of_quantile_intervals() {
        for (n, p, ranks) in
            [(100, 0.5, (40, 61)), (200, 0.5, (86, 115)), (1_000, 0.99, (983, 997)), (100_000, 0.95, (94_864, 95_136))]
        {
            assert_eq!(interval_ranks(n, p, 0.95), ranks);
        }
        // The largest of 50 is no upper bound for p95: it is below it with probability 0.95^50 = 0.077.
        assert_eq!(interval_ranks(50, 0.95, 0.95), (44, 51));
        assert_eq!(interval_ranks(50, 0.5, 1.0), (0, 51));
    }

    #[test]
    fn quantile_intervals_say_when_the_sample_is_too_small() {
        let hundred = of((1..=100).map(f64::from));
        let found = hundred.quantile_interval(0.5, 0.95).unwrap();
        assert_eq!((found.low, found.estimate, found.high), (40.0, 50.0, 61.0));
        assert_eq!(found.method, "order statistics");
        let fifty = of((1..=50).map(f64::from));
        let found = fifty.quantile_interval(0.95, 0.95).unwrap();
        assert_eq!((found.low, found.estimate, found.high), (44.0, 48.0, 50.0));
        assert_eq!(found.method, "order statistics, sample too small for the level");
        assert_eq!(fifty.quantile_interval(1.0, 0.95), None);
    }

    proptest! {
        #[test]
        fn merging_equals_pushing_all(
            values in prop::collection::vec(prop_oneof![Just(0.0), 1e-6..1e9_f64], 0..300),
            cut in 0.0..=1.0_f64,
        ) {
            let cut = (values.len() as f64 * cut) as usize;
            let all = of(values.iter().copied());
            let mut merged = of(values[..cut].iter().copied());
            merged.merge(&of(values[cut..].iter().copied()));
            prop_assert_eq!((merged.count(), merged.min(), merged.max()), (all.count(), all.min(), all.max()));
            prop_assert_eq!(merged.filled().count(), all.filled().count());
            for (a, b) in merged.filled().zip(all.filled()) {
                prop_assert_eq!((a.key, a.count), (b.key, b.count));
                prop_assert!((a.mean - b.mean).abs() <= 1e-12 * b.mean);
            }
        }

        /// Quantiles are within one bin, 2^-10, of the exact order statistic and rise with p.
        #[test]
        fn quantiles_are_near_the_exact_ones(
            mut values in prop::collection::vec(1e-6..1e9_f64, 1..300),
            p in 0.0..=1.0_f64,
        ) {
            let spread = of(values.iter().copied());
            values.sort_by(f64::total_cmp);
            let rank = ((p * values.len() as f64).ceil() as usize).max(1);
            let exact = values[rank - 1];
            let found = spread.quantile(p).unwrap();
            prop_assert!((found - exact).abs() <= exact / 1_024.0 * 1.000_001);
            prop_assert!(found >= spread.quantile(p / 2.0).unwrap());
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            prop_assert!((spread.mean().unwrap() - mean).abs() <= 1e-12 * mean);
            let cumulative = spread.cumulative();
            prop_assert!(cumulative.is_sorted());
            prop_assert_eq!(cumulative.last().copied(), Some((values[values.len() - 1], 1.0)));
        }

        #[test]
        fn quantile_intervals_hold_their_estimate(
            values in prop::collection::vec(1e-3..1e3_f64, 1..200),
            p in 0.01..0.99_f64,
            level in 0.0..=1.0_f64,
        ) {
            let found = of(values).quantile_interval(p, level).unwrap();
            prop_assert!(found.low <= found.estimate && found.estimate <= found.high);
        }
    }
}

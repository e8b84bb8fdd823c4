//! The distribution of values that count with weights, and intervals for its quantiles.
//!
//! Independent sources of values are dealt to a few batches. The share of the weight up to a value is a ratio of sums over batches, whose standard
//! error follows from how batches differ (delta method), and an interval for a quantile is that of the share, read back through the
//! distribution: R. S. Woodruff, "Confidence intervals for medians and other position measures", Journal of the American Statistical
//! Association 47 (1952), 635-646.

use super::{Estimate, clamp_level, real, t_quantile};
use std::collections::BTreeMap;

/// Batches.
const BATCHES: usize = 16;

/// Mantissa bits of a double that do not choose the bin: 52 less eight, so that a bin is at most 2^-8 (0.4 %) wide relative to its values.
const DROPPED_BITS: u32 = 44;

/// A bin of values: their weights by batch, and their weighted sum.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Bin {
    weights: [f64; BATCHES],
    sum: f64,
    least: f64,
    most: f64,
}

impl Bin {
    fn merge(&mut self, other: &Bin) {
        self.weights.iter_mut().zip(other.weights).for_each(|(mine, theirs)| *mine += theirs);
        self.sum += other.sum;
        (self.least, self.most) = (self.least.min(other.least), self.most.max(other.most));
    }

    fn weight(&self) -> f64 {
        self.weights.iter().sum()
    }
}

/// Distribution of weighted values that are not negative, in logarithmic bins. Memory depends on the spread of the values only.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Weighted {
    bins: BTreeMap<u32, Bin>,
}

impl Weighted {
    /// Takes in a value with its weight, both not negative, from a source of this number.
    pub fn push(&mut self, source: u64, value: f64, weight: f64) {
        let mut bin = Bin { sum: value * weight, least: value, most: value, ..Bin::default() };
        bin.weights[(source % BATCHES as u64) as usize] = weight;
        let key = ((value + 0.0).to_bits() >> DROPPED_BITS) as u32;
        self.bins.entry(key).and_modify(|known| known.merge(&bin)).or_insert(bin);
    }

    /// Takes in all values of `other`, of the same sources.
    pub fn merge(&mut self, other: &Weighted) {
        for (key, theirs) in &other.bins {
            self.bins.entry(*key).and_modify(|mine| mine.merge(theirs)).or_insert(*theirs);
        }
    }

    /// The value up to which there is a share `p` of the weight, as its bin shows it (within 0.4 %); none without weight.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        let all: f64 = self.bins.values().map(Bin::weight).sum();
        let mut seen = 0.0;
        let reaches = |bin: &&Bin| {
            seen += bin.weight();
            seen >= p * all * (1.0 - 1e-12)
        };
        let bin = self.bins.values().find(reaches).or_else(|| self.bins.values().next_back())?;
        (all > 0.0).then(|| (bin.sum / bin.weight()).clamp(bin.least, bin.most))
    }

    /// The quantile at `p` with an interval; none where the sources do not bound it on both sides.
    pub fn quantile_interval(&self, p: f64, level: f64) -> Option<Estimate> {
        let level = clamp_level(level);
        let mut all = [0.0; BATCHES];
        for bin in self.bins.values() {
            all.iter_mut().zip(bin.weights).for_each(|(all, weight)| *all += weight);
        }
        if all.contains(&0.0) {
            return None;
        }
        let total: f64 = all.iter().sum();
        // Weights below the bin of the quantile, and up to it with that bin: of the two shares the less certain one counts, as that of
        // everything is certain whatever was seen.
        let (mut below, mut part) = ([0.0; BATCHES], [0.0; BATCHES]);
        for bin in self.bins.values() {
            below = part;
            part.iter_mut().zip(bin.weights).for_each(|(part, weight)| *part += weight);
            if part.iter().sum::<f64>() >= p * total * (1.0 - 1e-12) {
                break;
            }
        }
        let batches = real(BATCHES as u64);
        let error = |part: [f64; BATCHES]| {
            let share = part.iter().sum::<f64>() / total;
            let squares: f64 =
                all.iter().zip(part).map(|(all, part)| (part - share * all) * (part - share * all)).sum();
            (squares * batches / (batches - 1.0)).sqrt() / total
        };
        let reach = t_quantile(0.5 + level / 2.0, batches - 1.0) * error(below).max(error(part));
        if !(p - reach > 0.0 && p + reach < 1.0) {
            return None;
        }
        let estimate = self.quantile(p)?;
        let low = self.quantile(p - reach)?.min(estimate);
        let high = self.quantile(p + reach)?.max(estimate);
        Some(Estimate { estimate, low, high, level, method: "weighted, interval of the share by batches" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::testing::SplitMix64;

    /// Values drawn three times too long, with the likelihood ratio 3 exp(-2 x / 3) as weight, have the quantiles of the unit exponential law,
    /// and the intervals hold them: of 3 x 200, each missing with probability 1/20, more than 51 miss once in 10,000 times.
    #[test]
    fn weights_undo_a_bias() {
        let mut random = SplitMix64(5);
        let mut misses = 0;
        for _ in 0..200 {
            let mut found = Weighted::default();
            for source in 0..160 {
                for _ in 0..20 {
                    let value = 3.0 * random.exponential();
                    found.push(source, value, 3.0 * libm::exp(-2.0 / 3.0 * value));
                }
            }
            for p in [0.5, 0.9, 0.95] {
                let exact = -libm::log1p(-p);
                let held = found.quantile_interval(p, 0.95).expect("enough");
                misses += u32::from(exact < held.low || exact > held.high);
            }
        }
        assert!((10..=51).contains(&misses), "{misses}");
    }

    #[test]
    fn what_is_always_the_same_is_exact() {
        let mut found = Weighted::default();
        (0..100).for_each(|source| found.push(source, 61.0, 0.1 * f64::from(1 + source as u32)));
        let median = found.quantile_interval(0.5, 0.95).expect("a value in every batch");
        assert_eq!((median.low, median.high), (61.0, 61.0));
        assert_eq!(found.quantile(0.99), Some(61.0));
    }

    #[test]
    fn too_few_sources_bound_nothing() {
        assert_eq!(Weighted::default().quantile(0.5), None);
        assert_eq!(Weighted::default().quantile_interval(0.5, 0.95), None);
        let mut found = Weighted::default();
        found.push(0, 1.0, 1e-9);
        found.push(1, 2.0, 1e-9);
        found.push(2, 3.0, 1e-9);
        assert_eq!(found.quantile_interval(0.5, 0.95), None);
        (0..160).for_each(|source| found.push(source, f64::from(source as u32 + 1), 1.0));
        assert!(found.quantile_interval(0.5, 0.95).is_some());
        // Of 160 values none says where the uppermost hundredth begins.
        assert_eq!(found.quantile_interval(0.999, 0.95), None);
    }

    #[test]
    fn merged_parts_are_the_whole() {
        let mut random = SplitMix64(9);
        let (mut whole, mut parts) = (Weighted::default(), [Weighted::default(), Weighted::default()]);
        for source in 0..64 {
            let value = random.exponential();
            whole.push(source, value, 1.0);
            parts[usize::from(source >= 32)].push(source, value, 1.0);
        }
        let [mut merged, other] = parts;
        merged.merge(&other);
        assert_eq!(merged.quantile_interval(0.5, 0.95), whole.quantile_interval(0.5, 0.95));
    }
}

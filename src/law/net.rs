//! Pairs of uniform numbers that fill the square evenly over a block of replications.
//!
//! The 64 replications of a block share one randomised net for each source: its first numbers fall one into each of 64 equal parts of
//! (0, 1), in an order that is drawn for the block and the source; the second numbers do so as well, and evenly among any replications whose first
//! numbers are the lowest. Each number by itself is uniform whatever the others are, and so is each pair, so a mean over replications stays
//! unbiased; what is gained is that a block has neither too many nor too few low numbers. Blocks are independent, and so are sources within a block.
//!
//! M. D. McKay, R. J. Beckman, W. J. Conover (1979), "A comparison of three methods for selecting values of input variables", Technometrics 21
//! (Latin hypercube sampling); A. B. Owen (1998), "Latin supercube sampling for very high-dimensional simulations", ACM Trans. Model. Comput.
//! Simul. 8. The pairs are van der Corput's (Hammersley 1960): the second number reverses the digits of the place of the first.

use super::stream::mix;

/// Replications in a block.
pub const NET: u64 = 1 << DIGITS;

const DIGITS: u32 = 6;
const LAST: u16 = NET as u16 - 1;

const PHI: u64 = 0x9e37_79b9_7f4a_7c15;

/// The net of one source for a block.
#[derive(Debug, Clone, Copy)]
pub struct Net {
    order: u64,
    /// The place of each replication of the block.
    places: [u8; NET as usize],
}

impl Net {
    /// The net of the source with this key for the block of this replication.
    #[must_use]
    pub fn new(seed: u64, replication: u64, key: u64) -> Net {
        let block = replication / NET;
        let order = mix(mix(seed ^ 0xa54f_f53a_5f1d_36f1) ^ mix(block ^ 0x510e_527f_ade6_82d1) ^ key);
        Net { order, places: shuffled(order) }
    }

    /// Replications of the block whose first number may be below `limit`, as far as its place tells: one bit each.
    #[must_use]
    pub fn below(&self, limit: f64) -> u64 {
        let is_below = |place: u8| u64::from(f64::from(place) < limit * NET as f64);
        self.places.iter().rev().fold(0, |bits, place| bits << 1 | is_below(*place))
    }

    /// The first number of a replication of the block, if it is below `limit`, and the second one; each strictly between 0 and 1.
    #[inline]
    #[must_use]
    pub fn point_below(&self, limit: f64, replication: u64) -> Option<[f64; 2]> {
        let order = self.order;
        let place = u64::from(self.places[(replication % NET) as usize]);
        let within = mix(order.wrapping_add(replication.wrapping_mul(PHI)));
        let first = inside(place, within);
        let mirror = (place << (u64::BITS - DIGITS)).reverse_bits() ^ (order >> (u64::BITS - DIGITS));
        (first < limit).then(|| [first, inside(mirror, mix(within.wrapping_add(PHI)))])
    }
}

/// The place of each index in an order that the key says: a bijection of the numbers below [`NET`], each step of which is one.
///
/// All of them at once, in so few bits that many fit into a register: only the lowest digits of the key matter in each step.
fn shuffled(key: u64) -> [u8; NET as usize] {
    let mut places: [u16; NET as usize] = std::array::from_fn(|index| index as u16);
    let mut key = key;
    for _ in 0..4 {
        let (factor, shift) = (key as u16 | 1, (key >> DIGITS) as u16);
        for place in &mut places {
            // An odd factor and a sum, modulo a power of two; then high digits into low ones.
            let moved = place.wrapping_mul(factor).wrapping_add(shift) & LAST;
            *place = moved ^ moved >> (DIGITS / 2);
        }
        key >>= 2 * DIGITS;
    }
    places.map(|place| place as u8)
}

/// Uniform within this part of (0, 1).
#[inline]
fn inside(part: u64, bits: u64) -> f64 {
    let offset = ((bits >> 12) as f64 + 0.5) / (1u64 << 52) as f64;
    // The sum may round to 64 parts; the largest number below 1 is as good.
    ((part as f64 + offset) / NET as f64).min(1.0 - f64::EPSILON / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn net_point(seed: u64, replication: u64, key: u64) -> [f64; 2] {
        Net::new(seed, replication, key).point_below(1.0, replication).expect("all are below 1")
    }

    fn block(seed: u64, block: u64, key: u64) -> Vec<[f64; 2]> {
        (0..NET).map(|index| net_point(seed, block * NET + index, key)).collect()
    }

    #[test]
    fn each_part_is_hit_once_and_the_lowest_are_spread() {
        for (seed, key) in (0..200u64).flat_map(|seed| [(seed, 3), (seed, 1 << 60 | 9)]) {
            let mut points = block(seed, seed % 7, mix(key));
            points.sort_by(|a, b| a[0].total_cmp(&b[0]));
            for (place, point) in points.iter().enumerate() {
                assert_eq!((point[0] * NET as f64) as usize, place);
                assert!(point[1] > 0.0 && point[1] < 1.0);
            }
            for digits in 0..=DIGITS {
                let lowest = &points[..1 << digits];
                let parts: BTreeSet<_> = lowest.iter().map(|p| (p[1] * lowest.len() as f64) as u64).collect();
                assert_eq!(parts.len(), lowest.len(), "{digits} digits");
            }
        }
    }

    /// Frequencies of 64 x 64 cells over blocks and of pairs of sources: Pearson's statistic of 4,096 cells has mean 4,095 and standard deviation
    /// sqrt(2 · 4,095) = 90.5; 5 of them are allowed.
    #[test]
    fn places_of_one_source_say_nothing_about_another() {
        let mut cells = vec![0.0; (NET * NET) as usize];
        let mut of_index = cells.clone();
        let blocks = 4_096u64;
        for number in 0..blocks {
            // One replication of each block, so that what is counted is independent.
            let index = number % NET;
            let at = |key| (net_point(11, number * NET + index, key)[0] * NET as f64) as u64;
            let (one, other) = (at(mix(1)), at(mix(2)));
            cells[(one * NET + other) as usize] += 1.0;
        }
        for number in 0..blocks * 16 {
            let index = number % NET;
            let place = (net_point(12, number * NET + index, mix(5))[0] * NET as f64) as u64;
            of_index[(place * NET + index) as usize] += 1.0;
        }
        for (seen, expected) in [(&cells, 1.0), (&of_index, 16.0)] {
            let statistic: f64 = seen.iter().map(|count: &f64| (count - expected).powi(2) / expected).sum();
            assert!((statistic - 4_095.0).abs() < 5.0 * 90.5, "{statistic}");
        }
    }

    /// In one block two replications of a source have different places, but otherwise any: over blocks each of the 63 differences, by
    /// exclusive or, comes as often.
    #[test]
    fn orders_have_no_pattern() {
        let mut seen = vec![0.0; NET as usize];
        let blocks = 63 * 200;
        for number in 0..blocks {
            let place = |index| (net_point(13, number * NET + index, mix(7))[0] * NET as f64) as u64;
            seen[(place(5) ^ place(22)) as usize] += 1.0;
        }
        assert_eq!(seen[0], 0.0);
        // Mean 62 and standard deviation sqrt(124) = 11.1; 5 of them are allowed.
        let statistic: f64 = seen[1..].iter().map(|count: &f64| (count - 200.0).powi(2) / 200.0).sum();
        assert!((statistic - 62.0).abs() < 5.0 * 11.1, "{statistic}");
    }

    #[test]
    fn those_that_may_be_below_a_limit_are_all_that_are() {
        for (seed, limit) in [(1, 0.01), (2, 0.3), (3, 0.7), (4, 1.0)] {
            let net = Net::new(seed, 5 * NET, mix(9));
            for index in 0..NET {
                let [first, _] = net_point(seed, 5 * NET + index, mix(9));
                let below = net.point_below(limit, 5 * NET + index);
                assert_eq!(below.map(|[one, _]| one), (first < limit).then_some(first));
                let may_be = (first * NET as f64).floor() < limit * NET as f64;
                assert_eq!(net.below(limit) >> index & 1 == 1, may_be);
            }
        }
    }

    #[test]
    fn a_mean_over_a_block_is_nearly_exact() {
        // One in eight numbers is below 1/8: exactly eight of 64; and the mean of the second numbers of these is 1/2 to 1/16.
        for number in 0..100 {
            let points = block(14, number, mix(8));
            let low: Vec<_> = points.iter().filter(|point| point[0] < 0.125).collect();
            assert_eq!(low.len(), 8);
            let mean = low.iter().map(|point| point[1]).sum::<f64>() / 8.0;
            assert!((mean - 0.5).abs() <= 1.0 / 16.0);
        }
    }
}

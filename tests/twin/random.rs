//! The twin's own randomness: a SplitMix64 generator and sampling by inversion of the distribution function.

use ridethrough::law::Law;

/// Sebastiano Vigna's SplitMix64.
pub struct Random(u64);

impl Random {
    /// A generator of its own for each seed.
    pub fn new(seed: u64) -> Random {
        let mut random = Random(seed.wrapping_mul(0xda94_2042_e4dd_58b5));
        Random(random.next() ^ random.next().rotate_left(29))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform strictly between 0 and 1.
    pub fn uniform(&mut self) -> f64 {
        ((self.next() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// A duration [s], by inversion; infinite for never.
    pub fn sample(&mut self, law: &Law) -> f64 {
        match law {
            Law::Mixture(parts) => {
                let mut left = self.uniform();
                for (weight, part) in parts {
                    if left < *weight {
                        return self.sample(part);
                    }
                    left -= weight;
                }
                parts.last().map_or(0.0, |(_, part)| self.sample(part))
            }
            _ => law.quantile(self.uniform()),
        }
    }
}

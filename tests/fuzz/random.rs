//! Numbers that decide what is mutated: the same on every machine, for the same seed.

/// `SplitMix64` (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
pub struct Random(u64);

impl Random {
    /// The numbers of one execution of a campaign.
    pub fn of(seed: u64, target: &str, execution: u64) -> Random {
        let mut mixed = Random(seed);
        for part in target.bytes().map(u64::from).chain([execution]) {
            mixed.0 = mixed.bits() ^ part;
        }
        mixed
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `end`; 0 where there is nothing below it.
    pub fn below(&mut self, end: usize) -> usize {
        (self.bits() % end.max(1) as u64) as usize
    }

    /// One of several; none of none.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let at = self.below(of.len());
        of.get(at)
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// A stretch of what has this length, mostly a short one.
    pub fn stretch(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length);
        let longest = if self.once_in(4) { length } else { 16 };
        let end = start + 1 + self.below(longest);
        start..end.min(length)
    }
}

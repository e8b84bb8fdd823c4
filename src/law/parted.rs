//! A law in two parts, so that most of its durations need not be drawn: that they do not exceed a bound is all that matters.
//!
//! One of 256 durations is beyond the 255 / 256 quantile, the others are within it. In a row of independent durations the number of those within
//! before one that is beyond is geometric, so one draw tells which one that is, and whoever only has to know whether a duration ends before
//! something that is further away than the bound knows it of all before it. Both parts are drawn exactly, each by its own conditional
//! law, so together they are the law as it was.

use super::{Law, Numbered, Sampler, Stream, ln};

/// Durations in a row, each of which can be had without those before it.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What they are drawn by.
    pub numbers: Numbered,
    /// Number of the next one.
    pub next: u64,
    /// Number of the next one that is beyond the bound, not below `next`; the largest if nobody asks.
    pub beyond: u64,
    /// The one before `next` was beyond the bound.
    last_was_beyond: bool,
}

impl Row {
    /// From the first one on, of a law that is not cut.
    #[must_use]
    pub const fn whole(numbers: Numbered) -> Row {
        Row { numbers, next: 0, beyond: u64::MAX, last_was_beyond: false }
    }

    /// From the first one on.
    #[must_use]
    pub fn parted(numbers: Numbered) -> Row {
        let mut row = Row { beyond: 0, ..Row::whole(numbers) };
        row.find_beyond();
        row
    }

    /// So many more are done with, none of which is after the next one that is beyond the bound.
    #[inline]
    pub fn pass(&mut self, count: u64) {
        self.next += count;
        self.last_was_beyond = self.next > self.beyond;
        if self.last_was_beyond {
            self.beyond = self.next;
            self.find_beyond();
        }
    }

    /// From where it stands on the number of durations within the bound is geometric: k of them or more have probability (255 / 256)^k.
    fn find_beyond(&mut self) {
        /// Distance to numbers that nothing else is drawn by.
        const ELSEWHERE: u64 = 1 << 63;
        /// Mean of the exponential time whose whole part is so: -1 / ln(255 / 256).
        const MEAN: f64 = 255.499_673_841_806_5;
        self.beyond += (self.numbers.exp1(self.beyond ^ ELSEWHERE) * MEAN) as u64;
    }
}

/// A law cut at a bound.
#[derive(Debug, Clone)]
pub struct Parted {
    sampler: Sampler,
    /// The longest duration of the first part (s).
    bound: f64,
    beyond: Beyond,
}

#[derive(Debug, Clone, Copy)]
enum Beyond {
    /// What exceeds the bound does so by an exponential time of this mean (s).
    Exponential(f64),
    /// The longest durations of the sampler.
    Longest,
    /// Nothing exceeds the bound: both parts are the whole law.
    Nothing,
}

impl Parted {
    /// Cuts a law, if it is one whose parts can be drawn as easily as the whole.
    #[must_use]
    pub fn new(law: &Law) -> Option<Parted> {
        let sampler = Sampler::new(law);
        let (bound, beyond) = match (sampler.longest_begin(), law) {
            (Some(begin), _) => (begin, Beyond::Longest),
            (None, Law::Exponential { mean }) => (mean * ln(256.0), Beyond::Exponential(*mean)),
            (None, Law::Fixed(_) | Law::Uniform { .. } | Law::Triangular { .. } | Law::Empirical(_)) => {
                (law.quantile(1.0), Beyond::Nothing)
            }
            _ => return None,
        };
        Some(Parted { sampler, bound, beyond })
    }

    /// The longest duration of the first part (s).
    #[must_use]
    pub fn bound(&self) -> f64 {
        self.bound
    }

    /// Draws the next duration of a row (s).
    #[inline(never)]
    #[must_use]
    pub fn next_of(&self, row: Row) -> f64 {
        self.sample(row.next == row.beyond, &mut row.numbers.stream(row.next))
    }

    /// Draws the last duration that a row has passed (s).
    #[inline(never)]
    #[must_use]
    pub fn last_of(&self, row: Row) -> f64 {
        self.sample(row.last_was_beyond, &mut row.numbers.stream(row.next.wrapping_sub(1)))
    }

    /// Draws a duration (s) of one of the parts.
    fn sample(&self, beyond: bool, stream: &mut Stream) -> f64 {
        match (beyond, self.beyond) {
            (true, Beyond::Exponential(mean)) => self.bound + mean * stream.exp1(),
            (true, Beyond::Longest) => self.sampler.sample_longest(stream),
            (false, Beyond::Exponential(_) | Beyond::Longest) => loop {
                let duration = self.sampler.sample(stream);
                if duration <= self.bound {
                    return duration;
                }
            },
            (_, Beyond::Nothing) => self.sampler.sample(stream),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::name_key;
    use super::*;

    /// Of 400,000 draws in a row: Kolmogorov's distance from the law stays below 2.23 / sqrt(n) with probability 1 - 1e-4, and
    /// what is beyond quantiles within the second part is binomial, within 4.5 standard deviations but for 7e-6.
    #[test]
    fn both_parts_together_are_the_law() {
        let laws = [
            Law::exponential(600.0),
            Law::weibull_mean(600.0, 0.5),
            Law::weibull_mean(600.0, 1.5),
            Law::lognormal_mean(600.0, 1.0),
            Law::uniform(60.0, 600.0),
        ];
        for law in laws.map(|law| law.expect("a sound law")) {
            let parted = Parted::new(&law).expect("it can be cut");
            let mut row = Row::parted(Numbered::new(5, 0, name_key(&law.to_string())));
            let n = 400_000;
            let mut values: Vec<f64> = (0..n)
                .map(|_| {
                    let beyond = row.beyond == row.next;
                    let duration = parted.next_of(row);
                    row.pass(1);
                    assert_eq!(duration, parted.last_of(row));
                    let bounded = matches!(parted.beyond, Beyond::Nothing);
                    assert!(bounded || (duration > parted.bound()) == beyond || duration == parted.bound());
                    duration
                })
                .collect();
            values.sort_by(f64::total_cmp);
            let count = f64::from(n);
            let distance = (1..).zip(&values).fold(0.0_f64, |most, (rank, x)| {
                let exact = law.cdf(*x);
                most.max((exact - f64::from(rank) / count).abs()).max((exact - (f64::from(rank) - 1.0) / count).abs())
            });
            assert!(distance < 2.23 / count.sqrt(), "{law}: {distance}");
            for p in [1e-4, 1e-3, 1.0 / 256.0, 1.5 / 256.0] {
                let above = count - values.partition_point(|x| *x <= law.quantile(1.0 - p)) as f64;
                assert!((above - count * p).abs() < 4.5 * (count * p * (1.0 - p)).sqrt(), "{law} above {p}: {above}");
            }
        }
    }

    /// Frequencies of the number of durations within the bound before one beyond it, in 40 cells of equal probability but for whole numbers:
    /// the 0.9999 quantile of chi-square with 39 degrees of freedom is 79.
    #[test]
    fn those_beyond_the_bound_are_one_of_256_whatever_came_before() {
        let mut row = Row::parted(Numbered::new(7, 0, 1));
        let reached = |count: f64| libm::pow(255.0 / 256.0, count);
        let mut borders: Vec<u64> =
            (1..40).map(|cell| (libm::log(1.0 - f64::from(cell) / 40.0) / libm::log(255.0 / 256.0)) as u64).collect();
        borders.insert(0, 0);
        let mut seen = vec![0.0; 40];
        let draws = 100_000;
        for _ in 0..draws {
            let gap = row.beyond - row.next;
            row.pass(gap / 2);
            assert!(row.next + gap.div_ceil(2) == row.beyond);
            row.pass(gap.div_ceil(2) + 1);
            seen[borders.partition_point(|border| *border <= gap) - 1] += 1.0;
        }
        let chi2: f64 = (0..40)
            .map(|cell| {
                let end = borders.get(cell + 1).map_or(0.0, |border| reached(*border as f64));
                let expected = f64::from(draws) * (reached(borders[cell] as f64) - end);
                (seen[cell] - expected) * (seen[cell] - expected) / expected
            })
            .sum();
        assert!(chi2 < 79.0, "{chi2}");
    }

    #[test]
    fn nothing_exceeds_the_bound_of_a_bounded_law() {
        for law in [Law::fixed(60.0), Law::uniform(5.0, 15.0), Law::empirical(vec![1.0, 2.0, 9.0])] {
            let law = law.expect("a law");
            let parted = Parted::new(&law).expect("it can be cut");
            let mut stream = Stream::new(6, 0, 0);
            assert!((0..1_000).all(|turn| parted.sample(turn % 2 == 0, &mut stream) <= parted.bound()));
        }
        assert!(Parted::new(&Law::gamma_mean(5.0, 2.0).expect("a law")).is_none());
    }
}

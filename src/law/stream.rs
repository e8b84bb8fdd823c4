//! Named streams of random numbers, reproducible on every machine and independent of each other.
//!
//! A stream is keyed by the seed of the experiment, the number of the replication and the name of the source, mixed by
//! nonlinear bijections, not added. So a component that is added draws from a stream of its own and moves no other
//! component's draws, and two architectures that share a source see the same history of it.

use super::net::NET;
use super::ziggurat;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, Open01};

/// Names the generator and everything that its numbers depend on; written into results, so that a number that changes
/// between versions can be traced.
///
/// The same seed gives the same bytes on every machine whose floating-point numbers follow IEEE 754: bits come from integer
/// arithmetic, elementary functions (logarithms, exponentials, gamma and error functions) from this crate or the crate `libm`, which are
/// plain Rust, and never from the platform's library, in samplers, in laws, in the simulation and in every statistic that is
/// reported.
pub const GENERATOR: &str =
    "xoshiro256++ (rand 0.10) keyed by SplitMix64 over FNV-1a names, v6; own ziggurats and strips, libm 0.2";

/// Stafford's variant 13 of the 64-bit finaliser, as in SplitMix64; a bijection.
#[inline]
pub(super) const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A stable 64-bit key for the name of a source: FNV-1a over its UTF-8 bytes, finalised.
///
/// The same on every machine and in every version. Meant to be taken once when a plan is compiled.
#[must_use]
pub const fn name_key(name: &str) -> u64 {
    mix(fnv1a(name.as_bytes()))
}

/// The 64-bit FNV-1a hash.
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    hash
}

/// A replication of an experiment: what all its streams have in common, mixed once for all of them.
#[derive(Debug, Clone, Copy)]
pub struct History {
    /// The seed of the experiment.
    pub seed: u64,
    /// The number of the replication.
    pub replication: u64,
    /// What its streams begin with: one chain each for half of their key.
    streams: [u64; 2],
    /// What its [`Numbered`] sources begin with.
    numbers: u64,
    /// What those of all histories with the seed begin with.
    seeds: [u64; 3],
}

impl History {
    /// This replication of the experiment with this seed.
    #[inline]
    #[must_use]
    pub const fn new(seed: u64, replication: u64) -> History {
        // The fractional parts of the square roots of 2, 3 and 5 keep the arguments from being interchangeable.
        let seeds =
            [mix(seed ^ 0x6a09_e667_f3bc_c908), mix(seed ^ 0xbb67_ae85_84ca_a73b), mix(seed ^ 0x5be0_cd19_137e_2179)];
        History::of(seed, seeds, replication)
    }

    #[inline]
    const fn of(seed: u64, seeds: [u64; 3], replication: u64) -> History {
        let number = replication.wrapping_mul(PHI);
        let [one, other, numbers] = seeds;
        let streams = [mix(one ^ number), mix(other ^ replication ^ 0x3c6e_f372_fe94_f82b)];
        History { seed, replication, streams, numbers: mix(numbers ^ number), seeds }
    }

    /// Goes on to another replication.
    #[inline]
    pub fn turn(&mut self, seed: u64, replication: u64) {
        *self = match seed == self.seed {
            true => History::of(seed, self.seeds, replication),
            false => History::new(seed, replication),
        };
    }

    /// Its block of replications that share nets, which are [`NET`] in a row.
    #[inline]
    #[must_use]
    pub const fn block(&self) -> (u64, u64) {
        (self.seed, self.replication / NET)
    }

    /// Its place in that block.
    #[inline]
    #[must_use]
    pub const fn in_block(&self) -> u64 {
        self.replication % NET
    }

    /// The stream of the source with this [`name_key`].
    #[inline]
    #[must_use]
    pub fn stream(&self, name_key: u64) -> Stream {
        Stream::of(self.streams, name_key)
    }

    /// The same stream, to be started when it is first drawn from.
    #[inline]
    #[must_use]
    pub const fn later(&self, name_key: u64) -> Later {
        Later { history: self.streams, name_key, stream: None }
    }

    /// Those of the source with this [`name_key`].
    #[inline]
    #[must_use]
    pub const fn numbered(&self, name_key: u64) -> Numbered {
        Numbered(mix(self.numbers ^ name_key))
    }
}

/// A stream that starts when it is first drawn from, since most histories never draw from it.
#[derive(Debug, Clone)]
pub struct Later {
    /// What all streams of its history begin with.
    history: [u64; 2],
    name_key: u64,
    stream: Option<Stream>,
}

impl Later {
    /// What [`Stream::new`] would start.
    #[inline]
    #[must_use]
    pub const fn new(seed: u64, replication: u64, name_key: u64) -> Later {
        History::new(seed, replication).later(name_key)
    }

    /// The stream, from now on started.
    #[inline]
    pub fn get(&mut self) -> &mut Stream {
        self.stream.get_or_insert_with(|| Stream::of(self.history, self.name_key))
    }
}

/// Random numbers each of which can be had without those before it: SplitMix64, entered anywhere.
#[derive(Debug, Clone, Copy)]
pub struct Numbered(u64);

impl Numbered {
    /// Those of the source with this [`name_key`] in this replication of the experiment with this seed.
    #[inline]
    #[must_use]
    pub const fn new(seed: u64, replication: u64, name_key: u64) -> Numbered {
        History::new(seed, replication).numbered(name_key)
    }

    /// The one of this number, uniform on `0..n`; it favours none by more than n / 2^64.
    #[inline]
    #[must_use]
    pub const fn index(self, number: u64, n: u32) -> u32 {
        ((self.bits(number) as u128 * n as u128) >> 64) as u32
    }

    /// The 64 random bits of this number, of which [`Numbered::index`] uses the high ones.
    #[inline]
    #[must_use]
    pub const fn bits(self, number: u64) -> u64 {
        mix(self.0.wrapping_add(number.wrapping_mul(PHI)))
    }

    /// The exponential number with mean 1 of this number, which uses its bits.
    #[inline]
    #[must_use]
    pub fn exp1(self, number: u64) -> f64 {
        ziggurat::exponential_of(self.bits(number), || self.stream(number).generator)
    }

    /// Those of one of many things alike that share a name, each from a place of its own on: SplitMix64, split (Steele, Lea and Flood, OOPSLA 2014).
    #[inline]
    #[must_use]
    pub const fn of(self, number: u32) -> Numbered {
        Numbered(self.bits(number as u64))
    }

    /// Takes the first one, number 0, off: it is number 0 of what is returned, and what was number 1 is number 0 from now on.
    #[inline]
    pub const fn take(&mut self) -> Numbered {
        let taken = *self;
        self.0 = self.0.wrapping_add(PHI);
        taken
    }

    /// Uniform on [0, 1), by the first one, number 0.
    #[inline]
    #[must_use]
    pub const fn uniform(self) -> f64 {
        (self.bits(0) >> 11) as i64 as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Random numbers of the first one's own, number 0, from nowhere near it, and other ones than those of its stream.
    #[inline]
    #[must_use]
    pub const fn own(self) -> Numbered {
        Numbered(mix(self.0 ^ 0x4528_21e6_38d0_1377))
    }

    /// A stream of random numbers of this number's own.
    #[must_use]
    pub fn stream(self, number: u64) -> Stream {
        Stream::new(self.0, number, 0x2545_f491_4f6c_dd1d)
    }
}

/// 2^64 over the golden ratio.
const PHI: u64 = 0x9e37_79b9_7f4a_7c15;

/// A source of random numbers for one named thing in one replication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    pub(super) generator: Xoshiro256PlusPlus,
}

impl Stream {
    /// The stream of the source with this [`name_key`] in this replication of the experiment with this seed.
    ///
    /// Two chains with different constants make 128 bits of key, so that not even a billion streams are expected to
    /// contain an equal pair. What depends on seed and replication alone comes first in both, to be shared by many streams.
    #[inline]
    #[must_use]
    pub fn new(seed: u64, replication: u64, name_key: u64) -> Stream {
        History::new(seed, replication).stream(name_key)
    }

    /// The stream of a source in the history that begins so.
    #[inline]
    fn of([history, other]: [u64; 2], name_key: u64) -> Stream {
        let first = mix(history ^ name_key);
        let second = mix(mix(name_key.wrapping_add(PHI)) ^ other);
        let words = [first, second, mix(first.wrapping_add(PHI)), mix(second.wrapping_add(PHI))];
        let mut bytes = [0; 32];
        for (target, word) in bytes.chunks_exact_mut(8).zip(words) {
            target.copy_from_slice(&word.to_le_bytes());
        }
        Stream { generator: Xoshiro256PlusPlus::from_seed(bytes) }
    }

    /// A stream of its own for a branch of the history: what it gives depends on where this one stands and on the number of the branch.
    #[must_use]
    pub fn branch(&self, number: u64) -> Stream {
        Stream::new(self.clone().bits(), number, 0x51ed_270b_7a2f_9c4d)
    }

    /// 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.generator.next_u64()
    }

    /// Uniform strictly between 0 and 1, on a grid of 2^52 points that is symmetric about one half.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        Open01.sample(&mut self.generator)
    }

    /// Exponential with mean 1.
    #[inline]
    pub fn exp1(&mut self) -> f64 {
        ziggurat::exponential(&mut self.generator)
    }

    /// Normal with mean 0 and standard deviation 1.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        ziggurat::normal(&mut self.generator)
    }

    /// Uniform on `0..n` without bias, by Lemire's multiplication (ACM Trans. Model. Comput. Simul. 29, 2019); 0 for an
    /// `n` of 0.
    #[inline]
    pub fn index(&mut self, n: u32) -> u32 {
        let mut product = (self.bits() >> 32) * u64::from(n);
        if (product as u32) < n {
            let threshold = n.wrapping_neg() % n;
            while (product as u32) < threshold {
                product = (self.bits() >> 32) * u64::from(n);
            }
        }
        (product >> 32) as u32
    }

    /// True with probability `p`: never for a `p` of 0 or less, always for 1 or more. Takes one number from the stream
    /// whatever `p` is.
    #[inline]
    pub fn bernoulli(&mut self, p: f64) -> bool {
        self.uniform() < p
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, HashSet};

    fn first(seed: u64, replication: u64, name: &str, count: usize) -> Vec<u64> {
        let mut stream = Stream::new(seed, replication, name_key(name));
        (0..count).map(|_| stream.bits()).collect()
    }

    /// Sample correlation; its standard error is 1/sqrt(n) for independent samples.
    fn correlation(x: &[f64], y: &[f64]) -> f64 {
        let n = x.len() as f64;
        let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
        let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
        for (a, b) in x.iter().zip(y) {
            xy += (a - mx) * (b - my);
            xx += (a - mx) * (a - mx);
            yy += (b - my) * (b - my);
        }
        xy / (xx * yy).sqrt()
    }

    fn uniforms(seed: u64, replication: u64, name: &str, count: usize) -> Vec<f64> {
        let mut stream = Stream::new(seed, replication, name_key(name));
        (0..count).map(|_| stream.uniform()).collect()
    }

    #[test]
    fn names_hash_as_published() {
        // Test vectors of draft-eastlake-fnv-17, appendix C.
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn fingerprint_of_the_generator_never_changes() {
        // Computed by an independent implementation in Python, after the published C of FNV-1a, SplitMix64 and xoshiro256++.
        assert_eq!(name_key("zone a"), 0x2a54_408c_e227_e6f8);
        for (seed, replication, name, expected) in [
            (0, 0, "", [0x1653_12c4_049d_57ce, 0x8c79_cb37_4dce_fcd6, 0xd48c_1bf5_0832_5abd]),
            (1, 0, "zone a", [0x584d_6c06_24b9_b3d1, 0xf4ed_026e_2efa_fb66, 0xff70_8125_bbec_debc]),
            (1, 1, "zone a", [0xbf01_6da6_0d08_8b71, 0xc074_6aa4_92ee_af40, 0x0e5a_2d30_c737_4d3c]),
            (u64::MAX, 1 << 40, "database", [0xc96f_4029_61a7_364e, 0x07a8_d340_e550_885e, 0x96c6_2296_49e5_30f6]),
        ] {
            assert_eq!(first(seed, replication, name, 3), expected, "{seed} {replication} {name:?}");
        }
        let mut stream = Stream::new(1, 2, name_key("fingerprint"));
        assert_eq!(stream.uniform(), 0.09985405298439043);
        // Its tables are the true ones, rounded; ours are computed in doubles, so the last digit may differ.
        let close = |drawn: f64, expected: f64| assert!((drawn / expected - 1.0).abs() < 1e-14, "{drawn} {expected}");
        close(stream.exp1(), 0.661_641_658_426_311_8);
        close(stream.normal(), -0.733_177_851_405_987_6);
        assert_eq!((stream.index(1000), stream.bernoulli(0.5)), (763, false));
        // Many draws pass through every layer, the edges and the tails; where the stream then stands shows that each was decided alike.
        let (mut stream, mut sum) = (Stream::new(1, 2, name_key("fingerprint")), 0.0);
        (0..100_000).for_each(|_| sum += stream.exp1());
        assert!((sum - 100_003.490_179_653_86).abs() < 1e-7, "{sum}");
        assert_eq!(stream.bits(), 18_066_807_403_158_621_741);
        let (mut stream, mut sum) = (Stream::new(1, 2, name_key("fingerprint")), 0.0);
        (0..100_000).for_each(|_| sum += stream.normal());
        assert!((sum - 53.734_542_005_882_71).abs() < 1e-7, "{sum}");
        assert_eq!(stream.bits(), 14_775_918_660_814_126_348);
        assert!(GENERATOR.contains("xoshiro256++") && GENERATOR.contains("libm 0.2"));
    }

    #[test]
    fn a_history_that_goes_on_is_the_one_begun_anew() {
        let mut history = History::new(3, 0);
        for (seed, replication) in [(3, 1), (3, 1 << 40), (u64::MAX, 1 << 40), (0, 0)] {
            history.turn(seed, replication);
            let key = name_key("zone a");
            assert_eq!(history.stream(key), Stream::new(seed, replication, key));
            assert_eq!(history.later(key).get(), &Stream::new(seed, replication, key));
            assert_eq!(history.numbered(key).bits(5), Numbered::new(seed, replication, key).bits(5));
        }
    }

    #[test]
    fn a_uniform_number_is_the_middle_of_a_cell_and_never_reaches_its_ends() {
        let cell = |bits: u64| ((bits >> 12) as f64 + 0.5) / (1_u64 << 52) as f64;
        assert!(cell(0) > 0.0 && cell(u64::MAX) < 1.0 && cell(0) == 1.0 - cell(u64::MAX));
        let mut stream = Stream::new(3, 0, name_key("uniform"));
        let mut twin = stream.clone();
        for _ in 0..1_000 {
            assert_eq!(stream.uniform(), cell(twin.bits()));
        }
    }

    #[test]
    fn no_two_keys_share_a_stream() {
        // Were they added, seed + 1 and replication would make the same stream as seed and replication + 1.
        let extremes = [1 << 32, 1 << 63, u64::MAX - 1, u64::MAX, 0x9e37_79b9_7f4a_7c15];
        let seeds: Vec<u64> = (0..20).chain(extremes).collect();
        let replications: Vec<u64> = (0..50).chain(extremes).collect();
        let names = (0..20).map(|i| name_key(&format!("zone-{i}")));
        let keys: Vec<u64> = names.chain(0..20).chain(extremes).collect();
        let mut seen = HashSet::new();
        for &seed in &seeds {
            for &replication in &replications {
                for &key in &keys {
                    seen.insert(Stream::new(seed, replication, key).bits());
                }
            }
        }
        assert_eq!(seen.len(), seeds.len() * replications.len() * keys.len());
    }

    #[test]
    fn streams_of_different_keys_are_uncorrelated() {
        let n = 100_000;
        let limit = 4.0 / (n as f64).sqrt();
        let base = uniforms(1, 0, "zone a", n);
        for (seed, replication, name) in
            [(1, 0, "zone b"), (1, 0, "zone"), (1, 0, ""), (1, 1, "zone a"), (2, 0, "zone a"), (0, 1, "zone a")]
        {
            let r = correlation(&base, &uniforms(seed, replication, name, n));
            assert!(r.abs() < limit, "{seed} {replication} {name:?}: {r}");
        }
        let r = correlation(&base[1..], &base[..n - 1]);
        assert!(r.abs() < limit, "serial: {r}");
    }

    #[test]
    fn first_draws_over_replications_are_independent_and_uniform() {
        let n = 100_000_u64;
        let limit = 4.0 / (n as f64).sqrt();
        let over = |seed: u64, name: &str, skip: usize| -> Vec<f64> {
            let key = name_key(name);
            (0..n)
                .map(|replication| {
                    let mut stream = Stream::new(seed, replication, key);
                    for _ in 0..skip {
                        stream.bits();
                    }
                    stream.uniform()
                })
                .collect()
        };
        let (a, second, b, c) = (over(7, "a", 0), over(7, "a", 1), over(7, "b", 0), over(8, "a", 0));
        for (what, r) in [
            ("first and second draw", correlation(&a, &second)),
            ("names", correlation(&a, &b)),
            ("seeds", correlation(&a, &c)),
            ("neighbouring replications", correlation(&a[1..], &a[..a.len() - 1])),
        ] {
            assert!(r.abs() < limit, "{what}: {r}");
        }
        let mut sorted = a;
        sorted.sort_by(f64::total_cmp);
        let distance =
            sorted.iter().enumerate().map(|(i, u)| (u - (i as f64 + 0.5) / n as f64).abs()).fold(0.0, f64::max);
        // Kolmogorov-Smirnov at alpha = 0.001.
        assert!(distance < 1.95 / (n as f64).sqrt(), "{distance}");
    }

    #[test]
    fn adding_a_name_moves_no_other() {
        let histories = |names: &[&str]| -> BTreeMap<String, Vec<u64>> {
            names.iter().map(|name| ((*name).to_owned(), first(42, 3, name, 8))).collect()
        };
        let before = histories(&["database", "zone a"]);
        let after = histories(&["cache", "database", "region", "zone a"]);
        for (name, draws) in before {
            assert_eq!(after.get(&name), Some(&draws), "{name}");
        }
    }

    #[test]
    fn an_index_is_unbiased() {
        let mut stream = Stream::new(5, 0, name_key("index"));
        let n = 700_000;
        let mut counts = [0_u32; 7];
        for _ in 0..n {
            counts[stream.index(7) as usize] += 1;
        }
        let expected = f64::from(n) / 7.0;
        let chi2: f64 = counts.iter().map(|&c| (f64::from(c) - expected).powi(2) / expected).sum();
        // The 0.999 quantile of chi-square with 6 degrees of freedom, NIST handbook 1.3.6.7.4.
        assert!(chi2 < 22.458, "{chi2}");
        // Where 2^32 is no multiple of n, plain multiplication would give some values twice as often as others.
        let wide = 3 << 30;
        let draws = 300_000;
        let divisible = (0..draws).filter(|_| stream.index(wide).is_multiple_of(3)).count();
        let share = divisible as f64 / f64::from(draws);
        assert!((share - 1.0 / 3.0).abs() < 4.0 * (2.0 / 9.0 / f64::from(draws)).sqrt(), "{share}");
        assert_eq!((stream.index(0), stream.index(1)), (0, 0));
        assert!(stream.index(u32::MAX) < u32::MAX);
    }

    #[test]
    fn numbered_indices_are_uniform_and_independent_of_their_neighbours() {
        let (n, draws) = (7, 70_000);
        let mut pairs = [0_u32; 49];
        for replication in 0..7 {
            let numbers = Numbered::new(3, replication, name_key("numbered"));
            for number in 0..draws / 7 {
                let pair = numbers.index(number, n) * n + numbers.index(number + 1, n);
                pairs[pair as usize] += 1;
            }
        }
        let expected = draws as f64 / 49.0;
        let chi2: f64 = pairs.iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum();
        // The 0.999 quantile of chi-square with 48 degrees of freedom, NIST handbook 1.3.6.7.4.
        assert!(chi2 < 84.037, "{chi2}");
    }

    /// The 0.999 quantile of chi-square with 63 degrees of freedom is 103.4.
    #[test]
    fn rows_of_numbers_are_independent_of_those_beside_them() {
        let (rows, draws) = (8_000, 8);
        let all = Numbered::new(4, 9, name_key("rows"));
        let eighths: Vec<Vec<usize>> = (0..rows + 1)
            .map(|row| {
                let mut numbers = all.of(row);
                (0..draws).map(|_| (numbers.take().bits(0) >> 61) as usize).collect()
            })
            .collect();
        let (mut in_turn, mut side_by_side) = ([0.0; 64], [0.0; 64]);
        for (row, next) in eighths.iter().zip(&eighths[1..]) {
            for turn in 0..draws - 1 {
                in_turn[row[turn] * 8 + row[turn + 1]] += 1.0;
                side_by_side[row[turn] * 8 + next[turn]] += 1.0;
            }
        }
        let expected = f64::from(rows) * (draws - 1) as f64 / 64.0;
        for cells in [in_turn, side_by_side] {
            let chi2: f64 = cells.iter().map(|count| (count - expected) * (count - expected) / expected).sum();
            assert!(chi2 < 103.4, "{chi2}");
        }
        let (mut taken, mut left) = (all, all);
        taken.take();
        assert_eq!(taken.bits(0), all.bits(1));
        assert_eq!(left.take().bits(0), all.bits(0));
    }

    #[test]
    fn a_bernoulli_draw_takes_one_number_whatever_its_probability() {
        let mut stream = Stream::new(9, 0, 0);
        let mut twin = stream.clone();
        for p in [-1.0, 0.0, 1e-300, 0.5, 1.0, 2.0, f64::NAN] {
            let drawn = stream.bernoulli(p);
            twin.bits();
            assert!(p != 0.0 || !drawn);
            assert!(p < 1.0 || p.is_nan() || drawn);
        }
        assert_eq!(stream, twin);
        let n = 100_000;
        let hits = (0..n).filter(|_| stream.bernoulli(0.3)).count() as f64 / f64::from(n);
        assert!((hits - 0.3).abs() < 4.0 * (0.21 / f64::from(n)).sqrt(), "{hits}");
    }
}

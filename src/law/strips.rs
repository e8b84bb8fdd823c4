//! Quick exact draws from Weibull and lognormal laws: strips of equal probability.
//!
//! Durations are cut at the quantiles i / 256 into strips, each as likely as the others. Within a strip the density hardly varies: a point
//! that is uniform in the box around it lies below the lowest density of the strip nearly always, and is then drawn with one random number,
//! one multiplication and one comparison. Else the density decides, and what it refuses is drawn anew in the same strip (rejection from a
//! table, as in J. H. Ahrens, "A one-table method for sampling from continuous and discrete distributions", Computing 54 (1995)). The first and
//! the last strip, where densities may be anything, are drawn by inversion of what belongs to them alone. So no tail is cut off or bent.

use super::special::normal_quantile;
use super::{Law, Numbered, Stream, exp, ln};
use std::sync::Arc;

/// Strips of one law: as many as eight bits can name.
const STRIPS: usize = 256;

/// A law prepared for many draws.
#[derive(Debug, Clone)]
pub struct Sampler(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Plain(Law),
    Strips(Arc<Strips>),
}

/// The strips of a law.
#[derive(Debug)]
pub struct Strips {
    law: Shape,
    strips: [Strip; STRIPS],
}

/// Durations between two quantiles.
#[derive(Debug, Clone, Copy)]
struct Strip {
    /// The shortest (s).
    begin: f64,
    /// Its length over `sure` (s).
    stretched: f64,
    /// Lowest over highest density; 0 at both ends of the law.
    sure: f64,
    /// Highest density, in the measure of [`Shape::density`].
    highest: f64,
}

/// What has strips.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Weibull { scale: f64, shape: f64 },
    Lognormal { mu: f64, sigma: f64 },
}

impl Shape {
    fn of(law: &Law) -> Option<Shape> {
        match *law {
            // Others are so wide or so narrow that strips have no measurable density.
            Law::Weibull { scale, shape } if (0.2..=20.0).contains(&shape) => Some(Shape::Weibull { scale, shape }),
            Law::Lognormal { mu, sigma } if (0.05..=4.0).contains(&sigma) => Some(Shape::Lognormal { mu, sigma }),
            _ => None,
        }
    }

    /// Density of a duration (s), but for a factor.
    fn density(&self, x: f64) -> f64 {
        match self {
            Shape::Weibull { scale, shape } => {
                let ln_ratio = ln(x / scale);
                exp((shape - 1.0) * ln_ratio - exp(shape * ln_ratio))
            }
            Shape::Lognormal { mu, sigma } => {
                let z = (ln(x) - mu) / sigma;
                exp(-0.5 * z * z - sigma * z)
            }
        }
    }

    /// Where the density is highest (s), if it is not at 0.
    fn mode(&self) -> f64 {
        match self {
            Shape::Weibull { shape, .. } if *shape <= 1.0 => 0.0,
            Shape::Weibull { scale, shape } => scale * exp(ln(1.0 - 1.0 / shape) / shape),
            Shape::Lognormal { mu, sigma } => exp(mu - sigma * sigma),
        }
    }

    /// The duration (s) that is not exceeded with probability `strip` / 256.
    fn border(&self, strip: usize) -> f64 {
        let p = strip as f64 / STRIPS as f64;
        match self {
            Shape::Weibull { scale, shape } => scale * exp(ln(-libm::log1p(-p)) / shape),
            Shape::Lognormal { mu, sigma } => exp(mu + sigma * normal_quantile(p)),
        }
    }

    /// Draws from the first or the last strip.
    fn end(&self, last: bool, stream: &mut Stream) -> f64 {
        match self {
            Shape::Weibull { scale, shape } => {
                // What outlasts a quantile goes on without memory, in the measure of the cumulative hazard.
                let hazard = match last {
                    true => ln(STRIPS as f64) + stream.exp1(),
                    false => -libm::log1p(-stream.uniform() / STRIPS as f64),
                };
                scale * exp(ln(hazard) / shape)
            }
            Shape::Lognormal { mu, sigma } => {
                let edge = -normal_quantile(1.0 / STRIPS as f64);
                let z = edge + beyond(edge, stream);
                exp(mu + if last { sigma * z } else { -sigma * z })
            }
        }
    }
}

/// By how much a normal number exceeds `edge`, given that it does: Marsaglia, Technometrics 6 (1964) 101-102.
fn beyond(edge: f64, stream: &mut Stream) -> f64 {
    loop {
        let x = stream.exp1() / edge;
        if 2.0 * stream.exp1() > x * x {
            return x;
        }
    }
}

impl Strips {
    fn new(law: Shape) -> Strips {
        let mode = law.mode();
        let mut strips = [Strip { begin: 0.0, stretched: 0.0, sure: 0.0, highest: 0.0 }; STRIPS];
        let mut begin = law.border(1);
        let mut left = law.density(begin);
        for (number, strip) in strips.iter_mut().enumerate().take(STRIPS - 1).skip(1) {
            let end = law.border(number + 1);
            let right = law.density(end);
            let highest = if begin < mode && mode < end { law.density(mode) } else { left.max(right) };
            let sure = left.min(right) / highest;
            *strip = Strip { begin, stretched: (end - begin) / sure, sure, highest };
            (begin, left) = (end, right);
        }
        Strips { law, strips }
    }

    /// The seldom case: beyond what is sure, or at an end. It takes the stream by value and gives it back, so that the common case keeps it in
    /// registers.
    #[cold]
    #[inline(never)]
    fn edge(&self, mut stream: Stream, number: usize, mut place: f64) -> (f64, Stream) {
        if number == 0 || number == STRIPS - 1 {
            let x = self.law.end(number > 0, &mut stream);
            return (x, stream);
        }
        let strip = &self.strips[number];
        let length = strip.stretched * strip.sure;
        loop {
            if place < strip.sure {
                return (strip.begin + place * strip.stretched, stream);
            }
            // Between the lowest and the highest density: across the strip by what is left of the number, and as high as another one says.
            let x = strip.begin + (place - strip.sure) / (1.0 - strip.sure) * length;
            let height = strip.sure + (1.0 - strip.sure) * stream.uniform();
            if height * strip.highest < self.law.density(x) {
                return (x, stream);
            }
            place = stream.uniform();
        }
    }

    /// The strip and the place in it that 64 random bits name: the duration if it is sure, else both.
    #[inline]
    fn find(&self, bits: u64) -> Result<f64, (usize, f64)> {
        let number = (bits & 0xff) as usize;
        // 53 bits that the number of the strip leaves alone.
        let place = (bits >> 11) as i64 as f64 * (1.0 / (1_u64 << 53) as f64);
        let strip = &self.strips[number];
        if place < strip.sure { Ok(strip.begin + place * strip.stretched) } else { Err((number, place)) }
    }

    #[inline]
    fn sample(&self, stream: &mut Stream) -> f64 {
        match self.find(stream.bits()) {
            Ok(x) => x,
            Err((number, place)) => {
                let (x, after) = self.edge(stream.clone(), number, place);
                *stream = after;
                x
            }
        }
    }

    /// As [`Sampler::sample_first`], for loops in which it is worth knowing beforehand that a law has strips.
    #[inline]
    pub fn sample_first(&self, numbers: Numbered) -> f64 {
        self.find(numbers.bits(0)).unwrap_or_else(|(number, place)| self.edge_of_first(numbers, number, place))
    }

    #[cold]
    #[inline(never)]
    fn edge_of_first(&self, numbers: Numbered, number: usize, place: f64) -> f64 {
        self.edge(numbers.stream(0), number, place).0
    }
}

impl Sampler {
    /// Prepares a law.
    #[must_use]
    pub fn new(law: &Law) -> Sampler {
        Sampler(match Shape::of(law) {
            Some(shape) => Kind::Strips(Arc::new(Strips::new(shape))),
            None => Kind::Plain(law.clone()),
        })
    }

    /// Draws one duration (s), of the same law as [`Law::sample`] does but by other numbers.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        match &self.0 {
            Kind::Strips(strips) => strips.sample(stream),
            Kind::Plain(law) => law.sample(stream),
        }
    }

    /// Draws one duration (s) by the first of these numbers, number 0: nearly always by its bits, else by its own stream.
    #[inline]
    pub fn sample_first(&self, numbers: Numbered) -> f64 {
        match &self.0 {
            Kind::Strips(strips) => strips.sample_first(numbers),
            Kind::Plain(Law::Exponential { mean }) => mean * numbers.exp1(0),
            Kind::Plain(law) => law.sample(&mut numbers.stream(0)),
        }
    }

    /// The strips, if the law has some.
    #[must_use]
    pub fn strips(&self) -> Option<&Strips> {
        match &self.0 {
            Kind::Strips(strips) => Some(strips),
            Kind::Plain(_) => None,
        }
    }

    /// Where the last strip begins (s), beyond which one of 256 durations is; none of a law that has no strips.
    pub(super) fn last_strip(&self) -> Option<f64> {
        match &self.0 {
            Kind::Strips(strips) => Some(strips.law.border(STRIPS - 1)),
            Kind::Plain(_) => None,
        }
    }

    /// Draws one of the longest durations (s): from the last strip; of a law that has none, any.
    pub(super) fn sample_last_strip(&self, stream: &mut Stream) -> f64 {
        match &self.0 {
            Kind::Strips(strips) => strips.law.end(true, stream),
            Kind::Plain(law) => law.sample(stream),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::name_key;
    use super::*;

    const DRAWS: usize = 400_000;

    fn laws() -> Vec<Law> {
        let weibull = [0.2, 0.5, 0.9, 1.0 + 1e-9, 1.5, 3.0, 20.0].map(|shape| Law::weibull_mean(600.0, shape));
        let lognormal = [0.05, 0.5, 1.0, 2.0, 4.0].map(|sigma| Law::lognormal_mean(600.0, sigma));
        weibull.into_iter().chain(lognormal).map(|law| law.expect("a sound law")).collect()
    }

    /// One draw after the other from a stream, and some from each of many rows of numbers.
    fn drawn(law: &Law) -> [Vec<f64>; 2] {
        let sampler = Sampler::new(law);
        assert!(matches!(sampler.0, Kind::Strips(_)), "{law}");
        let key = name_key(&law.to_string());
        let mut stream = Stream::new(3, 0, key);
        let in_turn = (0..DRAWS).map(|_| sampler.sample(&mut stream)).collect();
        let all = Numbered::new(3, 0, key);
        let by_row = |row| {
            let mut numbers = all.of(row);
            (0..8).map(|_| sampler.sample_first(numbers.take())).collect::<Vec<f64>>()
        };
        let in_rows = (0..DRAWS as u32 / 8).flat_map(by_row).collect();
        [in_turn, in_rows].map(|mut values: Vec<f64>| {
            values.sort_by(f64::total_cmp);
            values
        })
    }

    /// Kolmogorov's distance of n draws stays below 2.23 / sqrt(n) with probability 1 - 1e-4: with all 12 laws, two ways, but for one in 400 seeds.
    #[test]
    fn draws_have_their_law() {
        for (law, values) in laws().iter().flat_map(|law| drawn(law).map(|values| (law, values))) {
            let n = values.len() as f64;
            let distance = (1..).zip(&values).fold(0.0_f64, |most, (rank, x)| {
                let exact = law.cdf(*x);
                most.max((exact - f64::from(rank) / n).abs()).max((exact - (f64::from(rank) - 1.0) / n).abs())
            });
            assert!(distance < 2.23 / n.sqrt(), "{law}: {distance}");
        }
    }

    /// Among n draws the number beyond a quantile is binomial: within 4.5 standard deviations but for 7e-6, and 240 of them are looked at.
    /// The tails, the borders of the first and last strips and their insides each have their share.
    #[test]
    fn tails_have_their_share() {
        for (law, values) in laws().iter().flat_map(|law| drawn(law).map(|values| (law, values))) {
            for p in [1e-4, 1e-3, 0.5 / 256.0, 1.0 / 256.0, 1.5 / 256.0] {
                let spread = 4.5 * (DRAWS as f64 * p * (1.0 - p)).sqrt();
                let below = values.partition_point(|x| *x <= law.quantile(p)) as f64;
                assert!((below - DRAWS as f64 * p).abs() < spread, "{law} below {p}: {below}");
                let above = DRAWS as f64 - values.partition_point(|x| *x <= law.quantile(1.0 - p)) as f64;
                assert!((above - DRAWS as f64 * p).abs() < spread, "{law} above {p}: {above}");
            }
        }
    }

    /// Within a strip the draws follow the density, too: positions of all strips put together by their own law are uniform. The 0.9999
    /// quantile of chi-square with 63 degrees of freedom is 111.
    #[test]
    fn strips_are_filled_as_the_density_says() {
        for (law, values) in laws().iter().flat_map(|law| drawn(law).map(|values| (law, values))) {
            let mut counts = [0.0_f64; 64];
            for x in values {
                let within = (law.cdf(x) * STRIPS as f64).fract();
                counts[(within * 64.0) as usize] += 1.0;
            }
            let expected = DRAWS as f64 / 64.0;
            let chi2: f64 = counts.iter().map(|count| (count - expected) * (count - expected) / expected).sum();
            assert!(chi2 < 111.0, "{law}: {chi2}");
        }
    }

    #[test]
    fn other_laws_are_drawn_as_they_are() {
        for law in [Law::exponential(5.0), Law::gamma_mean(5.0, 2.0), Law::weibull_mean(5.0, 50.0)] {
            let law = law.expect("a sound law");
            let (mut stream, mut twin) = (Stream::new(1, 2, 3), Stream::new(1, 2, 3));
            assert_eq!(Sampler::new(&law).sample(&mut stream), law.sample(&mut twin));
            let numbers = Numbered::new(1, 2, 3);
            let drawn =
                law.is_exponential().map_or_else(|| law.sample(&mut numbers.stream(0)), |mean| mean * numbers.exp1(0));
            assert_eq!(Sampler::new(&law).sample_first(numbers), drawn);
        }
    }
}

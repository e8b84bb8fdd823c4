//! Quick exact draws from Weibull and lognormal laws: strips of equal probability.
//!
//! Durations are cut at the quantiles i / 512 into strips, each as likely as the others. Within a strip the density hardly varies: a point
//! that is uniform in the box around it lies below the lowest density of the strip nearly always, and is then drawn with one random number,
//! one multiplication and one comparison. Else the density decides, and what it refuses is drawn anew in the same strip (rejection from a
//! table, as in J. H. Ahrens, "A one-table method for sampling from continuous and discrete distributions", Computing 54 (1995)); a straight line
//! from end to end of the strip, and a bound of how far the density strays from it, tell nearly always without the density.
//!
//! The first and the last strip, where densities may be anything, are cut into finer ones in the same way, and the outermost of these are drawn by
//! inversion of what belongs to them alone. So no tail is cut off or bent.

use super::special::normal_quantile;
use super::{Law, Numbered, Stream, exp, ln};
use std::sync::{Arc, LazyLock};

/// Strips of one law.
const STRIPS: usize = 512;

/// Strips that the first and the last of them are cut into.
const FINER: usize = 8;

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
    roofs: [Roof; STRIPS],
    /// What the first and the last strip are cut into.
    ends: [[(Strip, Roof); FINER]; 2],
}

/// Durations between two quantiles.
#[derive(Debug, Clone, Copy, Default)]
struct Strip {
    /// The shortest (s).
    begin: f64,
    /// Its length over `sure` (s).
    stretched: f64,
    /// Lowest over highest density; 0 where neither is known.
    sure: f64,
}

/// What is between the lowest and the highest density of a strip.
#[derive(Debug, Clone, Copy, Default)]
struct Roof {
    /// Highest density, in the measure of [`Shape::density`].
    highest: f64,
    /// How far the density strays from a straight line between its ends, over the difference of highest and lowest, at most.
    bend: f64,
    /// The density is higher at the end of the strip than at its beginning.
    rises: bool,
}

/// What has strips.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Weibull { scale: f64, shape: f64 },
    Lognormal { mu: f64, sigma: f64 },
}

/// A quantile of the laws that all others here are made of.
struct Quantile {
    /// Of the exponential law with mean 1, and its logarithm.
    hazard: f64,
    ln_hazard: f64,
    /// Of the normal law.
    normal: f64,
}

/// What a law is like at a duration.
#[derive(Clone, Copy)]
struct Point {
    /// The duration (s).
    x: f64,
    density: f64,
    /// By how much the density rises (1/s).
    slope: f64,
    /// What [`Shape::curvature`] is of: rises with the duration.
    measure: f64,
}

impl Quantile {
    /// The one that is exceeded with a probability of 1 - `p`, or, if it is one of the `upper` ones, of `p`, which is 1/2 at most.
    fn new(p: f64, upper: bool) -> Quantile {
        let hazard = if upper { -ln(p) } else { -libm::log1p(-p) };
        Quantile { hazard, ln_hazard: ln(hazard), normal: if upper { -normal_quantile(p) } else { normal_quantile(p) } }
    }
}

/// Where strips meet, from the end of the first one on; and where the finer ones do in the first and in the last strip, from the outermost border on.
static BORDERS: LazyLock<([Quantile; STRIPS - 1], [[Quantile; FINER]; 2])> = LazyLock::new(|| {
    let half = STRIPS / 2;
    let strips = |place: usize| match place + 1 {
        number if number <= half => Quantile::new(number as f64 / STRIPS as f64, false),
        number => Quantile::new((STRIPS - number) as f64 / STRIPS as f64, true),
    };
    let finer = |place: usize, upper| Quantile::new((place + 1) as f64 / (STRIPS * FINER) as f64, upper);
    let ends = [false, true].map(|upper| std::array::from_fn(|place| finer(place, upper)));
    (std::array::from_fn(strips), ends)
});

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

    /// What it is like at a quantile.
    fn at(&self, quantile: &Quantile) -> Point {
        match self {
            Shape::Weibull { scale, shape } => {
                let (hazard, ln_ratio) = (quantile.hazard, quantile.ln_hazard / shape);
                let x = scale * exp(ln_ratio);
                let density = exp((shape - 1.0) * ln_ratio - hazard);
                Point { x, density, slope: density * (shape - 1.0 - shape * hazard) / x, measure: hazard }
            }
            Shape::Lognormal { mu, sigma } => {
                let z = quantile.normal;
                let x = exp(mu + sigma * z);
                let density = exp(-0.5 * z * z - sigma * z);
                Point { x, density, slope: -density * (z + sigma) / (sigma * x), measure: z + sigma }
            }
        }
    }

    /// Second derivative of the density, but for a positive factor: a parabola; and where that is lowest.
    fn curvature(&self, measure: f64) -> (f64, f64) {
        match self {
            Shape::Weibull { shape, .. } => {
                let (turned, less) = (shape * measure, shape - 1.0);
                (turned * (turned - 3.0 * less) + less * (shape - 2.0), 1.5 * less / shape)
            }
            Shape::Lognormal { sigma, .. } => (measure * (measure + sigma) - 1.0, -0.5 * sigma),
        }
    }

    /// The density has no point of inflection between these.
    fn bends_one_way(&self, left: &Point, right: &Point) -> bool {
        let ((one, lowest), (other, _)) = (self.curvature(left.measure), self.curvature(right.measure));
        let passes_lowest = left.measure < lowest && lowest < right.measure;
        one < 0.0 && other < 0.0 || one > 0.0 && other > 0.0 && !passes_lowest
    }

    /// The strip between two points.
    fn strip(&self, mode: f64, left: &Point, right: &Point) -> (Strip, Roof) {
        let has_mode = left.x < mode && mode < right.x;
        let highest = if has_mode { self.density(mode) } else { left.density.max(right.density) };
        let lowest = left.density.min(right.density);
        let sure = lowest / highest;
        let length = right.x - left.x;
        let secant = (right.density - left.density) / length;
        // What bends one way lies between the straight line and the tangents at both ends, which meet where they are furthest from the line. Rounding
        // is far less than what is added, unless the density hardly varies: then it decides itself, as where it bends both ways.
        let bend = if has_mode || !self.bends_one_way(left, right) || sure > 1.0 - 1e-6 {
            f64::INFINITY
        } else {
            let meet = length * (secant - left.slope) * (right.slope - secant) / (right.slope - left.slope);
            meet.abs() / (highest - lowest) + 1e-9
        };
        let strip = Strip { begin: left.x, stretched: length / sure, sure };
        (strip, Roof { highest, bend, rises: left.density < right.density })
    }

    /// Draws what is beyond the quantile with so small a probability, above or below it.
    fn beyond(&self, above: bool, probability: f64, stream: &mut Stream) -> f64 {
        match self {
            Shape::Weibull { scale, shape } => {
                // What outlasts a quantile goes on without memory, in the measure of the cumulative hazard.
                let hazard = match above {
                    true => -ln(probability) + stream.exp1(),
                    false => -libm::log1p(-stream.uniform() * probability),
                };
                scale * exp(ln(hazard) / shape)
            }
            Shape::Lognormal { mu, sigma } => {
                let edge = -normal_quantile(probability);
                let z = edge + excess(edge, stream);
                exp(mu + if above { sigma * z } else { -sigma * z })
            }
        }
    }
}

/// By how much a normal number exceeds `edge`, given that it does: Marsaglia, Technometrics 6 (1964) 101-102.
fn excess(edge: f64, stream: &mut Stream) -> f64 {
    loop {
        let x = stream.exp1() / edge;
        if 2.0 * stream.exp1() > x * x {
            return x;
        }
    }
}

impl Strips {
    fn new(law: Shape) -> Strips {
        let (borders, [lower, upper]) = &*BORDERS;
        let mode = law.mode();
        let mut strips = [Strip::default(); STRIPS];
        let mut roofs = [Roof::default(); STRIPS];
        let mut left = law.at(&borders[0]);
        for (border, (strip, roof)) in borders[1..].iter().zip(strips[1..].iter_mut().zip(&mut roofs[1..])) {
            let right = law.at(border);
            (*strip, *roof) = law.strip(mode, &left, &right);
            left = right;
        }
        let mut ends = [[<(Strip, Roof)>::default(); FINER]; 2];
        for (end, borders) in ends.iter_mut().zip([lower, upper]) {
            let mut outer = law.at(&borders[0]);
            for (finer, border) in end[1..].iter_mut().zip(&borders[1..]) {
                let inner = law.at(border);
                let (left, right) = if outer.x < inner.x { (&outer, &inner) } else { (&inner, &outer) };
                *finer = law.strip(mode, left, right);
                outer = inner;
            }
        }
        Strips { law, strips, roofs, ends }
    }

    /// The seldom case: beyond what is sure, or at an end; none in the outermost strips.
    #[inline]
    fn settle(&self, number: usize, mut place: f64, mut uniform: impl FnMut() -> f64) -> Option<f64> {
        let (strip, roof) = if number == 0 || number == STRIPS - 1 {
            // The first digits of the place say which of the finer ones, the rest where in it.
            let finer = (place * FINER as f64) as usize;
            place = place * FINER as f64 - finer as f64;
            if finer == 0 {
                return None;
            }
            self.ends[usize::from(number > 0)][finer]
        } else {
            (self.strips[number], self.roofs[number])
        };
        loop {
            if place < strip.sure {
                return Some(strip.begin + place * strip.stretched);
            }
            // Between the lowest and the highest density: across the strip by what is left of the number, and as high as another one says.
            let across = (place - strip.sure) / (1.0 - strip.sure);
            let x = strip.begin + across * (strip.stretched * strip.sure);
            let height = uniform();
            let above = height - if roof.rises { across } else { 1.0 - across };
            let is_under = match above.abs() > roof.bend {
                true => above < 0.0,
                false => (strip.sure + (1.0 - strip.sure) * height) * roof.highest < self.law.density(x),
            };
            if is_under {
                return Some(x);
            }
            place = uniform();
        }
    }

    fn outermost(&self, number: usize, stream: &mut Stream) -> f64 {
        self.law.beyond(number > 0, 1.0 / (STRIPS * FINER) as f64, stream)
    }

    /// It takes the stream by value and gives it back, so that the common case keeps it in registers.
    #[cold]
    #[inline(never)]
    fn edge(&self, mut stream: Stream, number: usize, place: f64) -> (f64, Stream) {
        let settled = self.settle(number, place, || stream.uniform());
        (settled.unwrap_or_else(|| self.outermost(number, &mut stream)), stream)
    }

    /// The strip and the place in it that 64 random bits name: the duration if it is sure, else both.
    #[inline]
    fn find(&self, bits: u64) -> Result<f64, (usize, f64)> {
        let number = bits as usize % STRIPS;
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
        let mut own = numbers.own();
        let settled = self.settle(number, place, || own.take().uniform());
        settled.unwrap_or_else(|| self.outermost(number, &mut numbers.stream(0)))
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

    /// The shortest (s) of the longest durations, which are one of 256; none of a law that has no strips.
    pub(super) fn longest_begin(&self) -> Option<f64> {
        match &self.0 {
            Kind::Strips(strips) => Some(strips.law.at(&Quantile::new(ONE_OF_256, true)).x),
            Kind::Plain(_) => None,
        }
    }

    /// Draws one of the longest durations (s); of a law that has no strips, any.
    pub(super) fn sample_longest(&self, stream: &mut Stream) -> f64 {
        match &self.0 {
            Kind::Strips(strips) => strips.law.beyond(true, ONE_OF_256, stream),
            Kind::Plain(law) => law.sample(stream),
        }
    }
}

/// The probability of what is among the longest.
const ONE_OF_256: f64 = 1.0 / 256.0;

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

    /// Among n draws the number beyond a quantile is binomial: within 4.5 standard deviations but for 7e-6, and 384 of them are looked at.
    /// The tails, the borders of the first and last strips and their insides each have their share.
    #[test]
    fn tails_have_their_share() {
        for (law, values) in laws().iter().flat_map(|law| drawn(law).map(|values| (law, values))) {
            for p in [0.5, 1.0, 1.5, 4.0, 7.5, 8.0, 9.0, 16.0].map(|cells| cells / (STRIPS * FINER) as f64) {
                let spread = 4.5 * (DRAWS as f64 * p * (1.0 - p)).sqrt();
                let below = values.partition_point(|x| *x <= law.quantile(p)) as f64;
                assert!((below - DRAWS as f64 * p).abs() < spread, "{law} below {p}: {below}");
                let above = DRAWS as f64 - values.partition_point(|x| *x <= law.quantile(1.0 - p)) as f64;
                assert!((above - DRAWS as f64 * p).abs() < spread, "{law} above {p}: {above}");
            }
        }
    }

    /// Within a strip the draws follow the density, too: positions of all strips put together by their own law are uniform, and so are those of the
    /// finer ones at both ends. The 0.9999 quantile of chi-square with 63 degrees of freedom is 111.
    #[test]
    fn strips_are_filled_as_the_density_says() {
        for (law, values) in laws().iter().flat_map(|law| drawn(law).map(|values| (law, values))) {
            let is_at_an_end = |p: &f64| p.min(1.0 - p) * (STRIPS as f64) < 1.0;
            let (ends, others): (Vec<f64>, Vec<f64>) = values.iter().map(|x| law.cdf(*x)).partition(is_at_an_end);
            for (places, strips) in [(others, STRIPS), (ends, STRIPS * FINER)] {
                let mut counts = [0.0_f64; 64];
                for p in &places {
                    counts[((p * strips as f64).fract() * 64.0) as usize] += 1.0;
                }
                let expected = places.len() as f64 / 64.0;
                let chi2: f64 = counts.iter().map(|count| (count - expected) * (count - expected) / expected).sum();
                assert!(chi2 < 111.0, "{law}, {strips} strips: {chi2}");
            }
        }
    }

    /// What the straight line and its bend decide, the density would decide alike; and they decide nearly always.
    #[test]
    fn the_density_strays_from_the_line_by_no_more_than_its_bend() {
        for law in laws() {
            let shape = Shape::of(&law).expect("a law with strips");
            let strips = Strips::new(shape);
            let inner = (1..STRIPS - 1).map(|number| (strips.strips[number], strips.roofs[number]));
            let outer = strips.ends.iter().flat_map(|end| end[1..].iter().copied());
            let mut straight = 0.0;
            for (strip, roof) in inner.chain(outer) {
                let length = strip.stretched * strip.sure;
                let densities = (0..=32).map(|step| shape.density(strip.begin + length * f64::from(step) / 32.0));
                let lowest = strip.sure * roof.highest;
                for (step, density) in densities.enumerate() {
                    let across = step as f64 / 32.0;
                    assert!(density <= roof.highest * (1.0 + 1e-12) && density >= lowest * (1.0 - 1e-12), "{law}");
                    let height = (density - lowest) / (roof.highest - lowest);
                    let line = if roof.rises { across } else { 1.0 - across };
                    assert!((height - line).abs() <= roof.bend, "{law}: {height} and {line}, by {}", roof.bend);
                }
                straight += f64::from(roof.bend < 0.05) / (STRIPS + 2 * FINER - 4) as f64;
            }
            assert!(straight > 0.85, "{law}: {straight}");
        }
    }

    /// Strips follow each other without a gap, the finer ones in the first and in the last.
    #[test]
    fn strips_cover_all_durations_between_the_outermost() {
        for law in laws() {
            let strips = Strips::new(Shape::of(&law).expect("a law with strips"));
            let [lower, upper] = &strips.ends;
            let ascending = lower[1..].iter().map(|(strip, _)| strip).chain(&strips.strips[1..STRIPS - 1]);
            let ascending: Vec<_> = ascending.chain(upper[1..].iter().rev().map(|(strip, _)| strip)).collect();
            for pair in ascending.windows(2) {
                let end = pair[0].begin + pair[0].stretched * pair[0].sure;
                assert!((end / pair[1].begin - 1.0).abs() < 1e-12, "{law}: {end} and {}", pair[1].begin);
            }
            for (place, strip) in ascending.iter().enumerate() {
                let p = if place < FINER - 1 {
                    (place + 1) as f64 / (STRIPS * FINER) as f64
                } else if place < FINER + STRIPS - 3 {
                    (place + 2 - FINER) as f64 / STRIPS as f64
                } else {
                    1.0 - (2 * FINER + STRIPS - 3 - place) as f64 / (STRIPS * FINER) as f64
                };
                assert!((law.cdf(strip.begin) - p).abs() < 1e-12, "{law}: {} and {p}", law.cdf(strip.begin));
            }
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

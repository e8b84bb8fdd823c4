//! Exponential and normal variates by ziggurats: Marsaglia and Tsang, J. Stat. Softw. 5(8) (2000), with 256 layers.
//!
//! The area under a falling density is cut into layers of equal size. A point in a layer drawn at random lies under the curve
//! for certain when it lies inside the layer above, which takes one number from the stream, one multiplication and one comparison.
//! The rest is decided by the density itself, and the tail of the lowest layer is drawn exactly, so no law is approximated.
//! Layer, sign and position come from different bits, 53 for the position (Doornik, "An improved ziggurat method", 2005).
//!
//! The tables are computed by the compiler, in plain arithmetic that is the same everywhere.

use rand::Rng;
use rand::rngs::Xoshiro256PlusPlus as Generator;

const LAYERS: usize = 256;

/// Where the lowest layer of the exponential ends, and the area of a layer: what makes 256 layers close at the top.
const EXPONENTIAL: (f64, f64) = (7.697_117_470_131_05, 0.003_949_659_822_581_557);

/// The same for half the normal density exp(-x^2 / 2).
const NORMAL: (f64, f64) = (3.654_152_885_361_009, 0.004_928_673_233_974_655);

/// Positions within the width of a layer.
const POSITIONS: f64 = (1_u64 << 53) as f64;

/// One step of a position, over the width of its layer.
const STEP: f64 = 1.0 / POSITIONS;

/// The layers of a density, from the lowest up.
struct Ziggurat {
    /// Width of a layer over 2^53, and width of the layer above it.
    layers: [(f64, f64); LAYERS],
    /// How far the density strays from a straight line within a layer, over the height of the layer, at most.
    bend: f64,
    /// Density at the right end of a layer, and one at the top.
    density: [f64; LAYERS + 1],
}

static EXPONENTIAL_LAYERS: Ziggurat = Ziggurat::new(EXPONENTIAL, false);
static NORMAL_LAYERS: Ziggurat = Ziggurat::new(NORMAL, true);

impl Ziggurat {
    /// Stacks layers of equal area under exp(-x), or under exp(-x^2 / 2).
    const fn new((edge, area): (f64, f64), normal: bool) -> Ziggurat {
        let mut layers = [(0.0, 0.0); LAYERS];
        let mut density = [1.0; LAYERS + 1];
        let mut x = edge;
        // The lowest layer is as wide as a box of its area would be, whose part beyond the edge stands for the tail.
        let mut width = area / fixed::exp(if normal { -0.5 * x * x } else { -x });
        let mut layer = 0;
        while layer < LAYERS {
            layers[layer] = (width * STEP, x);
            density[layer] = fixed::exp(if normal { -0.5 * width * width } else { -width });
            width = x;
            let above = fixed::exp(if normal { -0.5 * x * x } else { -x }) + area / x;
            x = if layer + 2 >= LAYERS {
                0.0
            } else if normal {
                fixed::sqrt(-2.0 * fixed::ln(above))
            } else {
                -fixed::ln(above)
            };
            layer += 1;
        }
        Ziggurat { layers, bend: if normal { 0.26 } else { 0.1 }, density }
    }
}

/// The position of a point in its layer: 53 bits.
#[inline]
const fn position(bits: u64) -> f64 {
    (bits >> 11) as i64 as f64
}

/// A uniform number in [0, 1).
fn uniform(generator: &mut Generator) -> f64 {
    position(generator.next_u64()) * STEP
}

/// Exponential with mean 1, from these bits nearly always, else by a generator.
#[inline]
pub(super) fn exponential_of(bits: u64, generator: impl FnOnce() -> Generator) -> f64 {
    let layer = (bits & 0xff) as usize;
    let (width, inside) = EXPONENTIAL_LAYERS.layers[layer];
    let x = position(bits) * width;
    if x < inside { x } else { exponential_edge(generator(), bits).0 }
}

/// Exponential with mean 1.
#[inline]
pub(super) fn exponential(generator: &mut Generator) -> f64 {
    let bits = generator.next_u64();
    let layer = (bits & 0xff) as usize;
    let (width, inside) = EXPONENTIAL_LAYERS.layers[layer];
    let x = position(bits) * width;
    if x < inside {
        return x;
    }
    let (x, after) = exponential_edge(generator.clone(), bits);
    *generator = after;
    x
}

/// The seldom case. It takes the generator by value and gives it back, so that the common case keeps it in registers.
#[cold]
#[inline(never)]
fn exponential_edge(mut generator: Generator, mut bits: u64) -> (f64, Generator) {
    let mut beyond = 0.0;
    loop {
        let layer = (bits & 0xff) as usize;
        let (width, inside) = EXPONENTIAL_LAYERS.layers[layer];
        let x = position(bits) * width;
        if x < inside {
            return (beyond + x, generator);
        }
        if layer == 0 {
            // What is left of a time that has lasted so long is again exponential.
            beyond += EXPONENTIAL.0;
        } else if is_under(&EXPONENTIAL_LAYERS, layer, x, |x| libm::exp(-x), &mut generator) {
            return (beyond + x, generator);
        }
        bits = generator.next_u64();
    }
}

/// Whether a point at a random height of a layer lies under the density there. Most are far enough from the straight line between
/// the ends of the layer to tell without the density.
#[inline]
fn is_under(
    ziggurat: &Ziggurat,
    layer: usize,
    x: f64,
    density: impl Fn(f64) -> f64,
    generator: &mut Generator,
) -> bool {
    let height = uniform(generator);
    let (width, inside) = ziggurat.layers[layer];
    let outer = width * POSITIONS;
    let line = (outer - x) / (outer - inside);
    if (height - line).abs() > ziggurat.bend {
        return height < line;
    }
    let (low, high) = (ziggurat.density[layer], ziggurat.density[layer + 1]);
    low + (high - low) * height < density(x)
}

/// Normal with mean 0 and standard deviation 1.
#[inline]
pub(super) fn normal(generator: &mut Generator) -> f64 {
    let bits = generator.next_u64();
    let layer = (bits & 0xff) as usize;
    let (width, inside) = NORMAL_LAYERS.layers[layer];
    let x = position(bits) * width;
    if x < inside {
        return signed(x, bits);
    }
    let (x, after) = normal_edge(generator.clone(), bits, x);
    *generator = after;
    x
}

/// Bit 8, which neither layer nor position uses, is the sign.
#[inline]
const fn signed(x: f64, bits: u64) -> f64 {
    f64::from_bits(x.to_bits() | (bits & 0x100) << 55)
}

/// As [`exponential_edge`].
#[cold]
#[inline(never)]
fn normal_edge(mut generator: Generator, mut bits: u64, mut x: f64) -> (f64, Generator) {
    loop {
        let layer = (bits & 0xff) as usize;
        if layer == 0 {
            return (signed(normal_tail(&mut generator), bits), generator);
        } else if is_under(&NORMAL_LAYERS, layer, x, |x| libm::exp(-0.5 * x * x), &mut generator) {
            return (signed(x, bits), generator);
        }
        bits = generator.next_u64();
        let (width, inside) = NORMAL_LAYERS.layers[(bits & 0xff) as usize];
        x = position(bits) * width;
        if x < inside {
            return (signed(x, bits), generator);
        }
    }
}

/// Beyond the edge: Marsaglia, Technometrics 6 (1964) 101-102.
fn normal_tail(generator: &mut Generator) -> f64 {
    loop {
        let x = exponential(generator) / NORMAL.0;
        if 2.0 * exponential(generator) > x * x {
            return NORMAL.0 + x;
        }
    }
}

/// Elementary functions that the compiler can evaluate, to a few units in the last place.
mod fixed {
    const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

    /// e^x for x in [-100, 0]: 2^n times a Taylor series.
    pub(super) const fn exp(x: f64) -> f64 {
        let n = (x * std::f64::consts::LOG2_E - 0.5) as i64;
        let rest = (x - n as f64 * LN_2_HIGH) - n as f64 * LN_2_LOW;
        let mut sum = 1.0;
        let mut k = 20.0;
        while k > 0.0 {
            sum = 1.0 + sum * rest / k;
            k -= 1.0;
        }
        sum * f64::from_bits(((1023 + n) as u64) << 52)
    }

    /// ln y for y in [1e-4, 1], by Halley's method on [`exp`].
    pub(super) const fn ln(y: f64) -> f64 {
        let mut x = 0.0;
        let mut round = 0;
        while round < 12 {
            let e = exp(x);
            x += 2.0 * (y - e) / (y + e);
            round += 1;
        }
        x
    }

    /// The square root of y in [1e-3, 100], by Heron's method.
    pub(super) const fn sqrt(y: f64) -> f64 {
        let mut x = 0.5 * (1.0 + y);
        let mut round = 0;
        while round < 12 {
            x = 0.5 * (x + y / x);
            round += 1;
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Stream, name_key};
    use super::*;
    use rand::SeedableRng;
    use rand_distr::{Distribution, Exp1, StandardNormal};

    const DRAWS: usize = 1_000_000;

    fn draws(name: &str, draw: impl Fn(&mut Generator) -> f64) -> Vec<f64> {
        let mut generator = Stream::new(20_261_124, 0, name_key(name)).generator;
        let mut drawn: Vec<f64> = (0..DRAWS).map(|_| draw(&mut generator)).collect();
        drawn.sort_by(f64::total_cmp);
        drawn
    }

    /// Largest distance between two empirical distribution functions.
    fn distance(a: &[f64], b: &[f64]) -> f64 {
        let (mut i, mut j, mut most) = (0, 0, 0.0_f64);
        while i < a.len() && j < b.len() {
            if a[i] <= b[j] {
                i += 1
            } else {
                j += 1
            }
            most = most.max((i as f64 / a.len() as f64 - j as f64 / b.len() as f64).abs());
        }
        most
    }

    /// Two-sample Kolmogorov-Smirnov at alpha = 0.001: sqrt(-ln(alpha / 2) / 2) sqrt((n + m) / (n m)) = 1.949 sqrt(2 / n).
    fn critical() -> f64 {
        1.949 * (2.0 / DRAWS as f64).sqrt()
    }

    #[test]
    fn both_follow_the_same_law_as_another_implementation() {
        let theirs = draws("theirs", |g| Exp1.sample(g));
        assert!(distance(&draws("ours", exponential), &theirs) < critical());
        assert!(distance(&draws("ours", |g| 1.02 * exponential(g)), &theirs) > critical(), "it would notice");
        let theirs = draws("theirs", |g| StandardNormal.sample(g));
        assert!(distance(&draws("ours", normal), &theirs) < critical());
        assert!(distance(&draws("ours", |g| 0.02 + normal(g)), &theirs) > critical(), "it would notice");
    }

    /// Chi-square over 200 cells of equal probability: 199 degrees of freedom, variance 2 x 199, normal to a good
    /// approximation; four standard deviations above the mean.
    #[test]
    fn cells_of_equal_probability_are_hit_equally_often() {
        let check = |drawn: &[f64], cdf: &dyn Fn(f64) -> f64| {
            let cells = 200;
            let mut counts = vec![0.0; cells];
            for x in drawn {
                counts[((cdf(*x) * cells as f64) as usize).min(cells - 1)] += 1.0;
            }
            let expected = DRAWS as f64 / cells as f64;
            let chi2: f64 = counts.iter().map(|c| (c - expected) * (c - expected) / expected).sum();
            assert!((chi2 - 199.0).abs() < 4.0 * 398_f64.sqrt(), "{chi2}");
        };
        check(&draws("cells", exponential), &|x| -libm::expm1(-x));
        check(&draws("cells", normal), &|x| 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2));
    }

    /// Tails beyond the lowest layer: as many as there should be, within four binomial standard deviations, and of the right
    /// mean: 1 for the exponential; for the normal phi(r) / (1 - Phi(r)) - r. The spread of an excess is at most its mean,
    /// which is the standard deviation of an exponential one.
    #[test]
    fn tails_are_as_heavy_as_they_should_be() {
        let check = |excesses: &[f64], probability: f64, mean: f64| {
            let expected = DRAWS as f64 * probability;
            let n = excesses.len() as f64;
            assert!((n - expected).abs() < 4.0 * expected.sqrt(), "{n} beyond, not {expected}");
            let found = excesses.iter().sum::<f64>() / n;
            assert!((found - mean).abs() < 4.0 * mean / n.sqrt(), "{found} is not {mean}");
        };
        let beyond = |drawn: Vec<f64>, edge: f64| -> Vec<f64> {
            drawn.iter().map(|x| x.abs() - edge).filter(|excess| *excess > 0.0).collect()
        };
        check(&beyond(draws("tail", exponential), EXPONENTIAL.0), libm::exp(-EXPONENTIAL.0), 1.0);
        let both = libm::erfc(NORMAL.0 * std::f64::consts::FRAC_1_SQRT_2);
        let density = libm::exp(-0.5 * NORMAL.0 * NORMAL.0) / (2.0 * std::f64::consts::PI).sqrt();
        check(&beyond(draws("tail", normal), NORMAL.0), both, density / (0.5 * both) - NORMAL.0);
    }

    #[test]
    fn layers_have_equal_areas_and_end_on_the_density() {
        for (ziggurat, (edge, area), normal) in
            [(&EXPONENTIAL_LAYERS, EXPONENTIAL, false), (&NORMAL_LAYERS, NORMAL, true)]
        {
            let density = |x: f64| libm::exp(if normal { -0.5 * x * x } else { -x });
            let near = |a: f64, b: f64| assert!((a - b).abs() <= 1e-14 * b, "{a} is not {b}");
            let tail = if normal {
                (0.5 * std::f64::consts::PI).sqrt() * libm::erfc(edge * std::f64::consts::FRAC_1_SQRT_2)
            } else {
                density(edge)
            };
            near(edge * density(edge) + tail, area);
            near(ziggurat.layers[0].0 * POSITIONS * density(edge), area);
            for layer in 1..LAYERS {
                let width = ziggurat.layers[layer].0 * POSITIONS;
                assert_eq!(width, ziggurat.layers[layer - 1].1);
                near(ziggurat.density[layer], density(width));
                // Two densities rounded to 2^-53 each differ by area / width, at least 1 / 2,000.
                let found = width * (ziggurat.density[layer + 1] - ziggurat.density[layer]);
                assert!((found / area - 1.0).abs() < 2_000.0 * 4.0 * f64::EPSILON, "{layer}: {found} is not {area}");
            }
            assert_eq!((ziggurat.layers[LAYERS - 1].1, ziggurat.density[LAYERS]), (0.0, 1.0));
        }
    }

    /// On a grid of 1,000 points in each layer; a density bends so little between two of them that a hundredth of the bend
    /// is more than enough to spare.
    #[test]
    fn the_density_strays_from_the_line_by_no_more_than_its_bend() {
        for (ziggurat, normal) in [(&EXPONENTIAL_LAYERS, false), (&NORMAL_LAYERS, true)] {
            for layer in 1..LAYERS {
                let (outer, inside) = (ziggurat.layers[layer].0 * POSITIONS, ziggurat.layers[layer].1);
                let (low, high) = (ziggurat.density[layer], ziggurat.density[layer + 1]);
                for point in 0..=1_000 {
                    let line = f64::from(point) / 1_000.0;
                    let x = outer - line * (outer - inside);
                    let density = libm::exp(if normal { -0.5 * x * x } else { -x });
                    let strays = ((density - low) / (high - low) - line).abs();
                    assert!(strays < 0.99 * ziggurat.bend, "layer {layer} at {x}: {strays}");
                }
            }
        }
    }

    #[test]
    fn what_is_drawn_is_finite_and_an_exponential_is_never_negative() {
        let mut generator = Generator::seed_from_u64(3);
        for _ in 0..100_000 {
            let x = exponential(&mut generator);
            assert!(x >= 0.0 && x.is_finite() && normal(&mut generator).is_finite());
        }
    }
}

//! Distributions of durations: how long something takes or lasts.
//!
//! A [`Law`] is built by a checked constructor, from its mean, from its usual parameters or from two quantiles, and then
//! sampled from a named [`Stream`]. Every law is exact: no table is cut off and no tail is approximated.

mod construct;
mod elementary;
mod hazard;
mod net;
mod parted;
mod rest;
mod runs;
mod special;
mod stream;
mod strips;
mod ziggurat;

pub use elementary::{exp, ln};
pub use net::{NET, Net};
pub use parted::{Parted, Row};
pub use stream::{GENERATOR, History, Later, Numbered, Stream, name_key};
pub use strips::{Sampler, Strips};

use crate::units::Seconds;
use special::{gamma_cdf, gamma_quantile, ln_gamma, normal_cdf, normal_quantile, smallest_reaching};
use std::fmt;
use std::sync::Arc;

/// Draws from a Weibull law.
#[inline(never)]
fn weibull(scale: f64, shape: f64, stream: &mut Stream) -> f64 {
    scale * exp(ln(stream.exp1()) / shape)
}

/// Draws from a lognormal law.
#[inline(never)]
fn lognormal(mu: f64, sigma: f64, stream: &mut Stream) -> f64 {
    exp(mu + sigma * stream.normal())
}

/// Up to this many stages an Erlang time is drawn as the sum of its stages.
const FEW_STAGES: f64 = 3.0;

/// The distribution of a duration in seconds, not negative.
///
/// The constructors check their arguments; a value that is put together by hand is taken as it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Law {
    /// It does not end: infinitely long.
    Never,
    /// Always this long (s).
    Fixed(f64),
    /// Without memory.
    Exponential {
        /// Mean (s), above 0.
        mean: f64,
    },
    /// P(longer than t) = exp(-(t / scale)^shape).
    Weibull {
        /// The time (s) within which 1 - 1/e, or 63 %, have ended; above 0.
        scale: f64,
        /// Above 1 for wear, below 1 for early failures.
        shape: f64,
    },
    /// Its logarithm is normal.
    Lognormal {
        /// Mean of ln(duration / 1 s), that is the logarithm of the median.
        mu: f64,
        /// Standard deviation of the logarithm, above 0.
        sigma: f64,
    },
    /// Gamma; an Erlang distribution where the shape is whole.
    Gamma {
        /// Above 0.
        shape: f64,
        /// Mean over shape (s), above 0.
        scale: f64,
    },
    /// Equally likely anywhere between two durations.
    Uniform {
        /// Shortest (s).
        low: f64,
        /// Longest (s).
        high: f64,
    },
    /// Shortest, most likely, longest.
    Triangular {
        /// Shortest (s).
        low: f64,
        /// Most likely (s).
        mode: f64,
        /// Longest (s).
        high: f64,
    },
    /// One of several laws, by chance.
    Mixture(
        /// Weights, which sum to 1, and their laws.
        Vec<(f64, Law)>,
    ),
    /// One of these observations, each as likely as the others.
    Empirical(
        /// Observed durations (s), ascending.
        Arc<[f64]>,
    ),
}

impl Law {
    /// Mean (s); infinite for [`Law::Never`].
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Law::Never => f64::INFINITY,
            Law::Fixed(duration) => *duration,
            Law::Exponential { mean } => *mean,
            Law::Weibull { scale, shape } => scale * libm::exp(ln_gamma(1.0 + 1.0 / shape)),
            Law::Lognormal { mu, sigma } => libm::exp(mu + 0.5 * sigma * sigma),
            Law::Gamma { shape, scale } => shape * scale,
            Law::Uniform { low, high } => low + 0.5 * (high - low),
            Law::Triangular { low, mode, high } => (low + mode + high) / 3.0,
            Law::Mixture(parts) => parts.iter().map(|(weight, law)| weight * law.mean()).sum(),
            Law::Empirical(observations) => observations.iter().sum::<f64>() / observations.len() as f64,
        }
    }

    /// Variance (s²); none where it is not finite.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        let variance = match self {
            Law::Never => return None,
            Law::Fixed(_) => 0.0,
            Law::Exponential { mean } => mean * mean,
            Law::Weibull { shape, .. } => {
                let mean = self.mean();
                mean * mean * weibull_squared_cv(*shape)
            }
            Law::Lognormal { sigma, .. } => {
                let mean = self.mean();
                mean * mean * libm::expm1(sigma * sigma)
            }
            Law::Gamma { shape, scale } => shape * scale * scale,
            Law::Uniform { low, high } => (high - low) * (high - low) / 12.0,
            Law::Triangular { low, mode, high } => {
                let (left, right) = (mode - low, high - mode);
                (left * left + left * right + right * right) / 18.0
            }
            Law::Mixture(parts) => {
                let mean = self.mean();
                let mut sum = 0.0;
                for (weight, law) in parts {
                    let offset = law.mean() - mean;
                    sum += weight * (law.variance()? + offset * offset);
                }
                sum
            }
            Law::Empirical(observations) => {
                let mean = self.mean();
                let squares: f64 = observations.iter().map(|x| (x - mean) * (x - mean)).sum();
                squares / observations.len() as f64
            }
        };
        variance.is_finite().then_some(variance)
    }

    /// Probability of a duration of at most `x` (s).
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        if x.is_nan() {
            return f64::NAN;
        }
        if x < 0.0 {
            return 0.0;
        }
        match self {
            Law::Never => 0.0,
            Law::Fixed(duration) => f64::from(u8::from(x >= *duration)),
            Law::Exponential { mean } => -libm::expm1(-x / mean),
            Law::Weibull { scale, shape } => -libm::expm1(-libm::pow(x / scale, *shape)),
            Law::Lognormal { mu, sigma } => normal_cdf((libm::log(x) - mu) / sigma),
            Law::Gamma { shape, scale } => gamma_cdf(*shape, x / scale),
            Law::Uniform { low, high } => ((x - low) / (high - low)).clamp(0.0, 1.0),
            Law::Triangular { low, mode, high } => {
                if x <= *low {
                    0.0
                } else if x >= *high {
                    1.0
                } else if x < *mode {
                    (x - low) * (x - low) / ((high - low) * (mode - low))
                } else {
                    1.0 - (high - x) * (high - x) / ((high - low) * (high - mode))
                }
            }
            Law::Mixture(parts) => parts.iter().map(|(weight, law)| weight * law.cdf(x)).sum::<f64>().clamp(0.0, 1.0),
            Law::Empirical(observations) => {
                observations.partition_point(|&observed| observed <= x) as f64 / observations.len() as f64
            }
        }
    }

    /// The least duration (s) that is not exceeded with probability `p` or more; the shortest possible for a `p` of 0 or
    /// less, the longest possible for 1 or more, which may be infinite. NaN for NaN.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        if p.is_nan() {
            return f64::NAN;
        }
        let p = p.clamp(0.0, 1.0);
        match self {
            Law::Never => f64::INFINITY,
            Law::Fixed(duration) => *duration,
            Law::Exponential { mean } => mean * -libm::log1p(-p),
            Law::Weibull { scale, shape } => scale * libm::pow(-libm::log1p(-p), 1.0 / shape),
            Law::Lognormal { mu, sigma } => libm::exp(mu + sigma * normal_quantile(p)),
            Law::Gamma { shape, scale } => scale * gamma_quantile(*shape, p),
            Law::Uniform { low, high } => low + (high - low) * p,
            Law::Triangular { low, mode, high } => triangular(*low, *mode, *high, p),
            Law::Mixture(parts) => {
                // It lies between the quantiles of the parts; rounding must not carry it beyond.
                let ends = || parts.iter().map(|(_, law)| law.quantile(p));
                let (least, most) = (ends().fold(f64::INFINITY, f64::min), ends().fold(0.0, f64::max));
                match p {
                    0.0 => least,
                    1.0 => most,
                    _ => smallest_reaching(p, |x| self.cdf(x)).min(most).max(least),
                }
            }
            Law::Empirical(observations) => {
                let count = observations.len() as f64;
                let mut rank = (p * count).ceil();
                // The product is rounded: settle on the least rank that has reached p.
                if (rank - 1.0) / count >= p {
                    rank -= 1.0;
                } else if rank / count < p {
                    rank += 1.0;
                }
                let index = (rank as usize).saturating_sub(1);
                observations.get(index).or(observations.last()).copied().unwrap_or(0.0)
            }
        }
    }

    /// As [`Law::quantile`] for a `p` strictly between 0 and 1 that is drawn at random: of an exponential law as close as numbers near 1 are to
    /// each other, which is as close as random numbers are.
    #[inline]
    #[must_use]
    pub fn quick_quantile(&self, p: f64) -> f64 {
        match self {
            Law::Exponential { mean } => mean * -ln(1.0 - p),
            _ => self.quantile(p),
        }
    }

    /// The mean (s) if the law is exponential, in whichever of its guises.
    #[must_use]
    pub fn is_exponential(&self) -> Option<f64> {
        match self {
            Law::Exponential { mean } => Some(*mean),
            Law::Weibull { scale, shape } | Law::Gamma { shape, scale } if *shape == 1.0 => Some(*scale),
            _ => None,
        }
    }

    /// Whether the duration is always 0.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        match self {
            Law::Fixed(duration) => *duration == 0.0,
            Law::Empirical(observations) => observations.iter().all(|&observed| observed == 0.0),
            Law::Mixture(parts) => parts.iter().all(|(_, law)| law.is_zero()),
            _ => false,
        }
    }

    /// Draws one duration (s); infinite for [`Law::Never`]. [`Law::Never`] and [`Law::Fixed`] take nothing from the
    /// stream.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        match self {
            Law::Exponential { mean } => mean * stream.exp1(),
            Law::Fixed(duration) => *duration,
            Law::Weibull { scale, shape } => weibull(*scale, *shape, stream),
            Law::Lognormal { mu, sigma } => lognormal(*mu, *sigma, stream),
            _ => self.sample_other(stream),
        }
    }

    /// The laws that are too long to be drawn inline.
    #[inline(never)]
    fn sample_other(&self, stream: &mut Stream) -> f64 {
        match self {
            Law::Exponential { .. } | Law::Fixed(_) | Law::Weibull { .. } | Law::Lognormal { .. } => {
                self.sample(stream)
            }
            Law::Never => f64::INFINITY,
            Law::Gamma { shape, scale } => scale * standard_gamma(*shape, stream),
            Law::Uniform { low, high } => low + (high - low) * stream.uniform(),
            Law::Triangular { low, mode, high } => triangular(*low, *mode, *high, stream.uniform()),
            Law::Mixture(parts) => {
                let mut rest = stream.uniform();
                for (weight, law) in parts {
                    rest -= weight;
                    if rest < 0.0 {
                        return law.sample(stream);
                    }
                }
                // The weights sum to 1 up to rounding: what is left belongs to the last.
                parts.last().map_or(0.0, |(_, law)| law.sample(stream))
            }
            Law::Empirical(observations) => {
                let count = u32::try_from(observations.len()).unwrap_or(u32::MAX);
                observations.get(stream.index(count) as usize).copied().unwrap_or(0.0)
            }
        }
    }

    /// The law with every duration multiplied by `k`. A `k` of 0 or less, or NaN, gives a fixed duration of 0, and
    /// infinity gives [`Law::Never`], which itself stays as it is.
    #[must_use]
    pub fn scaled(&self, k: f64) -> Law {
        if *self == Law::Never || k == f64::INFINITY {
            return Law::Never;
        }
        if k <= 0.0 || k.is_nan() {
            return Law::Fixed(0.0);
        }
        match self {
            Law::Never => Law::Never,
            Law::Fixed(duration) => Law::Fixed(duration * k),
            Law::Exponential { mean } => Law::Exponential { mean: mean * k },
            Law::Weibull { scale, shape } => Law::Weibull { scale: scale * k, shape: *shape },
            Law::Lognormal { mu, sigma } => Law::Lognormal { mu: mu + libm::log(k), sigma: *sigma },
            Law::Gamma { shape, scale } => Law::Gamma { shape: *shape, scale: scale * k },
            Law::Uniform { low, high } => Law::Uniform { low: low * k, high: high * k },
            Law::Triangular { low, mode, high } => Law::Triangular { low: low * k, mode: mode * k, high: high * k },
            Law::Mixture(parts) => Law::Mixture(parts.iter().map(|(weight, law)| (*weight, law.scaled(k))).collect()),
            Law::Empirical(observations) => Law::Empirical(observations.iter().map(|x| x * k).collect()),
        }
    }

    /// The law in words: "exponential, mean 60d", "lognormal, mean 2h 35m, log-sd 1.04", "fixed 30s", "never".
    #[must_use]
    pub fn describe(&self) -> String {
        let mean = Seconds(self.mean());
        match self {
            Law::Never => "never".to_owned(),
            Law::Fixed(duration) => format!("fixed {}", Seconds(*duration)),
            Law::Exponential { .. } => format!("exponential, mean {mean}"),
            Law::Weibull { shape, .. } => {
                format!("Weibull, mean {mean}, shape {}", three_digits(*shape))
            }
            Law::Lognormal { sigma, .. } => {
                format!("lognormal, mean {mean}, log-sd {}", three_digits(*sigma))
            }
            Law::Gamma { shape, .. } => {
                format!("gamma, mean {mean}, shape {}", three_digits(*shape))
            }
            Law::Uniform { low, high } => {
                format!("uniform, {} to {}", Seconds(*low), Seconds(*high))
            }
            Law::Triangular { low, mode, high } => {
                format!("triangular, {} to {}, most likely {}", Seconds(*low), Seconds(*high), Seconds(*mode))
            }
            Law::Mixture(parts) => {
                let parts: Vec<String> = parts
                    .iter()
                    .map(|(weight, law)| format!("{}% {}", three_digits(weight * 100.0), law.describe()))
                    .collect();
                format!("mixture of {}", parts.join("; "))
            }
            Law::Empirical(observations) => {
                let ends = observations.first().zip(observations.last());
                let range =
                    ends.map_or(String::new(), |(low, high)| format!(", {} to {}", Seconds(*low), Seconds(*high)));
                format!("empirical, {} observations, mean {mean}{range}", observations.len())
            }
        }
    }
}

/// As [`Law::describe`].
impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.describe())
    }
}

/// Variance over squared mean of a Weibull law.
fn weibull_squared_cv(shape: f64) -> f64 {
    let x = 1.0 / shape;
    if x < 1e-3 {
        // ln gamma(1 + 2x) - 2 ln gamma(1 + x) as a series (DLMF 5.7.3), where the difference would lose its digits.
        let (zeta2, zeta3, zeta4, zeta5) =
            (1.644_934_066_848_226_4, 1.202_056_903_159_594_2, 1.082_323_233_711_138_2, 1.036_927_755_143_37);
        let series = x * x * (zeta2 + x * (-2.0 * zeta3 + x * (3.5 * zeta4 - 6.0 * zeta5 * x)));
        return libm::expm1(series);
    }
    libm::expm1(ln_gamma(1.0 + 2.0 * x) - 2.0 * ln_gamma(1.0 + x))
}

/// Inverse of the triangular distribution function.
#[inline]
fn triangular(low: f64, mode: f64, high: f64, p: f64) -> f64 {
    let (width, left) = (high - low, mode - low);
    if p * width < left { low + (p * width * left).sqrt() } else { high - ((1.0 - p) * width * (high - mode)).sqrt() }
}

/// A gamma variate of scale 1: Marsaglia and Tsang, ACM Trans. Math. Softw. 26 (2000) 363-372; for a few whole stages the
/// sum of exponentials.
#[inline]
fn standard_gamma(shape: f64, stream: &mut Stream) -> f64 {
    if shape <= FEW_STAGES && shape.fract() == 0.0 {
        let mut stages = shape;
        let mut sum = 0.0;
        while stages >= 1.0 {
            sum += stream.exp1();
            stages -= 1.0;
        }
        return sum;
    }
    if shape < 1.0 {
        // gamma(shape) = gamma(shape + 1) U^(1/shape), and -ln U is exponential.
        let boost = libm::exp(-stream.exp1() / shape);
        return marsaglia_tsang(shape + 1.0, stream) * boost;
    }
    marsaglia_tsang(shape, stream)
}

/// For a shape of 1 or more.
#[inline]
fn marsaglia_tsang(shape: f64, stream: &mut Stream) -> f64 {
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = stream.normal();
        let root = 1.0 + c * x;
        if root <= 0.0 {
            continue;
        }
        let v = root * root * root;
        let u = stream.uniform();
        let x2 = x * x;
        if u < 1.0 - 0.0331 * x2 * x2 || libm::log(u) < 0.5 * x2 + d * (1.0 - v + libm::log(v)) {
            return d * v;
        }
    }
}

fn three_digits(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DRAWS: usize = 100_000;

    /// Every law, in several regimes of its sampler.
    fn laws() -> Vec<Law> {
        let built = [
            Law::exponential(3600.0),
            Law::weibull_mean(3600.0, 0.5),
            Law::weibull_mean(3600.0, 1.0),
            Law::weibull(3600.0, 2.3),
            Law::weibull(3600.0, 60.0),
            Law::lognormal_mean(9300.0, 1.04),
            Law::lognormal_median(600.0, 0.3),
            Law::gamma(0.3, 100.0),
            Law::gamma(1.5, 100.0),
            Law::gamma_mean(900.0, 40.0),
            Law::erlang(1, 900.0),
            Law::erlang(2, 900.0),
            Law::erlang(3, 900.0),
            Law::erlang(4, 900.0),
            Law::erlang(12, 900.0),
            Law::uniform(60.0, 300.0),
            Law::triangular(60.0, 120.0, 300.0),
            Law::triangular(60.0, 60.0, 300.0),
            Law::triangular(60.0, 300.0, 300.0),
            Law::hyperexponential(&[3.0, 1.0], &[60.0, 7200.0]),
            Law::mixture(vec![
                (0.5, Law::Fixed(30.0)),
                (0.3, Law::Uniform { low: 0.0, high: 60.0 }),
                (0.2, Law::Exponential { mean: 600.0 }),
            ]),
            Law::empirical(vec![5.0, 1.0, 2.0, 2.0, 8.0, 1000.0, 0.0]),
            Law::fixed(90.0),
            Law::fixed(0.0),
        ];
        built.into_iter().map(|law| law.unwrap_or_else(|error| panic!("{error}"))).collect()
    }

    fn draws(law: &Law) -> Vec<f64> {
        let mut stream = Stream::new(20_261_122, 0, name_key("law test"));
        (0..DRAWS).map(|_| law.sample(&mut stream)).collect()
    }

    /// Largest distance between the empirical and the true distribution function, jumps included.
    fn kolmogorov_smirnov(law: &Law, mut sample: Vec<f64>) -> f64 {
        sample.sort_by(f64::total_cmp);
        let n = sample.len() as f64;
        let mut distance = 0.0_f64;
        let mut below = 0;
        for group in sample.chunk_by(|a, b| a == b) {
            let x = group[0];
            distance = distance.max((law.cdf(x.next_down()) - below as f64 / n).abs());
            below += group.len();
            distance = distance.max((law.cdf(x) - below as f64 / n).abs());
        }
        distance
    }

    #[test]
    fn sample_means_and_variances_are_those_of_the_law() {
        for law in laws() {
            let sample = draws(&law);
            let n = sample.len() as f64;
            let variance = law.variance().unwrap_or_else(|| panic!("{law}"));
            let mean = sample.iter().sum::<f64>() / n;
            let error = (variance / n).sqrt();
            assert!((mean - law.mean()).abs() <= 4.0 * error, "{law}: {mean} is not {} +- {error}", law.mean());
            // The standard error of a variance from the fourth moment of the sample itself.
            let squares: Vec<f64> = sample.iter().map(|x| (x - law.mean()).powi(2)).collect();
            let second = squares.iter().sum::<f64>() / n;
            let spread = squares.iter().map(|s| (s - second).powi(2)).sum::<f64>() / n;
            assert!(
                (second - variance).abs() <= 4.0 * (spread / n).sqrt(),
                "{law}: variance {second} is not {variance}"
            );
        }
    }

    #[test]
    fn samples_follow_the_distribution_function() {
        // Kolmogorov-Smirnov at alpha = 0.001; conservative where the law has jumps.
        let critical = 1.95 / (DRAWS as f64).sqrt();
        for law in laws() {
            let distance = kolmogorov_smirnov(&law, draws(&law));
            assert!(distance < critical, "{law}: {distance}");
        }
    }

    #[test]
    fn the_kolmogorov_smirnov_test_would_notice_a_wrong_law() {
        let critical = 1.95 / (DRAWS as f64).sqrt();
        for (drawn, claimed) in [
            (Law::Exponential { mean: 1.0 }, Law::Exponential { mean: 1.03 }),
            (Law::Weibull { scale: 1.0, shape: 1.5 }, Law::Weibull { scale: 1.0, shape: 1.55 }),
            (Law::Gamma { shape: 2.5, scale: 1.0 }, Law::Gamma { shape: 2.55, scale: 1.0 }),
            (Law::Lognormal { mu: 0.0, sigma: 1.0 }, Law::Lognormal { mu: 0.02, sigma: 1.0 }),
        ] {
            let distance = kolmogorov_smirnov(&claimed, draws(&drawn));
            assert!(distance > critical, "{claimed}: {distance}");
        }
    }

    #[test]
    fn quantile_inverts_the_distribution_function() {
        for law in laws() {
            let jumps = matches!(law, Law::Fixed(_) | Law::Empirical(_) | Law::Mixture(_));
            for p in [1e-6, 0.001, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999_999] {
                let x = law.quantile(p);
                if jumps {
                    assert!(law.cdf(x) >= p, "{law}: {p}");
                    assert!(x == 0.0 || law.cdf(x.next_down()) < p, "{law}: {p}");
                } else {
                    assert!((law.cdf(x) - p).abs() < 1e-12, "{law}: cdf(quantile({p})) is {}", law.cdf(x));
                    let back = law.quantile(law.cdf(x));
                    assert!((back - x).abs() <= 1e-9 * x, "{law}: {back} is not {x}");
                }
            }
            assert!(law.quantile(0.0) <= law.quantile(0.5) && law.quantile(0.5) <= law.quantile(1.0), "{law}");
            assert!(law.quantile(f64::NAN).is_nan() && law.cdf(f64::NAN).is_nan());
            assert_eq!((law.cdf(-1.0), law.cdf(f64::INFINITY)), (0.0, 1.0), "{law}");
        }
    }

    #[test]
    fn every_rank_of_observations_inverts() {
        for count in [1_u32, 3, 7, 49, 1000] {
            let observations: Vec<f64> = (0..count).map(f64::from).collect();
            let law = Law::empirical(observations.clone()).unwrap_or(Law::Never);
            for x in observations {
                assert_eq!(law.quantile(law.cdf(x)), x, "{count}");
            }
        }
    }

    #[test]
    fn distribution_functions_have_their_known_values() {
        let check = |law: &Law, x: f64, expected: f64| {
            assert!((law.cdf(x) - expected).abs() < 1e-13, "{law}: {} is not {expected}", law.cdf(x));
        };
        // By definition: 1 - 1/e by the mean and by the scale.
        let within_scale = 0.632_120_558_828_557_7;
        check(&Law::Exponential { mean: 60.0 }, 60.0, within_scale);
        check(&Law::Weibull { scale: 60.0, shape: 3.7 }, 60.0, within_scale);
        // 1 - exp(-(1/2)^2).
        check(&Law::Weibull { scale: 60.0, shape: 2.0 }, 30.0, 0.221_199_216_928_595_1);
        // Erlang of 3 stages: 1 - 5 exp(-2) (DLMF 8.4.9).
        check(&Law::Gamma { shape: 3.0, scale: 60.0 }, 120.0, 0.323_323_583_816_936_5);
        // Half of a lognormal lies below its median; Phi(1) from Abramowitz and Stegun, table 26.1.
        let lognormal = Law::Lognormal { mu: 5.0, sigma: 0.7 };
        check(&lognormal, 5.0_f64.exp(), 0.5);
        check(&lognormal, 5.7_f64.exp(), 0.841_344_746_068_543);
        let triangular = Law::Triangular { low: 0.0, mode: 1.0, high: 4.0 };
        check(&triangular, 1.0, 0.25);
        check(&triangular, 3.0, 1.0 - 1.0 / 12.0);
    }

    #[test]
    fn moments_have_their_known_values() {
        let close = |actual: f64, expected: f64| {
            assert!((actual / expected - 1.0).abs() < 1e-12, "{actual} is not {expected}");
        };
        // gamma(3/2) = sqrt(pi) / 2; a Rayleigh law has variance (4 - pi) / 4 times the squared scale.
        let rayleigh = Law::Weibull { scale: 2.0, shape: 2.0 };
        close(rayleigh.mean(), std::f64::consts::PI.sqrt());
        close(rayleigh.variance().unwrap_or(0.0), 4.0 - std::f64::consts::PI);
        // gamma(1 + 2) = 2, gamma(1 + 4) = 24.
        let early = Law::Weibull { scale: 1.0, shape: 0.5 };
        close(early.mean(), 2.0);
        close(early.variance().unwrap_or(0.0), 20.0);
        let half_normal_mean = Law::Lognormal { mu: 0.0, sigma: 1.0 };
        close(half_normal_mean.mean(), 1.648_721_270_700_128_2);
        close(half_normal_mean.variance().unwrap_or(0.0), 4.670_774_270_471_604);
        let skewed = Law::Triangular { low: 0.0, mode: 1.0, high: 4.0 };
        close(skewed.mean(), 5.0 / 3.0);
        close(skewed.variance().unwrap_or(0.0), 13.0 / 18.0);
        assert_eq!(Law::Never.mean(), f64::INFINITY);
        assert_eq!(Law::Never.variance(), None);
    }

    #[test]
    fn a_steep_weibull_law_keeps_its_variance() {
        // For large shapes ln T is Gumbel: the squared cv tends to pi^2 / (6 shape^2).
        for shape in [999.0, 1001.0, 1e4, 1e6] {
            let limit = std::f64::consts::PI.powi(2) / (6.0 * shape * shape);
            let ratio = weibull_squared_cv(shape) / limit;
            assert!((ratio - 1.0).abs() < 2.0 / shape, "{shape}: {ratio}");
        }
        let (direct, series) = (weibull_squared_cv(999.999_999), weibull_squared_cv(1_000.000_001));
        assert!((direct / series - 1.0).abs() < 1e-8, "{direct} {series}");
    }

    #[test]
    fn the_mean_of_a_lognormal_law_is_its_mean_and_not_its_median() {
        // The famous mistake: mu = ln(mean) makes the mean the median, and this mean 72 % too long.
        let law = Law::lognormal_mean(9300.0, 1.04).unwrap_or(Law::Never);
        assert!((law.mean() - 9300.0).abs() < 1e-8);
        assert!((law.quantile(0.5) - 9300.0 * (-0.5 * 1.04_f64 * 1.04).exp()).abs() < 1e-8);
        let sample = draws(&law);
        let mean = sample.iter().sum::<f64>() / sample.len() as f64;
        assert!((mean / 9300.0 - 1.0).abs() < 0.02, "{mean}");
        let by_median = Law::lognormal_median(9300.0, 1.04).unwrap_or(Law::Never);
        assert!((by_median.mean() / 9300.0 - 1.717).abs() < 0.001);
    }

    #[test]
    fn laws_say_what_they_are() {
        let described: Vec<String> = [
            Law::exponential(60.0 * 86_400.0),
            Law::lognormal_mean(9300.0, 1.04),
            Law::fixed(30.0),
            Ok(Law::Never),
            Law::weibull_mean(60.0 * 86_400.0, 1.5),
            Law::erlang(3, 300.0),
            Law::uniform(60.0, 300.0),
            Law::triangular(60.0, 120.0, 300.0),
            Law::hyperexponential(&[9.0, 1.0], &[60.0, 7200.0]),
            Law::empirical(vec![60.0, 120.0]),
        ]
        .into_iter()
        .map(|law| law.map_or_else(|error| error, |law| law.to_string()))
        .collect();
        assert_eq!(
            described,
            [
                "exponential, mean 60d",
                "lognormal, mean 2h 35m, log-sd 1.04",
                "fixed 30s",
                "never",
                "Weibull, mean 60d, shape 1.5",
                "gamma, mean 5m, shape 3",
                "uniform, 1m to 5m",
                "triangular, 1m to 5m, most likely 2m",
                "mixture of 90% exponential, mean 1m; 10% exponential, mean 2h",
                "empirical, 2 observations, mean 1m 30s, 1m to 2m",
            ]
        );
    }

    #[test]
    fn exponential_and_zero_laws_are_recognised() {
        assert_eq!(Law::Exponential { mean: 5.0 }.is_exponential(), Some(5.0));
        assert_eq!(Law::Weibull { scale: 5.0, shape: 1.0 }.is_exponential(), Some(5.0));
        assert_eq!(Law::Gamma { shape: 1.0, scale: 5.0 }.is_exponential(), Some(5.0));
        assert_eq!(Law::Gamma { shape: 2.0, scale: 5.0 }.is_exponential(), None);
        assert_eq!(Law::Never.is_exponential(), None);
        assert!(Law::Fixed(0.0).is_zero());
        assert!(!Law::Fixed(1.0).is_zero());
        assert!(Law::Empirical([0.0, 0.0].into()).is_zero());
        assert!(!Law::Never.is_zero());
    }

    #[test]
    fn a_scaled_law_multiplies_every_draw() {
        for law in laws() {
            let scaled = law.scaled(2.5);
            assert!((scaled.mean() - 2.5 * law.mean()).abs() <= 1e-12 * scaled.mean(), "{law}");
            for (long, short) in draws(&scaled).iter().zip(draws(&law)).take(100) {
                assert!((long - 2.5 * short).abs() <= 1e-12 * long, "{law}: {long} {short}");
            }
        }
        assert_eq!(Law::Never.scaled(0.0), Law::Never);
        assert_eq!(Law::Exponential { mean: 1.0 }.scaled(f64::INFINITY), Law::Never);
        assert_eq!(Law::Exponential { mean: 1.0 }.scaled(0.0), Law::Fixed(0.0));
        assert_eq!(Law::Exponential { mean: 1.0 }.scaled(-1.0), Law::Fixed(0.0));
        assert_eq!(Law::Exponential { mean: 1.0 }.scaled(f64::NAN), Law::Fixed(0.0));
    }

    #[test]
    fn certain_durations_take_nothing_from_the_stream() {
        let mut stream = Stream::new(1, 2, 3);
        let before = stream.clone();
        assert_eq!(Law::Fixed(7.0).sample(&mut stream), 7.0);
        assert_eq!(Law::Never.sample(&mut stream), f64::INFINITY);
        assert_eq!(stream, before);
    }

    #[test]
    fn fingerprint_of_the_laws_never_changes() {
        let half = Law::Mixture(vec![(0.5, Law::Fixed(1.0)), (0.5, Law::Exponential { mean: 60.0 })]);
        for (law, expected) in [
            (Law::Exponential { mean: 60.0 }, [9.932659507307646, 39.69849950557871]),
            (Law::Weibull { scale: 60.0, shape: 1.5 }, [18.089536898403917, 45.55819174102432]),
            (Law::Lognormal { mu: 4.0, sigma: 1.0 }, [63.60128554067558, 30.377252927217516]),
            (Law::Gamma { shape: 0.5, scale: 60.0 }, [27.622214706860817, 3.150836403878617]),
            (Law::Gamma { shape: 2.0, scale: 60.0 }, [49.63115901288636, 168.46157507936763]),
            (Law::Gamma { shape: 7.5, scale: 60.0 }, [454.9854923201992, 322.65803685706766]),
            (Law::Uniform { low: 0.0, high: 60.0 }, [5.991243179063426, 21.746488084379497]),
            (Law::Triangular { low: 0.0, mode: 20.0, high: 60.0 }, [10.946454384012593, 20.882989932449846]),
            (half, [1.0, 1.0]),
            (Law::Empirical([1.0, 2.0, 3.0, 4.0, 5.0].into()), [1.0, 2.0]),
        ] {
            let mut stream = Stream::new(1, 2, name_key("fingerprint"));
            for x in expected {
                let drawn = law.sample(&mut stream);
                // Computed by the same independent implementation, whose tables and functions round the last digit their own way.
                assert!((drawn / x - 1.0).abs() < 1e-14, "{law}: {drawn} is not {x}");
            }
        }
    }

    /// No independent computation can give the last bit; that it is the same on every machine is what this holds on to.
    #[test]
    fn every_machine_draws_the_same_bytes() {
        let mut hash = 0;
        for law in laws() {
            let mut stream = Stream::new(1, 2, name_key("bytes"));
            for _ in 0..1_000 {
                hash = (hash ^ law.sample(&mut stream).to_bits()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            }
            let sampler = Sampler::new(&law);
            for _ in 0..1_000 {
                hash = (hash ^ sampler.sample(&mut stream).to_bits()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            }
        }
        assert_eq!(hash, 4_541_796_170_691_350_298);
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_can_be_drawn(
            a in prop_oneof![any::<f64>(), 0.0..10.0_f64, (-20.0..20.0_f64).prop_map(f64::exp)],
            b in prop_oneof![any::<f64>(), 0.0..10.0_f64, (-20.0..20.0_f64).prop_map(f64::exp)],
            c in prop_oneof![any::<f64>(), 0.0..10.0_f64],
            stages in any::<u32>(),
        ) {
            let built = [
                Law::fixed(a),
                Law::exponential(a),
                Law::weibull_mean(a, b),
                Law::weibull(a, b),
                Law::lognormal_mean(a, b),
                Law::lognormal_median(a, b),
                Law::lognormal_mean_cv(a, b),
                Law::gamma_mean(a, b),
                Law::gamma(b, a),
                Law::erlang(stages, a),
                Law::uniform(a, b),
                Law::triangular(a, c, b),
                Law::hyperexponential(&[a, b], &[b, c]),
                Law::mixture(vec![(a, Law::Fixed(1.0)), (b, Law::Fixed(2.0))]),
                Law::empirical(vec![a, b, c]),
            ];
            let mut stream = Stream::new(stages.into(), 0, 0);
            for law in built.into_iter().flatten() {
                prop_assert!(law.mean().is_finite() && law.mean() >= 0.0, "{}", law);
                for _ in 0..20 {
                    let drawn = law.sample(&mut stream);
                    prop_assert!(drawn.is_finite() && drawn >= 0.0, "{:?} gives {}", law, drawn);
                    prop_assert!((0.0..=1.0).contains(&law.cdf(drawn)), "{:?} at {}", law, drawn);
                }
                prop_assert!(!law.describe().is_empty());
            }
        }
    }
}

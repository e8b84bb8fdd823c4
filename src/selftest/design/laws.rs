//! Durations and shares, as sentences need them.

use ridethrough::law::Law;
use ridethrough::units::Fraction;

/// One minute (s).
pub const MINUTE: f64 = 60.0;
/// One hour (s).
pub const HOUR: f64 = 3_600.0;
/// One day (s).
pub const DAY: f64 = 86_400.0;
/// One year of 365 days (s).
pub const YEAR: f64 = 31_536_000.0;

/// Always this long.
pub fn fixed(seconds: f64) -> Law {
    Law::Fixed(seconds)
}

/// Exponential with this mean.
pub fn exponential(mean: f64) -> Law {
    Law::Exponential { mean }
}

/// Equally likely anywhere between two durations.
pub fn uniform(low: f64, high: f64) -> Law {
    Law::Uniform { low, high }
}

/// Lognormal with this mean and standard deviation of the logarithm: its median is mean · exp(-sigma² / 2).
pub fn lognormal(mean: f64, sigma: f64) -> Law {
    Law::Lognormal { mu: mean.ln() - 0.5 * sigma * sigma, sigma }
}

/// Weibull of shape 2 (wear) with this mean, which is scale · gamma(3/2) = scale · sqrt(pi) / 2.
pub fn wearing(mean: f64) -> Law {
    Law::Weibull { scale: mean * 2.0 / std::f64::consts::PI.sqrt(), shape: 2.0 }
}

/// Weibull of shape 1/2 (early failures) with this mean, which is scale · gamma(3) = 2 · scale.
pub fn infant(mean: f64) -> Law {
    Law::Weibull { scale: mean / 2.0, shape: 0.5 }
}

/// Gamma with this mean and shape.
pub fn gamma(mean: f64, shape: f64) -> Law {
    Law::Gamma { shape, scale: mean / shape }
}

/// One of several laws, by chance.
pub fn mixture<const N: usize>(parts: [(f64, Law); N]) -> Law {
    Law::Mixture(parts.into())
}

/// It does not end.
pub fn never() -> Law {
    Law::Never
}

/// A share of 1.
pub fn share(value: f64) -> Fraction {
    Fraction::new(value).expect("a share from 0 to 1")
}

//! How fast what has lasted for a while ends: density over survival.

use super::Law;
use super::special::ln_gamma;

/// The square root of 2 pi.
const ROOT_TWO_PI: f64 = 2.506_628_274_631_000_5;

impl Law {
    /// Density (1/s) at `x` (s); none where there is none, since durations are always the same, or one of some.
    #[must_use]
    pub fn density(&self, x: f64) -> Option<f64> {
        let found = match self {
            Law::Never | Law::Fixed(_) | Law::Empirical(_) => return None,
            Law::Mixture(parts) => {
                let mut sum = 0.0;
                for (weight, law) in parts {
                    sum += weight * law.density(x)?;
                }
                return Some(sum);
            }
            _ if x <= 0.0 => 0.0,
            Law::Exponential { mean } => libm::exp(-x / mean) / mean,
            Law::Weibull { scale, shape } => {
                let ratio = x / scale;
                shape / scale * libm::pow(ratio, shape - 1.0) * libm::exp(-libm::pow(ratio, *shape))
            }
            Law::Lognormal { mu, sigma } => {
                let z = (libm::log(x) - mu) / sigma;
                libm::exp(-0.5 * z * z) / (x * sigma * ROOT_TWO_PI)
            }
            Law::Gamma { shape, scale } => {
                let ratio = x / scale;
                libm::exp((shape - 1.0) * libm::log(ratio) - ratio - ln_gamma(*shape)) / scale
            }
            Law::Uniform { low, high } => {
                if x > *low && x < *high {
                    1.0 / (high - low)
                } else {
                    0.0
                }
            }
            Law::Triangular { low, mode, high } => {
                if x <= *low || x >= *high {
                    0.0
                } else if x < *mode {
                    2.0 * (x - low) / ((high - low) * (mode - low))
                } else {
                    2.0 * (high - x) / ((high - low) * (high - mode))
                }
            }
        };
        Some(found)
    }

    /// Ends per second of what has lasted for `age` (s): density over survival, which is the density of the end given that it has not come;
    /// none where there is no density. Infinite where hardly anything lasts that long.
    #[must_use]
    pub fn hazard(&self, age: f64) -> Option<f64> {
        if let Law::Weibull { scale, shape } = self {
            return Some(if age <= 0.0 { 0.0 } else { shape / scale * libm::pow(age / scale, shape - 1.0) });
        }
        let density = self.density(age)?;
        let survival = 1.0 - self.cdf(age);
        Some(match density {
            0.0 => 0.0,
            _ if survival <= 0.0 => f64::INFINITY,
            _ => density / survival,
        })
    }

    /// The integral of the hazard from 0 to an age (s), -ln of the survival; none for laws of which it is not known in full precision.
    #[must_use]
    pub fn cumulative_hazard(&self, age: f64) -> Option<f64> {
        match self {
            Law::Exponential { mean } => Some(age / mean),
            Law::Weibull { scale, shape } => Some(libm::pow(age / scale, *shape)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laws() -> Vec<Law> {
        let laws = [
            Law::exponential(10.0),
            Law::weibull_mean(10.0, 3.0),
            Law::weibull_mean(10.0, 0.7),
            Law::lognormal_mean(10.0, 1.2),
            Law::gamma_mean(10.0, 2.5),
            Law::uniform(5.0, 15.0),
            Law::triangular(5.0, 8.0, 17.0),
            Law::hyperexponential(&[0.5, 0.5], &[2.0, 18.0]),
        ];
        laws.into_iter().map(|law| law.expect("a law")).collect()
    }

    /// The density is the slope of the distribution, and the hazard that of -ln of the survival, by differences over a width whose square
    /// is the relative error.
    #[test]
    fn a_density_is_a_slope() {
        let width = 1e-4;
        for law in laws() {
            for x in [0.5, 6.0, 7.5, 9.0, 12.0, 14.0] {
                let slope = (law.cdf(x + width) - law.cdf(x - width)) / (2.0 * width);
                let density = law.density(x).expect("a density");
                assert!((density - slope).abs() <= 1e-6 * (density + 0.1), "{law} at {x}: {density} {slope}");
                let survival = |x: f64| -libm::log(1.0 - law.cdf(x));
                let slope = (survival(x + width) - survival(x - width)) / (2.0 * width);
                let hazard = law.hazard(x).expect("a hazard");
                assert!((hazard - slope).abs() <= 1e-6 * (hazard + 0.1), "{law} at {x}: {hazard} {slope}");
            }
        }
    }

    #[test]
    fn the_integral_of_the_hazard_is_minus_the_logarithm_of_the_survival() {
        let known: Vec<_> = laws().into_iter().filter(|law| law.cumulative_hazard(0.0) == Some(0.0)).collect();
        assert_eq!(known.len(), 3);
        for law in known {
            for x in [0.5, 6.0, 14.0] {
                let expected = -libm::log(1.0 - law.cdf(x));
                let found = law.cumulative_hazard(x).expect("it is known");
                assert!((found - expected).abs() <= 1e-12 * expected, "{law} at {x}: {found} {expected}");
            }
        }
    }

    #[test]
    fn what_ends_at_fixed_times_has_no_hazard() {
        assert_eq!(Law::Fixed(10.0).hazard(5.0), None);
        assert_eq!(Law::Never.density(5.0), None);
        let seen = Law::empirical(vec![1.0, 2.0]).expect("a law");
        assert_eq!(seen.hazard(1.0), None);
        let uniform = Law::uniform(5.0, 15.0).expect("a law");
        assert_eq!((uniform.hazard(4.0), uniform.hazard(20.0)), (Some(0.0), Some(0.0)));
        assert!(Law::weibull_mean(10.0, 0.7).expect("a law").hazard(0.0) == Some(0.0));
    }
}

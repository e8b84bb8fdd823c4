//! The normal and the gamma distribution function and their inverses, the same on every machine.

pub(super) use crate::statistics::gamma_cdf;
use std::f64::consts::FRAC_1_SQRT_2;

/// Distribution function of the standard normal.
pub(super) fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// Inverse of [`normal_cdf`]; minus infinity for a `p` of 0 or less, infinity for 1 or more.
pub(super) fn normal_quantile(p: f64) -> f64 {
    crate::statistics::normal_quantile(p.clamp(0.0, 1.0))
}

/// Logarithm of the gamma function of `x` > 0.
pub(super) fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// The least x >= 0 with `cdf(x) >= p`, to the last bit; infinity if there is none.
///
/// Bisects over the bit patterns of the non-negative numbers, which are ordered like the numbers themselves, so it takes
/// 63 evaluations whatever the scale is.
pub(super) fn smallest_reaching(p: f64, cdf: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0_u64, f64::INFINITY.to_bits());
    if cdf(0.0) >= p {
        return 0.0;
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if cdf(f64::from_bits(middle)) >= p {
            high = middle;
        } else {
            low = middle;
        }
    }
    f64::from_bits(high)
}

/// Inverse of [`gamma_cdf`]: 0 for a `p` of 0 or less, infinity for 1 or more.
pub(super) fn gamma_quantile(shape: f64, p: f64) -> f64 {
    if p <= 0.0 {
        0.0
    } else if p >= 1.0 {
        f64::INFINITY
    } else {
        smallest_reaching(p, |x| gamma_cdf(shape, x))
    }
}

/// Logarithm of [`gamma_quantile`], also where that is too small for a number.
pub(super) fn gamma_ln_quantile(shape: f64, p: f64) -> f64 {
    // cdf(x) = x^shape / gamma(shape + 1) * (1 - O(x)) for small x (DLMF 8.7.1).
    let small = (libm::log(p) + ln_gamma(shape + 1.0)) / shape;
    if small < -37.0 { small } else { libm::log(gamma_quantile(shape, p)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    fn close(actual: f64, expected: f64, relative: f64) {
        assert!((actual / expected - 1.0).abs() < relative, "{actual} is not {expected}");
    }

    #[test]
    fn the_normal_distribution_is_as_published() {
        // Abramowitz and Stegun (1964), tables 26.1 and 26.2; the quantiles 0.975 and 0.95 also NIST handbook 1.3.6.7.1.
        close(normal_cdf(1.0), 0.841_344_746_068_543, 1e-14);
        close(normal_cdf(1.96), 0.975_002_104_851_780, 1e-14);
        close(normal_cdf(-5.0), 2.866_515_718_8e-7, 1e-10);
        close(normal_quantile(0.975), 1.959_963_984_540_054, 1e-14);
        close(normal_quantile(0.95), 1.644_853_626_951_472, 1e-14);
        assert!(normal_quantile(0.5).abs() < 1e-16);
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        for p in [1e-300, 1e-100, 1e-12, 0.01, 0.3, 0.5, 0.6, 0.999] {
            close(normal_cdf(normal_quantile(p)), p, 2e-13);
        }
        for p in [5e-324, 1e-310, 1.0 - 1e-16] {
            assert!(normal_quantile(p).is_finite());
        }
    }

    #[test]
    fn the_gamma_distribution_is_as_published() {
        // P(1/2, x^2) = erf x (DLMF 8.4.1); erf 1 from Abramowitz and Stegun, table 7.1.
        close(gamma_cdf(0.5, 1.0), 0.842_700_792_949_715, 1e-14);
        // Erlang: P(n, x) = 1 - exp(-x) sum over k < n of x^k / k! (DLMF 8.4.9).
        close(gamma_cdf(1.0, 1.0), 1.0 - (-1.0_f64).exp(), 1e-14);
        close(gamma_cdf(3.0, 2.0), 1.0 - 5.0 * (-2.0_f64).exp(), 1e-14);
        close(gamma_cdf(4.0, 6.0), 1.0 - 61.0 * (-6.0_f64).exp(), 1e-13);
        // Chi-square quantiles, NIST handbook 1.3.6.7.4, to the three decimals given there: 2 gamma(df / 2).
        for (df, p, expected) in [
            (1.0, 0.95, 3.841),
            (10.0, 0.95, 18.307),
            (10.0, 0.99, 23.209),
            (100.0, 0.95, 124.342),
            (100.0, 0.01, 70.065),
        ] {
            assert!((2.0 * gamma_quantile(df / 2.0, p) - expected).abs() < 5e-4, "{df} {p}");
        }
        assert_eq!(gamma_cdf(2.0, 0.0), 0.0);
        assert_eq!(gamma_cdf(2.0, f64::INFINITY), 1.0);
        assert_eq!(gamma_quantile(2.0, 0.0), 0.0);
        assert_eq!(gamma_quantile(2.0, 1.0), f64::INFINITY);
    }

    #[test]
    fn a_large_shape_keeps_its_digits() {
        // Temme's expansion at x = a: P(a, a) = 1/2 + 1/(3 sqrt(2 pi a)) (1 + O(1/a)) (DLMF 8.11.12).
        for shape in [1e4, 1e5, 1e6] {
            let expected = 0.5 + 1.0 / (3.0 * (2.0 * PI * shape).sqrt());
            let actual = gamma_cdf(shape, shape);
            assert!((actual - expected).abs() < 2e-8, "{shape}: {actual} is not {expected}");
        }
    }

    #[test]
    fn a_quantile_too_small_for_a_number_keeps_its_logarithm() {
        for (shape, p) in [(0.01, 0.6), (0.02, 0.5), (0.5, 1e-14), (3.0, 1e-40)] {
            let exact = gamma_quantile(shape, p).ln();
            close(gamma_ln_quantile(shape, p), exact, 1e-12);
        }
        close(gamma_ln_quantile(0.01, 1e-9), (1e-9_f64.ln() + ln_gamma(1.01)) / 0.01, 1e-14);
    }

    #[test]
    fn bisection_finds_the_least_number() {
        assert_eq!(smallest_reaching(0.5, |x| x), 0.5);
        assert_eq!(smallest_reaching(0.5, |x| if x >= 3.0 { 1.0 } else { 0.0 }), 3.0);
        assert_eq!(smallest_reaching(0.5, |_| 0.7), 0.0);
        assert_eq!(smallest_reaching(0.5, |_| 0.2), f64::INFINITY);
    }
}

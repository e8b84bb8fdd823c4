//! The gamma distribution function.

use super::quantiles::{deviance, stirling_error};
use std::f64::consts::PI;

/// Probability that a gamma variate with this shape (above 0) and scale 1 is at most `x`: the regularised lower incomplete gamma
/// function, to about 14 digits for shapes up to a million.
///
/// By its series below the mean and by its continued fraction above (Press et al., Numerical Recipes, 3rd ed. 2007, section 6.2,
/// modified Lentz method), with the factor in front by the saddle-point expansion of C. Loader (2000), which loses no digits
/// to differences of logarithms where the shape is large. Both need about sqrt(shape) rounds.
pub fn gamma_cdf(shape: f64, x: f64) -> f64 {
    if shape.is_nan() || x.is_nan() {
        f64::NAN
    } else if x <= 0.0 {
        0.0
    } else if x == f64::INFINITY {
        1.0
    } else if x < shape + 1.0 {
        (power(shape, x) * series(shape, x)).min(1.0)
    } else {
        (1.0 - power(shape, x) * fraction(shape, x)).max(0.0)
    }
}

/// x^shape e^-x / gamma(shape + 1).
fn power(shape: f64, x: f64) -> f64 {
    libm::exp(-stirling_error(shape) - deviance(shape, x)) / (2.0 * PI * shape).sqrt()
}

fn rounds(shape: f64) -> u64 {
    1_000 + (20.0 * shape.sqrt()) as u64
}

/// 1 + x / (shape + 1) + x^2 / ((shape + 1) (shape + 2)) + ...
fn series(shape: f64, x: f64) -> f64 {
    let (mut sum, mut term, mut over) = (1.0, 1.0, shape);
    for _ in 0..rounds(shape) {
        over += 1.0;
        term *= x / over;
        sum += term;
        if term <= sum * (0.25 * f64::EPSILON) {
            break;
        }
    }
    sum
}

/// shape / (x + 1 - shape - 1 (1 - shape) / (x + 3 - shape - 2 (2 - shape) / (x + 5 - shape - ...))).
fn fraction(shape: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut under = x + 1.0 - shape;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / away_from_zero(under);
    let mut fraction = d;
    for round in 1..=rounds(shape) {
        let n = super::real(round);
        let over = -n * (n - shape);
        under += 2.0;
        d = 1.0 / away_from_zero(over * d + under);
        c = away_from_zero(under + over / c);
        let factor = c * d;
        fraction *= factor;
        if (factor - 1.0).abs() <= 2.0 * f64::EPSILON {
            break;
        }
    }
    shape * fraction
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::testing::close;

    #[test]
    fn both_halves_agree_with_another_implementation() {
        for shape in [0.01, 0.3, 1.0, 1.5, 7.0, 40.0, 900.0] {
            for ratio in [1e-6, 0.1, 0.7, 0.999, 1.0, 1.001, 1.3, 3.0, 20.0] {
                let x = shape * ratio;
                close(gamma_cdf(shape, x), statrs::function::gamma::gamma_lr(shape, x), 1e-12);
            }
        }
    }

    #[test]
    fn the_halves_meet() {
        for shape in [0.5, 3.0, 50.0, 1e4] {
            let edge: f64 = shape + 1.0;
            close(gamma_cdf(shape, edge.next_down()), gamma_cdf(shape, edge), 1e-13);
        }
    }
}

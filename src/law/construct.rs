//! Checked constructors: every argument that makes no sense is refused with a sentence that says what would.

use super::Law;
use super::special::{gamma_ln_quantile, ln_gamma, normal_quantile};
use crate::units::Seconds;

/// Longest duration that a law may be given (s).
const LONGEST: f64 = 1e18;
/// Largest standard deviation of a logarithm: with more, a mean is made of events too rare to be ever drawn.
const LARGEST_LOG_SD: f64 = 10.0;
/// Weibull shapes from here to [`LARGEST_SHAPE`]; a smaller one has a mean of more than a million times its scale.
const SMALLEST_WEIBULL_SHAPE: f64 = 0.1;
/// Gamma shapes from here to [`LARGEST_SHAPE`].
const SMALLEST_GAMMA_SHAPE: f64 = 0.01;
/// A larger shape is a fixed duration for all purposes.
const LARGEST_SHAPE: f64 = 1e6;
/// Most observations that can be drawn from.
const MOST_OBSERVATIONS: usize = u32::MAX as usize;

/// A duration that may be 0.
fn duration(name: &str, value: f64) -> Result<f64, String> {
    if !value.is_finite() {
        return Err(format!("the {name} must be a finite duration, not {value}: write for example \"5m\""));
    }
    if value < 0.0 {
        return Err(format!("the {name} must not be negative, but is {}: a duration is 0s or longer", Seconds(value)));
    }
    if value > LONGEST {
        return Err(format!("the {name} must not be longer than 1e18 s (32 billion years), but is {value:e} s"));
    }
    Ok(value + 0.0)
}

/// A duration above 0.
fn positive(name: &str, value: f64) -> Result<f64, String> {
    let value = duration(name, value)?;
    if value < f64::MIN_POSITIVE {
        return Err(format!(
            "the {name} must be longer than 0s: write for example \"5m\", or a fixed duration of \"0s\""
        ));
    }
    Ok(value)
}

/// A number without a unit in a closed range.
fn number(name: &str, value: f64, least: f64, most: f64) -> Result<f64, String> {
    if (least..=most).contains(&value) {
        Ok(value)
    } else {
        Err(format!("the {name} must be from {least} to {most}, but is {value}"))
    }
}

/// A standard deviation of a logarithm.
fn log_sd(sigma: f64) -> Result<f64, String> {
    if sigma.is_nan() || sigma < 0.0 {
        return Err(format!("the log-sd must be 0 or more, but is {sigma}: 1 is usual for repair times"));
    }
    if sigma > LARGEST_LOG_SD {
        return Err(format!(
            "the log-sd must be at most {LARGEST_LOG_SD}, but is {sigma}: it is the standard deviation of the natural logarithm, \
             1 is usual for repair times, not a duration"
        ));
    }
    Ok(sigma)
}

/// Two quantiles in ascending order, as (probability, duration) pairs.
fn two_quantiles(a: (f64, f64), b: (f64, f64)) -> Result<[(f64, f64); 2], String> {
    for (p, x) in [a, b] {
        if !(p > 0.0 && p < 1.0) {
            return Err(format!(
                "a quantile lies strictly between 0 and 1, but is {p}: write 0.5 for the median or 0.95 for the p95"
            ));
        }
        positive("duration at a quantile", x)?;
    }
    let (low, high) = if a.0 <= b.0 { (a, b) } else { (b, a) };
    if low.0 == high.0 {
        return Err(format!(
            "two different quantiles are needed, but both are {}: write for example the median and the p95",
            low.0
        ));
    }
    if low.1 >= high.1 {
        return Err(format!(
            "the p{} ({}) must be longer than the p{} ({})",
            percent(high.0),
            Seconds(high.1),
            percent(low.0),
            Seconds(low.1)
        ));
    }
    Ok([low, high])
}

fn percent(p: f64) -> f64 {
    format!("{:.6e}", p * 100.0).parse().unwrap_or(p * 100.0)
}

impl Law {
    /// Always `seconds` long; 0 is allowed.
    ///
    /// # Errors
    ///
    /// A negative, infinite or undefined duration, or one above 1e18 s.
    pub fn fixed(seconds: f64) -> Result<Law, String> {
        Ok(Law::Fixed(duration("fixed duration", seconds)?))
    }

    /// Exponential with this mean (s).
    ///
    /// # Errors
    ///
    /// A mean that is not above 0 and at most 1e18 s.
    pub fn exponential(mean: f64) -> Result<Law, String> {
        Ok(Law::Exponential { mean: positive("mean", mean)? })
    }

    /// Weibull with this mean (s) and shape.
    ///
    /// # Errors
    ///
    /// A mean that is not above 0 and at most 1e18 s, a shape outside of 0.1 to 1e6.
    pub fn weibull_mean(mean: f64, shape: f64) -> Result<Law, String> {
        let mean = positive("mean", mean)?;
        let shape = number("Weibull shape", shape, SMALLEST_WEIBULL_SHAPE, LARGEST_SHAPE)?;
        let scale = mean * libm::exp(-ln_gamma(1.0 + 1.0 / shape));
        Ok(Law::Weibull { scale, shape })
    }

    /// Weibull with this scale (s), the time within which 63 % have ended, and shape.
    ///
    /// # Errors
    ///
    /// A scale that is not above 0 and at most 1e18 s, a shape outside of 0.1 to 1e6.
    pub fn weibull(scale: f64, shape: f64) -> Result<Law, String> {
        let scale = positive("scale", scale)?;
        let shape = number("Weibull shape", shape, SMALLEST_WEIBULL_SHAPE, LARGEST_SHAPE)?;
        Ok(Law::Weibull { scale, shape })
    }

    /// Weibull through two quantiles, each a probability and the duration (s) that is not exceeded with it.
    ///
    /// # Errors
    ///
    /// Probabilities that are equal or not strictly between 0 and 1, durations that do not grow with them, quantiles so
    /// far apart or so close that the shape leaves 0.1 to 1e6.
    pub fn weibull_quantiles(first: (f64, f64), second: (f64, f64)) -> Result<Law, String> {
        let [(p1, x1), (p2, x2)] = two_quantiles(first, second)?;
        let (hazard1, hazard2) = (-libm::log1p(-p1), -libm::log1p(-p2));
        let shape = libm::log(hazard2 / hazard1) / libm::log(x2 / x1);
        let shape = number("Weibull shape through these quantiles", shape, SMALLEST_WEIBULL_SHAPE, LARGEST_SHAPE)?;
        Law::weibull(x1 * libm::exp(-libm::log(hazard1) / shape), shape)
    }

    /// Lognormal with this mean (s) and standard deviation of the logarithm. The mean is the mean, not the median.
    ///
    /// # Errors
    ///
    /// A mean that is not above 0 and at most 1e18 s, a `sigma` outside of 0 to 10. A `sigma` of 0 is a fixed duration.
    pub fn lognormal_mean(mean: f64, sigma: f64) -> Result<Law, String> {
        let (mean, sigma) = (positive("mean", mean)?, log_sd(sigma)?);
        if sigma == 0.0 {
            return Law::fixed(mean);
        }
        Ok(Law::Lognormal { mu: libm::log(mean) - 0.5 * sigma * sigma, sigma })
    }

    /// Lognormal with this median (s) and standard deviation of the logarithm.
    ///
    /// # Errors
    ///
    /// A median that is not above 0 and at most 1e18 s, a `sigma` outside of 0 to 10. A `sigma` of 0 is a fixed duration.
    pub fn lognormal_median(median: f64, sigma: f64) -> Result<Law, String> {
        let (median, sigma) = (positive("median", median)?, log_sd(sigma)?);
        if sigma == 0.0 {
            return Law::fixed(median);
        }
        Ok(Law::Lognormal { mu: libm::log(median), sigma })
    }

    /// Lognormal with this mean (s) and coefficient of variation (standard deviation over mean).
    ///
    /// # Errors
    ///
    /// A mean that is not above 0 and at most 1e18 s, a `cv` that is negative or makes the standard deviation of the
    /// logarithm exceed 10. A `cv` of 0 is a fixed duration.
    pub fn lognormal_mean_cv(mean: f64, cv: f64) -> Result<Law, String> {
        if !cv.is_finite() || cv < 0.0 {
            return Err(format!(
                "the cv must be 0 or more, but is {cv}: it is the standard deviation over the mean, for example 1.5"
            ));
        }
        Law::lognormal_mean(mean, libm::log1p(cv * cv).sqrt())
    }

    /// Lognormal through two quantiles, each a probability and the duration (s) that is not exceeded with it.
    ///
    /// # Errors
    ///
    /// Probabilities that are equal or not strictly between 0 and 1, durations that do not grow with them, quantiles so
    /// far apart that the standard deviation of the logarithm exceeds 10.
    pub fn lognormal_quantiles(first: (f64, f64), second: (f64, f64)) -> Result<Law, String> {
        let [(p1, x1), (p2, x2)] = two_quantiles(first, second)?;
        let (z1, z2) = (normal_quantile(p1), normal_quantile(p2));
        let sigma = log_sd(libm::log(x2 / x1) / (z2 - z1))?;
        Ok(Law::Lognormal { mu: libm::log(x1) - sigma * z1, sigma })
    }

    /// Gamma with this mean (s) and shape.
    ///
    /// # Errors
    ///
    /// A mean that is not above 0 and at most 1e18 s, a shape outside of 0.01 to 1e6.
    pub fn gamma_mean(mean: f64, shape: f64) -> Result<Law, String> {
        let mean = positive("mean", mean)?;
        let shape = number("gamma shape", shape, SMALLEST_GAMMA_SHAPE, LARGEST_SHAPE)?;
        Ok(Law::Gamma { shape, scale: mean / shape })
    }

    /// Gamma with this shape and scale (s), the mean over the shape.
    ///
    /// # Errors
    ///
    /// A scale that is not above 0 and at most 1e18 s, a shape outside of 0.01 to 1e6.
    pub fn gamma(shape: f64, scale: f64) -> Result<Law, String> {
        let scale = positive("scale", scale)?;
        let shape = number("gamma shape", shape, SMALLEST_GAMMA_SHAPE, LARGEST_SHAPE)?;
        Ok(Law::Gamma { shape, scale })
    }

    /// Gamma through two quantiles, each a probability and the duration (s) that is not exceeded with it. The shape is
    /// found numerically.
    ///
    /// # Errors
    ///
    /// Probabilities that are equal or not strictly between 0 and 1, durations that do not grow with them, quantiles so
    /// far apart or so close that the shape leaves 0.01 to 1e6.
    pub fn gamma_quantiles(first: (f64, f64), second: (f64, f64)) -> Result<Law, String> {
        let [(p1, x1), (p2, x2)] = two_quantiles(first, second)?;
        let wanted = libm::log(x2 / x1);
        // The larger the shape, the closer are any two quantiles.
        let spread = |ln_shape: f64| {
            let shape = libm::exp(ln_shape);
            gamma_ln_quantile(shape, p2) - gamma_ln_quantile(shape, p1)
        };
        let (mut low, mut high) = (libm::log(SMALLEST_GAMMA_SHAPE), libm::log(LARGEST_SHAPE));
        if spread(low) < wanted || spread(high) > wanted {
            return Err(format!(
                "no gamma law has a p{} of {} and a p{} of {}: its shape would leave {SMALLEST_GAMMA_SHAPE} to {LARGEST_SHAPE}; \
                 try a lognormal law",
                percent(p1),
                Seconds(x1),
                percent(p2),
                Seconds(x2)
            ));
        }
        while high - low > 1e-14 * low.abs().max(1.0) {
            let middle = 0.5 * (low + high);
            if spread(middle) > wanted {
                low = middle;
            } else {
                high = middle;
            }
        }
        let shape = libm::exp(0.5 * (low + high));
        Law::gamma(shape, libm::exp(libm::log(x2) - gamma_ln_quantile(shape, p2)))
    }

    /// Erlang: the sum of `stages` equal exponential stages, with this mean (s) in all.
    ///
    /// # Errors
    ///
    /// A mean that is not above 0 and at most 1e18 s, stages outside of 1 to a million.
    pub fn erlang(stages: u32, mean: f64) -> Result<Law, String> {
        let stages = number("number of Erlang stages", f64::from(stages), 1.0, LARGEST_SHAPE)?;
        Law::gamma_mean(mean, stages)
    }

    /// Equally likely anywhere from `low` to `high` (s); a fixed duration where they are equal.
    ///
    /// # Errors
    ///
    /// Durations that are negative or above 1e18 s, and a `low` above `high`.
    pub fn uniform(low: f64, high: f64) -> Result<Law, String> {
        let (low, high) = (duration("shortest duration", low)?, duration("longest duration", high)?);
        if low > high {
            return Err(format!(
                "the shortest duration ({}) must not exceed the longest ({})",
                Seconds(low),
                Seconds(high)
            ));
        }
        Ok(if low == high { Law::Fixed(low) } else { Law::Uniform { low, high } })
    }

    /// Triangular with the shortest, the most likely and the longest duration (s); a fixed duration where they are equal.
    ///
    /// # Errors
    ///
    /// Durations that are negative or above 1e18 s or not in this order.
    pub fn triangular(low: f64, mode: f64, high: f64) -> Result<Law, String> {
        let (low, high) = (duration("shortest duration", low)?, duration("longest duration", high)?);
        let mode = duration("most likely duration", mode)?;
        if !(low <= mode && mode <= high) {
            return Err(format!(
                "the most likely duration ({}) must lie between the shortest ({}) and the longest ({})",
                Seconds(mode),
                Seconds(low),
                Seconds(high)
            ));
        }
        Ok(if low == high { Law::Fixed(low) } else { Law::Triangular { low, mode, high } })
    }

    /// One of several laws, each with a weight. The weights need not sum to 1; parts of weight 0 are dropped and mixtures
    /// within are flattened.
    ///
    /// # Errors
    ///
    /// No part, a weight that is negative or not finite, weights that are all 0, and a part that never ends.
    pub fn mixture(parts: Vec<(f64, Law)>) -> Result<Law, String> {
        if parts.is_empty() {
            return Err("a mixture needs at least one law with a weight".to_owned());
        }
        let mut total = 0.0;
        for (weight, law) in &parts {
            if !weight.is_finite() || *weight < 0.0 {
                return Err(format!("a weight of a mixture must be 0 or more, but is {weight}"));
            }
            if law.mean().is_infinite() {
                return Err("a part of a mixture must end: never cannot be mixed with durations".to_owned());
            }
            total += weight;
        }
        if total <= 0.0 || !total.is_finite() {
            return Err(format!("the weights of a mixture must sum to a number above 0, but sum to {total}"));
        }
        let mut flat = Vec::with_capacity(parts.len());
        for (weight, law) in parts {
            let share = weight / total;
            match law {
                _ if share == 0.0 => {}
                Law::Mixture(inner) => flat.extend(inner.into_iter().map(|(part, law)| (share * part, law))),
                law => flat.push((share, law)),
            }
        }
        if flat.len() == 1
            && let Some((_, law)) = flat.pop()
        {
            return Ok(law);
        }
        Ok(Law::Mixture(flat))
    }

    /// Hyperexponential: exponential with one of these means (s), chosen by weight.
    ///
    /// # Errors
    ///
    /// As many weights as means are needed, and each must be one that [`Law::mixture`] and [`Law::exponential`] accept.
    pub fn hyperexponential(weights: &[f64], means: &[f64]) -> Result<Law, String> {
        if weights.len() != means.len() {
            return Err(format!(
                "a hyperexponential law needs as many weights as means, but has {} and {}",
                weights.len(),
                means.len()
            ));
        }
        let parts = weights.iter().zip(means).map(|(weight, mean)| Ok((*weight, Law::exponential(*mean)?)));
        Law::mixture(parts.collect::<Result<_, String>>()?)
    }

    /// One of these observations (s), in any order, each as likely as the others.
    ///
    /// # Errors
    ///
    /// No observation, more than 4 294 967 295, or one that is negative, infinite, undefined or above 1e18 s.
    pub fn empirical(mut observations: Vec<f64>) -> Result<Law, String> {
        if observations.is_empty() {
            return Err("an empirical law needs at least one observation".to_owned());
        }
        if observations.len() > MOST_OBSERVATIONS {
            return Err(format!("an empirical law takes at most {MOST_OBSERVATIONS} observations"));
        }
        for (i, observed) in observations.iter_mut().enumerate() {
            *observed = duration(&format!("observation {}", i + 1), *observed)?;
        }
        observations.sort_by(f64::total_cmp);
        Ok(Law::Empirical(observations.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Quantiles = fn((f64, f64), (f64, f64)) -> Result<Law, String>;
    const BY_QUANTILES: [(&str, Quantiles); 3] =
        [("weibull", Law::weibull_quantiles), ("lognormal", Law::lognormal_quantiles), ("gamma", Law::gamma_quantiles)];

    #[test]
    fn quantile_pairs_are_hit() {
        for (name, construct) in BY_QUANTILES {
            for pair in [
                [(0.5, 300.0), (0.95, 3600.0)],
                [(0.05, 10.0), (0.5, 3600.0)],
                [(0.5, 300.0), (0.9, 330.0)],
                [(0.01, 1.0), (0.99, 1e6)],
                [(0.95, 3600.0), (0.5, 300.0)],
            ] {
                let law = construct(pair[0], pair[1]).unwrap_or_else(|error| panic!("{name} {pair:?}: {error}"));
                for (p, x) in pair {
                    let hit = law.quantile(p);
                    assert!((hit / x - 1.0).abs() < 1e-9, "{name} {law:?}: p{p} is {hit}, not {x}");
                }
            }
        }
    }

    #[test]
    fn means_are_hit() {
        for (name, law) in [
            ("exponential", Law::exponential(300.0)),
            ("weibull", Law::weibull_mean(300.0, 0.1)),
            ("weibull", Law::weibull_mean(300.0, 4.0)),
            ("lognormal", Law::lognormal_mean(300.0, 2.0)),
            ("lognormal cv", Law::lognormal_mean_cv(300.0, 1.5)),
            ("gamma", Law::gamma_mean(300.0, 0.7)),
            ("erlang", Law::erlang(5, 300.0)),
        ] {
            let law = law.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!((law.mean() / 300.0 - 1.0).abs() < 1e-12, "{name}: {}", law.mean());
        }
        let law = Law::lognormal_mean_cv(300.0, 1.5).unwrap_or(Law::Never);
        let cv = law.variance().unwrap_or(0.0).sqrt() / law.mean();
        assert!((cv - 1.5).abs() < 1e-12, "{cv}");
    }

    #[test]
    fn arguments_without_meaning_are_refused_with_a_way_out() {
        let never_in = Law::mixture(vec![(1.0, Law::Never), (1.0, Law::Fixed(1.0))]);
        for (law, expected) in [
            (Law::fixed(-1.0), "must not be negative"),
            (Law::fixed(f64::NAN), "must be a finite duration"),
            (Law::fixed(f64::INFINITY), "must be a finite duration"),
            (Law::fixed(1e19), "must not be longer than 1e18 s"),
            (Law::exponential(0.0), "must be longer than 0s: write for example \"5m\""),
            (Law::exponential(1e-320), "must be longer than 0s"),
            (Law::weibull_mean(60.0, 0.0), "the Weibull shape must be from 0.1 to 1000000, but is 0"),
            (Law::weibull(60.0, f64::NAN), "the Weibull shape must be from"),
            (Law::lognormal_mean(60.0, -1.0), "the log-sd must be 0 or more"),
            (Law::lognormal_mean(60.0, 60.0), "it is the standard deviation of the natural logarithm"),
            (Law::lognormal_mean_cv(60.0, -0.1), "it is the standard deviation over the mean"),
            (Law::lognormal_quantiles((0.5, 60.0), (0.5, 90.0)), "two different quantiles are needed"),
            (Law::lognormal_quantiles((0.5, 60.0), (0.95, 50.0)), "the p95 (50s) must be longer than the p50 (1m)"),
            (Law::weibull_quantiles((0.5, 60.0), (95.0, 90.0)), "lies strictly between 0 and 1"),
            (Law::weibull_quantiles((0.5, 0.0), (0.95, 90.0)), "must be longer than 0s"),
            (Law::weibull_quantiles((0.5, 1.0), (0.5000001, 1e18)), "through these quantiles must be from"),
            (Law::gamma_quantiles((0.5, 60.0), (0.500001, 1e9)), "try a lognormal law"),
            (Law::gamma_mean(60.0, 1e9), "the gamma shape must be from"),
            (Law::erlang(0, 60.0), "the number of Erlang stages must be from 1"),
            (Law::uniform(2.0, 1.0), "the shortest duration (2s) must not exceed the longest (1s)"),
            (Law::triangular(1.0, 5.0, 3.0), "must lie between the shortest (1s) and the longest (3s)"),
            (Law::triangular(1.0, f64::NAN, 3.0), "must be a finite duration"),
            (Law::mixture(vec![]), "at least one law"),
            (Law::mixture(vec![(-1.0, Law::Fixed(1.0))]), "must be 0 or more"),
            (Law::mixture(vec![(0.0, Law::Fixed(1.0))]), "must sum to a number above 0"),
            (Law::mixture(vec![(f64::MAX, Law::Fixed(1.0)); 2]), "must sum to a number above 0"),
            (never_in, "a part of a mixture must end"),
            (Law::hyperexponential(&[1.0], &[1.0, 2.0]), "as many weights as means"),
            (Law::empirical(vec![]), "at least one observation"),
            (Law::empirical(vec![1.0, -2.0]), "the observation 2 must not be negative"),
        ] {
            let error = law.expect_err(expected);
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn degenerate_laws_become_fixed() {
        assert_eq!(Law::uniform(5.0, 5.0), Ok(Law::Fixed(5.0)));
        assert_eq!(Law::triangular(5.0, 5.0, 5.0), Ok(Law::Fixed(5.0)));
        assert_eq!(Law::lognormal_mean(5.0, 0.0), Ok(Law::Fixed(5.0)));
        assert_eq!(Law::lognormal_median(5.0, 0.0), Ok(Law::Fixed(5.0)));
        assert_eq!(Law::lognormal_mean_cv(5.0, 0.0), Ok(Law::Fixed(5.0)));
        assert_eq!(Law::mixture(vec![(3.0, Law::Fixed(5.0)), (0.0, Law::Fixed(7.0))]), Ok(Law::Fixed(5.0)));
    }

    #[test]
    fn mixtures_are_normalised_and_flattened() {
        let inner = Law::mixture(vec![(1.0, Law::Fixed(1.0)), (3.0, Law::Fixed(2.0))]);
        let outer = Law::mixture(vec![(2.0, inner.unwrap_or(Law::Never)), (2.0, Law::Fixed(3.0))]);
        assert_eq!(
            outer,
            Ok(Law::Mixture(vec![(0.125, Law::Fixed(1.0)), (0.375, Law::Fixed(2.0)), (0.5, Law::Fixed(3.0))]))
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_pair_of_quantiles_is_hit_or_refused(
            p in 0.001..0.999_f64,
            q in 0.001..0.999_f64,
            x in (-5.0..15.0_f64).prop_map(f64::exp),
            ratio in (0.01..8.0_f64).prop_map(f64::exp),
        ) {
            prop_assume!((p - q).abs() > 1e-3);
            let pair = if p < q { [(p, x), (q, x * ratio)] } else { [(q, x), (p, x * ratio)] };
            for (name, construct) in BY_QUANTILES {
                if let Ok(law) = construct(pair[0], pair[1]) {
                    for (p, x) in pair {
                        let hit = law.quantile(p);
                        prop_assert!((hit / x - 1.0).abs() < 1e-8, "{} {:?}: p{} is {}, not {}", name, law, p, hit, x);
                    }
                }
            }
        }

        #[test]
        fn nonsense_is_refused_without_a_panic(a in any::<f64>(), b in any::<f64>(), c in any::<f64>(), d in any::<f64>()) {
            for (_, construct) in BY_QUANTILES {
                let _ = construct((a, b), (c, d));
            }
        }
    }
}

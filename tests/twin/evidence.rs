//! Is a difference more than chance?

/// Mean of some numbers and the variance of one of them.
pub fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, squares / (count - 1.0))
}

/// How many standard errors the mean of independent numbers is away from what is expected.
pub fn z_of_mean(values: &[f64], expected: f64) -> f64 {
    let (mean, variance) = moments(values);
    (mean - expected) / (variance / values.len() as f64).sqrt()
}

/// Probability that a standard normal number is above `z`, by Simpson's rule on the density.
fn normal_tail(z: f64) -> f64 {
    let (steps, width) = (4000, (12.0 - z) / 4000.0);
    let density = |x: f64| (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let sum: f64 = (0..=steps)
        .map(|step| {
            let weight = match step {
                0 => 1.0,
                _ if step == steps => 1.0,
                _ if step % 2 == 1 => 4.0,
                _ => 2.0,
            };
            weight * density(z + f64::from(step) * width)
        })
        .sum();
    sum * width / 3.0
}

/// The bound on |z| that so many comparisons all keep with probability 1 - `alpha` at least, if there is no difference
/// (Bonferroni): P(|Z| > bound) = alpha / comparisons.
pub fn bonferroni(alpha: f64, comparisons: usize) -> f64 {
    let (mut low, mut high) = (0.0, 10.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if 2.0 * normal_tail(middle) > alpha / comparisons as f64 {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[test]
fn the_bound_is_that_of_the_tables() {
    assert!((bonferroni(0.05, 1) - 1.959_964).abs() < 1e-5);
    assert!((bonferroni(1e-3, 200) - 4.564_788).abs() < 1e-4);
}

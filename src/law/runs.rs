//! Counts: how many events without memory, and how many trials until so many successes in a row.

use super::special::ln_gamma;
use super::stream::Stream;
use libm::{log, pow};
use std::f64::consts::TAU;

/// Above this mean, rejection is cheaper than counting.
const FEW: f64 = 10.0;
/// A run less likely than this is not seen in any history.
const HARDLY: f64 = 1e-300;

impl Stream {
    /// A Poisson number with this mean, of which at most the digits of an `f64` are kept; 0 for a mean of 0 or less.
    ///
    /// Small means count exponential times; others use the transformed rejection of Hörmann (Insurance: Mathematics and Economics 12,
    /// 1993), with the probability worked out by the saddle point of Loader (2000), which keeps its digits for any mean.
    pub fn poisson(&mut self, mean: f64) -> f64 {
        if mean < FEW {
            let (mut time, mut count) = (self.exp1(), 0.0);
            while time < mean {
                time += self.exp1();
                count += 1.0;
            }
            return count;
        }
        let b = 0.931 + 2.53 * mean.sqrt();
        let a = -0.059 + 0.024_83 * b;
        let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
        let inside = 0.9277 - 3.6224 / (b - 2.0);
        loop {
            let (u, v) = (self.uniform() - 0.5, self.uniform());
            let us = 0.5 - u.abs();
            let k = ((2.0 * a / us + b) * u + mean + 0.43).floor();
            if us >= 0.07 && v <= inside {
                return k;
            }
            if k < 0.0 || (us < 0.013 && v > us) {
                continue;
            }
            if log(v * inverse_alpha / (a / (us * us) + b)) <= ln_poisson(k, mean) {
                return k;
            }
        }
    }

    /// Number of independent trials, each a success with probability `p`, until the first `run` successes in a row, the last of them
    /// included; infinite where that never comes. Its mean is (1 - p^run) / ((1 - p) p^run).
    ///
    /// Each attempt ends with a failure after l - 1 < run successes, or is the last one. The number of attempts that end so is
    /// geometric, that is a Poisson number whose mean is exponential, and the parts of a Poisson number are independent Poisson numbers:
    /// so many of each length, without a loop over attempts.
    pub fn trials_until_run(&mut self, p: f64, run: u32) -> f64 {
        let whole = pow(p, f64::from(run));
        if p <= 0.0 || whole < HARDLY {
            return f64::INFINITY;
        }
        let mut mean = self.exp1() * (1.0 - p) / whole;
        let mut trials = f64::from(run);
        for length in 1..=run {
            trials += f64::from(length) * self.poisson(mean);
            mean *= p;
        }
        trials
    }
}

/// Logarithm of the probability of `k`.
fn ln_poisson(k: f64, mean: f64) -> f64 {
    if k == 0.0 { -mean } else { -stirling_error(k) - deviance(k, mean) - 0.5 * log(TAU * k) }
}

/// ln k! less Stirling's formula.
fn stirling_error(k: f64) -> f64 {
    if k < 15.0 {
        return ln_gamma(k + 1.0) - (k + 0.5) * log(k) + k - 0.5 * log(TAU);
    }
    let square = k * k;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1_260.0 - 1.0 / (1_680.0 * square)) / square) / square) / k
}

/// k ln(k / mean) + mean - k, without cancellation near the mean.
fn deviance(k: f64, mean: f64) -> f64 {
    let x = (k - mean) / mean;
    if x.abs() >= 0.1 {
        return k * log(k / mean) + mean - k;
    }
    // (1 + x) ln(1 + x) - x = x²/2 - x³/6 + x⁴/12 - ...
    let mut power = x * x;
    let mut sum = 0.0;
    for n in 2..20 {
        sum += power / f64::from(n * (n - 1));
        power *= -x;
    }
    mean * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(count: u32, mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let values: Vec<f64> = (0..count).map(|_| draw()).collect();
        let mean = values.iter().sum::<f64>() / f64::from(count);
        (mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / f64::from(count))
    }

    #[test]
    fn poisson_numbers_have_their_mean_and_variance() {
        let mut stream = Stream::new(1, 0, 0);
        // Standard errors: of the mean sqrt(mu / n), of the variance about mu sqrt((2 + 1 / mu) / n); 4.2 of them are allowed.
        let n = 40_000;
        for mu in [0.01, 0.7, 9.9, 10.0, 40.0, 1e3, 1e6, 1e12] {
            let (mean, variance) = moments(n, || stream.poisson(mu) - mu);
            let root = f64::from(n).sqrt();
            assert!(mean.abs() <= 4.2 * mu.sqrt() / root, "mean {mean} for {mu}");
            assert!((variance - mu).abs() <= 4.2 * mu * (2.0 + 1.0 / mu).sqrt() / root, "variance {variance} for {mu}");
        }
        assert_eq!((stream.poisson(0.0), stream.poisson(-1.0)), (0.0, 0.0));
    }

    #[test]
    fn poisson_probabilities_are_met_on_both_sides_of_the_switch() {
        let mut stream = Stream::new(2, 0, 0);
        let n = 100_000;
        for mu in [3.0f64, 12.0] {
            let mut seen = vec![0.0; 60];
            (0..n).for_each(|_| seen[stream.poisson(mu) as usize] += 1.0);
            let mut probability = libm::exp(-mu);
            for (k, count) in seen.iter().enumerate() {
                // Binomial counts: 5 standard errors for 120 of them, and one more for those that are hardly ever seen.
                let expected = f64::from(n) * probability;
                assert!((count - expected).abs() <= 5.0 * expected.sqrt() + 1.0, "{k}: {count} instead of {expected}");
                probability *= mu / (k + 1) as f64;
            }
        }
    }

    #[test]
    fn runs_come_as_often_as_by_trying() {
        let (mut stream, n, p) = (Stream::new(3, 0, 0), 100_000, 0.4f64);
        let mut seen = [0.0; 40];
        (0..n).for_each(|_| {
            let trials = stream.trials_until_run(p, 3);
            assert!(trials >= 3.0);
            if trials < 40.0 {
                seen[trials as usize] += 1.0;
            }
        });
        // Probabilities by going through the length of the run at hand, trial by trial.
        let mut run = [1.0, 0.0, 0.0];
        for count in &seen[1..] {
            let done = run[2] * p;
            run = [(run[0] + run[1] + run[2]) * (1.0 - p), run[0] * p, run[1] * p];
            let expected = f64::from(n) * done;
            assert!((count - expected).abs() <= 5.0 * expected.sqrt() + 1.0, "{count} instead of {expected}");
        }
    }

    #[test]
    fn runs_have_their_mean_however_rare() {
        let mut stream = Stream::new(4, 0, 0);
        // Nearly exponential where they are rare, so the standard deviation is at most the mean.
        let n = 20_000;
        for (p, run) in [(1e-3, 1), (1e-3, 3), (1e-5, 3), (0.3, 10), (0.9, 5), (0.999, 4)] {
            let whole = f64::powi(p, run as i32);
            let exact = (1.0 - whole) / ((1.0 - p) * whole);
            let (mean, _) = moments(n, || stream.trials_until_run(p, run));
            assert!((mean - exact).abs() <= 4.2 * exact / f64::from(n).sqrt(), "{mean} instead of {exact}");
        }
        assert_eq!(stream.trials_until_run(1.0, 7), 7.0);
        assert_eq!(stream.trials_until_run(0.0, 1), f64::INFINITY);
        assert_eq!(stream.trials_until_run(1e-200, 2), f64::INFINITY);
    }

    #[test]
    fn probabilities_keep_their_digits() {
        // At k = mean the probability is that of Stirling: 1 / sqrt(2 pi k) to first order.
        for mean in [20.0, 1e6, 1e15] {
            let exact = -0.5 * log(TAU * mean) - 1.0 / (12.0 * mean);
            assert!((ln_poisson(mean, mean) - exact).abs() < 1e-5);
        }
        // 3 standard deviations away: -9/2, and the third cumulant's (27 - 9) / (6 sqrt(mean)) beyond.
        let (mean, away) = (1e14f64, 3e7);
        let exact = -0.5 * log(TAU * mean) - 4.5 + 3.0 / mean.sqrt();
        assert!((ln_poisson(mean + away, mean) - exact).abs() < 1e-5);
    }
}

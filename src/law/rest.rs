//! What is left of a duration that has lasted for a while.

use super::{Law, Stream};

impl Law {
    /// Draws what is left (s) of a duration that has lasted `age` (s, not negative) already; 0 where none lasts that long.
    ///
    /// Weibull lives by their cumulative hazard, which grows by an exponential number from the age on and keeps its digits at any age.
    /// Other laws by the quantile at a number uniform above the probability of the age, which has digits left up to 1 - 1e-12.
    pub fn sample_rest(&self, age: f64, stream: &mut Stream) -> f64 {
        match self {
            Law::Never => f64::INFINITY,
            Law::Exponential { .. } => self.sample(stream),
            Law::Fixed(duration) => (duration - age).max(0.0),
            Law::Weibull { scale, shape } => {
                let hazard = libm::pow(age / scale, *shape) + stream.exp1();
                (scale * libm::pow(hazard, 1.0 / shape) - age).max(0.0)
            }
            _ => {
                let passed = self.cdf(age);
                if passed >= 1.0 {
                    return 0.0;
                }
                (self.quantile(passed + (1.0 - passed) * stream.uniform()) - age).max(0.0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P(rest > x) = S(age + x) / S(age). Kolmogorov's distance of 20,000 draws stays below 1.95 / sqrt(20,000) = 0.0138 with probability 0.999.
    #[test]
    fn the_rest_has_the_law_of_those_that_last_so_long() {
        let laws = [
            (Law::exponential(10.0), 25.0),
            (Law::weibull_mean(10.0, 2.5), 12.0),
            (Law::weibull_mean(10.0, 0.6), 30.0),
            (Law::lognormal_mean(10.0, 1.0), 20.0),
            (Law::gamma_mean(10.0, 3.0), 15.0),
            (Law::uniform(5.0, 15.0), 11.0),
            (Law::triangular(5.0, 8.0, 15.0), 2.0),
            (Law::hyperexponential(&[0.5, 0.5], &[2.0, 18.0]), 10.0),
        ];
        for (number, (law, age)) in laws.into_iter().enumerate() {
            let law = law.expect("a law");
            let mut stream = Stream::new(7, 0, number as u64);
            let mut rests: Vec<f64> = (0..20_000).map(|_| law.sample_rest(age, &mut stream)).collect();
            rests.sort_by(f64::total_cmp);
            let lasting = 1.0 - law.cdf(age);
            let n = rests.len() as f64;
            let distance = rests.iter().enumerate().fold(0.0f64, |most, (i, rest)| {
                let exact = 1.0 - (1.0 - law.cdf(age + rest)) / lasting;
                most.max((exact - i as f64 / n).abs()).max((exact - (i + 1) as f64 / n).abs())
            });
            assert!(distance < 0.0138, "{law} at {age}: {distance}");
        }
    }

    #[test]
    fn what_cannot_last_so_long_is_over() {
        let mut stream = Stream::new(8, 0, 0);
        assert_eq!(Law::Fixed(10.0).sample_rest(4.0, &mut stream), 6.0);
        assert_eq!(Law::Fixed(10.0).sample_rest(12.0, &mut stream), 0.0);
        assert_eq!(Law::Never.sample_rest(12.0, &mut stream), f64::INFINITY);
        let uniform = Law::uniform(5.0, 15.0).expect("a law");
        assert_eq!(uniform.sample_rest(20.0, &mut stream), 0.0);
        let seen = Law::empirical(vec![1.0, 2.0, 9.0]).expect("a law");
        assert_eq!(seen.sample_rest(2.0, &mut stream), 7.0);
    }
}

//! The time a Markov chain spends in each state over a stretch of a history that began in state 0.
//!
//! By uniformisation (Jensen 1953, "Markoff chains as an aid in the study of Markoff processes"): Poisson weights of the steps of a chain in
//! discrete time, all positive, and what is left out bounds the error. Where the rates are too unlike, so that there would be millions of
//! steps, time is doubled instead: what the matrix P(t) does in t it does twice in 2 t, so a year takes some twenty squarings of it. They are
//! of positive numbers, and every row is made to sum to 1 again, so that nothing creeps in.

use super::budget::Budget;
use super::chain::Chain;

/// Share of a step after which the first doubling begins.
const FIRST_STEPS: f64 = 0.5;
/// Terms of the Poisson law of so many steps: what is beyond is below 1e-18.
const TERMS: usize = 16;
/// A distribution that is so near to the stationary one is taken for it.
const SETTLED: f64 = 1e-12;

impl Chain {
    /// Share of the time from `from` to `to` (s) spent in each state, starting in state 0, the time (s) spent there before, and a bound on the
    /// sum of the errors of the shares. None if it is too much work.
    pub fn occupation(
        &self,
        stationary: &[f64],
        (from, to): (f64, f64),
        budget: &mut Budget,
    ) -> Option<(Vec<f64>, Vec<f64>, f64)> {
        let steps = Steps::new(self, stationary)?;
        let until_to = steps.until(to, budget)?;
        let until_from = if from > 0.0 { steps.until(from, budget)? } else { (vec![0.0; stationary.len()], 0.0) };
        let length = to - from;
        let share = until_to.0.iter().zip(&until_from.0).map(|(a, b)| ((a - b) / length).max(0.0)).collect();
        Some((share, until_from.0, (until_to.1 + until_from.1) / length))
    }
}

/// A chain in steps that come at one rate.
struct Steps<'a> {
    chain: &'a Chain,
    stationary: &'a [f64],
    exits: Vec<f64>,
    /// Rate of the steps (1/s).
    rate: f64,
    /// Products that a step of a distribution costs.
    size: f64,
}

impl<'a> Steps<'a> {
    fn new(chain: &'a Chain, stationary: &'a [f64]) -> Option<Steps<'a>> {
        let exits = chain.exits();
        let rate = exits.iter().copied().fold(0.0, f64::max) * 1.02;
        let size = (chain.rates.iter().map(Vec::len).sum::<usize>() + 4 * chain.rates.len()) as f64;
        (rate > 0.0).then_some(Steps { chain, stationary, exits, rate, size })
    }

    /// Expected time in each state until `time`, and a bound on the sum of its errors (s).
    fn until(&self, time: f64, budget: &mut Budget) -> Option<(Vec<f64>, f64)> {
        let mean = self.rate * time;
        let n = self.exits.len() as f64;
        let doublings = libm::log2(mean / FIRST_STEPS).ceil().max(0.0);
        let by_doubling = TERMS as f64 * n * self.size + doublings * n * n * n;
        let by_steps = (mean + 10.0 * mean.sqrt() + 50.0) * self.size;
        if by_doubling < by_steps && by_doubling <= budget.work {
            budget.spend(by_doubling);
            Some(self.doubled(time, doublings as i32))
        } else {
            self.integral(time, budget)
        }
    }

    /// One step of a distribution.
    fn step(&self, now: &[f64], next: &mut [f64]) {
        for ((next, p), exit) in next.iter_mut().zip(now).zip(&self.exits) {
            *next = p * (1.0 - exit / self.rate);
        }
        for (from, row) in self.chain.rates.iter().enumerate() {
            let p = now[from] / self.rate;
            if p != 0.0 {
                row.iter().for_each(|(to, rate)| next[*to] += p * rate);
            }
        }
    }

    /// The time until the number of steps exceeds k has the mean P(more than k steps) / step rate, so the time in a state is the sum over k
    /// of that times the probability of the state after k steps. Once these are still, all that is left is as in the long run.
    fn integral(&self, time: f64, budget: &mut Budget) -> Option<(Vec<f64>, f64)> {
        let mut tail = PoissonTail::new(self.rate * time);
        let mut now = vec![0.0; self.exits.len()];
        now[0] = 1.0;
        let mut next = now.clone();
        let mut spent = vec![0.0; self.exits.len()];
        let mut accounted = 0.0;
        for k in 0.. {
            let weight = tail.above(k) / self.rate;
            accounted += weight;
            spent.iter_mut().zip(&now).for_each(|(sum, p)| *sum += weight * p);
            if time - accounted <= 1e-13 * time {
                return Some((spent, time - accounted));
            }
            if k % 64 == 63 {
                let off = self.unsettled(&now);
                if off < SETTLED {
                    let rest = (time - accounted).max(0.0);
                    spent.iter_mut().zip(self.stationary).for_each(|(sum, p)| *sum += rest * p);
                    return Some((spent, rest * off));
                }
            }
            if !budget.spend(self.size) {
                return None;
            }
            self.step(&now, &mut next);
            std::mem::swap(&mut now, &mut next);
        }
        None
    }

    /// How far a distribution is from the stationary one.
    fn unsettled(&self, now: &[f64]) -> f64 {
        now.iter().zip(self.stationary).map(|(a, b)| (a - b).abs()).sum()
    }

    /// The time spent until 2 t is that until t, and once more as much from where the chain is at t: s(2 t) = s(t) + s(t) P(t).
    fn doubled(&self, time: f64, doublings: i32) -> (Vec<f64>, f64) {
        let n = self.exits.len();
        let mut length = libm::ldexp(time, -doublings);
        let poisson = PoissonTail::terms(self.rate * length);
        let mut matrix = vec![0.0; n * n];
        let mut spent = vec![0.0; n];
        for from in 0..n {
            let mut now = vec![0.0; n];
            now[from] = 1.0;
            let mut next = now.clone();
            let row = &mut matrix[from * n..from * n + n];
            for (exactly, above) in &poisson {
                row.iter_mut().zip(&now).for_each(|(sum, p)| *sum += exactly * p);
                if from == 0 {
                    spent.iter_mut().zip(&now).for_each(|(sum, p)| *sum += above / self.rate * p);
                }
                self.step(&now, &mut next);
                std::mem::swap(&mut now, &mut next);
            }
            whole(row);
        }
        let mut square = vec![0.0; n * n];
        for _ in 0..doublings {
            let off = matrix.chunks_exact(n).map(|row| self.unsettled(row)).fold(0.0, f64::max);
            if off < SETTLED {
                let rest = time - length;
                spent.iter_mut().zip(self.stationary).for_each(|(sum, p)| *sum += rest * p);
                return (spent, rest * off);
            }
            let mut again = vec![0.0; n];
            add_product(&spent, &matrix, &mut again);
            spent.iter_mut().zip(&again).for_each(|(sum, more)| *sum += more);
            length *= 2.0;
            for (row, twice) in matrix.chunks_exact(n).zip(square.chunks_exact_mut(n)) {
                twice.fill(0.0);
                add_product(row, &matrix, twice);
                whole(twice);
            }
            std::mem::swap(&mut matrix, &mut square);
        }
        (spent, 0.0)
    }
}

/// Adds a row times a matrix.
fn add_product(row: &[f64], matrix: &[f64], sum: &mut [f64]) {
    for (factor, onward) in row.iter().zip(matrix.chunks_exact(sum.len())) {
        if *factor != 0.0 {
            sum.iter_mut().zip(onward).for_each(|(sum, p)| *sum += factor * p);
        }
    }
}

/// Makes probabilities sum to 1.
fn whole(row: &mut [f64]) {
    let total: f64 = row.iter().sum();
    row.iter_mut().for_each(|p| *p /= total);
}

/// P(more than k) of a Poisson law, for k = 0, 1, 2, ... in turn.
struct PoissonTail {
    mean: f64,
    /// Logarithm of P(exactly k).
    ln_exactly: f64,
    at_most: f64,
}

impl PoissonTail {
    fn new(mean: f64) -> PoissonTail {
        PoissonTail { mean, ln_exactly: -mean, at_most: 0.0 }
    }

    fn above(&mut self, k: u64) -> f64 {
        if k > 0 {
            self.ln_exactly += libm::log(self.mean) - libm::log(k as f64);
        }
        self.at_most += libm::exp(self.ln_exactly);
        (1.0 - self.at_most).max(0.0)
    }

    /// P(exactly k) and P(more than k) of a law of mean below 1, for the first few k; summed from the smallest, so that none is a difference.
    fn terms(mean: f64) -> Vec<(f64, f64)> {
        let mut exactly = vec![libm::exp(-mean)];
        for k in 1..TERMS {
            exactly.push(exactly[k - 1] * mean / k as f64);
        }
        let mut terms = Vec::new();
        let mut above = 0.0;
        for exactly in exactly.into_iter().rev() {
            terms.push((exactly, above));
            above += exactly;
        }
        terms.reverse();
        terms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two(failing: f64, mending: f64) -> Chain {
        Chain { rates: vec![vec![(1, failing)], vec![(0, mending)]] }
    }

    /// Barlow and Proschan: expected time down until t is l / (l + m) (t + (e^(-(l + m) t) - 1) / (l + m)).
    fn down(l: f64, m: f64, t: f64) -> f64 {
        l / (l + m) * (t + libm::expm1(-(l + m) * t) / (l + m))
    }

    #[test]
    fn occupation_is_the_textbook_integral() {
        let mut budget = Budget::BESIDE_A_RUN;
        // By steps, and by doubling: over a hundred million steps, with a state that is left once in 1e9.
        for (l, m, t) in [(0.1, 1.0, 7.0f64), (1e-9, 1.0, 1e8), (1.0, 1e-9, 3e8), (1e-6, 1e-3, 30.0)] {
            let chain = two(l, m);
            let steady = [m / (l + m), l / (l + m)];
            let (share, before, error) = chain.occupation(&steady, (0.0, t), &mut budget).expect("little work");
            let expected = down(l, m, t) / t;
            assert!(
                (share[1] / expected - 1.0).abs() < 1e-11 + error / expected,
                "{l} {m} {t}: {} {expected}",
                share[1]
            );
            assert!(error < 1e-9 && before == [0.0; 2], "{error:e}");
            let (share, before, _) = chain.occupation(&steady, (0.5 * t, t), &mut budget).expect("little work");
            assert!((before[1] / down(l, m, 0.5 * t) - 1.0).abs() < 1e-10, "{l} {m} {t}: {}", before[1]);
            let expected = (down(l, m, t) - down(l, m, 0.5 * t)) / (0.5 * t);
            assert!((share[1] / expected - 1.0).abs() < 1e-10, "{l} {m} {t}: {} {expected}", share[1]);
        }
    }

    /// Steps and doublings are two ways to one number, also where several paces meet.
    #[test]
    fn steps_and_doublings_agree() {
        let chain = Chain {
            rates: vec![
                vec![(1, 1e-3), (3, 2e-5)],
                vec![(0, 0.5), (2, 1e-2)],
                vec![(0, 0.1), (3, 1e-3)],
                vec![(0, 1e-4)],
            ],
        };
        let steady = chain.stationary(&mut { Budget::BESIDE_A_RUN }).expect("one class").weights;
        let steps = Steps::new(&chain, &steady).expect("something happens");
        for time in [1.0, 500.0, 40_000.0] {
            let (one, off) = steps.integral(time, &mut { Budget::FOR_ITSELF }).expect("enough");
            let (other, rest) = steps.doubled(time, libm::log2(steps.rate * time / FIRST_STEPS).ceil().max(0.0) as i32);
            for (a, b) in one.iter().zip(&other) {
                assert!((a - b).abs() <= 1e-11 * b + off + rest, "{time}: {a:e} {b:e}");
            }
        }
    }

    #[test]
    fn what_costs_too_much_is_not_done() {
        let mut little = Budget { states: 2, work: 50.0 };
        assert!(two(0.1, 1.0).occupation(&[0.9, 0.1], (0.0, 1e9), &mut little).is_none());
    }
}

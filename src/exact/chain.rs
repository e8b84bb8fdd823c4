//! Markov chains in continuous time: stationary distribution and the mean over a stretch from a given start.
//!
//! Up to [`DENSE`] states the elimination of Grassmann, Taksar and Heyman (1985, "Regenerative analysis and steady state distributions for
//! Markov chains") is used: it subtracts nothing, so every probability has nearly all its digits, however small. Beyond, sweeps of Gauss and
//! Seidel run until the residual is small, and the residual is reported. The transient mean is by uniformisation (Jensen 1953): Poisson weights
//! of the steps of a chain in discrete time, all positive, and what is left out bounds the error.

/// States up to which elimination is used: its cost is their cube.
pub(super) const DENSE: usize = 1_500;
/// Sweeps at most.
const SWEEPS: usize = 20_000;
/// Relative change per sweep at which sweeping stops.
const STILL: f64 = 1e-13;
/// Products that the mean over a stretch may cost.
const MOST_WORK: f64 = 3e9;

/// A chain: rates out of each state.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain {
    /// For each state where to and how often (1/s); never to itself, and each target once.
    pub rates: Vec<Vec<(usize, f64)>>,
}

/// A stationary distribution.
#[derive(Debug, Clone)]
pub(super) struct Stationary {
    /// Probabilities.
    pub weights: Vec<f64>,
    /// How it was found.
    pub method: &'static str,
    /// Sum over the states of what flows in less what flows out, over all that flows; 0 for elimination.
    pub residual: f64,
}

impl Chain {
    fn exits(&self) -> Vec<f64> {
        self.rates.iter().map(|row| row.iter().map(|(_, rate)| rate).sum()).collect()
    }

    /// States of the one closed class that is entered for good from state 0; none if there is more than one such class.
    fn closed_class(&self) -> Option<Vec<usize>> {
        let n = self.rates.len();
        let forward = |from: usize| reach(n, from, |state| self.rates[state].iter().map(|(to, _)| *to).collect());
        let mut back: Vec<Vec<usize>> = vec![Vec::new(); n];
        for (from, row) in self.rates.iter().enumerate() {
            row.iter().for_each(|(to, _)| back[*to].push(from));
        }
        let mut home = 0;
        loop {
            let there = forward(home);
            let returns = reach(n, home, |state| back[state].clone());
            match (0..n).find(|state| there[*state] && !returns[*state]) {
                Some(deeper) => home = deeper,
                None => return returns.iter().all(|it| *it).then(|| (0..n).filter(|state| there[*state]).collect()),
            }
        }
    }

    /// The stationary distribution; none if it depends on the start or is not found.
    pub fn stationary(&self) -> Option<Stationary> {
        let class = self.closed_class()?;
        let mut position = vec![usize::MAX; self.rates.len()];
        class.iter().enumerate().for_each(|(index, state)| position[*state] = index);
        let inner: Vec<Vec<(usize, f64)>> = class
            .iter()
            .map(|state| self.rates[*state].iter().map(|(to, rate)| (position[*to], *rate)).collect())
            .collect();
        let (found, method, residual) = if class.len() <= DENSE {
            (eliminate(&inner), "elimination without subtraction (Grassmann, Taksar, Heyman)", 0.0)
        } else {
            let (found, residual) = sweep(&inner)?;
            (found, "sweeps of Gauss and Seidel", residual)
        };
        let mut weights = vec![0.0; self.rates.len()];
        class.iter().zip(found).for_each(|(state, weight)| weights[*state] = weight);
        Some(Stationary { weights, method, residual })
    }

    /// Share of the time from `from` to `to` (s) spent in each state, starting in state 0, and a bound on the sum of the errors. None if it
    /// is too much work: it then takes too many steps until the chain is near `stationary`.
    pub fn occupation(&self, stationary: &[f64], from: f64, to: f64) -> Option<(Vec<f64>, f64)> {
        let exits = self.exits();
        let step = exits.iter().copied().fold(0.0, f64::max) * 1.02;
        let size: usize = self.rates.iter().map(Vec::len).sum::<usize>() + self.rates.len();
        if step == 0.0 {
            return None;
        }
        let until_to = integral(self, &exits, step, stationary, to, MOST_WORK / size as f64)?;
        let until_from = if from > 0.0 {
            integral(self, &exits, step, stationary, from, MOST_WORK / size as f64)?
        } else {
            (vec![0.0; exits.len()], 0.0)
        };
        let length = to - from;
        let share = until_to.0.iter().zip(&until_from.0).map(|(a, b)| ((a - b) / length).max(0.0)).collect();
        Some((share, (until_to.1 + until_from.1) / length))
    }
}

/// States that can be reached.
fn reach(n: usize, from: usize, next: impl Fn(usize) -> Vec<usize>) -> Vec<bool> {
    let mut seen = vec![false; n];
    let mut stack = vec![from];
    seen[from] = true;
    while let Some(state) = stack.pop() {
        for to in next(state) {
            if !std::mem::replace(&mut seen[to], true) {
                stack.push(to);
            }
        }
    }
    seen
}

/// Censors the chain state by state from the last to the first, then gives each its weight against those before it.
fn eliminate(rates: &[Vec<(usize, f64)>]) -> Vec<f64> {
    let n = rates.len();
    let mut matrix = vec![0.0; n * n];
    for (from, row) in rates.iter().enumerate() {
        row.iter().for_each(|(to, rate)| matrix[from * n + to] += rate);
    }
    for last in (1..n).rev() {
        let (above, own) = matrix.split_at_mut(last * n);
        let leaves: f64 = own[..last].iter().sum();
        for from in 0..last {
            let row = &mut above[from * n..from * n + n];
            let enters = row[last] / leaves;
            row[last] = enters;
            if enters != 0.0 {
                row[..last].iter_mut().zip(&own[..last]).for_each(|(rate, onward)| *rate += enters * onward);
            }
        }
    }
    let mut weights = vec![1.0];
    for state in 1..n {
        weights.push((0..state).map(|from| weights[from] * matrix[from * n + state]).sum());
    }
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

/// Balances one state after the other until nothing moves; with the residual.
fn sweep(rates: &[Vec<(usize, f64)>]) -> Option<(Vec<f64>, f64)> {
    let n = rates.len();
    let exits: Vec<f64> = rates.iter().map(|row| row.iter().map(|(_, rate)| rate).sum()).collect();
    let mut enters: Vec<Vec<(usize, f64)>> = vec![Vec::new(); n];
    for (from, row) in rates.iter().enumerate() {
        row.iter().for_each(|(to, rate)| enters[*to].push((from, *rate)));
    }
    let inflow =
        |weights: &[f64], state: usize| -> f64 { enters[state].iter().map(|(from, rate)| weights[*from] * rate).sum() };
    let mut weights = vec![1.0 / n as f64; n];
    for _ in 0..SWEEPS {
        let mut moved = 0.0f64;
        for state in 0..n {
            let new = inflow(&weights, state) / exits[state];
            moved = moved.max((new - weights[state]).abs() / new.max(1e-300));
            weights[state] = new;
        }
        let total: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= total);
        if moved < STILL {
            break;
        }
    }
    let flow: f64 = weights.iter().zip(&exits).map(|(weight, exit)| weight * exit).sum();
    let off: f64 = (0..n).map(|state| (inflow(&weights, state) - weights[state] * exits[state]).abs()).sum();
    let residual = off / flow;
    (residual < 1e-8).then_some((weights, residual))
}

/// Expected time in each state until `time`, and a bound on the sum of its errors (s).
///
/// The time until the number of steps exceeds k has the mean P(more than k steps) / step rate, so the time in a state is the sum over k of
/// that times the probability of the state after k steps. Once these are still, all that is left is as in the long run.
fn integral(
    chain: &Chain,
    exits: &[f64],
    step: f64,
    stationary: &[f64],
    time: f64,
    most_steps: f64,
) -> Option<(Vec<f64>, f64)> {
    let mean = step * time;
    let mut tail = PoissonTail::new(mean);
    let mut now = vec![0.0; exits.len()];
    now[0] = 1.0;
    let mut spent = vec![0.0; exits.len()];
    let mut accounted = 0.0;
    for k in 0.. {
        let more = tail.above(k);
        let weight = more / step;
        accounted += weight;
        spent.iter_mut().zip(&now).for_each(|(sum, p)| *sum += weight * p);
        if time - accounted <= 1e-13 * time {
            return Some((spent, time - accounted));
        }
        if k % 64 == 63 {
            let off: f64 = now.iter().zip(stationary).map(|(a, b)| (a - b).abs()).sum();
            if off < 1e-12 {
                let rest = (time - accounted).max(0.0);
                spent.iter_mut().zip(stationary).for_each(|(sum, p)| *sum += rest * p);
                return Some((spent, rest * off));
            }
        }
        if k as f64 > most_steps {
            return None;
        }
        let mut next: Vec<f64> = now.iter().zip(exits).map(|(p, exit)| p * (1.0 - exit / step)).collect();
        for (from, row) in chain.rates.iter().enumerate() {
            let p = now[from] / step;
            if p != 0.0 {
                row.iter().for_each(|(to, rate)| next[*to] += p * rate);
            }
        }
        now = next;
    }
    None
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two(failing: f64, mending: f64) -> Chain {
        Chain { rates: vec![vec![(1, failing)], vec![(0, mending)]] }
    }

    #[test]
    fn elimination_keeps_the_digits_of_rare_states() {
        // A line of states, each reached from the one before at 1e-6 of the rate back: weights 1e-6, 1e-12, ... 1e-30.
        let n = 6;
        let rates = (0..n)
            .map(|state| {
                let mut row = Vec::new();
                if state + 1 < n {
                    row.push((state + 1, 1e-6));
                }
                if state > 0 {
                    row.push((state - 1, 1.0));
                }
                row
            })
            .collect();
        let found = Chain { rates }.stationary().expect("one class");
        for state in 1..n {
            let ratio = found.weights[state] / found.weights[state - 1];
            assert!((ratio / 1e-6 - 1.0).abs() < 1e-14, "{ratio:e}");
        }
    }

    #[test]
    fn occupation_is_the_textbook_integral() {
        // Barlow and Proschan: expected time down until t is l / (l + m) (t + (e^(-(l + m) t) - 1) / (l + m)).
        let (l, m, t) = (0.1, 1.0, 7.0f64);
        let chain = two(l, m);
        let found = chain.stationary().expect("one class");
        let (share, error) = chain.occupation(&found.weights, 0.0, t).expect("little work");
        let down = l / (l + m) * (t + (-(l + m) * t).exp_m1() / (l + m)) / t;
        assert!((share[1] - down).abs() < 1e-12 + error && error < 1e-9, "{} {down} {error:e}", share[1]);
        // Long after the start it does not matter any more.
        let (share, _) = chain.occupation(&found.weights, 1e6, 2e6).expect("it is still after few steps");
        assert!((share[1] - l / (l + m)).abs() < 1e-9);
    }

    #[test]
    fn sweeps_find_what_elimination_finds() {
        // A birth and death chain with immigration: long enough that both can be asked.
        let n = 300;
        let rates: Vec<Vec<(usize, f64)>> = (0..n)
            .map(|state| {
                let mut row = Vec::new();
                if state + 1 < n {
                    row.push((state + 1, 3.0));
                }
                if state > 0 {
                    row.push((state - 1, state as f64));
                }
                row
            })
            .collect();
        let exact = eliminate(&rates);
        let (found, residual) = sweep(&rates).expect("it settles");
        assert!(residual < 1e-12, "{residual:e}");
        for (a, b) in exact.iter().zip(&found) {
            assert!((a - b).abs() <= 1e-10 * a.max(1e-12), "{a:e} {b:e}");
        }
    }

    #[test]
    fn two_ends_are_no_answer() {
        let chain = Chain { rates: vec![vec![(1, 1.0), (2, 1.0)], vec![], vec![]] };
        assert!(chain.stationary().is_none());
        let one_end = Chain { rates: vec![vec![(1, 1.0)], vec![]] };
        assert_eq!(one_end.stationary().expect("one class").weights, [0.0, 1.0]);
    }
}

//! Markov chains in continuous time, and their stationary distribution.
//!
//! [`elimination`] has nearly all digits. Where it is too much work, sweeps of Gauss and Seidel run until the residual is small, and the
//! residual is reported.

use super::budget::Budget;
use super::elimination;

/// Share of the work allowed that elimination may take before sweeps are tried.
const FOR_ELIMINATION: f64 = 0.5;
/// Share of the rest that sweeps may take: the mean over a stretch needs some, too.
const FOR_SWEEPS: f64 = 0.7;
/// Relative change per sweep at which sweeping stops.
const STILL: f64 = 1e-13;

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

/// Why there is no stationary distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotFound {
    /// Chance decides where the chain ends up.
    ByChance,
    /// More than is allowed.
    TooMuchWork,
}

impl Chain {
    /// How often each state is left (1/s).
    pub fn exits(&self) -> Vec<f64> {
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

    /// The stationary distribution.
    ///
    /// # Errors
    /// When it depends on the start, or takes more work than is allowed.
    pub fn stationary(&self, budget: &mut Budget) -> Result<Stationary, NotFound> {
        let class = self.closed_class().ok_or(NotFound::ByChance)?;
        let mut position = vec![usize::MAX; self.rates.len()];
        class.iter().enumerate().for_each(|(index, state)| position[*state] = index);
        let inner: Vec<Vec<(usize, f64)>> = class
            .iter()
            .map(|state| self.rates[*state].iter().map(|(to, rate)| (position[*to], *rate)).collect())
            .collect();
        let mut part = budget.part(FOR_ELIMINATION);
        let (found, method, residual) = match elimination::eliminate(&inner, &mut part) {
            Some(found) => (found, "elimination without subtraction (Grassmann, Taksar, Heyman)", 0.0),
            None => {
                let mut part = budget.part(FOR_SWEEPS);
                let (found, residual) = sweep(&inner, &mut part).ok_or(NotFound::TooMuchWork)?;
                budget.refund(part);
                (found, "sweeps of Gauss and Seidel", residual)
            }
        };
        budget.refund(part);
        let mut weights = vec![0.0; self.rates.len()];
        class.iter().zip(found).for_each(|(state, weight)| weights[*state] = weight);
        Ok(Stationary { weights, method, residual })
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

/// Balances one state after the other until nothing moves; with the residual.
fn sweep(rates: &[Vec<(usize, f64)>], budget: &mut Budget) -> Option<(Vec<f64>, f64)> {
    let n = rates.len();
    let exits: Vec<f64> = rates.iter().map(|row| row.iter().map(|(_, rate)| rate).sum()).collect();
    let mut enters: Vec<Vec<(usize, f64)>> = vec![Vec::new(); n];
    for (from, row) in rates.iter().enumerate() {
        row.iter().for_each(|(to, rate)| enters[*to].push((from, *rate)));
    }
    let inflow =
        |weights: &[f64], state: usize| -> f64 { enters[state].iter().map(|(from, rate)| weights[*from] * rate).sum() };
    let mut weights = vec![1.0 / n as f64; n];
    let size = (rates.iter().map(Vec::len).sum::<usize>() + 4 * n) as f64;
    while budget.spend(size) {
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

#[cfg(test)]
mod tests {
    use super::*;

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
        let found = Chain { rates }.stationary(&mut { Budget::BESIDE_A_RUN }).expect("one class");
        for state in 1..n {
            let ratio = found.weights[state] / found.weights[state - 1];
            assert!((ratio / 1e-6 - 1.0).abs() < 1e-14, "{ratio:e}");
        }
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
        let exact = elimination::eliminate(&rates, &mut { Budget::FOR_ITSELF }).expect("little work");
        let (found, residual) = sweep(&rates, &mut { Budget::FOR_ITSELF }).expect("it settles");
        assert!(residual < 1e-12, "{residual:e}");
        for (a, b) in exact.iter().zip(&found) {
            assert!((a - b).abs() <= 1e-10 * a.max(1e-12), "{a:e} {b:e}");
        }
    }

    #[test]
    fn two_ends_are_no_answer() {
        let chain = Chain { rates: vec![vec![(1, 1.0), (2, 1.0)], vec![], vec![]] };
        let mut budget = Budget::BESIDE_A_RUN;
        assert_eq!(chain.stationary(&mut budget).expect_err("chance decides"), NotFound::ByChance);
        let one_end = Chain { rates: vec![vec![(1, 1.0)], vec![]] };
        assert_eq!(one_end.stationary(&mut budget).expect("one class").weights, [0.0, 1.0]);
    }
}

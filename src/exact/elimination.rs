//! The elimination of Grassmann, Taksar and Heyman (1985, "Regenerative analysis and steady state distributions for Markov chains").
//!
//! A state is censored: whoever would enter it goes where it would be left to. Nothing is subtracted, so every probability has nearly all its
//! digits, however small. Which state goes first is free: taking the one whose neighbours gain fewest new rates keeps the matrix sparse
//! (Markowitz 1957, "The elimination form of the inverse and its application to linear programming"). What has become dense at the end is
//! eliminated as a matrix.

use super::budget::Budget;
use std::collections::BTreeSet;

/// States that are left to a matrix whatever their rates.
const FEW: usize = 32;

/// The stationary weights of a chain of one class; none if that is too much work. All weights are worked out as multiples of that of state 0,
/// which should not be a rare one.
pub(super) fn eliminate(rates: &[Vec<(usize, f64)>], budget: &mut Budget) -> Option<Vec<f64>> {
    let n = rates.len();
    let mut rows = rates.to_vec();
    let mut enters: Vec<Vec<usize>> = vec![Vec::new(); n];
    for (from, row) in rows.iter_mut().enumerate() {
        row.sort_unstable_by_key(|(to, _)| *to);
        row.iter().for_each(|(to, _)| enters[*to].push(from));
    }
    let mut queue: BTreeSet<(usize, usize)> =
        (1..n).map(|state| (rows[state].len() * enters[state].len(), state)).collect();
    let mut censored: Vec<(usize, Vec<(usize, f64)>)> = Vec::new();
    while let Some((cost, state)) = queue.first().copied() {
        // New rates for more than a third of all pairs: sparse no more.
        if queue.len() <= FEW || 3 * cost > queue.len() * queue.len() {
            break;
        }
        queue.pop_first();
        let row = std::mem::take(&mut rows[state]);
        let sources = std::mem::take(&mut enters[state]);
        let touched: Vec<usize> =
            row.iter().map(|(to, _)| *to).chain(sources.iter().copied()).filter(|it| *it > 0).collect();
        let leaves: f64 = row.iter().map(|(_, rate)| rate).sum();
        for other in &touched {
            queue.remove(&(rows[*other].len() * enters[*other].len(), *other));
        }
        for (to, _) in &row {
            enters[*to].retain(|source| *source != state);
        }
        let mut entered = Vec::with_capacity(sources.len());
        for source in sources.iter().copied() {
            if !budget.spend((rows[source].len() + row.len()) as f64 * 4.0) {
                return None;
            }
            let (share, merged) = passed_on(&rows[source], &row, (source, state), leaves, &mut enters);
            rows[source] = merged;
            entered.push((source, share));
        }
        queue.extend(touched.iter().map(|other| (rows[*other].len() * enters[*other].len(), *other)));
        censored.push((state, entered));
    }
    let mut rest: Vec<usize> = std::iter::once(0).chain(queue.iter().map(|(_, state)| *state)).collect();
    rest.sort_unstable();
    if !budget.spend((rest.len() * rest.len() * rest.len()) as f64 / 3.0) {
        return None;
    }
    let mut weights = vec![0.0; n];
    rest.iter().zip(dense(&rest, &rows)).for_each(|(state, weight)| weights[*state] = weight);
    for (state, entered) in censored.iter().rev() {
        weights[*state] = entered.iter().map(|(source, share)| weights[*source] * share).sum();
    }
    let total: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= total);
    Some(weights)
}

/// The row of `source` when `state`, whose row is `onward`, is censored; with the weight of `state` in that of `source`.
fn passed_on(
    own: &[(usize, f64)],
    onward: &[(usize, f64)],
    (source, state): (usize, usize),
    leaves: f64,
    enters: &mut [Vec<usize>],
) -> (f64, Vec<(usize, f64)>) {
    let share = own.iter().find(|(to, _)| *to == state).map_or(0.0, |(_, rate)| rate / leaves);
    let mut merged = Vec::with_capacity(own.len() + onward.len());
    let mut own = own.iter().filter(|(to, _)| *to != state).peekable();
    for (to, rate) in onward.iter().filter(|(to, _)| *to != source) {
        while let Some(before) = own.next_if(|(mine, _)| mine < to) {
            merged.push(*before);
        }
        match own.next_if(|(mine, _)| mine == to) {
            Some((_, mine)) => merged.push((*to, mine + share * rate)),
            None => {
                enters[*to].push(source);
                merged.push((*to, share * rate));
            }
        }
    }
    merged.extend(own);
    (share, merged)
}

/// Censors the chain of these states from the last to the first, then gives each its weight against those before it.
fn dense(states: &[usize], rows: &[Vec<(usize, f64)>]) -> Vec<f64> {
    let n = states.len();
    let mut position = vec![usize::MAX; rows.len()];
    states.iter().enumerate().for_each(|(index, state)| position[*state] = index);
    let mut matrix = vec![0.0; n * n];
    for (from, state) in states.iter().enumerate() {
        rows[*state].iter().for_each(|(to, rate)| matrix[from * n + position[*to]] += rate);
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
    weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever goes first: every state is left as often as it is entered, to nearly all digits.
        #[test]
        fn what_flows_in_flows_out(
            n in 40usize..80,
            far in prop::collection::vec((0usize..80, 0usize..80, -9.0..3.0f64), 0..120),
        ) {
            let mut rates: Vec<Vec<(usize, f64)>> = (0..n).map(|state| vec![((state + 1) % n, 1.0)]).collect();
            for (from, to, exponent) in far {
                let (from, to) = (from % n, to % n);
                if from != to && rates[from].iter().all(|(known, _)| *known != to) {
                    rates[from].push((to, libm::exp10(exponent)));
                }
            }
            let weights = eliminate(&rates, &mut { Budget::FOR_ITSELF }).expect("little work");
            let mut inflow = vec![0.0; n];
            for (from, row) in rates.iter().enumerate() {
                row.iter().for_each(|(to, rate)| inflow[*to] += weights[from] * rate);
            }
            for (state, row) in rates.iter().enumerate() {
                let outflow: f64 = row.iter().map(|(_, rate)| weights[state] * rate).sum();
                prop_assert!((inflow[state] / outflow - 1.0).abs() < 1e-12, "{state}: {} {outflow}", inflow[state]);
            }
        }
    }

    #[test]
    fn what_costs_too_much_is_not_done() {
        let rates: Vec<Vec<(usize, f64)>> =
            (0..400).map(|from| (0..400).filter(|to| *to != from).map(|to| (to, 1.0)).collect()).collect();
        assert_eq!(eliminate(&rates, &mut Budget { states: 400, work: 1e6 }), None);
        let even = eliminate(&rates, &mut Budget { states: 400, work: 1e8 }).expect("enough");
        assert!(even.iter().all(|weight| (weight * 400.0 - 1.0).abs() < 1e-12));
    }
}

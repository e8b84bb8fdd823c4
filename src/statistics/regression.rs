//! Least squares with a choice of regressors.
//!
//! Forward selection: the regressor that explains most of what is left goes in next, after what it shares with those before it was taken out
//! (modified Gram-Schmidt; Bjorck, "Numerical Methods for Least Squares Problems", 1996, section 2.4), as long as it explains clearly more
//! than one that has nothing to do with the response would.
//! Where most responses are 0, they and their regressors agree that nothing happened, which is no evidence of how they go together when
//! something does: only responses that are not 0 count as degrees of freedom.

use super::{normal_quantile, real, t_quantile};

/// What is left of a regressor, of the square of its length, once it depends on others up to rounding.
const DEPENDENT: f64 = 1e-9;

/// More than rounding can make of a quantile, of its size.
const ROUNDED: f64 = 1e-9;

/// Weights of the regressors that explain the response by least squares around the means, by position, in order of their choice. Each differs from 0
/// at this level when it goes in, by Student's t with as many degrees of freedom as responses are not 0, less the parameters.
pub fn select(regressors: &[&[f64]], response: &[f64], level: f64) -> Vec<(usize, f64)> {
    let seen = response.iter().filter(|value| **value != 0.0).count();
    let mut rest = centred(response);
    let mut left: Vec<Vec<f64>> = regressors.iter().map(|values| centred(values)).collect();
    let whole: Vec<f64> = left.iter().map(|values| dot(values, values)).collect();
    let mut chosen: Vec<usize> = Vec::new();
    let mut slopes = Vec::new();
    // By step, of each regressor: what it shared with the one that was chosen.
    let mut shared: Vec<Vec<f64>> = Vec::new();
    while seen > chosen.len() + 2 {
        let mut best: Option<(usize, f64, f64)> = None;
        for (index, values) in left.iter().enumerate() {
            let length = dot(values, values);
            if chosen.contains(&index) || length <= DEPENDENT * whole[index] {
                continue;
            }
            let slope = dot(values, &rest) / length;
            let explained = slope * slope * length;
            if best.is_none_or(|(_, _, most)| explained > most) {
                best = Some((index, slope, explained));
            }
        }
        let Some((index, slope, explained)) = best else { break };
        let freedom = real((seen - chosen.len() - 2) as u64);
        let unexplained = dot(&rest, &rest) - explained;
        if explained <= 0.0 || !is_clear(explained * freedom, unexplained, level, freedom) {
            break;
        }
        let taken = left[index].clone();
        let length = dot(&taken, &taken);
        take_out(&mut rest, &taken, slope);
        let shares = left.iter_mut().enumerate().map(|(other, values)| {
            let share = dot(values, &taken) / length;
            if other != index && !chosen.contains(&other) {
                take_out(values, &taken, share);
            }
            share
        });
        shared.push(shares.collect());
        chosen.push(index);
        slopes.push(slope);
    }
    let mut weights = slopes;
    for step in (0..chosen.len()).rev() {
        for later in step + 1..chosen.len() {
            weights[step] -= shared[step][chosen[later]] * weights[later];
        }
    }
    chosen.into_iter().zip(weights).collect()
}

/// Whether the square of Student's t, `over` / `under`, is at least that of its quantile at this level.
///
/// Mostly that is so clear that the quantile, which takes long to work out, need not be known: it lies between z and the root of
/// f (exp(z^2 / (f - 1/2)) - 1), where z is the normal one and f the degrees of freedom, at least one (D. L. Wallace 1959, "Bounds on normal
/// approximations to Student's and the chi-square distributions", Annals of Mathematical Statistics 30, 1121-1130).
fn is_clear(over: f64, under: f64, level: f64, freedom: f64) -> bool {
    let p = 0.5 + level / 2.0;
    let square = normal_quantile(p) * normal_quantile(p);
    if over < (1.0 - ROUNDED) * square * under {
        return false;
    }
    if over > (1.0 + ROUNDED) * most(square, freedom) * under {
        return true;
    }
    let limit = t_quantile(p, freedom);
    over >= limit * limit * under
}

/// The square of Student's quantile is not more than this, if that of the normal one is `square`.
fn most(square: f64, freedom: f64) -> f64 {
    freedom * libm::expm1(square / (freedom - 0.5))
}

fn centred(values: &[f64]) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    values.iter().map(|value| value - mean).collect()
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

fn take_out(values: &mut [f64], of: &[f64], times: f64) {
    values.iter_mut().zip(of).for_each(|(value, part)| *value -= times * part);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::testing::SplitMix64;

    /// Three regressors that share a part, of which two matter; a fourth is the sum of two of them, and a fifth does not vary.
    #[test]
    fn weights_are_found_whatever_regressors_share() {
        let mut random = SplitMix64(3);
        let mut columns = vec![Vec::new(); 5];
        let mut response = Vec::new();
        for _ in 0..400 {
            let common = random.uniform();
            let own: [f64; 3] = std::array::from_fn(|_| common + random.uniform());
            columns.iter_mut().zip(own).for_each(|(column, value)| column.push(value));
            columns[3].push(own[0] + own[1]);
            columns[4].push(7.0);
            response.push(5.0 + 2.0 * own[0] - 3.0 * own[2] + 1e-6 * random.uniform());
        }
        let regressors: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let found = select(&regressors, &response, 0.999);
        let mut of = [0.0; 5];
        found.iter().for_each(|(index, weight)| of[*index] = *weight);
        // Whatever of the dependent ones was chosen, the sum of what they say is the same.
        let said = [of[0] + of[3], of[1] + of[3], of[2], of[4]];
        for (found, expected) in said.into_iter().zip([2.0, 0.0, -3.0, 0.0]) {
            assert!((found - expected).abs() < 1e-5, "{said:?}");
        }
    }

    /// Among 300 tries at a level of 0.999 more than 4 wrong choices have a probability of 2e-5 (Poisson of mean 0.3).
    #[test]
    fn what_has_nothing_to_do_with_it_is_left_out() {
        let mut random = SplitMix64(4);
        let mut chosen = 0;
        for _ in 0..300 {
            let mut draw = || (0..128).map(|_| random.uniform()).collect::<Vec<f64>>();
            let (noise, response) = (draw(), draw());
            chosen += select(&[&noise], &response, 0.999).len();
        }
        assert!(chosen <= 4, "{chosen}");
    }

    #[test]
    fn what_is_clear_without_the_quantile_is_what_the_quantile_says() {
        for level in [0.5, 0.9, 0.999, 0.999_999] {
            let p = 0.5 + level / 2.0;
            let normal = normal_quantile(p) * normal_quantile(p);
            for freedom in [1.0, 2.0, 3.0, 7.0, 30.0, 200.0, 1e4, 1e7] {
                let exact = t_quantile(p, freedom) * t_quantile(p, freedom);
                let highest = (1.0 + ROUNDED) * most(normal, freedom);
                assert!((1.0 - ROUNDED) * normal < exact && exact < highest, "{level} {freedom}: {exact}");
                for over in [0.5 * normal, 0.999 * exact, 1.001 * exact, 2.0 * most(normal, freedom)] {
                    assert_eq!(is_clear(over, 1.0, level, freedom), over > exact, "{level} {freedom} {over}");
                }
            }
        }
    }

    #[test]
    fn too_few_observations_choose_nothing() {
        assert_eq!(select(&[&[1.0, 2.0]], &[1.0, 2.0], 0.5), []);
        assert_eq!(select(&[], &[], 0.5), []);
    }
}

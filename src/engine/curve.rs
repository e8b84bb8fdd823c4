//! A quantity between two events: `a + b t + sum c_i exp(-r_i t)`, with exact areas and crossings.
//!
//! Shares of traffic are linear while caches drain and exponential where clients keep stale answers, and sums and multiples of
//! such curves are again such curves. The rates `r_i` belong to the plan and are the same for all curves of a run.

use crate::law::exp;

/// Most distinct exponential rates in one plan.
pub const MAX_RATES: usize = 4;

/// Most roots reported in one interval: a sum of a constant, a line and [`MAX_RATES`] exponentials has at most
/// `MAX_RATES + 1` (Descartes' rule for exponential sums).
const MAX_ROOTS: usize = MAX_RATES + 2;

/// `constant + slope t + sum decays[i] exp(-rates[i] t)`, t counted from the curve's origin.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Curve {
    /// Value of the constant part.
    pub constant: f64,
    /// Slope (1/s).
    pub slope: f64,
    /// Weight of each exponential.
    pub decays: [f64; MAX_RATES],
}

/// Instants at which something happens on a curve, ascending.
#[derive(Debug, Clone, Copy, Default)]
pub struct Roots {
    count: usize,
    at: [f64; MAX_ROOTS],
}

impl Roots {
    fn push(&mut self, t: f64) {
        if self.count < MAX_ROOTS {
            self.at[self.count] = t;
            self.count += 1;
        }
    }

    /// The instants.
    pub fn as_slice(&self) -> &[f64] {
        &self.at[..self.count]
    }
}

impl Curve {
    /// A constant.
    pub fn flat(constant: f64) -> Curve {
        Curve { constant, ..Curve::default() }
    }

    /// Nothing moves.
    pub fn is_flat(&self) -> bool {
        self.slope == 0.0 && self.decays.iter().all(|c| *c == 0.0)
    }

    /// Adds `factor` times another curve.
    pub fn add(&mut self, other: &Curve, factor: f64) {
        self.constant += factor * other.constant;
        self.slope += factor * other.slope;
        for (mine, theirs) in self.decays.iter_mut().zip(other.decays) {
            *mine += factor * theirs;
        }
    }

    /// Value at `t`.
    pub fn value(&self, rates: &[f64], t: f64) -> f64 {
        let mut sum = self.constant + self.slope * t;
        for (c, r) in self.decays.iter().zip(rates) {
            if *c != 0.0 {
                sum += c * exp(-r * t);
            }
        }
        sum
    }

    /// Area between `from` and `to`.
    pub fn area(&self, rates: &[f64], from: f64, to: f64) -> f64 {
        let width = to - from;
        let mut sum = width * (self.constant + self.slope * 0.5 * (from + to));
        for (c, r) in self.decays.iter().zip(rates) {
            if *c != 0.0 {
                sum += c * exp(-r * from) * -libm::expm1(-r * width) / r;
            }
        }
        sum
    }

    /// Instants strictly inside (`from`, `to`) at which the curve crosses `level`.
    pub fn crossings(&self, rates: &[f64], level: f64, from: f64, to: f64) -> Roots {
        let mut slope = Exponentials::default();
        slope.push(self.slope, 0.0);
        for (c, r) in self.decays.iter().zip(rates) {
            slope.push(-c * r, *r);
        }
        let turns = slope.roots(from, to);
        monotone_roots(|t| self.value(rates, t) - level, &turns, from, to)
    }
}

/// `sum weight_j exp(-rate_j t)`, for the turning points of a curve.
#[derive(Debug, Clone, Copy, Default)]
struct Exponentials {
    count: usize,
    terms: [(f64, f64); MAX_RATES + 1],
}

impl Exponentials {
    fn push(&mut self, weight: f64, rate: f64) {
        if weight != 0.0 {
            self.terms[self.count] = (weight, rate);
            self.count += 1;
        }
    }

    /// Roots inside (`from`, `to`): divided by its first term the sum is a constant plus a sum with one term less, so by Rolle its
    /// roots lie between those of that sum's derivative.
    fn roots(&self, from: f64, to: f64) -> Roots {
        if self.count < 2 {
            return Roots::default();
        }
        let (_, first) = self.terms[0];
        let mut rest = Exponentials::default();
        for &(weight, rate) in &self.terms[1..self.count] {
            rest.push(weight * (first - rate), rate - first);
        }
        let turns = rest.roots(from, to);
        let terms = &self.terms[..self.count];
        monotone_roots(|t| terms.iter().map(|(w, r)| w * exp(-(r - first) * t)).sum(), &turns, from, to)
    }
}

/// Roots of `f`, which is monotone between the given turning points, by bisection down to neighbouring numbers.
fn monotone_roots(f: impl Fn(f64) -> f64, turns: &Roots, from: f64, to: f64) -> Roots {
    let mut roots = Roots::default();
    let mut left = from;
    for &right in turns.as_slice().iter().chain([&to]) {
        let (mut low, mut high) = (left, right);
        let rising = f(low) < 0.0;
        let crosses = if rising { f(high) > 0.0 } else { f(low) > 0.0 && f(high) < 0.0 };
        if crosses {
            loop {
                let middle = 0.5 * (low + high);
                if middle <= low || middle >= high {
                    break;
                }
                if (f(middle) < 0.0) == rising { low = middle } else { high = middle }
            }
            if low > from && high < to {
                roots.push(0.5 * (low + high));
            }
        }
        left = right;
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATES: [f64; 4] = [0.01, 0.1, 1.0, 0.0003];

    #[test]
    fn a_line_crosses_where_it_should() {
        let curve = Curve { constant: 1.0, slope: -0.01, ..Curve::default() };
        let roots = curve.crossings(&RATES, 0.4, 0.0, 100.0);
        assert!((roots.as_slice()[0] - 60.0).abs() < 1e-12);
        assert_eq!(roots.as_slice().len(), 1);
    }

    #[test]
    fn an_exponential_crosses_at_its_logarithm() {
        let curve = Curve { constant: 0.0, slope: 0.0, decays: [0.0, 1.0, 0.0, 0.0] };
        let roots = curve.crossings(&RATES, 0.25, 0.0, 100.0);
        assert!((roots.as_slice()[0] - 4f64.ln() / 0.1).abs() < 1e-10);
    }

    #[test]
    fn both_crossings_of_a_dip_are_found() {
        // 1 - 0.2 t + 0.5 (1 - e^-t): falls below and, with the line turned, comes back.
        let curve = Curve { constant: 1.0, slope: 0.02, decays: [0.0, 0.0, 0.0, 0.0] };
        let mut dip = curve;
        dip.decays[1] = 1.0;
        dip.decays[2] = -1.5;
        let roots = dip.crossings(&RATES, 1.2, 0.0, 60.0);
        for t in roots.as_slice() {
            assert!((dip.value(&RATES, *t) - 1.2).abs() < 1e-12);
        }
        assert_eq!(
            roots.as_slice().len() % 2,
            usize::from((dip.value(&RATES, 0.0) < 1.2) != (dip.value(&RATES, 60.0) < 1.2))
        );
    }

    proptest! {
        #[test]
        fn the_area_equals_a_fine_riemann_sum(a in -1.0..1.0, b in -0.01..0.01, c in proptest::array::uniform4(-1.0..1.0), from in 0.0..50.0, width in 0.1..100.0f64) {
            let curve = Curve { constant: a, slope: b, decays: c };
            let n = 20_000;
            let step = width / f64::from(n);
            let sum: f64 = (0..n).map(|i| step * curve.value(&RATES, from + step * (f64::from(i) + 0.5))).sum();
            prop_assert!((curve.area(&RATES, from, from + width) - sum).abs() < 1e-5 * width.max(1.0));
        }

        #[test]
        fn every_sign_change_on_a_grid_is_a_crossing(a in -1.0..1.0, b in -0.02..0.02, c in proptest::array::uniform4(-1.0..1.0), level in -0.5..0.5) {
            let curve = Curve { constant: a, slope: b, decays: c };
            let roots = curve.crossings(&RATES, level, 0.0, 100.0);
            let mut previous = curve.value(&RATES, 0.0) - level;
            for i in 1..=1000 {
                let t = f64::from(i) * 0.1;
                let value = curve.value(&RATES, t) - level;
                if previous * value < 0.0 && i < 1000 && i > 1 {
                    prop_assert!(roots.as_slice().iter().any(|r| (t - 0.1..=t).contains(r)));
                }
                previous = value;
            }
        }
    }
}

//! Answers from probability theory: sums over states, Markov chains, integrals. Nothing here knows the simulator.

/// Probability of k successes in n trials.
pub fn binomial(n: u32, k: u32, p: f64) -> f64 {
    let choose = (0..k).fold(1.0, |c, i| c * f64::from(n - i) / f64::from(i + 1));
    choose * p.powi(k as i32) * (1.0 - p).powi((n - k) as i32)
}

/// Probability of at least k successes in n trials.
pub fn at_least(n: u32, k: u32, p: f64) -> f64 {
    (k..=n).map(|j| binomial(n, j, p)).sum()
}

/// Expectation over independent components that work with these probabilities.
pub fn expected<const N: usize>(working: [f64; N], served: impl Fn([bool; N]) -> f64) -> f64 {
    let states = 0..1usize << N;
    let term = |state: usize| {
        let works: [bool; N] = std::array::from_fn(|i| state >> i & 1 == 1);
        let weight: f64 = works.iter().zip(working).map(|(works, p)| if *works { p } else { 1.0 - p }).product();
        weight * served(works)
    };
    states.map(term).sum()
}

/// Expectation over n independent units, each in one of four states with these weights (which need not sum to 1), of what they serve
/// together, given how many are in each state.
pub fn expected_of_units(n: u32, weights: [f64; 4], served: impl Fn([u32; 4]) -> f64) -> f64 {
    let total: f64 = weights.iter().sum();
    let mut sum = 0.0;
    for a in 0..=n {
        for b in 0..=n - a {
            for c in 0..=n - a - b {
                let counts = [a, b, c, n - a - b - c];
                let mut probability = 1.0;
                let mut left = n;
                for (count, weight) in counts.into_iter().zip(weights) {
                    // Multinomial: choose who is in this state, out of those that are left.
                    probability *= (0..count).fold(1.0, |x, i| x * f64::from(left - i) / f64::from(i + 1));
                    probability *= (weight / total).powi(count as i32);
                    left -= count;
                }
                sum += probability * served(counts);
            }
        }
    }
    sum
}

/// Stationary probabilities of the Markov chain with these rates (from, to, rate): balance of flow in each state, all of them
/// summing to 1, by Gaussian elimination with pivots.
pub fn stationary(states: usize, rates: &[(usize, usize, f64)]) -> Vec<f64> {
    let mut rows = vec![vec![0.0; states + 1]; states];
    for &(from, to, rate) in rates {
        rows[to][from] += rate;
        rows[from][from] -= rate;
    }
    rows[states - 1] = vec![1.0; states + 1];
    for column in 0..states {
        let size = |row: &usize| f64::abs(rows[*row][column]);
        let pivot = (column..states).max_by(|a, b| size(a).total_cmp(&size(b))).expect("a row");
        rows.swap(column, pivot);
        let lead = rows[column].clone();
        for (index, row) in rows.iter_mut().enumerate() {
            if index != column {
                let factor = row[column] / lead[column];
                row.iter_mut().zip(&lead).for_each(|(value, above)| *value -= factor * above);
            }
        }
    }
    (0..states).map(|state| rows[state][states] / rows[state][state]).collect()
}

/// A unit that fails with rate 1 / `mttf` and is repaired with rate 1 / `mttr`, new at time 0.
#[derive(Debug, Clone, Copy)]
pub struct Memoryless {
    /// Mean time to failure.
    pub mttf: f64,
    /// Mean time to repair.
    pub mttr: f64,
}

impl Memoryless {
    /// Expected time down until t, the integral of l / (l + m) (1 - e^(-(l + m) t)), l and m being the rates of failure and repair
    /// (Barlow and Proschan 1965, "Mathematical Theory of Reliability", chapter 3).
    pub fn down_until(self, t: f64) -> f64 {
        let (l, m) = (1.0 / self.mttf, 1.0 / self.mttr);
        l / (l + m) * (t + (-(l + m) * t).exp_m1() / (l + m))
    }

    /// Expected failures until t: rate of failure times the expected time up.
    pub fn failures_until(self, t: f64) -> f64 {
        (t - self.down_until(t)) / self.mttf
    }
}

/// What one unit behind a load balancer does: mean times of the four states that its life goes round.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Works and gets traffic.
    pub good: f64,
    /// Has failed and still gets traffic.
    pub undetected: f64,
    /// Has failed and is out.
    pub out: f64,
    /// Works again and is still out.
    pub returning: f64,
}

impl Target {
    /// A unit with an exponential life. It is seen with probability `seen`, after being undetected for a mean time of `undetected`
    /// in all, and out for `out` until its repair. The return takes a time with the Laplace transform `stays` at the rate of
    /// failure, that is the probability not to fail meanwhile; if it fails, it is out for a whole `repair` before it returns again.
    ///
    /// The number of failures before a successful return is geometric, 1 / stays - 1 on average, and by Wald's equation the unit works
    /// for mttf · (1 - stays) in each return that is tried.
    pub fn new(mttf: f64, repair: f64, undetected: f64, out: f64, seen: f64, stays: f64) -> Self {
        let failures = seen * (1.0 / stays - 1.0);
        let returning = seen * mttf * (1.0 - stays) / stays;
        Target { good: mttf, undetected, out: out + failures * repair, returning }
    }

    /// Share of requests that n such units lose: requests go to the good and the undetected alike and to all that are there if
    /// there are none of these; a unit serves up to `capacity` of the demand. The states of a unit are those of a semi-Markov process,
    /// whose stationary law depends on the mean times alone (Ross 1996, "Stochastic Processes", theorem 4.8.3).
    pub fn lost_by(self, n: u32, capacity: f64) -> f64 {
        let weights = [self.good, self.undetected, self.out, self.returning];
        1.0 - expected_of_units(n, weights, |[good, undetected, _, returning]| {
            let (healthy, asked) = if good + undetected > 0 { (good, good + undetected) } else { (returning, n) };
            f64::min(f64::from(healthy) / f64::from(asked), f64::from(healthy) * capacity)
        })
    }
}

/// Integral of f from a to b by Simpson's rule: exact for cubics, and for any smooth f with as many steps as it takes.
pub fn integral(a: f64, b: f64, steps: u32, f: impl Fn(f64) -> f64) -> f64 {
    let h = (b - a) / f64::from(steps);
    (0..steps)
        .map(|i| {
            let x = a + f64::from(i) * h;
            h / 6.0 * (f(x) + 4.0 * f(x + h / 2.0) + f(x + h))
        })
        .sum()
}

/// How long clients keep an answer beyond its TTL.
#[derive(Debug, Clone, Copy)]
pub enum Kept {
    /// Always this long.
    For(f64),
    /// Exponential with this mean.
    AboutExponentially(f64),
}

/// Lost time of clients who resolve a name that answered a region until time 0: `answers` says from when on the answer names it
/// or does not, `down` when it is down, after 0 (everything else works).
///
/// A client's TTL ends at a time that is uniform over one TTL, so the share that holds the answer is the answer averaged over the last
/// TTL: it is linear between the changes and one TTL after each. A fixed extra time shifts it. An exponential one, of mean m,
/// turns it into the solution of m y' = x - y; for x = a + b s that is y = a + b (s - m) + c e^(-s / m).
pub fn lost_to_a_region(answers: &[(f64, bool)], down: &[(f64, f64)], ttl: f64, kept: Kept) -> f64 {
    let named_until = |t: f64| {
        let mut sum = 0.0;
        for (index, (from, named)) in answers.iter().enumerate() {
            let to = answers.get(index + 1).map_or(t, |next| next.0.min(t));
            sum += if *named { (to - from).max(0.0) } else { 0.0 };
        }
        // Before the first change the region was named.
        sum + t.min(answers[0].0)
    };
    let share = |t: f64| (named_until(t) - named_until(t - ttl)) / ttl;
    let delay = if let Kept::For(delay) = kept { delay } else { 0.0 };
    let mut corners: Vec<f64> = answers.iter().flat_map(|(t, _)| [t + delay, t + ttl + delay]).collect();
    corners.extend(down.iter().flat_map(|(from, to)| [*from, *to]));
    corners.sort_by(f64::total_cmp);
    let (mut lost, mut y) = (0.0, 1.0);
    for pair in corners.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let length = to - from;
        if length <= 0.0 {
            continue;
        }
        let (a, end) = (share(from - delay), share(to - delay));
        let held = match kept {
            Kept::For(_) => 0.5 * (a + end) * length,
            Kept::AboutExponentially(m) => {
                let b = (end - a) / length;
                let c = y - a + b * m;
                let fading = (-length / m).exp();
                let held = (a - b * m) * length + 0.5 * b * length * length + c * m * (1.0 - fading);
                y = end - b * m + c * fading;
                held
            }
        };
        if down.iter().any(|(start, stop)| *start <= from && to <= *stop) {
            lost += held;
        }
    }
    lost
}

//! What is counted in a history: the loss between two events by quadrature, incidents, data losses.

use crate::world::World;
use ridethrough::model::Design;

/// Relative error at which a quadrature stops.
const PRECISION: f64 = 1e-10;
/// Halvings at which a quadrature stops in any case.
const DEEPEST: u32 = 40;
/// Cells in which the threshold is looked for, between two kinks.
const CELLS: usize = 32;

/// A maximal interval below the threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// Onset [s].
    pub onset: f64,
    /// Length seen [s].
    pub length: f64,
    /// Not over at the horizon.
    pub open: bool,
}

/// What a history amounts to.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Integral of what is not served [s].
    pub lost: f64,
    /// Time below the threshold [s].
    pub below: f64,
    /// Incidents, in order.
    pub incidents: Vec<Incident>,
    /// Data-losing events: age [s] and writes.
    pub losses: Vec<(f64, f64)>,
}

/// Counts while a history goes on.
pub struct Measure {
    from: f64,
    threshold: f64,
    until: f64,
    record: Record,
    onset: Option<f64>,
}

impl Measure {
    /// Starts to count at the end of the warm-up.
    pub fn new(design: &Design) -> Measure {
        Measure {
            from: design.warm_up.get(),
            threshold: design.up_threshold.get(),
            until: design.warm_up.get(),
            record: Record::default(),
            onset: None,
        }
    }

    /// Counts an interval in which no event happens.
    pub fn pass(&mut self, world: &World<'_>, start: f64, end: f64) {
        let start = start.max(self.from);
        if start >= end {
            return;
        }
        let (kinks, still) = world.kinks(start, end);
        let mut borders = vec![start];
        borders.extend(kinks);
        if still > start && still < end {
            borders.push(still);
        }
        borders.push(end);
        borders.sort_by(f64::total_cmp);
        borders.dedup();
        for pair in borders.windows(2) {
            let (left, right) = (pair[0], pair[1]);
            let served = |at: f64| world.served_fraction(at);
            if left >= still {
                let level = served(0.5 * (left + right));
                self.record.lost += (1.0 - level) * (right - left);
                self.state(left, right, level < self.threshold);
            } else {
                // Kinks that lie at simple parts of an interval would deceive the quadrature.
                let inside = [0.0, 0.317, 0.683_1, 1.0].map(|part| left + (right - left) * part);
                for piece in inside.windows(2) {
                    self.record.lost += simpson(&|at| 1.0 - served(at), piece[0], piece[1]);
                }
                self.crossings(&served, left, right);
            }
        }
    }

    /// Finds where the threshold is crossed between two kinks.
    fn crossings(&mut self, served: &dyn Fn(f64) -> f64, left: f64, right: f64) {
        let below = |at: f64| served(at) < self.threshold;
        let inside = |part: f64| left + (right - left) * part;
        let mut pieces = Vec::new();
        let mut from = left;
        let mut at = inside(1e-9);
        let mut state = below(at);
        for cell in 1..=CELLS {
            let next = inside((cell as f64 / CELLS as f64).min(1.0 - 1e-9));
            if below(next) != state {
                let (mut low, mut high) = (at, next);
                for _ in 0..60 {
                    let middle = 0.5 * (low + high);
                    if below(middle) == state {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                pieces.push((from, high, state));
                from = high;
                state = !state;
            }
            at = next;
        }
        pieces.push((from, right, state));
        for (from, to, state) in pieces {
            self.state(from, to, state);
        }
    }

    fn state(&mut self, from: f64, to: f64, below: bool) {
        if to <= from {
            return;
        }
        if below {
            self.onset.get_or_insert(from);
            self.record.below += to - from;
        } else {
            self.close(from, false);
        }
        self.until = to;
    }

    fn close(&mut self, at: f64, open: bool) {
        if let Some(onset) = self.onset.take() {
            self.record.incidents.push(Incident { onset, length: at - onset, open });
        }
    }

    /// The history is over.
    pub fn finish(mut self) -> Record {
        self.close(self.until, true);
        self.record
    }
}

/// Integral by adaptive Simpson quadrature.
fn simpson(f: &dyn Fn(f64) -> f64, left: f64, right: f64) -> f64 {
    let (a, m, b) = (f(left), f(0.5 * (left + right)), f(right));
    let whole = (right - left) / 6.0 * (a + 4.0 * m + b);
    let tolerance = PRECISION * whole.abs().max(1e-3 * (right - left));
    halve(f, (left, a), (right, b), m, whole, tolerance, DEEPEST)
}

fn halve(
    f: &dyn Fn(f64) -> f64,
    left: (f64, f64),
    right: (f64, f64),
    middle: f64,
    whole: f64,
    tolerance: f64,
    depth: u32,
) -> f64 {
    let center = 0.5 * (left.0 + right.0);
    let first = f(0.5 * (left.0 + center));
    let second = f(0.5 * (center + right.0));
    let step = (right.0 - left.0) / 12.0;
    let start = step * (left.1 + 4.0 * first + middle);
    let end = step * (middle + 4.0 * second + right.1);
    let error = start + end - whole;
    if depth == 0 || error.abs() <= 15.0 * tolerance {
        return start + end + error / 15.0;
    }
    let center = (center, middle);
    halve(f, left, center, first, start, 0.5 * tolerance, depth - 1)
        + halve(f, center, right, second, end, 0.5 * tolerance, depth - 1)
}

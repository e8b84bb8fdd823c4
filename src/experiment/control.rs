//! Control variates: what chance did to outages is known, so that it can be taken out of what was lost.
//!
//! In each history the failures of a mode differ from those that were to be expected of the lives as they were lived, and its repairs from their
//! mean length. Both differences have a mean of exactly 0 ([`Count`]), whatever else happens, and much of the spread of the losses
//! comes from them. So a loss less a weighted sum of them has the mean of the loss, and varies less (Lavenberg and Welch 1981, "A
//! perspective on the use of control variables to increase the efficiency of Monte Carlo simulations", Management Science 27).
//!
//! Weights are found by [`pilot`] histories that are then forgotten: they are constants to the histories that count, so no mean is biased, and whatever
//! is made of independent histories can be made of adjusted ones. Each cause has weights of its own, by stage, and those of all that is
//! lost are their sum, so that parts add up. Shares of histories and quantiles are of what was seen.

mod pilot;

pub use pilot::prepare;

use crate::engine::ledger::STAGES;
use crate::simulation::Count;

/// How histories of an experiment are adjusted.
#[derive(Debug, Clone, Default)]
pub struct Controls {
    /// Of each architecture, where it is adjusted.
    pub weights: Vec<Option<Weights>>,
    /// Histories of each architecture that found the weights.
    pub pilot: u64,
}

impl Controls {
    /// Those of an architecture, if it is adjusted.
    pub fn of(&self, architecture: usize) -> Option<&Weights> {
        self.weights.get(architecture)?.as_ref()
    }
}

/// By how much a history of an architecture is adjusted, by quantity.
#[derive(Debug, Clone, Default)]
pub struct Weights {
    /// Lost seconds: the sum of all cells.
    pub lost: Terms,
    /// Seconds below the threshold.
    pub down: Terms,
    /// Lost seconds of reads and of writes, each as a part of the whole demand; they add up to what is lost.
    pub apart: [Terms; 2],
    /// Writes lost.
    pub writes: Terms,
    /// Lost seconds of a cause, by stage; causes ascending.
    pub cells: Vec<(u64, [Terms; STAGES])>,
    /// The counts of a history in which nothing fails.
    pub quiet: Vec<Count>,
    /// By how much such a history is adjusted, of all that is lost.
    pub lost_if_quiet: f64,
    /// What is expected of lives is multiplied by this: 1, unless a test is to find out.
    pub expected: f64,
}

impl Weights {
    /// Nothing that matters here has failed.
    pub fn are_quiet(&self, counts: &[Count]) -> bool {
        counts == self.quiet
    }

    /// Those of a cause, if it is adjusted.
    pub fn cell(&self, modes: u64) -> Option<&[Terms; STAGES]> {
        self.cells.binary_search_by_key(&modes, |cell| cell.0).ok().map(|place| &self.cells[place].1)
    }

    /// By how much a quantity differs from its mean on account of what happened to outages.
    #[inline(never)]
    pub fn sum(&self, terms: &Terms, counts: &[Count]) -> f64 {
        let of = |term: &Term| {
            let count = counts[term.class];
            term.failures * (count.failures - self.expected * count.expected) + term.excess * count.excess
        };
        terms.0.iter().map(of).sum()
    }

    /// The same of each stage of a cause.
    pub fn by_stage(&self, stages: &[Terms; STAGES], counts: &[Count]) -> [f64; STAGES] {
        std::array::from_fn(|stage| self.sum(&stages[stage], counts))
    }
}

/// A weighted sum of counts.
#[derive(Debug, Clone, Default)]
pub struct Terms(Vec<Term>);

#[derive(Debug, Clone, Copy)]
struct Term {
    /// Position among the classes that the plan counts.
    class: usize,
    /// Of a failure more than expected.
    failures: f64,
    /// Of a second of repair more than on average.
    excess: f64,
}

impl Terms {
    /// Nothing is adjusted.
    pub fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    fn of(&mut self, class: usize) -> &mut Term {
        let place = self.0.iter().position(|term| term.class == class).unwrap_or_else(|| {
            self.0.push(Term { class, failures: 0.0, excess: 0.0 });
            self.0.len() - 1
        });
        &mut self.0[place]
    }

    /// Adds others, so many times.
    fn add(&mut self, others: &Terms, times: f64) {
        for other in &others.0 {
            let term = self.of(other.class);
            term.failures += times * other.failures;
            term.excess += times * other.excess;
        }
    }
}

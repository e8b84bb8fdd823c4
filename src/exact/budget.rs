//! How much an exact answer may cost: states and work are counted, never timed, so that the same design has the same answer everywhere.

/// What an exact answer may cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// States of a Markov chain at most.
    pub states: usize,
    /// Sums of products that may still be worked out.
    pub work: f64,
}

impl Budget {
    /// Beside a run, which it must not slow down: hundredths of a second.
    pub const BESIDE_A_RUN: Budget = Budget { states: 1_000, work: 2e7 };
    /// Where the answer is all that is asked for: seconds.
    pub const FOR_ITSELF: Budget = Budget { states: 100_000, work: 1e9 };

    /// Takes some work from what is left; false if there is not so much.
    pub(super) fn spend(&mut self, work: f64) -> bool {
        self.work -= work;
        self.work >= 0.0
    }

    /// A part of what is left (a share), to be spent on one attempt.
    pub(super) fn part(&mut self, share: f64) -> Budget {
        let work = self.work.max(0.0) * share;
        self.work -= work;
        Budget { work, ..*self }
    }

    /// Gets back what an attempt has left over.
    pub(super) fn refund(&mut self, rest: Budget) {
        self.work += rest.work.max(0.0);
    }
}

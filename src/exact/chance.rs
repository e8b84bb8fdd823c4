//! Probabilities that carry a flow: how often per second what they are about comes true, less how often it stops being true by a failure.
//!
//! Let a structure of independent parts be down with probability P(d1, d2, ...), d being the probability that a part is down. A part fails
//! at the rate f of its failures, and that takes the structure down with probability dP/dd, so the structure goes down f1 dP/dd1 + f2 dP/dd2
//! + ... times a second (Birnbaum 1969; Ross 1996, "Stochastic Processes", on availability of systems of alternating renewal processes).
//!   That is one directional derivative, so it is computed along with the probability itself: each part starts with its own f as flow.

use std::ops::{Add, AddAssign, Mul};

/// A probability and its flow (1/s).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Chance {
    /// The probability.
    pub value: f64,
    /// Its derivative in the direction of failures (1/s).
    pub flow: f64,
}

impl Chance {
    /// Certain.
    pub const ONE: Chance = Chance { value: 1.0, flow: 0.0 };
    /// Impossible.
    pub const ZERO: Chance = Chance { value: 0.0, flow: 0.0 };

    /// Neither is it ever so, nor does it become so.
    pub fn is_void(self) -> bool {
        self.value == 0.0 && self.flow == 0.0
    }
}

impl Add for Chance {
    type Output = Chance;

    fn add(self, other: Chance) -> Chance {
        Chance { value: self.value + other.value, flow: self.flow + other.flow }
    }
}

impl AddAssign for Chance {
    fn add_assign(&mut self, other: Chance) {
        *self = *self + other;
    }
}

impl Mul for Chance {
    type Output = Chance;

    fn mul(self, other: Chance) -> Chance {
        Chance { value: self.value * other.value, flow: self.value * other.flow + self.flow * other.value }
    }
}

impl Mul<f64> for Chance {
    type Output = Chance;

    fn mul(self, k: f64) -> Chance {
        Chance { value: self.value * k, flow: self.flow * k }
    }
}

/// When a probability is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Moment {
    /// In the long run.
    Stationary,
    /// So long (s) after a start with everything up and fresh.
    After(f64),
}

/// Up for a mean time, then down for a mean time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Alternating {
    /// Mean time up (s).
    pub up: f64,
    /// Mean time down (s).
    pub down: f64,
    /// Both times are exponential.
    pub memoryless: bool,
}

impl Alternating {
    /// Rates of failure and repair (1/s).
    fn rates(self) -> (f64, f64) {
        (1.0 / self.up, 1.0 / self.down)
    }

    /// It is up, and it is down.
    pub fn at(self, moment: Moment) -> (Chance, Chance) {
        if self.up == f64::INFINITY {
            return (Chance::ONE, Chance::ZERO);
        }
        let (up, down, failures) = match moment {
            Moment::Stationary if self.down == f64::INFINITY => (0.0, 1.0, 0.0),
            Moment::Stationary => {
                let cycle = self.up + self.down;
                (self.up / cycle, self.down / cycle, 1.0 / cycle)
            }
            Moment::After(_) if self.down == 0.0 => (1.0, 0.0, 1.0 / self.up),
            Moment::After(time) => {
                let (failing, mending) = self.rates();
                let both = failing + mending;
                let down = -libm::expm1(-both * time) * failing / both;
                let up = mending / both + libm::exp(-both * time) * failing / both;
                (up, down, up * failing)
            }
        };
        // An outage without length takes nothing down.
        let failures = if self.down == 0.0 { 0.0 } else { failures };
        (Chance { value: up, flow: -failures }, Chance { value: down, flow: failures })
    }

    /// How fast it forgets its start (1/s).
    pub fn forgets(self) -> f64 {
        let (failing, mending) = self.rates();
        failing + mending
    }
}

/// Up while all of these are.
pub(super) fn together(processes: &[Alternating], moment: Moment) -> (Chance, Chance) {
    processes.iter().fold((Chance::ONE, Chance::ZERO), |(up, down), process| {
        let (its_up, its_down) = process.at(moment);
        (up * its_up, down + up * its_down)
    })
}

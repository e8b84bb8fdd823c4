//! Laws as phases: a duration is a walk through a few states that each last an exponential time (Neuts 1981, "Matrix-Geometric Solutions in
//! Stochastic Models", chapter 2). Exponential, Erlang and hyperexponential laws and mixtures of them are, as are 0 and never.

use crate::law::Law;

/// Stages of an Erlang law at most.
const MOST_STAGES: f64 = 20.0;

/// A law as phases. Phase numbers start at 0.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Phases {
    /// Where it starts: a phase, or over at once.
    pub starts: Vec<(f64, Option<u8>)>,
    /// For each phase the rate of leaving it (1/s, 0 for never) and where to.
    rates: Vec<(f64, Option<u8>)>,
}

impl Phases {
    /// It does not end.
    pub fn never() -> Phases {
        Phases { starts: vec![(1.0, Some(0))], rates: vec![(0.0, None)] }
    }

    /// Phases of a law, if it has any.
    pub fn new(law: &Law) -> Option<Phases> {
        let mut phases = Phases { starts: Vec::new(), rates: Vec::new() };
        phases.add(1.0, law)?;
        Some(phases)
    }

    fn add(&mut self, weight: f64, law: &Law) -> Option<()> {
        if weight <= 0.0 {
            return Some(());
        }
        if law.is_zero() {
            self.starts.push((weight, None));
            return Some(());
        }
        if let Some(mean) = law.is_exponential() {
            return self.stages(weight, 1.0, mean);
        }
        match law {
            Law::Never => {
                self.starts.push((weight, Some(self.rates.len() as u8)));
                self.rates.push((0.0, None));
                Some(())
            }
            Law::Gamma { shape, scale } if shape.fract() == 0.0 && *shape <= MOST_STAGES => {
                self.stages(weight, *shape, *scale)
            }
            Law::Mixture(parts) => parts.iter().try_for_each(|(its, law)| self.add(weight * its, law)),
            _ => None,
        }
    }

    fn stages(&mut self, weight: f64, count: f64, mean: f64) -> Option<()> {
        let first = self.rates.len();
        let end = first + count as usize;
        if end > 60 {
            return None;
        }
        self.starts.push((weight, Some(first as u8)));
        for phase in first..end {
            self.rates.push((1.0 / mean, (phase + 1 < end).then_some(phase as u8 + 1)));
        }
        Some(())
    }

    /// It starts in one way only.
    pub fn single(&self) -> Option<u8> {
        match self.starts[..] {
            [(_, Some(phase))] => Some(phase),
            _ => None,
        }
    }

    /// Rate of leaving a phase (1/s), and the next one; none if the time is over.
    pub fn leave(&self, phase: u8) -> (f64, Option<u8>) {
        self.rates[usize::from(phase)]
    }
}

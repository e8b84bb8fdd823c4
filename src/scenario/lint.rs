//! Doubts: scenarios that can be simulated, but probably do not say what was meant.

mod dependencies;
mod effort;
mod loops;
mod objectives;
mod plausible;

use super::problem::Problem;
use super::resolve::CheckFields;
use super::tables::Scenario;
use crate::law::Law;
use crate::model::Design;

/// Looks at the tables and, if no error was found, at the design.
pub fn check(scenario: &Scenario, design: &Design, problems: &mut Vec<Problem>) {
    loops::check(scenario, problems);
    objectives::check(scenario, problems);
    plausible::check(scenario, problems);
    if !problems.iter().any(|problem| problem.severity == super::problem::Severity::Error) {
        plausible::capacity(scenario, design, problems);
        dependencies::check(scenario, design, problems);
        effort::check(scenario, design, problems);
    }
}

impl CheckFields<'_> {
    /// Mean time from a failure that does not hang to the verdict (s), if all of it could be read.
    fn mean_detection(&self) -> Option<f64> {
        match self.detection {
            Some(law) => law.sound().map(Law::mean),
            None => {
                let interval = self.interval.sound()?.0.get();
                Some(interval * (f64::from(self.unhealthy_threshold.sound()?.0) - 0.5))
            }
        }
    }

    /// The law of detection of a failure that does not hang, if all of it could be read.
    fn detection_law(&self) -> Option<Law> {
        match self.detection {
            Some(law) => law.sound().cloned(),
            None => {
                let interval = self.interval.sound()?.0.get();
                let threshold = f64::from(self.unhealthy_threshold.sound()?.0);
                Law::uniform(interval * (threshold - 1.0), interval * threshold).ok()
            }
        }
    }
}

//! Health checks: how long until a failure, or a restoration, is noticed.
//!
//! A target is checked every interval at a phase of its own, so the first check after a failure comes after U, uniform on
//! (0, interval), and the verdict after F - 1 further intervals. Source of the rule: ALB User Guide, "Health checks for your
//! target groups" (June 2023).

use crate::law::{Law, Stream};
use crate::model::HealthCheck;

/// A health check, ready to be sampled.
#[derive(Debug, Clone)]
pub struct Check {
    /// Time between two checks of a target (s).
    pub interval: f64,
    /// A hang is noticed this much later (s).
    pub timeout: f64,
    /// From the first failing check to the verdict (s).
    failing: f64,
    /// From the first passing check to the verdict (s).
    passing: f64,
    /// It sees an application hang.
    pub deep: bool,
    /// Probability that the check of a healthy target fails.
    false_failure: f64,
    failures: u32,
    successes: u32,
    detection: Option<Law>,
    recovery: Option<Law>,
}

/// What checks make of a target that was just launched, counted from its launch (s).
pub struct FirstChecks {
    /// The first that passes; never, where the verdict comes before the application answers.
    pub passes: f64,
    /// Who has not passed any by then is removed.
    pub verdict: f64,
}

impl Check {
    /// Compiles a check.
    pub fn new(check: &HealthCheck) -> Check {
        let intervals = |threshold: u32| f64::from(threshold.max(1) - 1) * check.interval.0;
        Check {
            interval: check.interval.0,
            timeout: check.timeout.0,
            failing: intervals(check.unhealthy_threshold),
            passing: intervals(check.healthy_threshold),
            deep: check.deep,
            false_failure: check.false_positive.get(),
            failures: check.unhealthy_threshold.max(1),
            successes: check.healthy_threshold.max(1),
            detection: check.detection.clone(),
            recovery: check.recovery.clone(),
        }
    }

    /// From a failure to the verdict (s); a hang adds the timeout of the check.
    pub fn detection(&self, hang: bool, stream: &mut Stream) -> f64 {
        match &self.detection {
            Some(law) => law.sample(stream),
            None => stream.uniform() * self.interval + self.failing + if hang { self.timeout } else { 0.0 },
        }
    }

    /// From a restoration to the verdict (s).
    pub fn recovery(&self, stream: &mut Stream) -> f64 {
        match &self.recovery {
            Some(law) => law.sample(stream),
            None if self.errs() => {
                let checks = stream.trials_until_run(1.0 - self.false_failure, self.successes);
                (checks - 1.0 + stream.uniform()) * self.interval
            }
            None => stream.uniform() * self.interval + self.passing,
        }
    }

    /// Checks of healthy targets may fail.
    pub fn errs(&self) -> bool {
        self.false_failure > 0.0
    }

    /// A law gives a delay without the rule.
    pub fn has_law(&self) -> bool {
        self.detection.is_some() || self.recovery.is_some()
    }

    /// From now until a healthy target has failed so many checks in a row that it is taken out; `at_check` if it was checked just now.
    pub fn false_verdict(&self, at_check: bool, stream: &mut Stream) -> f64 {
        let checks = stream.trials_until_run(self.false_failure, self.failures);
        if at_check { checks * self.interval } else { (checks - 1.0 + stream.uniform()) * self.interval }
    }

    /// From a false verdict, which falls at a check, until the target is back.
    pub fn recovery_from_false_verdict(&self, stream: &mut Stream) -> f64 {
        match &self.recovery {
            Some(law) => law.sample(stream),
            None => stream.trials_until_run(1.0 - self.false_failure, self.successes) * self.interval,
        }
    }

    /// From the start of a new target's application until its one success (s).
    pub fn first_success(&self, stream: &mut Stream) -> f64 {
        match &self.recovery {
            Some(law) => law.sample(stream),
            None => stream.uniform() * self.interval,
        }
    }

    /// The latest verdict on a target that does not answer, counted from where detection may begin (s).
    pub fn latest_verdict(&self) -> f64 {
        match &self.detection {
            Some(law) => law.quantile(1.0),
            None => self.interval + self.failing,
        }
    }

    /// The first checks of a target whose application answers after `boot`, counted from its launch (s).
    pub fn first_checks(&self, boot: f64, grace: f64, stream: &mut Stream) -> FirstChecks {
        let phase = stream.uniform() * self.interval;
        let verdict = match &self.detection {
            Some(law) => grace + law.sample(stream),
            None => grace + phase + self.failing,
        };
        let passes = match &self.recovery {
            _ if boot > verdict => f64::INFINITY,
            Some(law) => boot + law.sample(stream),
            // The first check at or after the boot, on the same lattice of checks as the verdict.
            None => {
                let lattice = grace + phase;
                lattice + ((boot - lattice) / self.interval).ceil() * self.interval
            }
        };
        FirstChecks { passes, verdict }
    }
}

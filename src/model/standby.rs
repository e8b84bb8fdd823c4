//! Regions that stand by for another one.

use super::RegionId;
use crate::law::Law;
use crate::units::{Fraction, Seconds};

/// A region that stands by until clients are sent there.
#[derive(Debug, Clone, PartialEq)]
pub struct Standby {
    /// The region.
    pub region: RegionId,
    /// Share of its units that run while it stands by.
    pub share: Fraction,
    /// From the decision to use it until its infrastructure and data are there.
    pub provision: Law,
    /// From then until all of its units run.
    pub scale_up: Law,
    /// From the instant it is not answered any more until it stands by again.
    pub scale_down: Law,
    /// When clients are sent there.
    pub switch: Switch,
    /// How it may be broken without anybody knowing.
    pub broken: Option<Broken>,
}

/// When clients are sent to a standby.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// When all of its units run.
    WhenReady,
    /// As soon as it is decided.
    AtOnce,
}

/// Something that stands by and breaks without anybody noticing: only an exercise or its use shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// Mean time until it is broken (s), exponential, from the last time it was known to work; above 0.
    pub mttf: Seconds,
    /// Time between exercises (s), each of which leaves it working; none if it is never exercised.
    pub exercise: Option<Seconds>,
    /// What it takes to mend it when it is needed.
    pub fix: Law,
}

/// What a failback itself may break.
#[derive(Debug, Clone, PartialEq)]
pub struct FailbackRisk {
    /// Probability that a failback fails.
    pub probability: Fraction,
    /// How long the service is then down.
    pub recover: Law,
}

/// How many checkers look at an endpoint, each at its own phase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Checkers {
    /// Their number, at least 1.
    pub count: u32,
    /// An endpoint is healthy while more than this share of them say so; below 1.
    pub healthy_share: Fraction,
}

impl Checkers {
    /// Fewest checkers that have to say healthy: the first number above the share of them.
    #[must_use]
    pub fn quorum(&self) -> u32 {
        // 0.2 of 15 is 3, whatever the product is rounded to.
        let share = self.healthy_share.get() * f64::from(self.count);
        let nearest = share.round();
        let most = if (share - nearest).abs() < 1e-9 { nearest } else { share.floor() };
        (most as u32 + 1).min(self.count)
    }
}

/// Clients who are nearer to some regions than to others.
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    /// Name in the scenario.
    pub name: String,
    /// Share of the demand.
    pub share: Fraction,
    /// All regions of the record, the one they prefer first.
    pub prefers: Vec<RegionId>,
}

//! Tiers to be.

use super::checks::checked_after;
use super::laws::{fixed, share};
use ridethrough::law::Law;
use ridethrough::model::{AutoScaling, CheckType, LoadBalancer, Spares, Tier, Upkeep};
use ridethrough::units::{Fraction, Rate, Seconds};

/// A tier to be: what [`Tier`] says, with zones by name.
#[derive(Debug, Clone)]
pub struct TierPart {
    pub(super) tier: Tier,
    pub(super) zones: Option<Vec<&'static str>>,
}

/// A pool of units, dealt round to all zones, each with its own repair crew; killed units are never replaced.
pub fn pool(name: &str, units: u32) -> TierPart {
    tier(name, Upkeep::Pool { units, crews: None, replacement: Law::Never, spares: None })
}

/// A pool whose killed units are replaced.
pub fn replaced_pool(name: &str, units: u32, replacement: Law) -> TierPart {
    tier(name, Upkeep::Pool { units, crews: None, replacement, spares: None })
}

/// A pool with few repair crews.
pub fn crewed_pool(name: &str, units: u32, crews: u32) -> TierPart {
    tier(name, Upkeep::Pool { units, crews: Some(crews), replacement: Law::Never, spares: None })
}

/// An auto scaling group that looks at its instances only and sees a dead one after 60 s. It launches in 40 s and boots in 100 s.
pub fn group(name: &str, desired: u32) -> TierPart {
    let scaling = AutoScaling {
        min: desired,
        desired,
        max: desired,
        check: CheckType::Ec2,
        grace: Seconds(0.0),
        status_check: checked_after(fixed(60.0), fixed(0.0)),
        terminate: fixed(0.0),
        launch: fixed(40.0),
        boot: fixed(100.0),
        launch_failure: Fraction::ZERO,
        retry: fixed(60.0),
    };
    tier(name, Upkeep::AutoScaling(scaling))
}

fn tier(name: &str, upkeep: Upkeep) -> TierPart {
    let tier = Tier { name: name.into(), zones: Vec::new(), capacity: None, required: 1, upkeep, load_balancer: None };
    TierPart { tier, zones: None }
}

impl TierPart {
    /// Serves nothing with fewer healthy units.
    pub fn required(mut self, units: u32) -> Self {
        self.tier.required = units;
        self
    }

    /// Each unit serves so many requests per second.
    pub fn capacity(mut self, rate: f64) -> Self {
        self.tier.capacity = Some(Rate(rate));
        self
    }

    /// Only in these zones.
    pub fn within(mut self, zones: &[&'static str]) -> Self {
        self.zones = Some(zones.to_vec());
        self
    }

    /// Machines stand by: how many, at which share of the failure rate, how soon they serve, and how surely.
    pub fn spared(mut self, count: u32, dormant: f64, switch_over: Law, coverage: f64) -> Self {
        let (dormant, coverage) = (share(dormant), share(coverage));
        match &mut self.tier.upkeep {
            Upkeep::Pool { spares, .. } => *spares = Some(Spares { count, dormant, switch_over, coverage }),
            Upkeep::AutoScaling(_) => panic!("{} is a group", self.tier.name),
        }
        self
    }

    /// Requests come through a load balancer.
    pub fn behind(mut self, balancer: LoadBalancer) -> Self {
        self.tier.load_balancer = Some(balancer);
        self
    }

    /// The group believes the load balancer, once an instance is older than the grace period.
    pub fn believing_the_balancer(self, grace: f64) -> Self {
        self.scaling(|group| {
            group.check = CheckType::Elb;
            group.grace = Seconds(grace);
        })
    }

    /// From the verdict until the launch may start.
    pub fn terminating_in(self, law: Law) -> Self {
        self.scaling(|group| group.terminate = law)
    }

    /// From the launch request until the instance runs.
    pub fn launching_in(self, law: Law) -> Self {
        self.scaling(|group| group.launch = law)
    }

    /// The group's own check sees a dead instance after this time.
    pub fn seen_by_the_group_after(self, law: Law) -> Self {
        self.scaling(|group| group.status_check.detection = Some(law))
    }

    /// From running until the application answers.
    pub fn booting_in(self, law: Law) -> Self {
        self.scaling(|group| group.boot = law)
    }

    /// A launch fails at its end with this probability, and is tried again this much later.
    pub fn failing_to_launch(self, probability: f64, retry: Law) -> Self {
        self.scaling(|group| {
            group.launch_failure = share(probability);
            group.retry = retry;
        })
    }

    /// The same group with a grace period although it looks at its instances only.
    pub fn with_unused_grace(self, grace: f64) -> Self {
        self.scaling(|group| group.grace = Seconds(grace))
    }

    fn scaling(mut self, change: impl FnOnce(&mut AutoScaling)) -> Self {
        match &mut self.tier.upkeep {
            Upkeep::AutoScaling(group) => change(group),
            Upkeep::Pool { .. } => panic!("{} is a pool", self.tier.name),
        }
        self
    }
}

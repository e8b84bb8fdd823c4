//! DNS names to be, regions that stand by, people who decide.

use super::checks::checked_after;
use super::laws::{HOUR, fixed, never, share};
use crate::selftest::answers::Kept;
use ridethrough::law::Law;
use ridethrough::model::{
    Broken, Checkers, Cohort, Dns, Failback, FailbackRisk, HealthCheck, OnCall, Record, Stale, Standby, Switch,
    WorkingHours,
};
use ridethrough::units::{Fraction, Seconds};

/// A DNS name to be, with its regions by name.
#[derive(Debug, Clone)]
pub struct Name {
    pub(super) regions: Vec<(&'static str, f64)>,
    pub(super) weighted: bool,
    pub(super) populations: Vec<(f64, Vec<&'static str>)>,
    pub(super) standbys: Vec<(&'static str, Standby)>,
    pub(super) dns: Dns,
}

/// A name that answers the first healthy region, and is asked again after `ttl`; a failing endpoint is seen after 30 s and a
/// healthy one after 20 s.
pub fn failover<const N: usize>(regions: [&'static str; N], ttl: f64) -> Name {
    let dns = Dns {
        record: Record::Failover(Vec::new()),
        ttl: Seconds(ttl),
        check: Some(checked_after(fixed(30.0), fixed(20.0))),
        checkers: Checkers { count: 1, healthy_share: Fraction::ZERO },
        decision: fixed(0.0).into(),
        coverage: Fraction::ONE,
        manual: never().into(),
        publish: fixed(0.0),
        failback: Failback::Automatic(fixed(0.0)),
        failback_risk: None,
        standbys: Vec::new(),
        cohorts: vec![Cohort { name: "honest".into(), share: Fraction::ONE, ttl: Seconds(ttl), stale: Stale::None }],
        resolvers: None,
    };
    let regions = regions.map(|region| (region, 1.0)).into();
    Name { regions, weighted: false, populations: Vec::new(), standbys: Vec::new(), dns }
}

/// The same name, that answers to each population, a share of the clients, the first healthy region in its order.
pub fn nearest<const N: usize>(populations: [(f64, &[&'static str]); N], ttl: f64) -> Name {
    Name { populations: populations.map(|(share, order)| (share, order.to_vec())).into(), ..failover([], ttl) }
}

/// The same name, that answers all healthy regions by weight.
pub fn weighted<const N: usize>(regions: [(&'static str, f64); N], ttl: f64) -> Name {
    Name { regions: regions.into(), weighted: true, ..failover([], ttl) }
}

/// A region that stands by with a share of its units, is scaled up in a time, and back within an hour after its use.
pub fn standby(part: f64, scale_up: Law) -> Standby {
    Standby {
        region: 0,
        share: share(part),
        provision: fixed(0.0),
        scale_up,
        scale_down: fixed(HOUR),
        switch: Switch::WhenReady,
        broken: None,
    }
}

/// Something that breaks silently: with this mean time to failure, found by exercises at this interval, mended in a time.
pub fn broken(mttf: f64, exercise: Option<f64>, fix: Law) -> Broken {
    Broken { mttf: Seconds(mttf), exercise: exercise.map(Seconds), fix }
}

/// People on call who acknowledge in 5 min and decide in 10 min; outside of Monday to Friday, 08:00 to 18:00, it takes longer.
pub fn people(outside: Law) -> OnCall {
    let hours = WorkingHours {
        from: Seconds(8.0 * HOUR),
        to: Seconds(18.0 * HOUR),
        days: [true, true, true, true, true, false, false],
        outside,
    };
    OnCall { acknowledge: fixed(300.0), decide: fixed(600.0), hours: Some(hours) }
}

impl Name {
    /// Endpoints are checked like this.
    pub fn checked(mut self, check: HealthCheck) -> Self {
        self.dns.check = Some(check);
        self
    }

    /// Nobody looks: the answer never changes.
    pub fn unchecked(mut self) -> Self {
        self.dns.check = None;
        self
    }

    /// From detection until the change is decided.
    pub fn decided_in(mut self, law: Law) -> Self {
        self.dns.decision = law.into();
        self
    }

    /// The change works by itself with this probability; otherwise it is decided by hand, in this time.
    pub fn covered(mut self, coverage: f64, manual: Law) -> Self {
        self.dns.coverage = share(coverage);
        self.dns.manual = manual.into();
        self
    }

    /// From the decision until the new answer is served.
    pub fn published_in(mut self, law: Law) -> Self {
        self.dns.publish = law;
        self
    }

    /// So many checkers look at each endpoint, and more than this share of them has to say that it is healthy.
    pub fn seen_by(mut self, count: u32, healthy_share: f64) -> Self {
        self.dns.checkers = Checkers { count, healthy_share: share(healthy_share) };
        self
    }

    /// People decide.
    pub fn decided_by(mut self, people: OnCall) -> Self {
        self.dns.decision = people.into();
        self
    }

    /// A region stands by.
    pub fn standing_by(mut self, region: &'static str, standby: Standby) -> Self {
        self.standbys.push((region, standby));
        self
    }

    /// A failback takes the service down with this probability, for so long.
    pub fn risking(mut self, probability: f64, recover: Law) -> Self {
        self.dns.failback_risk = Some(FailbackRisk { probability: share(probability), recover });
        self
    }

    /// What happens when an endpoint is healthy again.
    pub fn failback(mut self, failback: Failback) -> Self {
        self.dns.failback = failback;
        self
    }

    /// A share of the clients, taken from the honest ones, keeps answers for `ttl` and expired ones for longer.
    pub fn cohort(mut self, part: f64, ttl: f64, kept: Kept) -> Self {
        let honest = &mut self.dns.cohorts[0];
        honest.share = share(honest.share.get() - part);
        let name = format!("cohort {}", self.dns.cohorts.len());
        let stale = match kept {
            Kept::For(0.0) => Stale::None,
            Kept::For(extra) => Stale::Fixed(Seconds(extra)),
            Kept::AboutExponentially(mean) => Stale::Exponential(Seconds(mean)),
        };
        self.dns.cohorts.push(Cohort { name, share: share(part), ttl: Seconds(ttl), stale });
        self
    }
}

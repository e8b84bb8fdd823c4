//! Designs that read like sentences.
//!
//! A design is said part by part, from places over what stands in them to what fails; parts are named, and names that do not
//! exist panic. Durations are seconds, means are means. What is not said is perfect: no failures, unlimited capacity, no delay.

use super::answers::Kept;
use ridethrough::law::Law;
use ridethrough::model::{
    AutoScaling, Backup, Broken, Change, CheckType, Checkers, Client, Cohort, Database, Decision, Demand, Dependency,
    Design, Dns, Effect, Failback, FailbackRisk, FailureMode, HealthCheck, Hours, LoadBalancer, Maintenance, Need,
    Nodes, Objectives, OnCall, Peak, Population, Quorum, Reach, Record, Region, Replica, Retry, Routing, Scope,
    Sessions, Spares, Stack, Stale, Standby, Storage, Switch, Symptom, Tier, Touches, Upkeep, WorkingHours, ZonalShift,
    Zone, ZoneId,
};
use ridethrough::units::{Fraction, Rate, Seconds};

/// One minute (s).
pub const MINUTE: f64 = 60.0;
/// One hour (s).
pub const HOUR: f64 = 3_600.0;
/// One day (s).
pub const DAY: f64 = 86_400.0;
/// One year of 365 days (s).
pub const YEAR: f64 = 31_536_000.0;

/// Always this long.
pub fn fixed(seconds: f64) -> Law {
    Law::Fixed(seconds)
}

/// Exponential with this mean.
pub fn exponential(mean: f64) -> Law {
    Law::Exponential { mean }
}

/// Equally likely anywhere between two durations.
pub fn uniform(low: f64, high: f64) -> Law {
    Law::Uniform { low, high }
}

/// Lognormal with this mean and standard deviation of the logarithm: its median is mean · exp(-sigma² / 2).
pub fn lognormal(mean: f64, sigma: f64) -> Law {
    Law::Lognormal { mu: mean.ln() - 0.5 * sigma * sigma, sigma }
}

/// Weibull of shape 2 (wear) with this mean, which is scale · gamma(3/2) = scale · sqrt(pi) / 2.
pub fn wearing(mean: f64) -> Law {
    Law::Weibull { scale: mean * 2.0 / std::f64::consts::PI.sqrt(), shape: 2.0 }
}

/// Weibull of shape 1/2 (early failures) with this mean, which is scale · gamma(3) = 2 · scale.
pub fn infant(mean: f64) -> Law {
    Law::Weibull { scale: mean / 2.0, shape: 0.5 }
}

/// Gamma with this mean and shape.
pub fn gamma(mean: f64, shape: f64) -> Law {
    Law::Gamma { shape, scale: mean / shape }
}

/// One of several laws, by chance.
pub fn mixture<const N: usize>(parts: [(f64, Law); N]) -> Law {
    Law::Mixture(parts.into())
}

/// It does not end.
pub fn never() -> Law {
    Law::Never
}

/// A share of 1.
pub fn share(value: f64) -> Fraction {
    Fraction::new(value).expect("a share from 0 to 1")
}

/// What a failure takes down, by name.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// Each unit of a tier.
    EachUnit(&'static str),
    /// Each node of a database.
    EachNode(&'static str),
    /// All units of a tier in a region, at once.
    WholeTier(&'static str, &'static str),
    /// Each zone there is.
    EachZone,
    /// One zone.
    OneZone(&'static str),
    /// Each region there is.
    EachRegion,
    /// One region.
    OneRegion(&'static str),
    /// The control plane of a region.
    ControlPlane(&'static str),
    /// The control plane of everything.
    GlobalControlPlane,
    /// A dependency.
    Service(&'static str),
    /// Everything.
    Everything,
}

/// What a stack needs, by name.
#[derive(Debug, Clone)]
pub enum Needs {
    /// A tier, database or dependency.
    Part(&'static str),
    /// All of them, in this order.
    All(Vec<Needs>),
    /// What one fails is tried on the next.
    Any(Vec<Needs>),
    /// As good as the k-th best.
    Best(usize, Vec<Needs>),
}

/// A part by its name.
pub fn part(name: &'static str) -> Needs {
    Needs::Part(name)
}

/// All of these, in this order.
pub fn all_of<const N: usize>(needs: [Needs; N]) -> Needs {
    Needs::All(needs.into())
}

/// Any of these: what one fails is tried on the next.
pub fn any_of<const N: usize>(needs: [Needs; N]) -> Needs {
    Needs::Any(needs.into())
}

/// At least so many of these.
pub fn k_of<const N: usize>(k: usize, needs: [Needs; N]) -> Needs {
    Needs::Best(k, needs.into())
}

/// A health check with delays of these laws.
pub fn checked_after(detection: Law, recovery: Law) -> HealthCheck {
    HealthCheck { detection: Some(detection), recovery: Some(recovery), ..checked_every(30.0, 2, 5) }
}

/// A deep health check by the rule: an interval, failures in a row to be out, successes in a row to be back, a timeout of 5 s.
pub fn checked_every(interval: f64, failures: u32, successes: u32) -> HealthCheck {
    HealthCheck {
        interval: Seconds(interval),
        timeout: Seconds(5.0),
        unhealthy_threshold: failures,
        healthy_threshold: successes,
        deep: true,
        false_positive: Fraction::ZERO,
        detection: None,
        recovery: None,
    }
}

/// The same check, that does not see a hang (of a region: only sees the region and its zones).
pub fn shallow(check: HealthCheck) -> HealthCheck {
    HealthCheck { deep: false, ..check }
}

/// A load balancer whose nodes reach targets in all zones and leave the answer at once.
pub fn balancer(check: HealthCheck) -> LoadBalancer {
    LoadBalancer { check, cross_zone: true, zone_ttl: Seconds(0.0), zonal_shift: None, overload: None }
}

/// A load balancer whose nodes reach the targets of their own zone, and whose addresses clients keep for up to `zone_ttl`.
pub fn zonal_balancer(check: HealthCheck, zone_ttl: f64) -> LoadBalancer {
    LoadBalancer { check, cross_zone: false, zone_ttl: Seconds(zone_ttl), zonal_shift: None, overload: None }
}

/// The same check, which fails of a healthy target with this probability.
pub fn erring(check: HealthCheck, probability: f64) -> HealthCheck {
    HealthCheck { false_positive: share(probability), ..check }
}

/// The same load balancer, in front of units that fail their checks above this many times their capacity.
pub fn straining(balancer: LoadBalancer, limit: f64) -> LoadBalancer {
    LoadBalancer { overload: Some(limit), ..balancer }
}

/// The same load balancer, from whose impaired zones people move the traffic away.
pub fn shifted(balancer: LoadBalancer, shift: ZonalShift) -> LoadBalancer {
    LoadBalancer { zonal_shift: Some(shift), ..balancer }
}

/// A tier to be: what [`Tier`] says, with zones by name.
#[derive(Debug, Clone)]
pub struct TierPart {
    tier: Tier,
    zones: Option<Vec<&'static str>>,
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

/// A copy of a database to be, with its zone by name.
#[derive(Debug, Clone)]
pub struct Copy {
    zone: &'static str,
    copy: Replica,
}

/// A copy that is promoted at once, always.
pub fn copy(zone: &'static str) -> Copy {
    let copy = Replica {
        zone: 0,
        decision: fixed(0.0).into(),
        promotion: fixed(0.0),
        coverage: Fraction::ONE,
        manual: never().into(),
        broken: None,
        lag: fixed(0.0),
        failback: None,
        failback_risk: None,
    };
    Copy { zone, copy }
}

impl Copy {
    /// From detection until the failover is decided.
    pub fn decided_in(mut self, law: Law) -> Self {
        self.copy.decision = law.into();
        self
    }

    /// From the decision until the copy serves.
    pub fn promoted_in(mut self, law: Law) -> Self {
        self.copy.promotion = law;
        self
    }

    /// The failover works by itself with this probability; otherwise it takes this long by hand.
    pub fn covered(mut self, coverage: f64, manual: Law) -> Self {
        self.copy.coverage = share(coverage);
        self.copy.manual = manual.into();
        self
    }

    /// People decide.
    pub fn decided_by(mut self, people: OnCall) -> Self {
        self.copy.decision = people.into();
        self
    }

    /// It breaks without anybody noticing.
    pub fn breaking(mut self, broken: Broken) -> Self {
        self.copy.broken = Some(broken);
        self
    }

    /// How far it lags behind.
    pub fn lagging(mut self, law: Law) -> Self {
        self.copy.lag = law;
        self
    }

    /// From the return of the first primary until the roles are switched back.
    pub fn failing_back_after(mut self, law: Law) -> Self {
        self.copy.failback = Some(law);
        self
    }

    /// Which takes the database down with this probability, for so long.
    pub fn risking(mut self, probability: f64, recover: Law) -> Self {
        self.copy.failback_risk = Some(FailbackRisk { probability: share(probability), recover });
        self
    }
}

/// A database to be, with its zones by name.
#[derive(Debug, Clone)]
pub struct DatabasePart {
    primary: &'static str,
    standby: Option<Copy>,
    second: Option<&'static str>,
    replica: Option<Copy>,
    places: Vec<&'static str>,
    database: Database,
}

/// Equal nodes in these zones, so many of which a read and a write need.
pub fn quorum(name: &str, zones: &[&'static str], read: u32, write: u32) -> DatabasePart {
    let nodes = Nodes::Zones(Vec::new());
    let quorum = Quorum { nodes, write, read, lag: None, conflict_share: Fraction::ZERO };
    let mut part = database(name, zones[0]);
    part.database.quorum = Some(quorum);
    DatabasePart { places: zones.to_vec(), ..part }
}

/// A copy in each of these regions, so many of which a read and a write need.
pub fn copies(name: &str, regions: &[&'static str], read: u32, write: u32) -> DatabasePart {
    let mut part = quorum(name, regions, read, write);
    part.database.quorum.as_mut().expect("it was just made").nodes = Nodes::Regions(Vec::new());
    part
}

/// A single node.
pub fn database(name: &str, primary: &'static str) -> DatabasePart {
    let database = Database {
        name: name.into(),
        primary: 0,
        detection: fixed(0.0),
        endpoint_ttl: Seconds(0.0),
        rebuild: fixed(0.0),
        reads_survive: false,
        standby: None,
        second_standby: None,
        replica: None,
        storage: None,
        backup: None,
        quorum: None,
    };
    DatabasePart { primary, standby: None, second: None, replica: None, places: Vec::new(), database }
}

impl DatabasePart {
    /// From the failure of the serving node until it is noticed.
    pub fn noticed_after(mut self, law: Law) -> Self {
        self.database.detection = law;
        self
    }

    /// Clients keep the old address for up to this long.
    pub fn endpoint_ttl(mut self, seconds: f64) -> Self {
        self.database.endpoint_ttl = Seconds(seconds);
        self
    }

    /// From the return of a node until it is a copy again.
    pub fn rebuilt_in(mut self, law: Law) -> Self {
        self.database.rebuild = law;
        self
    }

    /// With a synchronous copy.
    pub fn standby(mut self, copy: Copy) -> Self {
        self.standby = Some(copy);
        self
    }

    /// With an asynchronous copy.
    pub fn replica(mut self, copy: Copy) -> Self {
        self.replica = Some(copy);
        self
    }

    /// Reads are served while writes are not.
    pub fn reads_survive(mut self) -> Self {
        self.database.reads_survive = true;
        self
    }

    /// With a second synchronous copy in this zone.
    pub fn second_standby(mut self, zone: &'static str) -> Self {
        self.second = Some(zone);
        self
    }

    /// On storage that outlives nodes and zones: a new node takes so long in the old zone, and elsewhere.
    pub fn stored(mut self, recreate: Law, elsewhere: Law) -> Self {
        self.database.storage = Some(Storage { recreate, elsewhere });
        self
    }

    /// The last writer wins: writes reach other regions so much later, and a share of those that come back is overtaken.
    pub fn sending_after(mut self, lag: Law, overtaken: f64) -> Self {
        let quorum = self.database.quorum.as_mut().expect("equal nodes");
        (quorum.lag, quorum.conflict_share) = (Some(lag), share(overtaken));
        self
    }

    /// Restore points are kept for so long.
    pub fn kept_for(mut self, seconds: f64) -> Self {
        self.database.backup.as_mut().expect("backups").retention = Some(Seconds(seconds));
        self
    }

    /// With restore points at an interval, and a time from detection to the decision and one for the restore.
    pub fn backup(mut self, interval: f64, decision: impl Into<Decision>, restore: Law) -> Self {
        let decision = decision.into();
        self.database.backup = Some(Backup { interval: Seconds(interval), retention: None, restore, decision });
        self
    }
}

/// A DNS name to be, with its regions by name.
#[derive(Debug, Clone)]
pub struct Name {
    regions: Vec<(&'static str, f64)>,
    weighted: bool,
    populations: Vec<(f64, Vec<&'static str>)>,
    standbys: Vec<(&'static str, Standby)>,
    dns: Dns,
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
        price_per_million: None,
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

/// Changes to be, with what they touch by name.
#[derive(Debug, Clone)]
pub struct Rollout {
    touches: Place,
    change: Change,
}

/// A change every week that is always bad, reaches everything at once, is noticed at once and never rolled back.
pub fn rollout(name: &str, touches: Place) -> Rollout {
    let change = Change {
        name: name.into(),
        touches: Touches::Everything,
        stages: vec![Reach::All],
        every: fixed(7.0 * DAY),
        failure: Fraction::ONE,
        bake: fixed(0.0),
        detection: fixed(0.0),
        rollback: never(),
        rollback_needs_control_plane: false,
        symptom: Symptom::Crash,
    };
    Rollout { touches, change }
}

impl Rollout {
    /// From start to start.
    pub fn every(mut self, law: Law) -> Self {
        self.change.every = law;
        self
    }

    /// Bad with this probability.
    pub fn bad(mut self, probability: f64) -> Self {
        self.change.failure = share(probability);
        self
    }

    /// In these stages, a bake time apart.
    pub fn staged(mut self, stages: &[Reach], bake: f64) -> Self {
        (self.change.stages, self.change.bake) = (stages.to_vec(), fixed(bake));
        self
    }

    /// Noticed after a time, and then rolled back in another.
    pub fn undone(mut self, detection: Law, rollback: Law) -> Self {
        (self.change.detection, self.change.rollback) = (detection, rollback);
        self
    }

    /// What it touches stays up and fails this share of its requests.
    pub fn gray(mut self, error: f64) -> Self {
        self.change.symptom = Symptom::Gray { error: share(error), seen: false };
        self
    }

    /// The rollback waits for control planes.
    pub fn with_control_planes(mut self) -> Self {
        self.change.rollback_needs_control_plane = true;
        self
    }
}

/// From one time of the day to another (s), on all days.
pub fn daily(from: f64, to: f64) -> Hours {
    Hours { from: Seconds(from), to: Seconds(to), days: [true; 7] }
}

/// A design that is being said.
#[derive(Debug, Clone)]
pub struct World {
    design: Design,
    needs: Option<Needs>,
}

/// A world without anything in it, for so long a history.
pub fn world(horizon: f64) -> World {
    let design = Design {
        name: "design".into(),
        question: None,
        regions: Vec::new(),
        zones: Vec::new(),
        tiers: Vec::new(),
        databases: Vec::new(),
        dependencies: Vec::new(),
        stacks: Vec::new(),
        routing: Routing::Direct,
        sessions: None,
        failures: Vec::new(),
        changes: Vec::new(),
        maintenance: Vec::new(),
        demand: Demand { rate: Rate(100.0), writes: Rate(10.0), profile: Vec::new() },
        objectives: Objectives::default(),
        horizon: Seconds(horizon),
        warm_up: Seconds(0.0),
        up_threshold: share(0.99),
        replications: None,
        assumptions: Vec::new(),
        unused: Vec::new(),
    };
    World { design, needs: None }
}

impl World {
    /// The first stretch of the history does not count.
    pub fn warming_up(mut self, seconds: f64) -> Self {
        self.design.warm_up = Seconds(seconds);
        self
    }

    /// Called something else.
    pub fn named(mut self, name: &str) -> Self {
        self.design.name = name.into();
        self
    }

    /// An incident is on while less than this is served.
    pub fn up_from(mut self, threshold: f64) -> Self {
        self.design.up_threshold = share(threshold);
        self
    }

    /// The owner wants this availability.
    pub fn wanting(mut self, availability: f64) -> Self {
        self.design.objectives.availability = Some(share(availability));
        self
    }

    /// A region and its zones; regions and zones come in the order of their names.
    pub fn region(mut self, name: &str, zones: &[&str]) -> Self {
        let region = self.design.regions.len();
        self.design.regions.push(Region { name: name.into() });
        self.design.zones.extend(zones.iter().map(|zone| Zone { name: (*zone).into(), region }));
        assert!(self.design.regions.is_sorted_by_key(|region| &region.name) && zones.is_sorted());
        self
    }

    /// A tier; tiers come in the order of their names.
    pub fn tier(mut self, part: TierPart) -> Self {
        let all = (0..self.design.zones.len()).collect();
        let zones: Vec<ZoneId> = part.zones.map_or(all, |names| names.iter().map(|name| self.zone(name)).collect());
        self.design.tiers.push(Tier { zones, ..part.tier });
        assert!(self.design.tiers.is_sorted_by_key(|tier| &tier.name));
        self
    }

    /// A database; databases come in the order of their names.
    pub fn database(mut self, part: DatabasePart) -> Self {
        let placed = |copy: Option<Copy>| copy.map(|it| Replica { zone: self.zone(it.zone), ..it.copy });
        let (standby, replica) = (placed(part.standby), placed(part.replica));
        let second_standby = part.second.map(|zone| self.zone(zone));
        let quorum = part.database.quorum.map(|quorum| {
            let nodes = match quorum.nodes {
                Nodes::Regions(_) => Nodes::Regions(part.places.iter().map(|name| self.place(name)).collect()),
                _ => Nodes::Zones(part.places.iter().map(|name| self.zone(name)).collect()),
            };
            Quorum { nodes, ..quorum }
        });
        let primary = if quorum.is_some() { 0 } else { self.zone(part.primary) };
        self.design.databases.push(Database { primary, standby, second_standby, replica, quorum, ..part.database });
        assert!(self.design.databases.is_sorted_by_key(|database| &database.name));
        self
    }

    /// A service without which everything fails, everywhere; dependencies come in the order of their names.
    pub fn dependency(self, name: &str) -> Self {
        self.soft_dependency(name, 1.0)
    }

    /// A service without which this share of the requests fails.
    pub fn soft_dependency(mut self, name: &str, cost: f64) -> Self {
        self.design.dependencies.push(Dependency {
            name: name.into(),
            region: None,
            cost: share(cost),
            client: Client::default(),
            retry: Retry::default(),
            breaker: None,
            overload: None,
        });
        assert!(self.design.dependencies.is_sorted_by_key(|dependency| &dependency.name));
        self
    }

    /// What stands before the last dependency.
    pub fn called(mut self, change: impl FnOnce(&mut Dependency)) -> Self {
        change(self.design.dependencies.last_mut().expect("a dependency"));
        self
    }

    /// So many users keep their sessions in the units of a tier.
    pub fn sessions_in(mut self, tier: &str, users: f64) -> Self {
        let tier = index(tier, self.design.tiers.iter().map(|tier| &tier.name));
        self.design.sessions = Some(Sessions::Instance { tier, users });
        self
    }

    /// So many users keep their sessions in a dependency with so many copies.
    pub fn sessions_stored_in(mut self, store: &str, replicas: u32, users: f64) -> Self {
        let dependency = index(store, self.design.dependencies.iter().map(|it| &it.name));
        self.design.sessions = Some(Sessions::External { dependency, replicas, users });
        self
    }

    /// The last dependency lives in a region and dies with it.
    pub fn living_in(mut self, region: &str) -> Self {
        let region = self.place(region);
        self.design.dependencies.last_mut().expect("a dependency").region = Some(region);
        self
    }

    /// What the only region needs; without it, all there is.
    pub fn requiring(mut self, needs: Needs) -> Self {
        self.needs = Some(needs);
        self
    }

    /// What a region needs, of several.
    pub fn stack(mut self, region: &str, needs: &Needs) -> Self {
        let stack = Stack { region: self.place(region), requires: self.need(needs) };
        self.design.stacks.push(stack);
        self
    }

    /// How clients find the regions.
    pub fn found_by(mut self, name: Name) -> Self {
        let regions: Vec<_> = name.regions.iter().map(|(region, weight)| (self.place(region), *weight)).collect();
        let populations = name.populations.iter().map(|(part, order)| Population {
            name: order.concat(),
            share: share(*part),
            prefers: order.iter().map(|region| self.place(region)).collect(),
        });
        let populations: Vec<Population> = populations.collect();
        let standbys =
            name.standbys.iter().map(|(region, standby)| Standby { region: self.place(region), ..standby.clone() });
        let standbys = standbys.collect();
        let record = if !populations.is_empty() {
            Record::Latency(populations)
        } else if name.weighted {
            Record::Weighted(regions)
        } else {
            Record::Failover(regions.into_iter().map(|(region, _)| region).collect())
        };
        self.design.routing = Routing::Dns(Dns { record, standbys, ..name.dns });
        self
    }

    /// Something fails, and is back when it is repaired.
    pub fn fails(mut self, name: &str, place: Place, mttf: Law, repair: Law) -> Self {
        let scope = self.scope(place);
        let (effect, symptom, error) = (Effect::Mask, Symptom::Instance, Fraction::ONE);
        let mode = FailureMode { name: name.into(), scope, mttf, repair, effect, symptom, error, age: None };
        self.design.failures.push(mode);
        self
    }

    /// What the last failure takes down has an age when a history begins.
    pub fn aged(self, age: Law) -> Self {
        self.changing(|mode| mode.age = Some(age))
    }

    /// Something fails, and what it covers is lost.
    pub fn kills(self, name: &str, place: Place, mttf: Law, repair: Law) -> Self {
        self.fails(name, place, mttf, repair).changing(|mode| mode.effect = Effect::Kill)
    }

    /// Data are corrupted in every copy, and that is found so much later.
    pub fn corrupts(self, name: &str, place: Place, mttf: Law, found: Law) -> Self {
        self.fails(name, place, mttf, found).changing(|mode| mode.effect = Effect::Corrupt)
    }

    /// The application crashes: only the load balancer sees it.
    pub fn crashes(self, name: &str, place: Place, mttf: Law, repair: Law) -> Self {
        self.fails(name, place, mttf, repair).changing(|mode| mode.symptom = Symptom::Crash)
    }

    /// The application hangs: only a deep check sees it.
    pub fn hangs(self, name: &str, place: Place, mttf: Law, repair: Law) -> Self {
        self.fails(name, place, mttf, repair).changing(|mode| mode.symptom = Symptom::Hang)
    }

    /// A dependency fails this share of its calls.
    pub fn partly(self, error: f64) -> Self {
        self.changing(|mode| mode.error = share(error))
    }

    /// It answers, and fails this share of the requests; no check sees it, or deep ones do.
    pub fn dims(self, name: &str, place: Place, error: f64, seen: bool, mttf: Law, repair: Law) -> Self {
        let symptom = Symptom::Gray { error: share(error), seen };
        self.fails(name, place, mttf, repair).changing(|mode| mode.symptom = symptom)
    }

    fn changing(mut self, change: impl FnOnce(&mut FailureMode)) -> Self {
        change(self.design.failures.last_mut().expect("a failure mode"));
        self
    }

    /// Deployments or pushes; they come in the order of their names.
    pub fn changed(mut self, part: Rollout) -> Self {
        let touches = match self.scope(part.touches) {
            Scope::Unit(tier) | Scope::Tier(tier, _) => Touches::Tier(tier),
            Scope::Node(database) => Touches::Database(database),
            Scope::Regions(regions) => Touches::Regions(regions),
            Scope::Global => Touches::Everything,
            other => panic!("{other:?} is not changed"),
        };
        self.design.changes.push(Change { touches, ..part.change });
        assert!(self.design.changes.is_sorted_by_key(|change| &change.name));
        self
    }

    /// One excluded window, of a fixed length.
    pub fn maintained(self, place: Place, first: f64, length: f64) -> Self {
        let far = self.design.horizon.0;
        self.maintained_every(far, place, first, length, true)
    }

    /// Windows at an interval, excluded or not.
    pub fn maintained_every(mut self, every: f64, place: Place, first: f64, length: f64, excluded: bool) -> Self {
        let scopes = vec![self.scope(place)];
        let (first, every, duration) = (Seconds(first), Seconds(every), fixed(length));
        self.design.maintenance.push(Maintenance { name: "window".into(), scopes, first, every, duration, excluded });
        self
    }

    /// The demand is a multiple of the usual one in these hours.
    pub fn busier(mut self, hours: Hours, factor: f64) -> Self {
        self.design.demand.profile.push(Peak { hours, factor });
        self
    }

    /// The objective is about these hours only.
    pub fn judged_in(mut self, hours: Hours) -> Self {
        self.design.objectives.hours = Some(hours);
        self
    }

    /// The design.
    pub fn build(mut self) -> Design {
        if self.design.stacks.is_empty() {
            let names = (self.design.tiers.iter().map(|tier| &tier.name))
                .chain(self.design.databases.iter().map(|database| &database.name))
                .chain(self.design.dependencies.iter().map(|dependency| &dependency.name));
            let everything = Need::AllOf(names.map(|name| self.named_part(name)).collect());
            let requires = self.needs.as_ref().map_or(everything, |needs| self.need(needs));
            self.design.stacks.push(Stack { region: 0, requires });
        }
        self.design.stacks.sort_by_key(|stack| stack.region);
        self.design.failures.sort_by(|a, b| a.name.cmp(&b.name));
        self.design
    }

    fn zone(&self, name: &str) -> ZoneId {
        index(name, self.design.zones.iter().map(|zone| &zone.name))
    }

    fn place(&self, region: &str) -> usize {
        index(region, self.design.regions.iter().map(|region| &region.name))
    }

    fn need(&self, needs: &Needs) -> Need {
        let list = |of: &[Needs]| of.iter().map(|needs| self.need(needs)).collect();
        match needs {
            Needs::Part(name) => self.named_part(name),
            Needs::All(of) => Need::AllOf(list(of)),
            Needs::Any(of) => Need::AnyOf(list(of)),
            Needs::Best(k, of) => Need::KOf { k: *k, of: list(of) },
        }
    }

    fn named_part(&self, name: &str) -> Need {
        let design = &self.design;
        if design.tiers.iter().any(|tier| tier.name == name) {
            Need::Tier(index(name, design.tiers.iter().map(|tier| &tier.name)))
        } else if design.databases.iter().any(|database| database.name == name) {
            Need::Database(index(name, design.databases.iter().map(|database| &database.name)))
        } else {
            Need::Dependency(index(name, design.dependencies.iter().map(|dependency| &dependency.name)))
        }
    }

    fn scope(&self, place: Place) -> Scope {
        let design = &self.design;
        let tier = |name| index(name, design.tiers.iter().map(|tier| &tier.name));
        match place {
            Place::EachUnit(name) => Scope::Unit(tier(name)),
            Place::EachNode(name) => Scope::Node(index(name, design.databases.iter().map(|database| &database.name))),
            Place::WholeTier(name, region) => Scope::Tier(tier(name), self.place(region)),
            Place::EachZone => Scope::Zones((0..design.zones.len()).collect()),
            Place::OneZone(name) => Scope::Zones(vec![self.zone(name)]),
            Place::EachRegion => Scope::Regions((0..design.regions.len()).collect()),
            Place::OneRegion(name) => Scope::Regions(vec![self.place(name)]),
            Place::ControlPlane(region) => Scope::ControlPlanes(vec![self.place(region)]),
            Place::GlobalControlPlane => Scope::GlobalControlPlane,
            Place::Service(name) => {
                Scope::Dependency(index(name, design.dependencies.iter().map(|dependency| &dependency.name)))
            }
            Place::Everything => Scope::Global,
        }
    }
}

fn index<'n>(name: &str, mut names: impl Iterator<Item = &'n String>) -> usize {
    names.position(|known| known == name).unwrap_or_else(|| panic!("nothing is called {name}"))
}

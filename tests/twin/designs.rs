//! Small designs, built in code: the pieces.

use ridethrough::law::Law;
use ridethrough::model::{
    AutoScaling, Backup, CheckType, Checkers, Client, Cohort, Database, Demand, Dependency, Design, Dns, Effect,
    Failback, FailureMode, HealthCheck, LoadBalancer, Need, Objectives, Record, Region, RegionId, Replica, Retry,
    Routing, Scope, Stack, Stale, Symptom, Tier, Upkeep, Zone, ZoneId,
};
use ridethrough::units::{Fraction, Rate, Seconds};

/// Requests per second of every design.
pub const DEMAND: f64 = 100.0;
/// Writes per second of every design.
pub const WRITES: f64 = 3.0;

/// A fraction, known to be one.
pub fn fraction(value: f64) -> Fraction {
    Fraction::new(value).expect("the value is in 0..=1")
}

/// Always so long [s].
pub fn fixed(seconds: f64) -> Law {
    Law::Fixed(seconds)
}

/// Exponential with this mean [s].
pub fn exp(mean: f64) -> Law {
    Law::Exponential { mean }
}

/// Uniform between two durations [s].
pub fn uniform(low: f64, high: f64) -> Law {
    Law::Uniform { low, high }
}

/// Lognormal with this median [s].
pub fn lognormal(median: f64, sigma: f64) -> Law {
    Law::Lognormal { mu: median.ln(), sigma }
}

/// A design of so many zones in each region that always works and requires nothing yet.
pub fn world(name: &str, zones: &[usize], horizon: f64) -> Design {
    let regions = (0..zones.len()).map(|region| Region { name: format!("r{region}") });
    let all = zones
        .iter()
        .enumerate()
        .flat_map(|(region, count)| (0..*count).map(move |zone| Zone { name: format!("r{region}-{zone}"), region }));
    Design {
        name: name.to_owned(),
        question: None,
        regions: regions.collect(),
        zones: all.collect(),
        tiers: Vec::new(),
        databases: Vec::new(),
        dependencies: Vec::new(),
        stacks: Vec::new(),
        routing: Routing::Direct,
        sessions: None,
        failures: Vec::new(),
        changes: Vec::new(),
        maintenance: Vec::new(),
        injections: Vec::new(),
        bill: None,
        demand: Demand { rate: Rate(DEMAND), writes: Rate(WRITES), profile: Vec::new() },
        objectives: Objectives::default(),
        horizon: Seconds(horizon),
        warm_up: Seconds(0.0),
        up_threshold: fraction(0.99),
        replications: None,
        assumptions: Vec::new(),
        unused: Vec::new(),
    }
}

/// Adds to a design piece by piece.
pub trait Build: Sized {
    /// A failure mode that masks, seen by every check.
    fn fails(self, name: &str, scope: Scope, mttf: Law, repair: Law) -> Self;
    /// Changes the last failure mode that was added.
    fn with_mode(self, change: impl Fn(&mut FailureMode)) -> Self;
    /// A tier.
    fn tier(self, tier: Tier) -> Self;
    /// A database.
    fn database(self, database: Database) -> Self;
    /// A global dependency.
    fn dependency(self, name: &str, cost: f64) -> Self;
    /// What a region requires.
    fn stack(self, region: RegionId, requires: Need) -> Self;
    /// A name.
    fn dns(self, dns: Dns) -> Self;
    /// Any other change.
    fn with(self, change: impl Fn(&mut Design)) -> Self;
    /// The design, with everything in the order that [`Design`] asks for.
    fn done(self) -> Design;
}

impl Build for Design {
    fn fails(mut self, name: &str, scope: Scope, mttf: Law, repair: Law) -> Design {
        self.failures.push(FailureMode {
            name: name.to_owned(),
            scope,
            mttf,
            repair,
            effect: Effect::Mask,
            symptom: Symptom::Instance,
            error: Fraction::ONE,
            age: None,
        });
        self
    }

    fn with_mode(mut self, change: impl Fn(&mut FailureMode)) -> Design {
        change(self.failures.last_mut().expect("a mode was added"));
        self
    }

    fn tier(mut self, tier: Tier) -> Design {
        self.tiers.push(tier);
        self
    }

    fn database(mut self, database: Database) -> Design {
        self.databases.push(database);
        self
    }

    fn dependency(mut self, name: &str, cost: f64) -> Design {
        self.dependencies.push(Dependency {
            name: name.to_owned(),
            region: None,
            cost: fraction(cost),
            client: Client::default(),
            retry: Retry::default(),
            breaker: None,
            overload: None,
        });
        self
    }

    fn stack(mut self, region: RegionId, requires: Need) -> Design {
        self.stacks.push(Stack { region, requires });
        self
    }

    fn dns(mut self, dns: Dns) -> Design {
        self.routing = Routing::Dns(dns);
        self
    }

    fn with(mut self, change: impl Fn(&mut Design)) -> Design {
        change(&mut self);
        self
    }

    fn done(mut self) -> Design {
        self.failures.sort_by(|left, right| left.name.cmp(&right.name));
        let sorted = |names: Vec<&String>| names.is_sorted();
        assert!(sorted(self.tiers.iter().map(|it| &it.name).collect()));
        assert!(sorted(self.databases.iter().map(|it| &it.name).collect()));
        assert!(sorted(self.dependencies.iter().map(|it| &it.name).collect()));
        self
    }
}

/// A deep check with interval 10 s, timeout 4 s, three failures, two successes.
pub fn check() -> HealthCheck {
    HealthCheck {
        interval: Seconds(10.0),
        timeout: Seconds(4.0),
        unhealthy_threshold: 3,
        healthy_threshold: 2,
        deep: true,
        false_positive: Fraction::ZERO,
        detection: None,
        recovery: None,
    }
}

/// A check whose delays are laws.
pub fn check_by_law(detection: Law, recovery: Law) -> HealthCheck {
    HealthCheck { detection: Some(detection), recovery: Some(recovery), ..check() }
}

/// A balancer with this check, cross-zone, clients of a dead node elsewhere at once.
pub fn balancer(check: HealthCheck) -> LoadBalancer {
    LoadBalancer { check, cross_zone: true, zone_ttl: Seconds(0.0), zonal_shift: None, overload: None }
}

/// A tier of repairable units, without a balancer.
pub fn pool(name: &str, zones: &[ZoneId], units: u32) -> Tier {
    Tier {
        name: name.to_owned(),
        zones: zones.to_vec(),
        capacity: None,
        required: 1,
        upkeep: Upkeep::Pool { units, crews: None, replacement: Law::Never, spares: None },
        load_balancer: None,
    }
}

/// A tier of replaced units behind a balancer with the usual check: grace 100 s, launch 20 s, boot 40 s, all fixed.
pub fn scaled(name: &str, zones: &[ZoneId], desired: u32, kind: CheckType) -> Tier {
    Tier {
        upkeep: Upkeep::AutoScaling(AutoScaling {
            min: 1,
            desired,
            max: desired + 2,
            check: kind,
            grace: Seconds(100.0),
            status_check: HealthCheck { interval: Seconds(20.0), unhealthy_threshold: 2, deep: false, ..check() },
            terminate: fixed(0.0),
            launch: fixed(20.0),
            boot: fixed(40.0),
            launch_failure: fraction(0.0),
            retry: fixed(15.0),
        }),
        load_balancer: Some(balancer(check())),
        ..pool(name, zones, 0)
    }
}

/// Changes to tiers.
pub trait Adjust: Sized {
    /// Behind a balancer.
    fn balanced(self, balancer: LoadBalancer) -> Self;
    /// Needs so many units, each of this capacity.
    fn needs(self, required: u32, capacity: Option<f64>) -> Self;
    /// Repaired by so many crews, killed units replaced after a while.
    fn kept_by(self, crews: Option<u32>, replacement: Law) -> Self;
    /// Changes the auto scaling settings.
    fn scaling(self, change: impl Fn(&mut AutoScaling)) -> Self;
}

impl Adjust for Tier {
    fn balanced(mut self, balancer: LoadBalancer) -> Tier {
        self.load_balancer = Some(balancer);
        self
    }

    fn needs(mut self, required: u32, capacity: Option<f64>) -> Tier {
        self.required = required;
        self.capacity = capacity.map(Rate);
        self
    }

    fn kept_by(mut self, count: Option<u32>, law: Law) -> Tier {
        if let Upkeep::Pool { crews, replacement, .. } = &mut self.upkeep {
            *crews = count;
            *replacement = law;
        }
        self
    }

    fn scaling(mut self, change: impl Fn(&mut AutoScaling)) -> Tier {
        if let Upkeep::AutoScaling(settings) = &mut self.upkeep {
            change(settings);
        }
        self
    }
}

/// A database of one node: noticed after 15 s, rebuilt after 100 s.
pub fn database(name: &str, primary: ZoneId) -> Database {
    Database {
        name: name.to_owned(),
        primary,
        detection: fixed(15.0),
        endpoint_ttl: Seconds(0.0),
        rebuild: fixed(100.0),
        reads_survive: false,
        standby: None,
        second_standby: None,
        replica: None,
        storage: None,
        backup: None,
        quorum: None,
    }
}

/// A copy that takes over for sure: decision 5 s, promotion 40 s, no lag.
pub fn copy(zone: ZoneId) -> Replica {
    Replica {
        zone,
        decision: fixed(5.0).into(),
        promotion: fixed(40.0),
        coverage: fraction(1.0),
        manual: fixed(600.0).into(),
        broken: None,
        lag: fixed(0.0),
        failback: None,
        failback_risk: None,
    }
}

/// A backup every so often, restored after a decision of 10 s.
pub fn backup(interval: f64, restore: Law) -> Backup {
    Backup { interval: Seconds(interval), retention: None, restore, decision: fixed(10.0).into() }
}

/// A name with a TTL of 60 s, checked by the usual check, changed without further delay, one honest cohort.
pub fn name(record: Record) -> Dns {
    Dns {
        record,
        ttl: Seconds(60.0),
        check: Some(check()),
        checkers: Checkers { count: 1, healthy_share: fraction(0.18) },
        decision: fixed(0.0).into(),
        coverage: fraction(1.0),
        manual: fixed(0.0).into(),
        publish: fixed(0.0),
        failback: Failback::Automatic(fixed(0.0)),
        failback_risk: None,
        standbys: Vec::new(),
        cohorts: vec![cohort("all", 1.0, 60.0, Stale::None)],
        resolvers: None,
    }
}

/// A cohort.
pub fn cohort(name: &str, share: f64, ttl: f64, stale: Stale) -> Cohort {
    Cohort { name: name.to_owned(), share: fraction(share), ttl: Seconds(ttl), stale }
}

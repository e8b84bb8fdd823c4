//! Architectures drawn at random: small, sound, and of everything the twin knows, put together as nobody would think of.

mod whole;

use crate::designs::{
    Adjust, Build, DEMAND, backup, balancer, check, cohort, copy, database, fixed, fraction, name, pool, scaled, world,
};
use crate::random::Random;
use ridethrough::law::Law;
use ridethrough::model::{
    CheckType, Cohort, Database, Decision, Design, Dns, Effect, Failback, HealthCheck, LoadBalancer, Need, OnCall,
    Population, Record, RegionId, Replica, Retry, Scope, Stale, Symptom, Tier, Upkeep, WorkingHours, ZoneId,
};
use ridethrough::units::{Fraction, Seconds};

/// Whether chance plays into a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chance {
    /// All times are fixed, and every probability is 0 or 1: there is one history only.
    None,
    /// Durations of all laws, probabilities of all sizes.
    Any,
}

/// Draws architectures.
pub struct Architect {
    pub random: Random,
    chance: Chance,
}

impl Architect {
    /// One for each seed.
    pub fn new(seed: u64, chance: Chance) -> Architect {
        Architect { random: Random::new(seed), chance }
    }

    /// A number below this, which is at least 1.
    pub fn below(&mut self, count: usize) -> usize {
        (self.random.uniform() * count as f64) as usize
    }

    /// One of them.
    pub fn one_of<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// Some of them, at least one, in their order.
    fn some_of<T: Clone>(&mut self, of: &[T]) -> Vec<T> {
        let surely = self.below(of.len());
        let taken = of.iter().enumerate().filter(|(nth, _)| *nth == surely || self.random.chance(0.6));
        taken.map(|(_, it)| it.clone()).collect()
    }

    /// All of them in any order.
    fn shuffled(&mut self, mut of: Vec<usize>) -> Vec<usize> {
        for nth in (1..of.len()).rev() {
            let other = self.below(nth + 1);
            of.swap(nth, other);
        }
        of
    }

    /// A time [s], equally likely of each order of magnitude. A multiple of 1/16 s, so that sums of times are exact and what
    /// should happen at once does.
    pub fn seconds(&mut self, low: f64, high: f64) -> f64 {
        let drawn = low * (high / low).powf(self.random.uniform());
        (drawn * 16.0).round().max(1.0) / 16.0
    }

    /// A duration of about so long [s].
    pub fn law(&mut self, low: f64, high: f64) -> Law {
        let mean = self.seconds(low, high);
        if self.chance == Chance::None {
            return fixed(mean);
        }
        match self.below(9) {
            0..=3 => Law::Exponential { mean },
            4 => fixed(mean),
            5 => Law::Uniform { low: 0.2 * mean, high: 1.8 * mean },
            6 => Law::Lognormal { mu: mean.ln(), sigma: 0.2 + self.random.uniform() },
            7 => Law::Weibull { scale: mean, shape: self.one_of(&[0.7, 1.5, 3.0]) },
            _ => Law::Mixture(vec![(0.75, Law::Exponential { mean }), (0.25, fixed(2.0 * mean))]),
        }
    }

    /// A duration that may be none at all.
    pub fn perhaps_at_once(&mut self, low: f64, high: f64) -> Law {
        if self.random.chance(0.3) { fixed(0.0) } else { self.law(low, high) }
    }

    /// A probability.
    pub fn probability(&mut self) -> Fraction {
        let drawn = self.random.uniform();
        fraction(match self.chance {
            Chance::None => f64::from(u8::from(drawn < 0.7)),
            Chance::Any if drawn < 0.3 => 1.0,
            Chance::Any => self.random.uniform(),
        })
    }

    /// Some share of something, which is no matter of chance.
    pub fn share(&mut self) -> Fraction {
        fraction(self.one_of(&[0.125, 0.3, 0.5, 0.83, 1.0]))
    }

    fn decision(&mut self, low: f64, high: f64) -> Decision {
        if self.random.chance(0.75) {
            return self.perhaps_at_once(low, high).into();
        }
        let hours = WorkingHours {
            from: Seconds(900.0),
            to: Seconds(self.seconds(1_800.0, 7_000.0)),
            days: [true; 7],
            outside: self.law(low, high),
        };
        let acknowledge = self.law(0.5 * low, 0.5 * high);
        Decision::OnCall(OnCall { acknowledge, decide: self.law(low, high), hours: Some(hours) })
    }

    /// A check. Where there is no chance its delays are given, since the phase of its interval would be drawn.
    fn health_check(&mut self) -> HealthCheck {
        let mut drawn = HealthCheck {
            interval: Seconds(self.seconds(5.0, 40.0)),
            timeout: Seconds(self.seconds(1.0, 5.0)),
            unhealthy_threshold: 1 + self.below(4) as u32,
            healthy_threshold: 1 + self.below(6) as u32,
            deep: self.random.chance(0.7),
            ..check()
        };
        if self.chance == Chance::None || self.random.chance(0.3) {
            drawn.detection = Some(self.law(2.0, 90.0));
            drawn.recovery = Some(self.law(2.0, 90.0));
        }
        drawn
    }

    /// How long clients stay where they should not be, drawn anew each time: none where there is no chance.
    fn stay(&mut self) -> Seconds {
        let stays = self.chance == Chance::Any && self.random.chance(0.6);
        Seconds(if stays { self.seconds(5.0, 120.0) } else { 0.0 })
    }

    fn load_balancer(&mut self) -> LoadBalancer {
        let drawn = self.health_check();
        LoadBalancer { cross_zone: self.random.chance(0.6), zone_ttl: self.stay(), ..balancer(drawn) }
    }

    /// Some zones of each region.
    fn zones(&mut self, counts: &[usize]) -> Vec<ZoneId> {
        let mut first = 0;
        let mut all = Vec::new();
        for count in counts {
            let here: Vec<ZoneId> = (first..first + count).collect();
            all.extend(self.some_of(&here));
            first += count;
        }
        all
    }

    fn tier(&mut self, name: &str, counts: &[usize]) -> Tier {
        let zones = self.zones(counts);
        let units = 1 + self.below(5) as u32;
        let drawn = if self.random.chance(0.5) {
            self.pool(name, &zones, units)
        } else {
            self.auto_scaling(name, &zones, units)
        };
        let required = 1 + self.below(units as usize) as u32;
        let capacity = self.random.chance(0.5).then(|| DEMAND / f64::from(units) * self.one_of(&[0.75, 1.1, 1.6]));
        drawn.needs(required, capacity)
    }

    fn pool(&mut self, name: &str, zones: &[ZoneId], units: u32) -> Tier {
        let crews = self.random.chance(0.3).then(|| 1 + self.below(units as usize) as u32);
        let replacement = if self.random.chance(0.8) { self.perhaps_at_once(20.0, 600.0) } else { Law::Never };
        let drawn = pool(name, zones, units).kept_by(crews, replacement);
        if self.random.chance(0.6) {
            let behind = self.load_balancer();
            return drawn.balanced(behind);
        }
        drawn
    }

    fn auto_scaling(&mut self, name: &str, zones: &[ZoneId], units: u32) -> Tier {
        let is_balanced = self.random.chance(0.8);
        let kind = if is_balanced && self.random.chance(0.7) { CheckType::Elb } else { CheckType::Ec2 };
        let mut drawn = scaled(name, zones, units, kind);
        drawn.load_balancer = is_balanced.then(|| self.load_balancer());
        let status_check = HealthCheck { deep: false, ..self.health_check() };
        let (terminate, launch) = (self.perhaps_at_once(5.0, 60.0), self.law(5.0, 100.0));
        let (boot, retry) = (self.law(5.0, 200.0), self.law(5.0, 100.0));
        let grace = Seconds(self.seconds(20.0, 500.0));
        // A launch that always fails would be tried again for ever.
        let refused = if self.chance == Chance::Any && self.random.chance(0.4) { 0.5 } else { 0.0 };
        drawn.scaling(|it| {
            it.status_check = status_check.clone();
            (it.terminate, it.launch) = (terminate.clone(), launch.clone());
            (it.boot, it.retry) = (boot.clone(), retry.clone());
            it.grace = grace;
            it.launch_failure = fraction(refused);
        })
    }

    fn copy_in(&mut self, zone: ZoneId, lag: Law, failback: Option<Law>) -> Replica {
        Replica {
            decision: self.decision(5.0, 120.0),
            promotion: self.perhaps_at_once(5.0, 200.0),
            coverage: self.probability(),
            manual: self.decision(50.0, 900.0),
            lag,
            failback,
            ..copy(zone)
        }
    }

    fn database(&mut self, name: &str, counts: &[usize]) -> Database {
        let zones: usize = counts.iter().sum();
        let primary = self.below(zones);
        let region_of = |zone: ZoneId| {
            let ends = counts.iter().scan(0, |end, count| {
                *end += count;
                Some(*end)
            });
            ends.take_while(|end| *end <= zone).count()
        };
        let mut drawn = Database {
            detection: self.law(1.0, 60.0),
            endpoint_ttl: self.stay(),
            rebuild: self.law(20.0, 600.0),
            ..database(name, primary)
        };
        let near: Vec<ZoneId> =
            (0..zones).filter(|zone| *zone != primary && region_of(*zone) == region_of(primary)).collect();
        if !near.is_empty() && self.random.chance(0.6) {
            let zone = self.one_of(&near);
            drawn.standby = Some(self.copy_in(zone, fixed(0.0), None));
        }
        let taken = drawn.standby.as_ref().map(|it| it.zone);
        let others: Vec<ZoneId> = (0..zones).filter(|zone| *zone != primary && Some(*zone) != taken).collect();
        if !others.is_empty() && self.random.chance(0.5) {
            let zone = self.one_of(&others);
            let lag = self.law(0.5, 20.0);
            let failback = self.random.chance(0.6).then(|| self.law(50.0, 900.0));
            drawn.replica = Some(self.copy_in(zone, lag, failback));
        }
        if self.random.chance(0.6) {
            let (interval, restore) = (self.seconds(60.0, 1_000.0), self.law(20.0, 600.0));
            drawn.backup =
                Some(ridethrough::model::Backup { decision: self.decision(5.0, 60.0), ..backup(interval, restore) });
        }
        drawn
    }

    fn cohorts(&mut self, ttl: f64) -> Vec<Cohort> {
        let honest = |share| cohort("a", share, ttl, Stale::None);
        if self.random.chance(0.5) {
            return vec![honest(1.0)];
        }
        let stale = match self.below(3) {
            0 => Stale::None,
            1 => Stale::Fixed(Seconds(self.seconds(5.0, 100.0))),
            _ => Stale::Exponential(Seconds(self.seconds(5.0, 100.0))),
        };
        let kept = self.seconds(10.0, 300.0);
        vec![honest(0.75), cohort("b", 0.25, kept, stale)]
    }

    fn dns(&mut self, regions: usize) -> Dns {
        let order = self.shuffled((0..regions).collect());
        let record = match self.below(3) {
            0 => Record::Failover(order),
            1 => {
                let weights = order.into_iter().map(|region| (region, 1.0 / 8.0 + self.random.uniform())).collect();
                Record::Weighted(weights)
            }
            _ => {
                let back: Vec<RegionId> = order.iter().rev().copied().collect();
                let population = |name: &str, share: f64, prefers: Vec<RegionId>| Population {
                    name: name.to_owned(),
                    share: fraction(share),
                    prefers,
                };
                Record::Latency(vec![population("a", 0.625, order), population("b", 0.375, back)])
            }
        };
        let ttl = self.seconds(5.0, 300.0);
        let failback = match self.below(3) {
            0 => Failback::Automatic(self.perhaps_at_once(10.0, 300.0)),
            1 => Failback::Manual(self.law(50.0, 900.0)),
            _ => Failback::Never,
        };
        Dns {
            ttl: Seconds(ttl),
            check: self.random.chance(0.9).then(|| self.health_check()),
            decision: self.decision(5.0, 120.0),
            coverage: self.probability(),
            manual: self.decision(50.0, 900.0),
            publish: self.perhaps_at_once(1.0, 60.0),
            failback,
            cohorts: self.cohorts(ttl),
            ..name(record)
        }
    }

    /// All parts once, each in a need of its own or in a group of needs.
    fn needs(&mut self, mut parts: Vec<Need>) -> Need {
        if parts.len() == 1 || self.random.chance(0.4) {
            return Need::AllOf(parts);
        }
        let last = parts.pop().expect("there are two at least");
        let before = self.needs(parts);
        match self.below(3) {
            0 => Need::AllOf(vec![before, last]),
            1 => Need::AnyOf(vec![before, last]),
            _ => Need::KOf { k: 1 + self.below(2), of: vec![before, last] },
        }
    }

    fn scope(&mut self, design: &Design) -> (Scope, Effect) {
        let regions: Vec<usize> = (0..design.regions.len()).collect();
        let zones: Vec<usize> = (0..design.zones.len()).collect();
        let kills = if self.random.chance(0.35) { Effect::Kill } else { Effect::Mask };
        loop {
            match self.below(12) {
                0..=2 if !design.tiers.is_empty() => {
                    return (Scope::Unit(self.below(design.tiers.len())), Effect::Mask);
                }
                3 | 4 if !design.databases.is_empty() => {
                    return (Scope::Node(self.below(design.databases.len())), kills);
                }
                5 if !design.tiers.is_empty() => {
                    let place = Scope::Tier(self.below(design.tiers.len()), self.below(regions.len()));
                    return (place, Effect::Mask);
                }
                6 | 7 => return (Scope::Zones(self.some_of(&zones)), kills),
                8 => return (Scope::Regions(self.some_of(&regions)), kills),
                9 => return (Scope::ControlPlanes(self.some_of(&regions)), Effect::Mask),
                10 if !design.dependencies.is_empty() => {
                    return (Scope::Dependency(self.below(design.dependencies.len())), Effect::Mask);
                }
                11 if self.random.chance(0.3) => {
                    return (self.one_of(&[Scope::GlobalControlPlane, Scope::Global]), Effect::Mask);
                }
                _ => {}
            }
        }
    }

    /// The design with a failure mode more.
    pub fn with_another_failure(&mut self, design: Design, name: &str) -> Design {
        self.failure(design, name).done()
    }

    fn failure(&mut self, design: Design, name: &str) -> Design {
        let (scope, effect) = self.scope(&design);
        let many = matches!(scope, Scope::Unit(_) | Scope::Zones(_));
        let mttf = self.law(if many { 800.0 } else { 400.0 }, 6_000.0);
        let replaces = |tier: &Tier| matches!(tier.upkeep, Upkeep::AutoScaling(_));
        let is_replaced = matches!(&scope, Scope::Unit(tier) if replaces(&design.tiers[*tier]));
        let repair = if is_replaced && self.random.chance(0.5) { Law::Never } else { self.law(10.0, 600.0) };
        let symptom = match &scope {
            Scope::Unit(_) | Scope::Tier(..) => self.one_of(&[Symptom::Instance, Symptom::Crash, Symptom::Hang]),
            _ => Symptom::Instance,
        };
        let error = if matches!(scope, Scope::Dependency(_)) { self.share() } else { Fraction::ONE };
        design.fails(name, scope, mttf, repair).with_mode(|mode| {
            (mode.effect, mode.symptom, mode.error) = (effect, symptom, error);
        })
    }

    /// An architecture that the twin can simulate as well.
    pub fn architecture(&mut self) -> Design {
        let counts: Vec<usize> = (0..self.one_of(&[1, 1, 2, 2, 3])).map(|_| 1 + self.below(3)).collect();
        let mut design = world("drawn", &counts, self.one_of(&[3_000.0, 8_000.0]));
        let (tiers, databases) = self.one_of(&[(1, 0), (2, 0), (1, 1), (1, 1), (0, 1), (0, 2), (0, 0)]);
        let dependencies = if tiers + databases == 0 { 2 } else { self.below(3) };
        let mut parts = Vec::new();
        for nth in 0..tiers {
            let drawn = self.tier(["web", "worker"][nth], &counts);
            design = design.tier(drawn);
            parts.push(Need::Tier(nth));
        }
        for nth in 0..databases {
            let drawn = self.database(["orders", "users"][nth], &counts);
            design = design.database(drawn);
            parts.push(Need::Database(nth));
        }
        for nth in 0..dependencies {
            let (cost, share) = (self.share(), self.share());
            let region = self.random.chance(0.3).then(|| self.below(counts.len()));
            let attempts = 1 + self.below(2) as u32;
            design = design.dependency(["mail", "tax"][nth], cost.get()).with(|it| {
                let added = it.dependencies.last_mut().expect("it was added");
                added.region = region;
                added.client.share = share;
                added.retry = Retry { attempts, waits: vec![Seconds(0.0); attempts as usize - 1] };
            });
            parts.push(Need::Dependency(nth));
        }
        for region in 0..counts.len() {
            let requires = self.needs(parts.clone());
            design = design.stack(region, requires);
        }
        if counts.len() > 1 {
            design = design.dns(self.dns(counts.len()));
        }
        for nth in 0..1 + self.below(5) {
            design = self.failure(design, ["a", "b", "c", "d", "e"][nth]);
        }
        // No sum of shares comes to lie exactly on the threshold.
        let threshold = fraction(self.one_of(&[0.990_1, 0.713, 0.409]));
        let warm_up = Seconds(self.one_of(&[0.0, 0.0, 1_000.0]));
        design.with(|it| (it.up_threshold, it.warm_up) = (threshold, warm_up)).done()
    }
}

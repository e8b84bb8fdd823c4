//! Architectures of everything there is: what only the engine knows, added to what the twin knows as well.

use super::Architect;
use crate::designs::{DEMAND, fraction};
use ridethrough::model::{
    Breaker, Broken, Change, Checkers, Database, Dependency, Design, Dns, Effect, FailbackRisk, Maintenance, Nodes,
    Overload, Quorum, Reach, Record, RegionId, Routing, Scope, Sessions, Spares, Standby, Storage, Switch, Symptom,
    Tier, Touches, Trip, Upkeep, ZonalShift, ZoneId,
};
use ridethrough::units::{Rate, Seconds};

impl Architect {
    fn broken(&mut self) -> Option<Broken> {
        let exercise = self.random.chance(0.5).then(|| Seconds(self.seconds(500.0, 3_000.0)));
        self.random.chance(0.3).then(|| Broken {
            mttf: Seconds(self.seconds(1_000.0, 9_000.0)),
            exercise,
            fix: self.law(20.0, 300.0),
        })
    }

    fn failback_risk(&mut self) -> Option<FailbackRisk> {
        self.random
            .chance(0.3)
            .then(|| FailbackRisk { probability: self.probability(), recover: self.law(10.0, 200.0) })
    }

    fn with_more_of_a_tier(&mut self, tier: &mut Tier) {
        let shift = ZonalShift {
            detection: self.law(10.0, 100.0),
            decision: self.law(10.0, 100.0),
            duration: self.law(100.0, 2_000.0),
            return_after: self.law(10.0, 200.0),
        };
        if let Some(balancer) = &mut tier.load_balancer {
            balancer.zonal_shift = self.random.chance(0.3).then_some(shift);
            if tier.capacity.is_some() && self.random.chance(0.3) {
                balancer.overload = Some(1.5);
            }
            if balancer.check.detection.is_none() && self.random.chance(0.3) {
                balancer.check.unhealthy_threshold = 2;
                balancer.check.false_positive = fraction(0.01);
            }
        }
        let spares = Spares {
            count: 1 + self.below(2) as u32,
            dormant: self.share(),
            switch_over: self.perhaps_at_once(5.0, 100.0),
            coverage: self.probability(),
        };
        if let Upkeep::Pool { spares: kept, .. } = &mut tier.upkeep
            && self.random.chance(0.3)
        {
            *kept = Some(spares);
        }
    }

    fn with_more_of_a_database(&mut self, database: &mut Database, zones: usize, regions: usize) {
        if self.random.chance(0.3) {
            let count = 1 + self.below(5);
            let nodes = match self.below(4) {
                0 => Nodes::Regions((0..regions).collect()),
                1 => Nodes::Anywhere,
                _ => Nodes::Zones((0..count).map(|nth| nth % zones).collect()),
            };
            let alone = !matches!(nodes, Nodes::Zones(_));
            let votes = if alone { 1 } else { count as u32 };
            let lag = (matches!(nodes, Nodes::Regions(_)) && self.random.chance(0.6)).then(|| self.law(0.5, 20.0));
            database.quorum = Some(Quorum {
                nodes,
                write: 1 + self.below(votes as usize) as u32,
                read: 1 + self.below(votes as usize) as u32,
                lag,
                conflict_share: self.share(),
            });
            (database.standby, database.replica) = (None, None);
            return;
        }
        database.reads_survive = self.random.chance(0.4);
        for copy in [&mut database.standby, &mut database.replica].into_iter().flatten() {
            copy.broken = self.broken();
        }
        if let Some(replica) = &mut database.replica {
            replica.failback_risk = self.failback_risk();
        }
        if self.random.chance(0.3) {
            database.storage = Some(Storage { recreate: self.law(20.0, 300.0), elsewhere: self.law(100.0, 900.0) });
        }
        if let Some(backup) = &mut database.backup
            && self.random.chance(0.5)
        {
            backup.retention = Some(Seconds(self.seconds(500.0, 5_000.0)));
        }
    }

    fn with_more_of_a_dependency(&mut self, dependency: &mut Dependency) {
        let attempts = dependency.retry.attempts as usize;
        dependency.retry.waits = (1..attempts).map(|_| Seconds(self.seconds(0.5, 20.0))).collect();
        dependency.client.timeout = Seconds(self.seconds(1.0, 10.0));
        match self.below(3) {
            0 => dependency.client.pool = Some(10 + self.below(500) as u32),
            1 => {
                dependency.overload = Some(Overload {
                    capacity: Rate(DEMAND * self.one_of(&[1.2, 1.9, 4.0])),
                    goodput: self.share(),
                    intervention: self.law(50.0, 500.0),
                });
            }
            _ => {}
        }
        if self.random.chance(0.5) {
            let trip = match self.below(3) {
                0 => Trip::Consecutive(1 + self.below(8) as u32),
                1 => Trip::OfCalls { share: self.share(), window: 10 + self.below(90) as u32 },
                _ => Trip::OfTime { share: self.share(), window: Seconds(self.seconds(5.0, 50.0)), minimum: 5 },
            };
            dependency.breaker = Some(Breaker {
                trip,
                reset_timeout: Seconds(self.seconds(5.0, 100.0)),
                half_open: 1 + self.below(4) as u32,
                fallback: self.share(),
                callers: 1 + self.below(4) as u32,
            });
        }
    }

    fn with_more_of_dns(&mut self, dns: &mut Dns, regions: usize) {
        dns.failback_risk = self.failback_risk();
        if dns.check.as_ref().is_some_and(|check| check.detection.is_none()) && self.random.chance(0.4) {
            dns.checkers =
                Checkers { count: 3 + self.below(4) as u32, healthy_share: self.one_of(&[0.18, 0.5].map(fraction)) };
        }
        if self.random.chance(0.4) {
            let named: Vec<RegionId> = dns.record.regions();
            let region = named[regions - 1];
            dns.standbys = vec![Standby {
                region,
                share: self.share(),
                provision: self.perhaps_at_once(20.0, 300.0),
                scale_up: self.perhaps_at_once(20.0, 300.0),
                scale_down: self.perhaps_at_once(20.0, 300.0),
                switch: self.one_of(&[Switch::WhenReady, Switch::AtOnce]),
                broken: self.broken(),
            }];
            dns.record = Record::Failover(named);
        }
    }

    fn change(&mut self, design: &Design) -> Change {
        let all_regions: Vec<RegionId> = (0..design.regions.len()).collect();
        let (touches, stages) = match self.below(4) {
            0 | 1 if !design.tiers.is_empty() => {
                let tier = Touches::Tier(self.below(design.tiers.len()));
                (tier, self.some_of(&[Reach::Unit, Reach::Zone, Reach::Region, Reach::All]))
            }
            2 if !design.databases.is_empty() => {
                (Touches::Database(self.below(design.databases.len())), vec![Reach::All])
            }
            3 => (Touches::Everything, vec![Reach::All]),
            _ => (
                Touches::Regions(self.some_of(&all_regions)),
                self.one_of(&[vec![Reach::Region, Reach::All], vec![Reach::All]]),
            ),
        };
        Change {
            name: "change".to_owned(),
            touches,
            stages,
            every: self.law(500.0, 3_000.0),
            failure: self.probability(),
            bake: self.law(10.0, 200.0),
            detection: self.law(10.0, 300.0),
            rollback: self.law(10.0, 300.0),
            rollback_needs_control_plane: self.random.chance(0.5),
            symptom: self.one_of(&[Symptom::Instance, Symptom::Crash, Symptom::Hang]),
        }
    }

    fn maintenance(&mut self, design: &Design) -> Maintenance {
        let zones: Vec<ZoneId> = (0..design.zones.len()).collect();
        let mut scopes = vec![Scope::Zones(self.some_of(&zones))];
        if !design.tiers.is_empty() && self.random.chance(0.4) {
            scopes.push(Scope::Tier(self.below(design.tiers.len()), 0));
        }
        Maintenance {
            name: "maintenance".to_owned(),
            scopes,
            first: Seconds(self.seconds(50.0, 1_000.0)),
            every: Seconds(self.seconds(600.0, 3_000.0)),
            duration: self.law(10.0, 500.0),
            excluded: self.random.chance(0.5),
        }
    }

    /// An architecture of everything there is.
    pub fn whole_architecture(&mut self) -> Design {
        let mut design = self.architecture();
        let (zones, regions) = (design.zones.len(), design.regions.len());
        let mut tiers = std::mem::take(&mut design.tiers);
        tiers.iter_mut().for_each(|tier| self.with_more_of_a_tier(tier));
        let mut databases = std::mem::take(&mut design.databases);
        databases.iter_mut().for_each(|database| self.with_more_of_a_database(database, zones, regions));
        let mut dependencies = std::mem::take(&mut design.dependencies);
        dependencies.iter_mut().for_each(|dependency| self.with_more_of_a_dependency(dependency));
        (design.tiers, design.databases, design.dependencies) = (tiers, databases, dependencies);
        if let Routing::Dns(dns) = &mut design.routing {
            self.with_more_of_dns(dns, regions);
        }
        for nth in 0..design.failures.len() {
            self.with_more_of_a_failure(&mut design, nth);
        }
        if self.random.chance(0.3) {
            let change = self.change(&design);
            design.changes.push(change);
        }
        if self.random.chance(0.3) {
            let maintenance = self.maintenance(&design);
            design.maintenance.push(maintenance);
        }
        let users = 1_000.0;
        match self.below(4) {
            0 if !design.tiers.is_empty() => {
                design.sessions = Some(Sessions::Instance { tier: self.below(design.tiers.len()), users });
            }
            1 if !design.dependencies.is_empty() => {
                let (dependency, replicas) = (self.below(design.dependencies.len()), self.below(2) as u32);
                design.sessions = Some(Sessions::External { dependency, replicas, users });
            }
            _ => {}
        }
        if self.random.chance(0.5) {
            design.objectives.availability = Some(fraction(0.99));
        }
        design
    }

    fn with_more_of_a_failure(&mut self, design: &mut Design, nth: usize) {
        let gray = Symptom::Gray { error: self.share(), seen: self.random.chance(0.5) };
        let age = self.law(100.0, 2_000.0);
        let Design { failures, databases, tiers, .. } = design;
        let mode = &mut failures[nth];
        match &mode.scope {
            Scope::Unit(tier) | Scope::Tier(tier, _)
                if tiers[*tier].load_balancer.is_some() && self.random.chance(0.3) =>
            {
                mode.symptom = gray;
            }
            Scope::Node(database)
                if mode.effect == Effect::Mask && databases[*database].quorum.is_none() && self.random.chance(0.3) =>
            {
                mode.effect = Effect::Corrupt;
            }
            Scope::Dependency(_) if self.random.chance(0.4) => mode.symptom = Symptom::Hang,
            _ => {}
        }
        if self.random.chance(0.2) {
            mode.age = Some(age);
        }
    }
}

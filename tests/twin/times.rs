//! All times of a design, one by one.

use ridethrough::law::Law;
use ridethrough::model::{
    Broken, Decision, Design, Dns, Failback, FailbackRisk, HealthCheck, Routing, Stale, Tier, Trip, Upkeep,
};
use ridethrough::units::{Rate, Seconds};

/// Does something with each time.
pub trait Visitor {
    /// With a law of durations.
    fn law(&mut self, law: &mut Law);
    /// With a time.
    fn seconds(&mut self, seconds: &mut Seconds);
    /// With a number of something per second.
    fn rate(&mut self, rate: &mut Rate);
    /// With people on call, before their laws.
    fn decision(&mut self, _decision: &mut Decision) {}
}

/// Makes all times twice as long.
pub struct Twice;

impl Visitor for Twice {
    fn law(&mut self, law: &mut Law) {
        *law = law.scaled(2.0);
    }

    fn seconds(&mut self, seconds: &mut Seconds) {
        seconds.0 *= 2.0;
    }

    fn rate(&mut self, rate: &mut Rate) {
        rate.0 /= 2.0;
    }
}

/// Takes away what does not get exactly twice as long: clocks, and laws that are given by logarithms.
pub struct WithoutClocks;

impl Visitor for WithoutClocks {
    fn law(&mut self, law: &mut Law) {
        if let Law::Lognormal { .. } = law {
            *law = Law::Weibull { scale: law.quantile(0.6), shape: 1.5 };
        }
    }

    fn seconds(&mut self, _seconds: &mut Seconds) {}

    fn rate(&mut self, _rate: &mut Rate) {}

    fn decision(&mut self, decision: &mut Decision) {
        if let Decision::OnCall(people) = decision {
            people.hours = None;
        }
    }
}

/// Shows all times of a design to a visitor.
pub fn visit(design: &mut Design, visitor: &mut impl Visitor) {
    visitor.seconds(&mut design.horizon);
    visitor.seconds(&mut design.warm_up);
    visitor.rate(&mut design.demand.rate);
    visitor.rate(&mut design.demand.writes);
    design.tiers.iter_mut().for_each(|tier| visit_tier(tier, visitor));
    for database in &mut design.databases {
        visitor.law(&mut database.detection);
        visitor.seconds(&mut database.endpoint_ttl);
        visitor.law(&mut database.rebuild);
        for copy in [&mut database.standby, &mut database.replica].into_iter().flatten() {
            visit_decision(&mut copy.decision, visitor);
            visitor.law(&mut copy.promotion);
            visit_decision(&mut copy.manual, visitor);
            visit_broken(copy.broken.as_mut(), visitor);
            visitor.law(&mut copy.lag);
            copy.failback.iter_mut().for_each(|law| visitor.law(law));
            visit_risk(copy.failback_risk.as_mut(), visitor);
        }
        if let Some(storage) = &mut database.storage {
            visitor.law(&mut storage.recreate);
            visitor.law(&mut storage.elsewhere);
        }
        if let Some(backup) = &mut database.backup {
            visitor.seconds(&mut backup.interval);
            backup.retention.iter_mut().for_each(|retention| visitor.seconds(retention));
            visitor.law(&mut backup.restore);
            visit_decision(&mut backup.decision, visitor);
        }
        if let Some(quorum) = &mut database.quorum {
            quorum.lag.iter_mut().for_each(|lag| visitor.law(lag));
        }
    }
    for dependency in &mut design.dependencies {
        dependency.client.calls.iter_mut().for_each(|calls| visitor.rate(calls));
        visitor.seconds(&mut dependency.client.timeout);
        dependency.retry.waits.iter_mut().for_each(|wait| visitor.seconds(wait));
        if let Some(breaker) = &mut dependency.breaker {
            visitor.seconds(&mut breaker.reset_timeout);
            if let Trip::OfTime { window, .. } = &mut breaker.trip {
                visitor.seconds(window);
            }
        }
        if let Some(overload) = &mut dependency.overload {
            visitor.rate(&mut overload.capacity);
            visitor.law(&mut overload.intervention);
        }
    }
    if let Routing::Dns(dns) = &mut design.routing {
        visit_dns(dns, visitor);
    }
    for mode in &mut design.failures {
        visitor.law(&mut mode.mttf);
        visitor.law(&mut mode.repair);
        mode.age.iter_mut().for_each(|age| visitor.law(age));
    }
    for change in &mut design.changes {
        [&mut change.every, &mut change.bake, &mut change.detection, &mut change.rollback]
            .into_iter()
            .for_each(|law| visitor.law(law));
    }
    for window in &mut design.maintenance {
        visitor.seconds(&mut window.first);
        visitor.seconds(&mut window.every);
        visitor.law(&mut window.duration);
    }
}

fn visit_tier(tier: &mut Tier, visitor: &mut impl Visitor) {
    tier.capacity.iter_mut().for_each(|capacity| visitor.rate(capacity));
    match &mut tier.upkeep {
        Upkeep::Pool { replacement, spares, .. } => {
            visitor.law(replacement);
            spares.iter_mut().for_each(|spares| visitor.law(&mut spares.switch_over));
        }
        Upkeep::AutoScaling(group) => {
            visitor.seconds(&mut group.grace);
            visit_check(&mut group.status_check, visitor);
            [&mut group.terminate, &mut group.launch, &mut group.boot, &mut group.retry]
                .into_iter()
                .for_each(|law| visitor.law(law));
        }
    }
    if let Some(balancer) = &mut tier.load_balancer {
        visit_check(&mut balancer.check, visitor);
        visitor.seconds(&mut balancer.zone_ttl);
        if let Some(shift) = &mut balancer.zonal_shift {
            [&mut shift.detection, &mut shift.decision, &mut shift.duration, &mut shift.return_after]
                .into_iter()
                .for_each(|law| visitor.law(law));
        }
    }
}

fn visit_check(check: &mut HealthCheck, visitor: &mut impl Visitor) {
    visitor.seconds(&mut check.interval);
    visitor.seconds(&mut check.timeout);
    check.detection.iter_mut().chain(&mut check.recovery).for_each(|law| visitor.law(law));
}

fn visit_decision(decision: &mut Decision, visitor: &mut impl Visitor) {
    visitor.decision(decision);
    match decision {
        Decision::After(law) => visitor.law(law),
        Decision::OnCall(people) => {
            visitor.law(&mut people.acknowledge);
            visitor.law(&mut people.decide);
        }
    }
}

fn visit_broken(broken: Option<&mut Broken>, visitor: &mut impl Visitor) {
    if let Some(broken) = broken {
        visitor.seconds(&mut broken.mttf);
        broken.exercise.iter_mut().for_each(|exercise| visitor.seconds(exercise));
        visitor.law(&mut broken.fix);
    }
}

fn visit_risk(risk: Option<&mut FailbackRisk>, visitor: &mut impl Visitor) {
    risk.into_iter().for_each(|risk| visitor.law(&mut risk.recover));
}

fn visit_dns(dns: &mut Dns, visitor: &mut impl Visitor) {
    visitor.seconds(&mut dns.ttl);
    dns.check.iter_mut().for_each(|check| visit_check(check, visitor));
    visit_decision(&mut dns.decision, visitor);
    visit_decision(&mut dns.manual, visitor);
    visitor.law(&mut dns.publish);
    if let Failback::Automatic(law) | Failback::Manual(law) = &mut dns.failback {
        visitor.law(law);
    }
    visit_risk(dns.failback_risk.as_mut(), visitor);
    for standby in &mut dns.standbys {
        [&mut standby.provision, &mut standby.scale_up, &mut standby.scale_down]
            .into_iter()
            .for_each(|law| visitor.law(law));
        visit_broken(standby.broken.as_mut(), visitor);
    }
    for cohort in &mut dns.cohorts {
        visitor.seconds(&mut cohort.ttl);
        if let Stale::Fixed(time) | Stale::Exponential(time) = &mut cohort.stale {
            visitor.seconds(time);
        }
    }
}

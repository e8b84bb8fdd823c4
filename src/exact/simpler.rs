//! A variant of a design that has an exact answer: every law in the way replaced by an exponential one of the same mean.

use super::site::Site;
use super::{Answer, Budget, Obstacle, answer, answer_within};
use crate::law::Law;
use crate::model::{CheckType, Decision, Design, HealthCheck, Upkeep};
use crate::units::{Fraction, Seconds};

/// A design that was made simpler.
#[derive(Debug, Clone)]
pub struct Variant {
    /// The simpler design.
    pub design: Design,
    /// Its exact answer.
    pub answer: Answer,
    /// What was changed, as keys and sentences.
    pub changes: Vec<Obstacle>,
}

/// Replaces laws that stand in the way by exponential ones.
///
/// # Errors
/// With what still stands in the way.
pub fn simpler(design: &Design) -> Result<Variant, Vec<Obstacle>> {
    let (design, changes) = simplified(design);
    let answer = answer(&design)?;
    Ok(Variant { design, answer, changes })
}

/// The same where it is known what stands in the way of the design as it is: if no law can be replaced, that still does.
///
/// # Errors
/// With what still stands in the way.
pub fn simpler_than(design: &Design, in_the_way: Vec<Obstacle>, budget: Budget) -> Result<Variant, Vec<Obstacle>> {
    let (design, changes) = simplified(design);
    if changes.is_empty() {
        return Err(in_the_way);
    }
    let answer = answer_within(&design, budget)?;
    Ok(Variant { design, answer, changes })
}

/// The design with laws replaced, and which.
fn simplified(design: &Design) -> (Design, Vec<Obstacle>) {
    let site = Site::new(design);
    let mut simple = design.clone();
    let mut changes = Vec::new();
    for mode in &mut simple.failures {
        change(&mut mode.mttf, || format!("failure.{}.mttf", mode.name), &mut changes);
        change(&mut mode.repair, || format!("failure.{}.repair", mode.name), &mut changes);
    }
    for (_, tier) in simple.tiers.iter_mut().enumerate().filter(|(index, _)| site.has_tier(*index)) {
        let name = tier.name.clone();
        let key = |what: &str| format!("tier.{name}.{what}");
        if let Some(balancer) = &mut tier.load_balancer {
            check(&mut balancer.check, &key("load_balancer"), &mut changes);
            forget(&mut balancer.zone_ttl, key("load_balancer.zone_ttl"), &mut changes);
        }
        match &mut tier.upkeep {
            Upkeep::Pool { replacement, spares, .. } => {
                change(replacement, || key("pool.replacement"), &mut changes);
                if let Some(spares) = spares {
                    change(&mut spares.switch_over, || key("pool.spares.switch_over"), &mut changes);
                }
            }
            Upkeep::AutoScaling(group) => {
                match group.check {
                    CheckType::Ec2 => check(&mut group.status_check, &key("auto_scaling.status_check"), &mut changes),
                    CheckType::Elb => forget(&mut group.grace, key("auto_scaling.grace"), &mut changes),
                }
                for (law, what) in [
                    (&mut group.terminate, "terminate"),
                    (&mut group.launch, "launch"),
                    (&mut group.boot, "boot"),
                    (&mut group.retry, "retry"),
                ] {
                    if what == "retry" && group.launch_failure == Fraction::ZERO {
                        continue;
                    }
                    change(law, || key(&format!("auto_scaling.{what}")), &mut changes);
                }
            }
        }
    }
    let stores = simple.databases.iter_mut().enumerate();
    for (_, database) in stores.filter(|(index, _)| site.has_database(*index)) {
        let name = database.name.clone();
        let key = |what: &str| format!("database.{name}.{what}");
        change(&mut database.detection, || key("detection"), &mut changes);
        change(&mut database.rebuild, || key("rebuild"), &mut changes);
        forget(&mut database.endpoint_ttl, key("endpoint_ttl"), &mut changes);
        if let Some(storage) = &mut database.storage {
            change(&mut storage.recreate, || key("recreate"), &mut changes);
            change(&mut storage.elsewhere, || key("recreate_elsewhere"), &mut changes);
        }
        if let Some(backup) = &mut database.backup {
            change(&mut backup.restore, || key("backup.restore"), &mut changes);
            if let Decision::After(law) = &mut backup.decision {
                change(law, || key("backup.decision"), &mut changes);
            }
        }
        for (copy, kind) in [(&mut database.standby, "standby"), (&mut database.replica, "replica")] {
            let Some(copy) = copy else { continue };
            let failback = copy.failback.as_mut().map(|law| (law, "failback"));
            let by_people = [(&mut copy.decision, "decision"), (&mut copy.manual, "manual")];
            let stages = by_people.into_iter().filter_map(|(decision, what)| match decision {
                Decision::After(law) => Some((law, what)),
                Decision::OnCall(_) => None,
            });
            for (law, what) in stages.chain([(&mut copy.promotion, "promotion")]).chain(failback) {
                change(law, || key(&format!("{kind}.{what}")), &mut changes);
            }
        }
    }
    (simple, changes)
}

fn change(law: &mut Law, key: impl Fn() -> String, changes: &mut Vec<Obstacle>) {
    if super::phases::Phases::new(law).is_some() {
        return;
    }
    let simple = Law::Exponential { mean: law.mean() };
    changes.push(Obstacle::new(key(), format!("{law} replaced by {simple}")));
    *law = simple;
}

/// The rule of intervals and thresholds becomes exponential delays of the same mean.
fn check(check: &mut HealthCheck, key: &str, changes: &mut Vec<Obstacle>) {
    let rule = |threshold: u32| Law::Exponential { mean: (f64::from(threshold.max(1)) - 0.5) * check.interval.0 };
    let (detection, recovery) = (rule(check.unhealthy_threshold), rule(check.healthy_threshold));
    for (law, simple, what) in
        [(&mut check.detection, detection, "detection"), (&mut check.recovery, recovery, "recovery")]
    {
        let key = format!("{key}.{what}");
        match law {
            Some(law) => change(law, || key.clone(), changes),
            None => {
                changes.push(Obstacle::new(key, format!("the rule of interval and threshold replaced by {simple}")));
                *law = Some(simple);
            }
        }
    }
}

fn forget(time: &mut Seconds, key: String, changes: &mut Vec<Obstacle>) {
    if *time > Seconds::ZERO {
        changes.push(Obstacle::new(key, format!("{time} taken as no time")));
        *time = Seconds::ZERO;
    }
}

//! Recoveries that cannot meet the objectives however rarely they happen.

use crate::law::Law;
use crate::model::Decision;
use crate::scenario::decoder::Given;
use crate::scenario::problem::{Place, Problem};
use crate::scenario::tables::{Dns, Scenario};
use crate::units::Seconds;

/// Warns about stages of recovery that are longer than the objective.
pub fn check(scenario: &Scenario, problems: &mut Vec<Problem>) {
    if let Some(limit) = &scenario.objectives.recovery_time
        && limit.sound().is_some()
    {
        dns(scenario, limit, problems);
        databases(scenario, limit, problems);
        groups(scenario, limit, problems);
    }
    if let Some(limit) = &scenario.objectives.data_loss
        && limit.sound().is_some()
    {
        losses(scenario, limit, problems);
    }
}

/// The mean of a stage; a placeholder adds nothing.
fn mean(law: &Given<Law>) -> f64 {
    law.sound().map_or(0.0, Law::mean)
}

/// The mean of a decision.
fn decided(decision: &Given<Decision>) -> f64 {
    decision.sound().map_or(0.0, Decision::mean)
}

fn too_long(what: &str, stages: &[(&str, f64)], place: &Place, limit: &Given<Seconds>, problems: &mut Vec<Problem>) {
    let total: f64 = stages.iter().map(|(_, mean)| mean).sum();
    if total <= limit.value.get() {
        return;
    }
    let parts: Vec<String> = stages
        .iter()
        .filter(|(_, mean)| *mean > 0.0)
        .map(|(name, mean)| format!("{name} {}", Seconds(*mean)))
        .collect();
    let long = match total.is_finite() {
        true => format!("takes {} on average", Seconds(total)),
        false => "never ends".to_owned(),
    };
    let message = format!("{what} {long}, above the objective of {}", limit.value);
    let problem = Problem::warning("recovery-above-objective", place, message).also(&limit.place, "the objective");
    problems.push(problem.help(format!("its stages: {}", parts.join(", "))));
}

fn dns(scenario: &Scenario, limit: &Given<Seconds>, problems: &mut Vec<Problem>) {
    let Some(dns) = &scenario.dns else { return };
    let dns: &Dns = &dns.value;
    let Some(check) = &dns.health_check else {
        return;
    };
    let mut keep = |given: &Given<Seconds>, what: &str| {
        let long = given.sound().is_some_and(|kept| *kept > limit.value);
        if long {
            let message = format!("{what} ({}) is longer than the recovery objective ({})", given.value, limit.value);
            let problem =
                Problem::warning("ttl-above-objective", &given.place, message).also(&limit.place, "the objective");
            problems.push(problem.help("clients hold the old answer for up to this long after a failover"));
        }
        long
    };
    let ttl = Given { value: dns.ttl.value.0, place: dns.ttl.place.clone(), origin: dns.ttl.origin };
    let mut long = keep(&ttl, "the TTL");
    for cohort in &dns.cohort {
        let name = &cohort.name.value.0;
        for kept in [&cohort.min_ttl, &cohort.pool_lifetime].into_iter().flatten() {
            long |= keep(kept, &format!("the time the cohort `{name}` keeps an answer"));
        }
    }
    if !long {
        let stages = [
            ("detection", check.value.check().mean_detection().unwrap_or(0.0)),
            ("decision", decided(&dns.decision)),
            ("publish", mean(&dns.publish)),
            ("TTL", ttl.value.get()),
        ];
        too_long("a DNS failover", &stages, &dns.record.place, limit, problems);
    }
}

fn databases(scenario: &Scenario, limit: &Given<Seconds>, problems: &mut Vec<Problem>) {
    for database in &scenario.database {
        let (name, table) = (&database.name.value, &database.table);
        let around = [("detection", mean(&table.detection)), ("endpoint TTL", table.endpoint_ttl.value.get())];
        if let Some(standby) = &table.standby {
            let stages = [
                around[0],
                ("decision", decided(&standby.value.decision)),
                ("promotion", mean(&standby.value.promotion)),
                around[1],
            ];
            too_long(&format!("a failover of `{name}` to its standby"), &stages, &standby.place, limit, problems);
        }
        if let Some(replica) = &table.replica {
            let stages = [
                around[0],
                ("decision", decided(&replica.value.decision)),
                ("promotion", mean(&replica.value.promotion)),
                around[1],
            ];
            too_long(&format!("a failover of `{name}` to its replica"), &stages, &replica.place, limit, problems);
        }
        if let Some(backup) = &table.backup
            && table.standby.is_none()
            && table.replica.is_none()
        {
            let stages =
                [around[0], ("decision", decided(&backup.value.decision)), ("restore", mean(&backup.value.restore))];
            too_long(&format!("a restore of `{name}`"), &stages, &backup.place, limit, problems);
        }
    }
}

/// A group that cannot lose a unit is down until the replacement serves.
fn groups(scenario: &Scenario, limit: &Given<Seconds>, problems: &mut Vec<Problem>) {
    for tier in &scenario.tier {
        let Some(group) = &tier.table.auto_scaling else {
            continue;
        };
        let group = &group.value;
        if group.desired.value != tier.table.required.value || group.desired.sound().is_none() {
            continue;
        }
        let check = match (&tier.table.load_balancer, group.check.value) {
            (Some(balancer), crate::model::CheckType::Elb) => balancer.value.check().mean_detection(),
            _ => group.status_check.check().mean_detection(),
        };
        let stages = [
            ("detection", check.unwrap_or(0.0)),
            ("terminate", mean(&group.terminate)),
            ("launch", mean(&group.launch)),
            ("boot", mean(&group.boot)),
        ];
        let what = format!("replacing a unit of `{}`, which needs all it has,", tier.name.value);
        too_long(&what, &stages, &group.desired.place, limit, problems);
    }
}

fn losses(scenario: &Scenario, limit: &Given<Seconds>, problems: &mut Vec<Problem>) {
    for database in &scenario.database {
        let (name, table) = (&database.name.value, &database.table);
        let mut report = |place: &Place, message: String, help: &str| {
            let problem = Problem::warning("loss-above-objective", place, message).also(&limit.place, "the objective");
            problems.push(problem.help(help));
        };
        if let Some(replica) = &table.replica
            && let Some(lag) = replica.value.lag.sound()
            && lag.quantile(0.95) > limit.value.get()
        {
            let message = format!(
                "a failover of `{name}` to its replica loses {} or more in one of 20 cases, above the objective of {}",
                Seconds(lag.quantile(0.95)),
                limit.value
            );
            report(&replica.value.lag.place, message, "only a synchronous standby loses nothing");
        }
        if let Some(backup) = &table.backup
            && table.standby.is_none()
            && table.replica.is_none()
            && let Some(interval) = backup.value.interval.sound()
            && 0.95 * interval.0.get() > limit.value.get()
        {
            let message =
                format!("a restore of `{name}` loses up to {}, above the objective of {}", interval.0, limit.value);
            report(&backup.value.interval.place, message, "back up more often, or add a standby");
        }
    }
}

//! Values that are possible, but hardly meant.

use crate::law::Law;
use crate::model::{CheckType, Design, Effect, Need, Scope, Upkeep};
use crate::scenario::choices::SymptomChoice;
use crate::scenario::decoder::Named;
use crate::scenario::places::ScopeKind;
use crate::scenario::problem::Problem;
use crate::scenario::tables::{Database, Failure, Scenario};
use crate::units::{Rate, Seconds};

/// Looks at the tables alone.
pub fn check(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let managed = |database: &Named<Database>| database.table.availability.is_some();
    if scenario.failure.is_empty()
        && !scenario.database.iter().any(managed)
        && scenario.change.is_empty()
        && scenario.maintenance.is_empty()
        && !(scenario.tier.is_empty() && scenario.database.is_empty() && scenario.dependency.is_empty())
    {
        let problem = Problem::warning(
            "nothing-fails",
            &scenario.place,
            "nothing fails in this scenario: the result will be 100 %",
        );
        problems.push(problem.help("add `[failure.NAME]` tables, or name an `environment` that has them"));
    }
    for failure in &scenario.failure {
        repair(failure, problems);
        age(failure, problems);
        unseen(scenario, failure, problems);
    }
    killed(scenario, problems);
}

fn repair(failure: &Named<Failure>, problems: &mut Vec<Problem>) {
    let Some(repair) = &failure.table.repair else {
        return;
    };
    let (Some(law), Some(mttf)) = (repair.sound(), failure.table.mttf.sound()) else {
        return;
    };
    let (down, up) = (law.mean(), mttf.0.mean());
    if *law != Law::Never && down > up {
        let message = format!(
            "the failure `{}` takes longer to repair ({} on average) than to happen ({})",
            failure.name.value,
            Seconds(down),
            Seconds(up)
        );
        let problem = Problem::warning("repair-above-mttf", &repair.place, message)
            .also(&failure.table.mttf.place, "the time to failure");
        problems.push(problem.help("is the unit right? it would be down most of the time"));
    }
}

/// Less than this share lasts as long as the age: a slip, and nothing that the digits of a probability can tell.
const HARDLY_ANY: f64 = 1e-9;

fn age(failure: &Named<Failure>, problems: &mut Vec<Problem>) {
    let Some(age) = &failure.table.age else {
        return;
    };
    let (Some(law), Some(mttf)) = (age.sound(), failure.table.mttf.sound()) else {
        return;
    };
    let life = &mttf.0;
    if life.is_exponential().is_some() || *life == Law::Never {
        let message =
            format!("the age of what `{}` takes down plays no part: its life has no memory", failure.name.value);
        let problem = Problem::warning("ignored-key", &age.place, message);
        problems.push(problem.also(&failure.table.mttf.place, "the time to failure").help(
            "leave out `age`, or state a life that wears out, such as `{ weibull = { mean = \"2y\", shape = 2 } }`",
        ));
    } else if 1.0 - life.cdf(law.quantile(1.0 - HARDLY_ANY)) < HARDLY_ANY {
        let message = format!(
            "what `{}` takes down has an age of up to {}, and hardly anything lives that long",
            failure.name.value,
            Seconds(law.quantile(1.0 - HARDLY_ANY))
        );
        let problem = Problem::error("age-beyond-life", &age.place, message);
        problems.push(problem.also(&failure.table.mttf.place, "the time to failure").help("state a lower age"));
    }
}

/// Failures of units that nothing ever notices.
fn unseen(scenario: &Scenario, failure: &Named<Failure>, problems: &mut Vec<Problem>) {
    let table = &failure.table;
    let Some(symptom) = table.symptom.sound() else {
        return;
    };
    if table.repair.is_some() || *symptom == SymptomChoice::Instance {
        return;
    }
    for scope in table.scope.value.0.iter().filter(|scope| scope.value.what == ScopeKind::Unit) {
        let Some(tier) = scenario.tier.iter().find(|tier| Some(&tier.name.value) == scope.value.name.as_ref()) else {
            continue;
        };
        let Some(group) = &tier.table.auto_scaling else {
            continue;
        };
        let Some(check) = group.value.check.sound() else {
            continue;
        };
        let shallow = tier.table.load_balancer.as_ref().is_some_and(|balancer| !balancer.value.deep.value);
        let (place, why, help) = match (check, symptom) {
            (CheckType::Ec2, _) => {
                (&group.value.check.place, "an EC2 check does not see it", "write `check = \"elb\"`")
            }
            (CheckType::Elb, SymptomChoice::Hang) if shallow => {
                (&table.symptom.place, "a shallow check does not see it", "write `deep = true` in the load balancer")
            }
            (CheckType::Elb, SymptomChoice::Gray) if shallow || !table.seen.as_ref().is_some_and(|seen| seen.value) => {
                (
                    &table.symptom.place,
                    "no check sees it",
                    "write `seen = true`, and `deep = true` in the load balancer",
                )
            }
            _ => continue,
        };
        let message =
            format!("units of `{}` that fail by `{}` are never replaced: {why}", tier.name.value, failure.name.value);
        let problem = Problem::warning("never-replaced", &table.symptom.place, message);
        let problem =
            if place.span == table.symptom.place.span { problem } else { problem.also(place, "decided here") };
        problems.push(problem.help(format!("{help}, or give the failure a `repair`")));
    }
}

/// Parts that are lost for ever when something is killed.
fn killed(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let kills = |failure: &&Named<Failure>| failure.table.effect.sound() == Some(&Effect::Kill);
    let kind = |failure: &Named<Failure>| failure.table.scope.value.0.first().map(|scope| scope.value.what);
    let by_place = scenario
        .failure
        .iter()
        .filter(kills)
        .find(|failure| matches!(kind(failure), Some(ScopeKind::Zone | ScopeKind::Region)));
    if let Some(failure) = by_place {
        for tier in &scenario.tier {
            let Some(pool) = &tier.table.pool else {
                continue;
            };
            if pool.value.replacement.stated() || pool.value.replacement.sound().is_none() {
                continue;
            }
            let message = format!(
                "units of the pool `{}` that `{}` kills are never replaced",
                tier.name.value, failure.name.value
            );
            let problem = Problem::warning("killed-for-ever", &pool.place, message)
                .also(&failure.table.effect.place, "kills them");
            problems.push(problem.help("add `replacement`, a law counted from the end of the failure"));
        }
    }
    for database in &scenario.database {
        let table = &database.table;
        let equal = table.kind.as_ref().is_some_and(|kind| kind.value.has_equal_nodes());
        if equal || table.standby.is_some() || table.replica.is_some() || table.backup.is_some() {
            continue;
        }
        let name = &database.name.value;
        let direct = |failure: &&Named<Failure>| {
            kind(failure) == Some(ScopeKind::Database)
                && failure.table.scope.value.0.iter().any(|scope| scope.value.name.as_ref() == Some(name))
        };
        let Some(failure) = scenario.failure.iter().filter(kills).find(direct).or(by_place) else {
            continue;
        };
        let message = format!("the data of `{name}` are lost for ever when `{}` kills it", failure.name.value);
        let problem = Problem::warning("data-lost-for-ever", &database.name.place, message)
            .also(&failure.table.effect.place, "kills it");
        problems.push(problem.help("add a `standby`, a `replica` or a `backup`"));
    }
}

/// Looks for tiers in several zones that are too small without one of them.
fn headroom(scenario: &Scenario, design: &Design, problems: &mut Vec<Problem>) {
    for room in design.headroom() {
        let (Some(tier), Some(all), Some(rest)) = (
            scenario.tier.iter().find(|table| table.name.value == room.tier),
            room.with_all,
            room.with_one_zone_lost.filter(|rest| *rest > 0.0),
        ) else {
            continue;
        };
        if all >= 1.0
            && rest < 1.0
            && let Some(capacity) = &tier.table.capacity
        {
            let place = if design.stacks.len() > 1 { format!(" in {}", room.region) } else { String::new() };
            let message = format!(
                "with one zone lost `{}`{place} serves {:.0} % of the demand",
                room.tier,
                (100.0 * rest).floor()
            );
            let problem = Problem::warning("no-headroom", &capacity.place, message);
            problems.push(problem.help("add units or zones to survive the loss of one, or accept it"));
        }
    }
}

/// Looks for tiers that lose requests even when all is well.
pub fn capacity(scenario: &Scenario, design: &Design, problems: &mut Vec<Problem>) {
    for (id, tier) in design.tiers.iter().enumerate() {
        let Some(capacity) = tier.capacity else {
            continue;
        };
        let units = match &tier.upkeep {
            Upkeep::Pool { units, .. } => *units,
            Upkeep::AutoScaling(group) => group.desired,
        };
        let regions = design.stacks.iter().filter(|stack| mentions(&stack.requires, id)).count();
        let most = Rate(capacity.get() * f64::from(units) * regions as f64);
        let factors = design.demand.profile.iter().map(|peak| peak.factor);
        let peak = Rate(design.demand.rate.get() * factors.fold(1.0, f64::max));
        if most < peak
            && let Some(place) = scenario
                .tier
                .iter()
                .find(|table| table.name.value == tier.name)
                .and_then(|tier| tier.table.capacity.as_ref())
        {
            let message =
                format!("all units of `{}` together serve {most}, less than the demand of {}", tier.name, peak);
            let problem = Problem::warning("capacity-below-demand", &place.place, message)
                .also(&scenario.demand.rate.place, "the demand");
            problems.push(problem.help("requests are lost even when nothing fails: add units, or raise `capacity`"));
        }
    }
    headroom(scenario, design, problems);
    let everything = design.failures.iter().all(|mode| mode.mttf == Law::Never && !matches!(mode.scope, Scope::Global));
    if everything && !design.failures.is_empty() && design.changes.is_empty() && design.maintenance.is_empty() {
        let problem = Problem::warning(
            "nothing-fails",
            &scenario.place,
            "nothing ever fails in this scenario: the result will be 100 %",
        );
        problems.push(problem.help("every `mttf` is \"never\""));
    }
}

fn mentions(need: &Need, tier: usize) -> bool {
    match need {
        Need::Tier(id) => *id == tier,
        Need::Database(_) | Need::Dependency(_) => false,
        Need::AllOf(members) | Need::AnyOf(members) | Need::KOf { of: members, .. } => {
            members.iter().any(|member| mentions(member, tier))
        }
    }
}

//! Regions that stand by: what their strategy says, and what it leaves to be said.

use super::{Resolver, geography::Geography};
use crate::law::Law;
use crate::model::{self, Record, RegionId, Standby};
use crate::scenario::catalog::catalog;
use crate::scenario::choices::{Strategy, SwitchChoice};
use crate::scenario::decoder::{Given, Named};
use crate::scenario::problem::Problem;
use crate::scenario::tables::{Broken, FailbackRisk, Reserve};
use crate::units::Fraction;

/// The regions that stand by, by region.
pub fn resolve(resolver: &mut Resolver, geography: &Geography, record: &Record) -> Vec<Standby> {
    let scenario = resolver.scenario;
    let mut list = Vec::new();
    for Named { name, table, .. } in &scenario.standby {
        let Some(region) = resolver.lookup("region", name, &geography.region_of) else { continue };
        answered(resolver, name, table, region, record);
        list.push(standby(resolver, &name.value, table, region));
    }
    list.sort_by_key(|standby| standby.region);
    list
}

/// A strategy fits the record, or the region would not do what the strategy says.
fn answered(resolver: &mut Resolver, name: &Given<String>, table: &Reserve, region: RegionId, record: &Record) {
    let Some(strategy) = table.strategy.sound() else { return };
    let (wrong, help) = match (record, strategy) {
        (Record::Failover(order), _) if !order.contains(&region) => {
            ("the record does not name it", "name it in the record, after the region it stands by for")
        }
        (Record::Failover(_), Strategy::ActiveActive) => {
            ("a failover record sends everybody to one region", "write a weighted or a latency record")
        }
        (Record::Failover(order), _) if order.first() == Some(&region) => {
            ("the record answers it first", "put the region it stands by for in front of it")
        }
        (Record::Weighted(_) | Record::Latency(_), strategy) if *strategy != Strategy::ActiveActive => (
            "a weighted or latency record sends clients there all the time",
            "write a failover record, or `strategy = \"active-active\"`",
        ),
        _ => return,
    };
    let message = format!("region `{}` cannot stand by: {wrong}", name.value);
    resolver.report(Problem::error("standby-in-use", &name.place, message).help(help));
}

fn standby(resolver: &mut Resolver, name: &str, table: &Reserve, region: RegionId) -> Standby {
    let strategy = table.strategy.value;
    let (share, provision, scale_up) = match strategy {
        Strategy::BackupAndRestore => (0.0, Some("dr.backup_restore.recovery"), None),
        Strategy::PilotLight => (0.0, None, Some("dr.pilot_light.recovery")),
        Strategy::WarmStandby => (0.5, None, Some("dr.warm_standby.recovery")),
        Strategy::HotStandby | Strategy::ActiveActive => (1.0, None, None),
    };
    if table.share.is_none() && strategy == Strategy::WarmStandby && table.strategy.sound().is_some() {
        let problem = Problem::error(
            "missing-key",
            &table.strategy.place,
            "`strategy = \"warm-standby\"` needs `share`, the share of its units that run",
        );
        resolver.report(problem.help("write for example `share = 0.25`"));
    }
    let share = table.share.as_ref().map_or(Fraction::new(share).unwrap_or(Fraction::ONE), |share| share.value);
    let mut time = |key: &str, given: &Option<Given<Law>>, default: Option<&str>| match (given, default) {
        (Some(law), _) => law.value.clone(),
        (None, Some(entry)) => match catalog().get(entry).and_then(|entry| Some((entry, entry.duration()?))) {
            Some((entry, duration)) => {
                resolver.assumptions.push(entry.assumption(format!("standby.{name}.{key}")));
                Law::Fixed(duration.get())
            }
            None => Law::Fixed(0.0),
        },
        (None, None) => Law::Fixed(0.0),
    };
    let provision = time("provision", &table.provision, provision);
    let scale_up = time("scale_up", &table.scale_up, scale_up);
    if share == Fraction::ONE {
        resolver.assumptions.retain(|assumption| assumption.key != format!("standby.{name}.scale_down"));
    }
    Standby {
        region,
        share,
        provision,
        scale_up,
        scale_down: table.scale_down.value.clone(),
        switch: match table.switch.value {
            SwitchChoice::WhenReady => model::Switch::WhenReady,
            SwitchChoice::AtOnce => model::Switch::AtOnce,
        },
        broken: broken(&table.broken),
    }
}

/// How something breaks silently.
pub fn broken(table: &Option<Given<Broken>>) -> Option<model::Broken> {
    table.as_ref().map(|table| model::Broken {
        mttf: table.value.mttf.value.0,
        exercise: table.value.exercise.as_ref().map(|exercise| exercise.value.0),
        fix: table.value.fix.value.clone(),
    })
}

/// What a failback may break.
pub fn risk(table: &Option<Given<FailbackRisk>>) -> Option<model::FailbackRisk> {
    table.as_ref().map(|table| model::FailbackRisk {
        probability: table.value.probability.value,
        recover: table.value.recover.value.clone(),
    })
}

//! The loop against itself: what may not depend on how events are worked off.

use super::{Halt, Plan, Replica, Stop};
use crate::law::Law;
use crate::model::{
    Client, Demand, Dependency, Design, Effect, FailureMode, Need, Objectives, Region, Retry, Routing, Scope, Stack,
    Symptom, Tier, Upkeep, Zone,
};
use crate::units::{Fraction, Rate, Seconds};
use std::sync::atomic::AtomicBool;

fn mode(name: &str, scope: Scope, mttf: Law, repair: Law, effect: Effect) -> FailureMode {
    FailureMode {
        name: name.to_string(),
        scope,
        mttf,
        repair,
        effect,
        symptom: Symptom::Instance,
        error: Fraction::ONE,
        age: None,
    }
}

const DAY: f64 = 86_400.0;

/// Units in three zones, and a dependency that nothing uses.
fn pool(units: u32, required: u32, crews: Option<u32>, failures: Vec<FailureMode>) -> Design {
    let zone = |index: usize| Zone { name: format!("zone-{index}"), region: 0 };
    Design {
        name: "pool".to_string(),
        question: None,
        regions: vec![Region { name: "region".to_string() }],
        zones: (0..3).map(zone).collect(),
        tiers: vec![Tier {
            name: "web".to_string(),
            zones: vec![0, 1, 2],
            capacity: None,
            required,
            upkeep: Upkeep::Pool { units, crews, replacement: Law::Exponential { mean: 900.0 }, spares: None },
            load_balancer: None,
        }],
        databases: Vec::new(),
        dependencies: vec![Dependency {
            name: "unused".to_string(),
            region: None,
            cost: Fraction::ONE,
            client: Client::default(),
            retry: Retry::default(),
            breaker: None,
            overload: None,
        }],
        stacks: vec![Stack { region: 0, requires: Need::AllOf(vec![Need::Tier(0)]) }],
        routing: Routing::Direct,
        sessions: None,
        failures,
        changes: Vec::new(),
        maintenance: Vec::new(),
        injections: Vec::new(),
        bill: None,
        demand: Demand { rate: Rate(100.0), writes: Rate(0.0), profile: Vec::new() },
        objectives: Objectives::default(),
        horizon: Seconds(30.0 * DAY),
        warm_up: Seconds::ZERO,
        up_threshold: Fraction::ONE,
        replications: None,
        assumptions: Vec::new(),
        unused: Vec::new(),
    }
}

#[test]
fn a_history_is_given_up_when_it_is_told_to_stop() {
    let failures = vec![mode("unit", Scope::Unit(0), Law::Exponential { mean: DAY }, Law::Fixed(600.0), Effect::Mask)];
    let plan = Plan::new(&pool(6, 6, None, failures)).expect("sound");
    let (mut one, mut other) = (Replica::new(&plan), Replica::new(&plan));
    for number in 0..3 {
        let whole = other.run(&plan, 1, number).down;
        assert_eq!(one.run_unless(&plan, 1, number, &Stop::when(&AtomicBool::new(true))).err(), Some(Halt::Told));
        let outcome = one.run_unless(&plan, 1, number, &Stop::never()).expect("nobody stops it");
        assert!(outcome.down.to_bits() == whole.to_bits() && whole > 0.0);
    }
}

/// A fleet whose failures nobody notices works many off without the calendar. A clock that ticks every minute in a dependency that
/// nothing uses makes every repair outlast the next event, and so sends each of them through the calendar: nothing but the
/// number of events may change, and that by the ticks.
#[test]
fn unnoticed_failures_are_the_same_as_events_one_by_one() {
    let exponential = |mean: f64| Law::Exponential { mean };
    let lognormal = Law::Lognormal { mu: 6.5, sigma: 1.0 };
    let weibull = Law::Weibull { scale: 2.0 * DAY, shape: 1.5 };
    let zones = || Scope::Zones(vec![0, 1, 2]);
    let worn = || mode("wear", Scope::Unit(0), weibull.clone(), lognormal.clone(), Effect::Mask);
    let often = || {
        let (life, repair) = (Law::Weibull { scale: DAY / 2.0, shape: 1.5 }, Law::Weibull { scale: 600.0, shape: 3.0 });
        mode("wear", Scope::Unit(0), life, repair, Effect::Mask)
    };
    let masked = || mode("zone", zones(), exponential(9.0 * DAY), exponential(7200.0), Effect::Mask);
    let burnt = || mode("fire", zones(), exponential(20.0 * DAY), exponential(60.0), Effect::Kill);
    let struck = || mode("unit", Scope::Unit(0), exponential(2.0 * DAY), exponential(600.0), Effect::Mask);
    let seldom = |repair: &Law| mode("unit", Scope::Unit(0), exponential(12.0 * DAY), repair.clone(), Effect::Mask);
    let designs = [
        // Mostly one by one; often several at once; always several.
        (pool(6, 5, None, vec![struck()]), Seconds::ZERO),
        (pool(300, 296, None, vec![struck()]), Seconds::ZERO),
        (pool(3_000, 2_982, None, vec![struck()]), Seconds::ZERO),
        // So seldom that repairs are drawn only where they matter; zones that pass unnoticed as well, unless a unit fails in the meantime.
        (pool(6, 6, None, vec![seldom(&exponential(600.0))]), Seconds::ZERO),
        (pool(6, 4, None, vec![seldom(&exponential(600.0)), masked()]), Seconds::ZERO),
        (pool(6, 4, None, vec![seldom(&lognormal), masked()]), Seconds(11.3 * DAY)),
        (pool(6, 4, None, vec![seldom(&Law::Fixed(600.0)), masked(), burnt()]), Seconds::ZERO),
        // Enough units by one, counted from the middle on; two ways to fail; crews; zones that mask and kill.
        (pool(300, 299, None, vec![struck()]), Seconds(11.3 * DAY)),
        (
            pool(
                60,
                57,
                Some(2),
                vec![
                    struck(),
                    mode("disk", Scope::Unit(0), exponential(20.0 * DAY), lognormal.clone(), Effect::Mask),
                    masked(),
                    burnt(),
                ],
            ),
            Seconds(2.0 * DAY),
        ),
        // Clocks of units: in order, unit by unit, and where what was done so may have to be taken back; zones that mask and kill.
        (pool(6, 5, None, vec![worn()]), Seconds::ZERO),
        (pool(300, 285, None, vec![worn(), masked()]), Seconds::ZERO),
        (pool(300, 291, None, vec![worn(), masked()]), Seconds(11.3 * DAY)),
        (pool(60, 57, Some(2), vec![worn(), struck(), masked(), burnt()]), Seconds(2.0 * DAY)),
        (pool(60, 50, None, vec![worn(), burnt()]), Seconds::ZERO),
        // More in a slice than a byte counts.
        (pool(1_800, 1_205, None, vec![often(), burnt()]), Seconds::ZERO),
    ];
    for (mut design, warm_up) in designs {
        design.warm_up = warm_up;
        let plan = Plan::new(&design).expect("a sound design");
        let tick = mode("tick", Scope::Dependency(0), Law::Fixed(59.0), Law::Fixed(1.0), Effect::Mask);
        design.failures.push(tick);
        let ticking = Plan::new(&design).expect("a sound design");
        let ticks = 2 * (design.horizon.0 / 60.0) as u64 - 1;
        let (mut replica, mut other) = (Replica::new(&plan), Replica::new(&ticking));
        let mut incidents = 0;
        for replication in 0..10 {
            let (here, there) = (replica.run(&plan, 5, replication), other.run(&ticking, 5, replication));
            assert_eq!(here.events + ticks, there.events);
            assert_eq!((here.causes, here.lost, here.down), (there.causes, there.lost, there.down));
            assert_eq!(here.incidents, there.incidents);
            incidents += here.incidents.len();
        }
        assert!(incidents > 0, "{warm_up}: nothing crossed the threshold");
    }
}

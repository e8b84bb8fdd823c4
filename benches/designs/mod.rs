//! Designs under measurement.

use ridethrough::law::Law;
use ridethrough::model::{
    Demand, Design, Effect, FailureMode, Need, Objectives, Region, Routing, Scope, Stack, Symptom, Tier, Upkeep, Zone,
};
use ridethrough::units::{Fraction, Rate, Seconds};

fn exponential(mean: f64) -> Law {
    Law::exponential(mean).expect("a positive mean")
}

fn mode(name: &str, scope: Scope, up: f64, down: f64) -> FailureMode {
    FailureMode {
        name: name.to_string(),
        scope,
        mttf: exponential(up),
        repair: exponential(down),
        effect: Effect::Mask,
        symptom: Symptom::Instance,
        error: Fraction::ONE,
        age: None,
    }
}

/// The law of lives and repairs of units.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Without memory.
    Exponential,
    /// Shape 1.5.
    Weibull,
    /// With a log-sd of 1.
    Lognormal,
}

impl Kind {
    fn of_mean(self, mean: f64) -> Law {
        match self {
            Kind::Exponential => exponential(mean),
            Kind::Weibull => Law::weibull_mean(mean, 1.5).expect("a sound law"),
            Kind::Lognormal => Law::lognormal_mean(mean, 1.0).expect("a sound law"),
        }
    }
}

/// Units in three zones that fail every 60 days for 10 minutes, behind outages of zones (2 years, 2 hours) and of the region
/// (4 years, 3 hours).
pub fn masked_units(units: u32, required: u32, lives: Kind, repairs: Kind) -> Design {
    let (life, repair) = (lives.of_mean(60.0 * 86_400.0), repairs.of_mean(600.0));
    let zone = |index: usize| Zone { name: format!("zone-{index}"), region: 0 };
    Design {
        name: "masked units".to_string(),
        question: None,
        regions: vec![Region { name: "region".to_string() }],
        zones: (0..3).map(zone).collect(),
        tiers: vec![Tier {
            name: "web".to_string(),
            zones: vec![0, 1, 2],
            capacity: None,
            required,
            upkeep: Upkeep::Pool { units, crews: None, replacement: Law::Never, spares: None },
            load_balancer: None,
        }],
        databases: Vec::new(),
        dependencies: Vec::new(),
        stacks: vec![Stack { region: 0, requires: Need::AllOf(vec![Need::Tier(0)]) }],
        routing: Routing::Direct,
        sessions: None,
        failures: vec![
            mode("region", Scope::Regions(vec![0]), 4.0 * Seconds::YEAR.0, 3.0 * 3_600.0),
            FailureMode { mttf: life, repair, ..mode("unit", Scope::Unit(0), 1.0, 1.0) },
            mode("zone", Scope::Zones(vec![0, 1, 2]), 2.0 * Seconds::YEAR.0, 2.0 * 3_600.0),
        ],
        changes: Vec::new(),
        maintenance: Vec::new(),
        injections: Vec::new(),
        bill: None,
        demand: Demand { rate: Rate(100.0), writes: Rate(0.0), profile: Vec::new() },
        objectives: Objectives::default(),
        horizon: Seconds::YEAR,
        warm_up: Seconds::ZERO,
        up_threshold: Fraction::ONE,
        replications: None,
        assumptions: Vec::new(),
        unused: Vec::new(),
    }
}

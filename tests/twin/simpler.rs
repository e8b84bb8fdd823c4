//! Makes an architecture simpler as long as it shows what it showed.

use ridethrough::law::Law;
use ridethrough::model::{Design, Need, RegionId, Retry, Routing, Scope, TierId, Upkeep};
use ridethrough::units::{Fraction, Seconds};

/// Ways to make a design simpler, each of which leaves it sound; those that change nothing are among them.
fn simpler(design: &Design) -> Vec<Design> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Design)| {
        let mut changed = design.clone();
        change(&mut changed);
        all.push(changed);
    };
    for mode in 0..design.failures.len() {
        with(&|it| drop(it.failures.remove(mode)));
    }
    for factor in [0.25, 0.5, 0.75, 0.9] {
        with(&|it| it.horizon = Seconds((design.horizon.get() * factor).ceil()));
    }
    with(&|it| it.warm_up = Seconds(0.0));
    for stack in 0..design.stacks.len() {
        for requires in fewer(&design.stacks[stack].requires) {
            with(&|it| it.stacks[stack].requires = requires.clone());
        }
    }
    for region in 0..design.stacks.len() {
        with(&|it| {
            it.stacks[region].requires = Need::AllOf(Vec::new());
        });
    }
    for mode in 0..design.failures.len() {
        if let Scope::Zones(places) | Scope::Regions(places) | Scope::ControlPlanes(places) =
            &design.failures[mode].scope
        {
            for nth in 0..places.len().min(if places.len() > 1 { places.len() } else { 0 }) {
                with(&|it| {
                    if let Scope::Zones(places) | Scope::Regions(places) | Scope::ControlPlanes(places) =
                        &mut it.failures[mode].scope
                    {
                        places.remove(nth);
                    }
                });
            }
        }
    }
    for tier in 0..design.tiers.len() {
        simpler_tier(design, tier, &mut with);
    }
    for database in 0..design.databases.len() {
        with(&|it| it.databases[database].standby = None);
        with(&|it| it.databases[database].replica = None);
        with(&|it| it.databases[database].backup = None);
        with(&|it| it.databases[database].primary = 0);
    }
    for dependency in 0..design.dependencies.len() {
        with(&|it| it.dependencies[dependency].retry = Retry::default());
        with(&|it| it.dependencies[dependency].client.share = Fraction::ONE);
        with(&|it| it.dependencies[dependency].cost = Fraction::ONE);
    }
    with(&|it| {
        if let Routing::Dns(dns) = &mut it.routing {
            dns.check = None;
        }
    });
    with(&|it| {
        if let Routing::Dns(dns) = &mut it.routing {
            dns.cohorts.truncate(1);
            dns.cohorts[0].share = Fraction::ONE;
        }
    });
    all.into_iter().filter(|changed| changed != design && changed.warm_up < changed.horizon).collect()
}

fn simpler_tier(design: &Design, tier: TierId, with: &mut impl FnMut(&dyn Fn(&mut Design))) {
    with(&|it| it.tiers[tier].capacity = None);
    with(&|it| it.tiers[tier].required = 1);
    if let Some(balancer) = &design.tiers[tier].load_balancer {
        with(&|it| {
            it.tiers[tier].load_balancer =
                Some(ridethrough::model::LoadBalancer { cross_zone: true, ..balancer.clone() })
        });
        if matches!(design.tiers[tier].upkeep, Upkeep::Pool { .. }) {
            with(&|it| it.tiers[tier].load_balancer = None);
        }
    }
    let required = design.tiers[tier].required;
    with(&|it| match &mut it.tiers[tier].upkeep {
        Upkeep::Pool { units, .. } if *units > required => *units -= 1,
        Upkeep::AutoScaling(group) if group.desired > required => group.desired -= 1,
        _ => {}
    });
    with(&|it| {
        if let Upkeep::AutoScaling(group) = &mut it.tiers[tier].upkeep {
            group.terminate = Law::Fixed(0.0);
        }
    });
    with(&|it| {
        if let Upkeep::Pool { crews, .. } = &mut it.tiers[tier].upkeep {
            *crews = None;
        }
    });
    let of_region = |region: RegionId| {
        design.tiers[tier].zones.iter().filter(move |zone| design.zones[**zone].region == region).count()
    };
    for zone in &design.tiers[tier].zones {
        if of_region(design.zones[*zone].region) > 1 {
            with(&|it| it.tiers[tier].zones.retain(|kept| kept != zone));
        }
    }
}

/// The structure with one part less, or with one part alone.
fn fewer(need: &Need) -> Vec<Need> {
    let (Need::AllOf(of) | Need::AnyOf(of) | Need::KOf { of, .. }) = need else { return Vec::new() };
    let mut all = of.clone();
    for (nth, part) in of.iter().enumerate() {
        for simpler in fewer(part) {
            let mut changed = need.clone();
            if let Need::AllOf(of) | Need::AnyOf(of) | Need::KOf { of, .. } = &mut changed {
                of[nth] = simpler;
            }
            all.push(changed);
        }
        if of.len() > 1 && !matches!(need, Need::KOf { .. }) {
            let mut changed = need.clone();
            if let Need::AllOf(of) | Need::AnyOf(of) = &mut changed {
                of.remove(nth);
            }
            all.push(changed);
        }
    }
    all
}

/// The simplest design found that still shows something.
pub fn simplest(design: &Design, shows: impl Fn(&Design) -> bool) -> Design {
    let mut best = design.clone();
    while let Some(next) = simpler(&best).into_iter().find(|changed| shows(changed)) {
        best = next;
    }
    best
}

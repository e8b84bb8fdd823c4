//! The estimate an architect would make by hand: steady-state availabilities of single units, multiplied and made redundant on paper.
//!
//! A unit is up for MTTF / (MTTF + MTTR); a tier of n fails with the n-th power of what is left; a request needs the product of its tiers; two
//! regions multiply what is left again. Equal nodes of a database are a binomial; a managed one is as available as it says. No detection, no
//! failover time, no TTL, no capacity, no common cause, nothing that fails only in part or by a calendar: those are what the simulation is
//! for.

use super::site::{self, Site, all_alternating};
use crate::model::{Database, Demand, Design, Effect, FailureMode, Need, Nodes, Quorum, Routing, Symptom, Upkeep};
use serde::Serialize;

/// The estimate by hand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ByHand {
    /// Share of the requests lost.
    pub unavailability: f64,
    /// What the estimate does not know about, of what the design has.
    pub ignores: Vec<String>,
}

/// What an architect would say without a simulation.
#[must_use]
pub fn by_hand(design: &Design) -> ByHand {
    let site = Site::new(design);
    let unavailability = design.stacks.iter().map(|stack| lost(&site, &stack.requires)).product();
    let mut ignores = Vec::new();
    let common = design.failures.iter().any(|mode| {
        use crate::model::Scope::{Global, Regions, Tier, Zones};
        matches!(mode.scope, Zones(_) | Regions(_) | Tier(..) | Global)
    });
    let databases = |has: fn(&Database) -> bool| design.databases.iter().any(has);
    let copies = databases(|it| it.standby.is_some() || it.replica.is_some() || it.storage.is_some());
    let capacity = design.tiers.iter().any(|tier| tier.capacity.is_some() || tier.required > 1);
    let named = matches!(design.routing, Routing::Dns(_));
    let checked = design.tiers.iter().any(|tier| tier.load_balancer.is_some());
    let spared = (design.tiers.iter()).any(|tier| matches!(&tier.upkeep, Upkeep::Pool { spares: Some(_), .. }));
    let gray = design.failures.iter().any(|mode| matches!(mode.symptom, Symptom::Gray { .. }));
    let corrupt = design.failures.iter().any(|mode| mode.effect == Effect::Corrupt);
    let callers = design
        .dependencies
        .iter()
        .any(|it| it.retry.attempts > 1 || it.breaker.is_some() || it.overload.is_some() || it.client.pool.is_some());
    for (there, what) in [
        (common, "zones, regions and other common causes"),
        (checked || named, "detection"),
        (copies || design.stacks.len() > 1, "failover"),
        (named, "TTLs"),
        (capacity, "capacity and required units"),
        (spared, "spares"),
        (gray, "gray failures"),
        (corrupt, "corruption"),
        (callers, "what callers do after a failed call"),
        (!design.changes.is_empty(), "changes"),
        (!design.maintenance.is_empty(), "maintenance"),
        (!design.demand.profile.is_empty(), "the hours of the demand"),
    ] {
        if there {
            ignores.push(what.to_owned());
        }
    }
    ByHand { unavailability, ignores }
}

/// Share that a need loses.
fn lost(site: &Site, need: &Need) -> f64 {
    let all = |needs: &[Need]| needs.iter().fold(0.0, |sum, need| either(sum, lost(site, need)));
    match need {
        Need::Tier(tier) => {
            let it = &site.design.tiers[*tier];
            let replaced = match &it.upkeep {
                Upkeep::Pool { .. } => None,
                Upkeep::AutoScaling(group) => Some(group.launch.mean() + group.boot.mean()),
            };
            let mut modes = site.of_units(*tier);
            modes.retain(|mode| !matches!(mode.symptom, Symptom::Gray { .. }));
            libm::pow(down(&modes, replaced), f64::from(site::units(it)))
        }
        Need::Database(index) => {
            let modes: Vec<_> = site.of_nodes(*index).into_iter().filter(|it| it.effect != Effect::Corrupt).collect();
            let fails = down(&modes, None);
            match &site.design.databases[*index].quorum {
                Some(quorum) => without_quorum(site.design, quorum, fails),
                None => libm::pow(fails, site.nodes_of(*index).len() as f64),
            }
        }
        Need::Dependency(index) => {
            let it = &site.design.dependencies[*index];
            let modes = site.of_part(site::Part::Dependency(*index));
            let fails = modes.iter().fold(0.0, |sum, mode| either(sum, mode.error.get() * down(&[mode], None)));
            it.client.share.get() * it.cost.get() * fails
        }
        Need::AllOf(needs) => all(needs),
        Need::AnyOf(needs) => needs.iter().map(|need| lost(site, need)).product(),
        Need::KOf { k, of } => {
            let fails: Vec<f64> = of.iter().map(|need| lost(site, need)).collect();
            fewer_than(*k, &fails)
        }
    }
}

/// Share that equal nodes lose, each of which is down for a share `fails` of the time. A copy in the stack's own region must be there itself.
fn without_quorum(design: &Design, quorum: &Quorum, fails: f64) -> f64 {
    let (nodes, own) = match &quorum.nodes {
        Nodes::Zones(zones) => (zones.len(), false),
        Nodes::Regions(regions) => (regions.len(), true),
        Nodes::Region(_) | Nodes::Anywhere => (1, false),
    };
    let lost = |needed: u32| {
        let needed = needed as usize;
        if own {
            either(fails, fewer_than(needed.saturating_sub(1), &vec![fails; nodes.saturating_sub(1)]))
        } else {
            fewer_than(needed, &vec![fails; nodes])
        }
    };
    let Demand { rate, writes, .. } = &design.demand;
    let writes = if rate.0 > 0.0 { (writes.0 / rate.0).min(1.0) } else { 0.0 };
    writes * lost(quorum.write) + (1.0 - writes) * lost(quorum.read)
}

/// Chance that fewer than so many of independent things work, each of which fails with its own chance.
fn fewer_than(needed: usize, fails: &[f64]) -> f64 {
    let mut working = vec![1.0];
    for fails in fails {
        let mut next = vec![0.0; working.len() + 1];
        for (count, chance) in working.iter().enumerate() {
            next[count] += chance * fails;
            next[count + 1] += chance * (1.0 - fails);
        }
        working = next;
    }
    working.iter().take(needed).sum()
}

/// Either of two independent things, without the loss of digits of 1 - (1 - a)(1 - b).
fn either(a: f64, b: f64) -> f64 {
    a + b - a * b
}

/// Share of the time that a unit with these modes is down; `replaced` after this time where nothing repairs it (s).
fn down(modes: &[&FailureMode], replaced: Option<f64>) -> f64 {
    let processes = all_alternating(modes);
    processes.iter().fold(0.0, |sum, process| {
        let repair = match replaced {
            Some(time) if process.down == f64::INFINITY => time,
            _ => process.down,
        };
        either(sum, if repair == f64::INFINITY { 1.0 } else { repair / (process.up + repair) })
    })
}

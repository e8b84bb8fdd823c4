//! The estimate an architect would make by hand: steady-state availabilities of single units, multiplied and made redundant on paper.
//!
//! A unit is up for MTTF / (MTTF + MTTR); a tier of n fails with the n-th power of what is left; a request needs the product of its tiers; two
//! regions multiply what is left again. No detection, no failover time, no TTL, no capacity, no common cause: those are what the
//! simulation is for.

use super::site::{self, Site, all_alternating};
use crate::model::{Design, FailureMode, Need, Upkeep};
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
    let copies = design.databases.iter().any(|database| database.standby.is_some() || database.replica.is_some());
    let capacity = design.tiers.iter().any(|tier| tier.capacity.is_some() || tier.required > 1);
    let named = matches!(design.routing, crate::model::Routing::Dns(_));
    let checked = design.tiers.iter().any(|tier| tier.load_balancer.is_some());
    for (there, what) in [
        (common, "zones, regions and other common causes"),
        (checked || named, "detection"),
        (copies || design.stacks.len() > 1, "failover"),
        (named, "TTLs"),
        (capacity, "capacity and required units"),
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
            libm::pow(down(&site.of_units(*tier), replaced), f64::from(site::units(it)))
        }
        Need::Database(index) => {
            let nodes = site.nodes_of(*index).len() as f64;
            libm::pow(down(&site.of_nodes(*index), None), nodes)
        }
        Need::Dependency(index) => {
            let cost = site.design.dependencies[*index].cost.get();
            cost * down(&site.of_part(site::Part::Dependency(*index)), None)
        }
        Need::AllOf(needs) => all(needs),
        Need::AnyOf(needs) => needs.iter().map(|need| lost(site, need)).product(),
        Need::KOf { k, of } => {
            // Chances of how many work.
            let mut working = vec![1.0];
            for need in of {
                let fails = lost(site, need);
                let mut next = vec![0.0; working.len() + 1];
                for (count, chance) in working.iter().enumerate() {
                    next[count] += chance * fails;
                    next[count + 1] += chance * (1.0 - fails);
                }
                working = next;
            }
            working.iter().take(*k).sum()
        }
    }
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

//! What a tier could serve of the demand, and could without one zone: no simulation, only sizes.

use super::{Design, Need, Record, RegionId, Routing, TierId, Upkeep};
use serde::Serialize;

/// What a tier in one region serves of what is asked of it, as a share of that; above 1 there is room. None: any load.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Headroom {
    /// The tier.
    pub tier: String,
    /// The region.
    pub region: String,
    /// With every unit at work.
    pub with_all: Option<f64>,
    /// Without the zone that holds most units.
    pub with_one_zone_lost: Option<f64>,
}

impl Need {
    /// A tier is part of it.
    fn names_tier(&self, tier: TierId) -> bool {
        match self {
            Need::Tier(id) => *id == tier,
            Need::Database(_) | Need::Dependency(_) => false,
            Need::AllOf(of) | Need::AnyOf(of) | Need::KOf { of, .. } => of.iter().any(|need| need.names_tier(tier)),
        }
    }
}

impl Design {
    /// Headroom of each tier in each region that runs it, by region and then by name.
    pub fn headroom(&self) -> Vec<Headroom> {
        let tiers = |stack: &super::Stack| {
            (0..self.tiers.len()).filter(|tier| stack.requires.names_tier(*tier)).collect::<Vec<_>>()
        };
        let each = self.stacks.iter().flat_map(|stack| tiers(stack).into_iter().map(|tier| (tier, stack.region)));
        each.map(|(tier, region)| self.headroom_of(tier, region)).collect()
    }

    fn headroom_of(&self, tier: TierId, region: RegionId) -> Headroom {
        let asked = self.demand.rate.0 * self.most_share(region);
        let tier = &self.tiers[tier];
        let units = match &tier.upkeep {
            Upkeep::Pool { units, .. } => *units,
            Upkeep::AutoScaling(group) => group.desired,
        };
        let zones = tier.zones.iter().filter(|zone| self.zones[**zone].region == region).count() as u32;
        let served = |units: u32| match tier.capacity {
            _ if units < tier.required => Some(0.0),
            Some(capacity) => Some(f64::from(units) * capacity.0 / asked),
            None => None,
        };
        Headroom {
            tier: tier.name.clone(),
            region: self.regions[region].name.clone(),
            with_all: served(units),
            with_one_zone_lost: served(units - units.div_ceil(zones.max(1))),
        }
    }

    /// Share of the demand that goes to a region when it is healthy: all if it is one of a list to fail over.
    pub(super) fn most_share(&self, region: RegionId) -> f64 {
        match &self.routing {
            Routing::Dns(dns) => match &dns.record {
                Record::Weighted(weights) => {
                    let all: f64 = weights.iter().map(|(_, weight)| weight).sum();
                    weights.iter().find(|(id, _)| *id == region).map_or(1.0, |(_, weight)| weight / all)
                }
                Record::Latency(populations) => {
                    let here = populations.iter().filter(|it| it.prefers.first() == Some(&region));
                    here.map(|it| it.share.get()).sum()
                }
                Record::Failover(_) => 1.0,
            },
            Routing::Direct => 1.0,
        }
    }
}

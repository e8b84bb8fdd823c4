//! The structure function: how many requests are served at an instant, given the state of every object.

use crate::world::World;
use ridethrough::model::{Need, RegionId, Routing};

/// Mean over the window from `from` to `to` of one entry of a piecewise constant history; its value at `to` if the window
/// is empty. The first entry of the history starts at minus infinity.
pub fn average(history: &[(f64, Vec<f64>)], index: usize, from: f64, to: f64) -> f64 {
    if from >= to {
        let current = history.iter().rev().find(|(since, _)| *since <= to);
        return current.map_or(0.0, |(_, values)| values[index]);
    }
    let mut sum = 0.0;
    for (nth, (since, values)) in history.iter().enumerate() {
        let until = history.get(nth + 1).map_or(f64::INFINITY, |next| next.0);
        let (start, end) = (since.max(from), until.min(to));
        if end > start {
            sum += values[index] * (end - start);
        }
    }
    sum / (to - from)
}

impl World<'_> {
    /// How many of `load` requests per second a structure serves at an instant.
    pub fn serves(&self, need: &Need, region: RegionId, load: f64) -> f64 {
        let part = |need: &Need, load: f64| self.serves(need, region, load);
        match need {
            Need::Tier(tier) => self.tier_serves(*tier, region, load),
            Need::Database(id) if self.store_serves(*id) => load,
            Need::Database(_) => 0.0,
            Need::Dependency(id) => {
                // Attempts that follow at once, and no breaker, pool or capacity: those are left to the oracle.
                let called = &self.design.dependencies[*id];
                let mut failing = 1.0;
                for _ in 0..called.retry.attempts {
                    failing *= self.dependency_fails(*id);
                }
                load * (1.0 - called.client.share.get() * called.cost.get() * failing)
            }
            Need::AllOf(of) => of.iter().fold(load, |load, need| part(need, load)),
            Need::AnyOf(of) => {
                let mut served = 0.0;
                for need in of {
                    served += part(need, load - served);
                }
                served
            }
            Need::KOf { k, of } => {
                let mut each: Vec<f64> = of.iter().map(|need| part(need, load)).collect();
                each.sort_by(|left, right| right.total_cmp(left));
                each.get(k.wrapping_sub(1)).copied().unwrap_or(load)
            }
        }
    }

    /// The share of the demand that is served at an instant, the state of the objects being as it is now.
    pub fn served_fraction(&self, at: f64) -> f64 {
        let demand = self.design.demand.rate.get();
        let mut served = 0.0;
        for stack in &self.design.stacks {
            if self.region_down(stack.region) {
                continue;
            }
            let share = match &self.design.routing {
                Routing::Direct => 1.0,
                Routing::Dns(dns) => self.clients_of(dns, stack.region, at),
            };
            served += self.serves(&stack.requires, stack.region, demand * share);
        }
        served / demand
    }

    /// Whether a region could serve at least some request.
    pub fn could_serve(&self, region: RegionId) -> bool {
        let demand = self.design.demand.rate.get();
        !self.region_down(region)
            && self
                .design
                .stacks
                .iter()
                .filter(|stack| stack.region == region)
                .any(|stack| self.serves(&stack.requires, region, demand) > 0.0)
    }

    /// Instants strictly between two at which the served fraction may have a kink or a jump while the state stays as it
    /// is, and the instant from which on it is constant.
    pub fn kinks(&self, from: f64, to: f64) -> (Vec<f64>, f64) {
        let mut kinks = Vec::new();
        let mut still = from;
        let mut change = |since: f64, delays: &[f64], settled: f64| {
            for delay in delays {
                if since + delay > from && since + delay < to {
                    kinks.push(since + delay);
                }
            }
            if since + settled > still {
                still = since + settled;
            }
        };
        if let (Some(name), Routing::Dns(dns)) = (&self.name, &self.design.routing) {
            for cohort in &dns.cohorts {
                let (first, last, settled) = crate::dns::times(cohort);
                for (since, _) in &name.answers {
                    change(*since, &[first, last], settled);
                }
            }
        }
        kinks.sort_by(f64::total_cmp);
        kinks.dedup();
        (kinks, still)
    }
}

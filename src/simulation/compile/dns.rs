//! DNS: what it answers and when, and the clients that keep its answers.

use super::{Compiler, PlanError, at_most};
use crate::engine::curve::MAX_RATES;
use crate::law::name_key;
use crate::mechanism::check::Check;
use crate::mechanism::checkers::CheckersPlan;
use crate::mechanism::dns::{CohortPlan, DnsPlan, FailbackPlan, RecordPlan};
use crate::mechanism::latent::LatentPlan;
use crate::mechanism::standby::StandbyPlan;
use crate::mechanism::structure::StructurePlan;
use crate::model::{Cohort, Dns, Failback, Population, Record, Routing, Stale, Standby, Switch};

impl Compiler<'_> {
    pub(super) fn dns(&self, structures: &[StructurePlan]) -> Result<Option<DnsPlan>, PlanError> {
        let dns = match &self.design.routing {
            Routing::Dns(dns) => dns,
            Routing::Direct if structures.len() == 1 => return Ok(None),
            Routing::Direct => return Err(PlanError::NoRouting { stacks: structures.len() }),
        };
        let (regions, record) = match &dns.record {
            Record::Failover(order) => (order.clone(), RecordPlan::Failover),
            Record::Weighted(weights) => {
                let (regions, weights) = weights.iter().copied().unzip();
                (regions, RecordPlan::Weighted(weights))
            }
            Record::Latency(populations) => latency(populations),
        };
        for region in &regions {
            if !structures.iter().any(|s| s.region == *region) {
                return Err(PlanError::NothingThere { region: self.design.regions[*region].name.clone() });
            }
        }
        let mut rates: Vec<f64> = Vec::new();
        let cohorts = dns.cohorts.iter().map(|cohort| cohort_plan(cohort, &mut rates)).collect();
        at_most("different exponential times that clients keep stale answers", rates.len(), MAX_RATES)?;
        rates.resize(MAX_RATES, 1.0);
        Ok(Some(DnsPlan {
            component: 0,
            standbys: regions.iter().map(|r| dns.standbys.iter().find(|s| s.region == *r).map(standby)).collect(),
            regions,
            record,
            check: dns.check.as_ref().map(Check::new),
            checkers: dns.check.as_ref().and_then(|check| CheckersPlan::new(dns.checkers, check)),
            decision: dns.decision.clone(),
            coverage: dns.coverage.get(),
            manual: dns.manual.clone(),
            publish: dns.publish.clone(),
            failback: failback(dns),
            failback_risk: (dns.failback_risk.as_ref()).map(|risk| (risk.probability.get(), risk.recover.clone())),
            cohorts,
            rates,
            key: name_key("dns"),
        }))
    }
}

/// The regions of a latency record, and the orders as positions among them.
fn latency(populations: &[Population]) -> (Vec<usize>, RecordPlan) {
    let regions: Vec<usize> = populations.first().map_or(Vec::new(), |first| first.prefers.clone());
    let order = |population: &Population| {
        let positions = population.prefers.iter().filter_map(|region| regions.iter().position(|r| r == region));
        (population.share.get(), positions.collect())
    };
    let record = RecordPlan::Latency(populations.iter().map(order).collect());
    (regions, record)
}

fn standby(standby: &Standby) -> StandbyPlan {
    StandbyPlan {
        region: standby.region,
        share: standby.share.get(),
        provision: standby.provision.clone(),
        scale_up: standby.scale_up.clone(),
        scale_down: standby.scale_down.clone(),
        when_ready: standby.switch == Switch::WhenReady,
        latent: standby.broken.as_ref().map(LatentPlan::new),
    }
}

fn failback(dns: &Dns) -> FailbackPlan {
    match &dns.failback {
        Failback::Automatic(law) | Failback::Manual(law) => FailbackPlan::After(law.clone()),
        Failback::Never => FailbackPlan::Never,
    }
}

fn cohort_plan(cohort: &Cohort, rates: &mut Vec<f64>) -> CohortPlan {
    let (delay, rate) = match cohort.stale {
        Stale::None => (0.0, None),
        Stale::Fixed(time) => (time.0, None),
        Stale::Exponential(mean) => {
            let rate = 1.0 / mean.0;
            let known = rates.iter().position(|r| *r == rate);
            let index = known.unwrap_or_else(|| {
                rates.push(rate);
                rates.len() - 1
            });
            (0.0, Some(index))
        }
    };
    CohortPlan { share: cohort.share.get(), ttl: cohort.ttl.0, delay, rate }
}

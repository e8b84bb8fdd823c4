//! Dependencies, and how their clients call them.

use super::Compiler;
use crate::law::name_key;
use crate::mechanism::dependency::{BreakerPlan, DependencyMode, DependencyPlan, OverloadPlan};
use crate::model::{Scope, Symptom};

impl Compiler<'_> {
    pub(super) fn dependency(&self, index: usize, component: u32) -> DependencyPlan {
        let dependency = &self.design.dependencies[index];
        let client = &dependency.client;
        let modes = self.design.failures.iter().enumerate();
        DependencyPlan {
            component,
            index,
            users: self.dependency_users[index],
            region: dependency.region,
            modes: modes
                .filter(|(_, mode)| mode.scope == Scope::Dependency(index))
                .map(|(bit, mode)| DependencyMode {
                    bit: 1 << bit,
                    error: mode.error.get(),
                    hangs: mode.symptom == Symptom::Hang,
                })
                .chain(self.dependency_maintained(index))
                .collect(),
            cost: client.share.get() * dependency.cost.get(),
            calls: client.calls.map_or(client.share.get() * self.design.demand.rate.0, |calls| calls.0),
            timeout: client.timeout.0,
            pool: client.pool.map_or(f64::INFINITY, f64::from),
            waits: dependency.retry.waits.iter().map(|wait| wait.0).collect(),
            breaker: dependency.breaker.as_ref().map(|breaker| BreakerPlan {
                trip: breaker.trip,
                reset_timeout: breaker.reset_timeout.0,
                half_open: breaker.half_open,
                fallback: breaker.fallback.get(),
                callers: f64::from(breaker.callers),
            }),
            overload: dependency.overload.as_ref().map(|overload| OverloadPlan {
                capacity: overload.capacity.0,
                goodput: overload.goodput.get(),
                intervention: overload.intervention.clone(),
            }),
            trials: name_key(&format!("dependency/{}/trial", dependency.name)),
            interventions: name_key(&format!("dependency/{}/intervention", dependency.name)),
        }
    }
}

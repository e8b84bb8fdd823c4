//! Tiers become fleets, one for each region that requires them.

use super::{Compiler, PlanError, at_most};
use crate::mechanism::check::Check;
use crate::mechanism::fleet::{
    BalancerPlan, FleetPlan, GrayPlan, MAX_UNIT_MODES, ScalingPlan, SharedModes, ShiftPlan, SparesPlan, UnitMode,
    UpkeepPlan,
};
use crate::model::{AutoScaling, CheckType, Design, LoadBalancer, Scope, Symptom, Tier, Touches, Upkeep};

impl Compiler<'_> {
    pub(super) fn fleet(&mut self, index: usize, region: usize) -> Result<usize, PlanError> {
        let tier = &self.design.tiers[index];
        let name = format!("tier/{}/{}", tier.name, self.design.regions[region].name);
        if let Some(known) = self.fleets.iter().position(|f| f.name == name) {
            return Ok(known);
        }
        let zones: Vec<usize> = tier.zones.iter().copied().filter(|z| self.region_of[*z] == region).collect();
        let (units, upkeep) = upkeep(tier);
        if zones.is_empty() || units == 0 {
            let region = self.design.regions[region].name.clone();
            return Err(PlanError::NoPlace { tier: tier.name.clone(), region });
        }
        let modes: Vec<UnitMode> = (self.design.failures.iter().enumerate())
            .filter(|(_, mode)| mode.scope == Scope::Unit(index))
            .map(|(bit, mode)| UnitMode {
                bit: 1 << bit,
                name: mode.name.clone(),
                life: mode.mttf.clone(),
                age: mode.age.clone(),
                repair: mode.repair.clone(),
                symptom: mode.symptom,
            })
            .chain(self.units_changed(index))
            .collect();
        at_most("failure modes of one tier's units", modes.len(), MAX_UNIT_MODES)?;
        let balancer = tier.load_balancer.as_ref().map(|balancer| BalancerPlan {
            check: Check::new(&balancer.check),
            cross_zone: balancer.cross_zone,
            zone_ttl: balancer.zone_ttl.0,
            shift: balancer.zonal_shift.as_ref().map(|shift| ShiftPlan {
                detection: shift.detection.clone(),
                decision: shift.decision.clone(),
                duration: shift.duration.clone(),
                return_after: shift.return_after.clone(),
            }),
            overload: balancer.overload.and_then(|limit| Some(limit * tier.capacity?.0)),
        });
        let capacity = tier.capacity.map_or(f64::INFINITY, |rate| rate.0);
        self.fleets.push(FleetPlan::new(
            name,
            0,
            region,
            zones,
            units,
            tier.required,
            capacity,
            modes,
            self.shared_modes(index, region),
            gray_modes(self.design),
            upkeep,
            balancer,
        ));
        Ok(self.fleets.len() - 1)
    }

    fn shared_modes(&self, tier: usize, region: usize) -> SharedModes {
        let shared = |symptom: Symptom| {
            let modes = self.design.failures.iter().enumerate();
            let own = modes
                .filter(|(_, mode)| mode.scope == Scope::Tier(tier, region) && mode.symptom == symptom)
                .fold(0, |bits, (bit, _)| bits | 1 << bit);
            let changes = self.design.changes.iter().enumerate();
            changes
                .filter(|(_, change)| change.touches == Touches::Tier(tier) && change.symptom == symptom)
                .fold(own, |bits, (index, _)| bits | self.bit_of_change(index))
        };
        SharedModes { instance: shared(Symptom::Instance), hang: shared(Symptom::Hang) }
    }
}

fn gray_modes(design: &Design) -> GrayPlan {
    let mut plan = GrayPlan::none();
    for (bit, mode) in design.failures.iter().enumerate() {
        if let Symptom::Gray { error, seen } = mode.symptom {
            plan.modes |= 1 << bit;
            plan.seen |= u64::from(seen) << bit;
            plan.zonal |= u64::from(matches!(mode.scope, Scope::Zones(_))) << bit;
            plan.survival[bit] = 1.0 - error.get();
        }
    }
    for (index, change) in design.changes.iter().enumerate() {
        if let Symptom::Gray { error, seen } = change.symptom {
            let bit = design.failures.len() + index;
            plan.modes |= 1 << bit;
            plan.seen |= u64::from(seen) << bit;
            plan.survival[bit] = 1.0 - error.get();
        }
    }
    plan
}

/// Units per region, and how they are kept up.
fn upkeep(tier: &Tier) -> (u32, UpkeepPlan) {
    match &tier.upkeep {
        Upkeep::Pool { units, crews, replacement, spares } => {
            let spares = spares.as_ref().map(|spares| SparesPlan {
                count: spares.count,
                dormant: spares.dormant.get(),
                switch_over: spares.switch_over.clone(),
                coverage: spares.coverage.get(),
            });
            let crews = crews.unwrap_or(u32::MAX);
            (*units, UpkeepPlan::Pool { crews, replacement: replacement.clone(), spares })
        }
        Upkeep::AutoScaling(group) => (
            group.desired,
            UpkeepPlan::Scaling(ScalingPlan {
                check: group.check,
                grace: group.grace.0,
                status_check: Check::new(&group.status_check),
                terminate: group.terminate.clone(),
                launch: group.launch.clone(),
                boot: group.boot.clone(),
                endless: is_endless(tier, group),
                launch_failure: group.launch_failure.get(),
                retry: group.retry.clone(),
            }),
        ),
    }
}

/// Every boot outlasts the grace period and the latest verdict after it.
fn is_endless(tier: &Tier, group: &AutoScaling) -> bool {
    let latest = |balancer: &LoadBalancer| group.grace.0 + Check::new(&balancer.check).latest_verdict();
    let outlasts = |balancer: &LoadBalancer| group.boot.quantile(0.0) > latest(balancer);
    group.check == CheckType::Elb && tier.load_balancer.as_ref().is_some_and(outlasts)
}

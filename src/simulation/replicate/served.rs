//! The served fraction between events: what each region loses with its share of the demand, and what DNS sees of it.

use super::Replica;
use super::timed::of_change;
use crate::engine::curve::Curve;
use crate::engine::ledger::Stage;
use crate::mechanism::database::Database;
use crate::mechanism::dependency::Dependency;
use crate::mechanism::dns::Dns;
use crate::mechanism::fleet::Fleet;
use crate::mechanism::structure::{StructurePlan, View};
use crate::mechanism::world::World;
use crate::simulation::compile::Plan;

/// What a region loses at one of its parts, as a fraction of the whole demand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Charge {
    pub(super) part: usize,
    pub(super) modes: u64,
    pub(super) stage: Stage,
    pub(super) fraction: f64,
    /// Of reads and of writes, where they can fare differently.
    pub(super) apart: [f64; 2],
}

impl Charge {
    /// All that a share of the demand asks for.
    pub(super) fn whole(plan: &StructurePlan, modes: u64, stage: Stage, share: f64) -> Charge {
        let apart = plan.writes.map_or([0.0; 2], |writes| [share * (1.0 - writes), share * writes]);
        Charge { part: plan.parts.len() - 1, modes, stage, fraction: share, apart }
    }
}

impl Replica {
    /// Accounts what was lost since the last time: at constant rates, or along a drain.
    pub(in crate::simulation) fn account(&mut self, plan: &Plan, now: f64) {
        self.world.now = now;
        if self.is_moving() {
            self.account_moving(plan, now);
        } else {
            self.ledger.settle(now);
        }
    }

    #[inline(never)]
    fn account_moving(&mut self, plan: &Plan, now: f64) {
        self.drain(plan, now);
        let (Some(dns), Some(its_plan)) = (&mut self.dns, &plan.dns) else { return };
        dns.advance(its_plan, now);
        self.ledger.skip(now);
        if !dns.is_moving() {
            // The shares have just come to rest: the rates must be those at rest from here on.
            self.world.changed = u64::MAX;
            self.evaluate(plan);
        }
    }

    /// Works out what every changed region loses from now on, and tells DNS how the endpoints look.
    pub(super) fn evaluate(&mut self, plan: &Plan) {
        let now = self.world.now;
        self.ledger.settle(now);
        self.ledger.clear();
        let changed = std::mem::take(&mut self.world.changed);
        let moving = self.is_moving();
        for (index, structure) in plan.structures.iter().enumerate() {
            if moving || changed & 1 << structure.region != 0 {
                let share = match self.dns {
                    Some(_) => self.share(plan, structure.region).value(plan.rates(), 0.0),
                    None => 1.0,
                };
                self.charge(plan, index, share);
            }
            for charge in &self.charges[index] {
                self.ledger.lose(charge.modes, charge.stage, charge.fraction);
                self.ledger.lose_apart(charge.apart);
            }
        }
        self.ledger.judge(now);
        if self.dns.is_some() {
            self.observe(plan, changed);
        }
        if plan.feels_load {
            self.load_fleets(plan);
        }
    }

    pub(super) fn share(&self, plan: &Plan, region: usize) -> Curve {
        share(plan, &self.dns, region)
    }

    /// Works out what one region loses when this share of the demand goes to it.
    pub(super) fn charge(&mut self, plan: &Plan, index: usize, share: f64) {
        let structure = &plan.structures[index];
        let charges = &mut self.charges[index];
        charges.clear();
        if share <= 0.0 {
            return;
        }
        let view = view(plan, &self.fleets, &self.databases, &self.dependencies, &self.world);
        let places = &self.world.places;
        // Where clients wait to be told of another region, the stage is that of DNS; where no other region can serve yet, the one
        // that region's recovery is in.
        let elsewhere = || {
            let endpoint = plan.dns.as_ref()?.regions.iter().position(|r| *r == structure.region)?;
            let others = plan.structures.iter().filter(|other| other.region != structure.region);
            let mut stages = std::iter::once(self.dns.as_ref()?.stage(endpoint))
                .chain(others.map(|other| other.stage(other.parts.len() - 1, &view)));
            stages.find(|stage| *stage != Stage::Repair)
        };
        let botched = self.dns.as_ref().and_then(Dns::botched);
        let whole = places.regions[structure.region].modes | botched.unwrap_or(0);
        if whole != 0 || botched.is_some() {
            let wait = places.global.is_up() && botched.is_none();
            let stage = if wait { elsewhere() } else { None }.unwrap_or(Stage::Repair);
            let stage = of_change(plan, &self.changes, whole, stage);
            charges.push(Charge::whole(structure, whole, stage, share));
            return;
        }
        let load = share * self.demand;
        let losses = &mut self.losses[..structure.parts.len()];
        structure.serve(&view, load, losses);
        for (part, lost) in losses.iter().enumerate() {
            let total = lost[0] + lost[1];
            if total <= 0.0 {
                continue;
            }
            let mut modes = structure.cause(part, &view);
            let mut stage = structure.stage(part, &view);
            if modes == 0 {
                // Nothing is wrong here: traffic from a region that failed is more than this one can carry.
                modes = self.dns.as_ref().map_or(0, Dns::cause);
            }
            if stage == Stage::Repair {
                stage = elsewhere().unwrap_or(stage);
            }
            let stage = of_change(plan, &self.changes, modes, stage);
            let apart = structure.writes.map_or([0.0; 2], |_| lost.map(|lost| lost / self.demand));
            charges.push(Charge { part, modes, stage, fraction: total / self.demand, apart });
        }
    }

    /// Tells DNS which endpoints could serve a request.
    #[inline(never)]
    fn observe(&mut self, plan: &Plan, changed: u64) {
        let (Some(dns), Some(its_plan)) = (&mut self.dns, &plan.dns) else { return };
        for (endpoint, region) in its_plan.regions.iter().enumerate() {
            if changed & 1 << region == 0 {
                continue;
            }
            let Some(structure) = plan.structures.iter().find(|s| s.region == *region) else { continue };
            let view = view(plan, &self.fleets, &self.databases, &self.dependencies, &self.world);
            let places = &self.world.places;
            // What a region that stands by lacks is known, and no failure.
            let deep = its_plan.check.as_ref().is_some_and(|c| c.deep) && its_plan.standbys[endpoint].is_none();
            let whole = places.regions[*region].modes;
            let (serves, modes) = if whole != 0 {
                (false, whole)
            } else if deep {
                let losses = &mut self.losses[..structure.parts.len()];
                let serves = structure.could_serve(&view, losses);
                (serves, if serves { 0 } else { structure.cause(structure.parts.len() - 1, &view) })
            } else {
                let zones = || plan.fleets.iter().filter(|f| f.region == *region).flat_map(|f| &f.zones);
                let serves = zones().next().is_none() || zones().any(|z| places.zones[*z].is_up());
                (serves, zones().fold(0, |modes, z| modes | places.zones[*z].modes))
            };
            dns.observe(its_plan, endpoint, serves, modes, &mut self.world);
        }
    }
}

/// Share of the demand that goes to a region from now on.
pub(super) fn share(plan: &Plan, dns: &Option<Dns>, region: usize) -> Curve {
    let (Some(dns), Some(its_plan)) = (dns, &plan.dns) else { return Curve::flat(1.0) };
    match its_plan.regions.iter().position(|r| *r == region) {
        Some(endpoint) => dns.share(its_plan, endpoint),
        None => Curve::flat(0.0),
    }
}

/// What the structure looks at.
pub(super) fn view<'a>(
    plan: &'a Plan,
    fleets: &'a [Fleet],
    databases: &'a [Database],
    dependencies: &'a [Dependency],
    world: &'a World,
) -> View<'a> {
    View { fleet_plans: &plan.fleets, fleets, database_plans: &plan.databases, databases, dependencies, world }
}

//! The fan-out: what stands in a place learns that it goes down or comes back.

use super::Replica;
use super::served::share;
use crate::engine::calendar::Event;
use crate::mechanism::database::DatabasePlan;
use crate::mechanism::dns::Dns;
use crate::mechanism::outage::{Hold, Target};
use crate::mechanism::world::World;
use crate::simulation::compile::Plan;

/// What has turned at one instant, so that whoever waits for places looks at all of them at once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Turned {
    places: bool,
    publishing: bool,
}

impl Replica {
    /// A failure mode begins or ends at a place: what stands there, and what waits for it, learns of it.
    pub(super) fn place_turns(&mut self, plan: &Plan, hold: Hold, fails: bool) {
        let mut turned = Turned::default();
        self.turn_place(plan, hold, fails, &mut turned);
        self.have_turned(plan, turned);
    }

    /// What waits for places, and acts on them at once, learns that some have turned.
    pub(super) fn have_turned(&mut self, plan: &Plan, turned: Turned) {
        if turned.places {
            self.places_changed(plan);
        }
        if turned.publishing {
            self.publishing_turns(plan);
        }
    }

    /// A failure mode begins or ends at a place, perhaps at others at the same instant: what stands there learns of it.
    pub(super) fn turn_place(&mut self, plan: &Plan, hold: Hold, fails: bool, turned: &mut Turned) {
        self.world.places.touched = true;
        self.world.failures_on = if fails { self.world.failures_on + 1 } else { self.world.failures_on - 1 };
        if hold.gray && !matches!(hold.target, Target::OneUnit(_) | Target::OneZone(_)) {
            return self.gray_turns(plan, hold, fails);
        }
        let world = &mut self.world;
        match hold.target {
            Target::Zone(zone) => turned.places |= self.zone_turns(plan, zone, hold, fails),
            Target::Region(region) => turned.places |= self.region_turns(plan, region, hold, fails),
            Target::ControlPlane(region) => {
                world.places.control_planes[region].turn(hold.bit, fails);
                turned.places = true;
            }
            Target::GlobalControlPlane => {
                world.places.global_control_plane.turn(hold.bit, fails);
                *turned = Turned { places: true, publishing: true };
            }
            Target::Dependency(index) => {
                let before = world.places.dependencies[index].modes;
                world.places.dependencies[index].turn(hold.bit, fails);
                if let Some(its_plan) = &plan.sessions {
                    self.sessions.store_turns(its_plan, index, before, world.places.dependencies[index].modes);
                }
                world.changed |= plan.dependencies[index].users;
                self.dependencies[index].review(&plan.dependencies[index], world);
            }
            Target::Data(database) => self.databases[database].corrupted(&plan.databases[database], hold.bit, world),
            Target::Fleet(index) => self.fleets[index].tier_turns(&plan.fleets[index], hold.bit, fails, world),
            Target::OneUnit(index) | Target::OneZone(index) if fails => {
                let whole_zone = matches!(hold.target, Target::OneZone(_));
                self.fleets[index].hold(&plan.fleets[index], hold.bit, whole_zone, world);
            }
            Target::OneUnit(index) | Target::OneZone(index) => {
                self.fleets[index].let_go(&plan.fleets[index], hold.bit, world);
            }
            Target::Node { database, node } => {
                note_shares(plan, &self.dns, world);
                let its_plan = &plan.databases[database];
                self.databases[database].node_turns(its_plan, node, hold.bit, fails, hold.kills, world);
            }
            Target::Global => {
                world.places.global.turn(hold.bit, fails);
                for region in 0..plan.regions {
                    turned.places |= self.region_turns(plan, region, hold, fails);
                }
                turned.publishing = true;
            }
        }
    }

    /// The failure of a zone, and its restoration as well if nothing happens in between and nobody would notice: whether this was such a
    /// failure, and is done with.
    pub(super) fn zone_fails_alone(&mut self, plan: &Plan, event: Event) -> bool {
        let component = event.component();
        let Some(its_plan) = plan.outages.get(component).filter(|_| plan.zones_only_count) else { return false };
        let Hold { target: Target::Zone(zone), kills: false, gray: false, .. } = its_plan.hold else { return false };
        let quiet = self.world.failures_on == 0 && self.ledger.is_quiet();
        let mut fleets = self.fleets.iter().zip(&plan.fleets);
        if !quiet || !fleets.all(|(fleet, its_plan)| fleet.can_do_without_zone(its_plan, zone)) {
            return false;
        }
        let limit = self.world.until.min(self.world.calendar.next_time());
        if let Some(true) = self.outages[component].turn_alone(its_plan, event, limit, &mut self.world) {
            self.place_turns(plan, its_plan.hold, true);
            self.follow(plan);
        }
        true
    }

    /// Whether what waits for the zone must learn of it.
    fn zone_turns(&mut self, plan: &Plan, zone: usize, hold: Hold, fails: bool) -> bool {
        let flipped = self.world.places.zones[zone].turn(hold.bit, fails);
        if flipped {
            for (fleet, its_plan) in self.fleets.iter_mut().zip(&plan.fleets) {
                if fails {
                    fleet.zone_fails(its_plan, zone, hold.bit, &mut self.world);
                } else {
                    fleet.zone_returns(its_plan, zone, &mut self.world);
                }
            }
        }
        if hold.kills {
            self.killer_turns(plan, zone, hold.bit, fails);
        }
        flipped || hold.kills
    }

    /// Whether what waits for the region must learn of it.
    fn region_turns(&mut self, plan: &Plan, region: usize, hold: Hold, fails: bool) -> bool {
        self.world.changed |= plan.region_users[region];
        let flipped = self.world.places.regions[region].turn(hold.bit, fails);
        for (dependency, its_plan) in self.dependencies.iter_mut().zip(&plan.dependencies) {
            if its_plan.region == Some(region) {
                dependency.review(its_plan, &mut self.world);
            }
        }
        if flipped && fails {
            self.fleets_of_region_turn(plan, region, fails);
        }
        if hold.kills {
            for zone in (0..plan.region_of.len()).filter(|zone| plan.region_of[*zone] == region) {
                self.killer_turns(plan, zone, hold.bit, fails);
            }
            if fails {
                for (database, its_plan) in self.databases.iter_mut().zip(&plan.databases) {
                    database.region_dies(its_plan, region, &self.world);
                }
            }
        }
        if flipped && !fails {
            self.fleets_of_region_turn(plan, region, fails);
        }
        flipped || hold.kills
    }

    fn fleets_of_region_turn(&mut self, plan: &Plan, region: usize, fails: bool) {
        for (fleet, its_plan) in self.fleets.iter_mut().zip(&plan.fleets) {
            if its_plan.region == region {
                fleet.region_turns(its_plan, fails, &mut self.world);
            }
        }
    }

    /// What is in a zone is lost, or can be replaced where the last mode that killed it is over.
    fn killer_turns(&mut self, plan: &Plan, zone: usize, mode: u64, fails: bool) {
        if fails {
            for (fleet, its_plan) in self.fleets.iter_mut().zip(&plan.fleets) {
                fleet.zone_dies(its_plan, zone, mode, &mut self.world);
            }
            for (database, its_plan) in self.databases.iter_mut().zip(&plan.databases) {
                database.zone_dies(its_plan, zone);
            }
        } else if self.world.places.blame(zone) & plan.killers == 0 {
            for (fleet, its_plan) in self.fleets.iter_mut().zip(&plan.fleets) {
                fleet.zone_can_be_refilled(its_plan, zone, &mut self.world);
            }
        }
    }

    /// Places or control planes have changed: what waited for them may go on.
    fn places_changed(&mut self, plan: &Plan) {
        if !plan.waits_for_places {
            return;
        }
        for (fleet, its_plan) in self.fleets.iter_mut().zip(&plan.fleets) {
            fleet.can_launch_again(its_plan, &mut self.world);
        }
        note_shares(plan, &self.dns, &mut self.world);
        for (database, its_plan) in self.databases.iter_mut().zip(&plan.databases) {
            database.places_changed(its_plan, &mut self.world);
        }
        if let (Some(dns), Some(its_plan)) = (&mut self.dns, &plan.dns) {
            dns.places_changed(its_plan, &mut self.world);
        }
        for (change, its_plan) in self.changes.iter_mut().zip(&plan.changes) {
            change.go_on(its_plan, &mut self.world);
        }
    }

    /// What changes answers of DNS goes down or comes back.
    fn publishing_turns(&mut self, plan: &Plan) {
        if let (Some(dns), Some(its_plan)) = (&mut self.dns, &plan.dns) {
            dns.advance(its_plan, self.world.now);
            dns.control_returns(its_plan, &mut self.world);
        }
    }

    /// A database has a new node, or its data were cleaned: the processes of the old ones are over.
    pub(super) fn renew_processes(&mut self, plan: &Plan, database: usize) {
        let node = self.databases[database].take_renewed();
        let cleaned = self.databases[database].take_cleaned();
        if node.is_none() && !cleaned {
            return;
        }
        for (outage, its_plan) in self.outages.iter_mut().zip(&plan.outages) {
            let renewed = node.is_some_and(|node| its_plan.hold.target == Target::Node { database, node });
            if renewed || (cleaned && its_plan.hold.target == Target::Data(database)) {
                outage.renew(its_plan, &mut self.world);
            }
        }
    }
}

/// Tells databases that need it where the demand goes.
fn note_shares(plan: &Plan, dns: &Option<Dns>, world: &mut World) {
    if plan.databases.iter().any(DatabasePlan::needs_shares) {
        for (region, its_share) in world.shares.iter_mut().enumerate() {
            *its_share = share(plan, dns, region).value(plan.rates(), 0.0);
        }
    }
}

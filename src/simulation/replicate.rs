//! One replication: the loop over events, the fan-out from places to what stands in them, and the served fraction between events.

mod fleets;

use super::compile::Plan;
use crate::engine::calendar::Event;
use crate::engine::curve::Curve;
use crate::engine::ledger::{Incident, Ledger, STAGES, Stage};
use crate::mechanism::database::{DataLoss, Database};
use crate::mechanism::dependency::Dependency;
use crate::mechanism::dns::Dns;
use crate::mechanism::fleet::Fleet;
use crate::mechanism::outage::{Outage, OutagePlan, Target};
use crate::mechanism::sessions::Sessions;
use crate::mechanism::structure::View;
use crate::mechanism::world::{Places, World};

/// What one replication left behind.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a> {
    /// State changes, warm-up included.
    pub events: u64,
    /// Sets of failure modes that lost something.
    pub causes: &'a [u64],
    /// Lost seconds of each of them, by stage.
    pub lost: &'a [[f64; STAGES]],
    /// Incidents.
    pub incidents: &'a [Incident],
    /// Seconds below the threshold.
    pub down: f64,
    /// Data losses, of one database after the other.
    pub data_losses: &'a [DataLoss],
    /// Overloads that outlived what began them.
    pub metastable_incidents: u64,
    /// Users who lost their session.
    pub users_logged_out: f64,
}

/// What a region loses at one of its parts, as a fraction of the whole demand.
#[derive(Debug, Clone, Copy)]
struct Charge {
    part: usize,
    modes: u64,
    stage: Stage,
    fraction: f64,
}

/// The memory of a replication at work.
#[derive(Debug)]
pub struct Replica {
    world: World,
    outages: Vec<Outage>,
    fleets: Vec<Fleet>,
    databases: Vec<Database>,
    dependencies: Vec<Dependency>,
    sessions: Sessions,
    dns: Option<Dns>,
    ledger: Ledger,
    /// Every history starts alike: known from an earlier one.
    loses_nothing_at_rest: bool,
    /// What each structure loses now.
    charges: Vec<Vec<Charge>>,
    /// Loss of each part of the structure looked at.
    losses: Vec<f64>,
    losses_elsewhere: Vec<f64>,
    cuts: Vec<f64>,
    data_losses: Vec<DataLoss>,
}

impl Replica {
    /// Memory for replications of a plan.
    pub fn new(plan: &Plan) -> Replica {
        let parts = plan.structures.iter().map(|s| s.parts.len()).max().unwrap_or(0);
        Replica {
            world: World {
                places: Places::new(plan.region_of.clone(), plan.regions, plan.dependencies.len()),
                watched: plan.dns.is_some(),
                ..World::default()
            },
            outages: vec![Outage::new(); plan.outages.len()],
            fleets: plan.fleets.iter().map(Fleet::new).collect(),
            databases: vec![Database::new(); plan.databases.len()],
            dependencies: vec![Dependency::new(); plan.dependencies.len()],
            sessions: Sessions::new(plan.sessions.as_ref()),
            dns: plan.dns.as_ref().map(Dns::new),
            ledger: Ledger::default(),
            loses_nothing_at_rest: false,
            charges: vec![Vec::new(); plan.structures.len()],
            losses: vec![0.0; parts],
            losses_elsewhere: vec![0.0; parts],
            cuts: Vec::new(),
            data_losses: Vec::new(),
        }
    }

    /// Simulates one history from everything up and fresh to the end of the horizon.
    pub fn run(&mut self, plan: &Plan, seed: u64, replication: u64) -> Outcome<'_> {
        self.restart(plan, seed, replication);
        let end = self.world.end;
        let mut warm = plan.warm_up == 0.0;
        while let Some(event) = self.world.calendar.peek() {
            if !warm && event.time() >= plan.warm_up {
                self.warm_up_ends(plan);
                warm = true;
            }
            self.world.calendar.pop();
            self.world.now = event.time();
            self.world.until = if warm { end } else { plan.warm_up };
            if self.is_moving() {
                self.world.until = 0.0;
                self.account(plan, event.time());
            }
            self.turn(plan, event);
            // What DNS makes of a change may change the stage of a recovery at the same instant.
            while self.world.changed != 0 {
                self.evaluate(plan);
            }
            if let Some(its_plan) = &plan.sessions {
                self.sessions.settle(its_plan, &mut self.fleets, self.dns.as_ref());
            }
        }
        if !warm {
            self.warm_up_ends(plan);
        }
        self.account(plan, end);
        self.ledger.close(end);
        self.data_losses.clear();
        for database in &self.databases {
            self.data_losses.extend(database.losses().iter().filter(|loss| loss.at >= plan.warm_up));
        }
        Outcome {
            events: self.world.events,
            causes: self.ledger.causes(),
            lost: self.ledger.lost(),
            incidents: self.ledger.incidents(),
            down: self.ledger.down(),
            data_losses: &self.data_losses,
            metastable_incidents: self.world.metastable
                + self.dependencies.iter().map(Dependency::metastable_incidents).sum::<u64>(),
            users_logged_out: self.sessions.logged_out(),
        }
    }

    /// What came before does not count.
    fn warm_up_ends(&mut self, plan: &Plan) {
        self.account(plan, plan.warm_up);
        self.ledger.discard(plan.warm_up);
        self.world.metastable = 0;
        self.sessions.discard();
        self.dependencies.iter_mut().for_each(Dependency::discard);
    }

    fn restart(&mut self, plan: &Plan, seed: u64, replication: u64) {
        let world = &mut self.world;
        world.now = 0.0;
        world.end = plan.warm_up + plan.counted;
        world.calendar.clear();
        world.places.restart();
        world.events = 0;
        (world.failures_on, world.metastable) = (0, 0);
        for (outage, its_plan) in self.outages.iter_mut().zip(&plan.outages) {
            outage.restart(its_plan, seed, replication, world);
        }
        for (fleet, its_plan) in self.fleets.iter_mut().zip(&plan.fleets) {
            fleet.restart(its_plan, seed, replication, world);
        }
        for (database, its_plan) in self.databases.iter_mut().zip(&plan.databases) {
            database.restart(its_plan, seed, replication);
        }
        for (dependency, its_plan) in self.dependencies.iter_mut().zip(&plan.dependencies) {
            dependency.restart(its_plan, seed, replication, world);
        }
        if let (Some(dns), Some(its_plan)) = (&mut self.dns, &plan.dns) {
            dns.restart(its_plan, seed, replication, world);
        }
        if let Some(its_plan) = &plan.sessions {
            self.sessions.restart(its_plan, self.dns.as_ref());
        }
        self.ledger.restart(plan.up_threshold);
        if self.loses_nothing_at_rest {
            self.charges.iter_mut().for_each(Vec::clear);
            world.changed = 0;
        } else {
            world.changed = u64::MAX;
            self.evaluate(plan);
            self.loses_nothing_at_rest = plan.dns.is_none() && self.ledger.is_quiet();
        }
    }

    fn is_moving(&self) -> bool {
        self.dns.as_ref().is_some_and(Dns::is_moving)
    }

    // ---- events ----------------------------------------------------------------------------------------------------------

    fn turn(&mut self, plan: &Plan, event: Event) {
        let component = event.component();
        let fleet = component.wrapping_sub(plan.outages.len());
        let database = fleet.wrapping_sub(plan.fleets.len());
        let dependency = database.wrapping_sub(plan.databases.len());
        if component < plan.outages.len() {
            if let Some(fails) = self.outages[component].turn(&plan.outages[component], event, &mut self.world) {
                self.place_turns(plan, component, fails);
            }
        } else if fleet < plan.fleets.len() {
            self.fleets[fleet].turn(&plan.fleets[fleet], event, &mut self.world);
        } else if database < plan.databases.len() {
            self.databases[database].turn(&plan.databases[database], event, &mut self.world);
            self.renew_nodes(plan, database);
        } else if dependency < plan.dependencies.len() {
            self.dependencies[dependency].turn(&plan.dependencies[dependency], event, &mut self.world);
        } else if let (Some(dns), Some(its_plan)) = (&mut self.dns, &plan.dns) {
            dns.advance(its_plan, self.world.now);
            dns.turn(its_plan, event, &mut self.world);
        }
    }

    /// A failure mode begins or ends at a place: what stands there learns of it.
    fn place_turns(&mut self, plan: &Plan, outage: usize, fails: bool) {
        let outage = &plan.outages[outage];
        self.world.failures_on = if fails { self.world.failures_on + 1 } else { self.world.failures_on - 1 };
        if outage.gray {
            return self.gray_turns(plan, outage, fails);
        }
        let world = &mut self.world;
        match outage.target {
            Target::Zone(zone) => self.zone_turns(plan, zone, outage, fails),
            Target::Region(region) => self.region_turns(plan, region, outage, fails),
            Target::ControlPlane(region) => {
                world.places.control_planes[region].turn(outage.bit, fails);
                self.places_changed(plan);
            }
            Target::GlobalControlPlane => {
                world.places.global_control_plane.turn(outage.bit, fails);
                self.places_changed(plan);
                self.publishing_turns(plan);
            }
            Target::Dependency(index) => {
                let before = world.places.dependencies[index].modes;
                world.places.dependencies[index].turn(outage.bit, fails);
                if let Some(its_plan) = &plan.sessions {
                    self.sessions.store_turns(its_plan, index, before, world.places.dependencies[index].modes);
                }
                world.changed |= plan.dependencies[index].users;
                self.dependencies[index].review(&plan.dependencies[index], world);
            }
            Target::Fleet(index) => self.fleets[index].tier_turns(&plan.fleets[index], outage.bit, fails, world),
            Target::Node { database, node } => {
                let its_plan = &plan.databases[database];
                self.databases[database].node_turns(its_plan, node, outage.bit, fails, outage.kills, world);
            }
            Target::Global => {
                world.places.global.turn(outage.bit, fails);
                (0..plan.regions).for_each(|region| self.region_turns(plan, region, outage, fails));
                self.publishing_turns(plan);
            }
        }
    }

    fn zone_turns(&mut self, plan: &Plan, zone: usize, outage: &OutagePlan, fails: bool) {
        let flipped = self.world.places.zones[zone].turn(outage.bit, fails);
        if flipped {
            for (fleet, its_plan) in self.fleets.iter_mut().zip(&plan.fleets) {
                if fails {
                    fleet.zone_fails(its_plan, zone, outage.bit, &mut self.world);
                } else {
                    fleet.zone_returns(its_plan, zone, &mut self.world);
                }
            }
        }
        if outage.kills {
            self.killer_turns(plan, zone, outage.bit, fails);
        }
        if flipped || outage.kills {
            self.places_changed(plan);
        }
    }

    fn region_turns(&mut self, plan: &Plan, region: usize, outage: &OutagePlan, fails: bool) {
        self.world.changed |= plan.region_users[region];
        let flipped = self.world.places.regions[region].turn(outage.bit, fails);
        for (dependency, its_plan) in self.dependencies.iter_mut().zip(&plan.dependencies) {
            if its_plan.region == Some(region) {
                dependency.review(its_plan, &mut self.world);
            }
        }
        if flipped && fails {
            self.fleets_of_region_turn(plan, region, fails);
        }
        if outage.kills {
            for zone in (0..plan.region_of.len()).filter(|zone| plan.region_of[*zone] == region) {
                self.killer_turns(plan, zone, outage.bit, fails);
            }
        }
        if flipped && !fails {
            self.fleets_of_region_turn(plan, region, fails);
        }
        if flipped || outage.kills {
            self.places_changed(plan);
        }
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
            for database in &mut self.databases {
                database.zone_dies(zone);
            }
        } else if self.world.places.blame(zone) & plan.killers == 0 {
            for (fleet, its_plan) in self.fleets.iter_mut().zip(&plan.fleets) {
                fleet.zone_can_be_refilled(its_plan, zone, &mut self.world);
            }
        }
    }

    /// Places or control planes have changed: what waited for them may go on.
    fn places_changed(&mut self, plan: &Plan) {
        for (fleet, its_plan) in self.fleets.iter_mut().zip(&plan.fleets) {
            fleet.can_launch_again(its_plan, &mut self.world);
        }
        for (database, its_plan) in self.databases.iter_mut().zip(&plan.databases) {
            database.places_changed(its_plan, &mut self.world);
        }
        if let (Some(dns), Some(its_plan)) = (&mut self.dns, &plan.dns) {
            dns.places_changed(its_plan, &mut self.world);
        }
    }

    /// What changes answers of DNS goes down or comes back.
    fn publishing_turns(&mut self, plan: &Plan) {
        if let (Some(dns), Some(its_plan)) = (&mut self.dns, &plan.dns) {
            dns.advance(its_plan, self.world.now);
            dns.control_returns(its_plan, &mut self.world);
        }
    }

    /// A database was restored on a new node: the processes of the old one are over.
    fn renew_nodes(&mut self, plan: &Plan, database: usize) {
        let Some(node) = self.databases[database].take_renewed() else { return };
        for (outage, its_plan) in self.outages.iter_mut().zip(&plan.outages) {
            if its_plan.target == (Target::Node { database, node }) {
                outage.renew(its_plan, &mut self.world);
            }
        }
    }

    // ---- the served fraction ---------------------------------------------------------------------------------------------

    /// Accounts what was lost since the last time: at constant rates, or along a drain.
    fn account(&mut self, plan: &Plan, now: f64) {
        self.world.now = now;
        if self.is_moving() {
            self.drain(plan, now);
            let (Some(dns), Some(its_plan)) = (&mut self.dns, &plan.dns) else { return };
            dns.advance(its_plan, now);
            self.ledger.skip(now);
            if !dns.is_moving() {
                // The shares have just come to rest: the rates must be those at rest from here on.
                self.world.changed = u64::MAX;
                self.evaluate(plan);
            }
        } else {
            self.ledger.settle(now);
        }
    }

    /// Works out what every changed region loses from now on, and tells DNS how the endpoints look.
    fn evaluate(&mut self, plan: &Plan) {
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
            }
        }
        self.ledger.judge(now);
        self.observe(plan, changed);
        if plan.feels_load {
            self.load_fleets(plan);
        }
    }

    fn share(&self, plan: &Plan, region: usize) -> Curve {
        let (Some(dns), Some(its_plan)) = (&self.dns, &plan.dns) else { return Curve::flat(1.0) };
        match its_plan.regions.iter().position(|r| *r == region) {
            Some(endpoint) => dns.share(its_plan, endpoint),
            None => Curve::flat(0.0),
        }
    }

    /// Works out what one region loses when this share of the demand goes to it.
    fn charge(&mut self, plan: &Plan, index: usize, share: f64) {
        let structure = &plan.structures[index];
        let charges = &mut self.charges[index];
        charges.clear();
        if share <= 0.0 {
            return;
        }
        let view = View {
            fleet_plans: &plan.fleets,
            fleets: &self.fleets,
            database_plans: &plan.databases,
            databases: &self.databases,
            dependencies: &self.dependencies,
            world: &self.world,
        };
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
        let botched = self.dns.as_ref().map_or(0, Dns::botched);
        let whole = places.regions[structure.region].modes | botched;
        if whole != 0 {
            let wait = places.global.is_up() && botched == 0;
            let stage = if wait { elsewhere() } else { None }.unwrap_or(Stage::Repair);
            charges.push(Charge { part: structure.parts.len() - 1, modes: whole, stage, fraction: share });
            return;
        }
        let load = share * plan.demand;
        let losses = &mut self.losses[..structure.parts.len()];
        structure.serve(&view, load, losses);
        for (part, lost) in losses.iter().enumerate().filter(|(_, lost)| **lost > 0.0) {
            let mut modes = structure.cause(part, &view);
            let mut stage = structure.stage(part, &view);
            if modes == 0 {
                // Nothing is wrong here: traffic from a region that failed is more than this one can carry.
                modes = self.dns.as_ref().map_or(0, Dns::cause);
            }
            if stage == Stage::Repair {
                stage = elsewhere().unwrap_or(stage);
            }
            charges.push(Charge { part, modes, stage, fraction: lost / plan.demand });
        }
    }

    /// Tells DNS which endpoints could serve a request.
    fn observe(&mut self, plan: &Plan, changed: u64) {
        let (Some(dns), Some(its_plan)) = (&mut self.dns, &plan.dns) else { return };
        for (endpoint, region) in its_plan.regions.iter().enumerate() {
            if changed & 1 << region == 0 {
                continue;
            }
            let Some(structure) = plan.structures.iter().find(|s| s.region == *region) else { continue };
            let view = View {
                fleet_plans: &plan.fleets,
                fleets: &self.fleets,
                database_plans: &plan.databases,
                databases: &self.databases,
                dependencies: &self.dependencies,
                world: &self.world,
            };
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

    /// Accounts what was lost while shares moved, exactly: cuts the time where a lane of some region fills up, and between two cuts
    /// each loss is a straight function of the region's share.
    fn drain(&mut self, plan: &Plan, now: f64) {
        let start = self.ledger.since();
        let width = now - start;
        if width <= 0.0 {
            return;
        }
        let rates = plan.rates();
        let view = View {
            fleet_plans: &plan.fleets,
            fleets: &self.fleets,
            database_plans: &plan.databases,
            databases: &self.databases,
            dependencies: &self.dependencies,
            world: &self.world,
        };
        self.cuts.clear();
        for structure in &plan.structures {
            let share = self.share(plan, structure.region);
            if !share.is_flat() {
                let losses = &mut self.losses[..structure.parts.len()];
                let cuts = &mut self.cuts;
                structure.kinks(&view, plan.demand, losses, |load| {
                    cuts.extend_from_slice(share.crossings(rates, load / plan.demand, 0.0, width).as_slice());
                });
            }
        }
        self.cuts.push(width);
        self.cuts.sort_by(f64::total_cmp);
        let mut from = 0.0;
        for cut in 0..self.cuts.len() {
            let to = self.cuts[cut];
            if to > from {
                self.drain_piece(plan, start, from, to);
            }
            from = to;
        }
    }

    /// Accounts a piece of a drain in which no lane changes between full and not full; times count from `start`.
    fn drain_piece(&mut self, plan: &Plan, start: f64, from: f64, to: f64) {
        let rates = plan.rates();
        let middle = 0.5 * (from + to);
        let mut total = Curve::default();
        let mut modes_in_piece = 0;
        for (index, structure) in plan.structures.iter().enumerate() {
            let share = self.share(plan, structure.region);
            let area = share.area(rates, from, to);
            let at = |t: f64| share.value(rates, t).max(0.0);
            let (one, other) = {
                let (a, b, c) = (at(from), at(middle), at(to));
                if (a - c).abs() >= (a - b).abs() { (a, c) } else { (a, b) }
            };
            let here = at(middle);
            self.charge(plan, index, here);
            if self.charges[index].is_empty() && one <= 0.0 && other <= 0.0 {
                continue;
            }
            if (one - other).abs() <= 1e-15 {
                for charge in &self.charges[index] {
                    let cause = self.ledger.cause(charge.modes);
                    self.ledger.charge(cause, charge.stage, charge.fraction * (to - from));
                    total.constant += charge.fraction;
                    modes_in_piece |= charge.modes;
                }
                continue;
            }
            // Causes and stages are those of the piece; what each part loses is straight between the two shares.
            let botched = self.dns.as_ref().is_some_and(|dns| dns.botched() != 0);
            let whole_region = botched || !self.world.places.regions[structure.region].is_up();
            let parts = structure.parts.len();
            if whole_region {
                for charge in &self.charges[index] {
                    let cause = self.ledger.cause(charge.modes);
                    self.ledger.charge(cause, charge.stage, area);
                    modes_in_piece |= charge.modes;
                }
                total.add(&share, 1.0);
                continue;
            }
            let view = View {
                fleet_plans: &plan.fleets,
                fleets: &self.fleets,
                database_plans: &plan.databases,
                databases: &self.databases,
                dependencies: &self.dependencies,
                world: &self.world,
            };
            structure.serve(&view, one * plan.demand, &mut self.losses[..parts]);
            structure.serve(&view, other * plan.demand, &mut self.losses_elsewhere[..parts]);
            for part in 0..parts {
                let (lost_one, lost_other) =
                    (self.losses[part] / plan.demand, self.losses_elsewhere[part] / plan.demand);
                let slope = (lost_other - lost_one) / (other - one);
                let offset = lost_one - slope * one;
                let seconds = offset * (to - from) + slope * area;
                if seconds <= 0.0 || (lost_one == 0.0 && lost_other == 0.0) {
                    continue;
                }
                let charge = self.charges[index].iter().find(|charge| charge.part == part);
                let (modes, stage) = charge.map_or((0, Stage::Propagation), |charge| (charge.modes, charge.stage));
                let cause = self.ledger.cause(modes);
                self.ledger.charge(cause, stage, seconds);
                modes_in_piece |= modes;
                total.constant += offset;
                total.add(&share, slope);
            }
        }
        let edges = total.crossings(rates, self.ledger.tolerated(), from, to);
        let mut left = from;
        for &right in edges.as_slice().iter().chain([&to]) {
            let down = self.ledger.is_down(total.value(rates, 0.5 * (left + right)));
            self.ledger.edge(start + left, down, modes_in_piece);
            left = right;
        }
    }
}

impl Plan {
    fn rates(&self) -> &[f64] {
        self.dns.as_ref().map_or(&[], |dns| &dns.rates)
    }
}

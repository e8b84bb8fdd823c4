//! A tier in one region: units that fail, are noticed, and are repaired in place or replaced, behind a load balancer or not.
//!
//! Identical exponential lives are one source that strikes a unit drawn at random: striking one that is already down, or not in
//! service, changes nothing, which by memorylessness is exact and costs the same for any number of units. Other laws give each
//! unit its own clock. Only what is not up has pending events.
//!
//! A unit is *alive* when none of its own modes is on, *reachable* when its zone is up as well, *registered* while in service,
//! and *in rotation* while the load balancer sends it requests.
//!
//! Sources: ALB and EC2 Auto Scaling user guides, June 2023 (health checks for target groups, fail open, replacement of unhealthy
//! instances, health check grace period, rebalancing).

use super::check::Check;
use super::world::{Condition, World};
use crate::engine::calendar::{Class, Event};
use crate::engine::ledger::Stage;
use crate::law::{Law, Stream};
use crate::model::{CheckType, Symptom};
use std::collections::VecDeque;

/// Most failure modes that units of one tier can have.
pub const MAX_UNIT_MODES: usize = 15;

/// The bit of a unit that a zone or region failure killed.
const KILLED: u16 = 1 << 15;

/// A tier in one region, compiled.
#[derive(Debug, Clone)]
pub struct FleetPlan {
    /// `tier/NAME/REGION`, the stem of the names of its streams.
    pub name: String,
    /// Component number of its events.
    pub component: u32,
    /// Its region.
    pub region: usize,
    /// Its zones, in the order units are dealt to them.
    pub zones: Vec<usize>,
    /// Number of units.
    pub units: u32,
    /// With fewer healthy units it serves nothing.
    pub required: u32,
    /// Requests per second one unit serves, infinite if unstated.
    pub capacity: f64,
    /// How units fail.
    pub modes: Vec<UnitMode>,
    /// How units come back.
    pub upkeep: UpkeepPlan,
    /// How requests reach them.
    pub balancer: Option<BalancerPlan>,
    /// Units have states that must follow their zone's: they are routed to, or replaced.
    tracks_units: bool,
    /// It serves everything or nothing, as it has enough healthy units or not.
    all_or_nothing: bool,
    keys: Keys,
}

/// How a unit fails.
#[derive(Debug, Clone)]
pub struct UnitMode {
    /// Bit of the failure mode.
    pub bit: u64,
    /// Name of the failure mode.
    pub name: String,
    /// Time to failure.
    pub life: Law,
    /// Time to repair; never for one that only a replacement ends.
    pub repair: Law,
    /// How it looks from outside.
    pub symptom: Symptom,
}

/// How units come back.
#[derive(Debug, Clone)]
pub enum UpkeepPlan {
    /// Repaired in place.
    Pool {
        /// Repairs at once.
        crews: u32,
        /// From the end of the failure that killed a unit to its return.
        replacement: Law,
    },
    /// Replaced.
    Scaling(ScalingPlan),
}

/// An auto scaling group, compiled.
#[derive(Debug, Clone)]
pub struct ScalingPlan {
    /// What it looks at.
    pub check: CheckType,
    /// Verdicts count from this long after launch [s].
    pub grace: f64,
    /// How it sees a dead instance by itself.
    pub status_check: Check,
    /// From verdict to launch.
    pub terminate: Law,
    /// From launch request to a running instance.
    pub launch: Law,
    /// From a running instance to a running application.
    pub boot: Law,
    /// Probability that a launch fails.
    pub launch_failure: f64,
    /// From a failed launch to the next.
    pub retry: Law,
}

/// A load balancer, compiled.
#[derive(Debug, Clone)]
pub struct BalancerPlan {
    /// How targets are checked.
    pub check: Check,
    /// Every node reaches every zone.
    pub cross_zone: bool,
    /// Clients keep a node's address this long at most [s].
    pub zone_ttl: f64,
}

#[derive(Debug, Clone)]
struct Keys {
    lives: Vec<u64>,
    repairs: Vec<u64>,
    checks: u64,
    launches: u64,
}

impl FleetPlan {
    /// Compiles a tier in a region; the streams are named after both.
    #[expect(clippy::too_many_arguments, reason = "one call site, which names every field")]
    pub fn new(
        name: String,
        component: u32,
        region: usize,
        zones: Vec<usize>,
        units: u32,
        required: u32,
        capacity: f64,
        modes: Vec<UnitMode>,
        upkeep: UpkeepPlan,
        balancer: Option<BalancerPlan>,
    ) -> FleetPlan {
        let key = |suffix: &str| crate::law::name_key(&format!("{name}/{suffix}"));
        let keys = Keys {
            lives: modes.iter().map(|m| key(&format!("{}/life", m.name))).collect(),
            repairs: modes.iter().map(|m| key(&format!("{}/repair", m.name))).collect(),
            checks: key("check"),
            launches: key("launch"),
        };
        let tracks_units = balancer.is_some() || matches!(upkeep, UpkeepPlan::Scaling(_));
        let all_or_nothing = balancer.is_none() && capacity == f64::INFINITY;
        FleetPlan {
            name,
            component,
            region,
            zones,
            units,
            required: required.max(1),
            capacity,
            modes,
            upkeep,
            balancer,
            tracks_units,
            all_or_nothing,
            keys,
        }
    }

    fn scaling(&self) -> Option<&ScalingPlan> {
        match &self.upkeep {
            UpkeepPlan::Scaling(plan) => Some(plan),
            UpkeepPlan::Pool { .. } => None,
        }
    }

    /// Bits of the modes with one of the symptoms.
    fn bits(&self, seen: impl Fn(Symptom) -> bool) -> u16 {
        self.modes.iter().enumerate().filter(|(_, m)| seen(m.symptom)).map(|(i, _)| 1 << i).fold(KILLED, |a, b| a | b)
    }
}

/// Kinds of events, in the low half of the code; the high half is the unit's mode where there is one.
mod kind {
    pub const STRIKE: u8 = 0;
    pub const FAIL: u8 = 1;
    pub const RESTORE: u8 = 2;
    pub const REPLACED: u8 = 3;
    pub const OUT: u8 = 4;
    pub const IN: u8 = 5;
    pub const VERDICT: u8 = 6;
    pub const TERMINATED: u8 = 7;
    pub const LAUNCHED: u8 = 8;
    pub const RETRY: u8 = 9;
    pub const SERVICE: u8 = 10;
    pub const MOVE: u8 = 11;
    pub const NODE: u8 = 12;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    InService,
    Terminating,
    Waiting,
    Launching,
    Booting,
}

/// The verdict the load balancer is working on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pending {
    Nothing,
    GoingOut,
    ComingIn,
}

#[derive(Debug, Clone, Copy)]
struct Unit {
    /// When it was launched [s]; before time 0 for the first ones, whose grace period is over.
    launched: f64,
    /// Modes that led to its state, one bit each.
    cause: u64,
    /// Counts its lives, so that events of an earlier one are known.
    life: u32,
    checks: u32,
    verdicts: u32,
    /// Own modes that are on, by position in the plan.
    failing: u16,
    /// Position of its zone in the plan.
    zone: u16,
    /// Position of the zone it is being moved to.
    moving_to: Option<u16>,
    phase: Phase,
    pending: Pending,
    in_rotation: bool,
    verdict_pending: bool,
    /// The load balancer's verdict is also the group's.
    replace_when_out: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    registered: u32,
    alive: u32,
    in_rotation: u32,
    alive_in_rotation: u32,
    /// Registered there, or on the way.
    assigned: u32,
    /// The zone is down.
    down: bool,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    in_use: bool,
    leaving: bool,
    stamp: u32,
}

/// A tier in one region, at work.
#[derive(Debug, Clone)]
pub struct Fleet {
    /// Tier-wide modes that are on.
    pub condition: Condition,
    units: Vec<Unit>,
    tallies: Vec<Tally>,
    nodes: Vec<Node>,
    waiting: Vec<u32>,
    queue: VecDeque<(u32, u8)>,
    busy: u32,
    replacing: u32,
    /// Alive units in zones that are up.
    healthy: u32,
    blamed: u64,
    blame: [u32; 64],
    lives: Vec<Stream>,
    repairs: Vec<Stream>,
    checks: Stream,
    launches: Stream,
    seen_by_balancer: u16,
    seen_at_once: u16,
    seen_by_group: u16,
}

/// A share of the requests, and the most that this share may carry: served = min(share x load, capacity).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lane {
    /// Share of the tier's load that reaches healthy units on this lane.
    pub share: f64,
    /// Most requests per second it serves.
    pub capacity: f64,
}

impl Fleet {
    /// Memory for a fleet; [`Fleet::restart`] fills it.
    pub fn new(plan: &FleetPlan) -> Fleet {
        let deep = plan.balancer.as_ref().is_some_and(|b| b.check.deep);
        let idle = Stream::new(0, 0, 0);
        Fleet {
            condition: Condition::default(),
            units: Vec::with_capacity(plan.units as usize),
            tallies: vec![Tally::default(); plan.zones.len()],
            nodes: vec![Node { in_use: true, leaving: false, stamp: 0 }; plan.zones.len()],
            waiting: Vec::with_capacity(plan.units as usize),
            queue: VecDeque::with_capacity(plan.units as usize),
            busy: 0,
            replacing: 0,
            healthy: 0,
            blamed: 0,
            blame: [0; 64],
            lives: vec![idle.clone(); plan.modes.len()],
            repairs: vec![idle.clone(); plan.modes.len()],
            checks: idle.clone(),
            launches: idle,
            seen_by_balancer: plan.bits(|s| s != Symptom::Hang || deep),
            seen_at_once: plan.bits(|s| s != Symptom::Hang),
            seen_by_group: plan.bits(|s| s == Symptom::Instance),
        }
    }

    /// Everything up and fresh; arms the first failures.
    pub fn restart(&mut self, plan: &FleetPlan, seed: u64, replication: u64, world: &mut World) {
        let stream = |key| Stream::new(seed, replication, key);
        for (index, _) in plan.modes.iter().enumerate() {
            self.lives[index] = stream(plan.keys.lives[index]);
            self.repairs[index] = stream(plan.keys.repairs[index]);
        }
        self.checks = stream(plan.keys.checks);
        self.launches = stream(plan.keys.launches);
        self.condition = Condition::default();
        self.tallies.fill(Tally::default());
        self.nodes.fill(Node { in_use: true, leaving: false, stamp: 0 });
        self.waiting.clear();
        self.queue.clear();
        (self.busy, self.replacing, self.blamed, self.blame) = (0, 0, 0, [0; 64]);
        self.units.clear();
        self.healthy = plan.units;
        let zones = plan.zones.len() as u32;
        for index in 0..plan.units {
            self.units.push(Unit {
                launched: f64::NEG_INFINITY,
                cause: 0,
                life: 0,
                checks: 0,
                verdicts: 0,
                failing: 0,
                zone: (index % zones) as u16,
                moving_to: None,
                phase: Phase::InService,
                pending: Pending::Nothing,
                in_rotation: true,
                verdict_pending: false,
                replace_when_out: false,
            });
        }
        for (index, tally) in self.tallies.iter_mut().enumerate() {
            let n = plan.units / zones + u32::from((index as u32) < plan.units % zones);
            *tally = Tally { registered: n, alive: n, in_rotation: n, alive_in_rotation: n, assigned: n, down: false };
        }
        for (index, mode) in plan.modes.iter().enumerate() {
            if mode.life.is_exponential().is_some() {
                self.arm_strike(plan, index, world);
            } else {
                for unit in 0..plan.units {
                    self.arm_life(plan, unit, index, world);
                }
            }
        }
    }

    fn arm_strike(&mut self, plan: &FleetPlan, mode: usize, world: &mut World) {
        if let Some(mean) = plan.modes[mode].life.is_exponential() {
            let delay = self.lives[mode].exp1() * mean / f64::from(plan.units);
            world.after(delay, Class::Failure, plan.component, kind::STRIKE | (mode as u8) << 4, 0, 0);
        }
    }

    fn arm_life(&mut self, plan: &FleetPlan, unit: u32, mode: usize, world: &mut World) {
        let delay = plan.modes[mode].life.sample(&mut self.lives[mode]);
        let stamp = self.units[unit as usize].life;
        world.after(delay, Class::Failure, plan.component, kind::FAIL | (mode as u8) << 4, unit, stamp);
    }

    /// Something that it armed happens.
    pub fn turn(&mut self, plan: &FleetPlan, event: Event, world: &mut World) {
        let (code, mode) = (event.kind() & 15, usize::from(event.kind() >> 4));
        if code == kind::STRIKE {
            let victim = self.lives[mode].index(plan.units);
            self.arm_strike(plan, mode, world);
            let unit = &self.units[victim as usize];
            if unit.phase == Phase::InService && unit.failing & (1 << mode | KILLED) == 0 {
                self.fail(plan, victim, mode, world);
            }
            return;
        }
        if code == kind::NODE {
            return self.node_leaves(plan, event, world);
        }
        let index = event.unit();
        let unit = &self.units[index as usize];
        let current = match code {
            kind::OUT | kind::IN => unit.checks,
            kind::VERDICT => unit.verdicts,
            _ => unit.life,
        };
        if current != event.stamp {
            return;
        }
        match code {
            kind::FAIL => self.fail(plan, index, mode, world),
            kind::RESTORE => self.restore(plan, index, mode, world),
            kind::REPLACED => self.replaced(plan, index, world),
            kind::OUT => self.goes_out(plan, index, world),
            kind::IN => self.comes_in(plan, index, world),
            kind::VERDICT => self.replace(plan, index, world),
            kind::TERMINATED => self.launch(plan, index, None, world),
            kind::RETRY => self.launch(plan, index, Some(self.units[index as usize].zone), world),
            kind::LAUNCHED => self.launched(plan, index, world),
            kind::SERVICE => self.enters_service(plan, index, world),
            _ => self.moved(plan, index, world),
        }
    }

    // ---- units -----------------------------------------------------------------------------------------------------------

    /// Counts an event, after which the fleet had `healthy` units less or more than before.
    fn note(&self, plan: &FleetPlan, world: &mut World) {
        world.events += 1;
        world.changed |= 1 << plan.region;
    }

    /// As [`Fleet::note`], where only the number of healthy units has changed: most such events change nothing that is served.
    fn note_health(&self, plan: &FleetPlan, before: u32, world: &mut World) {
        world.events += 1;
        let still_serves = plan.all_or_nothing && before.min(self.healthy) >= plan.required;
        world.changed |= u64::from(!still_serves) << plan.region;
    }

    /// Takes a unit out of the counts, changes it, and puts it back.
    fn change(&mut self, index: u32, change: impl FnOnce(&mut Unit)) {
        let unit = &mut self.units[index as usize];
        let count = |unit: &Unit| {
            let on = unit.phase == Phase::InService;
            let alive = on && unit.failing == 0;
            let rotating = on && unit.in_rotation;
            (u32::from(on), u32::from(alive), u32::from(rotating), u32::from(alive && rotating))
        };
        let (registered, alive, rotating, both) = count(unit);
        let tally = &mut self.tallies[usize::from(unit.zone)];
        tally.registered -= registered;
        tally.alive -= alive;
        self.healthy -= if tally.down { 0 } else { alive };
        tally.in_rotation -= rotating;
        tally.alive_in_rotation -= both;
        change(unit);
        let (registered, alive, rotating, both) = count(unit);
        let tally = &mut self.tallies[usize::from(unit.zone)];
        tally.registered += registered;
        tally.alive += alive;
        self.healthy += if tally.down { 0 } else { alive };
        tally.in_rotation += rotating;
        tally.alive_in_rotation += both;
    }

    fn accuse(&mut self, index: u32, modes: u64) {
        let unit = &mut self.units[index as usize];
        let mut added = modes & !unit.cause;
        unit.cause |= added;
        self.blamed |= added;
        while added != 0 {
            self.blame[added.trailing_zeros() as usize] += 1;
            added &= added - 1;
        }
    }

    fn absolve(&mut self, index: u32) {
        let mut modes = std::mem::take(&mut self.units[index as usize].cause);
        while modes != 0 {
            let bit = modes.trailing_zeros() as usize;
            self.blame[bit] -= 1;
            if self.blame[bit] == 0 {
                self.blamed &= !(1 << bit);
            }
            modes &= modes - 1;
        }
    }

    fn zone_up(&self, index: u32) -> bool {
        !self.tallies[usize::from(self.units[index as usize].zone)].down
    }

    fn fail(&mut self, plan: &FleetPlan, index: u32, mode: usize, world: &mut World) {
        let healthy = self.healthy;
        self.change(index, |unit| unit.failing |= 1 << mode);
        self.note_health(plan, healthy, world);
        self.accuse(index, plan.modes[mode].bit);
        match plan.upkeep {
            UpkeepPlan::Pool { crews, .. } if self.busy >= crews => self.queue.push_back((index, mode as u8)),
            _ => self.start_repair(plan, index, mode, world),
        }
        self.review(plan, index, world);
    }

    fn start_repair(&mut self, plan: &FleetPlan, index: u32, mode: usize, world: &mut World) {
        self.busy += 1;
        let delay = plan.modes[mode].repair.sample(&mut self.repairs[mode]);
        let stamp = self.units[index as usize].life;
        world.after(delay, Class::Restoration, plan.component, kind::RESTORE | (mode as u8) << 4, index, stamp);
    }

    fn crew_is_free(&mut self, plan: &FleetPlan, world: &mut World) {
        self.busy -= 1;
        if let Some((index, mode)) = self.queue.pop_front() {
            self.start_repair(plan, index, usize::from(mode), world);
        }
    }

    fn restore(&mut self, plan: &FleetPlan, index: u32, mode: usize, world: &mut World) {
        let healthy = self.healthy;
        self.change(index, |unit| unit.failing &= !(1 << mode));
        self.note_health(plan, healthy, world);
        self.crew_is_free(plan, world);
        if plan.modes[mode].life.is_exponential().is_none() {
            self.arm_life(plan, index, mode, world);
        }
        self.review(plan, index, world);
    }

    /// Starts, goes on with, or calls off what the checks make of a unit's state.
    fn review(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        if !plan.tracks_units {
            if self.units[index as usize].failing == 0 {
                self.absolve(index);
            }
            return;
        }
        let zone_up = self.zone_up(index);
        let unit = self.units[index as usize];
        if unit.phase != Phase::InService {
            return;
        }
        if let Some(balancer) = &plan.balancer {
            let visible = !zone_up || unit.failing & self.seen_by_balancer != 0;
            let hang = zone_up && unit.failing & self.seen_at_once == 0;
            if visible {
                if unit.pending == Pending::ComingIn {
                    self.call_off_check(index);
                }
                if unit.in_rotation && unit.pending != Pending::GoingOut {
                    let delay = balancer.check.detection(hang, &mut self.checks);
                    self.arm_check(plan, index, Pending::GoingOut, delay, world);
                }
            } else {
                if unit.pending == Pending::GoingOut {
                    self.call_off_check(index);
                }
                if !unit.in_rotation && unit.pending != Pending::ComingIn {
                    let delay = balancer.check.recovery(&mut self.checks);
                    self.arm_check(plan, index, Pending::ComingIn, delay, world);
                }
            }
            if let Some(scaling) = plan.scaling().filter(|s| s.check == CheckType::Elb) {
                self.review_replacement(plan, scaling, &balancer.check, index, visible, hang, world);
            }
        }
        if let Some(scaling) = plan.scaling().filter(|s| s.check == CheckType::Ec2) {
            let visible = !zone_up || unit.failing & self.seen_by_group != 0;
            if !visible {
                self.call_off_verdict(index);
            } else if !unit.verdict_pending {
                let delay = scaling.status_check.detection(false, &mut self.checks);
                self.arm_verdict(plan, index, delay, world);
            }
        }
        if zone_up && unit.failing == 0 && unit.in_rotation {
            self.absolve(index);
        }
    }

    /// The group's own verdict on what the load balancer sees: with it, or later where the grace period is not over.
    #[expect(clippy::too_many_arguments, reason = "what the review has found out about the unit")]
    fn review_replacement(
        &mut self,
        plan: &FleetPlan,
        scaling: &ScalingPlan,
        check: &Check,
        index: u32,
        visible: bool,
        hang: bool,
        world: &mut World,
    ) {
        let unit = &mut self.units[index as usize];
        if !visible {
            unit.replace_when_out = false;
            return self.call_off_verdict(index);
        }
        if unit.verdict_pending || unit.replace_when_out {
            return;
        }
        let grace_left = (unit.launched + scaling.grace - world.now).max(0.0);
        if grace_left == 0.0 && unit.pending == Pending::GoingOut {
            unit.replace_when_out = true;
        } else {
            let delay = grace_left + check.detection(hang, &mut self.checks);
            self.arm_verdict(plan, index, delay, world);
        }
    }

    fn arm_check(&mut self, plan: &FleetPlan, index: u32, pending: Pending, delay: f64, world: &mut World) {
        let unit = &mut self.units[index as usize];
        unit.pending = pending;
        unit.checks += 1;
        let code = if pending == Pending::GoingOut { kind::OUT } else { kind::IN };
        world.after(delay, Class::Action, plan.component, code, index, unit.checks);
    }

    fn call_off_check(&mut self, index: u32) {
        let unit = &mut self.units[index as usize];
        unit.pending = Pending::Nothing;
        unit.checks += 1;
    }

    fn arm_verdict(&mut self, plan: &FleetPlan, index: u32, delay: f64, world: &mut World) {
        let unit = &mut self.units[index as usize];
        unit.verdict_pending = true;
        unit.verdicts += 1;
        world.after(delay, Class::Action, plan.component, kind::VERDICT, index, unit.verdicts);
    }

    fn call_off_verdict(&mut self, index: u32) {
        let unit = &mut self.units[index as usize];
        unit.verdict_pending = false;
        unit.verdicts += 1;
    }

    fn goes_out(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        self.note(plan, world);
        self.change(index, |unit| {
            unit.in_rotation = false;
            unit.pending = Pending::Nothing;
        });
        self.review_node(plan, self.units[index as usize].zone, world);
        if self.units[index as usize].replace_when_out {
            self.replace(plan, index, world);
        }
    }

    fn comes_in(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        self.note(plan, world);
        self.change(index, |unit| {
            unit.in_rotation = true;
            unit.pending = Pending::Nothing;
        });
        self.review_node(plan, self.units[index as usize].zone, world);
        self.review(plan, index, world);
    }

    // ---- zones -----------------------------------------------------------------------------------------------------------

    fn position(plan: &FleetPlan, zone: usize) -> Option<u16> {
        plan.zones.iter().position(|z| *z == zone).map(|p| p as u16)
    }

    /// A zone has gone down for `modes`.
    pub fn zone_fails(&mut self, plan: &FleetPlan, zone: usize, modes: u64, world: &mut World) {
        let Some(position) = Fleet::position(plan, zone) else { return };
        world.changed |= 1 << plan.region;
        let tally = &mut self.tallies[usize::from(position)];
        tally.down = true;
        self.healthy -= tally.alive;
        if !plan.tracks_units {
            return;
        }
        for index in 0..plan.units {
            if self.units[index as usize].zone != position {
                continue;
            }
            if self.units[index as usize].phase == Phase::InService {
                self.accuse(index, modes);
                self.review(plan, index, world);
            }
        }
        self.review_node(plan, position, world);
    }

    /// A zone is up again.
    pub fn zone_returns(&mut self, plan: &FleetPlan, zone: usize, world: &mut World) {
        let Some(position) = Fleet::position(plan, zone) else { return };
        world.changed |= 1 << plan.region;
        let tally = &mut self.tallies[usize::from(position)];
        tally.down = false;
        self.healthy += tally.alive;
        if !plan.tracks_units {
            return;
        }
        self.review_node(plan, position, world);
        for index in 0..plan.units {
            if self.units[index as usize].zone != position {
                continue;
            }
            self.review(plan, index, world);
        }
    }

    /// All units of a zone are lost, for `mode`.
    pub fn zone_dies(&mut self, plan: &FleetPlan, zone: usize, mode: u64, world: &mut World) {
        let Some(position) = Fleet::position(plan, zone) else { return };
        for index in 0..plan.units {
            if self.units[index as usize].zone != position {
                continue;
            }
            if self.units[index as usize].phase != Phase::InService {
                continue;
            }
            self.note(plan, world);
            if matches!(plan.upkeep, UpkeepPlan::Pool { .. }) {
                let failing = self.units[index as usize].failing & !KILLED;
                for mode in (0..plan.modes.len()).filter(|m| failing & 1 << m != 0) {
                    match self.queue.iter().position(|(i, m)| *i == index && usize::from(*m) == mode) {
                        Some(place) => drop(self.queue.remove(place)),
                        None => self.crew_is_free(plan, world),
                    }
                }
                self.change(index, |unit| {
                    unit.failing = KILLED;
                    unit.life += 1;
                });
            } else {
                self.change(index, |unit| unit.failing |= KILLED);
            }
            self.accuse(index, mode);
            self.review(plan, index, world);
        }
    }

    /// Zone and region are up again: what was killed there can be replaced.
    pub fn zone_can_be_refilled(&mut self, plan: &FleetPlan, zone: usize, world: &mut World) {
        let Some(position) = Fleet::position(plan, zone) else { return };
        if let UpkeepPlan::Pool { replacement, .. } = &plan.upkeep {
            for index in 0..plan.units {
                if self.units[index as usize].zone != position {
                    continue;
                }
                let unit = &mut self.units[index as usize];
                if unit.failing & KILLED != 0 {
                    unit.life += 1;
                    let stamp = unit.life;
                    let delay = replacement.sample(&mut self.launches);
                    world.after(delay, Class::Restoration, plan.component, kind::REPLACED, index, stamp);
                }
            }
        }
    }

    fn replaced(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        self.note(plan, world);
        self.change(index, |unit| unit.failing = 0);
        self.begin_life(plan, index, world);
        self.review(plan, index, world);
    }

    fn begin_life(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        self.units[index as usize].life += 1;
        for mode in 0..plan.modes.len() {
            if plan.modes[mode].life.is_exponential().is_none() {
                self.arm_life(plan, index, mode, world);
            }
        }
    }

    // ---- replacement -----------------------------------------------------------------------------------------------------

    /// The group gives a unit up.
    fn replace(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        let Some(scaling) = plan.scaling() else { return };
        self.note(plan, world);
        let unit = self.units[index as usize];
        if unit.phase == Phase::InService {
            self.replacing += 1;
        }
        if let Some(target) = unit.moving_to {
            self.tallies[usize::from(target)].assigned -= 1;
        } else {
            self.tallies[usize::from(unit.zone)].assigned -= 1;
        }
        let zone_modes = world.places.zones[plan.zones[usize::from(unit.zone)]].modes;
        self.accuse(index, zone_modes);
        if unit.failing != 0 {
            self.busy -= u32::from((unit.failing & !KILLED).count_ones() as u8);
        }
        self.change(index, |unit| {
            unit.phase = Phase::Terminating;
            unit.failing = 0;
            unit.in_rotation = false;
            unit.pending = Pending::Nothing;
            unit.verdict_pending = false;
            unit.replace_when_out = false;
            unit.moving_to = None;
            unit.life += 1;
            unit.checks += 1;
            unit.verdicts += 1;
        });
        self.review_node(plan, unit.zone, world);
        let delay = scaling.terminate.sample(&mut self.launches);
        if delay > 0.0 {
            let stamp = self.units[index as usize].life;
            world.after(delay, Class::Action, plan.component, kind::TERMINATED, index, stamp);
        } else {
            self.launch(plan, index, None, world);
        }
    }

    /// Requests a launch in the emptiest zone that is up, or after a failed one in the next; waits if none can be.
    fn launch(&mut self, plan: &FleetPlan, index: u32, failed_in: Option<u16>, world: &mut World) {
        let Some(scaling) = plan.scaling() else { return };
        let up = |position: &usize| !self.tallies[*position].down;
        let count = plan.zones.len();
        let target = if !world.places.can_act(plan.region) {
            None
        } else if let Some(failed) = failed_in {
            (1..=count).map(|step| (usize::from(failed) + step) % count).find(up)
        } else {
            (0..count).filter(up).min_by_key(|position| self.tallies[*position].assigned)
        };
        let unit = &mut self.units[index as usize];
        let Some(target) = target else {
            unit.phase = Phase::Waiting;
            self.waiting.push(index);
            return;
        };
        unit.phase = Phase::Launching;
        unit.zone = target as u16;
        unit.life += 1;
        let stamp = unit.life;
        self.tallies[target].assigned += 1;
        let delay = scaling.launch.sample(&mut self.launches);
        world.after(delay, Class::Action, plan.component, kind::LAUNCHED, index, stamp);
    }

    fn leave_zone(&mut self, index: u32) -> u16 {
        let zone = self.units[index as usize].zone;
        self.tallies[usize::from(zone)].assigned -= 1;
        zone
    }

    fn launched(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        let Some(scaling) = plan.scaling() else { return };
        world.events += 1;
        if !self.zone_up(index) {
            self.leave_zone(index);
            return self.launch(plan, index, None, world);
        }
        if scaling.launch_failure > 0.0 && self.launches.bernoulli(scaling.launch_failure) {
            let failed = self.leave_zone(index);
            let delay = scaling.retry.sample(&mut self.launches);
            if delay == 0.0 {
                return self.launch(plan, index, Some(failed), world);
            }
            let unit = &mut self.units[index as usize];
            unit.phase = Phase::Terminating;
            unit.life += 1;
            let stamp = unit.life;
            // Its zone stays the one that failed: the next attempt looks beyond it.
            world.after(delay, Class::Action, plan.component, kind::RETRY, index, stamp);
            return;
        }
        let boot = scaling.boot.sample(&mut self.launches);
        let unit = &mut self.units[index as usize];
        unit.phase = Phase::Booting;
        unit.launched = world.now;
        let (life, passes) = (unit.life, self.first_pass(plan, scaling, boot));
        match passes {
            Ok(service) => world.after(service, Class::Action, plan.component, kind::SERVICE, index, life),
            Err(verdict) => self.arm_verdict(plan, index, verdict, world),
        }
    }

    fn first_pass(&mut self, plan: &FleetPlan, scaling: &ScalingPlan, boot: f64) -> Result<f64, f64> {
        match &plan.balancer {
            Some(balancer) if scaling.check == CheckType::Elb => {
                balancer.check.first_pass(boot, scaling.grace, &mut self.checks)
            }
            Some(balancer) => Ok(boot + balancer.check.first_success(&mut self.checks)),
            None => Ok(boot),
        }
    }

    fn enters_service(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        self.note(plan, world);
        if !self.zone_up(index) {
            self.leave_zone(index);
            return self.launch(plan, index, None, world);
        }
        self.replacing -= 1;
        self.absolve(index);
        self.change(index, |unit| {
            unit.phase = Phase::InService;
            unit.in_rotation = true;
        });
        self.begin_life(plan, index, world);
        let zone = self.units[index as usize].zone;
        self.review_node(plan, zone, world);
    }

    /// A place or control plane is back: what waited to be launched is, and zones are made level.
    pub fn can_launch_again(&mut self, plan: &FleetPlan, world: &mut World) {
        if plan.scaling().is_none() || !world.places.can_act(plan.region) {
            return;
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        for index in waiting.drain(..) {
            self.launch(plan, index, None, world);
        }
        if self.waiting.is_empty() {
            self.waiting = waiting;
        }
        self.level(plan, world);
    }

    /// Moves units from the fullest zone to the emptiest while they differ by two or more: launched there first, so nothing is lost.
    fn level(&mut self, plan: &FleetPlan, world: &mut World) {
        let Some(scaling) = plan.scaling() else { return };
        loop {
            let up = |position: &usize| !self.tallies[*position].down;
            let zones = 0..plan.zones.len();
            let Some(emptiest) = zones.clone().filter(up).min_by_key(|p| self.tallies[*p].assigned) else { return };
            let Some(fullest) = zones.filter(up).max_by_key(|p| (self.tallies[*p].assigned, std::cmp::Reverse(*p)))
            else {
                return;
            };
            if self.tallies[fullest].assigned < self.tallies[emptiest].assigned + 2 {
                return;
            }
            let movable = |unit: &Unit| {
                usize::from(unit.zone) == fullest
                    && unit.phase == Phase::InService
                    && unit.failing == 0
                    && unit.moving_to.is_none()
            };
            let Some(index) = self.units.iter().rposition(movable) else { return };
            self.tallies[fullest].assigned -= 1;
            self.tallies[emptiest].assigned += 1;
            let launch = scaling.launch.sample(&mut self.launches);
            let boot = scaling.boot.sample(&mut self.launches);
            let unit = &mut self.units[index];
            unit.moving_to = Some(emptiest as u16);
            let life = unit.life;
            // One that would be given up while it boots never takes over: the old unit stays.
            if let Ok(service) = self.first_pass(plan, scaling, boot) {
                world.after(launch + service, Class::Action, plan.component, kind::MOVE, index as u32, life);
            }
        }
    }

    fn moved(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        let unit = self.units[index as usize];
        let Some(target) = unit.moving_to else { return };
        if self.tallies[usize::from(target)].down {
            self.tallies[usize::from(target)].assigned -= 1;
            self.tallies[usize::from(unit.zone)].assigned += 1;
            self.units[index as usize].moving_to = None;
            return;
        }
        self.note(plan, world);
        self.busy -= u32::from((unit.failing & !KILLED).count_ones() as u8);
        self.change(index, |unit| {
            unit.zone = target;
            unit.moving_to = None;
            unit.failing = 0;
            unit.in_rotation = true;
            unit.launched = world.now;
            unit.pending = Pending::Nothing;
            unit.verdict_pending = false;
            unit.replace_when_out = false;
            unit.checks += 1;
            unit.verdicts += 1;
        });
        self.absolve(index);
        self.begin_life(plan, index, world);
        self.review_node(plan, unit.zone, world);
        self.review_node(plan, target, world);
    }

    // ---- the load balancer's nodes ---------------------------------------------------------------------------------------

    /// Takes a node out of use when its zone is down, or when it can reach no target; puts it back when neither holds.
    fn review_node(&mut self, plan: &FleetPlan, position: u16, world: &mut World) {
        let Some(balancer) = &plan.balancer else { return };
        let zone_down = self.tallies[usize::from(position)].down;
        let empty = !balancer.cross_zone && self.tallies[usize::from(position)].in_rotation == 0;
        let node = &mut self.nodes[usize::from(position)];
        if !zone_down && !empty {
            if node.leaving || !node.in_use {
                node.stamp += 1;
                node.in_use = true;
                node.leaving = false;
                world.changed |= 1 << plan.region;
            }
        } else if node.in_use && !node.leaving {
            node.leaving = true;
            node.stamp += 1;
            let noticed = if zone_down { balancer.check.detection(false, &mut self.checks) } else { 0.0 };
            let residual = if balancer.zone_ttl > 0.0 { self.checks.uniform() * balancer.zone_ttl } else { 0.0 };
            let stamp = self.nodes[usize::from(position)].stamp;
            world.after(noticed + residual, Class::Action, plan.component, kind::NODE, u32::from(position), stamp);
        }
    }

    fn node_leaves(&mut self, plan: &FleetPlan, event: Event, world: &mut World) {
        let node = &mut self.nodes[event.unit() as usize];
        if node.stamp == event.stamp {
            node.in_use = false;
            node.leaving = false;
            self.note(plan, world);
        }
    }

    // ---- what it serves --------------------------------------------------------------------------------------------------

    /// Calls `lane` for each independent way to healthy units; what they serve adds up.
    pub fn lanes(&self, plan: &FleetPlan, mut lane: impl FnMut(Lane)) {
        if !self.condition.is_up() || self.healthy < plan.required {
            return;
        }
        let zones = || self.tallies.iter().zip(&self.nodes).filter(|(tally, _)| !tally.down);
        let Some(balancer) = &plan.balancer else {
            return lane(Lane { share: 1.0, capacity: f64::from(self.healthy) * plan.capacity });
        };
        let mut in_use = self.nodes.iter().filter(|n| n.in_use).count();
        let all_nodes = in_use == 0;
        if all_nodes {
            in_use = self.nodes.len();
        }
        let entry = 1.0 / in_use as f64;
        let reach = |routed: u32, good: u32, entering: f64| Lane {
            share: if routed == 0 { 0.0 } else { entering * f64::from(good) / f64::from(routed) },
            capacity: if good == 0 { 0.0 } else { f64::from(good) * plan.capacity },
        };
        if balancer.cross_zone {
            let entering = zones().filter(|(_, n)| n.in_use || all_nodes).count() as f64 * entry;
            let mut routed: u32 = self.tallies.iter().map(|t| t.in_rotation).sum();
            let mut good: u32 = zones().map(|(t, _)| t.alive_in_rotation).sum();
            if routed == 0 {
                routed = self.tallies.iter().map(|t| t.registered).sum();
                good = self.healthy;
            }
            lane(reach(routed, good, entering));
        } else {
            for (tally, _) in zones().filter(|(_, n)| n.in_use || all_nodes) {
                lane(match tally.in_rotation {
                    0 => reach(tally.registered, tally.alive, entry),
                    routed => reach(routed, tally.alive_in_rotation, entry),
                });
            }
        }
    }

    /// Modes behind what it fails to serve.
    pub fn cause(&self, plan: &FleetPlan, world: &World) -> u64 {
        plan.zones.iter().fold(self.blamed | self.condition.modes, |modes, z| modes | world.places.zones[*z].modes)
    }

    /// Where its recovery stands.
    pub fn stage(&self, plan: &FleetPlan) -> Stage {
        if !self.condition.is_up() {
            return Stage::Repair;
        }
        let mut undetected = 0;
        let mut returning = 0;
        let mut leaving = false;
        for (tally, node) in self.tallies.iter().zip(&self.nodes) {
            let up = !tally.down;
            undetected += tally.in_rotation - if up { tally.alive_in_rotation } else { 0 };
            returning += if up { tally.alive - tally.alive_in_rotation } else { 0 };
            leaving |= node.leaving;
        }
        match (&plan.balancer, plan.scaling()) {
            (Some(_), _) if undetected > 0 => Stage::Detection,
            (None, Some(_)) if undetected > 0 && self.replacing == 0 => Stage::Detection,
            _ if leaving => Stage::Propagation,
            _ if self.replacing > self.waiting.len() as u32 => Stage::Action,
            (Some(_), _) if returning > 0 => Stage::Propagation,
            _ => Stage::Repair,
        }
    }
}

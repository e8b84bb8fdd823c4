//! A tier in one region: units that fail, are noticed, and are repaired in place or replaced, behind a load balancer or not.
//!
//! Identical exponential lives are one source that strikes a unit drawn at random: striking one that is already down, or not in
//! service, changes nothing, which by memorylessness is exact and costs the same for any number of units. Other laws give each
//! unit its own clock. Only what is not up has pending events.
//!
//! A unit is *alive* when none of its own modes is on, *reachable* when its zone is up as well, *registered* while in service,
//! and *in rotation* while the load balancer sends it requests. While its region is down a fleet is *frozen*: nothing is checked,
//! and what runs on is seen when the region is back.
//!
//! Sources: ALB and EC2 Auto Scaling user guides, June 2023 (health checks for target groups, fail open, replacement of unhealthy
//! instances, health check grace period, rebalancing).

mod alone;
mod branch;
mod clocks;
mod detection;
mod gray;
mod held;
mod kept;
mod level;
mod overload;
mod places;
mod plan;
mod replacement;
mod serving;
mod sessions;
mod shift;
mod slices;
mod spares;
mod words;

use crate::engine::clone_in_place;
pub use gray::GrayPlan;
pub use plan::{BalancerPlan, FleetPlan, MAX_UNIT_MODES, ScalingPlan, SharedModes, UnitMode, UpkeepPlan};
pub use serving::Lane;
use sessions::UnitSessions;
pub use shift::ShiftPlan;
pub use spares::SparesPlan;

use super::world::{Condition, World};
use crate::engine::calendar::{Class, Event};
use crate::law::{History, Later, Numbered, Row, Stream};
use crate::model::Symptom;
use clocks::Clocks;
use gray::{Dimmed, GrayUnits};
use kept::Kept;
use overload::Collapse;
use shift::Shift;
use spares::Standby;
use std::collections::VecDeque;

/// The bit of a unit that a zone or region failure killed.
const KILLED: u16 = 1 << 15;

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
    pub const NODE: u8 = 11;
    pub const SHIFT: u8 = 12;
    pub const FALSE: u8 = 13;
    pub const SPARE: u8 = 14;
    pub const CLOCK: u8 = 15;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing: room for a unit that is launched before another is removed.
    Absent,
    InService,
    /// Stands by, or is under repair since another has its place.
    Spare,
    Terminating,
    Waiting,
    Launching,
    Booting,
    /// Its application answers; its first check has not passed yet.
    Checking,
}

/// The verdict the load balancer is working on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    None,
    GoingOut,
    ComingIn,
    /// Healthy, until so many checks in a row fail falsely.
    FalseAlarm,
}

#[derive(Debug, Clone, Copy)]
struct Unit {
    /// When it was launched (s); before time 0 for the first ones, whose grace period is over.
    launched: f64,
    /// When it last came into rotation (s).
    back: f64,
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
    /// Position among the members; none while it is launched beside them, to take the place of one.
    member: Option<u32>,
    phase: Phase,
    verdict: Verdict,
    in_rotation: bool,
    verdict_pending: bool,
    /// The load balancer's verdict is also the group's.
    replace_when_out: bool,
    /// It holds sessions of users.
    holds: bool,
    /// When its first check passes, if nothing comes between (s).
    passes: f64,
    /// Until then the group does not give it up for what the load balancer finds (s).
    given_up: f64,
    /// Its first check cannot pass while the whole tier is down.
    held: bool,
}

impl Unit {
    /// When a history begins.
    fn fresh(plan: &FleetPlan, index: u32) -> Unit {
        let member = (index < plan.units).then_some(index);
        Unit {
            launched: f64::NEG_INFINITY,
            back: f64::NEG_INFINITY,
            cause: 0,
            life: 0,
            checks: 0,
            verdicts: 0,
            failing: 0,
            zone: (index as usize % plan.zones.len()) as u16,
            member,
            phase: match member {
                Some(_) => Phase::InService,
                None if plan.spares().is_some() => Phase::Spare,
                None => Phase::Absent,
            },
            verdict: Verdict::None,
            in_rotation: true,
            verdict_pending: false,
            replace_when_out: false,
            holds: member.is_some(),
            passes: f64::NEG_INFINITY,
            given_up: f64::NEG_INFINITY,
            held: false,
        }
    }
}

/// A unit under repair that nobody notices.
#[derive(Debug, Clone, Copy)]
struct Absent {
    /// When it will be back (s).
    ends: f64,
    unit: u32,
    mode: u8,
}

#[derive(Debug, Clone, Copy)]
struct Tally {
    registered: u32,
    alive: u32,
    in_rotation: u32,
    alive_in_rotation: u32,
    /// Registered there, or on the way.
    assigned: u32,
    /// The zone is down.
    down: bool,
    /// Gray modes of the zone and its region that are on, and the share of the requests that they let pass.
    gray: u64,
    survival: f64,
    /// What gray modes of its own units do.
    dimmed: Dimmed,
    /// What people are doing about it.
    shift: Shift,
    shift_stamps: [u32; 2],
    /// Units there that get load get more than they can bear; and those out of rotation get load, too.
    overloaded: bool,
    open: bool,
}

impl Tally {
    /// Of a zone that is up, with so many units, all fresh.
    fn fresh(units: u32) -> Tally {
        Tally {
            registered: units,
            alive: units,
            in_rotation: units,
            alive_in_rotation: units,
            assigned: units,
            down: false,
            gray: 0,
            survival: 1.0,
            dimmed: Dimmed::default(),
            shift: Shift::Home,
            shift_stamps: [0; 2],
            overloaded: false,
            open: false,
        }
    }
}

/// Something that is about to be so, or is.
#[derive(Debug, Clone, Copy, Default)]
struct Pending {
    coming: bool,
    here: bool,
    stamp: u32,
}

/// A node of the load balancer.
#[derive(Debug, Clone, Copy, Default)]
struct Node {
    /// Its zone is down, and that is noticed.
    dead: Pending,
    /// Clients do not use it any more: it is dead, or reaches no target.
    gone: Pending,
}

impl Node {
    /// When a history begins. Nobody ever used one that reaches no target.
    fn fresh(plan: &FleetPlan, zone: u32) -> Node {
        let reaches_none = zone >= plan.units && plan.balancer.as_ref().is_some_and(|balancer| !balancer.cross_zone);
        Node { gone: Pending { here: reaches_none, ..Pending::default() }, ..Node::default() }
    }
}

/// A tier in one region, at work.
#[derive(Debug)]
pub struct Fleet {
    /// Tier-wide modes that are on.
    pub condition: Condition,
    units: Kept<Unit>,
    /// The units that the group counts, as many as it should have.
    members: Kept<u32>,
    /// Units that are absent.
    free: Vec<u32>,
    /// Units by zone, in time.
    expected: Vec<u32>,
    /// Members of each zone by age, the oldest last, where that was asked for and still holds.
    elders: Vec<Vec<u32>>,
    tallies: Kept<Tally>,
    nodes: Kept<Node>,
    waiting: Vec<u32>,
    queue: VecDeque<(u32, u8)>,
    /// Units under repair that nobody notices.
    absent: Vec<Absent>,
    busy: u32,
    replacing: u32,
    /// Its region is down.
    frozen: bool,
    /// Alive units in zones that are up.
    healthy: u32,
    blamed: u64,
    blame: [u32; 64],
    /// Lives of each mode, without those that have clocks.
    lives: Vec<Stream>,
    /// Which unit each strike of a mode hits, and how long its repair takes where that is drawn by its number.
    strikes: Vec<Row>,
    /// When the life at hand of each unit and mode began (s), where its hazard is known and depends on that.
    born: Vec<f64>,
    repairs: Vec<Later>,
    /// Failures of units that are left to the fleet itself.
    clocks: Clocks,
    checks: Later,
    launches: Later,
    shifts: Later,
    gray: GrayUnits,
    /// Gray modes of the whole tier that are on, and the share of the requests that they let pass.
    dim: u64,
    survival: f64,
    collapse: Collapse,
    standby: Standby,
    /// Zones in which overload has begun or ended.
    moved: Vec<Option<(bool, bool)>>,
    seen_by_balancer: u16,
    seen_at_once: u16,
    seen_by_group: u16,
    sessions: UnitSessions,
}

clone_in_place!(Fleet {
    condition,
    units,
    members,
    free,
    expected,
    elders,
    tallies,
    nodes,
    waiting,
    queue,
    absent,
    busy,
    replacing,
    frozen,
    healthy,
    blamed,
    blame,
    lives,
    born,
    strikes,
    repairs,
    clocks,
    checks,
    launches,
    shifts,
    gray,
    dim,
    survival,
    collapse,
    standby,
    moved,
    seen_by_balancer,
    seen_at_once,
    seen_by_group,
    sessions
});

impl Fleet {
    /// Memory for a fleet; [`Fleet::restart`] fills it.
    pub fn new(plan: &FleetPlan) -> Fleet {
        let deep = plan.checks_deeply();
        let zones = plan.zones.len() as u32;
        let idle = Later::new(0, 0, 0);
        Fleet {
            condition: Condition::default(),
            units: Kept::new((0..plan.room()).map(|index| Unit::fresh(plan, index))),
            members: Kept::new(0..plan.units),
            free: Vec::with_capacity(plan.room() as usize),
            expected: Vec::with_capacity(plan.zones.len()),
            elders: if plan.scaling().is_some() { vec![Vec::new(); plan.zones.len()] } else { Vec::new() },
            tallies: Kept::new(
                (0..zones).map(|zone| Tally::fresh(plan.units / zones + u32::from(zone < plan.units % zones))),
            ),
            nodes: Kept::new((0..zones).map(|zone| Node::fresh(plan, zone))),
            waiting: Vec::with_capacity(plan.units as usize),
            queue: VecDeque::with_capacity(plan.units as usize),
            absent: Vec::new(),
            busy: 0,
            replacing: 0,
            frozen: false,
            healthy: 0,
            blamed: 0,
            blame: [0; 64],
            lives: vec![Stream::new(0, 0, 0); plan.modes.len()],
            strikes: vec![Row::whole(Numbered::new(0, 0, 0)); plan.modes.len()],
            born: if plan.ages() { vec![0.0; plan.modes.len() * plan.room() as usize] } else { Vec::new() },
            repairs: vec![idle.clone(); plan.modes.len()],
            clocks: Clocks::new(plan),
            checks: idle.clone(),
            launches: idle.clone(),
            shifts: idle,
            gray: GrayUnits::new(plan, deep),
            dim: 0,
            survival: 1.0,
            collapse: Collapse::default(),
            standby: Standby::default(),
            moved: vec![None; plan.zones.len()],
            seen_by_balancer: plan.bits(|s| match s {
                Symptom::Hang => deep,
                Symptom::Gray { seen, .. } => deep && seen,
                Symptom::Instance | Symptom::Crash => true,
            }),
            seen_at_once: plan.bits(|s| match s {
                Symptom::Hang => false,
                Symptom::Gray { seen, .. } => seen,
                Symptom::Instance | Symptom::Crash => true,
            }),
            seen_by_group: plan.bits(|s| s == Symptom::Instance),
            sessions: UnitSessions::new(plan),
        }
    }

    /// Everything up and fresh; arms the first failures.
    pub fn restart(&mut self, plan: &FleetPlan, history: &History, world: &mut World) {
        for (index, spacing) in plan.spacing.iter().enumerate() {
            let numbers = history.numbered(plan.keys.victims[index]);
            self.strikes[index] = match plan.parted[index] {
                Some(_) => Row::parted(numbers),
                None => Row::whole(numbers),
            };
            self.repairs[index] = history.later(plan.keys.repairs[index]);
            if let Some(spacing) = *spacing {
                self.lives[index] = history.stream(plan.keys.lives[index]);
                self.arm_strike(plan, index, spacing, world);
            }
        }
        self.checks = history.later(plan.keys.checks);
        self.shifts = history.later(plan.keys.shifts);
        self.launches = history.later(plan.keys.launches);
        (self.dim, self.survival, self.collapse) = (0, 1.0, Collapse::default());
        self.condition = Condition::default();
        self.nodes.restart();
        self.frozen = false;
        self.waiting.clear();
        self.elders.iter_mut().for_each(Vec::clear);
        self.queue.clear();
        if self.blamed != 0 {
            (self.blamed, self.blame) = (0, [0; 64]);
        }
        (self.busy, self.replacing) = (0, 0);
        self.free.clear();
        self.free.extend((plan.units..plan.room()).rev());
        self.healthy = plan.units;
        self.units.restart();
        self.members.restart();
        self.tallies.restart();
        self.sessions.restart(plan);
        if plan.spacing.contains(&None) {
            self.begin_lives(plan, history, world);
        }
        if plan.spares().is_some() {
            self.standby.restart(plan);
        }
        if plan.tracks_units {
            (0..plan.units).for_each(|index| self.await_false_alarm(plan, index, false, world));
        }
    }

    /// Lives of units that each have their own, be it in the calendar or by a clock.
    #[inline(never)]
    fn begin_lives(&mut self, plan: &FleetPlan, history: &History, world: &mut World) {
        self.born.fill(0.0);
        let own = |index: &usize| !plan.strikes(*index) && !plan.keeps_clock(*index);
        for index in (0..plan.modes.len()).filter(own) {
            self.lives[index] = history.stream(plan.keys.lives[index]);
            let mode = &plan.modes[index];
            for unit in 0..plan.units + plan.spares().map_or(0, |spares| spares.count) {
                match &mode.age {
                    Some(age) if unit < plan.units => {
                        let age = age.sample(&mut self.lives[index]);
                        let rest = mode.life.sample_rest(age, &mut self.lives[index]);
                        self.is_born(plan, unit, index, -age);
                        self.arm_failure(plan, unit, index, rest, world);
                    }
                    _ => self.arm_life(plan, unit, index, world),
                }
            }
        }
        self.start_clocks(plan, history, world);
    }

    fn arm_strike(&mut self, plan: &FleetPlan, mode: usize, spacing: f64, world: &mut World) {
        let delay = self.lives[mode].exp1() * spacing;
        world.after(delay, Class::Failure, plan.component, kind::STRIKE | (mode as u8) << 4, 0, 0);
    }

    fn arm_life(&mut self, plan: &FleetPlan, unit: u32, mode: usize, world: &mut World) {
        self.is_born(plan, unit, mode, world.now);
        if plan.keeps_clock(mode) {
            return self.wind_clock(plan, unit, mode, world);
        }
        let life = plan.samplers[mode].0.sample(&mut self.lives[mode]);
        let at_rest = self.units[unit as usize].phase == Phase::Spare;
        let delay = match plan.spares().filter(|_| at_rest) {
            Some(spares) if spares.dormant == 0.0 => f64::INFINITY,
            Some(spares) => life / spares.dormant,
            None => life,
        };
        self.arm_failure(plan, unit, mode, delay, world);
    }

    fn arm_failure(&mut self, plan: &FleetPlan, unit: u32, mode: usize, delay: f64, world: &mut World) {
        let stamp = self.units[unit as usize].life;
        world.after(delay, Class::Failure, plan.component, kind::FAIL | (mode as u8) << 4, unit, stamp);
    }

    /// Something that it armed happens.
    pub fn turn(&mut self, plan: &FleetPlan, event: Event, world: &mut World) {
        let (code, mode) = (event.kind() & 15, usize::from(event.kind() >> 4));
        if code == kind::STRIKE {
            if let Some(spacing) = plan.spacing[mode] {
                self.strike(plan, mode, spacing, world);
            }
            return;
        }
        self.turn_other(plan, event, code, mode, world);
    }

    /// Anything but a strike.
    #[inline(never)]
    fn turn_other(&mut self, plan: &FleetPlan, event: Event, code: u8, mode: usize, world: &mut World) {
        if code == kind::CLOCK {
            return self.clocks_turn(plan, world);
        }
        if code == kind::NODE {
            return self.node_turns(plan, event, world);
        }
        if code == kind::SHIFT {
            return self.shift_turns(plan, event, world);
        }
        let index = event.unit();
        let unit = &self.units[index as usize];
        let current = match code {
            kind::OUT | kind::IN | kind::FALSE | kind::SPARE => unit.checks,
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
            kind::SPARE => self.takes_place(plan, index, world),
            kind::FALSE => self.false_alarm(plan, index, world),
            kind::VERDICT => self.verdict(plan, index, world),
            kind::TERMINATED => self.launch(plan, index, None, world),
            kind::RETRY => self.launch(plan, index, Some(self.units[index as usize].zone), world),
            kind::LAUNCHED => self.launched(plan, index, world),
            _ if self.units[index as usize].phase == Phase::Booting => self.answers(plan, index, world),
            _ => self.enters_service(plan, index, world),
        }
    }

    /// Counts an event, after which the fleet had `healthy` units less or more than before.
    fn note(&self, plan: &FleetPlan, world: &mut World) {
        world.events += 1;
        world.changed |= 1 << plan.region;
    }

    /// As [`Fleet::note`], where only the number of healthy units has changed: most such events change nothing that is served.
    fn note_health(&self, plan: &FleetPlan, before: u32, world: &mut World) {
        world.events += 1;
        world.changed |= u64::from(!self.still_serves(plan, before)) << plan.region;
    }

    /// A zone went down or came back, and with it what stands there.
    fn note_zone(&self, plan: &FleetPlan, before: u32, world: &mut World) {
        world.changed |=
            u64::from(world.watched || !self.condition.is_up() || !self.still_serves(plan, before)) << plan.region;
    }

    /// It served everything with `before` healthy units, and does with those that it has now.
    fn still_serves(&self, plan: &FleetPlan, before: u32) -> bool {
        plan.all_or_nothing && before.min(self.healthy) >= plan.required
    }

    /// Takes a unit out of the counts, changes it, and puts it back.
    fn change(&mut self, index: u32, change: impl FnOnce(&mut Unit)) {
        let hard = !self.gray.bits;
        if self.gray.bits != 0 {
            self.weigh(index, false);
        }
        let unit = &mut self.units[index as usize];
        let count = |unit: &Unit| {
            let on = unit.phase == Phase::InService;
            let alive = on && unit.failing & hard == 0;
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
        self.review_sessions(index);
        if self.gray.bits != 0 {
            self.weigh(index, true);
        }
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
        let works = self.units[index as usize].failing & !self.gray.bits == 0;
        self.change(index, |unit| unit.failing |= 1 << mode);
        self.note_health(plan, healthy, world);
        if self.units[index as usize].phase != Phase::Spare {
            self.accuse(index, plan.modes[mode].bit);
        }
        match plan.upkeep {
            UpkeepPlan::Pool { crews, .. } if self.busy >= crews => self.queue.push_back((index, mode as u8)),
            _ => self.start_repair(plan, index, mode, world),
        }
        self.review(plan, index, world);
        if works && self.gray.bits & 1 << mode == 0 {
            self.misses(plan, index, world);
        }
    }

    fn start_repair(&mut self, plan: &FleetPlan, index: u32, mode: usize, world: &mut World) {
        self.busy += 1;
        let delay = match plan.keeps_clock(mode) {
            true => plan.samplers[mode].1.sample_first(self.clocks.take(plan, index, mode)),
            false => match &plan.parted[mode] {
                Some(parted) => parted.last_of(self.strikes[mode]),
                None => plan.samplers[mode].1.sample(self.repairs[mode].get()),
            },
        };
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
        if !plan.strikes(mode) && !self.clocks.runs(plan, index, mode) {
            self.arm_life(plan, index, mode, world);
        }
        self.review(plan, index, world);
        if self.gray.bits & 1 << mode == 0 && self.units[index as usize].failing & !self.gray.bits == 0 {
            self.is_back(plan, index, world);
        }
    }

    fn replaced(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        self.note(plan, world);
        self.change(index, |unit| unit.failing = 0);
        self.begin_life(plan, index, world);
        self.review(plan, index, world);
        self.is_back(plan, index, world);
    }

    fn begin_life(&mut self, plan: &FleetPlan, index: u32, world: &mut World) {
        self.units[index as usize].life += 1;
        for mode in 0..plan.modes.len() {
            if !plan.strikes(mode) {
                self.arm_life(plan, index, mode, world);
            }
        }
    }
}

//! A tier in one region as states of a Markov chain.

mod levels;
mod rules;
mod serving;
mod spares;

use super::machine::{Around, Mode};
use super::phases::Phases;
use crate::model::ZoneId;
use spares::{Idle, Spares};

/// What a load balancer makes of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Route {
    In,
    GoingOut(u8),
    Out,
    ComingIn(u8),
}

/// Where a unit is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Stage {
    Service,
    /// In service, and the group's own check is about to give it up.
    Doomed(u8),
    Terminating(u8),
    Waiting,
    Launching(u8),
    Retrying(u8),
    Booting(u8),
    /// It boots, and the load balancer's checks are about to give it up.
    Racing(u8, u8),
    Checking(u8),
    Killed,
    Replacing(u8),
    /// In a group over several zones: a launch failed, and the next attempt is due beyond its zone.
    Again,
    /// In a group over several zones: given up.
    GivenUp,
}

/// What comes to a place whose unit is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Cover {
    /// Nothing but its unit, when that is repaired.
    None,
    /// A spare, once there is one and those that wait in front of it have theirs.
    Waits(u8),
    /// A spare from a zone, whose process is so far, and its switch-over in this phase.
    Expects { position: u8, life: u8, phase: u8 },
}

/// Modes of a unit at most.
const MOST_MODES: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Unit {
    stage: Stage,
    route: Route,
    /// As many as there are, then 0.
    modes: [u8; MOST_MODES],
    /// Of a place in a pool with spares.
    cover: Cover,
    /// In a pool with spares, how far behind the last crew its repair waits.
    queued: u8,
    /// In a group over several zones, its place, from 1; 0 while it is launched beside the others.
    place: u8,
    /// In a group over several zones, its number.
    number: u8,
}

impl Unit {
    fn serves(&self) -> bool {
        matches!(self.stage, Stage::Service | Stage::Doomed(_))
    }

    fn registered(&self) -> bool {
        self.serves() || matches!(self.stage, Stage::Killed | Stage::Replacing(_))
    }

    fn alive(&self) -> bool {
        self.serves() && self.modes.iter().all(|byte| !Mode::is_down(*byte))
    }

    fn routed(&self) -> bool {
        self.registered() && matches!(self.route, Route::In | Route::GoingOut(_))
    }
}

/// A node of the load balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Entry {
    Used,
    Dying(u8),
    Dead,
}

/// The state of a tier in a region: units by zone, and nodes of the load balancer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Units {
    zones: Vec<Vec<Unit>>,
    entries: Vec<Entry>,
    /// Spares that work, the longest idle first.
    idle: Vec<Idle>,
    /// Machines without a place that do not work, with the positions of their zones. In a group over several zones, units that are in none.
    away: Vec<(u8, Unit)>,
    /// A zone has come back, and the group has not been made level since.
    levelling: bool,
    /// In a group over several zones, numbers of units that are not there, the next to be used last.
    free: Vec<u8>,
}

impl Units {
    /// How many units there are.
    pub fn count(&self) -> usize {
        self.zones.iter().map(Vec::len).sum::<usize>() + self.idle.len() + self.away.len()
    }
}

#[derive(Debug, Clone)]
struct Balancer {
    detection: Phases,
    recovery: Phases,
    cross_zone: bool,
}

#[derive(Debug, Clone)]
struct Scaling {
    /// The group's own check, unless it believes the load balancer.
    status_check: Option<Phases>,
    terminate: Phases,
    launch: Phases,
    boot: Phases,
    retry: Phases,
    failure: f64,
}

/// The rules of a tier in a region.
#[derive(Debug, Clone)]
pub(super) struct Group {
    region: usize,
    zones: Vec<(ZoneId, u32)>,
    modes: Vec<Mode>,
    /// Modes that the load balancer sees, and that the group sees.
    seen: Vec<(bool, bool)>,
    crews: u32,
    replacement: Phases,
    balancer: Option<Balancer>,
    scaling: Option<Scaling>,
    spares: Option<Spares>,
    /// A group over several zones, which is kept level.
    levels: bool,
    /// Units that it should have.
    desired: u8,
    required: u32,
    capacity: f64,
}

impl Group {
    /// Everything up, in service and in rotation.
    pub fn start(&self) -> Units {
        let mut zones: Vec<Vec<Unit>> =
            self.zones.iter().map(|(_, count)| vec![self.fresh(); *count as usize]).collect();
        if self.levels {
            // Dealt round.
            for (position, units) in zones.iter_mut().enumerate() {
                let places = (position + 1..).step_by(self.zones.len());
                for (unit, place) in units.iter_mut().zip(places) {
                    (unit.place, unit.number) = (place as u8, place as u8);
                }
            }
        }
        let entries = vec![Entry::Used; self.zones.len()];
        // There is room for as many again.
        let free = if self.levels { (self.desired + 1..=2 * self.desired).rev().collect() } else { Vec::new() };
        Units { zones, entries, idle: self.idle_at_first(), away: Vec::new(), levelling: false, free }
    }

    /// Units of a zone are alike, but for their age where that matters.
    pub fn sort(&self, it: &mut Units) {
        if self.levels {
            return it.sort_by_age();
        }
        it.zones.iter_mut().for_each(|units| units.sort_unstable());
        it.away.sort_unstable();
    }

    fn fresh(&self) -> Unit {
        let mut modes = [0; MOST_MODES];
        modes.iter_mut().zip(&self.modes).for_each(|(byte, mode)| *byte = mode.fresh());
        Unit { stage: Stage::Service, route: Route::In, modes, cover: Cover::None, queued: 0, place: 0, number: 0 }
    }

    /// What a kill does to the units of the zones that are being killed.
    pub fn kill(&self, it: &mut Units, around: &Around) {
        // With spares a pool has one zone only, as far as kills go.
        if self.spares.is_some() && self.zones.iter().any(|(zone, _)| around.killing(*zone)) {
            self.kill_spares(it);
        }
        for ((zone, _), units) in self.zones.iter().zip(&mut it.zones).filter(|((zone, _), _)| around.killing(*zone)) {
            debug_assert!(!around.hosts(*zone), "what kills a zone holds it down");
            for unit in units.iter_mut() {
                *unit = Unit { stage: Stage::Killed, route: unit.route, cover: unit.cover, ..self.fresh() };
            }
        }
    }

    fn hosted(&self, position: usize, around: &Around) -> bool {
        around.hosts(self.zones[position].0)
    }

    fn visible(&self, unit: &Unit, up: bool, to_group: bool) -> bool {
        let sees = |(balancer, group): &(bool, bool)| if to_group { *group } else { *balancer };
        let failing = || unit.modes.iter().zip(&self.seen).any(|(byte, seen)| Mode::is_down(*byte) && sees(seen));
        !up || matches!(unit.stage, Stage::Killed | Stage::Replacing(_)) || failing()
    }

    /// What can happen, with its rates.
    pub fn steps(&self, it: &Units, around: &Around) -> Vec<(f64, Units)> {
        let mut steps = Vec::new();
        for (position, units) in it.zones.iter().enumerate() {
            let mut first = 0;
            while first < units.len() {
                // Units are sorted: those that are alike do the same things, together more often.
                let alike = units[first..].iter().take_while(|unit| **unit == units[first]).count();
                let crewed = self.repaired(it, &units[first]);
                for (rate, unit) in self.unit_steps(&units[first], position, crewed, around) {
                    steps.push((rate * alike as f64, self.turns(it, (position, first), unit)));
                }
                first += alike;
            }
        }
        for (position, entry) in it.entries.iter().enumerate() {
            if let (Entry::Dying(phase), Some(balancer)) = (entry, &self.balancer) {
                let (rate, next) = balancer.detection.leave(*phase);
                let mut to = it.clone();
                to.entries[position] = next.map_or(Entry::Dead, Entry::Dying);
                steps.push((rate, to));
            }
        }
        self.spare_steps(it, &mut steps);
        self.steps_outside(it, &mut steps);
        steps.retain(|(rate, _)| *rate > 0.0);
        steps
    }

    fn unit_steps(&self, unit: &Unit, position: usize, crewed: f64, around: &Around) -> Vec<(f64, Unit)> {
        let mut steps = Vec::new();
        if unit.serves() {
            for (index, mode) in self.modes.iter().enumerate() {
                let before = unit.modes[index];
                let share = if Mode::is_down(before) { crewed } else { 1.0 };
                for (rate, byte) in mode.steps(before) {
                    let mut to = *unit;
                    to.modes[index] = byte;
                    steps.push((rate * share, to));
                }
            }
        }
        if let Some(balancer) = &self.balancer {
            match unit.route {
                Route::GoingOut(phase) => {
                    let (rate, next) = balancer.detection.leave(phase);
                    let gone = || self.out(unit);
                    match next {
                        Some(phase) => steps.push((rate, Unit { route: Route::GoingOut(phase), ..*unit })),
                        None => steps.extend(gone().into_iter().map(|(weight, to)| (rate * weight, to))),
                    }
                }
                Route::ComingIn(phase) => {
                    let (rate, next) = balancer.recovery.leave(phase);
                    steps.push((rate, Unit { route: next.map_or(Route::In, Route::ComingIn), ..*unit }));
                }
                Route::In | Route::Out => {}
            }
        }
        self.stage_steps(unit, position, around, &mut steps);
        steps
    }

    /// Out of rotation; and given up, where the group believes the load balancer.
    fn out(&self, unit: &Unit) -> Vec<(f64, Unit)> {
        match &self.scaling {
            Some(scaling) if scaling.status_check.is_none() => self.given_up(scaling),
            _ => vec![(1.0, Unit { route: Route::Out, ..*unit })],
        }
    }

    fn given_up(&self, scaling: &Scaling) -> Vec<(f64, Unit)> {
        if self.levels {
            return vec![(1.0, self.at(Stage::GivenUp))];
        }
        self.enter(&scaling.terminate, Stage::Terminating, &|| vec![(1.0, self.at(Stage::Waiting))])
    }

    fn at(&self, stage: Stage) -> Unit {
        Unit { stage, ..self.fresh() }
    }

    fn enter(&self, law: &Phases, stage: fn(u8) -> Stage, over: &dyn Fn() -> Vec<(f64, Unit)>) -> Vec<(f64, Unit)> {
        let mut branches = Vec::new();
        for (weight, phase) in &law.starts {
            match phase {
                Some(phase) => branches.push((*weight, self.at(stage(*phase)))),
                None => branches.extend(over().into_iter().map(|(its, unit)| (weight * its, unit))),
            }
        }
        branches
    }

    /// The launch is over: booting, a retry later, or again from the start if its place is down.
    fn launched(&self, scaling: &Scaling, position: usize, around: &Around) -> Vec<(f64, Unit)> {
        if !self.hosted(position, around) {
            return vec![(1.0, self.at(Stage::Waiting))];
        }
        let mut branches = Vec::new();
        if scaling.failure > 0.0 {
            let next = if self.levels { Stage::Again } else { Stage::Waiting };
            let again = self.enter(&scaling.retry, Stage::Retrying, &|| vec![(1.0, self.at(next))]);
            branches.extend(again.into_iter().map(|(weight, unit)| (weight * scaling.failure, unit)));
        }
        let boots = match &self.balancer {
            Some(balancer) if scaling.status_check.is_none() => {
                let mut branches = Vec::new();
                for (weight, boot) in &scaling.boot.starts {
                    for (its, verdict) in &balancer.detection.starts {
                        let both = match (boot, verdict) {
                            (None, _) => self.booted(position, around),
                            (Some(_), None) => self.given_up(scaling),
                            (Some(boot), Some(verdict)) => vec![(1.0, self.at(Stage::Racing(*boot, *verdict)))],
                        };
                        branches.extend(both.into_iter().map(|(w, unit)| (weight * its * w, unit)));
                    }
                }
                branches
            }
            _ => self.enter(&scaling.boot, Stage::Booting, &|| self.booted(position, around)),
        };
        branches.extend(boots.into_iter().map(|(weight, unit)| (weight * (1.0 - scaling.failure), unit)));
        branches
    }

    /// The application answers: the first check, if there is a load balancer.
    fn booted(&self, position: usize, around: &Around) -> Vec<(f64, Unit)> {
        match &self.balancer {
            Some(balancer) => self.enter(&balancer.recovery, Stage::Checking, &|| self.in_service(position, around)),
            None => self.in_service(position, around),
        }
    }

    fn in_service(&self, position: usize, around: &Around) -> Vec<(f64, Unit)> {
        let stage = if self.hosted(position, around) { Stage::Service } else { Stage::Waiting };
        vec![(1.0, self.at(stage))]
    }

    fn stage_steps(&self, unit: &Unit, position: usize, around: &Around, steps: &mut Vec<(f64, Unit)>) {
        let mut advance = |law: &Phases, phase: u8, stay: &dyn Fn(u8) -> Stage, over: &dyn Fn() -> Vec<(f64, Unit)>| {
            let (rate, next) = law.leave(phase);
            match next {
                Some(phase) => steps.push((rate, Unit { stage: stay(phase), ..*unit })),
                None => steps.extend(over().into_iter().map(|(weight, to)| (rate * weight, to))),
            }
        };
        if let Stage::Replacing(phase) = unit.stage {
            let route = unit.route;
            advance(&self.replacement, phase, &Stage::Replacing, &|| vec![(1.0, Unit { route, ..self.fresh() })]);
        }
        let Some(scaling) = &self.scaling else { return };
        let waiting = || vec![(1.0, self.at(Stage::Waiting))];
        match unit.stage {
            Stage::Doomed(phase) => {
                if let Some(check) = &scaling.status_check {
                    advance(check, phase, &Stage::Doomed, &|| self.given_up(scaling));
                }
            }
            Stage::Terminating(phase) => advance(&scaling.terminate, phase, &Stage::Terminating, &waiting),
            Stage::Launching(phase) => {
                advance(&scaling.launch, phase, &Stage::Launching, &|| self.launched(scaling, position, around));
            }
            Stage::Retrying(phase) => advance(&scaling.retry, phase, &Stage::Retrying, &waiting),
            Stage::Booting(phase) => {
                advance(&scaling.boot, phase, &Stage::Booting, &|| self.booted(position, around));
            }
            Stage::Racing(boot, verdict) => {
                advance(&scaling.boot, boot, &|boot| Stage::Racing(boot, verdict), &|| self.booted(position, around));
                if let Some(balancer) = &self.balancer {
                    let stay = |verdict| Stage::Racing(boot, verdict);
                    advance(&balancer.detection, verdict, &stay, &|| self.given_up(scaling));
                }
            }
            Stage::Checking(phase) => {
                if let Some(balancer) = &self.balancer {
                    let in_service = || self.in_service(position, around);
                    advance(&balancer.recovery, phase, &Stage::Checking, &in_service);
                }
            }
            _ => {}
        }
    }

    /// What follows at once, with its chances; none if nothing does.
    pub fn settle(&self, it: &Units, around: &Around) -> Option<Vec<(f64, Units)>> {
        for (position, units) in it.zones.iter().enumerate() {
            for (index, unit) in units.iter().enumerate() {
                if let Some(branches) = self.settle_unit(unit, position, around) {
                    let to = |(weight, unit): (f64, Unit)| (weight, self.turns(it, (position, index), unit));
                    return Some(branches.into_iter().map(to).collect());
                }
            }
        }
        if let Some(branches) = self.settle_spares(it, around).or_else(|| self.settle_levels(it, around)) {
            return Some(branches);
        }
        let balancer = self.balancer.as_ref()?;
        for (position, entry) in it.entries.iter().enumerate() {
            let (down, frozen) = (!around.zone(self.zones[position].0), !around.region(self.region));
            let set = |entry: Entry| {
                let mut to = it.clone();
                to.entries[position] = entry;
                to
            };
            match entry {
                Entry::Dying(_) if frozen || !down => return Some(vec![(1.0, set(Entry::Used))]),
                Entry::Dead if !frozen && !down => return Some(vec![(1.0, set(Entry::Used))]),
                Entry::Used if down && !frozen => {
                    let to =
                        |(weight, phase): &(f64, Option<u8>)| (*weight, set(phase.map_or(Entry::Dead, Entry::Dying)));
                    return Some(balancer.detection.starts.iter().map(to).collect());
                }
                _ => {}
            }
        }
        None
    }

    fn settle_unit(&self, unit: &Unit, position: usize, around: &Around) -> Option<Vec<(f64, Unit)>> {
        let (zone, frozen) = (self.zones[position].0, !around.region(self.region));
        if unit.stage == Stage::Killed && !around.killing(zone) {
            let to = |(weight, phase): &(f64, Option<u8>)| {
                let stage = phase.map_or(Stage::Service, Stage::Replacing);
                (*weight, Unit { stage, ..*unit })
            };
            return Some(self.replacement.starts.iter().map(to).collect());
        }
        if let Some(balancer) = self.balancer.as_ref().filter(|_| unit.registered()) {
            let visible = self.visible(unit, around.zone(zone), false);
            let set = |route: Route| vec![(1.0, Unit { route, ..*unit })];
            match unit.route {
                Route::GoingOut(_) if frozen || !visible => return Some(set(Route::In)),
                Route::ComingIn(_) if frozen || visible => return Some(set(Route::Out)),
                Route::In if visible && !frozen => {
                    let mut branches = Vec::new();
                    for (weight, phase) in &balancer.detection.starts {
                        let its = match phase {
                            Some(phase) => set(Route::GoingOut(*phase)),
                            None => self.out(unit),
                        };
                        branches.extend(its.into_iter().map(|(w, to)| (weight * w, to)));
                    }
                    return Some(branches);
                }
                Route::Out if !visible && !frozen => {
                    let to = |(weight, phase): &(f64, Option<u8>)| {
                        (*weight, Unit { route: phase.map_or(Route::In, Route::ComingIn), ..*unit })
                    };
                    return Some(balancer.recovery.starts.iter().map(to).collect());
                }
                _ => {}
            }
        }
        let scaling = self.scaling.as_ref()?;
        if let Some(check) = &scaling.status_check {
            let visible = !frozen && self.visible(unit, around.zone(zone), true);
            match unit.stage {
                Stage::Doomed(_) if !visible => {
                    return Some(vec![(1.0, Unit { stage: Stage::Service, ..*unit })]);
                }
                Stage::Service if visible => {
                    let to = |(weight, phase): &(f64, Option<u8>)| match phase {
                        Some(phase) => vec![(*weight, Unit { stage: Stage::Doomed(*phase), ..*unit })],
                        None => self.given_up(scaling).into_iter().map(|(w, to)| (weight * w, to)).collect(),
                    };
                    return Some(check.starts.iter().flat_map(to).collect());
                }
                _ => {}
            }
        }
        if !self.levels && unit.stage == Stage::Waiting && around.can_act(self.region) && around.zone(zone) {
            return Some(self.enter(&scaling.launch, Stage::Launching, &|| self.launched(scaling, position, around)));
        }
        None
    }
}

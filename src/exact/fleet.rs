//! A tier in one region as states of a Markov chain.

use super::Obstacle;
use super::flow::Lane;
use super::machine::{Around, Mode, phases};
use super::phases::Phases;
use super::site::{Part, Site};
use crate::law::Law;
use crate::model::{CheckType, Effect, HealthCheck, Scope, Symptom, Upkeep, ZoneId};
use crate::units::Seconds;

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
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Unit {
    stage: Stage,
    route: Route,
    modes: Vec<u8>,
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
}

impl Units {
    /// Units of a zone are alike.
    pub fn sort(&mut self) {
        self.zones.iter_mut().for_each(|units| units.sort_unstable());
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
    required: u32,
    capacity: f64,
}

/// Collects obstacles while laws become phases.
struct Laws {
    obstacles: Vec<Obstacle>,
}

impl Laws {
    fn phases(&mut self, key: String, law: &Law) -> Phases {
        phases(key, law).unwrap_or_else(|obstacle| {
            self.obstacles.push(obstacle);
            Phases::never()
        })
    }

    fn check(&mut self, key: String, law: &Option<Law>, check: &HealthCheck) -> Phases {
        match law {
            Some(law) => self.phases(key, law),
            None => {
                let why = "the rule of intervals and thresholds is not made of exponential phases";
                self.obstacles.push(Obstacle::new(key, format!("{why} (interval {})", check.interval)).of_law());
                Phases::never()
            }
        }
    }
}

impl Group {
    /// The rules of a tier in a region of a design.
    pub fn new(site: &Site, index: usize, region: usize) -> Result<Group, Vec<Obstacle>> {
        let tier = &site.design.tiers[index];
        let key = |what: &str| format!("tier.{}.{what}", tier.name);
        let mut laws = Laws { obstacles: Vec::new() };
        let zones = site.zones_of(index, region);
        let units: u32 = zones.iter().map(|zone| zone.1).sum();
        if units > 64 {
            laws.obstacles.push(Obstacle::new(key("pool.units"), format!("{units} units are too many states")));
        }
        let its: Vec<_> = site.of_units(index).into_iter().filter(|mode| !mode.repair.is_zero()).collect();
        let mut modes = Vec::new();
        for mode in &its {
            match Mode::new(mode) {
                Ok(mode) => modes.push(mode),
                Err(obstacle) => laws.obstacles.push(obstacle),
            }
        }
        let in_zone =
            |scope: &Scope| matches!(scope, Scope::Zones(of) if zones.iter().any(|(zone, _)| of.contains(zone)));
        let around: Vec<_> = site.modes(|scope| match scope {
            Scope::Regions(of) => of.contains(&region),
            Scope::Global => true,
            Scope::Tier(..) => *scope == Scope::Tier(index, region),
            other => in_zone(other),
        });
        let idle = its.is_empty() && around.is_empty();
        if !site.of_part(Part::Fleet { tier: index, region }).is_empty()
            && (tier.load_balancer.is_some() || matches!(tier.upkeep, Upkeep::AutoScaling(_)))
        {
            laws.obstacles.push(Obstacle::new(
                key("load_balancer"),
                "a mode of the whole tier looks different to each unit's check, which the chain does not follow",
            ));
        }
        let balancer = tier.load_balancer.as_ref().filter(|_| !idle).map(|balancer| {
            if balancer.zone_ttl > Seconds::ZERO && around.iter().any(|mode| in_zone(&mode.scope)) {
                let why = "a residual that is uniform is not made of exponential phases";
                laws.obstacles.push(Obstacle::new(key("load_balancer.zone_ttl"), why).of_law());
            }
            let check = &balancer.check;
            Balancer {
                detection: laws.check(key("load_balancer.detection"), &check.detection, check),
                recovery: laws.check(key("load_balancer.recovery"), &check.recovery, check),
                cross_zone: balancer.cross_zone,
            }
        });
        let deep = tier.load_balancer.as_ref().is_some_and(|balancer| balancer.check.deep);
        let seen = its.iter().map(|mode| (mode.symptom != Symptom::Hang || deep, mode.symptom == Symptom::Instance));
        let mut group = Group {
            region,
            seen: seen.collect(),
            zones: zones.clone(),
            modes,
            crews: u32::MAX,
            replacement: Phases::never(),
            balancer,
            scaling: None,
            required: tier.required,
            capacity: tier.capacity.map_or(f64::INFINITY, |rate| rate.0),
        };
        let killed = around.iter().any(|mode| mode.effect == Effect::Kill);
        match &tier.upkeep {
            Upkeep::Pool { crews, replacement, .. } => {
                group.crews = crews.unwrap_or(u32::MAX);
                if killed {
                    group.replacement = laws.phases(key("pool.replacement"), replacement);
                }
                let fair = its.len() == 1 && its[0].repair.is_exponential().is_some() && !killed;
                if group.crews < units && !its.is_empty() && !fair {
                    let why = "the queue is followed for one mode with an exponential repair, and nothing that kills";
                    laws.obstacles.push(Obstacle::new(key("pool.crews"), why));
                }
            }
            Upkeep::AutoScaling(scaling) if !idle => {
                if group.zones.len() > 1 && around.iter().any(|mode| in_zone(&mode.scope)) {
                    let why = "a zone that returns is filled again unit by unit, which the chain does not follow";
                    laws.obstacles.push(Obstacle::new(key("auto_scaling"), why));
                }
                if killed {
                    let why = "a group whose units are killed by their place is not followed";
                    laws.obstacles.push(Obstacle::new(key("auto_scaling"), why));
                }
                let believes = scaling.check == CheckType::Elb;
                if believes && scaling.grace > Seconds::ZERO {
                    let why = "the age of a unit at its verdict is not made of exponential phases";
                    laws.obstacles.push(Obstacle::new(key("auto_scaling.grace"), why).of_law());
                }
                let own = &scaling.status_check;
                group.scaling = Some(Scaling {
                    status_check: (!believes)
                        .then(|| laws.check(key("auto_scaling.status_check.detection"), &own.detection, own)),
                    terminate: laws.phases(key("auto_scaling.terminate"), &scaling.terminate),
                    launch: laws.phases(key("auto_scaling.launch"), &scaling.launch),
                    boot: laws.phases(key("auto_scaling.boot"), &scaling.boot),
                    retry: if scaling.launch_failure.get() > 0.0 {
                        laws.phases(key("auto_scaling.retry"), &scaling.retry)
                    } else {
                        Phases::never()
                    },
                    failure: scaling.launch_failure.get(),
                });
            }
            Upkeep::AutoScaling(_) => {}
        }
        if laws.obstacles.is_empty() { Ok(group) } else { Err(laws.obstacles) }
    }

    /// Everything up, in service and in rotation.
    pub fn start(&self) -> Units {
        let zones = self.zones.iter().map(|(_, count)| vec![self.fresh(); *count as usize]).collect();
        Units { zones, entries: vec![Entry::Used; self.zones.len()] }
    }

    fn fresh(&self) -> Unit {
        Unit { stage: Stage::Service, route: Route::In, modes: self.modes.iter().map(Mode::fresh).collect() }
    }

    /// What a kill does to the units of the zones that are being killed.
    pub fn kill(&self, it: &mut Units, around: &Around) {
        for ((zone, _), units) in self.zones.iter().zip(&mut it.zones).filter(|((zone, _), _)| around.killing(*zone)) {
            debug_assert!(!around.hosts(*zone), "what kills a zone holds it down");
            for unit in units.iter_mut() {
                *unit = Unit { stage: Stage::Killed, route: unit.route, ..self.fresh() };
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
        let busy: usize = it.zones.iter().flatten().filter(|unit| unit.serves() && !unit.alive()).count();
        let crewed = f64::min(1.0, f64::from(self.crews) / busy.max(1) as f64);
        for (position, units) in it.zones.iter().enumerate() {
            let mut first = 0;
            while first < units.len() {
                // Units are sorted: those that are alike do the same things, together more often.
                let alike = units[first..].iter().take_while(|unit| **unit == units[first]).count();
                for (rate, unit) in self.unit_steps(&units[first], position, crewed, around) {
                    let mut to = it.clone();
                    to.zones[position][first] = unit;
                    steps.push((rate * alike as f64, to));
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
                    let mut to = unit.clone();
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
                        Some(phase) => steps.push((rate, Unit { route: Route::GoingOut(phase), ..unit.clone() })),
                        None => steps.extend(gone().into_iter().map(|(weight, to)| (rate * weight, to))),
                    }
                }
                Route::ComingIn(phase) => {
                    let (rate, next) = balancer.recovery.leave(phase);
                    steps.push((rate, Unit { route: next.map_or(Route::In, Route::ComingIn), ..unit.clone() }));
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
            _ => vec![(1.0, Unit { route: Route::Out, ..unit.clone() })],
        }
    }

    fn given_up(&self, scaling: &Scaling) -> Vec<(f64, Unit)> {
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
            let again = self.enter(&scaling.retry, Stage::Retrying, &|| vec![(1.0, self.at(Stage::Waiting))]);
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
                Some(phase) => steps.push((rate, Unit { stage: stay(phase), ..unit.clone() })),
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
                    let to = |(weight, unit): (f64, Unit)| {
                        let mut to = it.clone();
                        to.zones[position][index] = unit;
                        (weight, to)
                    };
                    return Some(branches.into_iter().map(to).collect());
                }
            }
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
                (*weight, Unit { stage, ..unit.clone() })
            };
            return Some(self.replacement.starts.iter().map(to).collect());
        }
        if let Some(balancer) = self.balancer.as_ref().filter(|_| unit.registered()) {
            let visible = self.visible(unit, around.zone(zone), false);
            let set = |route: Route| vec![(1.0, Unit { route, ..unit.clone() })];
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
                        (*weight, Unit { route: phase.map_or(Route::In, Route::ComingIn), ..unit.clone() })
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
                    return Some(vec![(1.0, Unit { stage: Stage::Service, ..unit.clone() })]);
                }
                Stage::Service if visible => {
                    let to = |(weight, phase): &(f64, Option<u8>)| match phase {
                        Some(phase) => vec![(*weight, Unit { stage: Stage::Doomed(*phase), ..unit.clone() })],
                        None => self.given_up(scaling).into_iter().map(|(w, to)| (weight * w, to)).collect(),
                    };
                    return Some(check.starts.iter().flat_map(to).collect());
                }
                _ => {}
            }
        }
        if unit.stage == Stage::Waiting && around.can_act(self.region) && around.zone(zone) {
            return Some(self.enter(&scaling.launch, Stage::Launching, &|| self.launched(scaling, position, around)));
        }
        None
    }

    /// Ways to healthy units.
    pub fn lanes(&self, it: &Units, around: &Around) -> Vec<Lane> {
        let up: Vec<bool> = self.zones.iter().map(|(zone, _)| around.zone(*zone)).collect();
        let count = |position: usize, which: &dyn Fn(&Unit) -> bool| {
            it.zones[position].iter().filter(|unit| which(unit)).count() as f64
        };
        let sum = |which: &dyn Fn(&Unit) -> bool, only_up: bool| -> f64 {
            (0..up.len()).filter(|position| !only_up || up[*position]).map(|position| count(position, which)).sum()
        };
        let healthy = sum(&Unit::alive, true);
        if healthy < f64::from(self.required) || healthy == 0.0 {
            return vec![];
        }
        let Some(balancer) = &self.balancer else {
            return vec![Lane { share: 1.0, capacity: healthy * self.capacity }];
        };
        let gone = |position: usize| {
            it.entries[position] == Entry::Dead || (!balancer.cross_zone && count(position, &Unit::routed) == 0.0)
        };
        let used = (0..up.len()).filter(|position| !gone(*position)).count();
        let (in_use, all) = if used == 0 { (up.len(), true) } else { (used, false) };
        let enters = |position: usize| if up[position] && (all || !gone(position)) { 1.0 / in_use as f64 } else { 0.0 };
        let lane = |entering: f64, routed: f64, good: f64| Lane {
            share: if routed > 0.0 { entering * good / routed } else { 0.0 },
            capacity: if good > 0.0 { good * self.capacity } else { 0.0 },
        };
        let both = |unit: &Unit| unit.alive() && unit.routed();
        if balancer.cross_zone {
            let entering = (0..up.len()).map(enters).sum();
            let routed = sum(&Unit::routed, false);
            if routed > 0.0 {
                vec![lane(entering, routed, sum(&both, true))]
            } else {
                vec![lane(entering, sum(&Unit::registered, false), healthy)]
            }
        } else {
            let reach = |position: usize| {
                let routed = count(position, &Unit::routed);
                if routed > 0.0 {
                    lane(enters(position), routed, count(position, &both))
                } else {
                    lane(enters(position), count(position, &Unit::registered), count(position, &Unit::alive))
                }
            };
            (0..up.len()).filter(|position| up[*position]).map(reach).collect()
        }
    }
}

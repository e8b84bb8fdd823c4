//! Tiers: units one by one, their checks, their balancer's nodes, their replacement.

use crate::world::{Happening, Id, Place, World};
use ridethrough::model::{
    AutoScaling, CheckType, HealthCheck, LoadBalancer, RegionId, Scope, Symptom, Tier, TierId, Upkeep, ZoneId,
};

/// Where a unit is in its life.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stage {
    /// The old instance is being removed.
    Terminating,
    /// A launch is wanted.
    Waiting,
    /// A launch in this zone failed; the next attempt comes later.
    Retrying(ZoneId),
    /// The instance is requested.
    Launching,
    /// The application starts, in time.
    Booting,
    /// The application starts, but the verdict will fall before it answers.
    BootingTooLong,
    /// The application would answer were the tier not down.
    Booted,
    /// The first check is under way.
    Checking,
    /// It is a target, or serves directly.
    InService,
}

/// A unit, or the place that is kept for one.
pub struct Unit {
    id: Id,
    /// Which of the group: a further unit takes the number that became free last.
    number: usize,
    pub zone: ZoneId,
    pub stage: Stage,
    /// A further unit, in exchange for one in the fullest zone.
    moves: bool,
    /// The place in the group that it has, unless it moves.
    place: Option<usize>,
    /// Who waits for a launch is launched in this order.
    turn: Id,
    /// End of the stage, or the replacement of a killed pool unit.
    timer: Option<Id>,
    /// When it was launched [s].
    launched: f64,
    /// The group's verdict falls no earlier than this.
    verdict_from: f64,
    /// The instance is lost.
    pub killed: bool,
    /// The balancer sends requests.
    pub routed: bool,
    /// The balancer is about to change its mind.
    check: Option<Id>,
    /// The group is about to replace it.
    verdict: Option<Id>,
}

/// A balancer's node.
pub struct Node {
    pub zone: ZoneId,
    /// Its zone is down, and that is known.
    dead: Flag,
    /// Its clients have left it.
    gone: Flag,
}

/// Something that is so a while after its reason.
#[derive(Default)]
struct Flag {
    raised: bool,
    timer: Option<Id>,
}

/// A tier in a region.
pub struct Group {
    pub tier: TierId,
    pub region: RegionId,
    pub zones: Vec<ZoneId>,
    pub units: Vec<Unit>,
    pub nodes: Vec<Node>,
    /// Processes that want a crew, in order of failure.
    line: Vec<Id>,
    /// Numbers of units that became free, the last one last.
    free: Vec<usize>,
}

/// What a check waits until it has its verdict about a failure [s].
fn detection(world: &mut World<'_>, check: &HealthCheck, hang: bool) -> f64 {
    match &check.detection {
        Some(law) => world.draw(law),
        None => {
            let first = world.random.uniform() * check.interval.get();
            let further = f64::from(check.unhealthy_threshold - 1) * check.interval.get();
            let timeout = if hang { check.timeout.get() } else { 0.0 };
            first + further + timeout
        }
    }
}

/// What a check waits until it has its verdict about a restoration [s].
fn recovery(world: &mut World<'_>, check: &HealthCheck) -> f64 {
    match &check.recovery {
        Some(law) => world.draw(law),
        None => {
            let first = world.random.uniform() * check.interval.get();
            first + f64::from(check.healthy_threshold - 1) * check.interval.get()
        }
    }
}

/// What a new target waits for its first success [s].
fn first_success(world: &mut World<'_>, check: &HealthCheck) -> f64 {
    match &check.recovery {
        Some(law) => world.draw(law),
        None => world.random.uniform() * check.interval.get(),
    }
}

impl World<'_> {
    /// How long an endpoint's failure goes unnoticed [s].
    pub fn detection_delay(&mut self, check: &HealthCheck) -> f64 {
        detection(self, check, false)
    }

    /// How long an endpoint's restoration goes unnoticed [s].
    pub fn recovery_delay(&mut self, check: &HealthCheck) -> f64 {
        recovery(self, check)
    }

    /// Sets up a tier in a region, everything in service.
    pub fn add_group(&mut self, tier: TierId, region: RegionId) {
        let design = self.design;
        let all = &design.tiers[tier];
        let zones: Vec<ZoneId> =
            all.zones.iter().copied().filter(|&zone| design.zones[zone].region == region).collect();
        let count = match &all.upkeep {
            Upkeep::Pool { units, .. } => *units,
            Upkeep::AutoScaling(scaling) => scaling.desired,
        };
        let group = self.groups.len();
        self.groups.push(Group {
            tier,
            region,
            units: Vec::new(),
            nodes: zones.iter().map(|&zone| Node { zone, dead: Flag::default(), gone: Flag::default() }).collect(),
            zones: zones.clone(),
            line: Vec::new(),
            free: Vec::new(),
        });
        for nth in 0..count as usize {
            let id = self.add_unit(group, zones[nth % zones.len()]);
            self.unit(id).place = Some(nth);
            self.enter_service(id);
        }
        // Clients never used a node that reaches no target.
        if all.load_balancer.as_ref().is_some_and(|balancer| !balancer.cross_zone) {
            for node in (count as usize).min(zones.len())..zones.len() {
                self.flag(group, node, false).raised = true;
            }
        }
    }

    fn add_unit(&mut self, group: usize, zone: ZoneId) -> Id {
        let id = self.fresh_id();
        let highest = self.groups[group].units.len();
        let number = self.groups[group].free.pop().unwrap_or(highest);
        self.groups[group].units.push(Unit {
            id,
            number,
            zone,
            stage: Stage::Waiting,
            moves: false,
            place: None,
            turn: 0,
            timer: None,
            launched: f64::NEG_INFINITY,
            verdict_from: f64::NEG_INFINITY,
            killed: false,
            routed: false,
            check: None,
            verdict: None,
        });
        id
    }

    fn group_of(&self, id: Id) -> usize {
        self.groups
            .iter()
            .position(|group| group.units.iter().any(|unit| unit.id == id))
            .expect("a pending event belongs to a living unit")
    }

    fn unit(&mut self, id: Id) -> &mut Unit {
        self.groups
            .iter_mut()
            .flat_map(|group| &mut group.units)
            .find(|unit| unit.id == id)
            .expect("a pending event belongs to a living unit")
    }

    /// Which of its group a unit is.
    pub fn number_of(&mut self, id: Id) -> Id {
        self.unit(id).number as Id
    }

    fn ids(&self, group: usize) -> Vec<Id> {
        let mut numbered: Vec<_> = self.groups[group].units.iter().map(|unit| (unit.number, unit.id)).collect();
        numbered.sort_unstable();
        numbered.into_iter().map(|(_, id)| id).collect()
    }

    fn tier_of(&self, id: Id) -> &'_ Tier {
        &self.design.tiers[self.groups[self.group_of(id)].tier]
    }

    fn balancer(&self, group: usize) -> Option<LoadBalancer> {
        self.design.tiers[self.groups[group].tier].load_balancer.clone()
    }

    fn scaling_of(&self, id: Id) -> AutoScaling {
        self.scaling(self.group_of(id)).expect("only an auto scaling group launches").clone()
    }

    /// The unit lives, and can fail, from now on.
    fn enter_service(&mut self, id: Id) {
        let tier = self.groups[self.group_of(id)].tier;
        let unit = self.unit(id);
        unit.stage = Stage::InService;
        unit.timer = None;
        unit.killed = false;
        unit.routed = true;
        self.start_own_processes(id, tier);
        if self.unit(id).moves {
            self.unit(id).moves = false;
            self.remove_from_fullest(id);
        }
    }

    fn start_own_processes(&mut self, id: Id, tier: TierId) {
        for mode in 0..self.design.failures.len() {
            if self.design.failures[mode].scope == Scope::Unit(tier) {
                self.begin_process(mode, Place::Unit(id));
            }
        }
    }

    /// Whether a zone itself is down.
    fn zone_failed(&self, zone: ZoneId) -> bool {
        self.holds(Place::Zone(zone))
    }

    // How a unit is.

    /// The symptoms of what holds down the unit itself or all units of its tier.
    fn symptoms(&self, group: usize, id: Id) -> Vec<Symptom> {
        let whole = Place::Tier(self.groups[group].tier, self.groups[group].region);
        self.processes
            .iter()
            .filter(|process| process.down && (process.place == Place::Unit(id) || process.place == whole))
            .map(|process| self.design.failures[process.mode].symptom)
            .collect()
    }

    /// Whether a unit would serve a request that reaches it.
    pub fn unit_up(&self, group: usize, unit: &Unit) -> bool {
        unit.stage == Stage::InService
            && !unit.killed
            && !self.zone_down(unit.zone)
            && self.symptoms(group, unit.id).is_empty()
    }

    /// Whether a balancer's check of the unit fails, and if so whether only because the application hangs.
    fn check_fails(&self, group: usize, id: Id, check: &HealthCheck) -> Option<bool> {
        let unit = self.groups[group].units.iter().find(|unit| unit.id == id)?;
        if unit.killed || self.zone_failed(unit.zone) {
            return Some(false);
        }
        let symptoms = self.symptoms(group, id);
        if symptoms.iter().any(|symptom| *symptom != Symptom::Hang) {
            Some(false)
        } else if check.deep && !symptoms.is_empty() {
            Some(true)
        } else {
            None
        }
    }

    /// Whether the instance is gone.
    fn instance_gone(&self, group: usize, id: Id) -> bool {
        let unit = self.groups[group].units.iter().find(|unit| unit.id == id).expect("the unit is in its group");
        unit.killed || self.zone_failed(unit.zone) || self.symptoms(group, id).contains(&Symptom::Instance)
    }

    // Reactions.

    /// The group looks around.
    pub fn react_group(&mut self, group: usize) {
        for id in self.ids(group) {
            // Whoever enters service may have sent another unit away.
            if self.ids(group).contains(&id) && matches!(self.unit(id).stage, Stage::Booted | Stage::Checking) {
                self.try_first_check(group, id);
            }
        }
        let units = self.groups[group].units.iter();
        let mut waiting: Vec<(Id, Id)> =
            units.filter(|unit| unit.stage == Stage::Waiting).map(|unit| (unit.turn, unit.id)).collect();
        waiting.sort_unstable();
        for (_, id) in waiting {
            self.try_launch(group, id, None);
        }
        if self.region_down(self.groups[group].region) {
            self.freeze(group);
        } else {
            for id in self.ids(group) {
                if self.unit(id).stage == Stage::InService {
                    self.react_check(group, id);
                    self.react_verdict(group, id);
                }
            }
        }
        if !self.region_down(self.groups[group].region) {
            self.react_nodes(group);
        }
    }

    /// The balancer and the group see nothing more.
    fn freeze(&mut self, group: usize) {
        for id in self.ids(group) {
            let unit = self.unit(id);
            let (check, verdict) = (unit.check.take(), unit.verdict.take());
            self.cancel(check);
            self.cancel(verdict);
        }
        for node in 0..self.groups[group].nodes.len() {
            for dead in [true, false] {
                let timer = self.flag(group, node, dead).timer.take();
                self.cancel(timer);
            }
        }
    }

    fn react_check(&mut self, group: usize, id: Id) {
        let Some(balancer) = self.balancer(group) else {
            return;
        };
        let fails = self.check_fails(group, id, &balancer.check);
        let (routed, pending) = (self.unit(id).routed, self.unit(id).check);
        let disagree = routed == fails.is_some();
        match (disagree, pending) {
            (true, None) => {
                let delay = match fails {
                    Some(hang) => detection(self, &balancer.check, hang),
                    None => recovery(self, &balancer.check),
                };
                let name = self.tier_of(id).name.clone();
                let number = self.unit(id).number as Id;
                let timer = self.schedule(self.now + delay, &name, number, Happening::Check(id));
                self.unit(id).check = Some(timer);
            }
            (false, Some(_)) => {
                self.cancel(pending);
                self.unit(id).check = None;
            }
            _ => {}
        }
    }

    /// The balancer changes its mind about a unit.
    pub fn check_verdict(&mut self, id: Id) {
        let unit = self.unit(id);
        unit.check = None;
        unit.routed = !unit.routed;
    }

    fn react_verdict(&mut self, group: usize, id: Id) {
        let Some(scaling) = self.scaling(group) else {
            return;
        };
        let pending = self.unit(id).verdict;
        let (doomed, after) = match scaling.check {
            CheckType::Elb => {
                let Some(balancer) = self.balancer(group) else {
                    return;
                };
                let fails = self.check_fails(group, id, &balancer.check).is_some();
                let unit = self.unit(id);
                (fails && !unit.routed, unit.verdict_from)
            }
            CheckType::Ec2 => {
                let gone = self.instance_gone(group, id);
                let delay = if gone && pending.is_none() { detection(self, &scaling.status_check, false) } else { 0.0 };
                (gone, self.now + delay)
            }
        };
        match (doomed, pending) {
            (true, None) => {
                let name = self.tier_of(id).name.clone();
                let time = after.max(self.now);
                let number = self.unit(id).number as Id;
                let timer = self.schedule(time, &name, number, Happening::Verdict(id));
                self.unit(id).verdict = Some(timer);
            }
            (false, Some(_)) => {
                self.cancel(pending);
                self.unit(id).verdict = None;
            }
            _ => {}
        }
    }

    // Replacement in an auto scaling group.

    /// The group removes a unit and wants a new one.
    pub fn group_verdict(&mut self, id: Id) {
        let scaling = self.scaling_of(id);
        let self_moves = self.unit(id).moves;
        self.strip(id);
        let group = self.group_of(id);
        // A move under way takes its place: the group has as many units as it should.
        let place = self.unit(id).place;
        let movers = self.groups[group].units.iter_mut().filter(|unit| unit.moves && unit.id != id);
        if let Some(mover) = movers.min_by_key(|unit| unit.number)
            && !self_moves
        {
            mover.moves = false;
            mover.place = place;
            self.leave_group(group, id);
            return;
        }

        let time = self.now + self.draw(&scaling.terminate);
        self.enter_stage(id, Stage::Terminating, time);
    }

    /// The unit is gone for good, and its number free.
    fn leave_group(&mut self, group: usize, id: Id) {
        let number = self.unit(id).number;
        self.groups[group].free.push(number);
        self.groups[group].units.retain(|unit| unit.id != id);
    }

    /// A launch is wanted.
    fn wait(&mut self, id: Id) {
        self.unit(id).turn = self.fresh_id();
        self.unit(id).stage = Stage::Waiting;
    }

    /// Takes away everything that the instance had.
    fn strip(&mut self, id: Id) {
        self.end_processes(Place::Unit(id));
        let unit = self.unit(id);
        let timers = [unit.timer.take(), unit.check.take(), unit.verdict.take()];
        unit.routed = false;
        unit.killed = false;
        for timer in timers {
            self.cancel(timer);
        }
    }

    fn enter_stage(&mut self, id: Id, stage: Stage, until: f64) {
        let name = self.tier_of(id).name.clone();
        let number = self.unit(id).number as Id;
        let timer = self.schedule(until, &name, number, Happening::Unit(id));
        let unit = self.unit(id);
        unit.stage = stage;
        unit.timer = Some(timer);
    }

    /// How many units each zone of the group has.
    fn counts(&self, group: usize) -> Vec<usize> {
        let group = &self.groups[group];
        let placed = |unit: &&Unit| !matches!(unit.stage, Stage::Terminating | Stage::Waiting | Stage::Retrying(_));
        group
            .zones
            .iter()
            .map(|&zone| {
                let here = group.units.iter().filter(placed);
                here.filter(|unit| unit.zone == zone).count()
            })
            .collect()
    }

    /// Positions of the group's zones that are up.
    fn up_zones(&self, group: usize) -> Vec<usize> {
        let zones = &self.groups[group].zones;
        (0..zones.len()).filter(|&nth| !self.zone_down(zones[nth])).collect()
    }

    fn try_launch(&mut self, group: usize, id: Id, after: Option<ZoneId>) {
        let up = self.up_zones(group);
        if up.is_empty() || !self.control_plane_up(self.groups[group].region) {
            return;
        }
        let zones = self.groups[group].zones.clone();
        let nth = match after {
            Some(last) => {
                let from = zones.iter().position(|&zone| zone == last).unwrap_or(0);
                (1..=zones.len()).map(|step| (from + step) % zones.len()).find(|nth| up.contains(nth))
            }
            None => {
                let counts = self.counts(group);
                up.iter().copied().min_by_key(|&nth| counts[nth])
            }
        };
        self.unit(id).zone = zones[nth.expect("a zone is up")];
        let scaling = self.scaling_of(id);
        let time = self.now + self.draw(&scaling.launch);
        self.enter_stage(id, Stage::Launching, time);
    }

    /// The stage of a unit ends.
    pub fn unit_stage_ends(&mut self, id: Id) {
        let group = self.group_of(id);
        let unit = self.unit(id);
        unit.timer = None;
        let (stage, zone) = (unit.stage, unit.zone);
        match stage {
            Stage::Terminating => self.wait(id),
            Stage::Retrying(last) => {
                self.wait(id);
                self.try_launch(group, id, Some(last));
            }
            Stage::Launching => self.launched(group, id),
            Stage::BootingTooLong => self.group_verdict(id),
            Stage::Booting | Stage::Checking if self.zone_down(zone) => {
                self.wait(id);
            }
            Stage::Booting => self.unit(id).stage = Stage::Booted,
            Stage::Booted => self.group_verdict(id),
            Stage::Checking => self.enter_service(id),
            Stage::InService => {
                let tier = self.groups[group].tier;
                self.unit(id).killed = false;
                self.start_own_processes(id, tier);
            }
            Stage::Waiting => {}
        }
    }

    fn launched(&mut self, group: usize, id: Id) {
        let scaling = self.scaling_of(id);
        let zone = self.unit(id).zone;
        if self.zone_down(zone) {
            self.wait(id);
            return;
        }
        if self.random.chance(scaling.launch_failure.get()) {
            let time = self.now + self.draw(&scaling.retry);
            self.enter_stage(id, Stage::Retrying(zone), time);
            return;
        }
        self.unit(id).launched = self.now;
        let ready = self.now + self.draw(&scaling.boot);
        let verdict = match (scaling.check, self.balancer(group)) {
            (CheckType::Elb, Some(balancer)) => {
                self.now + scaling.grace.get() + detection(self, &balancer.check, false)
            }
            _ => f64::NEG_INFINITY,
        };
        self.unit(id).verdict_from = verdict;
        if scaling.check == CheckType::Elb && ready > verdict && verdict.is_finite() {
            self.enter_stage(id, Stage::BootingTooLong, verdict);
        } else {
            self.enter_stage(id, Stage::Booting, ready);
        }
    }

    /// Whether the first check of a unit fails for what holds down its whole tier.
    fn first_check_fails(&self, group: usize) -> bool {
        let whole = Place::Tier(self.groups[group].tier, self.groups[group].region);
        let seen = |symptom: Symptom| symptom != Symptom::Hang || self.balancer(group).is_some_and(|it| it.check.deep);
        let here = self.processes.iter().filter(|process| process.down && process.place == whole);
        here.map(|process| self.design.failures[process.mode].symptom).any(seen)
    }

    /// A booted unit gets its first check, unless its whole tier is down: then it waits, at most until the verdict. A check that
    /// has begun when that happens begins anew after it.
    fn try_first_check(&mut self, group: usize, id: Id) {
        let Some(balancer) = self.balancer(group) else {
            return self.enter_service(id);
        };
        let stage = self.unit(id).stage;
        match (self.first_check_fails(group), stage) {
            (true, Stage::Checking) => {
                let timer = self.unit(id).timer.take();
                self.cancel(timer);
                self.unit(id).stage = Stage::Booted;
                self.try_first_check(group, id);
            }
            (true, _) => {
                let verdict = self.unit(id).verdict_from;
                if self.unit(id).timer.is_none() && verdict.is_finite() {
                    self.enter_stage(id, Stage::Booted, verdict.max(self.now));
                }
            }
            (false, Stage::Booted) => {
                let timer = self.unit(id).timer.take();
                self.cancel(timer);
                let time = self.now + first_success(self, &balancer.check);
                self.enter_stage(id, Stage::Checking, time);
            }
            (false, _) => {}
        }
    }

    /// Starts as many moves as it takes until the zones that are up have the same number of units, give or take one.
    pub fn level(&mut self, group: usize) {
        if self.scaling(group).is_none() {
            return;
        }
        let up = self.up_zones(group);
        if up.len() < 2 {
            return;
        }
        let mut counts = self.counts(group);
        let emptiest = |counts: &[usize]| up.iter().copied().min_by_key(|&nth| counts[nth]);
        let fullest = |counts: &[usize]| up.iter().rev().copied().max_by_key(|&nth| counts[nth]);
        let units = &self.groups[group].units;
        let waiting =
            units.iter().filter(|unit| matches!(unit.stage, Stage::Terminating | Stage::Waiting | Stage::Retrying(_)));
        for _ in waiting {
            let to = emptiest(&counts).expect("a zone is up");
            counts[to] += 1;
        }
        for _ in units.iter().filter(|unit| unit.moves) {
            let from = fullest(&counts).expect("a zone is up");
            counts[from] = counts[from].saturating_sub(1);
        }
        loop {
            let from = fullest(&counts).expect("a zone is up");
            let to = emptiest(&counts).expect("a zone is up");
            // As many again as the group wants.
            let most = self.scaling(group).map_or(0, |scaling| 2 * scaling.desired as usize);
            if counts[from] < counts[to] + 2 || self.groups[group].units.len() >= most {
                break;
            }
            counts[from] -= 1;
            counts[to] += 1;
            let zone = self.groups[group].zones[to];
            let id = self.add_unit(group, zone);
            self.unit(id).moves = true;
        }
    }

    /// A further unit is in service: one in the fullest zone goes, and the zones are looked at again.
    fn remove_from_fullest(&mut self, newcomer: Id) {
        let group = self.group_of(newcomer);
        let serving = |unit: &&Unit| unit.stage == Stage::InService && unit.id != newcomer;
        let fullest = self.groups[group].zones.iter().rev().copied().max_by_key(|&zone| {
            let units = self.groups[group].units.iter();
            units.filter(serving).filter(|unit| unit.zone == zone).count()
        });
        let there = self.groups[group].units.iter().filter(serving).filter(|unit| Some(unit.zone) == fullest);
        let oldest =
            there.min_by(|left, right| left.launched.total_cmp(&right.launched).then(left.place.cmp(&right.place)));
        let leaver = oldest.map(|unit| unit.id);
        // Without any in service, the first place is given up.
        let placed = self.groups[group].units.iter().filter(|unit| unit.place.is_some());
        let first = placed.min_by_key(|unit| unit.place).map(|unit| unit.id);
        if let Some(id) = leaver.or(first) {
            let place = self.unit(id).place;
            self.unit(newcomer).place = place;
            self.strip(id);
            self.leave_group(group, id);
        }
        self.level(group);
    }

    // Kills and replacements by hand.

    /// All units in a zone are lost.
    pub fn kill_units(&mut self, zone: ZoneId) {
        for group in 0..self.groups.len() {
            for id in self.ids(group) {
                if self.unit(id).zone != zone {
                    continue;
                }
                match self.unit(id).stage {
                    Stage::InService => {
                        self.end_processes(Place::Unit(id));
                        let unit = self.unit(id);
                        unit.killed = true;
                        let timer = unit.timer.take();
                        self.cancel(timer);
                    }

                    Stage::Booting | Stage::BootingTooLong | Stage::Booted | Stage::Checking => {
                        self.strip(id);
                        self.wait(id);
                    }
                    _ => {}
                }
            }
        }
    }

    /// What killed the units of a zone is over: those of a pool are replaced a while later.
    pub fn order_replacements(&mut self, zone: ZoneId) {
        let design = self.design;
        for group in 0..self.groups.len() {
            let tier = &design.tiers[self.groups[group].tier];
            let Upkeep::Pool { replacement, .. } = &tier.upkeep else {
                continue;
            };
            for id in self.ids(group) {
                if self.unit(id).zone == zone && self.unit(id).killed {
                    let time = self.now + self.draw(replacement);
                    let what = Happening::Unit(id);
                    let number = self.unit(id).number as Id;
                    let timer = self.schedule_restoration(time, &tier.name, number, what);
                    self.unit(id).timer = Some(timer);
                }
            }
        }
    }

    // Repair crews.

    fn crews(&self, group: usize) -> Option<usize> {
        match &self.design.tiers[self.groups[group].tier].upkeep {
            Upkeep::Pool { crews, .. } => crews.map(|count| count as usize),
            Upkeep::AutoScaling(_) => None,
        }
    }

    /// Stands in line for a crew; false where none is needed.
    pub fn join_crew(&mut self, process: Id, place: Place) -> bool {
        let Place::Unit(unit) = place else {
            return false;
        };
        let group = self.group_of(unit);
        if self.crews(group).is_none() {
            return false;
        }
        self.groups[group].line.push(process);
        self.assign_crews(group);
        true
    }

    /// Leaves the line, repaired or gone.
    pub fn leave_crew(&mut self, process: Id) {
        for group in 0..self.groups.len() {
            if self.groups[group].line.contains(&process) {
                self.groups[group].line.retain(|id| *id != process);
                self.assign_crews(group);
            }
        }
    }

    fn assign_crews(&mut self, group: usize) {
        let crews = self.crews(group).unwrap_or(0);
        let line = self.groups[group].line.clone();
        for process in line.into_iter().take(crews) {
            if !self.in_repair(process) {
                self.begin_repair(process);
            }
        }
    }

    // The balancer's nodes.

    fn flag(&mut self, group: usize, node: usize, dead: bool) -> &mut Flag {
        let node = &mut self.groups[group].nodes[node];
        if dead { &mut node.dead } else { &mut node.gone }
    }

    fn react_nodes(&mut self, group: usize) {
        let Some(balancer) = self.balancer(group) else {
            return;
        };
        for node in 0..self.groups[group].nodes.len() {
            let zone = self.groups[group].nodes[node].zone;
            let target = |unit: &Unit| unit.stage == Stage::InService && unit.routed && unit.zone == zone;
            let empty = !balancer.cross_zone && !self.groups[group].units.iter().any(target);
            self.react_flag(group, node, true, self.zone_failed(zone), &balancer);
            let unwanted = empty || self.groups[group].nodes[node].dead.raised;
            self.react_flag(group, node, false, unwanted, &balancer);
        }
    }

    /// The reason of a flag comes or goes: a dead node is noticed by the check, an unwanted one is left within the TTL of its clients.
    fn react_flag(&mut self, group: usize, node: usize, dead: bool, on: bool, balancer: &LoadBalancer) {
        let timer = self.flag(group, node, dead).timer;
        if !on {
            self.cancel(timer);
            *self.flag(group, node, dead) = Flag::default();
        } else if timer.is_none() && !self.flag(group, node, dead).raised {
            let delay = if dead {
                detection(self, &balancer.check, false)
            } else {
                self.random.uniform() * balancer.zone_ttl.get()
            };
            let time = self.now + delay;
            let name = self.design.tiers[self.groups[group].tier].name.clone();
            let what = Happening::Node(group, node, dead);
            let timer = self.schedule(time, &name, node as Id, what);
            self.flag(group, node, dead).timer = Some(timer);
        }
    }

    /// A node is known to be dead, or left by its clients.
    pub fn node_removed(&mut self, group: usize, node: usize, dead: bool) {
        *self.flag(group, node, dead) = Flag { raised: true, timer: None };
    }

    /// The share of the clients that each node has: those in use have the same, and if none is all have.
    fn node_shares(&self, group: usize) -> Vec<f64> {
        let nodes = &self.groups[group].nodes;
        let in_use = |node: &Node| !node.gone.raised;
        let count = nodes.iter().filter(|node| in_use(node)).count();
        nodes
            .iter()
            .map(|node| match count {
                0 => 1.0 / nodes.len() as f64,
                _ if in_use(node) => 1.0 / count as f64,
                _ => 0.0,
            })
            .collect()
    }

    /// How many of `load` requests per second a tier serves in a region.
    pub fn tier_serves(&self, tier: TierId, region: RegionId, load: f64) -> f64 {
        let Some(nth) = self.groups.iter().position(|group| group.tier == tier && group.region == region) else {
            return 0.0;
        };
        let group = &self.groups[nth];
        let facts = &self.design.tiers[tier];
        let capacity = facts.capacity.map_or(f64::INFINITY, |rate| rate.get());
        let registered: Vec<&Unit> = group.units.iter().filter(|unit| unit.stage == Stage::InService).collect();
        let up: Vec<bool> = registered.iter().map(|unit| self.unit_up(nth, unit)).collect();
        let healthy = up.iter().filter(|&&up| up).count();
        if self.region_down(region) || healthy < (facts.required as usize).max(1) {
            return 0.0;
        }
        let Some(balancer) = &facts.load_balancer else {
            return load.min(healthy as f64 * capacity);
        };
        let mut loads = vec![0.0; registered.len()];
        for (node, share) in group.nodes.iter().zip(self.node_shares(nth)) {
            if self.zone_down(node.zone) {
                continue;
            }
            let reached: Vec<usize> = (0..registered.len())
                .filter(|&unit| balancer.cross_zone || registered[unit].zone == node.zone)
                .collect();
            let mut targets: Vec<usize> = reached.iter().copied().filter(|&unit| registered[unit].routed).collect();
            if targets.is_empty() {
                targets = reached;
            }
            for &unit in &targets {
                loads[unit] += load * share / targets.len() as f64;
            }
        }
        loads.iter().zip(&up).map(|(load, up)| if *up { load.min(capacity) } else { 0.0 }).sum()
    }
}

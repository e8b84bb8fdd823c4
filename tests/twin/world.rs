//! One history of a design, event by event: the pending events lie in a plain list that is searched for the earliest one,
//! and after each event every object looks around and reacts.

use crate::database::Store;
use crate::dns::Name;
use crate::measure::{Measure, Record};
use crate::random::Random;
use crate::tier::Group;
use ridethrough::law::Law;
use ridethrough::model::{Decision, Design, Effect, Need, RegionId, Routing, Scope, TierId, Upkeep, ZoneId};

/// Names an event, a failure process or a unit; never used twice in a history.
pub type Id = u64;

/// What can be pending.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Happening {
    /// A failure process fails or is restored.
    Toggle(Id),
    /// The stage that a unit is in ends.
    Unit(Id),
    /// A balancer's check of a unit comes to a verdict.
    Check(Id),
    /// The group comes to a verdict about a unit.
    Verdict(Id),
    /// A balancer's node is noticed to be dead, or left by its clients: group, node, which of them.
    Node(usize, usize, bool),
    /// The step that a database is in ends.
    Database(usize),
    /// A node of a database is rebuilt: database, node.
    Rebuild(usize, usize),
    /// The roles of a database are to return.
    Failback(usize),
    /// The check of an endpoint comes to a verdict.
    Probe(usize),
    /// The change of an answer is ready to be made.
    Change(usize),
    /// An endpoint is let back into the answer.
    Return(usize),
    /// Nothing happens, but everybody looks around.
    Wake,
}

impl Happening {
    /// Of what happens at once, failure modes come first, then tiers, databases and DNS.
    fn sort(self) -> u8 {
        match self {
            Happening::Toggle(_) => 0,
            Happening::Check(_) | Happening::Verdict(_) | Happening::Unit(_) | Happening::Node(..) => 1,
            Happening::Database(_) | Happening::Rebuild(..) | Happening::Failback(_) | Happening::Wake => 2,
            Happening::Probe(_) | Happening::Change(_) | Happening::Return(_) => 3,
        }
    }

    /// Of what happens to one thing at once, what comes earlier in a recovery comes first.
    fn step(self) -> u8 {
        match self {
            Happening::Toggle(_) | Happening::Check(_) | Happening::Database(_) | Happening::Probe(_) => 0,
            Happening::Verdict(_) | Happening::Rebuild(..) | Happening::Change(_) => 1,
            Happening::Unit(_) | Happening::Failback(_) | Happening::Return(_) => 2,
            Happening::Node(..) | Happening::Wake => 3,
        }
    }
}

/// A pending event.
struct Pending {
    id: Id,
    time: f64,
    /// 0 for restorations, 1 for verdicts and completed actions, 2 for failures.
    class: u8,
    name: String,
    unit: Id,
    what: Happening,
}

/// Where a failure process is at work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// On one unit.
    Unit(Id),
    /// On one node of a database.
    Node(usize, usize),
    /// On all units of a tier in a region.
    Tier(TierId, RegionId),
    /// On a zone.
    Zone(ZoneId),
    /// On a region.
    Region(RegionId),
    /// On a region's control plane.
    ControlPlane(RegionId),
    /// On the control plane everywhere.
    GlobalControlPlane,
    /// On a dependency.
    Dependency(usize),
    /// On everything.
    Global,
}

/// One failure mode at one place.
pub struct Process {
    id: Id,
    pub mode: usize,
    pub place: Place,
    pub down: bool,
    timer: Option<Id>,
}

/// Everything there is.
pub struct World<'a> {
    pub design: &'a Design,
    pub random: Random,
    pub now: f64,
    last_id: Id,
    pending: Vec<Pending>,
    pub processes: Vec<Process>,
    pub groups: Vec<Group>,
    pub stores: Vec<Store>,
    pub name: Option<Name>,
    pub zone_was_down: Vec<bool>,
    pub record: Record,
}

/// Simulates one history.
pub fn replicate(design: &Design, seed: u64) -> Record {
    let mut world = World::new(design, seed);
    let horizon = design.horizon.get();
    let mut measure = Measure::new(design);
    let mut events = 0;
    loop {
        events += 1;
        assert!(events < 200_000, "{} {seed} {}", design.name, world.now);
        let next = world.earliest();
        let until = next.map_or(horizon, |at| world.pending[at].time.min(horizon));
        if until > world.now {
            measure.pass(&world, world.now, until);
        }
        world.now = until;
        match next {
            Some(at) if world.pending[at].time < horizon => {
                let event = world.pending.swap_remove(at);
                world.happen(event.what);
                world.react();
            }
            _ => break,
        }
    }
    let mut record = measure.finish();
    record.losses = world.record.losses;
    record
}

/// Whether a tier is part of a need.
fn mentions(need: &Need, tier: TierId) -> bool {
    match need {
        Need::Tier(id) => *id == tier,
        Need::Database(_) | Need::Dependency(_) => false,
        Need::AllOf(of) | Need::AnyOf(of) | Need::KOf { of, .. } => of.iter().any(|need| mentions(need, tier)),
    }
}

impl<'a> World<'a> {
    fn new(design: &'a Design, seed: u64) -> World<'a> {
        let mut world = World {
            design,
            random: Random::new(seed),
            now: 0.0,
            last_id: 0,
            pending: Vec::new(),
            processes: Vec::new(),
            groups: Vec::new(),
            stores: Vec::new(),
            name: None,
            zone_was_down: vec![false; design.zones.len()],
            record: Record::default(),
        };
        for mode in 0..design.failures.len() {
            for place in world.fixed_places(mode) {
                world.begin_process(mode, place);
            }
        }
        for stack in &design.stacks {
            for tier in 0..design.tiers.len() {
                if mentions(&stack.requires, tier) {
                    world.add_group(tier, stack.region);
                }
            }
        }
        for database in 0..design.databases.len() {
            world.add_store(database);
        }
        if let Routing::Dns(dns) = &design.routing {
            world.name = Some(Name::new(dns));
        }
        world.react();
        world
    }

    /// The places of a mode that exist for good; those of units come and go with them.
    fn fixed_places(&self, mode: usize) -> Vec<Place> {
        match &self.design.failures[mode].scope {
            Scope::Unit(_) | Scope::Node(_) => Vec::new(),
            Scope::Tier(tier, region) => vec![Place::Tier(*tier, *region)],
            Scope::Zones(zones) => zones.iter().map(|&zone| Place::Zone(zone)).collect(),
            Scope::Regions(regions) => regions.iter().map(|&id| Place::Region(id)).collect(),
            Scope::ControlPlanes(regions) => regions.iter().map(|&id| Place::ControlPlane(id)).collect(),
            Scope::GlobalControlPlane => vec![Place::GlobalControlPlane],
            Scope::Dependency(id) => vec![Place::Dependency(*id)],
            Scope::Global => vec![Place::Global],
        }
    }

    /// A name that was not used before.
    pub fn fresh_id(&mut self) -> Id {
        self.last_id += 1;
        self.last_id
    }

    fn earliest(&self) -> Option<usize> {
        let key = |event: &Pending| {
            let Pending { class, name, what, unit, id, .. } = event;
            (*class, what.sort(), name.clone(), what.step(), *unit, *id)
        };
        let mut best: Option<usize> = None;
        for (at, event) in self.pending.iter().enumerate() {
            let sooner = best.is_none_or(|other| {
                let other = &self.pending[other];
                event.time < other.time || (event.time == other.time && key(event) < key(other))
            });
            if sooner {
                best = Some(at);
            }
        }
        best
    }

    fn push(&mut self, time: f64, class: u8, name: &str, unit: Id, what: Happening) -> Id {
        let id = self.fresh_id();
        if time.is_finite() {
            self.pending.push(Pending { id, time, class, name: name.to_owned(), unit, what });
        }
        id
    }

    /// A verdict or a completed action to come. One that never comes has a name, too.
    pub fn schedule(&mut self, time: f64, name: &str, unit: Id, what: Happening) -> Id {
        self.push(time, 1, name, unit, what)
    }

    /// A restoration to come.
    pub fn schedule_restoration(&mut self, time: f64, name: &str, unit: Id, what: Happening) -> Id {
        self.push(time, 0, name, unit, what)
    }

    /// Forgets a pending event, if there is one.
    pub fn cancel(&mut self, timer: Option<Id>) {
        if let Some(id) = timer {
            self.pending.retain(|event| event.id != id);
        }
    }

    /// A duration drawn from a law [s].
    pub fn draw(&mut self, law: &Law) -> f64 {
        self.random.sample(law)
    }

    /// How long a decision takes that is asked for now [s]; the clock starts on a Monday at 00:00.
    pub fn decide(&mut self, decision: &Decision) -> f64 {
        let people = match decision {
            Decision::After(law) => return self.draw(law),
            Decision::OnCall(people) => people,
        };
        let mut time = self.draw(&people.acknowledge) + self.draw(&people.decide);
        if let Some(hours) = &people.hours {
            let days = (self.now / 86_400.0).floor();
            let clock = self.now - days * 86_400.0;
            let weekday = days as usize % 7;
            if !hours.days[weekday] || clock < hours.from.get() || clock >= hours.to.get() {
                time += self.draw(&hours.outside);
            }
        }
        time
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Toggle(process) => self.toggle(process),
            Happening::Unit(unit) => self.unit_stage_ends(unit),
            Happening::Check(unit) => self.check_verdict(unit),
            Happening::Verdict(unit) => self.group_verdict(unit),
            Happening::Node(group, node, dead) => self.node_removed(group, node, dead),
            Happening::Database(store) => self.database_step_ends(store),
            Happening::Rebuild(store, node) => self.rebuilt(store, node),
            Happening::Failback(store) => self.failback_due(store),
            Happening::Probe(endpoint) => self.probe_verdict(endpoint),
            Happening::Change(endpoint) => self.change_ready(endpoint),
            Happening::Return(endpoint) => self.return_ready(endpoint),
            Happening::Wake => {}
        }
    }

    /// Everybody looks around.
    fn react(&mut self) {
        for zone in 0..self.design.zones.len() {
            let down = self.zone_down(zone);
            if self.zone_was_down[zone] && !down {
                for group in 0..self.groups.len() {
                    if self.groups[group].zones.contains(&zone) {
                        self.level(group);
                    }
                }
            }
            self.zone_was_down[zone] = down;
        }
        for group in 0..self.groups.len() {
            self.react_group(group);
        }
        for store in 0..self.stores.len() {
            self.react_store(store);
        }
        self.react_name();
    }

    // Failure processes.

    /// Starts a mode at a place, up.
    pub fn begin_process(&mut self, mode: usize, place: Place) {
        let id = self.fresh_id();
        self.processes.push(Process { id, mode, place, down: false, timer: None });
        self.await_failure(id);
    }

    /// Ends all processes at a place.
    pub fn end_processes(&mut self, place: Place) {
        while let Some(at) = self.processes.iter().position(|it| it.place == place) {
            let gone = self.processes.remove(at);
            self.cancel(gone.timer);
            self.leave_crew(gone.id);
        }
    }

    fn process(&mut self, id: Id) -> &mut Process {
        self.processes.iter_mut().find(|process| process.id == id).expect("a pending event belongs to a living process")
    }

    /// Which of the places of a mode comes first, where several turn at once.
    fn rank(&mut self, id: Id) -> Id {
        match self.process(id).place {
            Place::Unit(unit) => self.number_of(unit),
            Place::Node(_, node) => node as Id,
            _ => id,
        }
    }

    fn await_failure(&mut self, id: Id) {
        let design = self.design;
        let mode = &design.failures[self.process(id).mode];
        let time = self.now + self.draw(&mode.mttf);
        let rank = self.rank(id);
        let timer = self.push(time, 2, &mode.name, rank, Happening::Toggle(id));
        self.process(id).timer = Some(timer);
    }

    /// Starts the repair of what a process holds down.
    pub fn begin_repair(&mut self, id: Id) {
        let design = self.design;
        let mode = &design.failures[self.process(id).mode];
        let time = self.now + self.draw(&mode.repair);
        let rank = self.rank(id);
        let timer = self.schedule_restoration(time, &mode.name, rank, Happening::Toggle(id));
        self.process(id).timer = Some(timer);
    }

    /// Whether a repair runs.
    pub fn in_repair(&mut self, id: Id) -> bool {
        self.process(id).timer.is_some()
    }

    fn toggle(&mut self, id: Id) {
        let process = self.process(id);
        process.timer = None;
        process.down = !process.down;
        let (down, place, mode) = (process.down, process.place, process.mode);
        if down {
            if !self.join_crew(id, place) {
                self.begin_repair(id);
            }
            if self.design.failures[mode].effect == Effect::Kill {
                self.kill(place);
            }
        } else {
            self.leave_crew(id);
            self.await_failure(id);
            if self.design.failures[mode].effect == Effect::Kill {
                self.killer_gone(place);
            }
        }
    }

    fn kill(&mut self, place: Place) {
        if let Place::Node(store, node) = place {
            self.lose_data(store, node);
        }
        for zone in self.zones_of(place) {
            self.kill_units(zone);
            self.kill_nodes(zone);
        }
    }

    fn killer_gone(&mut self, place: Place) {
        for zone in self.zones_of(place) {
            if !self.killer_at(zone) {
                self.order_replacements(zone);
            }
        }
    }

    /// The zones that lie in a place.
    fn zones_of(&self, place: Place) -> Vec<ZoneId> {
        (0..self.design.zones.len())
            .filter(|&zone| match place {
                Place::Zone(id) => id == zone,
                Place::Region(id) => self.design.zones[zone].region == id,
                Place::Global => true,
                _ => false,
            })
            .collect()
    }

    /// Whether a killing failure of a zone is still on.
    fn killer_at(&self, zone: ZoneId) -> bool {
        self.processes.iter().any(|process| {
            process.down
                && self.design.failures[process.mode].effect == Effect::Kill
                && self.zones_of(process.place).contains(&zone)
        })
    }

    /// Whether a process holds this place itself down.
    pub fn holds(&self, place: Place) -> bool {
        self.processes.iter().any(|process| process.down && process.place == place)
    }

    /// Whether a region is down.
    pub fn region_down(&self, region: RegionId) -> bool {
        self.holds(Place::Region(region)) || self.holds(Place::Global)
    }

    /// Whether a zone is down, be it with its region.
    pub fn zone_down(&self, zone: ZoneId) -> bool {
        self.holds(Place::Zone(zone)) || self.region_down(self.design.zones[zone].region)
    }

    /// Whether something can be launched or promoted in a region.
    pub fn control_plane_up(&self, region: RegionId) -> bool {
        !self.region_down(region) && !self.holds(Place::ControlPlane(region)) && self.global_control_plane_up()
    }

    /// Whether answers can be changed.
    pub fn global_control_plane_up(&self) -> bool {
        !self.holds(Place::GlobalControlPlane) && !self.holds(Place::Global)
    }

    /// The share of the attempts to call a dependency that fail.
    pub fn dependency_fails(&self, id: usize) -> f64 {
        let region = self.design.dependencies[id].region;
        if self.holds(Place::Global) || region.is_some_and(|region| self.region_down(region)) {
            return 1.0;
        }
        let mut works = 1.0;
        for process in self.processes.iter().filter(|process| process.down && process.place == Place::Dependency(id)) {
            works *= 1.0 - self.design.failures[process.mode].error.get();
        }
        1.0 - works
    }

    /// The auto scaling settings of a group.
    pub fn scaling(&self, group: usize) -> Option<&'a ridethrough::model::AutoScaling> {
        let design = self.design;
        match &design.tiers[self.groups[group].tier].upkeep {
            Upkeep::AutoScaling(scaling) => Some(scaling),
            Upkeep::Pool { .. } => None,
        }
    }
}

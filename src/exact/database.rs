//! A database with copies as states of a Markov chain.

use super::Obstacle;
use super::machine::{Around, Mode, phases};
use super::phases::Phases;
use super::site::Site;
use crate::law::Law;
use crate::model::{Decision, Replica, Scope, ZoneId};
use crate::units::Seconds;

/// How a copy takes over, as phases.
#[derive(Debug, Clone)]
struct TakeOver {
    decision: Phases,
    promotion: Phases,
    coverage: f64,
    manual: Phases,
}

/// How a new node is made on storage that outlives it, as phases.
#[derive(Debug, Clone)]
struct Recreation {
    /// In the zone of the old one.
    here: Phases,
    /// In another one.
    elsewhere: Phases,
}

/// How data that no copy has are restored, as phases.
#[derive(Debug, Clone)]
struct Restore {
    decision: Phases,
    restore: Phases,
}

/// The rules of a database.
#[derive(Debug, Clone)]
pub(super) struct Copies {
    /// Where the nodes stand at first.
    zones: Vec<ZoneId>,
    /// The region of each zone of the design.
    region_of: Vec<usize>,
    /// Modes of a node, and whether they take its data.
    modes: Vec<(Mode, bool)>,
    /// Synchronous standbys: nodes from 1 to this.
    standbys: usize,
    storage: Option<Recreation>,
    backup: Option<Restore>,
    detection: Phases,
    rebuild: Phases,
    standby: Option<TakeOver>,
    replica: Option<TakeOver>,
    failback: Option<Phases>,
    /// Reads are served by any node that is in sync.
    reads_survive: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Node {
    zone: ZoneId,
    modes: Vec<u8>,
    /// Its data are gone.
    lost: bool,
    ready: bool,
    rebuilding: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Status {
    Up,
    Detecting(u8),
    Deciding(u8),
    ByHand(u8),
    /// Waits for the control plane.
    Held(bool),
    Promoting(u8),
    /// A new node is made on the storage, in another zone or not.
    Recreating(bool, u8),
    RestoreDeciding(u8),
    Restoring(u8),
    Waiting,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Failback {
    Idle,
    Armed(u8),
    Due,
}

/// The state of a database.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Nodes {
    nodes: Vec<Node>,
    serving: usize,
    target: usize,
    status: Status,
    failback: Failback,
}

impl Copies {
    /// The rules of a database of a design.
    pub fn new(site: &Site, index: usize) -> Result<Copies, Vec<Obstacle>> {
        let database = &site.design.databases[index];
        let key = |what: &str| format!("database.{}.{what}", database.name);
        let mut obstacles = Vec::new();
        let zones = site.nodes_of(index);
        let modes = Mode::of_nodes(site, index, &mut obstacles);
        let killed = site.killers_of(index);
        for mode in killed.iter().filter(|mode| database.storage.is_some() && matches!(mode.scope, Scope::Regions(_))) {
            let why = "none is worked out here: what a region kills loses the storage, too";
            obstacles.push(Obstacle::new(format!("failure.{}.effect", mode.name), why));
        }
        let has_copies = zones.len() > 1;
        let restored = database.backup.as_ref().filter(|_| !killed.is_empty() && database.storage.is_none());
        let recovers = has_copies || database.storage.is_some() || restored.is_some();
        if recovers && database.endpoint_ttl > Seconds::ZERO {
            obstacles.push(
                Obstacle::new(key("endpoint_ttl"), "a residual that is uniform is not made of exponential phases")
                    .of_law(),
            );
        }
        if let Some(Decision::OnCall(_)) = restored.map(|backup| &backup.decision) {
            let hours = "what people do depends on the hour of the week";
            obstacles.push(Obstacle::new(key("backup.decision"), hours));
        }
        // Without another way than to wait nothing follows from the detection.
        let nothing = Law::Fixed(0.0);
        let mut law = |what: String, law: &Law| {
            let law = if recovers { law } else { &nothing };
            phases(what, law).unwrap_or_else(|obstacle| {
                obstacles.push(obstacle);
                Phases::never()
            })
        };
        let detection = law(key("detection"), &database.detection);
        let rebuild = law(key("rebuild"), &database.rebuild);
        // People whose decision depends on the hour have been reported as standing in the way.
        let decided = |decision: &Decision| match decision {
            Decision::After(it) => it.clone(),
            Decision::OnCall(_) => Law::Never,
        };
        let mut take_over = |copy: &Option<Replica>, name: &str| {
            copy.as_ref().map(|copy| TakeOver {
                decision: law(key(&format!("{name}.decision")), &decided(&copy.decision)),
                promotion: law(key(&format!("{name}.promotion")), &copy.promotion),
                coverage: copy.coverage.get(),
                manual: if copy.coverage.get() < 1.0 {
                    law(key(&format!("{name}.manual")), &decided(&copy.manual))
                } else {
                    Phases::never()
                },
            })
        };
        let standby = take_over(&database.standby, "standby");
        let replica = take_over(&database.replica, "replica");
        let failback = database.replica.as_ref().and_then(|replica| replica.failback.as_ref());
        let failback = failback.filter(|law| law.mean() < f64::INFINITY).map(|it| law(key("replica.failback"), it));
        let storage = database.storage.as_ref().map(|it| Recreation {
            here: law(key("recreate"), &it.recreate),
            elsewhere: law(key("recreate_elsewhere"), &it.elsewhere),
        });
        let backup = restored.map(|it| Restore {
            decision: law(key("backup.decision"), &decided(&it.decision)),
            restore: law(key("backup.restore"), &it.restore),
        });
        if obstacles.is_empty() {
            let standbys = usize::from(standby.is_some()) + usize::from(database.second_standby.is_some());
            let region_of = site.design.zones.iter().map(|zone| zone.region).collect();
            let reads_survive = database.reads_survive;
            Ok(Copies {
                zones,
                region_of,
                modes,
                standbys,
                storage,
                backup,
                detection,
                rebuild,
                standby,
                replica,
                failback,
                reads_survive,
            })
        } else {
            Err(obstacles)
        }
    }

    /// Everything up and in sync.
    pub fn start(&self) -> Nodes {
        Nodes {
            nodes: self.zones.iter().map(|zone| self.fresh(*zone)).collect(),
            serving: 0,
            target: 0,
            status: Status::Up,
            failback: Failback::Idle,
        }
    }

    fn fresh(&self, zone: ZoneId) -> Node {
        let modes = self.modes.iter().map(|(mode, _)| mode.fresh()).collect();
        Node { zone, modes, lost: false, ready: true, rebuilding: None }
    }

    /// What kills places takes the data of the nodes there.
    pub fn kill(&self, it: &mut Nodes, around: &Around) {
        it.nodes.iter_mut().for_each(|node| node.lost |= around.killing(node.zone));
    }

    /// Reads and writes.
    pub fn serves(&self, it: &Nodes, around: &Around) -> [bool; 2] {
        let in_sync = || (0..it.nodes.len()).any(|node| self.fit(it, node, around));
        [it.status == Status::Up || self.reads_survive && in_sync(), it.status == Status::Up]
    }

    fn hosted(&self, it: &Nodes, node: usize, around: &Around) -> bool {
        it.nodes[node].modes.iter().all(|byte| !Mode::is_down(*byte)) && around.hosts(it.nodes[node].zone)
    }

    fn alive(&self, it: &Nodes, node: usize, around: &Around) -> bool {
        !it.nodes[node].lost && self.hosted(it, node, around)
    }

    fn fit(&self, it: &Nodes, node: usize, around: &Around) -> bool {
        it.nodes[node].ready && self.alive(it, node, around)
    }

    fn synchronous(&self, one: usize, other: usize) -> bool {
        one.max(other) <= self.standbys
    }

    fn way(&self, it: &Nodes) -> Option<&TakeOver> {
        if self.synchronous(it.serving, it.target) { self.standby.as_ref() } else { self.replica.as_ref() }
    }

    /// What can happen, with its rates.
    pub fn steps(&self, it: &Nodes, around: &Around) -> Vec<(f64, Nodes)> {
        let mut steps = Vec::new();
        for (index, node) in it.nodes.iter().enumerate() {
            for (position, (mode, kills)) in self.modes.iter().enumerate() {
                let before = node.modes[position];
                for (rate, byte) in mode.steps(before) {
                    let mut to = it.clone();
                    to.nodes[index].modes[position] = byte;
                    // A repair without length leaves no trace but that the data are gone.
                    let fails = !Mode::is_down(before) && (Mode::is_down(byte) || byte == mode.fresh());
                    to.nodes[index].lost |= *kills && fails;
                    steps.push((rate, to));
                }
            }
            if let Some(phase) = node.rebuilding {
                let (rate, next) = self.rebuild.leave(phase);
                let mut to = it.clone();
                to.nodes[index].rebuilding = next;
                to.nodes[index].ready = next.is_none();
                to.nodes[index].lost &= next.is_some();
                steps.push((rate, to));
            }
        }
        if let (Failback::Armed(phase), Some(law)) = (it.failback, &self.failback) {
            let (rate, next) = law.leave(phase);
            steps.push((rate, Nodes { failback: next.map_or(Failback::Due, Failback::Armed), ..it.clone() }));
        }
        let way = self.way(it);
        let mut advance = |law: &Phases, phase: u8, stay: fn(u8) -> Status, done: &dyn Fn() -> Vec<(f64, Nodes)>| {
            let (rate, next) = law.leave(phase);
            match next {
                Some(phase) => steps.push((rate, Nodes { status: stay(phase), ..it.clone() })),
                None => steps.extend(done().into_iter().map(|(weight, to)| (rate * weight, to))),
            }
        };
        match (it.status, way) {
            (Status::Detecting(phase), _) => {
                advance(&self.detection, phase, Status::Detecting, &|| self.search(it, around));
            }
            (Status::Deciding(phase), Some(way)) => {
                advance(&way.decision, phase, Status::Deciding, &|| self.begin(it, false, around));
            }
            (Status::ByHand(phase), Some(way)) => {
                advance(&way.manual, phase, Status::ByHand, &|| self.begin(it, true, around));
            }
            (Status::Promoting(phase), Some(way)) => {
                advance(&way.promotion, phase, Status::Promoting, &|| vec![(1.0, self.takes_over(it))]);
            }
            (Status::Recreating(elsewhere, phase), _) => {
                if let Some(storage) = &self.storage {
                    let (law, stay): (_, fn(u8) -> Status) = if elsewhere {
                        (&storage.elsewhere, |phase| Status::Recreating(true, phase))
                    } else {
                        (&storage.here, |phase| Status::Recreating(false, phase))
                    };
                    advance(law, phase, stay, &|| vec![(1.0, self.made_anew(it, false, around))]);
                }
            }
            (Status::RestoreDeciding(phase), _) => {
                if let Some(backup) = &self.backup {
                    advance(&backup.decision, phase, Status::RestoreDeciding, &|| self.restores(it, backup, around));
                }
            }
            (Status::Restoring(phase), _) => {
                if let Some(backup) = &self.backup {
                    let restored = || vec![(1.0, self.made_anew(it, true, around))];
                    advance(&backup.restore, phase, Status::Restoring, &restored);
                }
            }
            _ => {}
        }
        steps.retain(|(rate, _)| *rate > 0.0);
        steps
    }

    /// The best copy that could take over.
    fn candidate(&self, it: &Nodes, around: &Around) -> Option<usize> {
        let able = |index: &usize| *index != it.serving && self.fit(it, *index, around);
        let copies = || (0..it.nodes.len()).filter(able);
        copies().find(|index| self.synchronous(it.serving, *index)).or_else(|| copies().next())
    }

    /// The zone for a new node: that of the serving one, else the first of its region that is up.
    fn zone_for_new(&self, it: &Nodes, around: &Around) -> Option<ZoneId> {
        let home = it.nodes[it.serving].zone;
        let region = self.region_of[home];
        let others = (0..self.region_of.len()).filter(|zone| self.region_of[*zone] == region);
        std::iter::once(home).chain(others).find(|zone| around.hosts(*zone))
    }

    /// A new node serves; after a restore it alone has the data.
    fn made_anew(&self, it: &Nodes, restored: bool, around: &Around) -> Nodes {
        let Some(zone) = self.zone_for_new(it, around) else {
            return Nodes { status: Status::Waiting, target: 0, ..it.clone() };
        };
        let mut to = Nodes { status: Status::Up, target: 0, ..it.clone() };
        if restored {
            to.nodes.iter_mut().for_each(|node| node.ready = false);
        }
        to.nodes[it.serving] = self.fresh(zone);
        to
    }

    /// The restore begins.
    fn restores(&self, it: &Nodes, backup: &Restore, around: &Around) -> Vec<(f64, Nodes)> {
        let to = |(weight, phase): &(f64, Option<u8>)| match phase {
            Some(phase) => (*weight, Nodes { status: Status::Restoring(*phase), target: 0, ..it.clone() }),
            None => (*weight, self.made_anew(it, true, around)),
        };
        backup.restore.starts.iter().map(to).collect()
    }

    /// Looks for a way back: a copy that takes over, else a new node on the storage, else a restore, else none.
    fn search(&self, it: &Nodes, around: &Around) -> Vec<(f64, Nodes)> {
        let place = self.zone_for_new(it, around);
        let waits = |status: Status| Nodes { status, target: 0, ..it.clone() };
        // What is safe in the region is not given up for a copy that lags.
        let safe = self.storage.is_some() && place.is_some();
        let found = self.candidate(it, around).filter(|copy| self.synchronous(it.serving, *copy) || !safe);
        let Some(target) = found else {
            return match (&self.storage, &self.backup) {
                (Some(storage), _) if safe => {
                    let elsewhere = !around.hosts(it.nodes[it.serving].zone);
                    let law = if elsewhere { &storage.elsewhere } else { &storage.here };
                    let to = |(weight, phase): &(f64, Option<u8>)| match phase {
                        Some(phase) => (*weight, waits(Status::Recreating(elsewhere, *phase))),
                        None => (*weight, self.made_anew(it, false, around)),
                    };
                    law.starts.iter().map(to).collect()
                }
                (_, Some(backup)) if place.is_some() && it.nodes[it.serving].lost => {
                    let mut branches = Vec::new();
                    for (weight, phase) in &backup.decision.starts {
                        match phase {
                            Some(phase) => branches.push((*weight, waits(Status::RestoreDeciding(*phase)))),
                            None => {
                                let its = self.restores(it, backup, around);
                                branches.extend(its.into_iter().map(|(w, to)| (weight * w, to)));
                            }
                        }
                    }
                    branches
                }
                _ => vec![(1.0, waits(Status::Waiting))],
            };
        };
        let it = Nodes { target, ..it.clone() };
        let Some(way) = self.way(&it) else { return vec![(1.0, it)] };
        let mut branches = Vec::new();
        for (works, law, by_hand) in [(way.coverage, &way.decision, false), (1.0 - way.coverage, &way.manual, true)] {
            for (weight, phase) in law.starts.iter().filter(|_| works > 0.0) {
                let weight = works * weight;
                match phase {
                    Some(phase) => {
                        let status = if by_hand { Status::ByHand(*phase) } else { Status::Deciding(*phase) };
                        branches.push((weight, Nodes { status, ..it.clone() }));
                    }
                    None => {
                        branches.extend(self.begin(&it, by_hand, around).into_iter().map(|(w, to)| (weight * w, to)))
                    }
                }
            }
        }
        branches
    }

    /// The promotion begins, or waits for the control plane; by hand nothing is left to do.
    fn begin(&self, it: &Nodes, by_hand: bool, around: &Around) -> Vec<(f64, Nodes)> {
        if !around.can_act(self.region_of[it.nodes[it.target].zone]) {
            return vec![(1.0, Nodes { status: Status::Held(by_hand), ..it.clone() })];
        }
        match self.way(it).filter(|_| !by_hand) {
            None => vec![(1.0, self.takes_over(it))],
            Some(way) => way
                .promotion
                .starts
                .iter()
                .map(|(weight, phase)| match phase {
                    Some(phase) => (*weight, Nodes { status: Status::Promoting(*phase), ..it.clone() }),
                    None => (*weight, self.takes_over(it)),
                })
                .collect(),
        }
    }

    fn takes_over(&self, it: &Nodes) -> Nodes {
        let synchronous = self.synchronous(it.serving, it.target);
        let mut to = Nodes { serving: it.target, target: 0, status: Status::Up, ..it.clone() };
        for (index, node) in to.nodes.iter_mut().enumerate() {
            node.ready &= index == it.target || (synchronous && index != it.serving);
        }
        to
    }

    /// What follows at once, with its chances; none if nothing does.
    pub fn settle(&self, it: &Nodes, around: &Around) -> Option<Vec<(f64, Nodes)>> {
        if let Some(index) = it.nodes.iter().position(|node| node.lost && node.ready) {
            let mut to = it.clone();
            to.nodes[index].ready = false;
            return Some(vec![(1.0, to)]);
        }
        let alive = self.alive(it, it.serving, around);
        let waits = |status: Status| Nodes { status, target: 0, ..it.clone() };
        match it.status {
            Status::Up if !alive => {
                let starts = self.detection.starts.iter();
                return Some(
                    starts
                        .flat_map(|(weight, phase)| match phase {
                            Some(phase) => vec![(*weight, waits(Status::Detecting(*phase)))],
                            None => self.search(it, around).into_iter().map(|(w, to)| (w * weight, to)).collect(),
                        })
                        .collect(),
                );
            }
            Status::Up => {}
            Status::Promoting(_) if self.fit(it, it.target, around) => {}
            _ if alive => return Some(vec![(1.0, waits(Status::Up))]),
            Status::Deciding(_) | Status::ByHand(_) | Status::Held(_) | Status::Promoting(_)
                if !self.fit(it, it.target, around) =>
            {
                return Some(self.search(&waits(it.status), around));
            }
            Status::RestoreDeciding(_) | Status::Restoring(_)
                if self.candidate(it, around).is_some() || self.zone_for_new(it, around).is_none() =>
            {
                return Some(self.search(it, around));
            }
            Status::Recreating(elsewhere, _) => {
                let copy = self.candidate(it, around).is_some_and(|copy| self.synchronous(it.serving, copy));
                let home = around.hosts(it.nodes[it.serving].zone);
                if copy || elsewhere == home || self.zone_for_new(it, around).is_none() {
                    return Some(self.search(it, around));
                }
            }
            Status::Waiting => {
                let found = self.search(it, around);
                if found.iter().any(|(_, to)| to.status != Status::Waiting) {
                    return Some(found);
                }
            }
            Status::Held(by_hand) if around.can_act(self.region_of[it.nodes[it.target].zone]) => {
                return Some(self.begin(it, by_hand, around));
            }
            _ => {}
        }
        for index in 0..it.nodes.len() {
            let node = &it.nodes[index];
            let wanted = alive && index != it.serving && !node.ready && self.hosted(it, index, around);
            if wanted && node.rebuilding.is_none() {
                let starts = self.rebuild.starts.iter();
                return Some(
                    starts
                        .map(|(weight, phase)| {
                            let mut to = it.clone();
                            (to.nodes[index].rebuilding, to.nodes[index].ready) = (*phase, phase.is_none());
                            to.nodes[index].lost &= phase.is_some();
                            (*weight, to)
                        })
                        .collect(),
                );
            } else if !wanted && node.rebuilding.is_some() {
                let mut to = it.clone();
                to.nodes[index].rebuilding = None;
                return Some(vec![(1.0, to)]);
            }
        }
        self.settle_failback(it, around)
    }

    fn settle_failback(&self, it: &Nodes, around: &Around) -> Option<Vec<(f64, Nodes)>> {
        let law = self.failback.as_ref()?;
        let replica = 1 + self.standbys;
        let wanted = it.serving == replica && self.fit(it, 0, around);
        match it.failback {
            Failback::Idle if wanted => Some(
                law.starts
                    .iter()
                    .map(|(weight, phase)| {
                        let failback = phase.map_or(Failback::Due, Failback::Armed);
                        (*weight, Nodes { failback, ..it.clone() })
                    })
                    .collect(),
            ),
            Failback::Armed(_) | Failback::Due if !wanted => {
                Some(vec![(1.0, Nodes { failback: Failback::Idle, ..it.clone() })])
            }
            Failback::Due if it.status == Status::Up => {
                Some(vec![(1.0, Nodes { failback: Failback::Idle, serving: 0, ..it.clone() })])
            }
            _ => None,
        }
    }
}

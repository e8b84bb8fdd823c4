//! A database with copies as states of a Markov chain.

use super::Obstacle;
use super::machine::{Around, Mode, phases};
use super::phases::Phases;
use super::site::Site;
use crate::law::Law;
use crate::model::{Decision, Effect, Replica, Scope, ZoneId};
use crate::units::Seconds;

/// How a copy takes over, as phases.
#[derive(Debug, Clone)]
struct TakeOver {
    decision: Phases,
    promotion: Phases,
    coverage: f64,
    manual: Phases,
}

/// The rules of a database.
#[derive(Debug, Clone)]
pub(super) struct Copies {
    zones: Vec<ZoneId>,
    regions: Vec<usize>,
    modes: Vec<Mode>,
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
    modes: Vec<u8>,
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
        let regions: Vec<usize> = zones.iter().map(|zone| site.design.zones[*zone].region).collect();
        let mut modes = Vec::new();
        for mode in site.of_nodes(index).into_iter().filter(|mode| !mode.repair.is_zero()) {
            match Mode::new(mode) {
                Ok(mode) => modes.push(mode),
                Err(obstacle) => obstacles.push(obstacle),
            }
        }
        for mode in &site.design.failures {
            let covers = match &mode.scope {
                Scope::Node(its) => *its == index,
                Scope::Zones(its) => its.iter().any(|zone| zones.contains(zone)),
                Scope::Regions(its) => its.iter().any(|region| regions.contains(region)),
                Scope::Global => true,
                _ => false,
            };
            if covers && mode.effect == Effect::Kill {
                obstacles.push(Obstacle::new(
                    format!("failure.{}.effect", mode.name),
                    "a node whose data are lost is restored from a point in time, which no state remembers",
                ));
            }
        }
        let has_copies = zones.len() > 1;
        if has_copies && database.endpoint_ttl > Seconds::ZERO {
            obstacles.push(
                Obstacle::new(key("endpoint_ttl"), "a residual that is uniform is not made of exponential phases")
                    .of_law(),
            );
        }
        // Without a copy nothing follows from the detection.
        let nothing = crate::law::Law::Fixed(0.0);
        let mut law = |what: String, law: &crate::law::Law| {
            let law = if has_copies { law } else { &nothing };
            phases(what, law).unwrap_or_else(|obstacle| {
                obstacles.push(obstacle);
                Phases::never()
            })
        };
        let detection = law(key("detection"), &database.detection);
        let rebuild = law(key("rebuild"), &database.rebuild);
        // People whose decision depends on the hour were reported as standing in the way.
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
        if obstacles.is_empty() {
            let reads_survive = database.reads_survive;
            Ok(Copies { zones, regions, modes, detection, rebuild, standby, replica, failback, reads_survive })
        } else {
            Err(obstacles)
        }
    }

    /// Everything up and in sync.
    pub fn start(&self) -> Nodes {
        let fresh: Vec<u8> = self.modes.iter().map(Mode::fresh).collect();
        let node = Node { modes: fresh, ready: true, rebuilding: None };
        Nodes {
            nodes: vec![node; self.zones.len()],
            serving: 0,
            target: 0,
            status: Status::Up,
            failback: Failback::Idle,
        }
    }

    /// Reads and writes.
    pub fn serves(&self, it: &Nodes, around: &Around) -> [bool; 2] {
        let in_sync = || (0..it.nodes.len()).any(|node| self.fit(it, node, around));
        [it.status == Status::Up || self.reads_survive && in_sync(), it.status == Status::Up]
    }

    fn alive(&self, it: &Nodes, node: usize, around: &Around) -> bool {
        it.nodes[node].modes.iter().all(|byte| !Mode::is_down(*byte)) && around.hosts(self.zones[node])
    }

    fn fit(&self, it: &Nodes, node: usize, around: &Around) -> bool {
        it.nodes[node].ready && self.alive(it, node, around)
    }

    fn synchronous(&self, one: usize, other: usize) -> bool {
        self.standby.is_some() && one.max(other) == 1
    }

    fn way(&self, it: &Nodes) -> Option<&TakeOver> {
        if self.synchronous(it.serving, it.target) { self.standby.as_ref() } else { self.replica.as_ref() }
    }

    /// What can happen, with its rates.
    pub fn steps(&self, it: &Nodes, around: &Around) -> Vec<(f64, Nodes)> {
        let mut steps = Vec::new();
        for (index, node) in it.nodes.iter().enumerate() {
            for (position, mode) in self.modes.iter().enumerate() {
                for (rate, byte) in mode.steps(node.modes[position]) {
                    let mut to = it.clone();
                    to.nodes[index].modes[position] = byte;
                    steps.push((rate, to));
                }
            }
            if let Some(phase) = node.rebuilding {
                let (rate, next) = self.rebuild.leave(phase);
                let mut to = it.clone();
                to.nodes[index].rebuilding = next;
                to.nodes[index].ready = next.is_none();
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
            _ => {}
        }
        steps.retain(|(rate, _)| *rate > 0.0);
        steps
    }

    /// Looks for a copy to take over.
    fn search(&self, it: &Nodes, around: &Around) -> Vec<(f64, Nodes)> {
        let able = |index: &usize| *index != it.serving && self.fit(it, *index, around);
        let copies = || (0..it.nodes.len()).filter(able);
        let target = copies().find(|index| self.synchronous(it.serving, *index)).or_else(|| copies().next());
        let Some(target) = target else { return vec![(1.0, Nodes { status: Status::Waiting, ..it.clone() })] };
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
        if !around.can_act(self.regions[it.target]) {
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
            Status::Waiting => {
                let found = self.search(it, around);
                if found.iter().any(|(_, to)| to.status != Status::Waiting) {
                    return Some(found);
                }
            }
            Status::Held(by_hand) if around.can_act(self.regions[it.target]) => {
                return Some(self.begin(it, by_hand, around));
            }
            _ => {}
        }
        for index in 0..it.nodes.len() {
            let node = &it.nodes[index];
            let wanted = alive && index != it.serving && !node.ready && self.alive(it, index, around);
            if wanted && node.rebuilding.is_none() {
                let starts = self.rebuild.starts.iter();
                return Some(
                    starts
                        .map(|(weight, phase)| {
                            let mut to = it.clone();
                            (to.nodes[index].rebuilding, to.nodes[index].ready) = (*phase, phase.is_none());
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
        let replica = 1 + usize::from(self.standby.is_some());
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

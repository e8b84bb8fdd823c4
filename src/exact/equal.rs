//! A database of equal nodes as states of a Markov chain.

use super::Obstacle;
use super::machine::{Around, Mode, phases};
use super::phases::Phases;
use super::site::{Site, Stand};
use crate::law::Law;
use crate::model::Decision;

/// How data that no node has any more come back.
#[derive(Debug, Clone)]
struct Restore {
    decision: Phases,
    restore: Phases,
}

/// The rules of a database of equal nodes.
#[derive(Debug, Clone)]
pub(super) struct Equal {
    stands: Vec<Stand>,
    /// Modes of a node, and whether they take its data.
    modes: Vec<(Mode, bool)>,
    /// For a read, and for a write.
    needed: [u32; 2],
    rebuild: Phases,
    backup: Option<Restore>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Node {
    modes: Vec<u8>,
    /// It does not hold the data.
    lost: bool,
    rebuilding: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Status {
    Serving,
    /// No node has the data, and there is none to restore them to, or no backup.
    Waiting,
    Deciding(u8),
    Restoring(u8),
}

/// The state of a database of equal nodes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct EqualNodes {
    nodes: Vec<Node>,
    status: Status,
}

impl Equal {
    /// The rules of a database of a design.
    pub fn new(site: &Site, index: usize) -> Result<Equal, Vec<Obstacle>> {
        let database = &site.design.databases[index];
        let key = |what: &str| format!("database.{}.{what}", database.name);
        let Some(quorum) = &database.quorum else { return Err(vec![Obstacle::new(key("kind"), "it has a primary")]) };
        let mut obstacles = Vec::new();
        let stands = site.stands_of(index);
        let modes = Mode::of_nodes(site, index, &mut obstacles);
        let killed = !site.killers_of(index).is_empty();
        // Where no data are ever lost, nothing has to be copied or restored.
        let mut law = |what: &str, law: &Law| {
            phases(key(what), law).unwrap_or_else(|obstacle| {
                obstacles.push(obstacle);
                Phases::never()
            })
        };
        let rebuild = if killed { law("rebuild", &database.rebuild) } else { Phases::never() };
        let mut backup = None;
        if let Some(its) = database.backup.as_ref().filter(|_| killed) {
            let restore = law("backup.restore", &its.restore);
            match &its.decision {
                Decision::After(decision) => {
                    backup = Some(Restore { decision: law("backup.decision", decision), restore });
                }
                Decision::OnCall(_) => {
                    let hours = "what people do depends on the hour of the week";
                    obstacles.push(Obstacle::new(key("backup.decision"), hours));
                }
            }
        }
        if obstacles.is_empty() {
            Ok(Equal { stands, modes, needed: [quorum.read, quorum.write], rebuild, backup })
        } else {
            Err(obstacles)
        }
    }

    /// Everything up, and the data everywhere.
    pub fn start(&self) -> EqualNodes {
        let modes = self.modes.iter().map(|(mode, _)| mode.fresh()).collect();
        let node = Node { modes, lost: false, rebuilding: None };
        EqualNodes { nodes: vec![node; self.stands.len()], status: Status::Serving }
    }

    /// Reads and writes of a stack in this region: its own copy must be alive, where there is one in each region.
    pub fn serves(&self, it: &EqualNodes, region: Option<usize>, around: &Around) -> [bool; 2] {
        let alive = |index: &usize| self.alive(it, *index, around);
        let count = (0..it.nodes.len()).filter(alive).count() as u32;
        let own = region.and_then(|region| self.stands.iter().position(|stand| *stand == Stand::Region(region)));
        let reached = it.status == Status::Serving && own.is_none_or(|own| alive(&own));
        self.needed.map(|needed| reached && count >= needed)
    }

    fn hosted(&self, it: &EqualNodes, index: usize, around: &Around) -> bool {
        let place = match self.stands[index] {
            Stand::Zone(zone) => around.hosts(zone),
            Stand::Region(region) => around.region(region),
            Stand::Anywhere => around.everything(),
        };
        place && it.nodes[index].modes.iter().all(|byte| !Mode::is_down(*byte))
    }

    fn alive(&self, it: &EqualNodes, index: usize, around: &Around) -> bool {
        !it.nodes[index].lost && self.hosted(it, index, around)
    }

    /// What kills places takes the data of the nodes there.
    pub fn kill(&self, it: &mut EqualNodes, around: &Around) {
        for (node, stand) in it.nodes.iter_mut().zip(&self.stands) {
            node.lost |= match *stand {
                Stand::Zone(zone) => around.killing(zone),
                Stand::Region(region) => around.killing_region(region),
                Stand::Anywhere => false,
            };
        }
    }

    /// Nodes that stand in one zone are alike.
    pub fn sort(&self, it: &mut EqualNodes) {
        for first in 0..it.nodes.len() {
            for second in first + 1..it.nodes.len() {
                if self.stands[first] == self.stands[second] && it.nodes[second] < it.nodes[first] {
                    it.nodes.swap(first, second);
                }
            }
        }
    }

    /// What can happen, with its rates.
    pub fn steps(&self, it: &EqualNodes) -> Vec<(f64, EqualNodes)> {
        let mut steps = Vec::new();
        for (index, node) in it.nodes.iter().enumerate() {
            for (position, (mode, kills)) in self.modes.iter().enumerate() {
                let before = node.modes[position];
                for (rate, byte) in mode.steps(before) {
                    let mut to = it.clone();
                    let its = &mut to.nodes[index];
                    its.modes[position] = byte;
                    // A repair without length leaves no trace but that the data are gone.
                    its.lost |= *kills && !Mode::is_down(before) && (Mode::is_down(byte) || byte == mode.fresh());
                    steps.push((rate, to));
                }
            }
            if let Some(phase) = node.rebuilding {
                let (rate, next) = self.rebuild.leave(phase);
                let mut to = it.clone();
                (to.nodes[index].rebuilding, to.nodes[index].lost) = (next, next.is_some());
                steps.push((rate, to));
            }
        }
        let Some(backup) = &self.backup else { return steps };
        let set = |status: Status| EqualNodes { status, ..it.clone() };
        match it.status {
            Status::Deciding(phase) => match backup.decision.leave(phase) {
                (rate, Some(next)) => steps.push((rate, set(Status::Deciding(next)))),
                (rate, None) => steps.extend(self.restores(it, backup).map(|(weight, to)| (rate * weight, to))),
            },
            Status::Restoring(phase) => match backup.restore.leave(phase) {
                (rate, Some(next)) => steps.push((rate, set(Status::Restoring(next)))),
                (rate, None) => steps.push((rate, set(Status::Restoring(OVER)))),
            },
            Status::Serving | Status::Waiting => {}
        }
        steps
    }

    /// The restore begins.
    fn restores<'a>(&self, it: &'a EqualNodes, backup: &'a Restore) -> impl Iterator<Item = (f64, EqualNodes)> + 'a {
        let to = |phase: Option<u8>| EqualNodes { status: Status::Restoring(phase.unwrap_or(OVER)), ..it.clone() };
        backup.restore.starts.iter().map(move |(weight, phase)| (*weight, to(*phase)))
    }

    /// What follows at once, with its chances; none if nothing does.
    pub fn settle(&self, it: &EqualNodes, around: &Around) -> Option<Vec<(f64, EqualNodes)>> {
        let set = |status: Status| Some(vec![(1.0, EqualNodes { status, ..it.clone() })]);
        let possible = || (0..it.nodes.len()).any(|index| self.hosted(it, index, around));
        match (it.status, &self.backup) {
            (Status::Serving, _) if it.nodes.iter().all(|node| node.lost) => return set(Status::Waiting),
            (Status::Waiting, Some(backup)) if possible() => {
                let mut branches = Vec::new();
                for (weight, phase) in &backup.decision.starts {
                    match phase {
                        Some(phase) => {
                            branches.push((*weight, EqualNodes { status: Status::Deciding(*phase), ..it.clone() }));
                        }
                        None => branches.extend(self.restores(it, backup).map(|(its, to)| (weight * its, to))),
                    }
                }
                return Some(branches);
            }
            (Status::Deciding(_) | Status::Restoring(_), _) if !possible() => return set(Status::Waiting),
            // The nodes that are up have the data of the backup; the others will copy them.
            (Status::Restoring(OVER), _) => {
                let mut to = EqualNodes { status: Status::Serving, ..it.clone() };
                (0..to.nodes.len()).for_each(|index| to.nodes[index].lost = !self.hosted(it, index, around));
                return Some(vec![(1.0, to)]);
            }
            _ => {}
        }
        let alive = |index: usize| self.alive(it, index, around);
        let source = it.status == Status::Serving && (0..it.nodes.len()).any(alive);
        for (index, node) in it.nodes.iter().enumerate() {
            let wanted = source && node.lost && self.hosted(it, index, around);
            if wanted == node.rebuilding.is_some() {
                continue;
            }
            let to = |phase: Option<u8>, lost: bool| {
                let mut to = it.clone();
                (to.nodes[index].rebuilding, to.nodes[index].lost) = (phase, lost);
                to
            };
            let starts = || self.rebuild.starts.iter().map(|(weight, phase)| (*weight, to(*phase, phase.is_some())));
            return Some(if wanted { starts().collect() } else { vec![(1.0, to(None, node.lost))] });
        }
        None
    }
}

/// The phase of a restore that is over.
const OVER: u8 = u8::MAX;

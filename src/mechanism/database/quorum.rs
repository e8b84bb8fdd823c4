//! Equal nodes, each with all data: a write needs so many of them alive, a read so many, and none is failed over to another.
//!
//! A node stands in a zone or, as the copy of a managed service, in a whole region; then a stack is served by the copy of its own region,
//! if that is alive and the quorum is met. With a `lag` a write is acknowledged by one copy and sent on later: when the copy goes
//! down, what it had not sent is missing until it returns (and gone if it is killed), and of what returns a share has been overtaken by
//! other writes: the last writer wins. Sources: DynamoDB developer guide on global tables and on multi-region strong consistency.

use super::DatabaseKeys;
use super::backup::{Absence, BackupPlan, Corruption, DataLoss, Losses};
use crate::engine::calendar::{Class, Event};
use crate::engine::clone_in_place;
use crate::engine::ledger::Stage;
use crate::law::{History, Law, Stream};
use crate::mechanism::people::decide;
use crate::mechanism::world::{Places, World};

/// Where a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Site {
    /// In a zone.
    Zone(usize),
    /// In a region, whatever becomes of its zones.
    Region(usize),
    /// Nowhere in particular.
    Anywhere,
}

/// Equal nodes, compiled.
#[derive(Debug, Clone)]
pub struct QuorumPlan {
    /// Component number of its events.
    pub component: u32,
    /// Regions whose stacks use it, one bit each.
    pub users: u64,
    /// Its nodes.
    pub sites: Vec<Site>,
    /// Nodes that must be alive for a write.
    pub write: usize,
    /// Nodes that must be alive for a read.
    pub read: usize,
    /// A stack is served by the node of its own region.
    pub regional: bool,
    /// From the return of a node that lost its data until it is alive again.
    pub rebuild: Law,
    /// How much later than acknowledged a write is sent on; none: it is acknowledged when the quorum has it.
    pub lag: Option<Law>,
    /// Share of the writes that return with a node that were overtaken by others.
    pub conflict_share: f64,
    /// Backups.
    pub backup: Option<BackupPlan>,
    /// Modes that corrupt the data, and the time until that is found.
    pub corruptions: Vec<(u64, Law)>,
    /// Acknowledged writes per second.
    pub writes: f64,
    /// Keys of its streams.
    pub keys: DatabaseKeys,
}

mod kind {
    pub const REBUILT: u8 = 0;
    pub const FOUND: u8 = 1;
    pub const RESTORE: u8 = 2;
    pub const RESTORED: u8 = 3;
}

/// What the whole is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Serving,
    /// No sound data, and no node to restore them to, or no backup.
    Waiting,
    RestoreDeciding,
    Restoring,
}

/// Writes that only a node that is down has.
#[derive(Debug, Clone, Copy)]
struct Unsent {
    at: f64,
    lag: f64,
    writes: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Node {
    /// Its own modes that are on, one bit each.
    own: u64,
    /// Its place and its own processes are up.
    hosted: bool,
    /// It does not hold the data.
    lost: bool,
    /// It was alive when last looked at.
    was_alive: bool,
    rebuilding: bool,
    /// Modes that took it down.
    cause: u64,
    unsent: Option<Unsent>,
    stamp: u32,
}

impl Node {
    fn alive(&self) -> bool {
        self.hosted && !self.lost
    }
}

/// Equal nodes at work.
#[derive(Debug)]
pub struct Quorum {
    nodes: Vec<Node>,
    status: Status,
    stamp: u32,
    /// Modes behind the loss of all data.
    cause: u64,
    failed_at: f64,
    backup_phase: f64,
    losses: Losses,
    pub(super) corruption: Corruption,
    recovery: Stream,
    lag: Stream,
}

clone_in_place!(Quorum { nodes, status, stamp, cause, failed_at, backup_phase, losses, corruption, recovery, lag });

impl Quorum {
    /// Memory for a database.
    pub fn new() -> Quorum {
        let idle = Stream::new(0, 0, 0);
        Quorum {
            nodes: Vec::new(),
            status: Status::Serving,
            stamp: 0,
            cause: 0,
            failed_at: 0.0,
            backup_phase: 0.0,
            losses: Losses::default(),
            corruption: Corruption::new(),
            recovery: idle.clone(),
            lag: idle,
        }
    }

    /// Everything up.
    pub fn restart(&mut self, plan: &QuorumPlan, history: &History) {
        self.nodes.clear();
        self.nodes.extend(plan.sites.iter().map(|_| Node { hosted: true, was_alive: true, ..Node::default() }));
        (self.status, self.stamp, self.cause, self.failed_at) = (Status::Serving, 0, 0, 0.0);
        self.losses.clear();
        self.corruption.restart(history, plan.keys.corruption);
        self.recovery = history.stream(plan.keys.recovery);
        self.lag = history.stream(plan.keys.lag);
        if let Some(backup) = &plan.backup {
            self.backup_phase = history.stream(plan.keys.backup).uniform() * backup.spacing;
        }
    }

    /// Whether it answers reads, and writes, of the stack in a region.
    pub fn serves(&self, plan: &QuorumPlan, region: usize) -> [bool; 2] {
        let reached = self.status == Status::Serving && self.own(plan, region).is_none_or(Node::alive);
        let alive = self.nodes.iter().filter(|node| node.alive()).count();
        [reached && alive >= plan.read, reached && alive >= plan.write]
    }

    /// The node that serves a region, if it is one for each.
    fn own(&self, plan: &QuorumPlan, region: usize) -> Option<&Node> {
        let index = plan.sites.iter().position(|site| plan.regional && *site == Site::Region(region))?;
        self.nodes.get(index)
    }

    /// Modes behind its outage, as seen by the stack in a region.
    pub fn cause(&self, plan: &QuorumPlan, region: usize) -> u64 {
        match self.own(plan, region) {
            _ if self.status != Status::Serving => self.cause,
            Some(own) if !own.alive() => own.cause,
            _ => self.nodes.iter().fold(0, |modes, node| modes | node.cause),
        }
    }

    /// Where its recovery stands.
    pub fn stage(&self) -> Stage {
        match self.status {
            Status::RestoreDeciding => Stage::Decision,
            Status::Restoring => Stage::Action,
            Status::Serving | Status::Waiting => Stage::Repair,
        }
    }

    /// Data lost so far.
    pub fn losses(&self) -> &Losses {
        &self.losses
    }

    /// All nodes are alive, and the data are sound.
    pub fn is_calm(&self) -> bool {
        self.status == Status::Serving && self.nodes.iter().all(Node::alive) && !self.corruption.is_on()
    }

    /// Every stream it draws from.
    pub fn streams(&mut self, visit: &mut impl FnMut(&mut Stream)) {
        visit(&mut self.recovery);
        visit(&mut self.lag);
        self.corruption.streams(visit);
    }

    /// The history ends: what is still missing counts with the time seen.
    pub fn close(&mut self, now: f64) {
        for node in &mut self.nodes {
            if let Some(unsent) = node.unsent.take() {
                let Unsent { at, writes, .. } = unsent;
                self.losses.absent.push(Absence { at, length: now - at, writes, conflicts: 0.0 });
            }
        }
    }

    /// A mode of one of its nodes begins or ends.
    pub fn node_turns(
        &mut self,
        plan: &QuorumPlan,
        node: usize,
        bit: u64,
        fails: bool,
        kills: bool,
        world: &mut World,
    ) {
        let it = &mut self.nodes[node];
        if fails {
            it.own |= bit;
            it.lost |= kills;
        } else {
            it.own &= !bit;
        }
        self.places_changed(plan, world);
    }

    /// Nodes in the zone lose their data.
    pub fn zone_dies(&mut self, plan: &QuorumPlan, zone: usize) {
        self.dies(plan, Site::Zone(zone));
    }

    /// Nodes of the region as a whole lose their data.
    pub fn region_dies(&mut self, plan: &QuorumPlan, region: usize) {
        self.dies(plan, Site::Region(region));
    }

    fn dies(&mut self, plan: &QuorumPlan, place: Site) {
        for (node, _) in self.nodes.iter_mut().zip(&plan.sites).filter(|(_, site)| **site == place) {
            node.lost = true;
        }
    }

    /// Its data are corrupted, in every copy.
    pub fn corrupted(&mut self, plan: &QuorumPlan, bit: u64, world: &mut World) {
        if let Some(delay) = self.corruption.begin(bit, &plan.corruptions, world.now) {
            let stamp = self.corruption.stamp();
            world.after(delay, Class::Action, plan.component, kind::FOUND, 0, stamp);
        }
    }

    /// A zone, region or node may have changed.
    pub fn places_changed(&mut self, plan: &QuorumPlan, world: &mut World) {
        for (index, site) in plan.sites.iter().enumerate() {
            let node = &mut self.nodes[index];
            let modes = node.own | blame(&world.places, *site);
            node.hosted = modes == 0;
            let (before, now) = (node.was_alive, node.alive());
            node.was_alive = now;
            node.cause = if now { 0 } else { node.cause | modes };
            match (before, now) {
                (true, false) => self.goes(plan, index, world),
                (false, true) => self.returns(plan, index, world.now),
                _ => {}
            }
            self.is_gone(plan, index);
            if before != now {
                world.changed |= plan.users;
            }
        }
        self.follow(plan, world);
    }

    /// A node goes down with the writes that it had not sent on.
    fn goes(&mut self, plan: &QuorumPlan, index: usize, world: &World) {
        let Some(law) = &plan.lag else { return };
        let lag = law.sample(&mut self.lag);
        let share = match plan.sites[index] {
            Site::Region(region) => world.shares.get(region).copied().unwrap_or(0.0),
            _ => 0.0,
        };
        self.nodes[index].unsent = Some(Unsent { at: world.now, lag, writes: lag * plan.writes * share });
    }

    /// A node is back, and with it what it had not sent on: some of it has been overtaken.
    fn returns(&mut self, plan: &QuorumPlan, index: usize, now: f64) {
        if let Some(Unsent { at, writes, .. }) = self.nodes[index].unsent.take() {
            self.losses.absent.push(Absence { at, length: now - at, writes, conflicts: plan.conflict_share * writes });
        }
    }

    /// What a node has not sent on is gone when its data are.
    fn is_gone(&mut self, plan: &QuorumPlan, index: usize) {
        if plan.lag.is_some()
            && self.nodes[index].lost
            && let Some(Unsent { at, lag, writes }) = self.nodes[index].unsent.take()
        {
            self.losses.gone.push(DataLoss { at, age: lag, writes });
        }
    }

    /// Works out what follows from the state of the nodes.
    fn follow(&mut self, plan: &QuorumPlan, world: &mut World) {
        let all_lost = self.nodes.iter().all(|node| node.lost);
        if self.status == Status::Serving && (all_lost || self.corruption.is_found()) {
            self.cause |= self.nodes.iter().fold(0, |modes, node| modes | node.cause);
            self.failed_at = world.now;
            if plan.backup.is_none() {
                self.losses.unrecoverable.push(world.now);
            }
            self.enter(plan, Status::Waiting, None, world);
        }
        if self.status != Status::Serving {
            let possible = self.nodes.iter().any(|node| node.hosted);
            match &plan.backup {
                Some(backup) if possible && self.status == Status::Waiting => {
                    let delay = decide(&backup.decision, world.now, &mut self.recovery);
                    self.enter(plan, Status::RestoreDeciding, Some((delay, kind::RESTORE)), world);
                }
                Some(_) if !possible && self.status != Status::Waiting => {
                    self.enter(plan, Status::Waiting, None, world);
                }
                _ => {}
            }
        }
        self.review_rebuilds(plan, world);
    }

    /// A node without data copies them from another while it is up and there is one.
    fn review_rebuilds(&mut self, plan: &QuorumPlan, world: &mut World) {
        let source = self.status == Status::Serving && self.nodes.iter().any(Node::alive);
        for (index, node) in self.nodes.iter_mut().enumerate() {
            let wanted = source && node.hosted && node.lost;
            if wanted == node.rebuilding {
                continue;
            }
            node.rebuilding = wanted;
            node.stamp += 1;
            if wanted {
                let (delay, stamp) = (plan.rebuild.sample(&mut self.recovery), node.stamp);
                world.after(delay, Class::Restoration, plan.component, kind::REBUILT, index as u32, stamp);
            }
        }
    }

    fn enter(&mut self, plan: &QuorumPlan, status: Status, timer: Option<(f64, u8)>, world: &mut World) {
        self.status = status;
        self.stamp += 1;
        world.changed |= plan.users;
        if let Some((delay, kind)) = timer {
            world.after(delay, Class::Action, plan.component, kind, 0, self.stamp);
        }
    }

    /// The nodes that are up have the data of the backup; the others will copy them.
    fn restored(&mut self, plan: &QuorumPlan, world: &mut World) {
        let Some(backup) = &plan.backup else { return };
        self.losses.restore(backup, self.backup_phase, self.failed_at, &mut self.corruption, plan.writes);
        for node in &mut self.nodes {
            node.lost = !node.hosted;
            node.was_alive = node.hosted;
            node.unsent = None;
            if node.hosted {
                node.cause = 0;
            }
        }
        self.cause = 0;
        self.enter(plan, Status::Serving, None, world);
    }

    /// Something that it armed happens.
    pub fn turn(&mut self, plan: &QuorumPlan, event: Event, world: &mut World) {
        let index = event.unit() as usize;
        let current = match event.kind() {
            kind::REBUILT => self.nodes[index].stamp,
            kind::FOUND => self.corruption.stamp(),
            _ => self.stamp,
        };
        if current != event.stamp {
            return;
        }
        world.events += 1;
        match event.kind() {
            kind::REBUILT => {
                let node = &mut self.nodes[index];
                (node.lost, node.rebuilding, node.was_alive, node.cause) = (false, false, true, 0);
                world.changed |= plan.users;
            }
            kind::FOUND => self.cause |= self.corruption.find(world.now),
            kind::RESTORE => {
                let delay = plan.backup.as_ref().map_or(0.0, |backup| backup.restore.sample(&mut self.recovery));
                self.enter(plan, Status::Restoring, Some((delay, kind::RESTORED)), world);
            }
            _ => self.restored(plan, world),
        }
        self.follow(plan, world);
    }
}

impl Default for Quorum {
    fn default() -> Quorum {
        Quorum::new()
    }
}

/// Modes that hold a place down.
fn blame(places: &Places, site: Site) -> u64 {
    match site {
        Site::Zone(zone) => places.blame(zone),
        Site::Region(region) => places.regions[region].modes,
        Site::Anywhere => places.global.modes,
    }
}

/// For the story of an incident.
impl Quorum {
    /// What it looks like now.
    pub fn words(&self) -> String {
        let alive = self.nodes.iter().filter(|node| node.alive()).count();
        let nodes = format!("{alive} of {} nodes", self.nodes.len());
        match self.status {
            Status::Serving => nodes,
            Status::Waiting => format!("{nodes}; no sound data"),
            Status::RestoreDeciding => format!("{nodes}; a restore is being decided"),
            Status::Restoring => format!("{nodes}; a backup is being restored"),
        }
    }
}

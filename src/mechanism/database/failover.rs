//! A database: a serving node, perhaps a synchronous standby, perhaps an asynchronous replica, perhaps backups.
//!
//! ```text
//!             node dies          noticed            decided            promoted           clients follow
//!   Up ----------------> Detecting -----> Deciding --------> Promoting --------> Converging ------------> Up
//!    ^                      |  |             |
//!    +-- the node is back --+--+-------------+    no copy alive: Waiting; data gone and no copy: Restoring
//! ```
//!
//! A synchronous failover loses nothing; an asynchronous one loses the replication lag at the instant of the failure; a restore
//! loses what was written since the last restore point. With storage of its own that outlives its nodes, a node that no copy can take over
//! from is made anew, without loss. Sources: RDS and Aurora user guides, June 2023.

mod plan;
mod recovery;

use super::backup::{Corruption, Losses};
use crate::engine::calendar::{Class, Event};
use crate::engine::clone_in_place;
use crate::engine::ledger::Stage;
use crate::law::{History, Stream};
use crate::mechanism::latent::Latent;
use crate::mechanism::world::World;
pub use plan::{FailoverPlan, StoragePlan, TakeOver};

mod kind {
    pub const DETECTED: u8 = 0;
    pub const DECIDED: u8 = 1;
    pub const BY_HAND: u8 = 2;
    pub const PROMOTED: u8 = 3;
    pub const CONVERGED: u8 = 4;
    pub const RESTORE: u8 = 5;
    pub const RESTORED: u8 = 6;
    pub const REBUILT: u8 = 7;
    pub const FAILBACK: u8 = 8;
    pub const RECREATED: u8 = 9;
    pub const FOUND: u8 = 10;
    pub const MENDED: u8 = 11;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Up,
    Detecting,
    Deciding,
    ByHand,
    /// Waits for the control plane; by hand, all the rest is done.
    Held {
        by_hand: bool,
    },
    Promoting,
    RestoreDeciding,
    Restoring,
    /// A new node is made on the storage; by hand while the zone of the old one is down.
    Recreating {
        by_hand: bool,
    },
    Waiting,
    Converging,
    /// A failback went wrong, and is being mended.
    Botched,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    zone: usize,
    /// Its own modes that are on, one bit each.
    own: u64,
    /// It does not hold the data.
    lost: bool,
    /// As a copy it could take over.
    ready: bool,
    /// Its zone, region and own processes are up.
    hosted: bool,
    /// It is being made a copy of the serving node.
    rebuilding: bool,
    stamp: u32,
}

impl Node {
    fn fresh(zone: usize, stamp: u32) -> Node {
        Node { zone, own: 0, lost: false, ready: true, hosted: true, rebuilding: false, stamp }
    }
}

/// The return of the roles to the first primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failback {
    Idle,
    Armed,
    /// It waits for the database to serve.
    Due,
}

/// A database at work.
#[derive(Debug)]
pub struct Failover {
    nodes: Vec<Node>,
    serving: usize,
    target: usize,
    status: Status,
    stamp: u32,
    cause: u64,
    failed_at: f64,
    lag_at_failure: f64,
    backup_phase: f64,
    failback: Failback,
    failbacks: u32,
    /// Modes behind the failover that a failback undoes.
    moved_by: u64,
    renewed: Option<usize>,
    /// Reads are served although writes are not.
    reads: bool,
    storage_lost: bool,
    /// All data are lost, and that has been counted.
    gone: bool,
    losses: Losses,
    pub(super) corruption: Corruption,
    /// What may be broken about taking over with a standby, and with the replica.
    latents: [Latent; 2],
    recovery: Stream,
    lag: Stream,
}

clone_in_place!(Failover {
    moved_by,
    nodes,
    serving,
    target,
    status,
    stamp,
    cause,
    failed_at,
    lag_at_failure,
    backup_phase,
    failback,
    failbacks,
    renewed,
    reads,
    storage_lost,
    gone,
    losses,
    corruption,
    latents,
    recovery,
    lag
});

impl Failover {
    /// Memory for a database.
    pub fn new() -> Failover {
        let idle = Stream::new(0, 0, 0);
        Failover {
            nodes: Vec::new(),
            serving: 0,
            target: 0,
            status: Status::Up,
            stamp: 0,
            cause: 0,
            failed_at: 0.0,
            lag_at_failure: 0.0,
            backup_phase: 0.0,
            failback: Failback::Idle,
            failbacks: 0,
            moved_by: 0,
            renewed: None,
            reads: false,
            storage_lost: false,
            gone: false,
            losses: Losses::default(),
            corruption: Corruption::new(),
            latents: [Latent::default(); 2],
            recovery: idle.clone(),
            lag: idle,
        }
    }

    /// Everything up and in sync.
    pub fn restart(&mut self, plan: &FailoverPlan, history: &History) {
        self.nodes.clear();
        self.nodes.extend(plan.zones.iter().map(|zone| Node::fresh(*zone, 0)));
        (self.failback, self.failbacks, self.moved_by, self.renewed) = (Failback::Idle, 0, 0, None);
        (self.serving, self.target, self.status, self.stamp, self.cause) = (0, 0, Status::Up, 0, 0);
        (self.reads, self.storage_lost, self.gone) = (false, false, false);
        self.losses.clear();
        self.corruption.restart(history, plan.keys.corruption);
        self.recovery = history.stream(plan.keys.recovery);
        self.lag = history.stream(plan.keys.lag);
        for (latent, way) in self.latents.iter_mut().zip([&plan.standby, &plan.replica]) {
            if let Some(plan) = way.as_ref().and_then(|way| way.latent.as_ref()) {
                latent.restart(plan, &mut self.recovery);
            }
        }
        if let Some(backup) = &plan.backup {
            self.backup_phase = history.stream(plan.keys.backup).uniform() * backup.spacing;
        }
    }

    /// Whether it answers reads, and writes.
    pub fn serves(&self) -> [bool; 2] {
        let up = self.status == Status::Up;
        [up || self.reads, up]
    }

    /// Modes behind its outage.
    pub fn cause(&self) -> u64 {
        self.cause
    }

    /// Where its recovery stands.
    pub fn stage(&self) -> Stage {
        match self.status {
            Status::Detecting => Stage::Detection,
            Status::Deciding | Status::ByHand | Status::RestoreDeciding | Status::Recreating { by_hand: true } => {
                Stage::Decision
            }
            Status::Held { .. } | Status::Promoting | Status::Restoring | Status::Recreating { by_hand: false } => {
                Stage::Action
            }
            Status::Converging => Stage::Propagation,
            Status::Up | Status::Waiting | Status::Botched => Stage::Repair,
        }
    }

    /// Data lost so far.
    pub fn losses(&self) -> &Losses {
        &self.losses
    }

    /// All nodes are alive, copies are ready, the data are sound, and no return of the roles is under way.
    pub fn is_calm(&self) -> bool {
        self.status == Status::Up
            && self.failback == Failback::Idle
            && !self.corruption.is_on()
            && (0..self.nodes.len()).all(|node| if node == self.serving { self.alive(node) } else { self.fit(node) })
    }

    /// Every stream it draws from.
    pub fn streams(&mut self, visit: &mut impl FnMut(&mut Stream)) {
        visit(&mut self.recovery);
        visit(&mut self.lag);
        self.corruption.streams(visit);
    }

    /// A mode of one of its nodes begins or ends.
    pub fn node_turns(
        &mut self,
        plan: &FailoverPlan,
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
    pub fn zone_dies(&mut self, zone: usize) {
        for node in self.nodes.iter_mut().filter(|n| n.zone == zone) {
            node.lost = true;
        }
    }

    /// Storage in the region is lost.
    pub fn region_dies(&mut self, region: usize, world: &World) {
        self.storage_lost |= world.places.region_of[self.nodes[self.serving].zone] == region;
    }

    /// Its data are corrupted, in every copy.
    pub fn corrupted(&mut self, plan: &FailoverPlan, bit: u64, world: &mut World) {
        if let Some(delay) = self.corruption.begin(bit, &plan.corruptions, world.now) {
            let stamp = self.corruption.stamp();
            world.after(delay, Class::Action, plan.component, kind::FOUND, 0, stamp);
        }
    }

    fn alive(&self, node: usize) -> bool {
        let node = &self.nodes[node];
        node.hosted && !node.lost
    }

    /// Alive, and could take over from the serving node.
    fn fit(&self, node: usize) -> bool {
        self.alive(node) && self.nodes[node].ready
    }

    /// A zone, region, control plane or node may have changed.
    pub fn places_changed(&mut self, plan: &FailoverPlan, world: &mut World) {
        for node in &mut self.nodes {
            node.hosted = node.own == 0 && world.places.hosts(node.zone);
            node.ready &= !node.lost;
        }
        self.follow(plan, world);
    }

    /// Works out what follows from the state of the nodes.
    fn follow(&mut self, plan: &FailoverPlan, world: &mut World) {
        self.review(plan, world);
        self.review_rebuilds(plan, world);
        self.review_failback(plan, world);
        let reads = plan.reads_survive
            && self.status != Status::Up
            && !self.corruption.is_found()
            && (0..self.nodes.len()).any(|node| if node == self.serving { self.alive(node) } else { self.fit(node) });
        if reads != self.reads {
            self.reads = reads;
            world.changed |= plan.users;
        }
    }

    /// A node without its role or its data becomes a copy again while it is up and a serving node is there to copy from.
    fn review_rebuilds(&mut self, plan: &FailoverPlan, world: &mut World) {
        let source = self.alive(self.serving);
        for index in 0..self.nodes.len() {
            let node = &mut self.nodes[index];
            let wanted = source && index != self.serving && node.hosted && !node.ready;
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

    /// The roles return to the first primary when it has been a copy for long enough, as soon as the database serves.
    fn review_failback(&mut self, plan: &FailoverPlan, world: &mut World) {
        let Some(law) = &plan.failback else { return };
        let wanted = self.serving == self.replica(plan) && self.fit(0);
        if wanted && self.failback == Failback::Idle {
            self.failback = Failback::Armed;
            self.failbacks += 1;
            let delay = law.sample(&mut self.recovery);
            world.after(delay, Class::Action, plan.component, kind::FAILBACK, 0, self.failbacks);
        } else if !wanted && self.failback != Failback::Idle {
            self.failback = Failback::Idle;
            self.failbacks += 1;
        } else if self.failback == Failback::Due && self.status == Status::Up {
            self.failback = Failback::Idle;
            self.serving = 0;
            self.latents[1].works(world.now);
            world.changed |= plan.users;
            self.risk(plan, world);
        }
    }

    /// A failback may itself take the database down.
    fn risk(&mut self, plan: &FailoverPlan, world: &mut World) {
        let Some((probability, recover)) = &plan.failback_risk else { return };
        if self.recovery.bernoulli(*probability) {
            self.cause = self.moved_by;
            let delay = recover.sample(&mut self.recovery);
            self.enter(plan, Status::Botched, Some((delay, kind::MENDED)), world);
        }
    }

    fn replica(&self, plan: &FailoverPlan) -> usize {
        1 + plan.standbys
    }

    /// The two hold the same data at any instant.
    fn synchronous(plan: &FailoverPlan, one: usize, other: usize) -> bool {
        one.max(other) <= plan.standbys
    }

    /// Follows what became of the serving node and of the copies.
    fn review(&mut self, plan: &FailoverPlan, world: &mut World) {
        if self.corruption.is_found() {
            return self.review_cleaning(plan, world);
        }
        let alive = self.alive(self.serving);
        match self.status {
            Status::Up | Status::Converging | Status::Botched if !alive => {
                let node = &self.nodes[self.serving];
                self.cause |= node.own | world.places.blame(node.zone);
                self.failed_at = world.now;
                self.lag_at_failure = plan.lag.sample(&mut self.lag);
                let delay = plan.detection.sample(&mut self.recovery);
                self.enter(plan, Status::Detecting, Some((delay, kind::DETECTED)), world);
            }
            Status::Up | Status::Converging | Status::Botched => {}
            Status::Promoting if self.fit(self.target) => {}
            _ if alive => self.answers(plan, world),
            Status::Deciding | Status::ByHand | Status::Held { .. } | Status::Promoting if !self.fit(self.target) => {
                self.search(plan, world);
            }
            Status::Waiting => self.search(plan, world),
            Status::RestoreDeciding | Status::Restoring
                if self.candidate(plan).is_some() || self.zone_for_restore(plan, world).is_none() =>
            {
                self.search(plan, world);
            }
            Status::Recreating { by_hand } => {
                let home = world.places.hosts(self.nodes[self.serving].zone);
                let nowhere = self.zone_for_restore(plan, world).is_none();
                if self.candidate(plan).is_some_and(|copy| Failover::synchronous(plan, self.serving, copy))
                    || by_hand == home
                    || nowhere
                {
                    self.search(plan, world);
                }
            }
            Status::Held { .. } => self.begin_promotion(plan, world),
            _ => {}
        }
    }

    /// What is corrupt is served no more, whatever the nodes do, until it is restored from a backup.
    fn review_cleaning(&mut self, plan: &FailoverPlan, world: &mut World) {
        let possible = plan.backup.is_some() && self.zone_for_restore(plan, world).is_some();
        match self.status {
            Status::RestoreDeciding | Status::Restoring if possible => {}
            Status::Waiting if !possible => {}
            _ if possible => self.decide_restore(plan, world),
            _ => self.enter(plan, Status::Waiting, None, world),
        }
    }

    /// The corruption is found.
    fn found(&mut self, plan: &FailoverPlan, world: &mut World) {
        self.cause |= self.corruption.find(world.now);
        if plan.backup.is_none() {
            self.losses.unrecoverable.push(world.now);
        }
        // Whatever was under way is called off.
        self.enter(plan, Status::Detecting, None, world);
    }

    fn enter(&mut self, plan: &FailoverPlan, status: Status, timer: Option<(f64, u8)>, world: &mut World) {
        self.status = status;
        self.stamp += 1;
        world.changed |= plan.users;
        if let Some((delay, kind)) = timer {
            world.after(delay, Class::Action, plan.component, kind, 0, self.stamp);
        }
    }

    fn answers(&mut self, plan: &FailoverPlan, world: &mut World) {
        self.cause = 0;
        self.enter(plan, Status::Up, None, world);
    }

    /// The node that was replaced by a new one in a restore, told once.
    pub fn take_renewed(&mut self) -> Option<usize> {
        self.renewed.take()
    }

    /// Something that it armed happens.
    pub fn turn(&mut self, plan: &FailoverPlan, event: Event, world: &mut World) {
        let index = event.unit() as usize;
        let current = match event.kind() {
            kind::REBUILT => self.nodes[index].stamp,
            kind::FAILBACK => self.failbacks,
            kind::FOUND => self.corruption.stamp(),
            _ => self.stamp,
        };
        if current != event.stamp {
            return;
        }
        world.events += 1;
        match event.kind() {
            kind::DETECTED => self.search(plan, world),
            kind::DECIDED | kind::BY_HAND => self.begin_promotion(plan, world),
            kind::PROMOTED => self.takes_over(plan, world),
            kind::CONVERGED | kind::MENDED => self.answers(plan, world),
            kind::RESTORE => match (&plan.backup, self.zone_for_restore(plan, world)) {
                (Some(backup), Some(_)) => {
                    let delay = backup.restore.sample(&mut self.recovery);
                    self.enter(plan, Status::Restoring, Some((delay, kind::RESTORED)), world);
                }
                _ => self.enter(plan, Status::Waiting, None, world),
            },
            kind::RESTORED => self.restored(plan, world),
            kind::RECREATED => self.recreated(plan, world),
            kind::FOUND => self.found(plan, world),
            kind::REBUILT => {
                let node = &mut self.nodes[index];
                (node.lost, node.ready, node.rebuilding) = (false, true, false);
                let synchronous = Failover::synchronous(plan, self.serving, index);
                self.latents[usize::from(!synchronous)].works(world.now);
            }
            _ => self.failback = Failback::Due,
        }
        self.follow(plan, world);
    }
}

impl Default for Failover {
    fn default() -> Failover {
        Failover::new()
    }
}

/// For the story of an incident.
impl Failover {
    /// What it looks like now.
    pub fn words(&self, plan: &FailoverPlan) -> String {
        let role = |node: usize| match node {
            0 => "the primary",
            _ if node <= plan.standbys => "the standby",
            _ => "the replica",
        };
        match self.status {
            Status::Up => format!("served by {}", role(self.serving)),
            Status::Detecting => format!("{} is down, which nothing has noticed", role(self.serving)),
            Status::Deciding => "noticed; a failover is being decided".to_owned(),
            Status::ByHand => "the failover did not work by itself; people see to it".to_owned(),
            Status::Held { .. } => "waits for the control plane".to_owned(),
            Status::Promoting => format!("{} is being promoted", role(self.target)),
            Status::RestoreDeciding => "a restore is being decided".to_owned(),
            Status::Restoring => "a backup is being restored".to_owned(),
            Status::Recreating { .. } => "a new node is being made".to_owned(),
            Status::Waiting => "waits for a node that has the data".to_owned(),
            Status::Converging => format!("{} serves; clients still look for the old address", role(self.serving)),
            Status::Botched => "a failback went wrong and is being mended".to_owned(),
        }
    }
}

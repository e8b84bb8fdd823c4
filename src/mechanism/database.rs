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
//! loses what was written since the last restore point. Sources: RDS and Aurora user guides, June 2023.

use super::latent::{Latent, LatentPlan};
use super::people::decide;
use super::world::World;
use crate::engine::calendar::{Class, Event};
use crate::engine::ledger::Stage;
use crate::law::{Law, Stream};
use crate::model::Decision;

/// A database, compiled.
#[derive(Debug, Clone)]
pub struct DatabasePlan {
    /// Component number of its events.
    pub component: u32,
    /// Regions whose stacks use it, one bit each.
    pub users: u64,
    /// Zones of its nodes: the first primary, then the copies.
    pub zones: Vec<usize>,
    /// From the failure of the serving node until it is noticed.
    pub detection: Law,
    /// Clients keep the old address this long at most (s).
    pub endpoint_ttl: f64,
    /// From the return of a node without its role until it is a copy again.
    pub rebuild: Law,
    /// How the first primary and its standby (node 1) take over from each other.
    pub standby: Option<TakeOver>,
    /// How an asynchronous copy (the last node) and the others take over from each other.
    pub replica: Option<TakeOver>,
    /// Replication lag.
    pub lag: Law,
    /// From the return of the first primary as a copy until it serves again.
    pub failback: Option<Law>,
    /// Backups.
    pub backup: Option<BackupPlan>,
    /// Zones of each region in order, for a restore elsewhere.
    pub zones_of_region: Vec<Vec<usize>>,
    /// Acknowledged writes per second.
    pub writes: f64,
    /// Keys of its streams.
    pub keys: DatabaseKeys,
}

/// Keys of the streams of a database, one for each purpose.
#[derive(Debug, Clone, Copy)]
pub struct DatabaseKeys {
    recovery: u64,
    lag: u64,
    backup: u64,
}

impl DatabaseKeys {
    /// Keys for the database of this name.
    pub fn new(name: &str) -> DatabaseKeys {
        let key = |purpose: &str| crate::law::name_key(&format!("database/{name}/{purpose}"));
        DatabaseKeys { recovery: key("recovery"), lag: key("lag"), backup: key("backup") }
    }
}

/// How a copy takes over.
#[derive(Debug, Clone)]
pub struct TakeOver {
    /// From detection to the decision.
    pub decision: Decision,
    /// From the decision until it serves.
    pub promotion: Law,
    /// Probability that this works by itself.
    pub coverage: f64,
    /// From detection to service by hand, where it does not.
    pub manual: Decision,
    /// How the copy breaks silently.
    pub latent: Option<LatentPlan>,
}

/// Backups, compiled.
#[derive(Debug, Clone)]
pub struct BackupPlan {
    /// Time between restore points (s).
    pub interval: f64,
    /// From the failure being noticed to the start of the restore.
    pub decision: Law,
    /// From its start until the database serves.
    pub restore: Law,
}

/// Data that are gone for good.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DataLoss {
    /// When the node that held them failed (s).
    pub at: f64,
    /// Age of the newest write that was recovered (s).
    pub age: f64,
    /// Acknowledged writes lost.
    pub writes: f64,
}

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
    Waiting,
    Converging,
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
#[derive(Debug, Clone)]
pub struct Database {
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
    renewed: Option<usize>,
    losses: Vec<DataLoss>,
    /// What may be broken about taking over with the standby, and with the replica.
    latents: [Latent; 2],
    recovery: Stream,
    lag: Stream,
}

impl Database {
    /// Memory for a database.
    pub fn new() -> Database {
        let idle = Stream::new(0, 0, 0);
        Database {
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
            renewed: None,
            losses: Vec::new(),
            latents: [Latent::default(); 2],
            recovery: idle.clone(),
            lag: idle,
        }
    }

    /// Everything up and in sync.
    pub fn restart(&mut self, plan: &DatabasePlan, seed: u64, replication: u64) {
        self.nodes.clear();
        self.nodes.extend(plan.zones.iter().map(|zone| Node::fresh(*zone, 0)));
        (self.failback, self.failbacks, self.renewed) = (Failback::Idle, 0, None);
        (self.serving, self.target, self.status, self.stamp, self.cause) = (0, 0, Status::Up, 0, 0);
        self.losses.clear();
        self.recovery = Stream::new(seed, replication, plan.keys.recovery);
        self.lag = Stream::new(seed, replication, plan.keys.lag);
        for (latent, way) in self.latents.iter_mut().zip([&plan.standby, &plan.replica]) {
            if let Some(plan) = way.as_ref().and_then(|way| way.latent.as_ref()) {
                latent.restart(plan, &mut self.recovery);
            }
        }
        if let Some(backup) = &plan.backup {
            self.backup_phase = Stream::new(seed, replication, plan.keys.backup).uniform() * backup.interval;
        }
    }

    /// It answers.
    pub fn is_up(&self) -> bool {
        self.status == Status::Up
    }

    /// Modes behind its outage.
    pub fn cause(&self) -> u64 {
        self.cause
    }

    /// Where its recovery stands.
    pub fn stage(&self) -> Stage {
        match self.status {
            Status::Detecting => Stage::Detection,
            Status::Deciding | Status::ByHand | Status::RestoreDeciding => Stage::Decision,
            Status::Held { .. } | Status::Promoting | Status::Restoring => Stage::Action,
            Status::Converging => Stage::Propagation,
            Status::Up | Status::Waiting => Stage::Repair,
        }
    }

    /// Data lost so far.
    pub fn losses(&self) -> &[DataLoss] {
        &self.losses
    }

    /// A mode of one of its nodes begins or ends.
    pub fn node_turns(
        &mut self,
        plan: &DatabasePlan,
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

    fn alive(&self, node: usize) -> bool {
        let node = &self.nodes[node];
        node.hosted && !node.lost
    }

    /// Alive, and could take over from the serving node.
    fn fit(&self, node: usize) -> bool {
        self.alive(node) && self.nodes[node].ready
    }

    /// A zone, region, control plane or node may have changed.
    pub fn places_changed(&mut self, plan: &DatabasePlan, world: &mut World) {
        for node in &mut self.nodes {
            node.hosted = node.own == 0 && world.places.hosts(node.zone);
            node.ready &= !node.lost;
        }
        self.follow(plan, world);
    }

    /// Works out what follows from the state of the nodes.
    fn follow(&mut self, plan: &DatabasePlan, world: &mut World) {
        self.review(plan, world);
        self.review_rebuilds(plan, world);
        self.review_failback(plan, world);
    }

    /// A node without its role or its data becomes a copy again while it is up and a serving node is there to copy from.
    fn review_rebuilds(&mut self, plan: &DatabasePlan, world: &mut World) {
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
    fn review_failback(&mut self, plan: &DatabasePlan, world: &mut World) {
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
        }
    }

    fn replica(&self, plan: &DatabasePlan) -> usize {
        1 + usize::from(plan.standby.is_some())
    }

    /// The two hold the same data at any instant.
    fn synchronous(plan: &DatabasePlan, one: usize, other: usize) -> bool {
        plan.standby.is_some() && one.max(other) == 1
    }

    /// Follows what became of the serving node and of the copies.
    fn review(&mut self, plan: &DatabasePlan, world: &mut World) {
        let alive = self.alive(self.serving);
        match self.status {
            Status::Up | Status::Converging if !alive => {
                let node = &self.nodes[self.serving];
                self.cause |= node.own | world.places.blame(node.zone);
                self.failed_at = world.now;
                self.lag_at_failure = plan.lag.sample(&mut self.lag);
                let delay = plan.detection.sample(&mut self.recovery);
                self.enter(plan, Status::Detecting, Some((delay, kind::DETECTED)), world);
            }
            Status::Up | Status::Converging => {}
            Status::Promoting if self.fit(self.target) => {}
            _ if alive => self.serves(plan, world),
            Status::Deciding | Status::ByHand | Status::Held { .. } | Status::Promoting if !self.fit(self.target) => {
                self.search(plan, world);
            }
            Status::Waiting => self.search(plan, world),
            Status::RestoreDeciding | Status::Restoring
                if self.candidate(plan).is_some() || self.zone_for_restore(plan, world).is_none() =>
            {
                self.search(plan, world);
            }
            Status::Held { .. } => self.begin_promotion(plan, world),
            _ => {}
        }
    }

    fn enter(&mut self, plan: &DatabasePlan, status: Status, timer: Option<(f64, u8)>, world: &mut World) {
        self.status = status;
        self.stamp += 1;
        world.changed |= plan.users;
        if let Some((delay, kind)) = timer {
            world.after(delay, Class::Action, plan.component, kind, 0, self.stamp);
        }
    }

    fn serves(&mut self, plan: &DatabasePlan, world: &mut World) {
        self.cause = 0;
        self.enter(plan, Status::Up, None, world);
    }

    /// The best copy that could take over.
    fn candidate(&self, plan: &DatabasePlan) -> Option<usize> {
        let able = |index: &usize| *index != self.serving && self.fit(*index);
        let copies = || (0..self.nodes.len()).filter(able);
        copies().find(|index| Database::synchronous(plan, self.serving, *index)).or_else(|| copies().next())
    }

    /// Looks for a way back: a copy, else a restore, else waiting.
    fn search(&mut self, plan: &DatabasePlan, world: &mut World) {
        if let Some(target) = self.candidate(plan) {
            let synchronous = Database::synchronous(plan, self.serving, target);
            let Some(way) = (if synchronous { &plan.standby } else { &plan.replica }) else { return };
            self.target = target;
            if self.recovery.bernoulli(way.coverage) {
                let delay = decide(&way.decision, world.now, &mut self.recovery);
                self.enter(plan, Status::Deciding, Some((delay, kind::DECIDED)), world);
            } else {
                let delay = decide(&way.manual, world.now, &mut self.recovery);
                self.enter(plan, Status::ByHand, Some((delay, kind::BY_HAND)), world);
            }
            return;
        }
        let node = &self.nodes[self.serving];
        if let Some(backup) = plan.backup.as_ref().filter(|_| node.lost)
            && self.zone_for_restore(plan, world).is_some()
        {
            let delay = backup.decision.sample(&mut self.recovery);
            return self.enter(plan, Status::RestoreDeciding, Some((delay, kind::RESTORE)), world);
        }
        if self.status != Status::Waiting {
            self.enter(plan, Status::Waiting, None, world);
        }
    }

    /// The serving node's zone, else the first of its region that is up.
    fn zone_for_restore(&self, plan: &DatabasePlan, world: &World) -> Option<usize> {
        let home = self.nodes[self.serving].zone;
        let region = world.places.region_of[home];
        std::iter::once(home).chain(plan.zones_of_region[region].iter().copied()).find(|z| world.places.hosts(*z))
    }

    fn begin_promotion(&mut self, plan: &DatabasePlan, world: &mut World) {
        let by_hand = matches!(self.status, Status::ByHand | Status::Held { by_hand: true });
        if !self.fit(self.target) {
            return self.search(plan, world);
        }
        if !world.places.can_act(world.places.region_of[self.nodes[self.target].zone]) {
            if !matches!(self.status, Status::Held { .. }) {
                self.enter(plan, Status::Held { by_hand }, None, world);
            }
            return;
        }
        let synchronous = Database::synchronous(plan, self.serving, self.target);
        let Some(way) = (if synchronous { &plan.standby } else { &plan.replica }) else { return };
        let latent = &mut self.latents[usize::from(!synchronous)];
        let mend = way.latent.as_ref().and_then(|broken| latent.needed(broken, world.now, &mut self.recovery));
        match mend {
            None if by_hand => self.takes_over(plan, world),
            _ => {
                let promotion = if by_hand { 0.0 } else { way.promotion.sample(&mut self.recovery) };
                let delay = mend.unwrap_or(0.0) + promotion;
                self.enter(plan, Status::Promoting, Some((delay, kind::PROMOTED)), world);
            }
        }
    }

    /// The target is the serving node from now on.
    fn takes_over(&mut self, plan: &DatabasePlan, world: &mut World) {
        let (old, new) = (self.serving, self.target);
        let synchronous = Database::synchronous(plan, old, new);
        self.serving = new;
        if !synchronous {
            self.lose(self.lag_at_failure, plan);
        }
        for (index, node) in self.nodes.iter_mut().enumerate() {
            // Copies of the old node follow the new one only where they do not share what was lost.
            let follows = synchronous && index != old;
            node.ready &= index == new || follows;
        }
        self.converges(plan, world);
    }

    fn lose(&mut self, age: f64, plan: &DatabasePlan) {
        self.losses.push(DataLoss { at: self.failed_at, age, writes: age * plan.writes });
    }

    fn converges(&mut self, plan: &DatabasePlan, world: &mut World) {
        if plan.endpoint_ttl > 0.0 {
            let residual = self.recovery.uniform() * plan.endpoint_ttl;
            self.enter(plan, Status::Converging, Some((residual, kind::CONVERGED)), world);
        } else {
            self.serves(plan, world);
        }
    }

    fn restored(&mut self, plan: &DatabasePlan, world: &mut World) {
        let (Some(zone), Some(backup)) = (self.zone_for_restore(plan, world), &plan.backup) else {
            return self.enter(plan, Status::Waiting, None, world);
        };
        let age = (self.failed_at - self.backup_phase).rem_euclid(backup.interval);
        self.lose(age, plan);
        self.nodes.iter_mut().for_each(|node| node.ready = false);
        let node = &mut self.nodes[self.serving];
        *node = Node::fresh(zone, node.stamp + 1);
        self.renewed = Some(self.serving);
        self.converges(plan, world);
    }

    /// The node that was replaced by a new one in a restore, told once.
    pub fn take_renewed(&mut self) -> Option<usize> {
        self.renewed.take()
    }

    /// Something that it armed happens.
    pub fn turn(&mut self, plan: &DatabasePlan, event: Event, world: &mut World) {
        let index = event.unit() as usize;
        let current = match event.kind() {
            kind::REBUILT => self.nodes[index].stamp,
            kind::FAILBACK => self.failbacks,
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
            kind::CONVERGED => self.serves(plan, world),
            kind::RESTORE => match (&plan.backup, self.zone_for_restore(plan, world)) {
                (Some(backup), Some(_)) => {
                    let delay = backup.restore.sample(&mut self.recovery);
                    self.enter(plan, Status::Restoring, Some((delay, kind::RESTORED)), world);
                }
                _ => self.enter(plan, Status::Waiting, None, world),
            },
            kind::RESTORED => self.restored(plan, world),
            kind::REBUILT => {
                let node = &mut self.nodes[index];
                (node.lost, node.ready, node.rebuilding) = (false, true, false);
                let synchronous = Database::synchronous(plan, self.serving, index);
                self.latents[usize::from(!synchronous)].works(world.now);
            }
            _ => self.failback = Failback::Due,
        }
        self.follow(plan, world);
    }
}

impl Default for Database {
    fn default() -> Database {
        Database::new()
    }
}

//! Databases: one that has a serving node and copies to fail over to ([`failover`]), or one of equal nodes ([`quorum`]).
//!
//! Either may be corrupted: the corruption is in every copy at once, wrong data are served until it is found, and only a
//! [`backup`] from before helps.

pub mod backup;
pub mod failover;
pub mod quorum;

use super::world::World;
use crate::engine::calendar::Event;
use crate::engine::ledger::Stage;
use crate::law::{History, Stream};
use backup::Losses;
use failover::{Failover, FailoverPlan};
use quorum::{Quorum, QuorumPlan};

/// A database, compiled.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a handful of them, made once")]
pub enum DatabasePlan {
    /// A serving node, and copies that take over.
    Failover(FailoverPlan),
    /// Equal nodes.
    Quorum(QuorumPlan),
}

impl DatabasePlan {
    /// Reads may be served while writes are not.
    pub fn divides(&self) -> bool {
        match self {
            DatabasePlan::Failover(plan) => plan.reads_survive,
            DatabasePlan::Quorum(plan) => plan.read != plan.write,
        }
    }

    /// Writes that a node has not sent on when it goes down depend on where the traffic goes.
    pub fn needs_shares(&self) -> bool {
        matches!(self, DatabasePlan::Quorum(plan) if plan.lag.is_some())
    }
}

/// Keys of the streams of a database, one for each purpose.
#[derive(Debug, Clone, Copy)]
pub struct DatabaseKeys {
    recovery: u64,
    lag: u64,
    backup: u64,
    corruption: u64,
}

impl DatabaseKeys {
    /// Keys for the database of this name.
    pub fn new(name: &str) -> DatabaseKeys {
        let key = |purpose: &str| crate::law::name_key(&format!("database/{name}/{purpose}"));
        DatabaseKeys {
            recovery: key("recovery"),
            lag: key("lag"),
            backup: key("backup"),
            corruption: key("corruption"),
        }
    }
}

/// A database at work.
#[derive(Debug)]
pub enum Database {
    /// A serving node, and copies that take over.
    Failover(Failover),
    /// Equal nodes.
    Quorum(Quorum),
}

/// A copy reuses the memory of what it is copied to.
impl Clone for Database {
    fn clone(&self) -> Database {
        match self {
            Database::Failover(it) => Database::Failover(it.clone()),
            Database::Quorum(it) => Database::Quorum(it.clone()),
        }
    }

    fn clone_from(&mut self, other: &Database) {
        match (&mut *self, other) {
            (Database::Failover(it), Database::Failover(other)) => it.clone_from(other),
            (Database::Quorum(it), Database::Quorum(other)) => it.clone_from(other),
            (it, other) => *it = other.clone(),
        }
    }
}

/// Calls the same function of whichever kind it is, with its plan.
macro_rules! either {
    ($database:expr, $plan:expr, $it:ident, $its_plan:ident => $call:expr) => {
        match ($database, $plan) {
            (Database::Failover($it), DatabasePlan::Failover($its_plan)) => $call,
            (Database::Quorum($it), DatabasePlan::Quorum($its_plan)) => $call,
            // A database is made from its plan, so there is no other pair.
            _ => {}
        }
    };
}

impl Database {
    /// Memory for a database.
    pub fn new(plan: &DatabasePlan) -> Database {
        match plan {
            DatabasePlan::Failover(_) => Database::Failover(Failover::new()),
            DatabasePlan::Quorum(_) => Database::Quorum(Quorum::new()),
        }
    }

    /// Everything up and in sync.
    pub fn restart(&mut self, plan: &DatabasePlan, history: &History) {
        either!(self, plan, it, its_plan => it.restart(its_plan, history));
    }

    /// Whether it answers reads, and writes, of the stack in a region.
    pub fn serves(&self, plan: &DatabasePlan, region: usize) -> [bool; 2] {
        match (self, plan) {
            (Database::Quorum(it), DatabasePlan::Quorum(plan)) => it.serves(plan, region),
            (Database::Failover(it), _) => it.serves(),
            _ => [false; 2],
        }
    }

    /// Modes behind its outage, as seen by the stack in a region.
    pub fn cause(&self, plan: &DatabasePlan, region: usize) -> u64 {
        match (self, plan) {
            (Database::Quorum(it), DatabasePlan::Quorum(plan)) => it.cause(plan, region),
            (Database::Failover(it), _) => it.cause(),
            _ => 0,
        }
    }

    /// Where its recovery stands.
    pub fn stage(&self) -> Stage {
        match self {
            Database::Failover(it) => it.stage(),
            Database::Quorum(it) => it.stage(),
        }
    }

    /// Data lost so far.
    pub fn losses(&self) -> &Losses {
        match self {
            Database::Failover(it) => it.losses(),
            Database::Quorum(it) => it.losses(),
        }
    }

    /// Nothing is wrong with it, and nothing is under way.
    pub fn is_calm(&self) -> bool {
        match self {
            Database::Failover(it) => it.is_calm(),
            Database::Quorum(it) => it.is_calm(),
        }
    }

    /// Every stream it draws from.
    pub fn streams(&mut self, visit: &mut impl FnMut(&mut Stream)) {
        match self {
            Database::Failover(it) => it.streams(visit),
            Database::Quorum(it) => it.streams(visit),
        }
    }

    /// The history ends.
    pub fn close(&mut self, world: &World) {
        if let Database::Quorum(it) = self {
            it.close(world.now);
        }
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
        either!(self, plan, it, its_plan => it.node_turns(its_plan, node, bit, fails, kills, world));
    }

    /// Its data are corrupted, in every copy.
    pub fn corrupted(&mut self, plan: &DatabasePlan, bit: u64, world: &mut World) {
        either!(self, plan, it, its_plan => it.corrupted(its_plan, bit, world));
    }

    /// Nodes in the zone lose their data.
    pub fn zone_dies(&mut self, plan: &DatabasePlan, zone: usize) {
        match (self, plan) {
            (Database::Failover(it), _) => it.zone_dies(zone),
            (Database::Quorum(it), DatabasePlan::Quorum(plan)) => it.zone_dies(plan, zone),
            _ => {}
        }
    }

    /// What is kept in the region as a whole is lost.
    pub fn region_dies(&mut self, plan: &DatabasePlan, region: usize, world: &World) {
        match (self, plan) {
            (Database::Failover(it), _) => it.region_dies(region, world),
            (Database::Quorum(it), DatabasePlan::Quorum(plan)) => it.region_dies(plan, region),
            _ => {}
        }
    }

    /// A zone, region or control plane may have changed.
    pub fn places_changed(&mut self, plan: &DatabasePlan, world: &mut World) {
        either!(self, plan, it, its_plan => it.places_changed(its_plan, world));
    }

    /// Something that it armed happens.
    pub fn turn(&mut self, plan: &DatabasePlan, event: Event, world: &mut World) {
        either!(self, plan, it, its_plan => it.turn(its_plan, event, world));
    }

    /// What it looks like now, in words.
    pub fn words(&self, plan: &DatabasePlan) -> String {
        match (self, plan) {
            (Database::Failover(it), DatabasePlan::Failover(its_plan)) => it.words(its_plan),
            (Database::Quorum(it), _) => it.words(),
            (Database::Failover(_), DatabasePlan::Quorum(_)) => String::new(),
        }
    }

    /// The node that was replaced by a new one in a restore, told once.
    pub fn take_renewed(&mut self) -> Option<usize> {
        match self {
            Database::Failover(it) => it.take_renewed(),
            Database::Quorum(_) => None,
        }
    }

    /// Whether the data have just been cleaned of a corruption, told once.
    pub fn take_cleaned(&mut self) -> bool {
        match self {
            Database::Failover(it) => it.corruption.take_cleaned(),
            Database::Quorum(it) => it.corruption.take_cleaned(),
        }
    }
}

//! An alternating process of a place: up for a time to failure, counted from the last restoration, then down for a repair.
//!
//! The process depends on nothing else, so under one environment every architecture sees the same history of it. (One exception:
//! a database node that is made anew is a new node, whose processes start over, and so do the corruptions of data that were cleaned.)

use super::world::World;
use crate::engine::calendar::{Class, Event};
use crate::law::{Law, Stream};

/// What a process takes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A zone.
    Zone(usize),
    /// A region.
    Region(usize),
    /// A region's control plane.
    ControlPlane(usize),
    /// The control plane of everything.
    GlobalControlPlane,
    /// A dependency.
    Dependency(usize),
    /// A tier in a region: the position of its fleet.
    Fleet(usize),
    /// One unit of it.
    OneUnit(usize),
    /// Its units in the zone of that unit.
    OneZone(usize),
    /// A node of a database.
    Node {
        /// Position of the database.
        database: usize,
        /// Position of the node in it.
        node: usize,
    },
    /// The data of a database, in every copy.
    Data(usize),
    /// Everything.
    Global,
}

/// A failure mode at a place.
#[derive(Debug, Clone, Copy)]
pub struct Hold {
    /// What it takes down.
    pub target: Target,
    /// Bit of the failure mode.
    pub bit: u64,
    /// Units and nodes it covers are lost, not just out of reach.
    pub kills: bool,
    /// What it covers stays up and fails some of its requests.
    pub gray: bool,
}

/// A process at one place, compiled.
#[derive(Debug, Clone)]
pub struct OutagePlan {
    /// Component number of its events.
    pub component: u32,
    /// What it does while it is down.
    pub hold: Hold,
    /// Time to failure.
    pub life: Law,
    /// Time to repair.
    pub repair: Law,
    /// Key of its stream, from the names of mode and place.
    pub key: u64,
}

const FAIL: u8 = 0;
const RESTORE: u8 = 1;

/// A process at work.
#[derive(Debug, Clone)]
pub struct Outage {
    stream: Stream,
    /// Counts its lives, so that events of an earlier one are known.
    life: u32,
    is_on: bool,
}

impl Outage {
    /// Not yet started.
    pub fn new() -> Outage {
        Outage { stream: Stream::new(0, 0, 0), life: 0, is_on: false }
    }

    /// Starts up and fresh.
    #[inline]
    pub fn restart(&mut self, plan: &OutagePlan, seed: u64, replication: u64, world: &mut World) {
        self.stream = Stream::new(seed, replication, plan.key);
        self.is_on = false;
        self.renew(plan, world);
    }

    /// What it is about was replaced by something new, which is up and fresh.
    pub fn renew(&mut self, plan: &OutagePlan, world: &mut World) {
        self.life += 1;
        world.failures_on -= u32::from(std::mem::take(&mut self.is_on));
        let delay = plan.life.sample(&mut self.stream);
        world.after(delay, Class::Failure, plan.component, FAIL, 0, self.life);
    }

    /// Fails or is restored: whether it is down from now on, or nothing if the event belonged to something that was replaced.
    pub fn turn(&mut self, plan: &OutagePlan, event: Event, world: &mut World) -> Option<bool> {
        if event.stamp != self.life {
            return None;
        }
        world.events += 1;
        let fails = event.kind() == FAIL;
        self.is_on = fails;
        if fails {
            let delay = plan.repair.sample(&mut self.stream);
            world.after(delay, Class::Restoration, plan.component, RESTORE, 0, self.life);
        } else {
            let delay = plan.life.sample(&mut self.stream);
            world.after(delay, Class::Failure, plan.component, FAIL, 0, self.life);
        }
        Some(fails)
    }
}

impl OutagePlan {
    /// Whether an event of this process is a failure, and no restoration.
    pub fn is_failure(event: Event) -> bool {
        event.kind() == FAIL
    }
}

/// For branches of a history.
impl Outage {
    /// It is up, so that it can fail.
    pub fn is_up(&self) -> bool {
        !self.is_on
    }

    /// Its failure at `now` (s), as it would arm it itself.
    pub fn failure(&self, plan: &OutagePlan, now: f64) -> Event {
        Event::new(now, Class::Failure, plan.component, FAIL, 0, self.life)
    }

    /// Every stream it draws from.
    pub fn streams(&mut self, visit: &mut impl FnMut(&mut Stream)) {
        visit(&mut self.stream);
    }
}

impl Default for Outage {
    fn default() -> Outage {
        Outage::new()
    }
}

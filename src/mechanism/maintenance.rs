//! Planned downtime: windows at times that a calendar fixes, in which places are down for one shared time. A failure that is injected is a
//! window that comes once.
//!
//! A window that is still open when the next one should begin takes its place.

use super::outage::Hold;
use super::world::World;
use crate::engine::calendar::{Class, Event};
use crate::law::{History, Law, Stream};

/// Windows of one kind, compiled.
#[derive(Debug, Clone)]
pub struct MaintenancePlan {
    /// Component number of its events.
    pub component: u32,
    /// What is down, and how.
    pub holds: Vec<Hold>,
    /// Start of the first window (s).
    pub first: f64,
    /// From start to start (s); infinite if there is one window only.
    pub every: f64,
    /// Length of a window.
    pub duration: Law,
    /// What is lost in it does not count.
    pub excluded: bool,
    /// Key of its stream, from its name.
    pub key: u64,
}

const BEGIN: u8 = 0;
const END: u8 = 1;

/// Windows of one kind, at work.
#[derive(Debug, Clone)]
pub struct Maintenance {
    stream: Stream,
}

impl Maintenance {
    /// Not yet started.
    pub fn new() -> Maintenance {
        Maintenance { stream: Stream::new(0, 0, 0) }
    }

    /// Arms the first window.
    pub fn restart(&mut self, plan: &MaintenancePlan, history: &History, world: &mut World) {
        self.stream = history.stream(plan.key);
        world.after(plan.first, Class::Failure, plan.component, BEGIN, 0, 0);
    }

    /// Every stream it draws from.
    pub fn streams(&mut self, visit: &mut impl FnMut(&mut Stream)) {
        visit(&mut self.stream);
    }

    /// A window begins or ends: whether the places are down from now on.
    pub fn turn(&mut self, plan: &MaintenancePlan, event: Event, world: &mut World) -> bool {
        world.events += 1;
        // The number of the window is kept with its events, so that no sum of times drifts.
        let window = event.unit();
        if event.kind() == BEGIN {
            let duration = plan.duration.sample(&mut self.stream);
            world.after(duration, Class::Restoration, plan.component, END, window, 0);
            return true;
        }
        let passed = ((world.now - plan.first) / plan.every).floor() as u32;
        let next = passed.max(window) + 1;
        let start = plan.first + f64::from(next) * plan.every;
        world.at(start, Class::Failure, plan.component, BEGIN, next, 0);
        false
    }
}

impl Default for Maintenance {
    fn default() -> Maintenance {
        Maintenance::new()
    }
}

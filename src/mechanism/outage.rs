//! An alternating process of a place: up for a time to failure, counted from the last restoration, then down for a repair.
//!
//! The process depends on nothing else, so under one environment every architecture sees the same history of it. (One exception:
//! a database node that is made anew is a new node, whose processes start over, and so do the corruptions of data that were cleaned.)

use super::world::World;
use crate::engine::calendar::{Class, Event};
use crate::law::{Later, Law, Nets, Stream};

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
    /// How long the place has been up when a history begins; none if it is new.
    pub age: Option<Law>,
    /// Time to repair.
    pub repair: Law,
    /// Key of its stream, from the names of mode and place.
    pub key: u64,
    /// Probability of a failure within a history, where it is low enough that histories are worth being spread evenly over the time of
    /// the first one, and the length of the repair after it ([`crate::law::Nets`]).
    pub rare: Option<f64>,
}

impl OutagePlan {
    /// Whether a process fails seldom, and how likely it does at all in a history of this length (s).
    pub fn rarity(life: &Law, age: Option<&Law>, end: f64) -> Option<f64> {
        /// A process that fails more surely than this has more to be known of than its first failure.
        const SELDOM: f64 = 0.9;
        let probability = life.cdf(end);
        (age.is_none() && probability > 0.0 && probability < SELDOM).then_some(probability)
    }
}

const FAIL: u8 = 0;
const RESTORE: u8 = 1;

/// A process at work.
#[derive(Debug, Clone)]
pub struct Outage {
    stream: Later,
    /// Counts its lives, so that events of an earlier one are known.
    life: u32,
    is_on: bool,
    /// When the life at hand began (s); before time 0 where it had lasted already.
    since: f64,
    /// Where the first repair is among all, if that was drawn with the first failure.
    first_repair: Option<f64>,
    /// Where first failures are taken from, if they are rare.
    nets: Option<Nets>,
}

impl Outage {
    /// Not yet started.
    pub fn new() -> Outage {
        Outage { stream: Later::new(0, 0, 0), life: 0, is_on: false, since: 0.0, first_repair: None, nets: None }
    }

    /// Starts up, and new or of its age.
    #[inline]
    pub fn restart(&mut self, plan: &OutagePlan, seed: u64, replication: u64, world: &mut World) {
        self.stream = Later::new(seed, replication, plan.key);
        (self.is_on, self.first_repair, self.since) = (false, None, 0.0);
        self.life += 1;
        let delay = match (plan.rare.filter(|_| world.stratified), &plan.age) {
            (Some(probability), _) => {
                let nets = self.nets.get_or_insert_with(|| Nets::new(seed, replication, plan.key));
                let Some([time, repair]) = nets.point_below(probability, seed, replication) else { return };
                self.first_repair = Some(repair);
                plan.life.quick_quantile(time)
            }
            (None, Some(age)) => {
                let age = age.sample(self.stream.get());
                self.since = -age;
                plan.life.sample_rest(age, self.stream.get())
            }
            (None, None) => plan.life.sample(self.stream.get()),
        };
        world.after(delay, Class::Failure, plan.component, FAIL, 0, self.life);
    }

    /// What it is about was replaced by something new, which is up and fresh.
    pub fn renew(&mut self, plan: &OutagePlan, world: &mut World) {
        self.life += 1;
        (self.first_repair, self.since) = (None, world.now);
        world.failures_on -= u32::from(std::mem::take(&mut self.is_on));
        let delay = plan.life.sample(self.stream.get());
        world.after(delay, Class::Failure, plan.component, FAIL, 0, self.life);
    }

    fn repair_time(&mut self, plan: &OutagePlan) -> f64 {
        match self.first_repair.take() {
            Some(part) => plan.repair.quick_quantile(part),
            None => plan.repair.sample(self.stream.get()),
        }
    }

    /// It fails, and is restored at once if that is due before `limit` (s) and nothing else: whether it is down from now on. As
    /// [`Outage::turn`] otherwise.
    pub fn turn_alone(&mut self, plan: &OutagePlan, event: Event, limit: f64, world: &mut World) -> Option<bool> {
        if event.stamp != self.life {
            return None;
        }
        world.events += 1;
        let delay = self.repair_time(plan);
        let ends = world.now + delay;
        self.is_on = ends >= limit;
        if self.is_on {
            world.after(delay, Class::Restoration, plan.component, RESTORE, 0, self.life);
            return Some(true);
        }
        world.events += 1;
        (world.now, self.since) = (ends, ends);
        let delay = plan.life.sample(self.stream.get());
        world.after(delay, Class::Failure, plan.component, FAIL, 0, self.life);
        Some(false)
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
            let delay = self.repair_time(plan);
            world.after(delay, Class::Restoration, plan.component, RESTORE, 0, self.life);
        } else {
            self.since = world.now;
            let delay = plan.life.sample(self.stream.get());
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

    /// When the life at hand began (s), if it is up.
    pub fn since(&self) -> Option<f64> {
        (!self.is_on).then_some(self.since)
    }

    /// An event is the failure that it is waiting for.
    pub fn awaits(&self, event: Event) -> bool {
        event.kind() == FAIL && event.stamp == self.life && !self.is_on
    }

    /// The failure that it is waiting for does not come.
    pub fn call_off(&mut self) {
        self.life += 1;
    }

    /// Its failure at `now` (s), as it would arm it itself.
    pub fn failure(&self, plan: &OutagePlan, now: f64) -> Event {
        Event::new(now, Class::Failure, plan.component, FAIL, 0, self.life)
    }

    /// Every stream it draws from.
    pub fn streams(&mut self, visit: &mut impl FnMut(&mut Stream)) {
        visit(self.stream.get());
    }
}

impl Default for Outage {
    fn default() -> Outage {
        Outage::new()
    }
}

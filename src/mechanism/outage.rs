//! An alternating process of a place: up for a time to failure, counted from the last restoration, then down for a repair.
//!
//! The process depends on nothing else, so under one environment every architecture sees the same history of it. (One exception:
//! a database node that is made anew is a new node, whose processes start over, and so do the corruptions of data that were cleaned.)

use super::world::World;
use crate::engine::calendar::{Class, Event};
use crate::law::{History, Later, Law, Net, Stream};

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
    /// the first one, and the length of the repair after it ([`Net`]).
    pub rare: Option<f64>,
    /// Its failures and repairs are counted ([`Count`]).
    pub counted: bool,
    /// What is then to be expected in a history in which it does not fail.
    pub quiet: f64,
}

/// What a process did in the time that counts, and what was to be expected of it: the differences have a mean of exactly 0.
///
/// A repair is drawn when its failure happens, whatever came before, so the sum of the excesses over the mean is a martingale. So are the failures
/// less the integral of the hazard over the lives that were lived, whatever cuts lives short (Doob and Meyer; Fleming and Harrington,
/// "Counting Processes and Survival Analysis", 1991, section 1.3). What else happens makes no difference to either.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Count {
    /// Failures.
    pub failures: f64,
    /// The integral of the hazard over the lives, if their law is one of those whose is known.
    pub expected: f64,
    /// By how much their repairs were drawn longer than their mean, together (s); 0 where there is no mean.
    pub excess: f64,
}

impl Count {
    /// Adds another process.
    pub fn add(&mut self, other: Count) {
        self.failures += other.failures;
        self.expected += other.expected;
        self.excess += other.excess;
    }
}

impl OutagePlan {
    /// The integral of the hazard is worked out for lives of this law.
    pub fn knows_hazard(&self) -> bool {
        self.life.cumulative_hazard(0.0).is_some()
    }

    /// The integral of the hazard over a part of a life, between two ages (s).
    fn hazard_between(&self, from: f64, to: f64) -> f64 {
        match (self.life.cumulative_hazard(from), self.life.cumulative_hazard(to)) {
            (Some(before), Some(after)) => after - before,
            _ => 0.0,
        }
    }

    /// What is expected of a process that is new at the start and does not fail.
    pub fn expected_of_quiet(&self, counts_from: f64, end: f64) -> f64 {
        self.hazard_between(counts_from, end)
    }

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
    /// Where first failures of a block of histories are taken from, if they are rare.
    net: Option<Net>,
    /// Histories of the block in which there may be one, one bit each.
    may_fail: u64,
    count: Count,
}

impl Outage {
    /// Not yet started.
    pub fn new() -> Outage {
        Outage {
            stream: Later::new(0, 0, 0),
            life: 0,
            is_on: false,
            since: 0.0,
            first_repair: None,
            net: None,
            may_fail: u64::MAX,
            count: Count::default(),
        }
    }

    /// The next histories are of the block of this one.
    pub fn enter_block(&mut self, plan: &OutagePlan, history: &History, stratified: bool) {
        let rare = plan.rare.filter(|_| stratified);
        self.net = rare.map(|_| Net::new(history.seed, history.replication, plan.key));
        self.may_fail = self.net.zip(rare).map_or(u64::MAX, |(net, probability)| net.below(probability));
    }

    /// Is up, and new or of its age; whether a first failure is to be armed, since there may be one.
    #[inline]
    #[must_use]
    pub fn restart(&mut self, plan: &OutagePlan, history: &History) -> bool {
        self.stream = history.later(plan.key);
        (self.is_on, self.first_repair, self.since) = (false, None, 0.0);
        self.life += 1;
        self.count = Count::default();
        self.may_fail >> history.in_block() & 1 == 1
    }

    /// Arms the first failure of a history.
    #[inline]
    pub fn arm_first(&mut self, plan: &OutagePlan, history: &History, world: &mut World) {
        world.counts_differ |= plan.counted;
        let delay = match (plan.rare.zip(self.net.as_ref()), &plan.age) {
            (Some((probability, net)), _) => {
                let Some([time, repair]) = net.point_below(probability, history.replication) else { return };
                // What is certain to be needed soon, and takes long to work out, is begun here, where nothing waits for it.
                self.first_repair = Some(plan.repair.quick_quantile(repair));
                self.stream.get();
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
        self.count_life(plan, world.now, world);
        world.counts_differ |= plan.counted;
        self.life += 1;
        (self.first_repair, self.since) = (None, world.now);
        world.failures_on -= u32::from(std::mem::take(&mut self.is_on));
        let delay = plan.life.sample(self.stream.get());
        world.after(delay, Class::Failure, plan.component, FAIL, 0, self.life);
    }

    /// Draws how long the repair of the failure takes that happens now.
    #[inline]
    fn repair_time(&mut self, plan: &OutagePlan, world: &World) -> f64 {
        let time = match self.first_repair.take() {
            Some(time) => time,
            None => plan.repair.sample(self.stream.get()),
        };
        if plan.counted {
            self.count_failure(plan, time, world);
        }
        time
    }

    /// A failure happens now, with a repair of this length (s).
    #[inline(never)]
    fn count_failure(&mut self, plan: &OutagePlan, repair: f64, world: &World) {
        self.count_life(plan, world.now, world);
        if world.now >= world.counts_from {
            self.count.failures += 1.0;
            let mean = plan.repair.mean();
            self.count.excess += if mean.is_finite() { repair - mean } else { 0.0 };
        }
    }

    /// The life at hand ends, or is looked at, at `now` (s); nothing if it is down.
    fn count_life(&mut self, plan: &OutagePlan, now: f64, world: &World) {
        let from = self.since.max(world.counts_from);
        if plan.counted && !self.is_on && now > from {
            self.count.expected += plan.hazard_between(from - self.since, now - self.since);
        }
    }

    /// What it did in the whole history, which is over.
    #[inline]
    pub fn count(&mut self, plan: &OutagePlan, world: &World) -> Count {
        if !self.is_on && self.since == 0.0 && self.count.failures == 0.0 {
            return Count { expected: plan.quiet, ..Count::default() };
        }
        self.count_life(plan, world.end, world);
        self.count
    }

    /// It fails, and is restored at once if that is due before `limit` (s) and nothing else: whether it is down from now on. As
    /// [`Outage::turn`] otherwise.
    pub fn turn_alone(&mut self, plan: &OutagePlan, event: Event, limit: f64, world: &mut World) -> Option<bool> {
        if event.stamp != self.life {
            return None;
        }
        world.events += 1;
        let delay = self.repair_time(plan, world);
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
        if fails {
            let delay = self.repair_time(plan, world);
            self.is_on = true;
            world.after(delay, Class::Restoration, plan.component, RESTORE, 0, self.life);
        } else {
            (self.is_on, self.since) = (false, world.now);
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

//! All that a mechanism may touch besides itself: the clock, the calendar, and which places are up.

use crate::engine::calendar::{Calendar, Class, Event};
use crate::engine::clone_in_place;

/// What is around a mechanism.
#[derive(Debug, Default)]
pub struct World {
    /// The present (s).
    pub now: f64,
    /// What happens next.
    pub calendar: Calendar,
    /// Which places are up.
    pub places: Places,
    /// Regions whose service may have changed, one bit each.
    pub changed: u64,
    /// State changes so far.
    pub events: u64,
    /// Share of the demand that goes to each region, kept up to date for databases that need it.
    pub shares: Vec<f64>,
    /// Somebody looks at zones by themselves, and not only at what is served.
    pub watched: bool,
    /// What happens before this does not count (s).
    pub counts_from: f64,
    /// When the replication ends (s).
    pub end: f64,
    /// Until then nobody looks at what a mechanism does by itself, unless an event is due (s).
    pub until: f64,
    /// Failures of places that are on.
    pub failures_on: u32,
    /// Overloads that outlived what began them.
    pub metastable: u64,
    /// Something that is counted may have failed, or was replaced.
    pub counts_differ: bool,
    /// Rare outages are spread evenly over the histories of a block.
    pub stratified: bool,
}

clone_in_place!(World {
    stratified,
    now,
    calendar,
    places,
    changed,
    events,
    shares,
    watched,
    counts_from,
    end,
    until,
    failures_on,
    metastable,
    counts_differ
});

impl World {
    /// Arms an event `delay` from now.
    #[inline]
    pub fn after(&mut self, delay: f64, class: Class, component: u32, kind: u8, unit: u32, stamp: u32) {
        self.at(self.now + delay, class, component, kind, unit, stamp);
    }

    /// Arms an event at `time` (s). What would happen after the end is not kept.
    #[inline]
    pub fn at(&mut self, time: f64, class: Class, component: u32, kind: u8, unit: u32, stamp: u32) {
        self.calendar.push_if(time < self.end, Event::new(time, class, component, kind, unit, stamp));
    }
}

/// How often something is down at the moment (modes may overlap), and the modes that hold it down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Condition {
    /// Failure modes that are on, one bit each.
    pub modes: u64,
}

impl Condition {
    /// No mode holds it down.
    pub fn is_up(self) -> bool {
        self.modes == 0
    }

    /// A mode begins or ends: whether it goes down or comes back by that.
    pub fn turn(&mut self, mode: u64, fails: bool) -> bool {
        let was_up = self.is_up();
        if fails {
            self.modes |= mode;
        } else {
            self.modes &= !mode;
        }
        was_up != self.is_up()
    }
}

/// Which places are up.
#[derive(Debug, Default)]
pub struct Places {
    /// The region of each zone.
    pub region_of: Vec<usize>,
    /// Each zone by itself.
    pub zones: Vec<Condition>,
    /// Each region; what takes everything down takes each of them down.
    pub regions: Vec<Condition>,
    /// The control plane of each region.
    pub control_planes: Vec<Condition>,
    /// The control plane of everything.
    pub global_control_plane: Condition,
    /// Each dependency by itself.
    pub dependencies: Vec<Condition>,
    /// Everything.
    pub global: Condition,
    /// Share of its units that each region runs: below 1 while it stands by for another.
    pub running: Vec<f64>,
    /// Something has gone down since the history began.
    pub touched: bool,
}

clone_in_place!(Places {
    region_of,
    zones,
    regions,
    control_planes,
    global_control_plane,
    dependencies,
    global,
    running,
    touched
});

impl Places {
    /// Everything up.
    pub fn new(region_of: Vec<usize>, regions: usize, dependencies: usize) -> Places {
        Places {
            zones: vec![Condition::default(); region_of.len()],
            regions: vec![Condition::default(); regions],
            control_planes: vec![Condition::default(); regions],
            dependencies: vec![Condition::default(); dependencies],
            running: vec![1.0; regions],
            region_of,
            ..Places::default()
        }
    }

    /// Everything up again.
    pub fn restart(&mut self) {
        self.running.iter_mut().for_each(|share| *share = 1.0);
        if !std::mem::take(&mut self.touched) {
            return;
        }
        self.zones.fill(Condition::default());
        self.regions.fill(Condition::default());
        self.control_planes.fill(Condition::default());
        self.dependencies.fill(Condition::default());
        self.global_control_plane = Condition::default();
        self.global = Condition::default();
    }

    /// What is left of a capacity in a region of which a share runs.
    pub fn capacity(&self, region: usize, whole: f64) -> f64 {
        match self.running[region] {
            0.0 => 0.0,
            share => whole * share,
        }
    }

    /// The zone and its region are up.
    pub fn hosts(&self, zone: usize) -> bool {
        self.zones[zone].is_up() && self.regions[self.region_of[zone]].is_up()
    }

    /// Launches and promotions can be started in the region.
    pub fn can_act(&self, region: usize) -> bool {
        self.regions[region].is_up() && self.control_planes[region].is_up() && self.global_control_plane.is_up()
    }

    /// Answers of DNS can be changed.
    pub fn can_publish(&self) -> bool {
        self.global_control_plane.is_up() && self.global.is_up()
    }

    /// Modes that hold the zone or its region down.
    pub fn blame(&self, zone: usize) -> u64 {
        self.zones[zone].modes | self.regions[self.region_of[zone]].modes
    }
}

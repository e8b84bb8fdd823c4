//! Fleets, compiled.

use super::{GrayPlan, KILLED, ShiftPlan, SparesPlan};
use crate::law::{Law, Parted, Sampler};
use crate::mechanism::check::Check;
use crate::model::{CheckType, Symptom};

/// Most failure modes that units of one tier can have.
pub const MAX_UNIT_MODES: usize = 15;

/// Where repairs take so many times as long as lives, nearly all strikes would be on what is down already: each unit has lives of its own.
const MOSTLY_DOWN: f64 = 16.0;

/// Strikes that come as seldom as this many times the longest usual repair leave little to look at.
const SELDOM: f64 = 16.0;

/// A tier in one region, compiled.
#[derive(Debug, Clone)]
pub struct FleetPlan {
    /// `tier/NAME/REGION`, the stem of the names of its streams.
    pub name: String,
    /// Component number of its events.
    pub component: u32,
    /// Its region.
    pub region: usize,
    /// Its zones, in the order units are dealt to them.
    pub zones: Vec<usize>,
    /// The position of each zone among these, by number of the zone as far as there are any.
    pub(super) positions: Vec<Option<u16>>,
    /// Number of units.
    pub units: u32,
    /// With fewer healthy units it serves nothing.
    pub required: u32,
    /// Requests per second one unit serves, infinite if unstated.
    pub capacity: f64,
    /// How units fail.
    pub modes: Vec<UnitMode>,
    /// Bits of the modes that take all units down at once.
    pub shared: SharedModes,
    /// Modes that let some requests pass.
    pub gray: GrayPlan,
    /// How units come back.
    pub upkeep: UpkeepPlan,
    /// How requests reach them.
    pub balancer: Option<BalancerPlan>,
    /// Its units hold the sessions of users.
    pub keeps_sessions: bool,
    /// Units have states that must follow their zone's: they are routed to, or replaced.
    pub(super) tracks_units: bool,
    /// It serves everything or nothing, as it has enough healthy units or not.
    pub(super) all_or_nothing: bool,
    /// What can be wrong with a unit and is not under repair then: it was killed, or is held down from outside.
    pub(super) without_repair: u16,
    /// Mean time between strikes of each mode (s), if one source strikes units at random: their lives have no memory and are all alike.
    pub(super) spacing: Vec<Option<f64>>,
    /// What is usual of each mode.
    pub(super) usual: Vec<Usual>,
    /// Time to failure and to repair of each mode, for many draws.
    pub(super) samplers: Vec<(Sampler, Sampler)>,
    /// Times to repair of each mode that strikes so seldom that hardly ever two units are under repair at once.
    pub(super) parted: Vec<Option<Parted>>,
    pub(super) keys: Keys,
}

/// What is usual of a mode.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usual {
    /// Failures of all units per second.
    pub failures: f64,
    /// Mean number of units under repair.
    pub absent: f64,
    /// What one repair of 256 exceeds, or none if they are bounded (s).
    pub bound: f64,
    /// How many such long repairs, one after the other, and a little more, fit into a second.
    pub bounds: f64,
}

impl Usual {
    /// Slices of the time that are as long as a repair are longer by more than rounding may hide.
    const ROUNDED: f64 = 0.999;

    fn new(mode: &UnitMode, units: u32) -> Usual {
        let most = mode.repair.quantile(1.0);
        let bound = if most < f64::INFINITY { most } else { mode.repair.quantile(255.0 / 256.0) };
        let failures = f64::from(units) / mode.life.mean();
        Usual { failures, absent: failures * mode.repair.mean(), bound, bounds: Usual::ROUNDED / bound }
    }
}

/// How a unit fails.
#[derive(Debug, Clone)]
pub struct UnitMode {
    /// Bit of the failure mode.
    pub bit: u64,
    /// Name of the failure mode.
    pub name: String,
    /// Time to failure.
    pub life: Law,
    /// How long each unit has been up when a history begins; none if it is new.
    pub age: Option<Law>,
    /// Time to repair; never for one that only a replacement ends.
    pub repair: Law,
    /// How it looks from outside.
    pub symptom: Symptom,
}

/// Modes that take all units of the tier down at once, by how the units then look from outside; one bit each. What is neither looks
/// like a crash.
#[derive(Debug, Clone, Copy, Default)]
pub struct SharedModes {
    /// The instances are gone.
    pub instance: u64,
    /// The applications hang.
    pub hang: u64,
}

/// How units come back.
#[derive(Debug, Clone)]
pub enum UpkeepPlan {
    /// Repaired in place.
    Pool {
        /// Repairs at once.
        crews: u32,
        /// From the end of the failure that killed a unit to its return.
        replacement: Law,
        /// Machines that stand by.
        spares: Option<SparesPlan>,
    },
    /// Replaced.
    Scaling(ScalingPlan),
}

/// An auto scaling group, compiled.
#[derive(Debug, Clone)]
pub struct ScalingPlan {
    /// What it looks at.
    pub check: CheckType,
    /// Verdicts count from this long after launch (s).
    pub grace: f64,
    /// How it sees a dead instance by itself.
    pub status_check: Check,
    /// From verdict to launch.
    pub terminate: Law,
    /// From launch request to a running instance.
    pub launch: Law,
    /// From a running instance to a running application.
    pub boot: Law,
    /// No new unit is ever in service: each is removed before it has booted. Going round that loop changes nothing but the time it takes to
    /// simulate, so that new units boot for ever instead.
    pub endless: bool,
    /// Probability that a launch fails.
    pub launch_failure: f64,
    /// From a failed launch to the next.
    pub retry: Law,
}

/// A load balancer, compiled.
#[derive(Debug, Clone)]
pub struct BalancerPlan {
    /// How targets are checked.
    pub check: Check,
    /// Every node reaches every zone.
    pub cross_zone: bool,
    /// Clients keep a node's address this long at most (s).
    pub zone_ttl: f64,
    /// How people move traffic away from a zone, if they do.
    pub shift: Option<ShiftPlan>,
    /// A unit that gets more than this many requests per second fails its checks.
    pub overload: Option<f64>,
}

#[derive(Debug, Clone)]
pub(super) struct Keys {
    pub(super) lives: Vec<u64>,
    pub(super) victims: Vec<u64>,
    pub(super) repairs: Vec<u64>,
    pub(super) checks: u64,
    pub(super) launches: u64,
    pub(super) shifts: u64,
}

impl FleetPlan {
    /// Compiles a tier in a region; the streams are named after both.
    #[expect(clippy::too_many_arguments, reason = "one call site, which names every field")]
    pub fn new(
        name: String,
        component: u32,
        region: usize,
        zones: Vec<usize>,
        units: u32,
        required: u32,
        capacity: f64,
        modes: Vec<UnitMode>,
        shared: SharedModes,
        gray: GrayPlan,
        upkeep: UpkeepPlan,
        balancer: Option<BalancerPlan>,
    ) -> FleetPlan {
        let key = |suffix: &str| crate::law::name_key(&format!("{name}/{suffix}"));
        let keys = Keys {
            lives: modes.iter().map(|m| key(&format!("{}/life", m.name))).collect(),
            victims: modes.iter().map(|m| key(&format!("{}/victim", m.name))).collect(),
            repairs: modes.iter().map(|m| key(&format!("{}/repair", m.name))).collect(),
            checks: key("check"),
            launches: key("launch"),
            shifts: key("shift"),
        };
        let usual = modes.iter().map(|mode| Usual::new(mode, units)).collect();
        let samplers = modes.iter().map(|mode| (Sampler::new(&mode.life), Sampler::new(&mode.repair))).collect();
        let tracks_units = balancer.is_some() || matches!(upkeep, UpkeepPlan::Scaling(_));
        // Nothing ever waits for a crew, so that a repair begins with its strike.
        let most = units.saturating_mul(modes.len() as u32);
        let at_once = matches!(upkeep, UpkeepPlan::Pool { crews, spares: None, .. } if crews >= most);
        let spared = matches!(upkeep, UpkeepPlan::Pool { spares: Some(_), .. });
        let between = |mode: &UnitMode| {
            let life = mode.life.is_exponential()?;
            let repair = mode.repair.mean();
            let mostly_void = repair.is_finite() && MOSTLY_DOWN * life < repair;
            (!spared && !mostly_void).then_some(life / f64::from(units))
        };
        let spacing: Vec<Option<f64>> = modes.iter().map(between).collect();
        let parted = (modes.iter().zip(&spacing))
            .map(|(mode, spacing)| {
                let spacing = (*spacing)?;
                let seldom = |repair: &Parted| !tracks_units && at_once && spacing > SELDOM * repair.bound();
                Parted::new(&mode.repair).filter(seldom)
            })
            .collect();
        // Modes that never begin by themselves begin when something outside takes hold of a unit.
        let held = modes.iter().enumerate().filter(|(_, mode)| mode.life == Law::Never);
        let without_repair = held.fold(KILLED, |bits, (index, _)| bits | 1 << index);
        let all_or_nothing = !spared && balancer.is_none() && capacity == f64::INFINITY && gray.modes == 0;
        let place = |zone: usize| zones.iter().position(|its| *its == zone).map(|position| position as u16);
        let positions = (0..zones.iter().max().map_or(0, |last| last + 1)).map(place).collect();
        FleetPlan {
            name,
            component,
            region,
            positions,
            zones,
            units,
            required: required.max(1),
            capacity,
            modes,
            shared,
            gray,
            upkeep,
            balancer,
            keeps_sessions: false,
            tracks_units,
            all_or_nothing,
            without_repair,
            spacing,
            usual,
            samplers,
            parted,
            keys,
        }
    }

    /// Targets are looked at deeply.
    pub(super) fn checks_deeply(&self) -> bool {
        self.balancer.as_ref().is_some_and(|balancer| balancer.check.deep)
    }

    /// It may wait for zones or control planes to come back, to launch or to send a spare.
    pub fn waits_for_places(&self) -> bool {
        self.scaling().is_some() || self.spares().is_some()
    }

    pub(super) fn spares(&self) -> Option<&SparesPlan> {
        match &self.upkeep {
            UpkeepPlan::Pool { spares, .. } => spares.as_ref(),
            UpkeepPlan::Scaling(_) => None,
        }
    }

    /// One source strikes units at random by this mode.
    pub(super) fn strikes(&self, mode: usize) -> bool {
        self.spacing[mode].is_some()
    }

    /// Each unit has a clock of its own for this mode, which the fleet keeps to itself: its failures may go unnoticed.
    pub(super) fn keeps_clock(&self, mode: usize) -> bool {
        self.goes_alone() && !self.strikes(mode) && self.modes[mode].life != Law::Never
    }

    /// Overload fails checks.
    pub fn feels_load(&self) -> bool {
        self.balancer.as_ref().is_some_and(|balancer| balancer.overload.is_some())
    }

    pub(super) fn shift(&self) -> Option<&ShiftPlan> {
        self.balancer.as_ref()?.shift.as_ref()
    }

    /// Units may come and go unnoticed while enough of them are healthy.
    pub fn goes_alone(&self) -> bool {
        self.all_or_nothing && !self.tracks_units && !self.keeps_sessions
    }

    pub(super) fn scaling(&self) -> Option<&ScalingPlan> {
        match &self.upkeep {
            UpkeepPlan::Scaling(plan) => Some(plan),
            UpkeepPlan::Pool { .. } => None,
        }
    }

    /// Most units there are at once: while units are moved between zones, new ones are launched before old ones are removed.
    pub fn room(&self) -> u32 {
        match self.spares() {
            Some(spares) => self.units + spares.count,
            None if self.scaling().is_some() && self.zones.len() > 1 => 2 * self.units,
            None => self.units,
        }
    }

    /// The group replaces what the load balancer finds unhealthy.
    pub(super) fn believes_the_balancer(&self) -> bool {
        self.scaling().is_some_and(|scaling| scaling.check == CheckType::Elb)
    }

    /// Bits of the modes with one of the symptoms.
    pub(super) fn bits(&self, seen: impl Fn(Symptom) -> bool) -> u16 {
        self.modes.iter().enumerate().filter(|(_, m)| seen(m.symptom)).map(|(i, _)| 1 << i).fold(KILLED, |a, b| a | b)
    }
}

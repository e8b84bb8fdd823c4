//! Gray failures: units that answer, stay in routing, and fail a share of the requests they get.
//!
//! Several such modes over one unit multiply the shares that survive them, be they the unit's own, the tier's, its zone's or its
//! region's. A request that fails has used its unit's capacity all the same. Source of the notion: Huang et al., "Gray failure: the
//! Achilles' heel of cloud-scale systems", HotOS 2017.

use super::{Fleet, FleetPlan, Phase};
use crate::mechanism::world::World;

/// The gray modes of a design, one bit each.
#[derive(Debug, Clone, Copy)]
pub struct GrayPlan {
    /// All of them.
    pub modes: u64,
    /// Those that a deep check sees.
    pub seen: u64,
    /// Those of single zones, of which people can move the traffic away.
    pub zonal: u64,
    /// Share of the requests that each mode lets pass.
    pub survival: [f64; 64],
}

/// The smallest share of a unit's requests that is counted, as a power of two: sums of integers come back to exactly nothing.
const GRAIN: f64 = (1u128 << 90) as f64;

/// What gray modes of a fleet's own units do, by their position in the plan.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct GrayUnits {
    /// Modes that are gray.
    pub(super) bits: u16,
    /// Those that the load balancer's check sees.
    seen: u16,
    survival: [f64; super::MAX_UNIT_MODES],
}

/// Units of one zone that gray modes of their own hold.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Dimmed {
    /// What alive units in rotation fail, in units of one unit's share and grains.
    rotating: u128,
    /// What all alive units would fail.
    alive: u128,
    /// Those in rotation that the load balancer will take out for it.
    pub(super) suspect: u32,
}

impl GrayPlan {
    /// None of the modes is gray.
    pub fn none() -> GrayPlan {
        GrayPlan { modes: 0, seen: 0, zonal: 0, survival: [1.0; 64] }
    }

    /// Share of the requests that several modes let pass.
    pub(super) fn survival(&self, modes: u64) -> f64 {
        let on = |bit: &usize| modes & 1 << bit != 0;
        (0..64).filter(on).map(|bit| self.survival[bit]).product()
    }
}

impl GrayUnits {
    pub(super) fn new(plan: &FleetPlan, deep: bool) -> GrayUnits {
        let mut units = GrayUnits::default();
        for (index, mode) in plan.modes.iter().enumerate().filter(|(_, mode)| mode.bit & plan.gray.modes != 0) {
            units.bits |= 1 << index;
            units.seen |= u16::from(deep && mode.bit & plan.gray.seen != 0) << index;
            units.survival[index] = plan.gray.survival(mode.bit);
        }
        units
    }

    fn deficit(&self, failing: u16) -> u128 {
        let on = |index: &usize| failing & self.bits & 1 << index != 0;
        let survival: f64 = (0..self.survival.len()).filter(on).map(|index| self.survival[index]).product();
        ((1.0 - survival) * GRAIN) as u128
    }
}

impl Dimmed {
    /// Some unit fails requests.
    pub(super) fn holds_any(&self) -> bool {
        self.alive > 0
    }

    /// Of so many units in rotation, or of so many alive ones, how many would do the same work without gray modes of their own.
    pub(super) fn worth(&self, units: u32, rotating: bool) -> f64 {
        match if rotating { self.rotating } else { self.alive } {
            // The usual case, without the slow conversion of a wide integer.
            0 => f64::from(units),
            deficit => f64::from(units) - deficit as f64 / GRAIN,
        }
    }
}

impl Fleet {
    /// Counts, or ceases to count, what a unit fails for gray modes of its own.
    pub(super) fn weigh(&mut self, index: u32, counts: bool) {
        let unit = &self.units[index as usize];
        if unit.phase != Phase::InService || unit.failing & self.gray.bits == 0 || unit.failing & !self.gray.bits != 0 {
            return;
        }
        let deficit = self.gray.deficit(unit.failing);
        let suspect = u32::from(unit.in_rotation && unit.failing & self.gray.seen != 0);
        let dimmed = &mut self.tallies[usize::from(unit.zone)].dimmed;
        let rotating = if unit.in_rotation { deficit } else { 0 };
        if counts {
            dimmed.alive += deficit;
            dimmed.rotating += rotating;
            dimmed.suspect += suspect;
        } else {
            dimmed.alive -= deficit;
            dimmed.rotating -= rotating;
            dimmed.suspect -= suspect;
        }
    }

    /// A gray mode begins or ends in a zone, or in the whole tier.
    pub fn gray_turns(&mut self, plan: &FleetPlan, zone: Option<usize>, bit: u64, begins: bool, world: &mut World) {
        let position = match zone.map(|zone| Fleet::position(plan, zone)) {
            Some(None) => return,
            Some(Some(position)) => Some(position),
            None => None,
        };
        world.changed |= 1 << plan.region;
        let modes = match position {
            Some(position) => &mut self.tallies[usize::from(position)].gray,
            None => &mut self.dim,
        };
        if begins {
            *modes |= bit;
        } else {
            *modes &= !bit;
        }
        if let Some(position) = position {
            let tally = &mut self.tallies[usize::from(position)];
            tally.survival = plan.gray.survival(tally.gray);
            self.review_shift(plan, position, world);
        } else {
            self.survival = plan.gray.survival(self.dim);
        }
        if bit & plan.gray.seen == 0 || !plan.checks_deeply() {
            return;
        }
        for index in 0..plan.room() {
            if position.is_some_and(|position| self.units[index as usize].zone != position) {
                continue;
            }
            if begins && self.units[index as usize].phase == Phase::InService {
                self.accuse(index, bit);
            }
            self.review(plan, index, world);
            self.review_first_check(plan, index, world);
        }
    }

    /// A check of any target in the zone sees a gray mode of the zone, its region or the tier.
    pub(super) fn gray_is_seen(&self, plan: &FleetPlan, zone: u16) -> bool {
        plan.checks_deeply() && (self.dim | self.tallies[usize::from(zone)].gray) & plan.gray.seen != 0
    }

    /// Gray modes of places and of the tier.
    pub(super) fn gray_modes(&self) -> u64 {
        self.tallies.iter().fold(self.dim, |modes, tally| modes | tally.gray)
    }
}

//! Machines that stand by for the units of a pool.
//!
//! A place whose unit is down either waits for a spare, first come first served, or expects one that is on its way, or no spare will come and
//! it waits for its unit. Spares at rest are kept in the order in which they became idle; machines whose place was taken, and spares that
//! failed, are away until they are repaired or replaced.

use super::{Cover, Group, Stage, Unit, Units};
use crate::exact::machine::{Around, Mode};
use crate::exact::phases::Phases;

/// The rules of the spares of a pool.
#[derive(Debug, Clone)]
pub(super) struct Spares {
    /// Positions of their zones.
    pub positions: Vec<u8>,
    /// Share of the active failure rate at which they fail at rest.
    pub dormant: f64,
    /// From the failure of a unit until one serves in its place.
    pub switch_over: Phases,
    /// Probability that it does.
    pub coverage: f64,
}

/// A spare that works and has nothing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Idle {
    /// Position of its zone.
    position: u8,
    /// The byte of its process.
    life: u8,
}

impl Units {
    fn in_places(&self) -> impl Iterator<Item = &Unit> {
        self.zones.iter().flatten()
    }

    fn machines(&mut self) -> impl Iterator<Item = &mut Unit> {
        self.zones.iter_mut().flatten().chain(self.away.iter_mut().map(|(_, unit)| unit))
    }

    fn waiting(&self) -> u8 {
        self.in_places().filter(|unit| matches!(unit.cover, Cover::Waits(_))).count() as u8
    }

    /// Nobody waits in front of those behind this rank any more.
    fn leaves_line(&mut self, left: u8) {
        for unit in self.zones.iter_mut().flatten() {
            if let Cover::Waits(rank) = &mut unit.cover
                && *rank > left
            {
                *rank -= 1;
            }
        }
    }
}

impl Group {
    /// Spares at rest when a history begins.
    pub(super) fn idle_at_first(&self) -> Vec<Idle> {
        let life = self.modes.first().map_or(0, Mode::fresh);
        let positions = self.spares.iter().flat_map(|spares| &spares.positions);
        positions.map(|position| Idle { position: *position, life }).collect()
    }

    /// How fast the repair of a unit goes on: not at all while it waits for a crew.
    pub(super) fn repaired(&self, it: &Units, unit: &Unit) -> f64 {
        if self.spares.is_some() {
            return if unit.queued == 0 { 1.0 } else { 0.0 };
        }
        let busy = it.in_places().filter(|unit| unit.serves() && !unit.alive()).count();
        f64::min(1.0, f64::from(self.crews) / busy.max(1) as f64)
    }

    /// Rank in the queue for a crew of the machine that fails next.
    fn rank(&self, it: &Units) -> u8 {
        let all = || it.in_places().chain(it.away.iter().map(|(_, unit)| unit));
        let down = all().filter(|unit| unit.serves() && !unit.alive()).count();
        if down < self.crews as usize { 0 } else { 1 + all().filter(|unit| unit.queued > 0).count() as u8 }
    }

    fn is_repaired(it: &mut Units) {
        it.machines().filter(|unit| unit.queued > 0).for_each(|unit| unit.queued -= 1);
    }

    /// The unit of a place takes this turn: if it has gone down a spare is looked for, if it is back none is needed.
    pub(super) fn turns(&self, it: &Units, (position, index): (usize, usize), after: Unit) -> Units {
        if self.levels {
            return self.turns_in_zone(it, (position, index), after);
        }
        let before = it.zones[position][index];
        let mut to = it.clone();
        to.zones[position][index] = after;
        if self.spares.is_none() || before.alive() == after.alive() {
            return to;
        }
        if before.alive() {
            let unit = &mut to.zones[position][index];
            (unit.queued, unit.cover) = (self.rank(it), Cover::Waits(it.waiting() + 1));
            return to;
        }
        to.zones[position][index].cover = Cover::None;
        match before.cover {
            Cover::None => {}
            Cover::Waits(rank) => to.leaves_line(rank),
            Cover::Expects { position, life, .. } => to.idle.push(Idle { position, life }),
        }
        if before.serves() {
            Group::is_repaired(&mut to);
        }
        to
    }

    /// What spares do, with its rates.
    pub(super) fn spare_steps(&self, it: &Units, steps: &mut Vec<(f64, Units)>) {
        let Some(spares) = &self.spares else { return };
        for (index, idle) in it.idle.iter().enumerate() {
            for (rate, life) in self.dormant_steps(spares, idle.life) {
                let mut to = it.clone();
                if Mode::is_down(life) {
                    to.idle.remove(index);
                    to.away.push((idle.position, self.broken(it, life)));
                } else {
                    to.idle[index].life = life;
                }
                steps.push((rate, to));
            }
        }
        for (place, units) in it.zones.iter().enumerate() {
            for (index, unit) in units.iter().enumerate() {
                let Cover::Expects { position, life, phase } = unit.cover else { continue };
                for (rate, life) in self.dormant_steps(spares, life) {
                    let mut to = it.clone();
                    to.zones[place][index].cover = if Mode::is_down(life) {
                        to.away.push((position, self.broken(it, life)));
                        Cover::Waits(it.waiting() + 1)
                    } else {
                        Cover::Expects { position, life, phase }
                    };
                    steps.push((rate, to));
                }
                let (rate, next) = spares.switch_over.leave(phase);
                let to = match next {
                    Some(phase) => {
                        let mut to = it.clone();
                        to.zones[place][index].cover = Cover::Expects { position, life, phase };
                        to
                    }
                    None => self.taken(it, (place, index), position),
                };
                steps.push((rate, to));
            }
        }
        for (index, (position, unit)) in it.away.iter().enumerate() {
            let rates = match unit.stage {
                Stage::Replacing(phase) => {
                    let (rate, next) = self.replacement.leave(phase);
                    vec![(rate, next.map_or(self.fresh(), |phase| Unit { stage: Stage::Replacing(phase), ..*unit }))]
                }
                Stage::Service => {
                    let down = self.modes.iter().flat_map(|mode| mode.steps(unit.modes[0]));
                    let share = self.repaired(it, unit);
                    down.map(|(rate, byte)| (rate * share, self.with(unit, byte))).collect()
                }
                _ => Vec::new(),
            };
            steps.extend(rates.into_iter().map(|(rate, after)| (rate, self.leaves(it, (index, *position), after))));
        }
    }

    fn dormant_steps(&self, spares: &Spares, life: u8) -> Vec<(f64, u8)> {
        let steps = self.modes.iter().flat_map(|mode| mode.steps(life));
        steps.map(|(rate, byte)| (rate * spares.dormant, byte)).collect()
    }

    fn with(&self, unit: &Unit, byte: u8) -> Unit {
        let mut to = *unit;
        to.modes[0] = byte;
        to
    }

    /// A spare that has just failed.
    fn broken(&self, it: &Units, byte: u8) -> Unit {
        Unit { queued: self.rank(it), ..self.with(&self.fresh(), byte) }
    }

    /// A machine that is away is repaired or replaced, or comes nearer to it.
    fn leaves(&self, it: &Units, (index, position): (usize, u8), after: Unit) -> Units {
        let mut to = it.clone();
        let before = to.away[index].1;
        to.away[index].1 = after;
        if after.alive() {
            to.away.remove(index);
            to.idle.push(Idle { position, life: self.fresh().modes[0] });
            if before.serves() {
                Group::is_repaired(&mut to);
            }
        }
        to
    }

    /// A spare takes a place; the machine that it was of is away until it works again.
    fn taken(&self, it: &Units, (place, index): (usize, usize), position: u8) -> Units {
        let mut to = it.clone();
        let old = to.zones[place].remove(index);
        let fresh = self.fresh();
        to.away.push((place as u8, Unit { cover: Cover::None, route: fresh.route, ..old }));
        to.zones[usize::from(position)].push(fresh);
        to
    }

    /// All machines are killed: places that had one, or expected one, wait for a spare.
    pub(super) fn kill_spares(&self, it: &mut Units) {
        let mut rank = it.waiting();
        let mut lost: Vec<u8> = it.idle.drain(..).map(|idle| idle.position).collect();
        for unit in it.zones.iter_mut().flatten() {
            if let Cover::Expects { position, .. } = unit.cover {
                lost.push(position);
            }
            if unit.alive() || matches!(unit.cover, Cover::Expects { .. }) {
                rank += 1;
                unit.cover = Cover::Waits(rank);
            }
        }
        it.away.extend(lost.into_iter().map(|position| (position, self.fresh())));
        for (_, unit) in &mut it.away {
            *unit = Unit { stage: Stage::Killed, ..self.fresh() };
        }
    }

    /// What follows at once for spares, with its chances; none if nothing does.
    pub(super) fn settle_spares(&self, it: &Units, around: &Around) -> Option<Vec<(f64, Units)>> {
        let spares = self.spares.as_ref()?;
        for (index, (position, unit)) in it.away.iter().enumerate() {
            if unit.stage == Stage::Killed && !around.killing(self.zones[usize::from(*position)].0) {
                let to = |(weight, phase): &(f64, Option<u8>)| {
                    let after = phase.map_or(self.fresh(), |phase| Unit { stage: Stage::Replacing(phase), ..*unit });
                    (*weight, self.leaves(it, (index, *position), after))
                };
                return Some(self.replacement.starts.iter().map(to).collect());
            }
        }
        let found = it.idle.iter().position(|idle| self.hosted(usize::from(idle.position), around))?;
        let first = |(place, units): (usize, &Vec<Unit>)| {
            Some((place, units.iter().position(|unit| unit.cover == Cover::Waits(1))?))
        };
        let (place, index) = it.zones.iter().enumerate().find_map(first)?;
        let mut rest = it.clone();
        rest.leaves_line(1);
        rest.zones[place][index].cover = Cover::None;
        let mut branches = Vec::new();
        if spares.coverage < 1.0 {
            branches.push((1.0 - spares.coverage, rest.clone()));
        }
        let Idle { position, life } = rest.idle.remove(found);
        for (weight, phase) in spares.switch_over.starts.iter().filter(|_| spares.coverage > 0.0) {
            let to = match phase {
                Some(phase) => {
                    let mut to = rest.clone();
                    to.zones[place][index].cover = Cover::Expects { position, life, phase: *phase };
                    to
                }
                None => self.taken(&rest, (place, index), position),
            };
            branches.push((weight * spares.coverage, to));
        }
        Some(branches)
    }
}

//! An auto scaling group over several zones, which is kept level.
//!
//! A launch goes to the emptiest zone that is up. When a zone is back, further units are launched until zones will be level; once in service
//! each takes the place of the oldest unit in the fullest zone. So the units of a zone are kept in the order of their age, and each says
//! whose place it has, and has a number: of several further units the first by number takes the place of one that is given up.

use super::{Group, Scaling, Stage, Unit, Units};
use crate::exact::machine::Around;

impl Units {
    fn everyone(&self) -> impl Iterator<Item = (usize, &Unit)> {
        let zones =
            self.zones.iter().enumerate().flat_map(|(position, units)| units.iter().map(move |it| (position, it)));
        zones.chain(self.away.iter().map(|(position, unit)| (usize::from(*position), unit)))
    }

    /// Units in the order of age, those that are being launched after all others; those that wait in the order in which they came.
    pub(super) fn sort_by_age(&mut self) {
        let launching = |unit: &Unit| matches!(unit.stage, Stage::Launching(_));
        for units in &mut self.zones {
            units.sort_by_key(|unit| if launching(unit) { Some(*unit) } else { None });
        }
        self.away.sort_by_key(|(position, unit)| match unit.stage {
            Stage::Waiting => (true, 0, None),
            _ => (false, *position, Some(*unit)),
        });
    }

    /// A unit comes to a zone, or has got further there.
    fn arrives(&mut self, position: usize, unit: Unit, is_new: bool) {
        let units = &mut self.zones[position];
        let launched = units.iter().take_while(|unit| !matches!(unit.stage, Stage::Launching(_))).count();
        match unit.stage {
            Stage::Waiting => self.away.push((0, unit)),
            Stage::Retrying(_) | Stage::Again | Stage::GivenUp => self.away.push((position as u8, unit)),
            Stage::Launching(_) if is_new => units.push(unit),
            _ => units.insert(launched, unit),
        }
    }

    /// The unit of this number gets a place.
    fn give_place(&mut self, number: u8, place: u8) {
        let zones = self.zones.iter_mut().flatten();
        let all = zones.chain(self.away.iter_mut().map(|(_, unit)| unit));
        all.filter(|unit| unit.number == number).for_each(|unit| unit.place = place);
    }

    /// The unit that has a place goes for good; its number is the first to be used again.
    fn remove(&mut self, place: u8) {
        let number = self.everyone().find(|(_, unit)| unit.place == place).map(|(_, unit)| unit.number);
        self.zones.iter_mut().for_each(|units| units.retain(|unit| unit.place != place));
        self.away.retain(|(_, unit)| unit.place != place);
        self.free.extend(number);
    }
}

impl Group {
    /// A unit of a zone takes this turn.
    pub(super) fn turns_in_zone(&self, it: &Units, (position, index): (usize, usize), after: Unit) -> Units {
        let mut to = it.clone();
        let before = to.zones[position][index];
        let after = Unit { place: before.place, number: before.number, ..after };
        let moves = matches!(before.stage, Stage::Launching(_)) && !matches!(after.stage, Stage::Launching(_));
        let leaves = matches!(after.stage, Stage::Waiting | Stage::Retrying(_) | Stage::Again | Stage::GivenUp);
        if moves || leaves {
            to.zones[position].remove(index);
            to.arrives(position, after, false);
        } else {
            to.zones[position][index] = after;
        }
        to
    }

    /// What happens to units that are in no zone, with its rates.
    pub(super) fn steps_outside(&self, it: &Units, steps: &mut Vec<(f64, Units)>) {
        let Some(scaling) = self.scaling.as_ref().filter(|_| self.levels) else { return };
        for (index, (_, unit)) in it.away.iter().enumerate() {
            let (rate, stage) = match unit.stage {
                Stage::Terminating(phase) => {
                    let (rate, next) = scaling.terminate.leave(phase);
                    (rate, next.map_or(Stage::Waiting, Stage::Terminating))
                }
                Stage::Retrying(phase) => {
                    let (rate, next) = scaling.retry.leave(phase);
                    (rate, next.map_or(Stage::Again, Stage::Retrying))
                }
                _ => continue,
            };
            let mut to = it.clone();
            let (position, unit) = to.away.remove(index);
            to.away.push((position, Unit { stage, ..unit }));
            steps.push((rate, to));
        }
    }

    /// A zone or the region has come back.
    pub fn returns(&self, it: &mut Units, before: &Around, after: &Around) {
        let back = |zone: usize| !before.zone(zone) && after.zone(zone);
        let region = !before.region(self.region) && after.region(self.region);
        it.levelling |= self.levels && (region || self.zones.iter().any(|(zone, _)| back(*zone)));
    }

    /// What follows at once in a group over several zones, with its chances; none if nothing does.
    pub(super) fn settle_levels(&self, it: &Units, around: &Around) -> Option<Vec<(f64, Units)>> {
        let scaling = self.scaling.as_ref().filter(|_| self.levels)?;
        if let Some(index) = it.away.iter().position(|(_, unit)| unit.stage == Stage::GivenUp) {
            return Some(self.replaces(it, index, scaling));
        }
        if let Some((_, newcomer)) = it.everyone().find(|(_, unit)| unit.place == 0 && unit.serves()) {
            return Some(vec![(1.0, Group::takes_place(it, newcomer.number))]);
        }
        if it.levelling {
            return Some(self.levels_once(it, around));
        }
        let can_act = around.can_act(self.region);
        let count = self.zones.len();
        let up = |position: &usize| around.zone(self.zones[*position].0);
        if let Some(index) = it.away.iter().position(|(_, unit)| unit.stage == Stage::Again) {
            let mut to = it.clone();
            let (failed, unit) = to.away.remove(index);
            let next = (1..=count).map(|step| (usize::from(failed) + step) % count).find(up).filter(|_| can_act);
            return Some(match next {
                Some(position) => self.launches(&to, unit, position, scaling, around),
                None => {
                    to.away.push((0, Unit { stage: Stage::Waiting, ..unit }));
                    vec![(1.0, to)]
                }
            });
        }
        let index = it.away.iter().position(|(_, unit)| unit.stage == Stage::Waiting).filter(|_| can_act)?;
        let position = (0..count).filter(up).min_by_key(|position| it.zones[*position].len())?;
        let mut to = it.clone();
        let (_, unit) = to.away.remove(index);
        Some(self.launches(&to, unit, position, scaling, around))
    }

    /// A unit is launched in a zone.
    fn launches(
        &self,
        it: &Units,
        unit: Unit,
        position: usize,
        scaling: &Scaling,
        around: &Around,
    ) -> Vec<(f64, Units)> {
        let launched = || self.launched(scaling, position, around);
        let branches = self.enter(&scaling.launch, Stage::Launching, &launched);
        let to = |(weight, after): (f64, Unit)| {
            let mut to = it.clone();
            to.arrives(position, Unit { place: unit.place, number: unit.number, ..after }, true);
            (weight, to)
        };
        branches.into_iter().map(to).collect()
    }

    /// A unit is given up: one that is under way beside the others takes its place, else it is launched again.
    fn replaces(&self, it: &Units, index: usize, scaling: &Scaling) -> Vec<(f64, Units)> {
        let mut rest = it.clone();
        let (_, mut unit) = rest.away.remove(index);
        let newcomer = rest.everyone().filter(|(_, unit)| unit.place == 0).map(|(_, unit)| unit.number).min();
        if let Some(newcomer) = newcomer.filter(|_| unit.place > 0) {
            rest.give_place(newcomer, unit.place);
            rest.free.push(unit.number);
            return vec![(1.0, rest)];
        }
        let mut branches = Vec::new();
        for (weight, phase) in &scaling.terminate.starts {
            let mut to = rest.clone();
            unit.stage = phase.map_or(Stage::Waiting, Stage::Terminating);
            to.away.push((0, unit));
            branches.push((*weight, to));
        }
        branches
    }

    /// A further unit is in service, and one goes for it: the oldest in service in the fullest zone, or without any the one of the first place.
    fn takes_place(it: &Units, newcomer: u8) -> Units {
        let serves = |unit: &&Unit| unit.place > 0 && unit.serves();
        let count = |position: &usize| it.zones[*position].iter().filter(serves).count();
        let fullest = (0..it.zones.len()).rev().max_by_key(count).unwrap_or(0);
        let goes = it.zones[fullest].iter().find(serves).map_or(1, |unit| unit.place);
        let mut to = it.clone();
        to.remove(goes);
        to.give_place(newcomer, goes);
        to.levelling = true;
        to
    }

    /// One further unit is launched if zones will not be level, or they will.
    fn levels_once(&self, it: &Units, around: &Around) -> Vec<(f64, Units)> {
        let up = |position: &usize| around.zone(self.zones[*position].0);
        let mut counts: Vec<usize> = it.zones.iter().map(Vec::len).collect();
        let fewest = |counts: &[usize]| (0..counts.len()).filter(up).min_by_key(|position| counts[*position]);
        let most = |counts: &[usize]| (0..counts.len()).filter(up).rev().max_by_key(|position| counts[*position]);
        for _ in &it.away {
            fewest(&counts).into_iter().for_each(|position| counts[position] += 1);
        }
        for _ in it.everyone().filter(|(_, unit)| unit.place == 0) {
            most(&counts).into_iter().for_each(|position| counts[position] = counts[position].saturating_sub(1));
        }
        let mut to = it.clone();
        let unlevel = most(&counts).zip(fewest(&counts)).is_some_and(|(from, at)| counts[from] >= counts[at] + 2);
        match to.free.pop().filter(|_| unlevel) {
            Some(number) => {
                let newcomer = Unit { number, ..self.at(Stage::Waiting) };
                let emptiest = |position: &usize| it.zones[*position].len();
                let target =
                    (0..it.zones.len()).filter(up).min_by_key(emptiest).filter(|_| around.can_act(self.region));
                match (target, &self.scaling) {
                    (Some(position), Some(scaling)) => self.launches(&to, newcomer, position, scaling, around),
                    _ => {
                        to.away.push((0, newcomer));
                        vec![(1.0, to)]
                    }
                }
            }
            None => vec![(1.0, Units { levelling: false, ..it.clone() })],
        }
    }
}

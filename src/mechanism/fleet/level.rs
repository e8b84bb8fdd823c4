//! Auto scaling: zones are kept level. A further unit is launched where there are fewest, and once in service takes the place of the oldest one
//! where there are most. Neither the look at the zones nor the choice of who goes takes longer in a larger group.

use super::{Fleet, FleetPlan, Phase};
use crate::mechanism::world::World;

impl Fleet {
    /// A zone is back: while the zone with most units would have two more than the one with fewest, a further unit is launched, to go
    /// where there are fewest; once in service it takes the place of one where there are most, so nothing is lost.
    pub(super) fn level(&mut self, plan: &FleetPlan, world: &mut World) {
        // While the region is down nothing is planned: that is done when it is back.
        if plan.scaling().is_none() || self.frozen {
            return;
        }
        loop {
            // Where all will be when what waits is launched and newcomers have taken their places.
            let counts = &mut self.expected;
            counts.clear();
            counts.extend(self.tallies.iter().map(|tally| tally.assigned));
            let newcomers = plan.room() - plan.units - self.free.len() as u32;
            let nowhere = plan.units + newcomers - counts.iter().sum::<u32>();
            let tallies = &self.tallies;
            let up = || (0..tallies.len()).filter(|position| !tallies[*position].down);
            add_to_fewest(counts, up, nowhere);
            take_from_most(counts, up, newcomers);
            let (most, fewest) = (up().map(|at| counts[at]).max(), up().map(|at| counts[at]).min());
            let (Some(most), Some(fewest)) = (most, fewest) else { return };
            if most < fewest + 2 {
                return;
            }
            let Some(newcomer) = self.free.pop() else { return };
            self.launch(plan, newcomer, None, world);
        }
    }

    /// The member that goes for a newcomer that has just come into service: the one in service for longest in the zone with most of them, else any.
    pub(super) fn leaver(&mut self, plan: &FleetPlan, newcomer: u32) -> Option<u32> {
        let own = usize::from(self.units[newcomer as usize].zone);
        let serving = |zone: usize| self.tallies[zone].registered - u32::from(zone == own);
        let fullest = (0..plan.zones.len()).rev().max_by_key(|zone| serving(*zone))?;
        if self.oldest(fullest).is_none() {
            self.find_elders(fullest);
        }
        self.oldest(fullest).or_else(|| self.members.first().copied())
    }

    /// The oldest member of a zone, as far as that is known. Who has left since is forgotten.
    fn oldest(&mut self, zone: usize) -> Option<u32> {
        while let Some(oldest) = self.elders[zone].last().copied() {
            if self.is_member_in(oldest, zone) {
                return Some(oldest);
            }
            self.elders[zone].pop();
        }
        None
    }

    fn is_member_in(&self, index: u32, zone: usize) -> bool {
        let unit = &self.units[index as usize];
        unit.phase == Phase::InService && unit.member.is_some() && usize::from(unit.zone) == zone
    }

    /// The members in service in a zone, the one that was launched first last; of equal ones that of the first place. Who comes into service
    /// there later makes this void; who leaves does not.
    fn find_elders(&mut self, zone: usize) {
        let mut elders = std::mem::take(&mut self.elders[zone]);
        elders.extend(self.members.iter().filter(|member| self.is_member_in(**member, zone)));
        let launched = |index: &u32| self.units[*index as usize].launched;
        // From the last place to the first: sorting keeps the order of equal ones.
        elders.reverse();
        elders.sort_by(|one, other| launched(other).total_cmp(&launched(one)));
        self.elders[zone] = elders;
    }
}

/// Adds so many one after the other, each where there are fewest, of equal places to the first.
fn add_to_fewest<I: Iterator<Item = usize>>(counts: &mut [u32], places: impl Fn() -> I, mut more: u32) {
    while let Some(fewest) = places().map(|at| counts[at]).min().filter(|_| more > 0) {
        let lowest = places().filter(|at| counts[*at] == fewest).count() as u32;
        let next = places().map(|at| counts[at]).filter(|count| *count > fewest).min();
        let each = next.map_or(more / lowest, |next| (next - fewest).min(more / lowest));
        let mut rest = if each == 0 { more } else { 0 };
        for at in places() {
            if counts[at] == fewest {
                let one = u32::from(rest > 0);
                counts[at] += each + one;
                rest -= one;
                more -= each + one;
            }
        }
    }
}

/// Takes so many one after the other, each where there are most, of equal places from the first, as long as there are any.
fn take_from_most<I: Iterator<Item = usize>>(counts: &mut [u32], places: impl Fn() -> I, mut less: u32) {
    while let Some(most) = places().map(|at| counts[at]).max().filter(|most| less > 0 && *most > 0) {
        let highest = places().filter(|at| counts[*at] == most).count() as u32;
        let next = places().map(|at| counts[at]).filter(|count| *count < most).max().unwrap_or(0);
        let each = (most - next).min(less / highest);
        let mut rest = if each == 0 { less } else { 0 };
        for at in places() {
            if counts[at] == most {
                let one = u32::from(rest > 0);
                counts[at] -= each + one;
                rest -= one;
                less -= each + one;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cmp::Reverse;

    proptest! {
        /// As if each were looked at by itself.
        #[test]
        fn many_at_once_are_one_after_the_other(
            zones in prop::collection::vec((0_u32..12, any::<bool>()), 1..6), more in 0_u32..40, less in 0_u32..40,
        ) {
            let places = || (0..zones.len()).filter(|at| zones[*at].1);
            let mut at_once: Vec<u32> = zones.iter().map(|zone| zone.0).collect();
            let mut slowly = at_once.clone();
            add_to_fewest(&mut at_once, places, more);
            for _ in 0..more {
                if let Some(at) = places().min_by_key(|at| slowly[*at]) {
                    slowly[at] += 1;
                }
            }
            prop_assert_eq!(&at_once, &slowly);
            take_from_most(&mut at_once, places, less);
            for _ in 0..less {
                // Of equal ones the first.
                if let Some(at) = places().min_by_key(|at| Reverse(slowly[*at])) {
                    slowly[at] = slowly[at].saturating_sub(1);
                }
            }
            prop_assert_eq!(at_once, slowly);
        }
    }
}

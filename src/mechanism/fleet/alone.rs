//! Strikes that nobody notices, worked off without the calendar.
//!
//! Where a pool serves everything as long as enough units are healthy, a unit that fails and is repaired while enough others
//! are up changes nothing outside the fleet. So from one strike the fleet goes on by itself to the next instant at which anything
//! else is due, or at which units could become too few, and only then puts what is still under repair into the calendar. The
//! draws, their streams and the times are those of the events one by one, and so is the number of events.

use super::{Fleet, FleetPlan, KILLED, UpkeepPlan, kind};
use crate::engine::calendar::Class;
use crate::mechanism::world::World;

/// Most units under repair at once that are worth keeping outside the calendar, since each strike looks at all of them.
const FEW: usize = 16;

impl Fleet {
    /// A strike of a mode with exponential lives, of mean `mean` (s), and what follows from it up to the next event elsewhere.
    pub(super) fn strike(&mut self, plan: &FleetPlan, mode: usize, mean: f64, world: &mut World) {
        let limit = if plan.goes_alone() { world.until.min(world.calendar.next_time()) } else { 0.0 };
        let crews = match plan.upkeep {
            UpkeepPlan::Pool { crews, .. } => crews,
            UpkeepPlan::Scaling(_) => 0,
        };
        let spare = self.healthy.saturating_sub(plan.required).min(crews.saturating_sub(self.busy)).min(FEW as u32);
        let everything_up = self.tallies.iter().map(|tally| tally.alive).sum::<u32>() == plan.units;
        let spacing = mean / f64::from(plan.units);
        let repair = &plan.modes[mode].repair;
        let (mut lives, mut repairs) = (self.lives[mode].clone(), self.repairs[mode].clone());
        let mut now = world.now;
        let mut events = 0;
        self.absent.clear();
        let (next, noticed) = loop {
            let victim = lives.index(plan.units);
            let next = now + lives.exp1() * spacing;
            if !self.absent.is_empty() {
                // Restorations come before a strike at the same time.
                events += self.returns(|ends| ends <= now);
            }
            if now >= limit || !self.can_do_without(victim, spare, everything_up) {
                break (next, Some(victim));
            }
            let ends = now + repair.sample(&mut repairs);
            events += 1;
            if ends < limit && ends <= next {
                // Back before anything else happens.
                events += 1;
            } else {
                self.absent.push((ends, victim));
            }
            if next >= limit {
                break (next, None);
            }
            now = next;
        };
        (self.lives[mode], self.repairs[mode]) = (lives, repairs);
        world.now = now;
        world.at(next, Class::Failure, plan.component, kind::STRIKE | (mode as u8) << 4, 0, 0);
        if noticed.is_none() {
            events += self.returns(|ends| ends < limit);
        }
        world.events += events;
        while let Some((ends, unit)) = self.absent.pop() {
            self.change(unit, |unit| unit.failing |= 1 << mode);
            self.accuse(unit, plan.modes[mode].bit);
            self.busy += 1;
            let stamp = self.units[unit as usize].life;
            let code = kind::RESTORE | (mode as u8) << 4;
            world.at(ends, Class::Restoration, plan.component, code, unit, stamp);
        }
        if let Some(place) = noticed {
            let victim = self.members[place as usize];
            let unit = &self.units[victim as usize];
            if unit.phase == super::Phase::InService && unit.failing & (1 << mode | KILLED) == 0 {
                self.fail(plan, victim, mode, world);
            }
        }
    }

    /// Nobody notices if this unit fails as well: it is up, and there are more than enough.
    fn can_do_without(&self, victim: u32, spare: u32, everything_up: bool) -> bool {
        let unit = &self.units[victim as usize];
        (self.absent.len() as u32) < spare
            && (everything_up || unit.failing == 0 && unit.cause == 0)
            && self.absent.iter().all(|(_, absent)| *absent != victim)
    }

    /// Forgets those under repair whose repair has ended, and says how many.
    fn returns(&mut self, ended: impl Fn(f64) -> bool) -> u64 {
        let before = self.absent.len();
        let mut place = before;
        while place > 0 {
            place -= 1;
            if ended(self.absent[place].0) {
                self.absent.swap_remove(place);
            }
        }
        (before - self.absent.len()) as u64
    }
}

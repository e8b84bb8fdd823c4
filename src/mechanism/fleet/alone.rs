//! Strikes that nobody notices, worked off without the calendar.
//!
//! Where a pool serves everything as long as enough units are healthy, a unit that fails and is repaired while enough others
//! are up changes nothing outside the fleet. So from one strike the fleet goes on by itself to the next instant at which anything
//! else is due, or at which units could become too few, and only then puts what is still under repair into the calendar. The
//! draws and times are those of the events one by one, and so is the number of events. Whom a strike hits matters only where another one comes
//! before the repair has ended, or where not everything was up; only then is it drawn, by the number of the strike.
//!
//! Where strikes are far apart compared with repairs, a repair is drawn by the number of its strike as well, and only where the next strike, or
//! the next event elsewhere, comes within the bound of usual repairs, or where it is one of the few that exceed that bound.

use super::{Absent, Fleet, FleetPlan, KILLED, UpkeepPlan, kind};
use crate::engine::calendar::Class;
use crate::law::{Law, Parted, Row, Stream};
use crate::mechanism::world::World;

/// Most units under repair at once that are worth keeping outside the calendar, since each strike looks at all of them.
pub(super) const FEW: usize = 16;

/// What strikes are worked off between.
struct Work {
    /// The next event elsewhere (s).
    limit: f64,
    /// Mean time between strikes (s).
    spacing: f64,
    /// As many units may be under repair at once without anybody noticing.
    spare: u32,
    /// No unit was down before.
    everything_up: bool,
}

/// Strikes that hit while everything is up, and are over before anything else happens.
struct Isolated {
    /// When a unit fails (s), and no such strike does.
    now: f64,
    /// When its repair ends (s).
    ends: f64,
    /// The next strike (s).
    next: f64,
    /// Strikes before it.
    count: u64,
}

/// Goes from strike to strike while they are isolated, from one now (s) up to a limit (s), with a mean time between them (s).
#[inline]
fn isolated(
    (mut now, limit, spacing): (f64, f64, f64),
    lives: &mut Stream,
    strikes: &mut Row,
    repairs: &mut Stream,
    repair: impl Fn(&mut Stream) -> f64,
) -> Isolated {
    // In registers.
    let (mut own_lives, mut own_repairs) = (lives.clone(), repairs.clone());
    let mut count = 0;
    let (ends, next) = loop {
        let next = now + own_lives.exp1() * spacing;
        let ends = now + repair(&mut own_repairs);
        if ends > next || next >= limit {
            break (ends, next);
        }
        count += 1;
        now = next;
    };
    (*lives, *repairs) = (own_lives, own_repairs);
    strikes.pass(count);
    Isolated { now, ends, next, count }
}

/// As [`isolated`], for repairs that seldom exceed a bound and are drawn by the number of the strike.
#[inline(always)]
fn far_apart(
    (mut now, limit, spacing): (f64, f64, f64),
    lives: &mut Stream,
    strikes: &mut Row,
    repair: &Parted,
) -> Isolated {
    let first = strikes.next;
    let mut own_lives = lives.clone();
    let bound = repair.bound();
    let (ends, next) = loop {
        let most = strikes.beyond - strikes.next;
        let mut left = most;
        let next = loop {
            let gap = own_lives.exp1() * spacing;
            let next = now + gap;
            if gap <= bound || next >= limit || left == 0 {
                break next;
            }
            left -= 1;
            now = next;
        };
        strikes.pass(most - left);
        // Back in time for whatever comes next, if the bound is.
        let ends = match next >= limit && left > 0 && now + bound < limit {
            true => now + bound,
            false => now + repair.next_of(*strikes),
        };
        if ends > next || next >= limit {
            break (ends, next);
        }
        strikes.pass(1);
        now = next;
    };
    *lives = own_lives;
    Isolated { now, ends, next, count: strikes.next - first }
}

/// As [`far_apart`], where few come by.
#[inline(never)]
fn far_apart_again(start: (f64, f64, f64), lives: &mut Stream, strikes: &mut Row, repair: &Parted) -> Isolated {
    far_apart(start, lives, strikes, repair)
}

impl Fleet {
    /// A strike of a mode, one of many with a mean time between them (s), and what follows from it up to the next event elsewhere.
    #[inline]
    pub(super) fn strike(&mut self, plan: &FleetPlan, mode: usize, spacing: f64, world: &mut World) {
        let limit = if plan.goes_alone() { world.until.min(world.calendar.next_time()) } else { 0.0 };
        let crews = match plan.upkeep {
            UpkeepPlan::Pool { crews, .. } => crews,
            UpkeepPlan::Scaling(_) => 0,
        };
        let spare = self.healthy.saturating_sub(plan.required).min(crews.saturating_sub(self.busy)).min(FEW as u32);
        if world.now >= limit || spare == 0 {
            return self.strike_noticed(plan, mode, spacing, world);
        }
        let everything_up = self.is_everything_up(plan);
        let mut first = None;
        if let (true, Some(repair)) = (everything_up, &plan.parted[mode]) {
            let start = (world.now, limit, spacing);
            let found = far_apart(start, &mut self.lives[mode], &mut self.strikes[mode], repair);
            // Nearly always the last one is back before anything else happens as well.
            if found.ends < limit && found.next >= limit {
                self.strikes[mode].pass(1);
                world.now = found.now;
                world.events += 2 * found.count + 2;
                return world.at(found.next, Class::Failure, plan.component, kind::STRIKE | (mode as u8) << 4, 0, 0);
            }
            first = Some(found);
        }
        self.work_off(plan, mode, Work { limit, spacing, spare, everything_up }, first, world);
    }

    /// A strike that may be noticed.
    #[inline(never)]
    fn strike_noticed(&mut self, plan: &FleetPlan, mode: usize, spacing: f64, world: &mut World) {
        let victim = self.victim(plan, mode);
        self.strikes[mode].pass(1);
        self.arm_strike(plan, mode, spacing, world);
        self.hit(plan, victim, mode, world);
    }

    /// From strike to strike, of which the first ones may be known to be isolated.
    #[inline(never)]
    fn work_off(
        &mut self,
        plan: &FleetPlan,
        mode: usize,
        Work { limit, spacing, spare, everything_up }: Work,
        mut first: Option<Isolated>,
        world: &mut World,
    ) {
        let repair = &plan.samplers[mode].1;
        let mut now = world.now;
        let mut events = 0;
        self.absent.clear();
        let (next, noticed) = loop {
            let (ends, next, victim);
            if everything_up && self.absent.is_empty() {
                let (start, lives, repairs) = ((now, limit, spacing), &mut self.lives[mode], &mut self.repairs[mode]);
                let strikes = &mut self.strikes[mode];
                let found = match (first.take(), &plan.parted[mode], &plan.modes[mode].repair) {
                    (Some(found), ..) => found,
                    (None, Some(parted), _) => far_apart_again(start, lives, strikes, parted),
                    (None, None, Law::Exponential { mean }) => {
                        isolated(start, lives, strikes, repairs.get(), |stream| mean * stream.exp1())
                    }
                    _ => isolated(start, lives, strikes, repairs.get(), |stream| repair.sample(stream)),
                };
                events += 2 * found.count;
                (now, ends, next) = (found.now, found.ends, found.next);
                victim = None;
            } else {
                let hit = self.victim(plan, mode);
                next = now + self.lives[mode].exp1() * spacing;
                // Restorations come before a strike at the same time.
                events += self.returns(|ends| ends <= now);
                if !self.can_do_without(hit, spare, everything_up) {
                    self.strikes[mode].pass(1);
                    break (next, Some(hit));
                }
                ends = now
                    + match &plan.parted[mode] {
                        Some(parted) => parted.next_of(self.strikes[mode]),
                        None => repair.sample(self.repairs[mode].get()),
                    };
                victim = Some(hit);
            }
            events += 1;
            if ends < limit && ends <= next {
                // Back before anything else happens.
                events += 1;
            } else {
                let unit = victim.unwrap_or_else(|| self.victim(plan, mode));
                self.absent.push(Absent { ends, unit, mode: mode as u8 });
            }
            self.strikes[mode].pass(1);
            if next >= limit {
                events += self.returns(|ends| ends < limit);
                break (next, None);
            }
            now = next;
        };
        world.now = now;
        world.events += events;
        world.at(next, Class::Failure, plan.component, kind::STRIKE | (mode as u8) << 4, 0, 0);
        if !self.absent.is_empty() {
            self.remember_absent(plan, world);
        }
        if let Some(victim) = noticed {
            self.hit(plan, victim, mode, world);
        }
    }

    /// Whom the next strike hits.
    fn victim(&self, plan: &FleetPlan, mode: usize) -> u32 {
        let strikes = self.strikes[mode];
        strikes.numbers.index(strikes.next, plan.units)
    }

    /// A strike that may be noticed, unless it is void.
    fn hit(&mut self, plan: &FleetPlan, victim: u32, mode: usize, world: &mut World) {
        let victim = self.members[victim as usize];
        let unit = &self.units[victim as usize];
        if unit.phase == super::Phase::InService && unit.failing & (1 << mode | KILLED) == 0 {
            self.fail(plan, victim, mode, world);
        }
    }

    /// No unit is known to be down.
    pub(super) fn is_everything_up(&self, plan: &FleetPlan) -> bool {
        self.healthy == plan.units || self.tallies.iter().map(|tally| tally.alive).sum::<u32>() == plan.units
    }

    /// Puts those that are still under repair into the calendar.
    pub(super) fn remember_absent(&mut self, plan: &FleetPlan, world: &mut World) {
        while let Some(Absent { ends, unit, mode }) = self.absent.pop() {
            self.change(unit, |unit| unit.failing |= 1 << mode);
            self.accuse(unit, plan.modes[usize::from(mode)].bit);
            self.busy += 1;
            let stamp = self.units[unit as usize].life;
            let code = kind::RESTORE | mode << 4;
            world.at(ends, Class::Restoration, plan.component, code, unit, stamp);
        }
    }

    /// Nobody notices if this unit fails as well: it is up, and there are more than enough.
    pub(super) fn can_do_without(&self, victim: u32, spare: u32, everything_up: bool) -> bool {
        let unit = &self.units[victim as usize];
        (self.absent.len() as u32) < spare
            && (everything_up || unit.failing == 0 && unit.cause == 0)
            && self.absent.iter().all(|absent| absent.unit != victim)
    }

    /// Forgets those under repair whose repair has ended, and says how many.
    pub(super) fn returns(&mut self, ended: impl Fn(f64) -> bool) -> u64 {
        let before = self.absent.len();
        let mut place = before;
        while place > 0 {
            place -= 1;
            if ended(self.absent[place].ends) {
                self.absent.swap_remove(place);
            }
        }
        (before - self.absent.len()) as u64
    }
}

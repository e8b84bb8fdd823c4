//! A dependency as its callers meet it: it fails fast or hangs, they wait, try again, give up, or are spared by a circuit breaker.
//!
//! The calls are a fluid. All callers call at one steady rate, whatever share of the demand reaches them, so every time here is a
//! sum of stated times and what is served is constant between events. Counted from the onset of a failure:
//!
//! - A request is lost when its last attempt fails: from the end of the waits (and, if calls hang, timeouts) between its attempts.
//! - A call that hangs holds a slot of the pool for its hold time. If calls that hang would hold the whole pool, it is empty
//!   after `pool / rate of such calls`; nothing at all is served until the first slot is given back, and then as many requests as
//!   slots allow. A call that is answered holds no slot, so one free slot is enough again.
//! - The breaker opens once enough calls were made and have failed. While it is open calls fail at once, and after the reset
//!   timeout trial calls decide: so it still refuses calls after the dependency is back, up to one reset timeout.
//! - Retries multiply the calls. Where they exceed the capacity, the share of failed attempts is the fixed point of the calls
//!   and what they find; where that point outlives what led to it, the overload is metastable.
//!
//! Sources: Nygard, "Release It!" (2007), circuit breaker; Bronson, Aghayev, Charapko and Zhu, "Metastable Failures in Distributed Systems"
//! (HotOS 2021), retries that sustain an overload.

use super::world::World;
use crate::engine::calendar::{Class, Event};
use crate::engine::ledger::Stage;
use crate::law::{History, Law, Stream};
use crate::model::Trip;

/// A dependency, compiled.
#[derive(Debug, Clone)]
pub struct DependencyPlan {
    /// Component number of its events.
    pub component: u32,
    /// Position among the places.
    pub index: usize,
    /// Regions in which anything uses it, one bit each.
    pub users: u64,
    /// The region it dies with.
    pub region: Option<usize>,
    /// How it fails.
    pub modes: Vec<DependencyMode>,
    /// Share of all requests that fails when every call does.
    pub cost: f64,
    /// Calls per second while nothing fails.
    pub calls: f64,
    /// A call without an answer is given up after this (s).
    pub timeout: f64,
    /// Requests that callers can have in hand, infinite if unstated.
    pub pool: f64,
    /// Mean wait before each attempt but the first (s).
    pub waits: Vec<f64>,
    /// What spares the callers.
    pub breaker: Option<BreakerPlan>,
    /// What it does under too much load.
    pub overload: Option<OverloadPlan>,
    /// Key of the stream of trial calls.
    pub trials: u64,
    /// Key of the stream of interventions.
    pub interventions: u64,
}

/// How a dependency fails.
#[derive(Debug, Clone, Copy)]
pub struct DependencyMode {
    /// Bit of the failure mode.
    pub bit: u64,
    /// Share of the calls that fail.
    pub error: f64,
    /// They fail by not being answered.
    pub hangs: bool,
}

/// A circuit breaker, compiled.
#[derive(Debug, Clone, Copy)]
pub struct BreakerPlan {
    /// What opens it.
    pub trip: Trip,
    /// From opening to the trial calls (s).
    pub reset_timeout: f64,
    /// Trial calls that must succeed.
    pub half_open: u32,
    /// Share of refused requests that is served by other means.
    pub fallback: f64,
    /// Number of breakers that the calls are spread over.
    pub callers: f64,
}

/// An overload, compiled.
#[derive(Debug, Clone)]
pub struct OverloadPlan {
    /// Calls per second it can take.
    pub capacity: f64,
    /// Share of the capacity that is still turned into answers above it.
    pub goodput: f64,
    /// From the end of the trigger to the relief.
    pub intervention: Law,
}

impl BreakerPlan {
    /// Number of calls to one breaker until it opens when this share of them fails and they come at this rate; infinite for never.
    fn calls_to_open(&self, failing: f64, rate: f64) -> f64 {
        if failing == 0.0 {
            return f64::INFINITY;
        }
        let of_window = |share: f64, calls: f64| if failing < share { f64::INFINITY } else { share * calls / failing };
        let calls = match self.trip {
            // Mean number of calls until as many in a row have failed: 1/q + 1/q² + ... as far as the threshold.
            Trip::Consecutive(threshold) if failing == 1.0 => f64::from(threshold),
            Trip::Consecutive(threshold) => libm::expm1(-f64::from(threshold) * libm::log(failing)) / (1.0 - failing),
            Trip::OfCalls { share, window } => of_window(share.get(), f64::from(window)),
            Trip::OfTime { window, minimum, .. } if rate * window.0 < f64::from(minimum) => f64::INFINITY,
            Trip::OfTime { share, window, .. } => of_window(share.get(), rate * window.0),
        };
        calls.max(1.0)
    }
}

impl OverloadPlan {
    /// Share of attempts that fail in an overload which feeds itself, if there is one when the dependency by itself fails `error` of
    /// them and `attempts` are made at most.
    ///
    /// With load L the dependency answers (1 - error) goodput capacity calls per second, so 1 - z = (1 - error) goodput capacity / L.
    /// Retries make L = calls (1 - z^attempts) / (1 - z). Hence z^attempts = 1 - (1 - error) goodput capacity / calls, which is a state of
    /// overload if L exceeds the capacity.
    pub fn fixed_point(&self, calls: f64, attempts: u32, error: f64) -> Option<f64> {
        let answered = (1.0 - error) * self.goodput * self.capacity;
        if answered >= calls {
            return None;
        }
        let failing = libm::pow(1.0 - answered / calls, 1.0 / f64::from(attempts));
        (calls * amplification(failing, attempts) > self.capacity).then_some(failing)
    }
}

/// Attempts per call when this share of attempts fails: 1 + z + ... + z^(attempts - 1).
pub fn amplification(failing: f64, attempts: u32) -> f64 {
    (0..attempts).fold(0.0, |sum, _| sum * failing + 1.0)
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Breaker {
    Closed,
    /// Until then (s).
    Open(f64),
    /// The trial calls will have succeeded, or not, then (s).
    Trial(f64, bool),
}

/// When what happens in a failure that callers meet with a closed breaker, and how much of it (s, shares).
#[derive(Debug, Clone, Copy)]
struct Course {
    /// Share of calls that fail after all attempts.
    failing: f64,
    /// The first requests have made their last attempt.
    given_up: f64,
    /// Attempts exceed the capacity.
    overload: f64,
    /// The pool is empty.
    exhausted: f64,
    /// The first slot is given back.
    released: f64,
    /// Share of the requests that slots given back let through.
    admitted: f64,
    /// The breaker opens.
    opened: f64,
}

/// A dependency at work.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// Share of attempts that fail for what is wrong with it.
    error: f64,
    hangs: bool,
    /// Callers meet a failure since then (s).
    since: Option<f64>,
    given_up: bool,
    overloaded: bool,
    /// The overload has outlived what led to it.
    metastable: bool,
    /// People take the load off then (s).
    relieved: f64,
    breaker: Breaker,
    /// When the present failure empties the pool, and when the first slot is given back (s).
    slots: (f64, f64),
    /// The pool is empty until then, although calls do not hang any more (s).
    stuck: f64,
    blamed: u64,
    served: f64,
    stamp: u32,
    count: u64,
    trials: Stream,
    interventions: Stream,
}

impl Dependency {
    /// Memory for a dependency; [`Dependency::restart`] fills it.
    pub fn new() -> Dependency {
        Dependency {
            error: 0.0,
            hangs: false,
            since: None,
            given_up: false,
            overloaded: false,
            metastable: false,
            relieved: f64::INFINITY,
            breaker: Breaker::Closed,
            slots: (f64::INFINITY, f64::INFINITY),
            stuck: 0.0,
            blamed: 0,
            served: 1.0,
            stamp: 0,
            count: 0,
            trials: Stream::new(0, 0, 0),
            interventions: Stream::new(0, 0, 0),
        }
    }

    /// Everything up and no call pending.
    pub fn restart(&mut self, plan: &DependencyPlan, history: &History, world: &mut World) {
        *self = Dependency {
            trials: history.stream(plan.trials),
            interventions: history.stream(plan.interventions),
            ..Dependency::new()
        };
        self.review(plan, world);
    }

    /// Share of the requests that reach it which is served.
    pub fn served(&self) -> f64 {
        self.served
    }

    /// Modes behind what it does not serve.
    pub fn cause(&self) -> u64 {
        self.blamed
    }

    /// Where its recovery stands, if it loses anything: it is repaired, its overload is waiting for people, or its callers are about to notice that it is back.
    pub fn stage(&self) -> Stage {
        if self.error > 0.0 || self.served >= 1.0 {
            Stage::Repair
        } else if self.overloaded {
            Stage::Action
        } else {
            Stage::Propagation
        }
    }

    /// Overloads that have outlived what led to them.
    pub fn metastable_incidents(&self) -> u64 {
        self.count
    }

    /// Nothing is wrong with it, and callers know.
    pub fn is_calm(&self, now: f64) -> bool {
        self.error == 0.0 && self.since.is_none() && self.breaker == Breaker::Closed && self.stuck <= now
    }

    /// Every stream it draws from.
    pub fn streams(&mut self, visit: &mut impl FnMut(&mut Stream)) {
        visit(&mut self.trials);
        visit(&mut self.interventions);
    }

    /// Forgets what was counted.
    pub fn discard(&mut self) {
        self.count = 0;
    }

    /// Something that it armed happens.
    pub fn turn(&mut self, plan: &DependencyPlan, event: Event, world: &mut World) {
        if event.stamp == self.stamp {
            world.events += 1;
            self.review(plan, world);
        }
    }

    /// A failure mode of it, or of its region, begins or ends, or a time has come: finds its state, and what is next.
    pub fn review(&mut self, plan: &DependencyPlan, world: &mut World) {
        let was = (self.served, self.blamed, self.error > 0.0, self.overloaded);
        self.look(plan, world);
        while self.step(plan, world.now) {}
        let next = self.next(plan, world.now);
        if was != (self.served, self.blamed, self.error > 0.0, self.overloaded) {
            world.changed |= plan.users;
        }
        self.stamp += 1;
        world.at(next, Class::Action, plan.component, 0, 0, self.stamp);
    }

    /// What is wrong with the dependency itself.
    fn look(&mut self, plan: &DependencyPlan, world: &World) {
        let region = plan.region.map_or(0, |region| world.places.regions[region].modes);
        let own = world.places.dependencies[plan.index].modes;
        let on = || plan.modes.iter().filter(|mode| own & mode.bit != 0);
        let failed = self.error > 0.0;
        self.error = if region != 0 { 1.0 } else { 1.0 - on().fold(1.0, |works, mode| works * (1.0 - mode.error)) };
        self.hangs = region == 0 && on().any(|mode| mode.hangs);
        if own | region != 0 {
            self.blamed = own | region;
        }
        let Some(overload) = plan.overload.as_ref().filter(|_| self.overloaded) else { return };
        if overload.fixed_point(plan.calls, plan.attempts(), self.error).is_none() {
            self.overloaded = false;
        } else if failed && self.error == 0.0 && plan.calls <= overload.capacity {
            self.count += u64::from(!self.metastable);
            self.metastable = true;
            self.relieved = world.now + overload.intervention.sample(&mut self.interventions);
        } else if self.error > 0.0 {
            self.relieved = f64::INFINITY;
        }
    }

    /// Takes one step that is due: whether there was one.
    fn step(&mut self, plan: &DependencyPlan, now: f64) -> bool {
        if self.relieved <= now {
            self.overloaded = false;
            self.relieved = f64::INFINITY;
        }
        self.metastable &= self.overloaded;
        match self.breaker {
            Breaker::Closed => {}
            Breaker::Open(until) if until <= now => {
                self.try_calls(plan, now);
                return true;
            }
            Breaker::Trial(verdict, succeeds) if verdict <= now => {
                self.breaker = if succeeds { Breaker::Closed } else { plan.open_at(now) };
                return true;
            }
            Breaker::Open(_) | Breaker::Trial(..) => return false,
        }
        let always = plan.overload.as_ref().is_some_and(|overload| plan.calls > overload.capacity);
        if self.error == 0.0 && !self.overloaded && !always {
            self.calls_stop_hanging(now);
            self.since = None;
            self.given_up = false;
            return false;
        }
        let since = *self.since.get_or_insert(now);
        let Some(course) = self.course_from(plan, since) else { return false };
        self.given_up |= course.given_up <= now;
        if course.overload <= now && !self.overloaded {
            self.overloaded = true;
            return true;
        }
        if course.opened <= now {
            self.calls_stop_hanging(now);
            self.breaker = plan.open_at(now);
            (self.since, self.given_up, self.overloaded, self.metastable) = (None, false, false, false);
            self.relieved = f64::INFINITY;
            return true;
        }
        false
    }

    /// What hangs still holds its slots: nobody waits for an empty pool longer than for the first of them.
    fn calls_stop_hanging(&mut self, now: f64) {
        if self.slots.0 < now {
            self.stuck = self.stuck.max(self.slots.1);
        }
        self.slots = (f64::INFINITY, f64::INFINITY);
    }

    /// The breaker lets calls through for trial.
    fn try_calls(&mut self, plan: &DependencyPlan, now: f64) {
        let Some(breaker) = &plan.breaker else { return };
        let failing = plan.of_calls(self.error);
        let succeeds =
            failing == 0.0 || (failing < 1.0 && (0..breaker.half_open).all(|_| !self.trials.bernoulli(failing)));
        let verdict = if succeeds {
            // The first is made at once, the others as they come.
            now + f64::from(breaker.half_open - 1) * breaker.callers / plan.calls
        } else {
            now + plan.last_attempt(self.hangs) + if self.hangs { plan.timeout } else { 0.0 }
        };
        self.breaker = Breaker::Trial(verdict, succeeds);
    }

    fn course(&self, plan: &DependencyPlan) -> Option<Course> {
        self.since.and_then(|since| self.course_from(plan, since))
    }

    /// The course of the failure that callers meet since `since`, by what it is like at present.
    fn course_from(&self, plan: &DependencyPlan, since: f64) -> Option<Course> {
        let attempts = plan.attempts();
        let overload = plan.overload.as_ref();
        let fixed_point = overload.filter(|_| self.overloaded);
        let failing = match fixed_point {
            Some(overload) => overload.fixed_point(plan.calls, attempts, self.error)?,
            None => self.error,
        };
        let hangs = self.hangs || self.overloaded;
        let stuck = |seconds: f64| if hangs { seconds } else { 0.0 };
        let last = plan.last_attempt(hangs);
        // A slot is held from the first attempt that hangs to the end of the last one that is made.
        let hold = stuck(plan.timeout * amplification(failing, attempts) + plan.mean_wait(failing));
        let hanging = plan.calls * failing;
        let empties = hanging * hold >= plan.pool && hanging > 0.0;
        let (empty, admitted) =
            if empties { (plan.pool / hanging, plan.pool / (hanging * hold)) } else { (f64::INFINITY, 1.0) };
        let of_calls = plan.of_calls(failing);
        let opened = plan.breaker.map_or(f64::INFINITY, |breaker| {
            let rate = plan.calls / breaker.callers;
            let made = breaker.calls_to_open(of_calls, rate) / rate;
            // What an empty pool lets through is counted, too.
            let made = if made > empty { hold + (made - empty) / admitted } else { made };
            since + made + last + stuck(plan.timeout)
        });
        Some(Course {
            failing: of_calls,
            given_up: since + last,
            overload: overload.map_or(f64::INFINITY, |overload| since + plan.overload_after(overload, failing, hangs)),
            exhausted: since + empty,
            released: since + hold,
            admitted,
            opened,
        })
    }

    /// Works out what is served from now on, and returns when that changes (s).
    fn next(&mut self, plan: &DependencyPlan, now: f64) -> f64 {
        let mut next = f64::INFINITY;
        let mut coming = |time: f64| {
            if time > now && time < next {
                next = time;
            }
        };
        coming(self.stuck);
        coming(self.relieved);
        let mut admitted = if now < self.stuck { 0.0 } else { 1.0 };
        let mut lost = 0.0;
        match (self.breaker, self.course(plan)) {
            (Breaker::Open(time) | Breaker::Trial(time, _), _) => {
                coming(time);
                lost = plan.cost * (1.0 - plan.breaker.map_or(0.0, |breaker| breaker.fallback));
            }
            (Breaker::Closed, Some(course)) => {
                if self.given_up {
                    lost = plan.cost * course.failing;
                } else {
                    coming(course.given_up);
                }
                if course.exhausted <= now {
                    admitted *= if now < course.released { 0.0 } else { course.admitted };
                    coming(course.released);
                }
                self.slots = (course.exhausted, course.released);
                coming(course.exhausted);
                coming(course.opened);
                if !self.overloaded {
                    coming(course.overload);
                }
            }
            (Breaker::Closed, None) => {
                if now >= self.stuck {
                    self.blamed = 0;
                }
            }
        }
        self.served = admitted * (1.0 - lost);
        next
    }
}

/// For the story of an incident.
impl Dependency {
    /// What it looks like now.
    pub fn words(&self) -> String {
        let mut words = match self.error {
            0.0 => "answers".to_owned(),
            1.0 if self.hangs => "hangs".to_owned(),
            1.0 => "fails".to_owned(),
            error => format!("fails {:.0} % of the calls", 100.0 * error),
        };
        match self.breaker {
            Breaker::Closed => {}
            Breaker::Open(_) => words.push_str("; the circuit breaker is open"),
            Breaker::Trial(..) => words.push_str("; the circuit breaker tries calls"),
        }
        match (self.metastable, self.overloaded) {
            (true, _) => words.push_str("; overloaded, although the trigger is gone"),
            (false, true) => words.push_str("; overloaded by retries"),
            (false, false) => {}
        }
        words
    }
}

impl Default for Dependency {
    fn default() -> Dependency {
        Dependency::new()
    }
}

impl DependencyPlan {
    fn attempts(&self) -> u32 {
        self.waits.len() as u32 + 1
    }

    /// Share of calls that fail when this share of attempts does.
    fn of_calls(&self, failing: f64) -> f64 {
        self.waits.iter().fold(failing, |product, _| product * failing)
    }

    fn open_at(&self, now: f64) -> Breaker {
        self.breaker.map_or(Breaker::Closed, |breaker| Breaker::Open(now + breaker.reset_timeout))
    }

    /// From the first attempt to the last (s).
    fn last_attempt(&self, hangs: bool) -> f64 {
        let each = if hangs { self.timeout } else { 0.0 };
        self.waits.iter().map(|wait| wait + each).sum()
    }

    /// Mean time that a call whose first attempt fails spends between attempts (s).
    fn mean_wait(&self, failing: f64) -> f64 {
        self.waits.iter().fold((0.0, 1.0), |(sum, made), wait| (sum + made * wait, made * failing)).0
    }

    /// From the onset of a failure until its attempts exceed the capacity (s).
    fn overload_after(&self, overload: &OverloadPlan, failing: f64, hangs: bool) -> f64 {
        let each = if hangs { self.timeout } else { 0.0 };
        let (mut load, mut share, mut after) = (self.calls, 1.0, 0.0);
        let mut waits = self.waits.iter();
        while load <= overload.capacity {
            let Some(wait) = waits.next() else { return f64::INFINITY };
            after += wait + each;
            share *= failing;
            load += self.calls * share;
        }
        after
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_overload_is_a_fixed_point(calls in 1.0..1e4, tightness in 0.05..1.0f64, goodput in 0.0..1.0, error in 0.0..1.0, attempts in 1u32..8) {
            let overload = OverloadPlan { capacity: calls / tightness, goodput, intervention: Law::Never };
            let answered = (1.0 - error) * goodput * overload.capacity;
            match overload.fixed_point(calls, attempts, error) {
                Some(failing) => {
                    // What the load finds is what makes the load.
                    let load = calls * amplification(failing, attempts);
                    prop_assert!(load > overload.capacity);
                    prop_assert!((load * (1.0 - failing) - answered).abs() < 1e-9 * calls);
                }
                // No load above the capacity finds as many failures as it needs: calls served at most.
                None => {
                    let highest = 1.0 - (answered / overload.capacity).min(1.0);
                    let answers_enough = answered >= calls;
                    let few = calls * amplification(highest, attempts) <= overload.capacity * (1.0 + 1e-9);
                    prop_assert!(answers_enough || few);
                }
            }
        }

        #[test]
        fn attempts_are_a_geometric_sum(failing in 0.0..0.99, attempts in 1u32..20) {
            let sum = (1.0 - libm::pow(failing, f64::from(attempts))) / (1.0 - failing);
            prop_assert!((amplification(failing, attempts) - sum).abs() < 1e-9);
        }
    }

    #[test]
    fn a_breaker_opens_after_as_many_calls_as_it_takes() {
        let breaker = |trip| BreakerPlan { trip, reset_timeout: 1.0, half_open: 1, fallback: 0.0, callers: 1.0 };
        let row = breaker(Trip::Consecutive(3));
        assert_eq!(row.calls_to_open(1.0, 10.0), 3.0);
        assert!((row.calls_to_open(0.5, 10.0) - 14.0).abs() < 1e-12);
        assert_eq!(row.calls_to_open(0.0, 10.0), f64::INFINITY);
        let share = crate::units::Fraction::new(0.5).expect("a share");
        let calls = breaker(Trip::OfCalls { share, window: 100 });
        assert_eq!((calls.calls_to_open(1.0, 10.0), calls.calls_to_open(0.5, 10.0)), (50.0, 100.0));
        assert_eq!(calls.calls_to_open(0.49, 10.0), f64::INFINITY);
        let time = breaker(Trip::OfTime { share, window: crate::units::Seconds(10.0), minimum: 101 });
        assert_eq!(time.calls_to_open(1.0, 10.0), f64::INFINITY);
        assert_eq!(time.calls_to_open(1.0, 11.0), 55.0);
    }
}

//! A probe: a branch of the history under biased failure rates, until it is at rest again.
//!
//! Between two events failures come at their own rates and, beside them, at a rate of the bias that grows so that one comes with a fixed
//! probability p before the next restoration, at any instant until then alike: at h(u) = p / (D - p u), u the time since the last
//! event and D that from then to the restoration. So the weight, which such a failure multiplies by s D / (p q), s its own rate and q
//! the share of its class, does not depend on when it comes. Without one it is multiplied by 1 / (1 - p u / D).
//!
//! That weight is in proportion to D, whose law may have a long tail. So where D is long the probe divides into several of a part of
//! the weight each, which makes what each brings alike again: splitting (Villen-Altamirano's RESTART) by the length of the danger.

use super::books::Books;
use super::sources::Ageing;
use super::{Explorer, LEVELS, MOST_REACH, Steering, Way, pick, rest};
use crate::engine::calendar::Class;
use crate::simulation::replicate::Replica;

/// Most parts that a probe divides into, at once and in all.
const MOST_PARTS: f64 = 16.0;
const MOST_IN_ALL: u32 = 256;

/// Times shorter than this part of the usual one count as this: what is soon over is looked at less.
const SHORT: f64 = 0.5;

/// Shortest time to a restoration that is told from none (s).
const SHORTEST: f64 = 1e-6;

/// Where a probe divided.
#[derive(Debug)]
pub(super) struct Fork {
    pub(super) replica: Replica,
    pub(super) books: Books,
    pub(super) led: Vec<u32>,
}

impl Fork {
    /// Memory for one.
    pub(super) fn new(replica: &Replica) -> Fork {
        Fork { replica: replica.clone(), books: Books::default(), led: Vec::new() }
    }
}

/// What fails in a probe.
#[derive(Debug, Clone, Copy)]
pub(super) enum Failing {
    /// Something of a class without memory.
    Any(usize),
    /// Something that ages.
    This(Ageing),
}

impl Failing {
    pub(super) fn class(self) -> usize {
        match self {
            Failing::Any(class) => class,
            Failing::This(ageing) => ageing.class,
        }
    }
}

/// Of failures at a rate of `own` and `added` ones, the share of its own; all where the rate is without bound.
pub(super) fn share_of(own: f64, added: f64) -> f64 {
    if own == f64::INFINITY || added == 0.0 { 1.0 } else { own / (own + added) }
}

/// The bias between two events of a probe.
#[derive(Debug, Clone, Copy)]
struct Bias {
    /// Failures per second as they are, of what has no memory.
    natural: f64,
    /// Probability of a further one within the time `gap` (s).
    pull: f64,
    gap: f64,
}

impl Bias {
    /// Probability that the bias brings about no failure up to `u`.
    fn survival(&self, u: f64) -> f64 {
        1.0 - self.pull * (u / self.gap).min(1.0)
    }

    /// The rate of the bias at `u`.
    fn rate(&self, u: f64) -> f64 {
        if u < self.gap { self.pull / (self.gap - self.pull * u) } else { 0.0 }
    }

    /// Mean of 1 / survival over a time.
    fn mean_growth(&self, time: f64) -> f64 {
        let x = self.pull * time.min(self.gap) / self.gap;
        if x < 1e-9 {
            return 1.0;
        }
        let until = -libm::log1p(-x) / self.pull * self.gap;
        (until + (time - self.gap).max(0.0) / (1.0 - self.pull)) / time
    }
}

impl Explorer<'_> {
    /// Follows the branch to its end, or in several parts to theirs, and adds what it loses, times a weight that it begins with.
    pub(super) fn probe(&mut self, steering: &Steering, first: usize, weight: f64) {
        let before = self.sums.values();
        self.led.fill(0);
        let events = self.events;
        match steering.way {
            Way::Importance => self.divide(steering, first, weight, 0, (0, 1)),
            Way::Splitting => self.split(steering, first, weight),
        }
        let after = self.sums.values();
        let found = &mut self.found[first];
        found.probes += 1;
        found.events += self.events - events;
        for ((carried, before), after) in found.carried.iter_mut().zip(before).zip(after) {
            carried.add(after - before);
        }
    }

    /// Goes on from a state in as many parts as the time to the next restoration is worth.
    ///
    /// `(depth, parts)` are how often it has divided, and into how many parts in all.
    fn divide(&mut self, steering: &Steering, first: usize, weight: f64, reached: u32, (depth, all): (usize, u32)) {
        let parts = if reached < steering.reach { self.parts(steering, first) } else { 1 };
        let parts = parts.min(MOST_IN_ALL / all);
        if parts <= 1 {
            return self.follow(steering, first, weight, reached, (depth, all));
        }
        if self.forks.len() <= depth {
            self.forks.push(Fork::new(&self.branch));
        }
        let fork = &mut self.forks[depth];
        fork.replica.clone_from(&self.branch);
        fork.replica.world.events = 0;
        fork.books.take_over(&self.branch_books);
        fork.led.clone_from(&self.led);
        for number in 0..parts {
            if number > 0 {
                let fork = &self.forks[depth];
                self.branch.clone_from(&fork.replica);
                self.branch_books.take_over(&fork.books);
                self.led.clone_from(&fork.led);
                self.fork();
            }
            self.follow(steering, first, weight / f64::from(parts), reached, (depth + 1, all * parts));
        }
    }

    pub(super) fn level(&self, steering: &Steering) -> usize {
        (rest::unrest(self.plan, &self.branch, &steering.base) as usize).clamp(1, LEVELS) - 1
    }

    /// Time to the next restoration, or to the next step of a recovery where nothing is being repaired (s).
    fn gap(&self) -> f64 {
        let world = &self.branch.world;
        let pending = match world.calendar.next_of(Class::Restoration) {
            f64::INFINITY => world.calendar.next_of(Class::Action),
            time => time,
        };
        pending.min(world.end) - world.now
    }

    fn parts(&self, steering: &Steering, first: usize) -> u32 {
        let usual = steering.gaps[first][self.level(steering)];
        if usual > 0.0 && !self.branch.ledger.is_open() {
            (self.gap() / usual).floor().clamp(1.0, MOST_PARTS) as u32
        } else {
            1
        }
    }

    /// Follows the branch until it is at rest, or divides again.
    fn follow(&mut self, steering: &Steering, first: usize, mut weight: f64, mut reached: u32, divided: (usize, u32)) {
        let (plan, sources) = (self.plan, self.sources);
        let end = self.branch.world.end;
        let begun = self.branch.incidents();
        let before = self.sums.lost;
        loop {
            let now = self.branch.world.now;
            let biases = reached < steering.reach && self.branch.has_lost_nothing_since(begun);
            self.branch_books.happened(plan, &self.branch, weight, &mut self.sums);
            if rest::is_quiet(plan, &self.branch, &steering.base) {
                break;
            }
            let bias = self.bias(steering, first, biases);
            let mut delay = if bias.natural > 0.0 { self.dice.exp1() / bias.natural } else { f64::INFINITY };
            if bias.pull > 0.0 {
                let point = self.dice.uniform();
                if point < bias.pull {
                    delay = delay.min(bias.gap * point / bias.pull);
                }
            }
            let failure = now + delay;
            let mut event = self.branch.world.calendar.peek();
            while event.is_some_and(|event| event.time() <= failure && sources.class_of(plan, event).is_some()) {
                self.branch.world.calendar.pop();
                event = self.branch.world.calendar.peek();
            }
            let next = event.map_or(end, |event| event.time()).min(failure).min(end);
            let fails = failure <= next && next < end;
            // What ages fails at the instant that the calendar holds, or by the bias before.
            let ageing = event
                .filter(|_| !fails && next < end && bias.pull > 0.0)
                .and_then(|event| sources.ageing_of(plan, &self.branch, event));
            // What is lost at a constant rate has the mean weight of its time; else that of the next event, which is as right.
            let moving = self.branch.is_moving();
            let loses = moving || !self.branch.ledger.is_quiet();
            let mean = if steering.weighs && loses { weight * bias.mean_growth(next - now) } else { weight };
            let failing = fails.then(|| self.which(steering, first, &bias, delay));
            if steering.weighs {
                weight /= bias.survival(next - now);
                if let Some((_, ratio)) = failing {
                    weight *= ratio;
                }
                if let Some(ageing) = ageing {
                    weight *= share_of(ageing.hazard, self.added(steering, first, &bias, next - now, ageing.class));
                }
            }
            let branch = &mut self.branch;
            branch.account(plan, next);
            if loses {
                self.branch_books.lasted(branch, if moving { weight } else { mean }, &mut self.sums);
                self.branch_books.judge(plan, branch, self.budget, weight, &mut self.sums);
            }
            if next >= end {
                self.branch_books.close(plan, branch, weight, &mut self.sums);
                break;
            }
            branch.world.now = next;
            if let Some((failing, _)) = failing {
                self.fail(failing);
            } else if let Some(event) = branch.world.calendar.pop() {
                branch.turn(plan, event);
                branch.follow(plan);
            }
            let failed = failing.map(|(failing, _)| failing).or(ageing.map(Failing::This));
            if let Some(failed) = failed.filter(|_| biases) {
                self.led[failed.class()] += 1;
                reached += 1;
                let lost = self.sums.lost - before;
                self.credit(first, reached - 1, lost);
                return self.divide(steering, first, weight, reached, divided);
            }
        }
        self.events += std::mem::take(&mut self.branch.world.events);
        let lost = self.sums.lost - before;
        self.credit(first, reached, lost);
    }

    /// Something fails now.
    pub(super) fn fail(&mut self, failing: Failing) {
        match failing {
            Failing::Any(class) => {
                let point = self.dice.uniform();
                self.sources.fail(self.plan, &mut self.branch, class, point);
            }
            Failing::This(ageing) => self.sources.fail_early(self.plan, &mut self.branch, ageing),
        }
    }

    /// Says what the failures so far led to.
    pub(super) fn credit(&mut self, first: usize, reached: u32, lost: f64) {
        let found = &mut self.found[first];
        found.by_reach[(reached as usize).min(MOST_REACH)] += lost;
        for (sum, count) in found.led_by.iter_mut().zip(&self.led) {
            *sum += lost * f64::from(*count);
        }
    }

    /// What fails after `delay`, and what that makes of the weight.
    fn which(&mut self, steering: &Steering, first: usize, bias: &Bias, delay: f64) -> (Failing, f64) {
        let added = self.added_in_all(steering, first, bias, delay);
        self.biased.clear();
        for ((share, own), count) in steering.shares[first].iter().zip(&self.rates).zip(&self.ageing) {
            self.biased.push(if *own > 0.0 || *count > 0.0 { own + added * share } else { 0.0 });
        }
        let class = pick(&self.biased, self.dice.uniform() * self.biased.iter().sum::<f64>());
        if self.ageing[class] == 0.0 {
            return (Failing::Any(class), self.rates[class] / self.biased[class]);
        }
        let (point, at) = (self.dice.uniform(), self.branch.world.now + delay);
        match self.sources.candidate(self.plan, &self.branch, class, point, at) {
            Some(found) => (Failing::This(found), share_of(found.hazard, self.biased[class] / self.ageing[class])),
            None => (Failing::Any(class), 0.0),
        }
    }

    /// The rate of the bias for a share of 1, after `delay`.
    fn added_in_all(&self, steering: &Steering, first: usize, bias: &Bias, delay: f64) -> f64 {
        let shares = steering.shares[first].iter().zip(&self.rates).zip(&self.ageing);
        let all: f64 =
            shares.filter(|((_, own), count)| **own > 0.0 || **count > 0.0).map(|((share, _), _)| share).sum();
        if all > 0.0 { bias.rate(delay) / all } else { 0.0 }
    }

    /// The rate of the bias, after `delay`, for one of what ages in a class.
    fn added(&self, steering: &Steering, first: usize, bias: &Bias, delay: f64, class: usize) -> f64 {
        self.added_in_all(steering, first, bias, delay) * steering.shares[first][class] / self.ageing[class].max(1.0)
    }

    /// How failures come from now on; `rates` are their own, `ageing` how many things age.
    fn bias(&mut self, steering: &Steering, first: usize, biases: bool) -> Bias {
        self.sources.rates(self.plan, &self.branch, &mut self.rates);
        self.sources.ageing(self.plan, &self.branch, &mut self.ageing);
        let natural: f64 = self.rates.iter().sum();
        if !biases || natural <= 0.0 && self.ageing.iter().all(|count| *count == 0.0) {
            return Bias { natural, pull: 0.0, gap: f64::INFINITY };
        }
        let gap = self.see_gap(steering, first);
        let gap = gap.max(SHORT * steering.gaps[first][self.level(steering)]).max(SHORTEST);
        Bias { natural, pull: steering.pull, gap }
    }

    /// As [`Explorer::gap`], and remembers it.
    pub(super) fn see_gap(&mut self, steering: &Steering, first: usize) -> f64 {
        let (gap, level) = (self.gap(), self.level(steering));
        let seen = &mut self.found[first].gaps[level];
        (seen.0, seen.1) = (seen.0 + gap, seen.1 + 1);
        gap
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The weight of no failure is 1 over its probability, and its mean over a time is that of a sum of small steps.
    #[test]
    fn the_bias_is_a_law_of_its_own() {
        let bias = Bias { natural: 0.0, pull: 0.75, gap: 40.0 };
        for time in [1.0, 20.0, 40.0, 60.0] {
            let steps = 100_000;
            let step = time / f64::from(steps);
            let (mut hazard, mut growth) = (0.0, 0.0);
            for number in 0..steps {
                let u = (f64::from(number) + 0.5) * step;
                hazard += bias.rate(u) * step;
                growth += step / bias.survival(u);
            }
            assert!((libm::exp(-hazard) - bias.survival(time)).abs() < 1e-4, "{time}");
            assert!((growth / time - bias.mean_growth(time)).abs() < 1e-4, "{time}");
        }
        assert_eq!(bias.survival(1e9), 0.25);
        assert_eq!(Bias { pull: 0.0, gap: f64::INFINITY, natural: 1.0 }.mean_growth(3.0), 1.0);
    }
}

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
use super::{Explorer, LEVELS, MOST_REACH, Steering, pick, rest};
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
    replica: Replica,
    books: Books,
    led: Vec<u32>,
}

impl Fork {
    /// Memory for one.
    pub(super) fn new(replica: &Replica) -> Fork {
        Fork { replica: replica.clone(), books: Books::default(), led: Vec::new() }
    }
}

/// The bias between two events of a probe.
#[derive(Debug, Clone, Copy)]
struct Bias {
    /// Failures per second as they are.
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
        let before = self.sums.lost;
        self.led.fill(0);
        let events = self.events;
        self.divide(steering, first, weight, 0, (0, 1));
        let lost = self.sums.lost - before;
        let found = &mut self.found[first];
        found.probes += 1;
        found.events += self.events - events;
        found.lost += lost;
        found.squares += lost * lost;
        found.largest = found.largest.max(lost);
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

    fn level(&self, steering: &Steering) -> usize {
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
        let begun = self.branch.ledger.begun();
        let before = self.sums.lost;
        let mut biases = !self.branch.ledger.is_open();
        loop {
            let now = self.branch.world.now;
            biases &= reached < steering.reach && self.branch.ledger.begun() == begun;
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
            // What is lost at a constant rate has the mean weight of its time; else that of the next event, which is as right.
            let moving = self.branch.is_moving();
            let loses = moving || !self.branch.ledger.is_quiet();
            let mean = if steering.weighs && loses { weight * bias.mean_growth(next - now) } else { weight };
            let fails = failure <= next && next < end;
            let class = fails.then(|| self.which(steering, first, &bias, delay));
            if steering.weighs {
                weight /= bias.survival(next - now);
                if let Some((_, ratio)) = class {
                    weight *= ratio;
                }
            }
            let branch = &mut self.branch;
            branch.account(plan, next);
            if loses {
                self.branch_books.lasted(branch, if moving { weight } else { mean }, &mut self.sums);
                self.branch_books.judge(plan, branch, self.budget, weight, &mut self.sums);
            }
            if next >= end {
                self.branch_books.happened(plan, branch, weight, &mut self.sums);
                break;
            }
            branch.world.now = next;
            if let Some((class, _)) = class {
                let point = self.dice.uniform();
                sources.fail(plan, branch, class, point);
                if biases {
                    self.led[class] += 1;
                    reached += 1;
                    let lost = self.sums.lost - before;
                    self.credit(first, reached - 1, lost);
                    return self.divide(steering, first, weight, reached, divided);
                }
            } else if let Some(event) = branch.world.calendar.pop() {
                branch.turn(plan, event);
                branch.follow(plan);
            }
        }
        self.events += std::mem::take(&mut self.branch.world.events);
        let lost = self.sums.lost - before;
        self.credit(first, reached, lost);
    }

    /// Says what the failures so far led to.
    fn credit(&mut self, first: usize, reached: u32, lost: f64) {
        let found = &mut self.found[first];
        found.by_reach[(reached as usize).min(MOST_REACH)] += lost;
        for (sum, count) in found.led_by.iter_mut().zip(&self.led) {
            *sum += lost * f64::from(*count);
        }
    }

    /// The class that fails after `delay`, and what that makes of the weight.
    fn which(&mut self, steering: &Steering, first: usize, bias: &Bias, delay: f64) -> (usize, f64) {
        let rate = bias.rate(delay);
        let shares = steering.shares[first].iter().zip(&self.rates);
        let all: f64 = shares.clone().filter(|(_, own)| **own > 0.0).map(|(share, _)| share).sum();
        let added = if all > 0.0 { rate / all } else { 0.0 };
        self.biased.clear();
        self.biased.extend(shares.map(|(share, own)| if *own > 0.0 { own + added * share } else { 0.0 }));
        let class = pick(&self.biased, self.dice.uniform() * self.biased.iter().sum::<f64>());
        (class, self.rates[class] / self.biased[class])
    }

    /// How failures come from now on; `rates` are their own.
    fn bias(&mut self, steering: &Steering, first: usize, biases: bool) -> Bias {
        self.sources.rates(self.plan, &self.branch, &mut self.rates);
        let natural: f64 = self.rates.iter().sum();
        if !biases || natural <= 0.0 {
            return Bias { natural, pull: 0.0, gap: f64::INFINITY };
        }
        let gap = self.gap();
        let level = self.level(steering);
        let seen = &mut self.found[first].gaps[level];
        (seen.0, seen.1) = (seen.0 + gap, seen.1 + 1);
        let gap = gap.max(SHORT * steering.gaps[first][level]).max(SHORTEST);
        Bias { natural, pull: steering.pull, gap }
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

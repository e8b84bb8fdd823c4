//! A probe: a branch of the history under biased failure rates, until it is at rest again.

use super::{Explorer, LEVELS, MOST_REACH, Steering, pick, rest};
use crate::engine::calendar::Class;

/// The measure between two events of a probe.
#[derive(Debug, Clone, Copy)]
struct Measure {
    /// Failures per second, as they are and as they are simulated.
    natural: f64,
    biased: f64,
}

impl Explorer<'_> {
    /// Follows the branch to its end and adds what it loses, times a weight that it begins with.
    pub(super) fn probe(&mut self, steering: &Steering, first: usize, weight: f64) {
        let (plan, sources) = (self.plan, self.sources);
        let end = self.branch.world.end;
        let before = self.sums.lost;
        let begun = self.branch.ledger.begun();
        let mut weight = weight;
        let mut biases = true;
        let mut reached = 0;
        self.led.fill(0);
        loop {
            let now = self.branch.world.now;
            biases &= self.branch.ledger.begun() == begun && reached < steering.reach;
            if rest::is_quiet(plan, &self.branch, &steering.base) {
                self.branch_books.happened(plan, &self.branch, weight, &mut self.sums);
                break;
            }
            let measure = self.bias(steering, first, biases);
            let failure = if measure.biased > 0.0 { now + self.dice.exp1() / measure.biased } else { f64::INFINITY };
            let mut event = self.branch.world.calendar.peek();
            while let Some(ignored) = event.filter(|event| sources.class_of(plan, *event).is_some()) {
                if ignored.time() > failure {
                    break;
                }
                self.branch.world.calendar.pop();
                event = self.branch.world.calendar.peek();
            }
            let next = event.map_or(end, |event| event.time()).min(failure).min(end);
            self.branch_books.happened(plan, &self.branch, weight, &mut self.sums);
            // What is lost at a constant rate has the mean weight of its time; else that of the next event, which is as right.
            let moving = self.branch.is_moving();
            let loses = moving || !self.branch.ledger.is_quiet();
            let drift = if steering.weighs { (measure.biased - measure.natural) * (next - now) } else { 0.0 };
            let growth = libm::exp(drift);
            let mean = if drift > 1e-9 { weight * libm::expm1(drift) / drift } else { weight };
            weight *= growth;
            let class = if failure <= next && next < end {
                let class = pick(&self.biased, self.dice.uniform() * measure.biased);
                if steering.weighs {
                    weight *= self.rates[class] / self.biased[class];
                }
                Some(class)
            } else {
                None
            };
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
            if let Some(class) = class {
                self.led[class] += u32::from(biases);
                reached += u32::from(biases);
                let point = self.dice.uniform();
                sources.fail(plan, branch, class, point);
            } else if let Some(event) = branch.world.calendar.pop() {
                branch.turn(plan, event);
                branch.follow(plan);
            }
        }
        let lost = self.sums.lost - before;
        let found = &mut self.found[first];
        found.probes += 1;
        found.events += self.branch.world.events;
        found.lost += lost;
        found.squares += lost * lost;
        found.largest = found.largest.max(lost);
        found.by_reach[(reached as usize).min(MOST_REACH)] += lost;
        for (sum, count) in found.led_by.iter_mut().zip(&self.led) {
            *sum += lost * f64::from(*count);
        }
        self.events += self.branch.world.events;
    }

    /// Rates of failures from now on, as they are (`rates`) and as the probe has them (`biased`).
    fn bias(&mut self, steering: &Steering, first: usize, biases: bool) -> Measure {
        let plan = self.plan;
        self.sources.rates(plan, &self.branch, &mut self.rates);
        self.biased.clone_from(&self.rates);
        let natural: f64 = self.rates.iter().sum();
        if !biases || natural <= 0.0 {
            return Measure { natural, biased: natural };
        }
        let world = &self.branch.world;
        let pending = match world.calendar.next_of(Class::Restoration) {
            f64::INFINITY => world.calendar.next_of(Class::Action),
            time => time,
        };
        let gap = pending.min(world.end) - world.now;
        let unrest = rest::unrest(plan, &self.branch, &steering.base) as usize;
        let level = unrest.clamp(1, LEVELS) - 1;
        let seen = &mut self.found[first].gaps[level];
        (seen.0, seen.1) = (seen.0 + gap, seen.1 + 1);
        let wanted = steering.pull / gap.max(steering.gaps[first][level]).max(1e-3);
        let shares = &steering.shares[first];
        let all: f64 = shares.iter().zip(&self.rates).filter(|(_, rate)| **rate > 0.0).map(|(share, _)| share).sum();
        let mut biased = 0.0;
        for ((rate, share), own) in self.biased.iter_mut().zip(shares).zip(&self.rates) {
            if *own > 0.0 {
                *rate = own.max(wanted * share / all);
            }
            biased += *rate;
        }
        Measure { natural, biased }
    }
}

//! Splitting: a probe under the laws as they are, of which those copies that fail further are followed one by one.
//!
//! A path that is away from rest stands for n copies of itself with respect to each class of failures, n = 1 + s / r where its own rate is r and
//! further failures are made at a rate of s. Of these n times as many failures each counts 1/n: that by which the path itself fails, and
//! those with each of which a copy goes its own way, while the path goes on unchanged. So every state is reached with the measure that it
//! has, whatever s is: nothing is biased, weights are only divided, and never above that with which the probe began. It is
//! RESTART (Villen-Altamirano 1991; Garvels 2000) with a threshold at each further failure, and with copies that are not made before
//! they differ. n need not be whole; for what ages it depends on the age, since s does not.
//!
//! s is such that a path makes a fixed number of further failures while the danger usually lasts (the time to the next restoration), by
//! classes as pilots found them to lead to losses. So each further failure towards the loss is reached by about as many paths as the one before,
//! however unlikely it is, and the work grows with the number of failures that separate rest from the loss, not with their odds.
//!
//! Where a path comes back, without losing anything at the moment, to where it was before a failure that counted for a part of the weight, or nearer
//! to rest, it ends, but for that part of all such paths, which gets the weight from before that failure: Russian roulette, as right in the mean. How
//! far it is from rest is how many things are not as they usually are (`rest`). So copies do not climb again what others of more weight climb.
//!
//! What is decided by a draw (a failover that works or not, a standby that is broken) is drawn by each probe; pilots send more probes where
//! such draws decide.

use super::probe::{Failing, Fork, share_of};
use super::{Explorer, MOST_REACH, Steering, pick, rest};
use std::mem::{swap, take};

/// Most further failures that one path makes between two events, on average.
const MOST_FURTHER: f64 = 16.0;

/// Shortest danger that is told from none (s).
const SHORTEST: f64 = 1e-6;

/// Most copies of a probe. After them nothing further is made to fail: what there is goes on as it does by itself, which is as right, so a
/// system in which something is always wrong is not followed without end.
const MOST_COPIES: u32 = 256;

/// One path of a probe.
#[derive(Debug, Clone, Copy)]
struct Path {
    weight: f64,
    /// Failures that counted for a part, and from which it has not come back: how far from rest it was before, and the part.
    steps: [(u32, f64); MOST_REACH],
    reached: u32,
    /// Copies that wait until it ends.
    depth: usize,
}

impl Path {
    /// It fails, and counts for a part from now on.
    fn step(&mut self, steering: &Steering, distance: u32, ratio: f64) {
        self.steps[self.reached as usize] = (distance, ratio);
        self.reached += 1;
        self.weight *= if steering.weighs { ratio } else { 1.0 };
    }
}

/// Rates at which further failures are made.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// All classes together, until `ends` (s).
    all: f64,
    ends: f64,
}

impl Explorer<'_> {
    /// Follows all paths of a probe to their ends, and adds what they lose, times a weight that it begins with.
    pub(super) fn split(&mut self, steering: &Steering, first: usize, weight: f64) {
        self.copies = 0;
        self.grow(steering, first, Path { weight, steps: [(0, 1.0); MOST_REACH], reached: 0, depth: 0 });
    }

    fn grow(&mut self, steering: &Steering, first: usize, mut path: Path) {
        let plan = self.plan;
        let end = self.branch.world.end;
        let begun = self.branch.incidents();
        // What this path has lost by itself, since its last failure.
        let mut own = 0.0;
        let mut pace = None;
        loop {
            let now = self.branch.world.now;
            let before = self.sums.lost;
            self.branch_books.happened(plan, &self.branch, path.weight, &mut self.sums);
            own += self.sums.lost - before;
            if rest::is_quiet(plan, &self.branch, &steering.base) {
                break;
            }
            if !self.comes_back(steering, &mut path) {
                break;
            }
            // A pace that has begun goes on.
            let biases = (self.copies < MOST_COPIES || pace.is_some())
                && path.reached < steering.reach
                && self.branch.has_lost_nothing_since(begun);
            let Pace { all, ends } = *pace.get_or_insert_with(|| self.pace(steering, first, biases));
            let natural: f64 = self.rates.iter().sum();
            let failure = now + if natural > 0.0 { self.dice.exp1() / natural } else { f64::INFINITY };
            let further = now + if all > 0.0 { self.dice.exp1() / all } else { f64::INFINITY };
            let further = if further < ends { further } else { f64::INFINITY };
            let soon = failure.min(further);
            let mut event = self.branch.world.calendar.peek();
            while event.is_some_and(|event| event.time() <= soon && self.sources.class_of(plan, event).is_some()) {
                self.branch.world.calendar.pop();
                event = self.branch.world.calendar.peek();
            }
            let next = event.map_or(end, |event| event.time()).min(soon).min(end);
            let before = self.sums.lost;
            self.branch.account(plan, next);
            self.branch_books.lasted(&self.branch, path.weight, &mut self.sums);
            self.branch_books.judge(plan, &self.branch, self.budget, path.weight, &mut self.sums);
            own += self.sums.lost - before;
            if next >= end {
                self.branch_books.close(plan, &self.branch, path.weight, &mut self.sums);
                break;
            }
            self.branch.world.now = next;
            if further <= next {
                self.fail_further(steering, first, path);
                continue;
            }
            pace = None;
            let distance = self.distance(steering);
            let failed = if failure <= next {
                let class = pick(&self.rates, self.dice.uniform() * natural);
                let ratio = share_of(self.rates[class], self.further[class]);
                Some((Failing::Any(class), ratio))
            } else {
                let ageing = event.and_then(|event| self.sources.ageing_of(plan, &self.branch, event));
                ageing.map(|which| {
                    let added = self.further[which.class] / self.ageing[which.class].max(1.0);
                    (Failing::This(which), share_of(which.hazard, added))
                })
            };
            if let Some((which @ Failing::Any(_), _)) = failed {
                self.fail(which);
            } else if let Some(event) = self.branch.world.calendar.pop() {
                self.branch.turn(plan, event);
                self.branch.follow(plan);
            }
            if let Some((which, ratio)) = failed {
                if biases {
                    self.credit(first, path.reached, take(&mut own));
                    self.led[which.class()] += 1;
                    path.step(steering, distance, ratio);
                } else if steering.weighs {
                    // All of it where nothing further was made to fail.
                    path.weight *= ratio;
                }
            }
        }
        self.events += take(&mut self.branch.world.events);
        self.credit(first, path.reached, own);
    }

    fn distance(&self, steering: &Steering) -> u32 {
        rest::unrest(self.plan, &self.branch, &steering.base)
    }

    /// Plays for what a path has come back from: whether it goes on.
    fn comes_back(&mut self, steering: &Steering, path: &mut Path) -> bool {
        if path.reached == 0 || self.branch.is_moving() || !self.branch.ledger.is_quiet() {
            return true;
        }
        let distance = self.distance(steering);
        while path.reached > 0 {
            let (before, ratio) = path.steps[path.reached as usize - 1];
            if distance > before {
                break;
            }
            if !self.dice.bernoulli(ratio) {
                return false;
            }
            path.weight /= if steering.weighs { ratio } else { 1.0 };
            path.reached -= 1;
        }
        true
    }

    /// How further failures are made from now on; `rates`, `ageing` and `further` tell of what there is in each class.
    fn pace(&mut self, steering: &Steering, first: usize, biases: bool) -> Pace {
        self.sources.rates(self.plan, &self.branch, &mut self.rates);
        self.sources.ageing(self.plan, &self.branch, &mut self.ageing);
        self.further.clear();
        self.further.resize(self.rates.len(), 0.0);
        let none = Pace { all: 0.0, ends: f64::INFINITY };
        if !biases {
            return none;
        }
        for ((further, share), (own, count)) in
            self.further.iter_mut().zip(&steering.shares[first]).zip(self.rates.iter().zip(&self.ageing))
        {
            *further = if *own > 0.0 || *count > 0.0 { *share } else { 0.0 };
        }
        let shares: f64 = self.further.iter().sum();
        if shares <= 0.0 {
            return none;
        }
        let gap = self.see_gap(steering, first).max(SHORTEST);
        let usual = match steering.gaps[first][self.level(steering)] {
            usual if usual > 0.0 => usual,
            _ => gap,
        };
        let all = (steering.pull / usual).min(MOST_FURTHER / gap);
        self.further.iter_mut().for_each(|further| *further *= all / shares);
        Pace { all, ends: self.branch.world.now + gap }
    }

    /// A copy fails now, and is followed to its end.
    fn fail_further(&mut self, steering: &Steering, first: usize, path: Path) {
        let all: f64 = self.further.iter().sum();
        let class = pick(&self.further, self.dice.uniform() * all);
        let (which, ratio) = if self.ageing[class] == 0.0 {
            (Failing::Any(class), share_of(self.rates[class], self.further[class]))
        } else {
            let (point, at) = (self.dice.uniform(), self.branch.world.now);
            let Some(found) = self.sources.candidate(self.plan, &self.branch, class, point, at) else { return };
            (Failing::This(found), share_of(found.hazard, self.further[class] / self.ageing[class]))
        };
        if ratio <= 0.0 {
            return;
        }
        let mut copy = Path { depth: path.depth + 1, ..path };
        copy.step(steering, self.distance(steering), ratio);
        let kept = (take(&mut self.rates), take(&mut self.ageing), take(&mut self.further));
        self.copies += 1;
        self.set_aside(path.depth);
        self.fork();
        self.fail(which);
        self.led[class] += 1;
        self.grow(steering, first, copy);
        self.take_back(path.depth);
        (self.rates, self.ageing, self.further) = kept;
    }

    /// A copy of the branch waits.
    fn set_aside(&mut self, depth: usize) {
        // What has happened so far happened once.
        self.events += take(&mut self.branch.world.events);
        if self.forks.len() <= depth {
            self.forks.push(Fork::new(&self.branch));
        }
        let Fork { replica, books, led } = &mut self.forks[depth];
        replica.clone_from(&self.branch);
        books.take_over(&self.branch_books);
        led.clone_from(&self.led);
    }

    /// The copy that has waited goes on.
    fn take_back(&mut self, depth: usize) {
        let Fork { replica, books, led } = &mut self.forks[depth];
        swap(replica, &mut self.branch);
        swap(books, &mut self.branch_books);
        swap(led, &mut self.led);
    }
}

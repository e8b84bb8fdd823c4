//! Many checkers of one endpoint, each at a phase of its own.
//!
//! Every checker sees the endpoint at phase + k x interval, its phase uniform on (0, interval) and the same for a whole history. It
//! says "failing" after so many failures in a row and "healthy" after so many successes in a row. The endpoint is healthy
//! while more than a share of the n checkers say so, which is while at least q of them do, q the first whole number above share x n.
//!
//! So after a failure it is found failing when n - q + 1 of them have changed their mind: at the (n - q + 1)-th smallest of n phases, and F - 1
//! intervals. It is found healthy again at the q-th smallest, and H - 1 intervals. The k-th smallest of n phases has the Beta(k, n + 1 - k) law
//! times the interval, of mean k / (n + 1). What a checker has seen when the endpoint turns again in between counts: its run of equal results
//! is brought up to date at each turn, so this is exact, at a cost per turn and none per check.
//!
//! Where a check of a healthy endpoint may fail, a checker *flips* by itself while the endpoint serves: to "failing" after the first F
//! false failures in a row, back after the first H successes in a row, so many checks being drawn at once. A false alarm is on while
//! fewer than q say healthy. A failure calls off the runs that have begun.
//!
//! Source: Route 53 Developer Guide, "How Amazon Route 53 determines whether a health check is healthy": more than 18 % of the
//! checkers.

use crate::engine::clone_in_place;
use crate::law::Stream;
use crate::model::{Checkers, HealthCheck};

/// Many checkers, compiled.
#[derive(Debug, Clone)]
pub struct CheckersPlan {
    count: usize,
    /// Fewest that must say healthy.
    quorum: usize,
    interval: f64,
    failures: u64,
    successes: u64,
    /// Probability that the check of a healthy endpoint fails.
    false_failure: f64,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
struct Checker {
    phase: f64,
    says_healthy: bool,
    /// Results in a row that contradict what it says.
    contrary: u64,
    /// When it says something else while the endpoint serves (s).
    flips: f64,
}

/// Many checkers of one endpoint at work.
#[derive(Debug)]
pub struct Panel {
    checkers: Vec<Checker>,
    /// The endpoint has been up, or not, since then (s).
    serves: bool,
    since: f64,
    delays: Vec<f64>,
    /// So many say healthy, while the endpoint serves.
    healthy: usize,
    stamp: u32,
}

clone_in_place!(Panel { healthy, stamp, checkers, serves, since, delays });

impl CheckersPlan {
    /// Compiles them; none where a single checker that never errs follows the simple rule.
    pub fn new(checkers: Checkers, check: &HealthCheck) -> Option<CheckersPlan> {
        let false_failure = check.false_positive.get();
        (checkers.count > 1 || false_failure > 0.0).then(|| CheckersPlan {
            count: checkers.count as usize,
            quorum: checkers.quorum() as usize,
            interval: check.interval.0,
            failures: u64::from(check.unhealthy_threshold.max(1)),
            successes: u64::from(check.healthy_threshold.max(1)),
            false_failure,
        })
    }

    /// Checks until one that says healthy, or not, about an endpoint that serves says something else.
    fn checks_until_flip(&self, says_healthy: bool, stream: &mut Stream) -> f64 {
        if says_healthy {
            stream.trials_until_run(self.false_failure, self.failures as u32)
        } else {
            stream.trials_until_run(1.0 - self.false_failure, self.successes as u32)
        }
    }
}

impl Panel {
    /// Memory for the checkers of an endpoint.
    pub fn new(plan: &CheckersPlan) -> Panel {
        Panel {
            checkers: Vec::with_capacity(plan.count),
            serves: true,
            since: 0.0,
            delays: Vec::with_capacity(plan.count),
            healthy: plan.count,
            stamp: 0,
        }
    }

    /// All say healthy; their phases are drawn.
    pub fn restart(&mut self, plan: &CheckersPlan, stream: &mut Stream) {
        (self.serves, self.since) = (true, 0.0);
        self.checkers.clear();
        for _ in 0..plan.count {
            let phase = stream.uniform() * plan.interval;
            self.checkers.push(Checker { phase, says_healthy: true, contrary: 0, flips: f64::INFINITY });
        }
        if plan.false_failure > 0.0 {
            self.begin_flips(plan, 0.0, stream);
        }
    }

    /// The endpoint turns: how long until enough checkers say so, if it stays that way and none of them errs (s). Of an endpoint that serves
    /// again, where they may, that is none or never: flips tell.
    pub fn turn(&mut self, plan: &CheckersPlan, serves: bool, now: f64, stream: &mut Stream) -> f64 {
        let errs = plan.false_failure > 0.0;
        if errs && self.serves {
            self.stamp += 1;
            for checker in &mut self.checkers {
                (checker.contrary, checker.flips) = (0, f64::INFINITY);
            }
            // What they say now is what the flips have led to, and no result since then has changed it.
            self.since = now;
        }
        self.delays.clear();
        for checker in &mut self.checkers {
            // Number of the last check at or before an instant; the checks in between saw the state before this turn.
            let number = |time: f64| ((time - checker.phase) / plan.interval).floor();
            let seen = (number(now) - number(self.since)) as u64;
            let needed = if self.serves { plan.successes } else { plan.failures };
            if checker.says_healthy != self.serves {
                checker.contrary += seen;
                if checker.contrary >= needed {
                    (checker.says_healthy, checker.contrary) = (self.serves, 0);
                }
            } else if seen > 0 {
                checker.contrary = 0;
            }
            let delay = if checker.says_healthy == serves {
                0.0
            } else {
                let needed = if serves { plan.successes } else { plan.failures };
                let next = checker.phase + (number(now) + 1.0) * plan.interval - now;
                next + (needed - checker.contrary - 1) as f64 * plan.interval
            };
            self.delays.push(delay);
        }
        (self.serves, self.since) = (serves, now);
        if errs && serves {
            self.begin_flips(plan, now, stream);
            return if self.healthy >= plan.quorum { 0.0 } else { f64::INFINITY };
        }
        let agreeing = if serves { plan.quorum } else { plan.count - plan.quorum + 1 };
        *self.delays.select_nth_unstable_by(agreeing - 1, f64::total_cmp).1
    }

    /// The endpoint serves from now on: draws when each checker first says something else.
    fn begin_flips(&mut self, plan: &CheckersPlan, now: f64, stream: &mut Stream) {
        self.stamp += 1;
        self.healthy = self.checkers.iter().filter(|checker| checker.says_healthy).count();
        for checker in &mut self.checkers {
            let next = checker.phase + (((now - checker.phase) / plan.interval).floor() + 1.0) * plan.interval;
            let checks = plan.checks_until_flip(checker.says_healthy, stream);
            (checker.contrary, checker.flips) = (0, next + (checks - 1.0) * plan.interval);
        }
    }

    /// When the next checker flips (s); infinite if none does.
    pub fn next_flip(&self) -> f64 {
        self.checkers.iter().fold(f64::INFINITY, |next, checker| next.min(checker.flips))
    }

    /// Stamp of the event of the next flip.
    pub fn stamp(&self) -> u32 {
        self.stamp
    }

    /// The next checker flips: whether the endpoint is found healthy, or failing, by that; nothing if it is found as before.
    pub fn flip(&mut self, plan: &CheckersPlan, stream: &mut Stream) -> Option<bool> {
        self.stamp += 1;
        let checker = self.checkers.iter_mut().min_by(|a, b| a.flips.total_cmp(&b.flips))?;
        checker.says_healthy = !checker.says_healthy;
        checker.flips += plan.checks_until_flip(checker.says_healthy, stream) * plan.interval;
        let before = self.healthy >= plan.quorum;
        self.healthy = if checker.says_healthy { self.healthy + 1 } else { self.healthy - 1 };
        let after = self.healthy >= plan.quorum;
        (after != before).then_some(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Fraction, Seconds};

    fn plan(count: u32, share: f64, failures: u32, successes: u32) -> CheckersPlan {
        let share = Fraction::new(share).expect("a share");
        let check = HealthCheck {
            interval: Seconds(30.0),
            timeout: Seconds(4.0),
            unhealthy_threshold: failures,
            healthy_threshold: successes,
            deep: true,
            false_positive: Fraction::ZERO,
            detection: None,
            recovery: None,
        };
        CheckersPlan::new(Checkers { count, healthy_share: share }, &check).expect("more than one")
    }

    #[test]
    fn more_than_the_share() {
        // 18 % of 16 is 2.88 and of 15 is 2.7: three have to say healthy. 18 % of 50 is 9: ten have to. One fifth of 15 is 3: four.
        for (count, share, quorum) in
            [(16, 0.18, 3), (15, 0.18, 3), (50, 0.18, 10), (15, 0.2, 4), (1, 0.18, 1), (5, 0.0, 1)]
        {
            let share = Fraction::new(share).expect("a share");
            assert_eq!(Checkers { count, healthy_share: share }.quorum(), quorum, "{count} at {share:?}");
        }
    }

    /// Every check of every checker, one by one: the slow way to the same instants.
    #[test]
    fn turns_at_the_same_instants_as_checks_one_by_one() {
        let plan = plan(7, 0.18, 3, 2);
        let mut stream = Stream::new(3, 0, 17);
        let mut panel = Panel::new(&plan);
        for history in 0..200 {
            panel.restart(&plan, &mut stream);
            let mut turns = vec![0.0];
            for _ in 0..30 {
                turns.push(turns[turns.len() - 1] + stream.exp1() * 60.0);
            }
            let mut checks: Vec<(f64, usize)> = Vec::new();
            for (index, checker) in panel.checkers.iter().enumerate() {
                checks.extend((0..400).map(|k| (checker.phase + f64::from(k) * 30.0, index)));
            }
            checks.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut says = vec![(true, 0u32); 7];
            let mut at = 0;
            for (turn, &from) in turns.iter().enumerate().skip(1) {
                let serves = turn % 2 == 0;
                let delay = panel.turn(&plan, serves, from, &mut stream);
                let until = turns.get(turn + 1).copied().unwrap_or(from + 1_000.0);
                let healthy = |says: &[(bool, u32)]| says.iter().filter(|s| s.0).count() >= 2;
                while at < checks.len() && checks[at].0 <= from {
                    step(&mut says[checks[at].1], !serves);
                    at += 1;
                }
                let mut found = (healthy(&says) == serves).then_some(from);
                while at < checks.len() && checks[at].0 <= until {
                    step(&mut says[checks[at].1], serves);
                    if found.is_none() && healthy(&says) == serves {
                        found = Some(checks[at].0);
                    }
                    at += 1;
                }
                match found {
                    Some(time) => assert!((time - from - delay).abs() < 1e-6, "history {history}, turn {turn}"),
                    None => assert!(from + delay > until, "history {history}, turn {turn}"),
                }
            }
        }

        fn step(state: &mut (bool, u32), passes: bool) {
            if state.0 == passes {
                state.1 = 0;
                return;
            }
            state.1 += 1;
            if state.1 == if passes { 2 } else { 3 } {
                *state = (passes, 0);
            }
        }
    }

    /// Kolmogorov's distance of 20,000 delays from the Beta law of an order statistic stays below 1.95 / sqrt(20,000) = 0.0138 with
    /// probability 0.999.
    #[test]
    fn delays_have_the_law_of_an_order_statistic() {
        for (count, serves, rank) in [(16u32, false, 14u32), (16, true, 3), (15, false, 13), (15, true, 3)] {
            let plan = plan(count, 0.18, 3, 3);
            let mut stream = Stream::new(5, 0, u64::from(count));
            let mut panel = Panel::new(&plan);
            let mut delays: Vec<f64> = (0..20_000)
                .map(|_| {
                    panel.restart(&plan, &mut stream);
                    let at = 100.0 + stream.uniform() * 1_000.0;
                    let delay = panel.turn(&plan, false, at, &mut stream);
                    let found = if serves { panel.turn(&plan, true, at + 1_000.0, &mut stream) } else { delay };
                    (found - 60.0) / 30.0
                })
                .collect();
            delays.sort_by(f64::total_cmp);
            // P(k-th smallest of n uniforms <= x) is the probability that at least k of n are.
            let beta = |x: f64| -> f64 {
                let mut term = libm::pow(1.0 - x, f64::from(count));
                let mut sum = 0.0;
                for j in 0..=count {
                    if j >= rank {
                        sum += term;
                    }
                    term *= x / (1.0 - x) * f64::from(count - j) / f64::from(j + 1);
                }
                sum
            };
            let n = delays.len() as f64;
            let distance = delays.iter().enumerate().fold(0.0f64, |most, (i, x)| {
                let exact = beta(*x);
                most.max((exact - i as f64 / n).abs()).max((exact - (i + 1) as f64 / n).abs())
            });
            assert!(distance < 0.0138, "{count} checkers, rank {rank}: {distance}");
        }
    }
}

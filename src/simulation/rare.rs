//! Rare events on the full model: unbiased histories that branch into biased probes wherever something is not at rest.
//!
//! The *main history* is a crude one. An *excursion* is a maximal stretch of it in which something is down or a recovery is under way, beyond
//! what is usual. Where one begins the state is copied, and a *probe* goes on from the copy, looking for further failures, until it is at rest
//! again or the history ends. What the probe loses counts, with its weight; what the main history loses in the same
//! excursion does not, and the main history goes on as if there had been no probe. Given the state at the beginning the two are the same in the
//! mean, so the sum over probes and over what is lost outside of excursions has the mean of what is lost: for any laws and
//! mechanisms, any bias, and any rule that ends excursions by what is known. This is the A-cycle method of Nicola, Shahabuddin and
//! Nakayama (IEEE Trans. Reliability 50, 2001), with a main path that is never biased and so needs no regeneration.
//!
//! *First times* (there is an incident; more is lost than the objective allows) are sums over excursions as well: the main history
//! has seen none before it, and the probe sees one, with its weight at that instant.
//!
//! *Two ways* to follow a probe: `probe` biases the rates of failures (importance sampling), `split` follows the copies that fail further.
//!
//! *Bias.* What has no memory fails in a probe when the probe says, not when the calendar does, so the failures that the calendar holds are
//! ignored. Failures come at their own rates and, beside them, at a rate that makes one likely before the next restoration, of whose
//! sampled time the bias may know (`probe`). That rate is divided over classes of sources (one failure mode, wherever it strikes)
//! whatever their own rates: balanced failure biasing (Shahabuddin, Management Science 40, 1994; Heidelberger, ACM TOMACS 5, 1995),
//! which bounds the relative error also where a rare class leads to the loss and frequent ones do not. Nothing is below its own rate.
//! Once an incident has begun, or after as many failures as pilots found of use, nothing is biased any more: there is nothing to hurry
//! for (dynamic importance sampling; L'Ecuyer, Blanchet, Tuffin and Glynn, ACM TOMACS 20, 2010).
//!
//! What *ages* (lives that are not exponential, but have a density) fails at the instant that the calendar holds, which was drawn when the life
//! began and is not looked at before, and beside that by the bias. Given that it lives at its age, its next failure comes at the hazard of its
//! law, so that a failure of either kind multiplies the weight by hazard / (hazard + its rate of the bias), as one without memory does.
//!
//! What comes at instants that are known (changes, maintenance, fixed lives) comes by itself.
//!
//! *Which excursions.* Frequent failures begin most excursions, and rare ones hardly any. So while the main history is at rest each
//! class begins further probes, at (b - 1) times its rate, which the main history knows nothing of; each probe of the class then
//! counts 1/b. What ages begins further probes at a constant rate r, and each of its excursions counts hazard / (hazard + r). Where b is
//! below 1 only a share b of the excursions is probed. All this changes the work, and never the mean.

mod books;
mod probe;
mod rest;
mod sources;
mod split;

pub use books::{Blamed, QUANTITIES, Quantity, Sums};
pub use sources::Sources;

use super::compile::Plan;
use super::replicate::Replica;
use crate::law::{Stream, name_key};
use books::Books;
use probe::{Failing, Fork, share_of};

/// Unrest that is told apart; more counts as this much.
pub const LEVELS: usize = 8;

/// Most failures that the bias brings about in one probe.
pub const MOST_REACH: usize = 16;

/// Unrest of a part that is told apart when its usual state is looked for.
pub const MOST_UNREST: usize = 63;

/// How probes find what is rare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Failures come sooner than they do (`probe`).
    Importance,
    /// Failures come as they do, to many copies (`split`).
    Splitting,
}

/// How probes are steered. Any values give the same mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Steering {
    /// How probes find what is rare.
    pub way: Way,
    /// Unrest of each part that is usual.
    pub base: Vec<u32>,
    /// Probes of each class for each of its failures at rest; last those of all that begins excursions and is in no class.
    pub boosts: Vec<f64>,
    /// Probability that the bias brings about a failure before the next restoration.
    pub pull: f64,
    /// After so many failures that the bias brought about, nothing is biased any more in a probe; at most [`MOST_REACH`].
    pub reach: u32,
    /// Time to the next restoration that is usual (s), by class of the first failure and unrest.
    pub gaps: Vec<[f64; LEVELS]>,
    /// Share of each class in the biased rate, by class of the first failure.
    pub shares: Vec<Vec<f64>>,
    /// Weights are what they should be; else they are always 1, which must be found out.
    pub weighs: bool,
}

impl Steering {
    /// One that knows nothing: balanced, and rest is when everything is up.
    pub fn new(plan: &Plan, sources: &Sources, way: Way) -> Steering {
        let classes = sources.count();
        Steering {
            way,
            base: vec![0; rest::parts(plan)],
            boosts: vec![1.0; classes + 1],
            pull: 0.75,
            reach: 8,
            gaps: vec![[0.0; LEVELS]; classes + 1],
            shares: vec![vec![1.0; classes]; classes + 1],
            weighs: true,
        }
    }
}

/// What probes add to a sum.
#[derive(Debug, Clone, Copy, Default)]
pub struct Carried {
    /// The sum.
    pub sum: f64,
    /// The sum of the squares.
    pub squares: f64,
    /// The largest.
    pub largest: f64,
}

impl Carried {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.squares += value * value;
        self.largest = self.largest.max(value);
    }

    /// Adds what others carried.
    pub fn merge(&mut self, other: &Carried) {
        self.sum += other.sum;
        self.squares += other.squares;
        self.largest = self.largest.max(other.largest);
    }
}

/// What probes found, by class of the first failure; for steering, and to judge how far the result can be trusted.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Probes.
    pub probes: u64,
    /// State changes in them.
    pub events: u64,
    /// What they add to each sum of [`Sums::values`].
    pub carried: [Carried; QUANTITIES],
    /// What was lost, times the number of biased failures of each class before (s).
    pub led_by: Vec<f64>,
    /// What was lost, by the number of biased failures before (s).
    pub by_reach: [f64; MOST_REACH + 1],
    /// Sum and number of the times to the next restoration (s), by unrest.
    pub gaps: [(f64, u64); LEVELS],
}

impl Found {
    /// Adds what others found.
    pub fn merge(&mut self, other: &Found) {
        self.probes += other.probes;
        self.events += other.events;
        for (mine, theirs) in self.carried.iter_mut().zip(&other.carried) {
            mine.merge(theirs);
        }
        self.led_by.resize(other.led_by.len().max(self.led_by.len()), 0.0);
        for (mine, theirs) in self.led_by.iter_mut().zip(&other.led_by) {
            *mine += theirs;
        }
        for (mine, theirs) in self.by_reach.iter_mut().zip(other.by_reach) {
            *mine += theirs;
        }
        for (mine, theirs) in self.gaps.iter_mut().zip(other.gaps) {
            (mine.0, mine.1) = (mine.0 + theirs.0, mine.1 + theirs.1);
        }
    }

    fn clear(&mut self, classes: usize) {
        let mut led_by = std::mem::take(&mut self.led_by);
        led_by.clear();
        led_by.resize(classes, 0.0);
        *self = Found { led_by, ..Found::default() };
    }
}

/// What one history found.
#[derive(Debug, Clone, Copy)]
pub struct Rare<'a> {
    /// Weighted sums.
    pub sums: &'a Sums,
    /// What was found by probes of each class.
    pub found: &'a [Found],
    /// State changes, those of probes included.
    pub events: u64,
    /// State changes of the main history.
    pub crude_events: u64,
    /// Copies that were made.
    pub copies: u64,
}

/// The memory of a history with its probes, used again for the next.
#[derive(Debug)]
pub struct Explorer<'a> {
    plan: &'a Plan,
    sources: &'a Sources,
    main: Replica,
    branch: Replica,
    forks: Vec<Fork>,
    /// Draws for probes, in order.
    dice: Stream,
    /// Branches so far.
    branches: u64,
    books: Books,
    branch_books: Books,
    sums: Sums,
    found: Vec<Found>,
    rates: Vec<f64>,
    /// How many things of each class age.
    ageing: Vec<f64>,
    /// Further failures of each class per second.
    further: Vec<f64>,
    /// The same at rest.
    hurries: Vec<f64>,
    biased: Vec<f64>,
    led: Vec<u32>,
    /// Copies of the probe at hand that were made to fail further.
    copies: u32,
    /// Most that may be lost; infinite without an objective (s of usual demand).
    budget: f64,
    events: u64,
}

impl<'a> Explorer<'a> {
    /// Memory for histories of a plan, of which `allowed` may be lost.
    pub fn new(plan: &'a Plan, sources: &'a Sources, allowed: Option<f64>) -> Explorer<'a> {
        let replica = Replica::new(plan);
        Explorer {
            plan,
            sources,
            branch: replica.clone(),
            forks: Vec::new(),
            main: replica,
            dice: Stream::new(0, 0, 0),
            branches: 0,
            books: Books::default(),
            branch_books: Books::default(),
            sums: Sums::default(),
            found: vec![Found::default(); sources.count() + 1],
            rates: Vec::new(),
            ageing: Vec::new(),
            further: Vec::new(),
            hurries: Vec::new(),
            biased: Vec::new(),
            led: vec![0; sources.count()],
            copies: 0,
            budget: allowed.map_or(f64::INFINITY, |share| share * plan.judged.iter().sum::<f64>() * (1.0 + 1e-9)),
            events: 0,
        }
    }

    fn begin(&mut self, seed: u64, history: u64) {
        self.main.restart(self.plan, seed, history);
        self.dice = Stream::new(seed, history, name_key("rare events"));
        self.sums.clear();
        let classes = self.sources.count();
        self.found.iter_mut().for_each(|found| found.clear(classes));
        (self.branches, self.events) = (0, 0);
        self.books = Books::default();
    }

    /// Failures of each class per second when everything is up.
    pub fn rates_at_rest(&mut self) -> &[f64] {
        self.begin(0, 0);
        self.sources.rates(self.plan, &self.main, &mut self.rates);
        self.sources.ageing(self.plan, &self.main, &mut self.ageing);
        for (class, (rate, count)) in self.rates.iter_mut().zip(&self.ageing).enumerate() {
            // What ages fails once in a mean life or so.
            *rate += self.sources.ages(class).map_or(0.0, |mean| count / mean);
        }
        &self.rates
    }

    /// One history without probes: adds for each part how long (s) it had which unrest, and returns the number of state changes.
    pub fn survey(&mut self, seed: u64, history: u64, times: &mut Vec<[f64; MOST_UNREST + 1]>) -> u64 {
        self.begin(seed, history);
        let (plan, main) = (self.plan, &mut self.main);
        times.resize(rest::parts(plan), [0.0; MOST_UNREST + 1]);
        let mut unrest = vec![0; times.len()];
        let mut add = |main: &Replica, length: f64| {
            rest::survey(plan, main, &mut unrest);
            for (time, unrest) in times.iter_mut().zip(&unrest) {
                time[(*unrest as usize).min(MOST_UNREST)] += length;
            }
        };
        while let Some(event) = main.world.calendar.peek() {
            let next = event.time();
            if next >= plan.warm_up {
                add(main, next - main.world.now.max(plan.warm_up));
            }
            main.world.calendar.pop();
            main.world.now = next;
            if main.is_moving() {
                main.account(plan, next);
            }
            main.turn(plan, event);
            main.follow(plan);
        }
        add(main, main.world.end - main.world.now.max(plan.warm_up));
        main.world.events
    }

    /// One history with its probes.
    pub fn run(&mut self, steering: &Steering, seed: u64, history: u64) -> Rare<'_> {
        self.begin(seed, history);
        let plan = self.plan;
        let end = self.main.world.end;
        let mut warm = plan.warm_up == 0.0;
        if warm {
            self.books.mark(plan, &self.main, f64::INFINITY);
        }
        let mut quiet = warm && rest::is_quiet(plan, &self.main, &steering.base);
        if warm && !quiet {
            self.books.mark(plan, &self.main, f64::INFINITY);
            self.branch_off(steering, self.sources.count(), None);
        }
        loop {
            let event = self.main.world.calendar.peek();
            let next = event.map_or(end, |event| event.time());
            if !warm && next >= plan.warm_up {
                self.main.warm_up_ends(plan);
                warm = true;
                self.books.mark(plan, &self.main, f64::INFINITY);
                self.books.firsts = Default::default();
                quiet = rest::is_quiet(plan, &self.main, &steering.base);
                if !quiet {
                    self.branch_off(steering, self.sources.count(), None);
                }
            }
            if quiet {
                self.further_probes(steering, next);
            }
            let main = &mut self.main;
            if quiet {
                self.books.happened(plan, main, 1.0, &mut self.sums);
                main.account(plan, next);
                self.books.lasted(main, 1.0, &mut self.sums);
                self.books.judge(plan, main, self.budget, 1.0, &mut self.sums);
            } else if main.is_moving() {
                main.account(plan, next);
            }
            let Some(event) = event else {
                if quiet {
                    self.books.close(plan, main, 1.0, &mut self.sums);
                }
                break;
            };
            main.world.calendar.pop();
            main.world.now = next;
            let class = self.sources.class_of(plan, event);
            let ageing = if quiet { self.sources.ageing_of(plan, main, event) } else { None };
            main.turn(plan, event);
            main.follow(plan);
            if !warm {
                continue;
            }
            let was_quiet = std::mem::replace(&mut quiet, rest::is_quiet(plan, main, &steering.base));
            if was_quiet && !quiet {
                let class = class.or(ageing.map(|which| which.class));
                self.branch_off(steering, class.unwrap_or(self.sources.count()), ageing.map(|which| which.hazard));
            } else if !was_quiet && quiet {
                main.account(plan, next);
                self.books.mark(plan, &self.main, self.budget);
            }
        }
        let crude_events = self.main.world.events;
        let events = self.events + crude_events;
        Rare { sums: &self.sums, found: &self.found, events, crude_events, copies: self.branches }
    }

    /// Further failures per second, at rest, of each thing that ages in a class.
    fn hurried(&self, steering: &Steering, class: usize) -> f64 {
        self.sources.ages(class).map_or(0.0, |mean| (steering.boosts[class] - 1.0).max(0.0) / mean)
    }

    /// An excursion of the main history has begun with a failure of a class, at a hazard if it ages.
    fn branch_off(&mut self, steering: &Steering, class: usize, hazard: Option<f64>) {
        let boost = steering.boosts[class];
        if boost < 1.0 && !self.dice.bernoulli(boost) {
            return;
        }
        let weight = match hazard {
            Some(hazard) if boost >= 1.0 => share_of(hazard, self.hurried(steering, class)),
            _ => 1.0 / boost,
        };
        self.branch.clone_from(&self.main);
        self.branch_books.take_over(&self.books);
        self.fork();
        self.probe(steering, class, weight);
    }

    /// Probes that begin before `until` with a failure of which the main history, at rest, knows nothing.
    fn further_probes(&mut self, steering: &Steering, until: f64) {
        let plan = self.plan;
        let mut rates = std::mem::take(&mut self.hurries);
        self.sources.rates(plan, &self.main, &mut rates);
        self.sources.ageing(plan, &self.main, &mut self.ageing);
        for (class, (rate, boost)) in rates.iter_mut().zip(&steering.boosts).enumerate() {
            *rate *= (boost - 1.0).max(0.0);
            *rate += self.ageing[class] * self.hurried(steering, class);
        }
        self.begin_probes(steering, &rates, until);
        self.hurries = rates;
    }

    fn begin_probes(&mut self, steering: &Steering, rates: &[f64], until: f64) {
        let plan = self.plan;
        let total: f64 = rates.iter().sum();
        if total <= 0.0 {
            return;
        }
        let mut now = self.main.world.now;
        loop {
            now += self.dice.exp1() / total;
            if now >= until {
                return;
            }
            let class = pick(rates, self.dice.uniform() * total);
            let (which, weight) = match self.sources.ages(class) {
                None => (Failing::Any(class), 1.0 / steering.boosts[class]),
                Some(_) => {
                    let point = self.dice.uniform();
                    let Some(found) = self.sources.candidate(plan, &self.main, class, point, now) else { continue };
                    (Failing::This(found), share_of(found.hazard, self.hurried(steering, class)))
                }
            };
            if weight <= 0.0 {
                continue;
            }
            self.branch.clone_from(&self.main);
            self.branch_books.take_over(&self.books);
            self.branch.account(plan, now);
            self.branch_books.mark(plan, &self.branch, self.budget);
            self.fork();
            self.fail(which);
            if !rest::is_quiet(plan, &self.branch, &steering.base) {
                self.probe(steering, class, weight);
            }
        }
    }

    /// From here on the branch draws numbers of its own.
    fn fork(&mut self) {
        self.branches += 1;
        let number = self.branches;
        self.branch.streams(&mut |stream| *stream = stream.branch(number));
        self.branch.world.events = 0;
    }
}

/// The position of one of some rates, that which `point` of their sum falls on; never one that is 0.
fn pick(rates: &[f64], point: f64) -> usize {
    let (mut rest, mut found) = (point, 0);
    for (position, rate) in rates.iter().enumerate().filter(|(_, rate)| **rate > 0.0) {
        found = position;
        rest -= rate;
        if rest < 0.0 {
            break;
        }
    }
    found
}

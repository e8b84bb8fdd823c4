//! DNS: which regions clients are told to use, and which they still use.
//!
//! Clients that share one effective TTL see the answer averaged over the last TTL: when the answer changes, residual TTLs are
//! uniform on (0, TTL), so the moved share grows linearly over one TTL. A switch therefore bends the shares by 1/TTL now and by the
//! opposite one TTL later, and flaps, failbacks and overlaps add up exactly. A cohort that keeps stale answers for an
//! exponential time follows that average with a lag; one that keeps them for a fixed time follows it that much later.
//!
//! Sources: Route 53 developer guide, June 2023 (health checks, failover records, "all records unhealthy").

mod health;
mod reserve;

use super::check::Check;
use super::checkers::{CheckersPlan, Panel};
use super::standby::{Standby, StandbyPlan};
use super::world::World;
use crate::engine::calendar::Class;
use crate::engine::clone_in_place;
use crate::engine::curve::Curve;
use crate::engine::ledger::Stage;
use crate::law::{History, Law, Stream, exp};
use crate::model::Decision;
use std::collections::VecDeque;

/// A name, compiled.
#[derive(Debug, Clone)]
pub struct DnsPlan {
    /// Component number of its events.
    pub component: u32,
    /// The regions it can answer, most wanted first for a failover record.
    pub regions: Vec<usize>,
    /// What it answers.
    pub record: RecordPlan,
    /// How endpoints are checked.
    pub check: Option<Check>,
    /// Where many check each endpoint.
    pub checkers: Option<CheckersPlan>,
    /// From detection to the decision.
    pub decision: Decision,
    /// Probability that the change works by itself.
    pub coverage: f64,
    /// From detection to the change by hand.
    pub manual: Decision,
    /// From the decision to the new answer.
    pub publish: Law,
    /// What happens when an endpoint is healthy again.
    pub failback: FailbackPlan,
    /// Probability that a failback takes the service down, and for how long.
    pub failback_risk: Option<(f64, Law)>,
    /// The regions that stand by, by endpoint.
    pub standbys: Vec<Option<StandbyPlan>>,
    /// Who asks.
    pub cohorts: Vec<CohortPlan>,
    /// Rates of the exponential cohorts (1/s).
    pub rates: Vec<f64>,
    /// Key of its stream.
    pub key: u64,
}

/// What a name answers, compiled.
#[derive(Debug, Clone)]
pub enum RecordPlan {
    /// The first listed endpoint.
    Failover,
    /// All listed endpoints, with these weights.
    Weighted(Vec<f64>),
    /// To each of these shares of the clients the first listed endpoint in its order, which holds all.
    Latency(Vec<(f64, Vec<usize>)>),
}

/// What happens when an endpoint is healthy again.
#[derive(Debug, Clone)]
pub enum FailbackPlan {
    /// It may be answered again after this long.
    After(Law),
    /// The answer stays until what it names fails.
    Never,
}

/// Clients that treat an answer alike, compiled.
#[derive(Debug, Clone)]
pub struct CohortPlan {
    /// Share of the demand.
    pub share: f64,
    /// Effective TTL (s).
    pub ttl: f64,
    /// Fixed extra time (s).
    pub delay: f64,
    /// Position of its rate among [`DnsPlan::rates`].
    pub rate: Option<usize>,
}

mod kind {
    // Of what comes at one instant verdicts come before what is completed.
    pub const NOTICED: u8 = 0;
    pub const SEEN_HEALTHY: u8 = 1;
    pub const DECIDED: u8 = 2;
    pub const OUT: u8 = 3;
    pub const BACK_DECIDED: u8 = 4;
    pub const BACK: u8 = 5;
    pub const BEND: u8 = 6;
    pub const UNBEND: u8 = 7;
    pub const STANDBY: u8 = 8;
    pub const RECOVERED: u8 = 9;
    pub const FLIPS: u8 = 10;
    pub const RELEASED: u8 = 11;
}

/// Below this an exponential tail is over: 1e-13 of the clients.
const SETTLED: f64 = 1e-13;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Watch {
    Healthy,
    Noticing,
    Deciding,
    /// The region that takes its place is made ready.
    Preparing,
    Publishing,
    /// It is to be answered no more, but the control plane is down.
    HeldIn,
    Out,
    Returning,
    /// It is to be answered again, but the control plane is down.
    HeldOut,
}

#[derive(Debug, Clone, Copy)]
struct Endpoint {
    serves: bool,
    listed: bool,
    /// Seen healthy again, but not yet to be answered.
    spare: bool,
    watch: Watch,
    stamp: u32,
    cause: u64,
    /// The region standing by that takes its place, until the answer has changed or needs not.
    successor: Option<usize>,
    /// Clients will be sent back, once the answer changes, from the outage behind which these modes were.
    returning: Option<u64>,
}

impl Endpoint {
    const HEALTHY: Endpoint = Endpoint {
        serves: true,
        listed: true,
        spare: false,
        watch: Watch::Healthy,
        stamp: 0,
        cause: 0,
        successor: None,
        returning: None,
    };
}

#[derive(Debug, Default)]
struct Cohort {
    /// The answer averaged over the last TTL, at the present.
    window: Vec<f64>,
    slope: Vec<f64>,
    /// What a cohort with an exponential lag uses, at the present.
    lagging: Vec<f64>,
    /// Changes of the answer that have not begun, and not ended, to show; one entry per endpoint each.
    coming: VecDeque<f64>,
    going: VecDeque<f64>,
}

clone_in_place!(Cohort { window, slope, lagging, coming, going });

/// A name at work.
#[derive(Debug)]
pub struct Dns {
    endpoints: Vec<Endpoint>,
    /// The checkers of each endpoint, where there are many.
    panels: Vec<Panel>,
    standbys: Vec<Option<Standby>>,
    /// Failbacks that went wrong, and the modes behind the one that is being mended.
    botched: u32,
    botched_by: Option<u64>,
    cohorts: Vec<Cohort>,
    answer: Vec<f64>,
    next: Vec<f64>,
    current: usize,
    since: f64,
    moving: bool,
    stream: Stream,
}

clone_in_place!(Dns {
    endpoints,
    panels,
    standbys,
    botched,
    botched_by,
    cohorts,
    answer,
    next,
    current,
    since,
    moving,
    stream
});

impl Dns {
    /// Memory for a name.
    pub fn new(plan: &DnsPlan) -> Dns {
        let zeros = vec![0.0; plan.regions.len()];
        let cohort =
            Cohort { window: zeros.clone(), slope: zeros.clone(), lagging: zeros.clone(), ..Cohort::default() };
        Dns {
            endpoints: vec![Endpoint::HEALTHY; plan.regions.len()],
            panels: plan.checkers.iter().flat_map(|c| plan.regions.iter().map(|_| Panel::new(c))).collect(),
            standbys: plan.standbys.iter().map(|s| s.as_ref().map(|_| Standby::new())).collect(),
            botched: 0,
            botched_by: None,
            cohorts: vec![cohort; plan.cohorts.len()],
            answer: zeros.clone(),
            next: zeros,
            current: 0,
            since: 0.0,
            moving: false,
            stream: Stream::new(0, 0, 0),
        }
    }

    /// Everything healthy, every cache full.
    pub fn restart(&mut self, plan: &DnsPlan, history: &History, world: &mut World) {
        self.stream = history.stream(plan.key);
        self.endpoints.fill(Endpoint::HEALTHY);
        if let Some(checkers) = &plan.checkers {
            self.panels.iter_mut().for_each(|panel| panel.restart(checkers, &mut self.stream));
            (0..self.panels.len()).for_each(|index| self.await_flip(plan, index, world));
        }
        for (state, standby) in self.standbys.iter_mut().zip(&plan.standbys) {
            if let (Some(state), Some(standby)) = (state, standby) {
                state.restart(standby, &mut self.stream, world);
            }
        }
        (self.botched, self.botched_by) = (0, None);
        (self.current, self.since, self.moving) = (0, 0.0, false);
        self.resolve(plan);
        self.answer.copy_from_slice(&self.next);
        for cohort in &mut self.cohorts {
            cohort.window.copy_from_slice(&self.next);
            cohort.lagging.copy_from_slice(&self.next);
            cohort.slope.fill(0.0);
            cohort.coming.clear();
            cohort.going.clear();
        }
    }

    /// Shares of some region are changing at the moment.
    pub fn is_moving(&self) -> bool {
        self.moving
    }

    /// Share of an endpoint in the present answer.
    pub fn answered(&self, endpoint: usize) -> f64 {
        self.answer[endpoint]
    }

    /// Modes that keep regions out of the answer, or are about to.
    pub fn cause(&self) -> u64 {
        self.endpoints.iter().filter(|e| !e.listed || !e.serves).fold(0, |modes, e| modes | e.cause)
    }

    /// Modes behind a failback that took the service down, while it is being mended.
    pub fn botched(&self) -> Option<u64> {
        self.botched_by
    }

    /// Every endpoint is answered or known not to be wanted, caches are full, and nothing is under way.
    pub fn is_calm(&self) -> bool {
        let settled = |index: usize| {
            let endpoint = &self.endpoints[index];
            let standby = self.standbys[index].as_ref();
            endpoint.watch == Watch::Healthy
                && standby.is_none_or(|standby| standby.is_settled(self.answer[index] > 0.0))
        };
        !self.moving && self.botched().is_none() && (0..self.endpoints.len()).all(settled)
    }

    /// Every stream it draws from.
    pub fn streams(&mut self, visit: &mut impl FnMut(&mut Stream)) {
        visit(&mut self.stream);
    }

    /// Where getting clients off the endpoint stands.
    pub fn stage(&self, endpoint: usize) -> Stage {
        match self.endpoints[endpoint].watch {
            _ if self.standbys[endpoint].as_ref().is_some_and(Standby::is_coming) => Stage::Action,
            Watch::Noticing => Stage::Detection,
            Watch::Deciding => Stage::Decision,
            Watch::Preparing | Watch::Publishing | Watch::HeldIn => Stage::Action,
            _ if self.answer[endpoint] == 0.0 => Stage::Propagation,
            // Another endpoint could serve, and is not known to.
            _ if self.endpoints.iter().any(|e| e.serves && !e.listed) => Stage::Detection,
            _ => Stage::Repair,
        }
    }

    /// Share of the demand that goes to an endpoint, from the present on.
    pub fn share(&self, plan: &DnsPlan, endpoint: usize) -> Curve {
        let mut curve = Curve::default();
        for (cohort, state) in plan.cohorts.iter().zip(&self.cohorts) {
            let (window, slope) = (state.window[endpoint], state.slope[endpoint]);
            match cohort.rate {
                None => {
                    curve.constant += cohort.share * window;
                    curve.slope += cohort.share * slope;
                }
                Some(index) => {
                    // y' = rate (w - y) with w linear: y runs `slope / rate` behind the window once the start is forgotten.
                    let behind = window - slope / plan.rates[index];
                    curve.constant += cohort.share * behind;
                    curve.slope += cohort.share * slope;
                    curve.decays[index] += cohort.share * (state.lagging[endpoint] - behind);
                }
            }
        }
        curve
    }

    /// Moves the shares on to `now`.
    pub fn advance(&mut self, plan: &DnsPlan, now: f64) {
        let width = now - self.since;
        self.since = now;
        if !self.moving {
            return;
        }
        for (cohort, state) in plan.cohorts.iter().zip(&mut self.cohorts) {
            for endpoint in 0..self.answer.len() {
                let (window, slope) = (state.window[endpoint], state.slope[endpoint]);
                state.window[endpoint] = window + slope * width;
                state.lagging[endpoint] = match cohort.rate {
                    None => state.window[endpoint],
                    Some(index) => {
                        let rate = plan.rates[index];
                        let behind = window - slope / rate;
                        behind + slope * width + (state.lagging[endpoint] - behind) * exp(-rate * width)
                    }
                };
            }
        }
        self.settle(plan);
    }

    /// Snaps cohorts that have caught up to the answer, so that no rounding is left behind.
    fn settle(&mut self, plan: &DnsPlan) {
        self.moving = false;
        for (cohort, state) in plan.cohorts.iter().zip(&mut self.cohorts) {
            if !(state.coming.is_empty() && state.going.is_empty()) {
                self.moving = true;
                continue;
            }
            state.slope.fill(0.0);
            if state.coming.is_empty() {
                state.window.copy_from_slice(&self.answer);
            }
            let far = |(lagging, window): (&f64, &f64)| (lagging - window).abs() > SETTLED;
            if cohort.rate.is_some() && state.lagging.iter().zip(&state.window).any(far) {
                self.moving = true;
            } else {
                state.lagging.copy_from_slice(&state.window);
            }
        }
    }

    // ---- the answer ------------------------------------------------------------------------------------------------------

    /// What the name should answer now.
    fn resolve(&mut self, plan: &DnsPlan) {
        self.next.fill(0.0);
        let none = self.nothing_listed();
        match &plan.record {
            RecordPlan::Failover => {
                let sticky = matches!(plan.failback, FailbackPlan::Never) && self.endpoints[self.current].listed;
                if !sticky {
                    self.current = self.endpoints.iter().position(|e| e.listed).unwrap_or(0);
                }
                self.next[self.current] = 1.0;
            }
            RecordPlan::Weighted(weights) => {
                let on = |index: usize| self.endpoints[index].listed || none;
                let total: f64 = weights.iter().enumerate().filter(|(i, _)| on(*i)).map(|(_, w)| w).sum();
                for (index, weight) in weights.iter().enumerate().filter(|(i, _)| on(*i)) {
                    self.next[index] = if total > 0.0 { weight / total } else { 0.0 };
                }
                if total <= 0.0 {
                    let total: f64 = weights.iter().sum();
                    for (next, weight) in self.next.iter_mut().zip(weights) {
                        *next = weight / total;
                    }
                }
            }
            RecordPlan::Latency(populations) => {
                for (share, order) in populations {
                    let nearest = order.iter().find(|index| self.endpoints[**index].listed || none);
                    self.next[nearest.copied().unwrap_or(0)] += share;
                }
            }
        }
    }

    /// Gives the answer that fits the endpoints, unless the control plane holds it back.
    fn change_answer(&mut self, plan: &DnsPlan, world: &mut World) {
        if !world.places.can_publish() {
            return;
        }
        // Under "never" an endpoint seen healthy comes in at once where the record answers one region that is listed: nothing changes.
        let never = matches!(plan.failback, FailbackPlan::Never) && matches!(plan.record, RecordPlan::Failover);
        if never && self.endpoints[self.current].listed {
            self.relist_spares(plan, world);
        }
        self.resolve(plan);
        if self.next == self.answer {
            return self.arrived(plan, world);
        }
        for cohort in 0..self.cohorts.len() {
            let state = &mut self.cohorts[cohort];
            for (next, answer) in self.next.iter().zip(&self.answer) {
                state.coming.push_back(next - answer);
            }
            let delay = plan.cohorts[cohort].delay;
            world.after(delay, Class::Action, plan.component, kind::BEND, cohort as u32, 0);
        }
        for index in 0..self.endpoints.len() {
            if let Some(modes) = self.endpoints[index].returning
                && self.next[index] > self.answer[index]
            {
                self.risk(plan, modes, world);
            }
        }
        self.answer.copy_from_slice(&self.next);
        self.moving = true;
        self.touch(plan, world);
        self.arrived(plan, world);
    }

    /// The answer is the one that fits: those that left it have been replaced.
    fn arrived(&mut self, plan: &DnsPlan, world: &mut World) {
        for endpoint in &mut self.endpoints {
            endpoint.returning = None;
            if !endpoint.listed {
                endpoint.successor = None;
            }
        }
        self.muster(plan, world);
    }

    fn touch(&self, plan: &DnsPlan, world: &mut World) {
        for region in &plan.regions {
            world.changed |= 1 << region;
        }
    }

    /// A change of the answer begins to show in a cohort.
    fn bend(&mut self, plan: &DnsPlan, cohort: usize, world: &mut World) {
        let state = &mut self.cohorts[cohort];
        let ttl = plan.cohorts[cohort].ttl;
        for slope in &mut state.slope {
            let change = state.coming.pop_front().unwrap_or(0.0);
            *slope += change / ttl;
            state.going.push_back(change);
        }
        world.after(ttl, Class::Action, plan.component, kind::UNBEND, cohort as u32, 0);
        self.moving = true;
        self.touch(plan, world);
    }

    /// The last client of a cohort has asked again since a change of the answer.
    fn unbend(&mut self, plan: &DnsPlan, cohort: usize, world: &mut World) {
        let state = &mut self.cohorts[cohort];
        let ttl = plan.cohorts[cohort].ttl;
        for slope in &mut state.slope {
            *slope -= state.going.pop_front().unwrap_or(0.0) / ttl;
        }
        self.settle(plan);
        self.touch(plan, world);
    }
}

/// For the story of an incident.
impl Dns {
    /// What its endpoints look like now, in their order.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        self.endpoints.iter().map(|endpoint| match endpoint.watch {
            Watch::Healthy if endpoint.spare => "healthy, and not answered",
            Watch::Healthy => "healthy",
            Watch::Noticing => "fails, which no check has noticed",
            Watch::Deciding => "noticed; leaving it is being decided",
            Watch::Preparing => "what takes its place is being made ready",
            Watch::Publishing => "the answer is being changed",
            Watch::HeldIn => "out of the answer as soon as the control plane is up",
            Watch::Out => "out of the answer",
            Watch::Returning => "healthy again, on its way back into the answer",
            Watch::HeldOut => "back in the answer as soon as the control plane is up",
        })
    }
}

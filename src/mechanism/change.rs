//! Deployments and configuration pushes: a bad one takes down what its stages have reached so far, until it is noticed and rolled back.
//!
//! Changes start at times that depend on nothing else, each is bad with one probability, and both are drawn from a stream named after
//! the change: under one environment all architectures see the same rollouts. A good change is never seen and needs no state. A bad one
//! reaches its first stage when it starts and each further one a bake time later, unless it is noticed first; at the same instant the
//! notice wins. Detection runs from the first stage, the rollback from the detection (or from when the control planes it needs are up),
//! and at its end all that was reached is back. A bad change that would start before the last one is rolled back does not happen: whoever
//! is rolling back deploys nothing.
//!
//! Source of the staging (one box, then more of a zone, then a zone and a region at a time, with bake time between them, and automatic rollback): C.
//! Liguori, "Automating safe, hands-off deployments", Amazon Builders' Library, 2020.

use super::outage::Target;
use super::world::{Places, World};
use crate::engine::calendar::{Class, Event};
use crate::engine::ledger::Stage;
use crate::law::{History, Law, Stream};

/// Changes of one kind, compiled.
#[derive(Debug, Clone)]
pub struct ChangePlan {
    /// Component number of its events.
    pub component: u32,
    /// Its bit among the failure modes.
    pub bit: u64,
    /// What it reaches stays up and fails some of its requests.
    pub gray: bool,
    /// What each stage reaches that the ones before it did not.
    pub stages: Vec<Vec<Target>>,
    /// From start to start.
    pub every: Law,
    /// Probability that a change is bad.
    pub failure: f64,
    /// From stage to stage.
    pub bake: Law,
    /// From the first stage to the notice.
    pub detection: Law,
    /// From the notice to the end.
    pub rollback: Law,
    /// Regions whose control plane the rollback needs, beside the global one; none if it needs no control plane at all.
    pub needs: Option<Vec<usize>>,
    /// Key of the stream of starts, from its name.
    pub starts: u64,
    /// Key of the stream of its courses, from its name.
    pub courses: u64,
}

/// Kinds of events; at the same instant the notice comes before the next stage.
mod kind {
    pub const ROLLED_BACK: u8 = 0;
    pub const NOTICED: u8 = 1;
    pub const NEXT: u8 = 2;
    pub const START: u8 = 3;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No bad change is out.
    Quiet,
    /// One is, and nobody has noticed.
    Spreading,
    /// It is noticed, and its rollback waits for a control plane.
    Held,
    RollingBack,
}

/// What an event has brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing that anybody sees.
    Nothing,
    /// A bad change reaches a stage.
    Reaches(usize),
    /// It is noticed.
    Noticed,
    /// The stages up to this one are rolled back.
    RolledBack(usize),
}

impl Change {
    /// What it looks like now, in words.
    pub fn words(&self) -> String {
        match self.phase {
            Phase::Quiet => "nothing bad is out".to_owned(),
            Phase::Spreading => format!("a bad one is out, stage {}", self.reached + 1),
            Phase::Held => "noticed; the rollback waits for a control plane".to_owned(),
            Phase::RollingBack => "noticed; being rolled back".to_owned(),
        }
    }
}

/// Changes of one kind, at work.
#[derive(Debug, Clone)]
pub struct Change {
    starts: Stream,
    courses: Stream,
    phase: Phase,
    reached: usize,
    stamp: u32,
}

impl Change {
    /// Not yet started.
    pub fn new() -> Change {
        let idle = Stream::new(0, 0, 0);
        Change { starts: idle.clone(), courses: idle, phase: Phase::Quiet, reached: 0, stamp: 0 }
    }

    /// Starts with everything good.
    pub fn restart(&mut self, plan: &ChangePlan, history: &History, world: &mut World) {
        self.starts = history.stream(plan.starts);
        self.courses = history.stream(plan.courses);
        self.phase = Phase::Quiet;
        self.arm_start(plan, world);
    }

    fn arm_start(&mut self, plan: &ChangePlan, world: &mut World) {
        let delay = plan.every.sample(&mut self.starts);
        world.after(delay, Class::Failure, plan.component, kind::START, 0, 0);
    }

    fn arm(&mut self, delay: f64, class: Class, kind: u8, plan: &ChangePlan, world: &mut World) {
        world.after(delay, class, plan.component, kind, 0, self.stamp);
    }

    /// Something that it armed happens.
    pub fn turn(&mut self, plan: &ChangePlan, event: Event, world: &mut World) -> Step {
        if event.kind() != kind::START && event.stamp != self.stamp {
            return Step::Nothing;
        }
        world.events += 1;
        match event.kind() {
            kind::START => {
                self.arm_start(plan, world);
                let bad = self.starts.bernoulli(plan.failure);
                if !bad || self.phase != Phase::Quiet {
                    return Step::Nothing;
                }
                self.phase = Phase::Spreading;
                self.reached = 0;
                self.stamp += 1;
                let detection = plan.detection.sample(&mut self.courses);
                self.arm(detection, Class::Action, kind::NOTICED, plan, world);
                self.arm_next(plan, world);
                Step::Reaches(0)
            }
            kind::NEXT => {
                self.reached += 1;
                self.arm_next(plan, world);
                Step::Reaches(self.reached)
            }
            kind::NOTICED => {
                // The next stage is called off.
                self.stamp += 1;
                self.phase = Phase::Held;
                self.go_on(plan, world);
                Step::Noticed
            }
            _ => {
                self.phase = Phase::Quiet;
                Step::RolledBack(self.reached)
            }
        }
    }

    fn arm_next(&mut self, plan: &ChangePlan, world: &mut World) {
        if self.reached + 1 < plan.stages.len() {
            let bake = plan.bake.sample(&mut self.courses);
            self.arm(bake, Class::Action, kind::NEXT, plan, world);
        }
    }

    /// Control planes may be back: a rollback that waited for them begins.
    pub fn go_on(&mut self, plan: &ChangePlan, world: &mut World) {
        if self.phase == Phase::Held && plan.needs.as_ref().is_none_or(|regions| can_roll_back(regions, &world.places))
        {
            self.phase = Phase::RollingBack;
            let rollback = plan.rollback.sample(&mut self.courses);
            self.arm(rollback, Class::Restoration, kind::ROLLED_BACK, plan, world);
        }
    }

    /// Every stream it draws from.
    pub fn streams(&mut self, visit: &mut impl FnMut(&mut Stream)) {
        visit(&mut self.starts);
        visit(&mut self.courses);
    }

    /// Where the recovery from a bad change stands.
    pub fn stage(&self) -> Stage {
        if self.phase == Phase::Spreading { Stage::Detection } else { Stage::Action }
    }
}

/// A region that the change itself holds down can be rolled back: only the control planes matter.
fn can_roll_back(regions: &[usize], places: &Places) -> bool {
    places.global_control_plane.is_up() && regions.iter().all(|region| places.control_planes[*region].is_up())
}

impl Default for Change {
    fn default() -> Change {
        Change::new()
    }
}

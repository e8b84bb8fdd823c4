//! A region that stands by with a share of its units, or none, until clients are to be sent there.
//!
//! Once it is decided to use it, it is mended if it turns out to be broken, provisioned (infrastructure, data), and scaled up, one after the
//! other; until all of that is done its units serve no more than the share, and nothing while it is broken. Provisioning and scaling
//! start when the control plane of the region lets them. When no client is told to go there any more it runs on for a time, and then stands
//! by again.
//!
//! Source of the strategies: AWS whitepaper "Disaster Recovery of Workloads on AWS", 2021 (backup and restore, pilot light, warm
//! standby, multi-site active/active).

use super::latent::{Latent, LatentPlan};
use super::world::World;
use crate::engine::calendar::Class;
use crate::law::{Law, Stream};

/// A region that stands by, compiled.
#[derive(Debug, Clone)]
pub struct StandbyPlan {
    /// The region.
    pub region: usize,
    /// Share of its units that run while it stands by.
    pub share: f64,
    /// Infrastructure and data.
    pub provision: Law,
    /// From then to all units.
    pub scale_up: Law,
    /// From the last answer to standing by again.
    pub scale_down: Law,
    /// Clients wait for it.
    pub when_ready: bool,
    /// How it breaks silently.
    pub latent: Option<LatentPlan>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Mending,
    /// The control plane does not let it go on.
    Held {
        provisioned: bool,
    },
    Provisioning,
    Scaling,
    Ready,
    Leaving,
}

/// A region that stands by, at work.
#[derive(Debug, Clone)]
pub struct Standby {
    state: State,
    stamp: u32,
    latent: Latent,
}

/// Where its events go: component, kind, unit.
pub type Address = (u32, u8, u32);

impl Standby {
    /// Memory for one.
    pub fn new() -> Standby {
        Standby { state: State::Waiting, stamp: 0, latent: Latent::default() }
    }

    /// Standing by, and working.
    pub fn restart(&mut self, plan: &StandbyPlan, stream: &mut Stream, world: &mut World) {
        *self = Standby::new();
        if let Some(latent) = &plan.latent {
            self.latent.restart(latent, stream);
        }
        world.places.running[plan.region] = plan.share;
    }

    /// All of its units run.
    pub fn is_ready(&self) -> bool {
        matches!(self.state, State::Ready | State::Leaving)
    }

    /// It does what it is to do: serve where it is answered, else stand by.
    pub fn is_settled(&self, answered: bool) -> bool {
        self.state == if answered { State::Ready } else { State::Waiting }
    }

    /// It is being made ready.
    pub fn is_coming(&self) -> bool {
        !self.is_ready() && self.state != State::Waiting
    }

    /// Clients are to be sent there.
    pub fn wanted(&mut self, plan: &StandbyPlan, at: Address, stream: &mut Stream, world: &mut World) {
        match self.state {
            State::Waiting => {
                let broken = plan.latent.as_ref().and_then(|latent| self.latent.needed(latent, world.now, stream));
                match broken {
                    Some(delay) => self.enter(plan, State::Mending, Some(delay), at, world),
                    None => self.provision(plan, at, stream, world),
                }
            }
            State::Leaving => self.enter(plan, State::Ready, None, at, world),
            _ => {}
        }
    }

    /// No client is told to go there.
    pub fn left(&mut self, plan: &StandbyPlan, at: Address, stream: &mut Stream, world: &mut World) {
        match self.state {
            State::Waiting | State::Leaving => {}
            State::Ready => {
                let delay = plan.scale_down.sample(stream);
                self.enter(plan, State::Leaving, Some(delay), at, world);
            }
            _ => self.stands_by(plan, at, world),
        }
    }

    /// Places or control planes have changed.
    pub fn places_changed(&mut self, plan: &StandbyPlan, at: Address, stream: &mut Stream, world: &mut World) {
        match self.state {
            State::Held { provisioned: false } => self.provision(plan, at, stream, world),
            State::Held { provisioned: true } => self.scale(plan, at, stream, world),
            _ => {}
        }
    }

    /// Something that it armed happens.
    pub fn turn(&mut self, plan: &StandbyPlan, at: Address, stamp: u32, stream: &mut Stream, world: &mut World) {
        if stamp != self.stamp {
            return;
        }
        world.events += 1;
        match self.state {
            State::Mending => self.provision(plan, at, stream, world),
            State::Provisioning => self.scale(plan, at, stream, world),
            State::Scaling => self.enter(plan, State::Ready, None, at, world),
            _ => self.stands_by(plan, at, world),
        }
    }

    fn stands_by(&mut self, plan: &StandbyPlan, at: Address, world: &mut World) {
        self.latent.works(world.now);
        self.enter(plan, State::Waiting, None, at, world);
    }

    fn provision(&mut self, plan: &StandbyPlan, at: Address, stream: &mut Stream, world: &mut World) {
        if plan.provision.is_zero() {
            self.scale(plan, at, stream, world);
        } else if world.places.can_act(plan.region) {
            let delay = plan.provision.sample(stream);
            self.enter(plan, State::Provisioning, Some(delay), at, world);
        } else if self.state != (State::Held { provisioned: false }) {
            self.enter(plan, State::Held { provisioned: false }, None, at, world);
        }
    }

    fn scale(&mut self, plan: &StandbyPlan, at: Address, stream: &mut Stream, world: &mut World) {
        if plan.scale_up.is_zero() {
            self.enter(plan, State::Ready, None, at, world);
        } else if world.places.can_act(plan.region) {
            let delay = plan.scale_up.sample(stream);
            self.enter(plan, State::Scaling, Some(delay), at, world);
        } else if self.state != (State::Held { provisioned: true }) {
            self.enter(plan, State::Held { provisioned: true }, None, at, world);
        }
    }

    fn enter(&mut self, plan: &StandbyPlan, state: State, timer: Option<f64>, at: Address, world: &mut World) {
        self.state = state;
        self.stamp += 1;
        world.places.running[plan.region] = match state {
            State::Ready | State::Leaving => 1.0,
            State::Mending => 0.0,
            _ => plan.share,
        };
        world.changed |= 1 << plan.region;
        if let Some(delay) = timer {
            let (component, kind, unit) = at;
            world.after(delay, Class::Action, component, kind, unit, self.stamp);
        }
    }
}

impl Default for Standby {
    fn default() -> Standby {
        Standby::new()
    }
}

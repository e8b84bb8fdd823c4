//! How a name waits for regions that stand by, and lets them go.

use super::{Dns, DnsPlan, Watch, kind};
use crate::mechanism::world::World;

impl Dns {
    /// It is decided that an endpoint is to leave the answer: at once or, where a region that stands by is to take its place, when that
    /// one is ready.
    pub(super) fn decided(&mut self, plan: &DnsPlan, index: usize, world: &mut World) {
        let successor = if self.answer[index] > 0.0 { self.successor(plan, index) } else { None };
        self.endpoints[index].successor = successor;
        if let Some(next) = successor {
            self.call(plan, next, world);
            if plan.standbys[next].as_ref().is_some_and(|s| s.when_ready) && !self.is_ready(next) {
                return self.arm(plan, index, Watch::Preparing, None, world);
            }
        }
        let delay = plan.publish.sample(&mut self.stream);
        self.arm(plan, index, Watch::Publishing, Some((delay, kind::OUT)), world);
    }

    /// The region that stands by and is answered once an endpoint is out.
    fn successor(&self, plan: &DnsPlan, index: usize) -> Option<usize> {
        let next = (0..self.endpoints.len()).find(|other| *other != index && self.endpoints[*other].listed)?;
        plan.standbys[next].as_ref().map(|_| next)
    }

    /// A region that stands by is to be made ready.
    fn call(&mut self, plan: &DnsPlan, index: usize, world: &mut World) {
        if let (Some(standby), Some(state)) = (&plan.standbys[index], &mut self.standbys[index]) {
            state.wanted(standby, (plan.component, kind::STANDBY, index as u32), &mut self.stream, world);
        }
    }

    fn is_ready(&self, index: usize) -> bool {
        self.standbys[index].as_ref().is_none_or(|standby| standby.is_ready())
    }

    /// Something that a region which stands by has armed happens.
    pub(super) fn standby_turns(&mut self, plan: &DnsPlan, index: usize, stamp: u32, world: &mut World) {
        if let (Some(standby), Some(state)) = (&plan.standbys[index], &mut self.standbys[index]) {
            let at = (plan.component, kind::STANDBY, index as u32);
            state.turn(standby, at, stamp, &mut self.stream, world);
        }
        self.go_on(plan, world);
    }

    /// A region or a control plane has turned.
    pub fn places_changed(&mut self, plan: &DnsPlan, world: &mut World) {
        for index in 0..self.standbys.len() {
            if let (Some(standby), Some(state)) = (&plan.standbys[index], &mut self.standbys[index]) {
                let at = (plan.component, kind::STANDBY, index as u32);
                state.places_changed(standby, at, &mut self.stream, world);
            }
        }
        self.go_on(plan, world);
    }

    /// Changes that waited for a region which is ready now, or not to be answered any more, go on.
    pub(super) fn go_on(&mut self, plan: &DnsPlan, world: &mut World) {
        for index in 0..self.endpoints.len() {
            let endpoint = &self.endpoints[index];
            if endpoint.watch != Watch::Preparing {
                continue;
            }
            let Some(next) = endpoint.successor else { continue };
            if self.is_ready(next) || !self.endpoints[next].listed {
                self.decided(plan, index, world);
            }
        }
    }

    /// After a change of the answer, or of the mind: regions that are answered, or will be, are called; others stand by again.
    pub(super) fn muster(&mut self, plan: &DnsPlan, world: &mut World) {
        for index in 0..self.standbys.len() {
            let Some(standby) = &plan.standbys[index] else { continue };
            if self.answer[index] > 0.0 {
                self.call(plan, index, world);
            } else if !self.endpoints.iter().any(|endpoint| endpoint.successor == Some(index))
                && let Some(state) = &mut self.standbys[index]
            {
                let at = (plan.component, kind::STANDBY, index as u32);
                state.left(standby, at, &mut self.stream, world);
            }
        }
    }
}

//! How a name follows the health of its endpoints: noticed, decided, taken out, seen healthy, answered again.

use super::{Dns, DnsPlan, FailbackPlan, Watch, kind};
use crate::engine::calendar::{Class, Event};
use crate::mechanism::people::decide;
use crate::mechanism::world::World;

impl Dns {
    /// Whether the endpoint could serve a request from now on, and the modes behind it if not.
    pub fn observe(&mut self, plan: &DnsPlan, index: usize, serves: bool, cause: u64, world: &mut World) {
        let Some(check) = &plan.check else { return };
        let endpoint = &mut self.endpoints[index];
        if !serves {
            endpoint.cause |= cause;
        }
        if serves == endpoint.serves {
            return;
        }
        endpoint.serves = serves;
        endpoint.spare = false;
        let (listed, watch) = (endpoint.listed, endpoint.watch);
        let seen = plan.checkers.as_ref().map(|checkers| {
            let delay = self.panels[index].turn(checkers, serves, world.now, &mut self.stream);
            self.await_flip(plan, index, world);
            delay
        });
        if listed && serves {
            self.stays(plan, index, world);
        } else if listed && watch == Watch::Healthy {
            self.endpoints[index].cause = cause;
            let delay = seen.unwrap_or_else(|| check.detection(false, &mut self.stream));
            self.arm(plan, index, Watch::Noticing, Some((delay, kind::NOTICED)), world);
        } else if listed {
            // It was found failing before it did.
            self.endpoints[index].cause = cause;
        } else if serves {
            let delay = seen.unwrap_or_else(|| check.recovery(&mut self.stream));
            self.arm(plan, index, Watch::Returning, Some((delay, kind::SEEN_HEALTHY)), world);
        } else {
            self.arm(plan, index, Watch::Out, None, world);
        }
    }

    /// What is answered serves, after all, and stays.
    fn stays(&mut self, plan: &DnsPlan, index: usize, world: &mut World) {
        let endpoint = &mut self.endpoints[index];
        endpoint.cause = 0;
        if endpoint.successor.take().is_some() {
            self.muster(plan, world);
        }
        self.arm(plan, index, Watch::Healthy, None, world);
    }

    /// Waits for the next checker that changes its mind about an endpoint that serves.
    pub(super) fn await_flip(&self, plan: &DnsPlan, index: usize, world: &mut World) {
        let panel = &self.panels[index];
        world.at(panel.next_flip(), Class::Action, plan.component, kind::FLIPS, index as u32, panel.stamp());
    }

    /// A checker changes its mind about an endpoint that serves: a false alarm may begin or end by that.
    fn flips(&mut self, plan: &DnsPlan, index: usize, stamp: u32, world: &mut World) {
        let Some(checkers) = &plan.checkers else { return };
        if self.panels[index].stamp() != stamp {
            return;
        }
        world.events += 1;
        let verdict = self.panels[index].flip(checkers, &mut self.stream);
        self.await_flip(plan, index, world);
        let endpoint = &self.endpoints[index];
        match verdict {
            Some(false) if endpoint.listed && endpoint.watch == Watch::Healthy => self.noticed(plan, index, world),
            Some(false) if !endpoint.listed => {
                self.endpoints[index].spare = false;
                self.arm(plan, index, Watch::Out, None, world);
            }
            Some(true) if endpoint.listed => self.stays(plan, index, world),
            Some(true) => self.seen_healthy(plan, index, world),
            _ => {}
        }
    }

    pub(super) fn arm(
        &mut self,
        plan: &DnsPlan,
        index: usize,
        watch: Watch,
        timer: Option<(f64, u8)>,
        world: &mut World,
    ) {
        let endpoint = &mut self.endpoints[index];
        endpoint.watch = watch;
        endpoint.stamp += 1;
        world.changed |= 1 << plan.regions[index];
        if let Some((delay, kind)) = timer {
            world.after(delay, Class::Action, plan.component, kind, index as u32, endpoint.stamp);
        }
    }

    /// Something that it armed happens.
    pub fn turn(&mut self, plan: &DnsPlan, event: Event, world: &mut World) {
        let index = event.unit() as usize;
        match event.kind() {
            kind::BEND => {
                world.events += 1;
                return self.bend(plan, index, world);
            }
            kind::UNBEND => {
                world.events += 1;
                return self.unbend(plan, index, world);
            }
            kind::FLIPS => return self.flips(plan, index, event.stamp, world),
            kind::STANDBY => return self.standby_turns(plan, index, event.stamp, world),
            kind::RECOVERED => return self.mended(plan, event.stamp, world),
            kind::RELEASED => return self.released(plan, world),
            _ if self.endpoints[index].stamp != event.stamp => return,
            _ => world.events += 1,
        }
        match event.kind() {
            kind::NOTICED => self.noticed(plan, index, world),
            kind::DECIDED => self.decided(plan, index, world),
            kind::OUT => self.leaves(plan, index, world),
            kind::SEEN_HEALTHY => self.seen_healthy(plan, index, world),
            kind::BACK_DECIDED => self.publish_return(plan, index, world),
            _ => self.comes_back(plan, index, world),
        }
    }

    /// An endpoint is to be answered no more: at once, or when the control plane is back.
    fn leaves(&mut self, plan: &DnsPlan, index: usize, world: &mut World) {
        if !world.places.can_publish() {
            return self.arm(plan, index, Watch::HeldIn, None, world);
        }
        self.endpoints[index].listed = false;
        self.arm(plan, index, Watch::Out, None, world);
        if self.nothing_listed() {
            self.relist_spares(plan, world);
        }
        self.change_answer(plan, world);
        self.go_on(plan, world);
    }

    /// An endpoint is to be answered again: at once, or when the control plane is back.
    fn comes_back(&mut self, plan: &DnsPlan, index: usize, world: &mut World) {
        if !world.places.can_publish() {
            return self.arm(plan, index, Watch::HeldOut, None, world);
        }
        let alone = self.nothing_listed();
        let endpoint = &mut self.endpoints[index];
        endpoint.returning = (!alone).then_some(endpoint.cause);
        self.relist(plan, index, world);
        self.change_answer(plan, world);
    }

    /// What changes answers is back: the changes that were held are made, once it is known what serves.
    pub fn control_returns(&mut self, plan: &DnsPlan, world: &mut World) {
        world.after(0.0, Class::Action, plan.component, kind::RELEASED, 0, 0);
    }

    fn released(&mut self, plan: &DnsPlan, world: &mut World) {
        for index in 0..self.endpoints.len() {
            match self.endpoints[index].watch {
                Watch::HeldIn => self.leaves(plan, index, world),
                Watch::HeldOut => self.comes_back(plan, index, world),
                _ => {}
            }
        }
        self.change_answer(plan, world);
    }

    fn noticed(&mut self, plan: &DnsPlan, index: usize, world: &mut World) {
        let by_itself = self.stream.bernoulli(plan.coverage);
        let decision = if by_itself { &plan.decision } else { &plan.manual };
        let delay = decide(decision, world.now, &mut self.stream);
        self.arm(plan, index, Watch::Deciding, Some((delay, kind::DECIDED)), world);
    }

    fn seen_healthy(&mut self, plan: &DnsPlan, index: usize, world: &mut World) {
        self.endpoints[index].spare = true;
        match &plan.failback {
            // Nothing to go back from: this endpoint is all there is.
            _ if self.nothing_listed() => self.publish_return(plan, index, world),
            FailbackPlan::After(law) => {
                let delay = law.sample(&mut self.stream);
                self.arm(plan, index, Watch::Returning, Some((delay, kind::BACK_DECIDED)), world);
            }
            FailbackPlan::Never => self.change_answer(plan, world),
        }
    }

    /// A failback may itself take the service down.
    pub(super) fn risk(&mut self, plan: &DnsPlan, cause: u64, world: &mut World) {
        let Some((probability, recover)) = &plan.failback_risk else { return };
        if self.stream.bernoulli(*probability) {
            let delay = recover.sample(&mut self.stream);
            self.botched += 1;
            self.botched_by = Some(self.botched_by.unwrap_or(0) | cause);
            world.after(delay, Class::Restoration, plan.component, kind::RECOVERED, 0, self.botched);
            self.touch(plan, world);
        }
    }

    fn mended(&mut self, plan: &DnsPlan, stamp: u32, world: &mut World) {
        if stamp == self.botched {
            world.events += 1;
            self.botched_by = None;
            self.touch(plan, world);
        }
    }

    pub(super) fn nothing_listed(&self) -> bool {
        self.endpoints.iter().all(|e| !e.listed)
    }

    fn publish_return(&mut self, plan: &DnsPlan, index: usize, world: &mut World) {
        let delay = plan.publish.sample(&mut self.stream);
        self.arm(plan, index, Watch::Returning, Some((delay, kind::BACK)), world);
    }

    /// Those that were seen healthy and only wait to be answered need not wait.
    pub(super) fn relist_spares(&mut self, plan: &DnsPlan, world: &mut World) {
        for index in 0..self.endpoints.len() {
            if self.endpoints[index].spare {
                self.relist(plan, index, world);
            }
        }
    }

    pub(super) fn relist(&mut self, plan: &DnsPlan, index: usize, world: &mut World) {
        let endpoint = &mut self.endpoints[index];
        endpoint.listed = true;
        endpoint.spare = false;
        endpoint.successor = None;
        endpoint.cause = 0;
        self.arm(plan, index, Watch::Healthy, None, world);
    }
}

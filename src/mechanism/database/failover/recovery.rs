//! The way back: a copy that takes over, else a new node on the storage, else a restore from a backup.

use super::{Failover, FailoverPlan, Node, Status, kind};
use crate::mechanism::database::backup::DataLoss;
use crate::mechanism::people::decide;
use crate::mechanism::world::World;

impl Failover {
    /// The best copy that could take over.
    pub(super) fn candidate(&self, plan: &FailoverPlan) -> Option<usize> {
        let able = |index: &usize| *index != self.serving && self.fit(*index);
        let copies = || (0..self.nodes.len()).filter(able);
        copies().find(|index| Failover::synchronous(plan, self.serving, *index)).or_else(|| copies().next())
    }

    /// Looks for a way back: a copy, else a new node on the storage, else a restore, else waiting.
    pub(super) fn search(&mut self, plan: &FailoverPlan, world: &mut World) {
        let place = self.zone_for_restore(plan, world);
        let storage = plan.storage.as_ref().filter(|_| !self.storage_lost);
        let candidate = self.candidate(plan).map(|copy| (copy, Failover::synchronous(plan, self.serving, copy)));
        // What is safe in the region is not given up for a copy that lags.
        let candidate = candidate.filter(|(_, synchronous)| *synchronous || storage.is_none() || place.is_none());
        if let Some((target, synchronous)) = candidate {
            let Some(way) = (if synchronous { &plan.standby } else { &plan.replica }) else { return };
            self.target = target;
            if self.recovery.bernoulli(way.coverage) {
                let delay = decide(&way.decision, world.now, &mut self.recovery);
                self.enter(plan, Status::Deciding, Some((delay, kind::DECIDED)), world);
            } else {
                let delay = decide(&way.manual, world.now, &mut self.recovery);
                self.enter(plan, Status::ByHand, Some((delay, kind::BY_HAND)), world);
            }
            return;
        }
        let node = &self.nodes[self.serving];
        if let (Some(storage), Some(_)) = (storage, place) {
            let by_hand = !world.places.hosts(node.zone);
            let law = if by_hand { &storage.elsewhere } else { &storage.recreate };
            let delay = law.sample(&mut self.recovery);
            return self.enter(plan, Status::Recreating { by_hand }, Some((delay, kind::RECREATED)), world);
        }
        let lost = node.lost && storage.is_none();
        if lost && plan.backup.is_some() && place.is_some() {
            return self.decide_restore(plan, world);
        }
        if lost && plan.backup.is_none() && !self.gone && self.nodes.iter().all(|node| node.lost) {
            self.gone = true;
            self.losses.unrecoverable.push(world.now);
        }
        if self.status != Status::Waiting {
            self.enter(plan, Status::Waiting, None, world);
        }
    }

    /// The serving node's zone, else the first of its region that is up.
    pub(super) fn zone_for_restore(&self, plan: &FailoverPlan, world: &World) -> Option<usize> {
        let home = self.nodes[self.serving].zone;
        let region = world.places.region_of[home];
        std::iter::once(home).chain(plan.zones_of_region[region].iter().copied()).find(|z| world.places.hosts(*z))
    }

    pub(super) fn begin_promotion(&mut self, plan: &FailoverPlan, world: &mut World) {
        let by_hand = matches!(self.status, Status::ByHand | Status::Held { by_hand: true });
        if !self.fit(self.target) {
            return self.search(plan, world);
        }
        if !world.places.can_act(world.places.region_of[self.nodes[self.target].zone]) {
            if !matches!(self.status, Status::Held { .. }) {
                self.enter(plan, Status::Held { by_hand }, None, world);
            }
            return;
        }
        let synchronous = Failover::synchronous(plan, self.serving, self.target);
        let Some(way) = (if synchronous { &plan.standby } else { &plan.replica }) else { return };
        let latent = &mut self.latents[usize::from(!synchronous)];
        let mend = way.latent.as_ref().and_then(|broken| latent.needed(broken, world.now, &mut self.recovery));
        match mend {
            None if by_hand => self.takes_over(plan, world),
            _ => {
                let promotion = if by_hand { 0.0 } else { way.promotion.sample(&mut self.recovery) };
                let delay = mend.unwrap_or(0.0) + promotion;
                self.enter(plan, Status::Promoting, Some((delay, kind::PROMOTED)), world);
            }
        }
    }

    /// The target is the serving node from now on.
    pub(super) fn takes_over(&mut self, plan: &FailoverPlan, world: &mut World) {
        let (old, new) = (self.serving, self.target);
        let synchronous = Failover::synchronous(plan, old, new);
        self.serving = new;
        if !synchronous {
            self.storage_lost = false;
            self.moved_by = self.cause;
            let age = self.lag_at_failure;
            self.losses.gone.push(DataLoss { at: self.failed_at, age, writes: age * plan.writes });
        }
        for (index, node) in self.nodes.iter_mut().enumerate() {
            // Copies of the old node follow the new one only where they do not share what was lost.
            let follows = synchronous && index != old;
            node.ready &= index == new || follows;
        }
        self.converges(plan, world);
    }

    fn converges(&mut self, plan: &FailoverPlan, world: &mut World) {
        if plan.endpoint_ttl > 0.0 {
            let residual = self.recovery.uniform() * plan.endpoint_ttl;
            self.enter(plan, Status::Converging, Some((residual, kind::CONVERGED)), world);
        } else {
            self.answers(plan, world);
        }
    }

    pub(super) fn decide_restore(&mut self, plan: &FailoverPlan, world: &mut World) {
        if let Some(backup) = &plan.backup {
            let delay = decide(&backup.decision, world.now, &mut self.recovery);
            self.enter(plan, Status::RestoreDeciding, Some((delay, kind::RESTORE)), world);
        }
    }

    pub(super) fn restored(&mut self, plan: &FailoverPlan, world: &mut World) {
        let (Some(zone), Some(backup)) = (self.zone_for_restore(plan, world), &plan.backup) else {
            return self.enter(plan, Status::Waiting, None, world);
        };
        self.losses.restore(backup, self.backup_phase, self.failed_at, &mut self.corruption, plan.writes);
        self.storage_lost = false;
        self.nodes.iter_mut().for_each(|node| node.ready = false);
        self.renew(plan, zone, world);
    }

    /// A new node on the storage serves.
    pub(super) fn recreated(&mut self, plan: &FailoverPlan, world: &mut World) {
        if let Some(zone) = self.zone_for_restore(plan, world) {
            self.renew(plan, zone, world);
        }
    }

    /// The serving node is a new one.
    fn renew(&mut self, plan: &FailoverPlan, zone: usize, world: &mut World) {
        let node = &mut self.nodes[self.serving];
        *node = Node::fresh(zone, node.stamp + 1);
        self.renewed = Some(self.serving);
        self.converges(plan, world);
    }
}

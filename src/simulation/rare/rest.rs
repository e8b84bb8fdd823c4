//! How far a replica is from rest, where rest is what is usual: nothing that is down, and no recovery under way, beyond a base.

use crate::mechanism::dns::Dns;
use crate::simulation::compile::Plan;
use crate::simulation::replicate::Replica;

/// Parts of a plan that can be away from rest: all places together, each fleet, database and dependency, and DNS.
pub(super) fn parts(plan: &Plan) -> usize {
    2 + plan.fleets.len() + plan.databases.len() + plan.dependencies.len()
}

/// Calls `see` with the unrest of one part after the other, until it returns false.
fn each(plan: &Plan, replica: &Replica, mut see: impl FnMut(u32) -> bool) -> bool {
    see(replica.world.failures_on)
        && see(u32::from(replica.dns.as_ref().is_some_and(|dns| !Dns::is_calm(dns))))
        && replica.fleets.iter().zip(&plan.fleets).all(|(fleet, its_plan)| see(fleet.unrest(its_plan)))
        && replica.databases.iter().all(|database| see(u32::from(!database.is_calm())))
        && replica.dependencies.iter().all(|it| see(u32::from(!it.is_calm(replica.world.now))))
}

/// Nothing is further from rest than its base.
pub(super) fn is_quiet(plan: &Plan, replica: &Replica, base: &[u32]) -> bool {
    let mut base = base.iter();
    each(plan, replica, |unrest| base.next().is_none_or(|base| unrest <= *base))
}

/// How much more is away from rest than usual.
pub(super) fn unrest(plan: &Plan, replica: &Replica, base: &[u32]) -> u32 {
    let (mut base, mut sum) = (base.iter(), 0);
    each(plan, replica, |unrest| {
        sum += unrest.saturating_sub(base.next().copied().unwrap_or(0));
        true
    });
    sum
}

impl Replica {
    /// Incidents up to the present.
    pub(super) fn incidents(&self) -> usize {
        self.ledger.lasting(self.world.now)
    }

    /// No incident is open, and none that has lasted for some time has begun after so many. (One that is over at the instant at which it
    /// begins is none: a spare takes the place of what failed.)
    pub(super) fn has_lost_nothing_since(&self, incidents: usize) -> bool {
        !self.ledger.is_open() && self.incidents() == incidents
    }
}

/// The unrest of every part.
pub(super) fn survey(plan: &Plan, replica: &Replica, found: &mut Vec<u32>) {
    found.clear();
    each(plan, replica, |unrest| {
        found.push(unrest);
        true
    });
}

//! Sessions of users: kept in a store, or in the units of a tier, where a lost unit logs out its share of the users.
//!
//! Users are spread over regions as DNS answers and within a region over the number of units it should have; who is logged out
//! logs in again at once. When the answer of DNS takes a share of the users to another region, those whose units still hold their
//! sessions lose them.

use super::dns::Dns;
use super::fleet::Fleet;
use crate::engine::clone_in_place;

/// Where sessions are, compiled.
#[derive(Debug, Clone)]
pub struct SessionsPlan {
    /// Users logged in at once.
    pub users: f64,
    /// Fleets whose units hold sessions.
    pub holders: Vec<Holder>,
    /// Position of the dependency that holds them, if one does.
    pub store: usize,
    /// Modes of the store that lose them all, one bit each.
    pub lossy: u64,
}

/// A fleet that holds sessions.
#[derive(Debug, Clone, Copy)]
pub struct Holder {
    /// Position of the fleet.
    pub fleet: usize,
    /// Position of its region in the answer of DNS, if it is in it.
    pub endpoint: Option<usize>,
    /// Units that the users of the region are spread over.
    pub units: f64,
}

/// The count of users who lost their session.
#[derive(Debug, Default)]
pub struct Sessions {
    logged_out: f64,
    /// Share of the users at each holder.
    shares: Vec<f64>,
}

clone_in_place!(Sessions { logged_out, shares });

impl Sessions {
    /// Memory for a count.
    pub fn new(plan: Option<&SessionsPlan>) -> Sessions {
        Sessions { logged_out: 0.0, shares: vec![0.0; plan.map_or(0, |plan| plan.holders.len())] }
    }

    /// Everybody is logged in.
    pub fn restart(&mut self, plan: &SessionsPlan, dns: Option<&Dns>) {
        self.logged_out = 0.0;
        for (share, holder) in self.shares.iter_mut().zip(&plan.holders) {
            *share = holder.share(dns);
        }
    }

    /// Users logged out so far.
    pub fn logged_out(&self) -> f64 {
        self.logged_out
    }

    /// Forgets what was counted.
    pub fn discard(&mut self) {
        self.logged_out = 0.0;
    }

    /// The modes that hold a dependency down have changed: a store without a copy loses everything when the first of them begins.
    pub fn store_turns(&mut self, plan: &SessionsPlan, dependency: usize, before: u64, modes: u64) {
        if dependency == plan.store && before & plan.lossy == 0 && modes & plan.lossy != 0 {
            self.logged_out += plan.users;
        }
    }

    /// Counts the users of units that were lost, and then those whom DNS takes elsewhere.
    pub fn settle(&mut self, plan: &SessionsPlan, fleets: &mut [Fleet], dns: Option<&Dns>) {
        for (share, holder) in self.shares.iter_mut().zip(&plan.holders) {
            let fleet = &mut fleets[holder.fleet];
            let of_a_unit = plan.users / holder.units;
            let lost = fleet.take_logged_out();
            if lost > 0 {
                self.logged_out += f64::from(lost) * *share * of_a_unit;
            }
            let now = holder.share(dns);
            if now != *share {
                self.logged_out += (*share - now).max(0.0) * f64::from(fleet.holders()) * of_a_unit;
                *share = now;
            }
        }
    }
}

impl Holder {
    fn share(&self, dns: Option<&Dns>) -> f64 {
        match (dns, self.endpoint) {
            (None, _) => 1.0,
            (Some(dns), Some(endpoint)) => dns.answered(endpoint),
            (Some(_), None) => 0.0,
        }
    }
}

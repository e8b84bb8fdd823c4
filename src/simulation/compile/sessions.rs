//! Sessions of users: in units of a tier, or in a store.

use super::Compiler;
use crate::mechanism::dns::DnsPlan;
use crate::mechanism::sessions::{Holder, SessionsPlan};
use crate::model::{FailureMode, Scope, Sessions, Symptom};

impl Compiler<'_> {
    pub(super) fn sessions(&mut self, dns: Option<&DnsPlan>) -> Option<SessionsPlan> {
        let lossy = |index: usize| {
            let modes = self.design.failures.iter().enumerate();
            let loses = |mode: &FailureMode| {
                mode.scope == Scope::Dependency(index) && mode.symptom != Symptom::Hang && mode.error.get() == 1.0
            };
            modes.filter(|(_, mode)| loses(mode)).fold(0, |bits, (bit, _)| bits | 1 << bit)
        };
        Some(match self.design.sessions.as_ref()? {
            Sessions::External { dependency, replicas, users } => {
                let lossy = if *replicas == 0 { lossy(*dependency) } else { 0 };
                SessionsPlan { users: *users, holders: Vec::new(), store: *dependency, lossy }
            }
            Sessions::Database { users, .. } => {
                SessionsPlan { users: *users, holders: Vec::new(), store: usize::MAX, lossy: 0 }
            }
            Sessions::Instance { tier, users } => {
                let name = format!("tier/{}/", self.design.tiers[*tier].name);
                let mut holders = Vec::new();
                for (index, fleet) in self.fleets.iter_mut().enumerate() {
                    if fleet.name.starts_with(&name) {
                        fleet.keeps_sessions = true;
                        let endpoint = dns.and_then(|dns| dns.regions.iter().position(|r| *r == fleet.region));
                        holders.push(Holder { fleet: index, endpoint, units: f64::from(fleet.units) });
                    }
                }
                SessionsPlan { users: *users, holders, store: usize::MAX, lossy: 0 }
            }
        })
    }
}

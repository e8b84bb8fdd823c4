//! Failures that a drill injects: windows that come once, at a known time.

use super::Compiler;
use crate::law::{Law, name_key};
use crate::mechanism::maintenance::MaintenancePlan;
use crate::mechanism::outage::{Hold, Target};
use crate::model::{Effect, Scope, Symptom};

impl Compiler<'_> {
    /// Names and targets of what a failure mode can be injected into, one after the other: its places, or one unit of each of its fleets.
    pub(in crate::simulation) fn injectable(&self, mode: usize) -> Vec<(String, Target)> {
        let mode = &self.design.failures[mode];
        let mut found = Vec::new();
        match &mode.scope {
            Scope::Unit(tier) => {
                let of_tier = format!("tier/{}/", self.design.tiers[*tier].name);
                let fleets = self.fleets.iter().enumerate().filter(|(_, fleet)| fleet.name.starts_with(&of_tier));
                found.extend(
                    fleets.map(|(index, fleet)| (fleet.name.replacen("tier/", "unit/", 1), Target::OneUnit(index))),
                );
            }
            Scope::Node(database) if mode.effect == Effect::Corrupt => {
                let name = format!("database/{}/data", self.design.databases[*database].name);
                found.push((name, Target::Data(*database)));
            }
            scope => self.places(scope, &mut |name, target| found.push((name.to_owned(), target))),
        }
        found
    }

    pub(super) fn injection(&self, index: usize, next: &mut u32) -> Option<MaintenancePlan> {
        let injection = &self.design.injections[index];
        let mode = &self.design.failures[injection.mode];
        let (name, target) = self.injectable(injection.mode).into_iter().nth(injection.place)?;
        *next += 1;
        let hold = Hold {
            target,
            bit: 1 << injection.mode,
            kills: mode.effect == Effect::Kill,
            gray: matches!(mode.symptom, Symptom::Gray { .. }),
        };
        Some(MaintenancePlan {
            component: *next - 1,
            holds: vec![hold],
            first: injection.at.0,
            every: f64::INFINITY,
            // A corruption is on until the database is cleaned of it.
            duration: if mode.effect == Effect::Corrupt { Law::Never } else { injection.duration.clone() },
            excluded: false,
            key: name_key(&format!("injection/{index}/{name}")),
        })
    }
}

//! Failure modes become processes, one at each place that they cover and the design uses.

use super::Compiler;
use super::databases::{named_nodes, sites};
use crate::law::{Law, name_key};
use crate::mechanism::database::quorum::Site;
use crate::mechanism::outage::{Hold, OutagePlan, Target};
use crate::model::{Effect, Scope, Symptom};

impl Compiler<'_> {
    /// One process for each place that a failure mode covers and the design uses.
    pub(super) fn outages(&self) -> Vec<OutagePlan> {
        let mut outages = Vec::new();
        for (bit, mode) in self.design.failures.iter().enumerate() {
            let mut add = |place: &str, target| {
                outages.push(OutagePlan {
                    component: outages.len() as u32,
                    hold: Hold {
                        target,
                        bit: 1 << bit,
                        kills: mode.effect == Effect::Kill,
                        gray: matches!(mode.symptom, Symptom::Gray { .. }),
                    },
                    life: mode.mttf.clone(),
                    age: mode.age.clone(),
                    // A corruption is on until the database is cleaned of it.
                    repair: if mode.effect == Effect::Corrupt { Law::Never } else { mode.repair.clone() },
                    key: name_key(&format!("failure/{}/{place}", mode.name)),
                    rare: OutagePlan::rarity(&mode.mttf, mode.age.as_ref(), self.design.horizon.0),
                    counted: false,
                    quiet: 0.0,
                });
            };
            match &mode.scope {
                Scope::Node(database) if mode.effect == Effect::Corrupt => {
                    let name = &self.design.databases[*database].name;
                    add(&format!("database/{name}/data"), Target::Data(*database));
                }
                scope => self.places(scope, &mut add),
            }
        }
        outages
    }

    /// Names and targets of the places that a scope covers and the design uses. Units are no places.
    pub(in crate::simulation) fn places(&self, scope: &Scope, add: &mut dyn FnMut(&str, Target)) {
        let region = |r: &usize| &self.design.regions[*r].name;
        match scope {
            Scope::Unit(_) => {}
            Scope::Node(database) => {
                let it = &self.design.databases[*database];
                let roles: Vec<String> = match &it.quorum {
                    Some(quorum) => self.quorum_nodes(quorum),
                    None => named_nodes(it).into_iter().map(|(role, _)| role.to_owned()).collect(),
                };
                for (node, role) in roles.into_iter().enumerate() {
                    add(&format!("database/{}/{role}", it.name), Target::Node { database: *database, node });
                }
            }
            Scope::Tier(tier, r) => {
                let name = format!("tier/{}/{}", self.design.tiers[*tier].name, region(r));
                if let Some(fleet) = self.fleets.iter().position(|f| f.name == name) {
                    add(&name, Target::Fleet(fleet));
                }
            }
            Scope::Zones(zones) => {
                for zone in zones.iter().filter(|z| self.uses_zone(**z)) {
                    add(&format!("zone/{}", self.design.zones[*zone].name), Target::Zone(*zone));
                }
            }
            Scope::Regions(regions) => {
                for r in regions {
                    add(&format!("region/{}", region(r)), Target::Region(*r));
                }
            }
            Scope::ControlPlanes(regions) => {
                for r in regions {
                    add(&format!("control-plane/{}", region(r)), Target::ControlPlane(*r));
                }
            }
            Scope::GlobalControlPlane => add("control-plane/global", Target::GlobalControlPlane),
            Scope::Dependency(index) => {
                let name = &self.design.dependencies[*index].name;
                add(&format!("dependency/{name}"), Target::Dependency(*index));
            }
            Scope::Global => add("global", Target::Global),
        }
    }

    /// Something stands in the zone, or a database could be restored there.
    fn uses_zone(&self, zone: usize) -> bool {
        let restorable = |region: usize| self.region_of[zone] == region;
        self.fleets.iter().any(|f| f.zones.contains(&zone))
            || self.design.databases.iter().any(|database| match &database.quorum {
                Some(quorum) => sites(&quorum.nodes).contains(&Site::Zone(zone)),
                None => {
                    let renewable = database.backup.is_some() || database.storage.is_some();
                    let mut zones = named_nodes(database).into_iter().map(|(_, zone)| zone);
                    zones.any(|z| z == zone || (renewable && restorable(self.region_of[z])))
                }
            })
    }
}

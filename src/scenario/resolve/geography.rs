//! Regions and zones.

use super::Resolver;
use crate::model::{RegionId, ZoneId};
use crate::scenario::problem::{Place, Problem};
use std::collections::BTreeMap;

/// Most zones of a scenario: names are looked up and listed, and no provider has nearly as many.
const MOST_ZONES: usize = 1000;

/// The regions and zones, with their indices by name.
pub struct Geography {
    /// Regions by name.
    pub regions: Vec<RegionEntry>,
    /// Zones by region, then in the listed order.
    pub zones: Vec<ZoneEntry>,
    /// Index of a region.
    pub region_of: BTreeMap<String, RegionId>,
    /// Index of a zone.
    pub zone_of: BTreeMap<String, ZoneId>,
}

/// A region.
pub struct RegionEntry {
    /// Its name.
    pub name: String,
    /// Where it is defined.
    pub place: Place,
    /// Whether the environment defines it.
    pub shared: bool,
    /// Its zones.
    pub zones: std::ops::Range<ZoneId>,
}

/// A zone.
pub struct ZoneEntry {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: RegionId,
    place: Place,
}

impl Geography {
    /// Collects the regions and zones of a scenario.
    pub fn resolve(resolver: &mut Resolver) -> Geography {
        let mut sorted: Vec<_> = resolver.scenario.region.iter().collect();
        sorted.sort_by(|a, b| a.name.value.cmp(&b.name.value));
        let mut geography =
            Geography { regions: Vec::new(), zones: Vec::new(), region_of: BTreeMap::new(), zone_of: BTreeMap::new() };
        for region in sorted {
            let id = geography.regions.len();
            let start = geography.zones.len();
            if region.name.value == "global" {
                let problem = Problem::error("bad-name", &region.name.place, "a region cannot be called `global`");
                resolver.report(problem.help("`control-plane:global` would have two meanings"));
            }
            let zones = &region.table.zones;
            if zones.sound().is_some_and(|zones| zones.0.is_empty()) {
                let problem =
                    Problem::error("missing-zone", &zones.place, format!("region `{}` has no zone", region.name.value));
                resolver.report(problem.help("name at least one, for example `zones = [\"eu-a\"]`"));
            }
            for zone in &zones.value.0 {
                if geography.zones.len() >= MOST_ZONES {
                    let problem = Problem::error("too-many", &zone.place, format!("more than {MOST_ZONES} zones"));
                    resolver.report(problem.help("merge zones that fail alike"));
                    break;
                }
                match geography.zone_of.get(&zone.value) {
                    Some(first) => {
                        let first = &geography.zones[*first].place;
                        let problem = Problem::error(
                            "duplicate-name",
                            &zone.place,
                            format!("a zone `{}` exists already", zone.value),
                        );
                        resolver.report(
                            problem.also(first, "the first one").help("zones of all regions have different names"),
                        );
                    }
                    None => {
                        geography.zone_of.insert(zone.value.clone(), geography.zones.len());
                        geography.zones.push(ZoneEntry {
                            name: zone.value.clone(),
                            region: id,
                            place: zone.place.clone(),
                        });
                    }
                }
            }
            geography.region_of.insert(region.name.value.clone(), id);
            geography.regions.push(RegionEntry {
                name: region.name.value.clone(),
                place: region.name.place.clone(),
                shared: region.shared,
                zones: start..geography.zones.len(),
            });
        }
        geography
    }

    /// The region of a zone, by name.
    pub fn region_name(&self, zone: ZoneId) -> &str {
        &self.regions[self.zones[zone].region].name
    }
}

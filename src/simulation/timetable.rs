//! What a calendar or a rollout brings about, compiled: changes, maintenance, hours of the week, and the periods of the objective.

use super::compile::Compiler;
use crate::engine::ledger::Terms;
use crate::engine::week::Week;
use crate::law::{Law, name_key};
use crate::mechanism::change::ChangePlan;
use crate::mechanism::dependency::DependencyMode;
use crate::mechanism::fleet::UnitMode;
use crate::mechanism::maintenance::MaintenancePlan;
use crate::mechanism::outage::{Hold, Target};
use crate::model::{Design, Hours, Nodes, Reach, Scope, Symptom, Touches};
use crate::units::Seconds;

/// Length of a month: a twelfth of a year of 365 days (s).
pub const MONTH: f64 = Seconds::YEAR.0 / 12.0;

const DAY: f64 = 86_400.0;

impl Hours {
    /// Whether they hold at a time of the week (s).
    fn hold(&self, time: f64) -> bool {
        let day = (time / DAY) as usize % 7;
        let since_midnight = time - day as f64 * DAY;
        self.days[day] && self.from.0 <= since_midnight && since_midnight < self.to.0
    }

    /// Where they begin and end in the week (s).
    fn borders(&self) -> impl Iterator<Item = f64> + '_ {
        (0..7).flat_map(|day| [self.from.0, self.to.0].map(|time| f64::from(day) * DAY + time))
    }
}

/// The hours of the week, as far as they differ.
pub fn week(design: &Design) -> Week {
    let hours = design.objectives.hours;
    let profile = &design.demand.profile;
    if profile.is_empty() && hours.is_none() {
        return Week::flat();
    }
    let borders = profile.iter().map(|peak| &peak.hours).chain(&hours).flat_map(Hours::borders).collect();
    Week::new(borders, |time| {
        let peak = profile.iter().rev().find(|peak| peak.hours.hold(time));
        (peak.map_or(1.0, |peak| peak.factor), hours.is_none_or(|hours| hours.hold(time)))
    })
}

/// What counts, and the periods: months while there is an objective to judge, the last one with what is left.
pub fn terms(design: &Design) -> Terms {
    let counted = design.horizon.0 - design.warm_up.0;
    let months = if design.objectives.availability.is_some() { (counted / MONTH + 1e-9).floor() } else { 0.0 };
    Terms {
        threshold: design.up_threshold.get(),
        origin: design.warm_up.0,
        period: MONTH,
        periods: 1 + months as usize,
        together: together(design.failures.len() + design.changes.len() + design.maintenance.len()),
    }
}

/// Most sets of failure modes that are told apart: what is kept of them is bounded, whatever overlaps.
const MOST_SETS: f64 = 4_096.0;

/// Of so many failure modes, how many at once are told apart: all, where there are few.
fn together(modes: usize) -> u32 {
    let (mut sets, mut of_size) = (1.0, 1.0);
    for size in 0..modes {
        of_size *= (modes - size) as f64 / (size + 1) as f64;
        sets += of_size;
        if sets > MOST_SETS {
            return size as u32;
        }
    }
    modes as u32
}

/// Demand that counts towards the objective in each period (s of usual demand).
pub fn judged(week: &Week, terms: &Terms, end: f64) -> Vec<f64> {
    let start = |period: usize| (terms.origin + period as f64 * terms.period).min(end);
    let length = |period: usize| {
        let until = if period + 1 == terms.periods { end } else { start(period + 1) };
        week.between(start(period), until).1
    };
    (0..terms.periods).map(length).collect()
}

impl Compiler<'_> {
    /// Names of what can be behind a loss, by bit: failure modes, changes, maintenance.
    pub(super) fn names(&self) -> Vec<String> {
        let failures = self.design.failures.iter().map(|mode| &mode.name);
        let changes = self.design.changes.iter().map(|change| &change.name);
        let maintenance = self.design.maintenance.iter().map(|window| &window.name);
        failures.chain(changes).chain(maintenance).cloned().collect()
    }

    pub(super) fn bit_of_change(&self, index: usize) -> u64 {
        1 << (self.design.failures.len() + index)
    }

    /// What changes do to single units of a tier.
    pub(super) fn units_changed(&self, tier: usize) -> impl Iterator<Item = UnitMode> {
        let changes = self.design.changes.iter().enumerate();
        let of_units = move |reach: &Reach| matches!(reach, Reach::Unit | Reach::Zone);
        changes
            .filter(move |(_, change)| change.touches == Touches::Tier(tier) && change.stages.iter().any(of_units))
            .map(|(index, change)| UnitMode {
                bit: self.bit_of_change(index),
                name: change.name.clone(),
                life: Law::Never,
                age: None,
                repair: Law::Never,
                symptom: change.symptom,
            })
    }

    pub(super) fn change(&self, index: usize, next: &mut u32) -> ChangePlan {
        let change = &self.design.changes[index];
        let component = *next;
        *next += 1;
        let stages = self.reaches(&change.touches, &change.stages);
        let mut regions: Vec<usize> = stages.iter().flatten().flat_map(|target| self.regions_of(*target)).collect();
        regions.sort_unstable();
        regions.dedup();
        ChangePlan {
            component,
            bit: self.bit_of_change(index),
            gray: matches!(change.symptom, Symptom::Gray { .. }),
            stages,
            every: change.every.clone(),
            failure: change.failure.get(),
            bake: change.bake.clone(),
            detection: change.detection.clone(),
            rollback: change.rollback.clone(),
            needs: change.rollback_needs_control_plane.then_some(regions),
            starts: name_key(&format!("change/{}/start", change.name)),
            courses: name_key(&format!("change/{}/course", change.name)),
        }
    }

    /// What each stage reaches that the ones before it did not.
    fn reaches(&self, touches: &Touches, stages: &[Reach]) -> Vec<Vec<Target>> {
        let mut all = Vec::new();
        match touches {
            Touches::Tier(tier) => {
                let prefix = format!("tier/{}/", self.design.tiers[*tier].name);
                let mut fleets: Vec<usize> =
                    (0..self.fleets.len()).filter(|f| self.fleets[*f].name.starts_with(&prefix)).collect();
                fleets.sort_by_key(|f| self.fleets[*f].region);
                all.extend(fleets.into_iter().map(Target::Fleet));
            }
            Touches::Database(database) => self.places(&Scope::Node(*database), &mut |_, target| all.push(target)),
            Touches::Regions(regions) => all.extend(regions.iter().map(|region| Target::Region(*region))),
            Touches::Everything => all.push(Target::Global),
        }
        let home = match touches {
            Touches::Everything => Some(Target::Region(0)),
            _ => all.first().copied(),
        };
        let first_zone = |region: usize| self.region_of.iter().position(|r| *r == region).map(Target::Zone);
        let mut touched: Vec<Target> = Vec::new();
        let mut reached = |stage: &Reach| {
            let mut targets = match (stage, home) {
                (Reach::All, _) => all.clone(),
                (_, None) => Vec::new(),
                (Reach::Unit, Some(Target::Fleet(fleet))) => vec![Target::OneUnit(fleet)],
                (Reach::Zone, Some(Target::Fleet(fleet))) => vec![Target::OneZone(fleet)],
                (Reach::Unit | Reach::Zone, Some(Target::Region(region))) => first_zone(region).into_iter().collect(),
                (_, Some(home)) => vec![home],
            };
            targets.retain(|target| !touched.contains(target));
            touched.extend(&targets);
            targets
        };
        stages.iter().map(&mut reached).collect()
    }

    fn regions_of(&self, target: Target) -> Vec<usize> {
        match target {
            Target::Zone(zone) => vec![self.region_of[zone]],
            Target::Region(region) | Target::ControlPlane(region) => vec![region],
            Target::Fleet(fleet) | Target::OneUnit(fleet) | Target::OneZone(fleet) => vec![self.fleets[fleet].region],
            Target::Node { database, .. } | Target::Data(database) => {
                let it = &self.design.databases[database];
                match it.quorum.as_ref().map(|quorum| &quorum.nodes) {
                    None => vec![self.region_of[it.primary]],
                    Some(Nodes::Zones(zones)) => zones.iter().map(|zone| self.region_of[*zone]).collect(),
                    Some(Nodes::Regions(regions)) => regions.clone(),
                    Some(Nodes::Region(region)) => vec![*region],
                    Some(Nodes::Anywhere) => Vec::new(),
                }
            }
            Target::Global => (0..self.design.regions.len()).collect(),
            Target::GlobalControlPlane | Target::Dependency(_) => Vec::new(),
        }
    }

    fn bit_of_maintenance(&self, index: usize) -> u64 {
        1 << (self.design.failures.len() + self.design.changes.len() + index)
    }

    /// What maintenance does to a dependency: all calls fail, at once.
    pub(super) fn dependency_maintained(&self, dependency: usize) -> impl Iterator<Item = DependencyMode> {
        let windows = self.design.maintenance.iter().enumerate();
        windows
            .filter(move |(_, window)| window.scopes.contains(&Scope::Dependency(dependency)))
            .map(|(index, _)| DependencyMode { bit: self.bit_of_maintenance(index), error: 1.0, hangs: false })
    }

    pub(super) fn maintenance(&self, index: usize, next: &mut u32) -> MaintenancePlan {
        let window = &self.design.maintenance[index];
        let component = *next;
        *next += 1;
        let mut holds = Vec::new();
        let hold = |target| Hold { target, bit: self.bit_of_maintenance(index), kills: false, gray: false };
        window.scopes.iter().for_each(|scope| self.places(scope, &mut |_, target| holds.push(hold(target))));
        MaintenancePlan {
            component,
            holds,
            first: window.first.0,
            every: window.every.0,
            duration: window.duration.clone(),
            excluded: window.excluded,
            key: name_key(&format!("maintenance/{}", window.name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 13 modes there are 1 + 13 + 78 + 286 + 715 + 1287 + 1716 = 4096 sets of six at most.
    #[test]
    fn as_many_sets_are_told_apart_as_are_allowed() {
        let told = [(1, 1), (12, 12), (13, 6), (14, 5), (20, 3), (64, 2)];
        assert!(
            told.iter().all(|(modes, most)| together(*modes) == *most),
            "{:?}",
            told.map(|(modes, _)| together(modes))
        );
    }
}

//! The rules of a tier, from a design.

use super::{Balancer, Group, MOST_MODES, Scaling, Spares};
use crate::exact::Obstacle;
use crate::exact::machine::{Mode, phases};
use crate::exact::phases::Phases;
use crate::exact::site::{Part, Site};
use crate::law::Law;
use crate::model::{CheckType, Effect, FailureMode, HealthCheck, Scope, Symptom, Upkeep};
use crate::units::Seconds;

/// Collects obstacles while laws become phases.
struct Laws {
    obstacles: Vec<Obstacle>,
}

impl Laws {
    fn phases(&mut self, key: String, law: &Law) -> Phases {
        phases(key, law).unwrap_or_else(|obstacle| {
            self.obstacles.push(obstacle);
            Phases::never()
        })
    }

    fn check(&mut self, key: String, law: &Option<Law>, check: &HealthCheck) -> Phases {
        match law {
            Some(law) => self.phases(key, law),
            None => {
                let why = "the rule of intervals and thresholds is not made of exponential phases";
                self.obstacles.push(Obstacle::new(key, format!("{why} (interval {})", check.interval)).of_law());
                Phases::never()
            }
        }
    }
}

impl Group {
    /// The rules of a tier in a region of a design.
    pub fn new(site: &Site, index: usize, region: usize) -> Result<Group, Vec<Obstacle>> {
        let tier = &site.design.tiers[index];
        let key = |what: &str| format!("tier.{}.{what}", tier.name);
        let mut laws = Laws { obstacles: Vec::new() };
        let zones = site.zones_of(index, region);
        let units: u32 = zones.iter().map(|zone| zone.1).sum();
        if units > 64 {
            laws.obstacles.push(Obstacle::new(key("pool.units"), format!("{units} units are too many states")));
        }
        let its: Vec<_> = site.of_units(index).into_iter().filter(|mode| !mode.repair.is_zero()).collect();
        let believes = matches!(&tier.upkeep, Upkeep::AutoScaling(group) if group.check == CheckType::Elb);
        let deep = tier.load_balancer.as_ref().is_some_and(|balancer| balancer.check.deep);
        let looks = |mode: &FailureMode| {
            (mode.symptom != Symptom::Hang || deep, mode.symptom == Symptom::Instance && !believes)
        };
        let mut modes = Vec::new();
        let (unlike, seen): (Vec<FailureMode>, Vec<_>) = unlike(&its, looks).into_iter().unzip();
        for mode in &unlike {
            match Mode::new(mode) {
                Ok(mode) => modes.push(mode),
                Err(obstacle) => laws.obstacles.push(obstacle),
            }
        }
        let in_zone =
            |scope: &Scope| matches!(scope, Scope::Zones(of) if zones.iter().any(|(zone, _)| of.contains(zone)));
        let around: Vec<_> = site.modes(|scope| match scope {
            Scope::Regions(of) => of.contains(&region),
            Scope::Global => true,
            Scope::Tier(..) => *scope == Scope::Tier(index, region),
            other => in_zone(other),
        });
        let idle = its.is_empty() && around.is_empty();
        if !site.of_part(Part::Fleet { tier: index, region }).is_empty()
            && (tier.load_balancer.is_some() || matches!(tier.upkeep, Upkeep::AutoScaling(_)))
        {
            laws.obstacles.push(Obstacle::new(
                key("load_balancer"),
                "a mode of the whole tier looks different to each unit's check, which the chain does not follow",
            ));
        }
        let balancer = tier.load_balancer.as_ref().filter(|_| !idle).map(|balancer| {
            if balancer.zone_ttl > Seconds::ZERO && around.iter().any(|mode| in_zone(&mode.scope)) {
                let why = "a residual that is uniform is not made of exponential phases";
                laws.obstacles.push(Obstacle::new(key("load_balancer.zone_ttl"), why).of_law());
            }
            let check = &balancer.check;
            Balancer {
                detection: laws.check(key("load_balancer.detection"), &check.detection, check),
                recovery: laws.check(key("load_balancer.recovery"), &check.recovery, check),
                cross_zone: balancer.cross_zone,
            }
        });
        let mut group = Group {
            region,
            seen,
            zones: zones.clone(),
            modes,
            crews: u32::MAX,
            replacement: Phases::never(),
            balancer,
            scaling: None,
            spares: None,
            levels: false,
            desired: units.min(64) as u8,
            required: tier.required,
            capacity: tier.capacity.map_or(f64::INFINITY, |rate| rate.0),
        };
        let killed = around.iter().any(|mode| mode.effect == Effect::Kill);
        match &tier.upkeep {
            Upkeep::Pool { crews, replacement, spares, .. } => {
                group.crews = crews.unwrap_or(u32::MAX);
                let machines = units + spares.as_ref().map_or(0, |spares| spares.count);
                if killed {
                    group.replacement = laws.phases(key("pool.replacement"), replacement);
                }
                let fair = its.len() == 1 && its[0].repair.is_exponential().is_some() && !killed;
                if group.crews < machines && !its.is_empty() && !fair {
                    let why = "the queue is followed for one mode with an exponential repair, and nothing that kills";
                    laws.obstacles.push(Obstacle::new(key("pool.crews"), why));
                }
                if let Some(spares) = spares.as_ref().filter(|spares| spares.count > 0 && !idle) {
                    if machines > 64 {
                        let why = format!("{machines} machines are too many states");
                        laws.obstacles.push(Obstacle::new(key("pool.spares"), why));
                    }
                    if group.modes.len() > 1 {
                        let why = "none is worked out here: how fast a spare under repair fails in other ways";
                        laws.obstacles.push(Obstacle::new(key("pool.spares"), why));
                    }
                    let zones = group.zones.len() as u32;
                    group.spares = Some(Spares {
                        positions: (units..machines).map(|machine| (machine % zones) as u8).collect(),
                        dormant: spares.dormant.get(),
                        switch_over: laws.phases(key("pool.spares.switch_over"), &spares.switch_over),
                        coverage: spares.coverage.get(),
                    });
                }
            }
            Upkeep::AutoScaling(scaling) if !idle => {
                if killed {
                    let why = "a group whose units are killed by their place is not followed";
                    laws.obstacles.push(Obstacle::new(key("auto_scaling"), why));
                }
                if believes && scaling.grace > Seconds::ZERO {
                    let why = "the age of a unit at its verdict is not made of exponential phases";
                    laws.obstacles.push(Obstacle::new(key("auto_scaling.grace"), why).of_law());
                }
                let own = &scaling.status_check;
                group.scaling = Some(Scaling {
                    status_check: (!believes)
                        .then(|| laws.check(key("auto_scaling.status_check.detection"), &own.detection, own)),
                    terminate: laws.phases(key("auto_scaling.terminate"), &scaling.terminate),
                    launch: laws.phases(key("auto_scaling.launch"), &scaling.launch),
                    boot: laws.phases(key("auto_scaling.boot"), &scaling.boot),
                    retry: if scaling.launch_failure.get() > 0.0 {
                        laws.phases(key("auto_scaling.retry"), &scaling.retry)
                    } else {
                        Phases::never()
                    },
                    failure: scaling.launch_failure.get(),
                });
            }
            Upkeep::AutoScaling(_) => {}
        }
        if group.modes.len() > MOST_MODES {
            let why = format!("a unit fails in {} unlike ways: at most {MOST_MODES} are followed", group.modes.len());
            laws.obstacles.push(Obstacle::new(format!("tier.{}", tier.name), why));
        }
        let balanced = group.balancer.as_ref().is_none_or(|balancer| balancer.cross_zone);
        if balanced && !around.iter().any(|mode| in_zone(&mode.scope)) {
            // None of its zones fails by itself, so that it makes no difference where a unit is.
            group.zones.truncate(1);
            group.zones.iter_mut().for_each(|zone| zone.1 = units);
            group.spares.iter_mut().for_each(|spares| spares.positions.fill(0));
        }
        group.levels = group.scaling.is_some() && group.zones.len() > 1;
        if group.levels && group.notices_at_once() {
            let why =
                "none is worked out here: which of the units of a zone is given up first where that takes no time";
            laws.obstacles.push(Obstacle::new(key("auto_scaling"), why));
        }
        if group.spares.is_some() && group.zones.len() > 1 && killed {
            let why = "none is worked out here: which of the places that lose their units at once gets the first spare";
            laws.obstacles.push(Obstacle::new(key("pool.spares"), why));
        }
        if laws.obstacles.is_empty() { Ok(group) } else { Err(laws.obstacles) }
    }
}

impl Group {
    /// The group gives up what has failed in no time.
    fn notices_at_once(&self) -> bool {
        let own = self.scaling.as_ref().and_then(|scaling| scaling.status_check.as_ref());
        let detection = own.or(self.balancer.as_ref().map(|balancer| &balancer.detection));
        detection.is_some_and(|law| law.starts.iter().any(|(_, phase)| phase.is_none()))
    }
}

/// Modes with how they look to the checks. Those that are never repaired and look alike are one: a unit that has died is gone, whatever it died
/// of.
fn unlike(modes: &[&FailureMode], looks: impl Fn(&FailureMode) -> (bool, bool)) -> Vec<(FailureMode, (bool, bool))> {
    let dies = |mode: &FailureMode| mode.mttf.is_exponential().filter(|_| mode.repair.mean() == f64::INFINITY);
    let mut found: Vec<(FailureMode, (bool, bool))> = Vec::new();
    for mode in modes {
        let twin = found.iter_mut().find_map(|(known, its)| {
            let both = dies(known).zip(dies(mode)).filter(|_| *its == looks(mode));
            both.map(|(one, other)| (known, 1.0 / (1.0 / one + 1.0 / other)))
        });
        match twin {
            Some((known, mean)) => known.mttf = Law::Exponential { mean },
            None => found.push(((*mode).clone(), looks(mode))),
        }
    }
    found
}

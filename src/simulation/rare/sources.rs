//! What fails by itself, in classes of its kind: one class for each failure mode, whatever it covers.
//!
//! What has no memory fails at a constant rate while it is up, so that nothing need be pending for it. What *ages* has a life whose hazard
//! is known at any age (density over survival); its failure is pending in the calendar, and can be brought forward.

use crate::engine::calendar::Event;
use crate::law::Law;
use crate::mechanism::fleet::FleetPlan;
use crate::mechanism::outage::OutagePlan;
use crate::simulation::compile::Plan;
use crate::simulation::replicate::Replica;

/// What can fail.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// A process of a place: position, and failures per second.
    Outage(usize, f64),
    /// Units of a fleet by one of their modes: positions, and mean life (s).
    Units(usize, usize, f64),
    /// A process of a place that ages: position.
    AgeingOutage(usize),
    /// Units that age: fleet and mode.
    AgeingUnits(usize, usize),
}

/// Something that ages, and could fail.
#[derive(Debug, Clone, Copy)]
pub struct Ageing {
    /// Its class.
    pub class: usize,
    /// Failures per second at its age.
    pub hazard: f64,
    source: Source,
    unit: u32,
}

/// The sources of a plan.
#[derive(Debug, Clone)]
pub struct Sources {
    classes: Vec<Vec<Source>>,
    /// Mean life (s) where those of a class age.
    means: Vec<Option<f64>>,
    /// Class of each process of a place.
    of_outage: Vec<Option<usize>>,
    /// Class of each mode of each fleet.
    of_units: Vec<Vec<Option<usize>>>,
}

/// A law whose hazard is known, and changes with the age.
fn ages(life: &Law) -> bool {
    life.is_exponential().is_none() && life.hazard(1.0).is_some()
}

impl Sources {
    /// Finds them.
    pub fn new(plan: &Plan) -> Sources {
        let mut classes: Vec<(u64, Vec<Source>, Option<f64>)> = Vec::new();
        let mut add = |bit: u64, source: Source, ageing: Option<f64>| {
            // A failure mode has one law, but units that stand by make of an exponential one what has a clock: those are in no class.
            let place = classes.iter().position(|(its_bit, ..)| *its_bit == bit).unwrap_or_else(|| {
                classes.push((bit, Vec::new(), ageing));
                classes.len() - 1
            });
            classes[place].1.push(source);
            place
        };
        let outages = plan.outages.iter().enumerate();
        let of_outage = outages
            .map(|(index, outage)| match outage.life.is_exponential() {
                Some(mean) => Some(add(outage.hold.bit, Source::Outage(index, 1.0 / mean), None)),
                None if ages(&outage.life) => {
                    Some(add(outage.hold.bit, Source::AgeingOutage(index), Some(outage.life.mean())))
                }
                None => None,
            })
            .collect();
        let mut of_units = Vec::new();
        for (index, fleet) in plan.fleets.iter().enumerate() {
            let modes = fleet.modes.iter().enumerate();
            of_units.push(
                modes
                    .map(|(mode, its)| match (fleet.memoryless(mode), fleet.ageing(mode)) {
                        (Some(mean), _) => Some(add(its.bit, Source::Units(index, mode, mean), None)),
                        (None, Some(life)) => Some(add(its.bit, Source::AgeingUnits(index, mode), Some(life.mean()))),
                        (None, None) => None,
                    })
                    .collect(),
            );
        }
        let means = classes.iter().map(|(_, _, mean)| *mean).collect();
        Sources { classes: classes.into_iter().map(|(_, sources, _)| sources).collect(), means, of_outage, of_units }
    }

    /// Number of classes.
    pub fn count(&self) -> usize {
        self.classes.len()
    }

    /// Mean life (s) where those of a class age.
    pub fn ages(&self, class: usize) -> Option<f64> {
        self.means.get(class).copied().flatten()
    }

    fn any_class_of(&self, plan: &Plan, event: Event) -> Option<usize> {
        let component = event.component();
        if let Some(class) = self.of_outage.get(component) {
            return class.filter(|_| OutagePlan::is_failure(event));
        }
        let modes = self.of_units.get(component - self.of_outage.len())?;
        debug_assert!(component < plan.outages.len() + plan.fleets.len());
        modes[FleetPlan::failure(event)?]
    }

    /// The class without memory whose failure an event of the calendar is, if it is one of these.
    pub fn class_of(&self, plan: &Plan, event: Event) -> Option<usize> {
        self.any_class_of(plan, event).filter(|class| self.means[*class].is_none())
    }

    /// What ages and is about to fail by an event of the calendar, if that is what the event is.
    pub fn ageing_of(&self, plan: &Plan, replica: &Replica, event: Event) -> Option<Ageing> {
        let component = event.component();
        let (source, unit, class) = match self.of_outage.get(component) {
            Some(class) => {
                let awaited = replica.outages[component].awaits(event);
                (Source::AgeingOutage(component), 0, class.filter(|_| awaited)?)
            }
            None => {
                let index = component - self.of_outage.len();
                let fleet = replica.fleets.get(index)?;
                let (mode, unit) = fleet.ends_life(&plan.fleets[index], event)?;
                (Source::AgeingUnits(index, mode), unit, self.of_units[index][mode]?)
            }
        };
        self.means[class].map(|_| Ageing {
            class,
            hazard: source.hazard(plan, replica, unit, event.time()),
            source,
            unit,
        })
    }

    /// Failures per second of what is up, by class; 0 for those that age.
    pub fn rates(&self, plan: &Plan, replica: &Replica, rates: &mut Vec<f64>) {
        rates.clear();
        for class in &self.classes {
            rates.push(class.iter().map(|source| source.rate(plan, replica)).sum());
        }
    }

    /// How many things of each class age and could fail; 0 for classes without memory.
    pub fn ageing(&self, plan: &Plan, replica: &Replica, counts: &mut Vec<f64>) {
        counts.clear();
        for (class, mean) in self.classes.iter().zip(&self.means) {
            let count = |source: &Source| source.candidates(plan, replica).count();
            counts.push(mean.map_or(0.0, |_| class.iter().map(count).sum::<usize>() as f64));
        }
    }

    /// One of what ages in a class and could fail at `at` (s): that which `point` in (0, 1) of them falls on.
    pub fn candidate(&self, plan: &Plan, replica: &Replica, class: usize, point: f64, at: f64) -> Option<Ageing> {
        let all = || {
            let sources = self.classes[class].iter();
            sources.flat_map(|source| source.candidates(plan, replica).map(|unit| (*source, unit)))
        };
        let count = all().count();
        let (source, unit) = all().nth(((point * count as f64) as usize).min(count.saturating_sub(1)))?;
        Some(Ageing { class, hazard: source.hazard(plan, replica, unit, at), source, unit })
    }

    /// What ages fails now, before it would.
    pub fn fail_early(&self, plan: &Plan, replica: &mut Replica, which: Ageing) {
        match which.source {
            Source::AgeingUnits(index, mode) => {
                replica.fleets[index].fail_early(&plan.fleets[index], which.unit, mode, &mut replica.world);
                replica.follow(plan);
            }
            Source::AgeingOutage(index) => {
                replica.outages[index].call_off();
                which.source.fail(plan, replica, 0.0);
            }
            Source::Outage(..) | Source::Units(..) => {}
        }
    }

    /// Something of a class without memory fails now: that which `point` in (0, 1) of their rates falls on.
    pub fn fail(&self, plan: &Plan, replica: &mut Replica, class: usize, point: f64) {
        let all: f64 = self.classes[class].iter().map(|source| source.rate(plan, replica)).sum();
        let mut rest = point * all;
        for source in &self.classes[class] {
            let rate = source.rate(plan, replica);
            if rest < rate {
                return source.fail(plan, replica, rest / rate);
            }
            rest -= rate;
        }
    }
}

impl Source {
    fn rate(&self, plan: &Plan, replica: &Replica) -> f64 {
        match *self {
            Source::Outage(index, rate) => {
                if replica.outages[index].is_up() {
                    rate
                } else {
                    0.0
                }
            }
            Source::Units(index, mode, mean) => replica.fleets[index].failure_rate(&plan.fleets[index], mode, mean),
            Source::AgeingOutage(_) | Source::AgeingUnits(..) => 0.0,
        }
    }

    /// What ages here and could fail: positions of units, or 0 for a place.
    fn candidates(self, plan: &Plan, replica: &Replica) -> impl Iterator<Item = u32> {
        let (place, units) = match self {
            Source::AgeingOutage(index) => (replica.outages[index].is_up().then_some(0), None),
            Source::AgeingUnits(index, mode) => {
                (None, Some(replica.fleets[index].ageing_units(&plan.fleets[index], mode)))
            }
            Source::Outage(..) | Source::Units(..) => (None, None),
        };
        place.into_iter().chain(units.into_iter().flatten())
    }

    fn hazard(self, plan: &Plan, replica: &Replica, unit: u32, at: f64) -> f64 {
        let (life, since) = match self {
            Source::AgeingOutage(index) => {
                (Some(&plan.outages[index].life), replica.outages[index].since().unwrap_or(at))
            }
            Source::AgeingUnits(index, mode) => {
                let its_plan = &plan.fleets[index];
                (its_plan.ageing(mode), replica.fleets[index].since(its_plan, unit, mode))
            }
            Source::Outage(..) | Source::Units(..) => (None, at),
        };
        life.and_then(|life| life.hazard(at - since)).unwrap_or(0.0)
    }

    fn fail(&self, plan: &Plan, replica: &mut Replica, point: f64) {
        match *self {
            Source::Outage(index, _) | Source::AgeingOutage(index) => {
                let event = replica.outages[index].failure(&plan.outages[index], replica.world.now);
                replica.turn(plan, event);
            }
            Source::Units(index, mode, _) => {
                replica.fleets[index].fail_one(&plan.fleets[index], mode, point, &mut replica.world);
            }
            Source::AgeingUnits(..) => {}
        }
        replica.follow(plan);
    }
}

//! What fails without memory, in classes of its kind: one class for each failure mode, whatever it covers.

use crate::engine::calendar::Event;
use crate::mechanism::fleet::FleetPlan;
use crate::mechanism::outage::OutagePlan;
use crate::simulation::compile::Plan;
use crate::simulation::replicate::Replica;

/// What can fail at a constant rate while it is up.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// A process of a place: position, and failures per second.
    Outage(usize, f64),
    /// Units of a fleet by one of their modes: positions, and mean life (s).
    Units(usize, usize, f64),
}

/// The sources of a plan.
#[derive(Debug, Clone)]
pub struct Sources {
    classes: Vec<Vec<Source>>,
    /// Class of each process of a place.
    of_outage: Vec<Option<usize>>,
    /// Class of each mode of each fleet.
    of_units: Vec<Vec<Option<usize>>>,
}

impl Sources {
    /// Finds them.
    pub fn new(plan: &Plan) -> Sources {
        let mut classes: Vec<(u64, Vec<Source>)> = Vec::new();
        let mut add = |bit: u64, source: Source| {
            let place = classes.iter().position(|(its_bit, _)| *its_bit == bit).unwrap_or_else(|| {
                classes.push((bit, Vec::new()));
                classes.len() - 1
            });
            classes[place].1.push(source);
            place
        };
        let outages = plan.outages.iter().enumerate();
        let of_outage = outages
            .map(|(index, outage)| {
                let mean = outage.life.is_exponential()?;
                Some(add(outage.hold.bit, Source::Outage(index, 1.0 / mean)))
            })
            .collect();
        let mut of_units = Vec::new();
        for (index, fleet) in plan.fleets.iter().enumerate() {
            let modes = fleet.modes.iter().enumerate();
            of_units.push(
                modes
                    .map(|(mode, its)| {
                        let mean = fleet.memoryless(mode)?;
                        Some(add(its.bit, Source::Units(index, mode, mean)))
                    })
                    .collect(),
            );
        }
        Sources { classes: classes.into_iter().map(|(_, sources)| sources).collect(), of_outage, of_units }
    }

    /// Number of classes.
    pub fn count(&self) -> usize {
        self.classes.len()
    }

    /// The class whose failure an event of the calendar is, if it is one of these.
    pub fn class_of(&self, plan: &Plan, event: Event) -> Option<usize> {
        let component = event.component();
        if let Some(class) = self.of_outage.get(component) {
            return class.filter(|_| OutagePlan::is_failure(event));
        }
        let modes = self.of_units.get(component - self.of_outage.len())?;
        debug_assert!(component < plan.outages.len() + plan.fleets.len());
        modes[FleetPlan::failure(event)?]
    }

    /// Failures per second of what is up, by class.
    pub fn rates(&self, plan: &Plan, replica: &Replica, rates: &mut Vec<f64>) {
        rates.clear();
        for class in &self.classes {
            rates.push(class.iter().map(|source| source.rate(plan, replica)).sum());
        }
    }

    /// Something of a class fails now: that which `point` in (0, 1) of their rates falls on.
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
        }
    }

    fn fail(&self, plan: &Plan, replica: &mut Replica, point: f64) {
        match *self {
            Source::Outage(index, _) => {
                let event = replica.outages[index].failure(&plan.outages[index], replica.world.now);
                replica.turn(plan, event);
            }
            Source::Units(index, mode, _) => {
                replica.fleets[index].fail_one(&plan.fleets[index], mode, point, &mut replica.world);
            }
        }
        replica.follow(plan);
    }
}

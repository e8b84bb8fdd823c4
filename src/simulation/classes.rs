//! What is counted of outages in each history, so that its mean is known exactly: by class, which is a failure mode at places that are alike.

use super::compile::Plan;
use super::replicate::Replica;
use crate::mechanism::outage::{Count, Target};

/// The processes of a failure mode at places that are alike.
#[derive(Debug, Clone)]
pub struct CountedClass {
    /// Bit of the failure mode.
    pub bit: u64,
    /// Failures can be told from those that were to be expected.
    pub knows_hazard: bool,
    /// Repairs have a mean, and differ.
    pub knows_repair: bool,
    /// What was to be expected in a history in which none of them fails.
    pub quiet: f64,
    /// Positions among the outages.
    outages: Vec<usize>,
}

/// Places with the same of it are alike, as far as a failure mode goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Where {
    Everywhere,
    Region(usize),
    Dependency(usize),
    Fleet(usize),
    /// A database begins with a primary and a standby, which are not alike; what else it has, is.
    Node(usize, usize),
}

impl Plan {
    /// The classes of outages of which something is known exactly, in order of their modes.
    pub fn classes(&self) -> Vec<CountedClass> {
        let mut all: Vec<(u64, Where, usize)> = (self.outages.iter().enumerate())
            .map(|(index, outage)| (outage.hold.bit, self.place(outage.hold.target), index))
            .collect();
        all.sort_unstable();
        let alike = all.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1));
        let class = |members: &[(u64, Where, usize)]| {
            let first = &self.outages[members[0].2];
            let end = self.warm_up + self.counted;
            CountedClass {
                bit: first.hold.bit,
                knows_hazard: first.knows_hazard(),
                knows_repair: first.repair.variance().is_some_and(|variance| variance > 0.0),
                // Added up as it is in a history, so that it is the same number.
                quiet: members.iter().map(|_| first.expected_of_quiet(self.warm_up, end)).sum(),
                outages: members.iter().map(|member| member.2).collect(),
            }
        };
        alike.map(class).filter(|class| class.knows_hazard || class.knows_repair).collect()
    }

    fn place(&self, target: Target) -> Where {
        match target {
            Target::Zone(zone) => Where::Region(self.region_of[zone]),
            Target::Region(region) | Target::ControlPlane(region) => Where::Region(region),
            Target::Dependency(index) => Where::Dependency(index),
            Target::Fleet(fleet) | Target::OneUnit(fleet) | Target::OneZone(fleet) => Where::Fleet(fleet),
            Target::Node { database, node } => Where::Node(database, node.min(2)),
            Target::Data(database) => Where::Node(database, 0),
            Target::GlobalControlPlane | Target::Global => Where::Everywhere,
        }
    }

    /// From now on these are counted in each history, and no others.
    pub fn count(&mut self, classes: Vec<CountedClass>) {
        let end = self.warm_up + self.counted;
        self.outages.iter_mut().for_each(|outage| (outage.counted, outage.quiet) = (false, 0.0));
        for index in classes.iter().flat_map(|class| &class.outages) {
            let outage = &mut self.outages[*index];
            (outage.counted, outage.quiet) = (true, outage.expected_of_quiet(self.warm_up, end));
        }
        self.classes_counted = classes;
    }
}

impl Replica {
    /// What the counted classes did in the history that is over.
    #[inline(never)]
    pub(super) fn count_classes(&mut self, plan: &Plan) {
        self.counts_are_quiet = !self.world.counts_differ;
        self.counts.clear();
        for class in &plan.classes_counted {
            let mut count = Count::default();
            for index in &class.outages {
                count.add(self.outages[*index].count(&plan.outages[*index], &self.world));
            }
            self.counts.push(count);
        }
    }
}

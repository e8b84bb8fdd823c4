//! What a fleet looks like, in words: for the story of an incident.

use super::{Fleet, FleetPlan, Phase};

impl Fleet {
    /// What it looks like now.
    pub fn words(&self, plan: &FleetPlan) -> String {
        let mut words = format!("{} of {} healthy", self.healthy, plan.units);
        if plan.balancer.is_some() {
            let in_rotation: u32 = self.tallies.iter().map(|tally| tally.in_rotation).sum();
            words.push_str(&format!(", {in_rotation} in rotation"));
        }
        let on_the_way = |phase| {
            use Phase::{Booting, Checking, Launching, Terminating, Waiting};
            matches!(phase, Terminating | Waiting | Launching | Booting | Checking)
        };
        match self.units.iter().filter(|unit| on_the_way(unit.phase)).count() {
            0 => {}
            some => words.push_str(&format!(", {some} being replaced")),
        }
        if self.tallies.iter().any(|tally| tally.overloaded) {
            words.push_str(", overloaded");
        }
        words
    }
}

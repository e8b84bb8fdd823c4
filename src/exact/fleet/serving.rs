//! What units serve, as the load balancer sees them and as they are.

use super::{Entry, Group, Unit, Units};
use crate::exact::flow::Lane;
use crate::exact::machine::Around;

impl Group {
    /// Ways to healthy units.
    pub fn lanes(&self, it: &Units, around: &Around) -> Vec<Lane> {
        let up: Vec<bool> = self.zones.iter().map(|(zone, _)| around.zone(*zone)).collect();
        let count = |position: usize, which: &dyn Fn(&Unit) -> bool| {
            it.zones[position].iter().filter(|unit| which(unit)).count() as f64
        };
        let sum = |which: &dyn Fn(&Unit) -> bool, only_up: bool| -> f64 {
            (0..up.len()).filter(|position| !only_up || up[*position]).map(|position| count(position, which)).sum()
        };
        let healthy = sum(&Unit::alive, true);
        if healthy < f64::from(self.required) || healthy == 0.0 {
            return vec![];
        }
        let Some(balancer) = &self.balancer else {
            return vec![Lane::of(1.0, healthy * self.capacity)];
        };
        let gone = |position: usize| {
            it.entries[position] == Entry::Dead || (!balancer.cross_zone && count(position, &Unit::routed) == 0.0)
        };
        let used = (0..up.len()).filter(|position| !gone(*position)).count();
        let (in_use, all) = if used == 0 { (up.len(), true) } else { (used, false) };
        let enters = |position: usize| if up[position] && (all || !gone(position)) { 1.0 / in_use as f64 } else { 0.0 };
        let lane = |entering: f64, routed: f64, good: f64| {
            let share = if routed > 0.0 { entering * good / routed } else { 0.0 };
            Lane::of(share, if good > 0.0 { good * self.capacity } else { 0.0 })
        };
        let both = |unit: &Unit| unit.alive() && unit.routed();
        if balancer.cross_zone {
            let entering = (0..up.len()).map(enters).sum();
            let routed = sum(&Unit::routed, false);
            if routed > 0.0 {
                vec![lane(entering, routed, sum(&both, true))]
            } else {
                vec![lane(entering, sum(&Unit::registered, false), healthy)]
            }
        } else {
            let reach = |position: usize| {
                let routed = count(position, &Unit::routed);
                if routed > 0.0 {
                    lane(enters(position), routed, count(position, &both))
                } else {
                    lane(enters(position), count(position, &Unit::registered), count(position, &Unit::alive))
                }
            };
            (0..up.len()).filter(|position| up[*position]).map(reach).collect()
        }
    }
}

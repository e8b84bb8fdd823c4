//! What is lost while DNS caches drain, exactly: the area of a line plus exponentials, cut where a capacity is reached.

use super::Replica;
use super::served::{Charge, view};
use crate::engine::curve::Curve;
use crate::engine::ledger::Stage;
use crate::simulation::compile::Plan;

impl Replica {
    /// Accounts what was lost while shares moved, exactly: cuts the time where the loss of some region has a kink, and between two cuts
    /// each loss is a straight function of the region's share.
    pub(super) fn drain(&mut self, plan: &Plan, now: f64) {
        let start = self.ledger.since();
        let width = now - start;
        if width <= 0.0 {
            return;
        }
        let rates = plan.rates();
        let view = view(plan, &self.fleets, &self.databases, &self.dependencies, &self.world);
        self.cuts.clear();
        for structure in &plan.structures {
            let share = self.share(plan, structure.region);
            if !share.is_flat() {
                let losses = &mut self.losses[..structure.parts.len()];
                structure.kinks(&view, self.demand, losses, &mut self.kinks);
                for load in &self.kinks {
                    self.cuts.extend_from_slice(share.crossings(rates, load / self.demand, 0.0, width).as_slice());
                }
            }
        }
        let cuts = &mut self.cuts;
        self.ledger.period_borders(now, |border| cuts.push(border - start));
        self.cuts.push(width);
        self.cuts.sort_by(f64::total_cmp);
        let mut from = 0.0;
        for cut in 0..self.cuts.len() {
            let to = self.cuts[cut];
            if to > from {
                self.drain_piece(plan, start, from, to);
            }
            from = to;
        }
    }

    /// Accounts a piece of a drain in which no loss has a kink; times count from `start`.
    fn drain_piece(&mut self, plan: &Plan, start: f64, from: f64, to: f64) {
        let rates = plan.rates();
        let middle = 0.5 * (from + to);
        let mut total = Curve::default();
        let mut modes_in_piece = 0;
        for (index, structure) in plan.structures.iter().enumerate() {
            let share = self.share(plan, structure.region);
            let area = share.area(rates, from, to);
            let at = |t: f64| share.value(rates, t).max(0.0);
            let (one, other) = {
                let (a, b, c) = (at(from), at(middle), at(to));
                if (a - c).abs() >= (a - b).abs() { (a, c) } else { (a, b) }
            };
            let here = at(middle);
            self.charge(plan, index, here);
            if self.charges[index].is_empty() && one <= 0.0 && other <= 0.0 {
                continue;
            }
            if (one - other).abs() <= 1e-15 {
                for charge in &self.charges[index] {
                    let cause = self.ledger.cause(charge.modes);
                    self.ledger.charge(cause, charge.stage, charge.fraction * (to - from));
                    self.ledger.charge_apart(charge.apart.map(|fraction| fraction * (to - from)));
                    total.constant += charge.fraction;
                    modes_in_piece |= charge.modes;
                }
                continue;
            }
            // Causes and stages are those of the piece; what each part loses is straight between the two shares.
            let botched = self.dns.as_ref().is_some_and(|dns| dns.botched().is_some());
            let whole_region = botched || !self.world.places.regions[structure.region].is_up();
            let parts = structure.parts.len();
            if whole_region {
                for charge in &self.charges[index] {
                    let cause = self.ledger.cause(charge.modes);
                    self.ledger.charge(cause, charge.stage, area);
                    self.ledger.charge_apart(Charge::whole(structure, charge.modes, charge.stage, area).apart);
                    modes_in_piece |= charge.modes;
                }
                total.add(&share, 1.0);
                continue;
            }
            let view = view(plan, &self.fleets, &self.databases, &self.dependencies, &self.world);
            structure.serve(&view, one * self.demand, &mut self.losses[..parts]);
            structure.serve(&view, other * self.demand, &mut self.losses_elsewhere[..parts]);
            for part in 0..parts {
                // What is lost per share, as a line: its slope and what it is at none.
                let line = |lost_one: f64, lost_other: f64| {
                    let (lost_one, lost_other) = (lost_one / self.demand, lost_other / self.demand);
                    let slope = (lost_other - lost_one) / (other - one);
                    (slope, lost_one - slope * one)
                };
                let (lost_one, lost_other) = (self.losses[part], self.losses_elsewhere[part]);
                let (slope, offset) = line(lost_one[0] + lost_one[1], lost_other[0] + lost_other[1]);
                let seconds = offset * (to - from) + slope * area;
                if seconds <= 0.0 || (lost_one == [0.0; 2] && lost_other == [0.0; 2]) {
                    continue;
                }
                if structure.writes.is_some() {
                    self.ledger.charge_apart([0, 1].map(|class| {
                        let (slope, offset) = line(lost_one[class], lost_other[class]);
                        (offset * (to - from) + slope * area).max(0.0)
                    }));
                }
                let charge = self.charges[index].iter().find(|charge| charge.part == part);
                let (modes, stage) = charge.map_or((0, Stage::Propagation), |charge| (charge.modes, charge.stage));
                let cause = self.ledger.cause(modes);
                self.ledger.charge(cause, stage, seconds);
                modes_in_piece |= modes;
                total.constant += offset;
                total.add(&share, slope);
            }
        }
        let edges = total.crossings(rates, self.ledger.tolerated(), from, to);
        let mut left = from;
        for &right in edges.as_slice().iter().chain([&to]) {
            let down = self.ledger.is_down(total.value(rates, 0.5 * (left + right)));
            self.ledger.edge(start + left, down, modes_in_piece);
            self.ledger.charge_period(start + 0.5 * (left + right), total.area(rates, left, right));
            left = right;
        }
    }
}

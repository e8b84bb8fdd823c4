//! Closed forms for structures of independent parts.
//!
//! Zones, regions and everything else that covers several parts are conditioned on: given which of them are up, the parts are independent. The
//! number of healthy units of a tier is a convolution over its units, or a birth and death chain where repair crews are few (Feller 1968, "An
//! Introduction to Probability Theory", volume I, XVII.7). Only the means of times enter the stationary result (Ross 1996, "Stochastic
//! Processes", theorem 3.4.4), except for few crews, whose repairs have to be exponential (Baskett, Chandy, Muntz and Palacios 1975: the time
//! to failure need not).
//!
//! The cost is polynomial in units and exponential only in the number of places that cover several parts, or zones of one tier.

mod leaf;

use super::chance::{Alternating, Chance, Moment, together};
use super::flow::{Lane, Load, States, load, merged, requests, sum};
use super::site::{Site, Stand, all_alternating};
use super::{Budget, Measures, Obstacle};
use crate::model::ZoneId;
use leaf::leaf;

/// Places that are conditioned on together at most.
const MOST_PLACES: usize = 20;
/// Moments at which a mean from a new start is looked at, about.
const MOMENTS: f64 = 1_200.0;
/// Loss that rounding may make of nothing.
pub(super) const ROUNDING: f64 = 1e-12;

/// Something that covers several parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Everything,
    Region(usize),
    Zone(ZoneId),
}

/// Units of a part that stand in one place.
#[derive(Debug, Clone)]
struct Seat {
    stand: Stand,
    /// The region of it.
    region: Option<usize>,
    /// Processes of the place, if this part alone stands in it; else it is conditioned on.
    own: Vec<Alternating>,
    units: u32,
}

/// How many units it takes.
#[derive(Debug, Clone, Copy)]
enum Takes {
    /// For a request.
    All(u32),
    /// For a read, and for a write.
    Each([u32; 2]),
}

/// A part, taken by itself.
#[derive(Debug, Clone)]
struct Leaf {
    /// What takes it down as a whole.
    own: Vec<Alternating>,
    /// Share that it serves when it is down: 0, but for a soft dependency.
    spared: f64,
    /// The region that takes it down as a whole.
    region: Option<usize>,
    /// Where its units are. A database is one unit that never fails by itself.
    seats: Vec<Seat>,
    /// Modes of a unit.
    unit: Vec<Alternating>,
    /// Repair crews, if they are fewer than units.
    crews: Option<u32>,
    takes: Takes,
    capacity: f64,
}

/// A design of independent parts.
#[derive(Debug, Clone)]
pub(super) struct Independent<'a> {
    site: Site<'a>,
    leaves: Vec<Leaf>,
    places: Vec<(Place, Vec<Alternating>)>,
    /// Leaves that stand in several places of the structure.
    repeated: Vec<usize>,
    /// What else makes an answer: said to the reader.
    pub notes: Vec<String>,
}

impl<'a> Independent<'a> {
    /// Takes a design apart.
    ///
    /// # Errors
    /// With what makes its parts depend on each other, or on their past.
    pub fn new(site: Site<'a>, budget: &Budget) -> Result<Self, Vec<Obstacle>> {
        let mut obstacles: Vec<Obstacle> = site.name_moves().into_iter().collect();
        let mut notes = Vec::new();
        let mut leaves = Vec::new();
        for part in &site.parts {
            match leaf(&site, *part, &mut notes) {
                Ok(leaf) => leaves.push(leaf),
                Err(found) => obstacles.extend(found),
            }
        }
        for mode in site.modes(|_| true) {
            if mode.mttf.variance() == Some(0.0) && mode.repair.variance() == Some(0.0) {
                let why = "fixed times up and down keep step with the start for ever: there is no long run";
                obstacles.push(Obstacle::new(format!("failure.{}.mttf", mode.name), why));
            }
        }
        if !obstacles.is_empty() {
            return Err(obstacles);
        }
        let places = places(&site, &leaves);
        let mut uses = vec![0; leaves.len()];
        site.stacks.iter().for_each(|stack| stack.structure.leaves(&mut |leaf| uses[leaf] += 1));
        let repeated = (0..leaves.len()).filter(|leaf| uses[*leaf] > 1).collect();
        let model = Independent { site, leaves, places, repeated, notes };
        if model.places.len() > MOST_PLACES {
            return Err(vec![Obstacle::new(
                "region",
                format!(
                    "{} places that cover several parts can fail: at most {MOST_PLACES} are conditioned on",
                    model.places.len()
                ),
            )]);
        }
        if model.work() > budget.work {
            let why = "its combinations of places, units and repeated parts are more work than is allowed";
            return Err(vec![Obstacle::new("tier", why)]);
        }
        Ok(model)
    }

    /// Sums and products that one moment costs, about.
    fn work(&self) -> f64 {
        let units = self.leaves.iter().map(|leaf| {
            let n = f64::from(leaf.total());
            // Each number of units that can be reached is chosen from all, one by one.
            let seats = if leaf.crews.is_some() { libm::exp2(leaf.seats.len() as f64).min(n + 1.0) } else { 0.0 };
            n * n * (1.0 + seats * n)
        });
        let repeated = self.repeated.iter().map(|leaf| 2.0 + f64::from(self.leaves[*leaf].total()));
        libm::exp2(self.places.len() as f64) * 200.0 * repeated.product::<f64>() + units.sum::<f64>()
    }

    /// In the long run.
    pub fn stationary(&self) -> Measures {
        let (lost, down) = self.at(Moment::Stationary);
        Measures::new(lost, down.value, down.flow)
    }

    /// Every process is memoryless, so that its state at any time is known from its rates.
    fn memoryless(&self) -> bool {
        let all = |processes: &[Alternating]| processes.iter().all(|process| process.memoryless);
        self.places.iter().all(|(_, processes)| all(processes))
            && self.leaves.iter().all(|leaf| {
                all(&leaf.own)
                    && all(&leaf.unit)
                    && leaf.crews.is_none()
                    && leaf.seats.iter().all(|seat| all(&seat.own))
            })
    }

    fn processes(&self) -> impl Iterator<Item = &Alternating> {
        let leaves = self
            .leaves
            .iter()
            .flat_map(|leaf| leaf.own.iter().chain(&leaf.unit).chain(leaf.seats.iter().flat_map(|seat| &seat.own)));
        self.places.iter().flat_map(|(_, processes)| processes).chain(leaves)
    }

    /// The mean over a stretch of a history that began with everything up, if all times are exponential and it is not too much work; and how
    /// far two ways to cut the integral into panels differ, in shares of the time.
    pub fn since_new(&self, from: f64, to: f64, budget: &Budget) -> Option<(Measures, f64)> {
        if !self.memoryless() || self.work() * MOMENTS > budget.work {
            return None;
        }
        let rates: Vec<f64> = self.processes().filter(|it| it.up.is_finite()).map(|it| it.forgets()).collect();
        let slowest = rates.iter().copied().fold(f64::INFINITY, f64::min);
        let fastest = rates.iter().copied().fold(0.0, f64::max);
        if rates.is_empty() {
            return Some((self.stationary(), 0.0));
        }
        let (fine, coarse) =
            (self.mean(from, to, (slowest, fastest), 1.3), self.mean(from, to, (slowest, fastest), 1.5));
        Some((fine, (fine.unavailability_request - coarse.unavailability_request).abs()))
    }

    /// The mean over a stretch of processes that forget their start at rates between these.
    fn mean(&self, from: f64, to: f64, (slowest, fastest): (f64, f64), growth: f64) -> Measures {
        // Panels that grow with the distance from the start, each with eight points of Gauss; what is left is as in the long run.
        let settled = to.min(45.0 / slowest).max(from);
        let mut edges = vec![from];
        let mut width = 0.25 / fastest;
        while edges[edges.len() - 1] < settled {
            let last = edges[edges.len() - 1];
            let reach = width.max((growth - 1.0) * last);
            edges.push((last + reach).min(settled));
            width *= growth;
        }
        let (mut lost, mut down, mut flow) = (0.0, 0.0, 0.0);
        let mut add = |weight: f64, moment: Moment| {
            let (its_lost, its_down) = self.at(moment);
            lost += weight * its_lost;
            down += weight * its_down.value;
            flow += weight * its_down.flow;
        };
        for pair in edges.windows(2) {
            let (middle, half) = (0.5 * (pair[0] + pair[1]), 0.5 * (pair[1] - pair[0]));
            for (point, weight) in GAUSS {
                add(weight * half, Moment::After(middle + point * half));
                add(weight * half, Moment::After(middle - point * half));
            }
        }
        if to > settled {
            add(to - settled, Moment::Stationary);
        }
        let length = to - from;
        let open = if from > 0.0 { self.at(Moment::After(from)).1.value } else { 0.0 };
        Measures::new(lost / length, down / length, flow / length).also(open, length)
    }

    /// Share of the requests lost, and the chance of being below the threshold.
    fn at(&self, moment: Moment) -> (f64, Chance) {
        let mut total = Total { lost: 0.0, down: Chance::ZERO };
        let mut up = vec![true; self.places.len()];
        let states: Vec<(Chance, Chance)> =
            self.places.iter().map(|(_, processes)| together(processes, moment)).collect();
        let units: Vec<Vec<(u32, Vec<Chance>)>> = self.leaves.iter().map(|leaf| leaf.unit_table(moment)).collect();
        for combination in 0..1usize << self.places.len() {
            let mut chance = Chance::ONE;
            for (index, (works, fails)) in states.iter().enumerate() {
                up[index] = combination >> index & 1 == 0;
                chance = chance * if up[index] { *works } else { *fails };
            }
            if chance.is_void() {
                continue;
            }
            let is_up =
                |place: Place| self.places.iter().position(|(known, _)| *known == place).is_none_or(|index| up[index]);
            let mut parts: Vec<States> = (self.leaves.iter().zip(&units))
                .map(|(leaf, units)| leaf.states(moment, units, self.site.design.demand.rate.0, &is_up))
                .collect();
            self.settle_repeated(chance, 0, &mut parts, &is_up, &mut total);
        }
        (total.lost, total.down)
    }

    /// Parts that stand in several places of the structure are conditioned on, too.
    fn settle_repeated(
        &self,
        chance: Chance,
        next: usize,
        parts: &mut Vec<States>,
        is_up: &dyn Fn(Place) -> bool,
        total: &mut Total,
    ) {
        if let Some(leaf) = self.repeated.get(next) {
            let states = parts[*leaf].clone();
            for (its, lanes) in &states {
                parts[*leaf] = vec![(Chance::ONE, lanes.clone())];
                self.settle_repeated(chance * *its, next + 1, parts, is_up, total);
            }
            parts[*leaf] = states;
            return;
        }
        let demand = self.site.design.demand.rate.0;
        let mut lost = vec![(Chance::ONE, 0.0)];
        for stack in &self.site.stacks {
            let asked = load(&self.site.design.demand, stack.weight);
            let its = if is_up(Place::Everything) && is_up(Place::Region(stack.region)) {
                let lost = |served: Load| (requests(asked) - requests(served)).max(0.0) / demand;
                let served = stack.structure.served(asked, parts);
                merged(served.into_iter().map(|(chance, served)| (chance, lost(served))).collect(), f64::total_cmp)
            } else {
                vec![(Chance::ONE, stack.weight)]
            };
            lost = sum(&lost, &its);
        }
        let tolerated = 1.0 - self.site.design.up_threshold.get() + ROUNDING;
        for (its, lost) in lost {
            let chance = chance * its;
            // Rounding must not leave a loss where everything is served.
            if lost > 1e-14 {
                total.lost += chance.value * lost;
            }
            if lost > tolerated {
                total.down += chance;
            }
        }
    }
}

struct Total {
    lost: f64,
    down: Chance,
}

/// Points and weights of Gauss and Legendre with eight points (Abramowitz and Stegun 1964, table 25.4).
const GAUSS: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_2, 0.101_228_536_290_376_26),
];

impl Leaf {
    fn total(&self) -> u32 {
        self.seats.iter().map(|seat| seat.units).sum()
    }

    /// For every number of reachable units that can be, the chances of how many of them are healthy.
    fn unit_table(&self, moment: Moment) -> Vec<(u32, Vec<Chance>)> {
        let mut reachable = vec![0u32];
        for seat in &self.seats {
            let mut more: Vec<u32> = reachable.iter().map(|count| count + seat.units).collect();
            more.extend(&reachable);
            more.sort_unstable();
            more.dedup();
            reachable = more;
        }
        let all = self.total();
        let healthy_of = |down: &[Chance], m: u32| hypergeometric(down, all, m);
        if let Some(crews) = self.crews {
            let down = self.repairmen(crews);
            return reachable.iter().map(|m| (*m, healthy_of(&down, *m))).collect();
        }
        let (works, fails) = together(&self.unit, moment);
        let mut table = Vec::new();
        let mut healthy = vec![Chance::ONE];
        for m in 0..=all {
            if reachable.contains(&m) {
                table.push((m, healthy.clone()));
            }
            let mut next = vec![Chance::ZERO; healthy.len() + 1];
            for (count, chance) in healthy.iter().enumerate() {
                next[count] += *chance * fails;
                next[count + 1] += *chance * works;
            }
            healthy = next;
        }
        table
    }

    /// Chances of how many units are down with few crews. The flow is what goes in from fewer less what goes on to more.
    fn repairmen(&self, crews: u32) -> Vec<Chance> {
        let n = self.total();
        let (up, down) = self.unit.first().map_or((f64::INFINITY, 0.0), |mode| (mode.up, mode.down));
        let mut weights = vec![1.0];
        for failed in 0..n {
            let last = weights[failed as usize];
            weights.push(last * f64::from(n - failed) * down / (f64::from((failed + 1).min(crews)) * up));
        }
        let sum: f64 = weights.iter().sum();
        let failures = |failed: usize| weights[failed] / sum * f64::from(n - failed as u32) / up;
        (0..=n as usize)
            .map(|failed| {
                let arrives = if failed == 0 { 0.0 } else { failures(failed - 1) };
                Chance { value: weights[failed] / sum, flow: arrives - failures(failed) }
            })
            .collect()
    }

    fn states(
        &self,
        moment: Moment,
        units: &[(u32, Vec<Chance>)],
        demand: f64,
        is_up: &dyn Fn(Place) -> bool,
    ) -> States {
        let whole = self.region.is_none_or(|region| is_up(Place::Region(region)));
        let spared = Lane::of(self.spared, if self.spared > 0.0 { f64::INFINITY } else { 0.0 });
        if !whole {
            return vec![(Chance::ONE, vec![spared])];
        }
        let (works, fails) = together(&self.own, moment);
        let mut ways = vec![(fails, spared)];
        let reachable = if self.seats.is_empty() { Vec::new() } else { self.reachable(moment, is_up) };
        for (chance, reachable) in reachable {
            let Some((_, healthy)) = units.iter().find(|(count, _)| *count == reachable) else { continue };
            ways.extend(healthy.iter().zip(0..).map(|(its, count)| (works * chance * *its, self.way(count, demand))));
        }
        if self.seats.is_empty() {
            ways.push((works, Lane::ALL));
        }
        let order = |a: &Lane, b: &Lane| {
            let key = |lane: &Lane| [lane.shares[0], lane.shares[1], lane.capacity];
            let pairs = key(a).into_iter().zip(key(b));
            pairs.map(|(a, b)| a.total_cmp(&b)).find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
        };
        merged(ways, order).into_iter().map(|(chance, lane)| (chance, vec![lane])).collect()
    }

    /// The way through so many healthy units.
    fn way(&self, count: u32, demand: f64) -> Lane {
        match self.takes {
            Takes::All(required) if count < required || count == 0 => Lane::NONE,
            Takes::All(_) => {
                let capacity = (f64::from(count) * self.capacity).min(f64::MAX);
                Lane::of(1.0, if capacity >= demand { f64::INFINITY } else { capacity })
            }
            Takes::Each(needed) => Lane::that_serves(needed.map(|needed| count >= needed)),
        }
    }

    /// Chances of how many units are in places that are up.
    fn reachable(&self, moment: Moment, is_up: &dyn Fn(Place) -> bool) -> Vec<(Chance, u32)> {
        let mut counts = vec![(Chance::ONE, 0u32)];
        for seat in &self.seats {
            let stands = match seat.stand {
                Stand::Zone(zone) => is_up(Place::Zone(zone)),
                Stand::Region(_) | Stand::Anywhere => true,
            };
            if !stands || seat.region.is_some_and(|region| !is_up(Place::Region(region))) {
                continue;
            }
            let (works, fails) = together(&seat.own, moment);
            let mut next: Vec<(Chance, u32)> = Vec::new();
            for (chance, count) in counts {
                for (its, count) in [(works, count + seat.units), (fails, count)] {
                    match next.iter_mut().find(|(_, known)| *known == count) {
                        Some((sum, _)) => *sum += chance * its,
                        None => next.push((chance * its, count)),
                    }
                }
            }
            counts = next;
        }
        counts
    }
}

/// Of n units so many are down, any of them alike: the chances of how many of m chosen ones are up.
fn hypergeometric(down: &[Chance], n: u32, m: u32) -> Vec<Chance> {
    let mut healthy = vec![Chance::ZERO; m as usize + 1];
    for (failed, chance) in down.iter().enumerate() {
        let up = n - failed as u32;
        // Choose the m one by one; `ways` holds how many of them are up.
        let mut ways = vec![0.0; m as usize + 1];
        ways[0] = 1.0;
        for chosen in 0..m {
            for count in (0..=chosen).rev() {
                let left = f64::from(n - chosen);
                let good = f64::from(up.saturating_sub(count)) / left;
                let weight = std::mem::take(&mut ways[count as usize]);
                ways[count as usize + 1] += weight * good;
                ways[count as usize] += weight * f64::from((failed as u32).saturating_sub(chosen - count)) / left;
            }
        }
        for (count, weight) in ways.into_iter().enumerate() {
            healthy[count] += *chance * weight;
        }
    }
    healthy
}

/// Places that cover several parts, or a whole stack.
fn places(site: &Site, leaves: &[Leaf]) -> Vec<(Place, Vec<Alternating>)> {
    let mut places = vec![(Place::Everything, all_alternating(&site.of_all()))];
    for region in 0..site.design.regions.len() {
        let stands =
            |leaf: &Leaf| leaf.region == Some(region) || leaf.seats.iter().any(|seat| seat.region == Some(region));
        if site.stacks.iter().any(|stack| stack.region == region) || leaves.iter().any(stands) {
            places.push((Place::Region(region), all_alternating(&site.of_region(region))));
        }
    }
    for zone in 0..site.design.zones.len() {
        let stands = |leaf: &&Leaf| leaf.seats.iter().any(|seat| seat.stand == Stand::Zone(zone));
        if leaves.iter().filter(stands).count() > 1 {
            places.push((Place::Zone(zone), all_alternating(&site.of_zone(zone))));
        }
    }
    places.retain(|(_, processes)| !processes.is_empty());
    places
}

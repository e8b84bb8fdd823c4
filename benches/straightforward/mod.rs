//! The yardstick: what one would write in an afternoon with `BinaryHeap` and `rand` for units behind zone and region outages.
//!
//! It knows one model only: units that fail and are repaired on their own, zones and a region that mask them, and a threshold
//! of usable units. Lost time and incidents are all that it counts.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, Exp1};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Zones, units per zone, and how many must be usable.
#[derive(Clone, Copy)]
pub struct Model {
    /// Number of zones.
    pub zones: usize,
    /// Units in each.
    pub units_per_zone: usize,
    /// Usable units below which nothing is served.
    pub required: usize,
}

const DAY: f64 = 86_400.0;
const HOUR: f64 = 3_600.0;
const YEAR: f64 = 365.0 * DAY;

#[derive(PartialEq, PartialOrd)]
struct At(f64);

impl Eq for At {}

#[expect(clippy::derive_ord_xor_partial_ord, reason = "times are never NaN")]
impl Ord for At {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.partial_cmp(other).expect("times are numbers")
    }
}

/// Simulates one year; returns events, seconds down and incidents.
pub fn year(model: Model, seed: u64) -> (u64, f64, u64) {
    let units = model.zones * model.units_per_zone;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut up = vec![true; units + model.zones + 1];
    let mut heap = BinaryHeap::new();
    let draw = |rng: &mut dyn Rng, component: usize, up: bool| {
        let mean = match (component, up) {
            (c, true) if c < units => 60.0 * DAY,
            (c, false) if c < units => 600.0,
            (c, true) if c < units + model.zones => 2.0 * YEAR,
            (c, false) if c < units + model.zones => 2.0 * HOUR,
            (_, true) => 4.0 * YEAR,
            (_, false) => 3.0 * HOUR,
        };
        let sample: f64 = Exp1.sample(rng);
        sample * mean
    };
    for component in 0..up.len() {
        heap.push(Reverse((At(draw(&mut rng, component, true)), component)));
    }
    let mut up_in_zone = vec![model.units_per_zone; model.zones];
    let (mut events, mut down, mut incidents) = (0, 0.0, 0);
    let mut last = 0.0;
    let mut serving = true;
    while let Some(Reverse((At(now), component))) = heap.pop() {
        if now >= YEAR {
            break;
        }
        events += 1;
        if !serving {
            down += now - last;
        }
        last = now;
        up[component] = !up[component];
        if component < units {
            let zone = component % model.zones;
            if up[component] { up_in_zone[zone] += 1 } else { up_in_zone[zone] -= 1 }
        }
        heap.push(Reverse((At(now + draw(&mut rng, component, up[component])), component)));
        let usable: usize = (0..model.zones).filter(|z| up[units + z]).map(|z| up_in_zone[z]).sum();
        let now_serving = up[units + model.zones] && usable >= model.required;
        if serving && !now_serving {
            incidents += 1;
        }
        serving = now_serving;
    }
    if !serving {
        down += YEAR - last;
    }
    (events, down, incidents)
}

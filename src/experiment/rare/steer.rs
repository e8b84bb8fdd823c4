//! How probes are steered, as pilot histories have it.

use super::{FIRST_HISTORY, RareTally, Wanted, work};
use crate::simulation::rare::{Explorer, LEVELS, MOST_REACH, MOST_UNREST, Quantity, Sources, Steering, Way};
use crate::simulation::{Plan, Stop};

/// Histories that say what is usual.
const SURVEY: u64 = 2;

/// More unrest than is usual may be there for this share of the time, for each part.
const UNUSUAL: f64 = 0.1;

/// Histories of each round of the pilot.
const ROUNDS: [u64; 3] = [32, 64, 128];

/// State changes after which no further round begins.
const MOST_EVENTS: u64 = 4_000_000;

/// Probes in a history, in all classes together.
const PROBES: f64 = 32.0;

/// Where histories without probes have many state changes, there is a probe for so many of them.
const EVENTS_OF_A_PROBE: f64 = 8.0;

/// A share of what is lost that needs not be looked for further.
const NEGLIGIBLE: f64 = 1e-3;

/// Share of the probes, and of the biased rate, that is divided equally whatever was seen.
const EQUAL: f64 = 0.3;

/// Finds out how to steer; none if it is to stop before that.
pub(super) fn steering(
    plan: &Plan,
    sources: &Sources,
    way: Way,
    allowed: Option<f64>,
    wanted: &Wanted,
    stop: &Stop,
) -> Option<(Steering, RareTally)> {
    let mut steering = Steering::new(plan, sources, way);
    let mut explorer = Explorer::new(plan, sources, allowed);
    let mut times = Vec::new();
    let mut surveyed = 0;
    for history in 0..SURVEY {
        if stop.reason().is_some() {
            return None;
        }
        surveyed += explorer.survey(wanted.seed, 3 * FIRST_HISTORY + history, &mut times);
    }
    let total = PROBES.max(surveyed as f64 / SURVEY as f64 / EVENTS_OF_A_PROBE);
    for (base, times) in steering.base.iter_mut().zip(&times) {
        *base = usual(times);
    }
    // Failures of each class in a history that is at rest all the time.
    let mut usual: Vec<f64> = explorer.rates_at_rest().iter().map(|rate| rate * plan.counted).collect();
    usual.push(1.0);
    let classes = sources.count();
    let mut probes = vec![total / classes.max(1) as f64; classes + 1];
    aim(&mut steering, &usual, &probes);
    steering.boosts[classes] = 1.0;
    let mut first = match way {
        Way::Importance => 0,
        Way::Splitting => ROUNDS.iter().sum(),
    };
    let mut events = 0;
    let mut last = RareTally::new(sources);
    for histories in ROUNDS {
        let range = first..first + histories;
        first = range.end;
        let seen = work(plan, sources, allowed, &steering, wanted.seed, 2 * FIRST_HISTORY, range, stop)?;
        learn(&mut steering, &seen, &mut usual, &mut probes, total);
        events += seen.events;
        last = seen;
        if events > MOST_EVENTS {
            break;
        }
    }
    steering.weighs = wanted.weighs;
    Some((steering, last))
}

/// The least unrest that is exceeded for a small part of the time only.
fn usual(times: &[f64; MOST_UNREST + 1]) -> u32 {
    let mut above: f64 = times.iter().sum();
    let tolerated = UNUSUAL * above;
    for (unrest, time) in (0..).zip(times) {
        above -= time;
        if above <= tolerated {
            return unrest;
        }
    }
    MOST_UNREST as u32
}

/// As many probes of each class as are to be in a history.
fn aim(steering: &mut Steering, usual: &[f64], probes: &[f64]) {
    for ((boost, usual), probes) in steering.boosts.iter_mut().zip(usual).zip(probes) {
        *boost = if *usual > 0.0 { probes / usual } else { 1.0 };
    }
}

/// Steers by what a round has seen.
fn learn(steering: &mut Steering, seen: &RareTally, usual: &mut [f64], probes: &mut [f64], total: f64) {
    let classes = usual.len() - 1;
    let histories = seen.histories as f64;
    // What is in no class begins as many excursions as were seen.
    usual[classes] = seen.found[classes].probes as f64 / histories / steering.boosts[classes];
    probes[classes] = usual[classes] * steering.boosts[classes];
    for (class, found) in seen.found.iter().enumerate() {
        for level in 0..LEVELS {
            let (sum, count) = found.gaps[level];
            if count > 0 {
                steering.gaps[class][level] = sum / count as f64;
            }
        }
        let led: f64 = found.led_by.iter().sum();
        if led > 0.0 {
            for (share, led_by) in steering.shares[class].iter_mut().zip(&found.led_by) {
                *share = EQUAL / classes as f64 + (1.0 - EQUAL) * led_by / led;
            }
        }
    }
    let by_reach = |reach: usize| seen.found.iter().map(|found| found.by_reach[reach]).sum::<f64>();
    let all: f64 = (0..=MOST_REACH).map(by_reach).sum();
    if all > 0.0 {
        let mut beyond = all;
        let far = (0..MOST_REACH).find(|reach| {
            beyond -= by_reach(*reach);
            beyond <= NEGLIGIBLE * all
        });
        // One more, for what the round has not seen.
        steering.reach = (far.unwrap_or(MOST_REACH) as u32 + 1).min(MOST_REACH as u32);
    }
    let worth = |class: usize| {
        let found = &seen.found[class];
        let count = found.probes.max(1) as f64;
        let cost = 10.0 + found.events as f64 / count;
        probes[class] * (found.carried[Quantity::Lost as usize].squares / count / cost).sqrt()
    };
    let worths: Vec<f64> = (0..=classes).map(worth).collect();
    let all: f64 = worths.iter().sum();
    let begins: Vec<bool> = usual.iter().map(|usual| *usual > 0.0).collect();
    let count = begins.iter().filter(|begins| **begins).count() as f64;
    for class in (0..=classes).filter(|class| begins[*class]) {
        let equal = 1.0 / count;
        let share = if all > 0.0 { EQUAL * equal + (1.0 - EQUAL) * worths[class] / all } else { equal };
        probes[class] = total * share;
        steering.boosts[class] = probes[class] / usual[class];
    }
    // Nothing can be done for what comes by itself but to look at less of it.
    steering.boosts[classes] = steering.boosts[classes].min(1.0);
}

//! Engine and twin on architectures drawn at random.
//!
//! Without chance there is one history, and both must find it, to the last digits. With chance, a history of the engine is as
//! likely to be larger than one of the twin as the other way round: for each architecture the ranks of a few histories of
//! both are compared, whose mean and variance under that hypothesis follow from counting the ways to deal them out, whatever
//! the distribution (Wilcoxon's test, with ties). Over many architectures the sum of such scores is normal; so is the
//! sum of their squares, which differences of opposite sign do not cancel. Each is summed over all architectures and over
//! those that have a certain part, and judged by Bonferroni's bound.
//!
//! Some hundred architectures are a part of the tests; `tests/twin/run` draws a hundred thousand.

use crate::architectures::{Architect, Chance};
use crate::evidence::bonferroni;
use crate::simpler::simplest;
use crate::world::replicate;
use rayon::prelude::*;
use ridethrough::model::{Design, Effect, Need, Record, Routing, Scope, Upkeep};
use ridethrough::simulation::{Plan, Replica};

/// Relative difference that is rounding: the twin's quadrature stops at 1e-10.
const ROUNDING: f64 = 1e-8;
/// Histories of either for an architecture with chance.
const EACH: usize = 4;
/// Differences that are told in full.
const TOLD: usize = 30;
/// Chance that faultless engines fail the comparison.
const ALPHA: f64 = 1e-3;

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is {text}, not a number")))
}

/// Architectures to draw: some hundred, if ARCHITECTURES does not say how many.
pub fn count() -> u64 {
    setting("ARCHITECTURES", 300)
}

/// Seed of the first of them: 0, if ARCHITECTURES_SEED does not say another.
pub fn first() -> u64 {
    setting("ARCHITECTURES_SEED", 0)
}

/// What is compared of a history.
const QUANTITIES: [&str; 6] =
    ["lost time", "time below the threshold", "incidents", "open incidents", "data losses", "lost writes"];

/// These quantities of one history.
pub type History = [f64; QUANTITIES.len()];

fn by_twin(design: &Design, seed: u64) -> History {
    let record = replicate(design, seed);
    let open = record.incidents.iter().filter(|incident| incident.open).count();
    let writes: f64 = record.losses.iter().map(|loss| loss.1).sum();
    let (incidents, losses) = (record.incidents.len() as f64, record.losses.len() as f64);
    [record.lost, record.below, incidents, open as f64, losses, writes]
}

/// One history of the engine.
pub fn by_engine(plan: &Plan, seed: u64, history: u64) -> History {
    let mut replica = Replica::new(plan);
    let outcome = replica.run(plan, seed, history);
    let open = outcome.incidents.iter().filter(|incident| incident.open).count();
    let writes: f64 = outcome.losses.gone.iter().map(|loss| loss.writes).sum();
    let (incidents, losses) = (outcome.incidents.len() as f64, outcome.losses.gone.len() as f64);
    [outcome.lost.iter().flatten().sum(), outcome.down, incidents, open as f64, losses, writes]
}

/// Some histories of the engine, to be compared with others.
pub fn histories(plan: &Plan, seed: u64) -> Vec<History> {
    (0..EACH as u64).map(|history| by_engine(plan, seed, history)).collect()
}

/// How old the newest restore point is, is a matter of chance in any case.
fn ages_are_drawn(design: &Design) -> bool {
    design.databases.iter().any(|database| database.backup.is_some())
}

/// What engine and twin disagree about in the one history of a design without chance.
fn difference(design: &Design) -> Option<String> {
    let plan = Plan::new(design).ok()?;
    let (twin, engine) = (by_twin(design, 0), by_engine(&plan, 0, 0));
    let compared = if ages_are_drawn(design) { QUANTITIES.len() - 1 } else { QUANTITIES.len() };
    let horizon = design.horizon.get();
    let differs = |nth: &usize| {
        let scale = if *nth < 2 { horizon } else { twin[*nth].abs() };
        (twin[*nth] - engine[*nth]).abs() > ROUNDING * scale
    };
    let told: Vec<String> = (0..compared)
        .filter(differs)
        .map(|nth| format!("{}: twin {}, engine {}", QUANTITIES[nth], twin[nth], engine[nth]))
        .collect();
    (!told.is_empty()).then(|| told.join("; "))
}

fn certain(seed: u64) -> Design {
    Architect::new(seed, Chance::None).architecture()
}

#[test]
fn without_chance_both_find_the_same_history() {
    let (count, seed) = (count(), first());
    let differs = |seed: &u64| difference(&certain(*seed)).is_some();
    let different: Vec<u64> = (seed..seed + count).into_par_iter().filter(differs).collect();
    println!("{count} architectures without chance, from seed {seed}: {} differ", different.len());
    for seed in different.iter().take(TOLD) {
        let design = simplest(&certain(*seed), |simpler| difference(simpler).is_some());
        println!("architecture {seed}: {}\n{design:?}", difference(&design).unwrap_or_default());
    }
    assert!(different.is_empty(), "architectures that differ: {different:?}");
}

/// The score of a sample: how far its ranks are from what they would be by chance, in standard deviations, and what the square
/// of that would be on average and by how much it would vary.
struct Score {
    score: f64,
    /// Variance of the square of the score.
    spread: f64,
}

/// All ways to choose `EACH` of twice as many.
fn choices() -> Vec<u32> {
    (0..1_u32 << (2 * EACH)).filter(|bits| bits.count_ones() as usize == EACH).collect()
}

/// Compares two samples by ranks; none if all values are the same.
fn score(first: &[f64], second: &[f64], choices: &[u32]) -> Option<Score> {
    let mut all: Vec<(f64, usize)> = first.iter().chain(second).enumerate().map(|(nth, value)| (*value, nth)).collect();
    all.sort_by(|left, right| left.0.total_cmp(&right.0));
    let mut ranks = vec![0.0; all.len()];
    let mut at = 0;
    while at < all.len() {
        let mut next = at + 1;
        // Both add up the same in an order of their own.
        while next < all.len() && all[next].0 - all[next - 1].0 <= 1e-6 + 1e-6 * all[next].0.abs() {
            next += 1;
        }
        let rank = 0.5 * (at + next) as f64;
        all[at..next].iter().for_each(|(_, nth)| ranks[*nth] = rank);
        at = next;
    }
    let mean = ranks.iter().sum::<f64>() / ranks.len() as f64;
    let of = |bits: u32| -> f64 {
        let chosen = (0..ranks.len()).filter(|nth| bits >> nth & 1 == 1);
        chosen.map(|nth| ranks[nth] - mean).sum()
    };
    let sums: Vec<f64> = choices.iter().map(|bits| of(*bits)).collect();
    let variance = sums.iter().map(|sum| sum * sum).sum::<f64>() / sums.len() as f64;
    if variance == 0.0 {
        return None;
    }
    let fourth = sums.iter().map(|sum| (sum * sum / variance).powi(2)).sum::<f64>() / sums.len() as f64;
    let seen = of((1 << first.len()) - 1);
    Some(Score { score: seen / variance.sqrt(), spread: fourth - 1.0 })
}

/// What an architecture has.
fn parts(design: &Design) -> Vec<&'static str> {
    fn any_of(need: &Need) -> bool {
        match need {
            Need::AnyOf(_) => true,
            Need::AllOf(of) | Need::KOf { of, .. } => of.iter().any(any_of),
            _ => false,
        }
    }
    let tier = |is: &dyn Fn(&ridethrough::model::Tier) -> bool| design.tiers.iter().any(is);
    let database = |is: &dyn Fn(&ridethrough::model::Database) -> bool| design.databases.iter().any(is);
    let fails = |is: &dyn Fn(&Scope) -> bool| design.failures.iter().any(|mode| is(&mode.scope));
    let dns = match &design.routing {
        Routing::Direct => None,
        Routing::Dns(dns) => Some(dns),
    };
    let all = [
        ("all", true),
        ("a pool", tier(&|it| matches!(it.upkeep, Upkeep::Pool { .. }))),
        ("crews", tier(&|it| matches!(it.upkeep, Upkeep::Pool { crews: Some(_), .. }))),
        ("an auto scaling group", tier(&|it| matches!(it.upkeep, Upkeep::AutoScaling(_)))),
        ("a load balancer", tier(&|it| it.load_balancer.is_some())),
        ("no cross-zone", tier(&|it| it.load_balancer.as_ref().is_some_and(|it| !it.cross_zone))),
        ("a capacity", tier(&|it| it.capacity.is_some())),
        ("a database", database(&|_| true)),
        ("a standby", database(&|it| it.standby.is_some())),
        ("a replica", database(&|it| it.replica.is_some())),
        ("backups", database(&|it| it.backup.is_some())),
        ("dependencies", !design.dependencies.is_empty()),
        ("alternatives", design.stacks.iter().any(|stack| any_of(&stack.requires))),
        ("a failover record", dns.is_some_and(|it| matches!(it.record, Record::Failover(_)))),
        ("a weighted record", dns.is_some_and(|it| matches!(it.record, Record::Weighted(_)))),
        ("a latency record", dns.is_some_and(|it| matches!(it.record, Record::Latency(_)))),
        ("several cohorts", dns.is_some_and(|it| it.cohorts.len() > 1)),
        ("something is killed", design.failures.iter().any(|mode| mode.effect == Effect::Kill)),
        ("units fail", fails(&|it| matches!(it, Scope::Unit(_)))),
        ("nodes fail", fails(&|it| matches!(it, Scope::Node(_)))),
        ("tiers fail", fails(&|it| matches!(it, Scope::Tier(..)))),
        ("zones fail", fails(&|it| matches!(it, Scope::Zones(_)))),
        ("regions fail", fails(&|it| matches!(it, Scope::Regions(_)))),
        ("control planes fail", fails(&|it| matches!(it, Scope::ControlPlanes(_) | Scope::GlobalControlPlane))),
        ("everything fails", fails(&|it| matches!(it, Scope::Global))),
    ];
    all.into_iter().filter(|(_, has)| *has).map(|(name, _)| name).collect()
}

/// Scores of many architectures, by part and quantity.
#[derive(Default)]
pub struct Evidence {
    rows: std::collections::BTreeMap<(&'static str, &'static str), Sums>,
}

#[derive(Default)]
struct Sums {
    count: f64,
    scores: f64,
    squares: f64,
    spread: f64,
    worst: (f64, u64),
}

impl Evidence {
    fn add(&mut self, seed: u64, parts: &[&'static str], quantity: &'static str, score: &Score) {
        for part in parts {
            let sums = self.rows.entry((part, quantity)).or_default();
            sums.count += 1.0;
            sums.scores += score.score;
            sums.squares += score.score * score.score - 1.0;
            sums.spread += score.spread;
            if score.score.abs() > sums.worst.0.abs() {
                sums.worst = (score.score, seed);
            }
        }
    }

    /// Fails if anything is beyond chance.
    pub fn expect_none(&self, what: &str) {
        let told = self.differences();
        println!(
            "{what}: {} architectures with chance, from seed {}: {} quantities differ",
            count(),
            first(),
            told.len()
        );
        assert!(told.is_empty(), "{}", told.join("\n"));
    }

    /// Fails if the first kind of history has more of a quantity than the second, or if it has not surely less: then the comparison
    /// would not see either.
    pub fn expect_less(&self, quantity: &'static str, what: &str) {
        let sums = &self.rows[&("all", quantity)];
        let shift = sums.scores / sums.count.sqrt();
        println!(
            "{what}: {} architectures, from seed {}: {quantity} shifted by {shift:.1} standard errors",
            count(),
            first()
        );
        assert!(shift < -bonferroni(ALPHA, 1), "{what}: {quantity}: {shift}");
    }

    /// What is beyond chance; few architectures say nothing, since their sum is not normal yet.
    fn differences(&self) -> Vec<String> {
        let enough = |sums: &&Sums| sums.count >= 50.0 && sums.spread > 0.0;
        let bound = bonferroni(ALPHA, 2 * self.rows.values().filter(enough).count().max(1));
        let mut told = Vec::new();
        for ((part, quantity), sums) in self.rows.iter().filter(|(_, sums)| enough(sums)) {
            let (shift, width) = (sums.scores / sums.count.sqrt(), sums.squares / sums.spread.sqrt());
            if shift.abs() > bound || width.abs() > bound {
                let worst = format!("most in architecture {} ({:.1})", sums.worst.1, sums.worst.0);
                told.push(format!(
                    "{part}, {quantity}: {} compared, shift {shift:.1}, width {width:.1}; {worst}",
                    sums.count
                ));
            }
        }
        told
    }
}

/// Compares histories of two kinds for many architectures.
pub fn compare(
    seeds: std::ops::Range<u64>,
    histories: impl Fn(u64) -> (Vec<History>, Vec<History>, Design) + Sync,
) -> Evidence {
    let choices = choices();
    let all: Vec<_> = seeds.into_par_iter().map(|seed| (seed, histories(seed))).collect();
    let mut evidence = Evidence::default();
    for (seed, (first, second, design)) in &all {
        let parts = parts(design);
        for (nth, quantity) in QUANTITIES.iter().enumerate() {
            let values = |of: &[History]| -> Vec<f64> { of.iter().map(|history| history[nth]).collect() };
            if let Some(score) = score(&values(first), &values(second), &choices) {
                evidence.add(*seed, &parts, quantity, &score);
            }
        }
    }
    evidence
}

#[test]
fn with_chance_neither_loses_more() {
    let (count, seed) = (count(), first());
    let evidence = compare(seed..seed + count, |seed| {
        let design = Architect::new(seed, Chance::Any).architecture();
        let plan = Plan::new(&design).expect("what is drawn is sound");
        let twin = (0..EACH as u64).map(|nth| by_twin(&design, seed * EACH as u64 + nth)).collect();
        (twin, histories(&plan, seed), design)
    });
    evidence.expect_none("engine and twin");
}

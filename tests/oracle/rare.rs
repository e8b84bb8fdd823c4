//! Estimates of rare events: on models known on paper, and against crude simulation where nothing is rare.

#[path = "rare_models.rs"]
mod models;

use ridethrough::experiment::{Options, Rarity, Way, run};
use ridethrough::scenario::load;
use ridethrough::statistics::{Estimate, Moments};
use ridethrough::study::Summary;
use std::path::Path;

/// Seeds of each model.
const SEEDS: u64 = 24;

/// Standard errors that a mean may be away; a sound one is further once in 37,000 times, and the seeds are fixed.
const SIGMAS: f64 = 4.2;

/// A t law of 23 degrees of freedom has this many standard errors where a normal one has 4.2.
const SIGMAS_OF_SEEDS: f64 = 5.3;

fn seen(model: &models::Model, seed: u64, rare: Rarity) -> Estimate {
    let options = Options { seed, replications: 2, rare, histories: Some(96), ..Options::default() };
    let study = run(std::slice::from_ref(&model.design), &options).expect("a sound design");
    study.architectures[0].unavailability_request
}

/// How many standard errors the mean over seeds is away, and how many intervals miss.
fn over_seeds(model: &models::Model, rare: Rarity) -> (f64, u32) {
    let mut estimates = Moments::new();
    let mut misses = 0;
    for seed in 0..SEEDS {
        let found = seen(model, seed, rare);
        estimates.push(found.estimate);
        misses += u32::from(model.exact < found.low || model.exact > found.high);
    }
    ((estimates.mean() - model.exact) / estimates.standard_error().expect("many seeds"), misses)
}

/// The mean over seeds is the exact value, and intervals hold it as often as they say: of 144, each missing with probability 1/20, more than
/// 19 miss once in 10,000 times.
#[test]
fn rare_losses_have_their_mean() {
    let mut all = 0;
    for model in models::models() {
        let (sigmas, misses) = over_seeds(&model, Rarity::Importance);
        assert!(sigmas.abs() <= SIGMAS_OF_SEEDS, "{}: {sigmas:.1} standard errors", model.name);
        all += misses;
    }
    assert!(all <= 19, "{all} intervals of 144 miss");
}

/// The same estimator without its weights is found out by the same test, on every model.
#[test]
fn without_weights_the_test_fails() {
    for model in models::models() {
        let (sigmas, misses) = over_seeds(&model, Rarity::Unweighted(Way::Importance));
        assert!(sigmas.abs() > SIGMAS_OF_SEEDS && misses > 19, "{}: {sigmas:.1} standard errors", model.name);
    }
}

fn file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name)
}

fn summary(name: &str, options: &Options) -> Summary {
    let loaded = load(&[file(name)]).unwrap_or_else(|problems| panic!("{problems}"));
    let mut study = run(&loaded.designs, options).expect("a sound design");
    study.architectures.remove(0)
}

fn standard_error(found: &Estimate) -> f64 {
    (found.high - found.low) / (2.0 * 1.96)
}

/// What does not happen seldom can be estimated both ways, with every mechanism at work: the two agree.
#[test]
fn histories_that_branch_agree_with_crude_ones() {
    let names = [
        "single-az.toml",
        "multi-region.toml",
        "lesson.toml",
        "mechanisms/breaker.toml",
        "mechanisms/common-cause.toml",
        "mechanisms/demand-profile.toml",
        "mechanisms/deployment-at-once.toml",
        "mechanisms/dns-checkers.toml",
        "mechanisms/dr-warm-standby.toml",
        "mechanisms/gray-zone-b.toml",
        "mechanisms/maintenance.toml",
        "mechanisms/overload-a.toml",
        "mechanisms/people.toml",
        "mechanisms/quorum.toml",
        "mechanisms/retries.toml",
        "mechanisms/spares.toml",
        "mechanisms/unknown-rate.toml",
    ];
    for name in names {
        let crude = summary(name, &Options { seed: 3, replications: 600, ..Options::default() });
        let options =
            Options { seed: 3, replications: 2, rare: Rarity::Importance, histories: Some(96), ..Options::default() };
        let rare = summary(name, &options);
        assert!(rare.rare.is_some(), "{name}");
        for (what, one, other) in [
            ("requests", crude.unavailability_request, rare.unavailability_request),
            ("time", crude.unavailability_time, rare.unavailability_time),
            ("incidents", crude.incidents_per_year, rare.incidents_per_year),
        ] {
            let error = standard_error(&one).hypot(standard_error(&other));
            let sigmas = (one.estimate - other.estimate) / error;
            assert!(sigmas.abs() <= SIGMAS, "{name}, {what}: {sigmas:.1} standard errors, {one:?}, {other:?}");
        }
    }
}

/// Steering, stopping and sums know nothing of threads.
#[test]
fn the_number_of_threads_enters_no_number() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let options = Options { rare: Rarity::Importance, histories: Some(300), ..Options::default() };
        pool.install(|| summary("rare/shop.toml", &options))
    };
    let (one, three) = (on(1), on(3));
    assert_eq!(one.unavailability_request, three.unavailability_request);
    assert_eq!((one.replications, one.events), (three.replications, three.events));
}

/// Crude simulation takes over where it sees enough, and is taken over from where it does not.
#[test]
fn what_crude_simulation_sees_too_little_of_is_taken_over() {
    let auto = Options { rare: Rarity::Auto, ..Options::default() };
    let frequent = summary("mechanisms/unknown-rate.toml", &Options { replications: 200, ..auto.clone() });
    assert!(frequent.rare.is_none() && frequent.method.starts_with("simulated"));
    let rare = summary("rare/two-regions.toml", &Options { replications: 200, ..auto });
    assert!(rare.rare.is_some() && rare.method.starts_with("rare events"));
    assert!(rare.unavailability_request.relative_half_width().is_some_and(|width| width <= 0.05));
    assert!(rare.downtime_per_year.p95.is_none() && rare.recovery_time.p95.is_none());
}

/// A loss that no failure leads to in a probe is no number with a narrow interval.
#[test]
fn too_few_hits_are_no_interval() {
    // Two wear-out lives of a shape that no bias reaches: nothing is seen, and nothing is claimed.
    let text = "region.r.zones = ['a']\ntier.t = { required = 1, pool = { units = 2 } }\n\
        failure.unit = { scope = 'unit:t', mttf = { weibull = { mean = '900d', shape = 2 } }, repair = '1m' }\n";
    let mut loaded = ridethrough::scenario::load_text("worn", text).unwrap_or_else(|problems| panic!("{problems}"));
    let options = Options { replications: 2, rare: Rarity::Importance, histories: Some(64), ..Options::default() };
    let study = run(&[loaded.designs.remove(0)], &options).expect("a sound design");
    let found = &study.architectures[0];
    assert_eq!((found.unavailability_request.low, found.unavailability_request.high), (0.0, 1.0));
    assert!(found.warnings.iter().any(|warning| warning.code() == "too-few-hits"));
}

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

fn have_their_mean(models: &[models::Model], rare: Rarity, most: u32) {
    let mut all = 0;
    for model in models {
        let (sigmas, misses) = over_seeds(model, rare);
        assert!(sigmas.abs() <= SIGMAS_OF_SEEDS, "{}: {sigmas:.1} standard errors", model.name);
        all += misses;
    }
    assert!(all <= most, "{all} intervals of {} miss", models.len() as u64 * SEEDS);
}

/// The mean over seeds is the exact value, and intervals hold it as often as they say: of 144, each missing with probability 1/20, more than
/// 19 miss once in 10,000 times.
#[test]
fn importance_sampling_has_the_mean_of_rare_losses() {
    have_their_mean(&models::models(), Rarity::Importance, 19);
}

#[test]
fn splitting_has_the_mean_of_rare_losses() {
    have_their_mean(&models::models(), Rarity::Splitting, 19);
}

/// Lives that age are hurried by their hazard, and decisions are drawn as they are. Of 120 intervals more than 17 miss once in 10,000 times.
#[test]
fn lives_that_age_and_decisions_have_their_mean_by_importance_sampling() {
    have_their_mean(&models::other_models(), Rarity::Importance, 17);
}

#[test]
fn lives_that_age_and_decisions_have_their_mean_by_splitting() {
    have_their_mean(&models::other_models(), Rarity::Splitting, 17);
}

/// The same estimators without their weights are found out by the same test, on every model: they count losses by far too much.
#[test]
fn without_weights_the_test_fails() {
    for way in [Way::Importance, Way::Splitting] {
        for model in models::models().into_iter().chain(models::other_models()) {
            let (sigmas, _) = over_seeds(&model, Rarity::Unweighted(way));
            assert!(sigmas > SIGMAS_OF_SEEDS, "{}, {way:?}: {sigmas:.1} standard errors", model.name);
        }
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
        for rare in [Rarity::Importance, Rarity::Splitting] {
            let options = Options { seed: 3, replications: 2, rare, histories: Some(96), ..Options::default() };
            agree(name, &crude, &summary(name, &options));
        }
    }
}

fn agree(name: &str, crude: &Summary, rare: &Summary) {
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

/// Steering, stopping and sums know nothing of threads.
#[test]
fn the_number_of_threads_enters_no_number() {
    for rare in [Rarity::Importance, Rarity::Splitting] {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            let options = Options { rare, histories: Some(300), ..Options::default() };
            pool.install(|| summary("rare/shop.toml", &options))
        };
        let (one, three) = (on(1), on(3));
        assert_eq!(one.unavailability_request, three.unavailability_request);
        assert_eq!((one.replications, one.events), (three.replications, three.events));
        assert_eq!(one.rare.map(|found| found.gain), three.rare.map(|found| found.gain));
    }
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
    assert!(rare.downtime_per_year.p95.is_none() && rare.recovery_time.p95.is_some());
}

/// A loss that no failure leads to in a probe is no number with a narrow interval.
#[test]
fn too_few_hits_are_no_interval() {
    // A failover that hardly ever fails: nothing is seen, and nothing is claimed.
    let text = "region.r.zones = ['a']\n\
        tier.t = { required = 1, pool = { units = 1, spares = { count = 9, coverage = 0.999999999 } } }\n\
        failure.unit = { scope = 'unit:t', mttf = '90d', repair = '1m' }\n";
    let mut loaded = ridethrough::scenario::load_text("covered", text).unwrap_or_else(|problems| panic!("{problems}"));
    let design = loaded.designs.remove(0);
    for rare in [Rarity::Importance, Rarity::Splitting] {
        let options = Options { replications: 2, rare, histories: Some(64), ..Options::default() };
        let study = run(std::slice::from_ref(&design), &options).expect("a sound design");
        let found = &study.architectures[0];
        assert_eq!((found.unavailability_request.low, found.unavailability_request.high), (0.0, 1.0));
        assert!(found.warnings.iter().any(|warning| warning.code() == "too-few-hits"));
    }
}

/// Both of two machines are down until the first repair ends, that is for an exponential time of half their mean, 10 minutes: its mean and its
/// quantiles lie in their intervals. Of 2 x 24 x 4, each missing with probability 1/20, more than 23 miss once in 10,000 times.
#[test]
fn recovery_times_of_rare_incidents_have_their_quantiles() {
    let model = models::models().remove(0);
    let mean = 600.0;
    for rare in [Rarity::Importance, Rarity::Splitting] {
        let mut misses = 0;
        for seed in 0..SEEDS {
            let options = Options { seed, replications: 2, rare, histories: Some(96), ..Options::default() };
            let study = run(std::slice::from_ref(&model.design), &options).expect("a sound design");
            let found = &study.architectures[0].recovery_time;
            for (exact, estimate) in [
                (mean, found.mean),
                (mean * -libm::log(0.5), found.p50),
                (mean * -libm::log(0.05), found.p95),
                (mean * -libm::log(0.01), found.p99),
            ] {
                let estimate = estimate.expect("enough incidents");
                misses += u32::from(exact < estimate.low || exact > estimate.high);
            }
        }
        assert!(misses <= 14, "{rare:?}: {misses}");
    }
}

/// What carries the lost time need not carry the probability of a lost year: each is judged by itself.
#[test]
fn each_claim_is_judged_by_the_probes_that_carry_it() {
    // A year is missed only if both machines are down for a week, hundreds of times longer than usual.
    let text = "region.r.zones = ['a']\ntier.t = { required = 1, pool = { units = 2 } }\n\
        objectives.availability = '98%'\n\
        failure.unit = { scope = 'unit:t', mttf = '20d', repair = { exponential = '20m' } }\n";
    let mut loaded = ridethrough::scenario::load_text("missed", text).unwrap_or_else(|problems| panic!("{problems}"));
    let options = Options { replications: 2, rare: Rarity::Importance, histories: Some(96), ..Options::default() };
    let study = run(&[loaded.designs.remove(0)], &options).expect("a sound design");
    let found = &study.architectures[0];
    assert!(found.unavailability_request.relative_half_width().is_some_and(|width| width < 0.2));
    let rare = found.rare.as_ref().expect("rare events");
    assert!(rare.probability_of_incident.relative_half_width().is_some_and(|width| width < 0.2));
    let met = found.probability_objective_met.expect("an objective");
    assert_eq!((met.low, met.high), (0.0, 1.0), "{met:?}");
}

/// The gain is what both ways to simulate say of it: variance times state changes of crude histories over that of those with probes.
#[test]
fn the_gain_is_that_of_crude_histories() {
    // Frequent enough for crude histories to know the variance of what they lose.
    let text = "region.r.zones = ['a']\ntier.t = { required = 1, pool = { units = 2 } }\n\
        simulation = { warm_up = '1d', horizon = '21d' }\n\
        failure.unit = { scope = 'unit:t', mttf = '20d', repair = { exponential = '4h' } }\n";
    let mut loaded = ridethrough::scenario::load_text("gain", text).unwrap_or_else(|problems| panic!("{problems}"));
    let design = loaded.designs.remove(0);
    let study = |options: Options| {
        run(std::slice::from_ref(&design), &options).expect("a sound design").architectures.remove(0)
    };
    let crude = study(Options { replications: 200_000, ..Options::default() });
    let rare =
        study(Options { replications: 2, rare: Rarity::Importance, histories: Some(4_000), ..Options::default() });
    let work = |it: &Summary| {
        let error = standard_error(&it.unavailability_request);
        error * error * it.events as f64
    };
    let (seen, said) = (work(&crude) / work(&rare), rare.rare.and_then(|found| found.gain).expect("a gain"));
    // Copies cost ten state changes each in the gain, so that it is lower than the ratio of state changes alone, by no more than that.
    assert!(said < 1.2 * seen && said > seen / 20.0, "{said} {seen}");
}

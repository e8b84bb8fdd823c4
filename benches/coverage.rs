//! How often intervals hold the truth: many seeds on models whose answers are known.
//!
//! `cargo bench --bench coverage` takes minutes; `cargo bench --bench coverage -- 200` runs as many seeds only, and words after it the
//! models whose names contain one of them. What it prints is kept, with a
//! reading of it, in `coverage.md`.

#![expect(clippy::disallowed_methods, reason = "coverage is a share of seeds, whatever the last digit")]

use rayon::prelude::*;
use ridethrough::experiment::{Options, run};
use ridethrough::model::Design;
use ridethrough::scenario::load_text;
use ridethrough::statistics::Estimate;
use ridethrough::study::Study;
use ridethrough::units::Seconds;

/// Seeds unless the command line says how many.
const SEEDS: u64 = 2_000;
/// One hour (s).
const HOUR: f64 = 3_600.0;

/// A model, and what is known about it.
struct Model {
    name: &'static str,
    designs: Vec<Design>,
    replications: u64,
    precision: Option<f64>,
    truths: Vec<Truth>,
}

/// A number that theory gives.
struct Truth {
    what: &'static str,
    exact: f64,
    read: fn(&Study) -> Option<Estimate>,
}

/// A scenario of one region without what does not matter here.
fn design(name: &str, text: &str) -> Design {
    let mut loaded = load_text(name, text).unwrap_or_else(|problems| panic!("{problems}"));
    loaded.designs.remove(0)
}

/// Units that fail and are repaired, of which some are required, in one zone.
fn units(count: u32, required: u32, more: &str) -> String {
    format!(
        "region.r.zones = ['a']\ntier.t = {{ required = {required}, pool = {{ units = {count} }} }}\n\
         simulation = {{ warm_up = '40h', horizon = '140h' }}\n\
         failure.unit = {{ scope = 'unit:t', mttf = '9h', repair = {{ exponential = '1h' }} }}\n{more}"
    )
}

/// One unit, up and down for these laws, in histories of so many hours after a warm-up.
fn unit(mttf: &str, repair: &str, warm_up: u32, counted: u32, more: &str) -> String {
    let horizon = warm_up + counted;
    format!(
        "region.r.zones = ['a']\ntier.t.pool.units = 1\n\
         simulation = {{ warm_up = '{warm_up}h', horizon = '{horizon}h' }}\n\
         failure.unit = {{ scope = 'unit:t', mttf = '{mttf}', repair = {repair} }}\n{more}"
    )
}

fn unavailability(study: &Study) -> Option<Estimate> {
    Some(study.architectures[0].unavailability_request)
}

fn unavailable(exact: f64) -> Truth {
    Truth { what: "unavailability", exact, read: unavailability }
}

/// P(at least `k` of `n`) when each is up with probability `up`.
fn at_least(k: u32, n: u32, up: f64) -> f64 {
    let choose = |i: u32| (0..i).fold(1.0, |product, j| product * f64::from(n - j) / f64::from(j + 1));
    (k..=n).map(|i| choose(i) * up.powi(i as i32) * (1.0 - up).powi((n - i) as i32)).sum()
}

/// Six units, of which four are required, behind outages of three zones and of the region.
fn masked() -> Model {
    let text = "region.r.zones = ['a', 'b', 'c']\ntier.t = { required = 4, pool = { units = 6 } }\n\
                simulation = { warm_up = '10d', horizon = '375d' }\n\
                failure.unit = { scope = 'unit:t', mttf = '60d', repair = { exponential = '10m' } }\n\
                failure.zone = { scope = 'zone', mttf = '2y', repair = { exponential = '2h' } }\n\
                failure.region = { scope = 'region', mttf = '4y', repair = { exponential = '3h' } }\n";
    let up = |mttf: f64, repair: f64| mttf / (mttf + repair);
    let (unit, zone) = (up(60.0 * 24.0, 1.0 / 6.0), up(2.0 * 8_760.0, 2.0));
    let served: f64 = (0..=3_u32)
        .map(|zones| (at_least(zones, 3, zone) - at_least(zones + 1, 3, zone)) * at_least(4, 2 * zones, unit))
        .sum();
    let exact = 1.0 - up(4.0 * 8_760.0, 3.0) * served;
    one("4 of 6 units in 3 zones", text, 512, vec![unavailable(exact)])
}

/// Rare outages of a region and its zones, over blocks of stratified histories.
fn stratified() -> Vec<Model> {
    let place = |zones: &str, units: u32, repair: &str| {
        format!(
            "region.r.zones = {zones}\ntier.t.pool.units = {units}\nsimulation = {{ warm_up = '30d', horizon = '395d' }}\n\
             failure.zone = {{ scope = 'zone', mttf = '2y', repair = {repair} }}\n\
             failure.region = {{ scope = 'region', mttf = '4y', repair = {repair} }}\n"
        )
    };
    let exponential = "{ exponential = '2h' }";
    let (zone, region) = (2.0 / (2.0 * 8_760.0 + 2.0), 2.0 / (4.0 * 8_760.0 + 2.0));
    let alone = 1.0 - (1.0 - zone) * (1.0 - region);
    let model =
        |name, repair, replications| one(name, &place("['a']", 1, repair), replications, vec![unavailable(alone)]);
    let lognormal = "{ lognormal = { mean = '2h', sigma = 1.0 } }";
    vec![
        model("a zone and its region, stratified", exponential, 512),
        model("a zone and its region, stratified", exponential, 4_096),
        model("the same, lognormal repair, sigma 1", lognormal, 4_096),
        Model { precision: Some(0.05), ..model("a zone and its region, to 5 %", exponential, 1_000_000) },
        Model {
            name: "1 or 2 zones, stratified",
            designs: vec![
                design("one", &place("['a']", 1, exponential)),
                design("two", &place("['a', 'b']", 2, exponential)),
            ],
            replications: 2_048,
            precision: None,
            truths: vec![Truth {
                what: "paired difference",
                exact: (1.0 - region) * (zone - zone * zone) * Seconds::YEAR.0,
                read: |study| study.comparisons.first().map(|pair| pair.lost_seconds_per_year_difference),
            }],
        },
    ]
}

fn one(name: &'static str, text: &str, replications: u64, truths: Vec<Truth>) -> Model {
    Model { name, designs: vec![design(name, text)], replications, precision: None, truths }
}

fn models() -> Vec<Model> {
    let zone = "failure.zone = { scope = 'zone', mttf = '99h', repair = { exponential = '1h' } }\n";
    let rare = |replications| {
        let text = unit("999999h", "{ exponential = '1h' }", 100, 8_760, "");
        let name = if replications > 1_000 { "rare: 18 incidents expected" } else { "rare: 4.4 incidents expected" };
        one(name, &text, replications, vec![unavailable(1e-6)])
    };
    // A lognormal law of a mean of 1 h and a sigma of 2 needs long to forget that it was new: 4e-5 of its mean lies beyond 20,000 h.
    let skewed = |name, replications| {
        let repair = "{ lognormal = { mean = '1h', sigma = 2.0 } }";
        one(name, &unit("99h", repair, 20_000, 1_000, ""), replications, vec![unavailable(0.01)])
    };
    let recovery = vec![
        Truth { what: "recovery time, mean", exact: HOUR, read: |study| study.architectures[0].recovery_time.mean },
        Truth {
            what: "recovery time, p50",
            exact: HOUR * 2.0_f64.ln(),
            read: |study| study.architectures[0].recovery_time.p50,
        },
        Truth {
            what: "recovery time, p95",
            exact: HOUR * 20.0_f64.ln(),
            read: |study| study.architectures[0].recovery_time.p95,
        },
        Truth {
            what: "recovery time, p99",
            exact: HOUR * 100.0_f64.ln(),
            read: |study| study.architectures[0].recovery_time.p99,
        },
    ];
    let met = vec![Truth {
        what: "probability (Clopper-Pearson)",
        exact: (-1.0_f64).exp(),
        read: |study| study.architectures[0].probability_objective_met,
    }];
    let mut sequential = one("one unit, to 3 %", &units(1, 1, ""), 1_000_000, vec![unavailable(0.1)]);
    sequential.precision = Some(0.03);
    let pair = Model {
        name: "a zone, shared by 1 and by 2 units",
        designs: vec![design("one", &units(1, 1, zone)), design("two", &units(2, 1, zone))],
        replications: 64,
        precision: None,
        truths: vec![Truth {
            what: "paired difference",
            exact: 0.99 * (0.1 - 0.01) * Seconds::YEAR.0,
            read: |study| study.comparisons.first().map(|pair| pair.lost_seconds_per_year_difference),
        }],
    };
    let mut models = stratified();
    models.extend([
        one("one unit", &units(1, 1, ""), 64, vec![unavailable(0.1)]),
        one("2 of 3 units", &units(3, 2, ""), 64, vec![unavailable(1.0 - at_least(2, 3, 0.9))]),
        one("1 of 2 units, one zone", &units(2, 1, zone), 64, vec![unavailable(1.0 - 0.99 * 0.99)]),
        masked(),
        rare(500),
        rare(2_000),
        skewed("lognormal repair, sigma 2", 64),
        skewed("lognormal repair, sigma 2", 256),
        one("one unit, exponential repair", &unit("99h", "{ exponential = '1h' }", 20, 1_000, ""), 64, recovery),
        one(
            "a new unit outlives its mean",
            &unit("100h", "'1h'", 0, 100, "objectives.availability = '100%'\n"),
            64,
            met,
        ),
        sequential,
        pair,
    ]);
    models
}

/// Seeds whose interval holds the truth, lies below it and above it, and the mean of its half width over the truth.
fn cover(model: &Model, seeds: u64) -> Vec<(u64, u64, u64, f64)> {
    let by_seed: Vec<Vec<Option<Estimate>>> = (1..=seeds)
        .into_par_iter()
        .map(|seed| {
            let options =
                Options { seed, replications: model.replications, precision: model.precision, ..Options::default() };
            let study = run(&model.designs, &options).expect("a sound design");
            model.truths.iter().map(|truth| (truth.read)(&study)).collect()
        })
        .collect();
    (model.truths.iter().enumerate())
        .map(|(place, truth)| {
            let (mut held, mut below, mut above, mut width) = (0, 0, 0, 0.0);
            for interval in by_seed.iter().map(|seen| seen[place]) {
                match interval {
                    Some(it) if it.high < truth.exact => below += 1,
                    Some(it) if it.low > truth.exact => above += 1,
                    Some(it) => {
                        held += 1;
                        width += it.half_width() / truth.exact;
                    }
                    None => below += 1,
                }
            }
            (held, below, above, width / held.max(1) as f64)
        })
        .collect()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let seeds = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(SEEDS);
    let words: Vec<&String> = arguments.iter().filter(|argument| argument.parse::<u64>().is_err()).collect();
    println!("95 % intervals over {seeds} seeds; +- is one binomial standard error of the share\n");
    println!("| model | histories | quantity | truth | holds it | interval below | interval above | half width |");
    println!("|---|---:|---|---:|---:|---:|---:|---:|");
    let asked = |model: &Model| words.is_empty() || words.iter().any(|word| model.name.contains(word.as_str()));
    for model in models().into_iter().filter(asked) {
        for (truth, (held, below, above, width)) in model.truths.iter().zip(cover(&model, seeds)) {
            let percent = |count: u64| 100.0 * count as f64 / seeds as f64;
            let share = held as f64 / seeds as f64;
            let error = 100.0 * (share * (1.0 - share) / seeds as f64).sqrt();
            let histories = model.precision.map_or_else(|| model.replications.to_string(), |_| "as needed".to_owned());
            println!(
                "| {} | {histories} | {} | {:.6e} | {:.1} % +- {error:.1} | {:.1} % | {:.1} % | {:.1} % |",
                model.name,
                truth.what,
                truth.exact,
                percent(held),
                percent(below),
                percent(above),
                100.0 * width
            );
        }
    }
}

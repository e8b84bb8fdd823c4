//! Estimates of rare events over many seeds, on models whose answers are known.
//!
//! `cargo bench --bench rare` takes minutes for 500 seeds; `cargo bench --bench rare -- 50` runs as many only, and a second number is the
//! first seed, for a study that is independent of the kept one. For each model: the mean of
//! the estimates over the exact value, how many standard errors it is away, the share of intervals that hold the exact value, and
//! the same of an estimator without its weights, which has to fail.

#[path = "../tests/oracle/rare_models.rs"]
mod models;

use rayon::prelude::*;
use ridethrough::experiment::{Options, Rarity, Way, run};
use ridethrough::statistics::{Estimate, Moments};
use std::ops::Range;

/// Seeds unless the command line says how many.
const SEEDS: u64 = 500;

/// Histories of each estimate.
const HISTORIES: u64 = 256;

fn estimates(model: &models::Model, seeds: Range<u64>, rare: Rarity) -> Vec<Estimate> {
    let one = |seed| {
        let options = Options { seed, replications: 2, rare, histories: Some(HISTORIES), ..Options::default() };
        let study = run(std::slice::from_ref(&model.design), &options).expect("a sound design");
        study.architectures[0].unavailability_request
    };
    seeds.into_par_iter().map(one).collect()
}

fn line(model: &models::Model, found: &[Estimate]) -> String {
    let mut moments = Moments::new();
    found.iter().for_each(|estimate| moments.push(estimate.estimate));
    let held = found.iter().filter(|it| it.low <= model.exact && model.exact <= it.high).count();
    let sigmas = (moments.mean() - model.exact) / moments.standard_error().unwrap_or(f64::NAN);
    let width = found.iter().filter_map(Estimate::relative_half_width).sum::<f64>() / found.len() as f64;
    format!(
        "{:.4} | {sigmas:+.1} | {:.1} % | {:.1} %",
        moments.mean() / model.exact,
        100.0 * held as f64 / found.len() as f64,
        100.0 * width
    )
}

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse().ok());
    let (seeds, first) = (numbers.next().unwrap_or(SEEDS), numbers.next().unwrap_or(0));
    println!(
        "| model | exact | mean / exact | standard errors | intervals that hold it | half width | without weights: the same |"
    );
    println!("|---|---|---|---|---|---|---|");
    for model in models::models() {
        let right = line(&model, &estimates(&model, first..first + seeds, Rarity::Importance));
        let wrong = line(&model, &estimates(&model, first..first + seeds.min(50), Rarity::Unweighted(Way::Importance)));
        println!("| {} | {:.4e} | {right} | {} |", model.name, model.exact, wrong.replace('|', ","));
    }
}

//! Estimates of rare events over many seeds, on models whose answers are known.
//!
//! `cargo bench --bench rare` takes long for 500 seeds; `cargo bench --bench rare -- 50` runs as many only, a second number is the
//! first seed, for a study that is independent of the kept one, and words are ways, or parts of names of models, to do only these. For each model and way: the mean of
//! the estimates over the exact value, how many standard errors it is away, the share of intervals that hold the exact value, the median half
//! width, and the mean of an estimator without its weights, which has to be wrong. *Stopped*: as many histories as a precision of 5 % takes, by
//! importance sampling, to see what stopping does to the mean.

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

fn estimates(model: &models::Model, seeds: Range<u64>, rare: Rarity, histories: Option<u64>) -> Vec<Estimate> {
    let one = |seed| {
        let options = Options { seed, replications: 2, rare, histories, ..Options::default() };
        let study = run(std::slice::from_ref(&model.design), &options).expect("a sound design");
        study.architectures[0].unavailability_request
    };
    seeds.into_par_iter().map(one).collect()
}

fn moments(found: &[Estimate]) -> Moments {
    let mut moments = Moments::new();
    found.iter().for_each(|estimate| moments.push(estimate.estimate));
    moments
}

fn line(model: &models::Model, found: &[Estimate]) -> String {
    let moments = moments(found);
    let held = found.iter().filter(|it| it.low <= model.exact && model.exact <= it.high).count();
    let sigmas = (moments.mean() - model.exact) / moments.standard_error().unwrap_or(f64::NAN);
    let mut widths: Vec<f64> = found.iter().filter_map(Estimate::relative_half_width).collect();
    widths.sort_by(f64::total_cmp);
    format!(
        "{:.4} | {sigmas:+.1} | {:.1} % | {:.1} %",
        moments.mean() / model.exact,
        100.0 * held as f64 / found.len() as f64,
        100.0 * widths.get(widths.len() / 2).copied().unwrap_or(f64::NAN)
    )
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut numbers = arguments.iter().filter_map(|word| word.parse().ok());
    let (seeds, first) = (numbers.next().unwrap_or(SEEDS), numbers.next().unwrap_or(0));
    let is_way = |word: &str| ["importance", "splitting", "stopped"].contains(&word);
    let (ways_asked, words): (Vec<&String>, Vec<&String>) =
        arguments.iter().filter(|word| word.parse::<u64>().is_err()).partition(|word| is_way(word));
    println!(
        "| model | exact | way | mean / exact | standard errors | intervals that hold it | half width | without weights: mean / exact |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let models = models::models().into_iter().chain(models::other_models());
    for model in models.filter(|it| words.is_empty() || words.iter().any(|word| it.name.contains(word.as_str()))) {
        let ways = [
            ("importance", Rarity::Importance, Some(HISTORIES), Some(Way::Importance)),
            ("splitting", Rarity::Splitting, Some(HISTORIES), Some(Way::Splitting)),
            ("stopped", Rarity::Importance, None, None),
        ];
        let asked = |name: &str| ways_asked.is_empty() || ways_asked.iter().any(|way| *way == name);
        for (name, rare, histories, way) in ways.into_iter().filter(|(name, ..)| asked(name)) {
            let right = line(&model, &estimates(&model, first..first + seeds, rare, histories));
            let wrong = way.map_or("-".to_owned(), |way| {
                let found = estimates(&model, first..first + seeds.min(20), Rarity::Unweighted(way), histories);
                format!("{:.3e}", moments(&found).mean() / model.exact)
            });
            println!("| {} | {:.4e} | {name} | {right} | {wrong} |", model.name, model.exact);
        }
    }
}

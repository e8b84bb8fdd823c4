//! What is random apart from what is not known: a Monte Carlo of two levels.
//!
//! The outer level draws the unknown inputs, the inner one simulates histories under them. All inner experiments share their random
//! numbers, so that what differs between draws is the inputs and not the luck. Helton 1997, "Uncertainty and sensitivity analysis in the presence of
//! stochastic and subjective uncertainty", J. Stat. Comput. Simul. 57.
//!
//! A tornado ranks the unknowns: each by itself goes from its 10th to its 90th percentile while all others stay at their medians.

use super::{Against, Options, Progress, run_watched};
use crate::law::{Stream, name_key};
use crate::model::Design;
use crate::simulation::PlanError;
use crate::statistics::{Estimate, Spread, t_quantile};
use std::sync::atomic::{AtomicBool, Ordering};

/// The percentiles between which an unknown is moved in the tornado.
pub const TORNADO: (f64, f64) = (0.1, 0.9);

/// Least, middle and largest of the middle 90 % of something.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct Band {
    /// 5th percentile.
    pub p5: f64,
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
}

impl Band {
    fn of(values: &[f64]) -> Option<Band> {
        let mut spread = Spread::new();
        values.iter().for_each(|value| spread.push(*value));
        Band::of_spread(&spread)
    }

    fn of_spread(spread: &Spread) -> Option<Band> {
        Some(Band { p5: spread.quantile(0.05)?, p50: spread.quantile(0.5)?, p95: spread.quantile(0.95)? })
    }
}

/// How much one unknown matters.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Swing {
    /// Path of the key.
    pub key: String,
    /// Its values at the 10th and the 90th percentile.
    pub values: (String, String),
    /// Lost time per year at either, all others at their medians (s/year).
    pub lost_seconds_per_year: (Estimate, Estimate),
    /// What the step from the first to the second adds (s/year), paired.
    pub difference: Estimate,
}

/// What is known when inputs are not.
#[derive(Debug, Clone)]
pub struct Uncertainty {
    /// Name of the architecture.
    pub name: String,
    /// Draws of the inputs.
    pub draws: u64,
    /// Histories simulated under each.
    pub replications: u64,
    /// Downtime of a history, all inputs at their medians (s/year): what is random.
    pub random: Option<Band>,
    /// Mean downtime under one draw of the inputs (s/year): what is not known.
    pub unknown: Option<Band>,
    /// Standard deviation of those means, and how much of it the finite number of histories alone explains (s/year).
    pub spread: (f64, f64),
    /// Downtime of a history under inputs that are not known (s/year): both.
    pub both: Option<Band>,
    /// Probability that a history meets the availability objective, over both.
    pub objective_met: Option<f64>,
    /// How much each unknown matters, most first.
    pub tornado: Vec<Swing>,
    /// It was cut short.
    pub interrupted: bool,
}

/// What some values of the unknown inputs make.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// The design under these values.
    pub design: Design,
    /// The values, as a scenario would write them.
    pub values: Vec<String>,
}

/// Draws inputs and simulates under each draw.
///
/// `at` makes a design of the inputs, each given by its quantile in 0..1; it fails with the caller's error.
///
/// # Errors
/// The first error of `at`, or what `refused` makes of a design that cannot be compiled.
pub fn uncertainty<E>(
    keys: &[String],
    draws: u64,
    options: &Options,
    at: &dyn Fn(&[f64]) -> Result<Drawn, E>,
    refused: &dyn Fn(PlanError) -> E,
    stop: &AtomicBool,
    watch: &mut dyn FnMut(Progress),
) -> Result<Uncertainty, E> {
    let options = Options { against: Against::First, ..options.clone() };
    let medians = vec![0.5; keys.len()];
    let steps = draws + 1 + keys.len() as u64;
    let mut done = 0;
    let mut simulate = |designs: &[Design]| {
        let study = run_watched(designs, &options, stop, &mut |_| ()).map_err(refused)?;
        done += 1;
        watch(Progress { done, total: steps });
        Ok(study)
    };
    let middle = simulate(&[at(&medians)?.design])?.architectures.remove(0);
    let mut means = Vec::new();
    let mut noise = 0.0;
    let mut both = Spread::new();
    let (mut met, mut histories) = (0.0, 0.0);
    for draw in 0..draws {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let quantiles: Vec<f64> = (keys.iter())
            .map(|key| Stream::new(options.seed, draw, name_key(&format!("unknown/{key}"))).uniform())
            .collect();
        let seen = simulate(&[at(&quantiles)?.design])?.architectures.remove(0);
        if let Some(mean) = seen.downtime_per_year.mean {
            means.push(mean.estimate);
            let freedom = seen.replications.saturating_sub(1).max(1) as f64;
            let error = mean.half_width() / t_quantile(0.5 + mean.level / 2.0, freedom);
            noise += error * error;
        }
        both.merge(&seen.downtime_per_year.spread);
        met += seen.probability_objective_met.map_or(0.0, |it| it.estimate) * seen.replications as f64;
        histories += seen.replications as f64;
    }
    let mut tornado = Vec::new();
    for (index, key) in keys.iter().enumerate() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let moved = |quantile: f64| {
            let mut quantiles = medians.clone();
            quantiles[index] = quantile;
            at(&quantiles)
        };
        let (low, high) = (moved(TORNADO.0)?, moved(TORNADO.1)?);
        let study = simulate(&[high.design, low.design])?;
        let Some(comparison) = study.comparisons.first() else { continue };
        let lost = |position: usize| study.architectures[position].lost_seconds_per_year;
        tornado.push(Swing {
            key: key.clone(),
            values: (low.values[index].clone(), high.values[index].clone()),
            lost_seconds_per_year: (lost(1), lost(0)),
            difference: comparison.lost_seconds_per_year_difference,
        });
    }
    let swing = |it: &Swing| it.difference.estimate.abs();
    tornado.sort_by(|a, b| swing(b).total_cmp(&swing(a)).then_with(|| a.key.cmp(&b.key)));
    let count = means.len() as f64;
    let mean = means.iter().sum::<f64>() / count;
    let variance = means.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (count - 1.0).max(1.0);
    Ok(Uncertainty {
        name: middle.name,
        draws: means.len() as u64,
        replications: middle.replications,
        random: Band::of_spread(&middle.downtime_per_year.spread),
        unknown: Band::of(&means),
        spread: (variance.sqrt(), (noise / count.max(1.0)).sqrt()),
        both: Band::of_spread(&both),
        objective_met: (middle.probability_objective_met.is_some() && histories > 0.0).then(|| met / histories),
        tornado,
        interrupted: stop.load(Ordering::Relaxed),
    })
}

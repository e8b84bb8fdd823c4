//! What is random apart from what is not known: a Monte Carlo of two levels.
//!
//! The outer level draws the unknown inputs, the inner one simulates histories under them, each draw with random numbers of its own: so draws are
//! independent, and the variance of their means is that of the unknown plus that of the simulation. Helton 1997, "Uncertainty and
//! sensitivity analysis in the presence of stochastic and subjective uncertainty", J. Stat. Comput. Simul. 57.
//!
//! A tornado ranks the unknowns: each by itself goes from its 10th to its 90th percentile while all others stay at their medians, under the
//! same random numbers.

use super::blocks::standard_error;
use super::{Against, Options, Progress, run_watched};
use crate::law::{Stream, name_key};
use crate::model::Design;
use crate::simulation::PlanError;
use crate::statistics::{Estimate, Moments, Spread};
use crate::study::Summary;
use std::sync::atomic::{AtomicBool, Ordering};

/// The percentiles between which an unknown is moved in the tornado.
pub const TORNADO: (f64, f64) = (0.1, 0.9);

/// Least, middle and largest of the middle 90 % of something, each with its interval.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct Band {
    /// 5th percentile.
    pub p5: Estimate,
    /// Median.
    pub p50: Estimate,
    /// 95th percentile.
    pub p95: Estimate,
}

impl Band {
    fn of(quantile: impl Fn(f64) -> Option<Estimate>) -> Option<Band> {
        Some(Band { p5: quantile(0.05)?, p50: quantile(0.5)?, p95: quantile(0.95)? })
    }

    /// Of independent values.
    fn independent(values: &Spread, level: f64) -> Option<Band> {
        Band::of(|p| values.quantile_interval(p, level))
    }

    /// Of values of which those of a draw share its inputs: the share of values up to the quantile varies from draw to draw, and its
    /// interval is carried over to the quantile (Woodruff 1952, "Confidence intervals for medians and other position measures", JASA 47).
    fn of_draws(draws: &[Spread], level: f64) -> Option<Band> {
        let mut all = Spread::new();
        draws.iter().for_each(|draw| all.merge(draw));
        let distributions: Vec<Vec<(f64, f64)>> = draws.iter().map(Spread::cumulative).collect();
        Band::of(|p| {
            let estimate = all.quantile(p)?;
            let mut shares = Moments::new();
            for points in &distributions {
                let below = points.partition_point(|(value, _)| *value <= estimate);
                shares.push(below.checked_sub(1).map_or(0.0, |last| points[last].1));
            }
            let margin = shares.interval(level)?.half_width();
            Some(Estimate {
                estimate,
                low: all.quantile((p - margin).max(0.0))?.min(estimate),
                high: all.quantile((p + margin).min(1.0))?.max(estimate),
                level,
                method: "Woodruff, over draws",
            })
        })
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
    /// Seed of every random stream.
    pub seed: u64,
    /// Confidence level of every interval.
    pub level: f64,
    /// The experiment with all inputs at their medians.
    pub median: Summary,
    /// Draws of the inputs.
    pub draws: u64,
    /// Downtime of a history, all inputs at their medians (s/year): what is random.
    pub random: Option<Band>,
    /// Mean downtime under one draw of the inputs (s/year): what is not known.
    pub unknown: Option<Band>,
    /// Standard deviation of those means (s/year).
    pub spread: f64,
    /// Standard error of one of them, root mean square: what a finite number of histories adds to the spread (s/year).
    pub noise: f64,
    /// Downtime of a history under inputs that are not known (s/year): both.
    pub both: Option<Band>,
    /// Probability that a history meets the availability objective, over both.
    pub objective_met: Option<Estimate>,
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
    let mut simulate = |designs: &[Design], seed: u64| {
        let study = run_watched(designs, &Options { seed, ..options.clone() }, stop, &mut |_| ()).map_err(refused)?;
        done += 1;
        watch(Progress::of(done, steps));
        Ok(study)
    };
    let middle = simulate(&[at(&medians)?.design], options.seed)?.architectures.remove(0);
    let level = options.level;
    let (mut means, mut moments, mut noise) = (Spread::new(), Moments::new(), Moments::new());
    let mut both = Vec::new();
    let mut met = Moments::new();
    for draw in 0..draws {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let quantiles: Vec<f64> = (keys.iter())
            .map(|key| Stream::new(options.seed, draw, name_key(&format!("unknown/{key}"))).uniform())
            .collect();
        let mut study = simulate(&[at(&quantiles)?.design], name_key(&format!("{}/{draw}", options.seed)))?;
        let seen = study.architectures.remove(0);
        let Some(mean) = seen.downtime_per_year.mean.filter(|_| !study.interrupted) else { break };
        means.push(mean.estimate);
        moments.push(mean.estimate);
        let error = standard_error(&mean, seen.replications);
        noise.push(error * error);
        both.push(seen.downtime_per_year.spread);
        if let Some(probability) = seen.probability_objective_met {
            met.push(probability.estimate);
        }
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
        let study = simulate(&[high.design, low.design], options.seed)?;
        let Some(comparison) = study.comparisons.first().filter(|_| !study.interrupted) else { break };
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
    Ok(Uncertainty {
        seed: options.seed,
        level,
        draws: means.count(),
        random: Band::independent(&middle.downtime_per_year.spread, level),
        unknown: Band::independent(&means, level),
        spread: moments.variance().unwrap_or(0.0).sqrt(),
        noise: noise.mean().sqrt(),
        both: Band::of_draws(&both, level),
        objective_met: met.interval(level).map(|it| Estimate { low: it.low.max(0.0), high: it.high.min(1.0), ..it }),
        tornado,
        interrupted: stop.load(Ordering::Relaxed),
        median: middle,
    })
}

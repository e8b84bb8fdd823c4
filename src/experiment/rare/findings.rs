//! What estimates of rare events put in place of crude ones, and what they cannot say.

use super::tally::Durations;
use super::{RareTally, method};
use crate::experiment::Options;
use crate::experiment::summary::{names, open_nines};
use crate::law::GENERATOR;
use crate::model::Design;
use crate::simulation::Plan;
use crate::simulation::rare::{Quantity, Way};
use crate::statistics::{Estimate, Moments, normal_quantile};
use crate::study::{Cause, Distribution, RareFindings, Study, Summary, Verdict, Warning};
use crate::units::Seconds;

/// How an estimate says that it has no interval.
const TOO_FEW: &str = "rare events: too few probes carry the sum for an interval";

/// An estimate that weights of probes made, at the level that is left after all looks.
fn estimate(tally: &RareTally, way: Way, quantity: Quantity, level: f64) -> Estimate {
    let values = tally.of(quantity);
    let found = values.interval_skewed(tally.level).filter(|_| tally.is_sound(quantity));
    // What was not seen, or too seldom, has no bound that these histories could give.
    let unknown = Estimate { estimate: values.mean(), low: 0.0, high: f64::INFINITY, level, method: TOO_FEW };
    found.map_or(unknown, |found| Estimate { level, method: method(way), low: found.low.max(0.0), ..found })
}

/// At most 1.
fn share(estimate: Estimate) -> Estimate {
    Estimate { estimate: estimate.estimate.min(1.0), high: estimate.high.min(1.0), ..estimate }
}

/// Replaces what crude simulation has seen too little of.
pub(in crate::experiment) fn replace(
    summary: &mut Summary,
    design: &Design,
    plan: &Plan,
    (tally, way): (&RareTally, Way),
    level: f64,
    excluded: (f64, f64),
    precision: Option<f64>,
) {
    let (excluded_time, excluded_demand) = excluded;
    let (exposure, time) = (plan.exposure - excluded_demand, plan.counted - excluded_time);
    let (per_year, calendar) = (Seconds::YEAR.0 / time, Seconds::YEAR.0 / plan.counted);
    let of = |quantity| estimate(tally, way, quantity, level);
    let request = share(of(Quantity::Lost).scale(1.0 / exposure));
    let in_time = share(of(Quantity::Down).scale(1.0 / time));
    let complement = |it: Estimate| it.map_decreasing(|share| 1.0 - share);
    summary.method = format!("rare events by {} of excursions: {GENERATOR}", super::name(way));
    summary.replications = tally.histories;
    summary.simulated_years = tally.histories as f64 * plan.counted / Seconds::YEAR.0;
    summary.events = tally.events;
    summary.availability_request = complement(request);
    summary.availability_time = complement(in_time);
    summary.unavailability_request = request;
    summary.unavailability_time = in_time;
    summary.unavailability_read = None;
    summary.unavailability_write = None;
    summary.nines = open_nines(request);
    summary.downtime_per_year = Distribution { mean: Some(in_time.scale(Seconds::YEAR.0)), ..Distribution::default() };
    summary.lost_seconds_per_year = request.scale(Seconds::YEAR.0);
    summary.incidents_per_year = of(Quantity::Incidents).scale(per_year);
    summary.open_incidents = 0;
    let durations = |found: &Durations, quantity| durations(found, tally.level, level, tally.is_sound(quantity), way);
    summary.recovery_time = durations(&tally.recovery, Quantity::Incidents);
    summary.data_loss = durations(&tally.ages, Quantity::SomeDataLoss);
    summary.lost_writes_per_year = of(Quantity::Writes).scale(calendar);
    summary.unrecoverable_per_year = plan.stores.then(|| of(Quantity::Unrecoverable).scale(calendar));
    summary.temporary_loss = None;
    summary.metastable_incidents_per_year = None;
    summary.users_logged_out_per_year = None;
    (summary.probability_month_met, summary.probability_quarter_met) = (None, None);
    summary.probability_objective_met =
        (design.objectives.availability.is_some() && !plan.excludes()).then(|| complement(share(of(Quantity::Missed))));
    summary.error_budget = None;
    summary.attribution = attribution(plan, (tally, way), level, Seconds::YEAR.0 / exposure, per_year);
    summary.rare = Some(RareFindings {
        probability_of_incident: share(of(Quantity::SomeIncident)),
        probability_of_data_loss: plan.stores.then(|| share(of(Quantity::SomeDataLoss))),
        probes: tally.found.iter().map(|found| found.probes).sum(),
        effective_probes: tally.effective(),
        largest_share: tally.largest_share(),
        gain: tally.gain(),
    });
    summary.objectives = crate::experiment::summary::objectives(
        &design.objectives,
        summary.availability_request,
        &summary.recovery_time,
        &summary.data_loss,
    );
    let crude = ["few-incidents", "interval-too-wide", "open-incidents", "no-loss-seen", "precision-not-reached"];
    summary.warnings.retain(|warning| !crude.contains(&warning.code()));
    match request.relative_half_width().filter(|_| tally.is_sound(Quantity::Lost) && request.high.is_finite()) {
        None => summary.warnings.push(Warning::TooFewHits { effective: tally.effective() }),
        Some(reached) => {
            if let Some(asked) = precision.filter(|asked| reached > *asked) {
                summary.warnings.push(Warning::PrecisionNotReached { asked, reached });
            }
        }
    }
    summary.warnings.push(Warning::MeansOnly { how: super::name(way) });
}

/// Mean and quantiles of durations, each where there is enough to bound it; those that are withheld are said to be in a warning.
fn durations(found: &Durations, spent: f64, level: f64, is_sound: bool, way: Way) -> Distribution {
    if !is_sound {
        return Distribution::default();
    }
    let quantile = |p| found.spread.quantile_interval(p, spent).map(|found| Estimate { level, ..found });
    Distribution {
        mean: found.mean.interval(spent).map(|found| Estimate { level, method: method(way), ..found }),
        p50: quantile(0.5),
        p95: quantile(0.95),
        p99: quantile(0.99),
        ..Distribution::default()
    }
}

fn attribution(plan: &Plan, (tally, way): (&RareTally, Way), level: f64, lost: f64, time: f64) -> Vec<Cause> {
    let total = tally.of(Quantity::Lost).sum();
    let padded = |moments: &Moments| {
        let mut all = Moments::zeros(tally.histories - moments.count());
        all.merge(moments);
        all
    };
    let none = Estimate { estimate: 0.0, low: 0.0, high: 0.0, level, method: "none seen" };
    let of = |values: &Moments| match padded(values).interval_skewed(tally.level) {
        Some(found) if !RareTally::is_cause_sound(values) => {
            Estimate { low: 0.0, high: f64::INFINITY, level, method: TOO_FEW, ..found }
        }
        Some(found) => Estimate { level, method: method(way), low: found.low.max(0.0), ..found },
        None => none,
    };
    let mut causes: Vec<Cause> = (tally.causes.iter())
        .map(|(modes, seen)| Cause {
            name: names(plan, *modes),
            lost_seconds_per_year: of(&seen.lost).scale(lost),
            share: if total > 0.0 { seen.lost.sum() / total } else { 0.0 },
            incidents_per_year: of(&seen.incidents).scale(time),
            recovery_time: Distribution::default(),
            stages: seen.stages.map(|seconds| seconds * lost / tally.histories as f64),
        })
        .collect();
    let order = |cause: &Cause| cause.lost_seconds_per_year.estimate;
    causes.sort_by(|a, b| order(b).total_cmp(&order(a)).then_with(|| a.name.cmp(&b.name)));
    causes
}

/// Differences to an architecture whose estimate was taken over: it is independent of all others.
pub(in crate::experiment) fn compare(study: &mut Study, designs: &[Design], options: &Options, taken: &[bool]) {
    let pairs: Vec<_> = options.against.pairs(designs.len()).collect();
    let comparisons = pairs.len().max(1) as f64;
    for (comparison, (left, right)) in study.comparisons.iter_mut().zip(pairs) {
        if !taken[left] && !taken[right] {
            continue;
        }
        let [one, other] = [left, right].map(|index| study.architectures[index].lost_seconds_per_year);
        // Each interval is right but for its share of what may be wrong; wider by as much as a normal law says for several at once.
        let several = normal_quantile(1.0 - 0.5 * (1.0 - options.level) / comparisons)
            / normal_quantile(1.0 - 0.5 * (1.0 - options.level));
        let reach = |down: f64, up: f64| several * (down * down + up * up).sqrt();
        let difference = one.estimate - other.estimate;
        let low = difference - reach(one.estimate - one.low, other.high - other.estimate);
        let high = difference + reach(one.high - one.estimate, other.estimate - other.low);
        comparison.lost_seconds_per_year_difference = Estimate {
            estimate: difference,
            low,
            high,
            level: options.level,
            method: "difference of independent estimates, intervals combined by the root of the sum of squares",
        };
        comparison.verdict = match (high < 0.0, low > 0.0) {
            (true, _) => Verdict::Better,
            (_, true) => Verdict::Worse,
            _ => Verdict::Undecided,
        };
        comparison.variance_ratio = None;
    }
}

//! From sums to estimates: every number gets its interval and says how it was obtained.

use super::blocks::of_adjusted;
use super::control::{Terms, Weights};
use super::tally::{CauseTally, Recovery, Tally};
use super::{Confidence, WIDE};
use crate::law::{GENERATOR, Law};
use crate::model::{Bill, Design, Objectives, Routing, Scope};
use crate::simulation::Plan;
use crate::statistics::{Estimate, Moments, Spread, none_seen, proportion};
use crate::study::{Cause, Distribution, Judgement, Objective, OpenEstimate, Summary, TemporaryLoss, Warning};
use crate::units::{Seconds, nines};

/// Fewer incidents than this leave the quantiles of the recovery time rough.
const FEW_INCIDENTS: u64 = 30;

/// A share of incidents cut off by the horizon that biases recovery times enough to be worth a warning.
const MANY_OPEN: f64 = 0.01;

/// Summarises what the replications of one architecture add up to, adjusted by weights that so many pilots found, or not.
pub fn summary(
    design: &Design,
    plan: &Plan,
    tally: &Tally,
    adjusted: Option<(&Weights, u64)>,
    confidence: Confidence,
) -> Summary {
    let level = confidence.level;
    // What maintenance excludes counts nowhere. Its length may be random; the spread of it is nothing against that of the losses,
    // so that means are taken over its mean.
    let replications = tally.replications.max(1) as f64;
    let exposure = exposure(plan, tally);
    let time = plan.counted - tally.excluded_time / replications;
    let calendar = Seconds::YEAR.0 / plan.counted;
    let scales = Scales { lost: Seconds::YEAR.0 / exposure, time: Seconds::YEAR.0 / time };
    let weights = adjusted.map(|(weights, _)| weights);
    let unavailability_request = unavailability(plan, tally, weights, confidence);
    let down = said(tally.down.interval(confidence.spent), weights.map(|it| &it.down));
    let unavailability_time = share(down, tally.replications, time, confidence);
    let availability = |u: Estimate| u.map_decreasing(|u| 1.0 - u);
    let lost_seconds_per_year = unavailability_request.scale(Seconds::YEAR.0);
    let recovery_time = durations(&tally.recovery, level);
    let data_loss = durations(&tally.data_loss, level);
    let availability_request = availability(unavailability_request);
    let apart = |class: usize| {
        let seen = &tally.apart[class];
        let terms = weights.map(|it| if plan.divides() { &it.apart[class] } else { &it.lost });
        let found = || said(seen.interval_skewed(confidence.spent), terms);
        (plan.stores && seen.count() > 0).then(|| share(found(), seen.count(), exposure, confidence))
    };
    let availability_judged = match design.objectives.hours {
        None => availability_request,
        Some(_) => {
            let judged = plan.judged.iter().sum::<f64>() - tally.budget.exempt / replications;
            let seen = &tally.budget.judged;
            availability(share(seen.interval_skewed(confidence.spent), seen.count(), judged, confidence))
        }
    };
    let mut objectives = objectives(&design.objectives, availability_judged, &recovery_time, &data_loss);
    miss_lost_for_good(&mut objectives, tally);
    let wanted = design.objectives.availability.is_some();
    let [probability_month_met, probability_quarter_met] = tally.budget.probabilities_met(level);
    let dns_queries_per_year = match &design.routing {
        Routing::Dns(dns) => dns.resolvers.map(|resolvers| resolvers * Seconds::YEAR.0 / dns.ttl.0),
        Routing::Direct => None,
    };
    Summary {
        name: design.name.clone(),
        question: design.question.clone(),
        up_threshold: design.up_threshold.get(),
        replications: tally.replications,
        simulated_years: tally.replications as f64 * plan.counted / Seconds::YEAR.0,
        events: tally.events,
        method: method(plan, adjusted.map(|(_, pilots)| pilots)),
        gain: gain(tally, adjusted.map(|(_, pilots)| pilots)),
        availability_request,
        availability_time: availability(unavailability_time),
        unavailability_request,
        unavailability_time,
        unavailability_read: apart(0),
        unavailability_write: apart(1),
        nines: open_nines(unavailability_request),
        downtime_per_year: Distribution {
            mean: Some(unavailability_time.scale(Seconds::YEAR.0)),
            ..quantiles(&tally.down_per_year, level)
        },
        lost_seconds_per_year,
        incidents_per_year: count(tally.incidents.interval(level), tally.replications, level).scale(scales.time),
        open_incidents: tally.open_incidents,
        longest_incident: amount(&tally.longest, level),
        recovery_time,
        data_loss,
        lost_writes_per_year: match weights.is_some_and(|it| !it.writes.are_none()) {
            false => amount(&tally.writes, level),
            true => of_adjusted(amount(&tally.writes, level)),
        }
        .scale(calendar),
        unrecoverable_per_year: (plan.stores)
            .then(|| count(tally.unrecoverable.interval_skewed(level), tally.replications, level).scale(calendar)),
        temporary_loss: plan.sends_later().then(|| TemporaryLoss {
            absence: durations(&tally.absence, level),
            writes_per_year: amount(&tally.absent_writes, level).scale(calendar),
            conflicting_writes_per_year: amount(&tally.conflicts, level).scale(calendar),
        }),
        metastable_incidents_per_year: (design.dependencies.iter().any(|it| it.overload.is_some())
            || design.tiers.iter().filter_map(|it| it.load_balancer.as_ref()).any(|it| it.overload.is_some()))
        .then(|| count(tally.metastable.interval_skewed(level), tally.replications, level).scale(calendar)),
        users_logged_out_per_year: (design.sessions.as_ref()).map(|_| amount(&tally.logged_out, level).scale(calendar)),
        probability_month_met,
        probability_quarter_met,
        probability_objective_met: wanted.then(|| proportion(tally.budget.met, tally.replications, level)),
        error_budget: wanted.then(|| tally.budget.summary(level)),
        excluded_seconds_per_year: (plan.excludes())
            .then(|| amount(&tally.excluded_lost, level).scale(Seconds::YEAR.0 / plan.exposure)),
        attribution: attribution(plan, tally, weights, &scales, level),
        headroom: design.headroom(),
        cost_per_year: design.bill.as_ref().map(Bill::per_year),
        downtime_cost_per_year: (design.bill.as_ref().and_then(|bill| bill.downtime))
            .map(|hour| lost_seconds_per_year.scale(hour.0 / 3600.0)),
        bill: design.bill.clone(),
        dns_queries_per_year,
        by_hand: Some(crate::exact::by_hand(design)),
        rare: None,
        exact: None,
        objectives,
        assumptions: design.assumptions.clone(),
        warnings: warnings(design, tally, unavailability_request, confidence.precision),
    }
}

/// Demand that counts in a replication (s of usual demand), on average.
fn exposure(plan: &Plan, tally: &Tally) -> f64 {
    plan.exposure - tally.excluded_demand / tally.replications.max(1) as f64
}

/// Share of requests that is lost.
pub fn unavailability(plan: &Plan, tally: &Tally, weights: Option<&Weights>, confidence: Confidence) -> Estimate {
    let lost = said(tally.lost.interval(confidence.spent), weights.map(|it| &it.lost));
    share(lost, tally.replications, exposure(plan, tally), confidence)
}

/// An interval that says that its observations were adjusted, if they were.
fn said(found: Option<Estimate>, terms: Option<&Terms>) -> Option<Estimate> {
    match terms {
        Some(terms) if !terms.are_none() => found.map(of_adjusted),
        _ => found,
    }
}

/// How many times more plain replications would have given the same interval; those of pilots were spent as well.
fn gain(tally: &Tally, pilots: Option<u64>) -> Option<f64> {
    let Some(pilots) = pilots else { return tally.lost.gain_over(&tally.lost.each) };
    let each = || Some(tally.plain.variance()? / tally.lost.each.variance()?).filter(|gain| gain.is_finite());
    let replications = tally.replications as f64;
    let gain = tally.lost.gain_over(&tally.plain).or_else(each)?;
    Some(gain * replications / (replications + pilots as f64))
}

/// How the numbers were obtained, with so many pilots if losses were adjusted.
fn method(plan: &Plan, pilots: Option<u64>) -> String {
    let how = if plan.is_stratified() {
        "Monte Carlo, rare outages stratified over blocks of 64 replications, common random numbers"
    } else {
        "crude Monte Carlo with common random numbers"
    };
    match pilots {
        None => format!("simulated: {how}, {GENERATOR}"),
        Some(pilots) => format!(
            "simulated: {how}, control variates: failures and repairs of outages, weights from {pilots} replications \
             that are not counted, {GENERATOR}"
        ),
    }
}

/// What makes sums of a replication those of a year that counts.
struct Scales {
    /// For lost seconds, which are weighted by the demand.
    lost: f64,
    /// For what happens in time.
    time: f64,
}

/// Interval for the share of the horizon that a sum of seconds makes; it keeps its level over the looks at a precision.
fn share(seconds: Option<Estimate>, replications: u64, horizon: f64, confidence: Confidence) -> Estimate {
    let found = match seconds {
        Some(interval) => {
            let share = interval.scale(1.0 / horizon);
            Estimate { high: share.high.min(1.0), ..share }
        }
        None => none_seen(replications, 1.0, confidence.spent),
    };
    Estimate { level: confidence.level, ..found }
}

/// Interval for a mean number of events: with none seen, that of a Poisson law under which as much silence has probability 1 - level.
fn count(events: Option<Estimate>, replications: u64, level: f64) -> Estimate {
    events.unwrap_or(Estimate {
        estimate: 0.0,
        low: 0.0,
        high: -libm::log1p(-level) / replications.max(1) as f64,
        level,
        method: "no event seen: Poisson upper bound",
    })
}

/// Interval for a mean amount that nothing bounds; with none seen there is nothing to say how large one might be.
fn amount(values: &Moments, level: f64) -> Estimate {
    values.interval_skewed(level).unwrap_or(Estimate { estimate: 0.0, low: 0.0, high: 0.0, level, method: "none seen" })
}

pub(super) fn open_nines(unavailability: Estimate) -> OpenEstimate {
    OpenEstimate {
        estimate: (unavailability.estimate > 0.0).then(|| nines(unavailability.estimate)),
        low: nines(unavailability.high),
        high: (unavailability.low > 0.0).then(|| nines(unavailability.low)),
        level: unavailability.level,
        method: unavailability.method,
    }
}

pub(super) fn quantiles(spread: &Spread, level: f64) -> Distribution {
    Distribution {
        mean: None,
        p50: spread.quantile_interval(0.50, level),
        p95: spread.quantile_interval(0.95, level),
        p99: spread.quantile_interval(0.99, level),
        max: spread.max(),
        count: spread.count(),
        spread: spread.clone(),
    }
}

fn durations(seen: &Recovery, level: f64) -> Distribution {
    let mean = seen.mean.interval(level).or_else(|| {
        // All in one replication: a mean without anything to judge its spread by.
        let estimate = seen.spread.mean()?;
        let (low, high) = (seen.spread.min()?, seen.spread.max()?);
        Some(Estimate { estimate, low, high, level, method: "range seen in a single replication" })
    });
    Distribution { mean, ..quantiles(&seen.spread, level) }
}

fn attribution(plan: &Plan, tally: &Tally, weights: Option<&Weights>, scales: &Scales, level: f64) -> Vec<Cause> {
    let total: f64 = tally.lost.each.sum();
    let years = tally.replications as f64 / scales.lost;
    let padded = |moments: &Moments| {
        let mut all = Moments::zeros(tally.replications - moments.count());
        all.merge(moments);
        all
    };
    let cause = |(modes, seen): &(u64, CauseTally)| Cause {
        name: names(plan, *modes),
        lost_seconds_per_year: match weights.and_then(|it| it.cell(*modes)) {
            None => amount(&padded(&seen.lost), level),
            Some(_) => of_adjusted(amount(&seen.lost, level)),
        }
        .scale(scales.lost),
        share: if total > 0.0 { seen.lost.sum() / total } else { 0.0 },
        incidents_per_year: count(padded(&seen.incidents).interval_skewed(level), tally.replications, level)
            .scale(scales.time),
        recovery_time: durations(&seen.recovery, level),
        stages: seen.stages.map(|seconds| seconds / years),
    };
    let mut causes: Vec<Cause> = tally.causes.iter().map(cause).collect();
    let lost = |cause: &Cause| cause.lost_seconds_per_year.estimate;
    causes.sort_by(|a, b| lost(b).total_cmp(&lost(a)).then_with(|| a.name.cmp(&b.name)));
    causes
}

/// Failure modes by name; no mode at all means that capacity does not meet the demand even when everything works.
pub(super) fn names(plan: &Plan, modes: u64) -> String {
    if modes == 0 {
        return "too little capacity".to_string();
    }
    plan.names_of(modes).join(" + ")
}

pub(super) fn objectives(
    wanted: &Objectives,
    availability: Estimate,
    recovery: &Distribution,
    loss: &Distribution,
) -> Vec<Objective> {
    let judge = |meets_low: bool, meets_high: bool| match (meets_low, meets_high) {
        (true, true) => Judgement::Met,
        (false, false) => Judgement::Missed,
        _ => Judgement::Inconclusive,
    };
    let at_most = |metric: &str, limit: f64, value: Option<Estimate>| Objective {
        metric: metric.to_string(),
        limit,
        value,
        // With too few seen for its level, the upper bound bounds nothing yet.
        verdict: value.map_or(Judgement::Met, |v| judge(v.low <= limit, v.high <= limit && !v.sample_is_too_small())),
    };
    let mut judged = Vec::new();
    if let Some(limit) = wanted.availability.map(|a| a.get()) {
        judged.push(Objective {
            metric: "availability".to_string(),
            limit,
            value: Some(availability),
            verdict: judge(availability.low >= limit, availability.high >= limit),
        });
    }
    judged.extend(wanted.recovery_time.map(|limit| at_most("recovery_time.p95", limit.0, recovery.p95)));
    judged.extend(wanted.data_loss.map(|limit| at_most("data_loss.p95", limit.0, loss.p95)));
    judged
}

/// Losses of all data have no age, but are above any limit: with more than one of 20 of them, so is the 95th percentile.
fn miss_lost_for_good(objectives: &mut [Objective], tally: &Tally) {
    let gone = tally.unrecoverable.sum();
    if gone > 0.05 * (gone + tally.data_loss.spread.count() as f64) {
        for objective in objectives.iter_mut().filter(|objective| objective.metric.starts_with("data_loss")) {
            objective.verdict = Judgement::Missed;
        }
    }
}

fn warnings(design: &Design, tally: &Tally, unavailability: Estimate, precision: Option<f64>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let (seen, open) = (tally.recovery.spread.count(), tally.open_incidents);
    let gone = tally.unrecoverable.sum();
    if gone > 0.0 {
        warnings.push(Warning::LostForGood { times: gone as u64 });
    }
    if (1..FEW_INCIDENTS).contains(&seen) {
        warnings.push(Warning::FewIncidents { seen });
    }
    match unavailability.relative_half_width() {
        Some(reached) => {
            if let Some(asked) = precision.filter(|asked| reached > *asked) {
                warnings.push(Warning::PrecisionNotReached { asked, reached });
            }
            if reached > WIDE {
                warnings.push(Warning::IntervalTooWide { share: reached });
            }
        }
        None => {
            let counted = (design.horizon.0 - design.warm_up.0) / Seconds::YEAR.0;
            warnings.push(Warning::NoLossSeen { years: tally.replications as f64 * counted });
        }
    }
    if open as f64 > MANY_OPEN * seen as f64 {
        warnings.push(Warning::OpenIncidents { open, seen });
    }
    warnings.extend(doubts(design));
    warnings
}

/// What is doubtful in the design, whatever was seen.
fn doubts(design: &Design) -> Vec<Warning> {
    let failing: Vec<_> = design.failures.iter().filter(|mode| mode.mttf != Law::Never).collect();
    let common = |scope: &Scope| matches!(scope, Scope::Tier(..) | Scope::Zones(_) | Scope::Regions(_) | Scope::Global);
    let mut doubts = Vec::new();
    if failing.len() > 1 && !failing.iter().any(|mode| common(&mode.scope)) {
        doubts.push(Warning::IndependenceAssumed { modes: failing.len() });
    }
    doubts.extend(design.unused.iter().map(|key| Warning::UnusedComponent { key: key.clone() }));
    if let (Routing::Dns(dns), Some(limit)) = (&design.routing, design.objectives.recovery_time)
        && dns.ttl > limit
    {
        doubts.push(Warning::TtlAboveRto { ttl: dns.ttl.0, limit: limit.0 });
    }
    for mode in failing {
        let (repair, mttf) = (mode.repair.mean(), mode.mttf.mean());
        if mode.repair != Law::Never && repair > mttf {
            doubts.push(Warning::MttrAboveMttf { mode: mode.name.clone(), repair, mttf });
        }
    }
    doubts
}

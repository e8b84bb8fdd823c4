//! The metrics, once: tables, CSV and Markdown all walk these lists.

use super::value::{Glyphs, Reading, Unit};
use crate::model::Bill;
use crate::statistics::Estimate;
use crate::study::{Cause, Judgement, Objective, OpenEstimate, Study, Summary};

/// Seconds of a year, as the simulator counts it.
pub(super) const YEAR: f64 = 365.0 * 86_400.0;

/// What a summary says about one metric.
pub(super) enum Measured {
    /// A number with an interval.
    Estimate(Estimate),
    /// Nines, which may be unbounded.
    Nines(OpenEstimate),
    /// A number that is counted, not estimated.
    Plain(f64),
    /// Nothing was observed.
    Absent,
}

impl From<&Option<Estimate>> for Measured {
    fn from(estimate: &Option<Estimate>) -> Self {
        estimate.map_or(Self::Absent, Self::Estimate)
    }
}

impl From<&Estimate> for Measured {
    fn from(estimate: &Estimate) -> Self {
        Self::Estimate(*estimate)
    }
}

impl From<Option<f64>> for Measured {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Absent, Self::Plain)
    }
}

/// Where a metric is shown besides CSV, which has them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// In the first table of every report.
    Always,
    /// In the first table, where any architecture has it.
    IfKnown,
    /// In CSV only.
    Never,
}

/// One row of a report.
pub(super) struct Metric {
    /// Path of the same number in the JSON.
    pub key: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// How it is written.
    pub unit: Unit,
    /// Where it is shown.
    pub shown: Shown,
    /// Where it comes from.
    pub read: fn(&Summary) -> Measured,
}

impl Metric {
    /// The metric of one architecture as text.
    pub fn text(&self, summary: &Summary, glyphs: Glyphs) -> Reading {
        match (self.read)(summary) {
            Measured::Estimate(estimate) => Reading::of(&estimate, self.unit, glyphs),
            Measured::Nines(nines) => Reading::of_nines(&nines, glyphs),
            Measured::Plain(number) => Reading::phrase(super::value::count(number)),
            // Where only means are estimated, nothing can have been seen.
            Measured::Absent if self.shown == Shown::Always && summary.rare.is_none() => Reading::phrase("none seen"),
            Measured::Absent => Reading::phrase("-"),
        }
    }
}

const fn metric(
    key: &'static str,
    label: &'static str,
    unit: Unit,
    shown: Shown,
    read: fn(&Summary) -> Measured,
) -> Metric {
    Metric { key, label, unit, shown, read }
}

/// Every metric of an architecture, in the order of every report.
pub(super) const METRICS: &[Metric] = &[
    metric("nines", "nines", Unit::Nines, Shown::Always, |s| Measured::Nines(s.nines.clone())),
    metric("unavailability.request", "availability", Unit::Served, Shown::Always, |s| {
        (&s.unavailability_request).into()
    }),
    metric("unavailability.read", "availability of reads", Unit::Served, Shown::IfKnown, |s| {
        apart(s, s.unavailability_read)
    }),
    metric("unavailability.write", "availability of writes", Unit::Served, Shown::IfKnown, |s| {
        apart(s, s.unavailability_write)
    }),
    metric("unavailability.time", "unavailability in time", Unit::Share, Shown::Never, |s| {
        (&s.unavailability_time).into()
    }),
    metric("availability.request", "availability of requests", Unit::Share, Shown::Never, |s| {
        (&s.availability_request).into()
    }),
    metric("availability.time", "availability in time", Unit::Share, Shown::Never, |s| (&s.availability_time).into()),
    metric("lost_seconds_per_year", "lost time a year", Unit::Duration, Shown::Always, |s| {
        (&s.lost_seconds_per_year).into()
    }),
    metric("downtime_seconds_per_year.mean", "mean downtime a year", Unit::Duration, Shown::Always, |s| {
        (&s.downtime_per_year.mean).into()
    }),
    metric("downtime_seconds_per_year.p50", "downtime a year, median", Unit::Duration, Shown::Never, |s| {
        (&s.downtime_per_year.p50).into()
    }),
    metric("downtime_seconds_per_year.p95", "downtime a year, p95", Unit::Duration, Shown::Always, |s| {
        (&s.downtime_per_year.p95).into()
    }),
    metric("downtime_seconds_per_year.p99", "downtime a year, p99", Unit::Duration, Shown::Never, |s| {
        (&s.downtime_per_year.p99).into()
    }),
    metric("downtime_seconds_per_year.max", "downtime a year, most", Unit::Duration, Shown::Never, |s| {
        s.downtime_per_year.max.into()
    }),
    metric("incidents_per_year", "incidents a year", Unit::Count, Shown::Always, |s| (&s.incidents_per_year).into()),
    metric("open_incidents", "incidents open at the end", Unit::Count, Shown::Never, |s| {
        Measured::Plain(s.open_incidents as f64)
    }),
    metric("recovery_time_seconds.mean", "recovery time, mean", Unit::Duration, Shown::Never, |s| {
        (&s.recovery_time.mean).into()
    }),
    metric("recovery_time_seconds.p50", "recovery time, p50", Unit::Duration, Shown::Always, |s| {
        (&s.recovery_time.p50).into()
    }),
    metric("recovery_time_seconds.p95", "recovery time, p95", Unit::Duration, Shown::Always, |s| {
        (&s.recovery_time.p95).into()
    }),
    metric("recovery_time_seconds.p99", "recovery time, p99", Unit::Duration, Shown::Never, |s| {
        (&s.recovery_time.p99).into()
    }),
    metric("recovery_time_seconds.max", "recovery time, longest", Unit::Duration, Shown::Never, |s| {
        s.recovery_time.max.into()
    }),
    metric("data_loss_seconds.mean", "data loss, mean", Unit::Duration, Shown::Never, |s| (&s.data_loss.mean).into()),
    metric("data_loss_seconds.p50", "data loss, median", Unit::Duration, Shown::Never, |s| (&s.data_loss.p50).into()),
    metric("data_loss_seconds.p95", "data loss, p95", Unit::Duration, Shown::Always, |s| (&s.data_loss.p95).into()),
    metric("data_loss_seconds.p99", "data loss, p99", Unit::Duration, Shown::Never, |s| (&s.data_loss.p99).into()),
    metric("data_loss_seconds.max", "data loss, most", Unit::Duration, Shown::Never, |s| s.data_loss.max.into()),
    metric("longest_incident_seconds", "longest incident, mean", Unit::Duration, Shown::Never, |s| {
        (&s.longest_incident).into()
    }),
    metric("lost_writes_per_year", "writes lost a year", Unit::Count, Shown::Never, |s| {
        (&s.lost_writes_per_year).into()
    }),
    metric("unrecoverable_losses_per_year", "losses of all data a year", Unit::Count, Shown::IfKnown, |s| {
        s.unrecoverable_per_year.filter(|losses| losses.estimate > 0.0).as_ref().map_or(Measured::Absent, Into::into)
    }),
    metric("temporary_loss.writes_per_year", "writes missing for a time", Unit::Count, Shown::IfKnown, |s| {
        s.temporary_loss.as_ref().map_or(Measured::Absent, |loss| (&loss.writes_per_year).into())
    }),
    metric("temporary_loss.conflicting_writes_per_year", "writes overtaken", Unit::Count, Shown::IfKnown, |s| {
        s.temporary_loss.as_ref().map_or(Measured::Absent, |loss| (&loss.conflicting_writes_per_year).into())
    }),
    metric("metastable_incidents_per_year", "metastable overloads a year", Unit::Count, Shown::IfKnown, |s| {
        (&s.metastable_incidents_per_year).into()
    }),
    metric("users_logged_out_per_year", "users logged out a year", Unit::Count, Shown::IfKnown, |s| {
        (&s.users_logged_out_per_year).into()
    }),
    metric("probability_month_met", "month meets objective", Unit::Share, Shown::IfKnown, |s| {
        (&s.probability_month_met).into()
    }),
    metric("probability_quarter_met", "quarter meets objective", Unit::Share, Shown::Never, |s| {
        (&s.probability_quarter_met).into()
    }),
    metric("probability_objective_met", "year meets objective", Unit::Share, Shown::IfKnown, |s| {
        (&s.probability_objective_met).into()
    }),
    metric("excluded_seconds_per_year", "lost in planned downtime a year", Unit::Duration, Shown::IfKnown, |s| {
        (&s.excluded_seconds_per_year).into()
    }),
    metric("cost_per_year", "cost a year", Unit::Count, Shown::IfKnown, |s| s.cost_per_year.into()),
    metric("downtime_cost_per_year", "cost of lost time a year", Unit::Count, Shown::IfKnown, |s| {
        (&s.downtime_cost_per_year).into()
    }),
    metric("dns_queries_per_year", "DNS queries a year", Unit::Count, Shown::Never, |s| s.dns_queries_per_year.into()),
    metric("replications", "replications", Unit::Count, Shown::Never, |s| Measured::Plain(s.replications as f64)),
    metric("simulated_years", "simulated years", Unit::Count, Shown::Never, |s| Measured::Plain(s.simulated_years)),
    metric("events", "events", Unit::Count, Shown::Never, |s| Measured::Plain(s.events as f64)),
];

/// What reads or writes alone lose, where that differs from what all requests do.
fn apart(summary: &Summary, of_them: Option<Estimate>) -> Measured {
    match of_them {
        Some(estimate) if estimate.estimate != summary.unavailability_request.estimate => (&estimate).into(),
        _ => Measured::Absent,
    }
}

/// The rows of the first table for these architectures.
pub(super) fn headline<'a>(summaries: impl Iterator<Item = &'a Summary> + Clone) -> Vec<&'static Metric> {
    METRICS
        .iter()
        .filter(|metric| match metric.shown {
            Shown::Always => true,
            Shown::Never => false,
            Shown::IfKnown => summaries.clone().any(|summary| !matches!((metric.read)(summary), Measured::Absent)),
        })
        .collect()
}

/// The label of a row, where one replication is not a year.
pub(super) fn label(metric: &Metric, horizon_seconds: f64) -> String {
    if metric.key == "probability_objective_met" && (horizon_seconds - YEAR).abs() > 1.0 {
        return format!("{} meets objective", super::value::duration(horizon_seconds));
    }
    metric.label.to_owned()
}

/// What the words of the first table mean where they could be taken for each other.
pub(super) fn legend(study: &Study) -> String {
    let mut thresholds = study.architectures.iter().map(|summary| summary.up_threshold);
    let first = thresholds.next().unwrap_or(1.0);
    let threshold = if thresholds.all(|other| other == first) {
        format!("{} is served", super::value::percent(first))
    } else {
        "the up_threshold is served".to_owned()
    };
    let mut legend =
        format!("lost time: failed requests, as time without service; downtime: time in which under {threshold}");
    let bills: Vec<&Bill> = study.architectures.iter().filter_map(|summary| summary.bill.as_ref()).collect();
    if let Some(bill) = bills.first() {
        let mut charges = bills.iter().flat_map(|bill| &bill.charges);
        let what = if charges.all(|charge| charge.what == "DNS queries") {
            "of DNS queries, nothing else has a price"
        } else {
            "of units, load balancers, databases and DNS, without storage and traffic"
        };
        legend.push_str(&format!("; cost: in {}, {what}", bill.currency));
    }
    legend
}

/// All objectives of an architecture taken together; none stated is none to judge.
pub(super) fn overall(objectives: &[Objective]) -> Option<Judgement> {
    if objectives.is_empty() {
        None
    } else if objectives.iter().any(|objective| objective.verdict == Judgement::Missed) {
        Some(Judgement::Missed)
    } else if objectives.iter().all(|objective| objective.verdict == Judgement::Met) {
        Some(Judgement::Met)
    } else {
        Some(Judgement::Inconclusive)
    }
}

/// A judgement in one word.
pub(super) const fn word(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::Met => "met",
        Judgement::Missed => "missed",
        Judgement::Inconclusive => "inconclusive",
    }
}

/// What an objective asks, e.g. "availability ≥ 99.95 %".
pub(super) fn demand(objective: &Objective, glyphs: Glyphs) -> String {
    let metric = objective_name(&objective.metric);
    match objective_unit(&objective.metric) {
        Unit::Served => {
            let limit = crate::units::format_percent_availability((1.0 - objective.limit).clamp(0.0, 1.0));
            format!("{metric} {} {limit}", glyphs.at_least)
        }
        Unit::Nines => format!("{metric} {} {:.2}", glyphs.at_least, objective.limit),
        Unit::Duration => format!("{metric} {} {}", glyphs.at_most, super::value::duration(objective.limit)),
        _ => format!("{metric} {} {}", glyphs.at_most, super::value::count(objective.limit)),
    }
}

/// What was measured against an objective.
pub(super) fn found(objective: &Objective, glyphs: Glyphs) -> Reading {
    let unit = objective_unit(&objective.metric);
    match (&objective.value, unit) {
        (None, _) => Reading::phrase("none seen"),
        // The objective is on an availability, the unit reads an unavailability.
        (Some(value), Unit::Served) => Reading::of(&value.map_decreasing(|share| 1.0 - share), unit, glyphs),
        (Some(value), unit) => Reading::of(value, unit, glyphs),
    }
}

fn objective_unit(metric: &str) -> Unit {
    match metric.split(['.', '_']).next() {
        Some("availability") => Unit::Served,
        Some("nines") => Unit::Nines,
        Some("recovery" | "data" | "downtime" | "lost") => Unit::Duration,
        _ => Unit::Count,
    }
}

/// `recovery_time.p95` as people say it.
fn objective_name(metric: &str) -> String {
    metric.replace('_', " ").replace('.', ", ")
}

/// The stage in which most of a cause's time is lost, with its share.
pub(super) fn longest_stage(cause: &Cause) -> Option<(&'static str, f64)> {
    let total: f64 = cause.stages.iter().sum();
    let (stage, seconds) =
        crate::study::STAGES.iter().zip(cause.stages).max_by(|left, right| left.1.total_cmp(&right.1))?;
    (total > 0.0).then_some((*stage, seconds / total))
}

/// Lost seconds of all causes by stage.
pub(super) fn stage_totals(summary: &Summary) -> [f64; 5] {
    let mut totals = [0.0; 5];
    for cause in &summary.attribution {
        for (total, seconds) in totals.iter_mut().zip(cause.stages) {
            *total += seconds;
        }
    }
    totals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn keys_and_labels_are_unique() {
        for (place, metric) in METRICS.iter().enumerate() {
            assert!(METRICS[..place].iter().all(|other| other.key != metric.key && other.label != metric.label));
        }
    }

    #[test]
    fn one_missed_objective_misses_them_all() {
        let objective = |verdict| Objective { metric: "availability".into(), limit: 0.999, value: None, verdict };
        assert_eq!(overall(&[]), None);
        assert_eq!(overall(&[objective(Judgement::Met)]), Some(Judgement::Met));
        assert_eq!(
            overall(&[objective(Judgement::Met), objective(Judgement::Inconclusive)]),
            Some(Judgement::Inconclusive)
        );
        assert_eq!(
            overall(&[objective(Judgement::Missed), objective(Judgement::Inconclusive)]),
            Some(Judgement::Missed)
        );
    }

    #[test]
    fn stages_of_all_causes_sum_to_the_loss() {
        let study = sample::study();
        let summary = &study.architectures[0];
        let total: f64 = stage_totals(summary).iter().sum();
        assert!((total - summary.lost_seconds_per_year.estimate).abs() < 1e-6 * total);
    }
}

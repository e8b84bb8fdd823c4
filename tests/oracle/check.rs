//! The table of a group of cases: what is exact, what was simulated, how far they are apart.
//!
//! # Tolerances
//!
//! - A claim that holds [`exactly`](Case::exactly) is about a history in which all times are fixed: every replication gives the same
//!   number, and it has to agree with the derived one to 1e-9 of it (a derived 0 to the last bit).
//! - A claim [`about`](Case::about) a mean holds if the simulated one is within [`SIGMAS`] = 4.2 of its standard errors. Beyond lies
//!   a share of 2.7e-5 of the normal law, two-sided: a sound simulator fails one of 50 such claims with probability 1.3e-3. The standard
//!   error is the half width of the reported interval over its Student t quantile. (Where the interval is corrected for a skewness s
//!   of n replications, Hall 1992, this is too wide by a share of 0.85 s² / n at 95 %; s² / n is below 0.02 wherever that is used.)
//! - A claim [`inside`](Case::inside) an interval is about quantiles and probabilities: the experiment is run at the level that leaves
//!   2.7e-5 outside, and the exact interval (order statistics, Clopper-Pearson) has to hold the derived value.
//!
//! Seeds are fixed, so that a case passes always or never.

use crate::design::{World, YEAR};
use ridethrough::experiment::{Options, run};
use ridethrough::model::Design;
use ridethrough::statistics::{Estimate, t_quantile};
use ridethrough::study::{Distribution, Summary};

/// Standard errors that a simulated mean may be away from the exact one.
const SIGMAS: f64 = 4.2;

/// Probability beyond that many standard errors, on both sides.
const BEYOND: f64 = 2.67e-5;

/// Largest relative difference where nothing is random.
const ROUNDING: f64 = 1e-9;

/// Seed of every case.
const SEED: u64 = 20_261_122;

/// What is measured.
#[derive(Debug, Clone, Copy)]
pub enum Metric {
    /// Share of requests lost.
    Unavailability,
    /// Share of time below the threshold.
    Downtime,
    /// Lost seconds in a replication.
    Lost,
    /// Incidents in a replication.
    Incidents,
    /// Incidents that are open at the end of a replication.
    OpenIncidents,
    /// Overloads in a replication that outlived what began them.
    Metastable,
    /// Mean recovery time (s).
    RecoveryMean,
    /// Quantile of the recovery time (s): the median, 0.95 or 0.99.
    Recovery(f64),
    /// Longest recovery time (s).
    RecoveryMax,
    /// Mean age of lost data (s).
    DataLossMean,
    /// Quantile of the age of lost data (s).
    DataLoss(f64),
    /// Events that lose data in a replication.
    DataLosses,
    /// Writes lost in a replication.
    LostWrites,
    /// Probability that a replication meets the objective.
    ObjectiveMet,
    /// Users logged out in a replication.
    LoggedOut,
    /// Seconds lost in a replication by a cause, or a set of them that overlap.
    LostTo(&'static str),
    /// Incidents in a replication that a cause opened.
    OpenedBy(&'static str),
    /// Seconds lost in a replication in a stage, by its index.
    Stage(usize),
}

impl Metric {
    /// What the simulation says; none if it has nothing to say.
    fn read(self, seen: &Summary, design: &Design) -> Option<Estimate> {
        let counted = design.horizon.0 - design.warm_up.0;
        let each = |per_year: Estimate| per_year.scale(counted / YEAR);
        let plain = |value: f64| Estimate { estimate: value, low: value, high: value, level: 1.0, method: "a count" };
        let replications = seen.replications as f64;
        let cause = |name| seen.attribution.iter().find(|cause| cause.name == name);
        match self {
            Metric::Unavailability => Some(seen.unavailability_request),
            Metric::Downtime => Some(seen.unavailability_time),
            Metric::Lost => Some(each(seen.lost_seconds_per_year)),
            Metric::Incidents => Some(each(seen.incidents_per_year)),
            Metric::OpenIncidents => Some(plain(seen.open_incidents as f64 / replications)),
            Metric::RecoveryMean => seen.recovery_time.mean,
            Metric::Recovery(p) => quantile(&seen.recovery_time, p),
            Metric::RecoveryMax => seen.recovery_time.max.map(plain),
            Metric::DataLossMean => seen.data_loss.mean,
            Metric::DataLoss(p) => quantile(&seen.data_loss, p),
            Metric::DataLosses => Some(plain(seen.data_loss.count as f64 / replications)),
            Metric::LostWrites => Some(each(seen.lost_writes_per_year)),
            Metric::ObjectiveMet => seen.probability_objective_met,
            Metric::Metastable => seen.metastable_incidents_per_year.map(each),
            Metric::LoggedOut => seen.users_logged_out_per_year.map(each),
            Metric::LostTo(name) => cause(name).map(|cause| each(cause.lost_seconds_per_year)),
            Metric::OpenedBy(name) => cause(name).map(|cause| each(cause.incidents_per_year)),
            Metric::Stage(stage) => {
                let lost: f64 = seen.attribution.iter().map(|cause| cause.stages[stage]).sum();
                Some(plain(lost * counted / YEAR))
            }
        }
    }
}

fn quantile(seen: &Distribution, p: f64) -> Option<Estimate> {
    match p {
        0.5 => seen.p50,
        0.95 => seen.p95,
        0.99 => seen.p99,
        _ => None,
    }
}

/// In which sense a claim holds.
#[derive(Debug, Clone, Copy)]
enum Sense {
    Exactly,
    About,
    Inside,
}

/// A number that theory gives.
#[derive(Debug, Clone)]
struct Claim {
    sense: Sense,
    metric: Metric,
    exact: f64,
    how: &'static str,
}

/// A design of which theory knows something.
#[derive(Debug, Clone)]
pub struct Case {
    name: String,
    design: Design,
    replications: u64,
    level: f64,
    claims: Vec<Claim>,
}

/// A case. Two replications show that nothing is random; others say how many they need.
pub fn case(name: impl Into<String>, world: World) -> Case {
    case_of(name, world.build())
}

/// A case of a design that was not said here.
pub fn case_of(name: impl Into<String>, design: Design) -> Case {
    Case { name: name.into(), design, replications: 2, level: 0.95, claims: Vec::new() }
}

impl Case {
    /// Simulated so often.
    pub fn replications(mut self, replications: u64) -> Self {
        self.replications = replications;
        self
    }

    /// Nothing is random: the metric has this value in every replication.
    pub fn exactly(self, metric: Metric, exact: f64, how: &'static str) -> Self {
        self.claim(Sense::Exactly, metric, exact, how)
    }

    /// The metric has this expectation.
    pub fn about(self, metric: Metric, exact: f64, how: &'static str) -> Self {
        self.claim(Sense::About, metric, exact, how)
    }

    /// This quantile or probability is exact, and inside of an interval that holds all but 2.7e-5.
    pub fn inside(mut self, metric: Metric, exact: f64, how: &'static str) -> Self {
        self.level = 1.0 - BEYOND;
        self.claim(Sense::Inside, metric, exact, how)
    }

    fn claim(mut self, sense: Sense, metric: Metric, exact: f64, how: &'static str) -> Self {
        self.claims.push(Claim { sense, metric, exact, how });
        self
    }

    /// Simulates, prints a line for each claim, and returns those that do not hold.
    fn judge(&self) -> Vec<String> {
        let options = Options { seed: SEED, replications: self.replications, level: self.level, ..Options::default() };
        let started = std::time::Instant::now();
        let study = run(std::slice::from_ref(&self.design), &options).expect("a design that can be simulated");
        let seen = &study.architectures[0];
        let mut wrong = Vec::new();
        for claim in &self.claims {
            let (holds, line) = claim.judge(claim.metric.read(seen, &self.design), self.replications);
            println!("{} {:<58} {line}", if holds { " " } else { "!" }, self.name);
            if !holds {
                wrong.push(format!("{}: {line}", self.name));
            }
        }
        println!("  {:<58} {:.2?}", "", started.elapsed());
        wrong
    }
}

impl Claim {
    fn judge(&self, seen: Option<Estimate>, replications: u64) -> (bool, String) {
        let metric = format!("{:?}", self.metric);
        let Some(seen) = seen else {
            return (false, format!("{metric:<24} exact {:<22} simulated nothing ({})", self.exact, self.how));
        };
        let difference = seen.estimate - self.exact;
        let error = seen.half_width() / t_quantile(0.5 + seen.level / 2.0, (replications - 1) as f64);
        let (holds, distance) = match self.sense {
            Sense::Exactly if self.exact == 0.0 => (seen.estimate == 0.0, format!("off by {difference:e}")),
            Sense::Exactly => {
                let allowed = ROUNDING * self.exact.abs();
                (difference.abs() <= allowed && seen.half_width() <= allowed, format!("off by {difference:.1e}"))
            }
            Sense::About => {
                let z = difference / error;
                (z.abs() <= SIGMAS, format!("z {z:+.2}"))
            }
            Sense::Inside => {
                (seen.low <= self.exact && self.exact <= seen.high, format!("in {:.6e} .. {:.6e}", seen.low, seen.high))
            }
        };
        let line =
            format!("{metric:<24} exact {:<22} simulated {:<22} {distance} ({})", self.exact, seen.estimate, self.how);
        (holds, line)
    }
}

/// Judges all cases of a table.
#[track_caller]
pub fn check(cases: impl IntoIterator<Item = Case>) {
    let wrong: Vec<String> = cases.into_iter().flat_map(|case| case.judge()).collect();
    assert!(wrong.is_empty(), "{} of the claims do not hold:\n{}", wrong.len(), wrong.join("\n"));
}

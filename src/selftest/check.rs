//! The table of a group of cases: what is exact, what was simulated, how far they are apart.
//!
//! # Tolerances
//!
//! - A claim that holds [`exactly`](Case::exactly) is about a history in which all times are fixed: every replication gives the same
//!   number, and it has to agree with the derived one to 1e-9 of it (a derived 0 to the last bit).
//! - A claim [`about`](Case::about) a mean holds if the simulated one is within 4.2 of its standard errors. Beyond lies
//!   a share of 2.7e-5 of the normal law, two-sided: a sound simulator fails one of 50 such claims with probability 1.3e-3. The standard
//!   error is the half width of the reported interval over its Student t quantile. (Where the interval is corrected for a skewness s
//!   of n replications, Hall 1992, this is too wide by a share of 0.85 s² / n at 95 %; s² / n is below 0.02 wherever that is used.)
//! - A claim [`inside`](Case::inside) an interval is about quantiles and probabilities: the experiment is run at the level that leaves
//!   2.7e-5 outside, and the exact interval (order statistics, Clopper-Pearson) has to hold the derived value.
//!
//! Seeds are fixed, so that a case passes always or never.

use super::design::{World, YEAR};
use rayon::prelude::*;
use ridethrough::experiment::{Options, run, standard_error};
use ridethrough::model::Design;
use ridethrough::statistics::Estimate;
use ridethrough::study::{Distribution, Summary};
use serde::Serialize;
use std::fmt;

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
    /// Seconds in a replication for which reads are lost.
    LostReads,
    /// Seconds in a replication for which writes are lost.
    LostTimeOfWrites,
    /// Losses of all data in a replication.
    Unrecoverable,
    /// Writes that are missing for a time in a replication.
    AbsentWrites,
    /// Mean time for which they are missing (s).
    AbsenceMean,
    /// Writes that others overtake in a replication.
    Conflicts,
    /// Probability that a replication meets the objective.
    ObjectiveMet,
    /// Users logged out in a replication.
    LoggedOut,
    /// Share of the replications seen that met the objective.
    ObjectiveMetSeen,
    /// Probability that a month meets the objective.
    MonthMet,
    /// Share of the months seen that met the objective.
    MonthsMet,
    /// Probability that a quarter meets the objective.
    QuarterMet,
    /// Mean share of a month's budget that is used.
    MonthUsed,
    /// Largest share of a month's budget seen.
    MonthUsedMost,
    /// Mean share of a year's budget that is used.
    YearUsed,
    /// Mean share of the whole budget that the largest incident uses.
    LargestIncident,
    /// Largest incidents over all that is lost.
    LargestOfTheLoss,
    /// Availability as the objective is judged.
    Judged,
    /// Seconds lost in excluded time in a replication.
    Excluded,
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
        let budget = seen.error_budget.as_ref();
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
            Metric::LostReads => seen.unavailability_read.map(|share| share.scale(counted)),
            Metric::LostTimeOfWrites => seen.unavailability_write.map(|share| share.scale(counted)),
            Metric::Unrecoverable => seen.unrecoverable_per_year.map(each),
            Metric::AbsentWrites => seen.temporary_loss.as_ref().map(|loss| each(loss.writes_per_year)),
            Metric::AbsenceMean => seen.temporary_loss.as_ref().and_then(|loss| loss.absence.mean),
            Metric::Conflicts => seen.temporary_loss.as_ref().map(|loss| each(loss.conflicting_writes_per_year)),
            Metric::ObjectiveMet => seen.probability_objective_met,
            Metric::Metastable => seen.metastable_incidents_per_year.map(each),
            Metric::LoggedOut => seen.users_logged_out_per_year.map(each),
            Metric::ObjectiveMetSeen => seen.probability_objective_met.map(|it| plain(it.estimate)),
            Metric::MonthMet => seen.probability_month_met,
            Metric::MonthsMet => seen.probability_month_met.map(|it| plain(it.estimate)),
            Metric::QuarterMet => seen.probability_quarter_met,
            Metric::MonthUsed => budget?.month.as_ref()?.mean,
            Metric::MonthUsedMost => budget?.month.as_ref()?.max.map(plain),
            Metric::YearUsed => budget?.year.as_ref()?.mean,
            Metric::LargestIncident => budget?.largest_incident.mean,
            Metric::LargestOfTheLoss => budget?.largest_incident_share_of_loss,
            Metric::Judged => seen.objectives.first()?.value,
            Metric::Excluded => seen.excluded_seconds_per_year.map(each),
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
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is simulated.
    #[must_use]
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// What is claimed of the long run: the share of requests lost, the share of time below the threshold, and incidents a year. (Counted
    /// are incidents that begin while time counts, and one that is open when it begins to.)
    #[must_use]
    pub fn claimed(&self) -> [Option<f64>; 3] {
        let per_year = YEAR / (self.design.horizon.0 - self.design.warm_up.0);
        let of = |value: &dyn Fn(&Claim) -> Option<f64>| self.claims.iter().find_map(value);
        let lost = of(&|claim| matches!(claim.metric, Metric::Unavailability).then_some(claim.exact));
        let down = of(&|claim| matches!(claim.metric, Metric::Downtime).then_some(claim.exact));
        let counted = of(&|claim| matches!(claim.metric, Metric::Incidents).then_some(claim.exact));
        [lost, down, counted.zip(down).map(|(counted, down)| (counted - down) * per_year)]
    }

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

    /// Simulates, and judges each claim.
    #[must_use]
    pub fn judge(&self) -> Vec<Row> {
        let options = Options { seed: SEED, replications: self.replications, level: self.level, ..Options::default() };
        let study = run(std::slice::from_ref(&self.design), &options).expect("a design that can be simulated");
        let seen = &study.architectures[0];
        let row = |claim: &Claim| claim.judge(&self.name, claim.metric.read(seen, &self.design), self.replications);
        self.claims.iter().map(row).collect()
    }
}

impl Claim {
    fn judge(&self, case: &str, seen: Option<Estimate>, replications: u64) -> Row {
        let row = |simulated, distance: String, z, holds| Row {
            case: case.to_owned(),
            metric: format!("{:?}", self.metric),
            derivation: self.how,
            exact: self.exact,
            simulated,
            z,
            distance,
            holds,
        };
        let Some(seen) = seen else { return row(None, "nothing seen".to_owned(), None, false) };
        let difference = seen.estimate - self.exact;
        let error = standard_error(&seen, replications);
        let (holds, distance, z) = match self.sense {
            Sense::Exactly if self.exact == 0.0 => (seen.estimate == 0.0, format!("off by {difference:e}"), None),
            Sense::Exactly => {
                let allowed = ROUNDING * self.exact.abs();
                let holds = difference.abs() <= allowed && seen.half_width() <= allowed;
                (holds, format!("off by {difference:.1e}"), None)
            }
            Sense::About => {
                let z = difference / error;
                (z.abs() <= SIGMAS, format!("z {z:+.2}"), Some(z))
            }
            Sense::Inside => {
                let holds = seen.low <= self.exact && self.exact <= seen.high;
                (holds, format!("in {:.6e} .. {:.6e}", seen.low, seen.high), None)
            }
        };
        row(Some(seen.estimate), distance, z, holds)
    }
}

/// A claim, judged.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Name of the case.
    pub case: String,
    /// What was measured.
    pub metric: String,
    /// Where the exact value comes from.
    pub derivation: &'static str,
    /// What theory says.
    pub exact: f64,
    /// What the simulation says; none if it saw nothing.
    pub simulated: Option<f64>,
    /// Distance in standard errors, for a mean of a random quantity.
    pub z: Option<f64>,
    /// The distance in words.
    pub distance: String,
    /// They agree.
    pub holds: bool,
}

/// The row in a line.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.holds { " " } else { "!" };
        let simulated = self.simulated.map_or_else(|| "nothing".to_owned(), |value| value.to_string());
        let (case, metric, exact, distance, how) =
            (&self.case, &self.metric, self.exact, &self.distance, self.derivation);
        write!(f, "{mark} {case:<58} {metric:<24} exact {exact:<22} simulated {simulated:<22} {distance} ({how})")
    }
}

/// The cases of a table.
pub fn table(cases: impl IntoIterator<Item = Case>) -> Vec<Case> {
    cases.into_iter().collect()
}

/// Judges all cases of a table, and prints a line for each claim.
///
/// # Panics
/// When a claim does not hold.
#[track_caller]
pub fn check(cases: impl IntoIterator<Item = Case>) {
    let cases = table(cases);
    let rows: Vec<Row> = cases.par_iter().flat_map_iter(Case::judge).collect();
    rows.iter().for_each(|row| println!("{row}"));
    let wrong: Vec<String> = rows.iter().filter(|row| !row.holds).map(Row::to_string).collect();
    assert!(wrong.is_empty(), "{} of the claims do not hold:\n{}", wrong.len(), wrong.join("\n"));
}

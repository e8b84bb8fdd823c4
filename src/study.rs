//! What an experiment found: the numbers that every report shows, each with its interval.

mod drill;
mod explain;
mod selection;
mod size;
mod verification;

pub use drill::{CutSets, Drill, DrillObjective, Drills, Resilience, Strike};
pub use explain::{AS_ASKED, Beat, Changed, Explanation};
pub use selection::{Round, Selected, Selection};
pub use size::{End, Found, Search};
pub use verification::{About, BOUND, Beside, Claim, Simpler, Verification, Verified, VerifiedPart};

use crate::exact::ByHand;
use crate::model::{Assumption, Bill, Headroom};
use crate::statistics::{Estimate, Spread};
use crate::units::Seconds;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The result of `run` or `compare`.
#[derive(Debug, Clone)]
pub struct Study {
    /// Seed of every random stream.
    pub seed: u64,
    /// Length of one replication (s).
    pub horizon_seconds: f64,
    /// Confidence level of every interval, e.g. 0.95.
    pub level: f64,
    /// One per architecture, in the order asked.
    pub architectures: Vec<Summary>,
    /// Paired differences, under common random numbers.
    pub comparisons: Vec<Comparison>,
    /// True when the run was cut short by Ctrl-C.
    pub interrupted: bool,
}

/// What was measured of one architecture.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Name of the architecture.
    pub name: String,
    /// The scenario's question.
    pub question: Option<String>,
    /// Served fraction below which a time is downtime.
    pub up_threshold: f64,
    /// Histories simulated.
    pub replications: u64,
    /// Their total length after warm-up (years of 365 days).
    pub simulated_years: f64,
    /// State changes processed.
    pub events: u64,
    /// How the numbers were obtained.
    pub method: String,
    /// How many times more plain replications would have given the same interval of the unavailability, where rare outages are stratified
    /// or losses adjusted by control variates, as far as this sample tells; replications that found weights are counted.
    pub gain: Option<f64>,
    /// Share of requests served.
    pub availability_request: Estimate,
    /// Share of time at or above the up threshold.
    pub availability_time: Estimate,
    /// 1 - availability_request, at full precision.
    pub unavailability_request: Estimate,
    /// 1 - availability_time, at full precision.
    pub unavailability_time: Estimate,
    /// The same for reads alone and for writes alone; none without a database, or where nobody asks for them.
    pub unavailability_read: Option<Estimate>,
    /// See [`Summary::unavailability_read`].
    pub unavailability_write: Option<Estimate>,
    /// -log10 of the request unavailability. Unbounded above (no loss seen) is `high: None`; then `estimate` is None too.
    pub nines: OpenEstimate,
    /// Time below the threshold per year; quantiles are over replications (s/year).
    pub downtime_per_year: Distribution,
    /// Request-weighted lost time per year (s/year).
    pub lost_seconds_per_year: Estimate,
    /// Incidents per year.
    pub incidents_per_year: Estimate,
    /// Incidents still open at the horizon.
    pub open_incidents: u64,
    /// Length of the longest incident of a history, on average (s); 0 counts where there is none.
    pub longest_incident: Estimate,
    /// Recovery time per incident (s).
    pub recovery_time: Distribution,
    /// Data lost per data-losing event (s).
    pub data_loss: Distribution,
    /// Acknowledged writes lost per year.
    pub lost_writes_per_year: Estimate,
    /// Losses of all data with nothing to restore them from, per year; none without a database.
    pub unrecoverable_per_year: Option<Estimate>,
    /// Writes that were missing while the copy that had acknowledged them was away; none where no database has such copies.
    pub temporary_loss: Option<TemporaryLoss>,
    /// Overloads per year that outlived what began them; none where nothing can be overloaded.
    pub metastable_incidents_per_year: Option<Estimate>,
    /// Users per year who lost their session; none where there are no sessions.
    pub users_logged_out_per_year: Option<Estimate>,
    /// Probability that a month (a twelfth of a year) meets the availability objective; none without one, or if no whole month counts.
    pub probability_month_met: Option<Estimate>,
    /// The same of a quarter.
    pub probability_quarter_met: Option<Estimate>,
    /// Probability that one replication (a year by default) meets the availability objective.
    pub probability_objective_met: Option<Estimate>,
    /// How the error budget is used; none without an availability objective.
    pub error_budget: Option<ErrorBudget>,
    /// Request-weighted time lost in excluded maintenance, per year (s/year); it counts nowhere else. None if nothing is excluded.
    pub excluded_seconds_per_year: Option<Estimate>,
    /// Lost seconds by root cause, largest first; they add up to `lost_seconds_per_year`.
    pub attribution: Vec<Cause>,
    /// What tiers could serve of what is asked of them, with all their zones and without one.
    pub headroom: Vec<Headroom>,
    /// Price of running it per year, whatever fails, where prices are given.
    pub cost_per_year: Option<f64>,
    /// What the lost time costs the owner per year, where an hour of it has a price.
    pub downtime_cost_per_year: Option<Estimate>,
    /// What `cost_per_year` is made of.
    pub bill: Option<Bill>,
    /// DNS queries per year, where resolvers are given.
    pub dns_queries_per_year: Option<f64>,
    /// What an architect would say without a simulation.
    pub by_hand: Option<ByHand>,
    /// What only estimates of rare events say; none where crude simulation was enough.
    pub rare: Option<RareFindings>,
    /// The exact answer, where it was asked for and there is one at little cost.
    pub exact: Option<Beside>,
    /// What the objectives say.
    pub objectives: Vec<Objective>,
    /// Defaults and assumptions used.
    pub assumptions: Vec<Assumption>,
    /// Doubts about the result.
    pub warnings: Vec<Warning>,
}

/// What estimates of rare events say beside what all do, and how well founded they are.
#[derive(Debug, Clone)]
pub struct RareFindings {
    /// Probability that a replication has an incident.
    pub probability_of_incident: Estimate,
    /// Probability that data are lost in it; none without a database.
    pub probability_of_data_loss: Option<Estimate>,
    /// Branches of histories that were followed under a biased measure.
    pub probes: u64,
    /// How many of them carry the lost time in effect: (sum)² over the sum of squares.
    pub effective_probes: f64,
    /// Share of the lost time that the largest of them makes.
    pub largest_share: f64,
    /// How many times more state changes plain replications would have taken for the same interval of the lost time, as far as this sample tells.
    pub gain: Option<f64>,
}

/// Writes that were missing for a time and came back.
#[derive(Debug, Clone)]
pub struct TemporaryLoss {
    /// How long they were missing, per event (s).
    pub absence: Distribution,
    /// Their number per year.
    pub writes_per_year: Estimate,
    /// Those of them that others had overtaken, per year.
    pub conflicting_writes_per_year: Estimate,
}

/// An estimate of a quantity that the data may leave unbounded above.
#[derive(Debug, Clone, Serialize)]
pub struct OpenEstimate {
    /// Point estimate; none when nothing bounds it.
    pub estimate: Option<f64>,
    /// Lower confidence bound.
    pub low: f64,
    /// Upper confidence bound; none when unbounded.
    pub high: Option<f64>,
    /// Confidence level.
    pub level: f64,
    /// How it was obtained.
    pub method: &'static str,
}

/// Mean and quantiles of a quantity. All None when nothing was observed.
#[derive(Debug, Clone, Default)]
pub struct Distribution {
    /// Mean.
    pub mean: Option<Estimate>,
    /// Median.
    pub p50: Option<Estimate>,
    /// 95th percentile.
    pub p95: Option<Estimate>,
    /// 99th percentile.
    pub p99: Option<Estimate>,
    /// Largest value seen.
    pub max: Option<f64>,
    /// Values seen.
    pub count: u64,
    /// The values, for charts.
    pub spread: Spread,
}

/// Shares of the error budget that were used: 1 is all that the availability objective allows to be lost.
#[derive(Debug, Clone)]
pub struct ErrorBudget {
    /// Of a month's budget; none if no whole month counts.
    pub month: Option<Distribution>,
    /// Of a quarter's.
    pub quarter: Option<Distribution>,
    /// Of a year's.
    pub year: Option<Distribution>,
    /// Of a replication's, by its largest incident.
    pub largest_incident: Distribution,
    /// Largest incident of a replication over all that was lost in it, mean over mean; none where nothing was lost.
    pub largest_incident_share_of_loss: Option<Estimate>,
}

/// Loss that one root cause, or one set of overlapping ones, brought about.
#[derive(Debug, Clone)]
pub struct Cause {
    /// Failure modes, joined by " + ".
    pub name: String,
    /// Lost time per year (s/year).
    pub lost_seconds_per_year: Estimate,
    /// Share of all loss, in 0..=1.
    pub share: f64,
    /// Incidents per year that it opened.
    pub incidents_per_year: Estimate,
    /// Recovery time of those incidents.
    pub recovery_time: Distribution,
    /// Lost time per year by stage (s/year), in the order of [`STAGES`]; sums to `lost_seconds_per_year`.
    pub stages: [f64; 5],
}

/// Stages of a recovery, in order.
pub const STAGES: [&str; 5] = ["detection", "decision", "action", "propagation", "repair"];

/// What shortens each stage of a recovery.
pub const REMEDIES: [&str; 5] = [
    "shorter check intervals, lower thresholds, deeper checks",
    "deciding without people, or people who are on call at that hour",
    "a standby that is further along: promoted instead of restored, warm instead of cold, instances that boot faster",
    "shorter TTLs, or addresses that do not change",
    "something that takes its place while the cause lasts, or a faster repair",
];

/// One objective against what was measured.
#[derive(Debug, Clone, Serialize)]
pub struct Objective {
    /// What is judged, e.g. `availability`, `recovery_time.p95`, `data_loss.p95`.
    pub metric: String,
    /// The limit, in the metric's unit.
    pub limit: f64,
    /// What was measured; None when nothing was observed (then the objective is met).
    pub value: Option<Estimate>,
    /// Judged on the interval, not the estimate.
    pub verdict: Judgement,
}

/// How an interval lies to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Judgement {
    /// The whole interval meets the limit.
    Met,
    /// The whole interval misses it.
    Missed,
    /// The interval straddles the limit.
    Inconclusive,
}

/// Paired difference of two architectures over the same replications.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// First architecture.
    pub left: String,
    /// Second architecture.
    pub right: String,
    /// Lost seconds per year, left minus right.
    pub lost_seconds_per_year_difference: Estimate,
    /// Of the left against the right.
    pub verdict: Verdict,
    /// Variance of the difference were the two independent, over the variance under common random numbers; None if that is 0.
    pub variance_ratio: Option<f64>,
}

/// Which of two architectures loses less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Verdict {
    /// The left one loses less.
    #[serde(rename = "better")]
    Better,
    /// The left one loses more.
    #[serde(rename = "worse")]
    Worse,
    /// The interval of the difference contains 0.
    #[serde(rename = "cannot be told apart")]
    Undecided,
}

/// A doubt about a result: a code that stays, and by [`Display`](fmt::Display) a sentence with the numbers.
#[derive(Debug, Clone, PartialEq)]
pub enum Warning {
    /// Too few incidents for the quantiles of the recovery time.
    FewIncidents {
        /// Incidents seen.
        seen: u64,
    },
    /// The interval of the unavailability is wide.
    IntervalTooWide {
        /// Half of its width as a share of the unavailability.
        share: f64,
    },
    /// Many incidents were cut off by the end of their replication.
    OpenIncidents {
        /// Incidents still open.
        open: u64,
        /// Incidents seen.
        seen: u64,
    },
    /// Nothing was lost, which bounds the loss but does not measure it.
    NoLossSeen {
        /// Years simulated.
        years: f64,
    },
    /// The experiment ended before the unavailability was known as exactly as asked.
    PrecisionNotReached {
        /// Half width asked for, as a share of the unavailability.
        asked: f64,
        /// Half width reached.
        reached: f64,
    },
    /// Too few probes found a loss, or too much of it rests on too few: the interval is not to be trusted.
    TooFewHits {
        /// Probes that carry the estimate, in effect.
        effective: f64,
    },
    /// What rare events cost is known in the mean, and by incident; quantiles over years would need the histories themselves.
    MeansOnly {
        /// How they were estimated.
        how: &'static str,
    },
    /// All data of a database were lost, with nothing to restore them from.
    LostForGood {
        /// How often.
        times: u64,
    },
    /// Nothing that fails takes down a whole tier, zone or region.
    IndependenceAssumed {
        /// Failure modes that are independent.
        modes: usize,
    },
    /// Something is defined that plays no part.
    UnusedComponent {
        /// Path of its key in the scenario.
        key: String,
    },
    /// The TTL of the DNS record is longer than the recovery time allowed.
    TtlAboveRto {
        /// The TTL (s).
        ttl: f64,
        /// The objective (s).
        limit: f64,
    },
    /// A failure takes longer to repair than to happen, on average.
    MttrAboveMttf {
        /// The failure mode.
        mode: String,
        /// Mean time to repair (s).
        repair: f64,
        /// Mean time to failure (s).
        mttf: f64,
    },
}

impl Warning {
    /// What a script knows it by.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Warning::FewIncidents { .. } => "few-incidents",
            Warning::IntervalTooWide { .. } => "interval-too-wide",
            Warning::OpenIncidents { .. } => "open-incidents",
            Warning::TooFewHits { .. } => "too-few-hits",
            Warning::MeansOnly { .. } => "means-only",
            Warning::LostForGood { .. } => "lost-for-good",
            Warning::NoLossSeen { .. } => "no-loss-seen",
            Warning::PrecisionNotReached { .. } => "precision-not-reached",
            Warning::IndependenceAssumed { .. } => "independence-assumed",
            Warning::UnusedComponent { .. } => "unused-component",
            Warning::TtlAboveRto { .. } => "ttl-above-rto",
            Warning::MttrAboveMttf { .. } => "mttr-above-mttf",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::FewIncidents { seen } => write!(
                f,
                "only {seen} incidents seen: quantiles of the recovery time are rough; more --replications sharpen them"
            ),
            Warning::IntervalTooWide { share } => write!(
                f,
                "the interval of the unavailability is +-{:.0} % wide: run more --replications or set --precision",
                100.0 * share
            ),
            Warning::TooFewHits { effective } => write!(
                f,
                "only {effective:.0} probes carry the estimate, in effect: too few for an interval that can be trusted; allow more --replications or --max-time"
            ),
            Warning::MeansOnly { how } => write!(
                f,
                "rare events are estimated by {how}: there are no quantiles of a year's downtime, no error budget of months, and of recovery times and ages of lost data only those that enough branches bound"
            ),
            Warning::LostForGood { times } => write!(
                f,
                "{times} times all data were lost with nothing to restore them from: that has no age, and is in no quantile of the data loss"
            ),
            Warning::OpenIncidents { open, seen } => write!(
                f,
                "{open} of {seen} incidents were still open at the end of their replication and count with the length seen"
            ),
            Warning::NoLossSeen { years } => {
                let time = Seconds(years * Seconds::YEAR.0);
                write!(f, "no loss was seen in {time}: the availability has a lower bound, but was not measured")
            }
            Warning::PrecisionNotReached { asked, reached } => write!(
                f,
                "the unavailability is known to +-{:.2} %, not to the {:.2} % asked: allow more --replications or --max-time",
                100.0 * reached,
                100.0 * asked
            ),
            Warning::IndependenceAssumed { modes } => write!(
                f,
                "independence assumed: none of the {modes} failure modes takes down a whole tier, zone or region, as common causes do"
            ),
            Warning::UnusedComponent { key } => write!(f, "nothing uses `{key}`: the result is without it"),
            Warning::TtlAboveRto { ttl, limit } => write!(
                f,
                "the TTL of {} is above the objective of {} for the recovery time: clients may follow a failover too late",
                Seconds(*ttl),
                Seconds(*limit)
            ),
            Warning::MttrAboveMttf { mode, repair, mttf } => write!(
                f,
                "`{mode}` takes longer to repair ({} on average) than to happen ({}): is the unit right?",
                Seconds(*repair),
                Seconds(*mttf)
            ),
        }
    }
}

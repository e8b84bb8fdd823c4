//! What can be typed after `explain`, `gate`, `size`, `optimize`, `drill`, `report` and `chart`.

use super::{Charts, Common, Keeping, Output, Rare, horizon, moment, precision, time};
use crate::report;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// How a story is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum StoryOutput {
    /// A timeline for people.
    #[default]
    Table,
    /// One JSON document and nothing else.
    Json,
    /// For a review.
    Markdown,
}

/// Arguments of `explain`.
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// Scenario file.
    pub file: PathBuf,
    /// The longest incident; the default.
    #[arg(long, conflicts_with_all = ["median", "replication"])]
    pub worst: bool,
    /// The incident whose recovery time is the median.
    #[arg(long, conflicts_with = "replication")]
    pub median: bool,
    /// An incident of this history, counted from 0.
    #[arg(long, value_name = "N")]
    pub replication: Option<u64>,
    /// Which incident of that history, counted from 1.
    #[arg(long, value_name = "K", default_value_t = 1, requires = "replication")]
    pub incident: usize,
    /// Seed of the random numbers: the same seed gives the same bytes.
    #[arg(long, default_value_t = 1, env = "RIDETHROUGH_SEED", help_heading = "Simulation")]
    pub seed: u64,
    /// Histories to look at; at least 2.
    #[arg(long, short = 'n', env = "RIDETHROUGH_REPLICATIONS", value_parser = clap::value_parser!(u64).range(2..=10_000_000), help_heading = "Simulation")]
    pub replications: Option<u64>,
    /// How to print the story.
    #[arg(long, short, value_enum, default_value_t, help_heading = "Output")]
    pub output: StoryOutput,
    /// Also write the story to this file: .html, .json, .md or .txt. May be given several times.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub export: Vec<PathBuf>,
    /// Draw it into this folder.
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, default_missing_value = "output", help_heading = "Output")]
    pub charts: Option<PathBuf>,
}

/// How a gate is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum GateOutput {
    /// A table for people.
    #[default]
    Table,
    /// One JSON document and nothing else.
    Json,
    /// JUnit XML, for build servers.
    Junit,
    /// Annotations of a GitHub workflow.
    Github,
    /// For a pull request.
    Markdown,
}

/// Arguments of `gate`.
#[derive(Debug, Clone, Args)]
pub struct GateArgs {
    /// Scenario files, one architecture each.
    #[arg(required = true, num_args = 1..)]
    pub files: Vec<PathBuf>,
    /// What fails an architecture, beside its objectives: METRIC<LIMIT or METRIC>LIMIT. May be given several times.
    #[arg(long, value_name = "CONDITION", help_heading = "Conditions")]
    pub fail_if: Vec<String>,
    /// OpenSLO documents whose targets every architecture has to meet. May be given several times.
    #[arg(long, value_name = "FILE", help_heading = "Conditions")]
    pub openslo: Vec<PathBuf>,
    /// An earlier result, as JSON, to compare with.
    #[arg(long, value_name = "FILE", help_heading = "Conditions")]
    pub baseline: Option<PathBuf>,
    /// Seed of the random numbers.
    #[arg(long, default_value_t = 1, env = "RIDETHROUGH_SEED", help_heading = "Simulation")]
    pub seed: u64,
    /// Most histories of each architecture; at least 2. If these end before --max-time, the same seed gives the same bytes.
    #[arg(long, short = 'n', env = "RIDETHROUGH_REPLICATIONS", value_parser = clap::value_parser!(u64).range(2..), help_heading = "Simulation")]
    pub replications: Option<u64>,
    /// Length of one history, e.g. 1y, 90d.
    #[arg(long, env = "RIDETHROUGH_HORIZON", value_parser = horizon, help_heading = "Simulation")]
    pub horizon: Option<f64>,
    /// Leave open what is not decided after this time.
    #[arg(long, default_value = "30s", env = "RIDETHROUGH_MAX_TIME", value_parser = time, help_heading = "Simulation")]
    pub max_time: std::time::Duration,
    /// Threads.
    #[arg(long, env = "RIDETHROUGH_THREADS", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Simulation")]
    pub threads: Option<u16>,
    /// How rare events are estimated.
    #[arg(long, value_enum, default_value_t, env = "RIDETHROUGH_RARE", help_heading = "Simulation")]
    pub rare: Rare,
    /// How to print the verdicts.
    #[arg(long, short, value_enum, default_value_t, help_heading = "Output")]
    pub output: GateOutput,
    /// Also write the verdicts to this file: .html, .json, .xml (JUnit), .md or .txt. May be given several times.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub export: Vec<PathBuf>,
}

/// Which of the values that meet what is asked is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Find {
    /// As large as may be.
    #[default]
    Largest,
    /// As small as may be.
    Smallest,
    /// The one that costs least a year, by the prices of the scenario.
    Cheapest,
}

/// Arguments of `size`.
#[derive(Debug, Clone, Args)]
pub struct SizeArgs {
    /// Scenario file.
    pub file: PathBuf,
    /// The key that is varied: any that holds a number, e.g. dns.ttl or failure.zone.repair.exponential.
    #[arg(long, value_name = "KEY", help_heading = "Search")]
    pub param: String,
    /// Its smallest and its largest value, e.g. 1s..1h, 1..20, 50%..99% or 10/s..1000/s.
    #[arg(long, value_name = "LOW..HIGH", help_heading = "Search")]
    pub range: String,
    /// What is to be met: METRIC<=LIMIT or METRIC>=LIMIT, several joined by "and"; the objectives of the scenario if absent. May be given several times.
    #[arg(long, value_name = "CONDITIONS", help_heading = "Search")]
    pub until: Vec<String>,
    /// Which of the values that meet it is wanted.
    #[arg(long, value_enum, default_value_t, help_heading = "Search")]
    pub find: Find,
    /// Divide the range into so many steps, in the place of round values.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..1000), help_heading = "Search")]
    pub steps: Option<u16>,
    /// Seed of the random numbers.
    #[arg(long, default_value_t = 1, env = "RIDETHROUGH_SEED", help_heading = "Simulation")]
    pub seed: u64,
    /// Most histories for each value; at least 2. If these end before --max-time, the same seed gives the same bytes.
    #[arg(long, short = 'n', env = "RIDETHROUGH_REPLICATIONS", value_parser = clap::value_parser!(u64).range(2..), help_heading = "Simulation")]
    pub replications: Option<u64>,
    /// Length of one history, e.g. 1y, 90d.
    #[arg(long, env = "RIDETHROUGH_HORIZON", value_parser = horizon, help_heading = "Simulation")]
    pub horizon: Option<f64>,
    /// Time for all values together; what is not decided in its share of it is left open.
    #[arg(long, default_value = "2m", env = "RIDETHROUGH_MAX_TIME", value_parser = time, help_heading = "Simulation")]
    pub max_time: std::time::Duration,
    /// Threads.
    #[arg(long, env = "RIDETHROUGH_THREADS", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Simulation")]
    pub threads: Option<u16>,
    /// How rare events are estimated.
    #[arg(long, value_enum, default_value_t, env = "RIDETHROUGH_RARE", help_heading = "Simulation")]
    pub rare: Rare,
    /// How to print the result.
    #[arg(long, short, value_enum, default_value_t, env = "RIDETHROUGH_OUTPUT", help_heading = "Output")]
    pub output: Output,
    /// Also write the result to this file: .json, .csv, .md or .txt. May be given several times.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub export: Vec<PathBuf>,
}

/// Arguments of `drill`.
#[derive(Debug, Clone, Args)]
pub struct DrillArgs {
    /// Scenario file.
    pub file: PathBuf,
    /// What fails, e.g. zone:use1-az1; all that the scenario says, one after the other, if absent. May be given several times.
    #[arg(long, value_name = "PLACE", help_heading = "Drill")]
    pub fail: Vec<String>,
    /// When it fails, e.g. 30d; a history begins on a Monday at 00:00. One for each --fail.
    #[arg(long, value_name = "TIME", value_parser = moment, requires = "fail", help_heading = "Drill")]
    pub at: Vec<f64>,
    /// How long it lasts, e.g. 2h; as the scenario says if absent. One for each --fail.
    #[arg(long = "for", value_name = "DURATION", value_parser = moment, requires = "fail", help_heading = "Drill")]
    pub lasting: Vec<f64>,
    /// Seed of the random numbers: the same seed gives the same bytes.
    #[arg(long, default_value_t = 1, env = "RIDETHROUGH_SEED", help_heading = "Simulation")]
    pub seed: u64,
    /// Repetitions of each drill; at least 2.
    #[arg(long, short = 'n', default_value_t = crate::experiment::DRILL_REPLICATIONS, env = "RIDETHROUGH_REPLICATIONS", value_parser = clap::value_parser!(u64).range(2..=1_000_000), help_heading = "Simulation")]
    pub replications: u64,
    /// How to print the result.
    #[arg(long, short, value_enum, default_value_t, env = "RIDETHROUGH_OUTPUT", help_heading = "Output")]
    pub output: Output,
    /// Also write the result to this file: .html, .json, .csv, .md or .txt. May be given several times.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub export: Vec<PathBuf>,
}

/// Arguments of `report`.
#[derive(Debug, Clone, Args)]
pub struct ReportArgs {
    /// Results, as JSON.
    #[arg(required = true, num_args = 1..)]
    pub results: Vec<PathBuf>,
    /// File to write; "-" prints it.
    #[arg(long, short, value_name = "FILE", default_value = "report.html")]
    pub output: PathBuf,
}

/// Arguments of `chart`.
#[derive(Debug, Clone, Args)]
pub struct ChartArgs {
    /// Results, as JSON, and scenarios, as TOML, whose architecture is drawn.
    #[arg(required = true, num_args = 1..)]
    pub files: Vec<PathBuf>,
    /// Folder to write to; made if it is not there.
    #[arg(long, short, value_name = "FOLDER", default_value = "output/charts")]
    pub out: PathBuf,
    /// Draw only these, e.g. nines,recovery.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', value_parser = charted())]
    pub only: Vec<String>,
}

/// The names of charts.
fn charted() -> clap::builder::PossibleValuesParser {
    report::CHARTED.map(|(name, shows)| clap::builder::PossibleValue::new(name).help(shows)).into()
}

/// Arguments of `optimize`.
#[derive(Debug, Clone, Args)]
pub struct OptimizeArgs {
    /// Scenario file, with a table [space].
    pub file: PathBuf,
    /// By how much a design that is left out may yet be better, as a share of lost time and of recovery time.
    #[arg(long, default_value = "10%", value_parser = precision)]
    pub tolerance: f64,
    /// How to simulate and where to put the result.
    #[command(flatten)]
    pub common: Common,
    /// How it goes on if it is cut short.
    #[command(flatten)]
    pub keeping: Keeping,
    /// Where to draw.
    #[command(flatten)]
    pub charts: Charts,
}

//! What can be typed.

mod decide;
mod divide;

pub use decide::{
    ChartArgs, DrillArgs, ExplainArgs, Find, GateArgs, GateOutput, OptimizeArgs, ReportArgs, SizeArgs, StoryOutput,
};
pub use divide::{
    Keeping, KubernetesArgs, MergeArgs, MissingArgs, ShardCommand, ShardRunArgs, SlurmArgs, SubmitCommand, own_first,
};

use crate::units::parse_duration;
use anstream::ColorChoice;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::{Path, PathBuf};

/// Simulates the availability of a cloud architecture before it is deployed: how many nines it reaches, how long it takes to
/// recover and how much data it loses, each with its interval.
#[derive(Debug, Parser)]
#[command(
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = "Examples:
  ridethrough init shop.toml                  write a commented scenario
  ridethrough check shop.toml                 find every mistake in it
  ridethrough run shop.toml                   how many nines does it reach?
  ridethrough compare one.toml two.toml       which loses less, for certain?
  ridethrough sweep shop.toml --set dns.ttl=5s,1m,1h
                                              what does a longer TTL cost?
  ridethrough importance shop.toml            what should be fixed first?
  ridethrough gate shop.toml                  may it be deployed?
  ridethrough size shop.toml --param dns.ttl --range 1s..1h
                                              how long may the TTL be?
  ridethrough optimize shop.toml              which design for which price?
  ridethrough chart shop.toml                 what does it stand on?

Exit status:
  0    success
  1    an objective is missed (gate, size, optimize, or --enforce)
  2    bad usage or input
  3    whether an objective is missed is open (gate, size, optimize, or --enforce)
  70   a bug
  130  interrupted

On a terminal, what takes longer than a second shows what is known so far and what is left
of it. That goes to standard error, and is taken away at the end.

Flags of a simulation can also be set in the environment, as RIDETHROUGH_SEED,
RIDETHROUGH_THREADS and so on. A flag goes before the environment, and that
before the scenario file."
)]
pub struct Cli {
    /// When to use colours.
    #[arg(long = "color", value_enum, default_value_t, global = true, env = "RIDETHROUGH_COLOR")]
    pub colour: Colour,
    /// Draw with ASCII characters only, as on a terminal whose locale (LC_ALL, LC_CTYPE, LANG) is not UTF-8.
    #[arg(long, global = true, env = "RIDETHROUGH_ASCII", value_parser = clap::builder::FalseyValueParser::new())]
    pub ascii: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Colour {
    fn on(self, automatic: ColorChoice) -> bool {
        match self {
            Colour::Auto => automatic != ColorChoice::Never,
            Colour::Always => true,
            Colour::Never => false,
        }
    }

    /// Colours on standard output.
    pub fn stdout(self) -> bool {
        self.on(anstream::AutoStream::choice(&std::io::stdout()))
    }

    /// Colours on standard error.
    pub fn stderr(self) -> bool {
        self.on(anstream::AutoStream::choice(&std::io::stderr()))
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Simulate one architecture.
    #[command(after_help = "Examples:
  ridethrough run scenarios/lesson.toml
  ridethrough run shop.toml --precision 5%          until the unavailability is known to 5 %
  ridethrough run shop.toml --max-time 30s --output json > result.json
  ridethrough run shop.toml --export result.csv --export result.json --charts output")]
    Run(RunArgs),
    /// Simulate several architectures under the same failures, and tell which loses less.
    #[command(after_help = "Examples:
  ridethrough compare scenarios/single-az.toml scenarios/multi-az.toml scenarios/multi-region.toml
  ridethrough compare before.toml after.toml --output markdown     for a pull request
  ridethrough compare before.toml after.toml --export report.html  for a review: one page with pictures
  ridethrough compare before.toml after.toml --enforce             exit 1 if an objective is missed")]
    Compare(CompareArgs),
    /// Vary one or more keys of a scenario, under the same random numbers at every point.
    #[command(after_help = "Examples:
  ridethrough sweep shop.toml --set dns.ttl=5s,30s,60s,5m,1h
  ridethrough sweep shop.toml --set tier.web.auto_scaling.desired=2,3,4,6 --set dns.ttl=30s,5m")]
    Sweep(SweepArgs),
    /// Compare the simulation with the exact answer, where there is one, or say what stands in its way.
    #[command(after_help = "Examples:
  ridethrough verify shop.toml
  ridethrough verify shop.toml -n 20000             closer
  ridethrough verify *.toml --output json

Exit status: 0 they agree, 1 they do not, 2 bad usage or input, 3 no exact answer is worked out.")]
    Verify(VerifyArgs),
    /// Simulate designs whose answer is known, and show how far the simulation is from it.
    #[command(after_help = "Examples:
  ridethrough selftest                              every mechanism, in less than a minute
  ridethrough selftest databases                    only mechanisms or cases that contain this word
  ridethrough selftest --output markdown

Exit status: 0 every claim holds, 1 one does not.")]
    Selftest {
        /// Run only mechanisms and cases that contain this.
        filter: Option<String>,
        /// How to print the table.
        #[arg(long, short, value_enum, default_value_t)]
        output: SelftestOutput,
    },
    /// A game day on paper: what follows from a failure, or from each failure in turn.
    #[command(after_help = "Examples:
  ridethrough drill shop.toml                       the resilience matrix: a line for each failure
  ridethrough drill shop.toml --fail zone:use1-az1 --for 2h
  ridethrough drill shop.toml --fail database:orders            its primary
  ridethrough drill shop.toml --fail zone:use1-az1 --at 30d --fail zone:use1-az2 --at 30d20m
  ridethrough drill shop.toml --output markdown     for a review

What can fail is named as in a scope: zone:NAME, region:NAME, tier:NAME, unit:NAME (one of
its units), database:NAME (its primary) or database:NAME/standby, dependency:NAME,
control-plane:REGION, global; or by the name of a failure mode, or as MODE@PLACE.")]
    Drill(DrillArgs),
    /// The best of all designs that a scenario leaves open: what less lost time costs, and the cheapest that meets the objectives.
    #[command(after_help = "Examples:
  ridethrough optimize shop.toml
  ridethrough optimize shop.toml --tolerance 5% -n 16384       closer, and longer
  ridethrough optimize shop.toml --output json --max-time 2m > designs.json

What is open stands in the scenario, and so do prices; what they do not state has a cited
default (ridethrough defaults price):
  [space.ttl]
  key = \"dns.ttl\"
  values = [\"10s\", \"60s\", \"5m\"]
  [space.units]
  key = \"tier.web.pool.units\"
  from = 2
  to = 6
  [space.regions.option.one]
  without = [\"dns\", \"standby\"]
  with = { stack.shop.regions = [\"us-east-1\"] }
  [space.regions.option.two]
  [prices]

Exit status: 0 a design was found, 1 no design meets the objectives, 3 that is open.")]
    Optimize(OptimizeArgs),
    /// The story of one incident: what happened, what was served, and what would have shortened it.
    #[command(after_help = "Examples:
  ridethrough explain shop.toml                     the longest incident of 2,000 years
  ridethrough explain shop.toml --median            a usual one
  ridethrough explain shop.toml --replication 17 --incident 3
  ridethrough explain shop.toml --charts output     output/explain.svg and .png: a lane for everything that changed

The histories are those of `run` with the same seed and number of replications.")]
    Explain(ExplainArgs),
    /// For a pipeline: is what is asked of an architecture met, missed or open? Tells by its exit status.
    #[command(after_help = "Examples:
  ridethrough gate shop.toml                        its [objectives]
  ridethrough gate shop.toml --fail-if 'availability<99.95%' --fail-if 'recovery_time.p95>5m'
  ridethrough gate shop.toml --fail-if 'data_loss.p95>60s' --fail-if 'probability_month_met<95%'
  ridethrough gate shop.toml --openslo slo.yaml --output junit > gate.xml
  ridethrough gate shop.toml --baseline main.json --export comment.md --output github
  ridethrough gate shop.toml --export review.html           one page with pictures, for a browser

A condition is judged on its interval. While one is open, more is simulated, until --max-time
or --replications is reached; all verdicts together are right with 95 %.

With --baseline, a result of run or gate as JSON, the Markdown says only what changed
significantly, and is empty where nothing did: test -s comment.md tells whether to comment.

Exit status:
  0    every condition is met
  1    one is missed
  2    bad usage or input
  3    none is missed, one is open
  130  interrupted")]
    Gate(GateArgs),
    /// The largest, smallest or cheapest value of a key with which what is asked is met.
    #[command(after_help = "Examples:
  ridethrough size shop.toml --param dns.ttl --range 1s..1h --until 'recovery_time.p95<=2m'
  ridethrough size shop.toml --param tier.web.auto_scaling.desired --range 2..20 --find smallest
  ridethrough size shop.toml --param failure.zone.mttf --range 30d..5y --find smallest --steps 100
  ridethrough size shop.toml --param dns.ttl --range 1s..1h --find cheapest \\
      --until 'recovery_time.p95<=2m and availability>=99.99%'

Without --until, what is asked are the objectives of the scenario. The largest value is looked for unless
--find says otherwise. Values are judged under the same random numbers as a gate judges; while one is
open, more is simulated, until --replications or its share of --max-time is reached. All verdicts
together are right with 95 %; what cannot be told is said. Values that contradict one limit, which
are looked for over the whole range, are shown in the place of an answer.

A range of whole numbers (1..20) is searched over all of them, any other over round values: by ratios where
its ends are further apart than 10 times (1s, 1.5s, 2s, 3s, 5s, ...), else by equal steps.

Exit status:
  0    there is a value that meets what is asked
  1    none meets it
  2    bad usage or input
  3    that is open, or the key is not monotone
  130  interrupted")]
    Size(SizeArgs),
    /// One page of saved results for a browser: pictures, tables, assumptions; a single file that loads nothing.
    #[command(after_help = "Examples:
  ridethrough compare one.toml two.toml --output json > result.json
  ridethrough report result.json                    report.html, to be opened in a browser
  ridethrough sweep shop.toml --set dns.ttl=5s,1m,1h --export ttl.json
  ridethrough drill shop.toml --export drill.json
  ridethrough report result.json ttl.json drill.json -o review.html

In one step, with the drills and the longest incident of each architecture:
  ridethrough compare one.toml two.toml --export report.html")]
    Report(ReportArgs),
    /// Pictures of saved results, and of the architecture in a scenario: SVG, PNG and the plotted numbers as CSV.
    #[command(after_help = "Examples:
  ridethrough compare one.toml two.toml --output json > result.json
  ridethrough chart result.json                     output/charts/nines.svg, .png, .csv and so on
  ridethrough chart result.json --only nines,causes -o slides
  ridethrough chart shop.toml                       the architecture, single points of failure marked
  ridethrough sweep shop.toml --set dns.ttl=5s,1m,1h --export ttl.json
  ridethrough chart ttl.json                        what the TTL changes, and what it costs

Results are those of run, compare, gate, sweep, drill, explain, importance, uncertainty and optimize.
The architecture is also written as JSON, for `ridethrough report`.")]
    Chart(ChartArgs),
    /// What to fix first: what each cause, and each stage of recovery, would give back.
    #[command(after_help = "Examples:
  ridethrough importance shop.toml
  ridethrough importance shop.toml --precision 5%   until the unavailability is known to 5 %
  ridethrough importance shop.toml --output json --export importance.csv")]
    Importance(ImportanceArgs),
    /// What is random apart from what is not known, and which unknown matters most.
    #[command(after_help = "Examples:
  ridethrough uncertainty shop.toml                 draws from the [[unknown]] tables of the file
  ridethrough uncertainty shop.toml --catalog       and from the ranges of the catalog's values
  ridethrough uncertainty shop.toml --draws 400 -n 1000 --charts output

Every draw of the inputs is an experiment of its own; without --replications or a
number in the scenario it has 500 histories.")]
    Uncertainty(UncertaintyArgs),
    /// A study in parts, for many machines: the same result, byte for byte, as from one.
    Shard {
        /// What to do.
        #[command(subcommand)]
        command: ShardCommand,
    },
    /// A study on the machines of a batch system: Slurm, or Kubernetes.
    Submit {
        /// Where to.
        #[command(subcommand)]
        command: SubmitCommand,
    },
    /// Report every problem of scenario files, without simulating.
    #[command(after_help = "Examples:
  ridethrough check scenarios/*.toml
  ridethrough check shop.toml --output json         for an editor
  ridethrough check --explain replacement-loop      what the code of a problem means")]
    Check {
        /// Scenario files.
        #[arg(required_unless_present = "explain")]
        files: Vec<PathBuf>,
        /// Say what the code of a problem means, e.g. replacement-loop.
        #[arg(long, value_name = "CODE", conflicts_with = "files")]
        explain: Option<String>,
        /// How to print the problems.
        #[arg(long, short, value_enum, default_value_t)]
        output: CheckOutput,
    },
    /// Write a commented scenario to start from.
    #[command(after_help = "Examples:
  ridethrough init shop.toml
  ridethrough init -                                prints it")]
    Init {
        /// File to write; "-" prints it.
        #[arg(default_value = "scenario.toml")]
        file: PathBuf,
        /// Replace an existing file.
        #[arg(long)]
        force: bool,
    },
    /// List the catalog: cited AWS defaults with unit, source, date and evidence grade.
    #[command(after_help = "Examples:
  ridethrough defaults
  ridethrough defaults rds                          only keys that contain rds
  ridethrough defaults --output csv")]
    Defaults {
        /// Show only keys that contain this.
        filter: Option<String>,
        /// How to print the catalog.
        #[arg(long, short, value_enum, default_value_t)]
        output: DefaultsOutput,
    },
    /// Print the JSON Schema of scenario files, for editors.
    #[command(after_help = "Examples:
  ridethrough schema > scenario.schema.json")]
    Schema,
    /// Print a completion script for a shell.
    #[command(after_help = "Examples:
  ridethrough completions bash > ~/.local/share/bash-completion/completions/ridethrough
  ridethrough completions zsh > ~/.zfunc/_ridethrough")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// How problems are printed.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub enum CheckOutput {
    /// With the lines they are on, for people.
    #[default]
    Text,
    /// As a JSON array.
    Json,
}

/// How the table of the self-test is printed.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub enum SelftestOutput {
    /// A table.
    #[default]
    Table,
    /// A JSON document.
    Json,
    /// A Markdown table.
    Markdown,
}

/// How the catalog is printed.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub enum DefaultsOutput {
    /// A table.
    #[default]
    Table,
    /// CSV with all columns.
    Csv,
    /// A JSON array with all columns.
    Json,
}

/// How a result is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// A table for people.
    #[default]
    Table,
    /// One JSON document and nothing else.
    Json,
    /// One row per architecture and metric.
    Csv,
    /// For a pull request.
    Markdown,
}

/// How to simulate and where to put the result.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Seed of the random numbers: the same seed gives the same bytes.
    #[arg(long, default_value_t = 1, env = "RIDETHROUGH_SEED", help_heading = "Simulation")]
    pub seed: u64,
    /// Histories of each architecture; at least 2.
    #[arg(long, short = 'n', env = "RIDETHROUGH_REPLICATIONS", value_parser = clap::value_parser!(u64).range(2..), help_heading = "Simulation")]
    pub replications: Option<u64>,
    /// Length of one history, e.g. 1y, 90d.
    #[arg(long, env = "RIDETHROUGH_HORIZON", value_parser = horizon, help_heading = "Simulation")]
    pub horizon: Option<f64>,
    /// Stop when every unavailability is known to this fraction of it, e.g. 5%.
    #[arg(long, env = "RIDETHROUGH_PRECISION", value_parser = precision, help_heading = "Simulation")]
    pub precision: Option<f64>,
    /// Stop after this time, e.g. 30s; replications that are not finished then do not count.
    #[arg(long, env = "RIDETHROUGH_MAX_TIME", value_parser = time, help_heading = "Simulation")]
    pub max_time: Option<std::time::Duration>,
    /// Threads; the result does not depend on them.
    #[arg(long, env = "RIDETHROUGH_THREADS", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Simulation")]
    pub threads: Option<u16>,
    /// How to print the result.
    #[arg(long, short, value_enum, default_value_t, env = "RIDETHROUGH_OUTPUT", help_heading = "Output")]
    pub output: Output,
    /// Also write the result to this file: .html, .json, .csv, .md or .txt. May be given several times.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub export: Vec<PathBuf>,
    /// Exit 1 if an objective is missed, 3 if that cannot be told.
    #[arg(long, help_heading = "Output")]
    pub enforce: bool,
}

/// How rare events are estimated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Rare {
    /// By branches of histories where plain simulation sees too little, in the way that needs less.
    #[default]
    Auto,
    /// By plain simulation only.
    Off,
    /// By branches in which failures come sooner, with a weight for that.
    Importance,
    /// By branches of which those copies that fail further are followed, for a part of the weight.
    Splitting,
}

/// Arguments of `run`.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// Scenario file.
    pub file: PathBuf,
    /// How to simulate and where to put the result.
    #[command(flatten)]
    pub common: Common,
    /// How it goes on if it is cut short.
    #[command(flatten)]
    pub keeping: Keeping,
    /// How rare events are estimated.
    #[arg(long, value_enum, default_value_t, env = "RIDETHROUGH_RARE", help_heading = "Simulation")]
    pub rare: Rare,
    /// Write charts and their data into this folder.
    #[arg(long, value_name = "FOLDER", help_heading = "Output")]
    pub charts: Option<PathBuf>,
}

/// Arguments of `verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// Scenario files.
    #[arg(required = true, num_args = 1..)]
    pub files: Vec<PathBuf>,
    /// Seed of the random numbers.
    #[arg(long, default_value_t = 1, env = "RIDETHROUGH_SEED")]
    pub seed: u64,
    /// Histories of each architecture; at least 2.
    #[arg(long, short = 'n', env = "RIDETHROUGH_REPLICATIONS", value_parser = clap::value_parser!(u64).range(2..))]
    pub replications: Option<u64>,
    /// Length of one history, e.g. 1y, 90d.
    #[arg(long, env = "RIDETHROUGH_HORIZON", value_parser = horizon)]
    pub horizon: Option<f64>,
    /// How to print the result.
    #[arg(long, short, value_enum, default_value_t)]
    pub output: CheckOutput,
}

/// Where to draw, by default.
#[derive(Debug, Clone, Args)]
pub struct Charts {
    /// Write charts and data files into this folder.
    #[arg(long, value_name = "FOLDER", default_value = "output", help_heading = "Output")]
    charts: PathBuf,
    /// Write no charts and no data files.
    #[arg(long, help_heading = "Output")]
    no_charts: bool,
}

impl Charts {
    /// Puts them into this folder, or nowhere.
    pub fn only(&mut self, folder: Option<PathBuf>) {
        self.no_charts = folder.is_none();
        self.charts = folder.unwrap_or_default();
    }

    /// The folder for charts and data files, if they are wanted.
    pub fn folder(&self) -> Option<&Path> {
        (!self.no_charts).then_some(self.charts.as_path())
    }
}

/// Arguments of `compare`.
#[derive(Debug, Clone, Args)]
pub struct CompareArgs {
    /// Scenario files, one architecture each.
    #[arg(required = true, num_args = 1..)]
    pub files: Vec<PathBuf>,
    /// How to simulate and where to put the result.
    #[command(flatten)]
    pub common: Common,
    /// How it goes on if it is cut short.
    #[command(flatten)]
    pub keeping: Keeping,
    /// How rare events are estimated.
    #[arg(long, value_enum, default_value_t, env = "RIDETHROUGH_RARE", help_heading = "Simulation")]
    pub rare: Rare,
    /// Where to draw.
    #[command(flatten)]
    pub charts: Charts,
}

/// Arguments of `sweep`.
#[derive(Debug, Clone, Args)]
pub struct SweepArgs {
    /// Scenario file.
    pub file: PathBuf,
    /// A key and the values it takes: dns.ttl=5s,30s,60s. Several keys give every combination.
    #[arg(long = "set", value_name = "KEY=VALUE,...", required = true, value_parser = setting)]
    pub settings: Vec<Setting>,
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

/// Arguments of `importance`.
#[derive(Debug, Clone, Args)]
pub struct ImportanceArgs {
    /// Scenario file.
    pub file: PathBuf,
    /// How to simulate and where to put the result.
    #[command(flatten)]
    pub common: Common,
}

/// Arguments of `uncertainty`.
#[derive(Debug, Clone, Args)]
pub struct UncertaintyArgs {
    /// Scenario file.
    pub file: PathBuf,
    /// Draws of the inputs; at least 2.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(2..=1_000_000))]
    pub draws: u64,
    /// Also take as unknown what the scenario has from the catalog, between the least and the largest value listed there.
    #[arg(long)]
    pub catalog: bool,
    /// How to simulate and where to put the result.
    #[command(flatten)]
    pub common: Common,
    /// Write the tornado and its data into this folder.
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, default_missing_value = "output", help_heading = "Output")]
    pub charts: Option<PathBuf>,
}

/// A key and the values it takes.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Path of the key.
    pub key: String,
    /// Values, as typed.
    pub values: Vec<String>,
}

/// Longest history that is accepted (s): a thousand years.
const LONGEST: f64 = 1000.0 * 365.0 * 86_400.0;

fn horizon(text: &str) -> Result<f64, String> {
    let seconds = parse_duration(text)?.0;
    if seconds <= 0.0 || seconds > LONGEST {
        return Err(
            "a history is longer than 0 and at most 1000 years; for more data use more --replications".to_string()
        );
    }
    Ok(seconds)
}

fn moment(text: &str) -> Result<f64, String> {
    let seconds = parse_duration(text)?.0;
    if !(0.0..=LONGEST).contains(&seconds) {
        return Err("a time from 0s to 1000 years, e.g. 2h".to_string());
    }
    Ok(seconds)
}

fn precision(text: &str) -> Result<f64, String> {
    let fraction = crate::units::parse_fraction(text)?.get();
    if fraction <= 0.0 || fraction >= 1.0 {
        return Err("a precision lies between 0% and 100%, e.g. 5%".to_string());
    }
    Ok(fraction)
}

fn time(text: &str) -> Result<std::time::Duration, String> {
    let seconds = parse_duration(text)?.0;
    if seconds <= 0.0 {
        return Err("a time longer than 0s, e.g. 30s".to_string());
    }
    std::time::Duration::try_from_secs_f64(seconds).map_err(|_| format!("{text} is longer than can be waited for"))
}

fn setting(text: &str) -> Result<Setting, String> {
    let (key, values) = text.split_once('=').ok_or("write KEY=VALUE,VALUE,... e.g. dns.ttl=5s,30s,5m")?;
    let values: Vec<String> = values.split(',').map(|value| value.trim().to_string()).collect();
    if key.trim().is_empty() || values.iter().any(String::is_empty) {
        return Err("write KEY=VALUE,VALUE,... with no empty value, e.g. dns.ttl=5s,30s,5m".to_string());
    }
    Ok(Setting { key: key.trim().to_string(), values })
}

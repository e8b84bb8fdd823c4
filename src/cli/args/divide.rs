//! What can be typed to go on later, or on many machines.

use super::time;
use crate::store::{MOST_PARTS, Shards};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How a simulation that was cut short goes on.
#[derive(Debug, Clone, Default, Args)]
pub struct Keeping {
    /// Save what is done to this file now and then; it is removed when the result is there.
    #[arg(long, value_name = "FILE", help_heading = "Going on later")]
    pub checkpoint: Option<PathBuf>,
    /// Go on from the checkpoint, if it is there; the result is that of a run that was never cut short.
    #[arg(long, requires = "checkpoint", help_heading = "Going on later")]
    pub resume: bool,
    /// How often to save.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = time, requires = "checkpoint", help_heading = "Going on later")]
    pub checkpoint_every: Duration,
    /// What others have simulated.
    #[arg(skip)]
    pub merged: Option<Arc<Shards>>,
}

/// A study on many machines.
#[derive(Debug, Subcommand)]
pub enum ShardCommand {
    /// Simulate one part of a study, and write it to a file.
    #[command(after_help = "Examples:
  ridethrough shard run shop.toml -n 1000000 --shard 3/64 -o parts
  ridethrough shard run compare one.toml two.toml -n 1000000 --shard 3/64 -o parts
  ridethrough shard run sweep shop.toml --set dns.ttl=5s,1m,1h --shard 0/3 -o parts
  ridethrough shard run optimize shop.toml --shard auto/64 -o parts

A shard that is there already is not simulated again, and one that was cut short goes on
where it was. auto takes the index from the batch system: Slurm, Kubernetes, AWS Batch,
Google Cloud Batch, Cloud Run jobs, PBS, LSF or Grid Engine.

Exit status: 0 the shard is there, 2 bad usage or input, 130 interrupted.")]
    Run(ShardRunArgs),
    /// Tell which shards are not there yet.
    #[command(after_help = "Examples:
  ridethrough shard missing parts                   prints 3,17-19, or nothing
  sbatch --array=$(ridethrough shard missing parts) job.sh

Exit status: 0 none is missing, 1 some are, 2 bad usage.")]
    Missing {
        /// Folder of the shards.
        folder: PathBuf,
        /// How many there should be; only needed before the first is there.
        #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..=MOST_PARTS))]
        of: Option<u64>,
    },
    /// Put the shards together: the result is byte for byte that of one process.
    #[command(after_help = "Examples:
  ridethrough shard merge parts                     prints the table
  ridethrough shard merge parts -o result.json
  ridethrough shard merge parts -o result.json -o report.html

Shards of another command, scenario, seed or version are refused, and so are gaps, doubles and
files that were cut short or changed. The scenarios are read once more: they must be where
they were, and as they were.

Exit status: that of the command that was divided, 2 if a shard is missing or refused.")]
    Merge {
        /// Folder of the shards.
        folder: PathBuf,
        /// Write the result to this file instead of printing it: .json, .csv, .md, .txt or .html. May be given several times.
        #[arg(long, short, value_name = "FILE")]
        output: Vec<PathBuf>,
        /// Threads for what is left to do.
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
        threads: Option<u16>,
    },
}

/// Arguments of `shard run`. Its own flags may also stand behind the command that is divided.
#[derive(Debug, Clone, Args)]
pub struct ShardRunArgs {
    /// Which part, counted from 0: 3/64, or auto/64 in an array job.
    #[arg(long, value_name = "INDEX/COUNT")]
    pub shard: Option<String>,
    /// Folder for the shards.
    #[arg(long = "out", short, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// A scenario file, or run, compare, sweep or optimize with its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

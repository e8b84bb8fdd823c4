//! What can be typed to go on later, or on many machines.

use super::time;
use crate::store::{MOST_PARTS, Shards};
use clap::{Args, CommandFactory, Subcommand};
use std::ffi::OsString;
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
    Missing(MissingArgs),
    /// Put the shards together: the result is byte for byte that of one process.
    #[command(after_help = "Examples:
  ridethrough shard merge parts                     prints the table
  ridethrough shard merge parts -o result.json
  ridethrough shard merge parts -o result.json -o report.html

Shards of another command, scenario, seed or version are refused, and so are gaps, doubles and
files that were cut short or changed. The scenarios are read once more: they must be where
they were, and as they were.

Exit status: that of the command that was divided, 2 if a shard is missing or refused.")]
    Merge(MergeArgs),
}

/// Commands that have the words of another one among their own: the flags of both may stand in any order.
const WITH_OTHERS: [[&str; 2]; 3] = [["shard", "run"], ["submit", "slurm"], ["submit", "kubernetes"]];

/// Puts a command's own flags before the words of the command that it divides, wherever they were typed.
pub fn own_first(typed: Vec<OsString>) -> Vec<OsString> {
    let is = |at: usize, name: &str| typed.get(at).is_some_and(|word| word == name);
    // Only flags of the program stand before a command.
    let Some(at) = (1..typed.len()).find(|&at| is(at, "shard") || is(at, "submit")) else { return typed };
    let Some([outer, inner]) = WITH_OTHERS.iter().find(|[outer, inner]| is(at, outer) && is(at + 1, inner)) else {
        return typed;
    };
    let program = super::Cli::command();
    let Some(command) = program.find_subcommand(outer).and_then(|it| it.find_subcommand(inner)) else { return typed };
    let (head, words) = typed.split_at(at + 2);
    let (mut own, mut others) = (head.to_vec(), Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        let (flag, joined) = match text.split_once('=') {
            Some((flag, _)) if flag.starts_with("--") => (flag, true),
            _ => (&*text, false),
        };
        let known = command.get_arguments().find(|known| {
            let long = flag.strip_prefix("--").is_some_and(|name| known.get_long() == Some(name));
            long || flag
                .strip_prefix('-')
                .is_some_and(|name| known.get_short().is_some_and(|it| name == it.to_string()))
        });
        let Some(known) = known else {
            others.push(word.clone());
            continue;
        };
        own.push(word.clone());
        if known.get_action().takes_values() && !joined {
            own.extend(words.next().cloned());
        }
    }
    own.extend(others);
    own
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

/// Arguments of `shard missing`.
#[derive(Debug, Clone, Args)]
pub struct MissingArgs {
    /// Folder of the shards.
    pub folder: PathBuf,
    /// How many there should be; only needed before the first is there.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..=MOST_PARTS))]
    pub of: Option<u64>,
    /// For a batch system that numbers the tasks of an array from 0 to SIZE - 1: a line for each array that it takes,
    /// the shard that its task 0 would be and its tasks, e.g. 1000 3,17-19.
    #[arg(long, value_name = "SIZE", value_parser = clap::value_parser!(u64).range(1..))]
    pub arrays: Option<u64>,
}

/// Arguments of `shard merge`.
#[derive(Debug, Clone, Args)]
pub struct MergeArgs {
    /// Folder of the shards.
    pub folder: PathBuf,
    /// Write the result to this file as well: .json, .csv, .md, .txt or .html. May be given several times.
    #[arg(long, short, value_name = "FILE")]
    pub output: Vec<PathBuf>,
    /// Write charts and their data into this folder.
    #[arg(long, value_name = "FOLDER")]
    pub charts: Option<PathBuf>,
    /// Threads for what is left to do.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// A study on the machines of a batch system.
#[derive(Debug, Subcommand)]
pub enum SubmitCommand {
    /// Have Slurm simulate a study: array jobs, and a job that puts their shards together.
    #[command(after_help = "Examples:
  ridethrough submit slurm shop.toml -n 100000000 --shards 64 -o parts
  ridethrough submit slurm compare one.toml two.toml -n 100000000 --threads 4 --shards 64 -o parts
  ridethrough submit slurm shop.toml --shards 64 -o parts --sbatch --partition=long --sbatch --time=1:00:00
  ridethrough submit slurm shop.toml --shards 64 -o parts --print

It writes FOLDER/slurm.sh, one script for all jobs, and runs it; the folder and the program must
be where all nodes see them. There are as many arrays as the MaxArraySize of Slurm asks for. After
them a job submits what is missing once more, or writes FOLDER/result.json and what --export asks
for. The output of jobs is in FOLDER/log. To go on after a failure: sh FOLDER/slurm.sh

--threads says how many processors a task has, one by default.

Exit status: 0 submitted, 2 bad usage or input, or Slurm refuses.")]
    Slurm(SlurmArgs),
    /// Print a manifest with which Kubernetes simulates a study: an Indexed Job, and a Job that puts its shards together.
    #[command(after_help = "Examples:
  ridethrough submit kubernetes shop.toml -n 100000000 --shards 64 --image IMAGE --volume CLAIM > study.yaml
  kubectl apply -f study.yaml

The manifest begins with the commands that wait for it and put the result together. The scenario, and
what it reads, are in it, as a ConfigMap. CLAIM is a PersistentVolumeClaim that pods on all nodes can
write to (ReadWriteMany). --threads says how many processors a pod has, one by default.")]
    Kubernetes(KubernetesArgs),
    /// Print a file from which podman or docker builds an image with nothing but this program in it.
    #[command(after_help = "Examples:
  ridethrough submit containerfile > Containerfile
  podman build -f Containerfile -t ridethrough .     in the folder of the source")]
    Containerfile,
}

/// Most tasks of one Job: what Kubernetes takes without further conditions.
pub const MOST_COMPLETIONS: u64 = 100_000;

/// Arguments of `submit slurm`. Its own flags may also stand behind the command that is divided.
#[derive(Debug, Clone, Args)]
pub struct SlurmArgs {
    /// How many shards to divide the study into; a minute or more of work for each is a good size.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..=MOST_PARTS))]
    pub shards: u64,
    /// Folder for the shards, the script, its logs and the result.
    #[arg(long = "out", short, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Print the script instead of writing and running it.
    #[arg(long)]
    pub print: bool,
    /// How often shards that are missing in the end are submitted once more.
    #[arg(long, value_name = "TIMES", default_value_t = 3, value_parser = clap::value_parser!(u16).range(0..=100))]
    pub resubmit: u16,
    /// An argument for every sbatch, e.g. --sbatch --partition=long. May be given several times.
    #[arg(long, value_name = "ARGUMENT", allow_hyphen_values = true)]
    pub sbatch: Vec<String>,
    /// The program, as the nodes see it; the one that runs now if absent.
    #[arg(long, value_name = "PATH")]
    pub program: Option<PathBuf>,
    /// A scenario file, or run, compare, sweep or optimize with its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// Arguments of `submit kubernetes`. Its own flags may also stand behind the command that is divided.
#[derive(Debug, Clone, Args)]
pub struct KubernetesArgs {
    /// How many shards to divide the study into; a minute or more of work for each is a good size.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..=MOST_COMPLETIONS))]
    pub shards: u64,
    /// The image of ridethrough, as in ridethrough submit containerfile.
    #[arg(long)]
    pub image: String,
    /// A PersistentVolumeClaim for the shards, which pods on all nodes can write to.
    #[arg(long, value_name = "CLAIM")]
    pub volume: String,
    /// Folder of the volume for the shards and the result.
    #[arg(long = "out", short, value_name = "FOLDER", default_value = "parts")]
    pub out: String,
    /// Name of the jobs; that of the second one ends in -merge.
    #[arg(long, default_value = "ridethrough")]
    pub name: String,
    /// Most pods at a time.
    #[arg(long, value_name = "PODS", default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub parallelism: u64,
    /// How often a shard that fails is tried again.
    #[arg(long, value_name = "TIMES", default_value_t = 3, value_parser = clap::value_parser!(u16).range(0..=100))]
    pub resubmit: u16,
    /// A scenario file, or run, compare, sweep or optimize with its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

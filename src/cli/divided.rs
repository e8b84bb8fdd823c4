//! A study that is divided: the command that asks for it, and what it simulates.

use super::args::{Cli, Command, Common, Keeping, Rare};
use super::kept::Whole;
use super::optimize;
use super::priced::Priced;
use super::simulate::{self, few_enough, refused};
use super::sweep::{self, Point};
use super::{Failure, typed};
use crate::experiment::Options;
use crate::model::Design;
use crate::scenario::FileOfScenario;
use crate::simulation::Plan;
use clap::{CommandFactory, Parser};
use std::path::PathBuf;

/// What else is asked for.
const NOTHING_ELSE: &str = "run, compare, sweep and optimize can be divided, nothing else";

/// What is divided.
pub enum Study {
    /// Histories of some architectures.
    Blocks { designs: Vec<Design>, options: Options },
    /// Points of a sweep.
    Points { points: Vec<Point>, options: Options },
    /// Designs of a space.
    Designs { space: Box<Priced>, options: Options, tolerance: f64 },
}

/// The command that is divided: `run` where only a file is named. From now on it stands for what was typed.
pub fn parsed(words: Vec<String>) -> Result<Cli, Failure> {
    let cli = understood(&words)?;
    typed::stand_for(words);
    Ok(cli)
}

/// The same, while what was typed stands for itself.
pub fn understood(words: &[String]) -> Result<Cli, Failure> {
    let known = Cli::command().get_subcommands().any(|it| words.first().is_some_and(|word| it.get_name() == word));
    let run = (!known).then_some("run");
    let all = ["ridethrough"].into_iter().chain(run).chain(words.iter().map(String::as_str));
    Cli::try_parse_from(all).map_err(|error| Failure::Usage(error.to_string().trim_start_matches("error: ").to_owned()))
}

/// How a command that can be divided simulates, and where it puts the result.
pub fn common(cli: &Cli) -> Result<&Common, Failure> {
    match &cli.command {
        Command::Run(it) => Ok(&it.common),
        Command::Compare(it) => Ok(&it.common),
        Command::Sweep(it) => Ok(&it.common),
        Command::Optimize(it) => Ok(&it.common),
        _ => Err(Failure::Usage(NOTHING_ELSE.to_owned())),
    }
}

/// Makes of a command one that puts a result together: from what was `merged`, with other files for the result and for pictures.
pub fn merging(
    cli: &mut Cli,
    merged: Keeping,
    threads: Option<u16>,
    outputs: &[PathBuf],
    charts: Option<PathBuf>,
) -> Result<(), Failure> {
    let (common, keeping) = match &mut cli.command {
        Command::Run(it) => {
            it.charts = charts;
            (&mut it.common, &mut it.keeping)
        }
        Command::Compare(it) => {
            it.charts.only(charts);
            (&mut it.common, &mut it.keeping)
        }
        Command::Sweep(it) => {
            it.charts.only(charts);
            (&mut it.common, &mut it.keeping)
        }
        Command::Optimize(it) => {
            it.charts.only(charts);
            (&mut it.common, &mut it.keeping)
        }
        _ => return Err(Failure::Usage(NOTHING_ELSE.to_owned())),
    };
    *keeping = merged;
    common.threads = threads.or(common.threads);
    if !outputs.is_empty() {
        common.export = outputs.to_vec();
    }
    Ok(())
}

impl Study {
    /// Reads what a command simulates, and shows what is doubtful in it.
    pub fn read(cli: &Cli) -> Result<Study, Failure> {
        let blocks = |files: &[PathBuf], common: &Common, rare: Rare, keeping: &Keeping| {
            reject(common, rare, keeping)?;
            few_enough(files)?;
            let designs = simulate::load(cli, files, common, &[], &mut Vec::new())?;
            let options = simulate::options_of_study(&designs, common, true, rare);
            Ok(Study::Blocks { designs, options })
        };
        match &cli.command {
            Command::Run(it) => blocks(std::slice::from_ref(&it.file), &it.common, it.rare, &it.keeping),
            Command::Compare(it) => blocks(&it.files, &it.common, it.rare, &it.keeping),
            Command::Sweep(it) => {
                reject(&it.common, Rare::Auto, &it.keeping)?;
                let points = sweep::points(cli, it)?;
                let (_, options) = sweep::whole(&points, &it.common);
                Ok(Study::Points { points, options })
            }
            Command::Optimize(it) => {
                reject(&it.common, Rare::Auto, &it.keeping)?;
                let space = Box::new(optimize::space(cli, it)?);
                Ok(Study::Designs { space, options: optimize::options(it), tolerance: it.tolerance })
            }
            _ => Err(Failure::Usage(NOTHING_ELSE.to_owned())),
        }
    }

    /// All its designs; of a space the first stands for all.
    pub fn designs(&self) -> Vec<&Design> {
        match self {
            Study::Blocks { designs, .. } => designs.iter().collect(),
            Study::Points { points, .. } => points.iter().flat_map(|(design, _)| design).collect(),
            Study::Designs { space, .. } => vec![&space.first],
        }
    }

    /// What it is divided into; `designs` are all of them.
    pub fn whole<'d>(&'d self, designs: &'d [&'d Design]) -> Whole<'d> {
        match self {
            Study::Blocks { options, .. } => Whole::of_blocks(designs, options),
            Study::Points { options, points } => Whole::of_points(designs, options, points.len() as u64),
            Study::Designs { space, options, .. } => Whole::of_space(space, options),
        }
    }

    /// Finds what would only be found when it is simulated. Of many designs that differ in a value the first stands for all.
    pub fn try_out(&self) -> Result<(), Failure> {
        let designs = self.designs();
        let some = if matches!(self, Study::Blocks { .. }) { designs.len() } else { 1 };
        for design in designs.iter().take(some) {
            Plan::new(design).map_err(|error| refused(std::slice::from_ref(*design), error))?;
        }
        Ok(())
    }

    /// The files that it reads, by path.
    pub fn files(&self, cli: &Cli) -> Result<Vec<FileOfScenario>, Failure> {
        let mut files = match (self, &cli.command) {
            (Study::Designs { space, .. }, _) => space.files().to_vec(),
            (_, Command::Run(it)) => simulate::read(std::slice::from_ref(&it.file), &it.common, &[])?.files,
            (_, Command::Compare(it)) => simulate::read(&it.files, &it.common, &[])?.files,
            (Study::Points { points, .. }, Command::Sweep(it)) => {
                let file = std::slice::from_ref(&it.file);
                // As it stands it is read as well.
                let all = [&[][..]].into_iter().chain(points.iter().map(|(_, settings)| settings.as_slice()));
                let read = all.map(|settings| Ok(simulate::read(file, &it.common, settings)?.files));
                read.collect::<Result<Vec<_>, Failure>>()?.concat()
            }
            _ => Vec::new(),
        };
        files.sort();
        files.dedup();
        Ok(files)
    }
}

/// What would make a part depend on the others.
fn reject(common: &Common, rare: Rare, keeping: &Keeping) -> Result<(), Failure> {
    let instead = if common.precision.is_some() {
        "--precision: one shard cannot tell when all together are precise enough; give --replications"
    } else if common.max_time.is_some() {
        "--max-time: a shard is whole or not there; give --replications"
    } else if matches!(rare, Rare::Importance | Rare::Splitting) {
        "--rare importance or splitting: histories that branch are not divided; by default the merge sees to them where that is needed"
    } else if keeping.checkpoint.is_some() {
        "--checkpoint: a shard that was cut short goes on where it was by itself"
    } else {
        return Ok(());
    };
    Err(Failure::Usage(format!("a study in shards has no {instead}")))
}

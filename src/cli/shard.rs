//! `shard`: a study in parts that other machines simulate.

use super::args::{Cli, Command, Common, Keeping, Rare, ShardCommand, ShardRunArgs};
use super::kept::{Checkpoint, Unit, Whole};
use super::progress::{Bar, STOP};
use super::simulate::{refused, watched};
use super::{Failure, Status, optimize, print, simulate, sweep, tell, typed};
use crate::experiment::{self, Contest, Keep, Progress};
use crate::file;
use crate::model::Design;
use crate::report::Until;
use crate::store::{self, Damage, EXTENSION, Part, ranges};
use crate::units::Seconds;
use clap::{CommandFactory, Parser};
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often an unfinished shard is saved.
const SAVED_EVERY: Duration = Duration::from_secs(30);

/// `ridethrough shard`.
pub fn shard(command: &ShardCommand) -> Result<Status, Failure> {
    match command {
        ShardCommand::Run(arguments) => run(arguments),
        ShardCommand::Missing { folder, of } => missing(folder, *of),
        ShardCommand::Merge { folder, output, threads } => merge(folder, output, *threads),
    }
}

/// Simulates some of the units of a study, and says whether it got through.
type Work<'w> = dyn FnMut(Range<u64>, &mut dyn Keep, &mut dyn FnMut(Progress)) -> Result<bool, Failure> + Send + 'w;

/// What `shard run` itself was told.
struct Own {
    part: Part,
    folder: PathBuf,
}

fn run(arguments: &ShardRunArgs) -> Result<Status, Failure> {
    let (own, words) = split(arguments)?;
    let cli = parsed(&words)?;
    typed::stand_for(words);
    file::prepare_folder(&own.folder)?;
    match &cli.command {
        Command::Run(it) => blocks(&own, &cli, std::slice::from_ref(&it.file), &it.common, it.rare, &it.keeping),
        Command::Compare(it) => blocks(&own, &cli, &it.files, &it.common, it.rare, &it.keeping),
        Command::Sweep(it) => {
            reject(&it.common, Rare::Auto, &it.keeping)?;
            let points = sweep::points(&cli, it)?;
            let (designs, options) = sweep::whole(&points, &it.common);
            let whole = Whole { designs: &designs, options: &options, unit: Unit::Points, count: points.len() as u64 };
            own.simulate(&cli, &whole, &it.common, &mut |range, keep, watch| {
                for (done, point) in range.clone().enumerate() {
                    let design = &points[point as usize].0;
                    let options = sweep::of_point(design, &it.common);
                    let study = experiment::run_kept(design, &options, &STOP, &mut |_| (), keep);
                    if study.map_err(|error| refused(design, error))?.interrupted {
                        return Ok(false);
                    }
                    watch(Progress::of(done as u64 + 1, range.end - range.start));
                }
                Ok(true)
            })
        }
        Command::Optimize(it) => {
            reject(&it.common, Rare::Auto, &it.keeping)?;
            let space = optimize::space(&cli, it)?;
            let (designs, costs) = (space.designs(), &space.costs);
            let options = optimize::options(it);
            let whole =
                Whole { designs: &designs, options: &options, unit: Unit::Designs, count: designs.len() as u64 };
            own.simulate(&cli, &whole, &it.common, &mut |range, keep, watch| {
                let part = range.start as usize..range.end as usize;
                let contest = Contest {
                    designs: &designs[part.clone()],
                    costs: &costs[part],
                    tolerance: it.tolerance,
                    among: designs.len(),
                };
                let found = experiment::select(&contest, &options, &STOP, watch, keep);
                found.map(|found| !found.interrupted).map_err(|error| optimize::refused(&designs[0].name, error))
            })
        }
        _ => Err(Failure::Usage("run, compare, sweep and optimize can be divided, nothing else".to_owned())),
    }
}

fn blocks(
    own: &Own,
    cli: &Cli,
    files: &[PathBuf],
    common: &Common,
    rare: Rare,
    keeping: &Keeping,
) -> Result<Status, Failure> {
    reject(common, rare, keeping)?;
    let designs = simulate::load(cli, files, common, &[], &mut Vec::new())?;
    let options = simulate::options_of_study(&designs, common, true, rare);
    let all: Vec<&Design> = designs.iter().collect();
    own.simulate(cli, &Whole::of_blocks(&all, &options), common, &mut |range, keep, watch| {
        experiment::run_blocks(&designs, &options, range, &STOP, watch, keep).map_err(|error| refused(&designs, error))
    })
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

/// The flags of `shard run`, wherever they stand, and the words of the command that is divided.
fn split(arguments: &ShardRunArgs) -> Result<(Own, Vec<String>), Failure> {
    let (mut shard, mut out) = (arguments.shard.clone(), arguments.out.clone());
    let mut words = Vec::new();
    let mut given = arguments.command.iter();
    while let Some(word) = given.next() {
        let (flag, joined) = match word.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(value.to_owned())),
            _ => (word.as_str(), None),
        };
        let mut value = || joined.clone().or_else(|| given.next().cloned());
        match flag {
            "--shard" => shard = value(),
            "--out" | "-o" => out = value().map(PathBuf::from),
            _ => words.push(word.clone()),
        }
    }
    let usage = |text: &str| Failure::Usage(text.to_owned());
    let shard = shard.ok_or_else(|| usage("which shard? Add --shard INDEX/COUNT, e.g. --shard 3/64"))?;
    let part = shard.parse().map_err(|error| Failure::Usage(format!("--shard {shard}: {error}")))?;
    let folder = out.ok_or_else(|| usage("where to? Add -o FOLDER, the same for all shards"))?;
    Ok((Own { part, folder }, words))
}

/// The command that is divided: `run` where only a file is named.
fn parsed(words: &[String]) -> Result<Cli, Failure> {
    let known = Cli::command().get_subcommands().any(|it| words.first().is_some_and(|word| it.get_name() == word));
    let run = (!known).then_some("run");
    let all = ["ridethrough"].into_iter().chain(run).chain(words.iter().map(String::as_str));
    Cli::try_parse_from(all).map_err(|error| Failure::Usage(error.to_string().trim_start_matches("error: ").to_owned()))
}

impl Own {
    /// Simulates its part, unless it is there, and writes it.
    fn simulate(&self, cli: &Cli, whole: &Whole, common: &Common, work: &mut Work) -> Result<Status, Failure> {
        let part = self.part;
        let head = whole.head(Some(part));
        let place = |extension: &str| self.folder.join(format!("{}.{extension}", part.stem()));
        let (path, unfinished) = (place(EXTENSION), place("part"));
        match store::read(&path) {
            Ok((there, _)) if there == head => {
                return print(&format!("shard {part} is there already: {}\n", path.display()));
            }
            Ok((there, _)) => {
                let other = there.command.join(" ");
                return Err(Failure::Usage(format!(
                    "{} is of another study ({other:?}, seed {}): choose another folder, or remove it",
                    path.display(),
                    there.seed
                )));
            }
            Err(Damage::Unreadable(error)) if error.kind() == ErrorKind::NotFound => {}
            Err(damage) => tell(&format!("{} {damage}; it is made again", path.display())),
        }
        let begun = Instant::now();
        let mut kept = Checkpoint::go_on(&unfinished, head, SAVED_EVERY);
        let range = part.range(whole.count);
        // Blocks are told by their replications, and designs end by rounds.
        let things = if whole.unit == Unit::Blocks { "replications" } else { whole.unit.word() };
        let bar = Bar::new(cli, things, Until { counted: whole.unit != Unit::Designs, ..Until::default() });
        let through = watched(common, bar, |watch| work(range.clone(), &mut kept, watch))??;
        if !through {
            kept.save();
            tell(&format!("shard {part} was cut short: the same command goes on where it was"));
            return Ok(Status::Interrupted);
        }
        kept.finish(&path)?;
        let (count, time) = (range.end - range.start, Seconds((begun.elapsed().as_secs_f64() * 10.0).round() / 10.0));
        let of = whole.count;
        print(&format!("shard {part}: {count} of {of} {} in {time}, {}\n", whole.unit.word(), path.display()))
    }
}

fn missing(folder: &Path, of: Option<u64>) -> Result<Status, Failure> {
    let found = look(folder, of)?;
    for (path, why) in found.refused() {
        tell(&format!("{}: {why}", path.display()));
    }
    if found.of().is_none() {
        return Err(Failure::Usage(format!(
            "{}: no shard is there, so how many there should be is not known: add --of COUNT",
            folder.display()
        )));
    }
    let missing = found.missing();
    if missing.is_empty() {
        return Ok(Status::Success);
    }
    print(&format!("{}\n", ranges(&missing)))?;
    Ok(Status::Missed)
}

fn look(folder: &Path, of: Option<u64>) -> Result<store::Found, Failure> {
    store::look(folder, of).map_err(|error| Failure::Usage(format!("{}: cannot be read: {error}", folder.display())))
}

fn merge(folder: &Path, outputs: &[PathBuf], threads: Option<u16>) -> Result<Status, Failure> {
    let shards = look(folder, None)?.merge(folder).map_err(|refused| Failure::Usage(refused.to_string()))?;
    let words = shards.head.command.clone();
    let mut cli = parsed(&words)?;
    typed::stand_for(words);
    let merged = Keeping { merged: Some(Arc::new(shards)), ..Keeping::default() };
    let (common, keeping) = match &mut cli.command {
        Command::Run(it) => (&mut it.common, &mut it.keeping),
        Command::Compare(it) => (&mut it.common, &mut it.keeping),
        Command::Sweep(it) => (&mut it.common, &mut it.keeping),
        Command::Optimize(it) => (&mut it.common, &mut it.keeping),
        _ => return Err(Failure::Usage("run, compare, sweep and optimize can be divided, nothing else".to_owned())),
    };
    *keeping = merged;
    common.threads = threads.or(common.threads);
    if !outputs.is_empty() {
        common.export = outputs.to_vec();
    }
    super::dispatch(&cli)
}

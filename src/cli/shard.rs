//! `shard`: a study in parts that other machines simulate.

use super::args::{Cli, Common, Keeping, MergeArgs, MissingArgs, ShardCommand, ShardRunArgs};
use super::divided::{Study, common, merging, parsed};
use super::kept::{Checkpoint, Unit, Whole};
use super::progress::{Bar, STOP};
use super::simulate::{refused, watched};
use super::{Failure, Status, optimize, print, sweep, tell};
use crate::experiment::{self, Contest, Keep, Progress};
use crate::file;
use crate::report::Until;
use crate::store::{self, Damage, EXTENSION, Part, arrays, ranges};
use crate::units::Seconds;
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
        ShardCommand::Missing(arguments) => missing(arguments),
        ShardCommand::Merge(arguments) => merge(arguments),
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
    let own = Own::of(arguments)?;
    let cli = parsed(arguments.command.clone())?;
    let study = Study::read(&cli)?;
    file::prepare_folder(&own.folder)?;
    let (designs, common) = (study.designs(), common(&cli)?);
    let whole = study.whole(&designs);
    match &study {
        Study::Blocks { designs, options } => own.simulate(&cli, &whole, common, &mut |range, keep, watch| {
            experiment::run_blocks(designs, options, range, &STOP, watch, keep).map_err(|error| refused(designs, error))
        }),
        Study::Points { points, .. } => own.simulate(&cli, &whole, common, &mut |range, keep, watch| {
            for (done, point) in range.clone().enumerate() {
                let design = &points[point as usize].0;
                let options = sweep::of_point(design, common);
                let study = experiment::run_kept(design, &options, &STOP, &mut |_| (), keep);
                if study.map_err(|error| refused(design, error))?.interrupted {
                    return Ok(false);
                }
                watch(Progress::of(done as u64 + 1, range.end - range.start));
            }
            Ok(true)
        }),
        Study::Designs { space, options, tolerance } => {
            own.simulate(&cli, &whole, common, &mut |range, keep, watch| {
                let part = range.start as usize..range.end as usize;
                let design = |place: usize| space.design(part.start + place);
                let contest = Contest {
                    design: &design,
                    costs: &space.costs[part.clone()],
                    tolerance: *tolerance,
                    among: space.costs.len(),
                };
                let found = experiment::select(&contest, options, &STOP, watch, keep);
                found.map(|found| !found.interrupted).map_err(|error| optimize::refused(&space.first.name, error))
            })
        }
    }
}

impl Own {
    fn of(arguments: &ShardRunArgs) -> Result<Own, Failure> {
        let usage = |text: &str| Failure::Usage(text.to_owned());
        let shard = arguments.shard.as_ref();
        let shard = shard.ok_or_else(|| usage("which shard? Add --shard INDEX/COUNT, e.g. --shard 3/64"))?;
        let part = shard.parse().map_err(|error| Failure::Usage(format!("--shard {shard}: {error}")))?;
        let folder = arguments.out.clone().ok_or_else(|| usage("where to? Add -o FOLDER, the same for all shards"))?;
        Ok(Own { part, folder })
    }

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

fn missing(arguments: &MissingArgs) -> Result<Status, Failure> {
    let folder = arguments.folder.as_path();
    let found = look(folder, arguments.of)?;
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
    print(&match arguments.arrays {
        None => format!("{}\n", ranges(&missing)),
        Some(size) => {
            let lines = arrays(&missing, size).into_iter();
            lines.map(|(first, tasks)| format!("{first} {}\n", ranges(&tasks))).collect::<String>()
        }
    })?;
    Ok(Status::Missed)
}

fn look(folder: &Path, of: Option<u64>) -> Result<store::Found, Failure> {
    store::look(folder, of).map_err(|error| Failure::Usage(format!("{}: cannot be read: {error}", folder.display())))
}

fn merge(arguments: &MergeArgs) -> Result<Status, Failure> {
    let MergeArgs { folder, output, charts, threads } = arguments;
    let shards = look(folder, None)?.merge(folder).map_err(|refused| Failure::Usage(refused.to_string()))?;
    let mut cli = parsed(shards.head.command.clone())?;
    let merged = Keeping { merged: Some(Arc::new(shards)), ..Keeping::default() };
    merging(&mut cli, merged, *threads, output, charts.clone())?;
    super::dispatch(&cli)
}

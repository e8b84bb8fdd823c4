//! `run` and `compare`.

use super::args::{Cli, Common, CompareArgs, Keeping, Output, Rare, RunArgs};
use super::chart::architecture;
use super::export::{export, targets};
use super::kept::{Kept, Whole};
use super::progress::{self, Bar, STOP, catch_interrupts, until};
use super::typed::{command_line, word};
use super::{Failure, Status, print, tell, width};
use crate::experiment::{
    self, DEFAULT_REPLICATIONS, DRILL_REPLICATIONS, DrillError, ExplainError, Keep, MOST_REPLICATIONS, Options,
    Progress, Rarity, Which,
};
use crate::model::Design;
use crate::report::{self, Until};
use crate::scenario::{self, Loaded};
use crate::simulation::PlanError;
use crate::study::{Judgement, Study, Summary};
use std::path::{Path, PathBuf};

/// Most architectures in one comparison: each is compared with each.
const MOST_ARCHITECTURES: usize = 64;
/// Histories among which the longest incident of a page is looked for, at most: all their incidents are kept at once.
const MOST_EXPLAINED: u64 = 10_000;

/// `ridethrough run`.
pub fn run(cli: &Cli, command: &RunArgs) -> Result<Status, Failure> {
    let files = std::slice::from_ref(&command.file);
    let how = (&command.common, &command.keeping, command.rare);
    study(cli, files, how, command.charts.as_deref(), "result")
}

/// `ridethrough compare`.
pub fn compare(cli: &Cli, command: &CompareArgs) -> Result<Status, Failure> {
    let how = (&command.common, &command.keeping, command.rare);
    study(cli, &command.files, how, command.charts.folder(), "comparison")
}

fn study(
    cli: &Cli,
    files: &[PathBuf],
    (common, keeping, rare): (&Common, &Keeping, Rare),
    charts: Option<&Path>,
    stem: &str,
) -> Result<Status, Failure> {
    few_enough(files)?;
    let designs = load(cli, files, common, &[], &mut Vec::new())?;
    let targets = targets(&common.export)?;
    if let Some(folder) = charts {
        report::prepare_folder(folder)?;
    }
    let options = options_of_study(&designs, common, true, rare);
    let mut kept = Kept::open(keeping, &Whole::of_blocks(&designs.iter().collect::<Vec<_>>(), &options))?;
    let bar = Bar::new(cli, "replications", until(&options));
    let study = watched(common, bar, |watch| simulate(&designs, &options, watch, &mut kept))??;
    print(&render(cli, common.output, &study))?;
    export(&targets, &|output| plain(output, &study), || whole(cli, &designs, files, common, &study))?;
    // A picture cannot say that it is only a part; what is printed and exported does.
    if let Some(folder) = charts.filter(|_| !study.interrupted) {
        let mut written = report::charts(&study, folder)?;
        for (extension, format) in [("json", Output::Json), ("csv", Output::Csv)] {
            let path = folder.join(format!("{stem}.{extension}"));
            report::write_atomically(&path, plain(format, &study).as_bytes())?;
            written.push(path);
        }
        if common.output == Output::Table {
            tell(&format!("wrote {} charts and data files to {}", written.len(), folder.display()));
        }
    }
    kept.close(study.interrupted);
    Ok(status(&study.architectures, study.interrupted, common.enforce))
}

/// Refuses more architectures than are compared with each other.
pub fn few_enough(files: &[PathBuf]) -> Result<(), Failure> {
    let count = files.len();
    if count > MOST_ARCHITECTURES {
        return Err(Failure::Usage(format!(
            "{count} architectures, but at most {MOST_ARCHITECTURES} are compared with each other at once; \
             to vary a key use ridethrough sweep"
        )));
    }
    Ok(())
}

/// What a page of a study shows beside it: how each design takes each failure, and its longest incident.
pub fn whole(
    cli: &Cli,
    designs: &[Design],
    files: &[PathBuf],
    common: &Common,
    study: &Study,
) -> Result<Vec<String>, Failure> {
    if study.interrupted {
        return Ok(Vec::new());
    }
    // A horizon of its own is nothing that drill and explain could be asked for.
    let command = |name: &str, file: &Path, more: &str| {
        let file = word(&file.to_string_lossy());
        common.horizon.is_none().then(|| format!("ridethrough {name} {file} --seed {}{more}", common.seed))
    };
    let of = |design: &Design, file: &Path, summary: &Summary| -> Result<Vec<String>, Failure> {
        let mut documents = vec![architecture(design, file)?];
        let drilled = Options { seed: common.seed, replications: DRILL_REPLICATIONS, ..Options::default() };
        match experiment::resilience(design, &drilled) {
            Ok(found) => documents.push(report::drill_json(&found, command("drill", file, "").as_deref())),
            Err(DrillError::Plan(error)) => return Err(refused(designs, error)),
            // Nothing fails, so that there is nothing to show.
            Err(_) => {}
        }
        let replications = summary.replications.min(MOST_EXPLAINED);
        let told = Options { seed: common.seed, replications, ..Options::default() };
        match experiment::explain(design, Which::Worst, &told) {
            Ok(it) => {
                let command = command("explain", file, &format!(" -n {replications}"));
                documents.push(report::explain_json(&it, command.as_deref()));
            }
            Err(ExplainError::Plan(error)) => return Err(refused(designs, error)),
            Err(_) => {}
        }
        Ok(documents)
    };
    let bar = Bar::new(cli, "designs drilled", Until { counted: true, ..Until::default() });
    watched(common, bar, |watch| {
        let mut documents = Vec::new();
        for (done, ((design, file), summary)) in (1..).zip(designs.iter().zip(files).zip(&study.architectures)) {
            documents.extend(of(design, file, summary)?);
            watch(Progress::of(done, designs.len() as u64));
        }
        Ok(documents)
    })?
}

/// Loads the scenarios with some keys changed, and shows what is doubtful in them, unless the same was shown before.
pub fn load(
    cli: &Cli,
    files: &[PathBuf],
    common: &Common,
    changes: &[(String, String)],
    shown: &mut Vec<(&'static str, String)>,
) -> Result<Vec<Design>, Failure> {
    Ok(load_whole(cli, files, common, changes, shown)?.designs)
}

/// As [`load`], with what is not known about the designs.
pub fn load_whole(
    cli: &Cli,
    files: &[PathBuf],
    common: &Common,
    changes: &[(String, String)],
    shown: &mut Vec<(&'static str, String)>,
) -> Result<Loaded, Failure> {
    let mut loaded = read(files, common, changes)?;
    let mut warnings = std::mem::take(&mut loaded.warnings);
    warnings.retain(|warning| !shown.contains(&(warning.code, warning.key.clone())));
    if !warnings.is_empty() {
        shown.extend(warnings.iter().map(|warning| (warning.code, warning.key.clone())));
        tell(&scenario::Problems::from(warnings).render(cli.colour.stderr()));
    }
    let designs = &loaded.designs;
    if let Some((first, other)) = designs.first().and_then(|first| {
        Some((first, designs.iter().find(|d| (d.horizon, d.warm_up) != (first.horizon, first.warm_up))?))
    }) {
        return Err(Failure::Usage(differing_times(first, other)));
    }
    Ok(loaded)
}

/// What to do about two designs that do not count the same time.
fn differing_times(first: &Design, other: &Design) -> String {
    let (one, two) = (&first.name, &other.name);
    if first.horizon == other.horizon {
        let (warm_up, other) = (first.warm_up, other.warm_up);
        return format!("{one} has a warm-up of {warm_up} and {two} of {other}: give both the same simulation.warm_up");
    }
    let (horizon, other) = (first.horizon, other.horizon);
    format!("{one} simulates {horizon} and {two} {other}: give both the same simulation.horizon, or use --horizon")
}

/// Reads the scenarios with some keys changed.
pub fn read(files: &[PathBuf], common: &Common, changes: &[(String, String)]) -> Result<Loaded, Failure> {
    // As a key, so that it is held against everything that the file says about time.
    let horizon = common.horizon.map(|seconds| ("simulation.horizon".to_string(), format!("{seconds}s")));
    let changes: Vec<_> = horizon.into_iter().chain(changes.iter().cloned()).collect();
    scenario::load_with(files, &changes).map_err(Failure::Scenario)
}

/// Runs an experiment, going on from what was kept of it.
pub fn simulate(
    designs: &[Design],
    options: &Options,
    watch: &mut dyn FnMut(Progress),
    keep: &mut dyn Keep,
) -> Result<Study, Failure> {
    finished(designs, experiment::run_kept(designs, options, &STOP, watch, keep))
}

/// How the arguments and the scenarios ask for an experiment whose result is what is told.
pub fn options_of_study(designs: &[Design], common: &Common, exact: bool, rare: Rare) -> Options {
    let rare = rarity(rare);
    Options { exact, rare, histories: common.replications, ..options(designs, common, DEFAULT_REPLICATIONS) }
}

/// How rare events are estimated, as asked.
pub const fn rarity(rare: Rare) -> Rarity {
    match rare {
        Rare::Auto => Rarity::Auto,
        Rare::Off => Rarity::Off,
        Rare::Importance => Rarity::Importance,
        Rare::Splitting => Rarity::Splitting,
    }
}

/// How the arguments and the scenarios ask for an experiment; `default` replications where neither says.
pub fn options(designs: &[Design], common: &Common, default: u64) -> Options {
    let asked = common.replications.or_else(|| designs.iter().filter_map(|d| d.replications).max());
    let replications = asked.unwrap_or(match (common.precision, common.max_time) {
        (None, None) => default,
        _ => MOST_REPLICATIONS,
    });
    Options {
        seed: common.seed,
        replications,
        precision: common.precision,
        max_time: common.max_time,
        ..Options::default()
    }
}

/// The same for one design, of which only seed and number can be asked.
pub fn options_of(design: &Design, seed: u64, replications: Option<u64>) -> Options {
    let replications = replications.or(design.replications).unwrap_or(DEFAULT_REPLICATIONS);
    Options { seed, replications, ..Options::default() }
}

/// Does some work on as many threads as asked, with a bar, until it is done or interrupted.
pub fn watched<T: Send>(
    common: &Common,
    mut bar: Bar,
    work: impl FnOnce(&mut dyn FnMut(Progress)) -> T + Send,
) -> Result<T, Failure> {
    catch_interrupts();
    let work = || {
        let done = work(&mut |progress| bar.show(progress));
        progress::clear();
        done
    };
    Ok(match common.threads {
        None => work(),
        Some(threads) => rayon::ThreadPoolBuilder::new()
            .num_threads(usize::from(threads))
            .build()
            .map_err(|error| Failure::Usage(format!("cannot start {threads} threads: {error}")))?
            .install(work),
    })
}

/// A study that has something to report.
pub fn finished(designs: &[Design], study: Result<Study, PlanError>) -> Result<Study, Failure> {
    let study = study.map_err(|error| refused(designs, error))?;
    match study.architectures.iter().all(|summary| summary.replications >= 2) {
        true => Ok(study),
        false if study.interrupted => Err(Failure::Interrupted),
        false => Err(Failure::OutOfTime),
    }
}

/// What is said of designs that cannot be compiled.
pub fn refused(designs: &[Design], error: PlanError) -> Failure {
    let names: Vec<&str> = designs.iter().map(|d| d.name.as_str()).collect();
    Failure::Plan { name: names.join(", "), error }
}

fn render(cli: &Cli, output: Output, study: &Study) -> String {
    match output {
        Output::Table => report::terminal(study, width(), cli.colour.stdout(), cli.ascii),
        other => plain(other, study),
    }
}

fn plain(output: Output, study: &Study) -> String {
    match output {
        Output::Table => report::terminal(study, 100, false, false),
        Output::Json => report::json(study, Some(&command_line())),
        Output::Csv => report::csv(study),
        Output::Markdown => report::markdown(study),
    }
}

/// What the shell is told: a part of a result never meets an objective.
pub fn status<'a>(
    summaries: impl IntoIterator<Item = &'a Summary, IntoIter: Clone>,
    interrupted: bool,
    enforce: bool,
) -> Status {
    if interrupted {
        return Status::Interrupted;
    }
    let objectives = summaries.into_iter().flat_map(|summary| &summary.objectives);
    let has = |verdict| objectives.clone().any(|objective| objective.verdict == verdict);
    match enforce {
        true if has(Judgement::Missed) => Status::Missed,
        true if has(Judgement::Inconclusive) => Status::Inconclusive,
        _ => Status::Success,
    }
}

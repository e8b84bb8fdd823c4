//! `run` and `compare`.

use super::args::{Cli, Common, CompareArgs, Output, RunArgs};
use super::progress::{Bar, STOP, catch_interrupts};
use super::{Failure, Status, print, tell, width};
use crate::experiment::{self, DEFAULT_REPLICATIONS, MOST_REPLICATIONS, Options};
use crate::model::Design;
use crate::report;
use crate::scenario;
use crate::study::{Judgement, Study};
use crate::units::Seconds;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// Most architectures in one comparison: each is compared with each.
const MOST_ARCHITECTURES: usize = 64;

/// `ridethrough run`.
pub fn run(cli: &Cli, command: &RunArgs) -> Result<Status, Failure> {
    let files = std::slice::from_ref(&command.file);
    study(cli, files, &command.common, command.charts.as_deref(), "result")
}

/// `ridethrough compare`.
pub fn compare(cli: &Cli, command: &CompareArgs) -> Result<Status, Failure> {
    let charts = (!command.no_charts).then_some(command.charts.as_path());
    study(cli, &command.files, &command.common, charts, "comparison")
}

fn study(cli: &Cli, files: &[PathBuf], common: &Common, charts: Option<&Path>, stem: &str) -> Result<Status, Failure> {
    if files.len() > MOST_ARCHITECTURES {
        let count = files.len();
        return Err(Failure::Usage(format!(
            "{count} architectures, but at most {MOST_ARCHITECTURES} are compared with each other at once; \
             to vary a key use ridethrough sweep"
        )));
    }
    let designs = load(cli, files, common, &[])?;
    let targets = targets(&common.export)?;
    if let Some(folder) = charts {
        report::prepare_folder(folder)?;
    }
    let study = simulate(&designs, common)?;
    print(&render(cli, common.output, &study))?;
    for (path, format) in targets {
        report::write_atomically(path, plain(format, &study).as_bytes())?;
    }
    if let Some(folder) = charts {
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
    Ok(status(&study, common.enforce))
}

/// Loads the scenarios, and shows what is doubtful in them.
pub fn load(
    cli: &Cli,
    files: &[PathBuf],
    common: &Common,
    overrides: &[(String, String)],
) -> Result<Vec<Design>, Failure> {
    let loaded = scenario::load_with(files, overrides).map_err(Failure::Scenario)?;
    if !loaded.warnings.is_empty() && overrides.is_empty() {
        tell(&scenario::Problems::from(loaded.warnings).render(cli.colour.stderr()));
    }
    let mut designs = loaded.designs;
    if let Some(horizon) = common.horizon {
        designs.iter_mut().for_each(|design| design.horizon = Seconds(horizon));
    }
    if let Some((first, other)) = designs.first().and_then(|first| {
        Some((first, designs.iter().find(|d| (d.horizon, d.warm_up) != (first.horizon, first.warm_up))?))
    }) {
        return Err(Failure::Usage(format!(
            "{} simulates {} and {} {}: give both the same simulation.horizon, or use --horizon",
            first.name, first.horizon, other.name, other.horizon
        )));
    }
    Ok(designs)
}

/// Runs the experiment that the arguments and the scenarios ask for.
pub fn simulate(designs: &[Design], common: &Common) -> Result<Study, Failure> {
    let asked = common.replications.or_else(|| designs.iter().filter_map(|d| d.replications).max());
    let replications = asked.unwrap_or(match (common.precision, common.max_time) {
        (None, None) => DEFAULT_REPLICATIONS,
        _ => MOST_REPLICATIONS,
    });
    let options = Options {
        seed: common.seed,
        replications,
        precision: common.precision,
        max_time: common.max_time,
        ..Options::default()
    };
    catch_interrupts();
    let bar = Bar::new(replications);
    let work = || experiment::run_watched(designs, &options, &STOP, &mut |progress| bar.show(progress));
    let study = match common.threads {
        None => work(),
        Some(threads) => rayon::ThreadPoolBuilder::new()
            .num_threads(usize::from(threads))
            .build()
            .map_err(|error| Failure::Usage(format!("cannot start {threads} threads: {error}")))?
            .install(work),
    };
    bar.clear();
    study.map_err(|error| {
        let names: Vec<&str> = designs.iter().map(|d| d.name.as_str()).collect();
        Failure::Plan { name: names.join(", "), error }
    })
}

/// Files to export to, with their formats. Told apart before anything is simulated, so that a bad name costs nothing.
pub fn targets(paths: &[PathBuf]) -> Result<Vec<(&Path, Output)>, Failure> {
    let format = |path: &Path| match path.extension().and_then(|e| e.to_str()) {
        Some("json") => Ok(Output::Json),
        Some("csv") => Ok(Output::Csv),
        Some("md") => Ok(Output::Markdown),
        Some("txt") => Ok(Output::Table),
        _ => Err(Failure::Usage(format!(
            "--export {}: the format follows from the extension, one of .json, .csv, .md, .txt",
            path.display()
        ))),
    };
    let mut targets = Vec::new();
    for path in paths {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        report::prepare_folder(folder)?;
        targets.push((path.as_path(), format(path)?));
    }
    Ok(targets)
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
        Output::Json => report::json(study),
        Output::Csv => report::csv(study),
        Output::Markdown => report::markdown(study),
    }
}

fn status(study: &Study, enforce: bool) -> Status {
    if STOP.load(Ordering::Relaxed) {
        return Status::Interrupted;
    }
    let has = |verdict| study.architectures.iter().flat_map(|a| &a.objectives).any(|o| o.verdict == verdict);
    match enforce {
        true if has(Judgement::Missed) => Status::Missed,
        true if has(Judgement::Inconclusive) => Status::Inconclusive,
        _ => Status::Success,
    }
}

//! `optimize`: the frontier of cost against loss and recovery over all designs of a scenario's space.

use super::args::{Cli, OptimizeArgs, Output};
use super::export::{export, targets};
use super::kept::{Kept, Whole};
use super::priced::Priced;
use super::progress::{Bar, STOP, until};
use super::simulate::watched;
use super::typed::command_line;
use super::{Failure, Status, print, tell, width};
use crate::experiment::{self, Against, Contest, DEFAULT_REPLICATIONS, MOST_SELECTED, Options, Progress, Rarity};
use crate::model::Design;
use crate::report::{self, Choices, Optimization, Until};
use crate::scenario::{self, Problems, Space};
use crate::simulation::PlanError;
use crate::study::{Judgement, Summary};
use std::sync::atomic::Ordering;

/// `ridethrough optimize`.
pub fn optimize(cli: &Cli, command: &OptimizeArgs) -> Result<Status, Failure> {
    let common = &command.common;
    let priced = space(cli, command)?;
    let targets = targets(&common.export)?;
    let charts = command.charts.folder();
    if let Some(folder) = charts {
        report::prepare_folder(folder)?;
    }
    let options = options(command);
    let mut kept = Kept::open(&command.keeping, &Whole::of_space(&priced, &options))?;
    let found = search(cli, command, &priced, &options, &mut kept)?;
    print(&match common.output {
        Output::Table => report::optimize_terminal(&found, width(), cli.colour.stdout(), cli.ascii),
        other => plain(other, &found),
    })?;
    export(&targets, &|output| plain(output, &found), || Ok(Vec::new()))?;
    if let Some(folder) = charts.filter(|_| !found.selection.interrupted) {
        let written = report::optimize_charts(&found, folder)?;
        if common.output == Output::Table {
            tell(&format!("wrote {} charts and data files to {}", written.len(), folder.display()));
        }
    }
    kept.close(STOP.load(Ordering::Relaxed));
    Ok(status(&found))
}

/// Reads the designs that a scenario leaves open, and shows what is doubtful in them.
pub fn space(cli: &Cli, command: &OptimizeArgs) -> Result<Priced, Failure> {
    let common = &command.common;
    if common.precision.is_some() {
        let instead = "optimize spends histories where designs are close, until --replications: it has no --precision";
        return Err(Failure::Usage(instead.to_owned()));
    }
    let horizon = common.horizon.map(|seconds| ("simulation.horizon".to_owned(), format!("{seconds}s")));
    let horizon: Vec<_> = horizon.into_iter().collect();
    let mut space = scenario::space(&command.file, &horizon).map_err(Failure::Scenario)?;
    let warnings = std::mem::take(&mut space.warnings);
    if !warnings.is_empty() {
        tell(&Problems::from(warnings).render(cli.colour.stderr()));
    }
    Priced::new(space)
}

/// How designs are simulated.
pub fn options(command: &OptimizeArgs) -> Options {
    Options {
        seed: command.common.seed,
        replications: command.common.replications.unwrap_or(MOST_SELECTED),
        max_time: command.common.max_time,
        ..Options::default()
    }
}

fn status(found: &Optimization) -> Status {
    match (found.asked, found.cheapest, found.open) {
        _ if STOP.load(Ordering::Relaxed) => Status::Interrupted,
        (false, ..) | (_, Some(_), _) => Status::Success,
        (_, None, 0) => Status::Missed,
        (_, None, _) => Status::Inconclusive,
    }
}

fn search(
    cli: &Cli,
    command: &OptimizeArgs,
    priced: &Priced,
    options: &Options,
    kept: &mut Kept,
) -> Result<Optimization, Failure> {
    let (space, costs) = (&priced.space, priced.costs.as_slice());
    let design = |place: usize| priced.design(place);
    let contest = Contest { design: &design, costs, tolerance: command.tolerance, among: costs.len() };
    let bar = Bar::new(cli, "designs", Until { max_time: options.max_time, ..Until::default() });
    let mut selection =
        watched(&command.common, bar, |watch| experiment::select(&contest, options, &STOP, watch, kept))?
            .map_err(|error| refused(&priced.first.name, error))?;
    if selection.rounds.is_empty() {
        return Err(if STOP.load(Ordering::Relaxed) { Failure::Interrupted } else { Failure::OutOfRounds });
    }
    let best = std::mem::take(&mut selection.best);
    let chosen: Vec<usize> = best.iter().map(|(index, _)| *index).collect();
    // Those by which a design was chosen flatter it.
    let shown_seed = command.common.seed.wrapping_add(1);
    let fresh = if selection.interrupted { None } else { measured(cli, command, priced, &chosen, shown_seed, kept)? };
    let shown_seed = fresh.is_some().then_some(shown_seed);
    selection.interrupted |= fresh.is_none();
    let mut shown = fresh.unwrap_or(best);
    let meets = |(index, it): &&(usize, Summary)| {
        selection.met.contains(index) && it.objectives.iter().all(|objective| objective.verdict == Judgement::Met)
    };
    let cheapest = shown.iter().find(meets).map(|(index, _)| *index);
    let beaten = beaten(&shown, costs);
    selection.frontier.retain(|index| !beaten.contains(index));
    shown.retain(|(index, _)| selection.frontier.contains(index) || cheapest == Some(*index));
    let dearer = |index: &usize| cheapest.is_some_and(|cheapest| costs[*index] >= costs[cheapest]);
    let unsure = selection.open.iter().chain(&selection.met).filter(|index| !dearer(index));
    let open = unsure.filter(|index| !chosen.contains(index) || selection.open.contains(index)).count();
    let first = &priced.first;
    let asked = first.objectives.availability.is_some()
        || first.objectives.recovery_time.is_some()
        || first.objectives.data_loss.is_some();
    Ok(Optimization {
        name: first.name.clone(),
        dimensions: space.dimensions.iter().map(|it| (it.name.clone(), it.key.clone())).collect(),
        currency: first.bill.as_ref().map_or(String::new(), |bill| bill.currency.clone()),
        choices: choices(space),
        refused: space.refused.iter().map(|it| (it.why.clone(), it.count, it.choices.clone())).collect(),
        selection,
        cheapest,
        open,
        shown,
        level: options.level,
        tolerance: command.tolerance,
        asked,
        seed: command.common.seed,
        shown_seed,
    })
}

/// What each design chose.
fn choices(space: &Space) -> Choices {
    let mut choices = Choices::default();
    space.candidates.iter().for_each(|candidate| choices.push(space.choices(candidate)));
    choices
}

/// The designs that are shown, by histories of their own; none if there was no time for them.
fn measured(
    cli: &Cli,
    command: &OptimizeArgs,
    priced: &Priced,
    chosen: &[usize],
    seed: u64,
    kept: &mut Kept,
) -> Result<Option<Vec<(usize, Summary)>>, Failure> {
    let refused = |error| refused(&priced.first.name, error);
    let designs: Vec<Design> =
        chosen.iter().map(|index| priced.design(*index)).collect::<Result<_, _>>().map_err(refused)?;
    let options = Options {
        seed,
        replications: command.common.replications.unwrap_or(DEFAULT_REPLICATIONS),
        against: Against::First,
        rare: Rarity::Auto,
        ..Options::default()
    };
    let bar = Bar::new(cli, "replications", until(&options));
    // Designs of one space have no names of their own.
    let study = watched(&command.common, bar, |watch| {
        let mut plainly = |progress: Progress| watch(Progress { known: None, ..progress });
        experiment::run_kept(&designs, &options, &STOP, &mut plainly, kept)
    })?
    .map_err(refused)?;
    Ok((!study.interrupted).then(|| chosen.iter().copied().zip(study.architectures).collect()))
}

/// Designs that seemed to be on the frontier, and are not by the histories that say how good they are.
fn beaten(shown: &[(usize, Summary)], costs: &[f64]) -> Vec<usize> {
    let worse = |(index, it): &(usize, Summary)| {
        shown.iter().any(|(other, rival)| {
            let lost = rival.lost_seconds_per_year.estimate - it.lost_seconds_per_year.estimate;
            let longest = rival.longest_incident.estimate - it.longest_incident.estimate;
            costs[*other] <= costs[*index] && lost <= 0.0 && longest <= 0.0 && (lost < 0.0 || longest < 0.0)
        })
    };
    shown.iter().filter(|it| worse(it)).map(|(index, _)| *index).collect()
}

/// What is said of designs that cannot be compiled.
pub fn refused(name: &str, error: PlanError) -> Failure {
    Failure::Plan { name: name.to_owned(), error }
}

fn plain(output: Output, found: &Optimization) -> String {
    match output {
        Output::Table => report::optimize_terminal(found, 100, false, false),
        Output::Json => report::optimize_json(found, Some(&command_line())),
        Output::Csv => report::optimize_csv(found),
        Output::Markdown => report::optimize_markdown(found),
    }
}

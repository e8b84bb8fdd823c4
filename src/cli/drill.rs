//! `drill`: what follows from a failure.

use super::args::{Cli, DrillArgs, Output};
use super::export::{export, targets};
use super::typed::command_line;
use super::{Failure, Status, print, tell, width};
use crate::experiment::{self, Asked, DRILL_AT, DrillError, Options};
use crate::report;
use crate::scenario::{self, Problems, nearest};
use crate::study::Drills;
use crate::units::Seconds;

/// `ridethrough drill`.
pub fn drill(cli: &Cli, command: &DrillArgs) -> Result<Status, Failure> {
    let loaded = scenario::load(std::slice::from_ref(&command.file)).map_err(Failure::Scenario)?;
    if !loaded.warnings.is_empty() {
        tell(&Problems::from(loaded.warnings).render(cli.colour.stderr()));
    }
    let targets = targets(&command.export)?;
    let options = Options { seed: command.seed, replications: command.replications, ..Options::default() };
    let design = &loaded.designs[0];
    let asked = asked(command)?;
    let found = if asked.is_empty() {
        experiment::resilience(design, &options)
    } else {
        experiment::drill(design, &asked, &options)
    };
    let found = found.map_err(|error| refused(&design.name, error))?;
    print(&match command.output {
        Output::Table => report::drill_terminal(&found, width(), cli.colour.stdout(), cli.ascii),
        other => plain(other, &found),
    })?;
    export(&targets, &|output| plain(output, &found), || Ok(Vec::new()))?;
    Ok(Status::Success)
}

/// The failures that were asked for; the last time that was given holds for all that follow.
fn asked(command: &DrillArgs) -> Result<Vec<Asked>, Failure> {
    let (fails, at, lasting) = (&command.fail, &command.at, &command.lasting);
    if at.len() > fails.len() || lasting.len() > fails.len() {
        return Err(Failure::Usage(
            "more --at or --for than --fail: the first --at and --for belong to the first --fail, and so on".to_owned(),
        ));
    }
    let nth = |times: &[f64], n: usize| times.get(n).or(times.last()).copied().map(Seconds);
    Ok((fails.iter().enumerate())
        .map(|(n, place)| Asked { place: place.clone(), at: nth(at, n).unwrap_or(DRILL_AT), lasting: nth(lasting, n) })
        .collect())
}

fn refused(name: &str, error: DrillError) -> Failure {
    match error {
        DrillError::Plan(error) => Failure::Plan { name: name.to_owned(), error },
        DrillError::Unknown { asked, all } => {
            let meant = nearest(&asked, all.iter().map(String::as_str));
            let meant = meant.map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
            Failure::Usage(format!(
                "--fail {asked}: nothing in {name} is called so{meant}\nwhat can fail: {}",
                all.join(", ")
            ))
        }
        error => Failure::Usage(format!("--fail: {error}")),
    }
}

fn plain(output: Output, found: &Drills) -> String {
    match output {
        Output::Table => report::drill_terminal(found, 100, false, false),
        Output::Json => report::drill_json(found, Some(&command_line())),
        Output::Csv => report::drill_csv(found),
        Output::Markdown => report::drill_markdown(found),
    }
}

//! `explain`: the story of one incident.

use super::args::{Cli, ExplainArgs, StoryOutput};
use super::simulate::options_of;
use super::{Failure, Status, print, tell, width};
use crate::experiment::{self, ExplainError, Which};
use crate::report;
use crate::scenario::{self, Problems};

/// `ridethrough explain`.
pub fn explain(cli: &Cli, command: &ExplainArgs) -> Result<Status, Failure> {
    let loaded = scenario::load_with(std::slice::from_ref(&command.file), &[]).map_err(Failure::Scenario)?;
    if !loaded.warnings.is_empty() {
        tell(&Problems::from(loaded.warnings).render(cli.colour.stderr()));
    }
    if let Some(folder) = &command.charts {
        report::prepare_folder(folder)?;
    }
    let design = &loaded.designs[0];
    let which = match (command.replication, command.median) {
        (Some(replication), _) => Which::Exactly { replication, incident: command.incident },
        (None, true) => Which::Median,
        (None, false) => Which::Worst,
    };
    let options = options_of(design, command.seed, command.replications);
    let it = experiment::explain(design, which, &options).map_err(|error| match error {
        ExplainError::Plan(error) => Failure::Plan { name: design.name.clone(), error },
        error => Failure::Usage(format!("{}: {error}", design.name)),
    })?;
    print(&match command.output {
        StoryOutput::Table => report::explain_terminal(&it, width(), cli.colour.stdout(), cli.ascii),
        StoryOutput::Json => report::explain_json(&it),
        StoryOutput::Markdown => report::explain_markdown(&it),
    })?;
    if let Some(folder) = &command.charts {
        report::explain_charts(&it, folder)?;
    }
    Ok(Status::Success)
}

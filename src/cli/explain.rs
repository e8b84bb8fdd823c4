//! `explain`: the story of one incident.

use super::args::{Cli, ExplainArgs, Output, StoryOutput};
use super::export::{Format, export, targets};
use super::simulate::options_of;
use super::typed::command_line;
use super::{Failure, Status, print, tell, width};
use crate::experiment::{self, ExplainError, Which};
use crate::report;
use crate::scenario::{self, Problems};
use crate::study::Explanation;

/// `ridethrough explain`.
pub fn explain(cli: &Cli, command: &ExplainArgs) -> Result<Status, Failure> {
    let loaded = scenario::load_with(std::slice::from_ref(&command.file), &[]).map_err(Failure::Scenario)?;
    if !loaded.warnings.is_empty() {
        tell(&Problems::from(loaded.warnings).render(cli.colour.stderr()));
    }
    let targets = targets(&command.export)?;
    if let Some((path, _)) = targets.iter().find(|(_, format)| *format == Format::Text(Output::Csv)) {
        return Err(Failure::Usage(format!("--export {}: a story is no table: it has no CSV", path.display())));
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
        StoryOutput::Json => plain(Output::Json, &it),
        StoryOutput::Markdown => plain(Output::Markdown, &it),
    })?;
    export(&targets, &|output| plain(output, &it), || Ok(Vec::new()))?;
    if let Some(folder) = &command.charts {
        report::explain_charts(&it, folder)?;
    }
    Ok(Status::Success)
}

fn plain(output: Output, it: &Explanation) -> String {
    match output {
        Output::Json => report::explain_json(it, Some(&command_line())),
        Output::Markdown => report::explain_markdown(it),
        Output::Table | Output::Csv => report::explain_terminal(it, 100, false, false),
    }
}

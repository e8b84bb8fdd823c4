//! `importance`: what each cause, and each stage of recovery, would give back.

use super::args::{Cli, ImportanceArgs, Output};
use super::export::{export, targets};
use super::progress::{Bar, STOP, until};
use super::simulate::{finished, load, options, status, watched};
use super::typed::command_line;
use super::{Failure, Status, print, width};
use crate::experiment::{self, DEFAULT_REPLICATIONS, Importance};
use crate::report;

/// `ridethrough importance`.
pub fn importance(cli: &Cli, command: &ImportanceArgs) -> Result<Status, Failure> {
    let common = &command.common;
    let designs = load(cli, std::slice::from_ref(&command.file), common, &[], &mut Vec::new())?;
    let targets = targets(&common.export)?;
    let options = options(&designs, common, DEFAULT_REPLICATIONS);
    let bar = Bar::new(cli, "replications", until(&options));
    let mut savings = Vec::new();
    let study = watched(common, bar, |watch| {
        experiment::importance(&designs[0], &options, &STOP, watch).map(|found| {
            savings = found.savings;
            found.study
        })
    })?;
    let found = Importance { study: finished(&designs, study)?, savings };
    print(&match common.output {
        Output::Table => report::importance_terminal(&found, width(), cli.colour.stdout(), cli.ascii),
        other => plain(other, &found),
    })?;
    export(&targets, &|output| plain(output, &found), || Ok(Vec::new()))?;
    Ok(status(&found.study.architectures, found.study.interrupted, common.enforce))
}

fn plain(output: Output, found: &Importance) -> String {
    match output {
        Output::Table => report::importance_terminal(found, 100, false, false),
        Output::Json => report::importance_json(found, Some(&command_line())),
        Output::Csv => report::importance_csv(found),
        Output::Markdown => report::importance_markdown(found),
    }
}

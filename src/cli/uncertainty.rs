//! `uncertainty`: what is random apart from what is not known, and which unknown matters most.

use super::args::{Cli, Output, UncertaintyArgs};
use super::export::{export, targets};
use super::progress::{Bar, STOP};
use super::simulate::{load_whole, options, read, refused, watched};
use super::typed::command_line;
use super::{Failure, Status, print, tell, width};
use crate::experiment::{self, Drawn, Uncertainty};
use crate::report::{self, Until};
use crate::scenario::{Loaded, Unknown, catalog};
use std::collections::BTreeMap;

/// Histories under each draw unless the scenario or the user asks otherwise.
const HISTORIES: u64 = 500;

/// Something that is not known, and the keys of the scenario that have its value.
struct Input {
    unknown: Unknown,
    keys: Vec<String>,
}

/// `ridethrough uncertainty`.
pub fn uncertainty(cli: &Cli, command: &UncertaintyArgs) -> Result<Status, Failure> {
    let common = &command.common;
    if common.precision.is_some() || common.max_time.is_some() || common.enforce {
        let message =
            "an uncertainty analysis takes no --precision, --max-time and --enforce: give --draws and --replications";
        return Err(Failure::Usage(message.to_string()));
    }
    let files = std::slice::from_ref(&command.file);
    let loaded = load_whole(cli, files, common, &[], &mut Vec::new())?;
    let inputs = inputs(&loaded, command.catalog);
    if inputs.is_empty() {
        return Err(Failure::Usage(nothing_unknown(command)));
    }
    let targets = targets(&common.export)?;
    if let Some(folder) = &command.charts {
        report::prepare_folder(folder)?;
    }
    let keys: Vec<String> = inputs.iter().map(|input| input.unknown.key.clone()).collect();
    let options = options(&loaded.designs, common, HISTORIES);
    let at = |quantiles: &[f64]| {
        let values: Vec<String> = inputs.iter().zip(quantiles).map(|(input, u)| input.unknown.value(*u)).collect();
        let changes: Vec<(String, String)> = (inputs.iter().zip(&values))
            .flat_map(|(input, value)| input.keys.iter().map(|key| (key.clone(), value.clone())))
            .collect();
        let design = read(files, common, &changes)?.designs.remove(0);
        Ok(Drawn { design, values })
    };
    let bar = Bar::new(cli, "experiments", Until { counted: true, ..Until::default() });
    let found = watched(common, bar, |watch| {
        let refused = |error| refused(&loaded.designs, error);
        experiment::uncertainty(&keys, command.draws, &options, &at, &refused, &STOP, watch)
    })??;
    if found.draws < 2 {
        return Err(Failure::Interrupted);
    }
    print(&match common.output {
        Output::Table => report::uncertainty_terminal(&found, width(), cli.colour.stdout(), cli.ascii),
        other => plain(other, &found),
    })?;
    export(&targets, &|output| plain(output, &found), || Ok(Vec::new()))?;
    // A picture cannot say that it is only a part.
    if let Some(folder) = command.charts.as_ref().filter(|_| !found.interrupted) {
        let written = report::uncertainty_charts(&found, folder)?;
        if common.output == Output::Table {
            tell(&format!("wrote {} charts and data files to {}", written.len(), folder.display()));
        }
    }
    Ok(if found.interrupted { Status::Interrupted } else { Status::Success })
}

/// What the scenario says is unknown and, with the catalog, what it takes from there; an entry has one value wherever it is used.
fn inputs(loaded: &Loaded, with_catalog: bool) -> Vec<Input> {
    let stated = loaded.unknowns.iter().flatten();
    let mut inputs: Vec<Input> =
        stated.map(|unknown| Input { keys: vec![unknown.key.clone()], unknown: unknown.clone() }).collect();
    if with_catalog {
        let mut used: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for assumption in loaded.designs.iter().flat_map(|design| &design.assumptions) {
            if !inputs.iter().any(|input| input.keys.contains(&assumption.key)) {
                used.entry(&assumption.catalog).or_default().push(assumption.key.clone());
            }
        }
        let entries = used.into_iter().filter_map(|(name, keys)| {
            let unknown = catalog().get(name).and_then(Unknown::of_entry)?;
            Some(Input { unknown, keys })
        });
        inputs.extend(entries);
    }
    inputs
}

fn nothing_unknown(command: &UncertaintyArgs) -> String {
    let file = command.file.display();
    if command.catalog {
        return format!(
            "nothing in {file} is unknown: it has no [[unknown]], and takes nothing from the catalog that has a range"
        );
    }
    format!(
        "nothing in {file} is unknown; say what is known about a key, or add --catalog to vary the catalog's values in their ranges:\n\n  \
         [[unknown]]\n  key = \"failure.zone.mttf\"\n  between = [\"100d\", \"5y\"]        # or events = 3 and exposure = \"12y\""
    )
}

fn plain(output: Output, found: &Uncertainty) -> String {
    match output {
        Output::Table => report::uncertainty_terminal(found, 100, false, false),
        Output::Json => report::uncertainty_json(found, Some(&command_line())),
        Output::Csv => report::uncertainty_csv(found),
        Output::Markdown => report::uncertainty_markdown(found),
    }
}

//! `chart`: pictures of saved results, and of the architecture in a scenario.

use super::args::{ChartArgs, Cli};
use super::typed::word;
use super::{Failure, Status, print, tell};
use crate::experiment::{self, Options};
use crate::model::Design;
use crate::report;
use crate::scenario::{self, Problems};
use std::path::{Path, PathBuf};

/// `ridethrough chart`.
pub fn chart(cli: &Cli, command: &ChartArgs) -> Result<Status, Failure> {
    let (scenarios, saved): (Vec<&PathBuf>, Vec<&PathBuf>) =
        command.files.iter().partition(|path| path.extension().is_some_and(|extension| extension == "toml"));
    let mut results = super::page::read(&saved)?;
    let mut documents = Vec::new();
    for path in scenarios {
        let (name, text) = architecture_of(cli, path)?;
        results.push((path.display().to_string(), text.clone()));
        documents.push((name, text));
    }
    let mut written = report::draw(&results, &command.only, &command.out)?;
    let one = documents.len() == 1;
    for (name, text) in documents {
        let stem = if one { "architecture".to_owned() } else { format!("architecture-{}", report::file_name(&name)) };
        let path = command.out.join(format!("{stem}.json"));
        report::write_atomically(&path, text.as_bytes())?;
        written.push(path);
    }
    print(&format!("wrote {} charts and data files to {}\n", written.len(), command.out.display()))
}

/// The name of the architecture in a scenario, and its document.
fn architecture_of(cli: &Cli, path: &PathBuf) -> Result<(String, String), Failure> {
    let loaded = scenario::load(std::slice::from_ref(path)).map_err(Failure::Scenario)?;
    if !loaded.warnings.is_empty() {
        tell(&Problems::from(loaded.warnings).render(cli.colour.stderr()));
    }
    let design = &loaded.designs[0];
    Ok((design.name.clone(), architecture(design, path)?))
}

/// The document of the architecture in a scenario, with its single points of failure.
pub fn architecture(design: &Design, file: &Path) -> Result<String, Failure> {
    let command = format!("ridethrough chart {}", word(&file.to_string_lossy()));
    let singles = experiment::single_points(design, &Options::default())
        .map_err(|error| Failure::Usage(format!("{}: {error}", design.name)))?;
    Ok(report::architecture_json(design.blueprint(), &singles, Some(&command)))
}

//! `report`: a page of saved results.

use super::args::ReportArgs;
use super::export::page;
use super::{Failure, Status, print};
use crate::report;
use std::path::{Path, PathBuf};

/// `ridethrough report`.
pub fn report(command: &ReportArgs) -> Result<Status, Failure> {
    let results = read(&command.results.iter().collect::<Vec<_>>())?;
    let text = page(&results)?;
    if command.output == Path::new("-") {
        return print(&text);
    }
    report::write_atomically(&command.output, text.as_bytes())?;
    print(&format!("wrote {}; open it in a browser\n", command.output.display()))
}

/// The results in these files, each with the name by which an error calls it; all that is wrong with them is said at once.
pub fn read(paths: &[&PathBuf]) -> Result<Vec<(String, String)>, Failure> {
    let mut results = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => match report::is_result(&name, &text) {
                Ok(()) => results.push((name, text)),
                Err(error) => problems.push(error.to_string()),
            },
            Err(error) => problems.push(format!("{name}: cannot be read: {error}")),
        }
    }
    if problems.is_empty() { Ok(results) } else { Err(Failure::Usage(problems.join("\n"))) }
}

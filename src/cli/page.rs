//! `report`: a page of saved results.

use super::args::ReportArgs;
use super::export::page;
use super::{Failure, Status, print};
use crate::report;
use std::path::Path;

/// `ridethrough report`.
pub fn report(command: &ReportArgs) -> Result<Status, Failure> {
    let mut results = Vec::new();
    let mut problems = Vec::new();
    for path in &command.results {
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => match page(&[(name.clone(), text.clone())]) {
                Ok(_) => results.push((name, text)),
                Err(failure) => problems.push(failure.to_string()),
            },
            Err(error) => problems.push(format!("{name}: cannot be read: {error}")),
        }
    }
    if !problems.is_empty() {
        return Err(Failure::Usage(problems.join("\n")));
    }
    let text = page(&results)?;
    if command.output == Path::new("-") {
        return print(&text);
    }
    report::write_atomically(&command.output, text.as_bytes())?;
    print(&format!("wrote {}; open it in a browser\n", command.output.display()))
}

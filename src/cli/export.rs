//! Files that a result is exported to.

use super::Failure;
use super::args::Output;
use crate::report;
use std::path::{Path, PathBuf};

/// What a file is to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format<T = Output> {
    /// What could be printed.
    Text(T),
    /// A page for a browser.
    Page,
}

/// Files to export to, with their formats.
pub fn formats(paths: &[PathBuf]) -> Result<Vec<(&Path, Format)>, Failure> {
    let format = |path: &Path| match path.extension().and_then(|e| e.to_str()) {
        Some("html" | "htm") => Ok(Format::Page),
        Some("json") => Ok(Format::Text(Output::Json)),
        Some("csv") => Ok(Format::Text(Output::Csv)),
        Some("md") => Ok(Format::Text(Output::Markdown)),
        Some("txt") => Ok(Format::Text(Output::Table)),
        _ => Err(Failure::Usage(format!(
            "--export {}: the format follows from the extension, one of .html, .json, .csv, .md, .txt",
            path.display()
        ))),
    };
    paths.iter().map(|path| Ok((path.as_path(), format(path)?))).collect()
}

/// The same with folders that can be written to. Done before anything is simulated, so that a bad name costs nothing.
pub fn targets(paths: &[PathBuf]) -> Result<Vec<(&Path, Format)>, Failure> {
    let targets = formats(paths)?;
    targets.iter().try_for_each(|(path, _)| prepare(path))?;
    Ok(targets)
}

/// Makes sure that there is a folder to write the file into.
pub fn prepare(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(report::prepare_folder(folder)?)
}

/// Writes a result to its files: a page from its JSON, and from the documents `beside` it, which are made only if there is a page.
pub fn export(
    targets: &[(&Path, Format)],
    plain: &dyn Fn(Output) -> String,
    beside: impl Fn() -> Result<Vec<String>, Failure>,
) -> Result<(), Failure> {
    for (path, format) in targets {
        let text = match format {
            Format::Text(output) => plain(*output),
            Format::Page => page_of(plain(Output::Json), beside()?)?,
        };
        report::write_atomically(path, text.as_bytes())?;
    }
    Ok(())
}

/// The page of a result, with the documents `beside` it.
pub fn page_of(result: String, beside: Vec<String>) -> Result<String, Failure> {
    let documents = [result].into_iter().chain(beside);
    page(&documents.map(|text| ("the result".to_owned(), text)).collect::<Vec<_>>())
}

/// The page of result documents, each with its name.
pub fn page(results: &[(String, String)]) -> Result<String, Failure> {
    report::page(results).map_err(|error| Failure::Usage(error.to_string()))
}

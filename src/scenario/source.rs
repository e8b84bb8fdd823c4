//! The files that were read, and places in them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Largest scenario file that is read [bytes].
pub const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// One text: a file, a table given as text, or a value from the command line.
#[derive(Debug)]
pub struct Source {
    /// Name shown in problems.
    pub name: String,
    /// What relative paths in it start from.
    pub directory: PathBuf,
    /// The text itself.
    pub text: String,
}

impl Source {
    /// Line and column of a byte offset, both from 1; columns count characters.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let offset = floor_boundary(&self.text, offset);
        let before = &self.text[..offset];
        let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (line, before[start..].chars().count() + 1)
    }
}

/// The nearest character boundary at or below `offset`.
pub fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// A stretch of one of the [`Sources`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Index of the text.
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The stretch `range` of the text `file`.
    pub fn new(file: usize, range: std::ops::Range<usize>) -> Span {
        // Texts are at most a few MiB, far below 4 GiB.
        Span { file: file as u32, start: range.start as u32, end: range.end as u32 }
    }
}

/// All texts of one load.
#[derive(Debug, Default, Clone)]
pub struct Sources {
    list: Vec<Arc<Source>>,
    read: Vec<(PathBuf, usize)>,
    /// Files of observations, in which problems have no place; those of all copies together.
    observed: Arc<Mutex<BTreeMap<PathBuf, Arc<str>>>>,
}

/// A file that says something about a scenario.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileOfScenario {
    /// Its path, as it was read: relative to the current directory if the first file was named so.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
}

/// Why a file could not be read, with the way out.
pub struct Unreadable {
    /// Stable code of the problem.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Sources {
    /// Adds a text and returns its index.
    pub fn add(&mut self, name: &str, directory: &Path, text: String) -> usize {
        self.list.push(Arc::new(Source { name: name.to_owned(), directory: directory.to_owned(), text }));
        self.list.len() - 1
    }

    /// Reads a file, once however often it is asked for.
    pub fn read(&mut self, path: &Path) -> Result<usize, Unreadable> {
        let key = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if let Some((_, file)) = self.read.iter().find(|(known, _)| *known == key) {
            return Ok(*file);
        }
        let text = read_text(path)?;
        let directory = path.parent().unwrap_or(Path::new("")).to_owned();
        let file = self.add(&path.display().to_string(), &directory, text);
        self.read.push((key, file));
        Ok(file)
    }

    /// Reads a file of observations, once however often it is asked for.
    pub fn observations(&self, path: &Path) -> Result<Arc<str>, Unreadable> {
        // The map is never left half changed.
        let mut observed = self.observed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = observed.get(path) {
            return Ok(text.clone());
        }
        let text: Arc<str> = read_text(path)?.into();
        observed.insert(path.to_owned(), text.clone());
        Ok(text)
    }

    /// All files that were read, by path.
    pub fn files(&self) -> Vec<FileOfScenario> {
        let read = self.read.iter().filter_map(|(_, file)| self.list.get(*file));
        let read = read.map(|it| FileOfScenario { path: it.name.clone().into(), text: it.text.clone() });
        let observed = self.observed.lock().unwrap_or_else(PoisonError::into_inner);
        let observed =
            observed.iter().map(|(path, text)| FileOfScenario { path: path.clone(), text: text.to_string() });
        let mut files: Vec<FileOfScenario> = read.chain(observed).collect();
        files.sort();
        files.dedup();
        files
    }

    /// The text with this index; an unknown index gives none.
    pub fn get(&self, file: u32) -> Option<&Arc<Source>> {
        self.list.get(file as usize)
    }

    /// The stretch of text a span covers.
    pub fn text(&self, span: Span) -> &str {
        let Some(source) = self.get(span.file) else {
            return "";
        };
        let start = floor_boundary(&source.text, span.start as usize);
        let end = floor_boundary(&source.text, span.end as usize);
        source.text.get(start..end).unwrap_or("")
    }
}

/// Reads a regular UTF-8 file of bounded size.
///
/// Pipes and devices are refused: one without a writer would hang, one without an end would never stop.
pub fn read_text(path: &Path) -> Result<String, Unreadable> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| Unreadable {
        code: "unreadable-file",
        message: format!("cannot read `{shown}`: {}", plain(&error)),
        help: match error.kind() {
            std::io::ErrorKind::NotFound => {
                "check the spelling and the directory; `ridethrough init FILE` writes an example to start from"
                    .to_owned()
            }
            std::io::ErrorKind::PermissionDenied => "allow this user to read the file".to_owned(),
            _ => "give the path of a readable file".to_owned(),
        },
    };
    let about = std::fs::metadata(path).map_err(unreadable)?;
    if about.is_dir() {
        return Err(Unreadable {
            code: "unreadable-file",
            message: format!("`{shown}` is a directory"),
            help: format!("name the scenario files in it, e.g. `{}/*.toml`", shown.to_string().trim_end_matches('/')),
        });
    }
    if !about.is_file() {
        return Err(Unreadable {
            code: "unreadable-file",
            message: format!("`{shown}` is not a regular file"),
            help: "write the text to a file first".to_owned(),
        });
    }
    let too_large = || Unreadable {
        code: "file-too-large",
        message: format!("`{shown}` is larger than 4 MiB"),
        help: "a scenario is a few kilobytes; is this the right file?".to_owned(),
    };
    if about.len() > LARGEST_FILE {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    // The file may grow between the look at its size and the read.
    File::open(path).map_err(unreadable)?.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(too_large());
    }
    String::from_utf8(bytes).map_err(|error| Unreadable {
        code: "not-text",
        message: format!("`{shown}` is not UTF-8 text (byte {} does not fit)", error.utf8_error().valid_up_to() + 1),
        help: "save it as UTF-8; if it is an archive or an image, it is the wrong file".to_owned(),
    })
}

/// An I/O error in words, without the operating system's error number.
fn plain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_not_bytes() {
        let source = Source { name: String::new(), directory: PathBuf::new(), text: "ä\nüx = 1".to_owned() };
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position(5), (2, 2));
        assert_eq!(source.position(999), (2, 7));
        assert_eq!(source.position(1), (1, 1), "the middle of a character is its start");
    }
}

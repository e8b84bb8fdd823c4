//! What is fuzzed: a function for each kind of input, which holds what comes out against what must be so.

mod designs;
mod results;
mod scenarios;
pub mod sums;
mod typed;

/// A kind of input.
pub struct Target {
    /// Its name; found cases are kept in a folder of this name.
    pub name: &'static str,
    /// Digests an input, and says whether it was taken for good; a panic is a finding.
    pub digest: fn(&[u8]) -> bool,
    /// Its share of the executions of a campaign, in thousandths.
    pub share: u64,
}

const fn target(name: &'static str, digest: fn(&[u8]) -> bool, share: u64) -> Target {
    Target { name, digest, share }
}

/// All of them. Those that take longest have the smallest shares.
pub const TARGETS: [Target; 15] = [
    target("scenario", scenarios::scenario, 310),
    target("files", scenarios::files, 60),
    target("settings", scenarios::files, 60),
    target("space", scenarios::designs, 5),
    target("design", designs::design, 80),
    target("result", results::result, 20),
    target("chart", results::chart, 1),
    target("sums", sums::sums, 60),
    target("merge", sums::merge, 14),
    target("openslo", typed::openslo, 110),
    target("value", typed::value, 130),
    target("condition", typed::condition, 60),
    target("range", typed::range, 40),
    target("part", typed::part, 20),
    target("arguments", typed::arguments, 30),
];

/// Between the files of an input that are no text of their own.
pub const BETWEEN: &[u8] = b"\n=== next file ===\n";

/// The files of an input.
fn parts(mut input: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while let Some(at) = input.windows(BETWEEN.len()).position(|window| window == BETWEEN) {
        parts.push(&input[..at]);
        input = &input[at + BETWEEN.len()..];
    }
    parts.push(input);
    parts
}

/// An input as text; what is no text is replaced, so that it counts.
fn text(input: &[u8]) -> String {
    String::from_utf8_lossy(input).into_owned()
}

/// Whether a number that is none is shown; a name of the input may look like one.
fn shows_nan(shown: &str, input: &[u8]) -> bool {
    shown.contains("NaN") && !text(input).contains("NaN")
}

/// A folder that nobody else uses, which goes away in the end.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

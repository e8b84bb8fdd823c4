//! The README shows what the program prints, and names every scenario that is shipped.
//!
//! A block of output stands below a comment `<!-- prints: ARGUMENTS | paragraphs A-B -->`, which says what was run and which
//! paragraphs of its output are shown. `UPDATE_GOLDEN=1 cargo test` rewrites the blocks.

use super::printed::{hold, printed};
use std::path::Path;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
/// Columns of the terminal that the README shows.
const COLUMNS: u16 = 80;

/// The paragraphs `from` to `to`, counted from 1, of a text.
fn paragraphs(text: &str, from: usize, to: usize) -> String {
    let all: Vec<&str> = text.trim_end().split("\n\n").collect();
    assert!(from >= 1 && from <= to && to <= all.len(), "paragraphs {from} to {to} of {}", all.len());
    all[from - 1..to].join("\n\n")
}

/// What a command prints; charts are for others to test.
fn run(arguments: &str) -> String {
    let mut arguments: Vec<&str> = arguments.split(' ').collect();
    if ["compare", "sweep"].contains(&arguments[0]) {
        arguments.push("--no-charts");
    }
    printed(&arguments, COLUMNS)
}

#[test]
fn readme_golden() {
    let readme = std::fs::read_to_string(README).expect("the README");
    let mut pieces = readme.split("<!-- prints: ");
    let mut current = pieces.next().unwrap_or_default().to_owned();
    let (mut blocks, mut last) = (0, (String::new(), String::new()));
    for piece in pieces {
        let (comment, rest) = piece.split_once(" -->\n").expect("the comment ends");
        assert!(rest.starts_with("```text\n"), "a block follows {comment}");
        let (_, after) = rest.split_once("\n```\n").expect("the block ends");
        let (arguments, which) = comment.split_once(" | paragraphs ").expect("the paragraphs that are shown");
        if last.0 != arguments {
            last = (arguments.to_owned(), run(arguments));
        }
        let (from, to) = which.split_once('-').unwrap_or((which, which));
        let number = |text: &str| text.trim().parse().expect("a number");
        let shown = paragraphs(&last.1, number(from), number(to));
        current += &format!("<!-- prints: {comment} -->\n```text\n{shown}\n```\n{after}");
        blocks += 1;
    }
    assert!(blocks >= 3, "the README shows {blocks} outputs");
    hold(Path::new(README), &current);
}

#[test]
fn readme_names_every_shipped_scenario() {
    let readme = std::fs::read_to_string(README).expect("the README");
    let folder = Path::new(README).with_file_name("scenarios");
    for entry in std::fs::read_dir(folder).expect("scenarios") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let is_scenario = name.ends_with(".toml");
        assert!(!is_scenario || readme.contains(&format!("scenarios/{name}")), "README.md does not name {name}");
    }
}

/// Every command line of the README is one that the program understands.
#[test]
fn readme_commands_exist() {
    let readme = std::fs::read_to_string(README).expect("the README");
    let shells = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut seen = 0;
    for command in shells.flat_map(str::lines).filter_map(|line| line.strip_prefix("ridethrough ")) {
        let name = command.split_whitespace().next().unwrap_or_default();
        super::ridethrough().args([name, "--help"]).assert().success();
        seen += 1;
    }
    assert!(seen >= 7, "the README shows {seen} commands");
}

/// The picture of the README is the one that its first command draws: held by its numbers, which stand beside it.
#[test]
fn readme_picture_golden() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = super::ridethrough();
    command.arg("compare").args(super::SHIPPED[..3].iter().map(|name| super::scenario(name)));
    command.arg("--charts").arg(folder.path()).assert().success();
    let example = Path::new(README).with_file_name("output").join("example");
    let numbers = std::fs::read_to_string(folder.path().join("lost-time-by-cause.csv")).expect("the numbers");
    let picture = example.join("lost-time-by-cause.png");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::copy(folder.path().join("lost-time-by-cause.png"), &picture).expect("the picture can be replaced");
    }
    hold(&example.join("lost-time-by-cause.csv"), &numbers);
    let readme = std::fs::read_to_string(README).expect("the README");
    assert!(readme.contains("output/example/lost-time-by-cause.png") && picture.exists());
}

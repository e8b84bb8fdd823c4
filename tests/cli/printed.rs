//! What the program prints for the shipped scenarios, kept in `golden/`. `UPDATE_GOLDEN=1 cargo test` rewrites it.

use super::{SHIPPED, scenario};
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/golden");

/// Holds a text to the file of that name.
#[track_caller]
pub fn hold(path: &Path, text: &str) {
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    if kept != text && std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, text).expect("the file can be written");
        return;
    }
    assert!(kept == text, "{} differs (UPDATE_GOLDEN=1 accepts it):\n{text}", path.display());
}

/// What a command prints on a terminal of so many columns, with a version that does not age.
pub fn printed(arguments: &[&str], columns: u16) -> String {
    let mut command = super::ridethrough();
    command.env("COLUMNS", columns.to_string()).current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments);
    let assert = command.assert().success();
    String::from_utf8(assert.get_output().stdout.clone()).expect("text")
}

fn hold_printed(name: &str, arguments: &[&str], columns: u16) {
    let text = printed(arguments, columns);
    let version = env!("CARGO_PKG_VERSION");
    let text = text.replace(&format!("ridethrough {version}"), "ridethrough VERSION");
    let text = text.replace(&format!("\"version\": \"{version}\""), "\"version\": \"VERSION\"");
    for line in text.lines().filter(|_| name.ends_with(".txt")) {
        assert!(
            line.chars().count() <= usize::from(columns),
            "{name} has a line of more than {columns} columns: {line}"
        );
    }
    hold(&Path::new(FOLDER).join(name), &text);
}

fn compare<'a>(files: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    ["compare"].into_iter().chain(files.iter().map(String::as_str)).chain(more.iter().copied()).collect()
}

#[test]
fn comparison_golden() {
    let files: Vec<String> = SHIPPED[..3].iter().map(|name| format!("scenarios/{name}")).collect();
    let base = ["-n", "100", "--no-charts", "--output"];
    for (name, output, columns) in [
        ("compare-80.txt", "table", 80),
        ("compare-120.txt", "table", 120),
        ("compare.csv", "csv", 80),
        ("compare.md", "markdown", 80),
        ("compare.json", "json", 80),
    ] {
        hold_printed(name, &compare(&files, &[&base[..], &[output]].concat()), columns);
    }
}

#[test]
fn sweep_golden() {
    let base = ["sweep", "scenarios/multi-region.toml", "--set", "dns.ttl=5s,5m,1h", "-n", "100", "--no-charts"];
    for (name, output, columns) in [
        ("sweep-80.txt", "table", 80),
        ("sweep-120.txt", "table", 120),
        ("sweep.csv", "csv", 80),
        ("sweep.md", "markdown", 80),
    ] {
        hold_printed(name, &[&base[..], &["--output", output]].concat(), columns);
    }
}

#[test]
fn importance_golden() {
    let base = ["importance", "scenarios/single-az.toml", "-n", "100", "--output"];
    for (name, output, columns) in
        [("importance-80.txt", "table", 80), ("importance.csv", "csv", 80), ("importance.md", "markdown", 80)]
    {
        hold_printed(name, &[&base[..], &[output]].concat(), columns);
    }
}

#[test]
fn drill_golden() {
    let one =
        ["drill", "scenarios/multi-region.toml", "--fail", "region:us-east-1", "--for", "3h", "-n", "100", "--output"];
    for (name, output) in [("drill-80.txt", "table"), ("drill.csv", "csv"), ("drill.md", "markdown")] {
        hold_printed(name, &[&one[..], &[output]].concat(), 80);
    }
    let all = ["drill", "scenarios/single-az.toml", "-n", "100", "--output"];
    for (name, output) in [("resilience-80.txt", "table"), ("resilience.md", "markdown")] {
        hold_printed(name, &[&all[..], &[output]].concat(), 80);
    }
}

/// Time to spare, so that the clock decides nothing.
#[test]
fn gate_golden() {
    let limits = ["--fail-if", "availability<99.9%", "--fail-if", "recovery_time.p95>5m", "--max-time", "1h"];
    let base = [&["gate", "scenarios/multi-az.toml"], &limits[..], &["--output"]].concat();
    for (name, output) in
        [("gate-80.txt", "table"), ("gate.md", "markdown"), ("gate.xml", "junit"), ("gate.github", "github")]
    {
        hold_printed(name, &[&base[..], &[output]].concat(), 80);
    }
}

#[test]
fn explain_golden() {
    let base = ["explain", "scenarios/multi-region.toml", "-n", "100", "--output"];
    for (name, output) in [("explain-80.txt", "table"), ("explain.md", "markdown"), ("explain.json", "json")] {
        hold_printed(name, &[&base[..], &[output]].concat(), 80);
    }
}

#[test]
fn uncertainty_golden() {
    let file = "scenarios/mechanisms/unknown-rate.toml";
    let base = ["uncertainty", file, "-n", "50", "--draws", "20", "--output"];
    for (name, output, columns) in
        [("uncertainty-80.txt", "table", 80), ("uncertainty.csv", "csv", 80), ("uncertainty.md", "markdown", 80)]
    {
        hold_printed(name, &[&base[..], &[output]].concat(), columns);
    }
}

#[test]
fn optimize_golden() {
    let base = ["optimize", "tests/cli/choose.toml", "-n", "1024", "--no-charts", "--output"];
    for (name, output) in [("optimize-80.txt", "table"), ("optimize.csv", "csv"), ("optimize.md", "markdown")] {
        hold_printed(name, &[&base[..], &[output]].concat(), 80);
    }
}

#[test]
fn lesson_golden() {
    let lesson = scenario("lesson.toml");
    let lesson = lesson.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("below the manifest").to_string_lossy();
    hold_printed("lesson-80.txt", &["run", &lesson, "-n", "100"], 80);
}

/// The columns of the CSV are part of the interface.
#[test]
fn csv_begins_with_its_columns() {
    let csv = printed(&["run", "scenarios/lesson.toml", "-n", "4", "--output", "csv"], 80);
    assert!(csv.starts_with("architecture,metric,estimate,low,high,level,method\nlesson,nines,"), "{csv}");
    assert!(!csv.contains("NaN") && !csv.contains("inf"), "{csv}");
}

/// Colours add escapes and change no letter; without a terminal, or with NO_COLOR, there are none.
#[test]
fn colours_change_no_letter() {
    let arguments = ["run", "scenarios/lesson.toml", "-n", "20"];
    let plain = printed(&arguments, 80);
    assert!(!plain.contains('\u{1b}'));
    let painted = printed(&[&arguments[..], &["--color", "always"]].concat(), 80);
    assert!(painted.contains('\u{1b}'));
    assert_eq!(anstream::adapter::strip_str(&painted).to_string(), plain);
    assert!(printed(&[&arguments[..], &["--ascii"]].concat(), 80).is_ascii());
}

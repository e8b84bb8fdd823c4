//! Every scenario that is shipped is read without a problem and runs; those of one mechanism say in comments what must come out:
//!
//! ```text
//! # expect unavailability.request = 2.6e-4: MTTR / (MTTF + MTTR)
//! ```
//!
//! is a number of the architecture's result JSON and where it comes from. A mean holds if the simulated one is within 4.2 of its standard
//! errors, which a sound simulator fails once in 37,000 times; what has no spread must agree to 1e-9. The seed is fixed, so a claim
//! holds always or never.

use ridethrough::experiment::{Options, Rarity, run};
use ridethrough::report;
use ridethrough::scenario::load;
use ridethrough::statistics::t_quantile;
use serde_json::Value;
use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

/// Standard errors that a simulated mean may be away from the exact one.
const SIGMAS: f64 = 4.2;
/// Largest relative difference where nothing is random.
const ROUNDING: f64 = 1e-9;
/// Replications of a scenario that does not say how many.
const REPLICATIONS: u64 = 400;

fn scenarios(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = read_dir(&folder).expect("the folder is there").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|it| it == "toml")).collect();
    files.sort();
    files
}

/// The architecture in a scenario's result, as in the JSON of `run`.
fn result(path: &Path, replications: u64, rare: Rarity) -> (Value, u64) {
    let loaded = load(&[path.to_path_buf()]).unwrap_or_else(|problems| panic!("{problems}"));
    let replications = loaded.designs[0].replications.unwrap_or(replications);
    let study =
        run(&loaded.designs, &Options { replications, seed: 7, rare, ..Options::default() }).expect("a sound design");
    let document: Value = serde_json::from_str(&report::json(&study, None)).expect("a document");
    (document["architectures"][0].clone(), replications)
}

/// Path, value and derivation of each expectation.
fn expectations(text: &str) -> Vec<(String, f64, String)> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("# expect "));
    lines
        .map(|line| {
            let (path, rest) = line.split_once(" = ").unwrap_or_else(|| panic!("no ` = ` in {line:?}"));
            let (value, how) = rest.split_once(": ").unwrap_or_else(|| panic!("no derivation in {line:?}"));
            let value = value.parse().unwrap_or_else(|_| panic!("no number in {line:?}"));
            (path.to_owned(), value, how.to_owned())
        })
        .collect()
}

/// Nothing, or how the claim fails.
fn judge(found: &Value, exact: f64, replications: u64) -> Option<String> {
    let number = |key: &str| found[key].as_f64();
    let (value, spread) = match (found.as_f64(), number("estimate"), number("low"), number("high")) {
        (Some(value), ..) => (value, 0.0),
        (None, Some(value), Some(low), Some(high)) => {
            let level = number("level").expect("an interval has a level");
            let by_block = found["method"].as_str().is_some_and(|method| method.contains("blocks of 64"));
            let replications = if by_block { replications / 64 } else { replications };
            (value, 0.5 * (high - low) / t_quantile(0.5 + level / 2.0, (replications - 1) as f64))
        }
        _ => return Some(format!("the result has {found} instead of {exact}")),
    };
    let allowed = (SIGMAS * spread).max(ROUNDING * exact.abs());
    ((value - exact).abs() > allowed).then(|| format!("{value} instead of {exact}, allowed {allowed}"))
}

#[test]
fn mechanisms_come_out_as_derived() {
    come_out("scenarios/mechanisms", Rarity::Off);
}

/// Crude simulation would see nothing of these.
#[test]
fn rare_events_come_out_as_derived() {
    come_out("scenarios/rare", Rarity::Importance);
}

fn come_out(folder: &str, rare: Rarity) {
    let mut wrong = Vec::new();
    for path in scenarios(folder) {
        let text = read_to_string(&path).expect("a text");
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let claims = expectations(&text);
        // The shop is there for its time, and has no closed form.
        if claims.is_empty() && name != "shop.toml" {
            wrong.push(format!("{name} expects nothing"));
            continue;
        }
        let (seen, replications) = result(&path, REPLICATIONS, rare);
        for (place, exact, how) in claims {
            let found = place.split('.').fold(&seen, |value, key| &value[key]);
            if let Some(problem) = judge(found, exact, replications) {
                wrong.push(format!("{name}: {place}: {problem} ({how})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn shipped_scenarios_open_with_a_question_and_run() {
    for path in
        scenarios("scenarios").into_iter().chain(scenarios("scenarios/mechanisms")).chain(scenarios("scenarios/rare"))
    {
        let text = read_to_string(&path).expect("a text");
        if path.ends_with("environment.toml") {
            continue;
        }
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("# ") && first.ends_with('?'), "{}: no question: {first:?}", path.display());
        let (seen, _) = result(&path, 4, Rarity::Off);
        let availability = seen["availability"]["request"]["estimate"].as_f64().expect("an estimate");
        assert!((0.0..=1.0).contains(&availability), "{}: {availability}", path.display());
    }
}

/// The table of shipped scenarios in `scenarios/README.md` has each file with the question it opens with; `UPDATE_GOLDEN=1` rewrites it.
#[test]
fn the_reference_lists_each_scenario() {
    const MARKS: [&str; 2] =
        ["<!-- shipped: from the first lines of the files, do not edit -->\n", "<!-- end of shipped -->"];
    let mut table = "\n| file | what it asks, or holds |\n|---|---|\n".to_owned();
    for folder in ["", "mechanisms/", "mechanisms/environments/", "rare/"] {
        for path in scenarios(&format!("scenarios/{folder}")) {
            let file = path.file_name().expect("a name").to_string_lossy().into_owned();
            let text = read_to_string(&path).expect("a text");
            let question = text.lines().next().expect("a line").trim_start_matches("# ");
            table += &format!("| [{folder}{file}]({folder}{file}) | {question} |\n");
        }
    }
    table += "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/README.md");
    let reference = read_to_string(&path).expect("the reference").replace("\r\n", "\n");
    let (before, rest) = reference.split_once(MARKS[0]).expect("where the table begins");
    let (kept, after) = rest.split_once(MARKS[1]).expect("where it ends");
    if kept != table && std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, [before, MARKS[0], &table, MARKS[1], after].concat()).expect("the reference");
        return;
    }
    assert!(kept == table, "UPDATE_GOLDEN=1 cargo test --test scenarios accepts it:\n{table}");
}

#[test]
fn a_wrong_expectation_is_found() {
    let found = serde_json::json!({ "estimate": 10.0, "low": 9.0, "high": 11.0, "level": 0.95 });
    assert!(judge(&found, 10.9, 400).is_none());
    assert!(judge(&found, 12.5, 400).is_some());
    assert!(judge(&serde_json::json!(3.0), 3.000_001, 400).is_some());
    assert!(judge(&Value::Null, 3.0, 400).is_some());
}

//! The page for a browser: the same from saved results as at once, and every number that of its result.

use super::{ridethrough, scenario};
use serde_json::Value;
use std::fs::read_to_string;
use std::path::{Path, PathBuf};

/// Simulates briefly, and writes the result to these files.
fn export(arguments: &[&str], files: &[&Path]) {
    let mut command = ridethrough();
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments);
    for file in files {
        command.arg("--export").arg(file);
    }
    command.assert().success();
}

fn report(results: &[&Path], page: &Path) -> String {
    ridethrough().arg("report").args(results).arg("-o").arg(page).assert().success();
    read_to_string(page).expect("a page")
}

/// What a run of the lesson, 40 times, shows beside its numbers: the drawing, the drills, and the longest incident.
fn beside(folder: &Path) -> [PathBuf; 3] {
    let [drawing, drill, story] = ["architecture.json", "drill.json", "story.json"].map(|name| folder.join(name));
    let mut chart = ridethrough();
    chart.current_dir(env!("CARGO_MANIFEST_DIR")).args(["chart", "scenarios/lesson.toml", "-o"]).arg(folder);
    chart.assert().success();
    export(&["drill", "scenarios/lesson.toml", "--seed", "1"], &[&drill]);
    export(&["explain", "scenarios/lesson.toml", "--seed", "1", "-n", "40"], &[&story]);
    [drawing, drill, story]
}

/// What stands between two texts, for each time that the first is there.
fn between<'a>(text: &'a str, before: &'a str, after: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(before).skip(1).filter_map(move |rest| rest.split(after).next())
}

/// Results of every kind.
const KINDS: [&[&str]; 7] = [
    &[
        "compare",
        "scenarios/single-az.toml",
        "scenarios/multi-az.toml",
        "scenarios/multi-region.toml",
        "-n",
        "40",
        "--no-charts",
    ],
    &["sweep", "scenarios/multi-region.toml", "--set", "dns.ttl=5s,1h", "-n", "40", "--no-charts"],
    &["drill", "scenarios/lesson.toml", "-n", "20"],
    &["explain", "scenarios/lesson.toml", "-n", "40"],
    &["importance", "scenarios/lesson.toml", "-n", "40"],
    &["uncertainty", "scenarios/mechanisms/unknown-rate.toml", "-n", "10", "--draws", "4"],
    &["optimize", "tests/cli/choose.toml", "-n", "128", "--no-charts"],
];

#[test]
fn every_number_of_a_page_is_that_of_its_result() {
    let folder = tempfile::tempdir().expect("a folder");
    let results: Vec<PathBuf> = (KINDS.iter())
        .map(|arguments| {
            let file = folder.path().join(format!("{}.json", arguments[0]));
            export(arguments, &[&file]);
            file
        })
        .collect();
    let results: Vec<&Path> = results.iter().map(PathBuf::as_path).collect();
    let page = report(&results, &folder.path().join("report.html"));
    let texts: Vec<String> = results.iter().map(|file| read_to_string(file).expect("a result")).collect();
    let documents: Vec<Value> = texts.iter().map(|text| serde_json::from_str(text).expect("JSON")).collect();
    let mut seen = [0; KINDS.len()];
    for element in between(&page, "<", ">").filter(|element| element.contains(" data-at=")) {
        let value = between(element, "value=\"", "\"").next().expect("a value");
        let at = between(element, "data-at=\"", "\"").next().expect("an address");
        let (place, pointer) = at.split_once('/').expect("a path");
        let place: usize = place.parse().expect("a number");
        let found = documents[place].pointer(&format!("/{pointer}")).unwrap_or_else(|| panic!("nothing at {at}"));
        assert!(found.is_number(), "{at}: {found}");
        assert_eq!(value, found.to_string(), "{at}");
        assert!(texts[place].contains(value), "{at}: {value} is not written in the result");
        seen[place] += 1;
    }
    for (arguments, seen) in KINDS.iter().zip(seen) {
        assert!(seen > 10, "{seen} numbers of {}", arguments[0]);
    }
    for document in &documents {
        let answer = document["answer"].as_str().expect("an answer").replace('&', "&amp;").replace('<', "&lt;");
        assert!(page.contains(&answer), "{answer}");
    }
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
    let sections: Vec<&str> = between(&page, "<section id=\"", "\"").collect();
    assert_eq!(
        sections,
        [
            "overview",
            "nines",
            "downtime",
            "recovery",
            "causes",
            "importance",
            "budget",
            "resilience",
            "incident",
            "sweep",
            "uncertainty",
            "frontier",
            "bill",
            "assumptions",
            "warnings",
            "method"
        ]
    );
}

/// One path: what is exported at once is what is made of the saved result.
#[test]
fn a_page_is_the_same_from_a_saved_result() {
    let folder = tempfile::tempdir().expect("a folder");
    let [json, page, again] = ["result.json", "page.html", "again.html"].map(|name| folder.path().join(name));
    for arguments in &KINDS[1..] {
        export(arguments, &[&json, &page]);
        assert!(report(&[&json], &again) == read_to_string(&page).expect("a page"), "{}", arguments[0]);
    }
    // A run adds its drawing, its drills and its longest incident.
    export(&["run", "scenarios/lesson.toml", "-n", "40"], &[&json, &page]);
    let [drawing, drill, story] = beside(folder.path());
    let whole = read_to_string(&page).expect("a page");
    assert!(report(&[&json, &drawing, &drill, &story], &again) == whole, "run");
    assert!(whole.contains("<section id=\"architecture\""));
    assert!(whole.contains("<section id=\"resilience\"") && whole.contains("<section id=\"incident\""));
    assert!(report(&[&json], &again) != whole);
}

#[test]
fn the_command_in_a_result_gives_it_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("result.json");
    let mut command = ridethrough();
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env("RIDETHROUGH_SEED", "5");
    command
        .args(["run", "scenarios/lesson.toml", "-n", "20", "--threads", "1", "--export"])
        .arg(&file)
        .assert()
        .success();
    let text = read_to_string(&file).expect("a result");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(document["command"], "RIDETHROUGH_SEED=5 ridethrough run scenarios/lesson.toml -n 20");
    let mut again = ridethrough();
    again.current_dir(env!("CARGO_MANIFEST_DIR")).env("RIDETHROUGH_SEED", "5");
    let again = again.args(["run", "scenarios/lesson.toml", "-n", "20", "-o", "json"]).assert().success();
    assert!(text.as_bytes() == again.get_output().stdout);
}

#[test]
fn what_is_no_result_is_refused_all_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let (text, other) = (write("notes.txt", "hello"), write("other.json", "{\"a\": 1}"));
    let newer = write("newer.json", "{\"format_version\": 99, \"points\": []}");
    let absent = folder.path().join("absent.json");
    let page = folder.path().join("report.html");
    let mut command = ridethrough();
    command.arg("report").args([&text, &other, &newer, &absent]).arg("-o").arg(&page);
    let refused = command.assert().code(2).stdout("");
    let told = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    for words in [
        "notes.txt: is no JSON",
        "other.json: is no result",
        "newer.json: has the format 99",
        "absent.json: cannot be read",
    ] {
        assert!(told.contains(words), "{words}:\n{told}");
    }
    assert!(!page.exists());
    ridethrough().arg("report").assert().code(2);
}

/// A gate is a study with conditions, a drawing, drills and a longest incident; whether they are met is not the matter here.
#[test]
fn a_gate_has_a_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let [json, page, again] = ["gate.json", "page.html", "again.html"].map(|name| folder.path().join(name));
    let mut command = ridethrough();
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command.args(["gate", "scenarios/lesson.toml", "-n", "40", "--max-time", "1h", "--export"]);
    let output = command.arg(&json).arg("--export").arg(&page).output().expect("runs");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let whole = read_to_string(&page).expect("a page");
    assert!(whole.contains("Conditions of the gate") && whole.contains("<section id=\"causes\""));
    let [drawing, drill, story] = beside(folder.path());
    assert!(report(&[&json, &drawing, &drill, &story], &again) == whole);
}

/// Whoever sends a result chooses its names, and they stay text.
#[test]
fn names_in_a_result_cannot_become_markup() {
    let folder = tempfile::tempdir().expect("a folder");
    let [json, page] = ["result.json", "page.html"].map(|name| folder.path().join(name));
    export(&["run", "scenarios/lesson.toml", "-n", "20"], &[&json]);
    let hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)>";
    let text = read_to_string(&json).expect("a result").replace("\"payments\"", &Value::from(hostile).to_string());
    std::fs::write(&json, text).expect("a file");
    let page = report(&[&json], &page);
    assert_eq!(page.matches("<script>").count(), 1, "the script of the page");
    assert!(!page.contains("<img") && page.contains("&lt;script&gt;alert(1)"));
}

#[test]
fn a_page_can_be_printed_and_a_story_has_no_csv() {
    let folder = tempfile::tempdir().expect("a folder");
    let json = folder.path().join("story.json");
    export(&["explain", "scenarios/lesson.toml", "-n", "20"], &[&json]);
    let printed = ridethrough().arg("report").arg(&json).args(["-o", "-"]).assert().success();
    assert!(printed.get_output().stdout.starts_with(b"<!DOCTYPE html>"));
    let mut command = ridethrough();
    command.arg("explain").arg(scenario("lesson.toml")).args(["-n", "20", "--export", "x.csv"]);
    command.assert().code(2).stdout("");
}

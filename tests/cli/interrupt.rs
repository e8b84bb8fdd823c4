//! Ctrl-C: what is known so far is printed and marked, and the status says that it is not all.
#![cfg(unix)]

use super::scenario;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// Runs until it is interrupted that many times. Interrupted before it listens, the process is killed, and before two
/// replications are finished there is nothing to report: then it is tried again with more time.
fn interrupted(command: &mut Command, times: usize, is_too_early: fn(&Output) -> bool) -> Output {
    for attempt in 0..8 {
        let wait = Duration::from_millis(300 << attempt);
        let child = command.env("COLUMNS", "100").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let child = child.expect("it starts");
        let id = child.id().to_string();
        for _ in 0..times {
            std::thread::sleep(wait);
            Command::new("kill").args(["-INT", &id]).status().expect("kill runs");
        }
        let output = child.wait_with_output().expect("it ends");
        if output.status.code().is_some() && !is_too_early(&output) {
            return output;
        }
    }
    panic!("it was never interrupted at work")
}

fn nothing_to_report(output: &Output) -> bool {
    String::from_utf8_lossy(&output.stderr).contains("nothing to report")
}

/// A command that would take hours.
fn endless(command: &str) -> Command {
    let mut endless = Command::new(env!("CARGO_BIN_EXE_ridethrough"));
    endless.arg(command).arg(scenario("lesson.toml")).args(["-n", "100000000"]);
    endless
}

fn json(text: &[u8]) -> Value {
    serde_json::from_slice(text).expect("one JSON document")
}

#[test]
fn what_is_known_so_far_is_printed_and_marked() {
    let folder = tempfile::tempdir().expect("a folder");
    let (export, charts) = (folder.path().join("part.json"), folder.path().join("charts"));
    let mut command = endless("run");
    command.arg("--export").arg(&export).arg("--charts").arg(&charts);
    let output = interrupted(&mut command, 1, nothing_to_report);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(text.contains("warning: interrupted: the numbers rest on the replications finished until then"), "{text}");
    assert!(text.contains("\nnines "), "{text}");
    let part = json(&std::fs::read(&export).expect("the export is written"));
    assert_eq!(part["interrupted"], true);
    let done = part["architectures"][0]["replications"].as_u64().expect("a number");
    assert!((2..100_000_000).contains(&done), "{done}");
    assert_eq!(std::fs::read_dir(&charts).expect("lists").count(), 0, "a picture cannot say that it is only a part");
}

#[test]
fn json_alone_stays_one_document() {
    let output = interrupted(endless("run").args(["--output", "json"]), 1, nothing_to_report);
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(json(&output.stdout)["interrupted"], true);
}

#[test]
fn a_sweep_prints_the_settings_that_it_has() {
    let mut command = endless("sweep");
    command.args(["--set", "dns.ttl=5s,1h", "--no-charts"]);
    let output = interrupted(&mut command, 1, nothing_to_report);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(text.contains("interrupted: settings are missing") && text.contains("5s"), "{text}");
}

/// Replications of half a million events each: a thousand of them, before the first look, take long enough to be interrupted.
#[test]
fn a_gate_says_what_it_rests_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("busy.toml");
    let text = "region.eu.zones = ['a']\ntier.web.pool.units = 1\n\
                failure.f = { scope = 'unit:web', mttf = '100s', repair = '10s' }\n";
    std::fs::write(&file, text).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_ridethrough"));
    command.arg("gate").arg(&file).args(["--max-time", "10h", "--fail-if", "availability<99%", "--output", "json"]);
    let output = interrupted(&mut command, 1, nothing_to_report);
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    let part = json(&output.stdout);
    assert_eq!(part["interrupted"], true);
    assert!(part["conditions"][0]["replications"].as_u64().is_some_and(|done| (2..1024).contains(&done)), "{part}");
}

/// A single replication of hundreds of millions of events is not waited for: the second Ctrl-C ends it, with nothing printed.
#[test]
fn a_second_interrupt_ends_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let file: &Path = &folder.path().join("long.toml");
    let text = "region.eu.zones = ['a']\ntier.web.pool.units = 1\nsimulation.horizon = '50y'\n\
                failure.f = { scope = 'unit:web', mttf = '10s', repair = '1s' }\n";
    std::fs::write(file, text).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_ridethrough"));
    let output = interrupted(command.arg("run").arg(file), 2, |_| false);
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.is_empty());
}

//! `verify`: the exact answer beside the simulation, or why there is none.
//!
//! What it prints is kept in `tests/cli/verify/*.txt`; `UPDATE_GOLDEN=1 cargo test --test cli verify` writes it anew.

use crate::{ridethrough, scenario};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/verify").join(name)
}

#[test]
fn what_it_prints() {
    for (name, status) in [("independent", 0), ("failover", 0), ("balancer", 3), ("names", 3)] {
        let mut command = ridethrough();
        command.arg("verify").arg(file(&format!("{name}.toml"))).args(["-n", "200"]);
        let assert = command.assert().code(status);
        let printed = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
        let golden = file(&format!("{name}.txt"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&golden, &printed).expect("a file that can be written");
        }
        let expected = std::fs::read_to_string(&golden).expect("a golden file");
        assert!(printed == expected, "{name}: UPDATE_GOLDEN=1 accepts it\n{printed}");
    }
}

#[test]
fn its_document() {
    let document = |names: &[&str], status: i32| -> Value {
        let mut command = ridethrough();
        command.arg("verify").args(names.iter().map(|name| file(name))).args(["-n", "50", "--output", "json"]);
        serde_json::from_slice(&command.assert().code(status).get_output().stdout).expect("one JSON document")
    };
    let both = document(&["independent.toml", "balancer.toml"], 3);
    let (exact, none) = (&both["architectures"][0], &both["architectures"][1]);
    assert_eq!(exact["exact"]["agrees"], true);
    assert_eq!(exact["exact"]["metrics"][0]["metric"], "unavailability.request");
    // The reference workload: four of six units in three zones.
    let long_run = exact["exact"]["answer"]["stationary"]["unavailability_request"].as_f64().expect("a number");
    assert!((long_run / 8.5807e-5 - 1.0).abs() < 6e-6, "{long_run:e}");
    assert!(none["exact"].is_null() && none["obstacles"][0]["key"] == "tier.web.load_balancer.detection");
    assert_eq!(none["simpler_variant"]["exact"]["agrees"], true);
    let names = document(&["names.toml"], 3);
    assert_eq!(names["architectures"][0]["obstacles"][0]["key"], "dns.health_check");
    assert!(names["architectures"][0]["simpler_variant"].is_null());
    let parts = names["architectures"][0]["parts"].as_array().expect("a list");
    assert!(parts.iter().any(|part| part["exact"]["agrees"] == true && part["name"] == "region e"), "{parts:?}");
}

/// The lesson's system has no exact answer, nor a variant; but its parts have, each with what was set aside for it.
#[test]
fn the_lesson_in_parts() {
    let mut command = ridethrough();
    command.arg("verify").arg(scenario("lesson.toml")).args(["-n", "50", "--output", "json"]);
    let document: Value = serde_json::from_slice(&command.assert().code(3).get_output().stdout).expect("one document");
    let lesson = &document["architectures"][0];
    assert!(lesson["exact"].is_null() && lesson["simpler_variant"].is_null());
    let parts = lesson["parts"].as_array().expect("a list");
    let part = |name: &str| parts.iter().find(|part| part["name"] == name).unwrap_or_else(|| panic!("no {name}"));
    let sessions = "database.sessions in us-east-1";
    for name in ["tier.app in us-east-1", "database.orders", sessions, "dependency.payments", "region us-east-1"] {
        assert_eq!(part(name)["exact"]["agrees"], true, "{name}");
    }
    // One request in ten calls payments, which are down for 10 min every 180 d.
    let long_run = &part("dependency.payments")["exact"]["answer"]["stationary"]["unavailability_request"];
    let expected = 0.1 * 10.0 / (180.0 * 1_440.0 + 10.0);
    assert!(long_run.as_f64().is_some_and(|found| (found / expected - 1.0).abs() < 1e-12), "{long_run}");
    assert_eq!(part("dependency.payments")["set_aside"][1]["key"], "dependency.payments.breaker");
}

/// `run` and `compare` show the exact value where there is one, in every format, and nothing where there is none.
#[test]
fn the_exact_answer_stands_in_the_result() {
    let printed = |names: &[&str], output: &str| -> String {
        let mut command = ridethrough();
        command.arg(if names.len() > 1 { "compare" } else { "run" });
        let assert = command.args(names.iter().map(|name| file(name))).args(["-n", "200", "--output", output]).assert();
        String::from_utf8_lossy(&assert.success().get_output().stdout).into_owned()
    };
    let document = |names: &[&str]| -> Value { serde_json::from_str(&printed(names, "json")).expect("one document") };
    let both = document(&["failover.toml", "balancer.toml"]);
    let (exact, none) = (&both["architectures"][0]["exact"], &both["architectures"][1]["exact"]);
    assert!(none.is_null());
    assert_eq!((exact["about"].as_str(), exact["without_z"].as_str()), (Some("from new"), None));
    let simulated = both["architectures"][0]["unavailability"]["request"]["estimate"].as_f64().expect("a number");
    let value = exact["unavailability"]["request"].as_f64().expect("a number");
    assert!((simulated / value - 1.0).abs() < 0.2, "{simulated:e} {value:e}");
    assert!(exact["z"]["unavailability.request"].as_f64().is_some_and(|z| z.abs() < 4.2));
    let keys: Vec<&str> = exact.as_object().expect("a table").keys().map(String::as_str).collect();
    let all = [
        "method",
        "states",
        "about",
        "unavailability",
        "incidents_per_year",
        "z",
        "without_z",
        "stationary",
        "error_bound",
        "assumptions",
    ];
    assert_eq!(keys, all);
    let one = |output: &str| printed(&["failover.toml"], output);
    assert!(one("table").contains("exact: unavailability 3.31102e-2 (from new); simulated: "));
    assert!(one("markdown").contains("failover: exact: unavailability 3.31102e-2 (from new); simulated: "));
    let csv = one("csv");
    for metric in ["unavailability.request", "unavailability.time", "incidents_per_year"] {
        assert!(csv.contains(&format!("\nfailover,exact.{metric},")), "{metric}");
        assert!(csv.contains(&format!("\nfailover,exact.{metric}.z,")), "{metric}");
    }
    for output in ["table", "markdown", "csv"] {
        assert!(!printed(&["balancer.toml"], output).contains("exact"), "{output}");
    }
}

/// Products of availabilities: two units of 1 h in 25 h each, side by side.
#[test]
fn the_estimate_by_hand_stands_in_the_result() {
    let mut command = ridethrough();
    command.arg("run").arg(file("balancer.toml")).args(["-n", "50", "--output", "json"]);
    let result: Value = serde_json::from_slice(&command.assert().success().get_output().stdout).expect("one document");
    let by_hand = &result["architectures"][0]["by_hand"];
    let unavailability = by_hand["unavailability"].as_f64().expect("a number");
    assert!((unavailability - 1.0 / 625.0).abs() < 1e-15, "{unavailability}");
    assert!(by_hand["simulated_over_by_hand"].as_f64().is_some_and(|ratio| ratio > 0.5));
    assert_eq!(by_hand["ignores"][0], "detection");
    let mut command = ridethrough();
    let assert = command.arg("run").arg(file("balancer.toml")).args(["-n", "50"]).assert().success();
    assert!(String::from_utf8_lossy(&assert.get_output().stdout).contains("by hand: 99.84 %; simulated: "));
}

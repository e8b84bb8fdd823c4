//! The contract of the result file: every documented key is there, and what is absent is null, never missing and never NaN.

use super::{SHIPPED, ridethrough, scenario};
use serde_json::Value;

const ESTIMATE: [&str; 5] = ["estimate", "low", "high", "level", "method"];
const DISTRIBUTION: [&str; 6] = ["mean", "p50", "p95", "p99", "max", "count"];
/// Keys of a document, by what stands there.
const OF_DOCUMENT: [&str; 6] = ["format_version", "version", "seed", "horizon_seconds", "architectures", "comparisons"];
const WHOLE: [&str; 2] = ["replications", "events"];
const ESTIMATES: [&str; 9] = [
    "availability.request",
    "availability.time",
    "unavailability.request",
    "unavailability.time",
    "nines",
    "lost_seconds_per_year",
    "incidents_per_year",
    "lost_writes_per_year",
    "probability_objective_met",
];
const DISTRIBUTIONS: [&str; 3] = ["downtime_seconds_per_year", "recovery_time_seconds", "data_loss_seconds"];

/// The value of a path that has to be there.
fn at<'a>(document: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(document, |value, key| value.get(key).unwrap_or_else(|| panic!("{path} is missing")))
}

fn is_number_or_null(value: &Value) -> bool {
    value.is_null() || value.as_f64().is_some_and(f64::is_finite)
}

/// An estimate, or null in its place.
fn assert_estimate(value: &Value, path: &str) {
    if value.is_null() {
        return;
    }
    for key in ESTIMATE {
        assert!(value.get(key).is_some(), "{path}.{key} is missing");
    }
    assert!(["estimate", "low", "high"].iter().all(|key| is_number_or_null(&value[key])), "{path}: {value}");
    let level = value["level"].as_f64().expect("a level");
    assert!(level > 0.0 && level < 1.0, "{path}: {value}");
    assert!(value["method"].as_str().is_some_and(|method| !method.is_empty()), "{path}: {value}");
    if let (Some(low), Some(estimate)) = (value["low"].as_f64(), value["estimate"].as_f64()) {
        assert!(low <= estimate, "{path}: {value}");
    }
    if let (Some(estimate), Some(high)) = (value["estimate"].as_f64(), value["high"].as_f64()) {
        assert!(estimate <= high, "{path}: {value}");
    }
}

fn assert_distribution(value: &Value, path: &str) {
    for key in DISTRIBUTION {
        assert!(value.get(key).is_some(), "{path}.{key} is missing");
    }
    for key in ["mean", "p50", "p95", "p99"] {
        assert_estimate(&value[key], &format!("{path}.{key}"));
    }
    assert!(is_number_or_null(&value["max"]) && value["count"].is_u64(), "{path}: {value}");
}

fn assert_architecture(architecture: &Value) {
    assert!(at(architecture, "name").is_string() && at(architecture, "method").is_string());
    assert!(at(architecture, "simulated_years").as_f64().is_some_and(|years| years > 0.0));
    for path in WHOLE {
        assert!(at(architecture, path).is_u64(), "{path}");
    }
    for path in ESTIMATES {
        assert_estimate(at(architecture, path), path);
    }
    for path in DISTRIBUTIONS {
        assert_distribution(at(architecture, path), path);
    }
    assert!(is_number_or_null(at(architecture, "cost_per_year")));
    let lost = at(architecture, "lost_seconds_per_year.estimate").as_f64().expect("lost time");
    let causes = at(architecture, "attribution").as_array().expect("causes");
    let mut sum = 0.0;
    for cause in causes {
        for path in ["cause", "share"] {
            at(cause, path);
        }
        for path in ["lost_seconds_per_year", "incidents_per_year"] {
            assert_estimate(at(cause, path), path);
        }
        assert_distribution(at(cause, "recovery_time_seconds"), "attribution.recovery_time_seconds");
        let own = at(cause, "lost_seconds_per_year.estimate").as_f64().expect("lost time");
        let stages = at(cause, "stages").as_object().expect("stages");
        assert_eq!(
            stages.keys().map(String::as_str).collect::<Vec<_>>(),
            ["detection", "decision", "action", "propagation", "repair"]
        );
        let staged: f64 = stages.values().filter_map(Value::as_f64).sum();
        // Sums of the same seconds in another order: rounding only.
        assert!((staged - own).abs() <= 1e-9 * own.max(1.0), "stages sum to {staged} s, the cause lost {own} s");
        sum += own;
    }
    assert!((sum - lost).abs() <= 1e-9 * lost.max(1.0), "causes sum to {sum} s, {lost} s were lost");
}

fn assert_contract(text: &[u8]) -> Value {
    let document: Value = serde_json::from_slice(text).expect("one JSON document and nothing else");
    for key in OF_DOCUMENT {
        at(&document, key);
    }
    assert!(document["seed"].is_u64() && document["version"].is_string());
    let architectures = document["architectures"].as_array().expect("architectures");
    architectures.iter().for_each(assert_architecture);
    let n = architectures.len();
    let comparisons = document["comparisons"].as_array().expect("comparisons");
    assert_eq!(comparisons.len(), n * (n - 1) / 2);
    for comparison in comparisons {
        assert_estimate(at(comparison, "lost_seconds_per_year_difference"), "difference");
        assert!(["better", "worse", "cannot be told apart"].iter().any(|word| at(comparison, "verdict") == word));
        assert!(is_number_or_null(at(comparison, "variance_ratio")));
    }
    document
}

#[test]
fn results_hold_every_documented_key() {
    for name in SHIPPED {
        let run = ridethrough().arg("run").arg(scenario(name)).args(["-n", "20", "-o", "json"]).assert().success();
        assert_contract(&run.get_output().stdout);
    }
    let mut command = ridethrough();
    command.arg("compare").args(SHIPPED[..3].iter().map(|name| scenario(name)));
    let compared = command.args(["-n", "20", "-o", "json", "--no-charts"]).assert().success();
    assert_contract(&compared.get_output().stdout);
}

/// Nothing fails, nothing is asked for: what there is nothing to say about is null.
#[test]
fn what_is_absent_is_null() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("empty-world.toml");
    std::fs::write(&file, "region.eu.zones = ['a']\ntier.web.pool.units = 1\n").expect("a file");
    let run = ridethrough().arg("run").arg(&file).args(["-n", "20", "-o", "json"]).assert().success();
    let document = assert_contract(&run.get_output().stdout);
    let architecture = &document["architectures"][0];
    for path in [
        "nines.estimate",
        "nines.high",
        "recovery_time_seconds.mean",
        "recovery_time_seconds.p95",
        "recovery_time_seconds.max",
        "data_loss_seconds.p50",
        "probability_objective_met",
        "cost_per_year",
        "question",
    ] {
        assert!(at(architecture, path).is_null(), "{path}: {}", at(architecture, path));
    }
    assert_eq!(at(architecture, "recovery_time_seconds.count"), 0);
    assert_eq!(at(architecture, "attribution"), &Value::Array(Vec::new()));
    assert!(at(architecture, "nines.low").as_f64().is_some_and(|low| low > 0.0), "no loss is at least some nines");
}

#[test]
fn a_sweep_holds_an_architecture_at_each_setting() {
    let mut command = ridethrough();
    command.arg("sweep").arg(scenario("lesson.toml")).args(["--set", "dns.ttl=5s,1h", "-n", "20", "--no-charts"]);
    let swept = command.args(["-o", "json"]).assert().success();
    let document: Value = serde_json::from_slice(&swept.get_output().stdout).expect("JSON");
    let points = document["points"].as_array().expect("points");
    assert_eq!(points.len(), 2);
    for point in points {
        assert_architecture(&point["architecture"]);
        assert!(at(point, "settings").get("dns.ttl").is_some_and(|setting| setting["number"].is_number()));
    }
}

#[test]
fn importance_holds_a_saving_for_each_change() {
    let mut command = ridethrough();
    command.arg("importance").arg(scenario("lesson.toml")).args(["-n", "20", "-o", "json"]);
    let found = command.assert().success();
    let document: Value = serde_json::from_slice(&found.get_output().stdout).expect("JSON");
    assert_architecture(at(&document, "architecture"));
    let savings = at(&document, "savings").as_array().expect("savings");
    assert!(savings.len() > 5, "{} changes", savings.len());
    for saving in savings {
        assert!(
            ["without", "halved"].iter().any(|word| at(saving, "change") == word) && at(saving, "name").is_string()
        );
        assert_estimate(at(saving, "saved_seconds_per_year"), "saved_seconds_per_year");
        assert!(is_number_or_null(at(saving, "share")));
    }
}

#[test]
fn a_drill_holds_what_followed() {
    let run = |more: &[&str]| -> Value {
        let mut command = ridethrough();
        command.arg("drill").arg(scenario("lesson.toml")).args(["-n", "20", "-o", "json"]).args(more);
        serde_json::from_slice(&command.assert().success().get_output().stdout).expect("JSON")
    };
    let matrix = run(&[]);
    assert!(at(&matrix, "cut_sets.single").is_array() && at(&matrix, "cut_sets.pairs").is_array());
    let one = run(&["--fail", "region:us-east-1", "--at", "3d", "--for", "1h"]);
    assert_eq!(at(&one, "drills").as_array().map(Vec::len), Some(1));
    assert!(at(&one, "cut_sets").is_null());
    for drill in [&matrix, &one].into_iter().flat_map(|document| at(document, "drills").as_array().expect("drills")) {
        for failure in at(drill, "failures").as_array().expect("failures") {
            assert!(at(failure, "place").is_string() && at(failure, "at_seconds").is_number());
        }
        let verdicts = ["fault-tolerant", "highly-available", "single-point-of-failure"];
        assert!(verdicts.iter().any(|verdict| at(drill, "resilience") == verdict));
        for share in ["probability_interrupted", "probability_open_at_end", "probability_down_as_long_as_the_failure"] {
            assert_estimate(at(drill, share), share);
        }
        let lost = at(drill, "lost_seconds.mean.estimate").as_f64().expect("a number");
        let stages = ["detection", "decision", "action", "propagation", "repair"];
        let sum: f64 = stages
            .iter()
            .filter_map(|stage| drill["stages"][format!("{stage}_seconds")]["mean"]["estimate"].as_f64())
            .sum();
        assert!((sum - lost).abs() <= 1e-9 * lost.max(1.0), "{sum} of {lost}");
    }
}

/// The incident is one of the run: the same number of them, and the longest of them.
#[test]
fn an_explanation_is_of_an_incident_of_the_run() {
    let document = |command: &str, more: &[&str]| -> Value {
        let mut program = ridethrough();
        program.arg(command).arg(scenario("lesson.toml")).args(["-n", "20", "-o", "json"]).args(more);
        serde_json::from_slice(&program.assert().success().get_output().stdout).expect("JSON")
    };
    let (story, run) = (document("explain", &[]), document("run", &["--rare", "off"]));
    let longest = &at(&run, "architectures").as_array().expect("one")[0];
    assert_eq!(at(&story, "recovery_time_seconds"), at(longest, "recovery_time_seconds.max"));
    assert_eq!(at(&story, "incidents"), at(longest, "recovery_time_seconds.count"));
    let lost = at(&story, "lost_seconds").as_f64().expect("a number");
    let stages: f64 = at(&story, "stages").as_object().expect("stages").values().filter_map(Value::as_f64).sum();
    assert!((stages - lost).abs() <= 1e-9 * lost, "{stages} of {lost}");
    for beat in at(&story, "timeline").as_array().expect("moments") {
        assert!(at(beat, "served").as_f64().is_some_and(|share| (0.0..=1.0).contains(&share)));
    }
    let again = document(
        "explain",
        &["--replication", &at(&story, "replication").to_string(), "--incident", &at(&story, "incident").to_string()],
    );
    assert_eq!(at(&again, "timeline"), at(&story, "timeline"));
}

#[test]
fn uncertainty_holds_bands_and_a_tornado() {
    let run = |file: &str, more: &[&str]| -> Value {
        let mut command = ridethrough();
        command.arg("uncertainty").arg(scenario(file)).args(["-n", "10", "--draws", "4", "-o", "json"]).args(more);
        serde_json::from_slice(&command.assert().success().get_output().stdout).expect("JSON")
    };
    let assert_document = |document: &Value| {
        assert_architecture(at(document, "median"));
        for band in ["random", "unknown", "both"] {
            for quantile in ["p5", "p50", "p95"] {
                assert_estimate(at(document, &format!("downtime_seconds_per_year.{band}.{quantile}")), band);
            }
        }
        assert_estimate(at(document, "probability_objective_met"), "probability_objective_met");
        assert_eq!(at(document, "draws"), 4);
        for swing in at(document, "tornado").as_array().expect("rows") {
            for end in ["low", "high"] {
                assert!(at(swing, end)["value"].is_string());
                assert_estimate(at(swing, &format!("{end}.lost_seconds_per_year")), end);
            }
            assert_estimate(at(swing, "lost_seconds_per_year_difference"), "difference");
        }
    };
    let stated = run("mechanisms/unknown-rate.toml", &[]);
    assert_document(&stated);
    assert_eq!(stated, run("mechanisms/unknown-rate.toml", &["--threads", "1"]), "threads change nothing");
    assert_eq!(at(&stated, "tornado").as_array().map(Vec::len), Some(2));
    let with_catalog = run("single-az.toml", &["--catalog"]);
    assert_document(&with_catalog);
    let keys = at(&with_catalog, "tornado").as_array().expect("rows").iter();
    let keys: Vec<&str> = keys.filter_map(|swing| swing["key"].as_str()).collect();
    assert!(keys.contains(&"alb.health_check.interval"), "{keys:?}");
}

/// A doubt has a code that stays and a sentence.
#[test]
fn warnings_are_values() {
    let folder = tempfile::tempdir().expect("a folder");
    let codes = |name: &str, text: &str, arguments: &[&str]| -> Vec<String> {
        let file = folder.path().join(name);
        std::fs::write(&file, text).expect("a file");
        let run = ridethrough().arg("run").arg(&file).args(["-o", "json"]).args(arguments).assert().success();
        let document = assert_contract(&run.get_output().stdout);
        let warnings = at(&document["architectures"][0], "warnings").as_array().expect("a list").clone();
        assert!(
            warnings.iter().all(|warning| warning["message"].as_str().is_some_and(|it| it.len() > 20)),
            "{warnings:?}"
        );
        warnings.iter().map(|warning| warning["code"].as_str().expect("a code").to_owned()).collect()
    };
    let world = "region.eu.zones = ['a']\ntier.web.pool.units = 1\n";
    let unit = "failure.f = { scope = 'unit:web', mttf = '10d', repair = '1h' }\n";
    let long = "failure.g = { scope = 'unit:web', mttf = '10d', repair = '20d' }\n";
    let zone = "failure.z = { scope = 'zone', mttf = '100d', repair = '1h' }\n";
    assert_eq!(codes("quiet.toml", world, &["-n", "4"]), ["no-loss-seen"]);
    assert_eq!(codes("few.toml", &format!("{world}{unit}"), &["-n", "2", "--horizon", "100d"])[0], "few-incidents");
    let unreached = codes("wide.toml", &format!("{world}{unit}"), &["-n", "64", "--precision", "0.1%"]);
    assert_eq!(unreached, ["precision-not-reached"]);
    let independent = codes("two.toml", &format!("{world}{unit}{long}"), &["-n", "200"]);
    assert_eq!(independent, ["open-incidents", "independence-assumed", "mttr-above-mttf"]);
    let common = codes("zone.toml", &format!("{world}{unit}{zone}"), &["-n", "200"]);
    assert!(common.is_empty(), "{common:?}");
    let idle = "stack.s.requires = ['web']\ntier.cache.pool.units = 1\n";
    assert_eq!(codes("idle.toml", &format!("{world}{unit}{zone}{idle}"), &["-n", "200"]), ["unused-component"]);
    let dns = "region.us.zones = ['b']
objectives.recovery_time = '30s'
               dns = { record = { failover = ['eu', 'us'] }, ttl = '60s', health_check = {} }
";
    let text = format!("{world}{unit}{zone}{dns}");
    assert!(codes("dns.toml", &text, &["-n", "20"]).contains(&"ttl-above-rto".to_owned()));
}

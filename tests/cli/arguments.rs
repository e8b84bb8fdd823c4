//! What can be typed: bad values are refused before anything is simulated, and flags go before the environment.

use super::{ridethrough, scenario};
use serde_json::Value;

/// Arguments of `run`, and what the error has to say.
const REFUSED: [(&[&str], &str); 19] = [
    (&["-n", "0"], "--replications"),
    (&["-n", "1"], "2.."),
    (&["-n", "many"], "--replications"),
    (&["--seed=-1"], "--seed"),
    (&["--seed", "abc"], "--seed"),
    (&["--seed", "18446744073709551616"], "--seed"),
    (&["--precision", "0%"], "between 0% and 100%"),
    (&["--precision", "150%"], "--precision"),
    (&["--precision", "nan"], "--precision"),
    (&["--horizon", "90"], "unit"),
    (&["--horizon", "0s"], "longer than 0"),
    (&["--horizon", "1000000000y"], "at most 1000 years"),
    (&["--max-time", "0s"], "longer than 0s"),
    (&["--threads", "0"], "1..="),
    (&["--threads", "100000"], "1..="),
    (&["--output", "xyz"], "table, json, csv, markdown"),
    (&["--export", "result.doc"], ".json, .csv, .md, .txt"),
    (&["--export", "result"], ".json, .csv, .md, .txt"),
    (&["--color", "mauve"], "auto, always, never"),
];

#[test]
fn bad_values_are_refused_before_anything_is_simulated() {
    let file = scenario("lesson.toml");
    for (arguments, remedy) in REFUSED {
        let assert = ridethrough().arg("run").arg(&file).args(arguments).assert().code(2).stdout("");
        let told = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(told.contains(remedy), "{arguments:?}: {remedy:?} is not in\n{told}");
    }
}

/// A bad name after a good one: not even the folder of the good one is made.
#[test]
fn a_bad_export_leaves_no_folder_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let (good, bad) = (folder.path().join("new").join("result.json"), folder.path().join("result.doc"));
    let mut command = ridethrough();
    command.arg("run").arg(scenario("lesson.toml")).arg("--export").arg(&good).arg("--export").arg(&bad);
    command.assert().code(2).stdout("");
    assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 0);
}

#[test]
fn too_many_architectures_or_settings_are_refused_at_once() {
    let file = scenario("lesson.toml");
    let many = std::iter::repeat_n(&file, 10_000);
    let refused = ridethrough().arg("compare").args(many).assert().code(2).stdout("");
    let told = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(told.contains("10000 architectures") && told.contains("ridethrough sweep"), "{told}");
    let values: Vec<String> = (1..=101).map(|value| format!("{value}s")).collect();
    let mut command = ridethrough();
    command.arg("sweep").arg(&file);
    for key in ["dns.ttl", "tier.app.auto_scaling.grace"] {
        command.arg("--set").arg(format!("{key}={}", values.join(",")));
    }
    let told = String::from_utf8_lossy(&command.assert().code(2).stdout("").get_output().stderr).into_owned();
    assert!(told.contains("10201 combinations"), "{told}");
    for setting in ["dns.ttl", "dns.ttl=", "=5s", "dns.ttl=5s,,1m", "dns.tll=5s", "dns.ttl=fast", "dns.ttl=0s"] {
        let mut command = ridethrough();
        command.arg("sweep").arg(&file).args(["--no-charts", "--set", setting]).assert().code(2).stdout("");
    }
}

/// A horizon that is given beside the file is held against what the file says about time, like one in it.
#[test]
fn a_horizon_is_checked_with_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("often.toml");
    let text = "region.eu.zones = ['a', 'b']\ntier.web.pool.units = 2\nsimulation.warm_up = '10d'\n\
                failure.f = { scope = 'unit:web', mttf = '30m', repair = '5m' }\n";
    std::fs::write(&file, text).expect("a file");
    let refuse = |horizon: &str, code: &str| {
        let assert = ridethrough().arg("run").arg(&file).args(["-n", "2", "--horizon", horizon]).assert().code(2);
        let told = String::from_utf8_lossy(&assert.stdout("").get_output().stderr).into_owned();
        assert!(told.contains(code), "{code} is missing in\n{told}");
    };
    refuse("5d", "error[warm-up-too-long]");
    std::fs::write(&file, text.replace("30m", "5s").replace("5m", "1s")).expect("a file");
    refuse("1000y", "error[too-many-events]");
}

/// Nothing unknown: that is an error which says how to write one, as is what an uncertainty analysis has no use for.
#[test]
fn an_uncertainty_needs_something_unknown() {
    let refuse = |arguments: &[&str], words: &[&str]| {
        let assert = ridethrough().arg("uncertainty").arg(scenario("multi-az.toml")).args(arguments).assert().code(2);
        let told = String::from_utf8_lossy(&assert.stdout("").get_output().stderr).into_owned();
        assert!(words.iter().all(|word| told.contains(word)), "{arguments:?}: {words:?} are not in\n{told}");
    };
    refuse(&[], &["nothing in", "[[unknown]]", "between", "--catalog"]);
    refuse(&["--precision", "5%"], &["--draws", "--replications"]);
    refuse(&["--draws", "1"], &["--draws"]);
}

#[test]
fn a_flag_goes_before_the_environment_and_that_before_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("short.toml");
    let text = "region.eu.zones = ['a']\ntier.web.pool.units = 1\nsimulation = { horizon = '30d', replications = 6 }\n\
                failure.f = { scope = 'unit:web', mttf = '10d', repair = '1d' }\n";
    std::fs::write(&file, text).expect("a file");
    let run = |environment: &[(&str, &str)], arguments: &[&str]| -> (u64, u64, f64) {
        let mut command = ridethrough();
        command.arg("run").arg(&file).args(arguments).envs(environment.iter().copied());
        let result: Value = serde_json::from_slice(&command.assert().success().get_output().stdout).expect("JSON");
        let whole = |value: &Value| value.as_u64().expect("a whole number");
        let replications = whole(&result["architectures"][0]["replications"]);
        (whole(&result["seed"]), replications, result["horizon_seconds"].as_f64().expect("a number") / 86_400.0)
    };
    let environment = [
        ("RIDETHROUGH_OUTPUT", "json"),
        ("RIDETHROUGH_SEED", "7"),
        ("RIDETHROUGH_REPLICATIONS", "4"),
        ("RIDETHROUGH_HORIZON", "60d"),
        ("RIDETHROUGH_THREADS", "1"),
        ("RIDETHROUGH_ASCII", "1"),
    ];
    assert_eq!(run(&environment[..1], &[]), (1, 6, 30.0));
    assert_eq!(run(&environment, &[]), (7, 4, 60.0));
    assert_eq!(run(&environment, &["--seed", "8", "-n", "3", "--horizon", "90d"]), (8, 3, 90.0));
    ridethrough().arg("run").arg(&file).env("RIDETHROUGH_THREADS", "none").assert().code(2).stdout("");
    ridethrough().arg("run").arg(&file).env("RIDETHROUGH_SEED", "none").assert().code(2).stdout("");
}

/// What a drill cannot fail, and how that is said.
#[test]
fn a_drill_teaches_what_can_fail() {
    let rows: [(&[&str], &str); 5] = [
        (&["--fail", "zone:use1-az9"], "did you mean zone:use1-az1?"),
        (&["--fail", "moon"], "what can fail: "),
        (&["--fail", "zone-power"], "say which"),
        (
            &["--fail", "zone:use1-az1", "--at", "1d", "--at", "2d"],
            "the first --at and --for belong to the first --fail",
        ),
        (&["--for", "2h"], "--fail"),
    ];
    for (arguments, remedy) in rows {
        let assert =
            ridethrough().arg("drill").arg(scenario("multi-az.toml")).args(arguments).assert().code(2).stdout("");
        let told = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(told.contains(remedy), "{arguments:?}: {remedy:?} is not in\n{told}");
    }
}

/// Only what covers the same time can be compared; the message names what differs.
#[test]
fn designs_of_different_times_are_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, simulation: &str| {
        let file = folder.path().join(name);
        let text = "region.eu.zones = ['a']\ntier.web.pool.units = 1\ndemand.rate = '1/s'\n\
                    failure.u = { scope = 'unit:web', mttf = '9d', repair = '1h' }\n";
        std::fs::write(&file, format!("{text}simulation = {{ {simulation} }}\n")).expect("a file");
        file
    };
    let year = write("year.toml", "horizon = '1y'");
    let late = write("late.toml", "horizon = '1y', warm_up = '30d'");
    let month = write("month.toml", "horizon = '30d'");
    for (other, key) in [(late, "simulation.warm_up"), (month, "simulation.horizon")] {
        let assert = ridethrough().arg("compare").args([&year, &other]).args(["-n", "2"]).assert().code(2);
        let told = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(told.contains(key), "{key} is not in {told}");
    }
}

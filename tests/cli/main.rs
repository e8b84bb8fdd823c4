//! The program as its user sees it: output, contract, errors, exit status, determinism.

mod arguments;
mod chart;
mod compat;
mod contract;
mod gate;
mod interrupt;
mod limits;
mod live;
mod page;
mod printed;
mod readme;
mod resume;
mod selftest;
mod shard;
mod size;
mod submit;
mod verify;
mod writing;

use assert_cmd::Command;
use serde_json::Value;
use std::path::{Path, PathBuf};

const SHIPPED: [&str; 4] = ["single-az.toml", "multi-az.toml", "multi-region.toml", "lesson.toml"];

fn scenario(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name)
}

fn ridethrough() -> Command {
    let mut command = Command::cargo_bin("ridethrough").expect("the program is built");
    command.env("COLUMNS", "100");
    command
}

fn json(arguments: &[&str]) -> Value {
    let mut command = ridethrough();
    command.arg("run").arg(scenario("multi-region.toml")).args(["-n", "20", "--output", "json"]).args(arguments);
    json_of(&command.assert().success().get_output().stdout)
}

fn json_of(text: &[u8]) -> Value {
    serde_json::from_slice(text).expect("one JSON document and nothing else")
}

#[test]
fn shipped_scenarios_are_sound_and_run() {
    for name in SHIPPED {
        ridethrough().arg("check").arg(scenario(name)).assert().success();
        ridethrough().arg("run").arg(scenario(name)).args(["-n", "4", "--horizon", "90d"]).assert().success();
    }
    ridethrough().arg("check").arg(scenario("environment.toml")).assert().success();
}

#[test]
fn compare_prints_a_table_and_writes_charts_with_their_data() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = ridethrough();
    command.arg("compare").args(SHIPPED[..3].iter().map(|name| scenario(name)));
    let assert = command.args(["-n", "20", "--charts"]).arg(folder.path()).assert().success();
    let table = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    for word in ["nines", "recovery time, p95", "data loss, p95", "multi-region", "seed 1", "all causes"] {
        assert!(table.contains(word), "{word} is missing in\n{table}");
    }
    for chart in ["nines", "recovery-time", "lost-time-by-cause", "downtime"] {
        for extension in ["svg", "png", "csv"] {
            let file = folder.path().join(format!("{chart}.{extension}"));
            assert!(file.metadata().is_ok_and(|it| it.len() > 100), "{} is missing", file.display());
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_for_any_number_of_threads() {
    let one = json(&["--threads", "1"]);
    assert_eq!(one, json(&["--threads", "2"]));
    assert_eq!(one, json(&["--threads", "8"]));
    assert_ne!(one["architectures"], json(&["--seed", "2"])["architectures"]);
}

#[test]
fn a_sweep_takes_every_combination() {
    let mut command = ridethrough();
    command.arg("sweep").arg(scenario("multi-region.toml")).args([
        "--set",
        "dns.ttl=5s,1h",
        "--set",
        "tier.web.auto_scaling.desired=4,6",
    ]);
    let assert = command.args(["-n", "20", "--no-charts", "--output", "json"]).assert().success();
    let result: Value = serde_json::from_slice(&assert.get_output().stdout).expect("JSON");
    let points = result["points"].as_array().expect("points");
    assert_eq!(points.len(), 4);
    let lost = |index: usize| points[index]["architecture"]["lost_seconds_per_year"]["estimate"].as_f64();
    assert_ne!(lost(0), lost(1), "a key that is set changes the result");
    let queries = |index: usize| points[index]["architecture"]["dns_queries_per_year"].as_f64().expect("queries");
    assert!(queries(0) > 700.0 * queries(2), "a TTL of 5 s asks 720 times as often as one of 1 h");
}

#[test]
fn the_example_can_be_checked_and_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shop.toml");
    ridethrough().arg("init").arg(&file).assert().success();
    ridethrough().arg("init").arg(&file).assert().code(2);
    ridethrough().arg("check").arg(&file).assert().success();
    ridethrough().arg("run").arg(&file).args(["-n", "4"]).assert().success();
}

#[test]
fn schema_defaults_and_completions_are_printed() {
    let schema = ridethrough().arg("schema").assert().success();
    serde_json::from_slice::<Value>(&schema.get_output().stdout).expect("a JSON Schema");
    ridethrough().args(["defaults", "rds"]).assert().success();
    ridethrough().args(["defaults", "no-such-thing"]).assert().code(2);
    ridethrough().args(["completions", "bash"]).assert().success();
    for command in [
        "run",
        "compare",
        "sweep",
        "gate",
        "size",
        "importance",
        "report",
        "uncertainty",
        "check",
        "init",
        "defaults",
        "schema",
        "completions",
    ] {
        let help = ridethrough().args([command, "--help"]).assert().success();
        assert!(
            String::from_utf8_lossy(&help.get_output().stdout).contains("Examples:"),
            "{command} --help has no examples"
        );
    }
}

/// Bad input: status 2, nothing on stdout, and on stderr the file or flag and what to do.
#[test]
fn bad_input_is_explained_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path
    };
    let base = "region.eu.zones = ['a', 'b']\ntier.web.pool.units = 2\n";
    let with = |name: &str, text: &str| write(name, format!("{base}{text}").as_bytes());
    let cases = [
        (folder.path().join("absent.toml"), "absent.toml"),
        (folder.path().to_path_buf(), "is a directory"),
        (write("empty.toml", b""), "empty"),
        (write("binary.toml", &[0xff, 0xfe, 0x00, 0x01]), "binary.toml"),
        (write("zeros.toml", &[0; 64]), "zeros.toml:1"),
        (write("syntax.toml", b"region = [[["), "syntax.toml"),
        (with("unknown.toml", "tier.web.pool.cews = 1"), "did you mean `crews`"),
        (with("bare.toml", "simulation.horizon = 90"), "unit"),
        (with("negative.toml", "failure.f = { scope = 'unit:web', mttf = '-1d', repair = '1h' }"), "negative.toml:3"),
        (with("above.toml", "objectives.availability = 1.5"), "above.toml:3"),
        (with("nowhere.toml", "failure.f = { scope = 'unit:wbe', mttf = '1d', repair = '1h' }"), "web"),
        (with("long.toml", "simulation.horizon = '1000000000y'"), "1000 years"),
        (with("zero.toml", "simulation.horizon = '0s'"), "zero.toml:3"),
        (with("often.toml", "failure.f = { scope = 'unit:web', mttf = '1us', repair = '1us' }"), "often.toml:3"),
        (with("cycle.toml", "environment = 'cycle.toml'"), "cycle.toml"),
    ];
    for (file, remedy) in cases {
        let assert =
            ridethrough().arg("run").arg(&file).arg("--charts").arg(folder.path().join("charts")).assert().code(2);
        let output = assert.get_output();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.stdout.is_empty(), "{}: {}", file.display(), String::from_utf8_lossy(&output.stdout));
        assert!(told.contains(remedy), "{}: {remedy:?} is not in\n{told}", file.display());
    }
    assert!(!folder.path().join("charts").exists());
}

/// A file that nobody may read. Root may read everything, and then there is nothing to test.
#[cfg(unix)]
#[test]
fn an_unreadable_file_is_explained() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("secret.toml");
    std::fs::write(&file, "region.eu.zones = ['a']\n").expect("a file");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).expect("permissions");
    if std::fs::read(&file).is_ok() {
        return;
    }
    let assert = ridethrough().arg("run").arg(&file).assert().code(2).stdout("");
    let told = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(told.contains("secret.toml") && told.contains("unreadable-file"), "{told}");
}

#[test]
fn the_codes_of_problems_are_explained() {
    let explained = ridethrough().args(["check", "--explain", "replacement-loop"]).assert().success();
    assert!(String::from_utf8_lossy(&explained.get_output().stdout).starts_with("replacement-loop: "));
    for (code, remedy) in
        [("replacment-loop", "did you mean replacement-loop?"), ("nonsense", "scenarios/README.md lists them all")]
    {
        let refused = ridethrough().args(["check", "--explain", code]).assert().code(2).stdout("");
        let told = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
        assert!(told.contains(remedy), "{told}");
    }
    ridethrough().arg("check").assert().code(2);
}

#[test]
fn objectives_are_enforced_only_where_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("missed.toml");
    let text = "region.eu.zones = ['a']\ntier.web.pool.units = 1\nobjectives.availability = '99.9%'\n\
                failure.f = { scope = 'unit:web', mttf = '10d', repair = '1d' }\n";
    std::fs::write(&file, text).expect("a file");
    let run = |arguments: &[&str]| ridethrough().arg("run").arg(&file).args(["-n", "50"]).args(arguments).assert();
    run(&[]).success();
    run(&["--enforce"]).code(1);
    let sweep = |values: &str| {
        let mut command = ridethrough();
        command.arg("sweep").arg(&file).args(["-n", "5000", "--no-charts", "--enforce", "--set", values]);
        command.assert()
    };
    sweep("tier.web.pool.units=1,8").code(1);
    sweep("tier.web.pool.units=8").success();
}

/// The group never serves again after its losses: that is said before anything runs, and the simulation ends all the same.
#[test]
fn an_endless_replacement_loop_is_named_and_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("loop.toml");
    let text = "region.eu.zones = ['a']\nfailure.f = { scope = 'unit:web', mttf = '5d' }\n[tier.web.load_balancer]\n\
                [tier.web.auto_scaling]\ndesired = 2\ncheck = 'elb'\ngrace = '30s'\nboot = '10m'\n";
    std::fs::write(&file, text).expect("a file");
    let assert = ridethrough().arg("run").arg(&file).args(["-n", "2", "--output", "json"]).assert().success();
    let output = assert.get_output();
    let told = String::from_utf8_lossy(&output.stderr);
    for word in ["replacement-loop", "grace", "boot", "loop.toml:7"] {
        assert!(told.contains(word), "{word} is missing in\n{told}");
    }
    let result: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let served = result["architectures"][0]["availability"]["request"]["estimate"].as_f64().expect("a number");
    assert!(served < 0.2, "{served} is served, though both units are gone for good within weeks");
    // A sweep warns of what only some of its settings do.
    let sound = folder.path().join("sound.toml");
    std::fs::write(&sound, text.replace("'30s'", "'15m'")).expect("a file");
    let mut command = ridethrough();
    command.arg("sweep").arg(&sound).args(["-n", "2", "--no-charts", "--set", "tier.web.auto_scaling.grace=15m,30s"]);
    let assert = command.assert().success();
    let told = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert_eq!(told.matches("warning[replacement-loop]").count(), 1, "{told}");
}

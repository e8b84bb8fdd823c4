//! `gate`: verdicts against closed forms, exit statuses, and errors that teach.

use super::{ridethrough, scenario};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// One server that is up for 10 days and down for one, both exponential: up a share of 10/11 = 90.909 % of the time in the long run. From
/// up at the start, the expected share lost in a year of 365 days is (1/11)(1 - (1 - e^(-rT)) / (rT)) with r = 1/10 + 1 a day: rT = 401.5, so 1/11
/// less 0.25 % of it, 9.068 %: an availability of 90.932 %.
const SERVER: &str = "name = 'server'\nregion.eu.zones = ['a']\ntier.web.pool.units = 1\n\
                      failure.f = { scope = 'unit:web', mttf = '10d', repair = { exponential = '1d' } }\n";

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file");
    path
}

/// Status, standard output and standard error of a gate of this scenario.
fn gate(text: &str, arguments: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = write(folder.path(), "server.toml", text);
    let mut command = ridethrough();
    let output = command.arg("gate").arg(&file).args(arguments).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("a status"), text(&output.stdout), text(&output.stderr))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("one JSON document and nothing else")
}

/// Far from the limit on either side a verdict takes one look; an eighth of a percentage point from it, where the standard error is half of that,
/// it takes more, and is still right. Time to spare, so that only replications end it.
#[test]
fn verdicts_agree_with_the_closed_form() {
    for (limit, status, verdict) in
        [("50%", 0, "met"), ("90.8%", 0, "met"), ("91.06%", 1, "missed"), ("99%", 1, "missed")]
    {
        let condition = format!("availability<{limit}");
        let (code, stdout, stderr) = gate(SERVER, &["--fail-if", &condition, "--max-time", "1h", "--output", "json"]);
        assert_eq!(code, status, "{condition}\n{stdout}{stderr}");
        let document = json(&stdout);
        let found = &document["conditions"][0];
        assert_eq!(found["verdict"], verdict, "{condition}");
        let bound = |key: &str| found["value"][key].as_f64().expect("a number");
        // At that level the interval misses the truth less than once in 20 seeds; this is one of the others.
        assert!(bound("low") <= 0.909_32 && 0.909_32 <= bound("high"), "{found}");
    }
}

/// At the exact value no number of replications decides, and that is said.
#[test]
fn what_lies_at_its_limit_stays_open() {
    let arguments = ["--fail-if", "availability<90.932%", "--max-time", "1h", "-n", "4096", "--output", "json"];
    let (code, stdout, _) = gate(SERVER, &arguments);
    assert_eq!(code, 3, "{stdout}");
    let document = json(&stdout);
    assert_eq!(
        (&document["verdict"], &document["looks"]),
        (&"inconclusive".into(), &3.into()),
        "looks at 1,024, 2,048 and 4,096"
    );
    assert_eq!(document["conditions"][0]["replications"], 4096);
    let level = document["conditions"][0]["value"]["level"].as_f64().expect("a level");
    // The third look of one condition may be wrong with a probability of 0.05 / 12.
    assert!((level - (1.0 - 0.05 / 12.0)).abs() < 1e-12, "{level}");
}

#[test]
fn one_missed_condition_goes_before_an_open_one() {
    let both = ["--fail-if", "availability<90.932%", "--fail-if", "availability<99%", "-n", "1024"];
    assert_eq!(gate(SERVER, &both).0, 1);
    let (code, table, _) = gate(SERVER, &[&both[..2], &["--fail-if", "availability<50%", "-n", "1024"]].concat());
    assert_eq!(code, 3, "{table}");
    assert!(table.contains("inconclusive") && table.contains("met"), "{table}");
}

#[test]
fn objectives_of_the_scenario_are_conditions() {
    let with = |objectives: &str| gate(&format!("{SERVER}objectives = {objectives}\n"), &["-n", "1024", "-o", "json"]);
    assert_eq!(with("{ availability = '50%' }").0, 0);
    // Repairs take a day on average: their 95th percentile is ln 20 = 3.0 days.
    let (code, stdout, _) = with("{ availability = '50%', recovery_time = '1d' }");
    assert_eq!(code, 1);
    let document = json(&stdout);
    assert_eq!(document["conditions"][0]["from"], "scenario");
    assert_eq!(document["conditions"][1]["condition"], "recovery_time.p95>1d");
    assert_eq!(document["conditions"][1]["verdict"], "missed");
}

#[test]
fn the_same_seed_gives_the_same_bytes_for_any_number_of_threads() {
    let run = |threads: &str| {
        let all =
            ["--fail-if", "availability<90.932%", "--max-time", "1h", "-n", "2048", "-o", "json", "--threads", threads];
        gate(SERVER, &all).1
    };
    let one = run("1");
    assert!(one == run("2") && one == run("5"));
}

/// What cannot be judged: status 2, nothing on stdout, all problems at once, and what to write instead.
#[test]
fn bad_conditions_are_explained_all_at_once() {
    let cases: [(&[&str], &[&str]); 8] = [
        (&[], &["nothing is asked of server", "[objectives]", "--fail-if"]),
        (&["--fail-if", "availabilty<99%"], &["did you mean availability?", "what there is: nines"]),
        (&["--fail-if", "recovery_time.p95>95%", "--fail-if", "nines<x"], &["is a duration", "without a unit"]),
        (
            &["--fail-if", "probability_month_met<95%"],
            &["server has no probability_month_met", "objectives.availability"],
        ),
        (&["--fail-if", "availability<9%", "--export", "x.csv"], &["--export x.csv", ".xml (JUnit)"]),
        (&["--fail-if", "availability<9%", "--baseline", "absent.json"], &["--baseline absent.json"]),
        (&["--openslo", "absent.yaml"], &["--openslo absent.yaml"]),
        (&["--fail-if", "availability<9%", "--max-time", "0s"], &["longer than 0s"]),
    ];
    for (arguments, words) in cases {
        let (code, stdout, stderr) = gate(SERVER, arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}\n{stderr}");
        assert!(words.iter().all(|word| stderr.contains(word)), "{arguments:?}: {words:?} are not in\n{stderr}");
    }
    let (code, _, stderr) = gate(SERVER, &["--fail-if", "availability>50%", "-n", "1024"]);
    assert!(code == 1 && stderr.contains("fails an architecture for being good"), "{code} {stderr}");
}

#[test]
fn openslo_documents_are_objectives() {
    let folder = tempfile::tempdir().expect("a folder");
    let document = |target: &str| {
        format!(
            "apiVersion: openslo/v1\nkind: SLO\nmetadata:\n  name: checkout\nspec:\n  budgetingMethod: Occurrences\n  \
             timeWindow:\n    - duration: 28d\n      isRolling: true\n  objectives:\n    - targetPercent: {target}\n"
        )
    };
    let (good, bad) =
        (write(folder.path(), "good.yaml", &document("50")), write(folder.path(), "bad.yaml", &document("99.9")));
    let text = |path: &Path| path.display().to_string();
    let (code, table, _) = gate(SERVER, &["--openslo", &text(&good), "-n", "1024"]);
    assert_eq!(code, 0, "{table}");
    assert!(table.contains("OpenSLO checkout") && table.contains("is not used: timeWindow"), "{table}");
    assert_eq!(gate(SERVER, &["--openslo", &text(&good), "--openslo", &text(&bad), "-n", "1024"]).0, 1);
}

/// Nothing changed: no comment, and an empty file for a pipeline to find. Repairs in half the time: a comment.
#[test]
fn a_comment_is_written_only_where_something_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (baseline, comment) = (folder.path().join("main.json"), folder.path().join("comment.md"));
    let (baseline, comment) = (baseline.display().to_string(), comment.display().to_string());
    let fail = ["--fail-if", "availability<50%", "-n", "1024"];
    gate(SERVER, &[&fail[..], &["--export", &baseline]].concat());
    let against = [&fail[..], &["--baseline", &baseline, "--export", &comment, "--output", "markdown"]].concat();
    for seed in ["1", "2"] {
        let (code, stdout, stderr) = gate(SERVER, &[&against[..], &["--seed", seed]].concat());
        assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
        assert_eq!(std::fs::metadata(&comment).expect("it is written").len(), 0);
    }
    let (_, stdout, _) = gate(&SERVER.replace("'1d'", "'12h'"), &against);
    assert!(stdout.contains("unavailability") && stdout.contains("better"), "{stdout}");
    assert_eq!(std::fs::read_to_string(&comment).expect("it is written"), stdout);
    let (code, _, stderr) = gate(SERVER, &[&against[..], &["--horizon", "90d"]].concat());
    assert!(code == 2 && stderr.contains("is of histories of 365 days, not of 90 days"), "{stderr}");
}

/// A rare event: nines that plain simulation would need a million years for. Both units of a pair are down together for a share of (1/(1 + 10^4))²,
/// 1e-8, far below one limit and far above the other.
#[test]
fn rare_events_are_decided_too() {
    let pair = "name = 'pair'\nregion.eu.zones = ['a']\ntier.web.pool.units = 2\ntier.web.pool.crews = 2\ntier.web.required = 1\n\
                failure.f = { scope = 'unit:web', mttf = '10000h', repair = { exponential = '1h' } }\n";
    let judged = |condition: &str| gate(pair, &["--fail-if", condition, "--max-time", "1h", "-n", "2048"]);
    let (code, table, stderr) = judged("unavailability>1e-7");
    assert_eq!(code, 0, "{table}{stderr}");
    let (code, table, stderr) = judged("unavailability>1e-9");
    assert_eq!(code, 1, "{table}{stderr}");
}

#[test]
fn several_architectures_are_judged_together() {
    let mut command = ridethrough();
    command.arg("gate").args(["single-az.toml", "multi-az.toml"].map(scenario));
    command.args(["--fail-if", "availability<50%", "-n", "256", "--output", "junit"]);
    let output = command.output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let document = roxmltree::Document::parse(&text).expect("well-formed");
    let suites: Vec<_> = document.descendants().filter(|node| node.has_tag_name("testsuite")).collect();
    let names: Vec<_> = suites.iter().filter_map(|suite| suite.attribute("name")).collect();
    assert_eq!(names, ["single-az", "multi-az"]);
    assert!(suites.iter().all(|suite| suite.children().filter(|node| node.has_tag_name("testcase")).count() >= 2));
}

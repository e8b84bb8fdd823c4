//! Pictures of saved results, and the drawing of an architecture with what is marked in it.

use super::{ridethrough, scenario};
use serde_json::Value;
use std::fs::read_to_string;
use std::path::Path;

fn saved(folder: &Path, name: &str, arguments: &[&str]) -> std::path::PathBuf {
    let file = folder.join(format!("{name}.json"));
    let mut command = ridethrough();
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).arg("--export").arg(&file);
    command.assert().success();
    file
}

/// The names of the charts in a folder: each with its three files.
fn charts(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).expect("lists").map(|it| it.expect("an entry").path());
    let mut names: Vec<String> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "svg"))
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    names.sort();
    for name in &names {
        for extension in ["png", "csv"] {
            assert!(folder.join(format!("{name}.{extension}")).exists(), "{name}.{extension}");
        }
        let text = read_to_string(folder.join(format!("{name}.svg"))).expect("a picture");
        let document = roxmltree::Document::parse(&text).expect("XML");
        assert!(document.descendants().any(|node| node.has_tag_name("desc")), "{name}");
        assert!(!text.contains("NaN"), "{name}");
    }
    names
}

fn chart(arguments: &[&Path], out: &Path, only: Option<&str>) {
    let mut command = ridethrough();
    command.arg("chart").args(arguments).arg("-o").arg(out);
    command.args(only.iter().flat_map(|only| ["--only", only]));
    command.assert().success();
}

#[test]
fn every_section_with_a_figure_has_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let few = folder.path();
    let study = saved(
        few,
        "study",
        &["compare", "scenarios/lesson.toml", "scenarios/multi-az.toml", "-n", "40", "--no-charts"],
    );
    let others = [
        saved(
            few,
            "ttl",
            &["sweep", "scenarios/multi-region.toml", "--set", "dns.ttl=5s,1h", "-n", "40", "--no-charts"],
        ),
        saved(few, "drill", &["drill", "scenarios/lesson.toml", "-n", "20"]),
        saved(few, "story", &["explain", "scenarios/lesson.toml", "-n", "40"]),
        saved(few, "importance", &["importance", "scenarios/lesson.toml", "-n", "40"]),
        saved(few, "unknown", &["uncertainty", "scenarios/mechanisms/unknown-rate.toml", "-n", "10", "--draws", "4"]),
        saved(few, "choose", &["optimize", "tests/cli/choose.toml", "-n", "128", "--no-charts"]),
    ];
    let out = few.join("charts");
    let shop = scenario("multi-region.toml");
    let all: Vec<&Path> =
        [study.as_path(), shop.as_path()].into_iter().chain(others.iter().map(|it| it.as_path())).collect();
    chart(&all, &out, None);
    let expected = [
        "architecture",
        "data-loss",
        "downtime",
        "error-budget",
        "explain",
        "frontier",
        "importance",
        "lost-time-by-cause",
        "nines",
        "recovery-time",
        "resilience",
        "sweep-dns.ttl",
        "tornado",
        "waterfall-lesson",
        "waterfall-multi-az",
    ];
    assert_eq!(charts(&out), expected);
    let ttl = read_to_string(out.join("sweep-dns.ttl.csv")).expect("numbers");
    assert!(ttl.starts_with("architecture,dns.ttl,dns.ttl.number,nines,nines_low,nines_high,"), "{ttl}");
    let lost = read_to_string(out.join("waterfall-multi-az.csv")).expect("numbers");
    assert!(lost.lines().last().is_some_and(|line| line.starts_with("multi-az,all causes,")), "{lost}");
    // The same again: the same bytes.
    let again = few.join("again");
    chart(&all, &again, None);
    for entry in std::fs::read_dir(&out).expect("lists") {
        let name = entry.expect("an entry").file_name();
        let bytes = |folder: &Path| std::fs::read(folder.join(&name)).expect("a file");
        assert!(bytes(&out) == bytes(&again), "{}", name.display());
    }
}

#[test]
fn what_is_asked_for_is_drawn_and_an_unknown_name_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let study = saved(folder.path(), "study", &["run", "scenarios/lesson.toml", "-n", "40"]);
    let out = folder.path().join("charts");
    chart(&[&study], &out, Some("nines,recovery"));
    assert_eq!(charts(&out), ["data-loss", "nines", "recovery-time"]);
    let refused = |only: &str| {
        let mut command = ridethrough();
        let assert =
            command.arg("chart").arg(&study).args(["--only", only, "-o"]).arg(&out).assert().code(2).stdout("");
        String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
    };
    let told = refused("ninees");
    assert!(told.contains("ninees") && told.contains("nines") && told.contains("frontier"), "{told}");
    let told = refused("frontier");
    assert!(told.contains("nothing to draw for frontier; these results have nines"), "{told}");
}

#[test]
fn what_cannot_be_drawn_is_said_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let (text, out) = (folder.path().join("notes.json"), folder.path().join("charts"));
    std::fs::write(&text, "hello").expect("a file");
    let absent = folder.path().join("absent.toml");
    let mut command = ridethrough();
    let assert = command.arg("chart").args([&text, &absent]).arg("-o").arg(&out).assert().code(2).stdout("");
    let told = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(told.contains("notes.json: is no JSON"), "{told}");
    assert!(!out.exists());
    ridethrough().arg("chart").arg(&absent).arg("-o").arg(&out).assert().code(2).stdout("");
    assert!(!out.exists());
}

/// The drawing of a scenario.
fn drawing(name: &str) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    chart(&[&scenario(name)], folder.path(), None);
    serde_json::from_str(&read_to_string(folder.path().join("architecture.json")).expect("a document")).expect("JSON")
}

/// Names of all places that are marked, wherever they stand in the document.
fn marked(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| marked(item, found)),
        Value::Object(members) => {
            if members.get("single_point_of_failure") == Some(&Value::Bool(true)) {
                found.extend(members["place"].as_str().map(str::to_owned));
            }
            members.values().for_each(|member| marked(member, found));
        }
        _ => {}
    }
}

#[test]
fn what_is_marked_is_what_takes_the_service_down_alone() {
    let shared = ["dependency:payments"];
    let of = |name: &str| -> Vec<String> {
        let document = drawing(name);
        let mut found = Vec::new();
        marked(&document, &mut found);
        found.sort();
        found.dedup();
        let singles: Vec<String> = serde_json::from_value(document["single_points_of_failure"].clone()).expect("names");
        assert_eq!(found, singles, "{name}: what is found is drawn, and nothing else");
        // The drills find the same.
        let mut command = ridethrough();
        command.arg("drill").arg(scenario(name)).args(["-n", "2", "--output", "json"]);
        let drills: Value = serde_json::from_slice(&command.assert().success().get_output().stdout).expect("JSON");
        assert_eq!(document["single_points_of_failure"], drills["cut_sets"]["single"], "{name}");
        found.retain(|place| !shared.contains(&place.as_str()));
        found
    };
    assert_eq!(
        of("single-az.toml"),
        ["database:orders/primary", "region:us-east-1", "tier:web/us-east-1", "zone:use1-az1"]
    );
    assert_eq!(of("multi-az.toml"), ["region:us-east-1", "tier:web/us-east-1"]);
    assert!(of("multi-region.toml").is_empty());
}

#[test]
fn every_shipped_scenario_can_be_drawn() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut drawn = 0;
    for under in [folder.join("mechanisms"), folder.join("rare"), folder] {
        for entry in std::fs::read_dir(under).expect("lists") {
            let path = entry.expect("an entry").path();
            let text = if path.is_file() { read_to_string(&path).expect("a text") } else { continue };
            if path.extension().is_none_or(|extension| extension != "toml") || !text.contains("[stack.") {
                continue;
            }
            let out = tempfile::tempdir().expect("a folder");
            let mut command = ridethrough();
            command.arg("chart").arg(&path).arg("-o").arg(out.path()).assert().success();
            assert_eq!(charts(out.path()), ["architecture"], "{}", path.display());
            drawn += 1;
        }
    }
    assert!(drawn > 10, "{drawn} drawings");
}

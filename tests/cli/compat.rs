//! What an earlier version has written is read by this one: `tests/compat` has a folder for each version whose formats are still those of today.

use super::{json_of, ridethrough};
use std::path::{Path, PathBuf};

/// Files of all versions with an extension.
fn files(extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compat");
    let versions = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let of =
        |version: PathBuf| std::fs::read_dir(version).expect("a folder").map(|entry| entry.expect("an entry").path());
    let files: Vec<PathBuf> =
        versions.flat_map(of).filter(|path| path.extension().is_some_and(|it| it == extension)).collect();
    assert!(files.len() > 2, "{files:?}");
    files
}

#[test]
fn old_scenarios_are_still_sound_and_run() {
    for file in files("toml") {
        let problems = ridethrough().args(["check", "--output", "json"]).arg(&file).assert().success();
        let problems = json_of(&problems.get_output().stdout);
        assert!(problems.as_array().is_some_and(|all| all.iter().all(|it| it["severity"] == "warning")), "{problems}");
        if !file.ends_with("environment.toml") {
            ridethrough().arg("run").arg(&file).args(["-n", "4", "--horizon", "90d"]).assert().success();
        }
    }
}

#[test]
fn old_results_still_make_a_page() {
    for file in files("json") {
        let page = ridethrough().arg("report").arg(&file).args(["-o", "-"]).assert().success();
        assert!(page.get_output().stdout.starts_with(b"<!DOCTYPE html>"), "{}", file.display());
    }
}

#[test]
fn an_old_result_is_still_a_baseline() {
    for name in ["run.json", "gate.json"] {
        for baseline in files("json").into_iter().filter(|file| file.ends_with(name)) {
            let scenario = baseline.with_file_name("shop.toml");
            let mut gate = ridethrough();
            gate.arg("gate").arg(scenario).args([
                "-n",
                "1024",
                "--output",
                "json",
                "--fail-if",
                "availability<1%",
                "--baseline",
            ]);
            let output = gate.arg(&baseline).output().expect("it runs");
            assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

#[test]
fn a_format_of_the_future_is_refused_and_that_of_today_may_be_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = files("toml").into_iter().find(|file| file.ends_with("shop.toml")).expect("the old scenario");
    let text = std::fs::read_to_string(old).expect("reads");
    let file = folder.path().join("shop.toml");
    std::fs::write(&file, format!("format = 1\n{text}")).expect("writes");
    ridethrough().arg("check").arg(&file).assert().success();
    std::fs::write(&file, format!("format = 2\n{text}")).expect("writes");
    let refused = ridethrough().arg("check").arg(&file).assert().code(2);
    let told = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(told.contains("error[unknown-format]") && told.contains("shop.toml:1:10"), "{told}");
}

//! `selftest`: the table of cases, in its three forms.

use crate::ridethrough;
use serde_json::Value;

fn printed(arguments: &[&str]) -> String {
    let assert = ridethrough().arg("selftest").args(arguments).assert().success();
    String::from_utf8_lossy(&assert.get_output().stdout).into_owned()
}

#[test]
fn the_table_names_exact_value_and_derivation() {
    let text = printed(&["a life runs on under a mask"]);
    assert!(text.starts_with("pools\n") && text.contains("zone twice, unit once") && text.contains("10800.0000000"));
    assert!(text.ends_with("1 cases, 2 claims: all hold\n"), "{text}");
    assert!(printed(&["a life runs", "-o", "markdown"]).starts_with("| mechanism | case |"));
    let document: Value = serde_json::from_str(&printed(&["a life runs", "-o", "json"])).expect("one JSON document");
    assert_eq!(document["failed"], 0);
    assert_eq!(document["claims"][0]["exact"], 10_800.0);
    ridethrough().args(["selftest", "no such mechanism"]).assert().code(2);
}

/// Sixty cases at least, each with a derivation.
#[test]
fn there_are_enough_cases() {
    let groups = ridethrough::selftest::groups();
    let cases: usize = groups.iter().map(|(_, cases)| cases.len()).sum();
    assert!(cases >= 60, "{cases} cases");
}

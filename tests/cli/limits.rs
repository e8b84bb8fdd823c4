//! Whatever a file asks for ends: in a result, or in a problem that says what is too much.

use super::ridethrough;
use std::time::Duration;

/// Nothing here takes more than seconds; a hang would.
const HANG: Duration = Duration::from_secs(120);

/// Six units in three zones, with one line changed and others added.
fn with(key: &str, value: &str, more: &str) -> String {
    let usual = [
        ("region.eu.zones", "[\"a\", \"b\", \"c\"]"),
        ("tier.web.pool.units", "6"),
        ("tier.web.required", "4"),
        ("failure.unit", "{ scope = \"unit:web\", mttf = \"60d\", repair = \"10m\" }"),
        ("failure.zone", "{ scope = \"zone\", mttf = \"200d\", repair = \"1h\" }"),
        ("demand.rate", "\"100/s\""),
        ("simulation.horizon", "\"1y\""),
    ];
    let lines = usual.map(|(name, usual)| format!("{name} = {}\n", if name == key { value } else { usual }));
    lines.concat() + more
}

fn of_life(law: &str) -> String {
    with("failure.unit", &format!("{{ scope = \"unit:web\", mttf = {law}, repair = \"10m\" }}"), "")
}

fn of_repair(law: &str) -> String {
    with("failure.unit", &format!("{{ scope = \"unit:web\", mttf = \"60d\", repair = {law} }}"), "")
}

/// An auto scaling group.
fn group(units: u32, settings: &str) -> String {
    format!(
        "region.eu.zones = [\"a\", \"b\", \"c\"]
tier.web.auto_scaling = {{ min = 1, desired = {units}, max = {units}, check = \"elb\", {settings} }}
tier.web.load_balancer = {{ interval = \"1s\", timeout = \"500ms\" }}
failure.unit = {{ scope = \"unit:web\", mttf = \"60d\", repair = \"never\" }}
demand.rate = \"100/s\"
"
    )
}

/// Runs a scenario for a moment: its exit status and what it says.
fn outcome(text: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("hostile.toml");
    std::fs::write(&file, text).expect("a file");
    let mut command = ridethrough();
    command.arg("run").arg(&file).args(["-n", "4"]).timeout(HANG);
    let output = command.output().expect("the program runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn too_much_is_refused_with_a_reason() {
    let deep = |open: &str, close: &str| {
        with("", "", &format!("stack.s.requires = {}\"web\"{}\n", open.repeat(10_000), close.repeat(10_000)))
    };
    let cases = [
        (with("simulation.horizon", "\"1000000000y\"", ""), "out-of-range"),
        (with("simulation.horizon", "\"1e300y\"", ""), "bad-duration"),
        (with("tier.web.pool.units", "4000000000", ""), "out-of-range"),
        (with("tier.web.pool.units", "1000000000000000000", ""), "out-of-range"),
        (with("", "", "simulation.warm_up = \"1000y\"\n"), "warm-up-too-long"),
        (of_life("\"1e-300s\""), "too-many-events"),
        (of_life("\"1us\""), "too-many-events"),
        (
            with(
                "",
                "",
                "dependency.pay.breaker.reset_timeout = \"1e-9s\"\n\
                 failure.pay = { scope = \"dependency:pay\", mttf = \"36d\", repair = \"45s\" }\n",
            ),
            "too-many-events",
        ),
        (of_life("{ weibull = { mean = \"60d\", shape = 0.001 } }"), "bad-law"),
        (of_life("{ weibull = { mean = \"60d\", shape = 1e17 } }"), "bad-law"),
        (of_life("{ weibull = { mean = \"60d\", shape = 1e300 } }"), "out-of-range"),
        (with("demand.rate", "\"1e300/s\"", ""), "bad-rate"),
        (with("", "", "tier.web.capacity = \"1e300/s\"\n"), "bad-rate"),
        (with("", "", "sessions = { store = \"instance\", tier = \"web\", concurrent = 1.7e308 }\n"), "out-of-range"),
        (of_life("{ gamma = { mean = \"60d\", shape = 0.000001 } }"), "bad-law"),
        (of_life("{ erlang = { mean = \"60d\", stages = 4000000000 } }"), "bad-law"),
        (of_repair("{ lognormal = { median = \"1m\", sigma = 100 } }"), "bad-law"),
        (of_repair("\"1e300y\""), "bad-duration"),
        (deep("[", "]"), "toml-syntax"),
        (deep("[{ any_of = [", "] }]"), "toml-syntax"),
    ];
    for (text, code) in cases {
        let (status, told) = outcome(&text);
        assert_eq!(status, Some(2), "{code}: {}", &told[..told.len().min(2_000)]);
        assert!(told.contains(&format!("[{code}]")), "{code} is not in {}", &told[..told.len().min(2_000)]);
        assert!(told.contains("--> "), "{told}");
    }
}

#[test]
fn what_is_odd_but_bounded_runs() {
    let cases = [
        with("demand.rate", "\"1e18/s\"", ""),
        with("demand.rate", "\"1e-300/s\"", ""),
        with("", "", "tier.web.capacity = \"1e-300/s\"\n"),
        with("", "", "tier.web.capacity = \"1e18/s\"\n"),
        with("", "", "sessions = { store = \"instance\", tier = \"web\", concurrent = 1e18 }\n"),
        with("", "", "tier.web.load_balancer = { interval = \"10s\", false_positive = 0.999999 }\n"),
        of_life("{ weibull = { mean = \"60d\", shape = 0.1 } }"),
        of_life("{ lognormal = { median = \"60d\", sigma = 10 } }"),
        of_life("{ gamma = { mean = \"60d\", shape = 0.01 } }"),
        of_life("\"1000000000y\""),
        of_repair("\"1e-300s\""),
        of_repair("{ weibull = { mean = \"1h\", shape = 0.1 } }"),
        of_repair("{ lognormal = { median = \"1h\", sigma = 10 } }"),
        of_repair("\"1000000000y\""),
        group(100, "boot = \"10m\", grace = \"1s\", launch = \"1s\""),
        group(100, "boot = \"1us\", grace = \"1us\", launch = \"1us\""),
        group(2, "launch_failure = 1, retry = \"1m\""),
    ];
    for text in cases {
        let (status, told) = outcome(&text);
        assert_eq!(status, Some(0), "{text}\n{told}");
    }
}

/// Any of 2^64 sets of them may be on at once.
#[test]
fn failures_that_overlap_in_every_way_are_told_apart_up_to_a_number() {
    let failures: String = (0..63)
        .map(|nth| format!("failure.f{nth} = {{ scope = \"tier:web\", mttf = \"1h\", repair = \"1h\" }}\n"))
        .collect();
    let text = with("simulation.horizon", "\"90d\"", &failures).replace("failure.zone", "# failure.zone");
    let (status, told) = outcome(&text);
    assert_eq!(status, Some(0), "{told}");
}

/// One unit that fails again and again, for ever.
fn restless(mttf: &str, repair: &str) -> String {
    let text =
        with("failure.unit", &format!("{{ scope = \"unit:web\", mttf = \"{mttf}\", repair = \"{repair}\" }}"), "");
    text.replace("units = 6", "units = 1").replace("required = 4", "required = 1").replace("\"1y\"", "\"60y\"")
}

/// A history of hundreds of millions of state changes, most of which are incidents.
#[test]
fn more_than_memory_holds_is_refused() {
    let (status, told) = outcome(&restless("10s", "1s"));
    assert_eq!(status, Some(2), "{told}");
    assert!(told.contains("more than 10000000 incidents") && told.contains("simulation.horizon"), "{told}");
}

#[test]
fn more_units_than_memory_holds_are_refused() {
    let tiers: String = (0..17).map(|nth| format!("tier.t{nth}.pool.units = 1000000\n")).collect();
    let (status, told) = outcome(&format!("region.eu.zones = [\"a\"]\n{tiers}"));
    assert_eq!(status, Some(2), "{told}");
    assert!(told.contains("17000000 units, but at most 16000000"), "{told}");
}

/// One history takes longer than there is time, and so it is not waited for.
#[test]
fn time_that_is_too_short_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("long.toml");
    let many = with("tier.web.pool.units", "20000", "").replace("\"60d\"", "\"2d\"").replace("\"1y\"", "\"30y\"");
    std::fs::write(&file, many).expect("a file");
    for command in [&["run"][..], &["gate", "--fail-if", "availability<99%"]] {
        let mut program = ridethrough();
        program.args(command).arg(&file).args(["--max-time", "1s"]).timeout(HANG);
        let output = program.output().expect("the program runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("--max-time is over before two replications were finished"), "{told}");
    }
}

#[test]
fn a_million_units_run() {
    let seldom = "{ scope = \"unit:web\", mttf = \"100y\", repair = \"10m\" }";
    for more in ["", "tier.web.load_balancer = { interval = \"10s\" }\n"] {
        let text = with("tier.web.pool.units", "1000000", more)
            .replace("{ scope = \"unit:web\", mttf = \"60d\", repair = \"10m\" }", seldom);
        let (status, told) = outcome(&text);
        assert_eq!(status, Some(0), "{told}");
    }
    let (status, told) = outcome(&group(100_000, "boot = \"1m\"").replace("60d", "10y"));
    assert_eq!(status, Some(0), "{told}");
}

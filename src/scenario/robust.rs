//! Nothing a file holds makes reading it panic, hang or fill the memory.

use super::decoder::Decoder;
use super::load::{check, load, load_text, load_with};
use super::problem::{Problems, Severity};
use super::registry::Table as _;
use super::source::{LARGEST_FILE, Sources};
use super::tables::Scenario;
use super::tree;
use super::{example, schema};
use proptest::prelude::*;
use std::path::Path;

fn problems_of_bytes(bytes: &[u8]) -> Problems {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("scenario.toml");
    std::fs::write(&path, bytes).expect("a temporary file");
    match load(&[path]) {
        Ok(loaded) => Problems::from(loaded.warnings),
        Err(problems) => problems,
    }
}

fn codes(problems: &Problems) -> Vec<&'static str> {
    problems.iter().map(|problem| problem.code).collect()
}

/// Loads and renders both ways; the result must make sense.
fn digest(text: &str) {
    let problems = match load_text("scenario.toml", text) {
        Ok(loaded) => {
            assert!(loaded.warnings.iter().all(|problem| problem.severity == Severity::Warning));
            assert_eq!(loaded.designs.len(), 1);
            Problems::from(loaded.warnings)
        }
        Err(problems) => {
            assert!(problems.errors() > 0);
            problems
        }
    };
    let shown = problems.render(false);
    assert!(problems.is_empty() == shown.is_empty());
    let _ = problems.render(true);
    assert!(serde_json::to_string(&problems).is_ok());
    for problem in &problems {
        assert!(
            !problem.message.is_empty() && problem.start <= problem.end && problem.end <= text.len().max(problem.end)
        );
    }
}

/// Pieces of scenarios, true and false, to be put together at random.
const KEYS: [&str; 41] = [
    "region",
    "tier",
    "stack",
    "database",
    "dependency",
    "dns",
    "failure",
    "demand",
    "objectives",
    "simulation",
    "web",
    "eu",
    "pool",
    "units",
    "zones",
    "auto_scaling",
    "desired",
    "load_balancer",
    "interval",
    "requires",
    "regions",
    "primary",
    "standby",
    "zone",
    "scope",
    "mttf",
    "repair",
    "record",
    "ttl",
    "cohort",
    "client",
    "breaker",
    "retry",
    "attempts",
    "factor",
    "failure_share",
    "window",
    "overload",
    "capacity",
    "sessions",
    "store",
];
const VALUES: [&str; 34] = [
    "1",
    "0",
    "-3",
    "1e300",
    "nan",
    "inf",
    "true",
    "\"web\"",
    "\"eu\"",
    "\"60d\"",
    "\"0s\"",
    "\"never\"",
    "\"catalog:asg.grace\"",
    "\"catalog:az.impairment.duration\"",
    "\"catalog:\"",
    "[]",
    "{}",
    "[\"a\", \"b\"]",
    "[\"web\"]",
    "\"unit:web\"",
    "\"zone\"",
    "\"global\"",
    "[\"zone:a\", \"zone:b\"]",
    "{ exponential = \"1d\" }",
    "{ lognormal = { median = \"1h\", p99.9 = \"1d\" } }",
    "{ mixture = [{ weight = 1, law = \"5m\" }] }",
    "{ k_of = 1, of = [\"web\"] }",
    "{ failover = [\"eu\"] }",
    "{ weighted = { eu = 1 } }",
    "2026-11-01",
    "\"6/y\"",
    "\"99.9%\"",
    "[[[[{}]]]]",
    "{ weibull = { mean = \"1d\", shape = 0.1 } }",
];

fn line() -> impl Strategy<Value = String> {
    let path = prop::collection::vec(prop::sample::select(KEYS.to_vec()), 1..5);
    let value = prop::sample::select(VALUES.to_vec());
    (path, value, 0..4_u8).prop_map(|(path, value, form)| match form {
        0 => format!("[{}]", path.join(".")),
        1 => format!("[[{}]]", path.join(".")),
        _ => format!("{} = {value}", path.join(".")),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn arbitrary_bytes_are_digested(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = problems_of_bytes(&bytes).render(true);
    }

    #[test]
    fn arbitrary_text_is_digested(text in "\\PC{0,200}") {
        digest(&text);
    }

    #[test]
    fn arbitrary_scenarios_are_digested(lines in prop::collection::vec(line(), 0..30)) {
        digest(&lines.join("\n"));
    }

    #[test]
    fn arbitrary_lines_in_the_example_are_digested(lines in prop::collection::vec(line(), 1..5), at in 0..80_usize) {
        let example = example();
        let mut all: Vec<&str> = example.lines().collect();
        let at = at.min(all.len());
        all.splice(at..at, lines.iter().map(String::as_str));
        digest(&all.join("\n"));
    }

    #[test]
    fn a_cut_example_is_digested(from in 0..2000_usize, length in 0..200_usize) {
        let example = example();
        let keep = |(index, _): &(usize, char)| *index < from || *index >= from + length;
        let text: String = example.char_indices().filter(keep).map(|(_, c)| c).collect();
        digest(&text);
    }

    #[test]
    fn decoding_is_total(lines in prop::collection::vec(line(), 0..30)) {
        // Whatever parses decodes to a scenario, with or without problems.
        if let Ok(root) = tree::parse(0, &lines.join("\n")) {
            let mut decoder = Decoder::new(Sources::default());
            let scenario = Scenario::decode(&root, &mut decoder);
            prop_assert!(scenario.tier.len() <= 30);
        }
    }

    #[test]
    fn arbitrary_changes_are_digested(path in "[a-z_.]{0,30}", value in "\\PC{0,20}") {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("scenario.toml");
        std::fs::write(&file, example()).expect("a temporary file");
        if let Err(problems) = load_with(&[file], &[(path, value)]) {
            let _ = problems.render(true);
        }
    }
}

#[test]
fn files_that_are_no_scenarios() {
    assert_eq!(codes(&problems_of_bytes(b"")), ["empty-file"]);
    assert_eq!(codes(&problems_of_bytes(b" \n\t\n")), ["empty-file"]);
    assert_eq!(codes(&problems_of_bytes(&[0x7f, b'E', b'L', b'F', 0xff])), ["not-text"]);
    let large = vec![b'#'; usize::try_from(LARGEST_FILE).unwrap_or(0) + 1];
    assert_eq!(codes(&problems_of_bytes(&large)), ["file-too-large"]);
    let of = |path: &str| check(&[Path::new(path).to_owned()]);
    assert_eq!(codes(&of("/")), ["unreadable-file"]);
    assert_eq!(codes(&of("no/such/file.toml")), ["unreadable-file"]);
    assert_eq!(codes(&of("/dev/zero")), ["unreadable-file"]);
    assert_eq!(codes(&check(&[])), ["no-file"]);
}

#[test]
fn a_missing_file_is_explained() {
    let problems = check(&[Path::new("nowhere.toml").to_owned()]);
    let shown = "error[unreadable-file]: cannot read `nowhere.toml`: there is no such file\n--> nowhere.toml\n = help: check the spelling";
    assert!(problems.render(false).starts_with(shown), "{problems}");
}

#[test]
fn byte_order_marks_and_carriage_returns_do_no_harm() {
    let windows = format!("\u{feff}{}", example().replace('\n', "\r\n"));
    let loaded = load_text("scenario.toml", &windows).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(loaded.warnings.is_empty());
    let wrong = windows.replace("cost = 0.2", "cots = 0.2");
    let problems = load_text("scenario.toml", &wrong).expect_err("a wrong key");
    assert!(problems.render(false).contains("^^^^ did you mean `cost`?"), "{problems}");
}

#[test]
fn monstrous_files_end_in_a_short_report() {
    // Large enough that work growing with the square of the size would stall the test.
    let size = 600_000;
    let repeat = |piece: &dyn Fn(usize) -> String| {
        let mut text = String::new();
        let mut index = 0;
        while text.len() < size {
            text += &piece(index);
            index += 1;
        }
        text
    };
    let base = "region.eu.zones = ['a']\ntier.web.pool.units = 2\nfailure.u = { scope = 'unit:web', mttf = '60d', repair = '1h' }\n";
    let monsters = [
        repeat(&|index| format!("k{index} = 1\n")),
        repeat(&|index| format!("[tier.t{index}]\n")),
        repeat(&|index| format!("[failure.t{index}]\nx = 1\n")),
        format!("region.eu.zones = [{}]", repeat(&|index| format!("'z{index}',"))),
        format!("{base}stack.s.requires = [{}]", repeat(&|index| format!("'z{index}',"))),
        format!("{base}stack.s.requires = [{}]", repeat(&|_| "{ any_of = ['web'] },".to_owned())),
        format!(
            "{base}failure.x = {{ scope = [{}], mttf = '1d', repair = '1d' }}",
            repeat(&|index| format!("'zone:z{index}',"))
        ),
        format!(
            "{base}failure.x = {{ scope = 'zone', mttf = '1d', repair = {{ mixture = [{}] }} }}",
            repeat(&|_| "{weight=1,law='1s'},".to_owned())
        ),
        format!(
            "{base}[dns]\nrecord = {{ weighted = {{ {} }} }}",
            repeat(&|index| format!("z{index} = 1,")).trim_end_matches(',')
        ),
        format!("{base}question = \"{}\"\nx = 1", repeat(&|_| "x".to_owned())),
        repeat(&|_| "\"".to_owned()),
        repeat(&|_| "[[a]]\n".to_owned()),
        repeat(&|_| "x = [\n".to_owned()),
        repeat(&|_| "= \n".to_owned()),
        format!("x = {}", repeat(&|_| "[".to_owned())),
        format!("{base}{}", repeat(&|index| format!("[[dns.cohort]]\nname = 'c{index}'\n"))),
        format!("failure.f = {{ {} }}", repeat(&|index| format!("k{index} = {{}},")).trim_end_matches(',')),
    ];
    for (index, text) in monsters.iter().enumerate() {
        if let Err(problems) = load_text("monster.toml", text) {
            let shown = problems.render(false);
            assert!(shown.len() < 2_000_000, "monster {index} shows {} bytes", shown.len());
        }
    }
}

#[test]
fn problems_are_json() {
    let problems = load_text("scenario.toml", "queston = 1").expect_err("a wrong key");
    let json = serde_json::to_value(&problems).expect("JSON");
    let first = json
        .as_array()
        .and_then(|list| list.iter().find(|problem| problem["code"] == "unknown-key"))
        .expect("the problem");
    assert_eq!(first["severity"], "error");
    assert_eq!((first["line"].as_u64(), first["column"].as_u64()), (Some(1), Some(1)));
    assert_eq!((first["start"].as_u64(), first["end"].as_u64()), (Some(0), Some(7)));
    assert_eq!(first["key"], "queston");
    assert!(schema().is_object());
}

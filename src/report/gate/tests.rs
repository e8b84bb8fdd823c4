//! Verdicts over looks, and what is printed of them.

use super::*;
use crate::report::golden::hold;
use crate::report::sample;
use serde_json::Value;

fn conditions(texts: &[&str]) -> Vec<(usize, Condition, Origin)> {
    texts.iter().map(|text| (0, condition(text).expect("a condition"), Origin::FailIf)).collect()
}

/// A study of one architecture that loses so much, with half widths of a tenth.
fn study(name: &str, lost: f64) -> Study {
    sample::alone(sample::summary(name, lost, &[("zone", 1.0)]))
}

fn gate(name: &str, texts: &[&str]) -> Gate {
    let study = study(name, 10_000.0);
    let mut gate = Gate::new(vec!["scenarios/shop.toml".to_owned()], conditions(texts), Vec::new(), 0.95);
    gate.look(&study);
    gate.finished(study, 1)
}

/// 10,000 s of a year [9,000, 11,000] are an availability of 99.968 % [99.965, 99.971]: one condition of each kind.
const ONE_OF_EACH: [&str; 3] = ["availability<99.9%", "lost_time>1h", "unavailability>0.032%"];

#[test]
fn one_of_each_kind() {
    let gate = gate("shop", &ONE_OF_EACH);
    let verdicts: Vec<Judgement> = gate.judged.iter().map(|it| it.verdict).collect();
    assert_eq!(verdicts, [Judgement::Met, Judgement::Missed, Judgement::Inconclusive]);
    assert_eq!(gate.verdict(), Judgement::Missed);
    hold("gate.txt", &gate_terminal(&gate, 80, false, false));
    hold("gate.md", &gate_markdown(&gate));
    hold("gate.xml", &gate_junit(&gate));
    hold("gate.github", &gate_github(&gate));
    let document: Value = serde_json::from_str(&gate_json(&gate, None)).expect("JSON");
    assert_eq!(document["verdict"], "missed");
    assert_eq!(document["conditions"][2]["verdict"], "inconclusive");
    assert_eq!(document["conditions"][1]["limit"], 3_600.0);
    assert_eq!(document["conditions"][1]["value"]["low"], 9_000.0);
}

/// What is decided stays so, with the interval that decided it; what is open is looked at again.
#[test]
fn a_verdict_is_not_taken_back() {
    let mut gate =
        Gate::new(vec!["shop.toml".to_owned()], conditions(&["lost_time>3h", "lost_time>3500s"]), Vec::new(), 0.95);
    assert!(!gate.look(&study("shop", 3_600.0)), "3,240 s to 3,960 s straddle 3,500 s");
    assert!(gate.look(&study("shop", 20_000.0)));
    let verdicts: Vec<(Judgement, f64)> =
        gate.judged.iter().map(|it| (it.verdict, it.value().map_or(0.0, |value| value.estimate))).collect();
    assert_eq!(verdicts, [(Judgement::Met, 3_600.0), (Judgement::Missed, 20_000.0)]);
}

/// No data loss seen meets a limit only until one is seen.
#[test]
fn what_was_not_seen_is_looked_at_again() {
    let mut none = study("shop", 1_000.0);
    none.architectures[0].data_loss = crate::study::Distribution::default();
    let asked = conditions(&["data_loss.p95>1ms", "lost_time>1000s"]);
    let mut gate = Gate::new(vec!["shop.toml".to_owned()], asked, Vec::new(), 0.95);
    assert!(!gate.look(&none));
    assert_eq!(gate.judged[0].verdict, Judgement::Met);
    gate.look(&study("shop", 1_000.0));
    assert_eq!(gate.judged[0].verdict, Judgement::Missed);
    // With rare events only means are known, which is no reason to pass.
    none.architectures[0].rare = Some(crate::study::RareFindings {
        probability_of_incident: sample::estimate(1e-6, 1e-7),
        probability_of_data_loss: None,
        probes: 1_000,
        effective_probes: 500.0,
        largest_share: 0.01,
        gain: None,
    });
    let mut gate = Gate::new(vec!["shop.toml".to_owned()], conditions(&["data_loss.p95>1h"]), Vec::new(), 0.95);
    assert!(!gate.look(&none));
    assert_eq!(gate.verdict(), Judgement::Inconclusive);
}

/// An interval that rests on too few branches decides nothing, wherever it lies.
#[test]
fn what_is_not_to_be_trusted_is_open() {
    let mut doubtful = study("shop", 1_000.0);
    doubtful.architectures[0].warnings = vec![crate::study::Warning::TooFewHits { effective: 3.0 }];
    let mut gate = Gate::new(vec!["shop.toml".to_owned()], conditions(&["lost_time>1h"]), Vec::new(), 0.95);
    assert!(!gate.look(&doubtful));
    assert!(gate.look(&study("shop", 1_000.0)));
    assert_eq!(gate.verdict(), Judgement::Met);
}

#[test]
fn what_an_architecture_has_not_is_no_pass() {
    let study = study("shop", 1_000.0);
    let asked = conditions(&["users_logged_out>5", "probability_month_met<95%"]);
    let mut gate = Gate::new(vec!["shop.toml".to_owned()], asked, Vec::new(), 0.95);
    assert!(gate.look(&study), "there is nothing to wait for");
    let missing = gate.not_modelled(&study);
    assert_eq!(missing.len(), 2);
    assert!(missing[0].contains("[sessions]") && missing[1].contains("objectives.availability"), "{missing:?}");
}

const HOSTILE: &str = "a<b>&\"c'|d*_`e`\u{1}\u{0}\n::error::%0A,x:y @team ]]> \u{ffff} <!-- é 字";

#[test]
fn hostile_names_do_not_break_xml() {
    let mut gate = gate(HOSTILE, &ONE_OF_EACH);
    gate.judged[0].origin = Origin::OpenSlo(HOSTILE.to_owned());
    let text = gate_junit(&gate);
    let document = roxmltree::Document::parse(&text).expect("well-formed");
    let suite = document.descendants().find(|node| node.has_tag_name("testsuite")).expect("a suite");
    let name = HOSTILE.replace(['\u{1}', '\u{0}', '\u{ffff}'], "\u{fffd}");
    assert_eq!(suite.attribute("name"), Some(name.as_str()));
    let count = |tag: &str| document.descendants().filter(|node| node.has_tag_name(tag)).count();
    assert_eq!((count("testcase"), count("failure"), count("skipped")), (3, 1, 1));
    let attribute = |key: &str| suite.attribute(key).and_then(|text| text.parse::<usize>().ok());
    assert_eq!((attribute("tests"), attribute("failures"), attribute("skipped")), (Some(3), Some(1), Some(1)));
}

#[test]
fn hostile_names_do_not_break_annotations() {
    let mut gate = gate(HOSTILE, &ONE_OF_EACH);
    gate.judged[1].origin = Origin::OpenSlo(HOSTILE.to_owned());
    gate.files[0] = "a,b:c%d\n.toml".to_owned();
    let text = gate_github(&gate);
    assert_eq!(text.lines().count(), 3, "one line for each annotation:\n{text}");
    for line in text.lines() {
        let command = line.split("::").nth(1).expect("a command");
        let name = command.split(' ').next();
        assert!(["error", "warning", "notice"].map(Some).contains(&name), "{line}");
        let properties: Vec<&str> = command.split_once(' ').expect("properties").1.split(',').collect();
        assert!(properties.iter().all(|it| it.starts_with("file=") || it.starts_with("title=")), "{line}");
        assert!(properties.iter().all(|it| !it.contains(':')), "{line}");
    }
    assert!(text.contains("file=a%2Cb%3Ac%25d%0A.toml,"));
}

#[test]
fn hostile_names_do_not_break_markdown() {
    let mut gate = gate(HOSTILE, &ONE_OF_EACH);
    gate.judged[0].origin = Origin::OpenSlo(HOSTILE.to_owned());
    let baseline = Baseline::read(&crate::report::json(&study(HOSTILE, 1_000.0), None)).expect("a result");
    for text in [gate_markdown(&gate), gate_markdown(&gate.clone().against(&baseline).expect("comparable"))] {
        assert!(!text.contains("<b>") && !text.contains("<!--") && !text.contains("@team"), "{text}");
        let tables: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        assert!(tables.len() >= 3 && tables.iter().all(|line| cells(line) == cells(tables[0])), "{text}");
    }
}

/// A comment only where there is something to say; an empty one is an empty file.
#[test]
fn a_comment_says_only_what_changed() {
    let gate = gate("shop", &ONE_OF_EACH);
    let against = |lost: f64| {
        let baseline = Baseline::read(&crate::report::json(&study("shop", lost), None)).expect("a result");
        gate.clone().against(&baseline).expect("comparable")
    };
    assert_eq!(gate_markdown(&against(10_000.0)), "");
    assert_eq!(gate_markdown(&against(10_300.0)), "");
    let changed = against(1_000.0);
    hold("gate-changed.md", &gate_markdown(&changed));
    hold("gate-changed.txt", &gate_terminal(&changed, 100, false, true));
    // A gate can be a baseline, too.
    let own = Baseline::read(&gate_json(&gate, None)).expect("its own result");
    assert_eq!(gate_markdown(&gate.clone().against(&own).expect("comparable")), "");
    let document: Value = serde_json::from_str(&gate_json(&changed, None)).expect("JSON");
    assert!(document["changes"]["significant"].as_array().is_some_and(|all| !all.is_empty()));
}

#[test]
fn what_was_cut_short_says_so() {
    let mut gate = gate("shop", &ONE_OF_EACH);
    if let Some(study) = &mut gate.study {
        study.interrupted = true;
    }
    assert!(gate_terminal(&gate, 80, false, false).contains("interrupted:"));
    assert!(gate_markdown(&gate).contains("interrupted:"));
    assert!(gate_junit(&gate).contains("interrupted"));
    assert!(gate_json(&gate, None).contains("\"interrupted\": true"));
}

//! Documents of results: pages, baselines of gates, charts.

use super::{folder, parts, shows_nan, text};
use ridethrough::experiment::{Options, run};
use ridethrough::report::{self, Baseline, Gate, Origin};
use ridethrough::scenario::load_text;
use serde_json::Value;
use std::sync::OnceLock;

/// The scenario whose gate the documents are baselines of, by the name of its architecture.
const SHOP: &str = include_str!("../../compat/0.1.0/shop.toml");

/// A page with one script, and a gate against what may be a baseline.
pub fn result(input: &[u8]) -> bool {
    let results: Vec<(String, String)> = named(input);
    let are_results = results.iter().all(|(name, text)| report::is_result(name, text).is_ok());
    let page = report::page(&results);
    assert_eq!(are_results, page.is_ok(), "results make pages");
    match page {
        Ok(page) => {
            assert_eq!(page.matches("<script").count(), 1, "a script from elsewhere");
            assert!(page.ends_with("</html>"), "half a page");
        }
        Err(error) => assert!(error.to_string().starts_with("result.json: "), "{error}"),
    }
    match Baseline::read(&results[0].1) {
        Ok(baseline) => {
            if let Ok(gate) = gate().clone().against(&baseline) {
                shown(&gate);
            }
        }
        Err(error) => assert!(error.contains("--output json"), "no remedy: {error}"),
    }
    are_results
}

/// The documents of an input, with names.
fn named(input: &[u8]) -> Vec<(String, String)> {
    parts(input).into_iter().map(|part| ("result.json".to_owned(), text(part))).collect()
}

fn shown(gate: &Gate) {
    let document = report::gate_json(gate, None);
    assert!(serde_json::from_str::<Value>(&document).is_ok(), "{document}");
    let xml = report::gate_junit(gate);
    assert!(roxmltree::Document::parse(&xml).is_ok(), "{xml}");
    for text in [report::gate_terminal(gate, 80, false, false), report::gate_markdown(gate), report::gate_github(gate)]
    {
        assert!(!text.contains("NaN"), "{text}");
    }
}

/// A gate that has been decided.
fn gate() -> &'static Gate {
    static GATE: OnceLock<Gate> = OnceLock::new();
    GATE.get_or_init(|| {
        let loaded = load_text("shop.toml", SHOP).expect("a sound scenario");
        let study = run(&loaded.designs, &Options { replications: 256, ..Options::default() }).expect("it compiles");
        let conditions = ["availability<99.9%", "downtime.p95>1h", "incidents>=12"];
        let conditions = conditions.map(|text| (0, report::condition(text).expect("a condition"), Origin::FailIf));
        let mut gate = Gate::new(vec!["shop.toml".to_owned()], conditions.to_vec(), Vec::new(), 0.95);
        gate.look(&study);
        gate.finished(study, 1)
    })
}

/// Pictures that can be read, or a reason why there are none.
pub fn chart(input: &[u8]) -> bool {
    let folder = folder();
    match report::draw(&named(input), &[], folder.path()) {
        Ok(files) => {
            for file in files {
                let bytes = std::fs::read(&file).expect("what was written");
                assert!(file.parent() == Some(folder.path()), "{} is elsewhere", file.display());
                if file.extension().is_some_and(|it| it == "svg") {
                    let svg = text(&bytes);
                    assert!(roxmltree::Document::parse(&svg).is_ok(), "{svg}");
                    assert!(!shows_nan(&svg, input), "{svg}");
                }
            }
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty(), "nothing is said");
            false
        }
    }
}

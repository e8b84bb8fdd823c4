use super::*;
use crate::report::sample;
use crate::report::{Sweep, json, sweep_json, uncertainty_json};
use crate::study::Study;

fn named(text: String) -> (String, String) {
    ("a result".to_owned(), text)
}

fn page_of(study: &Study) -> String {
    page(&[named(json(study, Some("ridethrough run shop.toml")))]).expect("a page")
}

fn documents() -> Vec<(String, String)> {
    let (keys, points) = sample::sweep_of_two();
    let sweep = Sweep { keys, points, seed: 42, extremes: None, interrupted: false };
    vec![
        named(json(&sample::study(), None)),
        named(sweep_json(&sweep, None)),
        named(uncertainty_json(&sample::uncertainty(), None)),
    ]
}

/// What stands between two texts, for each time that the first is there.
fn between<'a>(text: &'a str, before: &'a str, after: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(before).skip(1).filter_map(move |rest| rest.split(after).next())
}

#[test]
fn every_number_is_that_of_its_document() {
    let documents = documents();
    let page = page(&documents).expect("a page");
    let mut seen = 0;
    for element in between(&page, "<", ">").filter(|element| element.contains(" data-at=")) {
        let value = between(element, "value=\"", "\"").next().expect("a value");
        let (place, pointer) =
            between(element, "data-at=\"", "\"").next().expect("an address").split_once('/').expect("a path");
        let text = &documents[place.parse::<usize>().expect("a number")].1;
        let document: Value = serde_json::from_str(text).expect("JSON");
        let found = document.pointer(&format!("/{pointer}")).unwrap_or_else(|| panic!("nothing at {pointer}"));
        assert!(found.is_number(), "{pointer}: {found}");
        assert_eq!(value, found.to_string(), "{pointer}");
        // The very digits of the file, and not only the same number.
        assert!(text.contains(value), "{pointer}: {value} is not written in the result");
        seen += 1;
    }
    assert!(seen > 500, "{seen} numbers");
}

#[test]
fn names_are_text() {
    const HOSTILE: &str = "</title><script>alert('x')</script>\"><img src=x onerror=alert(1)> & <b>|";
    let mut study = sample::study();
    study.architectures[0].name = HOSTILE.to_owned();
    study.architectures[0].question = Some(HOSTILE.to_owned());
    study.architectures[0].attribution[0].name = HOSTILE.to_owned();
    study.comparisons[0].left = HOSTILE.to_owned();
    let page = page_of(&study);
    assert_eq!(page.matches("<script>").count(), 1, "the script of the page");
    assert!(!page.contains("<img") && !page.contains("<b>"));
    assert!(page.contains("&lt;script&gt;alert('x')&lt;/script&gt;"));
}

#[test]
fn nothing_is_loaded() {
    let page = page(&documents()).expect("a page");
    assert!(page.contains("default-src 'none'"));
    for word in
        [" src=", "@import", "srcset", "<iframe", "<object", "<embed", "fetch(", "XMLHttpRequest", "eval(", "import("]
    {
        assert!(!page.contains(word), "{word}");
    }
    assert!(between(&page, "url(", ")").all(|address| address.starts_with("#stage")));
    for link in between(&page, "<link ", ">") {
        assert_eq!(link, "rel=\"icon\" href=\"data:,\"");
    }
    let anchors = between(&page, "<a ", ">").filter_map(|link| between(link, "href=\"", "\"").next());
    assert!(anchors.into_iter().all(|address| address.starts_with('#') || address.starts_with("http")));
}

#[test]
fn sections_stand_in_their_order_and_only_where_there_is_something() {
    let ids = |page: &str| -> Vec<String> { between(page, "<section id=\"", "\"").map(str::to_owned).collect() };
    let all = page(&documents()).expect("a page");
    let expected = ["overview", "nines", "downtime", "recovery", "causes", "sweep", "uncertainty"];
    let found = ids(&all);
    let known: Vec<&str> = found.iter().map(String::as_str).filter(|id| expected.contains(id)).collect();
    assert_eq!(known, expected);
    assert_eq!(found.last().map(String::as_str), Some("method"));
    let quiet = ids(&page_of(&sample::alone(sample::lossless("quiet"))));
    for absent in ["downtime", "recovery", "causes", "sweep", "bill", "budget"] {
        assert!(!quiet.iter().any(|id| id == absent), "{absent}");
    }
}

#[test]
fn a_page_is_never_larger_than_a_megabyte() {
    let mut study = sample::study();
    let first = study.architectures[0].clone();
    study.architectures = (0..64)
        .map(|place| {
            let mut it = first.clone();
            it.name = format!("architecture {place}");
            it.attribution = (0..40).flat_map(|_| first.attribution.clone()).collect();
            it
        })
        .collect();
    let page = page_of(&study);
    assert!(page.len() < LARGEST, "{} bytes", page.len());
    assert!(page.contains("more rows in the JSON"));
}

#[test]
fn odd_numbers_draw_no_odd_pictures() {
    let mut odd = sample::many();
    odd.horizon_seconds = 86_400.0;
    odd.architectures[0].lost_seconds_per_year.high = f64::INFINITY;
    odd.architectures[0].nines.high = Some(f64::INFINITY);
    odd.architectures[1].recovery_time.spread.push(f64::INFINITY);
    odd.architectures[1].nines.low = f64::NEG_INFINITY;
    odd.architectures[2].attribution.clear();
    let mut empty = sample::study();
    empty.architectures.clear();
    for study in [odd, empty, sample::alone(sample::lossless("quiet"))] {
        let page = page_of(&study);
        for attribute in ["x=\"", "y=\"", "x1=\"", "y2=\"", "width=\"", "points=\"", "cx=\""] {
            assert!(
                between(&page, attribute, "\"").all(|it| !it.contains("NaN") && !it.contains("inf")),
                "{attribute}"
            );
        }
    }
}

#[test]
fn what_is_no_result_is_said_to_be_none() {
    for (text, why) in [
        ("", "is no JSON"),
        ("{}", "is no result of ridethrough"),
        ("[1]", "is no result of ridethrough"),
        (r#"{"format_version": 7, "points": []}"#, "has the format 7, which this version does not know"),
        (r#"{"format_version": 1, "verifications": []}"#, "is no result that a report can show"),
    ] {
        let error = page(&[("x.json".to_owned(), text.to_owned())]).expect_err("no page").to_string();
        assert!(error.starts_with("x.json: ") && error.contains(why), "{error}");
    }
}

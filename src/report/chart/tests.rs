use super::*;
use crate::report::picture::Mark;
use crate::report::sample;

/// The three files of a chart: a picture that a viewer opens, one that a browser does, and numbers.
fn assert_written(folder: &Path, files: &[PathBuf], stems: &[&str]) {
    let expected: Vec<PathBuf> = stems
        .iter()
        .flat_map(|stem| ["svg", "png", "csv"].map(|extension| folder.join(format!("{stem}.{extension}"))))
        .collect();
    assert_eq!(files, expected);
    for file in files {
        let bytes = std::fs::read(file).expect("the file is there");
        let start: &[u8] = match file.extension().and_then(|extension| extension.to_str()) {
            Some("svg") => b"<svg ",
            Some("png") => b"\x89PNG\r\n\x1a\n",
            _ => b"architecture,",
        };
        assert!(bytes.starts_with(start) && bytes.len() > 100, "{}", file.display());
    }
    assert_eq!(std::fs::read_dir(folder).expect("lists").count(), files.len(), "nothing else is left behind");
}

fn sweep() -> Sweep {
    let (keys, points) = sample::sweep_of_two();
    Sweep { keys, points, seed: 42, extremes: None, interrupted: false }
}

#[test]
fn a_study_has_four_charts() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path().join("new").join("charts");
    let files = charts(&sample::study(), &folder).expect("draws");
    assert_written(&folder, &files, &["nines", "downtime", "recovery-time", "lost-time-by-cause"]);
}

#[test]
fn a_sweep_has_a_chart_for_each_key() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = sweep_charts(&sweep(), folder.path()).expect("draws");
    assert_written(folder.path(), &files, &["sweep-zones", "sweep-database.engine"]);
}

#[test]
fn unknowns_make_a_tornado() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = uncertainty_charts(&sample::uncertainty(), folder.path()).expect("draws");
    assert_written(folder.path(), &files, &["tornado"]);
}

/// The charts of these documents as SVG, with their names.
fn drawn(documents: &[String]) -> Vec<(String, String)> {
    let read: Vec<(Kind, Value)> = documents.iter().map(|text| read("x", text).expect("a result")).collect();
    let documents = Documents::new(&read, usize::MAX);
    let figures: Vec<Figure> = sections(&documents).into_iter().flat_map(Section::figures).collect();
    let charts = charts_of(&figures, |_| true);
    charts.iter().map(|it| (it.stem.clone(), it.canvas.svg(Path::new("x.svg")).expect("draws"))).collect()
}

/// PNGs take a second each without optimisation; what may go wrong with odd numbers goes wrong in an SVG too.
#[test]
fn odd_studies_are_drawn_without_odd_numbers() {
    let mut odd = sample::many();
    odd.horizon_seconds = 86_400.0;
    odd.architectures[0].lost_seconds_per_year.high = f64::INFINITY;
    odd.architectures[0].nines.high = Some(f64::INFINITY);
    odd.architectures[1].recovery_time.spread.push(f64::INFINITY);
    odd.architectures[1].nines.low = f64::NEG_INFINITY;
    odd.architectures[2].attribution.clear();
    let mut empty = sample::study();
    empty.architectures.clear();
    let mut documents: Vec<Vec<String>> =
        [odd, empty, sample::alone(sample::lossless("quiet"))].iter().map(|study| vec![json(study, None)]).collect();
    let mut uncertain = sample::uncertainty();
    uncertain.tornado[0].lost_seconds_per_year.0.high = f64::INFINITY;
    let mut certain = sample::uncertainty();
    certain.tornado.clear();
    documents.extend([uncertain, certain].iter().map(|found| vec![uncertainty_json(found, None)]));
    for documents in documents {
        for (stem, text) in drawn(&documents) {
            assert!(!text.contains("NaN") && !text.contains("inf,"), "{stem}");
            assert!(!text.contains("2147483647"), "{stem}");
        }
    }
}

#[test]
fn pictures_say_what_they_show_to_those_who_do_not_see_them() {
    for (stem, text) in drawn(&[json(&sample::study(), None)]) {
        let document = roxmltree::Document::parse(&text).expect("XML");
        let told = |tag: &str| document.descendants().find(|node| node.has_tag_name(tag)).and_then(|node| node.text());
        assert!(told("title").is_some_and(|it| it.len() > 8) && told("desc").is_some_and(|it| it.len() > 20), "{stem}");
    }
}

/// What a figure is drawn with, all the way down.
fn classes<'m>(marks: &'m [Mark], found: &mut Vec<(&'static str, &'m str)>) {
    for mark in marks {
        match mark {
            Mark::Line { class, .. } => found.push(("line", class)),
            Mark::Path { class, .. } => found.push(("path", class)),
            Mark::Rect { class, .. } => found.push(("rect", class)),
            Mark::Text { class, .. } => found.push(("text", class)),
            Mark::Dots { .. } | Mark::Shape { .. } => {}
            Mark::Group { marks, .. } | Mark::Datum { marks, .. } => classes(marks, found),
        }
    }
}

#[test]
fn every_class_has_a_look() {
    let documents =
        [json(&sample::study(), None), sweep_json(&sweep(), None), uncertainty_json(&sample::uncertainty(), None)];
    let read: Vec<(Kind, Value)> = documents.iter().map(|text| read("x", text).expect("a result")).collect();
    let documents = Documents::new(&read, usize::MAX);
    let mut seen = 0;
    for figure in sections(&documents).into_iter().flat_map(Section::figures) {
        for (_, draw) in &figure.pictures {
            let picture = draw(figure.across);
            let mut found = Vec::new();
            classes(picture.marks(), &mut found);
            found.extend(figure.key.iter().map(|(class, _)| ("rect", class.as_str())));
            for (kind, class) in found {
                let known = match kind {
                    "line" => look::stroke(class, None).is_some(),
                    "path" => look::stroke(class, None).is_some() || look::filling(class).is_some(),
                    "rect" => look::filling(class).is_some(),
                    _ => look::letters(class).is_some(),
                };
                assert!(known, "{kind} {class} of {}", figure.stem);
                seen += 1;
            }
        }
    }
    assert!(seen > 500, "{seen} marks");
}

#[test]
fn only_what_is_asked_for_is_drawn_and_what_is_not_there_is_said() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let results = [("a result".to_owned(), json(&sample::study(), None))];
    let files = draw(&results, &["nines".to_owned()], folder.path()).expect("draws");
    assert_written(folder.path(), &files, &["nines"]);
    let error = draw(&results, &["sweep".to_owned()], folder.path()).expect_err("no sweep").to_string();
    assert!(
        error.contains("nothing to draw for sweep; these results have nines, downtime, recovery, causes"),
        "{error}"
    );
    let error = draw(&[("x".to_owned(), "{}".to_owned())], &[], folder.path()).expect_err("no result").to_string();
    assert!(error.starts_with("x: is no result"), "{error}");
}

#[test]
fn figures_of_one_kind_are_told_apart_by_their_architecture() {
    let stems: Vec<String> = drawn(&[json(&sample::study(), None)]).into_iter().map(|(stem, _)| stem).collect();
    let waterfalls: Vec<&String> = stems.iter().filter(|stem| stem.starts_with("waterfall-")).collect();
    assert_eq!(waterfalls.len(), sample::study().architectures.len(), "{stems:?}");
    let text = json(&sample::study(), None);
    let stems: Vec<String> = drawn(&[text.clone(), text]).into_iter().map(|(stem, _)| stem).collect();
    let names = ["waterfall-single-az", "waterfall-single-az-2"];
    assert!(names.iter().all(|name| stems.iter().any(|stem| stem == name)), "{stems:?}");
}

#[test]
fn a_name_cannot_leave_the_folder() {
    assert_eq!(file_name("../../etc/passwd"), "-..-etc-passwd");
    assert_eq!(file_name("sweep-routing.dns.ttl"), "sweep-routing.dns.ttl");
}

#[test]
fn a_folder_that_is_a_file_is_said_so() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let error = charts(&sample::alone(sample::lossless("quiet")), file.path()).expect_err("no folder");
    assert!(error.to_string().contains("choose another path"), "{error}");
}

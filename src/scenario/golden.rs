//! Every problem as it is shown, kept in `golden/*.txt` beside this file.
//!
//! A case is a title, files, and what is rendered. `UPDATE_GOLDEN=1 cargo test golden` rewrites what is rendered.

use super::load::{Loaded, load_with};
use super::problem::Problems;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/scenario/golden");
const TITLE: &str = "=== ";
const FILE: &str = "--- file ";
const SET: &str = "--- set ";
const SHOWN: &str = "--- shown";

/// One case of a golden file.
#[derive(Default)]
struct Case {
    title: String,
    files: Vec<(String, String)>,
    changes: Vec<(String, String)>,
    shown: String,
}

fn parse(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut shown = false;
    for line in text.lines() {
        if let Some(title) = line.strip_prefix(TITLE) {
            let files = vec![("scenario.toml".to_owned(), String::new())];
            cases.push(Case { title: title.to_owned(), files, ..Case::default() });
            shown = false;
            continue;
        }
        let Some(case) = cases.last_mut() else {
            continue;
        };
        if line == SHOWN {
            shown = true;
        } else if let Some(name) = line.strip_prefix(FILE) {
            case.files.push((name.to_owned(), String::new()));
        } else if let Some((path, value)) = line.strip_prefix(SET).and_then(|change| change.split_once('=')) {
            case.changes.push((path.to_owned(), value.to_owned()));
        } else if shown {
            case.shown += line;
            case.shown += "\n";
        } else if let Some((_, text)) = case.files.last_mut() {
            *text += line;
            *text += "\n";
        }
    }
    cases
}

fn run(case: &Case) -> Result<Loaded, Problems> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in &case.files {
        std::fs::write(folder.path().join(name), text).expect("a temporary file");
    }
    load_with(&[folder.path().join("scenario.toml")], &case.changes)
        .map_err(|problems| without(problems, folder.path()))
        .map(|loaded| {
            let warnings = without(Problems::from(loaded.warnings), folder.path());
            Loaded { warnings: warnings.into_vec(), ..loaded }
        })
}

/// Problems without the temporary folder in their paths.
fn without(problems: Problems, folder: &Path) -> Problems {
    let prefix = format!("{}/", folder.display());
    let mut list = problems.into_vec();
    for problem in &mut list {
        problem.file = problem.file.replace(&prefix, "");
        problem.message = problem.message.replace(&prefix, "");
        let renamed = |source: &super::source::Source| {
            std::sync::Arc::new(super::source::Source {
                name: source.name.replace(&prefix, ""),
                directory: PathBuf::new(),
                text: source.text.clone(),
            })
        };
        problem.source = problem.source.as_deref().map(renamed);
        for related in &mut problem.related {
            related.source = related.source.as_deref().map(renamed);
        }
    }
    Problems::from(list)
}

fn shown(case: &Case) -> (String, BTreeSet<&'static str>) {
    let problems = match run(case) {
        Ok(loaded) => Problems::from(loaded.warnings),
        Err(problems) => problems,
    };
    let codes = problems.iter().map(|problem| problem.code).collect();
    (problems.render(false).trim_end().to_owned(), codes)
}

fn files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(FOLDER)
        .expect("the golden folder")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    files
}

#[test]
fn problems_are_shown_as_before() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut codes = BTreeSet::new();
    let mut cases = 0;
    for path in files() {
        let old = std::fs::read_to_string(&path).expect("a golden file");
        let mut new = String::new();
        for case in parse(&old) {
            let (shown, seen) = shown(&case);
            cases += 1;
            codes.extend(seen);
            if !update {
                assert_eq!(
                    shown,
                    case.shown.trim_end(),
                    "{}: {} (UPDATE_GOLDEN=1 accepts it)",
                    path.display(),
                    case.title
                );
            }
            let _ = writeln!(new, "{TITLE}{}", case.title);
            for (index, (name, text)) in case.files.iter().enumerate() {
                if index > 0 {
                    let _ = writeln!(new, "{FILE}{name}");
                }
                new += text;
            }
            for (path, value) in &case.changes {
                let _ = writeln!(new, "{SET}{path}={value}");
            }
            let _ = writeln!(new, "{SHOWN}\n{shown}\n");
        }
        if update {
            std::fs::write(&path, new.trim_end().to_owned() + "\n").expect("a golden file");
        }
    }
    assert!(cases >= 40, "{cases} cases");
    let described: BTreeSet<String> = super::codes::CODES.iter().map(|(code, _)| (*code).to_owned()).collect();
    assert_eq!(codes_in_source(), described, "codes.rs describes every code that can be reported");
    assert!(super::codes::CODES.windows(2).all(|pair| pair[0].0 < pair[1].0), "codes.rs is sorted");
    let unseen: Vec<_> = codes_in_source().into_iter().filter(|code| !codes.contains(code.as_str())).collect();
    let elsewhere = ["no-file", "file-too-large", "not-text", "too-many-problems", "empty-file"];
    assert!(unseen.iter().all(|code| elsewhere.contains(&code.as_str())), "no case shows {unseen:?}");
}

/// All codes that the source can report: the first argument of what makes a problem.
fn codes_in_source() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/scenario");
    for folder in ["", "/decoder", "/laws", "/lint", "/resolve"].map(|part| format!("{folder}{part}")) {
        for entry in std::fs::read_dir(folder).expect("the source").filter_map(Result::ok) {
            let text = match entry.path().extension() {
                Some(extension) if extension == "rs" => std::fs::read_to_string(entry.path()).unwrap_or_default(),
                _ => continue,
            };
            let compact: String = text.split_whitespace().collect();
            for start in [
                "Problem::error(\"",
                "Problem::warning(\"",
                "Problem::of_file(\"",
                ".error(\"",
                "code:\"",
                "decoder,\"",
            ] {
                let found = compact.split(start).skip(1).filter_map(|part| part.split('"').next());
                let code = |text: &&str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
                // Not every text that follows a decoder is a code, but those that are have a hyphen.
                let sure = |text: &&str| !start.starts_with("decoder") || text.contains('-');
                codes.extend(found.filter(code).filter(sure).map(str::to_owned));
            }
        }
    }
    codes
}

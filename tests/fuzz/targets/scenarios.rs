//! Scenario files, alone and together, and keys that are set.

use super::{folder, text};
use ridethrough::scenario::{Loaded, Problem, Problems, Severity, check, explain, keys, load_text, load_with, space};
use std::path::PathBuf;

/// Most bytes that are shown of one problem.
const LONGEST: usize = 20_000;

/// Larger spaces are not looked at.
const MOST_COMBINATIONS: usize = 40;

/// Names of further files, and keys that are set, as in the cases of `src/scenario/golden`.
const FILE: &str = "--- file ";
const SET: &str = "--- set ";

/// One file: designs or errors, all of it shown, and the same the next time.
pub fn scenario(input: &[u8]) -> bool {
    let text = text(input);
    let loaded = load_text("scenario.toml", &text);
    let bound = |_: &str| Some(text.len());
    sound(&loaded, 1, &bound);
    if let Ok(loaded) = &loaded {
        // A comment at the end moves nothing. A number that is none would not be equal to itself.
        let again = load_text("scenario.toml", &format!("{text}\n# The end.\n")).expect("a comment does no harm");
        assert!(loaded.designs == again.designs, "another design the second time");
    }
    loaded.is_ok()
}

/// Several files and keys that are set.
pub fn files(input: &[u8]) -> bool {
    let case = Case::of(input);
    let folder = folder();
    for (name, bytes) in &case.files {
        std::fs::write(folder.path().join(name), bytes).expect("a temporary file");
    }
    let path = |name: &String| folder.path().join(name);
    let named = case.files.iter().map(|(name, _)| name).filter(|name| !name.starts_with("env"));
    let paths: Vec<PathBuf> = named.map(path).collect();
    let bound = |shown: &str| {
        let of = case.files.iter().find(|(name, _)| path(name).display().to_string() == shown);
        of.map(|(_, bytes)| bytes.len())
    };
    let loaded = load_with(&paths, &case.settings);
    sound(&loaded, paths.len(), &bound);
    if let Ok(loaded) = &loaded {
        let again = load_with(&paths, &case.settings).expect("the same files");
        assert!(loaded.designs == again.designs, "another design the second time");
    }
    let all: Vec<PathBuf> = case.files.iter().map(|(name, _)| path(name)).collect();
    told(&check(&all), &bound);
    for path in &all {
        assert!(keys(path).iter().all(|key| !key.path.is_empty()), "a key without a path");
    }
    loaded.is_ok()
}

/// A space of designs, if it is not too large to be looked at as often as this.
pub fn designs(input: &[u8]) -> bool {
    let text = text(input);
    let most = combinations(&text);
    if most > MOST_COMBINATIONS {
        return false;
    }
    let folder = folder();
    let path = folder.path().join("scenario.toml");
    std::fs::write(&path, &text).expect("a temporary file");
    let found = space(&path, &[]);
    match &found {
        Ok(space) => {
            let refused: usize = space.refused.iter().map(|it| it.count).sum();
            let count = space.candidates.len();
            assert!(count > 0 && count + refused <= most, "{count} and {refused} of {most}");
            let chosen = space.candidates.iter().map(|it| space.choices(it).len());
            let all = chosen.chain(space.refused.iter().map(|it| it.choices.len()));
            assert!(all.into_iter().all(|count| count == space.dimensions.len()));
            assert!(space.candidates.iter().take(4).all(|it| space.design(it).is_some()));
        }
        Err(problems) => {
            assert!(problems.errors() > 0, "no design, and no error");
            told(problems, &|_| Some(text.len()));
        }
    }
    found.is_ok()
}

/// How many combinations a space has at most.
fn combinations(text: &str) -> usize {
    let Ok(file) = text.parse::<toml::Table>() else { return 1 };
    let spaces = file.get("space").and_then(|space| space.as_table()).into_iter().flatten();
    let of = |space: &toml::Value| {
        let whole = |key: &str| space.get(key).and_then(|value| value.as_integer());
        let values = space.get("values").and_then(|values| values.as_array()).map_or(0, Vec::len);
        let options = space.get("option").and_then(|options| options.as_table()).map_or(0, |options| options.len());
        let steps = whole("steps").unwrap_or(0);
        let between = whole("to").unwrap_or(0).saturating_sub(whole("from").unwrap_or(0)).saturating_add(1);
        let range = usize::try_from(steps.max(between)).unwrap_or(0);
        values.max(options).max(range).max(1)
    };
    spaces.map(|(_, space)| of(space)).fold(1, usize::saturating_mul)
}

/// Designs with doubts, or errors.
fn sound(loaded: &Result<Loaded, Problems>, count: usize, bound: &dyn Fn(&str) -> Option<usize>) {
    match loaded {
        Ok(loaded) => {
            assert_eq!((loaded.designs.len(), loaded.unknowns.len()), (count, count), "a design for each file");
            assert!(
                loaded.warnings.iter().all(|problem| problem.severity == Severity::Warning),
                "errors beside a design"
            );
            told(&Problems::from(loaded.warnings.clone()), bound);
        }
        Err(problems) => {
            assert!(problems.errors() > 0, "no design, and no error");
            told(problems, bound);
        }
    }
}

/// Every problem says what is wrong and where, in few words.
fn told(problems: &Problems, bound: &dyn Fn(&str) -> Option<usize>) {
    for problem in problems {
        let Problem { code, message, start, end, line, column, related, .. } = problem;
        assert!(!message.trim().is_empty(), "{code} says nothing");
        assert!(explain(code).is_some(), "{code} is not explained");
        assert!(start <= end, "{code}: {start} to {end}");
        if let Some(length) = bound(&problem.file) {
            assert!(*end <= length.max(1), "{code} ends at {end} of {length}");
        }
        assert!((*line == 0) == (*column == 0), "{code} at {line}:{column}");
        assert!(related.iter().all(|other| !other.label.is_empty()), "{code}: a mark without words");
    }
    let shown = problems.render(false);
    assert_eq!(problems.is_empty(), shown.is_empty(), "problems that are not shown");
    let count = problems.iter().count();
    assert!(shown.len() <= LONGEST * (count + 1), "{} bytes for {count} problems", shown.len());
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "something that steers a terminal: {shown:?}");
    assert!(problems.render(true).len() >= shown.len(), "colours take something away");
    assert!(serde_json::to_string(problems).is_ok(), "no JSON");
}

/// Files, and keys to set.
struct Case {
    files: Vec<(String, Vec<u8>)>,
    settings: Vec<(String, String)>,
}

impl Case {
    fn of(input: &[u8]) -> Case {
        let mut case = Case { files: vec![("scenario.toml".to_owned(), Vec::new())], settings: Vec::new() };
        for line in input.split_inclusive(|byte| *byte == b'\n') {
            let words = String::from_utf8_lossy(line);
            let words = words.trim_end();
            if let Some(name) = words.strip_prefix(FILE) {
                let name: String =
                    name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).take(40).collect();
                if !name.trim_matches('.').is_empty() && case.files.len() < 20 {
                    case.files.push((name, Vec::new()));
                }
            } else if let Some((key, value)) = words.strip_prefix(SET).and_then(|change| change.split_once('=')) {
                case.settings.push((key.to_owned(), value.to_owned()));
            } else if let Some((_, bytes)) = case.files.last_mut() {
                bytes.extend_from_slice(line);
            }
        }
        // Of two files with a name the second one is there.
        for at in (0..case.files.len()).rev() {
            if case.files[at + 1..].iter().any(|(name, _)| *name == case.files[at].0) {
                case.files.remove(at);
            }
        }
        case
    }
}

//! The floors of ARCHITECTURE.md: a module imports from its own or a lower floor only.

use std::fs;
use std::path::Path;

const FLOORS: [(&str, u8); 17] = [
    ("units", 0),
    ("statistics", 0),
    ("file", 0),
    ("law", 1),
    ("model", 2),
    ("engine", 2),
    ("mechanism", 3),
    ("simulation", 4),
    ("scenario", 4),
    ("exact", 4),
    ("study", 5),
    ("experiment", 5),
    ("report", 6),
    ("selftest", 6),
    ("store", 6),
    ("cli", 7),
    ("main", 8),
];

/// Modules of the same floor that may still know each other.
const NEIGHBOURS: [(&str, &str); 1] = [("experiment", "study")];

fn floor(module: &str) -> u8 {
    let known = FLOORS.iter().find(|(name, _)| *name == module);
    known.unwrap_or_else(|| panic!("module {module} has no floor: give it one here and in ARCHITECTURE.md")).1
}

fn check(path: &Path, module: &str, wrong: &mut Vec<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a readable folder") {
            check(&entry.expect("a readable entry").path(), module, wrong);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        let text = fs::read_to_string(path).expect("readable source");
        let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for used in code.split("crate::").skip(1) {
            let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if used.is_empty() || used == module || !FLOORS.iter().any(|(name, _)| *name == used) {
                continue;
            }
            let neighbours = NEIGHBOURS.contains(&(module, used.as_str()));
            if floor(&used) >= floor(module) && !neighbours {
                wrong.push(format!("{}: {module} imports {used}", path.display()));
            }
        }
    }
}

#[test]
fn no_module_imports_from_a_higher_floor_or_a_stranger_on_its_own() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for entry in fs::read_dir(&source).expect("src is there") {
        let path = entry.expect("a readable entry").path();
        let module = path.file_stem().and_then(|stem| stem.to_str()).expect("a plain name").to_owned();
        if module != "lib" {
            floor(&module);
            check(&path, &module, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "upward imports:\n{}", wrong.join("\n"));
}

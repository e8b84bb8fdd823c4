//! The key tables of `scenarios/README.md`, written from the registry.

use super::catalog::catalog;
use super::codes::CODES;
use super::registry::{Absence, KeyShape, Shape, Table, TableShape};
use super::tables::Scenario;
use std::fmt::Write;

/// First line of the generated part.
pub const BEGIN: &str = "<!-- keys: generated from the code, do not edit -->";
/// Last line of the generated part.
pub const END: &str = "<!-- end of keys -->";

/// The generated part of the scenario reference, markers included.
pub fn reference() -> String {
    let mut text = format!(
        "{BEGIN}\n\n## Keys\n\nWhat a default from the catalog rests on, with its date, is listed by `ridethrough defaults`.\n"
    );
    let mut written: Vec<&str> = Vec::new();
    walk(&Scenario::TABLE, false, &mut |shape, list| {
        // A table that several others hold is described once.
        if written.contains(&shape.header) {
            return;
        }
        written.push(shape.header);
        let heading = match (shape.header, list) {
            ("", _) => "Top level".to_owned(),
            (header, true) => format!("`[[{header}]]`"),
            (header, false) => format!("`[{header}]`"),
        };
        let _ = write!(
            text,
            "\n### {heading}\n\n{}\n\n| key | kind | default | meaning | source |\n|---|---|---|---|---|\n",
            shape.about.trim()
        );
        for key in shape.keys {
            let (default, source) = absence(key);
            let _ =
                writeln!(text, "| `{}` | {} | {default} | {} | {source} |", key.key, kind(key), cell(key.about.trim()));
        }
    });
    text += "\n";
    text += include_str!("rules.md");
    text += "\n## Problems\n\nAll problems of all files are reported at once, each with a code.\n\n| code | meaning |\n|---|---|\n";
    for (code, meaning) in CODES {
        let _ = writeln!(text, "| `{code}` | {} |", cell(meaning));
    }
    let _ = write!(text, "\n{END}\n");
    text
}

/// The reference with its generated part replaced, or added at its end.
pub fn update(reference_text: &str) -> String {
    let whole = reference_text.replace("\r\n", "\n");
    match (whole.find(BEGIN), whole.find(END)) {
        (Some(begin), Some(end)) if begin < end => {
            let rest = whole[end + END.len()..].trim_start_matches('\n');
            let gap = if rest.is_empty() { "" } else { "\n" };
            format!("{}{}{gap}{rest}", &whole[..begin], reference())
        }
        _ => format!("{}\n\n{}", whole.trim_end(), reference()),
    }
}

/// Headers of the tables that have this key.
pub fn tables_with(key: &str) -> Vec<&'static str> {
    let mut headers = Vec::new();
    walk(&Scenario::TABLE, false, &mut |shape, _| {
        if shape.key(key).is_some() {
            headers.push(shape.header);
        }
    });
    headers
}

/// Visits a table and all below it, in the order of the reference; tells whether it is one of a list.
fn walk(shape: &'static TableShape, list: bool, visit: &mut dyn FnMut(&'static TableShape, bool)) {
    visit(shape, list);
    for key in shape.keys {
        match key.shape {
            Shape::Table(inner) | Shape::Named(inner) => walk(inner, false, visit),
            Shape::List(inner) => walk(inner, true, visit),
            Shape::Value => {}
        }
    }
}

fn kind(key: &KeyShape) -> String {
    match key.shape {
        Shape::Value => key.kind.trim_start_matches("a ").trim_start_matches("an ").to_owned(),
        Shape::Table(inner) => format!("table `[{}]`", inner.header),
        Shape::Named(inner) => format!("tables `[{}]`", inner.header),
        Shape::List(inner) => format!("tables `[[{}]]`", inner.header),
    }
}

fn absence(key: &KeyShape) -> (String, String) {
    match key.absence {
        Absence::Required => ("required".to_owned(), String::new()),
        Absence::Optional => ("".to_owned(), String::new()),
        Absence::Default(value) => (format!("`{value}`"), String::new()),
        Absence::Catalog(entry) => match catalog().get(entry) {
            Some(found) => (format!("`{}`", found.toml()), format!("`catalog:{entry}`, {}", found.grade)),
            None => (String::new(), format!("`catalog:{entry}`")),
        },
        Absence::Assumed(value, why) => (format!("`{value}`"), format!("A: {}", cell(why))),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/README.md");
        let old = std::fs::read_to_string(path).expect("the reference");
        let new = update(&old);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(path, &new).expect("the reference");
        } else {
            assert!(old == new, "scenarios/README.md is out of date: run UPDATE_GOLDEN=1 cargo test reference");
        }
    }

    #[test]
    fn an_update_changes_nothing_else() {
        let once = update("# Title\n\ntext\n");
        assert!(once.starts_with("# Title\n\ntext\n\n<!-- keys"));
        assert!(update(&once) == once);
        let longer = once.replace("\ntext\n", "\nother text\n") + "\n## After\n";
        assert!(update(&longer) == longer);
    }

    #[test]
    fn every_catalog_key_of_a_default_exists() {
        walk(&Scenario::TABLE, false, &mut |shape, _| {
            for key in shape.keys {
                if let Absence::Catalog(entry) = key.absence {
                    assert!(catalog().get(entry).is_some(), "{entry}");
                }
            }
        });
    }
}

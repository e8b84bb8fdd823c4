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
    // A table that several others hold is described once, under all of its names.
    let mut shapes: Vec<(&TableShape, Vec<String>)> = Vec::new();
    walk(&Scenario::TABLE, "Top level".to_owned(), &mut |shape, name| match shapes
        .iter_mut()
        .find(|(known, _)| known.header == shape.header)
    {
        Some((_, names)) => names.push(name),
        None => shapes.push((shape, vec![name])),
    });
    for (shape, names) in shapes {
        let heading = names.join(", ");
        let _ = write!(
            text,
            "\n### {heading}\n\n{}\n\n| key | kind | default | meaning | source |\n|---|---|---|---|---|\n",
            shape.about.trim()
        );
        for key in shape.keys {
            let (default, source) = absence(key);
            let (kind, about) = (kind(shape, key), cell(key.about.trim()));
            let _ = writeln!(text, "| `{}` | {kind} | {default} | {about} | {source} |", key.key);
        }
    }
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
    walk(&Scenario::TABLE, String::new(), &mut |shape, _| {
        if shape.key(key).is_some() {
            headers.push(shape.header);
        }
    });
    headers
}

/// Visits a table and all below it, in the order of the reference, each with its name there.
fn walk(shape: &'static TableShape, name: String, visit: &mut dyn FnMut(&'static TableShape, String)) {
    visit(shape, name);
    for key in shape.keys {
        if let Some((inner, name)) = below(shape, key) {
            walk(inner, name, visit);
        }
    }
}

/// The table that a key of another one holds, with its name there.
fn below(shape: &TableShape, key: &KeyShape) -> Option<(&'static TableShape, String)> {
    match key.shape {
        Shape::Value => None,
        Shape::Table(inner) if shape.header.is_empty() => Some((inner, format!("`[{}]`", key.key))),
        Shape::Table(inner) => Some((inner, format!("`[{}.{}]`", shape.header, key.key))),
        Shape::Named(inner) => Some((inner, format!("`[{}]`", inner.header))),
        Shape::List(inner) => Some((inner, format!("`[[{}]]`", inner.header))),
    }
}

fn kind(shape: &TableShape, key: &KeyShape) -> String {
    match (below(shape, key), key.shape) {
        (None, _) => key.kind.trim_start_matches("a ").trim_start_matches("an ").to_owned(),
        (Some((_, name)), Shape::Table(_)) => format!("table {name}"),
        (Some((_, name)), _) => format!("tables {name}"),
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
        walk(&Scenario::TABLE, String::new(), &mut |shape, _| {
            for key in shape.keys {
                if let Absence::Catalog(entry) = key.absence {
                    assert!(catalog().get(entry).is_some(), "{entry}");
                }
            }
        });
    }
}

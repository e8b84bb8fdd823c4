//! What stands where, as a document: what the drawing of an architecture is made of.

use super::json::{FORMAT_VERSION, pretty};
use crate::model::Blueprint;
use crate::model::blueprint::PartKind;
use serde_json::{Value, json};

/// The document, ending with a newline; `singles` are its single points of failure, and `command` is the command line that gives it.
#[must_use]
pub fn architecture_json(mut blueprint: Blueprint, singles: &[String], command: Option<&str>) -> String {
    blueprint.mark(singles);
    let mut document = json!({
        "format_version": FORMAT_VERSION,
        "version": env!("CARGO_PKG_VERSION"),
        "command": command,
        "question": format!("What does {} stand on?", blueprint.architecture),
        "answer": answer(&blueprint, singles),
    });
    if let (Value::Object(document), Ok(Value::Object(drawing))) = (&mut document, serde_json::to_value(&blueprint)) {
        document.extend(drawing);
        document.insert("single_points_of_failure".to_owned(), json!(singles));
    }
    pretty(&document)
}

fn answer(blueprint: &Blueprint, singles: &[String]) -> String {
    let of = |number: usize, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    let regions = blueprint.regions.len();
    let zones: usize = blueprint.regions.iter().map(|region| region.zones.len()).sum();
    let count = |kind: PartKind| blueprint.parts.iter().filter(|part| part.kind == kind).count();
    let mut on = vec![of(regions, "region", "regions"), of(zones, "zone", "zones")];
    let kinds = [
        (PartKind::Tier, "tier", "tiers"),
        (PartKind::Database, "database", "databases"),
        (PartKind::Dependency, "dependency", "dependencies"),
    ];
    on.extend(
        kinds.into_iter().filter(|(kind, ..)| count(*kind) > 0).map(|(kind, one, many)| of(count(kind), one, many)),
    );
    let last = on.pop().unwrap_or_default();
    let singles = match singles {
        [] => "No part takes it down alone.".to_owned(),
        [one] => format!("One part takes it down alone, for as long as it is down: {one}."),
        many => {
            format!("{} parts take it down alone, each for as long as it is down: {}.", many.len(), many.join(", "))
        }
    };
    format!("On {} and {last}. {singles}", on.join(", "))
}

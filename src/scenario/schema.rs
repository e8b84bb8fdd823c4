//! The JSON Schema of a scenario, for editors and other tools.

use super::laws::FORMS;
use super::registry::{Absence, KeyShape, Shape, Table, TableShape};
use super::tables::Scenario;
use serde_json::{Map, Value as Json, json};

/// JSON Schema, draft 2020-12, of a scenario file.
pub fn schema() -> Json {
    let mut root = table(&Scenario::TABLE);
    let head = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ridethrough scenario",
    });
    let mut whole = Map::new();
    for part in [head, root.take(), json!({ "$defs": definitions() })] {
        if let Json::Object(part) = part {
            whole.extend(part);
        }
    }
    Json::Object(whole)
}

/// The schema of a table.
pub fn table(shape: &TableShape) -> Json {
    let properties: Map<String, Json> = shape.keys.iter().map(|key| (key.key.to_owned(), property(key))).collect();
    let required: Vec<&str> =
        shape.keys.iter().filter(|key| matches!(key.absence, Absence::Required)).map(|key| key.key).collect();
    let mut object = json!({
        "type": "object",
        "description": shape.about.trim(),
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}

fn property(key: &KeyShape) -> Json {
    let mut schema = match key.shape {
        Shape::Value => (key.schema)(),
        Shape::Table(inner) => table(inner),
        Shape::Named(inner) => json!({
            "type": "object",
            "additionalProperties": table(inner),
            "propertyNames": { "pattern": "^[\\p{L}\\p{N}_-]{1,64}$" },
        }),
        Shape::List(inner) => json!({ "type": "array", "items": table(inner) }),
    };
    schema["description"] = json!(key.about.trim());
    match key.absence {
        Absence::Default(text) | Absence::Assumed(text, _) => {
            if let Some(value) = json_of(text) {
                schema["default"] = value;
            }
        }
        Absence::Catalog(entry) => schema["default"] = json!(format!("catalog:{entry}")),
        Absence::Required | Absence::Optional => {}
    }
    if let (Shape::Value, Some(example)) = (key.shape, json_of(key.example)) {
        schema["examples"] = json!([example]);
    }
    schema
}

/// A TOML value as JSON.
fn json_of(text: &str) -> Option<Json> {
    toml::de::ValueDeserializer::parse(text).ok().and_then(|value| serde::Deserialize::deserialize(value).ok())
}

fn definitions() -> Json {
    let duration = json!({ "$ref": "#/$defs/duration" });
    let number = json!({ "type": "number", "minimum": 0 });
    let parameters = |named: Json| {
        json!({
            "type": "object",
            "properties": named,
            "patternProperties": { "^(median|p[0-9]{1,2}(\\.[0-9]+)?)$": { "anyOf": [duration, { "type": "object" }] } },
            "additionalProperties": false,
            "minProperties": 2,
            "maxProperties": 2,
        })
    };
    let durations = |count: u32| json!({ "type": "array", "items": duration, "minItems": count, "maxItems": count });
    let shaped = parameters(json!({ "mean": duration, "scale": duration, "shape": number }));
    let forms = json!({
        "fixed": duration,
        "exponential": duration,
        "uniform": { "anyOf": [durations(2), parameters(json!({}))] },
        "triangular": durations(3),
        "lognormal": parameters(json!({ "mean": duration, "sigma": number, "cv": number })),
        "weibull": shaped,
        "gamma": shaped,
        "erlang": parameters(json!({ "mean": duration, "stages": { "type": "integer", "minimum": 1 } })),
        "hyperexponential": {
            "type": "object",
            "properties": { "means": { "type": "array", "items": duration }, "weights": { "type": "array", "items": number } },
            "required": ["means", "weights"],
            "additionalProperties": false,
        },
        "mixture": { "type": "array", "minItems": 1, "items": {
            "type": "object",
            "properties": { "weight": number, "law": { "$ref": "#/$defs/law" } },
            "required": ["weight", "law"],
            "additionalProperties": false,
        } },
        "empirical": { "type": "string", "description": "A file with one duration a line." },
    });
    debug_assert!(FORMS.iter().all(|form| forms.get(form).is_some()));
    let one_form = json!({
        "type": "object",
        "properties": forms,
        "additionalProperties": false,
        "minProperties": 1,
        "maxProperties": 1,
    });
    let text = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    let catalog = text("^\\s*catalog:");
    let length = text("^\\s*([0-9.]+([eE][+-]?[0-9]+)?\\s*[A-Za-z\u{b5}\u{3bc}]+\\s*)+$|^\\s*[Pp]");
    let rate = text("^\\s*[0-9.]+([eE][+-]?[0-9]+)?\\s*(/|per\\s)");
    let never = json!({ "const": "never" });
    json!({
        "duration": { "description": "A duration such as \"90s\", \"5m\", \"1h 30m\", \"2d\", \"PT5M\".", "anyOf": [length, catalog] },
        "fraction": {
            "description": "0.9995 or \"99.95%\".",
            "anyOf": [{ "type": "number", "minimum": 0, "maximum": 1 }, text("^\\s*[0-9.]+([eE][+-]?[0-9]+)?\\s*%?\\s*$"), catalog],
        },
        "rate": { "description": "\"1000/s\", \"60/min\", \"12/y\".", "anyOf": [rate, catalog] },
        "law": { "description": "A duration (fixed), \"never\", or a table that names a law.", "anyOf": [duration, never, one_form] },
        "time_to_failure": {
            "description": "A law; a plain duration is the mean of an exponential, \"6/y\" and { per_year = 6 } are rates.",
            "anyOf": [
                { "$ref": "#/$defs/law" },
                rate,
                { "type": "object", "properties": { "per_year": number }, "required": ["per_year"], "additionalProperties": false },
            ],
        },
        "requirements": { "type": "array", "minItems": 1, "items": { "anyOf": [
            { "type": "string", "minLength": 1 },
            { "type": "object", "properties": { "all_of": { "$ref": "#/$defs/requirements" } }, "required": ["all_of"], "additionalProperties": false },
            { "type": "object", "properties": { "any_of": { "$ref": "#/$defs/requirements" } }, "required": ["any_of"], "additionalProperties": false },
            {
                "type": "object",
                "properties": { "k_of": { "type": "integer", "minimum": 1 }, "of": { "$ref": "#/$defs/requirements" } },
                "required": ["k_of", "of"],
                "additionalProperties": false,
            },
        ] } },
    })
}

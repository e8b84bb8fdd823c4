//! The JSON Schema of a scenario, for editors and other tools.

use super::catalog::catalog;
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
            "propertyNames": { "pattern": "^[^\\s!-,./:-@\\[-^`{-~]{1,64}$" },
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
        Absence::Catalog(entry) => {
            if let Some(value) = catalog().get(entry).and_then(|entry| json_of(&entry.toml())) {
                schema["default"] = value;
            }
        }
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
    let price = rate.clone();
    let never = json!({ "const": "never" });
    json!({
        "duration": { "description": "A duration such as \"90s\", \"5m\", \"1h 30m\", \"2d\", \"PT5M\".", "anyOf": [length, catalog] },
        "fraction": {
            "description": "0.9995 or \"99.95%\".",
            "anyOf": [{ "type": "number", "minimum": 0, "maximum": 1 }, text("^\\s*[0-9.]+([eE][+-]?[0-9]+)?\\s*%?\\s*$"), catalog],
        },
        "price": { "description": "Money over time: \"0.096/h\", \"50/month\" (730 h), \"1200/y\".", "anyOf": [price, catalog] },
        "rate": { "description": "\"1000/s\", \"60/min\", \"12/y\".", "anyOf": [rate, catalog] },
        "law": { "description": "A duration (fixed), \"never\", or a table that names a law.", "anyOf": [duration, never, one_form] },
        "decision": super::people::schema(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::example;

    /// Whether a value fits a schema, for the words that our schema uses; the path of the first misfit if not.
    fn misfit(root: &Json, schema: &Json, value: &Json, path: &str) -> Option<String> {
        let Some(rules) = schema.as_object() else {
            return Some(format!("{path}: no schema"));
        };
        for (word, rule) in rules {
            let fits = match word.as_str() {
                "$ref" => {
                    let name = rule.as_str().and_then(|name| name.strip_prefix("#/$defs/")).unwrap_or("");
                    if let Some(found) = misfit(root, &root["$defs"][name], value, path) {
                        return Some(found);
                    }
                    true
                }
                "type" => match rule.as_str().unwrap_or("") {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "integer" => value.is_i64() || value.is_u64(),
                    "number" => value.is_number(),
                    "boolean" => value.is_boolean(),
                    _ => false,
                },
                "enum" => rule.as_array().is_some_and(|words| words.contains(value)),
                "const" => rule == value,
                "minimum" => value.as_f64().is_none_or(|number| Some(number) >= rule.as_f64()),
                "maximum" => value.as_f64().is_none_or(|number| Some(number) <= rule.as_f64()),
                "minProperties" => value.as_object().is_none_or(|object| Some(object.len() as u64) >= rule.as_u64()),
                "maxProperties" => value.as_object().is_none_or(|object| Some(object.len() as u64) <= rule.as_u64()),
                "minItems" => value.as_array().is_none_or(|items| Some(items.len() as u64) >= rule.as_u64()),
                "required" => {
                    rule.as_array().into_iter().flatten().all(|key| value.get(key.as_str().unwrap_or("")).is_some())
                }
                "anyOf" | "oneOf" => {
                    rule.as_array().into_iter().flatten().any(|choice| misfit(root, choice, value, path).is_none())
                }
                "items" => match value.as_array().into_iter().flatten().find_map(|item| misfit(root, rule, item, path))
                {
                    Some(found) => return Some(found),
                    None => true,
                },
                "properties" => {
                    for (key, inner) in value.as_object().into_iter().flatten() {
                        let known = rule.get(key).map(|rule| misfit(root, rule, inner, &format!("{path}.{key}")));
                        let other = match schema.get("additionalProperties") {
                            Some(Json::Bool(false)) if schema.get("patternProperties").is_none() => {
                                Some(format!("{path}.{key} is unknown"))
                            }
                            _ => None,
                        };
                        if let Some(found) = known.unwrap_or(other) {
                            return Some(found);
                        }
                    }
                    true
                }
                "additionalProperties" if rule.is_object() => {
                    match value
                        .as_object()
                        .into_iter()
                        .flatten()
                        .find_map(|(key, inner)| misfit(root, rule, inner, &format!("{path}.{key}")))
                    {
                        Some(found) => return Some(found),
                        None => true,
                    }
                }
                _ => true,
            };
            if !fits {
                return Some(format!("{path}: {word} {rule} does not fit {value}"));
            }
        }
        None
    }

    fn check(text: &str) -> Option<String> {
        let value: Json = toml::from_str(text).expect("TOML");
        let schema = schema();
        misfit(&schema, &schema, &value, "")
    }

    #[test]
    fn the_example_fits() {
        assert_eq!(check(&example()), None);
    }

    #[test]
    fn every_shipped_scenario_fits() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
        for entry in std::fs::read_dir(folder).expect("scenarios").filter_map(Result::ok) {
            let path = entry.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let text = std::fs::read_to_string(&path).expect("a scenario");
                assert_eq!(check(&text), None, "{}", path.display());
            }
        }
    }

    #[test]
    fn what_is_wrong_does_not_fit() {
        for text in [
            "queston = 'x'",
            "region.eu.zones = 'a'",
            "tier.web.pool.units = 0",
            "tier.web.pool = {}",
            "tier.web.auto_scaling = { desired = 2, check = 'elbb' }",
            "dns.record = { failover = [] }",
            "failure.x = { scope = 'zone', mttf = { exponential = '1d', fixed = '1d' } }",
            "simulation.horizon = 30",
        ] {
            assert!(check(text).is_some(), "{text}");
        }
    }

    #[test]
    fn every_definition_is_used_and_every_reference_defined() {
        let whole = schema();
        let text = whole.to_string();
        for (name, _) in whole["$defs"].as_object().expect("definitions") {
            assert!(text.contains(&format!("\"#/$defs/{name}\"")), "{name} is not used");
        }
        for part in text.split("\"#/$defs/").skip(1) {
            let name = part.split('"').next().unwrap_or("");
            assert!(whole["$defs"].get(name).is_some(), "{name} is not defined");
        }
    }
}

//! Laws made of observations in a file.

use crate::scenario::decoder::Decoder;
use crate::scenario::tree::{Node, Value};
use crate::units::{Seconds, parse_duration};

/// Reads a file of durations, one a line; a bare number is in seconds.
pub(super) fn observations(node: &Node, decoder: &mut Decoder) -> Option<Vec<f64>> {
    let Value::Text(name) = &node.value else {
        decoder.error("bad-law", node, format!("an empirical law names a file, not {}", node.value.noun()));
        decoder.set_help("write for example `{ empirical = \"observations.csv\" }`");
        return None;
    };
    let directory = decoder.sources.get(node.span.file).map(|source| source.directory.clone()).unwrap_or_default();
    let text = match decoder.sources.observations(&directory.join(name)) {
        Ok(text) => text,
        Err(unreadable) => {
            decoder.error(unreadable.code, node, unreadable.message);
            decoder.set_help("the path is relative to this file; the file holds one duration a line");
            return None;
        }
    };
    let mut values = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim().trim_end_matches(',').trim_matches('"').trim();
        let heading = index == 0 && line.starts_with(char::is_alphabetic) && parse_duration(line).is_err();
        if line.is_empty() || line.starts_with('#') || heading {
            continue;
        }
        let value = match line.parse::<f64>() {
            Ok(seconds) if seconds.is_finite() && seconds >= 0.0 => Ok(seconds),
            Ok(seconds) => Err(format!("{seconds} is not a duration")),
            Err(_) => parse_duration(line).map(Seconds::get),
        };
        match value {
            Ok(seconds) => values.push(seconds),
            Err(sentence) => {
                decoder.error("bad-observation", node, format!("`{name}`, line {}: {sentence}", index + 1));
                decoder.set_help("one duration a line, in seconds or with a unit");
                return None;
            }
        }
    }
    Some(values)
}

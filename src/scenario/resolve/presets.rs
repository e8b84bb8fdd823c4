//! What a kind of database stands for where its table says nothing: values of the catalog.

use super::Resolver;
use crate::scenario::catalog::catalog;
use crate::scenario::decoder::{Decoder, Given, Origin};
use crate::scenario::registry::Kind;
use crate::scenario::tree::Node;

/// The value of a key or, where the text does not state it and the kind has one, the value of this catalog entry.
pub fn or<K: Kind + Clone>(resolver: &mut Resolver, given: &Given<K>, preset: Option<&str>) -> K {
    match preset {
        Some(entry) if given.origin == Origin::Absent => {
            take(resolver, &given.place.key, entry).unwrap_or_else(|| given.value.clone())
        }
        _ => given.value.clone(),
    }
}

/// The value of a key that may be absent, with the path of the key; else that of this catalog entry.
pub fn optional<K: Kind + Clone>(
    resolver: &mut Resolver,
    given: &Option<Given<K>>,
    path: &str,
    preset: Option<&str>,
) -> Option<K> {
    match given {
        Some(given) => Some(given.value.clone()),
        None => take(resolver, path, preset?),
    }
}

/// A value of the catalog, which is then what is assumed for the key.
fn take<K: Kind>(resolver: &mut Resolver, path: &str, entry: &str) -> Option<K> {
    let entry = catalog().get(entry)?;
    let value = K::read(&Node { span: Default::default(), value: entry.value() }, &mut Decoder::nowhere())?;
    resolver.assumptions.retain(|assumption| assumption.key != path);
    resolver.assumptions.push(entry.assumption(path.to_owned()));
    Some(value)
}

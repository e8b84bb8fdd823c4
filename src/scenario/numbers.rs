//! Which keys of a scenario hold numbers, so that one of them can be searched for.

use super::tree::{Node, Value};
use super::unknowns::Quantity;

/// A key of a scenario or its environment that has a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyOfFile {
    /// Its path, as an override would name it.
    pub path: String,
    /// Its value is a number, with or without a unit.
    pub is_number: bool,
}

/// All keys with values, in their order. Items of a list of tables are named, or else counted from 1.
pub fn keys(root: &Node) -> Vec<KeyOfFile> {
    let mut found = Vec::new();
    walk(root, String::new(), &mut found);
    found
}

fn walk(node: &Node, path: String, found: &mut Vec<KeyOfFile>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match &node.value {
        Value::Table(table) => table.entries.iter().for_each(|entry| walk(&entry.node, below(&entry.key), found)),
        Value::List(items) if items.iter().any(|item| matches!(item.value, Value::Table(_))) => {
            for (place, item) in items.iter().enumerate() {
                let name = match &item.value {
                    Value::Table(table) => table.get("name").map(|name| &name.value),
                    _ => None,
                };
                match name {
                    Some(Value::Text(name)) => walk(item, below(name), found),
                    _ => walk(item, below(&(place + 1).to_string()), found),
                }
            }
        }
        _ => found.push(KeyOfFile { is_number: Quantity::of(node).is_some(), path }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::tree;

    #[test]
    fn numbers_are_found_wherever_they_are() {
        let text = "name = 'x'\ndns.ttl = '60s'\ntier.web.pool.units = 2\nfailure.f = { mttf = '60d', repair = { exponential = '1h' } }\n\
                    [[dns.cohort]]\nname = 'slow'\nshare = 0.5\nzones = ['a']\n[[dns.cohort]]\nshare = '5%'\n";
        let Ok(root) = tree::parse(0, text) else { panic!("it parses") };
        let keys = keys(&root);
        let of = |number: bool| {
            keys.iter().filter(|it| it.is_number == number).map(|it| it.path.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(
            of(true),
            [
                "dns.ttl",
                "dns.cohort.slow.share",
                "dns.cohort.2.share",
                "tier.web.pool.units",
                "failure.f.mttf",
                "failure.f.repair.exponential"
            ]
        );
        assert_eq!(of(false), ["name", "dns.cohort.slow.name", "dns.cohort.slow.zones"]);
    }
}

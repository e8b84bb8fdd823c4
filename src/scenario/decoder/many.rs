//! Tables by name, and lists of tables.

use super::{Decoder, Given, Named, Opened, Origin};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::registry::{Absence, Shape, Table};
use crate::scenario::tree::{self, Value};

/// Longest name of a region, tier and so on, in characters.
const LONGEST_NAME: usize = 64;

impl Decoder {
    /// Mode `named`.
    pub fn named<T: Table>(&mut self, table: &Opened, key: &str, _: Absence) -> Vec<Named<T>> {
        let Some(node) = table.entries.and_then(|entries| entries.get(key)) else {
            return Vec::new();
        };
        self.within(key, |decoder| {
            let Value::Table(tables) = &node.value else {
                decoder
                    .error(
                        "wrong-kind",
                        node,
                        format!("`{key}` is {}, but named tables are expected", node.value.noun()),
                    )
                    .label = Some("a name is missing".to_owned());
                decoder.set_help(format!("write `[{key}.NAME]` and its keys below"));
                return Vec::new();
            };
            let mut list: Vec<Named<T>> = Vec::new();
            if !decoder.few(node.span, tables.entries.len(), &format!("`{key}` tables")) {
                return list;
            }
            for entry in &tables.entries {
                let shared = decoder.environment == Some(entry.span.file);
                let named = decoder.within(&entry.key, |decoder| {
                    let place = decoder.place(entry.span);
                    let sound = decoder.check_name(&entry.key, &place);
                    let origin = if sound { Origin::Stated } else { Origin::Faulty };
                    if lacks_name::<T>(entry) {
                        let message = format!("`[{key}]` holds named tables, but `{}` is a key of one", entry.key);
                        let problem =
                            Problem::error("wrong-kind", &place, message).label("the name of the table is missing");
                        decoder.report(problem.help(format!("write `[{key}.NAME]` above it")));
                        return None;
                    }
                    let name = Given { value: entry.key.clone(), place, origin };
                    Some(Named { name, table: T::decode(&entry.node, decoder), shared })
                });
                list.extend(named);
            }
            list
        })
    }

    fn check_name(&mut self, name: &str, place: &Place) -> bool {
        let wrong = if name.trim().is_empty() {
            "is empty"
        } else if name.chars().count() > LONGEST_NAME {
            "is longer than 64 characters"
        } else if name.chars().any(|c| !(c.is_alphanumeric() || matches!(c, '-' | '_'))) {
            "has characters other than letters, digits, `-` and `_`"
        } else {
            return true;
        };
        let shown: String = name.chars().take(LONGEST_NAME).collect();
        let problem = Problem::error("bad-name", place, format!("the name `{shown}` {wrong}"));
        self.report(
            problem.help("names stand in scopes, paths, file names and tables: use letters, digits, `-` and `_`"),
        );
        false
    }

    /// Mode `list`.
    pub fn list<T: Table>(&mut self, table: &Opened, key: &str, _: Absence) -> Vec<T> {
        let Some(node) = table.entries.and_then(|entries| entries.get(key)) else {
            return Vec::new();
        };
        self.within(key, |decoder| {
            let Value::List(items) = &node.value else {
                let path = decoder.path.join(".");
                decoder
                    .error(
                        "wrong-kind",
                        node,
                        format!("`{key}` is {}, but a list of tables is expected", node.value.noun()),
                    )
                    .label = Some("a list of tables is expected".to_owned());
                decoder.set_help(format!("write `[[{path}]]` with double brackets, once for each"));
                return Vec::new();
            };
            if !decoder.few(node.span, items.len(), &format!("`{key}` tables")) {
                return Vec::new();
            }
            let each = |(index, item)| decoder.within(&index_key(index), |decoder| T::decode(item, decoder));
            items.iter().enumerate().map(each).collect()
        })
    }
}

/// Whether an entry of named tables is a key of one of them: `[tier]` above `pool.units = 2`.
fn lacks_name<T: Table>(entry: &tree::Entry) -> bool {
    let Some(key) = T::TABLE.key(&entry.key) else {
        return false;
    };
    match (&entry.node.value, key.shape) {
        (Value::Table(table), Shape::Table(inner)) => {
            let all_inside = table.entries.iter().all(|entry| inner.key(&entry.key).is_some());
            all_inside && !table.entries.iter().any(|entry| T::TABLE.key(&entry.key).is_some())
        }
        (Value::Table(_), _) => false,
        _ => true,
    }
}

fn index_key(index: usize) -> String {
    format!("{}", index + 1)
}

//! The environment file: tables that several architectures share.

use super::problem::{Place, Problem};
use super::tree::{Entry, Node, Table, Value};
use std::collections::BTreeMap;

/// Tables that an environment file may hold.
const TABLES: [&str; 9] =
    ["region", "dependency", "failure", "change", "maintenance", "demand", "objectives", "simulation", "prices"];
/// What every file may say.
const OF_ALL: &str = "format";
/// Those of them that hold tables by name.
const BY_NAME: [&str; 5] = ["region", "dependency", "failure", "change", "maintenance"];

/// Codes of problems that say nothing where half of the scenario is elsewhere.
pub const FOREIGN: [&str; 7] = [
    "empty-architecture",
    "missing-region",
    "stack-regions",
    "unknown-name",
    "unused",
    "scope-touches-nothing",
    "nothing-fails",
];

/// Whether a file holds tables of an environment and nothing else.
pub fn alone(root: &Node) -> bool {
    let Value::Table(table) = &root.value else {
        return false;
    };
    !table.entries.is_empty()
        && table.entries.iter().all(|entry| entry.key == OF_ALL || TABLES.contains(&entry.key.as_str()))
}

/// Adds the tables of an environment to those of an architecture.
pub fn merge(table: &mut Table, environment: Table, problems: &mut Vec<Problem>) {
    for entry in environment.entries {
        merge_entry(table, entry, problems);
    }
}

fn place(entry: &Entry, key: String) -> Place {
    Place { span: entry.span, key }
}

fn merge_entry(table: &mut Table, entry: Entry, problems: &mut Vec<Problem>) {
    let key = entry.key.clone();
    if key == "environment" {
        let problem =
            Problem::error("nested-environment", &place(&entry, key), "an environment cannot name another environment");
        problems.push(problem.help("put everything that the architectures share in one file"));
        return;
    }
    if key == OF_ALL {
        // Both may say so; a wrong one is found whoever says it.
        match table.entries.iter_mut().find(|own| own.key == key) {
            Some(own) if own.node.value == entry.node.value => {}
            Some(own) => problems.push(twice(own, &entry, key)),
            None => table.entries.push(entry),
        }
        return;
    }
    if !TABLES.contains(&key.as_str()) {
        let message = format!("`{key}` does not belong in an environment file");
        let problem = Problem::error("not-for-environment", &place(&entry, key), message);
        let help = "an environment holds `region`, `dependency`, `failure`, `change`, `maintenance`, `demand`, `objectives`, `simulation` and `prices` tables";
        problems.push(problem.help(help));
        return;
    }
    let Some(own) = table.entries.iter_mut().find(|own| own.key == key) else {
        table.entries.push(entry);
        return;
    };
    match (&mut own.node.value, entry.node.value) {
        (Value::Table(mine), Value::Table(theirs)) if BY_NAME.contains(&key.as_str()) => {
            let known = mine.entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at));
            let known: BTreeMap<String, usize> = known.collect();
            for named in theirs.entries {
                match known.get(&named.key) {
                    Some(at) => problems.push(twice(&mine.entries[*at], &named, format!("{key}.{}", named.key))),
                    None => mine.entries.push(named),
                }
            }
        }
        (_, value) => {
            let node = Node { span: entry.node.span, value };
            let other = Entry { key: key.clone(), span: entry.span, node };
            problems.push(twice(own, &other, key));
        }
    }
}

fn twice(own: &Entry, shared: &Entry, key: String) -> Problem {
    let message = format!("`[{key}]` is defined by the architecture and by its environment");
    Problem::error("duplicate-name", &place(own, key), message)
        .also(&place(shared, String::new()), "defined here, too")
        .help("remove one of them: neither overrides the other")
}

//! From scenario files to designs, with every problem at its line and caret.
//!
//! [`load`] reads files, [`load_with`] also changes keys, as a sweep does. A file is parsed to a spanned tree, the tables
//! of its environment are added, the tree is decoded by the registry of tables, and names are resolved. Nothing stops at
//! the first problem. The cited defaults are in [`catalog`]; [`schema`] and [`reference`](reference::reference) describe
//! the format from the same registry that decodes it.

#[cfg(test)]
mod accepted;
mod catalog;
mod choices;
mod codes;
mod decoder;
mod environment;
mod example;
#[cfg(test)]
mod golden;
mod kinds;
mod laws;
mod lint;
mod load;
mod numbers;
mod openslo;
mod overrides;
mod people;
mod places;
mod problem;
pub mod reference;
mod registry;
mod render;
mod resolve;
#[cfg(test)]
mod robust;
mod schema;
mod similar;
mod source;
mod space;
mod syntax;
mod tables;
mod timetable;
mod tree;
mod unknowns;

pub use catalog::{Catalog, DefaultRow, Entry, Form, catalog, defaults_table};
pub use codes::{CODES, codes_like, explain};
pub use example::example;
pub use load::{Loaded, check, keys, load, load_text, load_with, space};
pub use numbers::KeyOfFile;
pub use openslo::{Budgeting, SloFile, SloTarget, openslo};
pub use problem::{Problem, Problems, Related, Severity};
pub use schema::schema;
pub(crate) use similar::nearest;
pub use source::FileOfScenario;
pub use space::{Candidate, Chosen, MOST_COMBINATIONS, Refused, Space};
pub use unknowns::Unknown;

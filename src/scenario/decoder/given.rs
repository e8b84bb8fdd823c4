//! Values with their places.

use crate::scenario::problem::Place;

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Given<T> {
    /// The value.
    pub value: T,
    /// Where it stands; for a default, the table that lacks it.
    pub place: Place,
    /// How it came about.
    pub origin: Origin,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The text states it.
    Stated,
    /// The text says nothing.
    Absent,
    /// What the text states could not be read, and was reported.
    Faulty,
}

impl<T> Given<T> {
    /// Whether the text states it.
    pub fn stated(&self) -> bool {
        self.origin == Origin::Stated
    }

    /// The value, unless it is a placeholder: then nothing more should be said about it.
    pub fn sound(&self) -> Option<&T> {
        (self.origin != Origin::Faulty).then_some(&self.value)
    }
}

/// A table with a name of its own, as in `[tier.NAME]`.
#[derive(Debug, Clone)]
pub struct Named<T> {
    /// The name, and where it stands.
    pub name: Given<String>,
    /// The table.
    pub table: T,
    /// Whether it stands in the environment file.
    pub shared: bool,
}

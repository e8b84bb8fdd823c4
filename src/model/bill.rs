//! What an architecture costs.

use crate::units::Price;

/// What all parts of a design cost, and what it costs when they do not serve. Storage and traffic are not on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Bill {
    /// In which currency.
    pub currency: String,
    /// What is paid for; never negative.
    pub charges: Vec<Charge>,
    /// What an hour without service costs the owner; none if that is not known.
    pub downtime: Option<Price>,
}

/// So many things of one price.
#[derive(Debug, Clone, PartialEq)]
pub struct Charge {
    /// Of what, e.g. "units of web".
    pub what: String,
    /// How many.
    pub count: f64,
    /// What one of them costs.
    pub each: Price,
}

impl Charge {
    /// Money per year.
    #[must_use]
    pub fn per_year(&self) -> f64 {
        self.count * self.each.per_year()
    }
}

impl Bill {
    /// Money per year, whatever fails.
    #[must_use]
    pub fn per_year(&self) -> f64 {
        self.charges.iter().map(Charge::per_year).sum()
    }
}

//! Prices: money over a time.

use super::{LARGEST, parse_rate, split_number};
use serde::Serialize;
use std::fmt;

/// Hours in a month, as cloud providers bill it: a twelfth of 8,760.
pub const MONTH_HOURS: f64 = 730.0;

const YEAR_HOURS: f64 = 8_760.0;

/// Money over time, per hour, in the currency of the scenario; 0 or more and finite.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Price(pub f64);

impl Price {
    /// Money per year of 8,760 hours.
    #[must_use]
    pub fn per_year(self) -> f64 {
        self.0 * YEAR_HOURS
    }
}

/// As a scenario writes it: "0.096/h".
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/h", self.0))
    }
}

/// Reads a price such as "0.096/h", "50/month" (of 730 hours) or "1200/y".
///
/// # Errors
///
/// A sentence that says how to write it instead.
pub fn parse_price(text: &str) -> Result<Price, String> {
    let trimmed = text.trim();
    let wrong =
        || format!("\"{trimmed}\" is not a price: write a number over a time, for example \"0.096/h\" or \"50/month\"");
    if split_number(trimmed).is_some_and(|(count, ..)| count > LARGEST) {
        return Err(format!("the price \"{trimmed}\" is too large: write a smaller one"));
    }
    if let Some((count, month)) = trimmed.split_once('/')
        && matches!(month.trim(), "month" | "mo")
    {
        return match split_number(count.trim()) {
            Some((count, _, "")) => Ok(Price(count / MONTH_HOURS)),
            _ => Err(wrong()),
        };
    }
    parse_rate(trimmed).map(|rate| Price(rate.get() * 3600.0)).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_per_hour() {
        assert_eq!(parse_price("0.5/month"), Ok(Price(0.5 / 730.0)));
        let hour = parse_price("0.096/h").map_or(0.0, |price| price.0);
        assert!((hour - 0.096).abs() < 1e-15, "{hour}");
        let year = parse_price("8760/y").map_or(0.0, Price::per_year);
        assert!((year - 8_760.0).abs() < 1e-9, "{year}");
        for wrong in ["", "5", "-1/h", "x/month", "1 2/month", "/month", "1e400/month", ".7e308/s"] {
            assert!(parse_price(wrong).is_err(), "{wrong}");
        }
        for large in ["1e400/month", ".7e308/s", "2e18/h"] {
            assert!(parse_price(large).is_err_and(|why| why.contains("too large")), "{large}");
        }
    }
}

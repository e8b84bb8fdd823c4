//! The commented scenario that `ridethrough init` writes.

/// A scenario to start from, with a comment at every line that is not plain.
pub fn example() -> String {
    include_str!("example.toml").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::load_text;

    #[test]
    fn the_example_loads_without_a_word() {
        let loaded = load_text("example.toml", &example()).unwrap_or_else(|problems| panic!("{problems}"));
        assert!(loaded.warnings.is_empty(), "{}", crate::scenario::Problems::from(loaded.warnings));
        assert_eq!(loaded.designs.len(), 1);
    }
}

//! What is kept of experiments while they run, so that they can go on later or elsewhere.

use super::select::Raced;
use super::series::Sums;
use super::{Against, Controlled, Options, Rarity};
use crate::model::Design;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::{Debug, Display, Formatter, Write};

/// What an experiment simulates, and how: two with the same key have the same sums. It depends on every number of the designs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key([u8; 32]);

impl Key {
    /// The key of an experiment.
    pub fn new(designs: &[Design], options: &Options) -> Key {
        Key::of(designs, &Asked::of(options))
    }

    /// A key of many designs, or of their keys, in whatever experiments they are simulated.
    pub fn of_all<D: Debug>(designs: &[D], options: &Options) -> Key {
        Key::of(designs, &Asked::of(options))
    }

    /// The key of designs and of whatever else makes a difference.
    pub fn of<D: Debug>(designs: &[D], asked: &impl Debug) -> Key {
        let mut text = Hashed(Sha256::new());
        // A hash takes in anything.
        let _ = write!(text, "{asked:?}");
        for design in designs {
            let _ = write!(text, "{design:?}");
        }
        Key(text.0.finalize().into())
    }
}

impl Display for Key {
    fn fmt(&self, to: &mut Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(to, "{byte:02x}"))
    }
}

/// Hashes what is written, without keeping it: designs can be large.
struct Hashed(Sha256);

impl Write for Hashed {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.update(text);
        Ok(())
    }
}

/// Options that histories, or when they end, depend on.
#[derive(Debug)]
#[expect(dead_code, reason = "read by what formats it")]
struct Asked {
    seed: u64,
    replications: u64,
    precision: Option<f64>,
    level: f64,
    against: Against,
    rare: Rarity,
    controls: Controlled,
}

impl Asked {
    const fn of(options: &Options) -> Asked {
        let Options {
            seed,
            replications,
            precision,
            max_time: _,
            level,
            against,
            rare,
            controls,
            histories: _,
            exact: _,
        } = *options;
        Asked { seed, replications, precision, level, against, rare, controls }
    }
}

/// Whoever keeps what was simulated.
pub trait Keep: Send {
    /// Whether it keeps anything.
    fn keeps(&self) -> bool {
        true
    }

    /// What was kept of an experiment.
    fn found(&mut self, key: &Key) -> Option<Sums>;

    /// These are there now. Called again and again with more, and at last with `whole`.
    fn keep(&mut self, key: &Key, sums: &Sums, whole: bool);

    /// What was kept of a design among many.
    fn found_raced(&mut self, key: &Key) -> Option<Raced>;

    /// So far a design among many has come.
    fn keep_raced(&mut self, key: &Key, raced: Raced);
}

/// Keeps nothing.
pub struct Forgetful;

impl Keep for Forgetful {
    fn keeps(&self) -> bool {
        false
    }

    fn found(&mut self, _: &Key) -> Option<Sums> {
        None
    }

    fn keep(&mut self, _: &Key, _: &Sums, _: bool) {}

    fn found_raced(&mut self, _: &Key) -> Option<Raced> {
        None
    }

    fn keep_raced(&mut self, _: &Key, _: Raced) {}
}

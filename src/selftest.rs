//! Every mechanism against theory: each expected value is derived on paper, next to its case, and none is taken from the code.
//!
//! [`design`] says what is simulated, [`answers`] is the theory, [`check`] compares and explains the tolerances. The cases are run by
//! `ridethrough selftest` and by `tests/oracle`. A new file of cases has a `cases` function and is named once, in `for_each_group`.

pub mod answers;
pub mod check;
pub mod design;
mod table;

pub use table::{Output, render};

use check::{Case, Row};
use rayon::prelude::*;
use serde::Serialize;

/// Hands the names of all files of cases to a macro.
#[macro_export]
macro_rules! for_each_group {
    ($do:ident) => {
        $do! {
            balancers
            budgets
            calendars
            chains
            changes
            data
            databases
            dependencies
            false_alarms
            gray
            groups
            lives
            names
            overload
            pools
            reserves
            sessions
            spares
            structures
        }
    };
}

macro_rules! modules {
    ($($group:ident)*) => {
        $(mod $group;)*

        /// All cases, by the file they stand in.
        #[must_use]
        pub fn groups() -> Vec<(&'static str, Vec<Case>)> {
            vec![$((stringify!($group), $group::cases())),*]
        }
    };
}

for_each_group!(modules);

/// A judged claim and the file of its case.
#[derive(Debug, Clone, Serialize)]
pub struct Judged {
    /// The file, named after the mechanism.
    pub group: &'static str,
    /// The claim.
    #[serde(flatten)]
    pub row: Row,
}

/// Simulates and judges all cases whose file or name contains `filter`.
#[must_use]
pub fn run(filter: &str) -> Vec<Judged> {
    let wanted = |group: &str, case: &Case| group.contains(filter) || case.name().contains(filter);
    let cases: Vec<(&'static str, Case)> = groups()
        .into_iter()
        .flat_map(|(group, cases)| cases.into_iter().map(move |case| (group, case)))
        .filter(|(group, case)| wanted(group, case))
        .collect();
    cases.par_iter().flat_map_iter(|(group, case)| case.judge().into_iter().map(|row| Judged { group, row })).collect()
}

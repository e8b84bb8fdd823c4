//! Every mechanism against theory. The cases are those of `ridethrough selftest`, in `src/selftest`; here are their runner and what is not a case.
//!
//! Run with `--nocapture` for the table of all claims: exact, simulated, distance.

#![allow(clippy::disallowed_methods, reason = "theory is compared within a tolerance")]

use ridethrough::selftest::{answers, check, design};

mod by_hand;
mod control;
mod drill;
mod exact;
mod experiments;
mod explain;
mod headroom;
mod importance;
mod parts;
mod rare;
mod refused;
mod select;
mod simulated;

macro_rules! tests {
    ($($group:ident)*) => {
        $(#[test]
        fn $group() {
            let groups = ridethrough::selftest::groups();
            let (_, cases) = groups.into_iter().find(|(name, _)| *name == stringify!($group)).expect("a file of cases");
            assert!(!cases.is_empty());
            check::check(cases);
        })*
    };
}

ridethrough::for_each_group!(tests);

//! Every mechanism against theory: each expected value is derived on paper, next to its case, and none is taken from the code.
//!
//! [`design`] says what is simulated, [`answers`] is the theory, [`check`] compares and explains the tolerances. Run with
//! `--nocapture` for the table of all claims: exact, simulated, distance.

#![expect(clippy::disallowed_methods, reason = "theory is compared within a tolerance")]

mod answers;
mod check;
mod design;

mod balancers;
mod databases;
mod dependencies;
mod experiments;
mod false_alarms;
mod gray;
mod groups;
mod lives;
mod names;
mod overload;
mod pools;
mod reserves;
mod sessions;
mod spares;
mod structures;

//! Every mechanism against theory: answers derived on paper, never from the code.
//!
//! Where all times are fixed the simulated value must equal the derived one to 1e-9. Elsewhere it must lie within 4.2 standard errors
//! of it: with some 40 such comparisons a sound simulator fails one of them with probability 1e-3 (two-sided normal tail 2.7e-5 each). The
//! standard error is a fourth of the width of the reported 95 % interval, to within 2 %.

#![expect(clippy::disallowed_methods, reason = "theory is compared within a tolerance")]

mod dns;
mod fleets;
mod recovery;
mod statistics;

use ridethrough::experiment::{Options, run};
use ridethrough::scenario::load_text;
use ridethrough::statistics::Estimate;
use ridethrough::study::Summary;
use ridethrough::units::Seconds;

const HOUR: f64 = 3_600.0;

/// Simulates a scenario.
fn simulate(text: &str, replications: u64) -> Summary {
    let loaded = load_text("case.toml", text).unwrap_or_else(|problems| panic!("{problems}"));
    let options = Options { replications, seed: 7, ..Options::default() };
    run(&loaded.designs, &options).expect("a sound design").architectures.remove(0)
}

/// Simulates a scenario in which nothing is random; two replications show that nothing is.
fn certain(text: &str) -> Summary {
    simulate(text, 2)
}

/// Lost seconds of one replication.
fn lost(summary: &Summary, horizon: f64) -> f64 {
    summary.lost_seconds_per_year.estimate * horizon / Seconds::YEAR.0
}

#[track_caller]
fn exact(simulated: f64, derived: f64) {
    assert!((simulated - derived).abs() <= 1e-9 * derived.abs(), "simulated {simulated}, derived {derived}");
}

#[track_caller]
fn near(simulated: Estimate, derived: f64) {
    let error = (simulated.high - simulated.low) / 4.0;
    let z = (simulated.estimate - derived) / error;
    assert!(z.abs() < 4.2, "simulated {}, derived {derived}, z = {z:.2}", simulated.estimate);
}

//! The command line of ridethrough.

fn main() {}

//! Availability simulator for cloud architectures.
//!
//! Text flows one way: a scenario file becomes a [`model::Design`], the design is compiled to a [`simulation::Plan`], the plan is
//! replicated many times, and the replications become a [`study::Study`] that the reports print.
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "a test compares within a tolerance"))]

extern crate self as ridethrough;

pub mod cli;
pub mod engine;
pub mod exact;
pub mod experiment;
pub mod file;
pub mod law;
pub mod mechanism;
pub mod model;
pub mod report;
pub mod scenario;
#[expect(clippy::disallowed_methods, reason = "theory is compared within a tolerance")]
pub mod selftest;
pub mod simulation;
pub mod statistics;
pub mod store;
pub mod study;
pub mod units;

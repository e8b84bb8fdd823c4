//! Availability simulator for cloud architectures.
//!
//! Text flows one way: a scenario file becomes a [`model::Design`], the design is compiled to a [`simulation::Plan`], the plan is
//! replicated many times, and the replications become a [`study::Study`] that the reports print.
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "a test compares within a tolerance"))]

pub mod cli;
pub mod engine;
pub mod experiment;
pub mod law;
pub mod mechanism;
pub mod model;
pub mod report;
pub mod scenario;
pub mod simulation;
pub mod statistics;
pub mod study;
pub mod units;

//! The twin: a naive simulator of its own, a second opinion for the engine.
//!
//! It knows scenarios/README.md and the input type `Design`, and shares no code and no algebra with the engine: every
//! unit is an object, every event lies in a plain list, the served fraction is worked out from scratch after each event,
//! and durations are drawn by inversion from a generator of the twin's own.

#![expect(clippy::disallowed_methods, reason = "the twin is compared within a tolerance")]

mod architectures;
mod cases;
mod closed_forms;
mod comparison;
mod database;
mod designs;
mod dns;
mod drawn;
mod evidence;
mod measure;
mod random;
mod relations;
mod served;
mod simpler;
mod tier;
mod times;
mod world;

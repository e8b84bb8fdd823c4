//! How it fails, is noticed and recovers: one file per thing.
//!
//! A mechanism owns its state and its pending events; it learns what goes on around it from [`world::World`] and changes nothing
//! else. The loop in [`crate::simulation`] tells it when a place it stands in goes down or comes back. Each file holds
//! a plan (fixed by the compilation, shared by all threads), a state (one per replication at work) and what happens on each event.

pub mod check;
pub mod checkers;
pub mod database;
pub mod dependency;
pub mod dns;
pub mod fleet;
pub mod latent;
pub mod outage;
pub mod people;
pub mod sessions;
pub mod standby;
pub mod structure;
pub mod world;

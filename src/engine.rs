//! Discrete events, curves between them, and the account of what was lost: knows no cloud word.
//!
//! * [`calendar`]: what happens next, with a stated rule for ties.
//! * [`curve`]: a quantity between two events: constant, linear or exponential, with exact areas and crossings.
//! * [`ledger`]: lost time by cause and stage, and incidents with exact edges.
//! * [`periods`]: what was lost in each month.
//! * [`week`]: hours of the week in which the demand differs, or counts.

pub mod calendar;
pub mod curve;
pub mod ledger;
pub mod periods;
pub mod week;

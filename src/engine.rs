//! Discrete events, curves between them, and the account of what was lost: knows no cloud word.
//!
//! * [`calendar`]: what happens next, with a stated rule for ties.
//! * [`curve`]: a quantity between two events: constant, linear or exponential, with exact areas and crossings.
//! * [`ledger`]: lost time by cause and stage, and incidents with exact edges.
//! * [`periods`]: what was lost in each month.
//! * [`week`]: hours of the week in which the demand differs, or counts.

/// A copy that reuses the memory of what it is copied to, field by field, so that copying again and again allocates nothing.
macro_rules! clone_in_place {
    ($name:ident { $($field:ident),* $(,)? }) => {
        impl Clone for $name {
            fn clone(&self) -> $name {
                $name { $($field: self.$field.clone()),* }
            }

            fn clone_from(&mut self, other: &$name) {
                $(self.$field.clone_from(&other.$field);)*
            }
        }
    };
}

pub(crate) use clone_in_place;

pub mod calendar;
pub mod curve;
pub mod ledger;
pub mod periods;
pub mod week;

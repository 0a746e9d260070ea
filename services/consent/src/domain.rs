//! The rules: policies and the decision made from facts. Pure: no store, no clock, no call.

pub mod choices;
mod decision;
pub mod policies;
pub mod relationship;

pub use decision::{Facts, decide};

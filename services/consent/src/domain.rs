//! The rules: policies and the decision made from facts. Pure: no store, no clock, no call.

pub mod decision;
pub mod policies;

pub use decision::{Facts, decide};

//! The rules: policies, relationships, choices and decisions. Pure: no store, no clock, no calls.

pub mod choices;
mod decision;
pub mod policies;
pub mod relationship;

pub use decision::{Facts, decide};

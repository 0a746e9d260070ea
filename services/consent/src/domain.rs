//! The rules: policies, relationships, choices and decisions. Pure: no store, no clock, no calls.

pub mod care_links;
pub mod choices;
pub mod claims;
mod decision;
pub mod policies;
pub mod reader;
pub mod registration;
pub mod relationship;

pub use decision::{Facts, decide, shows_more};

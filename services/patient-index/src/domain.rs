//! The rules: comparing names, parsing searches, linking identities to people. Pure: no store, no clock.

pub mod first_name;
pub mod link;
pub mod normalise;
pub mod query;

//! The rules: what two spellings have in common, what a search asks, who is linked to whom. Pure.

pub mod first_name;
pub mod link;
pub mod normalise;
pub mod query;

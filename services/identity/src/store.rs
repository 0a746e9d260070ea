//! Identity's tables. Secrets must be stored only as keyed hashes or sealed, so that a copy of the store signs nobody in.

pub mod client;
mod migrations;
pub mod registry;
pub mod session;
pub mod user;

pub use migrations::Migrator;

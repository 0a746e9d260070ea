//! What identity owns. Secrets are kept as keyed hashes or sealed; a copy of this store signs nobody in.

pub mod client;
mod migrations;
pub mod registry;
pub mod session;
pub mod user;

pub use migrations::Migrator;

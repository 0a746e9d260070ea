//! What feeds keeps: every message that came, sealed, with its answer; the last word of each source on each person
//! and item, as far as three-state fields and versions need it; a copy of the registry.

pub mod held;
pub mod message;
mod migrations;

pub use migrations::Migrator;

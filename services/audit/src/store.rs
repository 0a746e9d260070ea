//! The log's tables and their queries. Entries are only ever inserted.

pub mod claim;
mod entry;
mod migrations;
pub mod tree;

pub use entry::{append, canonical, choice_steps, complete, completes, find, indexed, is_completed, page};
pub use migrations::Migrator;

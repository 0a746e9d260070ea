//! The log's tables and their queries. Entries are only ever inserted.

mod entry;
pub mod login;
mod migrations;
pub mod tree;

pub use entry::{append, canonical, complete, page};
pub use migrations::Migrator;

//! The log's tables and their queries. Entries are only ever inserted.

mod entry;
mod migrations;

pub use entry::{append, complete, page};
pub use migrations::Migrator;

//! The log's tables and their queries. Entries are only ever inserted.

pub mod claim;
mod entry;
mod migrations;
pub mod tree;

pub use entry::{
    Canonical, Reader, append, canonical, choice_steps, complete, completes, find, indexed, is_completed,
    is_concerned, page,
};
pub use migrations::Migrator;

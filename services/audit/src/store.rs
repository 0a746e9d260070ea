//! The log's tables and their queries, and those of incidents. Entries are inserted and never updated or deleted.

mod entry;
pub mod incident;
pub mod login_claim;
mod migrations;
pub mod tree;

pub use entry::{
    CanonicalRow, NewCompletion, NewEntry, Reader, adoption, append, append_completions, choice_steps, claim_steps,
    expects_completion, find_canonical, find_concerning, find_entries, find_index_terms, read_page, start_appends,
};
pub use migrations::Migrator;

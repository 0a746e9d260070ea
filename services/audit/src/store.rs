//! The log's tables and their queries, and those of incidents. Entries are inserted and never updated or deleted.

mod entry;
pub mod incident;
pub mod login_claim;
mod migrations;
pub mod tree;

pub use entry::{
    CanonicalRow, Reader, adoption, append, append_completion, choice_steps, claim_steps, concerns_organisation,
    count_completed_entries, expects_completion, find_canonical, find_entries, find_index_terms, read_page,
};
pub use migrations::Migrator;

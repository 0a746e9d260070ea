//! People and their identities. Kept in the clear in the index's own store, since it is searched; never copied.

mod identity;
mod migrations;
mod search;

pub use identity::{IdentityRow, PersonRow, count, held, identities_of, keep, person_rows};
pub use migrations::Migrator;
pub use search::candidates;

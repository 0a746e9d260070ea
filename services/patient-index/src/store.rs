//! People and their identities. Kept in the clear in the index's own store, since it is searched; never copied.

mod identity;
mod merged;
mod migrations;
mod search;

pub use identity::{IdentityRow, PersonRow, by_login, count, held, identities_of, keep, person_rows};
pub use merged::{give, remember, survivor};
pub use migrations::Migrator;
pub use search::candidates;

//! People and their identities. Kept in the clear in the index's own store, since it is searched; never copied.

mod identity;
mod merged;
mod migrations;
pub mod patient_link;
mod restricted;
pub mod review;
mod search;

pub use identity::{
    IdentityRow, PersonRow, by_login, count, doubt_number, held, identities_of, identity_row, keep,
    person_rows,
};
pub use merged::{give, join, remember, survivor};
pub use migrations::Migrator;
pub use restricted::{forget_all_places, forget_places};
pub use search::candidates;

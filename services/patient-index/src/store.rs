//! People and their identities. The store is unencrypted because it is searched. It must never be copied to another service.

mod identity;
mod merged;
mod migrations;
pub mod patient_link;
mod restricted_address;
pub mod review;
mod search;

pub use identity::{
    IdentityRow, PersonRow, count, doubt_number, find_by_login, find_identity, find_people, identities_of,
    identities_with_people, load_state, store_placements,
};
pub use merged::{find_survivor, give_identities, join_record, record_survivor};
pub use migrations::Migrator;
pub use restricted_address::{erase_all_restricted_addresses, erase_restricted_addresses};
pub use search::find_candidates;

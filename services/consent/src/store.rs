//! Consent's tables. It owns choices. People, stays, logins and the registry are copies that their owners can publish
//! again.

pub mod care_link;
pub mod care_list;
pub mod checkpoint;
pub mod choice;
pub mod claim;
pub mod epochs;
pub mod kept_entry;
mod migrations;
mod person;
pub mod person_identity;
pub mod rule_version;
mod stay;
pub mod waiting_choice;

pub use migrations::Migrator;
pub use person::{PersonRow, find_people, store_people};
pub use stay::{stays_of, store_stays};

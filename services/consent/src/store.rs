//! What consent keeps: people's choices, which are its own; and copies of who people are to practices, hospitals
//! and logins, and of the registry, which their owners can publish again.

pub mod choice;
pub mod fence;
pub mod kept_entry;
mod link;
mod migrations;
mod person;
pub mod seen;

pub use link::{keep_stays, stays_of};
pub use migrations::Migrator;
pub use person::{find as find_person, keep as keep_person};

//! The tables of feeds: messages (sealed, with their answers), the last known state of people, stays and items, and a
//! replica of the registry. Content of a message must never be stored unsealed.

pub mod last_known;
pub mod message;
mod migrations;
pub mod prior_messages;

pub use migrations::Migrator;

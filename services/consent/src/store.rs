//! Consent's copies: who people are to practices, the registry. Rebuilt from their owners' events.

mod migrations;
mod person;

pub use migrations::Migrator;
pub use person::{find as find_person, keep as keep_person};

//! Identity's tables. Secrets must be stored only as keyed hashes or sealed, so that a copy of the store signs nobody in.

pub mod access_request;
pub mod agreement;
pub mod change_error;
pub mod check_report;
pub mod client;
pub mod directory_setting;
mod migrations;
pub mod organisation_file;
pub mod partner_change;
mod people_migration;
pub mod person;
pub mod person_change;
pub mod provider;
mod provider_migration;
pub mod provider_session;
pub mod registry;
mod removal_migration;
mod request_rate_migration;
pub mod session;
pub mod session_end;
pub mod switch_step;
mod system_migration;
pub mod system_row;
pub mod user;

pub use migrations::Migrator;

//! A service's own database: one writer that commits many callers together, an outbox written in the same transaction as
//! the change, an inbox that makes consumers idempotent. A file of `SQLite` on a laptop, a schema of `PostgreSQL` in a
//! cluster, with the same rules, entities and migrations. No service may open another's store.

pub mod connect;
mod db_error;
pub mod inbox;
pub mod lease;
pub mod local_id_key;
pub mod location;
pub mod login;
pub mod migrate;
mod no_tables;
pub mod outbox;
mod oversized;
mod postgres;
pub mod registry;
pub mod relay;
pub mod replica;
mod set_writer;
mod sqlite;
mod statement_count;
mod store_error;
mod transaction;
pub mod writer;
mod writer_connection;

pub use connect::{Durability, Store};
pub use db_error::{cause_of, kind_of};
pub use lease::{Leader, Lease};
pub use location::Location;
pub use no_tables::NoTables;
pub use outbox::{NewEvent, Outbox, OutboxRow};
pub use oversized::OversizedEvent;
pub use set_writer::SetWriter;
pub use store_error::{StoreError, db_failure};
pub use transaction::Transaction;

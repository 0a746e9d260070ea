//! Where a service keeps what it owns: one database, one writer that commits many callers together, an outbox
//! written in the same transaction as the change, an inbox that makes consumers idempotent. A file of `SQLite` on a
//! laptop, a schema of `PostgreSQL` in a cluster: the same rules, entities and migrations on both. No service may open
//! another's store.

pub mod connect;
pub mod copy;
pub mod inbox;
pub mod lease;
pub mod location;
pub mod login;
pub mod migrate;
pub mod outbox;
mod postgres;
pub mod registry;
pub mod relay;
mod sqlite;
pub mod writer;

pub use connect::{Durability, Store};
pub use lease::{Leader, Lease};
pub use location::Location;
pub use outbox::{Outbox, OutboxRow};
pub use writer::WriteError;

use lcr_contracts::{Failure, Kind};
use sea_orm::DbErr;

/// What a store can fail with, towards callers: the database is away. The cause is for the log.
pub fn unavailable(error: &DbErr) -> Failure {
    Failure::new(Kind::Unavailable, "The store did not answer. Try again in a minute.")
        .because(kind_of(error))
}

/// The kind of a database error without its values: parameters may hold what must not be logged.
pub fn kind_of(error: &DbErr) -> &'static str {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => "no connection",
        DbErr::Exec(_) => "statement failed",
        DbErr::Query(_) => "query failed",
        DbErr::RecordNotFound(_) => "record not found",
        DbErr::Migration(_) => "migration failed",
        DbErr::Type(_) | DbErr::Json(_) | DbErr::TryIntoErr { .. } => "a stored value does not read",
        _ => "database error",
    }
}

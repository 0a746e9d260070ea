//! Where a service keeps what it owns: one database, one writer that commits many callers together, an outbox
//! written in the same transaction as the change, an inbox that makes consumers idempotent. A file of `SQLite` on a
//! laptop, a schema of `PostgreSQL` in a cluster: the same rules, entities and migrations on both. No service may open
//! another's store.

pub mod connect;
pub mod copy;
mod failing;
pub mod inbox;
mod kept;
pub mod lease;
pub mod local_id_key;
pub mod location;
pub mod login;
pub mod migrate;
pub mod outbox;
mod postgres;
pub mod registry;
pub mod relay;
mod sqlite;
mod turn;
pub mod writer;

pub use connect::{Durability, Store};
pub use failing::{cause_of, failed, kind_of, unavailable};
pub use kept::KeptBack;
pub use lease::{Leader, Lease};
pub use location::Location;
pub use outbox::{Outbox, OutboxRow};
pub use writer::WriteError;

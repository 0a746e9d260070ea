//! Opening a store: readers in a small pool, one writer connection behind a task. The URL may hold a password,
//! so it is never logged.

use std::{path::Path, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbErr};
use sea_orm_migration::MigratorTrait;

use crate::{
    outbox::{self, Outbox},
    writer::{WriteError, Writer},
};

/// Whether an acknowledged write must survive a power cut. Projections that can be rebuilt need not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// fsync before the answer: audit, consent, identity, index links.
    Acknowledged,
    /// Survives a crash of the process, may lose the last moments of a power cut; rebuilt from its owner.
    Rebuildable,
}

/// One service's database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    readers: DatabaseConnection,
    writer: Writer,
    outbox: Arc<Outbox>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Opens (making it if need be) the `SQLite` file at `path`, brings it to the newest migration of `M`
    /// and starts its writer.
    pub async fn open<M: MigratorTrait>(
        path: &Path,
        owner: &str,
        durability: Durability,
    ) -> Result<Self, DbErr> {
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let write = connect(&url, 1, durability).await?;
        crate::migrate::up::<M>(&write).await?;
        let readers = connect(&url, 4, durability).await?;
        let outbox = Arc::new(Outbox::new(owner, readers.clone()));
        outbox.prepare(&write).await?;
        Ok(Self { readers, writer: Writer::start(write, outbox.clone()), outbox })
    }

    /// For reads. A read never waits behind a write.
    pub fn read(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// Runs `work` in a transaction shared with whoever else is writing now, and returns once it is committed.
    /// A failing `work` undoes itself alone.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + From<DbErr> + 'static,
        F: for<'tx> FnOnce(&'tx DatabaseTransaction) -> BoxFuture<'tx, Result<T, E>> + Send + 'static,
    {
        self.writer.write(work).await
    }

    /// The owner's event log.
    pub fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    /// Adds events to the log within `tx`.
    pub async fn publish<B: lcr_contracts::events::EventBody>(
        tx: &DatabaseTransaction,
        now: jiff::Timestamp,
        bodies: &[B],
    ) -> Result<(), DbErr> {
        outbox::append(tx, now, bodies).await
    }
}

async fn connect(url: &str, connections: u32, durability: Durability) -> Result<DatabaseConnection, DbErr> {
    let synchronous = match durability {
        Durability::Acknowledged => "FULL",
        Durability::Rebuildable => "NORMAL",
    };
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(5))
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", synchronous)
                .pragma("foreign_keys", "ON")
                .pragma("cache_size", "-4096")
                .busy_timeout(Duration::from_secs(5))
        });
    let connection = Database::connect(options).await?;
    connection.execute_unprepared("SELECT 1").await?;
    Ok(connection)
}

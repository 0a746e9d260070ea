//! Opens a store: a small pool of reader connections and one writer task. The URL may hold a password, so it must never
//! be logged.

use std::sync::Arc;

use lcr_observe::Meter;
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr};
use sea_orm_migration::MigratorTrait;

use crate::{
    Location, StoreError, Transaction, migrate,
    outbox::{self, NewEvent, Outbox},
    postgres::{self, ConnectionPurpose},
    sqlite,
    statement_count::StatementCount,
    writer::Writer,
    writer_connection::WriterConnection,
};

/// Reader connections per replica.
const READERS: u32 = 4;

/// Whether an acknowledged write must survive a power cut. A projection that can be rebuilt need not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// fsync before the answer: audit, consent, identity, index links.
    Acknowledged,
    /// Survives a crash of the process, but a power cut may lose the last moments. Rebuilt from its owner.
    Rebuildable,
}

/// One service's database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    readers: DatabaseConnection,
    writer: Writer,
    outbox: Arc<Outbox>,
    statements: StatementCount,
    pub(crate) location: Location,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Opens the store and starts its writer. Creates a file and migrates it to `M`; fails if a schema has not been
    /// migrated (`migrate::run`).
    pub async fn open<M: MigratorTrait>(
        location: impl Into<Location>,
        owner: &str,
        durability: Durability,
    ) -> Result<Self, DbErr> {
        let (location, statements) = (location.into(), StatementCount::default());
        let (readers, writer_connection) = match &location {
            Location::File(path) => {
                let writer = WriterConnection::open(&location, durability, statements.clone()).await?;
                migrate::up::<M>(writer.connection()?).await?;
                (sqlite::connect(path, READERS, durability).await?, writer)
            }
            Location::Schema { url, schema } => {
                let readers = postgres::connect(url, schema, READERS, ConnectionPurpose::Serving(durability)).await?;
                migrate::check::<M>(&readers, owner).await?;
                (readers, WriterConnection::open(&location, durability, statements.clone()).await?)
            }
        };
        let readers = statements.count_on(readers);
        let outbox = Arc::new(Outbox::new(owner, readers.clone()));
        let writer = Writer::start(writer_connection, outbox.clone());
        Ok(Self { readers, writer, outbox, statements, location })
    }

    /// The connection for reads. A read never waits for a write.
    pub fn read(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// Whether reads and writes work. The error is the text for `/readyz`.
    pub async fn ready(&self) -> Result<(), String> {
        let ping = tokio::time::timeout(std::time::Duration::from_secs(1), self.readers.ping()).await;
        match ping {
            Ok(Ok(())) if self.writer.unhealthy() => Err("the store takes nothing that is written".to_owned()),
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(format!("the store does not answer: {}", crate::cause_of(&error))),
            Err(_) => Err("the store does not answer in a second".to_owned()),
        }
    }

    /// Shows the number of statements from now on as a metric of `service`.
    ///
    /// # Errors
    /// If they are shown already.
    pub fn show_statements(&self, meter: &Meter, service: &'static str) -> Result<(), lcr_observe::Error> {
        self.statements.show(meter, service)
    }

    /// Whether other replicas may also write to this store.
    pub fn is_shared(&self) -> bool {
        matches!(self.location, Location::Schema { .. })
    }

    /// Runs `work` in a transaction shared with other callers and returns once it is committed. If `work` fails, only its
    /// own changes are undone: `store.write(async move |tx| keep(&tx, row).await).await?`.
    pub async fn write<T, F, W>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(Transaction) -> W + Send + 'static,
        W: Future<Output = Result<T, DbErr>> + Send + 'static,
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
        let events = bodies.iter().map(|body| NewEvent::of(now, body)).collect::<Result<_, _>>()?;
        outbox::append(tx, events).await
    }

    /// Adds events of any types to the log within `tx`, in this order.
    pub async fn publish_all(tx: &DatabaseTransaction, events: Vec<NewEvent>) -> Result<(), DbErr> {
        outbox::append(tx, events).await
    }
}

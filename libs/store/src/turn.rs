//! How a writer gets its turn: a transaction that nobody else writes beside, on a connection of the writer's own. A
//! server that is asked over a network may vanish without a word, so no step waits for it for ever; the connection on
//! which it was silent is never used again.

use std::time::Duration;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::time::timeout;

use crate::{Durability, Location, postgres, sqlite};

/// How long it may take to begin or to commit: longer than the server lets one statement run.
const STEP: Duration = Duration::from_secs(15);

pub(crate) struct Turn {
    location: Location,
    durability: Durability,
    /// `None` after one was left.
    connection: Option<DatabaseConnection>,
}

impl Turn {
    pub(crate) async fn open(location: &Location, durability: Durability) -> Result<Self, DbErr> {
        let connection = connect(location, durability).await?;
        Ok(Self { location: location.clone(), durability, connection: Some(connection) })
    }

    /// The connection, before anybody writes.
    pub(crate) fn connection(&self) -> Result<&DatabaseConnection, DbErr> {
        self.connection.as_ref().ok_or_else(|| DbErr::Custom("no connection yet".into()))
    }

    pub(crate) async fn begin(&mut self) -> Result<DatabaseTransaction, DbErr> {
        if self.connection.is_none() {
            self.connection = Some(connect(&self.location, self.durability).await?);
        }
        let Some(begun) = self.within(STEP, self.try_begin()).await else {
            self.leave();
            return Err(DbErr::Custom("the database was silent".into()));
        };
        // Nobody else has this connection: one that is not to be had is lost to its pool, which still waits for it.
        if matches!(begun, Err(DbErr::ConnectionAcquire(_))) {
            self.leave();
        }
        begun
    }

    async fn try_begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let connection = self.connection()?;
        let Location::Schema { schema, .. } = &self.location else {
            let immediate = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            };
            return connection.begin_with_options(immediate).await;
        };
        let tx = connection.begin().await?;
        postgres::alone(&tx, schema).await?;
        Ok(tx)
    }

    /// Whether the server said that it is committed. Where it said nothing it may be, and nobody is told so.
    pub(crate) async fn commit(&mut self, tx: DatabaseTransaction) -> bool {
        match self.within(STEP, tx.commit()).await {
            Some(Ok(())) => true,
            Some(Err(error)) => {
                tracing::error!(cause = crate::cause_of(&error), "commit failed");
                false
            }
            None => {
                tracing::error!("the database was silent at a commit");
                self.leave();
                false
            }
        }
    }

    /// `None` when a server was silent for as long. A file is on this machine, and is waited for.
    pub(crate) async fn within<T>(&self, limit: Duration, step: impl Future<Output = T>) -> Option<T> {
        match self.location {
            Location::File(_) => Some(step.await),
            Location::Schema { .. } => timeout(limit, step).await.ok(),
        }
    }

    /// The next turn is on a connection made anew. Closing the old one may take as long as it likes.
    pub(crate) fn leave(&mut self) {
        if let Some(silent) = self.connection.take() {
            tokio::spawn(silent.close());
        }
    }
}

async fn connect(location: &Location, durability: Durability) -> Result<DatabaseConnection, DbErr> {
    match location {
        Location::File(path) => sqlite::connect(path, 1, durability).await,
        Location::Schema { url, schema } => {
            postgres::connect(url, schema, 1, postgres::Use::Serving(durability)).await
        }
    }
}

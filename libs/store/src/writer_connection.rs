//! The writer's own connection and its transactions. A remote server may vanish without notice, so every step has a
//! timeout, and a connection that timed out must never be used again.

use std::time::Duration;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::time::timeout;

use crate::{Durability, Location, postgres, sqlite, statement_count::StatementCount};

/// The longest wait to begin or commit: longer than the server's limit for one statement.
const STEP_TIMEOUT: Duration = Duration::from_secs(15);

pub(crate) struct WriterConnection {
    location: Location,
    durability: Durability,
    statements: StatementCount,
    /// `None` after the last one was abandoned.
    connection: Option<DatabaseConnection>,
}

impl WriterConnection {
    pub(crate) async fn open(
        location: &Location,
        durability: Durability,
        statements: StatementCount,
    ) -> Result<Self, DbErr> {
        let connection = statements.count_on(connect(location, durability).await?);
        Ok(Self { location: location.clone(), durability, statements, connection: Some(connection) })
    }

    /// The connection, before the first write.
    pub(crate) fn connection(&self) -> Result<&DatabaseConnection, DbErr> {
        self.connection.as_ref().ok_or_else(|| DbErr::Custom("no connection yet".into()))
    }

    pub(crate) async fn begin(&mut self) -> Result<DatabaseTransaction, DbErr> {
        if self.connection.is_none() {
            let connection = connect(&self.location, self.durability).await?;
            self.connection = Some(self.statements.count_on(connection));
        }
        let Some(begun) = self.with_timeout(STEP_TIMEOUT, self.try_begin()).await else {
            self.abandon();
            return Err(DbErr::Custom("the database did not answer".into()));
        };
        // This connection has no other user, so failing to acquire it means that the pool lost it.
        if matches!(begun, Err(DbErr::ConnectionAcquire(_))) {
            self.abandon();
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

    /// Whether the server confirmed the commit. Without an answer the data may be committed, but no caller is told so.
    pub(crate) async fn commit(&mut self, tx: DatabaseTransaction) -> bool {
        match self.with_timeout(STEP_TIMEOUT, tx.commit()).await {
            Some(Ok(())) => true,
            Some(Err(error)) => {
                tracing::error!(cause = crate::cause_of(&error), "commit failed");
                false
            }
            None => {
                tracing::error!("the database did not answer a commit");
                self.abandon();
                false
            }
        }
    }

    /// Undoes the transaction. Returns whether the connection can still be used.
    pub(crate) async fn undo(&mut self, tx: DatabaseTransaction) -> bool {
        let is_undone = matches!(self.with_timeout(STEP_TIMEOUT, tx.rollback()).await, Some(Ok(())));
        if !is_undone {
            self.abandon();
        }
        is_undone
    }

    pub(crate) fn is_file(&self) -> bool {
        matches!(self.location, Location::File(_))
    }

    /// Runs `step` with a timeout; `None` if a server did not answer in time. A local file has no timeout.
    pub(crate) async fn with_timeout<T>(&self, limit: Duration, step: impl Future<Output = T>) -> Option<T> {
        match self.location {
            Location::File(_) => Some(step.await),
            Location::Schema { .. } => timeout(limit, step).await.ok(),
        }
    }

    /// Drops the connection, so that the next transaction opens a new one. It is closed in the background.
    pub(crate) fn abandon(&mut self) {
        if let Some(silent) = self.connection.take() {
            tokio::spawn(silent.close());
        }
    }
}

async fn connect(location: &Location, durability: Durability) -> Result<DatabaseConnection, DbErr> {
    match location {
        Location::File(path) => sqlite::connect(path, 1, durability).await,
        Location::Schema { url, schema } => {
            postgres::connect(url, schema, 1, postgres::ConnectionPurpose::Serving(durability)).await
        }
    }
}

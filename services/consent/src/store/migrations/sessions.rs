//! The tables of sessions, sealed entries and reviews. Names of migrations and tables must never change.

use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{ColumnDef, Index, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    schema::{big_integer, boolean, string, uuid},
};

use crate::store::{
    choice::row as choice,
    epochs::ended_session,
    kept_entry::{entity as kept, head},
};

pub(super) struct EndedSessions;

impl MigrationName for EndedSessions {
    fn name(&self) -> &'static str {
        "m20261127_000005_ended_sessions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for EndedSessions {
    /// Adds a table only: the previous version still stores ended sessions in `fence`.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(ended_session::Entity)
            .col(string(ended_session::Column::Key).primary_key())
            .col(big_integer(ended_session::Column::At))
            .to_owned();
        manager.create_table(table).await?;
        let by_time = Index::create()
            .name("ended_session_at")
            .table(ended_session::Entity)
            .col(ended_session::Column::At)
            .to_owned();
        manager.create_index(by_time).await?;
        let copy = "INSERT INTO ended_session (key, at) SELECT key, at FROM fence WHERE key LIKE 'session/%'";
        manager.get_connection().execute_unprepared(copy).await.map(|_| ())
    }
}

pub(super) struct EntryFingerprints;

impl MigrationName for EntryFingerprints {
    fn name(&self) -> &'static str {
        "m20261129_000006_kept_entries"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for EntryFingerprints {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let entries = Table::create()
            .table(kept::Entity)
            .col(uuid(kept::Column::Id).primary_key())
            .col(big_integer(kept::Column::At))
            .col(string(kept::Column::Fingerprint))
            .col(boolean(kept::Column::Mismatch))
            .to_owned();
        manager.create_table(entries).await?;
        let head = Table::create()
            .table(head::Entity)
            .col(big_integer(head::Column::One).primary_key())
            .col(big_integer(head::Column::Size))
            .col(string(head::Column::Root))
            .to_owned();
        manager.create_table(head).await
    }
}

/// A separate column, because the previous version shows the content of `review` as plain text.
pub(super) struct SealedReviews;

impl MigrationName for SealedReviews {
    fn name(&self) -> &'static str {
        "m20261129_000007_sealed_reviews"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SealedReviews {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut sealed = ColumnDef::new(choice::Column::ReviewSealed);
        sealed.text().null();
        manager.alter_table(Table::alter().table(choice::Entity).add_column(sealed).to_owned()).await
    }
}

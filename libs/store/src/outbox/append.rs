//! Writes events to the outbox, in the transaction of the change that they describe.

use jiff::Timestamp;
use lcr_contracts::events::{EventBody, event_type};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, Set,
    sea_query::{ColumnDef, Index, Table},
};
use sea_orm_migration::SchemaManager;
use uuid::Uuid;

use super::entity;

/// Creates the table, in every store.
pub(crate) async fn prepare(connection: &DatabaseConnection) -> Result<(), DbErr> {
    use entity::Column as C;
    let mut table = Table::create();
    table
        .table(entity::Entity)
        .if_not_exists()
        .col(ColumnDef::new(C::Seq).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(C::EventId).uuid().not_null())
        .col(ColumnDef::new(C::Stream).string().not_null())
        .col(ColumnDef::new(C::EventType).string().not_null())
        .col(ColumnDef::new(C::Key).string().not_null())
        .col(ColumnDef::new(C::Version).big_integer().not_null())
        .col(ColumnDef::new(C::Body).text().not_null())
        .col(ColumnDef::new(C::At).big_integer().not_null());
    connection.execute(&table).await?;
    let mut index = Index::create();
    index.name("outbox_stream_seq").if_not_exists().table(entity::Entity).col(C::Stream).col(C::Seq);
    connection.execute(&index).await?;
    widen(connection).await?;
    crate::oversized::prepare(connection).await?;
    crate::relay::prepare(connection).await
}

/// Adds later columns. They are nullable, so that the previous version can still write.
async fn widen(connection: &DatabaseConnection) -> Result<(), DbErr> {
    if SchemaManager::new(connection).has_column("outbox", "traceparent").await? {
        return Ok(());
    }
    let mut table = Table::alter();
    table.table(entity::Entity).add_column(ColumnDef::new(entity::Column::Traceparent).string().null());
    connection.execute(&table).await.map(|_| ())
}

/// Whether the log's tables have every column of this version.
pub(crate) async fn is_whole(connection: &DatabaseConnection) -> Result<bool, DbErr> {
    let schema = SchemaManager::new(connection);
    Ok(schema.has_column("outbox", "traceparent").await? && schema.has_table("kept_back").await?)
}

/// An event that is not yet in the log: one statement adds events of several types.
#[derive(Debug, Clone)]
pub struct NewEvent(entity::ActiveModel);

impl NewEvent {
    /// The event, in the trace of the caller.
    pub fn of<B: EventBody>(now: Timestamp, body: &B) -> Result<Self, DbErr> {
        Ok(Self(entity::ActiveModel {
            event_id: Set(Uuid::now_v7()),
            stream: Set(B::STREAM.name().to_owned()),
            event_type: Set(event_type::<B>()),
            key: Set(body.key()),
            version: Set(body.version()),
            body: Set(serde_json::to_string(body).map_err(|e| DbErr::Json(e.to_string()))?),
            at: Set(now.as_microsecond()),
            traceparent: Set(lcr_observe::trace::parent()),
            ..Default::default()
        }))
    }
}

/// Adds events within `tx`, in rows of at most 100 a statement.
pub(crate) async fn append(tx: &impl ConnectionTrait, events: Vec<NewEvent>) -> Result<(), DbErr> {
    let mut rows = events.into_iter().map(|event| event.0);
    loop {
        let chunk: Vec<_> = rows.by_ref().take(100).collect();
        if chunk.is_empty() {
            return Ok(());
        }
        entity::Entity::insert_many(chunk).exec_without_returning(tx).await?;
    }
}

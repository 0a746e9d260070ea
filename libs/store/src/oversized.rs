//! Events of the owner's log that are too large for the broker: stored with the reason beside the relay position, until
//! an operator redelivers them. Only the sequence number is stored; the event is in the log. A row must not be deleted
//! before its event was published.

use jiff::Timestamp;
use lcr_contracts::events::Stream;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
    sea_query::{ColumnDef, Expr, OnConflict, Table},
};

use crate::{OutboxRow, Store, StoreError};

/// The most events listed or retried at once.
const MAX_LISTED: u64 = 500;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "kept_back")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub stream: String,
        pub cause: String,
        /// Microseconds since the epoch.
        pub at: i64,
        pub revived: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{Column as C, Entity};

/// An oversized event and the reason.
#[derive(Debug, Clone)]
pub struct OversizedEvent {
    pub row: OutboxRow,
    pub cause: String,
    pub at: Timestamp,
}

pub(crate) async fn prepare(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table(Entity)
        .if_not_exists()
        .col(ColumnDef::new(C::Seq).big_integer().not_null().primary_key())
        .col(ColumnDef::new(C::Stream).string().not_null())
        .col(ColumnDef::new(C::Cause).string().not_null())
        .col(ColumnDef::new(C::At).big_integer().not_null())
        .col(ColumnDef::new(C::Revived).boolean().not_null());
    connection.execute(&table).await.map(|_| ())
}

pub(crate) async fn insert(tx: &DatabaseTransaction, events: &[OversizedEvent]) -> Result<(), DbErr> {
    for one in events {
        let row = entity::ActiveModel {
            seq: Set(one.row.seq),
            stream: Set(one.row.stream.name().to_owned()),
            cause: Set(one.cause.clone()),
            at: Set(one.at.as_microsecond()),
            revived: Set(false),
        };
        let replace = OnConflict::column(C::Seq).update_columns([C::Cause, C::At, C::Revived]).to_owned();
        Entity::insert(row).on_conflict(replace).exec_without_returning(tx).await?;
    }
    Ok(())
}

impl Store {
    /// The number of oversized events in all streams.
    pub async fn count_oversized(&self) -> Result<u64, DbErr> {
        Entity::find().filter(C::Revived.eq(false)).count(self.read()).await
    }

    /// The number of oversized events in `stream`, and the oldest.
    pub async fn oversized(&self, stream: Stream) -> Result<(u64, Vec<OversizedEvent>), DbErr> {
        let rows = Entity::find().filter(C::Stream.eq(stream.name())).filter(C::Revived.eq(false));
        let all = rows.clone().count(self.read()).await?;
        let oldest = rows.order_by_asc(C::Seq).limit(MAX_LISTED).all(self.read()).await?;
        Ok((all, self.with_events(oldest).await?))
    }

    /// The events marked for another attempt.
    pub async fn oversized_to_retry(&self) -> Result<Vec<OversizedEvent>, StoreError> {
        let rows = Entity::find().filter(C::Revived.eq(true)).order_by_asc(C::Seq).limit(MAX_LISTED);
        self.with_events(rows.all(self.read()).await?).await
    }

    async fn with_events(&self, rows: Vec<entity::Model>) -> Result<Vec<OversizedEvent>, StoreError> {
        let mut events = Vec::with_capacity(rows.len());
        for row in rows {
            let at = Timestamp::from_microsecond(row.at).map_err(|e| DbErr::Type(e.to_string()))?;
            // An event that retention deleted from the log can no longer be published.
            if let Some(event) = self.outbox().at(row.seq).await? {
                events.push(OversizedEvent { row: event, cause: row.cause, at });
            }
        }
        Ok(events)
    }

    pub async fn store_oversized(&self, events: Vec<OversizedEvent>) -> Result<(), StoreError> {
        self.write(async move |tx| insert(&tx, &events).await).await
    }

    /// Marks events for another attempt.
    pub async fn retry_oversized(&self, seqs: Vec<i64>) -> Result<(), StoreError> {
        self.write(async move |tx| {
            let these = Entity::update_many().filter(C::Seq.is_in(seqs));
            these.col_expr(C::Revived, Expr::value(true)).exec(&tx).await.map(|_| ())
        })
        .await
    }

    /// Deletes the marked events that were published.
    pub async fn delete_oversized(&self, seqs: Vec<i64>) -> Result<(), StoreError> {
        self.write(async move |tx| {
            let these = Entity::delete_many().filter(C::Seq.is_in(seqs));
            these.filter(C::Revived.eq(true)).exec(&tx).await.map(|_| ())
        })
        .await
    }
}

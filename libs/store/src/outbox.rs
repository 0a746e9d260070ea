//! The outbox: the owner's event log, written in the same transaction as the change it describes. The bus reads it with
//! cursors. Only retention may delete a row; no code may update one.

mod append;

use jiff::Timestamp;
use lcr_contracts::events::{CloudEvent, Stream};
use sea_orm::{
    DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, entity::prelude::*,
};
use tokio::sync::watch;

use crate::StoreError;
pub use append::NewEvent;
pub(crate) use append::{append, is_whole, prepare};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub seq: i64,
        pub event_id: Uuid,
        pub stream: String,
        pub event_type: String,
        pub key: String,
        pub version: i64,
        pub body: String,
        /// Microseconds since the epoch.
        pub at: i64,
        pub traceparent: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A row of the log with its sequence number.
#[derive(Debug, Clone)]
pub struct OutboxRow {
    pub seq: i64,
    pub stream: Stream,
    pub event: CloudEvent,
}

/// The log of one owner.
#[derive(Debug)]
pub struct Outbox {
    owner: String,
    read: DatabaseConnection,
    woken: watch::Sender<u64>,
}

impl Outbox {
    pub(crate) fn new(owner: &str, read: DatabaseConnection) -> Self {
        Self { owner: owner.to_owned(), read, woken: watch::Sender::new(0) }
    }

    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Rows of `stream` after `seq`, oldest first, at most `limit`.
    pub async fn after(&self, stream: Stream, seq: i64, limit: u64) -> Result<Vec<OutboxRow>, StoreError> {
        let rows = entity::Entity::find()
            .filter(entity::Column::Stream.eq(stream.name()))
            .filter(entity::Column::Seq.gt(seq))
            .order_by_asc(entity::Column::Seq)
            .limit(limit)
            .all(&self.read)
            .await?;
        Ok(rows.into_iter().map(|row| self.row(row)).collect::<Result<_, _>>()?)
    }

    /// The row with this sequence number.
    pub async fn at(&self, seq: i64) -> Result<Option<OutboxRow>, StoreError> {
        let row = entity::Entity::find_by_id(seq).one(&self.read).await?;
        Ok(row.map(|row| self.row(row)).transpose()?)
    }

    /// The last sequence number of `stream`, 0 if empty: where a `Watch` starts.
    pub async fn head(&self, stream: Stream) -> Result<i64, StoreError> {
        self.last(entity::Entity::find().filter(entity::Column::Stream.eq(stream.name()))).await
    }

    /// The last sequence number of each stream that has rows after `seq`.
    pub async fn heads_after(&self, seq: i64) -> Result<Vec<(Stream, i64)>, StoreError> {
        let rows: Vec<(String, i64)> = entity::Entity::find()
            .select_only()
            .column(entity::Column::Stream)
            .column_as(entity::Column::Seq.max(), "head")
            .filter(entity::Column::Seq.gt(seq))
            .group_by(entity::Column::Stream)
            .into_tuple()
            .all(&self.read)
            .await?;
        Ok(rows.into_iter().filter_map(|(name, head)| Some((Stream::named(&name)?, head))).collect())
    }

    /// The last sequence number of the whole log. Rows are numbered in commit order.
    pub async fn newest(&self) -> Result<i64, StoreError> {
        self.last(entity::Entity::find()).await
    }

    /// The last sequence number among `rows`. Called many times a second, so it reads no body.
    async fn last(&self, rows: Select<entity::Entity>) -> Result<i64, StoreError> {
        let places = rows.select_only().column(entity::Column::Seq).order_by_desc(entity::Column::Seq);
        let newest: Option<i64> = places.into_tuple().one(&self.read).await?;
        Ok(newest.unwrap_or(0))
    }

    /// How many rows of `stream` come after `seq`.
    pub async fn count_after(&self, stream: Stream, seq: i64) -> Result<u64, StoreError> {
        let rows =
            entity::Entity::find().filter(entity::Column::Stream.eq(stream.name())).filter(entity::Column::Seq.gt(seq));
        Ok(rows.count(&self.read).await?)
    }

    /// Changes after each commit. Readers that miss a change see it at their next poll.
    pub fn wakes(&self) -> watch::Receiver<u64> {
        self.woken.subscribe()
    }

    pub(crate) fn wake(&self) {
        self.woken.send_modify(|count| *count += 1);
    }

    fn row(&self, row: entity::Model) -> Result<OutboxRow, DbErr> {
        let data = serde_json::from_str(&row.body).map_err(|e| DbErr::Json(e.to_string()))?;
        let stream =
            Stream::named(&row.stream).ok_or_else(|| DbErr::Type("a stream this version does not know".into()))?;
        let time = Timestamp::from_microsecond(row.at).map_err(|e| DbErr::Type(e.to_string()))?;
        let event = CloudEvent {
            specversion: "1.0".into(),
            id: row.event_id,
            source: format!("//{}", self.owner),
            event_type: row.event_type,
            subject: row.key,
            time,
            datacontenttype: "application/json".into(),
            lcrversion: row.version,
            traceparent: row.traceparent,
            data,
        };
        Ok(OutboxRow { seq: row.seq, stream, event })
    }
}

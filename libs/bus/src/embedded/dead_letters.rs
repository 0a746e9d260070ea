//! Dead letters of the embedded bus: events that kept failing alone. A letter must not be deleted before it was redelivered
//! and acknowledged.

use jiff::Timestamp;
use lcr_contracts::events::{CloudEvent, Stream};
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
    sea_query::{Expr, Index, OnConflict, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    schema::{big_integer, boolean, string, text, uuid},
};
use uuid::Uuid;

use crate::{DeadLetter, MAX_LISTED};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "dead")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub consumer: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub stream: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: Uuid,
        pub event: String,
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

pub(crate) async fn insert(
    tx: &DatabaseTransaction,
    consumer: &str,
    stream: Stream,
    letter: &DeadLetter,
) -> Result<(), DbErr> {
    let row = entity::ActiveModel {
        consumer: Set(consumer.to_owned()),
        stream: Set(stream.name().to_owned()),
        event_id: Set(letter.event.id),
        event: Set(serde_json::to_string(&letter.event).map_err(|e| DbErr::Json(e.to_string()))?),
        cause: Set(letter.cause.clone()),
        at: Set(letter.at.as_microsecond()),
        revived: Set(false),
    };
    let replace = OnConflict::columns([C::Consumer, C::Stream, C::EventId])
        .update_columns([C::Cause, C::At, C::Revived])
        .to_owned();
    Entity::insert(row).on_conflict(replace).exec_without_returning(tx).await.map(|_| ())
}

pub(crate) async fn list(
    db: &DatabaseConnection,
    consumer: &str,
    stream: Stream,
    revived: bool,
) -> Result<(u64, Vec<DeadLetter>), StoreError> {
    let rows = Entity::find()
        .filter(C::Consumer.eq(consumer))
        .filter(C::Stream.eq(stream.name()))
        .filter(C::Revived.eq(revived));
    let all = rows.clone().count(db).await?;
    let oldest = rows.order_by_asc(C::At).limit(MAX_LISTED).all(db).await?;
    let letters = oldest.into_iter().map(letter).collect::<Result<_, _>>()?;
    Ok((all, letters))
}

fn letter(row: entity::Model) -> Result<DeadLetter, DbErr> {
    let event: CloudEvent = serde_json::from_str(&row.event).map_err(|e| DbErr::Json(e.to_string()))?;
    let at = Timestamp::from_microsecond(row.at).map_err(|e| DbErr::Type(e.to_string()))?;
    Ok(DeadLetter { event, cause: row.cause, at })
}

pub(crate) async fn redeliver(
    tx: &DatabaseTransaction,
    consumer: &str,
    stream: Stream,
    ids: &[Uuid],
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(C::Revived, Expr::value(true))
        .filter(C::Consumer.eq(consumer))
        .filter(C::Stream.eq(stream.name()))
        .filter(C::EventId.is_in(ids.iter().copied()))
        .exec(tx)
        .await
        .map(|_| ())
}

/// Deletes only letters still marked for redelivery: one that failed again meanwhile stays.
pub(crate) async fn delete_redelivered(
    tx: &DatabaseTransaction,
    consumer: &str,
    stream: Stream,
    ids: &[Uuid],
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(C::Consumer.eq(consumer))
        .filter(C::Stream.eq(stream.name()))
        .filter(C::EventId.is_in(ids.iter().copied()))
        .filter(C::Revived.eq(true))
        .exec(tx)
        .await
        .map(|_| ())
}

pub(crate) struct DeadLetters;

impl MigrationName for DeadLetters {
    fn name(&self) -> &'static str {
        "m20261126_000002_dead_letters"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for DeadLetters {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(Entity)
            .col(string(C::Consumer))
            .col(string(C::Stream))
            .col(uuid(C::EventId))
            .col(text(C::Event))
            .col(string(C::Cause))
            .col(big_integer(C::At))
            .col(boolean(C::Revived))
            .primary_key(Index::create().col(C::Consumer).col(C::Stream).col(C::EventId))
            .to_owned();
        manager.create_table(table).await
    }
}

//! Events of the owner's log that the transport does not take as they are: kept back with the reason, beside the mark
//! that passes over them, until somebody has them sent again. Only a pointer is kept: the event is in the log. Nothing
//! leaves here but by being handed over.

use jiff::Timestamp;
use lcr_contracts::events::Stream;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Set,
    sea_query::{ColumnDef, Expr, OnConflict, Table},
};

use crate::{OutboxRow, Store, WriteError};

/// The most that are listed or sent again at once.
const MOST: u64 = 500;

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

/// An event that was kept back, and why.
#[derive(Debug, Clone)]
pub struct KeptBack {
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

pub(crate) async fn keep(tx: &DatabaseTransaction, back: &[KeptBack]) -> Result<(), DbErr> {
    for one in back {
        let row = entity::ActiveModel {
            seq: Set(one.row.seq),
            stream: Set(one.row.stream.name().to_owned()),
            cause: Set(one.cause.clone()),
            at: Set(one.at.as_microsecond()),
            revived: Set(false),
        };
        let again = OnConflict::column(C::Seq).update_columns([C::Cause, C::At, C::Revived]).to_owned();
        Entity::insert(row).on_conflict(again).exec_without_returning(tx).await?;
    }
    Ok(())
}

impl Store {
    /// How many events are kept back, of every stream.
    pub async fn count_kept_back(&self) -> Result<u64, DbErr> {
        Entity::find().filter(C::Revived.eq(false)).count(self.read()).await
    }

    /// How many of `stream` are kept back, and the oldest of them.
    pub async fn kept_back(&self, stream: Stream) -> Result<(u64, Vec<KeptBack>), DbErr> {
        let rows = Entity::find().filter(C::Stream.eq(stream.name())).filter(C::Revived.eq(false));
        let all = rows.clone().count(self.read()).await?;
        let oldest = rows.order_by_asc(C::Seq).limit(MOST).all(self.read()).await?;
        Ok((all, self.with_events(oldest).await?))
    }

    /// What was kept back and is wanted again.
    pub async fn revived(&self) -> Result<Vec<KeptBack>, DbErr> {
        let rows = Entity::find().filter(C::Revived.eq(true)).order_by_asc(C::Seq).limit(MOST);
        self.with_events(rows.all(self.read()).await?).await
    }

    async fn with_events(&self, rows: Vec<entity::Model>) -> Result<Vec<KeptBack>, DbErr> {
        let mut kept = Vec::with_capacity(rows.len());
        for row in rows {
            let at = Timestamp::from_microsecond(row.at).map_err(|e| DbErr::Type(e.to_string()))?;
            // One that retention has taken from the log can no longer be sent.
            if let Some(event) = self.outbox().at(row.seq).await? {
                kept.push(KeptBack { row: event, cause: row.cause, at });
            }
        }
        Ok(kept)
    }

    pub async fn keep_back(&self, back: Vec<KeptBack>) -> Result<(), WriteError<DbErr>> {
        self.write::<_, DbErr, _>(move |tx| Box::pin(async move { keep(tx, &back).await })).await
    }

    /// Has these handed over again.
    pub async fn revive(&self, seqs: Vec<i64>) -> Result<(), WriteError<DbErr>> {
        self.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                let these = Entity::update_many().filter(C::Seq.is_in(seqs));
                these.col_expr(C::Revived, Expr::value(true)).exec(tx).await.map(|_| ())
            })
        })
        .await
    }

    /// These were handed over.
    pub async fn forget_kept_back(&self, seqs: Vec<i64>) -> Result<(), WriteError<DbErr>> {
        self.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                let these = Entity::delete_many().filter(C::Seq.is_in(seqs));
                these.filter(C::Revived.eq(true)).exec(tx).await.map(|_| ())
            })
        })
        .await
    }
}

//! The relay position per stream: how far the log was published, and how to detect that the broker lost events. A lost
//! row means that events are published again; it must never mean that one is missed.

use lcr_contracts::events::Stream;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, Set,
    sea_query::{ColumnDef, OnConflict, Table},
};

use crate::{OversizedEvent, Store, StoreError, oversized};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "relay")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub stream: String,
        pub seq: i64,
        pub made: String,
        pub acked: i64,
        pub acked_id: String,
        pub round: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The relay position of one stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RelayPosition {
    /// The last sequence number that the broker acknowledged.
    pub seq: i64,
    /// When the broker created the stream, as the broker states it.
    pub made: String,
    /// The broker's number for the last acknowledged message; `acked_id` is its message id.
    pub acked: i64,
    pub acked_id: String,
    /// How often the log was published from its beginning.
    pub round: i64,
}

pub(crate) async fn prepare(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    use entity::Column as C;
    let mut table = Table::create();
    table
        .table(entity::Entity)
        .if_not_exists()
        .col(ColumnDef::new(C::Stream).string().not_null().primary_key())
        .col(ColumnDef::new(C::Seq).big_integer().not_null())
        .col(ColumnDef::new(C::Made).string().not_null())
        .col(ColumnDef::new(C::Acked).big_integer().not_null())
        .col(ColumnDef::new(C::AckedId).string().not_null())
        .col(ColumnDef::new(C::Round).big_integer().not_null());
    connection.execute(&table).await.map(|_| ())
}

impl Store {
    pub async fn relay_position(&self, stream: Stream) -> Result<RelayPosition, StoreError> {
        let row = entity::Entity::find_by_id(stream.name().to_owned()).one(self.read()).await?;
        Ok(row.map_or_else(RelayPosition::default, |row| RelayPosition {
            seq: row.seq,
            made: row.made,
            acked: row.acked,
            acked_id: row.acked_id,
            round: row.round,
        }))
    }

    pub async fn set_relay_position(&self, stream: Stream, position: RelayPosition) -> Result<(), StoreError> {
        self.set_relay_position_past(stream, position, vec![]).await
    }

    /// Advances the position and stores the oversized events it passes over, in one transaction.
    pub async fn set_relay_position_past(
        &self,
        stream: Stream,
        position: RelayPosition,
        back: Vec<OversizedEvent>,
    ) -> Result<(), StoreError> {
        use entity::Column as C;
        let row = entity::ActiveModel {
            stream: Set(stream.name().to_owned()),
            seq: Set(position.seq),
            made: Set(position.made),
            acked: Set(position.acked),
            acked_id: Set(position.acked_id),
            round: Set(position.round),
        };
        let update =
            OnConflict::column(C::Stream).update_columns([C::Seq, C::Made, C::Acked, C::AckedId, C::Round]).to_owned();
        self.write(async move |tx| {
            oversized::insert(&tx, &back).await?;
            let insert = entity::Entity::insert(row).on_conflict(update);
            insert.exec_without_returning(&tx).await.map(|_| ())
        })
        .await
    }
}

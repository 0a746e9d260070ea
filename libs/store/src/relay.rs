//! How far the owner's log has been handed to a broker, stream by stream, and by what it would show that the broker
//! has lost some of it. Losing a row here costs deliveries that had been made before, never an event.

use lcr_contracts::events::Stream;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, Set,
    sea_query::{ColumnDef, OnConflict, Table},
};

use crate::{KeptBack, Store, WriteError, kept};

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

/// One stream's mark.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mark {
    /// The last place of the log that the broker has acknowledged.
    pub seq: i64,
    /// When the broker's stream was made, in its own words.
    pub made: String,
    /// The broker's number for the last message it acknowledged, and that message's id.
    pub acked: i64,
    pub acked_id: String,
    /// How often the log was handed over from its beginning.
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
    pub async fn relayed(&self, stream: Stream) -> Result<Mark, DbErr> {
        let row = entity::Entity::find_by_id(stream.name().to_owned()).one(self.read()).await?;
        Ok(row.map_or_else(Mark::default, |row| Mark {
            seq: row.seq,
            made: row.made,
            acked: row.acked,
            acked_id: row.acked_id,
            round: row.round,
        }))
    }

    pub async fn set_relayed(&self, stream: Stream, mark: Mark) -> Result<(), WriteError<DbErr>> {
        self.set_relayed_but(stream, mark, vec![]).await
    }

    /// Moves the mark, and keeps back what it passes over, in one transaction.
    pub async fn set_relayed_but(
        &self,
        stream: Stream,
        mark: Mark,
        back: Vec<KeptBack>,
    ) -> Result<(), WriteError<DbErr>> {
        use entity::Column as C;
        let row = entity::ActiveModel {
            stream: Set(stream.name().to_owned()),
            seq: Set(mark.seq),
            made: Set(mark.made),
            acked: Set(mark.acked),
            acked_id: Set(mark.acked_id),
            round: Set(mark.round),
        };
        let update = OnConflict::column(C::Stream)
            .update_columns([C::Seq, C::Made, C::Acked, C::AckedId, C::Round])
            .to_owned();
        self.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                kept::keep(tx, &back).await?;
                let insert = entity::Entity::insert(row).on_conflict(update);
                insert.exec_without_returning(tx).await.map(|_| ())
            })
        })
        .await
    }
}

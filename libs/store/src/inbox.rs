//! The inbox: which events a consumer has already applied. It is written in the same transaction as their effect, so a
//! second delivery has no effect.

use std::collections::HashSet;

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, Set,
    entity::prelude::*,
    sea_query::{ColumnDef, OnConflict, Table},
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "inbox")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Creates the table, in a consumer's first migration.
pub async fn create(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table(entity::Entity)
        .if_not_exists()
        .col(ColumnDef::new(entity::Column::EventId).uuid().not_null().primary_key());
    connection.execute(&table).await.map(|_| ())
}

/// Marks the events as applied. Returns those marked for the first time.
pub async fn first_time(tx: &DatabaseTransaction, ids: &[Uuid]) -> Result<HashSet<Uuid>, DbErr> {
    let known: HashSet<Uuid> = entity::Entity::find()
        .filter(entity::Column::EventId.is_in(ids.iter().copied()))
        .all(tx)
        .await?
        .into_iter()
        .map(|row| row.event_id)
        .collect();
    let new: HashSet<Uuid> = ids.iter().copied().filter(|id| !known.contains(id)).collect();
    if !new.is_empty() {
        let rows = new.iter().map(|id| entity::ActiveModel { event_id: Set(*id) });
        let ignore = OnConflict::column(entity::Column::EventId).do_nothing().to_owned();
        entity::Entity::insert_many(rows).on_conflict(ignore).exec_without_returning(tx).await?;
    }
    Ok(new)
}

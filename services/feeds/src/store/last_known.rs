//! The last known state of each person, stay and item by source (table `held`). Row ids are digests, so they must never
//! contain a readable identifier. Fields that a later message leaves out are filled from here.

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Set, sea_query::OnConflict};

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "held")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub version: i64,
        pub sealed: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub use entity::Model as Row;
use entity::{ActiveModel, Column, Entity};

pub async fn get(tx: &impl ConnectionTrait, id: &str) -> Result<Option<Row>, DbErr> {
    Entity::find_by_id(id).one(tx).await
}

pub async fn upsert(tx: &impl ConnectionTrait, row: Row) -> Result<(), DbErr> {
    let row = ActiveModel { id: Set(row.id), version: Set(row.version), sealed: Set(row.sealed) };
    let update = OnConflict::column(Column::Id).update_columns([Column::Version, Column::Sealed]).to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
}

//! The last version of each person and item that a source told of, under names that cannot be read back. A person's
//! is sealed with what was said, so that a field left out changes nothing.

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

pub async fn keep(tx: &impl ConnectionTrait, row: Row) -> Result<(), DbErr> {
    let row = ActiveModel { id: Set(row.id), version: Set(row.version), sealed: Set(row.sealed) };
    let newer = OnConflict::column(Column::Id).update_columns([Column::Version, Column::Sealed]).to_owned();
    Entity::insert(row).on_conflict(newer).exec_without_returning(tx).await.map(|_| ())
}

//! The last known state of each person, stay and item by source (table `held`). Row ids are digests, so they must never
//! contain a readable identifier. Fields that a later message leaves out are filled from here.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set, sea_query::OnConflict};

/// Rows per statement.
const BATCH_SIZE: usize = 500;

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

/// The rows that exist, in any order.
pub async fn get_all(tx: &impl ConnectionTrait, ids: &[String]) -> Result<Vec<Row>, DbErr> {
    let mut rows = vec![];
    for chunk in ids.chunks(BATCH_SIZE) {
        let of_chunk = Entity::find().filter(Column::Id.is_in(chunk.iter().map(String::as_str)));
        rows.extend(of_chunk.all(tx).await?);
    }
    Ok(rows)
}

pub async fn upsert(tx: &impl ConnectionTrait, row: Row) -> Result<(), DbErr> {
    upsert_all(tx, &[row]).await
}

/// Stores rows with different ids.
pub async fn upsert_all(tx: &impl ConnectionTrait, rows: &[Row]) -> Result<(), DbErr> {
    for chunk in rows.chunks(BATCH_SIZE) {
        let update = OnConflict::column(Column::Id).update_columns([Column::Version, Column::Sealed]).to_owned();
        let models: Vec<ActiveModel> = chunk.iter().map(to_model).collect();
        Entity::insert_many(models).on_conflict(update).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn to_model(row: &Row) -> ActiveModel {
    ActiveModel { id: Set(row.id.clone()), version: Set(row.version), sealed: Set(row.sealed.clone()) }
}

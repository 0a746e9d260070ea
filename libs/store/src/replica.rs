//! A replica of another service's rows, stored by key and version from its events. An older version must never overwrite
//! a newer one. A replay of the owner's log rebuilds it.

use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, QueryOrder, QuerySelect, Set,
    entity::prelude::*,
    sea_query::{ColumnDef, OnConflict, Table},
};
use serde::{Serialize, de::DeserializeOwned};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "copy")]
    pub struct Model {
        /// `<kind>/<key>`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub version: i64,
        pub body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// Creates the table, in a consumer's first migration.
pub async fn create(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table(Entity)
        .if_not_exists()
        .col(ColumnDef::new(Column::Key).string().not_null().primary_key())
        .col(ColumnDef::new(Column::Version).big_integer().not_null())
        .col(ColumnDef::new(Column::Body).text().not_null());
    connection.execute(&table).await.map(|_| ())
}

/// Stores `row` unless the stored version is as new.
pub async fn upsert<T: Serialize>(tx: &impl ConnectionTrait, key: String, version: i64, row: &T) -> Result<(), DbErr> {
    if Entity::find_by_id(key.clone()).one(tx).await?.is_some_and(|stored| stored.version >= version) {
        return Ok(());
    }
    let body = serde_json::to_string(row).map_err(|e| DbErr::Json(e.to_string()))?;
    let row = ActiveModel { key: Set(key), version: Set(version), body: Set(body) };
    let newer = OnConflict::column(Column::Key).update_columns([Column::Version, Column::Body]).to_owned();
    Entity::insert(row).on_conflict(newer).exec_without_returning(tx).await.map(|_| ())
}

/// The key and version of every row: changes whenever a row is stored.
pub async fn versions(db: &impl ConnectionTrait) -> Result<Vec<(String, i64)>, DbErr> {
    let columns = Entity::find().select_only().columns([Column::Key, Column::Version]);
    columns.order_by_asc(Column::Key).into_tuple().all(db).await
}

/// All rows of a kind, ordered by key.
pub async fn all<T: DeserializeOwned>(db: &impl ConnectionTrait, kind: &str) -> Result<Vec<T>, DbErr> {
    let rows =
        Entity::find().filter(Column::Key.starts_with(format!("{kind}/"))).order_by_asc(Column::Key).all(db).await?;
    rows.iter().map(|row| serde_json::from_str(&row.body).map_err(|e| DbErr::Json(e.to_string()))).collect()
}

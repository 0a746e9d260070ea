//! A copy of another service's rows, kept by key and version from its events; older versions change nothing.
//! Rebuilt at any time by asking the owner to publish its log again.

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

/// Makes the table; part of a consumer's first migration.
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

/// Keeps `row` unless a version as new is held.
pub async fn keep<T: Serialize>(
    tx: &impl ConnectionTrait,
    key: String,
    version: i64,
    row: &T,
) -> Result<(), DbErr> {
    if Entity::find_by_id(key.clone()).one(tx).await?.is_some_and(|held| held.version >= version) {
        return Ok(());
    }
    let body = serde_json::to_string(row).map_err(|e| DbErr::Json(e.to_string()))?;
    let row = ActiveModel { key: Set(key), version: Set(version), body: Set(body) };
    let newer = OnConflict::column(Column::Key).update_columns([Column::Version, Column::Body]).to_owned();
    Entity::insert(row).on_conflict(newer).exec_without_returning(tx).await.map(|_| ())
}

/// Which versions of which rows are held: what changes whenever anything is kept, in whatever order it came.
pub async fn versions(db: &impl ConnectionTrait) -> Result<Vec<(String, i64)>, DbErr> {
    let columns = Entity::find().select_only().columns([Column::Key, Column::Version]);
    columns.order_by_asc(Column::Key).into_tuple().all(db).await
}

/// All rows of a kind, in the order of their keys.
pub async fn all<T: DeserializeOwned>(db: &impl ConnectionTrait, kind: &str) -> Result<Vec<T>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Key.starts_with(format!("{kind}/")))
        .order_by_asc(Column::Key)
        .all(db)
        .await?;
    rows.iter().map(|row| serde_json::from_str(&row.body).map_err(|e| DbErr::Json(e.to_string()))).collect()
}

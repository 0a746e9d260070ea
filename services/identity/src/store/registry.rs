//! Organisations and systems, as JSON by key: small, read whole, validated by their types.

use lcr_contracts::identity::{Organisation, Registry};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryOrder, Set, sea_query::OnConflict};
use serde::Serialize;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "registry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

fn wrong(error: &serde_json::Error) -> DbErr {
    DbErr::Json(error.to_string())
}

/// Keeps a row; true when it is new or different.
pub async fn keep<T: Serialize>(tx: &impl ConnectionTrait, key: &str, row: &T) -> Result<bool, DbErr> {
    let body = serde_json::to_string(row).map_err(|e| wrong(&e))?;
    if Entity::find_by_id(key).one(tx).await?.is_some_and(|held| held.body == body) {
        return Ok(false);
    }
    let row = ActiveModel { key: Set(key.to_owned()), body: Set(body) };
    let update = OnConflict::column(Column::Key).update_column(Column::Body).to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(tx).await?;
    Ok(true)
}

pub async fn organisation(db: &impl ConnectionTrait, ods: &str) -> Result<Option<Organisation>, DbErr> {
    let row = Entity::find_by_id(format!("organisation/{ods}")).one(db).await?;
    row.map(|row| serde_json::from_str(&row.body).map_err(|e| wrong(&e))).transpose()
}

pub async fn load(db: &impl ConnectionTrait) -> Result<Registry, DbErr> {
    let mut registry = Registry::default();
    for row in Entity::find().order_by_asc(Column::Key).all(db).await? {
        if row.key.starts_with("system/") {
            registry.systems.push(serde_json::from_str(&row.body).map_err(|e| wrong(&e))?);
        } else {
            registry.organisations.push(serde_json::from_str(&row.body).map_err(|e| wrong(&e))?);
        }
    }
    Ok(registry)
}

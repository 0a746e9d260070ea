//! Organisations and systems, as JSON by key: small, read whole, validated by their types.

use lcr_contracts::identity::{Organisation, Registry};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, Set,
    sea_query::{ExprTrait, OnConflict},
};
use serde::Serialize;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "registry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub body: String,
        /// Who keeps the row: `operator`, `seed` (given at start) or `portal`.
        pub managed_by: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

fn wrong(error: &serde_json::Error) -> DbErr {
    DbErr::Json(error.to_string())
}

/// Who keeps a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManagedBy {
    Operator,
    Seed,
}

impl ManagedBy {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Seed => "seed",
        }
    }
}

/// Keeps a row; true when it is new or different. A row that somebody else keeps is left as it is.
pub async fn keep<T: Serialize>(
    tx: &impl ConnectionTrait,
    by: ManagedBy,
    key: &str,
    row: &T,
) -> Result<bool, DbErr> {
    let body = serde_json::to_string(row).map_err(|e| wrong(&e))?;
    let held = Entity::find_by_id(key).one(tx).await?;
    if held.is_some_and(|held| held.managed_by != by.as_str() || held.body == body) {
        return Ok(false);
    }
    let row =
        ActiveModel { key: Set(key.to_owned()), body: Set(body), managed_by: Set(by.as_str().to_owned()) };
    let update = OnConflict::column(Column::Key).update_column(Column::Body).to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(tx).await?;
    Ok(true)
}

pub async fn organisation(db: &impl ConnectionTrait, ods: &str) -> Result<Option<Organisation>, DbErr> {
    let row = Entity::find_by_id(format!("organisation/{ods}")).one(db).await?;
    row.map(|row| serde_json::from_str(&row.body).map_err(|e| wrong(&e))).transpose()
}

pub async fn load(db: &impl ConnectionTrait) -> Result<Registry, DbErr> {
    read(Entity::find().order_by_asc(Column::Key).all(db).await?)
}

/// The rows that `by` keeps, or those that it does not.
pub async fn kept_by(db: &impl ConnectionTrait, by: ManagedBy, does: bool) -> Result<Registry, DbErr> {
    let kept = Column::ManagedBy.eq(by.as_str());
    let rows = Entity::find().filter(if does { kept } else { kept.not() }).order_by_asc(Column::Key);
    read(rows.all(db).await?)
}

fn read(rows: Vec<entity::Model>) -> Result<Registry, DbErr> {
    let mut registry = Registry::default();
    for row in rows {
        if row.key.starts_with("system/") {
            registry.systems.push(serde_json::from_str(&row.body).map_err(|e| wrong(&e))?);
        } else {
            registry.organisations.push(serde_json::from_str(&row.body).map_err(|e| wrong(&e))?);
        }
    }
    Ok(registry)
}

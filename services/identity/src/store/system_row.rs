//! One system's row of the registry, read to be changed. A write that is not the keeper's may change the stages,
//! take away datasets that are no longer agreed, and stop the system of an organisation that leaves.

use lcr_contracts::{events::PartnersChanged, registry::System};
use lcr_model::SourceId;
use lcr_store::StoreError;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, entity::prelude::Expr};

use super::registry::entity::{Column, Entity, Model};

/// A system, and who keeps its row: `operator`, `seed` or `portal`.
#[derive(Debug, Clone)]
pub struct SystemRow {
    pub system: System,
    pub keeper: String,
}

fn key_of(id: &SourceId) -> String {
    format!("system/{id}")
}

fn json_error(error: &serde_json::Error) -> DbErr {
    DbErr::Json(error.to_string())
}

fn to_row(row: Model) -> Result<SystemRow, DbErr> {
    let system = serde_json::from_str(&row.body).map_err(|e| json_error(&e))?;
    Ok(SystemRow { system, keeper: row.managed_by })
}

pub async fn find(db: &impl ConnectionTrait, id: &SourceId) -> Result<Option<SystemRow>, StoreError> {
    Ok(Entity::find_by_id(key_of(id)).one(db).await?.map(to_row).transpose()?)
}

/// Locks the row until the end of the transaction, so that two replicas cannot undo each other's change.
pub async fn find_for_change(tx: &impl ConnectionTrait, id: &SourceId) -> Result<Option<SystemRow>, DbErr> {
    Entity::find_by_id(key_of(id)).lock_exclusive().one(tx).await?.map(to_row).transpose()
}

/// Stores a system whose stages changed, that gives fewer datasets, or that is stopped, and leaves its keeper. Returns the event to
/// publish.
pub async fn store_stages(tx: &impl ConnectionTrait, system: System, version: i64) -> Result<PartnersChanged, DbErr> {
    let body = serde_json::to_string(&system).map_err(|e| json_error(&e))?;
    Entity::update_many()
        .col_expr(Column::Body, Expr::value(body))
        .filter(Column::Key.eq(key_of(&system.id)))
        .exec(tx)
        .await?;
    Ok(PartnersChanged { version, organisation: None, system: Some(system) })
}

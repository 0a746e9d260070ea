//! Organisations and systems, stored as JSON by key. The registry is small and always read whole.

use lcr_contracts::{
    events::PartnersChanged,
    registrar::PartnerSet,
    registry::{Organisation, Registry},
};
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
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
        /// Who manages the row: `operator`, `seed` or `portal`.
        pub managed_by: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

fn json_error(error: &serde_json::Error) -> DbErr {
    DbErr::Json(error.to_string())
}

/// Who manages a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManagedBy {
    Operator,
    Seed,
    /// The organisation's own administrators. They may take over rows of a seed, and never rows of the operator.
    Portal,
}

impl ManagedBy {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Seed => "seed",
            Self::Portal => "portal",
        }
    }

    pub(super) fn may_write(self, keeper: &str) -> bool {
        keeper == self.as_str() || (self == Self::Portal && keeper == Self::Seed.as_str())
    }
}

/// The result of storing a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StoreResult {
    /// New or different.
    Changed,
    Unchanged,
    /// Not stored, because somebody else manages it.
    ManagedElsewhere,
}

async fn store_row<T: Serialize>(
    tx: &impl ConnectionTrait,
    by: ManagedBy,
    key: &str,
    row: &T,
) -> Result<StoreResult, DbErr> {
    let body = serde_json::to_string(row).map_err(|e| json_error(&e))?;
    match Entity::find_by_id(key).one(tx).await? {
        Some(stored) if !by.may_write(&stored.managed_by) => return Ok(StoreResult::ManagedElsewhere),
        Some(stored) if stored.body == body => return Ok(StoreResult::Unchanged),
        _ => {}
    }
    let row = ActiveModel { key: Set(key.to_owned()), body: Set(body), managed_by: Set(by.as_str().to_owned()) };
    let update = OnConflict::column(Column::Key).update_columns([Column::Body, Column::ManagedBy]).to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(tx).await?;
    Ok(StoreResult::Changed)
}

/// Stores every row of a set. Returns the changes to publish, and the systems that somebody else manages.
pub async fn store_all(
    tx: &impl ConnectionTrait,
    by: ManagedBy,
    set: PartnerSet,
    version: i64,
) -> Result<(Vec<PartnersChanged>, Vec<String>), DbErr> {
    let (mut changes, mut others) = (Vec::new(), Vec::new());
    for organisation in set.organisations {
        if store_row(tx, by, &format!("organisation/{}", organisation.ods), &organisation).await?
            == StoreResult::Changed
        {
            changes.push(PartnersChanged { version, organisation: Some(organisation), system: None });
        }
    }
    for system in set.systems {
        match store_row(tx, by, &format!("system/{}", system.id), &system).await? {
            StoreResult::Changed => {
                changes.push(PartnersChanged { version, organisation: None, system: Some(system) });
            }
            StoreResult::ManagedElsewhere => others.push(system.id.to_string()),
            StoreResult::Unchanged => {}
        }
    }
    for client in &set.clients {
        super::client::upsert(tx, by, client).await?;
    }
    Ok((changes, others))
}

/// Who manages an organisation's row, or a system's: `organisation/<ods>`, `system/<id>`.
pub async fn keeper(db: &impl ConnectionTrait, key: &str) -> Result<Option<String>, StoreError> {
    Ok(Entity::find_by_id(key).one(db).await?.map(|row| row.managed_by))
}

pub async fn find_organisation(db: &impl ConnectionTrait, ods: &str) -> Result<Option<Organisation>, StoreError> {
    let row = Entity::find_by_id(format!("organisation/{ods}")).one(db).await?;
    Ok(row.map(|row| serde_json::from_str(&row.body).map_err(|e| json_error(&e))).transpose()?)
}

pub async fn load(db: &impl ConnectionTrait) -> Result<Registry, StoreError> {
    Ok(to_registry(Entity::find().order_by_asc(Column::Key).all(db).await?)?)
}

/// Locks every row until the end of the transaction, organisations first, so that no other replica changes what a set of rows is
/// decided on before it replaces them. Comes before everything that such a write reads.
pub async fn lock_all(tx: &impl ConnectionTrait) -> Result<(), DbErr> {
    Entity::find().order_by_asc(Column::Key).lock_exclusive().all(tx).await.map(|_| ())
}

/// The rows that `by` manages, or the others if `does` is false.
pub async fn rows_managed_by(db: &impl ConnectionTrait, by: ManagedBy, does: bool) -> Result<Registry, StoreError> {
    let managed = Column::ManagedBy.eq(by.as_str());
    let rows = Entity::find().filter(if does { managed } else { managed.not() }).order_by_asc(Column::Key);
    Ok(to_registry(rows.all(db).await?)?)
}

fn to_registry(rows: Vec<entity::Model>) -> Result<Registry, DbErr> {
    let mut registry = Registry::default();
    for row in rows {
        if row.key.starts_with("system/") {
            registry.systems.push(serde_json::from_str(&row.body).map_err(|e| json_error(&e))?);
        } else {
            registry.organisations.push(serde_json::from_str(&row.body).map_err(|e| json_error(&e))?);
        }
    }
    Ok(registry)
}

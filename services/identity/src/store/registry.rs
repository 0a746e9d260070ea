//! Organisations and systems, as JSON by key: small, read whole, validated by their types.

use lcr_contracts::{
    events::PartnersChanged,
    identity::{Organisation, Registry},
    registrar::PartnerSet,
};
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

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// New or different.
    Changed,
    Same,
    /// Left as it is: somebody else keeps it.
    Others,
}

async fn keep<T: Serialize>(
    tx: &impl ConnectionTrait,
    by: ManagedBy,
    key: &str,
    row: &T,
) -> Result<Kept, DbErr> {
    let body = serde_json::to_string(row).map_err(|e| wrong(&e))?;
    let held = Entity::find_by_id(key).one(tx).await?;
    match held {
        Some(held) if held.managed_by != by.as_str() => return Ok(Kept::Others),
        Some(held) if held.body == body => return Ok(Kept::Same),
        _ => {}
    }
    let row =
        ActiveModel { key: Set(key.to_owned()), body: Set(body), managed_by: Set(by.as_str().to_owned()) };
    let update = OnConflict::column(Column::Key).update_column(Column::Body).to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(tx).await?;
    Ok(Kept::Changed)
}

/// Keeps every row of a set. What changed, to be published, and the systems that somebody else keeps.
pub async fn keep_all(
    tx: &impl ConnectionTrait,
    by: ManagedBy,
    set: PartnerSet,
    version: i64,
) -> Result<(Vec<PartnersChanged>, Vec<String>), DbErr> {
    let (mut changes, mut others) = (Vec::new(), Vec::new());
    for organisation in set.organisations {
        if keep(tx, by, &format!("organisation/{}", organisation.ods), &organisation).await? == Kept::Changed
        {
            changes.push(PartnersChanged { version, organisation: Some(organisation), system: None });
        }
    }
    for system in set.systems {
        match keep(tx, by, &format!("system/{}", system.id), &system).await? {
            Kept::Changed => {
                changes.push(PartnersChanged { version, organisation: None, system: Some(system) });
            }
            Kept::Others => others.push(system.id.to_string()),
            Kept::Same => {}
        }
    }
    for client in &set.clients {
        super::client::keep(tx, client).await?;
    }
    Ok((changes, others))
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

//! What identity keeps of an organisation beside its row of the registry: its sites and contact, its registration, and whether
//! its agreement is on paper. A row must never be deleted: signatures refer to its registration.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_contracts::{partners::organisation::OrganisationDetails, registry::Organisation};
use lcr_model::OdsCode;
use lcr_store::StoreError;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, QueryOrder, QuerySelect, Set, TryInsertResult, sea_query::OnConflict,
};
use uuid::Uuid;

use super::registry::{self, ManagedBy};

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "organisation_file")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub ods: String,
        /// A UUID. An organisation that has left and comes back has a new one.
        pub registration: String,
        pub registered: i64,
        /// JSON.
        pub details: String,
        pub on_paper: bool,
        pub suspended_by_platform: bool,
        pub left_by_platform: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// An organisation's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationFile {
    pub ods: OdsCode,
    /// Signatures and schedules belong to one registration.
    pub registration: Uuid,
    pub registered_at: Timestamp,
    pub details: OrganisationDetails,
    /// Whether it has signed the agreement outside of the platform and not yet in it.
    pub on_paper: bool,
    /// Whether the platform's administrators suspended it. Then only they resume it.
    pub suspended_by_platform: bool,
    /// Whether the platform's administrators ended its part. Then it does not register again.
    pub left_by_platform: bool,
}

impl OrganisationFile {
    /// The file of a new registration.
    pub fn new(ods: OdsCode, details: OrganisationDetails, now: Timestamp) -> Self {
        let registration = Uuid::now_v7();
        Self {
            ods,
            registration,
            registered_at: now,
            details,
            on_paper: false,
            suspended_by_platform: false,
            left_by_platform: false,
        }
    }

    fn to_row(&self) -> Result<ActiveModel, DbErr> {
        Ok(ActiveModel {
            ods: Set(self.ods.to_string()),
            registration: Set(self.registration.to_string()),
            registered: Set(self.registered_at.as_microsecond()),
            details: Set(serde_json::to_string(&self.details).map_err(|e| DbErr::Json(e.to_string()))?),
            on_paper: Set(self.on_paper),
            suspended_by_platform: Set(self.suspended_by_platform),
            left_by_platform: Set(self.left_by_platform),
        })
    }
}

fn from_row(row: entity::Model) -> Result<OrganisationFile, DbErr> {
    Ok(OrganisationFile {
        ods: OdsCode::new(row.ods),
        registration: row.registration.parse().map_err(|_| DbErr::Type("a registration is no UUID".to_owned()))?,
        registered_at: Timestamp::from_microsecond(row.registered).map_err(|e| DbErr::Type(e.to_string()))?,
        details: serde_json::from_str(&row.details).map_err(|e| DbErr::Json(e.to_string()))?,
        on_paper: row.on_paper,
        suspended_by_platform: row.suspended_by_platform,
        left_by_platform: row.left_by_platform,
    })
}

pub async fn find(db: &impl ConnectionTrait, ods: &OdsCode) -> Result<Option<OrganisationFile>, StoreError> {
    Ok(Entity::find_by_id(ods.as_str()).one(db).await?.map(from_row).transpose()?)
}

pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<OrganisationFile>, StoreError> {
    let rows = Entity::find().order_by_asc(Column::Ods).all(db).await?;
    Ok(rows.into_iter().map(from_row).collect::<Result<_, DbErr>>()?)
}

/// Stores the first file of an organisation. False if it has one.
pub async fn insert(tx: &impl ConnectionTrait, file: &OrganisationFile) -> Result<bool, DbErr> {
    let inserted = Entity::insert(file.to_row()?).on_conflict_do_nothing().exec_without_returning(tx).await?;
    Ok(matches!(inserted, TryInsertResult::Inserted(1)))
}

pub async fn upsert(tx: &impl ConnectionTrait, file: &OrganisationFile) -> Result<(), DbErr> {
    let columns = [Column::Registration, Column::Registered, Column::Details, Column::OnPaper];
    let update = OnConflict::column(Column::Ods)
        .update_columns(columns)
        .update_columns([Column::SuspendedByPlatform, Column::LeftByPlatform])
        .to_owned();
    Entity::insert(file.to_row()?).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
}

/// An organisation's row of the registry and who manages it. Locked until the write ends, so that two replicas never change it
/// from the same earlier row.
pub async fn lock(tx: &impl ConnectionTrait, ods: &OdsCode) -> Result<Option<(Organisation, String)>, DbErr> {
    let key = format!("organisation/{ods}");
    let row = registry::entity::Entity::find_by_id(key).lock_exclusive().one(tx).await?;
    let Some(row) = row else { return Ok(None) };
    let organisation = serde_json::from_str(&row.body).map_err(|e| DbErr::Json(e.to_string()))?;
    Ok(Some((organisation, row.managed_by)))
}

/// Who manages each organisation's row.
pub async fn keepers(db: &impl ConnectionTrait) -> Result<BTreeMap<OdsCode, String>, StoreError> {
    let rows = registry::entity::Entity::find().all(db).await?;
    let of_organisation = |row: registry::entity::Model| {
        row.key.strip_prefix("organisation/").map(|ods| (OdsCode::new(ods), row.managed_by.clone()))
    };
    Ok(rows.into_iter().filter_map(of_organisation).collect())
}

/// Whether the portal manages a row.
pub fn is_portals(keeper: &str) -> bool {
    keeper == ManagedBy::Portal.as_str()
}

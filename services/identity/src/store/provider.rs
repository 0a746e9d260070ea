//! The sign-in providers that organisations set up themselves, and our keys for providers. A private key must be stored sealed
//! alone.

mod keys;

use jiff::Timestamp;
use lcr_contracts::partners::{
    sign_in::ProviderDraft,
    system::{Check, have_passed},
};
use lcr_model::OdsCode;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, Set,
    sea_query::{ColumnDef, Index, OnConflict, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    schema::{big_integer, string, text},
};

use super::session::entity::{self as session, Column as S};

pub(super) mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sign_in_provider")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub issuer: String,
        pub organisation: String,
        pub draft: String,
        /// The last check. An empty list: none since the last change.
        pub checks: String,
        /// When the draft last changed, in microseconds since 1970.
        pub version: i64,
        /// The e-mail domains with which it passed before this draft, as a list of JSON.
        pub passed_domains: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

use keys::key;
pub use keys::{find_key, insert_key, key_place};

/// A stored provider.
#[derive(Debug, Clone, PartialEq)]
pub struct ProviderRow {
    pub draft: ProviderDraft,
    pub organisation: OdsCode,
    pub checks: Vec<Check>,
    /// Changes with the draft.
    pub version: i64,
    /// The e-mail domains with which it passed before this draft.
    pub passed_domains: Vec<String>,
}

impl ProviderRow {
    /// The e-mail domains whose owners are sent here. A draft that waits for its check has those that it shares with the draft
    /// that passed before; one that failed has none.
    pub fn checked_domains(&self) -> Vec<String> {
        let domains = self.draft.email_domains.iter();
        if have_passed(&self.checks) {
            return domains.cloned().collect();
        }
        let passed = |domain: &&String| self.checks.is_empty() && self.passed_domains.contains(domain);
        domains.filter(passed).cloned().collect()
    }
}

fn to_row(model: Model) -> Result<ProviderRow, DbErr> {
    let json = |error: serde_json::Error| DbErr::Json(error.to_string());
    Ok(ProviderRow {
        draft: serde_json::from_str(&model.draft).map_err(json)?,
        organisation: OdsCode::new(model.organisation),
        checks: serde_json::from_str(&model.checks).map_err(json)?,
        version: model.version,
        passed_domains: serde_json::from_str(&model.passed_domains).map_err(json)?,
    })
}

/// All providers. There are about as many as organisations.
pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<ProviderRow>, DbErr> {
    Entity::find().order_by_asc(Column::Issuer).all(db).await?.into_iter().map(to_row).collect()
}

pub async fn list_of(db: &impl ConnectionTrait, ods: &OdsCode) -> Result<Vec<ProviderRow>, DbErr> {
    let rows =
        Entity::find().filter(Column::Organisation.eq(ods.as_str())).order_by_asc(Column::Issuer).all(db).await?;
    rows.into_iter().map(to_row).collect()
}

pub async fn find(db: &impl ConnectionTrait, issuer: &str) -> Result<Option<ProviderRow>, DbErr> {
    Entity::find_by_id(issuer).one(db).await?.map(to_row).transpose()
}

/// Stores a provider. Its checks begin anew, and the domains with which it passed before stay known.
pub async fn upsert(
    tx: &impl ConnectionTrait,
    draft: &ProviderDraft,
    ods: &OdsCode,
    now: Timestamp,
) -> Result<(), DbErr> {
    let before = find(tx, &draft.issuer).await?.filter(|before| before.organisation == *ods);
    let passed = before.as_ref().map(ProviderRow::checked_domains).unwrap_or_default();
    let row = ActiveModel {
        issuer: Set(draft.issuer.clone()),
        organisation: Set(ods.to_string()),
        draft: Set(serde_json::to_string(draft).map_err(|e| DbErr::Json(e.to_string()))?),
        checks: Set("[]".to_owned()),
        version: Set(now.as_microsecond()),
        passed_domains: Set(serde_json::to_string(&passed).map_err(|e| DbErr::Json(e.to_string()))?),
    };
    let update = OnConflict::column(Column::Issuer)
        .update_columns([Column::Organisation, Column::Draft, Column::Checks])
        .update_columns([Column::Version, Column::PassedDomains])
        .to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
}

/// Stores the checks of a draft. Returns false if the draft has changed since.
pub async fn store_checks(
    tx: &impl ConnectionTrait,
    issuer: &str,
    version: i64,
    checks: &[Check],
) -> Result<bool, DbErr> {
    let checks = serde_json::to_string(checks).map_err(|e| DbErr::Json(e.to_string()))?;
    let updated = Entity::update_many()
        .set(ActiveModel { checks: Set(checks), ..Default::default() })
        .filter(Column::Issuer.eq(issuer))
        .filter(Column::Version.eq(version))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected > 0)
}

pub async fn delete(tx: &impl ConnectionTrait, issuer: &str) -> Result<(), DbErr> {
    Entity::delete_by_id(issuer).exec(tx).await.map(|_| ())
}

/// Deletes the providers of an organisation.
pub async fn delete_of(tx: &impl ConnectionTrait, ods: &OdsCode) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::Organisation.eq(ods.as_str())).exec(tx).await.map(|_| ())
}

/// The migration of these tables, and of the columns by which a session is found.
pub struct Providers;

impl MigrationName for Providers {
    fn name(&self) -> &'static str {
        "m20261202_000010_providers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Providers {
    /// The session's columns are nullable, because the version before does not write them.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut providers = Table::create();
        providers.table(Entity).col(string(Column::Issuer).primary_key()).col(string(Column::Organisation));
        providers.col(text(Column::Draft)).col(text(Column::Checks)).col(big_integer(Column::Version));
        manager.create_table(providers).await?;
        let mut keys = Table::create();
        keys.table(key::Entity).col(string(key::Column::Id).primary_key());
        keys.col(text(key::Column::Sealed)).col(big_integer(key::Column::Made));
        manager.create_table(keys).await?;
        for column in [S::User, S::Org, S::Issuer, S::ProviderRole] {
            let mut added = ColumnDef::new(column);
            added.string().null();
            manager.alter_table(Table::alter().table(session::Entity).add_column(added).to_owned()).await?;
        }
        let index = |name: &str| Index::create().name(name).table(session::Entity).to_owned();
        for each in [
            index("session_user").col(S::User).to_owned(),
            index("session_org").col(S::Org).to_owned(),
            index("session_provider_sid").col(S::ProviderSid).to_owned(),
            Index::create().name("sign_in_provider_organisation").table(Entity).col(Column::Organisation).to_owned(),
        ] {
            manager.create_index(each).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "provider_tests.rs"]
mod tests;

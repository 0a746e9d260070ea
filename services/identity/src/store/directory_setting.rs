//! How each organisation runs its directory: whether it is required at sign-in, and the hash of its SCIM client's
//! token. The token itself must never be stored.

use jiff::Timestamp;
use lcr_model::OdsCode;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set, sea_query::OnConflict};

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "directory_setting")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub org: String,
        /// Whether only people of the directory may sign in.
        pub required: bool,
        pub scim_token_hash: Option<String>,
        pub changed: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// Whether only people of the directory may sign in.
pub async fn is_required(db: &impl ConnectionTrait, org: &OdsCode) -> Result<bool, DbErr> {
    Ok(Entity::find_by_id(org.as_str()).one(db).await?.is_some_and(|row| row.required))
}

pub async fn set_required(
    tx: &impl ConnectionTrait,
    org: &OdsCode,
    required: bool,
    now: Timestamp,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        org: Set(org.to_string()),
        required: Set(required),
        scim_token_hash: Set(None),
        changed: Set(now.as_microsecond()),
    };
    let update = OnConflict::column(Column::Org).update_columns([Column::Required, Column::Changed]).to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
}

/// Stores the hash of a new token. The token before is no longer accepted.
pub async fn set_scim_token(tx: &impl ConnectionTrait, org: &OdsCode, hash: &str, now: Timestamp) -> Result<(), DbErr> {
    let row = ActiveModel {
        org: Set(org.to_string()),
        required: Set(false),
        scim_token_hash: Set(Some(hash.to_owned())),
        changed: Set(now.as_microsecond()),
    };
    let update = OnConflict::column(Column::Org).update_columns([Column::ScimTokenHash, Column::Changed]).to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
}

/// Deletes the token of the organisation's SCIM client.
pub async fn delete_scim_token(tx: &impl ConnectionTrait, org: &OdsCode, now: Timestamp) -> Result<(), DbErr> {
    let none: Option<String> = None;
    Entity::update_many()
        .set(ActiveModel { scim_token_hash: Set(none), changed: Set(now.as_microsecond()), ..Default::default() })
        .filter(Column::Org.eq(org.as_str()))
        .exec(tx)
        .await
        .map(|_| ())
}

/// The organisation whose SCIM token has one of these hashes.
pub async fn find_by_scim_token(db: &impl ConnectionTrait, hashes: &[String]) -> Result<Option<OdsCode>, DbErr> {
    let row = Entity::find().filter(Column::ScimTokenHash.is_in(hashes)).one(db).await?;
    Ok(row.map(|row| OdsCode::new(row.org)))
}

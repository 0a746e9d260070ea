//! Readers' own settings: how they want their lists, and the patients they watch, as ids. Watching a patient must never give
//! access: every read of the list is authorised anew.

use std::collections::BTreeSet;

use jiff::Timestamp;
use lcr_contracts::ward::{ListSettings, SettingsOf};
use lcr_model::{PersonId, UserId};
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, Set, sea_query::OnConflict,
};

pub mod settings {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "list_settings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: String,
        /// `in-hospital` or `left`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub list: String,
        /// `ListSettings` as JSON.
        pub settings: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod watched {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "watched")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person: Uuid,
        /// Microseconds.
        pub since: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// The most patients that one reader may watch.
pub const MAX_WATCHED: u64 = 200;

fn list_name(of: SettingsOf) -> &'static str {
    match of {
        SettingsOf::InHospital => "in-hospital",
        SettingsOf::Left => "left",
    }
}

/// The stored settings, or the default if there are none or they do not parse.
pub async fn load_settings(
    db: &impl ConnectionTrait,
    user: &UserId,
    of: SettingsOf,
) -> Result<ListSettings, StoreError> {
    let row = settings::Entity::find_by_id((user.0.clone(), list_name(of).to_owned())).one(db).await?;
    Ok(row.and_then(|row| serde_json::from_str(&row.settings).ok()).unwrap_or_default())
}

pub async fn save_settings(
    tx: &impl ConnectionTrait,
    user: &UserId,
    of: SettingsOf,
    settings: &ListSettings,
) -> Result<(), DbErr> {
    let row = settings::ActiveModel {
        user_id: Set(user.0.clone()),
        list: Set(list_name(of).to_owned()),
        settings: Set(serde_json::to_string(settings).map_err(|e| DbErr::Json(e.to_string()))?),
    };
    let columns = [settings::Column::UserId, settings::Column::List];
    let update = OnConflict::columns(columns).update_column(settings::Column::Settings).to_owned();
    settings::Entity::insert(row).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
}

pub async fn find_watched(db: &impl ConnectionTrait, user: &UserId) -> Result<BTreeSet<PersonId>, StoreError> {
    let rows = watched::Entity::find().filter(watched::Column::UserId.eq(user.as_str())).all(db).await?;
    Ok(rows.into_iter().map(|row| PersonId(row.person)).collect())
}

/// Adds a patient to the watched list. Returns whether there was room.
pub async fn watch(tx: &impl ConnectionTrait, user: &UserId, person: PersonId, now: Timestamp) -> Result<bool, DbErr> {
    let already = watched::Entity::find_by_id((user.0.clone(), person.0)).one(tx).await?.is_some();
    let own = watched::Entity::find().filter(watched::Column::UserId.eq(user.as_str()));
    if already || own.count(tx).await? >= MAX_WATCHED {
        return Ok(already);
    }
    let row =
        watched::ActiveModel { user_id: Set(user.0.clone()), person: Set(person.0), since: Set(now.as_microsecond()) };
    let columns = [watched::Column::UserId, watched::Column::Person];
    let ignore = OnConflict::columns(columns).do_nothing_on(columns).to_owned();
    watched::Entity::insert(row).on_conflict(ignore).exec_without_returning(tx).await?;
    Ok(true)
}

pub async fn unwatch(tx: &impl ConnectionTrait, user: &UserId, person: PersonId) -> Result<(), DbErr> {
    watched::Entity::delete_by_id((user.0.clone(), person.0)).exec(tx).await.map(|_| ())
}

//! Epochs in the shared store: one number per person, one for everybody, and the sessions that ended. A change that may
//! affect a decision bumps them in its own transaction. Numbers never fall. The table keeps its old name, `fence`.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use lcr_model::{PersonId, SessionId};
use lcr_store::StoreError;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, OnConflict},
};

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "fence")]
    pub struct Model {
        /// `all`, `person/<id>` or `session/<id>`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub number: i64,
        /// The time of the last bump, in microseconds since 1970.
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// Ended sessions by their time, so that old ones can be deleted without reading people's epochs.
pub mod ended_session {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ended_session")]
    pub struct Model {
        /// `session/<id>`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        /// Microseconds since 1970.
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// The most old sessions deleted when a session ends. A small number keeps the write short.
const MAX_DELETED_SESSIONS: u64 = 100;
/// Longer than any session lives.
const ENDED_SESSION_RETENTION: SignedDuration = SignedDuration::from_hours(24);
/// The key of the number that counts for everybody.
pub const ALL_KEY: &str = "all";
const SESSION_PREFIX: &str = "session/";

pub fn person_key(id: PersonId) -> String {
    format!("person/{id}")
}

pub fn session_key(id: SessionId) -> String {
    format!("{SESSION_PREFIX}{id}")
}

/// Adds one to the number of every key.
pub async fn bump(tx: &impl ConnectionTrait, keys: Vec<String>, now: Timestamp) -> Result<(), DbErr> {
    for chunk in distinct(keys).chunks(200) {
        let rows = chunk.iter().map(|key| ActiveModel {
            key: Set(key.clone()),
            number: Set(1),
            at: Set(now.as_microsecond()),
        });
        let on_conflict = OnConflict::column(Column::Key)
            .value(Column::Number, Expr::col((Entity, Column::Number)).add(1))
            .update_column(Column::At)
            .to_owned();
        Entity::insert_many(rows).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// One statement may not change a row twice.
fn distinct(mut keys: Vec<String>) -> Vec<String> {
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Stores that these sessions ended, and deletes some old ones. The `fence` table holds them too, because the previous
/// version looks there.
pub async fn end_sessions(tx: &impl ConnectionTrait, sessions: &[SessionId], now: Timestamp) -> Result<(), DbErr> {
    let keys = distinct(sessions.iter().map(|id| session_key(*id)).collect());
    bump(tx, keys.clone(), now).await?;
    for chunk in keys.chunks(200) {
        let rows =
            chunk.iter().map(|key| ended_session::ActiveModel { key: Set(key.clone()), at: Set(now.as_microsecond()) });
        let on_conflict =
            OnConflict::column(ended_session::Column::Key).update_column(ended_session::Column::At).to_owned();
        ended_session::Entity::insert_many(rows).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    delete_old_sessions(tx, now).await
}

async fn delete_old_sessions(tx: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    let before = (now - ENDED_SESSION_RETENTION).as_microsecond();
    let oldest = ended_session::Entity::find()
        .filter(ended_session::Column::At.lt(before))
        .order_by_asc(ended_session::Column::At)
        .limit(MAX_DELETED_SESSIONS)
        .all(tx)
        .await?;
    if oldest.is_empty() {
        return Ok(());
    }
    let keys: Vec<String> = oldest.into_iter().map(|row| row.key).collect();
    Entity::delete_many().filter(Column::Key.is_in(keys.clone())).exec(tx).await?;
    ended_session::Entity::delete_many().filter(ended_session::Column::Key.is_in(keys)).exec(tx).await.map(|_| ())
}

/// The numbers of these keys. A key without a number is left out. An ended session has one, whichever table holds it.
pub async fn read(db: &impl ConnectionTrait, keys: Vec<String>) -> Result<HashMap<String, i64>, StoreError> {
    let sessions: Vec<String> = keys.iter().filter(|key| key.starts_with(SESSION_PREFIX)).cloned().collect();
    let rows = Entity::find().filter(Column::Key.is_in(keys)).all(db).await?;
    let mut numbers: HashMap<String, i64> = rows.into_iter().map(|row| (row.key, row.number)).collect();
    let missing: Vec<String> = sessions.into_iter().filter(|key| !numbers.contains_key(key)).collect();
    if !missing.is_empty() {
        let rows = ended_session::Entity::find().filter(ended_session::Column::Key.is_in(missing)).all(db).await?;
        numbers.extend(rows.into_iter().map(|row| (row.key, 1)));
    }
    Ok(numbers)
}

#[cfg(test)]
#[path = "epochs_tests.rs"]
mod tests;

//! The fence where replicas share a store: a number per person and one for everybody, raised in the transaction of
//! whatever may change a decision, and the sessions that ended. Numbers only grow.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use lcr_model::{PersonId, SessionId};
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
        /// Microseconds since the epoch, when it was last raised.
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// Sessions that ended, by when: what nobody can hold any more is found here without looking at people's numbers.
pub mod ended {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ended_session")]
    pub struct Model {
        /// `session/<id>`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        /// Microseconds since the epoch.
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// The most that are forgotten when a session ends: the writer is everybody's.
const FORGOTTEN: u64 = 100;
/// Longer than any session lives.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);
/// The key that stands for everybody.
pub const ALL: &str = "all";
const SESSION: &str = "session/";

pub fn person(id: PersonId) -> String {
    format!("person/{id}")
}

pub fn session(id: SessionId) -> String {
    format!("{SESSION}{id}")
}

/// Raises every key by one.
pub async fn raise(tx: &impl ConnectionTrait, keys: Vec<String>, now: Timestamp) -> Result<(), DbErr> {
    for chunk in distinct(keys).chunks(200) {
        let rows = chunk.iter().map(|key| ActiveModel {
            key: Set(key.clone()),
            number: Set(1),
            at: Set(now.as_microsecond()),
        });
        let again = OnConflict::column(Column::Key)
            .value(Column::Number, Expr::col((Entity, Column::Number)).add(1))
            .update_column(Column::At)
            .to_owned();
        Entity::insert_many(rows).on_conflict(again).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// One statement may not raise a row twice.
fn distinct(mut keys: Vec<String>) -> Vec<String> {
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Remembers that these sessions ended, and forgets some of those nobody can hold any more. They stand in the fence
/// too, where the version before looks for them.
pub async fn end(tx: &impl ConnectionTrait, sessions: &[SessionId], now: Timestamp) -> Result<(), DbErr> {
    let keys = distinct(sessions.iter().map(|id| session(*id)).collect());
    raise(tx, keys.clone(), now).await?;
    for chunk in keys.chunks(200) {
        let rows = chunk
            .iter()
            .map(|key| ended::ActiveModel { key: Set(key.clone()), at: Set(now.as_microsecond()) });
        let again = OnConflict::column(ended::Column::Key).update_column(ended::Column::At).to_owned();
        ended::Entity::insert_many(rows).on_conflict(again).exec_without_returning(tx).await?;
    }
    forget(tx, now).await
}

async fn forget(tx: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    let before = (now - REMEMBERED).as_microsecond();
    let oldest = ended::Entity::find()
        .filter(ended::Column::At.lt(before))
        .order_by_asc(ended::Column::At)
        .limit(FORGOTTEN)
        .all(tx)
        .await?;
    if oldest.is_empty() {
        return Ok(());
    }
    let keys: Vec<String> = oldest.into_iter().map(|row| row.key).collect();
    Entity::delete_many().filter(Column::Key.is_in(keys.clone())).exec(tx).await?;
    ended::Entity::delete_many().filter(ended::Column::Key.is_in(keys)).exec(tx).await.map(|_| ())
}

/// The numbers of these keys; those never raised are left out. An ended session has one wherever it stands.
pub async fn read(db: &impl ConnectionTrait, keys: Vec<String>) -> Result<HashMap<String, i64>, DbErr> {
    let sessions: Vec<String> = keys.iter().filter(|key| key.starts_with(SESSION)).cloned().collect();
    let rows = Entity::find().filter(Column::Key.is_in(keys)).all(db).await?;
    let mut held: HashMap<String, i64> = rows.into_iter().map(|row| (row.key, row.number)).collect();
    let missing: Vec<String> = sessions.into_iter().filter(|key| !held.contains_key(key)).collect();
    if !missing.is_empty() {
        let rows = ended::Entity::find().filter(ended::Column::Key.is_in(missing)).all(db).await?;
        held.extend(rows.into_iter().map(|row| (row.key, 1)));
    }
    Ok(held)
}

#[cfg(test)]
#[path = "fence_tests.rs"]
mod tests;

//! The fence where replicas share a store: a number per person and one for everybody, raised in the transaction of
//! whatever may change a decision, and the sessions that ended. Numbers only grow.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use lcr_model::{PersonId, SessionId};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set,
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

/// Longer than any session lives.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);
/// The key that stands for everybody.
pub const ALL: &str = "all";

pub fn person(id: PersonId) -> String {
    format!("person/{id}")
}

pub fn session(id: SessionId) -> String {
    format!("session/{id}")
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

/// Remembers that these sessions ended, and forgets those nobody can hold any more.
pub async fn end(tx: &impl ConnectionTrait, ended: &[SessionId], now: Timestamp) -> Result<(), DbErr> {
    raise(tx, ended.iter().map(|id| session(*id)).collect(), now).await?;
    let before = (now - REMEMBERED).as_microsecond();
    Entity::delete_many()
        .filter(Column::Key.starts_with("session/"))
        .filter(Column::At.lt(before))
        .exec(tx)
        .await
        .map(|_| ())
}

/// The numbers of these keys; those never raised are left out.
pub async fn read(db: &impl ConnectionTrait, keys: Vec<String>) -> Result<HashMap<String, i64>, DbErr> {
    let rows = Entity::find().filter(Column::Key.is_in(keys)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.key, row.number)).collect())
}

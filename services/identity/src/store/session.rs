//! Sessions, found by the keyed hash of their secret. The secret must never be stored.

use jiff::{SignedDuration, Timestamp};
use lcr_auth::token::LIFE_SECONDS;
use lcr_model::Actor;
use lcr_store::StoreError;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use super::client::MAX_DELETED_ROWS;
use crate::domain::{IDLE_SECONDS, MAX_SESSION_SECONDS};

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub secret_hash: String,
        pub actor: String,
        /// The provider's own session, for back-channel logout.
        pub provider_sid: Option<String>,
        pub started: i64,
        pub seen: i64,
        /// Origins that may frame the session, separated by spaces. Empty for a session that is not framed.
        pub frame_ancestors: String,
        /// When the user proved who they are. The version before does not store it.
        pub authenticated: Option<i64>,
        /// The actor's user and organisation, to find their sessions. The version before stores none of these four.
        pub user: Option<String>,
        pub org: Option<String>,
        /// The provider that vouched for the user.
        pub issuer: Option<String>,
        /// The provider's own id of the role, such as CIS2's `person_roleid`.
        pub provider_role: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// A stored session.
#[derive(Debug, Clone)]
pub struct SessionRow {
    pub actor: Actor,
    pub started: Timestamp,
    pub seen: Timestamp,
    pub frame_ancestors: String,
    pub authenticated_at: Option<Timestamp>,
}

/// A session to store.
#[derive(Debug)]
pub struct NewSession<'a> {
    pub hash: &'a str,
    pub actor: &'a Actor,
    pub issuer: &'a str,
    /// The provider's own id of the role.
    pub provider_role: Option<&'a str>,
    /// The provider's own session.
    pub sid: Option<&'a str>,
    pub started: Timestamp,
    /// When the user proved who they are.
    pub authenticated_at: Option<Timestamp>,
    pub frame_ancestors: &'a str,
}

/// Deletes some sessions that ended and whose tokens have expired.
async fn delete_expired(tx: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    for (column, seconds) in [(Column::Seen, IDLE_SECONDS), (Column::Started, MAX_SESSION_SECONDS)] {
        // A token may outlive its session by its own lifetime.
        let before = now - SignedDuration::from_secs(seconds + 2 * LIFE_SECONDS);
        let ended = Entity::find()
            .filter(column.lt(before.as_microsecond()))
            .order_by_asc(column)
            .limit(MAX_DELETED_ROWS)
            .all(tx)
            .await?;
        if !ended.is_empty() {
            let hashes = ended.into_iter().map(|row| row.secret_hash);
            Entity::delete_many().filter(Column::SecretHash.is_in(hashes)).exec(tx).await?;
        }
    }
    Ok(())
}

pub async fn insert(tx: &impl ConnectionTrait, new: NewSession<'_>, now: Timestamp) -> Result<(), DbErr> {
    delete_expired(tx, now).await?;
    let row = ActiveModel {
        secret_hash: Set(new.hash.to_owned()),
        actor: Set(serde_json::to_string(new.actor).map_err(|e| DbErr::Json(e.to_string()))?),
        provider_sid: Set(new.sid.map(str::to_owned)),
        started: Set(new.started.as_microsecond()),
        seen: Set(now.as_microsecond()),
        frame_ancestors: Set(new.frame_ancestors.to_owned()),
        authenticated: Set(new.authenticated_at.map(Timestamp::as_microsecond)),
        user: Set(Some(new.actor.user.to_string())),
        org: Set(Some(new.actor.org.to_string())),
        issuer: Set(Some(new.issuer.to_owned())),
        provider_role: Set(new.provider_role.map(str::to_owned)),
    };
    Entity::insert(row).exec_without_returning(tx).await.map(|_| ())
}

pub async fn find(db: &impl ConnectionTrait, hash: &str) -> Result<Option<SessionRow>, StoreError> {
    let Some(row) = Entity::find_by_id(hash).one(db).await? else { return Ok(None) };
    let time = |micros| Timestamp::from_microsecond(micros).map_err(|e| DbErr::Type(e.to_string()));
    let actor = serde_json::from_str(&row.actor).map_err(|e| DbErr::Json(e.to_string()))?;
    let (started, seen) = (time(row.started)?, time(row.seen)?);
    let authenticated_at = row.authenticated.map(time).transpose()?;
    Ok(Some(SessionRow { actor, started, seen, frame_ancestors: row.frame_ancestors, authenticated_at }))
}

pub async fn record_activity(tx: &impl ConnectionTrait, hash: &str, now: Timestamp) -> Result<(), DbErr> {
    let row = ActiveModel { secret_hash: Set(hash.to_owned()), seen: Set(now.as_microsecond()), ..Default::default() };
    match row.update(tx).await {
        Ok(_) | Err(DbErr::RecordNotUpdated) => Ok(()),
        Err(error) => Err(error),
    }
}

pub async fn delete(tx: &impl ConnectionTrait, hash: &str) -> Result<(), DbErr> {
    Entity::delete_by_id(hash).exec(tx).await.map(|_| ())
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;

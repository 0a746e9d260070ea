//! Ends sessions of a user or of an organisation. The caller must publish the returned events in the same write,
//! because the other services close tokens and pages by them.

use jiff::Timestamp;
use lcr_contracts::events::SessionEnded;
use lcr_model::{Actor, OdsCode, Role, UserId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
};

use super::session::entity::{Column, Entity, Model};

/// The most rows deleted by one statement.
const CHUNK: usize = 500;

/// A session with the user it belongs to.
#[derive(Debug, Clone)]
pub struct ListedSession {
    pub secret_hash: String,
    pub actor: Actor,
    pub started: Timestamp,
    pub seen: Timestamp,
}

fn to_listed(row: Model) -> Result<ListedSession, DbErr> {
    let time = |micros| Timestamp::from_microsecond(micros).map_err(|e| DbErr::Type(e.to_string()));
    Ok(ListedSession {
        actor: serde_json::from_str(&row.actor).map_err(|e| DbErr::Json(e.to_string()))?,
        started: time(row.started)?,
        seen: time(row.seen)?,
        secret_hash: row.secret_hash,
    })
}

/// The stored sessions of a user, the newest first. Some may have ended by time.
pub async fn list_of_user(db: &impl ConnectionTrait, user: &UserId) -> Result<Vec<ListedSession>, DbErr> {
    let listed = list(db, Column::User, user.as_str()).await?;
    Ok(listed.into_iter().filter(|session| session.actor.user == *user).collect())
}

/// The stored sessions of an organisation's people, the newest first.
pub async fn list_of_organisation(db: &impl ConnectionTrait, org: &OdsCode) -> Result<Vec<ListedSession>, DbErr> {
    let listed = list(db, Column::Org, org.as_str()).await?;
    Ok(listed.into_iter().filter(|session| session.actor.org == *org).collect())
}

/// The sessions with this value, and those of the version before, which has no such column. They end within twelve
/// hours.
async fn list(db: &impl ConnectionTrait, column: Column, value: &str) -> Result<Vec<ListedSession>, DbErr> {
    let either = Condition::any().add(column.eq(value)).add(column.is_null());
    let rows = Entity::find().filter(either).order_by_desc(Column::Started).all(db).await?;
    rows.into_iter().map(to_listed).collect()
}

/// Deletes these sessions and returns their ends.
pub async fn end(
    tx: &DatabaseTransaction,
    sessions: Vec<ListedSession>,
    at: Timestamp,
) -> Result<Vec<SessionEnded>, DbErr> {
    let hashes: Vec<&str> = sessions.iter().map(|session| session.secret_hash.as_str()).collect();
    for chunk in hashes.chunks(CHUNK) {
        Entity::delete_many().filter(Column::SecretHash.is_in(chunk.iter().copied())).exec(tx).await?;
    }
    Ok(sessions.into_iter().map(|one| SessionEnded { session: one.actor.session, at }).collect())
}

/// Ends a user's sessions at one organisation: those in one of `roles`, or all without it.
pub async fn end_of_member(
    tx: &DatabaseTransaction,
    user: &UserId,
    org: &OdsCode,
    roles: Option<&[Role]>,
    at: Timestamp,
) -> Result<Vec<SessionEnded>, DbErr> {
    let is_meant = |session: &ListedSession| {
        session.actor.org == *org && roles.is_none_or(|roles| roles.contains(&session.actor.role))
    };
    let sessions = list_of_user(tx, user).await?.into_iter().filter(is_meant).collect();
    end(tx, sessions, at).await
}

/// Ends all sessions of an organisation's people.
pub async fn end_of_organisation(
    tx: &DatabaseTransaction,
    org: &OdsCode,
    at: Timestamp,
) -> Result<Vec<SessionEnded>, DbErr> {
    let sessions = list_of_organisation(tx, org).await?;
    end(tx, sessions, at).await
}

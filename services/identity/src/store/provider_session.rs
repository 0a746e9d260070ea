//! Ends the sessions that a provider vouched for, as its logout or its removal asks. The caller must publish the returned events
//! in the same write.

use jiff::Timestamp;
use lcr_contracts::events::SessionEnded;
use lcr_model::{Actor, UserId};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr};

use super::session::entity::{Column, Entity};

/// The most rows deleted by one statement.
const CHUNK: usize = 500;

/// Ends the sessions of one session at the provider.
pub async fn end_by_sid(
    tx: &impl ConnectionTrait,
    issuer: &str,
    sid: &str,
    at: Timestamp,
) -> Result<Vec<SessionEnded>, DbErr> {
    end_where(tx, issuer, Some(Column::ProviderSid.eq(sid)), at).await
}

/// Ends all sessions that the provider vouched for of one user.
pub async fn end_by_user(
    tx: &impl ConnectionTrait,
    issuer: &str,
    user: &UserId,
    at: Timestamp,
) -> Result<Vec<SessionEnded>, DbErr> {
    end_where(tx, issuer, Some(Column::User.eq(user.as_str())), at).await
}

/// Ends all sessions that the provider vouched for.
pub async fn end_by_issuer(tx: &impl ConnectionTrait, issuer: &str, at: Timestamp) -> Result<Vec<SessionEnded>, DbErr> {
    end_where(tx, issuer, None, at).await
}

async fn end_where(
    tx: &impl ConnectionTrait,
    issuer: &str,
    condition: Option<Expr>,
    at: Timestamp,
) -> Result<Vec<SessionEnded>, DbErr> {
    let mut query = Entity::find().filter(Column::Issuer.eq(issuer));
    if let Some(condition) = condition {
        query = query.filter(condition);
    }
    let rows = query.all(tx).await?;
    let mut ended = Vec::with_capacity(rows.len());
    for row in &rows {
        let actor: Actor = serde_json::from_str(&row.actor).map_err(|e| DbErr::Json(e.to_string()))?;
        ended.push(SessionEnded { session: actor.session, at });
    }
    for chunk in rows.chunks(CHUNK) {
        let hashes = chunk.iter().map(|row| row.secret_hash.as_str());
        Entity::delete_many().filter(Column::SecretHash.is_in(hashes)).exec(tx).await?;
    }
    Ok(ended)
}

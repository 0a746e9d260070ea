//! Sessions by the keyed hash of their secret.

use jiff::Timestamp;
use lcr_model::Actor;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, Set};

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
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Entity};

/// A session as read.
#[derive(Debug, Clone)]
pub struct SessionRow {
    pub actor: Actor,
    pub started: Timestamp,
    pub seen: Timestamp,
}

pub async fn begin(
    tx: &impl ConnectionTrait,
    hash: &str,
    actor: &Actor,
    sid: Option<&str>,
    now: Timestamp,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        secret_hash: Set(hash.to_owned()),
        actor: Set(serde_json::to_string(actor).map_err(|e| DbErr::Json(e.to_string()))?),
        provider_sid: Set(sid.map(str::to_owned)),
        started: Set(now.as_microsecond()),
        seen: Set(now.as_microsecond()),
    };
    Entity::insert(row).exec_without_returning(tx).await.map(|_| ())
}

pub async fn find(db: &impl ConnectionTrait, hash: &str) -> Result<Option<SessionRow>, DbErr> {
    let Some(row) = Entity::find_by_id(hash).one(db).await? else { return Ok(None) };
    let time = |micros| Timestamp::from_microsecond(micros).map_err(|e| DbErr::Type(e.to_string()));
    let actor = serde_json::from_str(&row.actor).map_err(|e| DbErr::Json(e.to_string()))?;
    Ok(Some(SessionRow { actor, started: time(row.started)?, seen: time(row.seen)? }))
}

pub async fn touch(tx: &impl ConnectionTrait, hash: &str, now: Timestamp) -> Result<(), DbErr> {
    let row = ActiveModel {
        secret_hash: Set(hash.to_owned()),
        seen: Set(now.as_microsecond()),
        ..Default::default()
    };
    match row.update(tx).await {
        Ok(_) | Err(DbErr::RecordNotUpdated) => Ok(()),
        Err(error) => Err(error),
    }
}

pub async fn end(tx: &impl ConnectionTrait, hash: &str) -> Result<(), DbErr> {
    Entity::delete_by_id(hash).exec(tx).await.map(|_| ())
}

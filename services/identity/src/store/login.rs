//! What a sign-in under way must bring back. Taken once, then gone; sealed, since it holds the PKCE verifier.

use jiff::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set};

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "login")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub state_hash: String,
        pub sealed: String,
        pub expires: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// Remembers a sign-in, and forgets those that ran out.
pub async fn remember(
    tx: &impl ConnectionTrait,
    hash: &str,
    sealed: &str,
    expires: Timestamp,
    now: Timestamp,
) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::Expires.lt(now.as_microsecond())).exec(tx).await?;
    let row = ActiveModel {
        state_hash: Set(hash.to_owned()),
        sealed: Set(sealed.to_owned()),
        expires: Set(expires.as_microsecond()),
    };
    Entity::insert(row).exec_without_returning(tx).await.map(|_| ())
}

/// The sealed state and the hash it was remembered by, one of these; once, if it has not run out.
pub async fn take(
    tx: &impl ConnectionTrait,
    hashes: &[String],
    now: Timestamp,
) -> Result<Option<(String, String)>, DbErr> {
    let found = Entity::find().filter(Column::StateHash.is_in(hashes)).one(tx).await?;
    Entity::delete_many().filter(Column::StateHash.is_in(hashes)).exec(tx).await?;
    let lives = found.filter(|row| row.expires > now.as_microsecond());
    Ok(lives.map(|row| (row.state_hash, row.sealed)))
}

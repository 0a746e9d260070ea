//! Our keys for providers. A private key must only ever be stored sealed.

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Set};

pub(super) mod key {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "provider_key")]
    pub struct Model {
        /// The algorithm and the issuer.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub sealed: String,
        pub made: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

fn key_id(issuer: &str, algorithm: &str) -> String {
    format!("{algorithm} {issuer}")
}

/// Where the key is sealed for: it opens for no other provider.
pub fn key_place(issuer: &str, algorithm: &str) -> String {
    format!("identity/provider-key/{}", key_id(issuer, algorithm))
}

/// The sealed key for a provider and an algorithm.
pub async fn find_key(db: &impl ConnectionTrait, issuer: &str, algorithm: &str) -> Result<Option<String>, DbErr> {
    Ok(key::Entity::find_by_id(key_id(issuer, algorithm)).one(db).await?.map(|row| row.sealed))
}

/// Stores a key, unless there is one: two replicas may make one at the same time.
pub async fn insert_key(
    tx: &impl ConnectionTrait,
    (issuer, algorithm): (&str, &str),
    sealed: String,
    now: Timestamp,
) -> Result<(), DbErr> {
    let row =
        key::ActiveModel { id: Set(key_id(issuer, algorithm)), sealed: Set(sealed), made: Set(now.as_microsecond()) };
    key::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(tx).await.map(|_| ())
}

//! Machine clients with their public keys, and the assertions already used.

use jiff::{SignedDuration, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    TryInsertResult, sea_query::OnConflict,
};

pub use lcr_contracts::registrar::Client as ClientSeed;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "client")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub name: String,
        pub org: String,
        pub role: String,
        pub scope: String,
        pub jwks: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod used {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "used_assertion")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub jti_hash: String,
        pub expires: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

pub async fn keep(tx: &impl ConnectionTrait, client: &ClientSeed) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(client.id.clone()),
        name: Set(client.name.clone()),
        org: Set(client.org.0.clone()),
        role: Set(client.role.to_string()),
        scope: Set(client.scope.clone()),
        jwks: Set(client.jwks.to_string()),
    };
    let update = OnConflict::column(Column::Id)
        .update_columns([Column::Name, Column::Org, Column::Role, Column::Scope, Column::Jwks])
        .to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
}

pub async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Rows that are over and go with one write at most: the writer is everybody's.
pub const FORGOTTEN: u64 = 100;
/// Clocks differ: what ran out is kept this much longer.
const SLACK: SignedDuration = SignedDuration::from_mins(5);

/// Forgets some of the assertions that nobody takes any more.
async fn forget(tx: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    let over = used::Entity::find()
        .filter(used::Column::Expires.lt((now - SLACK).as_microsecond()))
        .order_by_asc(used::Column::Expires)
        .limit(FORGOTTEN)
        .all(tx)
        .await?;
    if over.is_empty() {
        return Ok(());
    }
    let hashes = over.into_iter().map(|row| row.jti_hash);
    used::Entity::delete_many().filter(used::Column::JtiHash.is_in(hashes)).exec(tx).await.map(|_| ())
}

/// True the first time an assertion is seen. `hashes` under every key, the newest first.
pub async fn first_use(
    tx: &impl ConnectionTrait,
    hashes: &[String],
    expires: Timestamp,
    now: Timestamp,
) -> Result<bool, DbErr> {
    forget(tx, now).await?;
    let [jti_hash, older @ ..] = hashes else { return Ok(false) };
    if used::Entity::find().filter(used::Column::JtiHash.is_in(older)).one(tx).await?.is_some() {
        return Ok(false);
    }
    let row =
        used::ActiveModel { jti_hash: Set(jti_hash.to_owned()), expires: Set(expires.as_microsecond()) };
    let inserted = used::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(tx).await?;
    Ok(matches!(inserted, TryInsertResult::Inserted(1)))
}

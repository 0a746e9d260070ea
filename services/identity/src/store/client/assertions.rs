//! Used assertions. An assertion must never be accepted twice.

use jiff::{SignedDuration, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, TryInsertResult,
};

pub mod used_assertion {
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

/// The most expired rows deleted in one write. A small number keeps the write short.
pub const MAX_DELETED_ROWS: u64 = 100;

/// Expired assertions are kept this much longer, because clocks differ.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Deletes some expired assertions.
async fn delete_expired(tx: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    let expired = used_assertion::Entity::find()
        .filter(used_assertion::Column::Expires.lt((now - CLOCK_SKEW).as_microsecond()))
        .order_by_asc(used_assertion::Column::Expires)
        .limit(MAX_DELETED_ROWS)
        .all(tx)
        .await?;
    if expired.is_empty() {
        return Ok(());
    }
    let hashes = expired.into_iter().map(|row| row.jti_hash);
    used_assertion::Entity::delete_many()
        .filter(used_assertion::Column::JtiHash.is_in(hashes))
        .exec(tx)
        .await
        .map(|_| ())
}

/// Records the use of an assertion. True if it is the first. `hashes` has one hash per key, the newest key first.
pub async fn record_first_use(
    tx: &impl ConnectionTrait,
    hashes: &[String],
    expires: Timestamp,
    now: Timestamp,
) -> Result<bool, DbErr> {
    delete_expired(tx, now).await?;
    let [jti_hash, older @ ..] = hashes else { return Ok(false) };
    if used_assertion::Entity::find().filter(used_assertion::Column::JtiHash.is_in(older)).one(tx).await?.is_some() {
        return Ok(false);
    }
    let row =
        used_assertion::ActiveModel { jti_hash: Set(jti_hash.to_owned()), expires: Set(expires.as_microsecond()) };
    let inserted = used_assertion::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(tx).await?;
    Ok(matches!(inserted, TryInsertResult::Inserted(1)))
}

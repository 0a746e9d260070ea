//! Hashes of entries that consent appended to the audit log, until each is in the tree, and the newest tree head. They must
//! stay outside audit's database, and never contain the text of an entry.

use jiff::Timestamp;
use lcr_contracts::audit::{EntryFingerprint, EntryState, TreeHead};
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "kept_entry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Microseconds since 1970.
        pub at: i64,
        pub fingerprint: String,
        /// The entry is missing from the log, or was altered there.
        pub mismatch: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// One row: the newest tree head.
pub mod head {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "log_head")]
    pub struct Model {
        /// Always 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub one: i64,
        pub size: i64,
        pub root: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

pub async fn insert(tx: &impl ConnectionTrait, entries: &[(EntryFingerprint, Timestamp)]) -> Result<(), DbErr> {
    for chunk in entries.chunks(200) {
        let rows = chunk.iter().map(|(entry, at)| ActiveModel {
            id: Set(entry.id),
            at: Set(at.as_microsecond()),
            fingerprint: Set(entry.fingerprint.clone()),
            mismatch: Set(false),
        });
        let on_conflict = OnConflict::column(Column::Id).do_nothing().to_owned();
        Entity::insert_many(rows).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Entries older than `until` with ids greater than `after`, in the order of their ids.
pub async fn read_page(
    db: &impl ConnectionTrait,
    after: Uuid,
    until: Timestamp,
    limit: u64,
) -> Result<Vec<(EntryFingerprint, i64)>, StoreError> {
    let rows = Entity::find()
        .filter(Column::Id.gt(after))
        .filter(Column::At.lt(until.as_microsecond()))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    let to_entry = |row: entity::Model| (EntryFingerprint { id: row.id, fingerprint: row.fingerprint }, row.at);
    Ok(rows.into_iter().map(to_entry).collect())
}

/// Deletes entries that are in the tree, and marks missing and altered ones.
pub async fn record_states(tx: &impl ConnectionTrait, states: &[(Uuid, EntryState)]) -> Result<(), DbErr> {
    let ids_with = |matches: fn(EntryState) -> bool| {
        states.iter().filter(move |(_, state)| matches(*state)).map(|(id, _)| *id).collect::<Vec<_>>()
    };
    let placed = ids_with(|state| state == EntryState::Placed);
    Entity::delete_many().filter(Column::Id.is_in(placed)).exec(tx).await?;
    let mismatched = ids_with(|state| matches!(state, EntryState::Missing | EntryState::Altered));
    if mismatched.is_empty() {
        return Ok(());
    }
    let mark = Entity::update_many().col_expr(Column::Mismatch, Expr::value(true));
    mark.filter(Column::Id.is_in(mismatched)).exec(tx).await.map(|_| ())
}

pub async fn count_mismatches(db: &impl ConnectionTrait) -> Result<u64, StoreError> {
    Ok(Entity::find().filter(Column::Mismatch.eq(true)).count(db).await?)
}

/// The newest tree head. Its size is 0 if none was stored.
pub async fn read_newest_head(db: &impl ConnectionTrait) -> Result<TreeHead, DbErr> {
    let row = head::Entity::find_by_id(1).one(db).await?;
    Ok(row.map(|row| TreeHead { size: row.size.unsigned_abs(), root: row.root }).unwrap_or_default())
}

/// Stores a tree head, unless the stored one is of a larger tree.
pub async fn store_head(tx: &impl ConnectionTrait, head: &TreeHead) -> Result<(), DbErr> {
    if head.size <= read_newest_head(tx).await?.size {
        return Ok(());
    }
    let row = head::ActiveModel {
        one: Set(1),
        size: Set(i64::try_from(head.size).unwrap_or(i64::MAX)),
        root: Set(head.root.clone()),
    };
    let on_conflict =
        OnConflict::column(head::Column::One).update_columns([head::Column::Size, head::Column::Root]).to_owned();
    head::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await.map(|_| ())
}

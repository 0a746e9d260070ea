//! Entries that this service had appended to the log, until it has seen each in the tree; and the newest head it has
//! seen. It is outside the log's own database on purpose. No entry's text is kept, only its hash.

use jiff::Timestamp;
use lcr_contracts::audit::{EntryState, KeptEntry, TreeHead};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Set,
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
        /// Microseconds since the epoch.
        pub at: i64,
        pub fingerprint: String,
        /// The log has it no more, or it says something else there.
        pub mismatch: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// One row: the newest head seen.
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

pub async fn keep(tx: &impl ConnectionTrait, entries: &[(KeptEntry, Timestamp)]) -> Result<(), DbErr> {
    for chunk in entries.chunks(200) {
        let rows = chunk.iter().map(|(entry, at)| ActiveModel {
            id: Set(entry.id),
            at: Set(at.as_microsecond()),
            fingerprint: Set(entry.fingerprint.clone()),
            mismatch: Set(false),
        });
        let known = OnConflict::column(Column::Id).do_nothing().to_owned();
        Entity::insert_many(rows).on_conflict(known).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Those kept before `until` whose ids come after `after`, in the order of their ids.
pub async fn page(
    db: &impl ConnectionTrait,
    after: Uuid,
    until: Timestamp,
    limit: u64,
) -> Result<Vec<(KeptEntry, i64)>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Id.gt(after))
        .filter(Column::At.lt(until.as_microsecond()))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    let kept = |row: entity::Model| (KeptEntry { id: row.id, fingerprint: row.fingerprint }, row.at);
    Ok(rows.into_iter().map(kept).collect())
}

/// Forgets those that are in the tree, and marks those that are not what they were.
pub async fn settle(tx: &impl ConnectionTrait, states: &[(Uuid, EntryState)]) -> Result<(), DbErr> {
    let with = |wanted: fn(EntryState) -> bool| {
        states.iter().filter(move |(_, state)| wanted(*state)).map(|(id, _)| *id).collect::<Vec<_>>()
    };
    let placed = with(|state| state == EntryState::Placed);
    Entity::delete_many().filter(Column::Id.is_in(placed)).exec(tx).await?;
    let wrong = with(|state| matches!(state, EntryState::Missing | EntryState::Altered));
    if wrong.is_empty() {
        return Ok(());
    }
    let mark = Entity::update_many().col_expr(Column::Mismatch, Expr::value(true));
    mark.filter(Column::Id.is_in(wrong)).exec(tx).await.map(|_| ())
}

pub async fn mismatches(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().filter(Column::Mismatch.eq(true)).count(db).await
}

/// The newest head seen; size 0 before the first.
pub async fn newest_head(db: &impl ConnectionTrait) -> Result<TreeHead, DbErr> {
    let row = head::Entity::find_by_id(1).one(db).await?;
    Ok(row.map(|row| TreeHead { size: row.size.unsigned_abs(), root: row.root }).unwrap_or_default())
}

/// Keeps a head, unless one of a larger tree is kept.
pub async fn keep_head(tx: &impl ConnectionTrait, seen: &TreeHead) -> Result<(), DbErr> {
    if seen.size <= newest_head(tx).await?.size {
        return Ok(());
    }
    let row = head::ActiveModel {
        one: Set(1),
        size: Set(i64::try_from(seen.size).unwrap_or(i64::MAX)),
        root: Set(seen.root.clone()),
    };
    let moved = OnConflict::column(head::Column::One)
        .update_columns([head::Column::Size, head::Column::Root])
        .to_owned();
    head::Entity::insert(row).on_conflict(moved).exec_without_returning(tx).await.map(|_| ())
}

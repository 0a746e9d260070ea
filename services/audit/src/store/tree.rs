//! The tree: what waits for a place, leaves, stored hashes, the newest checkpoint. A place once given is never
//! given again; growing compares the size it grew from.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Set, Statement, entity::prelude::Expr,
};
use tlog_tiles::Hash;
use uuid::Uuid;

use crate::domain::leaf::LeafKind;

/// Entries waiting for a place, in the order they were committed.
pub mod pending {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "pending")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub seq: i64,
        pub kind: String,
        pub id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod leaf {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "leaf")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub place: i64,
        pub kind: String,
        pub id: Uuid,
        pub salt: Vec<u8>,
        pub commitment: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod node {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "node")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub place: i64,
        pub hash: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// The one row that says how large the tree is, with its signed note.
pub mod head {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "head")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub one: i64,
        pub size: i64,
        pub note: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// The newest size and note: (0, "") before the first.
pub async fn head(db: &impl ConnectionTrait) -> Result<(u64, String), DbErr> {
    let row = head::Entity::find_by_id(1).one(db).await?;
    Ok(row.map_or((0, String::new()), |row| (row.size.unsigned_abs(), row.note)))
}

pub async fn wait(tx: &impl ConnectionTrait, kind: LeafKind, id: Uuid) -> Result<(), DbErr> {
    let row = pending::ActiveModel { kind: Set(kind.as_str().to_owned()), id: Set(id), ..Default::default() };
    pending::Entity::insert(row).exec_without_returning(tx).await.map(|_| ())
}

pub async fn waiting(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<pending::Model>, DbErr> {
    pending::Entity::find().order_by_asc(pending::Column::Seq).limit(limit).all(db).await
}

pub async fn waiting_count(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    pending::Entity::find().count(db).await
}

/// The halves of entries, their tables, and what is neither in the tree nor waiting for it.
const HALVES: [(&str, &str); 2] = [("opened", "entry"), ("completed", "completion")];

fn unplaced_in(table: &str) -> String {
    format!("FROM {table} WHERE id NOT IN (SELECT id FROM leaf) AND id NOT IN (SELECT id FROM pending)")
}

/// Queues what has no place and does not wait for one; how many there were.
pub async fn queue_unplaced(tx: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let mut found = 0;
    for (kind, table) in HALVES {
        let queue = format!("INSERT INTO pending (kind, id) SELECT '{kind}', id {}", unplaced_in(table));
        found += tx.execute_unprepared(&queue).await?.rows_affected();
    }
    Ok(found)
}

/// How many rows there are that no leaf commits to and that do not wait for one.
pub async fn unplaced(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let mut found = 0;
    for (_, table) in HALVES {
        let count = Statement::from_string(
            db.get_database_backend(),
            format!("SELECT COUNT(*) AS n {}", unplaced_in(table)),
        );
        let row = db.query_one_raw(count).await?;
        found += row.map_or(Ok(0), |row| row.try_get::<i64>("", "n"))?.unsigned_abs();
    }
    Ok(found)
}

/// What growing the tree adds.
pub struct Growth {
    pub from: u64,
    pub leaves: Vec<leaf::Model>,
    pub nodes: Vec<(u64, Hash)>,
    pub note: String,
    /// What was waiting and is now in the tree.
    pub taken: Vec<i64>,
}

/// Grows the tree, or fails when it is no longer as large as thought: another sequencer was here.
pub async fn grow(tx: &impl ConnectionTrait, growth: Growth) -> Result<(), DbErr> {
    let size = place(growth.from) + i64::try_from(growth.leaves.len()).unwrap_or(i64::MAX);
    if head::Entity::find_by_id(1).one(tx).await?.is_none() {
        let first = head::ActiveModel { one: Set(1), size: Set(0), note: Set(String::new()) };
        head::Entity::insert(first).exec_without_returning(tx).await?;
    }
    let moved = head::Entity::update_many()
        .col_expr(head::Column::Size, Expr::value(size))
        .col_expr(head::Column::Note, Expr::value(growth.note))
        .filter(head::Column::One.eq(1))
        .filter(head::Column::Size.eq(place(growth.from)))
        .exec(tx)
        .await?;
    if moved.rows_affected != 1 {
        return Err(DbErr::Custom("the tree grew meanwhile".into()));
    }
    for chunk in growth.leaves.chunks(200) {
        let rows = chunk.iter().cloned().map(leaf::ActiveModel::from);
        leaf::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    for chunk in growth.nodes.chunks(500) {
        let rows = chunk
            .iter()
            .map(|(at, hash)| node::ActiveModel { place: Set(place(*at)), hash: Set(hash.0.to_vec()) });
        node::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    for chunk in growth.taken.chunks(500) {
        let taken = pending::Column::Seq.is_in(chunk.iter().copied());
        pending::Entity::delete_many().filter(taken).exec(tx).await?;
    }
    Ok(())
}

/// Stored hashes by their place; those the tree does not have are left out.
pub async fn hashes(db: &impl ConnectionTrait, places: &[u64]) -> Result<HashMap<u64, Hash>, DbErr> {
    let mut found = HashMap::with_capacity(places.len());
    for chunk in places.chunks(500) {
        let wanted = chunk.iter().map(|at| place(*at));
        for row in node::Entity::find().filter(node::Column::Place.is_in(wanted)).all(db).await? {
            let bytes: [u8; 32] =
                row.hash.try_into().map_err(|_| DbErr::Type("a stored hash is not 32 bytes".into()))?;
            found.insert(row.place.unsigned_abs(), Hash(bytes));
        }
    }
    Ok(found)
}

/// Leaves from `first` on, at most `limit`.
pub async fn leaves(db: &impl ConnectionTrait, first: u64, limit: u64) -> Result<Vec<leaf::Model>, DbErr> {
    leaf::Entity::find()
        .filter(leaf::Column::Place.gte(place(first)))
        .order_by_asc(leaf::Column::Place)
        .limit(limit)
        .all(db)
        .await
}

fn place(at: u64) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}

//! The tree: what waits for a place, leaves, stored hashes, the newest checkpoint. A place once given is never
//! given again; growing compares the size it grew from.

use std::collections::HashMap;

use jiff::Timestamp;
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
        /// Microseconds since the epoch; 0 for a row of an older version.
        pub since: i64,
        /// Has no row behind it, or one whose code does not hold: it gets no place.
        pub refused: bool,
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

pub async fn wait(tx: &impl ConnectionTrait, kind: LeafKind, id: Uuid, now: Timestamp) -> Result<(), DbErr> {
    let row = pending::ActiveModel {
        kind: Set(kind.as_str().to_owned()),
        id: Set(id),
        since: Set(now.as_microsecond()),
        refused: Set(false),
        ..Default::default()
    };
    pending::Entity::insert(row).exec_without_returning(tx).await.map(|_| ())
}

pub async fn waiting(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<pending::Model>, DbErr> {
    pending::Entity::find()
        .filter(pending::Column::Refused.eq(false))
        .order_by_asc(pending::Column::Seq)
        .limit(limit)
        .all(db)
        .await
}

/// What waits for a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queue {
    pub waiting: u64,
    /// Since when the first of them waits, in microseconds; `None` when nothing waits.
    pub since: Option<i64>,
    /// Refused rows.
    pub refused: u64,
}

pub async fn queue_state(db: &impl ConnectionTrait) -> Result<Queue, DbErr> {
    let refused = pending::Entity::find().filter(pending::Column::Refused.eq(true)).count(db).await?;
    let waiting = pending::Entity::find().filter(pending::Column::Refused.eq(false)).count(db).await?;
    let first = waiting_first(db).await?;
    Ok(Queue { waiting, since: first.map(|row| row.since), refused })
}

async fn waiting_first(db: &impl ConnectionTrait) -> Result<Option<pending::Model>, DbErr> {
    Ok(waiting(db, 1).await?.into_iter().next())
}

/// Refused rows, the first of them.
pub async fn refused(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<pending::Model>, DbErr> {
    let refused = pending::Entity::find().filter(pending::Column::Refused.eq(true));
    refused.order_by_asc(pending::Column::Seq).limit(limit).all(db).await
}

/// Has these rows wait without hope of a place, or looks at all refused rows again when `None`.
pub async fn refuse(tx: &impl ConnectionTrait, rows: Option<&[i64]>) -> Result<(), DbErr> {
    let mut update =
        pending::Entity::update_many().col_expr(pending::Column::Refused, Expr::value(rows.is_some()));
    update = match rows {
        Some(rows) => update.filter(pending::Column::Seq.is_in(rows.iter().copied())),
        None => update.filter(pending::Column::Refused.eq(true)),
    };
    update.exec(tx).await.map(|_| ())
}

/// Which of these have a place.
pub async fn placed(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<leaf::Model>, DbErr> {
    leaf::Entity::find().filter(leaf::Column::Id.is_in(ids.iter().copied())).all(db).await
}

/// The halves of entries, and their tables.
const HALVES: [(LeafKind, &str); 3] =
    [(LeafKind::Opened, "entry"), (LeafKind::Completed, "completion"), (LeafKind::Login, "login_claim")];

/// Rows looked at in one query: few enough for it to be over long before it would be ended.
const PAGE: usize = 10_000;

/// What is neither in the tree nor waiting for it. Looked for page by page, where reads are: the whole log is gone
/// through, and no writer may wait for that.
pub async fn find_unplaced(db: &impl ConnectionTrait) -> Result<Vec<(LeafKind, Uuid)>, DbErr> {
    let mut found = Vec::new();
    for (kind, table) in HALVES {
        let mut after = Uuid::nil();
        loop {
            let page = page(db, table, after).await?;
            found.extend(page.iter().filter(|(_, lost)| *lost).map(|(id, _)| (kind, *id)));
            match page.last() {
                Some((last, _)) if page.len() == PAGE => after = *last,
                _ => break,
            }
        }
    }
    Ok(found)
}

/// How many they are.
pub async fn unplaced(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Ok(find_unplaced(db).await?.len() as u64)
}

/// The next rows of a table after an id, and whether each is unplaced.
async fn page(db: &impl ConnectionTrait, table: &str, after: Uuid) -> Result<Vec<(Uuid, bool)>, DbErr> {
    // What waits is joined, having no index by id; what is in the tree is looked up by its own.
    let sql = format!(
        "SELECT one.id AS id, waits.id IS NULL AND NOT EXISTS (SELECT 1 FROM leaf WHERE leaf.id = one.id) AS lost
         FROM (SELECT id FROM {table} WHERE id > $1 ORDER BY id LIMIT {PAGE}) one
         LEFT JOIN pending waits ON waits.id = one.id ORDER BY one.id"
    );
    let rows = Statement::from_sql_and_values(db.get_database_backend(), sql, [after.into()]);
    let rows = db.query_all_raw(rows).await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "lost")?))).collect()
}

/// Queues those of `found` that still have no place and do not wait for one; how many there were.
pub async fn queue(
    tx: &impl ConnectionTrait,
    found: &[(LeafKind, Uuid)],
    now: Timestamp,
) -> Result<u64, DbErr> {
    let mut queued = 0;
    for (kind, id) in found {
        let placed = leaf::Entity::find().filter(leaf::Column::Id.eq(*id)).one(tx).await?.is_some();
        if !placed && pending::Entity::find().filter(pending::Column::Id.eq(*id)).one(tx).await?.is_none() {
            wait(tx, *kind, *id, now).await?;
            queued += 1;
        }
    }
    Ok(queued)
}

/// What growing the tree adds.
#[derive(Default)]
pub struct Growth {
    pub from: u64,
    pub leaves: Vec<leaf::Model>,
    pub nodes: Vec<(u64, Hash)>,
    pub note: String,
    /// What was waiting and is now in the tree.
    pub taken: Vec<i64>,
    /// What was waiting and gets no place.
    pub refused: Vec<i64>,
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
    for chunk in growth.refused.chunks(500) {
        refuse(tx, Some(chunk)).await?;
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

//! The tree's tables: the queue, leaves, hashes and the newest checkpoint. `service/merkle_tree.rs` computes the root. A
//! leaf index must never be used twice, so `grow` fails unless the tree still has the size it grew from.

mod tables;

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    Statement, entity::prelude::Expr,
};
use tlog_tiles::Hash;
use uuid::Uuid;

use crate::domain::leaf::LeafKind;

pub use tables::{head, leaf, node, pending};

/// The newest size and checkpoint: (0, "") before the first.
pub async fn read_head(db: &impl ConnectionTrait) -> Result<(u64, String), DbErr> {
    let row = head::Entity::find_by_id(1).one(db).await?;
    Ok(row.map_or((0, String::new()), |row| (row.size.unsigned_abs(), row.note)))
}

/// Queues rows of one kind in this order, each with the time when it was appended.
pub async fn enqueue(tx: &impl ConnectionTrait, kind: LeafKind, rows: &[(Uuid, Timestamp)]) -> Result<(), DbErr> {
    for chunk in rows.chunks(500) {
        let rows = chunk.iter().map(|(id, now)| pending::ActiveModel {
            kind: Set(kind.as_str().to_owned()),
            id: Set(*id),
            since: Set(now.as_microsecond()),
            refused: Set(false),
            ..Default::default()
        });
        pending::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The first rows of the queue, without refused ones.
pub async fn read_queue(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<pending::Model>, DbErr> {
    pending::Entity::find()
        .filter(pending::Column::Refused.eq(false))
        .order_by_asc(pending::Column::Seq)
        .limit(limit)
        .all(db)
        .await
}

/// The state of the queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueState {
    pub waiting: u64,
    /// When the first row was queued, in microseconds. `None` if the queue is empty.
    pub since: Option<i64>,
    /// The number of refused rows.
    pub refused: u64,
}

pub async fn queue_state(db: &impl ConnectionTrait) -> Result<QueueState, StoreError> {
    let refused = pending::Entity::find().filter(pending::Column::Refused.eq(true)).count(db).await?;
    let waiting = pending::Entity::find().filter(pending::Column::Refused.eq(false)).count(db).await?;
    let first = read_queue(db, 1).await?.into_iter().next();
    Ok(QueueState { waiting, since: first.map(|row| row.since), refused })
}

/// The first refused rows.
pub async fn read_refused(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<pending::Model>, StoreError> {
    let refused = pending::Entity::find().filter(pending::Column::Refused.eq(true));
    Ok(refused.order_by_asc(pending::Column::Seq).limit(limit).all(db).await?)
}

/// Refuses these rows. `None` queues all refused rows again.
pub async fn set_refused(tx: &impl ConnectionTrait, rows: Option<&[i64]>) -> Result<(), DbErr> {
    let mut update = pending::Entity::update_many().col_expr(pending::Column::Refused, Expr::value(rows.is_some()));
    update = match rows {
        Some(rows) => update.filter(pending::Column::Seq.is_in(rows.iter().copied())),
        None => update.filter(pending::Column::Refused.eq(true)),
    };
    update.exec(tx).await.map(|_| ())
}

/// The leaves of those rows that are in the tree.
pub async fn find_leaves(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<leaf::Model>, DbErr> {
    let mut leaves = Vec::new();
    for chunk in ids.chunks(500) {
        leaves.extend(leaf::Entity::find().filter(leaf::Column::Id.is_in(chunk.iter().copied())).all(db).await?);
    }
    Ok(leaves)
}

/// The kinds of leaves and their tables.
const LEAF_TABLES: [(LeafKind, &str); 3] =
    [(LeafKind::Opened, "entry"), (LeafKind::Completed, "completion"), (LeafKind::Login, "login_claim")];

/// Rows per query of a scan. The query must finish well within its time limit.
const SCAN_PAGE_ROWS: usize = 10_000;

/// Rows in neither the tree nor the queue. Scans the whole log page by page on a read connection, so no writer waits.
pub async fn find_unsequenced(db: &impl ConnectionTrait) -> Result<Vec<(LeafKind, Uuid)>, DbErr> {
    let mut unsequenced = Vec::new();
    for (kind, table) in LEAF_TABLES {
        let mut after = Uuid::nil();
        loop {
            let page = scan_page(db, table, after).await?;
            unsequenced.extend(page.iter().filter(|(_, lost)| *lost).map(|(id, _)| (kind, *id)));
            match page.last() {
                Some((last, _)) if page.len() == SCAN_PAGE_ROWS => after = *last,
                _ => break,
            }
        }
    }
    Ok(unsequenced)
}

pub async fn count_unsequenced(db: &impl ConnectionTrait) -> Result<u64, StoreError> {
    Ok(find_unsequenced(db).await?.len() as u64)
}

/// The next rows of a table after an id, and whether each is in neither the tree nor the queue.
async fn scan_page(db: &impl ConnectionTrait, table: &str, after: Uuid) -> Result<Vec<(Uuid, bool)>, DbErr> {
    // The queue has no index by id, so it is joined. Leaves have one, so they are looked up.
    let sql = format!(
        "SELECT one.id AS id, waits.id IS NULL AND NOT EXISTS (SELECT 1 FROM leaf WHERE leaf.id = one.id) AS lost
         FROM (SELECT id FROM {table} WHERE id > $1 ORDER BY id LIMIT {SCAN_PAGE_ROWS}) one
         LEFT JOIN pending waits ON waits.id = one.id ORDER BY one.id"
    );
    let rows = Statement::from_sql_and_values(db.get_database_backend(), sql, [after.into()]);
    let rows = db.query_all_raw(rows).await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "lost")?))).collect()
}

/// Queues those rows that are still in neither the tree nor the queue. Returns how many.
pub async fn enqueue_unsequenced(
    tx: &impl ConnectionTrait,
    rows: &[(LeafKind, Uuid)],
    now: Timestamp,
) -> Result<u64, DbErr> {
    let mut queued = 0;
    for (kind, id) in rows {
        let in_tree = leaf::Entity::find().filter(leaf::Column::Id.eq(*id)).one(tx).await?.is_some();
        if !in_tree && pending::Entity::find().filter(pending::Column::Id.eq(*id)).one(tx).await?.is_none() {
            enqueue(tx, *kind, &[(*id, now)]).await?;
            queued += 1;
        }
    }
    Ok(queued)
}

/// One step of the tree's growth.
#[derive(Default)]
pub struct Growth {
    pub from_size: u64,
    pub leaves: Vec<leaf::Model>,
    pub nodes: Vec<(u64, Hash)>,
    pub note: String,
    /// Queue entries that are in the tree now.
    pub dequeued: Vec<i64>,
    /// Queue entries that are refused.
    pub refused: Vec<i64>,
}

/// Grows the tree. Fails if its size has changed, because another sequencer grew it.
pub async fn grow(tx: &impl ConnectionTrait, growth: Growth) -> Result<(), DbErr> {
    let size = to_row_index(growth.from_size) + i64::try_from(growth.leaves.len()).unwrap_or(i64::MAX);
    if head::Entity::find_by_id(1).one(tx).await?.is_none() {
        let first = head::ActiveModel { one: Set(1), size: Set(0), note: Set(String::new()) };
        head::Entity::insert(first).exec_without_returning(tx).await?;
    }
    let moved = head::Entity::update_many()
        .col_expr(head::Column::Size, Expr::value(size))
        .col_expr(head::Column::Note, Expr::value(growth.note))
        .filter(head::Column::One.eq(1))
        .filter(head::Column::Size.eq(to_row_index(growth.from_size)))
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
            .map(|(index, hash)| node::ActiveModel { place: Set(to_row_index(*index)), hash: Set(hash.0.to_vec()) });
        node::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    for chunk in growth.dequeued.chunks(500) {
        let dequeued = pending::Column::Seq.is_in(chunk.iter().copied());
        pending::Entity::delete_many().filter(dequeued).exec(tx).await?;
    }
    for chunk in growth.refused.chunks(500) {
        set_refused(tx, Some(chunk)).await?;
    }
    Ok(())
}

/// Stored hashes by their index. Missing ones are left out.
pub async fn read_hashes(db: &impl ConnectionTrait, indexes: &[u64]) -> Result<HashMap<u64, Hash>, StoreError> {
    let mut hashes = HashMap::with_capacity(indexes.len());
    for chunk in indexes.chunks(500) {
        let wanted = chunk.iter().map(|index| to_row_index(*index));
        for row in node::Entity::find().filter(node::Column::Place.is_in(wanted)).all(db).await? {
            let bytes: [u8; 32] =
                row.hash.try_into().map_err(|_| DbErr::Type("a stored hash is not 32 bytes".into()))?;
            hashes.insert(row.place.unsigned_abs(), Hash(bytes));
        }
    }
    Ok(hashes)
}

/// Leaves from `first` on, at most `limit`.
pub async fn read_leaves(db: &impl ConnectionTrait, first: u64, limit: u64) -> Result<Vec<leaf::Model>, StoreError> {
    Ok(leaf::Entity::find()
        .filter(leaf::Column::Place.gte(to_row_index(first)))
        .order_by_asc(leaf::Column::Place)
        .limit(limit)
        .all(db)
        .await?)
}

fn to_row_index(index: u64) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

//! The last known state of each person, stay and item by source (table `held`). Row ids are digests, so they must never
//! contain a readable identifier. Fields that a later message leaves out are filled from here.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, Set, sea_query::OnConflict,
};

/// Rows per statement.
const BATCH_SIZE: usize = 500;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "held")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub version: i64,
        pub sealed: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub use entity::Model as Row;
use entity::{ActiveModel, Column, Entity};

/// The rows as one transaction sees them. Each row is read at most once, and changed rows are written together by `flush`.
pub struct LastKnown<'t> {
    tx: &'t DatabaseTransaction,
    rows: Mutex<Rows>,
}

#[derive(Default)]
struct Rows {
    /// The rows that were read or changed, by id.
    known: HashMap<String, RowState>,
    /// The changes of the current message. They count only after `keep_changes`.
    changes: HashMap<String, Row>,
}

#[derive(Clone)]
struct RowState {
    /// `None` if the table has no such row.
    row: Option<Row>,
    is_changed: bool,
}

impl<'t> LastKnown<'t> {
    pub fn new(tx: &'t DatabaseTransaction) -> Self {
        Self { tx, rows: Mutex::default() }
    }

    pub async fn get(&self, id: &str) -> Result<Option<Row>, DbErr> {
        if let Some(known) = self.known(id) {
            return Ok(known.row);
        }
        let row = Entity::find_by_id(id).one(self.tx).await?;
        self.remember(&[id], row.iter().cloned().collect());
        Ok(row)
    }

    /// The rows that exist. The ids must differ.
    pub async fn get_all(&self, ids: &[String]) -> Result<Vec<Row>, DbErr> {
        self.preload(ids).await?;
        Ok(ids.iter().filter_map(|id| self.known(id)?.row).collect())
    }

    /// Reads the rows that are not known yet, so that `get` finds them without a statement.
    pub async fn preload(&self, ids: &[String]) -> Result<(), DbErr> {
        for chunk in self.unknown(ids).chunks(BATCH_SIZE) {
            let rows = Entity::find().filter(Column::Id.is_in(chunk.iter().copied())).all(self.tx).await?;
            self.remember(chunk, rows);
        }
        Ok(())
    }

    /// Changes a row for the current message.
    pub fn upsert(&self, row: Row) {
        self.lock().changes.insert(row.id.clone(), row);
    }

    /// Accepts the changes of the current message. The next message sees them.
    pub fn keep_changes(&self) {
        let mut rows = self.lock();
        for (id, row) in std::mem::take(&mut rows.changes) {
            rows.known.insert(id, RowState { row: Some(row), is_changed: true });
        }
    }

    /// Forgets the changes of the current message.
    pub fn discard_changes(&self) {
        self.lock().changes.clear();
    }

    /// Writes the accepted changes, ordered by id so that two writers cannot block each other.
    pub async fn flush(self) -> Result<(), DbErr> {
        let Self { tx, rows } = self;
        let known = rows.into_inner().unwrap_or_else(PoisonError::into_inner).known;
        let changed = known.into_values().filter(|known| known.is_changed);
        let mut changed: Vec<Row> = changed.filter_map(|known| known.row).collect();
        changed.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        upsert_all(tx, changed).await
    }

    /// The row as the current message sees it. `None` if it was not read yet.
    fn known(&self, id: &str) -> Option<RowState> {
        let rows = self.lock();
        if let Some(row) = rows.changes.get(id) {
            return Some(RowState { row: Some(row.clone()), is_changed: true });
        }
        rows.known.get(id).cloned()
    }

    fn unknown<'i>(&self, ids: &'i [String]) -> Vec<&'i str> {
        let rows = self.lock();
        let ids = ids.iter().map(String::as_str);
        let mut unknown: Vec<&str> =
            ids.filter(|id| !rows.known.contains_key(*id) && !rows.changes.contains_key(*id)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        unknown
    }

    /// Remembers what was read under these ids.
    fn remember(&self, ids: &[&str], read: Vec<Row>) {
        let mut rows = self.lock();
        let absent = ids.iter().map(|id| ((*id).to_owned(), RowState { row: None, is_changed: false }));
        rows.known.extend(absent);
        let present = read.into_iter().map(|row| (row.id.clone(), RowState { row: Some(row), is_changed: false }));
        rows.known.extend(present);
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stores rows with different ids.
async fn upsert_all(tx: &impl ConnectionTrait, rows: Vec<Row>) -> Result<(), DbErr> {
    let mut models = rows.into_iter().map(to_model);
    loop {
        let chunk: Vec<ActiveModel> = models.by_ref().take(BATCH_SIZE).collect();
        if chunk.is_empty() {
            return Ok(());
        }
        let update = OnConflict::column(Column::Id).update_columns([Column::Version, Column::Sealed]).to_owned();
        Entity::insert_many(chunk).on_conflict(update).exec_without_returning(tx).await?;
    }
}

fn to_model(row: Row) -> ActiveModel {
    ActiveModel { id: Set(row.id), version: Set(row.version), sealed: Set(row.sealed) }
}

#[cfg(test)]
#[path = "last_known_tests.rs"]
mod tests;

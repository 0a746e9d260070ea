//! Appends opened entries of many callers with a few statements. An entry whose id is stored already changes nothing. A
//! stored row must never be changed, and the queue must follow the order in which the entries arrived.

use std::collections::HashSet;

use jiff::Timestamp;
use lcr_contracts::audit::OpenEntry;
use lcr_store::{SetWriter, Store, Transaction};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, QueryTrait, Set,
    sea_query::{InsertStatement, OnConflict},
};
use uuid::Uuid;

use super::{canonical::entry_text, concern, opened, subject, to_name, to_text};
use crate::{
    domain::{leaf::LeafKind, row_code::RowKey},
    store::tree,
};

/// Rows in one statement. The widest row has 16 columns.
pub(super) const CHUNK_ROWS: usize = 500;

/// An entry that is not stored yet, as rows with the log's code.
#[derive(Debug, Clone)]
pub struct NewEntry {
    row: opened::Model,
    people: Vec<Uuid>,
    /// The organisations concerned with their people.
    concerned: Vec<(String, Uuid)>,
    now: Timestamp,
}

impl NewEntry {
    /// Computes the code, so that no transaction waits for it.
    pub fn of(key: &RowKey, entry: &OpenEntry, now: Timestamp) -> Result<Self, DbErr> {
        let mut row = opened::Model {
            id: entry.id,
            view: entry.view.0,
            at: entry.at.as_microsecond(),
            user: entry.actor.user.0.clone(),
            actor: to_text(&entry.actor)?,
            audience: entry.audience.to_string(),
            what: entry.what.as_str().to_owned(),
            outcome: to_name(&entry.outcome)?,
            reason: entry.reason.to_string(),
            people: to_text(&entry.people)?,
            datasets: to_text(&entry.datasets)?,
            policy_version: entry.policy_version.clone(),
            org: entry.actor.org.0.clone(),
            choice: entry.choice.as_ref().map(to_text).transpose()?,
            concerned: (!entry.concerned.is_empty()).then(|| to_text(&entry.concerned)).transpose()?,
            code: None,
        };
        row.code = Some(key.compute(&entry_text(row.clone())?));
        let concerned = entry.concerned.iter();
        let concerned = concerned.flat_map(|(org, people)| people.iter().map(|person| (org.0.clone(), person.0)));
        Ok(Self {
            row,
            people: entry.people.iter().map(|person| person.0).collect(),
            concerned: concerned.collect(),
            now,
        })
    }
}

/// Starts the writer that appends the entries of many callers together.
pub fn start_appends(store: Store) -> SetWriter<NewEntry, ()> {
    SetWriter::start(store, append_set)
}

async fn append_set(tx: Transaction, entries: Vec<NewEntry>) -> Result<Vec<()>, DbErr> {
    let answers = vec![(); entries.len()];
    append_all(&tx, entries).await?;
    Ok(answers)
}

/// Appends one entry. Appending an id again changes nothing.
pub async fn append(tx: &impl ConnectionTrait, key: &RowKey, entry: &OpenEntry, now: Timestamp) -> Result<(), DbErr> {
    append_all(tx, vec![NewEntry::of(key, entry, now)?]).await
}

/// Appends entries in this order. An id that is stored, or is twice in the set, changes nothing the second time.
pub async fn append_all(tx: &impl ConnectionTrait, entries: Vec<NewEntry>) -> Result<(), DbErr> {
    let mut ids = HashSet::new();
    let entries: Vec<NewEntry> = entries.into_iter().filter(|entry| ids.insert(entry.row.id)).collect();
    for chunk in entries.chunks(CHUNK_ROWS) {
        let inserted = insert_entries(tx, chunk).await?;
        let new: Vec<&NewEntry> = chunk.iter().filter(|entry| inserted.contains(&entry.row.id)).collect();
        let queued: Vec<_> = new.iter().map(|entry| (entry.row.id, entry.now)).collect();
        tree::enqueue(tx, LeafKind::Opened, &queued).await?;
        insert_concerns(tx, &new).await?;
        insert_subjects(tx, &new).await?;
    }
    Ok(())
}

/// Inserts the rows whose ids are not stored yet. Returns the ids of these rows.
async fn insert_entries(tx: &impl ConnectionTrait, entries: &[NewEntry]) -> Result<HashSet<Uuid>, DbErr> {
    let rows = entries.iter().map(|entry| opened::ActiveModel::from(entry.row.clone()).reset_all());
    let on_conflict = OnConflict::column(opened::Column::Id).do_nothing().to_owned();
    let mut insert = opened::Entity::insert_many(rows).on_conflict(on_conflict).into_query();
    insert.returning_col(opened::Column::Id);
    inserted_ids(tx, &insert).await
}

/// Runs an insert that returns the column `id` of the rows that it inserted.
pub(super) async fn inserted_ids(tx: &impl ConnectionTrait, insert: &InsertStatement) -> Result<HashSet<Uuid>, DbErr> {
    tx.query_all(insert).await?.iter().map(|row| row.try_get("", "id")).collect()
}

async fn insert_concerns(tx: &impl ConnectionTrait, entries: &[&NewEntry]) -> Result<(), DbErr> {
    let to_rows = |entry: &&NewEntry| {
        let id = entry.row.id;
        let concerned = entry.concerned.clone().into_iter();
        concerned.map(move |(org, person)| concern::ActiveModel { org: Set(org), entry: Set(id), person: Set(person) })
    };
    let rows: Vec<_> = entries.iter().flat_map(to_rows).collect();
    for chunk in rows.chunks(CHUNK_ROWS) {
        let key = [concern::Column::Org, concern::Column::Entry, concern::Column::Person];
        let on_conflict = OnConflict::columns(key).do_nothing().to_owned();
        concern::Entity::insert_many(chunk.to_vec()).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(())
}

async fn insert_subjects(tx: &impl ConnectionTrait, entries: &[&NewEntry]) -> Result<(), DbErr> {
    let to_rows = |entry: &&NewEntry| {
        let id = entry.row.id;
        entry.people.clone().into_iter().map(move |person| subject::ActiveModel { person: Set(person), entry: Set(id) })
    };
    let rows: Vec<_> = entries.iter().flat_map(to_rows).collect();
    for chunk in rows.chunks(CHUNK_ROWS) {
        let key = [subject::Column::Person, subject::Column::Entry];
        let on_conflict = OnConflict::columns(key).do_nothing().to_owned();
        subject::Entity::insert_many(chunk.to_vec()).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "append_tests.rs"]
mod tests;

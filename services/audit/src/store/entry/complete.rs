//! Appends completions, and counts the entries that they complete. A long view has several completions, and none replaces
//! another.

use std::collections::HashSet;

use jiff::Timestamp;
use lcr_contracts::{
    audit::{AccessKind, OpenEntry, Outcome},
    events::ViewCompleted,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect, QueryTrait,
    RelationDef, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    append::{CHUNK_ROWS, inserted_ids},
    canonical::completion_text,
    completion, opened, subject, to_name, to_text,
};
use crate::{
    domain::{leaf::LeafKind, row_code::RowKey},
    store::tree,
};

/// Views of one record. Each expects a completion when it ends.
const RECORD_KINDS: [AccessKind; 2] = [AccessKind::Record, AccessKind::Fhir];

/// Whether a completion of this entry is expected.
pub fn expects_completion(entry: &OpenEntry) -> bool {
    entry.outcome == Outcome::Allowed && RECORD_KINDS.contains(&entry.what)
}

/// A completion that is not stored yet, with the log's code.
#[derive(Debug, Clone)]
pub struct NewCompletion {
    row: completion::Model,
    now: Timestamp,
}

impl NewCompletion {
    /// `event` is the id of the event, and so of the completion.
    pub fn of(key: &RowKey, event: Uuid, body: &ViewCompleted, now: Timestamp) -> Result<Self, DbErr> {
        let mut row = completion::Model {
            id: event,
            view: body.view.0,
            person: body.person.0,
            at: body.at.as_microsecond(),
            shown: to_text(&body.shown)?,
            code: None,
        };
        row.code = Some(key.compute(&completion_text(row.clone())?));
        Ok(Self { row, now })
    }

    pub fn id(&self) -> Uuid {
        self.row.id
    }
}

/// Appends completions in this order. Returns the number of entries that they complete.
pub async fn append_completions(tx: &impl ConnectionTrait, completions: Vec<NewCompletion>) -> Result<u64, DbErr> {
    let mut ids = HashSet::new();
    let completions: Vec<NewCompletion> = completions.into_iter().filter(|one| ids.insert(one.row.id)).collect();
    let mut entries = 0;
    for chunk in completions.chunks(CHUNK_ROWS) {
        entries += count_completed_entries(tx, chunk).await?;
        let rows = chunk.iter().map(|one| completion::ActiveModel::from(one.row.clone()).reset_all());
        let on_conflict = OnConflict::column(completion::Column::Id).do_nothing().to_owned();
        let mut insert = completion::Entity::insert_many(rows).on_conflict(on_conflict).into_query();
        insert.returning_col(completion::Column::Id);
        let inserted = inserted_ids(tx, &insert).await?;
        let new = chunk.iter().filter(|one| inserted.contains(&one.row.id));
        let queued: Vec<_> = new.map(|one| (one.row.id, one.now)).collect();
        tree::enqueue(tx, LeafKind::Completed, &queued).await?;
    }
    Ok(entries)
}

/// The number of entries that these completions complete: those of the views and people that have no completion yet.
async fn count_completed_entries(tx: &impl ConnectionTrait, completions: &[NewCompletion]) -> Result<u64, DbErr> {
    let mut pairs: HashSet<(Uuid, Uuid)> = completions.iter().map(|one| (one.row.view, one.row.person)).collect();
    let views: HashSet<Uuid> = pairs.iter().map(|(view, _)| *view).collect();
    let earlier: Vec<(Uuid, Uuid)> = completion::Entity::find()
        .select_only()
        .column(completion::Column::View)
        .column(completion::Column::Person)
        .filter(completion::Column::View.is_in(views))
        .into_tuple()
        .all(tx)
        .await?;
    for pair in earlier {
        pairs.remove(&pair);
    }
    if pairs.is_empty() {
        return Ok(0);
    }
    let views: HashSet<Uuid> = pairs.iter().map(|(view, _)| *view).collect();
    let people: HashSet<Uuid> = pairs.iter().map(|(_, person)| *person).collect();
    let of_entry: RelationDef =
        subject::Entity::belongs_to(opened::Entity).from(subject::Column::Entry).to(opened::Column::Id).into();
    let shown: Vec<(Uuid, Uuid)> = subject::Entity::find()
        .select_only()
        .column(opened::Column::View)
        .column(subject::Column::Person)
        .join(JoinType::InnerJoin, of_entry)
        .filter(subject::Column::Person.is_in(people))
        .filter(opened::Column::View.is_in(views))
        .filter(opened::Column::Outcome.eq(to_name(&Outcome::Allowed)?))
        .filter(opened::Column::What.is_in(RECORD_KINDS.map(AccessKind::as_str)))
        .into_tuple()
        .all(tx)
        .await?;
    // A view of several people selects more pairs than were completed.
    Ok(shown.iter().filter(|pair| pairs.contains(pair)).count() as u64)
}

//! Opened entries, the people they are about, and completions. A stored row must never be changed.

mod adoption;
mod canonical;
mod query;
mod tables;

use jiff::Timestamp;
use lcr_contracts::{
    audit::{AccessKind, OpenEntry, Outcome},
    events::ViewCompleted,
};
use lcr_model::{OdsCode, PersonId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    QueryTrait, Set, sea_query::OnConflict,
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::tree;
use crate::domain::{
    leaf::{IndexTerms, LeafKind},
    row_code::RowKey,
};

pub use adoption::{AdoptionIndex, adoption};
pub use canonical::{CanonicalRow, find_canonical};
use canonical::{completion_text, entry_text, to_canonical};
pub use query::{Reader, choice_steps, claim_steps, concerns_organisation, find_entries, read_page};
pub use tables::{completion, concern, opened, subject};

pub(super) fn to_text<T: Serialize>(value: &T) -> Result<String, DbErr> {
    serde_json::to_string(value).map_err(|e| DbErr::Json(e.to_string()))
}

fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, DbErr> {
    serde_json::from_str(text).map_err(|e| DbErr::Json(e.to_string()))
}

/// A value of a closed list, as its JSON string without quotes.
fn to_name<T: Serialize>(value: &T) -> Result<String, DbErr> {
    Ok(to_text(value)?.trim_matches('"').to_owned())
}

fn from_name<T: DeserializeOwned>(name: &str) -> Result<T, DbErr> {
    from_text(&format!("\"{name}\""))
}

/// Appends an entry with its code. Appending an id again changes nothing.
pub async fn append(tx: &impl ConnectionTrait, key: &RowKey, entry: &OpenEntry, now: Timestamp) -> Result<(), DbErr> {
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
    let row = opened::ActiveModel::from(row).reset_all();
    let on_conflict = OnConflict::column(opened::Column::Id).do_nothing().to_owned();
    let inserted = opened::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await?;
    if inserted == 0 {
        return Ok(());
    }
    tree::enqueue(tx, LeafKind::Opened, entry.id, now).await?;
    insert_concerns(tx, entry).await?;
    let subjects: Vec<_> = entry
        .people
        .iter()
        .map(|person| subject::ActiveModel { person: Set(person.0), entry: Set(entry.id) })
        .collect();
    if !subjects.is_empty() {
        let on_conflict =
            OnConflict::columns([subject::Column::Person, subject::Column::Entry]).do_nothing().to_owned();
        subject::Entity::insert_many(subjects).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(())
}

async fn insert_concerns(tx: &impl ConnectionTrait, entry: &OpenEntry) -> Result<(), DbErr> {
    let to_rows = |(org, people): (&OdsCode, &Vec<PersonId>)| {
        let (org, people) = (org.0.clone(), people.clone());
        people.into_iter().map(move |person| concern::ActiveModel {
            org: Set(org.clone()),
            entry: Set(entry.id),
            person: Set(person.0),
        })
    };
    let rows: Vec<_> = entry.concerned.iter().flat_map(to_rows).collect();
    for chunk in rows.chunks(200) {
        let key = [concern::Column::Org, concern::Column::Entry, concern::Column::Person];
        let on_conflict = OnConflict::columns(key).do_nothing().to_owned();
        concern::Entity::insert_many(chunk.to_vec()).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Appends what a view showed. A long view has several completions, and none replaces another.
pub async fn append_completion(
    tx: &impl ConnectionTrait,
    key: &RowKey,
    event: Uuid,
    body: &ViewCompleted,
    now: Timestamp,
) -> Result<(), DbErr> {
    let mut row = completion::Model {
        id: event,
        view: body.view.0,
        person: body.person.0,
        at: body.at.as_microsecond(),
        shown: to_text(&body.shown)?,
        code: None,
    };
    row.code = Some(key.compute(&completion_text(row.clone())?));
    let row = completion::ActiveModel::from(row).reset_all();
    let on_conflict = OnConflict::column(completion::Column::Id).do_nothing().to_owned();
    let inserted = completion::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await?;
    if inserted > 0 {
        tree::enqueue(tx, LeafKind::Completed, event, now).await?;
    }
    Ok(())
}

/// Views of one record. Each expects a completion when it ends.
const RECORD_KINDS: [AccessKind; 2] = [AccessKind::Record, AccessKind::Fhir];

/// Whether a completion of this entry is expected.
pub fn expects_completion(entry: &OpenEntry) -> bool {
    entry.outcome == Outcome::Allowed && RECORD_KINDS.contains(&entry.what)
}

/// The number of entries that this completion completes: those of its view and person, if it is their first.
pub async fn count_completed_entries(tx: &impl ConnectionTrait, body: &ViewCompleted) -> Result<u64, DbErr> {
    let earlier = completion::Entity::find()
        .filter(completion::Column::View.eq(body.view.0))
        .filter(completion::Column::Person.eq(body.person.0));
    if earlier.count(tx).await? > 0 {
        return Ok(0);
    }
    let about = subject::Entity::find()
        .select_only()
        .column(subject::Column::Entry)
        .filter(subject::Column::Person.eq(body.person.0))
        .into_query();
    let entries = opened::Entity::find()
        .filter(opened::Column::Id.in_subquery(about))
        .filter(opened::Column::View.eq(body.view.0))
        .filter(opened::Column::Outcome.eq(to_name(&Outcome::Allowed)?))
        .filter(opened::Column::What.is_in(RECORD_KINDS.map(AccessKind::as_str)));
    entries.count(tx).await
}

/// The terms by which searches find an entry.
pub async fn find_index_terms(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<IndexTerms>, DbErr> {
    let Some(row) = opened::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let subjects = subject::Entity::find().filter(subject::Column::Entry.eq(id)).all(db).await?;
    let mut people: Vec<Uuid> = subjects.into_iter().map(|subject| subject.person).collect();
    people.sort_unstable();
    let concerns = concern::Entity::find().filter(concern::Column::Entry.eq(id)).all(db).await?;
    let mut concerned: Vec<(String, Uuid)> =
        concerns.into_iter().map(|concern| (concern.org, concern.person)).collect();
    concerned.sort_unstable();
    Ok(Some(IndexTerms { org: row.org, people, concerned }))
}

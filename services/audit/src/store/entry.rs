//! Opened entries, the people they are about, and completions. The form of a row in the tree must never change.

mod query;

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
    leaf::{IndexTerms, LeafKind, commitment},
    row_code::RowKey,
};

pub use query::{Reader, choice_steps, concerns_organisation, find_entries, read_page};

pub mod opened {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "entry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub view: Uuid,
        pub at: i64,
        pub user: String,
        pub actor: String,
        pub audience: String,
        pub what: String,
        pub outcome: String,
        pub reason: String,
        pub people: String,
        pub datasets: String,
        pub policy_version: String,
        /// The reader's organisation, for searches. The authoritative one is in `actor`.
        pub org: String,
        /// The new state of a choice, if the entry is about one.
        pub choice: Option<String>,
        /// The organisations concerned and their people. None if there are none, or on rows of an older version.
        pub concerned: Option<String>,
        /// The log's code of the row. None on rows of an older version.
        pub code: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// The organisations that an entry concerns, for searches. The authoritative ones are in the entry.
pub mod concern {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "entry_concern")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub org: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod subject {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "entry_person")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub person: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod completion {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "completion")]
    pub struct Model {
        /// The id of the completion event.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub view: Uuid,
        pub person: Uuid,
        pub at: i64,
        pub shown: String,
        /// The log's code of the row. None on rows of an older version.
        pub code: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

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

/// A row in the form that is hashed into the tree, with its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalRow {
    /// The columns in order, as a JSON array.
    pub text: String,
    /// The form of the previous version, without the organisations concerned.
    pub previous_text: Option<String>,
    pub code: Option<Vec<u8>>,
}

impl CanonicalRow {
    /// The form that was hashed into the leaf with `salt`. A leaf of the previous version's sequencer is accepted if the
    /// log's code covers the whole row. If neither form matches the leaf, this is the whole row.
    pub fn committed_text(&self, key: &RowKey, salt: &[u8], leaf: &[u8]) -> &str {
        let matches = |text: &str| commitment(salt, text)[..] == *leaf;
        let has_valid_code = || self.code.as_ref().is_some_and(|code| key.verify(&self.text, code));
        match &self.previous_text {
            Some(previous) if !matches(&self.text) && matches(previous) && has_valid_code() => previous,
            _ => &self.text,
        }
    }
}

/// The row of a leaf in its hashed form. `None` if the row is gone.
pub async fn find_canonical(
    db: &impl ConnectionTrait,
    kind: LeafKind,
    id: Uuid,
) -> Result<Option<CanonicalRow>, DbErr> {
    match kind {
        LeafKind::Opened => {
            let row = opened::Entity::find_by_id(id).one(db).await?;
            row.map(to_canonical).transpose()
        }
        LeafKind::Completed => {
            let row = completion::Entity::find_by_id(id).one(db).await?;
            let to_canonical = |mut row: completion::Model| {
                Ok(CanonicalRow { code: row.code.take(), text: completion_text(row)?, previous_text: None })
            };
            row.map(to_canonical).transpose()
        }
        LeafKind::Login => super::login_claim::find_canonical(db, id).await,
    }
}

fn to_canonical(mut row: opened::Model) -> Result<CanonicalRow, DbErr> {
    let code = row.code.take();
    let previous = row.concerned.is_some().then(|| entry_text(opened::Model { concerned: None, ..row.clone() }));
    Ok(CanonicalRow { previous_text: previous.transpose()?, text: entry_text(row)?, code })
}

fn completion_text(r: completion::Model) -> Result<String, DbErr> {
    to_text(&("completed", r.id, r.view, r.person, r.at, r.shown))
}

/// An entry's columns in order. An entry about a choice has one more column, and one that concerns organisations two more.
/// No other form may change, or older leaves no longer match. `domain/leaf.rs` numbers the columns.
fn entry_text(r: opened::Model) -> Result<String, DbErr> {
    let columns = (
        "opened",
        r.id,
        r.view,
        r.at,
        r.user,
        r.actor,
        r.audience,
        r.what,
        r.outcome,
        r.reason,
        r.people,
        r.datasets,
        r.policy_version,
    );
    let mut text = to_text(&columns)?;
    if r.choice.is_some() || r.concerned.is_some() {
        text.pop();
        text.extend([",", to_text(&r.choice)?.as_str()]);
        if let Some(concerned) = r.concerned {
            text.extend([",", to_text(&concerned)?.as_str()]);
        }
        text.push(']');
    }
    Ok(text)
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

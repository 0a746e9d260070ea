//! Entries opened, the people they are about, and completions by view. How they are read is `reading`'s.

mod reading;

use jiff::Timestamp;
use lcr_contracts::{
    audit::{OpenEntry, Outcome, What},
    events::ViewCompleted,
};
use lcr_model::{OdsCode, PersonId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QuerySelect, QueryTrait, Set, sea_query::OnConflict,
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::tree;
use crate::domain::{
    code::RowKey,
    leaf::{Indexed, LeafKind, commitment},
};

pub use reading::{Reader, choice_steps, find, is_concerned, page};

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
        /// The reader's organisation, to search by; what counts is in `actor`.
        pub org: String,
        /// Of an act on a choice: what became of it.
        pub choice: Option<String>,
        /// Which of the people are whose; none where they are nobody's, and on rows of an older version.
        pub concerned: Option<String>,
        /// The log's own code of the row; none on rows of an older version.
        pub code: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// Whose people an entry is about, to search by; what counts is in the entry.
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
        /// The event that told of it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub view: Uuid,
        pub person: Uuid,
        pub at: i64,
        pub shown: String,
        /// The log's own code of the row; none on rows of an older version.
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

/// A closed name is kept as its JSON string.
fn to_name<T: Serialize>(value: &T) -> Result<String, DbErr> {
    Ok(to_text(value)?.trim_matches('"').to_owned())
}

fn from_name<T: DeserializeOwned>(name: &str) -> Result<T, DbErr> {
    from_text(&format!("\"{name}\""))
}

/// Appends an entry with its code; the same id a second time changes nothing.
pub async fn append(
    tx: &impl ConnectionTrait,
    key: &RowKey,
    entry: &OpenEntry,
    now: Timestamp,
) -> Result<(), DbErr> {
    let mut row = opened::Model {
        id: entry.id,
        view: entry.view.0,
        at: entry.at.as_microsecond(),
        user: entry.actor.user.0.clone(),
        actor: to_text(&entry.actor)?,
        audience: entry.audience.to_string(),
        what: entry.what.as_str().to_owned(),
        outcome: to_name(&entry.outcome)?,
        reason: entry.reason.clone(),
        people: to_text(&entry.people)?,
        datasets: to_text(&entry.datasets)?,
        policy_version: entry.policy_version.clone(),
        org: entry.actor.org.0.clone(),
        choice: entry.choice.as_ref().map(to_text).transpose()?,
        concerned: (!entry.concerned.is_empty()).then(|| to_text(&entry.concerned)).transpose()?,
        code: None,
    };
    row.code = Some(key.code(&said(row.clone())?));
    let row = opened::ActiveModel::from(row).reset_all();
    let known = OnConflict::column(opened::Column::Id).do_nothing().to_owned();
    let new = opened::Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    if new == 0 {
        return Ok(());
    }
    tree::wait(tx, LeafKind::Opened, entry.id, now).await?;
    concern(tx, entry).await?;
    let subjects: Vec<_> = entry
        .people
        .iter()
        .map(|person| subject::ActiveModel { person: Set(person.0), entry: Set(entry.id) })
        .collect();
    if !subjects.is_empty() {
        let known =
            OnConflict::columns([subject::Column::Person, subject::Column::Entry]).do_nothing().to_owned();
        subject::Entity::insert_many(subjects).on_conflict(known).exec_without_returning(tx).await?;
    }
    Ok(())
}

async fn concern(tx: &impl ConnectionTrait, entry: &OpenEntry) -> Result<(), DbErr> {
    let of_org = |(org, people): (&OdsCode, &Vec<PersonId>)| {
        let (org, people) = (org.0.clone(), people.clone());
        people.into_iter().map(move |person| concern::ActiveModel {
            org: Set(org.clone()),
            entry: Set(entry.id),
            person: Set(person.0),
        })
    };
    let rows: Vec<_> = entry.concerned.iter().flat_map(of_org).collect();
    for chunk in rows.chunks(200) {
        let key = [concern::Column::Org, concern::Column::Entry, concern::Column::Person];
        let known = OnConflict::columns(key).do_nothing().to_owned();
        concern::Entity::insert_many(chunk.to_vec()).on_conflict(known).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Keeps what a view showed. A view that lasts is told of more than once, and none replaces another.
pub async fn complete(
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
    row.code = Some(key.code(&showed(row.clone())?));
    let row = completion::ActiveModel::from(row).reset_all();
    let known = OnConflict::column(completion::Column::Id).do_nothing().to_owned();
    let new = completion::Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    if new > 0 {
        tree::wait(tx, LeafKind::Completed, event, now).await?;
    }
    Ok(())
}

/// Records, whole or as FHIR: each is told of once more, when its view ends. Lists are told of row by row.
const RECORDS: [What; 2] = [What::Record, What::Fhir];

/// Whether a second half of this entry is expected.
pub fn is_completed(entry: &OpenEntry) -> bool {
    entry.outcome == Outcome::Allowed && RECORDS.contains(&entry.what)
}

/// How many entries a completion completes: those of its view about its person, at its first telling.
pub async fn completes(tx: &impl ConnectionTrait, body: &ViewCompleted) -> Result<u64, DbErr> {
    let told = completion::Entity::find()
        .filter(completion::Column::View.eq(body.view.0))
        .filter(completion::Column::Person.eq(body.person.0));
    if told.count(tx).await? > 0 {
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
        .filter(opened::Column::What.is_in(RECORDS.map(What::as_str)));
    entries.count(tx).await
}

/// A row as it is hashed into the tree, and its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canonical {
    /// The columns in their order, a JSON array.
    pub text: String,
    /// The same as the version before hashed it, which did not know whose people an entry is about.
    pub before: Option<String>,
    pub code: Option<Vec<u8>>,
}

impl Canonical {
    /// The form that was hashed into the leaf under `salt`. A sequencer of the version before leaves out whose people an
    /// entry is about; such a leaf counts where the log's own code holds over the whole row. Where neither form opens the
    /// leaf it is the whole row.
    pub fn hashed(&self, key: &RowKey, salt: &[u8], leaf: &[u8]) -> &str {
        let opens = |text: &str| commitment(salt, text)[..] == *leaf;
        let coded = || self.code.as_ref().is_some_and(|code| key.holds(&self.text, code));
        match &self.before {
            Some(before) if !opens(&self.text) && opens(before) && coded() => before,
            _ => &self.text,
        }
    }
}

/// `None` when the row is not there.
pub async fn canonical(
    db: &impl ConnectionTrait,
    kind: LeafKind,
    id: Uuid,
) -> Result<Option<Canonical>, DbErr> {
    match kind {
        LeafKind::Opened => {
            let row = opened::Entity::find_by_id(id).one(db).await?;
            row.map(canonical_of).transpose()
        }
        LeafKind::Completed => {
            let row = completion::Entity::find_by_id(id).one(db).await?;
            let of = |mut row: completion::Model| {
                Ok(Canonical { code: row.code.take(), text: showed(row)?, before: None })
            };
            row.map(of).transpose()
        }
        LeafKind::Login => super::claim::canonical(db, id).await,
    }
}

fn canonical_of(mut row: opened::Model) -> Result<Canonical, DbErr> {
    let code = row.code.take();
    let before = row.concerned.is_some().then(|| said(opened::Model { concerned: None, ..row.clone() }));
    Ok(Canonical { before: before.transpose()?, text: said(row)?, code })
}

fn showed(r: completion::Model) -> Result<String, DbErr> {
    to_text(&("completed", r.id, r.view, r.person, r.at, r.shown))
}

/// An entry's columns in their order. One about a choice has one column more, one about somebody's people two; no other
/// may change its form, or the tree no longer opens.
fn said(r: opened::Model) -> Result<String, DbErr> {
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

/// What searches find an entry by.
pub async fn indexed(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Indexed>, DbErr> {
    let Some(row) = opened::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let subjects = subject::Entity::find().filter(subject::Column::Entry.eq(id)).all(db).await?;
    let mut people: Vec<Uuid> = subjects.into_iter().map(|one| one.person).collect();
    people.sort_unstable();
    let concerns = concern::Entity::find().filter(concern::Column::Entry.eq(id)).all(db).await?;
    let mut concerned: Vec<(String, Uuid)> = concerns.into_iter().map(|one| (one.org, one.person)).collect();
    concerned.sort_unstable();
    Ok(Some(Indexed { org: row.org, people, concerned }))
}

//! Entries opened, the people they are about, and completions by view.

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_contracts::{
    audit::{Completion, Entry, EntryQuery, MOST_STEPS, OpenEntry, Outcome, Shown, What},
    events::ViewCompleted,
};
use lcr_model::{PersonId, ServiceName, ViewId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Set, sea_query::OnConflict,
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::tree;
use crate::domain::leaf::{Indexed, LeafKind};

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
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

fn to_text<T: Serialize>(value: &T) -> Result<String, DbErr> {
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

/// Appends an entry; the same id a second time changes nothing.
pub async fn append(tx: &impl ConnectionTrait, entry: &OpenEntry) -> Result<(), DbErr> {
    let row = opened::ActiveModel {
        id: Set(entry.id),
        view: Set(entry.view.0),
        at: Set(entry.at.as_microsecond()),
        user: Set(entry.actor.user.0.clone()),
        actor: Set(to_text(&entry.actor)?),
        audience: Set(entry.audience.to_string()),
        what: Set(entry.what.as_str().to_owned()),
        outcome: Set(to_name(&entry.outcome)?),
        reason: Set(entry.reason.clone()),
        people: Set(to_text(&entry.people)?),
        datasets: Set(to_text(&entry.datasets)?),
        policy_version: Set(entry.policy_version.clone()),
        org: Set(entry.actor.org.0.clone()),
        choice: Set(entry.choice.as_ref().map(to_text).transpose()?),
    };
    let known = OnConflict::column(opened::Column::Id).do_nothing().to_owned();
    let new = opened::Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    if new == 0 {
        return Ok(());
    }
    tree::wait(tx, LeafKind::Opened, entry.id).await?;
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

/// Keeps what a view showed. A view that lasts is told of more than once, and none replaces another.
pub async fn complete(tx: &impl ConnectionTrait, event: Uuid, body: &ViewCompleted) -> Result<(), DbErr> {
    let row = completion::ActiveModel {
        id: Set(event),
        view: Set(body.view.0),
        person: Set(body.person.0),
        at: Set(body.at.as_microsecond()),
        shown: Set(to_text(&body.shown)?),
    };
    let known = OnConflict::column(completion::Column::Id).do_nothing().to_owned();
    let new = completion::Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    if new > 0 {
        tree::wait(tx, LeafKind::Completed, event).await?;
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

/// A row as it is hashed into the tree: its columns in their order, a JSON array. `None` when it is not there.
pub async fn canonical(db: &impl ConnectionTrait, kind: LeafKind, id: Uuid) -> Result<Option<String>, DbErr> {
    match kind {
        LeafKind::Opened => {
            let row = opened::Entity::find_by_id(id).one(db).await?;
            row.map(said).transpose()
        }
        LeafKind::Completed => {
            let row = completion::Entity::find_by_id(id).one(db).await?;
            row.map(|r| to_text(&("completed", r.id, r.view, r.person, r.at, r.shown))).transpose()
        }
    }
}

/// An entry's columns in their order. One about a choice has one column more; no other may change its form, or the
/// tree no longer opens.
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
    if let Some(choice) = r.choice {
        text.pop();
        text.extend([",", to_text(&choice)?.as_str(), "]"]);
    }
    Ok(text)
}

/// A page of the log, newest first.
pub async fn page(db: &impl ConnectionTrait, query: &EntryQuery) -> Result<Vec<Entry>, DbErr> {
    let limit = u64::from(query.limit.unwrap_or(50).clamp(1, 200));
    let mut find = opened::Entity::find().order_by_desc(opened::Column::Id).limit(limit);
    if let Some(before) = query.before {
        find = find.filter(opened::Column::Id.lt(before));
    }
    if let Some(org) = &query.org {
        find = find.filter(opened::Column::Org.eq(org.as_str()));
    }
    if let Some(from) = query.from {
        find = find.filter(opened::Column::At.gte(from.as_microsecond()));
    }
    if let Some(until) = query.until {
        find = find.filter(opened::Column::At.lt(until.as_microsecond()));
    }
    if let Some(user) = &query.user {
        find = find.filter(opened::Column::User.eq(user));
    }
    if let Some(person) = query.person {
        let about = subject::Entity::find()
            .select_only()
            .column(subject::Column::Entry)
            .filter(subject::Column::Person.eq(person.0))
            .into_query();
        find = find.filter(opened::Column::Id.in_subquery(about));
    }
    let rows = find.all(db).await?;
    let views = rows.iter().map(|row| row.view);
    let done = completion::Entity::find().filter(completion::Column::View.is_in(views)).all(db).await?;
    let mut by_view: HashMap<Uuid, Vec<completion::Model>> = HashMap::new();
    for row in done {
        by_view.entry(row.view).or_default().push(row);
    }
    rows.into_iter()
        .map(|row| {
            let told = by_view.get(&row.view).map_or(&[][..], Vec::as_slice);
            entry(row, told, query.person)
        })
        .collect()
}

/// What was shown of an entry's people in its view, over all that was told: the newest word on each source and
/// dataset. `None` when nothing was told.
fn shown(people: &[PersonId], told: &[completion::Model]) -> Result<Option<(i64, Vec<Shown>)>, DbErr> {
    let mut about: Vec<_> = told.iter().filter(|one| people.contains(&PersonId(one.person))).collect();
    about.sort_by_key(|one| one.at);
    let Some(last) = about.last().map(|one| one.at) else { return Ok(None) };
    let mut all: Vec<Shown> = vec![];
    for one in about {
        for shown in from_text::<Vec<Shown>>(&one.shown)? {
            all.retain(|held| (&held.source, held.dataset) != (&shown.source, shown.dataset));
            all.push(shown);
        }
    }
    Ok(Some((last, all)))
}

/// `about` narrows what was shown to one of its people: nobody reads of another what was shown of them.
fn entry(row: opened::Model, told: &[completion::Model], about: Option<PersonId>) -> Result<Entry, DbErr> {
    let outcome: Outcome = from_name(&row.outcome)?;
    let people: Vec<PersonId> = from_text(&row.people)?;
    let told_of = about.map_or_else(|| people.clone(), |person| vec![person]);
    let completion = match (outcome, shown(&told_of, told)?) {
        (Outcome::Refused, _) => Completion::NothingShown,
        // The view was completed, and nothing of this person was in it.
        (Outcome::Allowed, None) if about.is_some() && !told.is_empty() => {
            let last = told.iter().map(|one| one.at).max().unwrap_or(row.at);
            Completion::Shown { at: at(last)?, shown: vec![] }
        }
        (Outcome::Allowed, None) => Completion::PresumedShown,
        (Outcome::Allowed, Some((last, shown))) => Completion::Shown { at: at(last)?, shown },
    };
    // What became of a choice is consent's to tell.
    Ok(Entry { opened: OpenEntry { choice: None, ..opened(row)? }, completion })
}

fn at(micros: i64) -> Result<Timestamp, DbErr> {
    Timestamp::from_microsecond(micros).map_err(|e| DbErr::Type(e.to_string()))
}

fn opened(row: opened::Model) -> Result<OpenEntry, DbErr> {
    let what: What = from_name(&row.what)?;
    let audience: ServiceName = from_name(&row.audience)?;
    Ok(OpenEntry {
        id: row.id,
        view: ViewId(row.view),
        at: at(row.at)?,
        actor: from_text(&row.actor)?,
        audience,
        what,
        outcome: from_name(&row.outcome)?,
        reason: row.reason,
        people: from_text(&row.people)?,
        datasets: from_text(&row.datasets)?,
        policy_version: row.policy_version,
        choice: row.choice.as_deref().map(from_text).transpose()?,
    })
}

/// Acts on choices after `after`, in the order of their ids.
pub async fn choice_steps(db: &impl ConnectionTrait, after: Uuid) -> Result<Vec<OpenEntry>, DbErr> {
    let rows = opened::Entity::find()
        .filter(opened::Column::Choice.is_not_null())
        .filter(opened::Column::Id.gt(after))
        .order_by_asc(opened::Column::Id)
        .limit(MOST_STEPS as u64)
        .all(db)
        .await?;
    rows.into_iter().map(opened).collect()
}

/// What searches find an entry by.
pub async fn indexed(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Indexed>, DbErr> {
    let Some(row) = opened::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let subjects = subject::Entity::find().filter(subject::Column::Entry.eq(id)).all(db).await?;
    let mut people: Vec<Uuid> = subjects.into_iter().map(|one| one.person).collect();
    people.sort_unstable();
    Ok(Some(Indexed { org: row.org, people }))
}

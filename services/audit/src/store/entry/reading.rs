//! The log as it is read: entries with what was shown, by page; acts on choices in their order. It must never write.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use lcr_contracts::audit::{Completion, Entry, EntryQuery, MOST_STEPS, OpenEntry, Outcome, Shown, What};
use lcr_model::{OdsCode, PersonId, ServiceName, ViewId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use uuid::Uuid;

use super::{Canonical, completion, concern, from_name, from_text, opened, subject};

/// Whose log is read.
#[derive(Debug, Clone, Copy)]
pub enum Reader<'a> {
    /// The person's own, as policy allows.
    Person,
    /// An officer of this organisation: looks by its staff, and looks at its people.
    Officer(&'a OdsCode),
}

/// A page of the log, newest first.
pub async fn page(
    db: &impl ConnectionTrait,
    query: &EntryQuery,
    reader: Reader<'_>,
) -> Result<Vec<Entry>, DbErr> {
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
    if let Some(what) = query.what {
        find = find.filter(opened::Column::What.eq(what.as_str()));
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
    if let Reader::Officer(org) = reader {
        find = find.filter(concerns(org, query.person));
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
            entry(row, told, query.person, reader)
        })
        .collect()
}

/// Entries of the organisation's staff, or about its people; about one of them, where one is asked for.
fn concerns(org: &OdsCode, person: Option<PersonId>) -> Condition {
    let mut about = concern::Entity::find()
        .select_only()
        .column(concern::Column::Entry)
        .filter(concern::Column::Org.eq(org.as_str()));
    if let Some(person) = person {
        about = about.filter(concern::Column::Person.eq(person.0));
    }
    let own = opened::Column::Org.eq(org.as_str());
    Condition::any().add(own).add(opened::Column::Id.in_subquery(about.into_query()))
}

/// Those of an entry's people whom the reader may read of.
fn readable(opened: &OpenEntry, reader: Reader<'_>) -> Vec<PersonId> {
    match reader {
        Reader::Officer(org) if opened.actor.org != *org => {
            opened.concerned.get(org).cloned().unwrap_or_default()
        }
        Reader::Officer(_) | Reader::Person => opened.people.clone(),
    }
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
fn entry(
    row: opened::Model,
    told: &[completion::Model],
    about: Option<PersonId>,
    reader: Reader<'_>,
) -> Result<Entry, DbErr> {
    let opened = opened(row)?;
    let people = readable(&opened, reader);
    let told_of = about.map_or_else(|| people.clone(), |person| vec![person]);
    let completion = match (opened.outcome, shown(&told_of, told)?) {
        (Outcome::Refused, _) => Completion::NothingShown,
        // The view was completed, and nothing of this person was in it.
        (Outcome::Allowed, None) if about.is_some() && !told.is_empty() => {
            let last = told.iter().map(|one| one.at).max().unwrap_or(opened.at.as_microsecond());
            Completion::Shown { at: at(last)?, shown: vec![] }
        }
        (Outcome::Allowed, None) => Completion::PresumedShown,
        (Outcome::Allowed, Some((last, shown))) => Completion::Shown { at: at(last)?, shown },
    };
    // What became of a choice is consent's to tell, and whose people they are is nobody else's.
    let opened = OpenEntry { choice: None, concerned: BTreeMap::new(), people, ..opened };
    Ok(Entry { opened, completion })
}

/// Whether an officer of this organisation reads the entry at all.
pub async fn is_concerned(db: &impl ConnectionTrait, entry: Uuid, org: &OdsCode) -> Result<bool, DbErr> {
    let found = opened::Entity::find_by_id(entry).filter(concerns(org, None)).one(db).await?;
    Ok(found.is_some())
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
        concerned: row.concerned.as_deref().map(from_text).transpose()?.unwrap_or_default(),
    })
}

/// The entries with these ids, as they were opened, each with its hashed form; one that does not read is left out.
pub async fn find(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<(OpenEntry, Canonical)>, DbErr> {
    let rows = opened::Entity::find().filter(opened::Column::Id.is_in(ids.iter().copied())).all(db).await?;
    let read = |row: opened::Model| Some((opened(row.clone()).ok()?, super::canonical_of(row).ok()?));
    Ok(rows.into_iter().filter_map(read).collect())
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

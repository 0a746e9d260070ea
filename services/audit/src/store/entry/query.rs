//! Reads the log: pages of entries with what was shown, and changes of choices in order. It must never write.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use lcr_contracts::{
    audit::{AccessKind, Completion, Entry, EntryQuery, MAX_CHOICE_STEPS, OpenEntry, Outcome, ShownDataset},
    choices::receipt_number,
};
use lcr_model::{OdsCode, PersonId, ServiceName, ViewId};
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Func, LikeExpr},
};
use uuid::Uuid;

use super::{CanonicalRow, completion, concern, from_name, from_text, opened, subject};
use crate::domain::officer_access::{IncidentScope, incident_people, own_people};

/// Who reads the log.
#[derive(Debug, Clone, Copy)]
pub enum Reader<'a> {
    /// The person whom the entries are about.
    Person,
    /// An officer of this organisation. They read looks by its staff and looks at its people.
    Officer(&'a OdsCode),
    /// An officer of this organisation, through an incident.
    Incident(&'a OdsCode, &'a IncidentScope),
}

/// A page of the log, newest first.
pub async fn read_page(
    db: &impl ConnectionTrait,
    query: &EntryQuery,
    reader: Reader<'_>,
) -> Result<Vec<Entry>, StoreError> {
    let limit = u64::from(query.limit.unwrap_or(50).clamp(1, 200));
    let mut select = opened::Entity::find().order_by_desc(opened::Column::Id).limit(limit);
    if let Some(before) = query.before {
        select = select.filter(opened::Column::Id.lt(before));
    }
    if let Some(org) = &query.org {
        select = select.filter(opened::Column::Org.eq(org.as_str()));
    }
    if let Some(from) = query.from {
        select = select.filter(opened::Column::At.gte(from.as_microsecond()));
    }
    if let Some(until) = query.until {
        select = select.filter(opened::Column::At.lt(until.as_microsecond()));
    }
    if let Some(what) = query.what {
        select = select.filter(opened::Column::What.eq(what.as_str()));
    }
    if let Some(user) = &query.user {
        select = select.filter(opened::Column::User.eq(user));
    }
    if let Some(name) = &query.name {
        select = select.filter(name_filter(name)?);
    }
    if let Some(person) = query.person {
        let about = subject::Entity::find()
            .select_only()
            .column(subject::Column::Entry)
            .filter(subject::Column::Person.eq(person.0))
            .into_query();
        select = select.filter(opened::Column::Id.in_subquery(about));
    }
    select = match reader {
        Reader::Person => select,
        Reader::Officer(org) => select.filter(officer_filter(org, query.person)),
        Reader::Incident(_, incident) => select.filter(incident_filter(incident)),
    };
    let rows = select.all(db).await?;
    let views = rows.iter().map(|row| row.view);
    let completions = completion::Entity::find().filter(completion::Column::View.is_in(views)).all(db).await?;
    let mut by_view: HashMap<Uuid, Vec<completion::Model>> = HashMap::new();
    for row in completions {
        by_view.entry(row.view).or_default().push(row);
    }
    let about = match reader {
        Reader::Incident(_, incident) => Some(incident.person),
        Reader::Person | Reader::Officer(_) => query.person,
    };
    let readable = |row: opened::Model| {
        let completions = by_view.get(&row.view).map_or(&[][..], Vec::as_slice);
        to_entry(row, completions, about, reader).transpose()
    };
    Ok(rows.into_iter().filter_map(readable).collect::<Result<_, DbErr>>()?)
}

/// Makes the next letter of a pattern an ordinary one. Not a backslash, which JSON uses itself.
const ESCAPE: char = '!';

/// Selects entries whose reader's name contains this text.
fn name_filter(name: &str) -> Result<Condition, DbErr> {
    let actor = || opened::Column::Actor.into_expr();
    let pattern = |text: &str| name_pattern(text).map(|pattern| LikeExpr::new(pattern).escape(ESCAPE));
    let in_lower_case = Expr::from(Func::lower(actor())).like(pattern(&name.to_lowercase())?);
    // A store may lower only the letters A to Z.
    Ok(Condition::any().add(in_lower_case).add(actor().like(pattern(name)?)))
}

/// The pattern that finds `text` in the name of an actor's JSON. `Actor` writes its organisation right after its name.
fn name_pattern(text: &str) -> Result<String, DbErr> {
    let text = super::to_text(&text)?;
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default();
    let mut escaped = String::new();
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | ESCAPE) {
            escaped.push(ESCAPE);
        }
        escaped.push(letter);
    }
    Ok(format!(r#"%"name":"%{escaped}%","org":%"#))
}

/// Selects entries by the organisation's staff or about its people. If `person` is given, only that person counts.
fn officer_filter(org: &OdsCode, person: Option<PersonId>) -> Condition {
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

/// Selects entries inside the incident that its owner may read about its person. `officer_access` decides on each of them
/// again.
fn incident_filter(incident: &IncidentScope) -> Condition {
    let about = subject::Entity::find()
        .select_only()
        .column(subject::Column::Entry)
        .filter(subject::Column::Person.eq(incident.person.0))
        .into_query();
    let inside = officer_filter(&incident.owner, Some(incident.person));
    let mut all = Condition::all()
        .add(inside)
        .add(opened::Column::Id.in_subquery(about))
        .add(opened::Column::What.ne(AccessKind::Incident.as_str()))
        .add(opened::Column::At.gte(incident.from.as_microsecond()))
        .add(opened::Column::At.lt(incident.until.as_microsecond()));
    if let Some(user) = &incident.user {
        all = all.add(opened::Column::User.eq(user.as_str()));
    }
    all
}

/// The people of an entry that the reader may see. `None` if they may not see the entry.
fn readable_people(opened: &OpenEntry, reader: Reader<'_>) -> Option<Vec<PersonId>> {
    match reader {
        Reader::Person => Some(opened.people.clone()),
        Reader::Officer(org) => own_people(opened, org),
        Reader::Incident(org, incident) => incident_people(opened, org, incident),
    }
}

/// What the view showed of these people, from all its completions: the newest state of each source and dataset. `None`
/// without a completion.
fn merge_shown(
    people: &[PersonId],
    completions: &[completion::Model],
) -> Result<Option<(i64, Vec<ShownDataset>)>, DbErr> {
    let mut about: Vec<_> =
        completions.iter().filter(|completion| people.contains(&PersonId(completion.person))).collect();
    about.sort_by_key(|completion| completion.at);
    let Some(last) = about.last().map(|completion| completion.at) else { return Ok(None) };
    let mut all: Vec<ShownDataset> = vec![];
    for completion in about {
        for shown in from_text::<Vec<ShownDataset>>(&completion.shown)? {
            all.retain(|older| (&older.source, older.dataset) != (&shown.source, shown.dataset));
            all.push(shown);
        }
    }
    Ok(Some((last, all)))
}

/// Makes an entry for the reader, or `None` if they may not read it. With `about`, it contains only what was shown of that
/// person.
fn to_entry(
    row: opened::Model,
    completions: &[completion::Model],
    about: Option<PersonId>,
    reader: Reader<'_>,
) -> Result<Option<Entry>, DbErr> {
    let opened = to_open_entry(row)?;
    let Some(people) = readable_people(&opened, reader) else { return Ok(None) };
    let shown_people = about.map_or_else(|| people.clone(), |person| vec![person]);
    let completion = match (opened.outcome, merge_shown(&shown_people, completions)?) {
        (Outcome::Refused, _) => Completion::NothingShown,
        // The view was completed and showed nothing of this person.
        (Outcome::Allowed, None) if about.is_some() && !completions.is_empty() => {
            let last = completions.iter().map(|completion| completion.at).max().unwrap_or(opened.at.as_microsecond());
            Completion::Shown { at: to_timestamp(last)?, shown: vec![] }
        }
        (Outcome::Allowed, None) => Completion::PresumedShown,
        (Outcome::Allowed, Some((last, shown))) => Completion::Shown { at: to_timestamp(last)?, shown },
    };
    let receipt = opened.choice.as_ref().map(|step| receipt_number(step.origin));
    // Only consent reveals changes of choices, and no reader learns which other organisations are concerned.
    let opened = OpenEntry { choice: None, concerned: BTreeMap::new(), people, ..opened };
    Ok(Some(Entry { opened, completion, receipt }))
}

/// Those of these entries that an officer of this organisation reads.
pub async fn find_concerning(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
    org: &OdsCode,
) -> Result<HashSet<Uuid>, StoreError> {
    let mut found = HashSet::new();
    for chunk in ids.chunks(500) {
        let rows: Vec<Uuid> = opened::Entity::find()
            .select_only()
            .column(opened::Column::Id)
            .filter(opened::Column::Id.is_in(chunk.iter().copied()))
            .filter(officer_filter(org, None))
            .into_tuple()
            .all(db)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

fn to_timestamp(micros: i64) -> Result<Timestamp, DbErr> {
    Timestamp::from_microsecond(micros).map_err(|e| DbErr::Type(e.to_string()))
}

fn to_open_entry(row: opened::Model) -> Result<OpenEntry, DbErr> {
    let what: AccessKind = from_name(&row.what)?;
    let audience: ServiceName = from_name(&row.audience)?;
    Ok(OpenEntry {
        id: row.id,
        view: ViewId(row.view),
        at: to_timestamp(row.at)?,
        actor: from_text(&row.actor)?,
        audience,
        what,
        outcome: from_name(&row.outcome)?,
        reason: row.reason.into(),
        people: from_text(&row.people)?,
        datasets: from_text(&row.datasets)?,
        policy_version: row.policy_version,
        choice: row.choice.as_deref().map(from_text).transpose()?,
        concerned: row.concerned.as_deref().map(from_text).transpose()?.unwrap_or_default(),
    })
}

/// The entries with these ids, each with its hashed form. Unreadable ones are left out.
pub async fn find_entries(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<Vec<(OpenEntry, CanonicalRow)>, StoreError> {
    let rows = opened::Entity::find().filter(opened::Column::Id.is_in(ids.iter().copied())).all(db).await?;
    let parse = |row: opened::Model| Some((to_open_entry(row.clone()).ok()?, super::to_canonical(row).ok()?));
    Ok(rows.into_iter().filter_map(parse).collect())
}

/// Entries about changes of choices with ids after `after`, in the order of their ids.
pub async fn choice_steps(db: &impl ConnectionTrait, after: Uuid) -> Result<Vec<OpenEntry>, StoreError> {
    let rows = opened::Entity::find()
        .filter(opened::Column::Choice.is_not_null())
        .filter(opened::Column::Id.gt(after))
        .order_by_asc(opened::Column::Id)
        .limit(MAX_CHOICE_STEPS as u64)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(to_open_entry).collect::<Result<_, DbErr>>()?)
}

/// Entries about claims with ids after `after`, in the order of their ids.
pub async fn claim_steps(db: &impl ConnectionTrait, after: Uuid) -> Result<Vec<OpenEntry>, StoreError> {
    let rows = opened::Entity::find()
        .filter(opened::Column::What.eq(AccessKind::Claim.as_str()))
        .filter(opened::Column::Id.gt(after))
        .order_by_asc(opened::Column::Id)
        .limit(MAX_CHOICE_STEPS as u64)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(to_open_entry).collect::<Result<_, DbErr>>()?)
}

//! The queries for lists. They find candidates only: a candidate must never be shown before authorisation.

mod aggregates;

use std::collections::BTreeSet;

pub use aggregates::{count_unmatched, find_people_with_two_open_stays, find_wards};
use jiff::{SignedDuration, Timestamp};
use lcr_contracts::ward::ListOf;
use lcr_model::{OdsCode, PersonId, SourceId, seal::DataKeys};
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select, sea_query::NullOrdering,
};

use super::{
    StoredStay,
    entity::{Column, Entity},
    open_row,
};
use crate::{
    domain::place,
    store::{MAX_ROWS_PER_STATEMENT, person::entity as person},
};

/// An attendance that began earlier has lapsed, even if it was registered again on the next day.
const ATTENDANCES_FROM: SignedDuration = SignedDuration::from_hours(72);
/// A ward without an admission for this long is not offered.
const WARDS_FROM: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The stays that a list is made of, before authorisation.
#[derive(Debug, Clone)]
pub struct CandidateQuery {
    /// The practices of a practice's or team's list.
    pub practices: Vec<OdsCode>,
    pub of: ListOf,
    /// The patients that the reader watches.
    pub watched: BTreeSet<PersonId>,
    /// The sources whose stays may be listed.
    pub sources: Vec<SourceId>,
    pub period: ListPeriod,
}

#[derive(Debug, Clone, Copy)]
pub enum ListPeriod {
    /// Still in hospital at this time.
    InHospital(Timestamp),
    /// Left between these two times.
    Left(Timestamp, Timestamp),
}

fn in_period(period: ListPeriod) -> Condition {
    match period {
        ListPeriod::InHospital(now) => {
            Condition::any().add(Column::LeftAt.is_null()).add(Column::LeftAt.gt(now.as_microsecond()))
        }
        ListPeriod::Left(from, until) => Condition::all()
            .add(Column::LeftAt.gte(from.as_microsecond()))
            .add(Column::LeftAt.lte(until.as_microsecond())),
    }
}

fn on_list(query: &CandidateQuery) -> Condition {
    match &query.of {
        ListOf::Practice(_) | ListOf::Team(_) => {
            let practices = query.practices.iter().map(OdsCode::as_str);
            let people = person::Entity::find()
                .select_only()
                .column(person::Column::Person)
                .filter(person::Column::Practice.is_in(practices));
            Condition::all().add(Column::Person.in_subquery(people.into_query()))
        }
        ListOf::Watched => Condition::all().add(Column::Person.is_in(query.watched.iter().map(|person| person.0))),
        ListOf::Ward(ward) => Condition::all().add(Column::Ward.is_in(place::lookup_keys(ward))),
        ListOf::Consultant(name) => Condition::any()
            .add(Column::Consultant.is_in(place::consultant_keys(name)))
            .add(Column::ConsultantName.is_in(place::consultant_keys(name))),
        // Every stay of the sources; the service compares the specialty.
        ListOf::Specialty(_) | ListOf::Emergency => Condition::all(),
    }
}

/// Finds the candidates of a list. Stays of unknown people are left out: nobody can be authorised to see them.
pub async fn find_candidates(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    query: &CandidateQuery,
    limit: u64,
) -> Result<Vec<StoredStay>, StoreError> {
    let rows = Entity::find()
        .filter(Column::Listed.eq(true))
        .filter(Column::Person.is_not_null())
        .filter(Column::Source.is_in(query.sources.iter().map(SourceId::as_str)))
        .filter(in_period(query.period))
        .filter(on_list(query))
        .order_by_asc(Column::Spell)
        .limit(limit);
    Ok(rows.all(db).await?.into_iter().filter_map(|row| open_row(keys, row)).collect())
}

/// The listed stays of these people at these sources.
pub async fn find_by_people(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    people: &[PersonId],
    sources: &[SourceId],
) -> Result<Vec<StoredStay>, StoreError> {
    let mut found = vec![];
    for chunk in people.chunks(MAX_ROWS_PER_STATEMENT) {
        let rows = Entity::find()
            .filter(Column::Listed.eq(true))
            .filter(Column::Person.is_in(chunk.iter().map(|person| person.0)))
            .filter(Column::Source.is_in(sources.iter().map(SourceId::as_str)));
        found.extend(rows.all(db).await?.into_iter().filter_map(|row| open_row(keys, row)));
    }
    Ok(found)
}

/// The listed stays at these sources of patients who are in hospital, of unknown people too.
pub async fn find_in_hospital(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    sources: &[SourceId],
    now: Timestamp,
) -> Result<Vec<StoredStay>, StoreError> {
    let rows = in_hospital(true, sources, now).all(db).await?;
    Ok(rows.into_iter().filter_map(|row| open_row(keys, row)).collect())
}

/// The newest listed stays at these sources of known people in hospital, and whether there are more than `most`.
pub async fn find_newest_in_hospital(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    sources: &[SourceId],
    now: Timestamp,
    most: usize,
) -> Result<(Vec<StoredStay>, bool), StoreError> {
    find_newest(db, keys, in_hospital(true, sources, now), most).await
}

/// The newest stays on no list that began recently and have not ended, at a clinic or an emergency department, and whether
/// there are more than `most`.
pub async fn find_attending(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    sources: &[SourceId],
    now: Timestamp,
    most: usize,
) -> Result<(Vec<StoredStay>, bool), StoreError> {
    let since = now.saturating_sub(ATTENDANCES_FROM).unwrap_or(now);
    let rows = in_hospital(false, sources, now).filter(Column::AdmittedAt.gte(since.as_microsecond()));
    find_newest(db, keys, rows, most).await
}

fn in_hospital(listed: bool, sources: &[SourceId], now: Timestamp) -> Select<Entity> {
    Entity::find()
        .filter(Column::Listed.eq(listed))
        .filter(Column::Source.is_in(sources.iter().map(SourceId::as_str)))
        .filter(in_period(ListPeriod::InHospital(now)))
}

/// At most `most` stays of known people, the newest first, and whether there are more. A stay without a time of admission
/// is last in both databases.
async fn find_newest(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    rows: Select<Entity>,
    most: usize,
) -> Result<(Vec<StoredStay>, bool), StoreError> {
    let rows = rows
        .filter(Column::Person.is_not_null())
        .order_by_with_nulls(Column::AdmittedAt, Order::Desc, NullOrdering::Last)
        .order_by_asc(Column::Spell)
        .limit(u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1));
    let rows = rows.all(db).await?;
    let has_more = rows.len() > most;
    Ok((rows.into_iter().take(most).filter_map(|row| open_row(keys, row)).collect(), has_more))
}

#[cfg(test)]
#[path = "list_queries_tests.rs"]
mod tests;

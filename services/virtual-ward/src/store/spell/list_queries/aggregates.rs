//! Wards, counts and doubles among the stays of a list. It must never return a name of a person.

use std::collections::HashSet;

use jiff::Timestamp;
use lcr_model::{PersonId, SourceId};
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{
    super::entity::{Column, Entity},
    ListPeriod, WARDS_FROM, in_period,
};
use crate::store::MAX_ROWS_PER_STATEMENT;

/// The keys of the wards that these sources used lately.
pub async fn find_wards(
    db: &impl ConnectionTrait,
    sources: &[SourceId],
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let since = now.saturating_sub(WARDS_FROM).unwrap_or(now);
    let rows = Entity::find()
        .select_only()
        .column(Column::Ward)
        .distinct()
        .filter(Column::Listed.eq(true))
        .filter(Column::Ward.is_not_null())
        .filter(Column::Source.is_in(sources.iter().map(SourceId::as_str)))
        .filter(Column::AdmittedAt.gte(since.as_microsecond()));
    Ok(rows.into_tuple::<String>().all(db).await?)
}

/// The people, with the source, who have more than one open stay there.
pub async fn find_people_with_two_open_stays(
    db: &impl ConnectionTrait,
    people: &[PersonId],
    now: Timestamp,
) -> Result<HashSet<(PersonId, SourceId)>, DbErr> {
    let mut found = HashSet::new();
    for chunk in people.chunks(MAX_ROWS_PER_STATEMENT) {
        let rows = Entity::find()
            .select_only()
            .columns([Column::Person, Column::Source])
            .filter(Column::Listed.eq(true))
            .filter(Column::Person.is_in(chunk.iter().map(|person| person.0)))
            .filter(in_period(ListPeriod::InHospital(now)))
            .group_by(Column::Person)
            .group_by(Column::Source)
            .having(Expr::col(Column::Spell).count().gt(1));
        let rows: Vec<(uuid::Uuid, String)> = rows.into_tuple().all(db).await?;
        found.extend(rows.into_iter().map(|(person, source)| (PersonId(person), SourceId(source))));
    }
    Ok(found)
}

/// Counts stays in hospital of unknown people that began since `since`.
pub async fn count_unmatched(
    db: &impl ConnectionTrait,
    sources: &[SourceId],
    since: Timestamp,
    now: Timestamp,
) -> Result<u32, StoreError> {
    let rows = Entity::find()
        .filter(Column::Listed.eq(true))
        .filter(Column::Person.is_null())
        .filter(Column::Source.is_in(sources.iter().map(SourceId::as_str)))
        .filter(Column::AdmittedAt.gte(since.as_microsecond()))
        .filter(in_period(ListPeriod::InHospital(now)));
    Ok(u32::try_from(rows.count(db).await?).unwrap_or(u32::MAX))
}

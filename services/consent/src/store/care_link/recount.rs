//! Which links count now, found again in batches when a rule or the date changes.

use jiff::Timestamp;
use lcr_contracts::events::CareLink;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use super::{
    entity::{ActiveModel, Column, Entity, Model as CareLinkRow},
    to_link,
};
use crate::domain::care_links::period;

/// The links of one write, so that nobody waits long.
const RECOUNTED_AT_ONCE: u64 = 500;

/// The key of a stored link: its source and its own.
pub type LinkKey = (String, String);

/// Computes again when the links after `after` count, in the order of their keys and one batch at a time. Returns the last key,
/// if there may be more, and the identity keys of the people whose relationships at `now` may have changed.
pub async fn recount_batch(
    tx: &impl ConnectionTrait,
    (source, link): LinkKey,
    now: Timestamp,
) -> Result<(Option<LinkKey>, Vec<String>), DbErr> {
    let same_source = Condition::all().add(Column::Source.eq(source.as_str())).add(Column::Link.gt(link));
    let later = Condition::any().add(Column::Source.gt(source.as_str())).add(same_source);
    let rows = Entity::find().filter(later).order_by_asc(Column::Source).order_by_asc(Column::Link);
    let rows = rows.limit(RECOUNTED_AT_ONCE).all(tx).await?;
    let last = rows.last().map(|row| (row.source.clone(), row.link.clone()));
    let mut affected = vec![];
    for row in rows {
        let stored = to_link(row.clone())?;
        let (counts_from, counts_until) = counts(&stored.link, stored.arrived);
        let recounted = CareLinkRow { counts_from, counts_until, ..row.clone() };
        if recounted == row {
            continue;
        }
        if recounted.effect(now) != row.effect(now) {
            affected.push(row.identity_key.clone());
        }
        let change = ActiveModel {
            counts_from: Set(recounted.counts_from),
            counts_until: Set(recounted.counts_until),
            ..Default::default()
        };
        let update = Entity::update_many().set(change).filter(Column::Source.eq(row.source));
        update.filter(Column::Link.eq(row.link)).exec(tx).await?;
    }
    Ok((last, affected))
}

/// When a link counts, for queries.
pub(super) fn counts(link: &CareLink, arrived: Timestamp) -> (i64, Option<i64>) {
    match period(link, arrived) {
        Some(period) => (period.from.as_microsecond(), period.until.map(Timestamp::as_microsecond)),
        None => (0, Some(0)),
    }
}

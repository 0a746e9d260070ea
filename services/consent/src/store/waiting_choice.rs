//! The query for objections that wait for the officers of an organisation. It finds candidates only: the policy decides which
//! of them an officer may review.

use jiff::Timestamp;
use lcr_contracts::choices::ChoiceStatus;
use lcr_model::{
    OdsCode, SourceId,
    discharge_window::{WINDOW_DAYS, window_start},
};
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use super::{
    choice::{ChoiceRow, row, to_name},
    person::entity as person,
    stay::entity as stay,
};

/// The objections that wait for a review and may concern an organisation with these systems, by id, after the id `after`. Ids
/// grow with time.
pub async fn find_waiting(
    db: &impl ConnectionTrait,
    (organisation, systems): (&OdsCode, &[&SourceId]),
    now: Timestamp,
    after: Uuid,
    limit: usize,
) -> Result<Vec<ChoiceRow>, StoreError> {
    let waiting = [ChoiceStatus::Applied, ChoiceStatus::Requested].map(|status| to_name(&status));
    let waiting = waiting.into_iter().collect::<Result<Vec<_>, DbErr>>()?;
    let rows = row::Entity::find()
        .filter(row::Column::Status.is_in(waiting.clone()))
        .filter(row::Column::Id.gt(after))
        .filter(may_concern(organisation, systems, &waiting, now));
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    Ok(rows.order_by_asc(row::Column::Id).limit(limit).all(db).await?)
}

/// The choices of people who are registered with the organisation, have a record in one of its systems, are or were lately
/// in hospital there, or name it in a choice: the links of `officers-review-choices` in `policies/choices.cedar`.
fn may_concern(organisation: &OdsCode, systems: &[&SourceId], waiting: &[String], now: Timestamp) -> Condition {
    let of_waiting = || {
        let rows = row::Entity::find().filter(row::Column::Status.is_in(waiting.iter().cloned()));
        rows.select_only().column(row::Column::Person).into_query()
    };
    let registered = Condition::any().add(person::Column::Practice.eq(organisation.as_str()));
    let known = systems.iter().fold(registered, |known, system| {
        known.add(person::Column::Identities.contains(format!("identity/{system}|")))
    });
    let known = person::Entity::find().filter(person::Column::Person.in_subquery(of_waiting())).filter(known);
    let window_start = window_start(now, WINDOW_DAYS).as_microsecond();
    let stayed = stay::Entity::find()
        .filter(stay::Column::Counts.eq(true))
        .filter(Condition::any().add(stay::Column::Until.is_null()).add(stay::Column::Until.gte(window_start)))
        .filter(stay::Column::Person.in_subquery(of_waiting()))
        .filter(stay::Column::Organisation.eq(organisation.as_str()));
    let naming = row::Entity::find().filter(row::Column::Organisation.eq(organisation.as_str()));
    Condition::any()
        .add(row::Column::Person.in_subquery(known.select_only().column(person::Column::Person).into_query()))
        .add(row::Column::Person.in_subquery(stayed.select_only().column(stay::Column::Person).into_query()))
        .add(row::Column::Person.in_subquery(naming.select_only().column(row::Column::Person).into_query()))
}

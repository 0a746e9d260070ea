//! The claims that an officer reviews. It must find no other organisation's claims, except those that no officer reviews.

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::claims::ClaimOutcome;
use lcr_model::OdsCode;
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Set, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    ClaimRow, officer,
    row::{self, Column, Entity},
};
use crate::{
    domain::claims::{ClaimKind, REVIEWED_KINDS},
    store::choice::to_name,
};

/// Whose claims an officer reviews.
#[derive(Debug, Clone, Copy)]
pub struct Reviewer<'a> {
    pub organisation: &'a OdsCode,
    pub user: &'a str,
    /// Also reviews for organisations whose officers were not seen since this time.
    pub for_others_since: Option<Timestamp>,
}

impl Reviewer<'_> {
    /// The claims that this officer reviews: not their own, and no launch of a person whom the organisation's systems hold.
    fn condition(self) -> Condition {
        let own = Condition::any().add(Column::Organisation.eq(self.organisation.as_str()));
        let organisations = self.for_others_since.into_iter().fold(own, |any, since| {
            let attended = officer::Entity::find().filter(officer::Column::SeenAt.gt(since.as_microsecond()));
            let attended = attended.select_only().column(officer::Column::Organisation).into_query();
            any.add(Column::Organisation.not_in_subquery(attended))
        });
        let reviewed_kinds = REVIEWED_KINDS.iter().map(ClaimKind::as_str);
        Condition::all().add(organisations).add(Column::Kind.is_in(reviewed_kinds)).add(Column::User.ne(self.user))
    }
}

/// The claims that wait for this officer, the oldest first.
pub async fn waiting(
    db: &impl ConnectionTrait,
    reviewer: Reviewer<'_>,
    limit: u64,
) -> Result<Vec<ClaimRow>, StoreError> {
    let rows = Entity::find().filter(reviewer.condition()).filter(Column::Outcome.is_null());
    Ok(rows.order_by_asc(Column::MadeAt).order_by_asc(Column::Id).limit(limit).all(db).await?)
}

/// The claims that were reviewed last.
pub async fn reviewed(
    db: &impl ConnectionTrait,
    reviewer: Reviewer<'_>,
    limit: u64,
) -> Result<Vec<ClaimRow>, StoreError> {
    let rows = Entity::find().filter(reviewer.condition()).filter(Column::Outcome.is_not_null());
    Ok(rows.order_by_desc(Column::ReviewedAt).limit(limit).all(db).await?)
}

/// How many claims of these kinds wait for this officer.
pub async fn count_waiting(
    db: &impl ConnectionTrait,
    reviewer: Reviewer<'_>,
    kinds: &[ClaimKind],
) -> Result<u64, StoreError> {
    let rows = Entity::find().filter(reviewer.condition()).filter(Column::Outcome.is_null());
    Ok(rows.filter(Column::Kind.is_in(kinds.iter().map(ClaimKind::as_str))).count(db).await?)
}

/// Whether this officer reviews the claim.
pub async fn is_reviewed_by(
    db: &impl ConnectionTrait,
    reviewer: Reviewer<'_>,
    claim: Uuid,
) -> Result<bool, StoreError> {
    Ok(Entity::find_by_id(claim).filter(reviewer.condition()).count(db).await? > 0)
}

/// Who reviews a claim, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewedBy {
    pub user: String,
    pub at: Timestamp,
}

/// After this long another review may begin: the process that began the first one has ended.
const MAX_REVIEW_TIME: SignedDuration = SignedDuration::from_secs(30);

/// Reserves the review of a claim, before it is logged. False if the claim has a review, or another one is being logged.
pub async fn begin_review(tx: &impl ConnectionTrait, claim: Uuid, by: &ReviewedBy) -> Result<bool, DbErr> {
    let begun_before = (by.at - MAX_REVIEW_TIME).as_microsecond();
    let is_free = Condition::any().add(Column::ReviewedAt.is_null()).add(Column::ReviewedAt.lt(begun_before));
    let change = row::ActiveModel {
        reviewed_by: Set(Some(by.user.clone())),
        reviewed_at: Set(Some(by.at.as_microsecond())),
        ..Default::default()
    };
    let update = Entity::update_many().set(change).filter(Column::Id.eq(claim)).filter(Column::Outcome.is_null());
    Ok(update.filter(is_free).exec(tx).await?.rows_affected > 0)
}

/// Gives back a reservation whose review could not be logged.
pub async fn cancel_review(tx: &impl ConnectionTrait, claim: Uuid, by: &ReviewedBy) -> Result<(), DbErr> {
    let change = row::ActiveModel { reviewed_by: Set(None), reviewed_at: Set(None), ..Default::default() };
    Entity::update_many().set(change).filter(reserved(claim, by)).exec(tx).await.map(|_| ())
}

/// Stores a review that was reserved and logged. False if another one took its place.
pub async fn store_review(
    tx: &impl ConnectionTrait,
    claim: Uuid,
    outcome: ClaimOutcome,
    sealed: String,
    by: &ReviewedBy,
) -> Result<bool, DbErr> {
    let change =
        row::ActiveModel { outcome: Set(Some(to_name(&outcome)?)), review: Set(Some(sealed)), ..Default::default() };
    Ok(Entity::update_many().set(change).filter(reserved(claim, by)).exec(tx).await?.rows_affected > 0)
}

/// The claim, if this reservation is the last one and no review is stored.
fn reserved(claim: Uuid, by: &ReviewedBy) -> Condition {
    Condition::all()
        .add(Column::Id.eq(claim))
        .add(Column::Outcome.is_null())
        .add(Column::ReviewedBy.eq(by.user.as_str()))
        .add(Column::ReviewedAt.eq(by.at.as_microsecond()))
}

/// Stores a review from the audit log, which does not have its words. False if the claim is unknown or has a review.
pub async fn restore_review(
    tx: &impl ConnectionTrait,
    claim: Uuid,
    outcome: ClaimOutcome,
    by: &ReviewedBy,
) -> Result<bool, DbErr> {
    let change = row::ActiveModel {
        outcome: Set(Some(to_name(&outcome)?)),
        reviewed_by: Set(Some(by.user.clone())),
        reviewed_at: Set(Some(by.at.as_microsecond())),
        ..Default::default()
    };
    let update = Entity::update_many().set(change).filter(Column::Id.eq(claim)).filter(Column::Outcome.is_null());
    Ok(update.exec(tx).await?.rows_affected > 0)
}

pub async fn officer_seen_at(db: &impl ConnectionTrait, organisation: &str) -> Result<Option<i64>, StoreError> {
    Ok(officer::Entity::find_by_id(organisation).one(db).await?.map(|row| row.seen_at))
}

pub async fn record_officer(tx: &impl ConnectionTrait, organisation: String, now: Timestamp) -> Result<(), DbErr> {
    let row = officer::ActiveModel { organisation: Set(organisation), seen_at: Set(now.as_microsecond()) };
    let on_conflict =
        OnConflict::column(officer::Column::Organisation).update_column(officer::Column::SeenAt).to_owned();
    officer::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await.map(|_| ())
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;

//! Claims by users without a recorded link, and when officers last read their queues. A claim is added once; only its review
//! changes it.

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_contracts::claims::ClaimOutcome;
use lcr_model::{Actor, OdsCode, PersonId};
use lcr_store::StoreError;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Set, sea_query::OnConflict,
};
use uuid::Uuid;

use super::choice::{from_name, to_name};
use crate::domain::claims::{ClaimKind, Validity};

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "access_claim")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub person: Uuid,
        pub user: String,
        /// The claimant as an officer reads it.
        pub user_words: String,
        pub organisation: String,
        pub role: String,
        pub kind: String,
        pub reason: Option<String>,
        pub permission: Option<String>,
        /// Sealed with `consent/claim/<id>/text`.
        pub text: Option<String>,
        /// Microseconds since 1970, as the other times.
        pub made_at: i64,
        pub until: i64,
        pub session: Uuid,
        pub outcome: Option<String>,
        /// Sealed with `consent/claim/<id>/review`.
        pub review: Option<String>,
        pub reviewed_by: Option<String>,
        pub reviewed_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// When an officer of an organisation last read the claims of its staff.
pub mod officer {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "claim_officer")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub organisation: String,
        pub seen_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub use row::Model as ClaimRow;
use row::{Column, Entity};

impl ClaimRow {
    pub fn outcome(&self) -> Result<Option<ClaimOutcome>, DbErr> {
        self.outcome.as_deref().map(from_name).transpose()
    }

    pub fn kind(&self) -> ClaimKind {
        self.kind.as_str().into()
    }

    pub fn validity(&self) -> Result<Validity, DbErr> {
        Ok(Validity { made_at: time(self.made_at)?, until: time(self.until)?, outcome: self.outcome()? })
    }
}

pub fn time(micros: i64) -> Result<Timestamp, DbErr> {
    Timestamp::from_microsecond(micros).map_err(|e| DbErr::Type(e.to_string()))
}

/// The actor's claims that may count at `now`, by person. A claim with an unreadable outcome or time does not count.
pub async fn counting(
    db: &impl ConnectionTrait,
    actor: &Actor,
    now: Timestamp,
) -> Result<HashMap<PersonId, Vec<ClaimRow>>, StoreError> {
    let rows = Entity::find()
        .filter(Column::User.eq(actor.user.as_str()))
        .filter(Column::Until.gt(now.as_microsecond()))
        .filter(Column::Organisation.eq(actor.org.as_str()))
        .filter(Column::Role.eq(actor.role.as_str()))
        .order_by_asc(Column::MadeAt);
    let mut counting: HashMap<PersonId, Vec<ClaimRow>> = HashMap::new();
    for row in rows.all(db).await? {
        if row.validity().is_ok_and(|validity| validity.counts_at(now)) {
            counting.entry(PersonId(row.person)).or_default().push(row);
        }
    }
    Ok(counting)
}

/// How many claims of this kind the user made since `since`.
pub async fn count_since(
    db: &impl ConnectionTrait,
    user: &str,
    kind: &ClaimKind,
    since: Timestamp,
) -> Result<u64, StoreError> {
    let rows = Entity::find().filter(Column::User.eq(user)).filter(Column::Kind.eq(kind.as_str()));
    Ok(rows.filter(Column::MadeAt.gt(since.as_microsecond())).count(db).await?)
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<ClaimRow>, StoreError> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

pub async fn insert(tx: &impl ConnectionTrait, row: ClaimRow) -> Result<(), DbErr> {
    let active: row::ActiveModel = row.into();
    Entity::insert(active.reset_all()).exec_without_returning(tx).await.map(|_| ())
}

/// Whose claims an officer reviews.
#[derive(Debug, Clone, Copy)]
pub struct Reviewer<'a> {
    pub organisation: &'a OdsCode,
    pub user: &'a str,
    /// Also reviews for organisations whose officers were not seen since this time.
    pub for_others_since: Option<Timestamp>,
}

impl Reviewer<'_> {
    /// The claims that this officer reviews: not launches, and not their own.
    fn condition(self) -> Condition {
        let own = Condition::any().add(Column::Organisation.eq(self.organisation.as_str()));
        let organisations = self.for_others_since.into_iter().fold(own, |any, since| {
            let attended = officer::Entity::find().filter(officer::Column::SeenAt.gt(since.as_microsecond()));
            let attended = attended.select_only().column(officer::Column::Organisation).into_query();
            any.add(Column::Organisation.not_in_subquery(attended))
        });
        let reviewed_kinds = [ClaimKind::SelfClaim, ClaimKind::Override].map(String::from);
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

/// How many claims of this kind wait for this officer.
pub async fn count_waiting(
    db: &impl ConnectionTrait,
    reviewer: Reviewer<'_>,
    kind: &ClaimKind,
) -> Result<u64, StoreError> {
    let rows = Entity::find().filter(reviewer.condition()).filter(Column::Outcome.is_null());
    Ok(rows.filter(Column::Kind.eq(kind.as_str())).count(db).await?)
}

/// Whether this officer reviews the claim.
pub async fn is_reviewed_by(
    db: &impl ConnectionTrait,
    reviewer: Reviewer<'_>,
    claim: Uuid,
) -> Result<bool, StoreError> {
    Ok(Entity::find_by_id(claim).filter(reviewer.condition()).count(db).await? > 0)
}

/// Stores a review. Fails if somebody else has reviewed the claim meanwhile.
pub async fn store_review(
    tx: &impl ConnectionTrait,
    claim: Uuid,
    outcome: ClaimOutcome,
    sealed: String,
    (by, at): (String, Timestamp),
) -> Result<(), DbErr> {
    let change = row::ActiveModel {
        outcome: Set(Some(to_name(&outcome)?)),
        review: Set(Some(sealed)),
        reviewed_by: Set(Some(by)),
        reviewed_at: Set(Some(at.as_microsecond())),
        ..Default::default()
    };
    let update = Entity::update_many().set(change).filter(Column::Id.eq(claim)).filter(Column::Outcome.is_null());
    let changed = update.exec(tx).await?;
    if changed.rows_affected == 0 {
        return Err(DbErr::Custom("the claim was reviewed meanwhile".into()));
    }
    Ok(())
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

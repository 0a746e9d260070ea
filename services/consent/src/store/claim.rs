//! Claims by users without a recorded link, and when officers last read their queues. A claim is stored as an attempt that
//! opens nothing, and put in force once it is on the audit log. After that only its review changes it.

pub mod queue;

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_contracts::claims::ClaimOutcome;
use lcr_model::{Actor, PersonId};
use lcr_store::StoreError;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use uuid::Uuid;

use super::choice::{from_name, to_name};
use crate::domain::claims::{CLAIM_WINDOW, ClaimError, ClaimKind, Validity};

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

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<ClaimRow>, StoreError> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Stores a claim as an attempt that opens nothing. It counts towards the user's limit, and waits for an officer. Only one
/// write runs at a time, so nobody exceeds the limit by asking twice at once.
pub async fn reserve(tx: &impl ConnectionTrait, row: ClaimRow) -> Result<Result<(), ClaimError>, DbErr> {
    let (kind, since) = (row.kind(), (time(row.made_at)? - CLAIM_WINDOW).as_microsecond());
    let of_kinds = |kinds: &[ClaimKind]| {
        let names: Vec<&str> = kinds.iter().map(ClaimKind::as_str).collect();
        Entity::find().filter(Column::User.eq(row.user.as_str())).filter(Column::Kind.is_in(names))
    };
    let not_justified = of_kinds(kind.barred_by())
        .filter(Column::Person.eq(row.person))
        .filter(Column::Outcome.eq(to_name(&ClaimOutcome::NotJustified)?))
        .filter(Column::ReviewedAt.gt(since));
    if not_justified.count(tx).await? > 0 {
        return Ok(Err(ClaimError::FoundNotJustified));
    }
    let (kinds, most) = kind.limit();
    if of_kinds(&kinds).filter(Column::MadeAt.gt(since)).count(tx).await? >= most {
        let is_launch = kinds.contains(&ClaimKind::Launch);
        return Ok(Err(if is_launch { ClaimError::TooManyLaunches } else { ClaimError::TooMany }));
    }
    let attempt = ClaimRow { until: row.made_at, ..row };
    Entity::insert(row::ActiveModel::from(attempt).reset_all()).exec_without_returning(tx).await?;
    Ok(Ok(()))
}

pub async fn put_in_force(tx: &impl ConnectionTrait, claim: Uuid, until: i64) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::Until, Expr::value(until)).filter(Column::Id.eq(claim));
    update.exec(tx).await.map(|_| ())
}

/// Deletes an attempt that the audit log does not have.
pub async fn delete(tx: &impl ConnectionTrait, claim: Uuid) -> Result<(), DbErr> {
    Entity::delete_by_id(claim).exec(tx).await.map(|_| ())
}

/// Ends a claim at `at`, if it would end later. Returns whether it did.
pub async fn end(tx: &impl ConnectionTrait, claim: Uuid, at: Timestamp) -> Result<bool, DbErr> {
    let at = at.as_microsecond();
    let update = Entity::update_many().col_expr(Column::Until, Expr::value(at));
    let update = update.filter(Column::Id.eq(claim)).filter(Column::Until.gt(at));
    Ok(update.exec(tx).await?.rows_affected > 0)
}

/// A claim of the version before has another id in the log. Its entry follows it within this time.
const SAME_CLAIM: jiff::SignedDuration = jiff::SignedDuration::from_secs(10);

/// Stores a claim that the audit log has as made. Returns whether it was missing, or was stored as an attempt only.
pub async fn restore(tx: &impl ConnectionTrait, row: ClaimRow) -> Result<bool, DbErr> {
    if let Some(stored) = Entity::find_by_id(row.id).one(tx).await? {
        let is_attempt = stored.until <= stored.made_at && stored.outcome.is_none();
        if is_attempt {
            put_in_force(tx, row.id, row.until).await?;
        }
        return Ok(is_attempt);
    }
    let (kinds, _) = row.kind().limit();
    let names: Vec<&str> = kinds.iter().map(ClaimKind::as_str).collect();
    let earliest = (time(row.made_at)? - SAME_CLAIM).as_microsecond();
    let same = Entity::find()
        .filter(Column::User.eq(row.user.as_str()))
        .filter(Column::Person.eq(row.person))
        .filter(Column::Kind.is_in(names))
        .filter(Column::MadeAt.between(earliest, row.made_at));
    if same.count(tx).await? > 0 {
        return Ok(false);
    }
    Entity::insert(row::ActiveModel::from(row).reset_all()).exec_without_returning(tx).await?;
    Ok(true)
}

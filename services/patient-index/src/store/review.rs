//! Reviews of doubts about an NHS number: an identity with a known number that is clearly another person. Until a data
//! steward decides, the identity must stay a person of its own.

mod separated;

use jiff::Timestamp;
use lcr_model::{LocalId, PersonId, SourceId, SourceIdentity};
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, entity::prelude::Expr,
};
use uuid::Uuid;

use crate::domain::link::Differences;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "review")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// The identity in doubt.
        pub source: String,
        pub local_id: String,
        /// The person who has the number.
        pub holder: Uuid,
        pub other_sex: bool,
        pub other_birth_date: bool,
        /// `open`, `linked`, `separated`, or `withdrawn` after a correction by the source.
        pub state: String,
        /// Microseconds since 1970.
        pub opened: i64,
        pub closed: Option<i64>,
        pub decided_by: Option<String>,
        pub reason: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub use entity::Model as ReviewRow;
use entity::{Column, Entity};

pub use separated::{find_open, find_open_against, find_separated, move_holder};

const OPEN: &str = "open";
pub const LINKED: &str = "linked";
pub const SEPARATED: &str = "separated";
const WITHDRAWN: &str = "withdrawn";

impl ReviewRow {
    pub fn identity(&self) -> SourceIdentity {
        SourceIdentity { source: SourceId::new(self.source.clone()), local_id: LocalId(self.local_id.clone()) }
    }

    pub fn is_open(&self) -> bool {
        self.state == OPEN
    }
}

/// Opens a review, unless one of the same identity and holder is open already.
pub async fn open(
    tx: &impl ConnectionTrait,
    now: Timestamp,
    identity: &SourceIdentity,
    holder: PersonId,
    differs: Differences,
) -> Result<(), DbErr> {
    let same = Entity::find()
        .filter(Column::Source.eq(identity.source.as_str()))
        .filter(Column::LocalId.eq(identity.local_id.0.as_str()))
        .filter(Column::State.eq(OPEN));
    let open_reviews = same.all(tx).await?;
    if open_reviews.iter().any(|row| row.holder == holder.0) {
        return Ok(());
    }
    let stale: Vec<Uuid> = open_reviews.iter().map(|row| row.id).collect();
    close(tx, now, stale).await?;
    let row = entity::ActiveModel {
        id: Set(Uuid::now_v7()),
        source: Set(identity.source.0.clone()),
        local_id: Set(identity.local_id.0.clone()),
        holder: Set(holder.0),
        other_sex: Set(differs.sex),
        other_birth_date: Set(differs.birth_date),
        state: Set(OPEN.to_owned()),
        opened: Set(now.as_microsecond()),
        closed: Set(None),
        decided_by: Set(None),
        reason: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx).await.map(|_| ())
}

/// Closes the open reviews of identities that are no longer in doubt. Returns the people who had the numbers.
pub async fn withdraw<'i>(
    tx: &impl ConnectionTrait,
    now: Timestamp,
    identities: impl Iterator<Item = &'i SourceIdentity>,
) -> Result<Vec<PersonId>, DbErr> {
    let rows = find_open(tx, identities).await?;
    close(tx, now, rows.iter().map(|row| row.id).collect()).await?;
    Ok(rows.into_iter().map(|row| PersonId(row.holder)).collect())
}

async fn close(tx: &impl ConnectionTrait, now: Timestamp, ids: Vec<Uuid>) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::State, Expr::value(WITHDRAWN))
        .col_expr(Column::Closed, Expr::value(now.as_microsecond()))
        .filter(Column::Id.is_in(ids))
        .exec(tx)
        .await
        .map(|_| ())
}

/// Open reviews after `after`, the oldest first.
pub async fn read_page(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<ReviewRow>, StoreError> {
    let open = Entity::find().filter(Column::State.eq(OPEN)).order_by_asc(Column::Id).limit(limit);
    let open = match after {
        Some(after) => open.filter(Column::Id.gt(after)),
        None => open,
    };
    Ok(open.all(db).await?)
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<ReviewRow>, StoreError> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Closes an open review with a steward's decision. False if it is no longer open.
pub async fn record_decision(
    tx: &impl ConnectionTrait,
    id: Uuid,
    now: Timestamp,
    state: &str,
    by: &str,
    reason: &str,
) -> Result<bool, DbErr> {
    let closed = Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::Closed, Expr::value(now.as_microsecond()))
        .col_expr(Column::DecidedBy, Expr::value(by))
        .col_expr(Column::Reason, Expr::value(reason))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(OPEN))
        .exec(tx)
        .await?;
    Ok(closed.rows_affected == 1)
}

//! Who of an organisation's people looked at patients' data, and since when. It counts entries of the log and
//! nothing else, so that anybody who has the log finds the same figures.

use jiff::Timestamp;
use lcr_contracts::audit::{AccessKind, Outcome, ViewAdoption};
use lcr_model::{OdsCode, UserId};
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, sea_query::Index,
};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use super::{opened, to_name};

/// The views that show patients' data to a member of staff.
const VIEWS: [AccessKind; 3] = [AccessKind::Record, AccessKind::WardList, AccessKind::CareList];

/// A machine's user id begins with this.
const CLIENT_PREFIX: &str = "client-";

#[derive(FromQueryResult)]
struct UserViews {
    user: String,
    first_at: i64,
    last_at: i64,
}

/// The organisation's people with a view at or after `since`, and when each of its people first had one.
pub async fn adoption(db: &impl ConnectionTrait, org: &OdsCode, since: Timestamp) -> Result<ViewAdoption, StoreError> {
    let rows = opened::Entity::find()
        .select_only()
        .column(opened::Column::User)
        .column_as(opened::Column::At.min(), "first_at")
        .column_as(opened::Column::At.max(), "last_at")
        .filter(opened::Column::Org.eq(org.as_str()))
        .filter(opened::Column::What.is_in(VIEWS.map(AccessKind::as_str)))
        .filter(opened::Column::Outcome.eq(to_name(&Outcome::Allowed)?))
        .group_by(opened::Column::User)
        .into_model::<UserViews>()
        .all(db)
        .await?;
    let mut adoption = ViewAdoption::default();
    for row in rows.into_iter().filter(|row| !row.user.starts_with(CLIENT_PREFIX)) {
        adoption.active += u64::from(row.last_at >= since.as_microsecond());
        let first = Timestamp::from_microsecond(row.first_at).map_err(|e| DbErr::Type(e.to_string()))?;
        adoption.first_views.insert(UserId::new(row.user), first);
    }
    Ok(adoption)
}

/// The index that answers it without reading the entries themselves.
pub struct AdoptionIndex;

impl MigrationName for AdoptionIndex {
    fn name(&self) -> &'static str {
        "m20261202_000007_adoption"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for AdoptionIndex {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut index = Index::create();
        index.name("entry_adoption").table(opened::Entity).col(opened::Column::Org).col(opened::Column::User);
        index.col(opened::Column::What).col(opened::Column::Outcome).col(opened::Column::At);
        manager.create_index(index).await
    }
}

#[cfg(test)]
#[path = "adoption_tests.rs"]
mod tests;

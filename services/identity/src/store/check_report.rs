//! The last check of each system, with the connection that it was made of. A report of another connection must never count.

use std::collections::BTreeMap;

use lcr_contracts::partners::system::CheckReport;
use lcr_model::SourceId;
use lcr_store::StoreError;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set, sea_query::OnConflict};

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "check_report")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub system: String,
        /// The connection that was checked.
        pub fingerprint: String,
        pub at: i64,
        pub report: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

/// A report, and the fingerprint of the connection that was checked.
#[derive(Debug, Clone)]
pub struct StoredReport {
    pub fingerprint: String,
    pub report: CheckReport,
}

/// Stores the report in place of the one before.
pub async fn upsert(
    tx: &impl ConnectionTrait,
    system: &SourceId,
    fingerprint: &str,
    report: &CheckReport,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        system: Set(system.to_string()),
        fingerprint: Set(fingerprint.to_owned()),
        at: Set(report.at.as_microsecond()),
        report: Set(serde_json::to_string(report).map_err(|e| DbErr::Json(e.to_string()))?),
    };
    let columns = [Column::Fingerprint, Column::At, Column::Report];
    let update = OnConflict::column(Column::System).update_columns(columns).to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
}

/// Deletes the report of a system, which then has to be checked anew.
pub async fn delete(tx: &impl ConnectionTrait, system: &SourceId) -> Result<(), DbErr> {
    Entity::delete_by_id(system.as_str()).exec(tx).await.map(|_| ())
}

/// The last report of each of these systems that has one.
pub async fn list(
    db: &impl ConnectionTrait,
    systems: &[&SourceId],
) -> Result<BTreeMap<SourceId, StoredReport>, StoreError> {
    let ids = systems.iter().map(|id| id.as_str());
    let rows = Entity::find().filter(Column::System.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(to_report).collect::<Result<_, DbErr>>()?)
}

fn to_report(row: Model) -> Result<(SourceId, StoredReport), DbErr> {
    let report = serde_json::from_str(&row.report).map_err(|e| DbErr::Json(e.to_string()))?;
    Ok((SourceId::new(row.system), StoredReport { fingerprint: row.fingerprint, report }))
}

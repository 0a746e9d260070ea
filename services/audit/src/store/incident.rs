//! Incidents and with whom they are shared. An incident's words are sealed. Nothing is deleted: a share ends and an incident is
//! closed, each once.

mod tables;

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_contracts::incidents::MAX_INCIDENTS;
use lcr_model::{OdsCode, PersonId, UserId};
use lcr_store::StoreError;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, sea_query::Expr,
};
use uuid::Uuid;

use crate::domain::officer_access::IncidentScope;

pub use tables::{Incidents, incident::Model as IncidentRow, share::Model as ShareRow};
use tables::{incident, share};

/// A change of an incident. It is stored with the entry of the log that records it, or not at all.
#[derive(Debug, Clone)]
pub enum Change {
    Open(IncidentRow),
    Share(ShareRow),
    EndShare { incident: Uuid, organisation: OdsCode, by: String, at: Timestamp },
    Close { incident: Uuid, by: String, at: Timestamp },
}

/// An incident with the shares in force, the oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredIncident {
    pub row: IncidentRow,
    pub shares: Vec<ShareRow>,
}

impl StoredIncident {
    pub fn scope(&self) -> Result<IncidentScope, DbErr> {
        Ok(IncidentScope {
            owner: OdsCode::new(self.row.owner.clone()),
            person: PersonId(self.row.person),
            user: self.row.user.clone().map(UserId::new),
            from: time(self.row.starts_at)?,
            until: time(self.row.ends_at)?,
            is_closed: self.row.closed_at.is_some(),
            shared_with: self.shares.iter().map(|share| OdsCode::new(share.organisation.clone())).collect(),
        })
    }
}

pub fn time(micros: i64) -> Result<Timestamp, DbErr> {
    Timestamp::from_microsecond(micros).map_err(|e| DbErr::Type(e.to_string()))
}

pub async fn apply(tx: &impl ConnectionTrait, change: Change) -> Result<(), DbErr> {
    match change {
        Change::Open(row) => {
            let row = incident::ActiveModel::from(row).reset_all();
            incident::Entity::insert(row).exec_without_returning(tx).await?;
        }
        Change::Share(row) => {
            let row = share::ActiveModel::from(row).reset_all();
            share::Entity::insert(row).exec_without_returning(tx).await?;
        }
        Change::EndShare { incident, organisation, by, at } => {
            let update = share::Entity::update_many()
                .col_expr(share::Column::EndedBy, Expr::value(by))
                .col_expr(share::Column::EndedAt, Expr::value(at.as_microsecond()))
                .filter(share::Column::Incident.eq(incident))
                .filter(share::Column::Organisation.eq(organisation.as_str()))
                .filter(share::Column::EndedAt.is_null());
            update.exec(tx).await?;
        }
        Change::Close { incident, by, at } => {
            let update = incident::Entity::update_many()
                .col_expr(incident::Column::ClosedBy, Expr::value(by))
                .col_expr(incident::Column::ClosedAt, Expr::value(at.as_microsecond()))
                .filter(incident::Column::Id.eq(incident))
                .filter(incident::Column::ClosedAt.is_null());
            update.exec(tx).await?;
        }
    }
    Ok(())
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<StoredIncident>, StoreError> {
    let Some(row) = incident::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    Ok(with_shares(db, vec![row]).await?.pop())
}

/// The newest incidents of an organisation.
pub async fn of_owner(db: &impl ConnectionTrait, owner: &OdsCode) -> Result<Vec<StoredIncident>, StoreError> {
    let select = incident::Entity::find()
        .filter(incident::Column::Owner.eq(owner.as_str()))
        .order_by_desc(incident::Column::Id)
        .limit(MAX_INCIDENTS);
    let rows = select.all(db).await?;
    Ok(with_shares(db, rows).await?)
}

/// The newest incidents that are shared with an organisation now.
pub async fn shared_with(db: &impl ConnectionTrait, with: &OdsCode) -> Result<Vec<StoredIncident>, StoreError> {
    let shared = share::Entity::find()
        .select_only()
        .column(share::Column::Incident)
        .filter(share::Column::Organisation.eq(with.as_str()))
        .filter(share::Column::EndedAt.is_null())
        .into_query();
    let select = incident::Entity::find()
        .filter(incident::Column::Id.in_subquery(shared))
        .order_by_desc(incident::Column::Id)
        .limit(MAX_INCIDENTS);
    let rows = select.all(db).await?;
    Ok(with_shares(db, rows).await?)
}

async fn with_shares(db: &impl ConnectionTrait, rows: Vec<IncidentRow>) -> Result<Vec<StoredIncident>, DbErr> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let shares = share::Entity::find()
        .filter(share::Column::Incident.is_in(ids))
        .filter(share::Column::EndedAt.is_null())
        .order_by_asc(share::Column::Id);
    let mut by_incident: HashMap<Uuid, Vec<ShareRow>> = HashMap::new();
    for share in shares.all(db).await? {
        by_incident.entry(share.incident).or_default().push(share);
    }
    let stored = |row: IncidentRow| StoredIncident { shares: by_incident.remove(&row.id).unwrap_or_default(), row };
    Ok(rows.into_iter().map(stored).collect())
}

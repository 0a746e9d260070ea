//! Requests for access, by people whom their provider vouches for without a role that we know. Their names and words
//! must be stored sealed.

use jiff::Timestamp;
use lcr_contracts::partners::people::{AccessRequest, Decision, RequestCheck};
use lcr_model::{OdsCode, Role, seal::DataKeys};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "access_request")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub org: String,
        /// A keyed hash of issuer and subject.
        pub applicant_hash: String,
        pub sealed: String,
        pub role: String,
        pub asked: i64,
        pub decide_by: i64,
        /// The automatic checks, as JSON.
        pub checks: String,
        /// `granted` or `refused`. None while it waits.
        pub decision: Option<String>,
        pub decided: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

/// The most requests that an answer holds.
const MAX_LISTED: u64 = 200;

/// The sealed part of a row.
#[derive(Serialize, Deserialize)]
struct Words {
    name: String,
    subject: String,
    user_name: String,
    reason: String,
    decided_by: String,
    remark: String,
}

/// A request with what its applicant is found by.
#[derive(Clone)]
pub struct StoredRequest {
    pub request: AccessRequest,
    /// The keyed hash of issuer and subject.
    pub applicant_hash: String,
    /// The provider's id of the applicant, by which their next sign-in finds them in the directory.
    pub subject: String,
    /// The name that the applicant signs in with. Empty if it is not known.
    pub user_name: String,
}

fn seal_context(id: &str) -> String {
    format!("identity/access-request/{id}")
}

fn to_row(keys: &DataKeys, stored: &StoredRequest) -> Result<Model, DbErr> {
    let request = &stored.request;
    let words = Words {
        name: request.name.clone(),
        subject: stored.subject.clone(),
        user_name: stored.user_name.clone(),
        reason: request.reason.clone(),
        decided_by: request.decided_by.clone(),
        remark: request.remark.clone(),
    };
    let plain = serde_json::to_vec(&words).map_err(|e| DbErr::Json(e.to_string()))?;
    let decision = request.decision.map(|decision| match decision {
        Decision::Granted => "granted".to_owned(),
        Decision::Refused => "refused".to_owned(),
    });
    Ok(Model {
        id: request.id.clone(),
        org: request.organisation.to_string(),
        applicant_hash: stored.applicant_hash.clone(),
        sealed: keys.seal(&seal_context(&request.id), &plain).map_err(|e| DbErr::Custom(e.to_string()))?,
        role: request.role.to_string(),
        asked: request.asked_at.as_microsecond(),
        decide_by: request.decide_by.as_microsecond(),
        checks: serde_json::to_string(&request.checks).map_err(|e| DbErr::Json(e.to_string()))?,
        decision,
        decided: request.decided_at.map(Timestamp::as_microsecond),
    })
}

fn to_stored(keys: &DataKeys, row: Model) -> Result<StoredRequest, DbErr> {
    let time = |micros| Timestamp::from_microsecond(micros).map_err(|e| DbErr::Type(e.to_string()));
    let plain = keys.open(&seal_context(&row.id), &row.sealed).map_err(|e| DbErr::Custom(e.to_string()))?;
    let words: Words = serde_json::from_slice(&plain).map_err(|e| DbErr::Json(e.to_string()))?;
    let role: Role =
        row.role.parse().map_err(|_| DbErr::Type("the role of a request is not one of ours".to_owned()))?;
    let checks: Vec<RequestCheck> = serde_json::from_str(&row.checks).map_err(|e| DbErr::Json(e.to_string()))?;
    let request = AccessRequest {
        name: words.name,
        organisation: OdsCode::new(row.org),
        role,
        reason: words.reason,
        asked_at: time(row.asked)?,
        decide_by: time(row.decide_by)?,
        checks,
        decision: row.decision.map(|text| if text == "granted" { Decision::Granted } else { Decision::Refused }),
        decided_at: row.decided.map(time).transpose()?,
        decided_by: words.decided_by,
        remark: words.remark,
        id: row.id,
    };
    let Words { subject, user_name, .. } = words;
    Ok(StoredRequest { request, applicant_hash: row.applicant_hash, subject, user_name })
}

/// Stores a request, new or decided.
pub async fn save(tx: &impl ConnectionTrait, keys: &DataKeys, stored: &StoredRequest) -> Result<(), DbErr> {
    let row = ActiveModel::from(to_row(keys, stored)?).reset_all();
    let update = OnConflict::column(Column::Id)
        .update_columns([Column::Sealed, Column::Role, Column::Decision, Column::Decided])
        .to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
}

pub async fn find(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    org: &OdsCode,
    id: &str,
) -> Result<Option<StoredRequest>, DbErr> {
    let row = Entity::find_by_id(id).filter(Column::Org.eq(org.as_str())).one(db).await?;
    row.map(|row| to_stored(keys, row)).transpose()
}

/// The requests to an organisation: those that wait first, and of each the newest first.
pub async fn list(db: &impl ConnectionTrait, keys: &DataKeys, org: &OdsCode) -> Result<Vec<AccessRequest>, DbErr> {
    let rows = Entity::find().filter(Column::Org.eq(org.as_str())).order_by_desc(Column::Decision.is_null());
    let rows = rows.order_by_desc(Column::Asked).limit(MAX_LISTED).all(db).await?;
    rows.into_iter().map(|row| to_stored(keys, row).map(|stored| stored.request)).collect()
}

/// The newest requests of one applicant at an organisation. `hashes` has one hash per key.
pub async fn list_of_applicant(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    org: &OdsCode,
    hashes: &[String],
) -> Result<Vec<AccessRequest>, DbErr> {
    let rows = Entity::find().filter(Column::Org.eq(org.as_str())).filter(Column::ApplicantHash.is_in(hashes));
    let rows = rows.order_by_desc(Column::Asked).limit(MAX_LISTED).all(db).await?;
    rows.into_iter().map(|row| to_stored(keys, row).map(|stored| stored.request)).collect()
}

//! The API of the staged switch-on: for the owner of a system, who switches its datasets, and for those who receive them. A
//! notice must never name a discreet service.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::{Path, State},
};
use lcr_contracts::{
    Failure, Identity as _,
    partners::{
        PartnerReceipt,
        system::{Notice, SwitchStep, SystemChange},
    },
    registry::StageRule,
};
use lcr_model::{Dataset, OdsCode, SourceId, UserId};
use lcr_web::{Problem, UserCaller, problem::JsonBody};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{SharedService, systems::make_change};
use crate::{partners, people, systems};

pub fn routes() -> OpenApiRouter<SharedService> {
    OpenApiRouter::new()
        .routes(routes!(set_testers))
        .routes(routes!(switch_dataset))
        .routes(routes!(decline_dataset))
        .routes(routes!(notices))
}

type Answer = Result<Json<PartnerReceipt>, Problem>;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetTesters {
    /// Ids of users.
    #[schema(value_type = Vec<String>)]
    testers: BTreeSet<UserId>,
    /// ODS codes.
    #[schema(value_type = Vec<String>)]
    pilots: BTreeSet<OdsCode>,
    /// Who signed it off, by name and role. Needed if somebody is added who then sees data at once.
    #[serde(default)]
    signed_off_by: String,
    #[serde(default)]
    reason: String,
}

/// Sets the safety testers and the organisations of the pilot, who see a dataset before everybody does.
#[utoipa::path(put, path = "/v1/organisations/{ods}/systems/{system}/testers", request_body = SetTesters,
    params(("ods" = String, Path, description = "the organisation's ODS code"),
        ("system" = String, Path, description = "the system's id")),
    responses((status = 200, description = "stored", body = PartnerReceipt)))]
async fn set_testers(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path((ods, system)): Path<(String, String)>,
    JsonBody(SetTesters { testers, pilots, signed_off_by, reason }): JsonBody<SetTesters>,
) -> Answer {
    let change = SystemChange::SetTesters { system: SourceId::new(system), testers, pilots, signed_off_by };
    make_change(&service, &reader, ods, change, reason).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SwitchDataset {
    rule: StageRule,
    /// Who signed a step forward off, by name and role.
    #[serde(default)]
    signed_off_by: String,
    /// What users said; the step to `on` needs it.
    #[serde(default)]
    user_view: String,
    #[serde(default)]
    reason: String,
}

/// Switches a dataset: one stage forward with a sign-off (off, safety-testers, pilot-teams, on), or back to any. It is in force
/// within a second.
#[utoipa::path(post, path = "/v1/organisations/{ods}/systems/{system}/switches", request_body = SwitchDataset,
    params(("ods" = String, Path, description = "the organisation's ODS code"),
        ("system" = String, Path, description = "the system's id")),
    responses((status = 200, description = "stored", body = PartnerReceipt)))]
async fn switch_dataset(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path((ods, system)): Path<(String, String)>,
    JsonBody(body): JsonBody<SwitchDataset>,
) -> Answer {
    let SwitchDataset { rule, signed_off_by, user_view, reason } = body;
    let step = SwitchStep { system: SourceId::new(system), rule, signed_off_by, user_view };
    make_change(&service, &reader, ods, SystemChange::Switch(Box::new(step)), reason).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeclineDataset {
    declined: bool,
    #[serde(default)]
    reason: String,
}

/// Declines a dataset of another organisation's system for the staff of this one, or takes that back.
#[utoipa::path(put, path = "/v1/organisations/{ods}/systems/{system}/declined/{dataset}", request_body = DeclineDataset,
    params(("ods" = String, Path, description = "the receiving organisation's ODS code"),
        ("system" = String, Path, description = "the system's id"),
        ("dataset" = String, Path, description = "the dataset's name")),
    responses((status = 200, description = "stored", body = PartnerReceipt)))]
async fn decline_dataset(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path((ods, system, dataset)): Path<(String, String, String)>,
    JsonBody(DeclineDataset { declined, reason }): JsonBody<DeclineDataset>,
) -> Answer {
    let dataset: Dataset = dataset.parse().map_err(|_| Failure::not_found())?;
    let change = SystemChange::Decline { system: SourceId::new(system), dataset, declined };
    make_change(&service, &reader, ods, change, reason).await
}

#[derive(Serialize, ToSchema)]
struct Notices {
    notices: Vec<Notice>,
}

/// The steps of other organisations' switch-on that reach this one, the newest first, at most 50.
#[utoipa::path(get, path = "/v1/organisations/{ods}/notices",
    params(("ods" = String, Path, description = "the organisation's ODS code")),
    responses((status = 200, description = "notices", body = Notices)))]
async fn notices(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
) -> Result<Json<Notices>, Problem> {
    let ods = OdsCode::new(ods);
    people::require_open(&service, &reader.caller.actor).await?;
    partners::require_reader(&reader.caller.actor, &ods)?;
    let registry = service.registry().await?;
    Ok(Json(Notices { notices: systems::notices(&service, &registry, &ods).await? }))
}

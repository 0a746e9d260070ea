//! Organisations over HTTP: registration, details, the agreement, states, the public register. Who may do what is decided by the
//! rooms that make the change, never here.

use axum::{
    Json,
    extract::{Path, State},
};
use lcr_contracts::{
    Failure, Partners,
    partners::{
        PartnerChange, PartnerFile, PartnerReceipt, PartnerRequest,
        agreement::{AgreementStatus, AgreementText},
        organisation::{DataFlowSchedule, Duty, OrganisationChange, OrganisationDetails},
        sharing_register::SharingRegister,
    },
    registry::PartnerState,
};
use lcr_model::{OdsCode, UserId, london};
use lcr_web::{Problem, UserCaller, problem::JsonBody};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::SharedService;
use crate::organisations;

pub fn routes() -> OpenApiRouter<SharedService> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(file))
        .routes(routes!(describe))
        .routes(routes!(set_schedule))
        .routes(routes!(agreements))
        .routes(routes!(appoint))
        .routes(routes!(sign))
        .routes(routes!(move_to))
        .routes(routes!(sharing_register))
}

type Receipt = Result<Json<PartnerReceipt>, Problem>;

/// The organisation of a path. Anything that is no ODS code is `404`.
fn parse_ods(text: &str) -> Result<OdsCode, Failure> {
    OdsCode::parse(text).ok_or_else(Failure::not_found)
}

async fn change(
    service: &SharedService,
    reader: &UserCaller,
    organisation: OdsCode,
    reason: String,
    change: OrganisationChange,
) -> Receipt {
    let request = PartnerRequest { organisation, reason, change: PartnerChange::Organisation(change) };
    Ok(Json(Partners::change(&**service, &reader.caller, request).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewOrganisation {
    ods: String,
    details: OrganisationDetails,
    #[serde(default)]
    reason: String,
}

/// Register the caller's own organisation. Only its administrators may.
#[utoipa::path(post, path = "/v1/organisations", request_body = NewOrganisation,
    responses((status = 200, description = "registered, as a draft", body = PartnerReceipt)))]
async fn register(
    State(service): State<SharedService>,
    reader: UserCaller,
    JsonBody(new): JsonBody<NewOrganisation>,
) -> Receipt {
    let unreadable = || Failure::bad_request("An ODS code has 3 to 12 letters and digits.");
    let ods = OdsCode::parse(new.ods.trim()).ok_or_else(unreadable)?;
    change(&service, &reader, ods, new.reason, OrganisationChange::Register(new.details)).await
}

/// Everything about an organisation, for its administrators, officers and signatories.
#[utoipa::path(get, path = "/v1/organisations/{ods}/file", params(("ods" = String, Path, description = "its ODS code")),
    responses((status = 200, description = "the file", body = PartnerFile)))]
async fn file(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
) -> Result<Json<PartnerFile>, Problem> {
    Ok(Json(service.partner(&reader.caller, &parse_ods(&ods)?).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDetails {
    details: OrganisationDetails,
    #[serde(default)]
    reason: String,
}

/// Change what the organisation says of itself.
#[utoipa::path(put, path = "/v1/organisations/{ods}/details",
    params(("ods" = String, Path, description = "its ODS code")), request_body = NewDetails,
    responses((status = 200, description = "changed", body = PartnerReceipt)))]
async fn describe(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
    JsonBody(new): JsonBody<NewDetails>,
) -> Receipt {
    change(&service, &reader, parse_ods(&ods)?, new.reason, OrganisationChange::Describe(new.details)).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSchedule {
    schedule: DataFlowSchedule,
    #[serde(default)]
    reason: String,
}

/// Set the data-flow schedule. It is in force when all have signed it; what it drops stops at once.
#[utoipa::path(put, path = "/v1/organisations/{ods}/schedule",
    params(("ods" = String, Path, description = "its ODS code")), request_body = NewSchedule,
    responses((status = 200, description = "set", body = PartnerReceipt)))]
async fn set_schedule(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
    JsonBody(new): JsonBody<NewSchedule>,
) -> Receipt {
    change(&service, &reader, parse_ods(&ods)?, new.reason, OrganisationChange::SetSchedule(new.schedule)).await
}

/// How the agreement stands, and the documents to sign.
#[derive(Serialize, ToSchema)]
struct Agreement {
    status: AgreementStatus,
    text: AgreementText,
    /// What the organisation's systems may give now: by the schedule in force, or by the first one before it is signed. Absent
    /// if the agreement is on paper.
    #[serde(skip_serializing_if = "Option::is_none")]
    flows: Option<DataFlowSchedule>,
}

/// The agreement of an organisation.
#[utoipa::path(get, path = "/v1/organisations/{ods}/agreements",
    params(("ods" = String, Path, description = "its ODS code")),
    responses((status = 200, description = "its status and text", body = Agreement)))]
async fn agreements(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
) -> Result<Json<Agreement>, Problem> {
    let ods = parse_ods(&ods)?;
    let text = service.agreement_text(&reader.caller, &ods).await?;
    let status = service.partner(&reader.caller, &ods).await?.agreement;
    let today = london::date(service.clock.now());
    let flows = organisations::schedule(service.store.read(), &ods, today).await.map_err(Failure::from)?;
    Ok(Json(Agreement { status, text, flows }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSignatory {
    user: UserId,
    #[serde(default)]
    reason: String,
}

/// Appoint who signs for a duty: a user who has signed in as a member of the organisation.
#[utoipa::path(put, path = "/v1/organisations/{ods}/signatories/{duty}",
    params(
        ("ods" = String, Path, description = "its ODS code"),
        ("duty" = String, Path, description = "siro, caldicott-guardian or data-protection-officer"),
    ),
    request_body = NewSignatory, responses((status = 200, description = "appointed", body = PartnerReceipt)))]
async fn appoint(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path((ods, duty)): Path<(String, String)>,
    JsonBody(new): JsonBody<NewSignatory>,
) -> Receipt {
    let duty = Duty::ALL.into_iter().find(|one| one.as_str() == duty).ok_or_else(Failure::not_found)?;
    let appointed = OrganisationChange::Appoint { duty, user: new.user };
    change(&service, &reader, parse_ods(&ods)?, new.reason, appointed).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSignature {
    duty: Duty,
    /// The hash of the text that was read.
    text_hash: String,
}

/// Sign the agreement as the caller, for a duty that they are appointed to.
#[utoipa::path(post, path = "/v1/organisations/{ods}/agreements/signatures",
    params(("ods" = String, Path, description = "its ODS code")), request_body = NewSignature,
    responses((status = 200, description = "signed", body = PartnerReceipt)))]
async fn sign(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
    JsonBody(new): JsonBody<NewSignature>,
) -> Receipt {
    let signature = OrganisationChange::Sign { duty: new.duty, text_hash: new.text_hash };
    change(&service, &reader, parse_ods(&ods)?, String::new(), signature).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewState {
    /// `live`, `suspended` or `left`; `draft` lets an organisation in again whose part the platform ended. The other states follow
    /// from signatures and checks.
    to: PartnerState,
    #[serde(default)]
    reason: String,
}

/// Take the organisation live, suspend it, resume it, or end its part.
#[utoipa::path(put, path = "/v1/organisations/{ods}/state",
    params(("ods" = String, Path, description = "its ODS code")), request_body = NewState,
    responses((status = 200, description = "moved", body = PartnerReceipt)))]
async fn move_to(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
    JsonBody(new): JsonBody<NewState>,
) -> Receipt {
    change(&service, &reader, parse_ods(&ods)?, new.reason, OrganisationChange::Move { to: new.to }).await
}

/// Who shares what with whom, for which purpose, since when. For anybody.
#[utoipa::path(get, path = "/v1/sharing-register",
    responses((status = 200, description = "the public register", body = SharingRegister)))]
async fn sharing_register(State(service): State<SharedService>) -> Result<Json<SharingRegister>, Problem> {
    Ok(Json(Partners::sharing_register(&*service).await?))
}

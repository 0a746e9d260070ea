//! An organisation's sign-in providers over HTTP, the search for a provider by e-mail address, and our keys for each provider. An
//! e-mail address is used once: it must never be stored, logged or put into an address.

use axum::{
    Form, Json,
    extract::{Path, State, rejection::FormRejection},
    response::Response,
};
use lcr_contracts::{
    Failure, Partners as _,
    partners::{
        PartnerChange, PartnerReceipt, PartnerRequest,
        sign_in::{ProviderDraft, ProviderStatus, SignInChange},
    },
};
use lcr_model::{OdsCode, Phi};
use lcr_web::{Problem, UserCaller, problem::JsonBody};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{SharedService, sign_in::redirect};
use crate::{domain, partners, people, providers};

pub fn routes() -> OpenApiRouter<SharedService> {
    OpenApiRouter::new().routes(routes!(list, put)).routes(routes!(check)).routes(routes!(remove))
}

type Answer = Result<Json<PartnerReceipt>, Problem>;

async fn make_change(
    service: &SharedService,
    reader: &UserCaller,
    (ods, reason): (String, String),
    change: SignInChange,
) -> Answer {
    let organisation = OdsCode::parse(&ods).ok_or_else(Failure::not_found)?;
    let request = PartnerRequest { organisation, reason, change: PartnerChange::SignIn(change) };
    Ok(Json(service.change(&reader.caller, request).await?))
}

#[derive(Serialize, ToSchema)]
struct Providers {
    providers: Vec<ProviderStatus>,
}

/// The providers with which the organisation's staff sign in, with the addresses and keys to register at each.
#[utoipa::path(get, path = "/v1/organisations/{ods}/providers",
    params(("ods" = String, Path, description = "the organisation's ODS code")),
    responses((status = 200, description = "providers", body = Providers)))]
async fn list(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
) -> Result<Json<Providers>, Problem> {
    let ods = OdsCode::parse(&ods).ok_or_else(Failure::not_found)?;
    people::require_open(&service, &reader.caller.actor).await?;
    partners::require_reader(&reader.caller.actor, &ods)?;
    Ok(Json(Providers { providers: providers::statuses(&service, &ods).await? }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutProvider {
    provider: ProviderDraft,
    #[serde(default)]
    reason: String,
}

/// Sets up a provider or changes it. The receipt has our public keys for it.
#[utoipa::path(put, path = "/v1/organisations/{ods}/providers", request_body = PutProvider,
    params(("ods" = String, Path, description = "the organisation's ODS code")),
    responses((status = 200, description = "stored", body = PartnerReceipt)))]
async fn put(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
    JsonBody(body): JsonBody<PutProvider>,
) -> Answer {
    let change = SignInChange::Put(Box::new(body.provider));
    make_change(&service, &reader, (ods, body.reason), change).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NamedProvider {
    issuer: String,
    #[serde(default)]
    reason: String,
}

/// Checks a provider: its metadata, addresses, keys and capabilities. The receipt has the report.
#[utoipa::path(post, path = "/v1/organisations/{ods}/providers/checks", request_body = NamedProvider,
    params(("ods" = String, Path, description = "the organisation's ODS code")),
    responses((status = 200, description = "checked", body = PartnerReceipt)))]
async fn check(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
    JsonBody(NamedProvider { issuer, reason }): JsonBody<NamedProvider>,
) -> Answer {
    make_change(&service, &reader, (ods, reason), SignInChange::Check { issuer }).await
}

/// Removes a provider and ends the sessions that began there.
#[utoipa::path(post, path = "/v1/organisations/{ods}/providers/removals", request_body = NamedProvider,
    params(("ods" = String, Path, description = "the organisation's ODS code")),
    responses((status = 200, description = "removed", body = PartnerReceipt)))]
async fn remove(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
    JsonBody(NamedProvider { issuer, reason }): JsonBody<NamedProvider>,
) -> Answer {
    make_change(&service, &reader, (ods, reason), SignInChange::Remove { issuer }).await
}

/// Our public keys for one provider.
pub async fn keys(State(service): State<SharedService>, Path(name): Path<String>) -> Result<Json<Value>, Problem> {
    let provider = providers::find_named(&service, &name).await?.ok_or_else(Failure::not_found)?;
    Ok(Json(provider.public_keys()))
}

#[derive(Deserialize)]
pub struct FindForm {
    email: Phi<String>,
    #[serde(rename = "return")]
    return_to: Option<String>,
}

/// Finds the provider for an e-mail address. The sign-in page then links to it, because a form may not lead to another site.
pub async fn find(
    State(service): State<SharedService>,
    form: Result<Form<FindForm>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(FindForm { email, return_to }) =
        form.map_err(|_| Failure::bad_request("Enter your work e-mail address."))?;
    let back = domain::return_path(return_to.as_deref());
    let found = providers::find_by_address(&service, email.as_ref()).await?;
    let result = found.map_or_else(|| "unknown=1".to_owned(), |provider| format!("provider={}", provider.name()));
    redirect(&format!("{}/sign-in?return={back}&{result}", service.public_origin), &[])
}

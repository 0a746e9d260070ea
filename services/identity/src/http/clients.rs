//! The API of an organisation's machine clients: registration, keys and suspension. Only public keys are taken.

use axum::{
    Json,
    extract::{Path, State},
};
use lcr_contracts::{
    Failure,
    partners::{
        PartnerReceipt,
        system::{ClientDraft, ClientStatus, SystemChange},
    },
};
use lcr_model::OdsCode;
use lcr_web::{Problem, UserCaller, problem::JsonBody};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    SharedService,
    systems::{Removal, Suspension, make_change},
};
use crate::{partners, people, systems};

pub fn routes() -> OpenApiRouter<SharedService> {
    OpenApiRouter::new()
        .routes(routes!(clients))
        .routes(routes!(put_client))
        .routes(routes!(suspend_client))
        .routes(routes!(remove_client))
}

type Answer = Result<Json<PartnerReceipt>, Problem>;

#[derive(Serialize, ToSchema)]
struct Clients {
    clients: Vec<ClientStatus>,
}

/// The organisation's clients.
#[utoipa::path(get, path = "/v1/organisations/{ods}/clients",
    params(("ods" = String, Path, description = "the organisation's ODS code")),
    responses((status = 200, description = "clients", body = Clients)))]
async fn clients(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path(ods): Path<String>,
) -> Result<Json<Clients>, Problem> {
    let ods = OdsCode::new(ods);
    people::require_open(&service, &reader.caller.actor).await?;
    partners::require_reader(&reader.caller.actor, &ods)?;
    Ok(Json(Clients { clients: systems::clients(&service, &ods).await? }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutClient {
    /// Its id is the one in the path.
    client: ClientDraft,
    #[serde(default)]
    reason: String,
}

/// Registers a client or changes it. It proves who it is at `/oauth2/token` with an assertion of at most five minutes, signed by
/// one of its keys (`private_key_jwt`, RFC 7523).
#[utoipa::path(put, path = "/v1/organisations/{ods}/clients/{client}", request_body = PutClient,
    params(("ods" = String, Path, description = "the organisation's ODS code"),
        ("client" = String, Path, description = "the client's id")),
    responses((status = 200, description = "stored", body = PartnerReceipt)))]
async fn put_client(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path((ods, client)): Path<(String, String)>,
    JsonBody(body): JsonBody<PutClient>,
) -> Answer {
    if body.client.id != client {
        return Err(Failure::bad_request("The id in the body is not the one in the path.").into());
    }
    make_change(&service, &reader, ods, SystemChange::PutClient(Box::new(body.client)), body.reason).await
}

/// Suspends a client or ends its suspension. A suspended client gets no token; those that it has end within five minutes.
#[utoipa::path(put, path = "/v1/organisations/{ods}/clients/{client}/suspension", request_body = Suspension,
    params(("ods" = String, Path, description = "the organisation's ODS code"),
        ("client" = String, Path, description = "the client's id")),
    responses((status = 200, description = "stored", body = PartnerReceipt)))]
async fn suspend_client(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path((ods, client)): Path<(String, String)>,
    JsonBody(Suspension { suspended, reason }): JsonBody<Suspension>,
) -> Answer {
    make_change(&service, &reader, ods, SystemChange::SuspendClient { client, suspended }, reason).await
}

/// Removes a client that is suspended or was never used. Its id stays the organisation's, because the log names it.
#[utoipa::path(delete, path = "/v1/organisations/{ods}/clients/{client}", request_body = Removal,
    params(("ods" = String, Path, description = "the organisation's ODS code"),
        ("client" = String, Path, description = "the client's id")),
    responses((status = 200, description = "removed", body = PartnerReceipt)))]
async fn remove_client(
    State(service): State<SharedService>,
    reader: UserCaller,
    Path((ods, client)): Path<(String, String)>,
    JsonBody(Removal { reason }): JsonBody<Removal>,
) -> Answer {
    make_change(&service, &reader, ods, SystemChange::RemoveClient { client }, reason).await
}

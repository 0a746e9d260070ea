//! Identity over HTTP. Session lookups and launches come before sign-in, so only the gateway may make them, with its own
//! token. Cookies and launch tokens must stay in the body, never in a URL.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Json, Router, extract::State, routing::post};
use lcr_contracts::{
    Failure, Identity,
    identity::{Launch, LaunchTicket, RoleChoices, SignedIn},
    registry::Registry,
};
use lcr_model::{Phi, ServiceName};

use super::{CallBody, Peer, peer::RetryPolicy};
use crate::{Problem, auth::ServiceOnly, problem::JsonBody};

type Api = Arc<dyn Identity>;
type Answer<T> = Result<Json<T>, Problem>;

const READ: (Duration, RetryPolicy) = (Duration::from_secs(3), RetryPolicy::Safe);
/// A launch token is accepted once.
const LAUNCH: (Duration, RetryPolicy) = (Duration::from_secs(3), RetryPolicy::IfUnsent);

pub fn routes(api: Api) -> Router {
    Router::new()
        .route("/internal/v1/sessions", post(session))
        .route("/internal/v1/sessions/end", post(end_session))
        .route("/internal/v1/registry/read", post(registry))
        .route("/internal/v1/launches", post(launch))
        .route("/internal/v1/launches/open", post(open_launch))
        .route("/internal/v1/role-choices", post(role_choices))
        .with_state(api)
}

fn gateway_only(caller: ServiceOnly) -> Result<(), Failure> {
    if caller.0 == ServiceName::Gateway { Ok(()) } else { Err(Failure::forbidden("Only the gateway asks this.")) }
}

async fn session(
    State(api): State<Api>,
    caller: ServiceOnly,
    JsonBody(ask): JsonBody<CallBody<Phi<String>, bool>>,
) -> Answer<Option<SignedIn>> {
    gateway_only(caller)?;
    Ok(Json(api.session(&ask.about, ask.with).await?))
}

async fn end_session(
    State(api): State<Api>,
    caller: ServiceOnly,
    JsonBody(ask): JsonBody<CallBody<Phi<String>>>,
) -> Answer<()> {
    gateway_only(caller)?;
    api.end_session(&ask.about).await?;
    Ok(Json(()))
}

async fn registry(State(api): State<Api>, _: ServiceOnly) -> Answer<Registry> {
    Ok(Json(api.registry().await?))
}

async fn launch(
    State(api): State<Api>,
    caller: ServiceOnly,
    JsonBody(ask): JsonBody<CallBody<Phi<String>>>,
) -> Answer<LaunchTicket> {
    gateway_only(caller)?;
    Ok(Json(api.launch(&ask.about).await?))
}

async fn open_launch(
    State(api): State<Api>,
    caller: ServiceOnly,
    JsonBody(ask): JsonBody<CallBody<Phi<String>>>,
) -> Answer<Option<Launch>> {
    gateway_only(caller)?;
    Ok(Json(api.open_launch(&ask.about).await?))
}

async fn role_choices(
    State(api): State<Api>,
    caller: ServiceOnly,
    JsonBody(ask): JsonBody<CallBody<Phi<String>>>,
) -> Answer<Option<RoleChoices>> {
    gateway_only(caller)?;
    Ok(Json(api.role_choices(&ask.about).await?))
}

/// The client of identity.
#[derive(Debug)]
pub struct Remote(pub Peer);

#[async_trait]
impl Identity for Remote {
    async fn session(&self, secret: &Phi<String>, active: bool) -> Result<Option<SignedIn>, Failure> {
        self.0.call(None, "sessions", &CallBody { about: secret, with: active }, READ).await
    }

    async fn end_session(&self, secret: &Phi<String>) -> Result<(), Failure> {
        self.0.call(None, "sessions/end", &CallBody { about: secret, with: () }, READ).await
    }

    async fn registry(&self) -> Result<Registry, Failure> {
        self.0.call(None, "registry/read", &(), READ).await
    }

    async fn launch(&self, token: &Phi<String>) -> Result<LaunchTicket, Failure> {
        self.0.call(None, "launches", &CallBody { about: token, with: () }, LAUNCH).await
    }

    async fn role_choices(&self, sealed: &Phi<String>) -> Result<Option<RoleChoices>, Failure> {
        self.0.call(None, "role-choices", &CallBody { about: sealed, with: () }, READ).await
    }

    async fn open_launch(&self, ticket: &Phi<String>) -> Result<Option<Launch>, Failure> {
        self.0.call(None, "launches/open", &CallBody { about: ticket, with: () }, READ).await
    }
}

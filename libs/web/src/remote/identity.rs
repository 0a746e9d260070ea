//! Identity over HTTP. Session lookups come before sign-in, so only the gateway may make them, with its own token. The
//! cookie's secret must stay in the body, never in a URL.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Json, Router, extract::State, routing::post};
use lcr_contracts::{Failure, Identity, identity::SignedIn, registry::Registry};
use lcr_model::{Phi, ServiceName};

use super::{About, Peer, peer::RetryPolicy};
use crate::{Problem, auth::ServiceOnly, problem::JsonBody};

type Api = Arc<dyn Identity>;
type Answer<T> = Result<Json<T>, Problem>;

const READ: (Duration, RetryPolicy) = (Duration::from_secs(3), RetryPolicy::Safe);

pub fn routes(api: Api) -> Router {
    Router::new()
        .route("/internal/v1/sessions", post(session))
        .route("/internal/v1/sessions/end", post(end_session))
        .route("/internal/v1/registry/read", post(registry))
        .with_state(api)
}

fn gateway_only(caller: ServiceOnly) -> Result<(), Failure> {
    if caller.0 == ServiceName::Gateway { Ok(()) } else { Err(Failure::forbidden("Only the gateway asks this.")) }
}

async fn session(
    State(api): State<Api>,
    caller: ServiceOnly,
    JsonBody(ask): JsonBody<About<Phi<String>, bool>>,
) -> Answer<Option<SignedIn>> {
    gateway_only(caller)?;
    Ok(Json(api.session(&ask.about, ask.with).await?))
}

async fn end_session(
    State(api): State<Api>,
    caller: ServiceOnly,
    JsonBody(ask): JsonBody<About<Phi<String>>>,
) -> Answer<()> {
    gateway_only(caller)?;
    api.end_session(&ask.about).await?;
    Ok(Json(()))
}

async fn registry(State(api): State<Api>, _: ServiceOnly) -> Answer<Registry> {
    Ok(Json(api.registry().await?))
}

/// The client of identity.
#[derive(Debug)]
pub struct Remote(pub Peer);

#[async_trait]
impl Identity for Remote {
    async fn session(&self, secret: &Phi<String>, active: bool) -> Result<Option<SignedIn>, Failure> {
        self.0.call(None, "sessions", &About { about: secret, with: active }, READ).await
    }

    async fn end_session(&self, secret: &Phi<String>) -> Result<(), Failure> {
        self.0.call(None, "sessions/end", &About { about: secret, with: () }, READ).await
    }

    async fn registry(&self) -> Result<Registry, Failure> {
        self.0.call(None, "registry/read", &(), READ).await
    }
}

//! Identity across the wire. Nobody is signed in yet when a session is asked for: the gateway alone asks, with its own
//! token. The cookie's secret travels in the body, never in an address.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Json, Router, extract::State, routing::post};
use lcr_contracts::{
    Failure, Identity,
    identity::{Registry, SignedIn},
};
use lcr_model::{Phi, ServiceName};

use super::{About, Nothing, Peer, peer::Repeat};
use crate::{Problem, gate::ServiceAlone, problem::JsonBody};

type Api = Arc<dyn Identity>;
type Answer<T> = Result<Json<T>, Problem>;

const READ: (Duration, Repeat) = (Duration::from_secs(3), Repeat::Safe);

pub fn routes(api: Api) -> Router {
    Router::new()
        .route("/internal/v1/sessions", post(session))
        .route("/internal/v1/sessions/end", post(end_session))
        .route("/internal/v1/registry/read", post(registry))
        .with_state(api)
}

fn gateway_only(caller: ServiceAlone) -> Result<(), Failure> {
    if caller.0 == ServiceName::Gateway {
        Ok(())
    } else {
        Err(Failure::forbidden("Only the gateway asks this."))
    }
}

async fn session(
    State(api): State<Api>,
    caller: ServiceAlone,
    JsonBody(ask): JsonBody<About<Phi<String>, bool>>,
) -> Answer<Option<SignedIn>> {
    gateway_only(caller)?;
    Ok(Json(api.session(&ask.about, ask.with).await?))
}

async fn end_session(
    State(api): State<Api>,
    caller: ServiceAlone,
    JsonBody(ask): JsonBody<About<Phi<String>>>,
) -> Answer<Nothing> {
    gateway_only(caller)?;
    api.end_session(&ask.about).await?;
    Ok(Json(()))
}

async fn registry(State(api): State<Api>, _: ServiceAlone) -> Answer<Registry> {
    Ok(Json(api.registry().await?))
}

/// Identity, elsewhere.
#[derive(Debug)]
pub struct Remote(pub Peer);

#[async_trait]
impl Identity for Remote {
    async fn session(&self, secret: &Phi<String>, active: bool) -> Result<Option<SignedIn>, Failure> {
        self.0.ask(None, "sessions", &About { about: secret, with: active }, READ).await
    }

    async fn end_session(&self, secret: &Phi<String>) -> Result<(), Failure> {
        self.0.ask(None, "sessions/end", &About { about: secret, with: () }, READ).await
    }

    async fn registry(&self) -> Result<Registry, Failure> {
        self.0.ask(None, "registry/read", &(), READ).await
    }
}

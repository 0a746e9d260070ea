//! The registrar over HTTP. Only the operator's own token may open it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    routing::post,
};
use lcr_contracts::{
    Failure,
    registrar::{PartnerSet, Registrar, ReplaceResult},
};
use lcr_model::ServiceName;

use super::{Peer, peer::RetryPolicy};
use crate::{Problem, auth::ServiceOnly, problem::JsonBody};

type Api = Arc<dyn Registrar>;
type Answer<T> = Result<Json<T>, Problem>;

/// Sending the same set twice changes nothing the second time.
const CALL: (Duration, RetryPolicy) = (Duration::from_secs(10), RetryPolicy::Safe);
/// A set of about ten thousand systems.
const MAX_BODY_BYTES: usize = 32 << 20;

pub fn routes(api: Api) -> Router {
    Router::new()
        .route("/internal/v1/registry", post(replace))
        .route("/internal/v1/registry/others", post(others))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(api)
}

fn operator_only(caller: ServiceOnly) -> Result<(), Failure> {
    if caller.0 == ServiceName::Operator { Ok(()) } else { Err(Failure::forbidden("Only the operator asks this.")) }
}

async fn replace(
    State(api): State<Api>,
    caller: ServiceOnly,
    JsonBody(set): JsonBody<PartnerSet>,
) -> Answer<ReplaceResult> {
    operator_only(caller)?;
    Ok(Json(api.replace(set).await?))
}

async fn others(State(api): State<Api>, caller: ServiceOnly) -> Answer<PartnerSet> {
    operator_only(caller)?;
    Ok(Json(api.others().await?))
}

/// The client of the registrar.
#[derive(Debug)]
pub struct Remote(pub Peer);

#[async_trait]
impl Registrar for Remote {
    async fn replace(&self, set: PartnerSet) -> Result<ReplaceResult, Failure> {
        self.0.call(None, "registry", &set, CALL).await
    }

    async fn others(&self) -> Result<PartnerSet, Failure> {
        self.0.call(None, "registry/others", &(), CALL).await
    }
}

//! The registrar across the wire: the operator's own token opens it, and nobody else's.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    routing::post,
};
use lcr_contracts::{
    Failure,
    registrar::{PartnerSet, Registrar, Replaced},
};
use lcr_model::ServiceName;

use super::{Peer, peer::Repeat};
use crate::{Problem, gate::ServiceAlone, problem::JsonBody};

type Api = Arc<dyn Registrar>;
type Answer<T> = Result<Json<T>, Problem>;

/// The same set said twice changes nothing the second time.
const CALL: (Duration, Repeat) = (Duration::from_secs(10), Repeat::Safe);
/// A set of some ten thousand systems.
const MOST_BYTES: usize = 32 << 20;

pub fn routes(api: Api) -> Router {
    Router::new()
        .route("/internal/v1/registry", post(replace))
        .route("/internal/v1/registry/others", post(others))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(api)
}

fn operator_only(caller: ServiceAlone) -> Result<(), Failure> {
    if caller.0 == ServiceName::Operator {
        Ok(())
    } else {
        Err(Failure::forbidden("Only the operator asks this."))
    }
}

async fn replace(
    State(api): State<Api>,
    caller: ServiceAlone,
    JsonBody(set): JsonBody<PartnerSet>,
) -> Answer<Replaced> {
    operator_only(caller)?;
    Ok(Json(api.replace(set).await?))
}

async fn others(State(api): State<Api>, caller: ServiceAlone) -> Answer<PartnerSet> {
    operator_only(caller)?;
    Ok(Json(api.others().await?))
}

/// The registrar, elsewhere.
#[derive(Debug)]
pub struct Remote(pub Peer);

#[async_trait]
impl Registrar for Remote {
    async fn replace(&self, set: PartnerSet) -> Result<Replaced, Failure> {
        self.0.ask(None, "registry", &set, CALL).await
    }

    async fn others(&self) -> Result<PartnerSet, Failure> {
        self.0.ask(None, "registry/others", &(), CALL).await
    }
}

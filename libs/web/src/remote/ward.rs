//! The virtual ward across the wire: its two lists, and news of an open one.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Extension, Json, Router, extract::State, response::Response, routing::post};
use futures::stream::BoxStream;
use lcr_contracts::{
    Caller, Failure, VirtualWard,
    ward::{Discharges, Inpatients, ListAsk, WardNews},
};

use super::{Peer, peer::Repeat, stream};
use crate::{Gate, Inside, Problem, gate::left, problem::JsonBody};

type Api = Arc<dyn VirtualWard>;
type Answer<T> = Result<Json<T>, Problem>;

/// A list is decided in several questions to consent.
const LIST: (Duration, Repeat) = (Duration::from_secs(8), Repeat::Safe);
const BEGIN: Duration = Duration::from_secs(8);

pub fn routes(api: Api) -> Router {
    Router::new()
        .route("/internal/v1/inpatients", post(inpatients))
        .route("/internal/v1/discharges", post(discharges))
        .route("/internal/v1/news", post(news))
        .with_state(api)
}

async fn inpatients(
    State(api): State<Api>,
    Inside(from): Inside,
    JsonBody(ask): JsonBody<ListAsk>,
) -> Answer<Inpatients> {
    Ok(Json(api.inpatients(&from, ask).await?))
}

async fn discharges(
    State(api): State<Api>,
    Inside(from): Inside,
    JsonBody(ask): JsonBody<ListAsk>,
) -> Answer<Discharges> {
    Ok(Json(api.discharges(&from, ask).await?))
}

async fn news(
    State(api): State<Api>,
    Extension(gate): Extension<Gate>,
    Inside(from): Inside,
    JsonBody(ask): JsonBody<ListAsk>,
) -> Result<Response, Problem> {
    let lasts = left(from.until, gate.clock.now());
    Ok(stream::answer(api.news(&from, ask).await?, lasts))
}

/// The virtual ward, elsewhere.
#[derive(Debug)]
pub struct Remote(pub Peer);

#[async_trait]
impl VirtualWard for Remote {
    async fn inpatients(&self, caller: &Caller, ask: ListAsk) -> Result<Inpatients, Failure> {
        self.0.ask(Some(caller), "inpatients", &ask, LIST).await
    }

    async fn discharges(&self, caller: &Caller, ask: ListAsk) -> Result<Discharges, Failure> {
        self.0.ask(Some(caller), "discharges", &ask, LIST).await
    }

    async fn news(&self, caller: &Caller, ask: ListAsk) -> Result<BoxStream<'static, WardNews>, Failure> {
        self.0.follow(caller, "news", &ask, BEGIN).await
    }
}

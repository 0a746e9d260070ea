//! Waiting messages of hospitals over HTTP: the list, a message's text, and a replay. No URL may hold a message's
//! content.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Json, Router, extract::State, routing::post};
use lcr_contracts::{
    Caller, Failure, Messages,
    messages::{MessageText, ReplayResult, WaitingPage, WaitingQuery},
};
use uuid::Uuid;

use super::{CallBody, Peer, peer::RetryPolicy};
use crate::{Problem, ServiceCaller, problem::JsonBody};

type Api = Arc<dyn Messages>;
type Answer<T> = Result<Json<T>, Problem>;

const READ: (Duration, RetryPolicy) = (Duration::from_secs(5), RetryPolicy::Safe);
/// A message is published once: a second replay is refused.
const REPLAY: (Duration, RetryPolicy) = (Duration::from_secs(10), RetryPolicy::IfUnsent);

pub fn routes(api: Api) -> Router {
    Router::new()
        .route("/internal/v1/messages/waiting", post(waiting))
        .route("/internal/v1/messages/text", post(text))
        .route("/internal/v1/messages/replay", post(replay))
        .with_state(api)
}

async fn waiting(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(query): JsonBody<WaitingQuery>,
) -> Answer<WaitingPage> {
    Ok(Json(api.waiting(&from, query).await?))
}

async fn text(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(message): JsonBody<CallBody<Uuid>>,
) -> Answer<MessageText> {
    Ok(Json(api.text(&from, message.about).await?))
}

async fn replay(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(message): JsonBody<CallBody<Uuid>>,
) -> Answer<ReplayResult> {
    Ok(Json(api.replay(&from, message.about).await?))
}

/// The client of feeds' waiting messages.
#[derive(Debug)]
pub struct Remote(pub Peer);

#[async_trait]
impl Messages for Remote {
    async fn waiting(&self, caller: &Caller, query: WaitingQuery) -> Result<WaitingPage, Failure> {
        self.0.call(Some(caller), "messages/waiting", &query, READ).await
    }

    async fn text(&self, caller: &Caller, id: Uuid) -> Result<MessageText, Failure> {
        self.0.call(Some(caller), "messages/text", &CallBody { about: id, with: () }, READ).await
    }

    async fn replay(&self, caller: &Caller, id: Uuid) -> Result<ReplayResult, Failure> {
        self.0.call(Some(caller), "messages/replay", &CallBody { about: id, with: () }, REPLAY).await
    }
}

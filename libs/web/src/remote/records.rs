//! Record aggregation over HTTP: a whole record, or a stream of updates that must end with the caller's token.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Extension, Json, Router, extract::State, response::Response, routing::post};
use futures::stream::BoxStream;
use lcr_contracts::{
    Caller, Failure, Records,
    record::Record,
    records_api::{DocumentContent, DocumentRequest, SourceItem, SourceStatus, Update, ViewRequest},
};

use super::{CallBody, Peer, peer::RetryPolicy, stream};
use crate::{Authenticator, Problem, ServiceCaller, auth::token_time_left, problem::JsonBody};

type Api = Arc<dyn Records>;
type Answer<T> = Result<Json<T>, Problem>;

/// A decision and its audit entry come first, then the sources' own deadline.
const RECORD: (Duration, RetryPolicy) = (Duration::from_secs(8), RetryPolicy::Safe);
const STREAM_START: Duration = Duration::from_secs(5);
const DOCUMENT: (Duration, RetryPolicy) = (Duration::from_secs(20), RetryPolicy::Safe);
const READ: (Duration, RetryPolicy) = (Duration::from_secs(4), RetryPolicy::Safe);

pub fn routes(api: Api) -> Router {
    Router::new()
        .route("/internal/v1/record", post(whole))
        .route("/internal/v1/record/follow", post(view))
        .route("/internal/v1/document", post(document))
        .route("/internal/v1/item", post(item))
        .route("/internal/v1/sources", post(sources))
        .with_state(api)
}

async fn whole(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<ViewRequest>,
) -> Answer<Record> {
    Ok(Json(api.whole(&from, ask).await?))
}

async fn view(
    State(api): State<Api>,
    Extension(authenticator): Extension<Authenticator>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<ViewRequest>,
) -> Result<Response, Problem> {
    let lasts = token_time_left(from.until, authenticator.clock.now());
    Ok(stream::answer(api.view(&from, ask).await?, lasts))
}

async fn document(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<ViewRequest, DocumentRequest>>,
) -> Answer<DocumentContent> {
    Ok(Json(api.document(&from, ask.about, ask.with).await?))
}

async fn item(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<ViewRequest, String>>,
) -> Answer<SourceItem> {
    Ok(Json(api.item(&from, ask.about, &ask.with).await?))
}

async fn sources(State(api): State<Api>, ServiceCaller(from): ServiceCaller) -> Answer<Vec<SourceStatus>> {
    Ok(Json(api.sources(&from).await?))
}

/// The client of record-aggregation.
#[derive(Debug)]
pub struct Remote(pub Peer);

#[async_trait]
impl Records for Remote {
    async fn view(&self, caller: &Caller, ask: ViewRequest) -> Result<BoxStream<'static, Update>, Failure> {
        self.0.stream(caller, "record/follow", &ask, STREAM_START).await
    }

    async fn whole(&self, caller: &Caller, ask: ViewRequest) -> Result<Record, Failure> {
        self.0.call(Some(caller), "record", &ask, RECORD).await
    }

    async fn document(
        &self,
        caller: &Caller,
        ask: ViewRequest,
        file: DocumentRequest,
    ) -> Result<DocumentContent, Failure> {
        self.0.call(Some(caller), "document", &CallBody { about: ask, with: file }, DOCUMENT).await
    }

    async fn item(&self, caller: &Caller, ask: ViewRequest, entry: &str) -> Result<SourceItem, Failure> {
        self.0.call(Some(caller), "item", &CallBody { about: ask, with: entry }, RECORD).await
    }

    async fn sources(&self, caller: &Caller) -> Result<Vec<SourceStatus>, Failure> {
        self.0.call(Some(caller), "sources", &(), READ).await
    }
}

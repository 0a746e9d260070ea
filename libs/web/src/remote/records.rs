//! Record aggregation across the wire: a record whole, or as it fills, for as long as the caller's token lives.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Extension, Json, Router, extract::State, response::Response, routing::post};
use futures::stream::BoxStream;
use lcr_contracts::{
    Caller, Failure, Records,
    record::Record,
    records::{DocumentAsk, DocumentContent, SourceItem, SourceStatus, Update, ViewAsk},
};

use super::{About, Peer, peer::Repeat, stream};
use crate::{Gate, Inside, Problem, gate::left, problem::JsonBody};

type Api = Arc<dyn Records>;
type Answer<T> = Result<Json<T>, Problem>;

/// Decided and recorded first, then the sources' own deadline.
const RECORD: (Duration, Repeat) = (Duration::from_secs(8), Repeat::Safe);
const BEGIN: Duration = Duration::from_secs(5);
const DOCUMENT: (Duration, Repeat) = (Duration::from_secs(20), Repeat::Safe);
const READ: (Duration, Repeat) = (Duration::from_secs(4), Repeat::Safe);

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
    Inside(from): Inside,
    JsonBody(ask): JsonBody<ViewAsk>,
) -> Answer<Record> {
    Ok(Json(api.whole(&from, ask).await?))
}

async fn view(
    State(api): State<Api>,
    Extension(gate): Extension<Gate>,
    Inside(from): Inside,
    JsonBody(ask): JsonBody<ViewAsk>,
) -> Result<Response, Problem> {
    let lasts = left(from.until, gate.clock.now());
    Ok(stream::answer(api.view(&from, ask).await?, lasts))
}

async fn document(
    State(api): State<Api>,
    Inside(from): Inside,
    JsonBody(ask): JsonBody<About<ViewAsk, DocumentAsk>>,
) -> Answer<DocumentContent> {
    Ok(Json(api.document(&from, ask.about, ask.with).await?))
}

async fn item(
    State(api): State<Api>,
    Inside(from): Inside,
    JsonBody(ask): JsonBody<About<ViewAsk, String>>,
) -> Answer<SourceItem> {
    Ok(Json(api.item(&from, ask.about, &ask.with).await?))
}

async fn sources(State(api): State<Api>, Inside(from): Inside) -> Answer<Vec<SourceStatus>> {
    Ok(Json(api.sources(&from).await?))
}

/// Record aggregation, elsewhere.
#[derive(Debug)]
pub struct Remote(pub Peer);

#[async_trait]
impl Records for Remote {
    async fn view(&self, caller: &Caller, ask: ViewAsk) -> Result<BoxStream<'static, Update>, Failure> {
        self.0.follow(caller, "record/follow", &ask, BEGIN).await
    }

    async fn whole(&self, caller: &Caller, ask: ViewAsk) -> Result<Record, Failure> {
        self.0.ask(Some(caller), "record", &ask, RECORD).await
    }

    async fn document(
        &self,
        caller: &Caller,
        ask: ViewAsk,
        file: DocumentAsk,
    ) -> Result<DocumentContent, Failure> {
        self.0.ask(Some(caller), "document", &About { about: ask, with: file }, DOCUMENT).await
    }

    async fn item(&self, caller: &Caller, ask: ViewAsk, entry: &str) -> Result<SourceItem, Failure> {
        self.0.ask(Some(caller), "item", &About { about: ask, with: entry }, RECORD).await
    }

    async fn sources(&self, caller: &Caller) -> Result<Vec<SourceStatus>, Failure> {
        self.0.ask(Some(caller), "sources", &(), READ).await
    }
}

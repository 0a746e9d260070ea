//! Patient index over HTTP. Search text must never be in a URL.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Json, Router, extract::State, routing::post};
use lcr_contracts::{
    Caller, Failure, PatientIndex,
    patient_index::{
        DecideReview, Identifier, PatientSummary, PersonIdentities, ReviewPage, SearchAnswer, SearchQuery,
    },
};
use lcr_model::{PersonId, SourceIdentity, ViewId};
use uuid::Uuid;

use super::{CallBody, Peer, peer::RetryPolicy};
use crate::{Problem, ServiceCaller, auth::ServiceOnly, problem::JsonBody};

type Api = Arc<dyn PatientIndex>;
type Answer<T> = Result<Json<T>, Problem>;

/// A search calls consent, and consent calls audit.
const SEARCH: (Duration, RetryPolicy) = (Duration::from_secs(5), RetryPolicy::Safe);
/// A decision must not be made twice.
const DECIDE: (Duration, RetryPolicy) = (Duration::from_secs(5), RetryPolicy::IfUnsent);
const READ: (Duration, RetryPolicy) = (Duration::from_secs(4), RetryPolicy::Safe);

pub fn routes(api: Api) -> Router {
    Router::new()
        .route("/internal/v1/people/search", post(search))
        .route("/internal/v1/people/stub", post(summary))
        .route("/internal/v1/people/summaries", post(summaries))
        .route("/internal/v1/people/of-record", post(person_of))
        .route("/internal/v1/people/resolve", post(resolve))
        .route("/internal/v1/people/own", post(own))
        .route("/internal/v1/people/identifiers", post(identifiers))
        .route("/internal/v1/people/count", post(count))
        .route("/internal/v1/reviews", post(reviews))
        .route("/internal/v1/reviews/decide", post(decide_review))
        .with_state(api)
}

async fn search(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(query): JsonBody<SearchQuery>,
) -> Answer<SearchAnswer> {
    Ok(Json(api.search(&from, query).await?))
}

async fn summary(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<(PersonId, ViewId)>>,
) -> Answer<PatientSummary> {
    Ok(Json(api.summary(&from, ask.about.0, ask.about.1).await?))
}

async fn summaries(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<Vec<PersonId>, ViewId>>,
) -> Answer<Vec<PatientSummary>> {
    Ok(Json(api.summaries(&from, ask.about, ask.with).await?))
}

async fn person_of(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<SourceIdentity>>,
) -> Answer<Option<PatientSummary>> {
    Ok(Json(api.person_of(&from, ask.about).await?))
}

async fn resolve(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<PersonId>>,
) -> Answer<PersonIdentities> {
    Ok(Json(api.resolve(&from, ask.about).await?))
}

async fn own(State(api): State<Api>, ServiceCaller(from): ServiceCaller) -> Answer<Option<PersonId>> {
    Ok(Json(api.own(&from).await?))
}

async fn identifiers(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<PersonId>>,
) -> Answer<Vec<Identifier>> {
    Ok(Json(api.identifiers(&from, ask.about).await?))
}

async fn count(State(api): State<Api>, _: ServiceOnly) -> Answer<u64> {
    Ok(Json(api.count().await?))
}

async fn reviews(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<Option<Uuid>>>,
) -> Answer<ReviewPage> {
    Ok(Json(api.reviews(&from, ask.about).await?))
}

async fn decide_review(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<Uuid, DecideReview>>,
) -> Answer<()> {
    Ok(Json(api.decide_review(&from, ask.about, ask.with).await?))
}

/// The client of patient-index.
#[derive(Debug)]
pub struct Remote(pub Peer);

#[async_trait]
impl PatientIndex for Remote {
    async fn search(&self, caller: &Caller, query: SearchQuery) -> Result<SearchAnswer, Failure> {
        self.0.call(Some(caller), "people/search", &query, SEARCH).await
    }

    async fn summary(&self, caller: &Caller, person: PersonId, view: ViewId) -> Result<PatientSummary, Failure> {
        self.0.call(Some(caller), "people/stub", &CallBody { about: (person, view), with: () }, READ).await
    }

    async fn summaries(
        &self,
        caller: &Caller,
        people: Vec<PersonId>,
        view: ViewId,
    ) -> Result<Vec<PatientSummary>, Failure> {
        self.0.call(Some(caller), "people/summaries", &CallBody { about: people, with: view }, SEARCH).await
    }

    async fn person_of(&self, caller: &Caller, identity: SourceIdentity) -> Result<Option<PatientSummary>, Failure> {
        self.0.call(Some(caller), "people/of-record", &CallBody { about: identity, with: () }, SEARCH).await
    }

    async fn resolve(&self, caller: &Caller, person: PersonId) -> Result<PersonIdentities, Failure> {
        self.0.call(Some(caller), "people/resolve", &CallBody { about: person, with: () }, READ).await
    }

    async fn own(&self, caller: &Caller) -> Result<Option<PersonId>, Failure> {
        self.0.call(Some(caller), "people/own", &(), READ).await
    }

    async fn identifiers(&self, caller: &Caller, person: PersonId) -> Result<Vec<Identifier>, Failure> {
        self.0.call(Some(caller), "people/identifiers", &CallBody { about: person, with: () }, READ).await
    }

    async fn reviews(&self, caller: &Caller, after: Option<Uuid>) -> Result<ReviewPage, Failure> {
        self.0.call(Some(caller), "reviews", &CallBody { about: after, with: () }, SEARCH).await
    }

    async fn decide_review(&self, caller: &Caller, id: Uuid, decision: DecideReview) -> Result<(), Failure> {
        self.0.call(Some(caller), "reviews/decide", &CallBody { about: id, with: decision }, DECIDE).await
    }

    async fn count(&self) -> Result<u64, Failure> {
        self.0.call(None, "people/count", &(), READ).await
    }
}

//! Consent over HTTP. If consent cannot be reached, the answer is "views cannot be recorded", and no data may be shown.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Json, Router, extract::State, routing::post};
use lcr_contracts::{
    Caller, Consent, Failure,
    choices::{Choices, NewChoice, Receipt, Review, WaitingCount, WaitingList},
    consent::{Confirm, CountableStay, Decision, DecisionRequest, Explanation},
};
use lcr_model::PersonId;
use uuid::Uuid;

use super::{About, Peer, is_transient, peer::RetryPolicy};
use crate::{Problem, ServiceCaller, problem::JsonBody};

type Api = Arc<dyn Consent>;
type Answer<T> = Result<Json<T>, Problem>;

/// Audit has 1.5 s to commit the entry; the rest is for the network.
const DECISION: (Duration, RetryPolicy) = (Duration::from_millis(2500), RetryPolicy::Safe);
const CONFIRMATION: (Duration, RetryPolicy) = (Duration::from_secs(1), RetryPolicy::Safe);
const READ: (Duration, RetryPolicy) = (Duration::from_secs(4), RetryPolicy::Safe);
const ACT: (Duration, RetryPolicy) = (Duration::from_secs(5), RetryPolicy::IfUnsent);

pub fn routes(api: Api) -> Router {
    Router::new()
        .route("/internal/v1/permits", post(decide))
        .route("/internal/v1/countable", post(countable))
        .route("/internal/v1/confirmations", post(confirm))
        .route("/internal/v1/explanations", post(explain))
        .route("/internal/v1/choices", post(choices))
        .route("/internal/v1/choices/object", post(object))
        .route("/internal/v1/choices/withdraw", post(withdraw))
        .route("/internal/v1/choices/review", post(review))
        .route("/internal/v1/choices/waiting", post(waiting_objections))
        .route("/internal/v1/choices/waiting/count", post(count_waiting_objections))
        .with_state(api)
}

async fn decide(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<DecisionRequest>,
) -> Answer<Decision> {
    Ok(Json(api.decide(&from, ask).await?))
}

async fn countable(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<DecisionRequest>,
) -> Answer<Vec<CountableStay>> {
    Ok(Json(api.countable(&from, ask).await?))
}

async fn confirm(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<Confirm>,
) -> Answer<bool> {
    Ok(Json(api.confirm(&from, ask).await?))
}

async fn explain(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<About<PersonId>>,
) -> Answer<Explanation> {
    Ok(Json(api.explain(&from, ask.about).await?))
}

async fn choices(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<About<PersonId>>,
) -> Answer<Choices> {
    Ok(Json(api.choices(&from, ask.about).await?))
}

async fn object(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<About<PersonId, NewChoice>>,
) -> Answer<Receipt> {
    Ok(Json(api.object(&from, ask.about, ask.with).await?))
}

async fn withdraw(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<About<(PersonId, Uuid), Option<String>>>,
) -> Answer<Receipt> {
    Ok(Json(api.withdraw_because(&from, ask.about.0, ask.about.1, ask.with).await?))
}

async fn review(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<About<(PersonId, Uuid), Review>>,
) -> Answer<Receipt> {
    Ok(Json(api.review(&from, ask.about.0, ask.about.1, ask.with).await?))
}

async fn waiting_objections(State(api): State<Api>, ServiceCaller(from): ServiceCaller) -> Answer<WaitingList> {
    Ok(Json(api.waiting_objections(&from).await?))
}

async fn count_waiting_objections(State(api): State<Api>, ServiceCaller(from): ServiceCaller) -> Answer<WaitingCount> {
    Ok(Json(api.count_waiting_objections(&from).await?))
}

/// The client of consent.
#[derive(Debug)]
pub struct Remote(pub Peer);

fn fail_closed(failure: Failure) -> Failure {
    if is_transient(&failure) { Failure::cannot_record(failure.inward()) } else { failure }
}

#[async_trait]
impl Consent for Remote {
    async fn decide(&self, caller: &Caller, ask: DecisionRequest) -> Result<Decision, Failure> {
        self.0.call(Some(caller), "permits", &ask, DECISION).await.map_err(fail_closed)
    }

    async fn countable(&self, caller: &Caller, ask: DecisionRequest) -> Result<Vec<CountableStay>, Failure> {
        self.0.call(Some(caller), "countable", &ask, READ).await
    }

    async fn confirm(&self, caller: &Caller, confirm: Confirm) -> Result<bool, Failure> {
        self.0.call(Some(caller), "confirmations", &confirm, CONFIRMATION).await.map_err(fail_closed)
    }

    async fn explain(&self, caller: &Caller, person: PersonId) -> Result<Explanation, Failure> {
        self.0.call(Some(caller), "explanations", &About { about: person, with: () }, READ).await
    }

    async fn choices(&self, caller: &Caller, person: PersonId) -> Result<Choices, Failure> {
        self.0.call(Some(caller), "choices", &About { about: person, with: () }, READ).await
    }

    async fn object(&self, caller: &Caller, person: PersonId, new: NewChoice) -> Result<Receipt, Failure> {
        self.0.call(Some(caller), "choices/object", &About { about: person, with: new }, ACT).await
    }

    async fn withdraw(&self, caller: &Caller, person: PersonId, choice: Uuid) -> Result<Receipt, Failure> {
        self.withdraw_because(caller, person, choice, None).await
    }

    async fn withdraw_because(
        &self,
        caller: &Caller,
        person: PersonId,
        choice: Uuid,
        reason: Option<String>,
    ) -> Result<Receipt, Failure> {
        let ask = About { about: (person, choice), with: reason };
        self.0.call(Some(caller), "choices/withdraw", &ask, ACT).await
    }

    async fn review(
        &self,
        caller: &Caller,
        person: PersonId,
        choice: Uuid,
        review: Review,
    ) -> Result<Receipt, Failure> {
        self.0.call(Some(caller), "choices/review", &About { about: (person, choice), with: review }, ACT).await
    }

    async fn waiting_objections(&self, caller: &Caller) -> Result<WaitingList, Failure> {
        self.0.call(Some(caller), "choices/waiting", &(), READ).await
    }

    async fn count_waiting_objections(&self, caller: &Caller) -> Result<WaitingCount, Failure> {
        self.0.call(Some(caller), "choices/waiting/count", &(), READ).await
    }
}

//! Consent over HTTP. If consent cannot be reached, the answer is "views cannot be recorded", and no data may be shown.

mod choice_routes;
mod claim_routes;
mod decision_routes;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Json, Router, extract::State, routing::post};
use choice_routes::{choices, count_waiting_objections, object, review, waiting_objections, withdraw};
use claim_routes::{claim, claims, count_claims, end_override, override_refusal, record_launch, review_claim};
use decision_routes::{confirm, countable, decide, explain};
use jiff::Timestamp;
use lcr_contracts::{
    Caller, Consent, Failure,
    care_list::{CareList, CareListQuery},
    choices::{Choices, NewChoice, Receipt, Review, WaitingCount, WaitingList},
    claims::{AccessRules, ClaimCount, ClaimList, ClaimReceipt, ClaimReview, NewClaim, NewOverride},
    consent::{Confirm, CountableStay, Decision, DecisionRequest, Explanation},
};
use lcr_model::PersonId;
use uuid::Uuid;

use super::{CallBody, Peer, is_transient, peer::RetryPolicy};
use crate::{Problem, ServiceCaller, auth::ServiceOnly, problem::JsonBody};

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
        .route("/internal/v1/claims", post(claim))
        .route("/internal/v1/claims/override", post(override_refusal))
        .route("/internal/v1/claims/end", post(end_override))
        .route("/internal/v1/claims/launch", post(record_launch))
        .route("/internal/v1/claims/list", post(claims))
        .route("/internal/v1/claims/count", post(count_claims))
        .route("/internal/v1/claims/review", post(review_claim))
        .route("/internal/v1/care-list", post(care_list))
        .route("/internal/v1/rules", post(rules))
        .with_state(api)
}

async fn care_list(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(query): JsonBody<CareListQuery>,
) -> Answer<CareList> {
    Ok(Json(api.care_list(&from, query).await?))
}

async fn rules(State(api): State<Api>, _: ServiceOnly) -> Answer<AccessRules> {
    Ok(Json(api.rules().await?))
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
        self.0.call(Some(caller), "explanations", &CallBody { about: person, with: () }, READ).await
    }

    async fn choices(&self, caller: &Caller, person: PersonId) -> Result<Choices, Failure> {
        self.0.call(Some(caller), "choices", &CallBody { about: person, with: () }, READ).await
    }

    async fn object(&self, caller: &Caller, person: PersonId, new: NewChoice) -> Result<Receipt, Failure> {
        self.0.call(Some(caller), "choices/object", &CallBody { about: person, with: new }, ACT).await
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
        let ask = CallBody { about: (person, choice), with: reason };
        self.0.call(Some(caller), "choices/withdraw", &ask, ACT).await
    }

    async fn review(
        &self,
        caller: &Caller,
        person: PersonId,
        choice: Uuid,
        review: Review,
    ) -> Result<Receipt, Failure> {
        self.0.call(Some(caller), "choices/review", &CallBody { about: (person, choice), with: review }, ACT).await
    }

    async fn waiting_objections(&self, caller: &Caller) -> Result<WaitingList, Failure> {
        self.0.call(Some(caller), "choices/waiting", &(), READ).await
    }

    async fn count_waiting_objections(&self, caller: &Caller) -> Result<WaitingCount, Failure> {
        self.0.call(Some(caller), "choices/waiting/count", &(), READ).await
    }

    async fn claim(&self, caller: &Caller, person: PersonId, new: NewClaim) -> Result<ClaimReceipt, Failure> {
        self.0.call(Some(caller), "claims", &CallBody { about: person, with: new }, ACT).await
    }

    async fn override_refusal(
        &self,
        caller: &Caller,
        person: PersonId,
        new: NewOverride,
        signed_in_at: Option<Timestamp>,
    ) -> Result<ClaimReceipt, Failure> {
        let ask = CallBody { about: person, with: (new, signed_in_at) };
        self.0.call(Some(caller), "claims/override", &ask, ACT).await
    }

    async fn end_override(&self, caller: &Caller, person: PersonId, claim: Uuid) -> Result<(), Failure> {
        self.0.call(Some(caller), "claims/end", &CallBody { about: person, with: claim }, ACT).await
    }

    async fn record_launch(&self, caller: &Caller, person: PersonId) -> Result<ClaimReceipt, Failure> {
        self.0.call(Some(caller), "claims/launch", &CallBody { about: person, with: () }, ACT).await
    }

    async fn claims(&self, caller: &Caller) -> Result<ClaimList, Failure> {
        self.0.call(Some(caller), "claims/list", &(), READ).await
    }

    async fn count_claims(&self, caller: &Caller) -> Result<ClaimCount, Failure> {
        self.0.call(Some(caller), "claims/count", &(), READ).await
    }

    async fn review_claim(&self, caller: &Caller, claim: Uuid, review: ClaimReview) -> Result<(), Failure> {
        self.0.call(Some(caller), "claims/review", &CallBody { about: claim, with: review }, ACT).await
    }

    async fn care_list(&self, caller: &Caller, query: CareListQuery) -> Result<CareList, Failure> {
        self.0.call(Some(caller), "care-list", &query, READ).await
    }

    async fn rules(&self) -> Result<AccessRules, Failure> {
        self.0.call(None, "rules", &(), READ).await
    }
}

//! Partners over HTTP. A change goes in the body, since it may hold credentials. Only the gateway calls.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Json, Router, extract::State, routing::post};
use lcr_contracts::{
    Caller, Failure, Partners,
    partners::{
        PartnerFile, PartnerReceipt, PartnerRequest, PartnerSummary,
        agreement::AgreementText,
        people::{AccessRequest, Applicant, NewAccessRequest, OpenSession, PeopleList, SignInCounts},
        sharing_register::SharingRegister,
    },
};
use lcr_model::{OdsCode, Phi, ServiceName};

use super::{CallBody, Peer, peer::RetryPolicy};
use crate::{Problem, ServiceCaller, auth::ServiceOnly, problem::JsonBody};

type Api = Arc<dyn Partners>;
type Answer<T> = Result<Json<T>, Problem>;

const READ: (Duration, RetryPolicy) = (Duration::from_secs(4), RetryPolicy::Safe);
/// A change may run a check against a partner's system, which has a limit of 40 seconds of its own.
const CHANGE: (Duration, RetryPolicy) = (Duration::from_secs(45), RetryPolicy::IfUnsent);

pub fn routes(api: Api) -> Router {
    Router::new()
        .route("/internal/v1/partners/change", post(change))
        .route("/internal/v1/partners", post(partners))
        .route("/internal/v1/partners/file", post(partner))
        .route("/internal/v1/partners/agreement", post(agreement_text))
        .route("/internal/v1/partners/people", post(people))
        .route("/internal/v1/partners/sessions", post(sessions))
        .route("/internal/v1/partners/sign-in-counts", post(sign_in_counts))
        .route("/internal/v1/partners/sharing-register", post(sharing_register))
        .route("/internal/v1/partners/applicant", post(applicant))
        .route("/internal/v1/partners/access-requests", post(request_access))
        .with_state(api)
}

fn gateway_only(caller: ServiceOnly) -> Result<(), Failure> {
    if caller.0 == ServiceName::Gateway { Ok(()) } else { Err(Failure::forbidden("Only the gateway asks this.")) }
}

async fn change(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(request): JsonBody<PartnerRequest>,
) -> Answer<PartnerReceipt> {
    Ok(Json(api.change(&from, request).await?))
}

async fn partners(State(api): State<Api>, ServiceCaller(from): ServiceCaller) -> Answer<Vec<PartnerSummary>> {
    Ok(Json(api.partners(&from).await?))
}

async fn partner(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<OdsCode>>,
) -> Answer<PartnerFile> {
    Ok(Json(api.partner(&from, &ask.about).await?))
}

async fn agreement_text(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<OdsCode>>,
) -> Answer<AgreementText> {
    Ok(Json(api.agreement_text(&from, &ask.about).await?))
}

async fn people(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<OdsCode>>,
) -> Answer<PeopleList> {
    Ok(Json(api.people(&from, &ask.about).await?))
}

async fn sessions(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<Option<OdsCode>>>,
) -> Answer<Vec<OpenSession>> {
    Ok(Json(api.sessions(&from, ask.about.as_ref()).await?))
}

async fn sign_in_counts(
    State(api): State<Api>,
    ServiceCaller(from): ServiceCaller,
    JsonBody(ask): JsonBody<CallBody<OdsCode>>,
) -> Answer<SignInCounts> {
    Ok(Json(api.sign_in_counts(&from, &ask.about).await?))
}

async fn sharing_register(State(api): State<Api>, caller: ServiceOnly) -> Answer<SharingRegister> {
    gateway_only(caller)?;
    Ok(Json(api.sharing_register().await?))
}

async fn applicant(
    State(api): State<Api>,
    caller: ServiceOnly,
    JsonBody(ask): JsonBody<CallBody<Phi<String>>>,
) -> Answer<Option<Applicant>> {
    gateway_only(caller)?;
    Ok(Json(api.applicant(&ask.about).await?))
}

async fn request_access(
    State(api): State<Api>,
    caller: ServiceOnly,
    JsonBody(ask): JsonBody<CallBody<Phi<String>, NewAccessRequest>>,
) -> Answer<AccessRequest> {
    gateway_only(caller)?;
    Ok(Json(api.request_access(&ask.about, ask.with).await?))
}

/// The client of identity's partners.
#[derive(Debug)]
pub struct Remote(pub Peer);

#[async_trait]
impl Partners for Remote {
    async fn change(&self, caller: &Caller, request: PartnerRequest) -> Result<PartnerReceipt, Failure> {
        self.0.call(Some(caller), "partners/change", &request, CHANGE).await
    }

    async fn partners(&self, caller: &Caller) -> Result<Vec<PartnerSummary>, Failure> {
        self.0.call(Some(caller), "partners", &(), READ).await
    }

    async fn partner(&self, caller: &Caller, ods: &OdsCode) -> Result<PartnerFile, Failure> {
        self.0.call(Some(caller), "partners/file", &CallBody { about: ods, with: () }, READ).await
    }

    async fn agreement_text(&self, caller: &Caller, ods: &OdsCode) -> Result<AgreementText, Failure> {
        self.0.call(Some(caller), "partners/agreement", &CallBody { about: ods, with: () }, READ).await
    }

    async fn people(&self, caller: &Caller, ods: &OdsCode) -> Result<PeopleList, Failure> {
        self.0.call(Some(caller), "partners/people", &CallBody { about: ods, with: () }, READ).await
    }

    async fn sessions(&self, caller: &Caller, ods: Option<&OdsCode>) -> Result<Vec<OpenSession>, Failure> {
        self.0.call(Some(caller), "partners/sessions", &CallBody { about: ods, with: () }, READ).await
    }

    async fn sign_in_counts(&self, caller: &Caller, ods: &OdsCode) -> Result<SignInCounts, Failure> {
        self.0.call(Some(caller), "partners/sign-in-counts", &CallBody { about: ods, with: () }, READ).await
    }

    async fn sharing_register(&self) -> Result<SharingRegister, Failure> {
        self.0.call(None, "partners/sharing-register", &(), READ).await
    }

    async fn applicant(&self, sealed: &Phi<String>) -> Result<Option<Applicant>, Failure> {
        self.0.call(None, "partners/applicant", &CallBody { about: sealed, with: () }, READ).await
    }

    async fn request_access(&self, sealed: &Phi<String>, request: NewAccessRequest) -> Result<AccessRequest, Failure> {
        self.0.call(None, "partners/access-requests", &CallBody { about: sealed, with: request }, CHANGE).await
    }
}

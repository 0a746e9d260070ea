//! A client's requests are counted by its verified token, each client by itself, and nobody else's are counted.

#![allow(clippy::unwrap_used, reason = "tests")]

use axum::{Router, body::Body, http::StatusCode, response::IntoResponse as _, routing::get};
use lcr_auth::{KeyRing, sign_user};
use lcr_model::{Actor, Clock as _, OdsCode, Purpose, Role, ServiceName, SessionId, SigningKey, SystemClock};
use tower::ServiceExt as _;

use super::*;

/// A service, and the key of identity, whose tokens it accepts.
fn authenticator() -> (Authenticator, SigningKey) {
    let key = SigningKey::generate().unwrap();
    let keys = KeyRing::new(SigningKey::generate().unwrap(), [(ServiceName::Identity, key.public().clone())]);
    (Authenticator { me: ServiceName::Feeds, keys, clock: Arc::new(SystemClock) }, key)
}

fn claims(user: &str, kind: ActorKind, scope: &str, per_minute: u32) -> UserClaims {
    let actor = Actor {
        user: UserId::new(user),
        kind,
        name: "An engine".into(),
        org: OdsCode::new("Z9H01"),
        role: Role::FeedsClient,
        purpose: Purpose::Administration,
        session: SessionId::new(),
    };
    UserClaims { per_minute: NonZeroU32::new(per_minute), ..UserClaims::new(&actor, scope, SystemClock.now()) }
}

fn client(user: &str, per_minute: u32) -> UserClaims {
    claims(user, ActorKind::Client, "feeds.write", per_minute)
}

fn headers(key: &SigningKey, claims: &UserClaims) -> HeaderMap {
    let value = format!("Bearer {}", sign_user(key, claims).unwrap());
    HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())])
}

#[test]
fn each_client_has_the_limit_of_its_registration() {
    let (authenticator, key) = authenticator();
    let limits = ClientLimits::new(authenticator, &[]);
    let allowed = |claims: &UserClaims| {
        let headers = headers(&key, claims);
        (0..10).filter(|_| limits.check("/v1/fhir", &headers).is_ok()).count()
    };
    assert_eq!(allowed(&client("client-one", 3)), 3);
    assert_eq!(allowed(&client("client-one", 3)), 0, "another token of the same client");
    assert_eq!(allowed(&client("client-two", 3)), 3);
    assert_eq!(allowed(&client("client-three", 0)), 10, "the platform's default");
    assert_eq!(allowed(&claims("user", ActorKind::Person, "session", 3)), 10, "a person has no such limit");
}

#[test]
fn a_client_that_changes_its_own_rate_does_not_start_afresh() {
    let (authenticator, key) = authenticator();
    let limits = ClientLimits::new(authenticator, &[]);
    let is_allowed = |rate| limits.check("/v1/fhir", &headers(&key, &client("client-one", rate))).is_ok();
    assert_eq!([2, 2, 2, 3, 20, 1].map(is_allowed), [true, true, false, false, false, false]);
}

#[test]
fn a_sender_has_a_higher_default_than_a_reader() {
    assert_eq!(rate_of(&client("a", 0)).get(), 6_000);
    assert_eq!(rate_of(&claims("a", ActorKind::Client, "people.write feeds.write", 0)).get(), 6_000);
    assert_eq!(rate_of(&claims("a", ActorKind::Client, "fhir.read", 0)).get(), 600);
    assert_eq!(rate_of(&claims("a", ActorKind::Client, "fhir.read", 50)).get(), 50);
}

#[test]
fn a_forged_token_uses_up_nobodys_requests_and_services_are_not_counted() {
    let (authenticator, key) = authenticator();
    let limits = ClientLimits::new(authenticator, &[]);
    let (real, forged) = (client("client-one", 2), SigningKey::generate().unwrap());
    for _ in 0..5 {
        assert!(limits.check("/v1/fhir", &headers(&forged, &real)).is_ok(), "the handler refuses it");
        assert!(limits.check("/internal/v1/people", &headers(&key, &real)).is_ok());
        assert!(limits.check("/v1/fhir", &HeaderMap::new()).is_ok());
    }
    let asked = (0..4).map(|_| limits.check("/v1/fhir", &headers(&key, &real)).is_ok());
    assert_eq!(asked.collect::<Vec<_>>(), [true, true, false, false]);
}

/// What a client's second request of a minute, which may have one, is answered.
async fn second_answer(path: &'static str, forms: &'static [FailureForm]) -> Response {
    let (authenticator, key) = authenticator();
    let routes = Router::new().route(path, get(|| async { "read" }));
    let router = crate::api::serve_api_with(routes, authenticator, forms);
    let headers = headers(&key, &client("client-one", 1));
    let ask = async || {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = path.parse().unwrap();
        *request.headers_mut() = headers.clone();
        router.clone().oneshot(request).await.unwrap()
    };
    assert_eq!(ask().await.status(), StatusCode::OK);
    ask().await
}

#[tokio::test]
async fn a_refusal_is_a_problem_that_says_when_to_try_again() {
    let refused = second_answer("/v1/fhir", &[]).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(refused.headers()[header::RETRY_AFTER], "60", "the only request of a minute");
}

#[tokio::test]
async fn a_refusal_has_the_form_of_the_standard_whose_path_was_asked() {
    const FORMS: &[FailureForm] =
        &[FailureForm { prefix: "/scim/", answer: |failure| failure.outward().to_owned().into_response() }];
    let refused = second_answer("/scim/v2/Users", FORMS).await;
    assert_eq!(refused.headers()[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    let refused = second_answer("/v1/fhir", FORMS).await;
    assert_eq!(refused.headers()[header::CONTENT_TYPE], "application/problem+json");
}

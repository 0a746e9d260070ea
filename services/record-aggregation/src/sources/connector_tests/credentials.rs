//! A source that wants credentials: it is asked with them or not at all.

use axum::{Router, extract::Request, http::StatusCode, response::IntoResponse};
use lcr_contracts::{
    record::MissingReason,
    registry::{Credentials, SystemSetup},
};
use lcr_model::Phi;

use super::{
    super::*,
    server::{bundle, connect, data_keys, flag, system, who},
};

/// A source that answers only to `Basic lcr:secret`. Returns its address, and counts the requests.
async fn start() -> (String, Arc<AtomicU32>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (base, hits) = (format!("http://{}/fhir", listener.local_addr().unwrap()), Arc::new(AtomicU32::new(0)));
    let counter = hits.clone();
    let handler = move |request: Request| {
        counter.fetch_add(1, Ordering::SeqCst);
        let is_ours = request.headers().get("authorization").is_some_and(|value| value == "Basic bGNyOnNlY3JldA==");
        let body = bundle(&[flag(1)], Some(1), None).to_string();
        async move { if is_ours { body.into_response() } else { StatusCode::UNAUTHORIZED.into_response() } }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(handler)).await });
    (base, hits)
}

/// The flags of a source with this password, and its health.
async fn fetch(base: &str, password: &str, sealed_with: &DataKeys, keys: &Arc<DataKeys>) -> (TypeAnswer, Health) {
    let mut system = system(base);
    let credentials = Credentials::Basic { user: "lcr".into(), password: Phi::new(password.into()) };
    let sealed = credentials.seal(&system.id, None, sealed_with, Timestamp::UNIX_EPOCH).unwrap();
    system.setup = SystemSetup { credentials: Some(sealed), ..SystemSetup::default() };
    let connector = connect(system, keys);
    let (retries, budget) = (RetryBudget::new(3), connector.view_budget());
    let until = Instant::now() + Duration::from_secs(5);
    let progress = Progress::default();
    let who = connector.person(who()).await;
    let answer = connector.fetch_type(ResourceType::Flag, &who, until, (&retries, &budget), &progress).await;
    (answer, connector.health())
}

#[tokio::test]
async fn a_source_is_asked_with_its_credentials_or_not_at_all() {
    let (base, hits) = start().await;
    let (keys, others) = (data_keys(), data_keys());
    let (answer, health) = fetch(&base, "secret", &keys, &keys).await;
    assert_eq!((answer.items.len(), health.failing), (1, false));
    let refused = (QueryOutcome::Failed, Some(MissingReason::Refused(401)), true);
    let (answer, health) = fetch(&base, "wrong", &keys, &keys).await;
    assert_eq!((answer.outcome, answer.reason, health.failing), refused);
    let before = hits.load(Ordering::SeqCst);
    let (answer, health) = fetch(&base, "secret", &others, &keys).await;
    assert_eq!((answer.outcome, answer.reason, health.failing), refused);
    assert_eq!(hits.load(Ordering::SeqCst), before, "credentials that do not open are not left out");
}

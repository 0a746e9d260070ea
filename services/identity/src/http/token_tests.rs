//! A refused token request is read by OAuth clients and by people (RFC 6749 section 5.2, RFC 9457).

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_contracts::{Failure, FailureKind};

use super::*;

async fn read(refusal: TokenRefusal) -> (u16, String, Value) {
    let response = to_response(refusal).await;
    let content_type = response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), MAX_PROBLEM).await.unwrap();
    (status, content_type, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn a_refusal_has_the_members_of_a_problem_and_the_error_of_oauth() {
    let failure = Failure::new(FailureKind::Unauthenticated, "The client or its proof was not accepted.");
    let (status, content_type, body) = read(TokenRefusal::of_client(failure)).await;
    assert_eq!((status, content_type.as_str()), (401, "application/problem+json"));
    assert_eq!((body["error"].as_str(), body["status"].as_u64()), (Some("invalid_client"), Some(401)));
    assert!(body["detail"].as_str().unwrap().contains("not accepted"));
    let (status, _, body) = read(TokenRefusal::of_request("invalid_scope", "Another scope.")).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_scope")));
}

#[tokio::test]
async fn a_refusal_that_is_not_about_the_request_has_no_error_of_oauth() {
    let failure = Failure::new(FailureKind::TooManyRequests, "Too often.");
    let (status, _, body) = read(TokenRefusal::of_client(failure)).await;
    assert_eq!(status, 429);
    assert!(body.get("error").is_none(), "{body}");
}

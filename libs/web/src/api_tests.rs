//! Unknown paths and methods are answered in the form that the path's clients read.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
    routing::get,
};
use lcr_auth::KeyRing;
use lcr_model::{ServiceName, SigningKey, SystemClock};
use tower::ServiceExt as _;

use super::*;

const FORMS: &[FailureForm] = &[FailureForm {
    prefix: "/scim/",
    answer: |failure| (crate::problem::status(failure.kind), failure.outward().to_owned()).into_response(),
}];

/// The status and the media type of an answer.
async fn ask(method: Method, path: &str) -> (StatusCode, String) {
    let keys = KeyRing::new(SigningKey::generate().unwrap(), []);
    let authenticator = Authenticator { me: ServiceName::Identity, keys, clock: Arc::new(SystemClock) };
    let read = || async { "read" };
    let routes = Router::new().route("/scim/v2/Users", get(read)).route("/v1/people", get(read));
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let answer = serve_api_with(routes, authenticator, FORMS).oneshot(request).await.unwrap();
    let media_type = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
    (answer.status(), media_type)
}

#[tokio::test]
async fn below_a_standards_path_they_have_its_form_and_elsewhere_they_are_problems() {
    let (text, problem) = ("text/plain; charset=utf-8", "application/problem+json");
    for (known, media_type) in [("/scim/v2/Users", text), ("/v1/people", problem)] {
        let unknown = format!("{known}/one/nothing");
        assert_eq!(ask(Method::GET, &unknown).await, (StatusCode::NOT_FOUND, media_type.to_owned()));
        assert_eq!(ask(Method::DELETE, known).await, (StatusCode::METHOD_NOT_ALLOWED, media_type.to_owned()));
        assert_eq!(ask(Method::GET, known).await.0, StatusCode::OK);
    }
}

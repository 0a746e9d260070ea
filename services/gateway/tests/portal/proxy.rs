//! The proxy for machines: which paths, headers and bodies it forwards, and what it must never reach.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use futures::{StreamExt, stream};
use lcr_gateway::proxy::{Forward, ForwardError, ProxyBody, ProxyRequest, ProxyResponse};

use crate::{
    browser::{self, send},
    fakes::World,
};

#[derive(Default)]
struct RecordingForward(Mutex<Vec<ProxyRequest>>);

#[async_trait]
impl Forward for RecordingForward {
    async fn forward(&self, request: ProxyRequest) -> Result<ProxyResponse, ForwardError> {
        if request.url.contains("unreachable") {
            return Err(ForwardError("refused".into()));
        }
        let refuses = request.url.contains("access_denied");
        self.0.lock().unwrap().push(request);
        let headers = [
            ("content-type", "application/json"),
            ("set-cookie", "a=b"),
            ("lcr-inner", "x"),
            ("connection", "x-hop"),
            ("x-hop", "y"),
        ];
        let headers: HeaderMap =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let status = if refuses { StatusCode::UNAUTHORIZED } else { StatusCode::CREATED };
        Ok(ProxyResponse { status, headers, body: stream::iter([Ok("{}".into())]).boxed() })
    }
}

fn gateway() -> (Router, Arc<RecordingForward>) {
    let recorded = Arc::new(RecordingForward::default());
    (lcr_gateway::router_with(Arc::<World>::default().deps(), recorded.clone()), recorded)
}

fn request(path: &str) -> axum::http::request::Builder {
    Request::post(path)
        .header(header::HOST, "localhost:8080")
        .header(header::COOKIE, "__Host-lcr=gp")
        .header(header::CONTENT_TYPE, "application/json")
        .header("lcr-actor", "forged")
        .header("x-forwarded-for", "10.0.0.1")
}

#[tokio::test]
async fn requests_reach_their_service_with_allowed_headers_only() {
    let (router, recorded) = gateway();
    let request = request("/api/patient-index/v1/people/search?x=1").header(header::AUTHORIZATION, "Bearer t");
    let answer = send(router.clone(), request.body(Body::from("{\"q\":\"x\"}")).unwrap()).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::CREATED, "{}"));
    for gone in ["set-cookie", "lcr-inner", "x-hop", "connection"] {
        assert!(!answer.headers.contains_key(gone), "{gone}");
    }
    let forwarded = recorded.0.lock().unwrap().pop().unwrap();
    assert_eq!(forwarded.url, "http://patient-index.test/v1/people/search?x=1");
    assert!(matches!(&forwarded.body, ProxyBody::Buffered(body) if body == "{\"q\":\"x\"}"));
    let mut names: Vec<&str> = forwarded.headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["authorization", "content-type"]);
}

#[tokio::test]
async fn cookies_pass_only_for_sign_in_and_never_with_a_bearer_token() {
    let (router, recorded) = gateway();
    let answer = send(router.clone(), request("/auth/sign-in").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header(header::SET_COOKIE), "a=b");
    assert!(recorded.0.lock().unwrap().pop().unwrap().headers.contains_key(header::COOKIE));
    for (path, bearer) in [
        ("/auth/sign-in", true),
        ("/oauth2/token", false),
        ("/scim/v2/Users", false),
        ("/fhir/R4/Patient", false),
        ("/audit/checkpoint", false),
    ] {
        let request = if bearer { request(path).header(header::AUTHORIZATION, "Bearer t") } else { request(path) };
        send(router.clone(), request.body(Body::empty()).unwrap()).await;
        let forwarded = recorded.0.lock().unwrap().pop().unwrap();
        assert!(!forwarded.headers.contains_key(header::COOKIE), "{path}");
    }
}

#[tokio::test]
async fn internal_is_never_reached() {
    let (router, recorded) = gateway();
    for path in [
        "/internal/v1/permits",
        "/api/consent/internal/v1/permits",
        "/api/consent/v1/../internal/v1/permits",
        "/api/consent/v1/%2e%2e/internal/v1",
        "/api/consent/v1/%2E%2E%2Finternal",
        "/api/consent/v1//internal/v1",
        "/api/consent/v1/%69nternal/x",
        "/api/consent/v1/%252e%252e/internal",
        "/auth/..%2finternal/v1",
        "/fhir/R4/../../internal/v1",
        "/auth/%2e%2e/internal/v1/sessions",
        "/scim/v2/../../internal",
        "/.well-known/../internal/v1",
        "/api/gateway/v1/x",
        "//internal/v1",
    ] {
        let answer = send(router.clone(), request(path).body(Body::empty()).unwrap()).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
    }
    assert!(recorded.0.lock().unwrap().is_empty(), "nothing was passed on");
}

#[tokio::test]
async fn a_failed_sign_in_shows_a_browser_an_error_page() {
    let (router, _) = gateway();
    let back = "/auth/callback?error=access_denied";
    let browser = request(back).header(header::ACCEPT, "text/html,*/*;q=0.8").body(Body::empty()).unwrap();
    let page = send(router.clone(), browser).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    for named in [header::CONTENT_SECURITY_POLICY, header::X_FRAME_OPTIONS] {
        assert!(page.headers.contains_key(&named), "{named}");
    }
    assert_eq!(page.header(header::CACHE_CONTROL), "no-store");
    let sign_in = request("/auth/sign-in?unreachable").header(header::ACCEPT, "text/html");
    let unavailable = send(router.clone(), sign_in.body(Body::empty()).unwrap()).await;
    assert_eq!(unavailable.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(unavailable.text.contains("did not answer"), "{}", unavailable.text);
    assert!(page.text.contains("You are not signed in") && page.text.contains("href=\"/sign-in\""), "{}", page.text);
    let machine = send(router, request(back).body(Body::empty()).unwrap()).await;
    assert_eq!((machine.status, machine.text.as_str()), (StatusCode::UNAUTHORIZED, "{}"));
}

#[tokio::test]
async fn feeds_takes_16_mb_and_other_services_1_mb() {
    let (router, recorded) = gateway();
    let of = |bytes: usize| Body::from(vec![b'x'; bytes]);
    for (path, bytes, status) in [
        ("/api/feeds/v1/fhir", 16 << 20, StatusCode::CREATED),
        ("/api/feeds/v1/fhir", (16 << 20) + 1, StatusCode::PAYLOAD_TOO_LARGE),
        ("/api/consent/v1/decisions", 1 << 20, StatusCode::CREATED),
        ("/api/consent/v1/decisions", (1 << 20) + 1, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let request = request(path).header(header::AUTHORIZATION, "Bearer t").header("x-lcr-source", "lab");
        let answer = send(router.clone(), request.body(of(bytes)).unwrap()).await;
        assert_eq!(answer.status, status, "{path} with {bytes} bytes");
    }
    let stranger = request("/api/feeds/v1/fhir").body(of(2 << 20)).unwrap();
    let answer = send(router, stranger).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "a large body without a token is refused");
    let passed = recorded.0.lock().unwrap();
    assert_eq!(passed.len(), 2);
    assert_eq!(passed[0].headers["x-lcr-source"], "lab", "which of its systems speaks");
}

/// A check takes up to 40 seconds, and its report must not be lost on the way.
#[tokio::test]
async fn only_the_check_of_a_partners_system_or_provider_may_answer_after_ten_seconds() {
    let (router, recorded) = gateway();
    for (path, seconds) in [
        ("/api/identity/v1/organisations/Z9J01/systems/kirkgate/checks", 45),
        ("/api/identity/v1/organisations/Z9J01/providers/checks", 45),
        ("/api/identity/v1/organisations/Z9J01/systems/kirkgate/live", 10),
        ("/api/consent/v1/checks", 10),
    ] {
        let request = request(path).header(header::AUTHORIZATION, "Bearer t");
        send(router.clone(), request.body(Body::empty()).unwrap()).await;
        let forwarded = recorded.0.lock().unwrap().pop().unwrap();
        assert_eq!(forwarded.deadline, Duration::from_secs(seconds), "{path}");
    }
}

#[tokio::test]
async fn refusals_are_problem_details() {
    let (router, _) = gateway();
    let large = request("/api/consent/v1/decisions").body(Body::from(vec![b'x'; 1024 * 1024 + 1])).unwrap();
    let answer = send(router.clone(), large).await;
    assert_eq!(
        (answer.status, answer.header(header::CONTENT_TYPE)),
        (StatusCode::PAYLOAD_TOO_LARGE, "application/problem+json")
    );
    let answer = send(router.clone(), request("/api/consent/v1/x?unreachable").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let elsewhere = Request::get("/").header(header::HOST, "attacker.example").body(Body::empty()).unwrap();
    assert_eq!(send(router, elsewhere).await.status, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(browser::get("/api/nobody/v1/x").await.status, StatusCode::NOT_FOUND);
}

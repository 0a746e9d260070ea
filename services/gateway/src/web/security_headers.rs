//! The security headers of every page, and the check of the host. No page may loosen the headers. Only the document
//! download tightens them.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use lcr_contracts::{Failure, FailureKind};
use lcr_web::{Problem, host::is_loopback};

use crate::state::App;

/// Nothing inline, nothing from outside, no frames.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const PERMISSIONS: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()";

const PAGE_HEADERS: [(HeaderName, &str); 6] = [
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, CSP),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Middleware that adds the page headers. A header that the page set itself stays.
pub(crate) async fn add_page_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    set_page_headers(&mut response);
    response
}

/// Adds the page headers to a response that the middleware does not see.
pub(crate) fn set_page_headers(response: &mut Response) {
    // Overwritten always: event streams come with the weaker `no-cache`.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in PAGE_HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// In the demonstration, serves only the public host, so that no other name can be pointed at it.
pub(crate) async fn check_host(State(app): State<App>, request: Request, next: Next) -> Response {
    let settings = &app.deps.settings;
    let is_public = request_host(&request) == host_of(&settings.public_origin);
    if settings.demo && !is_public && !is_loopback(&request) {
        return Problem(Failure::new(FailureKind::Misdirected, "This address is not served here.")).into_response();
    }
    next.run(request).await
}

fn request_host(request: &Request) -> &str {
    let headers: &HeaderMap = request.headers();
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    host.or_else(|| request.uri().authority().map(http::uri::Authority::as_str)).unwrap_or_default()
}

fn host_of(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}

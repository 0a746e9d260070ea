//! What holds for every answer: the host it may be asked under, and the headers of a page about a patient.
//! No page may loosen them; the document download alone narrows them further.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use lcr_contracts::{Failure, Kind};
use lcr_web::{Problem, host::is_loopback};

use crate::state::App;

/// Nothing inline, nothing from outside, no frames.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const PERMISSIONS: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Adds the headers of a portal page, where the page has not set a stricter one itself.
pub(crate) async fn portal_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    harden(&mut response);
    response
}

/// The same for a page that is made elsewhere.
pub(crate) fn harden(response: &mut Response) {
    // Never left to what was there: event streams come with a weaker word.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// In the demonstration only the public host answers: a name that merely points at this machine does not.
pub(crate) async fn host(State(app): State<App>, request: Request, next: Next) -> Response {
    let settings = &app.deps.settings;
    let public = asked_host(&request) == host_of(&settings.public_origin);
    if settings.demo && !public && !is_loopback(&request) {
        return Problem(Failure::new(Kind::Misdirected, "This address is not served here.")).into_response();
    }
    next.run(request).await
}

fn asked_host(request: &Request) -> &str {
    let headers: &HeaderMap = request.headers();
    let named = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    named.or_else(|| request.uri().authority().map(http::uri::Authority::as_str)).unwrap_or_default()
}

fn host_of(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}

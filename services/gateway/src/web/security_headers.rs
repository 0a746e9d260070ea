//! The security headers of every page, and the check of the host. No page may loosen the headers: only a framed session
//! names who may frame its pages, only the document download tightens them, and only an answer without any person is stored.

use std::sync::{Arc, OnceLock};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use lcr_contracts::{Failure, FailureKind};
use lcr_web::{Problem, host::is_loopback};

use crate::state::App;

/// Nothing inline, nothing from outside, no frames. A framed session has its own ancestors.
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

/// The origins that may frame the answer to a request: those of the reader's framed session, set when it is loaded.
#[derive(Clone, Default)]
pub(crate) struct FrameAncestors(Arc<OnceLock<String>>);

impl FrameAncestors {
    /// Lets these origins frame the answer. Without any, nobody may.
    pub fn allow(&self, origins: &[String]) {
        if !origins.is_empty() {
            let _ = self.0.set(origins.join(" "));
        }
    }
}

/// Middleware that adds the page headers. A header that the page set itself stays.
pub(crate) async fn add_page_headers(mut request: Request, next: Next) -> Response {
    let frame = FrameAncestors::default();
    request.extensions_mut().insert(frame.clone());
    let mut response = next.run(request).await;
    let has_own_policy = response.headers().contains_key(header::CONTENT_SECURITY_POLICY);
    set_page_headers(&mut response);
    if let Some(origins) = frame.0.get().filter(|_| !has_own_policy) {
        allow_frame(&mut response, origins);
    }
    response
}

fn allow_frame(response: &mut Response, origins: &str) {
    let policy = CSP.replace("frame-ancestors 'none'", &format!("frame-ancestors {origins}"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        // It knows no list of origins, and browsers that know the policy ignore it.
        response.headers_mut().remove(header::X_FRAME_OPTIONS);
    }
}

/// Marks an answer that is the same for everybody and names no person, so that browsers may store it if they ask each time
/// whether it has changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PublicAnswer;

/// Adds the page headers to a response that the middleware does not see.
pub(crate) fn set_page_headers(response: &mut Response) {
    let is_public = response.extensions().get::<PublicAnswer>().is_some();
    // Overwritten always: event streams come with the weaker `no-cache`.
    let cache_control = if is_public { "no-cache" } else { "no-store" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn cache_control(mut response: Response) -> HeaderValue {
        set_page_headers(&mut response);
        response.headers().get(header::CACHE_CONTROL).unwrap().clone()
    }

    #[test]
    fn only_an_answer_that_is_marked_as_public_may_be_stored() {
        assert_eq!(cache_control("a page".into_response()), "no-store");
        let own = [(header::CACHE_CONTROL, "public")];
        assert_eq!(cache_control((own, "a page").into_response()), "no-store");
        let mark = axum::Extension(PublicAnswer);
        assert_eq!(cache_control((mark, "the register").into_response()), "no-cache");
    }
}

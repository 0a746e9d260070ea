//! Serves this machine's own pages only. A page of another site must not reach the provider through a browser, either
//! with a name that resolves to 127.0.0.1 (Host) or with a form that posts here (Origin).

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

pub(crate) async fn require_loopback(request: Request, next: Next) -> Response {
    let Some(host) = loopback_host(request.headers()) else {
        return (StatusCode::MISDIRECTED_REQUEST, "only 127.0.0.1 and localhost are served").into_response();
    };
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && !is_same_origin(request.headers(), &host) {
        return (StatusCode::FORBIDDEN, "posted from another site").into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A stricter policy would blank the Origin of our own form.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// Returns the Host header if it names this machine.
fn loopback_host(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost").then(|| host.to_owned())
}

/// Whether the request has no Origin (a program) or the provider's own.
fn is_same_origin(headers: &HeaderMap, host: &str) -> bool {
    headers.get(header::ORIGIN).is_none_or(|origin| origin.as_bytes() == format!("http://{host}").as_bytes())
}

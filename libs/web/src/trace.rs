//! Trace context of requests and calls (W3C Trace Context). It holds only numbers. An outside caller must not control our
//! sampling, so services that face outside callers start their own traces.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use lcr_observe::trace;
use tracing::{Span, field::Empty};

const TRACEPARENT: HeaderName = HeaderName::from_static(trace::TRACEPARENT);

/// Whose trace context a service continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// Only our own services, as network policies and tokens ensure.
    Internal,
    /// Outside callers: each request starts a new trace.
    External,
}

/// Adds the current span's context to `headers`; nothing without a trace.
pub fn inject(headers: &mut HeaderMap) {
    if let Some(value) = trace::parent().and_then(|parent| HeaderValue::try_from(parent).ok()) {
        headers.insert(TRACEPARENT, value);
    }
}

/// The span of a request, named by its route template. `answered` ends it.
pub fn span(service: &'static str, method: &Method, route: &str, headers: &HeaderMap, callers: Callers) -> Span {
    let method = known(method);
    let span = tracing::info_span!(
        "request",
        otel.name = Empty,
        otel.kind = "server",
        otel.status_code = Empty,
        service,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
    );
    if !span.is_disabled() {
        span.record("otel.name", format!("{method} {route}"));
        let parent_header = headers.get(TRACEPARENT).filter(|_| callers == Callers::Internal);
        if let Some(parent) = parent_header.and_then(|value| value.to_str().ok()) {
            trace::set_parent(&span, parent);
        }
    }
    span
}

/// Records the status of a request or a call.
pub fn answered(span: &Span, status: u16) {
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// The name of a standard method. Any other text comes from the caller and must not become a name.
pub fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "PATCH" => "PATCH",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}

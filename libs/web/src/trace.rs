//! The trace a request is part of (W3C Trace Context), into a call and out of one. It carries numbers alone. A caller
//! outside cannot make us keep more of a trace than we chose to, nor hide one: whoever faces callers outside begins.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use lcr_observe::trace;
use tracing::{Span, field::Empty};

const TRACEPARENT: HeaderName = HeaderName::from_static(trace::TRACEPARENT);

/// Who may tell a request's trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// Our own services alone, as network policies and tokens see to.
    Inside,
    /// Anybody: each request begins a trace of its own.
    Outside,
}

/// Names the running span in `headers`; nothing where no trace is kept.
pub fn inject(headers: &mut HeaderMap) {
    if let Some(value) = trace::parent().and_then(|parent| HeaderValue::try_from(parent).ok()) {
        headers.insert(TRACEPARENT, value);
    }
}

/// The span of a request, by its route's template; `answered` ends it.
pub fn span(
    service: &'static str,
    method: &Method,
    route: &str,
    headers: &HeaderMap,
    callers: Callers,
) -> Span {
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
        let told = headers.get(TRACEPARENT).filter(|_| callers == Callers::Inside);
        if let Some(parent) = told.and_then(|value| value.to_str().ok()) {
            trace::go_on(&span, parent);
        }
    }
    span
}

/// Says how a request, or a call, was answered.
pub fn answered(span: &Span, status: u16) {
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// A method by its name, if it is one that HTTP knows: what else a caller writes is theirs, not a name of ours.
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

//! Metrics: one registry handed down, each service's numbers under its own label. No label may hold an id of a
//! person or anything a person typed: routes are templates.

use std::sync::Arc;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TextEncoder};

/// The process's registry and the metrics every service has.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
}

/// `Metrics` of one service, for its middleware.
#[derive(Debug, Clone)]
pub struct OfService {
    pub metrics: Arc<Metrics>,
    pub service: &'static str,
}

impl Metrics {
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new("lcr_http_requests_total", "Requests answered, by route and status."),
            &["service", "method", "route", "status"],
        )?;
        let seconds = HistogramVec::new(
            HistogramOpts::new("lcr_http_request_seconds", "Time to the answer's head."),
            &["service", "route"],
        )?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        Ok(Self { registry, requests, seconds })
    }

    /// For a service's own metrics.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The text `/metrics` answers.
    pub fn text(&self) -> String {
        let mut out = Vec::new();
        let _ = TextEncoder::new().encode(&self.registry.gather(), &mut out);
        String::from_utf8(out).unwrap_or_default()
    }
}

/// Middleware: counts, times and logs a request by its route's template.
pub async fn observe(State(of): State<OfService>, request: Request, next: Next) -> Response {
    let started = tokio::time::Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    of.metrics.requests.with_label_values(&[of.service, method.as_str(), &route, &status.to_string()]).inc();
    of.metrics.seconds.with_label_values(&[of.service, &route]).observe(elapsed.as_secs_f64());
    tracing::debug!(service = of.service, %method, route, status, millis = u64::try_from(elapsed.as_millis()).unwrap_or(0), "request");
    response
}

//! The metrics registry, passed down; each service's metrics carry its own label. No label may hold a person's id or
//! typed text: routes are templates.

use std::sync::Arc;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use lcr_observe::{Error, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Meter, sample};
use lcr_store::Store;
use lcr_web::trace::{self, Callers};
use tracing::{Instrument, Span};

/// The registry and the metrics of every service.
#[derive(Debug, Clone)]
pub struct Metrics {
    meter: Meter,
    requests: IntCounterVec,
    seconds: HistogramVec,
    resident: IntGaugeVec,
    /// The name of the measured process.
    process: &'static str,
}

/// Resident memory in bytes on Linux; 0 elsewhere.
fn resident_bytes() -> i64 {
    const PAGE: i64 = 4096;
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split(' ').nth(1).and_then(|pages| pages.parse::<i64>().ok()));
    pages.unwrap_or(0) * PAGE
}

/// The metrics of one service, for its middleware.
#[derive(Debug, Clone)]
pub struct ServiceMetrics {
    pub metrics: Arc<Metrics>,
    pub service: &'static str,
}

impl Metrics {
    /// `process` names the measured process: a service or all in one.
    pub fn new(process: &'static str) -> Result<Self, Error> {
        let meter = Meter::new();
        Ok(Self {
            requests: meter.counters(
                "lcr_http_requests_total",
                "Requests answered, by route and status.",
                &["service", "method", "route", "status"],
            )?,
            seconds: meter.seconds_by(
                "lcr_http_request_seconds",
                "Time to the answer's head.",
                &["service", "route"],
            )?,
            resident: meter.gauges("lcr_process_resident_bytes", "Memory the process holds.", &["service"])?,
            process,
            meter,
        })
    }

    /// The meter for a service's own metrics.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The text of `/metrics`.
    pub fn text(&self) -> String {
        self.resident.with_label_values(&[self.process]).set(resident_bytes());
        self.meter.text()
    }
}

/// Unsent and oversized events of an owner's log, sampled for ever. One process has no broker and does not use it.
#[derive(Debug)]
pub struct RelayMetrics {
    waits: IntGauge,
    kept_back: IntGauge,
}

impl RelayMetrics {
    pub fn new(meter: &Meter, service: &'static str) -> Result<Self, Error> {
        let mine = meter.of("service", service);
        Ok(Self {
            waits: mine.gauge("lcr_relay_unsent", "Events not yet on the bus.")?,
            kept_back: mine.gauge("lcr_relay_kept_back", "Own events too large for the bus.")?,
        })
    }

    pub async fn sample_forever(self, store: Store) {
        sample(|| async {
            let counts = tokio::join!(lcr_bus::NatsBus::unsent(&store), store.count_oversized());
            let show = |gauge: &IntGauge, count: u64| gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
            if let Ok(unsent) = counts.0 {
                show(&self.waits, unsent);
            }
            if let Ok(kept_back) = counts.1 {
                show(&self.kept_back, kept_back);
            }
        })
        .await;
    }
}

/// Services that face outside callers start traces; the others continue the caller's. Probes and scrapes have none.
fn span(service: &'static str, route: &str, request: &Request) -> Span {
    let callers = match service {
        "admin" => return Span::none(),
        "gateway" => Callers::External,
        _ => Callers::Internal,
    };
    trace::span(service, request.method(), route, request.headers(), callers)
}

/// Middleware: counts, times, traces and logs each request under its route template.
pub async fn observe(State(of): State<ServiceMetrics>, request: Request, next: Next) -> Response {
    let started = tokio::time::Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = trace::known(request.method());
    let span = span(of.service, &route, &request);
    let response = async {
        let response = next.run(request).await;
        let status = response.status().as_u16();
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(0);
        tracing::debug!(service = of.service, method, route, status, millis, "request");
        response
    };
    let response = response.instrument(span.clone()).await;
    let status = response.status().as_u16();
    trace::answered(&span, status);
    of.metrics.requests.with_label_values(&[of.service, method, &route, &status.to_string()]).inc();
    of.metrics.seconds.with_label_values(&[of.service, &route]).observe(started.elapsed().as_secs_f64());
    response
}

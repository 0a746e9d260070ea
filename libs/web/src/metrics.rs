//! Metrics and spans of calls between services, by callee. No label may hold anything from the request.

use lcr_model::ServiceName;
use lcr_observe::{Error, HistogramVec, IntCounterVec, Meter};

use tokio::time::Instant;
use tracing::{Span, field::Empty};

use crate::{OutboundError, trace};

/// The calls of one process to other services. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PeerCalls {
    calls: IntCounterVec,
    seconds: HistogramVec,
}

impl PeerCalls {
    pub fn new(meter: &Meter) -> Result<Self, Error> {
        Ok(Self {
            calls: meter.counters(
                "lcr_peer_calls_total",
                "Calls to other services, by callee and outcome.",
                &["callee", "outcome"],
            )?,
            seconds: meter.seconds_by(
                "lcr_peer_seconds",
                "Time to the answer of another service: to the whole of it, or to a stream's head.",
                &["callee"],
            )?,
        })
    }

    /// Records one attempt: its status, or that it got none.
    pub(crate) fn record(
        &self,
        callee: ServiceName,
        span: &Span,
        answered: Result<u16, OutboundError>,
        started: Instant,
    ) {
        // An unreachable callee is recorded as 503, which readers of traces look for.
        trace::answered(span, answered.unwrap_or(503));
        if answered.is_ok_and(|status| status < 500) {
            // An earlier attempt may have failed; this one counts.
            span.record("otel.status_code", "OK");
        }
        let outcome = match answered {
            Ok(status) if status < 400 => "ok",
            Ok(status) if status < 500 => "refused",
            Ok(_) => "failed",
            Err(OutboundError::TimedOut) => "timed-out",
            Err(_) => "unreached",
        };
        self.calls.with_label_values(&[callee.as_str(), outcome]).inc();
        self.seconds.with_label_values(&[callee.as_str()]).observe(started.elapsed().as_secs_f64());
    }
}

/// The span of a call with all its attempts.
pub(crate) fn span(callee: ServiceName, call: &'static str) -> Span {
    let span = tracing::info_span!(
        "call",
        otel.name = Empty,
        otel.kind = "client",
        otel.status_code = Empty,
        callee = callee.as_str(),
        http.response.status_code = Empty,
    );
    if !span.is_disabled() {
        span.record("otel.name", format!("{callee} {call}"));
    }
    span
}

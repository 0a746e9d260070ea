//! What calls between services cost, counted and traced by callee; handed to whoever calls. No label says anything of a question.

use lcr_model::ServiceName;
use lcr_observe::{Error, HistogramVec, IntCounterVec, Meter};

use tokio::time::Instant;
use tracing::{Span, field::Empty};

use crate::{OutboundError, trace};

/// Calls to other services, of one process. Cheap to clone.
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

    /// One try of a call, which was answered with this status or not at all.
    pub(crate) fn note(
        &self,
        callee: ServiceName,
        span: &Span,
        answered: Result<u16, OutboundError>,
        started: Instant,
    ) {
        // Not reached at all reads as what a reader of the trace would look for.
        trace::answered(span, answered.unwrap_or(503));
        if answered.is_ok_and(|status| status < 500) {
            // A try before it may have failed; this is the one that counts.
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

/// The span of a call, all its tries in it.
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

//! A collector that stores the spans it receives: OTLP over HTTP, like a real one.

use std::{
    future::IntoFuture,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, http::StatusCode, routing::post};
use lcr_runtime::telemetry::{self, LogFormat, Telemetry, TelemetryOptions};
use opentelemetry_proto::tonic::{collector::trace::v1::ExportTraceServiceRequest, trace::v1::Span};
use prost::Message;
use tokio::net::TcpListener;

pub struct Collector {
    spans: Arc<Mutex<Vec<Span>>>,
    telemetry: Telemetry,
}

impl Collector {
    /// Starts it, and this process's traces to it.
    pub async fn start(service: &'static str) -> Self {
        let spans: Arc<Mutex<Vec<Span>>> = Arc::default();
        let stored = spans.clone();
        let take = move |body: Bytes| {
            let request = ExportTraceServiceRequest::decode(body).unwrap();
            let scopes = request.resource_spans.into_iter().flat_map(|one| one.scope_spans);
            stored.lock().unwrap().extend(scopes.flat_map(|one| one.spans));
            std::future::ready(StatusCode::OK)
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, Router::new().route("/v1/traces", post(take))).into_future());
        let telling =
            TelemetryOptions { service, format: LogFormat::Json, log: Some("warn"), otlp_endpoint: Some(&endpoint) };
        Self { spans, telemetry: telemetry::init(&telling).unwrap() }
    }

    /// Everything, once the process has said its last words.
    pub async fn stop(self) -> Vec<Span> {
        self.telemetry.stop().await;
        std::mem::take(&mut *self.spans.lock().unwrap())
    }
}

/// The one span of this name.
pub fn named<'s>(spans: &'s [Span], name: &str) -> &'s Span {
    let mut found = spans.iter().filter(|span| span.name == name);
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    let one = found.next().unwrap_or_else(|| panic!("no `{name}` among {names:?}"));
    assert!(found.next().is_none(), "one `{name}` among {names:?}");
    one
}

/// `child` goes on where `parent` is.
pub fn goes_on(child: &Span, parent: &Span) {
    assert_eq!(child.trace_id, parent.trace_id, "{} and {} are one trace", child.name, parent.name);
    assert_eq!(child.parent_span_id, parent.span_id, "{} is called by {}", child.name, parent.name);
}

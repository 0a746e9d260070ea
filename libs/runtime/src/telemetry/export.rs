//! Exports spans to a collector: OTLP over HTTP, through the platform's one outbound client. A collector that is down may
//! cost spans, never a request: the queue is bounded.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use lcr_web::{EgressRules, Outbound, outbound};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider},
};
use reqwest::Url;
use tokio::runtime::Handle;

/// The longest export of one batch.
const DEADLINE: Duration = Duration::from_secs(5);
/// The largest answer that is read, in bytes.
const ANSWER: usize = 64 << 10;

/// Why traces cannot be sent. The text follows the setting's name and holds no address.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ExportError(String);

impl ExportError {
    fn because(error: impl fmt::Display) -> Self {
        Self(format!("cannot be used: {error}"))
    }
}

/// `endpoint` is the collector's address without OTLP's path: `http://otel-collector:4318`.
pub fn provider(service: &'static str, endpoint: &str) -> Result<SdkTracerProvider, ExportError> {
    let url = traces(endpoint)?;
    let rules = EgressRules { inside: true, ..EgressRules::default() };
    let client = Client {
        outbound: Outbound::new(rules).map_err(ExportError::because)?,
        runtime: Handle::try_current().map_err(ExportError::because)?,
        unreachable: Arc::default(),
    };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_endpoint(url.as_str())
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(DEADLINE)
        .build()
        .map_err(ExportError::because)?;
    // Sample all traces: the collector decides when a trace is complete. A caller's sampling flag counts only if the
    // caller is one of ours (`web::trace`).
    let sampler = Sampler::ParentBased(Box::new(Sampler::AlwaysOn));
    let resource = Resource::builder_empty()
        .with_service_name(service)
        .with_attribute(opentelemetry::KeyValue::new("service.namespace", "leeds-care-record"))
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_sampler(sampler).with_resource(resource).build())
}

/// Checks and completes a collector's address; also for `check-config`.
pub fn traces(endpoint: &str) -> Result<Url, ExportError> {
    let read = Url::parse(endpoint).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let mut url = read.ok_or_else(|| ExportError("is not `http://host:4318`".to_owned()))?;
    let path = format!("{}/v1/traces", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Ok(url)
}

/// The outbound client, as the exporter's own thread calls it.
#[derive(Clone)]
struct Client {
    outbound: Outbound,
    runtime: Handle,
    unreachable: Arc<AtomicBool>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    /// Logs an outage once when it begins and once when it ends.
    fn note(&self, answered: bool) {
        if self.unreachable.swap(!answered, Ordering::Relaxed) == answered {
            if answered {
                tracing::info!("the collector takes spans again");
            } else {
                tracing::warn!("the collector does not take spans; those that find no room are lost");
            }
        }
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let request = outbound::Request {
            method: parts.method,
            url: Url::parse(&parts.uri.to_string())?,
            headers: parts.headers,
            body: Some(body),
            deadline: DEADLINE,
            max_bytes: ANSWER,
        };
        let outbound = self.outbound.clone();
        let sent = self.runtime.spawn(async move { outbound.send(request).await }).await?;
        self.note(sent.as_ref().is_ok_and(|answer| (200..300).contains(&answer.status)));
        let answer = sent?;
        let mut response = http::Response::new(answer.body);
        *response.status_mut() = http::StatusCode::from_u16(answer.status)?;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_collectors_address_is_its_own_and_gets_the_path_of_traces() {
        for given in ["http://otel-collector:4318", "http://otel-collector:4318/"] {
            assert_eq!(traces(given).unwrap().as_str(), "http://otel-collector:4318/v1/traces");
        }
        assert_eq!(traces("https://collector/otlp").unwrap().path(), "/otlp/v1/traces");
        for wrong in ["otel-collector:4318", "grpc://collector", ""] {
            let error = traces(wrong).unwrap_err().to_string();
            assert!(error.starts_with("is not"), "{error}");
        }
    }
}

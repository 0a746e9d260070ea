//! Sends a proxied request to a service. It is a trait so that a test can replace the HTTP client. It must never follow a
//! redirect: the browser does.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{HeaderMap, Method, StatusCode},
};
use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};
use lcr_web::{Outbound, OutboundError, outbound::Request};

/// A request's body.
pub enum ProxyBody {
    Buffered(Bytes),
    /// Forwarded while it arrives.
    Streamed(Body),
}

impl fmt::Debug for ProxyBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyBody(…)")
    }
}

/// A request to a service.
pub struct ProxyRequest {
    pub method: Method,
    pub url: String,
    pub headers: HeaderMap,
    pub body: ProxyBody,
    /// How long until the response begins.
    pub deadline: Duration,
}

impl fmt::Debug for ProxyRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProxyRequest({})", self.method)
    }
}

/// A response whose body may still be arriving.
pub struct ProxyResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: BoxStream<'static, Result<Bytes, ForwardError>>,
}

impl fmt::Debug for ProxyResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProxyResponse({})", self.status)
    }
}

/// The service could not be reached or stopped answering. It must hold no URL, because a query may name a person.
#[derive(Debug)]
pub struct ForwardError(pub String);

impl fmt::Display for ForwardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ForwardError {}

#[async_trait]
pub trait Forward: Send + Sync {
    async fn forward(&self, request: ProxyRequest) -> Result<ProxyResponse, ForwardError>;
}

/// Forwards over HTTP, only to the services' addresses from the settings.
#[derive(Debug)]
pub struct HttpForward(Outbound);

impl HttpForward {
    pub fn new(outbound: Outbound) -> Self {
        Self(outbound)
    }
}

#[async_trait]
impl Forward for HttpForward {
    async fn forward(&self, request: ProxyRequest) -> Result<ProxyResponse, ForwardError> {
        let url = reqwest::Url::parse(&request.url).map_err(|_| ForwardError("not an address".to_owned()))?;
        // `headers` dropped the outside caller's trace headers. These are our own.
        let mut headers = request.headers;
        lcr_web::trace::inject(&mut headers);
        let outgoing = Request {
            method: request.method,
            url,
            headers,
            body: None,
            deadline: request.deadline,
            max_bytes: usize::MAX,
        };
        let response = match request.body {
            ProxyBody::Buffered(body) => self.0.open(Request { body: Some(body), ..outgoing }).await,
            ProxyBody::Streamed(body) => self.0.open_with(outgoing, body.into_data_stream()).await,
        };
        let response = response.map_err(forward_error)?;
        Ok(ProxyResponse {
            status: StatusCode::from_u16(response.status).unwrap_or(StatusCode::BAD_GATEWAY),
            headers: response.headers,
            body: response.body.map(|chunk| chunk.map_err(forward_error)).boxed(),
        })
    }
}

fn forward_error(error: OutboundError) -> ForwardError {
    ForwardError(error.to_string())
}

//! The one outbound client: https only except for loopback in the demo, addresses checked on connect, no redirects, a
//! deadline and a size limit on every call. No other code may make an HTTP client.

mod assertion;
mod authenticated;
mod egress;
mod error;
mod login;
mod resolver;
mod token;

use std::{sync::Arc, time::Duration};

pub use authenticated::{AuthenticatedError, AuthenticatedOutbound};
use bytes::{Bytes, BytesMut};
pub use egress::EgressRules;
pub use error::OutboundError;
use error::failed;
use futures::{Stream, StreamExt, stream::BoxStream};
use reqwest::{Client, Method, Url, header::HeaderMap};
use resolver::CheckedResolver;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use crate::trust_roots;

/// A request to send.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Option<Bytes>,
    /// The deadline for the whole call, to the last byte.
    pub deadline: Duration,
    pub max_bytes: usize,
}

/// A whole answer. Redirects are not followed.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// An answer whose body is still arriving.
pub struct OpenAnswer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: BoxStream<'static, Result<Bytes, OutboundError>>,
}

impl std::fmt::Debug for OpenAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened({})", self.status)
    }
}

/// The client. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Outbound {
    client: Client,
    rules: Arc<EgressRules>,
    roots: Arc<RootCertStore>,
}

impl Outbound {
    pub fn new(rules: EgressRules) -> Result<Self, OutboundError> {
        Self::trusting(rules, trust_roots::authorities())
    }

    /// A client that trusts these CAs.
    fn trusting(rules: EgressRules, roots: RootCertStore) -> Result<Self, OutboundError> {
        let roots = Arc::new(roots);
        let tls = trust_roots::trusting(roots.clone()).with_no_client_auth();
        Self::build(Arc::new(rules), roots, tls)
    }

    /// A client with the same rules that shows this certificate, both as PEM. `None` if they are not a certificate and its key.
    fn with_certificate(&self, certificate: &str, key: &str) -> Option<Self> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate.as_bytes()).collect();
        let chain = chain.ok().filter(|chain| !chain.is_empty())?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).ok()?;
        let tls = trust_roots::trusting(self.roots.clone()).with_client_auth_cert(chain, key).ok()?;
        Self::build(self.rules.clone(), self.roots.clone(), tls).ok()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one outbound client")]
    fn build(rules: Arc<EgressRules>, roots: Arc<RootCertStore>, tls: ClientConfig) -> Result<Self, OutboundError> {
        // Installing the provider twice does no harm: several services share a process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(Duration::from_secs(2))
            .pool_max_idle_per_host(16)
            .pool_idle_timeout(Duration::from_secs(20))
            .dns_resolver(Arc::new(CheckedResolver { rules: rules.clone() }))
            .build()
            .map_err(|_| OutboundError::Refused)?;
        Ok(Self { client, rules, roots })
    }

    /// Whether an address may be called: its scheme, and the address that it holds. A name is checked when it resolves.
    pub fn check(&self, url: &Url) -> Result<(), OutboundError> {
        self.rules.check(url)
    }

    /// A GET for JSON with the default limits.
    pub fn get(url: Url, deadline: Duration) -> Request {
        let mut headers = HeaderMap::new();
        headers.insert("accept", reqwest::header::HeaderValue::from_static("application/fhir+json, application/json"));
        Request { method: Method::GET, url, headers, body: None, deadline, max_bytes: 16 << 20 }
    }

    /// Returns the head within the deadline; the body may take as long as it likes. Only for our own services.
    pub async fn open(&self, request: Request) -> Result<OpenAnswer, OutboundError> {
        self.rules.check(&request.url)?;
        let deadline = request.deadline;
        let response = tokio::time::timeout(deadline, self.begin(request)).await;
        Ok(opened(response.unwrap_or(Err(OutboundError::TimedOut))?))
    }

    /// Like `open`, with a request body that is streamed and never held in memory.
    pub async fn open_with<S, E>(&self, request: Request, body: S) -> Result<OpenAnswer, OutboundError>
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        self.rules.check(&request.url)?;
        let deadline = request.deadline;
        let builder = self.client.request(request.method, request.url).headers(request.headers);
        let sent = builder.body(reqwest::Body::wrap_stream(body)).send();
        let response = tokio::time::timeout(deadline, sent).await.map_err(|_| OutboundError::TimedOut)?;
        Ok(opened(response.map_err(|error| failed(&error))?))
    }

    pub async fn send(&self, request: Request) -> Result<Answer, OutboundError> {
        self.rules.check(&request.url)?;
        let deadline = request.deadline;
        tokio::time::timeout(deadline, self.exchange(request)).await.unwrap_or(Err(OutboundError::TimedOut))
    }

    async fn begin(&self, request: Request) -> Result<reqwest::Response, OutboundError> {
        let mut builder = self.client.request(request.method, request.url).headers(request.headers);
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        builder.send().await.map_err(|error| failed(&error))
    }

    async fn exchange(&self, request: Request) -> Result<Answer, OutboundError> {
        let max_bytes = request.max_bytes;
        read_whole(opened(self.begin(request).await?), max_bytes).await
    }
}

/// Reads the body to its end.
async fn read_whole(answer: OpenAnswer, max_bytes: usize) -> Result<Answer, OutboundError> {
    let OpenAnswer { status, headers, body: mut chunks } = answer;
    let mut body = BytesMut::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        if body.len() + chunk.len() > max_bytes {
            return Err(OutboundError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body: body.freeze() })
}

fn opened(response: reqwest::Response) -> OpenAnswer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.bytes_stream().map(|chunk| chunk.map_err(|_| OutboundError::Broken)).boxed();
    OpenAnswer { status, headers, body }
}

#[cfg(test)]
#[path = "outbound/resolver_tests.rs"]
mod tests;

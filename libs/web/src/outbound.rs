//! The one outbound client: https only except for loopback in the demo, addresses checked on connect, no redirects, a
//! deadline and a size limit on every call. No other code may make an HTTP client.

use std::{
    net::IpAddr,
    sync::{Arc, LazyLock},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, stream::BoxStream};
use ipnet::IpNet;
use reqwest::{
    Client, Method, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::HeaderMap,
};
use thiserror::Error;

/// Where calls may go.
#[derive(Debug, Clone, Default)]
pub struct EgressRules {
    /// Plain http to loopback, for the demo's sources.
    pub loopback: bool,
    /// Private ranges that partners may be in (`LCR_EGRESS_ALLOW`; HSCN is private).
    pub allow: Vec<IpNet>,
    /// For calls to our own services, whose addresses are configuration: any address, plain http.
    pub inside: bool,
}

/// Why a call failed. Names no address and quotes nothing of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OutboundError {
    #[error("the address is not one we may call")]
    Refused,
    #[error("no connection")]
    Connect,
    #[error("no answer in time")]
    TimedOut,
    #[error("the answer is larger than we take")]
    TooLarge,
    #[error("the answer broke off or was not HTTP")]
    Broken,
}

/// A request to send.
#[derive(Debug)]
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
}

impl Outbound {
    #[expect(clippy::disallowed_methods, reason = "this is the one outbound client")]
    pub fn new(rules: EgressRules) -> Result<Self, OutboundError> {
        let rules = Arc::new(rules);
        // Installing the provider twice does no harm: several services share a process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .tls_backend_preconfigured(crate::trust_roots::trusting())
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(Duration::from_secs(2))
            .pool_max_idle_per_host(16)
            .pool_idle_timeout(Duration::from_secs(20))
            .dns_resolver(Arc::new(CheckedResolver { rules: rules.clone() }))
            .build()
            .map_err(|_| OutboundError::Refused)?;
        Ok(Self { client, rules })
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
        let response = self.begin(request).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = BytesMut::new();
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| OutboundError::Broken)?;
            if body.len() + chunk.len() > max_bytes {
                return Err(OutboundError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body: body.freeze() })
    }
}

fn failed(error: &reqwest::Error) -> OutboundError {
    match error {
        e if e.is_connect() => OutboundError::Connect,
        e if e.is_timeout() => OutboundError::TimedOut,
        _ => OutboundError::Broken,
    }
}

fn opened(response: reqwest::Response) -> OpenAnswer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.bytes_stream().map(|chunk| chunk.map_err(|_| OutboundError::Broken)).boxed();
    OpenAnswer { status, headers, body }
}

impl EgressRules {
    /// Checks the scheme, and the address if the URL holds one. Names are checked when they resolve.
    fn check(&self, url: &Url) -> Result<(), OutboundError> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OutboundError::Refused);
        }
        let host = url.host_str().ok_or(OutboundError::Refused)?;
        let literal: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        let loopback = literal.is_some_and(|ip| ip.is_loopback()) || host == "localhost";
        let plain_ok = self.inside || (self.loopback && loopback);
        let scheme_ok = url.scheme() == "https" || (url.scheme() == "http" && plain_ok);
        let address_ok = literal.is_none_or(|ip| self.permits(ip));
        if scheme_ok && address_ok { Ok(()) } else { Err(OutboundError::Refused) }
    }

    /// Whether this address may be connected to.
    pub fn permits(&self, ip: IpAddr) -> bool {
        if self.inside {
            return true;
        }
        let ip = ip.to_canonical();
        if ip.is_loopback() {
            return self.loopback;
        }
        is_public(ip) || self.allow.iter().any(|range| range.contains(&ip))
    }
}

/// Ranges that no partner is in: private, local, reserved and for documentation (RFC 6890 and the IANA registries), and
/// IPv6 ranges that embed an IPv4 address, through which a gateway would reach the others.
const NEVER_PUBLIC: [&str; 29] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    // Unspecified, loopback and IPv4-compatible.
    "::/96",
    // IPv4-translated and NAT64.
    "::ffff:0:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    // Teredo, ORCHID, benchmarking and the rest of the protocol assignments.
    "2001::/23",
    "2001:db8::/32",
    // 6to4.
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];

static RESERVED: LazyLock<Vec<IpNet>> =
    LazyLock::new(|| NEVER_PUBLIC.iter().filter_map(|range| range.parse().ok()).collect());

/// Whether the address is public. The caller has mapped IPv4-mapped addresses to IPv4.
fn is_public(ip: IpAddr) -> bool {
    !RESERVED.iter().any(|range| range.contains(&ip))
}

/// Resolves names and drops every address that the rules forbid, so that the checked address is the one connected to.
struct CheckedResolver {
    rules: Arc<EgressRules>,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = self.rules.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let permitted: Vec<_> = found.filter(|address| rules.permits(address.ip())).collect();
            if permitted.is_empty() {
                return Err(Box::from(OutboundError::Refused));
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rules: &EgressRules, url: &str) -> bool {
        rules.check(&Url::parse(url).unwrap()).is_ok()
    }

    #[test]
    fn a_partner_s_url_must_not_reach_internal_addresses() {
        let rules = EgressRules::default();
        for inside in [
            "https://127.0.0.1/",
            "https://10.0.0.1/",
            "https://169.254.169.254/latest",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[fd00::1]/",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
            "https://[64:ff9b::a00:1]/",
            "https://[64:ff9b:1::a00:1]/",
            "https://[::a00:1]/",
            "https://[2002:a00:1::1]/",
            "https://[2001::1]/",
            "https://[2001:0:53aa:64c:0:fbff:f5ff:fffe]/",
            "https://[fec0::1]/",
            "https://[2001:db8::1]/",
            "https://[3fff::1]/",
            "https://[ff02::1]/",
            "https://[::]/",
            "https://[::ffff:0:a00:1]/",
            "https://198.18.0.1/",
            "https://198.19.255.255/",
            "https://192.0.0.8/",
            "https://192.0.2.1/",
            "https://203.0.113.1/",
            "https://255.255.255.255/",
            "http://example.org/",
            "https://user:pw@example.org/",
            "file:///etc/passwd",
        ] {
            assert!(!check(&rules, inside), "{inside}");
        }
        for outside in
            ["https://fhir.example.org/R4", "https://8.8.8.8/", "https://[2606:4700::1111]/", "https://198.20.0.1/"]
        {
            assert!(check(&rules, outside), "{outside}");
        }
        assert_eq!(RESERVED.len(), NEVER_PUBLIC.len(), "every range reads");
    }

    #[test]
    fn an_allowed_private_range_does_not_allow_embedded_addresses() {
        let rules = EgressRules { allow: vec!["10.0.0.0/8".parse().unwrap()], ..Default::default() };
        assert!(check(&rules, "https://[::ffff:10.0.0.1]/"), "the same address, written as IPv6");
        for carries in ["https://[64:ff9b::a00:1]/", "https://[::a00:1]/", "https://[2002:a00:1::1]/"] {
            assert!(!check(&rules, carries), "{carries}");
        }
    }

    #[test]
    fn a_private_range_is_reached_only_when_allowed() {
        let rules = EgressRules { allow: vec!["10.20.0.0/16".parse().unwrap()], ..Default::default() };
        assert!(check(&rules, "https://10.20.1.1/"));
        assert!(!check(&rules, "https://10.21.1.1/"));
        assert!(!check(&rules, "http://10.20.1.1/"), "never in the clear");
    }
}

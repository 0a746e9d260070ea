//! A partner's server for tests: a token endpoint, a FHIR address that wants credentials, and a server behind mutual TLS. It must
//! answer only what a test defines.

use std::{
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use lcr_model::Clock;
use lcr_testkit::Certificate;
use reqwest::Url;
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// A clock that a test moves.
#[derive(Debug)]
pub struct TestClock(Mutex<Timestamp>);

impl TestClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Timestamp::UNIX_EPOCH)))
    }

    pub fn advance(&self, seconds: i64) {
        *self.0.lock().unwrap() += SignedDuration::from_secs(seconds);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// A token request as it came.
#[derive(Debug, Clone, Default)]
pub struct TokenForm {
    pub authorization: Option<String>,
    pub body: String,
}

#[derive(Default)]
struct Shared {
    tokens: AtomicUsize,
    /// Tokens up to this number are refused.
    revoked: AtomicUsize,
    asked: AtomicUsize,
    token_status: AtomicU16,
    basic: Mutex<Option<String>>,
    last: Mutex<(Option<String>, TokenForm)>,
}

pub struct Partner {
    pub base: Url,
    shared: Arc<Shared>,
}

impl Partner {
    pub async fn start() -> Self {
        let shared = Arc::new(Shared { token_status: AtomicU16::new(200), ..Shared::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let routes = Router::new().route("/token", post(token)).route("/fhir/Patient", get(patients));
        let router = routes.with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base, shared }
    }

    pub fn token_url(&self) -> String {
        self.base.join("token").unwrap().to_string()
    }

    /// Requests at the token endpoint.
    pub fn tokens(&self) -> usize {
        self.shared.tokens.load(Ordering::SeqCst)
    }

    /// Requests at the FHIR address.
    pub fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }

    pub fn revoke(&self, up_to: usize) {
        self.shared.revoked.store(up_to, Ordering::SeqCst);
    }

    pub fn answer_tokens_with(&self, status: u16) {
        self.shared.token_status.store(status, Ordering::SeqCst);
    }

    /// Accepts this name and password, `user:password`, and no other.
    pub fn accept_basic(&self, pair: &str) {
        *self.shared.basic.lock().unwrap() = Some(format!("Basic {}", STANDARD.encode(pair)));
    }

    pub fn last_authorization(&self) -> Option<String> {
        self.shared.last.lock().unwrap().0.clone()
    }

    pub fn last_form(&self) -> TokenForm {
        self.shared.last.lock().unwrap().1.clone()
    }
}

fn authorization(headers: &HeaderMap) -> Option<String> {
    headers.get("authorization").map(|value| value.to_str().unwrap().to_owned())
}

async fn token(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: String) -> (StatusCode, String) {
    let number = shared.tokens.fetch_add(1, Ordering::SeqCst) + 1;
    shared.last.lock().unwrap().1 = TokenForm { authorization: authorization(&headers), body };
    let status = StatusCode::from_u16(shared.token_status.load(Ordering::SeqCst)).unwrap();
    let text = format!(r#"{{"access_token":"t{number}","token_type":"Bearer","expires_in":300}}"#);
    (status, text)
}

async fn patients(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> StatusCode {
    shared.asked.fetch_add(1, Ordering::SeqCst);
    let shown = authorization(&headers);
    shared.last.lock().unwrap().0.clone_from(&shown);
    let number = shown.as_deref().and_then(|text| text.strip_prefix("Bearer t")?.parse::<usize>().ok());
    let is_token = number.is_some_and(|number| number > shared.revoked.load(Ordering::SeqCst));
    let is_basic = shown.is_some() && shown == *shared.basic.lock().unwrap();
    if is_token || is_basic { StatusCode::OK } else { StatusCode::UNAUTHORIZED }
}

/// A server that answers 200 to whoever shows a certificate of `clients`.
pub async fn start_tls_server(own: &Certificate, clients: &Path) -> Url {
    let read = |path: &Path| fs::read(path).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&read(clients)).unwrap()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
    let chain = vec![CertificateDer::from_pem_slice(&read(&own.certificate)).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(&read(&own.key)).unwrap();
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_client_cert_verifier(verifier).with_single_cert(chain, key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("https://{}/", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut head = vec![0; 4096];
                let _ = stream.read(&mut head).await;
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
                let _ = stream.write_all(answer).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    base
}

//! The provider that runs: its routes, its start and end. It listens on 127.0.0.1 and nowhere else.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::codes::{Codes, Seen};
use crate::error::IdpError;
use crate::keys::Signer;
use crate::personas;
use crate::provider::Provider;
use crate::{authorize, demo, discovery, guard, token};

/// The largest form or JSON anybody needs to send here.
const LARGEST_BODY: usize = 16 * 1024;
const KEY_FETCH: Duration = Duration::from_secs(5);

/// Where to listen, and for which platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdpOptions {
    /// 0 means any free port.
    pub port: u16,
    /// The platform's own address, such as `http://localhost:8080`.
    pub platform: String,
}

/// A running provider; it stops when dropped.
pub struct DemoIdp {
    provider: Arc<Provider>,
    port: u16,
    _stop: oneshot::Sender<()>,
}

impl fmt::Debug for DemoIdp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DemoIdp").field("issuer", &self.provider.issuer).finish_non_exhaustive()
    }
}

/// Binds the port and serves.
pub async fn start(options: IdpOptions) -> Result<DemoIdp, IdpError> {
    // The demo speaks plain HTTP on loopback, but the client wants a provider all the same.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    let failed = |error| IdpError::Listen { port: options.port, error };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    let mut clients = BTreeMap::new();
    for client in personas::clients() {
        clients.insert(client.name, Signer::new()?);
    }
    let provider = Arc::new(Provider {
        issuer: format!("http://127.0.0.1:{port}"),
        platform: options.platform.trim_end_matches('/').to_owned(),
        signer: Signer::new()?,
        clients,
        codes: Codes::default(),
        assertions: Seen::default(),
        http: reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(KEY_FETCH)
            .no_proxy()
            .build()?,
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = axum::serve(listener, router(Arc::clone(&provider))).with_graceful_shutdown(async {
        let _dropped_is_stopped_too = stopped.await;
    });
    tokio::spawn(async {
        let _never_fails = serving.await;
    });
    Ok(DemoIdp { provider, port, _stop: stop })
}

fn router(provider: Arc<Provider>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::configuration))
        .route("/jwks", get(discovery::jwks))
        .route("/style.css", get(authorize::style))
        .route("/authorize", get(authorize::page).post(authorize::choose))
        .route("/token", post(token::exchange))
        .route("/logout", get(authorize::logout).post(authorize::logout))
        .route("/demo/assert", post(demo::assert))
        .route("/demo/client-assertion", post(demo::client_assertion))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn(guard::check))
        .with_state(provider)
}

impl DemoIdp {
    pub fn issuer(&self) -> String {
        self.provider.issuer.clone()
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The public key of one of the demo's clients, for whoever registers it.
    pub fn client_jwks(&self, client: &str) -> Option<Value> {
        self.provider.clients.get(client).map(Signer::jwks)
    }
}

//! Starts and stops the provider, and lists its routes. It must listen on 127.0.0.1 only.

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

use crate::codes::{Codes, Launches, UsedAssertions};
use crate::error::IdpError;
use crate::keys::Signer;
use crate::personas;
use crate::provider::Provider;
use crate::{authorize, command_line, discovery, host_system, loopback, token};

/// The largest request body.
const MAX_BODY_BYTES: usize = 16 * 1024;
const KEY_FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// The port to listen on and the platform to serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdpOptions {
    /// 0 means any free port.
    pub port: u16,
    /// The platform's own address, such as `http://localhost:8080`.
    pub platform: String,
}

/// A running provider. It stops when dropped.
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
    // The demo uses plain HTTP on loopback, but `reqwest` still needs a crypto provider.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    let listen_error = |error| IdpError::Listen { port: options.port, error };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let listener = TcpListener::bind(address).await.map_err(listen_error)?;
    let port = listener.local_addr().map_err(listen_error)?.port();
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
        launches: Launches::default(),
        assertions: UsedAssertions::default(),
        http: reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(KEY_FETCH_TIMEOUT)
            .no_proxy()
            .build()?,
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let serve = axum::serve(listener, router(Arc::clone(&provider))).with_graceful_shutdown(async {
        let _dropped_is_stopped_too = stopped.await;
    });
    tokio::spawn(async {
        let _never_fails = serve.await;
    });
    Ok(DemoIdp { provider, port, _stop: stop })
}

fn router(provider: Arc<Provider>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::configuration))
        .route("/jwks", get(discovery::jwks))
        .route("/style.css", get(authorize::style))
        .route("/authorize", get(authorize::show_choices).post(authorize::submit_choice))
        .route("/token", post(token::exchange))
        .route("/logout", get(authorize::logout).post(authorize::logout))
        .route("/demo/assert", post(command_line::issue_id_token))
        .route("/demo/client-assertion", post(command_line::issue_client_assertion))
        .route("/demo/launch-token", post(host_system::issue_launch_token))
        .route("/demo/launch", post(host_system::begin_launch))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(loopback::require_loopback))
        .with_state(provider)
}

impl DemoIdp {
    pub fn issuer(&self) -> String {
        self.provider.issuer.clone()
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The public key of a demo client, for its registration with the platform.
    pub fn client_jwks(&self, client: &str) -> Option<Value> {
        self.provider.clients.get(client).map(Signer::jwks)
    }
}

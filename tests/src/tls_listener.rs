//! A listener for servers of tests that speak TLS. If a test names an authority of clients, it must never accept a client without
//! a certificate of that authority.

use std::{fs, io, net::SocketAddr, path::Path, sync::Arc};

use axum::serve::Listener;
use lcr_testkit::Certificate;
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

type Connection = (TlsStream<TcpStream>, SocketAddr);

/// A listener on a free port of this machine.
#[derive(Debug)]
pub struct TlsListener {
    address: SocketAddr,
    connections: mpsc::Receiver<Connection>,
}

impl TlsListener {
    /// Listens with this certificate. `clients` is a PEM file with the authority that signs the certificates of clients.
    pub async fn bind(own: &Certificate, clients: Option<&Path>) -> Self {
        let acceptor = TlsAcceptor::from(Arc::new(server_config(own, clients)));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, connections) = mpsc::channel(16);
        tokio::spawn(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                // Each handshake in a task of its own, so that a silent client holds up no other.
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        let _ = sender.send((stream, peer)).await;
                    }
                });
            }
        });
        Self { address, connections }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.connections.recv().await {
            Some(connection) => connection,
            // The socket is closed, so there is nothing to accept any more.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}

fn server_config(own: &Certificate, clients: Option<&Path>) -> ServerConfig {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    let builder = builder.expect("the default versions of TLS");
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(read_certificate(authority)).expect("an authority");
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.expect("a verifier"))
        }
    };
    let key = fs::read(&own.key).expect("a key");
    let key = PrivateKeyDer::from_pem_slice(&key).expect("a key in PEM");
    builder.with_single_cert(vec![read_certificate(&own.certificate)], key).expect("a certificate with its key")
}

fn read_certificate(path: &Path) -> CertificateDer<'static> {
    let text = fs::read(path).expect("a certificate");
    CertificateDer::from_pem_slice(&text).expect("a certificate in PEM")
}

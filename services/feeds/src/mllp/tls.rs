//! Mutual TLS for MLLP. A sender presents a certificate of the configured CA; its common name or a DNS name is the id of
//! the source it may send for. No proxy may end this TLS, and a key must never be printed.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension, X509Certificate};

use crate::domain::Sender;

const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the files are read again, so that a renewed certificate is used.
const RELOAD_INTERVAL: Duration = Duration::from_mins(1);

/// The paths of the three files.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// Our certificate and its intermediates.
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// The CAs that may sign a sender's certificate.
    pub client_ca: PathBuf,
}

/// Accepts TLS connections, and reloads the files when they are renewed.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it holds a key")]
pub struct Tls {
    files: TlsFiles,
    loaded: Arc<Mutex<(Instant, TlsAcceptor)>>,
}

impl Tls {
    /// The error names the faulty file, but nothing of its content.
    pub fn read(files: TlsFiles) -> Result<Self, String> {
        let acceptor = load_acceptor(&files)?;
        Ok(Self { files, loaded: Arc::new(Mutex::new((Instant::now(), acceptor))) })
    }

    /// Reloads the files if it is time. If they are faulty, an alarm is logged and the old ones stay in use.
    fn current_acceptor(&self) -> TlsAcceptor {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if loaded.0.elapsed() >= RELOAD_INTERVAL {
            match load_acceptor(&self.files) {
                Ok(renewed) => loaded.1 = renewed,
                Err(why) => {
                    tracing::error!(alarm = "mllp-certificate", why, "the old certificate stays in use");
                }
            }
            loaded.0 = Instant::now();
        }
        loaded.1.clone()
    }

    /// Completes the handshake and returns the names in the sender's certificate.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<(TlsStream<TcpStream>, Sender)> {
        let stream = timeout(HANDSHAKE_TIMEOUT, self.current_acceptor().accept(stream)).await??;
        let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let names = certificate.map(certificate_names).unwrap_or_default();
        Ok((stream, Sender::Certificate { names }))
    }
}

fn load_acceptor(files: &TlsFiles) -> Result<TlsAcceptor, String> {
    let faulty = |file: &Path, what: &str| format!("{} {what}", file.display());
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(read_certificates(&files.client_ca)?);
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
    let verifier = verifier.map_err(|_| faulty(&files.client_ca, "contains no CA certificate"))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|_| faulty(&files.key, "contains no private key"))?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_client_cert_verifier(verifier)
        .with_single_cert(read_certificates(&files.certificate)?, key)
        .map_err(|_| faulty(&files.certificate, "does not match its key"))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn read_certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let read = read.map_err(|_| format!("{} is not a PEM file of certificates", file.display()))?;
    if read.is_empty() { Err(format!("{} contains no certificate", file.display())) } else { Ok(read) }
}

/// The common names and DNS names of a certificate.
fn certificate_names(der: &CertificateDer<'_>) -> Vec<String> {
    let Ok((_, certificate)) = X509Certificate::from_der(der) else { return vec![] };
    let common = certificate.subject().iter_common_name().filter_map(|name| name.as_str().ok());
    let mut names: Vec<String> = common.map(str::to_owned).collect();
    for extension in certificate.extensions() {
        if let ParsedExtension::SubjectAlternativeName(all) = extension.parsed_extension() {
            names.extend(all.general_names.iter().filter_map(|name| match name {
                GeneralName::DNSName(dns) => Some((*dns).to_owned()),
                _ => None,
            }));
        }
    }
    names
}

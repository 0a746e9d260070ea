//! Mutual TLS for MLLP, ended here and nowhere before: a sender shows a certificate of an authority we were told of,
//! and the certificate names the source of the registry it may send for (its common name or a DNS name is the source's
//! id). Files are read again when they are renewed. A key is never printed.

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

/// How long a sender may take to show who it is.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How soon a renewed certificate is used.
const READ_AGAIN: Duration = Duration::from_mins(1);

/// Where the three files are.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// Our certificate, and those between it and its authority.
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// Who may sign a sender's certificate.
    pub client_ca: PathBuf,
}

/// Takes TLS connections, with the files as they are now.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it holds a key")]
pub struct Tls {
    files: TlsFiles,
    read: Arc<Mutex<(Instant, TlsAcceptor)>>,
}

impl Tls {
    /// The error names the file that does not do, and nothing of what is in it.
    pub fn read(files: TlsFiles) -> Result<Self, String> {
        let acceptor = acceptor(&files)?;
        Ok(Self { files, read: Arc::new(Mutex::new((Instant::now(), acceptor))) })
    }

    /// Files that no longer do are told of, and the ones before go on.
    fn now(&self) -> TlsAcceptor {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.0.elapsed() >= READ_AGAIN {
            match acceptor(&self.files) {
                Ok(renewed) => read.1 = renewed,
                Err(why) => {
                    tracing::error!(alarm = "mllp-certificate", why, "the old certificate stays in use");
                }
            }
            read.0 = Instant::now();
        }
        read.1.clone()
    }

    /// The connection and who is at its other end.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<(TlsStream<TcpStream>, Sender)> {
        let stream = timeout(HANDSHAKE, self.now().accept(stream)).await??;
        let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let names = shown.map(names).unwrap_or_default();
        Ok((stream, Sender::Certificate { names }))
    }
}

fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, String> {
    let wrong = |file: &Path, what: &str| format!("{} {what}", file.display());
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates(&files.client_ca)?);
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
    let verifier = verifier.map_err(|_| wrong(&files.client_ca, "holds no authority"))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|_| wrong(&files.key, "holds no key"))?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_client_cert_verifier(verifier)
        .with_single_cert(certificates(&files.certificate)?, key)
        .map_err(|_| wrong(&files.certificate, "does not go with its key"))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let read = read.map_err(|_| format!("{} is no PEM file of certificates", file.display()))?;
    if read.is_empty() { Err(format!("{} holds no certificate", file.display())) } else { Ok(read) }
}

/// What a certificate calls its owner.
fn names(shown: &CertificateDer<'_>) -> Vec<String> {
    let Ok((_, certificate)) = X509Certificate::from_der(shown) else { return vec![] };
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

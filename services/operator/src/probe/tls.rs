//! One TLS handshake that looks at a certificate instead of insisting on it. It says how it judged and then hangs up:
//! nothing may ever be sent or read over a connection made here.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use x509_parser::parse_x509_certificate;

use crate::domain::conditions::Certificate;

/// Whom we trust: the authorities of the system, as the outbound client does.
#[derive(Debug, Clone)]
pub struct Trust {
    provider: Arc<CryptoProvider>,
    authorities: Arc<dyn ServerCertVerifier>,
}

impl Trust {
    /// The authorities of the machine or image.
    pub fn of_the_system() -> Result<Self, Error> {
        let provider = Arc::new(ring::default_provider());
        let authorities = Arc::new(lcr_web::roots::authorities());
        let authorities = WebPkiServerVerifier::builder_with_provider(authorities, provider.clone());
        let authorities = authorities.build().map_err(|error| Error::General(error.to_string()))?;
        Ok(Self { provider, authorities })
    }

    /// These and nobody else.
    pub fn of(authorities: Arc<dyn ServerCertVerifier>) -> Self {
        Self { provider: Arc::new(ring::default_provider()), authorities }
    }

    /// The certificate that `name` shows; none when it speaks no TLS.
    pub async fn handshake(
        &self,
        name: &str,
        stream: impl AsyncRead + AsyncWrite + Unpin,
    ) -> Option<Certificate> {
        let looking = Arc::new(Looking { authorities: self.authorities.clone(), seen: Mutex::default() });
        let config = ClientConfig::builder_with_provider(self.provider.clone());
        let config = config.with_safe_default_protocol_versions().ok()?;
        let config =
            config.dangerous().with_custom_certificate_verifier(looking.clone()).with_no_client_auth();
        let server = ServerName::try_from(name.to_owned()).ok()?;
        // Whether it ends well does not matter: who asks for a certificate of ours refuses us after showing its own.
        let _ = TlsConnector::from(Arc::new(config)).connect(server, stream).await;
        looking.seen.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Lets every certificate pass and keeps how it would have been judged.
#[derive(Debug)]
struct Looking {
    authorities: Arc<dyn ServerCertVerifier>,
    seen: Mutex<Option<Certificate>>,
}

impl ServerCertVerifier for Looking {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let judged = self.authorities.verify_server_cert(own, chain, name, stapled, now);
        let ends = parse_x509_certificate(own)
            .ok()
            .and_then(|(_, read)| Timestamp::from_second(read.validity().not_after.timestamp()).ok());
        let seen = ends.map(|not_after| Certificate { not_after, trusted: judged.is_ok() });
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.authorities.verify_tls12_signature(message, own, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.authorities.verify_tls13_signature(message, own, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.authorities.supported_verify_schemes()
    }
}

//! A TLS handshake that records the certificate and its verdict but accepts any. Nothing may ever be sent or read over a
//! connection made here.

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

/// The trusted certificate authorities.
#[derive(Debug, Clone)]
pub struct TrustRoots {
    provider: Arc<CryptoProvider>,
    verifier: Arc<dyn ServerCertVerifier>,
}

impl TrustRoots {
    /// Trusts the authorities of the machine or image, as the outbound client does.
    pub fn from_system() -> Result<Self, Error> {
        let provider = Arc::new(ring::default_provider());
        let authorities = Arc::new(lcr_web::trust_roots::authorities());
        let verifier = WebPkiServerVerifier::builder_with_provider(authorities, provider.clone());
        let verifier = verifier.build().map_err(|error| Error::General(error.to_string()))?;
        Ok(Self { provider, verifier })
    }

    /// Trusts what this verifier accepts.
    pub fn from_verifier(verifier: Arc<dyn ServerCertVerifier>) -> Self {
        Self { provider: Arc::new(ring::default_provider()), verifier }
    }

    /// Returns the certificate that `name` presents, or none if it does not speak TLS.
    pub async fn handshake(&self, name: &str, stream: impl AsyncRead + AsyncWrite + Unpin) -> Option<Certificate> {
        let recorder = Arc::new(RecordingVerifier { verifier: self.verifier.clone(), certificate: Mutex::default() });
        let config = ClientConfig::builder_with_provider(self.provider.clone());
        let config = config.with_safe_default_protocol_versions().ok()?;
        let config = config.dangerous().with_custom_certificate_verifier(recorder.clone()).with_no_client_auth();
        let server = ServerName::try_from(name.to_owned()).ok()?;
        // Ignore the outcome: a server that demands a client certificate refuses us only after presenting its own.
        let _ = TlsConnector::from(Arc::new(config)).connect(server, stream).await;
        recorder.certificate.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Accepts every certificate and records whether the authorities would have accepted it.
#[derive(Debug)]
struct RecordingVerifier {
    verifier: Arc<dyn ServerCertVerifier>,
    certificate: Mutex<Option<Certificate>>,
}

impl ServerCertVerifier for RecordingVerifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self.verifier.verify_server_cert(certificate, chain, name, stapled, now);
        let not_after = parse_x509_certificate(certificate)
            .ok()
            .and_then(|(_, parsed)| Timestamp::from_second(parsed.validity().not_after.timestamp()).ok());
        let recorded = not_after.map(|not_after| Certificate { not_after, trusted: verdict.is_ok() });
        *self.certificate.lock().unwrap_or_else(PoisonError::into_inner) = recorded;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

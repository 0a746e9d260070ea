//! The CAs that outbound calls trust: the system's (`SSL_CERT_FILE` can name others, such as a private CA's bundle
//! mounted into a container), or Mozilla's if there are none. Our images hold a single file, so without these no partner
//! could be called.

use std::sync::Arc;

use rustls::{ClientConfig, ConfigBuilder, RootCertStore, client::WantsClientCert, crypto::ring};

/// All trusted CAs.
pub fn authorities() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let is_configured = ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(|name| std::env::var_os(name).is_some());
    if roots.is_empty() && is_configured {
        // These variables replace every other CA, so nothing is trusted until the file can be read.
        tracing::error!(event = "no-authorities", "SSL_CERT_FILE or SSL_CERT_DIR holds no certificate");
    } else if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

/// The TLS client configuration, but for our own certificate.
pub(crate) fn trusting(roots: Arc<RootCertStore>) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    // Our provider supports all default versions. If it did not, every call would fail.
    let versions =
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
    let builder = versions.unwrap_or_else(|_| ClientConfig::builder());
    builder.with_root_certificates(roots)
}

#[cfg(test)]
mod tests {
    #[test]
    fn there_are_always_trusted_cas() {
        let authorities = super::authorities();
        assert!(authorities.len() > 50);
        let _ = super::trusting(authorities.into()).with_no_client_auth();
    }
}

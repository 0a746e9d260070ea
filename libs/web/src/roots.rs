//! Whom outbound calls trust: the authorities of the system (`SSL_CERT_FILE` names others, as a private authority's
//! bundle mounted into a container), or, where there are none, Mozilla's. An image of ours is a single file: without
//! these no partner could be called from it.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::ring};

/// Everybody we trust.
pub fn authorities() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let told = ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(|name| std::env::var_os(name).is_some());
    if roots.is_empty() && told {
        // Whoever names authorities wants no others: nobody is trusted until the file reads.
        tracing::error!(event = "no-authorities", "SSL_CERT_FILE or SSL_CERT_DIR holds no certificate");
    } else if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

/// The client's side of TLS.
pub(crate) fn trusting() -> ClientConfig {
    // Our provider has all that the default versions need; without it nobody is called.
    let versions = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions();
    let builder = versions.unwrap_or_else(|_| ClientConfig::builder());
    builder.with_root_certificates(authorities()).with_no_client_auth()
}

#[cfg(test)]
mod tests {
    #[test]
    fn there_is_always_somebody_to_trust() {
        assert!(super::authorities().len() > 50);
        let _ = super::trusting();
    }
}

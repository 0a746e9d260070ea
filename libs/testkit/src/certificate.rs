//! Certificates for test servers, signed by the test's own CA. Nothing outside the test may trust it.

use std::{fs, path::PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use crate::Folder;

/// A server's certificate and key and the CA that signed it, as PEM files.
#[derive(Debug, Clone)]
pub struct Certificate {
    pub certificate: PathBuf,
    pub key: PathBuf,
    pub authority: PathBuf,
}

impl Certificate {
    /// Makes a certificate for the host `name`.
    ///
    /// # Panics
    /// If the files cannot be written.
    #[allow(clippy::expect_used, reason = "a test that cannot set its scene has failed")]
    pub fn new(folder: &Folder, name: &str) -> Self {
        let mut params = CertificateParams::new(vec![]).expect("an authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let authority = params.self_signed(&key).expect("an authority");
        let issuer = Issuer::new(params, key);
        let own = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let certificate = certificate.signed_by(&own, &issuer).expect("a certificate");
        let write = |file: &str, what: &str, der: &[u8]| {
            let path = folder.path().join(file);
            let text = format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", STANDARD.encode(der));
            fs::write(&path, text).expect("a file");
            path
        };
        Self {
            certificate: write("server.pem", "CERTIFICATE", certificate.der()),
            key: write("server.key", "PRIVATE KEY", &own.serialize_der()),
            authority: write("authority.pem", "CERTIFICATE", authority.der()),
        }
    }
}

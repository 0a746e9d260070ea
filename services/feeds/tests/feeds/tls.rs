//! MLLP with mutual TLS: a sender can send only for the source in its certificate, and nobody can send without one.

use std::{fs, net::SocketAddr, sync::Arc};

use lcr_feeds::{Tls, TlsFiles};
use lcr_hl7::mllp::encode_frame;
use lcr_runtime::Stop;
use lcr_testkit::Folder;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsConnector;

use super::{
    mllp::message,
    scene::{Scene, hospital, itk},
};

/// A certificate authority.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let own = params.self_signed(&key).unwrap();
        Self { der: own.der().clone(), pem: pem("CERTIFICATE", own.der()), issuer: Issuer::new(params, key) }
    }

    /// A certificate for `common`, and its key.
    fn sign(&self, common: &str, dns: &[&str]) -> (CertificateDer<'static>, Vec<u8>) {
        let dns: Vec<String> = dns.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(dns).unwrap();
        params.distinguished_name.push(DnType::CommonName, common);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().der().clone(), key.serialize_der())
    }
}

fn pem(what: &str, der: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", STANDARD.encode(der))
}

async fn start_tls_listener(scene: &Scene, ours: &Authority, folder: &Folder) -> SocketAddr {
    let (certificate, key) = ours.sign("feeds", &["localhost"]);
    let at = |name: &str| folder.path().join(name);
    fs::write(at("tls.crt"), pem("CERTIFICATE", &certificate)).unwrap();
    fs::write(at("tls.key"), pem("PRIVATE KEY", &key)).unwrap();
    fs::write(at("ca.crt"), &ours.pem).unwrap();
    let files = TlsFiles { certificate: at("tls.crt"), key: at("tls.key"), client_ca: at("ca.crt") };
    let tls = Tls::read(files).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(scene.feeds.clone().serve_mllp(listener, Some(tls), Stop::new()));
    address
}

/// The answer to `message`, or `None` if the connection is refused.
async fn send(
    to: SocketAddr,
    trusts: &Authority,
    shows: Option<(CertificateDer<'static>, Vec<u8>)>,
    message: &str,
) -> Option<String> {
    let mut roots = RootCertStore::empty();
    roots.add(trusts.der.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match shows {
        Some((certificate, key)) => {
            let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key));
            config.with_client_auth_cert(vec![certificate], key).unwrap()
        }
        None => config.with_no_client_auth(),
    };
    let stream = TcpStream::connect(to).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.ok()?;
    stream.write_all(&encode_frame(message.as_bytes())).await.ok()?;
    let mut answer = vec![];
    while !answer.ends_with(&[0x1c, 0x0d]) {
        let mut part = [0; 4096];
        match stream.read(&mut part).await {
            Ok(read) if read > 0 => answer.extend_from_slice(&part[..read]),
            _ => return None,
        }
    }
    Some(String::from_utf8(answer).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_can_send_only_for_the_source_it_names() {
    let scene = Scene::set(&[hospital(), itk()]).await;
    let (ours, theirs, folder) = (Authority::new(), Authority::new(), Folder::new("mllp-tls").unwrap());
    let to = start_tls_listener(&scene, &ours, &folder).await;
    let own = send(to, &ours, Some(ours.sign("st-hildas", &[])), &message(1)).await.unwrap();
    assert!(own.contains("\rMSA|AA|"), "by its common name: {own}");
    let dns = send(to, &ours, Some(ours.sign("Cloverleaf 7", &["st-hildas"])), &message(2)).await.unwrap();
    assert!(dns.contains("\rMSA|AA|"), "by a DNS name: {dns}");
    let other = send(to, &ours, Some(ours.sign("wharfe", &[])), &message(3)).await.unwrap();
    assert!(other.contains("\rMSA|AR|"), "MSH-3 and MSH-4 must agree with the certificate: {other}");
    assert_eq!(send(to, &ours, None, &message(4)).await, None, "without a certificate");
    assert_eq!(send(to, &ours, Some(theirs.sign("st-hildas", &[])), &message(5)).await, None, "another's signature");
    let mut plain = TcpStream::connect(to).await.unwrap();
    plain.write_all(&encode_frame(message(6).as_bytes())).await.unwrap();
    let mut answer = vec![];
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.windows(4).any(|four| four == b"MSA|"), "nothing is accepted without TLS");
}

#[test]
fn a_faulty_file_is_named_in_the_error() {
    let folder = Folder::new("mllp-files").unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["tls.crt", "tls.key", "ca.crt"] {
        fs::write(at(name), "not PEM").unwrap();
    }
    let files = TlsFiles { certificate: at("tls.crt"), key: at("tls.key"), client_ca: at("ca.crt") };
    let Err(error) = Tls::read(files) else { panic!("they are no certificates") };
    assert!(error.contains("ca.crt"), "{error}");
}

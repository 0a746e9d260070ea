//! Probes: what a handshake shows, how often it runs, and which addresses are forbidden.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use lcr_operator::{
    domain::{
        conditions::{ProbeFailure, ProbeResult},
        egress::Host,
    },
    probe::{Probes, TrustRoots},
};
use lcr_web::EgressRules;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    RootCertStore, ServerConfig,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::ring,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer},
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::scene::TestClock;

/// A certificate authority.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    root: CertificateDer<'static>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().der().clone();
        Self { issuer: Issuer::new(params, key), root }
    }

    fn trust(&self) -> Arc<dyn ServerCertVerifier> {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.clone()).unwrap();
        let provider = Arc::new(ring::default_provider());
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap()
    }

    /// Starts a TLS server for `name` with a certificate until `year`. Counts its connections.
    async fn serve(&self, name: &str, year: i32) -> (Host, Arc<AtomicUsize>) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 3, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(vec![certificate], key).unwrap()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let count = Arc::new(AtomicUsize::new(0));
        let counted = count.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let _ = acceptor.accept(stream).await;
            }
        });
        (Host { name: "localhost".into(), port }, count)
    }
}

/// A verifier that trusts no certificate in use.
pub fn untrusting_verifier() -> Arc<dyn ServerCertVerifier> {
    Authority::new().trust()
}

fn probes(trust: Arc<dyn ServerCertVerifier>, loopback: bool) -> (Probes, TestClock) {
    let clock = TestClock::default();
    let rules = EgressRules { loopback, ..EgressRules::default() };
    (Probes::new(rules, TrustRoots::from_verifier(trust), Arc::new(clock.clone())), clock)
}

fn year(result: &ProbeResult) -> i16 {
    let ends: Timestamp = result.certificate.as_ref().unwrap().not_after;
    ends.to_zoned(jiff::tz::TimeZone::UTC).year()
}

#[tokio::test]
async fn trust_depends_on_chain_and_name_and_the_expiry_is_always_read() {
    let authority = Authority::new();
    let (good, _) = authority.serve("localhost", 2045).await;
    let (misnamed, _) = authority.serve("elsewhere.example", 2046).await;
    let (probes_under_test, _) = probes(authority.trust(), true);
    let result = probes_under_test.probe_host(&good).await;
    assert_eq!((result.connection, year(&result)), (Ok(()), 2045));
    assert!(result.certificate.unwrap().trusted);
    let result = probes_under_test.probe_host(&misnamed).await;
    assert_eq!((year(&result), result.certificate.unwrap().trusted), (2046, false));
    let (untrusting, _) = probes(untrusting_verifier(), true);
    let result = untrusting.probe_host(&good).await;
    assert_eq!((year(&result), result.certificate.unwrap().trusted), (2045, false));
}

#[tokio::test]
async fn each_probe_failure_has_its_own_reason() {
    let authority = Authority::new();
    let (probes_under_test, _) = probes(authority.trust(), true);
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    tokio::spawn(async move { while silent.accept().await.is_ok() {} });
    let host = |name: &str, port| Host { name: name.into(), port };
    for (host, why) in [
        (host("localhost", closed), ProbeFailure::NoConnection),
        (host("localhost", port), ProbeFailure::NoTls),
        (host("nowhere.invalid", 443), ProbeFailure::NoAddress),
    ] {
        assert_eq!(probes_under_test.probe_host(&host).await.connection, Err(why), "{host:?}");
    }
    let (good, count) = authority.serve("localhost", 2045).await;
    let (strict, _) = probes(authority.trust(), false);
    assert_eq!(strict.probe_host(&good).await.connection, Err(ProbeFailure::NotPermitted));
    assert_eq!(count.load(Ordering::SeqCst), 0, "not even a connection");
}

#[tokio::test]
async fn a_host_is_probed_once_in_five_minutes() {
    let authority = Authority::new();
    let (host, count) = authority.serve("localhost", 2045).await;
    let (probes_under_test, clock) = probes(authority.trust(), true);
    let (on_change, mut changes) = tokio::sync::mpsc::unbounded_channel();
    for _ in 0..5 {
        let on_change = on_change.clone();
        probes_under_test.latest_result(&host, move || on_change.send(()).unwrap());
    }
    changes.recv().await.unwrap();
    assert!(probes_under_test.latest_result(&host, || ()).is_some());
    assert_eq!(count.load(Ordering::SeqCst), 1);
    clock.advance(SignedDuration::from_mins(7));
    probes_under_test.latest_result(&host, move || on_change.send(()).unwrap());
    while count.load(Ordering::SeqCst) < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(changes.try_recv().is_err(), "an equal result calls nothing");
}

//! Looking at endpoints: what a handshake shows, how often, and where nobody may look.

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
        conditions::{Probed, Unreached},
        egress::Host,
    },
    probe::{Probes, Trust},
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

use crate::scene::Later;

/// An authority, and whoever trusts it alone.
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

    /// A server of `name` whose certificate lasts until `year`; connections are counted.
    async fn serve(&self, name: &str, year: i32) -> (Host, Arc<AtomicUsize>) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 3, 1);
        let key = KeyPair::generate().unwrap();
        let own = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(vec![own], key).unwrap()));
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

/// Trust in an authority that has signed nothing.
pub fn nobody() -> Arc<dyn ServerCertVerifier> {
    Authority::new().trust()
}

fn probes(trust: Arc<dyn ServerCertVerifier>, loopback: bool) -> (Probes, Later) {
    let clock = Later::default();
    let rules = EgressRules { loopback, ..EgressRules::default() };
    (Probes::new(rules, Trust::of(trust), Arc::new(clock.clone())), clock)
}

fn year(probed: &Probed) -> i16 {
    let ends: Timestamp = probed.certificate.as_ref().unwrap().not_after;
    ends.to_zoned(jiff::tz::TimeZone::UTC).year()
}

#[tokio::test]
async fn a_certificate_is_judged_by_its_chain_and_name_and_its_end_is_read_either_way() {
    let authority = Authority::new();
    let (good, _) = authority.serve("localhost", 2045).await;
    let (misnamed, _) = authority.serve("elsewhere.example", 2046).await;
    let (own, _) = probes(authority.trust(), true);
    let seen = own.once(&good).await;
    assert_eq!((seen.reached, year(&seen)), (Ok(()), 2045));
    assert!(seen.certificate.unwrap().trusted);
    let seen = own.once(&misnamed).await;
    assert_eq!((year(&seen), seen.certificate.unwrap().trusted), (2046, false));
    let (stranger, _) = probes(nobody(), true);
    let seen = stranger.once(&good).await;
    assert_eq!((year(&seen), seen.certificate.unwrap().trusted), (2045, false));
}

#[tokio::test]
async fn who_is_not_there_speaks_no_tls_or_may_not_be_asked_is_told_apart() {
    let authority = Authority::new();
    let (own, _) = probes(authority.trust(), true);
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = mute.local_addr().unwrap().port();
    tokio::spawn(async move { while mute.accept().await.is_ok() {} });
    let host = |name: &str, port| Host { name: name.into(), port };
    for (host, why) in [
        (host("localhost", closed), Unreached::NoConnection),
        (host("localhost", port), Unreached::NoTls),
        (host("nowhere.invalid", 443), Unreached::NoAddress),
    ] {
        assert_eq!(own.once(&host).await.reached, Err(why), "{host:?}");
    }
    let (good, count) = authority.serve("localhost", 2045).await;
    let (strict, _) = probes(authority.trust(), false);
    assert_eq!(strict.once(&good).await.reached, Err(Unreached::NotPermitted));
    assert_eq!(count.load(Ordering::SeqCst), 0, "not even a connection");
}

#[tokio::test]
async fn a_host_is_looked_at_once_in_five_minutes_whoever_asks() {
    let authority = Authority::new();
    let (host, count) = authority.serve("localhost", 2045).await;
    let (own, clock) = probes(authority.trust(), true);
    let (told, mut news) = tokio::sync::mpsc::unbounded_channel();
    for _ in 0..5 {
        let told = told.clone();
        own.ask(&host, move || told.send(()).unwrap());
    }
    news.recv().await.unwrap();
    assert!(own.ask(&host, || ()).is_some());
    assert_eq!(count.load(Ordering::SeqCst), 1);
    clock.by(SignedDuration::from_mins(7));
    own.ask(&host, move || told.send(()).unwrap());
    while count.load(Ordering::SeqCst) < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(news.try_recv().is_err(), "the same again is no news");
}

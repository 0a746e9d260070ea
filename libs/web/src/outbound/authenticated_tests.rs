//! Credentials against a partner's server on this machine: Basic, tokens that end, rotation, a client certificate.

#[path = "authenticated_tests/partner.rs"]
mod partner;
#[path = "authenticated_tests/refusals.rs"]
mod refusals;

use std::{fs, time::Duration};

use lcr_contracts::registry::SystemSetup;
use lcr_model::{OdsCode, SourceId};
use lcr_testkit::{Certificate, Folder};
use partner::{Partner, TestClock, start_tls_server};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::*;
use crate::EgressRules;

fn rules() -> EgressRules {
    EgressRules { loopback: true, ..EgressRules::default() }
}

fn client(credentials: Vec<Credentials>, clock: &Arc<TestClock>, base: &Url) -> AuthenticatedOutbound {
    let outbound = Outbound::new(rules()).unwrap();
    AuthenticatedOutbound::new(outbound, credentials, clock.clone()).unwrap().limited_to(base)
}

fn basic(password: &str) -> Credentials {
    Credentials::Basic { user: "lcr".into(), password: Phi::new(password.into()) }
}

fn secret(partner: &Partner, secret: &str) -> Credentials {
    Credentials::OAuth2Secret {
        token_url: partner.token_url(),
        client_id: "lcr:leeds".into(),
        client_secret: Phi::new(secret.into()),
        scope: Some("system/*.read".into()),
    }
}

async fn status(client: &AuthenticatedOutbound, base: &Url) -> Result<u16, AuthenticatedError> {
    let url = base.join("fhir/Patient").unwrap();
    client.send(Outbound::get(url, Duration::from_secs(5))).await.map(|answer| answer.status)
}

#[tokio::test]
async fn a_source_without_credentials_is_asked_without_any() {
    let partner = Partner::start().await;
    let client = client(vec![], &TestClock::new(), &partner.base);
    assert_eq!(status(&client, &partner.base).await, Ok(401));
    assert_eq!(partner.last_authorization(), None);
    assert!(!client.has_credentials());
}

#[tokio::test]
async fn a_new_password_leaves_no_gap_before_the_source_accepts_it() {
    let partner = Partner::start().await;
    partner.accept_basic("lcr:old");
    let (clock, base) = (TestClock::new(), &partner.base);
    let both = client(vec![basic("new"), basic("old")], &clock, base);
    assert_eq!(status(&both, base).await, Ok(200));
    assert_eq!(status(&both, base).await, Ok(200));
    assert_eq!(partner.asked(), 3, "the refused password is not tried again at once");
    partner.accept_basic("lcr:new");
    assert_eq!(status(&both, base).await, Ok(200), "nor does the new one fail when the old one ends");
    let wrong = client(vec![basic("new:"), basic("old")], &clock, base);
    assert_eq!(status(&wrong, base).await, Ok(401));
}

#[tokio::test]
async fn one_token_serves_many_calls_until_it_ends() {
    let partner = Partner::start().await;
    let (clock, base) = (TestClock::new(), &partner.base);
    let client = client(vec![secret(&partner, "s ü/+")], &clock, base);
    let calls = (0..16).map(|_| status(&client, base));
    assert!(futures::future::join_all(calls).await.iter().all(|one| *one == Ok(200)));
    assert_eq!(partner.tokens(), 1);
    let form = partner.last_form();
    assert_eq!(form.authorization.as_deref(), Some("Basic bGNyJTNBbGVlZHM6cyUyMCVDMyVCQyUyRiUyQg=="));
    assert!(form.body.contains("grant_type=client_credentials&scope=system%2F*.read"), "{}", form.body);
    // The endpoint says five minutes; the last half minute is not used.
    clock.advance(269);
    assert_eq!((status(&client, base).await, partner.tokens()), (Ok(200), 1));
    clock.advance(1);
    assert_eq!((status(&client.clone(), base).await, partner.tokens()), (Ok(200), 2));
}

#[tokio::test]
async fn a_revoked_token_is_fetched_anew_once() {
    let partner = Partner::start().await;
    let (clock, base) = (TestClock::new(), &partner.base);
    let client = client(vec![secret(&partner, "s")], &clock, base);
    assert_eq!(status(&client, base).await, Ok(200));
    partner.revoke(1);
    assert_eq!((status(&client, base).await, partner.tokens()), (Ok(200), 2));
    partner.revoke(99);
    assert_eq!((status(&client, base).await, partner.tokens()), (Ok(401), 3));
    for _ in 0..5 {
        assert_eq!(status(&client, base).await, Ok(401));
    }
    assert_eq!(partner.tokens(), 3, "a source that refuses each token does not make us ask for ever more");
    clock.advance(11);
    partner.revoke(0);
    assert_eq!(status(&client, base).await, Ok(200));
}

#[tokio::test]
async fn a_source_behind_mutual_tls_accepts_our_certificate_and_no_other() {
    let folder = |name| Folder::new(name).unwrap();
    let (at_server, at_client, at_stranger) = (folder("tls-server"), folder("tls-client"), folder("tls-stranger"));
    let server = Certificate::new(&at_server, "127.0.0.1");
    let (ours, stranger) = (Certificate::new(&at_client, "lcr"), Certificate::new(&at_stranger, "lcr"));
    let base = start_tls_server(&server, &ours.authority).await;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&fs::read(&server.authority).unwrap()).unwrap()).unwrap();
    let outbound = Outbound::trusting(rules(), roots).unwrap();
    let shows = |one: &Certificate| Credentials::MutualTls {
        certificate: fs::read_to_string(&one.certificate).unwrap(),
        private_key: Phi::new(fs::read_to_string(&one.key).unwrap()),
    };
    let client = |credentials| {
        AuthenticatedOutbound::new(outbound.clone(), credentials, TestClock::new()).unwrap().limited_to(&base)
    };
    assert_eq!(status(&client(vec![shows(&ours)]), &base).await, Ok(200));
    assert_eq!(status(&client(vec![shows(&stranger), shows(&ours)]), &base).await, Ok(200), "a rotation");
    for refused in [vec![], vec![shows(&stranger)]] {
        let error = status(&client(refused), &base).await.unwrap_err();
        let (tls, broken) = (OutboundError::Tls, OutboundError::Broken);
        assert!([tls, broken].map(AuthenticatedError::Outbound).contains(&error), "{error:?}");
    }
    // The server's certificate is checked too.
    let wary = AuthenticatedOutbound::new(Outbound::new(rules()).unwrap(), vec![shows(&ours)], TestClock::new());
    let untrusted = status(&wary.unwrap().limited_to(&base), &base).await;
    assert_eq!(untrusted, Err(AuthenticatedError::Outbound(OutboundError::Tls)));
    let mixed = Credentials::MutualTls {
        certificate: fs::read_to_string(&ours.certificate).unwrap(),
        private_key: Phi::new(fs::read_to_string(&stranger.key).unwrap()),
    };
    let made = AuthenticatedOutbound::new(outbound.clone(), vec![mixed], TestClock::new());
    assert_eq!(made.unwrap_err(), AuthenticatedError::UnusableCredentials, "a key of another certificate");
}

//! Credentials that cannot work are refused, and none leave identity in the clear (S-13).

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_contracts::{
    partners::system::{CheckOutcome, SystemChange},
    registry::SealedCredentials,
};
use lcr_model::{OdsCode, Phi};
use lcr_web::EgressRules;
use rcgen::{CertificateParams, KeyPair, PKCS_ED25519};

use super::*;
use crate::systems::testing::{OWNER, Scene, draft, sender};

const TOKEN_URL: &str = "https://login.example.nhs.uk/token";

fn basic(password: &str) -> Credentials {
    Credentials::Basic { user: "lcr".into(), password: Phi::new(password.into()) }
}

fn secret(token_url: &str) -> Credentials {
    Credentials::OAuth2Secret {
        token_url: token_url.into(),
        client_id: "lcr".into(),
        client_secret: Phi::new("the-secret".into()),
        scope: None,
    }
}

fn refusal(credentials: &Credentials) -> String {
    let outbound = Outbound::new(EgressRules::default()).unwrap();
    check(credentials, &outbound).unwrap_err().outward().to_owned()
}

fn pem(name: &str, der: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    format!("-----BEGIN {name}-----\n{}\n-----END {name}-----\n", STANDARD.encode(der))
}

fn set(credentials: Option<Credentials>) -> SystemChange {
    SystemChange::SetCredentials { system: SourceId::new("gp"), credentials }
}

#[test]
fn each_kind_of_credentials_is_checked_and_never_repeated() {
    let outbound = Outbound::new(EgressRules::default()).unwrap();
    assert_eq!(check(&basic("hunter2"), &outbound), Ok(()));
    assert_eq!(check(&secret(TOKEN_URL), &outbound), Ok(()));
    for (credentials, words) in [
        (basic(""), "password is empty"),
        (basic("hunter2\n"), "password"),
        (Credentials::Basic { user: "a:b".into(), password: Phi::new("hunter2".into()) }, "colon"),
        (secret("http://login.example.nhs.uk/token"), "https://"),
        (secret("https://10.0.0.1/token"), "not an address we may call"),
        (secret("login"), "not a URL"),
    ] {
        let refused = refusal(&credentials);
        assert!(
            refused.contains(words) && !refused.contains("hunter2") && !refused.contains("the-secret"),
            "{refused}"
        );
    }
}

#[test]
fn a_private_key_must_fit_its_algorithm() {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let p384 = pem("PRIVATE KEY", key.serialized_der());
    let ed25519 = pem("PRIVATE KEY", KeyPair::generate_for(&PKCS_ED25519).unwrap().serialized_der());
    assert_eq!(check_private_key(&p384, "ES384"), Ok(()));
    assert_eq!(check_private_key(&ed25519, "EdDSA"), Ok(()));
    for (key, algorithm, words) in [
        (p384.as_str(), "RS512", "cannot sign with RS512"),
        (p384.as_str(), "HS256", "algorithm is"),
        (p384.as_str(), "none", "algorithm is"),
        (ed25519.as_str(), "ES384", "cannot sign with ES384"),
        ("no key", "ES384", "does not read"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "ES384", "does not read"),
    ] {
        let refused = check_private_key(key, algorithm).unwrap_err();
        assert!(refused.outward().contains(words), "{refused:?}");
    }
}

#[test]
fn a_certificate_and_its_key_belong_together() {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["lcr.example".to_owned()]).unwrap().self_signed(&key).unwrap();
    let certificate = pem("CERTIFICATE", certificate.der());
    let own = pem("PRIVATE KEY", key.serialized_der());
    let other = pem("PRIVATE KEY", KeyPair::generate().unwrap().serialized_der());
    assert_eq!(check_certificate(&certificate, &own), Ok(()));
    assert!(check_certificate(&certificate, &other).unwrap_err().outward().contains("not the one"));
    assert!(check_certificate("", &own).unwrap_err().outward().contains("certificate does not read"));
    assert!(check_certificate(&certificate, "").unwrap_err().outward().contains("key does not read"));
}

#[tokio::test]
async fn a_rotation_keeps_the_credentials_before_and_voids_the_report() {
    let scene = Scene::new().await;
    scene.put(draft("gp")).await;
    scene.change(set(Some(basic("one")))).await.unwrap();
    scene.report("gp", CheckOutcome::Passed).await;
    assert!(scene.status("gp").await.report.is_some());
    scene.change(set(Some(basic("two")))).await.unwrap();
    let status = scene.status("gp").await;
    assert_eq!((status.credentials, status.report), (Some(CredentialKind::Basic), None));
    let sealed: SealedCredentials = scene.system("gp").await.setup.credentials.unwrap();
    assert_eq!(sealed.open(&SourceId::new("gp"), &scene.service().data_keys), [basic("two"), basic("one")]);
    scene.change(set(None)).await.unwrap();
    assert_eq!(scene.status("gp").await.credentials, None);
}

#[tokio::test]
async fn what_is_returned_and_told_names_the_kind_alone() {
    let scene = Scene::new().await;
    scene.put(draft("gp")).await;
    scene.change(set(Some(basic("hunter2")))).await.unwrap();
    let key = SystemChange::MakeKey {
        system: SourceId::new("gp"),
        token_url: TOKEN_URL.into(),
        client_id: "lcr".into(),
        scope: None,
        algorithm: "ES384".into(),
    };
    let ChangeResult::PublicKeys(public) = scene.change(key).await.unwrap() else { panic!("no public keys") };
    assert!(public["keys"][0].get("d").is_none());
    let service = scene.service();
    let history = crate::store::partner_change::list(service.store.read(), &OdsCode::new(OWNER), 10).await.unwrap();
    let told = format!("{history:?} {:?}", scene.status("gp").await);
    assert!(
        told.contains("user name and password") && !told.contains("hunter2") && !told.contains("PRIVATE"),
        "{told}"
    );
}

#[tokio::test]
async fn a_system_that_only_sends_needs_no_credentials() {
    let scene = Scene::new().await;
    scene.put(sender("gp", "PAS")).await;
    assert!(scene.refusal(set(Some(basic("one")))).await.contains("not asked"));
}

//! An ID token is accepted only from its provider, for us, for this sign-in, now. Each refusal has a token that shows it.

#![allow(clippy::unwrap_used, reason = "tests")]

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, Header};
use lcr_model::{Clock as _, SigningKey, SystemClock};
use lcr_web::{Outbound, outbound::EgressRules};
use serde_json::{Value, json};

use super::*;
use crate::oidc::{protocol_types::Metadata, settings::ProviderSettings};

const ISSUER: &str = "https://login.example.org";

fn login(again: bool) -> LoginState {
    LoginState {
        state: String::new(),
        nonce: "n".to_owned(),
        verifier: String::new(),
        issuer: ISSUER.to_owned(),
        return_to: String::new(),
        launch: None,
        again,
        acr: None,
    }
}

#[test]
fn a_sign_in_again_needs_the_time_of_its_proof() {
    assert!(check_auth_time(&login(true), None).is_err());
    assert!(check_auth_time(&login(true), Some(Timestamp::UNIX_EPOCH)).is_ok());
    assert!(check_auth_time(&login(false), None).is_ok(), "an ordinary sign-in needs none");
}

/// A provider with its key, and our client of it.
struct Scene {
    key: SigningKey,
    provider: Provider,
    client: Client,
    now: Timestamp,
}

impl Scene {
    fn new() -> Self {
        let key = SigningKey::generate().unwrap();
        let metadata: Metadata = serde_json::from_value(json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://login.example.org/authorize",
            "token_endpoint": "https://login.example.org/token",
            "jwks_uri": "https://login.example.org/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA"],
        }))
        .unwrap();
        // Unknown keys are skipped, not refused.
        let jwks = json!({"keys": [
            {"kty": "AKP", "alg": "ML-DSA-65", "kid": "post-quantum", "pub": "AA"},
            {"kty": "OKP", "crv": "X25519", "use": "enc", "kid": "agreement", "x": key.public().x},
            {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.kid(), "x": key.public().x},
        ]});
        let metadata = metadata.set_jwks(serde_json::from_value(jwks).unwrap());
        let settings = ProviderSettings {
            issuer: ISSUER.to_owned(),
            client_id: "lcr".to_owned(),
            organisations: vec!["Y90001".to_owned()],
            ..ProviderSettings::default()
        };
        let outbound = Outbound::new(EgressRules::default()).unwrap();
        let own_key = SigningKey::generate().unwrap();
        let provider = Provider::new(settings, None, outbound, "https://record.example.nhs.uk", own_key);
        let client = provider.client_of(&metadata).unwrap();
        Self { key, provider, client, now: SystemClock.now() }
    }

    fn claims(&self) -> Value {
        let now = self.now.as_second();
        json!({"iss": ISSUER, "aud": "lcr", "sub": "1", "nonce": "n", "iat": now, "exp": now + 300,
            "name": "Dr A", "org_code": "Y90001", "role": "gp", "sid": "s"})
    }

    fn verify(&self, token: &str) -> Result<Verified, ()> {
        let token: IdToken = token.parse().map_err(|_| ())?;
        verify_with_keys(&self.provider, &self.client, &token, &Nonce::new("n".to_owned()), self.now).map_err(|_| ())
    }

    fn is_accepted(&self, change: impl FnOnce(&mut Value, i64)) -> bool {
        let mut claims = self.claims();
        change(&mut claims, self.now.as_second());
        self.verify(&self.key.sign("JWT", &claims).unwrap()).is_ok()
    }
}

#[test]
fn a_token_is_for_us_for_this_sign_in_and_now() {
    let scene = Scene::new();
    assert!(scene.is_accepted(|_, _| ()));
    assert!(scene.is_accepted(|claims, now| claims["iat"] = json!(now + 4)), "a clock four seconds ahead");
    assert!(!scene.is_accepted(|claims, now| claims["iat"] = json!(now + 120)), "issued in the future");
    assert!(!scene.is_accepted(|claims, now| claims["exp"] = json!(now - 1)), "expired");
    assert!(!scene.is_accepted(|claims, _| claims["aud"] = json!("other")), "another audience");
    assert!(!scene.is_accepted(|claims, _| claims["aud"] = json!(["lcr", "other"])), "also for another audience");
    assert!(!scene.is_accepted(|claims, _| claims["iss"] = json!("https://other.example.org")), "another issuer");
    assert!(!scene.is_accepted(|claims, _| claims["nonce"] = json!("of another sign-in")));
    assert!(!scene.is_accepted(|claims, _| claims["nonce"] = Value::Null));
}

/// A token that was found in a log opens no session, however long its provider lets it live.
#[test]
fn an_old_token_is_not_exchanged() {
    let scene = Scene::new();
    let is_exchanged = |age: i64| {
        let mut claims = scene.claims();
        claims["iat"] = json!(scene.now.as_second() - age);
        let verified = scene.verify(&scene.key.sign("JWT", &claims).unwrap()).unwrap();
        check_exchanged_age(&verified, scene.now).is_ok()
    };
    assert!(is_exchanged(0) && is_exchanged(600) && is_exchanged(-4));
    assert!(!is_exchanged(601));
}

#[test]
fn a_token_that_the_providers_key_did_not_sign_is_refused() {
    let scene = Scene::new();
    let other = SigningKey::generate().unwrap();
    assert!(scene.verify(&other.sign("JWT", &scene.claims()).unwrap()).is_err(), "an unknown key");
    let with_our_kid = SigningKey::from_seed(scene.key.kid(), *other.seed()).unwrap();
    assert!(scene.verify(&with_our_kid.sign("JWT", &scene.claims()).unwrap()).is_err(), "a key under its name");
    let mut header = Header::new(jsonwebtoken::Algorithm::HS256);
    header.kid = Some(scene.key.kid().to_owned());
    let public = EncodingKey::from_secret(scene.key.public().x.as_bytes());
    let confused = jsonwebtoken::encode(&header, &scene.claims(), &public).unwrap();
    assert!(scene.verify(&confused).is_err(), "its public key as a shared secret");
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let none = format!("{}.{}.", part(&json!({"alg": "none"})), part(&scene.claims()));
    assert!(scene.verify(&none).is_err(), "no signature");
}

#[test]
fn a_user_gets_only_roles_for_which_the_provider_may_vouch() {
    let scene = Scene::new();
    let user = |org: &str, role: &str| {
        let mut claims = scene.claims();
        (claims["org_code"], claims["role"]) = (json!(org), json!(role));
        let verified = scene.verify(&scene.key.sign("JWT", &claims).unwrap()).unwrap();
        to_user(&scene.provider, &verified)
    };
    let Ok(ExchangeOutcome::User(known, _)) = user("Y90001", "gp") else { panic!("refused") };
    assert_eq!((known.candidates.len(), known.sid.as_deref(), known.org.as_deref()), (1, Some("s"), Some("Y90001")));
    assert!(user("Y90002", "gp").is_err(), "another organisation");
    assert!(user("", "patient").is_err(), "a patient");
    let Ok(ExchangeOutcome::User(unknown, _)) = user("Y90001", "wizard") else { panic!("refused") };
    assert!(unknown.candidates.is_empty() && unknown.org.is_some(), "may ask for access");
}

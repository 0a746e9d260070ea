//! Tests of `signing_key.rs`.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject};

use super::*;
use crate::systems::{credentials, key_set};

fn new(algorithm: &str) -> NewKey {
    NewKey {
        token_url: "https://login.example.nhs.uk/token".into(),
        client_id: "lcr".into(),
        scope: None,
        algorithm: algorithm.into(),
    }
}

#[test]
fn the_public_key_verifies_what_the_private_key_signs() {
    let (credentials, public) = make(new("ES384")).unwrap();
    let Credentials::PrivateKeyJwt { key_id, private_key, .. } = &credentials else { panic!("{credentials:?}") };
    let document = PrivatePkcs8KeyDer::from_pem_slice(private_key.as_ref().as_bytes()).unwrap();
    let header = Header { kid: Some(key_id.clone()), ..Header::new(Algorithm::ES384) };
    let key = EncodingKey::from_ec_der(document.secret_pkcs8_der());
    let token = jsonwebtoken::encode(&header, &json!({ "iss": "lcr", "exp": 4_102_444_800_i64 }), &key).unwrap();
    let (_, claims) = crate::oauth2::verify_signed::<Value>(&token, &public.to_string()).unwrap();
    assert_eq!(claims["iss"], "lcr");
    assert!(key_set::check(&public).is_ok(), "no private member");
    assert!(credentials::check_private_key(private_key.as_ref(), "ES384").is_ok());
}

#[test]
fn another_algorithm_is_refused_in_words() {
    for other in ["RS384", "EdDSA", "none", "HS256", ""] {
        let refused = make(new(other)).err().unwrap();
        assert!(refused.outward().contains("ES384 only"), "{other}");
    }
}

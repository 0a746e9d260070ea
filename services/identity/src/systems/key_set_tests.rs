//! Tests of `key_set.rs`.

use super::*;

fn encoded(length: usize) -> String {
    URL_SAFE_NO_PAD.encode(vec![0xA5_u8; length])
}

fn ed25519() -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "a", "x": encoded(32) })
}

fn rsa(bytes: usize) -> Value {
    json!({ "kty": "RSA", "kid": "r", "n": encoded(bytes), "e": "AQAB" })
}

fn refused(keys: &Value) -> String {
    check(&json!({ "keys": keys })).unwrap_err().outward().to_owned()
}

fn with(mut key: Value, name: &str, value: Value) -> Value {
    key[name] = value;
    key
}

#[test]
fn public_keys_of_every_type_are_taken() {
    let p256 = json!({ "kty": "EC", "crv": "P-256", "kid": "b", "x": encoded(32), "y": encoded(32) });
    let p384 = json!({ "kty": "EC", "crv": "P-384", "alg": "ES384", "kid": "c", "x": encoded(48), "y": encoded(48) });
    let set = json!({ "keys": [ed25519(), p256, p384, rsa(256)] });
    assert_eq!(check(&set), Ok(()));
    assert_eq!(usable(&set), set);
    assert!(has(&set, "r") && !has(&set, "other"));
}

#[test]
fn a_private_or_shared_key_is_refused_and_never_repeated() {
    for (key, secret) in [
        (with(ed25519(), "d", json!("the-secret")), "the-secret"),
        (with(rsa(256), "p", json!("the-secret")), "the-secret"),
        (json!({ "kty": "oct", "kid": "k", "k": "the-secret" }), "the-secret"),
    ] {
        let words = refused(&json!([key]));
        assert!(words.contains("private") && !words.contains(secret), "{words}");
    }
}

#[test]
fn weak_unknown_and_nameless_keys_are_refused() {
    for (keys, words) in [
        (json!([]), "1 to 10"),
        (json!([rsa(128)]), "2048"),
        (json!([rsa(1024)]), "4096"),
        (json!([with(rsa(256), "e", json!("AQ"))]), "exponent"),
        (json!([with(ed25519(), "kid", json!(""))]), "`kid`"),
        (json!([with(ed25519(), "x", json!(encoded(31)))]), "Ed25519"),
        (json!([with(ed25519(), "alg", json!("none"))]), "`alg`"),
        (json!([with(rsa(256), "alg", json!("HS256"))]), "`alg`"),
        (json!([with(ed25519(), "use", json!("enc"))]), "signatures"),
        (json!([with(ed25519(), "kty", json!("oct"))]), "Ed25519"),
        (json!([{ "kty": "EC", "crv": "P-521", "kid": "e", "x": encoded(66), "y": encoded(66) }]), "P-384"),
        (json!(["text"]), "object"),
        (json!([ed25519(), ed25519()]), "another one"),
        (json!(vec![ed25519(); 11]), "1 to 10"),
    ] {
        let refused = refused(&keys);
        assert!(refused.contains(words), "{refused}");
    }
    assert!(check(&json!([])).is_err() && check(&json!({ "keys": {} })).is_err());
}

#[test]
fn unknown_keys_of_a_published_set_are_skipped() {
    let set = json!({ "keys": [{ "kty": "later" }, with(ed25519(), "use", json!("enc")), ed25519()] });
    assert_eq!(usable(&set), json!({ "keys": [ed25519()] }));
    assert_eq!(usable(&json!("no set")), json!({ "keys": [] }));
}

//! Tests of `credentials.rs`.

use proptest::{collection, prelude::*};

use super::*;

const TOKEN_URL: Option<&str> = Some("https://login.example.org/token");

fn data(pairs: &[(&str, &str)]) -> BTreeMap<String, ByteString> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), ByteString(value.as_bytes().to_vec()))).collect()
}

const KEY: &str = "-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----\n";
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n";

#[test]
fn each_type_of_secret_gives_its_kind_of_credentials() {
    for (pairs, kind) in [
        (data(&[("type", "basic\n"), ("username", "lcr"), ("password", "one\n")]), CredentialKind::Basic),
        (
            data(&[("type", "oauth2-secret"), ("client_id", "lcr"), ("client_secret", "one")]),
            CredentialKind::OAuth2Secret,
        ),
        (
            data(&[
                ("type", "private-key-jwt"),
                ("client_id", "lcr"),
                ("key_id", "a"),
                ("algorithm", "ES384"),
                ("private_key", KEY),
            ]),
            CredentialKind::PrivateKeyJwt,
        ),
        (data(&[("type", "mutual-tls"), ("tls.crt", CERTIFICATE), ("tls.key", KEY)]), CredentialKind::MutualTls),
    ] {
        let read = parse(&pairs, TOKEN_URL).unwrap();
        assert_eq!(read.kind(), kind);
        assert_eq!(text(&pairs, "type").unwrap(), kind_name(kind));
    }
    let basic = parse(&data(&[("type", "basic"), ("username", "lcr"), ("password", "one\n")]), None).unwrap();
    assert_eq!(basic, Credentials::Basic { user: "lcr".into(), password: Phi::new("one".into()) });
}

#[test]
fn a_fault_names_the_key_and_no_value() {
    for (pairs, token_url, fault) in [
        (data(&[]), TOKEN_URL, CredentialsFault::UnknownType),
        (data(&[("type", "kerberos")]), TOKEN_URL, CredentialsFault::UnknownType),
        (data(&[("type", "basic"), ("username", "lcr")]), TOKEN_URL, CredentialsFault::MissingKey("password")),
        (
            data(&[("type", "basic"), ("username", "lcr"), ("password", "\n")]),
            TOKEN_URL,
            CredentialsFault::MissingKey("password"),
        ),
        (
            data(&[("type", "oauth2-secret"), ("client_id", "lcr"), ("client_secret", "hidden")]),
            None,
            CredentialsFault::NoTokenUrl,
        ),
        (
            data(&[("type", "mutual-tls"), ("tls.crt", "hidden"), ("tls.key", KEY)]),
            TOKEN_URL,
            CredentialsFault::InvalidValue("tls.crt"),
        ),
    ] {
        assert_eq!(parse(&pairs, token_url).unwrap_err(), fault);
        assert!(!fault.message("rr8-pas").contains("hidden"));
    }
}

proptest! {
    #[test]
    fn any_data_gives_credentials_or_a_fault(
        values in collection::btree_map("type|username|password|client_id|tls.crt", collection::vec(any::<u8>(), 0..20), 0..5)
    ) {
        let data = values.into_iter().map(|(key, value)| (key, ByteString(value))).collect();
        let _ = parse(&data, TOKEN_URL);
    }
}

//! Tests of `clients_page.rs`.

use super::*;

fn read(json: &str) -> Result<ClientDraft, String> {
    read_client(&serde_json::from_str(json).unwrap())
}

#[test]
fn a_client_has_the_scopes_that_are_ticked() {
    let client =
        read(r#"{"id": "pas", "name": "PAS", "role": "feeds-client", "feeds.write": "on", "jwks": "{\"keys\": []}"}"#);
    let client = client.unwrap();
    assert_eq!((client.scope.as_str(), client.per_minute), ("feeds.write", 0));
    assert_eq!(client.jwks, Some(serde_json::json!({ "keys": [] })));
    assert_eq!(client.requests_per_minute, None, "the usual number");
    let own = read(r#"{"id": "pas", "name": "PAS", "role": "feeds-client", "requests_per_minute": "9000"}"#);
    assert_eq!(own.unwrap().requests_per_minute, Some(9000));
    let broken = read(r#"{"id": "pas", "name": "PAS", "role": "feeds-client", "jwks": "{"}"#);
    assert_eq!(broken.unwrap_err(), "The public key set is not JSON.");
}

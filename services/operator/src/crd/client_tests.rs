//! Tests of `client.rs`.

use serde_json::json;

use super::*;

fn client(value: serde_json::Value) -> ClientSpec {
    serde_json::from_value(value).unwrap()
}

#[test]
fn a_client_converts_to_a_row_and_back_and_its_private_members_are_dropped() {
    let spec = client(json!({
        "id": "rr8-pas-feed", "name": "PAS feed", "role": "feeds-client", "scope": "feeds.write", "perMinute": 600,
        "requestsPerMinute": 9000,
        "jwks": {"keys": [{"kty": "EC", "kid": "a", "crv": "P-384", "x": "AA", "y": "BB", "use": "sig", "d": "PRIVATE"}]}
    }));
    let row = spec.to_client(&OdsCode::new("RR8"));
    assert_eq!((row.org.as_str(), row.role, row.per_minute), ("RR8", Role::FeedsClient, 600));
    assert_eq!(row.requests_per_minute, Some(9000));
    assert_eq!(row.jwks["keys"][0]["use"], "sig");
    assert!(!row.jwks.to_string().contains("PRIVATE"));
    assert_eq!(ClientSpec::of_client(&row), Some(spec));
}

#[test]
fn a_client_of_a_demonstration_has_no_form_in_a_resource() {
    let spec = client(json!({
        "id": "a", "name": "A", "role": "fhir-client", "scope": "fhir.read", "jwksUrl": "https://keys.example.org/jwks"
    }));
    let row = spec.to_client(&OdsCode::new("RR8"));
    assert_eq!(row.jwks, serde_json::Value::Null);
    assert_eq!(ClientSpec::of_client(&row), Some(spec));
    let plain = Client { frame_ancestors: vec!["http://localhost:8080".into()], ..row.clone() };
    assert_eq!(ClientSpec::of_client(&plain), None);
    assert_eq!(ClientSpec::of_client(&Client { role: Role::Gp, ..row }), None);
}

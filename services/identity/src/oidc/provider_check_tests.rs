//! Tests of `provider_check.rs`.

use serde_json::{Value, json};

use super::*;

fn settings(patients: bool) -> ProviderSettings {
    ProviderSettings {
        issuer: "https://login.example.org".into(),
        client_id: "lcr".into(),
        patients,
        ..ProviderSettings::default()
    }
}

fn metadata(more: &Value) -> Metadata {
    let mut value = json!({
        "issuer": "https://login.example.org",
        "authorization_endpoint": "https://login.example.org/authorize",
        "jwks_uri": "https://login.example.org/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(value).unwrap()
}

fn missing_text(more: &Value, patients: bool) -> String {
    find_missing(&metadata(more), &settings(patients)).join("; ")
}

#[test]
fn each_missing_capability_is_named() {
    assert_eq!(missing_text(&json!({}), true), "", "missing metadata is no fault");
    let rsa = json!({ "token_endpoint_auth_signing_alg_values_supported": ["RS512"] });
    assert!(missing_text(&rsa, false).contains("signed with RS512, and ours are signed with EdDSA"));
    let ours = json!({ "token_endpoint_auth_signing_alg_values_supported": ["RS512", "EdDSA"] });
    assert_eq!(missing_text(&ours, false), "");
    let secret = json!({ "token_endpoint_auth_methods_supported": ["client_secret_basic"] });
    assert!(missing_text(&secret, false).contains("does not take private_key_jwt"));
    let shared = json!({ "id_token_signing_alg_values_supported": ["HS256"] });
    assert!(missing_text(&shared, false).contains("it signs ID tokens with HS256, and we verify EdDSA"));
}

#[test]
fn assertions_are_compared_in_the_algorithm_of_this_provider() {
    let rsa = json!({ "token_endpoint_auth_signing_alg_values_supported": ["RS512"] });
    let with = |algorithm: &str| ProviderSettings { algorithm: Some(algorithm.into()), ..settings(false) };
    assert!(find_missing(&metadata(&rsa), &with("RS512")).is_empty());
    assert!(find_missing(&metadata(&rsa), &with("PS256"))[0].ends_with("ours are signed with PS256"));
}

#[test]
fn a_provider_passes_its_checks_only_with_keys_and_secure_addresses() {
    let outcomes = |more: &Value| -> Vec<(String, bool)> {
        let checks = checks(&metadata(more), &settings(false));
        checks.into_iter().map(|one| (one.name, one.outcome == CheckOutcome::Passed)).collect()
    };
    let failed = |more: &Value| -> Vec<String> {
        outcomes(more).into_iter().filter(|(_, passed)| !passed).map(|(name, _)| name).collect()
    };
    // The metadata of a test have no keys: those are fetched separately.
    let token = json!({ "token_endpoint": "https://login.example.org/token" });
    assert_eq!(failed(&token), ["keys"]);
    assert_eq!(failed(&json!({})), ["endpoints", "keys"]);
    assert_eq!(failed(&json!({ "token_endpoint": "http://login.example.org/token" })), ["endpoints", "keys"]);
    let secret = json!({ "token_endpoint": "https://a.example/t", "token_endpoint_auth_methods_supported": ["none"] });
    assert_eq!(failed(&secret), ["keys", "capabilities"]);
    let claims = json!({ "token_endpoint": "https://a.example/t", "claims_supported": ["sub", "org_code"] });
    let warned = checks(&metadata(&claims), &settings(false)).pop().unwrap();
    assert_eq!((warned.name.as_str(), warned.outcome), ("claims", CheckOutcome::Warning));
    assert!(warned.text.starts_with("Its ID tokens have no role:"), "{}", warned.text);
    assert!(unreachable().iter().all(|one| one.outcome == CheckOutcome::Failed));
}

#[test]
fn a_provider_of_patients_needs_the_claims_that_link_a_patient() {
    let claims = json!({ "claims_supported": ["sub", "nhs_number", "birthdate", "family_name",
            "identity_proofing_level"] });
    let for_patients = missing_text(&claims, true);
    assert!(for_patients.contains("its ID tokens have no org_code, role, given_name:"));
    assert!(!missing_text(&claims, false).contains("given_name"));
    let trial =
        ProviderSettings { organisation: Some("Z9H01".into()), role: Some("patient".into()), ..settings(false) };
    assert!(find_missing(&metadata(&claims), &trial).is_empty());
}

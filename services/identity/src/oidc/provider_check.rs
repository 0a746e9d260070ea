//! Compares a provider's metadata with what sign-in needs, and describes what is missing for the operators. It must never
//! refuse a provider, because metadata may be incomplete.

use openidconnect::core::{CoreClientAuthMethod, CoreJwsSigningAlgorithm};

use super::{callback::ALGORITHMS, protocol_types::Metadata, provider::ProviderSettings};

/// Descriptions of what is missing. Empty if nothing is.
pub fn find_missing(metadata: &Metadata, settings: &ProviderSettings) -> Vec<String> {
    let mut missing = Vec::new();
    let methods = metadata.token_endpoint_auth_methods_supported();
    if methods.is_some_and(|all| !all.contains(&CoreClientAuthMethod::PrivateKeyJwt)) {
        missing.push("its token endpoint does not take private_key_jwt, the only proof we give".to_owned());
    }
    let signing = metadata.token_endpoint_auth_signing_alg_values_supported();
    if let Some(offered) = signing.filter(|all| !all.contains(&CoreJwsSigningAlgorithm::EdDsa)) {
        missing.push(format!(
            "its token endpoint takes client assertions signed with {}, and ours are signed with EdDSA",
            algorithm_names(offered)
        ));
    }
    let offered = metadata.id_token_signing_alg_values_supported();
    if !ALGORITHMS.iter().any(|ours| offered.contains(ours)) {
        missing.push(format!(
            "it signs ID tokens with {}, and we verify {}",
            algorithm_names(offered),
            algorithm_names(&ALGORITHMS)
        ));
    }
    if let Some(claims) = metadata.claims_supported() {
        let lacking: Vec<&str> = required_claims(settings)
            .into_iter()
            .filter(|name| !claims.iter().any(|claim| claim.as_str() == *name))
            .collect();
        if !lacking.is_empty() {
            missing.push(format!(
                "its ID tokens have no {}: nobody whose token lacks one is signed in as what it says",
                lacking.join(", ")
            ));
        }
    }
    missing
}

/// The claims of an ID token that a sign-in requires.
fn required_claims(settings: &ProviderSettings) -> Vec<&'static str> {
    let mut claims = Vec::new();
    if settings.organisation.is_none() {
        claims.push("org_code");
    }
    if settings.role.is_none() {
        claims.push("role");
    }
    if settings.patients {
        claims.extend(["nhs_number", "identity_proofing_level", "birthdate", "family_name", "given_name"]);
    }
    claims
}

fn algorithm_names(algorithms: &[CoreJwsSigningAlgorithm]) -> String {
    let name = |one: &CoreJwsSigningAlgorithm| {
        let text = serde_json::to_value(one).ok()?;
        text.as_str().map(str::to_owned)
    };
    let names: Vec<String> = algorithms.iter().filter_map(name).collect();
    if names.is_empty() { "no algorithm that we know".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn settings(patients: bool) -> ProviderSettings {
        ProviderSettings {
            issuer: "https://login.example.org".into(),
            client_id: "lcr".into(),
            callback: None,
            organisations: vec![],
            patients,
            organisation: None,
            role: None,
            launch_issuers: vec![],
            frame_ancestors: vec![],
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
}

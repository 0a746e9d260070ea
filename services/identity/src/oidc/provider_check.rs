//! Compares a provider's metadata with what sign-in needs, and describes what is missing for the operators. It must never
//! refuse a provider, because metadata may be incomplete.

use lcr_contracts::partners::{
    sign_in::ClaimProfile,
    system::{Check, CheckOutcome},
};
use openidconnect::{
    JsonWebKey as _, JsonWebKeyUse, TokenUrl, UserInfoUrl,
    core::{CoreClientAuthMethod, CoreJsonWebKey, CoreJsonWebKeyType, CoreJwsSigningAlgorithm},
};

use super::{callback::ALGORITHMS, protocol_types::Metadata, settings::ProviderSettings};

/// The checks of a provider whose metadata and keys were fetched, in words for its organisation's administrator.
pub fn checks(metadata: &Metadata, settings: &ProviderSettings) -> Vec<Check> {
    let plain = [
        Some(metadata.authorization_endpoint().url()),
        metadata.token_endpoint().map(TokenUrl::url),
        Some(metadata.jwks_uri().url()),
        metadata.userinfo_endpoint().map(UserInfoUrl::url),
    ];
    let is_secure = settings.issuer.starts_with("http://") || plain.iter().flatten().all(|url| url.scheme() == "https");
    let is_usable = |key: &&CoreJsonWebKey| {
        let is_for_signing = key.key_use().is_none_or(JsonWebKeyUse::allows_signature);
        is_for_signing && *key.key_type() != CoreJsonWebKeyType::Symmetric
    };
    let keys = metadata.jwks().keys().iter().filter(is_usable).count();
    let missing = missing_capabilities(metadata, settings);
    let needs_user_info = matches!(settings.profile, ClaimProfile::Cis2 | ClaimProfile::NhsLogin);
    let has_user_info = metadata.userinfo_endpoint().is_some();
    let mut checks = vec![
        check("discovery", true, "Its metadata are published and name this issuer.", ""),
        check(
            "endpoints",
            is_secure && metadata.token_endpoint().is_some() && (has_user_info || !needs_user_info),
            "Its addresses are complete and use https.",
            "An address in its metadata is missing or does not use https.",
        ),
        check(
            "keys",
            keys > 0,
            &format!("It publishes {keys} signing {}.", if keys == 1 { "key" } else { "keys" }),
            "Its key set has no key with which an ID token can be verified.",
        ),
        check("capabilities", missing.is_empty(), "It can do what sign-in needs.", &sentences(&missing)),
    ];
    // The organisation's directory may know the roles that the tokens lack.
    checks.extend(missing_claims(metadata, settings).map(|text| Check {
        name: "claims".to_owned(),
        outcome: CheckOutcome::Warning,
        text: sentences(&[text]),
    }));
    checks
}

/// The one check of a provider that does not answer.
pub fn unreachable() -> Vec<Check> {
    let text = "Its metadata could not be read at /.well-known/openid-configuration, or they name another issuer. Check the \
                issuer's address, and that it can be reached from the internet.";
    vec![check("discovery", false, "", text)]
}

fn check(name: &str, passed: bool, good: &str, bad: &str) -> Check {
    let (outcome, text) = if passed { (CheckOutcome::Passed, good) } else { (CheckOutcome::Failed, bad) };
    Check { name: name.to_owned(), outcome, text: text.to_owned() }
}

/// The descriptions as sentences.
fn sentences(missing: &[String]) -> String {
    let capital = |text: &String| {
        let mut letters = text.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>() + ".")
    };
    missing.iter().filter_map(capital).collect::<Vec<_>>().join(" ")
}

/// Descriptions of what is missing. Empty if nothing is.
pub fn find_missing(metadata: &Metadata, settings: &ProviderSettings) -> Vec<String> {
    let mut missing = missing_capabilities(metadata, settings);
    missing.extend(missing_claims(metadata, settings));
    missing
}

fn missing_capabilities(metadata: &Metadata, settings: &ProviderSettings) -> Vec<String> {
    let mut missing = Vec::new();
    let methods = metadata.token_endpoint_auth_methods_supported();
    if methods.is_some_and(|all| !all.contains(&CoreClientAuthMethod::PrivateKeyJwt)) {
        missing.push("its token endpoint does not take private_key_jwt, the only proof we give".to_owned());
    }
    let ours = settings.algorithm.as_deref().unwrap_or("EdDSA");
    let is_ours = |one: &CoreJwsSigningAlgorithm| algorithm_name(one).as_deref() == Some(ours);
    let signing = metadata.token_endpoint_auth_signing_alg_values_supported();
    if let Some(offered) = signing.filter(|all| !all.iter().any(is_ours)) {
        missing.push(format!(
            "its token endpoint takes client assertions signed with {}, and ours are signed with {ours}",
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
    missing
}

/// The claims that ID tokens lack, if the metadata list the claims.
fn missing_claims(metadata: &Metadata, settings: &ProviderSettings) -> Option<String> {
    let claims = metadata.claims_supported()?;
    let is_listed = |name: &&str| claims.iter().any(|claim| claim.as_str() == *name);
    let lacking: Vec<&str> = required_claims(settings).into_iter().filter(|name| !is_listed(name)).collect();
    let names = lacking.join(", ");
    let text = format!("its ID tokens have no {names}: nobody whose token lacks one is signed in as what it says");
    (!lacking.is_empty()).then_some(text)
}

/// The claims of an ID token that a sign-in requires.
fn required_claims(settings: &ProviderSettings) -> Vec<&'static str> {
    let mut claims = Vec::new();
    if settings.profile != ClaimProfile::Plain {
        // Their claims depend on scopes and on the user, or are at `/userinfo`.
        return claims;
    }
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

fn algorithm_name(algorithm: &CoreJwsSigningAlgorithm) -> Option<String> {
    serde_json::to_value(algorithm).ok()?.as_str().map(str::to_owned)
}

fn algorithm_names(algorithms: &[CoreJwsSigningAlgorithm]) -> String {
    let names: Vec<String> = algorithms.iter().filter_map(algorithm_name).collect();
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
        let secret =
            json!({ "token_endpoint": "https://a.example/t", "token_endpoint_auth_methods_supported": ["none"] });
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
}

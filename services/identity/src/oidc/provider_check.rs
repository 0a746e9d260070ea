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
#[path = "provider_check_tests.rs"]
mod tests;

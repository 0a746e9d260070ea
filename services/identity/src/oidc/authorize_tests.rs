//! Tests of `authorize.rs`.

use openidconnect::{ClientId, RedirectUrl};
use serde_json::json;

use super::*;
use crate::oidc::protocol_types::Metadata;

fn address_of(again: bool, acr: Option<&str>) -> (String, LoginState) {
    let issuer = "https://login.example.org";
    let metadata: Metadata = serde_json::from_value(json!({
        "issuer": issuer,
        "authorization_endpoint": "https://login.example.org/authorize",
        "jwks_uri": "https://login.example.org/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    }))
    .unwrap();
    let redirect = RedirectUrl::new("https://record.example.nhs.uk/auth/callback".to_owned()).unwrap();
    let client = Client::from_provider_metadata(metadata, ClientId::new("lcr".to_owned()), None);
    let acr = acr.map(str::to_owned);
    let request = SignInRequest { return_to: "/home".to_owned(), again, acr, launch: None };
    let (profile, acr) = (ClaimProfile::Cis2, &["AAL2_OR_AAL3_ANY".to_owned()]);
    let asks = ProviderAsks { issuer, profile, acr, scopes: scopes_of(profile, None) };
    address(&client.set_redirect_uri(redirect), &asks, request)
}

#[test]
fn only_a_sign_in_again_asks_the_provider_for_a_new_proof() {
    let (url, login) = address_of(true, None);
    assert!(url.contains("prompt=login") && url.contains("max_age=0") && login.again, "{url}");
    let (url, login) = address_of(false, None);
    assert!(!url.contains("prompt=") && !url.contains("max_age=") && !login.again, "{url}");
}

#[test]
fn the_e_mail_address_is_asked_for_where_a_directory_needs_it_and_the_provider_has_it() {
    let scopes = |names: &[&str]| names.iter().map(|name| Scope::new((*name).to_owned())).collect::<Vec<_>>();
    let (with, without) = (scopes(&["openid", "profile", "email"]), scopes(&["openid", "profile"]));
    for (profile, offered, silent) in [
        (ClaimProfile::Plain, true, false),
        (ClaimProfile::EntraId, true, true),
        (ClaimProfile::Keycloak, true, true),
        (ClaimProfile::Cis2, true, false),
        (ClaimProfile::NhsLogin, false, false),
    ] {
        let asks = |all: Option<&[Scope]>| scopes_of(profile, all).contains(&"email");
        let asked = (asks(Some(&with)), asks(Some(&without)), asks(None));
        assert_eq!(asked, (offered, false, silent), "{profile:?}");
        assert!(scopes_of(profile, None).contains(&"profile"), "{profile:?}");
    }
    let (url, _) = address_of(false, None);
    assert!(url.contains("scope=openid+profile+nhsperson"), "{url}");
}

#[test]
fn a_sign_in_asks_for_the_assurance_and_the_claims_that_it_needs() {
    let (url, login) = address_of(false, None);
    assert!(url.contains("acr_values=AAL2_OR_AAL3_ANY") && login.acr.is_none(), "{url}");
    assert!(url.contains("nationalrbacaccess") && url.contains("selectedrole"), "{url}");
    let (url, login) = address_of(true, Some("AAL3_ANY"));
    assert!(url.contains("acr_values=AAL3_ANY") && login.acr.as_deref() == Some("AAL3_ANY"), "a step-up");
}

//! What a provider may vouch for, and how its ID tokens are verified: each refusal by a token that shows it (X-18, S-13).

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_web::outbound::EgressRules;
use serde_json::json;

use super::*;
use crate::oidc::claims::Candidate;
use lcr_model::Role;

fn provider(settings: ProviderSettings, owner: Option<&str>) -> Provider {
    let outbound = Outbound::new(EgressRules::default()).unwrap();
    let key = SigningKey::generate().unwrap();
    let owner = owner.map(|ods| ProviderOwner { organisation: OdsCode::new(ods), version: 7 });
    Provider::new(settings, owner, outbound, "https://record.example.nhs.uk", key)
}

fn candidate(org: &str, role: Role) -> Candidate {
    Candidate { org: org.to_owned(), role, role_id: None, title: String::new() }
}

#[test]
fn an_organisations_own_provider_vouches_for_its_own_staff_alone() {
    let draft = serde_json::from_value(json!({"issuer": "https://a.example", "client_id": "lcr"})).unwrap();
    let ods = OdsCode::new("Y90001");
    let own = provider(ProviderSettings::of_draft(draft, &ods), Some("Y90001"));
    assert!(own.may_vouch_for(&candidate("Y90001", Role::Gp)));
    assert!(!own.may_vouch_for(&candidate("Y90002", Role::Gp)));
    for role in [Role::PlatformAdmin, Role::Patient, Role::ProxyParent, Role::FeedsClient, Role::FhirClient] {
        assert!(!own.may_vouch_for(&candidate("Y90001", role)), "{role}");
    }
    assert_eq!(own.origin(), ClaimsOrigin::OwnProvider { version: 7 });
    assert!(own.redirect_uri().ends_with(&format!("/auth/callback/{}", own.name())), "a callback of its own");
}

#[test]
fn nhs_login_signs_in_patients_alone() {
    let settings = ProviderSettings { patients: true, profile: ClaimProfile::NhsLogin, ..ProviderSettings::default() };
    let login = provider(settings, None);
    assert!(login.may_vouch_for(&candidate("", Role::Patient)) && !login.may_vouch_for(&candidate("Y90001", Role::Gp)));
}

#[test]
fn a_sign_in_needs_one_of_the_agreed_assurances() {
    let acr = vec!["AAL2".to_owned(), "AAL3".to_owned()];
    let strict = provider(ProviderSettings { acr, ..ProviderSettings::default() }, None);
    assert!(strict.is_assured(None, Some("AAL2")) && strict.is_assured(Some("AAL3"), Some("AAL3")));
    assert!(!strict.is_assured(None, None) && !strict.is_assured(None, Some("AAL1")));
    assert!(!strict.is_assured(Some("AAL3"), Some("AAL2")), "a step-up");
    let any = provider(ProviderSettings::default(), None);
    assert!(any.is_assured(None, None) && !any.is_assured(Some("AAL3"), None));
}

#[test]
fn a_sign_out_leads_to_the_issuers_host_alone() {
    let issuer = "https://login.example.org/realms/staff";
    assert!(is_of_issuer("https://login.example.org/logout?x=1", issuer));
    for other in [
        "https://evil.example/logout",
        "https://login.example.org.evil.example/",
        "https://login.example.org@evil.example/",
        "http://login.example.org/logout",
        "javascript:alert(1)",
        "//login.example.org/logout",
        "",
    ] {
        assert!(!is_of_issuer(other, issuer), "{other}");
    }
    assert!(is_of_issuer("http://127.0.0.1:9000/logout", "http://127.0.0.1:9000"));
}

#[test]
fn assertions_need_the_key_of_their_algorithm() {
    let settings = ProviderSettings { algorithm: Some("ES384".into()), ..ProviderSettings::default() };
    let provider = provider(settings, None);
    assert!(provider.lacks_key() && provider.client_assertion("https://a.example", Timestamp::UNIX_EPOCH).is_err());
    assert_eq!(provider.public_keys(), json!({"keys": []}));
    let stored = crate::oidc::assertion_key::StoredKey::generate(jsonwebtoken::Algorithm::ES384, Timestamp::UNIX_EPOCH);
    provider.set_key(AssertionKey::read(jsonwebtoken::Algorithm::ES384, &stored.unwrap()).unwrap());
    assert!(!provider.lacks_key() && provider.client_assertion("https://a.example", Timestamp::UNIX_EPOCH).is_ok());
    assert_eq!(provider.public_keys()["keys"][0]["crv"], "P-384");
}

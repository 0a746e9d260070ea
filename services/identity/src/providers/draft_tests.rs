//! Tests of `draft.rs`.

use lcr_contracts::FailureKind;
use lcr_model::Role;
use lcr_web::EgressRules;
use serde_json::{Value, json};

use super::*;

fn draft(change: Value) -> ProviderDraft {
    let mut value = json!({"issuer": "https://login.example.org/realms/staff", "client_id": "lcr"});
    let Value::Object(change) = change else { panic!("an object") };
    value.as_object_mut().unwrap().extend(change);
    serde_json::from_value(value).unwrap()
}

fn check(change: Value) -> Result<ProviderDraft, Failure> {
    checked(draft(change), &OrganisationKind::GpPractice, &Outbound::new(EgressRules::default()).unwrap())
}

#[test]
fn a_usable_draft_is_taken_with_its_texts_trimmed() {
    let taken = check(json!({"client_id": " lcr ", "email_domains": ["@Hospital.NHS.uk "], "acr": ["AAL2 "],
            "algorithm": "PS256", "roles": {"gp-group": "gp"}}))
    .unwrap();
    assert_eq!((taken.client_id.as_str(), taken.acr[0].as_str()), ("lcr", "AAL2"));
    assert_eq!(taken.email_domains, ["hospital.nhs.uk"]);
    assert!(check(json!({"profile": "entra-id", "issuer": "https://login.microsoftonline.com/9a1c/v2.0"})).is_ok());
}

#[test]
fn what_cannot_be_used_is_refused_with_the_reason() {
    for (change, words) in [
        (json!({"issuer": "http://login.example.org"}), "may call"),
        (json!({"issuer": "https://127.0.0.1/"}), "may call"),
        (json!({"issuer": "https://169.254.169.254/"}), "may call"),
        (json!({"issuer": "https://identity.lcr.svc/"}), "may call"),
        (json!({"issuer": "https://login.example.org/?x=1"}), "no query"),
        (json!({"issuer": "not an address"}), "not a URL"),
        (json!({"client_id": " "}), "client id"),
        (json!({"profile": "nhs-login"}), "for patients"),
        (json!({"profile": "entra-id", "issuer": "https://login.microsoftonline.com/common/v2.0"}), "tenant"),
        (json!({"roles": {"admins": "platform-admin"}}), "platform administrator"),
        (json!({"roles": {"people": "patient"}}), "patient"),
        (json!({"roles": {"stewards": "data-steward"}}), "data steward"),
        (json!({"roles": {"buyers": "commissioner"}}), "commissioner"),
        (json!({"roles": {"ward": "ward-nurse"}}), "ward nurse"),
        (json!({"roles": {"": "gp"}}), "200 roles"),
        (json!({"email_domains": ["nhs.net"]}), "many organisations share"),
        (json!({"email_domains": ["hospital"]}), "e-mail domains"),
        (json!({"email_domains": ["a@b.nhs.uk"]}), "e-mail domains"),
        (json!({"acr": ["AAL2 AAL3"]}), "without a space"),
        (json!({"algorithm": "HS256"}), "We sign"),
        (json!({"algorithm": "none"}), "We sign"),
    ] {
        let failure = check(change.clone()).unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadRequest, "{change}");
        assert!(failure.outward().contains(words), "{change}: {}", failure.outward());
    }
}

#[test]
fn sessions_end_only_if_the_provider_vouches_differently() {
    let before = draft(json!({"roles": {"gps": "gp"}, "acr": ["AAL2"]}));
    let same = |change: Value| !vouches_differently(&before, &draft(change));
    assert!(same(json!({"roles": {"gps": "gp"}, "acr": ["AAL2"], "email_domains": ["a.nhs.uk"]})));
    for change in [
        json!({"roles": {}, "acr": ["AAL2"]}),
        json!({"roles": {"gps": "gp"}, "acr": ["AAL3"]}),
        json!({"roles": {"gps": "gp"}, "acr": ["AAL2"], "client_id": "other"}),
        json!({"roles": {"gps": "gp"}, "acr": ["AAL2"], "profile": "keycloak"}),
    ] {
        assert!(!same(change.clone()), "{change}");
    }
}

#[test]
fn an_issuer_and_a_domain_belong_to_one_organisation() {
    let row = |ods: &str, change: Value| ProviderRow {
        draft: draft(change),
        organisation: OdsCode::new(ods),
        checks: vec![],
        version: 1,
        passed_domains: vec![],
    };
    let own = OdsCode::new("Y90001");
    let new = draft(json!({"email_domains": ["a.nhs.uk"]}));
    assert!(taken_by_another(&new, &own, &[row("Y90001", json!({"email_domains": ["a.nhs.uk"]}))]).is_none());
    assert!(taken_by_another(&new, &own, &[row("Y90002", json!({}))]).unwrap().contains("issuer"));
    let other = row("Y90002", json!({"issuer": "https://b.example.org", "email_domains": ["a.nhs.uk"]}));
    assert!(taken_by_another(&new, &own, &[other]).unwrap().contains("domains"));
    assert_eq!(Role::PlatformAdmin.words(), "platform administrator");
}

//! Tests of `process.rs`.

use super::*;

fn provider(issuer: &str, callback: Option<&str>) -> ProviderSettings {
    ProviderSettings {
        issuer: issuer.to_owned(),
        client_id: "lcr".to_owned(),
        callback: callback.map(str::to_owned),
        ..ProviderSettings::default()
    }
}

#[test]
fn a_provider_without_tls_is_only_for_a_demonstration_on_this_machine() {
    let is_accepted = |issuer: &str, demo| check_providers(&[provider(issuer, None)], demo).is_ok();
    assert!(is_accepted("https://login.example.nhs.uk", false));
    assert!(is_accepted("http://127.0.0.1:8090", true));
    for (issuer, demo) in [
        ("http://login.example.nhs.uk", true),
        ("http://127.0.0.1:8090", false),
        ("http://localhost.example.org", true),
        ("ftp://x", true),
    ] {
        assert!(!is_accepted(issuer, demo), "{issuer}");
    }
}

#[test]
fn an_address_is_launched_by_one_provider_and_framed_by_origins() {
    let check = |issuers: &[&str], origin: &str| {
        let launches = ProviderSettings {
            launch_issuers: issuers.iter().map(|iss| (*iss).to_owned()).collect(),
            frame_ancestors: vec![origin.to_owned()],
            ..provider("https://login.example.nhs.uk", None)
        };
        check_providers(&[launches], false).is_ok()
    };
    let (fhir, host) = ("https://fhir.example.nhs.uk/R4", "https://host.example.nhs.uk");
    assert!(check(&[fhir], host));
    assert!(!check(&[fhir, "https://fhir.example.nhs.uk/R4/"], host));
    assert!(!check(&["http://fhir.example.nhs.uk"], host));
    assert!(!check(&[fhir], "https://host.example.nhs.uk/page"));
}

#[test]
fn assertions_are_signed_in_an_algorithm_that_we_have() {
    let check = |algorithm: &str| {
        let settings = ProviderSettings {
            algorithm: Some(algorithm.to_owned()),
            ..provider("https://login.example.nhs.uk", None)
        };
        check_providers(&[settings], false).is_ok()
    };
    assert!(check("EdDSA") && check("PS256") && check("RS512") && !check("HS256") && !check("none"));
}

#[test]
fn each_provider_needs_a_callback_of_its_own() {
    let two = |one, other| {
        check_providers(&[provider("https://a.example", one), provider("https://b.example", other)], false).is_ok()
    };
    assert!(two(None, Some("nhs-login")) && two(Some("one"), Some("other")));
    assert!(!two(None, None) && !two(Some("one"), Some("one")) && !two(None, Some("../x")));
}

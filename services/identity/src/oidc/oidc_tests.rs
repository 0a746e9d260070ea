//! Which provider signs in whom.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_contracts::partners::system::{Check, CheckOutcome};
use lcr_web::outbound::EgressRules;
use serde_json::json;

use super::*;

fn row(issuer: &str, ods: &str, version: i64) -> ProviderRow {
    let draft =
        json!({"issuer": issuer, "client_id": "lcr", "email_domains": [format!("{}.nhs.uk", ods.to_lowercase())]});
    let draft = serde_json::from_value(draft).unwrap();
    let passed = Check { name: "discovery".into(), outcome: CheckOutcome::Passed, text: "It answers.".into() };
    ProviderRow { draft, organisation: OdsCode::new(ods), checks: vec![passed], version, passed_domains: vec![] }
}

fn oidc() -> Oidc {
    let settings = ProviderSettings {
        issuer: "https://any.example".into(),
        email_domains: vec!["operator.nhs.uk".into()],
        ..ProviderSettings::default()
    };
    let outbound = Outbound::new(EgressRules::default()).unwrap();
    Oidc::new(vec![settings], &outbound, "https://record.example.nhs.uk", &SigningKey::generate().unwrap())
}

#[test]
fn an_organisation_signs_in_at_its_own_provider() {
    let oidc = oidc();
    let issuer_of = |ods| oidc.for_organisation(ods).map(|provider| provider.issuer().to_owned());
    assert_eq!(issuer_of(Some("Y90001")).as_deref(), Some("https://any.example"));
    oidc.set_own(vec![row("https://own.example", "Y90001", 1)], |_| true);
    assert_eq!(issuer_of(Some("Y90001")).as_deref(), Some("https://own.example"));
    assert_eq!(issuer_of(Some("Y90002")).as_deref(), Some("https://any.example"));
    assert_eq!(issuer_of(None).as_deref(), Some("https://any.example"), "never an organisation's own");
    assert_eq!(oidc.for_domain("y90001.nhs.uk").unwrap().issuer(), "https://own.example");
    assert!(oidc.for_domain("nhs.uk").is_none());
    let own = oidc.get("https://own.example").unwrap();
    assert_eq!(oidc.named(&own.name()).unwrap().issuer(), "https://own.example");
    oidc.set_own(vec![], |_| true);
    assert!(oidc.get("https://own.example").is_none());
}

#[test]
fn an_unchanged_provider_keeps_its_metadata_and_the_settings_win() {
    let oidc = oidc();
    let own = |version| {
        let rows = vec![row("https://own.example", "Y90001", version), row("https://any.example", "Y90001", 1)];
        oidc.set_own(rows, |_| true);
        oidc.get("https://own.example").unwrap()
    };
    let first = own(1);
    assert!(Arc::ptr_eq(&first, &own(1)) && !Arc::ptr_eq(&first, &own(2)));
    assert!(oidc.get("https://any.example").unwrap().owner().is_none());
}

/// Nobody proves that an e-mail domain is theirs, so a stranger's provider must not get other people's sign-ins by naming it.
#[test]
fn a_domain_counts_only_for_a_checked_provider_of_an_organisation_that_takes_part() {
    let oidc = oidc();
    let issuer_for = |domain: &str| oidc.for_domain(domain).map(|provider| provider.issuer().to_owned());
    let own = || row("https://own.example", "Y90001", 1);
    oidc.set_own(vec![own()], |_| false);
    assert_eq!(issuer_for("y90001.nhs.uk"), None, "it does not take part");
    oidc.set_own(vec![ProviderRow { checks: vec![], ..own() }], |_| true);
    assert_eq!(issuer_for("y90001.nhs.uk"), None, "not checked");
    oidc.set_own(vec![own()], |_| true);
    assert_eq!(issuer_for("y90001.nhs.uk").as_deref(), Some("https://own.example"));
    let waiting = ProviderRow { checks: vec![], passed_domains: vec!["y90001.nhs.uk".into()], ..own() };
    oidc.set_own(vec![waiting], |_| true);
    assert_eq!(issuer_for("y90001.nhs.uk").as_deref(), Some("https://own.example"), "it passed before its change");
    let mut greedy = own();
    greedy.draft.email_domains.push("operator.nhs.uk".into());
    oidc.set_own(vec![greedy], |_| true);
    assert_eq!(issuer_for("operator.nhs.uk").as_deref(), Some("https://any.example"), "the settings come first");
    assert!(oidc.is_domain_of_settings("operator.nhs.uk") && !oidc.is_domain_of_settings("y90001.nhs.uk"));
}
